/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * interval: confidence intervals of proportions.
 *
 * From a sample of any design (as R's svyciprop): p, its variance v under the design, df.
 *     mean        p +- t s
 *     logit, xlogit   on log(p/(1-p)), back
 *     asin        on asin(sqrt p), back
 *     beta        Korn & Graubard 1998: Clopper-Pearson with n_eff = p(1-p)/v (t_{n-1}/t_df)^2
 *     likelihood  Rao & Scott 1984: p with binomial log-likelihood ratio a row
 *                 at most (t_df)^2 v/(p(1-p)) n/(n-1) / 2
 * From a simple sample of x in n:
 *     wilson      Wilson 1927;   exact  Clopper & Pearson 1934
 *     hypergeometric  equal-tailed, from a population of N: in numbers of positives
 *
 * Where p is 0 or 1 the methods that transform it have no interval: NaN, but beta, exact and
 * the likelihood-ratio one do; nothing ever answers "+- 0".
 */
#ifndef DAOHU_STAT_INTERVAL_H
#define DAOHU_STAT_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>

enum interval_method {
	INTERVAL_LOGIT,
	INTERVAL_LIKELIHOOD,
	INTERVAL_ASIN,
	INTERVAL_BETA,
	INTERVAL_MEAN,
	INTERVAL_XLOGIT,
	INTERVAL_METHOD_MAX
};

const char *interval_method_name(enum interval_method m);
bool interval_method_find(const char *name, enum interval_method *ret);

struct interval {
	double lo, hi;
};

struct proportion {
	double p, v;   /* estimate and design variance */
	double df;     /* of the design in the domain */
	double n;      /* rows of the sample in the domain (beta, likelihood) */
	double weighted; /* those of them with a weight (likelihood) */
};

struct interval interval_proportion(const struct proportion *p, enum interval_method m,
                                    double level);

struct interval interval_wilson(double x, double n, double level);
struct interval interval_exact(double x, double n, double level);
/* Bounds on the number of positives in a population of N. */
struct interval interval_hypergeometric(double x, double n, double N, double level);

#endif
