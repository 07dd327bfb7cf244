/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * utf8: reading and writing UTF-8 by code point.  Decoding never fails: a
 * byte that is no part of a well-formed sequence (surrogates and overlong
 * forms are none) is read as U+FFFD and one byte is consumed.
 */
#ifndef DAOHU_BASE_UTF8_H
#define DAOHU_BASE_UTF8_H

#include "base/str.h"

/* Next code point of s, from *pos (advanced); -1 at the end. */
int32_t utf8_next(struct str s, size_t *pos);
bool utf8_valid(struct str s);
size_t utf8_count(struct str s); /* code points */
void utf8_put(struct buf *b, int32_t cp);
size_t utf8_encode(int32_t cp, char out[4]);
/* One UTF-16 unit as UTF-8; returns the bytes written (0 while half a pair
 * waits in *high, which begins as 0).  A surrogate without its half becomes
 * U+FFFD; at the end of the text a *high that is left is one more. */
size_t utf8_from_utf16(uint32_t *high, uint32_t unit, char out[8]);
/* Columns on a terminal: 2 for wide (East Asian W/F), 0 for combining. */
int utf8_width(int32_t cp);
size_t utf8_str_width(struct str s);
/* At most `columns` wide; never cuts inside a character. */
struct str utf8_fit(struct str s, size_t columns);
static inline bool utf8_is_han(int32_t cp)
{
	return (cp >= 0x3400 && cp <= 0x9FFF) || (cp >= 0xF900 && cp <= 0xFAFF) ||
	       (cp >= 0x20000 && cp <= 0x323AF) || cp == 0x3007;
}
/* Full-width ASCII variants (U+FF01..FF5E, U+3000) to ASCII; others unchanged. */
static inline int32_t utf8_narrow(int32_t cp)
{
	if (cp >= 0xFF01 && cp <= 0xFF5E)
		return cp - 0xFEE0;
	return cp == 0x3000 ? ' ' : cp;
}

#endif
