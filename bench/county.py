#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A county of 30 towns and 1.2 million people: county.py DAOHU BUILD WORK county|rules|department [NPM]

WORK keeps the made-up ledgers and the data folder of the whole county between runs (about 2 GB; the
department's list another 0.8).  NPM is a folder with @duckdb/node-api in it; without it there is no peer.

county      import and check of more and more towns at a time: rows a second, peak memory, and the exponent
            with which processor time grows (user and system, an empty run subtracted), over the rows.  Towns
            differ in what a row costs (csv or xlsx, few large files or many), so every size is measured over
            all of them: each town alone, then three by three, and so on; then one more ledger of one town,
            into that town alone and into the whole county
rules       from the county's folder to its findings, against DuckDB from its own database file with the
            same records and rows, loaded beforehand, and the same rules as SQL
department  a list of 10,000,000 rows against the county's people: daohu link, which links fuzzily too,
            against DuckDB's read_csv and a join by the exact number
"""
import math
import os
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys

REPO = pathlib.Path(__file__).resolve().parent.parent
COUNTY = '341226'
DAY = '2018-01-14'
AREAS = REPO / 'tests/data/areas/yingshang.csv'
TOWNS = [int(x) for x in os.environ.get('BENCH_TOWNS', '1 3 10 30').split()]
SCALE = os.environ.get('BENCH_SCALE', '1')
RUNS = int(os.environ.get('BENCH_RUNS', '3'))
DEPARTMENT = int(os.environ.get('BENCH_DEPARTMENT', '10000000'))


def spend(command, env=None):
    """(seconds, processor seconds, MiB at the most) of a command; 1 of ours: something was refused, and said so."""
    p = subprocess.run(['/usr/bin/time', '-f', '%e %U %S %M', *map(str, command)], env={**os.environ, **(env or {})},
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if p.returncode > 1:
        sys.exit(f'bench county: {command[:3]}: {p.stderr[-500:]}')
    e, u, s, m = map(float, p.stderr.splitlines()[-1].split())
    return e, u + s, m / 1024


def middle(spent):
    """Medians; of memory the most."""
    return (statistics.median(x[0] for x in spent), statistics.median(x[1] for x in spent), max(x[2] for x in spent))


class County:
    def __init__(self, daohu, work):
        self.daohu, self.work = daohu, work
        self.ledgers, self.data, self.csv = work / f'ledgers-{SCALE}', work / f'county-{SCALE}', work / f'csv-{SCALE}'

    def run(self, *args):
        subprocess.run([self.daohu, *map(str, args)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make_ledgers(self):
        if not self.ledgers.exists():
            self.run('synth', '--county', COUNTY, '--areas', AREAS, '--seed', '11', '--scale', SCALE, '--out', self.ledgers)

    def groups(self, towns):
        """The files of every so many towns; towns left over at the end are not in it."""
        aside = ('answers.csv', 'oddities.csv', 'README.txt')
        all_towns = [[f for f in sorted(t.iterdir()) if f.name not in aside]
                     for t in sorted(x for x in self.ledgers.iterdir() if x.is_dir())]
        return [sum(all_towns[i:i + towns], []) for i in range(0, len(all_towns) - towns + 1, towns)]

    def init(self, data):
        shutil.rmtree(data, ignore_errors=True)
        self.run('init', '--data', data, '--pack', 'cn-2018', '--areas', AREAS, '--area', COUNTY)

    def importing(self, data, files):
        return [self.daohu, 'import', '--data', data, *files]

    def checking(self, data, to='/dev/null'):
        return [self.daohu, 'check', '--data', data, '--as-of', DAY, '--full-ids', 'bench', '--format', 'csv', '--output', to]

    def make_data(self):
        """The folder of the whole county; by the program at hand, so that it is of its version."""
        self.make_ledgers()
        stamp, now = self.data.with_suffix('.by'), str(self.daohu.stat().st_mtime_ns)
        if not stamp.exists() or stamp.read_text(encoding='ascii') != now:
            self.init(self.data)
            spend(self.importing(self.data, self.groups(max(TOWNS))[0]))
            stamp.write_text(now, encoding='ascii')

    def make_csv(self, build):
        self.make_data()
        shutil.rmtree(self.csv, ignore_errors=True)
        self.csv.mkdir()
        subprocess.run([build / 'bench/county_out', self.data, DAY, self.csv], check=True)


def rows_of(data):
    db = sqlite3.connect(f'file:{data}/daohu.db?mode=ro', uri=True)
    n = db.execute('SELECT sum(row_count) FROM ledger').fetchone()[0]
    db.close()
    return n


def slope(points):
    """Least squares through the logarithms."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    mx, my = statistics.mean(xs), statistics.mean(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)


def growth(c):
    c.make_ledgers()
    data = c.work / 'growing'
    nothing = c.work / '车辆登记.csv'
    nothing.write_text('号牌号码,所有人,身份证明号码,车辆类型\n皖K00001,王小,341299195001010018,小型轿车\n', encoding='utf-8')
    groups = {0: [[nothing]], **{n: c.groups(n) for n in TOWNS}}
    spent = {w: {n: [[] for _ in g] for n, g in groups.items()} for w in ('import', 'check')}
    rows = {n: [0] * len(g) for n, g in groups.items()}
    for _ in range(RUNS):  # in turn, so that a busy machine is busy for all
        for n, g in groups.items():
            for i, files in enumerate(g):
                c.init(data)
                spent['import'][n][i].append(spend(c.importing(data, files)))
                spent['check'][n][i].append(spend(c.checking(data)))
                rows[n][i] = rows_of(data)
    shutil.rmtree(data, ignore_errors=True)
    for what, of in spent.items():
        say_growth(what, {n: [middle(runs) for runs in of[n]] for n in of}, rows)


def say_growth(what, spent, rows):
    """Of a size the mean of its groups, of memory the most."""
    least, points = spent.pop(0)[0][1], []
    print(f'county  {what}, an empty run {least:.2f} s of processor')
    for n, groups in spent.items():
        mean = statistics.mean(rows[n])
        e, p = statistics.mean(x[0] for x in groups), max(statistics.mean(x[1] for x in groups) - least, 0.01)
        points.append((mean, p))
        print(f'        {n:3} towns at a time: {mean:9.0f} rows {e:7.2f} s, processor less the empty run {p:7.2f} s: '
              f'{mean / p:8.0f} rows a second of it; {max(x[2] for x in groups):5.0f} MiB')
    if len(points) > 1:
        (x, y), (z, w) = points[0], points[-1]
        print(f'        exponent {slope(points):.3f} by least squares, {math.log(w / y) / math.log(z / x):.3f} '
              f'from the first to the last   wanted <= 1.05, and <= 1536 MiB')


def one_more(c):
    """A ledger of the first town, of a later day: where nothing else is, and in the county."""
    c.make_data()
    alone, data = c.work / 'alone', c.work / 'later'
    c.init(alone)
    spend(c.importing(alone, c.groups(1)[0]))
    for kind in ('走访', '收入', '贫困'):
        file = next((f for f in c.groups(1)[0] if kind in f.name), None)
        spent = {alone: [], c.data: []}
        for _ in range(RUNS if file else 0):
            for folder in spent:
                shutil.copytree(folder, data)
                spent[folder].append(spend([*c.importing(data, [file]), '--as-of', '2018-02-01']))
                shutil.rmtree(data)
        if file:
            (e, p, m), (ce, cp, cm) = middle(spent[alone]), middle(spent[c.data])
            print(f'later   {file.name}: the town alone {e:.2f} s, processor {p:.2f} s, {m:.0f} MiB; '
                  f'in the county {ce:.2f} s, processor {cp:.2f} s, {cm:.0f} MiB')
    shutil.rmtree(alone)


def versus(ours, peer, wanted):
    a, b = middle(ours), middle(peer) if peer else (0, 0, 0)
    print(f'        ours  {a[0]:8.2f} s  (processor {a[1]:8.2f} s) {a[2]:6.0f} MiB')
    if peer:
        print(f'        peer  {b[0]:8.2f} s  (processor {b[1]:8.2f} s) {b[2]:6.0f} MiB')
        print(f'        ratio {b[0] / a[0]:8.2f}    (processor {b[1] / a[1]:8.2f})   wanted {wanted}')


def rules(c, build, npm):
    duck, ours, peer = c.work / f'county-{SCALE}.duckdb', [], []
    script = REPO / 'bench/county_duckdb.mjs'
    env = {'NODE_PATH': str(npm / 'node_modules')} if npm else None
    c.make_csv(build)
    if npm:
        duck.unlink(missing_ok=True)
        subprocess.run(['node', script, 'load', c.csv, duck], check=True, env={**os.environ, **env})
    print(f'rules   {rows_of(c.data)} rows of ledgers; '
          f'{(c.data / "daohu.db").stat().st_size / 1e6:.0f} MB' + (f', DuckDB {duck.stat().st_size / 1e6:.0f} MB' if npm else ''))
    for _ in range(RUNS):
        ours.append(spend(c.checking(c.data, c.work / 'ours.csv')))
        if npm:
            peer.append(spend(['node', script, 'check', duck, c.work / 'peer.csv'], env))
    if npm:
        subprocess.run([sys.executable, REPO / 'bench/same_findings.py', c.work / 'ours.csv', c.work / 'peer.csv'], check=True)
    versus(ours, peer, '>= 1, ours <= 1536 MiB')


def department(c, build, npm):
    people, listed, ours, peer = c.work / f'people-{SCALE}.csv', c.work / f'department-{SCALE}-{DEPARTMENT}.csv', [], []
    if not listed.exists():
        c.make_csv(build)
        subprocess.run([sys.executable, REPO / 'bench/gen_department.py', c.csv / 'l_population.csv', str(DEPARTMENT), listed,
                        people], check=True)
    env = {'NODE_PATH': str(npm / 'node_modules')} if npm else None
    for _ in range(RUNS):
        ours.append(spend([c.daohu, 'link', people, listed, '--config', REPO / 'bench/department.yaml',
                           '--output', c.work / 'pairs.csv']))
        if npm:
            peer.append(spend(['node', REPO / 'bench/department_duckdb.mjs', people, listed, c.work / 'peer.csv'], env))
    with open(c.work / 'pairs.csv', encoding='utf-8') as f:
        n = sum(1 for _ in f) - 1
    print(f'department  {DEPARTMENT} rows; {n} pairs' +
          (f', of the peer {sum(1 for _ in open(c.work / "peer.csv", encoding="utf-8")) - 1}' if npm else ''))
    versus(ours, peer, '>= 1')


def main():
    daohu, build, work, what = sys.argv[1:5]
    npm = pathlib.Path(sys.argv[5]) if len(sys.argv) > 5 and sys.argv[5] else None
    c = County(pathlib.Path(daohu).resolve(), pathlib.Path(work).resolve())
    c.work.mkdir(parents=True, exist_ok=True)
    if what == 'county':
        growth(c)
        one_more(c)
    elif what == 'rules':
        rules(c, pathlib.Path(build).resolve(), npm)
    else:
        department(c, pathlib.Path(build).resolve(), npm)


main()
