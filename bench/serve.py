#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A signed-in, scoped read of one household at 64 connections: serve.py DAOHU RAW_HTTP WORK

The processor time a request takes, ours and that of a raw server doing the same statement
(raw_http.c), in turn, BENCH_RUNS (5) rounds of BENCH_SECONDS (4); medians.
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys

REPO = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / 'tests/http'))
sys.dont_write_bytecode = True

import served  # noqa: E402

ROUNDS = int(os.environ.get('BENCH_RUNS', '5'))
SECONDS = os.environ.get('BENCH_SECONDS', '4')


def processor(pid):
    """Seconds of user and system time so far."""
    cells = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(') ', 1)[1].split()
    return (int(cells[11]) + int(cells[12])) / os.sysconf('SC_CLK_TCK')


def load(pid, url, *headers):
    before = processor(pid)
    more = [x for h in headers for x in ('-H', h)]
    out = subprocess.run(['wrk', '-t1', '-c64', f'-d{SECONDS}s', '--latency', *more, url], text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    spent = processor(pid) - before
    n = int(re.search(r'(\d+) requests in', out).group(1))
    if 'Non-2xx' in out or 'Socket errors' in out:
        sys.exit(f'bench http: {url}: {out}')
    p99 = re.search(r'99%\s+([\d.]+)(us|ms|s)', out)
    ms = float(p99.group(1)) * {'us': 0.001, 'ms': 1, 's': 1000}[p99.group(2)]
    return spent / n * 1e6, n / float(SECONDS), ms


def main():
    daohu, raw_path, work = sys.argv[1:]
    b = served.Served(pathlib.Path(daohu).resolve(), pathlib.Path(work))
    c = b.client('village')
    no = b.rows('SELECT max(no) FROM household WHERE village = ?', b.village)[0][0]
    a = c.get(f'/api/v1/households/{no}')
    raw = subprocess.Popen([raw_path, b.data / 'daohu.db', b.village], text=True, stdout=subprocess.PIPE)
    try:
        port = int(raw.stdout.readline())
        ours, peer = [], []
        for _ in range(ROUNDS):
            ours.append(load(b.server.pid, f'http://127.0.0.1:{b.port}/api/v1/households/{no}',
                             f'Cookie: {c.cookie}'))
            peer.append(load(raw.pid, f'http://127.0.0.1:{port}/households/{no}'))
    finally:
        raw.kill()
        b.stop()
    names = ('us/request', 'requests/s', 'p99 ms')
    for who, rows in (('ours', ours), ('raw', peer)):
        print(f'http    {who:5}' + ''.join(f' {statistics.median(r[i] for r in rows):10.2f} {names[i]}'
                                           for i in range(3)) + f'   ({len(a.body)} bytes)')
    ratio = statistics.median(o[0] / p[0] for o, p in zip(ours, peer))
    print(f'        ratio {ratio:10.2f}   wanted <= 2 (processor a request), p99 <= 10 ms')


main()
