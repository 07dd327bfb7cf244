/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "work/task.h"

#include "base/banned.h"

static const struct field task_fields[] = {
#define F(...) FIELD_ROW(struct task, __VA_ARGS__)
#include "work/task.def"
#undef F
};
const struct record_desc task_desc = {
	.name = "task",
	.id = 73,
	.fields = task_fields,
	.n = TASK_FIELD_MAX,
	.size = sizeof(struct task),
	.label = TEXT("任务", "task"),
	.naming = 1,
};

static const struct field task_event_fields[] = {
#define F(...) FIELD_ROW(struct task_event, __VA_ARGS__)
#include "work/task_event.def"
#undef F
};
const struct record_desc task_event_desc = {
	.name = "task_event",
	.id = 74,
	.fields = task_event_fields,
	.n = TASK_EVENT_FIELD_MAX,
	.size = sizeof(struct task_event),
	.label = TEXT("任务办理", "step of a task"),
};

static const char *const state_ids[TASK_STATE_MAX] = {
	[TASK_STATE_ISSUED] = "issued",       [TASK_STATE_ACKNOWLEDGED] = "acknowledged",
	[TASK_STATE_UNDER_WAY] = "under_way", [TASK_STATE_RETURNED] = "returned",
	[TASK_STATE_PROVEN] = "proven",       [TASK_STATE_CHECKED] = "checked",
	[TASK_STATE_CLOSED] = "closed",       [TASK_STATE_CANCELLED] = "cancelled",
};

#define BIT(s) (1u << TASK_STATE_##s)
enum { TO_DO = BIT(ISSUED) | BIT(ACKNOWLEDGED) | BIT(UNDER_WAY) | BIT(RETURNED) };

/* The life of a task: from which states a step may be taken, where it leads, by whom. */
static const struct {
	const char *id;
	unsigned from; /* bits of enum task_state */
	enum task_state to;
	bool manager;  /* for the manager alone */
	bool other;    /* not by whoever proved it */
	bool words;    /* text needed */
} moves[TASK_MOVE_MAX] = {
	[TASK_MOVE_ACKNOWLEDGE] = {.id = "acknowledge",
	                           .from = BIT(ISSUED),
	                           .to = TASK_STATE_ACKNOWLEDGED},
	[TASK_MOVE_PROGRESS] = {.id = "progress", .from = TO_DO, .to = TASK_STATE_UNDER_WAY},
	[TASK_MOVE_PROVE] = {.id = "prove", .from = TO_DO, .to = TASK_STATE_PROVEN, .words = true},
	[TASK_MOVE_CHECK] = {.id = "check",
	                     .from = BIT(PROVEN),
	                     .to = TASK_STATE_CHECKED,
	                     .manager = true,
	                     .other = true},
	[TASK_MOVE_RETURN] = {.id = "return",
	                      .from = BIT(PROVEN) | BIT(CHECKED) | BIT(CLOSED),
	                      .to = TASK_STATE_RETURNED,
	                      .manager = true,
	                      .words = true},
	[TASK_MOVE_CLOSE] = {.id = "close",
	                     .from = BIT(PROVEN) | BIT(CHECKED),
	                     .to = TASK_STATE_CLOSED,
	                     .manager = true,
	                     .other = true},
	[TASK_MOVE_CANCEL] = {.id = "cancel",
	                      .from = TO_DO | BIT(PROVEN) | BIT(CHECKED),
	                      .to = TASK_STATE_CANCELLED,
	                      .manager = true,
	                      .words = true},
};

const char *task_state_id(enum task_state s)
{
	return state_ids[s];
}

enum task_state task_state(const struct task *t)
{
	for (int s = 0; t->state && s < TASK_STATE_MAX; s++)
		if (strcmp(state_ids[s], t->state) == 0)
			return (enum task_state)s;
	return TASK_STATE_ISSUED;
}

bool task_is_open(const struct task *t)
{
	enum task_state s = task_state(t);
	return s != TASK_STATE_CLOSED && s != TASK_STATE_CANCELLED;
}

const char *task_move_id(enum task_move m)
{
	return moves[m].id;
}

/* --- whose ------------------------------------------------------------------------ */

static bool of_unit(const struct task *t, const struct work_who *who)
{
	return FIELD_HAS(t, TASK_, unit) && who->unit && who->unit[0] &&
	       strcmp(t->unit, who->unit) == 0;
}

static bool of_village(const struct task *t, const struct work_who *who)
{
	return FIELD_HAS(t, TASK_, area) && work_has_village(who, t->area);
}

static bool issued_by(const struct task *t, const struct work_who *who)
{
	return FIELD_HAS(t, TASK_, issued_by) && who->account && t->issued_by == who->account;
}

bool task_held_by(const struct task *t, const struct work_who *who)
{
	if (FIELD_HAS(t, TASK_, account))
		return who->account && t->account == who->account;
	return of_unit(t, who) || of_village(t, who);
}

bool task_seen_by(const struct task *t, const struct work_who *who)
{
	return who->all || task_held_by(t, who) || of_unit(t, who) || of_village(t, who) ||
	       issued_by(t, who);
}

static bool managed_by(const struct task *t, const struct work_who *who)
{
	return who->manages || (who->acts && issued_by(t, who));
}

enum err task_may(const struct task *t, const struct work_who *who, enum task_move m)
{
	bool holder = who->acts && task_held_by(t, who);
	if (!managed_by(t, who) && (moves[m].manager || !holder))
		return ERR_FORBIDDEN;
	if (!(moves[m].from & (1u << task_state(t))))
		return ERR_TASK_STATE;
	if (moves[m].other && FIELD_HAS(t, TASK_, proven_by) && t->proven_by == who->account)
		return ERR_TASK_SAME_PERSON;
	return OK;
}

/* --- late ------------------------------------------------------------------------- */

static int32_t days_between(date_t from, date_t to)
{
	return date_to_days(date_last(to)) - date_to_days(date_last(from));
}

static int level_of(int32_t days, const struct work_terms *terms)
{
	if (days < terms->escalate)
		return 1;
	return days < 2 * terms->escalate ? 2 : 3;
}

enum task_late task_late(const struct task *t, const struct work_terms *terms, date_t day,
                         int32_t *ret_days, int *ret_level)
{
	enum task_state s = task_state(t);
	int32_t left = FIELD_HAS(t, TASK_, due) ? days_between(day, t->due) : INT16_MAX;
	int32_t waited = FIELD_HAS(t, TASK_, issued) ? days_between(t->issued, day) : 0;
	enum task_late late = TASK_FINE;
	int32_t days = left;
	int level = 0;
	if (TO_DO & (1u << s)) {
		if (left < 0) {
			late = TASK_OVERDUE;
			days = -left;
			level = level_of(days, terms);
		} else if (s == TASK_STATE_ISSUED && waited > terms->ack) {
			late = TASK_UNACKNOWLEDGED;
			days = waited - terms->ack;
			level = 1;
		} else if (left <= terms->soon) {
			late = TASK_SOON;
		}
	}
	if (ret_days)
		*ret_days = days;
	if (ret_level)
		*ret_level = level;
	return late;
}

const char *task_late_id(enum task_late l)
{
	static const char *const ids[] = {"fine", "soon", "unacknowledged", "overdue"};
	return ids[l];
}

date_t task_expected(const struct task *t, date_t day)
{
	if (!(TO_DO & (1u << task_state(t))) || !FIELD_HAS(t, TASK_, percent) || t->percent <= 0 ||
	    !FIELD_HAS(t, TASK_, issued) || t->issued > day)
		return 0;
	int64_t passed = (int64_t)days_between(t->issued, day) + 1;
	int64_t whole = (passed * 100 + t->percent - 1) / t->percent;
	return date_from_days(date_to_days(t->issued) + (int32_t)whole - 1);
}

/* --- reading ---------------------------------------------------------------------- */

enum { AFTER_TASK = TASK_FIELD_MAX + 2 };

static bool read_row(struct stmt *s, struct arena *a, struct task_row *ret)
{
	if (!stmt_record(s, &task_desc, a, &ret->task))
		return false;
	ret->account_name = stmt_dup(s, AFTER_TASK, a);
	ret->issuer_name = stmt_dup(s, AFTER_TASK + 1, a);
	ret->decision_text = stmt_dup(s, AFTER_TASK + 2, a);
	ret->meeting = stmt_int(s, AFTER_TASK + 3);
	ret->children = stmt_int(s, AFTER_TASK + 4);
	ret->children_open = stmt_int(s, AFTER_TASK + 5);
	return true;
}

static void bind_int_or_null(struct stmt *s, int i, int64_t v)
{
	if (v)
		stmt_bind_int(s, i, v);
	else
		stmt_bind_null(s, i);
}

enum err task_list(struct db *db, const struct work_who *who, const struct task_filter *f,
                   struct arena *a, struct task_row **ret, size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_task_list);
	struct task_row *rows = ARENA_ARRAY(a, f->limit + 1, struct task_row);
	size_t n = 0;
	stmt_bind_int(s, 2, who->all);
	stmt_bind_int(s, 3, who->account);
	stmt_bind_text(s, 4, who->unit && who->unit[0] ? who->unit : NULL);
	stmt_bind_text(s, 5, work_villages(who, a));
	stmt_bind_text(s, 6, f->state);
	stmt_bind_text(s, 7, f->unit);
	stmt_bind_text(s, 8, f->area);
	bind_int_or_null(s, 9, f->decision);
	bind_int_or_null(s, 10, f->meeting);
	bind_int_or_null(s, 11, f->parent);
	stmt_bind_int(s, 12, f->mine);
	stmt_bind_int(s, 13, f->overdue);
	stmt_bind_int(s, 14, f->day);
	stmt_bind_int(s, 15, f->after_due);
	stmt_bind_int(s, 16, f->after_no);
	stmt_bind_int(s, 17, f->limit);
	stmt_bind_int(s, 18, f->was_overdue);
	while (n < (size_t)f->limit && read_row(s, a, &rows[n]))
		n++;
	*ret = rows;
	*ret_n = n;
	return stmt_end(s);
}

static enum err unknown(struct db *db, int64_t no)
{
	return diag_set(db_diag(db), ERR_UNKNOWN_TASK, "%lld", (long long)no);
}

enum err task_get(struct db *db, const struct work_who *who, int64_t no, struct arena *a,
                  struct task_row *ret)
{
	struct task_row row = {0};
	struct stmt *s = db_stmt(db, STMT_task_one);
	stmt_bind_int(s, 2, no);
	bool found = read_row(s, a, &row);
	enum err e = stmt_end(s);
	if (!e && (!found || !task_seen_by(&row.task, who)))
		e = unknown(db, no);
	if (!e)
		*ret = row;
	return e;
}

enum err task_events(struct db *db, int64_t no, struct arena *a, struct task_event **ret,
                     size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_events_of_task);
	stmt_bind_int(s, 2, no);
	return stmt_records(s, &task_event_desc, a, ret, ret_n);
}

/* --- writing ---------------------------------------------------------------------- */

struct step {
	struct journal *j;
	const struct task_context *c;
	struct db *db;
	struct diag *diag;
	struct arena a;
};

static void step_init(struct step *p, struct journal *j, const struct task_context *c)
{
	*p = (struct step){.j = j, .c = c, .db = journal_db(j)};
	p->diag = db_diag(p->db);
	arena_init(&p->a, 1 << 22);
}

static enum err add_event(struct step *p, int64_t task, const char *move,
                          const struct task_act *act, const struct task *t)
{
	struct task_event v = {0};
	FIELD_SET(&v, TASK_EVENT_, task, task);
	FIELD_SET(&v, TASK_EVENT_, move, move);
	FIELD_SET(&v, TASK_EVENT_, day, act->day);
	FIELD_SET(&v, TASK_EVENT_, at, journal_now(p->j));
	if (p->c->who->account)
		FIELD_SET(&v, TASK_EVENT_, account, p->c->who->account);
	FIELD_SET(&v, TASK_EVENT_, name, p->c->who->name);
	if (t && FIELD_HAS(t, TASK_, percent))
		FIELD_SET(&v, TASK_EVENT_, percent, t->percent);
	if (act->done >= 0)
		FIELD_SET(&v, TASK_EVENT_, done, act->done);
	FIELD_SET(&v, TASK_EVENT_, text, act->text);
	return journal_insert(p->j, &task_event_desc, &v);
}

static enum err check_numbers(struct step *p, const struct task *t)
{
	if (FIELD_HAS(t, TASK_, files_wanted) && (t->files_wanted < 0 || t->files_wanted > 20))
		return work_wrong(p->diag, "files_wanted", ERR_INVALID, "0..20");
	if (FIELD_HAS(t, TASK_, target) && t->target < 1)
		return work_wrong(p->diag, "target", ERR_INVALID, ">= 1");
	return OK;
}

/* The person named must be one who can log in. */
static enum err check_account(struct step *p, const struct task *t)
{
	int64_t n = 0;
	if (!FIELD_HAS(t, TASK_, account))
		return OK;
	struct stmt *s = db_stmt(p->db, STMT_account_is_active);
	stmt_bind_int(s, 2, t->account);
	enum err e = stmt_one_int(s, 0, &n);
	return !e && n == 0 ? work_wrong(p->diag, "account", ERR_UNKNOWN_USER, NULL) : e;
}

static enum err check_task(struct step *p, const struct task *t)
{
	enum err e = work_valid(p->c->pack, &task_desc, t, p->diag);
	if (!e && date_prec(t->due) != DATE_DAY)
		e = work_wrong(p->diag, "due", ERR_CELL_DATE, NULL);
	if (!e)
		e = work_day(p->diag, "issued", t->issued, 0, p->c->today);
	if (!e && t->due < t->issued)
		e = work_wrong(p->diag, "due", ERR_DATE_ORDER, NULL);
	if (!e && !FIELD_HAS(t, TASK_, unit) && !FIELD_HAS(t, TASK_, area) &&
	    !FIELD_HAS(t, TASK_, account))
		e = work_wrong(p->diag, "unit", ERR_CELL_REQUIRED, NULL);
	if (!e)
		e = check_numbers(p, t);
	return e ? e : check_account(p, t);
}

/* A part of another task: may they divide that one, and does it end in time? */
static enum err check_parent(struct step *p, struct task *t)
{
	struct task parent = {0};
	bool found = false;
	if (!FIELD_HAS(t, TASK_, parent))
		return p->c->who->manages ? OK : diag_set(p->diag, ERR_FORBIDDEN, "%s", "");
	enum err e = db_get(p->db, &task_desc, t->parent, &p->a, &parent, &found);
	if (e)
		return e;
	if (!found || !task_seen_by(&parent, p->c->who))
		return unknown(p->db, t->parent);
	if (!managed_by(&parent, p->c->who) &&
	    !(p->c->who->acts && task_held_by(&parent, p->c->who)))
		return diag_set(p->diag, ERR_FORBIDDEN, "%lld", (long long)t->parent);
	if (!(TO_DO & (1u << task_state(&parent))))
		return diag_set(p->diag, ERR_TASK_STATE, "%s", parent.state);
	if (t->due > parent.due)
		return work_wrong(p->diag, "due", ERR_DATE_ORDER, NULL);
	if (!FIELD_HAS(t, TASK_, decision) && FIELD_HAS(&parent, TASK_, decision))
		FIELD_SET(t, TASK_, decision, parent.decision);
	return OK;
}

static void start(struct step *p, struct task *t)
{
	static const int reset[] = {TASK_percent, TASK_done,       TASK_acknowledged, TASK_proven,
	                            TASK_proven_by, TASK_checked,  TASK_checked_by,   TASK_closed,
	                            TASK_closed_by, TASK_returned, TASK_cancelled,    TASK_issued_by};
	for (size_t i = 0; i < sizeof(reset) / sizeof(*reset); i++)
		t->has &= ~FIELD_BIT(reset[i]);
	FIELD_SET(t, TASK_, state, task_state_id(TASK_STATE_ISSUED));
	FIELD_SET(t, TASK_, percent, 0);
	if (!FIELD_HAS(t, TASK_, issued))
		FIELD_SET(t, TASK_, issued, p->c->today);
	if (p->c->who->account)
		FIELD_SET(t, TASK_, issued_by, p->c->who->account);
}

enum err task_issue(struct journal *j, const struct task_context *c, struct task *t)
{
	struct step p;
	step_init(&p, j, c);
	start(&p, t);
	enum err e = check_task(&p, t);
	if (!e)
		e = check_parent(&p, t);
	if (!e)
		e = journal_insert(j, &task_desc, t);
	if (!e)
		e = add_event(&p, t->no, "issue", &(struct task_act){.day = t->issued, .done = -1}, NULL);
	arena_release(&p.a);
	return e;
}

enum { CHANGEABLE_N = 8 };

/* What a manager may alter of a task that was issued. */
static void take_changes(struct task *to, const struct task *from)
{
	static const int fields[CHANGEABLE_N] = {TASK_title, TASK_body,     TASK_unit,         TASK_area,
	                                         TASK_account, TASK_due, TASK_evidence, TASK_files_wanted};
	for (size_t i = 0; i < CHANGEABLE_N; i++) {
		const struct field *f = &task_fields[fields[i]];
		uint64_t bit = FIELD_BIT(fields[i]);
		size_t n = f->kind == FIELD_TEXT ? sizeof(const char *)
		           : f->kind == FIELD_DATE ? sizeof(date_t) : sizeof(int64_t);
		memcpy((char *)to + f->offset, (const char *)from + f->offset, n);
		to->has = (to->has & ~bit) | (from->has & bit);
	}
}

static enum err load_task(struct step *p, int64_t no, int64_t version, struct task *ret)
{
	bool found = false;
	enum err e = db_get(p->db, &task_desc, no, &p->a, ret, &found);
	if (e)
		return e;
	if (!found || !task_seen_by(ret, p->c->who))
		return unknown(p->db, no);
	if (version && version != ret->version)
		return diag_set(p->diag, ERR_CONFLICT, "%lld", (long long)no);
	return OK;
}

bool task_may_change(const struct task *t, const struct work_who *who)
{
	return managed_by(t, who) && (TO_DO & (1u << task_state(t)));
}

enum err task_change(struct journal *j, const struct task_context *c, struct task *now)
{
	struct step p;
	struct task old, next;
	step_init(&p, j, c);
	enum err e = load_task(&p, now->no, now->version, &old);
	if (!e && !managed_by(&old, c->who))
		e = diag_set(p.diag, ERR_FORBIDDEN, "%lld", (long long)now->no);
	if (!e && !(TO_DO & (1u << task_state(&old))))
		e = diag_set(p.diag, ERR_TASK_STATE, "%s", old.state);
	if (!e) {
		next = old;
		take_changes(&next, now);
		e = check_task(&p, &next);
	}
	if (!e && FIELD_HAS(&next, TASK_, parent))
		e = check_parent(&p, &next);
	if (!e && record_diff(&task_desc, &old, &next)) {
		e = journal_update(j, &task_desc, &old, &next);
		if (!e)
			e = add_event(&p, next.no, "change", &(struct task_act){.day = c->today, .done = -1},
			              NULL);
	}
	if (!e)
		now->version = next.version;
	arena_release(&p.a);
	return e;
}

/* Enough of them hang on the task? */
static enum err check_files(struct step *p, const struct task *t)
{
	int64_t n = 0;
	if (!FIELD_HAS(t, TASK_, files_wanted))
		return OK;
	struct stmt *s = db_stmt(p->db, STMT_task_files);
	stmt_bind_int(s, 2, t->no);
	enum err e = stmt_one_int(s, 0, &n);
	return !e && n < t->files_wanted
	               ? work_wrong(p->diag, "files", ERR_TASK_EVIDENCE, t->evidence) : e;
}

static enum err check_act(struct step *p, const struct task *t, const struct task_act *act)
{
	enum err e = task_may(t, p->c->who, act->move);
	if (e)
		return diag_set(p->diag, e, "%s", t->state ? t->state : "");
	bool after_proof = moves[act->move].manager && FIELD_HAS(t, TASK_, proven);
	e = work_day(p->diag, "day", act->day, after_proof ? t->proven : t->issued,
	             p->c->today);
	if (e)
		return e;
	if (moves[act->move].words && str_trim(str_c(act->text)).n == 0)
		return work_wrong(p->diag, "text", ERR_CELL_REQUIRED, NULL);
	if (act->text && strlen(act->text) > WORK_TEXT_MAX)
		return work_wrong(p->diag, "text", ERR_CELL_TOO_LONG, NULL);
	if (act->percent > 100 || act->percent < -1)
		return work_wrong(p->diag, "percent", ERR_INVALID, "0..100");
	return act->move == TASK_MOVE_PROVE ? check_files(p, t) : OK;
}

static enum err open_children(struct step *p, int64_t no, int64_t *ret)
{
	struct stmt *s = db_stmt(p->db, STMT_task_open_children);
	stmt_bind_int(s, 2, no);
	return stmt_one_int(s, 0, ret);
}

static void take_progress(struct task *t, const struct task_act *act)
{
	if (act->done >= 0)
		FIELD_SET(t, TASK_, done, act->done);
	if (act->percent >= 0)
		FIELD_SET(t, TASK_, percent, act->percent);
	else if (act->done >= 0 && FIELD_HAS(t, TASK_, target))
		FIELD_SET(t, TASK_, percent, act->done >= t->target ? 100 : act->done * 100 / t->target);
	if (!FIELD_HAS(t, TASK_, acknowledged))
		FIELD_SET(t, TASK_, acknowledged, act->day);
}

static void drop_proof(struct task *t)
{
	static const int fields[] = {TASK_proven,     TASK_proven_by, TASK_checked,
	                             TASK_checked_by, TASK_closed,    TASK_closed_by};
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		t->has &= ~FIELD_BIT(fields[i]);
}

/* What a step writes beside the state. */
static void take_step(struct task *t, const struct task_act *act, int64_t account)
{
	FIELD_SET(t, TASK_, state, task_state_id(moves[act->move].to));
	switch (act->move) {
	case TASK_MOVE_ACKNOWLEDGE:
		FIELD_SET(t, TASK_, acknowledged, act->day);
		break;
	case TASK_MOVE_PROGRESS:
		take_progress(t, act);
		break;
	case TASK_MOVE_PROVE:
		take_progress(t, act);
		FIELD_SET(t, TASK_, percent, 100);
		FIELD_SET(t, TASK_, proven, act->day);
		FIELD_SET(t, TASK_, proven_by, account);
		break;
	case TASK_MOVE_CHECK:
		FIELD_SET(t, TASK_, checked, act->day);
		FIELD_SET(t, TASK_, checked_by, account);
		break;
	case TASK_MOVE_RETURN:
		drop_proof(t);
		FIELD_SET(t, TASK_, returned, (FIELD_HAS(t, TASK_, returned) ? t->returned : 0) + 1);
		break;
	case TASK_MOVE_CLOSE:
		FIELD_SET(t, TASK_, closed, act->day);
		FIELD_SET(t, TASK_, closed_by, account);
		break;
	case TASK_MOVE_CANCEL:
		FIELD_SET(t, TASK_, cancelled, act->day);
		break;
	case TASK_MOVE_MAX:
		break;
	}
}

static enum err write_step(struct step *p, const struct task *old, const struct task_act *act)
{
	struct task now = *old;
	take_step(&now, act, p->c->who->account);
	enum err e = journal_update(p->j, &task_desc, old, &now);
	return e ? e : add_event(p, old->no, moves[act->move].id, act, &now);
}

enum { DEPTH_MAX = 8 };

/* Parts of a cancelled task are not asked for any more either. */
static enum err cancel_children(struct step *p, int64_t no, const struct task_act *act, int depth)
{
	struct task *parts = NULL;
	size_t n = 0;
	struct stmt *s = db_stmt(p->db, STMT_task_children);
	stmt_bind_int(s, 2, no);
	enum err e = stmt_records(s, &task_desc, &p->a, &parts, &n);
	for (size_t i = 0; !e && i < n; i++) {
		if (!task_is_open(&parts[i]))
			continue;
		e = write_step(p, &parts[i], act);
		if (!e && depth < DEPTH_MAX)
			e = cancel_children(p, parts[i].no, act, depth + 1);
	}
	return e;
}

enum err task_do(struct journal *j, const struct task_context *c, int64_t no,
                 const struct task_act *given)
{
	struct step p;
	struct task old;
	struct task_act act = *given;
	int64_t open = 0;
	step_init(&p, j, c);
	if (!act.day)
		act.day = c->today;
	enum err e = load_task(&p, no, act.version, &old);
	if (!e)
		e = check_act(&p, &old, &act);
	if (!e && act.move == TASK_MOVE_CLOSE)
		e = open_children(&p, no, &open);
	if (!e && open)
		e = diag_set(p.diag, ERR_TASK_CHILDREN, "%lld", (long long)open);
	if (!e)
		e = write_step(&p, &old, &act);
	if (!e && act.move == TASK_MOVE_CANCEL)
		e = cancel_children(&p, no, &act, 1);
	arena_release(&p.a);
	return e;
}
