/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * request: which unit owes which ledger by when.
 *
 * Owns the table ledger_request.  A request is open until a ledger of its
 * layout arrives that was received on or after the day it was asked for, is not
 * declared partial, is not older than wanted (as_of) and covers the area that was
 * asked; request_settle() then closes it with that ledger.  Or somebody who asked
 * closes it by hand, saying what came.  One ledger settles every request it
 * fits.  Overdue is computed: open, and due before the day asked for.
 */
#ifndef DAOHU_WORK_REQUEST_H
#define DAOHU_WORK_REQUEST_H

#include "ledger/ledger.h"
#include "work/who.h"

struct ledger_request {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "work/ledger_request.def"
#undef F
};
enum ledger_request_field {
#define F(...) FIELD_INDEX(LEDGER_REQUEST_, __VA_ARGS__)
#include "work/ledger_request.def"
#undef F
	LEDGER_REQUEST_FIELD_MAX
};
extern const struct record_desc ledger_request_desc;

struct request_filter {
	const char *state; /* id or NULL */
	const char *unit, *layout;
	bool overdue;
	date_t day;
	date_t after_due;
	int64_t after_no;
	int64_t limit;
};
/* By due day, then number; those who do not see all see their unit's and their own. */
MUST_USE enum err request_list(struct db *db, const struct work_who *who,
                               const struct request_filter *f, struct arena *a,
                               struct ledger_request **ret, size_t *ret_n);
/* UNKNOWN_REQUEST; so also when they may not see it. */
MUST_USE enum err request_get(struct db *db, const struct work_who *who, int64_t no,
                              struct arena *a, struct ledger_request *ret);

/* Inside an open entry.  The layout must be one of the pack's: UNKNOWN_LEDGER. */
MUST_USE enum err request_add(struct journal *j, const struct pack *pack,
                              const struct work_who *who, date_t today, struct ledger_request *r);
/* Due day, words, area and person of an open one; or state "returned" with the day (and
 * the ledger, when there is one) or "cancelled" with a remark.  TASK_STATE when it is not open. */
MUST_USE enum err request_change(struct journal *j, const struct pack *pack, date_t today,
                                 struct ledger_request *now);
/* One reminder more, dated today. */
MUST_USE enum err request_remind(struct journal *j, int64_t no, date_t today);

/* Closes the open requests that a ledger has answered; the calendar: for the day on which it
 * was received.  *ret_n: how many. */
MUST_USE enum err request_settle(struct journal *j, const struct calendar *calendar, size_t *ret_n);
/* Does this ledger answer this open request? */
bool request_fits(const struct ledger_request *r, const struct ledger *l,
                  const struct calendar *calendar);

#endif
