/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * run: the queries of a spec, answered one after the other.
 *
 * Rows with a missing value in what a query reads leave it like rows outside its domain; the
 * degrees of freedom are those of the domain.
 */
#ifndef DAOHU_ESTIMATE_RUN_H
#define DAOHU_ESTIMATE_RUN_H

#include "estimate/answer.h"
#include "estimate/setup.h"

/* INVALID naming the query. */
MUST_USE enum err run_query(const struct setup *s, const struct query *q, struct arena *a,
                            struct diag *diag, struct answer *ret);

/* run_poverty.c: those about poverty. */
MUST_USE enum err run__poverty(const struct setup *s, const struct query *q, const bool *domain,
                               struct arena *a, struct diag *diag, struct answer *ret);
MUST_USE enum err run__mpi(const struct setup *s, const struct query *q, struct arena *a,
                           struct diag *diag, struct answer *ret);
/* run_assess.c: rates of an assessment. */
MUST_USE enum err run__assess(const struct setup *s, const struct query *q, struct arena *a,
                              struct diag *diag, struct answer *ret);
/* A condition as a column: 1, 0, NaN where it is NA. */
MUST_USE enum err run__condition(const struct setup *s, const char *text, struct arena *a,
                                 struct diag *diag, double **ret);
/* What every estimate is made of, for --explain. */
void run__sums(const struct setup *s, const bool *use, struct arena *a, struct answer *ret);
/* Rows of `domain` (NULL: all) where no value of x[0..p) is missing; NULL when that is all.
 * INVALID when one of them is infinite. */
MUST_USE enum err run__have(const struct setup *s, const bool *domain, const double *const *x,
                            size_t p, struct arena *a, struct diag *diag, const bool **ret);
/* Standard errors; NaN where the variance is 0 for want of degrees of freedom. */
const double *run__errors(const double *theta, const double *vcov, size_t p, double df,
                          struct arena *a);

#endif
