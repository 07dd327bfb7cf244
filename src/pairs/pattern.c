/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/pattern.h"

#include "base/banned.h"

void patterns_init(struct patterns *x, size_t fields)
{
	*x = (struct patterns){.fields = fields};
	map_init(&x->seen);
	arena_init(&x->keys, 0);
}

void patterns_release(struct patterns *x)
{
	map_release(&x->seen);
	arena_release(&x->keys);
	base_free(x->p);
	*x = (struct patterns){0};
}

static uint32_t number_of(struct patterns *x, const uint8_t *level)
{
	struct str key = {(const char *)level, x->fields};
	int64_t at = map_get(&x->seen, key, -1);
	if (at >= 0)
		return (uint32_t)at;
	if (x->n == x->cap) {
		x->cap = x->cap ? x->cap * 2 : 256;
		x->p = base_realloc(x->p, x->cap, sizeof(*x->p));
	}
	x->p[x->n] = (struct pattern){.count = 0};
	memcpy(x->p[x->n].level, level, x->fields);
	map_set(&x->seen, str_copy(&x->keys, key), (int64_t)x->n);
	return (uint32_t)x->n++;
}

uint32_t patterns_add(struct patterns *x, const uint8_t *level)
{
	/* many that follow each other are alike */
	if (!x->n || memcmp(x->p[x->last].level, level, x->fields) != 0)
		x->last = number_of(x, level);
	x->p[x->last].count++;
	return x->last;
}
