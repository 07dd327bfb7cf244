/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "estimate/spec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "estimate/frame.h"
#include "net/json_in.h"

#include "base/banned.h"

static const char *const kinds[QUERY_KIND_MAX] = {
	"mean", "total", "ratio", "mean_by", "diff_of_domain_means", "prop_ci", "quantile",
	"rao_scott", "weights", "fgt", "arpt", "arpr", "rmpg", "qsr", "gini", "lorenz",
	"lorenz_interpolated", "alkire_foster", "raw_headcount", "censored_headcount", "contribution",
	"missed_rate", "wrong_exit_rate", "wrong_listed_rate", "approval_rate", "incidence",
};
static const char *const lonelies[STAT_LONELY_MAX] = {"fail", "remove", "certainty", "adjust",
                                                      "average"};

const char *query_kind_name(enum query_kind k)
{
	return kinds[k];
}

bool query_kind_find(const char *name, enum query_kind *ret)
{
	for (int i = 0; i < QUERY_KIND_MAX; i++)
		if (strcmp(kinds[i], name) == 0) {
			*ret = (enum query_kind)i;
			return true;
		}
	return false;
}

bool spec_lonely_find(const char *name, enum stat_lonely *ret)
{
	for (int i = 0; i < STAT_LONELY_MAX; i++)
		if (strcmp(lonelies[i], name) == 0) {
			*ret = (enum stat_lonely)i;
			return true;
		}
	return false;
}

void query_init(struct query *q, enum query_kind k)
{
	*q = (struct query){.kind = k, .level = 0.95, .method = INTERVAL_LOGIT,
	                    .interval = INTERVAL_MEAN, .rule = QUANTILE_HF1, .limit = NAN,
	                    .remaining = NAN, .unlisted = NAN, .exited = NAN, .rural = NAN};
}

void spec_design_init(struct spec_design *d)
{
	*d = (struct spec_design){.scale = 1, .rscale = 1, .combined = true};
}

enum { SPEC_BYTES_MAX = 4 << 20 };
enum { FRACTION_WHOLE_MAX = 100000, FRACTION_STEPS = 32 };

/* --- JSON ---------------------------------------------------------------------------------- */

static bool is(const struct json_value *v, enum json_kind kind)
{
	return v && v->kind == kind;
}

static bool is_number(const struct json_value *v)
{
	return is(v, JSON_IN_INT) || is(v, JSON_IN_NUMBER);
}

/* 0 when it is none. */
static double number(const struct json_value *v)
{
	double x = 0;
	if (is(v, JSON_IN_INT))
		return (double)v->v;
	return is(v, JSON_IN_NUMBER) && number_read(v->text, &x) ? x : 0;
}

static size_t size_of(const struct json_value *v)
{
	return is(v, JSON_IN_ARRAY) || is(v, JSON_IN_OBJECT) ? v->n : 0;
}

static const struct json_value *element(const struct json_value *list, size_t i)
{
	const struct json_value *v = list->first;
	while (v && i--)
		v = v->next;
	return v;
}

struct reader {
	struct arena *a;
	struct diag *diag;
	const char *where; /* "design", "query 3" */
	enum err err;      /* the first */
};

static void bad(struct reader *r, const char *key, const char *what)
{
	if (!r->err)
		r->err = diag_set(r->diag, ERR_INVALID, "%s.%s: %s", r->where, key, what);
}

static const char *text_of(struct reader *r, const struct json_value *o, const char *key)
{
	const struct json_value *v = json_get(o, key);
	if (!v || is(v, JSON_IN_NULL))
		return NULL;
	if (is(v, JSON_IN_TEXT))
		return arena_strdup(r->a, v->text.p);
	if (is_number(v))
		return arena_printf(r->a, "%.15g", number(v));
	bad(r, key, "not a text");
	return NULL;
}

static double number_of(struct reader *r, const struct json_value *o, const char *key, double none)
{
	const struct json_value *v = json_get(o, key);
	if (!v || is(v, JSON_IN_NULL))
		return none;
	if (!is_number(v))
		bad(r, key, "not a number");
	return number(v);
}

static bool flag_of(struct reader *r, const struct json_value *o, const char *key, bool none)
{
	const struct json_value *v = json_get(o, key);
	if (!v || is(v, JSON_IN_NULL))
		return none;
	if (!is(v, JSON_IN_TRUE) && !is(v, JSON_IN_FALSE))
		bad(r, key, "not true or false");
	return is(v, JSON_IN_TRUE);
}

static void names_of(struct reader *r, const struct json_value *o, const char *key, struct spec_names *ret)
{
	const struct json_value *v = json_get(o, key);
	size_t n = is(v, JSON_IN_ARRAY) ? size_of(v) : v && !is(v, JSON_IN_NULL) ? 1 : 0;
	for (size_t i = 0; i < n; i++) {
		const struct json_value *item = is(v, JSON_IN_ARRAY) ? element(v, i) : v;
		if (!is(item, JSON_IN_TEXT) || ret->n == STAT_STAGES_MAX) {
			bad(r, key, "not the name of a column, or too many");
			return;
		}
		ret->name[ret->n++] = arena_strdup(r->a, item->text.p);
	}
}

static void terms_of(struct reader *r, const struct json_value *o, const char *key, struct spec_terms *ret)
{
	const struct json_value *v = json_get(o, key);
	if (!v)
		return;
	if (!is(v, JSON_IN_OBJECT) || size_of(v) > SPEC_TERMS_MAX) {
		bad(r, key, "not names with numbers, or too many");
		return;
	}
	ret->t = ARENA_ARRAY(r->a, size_of(v) + 1, struct spec_term);
	for (const struct json_value *item = v->first; item; item = item->next) {
		if (!is_number(item))
			bad(r, key, "not a number");
		ret->t[ret->n++] = (struct spec_term){item->key.p, number(item)};
	}
}

static const double *numbers_of(struct reader *r, const struct json_value *o, const char *key, size_t *ret_n,
                                bool *ret_list)
{
	const struct json_value *v = json_get(o, key);
	size_t n = is(v, JSON_IN_ARRAY) ? size_of(v) : is_number(v);
	*ret_n = n;
	*ret_list = is(v, JSON_IN_ARRAY);
	if (v && !is(v, JSON_IN_NULL) && !is(v, JSON_IN_ARRAY) && !is_number(v))
		bad(r, key, "not a number or a list of numbers");
	if (n > SPEC_LIST_MAX) {
		bad(r, key, "too long");
		return NULL;
	}
	double *out = ARENA_ARRAY(r->a, n + 1, double);
	for (size_t i = 0; i < n; i++) {
		const struct json_value *item = is(v, JSON_IN_ARRAY) ? element(v, i) : v;
		if (!is_number(item))
			bad(r, key, "not a number");
		out[i] = number(item);
	}
	return out;
}

/* A fraction as it is written; a number that is one within rounding ("k": 0.6666666666666666) by
 * continued fractions, since a score on the line must be on it. */
static const char *fraction_of(struct reader *r, const struct json_value *v, const char *key)
{
	if (is(v, JSON_IN_TEXT))
		return arena_strdup(r->a, v->text.p);
	double x = number(v), rest = x;
	int64_t n[2] = {0, 1}, d[2] = {1, 0};
	if (!is_number(v) || !(x >= 0) || x > FRACTION_WHOLE_MAX)
		bad(r, key, "not a fraction");
	for (int i = 0; !r->err && i < FRACTION_STEPS; i++) {
		int64_t whole = (int64_t)floor(rest);
		int64_t above = whole * n[1] + n[0], below = whole * d[1] + d[0];
		if (below > FRACTION_WHOLE_MAX)
			break;
		n[0] = n[1];
		d[0] = d[1];
		n[1] = above;
		d[1] = below;
		if (fabs(x - (double)above / (double)below) < 1e-12 || rest - (double)whole < 1e-12)
			return arena_printf(r->a, "%lld/%lld", (long long)above, (long long)below);
		rest = 1 / (rest - (double)whole);
	}
	return arena_printf(r->a, "%.12g", x);
}

static const char **texts_of(struct reader *r, const struct json_value *v, const char *key, size_t *ret_n)
{
	size_t n = size_of(v);
	if (n > SPEC_LIST_MAX) {
		bad(r, key, "too long");
		return NULL;
	}
	const char **out = ARENA_ARRAY(r->a, n + 1, const char *);
	for (size_t i = 0; i < n; i++) {
		const struct json_value *item = element(v, i);
		if (is(item, JSON_IN_TEXT))
			out[i] = arena_strdup(r->a, item->text.p);
		else if (is_number(item))
			out[i] = strcmp(key, "weights") == 0
				? fraction_of(r, item, key)
				: arena_printf(r->a, "%.15g", number(item));
		else
			bad(r, key, "not a list of texts");
	}
	*ret_n = n;
	return out;
}

static void shares_of(struct reader *r, const struct json_value *v, const char *key, const char *denominator,
                      struct spec_design *d)
{
	if (!is(v, JSON_IN_OBJECT) || size_of(v) > MPI_INDICATORS_MAX) {
		bad(r, key, "not names with weights, or too many");
		return;
	}
	d->shares = ARENA_ARRAY(r->a, size_of(v) + 1, struct spec_share);
	for (const struct json_value *item = v->first; item; item = item->next) {
		const char *f = denominator && is(item, JSON_IN_INT)
			? arena_printf(r->a, "%lld/%s", (long long)item->v, denominator)
			: fraction_of(r, item, key);
		d->shares[d->n_shares++] = (struct spec_share){item->key.p, f};
	}
}

/* "weights_18ths", or of another denominator; "indicators" */
static void indicators_of(struct reader *r, const struct json_value *o, struct spec_design *d)
{
	for (const struct json_value *v = is(o, JSON_IN_OBJECT) ? o->first : NULL; v; v = v->next) {
		const char *key = v->key.p;
		size_t n = strncmp(key, "weights_", 8) == 0 ? strspn(key + 8, "0123456789") : 0;
		if (n > 0 && n <= 6 && strcmp(key + 8 + n, "ths") == 0)
			shares_of(r, v, key, str_dup(r->a, (struct str){key + 8, n}), d);
		else if (strcmp(key, "indicators") == 0)
			shares_of(r, v, key, NULL, d);
	}
}

/* --- design ----------------------------------------------------------------------------------- */

static void margin_of(struct reader *r, const struct json_value *v, const char *key, struct spec_margin *ret)
{
	ret->by = text_of(r, v, "by");
	terms_of(r, v, "totals", &ret->totals);
	if (!ret->by || !ret->totals.n)
		bad(r, key, "wants by and totals");
}

static void calibrations_of(struct reader *r, const struct json_value *o, struct spec_design *d)
{
	const struct json_value *post = json_get(o, "poststratify"), *rake = json_get(o, "rake");
	const struct json_value *calibrate = json_get(o, "calibrate");
	if (is(post, JSON_IN_OBJECT))
		margin_of(r, post, "poststratify", &d->poststratify);
	if (size_of(rake) > SPEC_MARGINS_MAX)
		bad(r, "rake", "too many margins");
	for (size_t i = 0; !r->err && i < size_of(rake); i++)
		margin_of(r, element(rake, i), "rake", &d->rake[d->n_rake++]);
	if (is(calibrate, JSON_IN_OBJECT))
		terms_of(r, calibrate, "totals", &d->calibrate);
}

static void replicates_of(struct reader *r, const struct json_value *o, struct spec_design *d)
{
	bool list;
	size_t n;
	d->rep_prefix = text_of(r, o, "rep_prefix");
	double reps = number_of(r, o, "n_rep", 0);
	if (!(reps >= 0) || reps > SPEC_LIST_MAX)
		bad(r, "n_rep", "out of range");
	else
		d->n_rep = (size_t)reps;
	d->scale = number_of(r, o, "scale", 1);
	const double *rs = numbers_of(r, o, "rscales", &n, &list);
	if (n == 1 && !list)
		d->rscale = rs[0];
	else if (n)
		d->rscales = memcpy(ARENA_ARRAY(r->a, n, double), rs, n * sizeof(*rs));
	if (d->rep_prefix && n > 1 && n != d->n_rep)
		bad(r, "rscales", "one a replicate is wanted");
	d->mse = flag_of(r, o, "mse", false);
	d->combined = flag_of(r, o, "combined", true);
}

/* "implied N/n" are words, not a column. */
static const char *weights_of(struct reader *r, const struct json_value *o)
{
	const char *w = text_of(r, o, "weights");
	return w && strncmp(w, "implied", 7) == 0 ? NULL : w;
}

static enum err read_design(struct reader *r, const struct json_value *o, struct spec_design *d)
{
	static const char *const stages[] = {"psu", "ssu", "tsu"};
	spec_design_init(d);
	r->where = "design";
	d->weights = weights_of(r, o);
	names_of(r, o, "strata", &d->strata);
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++)
		names_of(r, o, stages[i], &d->clusters);
	names_of(r, o, "fpc", &d->fpc);
	d->nest = flag_of(r, o, "nest", false);
	const char *lonely = text_of(r, o, "lonely_psu");
	if (lonely && !spec_lonely_find(lonely, &d->lonely))
		bad(r, "lonely_psu", lonely);
	calibrations_of(r, o, d);
	replicates_of(r, o, d);
	d->planned = json_get(o, "kind") || d->strata.n || d->clusters.n || d->fpc.n ||
	             d->rep_prefix;
	d->kind = text_of(r, o, "kind");
	d->purposive = text_of(r, o, "purposive");
	d->income = text_of(r, o, "income");
	d->breakdown = text_of(r, o, "breakdown");
	d->population_weight = text_of(r, o, "population_weight");
	const struct json_value *k = json_get(o, "k");
	d->k = k && !is(k, JSON_IN_NULL) ? fraction_of(r, k, "k") : NULL;
	terms_of(r, o, "cutoffs", &d->cutoffs);
	indicators_of(r, o, d);
	return r->err;
}

/* --- queries -------------------------------------------------------------------------------- */

/* "fixed; poor = income < line (strict)", "60% of median", "50% of mean" */
static void line_of(struct reader *r, const struct json_value *o, struct query *q)
{
	const char *kind = text_of(r, o, "line_kind"), *end = kind;
	double share = 0;
	q->line.alpha = number_of(r, o, "alpha", 0);
	q->line.value = number_of(r, o, "line", NAN);
	q->line_given = !isnan(q->line.value);
	while (end && *end >= '0' && *end <= '9' && share < 1000)
		share = share * 10 + (*end++ - '0');
	if (end > kind && strncmp(end, "% of median", 11) == 0)
		q->line = (struct poverty_line){LINE_OF_MEDIAN, share / 100, false, q->line.alpha};
	else if (end > kind && strncmp(end, "% of mean", 9) == 0)
		q->line = (struct poverty_line){LINE_OF_MEAN, share / 100, false, q->line.alpha};
	else if (kind && strncmp(kind, "fixed", 5) != 0)
		bad(r, "line_kind", kind);
	q->line_given |= q->line.kind != LINE_FIXED;
	q->line.strict = kind && strstr(kind, "(strict)");
}

static void methods_of(struct reader *r, const struct json_value *o, struct query *q)
{
	const char *method = text_of(r, o, "method"), *rule = text_of(r, o, "rule");
	const char *interval = text_of(r, o, "interval");
	if (method && !interval_method_find(method, &q->method))
		bad(r, "method", method);
	if (rule && !quantile_rule_find(rule, &q->rule))
		bad(r, "rule", rule);
	if (interval && !interval_method_find(interval, &q->interval))
		bad(r, "interval", interval);
	if (is_number(json_get(o, "level")))
		q->level = number_of(r, o, "level", 0.95);
	if (!(q->level > 0 && q->level < 1))
		bad(r, "level", "not between 0 and 1");
}

static void rate_of(struct reader *r, const struct json_value *o, struct spec_rate *ret)
{
	const char *of = text_of(r, o, "denominator");
	ret->domain = text_of(r, o, "domain");
	ret->expr = text_of(r, o, "expr");
	ret->count = text_of(r, o, "count");
	ret->persons = text_of(r, o, "persons");
	ret->population = text_of(r, o, "population");
	ret->deff = number_of(r, o, "deff", 1);
	ret->villages = of && strcmp(of, "villages") == 0;
	if (of && !ret->villages && strcmp(of, "surveyed") != 0)
		bad(r, "denominator", of);
	if (ret->villages && !ret->population)
		bad(r, "denominator", "villages: population is wanted");
	if (!ret->expr == !ret->count)
		bad(r, "expr", "expr or count is wanted");
	if (!(ret->deff >= 1))
		bad(r, "deff", "less than 1");
}

static double people_of(struct reader *r, const struct json_value *o, const char *key)
{
	double v = number_of(r, o, key, NAN);
	if (!(v >= 0))
		bad(r, key, "a number of people is wanted");
	return v;
}

/* The queries about an assessment. */
static void assessment_of(struct reader *r, const struct json_value *o, struct query *q)
{
	q->limit = number_of(r, o, "limit", NAN);
	if (q->kind != QUERY_INCIDENCE) {
		rate_of(r, o, &q->rate[0]);
		return;
	}
	rate_of(r, json_get(o, "missed"), &q->rate[0]);
	rate_of(r, json_get(o, "wrong_exit"), &q->rate[1]);
	q->remaining = people_of(r, o, "remaining");
	q->unlisted = people_of(r, o, "unlisted");
	q->exited = people_of(r, o, "exited");
	q->rural = people_of(r, o, "rural");
	if (!(q->rural > 0))
		bad(r, "rural", "nobody");
}

static void read_query(struct reader *r, const struct json_value *o, struct query *q)
{
	enum query_kind k;
	const char *kind = text_of(r, o, "q");
	const struct json_value *by = json_get(o, "by"), *level = json_get(o, "level");
	if (!kind || !query_kind_find(kind, &k)) {
		bad(r, "q", kind ? kind : "missing");
		return;
	}
	query_init(q, k);
	q->var = text_of(r, o, "var");
	q->num = text_of(r, o, "num");
	q->den = text_of(r, o, "den");
	q->expr = text_of(r, o, "expr");
	q->domain = text_of(r, o, "domain");
	q->a = text_of(r, o, "a");
	q->b = text_of(r, o, "b");
	q->row = text_of(r, o, "row");
	q->col = text_of(r, o, "col");
	const struct json_value *k_of = json_get(o, "k");
	q->k = k_of && !is(k_of, JSON_IN_NULL) ? fraction_of(r, k_of, "k") : NULL;
	if (is(by, JSON_IN_OBJECT)) {
		level = json_get(by, "level");
		q->by_levels = true;
	} else {
		q->by = text_of(r, o, "by");
	}
	if (is(level, JSON_IN_ARRAY))
		q->levels = texts_of(r, level, "level", &q->n_levels);
	q->p = numbers_of(r, o, "p", &q->n_p, &q->p_list);
	if (is(json_get(o, "weights"), JSON_IN_ARRAY))
		q->weights = texts_of(r, json_get(o, "weights"), "weights", &q->n_weights);
	methods_of(r, o, q);
	line_of(r, o, q);
	if (k >= QUERY_MISSED)
		assessment_of(r, o, q);
}

/* --- the file -------------------------------------------------------------------------------- */

static const char *data_path(const char *spec, const char *data, struct arena *a)
{
	const char *slash = strrchr(spec, '/');
	int n = slash ? (int)(slash - spec) : 1;
	const char *dir = slash ? spec : ".";
	if (data[0] == '/')
		return data;
	const char *beside = arena_printf(a, "%.*s/%s", n, dir, data);
	const char *above = arena_printf(a, "%.*s/../%s", n, dir, data);
	return access(above, R_OK) == 0 && access(beside, R_OK) != 0 ? above : beside;
}

static enum err read_parts(struct reader *r, const char *path, const struct json_value *root, struct spec *s)
{
	const struct json_value *queries = json_get(root, "queries");
	static const char none[] = "";
	r->where = none;
	const char *data = text_of(r, root, "data");
	if (!data)
		return diag_set(r->diag, ERR_INVALID, "data: missing");
	s->data = data_path(path, data, r->a);
	enum err e = read_design(r, json_get(root, "design"), &s->design);
	s->n_queries = size_of(queries);
	s->queries = ARENA_ARRAY(r->a, s->n_queries + 1, struct query);
	for (size_t i = 0; !e && i < s->n_queries; i++) {
		r->where = arena_printf(r->a, "queries[%zu]", i);
		read_query(r, element(queries, i), &s->queries[i]);
		e = r->err;
	}
	return e;
}

enum err spec_read(const char *path, struct arena *a, struct diag *diag, struct spec *ret)
{
	struct reader r = {.a = a, .diag = diag};
	struct spec s = {0};
	char *text = arena_alloc(a, SPEC_BYTES_MAX + 1);
	FILE *f = fopen(path, "rb");
	if (!f)
		return diag_set(diag, ERR_FILE_UNREADABLE, "%s", path);
	size_t n = fread(text, 1, SPEC_BYTES_MAX + 1, f);
	(void)fclose(f);
	if (n > SPEC_BYTES_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "%s", path);
	const struct json_value *root = json_read((struct str){text, n}, a);
	if (!root)
		return diag_set(diag, ERR_INVALID, "%s: no JSON", path);
	enum err e = read_parts(&r, path, root, &s);
	if (e)
		diag_place(diag, "%s", path);
	else
		*ret = s;
	return e;
}
