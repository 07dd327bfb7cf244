/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sum: adding many doubles with an error that does not grow with their number.
 *
 * Neumaier's variant of Kahan's compensated summation (A. Neumaier, Rundungsfehleranalyse
 * einiger Verfahren zur Summation endlicher Summen, ZAMM 54, 1974).  Must not be compiled
 * with -ffast-math.
 */
#ifndef DAOHU_STAT_SUM_H
#define DAOHU_STAT_SUM_H

#include <math.h>

struct sum {
	double s, c; /* running sum, what it lost */
};

static inline void sum_add(struct sum *x, double v)
{
	double t = x->s + v;
	x->c += fabs(x->s) >= fabs(v) ? (x->s - t) + v : (v - t) + x->s;
	x->s = t;
}

static inline double sum_value(const struct sum *x)
{
	return isfinite(x->s) ? x->s + x->c : x->s;
}

#endif
