/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * str: borrowed text (struct str) and text that grows (struct buf).
 *
 * A `struct str` points at bytes somebody else keeps; it need not end in NUL.
 * A `struct buf` owns its bytes, always keeps a NUL behind them, and has a
 * maximum given at init: what would pass it sets `full` and is dropped whole
 * (never cut in the middle), so a writer checks `full` once at the end.
 */
#ifndef DAOHU_BASE_STR_H
#define DAOHU_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

struct str {
	const char *p; /* may be NULL when n is 0 */
	size_t n;
};

#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct str str_c(const char *s)
{
	return (struct str){s, s ? strlen(s) : 0};
}
static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(struct str a, const char *b)
{
	return str_eq(a, str_c(b));
}
static inline struct str str_sub(struct str s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return (struct str){s.p ? s.p + from : NULL, n};
}
int str_cmp(struct str a, struct str b); /* bytewise, as memcmp */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Where `needle` first stands, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle);
/* Without white space (ASCII, U+00A0, U+3000, U+FEFF, zero-width) at both ends. */
struct str str_trim(struct str s);
/* Takes the next piece up to `sep` off *rest; false when nothing is left. */
bool str_split(struct str *rest, char sep, struct str *ret_piece);
/* Whole string as a decimal integer; false when it is not one or too large. */
bool str_to_int(struct str s, int64_t *ret);
/* Value of a hexadecimal digit in either case, -1 when it is none. */
static inline int str_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
uint64_t str_hash(struct str s);
/* The first of [p, end) that is one of four signs; end when there is none. */
static inline const char *str_first_of(const char *p, const char *end, const char *signs)
{
	typedef unsigned char bytes16 __attribute__((vector_size(16)));
	const bytes16 none = {0}, a = none + (unsigned char)signs[0], b = none + (unsigned char)signs[1],
		      c = none + (unsigned char)signs[2], d = none + (unsigned char)signs[3];
	for (; end - p >= (ptrdiff_t)sizeof(none); p += sizeof(none)) {
		bytes16 v;
		uint64_t hit[2];
		memcpy(&v, p, sizeof(v));
		v = (bytes16)((v == a) | (v == b) | (v == c) | (v == d));
		memcpy(hit, &v, sizeof(hit));
		if (hit[0])
			return p + __builtin_ctzll(hit[0]) / 8;
		if (hit[1])
			return p + 8 + __builtin_ctzll(hit[1]) / 8;
	}
	while (p < end && *p != signs[0] && *p != signs[1] && *p != signs[2] && *p != signs[3])
		p++;
	return p;
}
const char *str_dup(struct arena *a, struct str s); /* NUL-terminated copy */
struct str str_copy(struct arena *a, struct str s);

struct buf {
	char *p; /* NUL-terminated; NULL until the first byte */
	size_t n;
	size_t cap;
	size_t max;
	bool full; /* something did not fit and was dropped */
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
static inline void buf_clear(struct buf *b)
{
	b->n = 0;
	b->full = false;
	if (b->p)
		b->p[0] = '\0';
}
void buf__add(struct buf *b, const void *p, size_t n); /* when it has to grow */
static inline void buf_add(struct buf *b, const void *p, size_t n)
{
	if (b->full || n >= b->cap - b->n || !n) {
		buf__add(b, p, n);
		return;
	}
	memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}
static inline void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}
static inline void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}
static inline void buf_addstr(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addint(struct buf *b, int64_t v);
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){b->p, b->n};
}
/* Room for n bytes behind the last one, to be written and then taken in by
 * buf_grow(); NULL (and full) when there is none. */
char *buf_room(struct buf *b, size_t n);
static inline void buf_grow(struct buf *b, size_t n)
{
	b->n += n;
	b->p[b->n] = '\0';
}
/* Cuts back to n bytes. */
static inline void buf_cut(struct buf *b, size_t n)
{
	if (n < b->n) {
		b->n = n;
		b->p[n] = '\0';
	}
}

#endif
