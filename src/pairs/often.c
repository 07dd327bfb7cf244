/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/often.h"

#include "base/team.h"
#include "pairs/sieve.h"

#include "base/banned.h"

/*
 * Keys are counted by their first bits, a small table at a time.  First each stretch of rows is
 * divided by table, then each table counts its rows of all stretches.  Keys of rows that are in no
 * table were divided when they came.
 */
enum { STRETCH = 1 << 16, AHEAD = 24, PAGE_KEYS = 510 /* with its head 4 KiB */ };

struct often_page {
	struct often_page *before;
	size_t n;
	uint64_t key[PAGE_KEYS];
};

struct column {
	size_t field;
	const uint64_t *key;
	struct often *often;
	uint16_t *rows;          /* of each stretch, in it, by table; those without a key are left out */
	uint32_t (*end)[OFTEN_PARTS]; /* by stretch: where in rows those of a table end */
	uint64_t filled[OFTEN_PARTS], squares[OFTEN_PARTS]; /* of the counts */
};

struct counting {
	const struct sifted *sifted;
	size_t rows, stretches, n;
	struct column column[FELLEGI_FIELDS_MAX * 2];
};

struct slot {
	uint64_t key; /* 0 = free */
	uint32_t n;
};

static size_t table_of(uint64_t key)
{
	return (size_t)(key * 0xC4CEB9FE1A85EC53u >> (64 - OFTEN_PARTS_BITS));
}

void often_keys_add(struct often_keys *k, uint64_t key, struct arena *a)
{
	if (!key)
		return;
	struct often_page **last = &k->last[table_of(key)], *p = *last;
	if (!p || p->n == PAGE_KEYS) {
		p = arena_alloc(a, sizeof(*p));
		p->before = *last;
		p->n = 0;
		*last = p;
	}
	p->key[p->n++] = key;
}

static void divide_stretch(void *arg, size_t job, size_t worker)
{
	struct counting *c = arg;
	struct column *x = &c->column[job / c->stretches];
	size_t stretch = job % c->stretches, from = stretch * STRETCH;
	size_t end = from + STRETCH < c->rows ? from + STRETCH : c->rows;
	uint32_t at[OFTEN_PARTS + 1] = {0};
	(void)worker;
	for (size_t i = from; i < end; i++)
		if (x->key[i])
			at[table_of(x->key[i]) + 1]++;
	for (size_t t = 0; t < OFTEN_PARTS; t++)
		at[t + 1] += at[t];
	for (size_t i = from; i < end; i++)
		if (x->key[i])
			x->rows[from + at[table_of(x->key[i])]++] = (uint16_t)(i - from);
	memcpy(x->end[stretch], at, sizeof(x->end[stretch]));
}

/* The rows of a table in a stretch. */
static const uint16_t *rows_of(const struct column *x, size_t stretch, size_t table, size_t *ret_n)
{
	size_t from = table ? x->end[stretch][table - 1] : 0;
	*ret_n = x->end[stretch][table] - from;
	return x->rows + stretch * STRETCH + from;
}

struct slots {
	struct slot *p;
	size_t n, cap;
};

static struct slot *slot_of(const struct slots *t, uint64_t key)
{
	size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & (t->cap - 1);
	while (t->p[at].key && t->p[at].key != key)
		at = (at + 1) & (t->cap - 1);
	return &t->p[at];
}

static void slots_room(struct slots *t)
{
	struct slots wider = {.n = t->n, .cap = t->cap ? t->cap * 2 : 256};
	if (t->n + t->n / 2 < t->cap)
		return;
	wider.p = base_calloc(wider.cap, sizeof(*wider.p));
	for (size_t s = 0; s < t->cap; s++)
		if (t->p[s].key)
			*slot_of(&wider, t->p[s].key) = t->p[s];
	base_free(t->p);
	*t = wider;
}

static void count_key(struct slots *t, uint64_t key)
{
	slots_room(t);
	struct slot *slot = slot_of(t, key);
	t->n += slot->n == 0;
	slot->key = key;
	slot->n++;
}

static void count_rows(const struct counting *c, const struct column *x, size_t table,
		       struct slots *t)
{
	size_t n;
	for (size_t s = 0; s < c->stretches; s++) {
		const uint16_t *row = rows_of(x, s, table, &n);
		const uint64_t *key = x->key + s * STRETCH;
		for (size_t i = 0; i < n; i++) {
			__builtin_prefetch(&key[row[i + AHEAD < n ? i + AHEAD : i]]);
			count_key(t, key[row[i]]);
		}
	}
}

static void count_sifted(const struct sifted *s, const struct column *x, size_t table,
			 struct slots *t)
{
	for (size_t k = 0; k < s->n_parts; k++) {
		const struct often_keys *keys = s->part[k].keys[x->field];
		for (const struct often_page *p = keys ? keys->last[table] : NULL; p; p = p->before)
			for (size_t i = 0; i < p->n; i++)
				count_key(t, p->key[i]);
	}
}

static void tell_rows(const struct counting *c, const struct column *x, size_t table,
		      const struct slots *t)
{
	size_t n;
	for (size_t s = 0; s < c->stretches; s++) {
		const uint16_t *row = rows_of(x, s, table, &n);
		const uint64_t *key = x->key + s * STRETCH;
		uint32_t *often = x->often->n + s * STRETCH;
		for (size_t i = 0; i < n; i++) {
			size_t next = row[i + AHEAD < n ? i + AHEAD : i];
			__builtin_prefetch(&key[next]);
			__builtin_prefetch(&often[next], 1);
			often[row[i]] = slot_of(t, key[row[i]])->n;
		}
	}
}

static void count_table(void *arg, size_t job, size_t worker)
{
	struct counting *c = arg;
	struct column *x = &c->column[job / OFTEN_PARTS];
	struct slots slots = {0};
	size_t table = job % OFTEN_PARTS;
	uint64_t filled = 0, squares = 0;
	(void)worker;
	count_rows(c, x, table, &slots);
	if (c->sifted)
		count_sifted(c->sifted, x, table, &slots);
	tell_rows(c, x, table, &slots);
	for (size_t s = 0; s < slots.cap; s++) {
		filled += slots.p[s].n;
		squares += (uint64_t)slots.p[s].n * slots.p[s].n;
	}
	x->filled[table] = filled;
	x->squares[table] = squares;
	base_free(slots.p);
}

static void add_column(struct counting *c, size_t field, const uint64_t *key, struct often *o,
		       struct arena *a)
{
	if (!key)
		return;
	o->n = ARENA_ARRAY(a, c->rows + 1, uint32_t);
	c->column[c->n++] =
		(struct column){.field = field,
				.key = key,
				.often = o,
				.rows = base_realloc(NULL, c->rows + 1, sizeof(uint16_t)),
				.end = base_realloc(NULL, c->stretches, sizeof(uint32_t[OFTEN_PARTS]))};
}

static double bits_of(const struct often *o, uint32_t n)
{
	return fellegi_rarity(o->agree, (double)n / o->rows, OFTEN_RARITY_MOST);
}

void often_count(const struct side *s, struct team *team, struct arena *a,
		 struct often ret[FELLEGI_FIELDS_MAX][2])
{
	struct counting *c = base_calloc(1, sizeof(*c));
	c->sifted = s->t->sifted;
	c->rows = s->t->n;
	c->stretches = (c->rows + STRETCH - 1) / STRETCH;
	for (size_t k = 0; k < s->c->n_fields; k++) {
		enum attribute_kind kind = s->c->field[k].kind;
		bool halves = kind == ATTRIBUTE_NAMES;
		if (!side_counts(kind))
			continue;
		add_column(c, k, halves ? s->half[k][0] : s->key[k],
			   &ret[k][0], a);
		add_column(c, k, halves ? s->half[k][1] : NULL, &ret[k][1], a);
	}
	team_run(team, c->n * c->stretches, divide_stretch, c);
	team_run(team, c->n * OFTEN_PARTS, count_table, c);
	for (size_t k = 0; k < c->n; k++) {
		base_free(c->column[k].rows);
		base_free(c->column[k].end);
		double filled = 0, squares = 0;
		for (size_t t = 0; t < OFTEN_PARTS; t++) {
			filled += (double)c->column[k].filled[t];
			squares += (double)c->column[k].squares[t];
		}
		struct often *o = c->column[k].often;
		o->agree = filled > 0 ? squares / (filled * filled) : 0;
		o->rows = (double)s->t->all;
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
