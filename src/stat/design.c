/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/design.h"

#include <math.h>
#include <string.h>

#include "stat/calibrate.h"
#include "stat/sum.h"

#include "base/banned.h"

/* A stratum that was taken whole, within rounding, as R's survey has it. */
#define WHOLE 1e-7

/* --- making ---------------------------------------------------------------------------- */

static size_t ids_max(const int32_t *ids, size_t n)
{
	int32_t top = -1;
	for (size_t i = 0; i < n; i++)
		if (ids[i] > top)
			top = ids[i];
	return (size_t)(top + 1);
}

static int32_t *ids_none(struct arena *a, size_t n)
{
	int32_t *ids = arena_alloc(a, n * sizeof(*ids) + 1);
	memset(ids, 0xFF, n * sizeof(*ids));
	return ids;
}

static const int32_t *each_row(struct arena *a, size_t n)
{
	int32_t *ids = arena_alloc(a, n * sizeof(*ids) + 1);
	for (size_t i = 0; i < n; i++)
		ids[i] = (int32_t)i;
	return ids;
}

static enum err check_weights(const struct stat_design *d, struct diag *diag)
{
	bool some = d->n == 0;
	for (size_t i = 0; i < d->n; i++) {
		if (!(d->weight[i] >= 0) || !isfinite(d->weight[i]))
			return diag_set(diag, ERR_INVALID, "weight of row %zu: %g", i + 1, d->weight[i]);
		some = some || d->weight[i] > 0;
	}
	return some ? OK : diag_set(diag, ERR_INVALID, "all weights are 0");
}

/* Places the clusters in strata, and the strata in the clusters of the stage before. */
static enum err place(const struct stat_design *d, size_t s, const int32_t *stratum,
                      struct stat_level *l, struct diag *diag)
{
	const int32_t *before = s ? d->row_cluster[s - 1] : NULL;
	for (size_t i = 0; i < d->n; i++) {
		int32_t c = d->row_cluster[s][i], h = stratum ? stratum[i] : 0;
		if (l->stratum_of[c] < 0) {
			l->stratum_of[c] = h;
			l->sampled[h]++;
		} else if (l->stratum_of[c] != h) {
			return diag_set(diag, ERR_INVALID,
			                "stage %zu: the cluster of row %zu lies in two strata (nest?)", s + 1,
			                i + 1);
		}
		if (!before)
			continue;
		if (l->parent[h] < 0)
			l->parent[h] = before[i];
		else if (l->parent[h] != before[i])
			return diag_set(diag, ERR_INVALID,
			                "stage %zu: the stratum of row %zu lies in two clusters of stage %zu",
			                s + 1, i + 1, s);
	}
	return OK;
}

static enum err set_popsize(const struct stat_design *d, size_t s, const int32_t *stratum,
                            struct stat_level *l, struct diag *diag)
{
	const double *pop = d->stages[s].popsize;
	bool fractions = pop != NULL;
	for (size_t i = 0; fractions && i < d->n; i++)
		fractions = pop[i] <= 1;
	for (size_t i = 0; i < d->n; i++) {
		int32_t h = stratum ? stratum[i] : 0;
		double v = pop ? pop[i] : HUGE_VAL;
		if (fractions && v > 0)
			v = l->sampled[h] / v;
		if (isnan(l->popsize[h]))
			l->popsize[h] = v;
		if (isnan(v) || v <= 0)
			return diag_set(diag, ERR_INVALID, "stage %zu: population size of row %zu: %g", s + 1,
			                i + 1, v);
		if (fabs(l->popsize[h] - v) > 1e-9 * v)
			return diag_set(diag, ERR_INVALID,
			                "stage %zu: population sizes %g and %g in one stratum (row %zu)", s + 1,
			                l->popsize[h], v, i + 1);
	}
	for (size_t h = 0; h < l->n_strata; h++)
		if (l->popsize[h] < l->sampled[h] * (1 - WHOLE))
			return diag_set(diag, ERR_INVALID,
			                "stage %zu: %d clusters drawn of %g in a stratum", s + 1,
			                (int)l->sampled[h], l->popsize[h]);
	return OK;
}

static void set_factor(struct stat_design *d, size_t s)
{
	struct stat_level *l = &d->levels[s];
	for (size_t h = 0; h < l->n_strata; h++) {
		l->factor[h] = 1;
		if (!s || l->parent[h] < 0)
			continue;
		const struct stat_level *up = &d->levels[s - 1];
		int32_t above = up->stratum_of[l->parent[h]];
		l->factor[h] = up->factor[above] * up->sampled[above] / up->popsize[above];
	}
}

static enum err make_level(struct stat_design *d, size_t s, struct arena *a, struct diag *diag)
{
	struct stat_level *l = &d->levels[s];
	const int32_t *stratum = d->n_stages ? d->stages[s].stratum : NULL;
	d->row_cluster[s] = d->n_stages && d->stages[s].cluster ? d->stages[s].cluster
	                                                        : each_row(a, d->n);
	if (!stratum && s)
		stratum = d->row_cluster[s - 1];
	l->n_strata = stratum ? ids_max(stratum, d->n) : 1;
	l->n_clusters = ids_max(d->row_cluster[s], d->n);
	l->stratum_of = ids_none(a, l->n_clusters);
	l->parent = ids_none(a, l->n_strata);
	l->sampled = ARENA_ARRAY(a, l->n_strata + 1, int32_t);
	l->popsize = ARENA_ARRAY(a, l->n_strata + 1, double);
	l->factor = ARENA_ARRAY(a, l->n_strata + 1, double);
	for (size_t h = 0; h < l->n_strata; h++)
		l->popsize[h] = NAN;
	enum err e = place(d, s, stratum, l, diag);
	if (!e)
		e = set_popsize(d, s, stratum, l, diag);
	if (!e)
		set_factor(d, s);
	return e;
}

enum err stat_design_make(struct stat_design *d, struct arena *a, struct diag *diag)
{
	enum err e = check_weights(d, diag);
	size_t stages = d->n_stages ? d->n_stages : 1;
	if (!e && d->n == 0)
		e = diag_set(diag, ERR_INVALID, "no rows");
	if (!e && stages > STAT_STAGES_MAX)
		e = diag_set(diag, ERR_INVALID, "more than %d stages", STAT_STAGES_MAX);
	d->n_levels = 0;
	for (size_t s = 0; !e && s < stages; s++) {
		/* drawn with replacement: what happened inside the clusters does not matter */
		if (s && !d->stages[s - 1].popsize)
			break;
		e = make_level(d, s, a, diag);
		d->n_levels = s + 1;
	}
	return e;
}

/* --- variance ---------------------------------------------------------------------------- */

struct spread {
	const struct stat_design *d;
	const struct stat_level *l;
	size_t stage, p;
	const double *totals; /* one a cluster and column */
	const bool *present;  /* strata with a row of the domain */
	double *mean;         /* of the clusters, by stratum and column */
	struct arena *a;
};

static double *cluster_totals(const struct stat_design *d, size_t s, const double *z, size_t p,
                              struct arena *a)
{
	const struct stat_level *l = &d->levels[s];
	struct sum *t = ARENA_ARRAY(a, l->n_clusters * p + 1, struct sum);
	double *out = arena_alloc(a, (l->n_clusters * p + 1) * sizeof(*out));
	for (size_t i = 0; i < d->n; i++)
		for (size_t j = 0; j < p; j++)
			sum_add(&t[(size_t)d->row_cluster[s][i] * p + j], z[i * p + j]);
	for (size_t k = 0; k < l->n_clusters * p; k++)
		out[k] = sum_value(&t[k]);
	return out;
}

static double *stratum_means(const struct stat_level *l, const double *totals, size_t p,
                             struct arena *a)
{
	/* long double: clusters with the same total must differ from their mean by exactly 0 */
	long double *sums = ARENA_ARRAY(a, l->n_strata * p + 1, long double);
	double *m = ARENA_ARRAY(a, l->n_strata * p + 1, double);
	for (size_t c = 0; c < l->n_clusters; c++)
		for (size_t j = 0; l->stratum_of[c] >= 0 && j < p; j++)
			sums[(size_t)l->stratum_of[c] * p + j] += totals[c * p + j];
	for (size_t h = 0; h < l->n_strata; h++)
		for (size_t j = 0; j < p; j++)
			m[h * p + j] = (double)(sums[h * p + j] / l->sampled[h]);
	return m;
}

static bool *strata_present(const struct stat_design *d, size_t s, const bool *use, struct arena *a)
{
	const struct stat_level *l = &d->levels[s];
	bool *present = ARENA_ARRAY(a, l->n_strata + 1, bool);
	for (size_t i = 0; i < d->n; i++)
		if (!use || use[i])
			present[l->stratum_of[d->row_cluster[s][i]]] = true;
	return present;
}

static void add_square(double *v, const double *x, const double *centre, size_t p, double scale)
{
	for (size_t j = 0; j < p; j++)
		for (size_t k = 0; k < p; k++)
			v[j * p + k] += scale * (x[j] - (centre ? centre[j] : 0)) *
			                (x[k] - (centre ? centre[k] : 0));
}

/* How a stratum's clusters count: 0 not at all, NAN when it has no variance of its own. */
static double stratum_scale(const struct stat_level *l, size_t h, enum stat_lonely lonely)
{
	double n = l->sampled[h], f = isinf(l->popsize[h]) ? 1 : (l->popsize[h] - n) / l->popsize[h];
	if (f < WHOLE)
		return 0;
	if (n > 1)
		return f * n / (n - 1);
	if (lonely == STAT_LONELY_ADJUST)
		return f;
	return lonely == STAT_LONELY_AVERAGE || lonely == STAT_LONELY_FAIL ? NAN : 0;
}

/* Adds the variance of one stage. */
static enum err add_stage(struct spread *x, struct diag *diag, double *ret)
{
	const struct stat_level *l = x->l;
	size_t p = x->p, parents = x->stage ? x->d->levels[x->stage - 1].n_clusters : 1;
	double *scale = arena_alloc(x->a, (l->n_strata + 1) * sizeof(*scale));
	struct { double all, ok; } *count = arena_calloc(x->a, parents, sizeof(*count));
	for (size_t h = 0; h < l->n_strata; h++) {
		size_t up = l->parent[h] < 0 ? 0 : (size_t)l->parent[h];
		scale[h] = l->sampled[h] ? stratum_scale(l, h, x->d->lonely) : 0;
		/* where the domain is not, nothing is estimated */
		if (isnan(scale[h]) && x->d->lonely == STAT_LONELY_FAIL && !x->present[h])
			scale[h] = 0;
		else if (isnan(scale[h]) && x->d->lonely == STAT_LONELY_FAIL)
			return diag_set(diag, ERR_INVALID, "stratum %zu has only one PSU at stage %zu", h + 1,
			                x->stage + 1);
		if (!x->present[h])
			continue;
		count[up].all++;
		count[up].ok += !isnan(scale[h]);
	}
	for (size_t c = 0; c < l->n_clusters; c++) {
		int32_t h = l->stratum_of[c];
		if (h < 0 || isnan(scale[h]) || scale[h] == 0)
			continue;
		size_t up = l->parent[h] < 0 ? 0 : (size_t)l->parent[h];
		double more = count[up].ok > 0 ? count[up].all / count[up].ok : 1;
		add_square(ret, &x->totals[c * p], l->sampled[h] > 1 ? &x->mean[(size_t)h * p] : NULL, p,
		           scale[h] * l->factor[h] * more);
	}
	for (size_t u = 0; u < parents; u++)
		if (count[u].all > 0 && count[u].ok == 0)
			ret[0] = NAN; /* no stratum has a variance to go by */
	return OK;
}

enum err stat_variance(const struct stat_design *d, double *z, size_t p, const bool *use,
                       struct arena *a, struct diag *diag, double *ret)
{
	struct arena_mark m = arena_save(a);
	enum err e = OK;
	memset(ret, 0, p * p * sizeof(*ret));
	calibrate_residuals(d->calibration, z, d->n, p, a);
	for (size_t s = 0; !e && s < d->n_levels; s++) {
		struct spread x = {.d = d, .l = &d->levels[s], .stage = s, .p = p, .a = a};
		x.totals = cluster_totals(d, s, z, p, a);
		x.mean = stratum_means(x.l, x.totals, p, a);
		/* calibration leaves no row out: all have residuals */
		x.present = strata_present(d, s, d->calibration ? NULL : use, a);
		e = add_stage(&x, diag, ret);
		arena_back(a, m);
	}
	arena_back(a, m);
	if (isnan(ret[0]))
		for (size_t k = 0; k < p * p; k++)
			ret[k] = NAN;
	return e;
}

double stat_df(const struct stat_design *d, const bool *use, struct arena *a)
{
	struct arena_mark m = arena_save(a);
	const struct stat_level *l = &d->levels[0];
	bool *strata = ARENA_ARRAY(a, l->n_strata + 1, bool);
	bool *clusters = ARENA_ARRAY(a, l->n_clusters + 1, bool);
	double df = 0;
	for (size_t i = 0; i < d->n; i++) {
		int32_t c = d->row_cluster[0][i];
		if ((use && !use[i]) || d->weight[i] == 0)
			continue;
		df += !clusters[c];
		clusters[c] = true;
		df -= !strata[l->stratum_of[c]];
		strata[l->stratum_of[c]] = true;
	}
	arena_back(a, m);
	return df;
}
