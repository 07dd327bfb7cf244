/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * day_sheet: the leaders' page of a day (调度单): by village how many problems came, went,
 * are late, and when the rest will be done at this pace; then the tasks that are late.
 *
 * One A4 page: letters shrink for a town of many villages, and of the late tasks those
 * that fit are named, the others counted.  Whoever has the figures fills the struct; the
 * texts are lent.  Nothing personal stands on it.
 */
#ifndef DAOHU_REPORT_DAY_SHEET_H
#define DAOHU_REPORT_DAY_SHEET_H

#include "base/date.h"
#include "base/err.h"
#include "base/lang.h"

struct day_sheet_village {
	struct str village;
	int64_t opened, closed;   /* on the day */
	int64_t open, overdue;    /* at its end; overdue are among the open */
	int64_t waiting;          /* answered, waiting for review; among the open */
	int64_t closed_in_period; /* over the last pace_days, the pace */
	int64_t tasks_open, tasks_overdue;
};

struct day_sheet_task {
	struct str title, owner; /* owner: unit or person */
	date_t due;
	int percent; /* done, 0..100; -1 = not said */
};

struct day_sheet {
	enum lang lang;
	struct str unit;    /* 填报单位: the town */
	date_t day;
	const char *made_by; /* account; may be NULL */
	int pace_days;       /* 7, say; 0 = no forecast */
	const struct day_sheet_village *villages;
	size_t n_villages;   /* the sums are made here */
	const struct day_sheet_task *late;
	size_t n_late;       /* most urgent first */
};

/* Day on which the open ones will be closed at this pace; 0 = never, or nothing is open. */
date_t day_sheet_expected(const struct day_sheet *s, const struct day_sheet_village *v);

MUST_USE enum err day_sheet_pdf(const struct day_sheet *s, const char *path, struct diag *diag);

#endif
