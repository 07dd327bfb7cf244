/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * often: how often each value of a field stands in a table, or in the list that it was sifted from.
 */
#ifndef DAOHU_PAIRS_OFTEN_H
#define DAOHU_PAIRS_OFTEN_H

#include "pairs/side.h"

enum { OFTEN_TABLE = 64 };

struct often {
	uint32_t *n;  /* by row: rows with its value, 0 where it has none; NULL: not counted */
	double agree; /* that two random rows with a value have the same */
	double rows;
	double rarity[OFTEN_TABLE]; /* bits by how often; what is more is worked out */
};
/* Of each field of a side with an index (SIDE_FREQUENCIES); two of them for both halves of NAMES. */
void often_count(const struct side *s, struct team *team, struct arena *a,
		 struct often ret[FELLEGI_FIELDS_MAX][2]);
/* Bits by which agreement on the value of a row is rarer than agreement on any. */
double often_rarity(const struct often *o, size_t row);

/* The most that rarity says, either way. */
#define OFTEN_RARITY_MOST 7.0

/* Keys (0: none) of rows that are in no table, for often_count; they lie in an arena. */
enum { OFTEN_PARTS_BITS = 5, OFTEN_PARTS = 1 << OFTEN_PARTS_BITS };
struct often_keys {
	struct often_page *last[OFTEN_PARTS]; /* by first bits */
};
void often_keys_add(struct often_keys *k, uint64_t key, struct arena *a);

#endif
