/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/sha256.h"

#include "base/banned.h"

void sha256_begin(struct sha256 *s)
{
	sha256_init(&s->state);
}

void sha256_add(struct sha256 *s, const void *p, size_t n)
{
	if (n)
		sha256_update(&s->state, n, p);
}

void sha256_end(struct sha256 *s, unsigned char ret[SHA256_BYTES])
{
	sha256_digest(&s->state, SHA256_BYTES, ret);
}

void sha256_of(const void *p, size_t n, unsigned char ret[SHA256_BYTES])
{
	struct sha256 s;
	sha256_begin(&s);
	sha256_add(&s, p, n);
	sha256_end(&s, ret);
}
