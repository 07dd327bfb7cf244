#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Embeds the built pages as C data, compressed, with their hashes.

usage: embed_web.py OUT.c NAME=DIST...      e.g. office=web/office/dist

Every file of DIST becomes /NAME/path.  A folder that is not there gives one small page
that says so.  Names that carry a hash (index-3f9a1c2b.js) may be cached for a year.
The output is only written when it differs.
"""
import gzip
import hashlib
import pathlib
import re
import sys

TYPES = {
    '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
    '.mjs': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
    '.json': 'application/json; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png',
    '.jpg': 'image/jpeg', '.ico': 'image/x-icon', '.woff2': 'font/woff2', '.woff': 'font/woff',
    '.txt': 'text/plain; charset=utf-8', '.webmanifest': 'application/manifest+json',
    '.wasm': 'application/wasm',
}
HASHED = re.compile(r'[-.][A-Za-z0-9_-]{8,}\.(?:js|mjs|css|woff2?|png|jpg|svg|wasm|json)$')
NOT_BUILT = ('<!doctype html><html lang="zh"><meta charset="utf-8"><title>到户</title>'
             '<p>页面没有编译进程序：先运行 ./dev build（需要 nodejs 和 npm）。</p>'
             '<p lang="en">The pages were not built into this program: run ./dev build '
             '(it needs nodejs and npm). The interface under /api/v1 works.</p>')


def files_of(name, dist):
    if not (dist / 'index.html').is_file():
        return [(f'/{name}/index.html', NOT_BUILT.encode())]
    found = []
    for path in sorted(dist.rglob('*')):
        if path.is_file() and not path.name.startswith('.') and path.suffix != '.map':
            found.append((f'/{name}/{path.relative_to(dist).as_posix()}', path.read_bytes()))
    return found


def c_bytes(data):
    lines = []
    for i in range(0, len(data), 24):
        lines.append('\t' + ''.join(f'{b},' for b in data[i:i + 24]))
    return '\n'.join(lines)


def main():
    out, rows, c = pathlib.Path(sys.argv[1]), [], []
    c.append('/* SPDX-License-Identifier: AGPL-3.0-or-later */\n/* Made by tools/embed_web.py. */\n'
             '#include "app/web_assets.h"\n\n')
    for arg in sys.argv[2:]:
        name, dist = arg.split('=', 1)
        for path, data in files_of(name, pathlib.Path(dist)):
            kind = TYPES.get(pathlib.PurePosixPath(path).suffix, 'application/octet-stream')
            packed = gzip.compress(data, 9, mtime=0)
            etag = 'W/\\"' + hashlib.sha256(data).hexdigest()[:32] + '\\"'
            hashed = 'true' if HASHED.search(path) and '/assets/' in path else 'false'
            k = len(rows)
            c.append(f'static const unsigned char file{k}[] = {{\n{c_bytes(packed)}\n}};\n')
            quoted = path.replace('\\', '\\\\').replace('"', '\\"')
            rows.append(f'\t{{"{quoted}", "{kind}", file{k}, sizeof(file{k}), {len(data)}, "{etag}", {hashed}}},\n')
    c.append('\nconst struct net_asset web_assets[] = {\n' + ''.join(rows) + '};\n'
             'const size_t web_assets_n = sizeof(web_assets) / sizeof(*web_assets);\n')
    text = ''.join(c)
    if not out.exists() or out.read_text(encoding='utf-8') != text:
        out.write_text(text, encoding='utf-8')


main()
