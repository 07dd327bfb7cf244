// SPDX-License-Identifier: AGPL-3.0-or-later
// The mock's routes: enough of the server for every page to be opened, filtered, filled in and seen
// refusing.  What is written stays in memory.  Sends the content policy the server sends.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { createGzip } from 'node:zlib'
import type { FindingCount, FindingRow, HouseholdRow, ImportResult, Job, MeetingFile, TaskRow, Account } from '../src/api/types'
import { makeMeta, readPack } from './meta'
import { ACTIONS, COLUMNS, makeTown, rnd, VILLAGES } from './town'

const PERMISSIONS: Record<string, string> = {
  see_households: 'admin office village team cadre leader assessor', edit_households: 'admin office', see_findings: 'admin office village team cadre leader', assign_findings: 'admin office',
  answer_findings: 'admin office village team cadre', review_findings: 'admin office', enter_findings: 'admin office', see_ledgers: 'admin office leader', hand_in_ledgers: 'admin office unit', request_ledgers: 'admin office',
  review_links: 'admin office', see_duties: 'admin office village team leader', assign_duties: 'admin office', see_meetings: 'admin office leader', edit_meetings: 'admin office', see_tasks: 'admin office unit village team cadre leader',
  edit_tasks: 'admin office leader', act_tasks: 'admin office unit village team cadre', fill_forms: 'admin office', see_situation: 'admin office unit leader', see_policies: 'admin office unit village team cadre leader assessor auditor',
  edit_policies: 'admin office', see_users: 'admin auditor', manage_users: 'admin', see_journal: 'admin auditor', see_system: 'admin auditor', reveal: 'admin office', print: 'admin office village team cadre leader'
}
const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' }
const POLICY = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

class Fault extends Error {
  constructor(readonly status: number, readonly code: string, text: string, readonly fields: { field: string; code: string; text: string }[] = [], readonly current?: unknown) { super(text) }
}
const missing = () => new Fault(404, 'NOT_FOUND', '没有这条记录')

export async function serve(port: number, n: number, dist: string, root: string): Promise<{ url: string; close: () => void }> {
  const pack = readPack(root)
  const meta = makeMeta(root, pack, VILLAGES)
  const town = makeTown(n, pack, meta)
  const sessions = new Map<string, string>()
  const tries = new Map<string, number>()
  const jobs: (Job & { speed: number })[] = []
  const iso = () => new Date().toISOString()
  const job = (kind: string, title: string, total: number, result: unknown, speed = 900): { job: number } => {
    jobs.unshift({ no: jobs.length + 1, kind, title, state: 'running', by: 'office', file: kind === 'import', done: 0, total, queued_at: iso(), started_at: iso(), ended_at: null, result, error: null, speed })
    return { job: jobs.length }
  }
  const jobNow = (j: (typeof jobs)[number]): Job => {
    if (j.state === 'running') {
      j.done = Math.min(j.total ?? 0, Math.round((Date.now() - Date.parse(j.started_at!)) * j.speed / 1000))
      if (j.done >= (j.total ?? 0)) { j.state = 'done'; j.ended_at = iso() }
    }
    return { ...j, result: j.state === 'done' ? j.result : undefined }
  }
  const account = (login: string) => town.accounts.find(a => a.login === login)
  const userOf = (login: string) => {
    const a = account(login)!
    return { login, name: String(a.name), role: String(a.role), unit: a.unit as string | null, permissions: Object.entries(PERMISSIONS).filter(([, r]) => r.split(' ').includes(String(a.role))).map(([p]) => p), areas: a.areas ? String(a.areas).split(',').map(code => ({ code, name: VILLAGES.find(v => v.code === code)?.name ?? null })) : [] }
  }
  const page = <T>(rows: T[], q: URLSearchParams) => {
    const limit = Number(q.get('limit') ?? 100)
    const from = Number(q.get('after') ?? 0)
    return { rows: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : null, total: rows.length }
  }
  const open = (f: FindingRow) => !['closed', 'fixed'].includes(f.state)
  const findingsOf = (q: URLSearchParams) => town.findings.filter(f => {
    const is = (k: keyof FindingRow) => !q.get(k) || String(f[k]) === q.get(k)
    const text = q.get('q')
    const state = q.get('state')
    return (!state || (state === 'open' ? open(f) : f.state === state)) && is('rule') && is('village') && is('severity') && (!q.get('fixer') || pack.rules.find(r => r.id === f.rule)?.fixer === q.get('fixer'))
      && (!q.get('source') || q.get('source') === 'rule') && (!q.get('overdue') || (!!f.due && f.due < meta.today && open(f))) && (!text || [f.head_name, f.person_name, f.hh_no].some(x => x?.includes(text)))
  })
  const householdFile = (h: HouseholdRow) => {
    const names = Array.from({ length: h.members }, (_, i) => i === 0 ? h.head_name ?? '' : (h.head_name ?? '')[0] + ['秀英', '小军', '春梅', '芳', '家宝', '永福'][i]!)
    const rel = ['head', 'spouse', 'son', 'daughter_in_law', 'grandson', 'mother']
    return {
      household: { no: h.no, version: 2, hh_no: h.hh_no, village: h.village, group_name: h.group_name, head_name: h.head_name },
      state: [{ no: 1, version: 1, kind: 'status', code: h.status, valid_from: '2016-12-31', valid_to: null }, { no: 2, version: 1, kind: 'attr', code: h.attr, valid_from: '2014-06-01', valid_to: null }],
      years: [2017, 2016].map((year, i) => ({ no: i + 1, version: 1, year, entry_year: 2014, cause_main: 'ill', cause_others: '缺劳动力', declared_members: h.members, stated_per_capita: i ? '2890.00' : '4385.50', unsafe_house: i === 1, house_grade: i ? 'D' : 'B', water_safe: true, relocated: false, house_area: '96', arable: '5.4', ledger: 1 })),
      members: names.map((name, i) => ({
        person: { no: h.no * 10 + i, version: 1, name, sex: i % 2 ? 'female' : 'male', birth: `${1957 + i * 6}-03-12`, id_masked: '341299********013' + i, age: 60 - i * 6 },
        membership: { no: i + 1, version: 1, relation: rel[i] ?? 'other', line: i + 1, valid_from: '2014-06-01', valid_to: null },
        years: [{ no: i + 1, version: 1, year: 2017, edu: i > 3 ? 'primary' : 'junior', student: i > 3 ? 'primary' : null, labor: i === 0 ? 'weak' : 'ordinary', work_place: i === 2 ? meta.codes.work_place?.[2]?.id ?? null : null, insured_resident: i !== 4 }]
      })),
      incomes: [2017, 2016].map((year, i) => ({ no: i + 1, version: 1, year, members: h.members, wage: i ? '6000.00' : '12000.00', business: '3200.00', business_cost: '1450.00', property: i ? null : '0.00', transfer: '4560.00', t_dibao: h.attr === 'dibao' ? '3120.00' : null, t_pension: '1440.00', stated_net: i ? '12310.00' : '18310.00', stated_per_capita: i ? '2890.00' : '4385.50', ledger: 2 })),
      duties: h.helper ? [{ no: 1, version: 1, helper: h.helper, unit: '镇中心校', valid_from: '2017-03-01', valid_to: null, ledger: 3 }] : [],
      measures: [{ no: 1, version: 1, category: 'industry', content: '芡实种植补助 3 亩', date: '2017-05', amount: '1500.00', status: 'paid', ledger: 4 }, { no: 2, version: 1, category: 'health', content: '代缴城乡居民医保 2018 年度个人缴费', date: '2017-11-20', amount: '720.00', status: 'paid', ledger: null }],
      visits: [{ no: 1, version: 1, date: '2018-01-06', content: '核对医保缴费凭证，了解务工情况', visitor: h.helper ?? '村干部', ledger: null }],
      contracts: h.no % 3 ? [] : [{ no: 1, version: 1, company: '颍上八里河水产有限公司', coop: '渔歌养殖专业合作社', industry: '芡实', mode: 'dividend', amount: '3000.00', due: '2017-12-31', paid: '1500.00', ledger: 5 }],
      findings: town.findings.filter(f => f.household === h.no),
      papers: ['贫困户申请书', '全家福照片', '2017年收入核算签字表', '住房鉴定表', '脱贫确认书', '扶贫手册'].map((title, i) => ({ id: 'paper' + i, title, required: i < 5, present: (h.no + i) % 3 > 0 ? 1 : 0 })),
      corrections: h.no % 3 ? [] : [{ no: 1, version: 1, tbl: 'person', field: 'birth', value: '1957-03-12', was: '1957-03-21', says: '1957-12-03', conflict: true, reason: '户口簿', by_login: 'office', by_login_name: '李娜', at_ms: '2018-01-08T02:00:00Z', person: h.no * 10 }], files: [],
      sources: town.ledgers.slice(0, 5).map(l => ({ ledger: l.no, layout: l.layout, title: l.layout_title, office: l.office, file: l.file, as_of: l.as_of ?? null, received: l.received }))
    }
  }
  const figures = () => n === 0 ? [] : ([
    ['register', 'households', '建档立卡户', n, '户', null, null, '截至该日列入建档立卡（含已脱贫仍享受政策）的户数。'], ['register', 'persons', '建档立卡人口', n * 3, '人', null, null, '上述各户在户人口之和。'], ['exit', 'exited', '已脱贫户占比', '60.2', '%', Math.round(n * 0.602), n, '状态为已脱贫的户数 ÷ 建档立卡户数。'],
    ['exit', 'returned', '返贫户', 24, '户', null, null, '曾脱贫、现又列为贫困的户数。'], ['income', 'below_line', '收入低于标准的脱贫户', '1.4', '%', 15, Math.round(n * 0.602), '已脱贫户中，2017年人均纯收入低于当年贫困线的户数 ÷ 已脱贫户数。'], ['income', 'median', '人均纯收入中位数', '4385.50', '元', null, null, '各户2017年人均纯收入按人口加权的中位数。'],
    ['guarantees', 'insured', '基本医保参保率', '98.7', '%', Math.round(n * 2.96), n * 3, '在户人口中参加城乡居民医保或职工医保的人数 ÷ 在户人口。'], ['guarantees', 'unsafe', '住危房户', 31, '户', 31, n, '住房鉴定为C级或D级且未改造的户数。'], ['guarantees', 'water', '饮水安全率', '99.1', '%', Math.round(n * 0.991), n, '饮水安全的户数 ÷ 填报了饮水情况的户数。'], ['guarantees', 'dropout', '义务教育阶段辍学', 2, '人', 2, 512, '6至15周岁、不在校且无免学证明的人数。'],
    ['cause', 'ill', '因病致贫', '41.3', '%', Math.round(n * 0.413), n, '主要致贫原因为因病的户数 ÷ 建档立卡户数。'], ['cause', 'disab', '因残致贫', '17.8', '%', Math.round(n * 0.178), n, '主要致贫原因为因残的户数 ÷ 建档立卡户数。'], ['work', 'open', '未办结问题', town.findings.filter(open).length, '条', null, null, '未销号、未消除的问题条数。'], ['work', 'visited', '近31天走访率', '87.5', '%', Math.round(n * 0.875), n, '近31天内有走访记录的户数 ÷ 建档立卡户数。']
  ] as const).map(([group, id, title, value, unit, a, b, definition]) => ({ group, id, kind: b === null ? 'count' : 'share', title, value: String(value), unit, good: null, numerator: String(a ?? value), denominator: b === null ? null : String(b), definition, unknown: group === 'guarantees' ? 7 : 0, parts: [] }))
  const tally = (m: MeetingFile) => m.decisions.reduce((sum, d) => ({ tasks: sum.tasks + d.tally.tasks, proven: sum.proven + d.tally.proven, closed: sum.closed + d.tally.closed, overdue: sum.overdue + d.tally.overdue }), { tasks: 0, proven: 0, closed: 0, overdue: 0 })
  const count = () => ({ open: rnd(60), opened: rnd(8), closed: rnd(9), overdue: rnd(5), pace: rnd(30), waiting: rnd(6), finish: rnd(5) ? '2018-02-0' + (1 + rnd(9)) : null })
  const needs = (v: Record<string, unknown>, ...names: string[]) => {
    const wrong = names.filter(x => v[x] === undefined || v[x] === null || v[x] === '').map(field => ({ field, code: 'CELL_REQUIRED', text: '必填项为空' }))
    if (wrong.length) throw new Fault(422, 'INVALID', '内容不符合要求', wrong)
  }
  const seen = (version: number, current: { version: number }) => { if (version && version !== current.version) throw new Fault(409, 'CONFLICT', '与已有内容冲突', [], current) }
  const importResult = (names: string[], dry: boolean, password: unknown): ImportResult => ({
    dry_run: dry,
    files: names.map((name, i) => (i % 4 === 3 || name.startsWith('加密')) && password !== '密码123' ? { name, status: 'refused', code: 'FILE_PASSWORD', text: '文件有密码保护（请给出打开密码，或先去掉密码）', detail: null } : {
      name, status: 'taken' as const,
      ledgers: [{ layout: town.ledgers[i]?.layout ?? 'vehicle', title: town.ledgers[i]?.layout_title ?? null, rows: 1203, as_of: '2017-12-20', year: 2017, covers: '*', partial: false, corrects: false, mapping: COLUMNS, villages: 18, without_place: 4, ...(dry ? { map_layout: 'vehicle', columns: [...COLUMNS.map((c, k) => ({ place: 'ABCDEFGH'[k]!, header: c.header, field: c.field, by_hand: false, sample: ['皖K44024', '小型轿车', '王新民', '341299********0137', '2016-03-01', '在用'][k] ?? null })), { place: 'K', header: '颜色', field: null, by_hand: false, sample: '红' }] } : {}) }],
      counts: { 数据: 1203, 标题: 1, 表头: 1, 小计: 18, 空行: 4 }, rejects_total: 2, skipped: [{ sheet: '说明', code: 'TABLE_NOT_FOUND', detail: null }],
      rejects: [{ place: 'Sheet1!C118', column: '身份证', code: 'CELL_NUMBER_LOSSY', text: '长号码被存成了数字，末几位已丢失，请向原单位重取', proposal: null, doubt: false }, { place: 'Sheet1!E240', column: '初次登记日期', code: 'CELL_DATE', text: '不是有效日期', proposal: '2017-02-28', doubt: true }]
    })
  })

  type Body = Record<string, unknown> & { fields?: Record<string, string | null> }
  type Handler = (p: string[], q: URLSearchParams, body: Body, who: string, version: number, names: string[]) => unknown
  const routes: [string, RegExp, Handler][] = []
  const on = (method: string, path: string, h: Handler) => routes.push([method, new RegExp('^' + path.replace(/\{\}/g, '([^/]+)') + '$'), h])

  on('GET', 'meta', () => meta)
  on('POST', 'session/password', (_p, _q, b) => { if (b.old !== 'daohu-2018') throw new Fault(422, 'INVALID', '', [{ field: 'old', code: 'WRONG', text: '现在的密码不对' }]); return undefined })
  on('GET', 'today', (_p, _q, _b, who) => n === 0 ? { day: meta.today, counts: {}, tasks: [], returned: [], to_check: [], findings: [], ledgers_due: [] } : {
    day: meta.today, counts: { tasks: 14, to_acknowledge: 4, returned: 2, overdue: 3, to_check: 6, to_check_overdue: 1, findings: town.findings.filter(open).length, findings_returned: 3, findings_overdue: findingsOf(new URLSearchParams({ overdue: '1' })).length, findings_to_review: 5, ledgers_due: 9, ledgers_overdue: 4, policies_unread: 2 },
    tasks: town.tasks.filter(x => !['closed', 'checked', 'proven', 'returned'].includes(x.state)).slice(0, 12), returned: town.tasks.filter(x => x.state === 'returned').slice(0, 2), to_check: town.tasks.filter(x => x.state === 'proven').slice(0, 3),
    findings: town.findings.filter(f => open(f) && f.due).slice(0, 14), ledgers_due: ['unit', 'office', 'admin'].includes(who) ? town.requests.filter(x => !x.returned).slice(0, 6) : []
  })
  on('GET', 'day-sheet', (_p, q) => ({
    day: q.get('date') ?? meta.today, days: 14, villages: n === 0 ? [] : VILLAGES.map(v => ({ code: v.code, name: v.name, findings: count(), tasks: count() })),
    units: n === 0 ? [] : ['镇中心校', '镇民政所', '镇卫生院', '八里河风景区管委会'].map(u => ({ unit: u, name: u, findings: count(), tasks: count(), ledgers: count() })), total: { findings: count(), tasks: count(), ledgers: count() }
  }))
  on('GET', 'people', () => ({ rows: town.accounts.filter(a => !['assessor', 'auditor'].includes(a.role)).map(a => ({ no: a.no, login: a.login, name: a.name, role: a.role, unit: a.unit ?? null })), next: null }))
  on('GET', 'households', (_p, q) => {
    const s = q.get('q')
    return page(town.households.filter(h => (!q.get('village') || h.village === q.get('village')) && (!q.get('status') || h.status === q.get('status')) && (!q.get('attr') || h.attr === q.get('attr'))
      && (!s || [h.head_name, h.hh_no, VILLAGES.find(v => v.code === h.village)?.name].some(x => x?.includes(s)))), q)
  })
  const house = (no: string) => { const h = town.households[Number(no) - 1]; if (!h) throw missing(); return h }
  on('GET', 'households/{}', p => householdFile(house(p[0]!)))
  on('GET', 'households/{}/history', () => ({ rows: [{ version: 2, entry: 40, at: '2018-01-10T02:11:00Z', op: 'U', actor: '李娜', reason: '入户核对户口簿后更正', command: 'person change', old: { birth: '1957-03-21', name: '王秀' } }, { version: 1, entry: 3, at: '2017-12-26T07:00:00Z', op: 'I', actor: 'daohu', reason: 'project', command: 'import', old: {} }], next: null }))
  on('PUT', 'households/{}', (p, _q, b, _w, v) => { const f = householdFile(house(p[0]!)).household; seen(v, f); Object.assign(house(p[0]!), b.fields); return f })
  on('POST', 'households/{}/reveal', (p, _q, b) => { needs(b, 'fields', 'reason'); return { rows: householdFile(house(p[0]!)).members.map((m, i) => ({ person: m.person.no, name: m.person.name, id_text: '34129919570312013' + i })), next: null } })
  on('POST', 'households/{}/{}', (_p, _q, b) => { needs(b, 'fields'); return { no: 99, version: 1 } })
  on('PUT', 'households/{}/{}/{}', (p, _q, b) => { needs(b, 'fields'); return { no: Number(p[2]), version: 2 } })

  on('GET', 'findings', (_p, q) => page(findingsOf(q), q))
  on('GET', 'findings/summary', () => {
    const m = new Map<string, FindingCount>()
    for (const f of town.findings) {
      const c: FindingCount = { village: f.village, rule: f.rule, source_kind: f.source_kind, state: f.state, answer: f.answer, n: 0, overdue: 0 }
      const key = [c.village, c.rule, c.state, c.answer].join()
      const k = m.get(key) ?? c
      m.set(key, k)
      k.n++
      if (f.due && f.due < meta.today && open(f)) k.overdue++
    }
    return { rows: [...m.values()], next: null }
  })
  const finding = (no: string) => { const f = town.findings[Number(no) - 1]; if (!f) throw missing(); return f }
  on('GET', 'findings/{}', p => {
    const f = finding(p[0]!)
    const given = ['answered', 'closed', 'returned'].includes(f.state)
    return {
      finding: f, exempt: ['户籍已更正', '新生儿尚未登记户口'], question: '以户口簿为准，请核对后更正。',
      record: { no: f.no, version: f.version, assign_note: f.assignee ? '请三日内核实' : undefined, ...(given ? { answer: 'file_fixed', answered: '2018-01-12', answered_by: '张明', answered_login: 'village', answered_by_name: null, remark: '入户核对户口簿，出生日期以户口簿为准，档案已改。', evidence: '户口簿照片' } : {}) },
      values: [{ label: '贫困户花名册', office: '扶贫办', date: '2017-12-25', cells: [{ label: '姓名', value: '王秀英' }, { label: '证件号码', value: '341299********0137' }, { label: '出生日期', value: '1957-03-21' }, { label: '低保', value: null }], place: 'Sheet1!118', probable: false }, { label: '公安户籍人口', office: '派出所', date: '2017-12-20', cells: [{ label: '姓名', value: '王秀英' }, { label: '出生日期', value: '1957-03-12' }, { label: '户籍状态', value: '正常' }], place: '户籍.csv!20418', probable: false }],
      explain: 'birth != ledger.birth  →  是\n  birth          1957-03-21（花名册）\n  ledger.birth   1957-03-12（公安户籍人口，号码完全一致）',
      history: [{ version: 1, at: '2018-01-08T01:00:00Z', actor: 'daohu', command: 'check --record', reason: null }, ...(f.assignee ? [{ version: 2, at: '2018-01-09T03:20:00Z', actor: '李娜', command: 'finding assign', reason: '请三日内核实' }] : []), ...(given ? [{ version: 3, at: '2018-01-13T03:20:00Z', actor: '张明', command: 'finding answer', reason: '档案已改' }] : [])],
      files: given ? [{ no: 1, hash: 'a'.repeat(64), name: '户口簿照片.jpg', size: 482113, type: 'image/jpeg', paper: null, note: null, added_at: '2018-01-13T03:21:00Z', added_by: 'village', added_by_name: '张明' }] : []
    }
  })
  on('POST', 'findings', (_p, _q, b) => { needs(b, 'household', 'text'); const h = house(String(b.household)); town.findings.push({ no: town.findings.length + 1, version: 1, rule: null, title: String(b.text), severity: 'W', certainty: 'sure', fixer: 'V', source_kind: String(b.source_kind), answer: null, assignee_unit: null, returned: 0, state: 'new', household: h.no, hh_no: h.hh_no, head_name: h.head_name, person_name: null, village: h.village, detail: String(b.text), source: null, assignee: null, due: null, first_seen: meta.today, reopened: 0 }); return { no: town.findings.length } })
  on('POST', 'findings/assign', (_p, _q, b) => { needs(b, 'account', 'due'); for (const no of b.findings as number[]) Object.assign(finding(String(no)), { state: 'assigned', assignee: account(String(b.account))?.name ?? b.account, due: b.due }); return undefined })
  on('DELETE', 'attachments/{}', () => undefined)
  on('POST', 'findings/recheck', () => ({ as_of: meta.today, at: iso(), entry: 240, note: null }))
  on('POST', 'findings/{}/check', p => { finding(p[0]!).state = 'checked'; return undefined })
  on('POST', 'findings/{}/answer', (p, _q, b, _w, v) => { const f = finding(p[0]!); seen(v, f); needs(b, 'state', 'day'); f.state = 'answered'; f.version++; return undefined })
  on('POST', 'findings/{}/review', (p, _q, b) => { finding(p[0]!).state = b.accept ? 'closed' : 'returned'; return undefined })
  on('POST', 'findings/{}/files', () => undefined)

  on('GET', 'ledgers', (_p, q) => page(town.ledgers.filter(l => (!q.get('layout') || l.layout === q.get('layout')) && (!q.get('in_force') || l.in_force)), q))
  on('GET', 'ledgers/{}', p => { const l = town.ledgers[Number(p[0]) - 1]; if (!l) throw missing(); return l })
  on('POST', 'ledgers', (_p, _q, b, _w, _v, names) => job('import', `读入 ${names.length} 个文件`, 4200, importResult(names, b.dry_run === '1', b.password), 2500))
  on('GET', 'ledger-requests', (_p, q) => page(town.requests, q))
  on('POST', 'ledger-requests', (_p, _q, b) => { const f = b.fields ?? {}; needs(f, 'layout', 'unit', 'due'); const row = { no: town.requests.length + 1, version: 1, layout: String(f.layout), unit: String(f.unit), due: String(f.due), requested: meta.today, state: 'open', overdue: false, days: 0 }; town.requests.push(row); return row })
  const request = (no: string) => { const r = town.requests.find(x => x.no === Number(no)); if (!r) throw missing(); return r }
  on('POST', 'ledger-requests/{}/remind', p => Object.assign(request(p[0]!), { reminders: (request(p[0]!).reminders ?? 0) + 1, reminded: meta.today }))
  on('PUT', 'ledger-requests/{}', (p, _q, b) => Object.assign(request(p[0]!), b.fields))
  const columnsOf = (id: string) => ({ id, title: id, office: null, columns: [['name', '姓名', true], ['id_no', '证件号码', false], ['village', '行政村', false], ['plate', '号牌号码', true], ['kind', '车辆类型', true], ['registered', '初次登记日期', false], ['remark', '备注', false]].map(([i, label, required]) => ({ id: i, label, required })) })
  on('GET', 'ledger-layouts/{}', p => columnsOf(p[0]!))
  const maps: { no: number; version: number; layout: string; name: string; mapping: string; saved_by: string; saved: string }[] = n === 0 ? [] : [{ no: 1, version: 1, layout: 'vehicle', name: '交警队导出', mapping: '{"layout":"vehicle","columns":{"车主":"name"}}', saved_by: 'office', saved: '2018-01-12T02:00:00Z' }]
  on('GET', 'ledger-maps', () => ({ rows: maps, next: null }))
  on('POST', 'ledger-maps', (_p, _q, b) => { needs(b, 'name', 'mapping'); const m = { no: maps.length + 1, version: 1, layout: 'vehicle', name: String(b.name), mapping: String(b.mapping), saved_by: 'office', saved: iso() }; maps.unshift(m); return m })
  on('DELETE', 'ledger-maps/{}', p => { maps.splice(maps.findIndex(m => m.no === Number(p[0])), 1); return undefined })
  const pins = n === 0 ? [] : town.households.slice(2, 5).map((h, i) => ({ no: i + 1, version: 1, tbl: ['person', 'household_year', 'person'][i]!, field: ['birth', 'house_grade', 'id_text'][i]!, conflict: true, reason: '户口簿', event_date: '2018-01-06', by_login: 'office', by_login_name: '李娜', at_ms: '2018-01-08T02:00:00Z', household: h.no, person: i === 1 ? undefined : h.no * 10, hh_no: h.hh_no, village: h.village, head_name: h.head_name, person_name: i === 1 ? undefined : h.head_name, ...(i === 2 ? {} : { value: ['1957-03-12', 'B'][i], was: ['1957-03-21', 'D'][i], says: ['1957-12-03', 'C'][i] }) }))
  on('GET', 'corrections', () => ({ rows: pins, next: null }))
  on('POST', 'corrections/{}', (p, _q, b) => { needs(b, 'reason'); pins.splice(pins.findIndex(x => x.no === Number(p[0])), 1); return undefined })
  on('GET', 'links', (_p, q) => page(town.links, q))
  on('POST', 'links/{}', (p, _q, b) => { needs(b, 'verdict'); town.links = town.links.filter(l => l.key !== p[0]); return undefined })

  on('POST', 'duties/end', (_p, _q, b) => ({ assigned: 0, unchanged: 0, ended: (b.households as number[]).length }))
  const villageDuties = n === 0 ? [] : VILLAGES.slice(0, 14).map((v, i) => ({ no: i + 1, version: 1, village: v.code, role: ['leader', 'first_secretary', 'team_member', 'clerk'][i % 4], name: ['刘文军', '张明', '周海燕'][i % 3], unit: ['镇政府', '镇中心校', '八里河风景区管理委员会'][i % 3], post: ['副镇长', '教师', ''][i % 3], valid_from: '2017-03-01', ...(i === 3 ? { valid_to: '2018-01-01' } : {}) }))
  on('GET', 'village-duties', (_p, q) => ({ rows: villageDuties.filter(d => q.get('all') || !d.valid_to), next: null }))
  on('POST', 'village-duties', (_p, _q, b) => { needs(b.fields ?? {}, 'village', 'role'); villageDuties.unshift({ no: villageDuties.length + 1, version: 1, ...b.fields } as (typeof villageDuties)[0]); return { no: villageDuties.length } })
  on('POST', 'village-duties/{}/end', p => { Object.assign(villageDuties.find(d => d.no === Number(p[0]))!, { valid_to: meta.today }); return { no: Number(p[0]) } })
  on('GET', 'duties', (_p, q) => page(town.duties.filter(d => (!q.get('village') || d.village === q.get('village')) && (!q.get('helper') || d.helper?.includes(q.get('helper')!)) && (!q.get('state') || (q.get('state') === 'unassigned' ? !d.helper : q.get('state') === 'overlapping' ? d.beside > 0 : false))), q))
  on('GET', 'duties/summary', () => {
    const helper = (h: string, households: number) => ({ helper: h, unit: '镇中心校', households, villages: 1, overloaded: households > 10 })
    return { day: meta.today, most: 10, unassigned: town.duties.filter(d => !d.helper), overlapping: town.duties.filter(d => d.beside), ended: [], overloaded: town.helpers.slice(0, n ? 6 : 0).map((h, i) => helper(h, 11 + i)), by_helper: town.helpers.slice(0, n ? 150 : 0).map((h, i) => helper(h, 4 + i % 12)), by_village: [] }
  })
  on('POST', 'duties/assign', (_p, _q, b) => { needs(b, 'helper', 'from'); for (const no of b.households as number[]) Object.assign(town.duties[no - 1]!, { helper: b.helper, unit: b.unit, from: b.from, to: b.to, beside: 0 }); return undefined })

  on('GET', 'meetings', (_p, q) => page(town.meetings.map(m => ({ ...m, attendance: undefined, files: undefined, called: m.attendance.length, present: m.attendance.filter(a => a.presence === 'present').length, decisions: m.decisions.length, tally: tally(m) })), q))
  const meeting = (no: string) => { const m = town.meetings[Number(no) - 1]; if (!m) throw missing(); return m }
  on('GET', 'meetings/{}', p => meeting(p[0]!))
  on('POST', 'meetings', (_p, _q, b) => { needs(b.fields ?? {}, 'title', 'date'); const no = town.meetings.length + 1; town.meetings.push({ no, version: 1, title: '', date: '', level: '', kind: '', ...b.fields, attendance: [], decisions: [], files: [] }); return meeting(String(no)) })
  on('PUT', 'meetings/{}', (p, _q, b, _w, v) => { const m = meeting(p[0]!); seen(v, m); Object.assign(m, b.fields); m.version++; return m })
  on('PUT', 'meetings/{}/attendance', (p, _q, b) => { meeting(p[0]!).attendance = b.rows as MeetingFile['attendance']; return undefined })
  on('POST', 'meetings/{}/decisions', (p, _q, b) => { const f = b.fields ?? {}; needs(f, 'text'); const m = meeting(p[0]!); m.decisions.push({ no: 100 + m.decisions.length, version: 1, text: f.text ?? '', unit: f.unit ?? undefined, due: f.due ?? undefined, state: 'open', tally: { tasks: 0, proven: 0, closed: 0, overdue: 0 }, tasks: [] }); return m })
  const decision = (no: string) => { const d = town.meetings.flatMap(m => m.decisions).find(x => x.no === Number(no)); if (!d) throw missing(); return d }
  on('PUT', 'decisions/{}', (p, _q, b) => { Object.assign(decision(p[0]!), b.fields); return undefined })
  const newTask = (f: Record<string, unknown>): TaskRow => ({ no: town.tasks.length + 1, version: 1, title: '', state: 'issued', late: 'fine', account_name: null, issuer_name: '李娜', days: 0, level: 0, children: 0, children_open: 0, decision_text: null, meeting: null, expected: null, actions: ACTIONS.issued!, ...f })
  on('POST', 'decisions/{}/tasks', (p, _q, b) => { const d = decision(p[0]!); for (const x of b.tasks as Record<string, unknown>[]) { const row = newTask({ ...x, decision: d.no }); town.tasks.push(row); d.tasks.push(row); d.tally.tasks++ } d.state = 'under_way'; return undefined })
  on('GET', 'tasks', (_p, q) => page(town.tasks.filter(x => (!q.get('state') || (q.get('state') === 'open' ? !['closed', 'cancelled'].includes(x.state) : x.state === q.get('state'))) && (!q.get('area') || x.area === q.get('area')) && (!q.get('unit') || x.unit?.includes(q.get('unit')!)) && (!q.get('overdue') || x.late === 'overdue')).sort((a, b) => (a.due ?? '').localeCompare(b.due ?? '')), q))
  const task = (no: string) => { const x = town.tasks[Number(no) - 1]; if (!x) throw missing(); return x }
  on('POST', 'tasks', (_p, _q, b) => { needs(b.fields ?? {}, 'title', 'due'); const row = newTask({ ...b.fields, parent: b.fields?.parent ? Number(b.fields.parent) : undefined }); town.tasks.push(row); return row })
  on('GET', 'tasks/{}', p => { const x = task(p[0]!); return { ...x, parts: town.tasks.filter(s => s.parent === x.no), events: [{ no: 1, at: '2018-01-12T06:00:00Z', day: '2018-01-12', name: '李娜', move: 'issue' }, { no: 2, at: '2018-01-14T06:00:00Z', day: '2018-01-13', name: '张明', move: 'progress', text: '已核对 42 户', percent: x.percent }], files: [] } })
  const AFTER: Record<string, string> = { acknowledge: 'acknowledged', progress: 'under_way', prove: 'proven', check: 'checked', return: 'returned', close: 'closed', cancel: 'cancelled' }
  on('POST', 'tasks/{}/files', () => undefined)
  on('POST', 'tasks/{}/{}', (p, _q, b) => { const x = task(p[0]!); const to = AFTER[p[1]!]; if (!to) throw missing(); if (p[1] === 'prove') needs(b, 'text'); x.state = to; x.actions = ACTIONS[to] ?? []; x.version++; if (typeof b.percent === 'number') x.percent = b.percent; return undefined })

  on('GET', 'policies', (_p, q) => page(town.policies, q))
  on('POST', 'policies', (_p, _q, b) => { needs(b.fields ?? {}, 'title', 'office', 'issued'); town.policies.unshift({ ...town.policies[0]!, no: town.policies.length + 1, read_at: null, ...b.fields } as (typeof town.policies)[0]); return undefined })
  on('GET', 'policies/{}', p => { const x = town.policies.find(y => y.no === Number(p[0])); if (!x) throw missing(); return { ...x, files: [], receipts: town.accounts.map(a => ({ login: a.login, name: a.name, role: a.role, unit: a.unit ?? null, at: a.no % 2 ? iso() : null })) } })
  on('PUT', 'policies/{}', (p, _q, b) => Object.assign(town.policies.find(y => y.no === Number(p[0]))!, b.fields))
  on('POST', 'policies/{}/files', () => ({ rows: [], next: null }))
  on('POST', 'policies/{}/read', p => { const x = town.policies.find(y => y.no === Number(p[0])); if (x) x.read_at = iso(); return undefined })
  on('GET', 'pack', () => ({
    id: 'cn-2018', version: '2018.1', hash: meta.pack.hash, title: meta.pack.title, params: pack.params.map(x => ({ id: x.id, title: x.title ?? { zh: x.id, en: x.id }, value: String(x.value), basis: null })),
    tables: [{ id: 'line', title: { zh: '农村贫困标准（元/人·年）', en: 'rural poverty line (yuan a head a year)' }, basis: null, scale: 0, years: [2016, 2017].map(year => ({ year, value: '2952.00' })) }],
    rules: pack.rules.map(x => ({ id: x.id, title: x.title, question: x.question ?? { zh: '', en: '' }, severity: x.severity, fixer: x.fixer, when: String(x.when ?? ''), basis: x.basis ?? null, enabled: true, disabled_why: { zh: null, en: null } }))
  }))

  on('GET', 'forms', (_p, q) => page(n === 0 ? [] : [{ no: 1, version: 1, name: '颍上县建档立卡贫困户动态调整核查表', revision: 2, file_name: '动态调整核查表.xlsx', created: '2018-01-11T02:00:00Z', created_by: '李娜' }], q))
  const form = () => ({
    no: 1, version: 1, name: '颍上县建档立卡贫困户动态调整核查表', revision: 2, file_name: '动态调整核查表.xlsx', created: '2018-01-11T02:00:00Z', kind: 'table', by: 'household', sheet: 'Sheet1', first: 4, last: 4,
    columns: [['户主姓名', 'B3', 'household.head_name', 99, '欧阳建国'], ['证件号码', 'C3', 'person.id_text', 98, '341299********0137'], ['家庭人口', 'D3', 'household.members', 80, '4'], ['核查情况说明', 'E3', null, 0, null]].map(([header, place, field, confidence, sample]) => ({ header, place, field, label: null, confidence, corrected: false, formula: false, sample })),
    fields: [['household.head_name', '户主'], ['person.id_text', '证件号码'], ['household.members', '人口'], ['household.village', '行政村']].map(([id, label]) => ({ id, label }))
  })
  on('POST', 'forms', form)
  on('GET', 'forms/{}', form)
  on('PUT', 'forms/{}', () => undefined)
  on('POST', 'forms/{}/fill', () => ({}))
  on('GET', 'retype', (_p, q) => page(town.retype.filter(x => !q.get('state') || x.state === q.get('state')), q))
  on('POST', 'retype/confirm', () => ({ confirmed: 3 }))
  on('POST', 'retype/{}', (p, _q, b) => { const x = town.retype.find(y => y.key === p[0]); if (!x) throw missing(); return Object.assign(x, { state: 'typed', typed_on: b.typed_on, typed_by: '李娜' }) })

  on('GET', 'situation', (_p, q) => ({ as_of: q.get('as_of') ?? meta.today, figures: figures() }))
  on('GET', 'situation/series', (_p, q) => {
    const f = figures().find(x => x.id === q.get('figure'))
    const keys = q.get('by') === 'month' ? Array.from({ length: 12 }, (_, i) => `2017-${String(i + 1).padStart(2, '0')}`) : VILLAGES.map(v => v.code)
    return { figure: f?.id, by: q.get('by'), unit: f?.unit, points: keys.map((key, i) => ({ key, label: q.get('by') === 'month' ? key : VILLAGES[i]!.name, value: f?.unit === '%' ? String(80 + (i * 7) % 20) : String(60 + (i * 13) % 70), numerator: String(50 + i), denominator: '100', unknown: 0 })) }
  })
  on('GET', 'situation/households', (_p, q) => page(town.households.filter(h => !q.get('village') || h.village === q.get('village')).filter((_, i) => i % 3 === 0).map(h => ({ no: h.no, hh_no: h.hh_no, head_name: h.head_name, group_name: h.group_name, village: h.village })), q))

  on('GET', 'users', (_p, q) => page(town.accounts, q))
  on('POST', 'users', (_p, _q, b) => { const f = b.fields ?? {}; needs(f, 'login', 'name', 'role'); if (account(f.login!)) throw new Fault(422, 'INVALID', '', [{ field: 'login', code: 'EXISTS', text: '已经有这个登录名' }]); town.accounts.push({ no: town.accounts.length + 1, version: 1, has_otp: false, ...f } as unknown as Account); return { password: 'hu-li-4821-yun' } })
  on('PUT', 'users/{}', (p, _q, b) => { Object.assign(account(p[0]!)!, b.fields, { disabled: b.fields?.disabled === '1' }); return undefined })
  on('POST', 'users/{}/password', () => ({ password: 'he-qing-3307-lian' }))
  on('GET', 'journal', (_p, q) => page(n === 0 ? [] : Array.from({ length: 240 }, (_, i) => ({ no: 240 - i, at: new Date(Date.UTC(2018, 0, 15, 9) - i * 3600_000).toISOString(), kind: 'change', os_user: null, actor: ['李娜', '张明', '系统'][i % 3], command: ['finding assign', 'finding answer', 'import', 'household change', 'reveal'][i % 5], event_date: i % 7 ? null : '2018-01-03', reason: i % 5 === 2 ? ['register', 'project', 'returned', 'withdrawn', 'practice day 2018-01-15'][i % 25 / 5 | 0] : i % 4 ? null : '入户核对户口簿后更正', changes: 1 + i % 40, source_file: i % 5 === 2 ? '贫困户花名册.xlsx' : null })), q))
  on('GET', 'journal/checkpoint', () => 'daohu/341226\n240\nQ1fFhC0Jb8t0yVvVb5pGx1o2o8r6N0m7Zb0k4y1Yx3E=\n\n— daohu/341226 4Yx1Zb0k8r6N0m7ZQ1fFhC0Jb8t0yVvVb5pGx1o2\n')
  on('POST', 'journal/verify', () => job('verify', '核验日志', 240, null, 120))
  on('GET', 'system', () => ({ version: meta.version, uptime_s: 86400 * 3, db: { size: 148_000_000, wal: 4_100_000, schema: 9 }, jobs: jobs.filter(j => j.state === 'running').length, writer_queue: 0, last_check: n ? { at: '2018-01-15T01:30:00Z', as_of: '2018-01-15', entry: 240, findings: 1620 } : null }))
  on('GET', 'jobs', (_p, q) => page(jobs.map(jobNow), q))
  on('GET', 'jobs/{}', p => { const j = jobs.find(x => x.no === Number(p[0])); if (!j) throw missing(); return jobNow(j) })
  on('DELETE', 'jobs/{}', p => { const j = jobs.find(x => x.no === Number(p[0])); if (j) { j.state = 'cancelled'; j.ended_at = iso() } return undefined })

  const read = (rq: IncomingMessage) => new Promise<Buffer>(resolve => { const parts: Buffer[] = []; rq.on('data', d => parts.push(d as Buffer)); rq.on('end', () => resolve(Buffer.concat(parts))) })
  const send = (rs: ServerResponse, status: number, body: unknown, more: Record<string, string> = {}) => { rs.writeHead(status, { 'Content-Type': 'application/json', ...more }); rs.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)) }
  const file = (rq: IncomingMessage, rs: ServerResponse, path: string) => {
    const p = normalize(join(dist, path.replace(/^\/office\/?/, '') || 'index.html'))
    const full = p.startsWith(dist) && existsSync(p) && statSync(p).isFile() ? p : join(dist, 'index.html')
    const gzip = /\bgzip\b/.test(String(rq.headers['accept-encoding']))
    rs.writeHead(200, { 'Content-Type': TYPES[extname(full)] ?? 'application/octet-stream', 'Content-Security-Policy': POLICY, ...(gzip ? { 'Content-Encoding': 'gzip' } : {}) })
    if (gzip) createReadStream(full).pipe(createGzip()).pipe(rs)
    else createReadStream(full).pipe(rs)
  }
  const events = (rs: ServerResponse, no: number) => {
    rs.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    const timer = setInterval(() => {
      const j = jobs.find(x => x.no === no)
      if (!j) { rs.end(); clearInterval(timer); return }
      const now = jobNow(j)
      rs.write(`data: ${JSON.stringify(now)}\n\n`)
      if (now.state !== 'running') { rs.end(); clearInterval(timer) }
    }, 200)
    rs.on('close', () => clearInterval(timer))
  }
  async function api(rq: IncomingMessage, rs: ServerResponse, url: URL) {
    const path = decodeURIComponent(url.pathname.slice('/api/v1/'.length))
    const token = /daohu_session=([^;]+)/.exec(rq.headers.cookie ?? '')?.[1] ?? ''
    const raw = await read(rq)
    const form = String(rq.headers['content-type']).startsWith('multipart/')
    const names = form ? [...raw.toString('utf8').matchAll(/name="file"; filename="([^"]+)"/g)].map(m => m[1]!) : []
    const body = (form ? Object.fromEntries([...raw.toString('utf8').matchAll(/name="(\w+)"\r\n\r\n([^\r]*)/g)].map(m => [m[1], m[2]])) : raw.length ? JSON.parse(raw.toString('utf8')) : {}) as Body
    if (path === 'session' && rq.method === 'POST') {
      const login = String(body.login)
      const count = tries.get(login) ?? 0
      if (count >= 5) return send(rs, 429, { error: { code: 'LOCKED_OUT', text: '' } }, { 'Retry-After': '300' })
      if (!account(login) || body.password !== 'daohu-2018') { tries.set(login, count + 1); return send(rs, 401, { error: { code: 'LOGIN', text: '登录名或口令不对' } }) }
      tries.delete(login)
      const t = Math.random().toString(36).slice(2)
      sessions.set(t, login)
      return send(rs, 200, { user: userOf(login), csrf: 'c-' + t }, { 'Set-Cookie': `daohu_session=${t}; HttpOnly; SameSite=Strict; Path=/` })
    }
    const who = sessions.get(token)
    if (!who) return send(rs, 401, { error: { code: 'UNAUTHENTICATED', text: '请先登录' } })
    if (rq.method !== 'GET' && rq.headers['x-csrf-token'] !== 'c-' + token) return send(rs, 403, { error: { code: 'CSRF', text: '页面已过期，请刷新' } })
    if (path === 'session') {
      if (rq.method === 'DELETE') { sessions.delete(token); return send(rs, 204, undefined) }
      return send(rs, 200, { user: userOf(who), csrf: 'c-' + token })
    }
    const ev = /^jobs\/(\d+)\/events$/.exec(path)
    if (ev) return events(rs, Number(ev[1]))
    if (/\.(pdf|xlsx|docx|csv)$/.test(path) || path.startsWith('files/')) { rs.writeHead(200, { 'Content-Type': 'application/octet-stream' }); return rs.end('mock') }
    const version = Number(/v(\d+)/.exec(String(rq.headers['if-match'] ?? ''))?.[1] ?? 0)
    for (const [method, pattern, h] of routes) {
      const m = pattern.exec(path)
      if (m && method === rq.method) return send(rs, 200, h(m.slice(1), url.searchParams, body, who, version, names))
    }
    throw missing()
  }
  const server = createServer((rq, rs) => {
    const url = new URL(rq.url ?? '/', 'http://x')
    if (!url.pathname.startsWith('/api/v1/')) {
      if (url.pathname === '/') { rs.writeHead(302, { Location: '/office/' }); rs.end(); return }
      file(rq, rs, url.pathname)
      return
    }
    api(rq, rs, url).catch((e: unknown) => {
      const f = e instanceof Fault ? e : new Fault(500, 'INTERNAL', String(e))
      send(rs, f.status, { error: { code: f.code, text: f.message, fields: f.fields }, ...(f.current ? { current: f.current } : {}) })
    })
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => { server.closeAllConnections(); server.close() } }
}
