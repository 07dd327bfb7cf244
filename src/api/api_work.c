/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/api_work.h"

#include "attach/attach.h"

#include "base/banned.h"

struct work_who rq_who(struct request *rq)
{
	const struct api_user *u = rq_user(rq);
	struct work_who who = {
		.account = u->account,
		.login = u->login,
		.name = u->name,
		.unit = u->unit,
		.all = permission_has(u->permissions, PERM_see_meetings),
		.manages = permission_has(u->permissions, PERM_edit_tasks),
		.acts = permission_has(u->permissions, PERM_act_tasks),
	};
	if (u->scope.kind == DB_SCOPE_AREAS && permission_has(u->permissions, PERM_answer_findings)) {
		who.villages = u->scope.areas;
		who.n_villages = u->scope.n_areas;
	}
	return who;
}

int64_t rq_limit(const struct request *rq, size_t i)
{
	int64_t n = rq_int(rq, i, WORK_PAGE);
	return n < 1 ? 1 : n;
}

enum err rq_cursor(struct request *rq, size_t i, int64_t *ret_a, int64_t *ret_b)
{
	const char *text = rq_text(rq, i);
	struct str rest = str_c(text), first;
	if (!text) {
		*ret_a = *ret_b = 0;
		return OK;
	}
	if (!str_split(&rest, '.', &first) || !str_to_int(first, ret_a) || !str_to_int(rest, ret_b))
		return rq_invalid(rq, "after", ERR_INVALID);
	return OK;
}

const char *rq_cursor_make(struct request *rq, int64_t x, int64_t y)
{
	return arena_printf(rq->a, "%lld.%lld", (long long)x, (long long)y);
}

struct api_entry rq_entry(const struct request *rq, const char *command, size_t i_date,
                          size_t i_reason)
{
	return (struct api_entry){
		.command = command,
		.reason = i_reason == SIZE_MAX ? NULL : rq_text(rq, i_reason),
		.event_date = i_date == SIZE_MAX ? 0 : (date_t)rq_int(rq, i_date, 0),
	};
}

void rq_record(struct request *rq, const struct record_desc *d, const void *rec)
{
	json_record_members(&rq->out, d, rec, F_OFFICE, false);
}

enum err rq_files(struct request *rq, const char *tbl, int64_t no)
{
	struct attachment *rows = NULL;
	size_t n = 0;
	enum err e = attach_of(rq_db(rq), tbl, no, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "files");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++)
		api_write_attachment(rq, &rows[i]);
	json_end(&rq->out);
	return OK;
}

bool rq_sees_task(struct request *rq, int64_t no)
{
	struct work_who who = rq_who(rq);
	struct diag had = rq->diag;
	struct task_row row;
	bool sees = permission_has(rq_user(rq)->permissions, PERM_see_tasks) &&
	            task_get(rq_db(rq), &who, no, rq->a, &row) == OK;
	rq->diag = had; /* what is not seen is no error */
	return sees;
}
