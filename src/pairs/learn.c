/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/learn.h"

#include <math.h>

#include "base/banned.h"

enum {
	RANDOM_PAIRS = 200000, /* to learn u from */
	LEARN_ROWS = 20000,    /* rows of b whose pairs m is learnt from */
	LEARN_PAIRS = 60000,   /* at most, by rule */
	NAMES_SAME = 3,        /* level of a half of NAMES */
};
#define RARITY_MOST 7.0 /* bits */
#define LEAST_MATCHES 8.0

static uint64_t next_random(uint64_t *state)
{
	*state += 0x9E3779B97F4A7C15u; /* splitmix64 */
	uint64_t z = *state;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static void levels_of(const struct side *a, size_t i, const struct side *b, size_t j,
                      struct arena *arena, uint8_t *ret)
{
	for (size_t k = 0; k < a->c->n_fields; k++) {
		struct arena_mark m = arena_save(arena);
		ret[k] = (uint8_t)attribute_compare(a->c->field[k].kind, side_value(a, i, k, arena),
		                                    side_value(b, j, k, arena), arena);
		arena_back(arena, m);
	}
}

/* --- frequencies ------------------------------------------------------------------------------ */

static uint64_t part_key(enum attribute_kind kind, struct str v, int part)
{
	if (kind == ATTRIBUTE_NAMES)
		return attribute_part_key(v, part, ATTRIBUTE_KEY_EXACT);
	return part == 0 ? attribute_key(kind, ATTRIBUTE_KEY_EXACT, v) : 0;
}

static bool has_rarity(enum attribute_kind k)
{
	return k != ATTRIBUTE_IDNO && k != ATTRIBUTE_SEX && k != ATTRIBUTE_DATE;
}

static void count_values(const struct side *b, struct learnt *l)
{
	struct arena arena;
	arena_init(&arena, (size_t)16 << 20);
	l->rows = (double)b->t->n;
	for (size_t k = 0; k < b->c->n_fields; k++) {
		double filled[2] = {0, 0};
		enum attribute_kind kind = b->c->field[k].kind;
		for (int part = 0; part < 2; part++)
			imap_init(&l->frequency[k][part]);
		for (size_t j = 0; has_rarity(kind) && j < b->t->n; j++) {
			struct arena_mark m = arena_save(&arena);
			struct str v = side_value(b, j, k, &arena);
			for (int part = 0; part < 2; part++) {
				uint64_t key = part_key(kind, v, part);
				if (key)
					++*imap_slot(&l->frequency[k][part], (int64_t)key, 0);
				filled[part] += key != 0;
			}
			arena_back(&arena, m);
		}
		for (int part = 0; part < 2; part++) {
			const struct imap *f = &l->frequency[k][part];
			for (size_t s = 0; s < f->cap; s++)
				if (f->slots[s].used)
					l->agree[k][part] += pow((double)f->slots[s].value / filled[part], 2);
		}
	}
	arena_release(&arena);
}

/* Bits by which agreement on this value is rarer than agreement on any. */
static double rarity(const struct learnt *l, size_t field, int part, uint64_t key)
{
	double n = key ? (double)imap_get(&l->frequency[field][part], (int64_t)key, 0) : 0;
	if (n < 1 || l->agree[field][part] <= 0)
		return 0;
	double bits = log2(l->agree[field][part] * l->rows / n);
	return fmax(-RARITY_MOST, fmin(RARITY_MOST, bits));
}

static double value_rarity(const struct learnt *l, const struct side *b, size_t j, size_t field,
                           size_t level, struct arena *arena)
{
	enum attribute_kind kind = b->c->field[field].kind;
	struct arena_mark m = arena_save(arena);
	double bits = 0;
	if (kind == ATTRIBUTE_NAMES && level < 16) {
		struct str v = side_value(b, j, field, arena);
		if (level / 4 == NAMES_SAME)
			bits += rarity(l, field, 0, part_key(kind, v, 0));
		if (level % 4 == NAMES_SAME)
			bits += rarity(l, field, 1, part_key(kind, v, 1));
	} else if (has_rarity(kind) && attribute_level_same(kind, level)) {
		bits = rarity(l, field, 0, part_key(kind, side_value(b, j, field, arena), 0));
	}
	arena_back(arena, m);
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

double learn_weight(const struct learnt *l, const struct side *b, size_t j, size_t field,
                    const uint8_t *level, struct arena *arena)
{
	if ((int)field == l->number && l->day >= 0 && level[field])
		return number_weight(l, level);
	return l->f.field[field].weight[level[field]] +
	       value_rarity(l, b, j, field, level[field], arena);
}

/* --- u ------------------------------------------------------------------------------------------- */

static void random_levels(const struct side *a, const struct side *b, struct learnt *l)
{
	static const double none[FELLEGI_FIELDS_MAX][ATTRIBUTE_LEVELS_MAX];
	double counts[FELLEGI_FIELDS_MAX][ATTRIBUTE_LEVELS_MAX];
	uint8_t level[FELLEGI_FIELDS_MAX];
	struct arena arena;
	uint64_t state = 1;
	memcpy(counts, none, sizeof(counts));
	arena_init(&arena, (size_t)64 << 20);
	/* small tables: every pair there is */
	bool few = a->t->n <= RANDOM_PAIRS / b->t->n;
	size_t pairs = few ? a->t->n * b->t->n : RANDOM_PAIRS;
	for (size_t i = 0; i < pairs; i++) {
		size_t x = few ? i / b->t->n : next_random(&state) % a->t->n;
		size_t y = few ? i % b->t->n : next_random(&state) % b->t->n;
		if (l->dedupe && x == y)
			continue;
		levels_of(a, x, b, y, &arena, level);
		for (size_t k = 0; k < l->f.n; k++)
			counts[k][level[k]]++;
		arena_clear(&arena);
	}
	fellegi_set_u(&l->f, (const double (*)[ATTRIBUTE_LEVELS_MAX])counts);
	arena_release(&arena);
}

/* --- m ----------------------------------------------------------------------------------------------- */

struct patterns {
	struct pattern *p;
	size_t n, cap;
	struct map seen;
	struct arena keys;
};

static void add_pattern(struct patterns *x, const uint8_t *level, size_t fields)
{
	struct str key = {(const char *)level, fields};
	int64_t at = map_get(&x->seen, key, -1);
	if (at < 0) {
		at = (int64_t)x->n;
		if (x->n == x->cap) {
			x->cap = x->cap ? x->cap * 2 : 256;
			x->p = base_realloc(x->p, x->cap, sizeof(*x->p));
		}
		x->p[x->n] = (struct pattern){.count = 0};
		memcpy(x->p[x->n++].level, level, fields);
		map_set(&x->seen, str_copy(&x->keys, key), at);
	}
	x->p[at].count++;
}

static void rule_patterns(const struct side *b, const struct blocks *blocks, size_t rule,
                          bool dedupe, struct patterns *x)
{
	struct arena arena;
	uint8_t level[FELLEGI_FIELDS_MAX];
	size_t step = b->t->n / LEARN_ROWS + 1, pairs = 0;
	arena_init(&arena, (size_t)64 << 20);
	for (size_t j = 0; j < b->t->n && pairs < LEARN_PAIRS; j += step) {
		size_t n;
		struct side_keys keys;
		side_keys_begin(&keys, b, j);
		const uint32_t *rows = blocks_find(blocks, rule, &keys, &arena, &n);
		for (size_t i = 0; i < n; i++) {
			if (dedupe && rows[i] >= j)
				continue;
			levels_of(blocks->a, rows[i], b, j, &arena, level);
			add_pattern(x, level, b->c->n_fields);
			pairs++;
		}
		arena_clear(&arena);
	}
	arena_release(&arena);
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
static void temper(const struct side *a, const struct side *b, const struct by_rule *x,
                   struct fellegi *f)
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
static void condition_number(const struct pairs_config *c, const struct by_rule *x, struct learnt *l)
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
		if (c->rule[r].n != 1 || part->field != (size_t)l->day || part->key != ATTRIBUTE_KEY_EXACT)
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

void learn_weights(const struct side *a, const struct side *b, const struct blocks *blocks,
                   bool dedupe, struct learnt *ret)
{
	enum attribute_kind kinds[FELLEGI_FIELDS_MAX];
	struct by_rule x = {.learnt = base_calloc(PAIRS_RULES_MAX, sizeof(*x.learnt))};
	struct learnt *l = ret;
	memset(l, 0, sizeof(*l));
	l->dedupe = dedupe;
	for (size_t k = 0; k < a->c->n_fields; k++)
		kinds[k] = a->c->field[k].kind;
	fellegi_init(&l->f, kinds, a->c->n_fields);
	count_values(b, l);
	random_levels(a, b, l);
	for (size_t r = 0; r < a->c->n_rules; r++) {
		struct patterns p = {0};
		map_init(&p.seen);
		arena_init(&p.keys, 0);
		rule_patterns(b, blocks, r, dedupe, &p);
		fellegi_em(&l->f, p.p, p.n, free_fields(a->c, r), &x.learnt[r]);
		x.scale[r] = (double)(b->t->n / LEARN_ROWS + 1);
		map_release(&p.seen);
		arena_release(&p.keys);
		base_free(p.p);
	}
	double all = (double)a->t->n * (double)b->t->n * (dedupe ? 0.5 : 1);
	double most = fmin(most_matches(a->c, &x), (double)b->t->n);
	l->f.prior = fmin(0.5, fmax(1e-12, most * 1.05 / all));
	combine(a->c, &x, &l->f);
	temper(a, b, &x, &l->f);
	fellegi_weigh(&l->f);
	condition_number(a->c, &x, l);
	base_free(x.learnt);
}

void learn_release(struct learnt *l)
{
	for (size_t k = 0; k < FELLEGI_FIELDS_MAX; k++)
		for (int part = 0; part < 2; part++)
			imap_release(&l->frequency[k][part]);
}
