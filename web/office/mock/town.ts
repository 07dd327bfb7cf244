// SPDX-License-Identifier: AGPL-3.0-or-later
// An invented town: the same from run to run, with a four-character name and a long address in it.
import type { Account, DutyRow, FindingRow, HouseholdRow, LedgerRequest, LedgerRow, LinkRow, Meta, MeetingFile, PolicyRow, RetypeRow, TaskRow } from '../src/api/types'
import type { Pack } from './meta'

let seed = 20180114
export function rnd(n: number): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return Math.floor(seed / 4294967296 * n)
}
const pick = <T>(list: readonly T[]): T => list[rnd(list.length)]!
const SUR = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤']
const GIVEN = [...'秀英桂兰玉珍素梅建国志强文军海燕春梅红霞永福德贵振华玉兰凤英俊杰丽娟小芳世昌家宝长生传友保全如意新民学成广才仁义明亮']
export const person = () => pick(SUR) + pick(GIVEN) + (rnd(4) ? pick(GIVEN) : '')
export const VILLAGES = ['八里河社区', '赵庄村', '张庙村', '王楼村', '李圩村', '陈湾村', '刘集村', '孙岗村', '马店村', '淮光村', '沿河村', '长林村', '新桥村', '柳沟村', '大刘村', '赛南村', '龙庙村', '古渡村']
  .map((name, i) => ({ code: '341226115' + String(200 + i), name }))
const UNITS = ['镇扶贫办', '镇民政所', '镇中心校', '镇卫生院', '镇财政所', '镇国土所', '镇林业站', '镇残联', '八里河风景区管委会', '镇农技站', '镇人社所', '县畜牧兽医水产局']
const day = (n: number) => new Date(Date.UTC(2018, 0, 15 + n)).toISOString().slice(0, 10)
const at = (n: number, h = 8) => new Date(Date.UTC(2018, 0, 15 + n, h, rnd(60))).toISOString()

const LONG = '安徽省阜阳市颍上县八里河镇八里河社区居民委员会沿淮大堤东侧大桥自然村南湾组第一百二十八号院内西户'
export const COLUMNS = [{ header: '姓名', field: 'name', label: '姓名' }, { header: '身份证', field: 'id_no', label: '证件号码' }, { header: '所在村居', field: 'village', label: '行政村' }]
/** What may be done with a task in each state. */
export const ACTIONS: Record<string, string[]> = {
  issued: ['acknowledge', 'progress', 'prove', 'cancel'], acknowledged: ['progress', 'prove', 'cancel'], under_way: ['progress', 'prove', 'cancel'],
  returned: ['progress', 'prove', 'cancel'], proven: ['check', 'return', 'close', 'cancel'], checked: ['close', 'return', 'cancel'], closed: ['return'], cancelled: []
}

export interface Town {
  households: HouseholdRow[]; findings: FindingRow[]; tasks: TaskRow[]; ledgers: LedgerRow[]; requests: LedgerRequest[]; links: LinkRow[]
  meetings: MeetingFile[]; policies: PolicyRow[]; retype: RetypeRow[]; duties: DutyRow[]; accounts: Account[]; helpers: string[]
}

export function makeTown(n: number, pack: Pack, meta: Meta): Town {
  seed = 20180114
  const helpers = Array.from({ length: 160 }, person)
  const households: HouseholdRow[] = Array.from({ length: n }, (_, i) => {
    const v = VILLAGES[i % VILLAGES.length]!
    return {
      no: i + 1, hh_no: '3412261152' + String(10000 + i), village: v.code, group_name: pick(['前庄', '后庄', '东队', '西队', '大桥组', '南湾自然村']), head_name: i === 2 ? '欧阳建国' : i === 5 ? '尉迟秀英' : person(),
      members: 1 + rnd(6), status: pick(['listed', 'exited', 'exited', 'exited', 'returned']), attr: pick(['ordinary', 'ordinary', 'dibao', 'tekun']), findings_open: rnd(3) ? 0 : 1 + rnd(4),
      helper: rnd(40) ? pick(helpers) : null
    }
  })
  const states = ['new', 'new', 'new', 'assigned', 'assigned', 'checked', 'answered', 'returned', 'reopened', 'fixed', 'closed']
  const findings: FindingRow[] = n === 0 ? [] : Array.from({ length: Math.floor(n * 0.9) }, (_, i) => {
    const r = pick(pack.rules)
    const h = i < 4 ? households[2]! : pick(households)
    const state = pick(states)
    const given = !['new', 'reopened'].includes(state)
    return {
      no: i + 1, version: 1 + rnd(4), rule: r.id, title: r.title.zh, severity: r.severity, certainty: r.title.zh.startsWith('疑似') ? 'probable' : 'sure', fixer: r.fixer, source_kind: 'rule', answer: ['answered', 'closed', 'returned'].includes(state) ? 'file_fixed' : null, assignee_unit: null, returned: state === 'returned' ? 1 : 0, state, household: h.no, hh_no: h.hh_no, head_name: h.head_name,
      person_name: r.scope === 'person' ? (rnd(2) ? h.head_name : person()) : null, village: h.village,
      detail: (r.detail?.zh ?? '').replace(/\{[^}]*\}/g, () => pick(['李秀兰', '2017', '3,051.00', '马店小学', '2017-09'])), source: pick(['贫困户花名册 2017-12-25 · 车辆登记 2017-12-20', '贫困户花名册 2017-12-25 · 2017年收入台账 2017-12-31', '民政低保五保名册 2017-12-20']),
      assignee: given ? pick(['王楼村 张明', '李娜', '赵庄村 陈德贵']) : null, due: given ? day(rnd(24) - 8) : null, first_seen: day(-rnd(30)), reopened: state === 'reopened' ? 1 + rnd(2) : 0
    }
  })
  const taskTitles = ['核对本村贫困户医保参保情况并补办', '完成危房鉴定复核并公示', '逐户更新帮扶手册和明白卡', '补齐2017年收入核算签字表', '收集在校学生学籍证明', '组织入户走访，填写入户核查表', '清理一人多户、死亡未销户']
  const tasks: TaskRow[] = n === 0 ? [] : Array.from({ length: 64 }, (_, i) => {
    const state = pick(['issued', 'issued', 'acknowledged', 'under_way', 'under_way', 'proven', 'returned', 'checked', 'closed'])
    const due = day(rnd(26) - 8)
    const open = !['closed', 'cancelled', 'proven', 'checked'].includes(state)
    const v = VILLAGES[i % VILLAGES.length]!
    return {
      no: i + 1, version: 1 + rnd(3), issuer_name: '李娜', days: 3, level: 0, actions: ACTIONS[state] ?? [], title: i === 3 ? '按照县第七十九次脱贫攻坚推进会要求，对照第三方评估指标逐户开展数据质量“回头看”并建立整改台账' : pick(taskTitles), state, unit: i % 3 ? undefined : pick(UNITS), area: i % 3 ? v.code : undefined,
      account: i % 2 ? 4 : undefined, account_name: i % 2 ? pick(['张明', '欧阳建国', '李娜']) : null, due, issued: day(-10), late: open && due < '2018-01-15' ? 'overdue' : open && due < '2018-01-18' ? 'soon' : 'fine',
      percent: state === 'issued' ? undefined : state === 'closed' ? 100 : rnd(10) * 10, parent: i % 9 === 8 ? i - 2 : undefined, decision: (i % 3) + 1, evidence: pick(['签字表', '照片和签字表', '参保凭证', undefined]), body: '逐户核对，有一户报一户；不得代签、不得倒推数据。', files_wanted: 1,
      target: i % 4 ? undefined : 120, done: i % 4 ? undefined : rnd(120), children: 0, children_open: 0, decision_text: '会后三日内完成各村数据自查，发现一处、更正一处', meeting: 1, expected: day(rnd(20))
    }
  })
  const ledgers: LedgerRow[] = n === 0 ? [] : meta.layouts.slice(0, 16).map((l, i) => ({
    no: i + 1, version: 1, layout: l.id, layout_title: l.title.zh, office: l.office.zh, in_force: i !== 0, mapping: COLUMNS, title: `八里河镇${l.title.zh}（截至2017年12月）`, file: `${l.title.zh}.xlsx`, as_of: day(-25 + i), as_of_from: '标题', year: 2017, covers: i % 4 ? '341226115' : VILLAGES.slice(0, 3).map(v => v.code).join(','), partial: i % 5 === 4,
    authorisation: i % 6 === 5 ? undefined : '颍扶组〔2017〕32号', row_count: 300 + rnd(9000), doubts: rnd(40), refused: rnd(12), received: at(-rnd(20)), replaces: i === 3 ? 1 : undefined
  }))
  const requests: LedgerRequest[] = n === 0 ? [] : meta.layouts.slice(0, 14).map((l, i) => ({
    no: i + 1, version: 1, layout: l.id, unit: l.office.zh, area: '341226115', due: day(i * 2 - 9), requested: day(-14), as_of: day(-20), note: i % 5 ? undefined : '请按模板逐列填写，不要合并单元格', state: i % 3 ? 'open' : 'returned',
    ledger: i % 3 ? undefined : i + 1, returned: i % 3 ? undefined : day(-3), reminders: i % 2, overdue: i % 3 > 0 && i * 2 < 9, days: 0
  }))
  const links: LinkRow[] = n === 0 ? [] : Array.from({ length: 38 }, (_, i) => {
    const name = i === 0 ? '欧阳建国' : person()
    const v = pick(VILLAGES)
    const row = [['name', '姓名', name], ['id_no', '证件号码', '341299********0137'], ['village', '行政村', v.name], ['address', '住址', i === 0 ? LONG : `${v.name}前庄`]].map(([field, label, value]) => ({ field: field!, label: label!, value: value!, compared: ({ name: 'name', id_no: 'id', village: 'village' } as Record<string, string>)[field!] ?? null }))
    const candidates = Array.from({ length: 1 + rnd(3) }, (_, k) => ({
      person: i * 10 + k + 1, household: 1 + rnd(n), hh_no: '3412261152' + String(10000 + rnd(n)), name: k ? name.slice(0, -1) + pick(GIVEN) : name, id_masked: k ? '341299********0218' : '341299********0173', birth: k ? '1957-08-21' : '1957-03-21',
      village: k === 2 ? pick(VILLAGES).code : v.code, band: k ? 'unclear' : 'probable', why: k ? '同村、同姓，名中一字不同；出生月日不同' : '姓名、村相同；证件号码第16、17位互换', agree: { name: k ? 'near' : 'agrees', id: k ? 'differs' : 'near', birth: 'missing', village: k === 2 ? 'differs' : 'agrees' } as const
    }))
    const l = pick(meta.layouts)
    return { key: 'k' + i, layout: l.id, title: l.title.zh, office: l.office.zh, place: `Sheet1!${12 + i}`, date: null, row, candidates }
  })
  const meetings: MeetingFile[] = n === 0 ? [] : [
    ['八里河镇脱贫攻坚推进会暨第三方评估迎检部署会', 'town', -1], ['颍上县第七十九次脱贫攻坚推进会', 'county', -1], ['扶贫专干业务培训会', 'town', -6], ['八里河镇脱贫攻坚周调度会（第一次）', 'town', -8]
  ].map(([title, level, d], i) => ({
    no: i + 1, version: 2, level: String(level), kind: i === 2 ? 'training' : 'promotion', number: i === 1 ? 79 : undefined, title: String(title), date: day(Number(d)), time: '15:00', place: '镇政府三楼会议室', chair: '镇长 刘文军', recorder: '李娜', organiser: '镇党委、镇政府', agenda: '一、传达县第七十九次脱贫攻坚推进会精神，部署近期工作；\n二、解读最新扶贫政策；\n三、分析当前形势，压实责任；\n四、以评估标准为导向，进一步完善数据。', minutes: '会议要求，全镇上下要以问题为导向，实事求是，提供准确数据，配合做好第三方评估。', files: [],
    attendance: UNITS.map((u, k) => ({ category: u.includes('风景区') ? 'scenic_area' : u.includes('校') ? 'school' : 'unit', unit: u, name: person(), post: pick(['所长', '站长', '校长', '负责人']), presence: pick(['present', 'present', 'present', 'substitute', 'leave', 'absent']), note: k === 3 ? '委派副院长参加' : null })),
    decisions: i > 1 ? [] : ['会后三日内完成各村数据自查，发现一处、更正一处', '各部门于1月18日前报送最新台账，由扶贫办组织比对', '帮扶责任人一周内逐户走访，逐项核对收入、住房、教育、医疗、饮水'].map((text, k) => {
      const list = tasks.filter(x => x.decision === k + 1).slice(0, 8)
      return { no: i * 10 + k + 1, version: 1, text: text!, unit: pick(UNITS), due: day(3 + k), state: k === 0 ? 'overdue' : k === 1 ? 'under_way' : 'open', tally: { tasks: k === 2 ? 0 : list.length, proven: 2, closed: 3, overdue: k === 0 ? 1 : 0 }, tasks: k === 2 ? [] : list }
    })
  }))
  const policies: PolicyRow[] = n === 0 ? [] : [
    ['关于做好2018年度第三方评估迎检工作的通知', '颍扶组〔2018〕2号', '县扶贫开发领导小组'], ['安徽省2017年度贫困人口动态调整工作方案', '皖扶办〔2017〕118号', '省扶贫办'], ['关于进一步加强建档立卡数据质量管理的意见', '颍扶办〔2017〕45号', '县扶贫办'], ['农村危房改造对象认定和竣工验收办法', '皖建村〔2017〕67号', '省住房城乡建设厅、省财政厅、省民政厅、省扶贫办、省残联']
  ].map(([title, doc_no, office], i) => ({ no: i + 1, version: 1, title: title!, doc_no: doc_no!, office: office!, level: i % 2 ? 'province' : 'county', subject: '数据质量', issued: day(-3 - i * 20), valid_from: day(-3 - i * 20), body: '各乡镇人民政府、县直有关单位：\n为做好第三方评估迎检工作，现将有关事项通知如下……', read_by: day(i - 1), replaced_by: i === 3 ? 1 : null, readers_wanted: 42, readers_done: 40 - i * 7, read_at: i === 1 ? at(-2) : null }))
  const retype: RetypeRow[] = n === 0 ? [] : Array.from({ length: 55 }, (_, i) => {
    const h = pick(households)
    const [record, field, old, now] = pick([['person', 'birth', '1957-03-12', '1957-03-21'], ['person_year', 'insured_resident', '0', '1'], ['household_year', 'house_grade', 'd', 'b'], ['household', 'group_name', '', '后庄']] as const)
    const state = i % 8 === 0 ? 'confirmed' : i % 4 === 0 ? 'typed' : 'open'
    return { key: 'r' + i, record, field, household: h.no, hh_no: h.hh_no ?? '', head_name: h.head_name ?? '', person: i % 2 ? person() : '', village: h.village ?? '', old, new: now, added: false, evidence: '户口簿照片', changed_at: at(-rnd(8)), event_date: null, actor: '李娜', state, typed_by: state === 'open' ? null : '李娜', typed_on: state === 'open' ? null : day(-1), confirmed_on: state === 'confirmed' ? day(0) : null }
  })
  const duties: DutyRow[] = households.map((h, i) => ({ household: h.no, hh_no: h.hh_no, village: h.village, group_name: h.group_name, head_name: h.head_name, duty: h.helper ? i + 1 : null, helper: h.helper, unit: h.helper ? pick(UNITS) : null, from: h.helper ? '2017-03-01' : null, to: null, by_hand: false, beside: i % 50 === 7 && h.helper ? 1 : 0, households: h.helper ? 6 + rnd(9) : 0 }))
  const accounts: Account[] = [['admin', '系统管理员', 'admin'], ['office', '李娜', 'office'], ['unit', '王志强', 'unit'], ['village', '张明', 'village'], ['team', '周海燕', 'team'], ['cadre', '欧阳建国', 'cadre'], ['leader', '刘文军', 'leader'], ['assessor', '第三方评估组', 'assessor'], ['auditor', '县审计局', 'auditor']]
    .map(([login, name, role], i) => ({ no: i + 1, version: 1, login: login!, name: name!, role: role!, unit: i === 2 ? '镇民政所' : '镇扶贫办', areas: role === 'village' || role === 'team' ? VILLAGES.slice(1, 4).map(v => v.code).join(',') : '341226115', disabled: i === 7, must_change: i === 4, has_otp: i === 0 }))
  return { households, findings, tasks, ledgers, requests, links, meetings, policies, retype, duties, accounts, helpers }
}
