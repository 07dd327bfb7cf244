#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The header of a library that is loaded late (base/late.h): gen_late.py LIST HEADER

LIST has a line each, `#` begins a comment:

    library SONAME
    include <HEADER>
    FUNCTION
"""
import pathlib
import sys


def main():
    source, target = (pathlib.Path(a) for a in sys.argv[1:])
    name = source.stem + '_calls'
    includes, functions, library = [], [], None
    for n, line in enumerate(source.read_text().splitlines(), 1):
        words = line.split('#')[0].split()
        if len(words) == 2 and words[0] == 'library':
            library = words[1]
        elif len(words) == 2 and words[0] == 'include':
            includes.append(words[1])
        elif len(words) == 1:
            functions.append(words[0])
        elif words:
            sys.exit(f'{source}:{n}: not understood')
    if not library or not functions or len(set(functions)) < len(functions):
        sys.exit(f'{source}: no library, no function, or one twice')
    guard = 'DAOHU_' + name.upper() + '_H'
    out = [f'/* Made by {pathlib.Path(__file__).name} from {source.name}. */', f'#ifndef {guard}', f'#define {guard}']
    out += [f'#include {i}' for i in includes]
    out += ['#include "base/late.h"', f'struct {name} {{']
    out += [f'\t__typeof__({f}) *{f}_;' for f in functions]
    out += ['};', f'extern struct {name} {name};', f'extern const struct late_library {name}_library;',
            '#ifdef LATE_DEFINE', f'struct {name} {name};', f'static const char *const {name}_names[] = {{']
    out += [f'\t"{f}",' for f in functions]
    out += ['};', f'const struct late_library {name}_library = {{',
            f'\t"{library}", {name}_names, &{name}, {len(functions)}}};', '#endif']
    out += [f'#define {f} {name}.{f}_' for f in functions]
    out += ['#endif', '']
    target.write_text('\n'.join(out))


if __name__ == '__main__':
    main()
