# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the {…} of a route's path stand for, so that the access test can put in something
that belongs to others.  A route whose path is not classified here fails the test.

SCOPED: word behind /api/v1/ -> function(served, role): a value that exists and that this
role may not see, or None when there is none.
OPEN: words whose {…} are the same for everybody who may call the route at all, with a
value to call them with.
"""


def foreign_household(served, role):
    if role == 'cadre':
        found = served.rows('SELECT no FROM household WHERE no NOT IN (SELECT household FROM duty '
                           'WHERE helper = ? AND household IS NOT NULL) LIMIT 1', served.helper)
    else:
        found = served.rows('SELECT no FROM household WHERE village = ? LIMIT 1', served.other_village)
    return found[0][0] if found else None


def foreign_finding(bench, role):
    if role == 'cadre':
        found = bench.rows('SELECT no FROM finding WHERE household IS NULL OR household NOT IN (SELECT '
                           'household FROM duty WHERE helper = ? AND household IS NOT NULL) LIMIT 1',
                           bench.helper)
    else:
        found = bench.rows('SELECT no FROM finding WHERE village = ? LIMIT 1', bench.other_village)
    return found[0][0] if found else None


def foreign_village(bench, role):
    if role != 'cadre':
        return bench.other_village
    found = bench.rows('SELECT village FROM household GROUP BY village HAVING sum(CASE WHEN no IN (SELECT '
                       'household FROM duty WHERE helper = ?) THEN 1 ELSE 0 END) = 0 LIMIT 1', bench.helper)
    return found[0][0] if found else None


def made_by_office(bench, path, fields):
    a = bench.client('office').post('/api/v1/' + path, {'fields': {'due': '2099-12-31', **fields}})
    return a.json['no'] if a.status == 201 else None


def foreign_task(bench, role):
    """Another village's, which names neither this role's unit nor person."""
    found = bench.rows('SELECT no FROM task WHERE area = ? AND unit IS NULL AND account IS NULL LIMIT 1',
                       bench.other_village)
    return found[0][0] if found else made_by_office(
        bench, 'tasks', {'title': '他村的任务', 'area': bench.other_village})


def foreign_request(bench, role):
    found = bench.rows("SELECT no FROM ledger_request WHERE unit = '镇林业站' LIMIT 1")
    return found[0][0] if found else made_by_office(
        bench, 'ledger-requests', {'layout': 'pension', 'unit': '镇林业站'})


SCOPED = {
    'households': {'no': foreign_household, 'record': 1, 'year': 2017},
    'findings': {'no': foreign_finding},
    'villages': {'code': foreign_village},
    'ledger-requests': {'no': foreign_request},
    'tasks': {'no': foreign_task},
}

OPEN = {
    'ledgers': {'no': 999999},
    'links': {'key': 'vehicle.0000000000000000'},
    'ledger-templates': {'layout': 'roster'},
    'ledger-layouts': {'layout': 'roster'},
    'ledger-maps': {'no': 999999},
    'files': {'hash': '00' * 32},
    'attachments': {'no': 999999},
    'corrections': {'no': 999999},
    'forms': {'no': 999999},
    'retype': {'key': 'person-1-name'},
    'decisions': {'no': 999999},
    'jobs': {'no': 999999},
    'meetings': {'no': 999999},
    'policies': {'no': 999999},
    'users': {'login': 'village'},
    'village-duties': {'no': 999999},
}
