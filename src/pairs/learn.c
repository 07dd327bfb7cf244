/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/learn.h"

#include <math.h>

#include "base/team.h"
#include "pairs/compare.h"
#include "pairs/pattern.h"
#include "pairs/sieve.h"

#include "base/banned.h"

enum {
	RANDOM_PAIRS = 200000, /* to learn u from */
	RANDOM_CHUNK = 10000,  /* of them, for a thread at a time */
	LEARN_ROWS = 20000,    /* rows of b whose pairs m is learnt from */
	LEARN_PAIRS = 60000,   /* at most, by rule */
	NAMES_SAME = 3,        /* level of a half of NAMES */
	NAMES_PAIRS = 16,      /* levels of both halves, four by four */
};
#define LEAST_MATCHES 8.0

/* The n-th of a row of random numbers (splitmix64). */
static uint64_t random_at(uint64_t n)
{
	uint64_t z = 1 + n * 0x9E3779B97F4A7C15u;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

/* --- what agreement on a value says ---------------------------------------------------------- */

static double value_rarity(const struct learnt *l, size_t j, size_t field, size_t level)
{
	enum attribute_kind kind = l->kind[field];
	double bits = 0;
	if (kind == ATTRIBUTE_NAMES && level < NAMES_PAIRS) {
		if (level / 4 == NAMES_SAME)
			bits += often_rarity(&l->often[field][0], j);
		if (level % 4 == NAMES_SAME)
			bits += often_rarity(&l->often[field][1], j);
	} else if (side_counts(kind) && attribute_level_same(kind, level)) {
		bits = often_rarity(&l->often[field][0], j);
	}
	return bits;
}

/* Both numbers in order, of one day, but different: those are two people. */
static double number_weight(const struct learnt *l, const uint8_t *level)
{
	size_t at = level[l->number], top = l->f.field[l->day].levels - 1;
	double w = l->f.field[l->number].weight[at];
	if (level[l->day] == top)
		return l->number_weight[at];
	return attribute_level_apart(ATTRIBUTE_IDNO, at) ? fmin(w, 0) : w;
}

double learn_weight(const struct learnt *l, size_t j, size_t field, const uint8_t *level)
{
	if ((int)field == l->number && l->day >= 0 && level[field])
		return number_weight(l, level);
	return l->f.field[field].weight[level[field]] + value_rarity(l, j, field, level[field]);
}

double learn_most(const struct learnt *l, size_t j, size_t field)
{
	enum attribute_kind kind = l->kind[field];
	double most = l->most[field];
	if (kind == ATTRIBUTE_NAMES)
		return most + fmax(0, often_rarity(&l->often[field][0], j)) +
		       fmax(0, often_rarity(&l->often[field][1], j));
	if (!side_counts(kind))
		return most;
	return fmax(most, l->most_same[field] + often_rarity(&l->often[field][0], j));
}

static void find_most(struct learnt *l)
{
	for (size_t k = 0; k < l->f.n; k++) {
		bool rare = side_counts(l->kind[k]) && l->kind[k] != ATTRIBUTE_NAMES;
		l->most[k] = 0; /* missing */
		l->most_same[k] = -INFINITY;
		for (size_t i = 1; i < l->f.field[k].levels; i++) {
			double *most = rare && attribute_level_same(l->kind[k], i)
					       ? &l->most_same[k]
					       : &l->most[k];
			*most = fmax(*most, l->f.field[k].weight[i]);
			if ((int)k == l->number && l->day >= 0)
				l->most[k] = fmax(l->most[k], l->number_weight[i]);
		}
	}
}

/* --- u --------------------------------------------------------------------------------------- */

struct pair {
	uint32_t a, b;
};

struct random_pairs {
	const struct side *a, *b;
	bool dedupe;
	size_t pairs;
	struct pair *drawn; /* NULL: small tables, every pair there is */
	double (*counts)[FELLEGI_FIELDS_MAX][ATTRIBUTE_LEVELS_MAX]; /* by job */
};

static struct pair pair_at(const struct random_pairs *r, size_t i)
{
	size_t nb = r->b->t->all;
	return r->drawn ? r->drawn[i] : (struct pair){(uint32_t)(i / nb), (uint32_t)(i % nb)};
}

static uint32_t random_below(size_t n, size_t i)
{
	return (uint32_t)(random_at(i) % n);
}

/* Which pairs; those whose rows of b stand near each other follow each other, since such rows cost
 * less to fetch. */
static struct pair *draw(size_t na, size_t nb)
{
	enum { NEAR = 4096 };
	struct pair *drawn = base_realloc(NULL, RANDOM_PAIRS, sizeof(*drawn));
	uint32_t at[NEAR + 1] = {0};
	for (size_t i = 0; i < RANDOM_PAIRS; i++)
		at[(uint64_t)random_below(nb, 2 * i + 2) * NEAR / nb + 1]++;
	for (size_t k = 0; k < NEAR; k++)
		at[k + 1] += at[k];
	for (size_t i = 0; i < RANDOM_PAIRS; i++) {
		uint32_t b = random_below(nb, 2 * i + 2);
		drawn[at[(uint64_t)b * NEAR / nb]++] = (struct pair){random_below(na, 2 * i + 1), b};
	}
	return drawn;
}


static void random_chunk(void *arg, size_t job, size_t worker)
{
	enum { AHEAD = 8 };
	const struct random_pairs *r = arg;
	struct comparer *c = base_calloc(1, sizeof(*c));
	uint8_t level[FELLEGI_FIELDS_MAX];
	size_t end = (job + 1) * RANDOM_CHUNK < r->pairs ? (job + 1) * RANDOM_CHUNK : r->pairs;
	struct side one = *r->b; /* of the row that was fetched */
	struct fetch f;
	(void)worker;
	fetch_init(&f, r->b->t);
	one.t = &f.row;
	comparer_init(c, r->a, &one);
	for (size_t i = job * RANDOM_CHUNK; i < end; i++) {
		struct pair p = pair_at(r, i), next = pair_at(r, i + AHEAD < end ? i + AHEAD : i);
		__builtin_prefetch(&r->a->brief[next.a * r->a->c->n_fields]);
		fetch_ask(&f, next.b);
		if (r->dedupe && p.a == p.b)
			continue;
		fetch_row(&f, p.b);
		comparer_row(c, 0);
		comparer_levels(c, p.a, level);
		for (size_t k = 0; k < r->a->c->n_fields; k++)
			r->counts[job][k][level[k]]++;
	}
	fetch_release(&f);
	comparer_release(c);
	base_free(c);
}

static void random_levels(const struct side *a, const struct side *b, bool dedupe,
			  struct team *team, struct fellegi *f)
{
	bool few = a->t->n <= RANDOM_PAIRS / b->t->all;
	struct random_pairs r = {.a = a,
				 .b = b,
				 .dedupe = dedupe,
				 .drawn = few ? NULL : draw(a->t->n, b->t->all),
				 .pairs = few ? a->t->n * b->t->all : RANDOM_PAIRS};
	size_t jobs = (r.pairs + RANDOM_CHUNK - 1) / RANDOM_CHUNK;
	r.counts = base_calloc(jobs + 1, sizeof(*r.counts));
	team_run(team, jobs, random_chunk, &r);
	for (size_t job = 1; job < jobs; job++)
		for (size_t k = 0; k < f->n; k++)
			for (size_t i = 0; i < ATTRIBUTE_LEVELS_MAX; i++)
				r.counts[0][k][i] += r.counts[job][k][i];
	fellegi_set_u(f, (const double(*)[ATTRIBUTE_LEVELS_MAX])r.counts[0]);
	base_free(r.counts);
	base_free(r.drawn);
}

/* --- m --------------------------------------------------------------------------------------- */

static void rule_patterns(const struct side *b, const struct blocks *blocks, size_t rule,
			  bool dedupe, struct patterns *x)
{
	struct comparer *c = base_calloc(1, sizeof(*c));
	uint8_t level[FELLEGI_FIELDS_MAX];
	size_t step = b->t->all / LEARN_ROWS + 1, pairs = 0;
	comparer_init(c, blocks->a, b);
	for (size_t i = 0; i < b->t->all && pairs < LEARN_PAIRS; i += step) {
		size_t n, j = sifted_row(b->t, i);
		if (j == SIZE_MAX)
			continue; /* nobody has its keys */
		const uint32_t *rows = blocks_find(blocks, rule, b, j, &c->arena, &n);
		comparer_row(c, j);
		for (size_t k = 0; k < n; k++) {
			if (dedupe && rows[k] >= j)
				continue;
			comparer_levels(c, rows[k], level);
			(void)patterns_add(x, level);
			pairs++;
		}
	}
	comparer_release(c);
	base_free(c);
}

struct by_rule {
	struct fellegi_learnt *learnt; /* one a rule */
	double scale[PAIRS_RULES_MAX]; /* rows of b for one that was looked at */
};

static bool tells(enum attribute_kind number, enum attribute_kind of)
{
	return number == ATTRIBUTE_IDNO && (of == ATTRIBUTE_DATE || of == ATTRIBUTE_SEX);
}

static uint32_t free_fields(const struct pairs_config *c, size_t rule)
{
	uint32_t free = (uint32_t)((UINT64_C(1) << c->n_fields) - 1);
	for (size_t p = 0; p < c->rule[rule].n; p++) {
		size_t field = c->rule[rule].part[p].field;
		free &= ~(UINT32_C(1) << field);
		/* a citizen's number and what it tells do not vary freely of each other */
		for (size_t k = 0; k < c->n_fields; k++)
			if (tells(c->field[k].kind, c->field[field].kind) ||
			    tells(c->field[field].kind, c->field[k].kind))
				free &= ~(UINT32_C(1) << k);
	}
	return free;
}

/* m of a field: the mean of what the rules that leave it free say, by their matches. */
static void combine(const struct pairs_config *c, const struct by_rule *x, struct fellegi *f)
{
	for (size_t k = 0; k < f->n; k++) {
		double m[ATTRIBUTE_LEVELS_MAX] = {0}, whole = 0;
		for (size_t r = 0; r < c->n_rules; r++) {
			double w = x->learnt[r].matches;
			if (!(free_fields(c, r) >> k & 1) || w < LEAST_MATCHES)
				continue;
			/* a rule in which few pairs are matches says little about them */
			w *= w / fmax(1, x->learnt[r].pairs);
			for (size_t l = 1; l < f->field[k].levels; l++)
				m[l] += w * x->learnt[r].m[k][l];
			whole += w;
		}
		for (size_t l = 1; whole > 0 && l < f->field[k].levels; l++)
			f->field[k].m[l] = m[l] / whole;
	}
}

/*
 * A number that names its owner is never shared by chance in 200,000 random pairs, but by
 * mistake it is.  How often is told by the pairs that share it: u follows from the share of them
 * that are no matches.
 */
static void temper(const struct side *a, const struct by_rule *x, struct fellegi *f)
{
	const struct pairs_config *c = a->c;
	double odds = f->prior / (1 - f->prior);
	for (size_t r = 0; r < c->n_rules; r++) {
		size_t k = c->rule[r].part[0].field, top = f->field[k].levels - 1;
		if (c->rule[r].n != 1 || c->rule[r].part[0].key != ATTRIBUTE_KEY_EXACT ||
		    x->learnt[r].matches < LEAST_MATCHES)
			continue;
		double pairs = x->learnt[r].pairs;
		double wrong = (pairs - x->learnt[r].matches + 1) / (x->learnt[r].matches + 1);
		double u = f->field[k].m[top] * odds * wrong;
		if (u > f->field[k].u[top] && u < 1)
			f->field[k].u[top] = u;
	}
}

/* The number's levels among people of one day, from the pairs that share it. */
static void condition_number(const struct pairs_config *c, const struct by_rule *x,
			     struct learnt *l)
{
	l->number = l->day = -1;
	for (size_t k = 0; k < c->n_fields; k++) {
		if (c->field[k].kind == ATTRIBUTE_IDNO)
			l->number = (int)k;
		if (c->field[k].kind == ATTRIBUTE_DATE && l->day < 0)
			l->day = (int)k;
	}
	for (size_t r = 0; l->number >= 0 && l->day >= 0 && r < c->n_rules; r++) {
		const struct pairs_part *part = &c->rule[r].part[0];
		const struct fellegi_field *f = &l->f.field[l->number];
		if (c->rule[r].n != 1 || part->field != (size_t)l->day ||
		    part->key != ATTRIBUTE_KEY_EXACT)
			continue;
		for (size_t k = 1; k < f->levels; k++)
			l->number_weight[k] = log2(f->m[k] / x->learnt[r].other[l->number][k]);
		return;
	}
	l->day = -1;
}

static double most_matches(const struct pairs_config *c, const struct by_rule *x)
{
	double most = 1;
	for (size_t r = 0; r < c->n_rules; r++)
		most = fmax(most, x->learnt[r].matches * x->scale[r]);
	return most;
}

/* --- all of it ------------------------------------------------------------------------------- */

struct learning {
	const struct side *b;
	const struct blocks *blocks;
	bool dedupe;
	struct fellegi *f;
	struct by_rule x;
};

static void learn_rule(void *arg, size_t r, size_t worker)
{
	struct learning *l = arg;
	struct patterns p;
	(void)worker;
	patterns_init(&p, l->b->c->n_fields);
	rule_patterns(l->b, l->blocks, r, l->dedupe, &p);
	fellegi_em(l->f, p.p, p.n, free_fields(l->b->c, r), &l->x.learnt[r]);
	l->x.scale[r] = (double)(l->b->t->all / LEARN_ROWS + 1);
	patterns_release(&p);
}

void learn_weights(const struct side *a, const struct side *b, const struct blocks *blocks,
		   bool dedupe, struct team *team, struct learnt *ret)
{
	struct learnt *l = ret;
	struct learning x = {.b = b, .blocks = blocks, .dedupe = dedupe, .f = &l->f};
	x.x.learnt = base_calloc(PAIRS_RULES_MAX, sizeof(*x.x.learnt));
	memset(l, 0, sizeof(*l));
	arena_init(&l->own, 0);
	for (size_t k = 0; k < a->c->n_fields; k++)
		l->kind[k] = a->c->field[k].kind;
	fellegi_init(&l->f, l->kind, a->c->n_fields);
	often_count(b, team, &l->own, l->often);
	random_levels(a, b, dedupe, team, &l->f);
	team_run(team, a->c->n_rules, learn_rule, &x);
	double all = (double)a->t->n * (double)b->t->all * (dedupe ? 0.5 : 1);
	double most = fmin(most_matches(a->c, &x.x), (double)b->t->all);
	l->f.prior = fmin(0.5, fmax(1e-12, most * 1.05 / all));
	combine(a->c, &x.x, &l->f);
	temper(a, &x.x, &l->f);
	fellegi_weigh(&l->f);
	condition_number(a->c, &x.x, l);
	find_most(l);
	base_free(x.x.learnt);
}

void learn_release(struct learnt *l)
{
	arena_release(&l->own);
}
