/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * poverty: measures of poverty and inequality with linearised variances.
 *
 *     fgt     P_alpha = mean of ((z - y)/z)^alpha over all, 0 for those not poor
 *             (Foster, Greer & Thorbecke 1984)
 *     arpt    at-risk-of-poverty threshold: a share (0.6) of the median
 *     arpr    at-risk-of-poverty rate: share of those below the threshold
 *     rmpg    relative median poverty gap: (threshold - median of the poor) / threshold
 *     qsr     quintile share ratio S80/S20
 *     gini    see enum gini_form
 *     lorenz  share of all income that the p poorest have
 *
 * Influence values: Deville 1999; Osier 2009 (quantiles); Langel & Tillé 2011 (QSR), 2013
 * (Gini); Kovačević & Binder 1997 (Lorenz).  Where a density is needed it is the Gaussian kernel
 * estimate with bandwidth sd / N^(1/5), N the sum of the weights.
 *
 * All read x[0] = income.  `arg` points at the struct named; it must outlive the statistic.
 */
#ifndef DAOHU_STAT_POVERTY_H
#define DAOHU_STAT_POVERTY_H

#include "stat/sample.h"

enum line_kind { LINE_FIXED, LINE_OF_MEDIAN, LINE_OF_MEAN };

struct poverty_line {
	enum line_kind kind;
	double value;  /* the line, or the share of median or mean */
	bool strict;   /* poor is < line, else <= line */
	double alpha;  /* FGT */
};
/* The line that these weights give. */
double poverty_line_value(const struct poverty_line *l, const double *x, const double *w,
                          const bool *use, size_t n, struct arena *a);

struct stat_statistic stat_fgt(const double *const *x, const struct poverty_line *l);
struct stat_statistic stat_arpt(const double *const *x, const struct poverty_line *l);
struct stat_statistic stat_rmpg(const double *const *x, const struct poverty_line *l);

struct stat_statistic stat_qsr(const double *const *x);

enum gini_form {
	GINI_MIDPOINT, /* 2 sum w y (W - w/2) / (N Y) - 1: half of a row's weight stands before it */
	GINI_RANK      /* (2 sum w y W - sum w y) / (N Y) - 1: ranks of a finite population */
};
struct stat_statistic stat_gini(const double *const *x, const enum gini_form *form);

struct lorenz_points {
	const double *p;
	size_t n;
};
/* L(p) at the p quantile. */
struct stat_statistic stat_lorenz(const double *const *x, const struct lorenz_points *at);
/* Linear between the points of the curve; no variance. */
void lorenz_interpolated(const double *x, const double *w, const bool *use, size_t n,
                         const struct lorenz_points *at, struct arena *a, double *ret);

#endif
