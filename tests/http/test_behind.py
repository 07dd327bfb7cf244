# SPDX-License-Identifier: AGPL-3.0-or-later
"""An import that was cut short between the register and the facts: the next one hands them in."""
import contextlib
import sqlite3

from served import Served
from test_desk import upload, wait_for

FOLDER_ONLY = True


def cut_short(town):
    """As it stands when the last entry never came; how many visits there were."""
    with contextlib.closing(sqlite3.connect(town.data / 'daohu.db')) as db, db:
        n = db.execute('SELECT count(*) FROM visit').fetchone()[0]
        db.execute('DELETE FROM visit')
        db.execute("UPDATE entry SET reason = 'register' WHERE reason = 'project'")
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
