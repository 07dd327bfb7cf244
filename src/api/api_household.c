/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_household: the register. */
#include "api/subjects.h"

#include "registry/registry.h"

#include "base/banned.h"

enum { PAGE = 100, PAGE_MAX = 500 };

static void write_household(struct request *rq, const struct household *h)
{
	json_object(&rq->out);
	json_record_members(&rq->out, &household_desc, h, rq_user(rq)->max_class, false);
	json_end(&rq->out);
}

enum { IN_AFTER, IN_LIMIT };
static const struct net_field page_in[] = {
	{.name = "after", .in = NET_QUERY, .kind = FIELD_INT, .label = TEXT("自此之后", "cursor")},
	{.name = "limit", .in = NET_QUERY, .kind = FIELD_INT, .max = PAGE_MAX,
	 .label = TEXT("行数", "rows at the most")},
};

static enum err list(struct request *rq)
{
	struct household *rows = NULL;
	size_t n = 0;
	int64_t limit = rq_int(rq, IN_LIMIT, PAGE);
	struct stmt *s = db_stmt(rq_db(rq), STMT_household_page);
	stmt_bind_int(s, 2, rq_int(rq, IN_AFTER, 0));
	stmt_bind_int(s, 3, limit);
	enum err e = stmt_records(s, &household_desc, rq->a, &rows, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++)
		write_household(rq, &rows[i]);
	bool more = limit > 0 && (int64_t)n == limit;
	api_rows_end(rq, more ? arena_printf(rq->a, "%lld", (long long)rows[n - 1].no) : NULL);
	return OK;
}

static const struct net_field one_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("户", "household")},
};

static enum err get(struct request *rq)
{
	struct household h;
	struct stmt *s = db_stmt(rq_db(rq), STMT_household_one);
	stmt_bind_int(s, 2, rq_int(rq, 0, 0));
	bool found = stmt_record(s, &household_desc, rq->a, &h);
	enum err e = stmt_end(s);
	if (e || !found)
		return e ? e : ERR_NOT_FOUND;
	json_object(&rq->out);
	json_key(&rq->out, "household");
	write_household(rq, &h);
	json_end(&rq->out);
	rq_version(rq, h.version);
	return OK;
}

const struct route api_household_routes[] = {
	{.id = "household_list", .method = NET_GET, .path = API "/households",
	 .permission = PERM_see_households, .in = page_in, .n_in = 2, .handler = list,
	 .answer = "list household", .tag = "household", .summary = TEXT("农户列表", "households")},
	{.id = "household_get", .method = NET_GET, .path = API "/households/{no}",
	 .permission = PERM_see_households, .in = one_in, .n_in = 1, .handler = get,
	 .answer = "household_file", .tag = "household", .summary = TEXT("一户一档", "a household's file")},
	{0},
};
