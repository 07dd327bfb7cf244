/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sample: a statistic of a sample and its covariance matrix, whatever the design.
 *
 * A statistic is p numbers computed from weights (theta) and, for designs that are
 * linearised, its influence values: z[i*p+j] is the weighted influence of row i on number j,
 * so that the variance of theta is that of the total of z (Deville 1999).  With replicate
 * weights only theta is needed:
 *
 *     V = scale * sum over r of rscales_r (theta_r - centre)^2
 *
 * centre: the mean of the replicates' theta, or theta itself when `mse`.  A replicate without the
 * statistic (none of the domain is in it) is left out; when those left do not differ there is no
 * variance (NaN), for they say nothing.
 *
 * `use` are the rows of the domain that have the values; NULL: all.
 */
#ifndef DAOHU_STAT_SAMPLE_H
#define DAOHU_STAT_SAMPLE_H

#include "stat/design.h"
#include "stat/interval.h"

struct stat_replicates {
	size_t n;                /* replicates */
	const double *const *weights; /* one column of analysis weights a replicate */
	double scale;
	const double *rscales;   /* NULL: all 1 */
	bool mse;
};

struct stat_sample {
	const struct stat_design *design;        /* rows and weights always; strata when linearised */
	const struct stat_replicates *replicates; /* NULL: linearised */
};

struct stat_statistic {
	size_t p;
	void (*theta)(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
	              struct arena *a, double *ret);
	/* z (n*p) is zeroed; rows outside `use` stay 0 unless the statistic says otherwise */
	void (*influence)(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
	                  struct arena *a, const double *theta, double *z);
	const double *const *x; /* columns that it reads */
	const int32_t *group;   /* … or a grouping, p groups; -1: in none */
	const void *arg;        /* its parameters */
};

/* theta: p, vcov: p*p (NULL: not wanted). A theta that is not defined is NaN and so is its vcov. */
MUST_USE enum err stat_estimate(const struct stat_sample *s, const struct stat_statistic *t,
                                const bool *use, struct arena *a, struct diag *diag, double *theta,
                                double *vcov);

/* Degrees of freedom of the sample within the rows `use`: stat_df(), or with replicates the
 * rank of the matrix of weights less one. */
double stat_sample_df(const struct stat_sample *s, const bool *use, struct arena *a);
/* Rows that intervals and tests count as the sample's: those of `use`; all when it was
 * calibrated and is linearised. */
size_t stat_sample_rows(const struct stat_sample *s, const bool *use);
/* The mean of a column of 0 and 1 in all that interval.h wants to know of it. */
MUST_USE enum err stat_proportion(const struct stat_sample *s, const double *x, const bool *use,
                                  struct arena *a, struct diag *diag, struct proportion *ret);

/* --- statistics ---------------------------------------------------------------------------- */

/* Means of p columns; totals of p columns; p ratios of totals, x[2j]/x[2j+1]. */
struct stat_statistic stat_mean(const double *const *x, size_t p);
struct stat_statistic stat_total(const double *const *x, size_t p);
struct stat_statistic stat_ratios(const double *const *x, size_t p);
/* Mean of x[0] in each of p groups, jointly. */
struct stat_statistic stat_group_means(const double *const *x, const int32_t *group, size_t p);

/* Variance of a column in the population: sum w (x - mean)^2 / sum w * n/(n-1). */
double stat_population_variance(const double *x, const double *w, const bool *use, size_t n);
/* Sum of the weights, and how many are not 0. */
double stat_weight_sum(const double *w, const bool *use, size_t n, size_t *ret_n);

#endif
