/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * by_number: from the number of a record to its index in an array of the town.  Numbers are
 * given out one after the other, so nearly all are looked up where they say; those beyond go
 * to a map.  One thread sets; any may get while nobody does.
 */
#ifndef DAOHU_CHECK_BY_NUMBER_H
#define DAOHU_CHECK_BY_NUMBER_H

#include "base/map.h"

struct by_number {
	int32_t *at; /* by number: index + 1, 0 = none */
	size_t n;
	struct imap beyond;
};

void by_number_init(struct by_number *b);
void by_number_release(struct by_number *b);
/* An index of -1: it is none any more. */
void by_number_set(struct by_number *b, int64_t no, int32_t index);

/* The index, or -1. */
static inline int32_t by_number_get(const struct by_number *b, int64_t no)
{
	if (no >= 0 && (uint64_t)no < b->n)
		return b->at[no] - 1;
	return b->beyond.n || b->beyond.has_least ? (int32_t)imap_get(&b->beyond, no, -1) : -1;
}

#endif
