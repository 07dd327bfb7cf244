/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * quantile: weighted quantiles and their intervals.
 *
 * Rules (Hyndman & Fan 1996, extended to weights as R's survey does it), W = sum of weights:
 *     hf1   inverse of the distribution function: the least x with W(x) > pW, or the x
 *           with W(x) = pW
 *     hf7   linear between the points ((W_{k-1}) / W_{n-1}, x_k)
 *     mid   as hf1, but the mean of the two neighbours where W(x) = pW (laeken)
 *
 * Interval (Woodruff 1952): the interval of the proportion of rows at or below the estimate,
 * by any method of interval.h, sent back through the rule; NaN where it leaves [0, 1].
 * se: (hi - lo) / (2 t).
 */
#ifndef DAOHU_STAT_QUANTILE_H
#define DAOHU_STAT_QUANTILE_H

#include "stat/interval.h"
#include "stat/sample.h"

enum quantile_rule { QUANTILE_HF1, QUANTILE_HF7, QUANTILE_MID, QUANTILE_RULE_MAX };

bool quantile_rule_find(const char *name, enum quantile_rule *ret);

/* Values in order, rows of weight 0 left out; made once for many p. */
struct quantiles {
	size_t n;
	double *x, *cum; /* value, weight up to and with it */
	double all;      /* weight of all */
};
void quantiles_make(const double *x, const double *w, const bool *use, size_t n, struct arena *a,
                    struct quantiles *ret);
/* NaN when there are no rows. */
double quantile(const struct quantiles *q, enum quantile_rule rule, double p);

struct quantile_result {
	double estimate, lo, hi, se;
};
MUST_USE enum err quantile_estimate(const struct stat_sample *s, const double *x, const bool *use,
                                    double p, enum quantile_rule rule, enum interval_method method,
                                    double level, struct arena *a, struct diag *diag,
                                    struct quantile_result *ret);

#endif
