/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who answers for which household and village. */
#include "api/api_work.h"
#include "work/duty.h"

#include "base/banned.h"

enum { SUMMARY_ROWS = 200, ID_MAX = 1000000000 };

static date_t day_of(const struct request *rq, size_t i)
{
	return (date_t)rq_int(rq, i, rq_today(rq));
}

static void write_row(struct request *rq, const struct duty_row *r)
{
	struct json_out *o = &rq->out;
	json_object(o);
	json_int_member(o, "household", r->household);
	json_c_member(o, "hh_no", r->hh_no);
	json_c_member(o, "village", r->village);
	json_c_member(o, "group_name", r->group_name);
	json_c_member(o, "head_name", r->head_name);
	json_key(o, "duty");
	if (r->duty)
		json_int(o, r->duty);
	else
		json_null(o);
	json_c_member(o, "helper", r->helper);
	json_c_member(o, "unit", r->unit);
	json_date_member(o, "from", r->from);
	json_date_member(o, "to", r->to);
	json_bool_member(o, "by_hand", r->by_hand);
	json_int_member(o, "beside", r->beside);
	json_int_member(o, "households", r->households);
	json_end(o);
}

enum { L_VILLAGE, L_HELPER, L_UNIT, L_STATE, L_DAY, L_AFTER, L_LIMIT };
static const struct net_field list_in[] = {
	{.name = "village", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 12,
	 .label = TEXT("村", "village")},
	{.name = "helper", .in = NET_QUERY, .kind = FIELD_TEXT,
	 .label = TEXT("帮扶责任人", "responsible cadre")},
	{.name = "unit", .in = NET_QUERY, .kind = FIELD_TEXT, .label = TEXT("工作单位", "unit")},
	{.name = "state", .in = NET_QUERY, .kind = FIELD_CODE,
	 .codes = "in_force|unassigned|overlapping|ended",
	 .label = TEXT("状态", "state")},
	{.name = "day", .in = NET_QUERY, .kind = FIELD_DATE, .label = TEXT("日期", "day")},
	IN_AFTER,
	IN_LIMIT,
};

static enum duty_state state_of(const char *text)
{
	static const char *const names[DUTY_STATE_MAX] = {"in_force", "unassigned", "overlapping", "ended"};
	for (int i = 0; text && i < DUTY_STATE_MAX; i++)
		if (strcmp(names[i], text) == 0)
			return (enum duty_state)i;
	return DUTY_ALL;
}

static enum err list_duties(struct request *rq)
{
	struct duty_row *rows = NULL;
	size_t n = 0;
	struct duty_filter f = {
		.state = state_of(rq_text(rq, L_STATE)),
		.village = rq_text(rq, L_VILLAGE),
		.helper = rq_text(rq, L_HELPER),
		.unit = rq_text(rq, L_UNIT),
		.day = day_of(rq, L_DAY),
	};
	struct work_page page;
	enum err e = rq_page(rq, L_AFTER, &page);
	f.after = page.after;
	f.after_duty = page.after_no;
	f.limit = page.limit;
	if (!e)
		e = duty_list(rq_db(rq), &f, rq->a, &rows, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++)
		write_row(rq, &rows[i]);
	const struct duty_row *last = n ? &rows[n - 1] : &(struct duty_row){0};
	rq_page_end(rq, &page, n, last->household, last->duty);
	return OK;
}

/* --- summary ---------------------------------------------------------------------- */

static enum err write_state(struct request *rq, const char *name, enum duty_state state, date_t day)
{
	struct duty_filter f = {.state = state, .day = day, .limit = SUMMARY_ROWS};
	struct duty_row *rows = NULL;
	size_t n = 0;
	enum err e = duty_list(rq_db(rq), &f, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, name);
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++)
		write_row(rq, &rows[i]);
	json_end(&rq->out);
	return OK;
}

static void write_helper(struct request *rq, const struct duty_helper *h)
{
	json_object(&rq->out);
	json_c_member(&rq->out, "helper", h->helper);
	json_c_member(&rq->out, "unit", h->unit);
	json_int_member(&rq->out, "households", h->households);
	json_int_member(&rq->out, "villages", h->villages);
	json_bool_member(&rq->out, "overloaded", h->overloaded);
	json_end(&rq->out);
}

static enum err write_helpers(struct request *rq, date_t day)
{
	struct duty_helper *rows = NULL;
	size_t n = 0;
	enum err e = duty_helpers(rq_db(rq), rq_api(rq)->pack, day, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "overloaded");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++)
		if (rows[i].overloaded)
			write_helper(rq, &rows[i]);
	json_end(&rq->out);
	json_key(&rq->out, "by_helper");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++)
		write_helper(rq, &rows[i]);
	json_end(&rq->out);
	return OK;
}

static enum err write_villages(struct request *rq, date_t day)
{
	struct duty_village *rows = NULL;
	size_t n = 0;
	enum err e = duty_villages(rq_db(rq), day, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "by_village");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++) {
		json_object(&rq->out);
		json_c_member(&rq->out, "village", rows[i].village);
		json_int_member(&rq->out, "households", rows[i].households);
		json_int_member(&rq->out, "unassigned", rows[i].unassigned);
		json_int_member(&rq->out, "overlapping", rows[i].overlapping);
		json_int_member(&rq->out, "helpers", rows[i].helpers);
		json_end(&rq->out);
	}
	json_end(&rq->out);
	return OK;
}

static const struct net_field day_in[] = {
	{.name = "day", .in = NET_QUERY, .kind = FIELD_DATE, .label = TEXT("日期", "day")},
};

static enum err summary(struct request *rq)
{
	date_t day = day_of(rq, 0);
	json_object(&rq->out);
	json_date_member(&rq->out, "day", day);
	json_int_member(&rq->out, "most", pack_param_int(rq_api(rq)->pack, "helper_max_households", 10));
	enum err e = write_state(rq, "unassigned", DUTY_UNASSIGNED, day);
	if (!e)
		e = write_state(rq, "overlapping", DUTY_OVERLAPPING, day);
	if (!e)
		e = write_state(rq, "ended", DUTY_ENDED, day);
	if (!e)
		e = write_helpers(rq, day);
	if (!e)
		e = write_villages(rq, day);
	json_end(&rq->out);
	return e;
}

/* --- by hand ---------------------------------------------------------------------- */

struct duty_write {
	struct duty_assign assign;
	struct duty_end end;
	struct duty_counts counts;
	const struct pack *pack;
	struct village_duty village;
	date_t today, on;
};

#define IN_HOUSEHOLDS                                                                              \
	{.name = "households", .in = NET_BODY, .kind = FIELD_INT,                                  \
	 .flags = NET_REQUIRED | NET_LIST, .max = ID_MAX, .label = TEXT("农户", "households")}
enum { A_HOUSEHOLDS, A_HELPER, A_UNIT, A_PHONE, A_FROM, A_TO, A_REPLACE, A_REASON };
static const struct net_field assign_in[] = {
	IN_HOUSEHOLDS,
	{.name = "helper", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 40,
	 .label = TEXT("帮扶责任人", "responsible cadre")},
	{.name = "unit", .in = NET_BODY, .kind = FIELD_TEXT, .label = TEXT("工作单位", "unit")},
	{.name = "phone", .in = NET_BODY, .kind = FIELD_TEXT, .max = 20,
	 .label = TEXT("联系电话", "phone")},
	{.name = "from", .in = NET_BODY, .kind = FIELD_DATE, .label = TEXT("自", "from")},
	{.name = "to", .in = NET_BODY, .kind = FIELD_DATE,
	 .label = TEXT("至（不含）", "to, not included")},
	{.name = "replace", .in = NET_BODY, .kind = FIELD_BOOL,
	 .label = TEXT("替换原责任人", "in place of whoever has it")},
	IN_REASON,
};

static const int64_t *numbers(struct request *rq, size_t i, size_t *ret_n)
{
	const struct net_values *v = &rq->values[i];
	int64_t *ret = ARENA_ARRAY(rq->a, v->n + 1, int64_t);
	for (size_t k = 0; k < v->n; k++)
		ret[k] = v->items[k].v;
	*ret_n = v->n;
	return ret;
}

static void write_counts(struct request *rq, const struct duty_counts *c)
{
	json_object(&rq->out);
	json_int_member(&rq->out, "assigned", (int64_t)c->assigned);
	json_int_member(&rq->out, "ended", (int64_t)c->ended);
	json_int_member(&rq->out, "unchanged", (int64_t)c->unchanged);
	json_end(&rq->out);
}

static enum err do_assign(struct journal *j, void *arg)
{
	struct duty_write *w = arg;
	return duty_assign(j, &w->assign, &w->counts);
}

static enum err assign(struct request *rq)
{
	struct duty_write *w = ARENA_NEW(rq->a, struct duty_write);
	struct api_entry entry = {
		.command = "duty assign",
		.reason = rq_text(rq, A_REASON),
		.event_date = (date_t)rq_int(rq, A_FROM, 0),
	};
	w->assign = (struct duty_assign){
		.helper = rq_text(rq, A_HELPER),
		.unit = rq_text(rq, A_UNIT),
		.phone = rq_text(rq, A_PHONE),
		.from = (date_t)rq_int(rq, A_FROM, 0),
		.to = (date_t)rq_int(rq, A_TO, 0),
		.replace = rq_int(rq, A_REPLACE, 0) != 0,
		.today = rq_today(rq),
	};
	w->assign.households = numbers(rq, A_HOUSEHOLDS, &w->assign.n);
	enum err e = api_explain(rq, api_write(rq, &entry, do_assign, w));
	if (!e)
		write_counts(rq, &w->counts);
	return e;
}

enum { E_HOUSEHOLDS, E_HELPER, E_TO, E_REASON };
static const struct net_field end_in[] = {
	IN_HOUSEHOLDS,
	{.name = "helper", .in = NET_BODY, .kind = FIELD_TEXT, .max = 40,
	 .label = TEXT("帮扶责任人", "responsible cadre")},
	{.name = "to", .in = NET_BODY, .kind = FIELD_DATE,
	 .label = TEXT("至（不含）", "to, not included")},
	IN_REASON,
};

static enum err do_end(struct journal *j, void *arg)
{
	struct duty_write *w = arg;
	return duty_end(j, &w->end, &w->counts);
}

static enum err end(struct request *rq)
{
	struct duty_write *w = ARENA_NEW(rq->a, struct duty_write);
	struct api_entry entry = {
		.command = "duty end",
		.reason = rq_text(rq, E_REASON),
		.event_date = (date_t)rq_int(rq, E_TO, 0),
	};
	w->end = (struct duty_end){
		.helper = rq_text(rq, E_HELPER),
		.on = (date_t)rq_int(rq, E_TO, 0),
		.today = rq_today(rq),
	};
	w->end.households = numbers(rq, E_HOUSEHOLDS, &w->end.n);
	enum err e = api_explain(rq, api_write(rq, &entry, do_end, w));
	if (!e)
		write_counts(rq, &w->counts);
	return e;
}

/* --- villages --------------------------------------------------------------------- */

enum { V_VILLAGE, V_DAY, V_ALL };
static const struct net_field village_in[] = {
	{.name = "village", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 12,
	 .label = TEXT("村", "village")},
	{.name = "day", .in = NET_QUERY, .kind = FIELD_DATE, .label = TEXT("日期", "day")},
	{.name = "all", .in = NET_QUERY, .kind = FIELD_BOOL,
	 .label = TEXT("含已结束", "those that have ended too")},
};

static enum err list_villages(struct request *rq)
{
	struct village_duty *rows = NULL;
	size_t n = 0;
	(void)rq_journal(rq); /* its keys open the phones */
	date_t day = rq_int(rq, V_ALL, 0) ? 0 : day_of(rq, V_DAY);
	enum err e = village_duties(rq_db(rq), rq_text(rq, V_VILLAGE), day, rq->a, &rows, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++) {
		if (!rq_sees_village(rq, rows[i].village))
			continue;
		json_object(&rq->out);
		rq_record(rq, &village_duty_desc, &rows[i]);
		json_end(&rq->out);
	}
	api_rows_end(rq, NULL);
	return OK;
}

static enum err do_village_add(struct journal *j, void *arg)
{
	struct duty_write *w = arg;
	return village_duty_add(j, w->pack, w->today, &w->village);
}

static enum err do_village_end(struct journal *j, void *arg)
{
	struct duty_write *w = arg;
	return village_duty_end(j, w->village.no, w->on);
}

static enum err answer_village(struct request *rq, int64_t no)
{
	json_object(&rq->out);
	json_int_member(&rq->out, "no", no);
	json_end(&rq->out);
	return OK;
}

static enum err check_village(struct request *rq, void *rec)
{
	const struct village_duty *v = rec;
	if (v->village && !area_find(rq_api(rq)->areas, v->village))
		return rq_invalid(rq, "village", ERR_UNKNOWN_AREA);
	return OK;
}

static enum err add_village(struct request *rq)
{
	struct duty_write *w = ARENA_NEW(rq->a, struct duty_write);
	w->pack = rq_api(rq)->pack;
	w->today = rq_today(rq);
	return rq_work_add(rq, &(struct work_write){.desc = &village_duty_desc,
	                                            .command = "village duty add",
	                                            .i_date = ADD_EVENT_DATE, .rec = &w->village,
	                                            .check = check_village, .fn = do_village_add,
	                                            .arg = w, .answer = answer_village});
}

enum { VE_NO, VE_TO, VE_REASON };
static const struct net_field village_end_in[] = {
	IN_NO,
	{.name = "to", .in = NET_BODY, .kind = FIELD_DATE,
	 .label = TEXT("至（不含）", "to, not included")},
	IN_REASON,
};

static enum err end_village(struct request *rq)
{
	struct duty_write *w = ARENA_NEW(rq->a, struct duty_write);
	struct api_entry entry = rq_entry(rq, "village duty end", VE_TO, VE_REASON);
	w->village.no = rq_int(rq, VE_NO, 0);
	w->on = day_of(rq, VE_TO);
	enum err e = api_explain(rq, api_write(rq, &entry, do_village_end, w));
	return e ? e : answer_village(rq, w->village.no);
}

#define TAG "duty"
const struct route api_duty_routes[] = {
	{.id = "duty_list", .method = NET_GET, .path = API "/duties", .permission = PERM_see_duties,
	 .in = list_in, .n_in = IN_COUNT(list_in), .handler = list_duties,
	 .answer = "list duty_row", .tag = TAG,
	 .summary = TEXT("谁帮扶哪一户", "who answers for which household")},
	{.id = "duty_summary", .method = NET_GET, .path = API "/duties/summary",
	 .permission = PERM_see_duties,
	 .kind = ROUTE_LONG, .in = day_in, .n_in = IN_COUNT(day_in), .handler = summary,
	 .answer = "duty_summary", .tag = TAG,
	 .summary = TEXT("无人、超额、重复、到期；按人按村", "nobody, too many, twice, ended; by helper and village")},
	{.id = "duty_assign", .method = NET_POST, .path = API "/duties/assign",
	 .permission = PERM_assign_duties,
	 .kind = ROUTE_LONG, .in = assign_in, .n_in = IN_COUNT(assign_in), .handler = assign,
	 .answer = "duty_counts", .tag = TAG,
	 .summary = TEXT("批量结对", "give households to a helper")},
	{.id = "duty_end", .method = NET_POST, .path = API "/duties/end",
	 .permission = PERM_assign_duties,
	 .kind = ROUTE_LONG,
	 .in = end_in, .n_in = IN_COUNT(end_in), .handler = end, .answer = "duty_counts",
	 .tag = TAG, .summary = TEXT("结束结对", "end duties")},
	{.id = "village_duty_list", .method = NET_GET, .path = API "/village-duties",
	 .permission = PERM_see_duties, .in = village_in, .n_in = IN_COUNT(village_in),
	 .handler = list_villages, .answer = "list village_duty", .tag = TAG,
	 .summary = TEXT("包村责任", "who answers for which village")},
	{.id = "village_duty_add", .method = NET_POST, .path = API "/village-duties",
	 .permission = PERM_assign_duties, .in = work_add_in, .n_in = IN_COUNT(work_add_in),
	 .record = &village_duty_desc, .handler = add_village, .answer = "number", .tag = TAG,
	 .summary = TEXT("登记包村责任", "enter a duty for a village")},
	{.id = "village_duty_end", .method = NET_POST, .path = API "/village-duties/{no}/end",
	 .permission = PERM_assign_duties, .in = village_end_in, .n_in = IN_COUNT(village_end_in),
	 .handler = end_village, .answer = "number", .tag = TAG,
	 .summary = TEXT("结束包村责任", "end a duty for a village")},
	{0},
};
