/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/ledger.h"

#include "base/map.h"

#include "base/banned.h"

static const struct field ledger_fields[] = {
#define F(...) FIELD_ROW(struct ledger, __VA_ARGS__)
#include "ledger/ledger.def"
#undef F
};
const struct record_desc ledger_desc = {
	.name = "ledger",
	.id = 50,
	.fields = ledger_fields,
	.n = LEDGER_FIELD_MAX,
	.size = sizeof(struct ledger),
	.label = TEXT("台账", "ledger"),
	.naming = 3,
};

static const struct field chunk_fields[] = {
#define F(...) FIELD_ROW(struct ledger_chunk, __VA_ARGS__)
#include "ledger/ledger_chunk.def"
#undef F
};
const struct record_desc ledger_chunk_desc = {
	.name = "ledger_chunk",
	.id = 51,
	.fields = chunk_fields,
	.n = LEDGER_CHUNK_FIELD_MAX,
	.size = sizeof(struct ledger_chunk),
	.label = TEXT("台账内容", "rows of a ledger"),
};

static const struct field answer_fields[] = {
#define F(...) FIELD_ROW(struct link_answer, __VA_ARGS__)
#include "ledger/link_answer.def"
#undef F
};
const struct record_desc link_answer_desc = {
	.name = "link_answer",
	.id = 52,
	.fields = answer_fields,
	.n = LINK_ANSWER_FIELD_MAX,
	.size = sizeof(struct link_answer),
	.label = TEXT("对应关系裁定", "decision about a link"),
};

enum err ledger_all(struct db *db, struct arena *a, struct ledger **ret, size_t *ret_n)
{
	return stmt_records(db_stmt(db, STMT_ledger_all), &ledger_desc, a, ret, ret_n);
}

enum err ledger_stray(struct db *db, struct arena *a, int64_t **ret, size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_ledger_stray);
	size_t cap = 0, n = 0;
	int64_t *list = NULL;
	while (stmt_row(s)) {
		if (n == cap) {
			int64_t *had = list;
			cap = cap ? cap * 2 : 16;
			list = ARENA_ARRAY(a, cap, int64_t);
			if (n)
				memcpy(list, had, n * sizeof(*list));
		}
		list[n++] = stmt_int(s, 0);
	}
	*ret = list;
	*ret_n = n;
	return stmt_end(s);
}

enum err ledger_of_layout(struct db *db, const char *layout, struct arena *a, struct ledger **ret,
                          size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_ledger_of_layout);
	stmt_bind_text(s, 2, layout);
	return stmt_records(s, &ledger_desc, a, ret, ret_n);
}

enum err ledger_of_file(struct db *db, struct str file_hash, struct str opts_hash, bool *ret)
{
	struct stmt *s = db_stmt(db, STMT_ledger_of_file);
	stmt_bind_blob(s, 2, file_hash);
	stmt_bind_blob(s, 3, opts_hash);
	*ret = stmt_row(s) && stmt_int(s, 0) > 0;
	return stmt_end(s);
}

static bool covers_everything(const struct ledger *l)
{
	return l->covers && strcmp(l->covers, "*") == 0;
}

bool ledger_covers(const struct ledger *l, const char *area_code)
{
	struct str rest = str_c(l->covers), piece;
	if (covers_everything(l))
		return true;
	while (str_split(&rest, ',', &piece))
		if (piece.n && str_starts(str_c(area_code), piece))
			return true;
	return false;
}

static bool covers_all_of(const struct ledger *big, const struct ledger *small)
{
	struct str rest = str_c(small->covers), piece;
	char code[32];
	if (covers_everything(big))
		return true;
	if (covers_everything(small))
		return false;
	while (str_split(&rest, ',', &piece)) {
		if (!piece.n || piece.n >= sizeof(code))
			continue;
		memcpy(code, piece.p, piece.n);
		code[piece.n] = '\0';
		if (!ledger_covers(big, code))
			return false;
	}
	return true;
}

bool ledger_overlap(const struct ledger *a, const struct ledger *b)
{
	struct str rest = str_c(a->covers), x, y;
	if (!a->covers || !a->covers[0] || !b->covers || !b->covers[0])
		return true; /* it is not known */
	if (covers_everything(a) || covers_everything(b))
		return true;
	while (str_split(&rest, ',', &x)) {
		struct str others = str_c(b->covers);
		while (str_split(&others, ',', &y))
			if (x.n && y.n && (str_starts(x, y) || str_starts(y, x)))
				return true;
	}
	return false;
}

static bool newer(const struct ledger *a, const struct ledger *b)
{
	if (a->as_of && b->as_of && date_last(a->as_of) != date_last(b->as_of))
		return date_last(a->as_of) > date_last(b->as_of);
	if (a->year && b->year && a->year != b->year)
		return a->year > b->year;
	return a->no > b->no;
}

bool ledger_is_numbered(const struct ledger *l)
{
	return l->columns && strstr(l->columns, "=hh_no");
}

bool ledger_adds_up(const char *layout)
{
	return strcmp(layout, "visit") == 0 || strcmp(layout, "measure") == 0 ||
	       strcmp(layout, "contract") == 0;
}

/* Who is on the register is said by the newest roster, whatever year its figures are of. */
static bool same_period(const struct ledger *a, const struct ledger *b)
{
	return a->year == b->year || !a->year || !b->year || strcmp(a->layout, "roster") == 0;
}

/* Of one layout. */
static bool supersedes(const struct ledger *a, const struct ledger *b)
{
	return !a->partial && !ledger_adds_up(a->layout) && same_period(a, b) && newer(a, b) &&
	       covers_all_of(a, b);
}

/* By ledger: the one of the same layout before it, or -1; *ret_last (a value each): the last. */
static int32_t *chain_layouts(const struct ledger *ledgers, size_t n, struct map *ret_last)
{
	int32_t *before = base_calloc(n, sizeof(*before));
	for (size_t i = 0; i < n; i++) {
		int64_t *last = map_slot(ret_last, str_c(ledgers[i].layout), -1);
		before[i] = (int32_t)*last;
		*last = (int64_t)i;
	}
	return before;
}

/* Called for every file of a county that comes in: only those of one layout are compared. */
void ledger_in_force(const struct ledger *ledgers, size_t n, date_t day, bool *in)
{
	bool replacing = false;
	struct map last;
	map_init(&last);
	int32_t *before = chain_layouts(ledgers, n, &last);
	for (size_t i = 0; i < n; i++) {
		in[i] = !day || !ledgers[i].as_of || date_first(ledgers[i].as_of) <= day;
		replacing |= ledgers[i].replaces != 0;
	}
	for (size_t i = 0; replacing && i < n; i++)
		for (size_t k = 0; in[i] && k < n; k++)
			if (in[k] && ledgers[k].replaces && ledgers[k].replaces == ledgers[i].no)
				in[i] = false;
	for (size_t i = 0; i < n; i++) {
		bool out = false;
		int32_t k = in[i] ? (int32_t)map_get(&last, str_c(ledgers[i].layout), -1) : -1;
		for (; k >= 0 && !out; k = before[k])
			out = (size_t)k != i && in[k] && supersedes(&ledgers[k], &ledgers[i]);
		if (out)
			in[i] = false;
	}
	base_free(before);
	map_release(&last);
}
