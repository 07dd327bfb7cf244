/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* routes: the one list of tables, in the order of the documentation. */
#include "api/subjects.h"

#include "base/banned.h"

const struct route *const api_routes[] = {
	api_session_routes,
	api_meta_routes,
	api_household_routes,
	api_edit_routes,
	api_correction_routes,
	api_file_routes,
	api_finding_routes,
	api_ledger_routes,
	api_layout_routes,
	api_link_routes,
	api_duty_routes,
	api_meeting_routes,
	api_task_routes,
	api_today_routes,
	api_request_routes,
	api_policy_routes,
	api_user_routes,
	api_journal_routes,
	api_job_routes,
	api_situation_routes,
	api_print_routes,
	api_paper_routes,
	api_form_routes,
	api_system_routes,
	NULL,
};

size_t api_routes_n(void)
{
	size_t n = 0;
	while (api_routes[n])
		n++;
	return n;
}
