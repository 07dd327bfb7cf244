/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/schemas.h"

#include "account/account.h"
#include "check/record.h"
#include "ledger/map_store.h"
#include "ledger/ledger.h"
#include "registry/pin.h"
#include "form/form_store.h"
#include "registry/registry.h"
#include "work/duty.h"
#include "work/meeting.h"
#include "work/policy.h"
#include "work/request.h"
#include "work/task.h"

#include "base/banned.h"

const struct api_schema api_schemas[] = {
	/* common */
	{"error", NULL, "code:text text:text place:text? detail:text? fields:[]field_error?"},
	{"field_error", NULL, "field:text code:text text:text"},
	{"both", NULL, "zh:text en:text"},
	{"place", NULL, "code:text name:text?"},
	/* session */
	{"session", NULL, "user:user csrf:text"},
	{"user", NULL, "login:text name:text role:text role_title:text? unit:text? must_change:bool "
		       "permissions:[]text scope:text areas:[]place"},
	{"account", &account_desc, "has_otp:bool"},
	{"account_answer", NULL, "user:account password:text?"},
	/* meta */
	{"meta", NULL, "version:text county:text today:date practice_day:date? lang:text pack:meta_pack root:place "
		       "villages:[]place roles:[]titled permissions:[]meta_permission codes:any records:any "
		       "rules:[]meta_rule layouts:[]meta_layout answers:[]titled"},
	{"meta_pack", NULL, "id:text version:text hash:text title:both"},
	{"meta_permission", NULL, "id:text title:both roles:text"},
	{"meta_rule", NULL, "id:text title:both severity:text fixer:text question:both enabled:bool"},
	{"meta_layout", NULL, "id:text title:both office:both"},
	{"titled", NULL, "id:text title:both"},
	/* register */
	{"household", &household_desc, ""},
	/* situation */
	{"situation", NULL, "as_of:date figures:[]figure"},
	{"figure", NULL, "id:text group:text kind:text title:text unit:text definition:text good:text? value:text? "
			 "numerator:text denominator:text? unknown:int parts:[]figure_part"},
	{"figure_part", NULL, "code:text label:text count:int"},
	{"situation_series", NULL, "figure:text by:text unit:text points:[]situation_point"},
	{"situation_point", NULL, "key:text label:text value:text? numerator:text denominator:text? unknown:int"},
	{"situation_household", NULL, "no:int hh_no:text? head_name:text? group_name:text? village:text?"},
	{"household_row", NULL, "no:int hh_no:text? village:text? group_name:text? head_name:text? "
				"members:int status:text? attr:text? findings_open:int helper:text? matched:text?"},
	{"household_file", NULL, "household:household state:[]household_state years:[]household_year "
				 "members:[]member incomes:[]income duties:[]duty measures:[]measure "
				 "visits:[]visit contracts:[]contract corrections:[]pin "
				 "findings:[]finding_row papers:[]paper files:[]attachment sources:[]source"},
	{"household_state", &household_state_desc, ""},
	{"household_year", &household_year_desc, ""},
	{"member", NULL, "person:person years:[]person_year membership:membership"},
	{"person", &person_desc, "id_masked:text? age:int?"},
	{"person_year", &person_year_desc, ""},
	{"membership", &membership_desc, ""},
	{"income", &income_desc, ""},
	{"duty", &duty_desc, ""},
	{"measure", &measure_desc, ""},
	{"visit", &visit_desc, ""},
	{"contract", &contract_desc, ""},
	{"pin", &pin_desc, "value:text? was:text? says:text?"},
	{"correction", &pin_desc, "value:text? was:text? says:text? hh_no:text? village:text? head_name:text? "
				  "person_name:text?"},
	{"paper", NULL, "id:text title:text required:bool present:int"},
	{"attachment", NULL, "no:int hash:text name:text type:text size:int paper:text? note:text? "
			     "added_by:text? added_by_name:text? added_at:instant"},
	{"source", NULL, "ledger:int layout:text title:text? office:text? file:text? as_of:date? "
			 "received:instant"},
	{"record_version", NULL, "version:int entry:int at:instant op:text actor:text? actor_name:text? reason:text? "
				 "command:text? old:any"},
	{"revealed", NULL, "person:int name:text? id_text:text? phone:text? account:text? birth:text? "
			   "health:text? disability_card:text? student:text? school:text?"},
	{"ledger_row", &ledger_desc, "layout_title:text? office:text? in_force:bool mapping:[]ledger_column"},
	{"ledger_column", NULL, "header:text field:text label:text?"},
	{"ledger_layout", NULL, "id:text title:text office:text? columns:[]layout_column"},
	{"layout_column", NULL, "id:text label:text required:bool"},
	{"ledger_map", &ledger_map_desc, ""},
	{"link_case", NULL, "key:text layout:text title:text? office:text? place:text date:date? "
			    "row:[]link_cell candidates:[]link_candidate"},
	{"link_cell", NULL, "field:text label:text? compared:text? value:text"},
	{"link_candidate", NULL, "person:int? household:int? name:text? id_masked:text? birth:date? hh_no:text? "
				 "village:text? band:text why:text? agree:link_agree"},
	{"link_agree", NULL, "name:text id:text birth:text village:text"},
	/* the result of an import job */
	{"import_result", NULL, "dry_run:bool files:[]imported_file"},
	{"imported_file", NULL, "name:text status:text code:text? text:text? detail:text? "
				"ledgers:[]imported_ledger? counts:any? rejects_total:int? rejects:[]reject? "
				"skipped:[]skipped_sheet? preview:[]preview_sheet? answered:int? unchanged:int? "
				"empty:int? refused:int?"},
	{"imported_ledger", NULL, "layout:text title:text? rows:int as_of:date? year:int covers:text? "
				  "partial:bool corrects:bool mapping:[]ledger_column villages:int "
				  "without_place:int columns:[]tried_column? map_layout:text?"},
	{"tried_column", NULL, "place:text header:text field:text? by_hand:bool sample:text?"},
	{"reject", NULL, "place:text column:text? code:text text:text proposal:text? doubt:bool"},
	{"skipped_sheet", NULL, "sheet:text row:int? code:text detail:text?"},
	{"preview_sheet", NULL, "sheet:text rows:[]preview_row"},
	{"preview_row", NULL, "row:int cells:[]text"},
	/* findings */
	{"finding_row", NULL, "no:int version:int rule:text? title:text? severity:text certainty:text fixer:text "
			      "state:text household:int? hh_no:text? head_name:text? person_name:text? "
			      "village:text? detail:text? source_kind:text source:text? answer:text? "
			      "assignee:text? assignee_name:text? assignee_unit:text? due:date? "
			      "first_seen:date? reopened:int returned:int"},
	{"finding_count", NULL, "village:text? rule:text? source_kind:text state:text? answer:text? n:int overdue:int"},
	{"finding_record", &finding_desc, ""},
	{"finding_page", NULL, "finding:finding_row record:finding_record exempt:[]text question:text? "
			       "values:[]finding_value explain:text? history:[]finding_version files:[]attachment"},
	{"finding_value", NULL, "label:text? office:text? date:date? cells:[]side_cell place:text? probable:bool"},
	{"side_cell", NULL, "label:text value:text?"},
	{"finding_version", NULL, "version:int at:instant actor:text? actor_name:text? command:text? reason:text?"},
	{"assigned", NULL, "assigned:int"},
	{"checked", NULL, "as_of:date at:instant entry:int note:text?"},
	/* forms */
	{"form_template", &form_template_desc, ""},
	{"form", &form_template_desc, "kind:text by:text sheet:text? first:int last:int columns:[]form_column "
				      "fields:[]form_field"},
	{"form_column", NULL, "place:text header:text field:text? label:text? confidence:int corrected:bool "
			      "formula:bool sample:text?"},
	{"form_field", NULL, "id:text label:text"},
	{"retype_row", NULL, "key:text record:text field:text household:int village:text hh_no:text "
			     "head_name:text person:text old:text new:text added:bool changed_at:instant "
			     "event_date:date? actor:text actor_name:text? evidence:text state:text "
			     "typed_on:date? typed_by:text? typed_by_name:text? confirmed_on:date?"},
	{"confirmed", NULL, "confirmed:int"},
	/* meetings, tasks */
	{"meeting_row", &meeting_desc, "called:int present:int decisions:int tally:tally"},
	{"meeting", &meeting_desc, "attendance:[]attendance decisions:[]decision files:[]attachment"},
	{"attendance", &attendance_desc, ""},
	{"decision", &decision_desc, "state:text tally:tally tasks:[]task_row"},
	{"tally", NULL, "tasks:int proven:int closed:int overdue:int"},
	{"task_row", &task_desc, "account_name:text? issuer_name:text? decision_text:text? meeting:int? "
				 "children:int children_open:int late:text days:int level:int "
				 "expected:date? actions:[]text"},
	{"task", &task_desc, "account_name:text? issuer_name:text? decision_text:text? meeting:int? "
			     "children:int children_open:int late:text days:int level:int "
			     "expected:date? actions:[]text events:[]task_event parts:[]task_row "
			     "files:[]attachment"},
	{"task_event", &task_event_desc, ""},
	{"staff", NULL, "no:int login:text name:text? role:text unit:text?"},
	/* duties, ledgers asked for, policies, the day */
	{"duty_row", NULL, "household:int hh_no:text? village:text? group_name:text? head_name:text? duty:int? "
		       "helper:text? unit:text? from:date? to:date? by_hand:bool beside:int households:int"},
	{"duty_helper", NULL, "helper:text unit:text households:int villages:int overloaded:bool"},
	{"duty_of_village", NULL, "village:text households:int unassigned:int overlapping:int helpers:int"},
	{"duty_summary", NULL, "day:date most:int unassigned:[]duty_row overlapping:[]duty_row ended:[]duty_row "
			       "overloaded:[]duty_helper by_helper:[]duty_helper by_village:[]duty_of_village"},
	{"duty_counts", NULL, "assigned:int ended:int unchanged:int"},
	{"village_duty", &village_duty_desc, ""},
	{"number", NULL, "no:int"},
	{"ledger_request", &ledger_request_desc, "overdue:bool days:int"},
	{"policy_row", &policy_desc, "replaced_by:int? readers_wanted:int readers_done:int read_at:instant?"},
	{"policy", &policy_desc, "replaced_by:int? readers_wanted:int readers_done:int read_at:instant? "
				 "receipts:[]receipt? files:[]attachment"},
	{"receipt", NULL, "login:text name:text? role:text unit:text? at:instant?"},
	{"pack", NULL, "id:text version:text hash:text title:both params:[]pack_param tables:[]pack_table "
		       "rules:[]pack_rule"},
	{"pack_param", NULL, "id:text title:both value:text basis:text?"},
	{"pack_table", NULL, "id:text title:both basis:text? scale:int years:[]pack_year"},
	{"pack_year", NULL, "year:int value:any"},
	{"pack_rule", NULL, "id:text title:both question:both severity:text fixer:text probable:bool "
			    "enabled:bool disabled_why:both scope:text when:text basis:text? "
			    "valid_from:date? valid_to:date? params:[]text exempt:[]both"},
	{"today", NULL, "day:date counts:today_counts tasks:[]task_row returned:[]task_row "
			"to_check:[]task_row ledgers_due:[]ledger_request findings:[]finding_row"},
	{"today_counts", NULL, "tasks:int to_acknowledge:int returned:int overdue:int to_check:int "
			       "to_check_overdue:int ledgers_due:int ledgers_overdue:int "
			       "policies_unread:int findings:int findings_returned:int "
			       "findings_overdue:int findings_to_review:int"},
	{"sheet_count", NULL, "open:int opened:int closed:int overdue:int waiting:int pace:int "
			     "finish:date?"},
	{"sheet_line", NULL, "code:text? unit:text? name:text findings:sheet_count tasks:sheet_count "
			     "ledgers:sheet_count?"},
	{"sheet_total", NULL, "findings:sheet_count tasks:sheet_count ledgers:sheet_count"},
	{"day_sheet", NULL, "day:date days:int villages:[]sheet_line units:[]sheet_line total:sheet_total"},
	/* journal, jobs, system */
	{"entry", NULL, "no:int at:instant kind:text actor:text? actor_name:text? os_user:text? event_date:date? "
			"reason:text? command:text? source_file:text? changes:int"},
	{"job_ref", NULL, "job:int"},
	{"job", NULL, "no:int kind:text title:text state:text by:text by_name:text? done:int total:int "
		      "queued_at:instant started_at:instant? ended_at:instant? error:error? file:bool result:any?"},
	{"system", NULL, "version:text uptime_s:int db:system_db jobs:int writer_queue:int "
			 "last_check:system_check?"},
	{"system_db", NULL, "size:int wal:int schema:int"},
	{"system_check", NULL, "at:instant as_of:date entry:int findings:int"},
	{0},
};

const struct api_schema *api_schema_find(struct str name)
{
	for (const struct api_schema *s = api_schemas; s->name; s++)
		if (str_is(name, s->name))
			return s;
	return NULL;
}
