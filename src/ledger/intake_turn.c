/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Sheets whose records are no rows: a column each, with the names of the columns down the
 * first one; or cards of label and value, one below the other, of one kind or of several.
 *
 * Such a sheet is small, since somebody looks at it as a whole: it is gone through once and
 * its records are kept as rows of a table with the labels for a header.
 */
#include "ledger/intake_stream.h"

#include "base/banned.h"

enum { TURN_CELLS = 400000, TURN_ROWS = 20000, LABELS_LEAST = 4, VALUES_LEAST = 3, CARDS_LEAST = 2,
       KINDS_MAX = 6 };

struct turned {
	size_t n_labels, n_rows;
	struct str labels[FORM_PAIRS];
	uint32_t first;          /* row of the first label */
	VEC(struct cell *) rows; /* `room` cells each, of which n_labels are used */
	VEC(uint32_t) numbers;
	VEC(struct form_pair) places; /* as many as there are cells; their addresses alone */
	size_t room;
	bool too_large;
	uint32_t other, other_from; /* cards of another kind begin below: in this row, with what
	                               stands above them from that one; 0 = none */
	struct str other_label;
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

bool turn_above(const struct intake *in, struct grid *g, uint32_t header, uint32_t *ret_row,
                struct str *ret_label)
{
	size_t col = first_column(g), known = 0, first = 0, last = 0;
	for (size_t r = 0; r < g->n && g->rows[r].number < header; r++) {
		if (!is_turned_row(in->pack, &g->rows[r], col))
			continue;
		first = known++ ? first : r;
		last = r;
	}
	if (known < LABELS_LEAST)
		return false;
	*ret_row = g->rows[first].number;
	*ret_label = grid_text(g, first, col);
	for (size_t r = first; r <= last; r++)
		g->rows[r].n = 0;
	return true;
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

/*
 * Where cards of another kind begin: two lines that are none of this kind's (or one that
 * begins like a card and goes on otherwise), and no whole card of this kind below them.
 * Cards of two kinds may begin with the same lines: a card in which labels miss just above
 * is the other's.
 */
struct cards {
	const struct turned *t;
	const struct pack *pack;
	bool seen[FORM_PAIRS];    /* labels of the card at hand */
	size_t n_seen, records;
	uint32_t begun, last;     /* its first row, and the last one of whole cards */
	size_t strangers, whole;  /* lines since the other began; cards above */
	uint32_t other, other_begun; /* the other's first row: it, and the cut card above it */
	struct str other_label;
};

/* None of this kind's lines: it has none of their labels, or begins as they do and goes on
 * with the name of a column that they do not have. */
static bool is_stranger(const struct cards *c, const struct form_pair *p, size_t n)
{
	size_t known = 0, others = 0;
	for (size_t i = 0; i < n; i++) {
		bool ours = label_index(c->t, p[i].label) != SIZE_MAX;
		known += ours;
		others += !ours && head_is_known(c->pack, p[i].label);
	}
	return n > 1 && (known == 0 || (others > 0 && label_index(c->t, p[0].label) == 0));
}

static void see_stranger(struct cards *c, const struct form_pair *p, uint32_t row)
{
	bool begins = label_index(c->t, p[0].label) == 0;
	if (!c->other) {
		bool cut_card = c->records && c->n_seen < c->t->n_labels;
		c->whole = c->records - cut_card;
		c->other = row;
		c->other_begun = cut_card ? c->begun : row;
		c->other_label = p[0].label;
	}
	c->strangers += begins ? 2 : 1;
}

/* Goes over one line; which of its pairs are this kind's is told by label_index(). */
static bool see_line(struct cards *c, const struct form_pair *p, size_t n, uint32_t row)
{
	if (is_stranger(c, p, n)) {
		see_stranger(c, p, row);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = label_index(c->t, p[i].label);
		if (k == SIZE_MAX)
			continue;
		if (k == 0) {
			memset(c->seen, 0, sizeof(c->seen));
			c->n_seen = 0;
			c->begun = row;
			c->records++;
		}
		c->n_seen += !c->seen[k];
		c->seen[k] = true;
		if (!c->other)
			c->last = row;
		else if (c->n_seen == c->t->n_labels && c->begun > c->other) {
			c->other = 0; /* what stood between was a remark */
			c->strangers = 0;
			c->last = row;
		}
	}
	return true;
}

static bool is_over(const struct cards *c)
{
	return c->other && c->strangers > 1;
}

/* Do nearly all lines go on with those labels, down to where cards of another kind begin? */
static bool find_cards(const struct pack *pack, const struct grid *g, struct turned *t)
{
	struct form_pair p[LINE_PAIRS];
	size_t pairs = 0, hits = 0;
	if (!first_card(pack, g, t))
		return false;
	struct cards c = {.t = t, .pack = pack};
	for (size_t r = 0; r < g->n && !is_over(&c); r++) {
		size_t n = g->rows[r].number < t->first ? 0 : card_line(&g->rows[r], p, LINE_PAIRS);
		if (n)
			(void)see_line(&c, p, n, g->rows[r].number);
	}
	/* one card proves nothing: the header of any table looks like one */
	bool ends = is_over(&c) && c.whole >= CARDS_LEAST;
	for (size_t r = 0; r < g->n && !(ends && g->rows[r].number >= c.other_begun); r++) {
		size_t n = g->rows[r].number < t->first ? 0 : card_line(&g->rows[r], p, LINE_PAIRS);
		pairs += n;
		for (size_t i = 0; i < n; i++)
			hits += label_index(t, p[i].label) != SIZE_MAX;
	}
	t->room = t->n_labels;
	return hits * 10 >= pairs * 8;
}

/* One line into the record at hand. */
static void take_line(struct turned *t, struct arena *a, const struct form_pair *p, size_t n,
                      uint32_t row)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = label_index(t, p[i].label);
		if (k == 0)
			begin_record(t, a, row);
		if (k != SIZE_MAX && t->rows.n)
			put(t, a, t->rows.n - 1, k, p[i].value, p[i]);
	}
}

/* Cards of another kind go on below: those begun there are not this kind's. */
static void end_cards(struct turned *t, const struct cards *c, struct arena *a)
{
	if (!is_over(c))
		return;
	t->rows.n = t->numbers.n = c->whole;
	t->places.n = c->whole * t->room;
	t->other = c->other_begun;
	t->other_label = str_copy(a, c->other_label);
	t->other_from = c->whole && c->other_begun == c->other ? c->last + 1 : c->other_begun;
}

static enum err read_cards(struct intake *in, size_t sheet, struct turned *t, struct diag *diag)
{
	const struct merge *merges = NULL;
	size_t n_merges = 0, at = 0;
	struct row row;
	bool more = true;
	struct form_pair p[LINE_PAIRS];
	struct grid *one = ARENA_NEW(&in->scratch, struct grid);
	struct cards c = {.t = t, .pack = in->pack};
	for (size_t i = 0; i < t->n_labels; i++)
		t->labels[i] = str_copy(&in->arena, t->labels[i]);
	enum err e = rows_sheet(in->rows, sheet, diag);
	if (e == OK)
		e = rows_merges(in->rows, diag, &merges, &n_merges);
	while (e == OK && !t->too_large && !is_over(&c)) {
		e = rows_next(in->rows, diag, &row, &more);
		if (e != OK || !more)
			break;
		if (row.number < t->first)
			continue;
		while (at < n_merges && merges[at].row1 < row.number)
			at++;
		struct arena_mark mark = arena_save(&in->scratch);
		grid_copy(one, &row, 1, merges + at, n_merges - at, &in->scratch);
		size_t n = card_line(&one->rows[0], p, LINE_PAIRS);
		bool had = c.other != 0;
		if (n && see_line(&c, p, n, row.number))
			take_line(t, &in->arena, p, n, row.number);
		if (c.other && !had) /* the grid goes with the line */
			c.other_label = str_copy(&in->arena, c.other_label);
		arena_back(&in->scratch, mark);
	}
	if (e == OK)
		end_cards(t, &c, &in->arena);
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

static void release(struct turned *t)
{
	vec_free(&t->rows);
	vec_free(&t->numbers);
	vec_free(&t->places);
}

/* The cards that g begins with, all of them in the sheet. */
static enum err make_cards(struct intake *in, const struct grid *g, size_t sheet, struct turned *t,
                           struct diag *diag, bool *ret_made)
{
	*ret_made = false;
	if (!find_cards(in->pack, g, t))
		return OK;
	enum err e = read_cards(in, sheet, t, diag);
	if (e == OK && !t->too_large && t->rows.n > 0)
		*ret_made = make_table(in, g, sheet, t);
	return e;
}

static enum err check_size(struct intake *in, size_t sheet, const struct turned *t,
                           struct diag *diag)
{
	if (!t->too_large)
		return OK;
	return diag_set(diag, ERR_FILE_TOO_LARGE, "%s: > %d",
	                rows_sheet_info(in->rows, sheet)->name, TURN_ROWS);
}

/* Cards of other kinds below; what is none that can be read is told, with its row. */
static enum err make_others(struct intake *in, size_t sheet, const struct turned *above,
                            struct diag *diag)
{
	uint32_t other = above->other, from = above->other_from;
	struct str label = above->other_label;
	for (size_t kinds = 1; other; kinds++) {
		struct turned *t = ARENA_NEW(&in->scratch, struct turned);
		struct grid *g = ARENA_NEW(&in->scratch, struct grid);
		bool made = false;
		enum err e = rows_sheet(in->rows, sheet, diag);
		if (e == OK)
			e = grid_read_from(in->rows, from, &in->scratch, diag, g);
		if (e == OK && kinds < KINDS_MAX)
			e = make_cards(in, g, sheet, t, diag, &made);
		if (e == OK)
			e = check_size(in, sheet, t, diag);
		if (e == OK && !made)
			*vec_push(&in->skipped) = (struct intake_skipped){
				sheet, other, ERR_TABLE_NOT_FOUND, label};
		other = made ? t->other : 0;
		from = t->other_from;
		label = t->other_label;
		release(t);
		if (e)
			return e;
	}
	return OK;
}

enum err turn_make(struct intake *in, const struct grid *g, size_t sheet, struct diag *diag,
                   bool *ret_made)
{
	struct turned *t = ARENA_NEW(&in->scratch, struct turned);
	size_t col = first_column(g), top = find_turned(in->pack, g, col, &in->scratch);
	enum err e = OK;
	*ret_made = false;
	if (top < g->n) {
		e = read_columns(in, g, sheet, top, col, t, diag);
		if (e == OK && !t->too_large && t->rows.n > 0)
			*ret_made = make_table(in, g, sheet, t);
	} else {
		e = make_cards(in, g, sheet, t, diag, ret_made);
	}
	if (e == OK)
		e = check_size(in, sheet, t, diag);
	if (e == OK && *ret_made)
		e = make_others(in, sheet, t, diag);
	release(t);
	return e;
}
