/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include "ledger/intake_i.h"

#include "base/banned.h"

static struct str cut(struct arena *a, struct str s)
{
	s = str_trim(s);
	if (s.n > GRID_CELL) {
		s.n = GRID_CELL;
		while (s.n && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
			s.n--;
	}
	return str_copy(a, s);
}

static void keep_row(struct grid *g, struct arena *a, const struct row *row)
{
	struct grid_row *r = &g->rows[g->n++];
	r->number = row->number;
	r->n = row->n < GRID_COLS ? row->n : GRID_COLS;
	r->cells = ARENA_ARRAY(a, r->n, struct grid_cell);
	for (size_t i = 0; i < r->n; i++) {
		r->cells[i].kind = (uint8_t)row->cells[i].kind;
		r->cells[i].flags = (uint8_t)row->cells[i].flags;
		r->cells[i].text = cut(a, row->cells[i].text);
	}
	if (r->n > g->width)
		g->width = r->n;
}

static void widen(struct grid_row *r, size_t n, struct arena *a)
{
	if (n <= r->n)
		return;
	struct grid_cell *cells = ARENA_ARRAY(a, n, struct grid_cell);
	if (r->n)
		memcpy(cells, r->cells, r->n * sizeof(*cells));
	r->cells = cells;
	r->n = n;
}

static size_t row_at(const struct grid *g, uint32_t number)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->rows[i].number == number)
			return i;
	return g->n;
}

/* The merge's text into all of its cells (those within the grid). */
static void spread(struct grid *g, const struct merge *m, struct arena *a)
{
	size_t top = row_at(g, m->row1);
	size_t c1 = m->col1 - 1, c2 = m->col2 < GRID_COLS ? m->col2 : GRID_COLS;
	struct str text = grid_text(g, top, c1);
	if (text.n == 0 || c1 >= GRID_COLS)
		return;
	uint8_t kind = g->rows[top].cells[c1].kind;
	for (size_t i = top; i < g->n && g->rows[i].number <= m->row2; i++) {
		widen(&g->rows[i], c2, a);
		for (size_t c = c1; c < c2; c++) {
			struct grid_cell *cell = &g->rows[i].cells[c];
			if (cell->text.n)
				continue;
			cell->text = text;
			cell->kind = kind;
			cell->spread = true;
		}
	}
	if (c2 > g->width)
		g->width = c2;
}

static void spread_all(struct grid *g, const struct merge *merges, size_t n, struct arena *a)
{
	uint32_t first = g->n ? g->rows[0].number : 0;
	uint32_t last = g->n ? g->rows[g->n - 1].number : 0;
	for (size_t i = 0; i < n && merges[i].row1 <= last; i++)
		if (merges[i].row1 >= first)
			spread(g, &merges[i], a);
}

enum err grid_read(struct rows *rows, struct arena *a, struct diag *diag, struct grid *ret)
{
	return grid_read_from(rows, 0, a, diag, ret);
}

enum err grid_read_from(struct rows *rows, uint32_t from, struct arena *a, struct diag *diag,
                        struct grid *ret)
{
	ret->n = 0;
	ret->width = 0;
	bool more = true;
	while (ret->n < GRID_ROWS) {
		struct row row;
		enum err e = rows_next(rows, diag, &row, &more);
		if (e)
			return e;
		if (!more)
			break;
		if (row.number >= from)
			keep_row(ret, a, &row);
	}
	const struct merge *merges = NULL;
	size_t n = 0;
	enum err e = rows_merges(rows, diag, &merges, &n);
	if (e)
		return e;
	spread_all(ret, merges, n, a);
	return OK;
}

void grid_copy(struct grid *ret, const struct row *rows, size_t n, const struct merge *merges,
               size_t n_merges, struct arena *a)
{
	ret->n = 0;
	ret->width = 0;
	for (size_t i = 0; i < n && i < GRID_ROWS; i++)
		keep_row(ret, a, &rows[i]);
	spread_all(ret, merges, n_merges, a);
}
