/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * spline: the cubic spline of Forsythe, Malcolm & Moler 1977 ("not-a-knot" in spirit: the end
 * cubics go through the four points at each end).
 */
#ifndef DAOHU_STAT_SPLINE_H
#define DAOHU_STAT_SPLINE_H

#include <stddef.h>

enum { SPLINE_POINTS_MAX = 64 };

/* x rising, 4 <= n <= SPLINE_POINTS_MAX; values at u[0..m). */
void spline_fmm(const double *x, const double *y, size_t n, const double *u, size_t m, double *ret);

#endif
