/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/poverty.h"

#include <math.h>
#include <stdlib.h>

#include "stat/quantile.h"
#include "stat/sum.h"

#include "base/banned.h"

#define QUINTILE_LOW 0.2
#define QUINTILE_HIGH 0.8

static bool in(const bool *use, const double *w, size_t i)
{
	return (!use || use[i]) && w[i] != 0;
}

static double mean_of(const double *x, const double *w, const bool *use, size_t n)
{
	struct sum s = {0, 0};
	for (size_t i = 0; i < n; i++)
		if (in(use, w, i))
			sum_add(&s, w[i] * x[i]);
	return sum_value(&s) / stat_weight_sum(w, use, n, NULL);
}

static double median_of(const double *x, const double *w, const bool *use, size_t n,
                        struct arena *a)
{
	struct arena_mark m = arena_save(a);
	struct quantiles q;
	quantiles_make(x, w, use, n, a, &q);
	double v = quantile(&q, QUANTILE_MID, 0.5);
	arena_back(a, m);
	return v;
}

/* Kernel estimate of the density of x at a point. */
static double density(const double *x, const double *w, const bool *use, size_t n, double at)
{
	double all = stat_weight_sum(w, use, n, NULL), mean = mean_of(x, w, use, n);
	struct sum spread = {0, 0}, s = {0, 0};
	for (size_t i = 0; i < n; i++)
		if (in(use, w, i))
			sum_add(&spread, w[i] * (x[i] - mean) * (x[i] - mean));
	double h = sqrt(sum_value(&spread) / all) / pow(all, 0.2);
	for (size_t i = 0; i < n; i++) {
		double u = (at - x[i]) / h;
		if (in(use, w, i))
			sum_add(&s, w[i] * exp(-u * u / 2) / sqrt(2 * M_PI));
	}
	return sum_value(&s) / (all * h);
}

/* --- lines ----------------------------------------------------------------------------- */

double poverty_line_value(const struct poverty_line *l, const double *x, const double *w,
                          const bool *use, size_t n, struct arena *a)
{
	if (l->kind == LINE_FIXED)
		return l->value;
	return l->value * (l->kind == LINE_OF_MEAN ? mean_of(x, w, use, n) : median_of(x, w, use, n, a));
}

/* Influence of each row on the line, not weighted and not divided by N. */
static void line_influence(const struct poverty_line *l, const double *x, const double *w,
                           const bool *use, size_t n, struct arena *a, double *ret)
{
	double median = 0, f = 0, mean = 0;
	if (l->kind == LINE_OF_MEDIAN) {
		median = median_of(x, w, use, n, a);
		f = density(x, w, use, n, median);
	} else if (l->kind == LINE_OF_MEAN) {
		mean = mean_of(x, w, use, n);
	}
	for (size_t i = 0; i < n; i++) {
		if (l->kind == LINE_FIXED)
			ret[i] = 0;
		else if (l->kind == LINE_OF_MEAN)
			ret[i] = l->value * (x[i] - mean);
		else
			ret[i] = -l->value * ((x[i] <= median) - 0.5) / f;
	}
}

/* --- FGT ---------------------------------------------------------------------------------- */

static bool poor(const struct poverty_line *l, double y, double line)
{
	return l->strict ? y < line : y <= line;
}

static double gap(const struct poverty_line *l, double y, double line)
{
	if (!poor(l, y, line))
		return 0;
	return l->alpha == 0 ? 1 : pow((line - y) / line, l->alpha);
}

static void fgt_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                      struct arena *a, double *ret)
{
	const struct poverty_line *l = t->arg;
	double line = poverty_line_value(l, t->x[0], w, use, n, a);
	struct sum s = {0, 0};
	for (size_t i = 0; i < n; i++)
		if (in(use, w, i))
			sum_add(&s, w[i] * gap(l, t->x[0][i], line));
	ret[0] = sum_value(&s) / stat_weight_sum(w, use, n, NULL);
}

/* How P_alpha changes with the line. */
static double fgt_slope(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                        double line)
{
	const struct poverty_line *l = t->arg;
	struct sum s = {0, 0};
	if (l->alpha == 0)
		return density(t->x[0], w, use, n, line);
	for (size_t i = 0; i < n; i++) {
		double y = t->x[0][i];
		if (in(use, w, i) && poor(l, y, line))
			sum_add(&s, w[i] * l->alpha * (l->alpha == 1 ? 1 : pow((line - y) / line, l->alpha - 1)) *
			                    y / (line * line));
	}
	return sum_value(&s) / stat_weight_sum(w, use, n, NULL);
}

static void fgt_influence(const struct stat_statistic *t, const double *w, const bool *use,
                          size_t n, struct arena *a, const double *theta, double *z)
{
	const struct poverty_line *l = t->arg;
	double line = poverty_line_value(l, t->x[0], w, use, n, a), all = stat_weight_sum(w, use, n, NULL);
	double slope = l->kind == LINE_FIXED ? 0 : fgt_slope(t, w, use, n, line);
	double *of_line = arena_alloc(a, (n + 1) * sizeof(*of_line));
	line_influence(l, t->x[0], w, use, n, a, of_line);
	for (size_t i = 0; i < n; i++)
		if (in(use, w, i))
			z[i] = w[i] / all * (gap(l, t->x[0][i], line) - theta[0] + slope * of_line[i]);
}

struct stat_statistic stat_fgt(const double *const *x, const struct poverty_line *l)
{
	return (struct stat_statistic){.p = 1, .theta = fgt_theta, .influence = fgt_influence, .x = x,
	                               .arg = l};
}

/* --- threshold ---------------------------------------------------------------------------- */

static void arpt_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                       struct arena *a, double *ret)
{
	ret[0] = poverty_line_value(t->arg, t->x[0], w, use, n, a);
}

static void arpt_influence(const struct stat_statistic *t, const double *w, const bool *use,
                           size_t n, struct arena *a, const double *theta, double *z)
{
	double all = stat_weight_sum(w, use, n, NULL);
	line_influence(t->arg, t->x[0], w, use, n, a, z);
	for (size_t i = 0; i < n; i++)
		z[i] = in(use, w, i) ? z[i] * w[i] / all : 0;
}

struct stat_statistic stat_arpt(const double *const *x, const struct poverty_line *l)
{
	return (struct stat_statistic){.p = 1, .theta = arpt_theta, .influence = arpt_influence, .x = x,
	                               .arg = l};
}

/* --- median gap ----------------------------------------------------------------------------- */

static double poor_median(const struct stat_statistic *t, const double *w, const bool *use,
                          size_t n, double line, struct arena *a)
{
	bool *those = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		those[i] = in(use, w, i) && poor(t->arg, t->x[0][i], line);
	return median_of(t->x[0], w, those, n, a);
}

static void rmpg_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                       struct arena *a, double *ret)
{
	double line = poverty_line_value(t->arg, t->x[0], w, use, n, a);
	ret[0] = (line - poor_median(t, w, use, n, line, a)) / line;
}

static void rmpg_influence(const struct stat_statistic *t, const double *w, const bool *use,
                           size_t n, struct arena *a, const double *theta, double *z)
{
	const struct poverty_line *l = t->arg;
	double all = stat_weight_sum(w, use, n, NULL);
	double line = poverty_line_value(l, t->x[0], w, use, n, a);
	double med = poor_median(t, w, use, n, line, a);
	double f_med = density(t->x[0], w, use, n, med), f_line = density(t->x[0], w, use, n, line);
	double below_line = 0, below_med = 0;
	double *of_line = arena_alloc(a, (n + 1) * sizeof(*of_line));
	line_influence(l, t->x[0], w, use, n, a, of_line);
	for (size_t i = 0; i < n; i++)
		if (in(use, w, i)) {
			below_line += poor(l, t->x[0][i], line) ? w[i] / all : 0;
			below_med += t->x[0][i] <= med ? w[i] / all : 0;
		}
	for (size_t i = 0; i < n; i++) {
		if (!in(use, w, i))
			continue;
		double rate = poor(l, t->x[0][i], line) - below_line + f_line * of_line[i];
		double of_med = -((t->x[0][i] <= med) - below_med - rate / 2) / f_med;
		z[i] = w[i] / all * (med * of_line[i] / (line * line) - of_med / line);
	}
}

struct stat_statistic stat_rmpg(const double *const *x, const struct poverty_line *l)
{
	return (struct stat_statistic){.p = 1, .theta = rmpg_theta, .influence = rmpg_influence, .x = x,
	                               .arg = l};
}

/* --- quintile shares ---------------------------------------------------------------------- */

struct quintiles {
	double low, high;             /* quantiles */
	double sum_low, sum_high;     /* income of the lowest, the highest fifth */
};

static struct quintiles quintiles_of(const double *x, const double *w, const bool *use, size_t n,
                                     struct arena *a)
{
	struct quintiles f = {0};
	struct sum low = {0, 0}, high = {0, 0};
	struct quantiles q;
	quantiles_make(x, w, use, n, a, &q);
	f.low = quantile(&q, QUANTILE_MID, QUINTILE_LOW);
	f.high = quantile(&q, QUANTILE_MID, QUINTILE_HIGH);
	for (size_t i = 0; i < n; i++) {
		if (!in(use, w, i))
			continue;
		if (x[i] <= f.low)
			sum_add(&low, w[i] * x[i]);
		if (x[i] > f.high)
			sum_add(&high, w[i] * x[i]);
	}
	f.sum_low = sum_value(&low);
	f.sum_high = sum_value(&high);
	return f;
}

static void qsr_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                      struct arena *a, double *ret)
{
	struct quintiles f = quintiles_of(t->x[0], w, use, n, a);
	/* nobody above the fourth quintile: more than a fifth have the highest income */
	ret[0] = f.sum_high > 0 && f.sum_low > 0 ? f.sum_high / f.sum_low : NAN;
}

/* Influence on the income of the alpha poorest: (y - q) 1{y <= q} + alpha q. */
static double partial(double y, double q, double alpha)
{
	return (y <= q ? y - q : 0) + alpha * q;
}

static void qsr_influence(const struct stat_statistic *t, const double *w, const bool *use,
                          size_t n, struct arena *a, const double *theta, double *z)
{
	struct quintiles f = quintiles_of(t->x[0], w, use, n, a);
	for (size_t i = 0; i < n; i++) {
		double y = t->x[0][i];
		if (!in(use, w, i))
			continue;
		double high = y - partial(y, f.high, QUINTILE_HIGH), low = partial(y, f.low, QUINTILE_LOW);
		z[i] = w[i] * (high - f.sum_high / f.sum_low * low) / f.sum_low;
	}
}

struct stat_statistic stat_qsr(const double *const *x)
{
	return (struct stat_statistic){.p = 1, .theta = qsr_theta, .influence = qsr_influence, .x = x};
}

/* --- Gini --------------------------------------------------------------------------------- */

struct ranked {
	double y, w;
	size_t i;
};

static int by_income(const void *l, const void *r)
{
	const struct ranked *a = l, *b = r;
	if (a->y != b->y)
		return a->y < b->y ? -1 : 1;
	return (a->i > b->i) - (a->i < b->i);
}

static struct ranked *rank_rows(const double *x, const double *w, const bool *use, size_t n,
                                struct arena *a, size_t *ret_n)
{
	struct ranked *r = arena_alloc(a, (n + 1) * sizeof(*r));
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		if (in(use, w, i))
			r[k++] = (struct ranked){x[i], w[i], i};
	qsort(r, k, sizeof(*r), by_income);
	*ret_n = k;
	return r;
}

static void gini_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                       struct arena *a, double *ret)
{
	const enum gini_form *form = t->arg;
	size_t k;
	const struct ranked *r = rank_rows(t->x[0], w, use, n, a, &k);
	struct sum twice = {0, 0}, less = {0, 0}, income = {0, 0}, people = {0, 0};
	for (size_t i = 0; i < k; i++) {
		double wy = r[i].w * r[i].y;
		sum_add(&people, r[i].w);
		sum_add(&income, wy);
		sum_add(&twice, 2 * wy * sum_value(&people));
		sum_add(&less, *form == GINI_RANK ? wy : wy * r[i].w);
	}
	ret[0] = (sum_value(&twice) - sum_value(&less)) / (sum_value(&people) * sum_value(&income)) - 1;
	if (!(sum_value(&income) > 0))
		ret[0] = NAN;
	else if (r[0].y == r[k - 1].y)
		ret[0] = 0;
}

static void gini_influence(const struct stat_statistic *t, const double *w, const bool *use,
                           size_t n, struct arena *a, const double *theta, double *z)
{
	const enum gini_form *form = t->arg;
	size_t k;
	if (theta[0] == 0)
		return; /* all alike */
	const struct ranked *r = rank_rows(t->x[0], w, use, n, a, &k);
	double N = stat_weight_sum(w, use, n, NULL), Y = N * mean_of(t->x[0], w, use, n);
	struct sum people = {0, 0}, income = {0, 0};
	for (size_t i = 0, end = 0; i < k; i = end) {
		/* those of equal income stand at one point of the distribution function */
		for (end = i; end < k && r[end].y == r[i].y; end++) {
			sum_add(&people, r[end].w);
			sum_add(&income, r[end].w * r[end].y);
		}
		double at = 2 * sum_value(&people) * r[i].y - 2 * sum_value(&income) + Y - N * r[i].y -
		            theta[0] * (Y + N * r[i].y);
		/* a row's own income is not among that of those below it */
		for (size_t j = i; j < end; j++)
			z[r[j].i] = r[j].w / (N * Y) *
			            (at + 2 * r[j].w * r[j].y - (*form == GINI_RANK ? r[j].y : 0));
	}
}

struct stat_statistic stat_gini(const double *const *x, const enum gini_form *form)
{
	return (struct stat_statistic){.p = 1, .theta = gini_theta, .influence = gini_influence, .x = x,
	                               .arg = form};
}

/* --- Lorenz ------------------------------------------------------------------------------- */

static void lorenz_theta(const struct stat_statistic *t, const double *w, const bool *use, size_t n,
                         struct arena *a, double *ret)
{
	const struct lorenz_points *at = t->arg;
	struct quantiles q;
	double Y = mean_of(t->x[0], w, use, n) * stat_weight_sum(w, use, n, NULL);
	quantiles_make(t->x[0], w, use, n, a, &q);
	for (size_t j = 0; j < at->n; j++) {
		double limit = quantile(&q, QUANTILE_HF1, at->p[j]);
		struct sum s = {0, 0};
		for (size_t i = 0; i < n; i++)
			if (in(use, w, i) && t->x[0][i] <= limit)
				sum_add(&s, w[i] * t->x[0][i]);
		ret[j] = sum_value(&s) / Y;
	}
}

static void lorenz_influence(const struct stat_statistic *t, const double *w, const bool *use,
                             size_t n, struct arena *a, const double *theta, double *z)
{
	const struct lorenz_points *at = t->arg;
	struct quantiles q;
	double Y = mean_of(t->x[0], w, use, n) * stat_weight_sum(w, use, n, NULL);
	quantiles_make(t->x[0], w, use, n, a, &q);
	for (size_t j = 0; j < at->n; j++) {
		double limit = quantile(&q, QUANTILE_HF1, at->p[j]);
		for (size_t i = 0; i < n; i++)
			if (in(use, w, i))
				z[i * at->n + j] = w[i] / Y *
				                   (partial(t->x[0][i], limit, at->p[j]) - t->x[0][i] * theta[j]);
	}
}

struct stat_statistic stat_lorenz(const double *const *x, const struct lorenz_points *at)
{
	return (struct stat_statistic){.p = at->n, .theta = lorenz_theta,
	                               .influence = lorenz_influence, .x = x, .arg = at};
}

void lorenz_interpolated(const double *x, const double *w, const bool *use, size_t n,
                         const struct lorenz_points *at, struct arena *a, double *ret)
{
	struct arena_mark m = arena_save(a);
	size_t k;
	const struct ranked *r = rank_rows(x, w, use, n, a, &k);
	double N = stat_weight_sum(w, use, n, NULL), Y = N * mean_of(x, w, use, n);
	for (size_t j = 0; j < at->n; j++) {
		double people = 0, income = 0;
		size_t i = 0;
		while (i < k && people + r[i].w <= at->p[j] * N) {
			people += r[i].w;
			income += r[i].w * r[i].y;
			i++;
		}
		if (i < k)
			income += (at->p[j] * N - people) * r[i].y;
		ret[j] = income / Y;
	}
	arena_back(a, m);
}
