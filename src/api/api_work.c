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

enum err rq_page(struct request *rq, size_t i, struct work_page *ret)
{
	const char *text = rq_text(rq, i);
	struct str rest = str_c(text), first;
	*ret = (struct work_page){.limit = rq_int(rq, i + 1, WORK_PAGE)};
	if (ret->limit < 1)
		ret->limit = 1;
	if (text && (!str_split(&rest, '.', &first) || !str_to_int(first, &ret->after) ||
	             !str_to_int(rest, &ret->after_no)))
		return rq_invalid(rq, "after", ERR_INVALID);
	return OK;
}

void rq_page_end(struct request *rq, const struct work_page *p, size_t n, int64_t last,
                 int64_t last_no)
{
	bool more = (int64_t)n == p->limit;
	api_rows_end(rq, more ? arena_printf(rq->a, "%lld.%lld", (long long)last, (long long)last_no)
	                      : NULL);
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

const struct net_field work_add_in[2] = {IN_EVENT_DATE, IN_REASON};
const struct net_field work_put_in[3] = {IN_NO, IN_EVENT_DATE, IN_REASON};
const struct net_field work_file_in[2] = {
	IN_NO,
	{.name = "note", .in = NET_BODY, .kind = FIELD_TEXT, .max = 500, .label = TEXT("说明", "note")},
};

static enum err write_it(struct request *rq, const struct work_write *w, bool single)
{
	struct api_entry entry = rq_entry(rq, w->command, w->i_date, w->i_date + 1);
	entry.single = single;
	uint64_t set;
	enum err e = rq_fields(rq, w->desc, w->rec, &set);
	if (!e && w->check)
		e = w->check(rq, w->rec);
	return e ? e : api_explain(rq, api_write(rq, &entry, w->fn, w->arg));
}

static enum err answer_it(struct request *rq, const struct work_write *w)
{
	return w->answer(rq, w->no ? *w->no : ((const struct record *)w->rec)->no);
}

enum err rq_work_add(struct request *rq, const struct work_write *w)
{
	enum err e = write_it(rq, w, false);
	if (e)
		return e;
	rq->status = 201;
	return answer_it(rq, w);
}

enum err rq_work_put(struct request *rq, const struct work_write *w)
{
	enum err e = rq_check_version(rq, w->desc, w->rec);
	if (!e)
		e = write_it(rq, w, true);
	return e ? e : answer_it(rq, w);
}

void rq_record(struct request *rq, const struct record_desc *d, const void *rec)
{
	rq_record_members(rq, d, rec, F_OFFICE);
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

enum err rq_attach(struct request *rq, const char *tbl, int64_t no)
{
	struct attachment t = {0};
	FIELD_SET(&t, ATTACHMENT_, tbl, tbl);
	FIELD_SET(&t, ATTACHMENT_, rec, no);
	if (rq_has(rq, FILE_NOTE))
		FIELD_SET(&t, ATTACHMENT_, note, rq_text(rq, FILE_NOTE));
	return api_attach(rq, &t);
}
