/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * reminder: a letter to a unit that still owes ledgers (催报通知单): which, over which area, by
 * when, how late; to be stamped, handed over and signed for.
 *
 * Whoever has the requests fills the struct; texts are lent and plain.
 */
#ifndef DAOHU_REPORT_REMINDER_H
#define DAOHU_REPORT_REMINDER_H

#include "base/date.h"
#include "base/err.h"
#include "base/lang.h"

struct reminder_row {
	struct str ledger;  /* its title */
	struct str area;    /* that it has to cover; empty: the town */
	date_t as_of;       /* not older than; 0: not said */
	date_t asked, due;
	int64_t reminders;  /* up to now */
	struct str note;
};

struct reminder {
	enum lang lang;
	struct str from;    /* the town */
	struct str to;      /* the unit that owes */
	date_t day;
	const struct reminder_row *rows;
	size_t n;
	const char *made_by; /* account; may be NULL */
};

MUST_USE enum err reminder_pdf(const struct reminder *m, const char *path, struct diag *diag);

#endif
