# SPDX-License-Identifier: AGPL-3.0-or-later
"""A folder for practice: its day stands still, the clock of the journal and of sessions does not."""
import datetime

from served import Served

DAY = '2018-01-14'


def test_the_day_stands_still(b):
    town = Served(b.daohu, b.folder / 'practice', practice=DAY)
    try:
        look_at(b, town)
    finally:
        town.kill()


def look_at(b, town):
    c = town.client('office')
    meta = c.get('/api/v1/meta').json
    b.equal((meta['today'], meta['practice_day']), (DAY, DAY), 'the day of the pages')
    b.equal(b.client('office').get('/api/v1/meta').json['practice_day'], None, 'any other folder')
    b.equal(c.get('/api/v1/today').json['day'], DAY, 'what waits is late by that day')
    b.equal(c.get('/api/v1/day-sheet').json['day'], DAY, 'the day sheet')
    b.equal(c.get('/api/v1/day-sheet?date=2018-01-15').status, 422, 'the day after')
    b.equal(c.post('/api/v1/findings/recheck').status, 200, 'the rules have run')
    b.equal({f['first_seen'] for f in c.get('/api/v1/findings?limit=400').json['rows']}, {DAY}, 'rules ran as of')
    b.equal(c.get('/api/v1/situation').json['as_of'], DAY, 'the situation')
    # asked for today, and what came before today does not answer it
    asked = c.post('/api/v1/ledger-requests', {'fields': {'layout': 'student', 'unit': 'Test', 'due': DAY}})
    b.equal((asked.status, asked.json.get('requested')), (201, DAY), 'a ledger is asked for')
    # what is recorded carries the clock's instant
    made = c.post('/api/v1/meetings', {'fields': {'level': 'town', 'kind': 'dispatch', 'title': 'Test',
                                                  'date': DAY}})
    b.equal(made.status, 201, f'a meeting is recorded: {made.body!r}')
    entry = town.client('auditor').get('/api/v1/journal').json['rows'][0]
    now = datetime.datetime.now(datetime.timezone.utc)
    at = datetime.datetime.fromisoformat(entry['at'].replace('Z', '+00:00'))
    b.check(abs((now - at).total_seconds()) < 600, f"the entry was made at {entry['at']}")
    b.equal(town.client('office').get('/api/v1/session').status, 200, 'the session goes by the clock')
    b.check('practice' in town.run('status', '--data', town.data), 'status does not say so')
    b.equal(town.stop(), None, 'the server')
