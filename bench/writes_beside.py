#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long a single change waits while a town's ledgers are imported: writes_beside.py DAOHU WORK

A served town; its ledgers at BENCH_SCALE (0.3: 3,600 households) are handed in as one job,
and meanwhile one caller adds tasks, one after the other.
"""
import os
import pathlib
import statistics
import sys
import time

REPO = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / 'tests/http'))
sys.dont_write_bytecode = True

import served  # noqa: E402

SCALE = os.environ.get('BENCH_SCALE', '0.3')


def hand_in(client, files):
    parts = [b'--part\r\nContent-Disposition: form-data; name="authorisation"\r\n\r\ntest\r\n']
    for f in files:
        parts.append(f'--part\r\nContent-Disposition: form-data; name="files"; filename="{f.name}"\r\n\r\n'.encode() +
                     f.read_bytes() + b'\r\n')
    parts.append(b'--part--\r\n')
    a = client.call('POST', '/api/v1/ledgers', b''.join(parts), Content_Type='multipart/form-data; boundary=part')
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


def main():
    daohu, work = sys.argv[1:]
    b = served.Served(pathlib.Path(daohu).resolve(), pathlib.Path(work))
    town = pathlib.Path(work) / 'large'
    b.run('synth', '--town', served.TOWN, '--areas', served.AREAS, '--seed', '4', '--scale', SCALE, '--out', town)
    files = [f for f in sorted(town.iterdir())
             if f.name not in ('answers.csv', 'oddities.csv') and not f.name.startswith('README')]
    try:
        c = b.client('office')
        show('alone', [add_task(c, i) for i in range(100)])
        job, began, waits = hand_in(c, files), time.monotonic(), []
        while True:
            waits.append(add_task(c, len(waits)))
            a = c.get(f'/api/v1/jobs/{job}')
            if a.status == 200 and a.json['state'] not in ('queued', 'running'):
                break
            time.sleep(0.005)
        print(f'        the import took {time.monotonic() - began:.1f} s: {a.json["state"]}')
        show('while ledgers are imported', waits)
        print('        wanted: longest <= 200 ms')
    finally:
        b.stop()


main()
