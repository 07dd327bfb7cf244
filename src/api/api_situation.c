/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_situation: the pack's figures by village and over time, and the households behind each. */
#include "api/subjects.h"

#include "api/snapshot.h"
#include "check/record.h"
#include "check/situation.h"
#include "check/town_load.h"

#include "base/banned.h"

#define TOWN_BYTES_MAX ((size_t)1 << 30)
enum { MONTHS_MAX = 36, PAGE = 100, PAGE_MAX = 500 };

/* The town that is looked at: the one as last checked, or one of another day. */
struct view {
	const struct snapshot *snapshot; /* NULL: loaded */
	const struct check *check;
	struct check *own;
	const struct check_result *result;
	struct town town;
	struct check_result loaded;
	struct arena a; /* of a town that was loaded: larger than a request's */
	bool *villages; /* those the user may see, and that were asked for */
};

static void view_close(struct view *v)
{
	snapshot_put(v->snapshot);
	check_free(v->own);
	arena_release(&v->a);
}

static enum err load_day(struct request *rq, date_t day, struct view *v)
{
	const struct api *api = rq_api(rq);
	struct town_opts o = {.j = rq_journal(rq), .pack = api->pack, .areas = api->areas,
	                      .root = api->root, .as_of = day};
	struct check_opts c = {.lang = rq->lang, .village = TOWN_NONE};
	enum err e = check_new(api->pack, &rq->diag, &v->own);
	if (!e)
		e = situation_add(v->own, &rq->diag);
	if (!e)
		e = town_load(&o, &v->a, &v->town);
	if (e)
		return e;
	check_run(v->own, &v->town, &c, &v->a, &v->loaded);
	v->check = v->own;
	v->result = &v->loaded;
	return OK;
}

/* Villages within the user's scope; `only` narrows to one, NOT_FOUND when it is none of them. */
static enum err choose_villages(struct request *rq, const char *only, struct view *v)
{
	const struct town *t = v->result->town;
	bool found = only == NULL;
	v->villages = ARENA_ARRAY(rq->a, t->n_villages + 1, bool);
	for (size_t i = 0; i < t->n_villages; i++) {
		const char *code = str_dup(rq->a, t->villages[i].code);
		bool seen = rq_sees_village(rq, code);
		v->villages[i] = seen && (!only || strcmp(only, code) == 0);
		found = found || v->villages[i];
	}
	return found ? OK : ERR_NOT_FOUND;
}

static enum err view_open(struct request *rq, date_t day, const char *village, struct view *v)
{
	enum err e = OK;
	*v = (struct view){.snapshot = snapshot_get(rq_api(rq))};
	arena_init(&v->a, TOWN_BYTES_MAX);
	if (v->snapshot && (!day || day == v->snapshot->as_of)) {
		v->check = v->snapshot->check;
		v->result = snapshot_result(v->snapshot, LANG_ZH); /* figures speak none */
	} else {
		e = load_day(rq, day ? day : rq_today(rq), v);
	}
	if (!e)
		e = choose_villages(rq, village, v);
	if (e)
		view_close(v);
	return e;
}

/* --- writing figures ------------------------------------------------------------------------- */

/* 97.3, 1234.50 or 1800; null where there is nothing to divide by. */
static void put_value(struct request *rq, const struct situation_figure *f)
{
	const struct pack_indicator *p = f->indicator;
	const char *text = NULL;
	if (p->kind == PACK_COUNT || p->kind == PACK_BREAKDOWN) {
		text = arena_printf(rq->a, "%lld", (long long)f->numerator);
	} else if (p->kind == PACK_SHARE && f->denominator > 0) {
		int64_t tenths = (f->numerator * 2000 + f->denominator) / (2 * f->denominator);
		text = arena_printf(rq->a, "%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
	} else if (p->kind == PACK_RATIO && f->denominator > 0) {
		/* half up, after dividing */
		int64_t n = 2 * f->numerator + f->denominator, d = 2 * f->denominator;
		int64_t mean = n >= 0 ? n / d : -((-n + d - 1) / d);
		if (f->money) {
			json_key(&rq->out, "value");
			json_money(&rq->out, mean);
			return;
		}
		text = arena_printf(rq->a, "%lld", (long long)mean);
	}
	json_c_member(&rq->out, "value", text);
}

static void put_parts(struct request *rq, const struct situation_figure *f)
{
	json_key(&rq->out, "parts");
	json_array(&rq->out);
	for (size_t i = 0; i < f->n_parts; i++) {
		if (!f->parts[i].count)
			continue;
		const struct pack_code *code = &f->list->codes[f->parts[i].code];
		json_object(&rq->out);
		json_c_member(&rq->out, "code", code->id);
		json_c_member(&rq->out, "label", code->label.in[rq->lang]);
		json_int_member(&rq->out, "count", f->parts[i].count);
		json_end(&rq->out);
	}
	json_end(&rq->out);
}

static void put_numbers(struct request *rq, const struct situation_figure *f)
{
	put_value(rq, f);
	json_key(&rq->out, "numerator");
	if (f->money)
		json_money(&rq->out, f->numerator);
	else
		json_text(&rq->out, str_c(arena_printf(rq->a, "%lld", (long long)f->numerator)));
	json_c_member(&rq->out, "denominator",
	              f->indicator->kind == PACK_COUNT || f->indicator->kind == PACK_BREAKDOWN
	                      ? NULL : arena_printf(rq->a, "%lld", (long long)f->denominator));
	json_int_member(&rq->out, "unknown", f->unknown);
}

static void put_figure(struct request *rq, const struct situation_figure *f)
{
	static const char *const kinds[] = {"count", "share", "mean", "breakdown"};
	const struct pack_indicator *p = f->indicator;
	json_object(&rq->out);
	json_c_member(&rq->out, "id", p->id);
	json_c_member(&rq->out, "group", p->group);
	json_c_member(&rq->out, "kind", kinds[p->kind]);
	json_c_member(&rq->out, "title", p->title.in[rq->lang]);
	json_c_member(&rq->out, "unit", p->unit.in[rq->lang]);
	json_c_member(&rq->out, "definition", p->definition.in[rq->lang]);
	json_c_member(&rq->out, "good", p->good[0] ? p->good : NULL);
	put_numbers(rq, f);
	put_parts(rq, f);
	json_end(&rq->out);
}

/* --- routes ----------------------------------------------------------------------------------- */

enum { IN_AS_OF, IN_VILLAGE };
static const struct net_field situation_in[] = {
	{.name = "as_of", .in = NET_QUERY, .kind = FIELD_DATE, .label = TEXT("截止日期", "as of")},
	{.name = "village", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 20, .label = TEXT("村", "village")},
};

static enum err situation(struct request *rq)
{
	struct view v;
	enum err e = view_open(rq, (date_t)rq_int(rq, IN_AS_OF, 0), rq_text(rq, IN_VILLAGE), &v);
	if (e)
		return e;
	json_object(&rq->out);
	json_date_member(&rq->out, "as_of", v.result->town->as_of);
	json_key(&rq->out, "figures");
	json_array(&rq->out);
	for (size_t i = 0; i < rq_api(rq)->pack->n_indicators; i++) {
		struct situation_figure *f;
		size_t n;
		situation_count(v.check, v.result, i, v.villages, rq->a, &f, &n);
		put_figure(rq, &f[n - 1]);
	}
	json_end(&rq->out);
	json_end(&rq->out);
	view_close(&v);
	return OK;
}

static enum err find_figure(struct request *rq, const char *id, size_t *ret)
{
	const struct pack *pack = rq_api(rq)->pack;
	for (size_t i = 0; i < pack->n_indicators; i++)
		if (strcmp(pack->indicators[i].id, id) == 0) {
			*ret = i;
			return OK;
		}
	return rq_invalid(rq, "figure", ERR_INVALID);
}

static void put_point(struct request *rq, const char *key, struct str label,
                      const struct situation_figure *f)
{
	json_object(&rq->out);
	json_c_member(&rq->out, "key", key);
	json_text_member(&rq->out, "label", label);
	put_numbers(rq, f);
	json_end(&rq->out);
}

enum { IN_FIGURE, IN_BY, IN_FROM, IN_TO, IN_SERIES_VILLAGE };
static const struct net_field series_in[] = {
	{.name = "figure", .in = NET_QUERY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 40,
	 .label = TEXT("指标", "figure")},
	{.name = "by", .in = NET_QUERY, .kind = FIELD_CODE, .codes = "village|month",
	 .label = TEXT("按村或按月", "by village or month")},
	{.name = "from", .in = NET_QUERY, .kind = FIELD_DATE, .label = TEXT("自", "from")},
	{.name = "to", .in = NET_QUERY, .kind = FIELD_DATE, .label = TEXT("至", "to")},
	{.name = "village", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 20, .label = TEXT("村", "village")},
};

static enum err by_village(struct request *rq, size_t figure)
{
	struct view v;
	struct situation_figure *f;
	size_t n;
	enum err e = view_open(rq, (date_t)rq_int(rq, IN_TO, 0), rq_text(rq, IN_SERIES_VILLAGE), &v);
	if (e)
		return e;
	situation_count(v.check, v.result, figure, v.villages, rq->a, &f, &n);
	for (size_t i = 0; i + 1 < n; i++)
		if (v.villages[i])
			put_point(rq, str_dup(rq->a, v.result->town->villages[i].code),
			          v.result->town->villages[i].name, &f[i]);
	view_close(&v);
	return OK;
}

/* The last day of each month from..to, the last one `to` itself. */
static enum err by_month(struct request *rq, size_t figure)
{
	date_t to = rq_int(rq, IN_TO, 0) ? (date_t)rq_int(rq, IN_TO, 0) : rq_today(rq);
	date_t from = rq_int(rq, IN_FROM, 0) ? (date_t)rq_int(rq, IN_FROM, 0) : to;
	int first = date_year(from) * 12 + date_month(from) - 1;
	int last = date_year(to) * 12 + date_month(to) - 1;
	if (first > last || last - first >= MONTHS_MAX)
		return rq_invalid(rq, "from", ERR_INVALID);
	for (int m = first; m <= last; m++) {
		struct arena_mark mark = arena_save(rq->a);
		date_t day = m == last ? to : date_last((date_t)((m / 12) * 10000 + (m % 12 + 1) * 100));
		struct view v;
		struct situation_figure *f;
		size_t n;
		enum err e = view_open(rq, day, rq_text(rq, IN_SERIES_VILLAGE), &v);
		if (e)
			return e;
		situation_count(v.check, v.result, figure, v.villages, rq->a, &f, &n);
		const char *key = arena_printf(rq->a, "%04d-%02d", m / 12, m % 12 + 1);
		put_point(rq, key, str_c(key), &f[n - 1]);
		view_close(&v);
		arena_back(rq->a, mark);
	}
	return OK;
}

static enum err series(struct request *rq)
{
	size_t figure = 0;
	const char *by = rq_text(rq, IN_BY);
	bool months = by && strcmp(by, "month") == 0;
	enum err e = find_figure(rq, rq_text(rq, IN_FIGURE), &figure);
	if (e)
		return e;
	json_object(&rq->out);
	json_c_member(&rq->out, "figure", rq_text(rq, IN_FIGURE));
	json_c_member(&rq->out, "by", months ? "month" : "village");
	json_c_member(&rq->out, "unit", rq_api(rq)->pack->indicators[figure].unit.in[rq->lang]);
	json_key(&rq->out, "points");
	json_array(&rq->out);
	e = months ? by_month(rq, figure) : by_village(rq, figure);
	if (e)
		return e;
	json_end(&rq->out);
	json_end(&rq->out);
	return OK;
}

enum { IN_ROWS_FIGURE, IN_ROWS_AS_OF, IN_ROWS_VILLAGE, IN_SIDE, IN_CODE, IN_AFTER, IN_LIMIT };
static const struct net_field rows_in[] = {
	{.name = "figure", .in = NET_QUERY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 40,
	 .label = TEXT("指标", "figure")},
	{.name = "as_of", .in = NET_QUERY, .kind = FIELD_DATE, .label = TEXT("截止日期", "as of")},
	{.name = "village", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 20, .label = TEXT("村", "village")},
	{.name = "side", .in = NET_QUERY, .kind = FIELD_CODE, .codes = "counted|not|unknown",
	 .label = TEXT("哪一边：计入、未计入、不明", "counted, not, unknown")},
	{.name = "code", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 40, .label = TEXT("分类", "of which code")},
	{.name = "after", .in = NET_QUERY, .kind = FIELD_INT, .label = TEXT("自此之后", "cursor")},
	{.name = "limit", .in = NET_QUERY, .kind = FIELD_INT, .max = PAGE_MAX,
	 .label = TEXT("行数", "rows at the most")},
};

static enum situation_side side_of(const char *text)
{
	if (text && strcmp(text, "not") == 0)
		return SITUATION_NOT;
	return text && strcmp(text, "unknown") == 0 ? SITUATION_UNKNOWN : SITUATION_COUNTED;
}

static int code_of(const struct view *v, size_t figure, const char *id, struct arena *a)
{
	struct situation_figure *f;
	size_t n;
	situation_count(v->check, v->result, figure, v->villages, a, &f, &n);
	return f[0].list && id ? pack_code_by_id(f[0].list, id) : -1;
}

static void put_household(struct request *rq, const struct town *t, const struct town_household *h)
{
	json_object(&rq->out);
	json_int_member(&rq->out, "no", h->no);
	json_text_member(&rq->out, "hh_no", h->hh_no);
	json_text_member(&rq->out, "head_name", h->head_name);
	json_text_member(&rq->out, "group_name", h->group);
	json_text_member(&rq->out, "village", h->village >= 0 ? t->villages[h->village].code
	                                                      : (struct str){0});
	json_end(&rq->out);
}

static enum err households(struct request *rq)
{
	struct view v;
	size_t figure = 0, n = 0;
	int32_t *rows;
	int64_t from = rq_int(rq, IN_AFTER, 0), limit = rq_int(rq, IN_LIMIT, PAGE);
	enum err e = find_figure(rq, rq_text(rq, IN_ROWS_FIGURE), &figure);
	if (!e)
		e = view_open(rq, (date_t)rq_int(rq, IN_ROWS_AS_OF, 0), rq_text(rq, IN_ROWS_VILLAGE), &v);
	if (e)
		return e;
	situation_households(v.check, v.result, figure, side_of(rq_text(rq, IN_SIDE)),
	                     code_of(&v, figure, rq_text(rq, IN_CODE), rq->a), v.villages, rq->a,
	                     &rows, &n);
	size_t first = from < 0 ? 0 : (size_t)from > n ? n : (size_t)from, end = first + (size_t)limit;
	if (end > n)
		end = n;
	api_rows_begin(rq);
	for (size_t i = first; i < end; i++)
		put_household(rq, v.result->town, &v.result->town->households[rows[i]]);
	api_rows_end(rq, end < n ? arena_printf(rq->a, "%zu", end) : NULL);
	view_close(&v);
	return OK;
}

const struct route api_situation_routes[] = {
	{.id = "situation", .method = NET_GET, .path = API "/situation", .kind = ROUTE_LONG,
	 .permission = PERM_see_situation, .in = situation_in, .n_in = 2, .handler = situation,
	 .answer = "situation", .tag = "situation", .summary = TEXT("现状指标", "figures of the situation")},
	{.id = "situation_series", .method = NET_GET, .path = API "/situation/series", .kind = ROUTE_LONG,
	 .permission = PERM_see_situation, .in = series_in, .n_in = 5, .handler = series,
	 .answer = "situation_series", .tag = "situation",
	 .summary = TEXT("一项指标按村或按月", "a figure by village or month")},
	{.id = "situation_households", .method = NET_GET, .path = API "/situation/households",
	 .kind = ROUTE_LONG, .permission = PERM_see_households, .in = rows_in, .n_in = 7,
	 .handler = households, .answer = "list situation_household", .tag = "situation",
	 .summary = TEXT("指标背后的农户", "the households behind a figure")},
	{0},
};
