/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include "pack/pack.h"

#include "base/banned.h"

/* Marks that carry no meaning in a header or a label, beyond ASCII. */
static bool is_mark(int32_t cp)
{
	switch (cp) {
	case 0x00A0: case 0x00B7: case 0x00D7: case 0x2022: case 0x2026: case 0x203B: case 0x3000:
	case 0x3001: case 0x3002: case 0x3003: case 0x300A: case 0x300B: case 0x300C: case 0x300D:
	case 0x300E: case 0x300F: case 0x30FB: case 0xFEFF: case 0xFFFD:
		return true;
	default:
		return (cp >= 0x2000 && cp <= 0x201F) || (cp >= 0x2460 && cp <= 0x24FF) ||
		       (cp >= 0x2600 && cp <= 0x26FF) || (cp >= 0x25A0 && cp <= 0x25FF) ||
		       cp == 0xB9 || cp == 0xB2 || cp == 0xB3;
	}
}

/* The code point to compare by, 0 = none. */
static int32_t fold(int32_t cp)
{
	cp = utf8_narrow(cp);
	if (cp < 0x80) {
		if (cp >= 'A' && cp <= 'Z')
			return cp + 32;
		if (cp == '[' || cp == '{')
			return '(';
		if (cp == ']' || cp == '}')
			return ')';
		bool keep = (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || cp == '(' ||
		            cp == ')' || cp == '%';
		return keep ? cp : 0;
	}
	if (cp == 0x3010 || cp == 0x3014 || cp == 0x3016 || cp == 0x3008)
		return '(';
	if (cp == 0x3011 || cp == 0x3015 || cp == 0x3017 || cp == 0x3009)
		return ')';
	return is_mark(cp) ? 0 : cp;
}

size_t pack_normal(struct str s, char *out, size_t max)
{
	size_t n = 0, pos = 0;
	int32_t cp;
	while ((cp = utf8_next(s, &pos)) >= 0) {
		cp = fold(cp);
		if (cp == 0)
			continue;
		char c[4];
		size_t k = utf8_encode(cp, c);
		if (n + k > max)
			return 0;
		memcpy(out + n, c, k);
		n += k;
	}
	return n;
}
