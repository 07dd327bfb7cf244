/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * intake_turn: sections whose records are no rows: a column each (intake_block.c), cards
 * (intake_card.c), and the table that is made of them (intake_turn.c); for these three and
 * intake_sheet.c.
 */
#ifndef DAOHU_LEDGER_INTAKE_TURN_H
#define DAOHU_LEDGER_INTAKE_TURN_H

#include "ledger/intake_stream.h"

enum { LABELS_LEAST = 4, LINE_PAIRS = 12 };

/* Records of such a section, by label. */
struct turned {
	size_t n_labels;
	struct str labels[FORM_PAIRS];
	uint32_t first;          /* row of the first label */
	VEC(struct cell *) rows; /* `room` cells each, of which n_labels are used */
	VEC(uint32_t) numbers;
	VEC(struct form_pair) places; /* as many as there are cells; their addresses alone */
	size_t room;
	bool too_large;
	uint32_t next; /* where the next section may begin, titles and all; 0 = nowhere */
};

void turned_begin(struct turned *t, struct arena *a, uint32_t number);
void turned_put(struct turned *t, struct arena *a, size_t record, size_t label, struct str value,
		struct form_pair place);
size_t turned_label(const struct turned *t, struct str label); /* or SIZE_MAX */

/* ---- intake_block.c ---- */

/* Rows of a grid: labels down a column, a record in each column behind it. */
struct block {
	size_t first, last, col;
	size_t known, labels; /* labels that some ledger has, without such values; all of them */
	size_t named;         /* labels that some ledger has */
	size_t width;         /* columns up to the last value of the widest row */
	bool ids;             /* one of them is the row of the citizens' numbers */
};

/* The first block of labels in the grid, if no other table begins above it. */
bool block_find(const struct intake *in, const struct grid *g, struct arena *a, struct block *ret);
/* Not a few names among other things: most of the labels, or those that say whose it is. */
bool block_is_clear(const struct block *b);
/* The block once more, and all of its columns. */
MUST_USE enum err block_read(struct intake *in, const struct grid *g, const struct sheet_place *p,
			     const struct block *b, struct turned *t, struct diag *diag);

size_t line_texts(const struct grid_row *r);              /* its own, none that a merge brings */
size_t line_first(const struct grid_row *r);              /* column of the first text */
size_t line_values(const struct grid_row *r, size_t col); /* texts behind that column */
struct row line_of_grid(const struct grid_row *r, struct arena *a);
/* Names of columns beside each other, none of them twice: a table's header. */
bool line_is_header(const struct pack *pack, const struct grid_row *r);
/* A line of text, signatures, ... : none of a table's. */
bool line_is_aside(const struct intake *in, const struct grid_row *r, struct arena *a);
/* An empty line above, be it in the file or not. */
bool line_is_below_gap(const struct intake *in, const struct grid *g, size_t r);

/* ---- intake_card.c ---- */

/* Do nearly all lines go on with the labels of the first card, down to where something else
 * begins?  Takes labels and their place. */
bool cards_find(const struct intake *in, const struct grid *g, struct turned *t);
/* All of the cards in the sheet. */
MUST_USE enum err cards_read(struct intake *in, const struct sheet_place *place, struct turned *t,
			     struct diag *diag);

#endif
