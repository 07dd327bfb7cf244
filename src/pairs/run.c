/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/csv_write.h"
#include "pairs/learn.h"

#include "base/banned.h"

enum { CANDIDATES_MAX = 4096, BINS = 4096, BIN_ZERO = 2048, PRIOR_ROUNDS = 50,
       THREADS_MAX = 8 };
#define BIN_BITS 0.125
#define KEEP_FROM 1e-4 /* probability below which a pair is forgotten */

struct found {
	uint32_t a, b;
	float score; /* without the prior */
	bool closed; /* by way of others */
	bool doubt;  /* however likely, a person has to look at it */
};

struct work {
	struct side a, b;
	struct blocks blocks;
	struct learnt l;
	const struct pairs_config *c;
	bool dedupe;
	struct found *found;
	size_t n, cap;
	double bins[BINS]; /* compared pairs by score */
	struct pairs_result res;
	struct diag *diag;
};

/* --- scoring ---------------------------------------------------------------------------------- */

static double score_pair(const struct work *w, size_t i, size_t j, struct arena *arena,
                         uint8_t *level)
{
	double s = 0;
	for (size_t k = 0; k < w->c->n_fields; k++) {
		struct arena_mark m = arena_save(arena);
		level[k] = (uint8_t)attribute_compare(w->c->field[k].kind, side_value(&w->a, i, k, arena),
		                                      side_value(&w->b, j, k, arena), arena);
		arena_back(arena, m);
	}
	for (size_t k = 0; k < w->c->n_fields; k++)
		s += learn_weight(&w->l, &w->b, j, k, level, arena);
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

static void keep(struct work *w, size_t i, size_t j, double score, bool doubt)
{
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 4096;
		w->found = base_realloc(w->found, w->cap, sizeof(*w->found));
	}
	w->found[w->n++] = (struct found){(uint32_t)i, (uint32_t)j, (float)score, false, doubt};
}

static size_t bin_of(double score)
{
	double at = floor(score / BIN_BITS) + BIN_ZERO;
	return at < 0 ? 0 : at >= BINS ? BINS - 1 : (size_t)at;
}

static int by_row(const void *l, const void *r)
{
	const uint32_t *a = l, *b = r;
	return (*a > *b) - (*a < *b);
}

/* Rows of a to compare with row j, each once. */
static size_t candidates(const struct work *w, size_t j, struct arena *arena, uint32_t *ret)
{
	size_t n = 0, k = 0;
	struct side_keys keys;
	side_keys_begin(&keys, &w->b, j);
	for (size_t r = 0; r < w->c->n_rules; r++) {
		size_t m;
		const uint32_t *rows = blocks_find(&w->blocks, r, &keys, arena, &m);
		for (size_t i = 0; i < m && n < CANDIDATES_MAX; i++)
			if (!w->dedupe || rows[i] < j)
				ret[n++] = rows[i];
	}
	qsort(ret, n, sizeof(*ret), by_row);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || ret[i] != ret[k - 1])
			ret[k++] = ret[i];
	return k;
}

/* One of the threads: its own rows of b, its own finds. */
struct team {
	struct work own;
	size_t from, to;
	pairs_progress progress;
	void *arg;
	pthread_t thread;
	bool started;
};

static void *compare_part(void *arg)
{
	struct team *t = arg;
	struct work *w = &t->own;
	struct arena arena;
	uint32_t rows[CANDIDATES_MAX];
	uint8_t level[FELLEGI_FIELDS_MAX];
	double floor_score = log2(KEEP_FROM / (1 - KEEP_FROM)) - log2(w->l.f.prior / (1 - w->l.f.prior));
	arena_init(&arena, (size_t)64 << 20);
	for (size_t j = t->from; j < t->to; j++) {
		size_t n = candidates(w, j, &arena, rows);
		for (size_t i = 0; i < n; i++) {
			double s = score_pair(w, rows[i], j, &arena, level);
			w->bins[bin_of(s)]++;
			if (s >= floor_score)
				keep(w, rows[i], j, s, doubtful(w, level));
		}
		w->res.compared += n;
		arena_clear(&arena);
		if (t->progress && (j - t->from) % 4096 == 0)
			t->progress(t->arg, j - t->from, t->to - t->from);
	}
	arena_release(&arena);
	return NULL;
}

/* What a thread found joins the rest, in the order of b. */
static void gather(struct work *w, struct team *t)
{
	for (size_t i = 0; i < t->own.n; i++) {
		const struct found *f = &t->own.found[i];
		keep(w, f->a, f->b, f->score, f->doubt);
	}
	for (size_t k = 0; k < BINS; k++)
		w->bins[k] += t->own.bins[k];
	w->res.compared += t->own.res.compared;
	base_free(t->own.found);
}

static void compare_all(struct work *w, pairs_progress progress, void *arg)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (size_t)cores, rows = w->b.t->n;
	struct team *team = base_calloc(n, sizeof(*team));
	for (size_t k = 0; k < n; k++) {
		team[k] = (struct team){.own = *w, .from = rows * k / n, .to = rows * (k + 1) / n,
		                        .progress = k ? NULL : progress, .arg = arg};
		team[k].started = k && pthread_create(&team[k].thread, NULL, compare_part, &team[k]) == 0;
	}
	for (size_t k = 0; k < n; k++)
		if (!team[k].started)
			(void)compare_part(&team[k]);
	for (size_t k = 0; k < n; k++) {
		if (team[k].started)
			(void)pthread_join(team[k].thread, NULL);
		gather(w, &team[k]);
	}
	base_free(team);
}

/* The prior that the scores themselves lead to. */
static void settle_prior(struct work *w)
{
	double all = (double)w->a.t->n * (double)w->b.t->n * (w->dedupe ? 0.5 : 1);
	for (int round = 0; round < PRIOR_ROUNDS; round++) {
		double matches = 0;
		for (size_t k = 0; k < BINS; k++)
			if (w->bins[k] > 0)
				matches += w->bins[k] * fellegi_probability(&w->l.f, ((double)k + 0.5 - BIN_ZERO) *
				                                                            BIN_BITS);
		w->l.f.prior = fmin(0.5, fmax(1e-12, matches / all));
	}
}

/* --- deciding ---------------------------------------------------------------------------------- */

static int by_score(const void *l, const void *r)
{
	const struct found *a = l, *b = r;
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->b != b->b)
		return a->b < b->b ? -1 : 1;
	return (a->a > b->a) - (a->a < b->a);
}

/* The best first; each row of b (and of a, one to one) is given away once. */
static void assign(struct work *w)
{
	bool *b = base_calloc(w->b.t->n + 1, sizeof(*b)), *a = base_calloc(w->a.t->n + 1, sizeof(*a));
	size_t k = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct found f = w->found[i];
		if (b[f.b] || (w->c->assign == PAIRS_ONE_TO_ONE && a[f.a]))
			continue;
		b[f.b] = a[f.a] = true;
		w->found[k++] = f;
	}
	w->n = k;
	base_free(a);
	base_free(b);
}

static uint32_t root_of(uint32_t *up, uint32_t i)
{
	while (up[i] != i)
		i = up[i] = up[up[i]];
	return i;
}

struct member {
	uint32_t root, row;
};

static int by_root(const void *l, const void *r)
{
	const struct member *a = l, *b = r;
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* Who matches the same row matches: the pairs of each cluster that were not found themselves. */
static void close_clusters(struct work *w, double match)
{
	enum { CLUSTER_MAX = 50 };
	size_t rows = w->a.t->n, n = w->n;
	uint32_t *up = base_calloc(rows + 1, sizeof(*up));
	struct member *m = base_calloc(rows + 1, sizeof(*m));
	struct arena arena;
	struct imap have;
	uint8_t level[FELLEGI_FIELDS_MAX];
	arena_init(&arena, (size_t)64 << 20);
	imap_init(&have);
	for (size_t i = 0; i < rows; i++)
		up[i] = (uint32_t)i;
	for (size_t i = 0; i < n; i++)
		if (fellegi_probability(&w->l.f, w->found[i].score) >= match && !w->found[i].doubt) {
			up[root_of(up, w->found[i].a)] = root_of(up, w->found[i].b);
			(void)imap_set(&have, (int64_t)w->found[i].a << 32 | w->found[i].b, 1);
		}
	for (size_t i = 0; i < rows; i++)
		m[i] = (struct member){root_of(up, (uint32_t)i), (uint32_t)i};
	qsort(m, rows, sizeof(*m), by_root);
	for (size_t from = 0, end; from < rows; from = end) {
		for (end = from; end < rows && m[end].root == m[from].root;)
			end++;
		for (size_t i = from; end - from <= CLUSTER_MAX && i < end; i++)
			for (size_t j = i + 1; j < end; j++)
				if (!imap_get(&have, (int64_t)m[i].row << 32 | m[j].row, 0)) {
					keep(w, m[i].row, m[j].row,
					     score_pair(w, m[i].row, m[j].row, &arena, level), false);
					w->found[w->n - 1].closed = true;
				}
		arena_clear(&arena);
	}
	arena_release(&arena);
	imap_release(&have);
	base_free(m);
	base_free(up);
}

/* --- out ------------------------------------------------------------------------------------------ */

static void put_why(const struct work *w, const struct found *f, struct arena *arena,
                    struct buf *out)
{
	uint8_t level[FELLEGI_FIELDS_MAX];
	(void)score_pair(w, f->a, f->b, arena, level);
	for (size_t k = 0; k < w->c->n_fields; k++) {
		double bits = learn_weight(&w->l, &w->b, f->b, k, level, arena);
		buf_addf(out, "%s%s: %s", k ? "; " : "", w->c->field[k].name,
		         attribute_level_text(w->c->field[k].kind, level[k]));
		if (level[k])
			buf_addf(out, " %+.1f", bits);
	}
	if (f->closed)
		buf_adds(out, "; by way of a third row");
}

static void put_pair(struct work *w, const struct found *f, struct arena *arena, struct csv_out *csv,
                     struct buf *b)
{
	double p = fellegi_probability(&w->l.f, f->score);
	bool match = (p >= w->c->match && !f->doubt) || f->closed;
	if (!match && p < w->c->review)
		return;
	csv_out_cell(csv, pairs_cell(w->a.t, f->a, w->a.id));
	csv_out_cell(csv, pairs_cell(w->b.t, f->b, w->b.id));
	buf_clear(b);
	buf_addf(b, "%.6f", p);
	csv_out_cell(csv, buf_str(b));
	csv_out_cell(csv, match ? STR("match") : STR("review"));
	buf_clear(b);
	put_why(w, f, arena, b);
	csv_out_cell(csv, buf_str(b));
	csv_out_end(csv);
	w->res.matched += match;
	w->res.review += !match;
	w->res.expected_wrong += match && !f->closed ? 1 - p : 0;
}

static enum err write_pairs(struct work *w, const char *output)
{
	static const char *const head[] = {"id_a", "id_b", "score", "band", "why"};
	struct arena arena;
	struct csv_out csv;
	struct buf b;
	FILE *f = strcmp(output, "-") == 0 ? stdout : fopen(output, "wb");
	if (!f)
		return diag_set(w->diag, ERR_IO, "%s: %s", output, strerror(errno));
	arena_init(&arena, (size_t)64 << 20);
	buf_init(&b, 1 << 16);
	csv_out_init(&csv, f);
	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
		csv_out_cell(&csv, str_c(head[i]));
	csv_out_end(&csv);
	for (size_t i = 0; i < w->n; i++) {
		put_pair(w, &w->found[i], &arena, &csv, &b);
		arena_clear(&arena);
	}
	enum err e = csv_out_close(&csv, w->diag);
	bool bad = f == stdout ? fflush(f) != 0 : fclose(f) != 0;
	if (!e && bad)
		e = diag_set(w->diag, ERR_IO, "%s", output);
	buf_release(&b);
	arena_release(&arena);
	return e;
}

enum err pairs_run(const struct pairs_table *a, const struct pairs_table *b,
                   const struct pairs_config *c, const char *output, pairs_progress progress,
                   void *progress_arg, struct diag *diag, struct pairs_result *ret)
{
	struct work *w = base_calloc(1, sizeof(*w));
	w->c = c;
	w->dedupe = b == NULL;
	w->diag = diag;
	enum err e = side_make(a, c, false, diag, &w->a);
	if (!e)
		e = side_make(b ? b : a, c, !w->dedupe, diag, &w->b);
	if (!e) {
		blocks_make(&w->a, &w->blocks);
		learn_weights(&w->a, &w->b, &w->blocks, w->dedupe, &w->l);
		compare_all(w, progress, progress_arg);
		settle_prior(w);
		if (w->n)
			qsort(w->found, w->n, sizeof(*w->found), by_score);
		if (c->assign == PAIRS_ANY)
			close_clusters(w, c->match);
		else
			assign(w);
		e = write_pairs(w, output);
		learn_release(&w->l);
		blocks_release(&w->blocks);
	}
	if (!e)
		*ret = w->res;
	base_free(w->found);
	base_free(w);
	return e;
}
