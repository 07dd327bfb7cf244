/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <math.h>

#include "estimate/run.h"
#include "stat/dist.h"
#include "stat/mpi.h"

#include "base/banned.h"

/* The share of the median below which one is at risk of poverty, unless the query says another. */
#define AT_RISK 0.6

struct poverty_job {
	const struct setup *s;
	const struct query *q;
	const double *x[1];
	struct poverty_line line;
	enum gini_form form;
	struct lorenz_points at;
	struct arena *a;
	struct diag *diag;
};

static void read_line(struct poverty_job *j)
{
	const struct query *q = j->q;
	j->line = q->line;
	if (q->kind == QUERY_FGT || q->line_given)
		return;
	/* arpt, arpr, rmpg: of the median; strictly below is poor */
	j->line = (struct poverty_line){LINE_OF_MEDIAN, q->n_p ? q->p[0] : AT_RISK, true, 0};
}

static struct stat_statistic statistic(const struct poverty_job *j)
{
	switch (j->q->kind) {
	case QUERY_ARPT:
		return stat_arpt(j->x, &j->line);
	case QUERY_RMPG:
		return stat_rmpg(j->x, &j->line);
	case QUERY_QSR:
		return stat_qsr(j->x);
	case QUERY_GINI:
		return stat_gini(j->x, &j->form);
	case QUERY_LORENZ:
		return stat_lorenz(j->x, &j->at);
	default:
		return stat_fgt(j->x, &j->line);
	}
}

static const char *note_of(enum query_kind k)
{
	switch (k) {
	case QUERY_FGT:
	case QUERY_ARPR:
		return "sum of w ((z - y) / z)^alpha of the poor / sum of w (Foster, Greer & Thorbecke 1984); "
		       "a line from the sample is linearised, too (Deville 1999)";
	case QUERY_ARPT:
		return "a share of the median; influence by a kernel density (Osier 2009)";
	case QUERY_RMPG:
		return "(line - median of the poor) / line (Osier 2009)";
	case QUERY_QSR:
		return "income of the richest fifth / of the poorest fifth (Langel & Tillé 2011)";
	case QUERY_GINI:
		return "2 cov(y, F(y)) / mean (Langel & Tillé 2013)";
	default:
		return "share of all income that the poorest have (Kovačević & Binder 1997)";
	}
}

static enum err estimate(struct poverty_job *j, const bool *use, struct answer *out)
{
	struct stat_statistic t = statistic(j);
	double *theta = ARENA_ARRAY(j->a, t.p, double), *v = ARENA_ARRAY(j->a, t.p * t.p, double);
	double *ci = ARENA_ARRAY(j->a, 2 * t.p, double);
	enum err e = stat_estimate(&j->s->sample, &t, use, j->a, j->diag, theta, v);
	if (e)
		return e;
	double df = stat_sample_df(&j->s->sample, use, j->a);
	double q = df > 0 ? dist_q_t(1 - (1 - j->q->level) / 2, df) : NAN;
	const double *se = run__errors(theta, v, t.p, df, j->a);
	for (size_t k = 0; k < t.p; k++) {
		ci[2 * k] = theta[k] - q * se[k];
		ci[2 * k + 1] = theta[k] + q * se[k];
	}
	bool list = j->q->kind == QUERY_LORENZ && j->q->p_list;
	out->note = note_of(j->q->kind);
	run__sums(j->s, use, j->a, out);
	answer_one(out, "estimate", theta, t.p, list);
	answer_one(out, "se", se, t.p, list);
	answer_number(out, "df", df, j->a);
	answer_list(out, j->q->level == 0.95 ? "ci95_t" : "ci", ci, 2 * t.p);
	return OK;
}

/* The same within each level of the breakdown, where lines are the whole population's. */
static enum err by_levels(struct poverty_job *j, const bool *use, struct answer *out)
{
	const char *name = j->s->spec->design.breakdown;
	struct column *c;
	enum err e = setup_factor(j->s, name, j->diag, &c);
	if (e)
		return e;
	size_t n = j->s->frame.n, p = j->q->levels ? j->q->n_levels : c->n_levels;
	struct answer *by = ARENA_NEW(j->a, struct answer);
	const char **names = ARENA_ARRAY(j->a, p + 1, const char *);
	double *v = ARENA_ARRAY(j->a, p + 1, double);
	bool *in = ARENA_ARRAY(j->a, n + 1, bool);
	struct poverty_job inner = *j;
	if (j->q->kind == QUERY_ARPR || j->q->kind == QUERY_RMPG)
		inner.line = (struct poverty_line){LINE_FIXED,
			poverty_line_value(&j->line, j->x[0], j->s->weight, use, n, j->a), j->line.strict, 0};
	struct stat_statistic t = statistic(&inner);
	for (size_t k = 0; k < p; k++) {
		names[k] = j->q->levels ? j->q->levels[k] : str_dup(j->a, c->levels[k]);
		int32_t level = column_level(c, str_c(names[k]));
		if (level < 0)
			return diag_set(j->diag, ERR_INVALID, "%s: no row has %s", name, names[k]);
		for (size_t i = 0; i < n; i++)
			in[i] = (!use || use[i]) && c->level[i] == level;
		t.theta(&t, j->s->weight, in, n, j->a, &v[k]);
	}
	by->levels = names;
	by->n_levels = p;
	answer_list(by, "estimate", v, p);
	out->by = by;
	return OK;
}

enum err run__poverty(const struct setup *s, const struct query *q, const bool *domain,
                      struct arena *a, struct diag *diag, struct answer *ret)
{
	const char *income = q->var ? q->var : s->spec->design.income;
	struct poverty_job *j = ARENA_NEW(a, struct poverty_job);
	*j = (struct poverty_job){.s = s, .q = q, .a = a, .diag = diag, .at = {q->p, q->n_p}};
	/* without a plan of sampling the rows are the population, each standing for w of it */
	j->form = s->spec->design.planned ? GINI_RANK : GINI_MIDPOINT;
	enum err e = setup_number(s, income, diag, &j->x[0]);
	if (!e && q->kind == QUERY_FGT && !q->line_given)
		e = diag_set(diag, ERR_INVALID, "line is wanted");
	if (!e && (q->kind == QUERY_LORENZ || q->kind == QUERY_LORENZ_INTERPOLATED) && !q->n_p)
		e = diag_set(diag, ERR_INVALID, "p is wanted");
	if (e)
		return e;
	const bool *use;
	e = run__have(s, domain, j->x, 1, a, diag, &use);
	if (e)
		return e;
	read_line(j);
	ret->title = income;
	if (q->kind == QUERY_LORENZ_INTERPOLATED) {
		double *v = ARENA_ARRAY(a, q->n_p, double);
		lorenz_interpolated(j->x[0], s->weight, use, s->frame.n, &j->at, a, v);
		answer_one(ret, "estimate", v, q->n_p, q->p_list);
		return OK;
	}
	e = estimate(j, use, ret);
	if (!e && q->kind != QUERY_GINI && q->kind != QUERY_QSR && q->kind != QUERY_LORENZ)
		answer_number(ret, "threshold",
		              poverty_line_value(&j->line, j->x[0], s->weight, use, s->frame.n, a), a);
	if (!e && q->by_levels)
		e = by_levels(j, use, ret);
	return e;
}

/* --- multidimensional poverty ------------------------------------------------------------------- */

struct indicators {
	struct mpi m;
	const char *names[MPI_INDICATORS_MAX];
	const double *column[MPI_INDICATORS_MAX];
	const char *weight;
};

/* The design names them, by cut-off or by weight; else every column of 0 and 1 is one. */
static bool is_indicator(const struct setup *s, const struct column *c)
{
	const struct spec_design *d = &s->spec->design;
	for (size_t i = 0; i < d->cutoffs.n; i++)
		if (strcmp(d->cutoffs.t[i].name, c->name) == 0)
			return true;
	for (size_t i = 0; !d->cutoffs.n && i < d->n_shares; i++)
		if (strcmp(d->shares[i].name, c->name) == 0)
			return true;
	if (d->cutoffs.n || d->n_shares)
		return false;
	for (size_t i = 0; i < s->frame.n; i++)
		if (!isnan(c->number[i]) && c->number[i] != 0 && c->number[i] != 1)
			return false;
	return true;
}

/* Column that counts persons: named by the design, else by its usual name where nothing else says
 * what the columns are. */
static const char *weight_column(const struct setup *s)
{
	static const char *const usual[] = {"n", "w", "weight", "count", "freq", "persons"};
	const struct spec_design *d = &s->spec->design;
	if (d->weights || d->population_weight)
		return d->weights ? d->weights : d->population_weight;
	for (size_t i = 0; !d->cutoffs.n && i < sizeof(usual) / sizeof(*usual); i++)
		if (frame_column(&s->frame, usual[i]))
			return usual[i];
	return NULL;
}

static double cutoff_of(const struct setup *s, const char *name)
{
	const struct spec_terms *c = &s->spec->design.cutoffs;
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->t[i].name, name) == 0)
			return c->t[i].value;
	return NAN;
}

/* A value is a deprivation when below its cut-off; without cut-offs when it is 1. */
static enum err fill_indicator(const struct setup *s, const char *name, const double *x,
                               struct arena *a, struct diag *diag, bool **ret, double **ret_gap)
{
	double z = cutoff_of(s, name);
	*ret = ARENA_ARRAY(a, s->frame.n + 1, bool);
	*ret_gap = ARENA_ARRAY(a, s->frame.n + 1, double);
	for (size_t i = 0; i < s->frame.n; i++) {
		if (isnan(x[i]) || (isnan(z) && x[i] != 0 && x[i] != 1))
			return diag_set(diag, ERR_INVALID, "%s, row %zu: %s", name, i + 1,
			                isnan(x[i]) ? "missing" : "neither 0 nor 1");
		(*ret)[i] = isnan(z) ? x[i] == 1 : x[i] < z;
		(*ret_gap)[i] = isnan(z) || !(*ret)[i] ? 0 : (z - x[i]) / z;
	}
	return OK;
}

static bool is_id(const char *name)
{
	static const char *const ids[] = {"id", "hh", "no"};
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (strcmp(ids[i], name) == 0)
			return true;
	return false;
}

static enum err read_indicators(const struct setup *s, struct arena *a, struct diag *diag,
                                struct indicators *x)
{
	const char *weight = weight_column(s);
	bool named = s->spec->design.cutoffs.n || s->spec->design.n_shares;
	bool **deprived = ARENA_ARRAY(a, MPI_INDICATORS_MAX, bool *);
	double **gaps = ARENA_ARRAY(a, MPI_INDICATORS_MAX, double *);
	enum err e = OK;
	for (size_t k = 0; !e && k < s->frame.n_columns; k++) {
		const struct column *c = &s->frame.columns[k];
		bool id = (weight && strcmp(weight, c->name) == 0) || !c->numeric ||
		          (!named && is_id(c->name));
		if (id || !is_indicator(s, c))
			continue;
		if (x->m.d == MPI_INDICATORS_MAX)
			return diag_set(diag, ERR_INVALID, "more than %d indicators", MPI_INDICATORS_MAX);
		x->names[x->m.d] = c->name;
		e = fill_indicator(s, c->name, c->number, a, diag, &deprived[x->m.d], &gaps[x->m.d]);
		x->m.d++;
	}
	x->m.n = s->frame.n;
	x->m.deprived = (const bool *const *)deprived;
	x->m.gaps = s->spec->design.cutoffs.n ? (const double *const *)gaps : NULL;
	if (!e && weight)
		e = setup_number(s, weight, diag, &x->m.weight);
	return e;
}

static enum err read_shares(const struct setup *s, const struct query *q, struct diag *diag,
                            struct indicators *x)
{
	const struct spec_design *design = &s->spec->design;
	const char *k = q->k ? q->k : s->spec->design.k ? s->spec->design.k : "1/3";
	struct fraction w[MPI_INDICATORS_MAX];
	if (q->n_weights && q->n_weights != x->m.d)
		return diag_set(diag, ERR_INVALID, "%zu weights for %zu indicators", q->n_weights, x->m.d);
	for (size_t d = 0; d < x->m.d; d++) {
		w[d] = (struct fraction){1, 1};
		if (q->n_weights && !fraction_read(q->weights[d], &w[d]))
			return diag_set(diag, ERR_INVALID, "not a fraction: %s", q->weights[d]);
		for (size_t i = 0; i < design->n_shares; i++)
			if (strcmp(design->shares[i].name, x->names[d]) == 0 &&
			    !fraction_read(design->shares[i].fraction, &w[d]))
				return diag_set(diag, ERR_INVALID, "not a fraction: %s", design->shares[i].fraction);
	}
	if (!fraction_read(k, &x->m.k))
		return diag_set(diag, ERR_INVALID, "not a fraction: %s", k);
	return mpi_set_weights(&x->m, w, diag);
}

static void put_poor(const struct setup *s, const struct mpi_result *r, struct arena *a,
                     struct answer *ret)
{
	const struct column *id = frame_column(&s->frame, "id");
	double *v = ARENA_ARRAY(a, s->frame.n + 1, double);
	size_t n = 0;
	for (size_t i = 0; i < s->frame.n; i++)
		if (r->poor[i])
			v[n++] = id && id->numeric ? id->number[i] : (double)(i + 1);
	answer_list(ret, "poor", v, n);
}

static void put_mpi(const struct setup *s, const struct indicators *x, const struct mpi_result *r,
                    struct arena *a, struct answer *ret)
{
	answer_number(ret, "H", r->H, a);
	answer_number(ret, "A", r->A, a);
	answer_number(ret, "M0", r->M0, a);
	if (x->m.gaps) {
		answer_number(ret, "M1", r->M1, a);
		answer_number(ret, "M2", r->M2, a);
	}
	answer_number(ret, "se_H", r->se_H, a);
	answer_number(ret, "se_A", r->se_A, a);
	answer_number(ret, "se_M0", r->se_M0, a);
	answer_list(ret, "score", r->score, s->frame.n);
	put_poor(s, r, a, ret);
	answer_named(ret, "raw", x->names, r->raw, x->m.d);
	answer_named(ret, "censored", x->names, r->censored, x->m.d);
	answer_named(ret, "contribution", x->names, r->contribution, x->m.d);
}

enum err run__mpi(const struct setup *s, const struct query *q, struct arena *a,
                  struct diag *diag, struct answer *ret)
{
	struct indicators *x = ARENA_NEW(a, struct indicators);
	struct mpi_result *r = ARENA_NEW(a, struct mpi_result);
	const struct stat_sample *sample = s->spec->design.planned ? &s->sample : NULL;
	enum err e = read_indicators(s, a, diag, x);
	if (!e)
		e = read_shares(s, q, diag, x);
	if (!e)
		e = mpi_estimate(&x->m, sample, a, diag, r);
	if (e)
		return e;
	ret->note = "Alkire & Foster 2011, scores in exact fractions";
	if (q->kind == QUERY_ALKIRE_FOSTER)
		put_mpi(s, x, r, a, ret);
	else
		answer_named(ret, "estimate", x->names,
		             q->kind == QUERY_RAW_HEADCOUNT ? r->raw
		             : q->kind == QUERY_CENSORED_HEADCOUNT ? r->censored : r->contribution, x->m.d);
	return OK;
}
