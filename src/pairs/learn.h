/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * learn: weights from the two tables: frequencies of values, levels of random pairs, EM on the
 * pairs of each blocking rule.
 */
#ifndef DAOHU_PAIRS_LEARN_H
#define DAOHU_PAIRS_LEARN_H

#include "base/map.h"
#include "pairs/block.h"

struct learnt {
	struct fellegi f;
	/* how often a value (its exact key) stands in b; two of them for both halves of NAMES */
	struct imap frequency[FELLEGI_FIELDS_MAX][2];
	double agree[FELLEGI_FIELDS_MAX][2]; /* that two random rows have the same */
	double rows;
	bool dedupe;
	/* A citizen's number tells the day of birth.  Between people born on one day its levels have
	 * other weights; -1 when there is no such pair of fields. */
	int number, day;
	double number_weight[ATTRIBUTE_LEVELS_MAX];
};

void learn_weights(const struct side *a, const struct side *b, const struct blocks *blocks,
                   bool dedupe, struct learnt *ret);
void learn_release(struct learnt *l);

/* Weight of a field in a pair of these levels; row j of b has the values whose rarity counts. */
double learn_weight(const struct learnt *l, const struct side *b, size_t j, size_t field,
                    const uint8_t *level, struct arena *arena);

#endif
