/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * assess: rates that a county passes or fails by, from a sample of any design.
 *
 * A rate is found/of, two totals of the sample.  Rows are households, for people of one household
 * are judged together; n counts rows with something to find in them, unless the caller says
 * how many people `of` stands for.
 *
 *     deff      v (n - 1) / (p (1 - p)), v the variance by the design
 *     n_eff     n / deff, no more than n, times (t_{n-1} / t_df)^2 at the level wanted
 *     interval  Clopper & Pearson with n_eff (Korn & Graubard 1998); Wilson with n_eff beside it
 *
 * Where nothing (or all) was found the sample cannot tell its deff: the caller's guess is used, there
 * is no standard error, and the interval is as wide as n_eff leaves it.
 *
 * The composite incidence (remaining + U missed + E wrong) / R adds two rates of one sample, of U
 * unlisted and E exited people, and a number that is known.  Its variance counts their covariance;
 * its interval puts the two together by Zou & Donner 2008 (MOVER), so that a rate of zero
 * adds what it may be and not ±0.
 *
 * fail: how sure it is that the true rate is beyond the limit: one less the confidence of the
 * one-sided bound that just reaches it (0 of 149, limit 1.99 %: 0.05).
 */
#ifndef DAOHU_STAT_ASSESS_H
#define DAOHU_STAT_ASSESS_H

#include "stat/sample.h"

struct assess_rate {
	double p, v, df;    /* v NaN when nothing or all was found */
	double rows, n, n_eff; /* rows; of them or of people; effective */
	double deff;        /* measured, or the guess */
	double found, of;   /* weighted totals */
	double rows_found;  /* rows with something found */
	double level;
	struct interval exact, wilson;
	double upper, lower; /* one-sided at the level */
};

/* A column pair: found[i] of of[i] in row i; 0 in rows of another group. */
struct assess_columns {
	const double *found, *of;
	double deff; /* to assume when none can be measured; >= 1 */
	double n;    /* people that `of` stands for; 0: the rows are counted */
};

/* The rates of k pairs (k <= 2) and the covariance matrix (k*k) of them; INVALID when a group is
 * empty or more was found than there is. */
MUST_USE enum err assess_rates(const struct stat_sample *s, const struct assess_columns *c,
                               size_t k, const bool *use, double level, struct arena *a,
                               struct diag *diag, struct assess_rate *ret, double *ret_cov);

/* Probability that the true rate is above (or, `least`, below) the limit. */
double assess_fail(const struct assess_rate *r, double limit, bool least);

struct assess_composite {
	double known, people[2], whole; /* remaining; U, E; R */
	double p, v, lo, hi;            /* v NaN when a rate has none */
	double correlation;             /* of the two rates */
};
/* Fills p, v, lo, hi from two rates and their covariance. */
void assess_composite(struct assess_composite *c, const struct assess_rate *r, const double *cov,
                      double level);
double assess_composite_fail(const struct assess_composite *c, const struct assess_rate *r,
                             double limit);

#endif
