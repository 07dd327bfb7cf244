# SPDX-License-Identifier: AGPL-3.0-or-later
"""Figures of the situation: they add up, and open their households."""
S = '/api/v1/situation'


def figures(b, who, query=''):
    a = b.client(who).get(S + query)
    b.equal(a.status, 200, a.body[:200])
    return {f['id']: f for f in a.json['figures']}


def test_figures_add_up(b):
    all_of = figures(b, 'office')
    a = b.client('office').get(S + '/series?figure=households&by=village')
    b.equal(a.status, 200, a.body[:200])
    b.equal(sum(int(p['value']) for p in a.json['points']), int(all_of['households']['value']),
            'villages and the town')
    causes = all_of['causes']
    b.equal(sum(p['count'] for p in causes['parts']), int(causes['value']), 'parts of a breakdown')
    share = all_of['below_line']
    b.check(0 <= float(share['value']) <= 100, share['value'])
    b.check(int(share['numerator']) <= int(share['denominator']), 'counted within looked at')


def test_a_figure_opens_its_households(b):
    c = b.client('office')
    f = figures(b, 'office')['exited_share']
    rows, after = [], ''
    while True:
        a = c.get(f'{S}/households?figure=exited_share&side=counted&limit=50{after}')
        b.equal(a.status, 200, a.body[:200])
        rows += a.json['rows']
        if not a.json['next']:
            break
        after = f"&after={a.json['next']}"
    b.equal(len(rows), int(f['numerator']), 'rows behind the figure')
    b.equal(len({r['no'] for r in rows}), len(rows), 'each once')


def test_other_days_and_wrong_words(b):
    c = b.client('office')
    b.equal(c.get(S + '?as_of=2017-06-30').json['as_of'], '2017-06-30', 'the day asked for')
    a = c.get(S + '/series?figure=with_helper&by=month&from=2017-11-01&to=2018-01-14')
    b.equal([p['key'] for p in a.json['points']], ['2017-11', '2017-12', '2018-01'], 'months')
    b.equal(c.get(S + '/series?figure=nothing').status, 422, 'no such figure')
    b.equal(c.get(S + '?village=999').status, 404, 'no such village')
    b.equal(c.get(S + '/series?figure=households&by=month&from=1990-01-01').status, 422, 'too long')
