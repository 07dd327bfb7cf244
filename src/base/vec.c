/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/vec.h"

#include <string.h>

#include "base/banned.h"

void *vec__room(void *p, size_t n, size_t *cap, size_t size)
{
	if (n == *cap) {
		*cap = n ? n * 2 : 8;
		p = base_realloc(p, *cap, size);
	}
	memset((char *)p + n * size, 0, size);
	return p;
}
