/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * situation: the pack's indicators counted over a town, as of its day.
 *
 * An indicator says rows (of households or people), which of them count, or what is summed
 * (pack/pack.h, docs/rules.md).  Where the ledgers do not tell (the expression has no value), a row
 * is `unknown` and stands in neither number: absence never becomes a zero.
 *
 * situation_add() compiles the indicators into a check before check_run(), so that the facts they
 * read are gathered; without it check_run() is not slowed by them.
 */
#ifndef DAOHU_CHECK_SITUATION_H
#define DAOHU_CHECK_SITUATION_H

#include "check/check.h"

/* ERR_RULE_… at indicators.yaml:line:column; INVALID when a scope is none. Once a check. */
MUST_USE enum err situation_add(struct check *c, struct diag *diag);

struct situation_part { /* of a breakdown */
	int code;       /* item of the code list; -1: not in the list */
	int64_t count;
};

struct situation_figure {
	const struct pack_indicator *indicator;
	int32_t village;       /* TOWN_NONE: all of those looked at */
	int64_t numerator;     /* rows counted, or the sum (fen for money) */
	int64_t denominator;   /* rows looked at, or the sum of `per`; 0 for a count */
	int64_t unknown;       /* rows of which nothing is known */
	bool money;            /* the numerator is an amount */
	const struct pack_list *list; /* of a breakdown */
	const struct situation_part *parts;
	size_t n_parts;
};

/* One a village (in the town's order), then one for all; *ret is in the arena.  `villages`: which to
 * look at, one a village of the town (NULL: all). */
void situation_count(const struct check *c, const struct check_result *r, size_t indicator,
                     const bool *villages, struct arena *a, struct situation_figure **ret,
                     size_t *ret_n);

enum situation_side { SITUATION_COUNTED, SITUATION_NOT, SITUATION_UNKNOWN, SITUATION_SIDE_MAX };
/* The rows behind: households (a person's own), each once, in the town's order.  code: of a
 * breakdown, else ignored. */
void situation_households(const struct check *c, const struct check_result *r, size_t indicator,
                          enum situation_side side, int code, const bool *villages,
                          struct arena *a, int32_t **ret, size_t *ret_n);

#endif
