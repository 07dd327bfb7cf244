/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "estimate/run.h"

#include <math.h>

#include "estimate/filter.h"
#include "stat/dist.h"
#include "stat/raoscott.h"

#include "base/banned.h"

enum { LEVELS_MAX = 2000 };
#define ROUNDING 1e-24 /* of a variance, against the square of what it is of */

struct job {
	const struct setup *s;
	const struct query *q;
	const bool *domain; /* NULL: all rows */
	struct arena *a;
	struct diag *diag;
	struct answer *out;
};

/* --- rows and columns -------------------------------------------------------------------------- */

enum err run__have(const struct setup *s, const bool *domain, const double *const *x, size_t p,
                   struct arena *a, struct diag *diag, const bool **ret)
{
	bool *use = arena_alloc(a, s->frame.n + 1);
	bool all = true;
	for (size_t i = 0; i < s->frame.n; i++) {
		use[i] = !domain || domain[i];
		for (size_t k = 0; use[i] && k < p; k++) {
			if (isinf(x[k][i]))
				return diag_set(diag, ERR_INVALID, "row %zu: %g", i + 1, x[k][i]);
			use[i] = !isnan(x[k][i]);
		}
		all = all && use[i];
	}
	*ret = all ? NULL : use;
	return OK;
}

const double *run__errors(const double *theta, const double *vcov, size_t p, double df,
                          struct arena *a)
{
	double *se = ARENA_ARRAY(a, p + 1, double);
	for (size_t k = 0; k < p; k++) {
		double v = vcov[k * p + k];
		se[k] = df > 0 || v > ROUNDING * theta[k] * theta[k] ? sqrt(v) : NAN;
	}
	return se;
}

enum err run__condition(const struct setup *s, const char *text, struct arena *a,
                        struct diag *diag, double **ret)
{
	struct filter *f;
	enum err e = filter_parse(text, a, diag, &f);
	if (!e)
		e = filter_bind(f, &s->frame, diag);
	if (e)
		return e;
	double *x = arena_alloc(a, (s->frame.n + 1) * sizeof(*x));
	for (size_t i = 0; i < s->frame.n; i++) {
		int v = filter_row(f, i);
		x[i] = v < 0 ? (double)NAN : v;
	}
	*ret = x;
	return OK;
}

static enum err domain_of(const struct setup *s, const char *text, struct arena *a,
                          struct diag *diag, const bool **ret)
{
	double *x;
	*ret = NULL;
	if (!text)
		return OK;
	enum err e = run__condition(s, text, a, diag, &x);
	if (e)
		return e;
	bool *in = arena_alloc(a, s->frame.n + 1);
	for (size_t i = 0; i < s->frame.n; i++)
		in[i] = x[i] == 1;
	*ret = in;
	return OK;
}

/* The levels wanted, in the order wanted, as places in the column. */
static enum err levels_of(struct job *j, const struct column *c, const char *var, int32_t **ret,
                          size_t *ret_n)
{
	size_t n = j->q->levels ? j->q->n_levels : c->n_levels, skip = strlen(var);
	if (n == 0 || n > LEVELS_MAX)
		return diag_set(j->diag, ERR_INVALID, "%s has %zu levels", var, n);
	int32_t *at = ARENA_ARRAY(j->a, n, int32_t);
	const char **names = ARENA_ARRAY(j->a, n, const char *);
	for (size_t k = 0; k < n; k++) {
		at[k] = (int32_t)k;
		names[k] = j->q->levels ? j->q->levels[k] : str_dup(j->a, c->levels[k]);
		if (!j->q->levels)
			continue;
		at[k] = column_level(c, str_c(names[k]));
		if (at[k] < 0 && strncmp(names[k], var, skip) == 0)
			at[k] = column_level(c, str_c(names[k] + skip));
		if (at[k] < 0)
			return diag_set(j->diag, ERR_INVALID, "%s: no row has %s", var, names[k]);
	}
	j->out->levels = names;
	j->out->n_levels = n;
	*ret = at;
	*ret_n = n;
	return OK;
}

/* The variable as one column, or one a level. */
static enum err columns_of(struct job *j, const double *const **ret, size_t *ret_p)
{
	struct column *c = j->q->var ? frame_column(&j->s->frame, j->q->var) : NULL;
	int32_t *at;
	size_t p;
	if (!c)
		return diag_set(j->diag, ERR_INVALID, "no column %s", j->q->var ? j->q->var : "");
	if (c->numeric && !j->q->levels) {
		const double **x = ARENA_ARRAY(j->a, 1, const double *);
		x[0] = c->number;
		*ret = x;
		*ret_p = 1;
		return OK;
	}
	frame_factor(&j->s->frame, c, j->s->arena);
	enum err e = levels_of(j, c, j->q->var, &at, &p);
	if (e)
		return e;
	const double **x = ARENA_ARRAY(j->a, p, const double *);
	for (size_t k = 0; k < p; k++) {
		double *own = arena_alloc(j->a, (j->s->frame.n + 1) * sizeof(*own));
		for (size_t i = 0; i < j->s->frame.n; i++)
			own[i] = c->level[i] < 0 ? (double)NAN : c->level[i] == at[k];
		x[k] = own;
	}
	*ret = x;
	*ret_p = p;
	return OK;
}

/* --- estimates ------------------------------------------------------------------------------------- */

void run__sums(const struct setup *s, const bool *use, struct arena *a, struct answer *ret)
{
	const struct stat_design *d = &s->design;
	size_t weighted;
	double rows = 0, all = stat_weight_sum(d->weight, use, d->n, &weighted);
	for (size_t i = 0; i < d->n; i++)
		rows += !use || use[i];
	answer_sum(ret, "rows", rows, a);
	answer_sum(ret, "rows with a weight", (double)weighted, a);
	answer_sum(ret, "sum of w", all, a);
	if (s->sample.replicates)
		answer_sum(ret, "replicates", (double)s->replicates.n, a);
	for (size_t k = 0; !s->sample.replicates && k < d->n_levels; k++) {
		answer_sum(ret, k ? "clusters, next stage" : "strata", k ? (double)d->levels[k].n_clusters
		                                                       : (double)d->levels[k].n_strata, a);
		if (!k)
			answer_sum(ret, "clusters", (double)d->levels[k].n_clusters, a);
	}
}

/* estimate, se, df, interval by t, and for several their covariances. */
static void put_estimates(struct job *j, const bool *use, const double *theta,
                          const double *vcov, size_t p, bool list)
{
	double df = stat_sample_df(&j->s->sample, use, j->a);
	const double *se = run__errors(theta, vcov, p, df, j->a);
	run__sums(j->s, use, j->a, j->out);
	double t = df > 0 ? dist_q_t(1 - (1 - j->q->level) / 2, df) : NAN;
	double *ci = ARENA_ARRAY(j->a, 2 * p, double);
	for (size_t k = 0; k < p; k++) {
		ci[2 * k] = theta[k] - t * se[k];
		ci[2 * k + 1] = theta[k] + t * se[k];
	}
	answer_one(j->out, "estimate", theta, p, list);
	answer_one(j->out, "se", se, p, list);
	answer_number(j->out, "df", df, j->a);
	answer_list(j->out, j->q->level == 0.95 ? "ci95_t" : "ci", ci, 2 * p);
	if (list)
		j->out->items[j->out->n++] = (struct answer_item){"vcov", ANSWER_MATRIX, vcov, p * p,
		                                                  NULL, false};
}

/* Design effects, against simple random samples of as many rows (Kish 1965). */
static void put_deff(struct job *j, const double *const *x, size_t p, const bool *use,
                     const double *vcov, bool total, bool list)
{
	const struct stat_design *d = &j->s->design;
	size_t n;
	double all = stat_weight_sum(d->weight, use, d->n, &n), rows = (double)n;
	double *wor = ARENA_ARRAY(j->a, p, double), *wr = ARENA_ARRAY(j->a, p, double);
	for (size_t k = 0; k < p; k++) {
		double v = stat_population_variance(x[k], d->weight, use, d->n);
		v *= total ? all * all / rows : 1 / rows;
		wr[k] = vcov[k * p + k] / v;
		wor[k] = all >= rows ? vcov[k * p + k] / (v * (all - rows) / all) : NAN;
	}
	answer_one(j->out, "deff_srswor", wor, p, list);
	answer_one(j->out, "deff_srswr", wr, p, list);
}

static double total_of(const struct job *j, const double *x, const bool *use)
{
	const double *const columns[1] = {x};
	struct stat_statistic t = stat_total(columns, 1);
	double v;
	t.theta(&t, j->s->weight, use, j->s->frame.n, j->a, &v);
	return v;
}

static enum err run_moments(struct job *j)
{
	const double *const *x = NULL;
	size_t p = 0;
	bool total = j->q->kind == QUERY_TOTAL;
	enum err e = columns_of(j, &x, &p);
	if (e)
		return e;
	const bool *use;
	e = run__have(j->s, j->domain, x, p, j->a, j->diag, &use);
	if (e)
		return e;
	double *theta = ARENA_ARRAY(j->a, p, double), *vcov = ARENA_ARRAY(j->a, p * p, double);
	struct stat_statistic t = total ? stat_total(x, p) : stat_mean(x, p);
	bool list = j->out->levels != NULL;
	e = stat_estimate(&j->s->sample, &t, use, j->a, j->diag, theta, vcov);
	if (e)
		return e;
	put_estimates(j, use, theta, vcov, p, list);
	put_deff(j, x, p, use, vcov, total, list);
	if (!list)
		answer_sum(j->out, "sum of w y", total_of(j, x[0], use), j->a);
	j->out->note = total ? "sum of w y; variance of the total of w y by the design (Cochran 1977 §11)"
	                     : "sum of w y / sum of w; variance of the total of w (y - mean) / sum of w by "
	                       "the design (Särndal, Swensson & Wretman 1992 §5.7)";
	return OK;
}

static enum err run_ratio(struct job *j)
{
	const double **x = ARENA_ARRAY(j->a, 2, const double *);
	double *theta = ARENA_NEW(j->a, double), *v = ARENA_NEW(j->a, double);
	enum err e = setup_number(j->s, j->q->num, j->diag, &x[0]);
	if (!e)
		e = setup_number(j->s, j->q->den, j->diag, &x[1]);
	if (e)
		return e;
	const bool *use;
	struct stat_statistic t = stat_ratios(x, 1);
	e = run__have(j->s, j->domain, x, 2, j->a, j->diag, &use);
	if (!e)
		e = stat_estimate(&j->s->sample, &t, use, j->a, j->diag, theta, v);
	if (!e)
		put_estimates(j, use, theta, v, 1, false);
	answer_sum(j->out, "sum of w y", total_of(j, x[0], use), j->a);
	answer_sum(j->out, "sum of w x", total_of(j, x[1], use), j->a);
	j->out->note = "R = sum of w y / sum of w x; variance of the total of w (y - R x) / sum of w x by "
	               "the design (Särndal, Swensson & Wretman 1992 §5.6)";
	return e;
}

/* The groups wanted of a factor, as groups 0..p-1 of the rows. */
static enum err groups_of(struct job *j, int32_t **ret, size_t *ret_p)
{
	struct column *c;
	int32_t *at;
	enum err e = setup_factor(j->s, j->q->by, j->diag, &c);
	if (!e)
		e = levels_of(j, c, j->q->by, &at, ret_p);
	if (e)
		return e;
	int32_t *place = ARENA_ARRAY(j->a, c->n_levels + 1, int32_t);
	int32_t *group = ARENA_ARRAY(j->a, j->s->frame.n + 1, int32_t);
	for (size_t k = 0; k < c->n_levels; k++)
		place[k] = -1;
	for (size_t k = 0; k < *ret_p; k++)
		place[at[k]] = (int32_t)k;
	for (size_t i = 0; i < j->s->frame.n; i++)
		group[i] = c->level[i] < 0 ? -1 : place[c->level[i]];
	*ret = group;
	return OK;
}

static enum err group_means(struct job *j, size_t *ret_p, double **ret_theta, double **ret_vcov,
                            const bool **ret_use)
{
	const double **x = ARENA_ARRAY(j->a, 1, const double *);
	int32_t *group;
	enum err e = setup_number(j->s, j->q->var, j->diag, &x[0]);
	if (!e)
		e = groups_of(j, &group, ret_p);
	if (e)
		return e;
	size_t p = *ret_p;
	*ret_theta = ARENA_ARRAY(j->a, p, double);
	*ret_vcov = ARENA_ARRAY(j->a, p * p, double);
	struct stat_statistic t = stat_group_means(x, group, p);
	e = run__have(j->s, j->domain, x, 1, j->a, j->diag, ret_use);
	return e ? e : stat_estimate(&j->s->sample, &t, *ret_use, j->a, j->diag, *ret_theta, *ret_vcov);
}

static enum err run_mean_by(struct job *j)
{
	double *theta, *vcov;
	const bool *use;
	size_t p;
	enum err e = group_means(j, &p, &theta, &vcov, &use);
	if (!e)
		put_estimates(j, use, theta, vcov, p, true);
	j->out->note = "means of domains, jointly: their covariances count";
	return e;
}

static enum err run_difference(struct job *j)
{
	double *theta, *v, *d = ARENA_ARRAY(j->a, 2, double);
	struct query two = *j->q;
	const char *pair[2] = {j->q->a, j->q->b};
	const bool *use;
	size_t p;
	if (!pair[0] || !pair[1])
		return diag_set(j->diag, ERR_INVALID, "a and b are wanted");
	two.levels = pair;
	two.n_levels = 2;
	struct job inner = *j;
	inner.q = &two;
	enum err e = group_means(&inner, &p, &theta, &v, &use);
	if (e)
		return e;
	j->out->levels = NULL;
	d[0] = theta[0] - theta[1];
	d[1] = v[0] + v[3] - v[1] - v[2];
	put_estimates(j, use, d, d + 1, 1, false);
	j->out->note = "difference of two domain means, their covariance counted";
	return OK;
}

static const char *proportion_note(enum interval_method m)
{
	static const char *const notes[INTERVAL_METHOD_MAX] = {
		[INTERVAL_LOGIT] = "p = sum of w y / sum of w; t interval of log(p / (1 - p)), back",
		[INTERVAL_XLOGIT] = "p = sum of w y / sum of w; t interval of log(p / (1 - p)), back",
		[INTERVAL_ASIN] = "p = sum of w y / sum of w; t interval of asin(sqrt p), back",
		[INTERVAL_MEAN] = "p = sum of w y / sum of w; p ± t se",
		[INTERVAL_BETA] = "p = sum of w y / sum of w; Clopper-Pearson with p (1 - p) / v rows, "
		                  "adjusted for the degrees of freedom (Korn & Graubard 1998)",
		[INTERVAL_LIKELIHOOD] = "p = sum of w y / sum of w; likelihood ratio scaled by the design "
		                        "effect (Rao & Scott 1984)"};
	return notes[m];
}

static enum err run_proportion(struct job *j)
{
	double *x, *ci = ARENA_ARRAY(j->a, 2, double);
	if (!j->q->expr)
		return diag_set(j->diag, ERR_INVALID, "expr is wanted");
	enum err e = run__condition(j->s, j->q->expr, j->a, j->diag, &x);
	if (e)
		return e;
	const double *const columns[1] = {x};
	const bool *use;
	struct proportion p;
	e = run__have(j->s, j->domain, columns, 1, j->a, j->diag, &use);
	if (!e)
		e = stat_proportion(&j->s->sample, x, use, j->a, j->diag, &p);
	if (e)
		return e;
	struct interval i = interval_proportion(&p, j->q->method, j->q->level);
	ci[0] = i.lo;
	ci[1] = i.hi;
	answer_number(j->out, "estimate", p.p, j->a);
	/* nothing or all of it found: how far that is from the truth, no standard error tells */
	answer_number(j->out, "se", p.p > 0 && p.p < 1 ? *run__errors(&p.p, &p.v, 1, p.df, j->a) : NAN,
	              j->a);
	answer_list(j->out, "ci", ci, 2);
	answer_number(j->out, "df", p.df, j->a);
	run__sums(j->s, use, j->a, j->out);
	answer_sum(j->out, "sum of w y", total_of(j, x, use), j->a);
	answer_sum(j->out, "variance", p.v, j->a);
	j->out->note = proportion_note(j->q->method);
	return OK;
}

static enum err run_quantile(struct job *j)
{
	const double *x[1];
	size_t n = j->q->n_p;
	enum err e = setup_number(j->s, j->q->var, j->diag, &x[0]);
	if (!e && n == 0)
		e = diag_set(j->diag, ERR_INVALID, "p is wanted");
	if (e)
		return e;
	const bool *use;
	e = run__have(j->s, j->domain, x, 1, j->a, j->diag, &use);
	if (e)
		return e;
	double *v = ARENA_ARRAY(j->a, 4 * n, double);
	for (size_t k = 0; !e && k < n; k++) {
		struct quantile_result r;
		e = quantile_estimate(&j->s->sample, x[0], use, j->q->p[k], j->q->rule, j->q->interval,
		                      j->q->level, j->a, j->diag, &r);
		if (e)
			return e;
		v[k] = r.estimate;
		v[n + k] = r.lo;
		v[2 * n + k] = r.hi;
		v[3 * n + k] = r.se;
	}
	answer_one(j->out, "estimate", v, n, j->q->p_list);
	answer_one(j->out, "ci_lo", v + n, n, j->q->p_list);
	answer_one(j->out, "ci_hi", v + 2 * n, n, j->q->p_list);
	answer_one(j->out, "se", v + 3 * n, n, j->q->p_list);
	j->out->note = "Woodruff's interval: that of the share at or below the estimate, sent back";
	return OK;
}

static enum err run_rao_scott(struct job *j)
{
	struct column *row, *col;
	struct raoscott r;
	enum err e = setup_factor(j->s, j->q->row, j->diag, &row);
	if (!e)
		e = setup_factor(j->s, j->q->col, j->diag, &col);
	if (!e)
		e = raoscott_test(&j->s->sample, row->level, row->n_levels, col->level, col->n_levels,
		                  j->domain, j->a, j->diag, &r);
	if (e)
		return e;
	answer_number(j->out, "F", r.F, j->a);
	answer_number(j->out, "ndf", r.ndf, j->a);
	answer_number(j->out, "ddf", r.ddf, j->a);
	answer_number(j->out, "p", r.p, j->a);
	answer_number(j->out, "chisq", r.chisq, j->a);
	answer_number(j->out, "p_chisq", r.p_chisq, j->a);
	j->out->note = "Rao & Scott 1984, second order (F) and first order (chi-square)";
	return OK;
}

static const char *title_of(const struct query *q, struct arena *a)
{
	if (q->num && q->den)
		return arena_printf(a, "%s/%s", q->num, q->den);
	if (q->row && q->col)
		return arena_printf(a, "%s × %s", q->row, q->col);
	return q->expr ? q->expr : q->var;
}

enum err run_query(const struct setup *s, const struct query *q, struct arena *a,
                   struct diag *diag, struct answer *ret)
{
	struct job j = {.s = s, .q = q, .a = a, .diag = diag, .out = ret};
	*ret = (struct answer){.kind = query_kind_name(q->kind), .title = title_of(q, a)};
	enum err e = domain_of(s, q->domain, a, diag, &j.domain);
	if (e)
		return e;
	switch (q->kind) {
	case QUERY_MEAN:
	case QUERY_TOTAL:
		return run_moments(&j);
	case QUERY_RATIO:
		return run_ratio(&j);
	case QUERY_MEAN_BY:
		return run_mean_by(&j);
	case QUERY_DIFFERENCE:
		return run_difference(&j);
	case QUERY_PROPORTION:
		return run_proportion(&j);
	case QUERY_QUANTILE:
		return run_quantile(&j);
	case QUERY_RAO_SCOTT:
		return run_rao_scott(&j);
	case QUERY_WEIGHTS:
		answer_list(ret, "estimate", s->weight, s->frame.n);
		return OK;
	case QUERY_MISSED:
	case QUERY_WRONG_EXIT:
	case QUERY_WRONG_LISTED:
	case QUERY_APPROVAL:
	case QUERY_INCIDENCE:
		return run__assess(s, q, a, diag, ret);
	case QUERY_ALKIRE_FOSTER:
	case QUERY_RAW_HEADCOUNT:
	case QUERY_CENSORED_HEADCOUNT:
	case QUERY_CONTRIBUTION:
		return run__mpi(s, q, a, diag, ret);
	default:
		return run__poverty(s, q, j.domain, a, diag, ret);
	}
}
