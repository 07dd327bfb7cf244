/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The rates that an assessment of exits is passed or failed by.
 *
 *     missed        missed people of the unlisted: of those surveyed, or of all unlisted people of
 *                   the villages that were drawn (as found, not weighted)
 *     wrong exit    of the exited; wrongly listed: of the listed; approval: of those asked
 *     incidence     (remaining + missed rate x unlisted + wrong exit rate x exited) / rural people
 */
#include <math.h>

#include "estimate/run.h"
#include "stat/assess.h"

#include "base/banned.h"

struct group {
	struct assess_columns by[2]; /* surveyed; villages */
	bool has_villages;
};

struct assess_job {
	const struct setup *s;
	const struct query *q;
	const bool *use;      /* rows that were drawn, not picked */
	double picked;
	struct arena *a;
	struct diag *diag;
	struct answer *out;
};

/* --- who counts ------------------------------------------------------------------------------ */

static enum err drawn_rows(struct assess_job *j)
{
	const struct spec_design *d = &j->s->spec->design;
	size_t n = j->s->frame.n;
	double *x;
	if (d->kind && strstr(d->kind, "purposive"))
		return diag_set(j->diag, ERR_INVALID, "%s: rows that were picked have no rate", d->kind);
	if (!d->planned)
		return diag_set(j->diag, ERR_INVALID, "design: how were the rows drawn?");
	if (!d->purposive)
		return OK;
	enum err e = run__condition(j->s, d->purposive, j->a, j->diag, &x);
	if (e)
		return e;
	bool *use = arena_alloc(j->a, n + 1);
	for (size_t i = 0; i < n; i++) {
		use[i] = x[i] == 0;
		j->picked += !use[i];
	}
	j->use = use;
	return j->picked < (double)n ? OK
	     : diag_set(j->diag, ERR_INVALID, "%s: all rows were picked", d->purposive);
}

static enum err optional(const struct assess_job *j, const char *name, const double **ret)
{
	*ret = NULL;
	return name ? setup_number(j->s, name, j->diag, ret) : OK;
}

/* The unlisted people of a village are shared among its rows so that their sum, with the rows'
 * weights, is the village's number; what is found is not weighted either. */
static enum err by_villages(const struct assess_job *j, const double *people, struct group *g)
{
	const int32_t *village = j->s->design.stages[0].cluster;
	size_t n = j->s->frame.n;
	const double *w = j->s->weight;
	if (!village)
		return diag_set(j->diag, ERR_INVALID, "design.psu: which column is the village?");
	size_t clusters = j->s->design.levels[0].n_clusters;
	double *rows = ARENA_ARRAY(j->a, clusters + 1, double);
	double *number = ARENA_ARRAY(j->a, clusters + 1, double);
	double *found = ARENA_ARRAY(j->a, n + 1, double), *of = ARENA_ARRAY(j->a, n + 1, double);
	for (size_t i = 0; i < n; i++) {
		if (!(g->by[0].of[i] > 0) || w[i] == 0)
			continue;
		double *of_village = &number[village[i]];
		if (!(people[i] >= 0) || (rows[village[i]]++ > 0 && *of_village != people[i]))
			return diag_set(j->diag, ERR_INVALID, "population, row %zu: %g", i + 1, people[i]);
		*of_village = people[i];
	}
	for (size_t i = 0; i < n; i++) {
		if (!(g->by[0].of[i] > 0) || w[i] == 0)
			continue;
		found[i] = g->by[0].found[i] / w[i];
		of[i] = number[village[i]] / rows[village[i]] / w[i];
	}
	double all = 0;
	for (size_t v = 0; v < clusters; v++)
		all += number[v];
	g->by[1] = (struct assess_columns){found, of, g->by[0].deff, all};
	g->has_villages = true;
	return OK;
}

static enum err group_of(const struct assess_job *j, const struct spec_rate *r, struct group *g)
{
	size_t n = j->s->frame.n;
	double *in = NULL, *yes = NULL;
	const double *count, *persons, *people;
	enum err e = r->domain ? run__condition(j->s, r->domain, j->a, j->diag, &in) : OK;
	if (!e && r->expr)
		e = run__condition(j->s, r->expr, j->a, j->diag, &yes);
	if (!e)
		e = optional(j, r->count, &count);
	if (!e)
		e = optional(j, r->persons, &persons);
	if (!e)
		e = optional(j, r->population, &people);
	if (e)
		return e;
	double *found = ARENA_ARRAY(j->a, n + 1, double), *of = ARENA_ARRAY(j->a, n + 1, double);
	for (size_t i = 0; i < n; i++) {
		double size = persons ? persons[i] : 1;
		double hit = count ? count[i] : yes ? yes[i] * size : NAN;
		if ((in && in[i] != 1) || (j->use && !j->use[i]) || isnan(hit) || isnan(size))
			continue;
		if (!(size >= 0) || !(hit >= 0) || !isfinite(size) || hit > size)
			return diag_set(j->diag, ERR_INVALID, "row %zu: %g people, %g found", i + 1, size, hit);
		found[i] = hit;
		of[i] = size;
	}
	g->by[0] = (struct assess_columns){found, of, r->deff, 0};
	return people ? by_villages(j, people, g) : OK;
}

/* --- answers ------------------------------------------------------------------------------------ */

static void put_pair(struct assess_job *j, const char *name, double lo, double hi)
{
	double *v = ARENA_ARRAY(j->a, 2, double);
	v[0] = lo;
	v[1] = hi;
	answer_list(j->out, name, v, 2);
}

static void put_limit(struct assess_job *j, double p, double fail)
{
	bool least = j->q->kind == QUERY_APPROVAL;
	if (isnan(j->q->limit))
		return;
	answer_number(j->out, "limit", j->q->limit, j->a);
	answer_number(j->out, "prob_fail", fail, j->a);
	answer_text(j->out, "verdict", (least ? p >= j->q->limit : p <= j->q->limit) ? "pass" : "fail");
}

static void put_rate(struct assess_job *j, const struct assess_rate *r)
{
	answer_number(j->out, "estimate", r->p, j->a);
	answer_number(j->out, "se", sqrt(r->v), j->a);
	answer_number(j->out, "df", r->df, j->a);
	put_pair(j, "ci", r->exact.lo, r->exact.hi);
	put_pair(j, "ci_wilson", r->wilson.lo, r->wilson.hi);
	answer_number(j->out, "upper", r->upper, j->a);
	answer_number(j->out, "lower", r->lower, j->a);
	answer_number(j->out, "rows", r->rows, j->a);
	answer_number(j->out, "rows_found", r->rows_found, j->a);
	answer_number(j->out, "deff", r->deff, j->a);
	answer_number(j->out, "n_eff", r->n_eff, j->a);
	answer_sum(j->out, "sum of w found", r->found, j->a);
	answer_sum(j->out, "sum of w people", r->of, j->a);
	answer_sum(j->out, "variance", r->v, j->a);
}

static enum err run_rate(struct assess_job *j)
{
	static const char *const names[] = {"surveyed", "villages"};
	struct group g = {0};
	struct assess_rate r[2];
	double cov;
	enum err e = group_of(j, &j->q->rate[0], &g);
	for (size_t k = 0; !e && k <= g.has_villages; k++)
		e = assess_rates(&j->s->sample, &g.by[k], 1, j->use, j->q->level, j->a, j->diag, &r[k], &cov);
	if (e)
		return e;
	const struct assess_rate *asked = &r[j->q->rate[0].villages];
	put_rate(j, asked);
	if (j->q->kind == QUERY_MISSED)
		answer_text(j->out, "denominator", names[j->q->rate[0].villages]);
	if (g.has_villages) {
		answer_number(j->out, "estimate_surveyed", r[0].p, j->a);
		answer_number(j->out, "estimate_villages", r[1].p, j->a);
	}
	put_limit(j, asked->p, assess_fail(asked, j->q->limit, j->q->kind == QUERY_APPROVAL));
	j->out->note = "R = sum of w found / sum of w people; variance of the total of w (found - R people) "
	               "/ sum of w people; Clopper-Pearson with n / deff (Korn & Graubard 1998)";
	return OK;
}

static enum err run_incidence(struct assess_job *j)
{
	const struct query *q = j->q;
	struct group g[2] = {0};
	struct assess_columns c[2];
	struct assess_rate r[2];
	double cov[4];
	enum err e = OK;
	for (size_t k = 0; !e && k < 2; k++) {
		e = group_of(j, &q->rate[k], &g[k]);
		c[k] = g[k].by[q->rate[k].villages];
	}
	if (!e)
		e = assess_rates(&j->s->sample, c, 2, j->use, q->level, j->a, j->diag, r, cov);
	if (e)
		return e;
	struct assess_composite x = {.known = q->remaining, .people = {q->unlisted, q->exited},
	                             .whole = q->rural};
	assess_composite(&x, r, cov, q->level);
	answer_number(j->out, "estimate", x.p, j->a);
	answer_number(j->out, "se", sqrt(x.v), j->a);
	put_pair(j, "ci", x.lo, x.hi);
	answer_number(j->out, "missed_rate", r[0].p, j->a);
	answer_number(j->out, "wrong_exit_rate", r[1].p, j->a);
	answer_number(j->out, "missed_people", r[0].p * q->unlisted, j->a);
	answer_number(j->out, "wrong_exit_people", r[1].p * q->exited, j->a);
	answer_number(j->out, "correlation", x.correlation, j->a);
	put_limit(j, x.p, assess_composite_fail(&x, r, q->limit));
	answer_sum(j->out, "variance of missed", r[0].v, j->a);
	answer_sum(j->out, "variance of wrong exit", r[1].v, j->a);
	answer_sum(j->out, "covariance", cov[1], j->a);
	j->out->note = "(remaining + unlisted missed + exited wrong_exit) / rural; variance with the "
	               "covariance of the two rates; interval by Zou & Donner 2008";
	return OK;
}

enum err run__assess(const struct setup *s, const struct query *q, struct arena *a,
                     struct diag *diag, struct answer *ret)
{
	struct assess_job j = {.s = s, .q = q, .a = a, .diag = diag, .out = ret};
	enum err e = drawn_rows(&j);
	if (!e)
		e = q->kind == QUERY_INCIDENCE ? run_incidence(&j) : run_rate(&j);
	if (!e && j.picked > 0)
		answer_number(ret, "purposive_rows", j.picked, a);
	if (!e)
		run__sums(s, j.use, a, ret);
	return e;
}
