/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Sheets whose records are no rows: a column each, with the names of the columns down the
 * first one; or cards of label and value, one below the other.
 *
 * Such a sheet is small, since somebody looks at it as a whole: it is gone through once and
 * its records are kept as rows of a table with the labels for a header.
 */
#include "ledger/intake_stream.h"

#include "base/banned.h"

enum { TURN_CELLS = 400000, TURN_ROWS = 20000, LABELS_LEAST = 4, VALUES_LEAST = 3 };

struct turned {
	size_t n_labels, n_rows;
	struct str labels[FORM_PAIRS];
	uint32_t first;          /* row of the first label */
	VEC(struct cell *) rows; /* `room` cells each, of which n_labels are used */
	VEC(uint32_t) numbers;
	VEC(struct form_pair) places; /* as many as there are cells; their addresses alone */
	size_t room;
	bool too_large;
};

static void begin_record(struct turned *t, struct arena *a, uint32_t number)
{
	t->too_large |= t->rows.n >= TURN_ROWS || (t->rows.n + 1) * t->room > TURN_CELLS;
	*vec_push(&t->rows) = ARENA_ARRAY(a, t->room, struct cell);
	*vec_push(&t->numbers) = number;
	for (size_t i = 0; i < t->room; i++)
		*vec_push(&t->places) = (struct form_pair){.row = number};
}

static void put(struct turned *t, struct arena *a, size_t record, size_t label, struct str value,
                struct form_pair place)
{
	struct cell *c = &t->rows.p[record][label];
	if (c->text.n || value.n == 0)
		return;
	*c = (struct cell){.kind = CELL_TEXT, .text = str_copy(a, value)};
	t->places.p[record * t->room + label] = place;
}

static size_t label_index(const struct turned *t, struct str label)
{
	for (size_t i = 0; i < t->n_labels; i++)
		if (str_eq(t->labels[i], label))
			return i;
	return SIZE_MAX;
}

/* ---- a record a column ---- */

static size_t first_column(const struct grid *g)
{
	size_t first = g->width;
	for (size_t r = 0; r < g->n; r++)
		for (size_t c = 0; c < g->rows[r].n && c < first; c++)
			if (g->rows[r].cells[c].text.n)
				first = c;
	return first;
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
		if (values <= VALUES_LEAST && t.n && form_is_label(pack, t) && !class_is_total(t, &sub))
			return false;
	}
	return values >= VALUES_LEAST;
}

/* Has the text stood in the column above that row?  Values do (已改造, and a column is
 * called so), names of columns do not. */
static bool stands_above(const struct grid *g, size_t first, size_t row, size_t col)
{
	for (size_t r = first; r < row; r++)
		if (str_eq(grid_text(g, r, col), grid_text(g, row, col)))
			return true;
	return false;
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

/* Where the labels begin, or g->n. */
static size_t find_turned(const struct pack *pack, const struct grid *g, size_t col,
                          struct arena *a)
{
	const struct head_words words = {pack, NULL};
	struct head h;
	size_t known = 0, first = g->n;
	for (size_t r = 0; r < g->n; r++) {
		if (!is_turned_row(pack, &g->rows[r], col))
			continue;
		if (stands_above(g, first, r, col))
			return g->n;
		first = known++ ? first : r;
	}
	size_t rest = g->n - first;
	if (known < LABELS_LEAST || known * 2 <= rest || rest > FORM_PAIRS)
		return g->n;
	return head_find(&words, g, 0, a, &h) && names_in(pack, &h) >= known ? g->n : first;
}

/* The sheet once more, and all of its columns. */
static enum err read_columns(struct intake *in, const struct grid *g, size_t sheet, size_t top,
                             size_t col, struct turned *t, struct diag *diag)
{
	struct row row;
	bool more = true;
	t->first = g->rows[top].number;
	t->room = g->n - top;
	enum err e = rows_sheet(in->rows, sheet, diag);
	while (e == OK && !t->too_large) {
		e = rows_next(in->rows, diag, &row, &more);
		if (e != OK || !more)
			break;
		if (row.number < t->first || col >= row.n || row.cells[col].text.n == 0)
			continue;
		if (t->n_labels >= t->room)
			break;
		size_t k = t->n_labels++;
		t->labels[k] = str_copy(&in->arena, str_trim(row.cells[col].text));
		for (size_t c = col + 1; c < row.n && !t->too_large; c++) {
			if (c - col > t->rows.n)
				begin_record(t, &in->arena, (uint32_t)(c + 1));
			put(t, &in->arena, c - col - 1, k, str_trim(row.cells[c].text),
			    (struct form_pair){.row = row.number, .col = (uint16_t)(c + 1)});
		}
	}
	return e;
}

/* ---- cards ---- */

/* The next cell to the right that is not part of the same merge. */
static size_t behind(const struct grid_row *r, size_t c)
{
	size_t k = c + 1;
	while (k < r->n && r->cells[k].spread && str_eq(r->cells[k].text, r->cells[c].text))
		k++;
	return k;
}

/* Label, value, label, value: by their places alone, since a value may be a word that some
 * column is called by.  Returns how many; at most max. */
static size_t card_line(const struct grid_row *r, struct form_pair *ret, size_t max)
{
	size_t n = 0;
	for (size_t c = 0; c < r->n && n < max;) {
		struct str label = str_trim(r->cells[c].text);
		size_t at = behind(r, c);
		if (label.n == 0) {
			c++;
			continue;
		}
		struct str value = at < r->n ? str_trim(r->cells[at].text) : (struct str){NULL, 0};
		ret[n++] = (struct form_pair){label, value, r->number, (uint16_t)(at + 1)};
		c = value.n ? behind(r, at) : at + 1;
	}
	return n;
}

enum { LINE_PAIRS = 12 };

/* The first line that could be a card's, up to the line that begins so again. */
static bool first_card(const struct pack *pack, const struct grid *g, struct turned *t)
{
	struct form_pair p[LINE_PAIRS];
	size_t known = 0;
	for (size_t r = 0; r < g->n; r++) {
		size_t n = card_line(&g->rows[r], p, LINE_PAIRS);
		if (t->n_labels == 0 && (n == 0 || !head_is_known(pack, p[0].label) || !p[0].value.n))
			continue;
		if (t->n_labels && n && str_eq(p[0].label, t->labels[0]))
			return known >= LABELS_LEAST && known * 3 >= t->n_labels * 2;
		if (t->n_labels == 0)
			t->first = g->rows[r].number;
		for (size_t i = 0; i < n; i++) {
			if (t->n_labels == FORM_PAIRS || label_index(t, p[i].label) != SIZE_MAX)
				return false;
			known += head_is_known(pack, p[i].label);
			t->labels[t->n_labels++] = p[i].label;
		}
	}
	return false;
}

/* Do nearly all lines below go on with those labels? */
static bool find_cards(const struct pack *pack, const struct grid *g, struct turned *t)
{
	struct form_pair p[LINE_PAIRS];
	size_t pairs = 0, hits = 0;
	if (!first_card(pack, g, t))
		return false;
	for (size_t r = 0; r < g->n; r++) {
		size_t n = g->rows[r].number < t->first ? 0 : card_line(&g->rows[r], p, LINE_PAIRS);
		pairs += n;
		for (size_t i = 0; i < n; i++)
			hits += label_index(t, p[i].label) != SIZE_MAX;
	}
	t->room = t->n_labels;
	return hits * 10 >= pairs * 8;
}

static enum err read_cards(struct intake *in, size_t sheet, struct turned *t, struct diag *diag)
{
	const struct merge *merges = NULL;
	size_t n_merges = 0, at = 0, strangers = 0;
	struct row row;
	bool more = true;
	struct form_pair p[LINE_PAIRS];
	struct grid *one = ARENA_NEW(&in->scratch, struct grid);
	for (size_t i = 0; i < t->n_labels; i++)
		t->labels[i] = str_copy(&in->arena, t->labels[i]);
	enum err e = rows_sheet(in->rows, sheet, diag);
	if (e == OK)
		e = rows_merges(in->rows, diag, &merges, &n_merges);
	while (e == OK && !t->too_large) {
		e = rows_next(in->rows, diag, &row, &more);
		if (e != OK || !more)
			break;
		if (row.number < t->first)
			continue;
		while (at < n_merges && merges[at].row1 < row.number)
			at++;
		struct arena_mark mark = arena_save(&in->scratch);
		grid_copy(one, &row, 1, merges + at, n_merges - at, &in->scratch);
		size_t n = card_line(&one->rows[0], p, LINE_PAIRS), known = 0;
		for (size_t i = 0; i < n; i++) {
			size_t k = label_index(t, p[i].label);
			known += k != SIZE_MAX;
			if (k == 0)
				begin_record(t, &in->arena, row.number);
			if (k != SIZE_MAX && t->rows.n)
				put(t, &in->arena, t->rows.n - 1, k, p[i].value, p[i]);
		}
		strangers = known ? 0 : strangers + (n > 1);
		if (strangers == 2) /* something else goes on below: it is told */
			*vec_push(&in->skipped) = (struct intake_skipped){
				sheet, row.number, ERR_TABLE_NOT_FOUND, str_copy(&in->arena, p[0].label)};
		arena_back(&in->scratch, mark);
	}
	return e;
}

/* ---- the table ---- */

/* The lines above, the labels as a header, the first records. */
static void flatten(const struct grid *g, const struct turned *t, struct arena *a, struct grid *ret)
{
	*ret = (struct grid){.width = t->n_labels};
	for (size_t r = 0; r < g->n && g->rows[r].number < t->first && r < HEADER_SCAN / 2; r++)
		ret->rows[ret->n++] = g->rows[r];
	for (size_t i = 0; i <= t->rows.n && ret->n < GRID_ROWS; i++) {
		struct grid_row *r = &ret->rows[ret->n++];
		*r = (struct grid_row){.number = t->first + (uint32_t)i, .n = t->n_labels};
		r->cells = ARENA_ARRAY(a, t->n_labels, struct grid_cell);
		for (size_t c = 0; c < t->n_labels; c++)
			r->cells[c] = (struct grid_cell){
				.text = i ? t->rows.p[i - 1][c].text : t->labels[c], .kind = CELL_TEXT};
	}
}

static bool make_table(struct intake *in, const struct grid *g, size_t sheet, struct turned *t)
{
	struct grid *flat = ARENA_NEW(&in->scratch, struct grid);
	struct str detail;
	enum err why;
	flatten(g, t, &in->scratch, flat);
	struct table *table = table_make(in, flat, sheet, 0, &why, &detail);
	if (!table)
		return false;
	table->n_form_rows = t->rows.n;
	table->n_form_cells = t->room;
	table->form_rows = ARENA_ARRAY(&in->arena, t->rows.n, struct row);
	table->form_places = ARENA_ARRAY(&in->arena, t->places.n, struct form_pair);
	for (size_t i = 0; i < t->rows.n; i++)
		table->form_rows[i] = (struct row){.number = t->numbers.p[i], .cells = t->rows.p[i],
		                                   .n = t->n_labels};
	memcpy(table->form_places, t->places.p, t->places.n * sizeof(struct form_pair));
	table->form = true;
	table->pub.header_first = table->pub.header_last = 0;
	table->pub.data_first = t->first;
	return true;
}

enum err turn_make(struct intake *in, const struct grid *g, size_t sheet, struct diag *diag,
                   bool *ret_made)
{
	struct turned *t = ARENA_NEW(&in->scratch, struct turned);
	size_t col = first_column(g), top = find_turned(in->pack, g, col, &in->scratch);
	enum err e = OK;
	bool is = true;
	*ret_made = false;
	if (top < g->n)
		e = read_columns(in, g, sheet, top, col, t, diag);
	else if (find_cards(in->pack, g, t))
		e = read_cards(in, sheet, t, diag);
	else
		is = false;
	if (e == OK && t->too_large)
		e = diag_set(diag, ERR_FILE_TOO_LARGE, "%s: > %d",
		             rows_sheet_info(in->rows, sheet)->name, TURN_ROWS);
	if (e == OK && is && t->rows.n > 0)
		*ret_made = make_table(in, g, sheet, t);
	vec_free(&t->rows);
	vec_free(&t->numbers);
	vec_free(&t->places);
	return e;
}
