/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/date.h"

#include <stdio.h>
#include <time.h>

#include "base/utf8.h"

#include "base/banned.h"

enum date_prec date_prec(date_t d)
{
	if (d == 0)
		return DATE_NONE;
	if (d % 10000 == 0)
		return DATE_YEAR;
	return d % 100 == 0 ? DATE_MONTH : DATE_DAY;
}

int date_days_in_month(int year, int month)
{
	static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)))
		return 29;
	return days[month - 1];
}

date_t date_make(int year, int month, int day)
{
	if (year < 1800 || year > 2199 || month < 0 || month > 12 || day < 0)
		return 0;
	if (month == 0)
		return day == 0 ? year * 10000 : 0;
	if (day > date_days_in_month(year, month))
		return 0;
	return year * 10000 + month * 100 + day;
}

date_t date_first(date_t d)
{
	if (date_prec(d) == DATE_YEAR)
		return d + 101;
	return date_prec(d) == DATE_MONTH ? d + 1 : d;
}

date_t date_last(date_t d)
{
	if (date_prec(d) == DATE_YEAR)
		return d + 1231;
	if (date_prec(d) == DATE_MONTH)
		return d + date_days_in_month(date_year(d), date_month(d));
	return d;
}

/* Days from civil: the usual arithmetic with March as the first month. */
int32_t date_to_days(date_t d)
{
	int y = date_year(d), m = date_month(d), day = date_day(d);
	y -= m <= 2;
	int era = y / 400, yoe = y - era * 400;
	int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

date_t date_from_days(int32_t days)
{
	int z = days + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	int m = mp < 10 ? mp + 3 : mp - 9;
	return date_make(yoe + era * 400 + (m <= 2), m, doy - (153 * mp + 2) / 5 + 1);
}

date_t date_from_serial(int64_t serial, bool date1904)
{
	if (serial < 0 || serial > 110000)
		return 0;
	if (date1904)
		return date_from_days((int32_t)(serial - 24107));
	if (serial == 60 || serial == 0)
		return 0;
	return date_from_days((int32_t)(serial - (serial > 60 ? 25569 : 25568)));
}

int date_age(date_t birth, date_t at)
{
	if (!birth || !at)
		return -1;
	date_t b = date_first(birth), t = date_first(at);
	if (b > t)
		return -1;
	int years = date_year(t) - date_year(b);
	return t % 10000 < b % 10000 ? years - 1 : years;
}

/* --- reading ------------------------------------------------------------ */

struct scan {
	int num[4];   /* numbers in order */
	int width[4]; /* how many digits each had */
	int32_t sep[4]; /* what stood behind each: - / . 年 月 日 or 0 */
	int n;
};

static int han_digit(int32_t cp)
{
	static const int32_t han[] = {0x3007, 0x4E00, 0x4E8C, 0x4E09, 0x56DB,
	                              0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D};
	if (cp == 0x96F6 || cp == 0x25CB || cp == 0x25EF)
		return 0;
	for (int i = 0; i < 10; i++)
		if (han[i] == cp)
			return i;
	return -1;
}

enum { CP_TEN = 0x5341, CP_YEAR = 0x5E74, CP_MONTH = 0x6708, CP_DAY = 0x65E5, CP_HAO = 0x53F7 };

/* Number at *pos, arabic or Han (二〇一七, 十二, 二十, 三十一); width 0 when none. */
static int number_at(struct str s, size_t *pos, int *ret_width)
{
	int v = 0, width = 0, tens = -1;
	for (;;) {
		size_t p = *pos;
		int32_t cp = utf8_next(s, &p);
		cp = cp < 0 ? cp : utf8_narrow(cp);
		int d = cp >= '0' && cp <= '9' ? (int)(cp - '0') : han_digit(cp);
		if (cp == CP_TEN && tens < 0) {
			tens = width ? v : 1;
			v = 0;
		} else if (d >= 0 && width < 8) {
			v = v * 10 + d;
		} else {
			break;
		}
		width++;
		*pos = p;
	}
	*ret_width = width;
	return tens >= 0 ? tens * 10 + v : v;
}

static int32_t separator_at(struct str s, size_t *pos)
{
	size_t p = *pos;
	int32_t cp = utf8_next(s, &p);
	if (cp < 0)
		return 0;
	cp = utf8_narrow(cp);
	if (cp == 0x2013 || cp == 0x2014 || cp == 0x2212)
		cp = '-';
	if (cp == 0x3002 || cp == 0x3001 || cp == 0xB7)
		cp = '.';
	if (cp == CP_HAO)
		cp = CP_DAY;
	if (cp != '-' && cp != '/' && cp != '.' && cp != CP_YEAR && cp != CP_MONTH && cp != CP_DAY)
		return 0;
	*pos = p;
	return cp;
}

static void skip_blank(struct str s, size_t *pos)
{
	while (*pos < s.n) {
		size_t p = *pos;
		int32_t cp = utf8_narrow(utf8_next(s, &p));
		if (cp != ' ' && cp != '\t' && cp != 0xA0)
			return;
		*pos = p;
	}
}

static int full_year(int y, int width)
{
	if (width > 2)
		return y;
	return y <= 30 ? 2000 + y : 1900 + y;
}

/* All digits in one run: 20170903, 201709, 2017. */
static date_t from_run(int v, int width)
{
	if (width == 8)
		return date_make(v / 10000, v / 100 % 100, v % 100);
	if (width == 6 && v / 100 >= 1900 && v % 100 >= 1 && v % 100 <= 12)
		return date_make(v / 100, v % 100, 0);
	if (width == 4 && v >= 1900 && v < 2100)
		return date_make(v, 0, 0);
	return 0;
}

static date_t from_scan(const struct scan *c)
{
	if (c->n == 1)
		return c->sep[0] == CP_YEAR ? date_make(full_year(c->num[0], c->width[0]), 0, 0)
		                            : from_run(c->num[0], c->width[0]);
	int y = c->num[0], m = c->num[1], d = c->n > 2 ? c->num[2] : 0;
	if (c->width[0] == 4) {
		if (m == 0 || (c->n > 2 && d == 0))
			return 0;
		return date_make(y, m, d);
	}
	if (c->n == 2) /* 17.9, 9月3日: no year that can be trusted */
		return c->sep[0] == CP_YEAR ? date_make(full_year(y, c->width[0]), m, 0) : 0;
	if (c->width[2] == 4) { /* 3/9/2017: only when one part must be the day */
		if (y > 12 && m <= 12 && m)
			return date_make(d, m, y);
		return m > 12 && y <= 12 && y ? date_make(d, y, m) : 0;
	}
	return c->width[0] == 2 && m && d ? date_make(full_year(y, 2), m, d) : 0;
}

/* A number behind 年 or 月 that stands before another word is none of the date's:
 * 2017年八里河镇, 2017年5户, 2017年8月三组. */
static bool is_a_words(struct str s, const struct scan *c, size_t from, size_t pos)
{
	if (c->n < 2 || (c->sep[c->n - 2] != CP_YEAR && c->sep[c->n - 2] != CP_MONTH))
		return false;
	bool han = (unsigned char)s.p[from] >= 0x80 && (unsigned char)s.p[from] != 0xEF;
	int32_t cp = pos < s.n ? utf8_next(s, &pos) : -1;
	return utf8_is_han(cp) && (c->n == 2 || han) && cp != 0x4E0A && cp != 0x4E0B;
}

/* Reads numbers and separators from *pos; true when a date shape was read. */
static date_t scan_date(struct str s, size_t *pos)
{
	struct scan c = {0};
	while (c.n < 3) {
		skip_blank(s, pos);
		size_t before = *pos;
		c.num[c.n] = number_at(s, pos, &c.width[c.n]);
		if (c.width[c.n] == 0) {
			*pos = before;
			break;
		}
		size_t after = *pos;
		skip_blank(s, pos);
		c.sep[c.n] = separator_at(s, pos);
		c.n++;
		if (!c.sep[c.n - 1]) {
			bool word = is_a_words(s, &c, before, after);
			c.n -= word;
			*pos = word ? before : after;
			break;
		}
		if (c.sep[c.n - 1] == CP_DAY)
			break;
	}
	return c.n ? from_scan(&c) : 0;
}

/* Behind the date only a time of day or a weekday word may stand. */
static bool rest_is_time(struct str rest)
{
	rest = str_trim(rest);
	if (!rest.n)
		return true;
	size_t pos = 0, digits = 0, colons = 0;
	int32_t cp;
	if (rest.p[0] == 'T')
		pos = 1;
	while ((cp = utf8_next(rest, &pos)) >= 0) {
		cp = utf8_narrow(cp);
		if (cp == ':' || cp == 0x65F6 || cp == 0x5206 || cp == 0x79D2)
			colons++;
		else if (cp >= '0' && cp <= '9')
			digits++;
		else if (cp != ' ' && cp != '.' && cp != 'Z' && cp != 'A' && cp != 'P' &&
		         cp != 'M' && cp != 0x4E0A && cp != 0x4E0B && cp != 0x5348)
			return false;
	}
	return colons > 0 && digits > 0;
}

/* 20170903.0: a date in one run that went through a program as a number. */
static date_t float_run(struct str s, size_t *pos)
{
	size_t end = 0;
	int width = 0;
	int v = number_at(s, &end, &width);
	if (width != 8 || !str_is(str_sub(s, end, s.n), ".0"))
		return 0;
	*pos = s.n;
	return from_run(v, width);
}

/* 2017-09-03, as dates are kept; false when it is not of this form. */
static bool parse_plain(struct str s, date_t *ret)
{
	static const unsigned char at[8] = {0, 1, 2, 3, 5, 6, 8, 9};
	int v = 0;
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-')
		return false;
	for (size_t i = 0; i < sizeof(at); i++) {
		char c = s.p[at[i]];
		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	*ret = v / 100 % 100 && v % 100 ? date_make(v / 10000, v / 100 % 100, v % 100) : 0;
	return true;
}

date_t date_parse(struct str s)
{
	date_t plain;
	if (parse_plain(s, &plain))
		return plain;
	s = str_trim(s);
	if (s.n && s.p[0] == '\'')
		s = str_sub(s, 1, s.n);
	if (str_starts(s, STR("公元")))
		s = str_sub(s, 6, s.n);
	size_t pos = 0;
	date_t d = scan_date(s, &pos);
	if (!d)
		d = float_run(s, &pos);
	return d && rest_is_time(str_sub(s, pos, s.n)) ? d : 0;
}

/* 2017年四季度, 2017年第4季度, 2017年下半年, 2017年底: the month that it ends with. */
static int end_month(struct str rest)
{
	static const struct {
		const char *word;
		int month;
	} ends[] = {{"底", 12}, {"末", 12}, {"终", 12}, {"上半年", 6}, {"下半年", 12}, {"度上半年", 6},
	            {"度下半年", 12}};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_starts(rest, str_c(ends[i].word)))
			return ends[i].month;
	size_t pos = 0;
	int width;
	if (str_starts(rest, STR("度")))
		pos += 3;
	if (str_starts(str_sub(rest, pos, rest.n), STR("第")))
		pos += 3;
	int quarter = number_at(rest, &pos, &width);
	bool is = width == 1 && quarter >= 1 && quarter <= 4 &&
	          str_starts(str_sub(rest, pos, rest.n), STR("季度"));
	return is ? quarter * 3 : 0;
}

date_t date_search(struct str s)
{
	date_t best = 0;
	for (size_t i = 0; i < s.n;) {
		size_t pos = i;
		int width = 0;
		(void)number_at(s, &pos, &width);
		if (!width) {
			(void)utf8_next(s, &i);
			continue;
		}
		size_t end = i;
		date_t d = scan_date(s, &end);
		bool lone_year = date_prec(d) == DATE_YEAR;
		if (lone_year && (pos >= s.n || !str_starts(str_sub(s, pos, s.n), STR("年"))))
			d = 0;
		int month = lone_year && d ? end_month(str_sub(s, pos + 3, s.n)) : 0;
		if (month)
			d = date_make(date_year(d), month, 0);
		if (d && date_year(d) >= 1950 && date_prec(d) > date_prec(best))
			best = d;
		i = end > pos ? end : pos;
	}
	return best;
}

static void put_two_digits(char *out, int v)
{
	out[0] = (char)('0' + v / 10 % 10);
	out[1] = (char)('0' + v % 10);
}

size_t date_format(date_t d, char out[16])
{
	static const size_t length[] = {[DATE_NONE] = 0, [DATE_YEAR] = 4, [DATE_MONTH] = 7,
	                                [DATE_DAY] = 10};
	size_t n = length[date_prec(d)];
	if (n) {
		put_two_digits(out, date_year(d) / 100);
		put_two_digits(out + 2, date_year(d));
		out[4] = out[7] = '-';
		put_two_digits(out + 5, date_month(d));
		put_two_digits(out + 8, date_day(d));
	}
	out[n] = '\0';
	return n;
}

const char *date_dup(struct arena *a, date_t d)
{
	char t[16];
	date_format(d, t);
	return arena_strdup(a, t);
}

static int64_t clock_us(clockid_t clock)
{
	struct timespec ts;
	(void)clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t instant_now(void)
{
	return clock_us(CLOCK_REALTIME) / 1000;
}

int64_t monotonic_ms(void)
{
	return monotonic_us() / 1000;
}

int64_t monotonic_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

size_t instant_format(int64_t ms, char out[32])
{
	int64_t days = floor_div(ms, 86400000), rest = ms - days * 86400000;
	date_t d = date_from_days((int32_t)days);
	return (size_t)snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", date_year(d),
	                        date_month(d), date_day(d), (int)(rest / 3600000),
	                        (int)(rest / 60000 % 60), (int)(rest / 1000 % 60),
	                        (int)(rest % 1000));
}

date_t instant_day(int64_t ms, int zone_minutes)
{
	return date_from_days((int32_t)floor_div(ms + (int64_t)zone_minutes * 60000, 86400000));
}

date_t calendar_day(const struct calendar *c, int64_t ms)
{
	return c->practice ? c->practice : instant_day(ms, c->zone);
}

date_t calendar_today(const struct calendar *c)
{
	return calendar_day(c, instant_now());
}
