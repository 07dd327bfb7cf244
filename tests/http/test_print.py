# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages for paper and somebody else's forms, asked for by those who would."""
import io
import re
import zipfile

import served

TABLE = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>统计表</t></is></c></row>'
    '<row r="2">{heads}</row><row r="3">{blank}</row>'
    '<row r="4"><c r="A4" t="inlineStr"><is><t>合计</t></is></c><c r="D4"><f>SUM(D3:D3)</f></c></row>')
HEADS = ('序号', '户主姓名', '户主身份证号码', '家庭人口', '从来没有的栏目')


def cell(ref, text):
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


def form(prefix=''):
    """A workbook of one sheet, as small as one can be."""
    letters = 'ABCDE'
    rows = TABLE.format(heads=''.join(cell(f'{c}2', h) for c, h in zip(letters, HEADS)),
                        blank=''.join(f'<c r="{c}3"/>' for c in letters))
    ns = 'http://schemas.openxmlformats.org/'
    main = ns + 'spreadsheetml/2006/main'
    rel = ns + 'officeDocument/2006/relationships'
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('[Content_Types].xml', f'<Types xmlns="{ns}package/2006/content-types"/>')
        z.writestr('_rels/.rels', f'<Relationships xmlns="{ns}package/2006/relationships"><Relationship '
                   f'Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        z.writestr('xl/workbook.xml', f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="表" '
                   'sheetId="1" r:id="r1"/></sheets></workbook>')
        z.writestr('xl/_rels/workbook.xml.rels', f'<Relationships xmlns="{ns}package/2006/relationships">'
                   f'<Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/>'
                   '</Relationships>')
        z.writestr('xl/worksheets/sheet1.xml', f'{prefix}<worksheet xmlns="{main}"><sheetData>{rows}'
                   '</sheetData></worksheet>')
    return out.getvalue()


def send(client, data, name='县里的表.xlsx'):
    body, kind = served.upload([(name, data)])
    return client.call('POST', '/api/v1/forms', body, Content_Type=kind)


def sheet_of(answer):
    with zipfile.ZipFile(io.BytesIO(answer.body)) as z:
        return z.read('xl/worksheets/sheet1.xml').decode()


def is_pdf(b, a, what):
    b.check(a.status == 200 and a.body.startswith(b'%PDF-'), f'{what}: {a.status} {a.body[:200]!r}')


def test_pages(b):
    office = b.client('office')
    is_pdf(b, office.get(f'/api/v1/villages/{b.village}/visit-sheets.pdf'), 'visit sheets')
    is_pdf(b, office.get(f'/api/v1/villages/{b.village}/exam.pdf?lang=en'), 'exam')
    is_pdf(b, office.get('/api/v1/duties/chart.pdf'), 'chart')
    is_pdf(b, office.get('/api/v1/duties/letters.pdf?until=2018-12-31'), 'letters')
    a = office.get(f'/api/v1/villages/{b.village}/exam.xlsx')
    b.check(a.body.startswith(b'PK'), f'exam workbook: {a.status}')
    again = office.get(f'/api/v1/villages/{b.village}/exam.pdf?lang=en')
    b.check(again.body == office.get(f'/api/v1/villages/{b.village}/exam.pdf?lang=en').body,
            'the same page twice differs')


def test_pages_of_a_cadre(b):
    cadre = b.client('cadre')
    own = b.rows('SELECT household FROM duty WHERE helper = ? AND unit = ? LIMIT 1', b.helper,
                 b.helper_unit)[0][0]
    is_pdf(b, cadre.get(f'/api/v1/households/{own}/visit-sheet.pdf'), 'own household')
    a = cadre.get(f'/api/v1/households/{own}/visit-sheet.pdf?full_ids=test')
    b.equal((a.status, a.code), (403, 'FORBIDDEN'), 'full numbers for a cadre')


def pages_of(pdf):
    return len(re.findall(rb'/Type\s*/Page\b', pdf))


def test_day_sheet_on_paper(b):
    office, leader = b.client('office'), b.client('leader')
    today = office.get('/api/v1/meta').json['today']
    a = office.post('/api/v1/tasks', {'fields': {'title': '调度单上的逾期任务', 'area': b.village,
                                                 'issued': '2018-01-02', 'due': '2018-01-10'}})
    b.equal(a.status, 201, f'a late task: {a.body[:200]!r}')
    a = leader.get('/api/v1/day-sheet.pdf')
    is_pdf(b, a, 'day sheet')
    b.equal(pages_of(a.body), 1, 'pages of the day sheet')
    b.check('attachment' in a.headers['Content-Disposition'] or today in a.headers['Content-Disposition'],
            f"its name: {a.headers['Content-Disposition']}")
    b.check(a.body == leader.get('/api/v1/day-sheet.pdf').body, 'the same sheet twice differs')
    is_pdf(b, leader.get('/api/v1/day-sheet.pdf?date=2018-01-09&lang=en'), 'day sheet of a day gone by')
    for wrong in ('2999-01-01', '2018-01', 'x'):
        b.equal(leader.get('/api/v1/day-sheet.pdf?date=' + wrong).status, 422, f'day {wrong}')


def test_minutes_on_paper(b):
    office = b.client('office')
    no = office.post('/api/v1/meetings', {'fields': {
        'level': 'town', 'kind': 'dispatch', 'title': '周调度会', 'date': '2018-01-05', 'number': '12',
        'agenda': '一、通报；\n\n二、部署。', 'minutes': '会议要求逐户核对。'}}).json['no']
    office.put(f'/api/v1/meetings/{no}/attendance', {'rows': [
        {'category': 'leader', 'unit': '镇党委', 'name': '孙国强'},
        {'category': 'unit', 'unit': '镇财政所', 'name': '周建国', 'presence': 'leave', 'note': '培训'}]})
    d = office.post(f'/api/v1/meetings/{no}/decisions', {'fields': {
        'text': '三类问题清零', 'unit': '镇扶贫办', 'due': '2018-01-20'}}).json['decisions'][0]['no']
    office.post(f'/api/v1/decisions/{d}/tasks', {'tasks': [
        {'title': '危房逐户鉴定', 'area': b.village, 'due': '2099-01-08', 'evidence': '鉴定表'}]})
    is_pdf(b, office.get(f'/api/v1/meetings/{no}/minutes.pdf'), 'minutes')
    is_pdf(b, b.client('leader').get(f'/api/v1/meetings/{no}/minutes.pdf?lang=en'), 'minutes in English')
    a = office.get(f'/api/v1/meetings/{no}/minutes.docx')
    with zipfile.ZipFile(io.BytesIO(a.body)) as z:
        words = re.sub('<[^>]*>', '', z.read('word/document.xml').decode())
    for word in ('周调度会', '第12次', '孙国强', '请假 培训', '应到 2 人，实到 1 人', '1. 一、通报；', '2. 二、部署。',
                 '会议要求逐户核对。', '牵头：镇扶贫办', '危房逐户鉴定', '鉴定表', '待签收', '存证点：'):
        b.check(word in words, f'minutes without {word}')
    b.equal(office.get('/api/v1/meetings/999999/minutes.docx').status, 404, 'minutes of no meeting')


def test_full_numbers_stay_on_record(b):
    before = b.rows('SELECT count(*) FROM reveal')[0][0]
    is_pdf(b, b.client('office').get(f'/api/v1/villages/{b.village}/exam.pdf?full_ids=audit'), 'exam')
    b.equal(b.rows('SELECT count(*) FROM reveal')[0][0], before + 1, 'reveals on record')


def test_form(b):
    office = b.client('office')
    a = send(office, form())
    b.equal(a.status, 201, f'a form: {a.body[:300]!r}')
    if a.status != 201:
        return
    got = a.json
    b.equal([c['field'] for c in got['columns']], ['seq', 'head_name', 'head_id', 'members', None], 'columns')
    b.equal((got['by'], got['first'], got['last']), ('household', 3, 3), 'rows')
    no = got['no']
    a = office.put(f'/api/v1/forms/{no}', {'columns': [{'place': 'E', 'field': 'hh_no'}]},
                   If_Match=f'"v{got["version"]}"')
    b.equal((a.status, a.json['columns'][4]['field'], a.json['columns'][4]['corrected']),
            (200, 'hh_no', True), 'a column corrected')
    a = office.put(f'/api/v1/forms/{no}', {'columns': [{'place': 'Z', 'field': 'hh_no'}]})
    b.equal(a.status, 422, 'a column that is not there')
    total = b.rows('SELECT count(*) FROM household')[0][0]
    a = office.post(f'/api/v1/forms/{no}/fill')
    b.equal((a.status, int(a.headers['X-Rows'])), (200, total), 'filled')
    sheet = sheet_of(a)
    b.check(f'<f>SUM(D3:D{total + 2})</f>' in sheet, 'the total takes the rows in')
    b.check(not re.search(r'341299\d{11}[\dX]', sheet), 'numbers are masked')
    a = office.post(f'/api/v1/forms/{no}/fill', {'village': b.village, 'full_ids': '年报'})
    here = b.rows('SELECT count(*) FROM household WHERE village = ?', b.village)[0][0]
    b.equal(int(a.headers['X-Rows']), here, 'of one village')
    b.check(re.search(r'341299\d{11}[\dX]', sheet_of(a)), 'full numbers with a reason')
    a = send(office, form())
    b.equal((a.json['revision'], a.json['columns'][4]['field']), (2, 'hh_no'),
            'a new edition keeps what was corrected')
    b.check(len(office.get('/api/v1/forms').json['rows']) >= 2, 'both are kept')


def test_hostile_forms(b):
    office = b.client('office')
    for what, data in {'nothing': b'', 'no archive': b'PK\x03\x04' + b'x' * 500, 'text': b'a,b\n1,2\n',
                       'cut': form()[:-200], 'DOCTYPE': form('<!DOCTYPE a [<!ENTITY b "c">]>')}.items():
        a = send(office, data)
        b.check(400 <= a.status < 500, f'{what}: {a.status} {a.body[:200]!r}')
    a = send(office, form(), name='../../../etc/passwd')
    b.check(a.status == 201 and '/' not in a.json['file_name'], f'a path as a name: {a.body[:200]!r}')


def test_retype(b):
    office = b.client('office')
    no = b.rows('SELECT no FROM household ORDER BY no DESC LIMIT 1')[0][0]
    p = office.get(f'/api/v1/households/{no}').json['members'][0]['person']
    a = office.put(f'/api/v1/households/{no}/persons/{p["no"]}',
                   {'fields': {'name': '改名乙'}, 'reason': '户口簿'}, If_Match=f'"v{p["version"]}"')
    b.equal(a.status, 200, a.body[:200])
    key = f'person-{p["no"]}-name'
    rows = {r['key']: r for r in office.get('/api/v1/retype?state=open').json['rows']}
    b.equal((rows[key]['old'], rows[key]['new'], rows[key]['evidence']), (p['name'], '改名乙', '户口簿'),
            'what is to be typed')
    a = office.post('/api/v1/retype/' + key, {'typed_on': '2018-01-14'})
    b.equal((a.status, a.json['state']), (200, 'typed'), 'ticked off')
    b.check(key not in {r['key'] for r in office.get('/api/v1/retype?state=open').json['rows']}, 'done')
    a = office.post('/api/v1/retype/person-1-nothing')
    b.equal(a.status, 404, 'what is not on the list')
    a = office.post('/api/v1/retype/confirm')
    b.equal((a.status, a.json), (200, {'confirmed': 0}), 'nothing to confirm')
