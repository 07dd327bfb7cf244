/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * compare: a row of b against rows of a, field by field.
 *
 * One comparer a thread.  It reads a value of the row of b when a field is first compared, and the
 * text of a row of a only where its brief form does not tell.
 */
#ifndef DAOHU_PAIRS_COMPARE_H
#define DAOHU_PAIRS_COMPARE_H

#include "pairs/side.h"

struct comparer {
	const struct side *a, *b;
	size_t row;    /* of b */
	uint32_t read; /* fields (bits) that were read of it */
	struct brief_reading field[FELLEGI_FIELDS_MAX];
	struct arena arena;
};

void comparer_init(struct comparer *c, const struct side *a, const struct side *b);
void comparer_release(struct comparer *c);
/* The pairs that follow are of this row of b. */
void comparer_row(struct comparer *c, size_t row);
size_t comparer_level(struct comparer *c, size_t a_row, size_t field);
/* Of every field. */
void comparer_levels(struct comparer *c, size_t a_row, uint8_t *ret);

#endif
