/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "work/meeting.h"

#include "base/vec.h"

#include "base/banned.h"

static const struct field meeting_fields[] = {
#define F(...) FIELD_ROW(struct meeting, __VA_ARGS__)
#include "work/meeting.def"
#undef F
};
const struct record_desc meeting_desc = {
	.name = "meeting",
	.id = 70,
	.fields = meeting_fields,
	.n = MEETING_FIELD_MAX,
	.size = sizeof(struct meeting),
	.label = TEXT("会议", "meeting"),
	.naming = 4,
};

static const struct field attendance_fields[] = {
#define F(...) FIELD_ROW(struct attendance, __VA_ARGS__)
#include "work/attendance.def"
#undef F
};
const struct record_desc attendance_desc = {
	.name = "attendance",
	.id = 71,
	.fields = attendance_fields,
	.n = ATTENDANCE_FIELD_MAX,
	.size = sizeof(struct attendance),
	.label = TEXT("参会人员", "attendance"),
};

static const struct field decision_fields[] = {
#define F(...) FIELD_ROW(struct decision, __VA_ARGS__)
#include "work/decision.def"
#undef F
};
const struct record_desc decision_desc = {
	.name = "decision",
	.id = 72,
	.fields = decision_fields,
	.n = DECISION_FIELD_MAX,
	.size = sizeof(struct decision),
	.label = TEXT("议定事项", "decision"),
};

/* --- reading ---------------------------------------------------------------------- */

static struct work_tally read_tally(struct stmt *s, int col)
{
	return (struct work_tally){
		.tasks = stmt_int(s, col),
		.proven = stmt_int(s, col + 1),
		.closed = stmt_int(s, col + 2),
		.overdue = stmt_int(s, col + 3),
	};
}

enum { AFTER_MEETING = MEETING_FIELD_MAX + 2, AFTER_DECISION = DECISION_FIELD_MAX + 2 };

enum err meeting_list(struct db *db, date_t today, date_t before, int64_t before_no, int64_t limit,
                      struct arena *a, struct meeting_row **ret, size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_meeting_list);
	struct meeting_row *rows = ARENA_ARRAY(a, limit + 1, struct meeting_row);
	size_t n = 0;
	stmt_bind_int(s, 2, today);
	stmt_bind_int(s, 3, before ? before : INT32_MAX);
	stmt_bind_int(s, 4, before_no);
	stmt_bind_int(s, 5, limit);
	while (n < (size_t)limit && stmt_record(s, &meeting_desc, a, &rows[n].meeting)) {
		rows[n].called = stmt_int(s, AFTER_MEETING);
		rows[n].present = stmt_int(s, AFTER_MEETING + 1);
		rows[n].decisions = stmt_int(s, AFTER_MEETING + 2);
		rows[n].tally = read_tally(s, AFTER_MEETING + 3);
		n++;
	}
	*ret = rows;
	*ret_n = n;
	return stmt_end(s);
}

static enum err get(struct db *db, const struct record_desc *d, int64_t no, enum err unknown,
                    struct arena *a, void *ret)
{
	bool found = false;
	enum err e = db_get(db, d, no, a, ret, &found);
	return !e && !found ? diag_set(db_diag(db), unknown, "%lld", (long long)no) : e;
}

enum err meeting_get(struct db *db, int64_t no, struct arena *a, struct meeting *ret)
{
	return get(db, &meeting_desc, no, ERR_UNKNOWN_MEETING, a, ret);
}

enum err decision_get(struct db *db, int64_t no, struct arena *a, struct decision *ret)
{
	return get(db, &decision_desc, no, ERR_UNKNOWN_DECISION, a, ret);
}

enum err meeting_attendance(struct db *db, int64_t no, struct arena *a, struct attendance **ret,
                            size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_attendance_of_meeting);
	stmt_bind_int(s, 2, no);
	return stmt_records(s, &attendance_desc, a, ret, ret_n);
}

static const char *decision_state(const struct decision *d, const struct work_tally *t,
                                  date_t today)
{
	bool done = FIELD_HAS(d, DECISION_, done) || (t->tasks > 0 && t->closed == t->tasks);
	if (done)
		return "done";
	if (t->overdue > 0 || (FIELD_HAS(d, DECISION_, due) && date_last(d->due) < today))
		return "overdue";
	return t->tasks > 0 ? "under_way" : "open";
}

enum err meeting_decisions(struct db *db, int64_t no, date_t today, struct arena *a,
                           struct decision_row **ret, size_t *ret_n)
{
	VEC(struct decision_row) rows = {0};
	struct decision_row row = {0};
	struct stmt *s = db_stmt(db, STMT_decisions_of_meeting);
	stmt_bind_int(s, 2, no);
	stmt_bind_int(s, 3, today);
	while (stmt_record(s, &decision_desc, a, &row.decision)) {
		row.tally = read_tally(s, AFTER_DECISION);
		row.state = decision_state(&row.decision, &row.tally, today);
		*vec_push(&rows) = row;
	}
	*ret = ARENA_ARRAY(a, rows.n + 1, struct decision_row);
	if (rows.n)
		memcpy(*ret, rows.p, rows.n * sizeof(row));
	*ret_n = rows.n;
	vec_free(&rows);
	return stmt_end(s);
}

/* --- writing ---------------------------------------------------------------------- */

static enum err check_meeting(struct journal *j, const struct pack *pack, const struct meeting *m)
{
	struct db *db = journal_db(j);
	struct meeting conveyed;
	struct arena a;
	enum err e = work_valid(pack, &meeting_desc, m, db_diag(db));
	if (e)
		return e;
	if (date_prec(m->date) != DATE_DAY)
		return work_wrong(db_diag(db), "date", ERR_CELL_DATE, NULL);
	if (!work_item("meeting_state", m->state))
		return work_wrong(db_diag(db), "state", ERR_CELL_CODE, m->state);
	if (!FIELD_HAS(m, MEETING_, conveys))
		return OK;
	arena_init(&a, 1 << 22);
	e = m->conveys == m->no ? work_wrong(db_diag(db), "conveys", ERR_INVALID, NULL)
	                        : meeting_get(db, m->conveys, &a, &conveyed);
	if (!e && conveyed.date > m->date)
		e = work_wrong(db_diag(db), "date", ERR_DATE_ORDER, NULL);
	arena_release(&a);
	return e;
}

enum err meeting_add(struct journal *j, const struct pack *pack, date_t today, struct meeting *m)
{
	if (!field_has(&meeting_desc, m, MEETING_state))
		FIELD_SET(m, MEETING_, state, m->date > today ? "planned" : "held");
	enum err e = check_meeting(j, pack, m);
	return e ? e : journal_insert(j, &meeting_desc, m);
}

enum err meeting_change(struct journal *j, const struct pack *pack, struct meeting *now)
{
	struct meeting old;
	struct arena a;
	enum err e = check_meeting(j, pack, now);
	if (e)
		return e;
	arena_init(&a, 1 << 22);
	e = meeting_get(journal_db(j), now->no, &a, &old);
	if (!e && old.version != now->version)
		e = diag_set(db_diag(journal_db(j)), ERR_CONFLICT, "%lld", (long long)now->no);
	if (!e)
		e = journal_update(j, &meeting_desc, &old, now);
	arena_release(&a);
	return e;
}

static enum err check_attendance(struct journal *j, const struct pack *pack,
                                 struct attendance *rows, size_t n)
{
	struct diag *diag = db_diag(journal_db(j));
	if (n > ATTENDANCE_MAX)
		return work_wrong(diag, "rows", ERR_INVALID, "1000");
	for (size_t i = 0; i < n; i++) {
		enum err e = work_valid(pack, &attendance_desc, &rows[i], diag);
		if (e)
			return e;
		if (!field_has(&attendance_desc, &rows[i], ATTENDANCE_presence))
			FIELD_SET(&rows[i], ATTENDANCE_, presence, "present");
		if (!work_item("presence", rows[i].presence))
			return work_wrong(diag, "presence", ERR_CELL_CODE, rows[i].presence);
		if (!field_has(&attendance_desc, &rows[i], ATTENDANCE_unit) &&
		    !field_has(&attendance_desc, &rows[i], ATTENDANCE_name))
			return work_wrong(diag, "name", ERR_CELL_REQUIRED, NULL);
	}
	return OK;
}

enum err meeting_attend(struct journal *j, const struct pack *pack, int64_t no,
                        struct attendance *rows, size_t n)
{
	struct db *db = journal_db(j);
	struct attendance *old = NULL;
	struct meeting m;
	size_t n_old = 0;
	struct arena a;
	enum err e = check_attendance(j, pack, rows, n);
	if (e)
		return e;
	arena_init(&a, 1 << 24);
	e = meeting_get(db, no, &a, &m);
	if (!e)
		e = meeting_attendance(db, no, &a, &old, &n_old);
	for (size_t i = 0; !e && i < n; i++) {
		FIELD_SET(&rows[i], ATTENDANCE_, meeting, no);
		FIELD_SET(&rows[i], ATTENDANCE_, line, (int64_t)i + 1);
		rows[i].no = i < n_old ? old[i].no : 0;
		e = i < n_old ? journal_update(j, &attendance_desc, &old[i], &rows[i])
		              : journal_insert(j, &attendance_desc, &rows[i]);
	}
	for (size_t i = n; !e && i < n_old; i++)
		e = journal_delete(j, &attendance_desc, &old[i]);
	arena_release(&a);
	return e;
}

enum err decision_add(struct journal *j, const struct pack *pack, struct decision *d)
{
	struct db *db = journal_db(j);
	struct meeting m;
	struct arena a;
	int64_t last = 0;
	arena_init(&a, 1 << 22);
	enum err e = work_valid(pack, &decision_desc, d, db_diag(db));
	if (!e)
		e = meeting_get(db, d->meeting, &a, &m);
	if (!e && FIELD_HAS(d, DECISION_, due) && date_last(d->due) < m.date)
		e = work_wrong(db_diag(db), "due", ERR_DATE_ORDER, NULL);
	if (!e) {
		struct stmt *s = db_stmt(db, STMT_decision_last_line);
		stmt_bind_int(s, 2, d->meeting);
		e = stmt_one_int(s, 0, &last);
	}
	FIELD_SET(d, DECISION_, line, last + 1);
	if (!e)
		e = journal_insert(j, &decision_desc, d);
	arena_release(&a);
	return e;
}

enum err decision_change(struct journal *j, const struct pack *pack, struct decision *now)
{
	struct db *db = journal_db(j);
	struct decision old;
	struct arena a;
	enum err e = work_valid(pack, &decision_desc, now, db_diag(db));
	if (e)
		return e;
	arena_init(&a, 1 << 22);
	e = decision_get(db, now->no, &a, &old);
	if (!e && old.version != now->version)
		e = diag_set(db_diag(db), ERR_CONFLICT, "%lld", (long long)now->no);
	if (!e && (now->meeting != old.meeting || now->line != old.line))
		e = work_wrong(db_diag(db), "meeting", ERR_INVALID, NULL);
	if (!e)
		e = journal_update(j, &decision_desc, &old, now);
	arena_release(&a);
	return e;
}
