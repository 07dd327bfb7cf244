/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * merkle: the hash tree of RFC 6962 §2.1 with SHA-256.
 *
 * A `struct merkle` takes leaf hashes one by one and knows the root of what it
 * has taken; it keeps one hash a level.  Nothing here allocates.
 */
#ifndef DAOHU_JOURNAL_MERKLE_H
#define DAOHU_JOURNAL_MERKLE_H

#include "base/str.h"

enum { MERKLE_HASH = 32, MERKLE_LEVELS = 64 };

struct merkle {
	uint64_t n; /* leaves taken */
	unsigned char level[MERKLE_LEVELS][MERKLE_HASH]; /* full subtrees, by bits of n */
};

/* MTH of one leaf: SHA-256(0x00 || data). */
void merkle_leaf(struct str data, unsigned char ret[MERKLE_HASH]);
/* SHA-256(0x01 || left || right) */
void merkle_node(const unsigned char left[MERKLE_HASH], const unsigned char right[MERKLE_HASH],
		 unsigned char ret[MERKLE_HASH]);
void merkle_init(struct merkle *m);
void merkle_add(struct merkle *m, const unsigned char leaf[MERKLE_HASH]);
/* Of no leaves: SHA-256 of nothing. */
void merkle_root(const struct merkle *m, unsigned char ret[MERKLE_HASH]);

/*
 * The audit path of leaf `index` among `n` leaves (§2.1.1), read from a source
 * that yields the leaf hashes in order; false when the source failed.  At most
 * MERKLE_LEVELS hashes, the leaf's sibling first.
 */
struct merkle_path {
	size_t n;
	unsigned char hash[MERKLE_LEVELS][MERKLE_HASH];
};
typedef bool (*merkle_next)(void *arg, unsigned char ret[MERKLE_HASH]);
bool merkle_make_path(uint64_t index, uint64_t n, merkle_next next, void *arg,
		      struct merkle_path *ret);
/* The root that a leaf and its path lead to; false when the path has the wrong length. */
bool merkle_follow(const unsigned char leaf[MERKLE_HASH], uint64_t index, uint64_t n,
		   const struct merkle_path *path, unsigned char ret[MERKLE_HASH]);

#endif
