/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * learn: weights from the two tables: frequencies of values, levels of random pairs, EM on the
 * pairs of each blocking rule.
 */
#ifndef DAOHU_PAIRS_LEARN_H
#define DAOHU_PAIRS_LEARN_H

#include "pairs/block.h"
#include "pairs/often.h"

struct learnt {
	struct fellegi f;
	struct often often[FELLEGI_FIELDS_MAX][2]; /* values of b */
	enum attribute_kind kind[FELLEGI_FIELDS_MAX];
	/* A citizen's number tells the day of birth.  Between people born on one day its levels have
	 * other weights; -1 when there is no such pair of fields. */
	int number, day;
	double number_weight[ATTRIBUTE_LEVELS_MAX];
	double most[FELLEGI_FIELDS_MAX]; /* weight of a field's best level ... */
	double most_same
		[FELLEGI_FIELDS_MAX]; /* ... of those to which the value's rarity is added */
	struct arena own;
};

/* Of two sides with an index, a with briefs, b with frequencies. */
void learn_weights(const struct side *a, const struct side *b, const struct blocks *blocks,
		   bool dedupe, struct team *team, struct learnt *ret);
void learn_release(struct learnt *l);

/* Weight of a field in a pair of these levels; row j of b has the values whose rarity counts. */
double learn_weight(const struct learnt *l, size_t j, size_t field, const uint8_t *level);
/* The most that the field can weigh in a pair with row j. */
double learn_most(const struct learnt *l, size_t j, size_t field);

#endif
