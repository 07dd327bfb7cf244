/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * block: rows of one side by their blocking keys, one index a rule; which rows of it share a key
 * with a row of the other side.  Reading is thread-safe.
 */
#ifndef DAOHU_PAIRS_BLOCK_H
#define DAOHU_PAIRS_BLOCK_H

#include "pairs/side.h"

enum {
	BLOCK_MOST = 400, /* rows of a key beyond which it says too little to compare by */
	BLOCK_ALL_MOST = BLOCK_MOST * PAIRS_RULES_MAX, /* that all rules give */
};

/* Different keys in order, found by their first bits; the rows of each in order. */
struct block_index {
	unsigned shift;
	uint32_t *bucket; /* by first bits: place in keys; one more at the end */
	uint64_t *keys;
	uint32_t *start; /* by key: place in rows; one more at the end */
	uint32_t *rows;
	/* Each key has set a few bits of one word: nearly all keys that are not there are told by it. */
	uint64_t *filter;
	uint64_t filter_mask; /* words, a power of two, less one */
};

struct blocks {
	const struct side *a;
	struct block_index index[PAIRS_RULES_MAX];
	/* Rules in the order in which they are asked, and which of them (bits) hold all rows that
	 * one of them has: rules of a part of its parts. */
	uint8_t order[PAIRS_RULES_MAX];
	uint32_t wider[PAIRS_RULES_MAX];
	struct arena own[PAIRS_RULES_MAX];
};

/* Of a side with an index (SIDE_RULES). */
void blocks_make(const struct side *a, struct team *team, struct blocks *ret);
void blocks_release(struct blocks *b);

/* Rows of a that share the key of the rule with a row of b; none where they are too many. */
const uint32_t *blocks_find(const struct blocks *blocks, size_t rule, const struct side *b,
			    size_t row, struct arena *scratch, size_t *ret_n);
/* The same for all rules, for a few rows of b at a time: what has to come from far is asked for
 * before it is needed. */
struct block_hits {
	uint32_t done; /* rules (bits) whose rows are all there */
	uint32_t n;
	struct {
		const uint32_t *rows;
		uint32_t n;
	} of[PAIRS_RULES_MAX];
};
/* Which of the group (bits) some rule may find rows for: all that it does, and a few others. */
uint32_t blocks_sift(const struct blocks *blocks, struct side_group *b);
void blocks_look(const struct blocks *blocks, struct side_group *b, struct block_hits *ret);
/* The rows of a row's hits, ascending, each once; only those below `before`.  ret has room for
 * BLOCK_ALL_MOST. */
size_t blocks_gather(const struct block_hits *h, size_t before, uint32_t *ret);

#endif
