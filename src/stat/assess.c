/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/assess.h"

#include <math.h>

#include "stat/dist.h"

#include "base/banned.h"

enum { RATES_MAX = 2, HALVINGS = 60 };

/* --- one rate ------------------------------------------------------------------------------- */

/* Bounds that the rate is above, below with confidence c. */
static double upper_bound(const struct assess_rate *r, double c)
{
	double x = r->n_eff * r->p;
	return r->p >= 1 ? 1 : dist_q_beta(c, x + 1, r->n_eff - x);
}

static double lower_bound(const struct assess_rate *r, double c)
{
	double x = r->n_eff * r->p;
	return r->p <= 0 ? 0 : dist_q_beta(1 - c, x, r->n_eff - x + 1);
}

static void bounds_of(struct assess_rate *r)
{
	double x = r->n_eff * r->p;
	r->exact = interval_exact(x, r->n_eff, r->level);
	r->wilson = interval_wilson(x, r->n_eff, r->level);
	r->upper = upper_bound(r, r->level);
	r->lower = lower_bound(r, r->level);
}

static enum err finish_rate(struct assess_rate *r, double guess, struct diag *diag)
{
	double spread = r->p * (1 - r->p), half = (1 - r->level) / 2;
	if (isnan(r->p) || r->n < 1)
		return diag_set(diag, ERR_INVALID, "nobody of the group is in the sample");
	if (r->p < 0 || r->p > 1)
		return diag_set(diag, ERR_INVALID, "%g found of %g", r->found, r->of);
	if (!(r->df > 0))
		return diag_set(diag, ERR_INVALID, "the group lies in one cluster");
	bool measured = spread > 0 && r->v > 0 && r->n > 1;
	r->deff = measured ? r->v * (r->n - 1) / spread : guess;
	r->v = measured ? r->v : NAN;
	r->n_eff = r->n / fmax(1, r->deff);
	if (r->n > 1) {
		double f = dist_q_t(half, r->n - 1) / dist_q_t(half, r->df);
		r->n_eff *= f * f;
	}
	bounds_of(r);
	return OK;
}

static void count_rows(const struct stat_sample *s, const struct assess_columns *c,
                       const bool *use, struct assess_rate *r)
{
	for (size_t i = 0; i < s->design->n; i++) {
		double w = s->design->weight[i];
		if ((use && !use[i]) || w == 0 || !(c->of[i] > 0))
			continue;
		r->n++;
		r->rows_found += c->found[i] > 0;
		r->found += w * c->found[i];
		r->of += w * c->of[i];
	}
}

static double group_df(const struct stat_sample *s, const struct assess_columns *c,
                       const bool *use, struct arena *a)
{
	bool *in = arena_alloc(a, s->design->n + 1);
	for (size_t i = 0; i < s->design->n; i++)
		in[i] = (!use || use[i]) && c->of[i] > 0;
	return stat_sample_df(s, in, a);
}

enum err assess_rates(const struct stat_sample *s, const struct assess_columns *c, size_t k,
                      const bool *use, double level, struct arena *a, struct diag *diag,
                      struct assess_rate *ret, double *ret_cov)
{
	const double *x[2 * RATES_MAX] = {NULL};
	double theta[RATES_MAX];
	for (size_t j = 0; j < k; j++) {
		x[2 * j] = c[j].found;
		x[2 * j + 1] = c[j].of;
	}
	struct stat_statistic t = stat_ratios(x, k);
	enum err e = stat_estimate(s, &t, use, a, diag, theta, ret_cov);
	for (size_t j = 0; !e && j < k; j++) {
		ret[j] = (struct assess_rate){.p = theta[j], .v = ret_cov[j * k + j], .level = level,
		                              .df = group_df(s, &c[j], use, a)};
		count_rows(s, &c[j], use, &ret[j]);
		ret[j].rows = ret[j].n;
		ret[j].n = c[j].n > 0 ? c[j].n : ret[j].n;
		e = finish_rate(&ret[j], c[j].deff, diag);
	}
	return e;
}

double assess_fail(const struct assess_rate *r, double limit, bool least)
{
	double x = r->n_eff * r->p;
	if (least)
		return r->p <= 0 ? 1 : dist_p_beta(limit, x, r->n_eff - x + 1);
	return r->p >= 1 ? 1 : 1 - dist_p_beta(limit, x + 1, r->n_eff - x);
}

/* --- two rates together ------------------------------------------------------------------------ */

/* How far the bound lies from the estimate when each rate's lies d[j] from its own. */
static double together(const struct assess_composite *c, double d0, double d1)
{
	double a = c->people[0] * d0, b = c->people[1] * d1;
	return sqrt(fmax(0, a * a + b * b + 2 * c->correlation * a * b)) / c->whole;
}

static double composite_upper(const struct assess_composite *c, const struct assess_rate *r,
                              double conf)
{
	return c->p + together(c, fmax(0, upper_bound(&r[0], conf) - r[0].p),
	                       fmax(0, upper_bound(&r[1], conf) - r[1].p));
}

static double composite_lower(const struct assess_composite *c, const struct assess_rate *r,
                              double conf)
{
	return c->p - together(c, fmax(0, r[0].p - lower_bound(&r[0], conf)),
	                       fmax(0, r[1].p - lower_bound(&r[1], conf)));
}

void assess_composite(struct assess_composite *c, const struct assess_rate *r, const double *cov,
                      double level)
{
	double conf = 1 - (1 - level) / 2, scale = cov[0] * cov[3];
	c->correlation = scale > 0 ? fmax(-1, fmin(1, cov[1] / sqrt(scale))) : 0;
	c->p = (c->known + c->people[0] * r[0].p + c->people[1] * r[1].p) / c->whole;
	c->v = (c->people[0] * c->people[0] * r[0].v + c->people[1] * c->people[1] * r[1].v +
	        2 * c->people[0] * c->people[1] * cov[1]) / (c->whole * c->whole);
	c->lo = composite_lower(c, r, conf);
	c->hi = composite_upper(c, r, conf);
}

double assess_composite_fail(const struct assess_composite *c, const struct assess_rate *r,
                             double limit)
{
	bool above = limit >= c->p;
	double lo = 0.5, hi = 1;
	for (int i = 0; i < HALVINGS; i++) {
		double m = (lo + hi) / 2;
		bool within = above ? composite_upper(c, r, m) <= limit : composite_lower(c, r, m) >= limit;
		if (within)
			lo = m;
		else
			hi = m;
	}
	return above ? 1 - lo : lo;
}
