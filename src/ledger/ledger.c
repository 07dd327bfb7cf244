/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/ledger.h"

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
	return a->no > b->no;
}

bool ledger_adds_up(const char *layout)
{
	return strcmp(layout, "visit") == 0 || strcmp(layout, "measure") == 0 ||
	       strcmp(layout, "contract") == 0;
}

static bool supersedes(const struct ledger *a, const struct ledger *b)
{
	return strcmp(a->layout, b->layout) == 0 && !a->partial && !ledger_adds_up(a->layout) &&
	       (a->year == b->year || !a->year || !b->year) && newer(a, b) && covers_all_of(a, b);
}

void ledger_in_force(const struct ledger *ledgers, size_t n, date_t day, bool *in)
{
	for (size_t i = 0; i < n; i++)
		in[i] = !day || !ledgers[i].as_of || date_first(ledgers[i].as_of) <= day;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; in[i] && k < n; k++)
			if (in[k] && ledgers[k].replaces && ledgers[k].replaces == ledgers[i].no)
				in[i] = false;
	for (size_t i = 0; i < n; i++) {
		bool out = false;
		for (size_t k = 0; in[i] && !out && k < n; k++)
			out = k != i && in[k] && supersedes(&ledgers[k], &ledgers[i]);
		if (out)
			in[i] = false;
	}
}
