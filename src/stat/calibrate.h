/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * calibrate: weights made to agree with known totals, and what that does to variances.
 *
 *     post-stratification  w' = w N_g / sum of w in g       (Särndal et al. 1992 §7.6)
 *     raking               post-stratified by each margin in turn until nothing moves
 *                          (Deming & Stephan 1940)
 *     GREG                 w' = w (1 + x' T^-1 (X - X_hat)), T = sum of w x x'
 *                          (Deville & Särndal 1992, linear distance)
 *
 * The variance after calibration is that of residuals: calibrate_residuals() replaces the
 * weighted influence values by those of the residual on what was calibrated for (R survey's
 * convention; raking goes ten times round its margins).
 *
 * Memory: everything lives in the caller's arena; the chain keeps the arrays it is given.
 */
#ifndef DAOHU_STAT_CALIBRATE_H
#define DAOHU_STAT_CALIBRATE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "stat/linalg.h"

enum stat_calibration_kind { STAT_POSTSTRATIFY, STAT_RAKE, STAT_GREG };

struct stat_margin {
	const int32_t *group; /* one a row, 0..n_groups-1 */
	size_t n_groups;
	const double *total;  /* one a group: population */
	/* made */
	double *before, *after; /* weights */
};

struct stat_calibration {
	enum stat_calibration_kind kind;
	const struct stat_calibration *previous;
	struct stat_margin *margins; /* one for post-stratification */
	size_t n_margins;
	struct qr qr;        /* GREG: of x sqrt(w) */
	double *qr_weight;   /* GREG: g sqrt(w) */
};

/*
 * Each takes the weights `w` (n) and writes the new ones over them; *ret is the chain with
 * this one at its head.  INVALID: a group without rows that should have some, a population
 * of 0 with rows, margins that do not agree, dependent columns of x.
 */
MUST_USE enum err calibrate_poststratify(const struct stat_calibration *previous,
                                         const struct stat_margin *by, double *w, size_t n,
                                         struct arena *a, struct diag *diag,
                                         const struct stat_calibration **ret);
MUST_USE enum err calibrate_rake(const struct stat_calibration *previous,
                                 const struct stat_margin *margins, size_t n_margins, double *w,
                                 size_t n, struct arena *a, struct diag *diag,
                                 const struct stat_calibration **ret);
/* x: n*p, with a column of ones where an intercept is wanted; total: p. */
MUST_USE enum err calibrate_greg(const struct stat_calibration *previous, const double *x, size_t p,
                                 const double *total, double *w, size_t n, struct arena *a,
                                 struct diag *diag, const struct stat_calibration **ret);

/* z: n*p weighted influence values; nothing happens when c is NULL. */
void calibrate_residuals(const struct stat_calibration *c, double *z, size_t n, size_t p,
                         struct arena *a);

#endif
