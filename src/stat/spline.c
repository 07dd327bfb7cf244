/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/spline.h"

#include "base/banned.h"

/* The third divided difference of the four points from i on. */
static double third(const double *x, const double *y, size_t i)
{
	double d0 = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
	double d1 = (y[i + 2] - y[i + 1]) / (x[i + 2] - x[i + 1]);
	double d2 = (y[i + 3] - y[i + 2]) / (x[i + 3] - x[i + 2]);
	double e0 = (d1 - d0) / (x[i + 2] - x[i]), e1 = (d2 - d1) / (x[i + 3] - x[i + 1]);
	return (e1 - e0) / (x[i + 3] - x[i]);
}

/* Second derivatives over six, by the tridiagonal system. */
static void curvatures(const double *x, const double *y, size_t n, double *s)
{
	double diagonal[SPLINE_POINTS_MAX], right[SPLINE_POINTS_MAX], h[SPLINE_POINTS_MAX];
	for (size_t i = 0; i + 1 < n; i++)
		h[i] = x[i + 1] - x[i];
	for (size_t i = 1; i + 1 < n; i++) {
		diagonal[i] = 2 * (h[i - 1] + h[i]);
		right[i] = (y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1];
	}
	diagonal[0] = -h[0];
	diagonal[n - 1] = -h[n - 2];
	right[0] = h[0] * h[0] * third(x, y, 0);
	right[n - 1] = -h[n - 2] * h[n - 2] * third(x, y, n - 4);
	for (size_t i = 1; i < n; i++) {
		double f = h[i - 1] / diagonal[i - 1];
		diagonal[i] -= f * h[i - 1];
		right[i] -= f * right[i - 1];
	}
	s[n - 1] = right[n - 1] / diagonal[n - 1];
	for (size_t i = n - 1; i-- > 0;)
		s[i] = (right[i] - h[i] * s[i + 1]) / diagonal[i];
}

void spline_fmm(const double *x, const double *y, size_t n, const double *u, size_t m, double *ret)
{
	double s[SPLINE_POINTS_MAX];
	curvatures(x, y, n, s);
	for (size_t k = 0; k < m; k++) {
		size_t i = 0;
		while (i + 2 < n && u[k] >= x[i + 1])
			i++;
		double h = x[i + 1] - x[i], d = u[k] - x[i];
		double b = (y[i + 1] - y[i]) / h - h * (s[i + 1] + 2 * s[i]);
		ret[k] = y[i] + d * (b + d * (3 * s[i] + d * (s[i + 1] - s[i]) / h));
	}
}
