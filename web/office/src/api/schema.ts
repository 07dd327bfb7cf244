// SPDX-License-Identifier: AGPL-3.0-or-later
// Printed from the interface by tools/gen_types.py; tests/check-docs compares.  Do not edit.
export interface S {
  account: { no: number; version: number; login?: string; name?: string; role?: string; areas?: string; unit?: string; password?: string; disabled?: boolean; helper?: string; must_change?: boolean; has_otp: boolean }
  account_answer: { user: S['account']; password?: string | null }
  assigned: { assigned: number }
  attachment: { no: number; hash: string; name: string; type: string; size: number; paper?: string | null; note?: string | null; added_by?: string | null; added_by_name?: string | null; added_at: string }
  attendance: { no: number; version: number; meeting?: number; line?: number; category?: string; unit?: string; name?: string; post?: string; presence?: string; note?: string }
  both: { zh: string; en: string }
  checked: { as_of: string; at: string; entry: number; note?: string | null }
  confirmed: { confirmed: number }
  contract: { no: number; version: number; household?: number; company?: string; coop?: string; industry?: string; mode?: string; amount?: string; due?: string; paid?: string; paid_date?: string; ledger?: number; place?: string }
  correction: { no: number; version: number; tbl?: string; field?: string; conflict?: boolean; reason?: string; event_date?: string; by_login?: string; by_login_name?: string | null; at_ms?: string; household?: number; person?: number; rec?: number; value?: string | null; was?: string | null; says?: string | null; hh_no?: string | null; village?: string | null; head_name?: string | null; person_name?: string | null }
  day_sheet: { day: string; days: number; villages: S['sheet_line'][]; units: S['sheet_line'][]; total: S['sheet_total'] }
  decision: { no: number; version: number; meeting?: number; line?: number; text?: string; unit?: string; due?: string; result?: string; done?: string; state: string; tally: S['tally']; tasks: S['task_row'][] }
  duty: { no: number; version: number; household?: number; helper?: string; unit?: string; valid_from?: string; valid_to?: string; recorded_from?: string; recorded_to?: string; ledger?: number; place?: string }
  duty_counts: { assigned: number; ended: number; unchanged: number }
  duty_helper: { helper: string; unit: string; households: number; villages: number; overloaded: boolean }
  duty_of_village: { village: string; households: number; unassigned: number; overlapping: number; helpers: number }
  duty_row: { household: number; hh_no?: string | null; village?: string | null; group_name?: string | null; head_name?: string | null; duty?: number | null; helper?: string | null; unit?: string | null; from?: string | null; to?: string | null; by_hand: boolean; beside: number; households: number }
  duty_summary: { day: string; most: number; unassigned: S['duty_row'][]; overlapping: S['duty_row'][]; ended: S['duty_row'][]; overloaded: S['duty_helper'][]; by_helper: S['duty_helper'][]; by_village: S['duty_of_village'][] }
  entry: { no: number; at: string; kind: string; actor?: string | null; actor_name?: string | null; os_user?: string | null; event_date?: string | null; reason?: string | null; command?: string | null; source_file?: string | null; changes: number }
  error: { code: string; text: string; place?: string | null; detail?: string | null; fields?: S['field_error'][] }
  field_error: { field: string; code: string; text: string }
  figure: { id: string; group: string; kind: string; title: string; unit: string; definition: string; good?: string | null; value?: string | null; numerator: string; denominator?: string | null; unknown: number; parts: S['figure_part'][] }
  figure_part: { code: string; label: string; count: number }
  finding_count: { village?: string | null; rule?: string | null; source_kind: string; state?: string | null; answer?: string | null; n: number; overdue: number }
  finding_page: { finding: S['finding_row']; record: S['finding_record']; exempt: string[]; question?: string | null; values: S['finding_value'][]; explain?: string | null; history: S['finding_version'][]; files: S['attachment'][] }
  finding_record: { no: number; version: number; rule?: string; household?: number; person?: number; subject?: string; village?: string; state?: string; probable?: boolean; first_seen?: string; closed?: string; reopened?: number; answer?: string; answered?: string; until?: string; answered_by?: string; answered_by_name?: string | null; remark?: string; answered_at?: string; evidence?: string; source?: string; assignee?: string; assignee_name?: string | null; assignee_unit?: string; due?: string; assign_note?: string; assigned_by?: string; assigned_by_name?: string | null; assigned_at?: string; checked?: string; checked_by?: string; checked_by_name?: string | null; answered_login?: string; answered_login_name?: string | null; exempt?: string; review?: string; review_note?: string; reviewed_by?: string; reviewed_by_name?: string | null; reviewed_at?: string; returned?: number; content?: string; fixer?: string; severity?: string; entered_by?: string; entered_by_name?: string | null }
  finding_row: { no: number; version: number; rule?: string | null; title?: string | null; severity: string; certainty: string; fixer: string; state: string; household?: number | null; hh_no?: string | null; head_name?: string | null; person_name?: string | null; village?: string | null; detail?: string | null; source_kind: string; source?: string | null; answer?: string | null; assignee?: string | null; assignee_name?: string | null; assignee_unit?: string | null; due?: string | null; first_seen?: string | null; reopened: number; returned: number }
  finding_value: { label?: string | null; office?: string | null; date?: string | null; cells: S['side_cell'][]; place?: string | null; probable: boolean }
  finding_version: { version: number; at: string; actor?: string | null; actor_name?: string | null; command?: string | null; reason?: string | null }
  form: { no: number; version: number; name?: string; revision?: number; file_name?: string; mapping?: string; grain?: string; created?: string; created_by?: string; created_by_name?: string | null; retired?: boolean; kind: string; by: string; sheet?: string | null; first: number; last: number; columns: S['form_column'][]; fields: S['form_field'][] }
  form_column: { place: string; header: string; field?: string | null; label?: string | null; confidence: number; corrected: boolean; formula: boolean; sample?: string | null }
  form_field: { id: string; label: string }
  form_template: { no: number; version: number; name?: string; revision?: number; file_name?: string; mapping?: string; grain?: string; created?: string; created_by?: string; created_by_name?: string | null; retired?: boolean }
  household: { no: number; version: number; hh_no?: string; ident?: string; village?: string; group_name?: string; address?: string; head_name?: string; ledger?: number; uuid?: string }
  household_file: { household: S['household']; state: S['household_state'][]; years: S['household_year'][]; members: S['member'][]; incomes: S['income'][]; duties: S['duty'][]; measures: S['measure'][]; visits: S['visit'][]; contracts: S['contract'][]; corrections: S['pin'][]; findings: S['finding_row'][]; papers: S['paper'][]; files: S['attachment'][]; sources: S['source'][] }
  household_row: { no: number; hh_no?: string | null; village?: string | null; group_name?: string | null; head_name?: string | null; members: number; status?: string | null; attr?: string | null; findings_open: number; helper?: string | null; matched?: string | null }
  household_state: { no: number; version: number; household?: number; kind?: string; code?: string; year?: number; valid_from?: string; valid_to?: string; recorded_from?: string; recorded_to?: string; ledger?: number }
  household_year: { no: number; version: number; household?: number; year?: number; entry_year?: number; plan_exit_year?: number; cause_main?: string; cause_others?: string; declared_members?: number; stated_per_capita?: string; unsafe_house?: boolean; house_grade?: string; water_safe?: boolean; relocated?: boolean; house_area?: string; arable?: string; ledger?: number }
  import_result: { dry_run: boolean; files: S['imported_file'][] }
  imported_file: { name: string; status: string; code?: string | null; text?: string | null; detail?: string | null; ledgers?: S['imported_ledger'][]; counts?: unknown; rejects_total?: number | null; rejects?: S['reject'][]; skipped?: S['skipped_sheet'][]; preview?: S['preview_sheet'][]; answered?: number | null; unchanged?: number | null; empty?: number | null; refused?: number | null }
  imported_ledger: { layout: string; title?: string | null; rows: number; as_of?: string | null; year: number; covers?: string | null; partial: boolean; corrects: boolean; mapping: S['ledger_column'][]; villages: number; without_place: number; columns?: S['tried_column'][]; map_layout?: string | null }
  income: { no: number; version: number; household?: number; year?: number; members?: number; wage?: string; business?: string; business_cost?: string; property?: string; transfer?: string; t_family?: string; t_dibao?: string; t_tekun?: string; t_pension?: string; t_eco?: string; t_other?: string; stated_net?: string; stated_per_capita?: string; ledger?: number; place?: string }
  job: { no: number; kind: string; title: string; state: string; by: string; by_name?: string | null; done: number; total: number; queued_at: string; started_at?: string | null; ended_at?: string | null; error?: S['error']; file: boolean; result?: unknown }
  job_ref: { job: number }
  layout_column: { id: string; label: string; required: boolean }
  ledger_column: { header: string; field: string; label?: string | null }
  ledger_layout: { id: string; title: string; office?: string | null; columns: S['layout_column'][] }
  ledger_map: { no: number; version: number; layout?: string; name?: string; mapping?: string; saved_by?: string; saved_by_name?: string | null; saved?: string }
  ledger_request: { no: number; version: number; layout?: string; unit?: string; area?: string; account?: number; requested?: string; requested_by?: number; due?: string; as_of?: string; note?: string; state?: string; returned?: string; ledger?: number; remark?: string; reminders?: number; reminded?: string; overdue: boolean; days: number }
  ledger_row: { no: number; version: number; layout?: string; title?: string; file?: string; as_of?: string; as_of_from?: string; year?: number; covers?: string; partial?: boolean; authorisation?: string; pack?: string; row_count?: number; doubts?: number; refused?: number; received?: string; keep_until?: string; replaces?: number; columns?: string; layout_title?: string | null; office?: string | null; in_force: boolean; mapping: S['ledger_column'][] }
  link_agree: { name: string; id: string; birth: string; village: string }
  link_candidate: { person?: number | null; household?: number | null; name?: string | null; id_masked?: string | null; birth?: string | null; hh_no?: string | null; village?: string | null; band: string; why?: string | null; agree: S['link_agree'] }
  link_case: { key: string; layout: string; title?: string | null; office?: string | null; place: string; date?: string | null; row: S['link_cell'][]; candidates: S['link_candidate'][] }
  link_cell: { field: string; label?: string | null; compared?: string | null; value: string }
  measure: { no: number; version: number; household?: number; person?: number; category?: string; category_text?: string; content?: string; date?: string; amount?: string; plan_amount?: string; status?: string; ledger?: number; place?: string }
  meeting: { no: number; version: number; level?: string; kind?: string; number?: number; title?: string; date?: string; time?: string; place?: string; chair?: string; recorder?: string; organiser?: string; area?: string; conveys?: number; agenda?: string; minutes?: string; state?: string; attendance: S['attendance'][]; decisions: S['decision'][]; files: S['attachment'][] }
  meeting_row: { no: number; version: number; level?: string; kind?: string; number?: number; title?: string; date?: string; time?: string; place?: string; chair?: string; recorder?: string; organiser?: string; area?: string; conveys?: number; agenda?: string; minutes?: string; state?: string; called: number; present: number; decisions: number; tally: S['tally'] }
  member: { person: S['person']; years: S['person_year'][]; membership: S['membership'] }
  membership: { no: number; version: number; person?: number; household?: number; relation?: string; line?: number; valid_from?: string; valid_to?: string; recorded_from?: string; recorded_to?: string; ledger?: number; place?: string }
  meta: { version: string; county: string; today: string; practice_day?: string | null; lang: string; pack: S['meta_pack']; root: S['place']; villages: S['place'][]; roles: S['titled'][]; permissions: S['meta_permission'][]; codes: unknown; records: unknown; rules: S['meta_rule'][]; layouts: S['meta_layout'][]; answers: S['titled'][] }
  meta_layout: { id: string; title: S['both']; office: S['both'] }
  meta_pack: { id: string; version: string; hash: string; title: S['both'] }
  meta_permission: { id: string; title: S['both']; roles: string }
  meta_rule: { id: string; title: S['both']; severity: string; fixer: string; question: S['both']; enabled: boolean }
  number: { no: number }
  pack: { id: string; version: string; hash: string; title: S['both']; params: S['pack_param'][]; tables: S['pack_table'][]; rules: S['pack_rule'][] }
  pack_param: { id: string; title: S['both']; value: string; basis?: string | null }
  pack_rule: { id: string; title: S['both']; question: S['both']; severity: string; fixer: string; probable: boolean; enabled: boolean; disabled_why: S['both']; scope: string; when: string; basis?: string | null; valid_from?: string | null; valid_to?: string | null; params: string[]; exempt: S['both'][] }
  pack_table: { id: string; title: S['both']; basis?: string | null; scale: number; years: S['pack_year'][] }
  pack_year: { year: number; value: unknown }
  paper: { id: string; title: string; required: boolean; present: number }
  person: { no: number; version: number; name?: string; sex?: string; birth?: string; id_lossy?: boolean; bank?: string; ethnic?: string; uuid?: string; id_masked?: string | null; age?: number | null }
  person_year: { no: number; version: number; person?: number; year?: number; edu?: string; student?: string; school?: string; health?: string; labor?: string; work_place?: string; work_months?: number; public_post?: string; disability_type?: string; disability_grade?: string; insured_resident?: boolean; insured_employee?: boolean; insured_major?: boolean; dibao?: boolean; soldier?: boolean; dropout_reason?: string; remark?: string; ledger?: number }
  pin: { no: number; version: number; tbl?: string; field?: string; conflict?: boolean; reason?: string; event_date?: string; by_login?: string; by_login_name?: string | null; at_ms?: string; household?: number; person?: number; rec?: number; value?: string | null; was?: string | null; says?: string | null }
  place: { code: string; name?: string | null }
  policy: { no: number; version: number; title?: string; doc_no?: string; office?: string; level?: string; subject?: string; issued?: string; valid_from?: string; valid_to?: string; body?: string; replaces?: number; readers?: string; read_by?: string; withdrawn?: boolean; replaced_by?: number | null; readers_wanted: number; readers_done: number; read_at?: string | null; receipts?: S['receipt'][]; files: S['attachment'][] }
  policy_row: { no: number; version: number; title?: string; doc_no?: string; office?: string; level?: string; subject?: string; issued?: string; valid_from?: string; valid_to?: string; body?: string; replaces?: number; readers?: string; read_by?: string; withdrawn?: boolean; replaced_by?: number | null; readers_wanted: number; readers_done: number; read_at?: string | null }
  preview_row: { row: number; cells: string[] }
  preview_sheet: { sheet: string; rows: S['preview_row'][] }
  receipt: { login: string; name?: string | null; role: string; unit?: string | null; at?: string | null }
  record_version: { version: number; entry: number; at: string; op: string; actor?: string | null; actor_name?: string | null; reason?: string | null; command?: string | null; old: unknown }
  reject: { place: string; column?: string | null; code: string; text: string; proposal?: string | null; doubt: boolean }
  retype_row: { key: string; record: string; field: string; household: number; village: string; hh_no: string; head_name: string; person: string; old: string; new: string; added: boolean; changed_at: string; event_date?: string | null; actor: string; actor_name?: string | null; evidence: string; state: string; typed_on?: string | null; typed_by?: string | null; typed_by_name?: string | null; confirmed_on?: string | null }
  revealed: { person: number; name?: string | null; id_text?: string | null; phone?: string | null; account?: string | null; birth?: string | null; health?: string | null; disability_card?: string | null; student?: string | null; school?: string | null }
  session: { user: S['user']; csrf: string }
  sheet_count: { open: number; opened: number; closed: number; overdue: number; waiting: number; pace: number; finish?: string | null }
  sheet_line: { code?: string | null; unit?: string | null; name: string; findings: S['sheet_count']; tasks: S['sheet_count']; ledgers?: S['sheet_count'] }
  sheet_total: { findings: S['sheet_count']; tasks: S['sheet_count']; ledgers: S['sheet_count'] }
  side_cell: { label: string; value?: string | null }
  situation: { as_of: string; figures: S['figure'][] }
  situation_household: { no: number; hh_no?: string | null; head_name?: string | null; group_name?: string | null; village?: string | null }
  situation_point: { key: string; label: string; value?: string | null; numerator: string; denominator?: string | null; unknown: number }
  situation_series: { figure: string; by: string; unit: string; points: S['situation_point'][] }
  skipped_sheet: { sheet: string; row?: number | null; code: string; detail?: string | null }
  source: { ledger: number; layout: string; title?: string | null; office?: string | null; file?: string | null; as_of?: string | null; received: string }
  staff: { no: number; login: string; name?: string | null; role: string; unit?: string | null }
  system: { version: string; uptime_s: number; db: S['system_db']; jobs: number; writer_queue: number; last_check?: S['system_check'] }
  system_check: { at: string; as_of: string; entry: number; findings: number }
  system_db: { size: number; wal: number; schema: number }
  tally: { tasks: number; proven: number; closed: number; overdue: number }
  task: { no: number; version: number; title?: string; body?: string; decision?: number; parent?: number; unit?: string; area?: string; account?: number; issued?: string; issued_by?: number; due?: string; evidence?: string; files_wanted?: number; state?: string; percent?: number; target?: number; done?: number; acknowledged?: string; proven?: string; proven_by?: number; checked?: string; checked_by?: number; closed?: string; closed_by?: number; returned?: number; cancelled?: string; account_name?: string | null; issuer_name?: string | null; decision_text?: string | null; meeting?: number | null; children: number; children_open: number; late: string; days: number; level: number; expected?: string | null; actions: string[]; events: S['task_event'][]; parts: S['task_row'][]; files: S['attachment'][] }
  task_event: { no: number; version: number; task?: number; move?: string; day?: string; at?: string; account?: number; name?: string; percent?: number; done?: number; text?: string }
  task_row: { no: number; version: number; title?: string; body?: string; decision?: number; parent?: number; unit?: string; area?: string; account?: number; issued?: string; issued_by?: number; due?: string; evidence?: string; files_wanted?: number; state?: string; percent?: number; target?: number; done?: number; acknowledged?: string; proven?: string; proven_by?: number; checked?: string; checked_by?: number; closed?: string; closed_by?: number; returned?: number; cancelled?: string; account_name?: string | null; issuer_name?: string | null; decision_text?: string | null; meeting?: number | null; children: number; children_open: number; late: string; days: number; level: number; expected?: string | null; actions: string[] }
  titled: { id: string; title: S['both'] }
  today: { day: string; counts: S['today_counts']; tasks: S['task_row'][]; returned: S['task_row'][]; to_check: S['task_row'][]; ledgers_due: S['ledger_request'][]; findings: S['finding_row'][] }
  today_counts: { tasks: number; to_acknowledge: number; returned: number; overdue: number; to_check: number; to_check_overdue: number; ledgers_due: number; ledgers_overdue: number; policies_unread: number; findings: number; findings_returned: number; findings_overdue: number; findings_to_review: number }
  tried_column: { place: string; header: string; field?: string | null; by_hand: boolean; sample?: string | null }
  user: { login: string; name: string; role: string; role_title?: string | null; unit?: string | null; must_change: boolean; permissions: string[]; scope: string; areas: S['place'][] }
  village_duty: { no: number; version: number; village?: string; role?: string; name?: string; unit?: string; post?: string; valid_from?: string; valid_to?: string; recorded_from?: string; recorded_to?: string }
  visit: { no: number; version: number; household?: number; date?: string; content?: string; visitor?: string; ledger?: number; place?: string }
}
