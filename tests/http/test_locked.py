# SPDX-License-Identifier: AGPL-3.0-or-later
"""A workbook that a password protects, handed in through the server: said which, opened with it, kept nowhere."""
import struct
import subprocess

from served import REPO
from test_desk import upload, wait_for

WORD = ' Ab-71934 '  # blanks at its ends are part of it
ROWS = (('号牌', '所有人', '身份证', '初次登记日期', '类型'),
        ('皖K44024', '王新民', '341299197609271198', '2016-03-01', '小型轿车'),
        ('皖K44025', '孟强杰', '34129919771113435X', '2015-07-09', '小型轿车'))


def workbook(rows):
    """The stream of a BIFF 8 workbook of one sheet of texts."""
    def record(kind, data):
        return struct.pack('<HH', kind, len(data)) + data

    def bof(kind):
        return record(0x0809, struct.pack('<HHHHII', 0x0600, kind, 0, 0, 0, 6))

    name = '车辆'
    sheet = bof(0x0010)
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            sheet += record(0x0204, struct.pack('<HHHHB', r, c, 0, len(text), 1) + text.encode('utf-16-le'))
    sheet += record(0x000A, b'')
    tail = record(0x0042, struct.pack('<H', 1200)) + record(0x000A, b'')
    title = struct.pack('<BB', len(name), 1) + name.encode('utf-16-le')
    at = len(bof(5)) + 4 + 6 + len(title) + len(tail)
    return bof(5) + record(0x0085, struct.pack('<IBB', at, 0, 0) + title) + tail + sheet


def locked(b):
    plain, to = b.folder / 'plain.stream', b.folder / 'locked.xls'
    plain.write_bytes(workbook(ROWS))
    subprocess.run([REPO / 'tests/lock-xls', plain, to, WORD], check=True)
    return to.read_bytes()


def hand_in(b, c, data, **more):
    asked = upload(c, '/api/v1/ledgers', 'locked.xls', data, **{'as': 'vehicle', 'authorisation': 'test', **more})
    b.equal(asked.status, 202, f'taken as a job: {asked.body!r}')
    j = wait_for(b, c, asked)
    b.equal(j['state'], 'done', 'the job')
    return j['result']['files'][0]


def test_a_locked_workbook(b):
    c, data = b.client('office'), locked(b)
    had = b.rows('SELECT count(*) FROM ledger')[0][0]
    for more in ({}, {'password': 'other'}, {'password': WORD.strip()}):
        file = hand_in(b, c, data, dry_run='true', **more)
        b.equal((file['status'], file.get('code')), ('refused', 'FILE_PASSWORD'), f'with {more}')
    tried = hand_in(b, c, data, dry_run='true', password=WORD)
    b.equal((tried['status'], [x['rows'] for x in tried.get('ledgers', [])]), ('taken', [2]), f'tried: {tried}')
    b.equal(b.rows('SELECT count(*) FROM ledger')[0][0], had, 'a trial keeps nothing')
    taken = hand_in(b, c, data, password=WORD)
    b.equal((taken['status'], b.rows('SELECT count(*) FROM ledger')[0][0]), ('taken', had + 1), 'handed in')
    b.equal(upload(c, '/api/v1/ledgers?password=x', 'locked.xls', data).status, 422, 'never in the address')


def test_the_password_is_kept_nowhere(b):
    c = b.client('office')
    hand_in(b, c, locked(b), dry_run='true', password=WORD)
    word = WORD.strip().encode()
    found = [str(p) for p in b.data.rglob('*') if p.is_file() and word in p.read_bytes()]
    b.equal(found, [], 'files of the data folder with it')
    b.check(WORD.strip() not in (b.folder / 'serve.log').read_text(errors='replace'), 'the log has it')
    b.check(WORD.strip() not in c.get('/api/v1/jobs').body.decode(), 'the list of jobs has it')
