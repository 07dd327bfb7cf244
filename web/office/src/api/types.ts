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
  id: string; title: Text; severity: string; fixer: string; question: Text; enabled: boolean
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
  no: number; hh_no: string | null; village: string | null; group_name: string | null
  head_name: string | null; members: number; status: string | null; attr: string | null
  findings_open: number; helper: string | null; matched?: string | null
}
export interface MemberFile { person: Rec; membership: Rec; years: Rec[] }
export interface PaperState { id: string; title: string; required: boolean; present: number }
export interface SourceInfo { ledger: number; layout: string; title: string | null; office: string | null; file: string | null; as_of: string | null; received: string }
export interface Attachment {
  no: number; hash: string; name: string; type: string; size: number; paper?: string | null; note?: string | null
  added_by: string | null; added_at: string
}
export interface HouseholdFile {
  household: Rec
  state: Rec[]; years: Rec[]; members: MemberFile[]; incomes: Rec[]; duties: Rec[]
  measures: Rec[]; visits: Rec[]; contracts: Rec[]; corrections: Rec[]
  findings: FindingRow[]; papers: PaperState[]; files: Attachment[]; sources: SourceInfo[]
}
/** A change of a record; `old` holds what stood before it, by field. */
export interface RecordVersion {
  version: number; entry: number; at: string; op: string; actor: string | null; reason: string | null
  command: string | null; old: Record<string, Value>
}
/** Full values of one person: only those that were asked for. */
export interface Revealed { person: number; name?: string | null; [field: string]: Value | undefined }

// ---- findings

export interface FindingRow {
  no: number; version: number; rule: string | null; title: string | null; severity: string
  certainty: 'sure' | 'probable'; fixer: string; state: string; household: number | null; hh_no: string | null
  head_name: string | null; person_name: string | null; village: string | null; detail: string | null
  source_kind: string; source: string | null; answer: string | null; assignee: string | null; assignee_unit: string | null
  due: string | null; first_seen: string | null; reopened: number; returned: number
}
export interface FindingValue {
  label: string | null; office: string | null; date: string | null; value: string; place: string | null; probable: boolean
}
export interface FindingVersion { version: number; at: string; actor: string | null; command: string | null; reason: string | null }
export interface FindingFile {
  finding: FindingRow
  record: Rec & {
    content?: string; answer?: string; answered?: string; answered_by?: string; answered_login?: string; remark?: string; evidence?: string
    exempt?: string; checked?: string; checked_by?: string; assign_note?: string; assigned_by?: string
    review?: string; review_note?: string; reviewed_by?: string
  }
  exempt: string[]; question: string | null
  values: FindingValue[]; explain: string | null; history: FindingVersion[]; files: Attachment[]
}
export interface FindingCount { village: string | null; rule: string | null; source_kind: string; state: string; answer: string | null; n: number; overdue: number }

// ---- ledgers

export interface LedgerColumn { header: string; field: string; label: string }
export interface LedgerRow {
  no: number; version: number; layout: string; layout_title: string | null; office: string | null; in_force: boolean
  title?: string | null; file: string; as_of?: string | null; as_of_from?: string | null; year?: number | null; covers?: string | null
  partial?: boolean | null; authorisation?: string | null; row_count: number; doubts: number; refused: number
  received: string; keep_until?: string | null; replaces?: number | null; mapping: LedgerColumn[]
}
export interface Reject { place: string; column: string | null; code: string; text: string; proposal: string | null; doubt: boolean }
export interface ImportedLedger {
  layout: string; title: string | null; rows: number; as_of: string | null; year: number; covers: string | null; partial: boolean
  corrects: boolean; mapping: LedgerColumn[]; villages: number; without_place: number
}
/** What a file handed in came to: ledgers, a village's answers, or why it was refused. */
export interface ImportedFile {
  name: string; status: 'taken' | 'already' | 'answers' | 'refused'
  code?: string; text?: string; detail?: string | null
  ledgers?: ImportedLedger[]; counts?: Record<string, number>; rejects_total?: number; rejects?: Reject[]
  skipped?: { sheet: string; code: string; detail: string | null }[]
  answered?: number; unchanged?: number; empty?: number; refused?: number
}
export interface ImportResult { dry_run: boolean; files: ImportedFile[] }
export interface LedgerRequest extends Rec {
  layout: string; unit: string; area?: string; due?: string; requested?: string; as_of?: string; note?: string; state?: string
  ledger?: number; returned?: string; remark?: string; reminders?: number; reminded?: string; overdue: boolean; days: number
}

// ---- links

export interface LinkCell { field: string; label: string | null; value: string }
export type Agreement = 'missing' | 'differs' | 'near' | 'agrees'
export interface LinkCandidate {
  person: number | null; household: number | null; name: string | null; id_masked: string | null; birth: string | null; hh_no: string | null
  village: string | null; band: string; why: string | null; agree: { name: Agreement; id: Agreement; birth: Agreement; village: Agreement }
}
export interface LinkRow {
  key: string; layout: string; title: string | null; office: string | null; place: string; date: string | null
  row: LinkCell[]; candidates: LinkCandidate[]
}

// ---- duties, meetings, tasks, policy, requests

export interface DutyRow {
  household: number; hh_no: string | null; village: string | null; group_name: string | null; head_name: string | null
  duty: number | null; helper: string | null; unit: string | null; from: string | null; to: string | null
  by_hand: boolean; beside: number; households: number
}
export interface DutyHelper { helper: string; unit: string; households: number; villages: number; overloaded: boolean }
export interface DutySummary {
  day: string; most: number; unassigned: DutyRow[]; overlapping: DutyRow[]; ended: DutyRow[]
  overloaded: DutyHelper[]; by_helper: DutyHelper[]
  by_village: { village: string; households: number; unassigned: number; overlapping: number; helpers: number }[]
}
/** How far the tasks of a decision or meeting have come. */
export interface Tally { tasks: number; proven: number; closed: number; overdue: number }
export interface MeetingRow {
  no: number; version: number; title: string; level: string; kind: string; date: string; place?: string; chair?: string
  called: number; present: number; decisions: number; tally: Tally
}
export interface Attendance { category: string; unit?: string | null; name?: string | null; post?: string | null; presence?: string | null; note?: string | null }
export interface Decision {
  no: number; version: number; text: string; unit?: string; due?: string; result?: string
  done?: string; state: string; tally: Tally; tasks: TaskRow[]
}
export interface MeetingFile {
  no: number; version: number; title: string; level: string; kind: string; date: string; agenda?: string; minutes?: string; [field: string]: unknown
  attendance: Attendance[]; decisions: Decision[]; files: Attachment[]
}
export interface TaskRow {
  no: number; version: number; title: string; state: string; unit?: string; area?: string
  account?: number; account_name: string | null; issuer_name: string | null; due?: string; issued?: string
  late: 'fine' | 'soon' | 'unacknowledged' | 'overdue'; days: number; level: number
  percent?: number; parent?: number; decision?: number; evidence?: string; body?: string
  files_wanted?: number; target?: number; done?: number; returned?: number
  children: number; children_open: number; decision_text: string | null; meeting: number | null; expected: string | null; actions: string[]
}
export interface TaskEvent { no: number; at: string; day?: string; name?: string; move: string; text?: string; percent?: number; done?: number }
export interface TaskFile extends TaskRow { events: TaskEvent[]; parts: TaskRow[]; files: Attachment[] }
export interface Staff { no: number; login: string; name: string | null; role: string; unit: string | null }
export interface PolicyRow {
  no: number; version: number; title: string; doc_no?: string; office?: string; level?: string
  subject?: string; issued?: string; valid_from?: string; valid_to?: string; body?: string
  read_by?: string; withdrawn?: boolean; replaced_by: number | null
  readers_wanted: number; readers_done: number; read_at: string | null
}
export interface Receipt { login: string; name: string | null; role: string; unit: string | null; at: string | null }
export interface PolicyFile extends PolicyRow { receipts: Receipt[] | null; files: Attachment[] }
export interface PackRule {
  id: string; title: Text; severity: string; fixer: string; question: Text; when: string; basis: string | null; enabled: boolean
  disabled_why: { zh: string | null; en: string | null }
}
export interface PackParam { id: string; title: Text; value: string; basis: string | null }
export interface PackTable { id: string; title: Text; basis: string | null; scale: number; years: { year: number; value: Value }[] }
export interface PackWords { id: string; version: string; hash: string; title: Text; params: PackParam[]; tables: PackTable[]; rules: PackRule[] }

// ---- today and the day sheet

export interface Today {
  day: string
  counts: Record<string, number>
  tasks: TaskRow[]; returned: TaskRow[]; to_check: TaskRow[]; findings: FindingRow[]; ledgers_due: LedgerRequest[]
}
export interface SheetCount { open: number; opened: number; closed: number; overdue: number; pace: number; finish: string | null }
export interface SheetLine { code?: string | null; unit?: string | null; name: string; findings?: SheetCount; tasks: SheetCount; ledgers?: SheetCount | null }
export interface DaySheet { day: string; days: number; villages: SheetLine[]; units: SheetLine[]; total: { findings: SheetCount; tasks: SheetCount; ledgers: SheetCount } }

// ---- forms and retyping

export interface FormColumn {
  header: string; place: string; field: string | null; label: string | null; confidence: number; corrected: boolean; formula: boolean; sample: string | null
}
export interface FormRow { no: number; version: number; name: string; revision: number; file_name: string; created: string; created_by?: string; retired?: boolean }
export interface FormFile extends FormRow { kind: string; by: string; sheet: string | null; first: number; last: number; columns: FormColumn[]; fields: { id: string; label: string }[] }
export interface RetypeRow {
  key: string; record: string; field: string; household: number; village: string; hh_no: string; head_name: string; person: string
  old: string; new: string; added: boolean; changed_at: string; event_date: string | null; actor: string; evidence: string
  state: 'open' | 'typed' | 'confirmed'; typed_on: string | null; typed_by: string | null; confirmed_on: string | null
}

// ---- situation

export interface FigurePart { code: string; label: string; count: number }
export interface Figure {
  id: string; group: string; kind: string; title: string; unit: string; definition: string; good: string | null; value: string | null
  numerator: string; denominator: string | null; unknown: number; parts: FigurePart[]
}
export interface Situation { as_of: string; figures: Figure[] }
export interface SeriesPoint { key: string; label: string; value: string | null; numerator: string; denominator: string | null; unknown: number }
export interface SituationHousehold { no: number; hh_no: string | null; head_name: string | null; group_name: string | null; village: string | null }
export interface Series { figure: string; by: 'village' | 'month'; unit: string; points: SeriesPoint[] }

// ---- users, journal, system

export interface Account extends Rec {
  login: string; name: string; role: string; areas?: string; unit?: string
  disabled?: boolean; helper?: string; must_change?: boolean; has_otp: boolean
}
export interface JournalRow {
  no: number; at: string; kind: string; actor: string | null; os_user: string | null; command: string | null
  event_date: string | null; reason: string | null; source_file: string | null; changes: number
}
export interface SystemState {
  version: string; uptime_s: number; db: { size: number; wal: number; schema: number }; jobs: number; writer_queue: number
  last_check?: { at: string; as_of: string; entry: number; findings: number } | null
}
