/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/heading.h"

#include "ledger/intake_i.h"

#include "base/banned.h"

enum { LABELS_MAX = 2000, MARKS_MAX = 2000, NUMBERING = 3 };

static int year_in(struct str s)
{
	for (size_t i = 0; i + 4 <= s.n; i++) {
		bool digits = true;
		for (size_t k = i; k < i + 4; k++)
			digits &= s.p[k] >= '0' && s.p[k] <= '9';
		bool alone = (i == 0 || s.p[i - 1] < '0' || s.p[i - 1] > '9') &&
		             (i + 4 == s.n || s.p[i + 4] < '0' || s.p[i + 4] > '9');
		int64_t year;
		if (digits && alone && str_to_int(str_sub(s, i, 4), &year) && year >= 1990 && year < 2100)
			return (int)year;
	}
	return 0;
}

static size_t meanings_of(const struct pack *pack, const struct head_col *h, struct arena *a,
                          struct heading_meaning *ret)
{
	struct fit_meaning found[HEADING_MEANINGS];
	size_t n = fit_meanings(pack, h, a, found, HEADING_MEANINGS);
	for (size_t i = 0; i < n; i++) {
		int c = found[i].strength;
		ret[i] = (struct heading_meaning){found[i].layout, found[i].column,
		                                  c > 100 ? 100 : c < 1 ? 1 : c};
	}
	return n;
}

/* A name as a header of one cell. */
size_t heading_name(const struct pack *pack, struct str name, struct arena *a,
                    struct heading_meaning ret[HEADING_MEANINGS])
{
	struct cell cell = {.kind = CELL_TEXT, .text = name};
	struct row row = {.number = 1, .cells = &cell, .n = 1};
	struct grid *g = ARENA_NEW(a, struct grid);
	struct head h;
	grid_copy(g, &row, 1, NULL, 0, a);
	head_read(&(struct head_words){pack, NULL}, g, 0, 0, a, &h);
	return h.n ? meanings_of(pack, &h.cols[0], a, ret) : 0;
}

/* --- the rows that wait ---------------------------------------------------------- */

static bool is_numbering(const struct row *row)
{
	size_t n = 0;
	int64_t last = 0, v;
	for (size_t c = 0; c < row->n; c++) {
		struct str s = str_trim(row->cells[c].text);
		if (!s.n)
			continue;
		if (!str_to_int(s, &v) || v != last + 1)
			return false;
		last = v;
		n++;
	}
	return n >= NUMBERING;
}

static bool is_end(const struct row *row, const struct villages *none)
{
	struct str section;
	if (!row->n)
		return false;
	switch (class_of(row, 0, row->n, none, &section)) {
	case INTAKE_SUBTOTAL:
	case INTAKE_TOTAL:
	case INTAKE_SIGNATURE:
	case INTAKE_NOTE:
		return true;
	default:
		return false;
	}
}

static void keep_samples(struct heading *h, const struct row *row, struct arena *a)
{
	for (size_t i = 0; i < h->n; i++) {
		struct heading_column *c = &h->columns[i];
		if (c->col > row->n)
			continue;
		c->sample = str_copy(a, str_trim(row->cells[c->col - 1].text));
		c->formula = (row->cells[c->col - 1].flags & CELL_FORMULA) != 0;
	}
}

static enum err find_waiting(struct rows *rows, size_t sheet, struct arena *a, struct diag *diag,
                             struct heading *h)
{
	struct villages none;
	struct row row;
	bool more = true;
	uint32_t last_seen = h->last;
	h->data_first = h->last + 1;
	h->data_last = 0;
	villages_init(&none, a, NULL, 0);
	enum err e = rows_sheet(rows, sheet, diag);
	while (e == OK && more) {
		e = rows_next(rows, diag, &row, &more);
		if (e != OK || !more || row.number <= h->last)
			continue;
		if (row.number == h->data_first && is_numbering(&row)) {
			h->data_first++;
			continue;
		}
		if (is_end(&row, &none)) {
			h->data_last = row.number - 1;
			break;
		}
		if (row.number == h->data_first)
			keep_samples(h, &row, a);
		last_seen = row.number;
	}
	if (!h->data_last)
		h->data_last = last_seen;
	if (h->data_last < h->data_first)
		h->data_last = h->data_first;
	villages_release(&none);
	return e;
}

/* --- the header -------------------------------------------------------------------- */

static uint32_t leaf_row(const struct grid *g, const struct head *h, const struct head_col *c)
{
	for (size_t r = h->row_last + 1; r-- > h->row_first;)
		if (str_eq(grid_text(g, r, c->col), c->leaf))
			return g->rows[r].number;
	return g->rows[h->row_last].number;
}

static int64_t unit_above(const struct grid *g, size_t row)
{
	for (size_t r = 0; r < row; r++)
		for (size_t c = 0; c < g->rows[r].n; c++) {
			struct str t = g->rows[r].cells[c].text;
			if (str_find(t, STR("单位")) != SIZE_MAX && head_unit(t))
				return head_unit(t);
		}
	return 0;
}

enum err heading_read(struct rows *rows, size_t sheet, const struct pack *pack, struct arena *a,
                      struct diag *diag, struct heading *ret, bool *ret_found)
{
	struct grid *g = ARENA_NEW(a, struct grid);
	const struct head_words words = {pack, NULL};
	struct head h;
	struct heading out = {0};
	enum err e = rows_sheet(rows, sheet, diag);
	if (e == OK)
		e = grid_read(rows, a, diag, g);
	*ret_found = e == OK && head_find(&words, g, 0, a, &h);
	if (!*ret_found)
		return e;
	out.first = g->rows[h.row_first].number;
	out.last = g->rows[h.row_last].number;
	out.unit = unit_above(g, h.row_first);
	out.columns = ARENA_ARRAY(a, h.n + 1, struct heading_column);
	for (size_t i = 0; i < h.n; i++) {
		const struct head_col *c = &h.cols[i];
		struct heading_column *o = &out.columns[out.n++];
		*o = (struct heading_column){.col = (uint32_t)c->col + 1, .row = leaf_row(g, &h, c),
		                             .header = c->header, .leaf = c->leaf, .unit = c->unit,
		                             .year = year_in(c->header)};
		o->n = meanings_of(pack, c, a, o->meanings);
	}
	e = find_waiting(rows, sheet, a, diag, &out);
	*ret = out;
	return e;
}

/* --- labels and marks ------------------------------------------------------------------ */

/* The first column behind the label's own cells, when it is empty. */
static bool empty_beside(const struct grid_row *r, size_t col, size_t *ret)
{
	size_t next = col + 1;
	while (next < r->n && r->cells[next].spread && str_eq(r->cells[next].text, r->cells[col].text))
		next++;
	if (next < r->n && r->cells[next].text.n)
		return false;
	*ret = next;
	return true;
}

enum err heading_labels(struct rows *rows, size_t sheet, const struct pack *pack, struct arena *a,
                        struct diag *diag, struct heading_label **ret, size_t *ret_n)
{
	struct grid *g = ARENA_NEW(a, struct grid);
	VEC(struct heading_label) found = {0};
	enum err e = rows_sheet(rows, sheet, diag);
	if (e == OK)
		e = grid_read(rows, a, diag, g);
	for (size_t r = 0; e == OK && r < g->n; r++) {
		const struct grid_row *row = &g->rows[r];
		for (size_t c = 0; c < row->n && found.n < LABELS_MAX; c++) {
			struct heading_label l = {.row = row->number, .text = row->cells[c].text};
			size_t beside;
			bool sub;
			if (class_is_total(l.text, &sub) || class_is_signature(l.text))
				continue;
			if (!l.text.n || row->cells[c].spread || !empty_beside(row, c, &beside))
				continue;
			l.n = heading_name(pack, l.text, a, l.meanings);
			l.col = (uint32_t)beside + 1;
			if (l.n)
				*vec_push(&found) = l;
		}
	}
	*ret = ARENA_ARRAY(a, found.n + 1, struct heading_label);
	for (size_t i = 0; i < found.n; i++)
		(*ret)[i] = found.p[i];
	*ret_n = found.n;
	vec_free(&found);
	return e;
}

enum err heading_marks(struct rows *rows, size_t sheet, struct arena *a, struct diag *diag,
                       struct heading_mark **ret, size_t *ret_n)
{
	VEC(struct heading_mark) found = {0};
	struct row row;
	bool more = true;
	enum err e = rows_sheet(rows, sheet, diag);
	while (e == OK && more) {
		e = rows_next(rows, diag, &row, &more);
		for (size_t c = 0; e == OK && more && c < row.n && found.n < MARKS_MAX; c++) {
			struct str t = row.cells[c].text;
			size_t at = str_find(t, STR("{{"));
			if (at != SIZE_MAX && str_find(str_sub(t, at, t.n), STR("}}")) != SIZE_MAX)
				*vec_push(&found) = (struct heading_mark){row.number, (uint32_t)c + 1, str_copy(a, t)};
		}
	}
	*ret = ARENA_ARRAY(a, found.n + 1, struct heading_mark);
	for (size_t i = 0; i < found.n; i++)
		(*ret)[i] = found.p[i];
	*ret_n = found.n;
	vec_free(&found);
	return e;
}
