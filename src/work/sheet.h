/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sheet: the day sheet (调度单), one page that says who is behind, and what waits for
 * one person today.
 *
 * Numbers of a line, as of the end of the day of the sheet:
 *     open     begun on or before the day and not closed by then
 *     opened   begun on the day (a finding first seen, a task issued, a ledger asked for)
 *     closed   closed on the day
 *     overdue  open, not proven, and due before the day
 *     waiting  open, answered or proven, for somebody's word (ledgers: none)
 *     pace     closed in the SHEET_DAYS days that end with the day
 *     finish   the day on which the open ones are closed if that pace holds: day +
 *              open x SHEET_DAYS / pace, counted up to whole days; the day itself when nothing
 *              is open; 0 when something is open and nothing was closed
 * What is closed is a finding that is no longer seen or was closed after review, a task that
 * was closed (not: cancelled), a ledger that was returned.  A finding that was closed and came
 * back counts as open since it was first seen: the sheet of a past day does not know better.
 */
#ifndef DAOHU_WORK_SHEET_H
#define DAOHU_WORK_SHEET_H

#include "area/area.h"
#include "work/task.h"

enum { SHEET_DAYS = 14 };

struct sheet_count {
	int64_t open, opened, closed, overdue, waiting, pace;
	date_t finish;
};

struct sheet_line {
	const char *key;   /* area code, or the unit's name */
	const char *name;  /* of the area; the unit's name */
	struct sheet_count findings; /* of a unit: those that were assigned to it */
	struct sheet_count tasks;
	struct sheet_count requests; /* units only */
};

struct sheet {
	date_t day;
	struct sheet_line *villages; /* every village of the root, by code; last "" = none of them */
	size_t n_villages;
	struct sheet_line *units;    /* those with findings, tasks or requests, by name */
	size_t n_units;
	struct sheet_line total;     /* of everything, each once */
};

/* root: the area whose villages are listed. */
MUST_USE enum err sheet_make(struct db *db, const struct area_list *areas, const char *root,
                             date_t day, struct arena *a, struct sheet *ret);
/* As defined above. */
date_t sheet_finish(date_t day, int64_t open, int64_t pace);

/* What waits for one person: tasks that are theirs, proofs that wait for their word. */
struct today {
	int64_t tasks, to_acknowledge, returned, overdue; /* open tasks they hold */
	int64_t to_check, to_check_overdue; /* proven by others, theirs to check and close */
	int64_t requests, requests_overdue; /* ledgers they owe; for managers: that are owed */
	int64_t unread;                     /* documents to be read */
	int64_t findings, findings_returned, findings_overdue; /* assigned to them and open */
	int64_t to_review; /* findings answered by others; only for those who review */
};
/* reviews: they may review findings.  Findings are those of the handle's scope. */
MUST_USE enum err today_counts(struct db *db, const struct work_who *who, bool reviews, date_t day,
                               struct arena *a, struct today *ret);

#endif
