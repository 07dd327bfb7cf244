/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/interval.h"

#include <math.h>
#include <string.h>

#include "stat/dist.h"
#include "stat/spline.h"

#include "base/banned.h"

#define N_EFF_MAX 1e12

static const char *const names[INTERVAL_METHOD_MAX] = {"logit", "likelihood", "asin",
                                                       "beta",  "mean",       "xlogit"};

const char *interval_method_name(enum interval_method m)
{
	return names[m];
}

bool interval_method_find(const char *name, enum interval_method *ret)
{
	for (int i = 0; i < INTERVAL_METHOD_MAX; i++)
		if (strcmp(names[i], name) == 0) {
			*ret = (enum interval_method)i;
			return true;
		}
	return false;
}

static double expit(double x)
{
	return 1 / (1 + exp(-x));
}

static struct interval by_logit(const struct proportion *x, double t)
{
	double at = log(x->p / (1 - x->p)), s = sqrt(x->v) / (x->p * (1 - x->p));
	return (struct interval){expit(at - t * s), expit(at + t * s)};
}

static struct interval by_asin(const struct proportion *x, double t)
{
	double at = asin(sqrt(x->p)), s = sqrt(x->v) / (2 * sqrt(x->p * (1 - x->p)));
	return (struct interval){pow(sin(at - t * s), 2), pow(sin(at + t * s), 2)};
}

static struct interval clopper(double x, double n, double alpha)
{
	return (struct interval){x > 0 ? dist_q_beta(alpha / 2, x, n - x + 1) : 0,
	                         x < n ? dist_q_beta(1 - alpha / 2, x + 1, n - x) : 1};
}

/* With nothing or everything counted v is 0; then n itself stands for the effective size.  A
 * proportion between that the design fixes (v 0) has no error. */
static struct interval by_beta(const struct proportion *x, double alpha)
{
	bool edge = x->p <= 0 || x->p >= 1;
	double n = edge ? x->n : x->p * (1 - x->p) / x->v;
	double f = dist_q_t(alpha / 2, x->n - 1) / dist_q_t(alpha / 2, x->df);
	n *= f * f;
	/* beyond the digits of a beta quantile; the normal is the same there */
	if (n > N_EFF_MAX) {
		double half = -dist_q_norm(alpha / 2) * sqrt(x->p * (1 - x->p) / n);
		return (struct interval){x->p - half, x->p + half};
	}
	return clopper(n * x->p, n, alpha);
}

/* 2 (l(p) - l(q)) a row */
static double deviance(double p, double q)
{
	double d = 0;
	if (p > 0)
		d += p * log(p / q);
	if (p < 1)
		d += (1 - p) * log((1 - p) / (1 - q));
	return 2 * d;
}

/* The q on one side of p whose deviance is `most`. */
static double bound(double p, double most, double edge)
{
	double near = p, far = edge;
	if (p == edge)
		return edge;
	for (int i = 0; i < 200 && fabs(far - near) > 1e-15; i++) {
		double q = (near + far) / 2;
		if (deviance(p, q) <= most)
			near = q;
		else
			far = q;
	}
	return (near + far) / 2;
}

/*
 * The profile as R's survey has it, so that its figures come out again: the signed root z of
 * the deviance over the dispersion at steps of a fifth of the way on the logit scale, a spline
 * through them, and a straight line between the points of that.  Between grid points this is
 * off the exact bound by some 1e-4.
 */
enum { STEPS = 9, GRID = 2 * STEPS + 1, FINE = 3 * GRID };

static size_t profile(const struct proportion *x, double zmax, double *at, double *z)
{
	double b0 = log(x->p / (1 - x->p)), se = sqrt(x->v) / (x->p * (1 - x->p));
	double dispersion = x->weighted / (x->weighted - 1), one[2][STEPS];
	size_t n[2] = {0, 0}, k = 0;
	for (int side = 0; side < 2; side++)
		for (double zz = 0; n[side] < STEPS && zz < zmax; n[side]++) {
			double b = b0 + (side ? 1 : -1) * (double)(n[side] + 1) * zmax / 5 * se;
			zz = sqrt(fmax(0, x->n * deviance(x->p, expit(b)) / dispersion));
			one[side][n[side]] = zz;
		}
	for (size_t i = n[0]; i-- > 0; k++) {
		at[k] = b0 - (double)(i + 1) * zmax / 5 * se;
		z[k] = -one[0][i];
	}
	at[k] = b0;
	z[k++] = 0;
	for (size_t i = 0; i < n[1]; i++, k++) {
		at[k] = b0 + (double)(i + 1) * zmax / 5 * se;
		z[k] = one[1][i];
	}
	return k;
}

static double where(const double *at, const double *z, size_t n, double cut)
{
	double x[FINE], y[FINE];
	size_t m = 3 * n;
	if (n < 4)
		return NAN;
	for (size_t i = 0; i < m; i++)
		x[i] = at[0] + (at[n - 1] - at[0]) * (double)i / (double)(m - 1);
	spline_fmm(at, z, n, x, m, y);
	for (size_t i = 1; i < m; i++)
		if (y[i - 1] <= cut && cut <= y[i])
			return expit(x[i - 1] + (x[i] - x[i - 1]) * (cut - y[i - 1]) / (y[i] - y[i - 1]));
	return NAN;
}

static struct interval by_likelihood(const struct proportion *x, double t)
{
	double spread = x->p * (1 - x->p), at[GRID], z[GRID];
	double most = t * t * (x->v > 0 && spread > 0 ? x->v / spread : 1 / x->n);
	most *= x->weighted / (x->weighted - 1); /* the dispersion of Pearson residuals */
	struct interval exact = {bound(x->p, most, 0), bound(x->p, most, 1)};
	if (!(x->v > 0 && spread > 0))
		return exact;
	double cut = t * sqrt(x->v * x->n / spread);
	double zmax = sqrt(dist_q_f_upper(dist_p_norm(-cut) / 2, 1, x->n - 1));
	size_t n = profile(x, zmax, at, z);
	struct interval i = {where(at, z, n, -cut), where(at, z, n, cut)};
	return (struct interval){isnan(i.lo) ? exact.lo : i.lo, isnan(i.hi) ? exact.hi : i.hi};
}

struct interval interval_proportion(const struct proportion *x, enum interval_method m,
                                    double level)
{
	double t = x->df > 0 ? dist_q_t(1 - (1 - level) / 2, x->df) : NAN;
	double s = sqrt(x->v);
	struct interval none = {NAN, NAN};
	if (isnan(x->p) || isnan(x->v) || isnan(t))
		return none;
	bool edge = x->p <= 0 || x->p >= 1;
	switch (m) {
	case INTERVAL_LOGIT:
	case INTERVAL_XLOGIT:
		return edge ? none : by_logit(x, t);
	case INTERVAL_ASIN:
		return edge ? none : by_asin(x, t);
	case INTERVAL_BETA:
		return by_beta(x, 1 - level);
	case INTERVAL_LIKELIHOOD:
		return by_likelihood(x, t);
	case INTERVAL_MEAN:
		return edge ? none : (struct interval){x->p - t * s, x->p + t * s};
	case INTERVAL_METHOD_MAX:
		break;
	}
	return none;
}

struct interval interval_wilson(double x, double n, double level)
{
	double z = dist_q_norm(1 - (1 - level) / 2), p = x / n, z2 = z * z;
	double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
	double half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
	return (struct interval){x > 0 ? fmax(0, centre - half) : 0,
	                         x < n ? fmin(1, centre + half) : 1};
}

struct interval interval_exact(double x, double n, double level)
{
	return clopper(x, n, 1 - level);
}

struct interval interval_hypergeometric(double x, double n, double N, double level)
{
	double alpha = (1 - level) / 2;
	double lo = x, hi = N - n + x, a, b;
	/* least M with P(X >= x | M) > alpha */
	for (a = x, b = hi; a < b;) {
		double m = floor((a + b) / 2);
		if (1 - dist_p_hyper(x - 1, m, N, n) > alpha)
			b = m;
		else
			a = m + 1;
	}
	double least = a;
	/* greatest M with P(X <= x | M) > alpha */
	for (a = lo, b = hi; a < b;) {
		double m = ceil((a + b) / 2);
		if (dist_p_hyper(x, m, N, n) > alpha)
			a = m;
		else
			b = m - 1;
	}
	return (struct interval){least, a};
}
