/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/dist.h"

#define MATHLIB_STANDALONE
#include <Rmath.h>

#include "base/banned.h"

double dist_p_norm(double x)
{
	return pnorm(x, 0, 1, 1, 0);
}

double dist_q_norm(double p)
{
	return qnorm(p, 0, 1, 1, 0);
}

double dist_p_t(double x, double df)
{
	return pt(x, df, 1, 0);
}

double dist_q_t(double p, double df)
{
	return qt(p, df, 1, 0);
}

double dist_p_beta(double x, double a, double b)
{
	return pbeta(x, a, b, 1, 0);
}

double dist_q_beta(double p, double a, double b)
{
	return qbeta(p, a, b, 1, 0);
}

double dist_p_chisq_upper(double x, double df)
{
	return pchisq(x, df, 0, 0);
}

double dist_p_f_upper(double x, double df1, double df2)
{
	return pf(x, df1, df2, 0, 0);
}

double dist_p_hyper(double x, double m, double N, double n)
{
	return phyper(x, m, N - m, n, 1, 0);
}

double dist_p_binom(double x, double n, double p)
{
	return pbinom(x, n, p, 1, 0);
}

double dist_q_f_upper(double p, double df1, double df2)
{
	return qf(p, df1, df2, 0, 0);
}
