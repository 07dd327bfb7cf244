/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * who: for whom the work is listed and by whom it is done, and the checks that
 * every record of this folder goes through before it is written.
 *
 * What the words mean here:
 *   all      sees the work of the whole town (office, leaders)
 *   manages  issues, returns, checks, closes and cancels what others do
 *   acts     acknowledges, reports and proves what is theirs
 * A work item is somebody's when it names their account, else when it names
 * nobody in person and their unit or one of their villages.
 */
#ifndef DAOHU_WORK_WHO_H
#define DAOHU_WORK_WHO_H

#include "base/date.h"
#include "field/field.h"
#include "pack/pack.h"

struct work_who {
	int64_t account;  /* number of the account; 0 = nobody */
	const char *login; /* to whom findings are assigned; may be NULL */
	const char *name; /* as it shall stand on events */
	const char *unit; /* may be NULL */
	const char *const *villages; /* area codes */
	size_t n_villages;
	bool all, manages, acts;
};

/* JSON array of the village codes, for a statement's parameter. */
const char *work_villages(const struct work_who *who, struct arena *a);
bool work_has_village(const struct work_who *who, const char *code);

/* An item of a list that is the program's, not the pack's: a state, a step. */
struct work_item {
	const char *id;
	struct text text;
};
struct work_list {
	const char *id; /* "task_state" */
	const struct work_item *items;
	size_t n;
};
/* Every such list, ended by one without id: what an interface shows for the ids. */
extern const struct work_list work_lists[];
/* NULL when the list has no such item. */
const struct work_item *work_item(const char *list, const char *id);

/* Days after which something is said to be late; from the pack, with defaults. */
struct work_terms {
	int32_t soon;     /* task_soon_days: due within so many days is soon (3) */
	int32_t ack;      /* task_ack_days: a task is to be acknowledged within (2) */
	int32_t escalate; /* task_escalate_days: overdue by so many goes one level up (3) */
};
struct work_terms work_terms(const struct pack *pack);

/*
 * What is wrong with a record before it is written: CELL_REQUIRED for a required
 * field without value, CELL_CODE for a code that is not of the pack's list, CELL_TOO_LONG
 * for texts over WORK_TEXT_MAX bytes.  The field's name is the diag's place.
 */
enum { WORK_TEXT_MAX = 64 * 1024 };
MUST_USE enum err work_valid(const struct pack *pack, const struct record_desc *d, const void *rec,
                             struct diag *diag);
/* A day somebody names for what they did: a full date (CELL_DATE), not after today
 * (DATE_FUTURE), not before `not_before` (DATE_ORDER; 0 = no bound). */
MUST_USE enum err work_day(struct diag *diag, const char *field, date_t day, date_t not_before,
                           date_t today);
/* Sets an error that belongs to a field. */
enum err work_wrong(struct diag *diag, const char *field, enum err e, const char *detail);

#endif
