/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/handle.h"

#include <stdlib.h>

#include "base/banned.h"

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int by_number(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return a < b ? -1 : a > b;
}

void db_scope_areas(struct arena *a, const char *const *codes, size_t n, struct db_scope *ret)
{
	struct buf list;
	const char **own = ARENA_ARRAY(a, n, const char *);
	buf_init(&list, (size_t)64 << 20);
	for (size_t i = 0; i < n; i++)
		own[i] = arena_strdup(a, codes[i]);
	qsort(own, n, sizeof(*own), by_text);
	buf_addc(&list, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(&list, ',');
		json_string(str_c(own[i]), &list);
	}
	buf_addc(&list, ']');
	*ret = (struct db_scope){.kind = DB_SCOPE_AREAS, .areas = own, .n_areas = n,
				 .list = str_copy(a, buf_str(&list))};
	buf_release(&list);
}

void db_scope_households(struct arena *a, const int64_t *numbers, size_t n, struct db_scope *ret)
{
	struct buf list;
	int64_t *own = ARENA_ARRAY(a, n, int64_t);
	buf_init(&list, (size_t)64 << 20);
	for (size_t i = 0; i < n; i++)
		own[i] = numbers[i];
	qsort(own, n, sizeof(*own), by_number);
	buf_addc(&list, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(&list, ',');
		buf_addint(&list, own[i]);
	}
	buf_addc(&list, ']');
	*ret = (struct db_scope){.kind = DB_SCOPE_HOUSEHOLDS, .households = own, .n_households = n,
				 .list = str_copy(a, buf_str(&list))};
	buf_release(&list);
}

bool db_scope_sees(const struct db_scope *s, const char *village, int64_t household)
{
	switch (s->kind) {
	case DB_SCOPE_ALL:
		return true;
	case DB_SCOPE_AREAS:
		return village && bsearch(&village, s->areas, s->n_areas, sizeof(*s->areas), by_text);
	case DB_SCOPE_HOUSEHOLDS:
		return s->n_households && bsearch(&household, s->households, s->n_households,
						  sizeof(*s->households), by_number);
	case DB_SCOPE_NONE:
	case DB_SCOPE_MAX:
		break;
	}
	return false;
}

void db_set_scope(struct db *db, const struct db_scope *scope)
{
	db->scope = scope ? *scope : (struct db_scope){.kind = DB_SCOPE_NONE};
}

const struct db_scope *db_scope(const struct db *db)
{
	return &db->scope;
}

void db__print_any(enum db_engine engine, bool text, int param, struct buf *out)
{
	if (engine == DB_PG)
		buf_addf(out, " = ANY ($%d::%s[])", param, text ? "text" : "bigint");
	else
		buf_addf(out, " IN (SELECT value FROM json_each($%d))", param);
}

/* SQLite goes into an index once for every village of the list; PostgreSQL finds the bounds itself. */
static void print_areas(enum db_engine engine, struct str village, struct str from, struct str to,
			struct buf *out)
{
	buf_addstr(out, village);
	if (from.n && engine == DB_SQLITE)
		buf_addf(out, " IN (SELECT value FROM json_each($%d) WHERE value >= " STR_FMT
			 " AND value < " STR_FMT ")", DB_SCOPE_PARAM, STR_ARG(from), STR_ARG(to));
	else
		db__print_any(engine, true, DB_SCOPE_PARAM, out);
}

enum err db__print_scope(enum db_engine engine, enum db_scope_kind kind, struct str words,
			 struct buf *out)
{
	struct str village, number, from = {0}, to = {0};
	words = str_trim(words);
	if (!str_split(&words, ' ', &village) || !str_split(&words, ' ', &number) ||
	    (words.p && (!str_split(&words, ' ', &from) || !str_split(&words, ' ', &to))) ||
	    words.p || !village.n || !number.n)
		return ERR_DB;
	switch (kind) {
	case DB_SCOPE_ALL:
		buf_adds(out, "1 = 1");
		return OK;
	case DB_SCOPE_AREAS:
		print_areas(engine, village, from, to, out);
		return OK;
	case DB_SCOPE_HOUSEHOLDS:
		buf_addstr(out, number);
		db__print_any(engine, false, DB_SCOPE_PARAM, out);
		return OK;
	case DB_SCOPE_NONE:
	case DB_SCOPE_MAX:
		break;
	}
	return ERR_FORBIDDEN;
}
