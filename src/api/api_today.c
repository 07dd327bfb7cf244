/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What waits for the one who asks, and the day sheet. */
#include "api/api_work.h"
#include "api/snapshot.h"
#include "check/life.h"
#include "work/request.h"
#include "work/sheet.h"

#include "base/banned.h"

enum { TODAY_ROWS = 20 };

/* --- today ------------------------------------------------------------------------ */

static enum err write_tasks(struct request *rq, const char *name, const struct work_who *who,
                            struct task_filter f)
{
	struct task_row *rows = NULL;
	size_t n = 0;
	f.day = rq_today(rq);
	f.limit = TODAY_ROWS;
	enum err e = task_list(rq_db(rq), who, &f, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, name);
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++)
		rq_task(rq, &rows[i], who);
	json_end(&rq->out);
	return OK;
}

/* Proofs that wait for the word of somebody else than who gave them. */
static enum err write_to_check(struct request *rq, const struct work_who *who)
{
	struct task_filter f = {.state = "proven", .day = rq_today(rq), .limit = WORK_PAGE};
	struct task_row *rows = NULL;
	size_t n = 0, k = 0;
	enum err e = task_list(rq_db(rq), who, &f, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "to_check");
	json_array(&rq->out);
	for (size_t i = 0; i < n && k < TODAY_ROWS; i++)
		if (!task_may(&rows[i].task, who, TASK_MOVE_CHECK)) {
			rq_task(rq, &rows[i], who);
			k++;
		}
	json_end(&rq->out);
	return OK;
}

static enum err write_ledgers(struct request *rq, const struct work_who *who)
{
	struct request_filter f = {.state = "open", .day = rq_today(rq), .limit = TODAY_ROWS};
	struct ledger_request *rows = NULL;
	size_t n = 0;
	enum err e = request_list(rq_db(rq), who, &f, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "ledgers_due");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++) {
		json_object(&rq->out);
		rq_record(rq, &ledger_request_desc, &rows[i]);
		json_bool_member(&rq->out, "overdue", rows[i].due < f.day);
		json_end(&rq->out);
	}
	json_end(&rq->out);
	return OK;
}

/* Findings that were assigned to the one who asks. */
static enum err write_findings(struct request *rq)
{
	struct life_filter f = {.state = "open", .assignee = rq_user(rq)->login};
	struct life_row *rows = NULL;
	int64_t next = 0;
	size_t n = 0;
	enum err e = life_list(rq_db(rq), rq_api(rq)->pack, &f, 0, TODAY_ROWS, rq->a, &rows, &n, &next);
	if (e)
		return e;
	const struct snapshot *s = snapshot_get(rq_api(rq));
	json_key(&rq->out, "findings");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++)
		api_write_finding(rq, &rows[i], s);
	json_end(&rq->out);
	snapshot_put(s);
	return OK;
}

static void write_counts(struct request *rq, const struct today *t)
{
	struct json_out *o = &rq->out;
	json_key(o, "counts");
	json_object(o);
	json_int_member(o, "tasks", t->tasks);
	json_int_member(o, "to_acknowledge", t->to_acknowledge);
	json_int_member(o, "returned", t->returned);
	json_int_member(o, "overdue", t->overdue);
	json_int_member(o, "to_check", t->to_check);
	json_int_member(o, "to_check_overdue", t->to_check_overdue);
	json_int_member(o, "ledgers_due", t->requests);
	json_int_member(o, "ledgers_overdue", t->requests_overdue);
	json_int_member(o, "policies_unread", t->unread);
	json_int_member(o, "findings", t->findings);
	json_int_member(o, "findings_returned", t->findings_returned);
	json_int_member(o, "findings_overdue", t->findings_overdue);
	json_int_member(o, "findings_to_review", t->to_review);
	json_end(o);
}

static enum err get_today(struct request *rq)
{
	struct work_who who = rq_who(rq);
	struct today t;
	bool reviews = permission_has(rq_user(rq)->permissions, PERM_review_findings);
	enum err e = today_counts(rq_db(rq), &who, reviews, rq_today(rq), rq->a, &t);
	if (e)
		return e;
	json_object(&rq->out);
	json_date_member(&rq->out, "day", rq_today(rq));
	write_counts(rq, &t);
	e = write_tasks(rq, "tasks", &who, (struct task_filter){.state = "open", .mine = true});
	if (!e)
		e = write_tasks(rq, "returned", &who, (struct task_filter){.state = "returned", .mine = true});
	if (!e)
		e = write_to_check(rq, &who);
	if (!e)
		e = write_ledgers(rq, &who);
	if (!e)
		e = write_findings(rq);
	json_end(&rq->out);
	return e;
}

/* --- day sheet -------------------------------------------------------------------- */

static void write_count(struct request *rq, const char *name, const struct sheet_count *c)
{
	struct json_out *o = &rq->out;
	json_key(o, name);
	json_object(o);
	json_int_member(o, "open", c->open);
	json_int_member(o, "opened", c->opened);
	json_int_member(o, "closed", c->closed);
	json_int_member(o, "overdue", c->overdue);
	json_int_member(o, "waiting", c->waiting);
	json_int_member(o, "pace", c->pace);
	json_date_member(o, "finish", c->finish);
	json_end(o);
}

static void write_line(struct request *rq, const struct sheet_line *l, bool village)
{
	json_object(&rq->out);
	json_c_member(&rq->out, village ? "code" : "unit", l->key);
	json_c_member(&rq->out, "name", l->name);
	write_count(rq, "findings", &l->findings);
	write_count(rq, "tasks", &l->tasks);
	if (!village)
		write_count(rq, "ledgers", &l->requests);
	json_end(&rq->out);
}

static const struct net_field sheet_in[] = {
	{.name = "date", .in = NET_QUERY, .kind = FIELD_DATE, .label = TEXT("日期", "day")},
};

static enum err get_sheet(struct request *rq)
{
	const struct api *api = rq_api(rq);
	date_t today = rq_today(rq), day = (date_t)rq_int(rq, 0, today);
	struct sheet s;
	if (date_prec(day) != DATE_DAY)
		return rq_invalid(rq, "date", ERR_CELL_DATE);
	if (day > today)
		return rq_invalid(rq, "date", ERR_DATE_FUTURE);
	enum err e = sheet_make(rq_db(rq), api->areas, api->root, day, rq->a, &s);
	if (e)
		return e;
	json_object(&rq->out);
	json_date_member(&rq->out, "day", s.day);
	json_int_member(&rq->out, "days", SHEET_DAYS);
	json_key(&rq->out, "villages");
	json_array(&rq->out);
	for (size_t i = 0; i < s.n_villages; i++)
		write_line(rq, &s.villages[i], true);
	json_end(&rq->out);
	json_key(&rq->out, "units");
	json_array(&rq->out);
	for (size_t i = 0; i < s.n_units; i++)
		write_line(rq, &s.units[i], false);
	json_end(&rq->out);
	json_key(&rq->out, "total");
	json_object(&rq->out);
	write_count(rq, "findings", &s.total.findings);
	write_count(rq, "tasks", &s.total.tasks);
	write_count(rq, "ledgers", &s.total.requests);
	json_end(&rq->out);
	json_end(&rq->out);
	return OK;
}

#define TAG "today"
const struct route api_today_routes[] = {
	{.id = "today", .method = NET_GET, .path = API "/today", .permission = PERM_signed_in,
	 .handler = get_today, .answer = "today", .tag = TAG,
	 .summary = TEXT("今天等我办的事", "what waits for me today")},
	{.id = "day_sheet", .method = NET_GET, .path = API "/day-sheet",
	 .permission = PERM_see_situation,
	 .in = sheet_in, .n_in = IN_COUNT(sheet_in), .handler = get_sheet,
	 .answer = "day_sheet", .tag = TAG,
	 .summary = TEXT("调度单：各村各单位的新增、办结、逾期和预计完成", "the day sheet: opened, closed, overdue, expected finish")},
	{0},
};
