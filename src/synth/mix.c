/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The layout "mixed": every ledger as another office would hand it in, columns
 * in another order, text in another encoding.  What no layout was written for.
 */
#include "synth/sheet.h"

#include "base/banned.h"

static size_t columns_count(const struct column *columns)
{
	size_t n = 0;
	while (columns[n].head)
		n++;
	return n;
}

static bool may_shuffle(const struct sheet *s, const struct column *columns, size_t n)
{
	if (s->top || (s->flags & (MERGE_HOUSE | BY_SECTION | TOTAL)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (columns[i].over)
			return false;
	return true;
}

/* A running number stays in front. */
static const struct column *shuffled(struct town *t, const struct sheet *s,
                                     const struct column *columns)
{
	size_t n = columns_count(columns), fixed = columns[0].field == F_SEQ;
	if (!may_shuffle(s, columns, n))
		return columns;
	struct column *mine = ARENA_ARRAY(t->arena, n + 1, struct column);
	memcpy(mine, columns, (n + 1) * sizeof(*mine));
	for (size_t i = n; i > fixed + 1; i--) {
		size_t k = fixed + rng_below(&t->rng, (uint32_t)(i - fixed));
		struct column swap = mine[i - 1];
		mine[i - 1] = mine[k];
		mine[k] = swap;
	}
	return mine;
}

static enum sheet_format other_encoding(struct town *t, enum sheet_format format)
{
	static const enum sheet_format texts[] = {SHEET_CSV_GB, SHEET_CSV_UTF8, SHEET_CSV_MARK};
	return format == SHEET_CSV_GB || format == SHEET_CSV_UTF8 || format == SHEET_CSV_MARK
	               ? RNG_PICK(&t->rng, texts)
	               : format;
}

const struct layout *layout_mix(struct town *t, const struct layout *const *layouts, size_t n)
{
	struct layout *mixed = ARENA_NEW(t->arena, struct layout);
	bool by_name = false;
	mixed->name = layout_mixed.name;
	mixed->title = layout_mixed.title;
	mixed->offices = offices_plain;
	for (int i = LEDGER_MAX - 1; i >= 0; i--) { /* the roster last: it has to serve the others */
		const struct layout *from = layouts[rng_below(&t->rng, (uint32_t)n)];
		if (i == LEDGER_ROSTER && by_name)
			from = &layout_names;
		by_name |= from == &layout_names && i <= LEDGER_CONTRACT;
		struct sheet *s = &mixed->sheets[i];
		*s = from->sheets[i];
		s->columns = shuffled(t, s, s->columns ? s->columns : from->offices[i]);
		s->format = other_encoding(t, s->format);
	}
	return mixed;
}

const struct layout layout_mixed = {
	"mixed",
	TEXT("每种台账取自另一家的做法，列序再打乱", "every ledger as another office would hand it in"),
	offices_plain,
	{{0}},
};
