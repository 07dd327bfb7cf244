/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Tables with a record a column: the names of the columns down the first one.
 *
 * A block of rows is one when enough of its labels are names that the pack knows, the values
 * behind them are none, and no header stands above or in it: names may be values in the first
 * column of an ordinary table.
 */
#include "ledger/intake_turn.h"

#include "base/banned.h"

enum { VALUES_LEAST = 3 };

size_t line_first(const struct grid_row *r)
{
	size_t c = 0;
	while (c < r->n && r->cells[c].text.n == 0)
		c++;
	return c;
}

static size_t width_of(const struct grid_row *r)
{
	size_t n = r->n;
	while (n > 0 && r->cells[n - 1].text.n == 0)
		n--;
	return n;
}

size_t line_values(const struct grid_row *r, size_t col)
{
	size_t n = 0;
	for (size_t c = col + 1; c < r->n; c++)
		n += r->cells[c].text.n > 0 && !r->cells[c].spread;
	return n;
}

/* A label, and values that are none; 合计 is a column of its own, though some are called so. */
static bool is_turned_row(const struct pack *pack, const struct grid_row *r, size_t col)
{
	bool sub;
	size_t values = 0;
	if (col >= r->n || r->cells[col].text.n == 0 || !head_is_known(pack, r->cells[col].text))
		return false;
	for (size_t c = col + 1; c < r->n; c++) {
		struct str t = r->cells[c].text;
		values += t.n > 0 && !r->cells[c].spread;
		if (values <= VALUES_LEAST && t.n && form_is_label(pack, t) &&
		    !class_is_total(t, &sub))
			return false;
	}
	return values >= VALUES_LEAST;
}

bool line_is_header(const struct pack *pack, const struct grid_row *r)
{
	enum { LOOKED_AT = 64 };
	size_t texts = 0, known = 0, other = 0;
	for (size_t c = 0; c < r->n && texts < LOOKED_AT; c++)
		texts += r->cells[c].text.n > 0 && !r->cells[c].spread;
	for (size_t c = 0; known + other < texts; c++) {
		if (r->cells[c].text.n == 0 || r->cells[c].spread)
			continue;
		for (size_t k = 0; k < c; k++)
			if (str_eq(r->cells[k].text, r->cells[c].text))
				return false;
		if (form_is_label(pack, r->cells[c].text))
			known++;
		else if (++other * 2 >= texts)
			return false;
	}
	return known >= 3;
}

/* Most of the values are numbers of citizens. */
static bool is_id_row(const struct grid_row *r, size_t col)
{
	size_t values = 0, ids = 0;
	for (size_t c = col + 1; c < r->n; c++) {
		size_t digits = 0;
		struct str t = r->cells[c].text;
		for (size_t i = 0; i < t.n; i++)
			digits += t.p[i] >= '0' && t.p[i] <= '9';
		values += t.n > 0;
		ids += digits >= 15 && digits <= 18;
	}
	return values >= VALUES_LEAST && ids * 5 >= values * 4;
}

struct row line_of_grid(const struct grid_row *r, struct arena *a)
{
	struct cell *cells = ARENA_ARRAY(a, r->n, struct cell);
	for (size_t c = 0; c < r->n; c++)
		cells[c] = (struct cell){.kind = (enum cell_kind)r->cells[c].kind,
					 .text = r->cells[c].text};
	return (struct row){.number = r->number, .n = r->n, .cells = cells};
}

bool line_is_aside(const struct intake *in, const struct grid_row *r, struct arena *a)
{
	struct str section;
	struct row row = line_of_grid(r, a);
	enum intake_class c = class_of(&row, 0, row.n, &in->villages, &section);
	return c == INTAKE_SIGNATURE || c == INTAKE_NOTE || c == INTAKE_TITLE ||
	       c == INTAKE_SECTION || c == INTAKE_BLANK;
}

/* An empty line above, be it in the file or not; the numbers of a text's rows are those of its
 * lines, of which a cell may hold several. */
bool line_is_below_gap(const struct intake *in, const struct grid *g, size_t r)
{
	return r > 0 &&
	       (width_of(&g->rows[r - 1]) == 0 ||
		(g->rows[r].number > g->rows[r - 1].number + 1 && rows_kind(in->rows) != FILE_CSV));
}

static bool stands_in(const struct grid *g, const struct block *b, size_t row)
{
	for (size_t r = b->first; r <= b->last; r++)
		if (str_eq(grid_text(g, r, b->col), grid_text(g, row, b->col)))
			return true;
	return false;
}

/* Is something else than another label of the block below a row of names, or of labels and
 * values (法定代表人, 经营者 may be either)? */
static bool has_records(const struct intake *in, const struct grid *g, const struct block *b,
			size_t row, struct arena *a)
{
	enum { LOOK_ROWS = 3 };
	size_t r = row + 1;
	for (; r < g->n && r <= row + LOOK_ROWS && !line_is_below_gap(in, g, r); r++) {
		if (line_is_aside(in, &g->rows[r], a))
			break;
		if (is_turned_row(in->pack, &g->rows[r], b->col))
			return false;
	}
	return r > row + 1;
}

/* May the row be one of the block's without an empty line between? */
static bool goes_on(const struct intake *in, const struct grid *g, const struct block *b,
		    size_t row, struct arena *a)
{
	const struct grid_row *r = &g->rows[row];
	bool known = head_is_known(in->pack, grid_text(g, row, b->col));
	bool other = line_is_header(in->pack, r) ||
		     (width_of(r) != b->width && form_is_line(in->pack, g, row));
	if (other && has_records(in, g, b, row, a))
		return false;
	if (known)
		return true;
	return line_values(r, b->col) > 0 && !line_is_aside(in, r, a);
}

static void take_label(const struct intake *in, const struct grid *g, size_t row, struct block *b)
{
	const struct grid_row *r = &g->rows[row];
	b->labels++;
	b->known += is_turned_row(in->pack, r, b->col);
	bool named = head_is_known(in->pack, r->cells[b->col].text);
	b->named += named;
	b->ids |= named && is_id_row(r, b->col);
	b->width = width_of(r) > b->width ? width_of(r) : b->width;
}

/* Enough values; below a known label one will do, where the numbers tell what the block is, if
 * it is not a pair alone (行政村 东湖村) that is said of all records. */
static bool has_values(const struct pack *pack, const struct grid_row *r, const struct block *b)
{
	size_t n = line_values(r, b->col);
	if (n >= VALUES_LEAST || n == 0)
		return n > 0;
	bool pair = n == 1 && b->col + 1 < r->n && r->cells[b->col + 1].text.n;
	return b->ids && !pair && head_is_known(pack, r->cells[b->col].text);
}

/* Labels that the pack does not know may stand above the first that it knows; a row of names
 * only where the numbers tell that it is no table's header. */
static void extend_up(const struct intake *in, const struct grid *g, struct block *b,
		      struct arena *a)
{
	for (size_t r = b->first; r-- > 0;) {
		if (line_is_below_gap(in, g, r + 1) || line_first(&g->rows[r]) != b->col ||
		    !has_values(in->pack, &g->rows[r], b) || stands_in(g, b, r) ||
		    (!b->ids && line_is_header(in->pack, &g->rows[r])) ||
		    !goes_on(in, g, b, r, a) || line_is_aside(in, &g->rows[r], a))
			return;
		b->first = r;
		take_label(in, g, r, b);
	}
}

/*
 * Down to where something else begins.  Below an empty line the block goes on only with labels
 * of the same width that have not been there: another table's begin again sooner or later, and
 * then the empty line was its end.  False when labels come again otherwise, as values in the
 * first column of a table do.
 */
static bool extend_down(const struct intake *in, const struct grid *g, struct block *b,
			struct arena *a)
{
	struct block above = {.labels = 0}; /* down to the last empty line */
	bool gap = false;
	for (size_t r = b->last + 1; r < g->n; r++) {
		size_t at = line_first(&g->rows[r]);
		gap |= line_is_below_gap(in, g, r);
		if (at == g->rows[r].n)
			continue;
		if (at < b->col || (at > b->col && gap))
			return true;
		if (at > b->col)
			continue; /* a column without a name */
		if (gap && (!is_turned_row(in->pack, &g->rows[r], b->col) ||
			    width_of(&g->rows[r]) != b->width))
			return true;
		if (gap)
			above = *b;
		gap = false;
		bool again = stands_in(g, b, r);
		if (above.labels && (again || (b->ids && is_id_row(&g->rows[r], b->col)))) {
			*b = above;
			return true;
		}
		if (again)
			return str_eq(grid_text(g, b->first, b->col), grid_text(g, r, b->col));
		if (!goes_on(in, g, b, r, a))
			return true;
		b->last = r;
		take_label(in, g, r, b);
	}
	return true;
}

/* Names of columns in a header, each counted once. */
static size_t names_in(const struct pack *pack, const struct head *h)
{
	size_t n = 0;
	for (size_t i = 0; i < h->n; i++) {
		bool again = !head_is_known(pack, h->cols[i].leaf);
		for (size_t k = 0; k < i && !again; k++)
			again = str_eq(h->cols[k].leaf, h->cols[i].leaf);
		n += !again;
	}
	return n;
}

/* Is it rather the first column of a table whose header stands above or in it? */
static bool has_header(const struct intake *in, const struct grid *g, const struct block *b,
		       struct arena *a)
{
	const struct head_words words = {in->pack, NULL};
	struct grid *cut = ARENA_NEW(a, struct grid);
	struct head h;
	*cut = *g;
	cut->n = b->first;
	if (head_find(&words, cut, 0, a, &h) && !form_is_line(in->pack, cut, h.row_last))
		return true;
	cut->n = b->last + 1;
	return head_find(&words, cut, 0, a, &h) && names_in(in->pack, &h) >= b->known;
}

bool block_find(const struct intake *in, const struct grid *g, struct arena *a, struct block *ret)
{
	for (size_t r = 0; r < g->n; r++) {
		struct block b = {.first = r, .last = r, .col = line_first(&g->rows[r])};
		if (!is_turned_row(in->pack, &g->rows[r], b.col))
			continue;
		take_label(in, g, r, &b);
		if (!extend_down(in, g, &b, a))
			return false;
		extend_up(in, g, &b, a);
		*ret = b;
		if (b.known >= LABELS_LEAST || (b.ids && b.named >= LABELS_LEAST))
			return b.labels <= FORM_PAIRS && !has_header(in, g, &b, a);
		r = b.last;
	}
	return false;
}

bool block_is_clear(const struct block *b)
{
	return b->known * 2 > b->labels || b->ids;
}

enum err block_read(struct intake *in, const struct grid *g, const struct sheet_place *p,
		    const struct block *b, struct turned *t, struct diag *diag)
{
	struct row row;
	bool more = true;
	t->first = g->rows[b->first].number;
	t->room = b->labels;
	enum err e = rows_sheet(in->rows, p->sheet, diag);
	while (e == OK && !t->too_large) {
		e = rows_next(in->rows, diag, &row, &more);
		if (e != OK || !more || row.number > g->rows[b->last].number)
			break;
		strip_mask(in, &p->strip, &row);
		if (row.number < t->first || b->col >= row.n ||
		    str_trim(row.cells[b->col].text).n == 0)
			continue;
		if (t->n_labels >= t->room)
			break;
		size_t k = t->n_labels++;
		t->labels[k] = str_copy(&in->arena, str_trim(row.cells[b->col].text));
		for (size_t c = b->col + 1; c < row.n && !t->too_large; c++) {
			if (c - b->col > t->rows.n)
				turned_begin(t, &in->arena, (uint32_t)(c + 1));
			turned_put(t, &in->arena, c - b->col - 1, k, str_trim(row.cells[c].text),
				   (struct form_pair){.row = row.number, .col = (uint16_t)(c + 1)});
		}
	}
	return e;
}
