/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/schemas.h"

#include "account/account.h"
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
	/* situation */
	{"situation", NULL, "as_of:date figures:[]figure"},
	{"figure", NULL, "id:text group:text kind:text title:text unit:text definition:text good:text? value:text? "
			 "numerator:text denominator:text? unknown:int parts:[]figure_part"},
	{"figure_part", NULL, "code:text label:text count:int"},
	{"situation_series", NULL, "figure:text by:text unit:text points:[]situation_point"},
	{"situation_point", NULL, "key:text label:text value:text? numerator:text denominator:text? unknown:int"},
	{"situation_household", NULL, "no:int hh_no:text? head_name:text? group_name:text? village:text?"},
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
