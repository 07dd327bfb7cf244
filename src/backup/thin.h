/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * thin: which of many backups stay.
 *
 * A rule is "14d,8w,12m,3y": of the last 14 days on which there is a backup the newest of
 * each, of the last 8 such weeks (Monday to Sunday), 12 months, 3 years.  A backup stays
 * when any of them keeps it; the newest always stays.  Only names are looked at:
 *
 *     daohu-COUNTY-YYYYMMDD-HHMMSS.dhb        day and time where the house stands
 *
 * so that a copied folder is thinned the same.  Whatever is named otherwise is left alone.
 */
#ifndef DAOHU_BACKUP_THIN_H
#define DAOHU_BACKUP_THIN_H

#include "base/err.h"

enum thin_period { THIN_DAY, THIN_WEEK, THIN_MONTH, THIN_YEAR, THIN_PERIOD_MAX };
enum { THIN_KEEP_MAX = 10000, THIN_NAME = 64 };

struct thin_rule {
	int keep[THIN_PERIOD_MAX]; /* 0: that period keeps nothing */
};

bool thin_parse(struct str text, struct thin_rule *ret);
/* The name of a backup of that instant. */
void thin_name(const char *county, int64_t at_ms, int zone_minutes, char ret[THIN_NAME]);
/* The day of a name of this county as YYYYMMDD, and its time as HHMMSS. */
bool thin_read_name(struct str name, const char *county, int *ret_day, int *ret_time);

struct thin_item {
	int day, time;
	const char *name;
	bool keep; /* set by thin_choose() */
};
/* Sorts them, newest first. */
void thin_choose(const struct thin_rule *rule, struct thin_item *items, size_t n);
/* Thins the folder: removes what does not stay, *ret_n of them; *ret_left stay. */
MUST_USE enum err thin_folder(const struct thin_rule *rule, const char *dir, const char *county,
			      struct diag *diag, size_t *ret_n, size_t *ret_left);

#endif
