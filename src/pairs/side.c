/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/side.h"

#include "base/team.h"

#include "base/banned.h"

enum err side_make(const struct pairs_table *t, const struct pairs_config *c, bool is_b,
		   struct diag *diag, struct side *ret)
{
	struct side s = {.t = t, .c = c};
	const char *id = is_b ? c->id_b : c->id_a;
	int at = pairs_column(t, id);
	if (at < 0)
		return diag_set(diag, ERR_INVALID, "no column %s", id);
	s.id = (size_t)at;
	for (size_t k = 0; k < c->n_fields; k++) {
		const struct pairs_field *f = &c->field[k];
		s.n_columns[k] = is_b ? f->n_b : f->n_a;
		for (size_t i = 0; i < s.n_columns[k]; i++) {
			const char *name = is_b ? f->b[i] : f->a[i];
			at = pairs_column(t, name);
			if (at < 0)
				return diag_set(diag, ERR_INVALID, "no column %s", name);
			s.column[k][i] = (size_t)at;
		}
	}
	arena_init(&s.own, 0);
	*ret = s;
	return OK;
}

void side_forget_rules(struct side *s)
{
	for (size_t r = 0; r < PAIRS_RULES_MAX; r++) {
		base_free(s->rule[r]);
		s->rule[r] = NULL;
	}
}

void side_release(struct side *s)
{
	side_forget_rules(s);
	arena_release(&s->own);
}

struct str side_value(const struct side *s, size_t row, size_t field, struct arena *a)
{
	const size_t *column = s->column[field];
	size_t n = s->n_columns[field], all = n;
	if (n == 1)
		return pairs_cell(s->t, row, column[0]);
	struct str part[PAIRS_COLUMNS_MAX];
	for (size_t i = 0; i < n; i++) {
		part[i] = pairs_cell(s->t, row, column[i]);
		all += part[i].n;
	}
	if (all == n)
		return (struct str){0};
	char *out = arena_alloc(a, all);
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		if (i)
			out[at++] = '\t';
		memcpy(out + at, part[i].p, part[i].n);
		at += part[i].n;
	}
	return (struct str){out, at};
}

bool side_counts(enum attribute_kind k)
{
	return k != ATTRIBUTE_IDNO && k != ATTRIBUTE_SEX && k != ATTRIBUTE_DATE;
}

/* --- keys of all rows ---------------------------------------------------------------------- */

static bool is_counted(const struct side *s, size_t field)
{
	enum attribute_kind kind = s->c->field[field].kind;
	return side_counts(kind) && kind != ATTRIBUTE_NAMES;
}

static void index_value(struct side *s, size_t row, size_t field, struct str v)
{
	enum attribute_kind kind = s->c->field[field].kind;
	if (s->key[field])
		s->key[field][row] = attribute_key(kind, ATTRIBUTE_KEY_EXACT, v);
	for (int part = 0; s->half[field][0] && part < 2; part++)
		s->half[field][part][row] = attribute_part_key(v, part, ATTRIBUTE_KEY_EXACT);
	if (s->brief)
		s->brief[row * s->c->n_fields + field] = brief_of(kind, v);
}

static void index_rules(struct side *s, struct side_group *g, size_t from, size_t n)
{
	side_group_at(g, from, n);
	for (size_t r = 0; r < s->c->n_rules; r++) {
		side_group_read(g, r);
		for (size_t i = 0; i < n; i++)
			s->rule[r][from + i] = side_group_key(g, i, r);
	}
}

enum { CHUNK = 8192 };

static void index_rules_of(struct side *s, size_t from, size_t end)
{
	struct side_group *g = base_calloc(1, sizeof(*g));
	struct side bare = *s;
	memset(bare.rule, 0, sizeof(bare.rule)); /* not there yet */
	side_group_init(g, &bare, 0);
	for (; from < end; from += SIDE_GROUP)
		index_rules(s, g, from, end - from < SIDE_GROUP ? end - from : SIDE_GROUP);
	side_group_release(g);
	base_free(g);
}

static void index_chunk(void *arg, size_t job, size_t worker)
{
	struct side *s = arg;
	struct arena a;
	size_t from = job * CHUNK, end = from + CHUNK < s->t->n ? from + CHUNK : s->t->n;
	(void)worker;
	arena_init(&a, (size_t)64 << 20);
	for (size_t k = 0; k < s->c->n_fields; k++) {
		if (!s->key[k] && !s->half[k][0] && !s->brief)
			continue;
		for (size_t row = from; row < end; row++) {
			index_value(s, row, k, side_value(s, row, k, &a));
			if (s->n_columns[k] > 1)
				arena_clear(&a);
		}
	}
	arena_release(&a);
	if (s->c->n_rules && s->rule[0])
		index_rules_of(s, from, end);
}

void side_index(struct side *s, unsigned use, struct team *team)
{
	size_t n = s->t->n;
	for (size_t k = 0; k < s->c->n_fields && use & SIDE_FREQUENCIES; k++) {
		if (is_counted(s, k))
			s->key[k] = arena_alloc(&s->own, n * sizeof(uint64_t));
		for (int part = 0; s->c->field[k].kind == ATTRIBUTE_NAMES && part < 2; part++)
			s->half[k][part] = arena_alloc(&s->own, n * sizeof(uint64_t));
	}
	for (size_t r = 0; r < s->c->n_rules && use & SIDE_RULES; r++)
		s->rule[r] = base_realloc(NULL, n, sizeof(uint64_t));
	if (use & SIDE_BRIEFS)
		s->brief = arena_alloc(&s->own, n * s->c->n_fields * sizeof(*s->brief));
	team_run(team, (n + CHUNK - 1) / CHUNK, index_chunk, s);
}

/* --- keys of rules ---------------------------------------------------------------------------- */

static uint64_t key_begin(void)
{
	return 0x243F6A8885A308D3u;
}

static uint64_t key_add(uint64_t key, uint64_t part)
{
	key = (key ^ part) * 0x9E3779B97F4A7C15u;
	return key ^ key >> 29;
}

uint64_t side_key(const struct side *s, size_t row, const struct pairs_rule *rule, struct arena *a)
{
	uint64_t key = key_begin();
	for (size_t p = 0; p < rule->n; p++) {
		struct arena_mark m = arena_save(a);
		size_t field = rule->part[p].field;
		uint64_t part = attribute_key(s->c->field[field].kind, rule->part[p].key,
					      side_value(s, row, field, a));
		arena_back(a, m);
		if (!part)
			return 0;
		key = key_add(key, part);
	}
	return key ? key : 1;
}

/* --- keys of a few rows ----------------------------------------------------------------------- */

static void ask_for(struct side_group *g, size_t field, enum attribute_key which)
{
	if (which != ATTRIBUTE_KEY_EXACT || !g->s->key[field])
		g->asked[field] |= (uint8_t)(1 << which);
}

void side_group_init(struct side_group *g, const struct side *s, unsigned use)
{
	*g = (struct side_group){.s = s};
	arena_init(&g->own, (size_t)64 << 20);
	for (size_t k = 0; k < s->c->n_fields; k++)
		if ((use & SIDE_FREQUENCIES) && is_counted(s, k))
			ask_for(g, k, ATTRIBUTE_KEY_EXACT);
	for (size_t r = 0; r < s->c->n_rules; r++)
		for (size_t p = 0; p < s->c->rule[r].n && !s->rule[r]; p++)
			ask_for(g, s->c->rule[r].part[p].field, s->c->rule[r].part[p].key);
}

void side_group_release(struct side_group *g)
{
	arena_release(&g->own);
}

void side_group_at(struct side_group *g, size_t from, size_t n)
{
	g->from = from;
	g->n = n;
	memset(g->read, 0, sizeof(g->read));
}

static void read_field(struct side_group *g, size_t field)
{
	enum attribute_kind kind = g->s->c->field[field].kind;
	uint64_t keys[ATTRIBUTE_KEY_MAX];
	unsigned asked = g->asked[field];
	for (size_t i = 0; i < g->n; i++) {
		struct str v = side_value(g->s, g->from + i, field, &g->own);
		if (asked & (asked - 1)) {
			attribute_keys(kind, v, keys);
			for (int which = 0; which < ATTRIBUTE_KEY_MAX; which++)
				g->key[field][which][i] = keys[which];
		} else {
			enum attribute_key which = asked >> ATTRIBUTE_KEY_SOFT & 1 ? ATTRIBUTE_KEY_SOFT
										   : ATTRIBUTE_KEY_EXACT;
			g->key[field][which][i] = attribute_key(kind, which, v);
		}
	}
	if (g->s->n_columns[field] > 1)
		arena_clear(&g->own);
	g->read[field] = true;
}

void side_group_read(struct side_group *g, size_t r)
{
	const struct pairs_rule *rule = &g->s->c->rule[r];
	for (size_t p = 0; p < rule->n; p++) {
		size_t field = rule->part[p].field;
		if (g->asked[field] && !g->read[field])
			read_field(g, field);
	}
}

const uint64_t *side_group_keys(struct side_group *g, size_t field, enum attribute_key which)
{
	if (!g->read[field])
		read_field(g, field);
	return g->key[field][which];
}

uint64_t side_group_key(const struct side_group *g, size_t i, size_t r)
{
	const struct pairs_rule *rule = &g->s->c->rule[r];
	uint64_t key = key_begin();
	if (g->s->rule[r])
		return g->s->rule[r][g->from + i];
	for (size_t p = 0; p < rule->n; p++) {
		size_t field = rule->part[p].field, which = rule->part[p].key;
		uint64_t part = g->asked[field] >> which & 1 ? g->key[field][which][i]
							     : g->s->key[field][g->from + i];
		if (!part)
			return 0;
		key = key_add(key, part);
	}
	return key ? key : 1;
}
