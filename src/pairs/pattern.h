/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pattern: the levels that pairs show, all fields together: each pattern once, with a number. */
#ifndef DAOHU_PAIRS_PATTERN_H
#define DAOHU_PAIRS_PATTERN_H

#include "base/arena.h"
#include "base/map.h"
#include "link/fellegi.h"

struct patterns {
	struct pattern *p; /* by number, from 0 in the order in which they came first */
	size_t n, cap, fields;
	uint32_t last; /* that was added */
	struct map seen;
	struct arena keys;
};

void patterns_init(struct patterns *x, size_t fields);
void patterns_release(struct patterns *x);
/* Counts a pair of these levels; its pattern's number. */
uint32_t patterns_add(struct patterns *x, const uint8_t *level);

#endif
