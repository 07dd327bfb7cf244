/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "estimate/setup.h"

#include <math.h>

#include "base/map.h"
#include "estimate/filter.h"

#include "base/banned.h"

/* --- which columns ---------------------------------------------------------------------------- */

static void want(struct frame_wants *w, const char *name, struct arena *a)
{
	if (name)
		frame_want(w, name, a);
}

static void want_names(struct frame_wants *w, const struct spec_names *n, struct arena *a)
{
	for (size_t i = 0; i < n->n; i++)
		frame_want(w, n->name[i], a);
}

static enum err want_filter(struct frame_wants *w, const char *text, struct arena *a,
                            struct diag *diag)
{
	struct filter *f;
	if (!text)
		return OK;
	enum err e = filter_parse(text, a, diag, &f);
	if (!e)
		filter_wants(f, w, a);
	return e;
}

static enum err want_rate(struct frame_wants *w, const struct spec_rate *r, struct arena *a,
                          struct diag *diag)
{
	want(w, r->count, a);
	want(w, r->persons, a);
	want(w, r->population, a);
	enum err e = want_filter(w, r->domain, a, diag);
	return e ? e : want_filter(w, r->expr, a, diag);
}

static enum err wants_of(const struct spec *s, struct arena *a, struct diag *diag,
                         struct frame_wants *w)
{
	const struct spec_design *d = &s->design;
	enum err e = OK;
	want(w, d->weights, a);
	want(w, d->income, a);
	want(w, d->breakdown, a);
	want(w, d->population_weight, a);
	want(w, d->poststratify.by, a);
	want_names(w, &d->strata, a);
	want_names(w, &d->clusters, a);
	want_names(w, &d->fpc, a);
	for (size_t i = 0; i < d->n_rake; i++)
		want(w, d->rake[i].by, a);
	for (size_t i = 0; d->rep_prefix && i < d->n_rep; i++)
		frame_want(w, arena_printf(a, "%s%zu", d->rep_prefix, i + 1), a);
	e = want_filter(w, d->purposive, a, diag);
	/* names of columns that only the file's header can tell from levels */
	w->all = d->calibrate.n > 0;
	for (size_t i = 0; !e && i < s->n_queries; i++) {
		const struct query *q = &s->queries[i];
		const char *const names[] = {q->var, q->num, q->den, q->by, q->row, q->col};
		w->all |= q->kind >= QUERY_ALKIRE_FOSTER && q->kind <= QUERY_CONTRIBUTION;
		if (q->kind == QUERY_WEIGHTS)
			continue;
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			want(w, names[k], a);
		e = want_filter(w, q->expr, a, diag);
		if (!e)
			e = want_filter(w, q->domain, a, diag);
		for (size_t k = 0; !e && k < 2; k++)
			e = want_rate(w, &q->rate[k], a, diag);
	}
	return e;
}

/* --- columns ------------------------------------------------------------------------------------- */

enum err setup_number(const struct setup *s, const char *name, struct diag *diag,
                      const double **ret)
{
	const struct column *c = name ? frame_column(&s->frame, name) : NULL;
	if (!c)
		return diag_set(diag, ERR_INVALID, "no column %s", name ? name : "");
	if (!c->numeric)
		return diag_set(diag, ERR_INVALID, "column %s is not numeric", name);
	*ret = c->number;
	return OK;
}

enum err setup_factor(const struct setup *s, const char *name, struct diag *diag,
                      struct column **ret)
{
	struct column *c = name ? frame_column(&s->frame, name) : NULL;
	if (!c)
		return diag_set(diag, ERR_INVALID, "no column %s", name ? name : "");
	frame_factor(&s->frame, c, s->arena);
	*ret = c;
	return OK;
}

static enum err whole_factor(const struct setup *s, const char *name, struct diag *diag,
                             struct column **ret)
{
	enum err e = setup_factor(s, name, diag, ret);
	for (size_t i = 0; !e && i < s->frame.n; i++)
		if ((*ret)->level[i] < 0)
			e = diag_set(diag, ERR_INVALID, "column %s is empty in row %zu", name, i + 1);
	return e;
}

/* --- strata and clusters ---------------------------------------------------------------------- */

/* Dense numbers for pairs (outer may be NULL). */
static int32_t *pair_ids(const int32_t *outer, const int32_t *inner, size_t n_inner, size_t n,
                         struct arena *a)
{
	int32_t *ids = ARENA_ARRAY(a, n + 1, int32_t);
	struct imap seen;
	imap_init(&seen);
	for (size_t i = 0; i < n; i++) {
		int64_t key = (outer ? outer[i] : 0) * (int64_t)n_inner + inner[i];
		ids[i] = (int32_t)*imap_slot(&seen, key, (int64_t)seen.n);
	}
	imap_release(&seen);
	return ids;
}

static enum err make_stage(struct setup *s, size_t k, struct arena *a, struct diag *diag)
{
	const struct spec_design *d = &s->spec->design;
	struct stat_stage *stage = &s->design.stages[k];
	const int32_t *before = k ? s->design.stages[k - 1].cluster : NULL;
	struct column *c;
	enum err e = OK;
	if (k < d->strata.n) {
		e = whole_factor(s, d->strata.name[k], diag, &c);
		if (!e)
			stage->stratum = pair_ids(before, c->level, c->n_levels, s->frame.n, a);
	}
	if (!e && k < d->clusters.n) {
		e = whole_factor(s, d->clusters.name[k], diag, &c);
		if (!e)
			stage->cluster = pair_ids(k ? before : d->nest ? stage->stratum : NULL, c->level,
			                          c->n_levels, s->frame.n, a);
	}
	if (!e && k < d->fpc.n)
		e = setup_number(s, d->fpc.name[k], diag, &stage->popsize);
	return e;
}

static enum err make_stages(struct setup *s, struct arena *a, struct diag *diag)
{
	const struct spec_design *d = &s->spec->design;
	size_t n = d->clusters.n ? d->clusters.n : 1;
	enum err e = OK;
	if (d->fpc.n > n || d->strata.n > n)
		return diag_set(diag, ERR_INVALID, "more strata or population sizes than stages");
	for (size_t k = 0; !e && k < n; k++)
		e = make_stage(s, k, a, diag);
	s->design.n_stages = n;
	s->design.lonely = d->lonely;
	return e;
}

/* --- weights ------------------------------------------------------------------------------------- */

static void implied_weights(struct setup *s)
{
	const struct stat_design *d = &s->design;
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->n_levels; k++) {
			const struct stat_level *l = &d->levels[k];
			int32_t h = l->stratum_of[d->row_cluster[k][i]];
			if (isfinite(l->popsize[h]))
				s->weight[i] *= l->popsize[h] / l->sampled[h];
		}
}

static enum err make_weights(struct setup *s, struct arena *a, struct diag *diag)
{
	const char *name = s->spec->design.weights;
	const double *given = NULL;
	enum err e = name ? setup_number(s, name, diag, &given) : OK;
	s->weight = ARENA_ARRAY(a, s->frame.n + 1, double);
	for (size_t i = 0; !e && i < s->frame.n; i++)
		s->weight[i] = given ? given[i] : 1;
	s->design.n = s->frame.n;
	s->design.weight = s->weight;
	if (!e)
		e = stat_design_make(&s->design, a, diag);
	if (!e && !name)
		implied_weights(s);
	return e;
}

static enum err make_replicates(struct setup *s, struct arena *a, struct diag *diag)
{
	const struct spec_design *d = &s->spec->design;
	const double **columns = ARENA_ARRAY(a, d->n_rep + 1, const double *);
	if (d->n_rep < 2)
		return diag_set(diag, ERR_INVALID, "design.n_rep: at least 2 replicates are wanted");
	for (size_t k = 0; k < d->n_rep; k++) {
		const double *given;
		double *own = ARENA_ARRAY(a, s->frame.n + 1, double);
		enum err e = setup_number(s, arena_printf(a, "%s%zu", d->rep_prefix, k + 1), diag, &given);
		for (size_t i = 0; !e && i < s->frame.n; i++) {
			own[i] = given[i] * (d->combined ? 1 : s->weight[i]);
			if (!(own[i] >= 0) || !isfinite(own[i]))
				e = diag_set(diag, ERR_INVALID, "replicate weight %zu of row %zu", k + 1, i + 1);
		}
		if (e)
			return e;
		columns[k] = own;
	}
	double *rscales = ARENA_ARRAY(a, d->n_rep, double);
	for (size_t k = 0; k < d->n_rep; k++)
		rscales[k] = d->rscales ? d->rscales[k] : d->rscale;
	s->replicates = (struct stat_replicates){.n = d->n_rep, .weights = columns, .scale = d->scale,
	                                         .rscales = rscales, .mse = d->mse};
	s->sample.replicates = &s->replicates;
	return OK;
}

/* --- calibration --------------------------------------------------------------------------------- */

static enum err make_margin(const struct setup *s, const struct spec_margin *m, struct arena *a,
                            struct diag *diag, struct stat_margin *ret)
{
	struct column *c;
	enum err e = whole_factor(s, m->by, diag, &c);
	if (e)
		return e;
	double *totals = ARENA_ARRAY(a, c->n_levels + 1, double);
	for (size_t k = 0; k < m->totals.n; k++) {
		int32_t at = column_level(c, str_c(m->totals.t[k].name));
		if (at < 0)
			return diag_set(diag, ERR_INVALID, "%s: no row has %s", m->by, m->totals.t[k].name);
		totals[at] = m->totals.t[k].value;
	}
	*ret = (struct stat_margin){.group = c->level, .n_groups = c->n_levels, .total = totals};
	return OK;
}

/* "(Intercept)", a numeric column, or a factor's name with a level behind it. */
static enum err make_term(const struct setup *s, const char *name, double *x, size_t stride,
                          struct arena *a, struct diag *diag)
{
	struct column *c = frame_column(&s->frame, name);
	int32_t level = -1;
	bool ones = strcmp(name, "(Intercept)") == 0;
	if (!ones && (!c || !c->numeric))
		for (size_t k = 0; k < s->frame.n_columns && level < 0; k++) {
			size_t n = strlen(s->frame.columns[k].name);
			if (strncmp(name, s->frame.columns[k].name, n) != 0 || !name[n])
				continue;
			c = &s->frame.columns[k];
			frame_factor(&s->frame, c, a);
			level = column_level(c, str_c(name + n));
		}
	if (!ones && level < 0 && (!c || !c->numeric))
		return diag_set(diag, ERR_INVALID, "calibrate: neither a column nor a level: %s", name);
	for (size_t i = 0; i < s->frame.n; i++) {
		x[i * stride] = ones ? 1 : level >= 0 ? c->level[i] == level : c->number[i];
		if (isnan(x[i * stride]))
			return diag_set(diag, ERR_INVALID, "column %s is empty in row %zu", name, i + 1);
	}
	return OK;
}

struct calibrations {
	bool post;
	struct stat_margin by, rake[SPEC_MARGINS_MAX];
	size_t n_rake;
	double *x, *total;
	size_t p;
};

static enum err read_calibrations(const struct setup *s, struct arena *a, struct diag *diag,
                                  struct calibrations *c)
{
	const struct spec_design *d = &s->spec->design;
	enum err e = OK;
	c->post = d->poststratify.by != NULL;
	if (c->post)
		e = make_margin(s, &d->poststratify, a, diag, &c->by);
	for (; !e && c->n_rake < d->n_rake; c->n_rake++)
		e = make_margin(s, &d->rake[c->n_rake], a, diag, &c->rake[c->n_rake]);
	c->p = d->calibrate.n;
	c->x = ARENA_ARRAY(a, s->frame.n * c->p + 1, double);
	c->total = ARENA_ARRAY(a, c->p + 1, double);
	for (size_t k = 0; !e && k < c->p; k++) {
		e = make_term(s, d->calibrate.t[k].name, c->x + k, c->p, a, diag);
		c->total[k] = d->calibrate.t[k].value;
	}
	return e;
}

static enum err calibrate(const struct calibrations *c, double *w, size_t n, struct arena *a,
                          struct diag *diag, const struct stat_calibration **ret)
{
	const struct stat_calibration *chain = NULL;
	enum err e = OK;
	if (c->post)
		e = calibrate_poststratify(chain, &c->by, w, n, a, diag, &chain);
	if (!e && c->n_rake)
		e = calibrate_rake(chain, c->rake, c->n_rake, w, n, a, diag, &chain);
	if (!e && c->p)
		e = calibrate_greg(chain, c->x, c->p, c->total, w, n, a, diag, &chain);
	*ret = chain;
	return e;
}

static enum err calibrate_all(struct setup *s, struct arena *a, struct diag *diag)
{
	struct calibrations *c = ARENA_NEW(a, struct calibrations);
	const struct stat_calibration *unused;
	enum err e = read_calibrations(s, a, diag, c);
	if (!e)
		e = calibrate(c, s->weight, s->frame.n, a, diag, &s->design.calibration);
	for (size_t k = 0; !e && s->sample.replicates && s->design.calibration && k < s->replicates.n;
	     k++)
		e = calibrate(c, (double *)(uintptr_t)s->replicates.weights[k], s->frame.n, a, diag, &unused);
	return e;
}

enum err setup_make(const struct spec *spec, struct arena *a, struct diag *diag, struct setup *ret)
{
	struct frame_wants w = {0};
	struct setup *s = ret;
	*s = (struct setup){.spec = spec, .arena = a};
	enum err e = wants_of(spec, a, diag, &w);
	if (!e)
		e = frame_read(spec->data, &w, a, diag, &s->frame);
	if (!e)
		e = make_stages(s, a, diag);
	if (!e)
		e = make_weights(s, a, diag);
	s->sample.design = &s->design;
	if (!e && spec->design.rep_prefix)
		e = make_replicates(s, a, diag);
	if (!e)
		e = calibrate_all(s, a, diag);
	return e;
}
