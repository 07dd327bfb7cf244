/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/sieve.h"

#include "base/banned.h"

bool sift_fits(const struct pairs_config *c)
{
	for (size_t k = 0; k < c->n_fields; k++)
		if (c->field[k].kind == ATTRIBUTE_NAMES)
			return false; /* its halves are counted, which are no keys of rules */
	return true;
}

bool sift_init(struct sift *x, const struct pairs_table *t, const struct pairs_config *c,
	       const struct blocks *blocks)
{
	struct diag diag = {0};
	*x = (struct sift){.blocks = blocks, .view = *t};
	if (side_make(&x->view, c, true, &diag, &x->side) != OK)
		return false;
	side_group_init(&x->group, &x->side, SIDE_FREQUENCIES);
	return true;
}

void sift_release(struct sift *x)
{
	for (size_t k = 0; k < FELLEGI_FIELDS_MAX; k++)
		base_free(x->key[k]);
	side_group_release(&x->group);
	side_release(&x->side);
	*x = (struct sift){0};
}

static void keep_keys(struct sift *x, size_t from, size_t n)
{
	const struct pairs_config *c = x->side.c;
	size_t cap = x->cap;
	if (from + n > cap)
		cap = cap ? cap * 2 : 4096;
	for (size_t k = 0; k < c->n_fields; k++) {
		if (!side_counts(c->field[k].kind))
			continue;
		if (cap > x->cap)
			x->key[k] = base_realloc(x->key[k], cap, sizeof(uint64_t));
		memcpy(x->key[k] + from, side_group_keys(&x->group, k, ATTRIBUTE_KEY_EXACT),
		       n * sizeof(uint64_t));
	}
	x->cap = cap;
}

uint32_t sift_rows(struct sift *x, const char *text, const uint32_t *at, size_t from, size_t n)
{
	x->view.text = text;
	x->view.at = at;
	side_group_at(&x->group, from, n);
	keep_keys(x, from, n);
	return blocks_sift(x->blocks, &x->group);
}
