/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/town.h"

#include "base/arena.h"

#include "base/banned.h"

struct str town_row_place(const struct town *t, const struct town_row *r, struct arena *a)
{
	struct str file = r->ledger >= 0 ? t->ledgers[r->ledger].file : STR("");

	return str_c(arena_printf(a, STR_FMT "!" STR_FMT "%s%u", STR_ARG(file), STR_ARG(r->sheet),
	                          r->sheet.n ? "!" : "", r->number));
}

const struct town_cell *town_cell(const struct town_row *r, int column)
{
	static const struct town_cell empty = {.v = TOWN_NONE};
	for (size_t i = 0; i < r->n_cells; i++)
		if (r->cells[i].column == column)
			return &r->cells[i];
	return &empty;
}

bool town_ledger_covers(const struct town_ledger *l, int32_t village)
{
	if (l->covers_all)
		return true;
	return village >= 0 && l->covers && l->covers[village];
}

bool town_covered(const struct town *t, struct str layout, int32_t village, int64_t year)
{
	for (size_t i = 0; i < t->n_ledgers; i++) {
		const struct town_ledger *l = &t->ledgers[i];

		if (l->complete && !l->replaced && str_eq(l->layout, layout) &&
		    (year == TOWN_MISSING || l->year == TOWN_MISSING || l->year == year) &&
		    town_ledger_covers(l, village))
			return true;
	}
	return false;
}

void town_covered_villages(const struct town *t, struct str layout, bool *ret)
{
	memset(ret, 0, (t->n_villages + 1) * sizeof(*ret));
	for (size_t i = 0; i < t->n_ledgers; i++) {
		const struct town_ledger *l = &t->ledgers[i];

		if (!l->complete || l->replaced || !str_eq(l->layout, layout))
			continue;
		for (size_t v = 0; v < t->n_villages; v++)
			ret[v] |= town_ledger_covers(l, (int32_t)v);
		ret[t->n_villages] |= l->covers_all;
	}
}
