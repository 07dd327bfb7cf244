// SPDX-License-Identifier: AGPL-3.0-or-later
// The meta of the mock: descriptors read from the .def files, codes, rules and layouts from the pack,
// so that pages are seen with the words they will have.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { FieldKind, FieldMeta, Lang, Meta, RecordMeta, Text } from '../src/api/types'

const LABELS: Record<string, Text> = {
  household: { zh: '农户', en: 'household' }, household_year: { zh: '年度情况', en: 'year' }, household_state: { zh: '状态', en: 'state' },
  person: { zh: '家庭成员', en: 'member' }, person_year: { zh: '成员年度情况', en: "member's year" }, membership: { zh: '成员关系', en: 'membership' },
  income: { zh: '收入账', en: 'income account' }, measure: { zh: '帮扶措施', en: 'measure' }, visit: { zh: '走访记录', en: 'visit' }, duty: { zh: '帮扶责任', en: 'duty' },
  contract: { zh: '产业合同', en: 'contract' }, finding: { zh: '问题', en: 'finding' }, ledger: { zh: '台账', en: 'ledger' }, account: { zh: '用户', en: 'account' },
  meeting: { zh: '会议', en: 'meeting' }, attendance: { zh: '参会', en: 'attendance' }, decision: { zh: '议定事项', en: 'decision' }, task: { zh: '任务', en: 'task' }, policy: { zh: '政策文件', en: 'document' }
}
const ROW = /F\(\s*\d+,\s*(\w+),\s*\w+,\s*"(\w+)",\s*([^,]+),\s*(NULL|"\w+"),\s*"([^"]*)",\s*"([^"]*)"\)/g
const CLASS: Record<string, FieldMeta['class']> = { F_OFFICE: 'office', F_SENSITIVE: 'sensitive', F_COMPUTED: 'computed', F_PUBLIC: 'public' }

function fieldsOf(text: string): FieldMeta[] {
  return [...text.matchAll(ROW)].map(m => ({
    name: m[2]!, kind: m[1]!.toLowerCase() as FieldKind, list: m[4] === 'NULL' ? null : m[4]!.slice(1, -1),
    class: CLASS[m[3]!.match(/F_(OFFICE|SENSITIVE|COMPUTED|PUBLIC)/)?.[0] ?? 'F_PUBLIC']!, required: m[3]!.includes('F_REQUIRED'), label: { zh: m[5]!, en: m[6]! }
  }))
}

// What other parts bring; used when their .def is not in this tree yet.
const EXTRA: Record<string, string> = {
  meeting: 'F(1, CODE, level, "level", F_PUBLIC | F_REQUIRED, "meeting_level", "会议层级", "level") F(2, CODE, kind, "kind", F_PUBLIC | F_REQUIRED, "meeting_kind", "会议类型", "kind") F(3, INT, number, "number", F_PUBLIC, NULL, "第几次", "which one of its kind") F(4, TEXT, title, "title", F_PUBLIC | F_REQUIRED, NULL, "会议名称", "title") F(5, DATE, date, "date", F_PUBLIC | F_REQUIRED, NULL, "会议日期", "date") F(6, TEXT, time, "time", F_PUBLIC, NULL, "时间", "time") F(7, TEXT, place, "place", F_PUBLIC, NULL, "地点", "place") F(8, TEXT, chair, "chair", F_OFFICE, NULL, "主持人", "chair") F(9, TEXT, recorder, "recorder", F_OFFICE, NULL, "记录人", "taken down by") F(10, TEXT, organiser, "organiser", F_PUBLIC, NULL, "主办单位", "called by") F(13, TEXT, agenda, "agenda", F_OFFICE, NULL, "议程", "agenda") F(14, TEXT, minutes, "minutes", F_OFFICE, NULL, "会议记录", "minutes")',
  attendance: 'F(3, CODE, category, "category", F_OFFICE, "attendance_group", "参会类别", "called as") F(4, TEXT, unit, "unit", F_OFFICE, NULL, "单位", "unit") F(5, TEXT, name, "name", F_OFFICE, NULL, "姓名", "name") F(6, TEXT, post, "post", F_OFFICE, NULL, "职务", "post") F(7, TEXT, presence, "presence", F_OFFICE, NULL, "到会情况", "presence") F(8, TEXT, note, "note", F_OFFICE, NULL, "备注", "note")',
  decision: 'F(3, TEXT, text, "text", F_OFFICE | F_REQUIRED, NULL, "议定事项", "decision") F(4, TEXT, unit, "unit", F_OFFICE, NULL, "牵头单位", "unit in charge") F(5, DATE, due, "due", F_OFFICE, NULL, "完成时限", "due") F(6, TEXT, result, "result", F_OFFICE, NULL, "落实情况", "what became of it")',
  task: 'F(1, TEXT, title, "title", F_OFFICE | F_REQUIRED, NULL, "任务", "task")',
  policy: 'F(1, TEXT, title, "title", F_PUBLIC | F_REQUIRED, NULL, "标题", "title") F(2, TEXT, doc_no, "doc_no", F_PUBLIC, NULL, "文号", "document number") F(3, TEXT, office, "office", F_PUBLIC | F_REQUIRED, NULL, "发文机关", "issuing office") F(4, CODE, level, "level", F_PUBLIC, "meeting_level", "层级", "level") F(5, TEXT, subject, "subject", F_PUBLIC, NULL, "主题", "subject") F(6, DATE, issued, "issued", F_PUBLIC | F_REQUIRED, NULL, "发文日期", "issued") F(7, DATE, valid_from, "valid_from", F_PUBLIC, NULL, "施行日期", "in force from") F(8, DATE, valid_to, "valid_to", F_PUBLIC, NULL, "失效日期", "in force to") F(9, TEXT, body, "body", F_PUBLIC, NULL, "正文", "text") F(13, DATE, read_by, "read_by", F_OFFICE, NULL, "阅读时限", "to be read by")'
}
const items = (...list: [string, string, string][]) => list.map(([id, zh, en]) => ({ id, zh, en }))
const MORE_CODES = {
  meeting_level: items(['county', '县', 'county'], ['town', '镇', 'town'], ['village', '村', 'village']),
  meeting_kind: items(['promotion', '推进会', 'promotion meeting'], ['dispatch', '调度会', 'dispatch meeting'], ['training', '业务培训会', 'training'], ['other', '其他会议', 'other meeting']),
  attendance_group: items(['leader', '镇领导班子', 'leaders'], ['unit', '镇直单位', 'units of the town'], ['scenic_area', '景区管委会', 'scenic area'], ['fishing_ground', '渔场', 'fishing ground'], ['village_committee', '村两委', 'village committee'], ['poverty_specialist', '扶贫专干', 'poverty specialist'], ['family_planning_specialist', '计生专干', 'family-planning specialist'], ['school', '学校', 'school'], ['village_team', '驻村工作队', 'village work team'], ['other', '其他', 'other'])
}

function defFiles(dir: string): string[] {
  return readdirSync(dir).flatMap(n => {
    const p = join(dir, n)
    return statSync(p).isDirectory() ? defFiles(p) : n.endsWith('.def') ? [p] : []
  })
}

interface PackYaml { lists: { id: string; items: { id: string; zh: string; en: string }[] }[] }
export interface RuleYaml { id: string; title: Text; detail?: Text; question?: Text; severity: string; fixer: string; when?: string; exempt?: Text[]; basis?: string; scope?: string }
export interface Pack { rules: RuleYaml[]; params: { id: string; value: unknown; title: Text }[] }

export function readPack(root: string): Pack {
  const dir = join(root, 'packs/cn-2018')
  const rules = (parse(readFileSync(join(dir, 'rules.yaml'), 'utf8')) as { rules: RuleYaml[] }).rules
  const params = (parse(readFileSync(join(dir, 'params.yaml'), 'utf8')) as { params: { id: string; value: unknown; title: Text }[] }).params
  return { rules, params }
}

export function makeMeta(root: string, pack: Pack, villages: { code: string; name: string }[]): Meta {
  const records: Record<string, RecordMeta> = {}
  for (const p of defFiles(join(root, 'src'))) {
    const name = p.split('/').pop()!.replace('.def', '')
    const fields = fieldsOf(readFileSync(p, 'utf8'))
    if (fields.length) records[name] = { label: LABELS[name] ?? { zh: name, en: name }, fields }
  }
  for (const [name, text] of Object.entries(EXTRA)) records[name] ??= { label: LABELS[name]!, fields: fieldsOf(text) }
  const codesFile = join(root, 'packs/cn-2018/codes.yaml')
  const codes: Meta['codes'] = { ...MORE_CODES }
  if (existsSync(codesFile)) {
    for (const l of (parse(readFileSync(codesFile, 'utf8')) as PackYaml).lists) codes[l.id] = l.items.map(i => ({ id: i.id, zh: i.zh, en: i.en }))
  }
  const layouts = (parse(readFileSync(join(root, 'packs/cn-2018/ledgers.yaml'), 'utf8')) as { layouts: { id: string; title: Text; office: Text }[] }).layouts
  const role = (id: string, zh: string, en: string) => ({ id, title: { zh, en } })
  return {
    version: '1.0-mock', county: '341226', root: { code: '341226115', name: '八里河镇' }, today: '2018-01-15', practice_day: '2018-01-15', lang: 'zh' as Lang,
    pack: { id: 'cn-2018', version: '2018.1', hash: '9f2c1d4be07a55c3', title: { zh: '精准扶贫（2018年1月）', en: 'Targeted poverty alleviation (January 2018)' } },
    villages, records, codes,
    roles: [role('admin', '系统管理员', 'administrator'), role('office', '镇扶贫办', 'town office'), role('unit', '镇直单位', 'unit'), role('village', '村扶贫专干', 'village clerk'), role('team', '驻村工作队', 'team member'), role('cadre', '帮扶责任人', 'cadre'), role('leader', '镇领导', 'leader'), role('assessor', '评估人员', 'assessor'), role('auditor', '审计人员', 'auditor')],
    rules: pack.rules.map(r => ({ id: r.id, title: r.title, severity: r.severity, fixer: r.fixer, question: r.question ?? { zh: '', en: '' }, enabled: true })),
    layouts: layouts.map(l => ({ id: l.id, title: l.title, office: l.office })),
    answers: [['file_fixed', '属实，已更正档案', 'true, file corrected'], ['pending', '属实，待整改', 'true, work pending'], ['policy_action', '属实，按政策处理', 'true, dealt with by policy'], ['ledger_wrong', '比对台账有误', 'the ledger is wrong'], ['explained', '情况属实，有正当理由', 'explained']]
      .map(([id, zh, en]) => ({ id: id!, title: { zh: zh!, en: en! } }))
  }
}
