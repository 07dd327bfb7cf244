/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Sections of a sheet whose records are no rows: a column each, or cards of label and value.
 *
 * Such a section is small, since somebody looks at it as a whole: it is gone through once and
 * its records are kept as rows of a table with the labels for a header.  What stands below it
 * is the next section's.
 */
#include "ledger/intake_turn.h"

#include "base/banned.h"

enum { TURN_CELLS = 400000, TURN_ROWS = 20000 };

void turned_begin(struct turned *t, struct arena *a, uint32_t number)
{
	t->too_large |= t->rows.n >= TURN_ROWS || (t->rows.n + 1) * t->room > TURN_CELLS;
	*vec_push(&t->rows) = ARENA_ARRAY(a, t->room, struct cell);
	*vec_push(&t->numbers) = number;
	for (size_t i = 0; i < t->room; i++)
		*vec_push(&t->places) = (struct form_pair){.row = number};
}

void turned_put(struct turned *t, struct arena *a, size_t record, size_t label, struct str value,
		struct form_pair place)
{
	struct cell *c = &t->rows.p[record][label];
	if (c->text.n || value.n == 0)
		return;
	*c = (struct cell){.kind = CELL_TEXT, .text = str_copy(a, value)};
	t->places.p[record * t->room + label] = place;
}

size_t turned_label(const struct turned *t, struct str label)
{
	for (size_t i = 0; i < t->n_labels; i++)
		if (str_eq(t->labels[i], label))
			return i;
	return SIZE_MAX;
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
			r->cells[c] = (struct grid_cell){.text = i ? t->rows.p[i - 1][c].text
								   : t->labels[c],
							 .kind = CELL_TEXT};
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
		table->form_rows[i] = (struct row){
			.number = t->numbers.p[i], .cells = t->rows.p[i], .n = t->n_labels};
	memcpy(table->form_places, t->places.p, t->places.n * sizeof(struct form_pair));
	table->form = true;
	table->pub.header_first = table->pub.header_last = 0;
	table->pub.data_first = t->first;
	return true;
}

static void release(struct turned *t)
{
	vec_free(&t->rows);
	vec_free(&t->numbers);
	vec_free(&t->places);
}

static enum err check_size(struct intake *in, size_t sheet, const struct turned *t,
			   struct diag *diag)
{
	if (!t->too_large)
		return OK;
	return diag_set(diag, ERR_FILE_TOO_LARGE, "%s: > %d",
			rows_sheet_info(in->rows, sheet)->name, TURN_ROWS);
}

/* Reads the block of labels, or the cards, whichever begins first. */
static enum err read_section(struct intake *in, const struct grid *g, const struct sheet_place *p,
			     struct turned *t, struct turn *ret, struct diag *diag)
{
	struct block b;
	bool block = block_find(in, g, &in->scratch, &b);
	bool cards = cards_find(in, g, t);
	ret->found = block || cards;
	if (block && (!cards || g->rows[b.first].number <= t->first)) {
		ret->first = g->rows[b.first].number;
		ret->label = str_copy(&in->arena, grid_text(g, b.first, b.col));
		ret->next = b.last + 1 < g->n || g->n == GRID_ROWS ? g->rows[b.last].number + 1 : 0;
		*t = (struct turned){.room = 0};
		return block_is_clear(&b) ? block_read(in, g, p, &b, t, diag) : OK;
	}
	if (!cards)
		return OK;
	enum err e = cards_read(in, p, t, diag);
	ret->first = t->first;
	ret->label = t->labels[0];
	ret->next = t->next;
	return e;
}

enum err turn_make(struct intake *in, const struct grid *g, const struct sheet_place *p,
		   struct diag *diag, struct turn *ret)
{
	struct turned *t = ARENA_NEW(&in->scratch, struct turned);
	*ret = (struct turn){.found = false};
	enum err e = read_section(in, g, p, t, ret, diag);
	if (e == OK)
		e = check_size(in, p->sheet, t, diag);
	if (e == OK && t->rows.n > 0)
		ret->made = make_table(in, g, p->sheet, t);
	release(t);
	return e;
}

/* How many of the rows are like those of the table above, and how many are not. */
static void compare(const struct table *above, const struct grid *g, size_t last, struct arena *a,
		    size_t *ret_like, size_t *ret_unlike)
{
	*ret_like = *ret_unlike = 0;
	for (size_t r = 0; r <= last && r < g->n; r++) {
		struct row row = line_of_grid(&g->rows[r], a);
		int fits = line_fits(above, &row);
		*ret_like += fits > 0;
		*ret_unlike += fits < 0;
	}
}

bool turn_begins(struct intake *in, const struct grid *g, const struct table *above)
{
	enum { CARD_ROWS = 24 };
	struct turned *t = ARENA_NEW(&in->scratch, struct turned);
	struct block b;
	size_t like, unlike;
	if (block_find(in, g, &in->scratch, &b) && b.first == 0) {
		compare(above, g, b.last, &in->scratch, &like, &unlike);
		return like * 2 < b.labels && (block_is_clear(&b) || unlike * 2 > b.labels);
	}
	if (!cards_find(in, g, t) || t->first != g->rows[0].number)
		return false;
	compare(above, g, CARD_ROWS, &in->scratch, &like, &unlike);
	return like * 3 <= (like + unlike) * 2; /* a line of each card may happen to */
}

bool turn_is(struct intake *in, const struct grid *g)
{
	struct turned *t = ARENA_NEW(&in->scratch, struct turned);
	struct block b;
	return (block_find(in, g, &in->scratch, &b) && block_is_clear(&b)) || cards_find(in, g, t);
}

/* Does one begin in a row of the grid, which has a table above? */
static bool begins_at(struct intake *in, const struct grid *g, size_t row)
{
	size_t col = line_first(&g->rows[row]);
	struct arena_mark mark = arena_save(&in->scratch);
	if (!head_is_known(in->pack, grid_text(g, row, col)) ||
	    line_values(&g->rows[row], col) == 0)
		return false;
	struct grid *rest = ARENA_NEW(&in->scratch, struct grid);
	struct turned *t = ARENA_NEW(&in->scratch, struct turned);
	struct block b;
	*rest = (struct grid){.n = g->n - row, .width = g->width};
	memcpy(rest->rows, g->rows + row, rest->n * sizeof(rest->rows[0]));
	bool begins =
		(block_find(in, rest, &in->scratch, &b) && b.first == 0 && block_is_clear(&b)) ||
		(cards_find(in, rest, t) && t->first == rest->rows[0].number);
	arena_back(&in->scratch, mark);
	return begins;
}

size_t line_texts(const struct grid_row *r)
{
	size_t n = 0;
	for (size_t c = 0; c < r->n; c++)
		n += r->cells[c].text.n > 0 && !r->cells[c].spread;
	return n;
}

bool turn_is_title(struct intake *in, const struct grid *g)
{
	size_t r = 1;
	while (r < g->n && r < 4 &&
	       (line_texts(&g->rows[r]) < 2 || line_is_aside(in, &g->rows[r], &in->scratch)))
		r++;
	return r < g->n && (line_is_header(in->pack, &g->rows[r]) || begins_at(in, g, r));
}

/* Another header than the one above. */
static bool is_other_header(const struct intake *in, const struct grid *g, const struct head *h,
			    size_t row)
{
	size_t same = 0, texts = 0;
	for (size_t c = 0; c < g->rows[row].n; c++) {
		struct str t = grid_text(g, row, c);
		bool again = false;
		for (size_t r = h->row_first; t.n && r <= h->row_last && !again; r++)
			again = str_eq(grid_text(g, r, c), t);
		texts += t.n > 0;
		same += again;
	}
	return same * 2 < texts && line_is_header(in->pack, &g->rows[row]);
}

uint32_t turn_cut(struct intake *in, struct grid *g)
{
	const struct head_words words = {in->pack, in->opts.map};
	struct head h;
	if (!head_find(&words, g, 0, &in->scratch, &h))
		return 0;
	size_t title = g->n; /* lines above the row that may be its titles */
	for (size_t r = h.row_last + 1; r < g->n; r++) {
		bool aside =
			line_texts(&g->rows[r]) < 2 || line_is_aside(in, &g->rows[r], &in->scratch);
		bool gap = title < r || line_is_below_gap(in, g, r);
		if (!aside && r > h.row_last + 1 &&
		    (is_other_header(in, g, &h, r) || (gap && begins_at(in, g, r)))) {
			uint32_t next = g->rows[title < r ? title : r].number;
			g->n = r;
			return next;
		}
		title = aside && line_texts(&g->rows[r]) ? title < r ? title : r : g->n;
	}
	return 0;
}
