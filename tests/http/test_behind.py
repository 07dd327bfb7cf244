# SPDX-License-Identifier: AGPL-3.0-or-later
"""An import that was cut short between the register and the facts: the next one hands them in."""
import random
import time

from served import Served
from test_desk import upload, wait_for


def cut_short(town):
    """As it stands when the last entry never came; how many visits there were."""
    n = town.rows('SELECT count(*) FROM visit')[0][0]
    town.by_hand('DELETE FROM visit', "UPDATE entry SET reason = 'register' WHERE reason = 'project'")
    return n


def note(office):
    """What is said beside the findings when they are looked at again."""
    return office.post('/api/v1/findings/recheck', Accept_Language='en').json['note']


def test_what_was_cut_short_is_made_good(b):
    town = Served(b.daohu, b.folder / 'behind')
    try:
        town.stop()
        visits = cut_short(town)
        csv = town.folder / 'cut.csv'
        said = town.run('check', '--data', town.data, '--output', csv)
        b.check('behind its ledgers' in said and 'import any file again' in said, f'check says {said!r}')
        b.check('behind' not in csv.read_text(encoding='utf-8'), 'the file of findings says it too')
        temp = town.folder / 'data' / 'tmp'
        (temp / 'handin-killed').mkdir()
        for left in ('handin-killed/名册.xlsx', 'handin-killed.xlsx', 'out-killed.xlsx', 'upload-killed'):
            (temp / left).write_bytes(b'left by a server that was killed')
        town.start()
        b.equal(list(temp.iterdir()), [], 'what was left is gone')
        office = town.client('office')
        b.check('behind its ledgers' in (note(office) or ''), f'checked again: {note(office)!r}')
        ledger = next((town.folder / 'town').glob('*走访*'))
        tried = wait_for(b, office, upload(office, '/api/v1/ledgers', ledger.name, ledger.read_bytes(), dry_run='true'))
        b.equal((tried['state'], town.rows('SELECT count(*) FROM visit')), ('done', [(0,)]), 'only tried')
        j = wait_for(b, office, upload(office, '/api/v1/ledgers', ledger.name, ledger.read_bytes(),
                                       authorisation='test'))
        b.equal((j['state'], j['result']['files'][0]['status']), ('done', 'already'), 'the file is known')
        b.equal(town.rows('SELECT count(*) FROM visit'), [(visits,)], 'the visits of the register')
        b.equal(note(office), None, 'nothing is behind any more')
        b.check(visits > 0, 'the town has no visits')
    finally:
        town.kill()


def number(i):
    id17 = f'3412991980{1 + i // 27000:02}{1 + i // 1000 % 27:02}{i % 1000:03}'
    return id17 + '10X98765432'[sum(int(c) * 2 ** (17 - k) for k, c in enumerate(id17)) % 11]


def test_a_large_file_that_is_cancelled_leaves_nothing(b):
    town = Served(b.daohu, b.folder / 'cancelled')
    try:
        office = town.client('office')
        r = random.Random(3)
        lines = ['村名,姓名,公民身份号码,备注'] + [f'不知何村,张{i},{number(i)},{r.randbytes(300).hex()}' for i in range(40000)]
        pieces = town.rows('SELECT count(*) FROM ledger_chunk')
        a = upload(office, '/api/v1/ledgers', '户籍人口.csv', '\n'.join(lines).encode(), **{'as': 'population'})
        for _ in range(2000):  # in the middle of it, or nearly
            if town.rows('SELECT count(*) FROM ledger_chunk') != pieces:
                break
            time.sleep(0.002)
        office.delete(f'/api/v1/jobs/{a.json["job"]}')
        j = wait_for(b, office, a)
        b.check(j['state'] in ('cancelled', 'done'), f'ended as {j["state"]}')
        here = town.rows("SELECT count(*) FROM ledger WHERE file = '户籍人口.csv'")[0][0]
        b.equal([f['status'] for f in j['result']['files']], ['taken'] * here, 'it is there or it is not')
        b.equal(town.rows('SELECT count(*) FROM ledger_chunk WHERE ledger NOT IN (SELECT no FROM ledger)'), [(0,)],
                'rows without a ledger')
        b.equal(here == 0, town.rows('SELECT count(*) FROM ledger_chunk') == pieces, 'pieces of it')
    finally:
        town.kill()
