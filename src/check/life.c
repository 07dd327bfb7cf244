/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/life.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "registry/registry.h"

#include "base/banned.h"

#define SET(r, member, value) FIELD_SET(r, FINDING_RECORD_, member, value)
#define HAS(r, member) FIELD_HAS(r, FINDING_RECORD_, member)
#define DROP(r, member) FIELD_DROP(r, FINDING_RECORD_, member)

enum { TEXT_MAX = 2000 };

const struct life_word life_states[] = {
	{"new", TEXT("新发现", "new")},
	{"assigned", TEXT("已交办", "assigned")},
	{"checked", TEXT("已入户核实", "checked in the field")},
	{"answered", TEXT("已答复待复核", "answered, to be reviewed")},
	{"returned", TEXT("复核退回", "returned by the reviewer")},
	{"fixed", TEXT("已消除", "no longer seen")},
	{"closed", TEXT("已销号", "closed")},
	{"reopened", TEXT("再次出现", "seen again")},
	{0},
};
const struct life_word life_sources[] = {
	{"rule", TEXT("数据比对", "comparison of ledgers")},
	{"inspection", TEXT("督查", "inspection")},
	{"assessor", TEXT("评估", "assessor")},
	{"complaint", TEXT("信访举报", "complaint")},
	{"self_check", TEXT("自查", "self-check")},
	{0},
};
const struct life_word life_answers[] = {
	{"file_fixed", TEXT("属实，已更正档案", "true, file corrected")},
	{"pending", TEXT("属实，待整改", "true, work pending")},
	{"policy_action", TEXT("属实，按政策处理", "true, dealt with by policy")},
	{"ledger_wrong", TEXT("比对台账有误", "the ledger is wrong")},
	{"explained", TEXT("情况属实，有正当理由", "explained")},
	{0},
};

static bool is_word(const struct life_word *words, const char *id)
{
	for (; id && words->id; words++)
		if (strcmp(words->id, id) == 0)
			return true;
	return false;
}

static bool state_is(const struct finding_record *f, const char *state)
{
	return HAS(f, state) && strcmp(f->state, state) == 0;
}

bool life_is_open(const struct finding_record *f)
{
	return !state_is(f, "fixed") && !state_is(f, "answered") && !state_is(f, "closed");
}

/* --- steps ------------------------------------------------------------------------ */

static enum err wrong(struct journal *j, const char *field, const char *value)
{
	struct diag *d = db_diag(journal_db(j));
	diag_place(d, "%s", field);
	return diag_set(d, ERR_INVALID, "%s", value ? value : "");
}

static bool given(const char *s)
{
	return s && s[0];
}

static void set_text(struct finding_record *f, const char **member, int bit, const char *value)
{
	*member = value;
	if (given(value))
		f->has |= FIELD_BIT(bit);
	else
		f->has &= ~FIELD_BIT(bit);
}
#define SET_TEXT(f, member, value) set_text(f, &(f)->member, FINDING_RECORD_##member, value)

static enum err read_one(struct journal *j, int64_t no, struct arena *a, struct finding_record *ret)
{
	bool found = false;
	enum err e = record_get(j, no, a, ret, &found);
	if (!e && !found)
		e = diag_set(db_diag(journal_db(j)), ERR_UNKNOWN_FINDING, "%lld", (long long)no);
	return e;
}

static void assign(struct finding_record *f, const struct life_assignment *x,
                   const struct life_actor *by, int64_t now_ms)
{
	SET_TEXT(f, assignee, x->assignee);
	SET_TEXT(f, assignee_unit, x->unit);
	SET_TEXT(f, assign_note, x->note);
	DROP(f, due);
	if (x->due)
		SET(f, due, x->due);
	SET_TEXT(f, assigned_by, by->login);
	SET(f, assigned_at, now_ms);
	if (!state_is(f, "checked") && !state_is(f, "returned") && !state_is(f, "reopened"))
		SET(f, state, "assigned");
}

enum err life_assign(struct journal *j, const int64_t *nos, size_t n,
                     const struct life_assignment *x, const struct life_actor *by,
                     size_t *ret_changed)
{
	const uint64_t of_act = FIELD_BIT(FINDING_RECORD_assigned_at) |
	                        FIELD_BIT(FINDING_RECORD_assigned_by);
	struct arena a;
	enum err e = OK;
	*ret_changed = 0;
	if (!given(x->assignee) && !given(x->unit))
		return wrong(j, "assignee", "");
	if (x->day && (date_prec(x->day) != DATE_DAY || x->day > by->today))
		return wrong(j, "event_date", "");
	if (x->due && date_last(x->due) < (x->day ? x->day : by->today))
		return wrong(j, "due", "");
	arena_init(&a, (size_t)16 << 20);
	for (size_t i = 0; !e && i < n; i++) {
		struct finding_record old = {0}, now;
		arena_clear(&a);
		e = read_one(j, nos[i], &a, &old);
		if (!e && !life_is_open(&old))
			e = wrong(j, "state", old.state);
		if (e)
			break;
		now = old;
		assign(&now, x, by, journal_now(j));
		if ((record_diff(&finding_desc, &old, &now) & ~of_act) == 0)
			continue;
		e = journal_update(j, &finding_desc, &old, &now);
		++*ret_changed;
	}
	arena_release(&a);
	return e;
}

enum err life_check(struct journal *j, int64_t no, date_t day, const char *remark,
                    const struct life_actor *by)
{
	struct finding_record old = {0}, now;
	struct arena a;
	if (!day || date_first(day) > by->today)
		return wrong(j, "day", "");
	arena_init(&a, (size_t)16 << 20);
	enum err e = read_one(j, no, &a, &old);
	if (!e && !life_is_open(&old))
		e = wrong(j, "state", old.state);
	if (!e) {
		now = old;
		SET(&now, state, "checked");
		SET(&now, checked, day);
		SET_TEXT(&now, checked_by, given(by->name) ? by->name : by->login);
		if (given(remark))
			SET(&now, remark, remark);
		e = journal_update(j, &finding_desc, &old, &now);
	}
	arena_release(&a);
	return e;
}

enum err life_answer(struct journal *j, const struct pack *pack, int64_t no,
                     const struct record_answer *x, const struct life_actor *by)
{
	struct record_answer answer = *x;
	if (!is_word(life_answers, x->state))
		return wrong(j, "state", x->state);
	if (!x->day || date_first(x->day) > by->today)
		return wrong(j, "day", "");
	if (strcmp(x->state, "explained") == 0 && !given(x->exempt) && !given(x->remark))
		return wrong(j, "exempt", "");
	if (given(x->remark) && utf8_count(str_c(x->remark)) > TEXT_MAX)
		return wrong(j, "remark", "");
	answer.login = by->login;
	if (!given(answer.by))
		answer.by = given(by->name) ? by->name : by->login;
	return record_answer(j, pack, no, &answer, NULL);
}

static bool same_text(const char *x, const char *y)
{
	return given(x) && given(y) && strcmp(x, y) == 0;
}

/* Had the reviewer a hand in it? */
static bool took_part(const struct finding_record *f, const struct life_actor *by)
{
	return (HAS(f, answered_login) && same_text(f->answered_login, by->login)) ||
	       (HAS(f, answered_by) && (same_text(f->answered_by, by->name) ||
	                                same_text(f->answered_by, by->login))) ||
	       (HAS(f, assignee) &&
	        (same_text(f->assignee, by->login) || same_text(f->assignee, by->name)));
}

enum err life_review(struct journal *j, int64_t no, bool accept, const char *remark,
                     const struct life_actor *by)
{
	struct finding_record old = {0}, now;
	struct arena a;
	if (!accept && !given(remark))
		return wrong(j, "remark", "");
	arena_init(&a, (size_t)16 << 20);
	enum err e = read_one(j, no, &a, &old);
	if (!e && !state_is(&old, "answered") && !(accept && state_is(&old, "fixed")))
		e = wrong(j, "state", old.state);
	if (!e && accept && state_is(&old, "answered") && same_text(old.answer, "pending"))
		e = wrong(j, "state", "pending"); /* work that is still to do closes nothing */
	if (!e && took_part(&old, by))
		e = diag_set(db_diag(journal_db(j)), ERR_FORBIDDEN, "%s", by->login);
	if (!e) {
		now = old;
		SET(&now, state, accept ? "closed" : "returned");
		/* what the check no longer saw was confirmed; else it is the answer that holds */
		SET(&now, review, !accept                  ? "returned"
		                  : state_is(&old, "fixed") ? "confirmed"
		                                            : "accepted");
		SET_TEXT(&now, review_note, remark);
		SET_TEXT(&now, reviewed_by, by->login);
		SET(&now, reviewed_at, journal_now(j));
		if (accept && !HAS(&old, closed))
			SET(&now, closed, by->today);
		if (!accept)
			SET(&now, returned, (HAS(&old, returned) ? old.returned : 0) + 1);
		/* nobody had it: whoever answered finds it again among what waits for him */
		if (!accept && !HAS(&old, assignee) && HAS(&old, answered_login)) {
			SET_TEXT(&now, assignee, old.answered_login);
			SET_TEXT(&now, assigned_by, by->login);
			SET(&now, assigned_at, journal_now(j));
		}
		e = journal_update(j, &finding_desc, &old, &now);
	}
	arena_release(&a);
	return e;
}

/* --- entry by hand ----------------------------------------------------------------- */

static enum err check_entered(struct journal *j, const struct life_entered *x,
                              const struct life_actor *by)
{
	if (!is_word(life_sources, x->source) || strcmp(x->source, "rule") == 0)
		return wrong(j, "source_kind", x->source);
	if (!given(x->content) || utf8_count(str_c(x->content)) > TEXT_MAX)
		return wrong(j, "text", "");
	if (x->fixer && (strlen(x->fixer) != 1 || !strchr("VTCDAK", x->fixer[0])))
		return wrong(j, "fixer", x->fixer);
	if (x->severity && (strlen(x->severity) != 1 || !strchr("BEWI", x->severity[0])))
		return wrong(j, "severity", x->severity);
	if (x->due && date_last(x->due) < by->today)
		return wrong(j, "due", "");
	if (!x->household && !given(x->village))
		return wrong(j, "household", "");
	return OK;
}

enum err life_enter(struct journal *j, const struct life_entered *x, const struct life_actor *by,
                    int64_t *ret_no)
{
	struct finding_record f = {0};
	struct household h = {0};
	struct arena a;
	bool found = false;
	enum err e = check_entered(j, x, by);
	if (e)
		return e;
	arena_init(&a, (size_t)16 << 20);
	if (x->household)
		e = db_get(journal_db(j), &household_desc, x->household, &a, &h, &found);
	if (!e && x->household && !found)
		e = wrong(j, "household", "");
	SET(&f, rule, x->source);
	SET(&f, source, x->source);
	SET(&f, state, "new");
	SET(&f, probable, false);
	SET(&f, first_seen, by->today);
	SET(&f, content, x->content);
	SET(&f, fixer, x->fixer ? x->fixer : "V");
	SET(&f, severity, x->severity ? x->severity : "W");
	SET_TEXT(&f, village, x->household ? h.village : x->village);
	SET_TEXT(&f, entered_by, by->login);
	if (x->household)
		SET(&f, household, x->household);
	if (x->person)
		SET(&f, person, x->person);
	if (x->due)
		SET(&f, due, x->due);
	if (!e)
		e = journal_insert(j, &finding_desc, &f);
	if (!e)
		*ret_no = f.no;
	arena_release(&a);
	return e;
}

/* --- lists ------------------------------------------------------------------------- */

static const struct pack_rule *rule_of(const struct pack *pack, const struct finding_record *f)
{
	for (size_t i = 0; !HAS(f, source) && f->rule && i < pack->n_rules; i++)
		if (strcmp(pack->rules[i].id, f->rule) == 0)
			return &pack->rules[i];
	return NULL;
}

static bool read_row(struct stmt *s, const struct pack *pack, struct arena *a, struct life_row *ret)
{
	enum { AFTER = 2 + FINDING_RECORD_FIELD_MAX };
	*ret = (struct life_row){0};
	if (!stmt_record(s, &finding_desc, a, &ret->f))
		return false;
	ret->hh_no = stmt_dup(s, AFTER, a);
	ret->head_name = stmt_dup(s, AFTER + 1, a);
	ret->person_name = stmt_dup(s, AFTER + 2, a);
	ret->rule = rule_of(pack, &ret->f);
	ret->severity = ret->rule ? "BEWI"[ret->rule->severity]
	                : HAS(&ret->f, severity) ? ret->f.severity[0] : 'W';
	ret->fixer = ret->rule ? ret->rule->fixer : HAS(&ret->f, fixer) ? ret->f.fixer[0] : 'V';
	return true;
}

static bool stands_in(struct str text, const char *value)
{
	return value && str_find(str_c(value), text) != SIZE_MAX;
}

static bool fits_state(const struct finding_record *f, const struct life_filter *x)
{
	bool open = life_is_open(f);
	if (x->overdue_on && !(open && HAS(f, due) && date_last(f->due) < x->overdue_on))
		return false;
	if (x->state && strcmp(x->state, "open") == 0)
		return open;
	return !x->state || strcmp(x->state, "done") != 0 || !open;
}

static bool fits_text(const struct life_row *r, struct str text)
{
	return !text.n || stands_in(text, r->hh_no) || stands_in(text, r->head_name) ||
	       stands_in(text, r->person_name) || stands_in(text, r->f.content);
}

/* What the statement did not ask for. */
static bool fits(const struct life_row *r, const struct life_filter *x)
{
	const struct finding_record *f = &r->f;
	if ((x->severity && r->severity != x->severity[0]) || (x->fixer && r->fixer != x->fixer[0]))
		return false;
	if (x->source && strcmp(HAS(f, source) ? f->source : "rule", x->source) != 0)
		return false;
	if (x->assignee && !(HAS(f, assignee) && strcmp(f->assignee, x->assignee) == 0))
		return false;
	if (x->household && !(HAS(f, household) && f->household == x->household))
		return false;
	if (x->area && !(HAS(f, village) && str_starts(str_c(f->village), str_c(x->area))))
		return false;
	return fits_state(f, x) && fits_text(r, x->text);
}

static struct stmt *prepare(struct db *db, const struct life_filter *x, int64_t after,
                            struct arena *a)
{
	enum stmt_id id = x->household  ? STMT_life_list_household
	                  : x->assignee ? STMT_life_list_assignee
	                  : x->area     ? STMT_life_list_area
	                                : STMT_life_list;
	bool group = x->state && (strcmp(x->state, "open") == 0 || strcmp(x->state, "done") == 0);
	struct stmt *s = db_stmt(db, id);
	stmt_bind_int(s, 2, after);
	stmt_bind_text(s, 3, group ? NULL : x->state);
	stmt_bind_text(s, 4, x->rule);
	if (id == STMT_life_list_household) {
		stmt_bind_int(s, 5, x->household);
	} else if (id == STMT_life_list_assignee) {
		stmt_bind_text(s, 5, x->assignee);
	} else if (id == STMT_life_list_area) {
		stmt_bind_text(s, 5, x->area);
		stmt_bind_text(s, 6, arena_printf(a, "%s\xF4\x8F\xBF\xBF", x->area));
	}
	return s;
}

/* A household has few: room for the most there may be would cost more than to read them. */
struct listed {
	struct life_row row;
	struct listed *next;
};

enum err life_list(struct db *db, const struct pack *pack, const struct life_filter *x,
                   int64_t after, size_t limit, struct arena *a, struct life_row **ret,
                   size_t *ret_n, int64_t *ret_next)
{
	size_t n = 0;
	struct life_row row;
	struct listed *first = NULL, **end = &first;
	if (!limit || limit > 500)
		limit = limit ? 500 : 100;
	struct stmt *s = prepare(db, x, after, a);
	struct arena_mark mark = arena_save(a);
	int64_t last = *ret_next = 0;
	while (!*ret_next && read_row(s, pack, a, &row)) {
		if (!fits(&row, x)) {
			arena_back(a, mark);
		} else if (n == limit) {
			*ret_next = last;
		} else {
			*end = ARENA_NEW(a, struct listed);
			(*end)->row = row;
			end = &(*end)->next;
			last = row.f.no;
			n++;
		}
		mark = arena_save(a);
	}
	enum err e = stmt_end(s);
	if (e)
		return e;
	*ret = ARENA_ARRAY(a, n + 1, struct life_row);
	*ret_n = 0;
	for (const struct listed *l = first; l; l = l->next)
		(*ret)[(*ret_n)++] = l->row;
	return OK;
}

enum err life_get(struct db *db, const struct pack *pack, int64_t no, struct arena *a,
                  struct life_row *ret, bool *ret_found)
{
	struct life_row row;
	struct stmt *s = db_stmt(db, STMT_life_get);
	stmt_bind_int(s, 2, no);
	bool found = read_row(s, pack, a, &row);
	enum err e = stmt_end(s);
	if (e)
		return e;
	*ret_found = found;
	if (found)
		*ret = row;
	return OK;
}

enum err life_counts(struct db *db, date_t today, struct arena *a, struct life_count **ret,
                     size_t *ret_n)
{
	VEC(struct life_count) v = {0};
	struct stmt *s = db_stmt(db, STMT_life_counts);
	stmt_bind_int(s, 2, today);
	while (stmt_row(s))
		*vec_push(&v) = (struct life_count){
			.village = stmt_dup(s, 0, a), .rule = stmt_dup(s, 1, a),
			.source = stmt_dup(s, 2, a),  .state = stmt_dup(s, 3, a),
			.answer = stmt_dup(s, 4, a),  .n = stmt_int(s, 5),
			.overdue = stmt_int(s, 6)};
	enum err e = stmt_end(s);
	if (!e) {
		*ret = ARENA_ARRAY(a, v.n + 1, struct life_count);
		if (v.n)
			memcpy(*ret, v.p, v.n * sizeof(*v.p));
		*ret_n = v.n;
	}
	vec_free(&v);
	return e;
}
