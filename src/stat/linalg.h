/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * linalg: the little linear algebra that estimation needs, on dense matrices of doubles,
 * row by row.  Householder reflections (Golub & Van Loan §5.2).
 */
#ifndef DAOHU_STAT_LINALG_H
#define DAOHU_STAT_LINALG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* A QR decomposition of n rows and p columns, n >= p or not. */
struct qr {
	size_t n, p, rank; /* columns that are combinations of others do not count */
	double *v;         /* reflections, column by column: v[k * n + i] */
	double *beta;
	double *r;         /* p*p, upper triangle of the columns kept */
	size_t *column;    /* which columns were kept, `rank` of them */
};

/* tol: a column counts as dependent when less than tol of its length is new. */
void qr_make(const double *x, size_t n, size_t p, double tol, struct arena *a, struct qr *ret);
/* y (n values, `stride` apart) becomes its residual on the columns. */
void qr_residual(const struct qr *q, double *y, size_t stride, double *scratch);

/* Solves the symmetric or general system A x = b in place by Gauss with row pivots:
 * A p*p, b p*m.  false when A is singular. */
bool solve(double *A, double *b, size_t p, size_t m);

#endif
