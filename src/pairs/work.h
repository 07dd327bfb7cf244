/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Inside pairs: two tables on their way to pairs, and the steps of run.c, decide.c and write.c. */
#ifndef DAOHU_PAIRS_WORK_H
#define DAOHU_PAIRS_WORK_H

#include "pairs/compare.h"
#include "pairs/learn.h"
#include "pairs/pattern.h"

enum { FOUND_PATTERN = (1 << 30) - 1 };
struct found {
	uint32_t a, b;
	float score; /* without the prior */
	uint32_t pattern : 30; /* its levels */
	uint32_t closed : 1;   /* by way of others */
	uint32_t doubt : 1;    /* however likely, a person has to look at it */
};

struct finds {
	struct found *p;
	size_t n, cap;
};

enum { WORK_BINS = 4096 };

struct work {
	struct side a, b;
	struct blocks blocks;
	struct learnt l;
	const struct pairs_config *c;
	struct team *team;
	bool dedupe;
	struct finds found;
	struct patterns patterns; /* of the finds */
	double bins[WORK_BINS]; /* compared pairs by score */
	struct pairs_result res;
	struct diag *diag;
};

void finds_add(struct finds *f, struct found one);
/* The score of a pair; levels of all fields. */
double work_score(const struct work *w, struct comparer *c, size_t a_row, uint8_t *level);

/* Compares what blocking brings together: w->found, w->bins. */
void work_compare(struct work *w, pairs_progress progress, void *arg);
/* Which of the finds stand, best first. */
void work_decide(struct work *w);
MUST_USE enum err work_write(struct work *w, const char *output);

#endif
