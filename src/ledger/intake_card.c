/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Cards of label and value, one below the other, of one kind: the first one says which labels
 * they have, and in what order; they go on until lines come that are none of theirs.
 */
#include "ledger/intake_turn.h"

#include "base/banned.h"

enum { CARDS_LEAST = 2 };

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
		if (t->n_labels == FORM_PAIRS || turned_label(t, p[i].label) != SIZE_MAX)
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
		gap |= line_is_below_gap(in, g, r);
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
	bool seen[FORM_PAIRS]; /* labels of the card at hand */
	size_t n_seen, records;
	uint32_t begun, last;        /* its first row, and the last one of whole cards */
	unsigned strangers;          /* weight of the lines since the other began */
	size_t whole;                /* cards above */
	size_t again;                /* label that the other began with, when it is one of these */
	uint32_t other, other_begun; /* the other's first row: it, and the cut card above it */
};

/* How far a line speaks for the end of this kind's cards, in eighths; NO_CUT: the card above is
 * whole, though labels miss in it. */
enum { OTHER_PAIR = 2, OTHER_LINE = 4, OTHER_CARD = 8, NO_CUT = 16 };

/* What the labels of a line are. */
struct line_labels {
	size_t first;        /* the first one among this kind's, or SIZE_MAX */
	size_t ours, others; /* this kind's; others that are known */
	size_t values;       /* of labels that are not ours */
	size_t names, heads; /* values that are labels of this kind; of any */
	bool known;          /* the first one is */
};

static void look_at_labels(const struct cards *c, const struct form_pair *p, size_t n,
			   struct line_labels *ret)
{
	*ret = (struct line_labels){.first = turned_label(c->t, p[0].label)};
	for (size_t i = 0; i < n; i++) {
		bool ours = turned_label(c->t, p[i].label) != SIZE_MAX;
		bool known = head_is_known(c->in->pack, p[i].label);
		ret->known |= i == 0 && known;
		ret->ours += ours;
		ret->others += !ours && known;
		ret->values += !ours && p[i].value.n > 0;
		if (str_eq(p[i].label, p[i].value))
			continue; /* a page's header in the file that the cards were made from */
		ret->names += turned_label(c->t, p[i].value) != SIZE_MAX;
		ret->heads += known && p[i].value.n && form_is_label(c->in->pack, p[i].value);
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

/* Goes over one line; which of its pairs are this kind's is told by turned_label(). */
static bool see_line(struct cards *c, const struct form_pair *p, size_t n, uint32_t row)
{
	unsigned stranger = is_stranger(c, p, n);
	if (stranger) {
		see_stranger(c, stranger, turned_label(c->t, p[0].label), row);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = turned_label(c->t, p[i].label);
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
			end_remark(c, turned_label(c->t, p[0].label), row);
	}
	return true;
}

static bool is_over(const struct cards *c)
{
	return c->other && c->strangers >= 2 * OTHER_LINE;
}

/* The pairs of a line that may be a card's. */
static size_t line_of_cards(const struct grid *g, size_t r, const struct turned *t,
			    struct form_pair *ret)
{
	if (g->rows[r].number < t->first)
		return 0;
	size_t n = card_line(&g->rows[r], ret, LINE_PAIRS);
	bool ours = n && turned_label(t, ret[0].label) != SIZE_MAX;
	return n && !ours && class_is_signature(ret[0].label) ? 0 : n;
}

bool cards_find(const struct intake *in, const struct grid *g, struct turned *t)
{
	struct form_pair p[LINE_PAIRS];
	size_t pairs = 0, hits = 0;
	if (!first_card(in, g, t))
		return false;
	struct cards c = {.t = t, .in = in};
	for (size_t r = 0; r < g->n && !is_over(&c); r++) {
		size_t n = line_of_cards(g, r, t, p);
		if (n)
			(void)see_line(&c, p, n, g->rows[r].number);
	}
	/* one card proves nothing: the header of any table looks like one */
	bool ends = is_over(&c) && c.whole >= CARDS_LEAST;
	for (size_t r = 0; r < g->n && !(ends && g->rows[r].number >= c.other_begun); r++) {
		size_t n = line_of_cards(g, r, t, p);
		pairs += n;
		for (size_t i = 0; i < n; i++)
			hits += turned_label(t, p[i].label) != SIZE_MAX;
	}
	t->room = t->n_labels;
	return hits * 10 >= pairs * 8;
}

/* One line into the record at hand. */
static void take_line(struct turned *t, struct arena *a, const struct form_pair *p, size_t n,
		      uint32_t row)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = turned_label(t, p[i].label);
		if (k == 0)
			turned_begin(t, a, row);
		if (k != SIZE_MAX && t->rows.n)
			turned_put(t, a, t->rows.n - 1, k, p[i].value, p[i]);
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

enum err cards_read(struct intake *in, const struct sheet_place *place, struct turned *t,
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
	while (e == OK && !t->too_large && !is_over(&c)) {
		e = rows_next(in->rows, diag, &row, &more);
		if (e == OK && more)
			e = rows_merges(in->rows, diag, &merges, &n_merges);
		if (e != OK || !more)
			break;
		if (row.number < t->first)
			continue;
		strip_mask(in, &place->strip, &row);
		while (at < n_merges && merges[at].row1 < row.number)
			at++;
		struct arena_mark mark = arena_save(&in->scratch);
		grid_copy(one, &row, 1, merges + at, n_merges - at, &in->scratch);
		size_t n = line_of_cards(one, 0, t, p);
		if (n && see_line(&c, p, n, row.number))
			take_line(t, &in->arena, p, n, row.number);
		arena_back(&in->scratch, mark);
	}
	if (e == OK)
		end_cards(t, &c);
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
