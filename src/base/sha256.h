/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sha256: the one SHA-256 (FIPS 180-4) of the program.
 *
 * Nettle computes it: with the processor's own instructions where there are
 * any, five times as fast as libsodium's portable code.  The bytes are public
 * or salted (journal, originals, packs); nothing here is secret.
 *
 *     struct sha256 s;
 *     sha256_begin(&s); sha256_add(&s, p, n); ... sha256_end(&s, hash);
 *
 * A state is on the caller's stack and needs no release.
 */
#ifndef DAOHU_BASE_SHA256_H
#define DAOHU_BASE_SHA256_H

#include <nettle/sha2.h>
#include <stddef.h>

enum { SHA256_BYTES = 32 };

struct sha256 {
	struct sha256_ctx state;
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *p, size_t n);
void sha256_end(struct sha256 *s, unsigned char ret[SHA256_BYTES]);
/* Of n bytes at once. */
void sha256_of(const void *p, size_t n, unsigned char ret[SHA256_BYTES]);

#endif
