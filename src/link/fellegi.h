/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fellegi: what agreement is worth (Fellegi & Sunter 1969), learnt from the pairs themselves.
 *
 * A pair of records is a pattern: one level a field (attribute.h), 0 where a value is missing.
 * Given that a pair is a match, a level has probability m, else u; a field's weight is
 * log2(m/u), a missing value weighs nothing, the weights add up (fields independent given the
 * class), and with the prior odds they give the probability of a match.
 *
 * u comes from random pairs, m by expectation and maximisation (Winkler 1988) on pairs that share
 * a blocking key, without the fields of the key, whose levels it has fixed.
 *
 * Pure functions on arrays.
 */
#ifndef DAOHU_LINK_FELLEGI_H
#define DAOHU_LINK_FELLEGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/attribute.h"

enum { FELLEGI_FIELDS_MAX = 24 };

struct fellegi_field {
	size_t levels;
	double m[ATTRIBUTE_LEVELS_MAX], u[ATTRIBUTE_LEVELS_MAX];
	double weight[ATTRIBUTE_LEVELS_MAX]; /* log2(m/u), 0 for missing */
};

struct fellegi {
	size_t n;
	struct fellegi_field field[FELLEGI_FIELDS_MAX];
	double prior; /* that a random pair is a match */
};

struct pattern {
	uint8_t level[FELLEGI_FIELDS_MAX];
	double count;
};

/* Before learning: m favours the higher levels, u is even. */
void fellegi_init(struct fellegi *f, const enum attribute_kind *kinds, size_t n);
/* u of each field from counted levels of random pairs: counts[field][level]. */
void fellegi_set_u(struct fellegi *f, const double (*counts)[ATTRIBUTE_LEVELS_MAX]);

struct fellegi_learnt {
	double m[FELLEGI_FIELDS_MAX][ATTRIBUTE_LEVELS_MAX];
	double other[FELLEGI_FIELDS_MAX][ATTRIBUTE_LEVELS_MAX]; /* shares among the pairs that are none */
	double matches, pairs; /* expected, of all */
};
/*
 * EM on patterns, only with the fields in `free` (bits); u stays.  Levels that nobody shows keep
 * a little (half a pair in all).  Deterministic: starts from f's own m.
 */
void fellegi_em(const struct fellegi *f, const struct pattern *p, size_t n, uint32_t free,
                struct fellegi_learnt *ret);

/* Weights from m and u. */
void fellegi_weigh(struct fellegi *f);
/* Bits by which agreement on a value that this share of people has is worth more than agreement on
 * any, where `agree` have the same by chance; at most `most` either way. */
double fellegi_rarity(double agree, double share, double most);
/* Sum of the weights of a pattern, without the prior. */
double fellegi_score(const struct fellegi *f, const uint8_t *level);
/* Probability of a match at a score. */
double fellegi_probability(const struct fellegi *f, double score);

#endif
