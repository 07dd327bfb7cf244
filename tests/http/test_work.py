# SPDX-License-Identifier: AGPL-3.0-or-later
"""Meetings carried into tasks that are proven and closed, duties, policies, ledgers asked
for, the day: each step by the role that would take it."""
import datetime
import time

from test_desk import upload

A = '/api/v1'
UNIT, OTHER_UNIT = '镇中心学校', '镇水利站'


def day(b, ago=0):
    today = datetime.date.fromisoformat(b.client('office').get(A + '/meta').json['today'])
    return (today - datetime.timedelta(days=ago)).isoformat()


def made(b, a, status=201):
    """The answer's object; a test that cannot go on ends here."""
    if a.status != status:
        raise RuntimeError(f'{a.status} {a.body.decode()[:500]}')
    return a.json


def prepare(b):
    """The unit's own account gets its unit; who is who by log-in."""
    admin = b.client('admin')
    made(b, admin.put(A + '/users/unit', {'fields': {'unit': UNIT}}), 200)
    made(b, admin.put(A + '/users/office', {'fields': {'unit': '镇扶贫办'}}), 200)
    return {p['login']: p['no'] for p in b.client('office').get(A + '/people').json['rows']}


def fields_wrong(a):
    return [f['field'] for f in a.json['error'].get('fields', [])]


def issue(b, who='office', **fields):
    return made(b, b.client(who).post(A + '/tasks', {'fields': {'due': day(b, -5), **fields}}))['no']


def step(b, who, no, word, **body):
    return b.client(who).post(f'{A}/tasks/{no}/{word}', body)


def state(b, no):
    return b.client('office').get(f'{A}/tasks/{no}').json['state']


def meeting(b, **fields):
    return made(b, b.client('office').post(A + '/meetings', {'fields': {
        'level': 'town', 'kind': 'promotion', 'title': '推进会', 'date': day(b, 3), **fields}}))


def test_meeting_to_closed_tasks(b):
    people = prepare(b)
    office = b.client('office')
    county = meeting(b, level='county', number='79', title='全县第79次推进会')
    town = meeting(b, title='八里河镇推进会', conveys=str(county['no']), time='14:30')
    no = town['no']
    b.equal(town['state'], 'held', 'state of a meeting of the past')
    rows = [{'category': 'leader', 'unit': '镇党委', 'name': '孙国强'},
            {'category': 'scenic_area', 'unit': '八里河景区管委会', 'presence': 'leave'},
            {'category': 'fishing_ground', 'unit': '八里河渔场', 'presence': 'substitute'}]
    m = made(b, office.put(f'{A}/meetings/{no}/attendance', {'rows': rows}), 200)
    b.equal([r.get('presence') for r in m['attendance']], ['present', 'leave', 'substitute'], 'attendance')
    for text in ('核对学生名册', '逐户四个比对', '入户一遍'):
        m = made(b, office.post(f'{A}/meetings/{no}/decisions', {'fields': {'text': text, 'due': day(b, -7)}}))
    d = [x['no'] for x in m['decisions']]
    b.equal([x['state'] for x in m['decisions']], ['open'] * 3, 'decisions without tasks')
    due = day(b, -5)
    made(b, office.post(f'{A}/decisions/{d[0]}/tasks', {'tasks': [
        {'title': '核对在校学生', 'unit': UNIT, 'due': due, 'evidence': '核对表'}]}))
    made(b, office.post(f'{A}/decisions/{d[1]}/tasks', {'tasks': [
        {'title': '四个比对', 'area': b.village, 'due': due, 'target': 40}]}))
    m = made(b, office.post(f'{A}/decisions/{d[2]}/tasks', {'tasks': [
        {'title': '入户走访', 'account': people['cadre'], 'due': due}]}))
    t = [x['tasks'][0]['no'] for x in m['decisions']]
    b.equal([x['state'] for x in m['decisions']], ['under_way'] * 3, 'decisions with tasks')
    for who, k in (('unit', t[0]), ('village', t[1]), ('cadre', t[2])):
        mine = [r['no'] for r in b.client(who).get(A + '/tasks?mine=true').json['rows']]
        b.check(k in mine and not set(t) - {k} & set(mine), f'{who} has {mine}, not just {k} of {t}')
        b.equal(made(b, step(b, who, k, 'acknowledge'), 200)['state'], 'acknowledged', who)
    a = made(b, step(b, 'village', t[1], 'progress', done=10, text='一组完成'), 200)
    b.equal((a['state'], a['percent']), ('under_way', 25), 'progress of a target')
    b.equal(fields_wrong(step(b, 'unit', t[0], 'prove')), ['text'], 'proof without words')
    for who, k in (('unit', t[0]), ('village', t[1]), ('cadre', t[2])):
        a = made(b, step(b, who, k, 'prove', text='完成，材料附后'), 200)
        b.equal((a['state'], a['actions']), ('proven', []), f'proof of {who}, who may do no more')
        b.equal(step(b, who, k, 'close').status, 403, f'{who} closing an own task')
    made(b, step(b, 'office', t[0], 'check', text='抽查属实'), 200)
    made(b, step(b, 'office', t[0], 'close'), 200)
    made(b, step(b, 'leader', t[1], 'return', text='缺签字'), 200)
    made(b, step(b, 'village', t[1], 'prove', text='已补签'), 200)
    made(b, step(b, 'leader', t[1], 'close'), 200)
    made(b, step(b, 'office', t[2], 'close'), 200)
    m = office.get(f'{A}/meetings/{no}').json
    b.equal([x['state'] for x in m['decisions']], ['done'] * 3, 'decisions in the end')
    b.equal(m['decisions'][1]['tasks'][0]['returned'], 1, 'times returned')
    moves = [e['move'] for e in office.get(f'{A}/tasks/{t[1]}').json['events']]
    b.equal(moves, ['issue', 'acknowledge', 'progress', 'prove', 'return', 'prove', 'close'], 'steps')
    row = next(r for r in office.get(A + '/meetings').json['rows'] if r['no'] == no)
    b.equal((row['present'], row['called'], row['tally']['closed']), (2, 3, 3), 'the meeting in the list')


def test_whoever_proves_does_not_close(b):
    prepare(b)
    no = issue(b, title='纸质材料补录', unit=OTHER_UNIT, issued=day(b, 4))
    made(b, step(b, 'office', no, 'prove', text='纸质清单已收', day=day(b, 2)), 200)
    a = step(b, 'office', no, 'close')
    b.equal((a.status, a.code), (403, 'TASK_SAME_PERSON'), 'closing what one has proved')
    b.equal(made(b, step(b, 'leader', no, 'close'), 200)['closed'], day(b), 'closed by another')


PNG = (b'\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xff\xff?\0\5\xfe\2\xfe'
       b'\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82')


def test_evidence(b):
    prepare(b)
    no = issue(b, title='明白卡上墙', area=b.village, evidence='照片', files_wanted='1')
    clerk = b.client('village')
    a = step(b, 'village', no, 'prove', text='已上墙')
    b.equal((a.status, a.json['error']['fields'][0]['field'], a.json['error']['fields'][0]['code']),
            (422, 'files', 'TASK_EVIDENCE'), 'proof without its file')
    a = upload(clerk, f'{A}/tasks/{no}/files', '上墙.png', PNG)
    hash_of = made(b, a)['rows'][0]['hash']
    b.equal(upload(b.client('unit'), f'{A}/tasks/{no}/files', 'x.png', PNG).status, 404, 'a file on a task of others')
    made(b, step(b, 'village', no, 'prove', text='已上墙'), 200)
    b.equal([f['name'] for f in b.client('office').get(f'{A}/tasks/{no}').json['files']], ['上墙.png'], 'files')
    b.equal(b.client('office').get(f'{A}/files/{hash_of}').body, PNG, 'the file again')
    b.equal(b.client('unit').get(f'{A}/files/{hash_of}').status, 404, 'a file of a task of others')
    made(b, step(b, 'office', no, 'close'), 200)
    b.equal(upload(clerk, f'{A}/tasks/{no}/files', 'y.png', PNG).status, 403, 'a file on what is closed')
    m = meeting(b)
    made(b, upload(b.client('office'), f'{A}/meetings/{m["no"]}/files', '签到.png', PNG))
    b.equal(len(b.client('office').get(f'{A}/meetings/{m["no"]}').json['files']), 1, 'files of a meeting')


def test_tasks_of_others(b):
    people = prepare(b)
    own = issue(b, title='本村', area=b.village)
    foreign = [issue(b, title='他村', area=b.other_village), issue(b, title='别的单位', unit=OTHER_UNIT),
               issue(b, title='别人', account=str(people['leader']))]
    for who in ('village', 'team'):
        seen = [r['no'] for r in b.client(who).get(A + '/tasks?limit=500').json['rows']]
        b.check(own in seen and not set(seen) & set(foreign), f'{who} sees {seen}')
        for no in foreign:
            b.equal(b.client(who).get(f'{A}/tasks/{no}').status, 404, f'{who} opens a task of others')
            for word in ('acknowledge', 'progress', 'prove', 'check', 'return', 'close', 'cancel'):
                b.equal(step(b, who, no, word, text='x').status, 404, f'{who}: {word} of others')
    a = b.client('village').post(A + '/tasks', {'fields': {'title': 'x', 'due': day(b, -1), 'area': b.village}})
    b.equal(a.status, 403, 'a village issuing a task')
    b.equal(state(b, foreign[0]), 'issued', 'nothing happened')
    b.equal(b.client('leader').get(f'{A}/tasks/{foreign[0]}').status, 200, 'leaders see all')


def test_parts(b):
    people = prepare(b)
    no = issue(b, title='全镇学生核对', unit=UNIT)
    a = b.client('unit').post(A + '/tasks', {'fields': {
        'title': '一年级', 'parent': str(no), 'account': str(people['cadre']), 'due': day(b, -6)}})
    b.equal((a.status, fields_wrong(a)), (422, ['due']), 'a part that ends after the whole')
    part = made(b, b.client('unit').post(A + '/tasks', {'fields': {
        'title': '一年级', 'parent': str(no), 'account': str(people['cadre']), 'due': day(b, -4)}}))['no']
    made(b, step(b, 'cadre', part, 'prove', text='完成'), 200)
    made(b, step(b, 'unit', no, 'prove', text='完成'), 200)
    a = step(b, 'office', no, 'close')
    b.equal((a.status, a.code), (409, 'TASK_CHILDREN'), 'closing with an open part')
    made(b, step(b, 'unit', part, 'close'), 200)
    made(b, step(b, 'office', no, 'close'), 200)
    parts = b.client('office').get(f'{A}/tasks/{no}').json['parts']
    b.equal([(p['no'], p['state']) for p in parts], [(part, 'closed')], 'parts')


def test_dates_and_states(b):
    prepare(b)
    office = b.client('office')
    a = office.post(A + '/tasks', {'fields': {'title': '', 'unit': UNIT, 'due': day(b, -1)}})
    b.equal((a.status, fields_wrong(a)), (422, ['title']), 'no title')
    a = office.post(A + '/tasks', {'fields': {'title': 'x', 'unit': UNIT, 'due': day(b, 1)}})
    b.equal((a.status, fields_wrong(a)), (422, ['due']), 'due before it is issued')
    no = issue(b, title='x', unit=UNIT)
    a = step(b, 'unit', no, 'acknowledge', day=day(b, -1))
    b.equal((a.status, fields_wrong(a)), (422, ['day']), 'tomorrow')
    b.equal(step(b, 'office', no, 'close').code, 'TASK_STATE', 'closing what is not proven')
    one = office.get(f'{A}/tasks/{no}')
    etag = one.headers['ETag']
    made(b, office.put(f'{A}/tasks/{no}', {'fields': {'due': day(b, -9)}}, If_Match=etag), 200)
    a = office.put(f'{A}/tasks/{no}', {'fields': {'due': day(b, -10)}}, If_Match=etag)
    b.equal((a.status, a.code, a.json['current']['due']), (409, 'CONFLICT', day(b, -9)), 'a stale change')
    a = step(b, 'unit', no, 'acknowledge')
    made(b, a, 200)
    a = b.client('unit').call('POST', f'{A}/tasks/{no}/prove', {'text': 'x'}, If_Match=etag)
    b.equal(a.status, 409, 'a step on an older version')
    made(b, step(b, 'office', no, 'cancel', text='不再需要'), 200)
    b.equal(state(b, no), 'cancelled', 'cancelled')


def test_list_goes_on(b):
    prepare(b)
    for i in range(5):
        issue(b, title=f'分页{i}', unit='分页单位', due=day(b, -(i % 3)))
    seen, path = [], A + '/tasks?unit=%E5%88%86%E9%A1%B5%E5%8D%95%E4%BD%8D&limit=2'
    after = ''
    while True:
        a = b.client('office').get(path + after).json
        seen += [r['no'] for r in a['rows']]
        if not a['next']:
            break
        after = '&after=' + a['next']
    b.equal((len(seen), len(set(seen))), (5, 5), 'five tasks in pages of two')
    a = b.client('office').get(A + '/tasks?after=nonsense')
    b.equal((a.status, fields_wrong(a)), (422, ['after']), 'a cursor that is none')


def test_duties_by_hand(b):
    office = b.client('office')
    houses = [r[0] for r in b.rows('SELECT no FROM household ORDER BY village = ? DESC, no LIMIT 12', b.village)]
    own = {r[0] for r in b.rows('SELECT no FROM household WHERE village = ?', b.village)} & set(houses)
    foreign = b.rows('SELECT no FROM household WHERE village = ? LIMIT 1', b.other_village)[0][0]
    a = made(b, office.post(A + '/duties/assign', {
        'households': houses, 'helper': '丁水生', 'unit': '八里河渔场', 'phone': '10088880001',
        'from': day(b, 1), 'replace': True, 'reason': '调整'}), 200)
    b.equal(a['assigned'], len(houses), 'assigned')
    s = office.get(A + '/duties/summary').json
    b.check(any(h['helper'] == '丁水生' and h['households'] == len(houses) for h in s['overloaded']),
            f'{len(houses)} households are more than the pack allows: {s["overloaded"]}')
    rows = b.client('village').get(A + '/duties?limit=500').json['rows']
    b.check(rows and all(r['village'] == b.village for r in rows), 'a village sees its own duties only')
    b.equal({r['household'] for r in rows if r['helper'] == '丁水生'}, own, 'and these among them')
    b.check('10088880001' not in str(rows), 'phones are not shown')
    b.equal(b.client('village').post(A + '/duties/assign', {'households': [foreign], 'helper': 'x'}).status,
            403, 'a village assigning')
    a = office.post(A + '/duties/assign', {'households': [houses[0], 999999], 'helper': '丁水生'})
    b.equal(a.status, 404, 'a household that is none')
    made(b, office.post(A + '/duties/end', {'households': houses, 'helper': '丁水生', 'to': day(b)}), 200)
    ended = office.get(A + '/duties?state=ended&limit=500').json['rows']
    b.check(set(houses) <= {r['household'] for r in ended}, 'ended, and nobody after')
    left = {r['household'] for r in office.get(A + '/duties?state=unassigned&limit=500').json['rows']}
    b.check(left & set(houses), 'then they have nobody')


def work_out_anew(b, hh_no, on):
    visits = b.folder / '走访记录补.csv'
    visits.write_text(f'户编号,走访日期,走访内容\n{hh_no},{on},送政策\n', encoding='utf-8')
    if b.url:  # nobody writes beside it
        b.check(b.stop() is None, 'stopping')
    text = b.run('import', '--data', b.data, '--as', 'visit', '--authorisation', 'test', visits, ok=(0, 1))
    if b.url:
        b.start()
    b.check('register' in text.lower(), f'the register was not worked out anew: {text}')


def test_a_corrected_name_outlives_it_too(b):
    """A duty corrected on the household's page is as one given by hand."""
    office = b.client('office')
    no, house, was = b.rows('SELECT no, household, helper FROM duty WHERE helper <> ? AND ledger IS NOT NULL '
                            'AND recorded_to IS NULL ORDER BY no DESC LIMIT 1', b.helper)[0]
    a = office.put(A + f'/households/{house}/duties/{no}', {'fields': {'helper': '丁水根'}, 'reason': '笔误'})
    b.equal(a.status, 200, 'corrected')
    work_out_anew(b, b.rows('SELECT hh_no FROM household WHERE no = ?', house)[0][0], '2018-01-03')
    now = b.rows('SELECT helper, ledger, valid_to FROM duty WHERE household = ? AND recorded_to IS NULL '
                 'ORDER BY no', house)
    b.check(('丁水根', None, None) in now, f'{now}')
    b.check(all(h != was or to is not None for h, _, to in now), f'{was} is back: {now}')
    b.equal(b.rows("SELECT count(*) FROM pin WHERE tbl = 'duty'")[0][0], 0, 'one way only')


def test_a_hand_outlives_an_older_ledger(b):
    """The register is worked out anew from its ledgers: what a hand ended stays ended."""
    office = b.client('office')
    r = office.get(A + f'/duties?helper={b.helper.encode().hex(":")}').json['rows']  # nobody of that name
    b.equal(r, [], 'a helper who is none')
    row = b.rows('SELECT household FROM duty WHERE helper = ? AND ledger IS NOT NULL AND recorded_to IS NULL '
                 'ORDER BY household DESC LIMIT 1', b.helper)[0][0]
    made(b, office.post(A + '/duties/end', {'households': [row], 'to': day(b)}), 200)
    hh_no = b.rows('SELECT hh_no FROM household WHERE no = ?', row)[0][0]
    work_out_anew(b, hh_no, '2018-01-02')
    still = [d for d in b.client('office').get(A + '/duties?limit=500&village=' + b.rows(
        'SELECT village FROM household WHERE no = ?', row)[0][0]).json['rows'] if d['household'] == row]
    b.equal(still, [], 'duties of a household whose duty was ended')


def test_village_duties(b):
    office = b.client('office')
    for village, name in ((b.village, '周明'), (b.other_village, '吴亮')):
        made(b, office.post(A + '/village-duties', {'fields': {
            'village': village, 'role': 'first_secretary', 'name': name, 'phone': '10011112222',
            'valid_from': day(b, 100)}}))
    a = office.post(A + '/village-duties', {'fields': {'village': '999', 'role': 'leader', 'name': 'x'}})
    b.equal((a.status, fields_wrong(a)), (422, ['village']), 'a village that is none')
    names = [r['name'] for r in b.client('village').get(A + '/village-duties').json['rows']]
    b.check('周明' in names and '吴亮' not in names, f'a village sees {names}')
    no = next(r['no'] for r in office.get(A + '/village-duties').json['rows'] if r['name'] == '周明')
    made(b, office.post(f'{A}/village-duties/{no}/end', {'to': day(b)}), 200)
    names = [r['name'] for r in office.get(A + '/village-duties').json['rows']]
    b.check('周明' not in names, 'ended')


def test_policies_and_receipts(b):
    office, clerk = b.client('office'), b.client('village')
    p = made(b, office.post(A + '/policies', {'fields': {
        'title': '退出标准问答', 'office': '县扶贫办', 'doc_no': '县扶办〔2018〕5号', 'issued': day(b, 9),
        'readers': 'village,team', 'body': '正文'}}))
    b.equal((p['readers_wanted'], p['readers_done']), (2, 0), 'readers')
    before = clerk.get(A + '/today').json['counts']['policies_unread']
    made(b, clerk.post(f'{A}/policies/{p["no"]}/read'), 200)
    made(b, clerk.post(f'{A}/policies/{p["no"]}/read'), 200)
    b.equal(clerk.get(A + '/today').json['counts']['policies_unread'], before - 1, 'unread')
    one = office.get(f'{A}/policies/{p["no"]}').json
    b.equal([(r['login'], bool(r['at'])) for r in one['receipts']], [('team', False), ('village', True)], 'receipts')
    b.check('receipts' not in clerk.get(f'{A}/policies/{p["no"]}').json, 'a reader sees who else has read')
    b.equal(clerk.post(A + '/policies', {'fields': {'title': 'x'}}).status, 403, 'a village entering documents')
    pack = clerk.get(A + '/pack').json
    b.check(pack['rules'] and all(r['title']['zh'] for r in pack['rules']), 'the pack in words')


def test_ledgers_asked_for(b):
    prepare(b)
    office = b.client('office')
    a = office.post(A + '/ledger-requests', {'fields': {'layout': 'nonsense', 'unit': UNIT, 'due': day(b, -3)}})
    b.equal((a.status, fields_wrong(a)), (422, ['layout']), 'a ledger that is none')
    r = made(b, office.post(A + '/ledger-requests', {'fields': {
        'layout': 'visit', 'unit': UNIT, 'requested': day(b, 2), 'due': day(b, -3)}}))
    other = made(b, office.post(A + '/ledger-requests', {'fields': {
        'layout': 'pension', 'unit': OTHER_UNIT, 'requested': day(b, 9), 'due': day(b, 2)}}))
    b.check(other['overdue'], 'overdue')
    seen = [x['no'] for x in b.client('unit').get(A + '/ledger-requests').json['rows']]
    b.check(r['no'] in seen and other['no'] not in seen, f'a unit sees {seen}')
    b.equal(made(b, office.post(f'{A}/ledger-requests/{other["no"]}/remind'), 200)['reminders'], 1, 'reminded')
    letter = office.get(f'{A}/ledger-requests/{other["no"]}/reminder.pdf')
    b.equal((letter.status, letter.body[:5]), (200, b'%PDF-'), 'the reminder on paper')
    b.equal(b.client('unit').get(f'{A}/ledger-requests/{other["no"]}/reminder.pdf').status, 404, 'another unit\'s')
    b.equal(b.client('unit').get(f'{A}/ledger-requests/{r["no"]}/reminder.pdf').status, 200, 'their own')
    a = office.put(f'{A}/ledger-requests/{other["no"]}', {'fields': {'state': 'returned'}})
    b.equal((a.status, fields_wrong(a)), (422, ['remark']), 'closed by hand without words')
    made(b, office.put(f'{A}/ledger-requests/{other["no"]}',
                       {'fields': {'state': 'returned', 'remark': '纸质已收'}}), 200)
    # the file arrives
    b.check(b.stop() is None, 'stopping')
    hh_no = b.rows('SELECT hh_no FROM household LIMIT 1')[0][0]
    visits = b.folder / '走访记录再补.csv'
    visits.write_text(f'户编号,走访日期,走访内容\n{hh_no},2018-01-03,复核\n', encoding='utf-8')
    b.run('import', '--data', b.data, '--as', 'visit', '--authorisation', 'test', visits, ok=(0, 1))
    b.start()
    rows = b.client('office').get(A + '/ledger-requests?layout=visit').json['rows']
    b.equal([(x['state'], x['returned'], x['ledger'] > 0) for x in rows if x['no'] == r['no']],
            [('returned', day(b), True)], 'after the file has come')


def test_today_and_day_sheet(b):
    prepare(b)
    late = issue(b, title='逾期任务', area=b.village, issued=day(b, 9), due=day(b, 2))
    clerk = b.client('village').get(A + '/today').json
    b.check(any(t['no'] == late and t['late'] == 'overdue' and t['level'] == 1 for t in clerk['tasks']),
            'the late task is on the clerk\'s day')
    b.check(clerk['counts']['overdue'] >= 1, 'and counted')
    s = b.client('leader').get(A + '/day-sheet').json
    line = next(v for v in s['villages'] if v['code'] == b.village)
    b.check(line['tasks']['overdue'] >= 1, f'the village\'s line: {line}')
    for part in ('findings', 'tasks'):
        total = s['total'][part]
        b.equal(sum(v[part]['open'] for v in s['villages']), total['open'], f'{part}: lines and total')
    b.check(s['total']['findings']['open'] > 0 or wait_for_findings(b), 'findings of the town')
    b.equal(b.client('village').get(A + '/day-sheet').status, 403, 'a village asking for the day sheet')
    a = b.client('leader').get(A + '/day-sheet?date=' + day(b, -1))
    b.equal((a.status, fields_wrong(a)), (422, ['date']), 'tomorrow\'s sheet')


def wait_for_findings(b):
    """The first check of a new town takes a moment."""
    for _ in range(100):
        if b.client('leader').get(A + '/day-sheet').json['total']['findings']['open']:
            return True
        time.sleep(0.2)
    return False
