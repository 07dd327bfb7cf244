/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sampling: which units are drawn, with what probability; how many are needed.
 *
 * Pure: chance comes in as numbers (keys, uniforms) that the caller made from a seed, so that
 * the same seed gives the same sample everywhere (docs/sampling.md).  Inclusion
 * probabilities: Särndal et al. 1992 §3.6.2; Brewer's draw by draw method: Brewer 1975,
 * Tillé 2006 algorithm 6.10; systematic: Madow 1949.
 */
#ifndef DAOHU_STAT_SAMPLING_H
#define DAOHU_STAT_SAMPLING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * Inclusion probabilities in proportion to size for a sample of n of N: n x / sum x, those
 * that would pass 1 taken for sure and the rest shared again.  `sure` (may be NULL): units
 * that are taken whatever their size.  INVALID: a size that is negative or not finite, fewer
 * units with a size than n.
 */
MUST_USE enum err sampling_inclusion(const double *size, const bool *sure, size_t N, size_t n,
                                     double *ret, struct diag *diag);

/* Systematic with the probabilities pik (their sum a whole number n), in the order given, from
 * the start u in [0, 1): the units over which u, u+1, … fall when pik are laid end to end. */
void sampling_systematic(const double *pik, size_t N, double u, bool *ret);

/* Brewer's method: fixed size, exactly pik; uniform(arg, i) is called for draw i = 0..n-1.
 * Units of probability 1 are taken before. */
void sampling_brewer(const double *pik, size_t N, double (*uniform)(void *arg, size_t draw),
                     void *arg, struct arena *a, bool *ret);

enum allocation {
	ALLOCATION_PROPORTIONAL, /* to N_h */
	ALLOCATION_EQUAL,
	ALLOCATION_NEYMAN,       /* to N_h S_h */
	ALLOCATION_POWER,        /* to N_h^power (Bankier 1988 with CV and X alike) */
	ALLOCATION_MAX
};

/*
 * Spreads n over strata of N_h units: whole numbers by largest remainders, at least `least`
 * each (or all there are), at most N_h, what a full stratum cannot take going to the others.
 * spread: S_h, NEYMAN only.  INVALID when n is more than there are or less than the least.
 */
MUST_USE enum err sampling_allocate(enum allocation kind, const size_t *N, const double *spread,
                                    double power, size_t strata, size_t n, size_t least,
                                    struct arena *a, size_t *ret, struct diag *diag);

/* Clusters: 1 + (m - 1) icc, m the mean number of units taken in a cluster (Kish 1965). */
double sampling_deff(double m, double icc);
/* Units for a half-width `error` of the interval of a proportion p (Cochran 1977 §4.4); N 0:
 * without end. */
double sampling_size_precision(double p, double error, double level, double N, double deff);
/* Units so that a rate of p1 > p0 is found above the limit p0 with this power by a one-sided test
 * at 1 - level. */
double sampling_size_power(double p0, double p1, double level, double power, double N, double deff);

#endif
