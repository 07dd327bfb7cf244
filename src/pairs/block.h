/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * block: rows of one side by their blocking keys, one index a rule; which rows of it share a key
 * with a row of the other side.  Reading is thread-safe.
 */
#ifndef DAOHU_PAIRS_BLOCK_H
#define DAOHU_PAIRS_BLOCK_H

#include "pairs/side.h"

enum { BLOCK_MOST = 400 }; /* rows of a key beyond which it says too little to compare by */

struct block_index {
	uint64_t *keys;  /* open addressing; 0 = free */
	uint32_t *start, *count;
	size_t cap;
	uint32_t *rows;  /* by key */
};

struct blocks {
	const struct side *a;
	struct block_index index[PAIRS_RULES_MAX];
};

void blocks_make(const struct side *a, struct blocks *ret);
void blocks_release(struct blocks *b);

/* Rows of a that share the key of the rule with the row of these keys. */
const uint32_t *blocks_find(const struct blocks *b, size_t rule, struct side_keys *keys,
                            struct arena *arena, size_t *ret_n);

#endif
