/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rng: splitmix64 (Steele, Lea, Flood 2014): one word of state, so that a
 * town's streams are apart and the same everywhere.  No two draws stand in one
 * expression or argument list: C leaves their order to the compiler.
 */
#ifndef DAOHU_SYNTH_RNG_H
#define DAOHU_SYNTH_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = (r->state += 0x9E3779B97F4A7C15u);
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}
/* A stream of its own, by a number. */
static inline struct rng rng_fork(uint64_t seed, uint64_t stream)
{
	struct rng r = {seed ^ (stream * 0xD1342543DE82EF95u)};
	(void)rng_next(&r);
	return r;
}
/* 0 … n-1; n > 0. */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}
/* from … to, both included. */
static inline int rng_range(struct rng *r, int from, int to)
{
	return from + (int)rng_below(r, (uint32_t)(to - from + 1));
}
static inline bool rng_permille(struct rng *r, uint32_t p)
{
	return rng_below(r, 1000) < p;
}
/* Index by weights; the sum must be above 0. */
static inline size_t rng_weighted(struct rng *r, const uint16_t *weights, size_t n)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	uint32_t at = rng_below(r, sum);
	size_t i = 0;
	while (at >= weights[i])
		at -= weights[i++];
	return i;
}

#define RNG_PICK(r, array) ((array)[rng_below((r), (uint32_t)(sizeof(array) / sizeof((array)[0])))])

#endif
