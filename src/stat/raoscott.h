/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * raoscott: is there an association between two factors?  Pearson's X^2 of the weighted table
 * scaled to the number of rows, with the second-order correction of Rao & Scott 1984:
 * Delta = (C' D^-1 C / n)^-1 C' D^-1 V D^-1 C over the contrasts C of the interaction,
 * d = tr(Delta)^2 / tr(Delta^2), F = X^2 / tr(Delta) on d and d * nu degrees of freedom;
 * the first-order one: X^2 / mean of Delta's diagonal as chi-square.
 */
#ifndef DAOHU_STAT_RAOSCOTT_H
#define DAOHU_STAT_RAOSCOTT_H

#include "stat/sample.h"

struct raoscott {
	double F, ndf, ddf, p;   /* second order */
	double chisq, p_chisq;   /* first order */
};

/* row, col: group of each row, -1 = missing.  Levels that no row of the domain has do not count;
 * INVALID when fewer than two are left, or more than 1024 cells. */
MUST_USE enum err raoscott_test(const struct stat_sample *s, const int32_t *row, size_t nr,
                                const int32_t *col, size_t nc, const bool *use, struct arena *a,
                                struct diag *diag, struct raoscott *ret);

#endif
