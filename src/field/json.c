/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "field/field.h"

#include "base/banned.h"

/* RFC 8785 §3.2.2.2: the short escapes, \u00xx for other controls, all else as it is. */
static void add_escape(unsigned char c, struct buf *out)
{
	static const char hex[] = "0123456789abcdef";
	char esc[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
	static const char from[] = "\b\t\n\f\r\"\\";
	static const char to[] = "btnfr\"\\";
	const char *at = c ? strchr(from, c) : NULL;
	if (at) {
		esc[1] = to[at - from];
		buf_add(out, esc, 2);
	} else {
		buf_add(out, esc, 6);
	}
}

void json_string(struct str s, struct buf *out)
{
	size_t from = 0;
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		if (i > from)
			buf_add(out, s.p + from, i - from);
		from = i + 1;
		add_escape(c, out);
	}
	if (s.n > from)
		buf_add(out, s.p + from, s.n - from);
	buf_addc(out, '"');
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct str bytes, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		unsigned v = (unsigned)p[i] << 16;
		if (left > 1)
			v |= (unsigned)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		char four[4] = {base64_digits[v >> 18], base64_digits[v >> 12 & 63],
				left > 1 ? base64_digits[v >> 6 & 63] : '=',
				left > 2 ? base64_digits[v & 63] : '='};
		buf_add(out, four, 4);
	}
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct str text, struct arena *a, struct str *ret)
{
	if (text.n % 4)
		return false;
	size_t pad = 0;
	while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
		pad++;
	size_t n = text.n / 4 * 3 - pad;
	char *bytes = arena_alloc(a, n + 1);
	size_t fill = 0;
	unsigned v = 0;
	for (size_t i = 0; i < text.n; i++) {
		int digit = i + pad < text.n ? base64_value(text.p[i]) : 0;
		if (digit < 0)
			return false;
		v = (v << 6 | (unsigned)digit) & 0xFFFFFF;
		if (i % 4 != 3)
			continue;
		for (int shift = 16; shift >= 0 && fill < n; shift -= 8)
			bytes[fill++] = (char)(v >> shift & 0xFF);
	}
	/* The bits that the padding leaves over must be zero: one text a value. */
	if (pad && (v & ((1u << (8 * pad)) - 1)))
		return false;
	bytes[n] = '\0';
	*ret = (struct str){bytes, n};
	return true;
}
