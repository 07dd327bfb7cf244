/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/by_number.h"

#include "base/arena.h"

#include "base/banned.h"

enum { FIRST = 1 << 12, DENSE_MAX = 1 << 24 };

void by_number_init(struct by_number *b)
{
	*b = (struct by_number){.at = NULL};
	imap_init(&b->beyond);
}

void by_number_release(struct by_number *b)
{
	base_free(b->at);
	imap_release(&b->beyond);
	*b = (struct by_number){.at = NULL};
}

static void grow(struct by_number *b, size_t least)
{
	size_t n = b->n ? b->n : FIRST;
	while (n < least)
		n *= 2;
	b->at = base_realloc(b->at, n, sizeof(*b->at));
	memset(b->at + b->n, 0, (n - b->n) * sizeof(*b->at));
	b->n = n;
}

void by_number_set(struct by_number *b, int64_t no, int32_t index)
{
	if (no < 0 || no >= DENSE_MAX) {
		(void)imap_set(&b->beyond, no, index);
		return;
	}
	if ((size_t)no >= b->n)
		grow(b, (size_t)no + 1);
	b->at[no] = index + 1;
}
