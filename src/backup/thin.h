/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * thin: which of many backups stay.
 *
 * A rule is "14d,8w,12m,3y": of the last 14 days on which there is a backup the newest of
 * each, of the last 8 such weeks (Monday to Sunday), 12 months, 3 years.  A backup stays
 * when any of them keeps it; the newest always stays, and so does the one that was just made,
 * whatever its name says: a clock may have been set back.  Days are taken from names:
 *
 *     daohu-AREA-YYYYMMDD-HHMMSS.dhb        day and time where the house stands
 *
 * so that a copied folder is thinned the same.  AREA is the house's own code, which begins with
 * its county's; older names have the county's alone, and several towns of it may write into one
 * folder: so only what begins as a backup of the house itself is counted or removed.
 * Whatever is named otherwise, or cannot be read as a backup, is left alone.  What backups of the
 * house that were cut short have left (NAME.new) goes.
 */
#ifndef DAOHU_BACKUP_THIN_H
#define DAOHU_BACKUP_THIN_H

#include "backup/seal.h"

enum thin_period { THIN_DAY, THIN_WEEK, THIN_MONTH, THIN_YEAR, THIN_PERIOD_MAX };
enum { THIN_KEEP_MAX = 10000, THIN_NAME = 64 };

struct thin_rule {
	int keep[THIN_PERIOD_MAX]; /* 0: that period keeps nothing */
};

bool thin_parse(struct str text, struct thin_rule *ret);
/* The name of a backup of that instant. */
void thin_name(const char *area, int64_t at_ms, int zone_minutes, char ret[THIN_NAME]);
/* The day of a name of an area of this county as YYYYMMDD, and its time as HHMMSS. */
bool thin_read_name(struct str name, const char *county, int *ret_day, int *ret_time);

struct thin_item {
	int day, time;
	const char *name;
	bool just_made; /* stays */
	bool keep;      /* set by thin_choose() */
};
/* Sorts them, newest first. */
void thin_choose(const struct thin_rule *rule, struct thin_item *items, size_t n);

struct thin_result {
	size_t removed, left; /* of the house's */
	size_t cleared;       /* left by those that were cut short */
};
/* Thins the folder of what does not stay; `just_made` is a name in it, made of the house's own
 * code.  IO when one of the house's names could not be read, too: the rest is thinned then. */
MUST_USE enum err thin_folder(const struct thin_rule *rule, const char *dir,
			      const struct seal_head *house, const char *just_made,
			      struct diag *diag, struct thin_result *ret);

#endif
