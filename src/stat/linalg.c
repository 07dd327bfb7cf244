/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/linalg.h"

#include <math.h>
#include <string.h>

#include "stat/sum.h"

#include "base/banned.h"

static double norm(const double *x, size_t n)
{
	struct sum s = {0, 0};
	for (size_t i = 0; i < n; i++)
		sum_add(&s, x[i] * x[i]);
	return sqrt(sum_value(&s));
}

static void reflect(const double *v, double beta, double *y, size_t from, size_t n)
{
	struct sum s = {0, 0};
	for (size_t i = from; i < n; i++)
		sum_add(&s, v[i] * y[i]);
	double f = beta * sum_value(&s);
	for (size_t i = from; i < n; i++)
		y[i] -= f * v[i];
}

void qr_make(const double *x, size_t n, size_t p, double tol, struct arena *a, struct qr *ret)
{
	struct qr q = {.n = n, .p = p};
	double *col = arena_alloc(a, (n + 1) * sizeof(*col));
	q.v = arena_calloc(a, p * n + 1, sizeof(*q.v));
	q.beta = ARENA_ARRAY(a, p + 1, double);
	q.r = ARENA_ARRAY(a, p * p + 1, double);
	q.column = ARENA_ARRAY(a, p + 1, size_t);
	for (size_t j = 0; j < p && q.rank < n; j++) {
		for (size_t i = 0; i < n; i++)
			col[i] = x[i * p + j];
		double whole = norm(col, n);
		for (size_t k = 0; k < q.rank; k++)
			reflect(&q.v[k * n], q.beta[k], col, k, n);
		double left = norm(col + q.rank, n - q.rank);
		if (!(left > tol * whole))
			continue;
		size_t k = q.rank++;
		double *v = &q.v[k * n];
		memcpy(v + k, col + k, (n - k) * sizeof(*v));
		double alpha = col[k] > 0 ? -left : left;
		v[k] -= alpha;
		q.beta[k] = -1 / (alpha * v[k]);
		for (size_t i = 0; i < k; i++)
			q.r[i * p + k] = col[i];
		q.r[k * p + k] = alpha;
		q.column[k] = j;
	}
	*ret = q;
}

void qr_residual(const struct qr *q, double *y, size_t stride, double *scratch)
{
	for (size_t i = 0; i < q->n; i++)
		scratch[i] = y[i * stride];
	for (size_t k = 0; k < q->rank; k++)
		reflect(&q->v[k * q->n], q->beta[k], scratch, k, q->n);
	memset(scratch, 0, q->rank * sizeof(*scratch));
	for (size_t k = q->rank; k-- > 0;)
		reflect(&q->v[k * q->n], q->beta[k], scratch, k, q->n);
	for (size_t i = 0; i < q->n; i++)
		y[i * stride] = scratch[i];
}

static void swap_rows(double *m, size_t width, size_t i, size_t j)
{
	for (size_t k = 0; i != j && k < width; k++) {
		double t = m[i * width + k];
		m[i * width + k] = m[j * width + k];
		m[j * width + k] = t;
	}
}

bool solve(double *A, double *b, size_t p, size_t m)
{
	for (size_t k = 0; k < p; k++) {
		size_t best = k;
		for (size_t i = k + 1; i < p; i++)
			if (fabs(A[i * p + k]) > fabs(A[best * p + k]))
				best = i;
		if (!(fabs(A[best * p + k]) > 0))
			return false;
		swap_rows(A, p, k, best);
		swap_rows(b, m, k, best);
		for (size_t i = k + 1; i < p; i++) {
			double f = A[i * p + k] / A[k * p + k];
			for (size_t j = k; j < p; j++)
				A[i * p + j] -= f * A[k * p + j];
			for (size_t j = 0; j < m; j++)
				b[i * m + j] -= f * b[k * m + j];
		}
	}
	for (size_t k = p; k-- > 0;)
		for (size_t j = 0; j < m; j++) {
			double v = b[k * m + j];
			for (size_t i = k + 1; i < p; i++)
				v -= A[k * p + i] * b[i * m + j];
			b[k * m + j] = v / A[k * p + k];
		}
	return true;
}
