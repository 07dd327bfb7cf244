// SPDX-License-Identifier: AGPL-3.0-or-later
// What the server answers: the shapes printed from the interface (schema.ts) under the names of
// the pages, narrowed where the interface only says "text".  Dates are ISO texts with their
// precision, money texts of yuan, instants UTC; values of code lists are ids whose labels stand in /meta.

import type { S } from './schema'

/** These members are always there: the record is nothing without them. */
type Need<T, K extends keyof T> = T & { [P in K]-?: NonNullable<T[P]> }

export type Lang = 'zh' | 'en'
export type Text = S['both']
export type Value = string | number | boolean | null
/** A record as it stands: its number, its version, then the fields that are there. */
export interface Rec { no: number; version: number; [field: string]: Value | undefined }
export interface Page<T> { rows: T[]; next: string | null; total?: number }

// ---- session and meta

export type User = S['user']
export type Session = S['session']

export type FieldKind =
  'text' | 'int' | 'money' | 'decimal' | 'date' | 'bool' | 'code' | 'ref' | 'instant' | 'blob'
export interface FieldMeta {
  name: string; kind: FieldKind; list: string | null
  class: 'public' | 'office' | 'sensitive' | 'computed'
  required: boolean; sealed?: boolean; label: Text
  help?: Text | null
}
export interface RecordMeta { label: Text; fields: FieldMeta[] }
export interface CodeItem extends Text { id: string }
export type Meta = Omit<S['meta'], 'codes' | 'records' | 'villages' | 'root' | 'permissions'> & {
  root: { code: string; name: string }
  villages: { code: string; name: string }[]
  codes: Record<string, CodeItem[]>
  records: Record<string, RecordMeta>
}

// ---- jobs

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
export type Job = Omit<S['job'], 'error'> & { state: JobState; error?: ErrorBody | null }
export type ErrorField = S['field_error']
export type ErrorBody = S['error']

// ---- households

export type HouseholdRow = S['household_row']
/** Records of a file are shown by their descriptors: one shape for all. */
export interface MemberFile { person: Rec; membership: Rec; years: Rec[] }
export type SourceInfo = S['source']
export type Attachment = S['attachment']
type FileParts = Omit<S['household_file'], 'household' | 'state' | 'years' | 'members' | 'incomes' | 'duties' | 'measures' | 'visits' | 'contracts' | 'findings' | 'corrections'>
export type HouseholdFile = FileParts & {
  household: Rec
  state: Rec[]; years: Rec[]; members: MemberFile[]; incomes: Rec[]; duties: Rec[]
  measures: Rec[]; visits: Rec[]; contracts: Rec[]
  findings: FindingRow[]; corrections: Pin[]
}
/** A change of a record; `old` holds what stood before it, by field. */
export type RecordVersion = S['record_version'] & { old: Record<string, Value> }
/** Full values of one person: only those that were asked for. */
export type Revealed = S['revealed'] & { [field: string]: Value | undefined }
/** A corrected value, what the ledger said, and what a later one says. */
export type Pin = Need<S['pin'], 'tbl' | 'field'>
export type Correction = Need<S['correction'], 'tbl' | 'field' | 'household'>

// ---- findings

export type FindingRow = S['finding_row'] & { certainty: 'sure' | 'probable' }
export type FindingFile = S['finding_page'] & { finding: FindingRow; record: S['finding_record'] }
export type FindingCount = Need<S['finding_count'], 'state'>

// ---- ledgers

export type LedgerColumn = S['ledger_column']
export type LedgerRow = Need<S['ledger_row'], 'layout' | 'file' | 'row_count' | 'doubts' | 'refused' | 'received'>
export type LedgerLayout = S['ledger_layout']
export type LayoutColumn = S['layout_column']
export type LedgerMap = Need<S['ledger_map'], 'layout' | 'name' | 'mapping' | 'saved'>
export type Reject = S['reject']
export type TriedColumn = S['tried_column']
export type ImportedLedger = S['imported_ledger']
/** What a file handed in came to: ledgers, a village's answers, or why it was refused. */
export type ImportedFile = S['imported_file'] & { status: 'taken' | 'already' | 'answers' | 'refused'; counts?: Record<string, number> }
export type ImportResult = Omit<S['import_result'], 'files'> & { files: ImportedFile[] }
export type LedgerRequest = Need<S['ledger_request'], 'layout' | 'unit'>

// ---- links

export type LinkCell = S['link_cell']
export type Agreement = 'missing' | 'differs' | 'near' | 'agrees'
export type LinkCandidate = Omit<S['link_candidate'], 'agree'> & { agree: Record<'name' | 'id' | 'birth' | 'village', Agreement> }
export type LinkRow = Omit<S['link_case'], 'candidates'> & { candidates: LinkCandidate[] }

// ---- duties, meetings, tasks, policy

export type DutyRow = S['duty_row']
export type DutySummary = S['duty_summary']
export type VillageDuty = Need<S['village_duty'], 'village' | 'role'>
/** How far the tasks of a decision or meeting have come. */
export type Tally = S['tally']
export type MeetingRow = Need<S['meeting_row'], 'title' | 'level' | 'kind' | 'date'>
export interface Attendance { category: string; unit?: string | null; name?: string | null; post?: string | null; presence?: string | null; note?: string | null }
export type Decision = Omit<Need<S['decision'], 'text'>, 'tasks'> & { tasks: TaskRow[] }
export type MeetingFile = Omit<Need<S['meeting'], 'title' | 'level' | 'kind' | 'date'>, 'attendance' | 'decisions'> & { attendance: Attendance[]; decisions: Decision[] }
export type TaskRow = Need<S['task_row'], 'title' | 'state'> & { late: 'fine' | 'soon' | 'unacknowledged' | 'overdue' }
export type TaskEvent = Need<S['task_event'], 'move' | 'at'>
export type TaskFile = Omit<TaskRow, never> & { events: TaskEvent[]; parts: TaskRow[]; files: Attachment[] }
export type Staff = S['staff']
export type PolicyRow = Need<S['policy_row'], 'title'>
export type Receipt = S['receipt']
export type PolicyFile = Need<S['policy'], 'title'>
export type PackParam = S['pack_param']
export type PackWords = Omit<S['pack'], 'tables'> & { tables: (Omit<S['pack_table'], 'years'> & { years: { year: number; value: Value }[] })[] }

// ---- today and the day sheet

export type Today = Omit<S['today'], 'counts' | 'tasks' | 'returned' | 'to_check' | 'findings' | 'ledgers_due'> & {
  counts: Record<string, number>
  tasks: TaskRow[]; returned: TaskRow[]; to_check: TaskRow[]; findings: FindingRow[]; ledgers_due: LedgerRequest[]
}
export type SheetCount = S['sheet_count']
export type SheetLine = S['sheet_line']
export type DaySheet = S['day_sheet']

// ---- forms and retyping

export type FormColumn = S['form_column']
export type FormRow = Need<S['form_template'], 'name' | 'revision' | 'file_name' | 'created'>
export type FormFile = Need<S['form'], 'name' | 'revision' | 'file_name' | 'created'>
export type RetypeRow = S['retype_row'] & { state: 'open' | 'typed' | 'confirmed' }

// ---- situation

export type Figure = S['figure']
export type Situation = S['situation']
export type SeriesPoint = S['situation_point']
export type SituationHousehold = S['situation_household']
export type Series = S['situation_series'] & { by: 'village' | 'month' }

// ---- users, journal, system

export type Account = Need<S['account'], 'login' | 'name' | 'role'> & Rec
export type JournalRow = S['entry']
export type SystemState = S['system']
