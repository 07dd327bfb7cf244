/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/sample.h"

#include <math.h>
#include <string.h>

#include "stat/linalg.h"
#include "stat/sum.h"

#include "base/banned.h"

/* R's qr() on the matrix of weights. */
#define RANK_TOLERANCE 1e-5

static bool in(const bool *use, size_t i)
{
	return !use || use[i];
}

double stat_weight_sum(const double *w, const bool *use, size_t n, size_t *ret_n)
{
	struct sum s = {0, 0};
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		if (in(use, i) && w[i] != 0) {
			sum_add(&s, w[i]);
			k++;
		}
	if (ret_n)
		*ret_n = k;
	return sum_value(&s);
}

/* --- variance by either way -------------------------------------------------------------- */

static enum err linearised(const struct stat_sample *s, const struct stat_statistic *t,
                           const bool *use, struct arena *a, struct diag *diag,
                           const double *theta, double *vcov)
{
	size_t n = s->design->n;
	double *z = arena_calloc(a, n * t->p + 1, sizeof(*z));
	t->influence(t, s->design->weight, use, n, a, theta, z);
	return stat_variance(s->design, z, t->p, use, a, diag, vcov);
}

/* Mean of one number over the replicates that count and have it; `each` lies `p` apart. */
static double replicate_mean(const struct stat_replicates *r, const double *each, size_t p)
{
	long double sum = 0;
	size_t counted = 0;
	for (size_t k = 0; k < r->n; k++) {
		if ((r->rscales && !(r->rscales[k] > 0)) || isnan(each[k * p]))
			continue;
		sum += each[k * p];
		counted++;
	}
	return (double)(sum / (long double)counted);
}

static bool some_missing(const struct stat_replicates *r, const double *each, size_t p)
{
	for (size_t k = 0; k < r->n; k++)
		if (isnan(each[k * p]))
			return true;
	return false;
}

static void replicated(const struct stat_sample *s, const struct stat_statistic *t, const bool *use,
                       struct arena *a, const double *theta, double *vcov)
{
	const struct stat_replicates *r = s->replicates;
	size_t p = t->p;
	double *each = arena_alloc(a, (r->n * p + 1) * sizeof(*each));
	double *centre = ARENA_ARRAY(a, p + 1, double);
	for (size_t k = 0; k < r->n; k++) {
		struct arena_mark m = arena_save(a);
		t->theta(t, r->weights[k], use, s->design->n, a, &each[k * p]);
		arena_back(a, m);
	}
	for (size_t j = 0; j < p; j++)
		centre[j] = r->mse ? theta[j] : replicate_mean(r, each + j, p);
	memset(vcov, 0, p * p * sizeof(*vcov));
	for (size_t k = 0; k < r->n; k++)
		for (size_t i = 0; i < p; i++)
			for (size_t j = 0; j < p; j++) {
				double v = (each[k * p + i] - centre[i]) * (each[k * p + j] - centre[j]);
				if (!isnan(v))
					vcov[i * p + j] += r->scale * (r->rscales ? r->rscales[k] : 1) * v;
			}
	for (size_t j = 0; j < p; j++)
		if (!(vcov[j * p + j] > 0) && some_missing(r, each + j, p))
			for (size_t i = 0; i < p; i++)
				vcov[i * p + j] = vcov[j * p + i] = NAN;
}

enum err stat_estimate(const struct stat_sample *s, const struct stat_statistic *t, const bool *use,
                       struct arena *a, struct diag *diag, double *theta, double *vcov)
{
	struct arena_mark m = arena_save(a);
	enum err e = OK;
	t->theta(t, s->design->weight, use, s->design->n, a, theta);
	if (vcov && s->replicates)
		replicated(s, t, use, a, theta, vcov);
	else if (vcov)
		e = linearised(s, t, use, a, diag, theta, vcov);
	for (size_t j = 0; vcov && j < t->p; j++)
		for (size_t k = 0; isnan(theta[j]) && k < t->p; k++)
			vcov[j * t->p + k] = vcov[k * t->p + j] = NAN;
	arena_back(a, m);
	return e;
}

static double replicate_df(const struct stat_sample *s, const bool *use, struct arena *a)
{
	const struct stat_replicates *r = s->replicates;
	size_t rows = 0, n = s->design->n;
	double *m = arena_alloc(a, (n * r->n + 1) * sizeof(*m));
	struct qr q;
	for (size_t i = 0; i < n; i++) {
		if (!in(use, i))
			continue;
		for (size_t k = 0; k < r->n; k++)
			m[rows * r->n + k] = r->weights[k][i];
		rows++;
	}
	qr_make(m, rows, r->n, RANK_TOLERANCE, a, &q);
	return (double)q.rank - 1;
}

double stat_sample_df(const struct stat_sample *s, const bool *use, struct arena *a)
{
	struct arena_mark m = arena_save(a);
	double df = s->replicates ? replicate_df(s, use, a) : stat_df(s->design, use, a);
	arena_back(a, m);
	return df;
}

size_t stat_sample_rows(const struct stat_sample *s, const bool *use)
{
	size_t k = 0;
	if (s->design->calibration && !s->replicates)
		return s->design->n;
	for (size_t i = 0; i < s->design->n; i++)
		k += in(use, i);
	return k;
}

enum err stat_proportion(const struct stat_sample *s, const double *x, const bool *use,
                         struct arena *a, struct diag *diag, struct proportion *ret)
{
	const double *const columns[1] = {x};
	struct stat_statistic t = stat_mean(columns, 1);
	struct proportion p = {.df = stat_sample_df(s, use, a),
	                       .n = (double)stat_sample_rows(s, use)};
	size_t weighted;
	(void)stat_weight_sum(s->design->weight, use, s->design->n, &weighted);
	p.weighted = s->replicates ? p.n : (double)weighted;
	enum err e = stat_estimate(s, &t, use, a, diag, &p.p, &p.v);
	if (!e)
		*ret = p;
	return e;
}

/* --- mean, total --------------------------------------------------------------------------- */

static void totals(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                   double *ret)
{
	for (size_t j = 0; j < t->p; j++) {
		struct sum s = {0, 0};
		for (size_t i = 0; i < n; i++)
			if (in(use, i) && w[i] != 0)
				sum_add(&s, w[i] * t->x[j][i]);
		ret[j] = sum_value(&s);
	}
}

static void mean_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                       struct arena *a, double *ret)
{
	double all = stat_weight_sum(w, use, n, NULL);
	totals(t, w, use, n, ret);
	for (size_t j = 0; j < t->p; j++)
		ret[j] = all > 0 ? ret[j] / all : NAN;
}

static void mean_influence(const struct stat_statistic *t, const double *w, const bool *use,
                           size_t n, struct arena *a, const double *theta, double *z)
{
	double all = stat_weight_sum(w, use, n, NULL);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; in(use, i) && j < t->p; j++)
			z[i * t->p + j] = w[i] * (t->x[j][i] - theta[j]) / all;
}

struct stat_statistic stat_mean(const double *const *x, size_t p)
{
	return (struct stat_statistic){.p = p, .theta = mean_theta, .influence = mean_influence, .x = x};
}

static void total_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                        struct arena *a, double *ret)
{
	totals(t, w, use, n, ret);
}

static void total_influence(const struct stat_statistic *t, const double *w, const bool *use,
                            size_t n, struct arena *a, const double *theta, double *z)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; in(use, i) && j < t->p; j++)
			z[i * t->p + j] = w[i] * t->x[j][i];
}

struct stat_statistic stat_total(const double *const *x, size_t p)
{
	return (struct stat_statistic){.p = p, .theta = total_theta, .influence = total_influence,
	                               .x = x};
}

/* --- ratio --------------------------------------------------------------------------------- */

static double column_total(const double *x, const double *w, const bool *use, size_t n)
{
	struct sum s = {0, 0};
	for (size_t i = 0; i < n; i++)
		if (in(use, i) && w[i] != 0)
			sum_add(&s, w[i] * x[i]);
	return sum_value(&s);
}

static void ratio_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                        struct arena *a, double *ret)
{
	for (size_t j = 0; j < t->p; j++) {
		double below = column_total(t->x[2 * j + 1], w, use, n);
		ret[j] = below != 0 ? column_total(t->x[2 * j], w, use, n) / below : NAN;
	}
}

static void ratio_influence(const struct stat_statistic *t, const double *w, const bool *use,
                            size_t n, struct arena *a, const double *theta, double *z)
{
	for (size_t j = 0; j < t->p; j++) {
		const double *above = t->x[2 * j], *of = t->x[2 * j + 1];
		double below = column_total(of, w, use, n);
		for (size_t i = 0; i < n; i++)
			if (in(use, i))
				z[i * t->p + j] = w[i] * (above[i] - theta[j] * of[i]) / below;
	}
}

struct stat_statistic stat_ratios(const double *const *x, size_t p)
{
	return (struct stat_statistic){.p = p, .theta = ratio_theta, .influence = ratio_influence,
	                               .x = x};
}

/* --- means of groups ------------------------------------------------------------------------- */

struct group_sum {
	struct sum w, wx;
};

static struct group_sum *group_sums(const struct stat_statistic *t, const double *w,
                                    const bool *use, size_t n, struct arena *a)
{
	struct group_sum *g = ARENA_ARRAY(a, t->p + 1, struct group_sum);
	for (size_t i = 0; i < n; i++) {
		if (!in(use, i) || t->group[i] < 0 || w[i] == 0)
			continue;
		sum_add(&g[t->group[i]].w, w[i]);
		sum_add(&g[t->group[i]].wx, w[i] * t->x[0][i]);
	}
	return g;
}

static void group_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                        struct arena *a, double *ret)
{
	const struct group_sum *g = group_sums(t, w, use, n, a);
	for (size_t j = 0; j < t->p; j++)
		ret[j] = sum_value(&g[j].w) > 0 ? sum_value(&g[j].wx) / sum_value(&g[j].w) : NAN;
}

static void group_influence(const struct stat_statistic *t, const double *w, const bool *use,
                            size_t n, struct arena *a, const double *theta, double *z)
{
	const struct group_sum *g = group_sums(t, w, use, n, a);
	for (size_t i = 0; i < n; i++) {
		int32_t j = in(use, i) ? t->group[i] : -1;
		if (j >= 0 && sum_value(&g[j].w) > 0)
			z[i * t->p + (size_t)j] = w[i] * (t->x[0][i] - theta[j]) / sum_value(&g[j].w);
	}
}

struct stat_statistic stat_group_means(const double *const *x, const int32_t *group, size_t p)
{
	return (struct stat_statistic){.p = p, .theta = group_theta, .influence = group_influence,
	                               .x = x, .group = group};
}

double stat_population_variance(const double *x, const double *w, const bool *use, size_t n)
{
	size_t k;
	double all = stat_weight_sum(w, use, n, &k), mean = column_total(x, w, use, n) / all;
	struct sum s = {0, 0};
	for (size_t i = 0; i < n; i++)
		if (in(use, i) && w[i] != 0)
			sum_add(&s, w[i] * (x[i] - mean) * (x[i] - mean));
	return sum_value(&s) / all * (double)k / ((double)k - 1);
}
