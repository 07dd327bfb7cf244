/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * date: civil dates with their precision, and instants.
 *
 * A civil date has no zone.  It is one int32: YYYYMMDD with 00 where month or
 * day is not known (20170000 = "2017", 20170900 = "2017-09"); 0 = none.  So
 * dates sort as numbers, a less precise one before the days it holds.
 * Instants are UTC milliseconds since 1970 (int64).
 */
#ifndef DAOHU_BASE_DATE_H
#define DAOHU_BASE_DATE_H

#include "base/str.h"

typedef int32_t date_t; /* a scalar kind, like time_t */

enum date_prec { DATE_NONE, DATE_YEAR, DATE_MONTH, DATE_DAY };

static inline int date_year(date_t d) { return d / 10000; }
static inline int date_month(date_t d) { return d / 100 % 100; }
static inline int date_day(date_t d) { return d % 100; }
enum date_prec date_prec(date_t d);
/* Checked: 0 unless the date exists (month and day may be 0), 1800..2199. */
date_t date_make(int year, int month, int day);
int date_days_in_month(int year, int month);
/* First and last day that the date may mean. */
date_t date_first(date_t d);
date_t date_last(date_t d);
/* Days since 1970-01-01 of a full date, and back. */
int32_t date_to_days(date_t d);
date_t date_from_days(int32_t days);
/* Excel serial to date; date1904 for the Macintosh epoch.  1900 is taken as a
 * leap year, as Excel does: serial 60 (29 February 1900) gives 0. */
date_t date_from_serial(int64_t serial, bool date1904);
/* Full years from birth to `at`; -1 when either is unknown or birth is later.
 * A birth known to the month or year counts from its first day. */
int date_age(date_t birth, date_t at);
/*
 * Reads a whole string in any habit: 2017-09-03 2017/9/3 2017.9.3 20170903
 * 2017年9月3日 2017年9月 2017.09 201709 2017年 2017 二〇一七年九月三日, full-width digits,
 * 17.9.3 (two-digit year, pivot 30), a time of day behind it (dropped),
 * 9/3/2017 only when unambiguous (one part > 12).  Returns 0 when it is none.
 */
date_t date_parse(struct str s);
/* The first full or month-precise date found anywhere inside s (titles, file
 * names), else a lone year followed by 年 or 年度; 0 when there is none. */
date_t date_search(struct str s);
/* YYYY, YYYY-MM or YYYY-MM-DD; returns its length. */
size_t date_format(date_t d, char out[16]);
const char *date_dup(struct arena *a, date_t d);

int64_t instant_now(void); /* UTC ms */
/* ms that have passed since some moment: never set back, so that spans of time are measured by it. */
int64_t monotonic_ms(void);
int64_t monotonic_us(void);
/* 2018-01-14T08:00:00.000Z */
size_t instant_format(int64_t ms, char out[32]);
/* The day of an instant in a fixed zone, given in minutes east of UTC. */
date_t instant_day(int64_t ms, int zone_minutes);

/*
 * The days of a house.  In a practice folder it is always the same day, whatever the clock
 * says: rules, terms and figures see that day.  Instants, sessions and the journal's clock do
 * not go by it.
 */
struct calendar {
	int zone;        /* minutes east of UTC */
	date_t practice; /* 0: the clock's day */
};
date_t calendar_day(const struct calendar *c, int64_t ms); /* of something that happened then */
date_t calendar_today(const struct calendar *c);

#endif
