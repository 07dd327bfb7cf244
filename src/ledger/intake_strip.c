/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Tables of different ledgers side by side in one sheet.
 *
 * Where a column without a header and without a value stands between two
 * groups of columns, or the running number begins anew in the header's row, the
 * sheet may hold two tables.  It is read as two only when each of them alone is
 * a complete ledger, or one whose records are no rows: an empty column inside one
 * table divides nothing.
 *
 * Each is then read by itself, as if the other columns were empty; the sheet
 * is gone through once a table.
 */
#include "ledger/intake_stream.h"

#include "base/banned.h"

enum { SCORE_LOSS = 60 };

static bool is_filled(const struct grid *g, const struct head *h, size_t col)
{
	for (size_t r = h->row_first; r < g->n; r++) {
		if (col >= g->rows[r].n || g->rows[r].cells[col].text.n == 0)
			continue;
		if (r <= h->row_last || !g->rows[r].cells[col].spread)
			return true; /* a merged line below reaches over both tables */
	}
	return false;
}

/* 序号 and nothing else, whatever the ledger. */
static bool is_counter(const struct pack *pack, const struct head_col *c)
{
	const struct pack_header *e = c->n_forms ? pack_header_find(pack, c->forms[0].norm) : NULL;
	for (; e; e = e->next)
		if (pack->layouts[e->layout].columns[e->column].role != PACK_ROLE_SEQ)
			return false;
	return c->n_forms && pack_header_find(pack, c->forms[0].norm);
}

/*
 * The columns in groups; a group of fewer than two is none of its own.  One that has no
 * header in these rows may have it in others: below a title of more lines.
 */
static size_t divide(const struct pack *pack, const struct grid *g, const struct head *h,
                     struct strip ret[STRIPS_MAX])
{
	size_t n = 0, in_strip = 0, i = 0;
	bool gap = false;
	for (size_t col = 0; col < g->width; col++) {
		while (i < h->n && h->cols[i].col < col)
			i++;
		const struct head_col *c = i < h->n && h->cols[i].col == col ? &h->cols[i] : NULL;
		if (!c && !is_filled(g, h, col)) {
			gap = true;
			continue;
		}
		gap = gap || (c && in_strip > 2 && is_counter(pack, c));
		if (n == 0 || (gap && in_strip >= 2 && n < STRIPS_MAX)) {
			ret[n] = (struct strip){n ? col : 0, col + 1};
			n++;
			in_strip = 0;
		}
		gap = false;
		ret[n - 1].hi = col + 1;
		in_strip++;
	}
	if (n > 1 && in_strip < 2) {
		n--;
		ret[n - 1].hi = ret[n].hi;
	}
	return n;
}

/* No title of its own: what stands above the other table is said of both. */
static bool is_untitled(const struct grid *g, const struct strip *s, size_t header)
{
	for (size_t r = 0; r < header; r++)
		for (size_t c = s->lo; c < s->hi; c++)
			if (grid_text(g, r, c).n)
				return false;
	return true;
}

/* The grid with nothing in it but the strip's columns and what stands above both. */
static void cut(const struct grid *g, const struct strip *s, size_t header, struct arena *a,
                struct grid *ret)
{
	*ret = *g;
	ret->width = s->hi < g->width ? s->hi : g->width;
	bool untitled = is_untitled(g, s, header);
	for (size_t r = 0; r < g->n; r++) {
		struct grid_row *row = &ret->rows[r];
		size_t n = row->n < s->hi ? row->n : s->hi;
		bool shared = r < header && (untitled || (s->lo < n && row->cells[s->lo].spread));
		struct grid_cell *cells = ARENA_ARRAY(a, n, struct grid_cell);
		for (size_t c = shared ? 0 : s->lo; c < n; c++)
			cells[c] = row->cells[c];
		row->cells = cells;
		row->n = n;
	}
}

/* The strip's table, or NULL; *ret_turned when its records are no rows. */
static struct table *make_strip(struct intake *in, const struct grid *g, size_t sheet,
                                const struct strip *s, size_t header, bool *ret_turned)
{
	struct grid *part = ARENA_NEW(&in->scratch, struct grid);
	enum err why;
	struct str detail;
	cut(g, s, header, &in->scratch, part);
	*ret_turned = turn_is(in, part);
	if (*ret_turned)
		return NULL;
	struct table *t = table_make(in, part, sheet, 0, &why, &detail);
	if (t && !t->complete) {
		in->tables.n--;
		return NULL;
	}
	return t;
}

size_t strips_make(struct intake *in, const struct grid *g, size_t sheet, int score,
                   struct strip ret[STRIPS_MAX], bool ret_turned[STRIPS_MAX])
{
	const struct head_words known = {in->pack, NULL};
	struct head h;
	if (in->opts.layout || in->opts.map || !head_find(&known, g, 0, &in->scratch, &h) ||
	    table_band_step(&h))
		return 0;
	size_t n = divide(in->pack, g, &h, ret), before = in->tables.n, made = 0;
	if (n < 2)
		return 0;
	for (size_t i = 0; i < n; i++) {
		bool turned;
		const struct table *t = make_strip(in, g, sheet, &ret[i], h.row_first, &turned);
		if (turned || (t && t->pub.score + SCORE_LOSS >= score)) {
			ret_turned[made] = turned;
			ret[made++] = ret[i];
		}
		else if (t)
			in->tables.n--;
	}
	/* beside a table that was recognised as a whole, all of them must be tables */
	if (made == n || (score < 0 && made > 0))
		return made;
	in->tables.n = before;
	return 0;
}

void strip_mask(struct intake *in, const struct strip *s, struct row *row)
{
	if (s->lo == 0 && s->hi >= row->n)
		return;
	size_t n = row->n < s->hi ? row->n : s->hi;
	in->masked.n = 0;
	for (size_t c = 0; c < n; c++)
		*vec_push(&in->masked) = c < s->lo ? (struct cell){CELL_EMPTY, 0, STR("")}
		                                   : row->cells[c];
	while (n > 0 && in->masked.p[n - 1].text.n == 0 && in->masked.p[n - 1].flags == 0)
		n--;
	row->cells = in->masked.p;
	row->n = n;
}
