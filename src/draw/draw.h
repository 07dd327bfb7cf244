/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * draw: a sample that nobody could have steered, and that anybody can draw again.
 *
 * The frame (a CSV) and the design (YAML) are fixed and their SHA-256 made known before the
 * seed is: draw_commitment().  The seed is public chance.  All else follows from the three by
 * the procedure of docs/sampling.md: every number used is SHA-256 of the seed and a text that
 * says what it is for.
 *
 * Out comes the frame's rows that were drawn, in the frame's order, with the columns
 *     draw_role      sample, or reserve (a replacement, to be used in draw_order)
 *     draw_order     1, 2, … in its cell of the last stage
 *     draw_prob      inclusion probability, the product over the stages
 *     draw_weight    1 / draw_prob; empty for a reserve
 *     draw_stratum, draw_cluster   of the first stage, which variances go by
 *     draw_cell      stratum of the last stage
 *     frame_sha256, seed
 */
#ifndef DAOHU_DRAW_DRAW_H
#define DAOHU_DRAW_DRAW_H

#include "base/arena.h"
#include "base/err.h"
#include "stat/sampling.h"

enum { DRAW_STAGES_MAX = 3, DRAW_STRATA_MAX = 8, DRAW_SEED_MAX = 64 };

enum draw_method { DRAW_SRS, DRAW_SYSTEMATIC, DRAW_PPS_SYSTEMATIC, DRAW_BREWER, DRAW_METHOD_MAX };

struct draw_stage {
	const char *strata[DRAW_STRATA_MAX];
	size_t n_strata;
	const char *cluster;   /* column of what is drawn; NULL: the rows (last stage only) */
	enum draw_method method;
	const char *size;      /* column, for methods in proportion to it */
	size_t n;              /* in all strata together; within each cluster from stage 2 on */
	bool each;             /* n is in each stratum */
	enum allocation allocation;
	const char *spread;    /* NEYMAN: column with S_h */
	double power;
	size_t least;          /* in a stratum; default 2, so that variances can be estimated */
	const char *certainty; /* column: 1 = taken for sure */
	double reserve;        /* share of n when below 1, else a number, by stratum */
};

struct draw_design {
	const char *id; /* column that names the rows; unique */
	struct draw_stage stages[DRAW_STAGES_MAX];
	size_t n_stages;
};

/* MAP_FILE at file:line:column. */
MUST_USE enum err draw_design_read(const char *path, struct arena *a, struct diag *diag,
                                   struct draw_design *ret);

/* SHA-256 of a file, as 64 hexadecimal digits. */
MUST_USE enum err draw_hash(const char *path, struct diag *diag, char ret[65]);

struct draw_summary {
	size_t frame, sample, reserve, clusters;
	char frame_hash[65];
};

/* seed: 1 to 64 bytes in hexadecimal.  INVALID naming column, row, stratum. */
MUST_USE enum err draw_sample(const char *frame, const struct draw_design *d, const char *seed,
                              const char *output, struct arena *a, struct diag *diag,
                              struct draw_summary *ret);

#endif
