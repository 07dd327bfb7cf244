# SPDX-License-Identifier: AGPL-3.0-or-later
"""Commands that write while the server runs: DIR/daohu.sock."""
import array
import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

from served import Client, PASSWORD, REPO

WAIT = 30


def knock(b, hello=b'daohu 1'):
    """A guest made by hand; (socket, what it was told, descriptors)."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(WAIT)
    at = os.open(b.data, os.O_PATH)
    s.connect(f'/proc/self/fd/{at}/daohu.sock')
    os.close(at)
    if hello is None:
        return s, b'', []
    try:
        s.send(hello)
        word, more, _, _ = s.recvmsg(64, 256)
    except ConnectionError:
        return s, b'', []
    fds = array.array('i')
    for level, kind, data in more:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(data)
    return s, word, list(fds)


def leave(s, fds):
    s.close()
    for f in fds:
        os.close(f)


def take_turn(b):
    s, word, fds = knock(b)
    b.equal((word, len(fds)), (b'lock', 1), 'let in, with the lock')
    s.send(b'turn')
    b.equal(s.recv(64), b'go', 'a turn')
    return s, fds


def an_edit(b, text):
    c = b.client('office')
    no, = b.rows('SELECT min(no) FROM household WHERE village = ?', b.other_village)[0]
    return c.put(f'/api/v1/households/{no}', {'fields': {'address': text}, 'reason': 'test'})


# --- the same result ------------------------------------------------------------------

TABLES = {
    'account': 'login, role, name, areas, disabled, version',
    'household': 'no, hh_no, village, head_name, address, version',
    'person': 'no, name, sex, birth, version',
    'membership': 'no, household, person, valid_to, version',
    'duty': 'no, household, helper, version',
    'ledger': 'no, layout, row_count, covers, as_of, authorisation',
    'reveal': 'command, reason',
}


def commands(b, folder):
    """(arguments without --data, standard input) of everything that writes."""
    town = b.folder / 'town'
    roster = sorted(town.glob('*花名册.xlsx'))[0]
    head = '车辆登记信息（截至2018年1月9日）\n姓名,身份证号码,号牌号码,车辆类型,登记日期\n'
    (folder / '车辆.csv').write_text(head + '张三,341299195803010013,皖K00001,小型轿车,2017年5月1日\n')
    erased = sorted(re.findall(r'341299\d{11}[\dX]', (town / '户籍.csv').read_text('utf-8-sig', 'replace')))[3]
    return [
        (('user', 'add', '--login', 'guest.one', '--role', 'office', '--name', 'G', '--password-stdin'), PASSWORD),
        (('user', 'add', '--login', 'guest.one', '--role', 'office', '--password-stdin'), PASSWORD),
        (('user', 'passwd', '--login', 'guest.one', '--password-stdin'), PASSWORD + 'x'),
        (('user', 'disable', '--login', 'guest.one'), ''),
        (('user', 'disable', '--login', 'nobody'), ''),
        (('user', 'list'), ''),
        (('import', '--dry-run', folder / '车辆.csv'), ''),
        (('import', folder / '车辆.csv', '--errors', folder / 'errors.xlsx', '--authorisation', 't'), ''),
        (('import', '--as-of', '2018-01-05', roster), ''),
        (('import', folder / '车辆.csv', folder / 'missing.csv'), ''),
        (('check', '--record', '--as-of', '2018-01-14', '--format', 'csv'), ''),
        (('check', '--full-ids', '核对', '--as-of', '2018-01-14', '--format', 'csv'), ''),
        (('report', 'rectify', '--by', 'village', '--output', folder / 'books'), ''),
        (('import', *[]), ''),
        (('erase', '--person', erased, '--reason', '本人申请'), ''),
        (('erase', '--person', '1', '--reason', 'x'), ''),
        (('import', town / '户籍.csv'), ''),
        (('journal', 'verify'), ''),
    ]


def run_all(b, data, folder):
    folder.mkdir()
    out = []
    for args, text in commands(b, folder):
        r = subprocess.run([b.daohu, '--lang', 'en', args[0], '--data', data, *args[1:]] if args[0] != 'journal' and
                           args[0] != 'user' and args[0] != 'report' else
                           [b.daohu, '--lang', 'en', args[0], args[1], '--data', data, *args[2:]],
                           input=text + '\n', text=True, capture_output=True, check=False, timeout=300)
        said = (r.stdout + r.stderr).replace(str(folder), 'FOLDER').replace(str(data), 'DATA')
        said = re.sub(r'root [0-9a-f]{64}|^\d+ entries.*$', '', said, flags=re.M)
        out.append((args[0], r.returncode, said))
    return out


def dump(b, data, url):
    had = b.data, b.url
    b.data, b.url = data, url
    try:
        return {t: sorted(b.rows(f'SELECT {c} FROM {t}'), key=repr) for t, c in TABLES.items()}
    finally:
        b.data, b.url = had


def copy_of(b, name):
    """The same town again; on a database server in a schema of its own, whose URL is told as well."""
    folder = b.folder / name
    if not b.url:
        shutil.copytree(b.data, folder)
        return folder, None
    url = subprocess.check_output([REPO / 'tests/postgres-schema', f'http_{name}_{os.getpid()}'], text=True).strip()
    if not (b.folder / 'copy.dhb').exists():
        b.run('backup', '--data', b.data, b.folder / 'copy.dhb')
    b.run('restore', b.folder / 'copy.dhb', '--data', folder, '--db', url)
    return folder, url


def test_the_same_as_without(b):
    b.check(b.stop() is None, 'stopping')
    alone, alone_url = copy_of(b, 'alone')
    beside, beside_url = copy_of(b, 'beside')
    b.start()
    server = subprocess.Popen([b.daohu, 'serve', '--data', beside, '--listen', '127.0.0.1:0'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        server.stdout.readline()
        want = run_all(b, alone, b.folder / 'alone.out')
        got = run_all(b, beside, b.folder / 'beside.out')
    finally:
        server.send_signal(signal.SIGTERM)
        b.equal(server.wait(60), 0, 'the other server ends')
    for w, g in zip(want, got):
        b.equal(g, w, 'a command beside the server')
    b.check(any(w[1] == 0 and w[0].startswith('erase') for w in want), 'nobody was erased')
    one, two = dump(b, alone, alone_url), dump(b, beside, beside_url)
    for t in TABLES:
        b.equal(two[t][:5000], one[t][:5000], t)
    names = sorted(p.name for p in (b.folder / 'alone.out' / 'books').iterdir())
    b.equal(sorted(p.name for p in (b.folder / 'beside.out' / 'books').iterdir()), names, 'workbooks')
    b.run('journal', 'verify', '--data', beside)
    for p in (alone, beside):
        shutil.rmtree(p)


# --- what the server makes of it ---------------------------------------------------------

def test_seen_at_once(b):
    b.run('user', 'add', '--data', b.data, '--login', 'beside', '--role', 'auditor', '--password-stdin', stdin=PASSWORD)
    c = Client(b, 'beside')
    b.equal(c.sign_in().status, 200, 'signs in')
    b.equal(c.get('/api/v1/session').status, 200, 'is signed in')
    b.run('user', 'disable', '--data', b.data, '--login', 'beside')
    b.equal(c.get('/api/v1/session').status, 401, 'at once no more')


def quote(text):
    return ''.join(f'%{x:02X}' for x in text.encode())


def test_erased_is_found_no_more(b):
    """By name, in the server that keeps lists for searching."""
    office = b.client('office')
    b.run('check', '--data', b.data, '--full-ids', 'test', '--output', b.folder / 'full.csv')
    found = csv.DictReader((b.folder / 'full.csv').open(encoding='utf-8'))
    number, name = next((r['person_id'], r['name']) for r in found
                        if len(r['person_id']) == 18 and
                        office.get(f'/api/v1/households?q={r["person_id"]}').json['rows'])
    before = len(office.get(f'/api/v1/households?limit=500&q={quote(name)}').json['rows'])
    out = b.run('erase', '--data', b.data, '--person', number, '--reason', 'test')
    b.check('erased: 1 person' in out, out)
    after = len(office.get(f'/api/v1/households?limit=500&q={quote(name)}').json['rows'])
    b.check(0 <= after < before, f'still found by name: {before}, then {after}')
    b.equal(office.get(f'/api/v1/households?q={number}').json['rows'], [], 'still found by number')


def test_reading_goes_on_during_a_turn(b):
    b.client('village'), b.client('office')
    s, fds = take_turn(b)
    got = []
    threads = [threading.Thread(target=lambda i=i: got.append(an_edit(b, f'路 {i} 号').status)) for i in range(4)]
    for t in threads:
        t.start()
    time.sleep(0.5)
    b.equal(got, [], 'who writes waits')
    for _ in range(20):
        b.equal(b.client('village').get('/api/v1/households?limit=5').status, 200, 'who reads does not')
    began = time.time()
    s.send(b'end')
    b.equal(s.recv(64), b'ok', 'the end')
    for t in threads:
        t.join(WAIT)
    b.check(len(got) == 4 and set(got) <= {200, 409}, f'{got}')
    b.check(time.time() - began < 10, 'slow')
    leave(s, fds)


def test_two_commands_at_once(b):
    town = b.folder / 'town'
    made = []
    for i in range(6):
        made.append(subprocess.Popen(
            [b.daohu, 'user', 'add', '--data', b.data, '--login', f'same.{i}', '--role', 'auditor',
             '--password-stdin'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
    made.append(subprocess.Popen([b.daohu, 'import', '--data', b.data, '--as-of', '2018-01-08',
                                  sorted(town.glob('*收入表.xlsx'))[0]], stdin=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
    for p in made:
        p.stdin.write(PASSWORD.encode() + b'\n')
        p.stdin.close()
    for p in made:
        b.check(p.wait(120) in (0, 1), f'{p.returncode} {p.stderr.read()!r}')
    b.equal(b.rows("SELECT count(*) FROM account WHERE login LIKE 'same.%'")[0][0], 6, 'accounts')


# --- who does not behave -------------------------------------------------------------------

def test_killed_in_its_turn(b):
    """Nothing half-done: what was under way is rolled back, the others go on."""
    town = b.folder / 'town'
    before = b.rows('SELECT count(*) FROM ledger')[0][0]
    entries = b.rows('SELECT count(*) FROM entry')[0][0]
    for ms in (5, 20, 60, 120):
        p = subprocess.Popen([b.daohu, 'import', '--data', b.data, '--as-of', '2018-01-07', '--partial',
                              *sorted(town.glob('*.xlsx'))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(ms / 1000)
        p.kill()
        p.wait()
        b.check(an_edit(b, f'路 {ms} 弄').status in (200, 409), 'an edit afterwards')
    b.check(b.rows('SELECT count(*) FROM entry')[0][0] >= entries, 'entries')
    b.check(b.rows('SELECT count(*) FROM ledger')[0][0] >= before, 'ledgers')
    b.run('journal', 'verify', '--data', b.data)


def test_stopped_in_its_turn(b):
    """A process that sleeps in its turn is ended after a while."""
    p = subprocess.Popen(['python3', '-c', f'''
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
import os
s.connect("/proc/self/fd/%d/daohu.sock" % os.open({str(b.data)!r}, os.O_PATH))
s.send(b"daohu 1"); s.recv(64); s.send(b"turn"); s.recv(64)
print("go", flush=True)
time.sleep(600)'''], stdout=subprocess.PIPE)
    p.stdout.readline()
    p.send_signal(signal.SIGSTOP)
    began = time.time()
    b.check(an_edit(b, '停 1 号').status in (200, 409), 'an edit meanwhile')
    b.check(time.time() - began < 25, f'waited {time.time() - began:.0f} s')
    b.equal(p.wait(10), -signal.SIGKILL, 'the sleeper')
    b.check('stopped in its turn' in b.log_text(), 'the log does not say so')


def test_hostile_packets(b):
    for what in (b'', b'daohu 2', b'daohu', b'DAOHU 1', b'daohu 1\n', b'daohu 1\0', b'x' * 60000, b'\0' * 16,
                 b'turn', b'end', b'lock'):
        s, word, fds = knock(b, what)
        b.equal((word, fds), (b'', []), f'{what[:20]!r}')
        leave(s, fds)
    for words in ((b'end',), (b'daohu 1',), (b'turn', b'turn'), (b'turn', b'daohu 1'), (b'turn', b'end', b'end'),
                  (b'turn', b'y' * 5000), (b'go',), (b'turn', b'')):
        s, word, fds = knock(b)
        b.equal(word, b'lock', 'let in')
        try:
            for w in words:
                s.send(w)
            while s.recv(64):
                pass
        except ConnectionError:
            pass
        leave(s, fds)
        b.check(an_edit(b, f'敌 {len(words)} 号').status in (200, 409), f'an edit after {words!r}')
    s, _, fds = knock(b)  # gone in the middle of its turn, and while it waits for one
    s.send(b'turn')
    t, _, more = knock(b)
    t.send(b'turn')
    leave(t, more)
    leave(s, fds)
    b.check(an_edit(b, '敌 0 号').status in (200, 409), 'an edit after all of them')


def test_no_more_than_eight(b):
    seats = [knock(b) for _ in range(8)]
    b.equal({word for _, word, _ in seats}, {b'lock'}, 'eight')
    s, word, fds = knock(b)
    b.check(word in (b'full', b'') and not fds, f'one more: {word!r}')
    leave(s, fds)
    out = b.run('user', 'disable', '--data', b.data, '--login', 'nobody', ok=(3,))
    b.check(str(b.server.pid) in out, f'the process is not named: {out}')
    for s, _, fds in seats:
        leave(s, fds)
    b.run('user', 'disable', '--data', b.data, '--login', 'nobody', ok=(2,))
    silent = [knock(b, None)[0] for _ in range(8)]  # who says nothing is shown out
    for s in silent:
        b.check(s.recv(64) in (b'', b'full'), 'silence')
        s.close()


def test_only_the_same_user(b):
    mode = (b.data / 'daohu.sock').stat().st_mode & 0o7777
    b.equal(oct(mode), '0o600', 'mode of the socket')
    if os.geteuid() != 0:
        return
    for p, m in ((b.folder, 0o711), (b.data, 0o711), (b.data / 'daohu.sock', 0o666)):
        os.chmod(p, m)
    r = subprocess.run(['python3', '-c', f'''
import os, socket
os.setgid(65534); os.setuid(65534)
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect({str(b.data / "daohu.sock")!r})
try:
    s.send(b"daohu 1")
    print(s.recv(64))
except OSError:
    print(b"")'''], capture_output=True, text=True, check=False)
    for p, m in ((b.folder, 0o700), (b.data, 0o700), (b.data / 'daohu.sock', 0o600)):
        os.chmod(p, m)
    b.equal(r.stdout.strip(), "b''", f'another user {r.stderr}')


def test_one_server_only(b):
    out = b.run('serve', '--data', b.data, '--listen', '127.0.0.1:0', ok=(3,))
    b.check(str(b.server.pid) in out, f'the process is not named: {out}')
    b.run('status', '--data', b.data)


def outlives_on_postgres(b):
    """There a guest's transaction holds a lock of its own, for which the next one with the lease waits."""
    key = f"hashtextextended('daohu ' || current_schema() || ' {b.village[:6]} turn', 0)"
    guest = subprocess.Popen(['psql', '-XqAt', b.url, '-c', f'SELECT pg_advisory_lock({key})', '-c', "SELECT 'in its turn'",
                              '-c', 'SELECT pg_sleep(3)'], stdout=subprocess.PIPE, text=True)
    while 'in its turn' not in guest.stdout.readline():
        pass
    began = time.monotonic()
    b.server.kill()
    b.server.wait()
    b.run('user', 'disable', '--data', b.data, '--login', 'nobody', ok=(2,))
    b.check(guest.poll() is not None or time.monotonic() - began > 2, 'the next one did not wait')
    guest.wait()
    b.start()


def test_the_lock_outlives_the_server(b):
    """A guest in its turn when the server is killed ends what it does; nobody comes between."""
    if b.url:
        outlives_on_postgres(b)
        return
    s, fds = take_turn(b)
    b.server.kill()
    b.server.wait()
    out = b.run('user', 'disable', '--data', b.data, '--login', 'nobody', ok=(3,))
    b.check('process' in out, out)
    leave(s, fds)
    b.start()  # and removes the old socket
    b.run('user', 'disable', '--data', b.data, '--login', 'nobody', ok=(2,))
    s, _, fds = knock(b)
    b.check(b.stop() is None, 'a guest without a turn keeps the server from stopping')
    b.check(not (b.data / 'daohu.sock').exists(), 'the socket is left')
    leave(s, fds)
    b.start()


def test_command_finds_the_same(b):
    """The command looks at what rules read, the server at all: nothing moves."""
    b.equal(b.client('office').post('/api/v1/findings/recheck').status, 200, 'checked again')
    of_all = 'SELECT count(*), sum(version), sum(no * version) FROM finding'
    before = b.rows(of_all)
    b.run('check', '--data', b.data, '--record', '--format', 'csv', '--output', b.folder / 'same.csv')
    b.equal((b.rows(of_all), before[0][0] > 0), (before, True), 'the same findings')
