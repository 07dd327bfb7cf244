#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""embed-packs.py OUT.c FILE...: the files of packs (PACK/NAME.yaml) as C arrays."""
import os
import sys

out, files = sys.argv[1], sys.argv[2:]
rows, ids = [], []
with open(out, "w", encoding="utf-8") as c:
    c.write("/* Written by tools/embed-packs.py; do not edit. */\n")
    c.write('#include "pack/embedded.h"\n\n')
    for i, path in enumerate(files):
        with open(path, "rb") as f:
            data = f.read()
        pack = os.path.basename(os.path.dirname(path))
        if pack not in ids:
            ids.append(pack)
        c.write("static const unsigned char file_%d[] = {\n" % i)
        for k in range(0, len(data), 24):
            c.write("\t" + ",".join(str(b) for b in data[k:k + 24]) + ",\n")
        c.write("\t0};\n")
        rows.append('\t{"%s", "%s", file_%d, %d},\n' % (pack, os.path.basename(path), i, len(data)))
    c.write("\nconst struct pack_file pack_embedded[] = {\n%s\t{0},\n};\n" % "".join(rows))
    c.write("\nconst char *const pack_embedded_ids[] = {%s NULL};\n"
            % "".join('"%s",' % i for i in ids))
