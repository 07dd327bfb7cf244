#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A name for what some sources say: gen_digest.py OUT.h NAME FILE...

Writes `#define NAME "..."`, another text whenever one of the files is another.  What was worked out
by these sources can be kept under that name, and is worked out anew when they are changed.
"""
import hashlib
import pathlib
import sys

out, name, *files = sys.argv[1:]
digest = hashlib.sha256()
for f in sorted(files):
    body = pathlib.Path(f).read_bytes()
    digest.update(f'{pathlib.Path(f).name} {len(body)}\n'.encode() + body)
pathlib.Path(out).write_text(f'/* by tools/gen_digest.py */\n#define {name} "{digest.hexdigest()[:16]}"\n', encoding='ascii')
