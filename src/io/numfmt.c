/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/numfmt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

enum {
	SERIAL_MAX = 2958466, /* 9999-12-31 is the last day */
	DAY_SECONDS = 86400,
	EPOCH_1900 = -25569, /* 1899-12-30 in days since 1970 */
	EPOCH_1904 = -24107,
};

enum numfmt numfmt_builtin(unsigned id)
{
	if (id == 22)
		return NUMFMT_DATETIME;
	if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 ||
	    (id >= 50 && id <= 54) || id == 57 || id == 58)
		return NUMFMT_DATE;
	if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47 || id == 55 ||
	    id == 56)
		return NUMFMT_TIME;
	return id == 46 ? NUMFMT_ELAPSED : NUMFMT_NUMBER;
}

struct fmt_scan {
	bool day, month, clock, elapsed, number;
};

/* [...]: an elapsed unit, or a colour, condition or locale to pass over. */
static size_t scan_bracket(struct str c, size_t i, struct fmt_scan *f)
{
	size_t close = i + 1;
	while (close < c.n && c.p[close] != ']')
		close++;
	bool unit = close > i + 1;
	for (size_t k = i + 1; k < close; k++) {
		char ch = (char)(c.p[k] | 32);
		unit &= ch == 'h' || ch == 'm' || ch == 's';
	}
	f->elapsed |= unit;
	return close;
}

/* A letter; returns the index of the last byte taken. */
static size_t scan_letter(struct str c, size_t i, struct fmt_scan *f)
{
	struct str rest = str_sub(c, i, c.n);
	char lower = (char)(c.p[i] | 32);
	if (rest.n >= 7 && strncasecmp(rest.p, "general", 7) == 0)
		return f->number = true, i + 6;
	if (rest.n >= 5 && strncasecmp(rest.p, "am/pm", 5) == 0)
		return f->clock = true, i + 4;
	if (rest.n >= 3 && strncasecmp(rest.p, "a/p", 3) == 0)
		return f->clock = true, i + 2;
	if (rest.n >= 3 && strncasecmp(rest.p, "aaa", 3) == 0)
		return f->day = true, i + 2;
	if (lower == 'e' && i + 1 < c.n && (c.p[i + 1] == '+' || c.p[i + 1] == '-'))
		return f->number = true, i + 1;
	f->day |= lower == 'y' || lower == 'd' || lower == 'e' || lower == 'b';
	f->month |= lower == 'm';
	f->clock |= lower == 'h' || lower == 's';
	return i;
}

/* What stands at i; returns the index of the last byte taken. */
static size_t scan_part(struct str c, size_t i, struct fmt_scan *f)
{
	char ch = c.p[i];
	if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z'))
		return scan_letter(c, i, f);
	switch (ch) {
	case '"': {
		const char *close = memchr(c.p + i + 1, '"', c.n - i - 1);
		return close ? (size_t)(close - c.p) : c.n;
	}
	case '\\':
	case '_':
	case '*':
	case '!':
		return i + 1; /* the next byte stands for itself */
	case '[':
		return scan_bracket(c, i, f);
	case '#':
	case '?':
	case '%':
		f->number = true;
		return i;
	default:
		return i;
	}
}

enum numfmt numfmt_code(struct str c)
{
	struct fmt_scan f = {0};
	for (size_t i = 0; i < c.n && c.p[i] != ';'; i++)
		i = scan_part(c, i, &f);
	if (f.number)
		return NUMFMT_NUMBER;
	if (f.day || (f.month && !f.clock && !f.elapsed))
		return f.clock ? NUMFMT_DATETIME : NUMFMT_DATE;
	if (f.elapsed)
		return NUMFMT_ELAPSED;
	return f.clock ? NUMFMT_TIME : NUMFMT_NUMBER;
}

/* Year, month, day of days since 1970 (Howard Hinnant's civil_from_days). */
static void civil(int64_t days, int *ret_y, int *ret_m, int *ret_d)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*ret_d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*ret_m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*ret_y = (int)(yoe + era * 400 + (*ret_m <= 2));
}

static int day_text(int64_t day, bool date1904, char *out, size_t size)
{
	int y = 1900, m = 2, d = 29;
	if (date1904)
		civil(day + EPOCH_1904, &y, &m, &d);
	else if (day != 60)
		civil(day + (day < 60 ? EPOCH_1900 + 1 : EPOCH_1900), &y, &m, &d);
	return snprintf(out, size, "%04d-%02d-%02d", y, m, d);
}

size_t serial_text(double serial, enum numfmt fmt, bool date1904, char out[64])
{
	if (!(serial >= 0) || serial >= SERIAL_MAX - (date1904 ? 1462 : 0))
		return 0;
	int64_t seconds = llround(serial * DAY_SECONDS);
	int64_t day = fmt == NUMFMT_DATE ? (int64_t)serial : seconds / DAY_SECONDS;
	int rest = (int)(seconds % DAY_SECONDS), n = 0;
	int hour = rest / 3600, minute = rest / 60 % 60, second = rest % 60;
	if (fmt == NUMFMT_ELAPSED)
		return (size_t)snprintf(out, 64, "%lld:%02d:%02d", (long long)(seconds / 3600),
		                        minute, second);
	bool real_day = day > 0 || (date1904 && fmt != NUMFMT_TIME);
	if (!real_day && fmt == NUMFMT_DATE)
		return 0;
	if (real_day)
		n = day_text(day, date1904, out, 64);
	if (fmt != NUMFMT_DATE)
		n += snprintf(out + n, 64 - (size_t)n, "%s%02d:%02d:%02d", n ? " " : "", hour,
		              minute, second);
	return (size_t)n;
}

size_t iso_text(struct str s, char out[64])
{
	static const char shape[] = "0000-00-00T00:00:00";
	size_t n = s.n < sizeof(shape) - 1 ? s.n : sizeof(shape) - 1;
	if (n != 10 && n < 16)
		return 0;
	for (size_t i = 0; i < n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';
		if (shape[i] == '0' ? !digit : s.p[i] != shape[i])
			return 0;
		out[i] = i == 10 ? ' ' : s.p[i];
	}
	return n == sizeof(shape) - 1 && memcmp(out + 10, " 00:00:00", 9) == 0 ? 10 : n;
}

bool number_parse(struct str s, double *ret)
{
	char copy[NUMBER_TEXT];
	if (s.n == 0 || s.n >= sizeof(copy))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '+' && c != 'e' &&
		    c != 'E')
			return false;
	}
	memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	char *end;
	double v = strtod(copy, &end);
	if (end != copy + s.n || !isfinite(v))
		return false;
	*ret = v;
	return true;
}

struct shape {
	size_t digits; /* significant, leading zeros not counted */
	size_t dot;    /* index of the point, SIZE_MAX when there is none */
	bool plain;    /* -?digits[.digits] and nothing else */
};

static struct shape shape_of(struct str s)
{
	struct shape h = {0, SIZE_MAX, true};
	size_t i = s.n && s.p[0] == '-' ? 1 : 0;
	bool seen = false;
	h.plain = i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
	for (; i < s.n; i++) {
		char c = s.p[i];
		if (c >= '0' && c <= '9') {
			seen |= c != '0';
			h.digits += seen;
		} else if (c == '.' && h.dot == SIZE_MAX) {
			h.dot = i;
		} else {
			h.plain = false;
		}
	}
	return h;
}

/* Copies without zeros that stand for nothing at either end. */
static size_t tidy(struct str s, size_t dot, char out[NUMBER_TEXT])
{
	size_t from = 0, n = s.n, k = 0;
	bool minus = s.n && s.p[0] == '-';
	if (dot != SIZE_MAX) {
		while (n > dot + 1 && s.p[n - 1] == '0')
			n--;
		if (n == dot + 1)
			n = dot;
	}
	size_t whole = dot < n ? dot : n;
	from = minus;
	while (from + 1 < whole && s.p[from] == '0')
		from++;
	if (minus && !(n == from + 1 && s.p[from] == '0'))
		out[k++] = '-';
	memcpy(out + k, s.p + from, n - from);
	return k + n - from;
}

/* Digits with the point `exp` places behind the first, written out in full. */
static size_t write_out(const char *digits, size_t n, int exp, bool minus, char *out)
{
	size_t k = 0;
	if (minus)
		out[k++] = '-';
	if (exp < 0) {
		out[k++] = '0';
		out[k++] = '.';
		for (int i = -1; i > exp; i--)
			out[k++] = '0';
		memcpy(out + k, digits, n);
		return k + n;
	}
	for (size_t i = 0; i < n || i <= (size_t)exp; i++) {
		if (i == (size_t)exp + 1)
			out[k++] = '.';
		out[k++] = i < n ? digits[i] : '0';
	}
	return k;
}

size_t number_text_double(double v, char out[NUMBER_TEXT], unsigned *ret_flags)
{
	double size = fabs(v);
	char e[40];
	*ret_flags = 0;
	if (!isfinite(v))
		return (size_t)snprintf(out, NUMBER_TEXT, "#NUM!");
	if (size < 1e15 && v == (double)(int64_t)v)
		return (size_t)snprintf(out, NUMBER_TEXT, "%lld", (long long)v);
	if (size >= 1e15 && size < 1e21) {
		*ret_flags = CELL_LOSSY;
		return (size_t)snprintf(out, NUMBER_TEXT, "%.0f", v);
	}
	(void)snprintf(e, sizeof(e), "%.14e", size);
	char digits[16];
	size_t n = 0;
	const char *p = e;
	for (; *p && *p != 'e'; p++)
		if (*p != '.' && n < sizeof(digits))
			digits[n++] = *p;
	int exp = (int)strtol(p + 1, NULL, 10);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (exp >= -15 && exp < 21)
		return write_out(digits, n, exp, v < 0, out);
	size_t k = write_out(digits, n, 0, v < 0, out);
	return k + (size_t)snprintf(out + k, NUMBER_TEXT - k, "E%+03d", exp);
}

/* 3.4129919900101122E+17, a whole number of 16 to 21 digits, as the file has
 * its digits; 0 when it is not of that kind. */
static size_t whole_with_exponent(struct str s, char out[NUMBER_TEXT])
{
	int64_t exp;
	size_t at = str_find(s, STR("E"));
	if (at == SIZE_MAX || s.n > 60)
		return 0;
	struct str digits = {s.p, at}, tail = str_sub(s, at + 1, s.n);
	struct shape h = shape_of(digits);
	if (tail.n && tail.p[0] == '+')
		tail = str_sub(tail, 1, tail.n);
	if (!str_to_int(tail, &exp) || exp < 15 || exp > 20 || !h.plain)
		return 0;
	size_t k = 0, left = (size_t)exp;
	for (size_t i = 0; i < digits.n; i++) {
		if (i > h.dot && left-- == 0)
			return 0;
		if (i != h.dot)
			out[k++] = digits.p[i];
	}
	bool one_before_dot = (h.dot == SIZE_MAX ? digits.n : h.dot) ==
	                      (size_t)(digits.p[0] == '-') + 1;
	if (!one_before_dot || out[digits.p[0] == '-'] == '0')
		return 0;
	while (left--)
		out[k++] = '0';
	return k;
}

bool number_text(struct str s, char out[NUMBER_TEXT], size_t *ret_n, unsigned *ret_flags)
{
	struct shape h = shape_of(s);
	double v;
	if (h.plain && s.n < NUMBER_TEXT - 1) {
		bool whole = h.dot == SIZE_MAX;
		if (h.digits <= 15 || whole) {
			*ret_flags = whole && h.digits > 15 ? CELL_LOSSY : 0;
			*ret_n = tidy(s, h.dot, out);
			return true;
		}
	}
	size_t n = whole_with_exponent(s, out);
	if (n) {
		*ret_flags = CELL_LOSSY;
		*ret_n = n;
		return true;
	}
	if (!number_parse(s, &v))
		return false;
	*ret_n = number_text_double(v, out, ret_flags);
	return true;
}
