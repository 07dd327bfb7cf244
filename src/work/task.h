/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * task: what somebody has to do by a day, and its life.
 *
 * Owns the tables task and task_event.  A task is held by a unit, a village or a
 * person; whoever holds it may divide it into sub-tasks (parent) for others, and
 * manages those as the office manages its own.
 *
 *     issued ─ acknowledge ▶ acknowledged ─ progress ▶ under_way ─ prove ▶ proven
 *     proven ─ check ▶ checked ─ close ▶ closed        (proven ─ close ▶ closed: checked
 *                                                       and closed in one step)
 *     proven, checked, closed ─ return ▶ returned ─ progress | prove ▶ …
 *     all but closed, cancelled ─ cancel ▶ cancelled  (with its open sub-tasks)
 *
 * Who: acknowledge, progress, prove are for the holder and for the manager (who
 * writes up what came on paper); check, return, close, cancel for the manager
 * alone: who may edit tasks, or who issued this one.  Whoever proved a task may
 * neither check nor close it.  A task is not closed while a sub-task is open.
 * Proof needs words, and as many files hung on it (attach.h, table "task") as the task wants.
 *
 * Every step is an event with the day it was taken, which may lie in the past
 * (written up later) but not after today nor before the task was issued.
 *
 * Late is never stored; it follows from the day asked for (task_late).
 */
#ifndef DAOHU_WORK_TASK_H
#define DAOHU_WORK_TASK_H

#include "journal/journal.h"
#include "work/who.h"

struct task {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "work/task.def"
#undef F
};
enum task_field {
#define F(...) FIELD_INDEX(TASK_, __VA_ARGS__)
#include "work/task.def"
#undef F
	TASK_FIELD_MAX
};
struct task_event {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "work/task_event.def"
#undef F
};
enum task_event_field {
#define F(...) FIELD_INDEX(TASK_EVENT_, __VA_ARGS__)
#include "work/task_event.def"
#undef F
	TASK_EVENT_FIELD_MAX
};
extern const struct record_desc task_desc, task_event_desc;

enum task_state {
	TASK_STATE_ISSUED,
	TASK_STATE_ACKNOWLEDGED,
	TASK_STATE_UNDER_WAY,
	TASK_STATE_RETURNED,
	TASK_STATE_PROVEN,
	TASK_STATE_CHECKED,
	TASK_STATE_CLOSED,
	TASK_STATE_CANCELLED,
	TASK_STATE_MAX
};
const char *task_state_id(enum task_state s); /* "under_way" */
enum task_state task_state(const struct task *t);
bool task_is_open(const struct task *t); /* neither closed nor cancelled */

enum task_move {
	TASK_MOVE_ACKNOWLEDGE,
	TASK_MOVE_PROGRESS,
	TASK_MOVE_PROVE,
	TASK_MOVE_CHECK,
	TASK_MOVE_RETURN,
	TASK_MOVE_CLOSE,
	TASK_MOVE_CANCEL,
	TASK_MOVE_MAX
};
const char *task_move_id(enum task_move m); /* "acknowledge" */

/* --- whose ------------------------------------------------------------------------ */

/* The task is theirs to do (see who.h). */
bool task_held_by(const struct task *t, const struct work_who *who);
/* They may list and open it: all, held by them, their unit's, their village's, issued by
 * them. */
bool task_seen_by(const struct task *t, const struct work_who *who);
/* May they change what it asks?  Only while it is still to be done. */
bool task_may_change(const struct task *t, const struct work_who *who);
/* The state and the person allow this step.  OK; FORBIDDEN, TASK_STATE, TASK_SAME_PERSON. */
enum err task_may(const struct task *t, const struct work_who *who, enum task_move m);

/* --- late ------------------------------------------------------------------------- */

enum task_late {
	TASK_FINE,
	TASK_SOON,           /* due within terms.soon days */
	TASK_UNACKNOWLEDGED, /* terms.ack days after it was issued */
	TASK_OVERDUE         /* open after its day; proof that waits to be closed is not late */
};
/*
 * As of `day`.  *ret_days (may be NULL): days overdue, or unacknowledged beyond the term,
 * else days left.  *ret_level (may be NULL): to whom it is to be shown: 0 nobody, 1 the
 * unit's or village's own head, 2 the town's leaders (overdue by terms.escalate days or
 * more), 3 the leading group (twice that).
 */
enum task_late task_late(const struct task *t, const struct work_terms *terms, date_t day,
                         int32_t *ret_days, int *ret_level);
const char *task_late_id(enum task_late l);
/* When it will be done if it goes on as it did since it was issued: issued + days passed
 * x 100 / percent, counted up; 0 when nothing has been reported, or it is proven. */
date_t task_expected(const struct task *t, date_t day);

/* --- reading ---------------------------------------------------------------------- */

struct task_row {
	struct task task;
	const char *account_name; /* of the responsible person; NULL */
	const char *issuer_name;
	const char *decision_text;
	int64_t meeting;          /* of the decision; 0 = none */
	int64_t children, children_open;
};

struct task_filter {
	const char *state;  /* id, or "open", or NULL */
	const char *unit, *area;
	int64_t decision, meeting, parent; /* 0 = any; parent -1: those without one */
	bool mine;          /* held by who in person, or by nobody in person and their unit, village */
	bool overdue;       /* open, not proven, due before `day` */
	bool was_overdue;   /* as of the end of `day`, whatever became of it since */
	date_t day;
	date_t after_due;   /* continue after the task due on this day … */
	int64_t after_no;   /* … with this number */
	int64_t limit;
};
/* By due day, then number; only what `who` may see. */
MUST_USE enum err task_list(struct db *db, const struct work_who *who, const struct task_filter *f,
                            struct arena *a, struct task_row **ret, size_t *ret_n);
/* UNKNOWN_TASK; so also when they may not see it. */
MUST_USE enum err task_get(struct db *db, const struct work_who *who, int64_t no, struct arena *a,
                           struct task_row *ret);
MUST_USE enum err task_events(struct db *db, int64_t no, struct arena *a, struct task_event **ret,
                              size_t *ret_n);

/* --- writing (inside an open entry) ----------------------------------------------- */

struct task_context {
	const struct pack *pack;
	const struct work_who *who;
	date_t today;
};
/*
 * Issues a task.  `issued` is today unless given (not after today), state, issuer and
 * counts are set here.  It needs a title, a due day not before it was issued, and a
 * holder: unit, village or account.  FORBIDDEN unless they manage, or hold the open
 * task that is its parent.  The due day of a part may not lie after its parent's.
 */
MUST_USE enum err task_issue(struct journal *j, const struct task_context *c, struct task *t);
/* Title, words, holder, due day, evidence of an open task, by its manager; the rest stays as
 * it was.  CONFLICT when now->version is not the one there. */
MUST_USE enum err task_change(struct journal *j, const struct task_context *c, struct task *now);

struct task_act {
	enum task_move move;
	int64_t version;  /* that was seen; 0 = whatever is there */
	date_t day;       /* 0 = today */
	const char *text; /* NULL; needed for prove, return, cancel */
	int64_t percent;  /* progress: 0..100; -1 = not said */
	int64_t done;     /* progress, prove: how many of the target; -1 = not said */
};
/* UNKNOWN_TASK, FORBIDDEN, TASK_STATE, TASK_SAME_PERSON, TASK_CHILDREN, TASK_EVIDENCE, CONFLICT
 * and what work_day says. */
MUST_USE enum err task_do(struct journal *j, const struct task_context *c, int64_t no,
                          const struct task_act *act);

#endif
