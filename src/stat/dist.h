/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dist: the distributions that intervals and tests need: R's own nmath (r-mathlib), under
 * names that do not clash.  p: lower tail.  df may be infinite (the normal).  Arguments
 * outside a distribution's domain give NaN.
 */
#ifndef DAOHU_STAT_DIST_H
#define DAOHU_STAT_DIST_H

double dist_p_norm(double x);
double dist_q_norm(double p);
double dist_p_t(double x, double df);
double dist_q_t(double p, double df);
double dist_p_beta(double x, double a, double b);
double dist_q_beta(double p, double a, double b);
double dist_p_chisq_upper(double x, double df);
double dist_q_f_upper(double p, double df1, double df2);
double dist_p_f_upper(double x, double df1, double df2);
/* P(X <= x), X positives among n drawn from N of which m are positive */
double dist_p_hyper(double x, double m, double N, double n);
double dist_p_binom(double x, double n, double p);

#endif
