#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A month of a town's work, through the server's own interface.

  demo_month.py URL LOGIN PASSWORD

LOGIN is an administrator of a server that has a register (daohu import) and findings.
Makes one account a role and unit, meetings of the county and the town, decisions
carried into tasks in every state of their life, policy documents with receipts,
ledgers asked for, duties, and findings that were assigned, answered and reviewed;
then prints the log-ins.  Every day is counted back from the server's today, names
are made up, phone numbers begin with 100.  It is run once, on a new town.
"""
import datetime
import http.cookiejar
import json
import sys
import urllib.error
import urllib.request

PASSWORD = 'daohu-demo-1'  # of every account made here: a demonstration, not a secret


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f'{status} {body}')
        self.status, self.body = status, body


class Client:
    """One person at one browser: cookie, CSRF token, JSON in and out."""

    def __init__(self, url, login=None, password=None):
        self.url, self.csrf = url.rstrip('/') + '/api/v1', None
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        if login:
            self.csrf = self.post('/session', login=login, password=password)['csrf']

    def call(self, method, path, body=None):
        head = {'Content-Type': 'application/json', 'Accept-Language': 'zh'}
        if self.csrf and method != 'GET':
            head['X-CSRF-Token'] = self.csrf
        data = None if body is None else json.dumps(body).encode()
        rq = urllib.request.Request(self.url + path, data, head, method=method)
        try:
            with self.opener.open(rq, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as e:
            raise Refused(e.code, e.read().decode('utf-8', 'replace')) from None
        return json.loads(text) if text else None

    def get(self, path):
        return self.call('GET', path)

    def post(self, path, **body):
        return self.call('POST', path, body)

    def put(self, path, **body):
        return self.call('PUT', path, body)


UNITS = [  # login, name, unit, post
    ('minzheng', '陈桂兰', '镇民政办', '主任'),
    ('xuexiao', '孙立新', '镇中心学校', '校长'),
    ('weisheng', '马秀芳', '镇卫生院', '院长'),
    ('caizheng', '周建国', '镇财政所', '所长'),
    ('shuili', '吴长河', '镇水利站', '站长'),
    ('nongye', '郑春田', '镇农技站', '站长'),
    ('zhujian', '胡大庆', '镇村镇建设办', '主任'),
    ('jingqu', '徐海波', '八里河景区管委会', '副主任'),
    ('yuchang', '丁水生', '八里河渔场', '场长'),
]
SURNAMES, GIVEN = '王李张刘陈杨赵黄周吴徐孙马朱胡', ['建军', '秀英', '志强', '桂芳', '永和', '明亮', '红梅']


def made_up_name(i):
    return SURNAMES[i * 7 % len(SURNAMES)] + GIVEN[i * 3 % len(GIVEN)]


class Month:
    def __init__(self, url, login, password):
        self.url = url
        self.admin = Client(url, login, password)
        self.meta = self.admin.get('/meta')
        self.today = datetime.date.fromisoformat(self.meta['today'])
        root = self.meta['root']['code']
        self.villages = [v for v in self.meta['villages'] if v['code'].startswith(root)]
        self.people, self.clients, self.logins = {}, {}, []

    def day(self, ago):
        return (self.today - datetime.timedelta(days=ago)).isoformat()

    # --- accounts

    def account(self, login, name, role, unit=None, **more):
        fields = {'login': login, 'name': name, 'role': role, 'areas': self.meta['root']['code'], **more}
        if unit:
            fields['unit'] = unit
        self.admin.post('/users', fields=fields, password=PASSWORD)
        # for a demonstration the first password may stay
        self.admin.put(f'/users/{login}', fields={'must_change': False})
        self.clients[login] = Client(self.url, login, PASSWORD)
        self.logins.append((login, name, role, unit or ''))

    def accounts(self):
        helpers = self.admin.get('/duties/summary')['by_helper']
        self.account('bangong', '王志远', 'office', '镇扶贫办')
        self.account('shuji', '孙国强', 'leader', '镇党委')
        for login, name, unit, _ in UNITS:
            self.account(login, name, 'unit', unit)
        for i, v in enumerate(self.villages):
            self.account(f'cun{i + 1}', made_up_name(i), 'village', v['name'], areas=v['code'])
        self.account('gongzuodui', '刘向阳', 'team', '县文旅局', areas=self.villages[0]['code'])
        if helpers:
            h = helpers[0]
            self.account('zerenren', h['helper'], 'cadre', h['unit'] or None, helper=h['helper'])
        self.account('pinggu', '高文博', 'assessor', '第三方评估组')
        self.account('shenji', '钱守正', 'auditor', '县审计局')
        self.people = {p['login']: p['no'] for p in self.admin.get('/people')['rows']}
        self.office, self.leader = self.clients['bangong'], self.clients['shuji']

    # --- duties

    def duties(self):
        roles = [('leader', '镇党委', '党委委员'), ('first_secretary', '县文旅局', '第一书记'),
                 ('team_leader', '县文旅局', '队长'), ('unit', '县文旅局', ''), ('clerk', '', '扶贫专干')]
        for i, v in enumerate(self.villages):
            for k, (role, unit, post) in enumerate(roles):
                fields = {'village': v['code'], 'role': role, 'valid_from': self.day(280)}
                if role == 'unit':
                    fields['unit'] = UNITS[i % len(UNITS)][2]
                else:
                    fields.update(name=made_up_name(i * 5 + k), unit=unit or v['name'], post=post,
                                  phone=f'100{i:02d}{k:02d}{8:04d}')
                self.office.post('/village-duties', fields=fields)
        alone = self.office.get('/duties?state=unassigned&limit=8')['rows']
        if alone:
            self.office.post('/duties/assign', households=[d['household'] for d in alone[:5]],
                             helper='丁水生', unit='八里河渔场', phone='10088880001',
                             **{'from': self.day(6)}, reason='补派帮扶责任人')

    # --- policies and ledgers

    def policies(self):
        docs = [
            ('关于进一步核准建档立卡数据的通知', '县扶组〔2018〕3号', 27, '', None),
            ('贫困户退出标准和程序问答', '县扶办〔2018〕5号', 20, 'village,team,cadre', None),
            ('第三方评估迎检工作提纲', '八发〔2018〕7号', 9, 'office,unit,village,team', 5),
        ]
        numbers = []
        for title, doc_no, ago, readers, by in docs:
            fields = {'title': title, 'doc_no': doc_no, 'office': '县扶贫开发领导小组',
                      'level': 'county', 'issued': self.day(ago), 'valid_from': self.day(ago),
                      'body': f'{title}。\n各村、各单位要对照标准，逐户逐项核对，做到账账相符、账实相符。'}
            if readers:
                fields['readers'] = readers
            if by:
                fields['read_by'] = self.day(by)
            numbers.append(self.office.post('/policies', fields=fields)['no'])
        for i, (login, client) in enumerate(self.clients.items()):
            for k, no in enumerate(numbers):
                if (i + k) % 3:
                    client.post(f'/policies/{no}/read')

    def ledgers(self):
        asked = [('student', '镇中心学校', 24, 17), ('insurance', '镇卫生院', 24, 17),
                 ('dibao', '镇民政办', 24, 14), ('house', '镇村镇建设办', 12, 3),
                 ('payroll', '镇财政所', 5, -4), ('employment', '镇农技站', 4, -6)]
        known = {layout['id'] for layout in self.meta['layouts']}
        for i, (layout, unit, ago, due) in enumerate(asked):
            if layout not in known:
                continue
            r = self.office.post('/ledger-requests', fields={
                'layout': layout, 'unit': unit, 'requested': self.day(ago), 'due': self.day(due),
                'note': '按模板填报，名册不留空行，证件号码按文本格式。'})
            if i < 2:
                self.office.put(f"/ledger-requests/{r['no']}", fields={
                    'state': 'returned', 'returned': self.day(due + 1), 'remark': '电子表已收，见历史台账'})
            elif due > 0:
                self.office.post(f"/ledger-requests/{r['no']}/remind")

    # --- meetings and their tasks

    def meeting(self, level, kind, title, ago, number=None, conveys=None, **more):
        fields = {'level': level, 'kind': kind, 'title': title, 'date': self.day(ago), **more}
        if number:
            fields['number'] = number
        if conveys:
            fields['conveys'] = conveys
        return self.office.post('/meetings', fields=fields)['no']

    def attend(self, no):
        rows = [{'category': 'leader', 'unit': '镇党委', 'name': '孙国强', 'post': '党委书记'},
                {'category': 'leader', 'unit': '镇政府', 'name': '韩立民', 'post': '镇长'},
                {'category': 'poverty_specialist', 'unit': '镇扶贫办', 'name': '王志远', 'post': '主任'},
                {'category': 'family_planning_specialist', 'unit': '镇计生办', 'name': '何玉梅', 'post': '专干'}]
        for login, name, unit, post in UNITS:
            category = {'jingqu': 'scenic_area', 'yuchang': 'fishing_ground', 'xuexiao': 'school'}
            rows.append({'category': category.get(login, 'unit'), 'unit': unit, 'name': name, 'post': post})
        for i, v in enumerate(self.villages):
            presence = ['present', 'present', 'substitute', 'present', 'leave'][i % 5]
            rows.append({'category': 'village_committee', 'unit': v['name'], 'name': made_up_name(i),
                         'post': '书记', 'presence': presence})
        rows.append({'category': 'village_team', 'unit': '县文旅局', 'name': '刘向阳', 'post': '第一书记'})
        self.office.put(f'/meetings/{no}/attendance', rows=rows)

    def decide(self, meeting, text, unit, due):
        answer = self.office.post(f'/meetings/{meeting}/decisions',
                                  fields={'text': text, 'unit': unit, 'due': self.day(due)})
        return answer['decisions'][-1]['no']

    def task(self, decision, title, issued, due, **more):
        fields = {'title': title, 'decision': str(decision), 'issued': self.day(issued),
                  'due': self.day(due), **more}
        return self.office.post('/tasks', fields=fields)['no']

    def step(self, who, no, move, ago, text=None, **more):
        body = {'day': self.day(ago), **more}
        if text:
            body['text'] = text
        self.clients[who].post(f'/tasks/{no}/{move}', **body)

    def until(self, no, login, start, state, words):
        """Carries a task from the day it was issued to a state of its life."""
        life = ['acknowledge', 'progress', 'prove', 'check', 'close']
        reach = {'issued': 0, 'acknowledged': 1, 'under_way': 2, 'proven': 3, 'returned': 3,
                 'checked': 4, 'closed': 5}[state]
        for i, move in enumerate(life[:reach]):
            ago = max(start - 1 - 2 * i, 0)
            if move == 'progress':
                self.step(login, no, move, ago, '已完成一半以上', percent=60)
            elif move == 'prove':
                self.step(login, no, move, ago, words)
            elif move in ('check', 'close'):
                self.step('bangong', no, move, ago, '抽查属实')
            else:
                self.step(login, no, move, ago)
        if state == 'returned':
            self.step('bangong', no, 'return', max(start - 8, 0), '缺户主签字，补齐后再报')

    def first_meeting(self):
        county = self.meeting('county', 'promotion', '全县脱贫攻坚第79次推进会', 28, number=79,
                              place='县会议中心', chair='县委副书记', organiser='县扶贫开发领导小组',
                              agenda='一、通报数据核查情况；二、部署第三方评估准备工作。')
        town = self.meeting('town', 'promotion', '八里河镇脱贫攻坚推进会', 28, conveys=county, time='14:30',
                            place='镇政府三楼会议室', chair='孙国强', recorder='何玉梅', organiser='镇扶贫办',
                            agenda='一、传达全县第79次推进会精神；二、分析当前形势；三、明确责任分工；四、政策解读。',
                            minutes='会议传达了全县第79次推进会精神，要求以第三方评估标准为导向，以问题为导向，'
                                    '干部下沉到村到户，夯实基础，进一步完善各项数据。')
        self.attend(town)
        d1 = self.decide(town, '各单位核准本行业台账，与建档立卡数据逐户比对', '镇扶贫办', 7)
        d2 = self.decide(town, '各村逐户开展“四个比对”，整改到位后逐户签字', '各村两委', 2)
        d3 = self.decide(town, '明确帮扶责任，责任书签订到户', '镇党委', 14)
        states = ['closed', 'closed', 'checked', 'proven', 'returned', 'under_way', 'acknowledged', 'issued', 'closed']
        for (login, _, unit, _), state in zip(UNITS, states):
            no = self.task(d1, f'{unit}行业台账核准', 27, 7, unit=unit, evidence='核准后的台账和经办人签字页')
            self.until(no, login, 27, state, '台账已逐条核准，差异清单附后')
        for i, v in enumerate(self.villages):
            state = ['closed', 'under_way', 'proven', 'closed', 'under_way', 'acknowledged'][i % 6]
            no = self.task(d2, f"{v['name']}逐户“四个比对”", 26, 2, area=v['code'], evidence='逐户比对表',
                           target='60')
            self.until(no, f'cun{i + 1}', 26, state, '全村已逐户比对，签字表已装盒')
        no = self.task(d3, '签订帮扶责任书', 26, 14, unit='镇扶贫办', evidence='责任书扫描件')
        self.step('bangong', no, 'prove', 15, '责任书全部签订')
        self.step('shuji', no, 'close', 14, '同意')

    def second_meeting(self):
        town = self.meeting('town', 'dispatch', '八里河镇脱贫攻坚周调度会', 14, time='8:30', place='镇政府二楼会议室',
                            chair='孙国强', recorder='何玉梅', organiser='镇扶贫办')
        self.attend(town)
        d = self.decide(town, '危房户、辍学学生、未参保人员三类问题限期清零', '镇扶贫办', 0)
        zhujian = self.task(d, '危房户逐户鉴定并明确改造时限', 13, 3, unit='镇村镇建设办')
        self.step('zhujian', zhujian, 'acknowledge', 12)
        part = self.clients['zhujian'].post('/tasks', fields={
            'title': '渔民社区危房复核', 'parent': str(zhujian), 'issued': self.day(12), 'due': self.day(4),
            'area': self.villages[0]['code']})['no']
        self.step('cun1', part, 'prove', 6, '三户已复核，鉴定表已交')
        self.step('zhujian', part, 'close', 5, '已收')
        xuexiao = self.task(d, '辍学疑点学生逐人家访', 13, 1, unit='镇中心学校', files_wanted='0')
        self.until(xuexiao, 'xuexiao', 13, 'under_way', '')
        weisheng = self.task(d, '未参保人员逐人核对并动员参保', 13, -3, unit='镇卫生院', target='120')
        self.step('weisheng', weisheng, 'progress', 8, '已核对48人', done=48)
        gone = self.task(d, '景区周边农家乐用工意向调查', 13, 6, unit='八里河景区管委会')
        self.step('bangong', gone, 'cancel', 10, '并入产业扶贫专项')

    def later_meetings(self):
        town = self.meeting('town', 'training', '第三方评估政策业务培训会', 5, place='镇中心学校阶梯教室',
                            chair='韩立民', organiser='镇扶贫办')
        self.attend(town)
        d = self.decide(town, '责任人本周内入户一遍，宣讲政策，核实收入', '各村两委', -5)
        if 'zerenren' in self.people:
            no = self.task(d, '入户走访并核实2017年收入', 4, -5, account=str(self.people['zerenren']))
            self.step('zerenren', no, 'acknowledge', 3)
        for i, v in enumerate(self.villages[:3]):
            self.task(d, f"{v['name']}入户情况汇总", 4, -5, area=v['code'])
        self.meeting('town', 'dispatch', '八里河镇脱贫攻坚周调度会（下周）', -3, place='镇政府二楼会议室', chair='孙国强',
                     organiser='镇扶贫办', agenda='一、通报逾期任务；二、评估前最后一遍自查。')

    # --- findings

    def served(self, path):
        with urllib.request.urlopen(self.url.rstrip('/') + '/openapi.json', timeout=60) as answer:
            return '/api/v1' + path in json.load(answer)['paths']

    def findings(self):
        if not self.served('/findings/assign'):
            return
        by_village = {v['code']: f'cun{i + 1}' for i, v in enumerate(self.villages)}
        names = {v['code']: v['name'] for v in self.villages}
        lists = [self.office.get(f'/findings?village={code}&limit=6')['rows'] for code in by_village]
        rows = [r for some in zip(*[(x + [None] * 6)[:6] for x in lists]) for r in some if r]
        for i, r in enumerate(rows[:40]):
            login = by_village[r['village']]
            self.office.post('/findings/assign', findings=[r['no']], account=login,
                             unit=names[r['village']], due=self.day(-(i % 7)), note='请核实后答复')
            if i % 4 == 0:
                continue
            state = ['file_fixed', 'ledger_wrong', 'explained', 'pending'][i % 4]
            self.clients[login].post(f"/findings/{r['no']}/answer", state=state, day=self.day(i % 6),
                                     remark='已入户核实', evidence='入户核查表')
            if i % 4 == 2:
                self.office.post(f"/findings/{r['no']}/review", accept=i % 8 == 2, remark='抽查')
        found = [('inspection', '手册漏填帮扶措施签字'), ('complaint', '群众反映慰问金未到户'),
                 ('self_check', '明白卡收入与系统不一致')]
        for (source, text), r in zip(found, rows[40:]):
            self.office.post('/findings', household=r['household'], source_kind=source, text=text, fixer='V',
                             due=self.day(-7))

    def run(self):
        self.accounts()
        self.duties()
        self.policies()
        self.ledgers()
        self.first_meeting()
        self.second_meeting()
        self.later_meetings()
        self.findings()
        seen = set()
        print('登录名 / log-in   口令 / password   姓名、角色、单位')
        for login, name, role, unit in self.logins:
            if role not in seen:
                print(f'{login:<16}  {PASSWORD:<16}  {name} {role} {unit}')
            seen.add(role)


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    Month(*sys.argv[1:]).run()
