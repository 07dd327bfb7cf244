/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/by_number.h"

#include "base/arena.h"

#include "base/banned.h"

enum { NEAR = 1 << 24, PAGES_FIRST = 64 };

void by_number_init(struct by_number *b)
{
	*b = (struct by_number){.page = NULL};
	imap_init(&b->beyond);
}

void by_number_release(struct by_number *b)
{
	for (size_t i = 0; i < b->n; i++)
		base_free(b->page[i]);
	base_free(b->page);
	imap_release(&b->beyond);
	by_number_init(b);
}

static void grow(struct by_number *b, size_t least)
{
	size_t n = b->n ? b->n : PAGES_FIRST;
	while (n < least)
		n *= 2;
	b->page = base_realloc(b->page, n, sizeof(*b->page));
	for (; b->n < n; b->n++)
		b->page[b->n] = NULL;
}

void by_number_set(struct by_number *b, int64_t no, int32_t index)
{
	if (no < 0 || no >= NEAR) {
		(void)imap_set(&b->beyond, no, index);
		return;
	}
	size_t at = (size_t)no / NUMBERS_PAGE;
	if (at >= b->n)
		grow(b, at + 1);
	if (!b->page[at])
		b->page[at] = base_calloc(NUMBERS_PAGE, sizeof(*b->page[at]));
	b->page[at][no % NUMBERS_PAGE] = index + 1;
}
