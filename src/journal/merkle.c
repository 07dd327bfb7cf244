/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "journal/merkle.h"

#include "base/sha256.h"

#include "base/banned.h"

void merkle_leaf(struct str data, unsigned char ret[MERKLE_HASH])
{
	static const unsigned char zero = 0;
	struct sha256 s;
	sha256_begin(&s);
	sha256_add(&s, &zero, 1);
	sha256_add(&s, data.p, data.n);
	sha256_end(&s, ret);
}

void merkle_node(const unsigned char left[MERKLE_HASH], const unsigned char right[MERKLE_HASH],
		 unsigned char ret[MERKLE_HASH])
{
	unsigned char bytes[1 + 2 * MERKLE_HASH] = {1};
	memcpy(bytes + 1, left, MERKLE_HASH);
	memcpy(bytes + 1 + MERKLE_HASH, right, MERKLE_HASH);
	sha256_of(bytes, sizeof(bytes), ret);
}

void merkle_init(struct merkle *m)
{
	m->n = 0;
}

void merkle_add(struct merkle *m, const unsigned char leaf[MERKLE_HASH])
{
	unsigned char hash[MERKLE_HASH];
	size_t level = 0;
	memcpy(hash, leaf, MERKLE_HASH);
	for (uint64_t bits = m->n; bits & 1; bits >>= 1, level++)
		merkle_node(m->level[level], hash, hash);
	memcpy(m->level[level], hash, MERKLE_HASH);
	m->n++;
}

void merkle_root(const struct merkle *m, unsigned char ret[MERKLE_HASH])
{
	unsigned char hash[MERKLE_HASH];
	bool any = false;
	for (size_t level = 0; level < MERKLE_LEVELS; level++) {
		if (!(m->n >> level & 1))
			continue;
		if (any)
			merkle_node(m->level[level], hash, hash);
		else
			memcpy(hash, m->level[level], MERKLE_HASH);
		any = true;
	}
	if (!any)
		sha256_of(NULL, 0, hash);
	memcpy(ret, hash, MERKLE_HASH);
}

/* Largest power of two below n (n >= 2). */
static uint64_t split(uint64_t n)
{
	uint64_t k = 1;
	while (k < n - k)
		k <<= 1;
	return k;
}

static bool take(uint64_t n, merkle_next next, void *arg, unsigned char ret[MERKLE_HASH])
{
	struct merkle m;
	unsigned char leaf[MERKLE_HASH];
	merkle_init(&m);
	while (m.n < n) {
		if (!next(arg, leaf))
			return false;
		merkle_add(&m, leaf);
	}
	merkle_root(&m, ret);
	return true;
}

bool merkle_make_path(uint64_t index, uint64_t n, merkle_next next, void *arg,
		      struct merkle_path *ret)
{
	/* Down the tree, left to right, as the source yields; siblings on the right
	 * stand behind the leaf and are read on the way back. */
	uint64_t right[MERKLE_LEVELS];
	bool is_right[MERKLE_LEVELS];
	unsigned char left[MERKLE_LEVELS][MERKLE_HASH], leaf[MERKLE_HASH];
	size_t depth = 0;
	if (index >= n)
		return false;
	for (; n > 1; depth++) {
		uint64_t k = split(n);
		is_right[depth] = index < k;
		if (index < k) {
			right[depth] = n - k;
			n = k;
		} else {
			if (!take(k, next, arg, left[depth]))
				return false;
			index -= k;
			n -= k;
		}
	}
	if (!next(arg, leaf))
		return false;
	ret->n = 0;
	while (depth-- > 0) {
		unsigned char *to = ret->hash[ret->n++];
		if (!is_right[depth])
			memcpy(to, left[depth], MERKLE_HASH);
		else if (!take(right[depth], next, arg, to))
			return false;
	}
	return true;
}

bool merkle_follow(const unsigned char leaf[MERKLE_HASH], uint64_t index, uint64_t n,
		   const struct merkle_path *path, unsigned char ret[MERKLE_HASH])
{
	bool from_left[MERKLE_LEVELS];
	unsigned char hash[MERKLE_HASH];
	size_t depth = 0;
	if (index >= n)
		return false;
	for (; n > 1; depth++) {
		uint64_t k = split(n);
		from_left[depth] = index >= k;
		n = index < k ? k : n - k;
		if (from_left[depth])
			index -= k;
	}
	if (depth != path->n)
		return false;
	memcpy(hash, leaf, MERKLE_HASH);
	for (size_t i = 0; i < path->n; i++) {
		if (from_left[depth - 1 - i])
			merkle_node(path->hash[i], hash, hash);
		else
			merkle_node(hash, path->hash[i], hash);
	}
	memcpy(ret, hash, MERKLE_HASH);
	return true;
}
