/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/biff.h"

#include <iconv.h>
#include <stdio.h>

#include "base/utf8.h"

#include "base/banned.h"

double biff_f64(const unsigned char *p)
{
	uint64_t bits = (uint64_t)biff_u32(p) | (uint64_t)biff_u32(p + 4) << 32;
	double v;
	memcpy(&v, &bits, sizeof(v));
	return v;
}

double biff_rk(uint32_t rk)
{
	double v;
	if (rk & 2) {
		/* 30 bits, signed */
		int64_t i = (int64_t)(rk >> 2);
		v = (double)(i >= 1 << 29 ? i - (1 << 30) : i);
	} else {
		uint64_t bits = (uint64_t)(rk & 0xFFFFFFFCu) << 32;
		memcpy(&v, &bits, sizeof(v));
	}
	return rk & 1 ? v / 100 : v;
}

struct biff_cursor biff_cursor(const struct biff *b, const struct biff_rec *rec, size_t at)
{
	return (struct biff_cursor){.b = b, .rec = *rec, .at = at, .failed = at > rec->n};
}

/* Goes on to the CONTINUE record when this one is used up. */
static bool more(struct biff_cursor *c)
{
	while (!c->failed && c->at >= c->rec.n) {
		struct biff_rec next;
		if (!biff_at(c->b, c->rec.next, &next) || next.type != BIFF_CONTINUE) {
			c->failed = true;
			return false;
		}
		c->rec = next;
		c->at = 0;
	}
	return !c->failed;
}

uint32_t biff_get(struct biff_cursor *c, int bytes)
{
	uint32_t v = 0;
	for (int i = 0; i < bytes; i++) {
		if (!more(c))
			return 0;
		v |= (uint32_t)c->rec.p[c->at++] << (8 * i);
	}
	return v;
}

static void skip(struct biff_cursor *c, uint64_t n)
{
	while (n && more(c)) {
		size_t k = c->rec.n - c->at;
		if (k > n)
			k = (size_t)n;
		c->at += k;
		n -= k;
	}
}

void biff_chars8(struct biff_cursor *c, uint32_t count, unsigned flags, struct buf *out)
{
	uint32_t high = 0;
	char utf8[8];
	bool wide = flags & 1;
	while (count && !c->failed) {
		if (c->at >= c->rec.n) {
			if (!more(c))
				break;
			/* characters go on, or begin, behind a new byte of flags */
			wide = c->rec.p[c->at++] & 1;
			continue;
		}
		size_t unit = wide ? 2 : 1, k = (c->rec.n - c->at) / unit;
		if (k == 0) { /* half a character at the end of a record */
			c->at = c->rec.n;
			continue;
		}
		if (k > count)
			k = count;
		for (size_t i = 0; i < k; i++, c->at += unit) {
			uint32_t u = wide ? biff_u16(c->rec.p + c->at) : c->rec.p[c->at];
			buf_add(out, utf8, utf8_from_utf16(&high, u ? u : 0xFFFD, utf8));
		}
		count -= (uint32_t)k;
	}
	if (high)
		utf8_put(out, 0xFFFD);
}

void biff_string8(struct biff_cursor *c, int count_bytes, struct buf *out)
{
	uint32_t count = biff_get(c, count_bytes);
	unsigned flags = biff_get(c, 1);
	uint32_t runs = flags & 8 ? biff_get(c, 2) : 0;
	uint32_t ext = flags & 4 ? biff_get(c, 4) : 0;
	biff_chars8(c, count, flags, out);
	skip(c, (uint64_t)runs * 4 + ext);
}

static bool is_ascii(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] >= 0x80)
			return false;
	return true;
}

/* Converts whole; false when the bytes are not in the encoding. */
static bool convert(const char *from, const unsigned char *p, size_t n, bool force, struct buf *out)
{
	iconv_t cd = iconv_open("UTF-8", from);
	if (cd == (iconv_t)-1)
		return false;
	char block[256];
	char *in = (char *)(uintptr_t)p;
	size_t in_left = n, before = out->n;
	bool good = true;
	while (in_left && (good || force)) {
		char *to = block;
		size_t to_left = sizeof(block), was = in_left;
		size_t rc = iconv(cd, &in, &in_left, &to, &to_left);
		buf_add(out, block, sizeof(block) - to_left);
		if (rc == (size_t)-1 && in_left == was && to_left == sizeof(block)) {
			good = false;
			utf8_put(out, 0xFFFD);
			in++;
			in_left--;
		}
	}
	iconv_close(cd);
	if (!good && !force)
		buf_cut(out, before);
	return good || force;
}

void biff_bytes(const struct biff *b, const unsigned char *p, size_t n, struct buf *out)
{
	char name[24];
	size_t from = out->n;
	if (is_ascii(p, n)) {
		buf_add(out, p, n);
	} else {
		unsigned cp = b->codepage;
		/* exporters that do not say, and those that say 1252 over Chinese bytes */
		bool chinese = cp == 0 || cp == 936 || cp == 54936;
		if (cp == 10000 || cp == 32768)
			(void)snprintf(name, sizeof(name), "MACINTOSH");
		else if (cp == 1200)
			(void)snprintf(name, sizeof(name), "UTF-16LE");
		else
			(void)snprintf(name, sizeof(name), "CP%u", cp == 32769 ? 1252 : cp);
		if (!(chinese && convert("GB18030", p, n, cp != 0, out)) &&
		    !(cp && convert(name, p, n, true, out)))
			(void)convert("CP1252", p, n, true, out);
	}
	for (size_t i = from; i < out->n; i++)
		if (out->p[i] == '\0')
			out->p[i] = ' ';
}

const char *biff_error_text(unsigned code)
{
	switch (code) {
	case 0x00:
		return "#NULL!";
	case 0x07:
		return "#DIV/0!";
	case 0x0F:
		return "#VALUE!";
	case 0x17:
		return "#REF!";
	case 0x1D:
		return "#NAME?";
	case 0x24:
		return "#NUM!";
	case 0x2A:
		return "#N/A";
	default:
		return "#ERR";
	}
}
