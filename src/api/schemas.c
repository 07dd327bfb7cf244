/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/schemas.h"

#include "account/account.h"
#include "form/form_store.h"
#include "registry/registry.h"

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
	{"meta", NULL, "version:text county:text today:date lang:text pack:meta_pack root:place "
		       "villages:[]place roles:[]titled permissions:[]meta_permission codes:any records:any "
		       "rules:[]meta_rule layouts:[]meta_layout answers:[]titled"},
	{"meta_pack", NULL, "id:text version:text hash:text title:both"},
	{"meta_permission", NULL, "id:text title:both roles:text"},
	{"meta_rule", NULL, "id:text title:both severity:text fixer:text question:both enabled:bool"},
	{"meta_layout", NULL, "id:text title:both office:both"},
	{"titled", NULL, "id:text title:both"},
	/* register */
	{"household", &household_desc, ""},
	{"household_file", NULL, "household:household"},
	/* forms */
	{"form_template", &form_template_desc, ""},
	{"form", &form_template_desc, "kind:text by:text sheet:text? first:int last:int columns:[]form_column "
				      "fields:[]form_field"},
	{"form_column", NULL, "place:text header:text field:text? label:text? confidence:int corrected:bool "
			      "formula:bool sample:text?"},
	{"form_field", NULL, "id:text label:text"},
	{"retype_row", NULL, "key:text record:text field:text household:int village:text hh_no:text "
			     "head_name:text person:text old:text new:text added:bool changed_at:instant "
			     "event_date:date? actor:text evidence:text state:text typed_on:date? typed_by:text? "
			     "confirmed_on:date?"},
	{"confirmed", NULL, "confirmed:int"},
	/* journal, jobs, system */
	{"entry", NULL, "no:int at:instant kind:text actor:text? os_user:text? event_date:date? reason:text? "
			"command:text? source_file:text? changes:int"},
	{"job_ref", NULL, "job:int"},
	{"job", NULL, "no:int kind:text title:text state:text by:text done:int total:int queued_at:instant "
		      "started_at:instant? ended_at:instant? error:error? file:bool result:any?"},
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
