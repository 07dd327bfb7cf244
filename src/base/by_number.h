/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * by_number: from the number of a record to an index of the caller's.  Numbers are given out
 * one after the other, so they are looked up where they say, in pages of NUMBERS_PAGE that are
 * there once one of theirs is; those far beyond go to a map.  One thread sets; any may get
 * while nobody does.
 */
#ifndef DAOHU_BASE_BY_NUMBER_H
#define DAOHU_BASE_BY_NUMBER_H

#include "base/map.h"

enum { NUMBERS_PAGE = 1024 };

struct by_number {
	int32_t **page; /* index + 1, 0 = none; NULL: none of them */
	size_t n;       /* pages */
	struct imap beyond;
};

void by_number_init(struct by_number *b);
void by_number_release(struct by_number *b); /* usable again */
/* An index of -1: it is none any more. */
void by_number_set(struct by_number *b, int64_t no, int32_t index);

/* The index, or -1. */
static inline int32_t by_number_get(const struct by_number *b, int64_t no)
{
	if (no >= 0 && (uint64_t)no / NUMBERS_PAGE < b->n) {
		const int32_t *page = b->page[no / NUMBERS_PAGE];
		return page ? page[no % NUMBERS_PAGE] - 1 : -1;
	}
	return b->beyond.n || b->beyond.has_least ? (int32_t)imap_get(&b->beyond, no, -1) : -1;
}

#endif
