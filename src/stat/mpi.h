/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * mpi: multidimensional poverty by Alkire & Foster 2011, in exact fractions.
 *
 * A row is a person or a household; indicator d is 1 where it is deprived, weighs
 * weight[d]/denominator, and a row is poor when its weighted score is at least k.  Scores
 * are added and compared as integers, so that a score on the line never depends on rounding.
 *
 *     H   share of the poor          A   mean score of the poor       M0 = H A
 *     M1, M2   with normalised gaps g (and their squares) instead of 0 and 1
 *     raw headcount of d: share deprived; censored: deprived and poor
 *     contribution of d to M0: weight * censored headcount / M0
 */
#ifndef DAOHU_STAT_MPI_H
#define DAOHU_STAT_MPI_H

#include "stat/sample.h"

enum { MPI_INDICATORS_MAX = 64 };

struct fraction {
	int64_t n, d; /* d > 0 */
};
/* "1/3", "0.25", "2"; false when it is none or has more than 15 digits. */
bool fraction_read(const char *text, struct fraction *ret);

struct mpi {
	size_t n, d;                     /* rows, indicators */
	const bool *const *deprived;     /* one column an indicator */
	const double *const *gaps;       /* normalised, 0 where not deprived; NULL: no M1, M2 */
	const double *weight;            /* persons a row; NULL: 1 */
	int64_t share[MPI_INDICATORS_MAX]; /* weights as numerators … */
	int64_t whole;                   /* … over their sum */
	struct fraction k;
};

/* Puts weights of any fractions on one denominator, so that they add up to `whole`.  INVALID when
 * one is negative, none is positive, or the denominators do not fit in 64 bits. */
MUST_USE enum err mpi_set_weights(struct mpi *m, const struct fraction *w, struct diag *diag);

struct mpi_result {
	double H, A, M0, M1, M2;      /* M1, M2 NaN without gaps; A NaN when nobody is poor */
	double se_H, se_A, se_M0;
	double raw[MPI_INDICATORS_MAX], censored[MPI_INDICATORS_MAX], contribution[MPI_INDICATORS_MAX];
	double *score;                /* one a row, in the arena */
	bool *poor;
};

/*
 * Standard errors: with a sample (`s`, its rows the same) linearised or by replicates; without,
 * as of a simple random sample with replacement of sum(weight) persons.
 */
MUST_USE enum err mpi_estimate(const struct mpi *m, const struct stat_sample *s, struct arena *a,
                               struct diag *diag, struct mpi_result *ret);

#endif
