/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Sections of a sheet whose records are no rows: a column each, with the names of the columns
 * down the first one; or cards of label and value, one below the other.
 *
 * Such a section is small, since somebody looks at it as a whole: it is gone through once and
 * its records are kept as rows of a table with the labels for a header.  What stands below it
 * is the next section's.
 */
#include "ledger/intake_stream.h"

#include "base/banned.h"

enum { TURN_CELLS = 400000, TURN_ROWS = 20000, LABELS_LEAST = 4, VALUES_LEAST = 3, CARDS_LEAST = 2 };

struct turned {
	size_t n_labels;
	struct str labels[FORM_PAIRS];
	uint32_t first;          /* row of the first label */
	VEC(struct cell *) rows; /* `room` cells each, of which n_labels are used */
	VEC(uint32_t) numbers;
	VEC(struct form_pair) places; /* as many as there are cells; their addresses alone */
	size_t room;
	bool too_large;
	uint32_t next;           /* where the next section may begin, titles and all; 0 = nowhere */
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

/* Rows of a grid: labels down a column, a record in each column behind it. */
struct block {
	size_t first, last, col;
	size_t known, labels; /* labels that some ledger has, without such values; all of them */
	size_t named;         /* labels that some ledger has */
	size_t width;         /* columns up to the last value of the widest row */
	bool ids;             /* one of them is the row of the citizens' numbers */
};

static size_t first_cell(const struct grid_row *r)
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

static size_t values_of(const struct grid_row *r, size_t col)
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
		if (values <= VALUES_LEAST && t.n && form_is_label(pack, t) && !class_is_total(t, &sub))
			return false;
	}
	return values >= VALUES_LEAST;
}

/* Names of columns beside each other, none of them twice: a table's header. */
static bool is_header_row(const struct pack *pack, const struct grid_row *r)
{
	size_t texts = 0, distinct = 0, known = 0;
	for (size_t c = 0; c < r->n && texts < 64; c++) {
		bool again = false;
		if (r->cells[c].text.n == 0 || r->cells[c].spread)
			continue;
		texts++;
		for (size_t k = 0; k < c && !again; k++)
			again = str_eq(r->cells[k].text, r->cells[c].text);
		distinct += !again;
		known += !again && form_is_label(pack, r->cells[c].text);
	}
	return known >= 3 && known * 2 > distinct && texts == distinct;
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

static struct row row_of(const struct grid_row *r, struct arena *a)
{
	struct cell *cells = ARENA_ARRAY(a, r->n, struct cell);
	for (size_t c = 0; c < r->n; c++)
		cells[c] = (struct cell){.kind = (enum cell_kind)r->cells[c].kind, .text = r->cells[c].text};
	return (struct row){.number = r->number, .n = r->n, .cells = cells};
}

/* A line of text, signatures, ... : none of a table's. */
static bool is_aside(const struct intake *in, const struct grid_row *r, struct arena *a)
{
	struct str section;
	struct row row = row_of(r, a);
	enum intake_class c = class_of(&row, 0, row.n, &in->villages, &section);
	return c == INTAKE_SIGNATURE || c == INTAKE_NOTE || c == INTAKE_TITLE ||
	       c == INTAKE_SECTION || c == INTAKE_BLANK;
}

/* An empty line above, be it in the file or not; the numbers of a text's rows are those of its
 * lines, of which a cell may hold several. */
static bool is_below_gap(const struct intake *in, const struct grid *g, size_t r)
{
	return r > 0 && (width_of(&g->rows[r - 1]) == 0 ||
	                 (g->rows[r].number > g->rows[r - 1].number + 1 &&
	                  rows_kind(in->rows) != FILE_CSV));
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
	size_t r = row + 1;
	return r < g->n && !is_below_gap(in, g, r) && !is_aside(in, &g->rows[r], a) &&
	       !is_turned_row(in->pack, &g->rows[r], b->col);
}

/* May the row be one of the block's without an empty line between? */
static bool goes_on(const struct intake *in, const struct grid *g, const struct block *b, size_t row,
                    struct arena *a)
{
	const struct grid_row *r = &g->rows[row];
	bool known = head_is_known(in->pack, grid_text(g, row, b->col));
	bool other = is_header_row(in->pack, r) ||
	             (width_of(r) != b->width && form_is_line(in->pack, g, row));
	if (other && has_records(in, g, b, row, a))
		return false;
	if (known)
		return true;
	return values_of(r, b->col) > 0 && !is_aside(in, r, a);
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

/* Labels that the pack does not know may stand above the first that it knows; a row of names
 * only where the numbers tell that it is no table's header. */
static void extend_up(const struct intake *in, const struct grid *g, struct block *b,
                      struct arena *a)
{
	for (size_t r = b->first; r-- > 0;) {
		if (is_below_gap(in, g, r + 1) || first_cell(&g->rows[r]) != b->col ||
		    values_of(&g->rows[r], b->col) < VALUES_LEAST || stands_in(g, b, r) ||
		    (!b->ids && is_header_row(in->pack, &g->rows[r])) || !goes_on(in, g, b, r, a) ||
		    is_aside(in, &g->rows[r], a))
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
		size_t at = first_cell(&g->rows[r]);
		gap |= is_below_gap(in, g, r);
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

/* The first block of labels in the grid, if no other table begins above it. */
static bool find_block(const struct intake *in, const struct grid *g, struct arena *a,
                       struct block *ret)
{
	for (size_t r = 0; r < g->n; r++) {
		struct block b = {.first = r, .last = r, .col = first_cell(&g->rows[r])};
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

/* Not a few names among other things: most of the labels, or those that say whose it is. */
static bool is_clear(const struct block *b)
{
	return b->known * 2 > b->labels || b->ids;
}

/* The block once more, and all of its columns. */
static enum err read_columns(struct intake *in, const struct grid *g, const struct sheet_place *p,
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
				begin_record(t, &in->arena, (uint32_t)(c + 1));
			put(t, &in->arena, c - b->col - 1, k, str_trim(row.cells[c].text),
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

/* A known label with its value, or without if another follows. */
static bool may_begin_card(const struct pack *pack, const struct form_pair *p, size_t n)
{
	if (n == 0 || !head_is_known(pack, p[0].label))
		return false;
	return p[0].value.n || (n > 1 && p[1].value.n && head_is_known(pack, p[1].label));
}

/* Takes the labels of a line in; false when one has been there. */
static bool take_labels(const struct pack *pack, struct turned *t, const struct form_pair *p,
                        size_t n, size_t *known)
{
	for (size_t i = 0; i < n; i++) {
		if (t->n_labels == FORM_PAIRS || label_index(t, p[i].label) != SIZE_MAX)
			return false;
		*known += head_is_known(pack, p[i].label);
		t->labels[t->n_labels++] = p[i].label;
	}
	return true;
}

/*
 * The first line that could be a card's, up to the line that begins so again.  Where an empty
 * line stands in the card and none between the two, it is the end of one that lacks its
 * beginning: the first card begins below.
 */
static bool first_card(const struct intake *in, const struct grid *g, struct turned *t)
{
	struct form_pair p[LINE_PAIRS];
	size_t known = 0, below = 0; /* row below the last empty line in the card */
	bool gap = false;
	for (size_t r = 0; r < g->n; r++) {
		size_t n = card_line(&g->rows[r], p, LINE_PAIRS);
		gap |= is_below_gap(in, g, r);
		if (t->n_labels == 0 && !may_begin_card(in->pack, p, n))
			continue;
		if (t->n_labels && n && str_eq(p[0].label, t->labels[0])) {
			bool names = known >= LABELS_LEAST && known * 3 >= t->n_labels * 2;
			if (gap || !below || !names)
				return names;
			r = below - 1;
			t->n_labels = known = below = 0;
			continue;
		}
		if (t->n_labels == 0)
			t->first = g->rows[r].number;
		else if (n && gap)
			below = r;
		gap &= n == 0;
		if (!take_labels(in->pack, t, p, n, &known))
			return false;
	}
	return false;
}

/*
 * Where something else begins: two lines that are none of this kind's (or one that begins like
 * a card and goes on otherwise), and no whole card of this kind below them.  Cards of two kinds
 * may begin with the same lines: a card in which labels miss just above is the other's.
 */
struct cards {
	const struct turned *t;
	const struct intake *in;
	bool seen[FORM_PAIRS];    /* labels of the card at hand */
	size_t n_seen, records;
	uint32_t begun, last;     /* its first row, and the last one of whole cards */
	unsigned strangers;       /* weight of the lines since the other began */
	size_t whole;             /* cards above */
	size_t again;             /* label that the other began with, when it is one of these */
	uint32_t other, other_begun; /* the other's first row: it, and the cut card above it */
};

/* How far a line speaks for the end of this kind's cards, in eighths; NO_CUT: the card above is
 * whole, though labels miss in it. */
enum { OTHER_PAIR = 2, OTHER_LINE = 4, OTHER_CARD = 8, NO_CUT = 16 };

/* What the labels of a line are. */
struct line_labels {
	size_t first;         /* the first one among this kind's, or SIZE_MAX */
	size_t ours, others;  /* this kind's; others that are known */
	size_t values;        /* of labels that are not ours */
	size_t names, heads;  /* values that are labels of this kind; of any */
	bool known;           /* the first one is */
};

static void look_at_labels(const struct cards *c, const struct form_pair *p, size_t n,
                           struct line_labels *ret)
{
	*ret = (struct line_labels){.first = label_index(c->t, p[0].label)};
	for (size_t i = 0; i < n; i++) {
		bool ours = label_index(c->t, p[i].label) != SIZE_MAX;
		bool known = head_is_known(c->in->pack, p[i].label);
		ret->ours += ours;
		ret->others += !ours && known;
		ret->values += !ours && p[i].value.n > 0;
		ret->names += label_index(c->t, p[i].value) != SIZE_MAX;
		ret->heads += known && p[i].value.n && form_is_label(c->in->pack, p[i].value);
		ret->known |= i == 0 && known;
	}
}

/*
 * None of this kind's lines, whose cards begin with the first label, if it has none of their
 * labels, goes on with names of columns that they do not have, says again what the card says,
 * or holds names for values: a table's header.
 */
static unsigned is_stranger(const struct cards *c, const struct form_pair *p, size_t n)
{
	struct line_labels l;
	bool whole = c->n_seen == c->t->n_labels;
	look_at_labels(c, p, n, &l);
	if (c->records && ((l.ours && l.names > 1) || (whole && l.first != 0 && l.heads > 1)))
		return OTHER_CARD | NO_CUT;
	if (l.first != SIZE_MAX && l.first > 0 && c->seen[l.first])
		return (n == 1 ? OTHER_PAIR : OTHER_LINE) | NO_CUT;
	if (n == 1)
		return l.others && p[0].value.n ? OTHER_PAIR : 0;
	if (l.others > 0 && l.first == 0)
		return OTHER_CARD;
	return l.ours == 0 || (whole && l.known && l.first == SIZE_MAX) ||
	                       (whole && l.first == 0 && l.values)
	               ? OTHER_LINE
	               : 0;
}

static void see_stranger(struct cards *c, unsigned what, size_t again, uint32_t row)
{
	if (!c->other) {
		bool cut_card = !(what & NO_CUT) && c->records && c->n_seen < c->t->n_labels;
		c->whole = c->records - cut_card;
		c->other = row;
		c->other_begun = cut_card ? c->begun : row;
		c->again = again;
	}
	c->strangers += what & ~(unsigned)NO_CUT;
}

/* A whole card below: what stood between was a remark; or the same labels in another order, if
 * the card ends with what the other began with. */
static void end_remark(struct cards *c, size_t label, uint32_t row)
{
	if (label == c->again) {
		c->strangers += OTHER_CARD;
		return;
	}
	c->other = 0;
	c->strangers = 0;
	c->last = row;
}

/* Goes over one line; which of its pairs are this kind's is told by label_index(). */
static bool see_line(struct cards *c, const struct form_pair *p, size_t n, uint32_t row)
{
	unsigned stranger = is_stranger(c, p, n);
	if (stranger) {
		see_stranger(c, stranger, label_index(c->t, p[0].label), row);
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
		else if (c->n_seen == c->t->n_labels && c->begun > c->other)
			end_remark(c, label_index(c->t, p[0].label), row);
	}
	return true;
}

static bool is_over(const struct cards *c)
{
	return c->other && c->strangers >= 2 * OTHER_LINE;
}

/* The pairs of a line that may be a card's. */
static size_t line_of_cards(const struct intake *in, const struct grid *g, size_t r,
                            const struct turned *t, struct form_pair *ret)
{
	if (g->rows[r].number < t->first)
		return 0;
	size_t n = card_line(&g->rows[r], ret, LINE_PAIRS);
	bool ours = n && label_index(t, ret[0].label) != SIZE_MAX;
	return n && !ours && class_is_signature(ret[0].label) ? 0 : n;
}

/* Do nearly all lines go on with those labels, down to where something else begins? */
static bool find_cards(const struct intake *in, const struct grid *g, struct turned *t)
{
	struct form_pair p[LINE_PAIRS];
	size_t pairs = 0, hits = 0;
	if (!first_card(in, g, t))
		return false;
	struct cards c = {.t = t, .in = in};
	for (size_t r = 0; r < g->n && !is_over(&c); r++) {
		size_t n = line_of_cards(in, g, r, t, p);
		if (n)
			(void)see_line(&c, p, n, g->rows[r].number);
	}
	/* one card proves nothing: the header of any table looks like one */
	bool ends = is_over(&c) && c.whole >= CARDS_LEAST;
	for (size_t r = 0; r < g->n && !(ends && g->rows[r].number >= c.other_begun); r++) {
		size_t n = line_of_cards(in, g, r, t, p);
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

/* Something else begins below: records begun there are not this kind's. */
static void end_cards(struct turned *t, const struct cards *c)
{
	if (!is_over(c))
		return;
	t->rows.n = t->numbers.n = c->whole;
	t->places.n = c->whole * t->room;
	t->next = c->whole && c->other_begun == c->other ? c->last + 1 : c->other_begun;
}

static enum err read_cards(struct intake *in, const struct sheet_place *place, struct turned *t,
                           struct diag *diag)
{
	const struct merge *merges = NULL;
	size_t n_merges = 0, at = 0;
	struct row row;
	bool more = true;
	struct form_pair p[LINE_PAIRS];
	struct grid *one = ARENA_NEW(&in->scratch, struct grid);
	struct cards c = {.t = t, .in = in};
	for (size_t i = 0; i < t->n_labels; i++)
		t->labels[i] = str_copy(&in->arena, t->labels[i]);
	enum err e = rows_sheet(in->rows, place->sheet, diag);
	if (e == OK)
		e = rows_merges(in->rows, diag, &merges, &n_merges);
	while (e == OK && !t->too_large && !is_over(&c)) {
		e = rows_next(in->rows, diag, &row, &more);
		if (e != OK || !more)
			break;
		if (row.number < t->first)
			continue;
		strip_mask(in, &place->strip, &row);
		while (at < n_merges && merges[at].row1 < row.number)
			at++;
		struct arena_mark mark = arena_save(&in->scratch);
		grid_copy(one, &row, 1, merges + at, n_merges - at, &in->scratch);
		size_t n = line_of_cards(in, one, 0, t, p);
		if (n && see_line(&c, p, n, row.number))
			take_line(t, &in->arena, p, n, row.number);
		arena_back(&in->scratch, mark);
	}
	if (e == OK)
		end_cards(t, &c);
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
	bool block = find_block(in, g, &in->scratch, &b);
	bool cards = find_cards(in, g, t);
	ret->found = block || cards;
	if (block && (!cards || g->rows[b.first].number <= t->first)) {
		ret->first = g->rows[b.first].number;
		ret->label = str_copy(&in->arena, grid_text(g, b.first, b.col));
		ret->next = b.last + 1 < g->n || g->n == GRID_ROWS ? g->rows[b.last].number + 1 : 0;
		*t = (struct turned){.room = 0};
		return is_clear(&b) ? read_columns(in, g, p, &b, t, diag) : OK;
	}
	if (!cards)
		return OK;
	enum err e = read_cards(in, p, t, diag);
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

bool turn_is_line(const struct intake *in, const struct grid *g)
{
	struct form_pair p[LINE_PAIRS];
	size_t n = g->n ? card_line(&g->rows[0], p, LINE_PAIRS) : 0, known = 0;
	for (size_t i = 0; i < n; i++)
		known += head_is_known(in->pack, p[i].label) && p[i].value.n &&
		         !form_is_label(in->pack, p[i].value);
	return known > 1 && known * 3 >= n * 2;
}

/* How many of the rows are like those of the table above, and how many are not. */
static void compare(const struct table *above, const struct grid *g,
                    size_t last, struct arena *a, size_t *ret_like, size_t *ret_unlike)
{
	*ret_like = *ret_unlike = 0;
	for (size_t r = 0; r <= last && r < g->n; r++) {
		struct row row = row_of(&g->rows[r], a);
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
	if (find_block(in, g, &in->scratch, &b) && b.first == 0) {
		compare(above, g, b.last, &in->scratch, &like, &unlike);
		return like * 2 < b.labels && (is_clear(&b) || unlike * 2 > b.labels);
	}
	if (!find_cards(in, g, t) || t->first != g->rows[0].number)
		return false;
	compare(above, g, CARD_ROWS, &in->scratch, &like, &unlike);
	return like * 3 <= (like + unlike) * 2; /* a line of each card may happen to */
}

bool turn_is(struct intake *in, const struct grid *g)
{
	struct turned *t = ARENA_NEW(&in->scratch, struct turned);
	struct block b;
	return (find_block(in, g, &in->scratch, &b) && is_clear(&b)) || find_cards(in, g, t);
}

/* Does one begin in a row of the grid, which has a table above? */
static bool begins_at(struct intake *in, const struct grid *g, size_t row)
{
	size_t col = first_cell(&g->rows[row]);
	struct arena_mark mark = arena_save(&in->scratch);
	if (!head_is_known(in->pack, grid_text(g, row, col)) || values_of(&g->rows[row], col) == 0)
		return false;
	struct grid *rest = ARENA_NEW(&in->scratch, struct grid);
	struct turned *t = ARENA_NEW(&in->scratch, struct turned);
	struct block b;
	*rest = (struct grid){.n = g->n - row, .width = g->width};
	memcpy(rest->rows, g->rows + row, rest->n * sizeof(rest->rows[0]));
	bool begins = (find_block(in, rest, &in->scratch, &b) && b.first == 0 && is_clear(&b)) ||
	              (find_cards(in, rest, t) && t->first == rest->rows[0].number);
	arena_back(&in->scratch, mark);
	return begins;
}

static size_t texts_of(const struct grid_row *r)
{
	size_t n = 0;
	for (size_t c = 0; c < r->n; c++)
		n += r->cells[c].text.n > 0 && !r->cells[c].spread;
	return n;
}

bool turn_is_title(struct intake *in, const struct grid *g)
{
	size_t r = 1;
	while (r < g->n && r < 4 && (texts_of(&g->rows[r]) < 2 || is_aside(in, &g->rows[r], &in->scratch)))
		r++;
	return r < g->n && (is_header_row(in->pack, &g->rows[r]) || begins_at(in, g, r));
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
	return same * 2 < texts && is_header_row(in->pack, &g->rows[row]);
}

uint32_t turn_cut(struct intake *in, struct grid *g)
{
	const struct head_words words = {in->pack, in->opts.map};
	struct head h;
	if (!head_find(&words, g, 0, &in->scratch, &h))
		return 0;
	size_t title = g->n; /* lines above the row that may be its titles */
	for (size_t r = h.row_last + 1; r < g->n; r++) {
		bool aside = texts_of(&g->rows[r]) < 2 || is_aside(in, &g->rows[r], &in->scratch);
		bool gap = title < r || is_below_gap(in, g, r);
		if (!aside && r > h.row_last + 1 &&
		    (is_other_header(in, g, &h, r) || (gap && begins_at(in, g, r)))) {
			uint32_t next = g->rows[title < r ? title : r].number;
			g->n = r;
			return next;
		}
		title = aside && width_of(&g->rows[r]) ? title < r ? title : r : g->n;
	}
	return 0;
}
