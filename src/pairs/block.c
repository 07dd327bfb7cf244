/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/block.h"

#include <stdlib.h>

#include "base/team.h"

#include "base/banned.h"

enum {
	FILTER_BITS = 8 /* for a row, at least */,
	BUCKET_KEYS = 4 /* at most, about */,
	SORT_BY_HAND = 24
};

/* --- an index ------------------------------------------------------------------------------ */

struct entry {
	uint64_t key;
	uint32_t row;
};

static int by_key(const void *l, const void *r)
{
	const struct entry *a = l, *b = r;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static void sort_many(uint64_t *key, uint32_t *row, size_t n)
{
	struct entry *e = base_realloc(NULL, n, sizeof(*e));
	for (size_t i = 0; i < n; i++)
		e[i] = (struct entry){key[i], row[i]};
	qsort(e, n, sizeof(*e), by_key);
	for (size_t i = 0; i < n; i++) {
		key[i] = e[i].key;
		row[i] = e[i].row;
	}
	base_free(e);
}

/* By key; rows come in order and of one key stay so. */
static void sort_keys(uint64_t *key, uint32_t *row, size_t n)
{
	if (n > SORT_BY_HAND) {
		sort_many(key, row, n);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		uint64_t k = key[i];
		uint32_t r = row[i];
		size_t at = i;
		for (; at > 0 && key[at - 1] > k; at--) {
			key[at] = key[at - 1];
			row[at] = row[at - 1];
		}
		key[at] = k;
		row[at] = r;
	}
}

static void index_room(struct block_index *x, size_t n, struct arena *a)
{
	unsigned bits = 4;
	size_t words = 64;
	while (bits < 31 && (size_t)BUCKET_KEYS << bits < n)
		bits++;
	while (words * 64 < n * FILTER_BITS)
		words *= 2;
	x->shift = 64 - bits;
	x->bucket = ARENA_ARRAY(a, ((size_t)1 << bits) + 2, uint32_t);
	x->keys = arena_alloc(a, (n + 1) * sizeof(*x->keys));
	x->start = arena_alloc(a, (n + 1) * sizeof(*x->start));
	x->rows = arena_alloc(a, (n + 1) * sizeof(*x->rows));
	x->filter = ARENA_ARRAY(a, words, uint64_t);
	x->filter_mask = words - 1;
}

static uint64_t *filter_word(const struct block_index *x, uint64_t key)
{
	return &x->filter[key & x->filter_mask];
}

static uint64_t filter_bits(uint64_t key)
{
	return UINT64_C(1) << (key >> 24 & 63) | UINT64_C(1) << (key >> 30 & 63) |
	       UINT64_C(1) << (key >> 36 & 63);
}

/* Keys and rows by the first bits of the key; x->bucket[k + 1] is behind those of bucket k. */
static void bucket_sort(struct block_index *x, const uint64_t *key, size_t n)
{
	size_t buckets = (size_t)1 << (64 - x->shift);
	for (size_t i = 0; i < n; i++)
		if (key[i])
			x->bucket[(key[i] >> x->shift) + 2]++;
	for (size_t k = 2; k < buckets + 2; k++)
		x->bucket[k] += x->bucket[k - 1];
	for (size_t i = 0; i < n; i++) {
		if (!key[i])
			continue;
		size_t at = x->bucket[(key[i] >> x->shift) + 1]++;
		x->keys[at] = key[i];
		x->rows[at] = (uint32_t)i;
	}
}

static void index_fill(struct block_index *x, const uint64_t *key, size_t n, struct arena *a)
{
	index_room(x, n, a);
	bucket_sort(x, key, n);
	size_t buckets = (size_t)1 << (64 - x->shift), keys = 0, from = 0;
	for (size_t k = 0; k < buckets; k++) {
		size_t end = x->bucket[k + 1];
		sort_keys(x->keys + from, x->rows + from, end - from);
		x->bucket[k] = (uint32_t)keys;
		/* each key once, in the place of those that are used up */
		for (; from < end; from++) {
			if (keys > x->bucket[k] && x->keys[keys - 1] == x->keys[from])
				continue;
			*filter_word(x, x->keys[from]) |= filter_bits(x->keys[from]);
			x->start[keys] = (uint32_t)from;
			x->keys[keys++] = x->keys[from];
		}
	}
	x->bucket[buckets] = (uint32_t)keys;
	x->start[keys] = (uint32_t)from;
}

static void make_index(void *arg, size_t job, size_t worker)
{
	struct blocks *b = arg;
	(void)worker;
	index_fill(&b->index[job], b->a->rule[job], b->a->t->n, &b->own[job]);
}

/* --- the rules among themselves --------------------------------------------------------------- */

static bool holds_part(const struct pairs_rule *r, struct pairs_part p)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->part[i].field == p.field && r->part[i].key == p.key)
			return true;
	return false;
}

/* Does every row that shares the key of r share that of q? */
static bool is_wider(const struct pairs_rule *q, const struct pairs_rule *r)
{
	for (size_t i = 0; i < q->n; i++)
		if (!holds_part(r, q->part[i]))
			return false;
	return true;
}

static void order_rules(struct blocks *b)
{
	const struct pairs_config *c = b->a->c;
	size_t n = 0;
	for (size_t parts = 0; parts <= PAIRS_PARTS_MAX; parts++)
		for (size_t r = 0; r < c->n_rules; r++)
			if (c->rule[r].n == parts)
				b->order[n++] = (uint8_t)r;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (is_wider(&c->rule[b->order[k]], &c->rule[b->order[i]]))
				b->wider[b->order[i]] |= UINT32_C(1) << b->order[k];
}

void blocks_make(const struct side *a, struct team *team, struct blocks *ret)
{
	*ret = (struct blocks){.a = a};
	for (size_t r = 0; r < a->c->n_rules; r++)
		arena_init(&ret->own[r], 0);
	order_rules(ret);
	team_run(team, a->c->n_rules, make_index, ret);
}

void blocks_release(struct blocks *b)
{
	for (size_t r = 0; r < PAIRS_RULES_MAX; r++)
		arena_release(&b->own[r]);
}

/* --- finding ---------------------------------------------------------------------------------- */

static bool may_have(const struct block_index *x, uint64_t key)
{
	return key && !(filter_bits(key) & ~*filter_word(x, key));
}

static const uint32_t *find(const struct block_index *x, uint64_t key, uint32_t *ret_n)
{
	size_t at = x->bucket[key >> x->shift], end = x->bucket[(key >> x->shift) + 1];
	*ret_n = 0;
	while (at < end && x->keys[at] < key)
		at++;
	if (at == end || x->keys[at] != key)
		return NULL;
	*ret_n = x->start[at + 1] - x->start[at];
	return x->rows + x->start[at];
}

const uint32_t *blocks_find(const struct blocks *blocks, size_t rule, const struct side *b,
			    size_t row, struct arena *scratch, size_t *ret_n)
{
	uint64_t key = side_key(b, row, &b->c->rule[rule], scratch);
	uint32_t n;
	*ret_n = 0;
	if (!may_have(&blocks->index[rule], key))
		return NULL;
	const uint32_t *rows = find(&blocks->index[rule], key, &n);
	*ret_n = n > BLOCK_MOST ? 0 : n;
	return rows;
}

/* A key of the group that the index may have. */
struct probe {
	uint64_t key;
	uint32_t row; /* in the group */
};

/* Of a rule; the part of the filter that tells of each is on its way. */
static void group_keys(const struct block_index *x, struct side_group *b, size_t rule,
		       uint64_t *ret)
{
	side_group_read(b, rule);
	for (size_t i = 0; i < b->n; i++) {
		ret[i] = side_group_key(b, i, rule);
		__builtin_prefetch(filter_word(x, ret[i]));
	}
}

uint32_t blocks_sift(const struct blocks *blocks, struct side_group *b)
{
	uint64_t keys[SIDE_GROUP];
	uint32_t ret = 0;
	for (size_t r = 0; r < b->s->c->n_rules; r++) {
		const struct block_index *x = &blocks->index[r];
		group_keys(x, b, r, keys);
		for (size_t i = 0; i < b->n; i++)
			ret |= (uint32_t)may_have(x, keys[i]) << i;
	}
	return ret;
}

static size_t probe_group(const struct blocks *blocks, size_t r, struct side_group *b,
			  struct block_hits *hits, struct probe *ret)
{
	const struct block_index *x = &blocks->index[r];
	uint64_t keys[SIDE_GROUP];
	size_t k = 0;
	group_keys(x, b, r, keys);
	for (size_t i = 0; i < b->n; i++) {
		uint64_t key = blocks->wider[r] & hits[i].done ? 0 : keys[i];
		if (may_have(x, key)) {
			__builtin_prefetch(&x->bucket[key >> x->shift]);
			ret[k++] = (struct probe){key, (uint32_t)i};
		} else {
			hits[i].done |= UINT32_C(1) << r;
		}
	}
	return k;
}

void blocks_look(const struct blocks *blocks, struct side_group *b, struct block_hits *ret)
{
	struct probe probe[SIDE_GROUP];
	for (size_t i = 0; i < b->n; i++)
		ret[i].done = ret[i].n = 0;
	for (size_t k = 0; k < b->s->c->n_rules; k++) {
		size_t r = blocks->order[k], probes = probe_group(blocks, r, b, ret, probe);
		const struct block_index *x = &blocks->index[r];
		for (size_t i = 0; i < probes; i++) {
			size_t at = x->bucket[probe[i].key >> x->shift];
			__builtin_prefetch(&x->keys[at]);
			__builtin_prefetch(&x->start[at]);
		}
		for (size_t i = 0; i < probes; i++) {
			struct block_hits *h = &ret[probe[i].row];
			uint32_t m;
			const uint32_t *rows = find(x, probe[i].key, &m);
			if (m > BLOCK_MOST)
				continue;
			h->done |= UINT32_C(1) << r;
			if (m == 0)
				continue;
			__builtin_prefetch(rows);
			h->of[h->n].rows = rows;
			h->of[h->n++].n = m;
		}
	}
}

static int by_row(const void *l, const void *r)
{
	const uint32_t *a = l, *b = r;
	return (*a > *b) - (*a < *b);
}

static size_t once_each(uint32_t *rows, size_t n)
{
	size_t k = 0;
	if (n > SORT_BY_HAND) {
		qsort(rows, n, sizeof(*rows), by_row);
	} else {
		for (size_t i = 1; i < n; i++) {
			uint32_t x = rows[i];
			size_t at = i;
			for (; at > 0 && rows[at - 1] > x; at--)
				rows[at] = rows[at - 1];
			rows[at] = x;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (i == 0 || rows[i] != rows[k - 1])
			rows[k++] = rows[i];
	return k;
}

size_t blocks_gather(const struct block_hits *h, size_t before, uint32_t *ret)
{
	size_t n = 0;
	for (size_t k = 0; k < h->n; k++)
		for (size_t i = 0; i < h->of[k].n && h->of[k].rows[i] < before; i++)
			ret[n++] = h->of[k].rows[i];
	return h->n > 1 ? once_each(ret, n) : n;
}
