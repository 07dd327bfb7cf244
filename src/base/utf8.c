/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"

#include "base/banned.h"

/* Length of the well-formed sequence at p, 0 when there is none. */
static size_t sequence(const unsigned char *p, size_t n)
{
	unsigned char c = p[0];
	if (c < 0x80)
		return 1;
	if (c < 0xC2 || c > 0xF4)
		return 0;
	size_t len = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
	if (n < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	if ((c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] > 0x9F) ||
	    (c == 0xF0 && p[1] < 0x90) || (c == 0xF4 && p[1] > 0x8F))
		return 0;
	return len;
}

int32_t utf8_next(struct str s, size_t *pos)
{
	if (*pos >= s.n)
		return -1;
	const unsigned char *p = (const unsigned char *)s.p + *pos;
	if (p[0] < 0x80) {
		(*pos)++;
		return p[0];
	}
	if (p[0] >= 0xE1 && p[0] <= 0xEC && s.n - *pos >= 3 && (p[1] & 0xC0) == 0x80 &&
	    (p[2] & 0xC0) == 0x80) { /* nearly all Han characters */
		*pos += 3;
		return (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
	}
	size_t len = sequence(p, s.n - *pos);
	*pos += len ? len : 1;
	switch (len) {
	case 1: return p[0];
	case 2: return (p[0] & 0x1F) << 6 | (p[1] & 0x3F);
	case 3: return (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
	case 4:
		return (p[0] & 0x07) << 18 | (p[1] & 0x3F) << 12 | (p[2] & 0x3F) << 6 |
		       (p[3] & 0x3F);
	default: return 0xFFFD;
	}
}

bool utf8_valid(struct str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t len = sequence((const unsigned char *)s.p + i, s.n - i);
		if (!len)
			return false;
		i += len;
	}
	return true;
}

size_t utf8_count(struct str s)
{
	size_t n = 0;
	for (size_t pos = 0; utf8_next(s, &pos) >= 0;)
		n++;
	return n;
}

size_t utf8_encode(int32_t cp, char out[4])
{
	if (cp < 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = 0xFFFD;
	uint32_t u = (uint32_t)cp;
	if (u < 0x80) {
		out[0] = (char)u;
		return 1;
	}
	if (u < 0x800) {
		out[0] = (char)(0xC0 | u >> 6);
		out[1] = (char)(0x80 | (u & 0x3F));
		return 2;
	}
	if (u < 0x10000) {
		out[0] = (char)(0xE0 | u >> 12);
		out[1] = (char)(0x80 | (u >> 6 & 0x3F));
		out[2] = (char)(0x80 | (u & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | u >> 18);
	out[1] = (char)(0x80 | (u >> 12 & 0x3F));
	out[2] = (char)(0x80 | (u >> 6 & 0x3F));
	out[3] = (char)(0x80 | (u & 0x3F));
	return 4;
}

void utf8_put(struct buf *b, int32_t cp)
{
	char t[4];
	buf_add(b, t, utf8_encode(cp, t));
}

/* East Asian Wide and Fullwidth (UAX 11), the blocks that ledgers hold. */
static const struct range {
	int32_t first, last;
} wide[] = {
	{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xAC00, 0xD7A3},
	{0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6},
	{0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD},
};

/* Controls, combining marks, zero-width signs. */
static const struct range no_width[] = {
	{0, 0x1F},        {0x7F, 0x9F},     {0x300, 0x36F},
	{0x200B, 0x200F}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF},
};

static bool in_ranges(int32_t cp, const struct range *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (cp >= r[i].first && cp <= r[i].last)
			return true;
	}
	return false;
}

int utf8_width(int32_t cp)
{
	if (cp < 0 || in_ranges(cp, no_width, sizeof(no_width) / sizeof(no_width[0])))
		return 0;
	return in_ranges(cp, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

size_t utf8_str_width(struct str s)
{
	size_t w = 0;
	int32_t cp;
	for (size_t pos = 0; (cp = utf8_next(s, &pos)) >= 0;)
		w += (size_t)utf8_width(cp);
	return w;
}

struct str utf8_fit(struct str s, size_t columns)
{
	size_t w = 0, pos = 0;
	while (pos < s.n) {
		size_t at = pos;
		w += (size_t)utf8_width(utf8_next(s, &pos));
		if (w > columns)
			return (struct str){s.p, at};
	}
	return s;
}

size_t utf8_from_utf16(uint32_t *high, uint32_t unit, char out[8])
{
	size_t n = 0;
	bool low = unit >= 0xDC00 && unit <= 0xDFFF;
	if (*high) {
		uint32_t first = *high - 0xD800;
		*high = 0;
		if (low)
			return utf8_encode((int32_t)(0x10000 + (first << 10) + (unit - 0xDC00)),
			                   out);
		n = utf8_encode(0xFFFD, out);
	}
	if (unit >= 0xD800 && unit <= 0xDBFF) {
		*high = unit;
		return n;
	}
	return n + utf8_encode(low ? 0xFFFD : (int32_t)unit, out + n);
}
