/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/money.h"

#include "base/utf8.h"

#include "base/banned.h"

/* Factors and products carry eight decimals: 万元 with six still give the fen.
 * Nothing a town writes comes near 10^9 (a factor) or 10^11 (the product). */
enum { PLACES = 8 };
#define PLACES_UNIT ((__int128)100000000)
#define FACTOR_BOUND ((int64_t)100000000000000000)
#define PRODUCT_BOUND ((__int128)1000000000000000000 * 10)

/* Narrow digits, signs, point; white space and thousands separators dropped.
 * False when anything else stands in s or it does not fit. */
static bool plain_number(struct str s, char *out, size_t size, size_t *ret_n)
{
	size_t n = 0, pos = 0;
	int32_t cp;
	while ((cp = utf8_next(s, &pos)) >= 0) {
		cp = utf8_narrow(cp);
		if (cp == ' ' || cp == '\t' || cp == ',' || cp == 0xA0 || cp == 0x2009)
			continue;
		if (cp == 0x2212 || cp == 0x2013)
			cp = '-';
		bool ok = (cp >= '0' && cp <= '9') || cp == '.' || cp == '-' || cp == '+' ||
		          cp == 'e' || cp == 'E';
		if (!ok || n + 1 >= size)
			return false;
		out[n++] = (char)cp;
	}
	out[n] = '\0';
	*ret_n = n;
	return n > 0;
}

struct digits {
	uint64_t mantissa; /* all digits, point left out */
	int places;        /* digits behind the point, less the exponent */
	bool neg;
	bool lost; /* digits beyond 18 were not zero */
};

static bool read_exponent(const char *p, struct digits *d)
{
	bool neg = *p == '-';
	int e = 0, k = 0;
	if (*p == '-' || *p == '+')
		p++;
	for (; *p >= '0' && *p <= '9' && k < 3; p++, k++)
		e = e * 10 + (*p - '0');
	if (!k || *p)
		return false;
	d->places -= neg ? -e : e;
	return true;
}

static bool read_digits(const char *p, struct digits *d)
{
	bool point = false, any = false;
	*d = (struct digits){0};
	if (*p == '-' || *p == '+')
		d->neg = *p++ == '-';
	for (; *p; p++) {
		if (*p == '.') {
			if (point)
				return false;
			point = true;
		} else if (*p == 'e' || *p == 'E') {
			return any && read_exponent(p + 1, d);
		} else if (*p < '0' || *p > '9') {
			return false;
		} else {
			any = true;
			if (d->mantissa < 100000000000000000u) {
				d->mantissa = d->mantissa * 10 + (uint64_t)(*p - '0');
				d->places += point;
			} else {
				d->lost |= *p != '0';
				d->places -= !point;
			}
		}
	}
	return any;
}

bool decimal_parse(struct str s, int scale, int64_t *ret, bool *ret_exact)
{
	char t[64];
	size_t n;
	struct digits d;
	if (!plain_number(s, t, sizeof(t), &n) || !read_digits(t, &d))
		return false;
	int shift = scale - d.places;
	uint64_t v = d.mantissa;
	bool exact = !d.lost;
	for (; shift > 0 && v; shift--)
		if (__builtin_mul_overflow(v, 10u, &v))
			return false;
	for (; shift < -1 && v; shift++) {
		exact &= v % 10 == 0;
		v /= 10;
	}
	if (shift == -1) {
		exact &= v % 10 == 0;
		v = v / 10 + (v % 10 >= 5);
	}
	if (v > INT64_MAX)
		return false;
	*ret = d.neg ? -(int64_t)v : (int64_t)v;
	if (ret_exact)
		*ret_exact = exact;
	return true;
}

bool decimal_exact(struct str s, int scale, int64_t *ret)
{
	bool exact = true;
	return decimal_parse(s, scale, ret, &exact) && exact;
}

bool money_div_round(int64_t a, int64_t b, int64_t *ret)
{
	if (b == 0 || (a == INT64_MIN && b == -1))
		return false;
	int64_t q = a / b, r = a % b;
	uint64_t ur = r < 0 ? 0 - (uint64_t)r : (uint64_t)r;
	uint64_t ub = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
	if (ur >= ub - ur)
		q += (a < 0) == (b < 0) ? 1 : -1;
	*ret = q;
	return true;
}

struct unit_word {
	struct str word;
	int64_t fen;
};

/* One factor: number with an optional unit; *ret_fen 0 when it has none. */
static bool factor(struct str s, int64_t *ret_value, int64_t *ret_fen)
{
	static const struct unit_word units[] = {
		{STR("万元"), 1000000}, {STR("千元"), 100000}, {STR("元"), 100}, {STR("块"), 100},
		{STR("圆"), 100},       {STR("万"), 1000000},  {STR("角"), 10},  {STR("分"), 1},
	};
	static const struct str per[] = {STR("/月"), STR("每月"), STR("/年"), STR("每年"), STR("/人"),
	                                 STR("/户"), STR("人"),   STR("个月"), STR("月"),  STR("/亩"),
	                                 STR("亩"),  STR("整"),   STR("户")};
	s = str_trim(s);
	*ret_fen = 0;
	for (size_t i = 0; i < sizeof(per) / sizeof(*per); i++)
		if (str_ends(s, per[i])) {
			s = str_trim(str_sub(s, 0, s.n - per[i].n));
			i = (size_t)-1;
		}
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (str_ends(s, units[i].word)) {
			*ret_fen = units[i].fen;
			s = str_sub(s, 0, s.n - units[i].word.n);
			break;
		}
	return decimal_parse(s, PLACES, ret_value, NULL);
}

static struct str without_marks(struct str s)
{
	/* an apostrophe: what a spreadsheet wants in front of a number that is text */
	static const struct str marks[] = {STR("￥"), STR("¥"), STR("人民币"), STR("RMB"), STR("约"),
	                                   STR("'")};
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (str_starts(s, marks[i])) {
			s = str_trim(str_sub(s, marks[i].n, s.n));
			i = (size_t)-1;
		}
	return s;
}

bool money_parse(struct str s, int64_t unit, fen_t *ret)
{
	s = without_marks(str_trim(s));
	__int128 product = PLACES_UNIT;
	int64_t unit_fen = 0;
	size_t start = 0, pos = 0, factors = 0;
	for (;;) {
		size_t at = pos;
		int32_t cp = utf8_next(s, &pos);
		if (cp >= 0 && cp != '*' && cp != 0xD7 && cp != 0xFF0A && cp != 0x2715)
			continue;
		int64_t v, f;
		if (!factor(str_sub(s, start, at - start), &v, &f) || (f && unit_fen) ||
		    ++factors > 3 || v > FACTOR_BOUND || v < -FACTOR_BOUND)
			return false;
		if (f)
			unit_fen = f;
		product = product * v / PLACES_UNIT;
		if (product > PRODUCT_BOUND || product < -PRODUCT_BOUND)
			return false;
		start = pos;
		if (cp < 0)
			break;
	}
	product *= unit_fen ? unit_fen : unit * 100;
	bool neg = product < 0;
	product = ((neg ? -product : product) + PLACES_UNIT / 2) / PLACES_UNIT;
	if (product > INT64_MAX / 2)
		return false;
	*ret = neg ? -(fen_t)product : (fen_t)product;
	return true;
}

size_t money_format(fen_t v, bool group, char out[32])
{
	char t[32];
	size_t i = sizeof(t), n = 0;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	t[--i] = (char)('0' + u % 10);
	t[--i] = (char)('0' + u / 10 % 10);
	t[--i] = '.';
	u /= 100;
	for (int k = 0; k == 0 || u; k++, u /= 10) {
		if (group && k && k % 3 == 0)
			t[--i] = ',';
		t[--i] = (char)('0' + u % 10);
	}
	if (v < 0)
		t[--i] = '-';
	n = sizeof(t) - i;
	memcpy(out, t + i, n);
	out[n] = '\0';
	return n;
}
