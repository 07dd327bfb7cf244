/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * meeting: meetings, who came, and what was decided.
 *
 * Owns the tables meeting, attendance and decision.  A town's meeting names the
 * county's meeting it conveys; a decision is carried out by tasks (task.h), and
 * its state follows from them: nothing of it is stored but what somebody wrote
 * as its result.  A decision without tasks is done on the day entered by hand.
 *
 * Writing functions run inside an open journal entry; errors name the field in
 * the diag's place.
 */
#ifndef DAOHU_WORK_MEETING_H
#define DAOHU_WORK_MEETING_H

#include "journal/journal.h"
#include "work/who.h"

struct meeting {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "work/meeting.def"
#undef F
};
enum meeting_field {
#define F(...) FIELD_INDEX(MEETING_, __VA_ARGS__)
#include "work/meeting.def"
#undef F
	MEETING_FIELD_MAX
};
struct attendance {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "work/attendance.def"
#undef F
};
enum attendance_field {
#define F(...) FIELD_INDEX(ATTENDANCE_, __VA_ARGS__)
#include "work/attendance.def"
#undef F
	ATTENDANCE_FIELD_MAX
};
struct decision {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "work/decision.def"
#undef F
};
enum decision_field {
#define F(...) FIELD_INDEX(DECISION_, __VA_ARGS__)
#include "work/decision.def"
#undef F
	DECISION_FIELD_MAX
};
extern const struct record_desc meeting_desc, attendance_desc, decision_desc;

enum { ATTENDANCE_MAX = 1000 };

/* How far the tasks of a decision, or of all decisions of a meeting, have come. */
struct work_tally {
	int64_t tasks;   /* that were not cancelled; sub-tasks are counted by their task */
	int64_t proven;  /* proven or checked, waiting to be closed */
	int64_t closed;
	int64_t overdue; /* not closed and due before the day asked for */
};

struct meeting_row {
	struct meeting meeting;
	int64_t called, present; /* lines of attendance; present or sent somebody */
	int64_t decisions;
	struct work_tally tally;
};
struct decision_row {
	struct decision decision;
	struct work_tally tally;
	const char *state; /* open under_way overdue done */
};

/* Newest first: by date, then number.  `before`/`before_no`: those after this place in
 * the list (0: from the start). */
MUST_USE enum err meeting_list(struct db *db, date_t today, date_t before, int64_t before_no,
                               int64_t limit, struct arena *a, struct meeting_row **ret,
                               size_t *ret_n);
/* UNKNOWN_MEETING */
MUST_USE enum err meeting_get(struct db *db, int64_t no, struct arena *a, struct meeting *ret);
MUST_USE enum err meeting_attendance(struct db *db, int64_t no, struct arena *a,
                                     struct attendance **ret, size_t *ret_n);
MUST_USE enum err meeting_decisions(struct db *db, int64_t no, date_t today, struct arena *a,
                                    struct decision_row **ret, size_t *ret_n);

/* State is "planned" when the date lies after today, else "held", unless given. */
MUST_USE enum err meeting_add(struct journal *j, const struct pack *pack, date_t today,
                              struct meeting *m);
/* `now` holds the version it was made from: CONFLICT when another is there. */
MUST_USE enum err meeting_change(struct journal *j, const struct pack *pack, struct meeting *now);
/* The whole list anew; lines are numbered by their order.  Rows that stay are updated. */
MUST_USE enum err meeting_attend(struct journal *j, const struct pack *pack, int64_t no,
                                 struct attendance *rows, size_t n);
/* Adds it at the end of the meeting's list.  UNKNOWN_DECISION is for the others. */
MUST_USE enum err decision_add(struct journal *j, const struct pack *pack, struct decision *d);
MUST_USE enum err decision_get(struct db *db, int64_t no, struct arena *a, struct decision *ret);
MUST_USE enum err decision_change(struct journal *j, const struct pack *pack, struct decision *now);

#endif
