/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * design: how a sample was drawn, and the variance of totals under it.
 *
 * Owns nothing of the data: all arrays are the caller's, one value a row, and must outlive
 * the design.  What stat_design_make() derives lives in its arena.
 *
 * Stages.  At stage s a row lies in a stratum and in a cluster (PSU, SSU, …).  Ids are dense
 * integers from 0.  Clusters are numbered over the whole file, those of different strata
 * differ, and the clusters of stage s+1 are nested in those of stage s, whose strata at
 * stage s+1 they also are (unless strata were given there, too).  `popsize` is the number of
 * clusters of the row's stratum in the population, or the fraction drawn where none of a stage
 * is more than 1: NULL at stage 0 means drawn with
 * replacement, and later stages then do not matter (ultimate clusters).
 *
 * Variance of a total of influence values z (already weighted), Cochran 1977 §11.3,
 * Särndal et al. 1992 §4.3, as R's survey computes it (svyrecvar):
 *
 *     V = sum over strata h of (1 - n_h/N_h) n_h/(n_h - 1) sum over clusters (t_c - mean t)^2
 *         + sum over clusters c of (n_h/N_h) V_c        V_c the same within c, one stage down
 *
 * A stratum with one cluster that is not all there is (lonely PSU) has no variance of its
 * own; `lonely` says what stands for it.
 *
 * Domains are sets of rows (`use`), never subsets of the file: rows outside contribute an
 * influence of 0, and all clusters keep their place.
 */
#ifndef DAOHU_STAT_DESIGN_H
#define DAOHU_STAT_DESIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum { STAT_STAGES_MAX = 6 };

enum stat_lonely {
	STAT_LONELY_FAIL,      /* refused, with the stratum */
	STAT_LONELY_REMOVE,    /* contributes 0 */
	STAT_LONELY_CERTAINTY, /* it was sure to be drawn: contributes 0 */
	STAT_LONELY_ADJUST,    /* centred at the grand mean (0 for influence values) */
	STAT_LONELY_AVERAGE,   /* the mean of the other strata's variances */
	STAT_LONELY_MAX
};

struct stat_stage {
	const int32_t *stratum; /* NULL: one stratum (stage 0), or the clusters before (later) */
	const int32_t *cluster;
	const double *popsize;
};

/* One stage, by stratum and by cluster. */
struct stat_level {
	size_t n_strata, n_clusters;
	int32_t *stratum_of; /* one a cluster */
	int32_t *parent;     /* one a stratum: its cluster of the stage before */
	int32_t *sampled;    /* one a stratum: clusters drawn */
	double *popsize;     /* one a stratum: HUGE_VAL with replacement */
	double *factor;      /* one a stratum: product of n/N of the stages before */
};

struct stat_calibration; /* calibrate.h */

struct stat_design {
	size_t n;             /* rows */
	const double *weight; /* >= 0, finite */
	size_t n_stages;      /* 0: every row is its own cluster */
	struct stat_stage stages[STAT_STAGES_MAX];
	enum stat_lonely lonely;
	const struct stat_calibration *calibration; /* the last that was applied; NULL = none */
	/* made */
	size_t n_levels;
	struct stat_level levels[STAT_STAGES_MAX];
	const int32_t *row_cluster[STAT_STAGES_MAX];
};

/*
 * Checks the arrays and derives the levels.  INVALID with what is wrong: a weight that is
 * negative or not finite, a cluster in two strata, a cluster not nested in the one before,
 * a popsize that differs within its stratum or is less than what was drawn.
 */
MUST_USE enum err stat_design_make(struct stat_design *d, struct arena *a, struct diag *diag);

/*
 * Covariance matrix (p*p, row by row) of the totals of p columns of influence values: z[i*p+j].
 * z is overwritten where there is a calibration.  `use`: rows of the domain (NULL: all); matters
 * to lonely PSUs only.  INVALID naming stage and stratum with STAT_LONELY_FAIL.
 */
MUST_USE enum err stat_variance(const struct stat_design *d, double *z, size_t p, const bool *use,
                                struct arena *a, struct diag *diag, double *ret);

/* Degrees of freedom: PSUs with a row of the domain less strata with one. */
double stat_df(const struct stat_design *d, const bool *use, struct arena *a);

#endif
