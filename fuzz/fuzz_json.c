/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A body of JSON onto a route's inputs of every kind, and onto a record's fields. */
#include "net/input.h"

#include <assert.h>

static enum err nothing(struct request *rq)
{
	(void)rq;
	return OK;
}

static const struct net_field item_in[] = {
	{.name = "text", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 10},
	{.name = "day", .in = NET_BODY, .kind = FIELD_DATE},
};
static const struct net_field all_in[] = {
	{.name = "text", .in = NET_BODY, .kind = FIELD_TEXT},
	{.name = "int", .in = NET_BODY, .kind = FIELD_INT, .max = 1000},
	{.name = "money", .in = NET_BODY, .kind = FIELD_MONEY},
	{.name = "day", .in = NET_BODY, .kind = FIELD_DATE},
	{.name = "bool", .in = NET_BODY, .kind = FIELD_BOOL},
	{.name = "code", .in = NET_BODY, .kind = FIELD_CODE, .codes = "a|b"},
	{.name = "list", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_LIST | NET_REQUIRED},
	{.name = "items", .in = NET_BODY, .flags = NET_LIST, .of = item_in, .n_of = 2},
	{.name = "one", .in = NET_BODY, .of = item_in, .n_of = 2},
};

struct all {
	RECORD_HEAD
	const char *text;
	int64_t number;
	fen_t money;
	date_t day;
	bool truth;
	int64_t at;
	struct str bytes;
};
static const struct field all_fields[] = {
	FIELD_ROW(struct all, 1, TEXT, text, "text", F_PUBLIC, NULL, "", "")
	FIELD_ROW(struct all, 2, INT, number, "number", F_PUBLIC, NULL, "", "")
	FIELD_ROW(struct all, 3, MONEY, money, "money", F_PUBLIC, NULL, "", "")
	FIELD_ROW(struct all, 4, DATE, day, "day", F_PUBLIC, NULL, "", "")
	FIELD_ROW(struct all, 5, BOOL, truth, "truth", F_PUBLIC, NULL, "", "")
	FIELD_ROW(struct all, 6, INSTANT, at, "at", F_PUBLIC, NULL, "", "")
	FIELD_ROW(struct all, 7, BLOB, bytes, "bytes", F_PUBLIC, NULL, "", "")
};
static const struct record_desc all_desc = {
	.name = "all", .id = 999, .fields = all_fields, .n = 7, .size = sizeof(struct all)};

static const struct route route = {.id = "x", .method = NET_POST, .path = "/x", .in = all_in, .n_in = 9,
                                   .record = &all_desc, .handler = nothing, .answer = "", .tag = "t",
                                   .summary = TEXT("", "")};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct target t = {0};
	struct routed routed = {.route = &route};
	struct request rq = {.route = &route, .a = &a};
	struct input_faults faults = {0};
	const struct json_value *json = NULL;
	struct all rec = {0};
	uint64_t set = 0;
	if (size > NET_BODY_MAX)
		return 0;
	arena_init(&a, 0);
	struct input_src src = {.target = &t, .routed = &routed, .body = {(const char *)data, size}};
	enum err e = input_read(&rq, &src, &faults, &json);
	assert((e == ERR_INVALID) == (faults.n > 0));
	if (!e) {
		assert(rq.values[6].n == 0 || rq.values[6].items);
		assert(rq_int(&rq, 1, 0) >= 0 && rq_int(&rq, 1, 0) <= 1000);
		e = input_record(json_get(json, "fields"), &all_desc, &rec, &a, &faults, &set);
		assert(e == OK || faults.n);
		assert(!(set >> 7) && !(set >> 6 & 1 && rec.bytes.n));
	}
	arena_release(&a);
	return 0;
}
