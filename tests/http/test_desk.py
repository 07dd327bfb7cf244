# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the office does with households, findings and papers, through the server."""
import io
import json
import re
import time
import zipfile

import served

PDF = b'%PDF-1.4\nproof\n'


def upload(client, path, name, data, **fields):
    body, kind = served.upload([(name, data)], **fields)
    return client.call('POST', path, body, Content_Type=kind)


def a_household(b, village=None):
    sql = ('SELECT h.no, h.hh_no, h.head_name FROM household h WHERE h.village = ? AND '
           'h.hh_no IS NOT NULL AND h.head_name IS NOT NULL AND EXISTS (SELECT 1 FROM finding f '
           'WHERE f.household = h.no) ORDER BY h.no LIMIT 1')
    return b.rows(sql, village or b.village)[0]


def test_search(b):
    c = b.client('office')
    no, hh_no, head = a_household(b)
    for q in (hh_no, head, hh_no[:8]):
        rows = []
        after = ''
        while True:
            a = c.get('/api/v1/households?limit=500&q=' + __import__('urllib.parse').parse.quote(q) + after)
            b.equal(a.status, 200, q)
            rows += a.json['rows']
            if not a.json['next']:
                break
            after = '&after=' + __import__('urllib.parse').parse.quote(a.json['next'])
        b.check(no in [r['no'] for r in rows], f'{q} does not find household {no}')
        b.equal(len({r['no'] for r in rows}), len(rows), f'{q}: a household stands once')
    number = b.rows('SELECT count(*) FROM household')[0][0]
    seen = 0
    after = ''
    while True:
        a = c.get('/api/v1/households?limit=7' + after).json
        seen += len(a['rows'])
        if not a['next']:
            break
        after = '&after=' + __import__('urllib.parse').parse.quote(a['next'])
    b.equal(seen, number, 'all pages together')
    b.equal(c.get('/api/v1/households?after=nonsense').status, 422, 'a cursor that is none')
    mine = b.client('village').get('/api/v1/households?limit=500').json['rows']
    b.equal({r['village'] for r in mine}, {b.village}, 'a clerk sees the own village')


def test_household_file(b):
    no, hh_no, head = a_household(b)
    a = b.client('office').get(f'/api/v1/households/{no}')
    b.equal(a.status, 200, 'the file')
    f = a.json
    b.equal(f['household']['hh_no'], hh_no, 'number')
    b.check(f['members'] and f['papers'] and f['sources'] and f['findings'], 'parts are there')
    b.check(any(m['person'].get('id_masked', '').count('*') for m in f['members']), 'a masked number')
    text = a.body.decode()
    for word in ('"id_text":', '"phone":', '"account":', '"health":', '"id_key":'):
        b.check(word not in text, f'{word} is not shown')
    c = b.client('assessor').get(f'/api/v1/households/{no}')
    b.equal(c.status, 200, 'an assessor reads')
    b.equal(c.json['findings'], [], 'but sees no findings')
    b.equal(b.client('village').get(f'/api/v1/households/{no}').status, 200, 'their clerk')
    r = b.client('office').post(f'/api/v1/households/{no}/reveal', {'fields': ['id_text']})
    b.equal(r.status, 422, 'no reason, no number')
    r = b.client('office').post(f'/api/v1/households/{no}/reveal',
                                {'fields': ['id_text'], 'reason': '核对户口本'})
    b.equal(r.status, 200, 'for a reason')
    b.check(any(len(x.get('id_text', '')) == 18 for x in r.json['rows']), 'a full number')
    b.check(b.rows("SELECT count(*) FROM reveal WHERE reason = '核对户口本'")[0][0] == 1, 'on record')


def test_edit(b):
    c = b.client('office')
    no, _, _ = a_household(b)
    f = c.get(f'/api/v1/households/{no}').json
    p = f['members'][0]['person']
    path = f'/api/v1/households/{no}/persons/{p["no"]}'
    b.equal(c.put(path, {'fields': {'name': '改名甲'}}).status, 422, 'a reason is needed')
    a = c.put(path, {'fields': {'name': '改名甲', 'sex': 'robot'}, 'reason': '户口本'})
    b.equal((a.status, a.json['error']['fields'][0]['field']), (422, 'sex'), 'a code that is none')
    a = c.put(path, {'fields': {'name': '改名甲'}, 'reason': '户口本', 'event_date': '2017-12-01'},
              If_Match='"v99"')
    b.equal(a.status, 409, 'somebody was faster')
    b.equal(a.json['current']['no'], p['no'], 'what is there now')
    a = c.put(path, {'fields': {'name': '改名甲'}, 'reason': '户口本', 'event_date': '2017-12-01'},
              If_Match=f'"v{p["version"]}"')
    b.equal(a.status, 200, 'changed')
    b.equal([r['no'] for r in c.get('/api/v1/households?q=gmj').json['rows']], [no], 'found at once')
    h = c.get(f'/api/v1/households/{no}/history?table=person&record={p["no"]}').json['rows']
    b.equal((h[0]['reason'], h[0]['old']['name'], h[0]['actor']), ('户口本', p['name'], 'office'), 'history')
    f = c.get(f'/api/v1/households/{no}').json
    b.check(any(x['field'] == 'name' and x['value'] == '改名甲' and x['was'] == p['name']
                for x in f['corrections']), 'both sides are kept')
    a = c.post(f'/api/v1/households/{no}/visits',
               {'fields': {'date': '2018-01-10', 'content': '核对收入'}, 'reason': '补录走访'})
    b.equal(a.status, 201, 'a visit')
    a = c.put(f'/api/v1/households/{no}/visits/{a.json["no"]}',
              {'fields': {'content': '核对收入和住房'}, 'reason': '补录走访'})
    b.equal(a.json['content'], '核对收入和住房', 'a visit changed')
    visit = f'/api/v1/households/{no}/visits/{a.json["no"]}'
    c.put(visit, {'fields': {'date': '2018-01-11'}, 'reason': '补录走访'})
    old = c.get(f'/api/v1/households/{no}/history?table=visit&record={a.json["no"]}&field=date').json['rows']
    b.equal([r['old'].get('date') for r in old if r['op'] == 'U'][:1], ['2018-01-10'], 'a day as a day')
    b.equal(h[0]['actor_name'], 'Test office', 'and how that account is called')
    y = f['years'][0]
    path_of_year = f'/api/v1/households/{no}/years/{y["no"]}'
    for typed, shown in (('3.5', '3.5'), ('12', '12'), ('0.25', '0.25'), ('1,200.50', '1200.5')):
        a = c.put(path_of_year, {'fields': {'arable': typed}, 'reason': '确权证'})
        b.equal((a.status, a.json.get('arable')), (200, shown), f'{typed} mu')
    for typed in ('3.555', '-1', '三亩'):
        a = c.put(path_of_year, {'fields': {'arable': typed}, 'reason': '确权证'})
        b.equal(a.status, 422, f'{typed} mu')
    old = c.get(f'/api/v1/households/{no}/history?table=household_year&record={y["no"]}&field=arable').json['rows']
    b.equal([r['old'].get('arable') for r in old[:3]], ['0.25', '12', '3.5'], 'what stood there, as it was shown')
    other = b.rows('SELECT no FROM household WHERE no <> ? LIMIT 1', no)[0][0]
    b.equal(c.put(f'/api/v1/households/{other}/persons/{p["no"]}',
                  {'fields': {'name': '乙'}, 'reason': 'x'}).status, 404, 'not a member there')
    b.equal(b.client('village').put(path, {'fields': {'name': '乙'}, 'reason': 'x'}).status, 403,
            'a clerk does not edit')


def test_findings_in_both_languages(b):
    """Each finding says the same in either language, also after the rules have been run again."""
    office = b.client('office')
    for turn in ('first', 'again'):
        office.post('/api/v1/findings/recheck')
        zh, en = ({r['no']: r for r in office.get(f'/api/v1/findings?limit=200&lang={lang}').json['rows']}
                  for lang in ('zh', 'en'))
        b.check(zh.keys() == en.keys() and len(zh) > 50, f'{turn}: {len(zh)} and {len(en)}')
        told = [no for no in zh if zh[no]['detail'] and en[no]['detail']]
        b.check(len(told) > 50, f'{turn}: {len(told)} have a detail')
        b.check(all(zh[no]['rule'] == en[no]['rule'] for no in zh), f'{turn}: the same rules')
        other = [no for no in told if zh[no]['detail'] != en[no]['detail']]
        b.check(len(other) > len(told) // 2, f'{turn}: {len(other)} of {len(told)} are said in two ways')
        if turn == 'first':
            no, _, _ = a_household(b)
            b.equal(office.put(f'/api/v1/households/{no}', {'fields': {'address': '两种语言路1号'}, 'reason': 'test'})
                    .status, 200, 'something is written')


def test_life_of_a_finding(b):
    office, clerk, admin = b.client('office'), b.client('village'), b.client('admin')
    rows = office.get(f'/api/v1/findings?state=open&village={b.village}').json['rows']
    b.check(len(rows) >= 3, 'there are findings')
    nos = [r['no'] for r in rows[:3]]
    a = office.post('/api/v1/findings/assign', {'findings': nos, 'account': 'village', 'due': '2099-01-20'})
    b.equal((a.status, a.json['assigned']), (200, 3), 'handed out')
    b.equal(office.post('/api/v1/findings/assign', {'findings': [99999], 'account': 'x'}).status, 404, 'none')
    mine = clerk.get('/api/v1/findings?assignee=village').json['rows']
    b.check(set(nos) <= {r['no'] for r in mine}, 'the clerk has them')
    b.equal({r['assignee_name'] for r in mine}, {'Test village'}, 'by name')
    late = {'findings': nos[2:], 'account': 'village', 'due': '2018-01-20'}
    b.equal(office.post('/api/v1/findings/assign', late).status, 422, 'due on a day gone by')
    a = office.post('/api/v1/findings/assign', {**late, 'event_date': '2018-01-10'})
    b.equal((a.status, a.json.get('assigned')), (200, 1), 'written up later')
    b.equal(len(office.get('/api/v1/findings?overdue=true').json['rows']), 1, 'and overdue')
    b.equal(office.post('/api/v1/findings/assign', {**late, 'event_date': '2099-01-10'}).status, 422, 'to come')
    one = f'/api/v1/findings/{nos[0]}'
    f = clerk.get(one)
    b.equal(f.status, 200, 'one finding')
    b.check(f.json['values'] and f.json['explain'], 'both sides')
    own = next(v for v in f.json['values'] if v['cells'])
    b.check(all(c['label'] for c in own['cells']), f'the register\'s own side: {own}')
    b.check(not re.search(r'341299\d{12}', json.dumps(f.json['values'])), 'numbers are masked')
    b.equal(clerk.post(one + '/answer', {'state': 'explained'}).status, 422, 'explained, but how?')
    b.equal(clerk.post(one + '/answer', {'state': 'explained', 'exempt': '户口已迁出'}).status, 200, 'answered')
    a = upload(clerk, one + '/files', '公示.pdf', PDF)
    b.equal((a.status, a.json['rows'][0]['type'] if a.status == 201 else None), (201, 'pdf'), 'evidence')
    got = clerk.get(f'/api/v1/files/{a.json["rows"][0]["hash"]}')
    b.equal((got.status, got.body), (200, PDF), 'and back')
    b.equal(b.client('unit').get(f'/api/v1/files/{a.json["rows"][0]["hash"]}').status, 404, 'not for others')
    b.equal(upload(clerk, one + '/files', 'x.pdf', b'MZ\x90\0').status, 415, 'a program')
    z = io.BytesIO()
    with zipfile.ZipFile(z, 'w') as out:
        out.writestr('a.txt', 'x')
    b.equal(upload(clerk, one + '/files', 'x.docx', z.getvalue()).status, 415, 'an archive')
    b.equal(clerk.post(one + '/review', {'accept': True}).status, 403, 'a clerk does not review')
    b.equal(office.post(one + '/review', {'accept': False}).status, 422, 'returned, but why?')
    a = office.post(one + '/review', {'accept': False, 'remark': '证明不清'})
    b.equal((a.status, a.json['state']), (200, 'returned'), 'returned')
    clerk.post(one + '/answer', {'state': 'explained', 'exempt': '户口已迁出', 'remark': '补充证明'})
    a = office.post(one + '/review', {'accept': True})
    b.equal((a.status, a.json['state']), (200, 'closed'), 'closed')
    office.post('/api/v1/findings/recheck')
    b.equal(office.get(one).json['finding']['state'], 'closed', 'an accepted answer holds when it is checked again')
    two = f'/api/v1/findings/{nos[1]}'
    office.post(two + '/answer', {'state': 'ledger_wrong', 'remark': '台账录错'})
    a = office.post(two + '/review', {'accept': True})
    b.equal(a.status, 403, 'nobody reviews what he answered')
    b.equal(admin.post(two + '/review', {'accept': True}).status, 200, 'somebody else does')


def test_entered_by_hand(b):
    office = b.client('office')
    no, hh_no, _ = a_household(b)
    a = office.post('/api/v1/findings', {'household': no, 'source_kind': 'inspection', 'text': '明白卡未填'})
    b.equal((a.status, a.json.get('hh_no')), (201, hh_no), 'entered')
    b.equal(office.post('/api/v1/findings', {'household': 999999, 'source_kind': 'inspection',
                                             'text': 'x'}).status, 404, 'of nobody')
    b.equal(office.post('/api/v1/findings', {'household': no, 'source_kind': 'rule', 'text': 'x'}).status,
            422, 'not a rule')
    b.equal(office.post('/api/v1/findings/recheck').status, 200, 'checked again')
    r = office.get('/api/v1/findings?source=inspection').json['rows']
    b.equal([(x['no'], x['state'], x['detail']) for x in r], [(a.json['no'], 'new', '明白卡未填')], 'it stays')


def test_exports(b):
    office = b.client('office')
    n = b.rows('SELECT count(*) FROM finding')[0][0]
    a = office.get('/api/v1/findings.csv')
    b.equal((a.status, len(a.body.decode('utf-8-sig').strip().split('\n'))), (200, n + 1), 'csv')
    a = office.get('/api/v1/findings.xlsx')
    b.equal(a.status, 200, 'xlsx')
    b.check(zipfile.ZipFile(io.BytesIO(a.body)).testzip() is None, 'a whole workbook')
    a = office.get(f'/api/v1/villages/{b.village}/rectify.xlsx')
    b.equal((a.status, a.body[:2]), (200, b'PK'), 'a village workbook')
    b.equal(b.client('village').get(f'/api/v1/villages/{b.other_village}/rectify.xlsx').status, 404,
            'not another village')
    counts = office.get('/api/v1/findings/summary').json['rows']
    b.equal(sum(c['n'] for c in counts), n, 'counts add up')


def test_papers(b):
    office = b.client('office')
    no, _, _ = a_household(b)
    a = upload(office, f'/api/v1/households/{no}/papers', '授权书.pdf', PDF, paper='authorisation')
    b.equal(a.status, 201, 'a paper')
    papers = {p['id']: p for p in office.get(f'/api/v1/households/{no}').json['papers']}
    b.equal((papers['authorisation']['present'], papers['application']['present']), (1, 0), 'the checklist')
    b.equal(upload(office, f'/api/v1/households/{no}/papers', 'x.pdf', PDF, paper='nonsense').status, 422,
            'a paper that is none')
    b.equal(office.delete(f'/api/v1/attachments/{a.json["rows"][0]["no"]}').status, 204, 'taken off')
    papers = {p['id']: p for p in office.get(f'/api/v1/households/{no}').json['papers']}
    b.equal(papers['authorisation']['present'], 0, 'and gone')


def test_backup_without_a_paper(b):
    """Attachments are missing: status 1, the backup is there and older ones are thinned."""
    office = b.client('office')
    no, _, _ = a_household(b)
    before = set((b.data / 'attach').glob('*')) if (b.data / 'attach').exists() else set()
    a = upload(office, f'/api/v1/households/{no}/papers', '授权书.pdf', PDF + b'another\n', paper='authorisation')
    b.equal(a.status, 201, 'a paper')
    paper = (set((b.data / 'attach').glob('*')) - before).pop()
    daily, away = b.folder / 'daily', b.folder / 'away'
    daily.mkdir()
    b.run('backup', '--data', b.data, daily, '--keep', '1d')
    time.sleep(1.1)  # names are of seconds
    paper.rename(away)
    try:
        said = b.run('backup', '--data', b.data, daily, '--keep', '1d', ok=(1,))
    finally:
        away.rename(paper)
    b.check('1 attachments were missing' in said and '1 old backups removed, 1 kept' in said, said)
    b.equal(len(list(daily.iterdir())), 1, 'the older one is gone')
    b.equal(office.delete(f'/api/v1/attachments/{a.json["rows"][0]["no"]}').status, 204, 'taken off')


def wait_for(b, client, a):
    b.equal(a.status, 202, 'a job was begun')
    for _ in range(200):
        j = client.get(f'/api/v1/jobs/{a.json["job"]}').json
        if j['state'] not in ('queued', 'running'):
            return j
        time.sleep(0.1)
    raise RuntimeError('the job does not end')


def test_ledgers(b):
    office = b.client('office')
    town = b.folder / 'town'
    file = sorted(town.glob('*.xlsx'))[0]
    before = b.rows('SELECT count(*) FROM ledger')[0][0]
    all_of_them = office.get('/api/v1/ledgers?limit=500').json
    b.equal((len(all_of_them['rows']), all_of_them['next']), (before, None), 'what was handed in')
    by_pages, after = [], ''
    while after is not None:
        page = office.get('/api/v1/ledgers?limit=3' + (f'&after={after}' if after else '')).json
        b.check(len(page['rows']) == 3 or page['next'] is None, 'a whole page, or the last one')
        by_pages += page['rows']
        after = page['next']
    b.equal(by_pages, all_of_them['rows'], 'page by page')
    for query, keeps in (('layout=income', lambda l: l['layout'] == 'income'), ('in_force=1', lambda l: l['in_force'])):
        got = office.get(f'/api/v1/ledgers?limit=500&{query}').json['rows']
        b.equal(got, [l for l in all_of_them['rows'] if keeps(l)], query)
        b.check(0 < len(got), f'{query}: some')
    j = wait_for(b, office, upload(office, '/api/v1/ledgers', file.name, file.read_bytes(), authorisation='test'))
    b.equal((j['state'], j['result']['files'][0]['status']), ('done', 'already'), 'the same again')
    csv = ('车辆登记信息（截至2018年1月9日）\n姓名,身份证号码,号牌号码,车辆类型,登记日期\n'
           '张三,341299195803010013,皖K00001,小型轿车,2017年5月1日\n李四,341299198503010031,皖K00002,小型轿车,不详\n')
    a = upload(office, '/api/v1/ledgers', '车辆.csv', csv.encode(), dry_run='true', **{'as': 'vehicle'})
    j = wait_for(b, office, a)
    b.equal(j['state'], 'done', f'tried {j}')
    f = j['result']['files'][0]
    b.equal((f['status'], f['ledgers'][0]['layout'], f['ledgers'][0]['rows']), ('taken', 'vehicle', 2), 'a dry run')
    b.equal(b.rows('SELECT count(*) FROM ledger')[0][0], before, 'keeps nothing')
    j = wait_for(b, office, upload(office, '/api/v1/ledgers', '车辆.csv', csv.encode(), **{'as': 'vehicle'}))
    b.equal(b.rows('SELECT count(*) FROM ledger')[0][0], before + 1, 'kept')
    got = office.get(f'/api/v1/jobs/{a.json["job"]}/file')
    b.equal((got.status, got.body[:2]), (200, b'PK'), 'the error workbook')
    j = wait_for(b, office, upload(office, '/api/v1/ledgers', 'x.xlsx', b'MZ nothing'))
    b.equal(j['result']['files'][0]['status'], 'refused', 'no table')
    b.equal(upload(office, '/api/v1/ledgers', 'x.csv', b'a', **{'as': 'nonsense'}).status, 422, 'no such ledger')
    b.equal(office.get('/api/v1/ledger-templates/vehicle.xlsx').body[:2], b'PK', 'a template')
    b.equal(office.get('/api/v1/ledger-templates/nonsense.xlsx').status, 404, 'of nothing')
    b.equal(list((b.data / 'tmp').glob('upload-*')), [], 'nothing is left')


def test_columns_put_right(b):
    office, unit = b.client('office'), b.client('unit')
    csv = '购于何时,何种车,哪个的车,谁的号码\n2016-03-01,小型轿车,王新民,341299198003034512\n'.encode()
    def tried(client=office, **more):
        a = upload(client, '/api/v1/ledgers', '车.csv', csv, dry_run='1', **more)
        return wait_for(b, client, a)['result']['files'][0]
    f = tried()
    b.equal((f['status'], f['code']), ('refused', 'TABLE_NOT_FOUND'), 'headers nobody knows')
    head = f['preview'][0]['rows'][0]
    b.equal((head['row'], head['cells'][2]), (1, '哪个的车'), 'its first rows are shown')
    b.check('341299198003034512' not in str(f), 'a number is masked')
    columns = office.get('/api/v1/ledger-layouts/vehicle').json['columns']
    b.check({'name', 'kind', 'registered'} <= {c['id'] for c in columns}, 'what the ledger has')
    mapping = '{"layout":"vehicle","columns":{"哪个的车":"name","何种车":"kind","购于何时":"-"}}'
    f = tried(mapping=mapping)
    b.equal((f['status'], f['ledgers'][0]['rows'], f['ledgers'][0]['map_layout']), ('taken', 1, 'vehicle'), 'mapped')
    got = {c['header']: (c['field'], c['by_hand'], c['sample']) for c in f['ledgers'][0]['columns']}
    b.equal(got['哪个的车'], ('name', True, '王新民'), 'a column set by hand')
    b.equal(got['购于何时'][0], None, 'a column left out')
    b.equal(got['谁的号码'][2], '341299********4512', 'a sample is masked')
    for wrong in ('nonsense', '{"layout":"vehicle","columns":{"x":"nope"}}', '{"layout":"nope","columns":{}}'):
        a = upload(office, '/api/v1/ledgers', '车.csv', csv, dry_run='1', mapping=wrong)
        b.equal((a.status, a.json['error']['fields'][0]['field']), (422, 'mapping'), f'mapping {wrong}')
    a = unit.post('/api/v1/ledger-maps', {'name': '交警队导出', 'mapping': mapping})
    b.equal((a.status, a.json['layout']), (201, 'vehicle'), 'kept')
    a = unit.post('/api/v1/ledger-maps', {'name': '交警队导出', 'mapping': mapping.replace('"-"', '"registered"')})
    kept = office.get('/api/v1/ledger-maps').json['rows']
    b.equal([(m['name'], m['no']) for m in kept], [('交警队导出', a.json['no'])], 'one of a name')
    b.equal(tried(unit, mapping=kept[0]['mapping'])['ledgers'][0]['rows'], 1, 'and used')
    b.equal(office.post('/api/v1/ledger-maps', {'name': 'x', 'mapping': 'layout: roster'}).status, 422, 'no mapping')
    b.equal(office.delete(f'/api/v1/ledger-maps/{kept[0]["no"]}').status, 204, 'forgotten')
    b.equal(office.get('/api/v1/ledger-maps').json['rows'], [], 'and gone')
    b.equal(list((b.data / 'tmp').glob('handin-*/*.map')), [], 'nothing is left')


def test_a_later_ledger_against_a_correction(b):
    """Whoever corrected a value decides when a later roster says a third thing."""
    office = b.client('office')
    no, p, name = b.rows('SELECT m.household, m.person, p.name FROM membership m JOIN person p ON p.no = m.person '
                         'JOIN household h ON h.no = m.household WHERE h.village = ? AND p.name IS NOT NULL '
                         'AND m.valid_to IS NULL ORDER BY m.household DESC, m.person DESC LIMIT 1', b.village)[0]
    a = office.put(f'/api/v1/households/{no}/persons/{p}', {'fields': {'name': '改过甲'}, 'reason': '户口簿'})
    b.equal(a.status, 200, 'corrected')
    for roster in sorted((b.folder / 'town').glob('*花名册.xlsx')):
        rows = b.run('table', roster, '--sheet', '1').split('\n')
        if any(name in r for r in rows):
            break
    b.check(any(name in r for r in rows), 'the person stands in the roster')
    changed = '\n'.join(r.replace(name, '第三名') if name in r else r for r in rows)
    a = upload(office, '/api/v1/ledgers', '花名册2018-02.csv', changed.encode(), authorisation='test',
               **{'as': 'roster', 'as_of': '2018-02-28'})
    wait_for(b, office, a)
    left = [c for c in office.get('/api/v1/corrections').json['rows'] if c.get('person') == p]
    b.equal([(c['value'], c['was'], c['says'], c['field']) for c in left], [('改过甲', name, '第三名', 'name')],
            'both sides and what is said now')
    b.check(left and left[0]['hh_no'] and left[0]['village'] == b.village, 'whose it is')
    b.equal(b.client('village').get('/api/v1/corrections').status, 403, 'a clerk does not decide')
    b.equal(office.post(f'/api/v1/corrections/{left[0]["no"]}', {'keep': True}).status, 422, 'why?')
    b.equal(office.post(f'/api/v1/corrections/{left[0]["no"]}', {'keep': False, 'reason': '户口已变更'}).status, 204,
            'decided')
    got = office.get(f'/api/v1/households/{no}').json
    b.check('第三名' in [m['person']['name'] for m in got['members']], 'the ledger was taken')
    b.check(p not in [c.get('person') for c in office.get('/api/v1/corrections').json['rows']], 'and settled')


def test_village_workbook_out_and_back(b):
    office = b.client('office')
    no, _, _ = a_household(b)
    entered = office.post('/api/v1/findings', {'household': no, 'source_kind': 'complaint', 'text': '反映未收到分红'}).json
    book = office.get(f'/api/v1/villages/{b.village}/rectify.xlsx').body
    with zipfile.ZipFile(io.BytesIO(book)) as z:
        words = ''.join(z.read(n).decode() for n in z.namelist() if n.endswith('.xml'))
    b.check('反映未收到分红' in words and f'F{entered["no"]}-' in words, 'what was entered by hand is in it')
    other = office.get(f'/api/v1/villages/{b.other_village}/rectify.xlsx').body
    with zipfile.ZipFile(io.BytesIO(other)) as z:
        words = ''.join(z.read(n).decode() for n in z.namelist() if n.endswith('.xml'))
    b.check('反映未收到分红' not in words, 'not in another village\'s')
    j = wait_for(b, office, upload(office, '/api/v1/ledgers', '整改.xlsx', book))
    f = j['result']['files'][0]
    b.equal((f['status'], f['answered']), ('answers', 0), 'it is recognised')
    b.check(f['empty'] > 0, 'nothing was filled in')


def test_links(b):
    office = b.client('office')
    office.post('/api/v1/findings/recheck')
    a = office.get('/api/v1/links?limit=2')
    b.equal(a.status, 200, 'the queue')
    rows = a.json['rows']
    b.check(rows, 'rows of which nobody is sure')
    case = rows[0]
    b.check(case['row'] and case['candidates'] and case['candidates'][0]['agree'], 'both sides')
    b.check('341299' not in ''.join(x['value'] for x in case['row'] if x['value'].isdigit() and
                                    len(x['value']) == 18), 'numbers are masked')
    if a.json['next']:
        nxt = office.get(f'/api/v1/links?limit=2&after={a.json["next"]}').json['rows']
        b.check(not {r['key'] for r in nxt} & {r['key'] for r in rows}, 'the next page is another')
    b.equal(office.post(f'/api/v1/links/{case["key"]}', {'verdict': 'same'}).status, 422, 'whose?')
    b.equal(office.post('/api/v1/links/nonsense', {'verdict': 'none'}).status, 404, 'no such row')
    before = [r['key'] for r in office.get('/api/v1/links?limit=200').json['rows']]
    b.equal(len(set(before)), len(before), 'rows are told apart')
    b.check(not [k for k in before if not k.rpartition('.')[2].strip('0')], 'by what stands in them')
    c = case['candidates'][0]
    body = {'verdict': 'same', 'person': c['person'], 'household': c['household'], 'reason': '核对户口本'}
    b.equal(office.post(f'/api/v1/links/{case["key"]}', body).status, 204, 'decided')
    keys = [r['key'] for r in office.get('/api/v1/links?limit=200').json['rows']]
    b.check(case['key'] not in keys, 'it is asked no more')
    office.post('/api/v1/findings/recheck')
    keys = [r['key'] for r in office.get('/api/v1/links?limit=200').json['rows']]
    b.check(case['key'] not in keys, 'nor after the next check')
    b.equal(set(keys), set(before) - {case['key']}, 'the others are still asked')
    b.equal(b.client('village').get('/api/v1/links').status, 403, 'not for clerks')
