// SPDX-License-Identifier: AGPL-3.0-or-later
// What the server answers, by subject.  Dates are ISO texts with their precision, money
// texts of yuan, instants UTC; values of code lists are ids whose labels stand in /meta.

export type Lang = 'zh' | 'en'
export interface Text { zh: string; en: string }
export type Value = string | number | boolean | null
/** A record as it stands: its number, its version, then the fields that are there. */
export interface Rec { no: number; version: number; [field: string]: Value | undefined }
export interface Page<T> { rows: T[]; next: string | null; total?: number }

// ---- session and meta

export interface User {
  login: string; name: string; role: string; unit: string | null
  must_change?: boolean; permissions: string[]; areas: { code: string; name: string | null }[]
}
export interface Session { user: User; csrf: string }

export type FieldKind =
  'text' | 'int' | 'money' | 'date' | 'bool' | 'code' | 'ref' | 'instant' | 'blob'
export interface FieldMeta {
  name: string; kind: FieldKind; list: string | null
  class: 'public' | 'office' | 'sensitive' | 'computed'
  required: boolean; label: Text
  help?: Text | null
}
export interface RecordMeta { label: Text; fields: FieldMeta[] }
export interface CodeItem extends Text { id: string }
export interface RuleMeta {
  id: string; title: Text; severity: string; fixer: string; question: Text
  exempt?: Text[]
}
export interface LayoutMeta { id: string; title: Text; office: Text }
export interface Meta {
  version: string
  county: string
  root: { code: string; name: string }
  today: string
  lang: Lang
  pack: { id: string; version: string; hash: string; title: string | Text }
  villages: { code: string; name: string }[]
  roles: { id: string; title: Text }[]
  codes: Record<string, CodeItem[]>
  records: Record<string, RecordMeta>
  rules: RuleMeta[]
  layouts: LayoutMeta[]
  answers: { id: string; title: Text }[]
}

// ---- jobs

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
export interface Job {
  no: number; kind: string; title: string; state: JobState
  by?: string; done: number; total: number
  queued_at: string; started_at?: string | null; ended_at?: string | null
  file?: boolean // it left a file to be fetched
  result?: unknown
  error?: ErrorBody | null
}

export interface ErrorField { field: string; code: string; text: string }
export interface ErrorBody { code: string; text: string; place?: string | null; detail?: string | null; fields?: ErrorField[] }

// ---- households

export interface HouseholdRow {
  no: number; hh_no: string; village: string; group_name: string | null
  head_name: string; members: number; status: string | null; attr: string | null
  findings_open: number; helper: string | null; address?: string | null
}
export interface MemberFile { person: Rec; membership: Rec; years: Rec[] }
export interface PaperState { id: string; title: Text; present: boolean }
export interface SourceInfo { no: number; title: string; office: string; as_of: string | null }
export interface HouseholdFile {
  household: Rec
  state: Rec[]; years: Rec[]; members: MemberFile[]; incomes: Rec[]; duties: Rec[]
  measures: Rec[]; visits: Rec[]; contracts: Rec[]
  findings: FindingRow[]; papers: PaperState[]; sources: SourceInfo[]
}
export interface HistoryRow {
  at: string; actor: string; event_date: string | null; reason: string | null
  source: string | null; field: string; old: Value; new: Value
}

// ---- findings

export interface FindingRow {
  no: number; version: number; rule: string; title: string; severity: string
  certainty: 'sure' | 'probable'; state: string; household: number | null; hh_no: string | null
  head_name: string | null; person_name: string | null; village: string | null
  detail: string | null; source: string | null; assignee: string | null; due: string | null
  first_seen: string | null; reopened: number
}
export interface FindingValue {
  label: string; office: string; date: string | null; value: string | null; place: string | null
}
export interface FileInfo { hash: string; name: string; size: number; type: string; at: string; by: string }
export interface FindingEvent { at: string; actor: string; what: string; text: string | null; day?: string | null }
export interface FindingFile {
  finding: FindingRow & {
    exempt?: string | null; checked?: string | null; checked_by?: string | null; assign_note?: string | null
    answer?: string | null; answered?: string | null; answered_by?: string | null
    remark?: string | null; evidence?: string | null; fixer?: string | null; text?: string | null
  }
  values: FindingValue[]; explain: string | null; history: FindingEvent[]; files: FileInfo[]
}
export interface SummaryCount { id: string; open: number; overdue: number; closed: number; confirmed?: number; answered?: number }
export interface FindingSummary { total: number; by_village: SummaryCount[]; by_rule: SummaryCount[]; by_state: { id: string; n: number }[] }

// ---- ledgers

export interface LedgerRow {
  no: number; version: number; layout: string; title: string | null; file: string
  as_of: string | null; as_of_from: string | null; year: number | null; covers: string | null
  partial: boolean | null; authorisation: string | null; row_count: number; doubts: number
  refused: number; received: string; replaces: number | null
}
export interface ColumnMapping {
  header: string; place: string; field: string | null; confidence: number; sample: string | null
}
export interface Reject {
  sheet: string; cell: string; code: string; text: string; value: string | null; proposed: string | null
}
export interface LedgerFile { ledger: LedgerRow; columns: ColumnMapping[]; rejects: Reject[]; fields?: { id: string; title: Text }[] }
export interface ImportedFile {
  name: string; status: 'loaded' | 'same' | 'partly' | 'refused' | 'review'
  text?: string | null
  ledgers: LedgerFile[]; rejects: Reject[]
  counts: Record<string, number>; skipped: { sheet: string; rows: string; why: string }[]
}
export interface ImportResult { dry_run: boolean; files: ImportedFile[] }
export interface LedgerRequest {
  no: number; version: number; layout: string; unit: string; area: string | null; due: string | null
  requested: string | null; as_of: string | null; note: string | null; state: string
  ledger: number | null; returned: string | null; remark: string | null; reminders: number | null; reminded: string | null
}

// ---- links

export interface LinkField { field: string; value: string | null; differs?: boolean }
export interface LinkCandidate {
  person: number; household: number; hh_no: string; score: number; why: string; fields: LinkField[]
}
export interface LinkRow {
  key: string; layout: string; office: string; place: string; fields: LinkField[]; candidates: LinkCandidate[]
}

// ---- duties, meetings, tasks, policy, requests

export interface DutyRow {
  household: number; hh_no: string; village: string; group_name: string | null; head_name: string
  duty: number | null; helper: string | null; unit: string | null; from: string | null; to: string | null
  by_hand: boolean; beside: number; households: number
}
export interface DutySummary {
  unassigned: { household: number; hh_no: string; head_name: string; village: string }[]
  overloaded: { helper: string; unit: string | null; households: number; limit: number }[]
  overlapping: { household: number; hh_no: string; head_name: string; village: string; helpers: string[] }[]
  by_helper: { helper: string; unit: string | null; households: number; villages: number }[]
}
/** How far the tasks of a decision or meeting have come. */
export interface Tally { tasks: number; proven: number; closed: number; overdue: number }
export interface MeetingRow extends Rec {
  title: string; level: string; kind: string; date: string; place: string | null; chair: string | null
  called: number; present: number; decisions: number
  tasks: number; proven: number; closed: number; overdue: number
}
export interface Attendance { category: string; unit: string | null; name: string | null; post: string | null; presence: string | null; note: string | null }
export interface Decision extends Tally {
  no: number; version: number; text: string; unit: string | null; due: string | null; result: string | null
  done: string | null; state: string; list: TaskRow[]
}
export interface MeetingFile { meeting: Rec & { title: string; date: string }; attendance: Attendance[]; decisions: Decision[] }
export interface TaskRow {
  no: number; version: number; title: string; state: string; unit: string | null; area: string | null
  account: string | null; account_name?: string | null; due: string | null; issued?: string | null; late: 'fine' | 'soon' | 'unacknowledged' | 'overdue'
  percent: number | null; parent: number | null; decision: number | null; evidence: string | null; body?: string | null
  files_wanted?: number | null; target?: number | null; done?: number | null
  children?: number; children_open?: number; decision_text?: string | null; meeting?: number | null; expected?: string | null
}
export interface TaskEvent { at: string; day: string | null; name: string; move: string; text: string | null; percent: number | null; done?: number | null }
export interface TaskFile { task: TaskRow; subtasks: TaskRow[]; events: TaskEvent[]; files: FileInfo[]; moves?: string[] }
export interface PolicyRow {
  no: number; version: number; title: string; doc_no: string | null; office: string | null; level: string | null
  subject: string | null; issued: string | null; valid_from: string | null; valid_to: string | null; body: string | null
  read_by: string | null; withdrawn: boolean | null; replaced_by: number | null
  wanted: number; read: number; read_at: string | null; files: FileInfo[]
}
export interface PackRule { id: string; title: string; severity: string; fixer: string; question: string; when: string; basis: string | null; active: boolean }
export interface PackParam { id: string; title: string; value: string; unit: string | null; basis: string | null; year?: number | null }
export interface PackWords { id: string; version: string; hash: string; title: string; params: PackParam[]; rules: PackRule[] }

// ---- today and the day sheet

export interface Returned { kind: 'task' | 'finding'; no: number; title: string; due: string | null; reason: string | null; at: string | null }
export interface Today {
  date: string
  counts: Record<string, number>
  tasks: TaskRow[]; findings: FindingRow[]; ledgers_due: LedgerRequest[]; returned: Returned[]
}
export interface SheetCount { open: number; opened: number; closed: number; overdue: number; pace: number; finish: string | null }
export interface SheetLine { key: string; name: string; findings?: SheetCount; tasks: SheetCount; requests?: SheetCount }
export interface DaySheet { date: string; villages: SheetLine[]; units: SheetLine[]; total: Required<SheetLine> }

// ---- forms and retyping

export interface FormColumn { header: string; place: string; field: string | null; confidence: number; sample: string | null }
export interface FormRow { no: number; version: number; title: string; file: string; edition: number; columns: number; understood: number; saved: string }
export interface FormFile { no: number; version: number; title: string; file: string; edition: number; columns: FormColumn[]; fields: { id: string; title: Text; group: Text }[] }
export interface RetypeRow {
  no: number; version: number; household: number; hh_no: string; head_name: string; person_name: string | null
  village: string; field: string; old: string | null; new: string | null; evidence: string | null
  changed: string; typed_by: string | null; typed_on: string | null; confirmed: string | null
}

// ---- situation

export interface Figure {
  id: string; title: string; value: string | null; unit: string; numerator: string | null; denominator: string | null
  definition: string; year: number | null; line: string | null; group?: string | null
}
export interface Situation { as_of: string; figures: Figure[] }
export interface SeriesPoint { key: string; label: string; value: string | null; numerator: string | null; denominator: string | null }
export interface Series { figure: string; by: 'village' | 'month'; unit: string; points: SeriesPoint[] }

// ---- users, journal, system

export interface Account extends Rec {
  login: string; name: string; role: string; areas: string | null; unit: string | null
  disabled: boolean | null; helper?: string | null; locked_until?: string | null; last_seen?: string | null
}
export interface JournalRow {
  no: number; at: string; kind: string; actor: string | null; os_user: string | null; command: string | null
  event_date: string | null; reason: string | null; source_file: string | null; changes: number
}
export interface Checkpoint { size: number; root: string; note: string; at: string | null }
export interface SystemState {
  version: string; uptime_s: number; db: { size: number; wal: number; schema: number }; jobs: number; writer_queue: number
  last_check?: { at: string; as_of: string; entry: number; findings: number } | null
}
