/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * duty: who answers for which household and for which village, entered by hand, and
 * where that is wrong.
 *
 * Households: the table duty of registry.h, which ledgers fill as well.  Nothing
 * of a span is overwritten: a duty that is ended or changed by hand gets its
 * recorded_to, and a new record without a source ledger says what holds now.  What a
 * hand wrote counts against a ledger that was received before it (see
 * project_hand.c); a ledger that is handed in later counts again.
 *
 * Villages: the table village_duty (work team, first secretary, leader and unit in
 * charge of the village, clerk), by hand only.
 *
 * A helper is a name together with a unit.  A day lies in a span from valid_from
 * up to, not including, valid_to.  A household needs a helper unless its list status is
 * that of an ordinary household.
 */
#ifndef DAOHU_WORK_DUTY_H
#define DAOHU_WORK_DUTY_H

#include "journal/journal.h"
#include "registry/registry.h"
#include "work/who.h"

struct village_duty {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "work/village_duty.def"
#undef F
};
enum village_duty_field {
#define F(...) FIELD_INDEX(VILLAGE_DUTY_, __VA_ARGS__)
#include "work/village_duty.def"
#undef F
	VILLAGE_DUTY_FIELD_MAX
};
extern const struct record_desc village_duty_desc;

/* --- lists ------------------------------------------------------------------------ */

struct duty_row {
	int64_t household;
	const char *hh_no, *village, *group_name, *head_name;
	int64_t duty;         /* record; 0 when the household has none on that day */
	const char *helper, *unit;
	date_t from, to;      /* 0 = open */
	bool by_hand;
	int64_t beside;       /* other helpers of the household on that day */
	int64_t households;   /* the helper's on that day */
};

enum duty_state { DUTY_ALL, DUTY_UNASSIGNED, DUTY_OVERLAPPING, DUTY_ENDED, DUTY_STATE_MAX };

struct duty_filter {
	enum duty_state state; /* ENDED: on that day no longer, and nobody after */
	const char *village, *helper, *unit; /* NULL = any */
	date_t day;
	int64_t after, after_duty; /* household and duty number of the last row seen */
	int64_t limit;
};
/* By household, then duty; of what the handle's scope lets through. */
MUST_USE enum err duty_list(struct db *db, const struct duty_filter *f, struct arena *a,
                            struct duty_row **ret, size_t *ret_n);

struct duty_helper {
	const char *helper, *unit;
	int64_t households, villages;
	bool overloaded; /* more than the pack's helper_max_households */
};
/* Every helper with households on that day, most first. */
MUST_USE enum err duty_helpers(struct db *db, const struct pack *pack, date_t day, struct arena *a,
                               struct duty_helper **ret, size_t *ret_n);

struct duty_village {
	const char *village;
	int64_t households, unassigned, overlapping, helpers;
};
MUST_USE enum err duty_villages(struct db *db, date_t day, struct arena *a,
                                struct duty_village **ret, size_t *ret_n);

/* --- by hand (inside an open entry) ------------------------------------------------- */

enum { DUTY_HOUSEHOLDS_MAX = 5000 };

struct duty_assign {
	const int64_t *households;
	size_t n;
	const char *helper; /* needed */
	const char *unit, *phone;
	date_t from;  /* 0 = today; a full date */
	date_t to;    /* 0 = open; after from */
	bool replace; /* whoever else has the household then ends on that day */
	date_t today;
};
struct duty_counts {
	size_t assigned, ended, unchanged;
};
/* UNKNOWN_HOUSEHOLD, CELL_REQUIRED, CELL_DATE, DATE_ORDER.  Who has the household already
 * in the same unit counts as unchanged. */
MUST_USE enum err duty_assign(struct journal *j, const struct duty_assign *d,
                              struct duty_counts *ret);

struct duty_end {
	const int64_t *households;
	size_t n;
	const char *helper; /* NULL: whoever has it */
	date_t on;          /* 0 = today: the first day on which it no longer holds */
	date_t today;
};
MUST_USE enum err duty_end(struct journal *j, const struct duty_end *d, struct duty_counts *ret);

/* --- villages --------------------------------------------------------------------- */

/* Those in force on that day (0 = all ever), by village, role and number. */
MUST_USE enum err village_duties(struct db *db, const char *village, date_t day, struct arena *a,
                                 struct village_duty **ret, size_t *ret_n);
/* INVALID area, name and unit both missing, DATE_ORDER. */
MUST_USE enum err village_duty_add(struct journal *j, const struct pack *pack, date_t today,
                                   struct village_duty *v);
/* UNKNOWN_DUTY, TASK_STATE when it has ended already. */
MUST_USE enum err village_duty_end(struct journal *j, int64_t no, date_t on);

#endif
