/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/block.h"

#include "base/banned.h"

static size_t slot_of(const struct block_index *x, uint64_t key)
{
	size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & (x->cap - 1);
	while (x->keys[at] && x->keys[at] != key)
		at = (at + 1) & (x->cap - 1);
	return at;
}

static void index_fill(struct block_index *x, const uint64_t *key, size_t n)
{
	uint32_t upto = 0;
	for (x->cap = 64; x->cap < n * 2;)
		x->cap *= 2;
	x->keys = base_calloc(x->cap, sizeof(*x->keys));
	x->start = base_calloc(x->cap, sizeof(*x->start));
	x->count = base_calloc(x->cap, sizeof(*x->count));
	x->rows = base_calloc(n + 1, sizeof(*x->rows));
	for (size_t i = 0; i < n; i++) {
		if (!key[i])
			continue;
		size_t at = slot_of(x, key[i]);
		x->keys[at] = key[i];
		x->count[at]++;
	}
	for (size_t s = 0; s < x->cap; s++) {
		x->start[s] = upto;
		upto += x->count[s];
		x->count[s] = 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (!key[i])
			continue;
		size_t at = slot_of(x, key[i]);
		x->rows[x->start[at] + x->count[at]++] = (uint32_t)i;
	}
}

void blocks_make(const struct side *a, struct blocks *ret)
{
	struct arena arena;
	size_t n = a->t->n, rules = a->c->n_rules;
	uint64_t *key = base_calloc(n * rules + 1, sizeof(*key));
	ret->a = a;
	memset(ret->index, 0, sizeof(ret->index));
	arena_init(&arena, (size_t)16 << 20);
	for (size_t i = 0; i < n; i++) {
		struct side_keys keys;
		side_keys_begin(&keys, a, i);
		for (size_t r = 0; r < rules; r++)
			key[r * n + i] = side_keys_rule(&keys, &a->c->rule[r], &arena);
	}
	for (size_t r = 0; r < rules; r++)
		index_fill(&ret->index[r], key + r * n, n);
	base_free(key);
	arena_release(&arena);
}

void blocks_release(struct blocks *b)
{
	for (size_t r = 0; r < PAIRS_RULES_MAX; r++) {
		base_free(b->index[r].keys);
		base_free(b->index[r].start);
		base_free(b->index[r].count);
		base_free(b->index[r].rows);
	}
}

const uint32_t *blocks_find(const struct blocks *b, size_t rule, struct side_keys *keys,
                            struct arena *arena, size_t *ret_n)
{
	const struct block_index *x = &b->index[rule];
	uint64_t key = side_keys_rule(keys, &keys->s->c->rule[rule], arena);
	*ret_n = 0;
	if (!key)
		return NULL;
	size_t at = slot_of(x, key);
	if (!x->keys[at] || x->count[at] > BLOCK_MOST)
		return NULL;
	*ret_n = x->count[at];
	return x->rows + x->start[at];
}
