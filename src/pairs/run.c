/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "base/team.h"
#include "pairs/sieve.h"
#include "pairs/work.h"

#include "base/banned.h"

enum {
	BIN_ZERO = WORK_BINS / 2,
	PRIOR_ROUNDS = 50,
	CHUNK = 4096, /* rows of b for a thread at a time */
	WIDE = 256,   /* of them, whose rows of a are asked for before the first is compared */
};
#define BIN_BITS  0.125
#define KEEP_FROM 1e-4 /* probability below which a pair is forgotten */
#define HOPE      8.0  /* bits by which it may miss that and still counts for the prior */

void finds_add(struct finds *f, struct found one)
{
	if (f->n == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 256;
		f->p = base_realloc(f->p, f->cap, sizeof(*f->p));
	}
	f->p[f->n++] = one;
}

/* --- scoring --------------------------------------------------------------------------------- */

double work_score(const struct work *w, struct comparer *c, size_t a_row, uint8_t *level)
{
	double s = 0;
	comparer_levels(c, a_row, level);
	for (size_t k = 0; k < w->c->n_fields; k++)
		s += learn_weight(&w->l, c->row, k, level);
	return s;
}

/*
 * Two things that likelihood alone does not tell, since what members of a family share is
 * not independent: twins (one day, one village, names alike but for a character, and no number
 * that says otherwise), and a row that bears another member's number (the number agrees,
 * neither name nor day do).
 */
static bool doubtful(const struct work *w, const uint8_t *level)
{
	enum attribute_says name = ATTRIBUTE_SAYS_NOTHING, number = name, day = name;
	for (size_t k = 0; k < w->c->n_fields; k++) {
		enum attribute_kind kind = w->c->field[k].kind;
		enum attribute_says s = attribute_level_says(kind, level[k]);
		if (kind == ATTRIBUTE_HANNAME)
			name = s > name ? s : name;
		else if (kind == ATTRIBUTE_IDNO)
			number = s > number ? s : number;
		else if (kind == ATTRIBUTE_DATE)
			day = s > day ? s : day;
	}
	if (name == ATTRIBUTE_SAYS_NOTHING)
		return false;
	if (number == ATTRIBUTE_SAYS_SAME)
		return name == ATTRIBUTE_SAYS_OTHER && day != ATTRIBUTE_SAYS_SAME;
	return name == ATTRIBUTE_SAYS_KIN || name == ATTRIBUTE_SAYS_OTHER;
}

/* What is compared first: what costs least.  The day stands before the number, which it tells. */
static int cost_of(enum attribute_kind k)
{
	static const int8_t cost[ATTRIBUTE_KIND_MAX] = {
		[ATTRIBUTE_SEX] = 0,   [ATTRIBUTE_EXACT] = 1, [ATTRIBUTE_DATE] = 2,
		[ATTRIBUTE_IDNO] = 3,  [ATTRIBUTE_CODE] = 4,  [ATTRIBUTE_HANNAME] = 5,
		[ATTRIBUTE_PLACE] = 6, [ATTRIBUTE_NAME] = 7,  [ATTRIBUTE_NAMES] = 8,
		[ATTRIBUTE_TEXT] = 9};
	return cost[k];
}

static void order_fields(const struct pairs_config *c, uint8_t *ret)
{
	size_t n = 0;
	for (int cost = 0; cost < ATTRIBUTE_KIND_MAX; cost++)
		for (size_t k = 0; k < c->n_fields; k++)
			if (cost_of(c->field[k].kind) == cost)
				ret[n++] = (uint8_t)k;
}

/* --- one thread's part ----------------------------------------------------------------------- */

struct chunk {
	struct finds found;
	size_t compared;
	size_t lane; /* whose patterns they are of */
};

/* A thread's own. */
struct lane {
	struct comparer comparer;
	struct side_group group; /* of b */
	struct block_hits hits[SIDE_GROUP];
	uint32_t n[WIDE]; /* rows of a to compare with each of b */
	uint32_t *rows;          /* these, one behind the other */
	struct patterns patterns;
	double bins[WORK_BINS];  /* counts */
};

struct comparing {
	const struct work *w;
	uint8_t order[FELLEGI_FIELDS_MAX];
	double keep_from; /* score */
	struct chunk *chunk;
	struct lane *lane; /* by thread */
	pairs_progress progress;
	void *arg;
};

static size_t bin_of(double score)
{
	double at = floor(score / BIN_BITS) + BIN_ZERO;
	return at < 0 ? 0 : at >= WORK_BINS ? WORK_BINS - 1 : (size_t)at;
}

/* most[k]: what the fields from the k-th in order on can weigh together. */
static void most_of_row(const struct comparing *x, size_t row, double *most)
{
	size_t n = x->w->c->n_fields;
	most[n] = 0;
	for (size_t k = n; k-- > 0;)
		most[k] = most[k + 1] + learn_most(&x->w->l, row, x->order[k]);
}

/* false as soon as the pair cannot come near the score that counts. */
static bool score_pair(const struct comparing *x, struct comparer *c, size_t a_row,
		       const double *most, uint8_t *level, double *ret)
{
	double s = 0;
	for (size_t k = 0; k < x->w->c->n_fields; k++) {
		size_t field = x->order[k];
		if (s + most[k] < x->keep_from - HOPE)
			return false;
		level[field] = (uint8_t)comparer_level(c, a_row, field);
		s += learn_weight(&x->w->l, c->row, field, level);
	}
	*ret = s;
	return true;
}

static void compare_row(const struct comparing *x, struct comparer *c, size_t row,
			const uint32_t *rows, size_t n, struct chunk *to, struct lane *l)
{
	uint8_t level[FELLEGI_FIELDS_MAX];
	double most[FELLEGI_FIELDS_MAX + 1], s;
	comparer_row(c, row);
	most_of_row(x, row, most);
	for (size_t i = 0; i < n; i++) {
		bool near = score_pair(x, c, rows[i], most, level, &s);
		l->bins[near ? bin_of(s) : 0]++;
		if (!near || s < x->keep_from)
			continue;
		struct found f = {rows[i], (uint32_t)row, (float)s, 0, false, doubtful(x->w, level)};
		f.pattern = patterns_add(&l->patterns, level) & FOUND_PATTERN;
		finds_add(&to->found, f);
	}
	to->compared += n;
}

/* Whom each of a few rows of b is compared with: behind the `all` that were gathered already. */
static size_t gather_group(const struct work *w, struct lane *l, size_t from, size_t n, size_t all,
			   uint32_t *ret_n)
{
	size_t bytes = w->c->n_fields * sizeof(struct brief);
	side_group_at(&l->group, from, n);
	blocks_look(&w->blocks, &l->group, l->hits);
	for (size_t i = 0; i < n; i++) {
		ret_n[i] = (uint32_t)blocks_gather(&l->hits[i], w->dedupe ? from + i : SIZE_MAX,
						   l->rows + all);
		for (size_t k = 0; k < ret_n[i]; k++) {
			const char *brief = (const char *)w->a.brief + l->rows[all + k] * bytes;
			for (size_t at = 0; at < bytes; at += 64)
				__builtin_prefetch(brief + at);
		}
		all += ret_n[i];
	}
	return all;
}

static void compare_chunk(void *arg, size_t job, size_t worker)
{
	struct comparing *x = arg;
	struct lane *l = &x->lane[worker];
	size_t all = x->w->b.t->n, end = (job + 1) * CHUNK < all ? (job + 1) * CHUNK : all;
	x->chunk[job].lane = worker;
	for (size_t from = job * CHUNK; from < end; from += WIDE) {
		size_t n = end - from < WIDE ? end - from : WIDE, gathered = 0;
		const uint32_t *rows = l->rows;
		for (size_t i = 0; i < n; i += SIDE_GROUP)
			gathered = gather_group(x->w, l, from + i, n - i < SIDE_GROUP ? n - i : SIDE_GROUP,
						gathered, l->n + i);
		for (size_t i = 0; i < n; i++) {
			if (l->n[i])
				compare_row(x, &l->comparer, from + i, rows, l->n[i],
					    &x->chunk[job], l);
			rows += l->n[i];
		}
	}
	if (x->progress && worker == 0)
		x->progress(x->arg, end, all);
}

static void lanes_init(struct comparing *x, size_t n)
{
	x->lane = base_calloc(n, sizeof(*x->lane));
	for (size_t t = 0; t < n; t++) {
		comparer_init(&x->lane[t].comparer, &x->w->a, &x->w->b);
		side_group_init(&x->lane[t].group, &x->w->b, 0);
		patterns_init(&x->lane[t].patterns, x->w->c->n_fields);
		x->lane[t].rows =
			base_realloc(NULL, (size_t)WIDE * BLOCK_ALL_MOST, sizeof(uint32_t));
	}
}

static void lanes_release(struct comparing *x, size_t n, double *bins)
{
	for (size_t t = 0; t < n; t++) {
		for (size_t k = 0; k < WORK_BINS; k++)
			bins[k] += x->lane[t].bins[k];
		comparer_release(&x->lane[t].comparer);
		side_group_release(&x->lane[t].group);
		patterns_release(&x->lane[t].patterns);
		base_free(x->lane[t].rows);
	}
	base_free(x->lane);
}

void work_compare(struct work *w, pairs_progress progress, void *arg)
{
	struct comparing x = {.w = w, .progress = progress, .arg = arg};
	double prior = w->l.f.prior;
	size_t threads = team_size(w->team), chunks = (w->b.t->n + CHUNK - 1) / CHUNK;
	x.keep_from = log2(KEEP_FROM / (1 - KEEP_FROM)) - log2(prior / (1 - prior));
	x.chunk = base_calloc(chunks, sizeof(*x.chunk));
	order_fields(w->c, x.order);
	lanes_init(&x, threads);
	team_run(w->team, chunks, compare_chunk, &x);
	for (size_t k = 0; k < chunks; k++) {
		const struct patterns *of = &x.lane[x.chunk[k].lane].patterns;
		for (size_t i = 0; i < x.chunk[k].found.n; i++) {
			struct found f = x.chunk[k].found.p[i];
			const uint8_t *level = of->p[f.pattern].level;
			f.pattern = patterns_add(&w->patterns, level) & FOUND_PATTERN;
			finds_add(&w->found, f);
		}
		w->res.compared += x.chunk[k].compared;
		base_free(x.chunk[k].found.p);
	}
	lanes_release(&x, threads, w->bins);
	base_free(x.chunk);
}

/* The prior that the scores themselves lead to. */
static void settle_prior(struct work *w)
{
	double all = (double)w->a.t->n * (double)w->b.t->all * (w->dedupe ? 0.5 : 1);
	for (int round = 0; round < PRIOR_ROUNDS; round++) {
		double matches = 0;
		for (size_t k = 0; k < WORK_BINS; k++)
			if (w->bins[k] > 0)
				matches +=
					w->bins[k] *
					fellegi_probability(&w->l.f, ((double)k + 0.5 - BIN_ZERO) *
									     BIN_BITS);
		w->l.f.prior = fmin(0.5, fmax(1e-12, matches / all));
	}
}

/* --- all of it ------------------------------------------------------------------------------- */

static struct work *work_new(const struct pairs_config *c, struct team *team, bool dedupe,
			     struct diag *diag)
{
	struct work *w = base_calloc(1, sizeof(*w));
	w->c = c;
	w->team = team;
	w->dedupe = dedupe;
	w->diag = diag;
	patterns_init(&w->patterns, c->n_fields);
	return w;
}

static void work_free(struct work *w)
{
	learn_release(&w->l);
	blocks_release(&w->blocks);
	side_release(&w->a);
	if (!w->dedupe)
		side_release(&w->b);
	patterns_release(&w->patterns);
	base_free(w->found.p);
	base_free(w);
}

/* a is indexed and in blocks, b is there. */
static enum err link_sides(struct work *w, const char *output, pairs_progress progress, void *arg,
			   struct pairs_result *ret)
{
	if (w->dedupe)
		w->b = w->a;
	else
		side_index(&w->b, SIDE_FREQUENCIES, w->team);
	learn_weights(&w->a, &w->b, &w->blocks, w->dedupe, w->team, &w->l);
	work_compare(w, progress, arg);
	settle_prior(w);
	work_decide(w);
	enum err e = work_write(w, output);
	if (!e)
		*ret = w->res;
	return e;
}

static void index_a(struct work *w)
{
	unsigned dedupe = w->dedupe ? SIDE_FREQUENCIES : 0;
	side_index(&w->a, SIDE_BRIEFS | SIDE_RULES | dedupe, w->team);
	blocks_make(&w->a, w->team, &w->blocks);
	if (!w->dedupe)
		side_forget_rules(&w->a);
}

enum err pairs_run(const struct pairs_table *a, const struct pairs_table *b,
		   const struct pairs_config *c, const char *output, struct team *team,
		   pairs_progress progress, void *progress_arg, struct diag *diag,
		   struct pairs_result *ret)
{
	struct work *w = work_new(c, team, b == NULL, diag);
	enum err e = side_make(a, c, false, diag, &w->a);
	if (!e && b)
		e = side_make(b, c, true, diag, &w->b);
	if (!e) {
		index_a(w);
		e = link_sides(w, output, progress, progress_arg, ret);
	}
	work_free(w);
	return e;
}

enum err pairs_run_list(const struct pairs_table *a, const char *list, const struct pairs_config *c,
			const char *output, struct team *team, pairs_progress progress,
			void *progress_arg, struct diag *diag, struct pairs_result *ret)
{
	struct work *w = work_new(c, team, false, diag);
	struct pairs_table b = {0};
	enum err e = side_make(a, c, false, diag, &w->a);
	if (!e) {
		index_a(w);
		e = pairs_table_sift(list, c, &w->blocks, team, diag, &b);
	}
	if (!e)
		e = side_make(&b, c, true, diag, &w->b);
	if (!e)
		e = link_sides(w, output, progress, progress_arg, ret);
	work_free(w);
	pairs_table_release(&b);
	return e;
}
