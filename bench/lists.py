#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists and searches over a county of 1.2 million people, and a large export: lists.py DAOHU WORK lists|export

WORK keeps the county's folder (about 1.5 GB) between runs; it is made when it is not there.

lists   pages and name searches by accounts of different width: the whole county, half of its
        villages, one town, one village, one cadre's households; 50th and 95th percentile of what
        the server itself took, and the mean.  Wanted: 95th at most 20 ms, no scope slower than none.
export  100,000 findings or more as a workbook, while others read: the server's peak memory,
        and the 95th percentile of their reads with and without.
"""
import http.client
import os
import pathlib
import random
import statistics
import subprocess
import sys
import threading
import time

REPO = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / 'tests/http'))
sys.dont_write_bytecode = True

import served  # noqa: E402

PEOPLE = int(os.environ.get('BENCH_PEOPLE', '1200000'))
ROUNDS = int(os.environ.get('BENCH_ROUNDS', '40'))
COUNTY = '341226'
HELPERS = 200
SURNAMES = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林'
GIVEN = '伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明'


def helper(i):
    i %= HELPERS
    return SURNAMES[i // 16] + GIVEN[i % 16] + '民'


class County(served.Served):
    """As the tests' town, with another folder and accounts."""

    def make_town(self):
        made = self.folder / 'made'
        if not made.exists():
            subprocess.run(['rm', '-rf', self.data], check=True)
            subprocess.run([sys.executable, REPO / 'bench/gen_register.py', served.AREAS, COUNTY, self.folder,
                            str(PEOPLE)], check=True)
            self.run('init', '--data', self.data, '--pack', 'cn-2018', '--areas', self.folder / 'areas.csv',
                     '--area', COUNTY)
            self.run('import', '--data', self.data, '--as-of', '2018-01-01', '--authorisation', 'bench',
                     self.folder / 'roster.csv', self.duties())
            self.add_accounts()
            (self.folder / 'roster.csv').unlink()
            made.touch()

    def duties(self):
        """Every fiftieth household has a helper, who has thirty or so."""
        to = self.folder / '结对帮扶.csv'
        with open(self.folder / 'roster.csv', encoding='utf-8') as f, open(to, 'w', encoding='utf-8') as out:
            out.write('颍上县干部结对帮扶花名册\n村,户编号,户主,帮扶责任人,帮扶单位\n')
            n = 0
            for line in f:
                cells = line.split(',')
                if len(cells) > 5 and cells[5] == '本人':
                    n += 1
                    if n % 50 == 0:
                        out.write(f'{cells[0]},{cells[2]},{cells[4]},{helper(n // 50)},县单位\n')
        return to

    def add_accounts(self):
        v = [r[0] for r in self.rows('SELECT village FROM household WHERE village IS NOT NULL GROUP BY village '
                                     'ORDER BY village')]
        self.town_villages = [x for x in v if x.startswith('341226115')]
        scopes = {'county': ('office', []), 'half': ('leader', ['--areas', ','.join(v[::2])]),
                  'town': ('office', ['--areas', '341226115']),
                  'village': ('village', ['--areas', self.town_villages[0]]),
                  'cadre': ('cadre', ['--helper', helper(7), '--unit', '县单位'])}
        for login, (role, more) in scopes.items():
            self.run('user', 'add', '--data', self.data, '--login', login, '--role', role, '--password-stdin',
                     *more, stdin=served.PASSWORD + '\n')


    def settle(self):
        """The rules have been run, and nothing else is at work."""
        quiet = 0
        while quiet < 4:
            before = served_processor(self.server.pid)
            time.sleep(1)
            quiet = quiet + 1 if served_processor(self.server.pid) - before < 0.05 else 0


LOGINS = ('county', 'half', 'town', 'village', 'cadre')


class Reader:
    """One connection, kept."""

    def __init__(self, county, login):
        self.cookie = county.client(login).cookie
        self.c = http.client.HTTPConnection('127.0.0.1', county.port, timeout=120)

    def get(self, path):
        began = time.perf_counter()
        self.c.request('GET', path, headers={'Cookie': self.cookie})
        r = self.c.getresponse()
        body = r.read()
        if r.status != 200:
            sys.exit(f'bench lists: {path}: {r.status} {body[:300]!r}')
        return time.perf_counter() - began, body


def quote(text):
    return ''.join(f'%{x:02X}' for x in text.encode())


def queries(r, names):
    """A round of what people ask."""
    full = r.choice(names)
    at = '/api/v1/households?limit=50'
    yield 'page', at
    yield 'exited', at + '&status=exited'
    yield 'surname', f'{at}&q={quote(r.choice(SURNAMES))}'
    yield 'two', f'{at}&q={quote(r.choice(SURNAMES) + r.choice(GIVEN))}'
    yield 'name', f'{at}&q={quote(full)}'
    yield 'initial', f'{at}&q={r.choice("wlzcyhxsmg")}'
    yield 'initials', f'{at}&q={r.choice("wlzcyhxsmg")}{r.choice("jhlxmy")}'
    yield 'pinyin', f'{at}&q={r.choice(("zhang", "wangxiu", "liuy", "chenguo", "li"))}'
    yield 'number', f'{at}&q={COUNTY}{r.choice(("115001", "100", "20"))}'
    yield 'nobody', f'{at}&q={quote(r.choice(("欧阳娜", "上官", "司马伟")))}'


def served_processor(pid):
    """Seconds of user and system time so far."""
    cells = pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='utf-8').rsplit(') ', 1)[1].split()
    return (int(cells[11]) + int(cells[12])) / os.sysconf('SC_CLK_TCK')


def percentile(values, p):
    return sorted(values)[min(len(values) - 1, int(len(values) * p))]


def lists(county):
    r = random.Random(5)
    names = [x[0] for x in county.rows('SELECT name FROM person WHERE no % 5003 = 1 AND name IS NOT NULL')]
    readers = {login: Reader(county, login) for login in LOGINS}
    got = {login: {} for login in LOGINS}
    for login in LOGINS:  # the cache is warm, as on any day
        for _, path in queries(random.Random(6), names):
            readers[login].get(path)
    for _ in range(ROUNDS):
        for kind, path in queries(r, names):
            for login in LOGINS:  # side by side, so that a busy machine is busy for all
                got[login].setdefault(kind, []).append(readers[login].get(path)[0] * 1000)
    spent = {}
    for login in LOGINS:
        asked, before = 0, served_processor(county.server.pid)
        for _ in range(ROUNDS):
            for _, path in queries(r, names):
                readers[login].get(path)
                asked += 1
        spent[login] = (served_processor(county.server.pid) - before) / asked * 1000
    kinds = list(got['county'])
    print('lists   p95 ms   ' + ' '.join(f'{k:>9}' for k in (*kinds, 'all')))
    means = {}
    for login in LOGINS:
        everything = [x for k in kinds for x in got[login][k]]
        means[login] = statistics.mean(everything)
        cells = [f'{percentile(got[login][k], 0.95):9.2f}' for k in kinds]
        print(f'        {login:8} ' + ' '.join(cells) + f' {percentile(everything, 0.95):9.2f}')
    for login in LOGINS:
        print(f'        {login:8} ' + ' '.join(f'{statistics.median(got[login][k]):9.2f}' for k in kinds) +
              f' {statistics.median([x for k in kinds for x in got[login][k]]):9.2f}  median')
    print('        processor ms a request: ' + ', '.join(f'{x} {spent[x]:.2f}' for x in LOGINS))
    print('        mean against none: ' + ', '.join(f'{x} {means[x] / means["county"]:.2f}' for x in LOGINS[1:]) +
          '   wanted: <= 1; p95 <= 20 ms')


def memory(pid):
    for line in open(f'/proc/{pid}/status', encoding='ascii'):
        if line.startswith('VmRSS'):
            return int(line.split()[1]) / 1024
    return 0


def reads_for(county, seconds, until=None):
    """What reads of households and pages take meanwhile, in ms."""
    r = random.Random(7)
    reader, took = Reader(county, 'village'), []
    nos = [x[0] for x in county.rows('SELECT no FROM household WHERE village = (SELECT areas FROM account '
                                     "WHERE login = 'village') LIMIT 500")]
    began = time.time()
    while (until.is_alive() if until else time.time() - began < seconds):
        path = f'/api/v1/households/{r.choice(nos)}' if r.random() < 0.7 else '/api/v1/households?limit=50'
        took.append(reader.get(path)[0] * 1000)
    return took


def export(county):
    peak, size = [], []

    rule, rows = county.rows('SELECT rule, count(*) FROM finding GROUP BY rule '
                             'ORDER BY abs(count(*) - 100000) LIMIT 1')[0]

    def fetch():
        c = http.client.HTTPConnection('127.0.0.1', county.port, timeout=600)
        c.request('GET', f'/api/v1/findings.xlsx?rule={rule}', headers={'Cookie': county.client('county').cookie})
        got = c.getresponse()
        n = 0
        while piece := got.read(65536):
            n += len(piece)
        size.append((got.status, n))

    alone = reads_for(county, 8)
    for turn in ('first', 'again'):  # the first one fills caches of pages too
        before = memory(county.server.pid)
        peak.clear()
        t = threading.Thread(target=fetch)

        def watch(thread=t):
            while thread.is_alive():
                peak.append(memory(county.server.pid))
                time.sleep(0.05)

        w = threading.Thread(target=watch)
        began = time.time()
        t.start()
        w.start()
        beside = reads_for(county, 0, t)
        w.join()
        print(f'export  {turn}: {rows} rows, {size[-1][1] / 1e6:.1f} MB, status {size[-1][0]}, {time.time() - began:.1f} s; '
              f'server {before:.0f} MB before, {max(peak):.0f} MB at the most, {memory(county.server.pid):.0f} MB after')
        a, b = percentile(alone, 0.95), percentile(beside, 0.95)
        print(f'        reads p95 {a:.2f} ms alone, {b:.2f} ms beside it: {b / a:.2f}   wanted <= 2', flush=True)


def main():
    daohu, work, what = sys.argv[1:]
    pathlib.Path(work).mkdir(parents=True, exist_ok=True)
    county = County(pathlib.Path(daohu).resolve(), pathlib.Path(work))
    try:
        county.settle()
        {'lists': lists, 'export': export}[what](county)
    finally:
        county.stop()


main()
