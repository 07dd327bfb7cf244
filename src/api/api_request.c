/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Ledgers asked for: which unit owes which by when. */
#include "api/api_work.h"
#include "api/printing.h"
#include "report/reminder.h"
#include "work/request.h"

#include "base/banned.h"

static void write_request(struct request *rq, const struct ledger_request *r)
{
	date_t today = rq_today(rq);
	bool open = strcmp(r->state, "open") == 0;
	int32_t left = date_to_days(r->due) - date_to_days(today);
	json_object(&rq->out);
	rq_record(rq, &ledger_request_desc, r);
	json_bool_member(&rq->out, "overdue", open && left < 0);
	json_int_member(&rq->out, "days", open ? left : 0);
	json_end(&rq->out);
}

enum { L_STATE, L_UNIT, L_LAYOUT, L_OVERDUE, L_AFTER, L_LIMIT };
static const struct net_field list_in[] = {
	{.name = "state", .in = NET_QUERY, .kind = FIELD_CODE, .codes = "open|returned|cancelled",
	 .label = TEXT("状态", "state")},
	{.name = "unit", .in = NET_QUERY, .kind = FIELD_TEXT, .label = TEXT("报送单位", "unit")},
	{.name = "layout", .in = NET_QUERY, .kind = FIELD_TEXT,
	 .label = TEXT("台账种类", "kind of ledger")},
	{.name = "overdue", .in = NET_QUERY, .kind = FIELD_BOOL, .label = TEXT("逾期", "overdue")},
	IN_AFTER,
	IN_LIMIT,
};

static enum err list_requests(struct request *rq)
{
	struct work_who who = rq_who(rq);
	struct ledger_request *rows = NULL;
	struct work_page page;
	size_t n = 0;
	enum err e = rq_page(rq, L_AFTER, &page);
	struct request_filter f = {
		.state = rq_text(rq, L_STATE),
		.unit = rq_text(rq, L_UNIT),
		.layout = rq_text(rq, L_LAYOUT),
		.overdue = rq_int(rq, L_OVERDUE, 0) != 0,
		.day = rq_today(rq),
		.after_due = (date_t)page.after,
		.after_no = page.after_no,
		.limit = page.limit,
	};
	if (!e)
		e = request_list(rq_db(rq), &who, &f, rq->a, &rows, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++)
		write_request(rq, &rows[i]);
	const struct ledger_request *last = n ? &rows[n - 1] : &(struct ledger_request){0};
	rq_page_end(rq, &page, n, last->due, last->no);
	return OK;
}

static enum err answer(struct request *rq, int64_t no)
{
	struct work_who who = rq_who(rq);
	struct ledger_request r;
	enum err e = request_get(rq_db(rq), &who, no, rq->a, &r);
	if (e)
		return e;
	rq_version(rq, r.version);
	write_request(rq, &r);
	return OK;
}

struct request_write {
	const struct pack *pack;
	struct work_who who;
	date_t today;
	struct ledger_request r;
};

static struct request_write *new_write(struct request *rq)
{
	struct request_write *w = ARENA_NEW(rq->a, struct request_write);
	w->pack = rq_api(rq)->pack;
	w->who = rq_who(rq);
	w->today = rq_today(rq);
	return w;
}

static enum err do_add(struct journal *j, void *arg)
{
	struct request_write *w = arg;
	return request_add(j, w->pack, &w->who, w->today, &w->r);
}

static enum err do_change(struct journal *j, void *arg)
{
	struct request_write *w = arg;
	return request_change(j, w->pack, w->today, &w->r);
}

static enum err do_remind(struct journal *j, void *arg)
{
	struct request_write *w = arg;
	return request_remind(j, w->r.no, w->today);
}

static enum err check_area(struct request *rq, void *rec)
{
	const struct ledger_request *r = rec;
	if (FIELD_HAS(r, LEDGER_REQUEST_, area) && !area_find(rq_api(rq)->areas, r->area))
		return rq_invalid(rq, "area", ERR_UNKNOWN_AREA);
	return OK;
}

static enum err add_request(struct request *rq)
{
	struct request_write *w = new_write(rq);
	return rq_work_add(rq, &(struct work_write){.desc = &ledger_request_desc,
	                                            .command = "ledger request", .i_date = ADD_EVENT_DATE,
	                                            .rec = &w->r, .check = check_area, .fn = do_add,
	                                            .arg = w, .answer = answer});
}

static enum err put_request(struct request *rq)
{
	struct request_write *w = new_write(rq);
	enum err e = request_get(rq_db(rq), &w->who, rq_int(rq, PUT_NO, 0), rq->a, &w->r);
	if (e)
		return e;
	return rq_work_put(rq, &(struct work_write){.desc = &ledger_request_desc,
	                                            .command = "ledger request change",
	                                            .i_date = PUT_EVENT_DATE, .rec = &w->r,
	                                            .check = check_area, .fn = do_change, .arg = w,
	                                            .answer = answer});
}

static const struct net_field no_in[] = {IN_NO};

static enum err remind(struct request *rq)
{
	struct request_write *w = new_write(rq);
	struct api_entry entry = {.command = "ledger request remind"};
	w->r.no = rq_int(rq, 0, 0);
	enum err e = api_explain(rq, api_write(rq, &entry, do_remind, w));
	return e ? e : answer(rq, w->r.no);
}

/* --- on paper ------------------------------------------------------------------------ */

enum { LETTER_ROWS = 200 };

static const char *area_named(const struct request *rq, const char *code)
{
	const struct area *area = code ? area_find(rq_api(rq)->areas, code) : NULL;
	return area ? area->name : code ? code : "";
}

static struct reminder_row letter_row(const struct request *rq, const struct ledger_request *r)
{
	const struct pack_layout *l = pack_layout(rq_api(rq)->pack, r->layout);
	return (struct reminder_row){
		.ledger = str_c(l ? l->title.in[rq->lang] : r->layout),
		.area = str_c(area_named(rq, r->area)),
		.as_of = FIELD_HAS(r, LEDGER_REQUEST_, as_of) ? r->as_of : 0,
		.asked = r->requested,
		.due = r->due,
		.reminders = FIELD_HAS(r, LEDGER_REQUEST_, reminders) ? r->reminders : 0,
		.note = str_c(r->note ? r->note : ""),
	};
}

/* To the unit of this request: all that it still owes. */
static enum err reminder(struct request *rq)
{
	struct work_who who = rq_who(rq);
	struct ledger_request r, *rows = NULL;
	struct printing p = {0};
	size_t n = 0;
	enum err e = request_get(rq_db(rq), &who, rq_int(rq, 0, 0), rq->a, &r);
	struct request_filter f = {.state = "open", .unit = e ? NULL : r.unit, .day = rq_today(rq),
	                           .limit = LETTER_ROWS};
	if (!e)
		e = request_list(rq_db(rq), &who, &f, rq->a, &rows, &n);
	if (!e && !n)
		e = diag_set(&rq->diag, ERR_TASK_STATE, "%s", r.state);
	if (e)
		return e;
	struct reminder_row *lines = ARENA_ARRAY(rq->a, n, struct reminder_row);
	for (size_t i = 0; i < n; i++)
		lines[i] = letter_row(rq, &rows[i]);
	struct reminder m = {.lang = rq->lang, .from = str_c(area_named(rq, rq_api(rq)->root)),
	                     .to = str_c(r.unit), .day = f.day, .rows = lines, .n = n,
	                     .made_by = rq_made_by(rq)};
	e = printing_file(rq, &p);
	if (!e)
		e = reminder_pdf(&m, p.path, &rq->diag);
	if (!e)
		printing_send(rq, &p, PRINTING_PDF,
		              arena_printf(rq->a, rq->lang == LANG_ZH ? "催报通知单_%s.pdf" : "reminder_%s.pdf",
		                           r.unit));
	printing_end(&p);
	return e;
}

#define TAG "ledger"
const struct route api_request_routes[] = {
	{.id = "ledger_request_list", .method = NET_GET, .path = API "/ledger-requests",
	 .permission = PERM_see_tasks,
	 .in = list_in, .n_in = IN_COUNT(list_in), .handler = list_requests,
	 .answer = "list ledger_request", .tag = TAG,
	 .summary = TEXT("台账报送要求，按时限", "ledgers asked for, by due day")},
	{.id = "ledger_request_add", .method = NET_POST, .path = API "/ledger-requests",
	 .permission = PERM_request_ledgers, .in = work_add_in, .n_in = IN_COUNT(work_add_in),
	 .record = &ledger_request_desc, .handler = add_request,
	 .answer = "ledger_request", .tag = TAG,
	 .summary = TEXT("要求报送台账", "ask for a ledger")},
	{.id = "ledger_request_put", .method = NET_PUT, .path = API "/ledger-requests/{no}",
	 .permission = PERM_request_ledgers, .in = work_put_in, .n_in = IN_COUNT(work_put_in),
	 .record = &ledger_request_desc, .handler = put_request,
	 .answer = "ledger_request", .tag = TAG,
	 .summary = TEXT("调整、办结或取消报送要求", "change a request, close it by hand or cancel it")},
	{.id = "ledger_request_remind", .method = NET_POST, .path = API "/ledger-requests/{no}/remind",
	 .permission = PERM_request_ledgers,
	 .in = no_in, .n_in = IN_COUNT(no_in), .handler = remind,
	 .answer = "ledger_request", .tag = TAG, .summary = TEXT("催报", "remind")},
	{.id = "ledger_request_reminder", .method = NET_GET,
	 .path = API "/ledger-requests/{no}/reminder.pdf", .permission = PERM_see_tasks,
	 .kind = ROUTE_LONG, .in = no_in, .n_in = IN_COUNT(no_in), .handler = reminder,
	 .answer = "file", .tag = TAG,
	 .summary = TEXT("催报通知单：该单位未报的全部台账", "the reminder, for print: all that the unit still owes")},
	{0},
};
