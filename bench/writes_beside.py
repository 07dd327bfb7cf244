#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long a single change waits while ledgers are imported: writes_beside.py DAOHU WORK

A served town; its ledgers at BENCH_SCALE (1: 12,000 households) are handed in as one job,
and meanwhile one caller adds tasks, one after the other.  With BENCH_LEDGERS=DIR, where county.py
made a county's ledgers, also those of BENCH_TOWNS (30) towns by one command beside a server.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import time

REPO = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / 'tests/http'))
sys.dont_write_bytecode = True

import served  # noqa: E402

SCALE = os.environ.get('BENCH_SCALE', '1')
TOWNS = int(os.environ.get('BENCH_TOWNS', '30'))
ASIDE = ('answers.csv', 'oddities.csv', 'README.txt')


def hand_in(client, files):
    body, kind = served.upload([(f.name, f.read_bytes()) for f in files], authorisation='test')
    a = client.call('POST', '/api/v1/ledgers', body, Content_Type=kind)
    if a.status != 202:
        sys.exit(f'bench writes: {a.status} {a.body[:300]}')
    return a.json['job']


def add_task(client, i):
    began = time.monotonic()
    a = client.post('/api/v1/tasks', {'fields': {'title': f'task {i}', 'due': '2030-01-01', 'unit': 'x'}})
    if a.status != 201:
        sys.exit(f'bench writes: {a.status} {a.body[:300]}')
    return (time.monotonic() - began) * 1000


def show(what, ms):
    ms = sorted(ms)
    print(f'writes  {what:28} {len(ms):5} changes, median {statistics.median(ms):8.1f} ms, '
          f'p99 {ms[int(len(ms) * 0.99)]:8.1f} ms, longest {ms[-1]:8.1f} ms')


def beside(c, runs):
    """Adds tasks as long as runs() says so."""
    began, waits = time.monotonic(), []
    while runs():
        waits.append(add_task(c, len(waits)))
        time.sleep(0.005)
    print(f'        the import took {time.monotonic() - began:.1f} s')
    show('while ledgers are imported', waits)


class County(served.Served):
    def make_town(self):
        self.run('init', '--data', self.data, '--pack', 'cn-2018', '--areas', served.AREAS, '--area', '341226')
        self.run('user', 'add', '--data', self.data, '--login', 'office', '--role', 'office', '--name', 'office',
                 '--password-stdin', stdin=served.PASSWORD + '\n')


def by_command(daohu, work, ledgers):
    b = County(daohu, work)
    files = [f for town in sorted(x for x in ledgers.iterdir() if x.is_dir())[:TOWNS]
             for f in sorted(town.iterdir()) if f.name not in ASIDE]
    try:
        c = b.client('office')
        show('alone', [add_task(c, i) for i in range(100)])
        with subprocess.Popen([daohu, 'import', '--data', b.data, *files], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as p:
            beside(c, lambda: p.poll() is None)
        waits = [add_task(c, i) for i in range(400) if time.sleep(0.01) is None]
        show('behind it, while rules run', waits)
    finally:
        b.stop()


def by_page(daohu, work):
    b = served.Served(daohu, work)
    town = work / 'large'
    b.run('synth', '--town', served.TOWN, '--areas', served.AREAS, '--seed', '4', '--scale', SCALE, '--out', town)
    files = [f for f in sorted(town.iterdir()) if f.name not in ASIDE]
    try:
        c = b.client('office')
        show('alone', [add_task(c, i) for i in range(100)])
        job = hand_in(c, files)

        def runs():
            a = c.get(f'/api/v1/jobs/{job}')
            return a.status != 200 or a.json['state'] in ('queued', 'running')
        beside(c, runs)
    finally:
        b.stop()


def main():
    daohu, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    by_page(daohu, work)
    if os.environ.get('BENCH_LEDGERS'):
        (work / 'county').mkdir()
        by_command(daohu, work / 'county', pathlib.Path(os.environ['BENCH_LEDGERS']) / f'ledgers-{SCALE}')
    print('        wanted: longest <= 200 ms')


main()
