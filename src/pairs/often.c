/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/often.h"

#include <math.h>

#include "base/team.h"

#include "base/banned.h"

/* Keys are counted by their first bits, a small table at a time. */
enum { TABLES_BITS = 4, TABLES = 1 << TABLES_BITS };

struct column {
	const uint64_t *key;
	struct often *often;
	uint64_t filled[TABLES], squares[TABLES]; /* of the counts */
};

struct counting {
	size_t rows, n;
	struct column column[FELLEGI_FIELDS_MAX * 2];
};

struct slot {
	uint64_t key; /* 0 = free */
	uint32_t n;
};

struct table {
	struct slot *slots;
	size_t n, cap;
};

static struct slot *slot_of(const struct table *t, uint64_t key)
{
	size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & (t->cap - 1);
	while (t->slots[at].key && t->slots[at].key != key)
		at = (at + 1) & (t->cap - 1);
	return &t->slots[at];
}

static void grow(struct table *t)
{
	struct table old = *t;
	t->cap = old.cap ? old.cap * 2 : 1024;
	t->slots = base_calloc(t->cap, sizeof(*t->slots));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key)
			*slot_of(t, old.slots[i].key) = old.slots[i];
	base_free(old.slots);
}

static size_t table_of(uint64_t key)
{
	return (size_t)(key * 0xC4CEB9FE1A85EC53u >> (64 - TABLES_BITS));
}

static void count_table(void *arg, size_t job, size_t worker)
{
	struct counting *c = arg;
	struct column *x = &c->column[job / TABLES];
	size_t which = job % TABLES;
	struct table t = {0};
	(void)worker;
	for (size_t i = 0; i < c->rows; i++) {
		uint64_t key = x->key[i];
		if (table_of(key) != which || !key)
			continue;
		if (t.n * 3 >= t.cap * 2)
			grow(&t);
		struct slot *s = slot_of(&t, key);
		t.n += s->key == 0;
		s->key = key;
		s->n++;
	}
	for (size_t i = 0; t.n && i < c->rows; i++)
		if (x->key[i] && table_of(x->key[i]) == which)
			x->often->n[i] = slot_of(&t, x->key[i])->n;
	uint64_t filled = 0, squares = 0;
	for (size_t s = 0; s < t.cap; s++) {
		filled += t.slots[s].n;
		squares += (uint64_t)t.slots[s].n * t.slots[s].n;
	}
	x->filled[which] = filled;
	x->squares[which] = squares;
	base_free(t.slots);
}

static void add_column(struct counting *c, const uint64_t *key, struct often *o, struct arena *a)
{
	if (!key)
		return;
	o->n = ARENA_ARRAY(a, c->rows + 1, uint32_t);
	c->column[c->n++] = (struct column){.key = key, .often = o};
}

static double bits_of(const struct often *o, uint32_t n)
{
	if (n == 0 || o->agree <= 0)
		return 0;
	return fmax(-OFTEN_RARITY_MOST, fmin(OFTEN_RARITY_MOST, o->scale - log2((double)n)));
}

void often_count(const struct side *s, struct team *team, struct arena *a,
                 struct often ret[FELLEGI_FIELDS_MAX][2])
{
	struct counting *c = base_calloc(1, sizeof(*c));
	c->rows = s->t->n;
	for (size_t k = 0; k < s->c->n_fields; k++) {
		enum attribute_kind kind = s->c->field[k].kind;
		bool halves = kind == ATTRIBUTE_NAMES;
		if (!side_counts(kind))
			continue;
		add_column(c, halves ? s->half[k][0] : s->key[k][ATTRIBUTE_KEY_EXACT], &ret[k][0], a);
		add_column(c, halves ? s->half[k][1] : NULL, &ret[k][1], a);
	}
	team_run(team, c->n * TABLES, count_table, c);
	for (size_t k = 0; k < c->n; k++) {
		double filled = 0, squares = 0;
		for (size_t t = 0; t < TABLES; t++) {
			filled += (double)c->column[k].filled[t];
			squares += (double)c->column[k].squares[t];
		}
		struct often *o = c->column[k].often;
		o->agree = filled > 0 ? squares / (filled * filled) : 0;
		o->scale = o->agree > 0 ? log2(o->agree * (double)c->rows) : 0;
		for (uint32_t n = 0; n < OFTEN_TABLE; n++)
			o->rarity[n] = bits_of(o, n);
	}
	base_free(c);
}

double often_rarity(const struct often *o, size_t row)
{
	if (!o->n)
		return 0;
	uint32_t n = o->n[row];
	return n < OFTEN_TABLE ? o->rarity[n] : bits_of(o, n);
}
