/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "work/duty.h"

#include "base/vec.h"

#include "base/banned.h"

static const struct field village_duty_fields[] = {
#define F(...) FIELD_ROW(struct village_duty, __VA_ARGS__)
#include "work/village_duty.def"
#undef F
};
const struct record_desc village_duty_desc = {
	.name = "village_duty",
	.id = 78,
	.fields = village_duty_fields,
	.n = VILLAGE_DUTY_FIELD_MAX,
	.size = sizeof(struct village_duty),
	.label = TEXT("包村责任", "village duty"),
	.naming = 1,
	.span = true,
};

#define HAS(r, member) FIELD_HAS(r, DUTY_, member)
#define SET(r, member, value) FIELD_SET(r, DUTY_, member, value)

/* --- lists ------------------------------------------------------------------------ */

static void read_row(struct stmt *s, struct arena *a, struct duty_row *r)
{
	*r = (struct duty_row){
		.household = stmt_int(s, 0),
		.hh_no = stmt_dup(s, 1, a),
		.village = stmt_dup(s, 2, a),
		.group_name = stmt_dup(s, 3, a),
		.head_name = stmt_dup(s, 4, a),
		.duty = stmt_int(s, 5),
		.helper = stmt_dup(s, 6, a),
		.unit = stmt_dup(s, 7, a),
		.from = (date_t)stmt_int(s, 8),
		.to = (date_t)stmt_int(s, 9),
		.by_hand = stmt_int(s, 10) != 0,
		.beside = stmt_int(s, 11),
		.households = stmt_int(s, 12),
	};
}

enum err duty_list(struct db *db, const struct duty_filter *f, struct arena *a,
                   struct duty_row **ret, size_t *ret_n)
{
	static const enum stmt_id by_state[DUTY_STATE_MAX] = {
		[DUTY_ALL] = STMT_duty_list,
		[DUTY_UNASSIGNED] = STMT_duty_unassigned,
		[DUTY_OVERLAPPING] = STMT_duty_overlapping,
		[DUTY_ENDED] = STMT_duty_ended,
	};
	struct stmt *s = db_stmt(db, by_state[f->state]);
	struct duty_row *rows = ARENA_ARRAY(a, f->limit + 1, struct duty_row);
	size_t n = 0;
	stmt_bind_int(s, 2, f->day);
	stmt_bind_text(s, 3, f->village);
	stmt_bind_int(s, 4, f->after);
	stmt_bind_int(s, 5, f->limit);
	if (f->state != DUTY_UNASSIGNED) {
		stmt_bind_text(s, 6, f->helper);
		stmt_bind_text(s, 7, f->unit);
		stmt_bind_int(s, 8, f->after_duty);
	}
	while (n < (size_t)f->limit && stmt_row(s))
		read_row(s, a, &rows[n++]);
	*ret = rows;
	*ret_n = n;
	return stmt_end(s);
}

enum err duty_helpers(struct db *db, const struct pack *pack, date_t day, struct arena *a,
                      struct duty_helper **ret, size_t *ret_n)
{
	int64_t max = pack_param_int(pack, "helper_max_households", 10);
	VEC(struct duty_helper) rows = {0};
	struct stmt *s = db_stmt(db, STMT_duty_helpers);
	stmt_bind_int(s, 2, day);
	while (stmt_row(s)) {
		*vec_push(&rows) = (struct duty_helper){
			.helper = stmt_dup(s, 0, a),
			.unit = stmt_dup(s, 1, a),
			.households = stmt_int(s, 2),
			.villages = stmt_int(s, 3),
			.overloaded = stmt_int(s, 2) > max,
		};
	}
	*ret = ARENA_ARRAY(a, rows.n + 1, struct duty_helper);
	if (rows.n)
		memcpy(*ret, rows.p, rows.n * sizeof(*rows.p));
	*ret_n = rows.n;
	vec_free(&rows);
	return stmt_end(s);
}

enum err duty_villages(struct db *db, date_t day, struct arena *a, struct duty_village **ret,
                       size_t *ret_n)
{
	VEC(struct duty_village) rows = {0};
	struct stmt *s = db_stmt(db, STMT_duty_villages);
	stmt_bind_int(s, 2, day);
	while (stmt_row(s)) {
		*vec_push(&rows) = (struct duty_village){
			.village = stmt_dup(s, 0, a),
			.households = stmt_int(s, 1),
			.unassigned = stmt_int(s, 2),
			.overlapping = stmt_int(s, 3),
			.helpers = stmt_int(s, 4),
		};
	}
	*ret = ARENA_ARRAY(a, rows.n + 1, struct duty_village);
	if (rows.n)
		memcpy(*ret, rows.p, rows.n * sizeof(*rows.p));
	*ret_n = rows.n;
	vec_free(&rows);
	return stmt_end(s);
}

/* --- by hand ---------------------------------------------------------------------- */

struct hand {
	struct journal *j;
	struct db *db;
	struct diag *diag;
	struct duty_counts counts;
	struct arena a; /* of one household */
};

static bool same_text(const char *x, const char *y)
{
	return strcmp(x ? x : "", y ? y : "") == 0;
}

static bool holds_on(const struct duty *d, date_t day)
{
	return (!HAS(d, valid_from) || date_first(d->valid_from) <= day) &&
	       (!HAS(d, valid_to) || day < date_first(d->valid_to));
}

/* Still ahead or in force: its end lies after the day. */
static bool ends_after(const struct duty *d, date_t day)
{
	return !HAS(d, valid_to) || day < date_first(d->valid_to);
}

/* What is on record of the household and not superseded. */
static enum err duties_of(struct hand *h, int64_t household, struct duty **ret, size_t *ret_n)
{
	struct stmt *s = db_stmt(h->db, STMT_duty_of_household);
	stmt_bind_int(s, 2, household);
	return stmt_records(s, &duty_desc, &h->a, ret, ret_n);
}

/* The record stays as what was known; a copy by hand says what holds now. */
static enum err end_one(struct hand *h, const struct duty *old, date_t on)
{
	struct duty closed = *old, now = *old;
	int64_t at = journal_now(h->j);
	SET(&closed, recorded_to, at);
	enum err e = journal_update(h->j, &duty_desc, old, &closed);
	if (e)
		return e;
	h->counts.ended++;
	now.no = 0;
	SET(&now, recorded_from, at);
	SET(&now, valid_to, on);
	FIELD_DROP(&now, DUTY_, ledger);
	FIELD_DROP(&now, DUTY_, place);
	return journal_insert(h->j, &duty_desc, &now);
}

static enum err check_household(struct hand *h, int64_t no)
{
	int64_t n = 0;
	struct stmt *s = db_stmt(h->db, STMT_household_exists);
	stmt_bind_int(s, 2, no);
	enum err e = stmt_one_int(s, 0, &n);
	return !e && n == 0 ? diag_set(h->diag, ERR_UNKNOWN_HOUSEHOLD, "%lld", (long long)no) : e;
}

static enum err insert_duty(struct hand *h, const struct duty_assign *d, int64_t household)
{
	struct duty now = {0};
	SET(&now, household, household);
	SET(&now, helper, d->helper);
	SET(&now, unit, d->unit);
	SET(&now, phone, d->phone);
	SET(&now, valid_from, d->from);
	if (d->to)
		SET(&now, valid_to, d->to);
	SET(&now, recorded_from, journal_now(h->j));
	h->counts.assigned++;
	return journal_insert(h->j, &duty_desc, &now);
}

static enum err assign_one(struct hand *h, const struct duty_assign *d, int64_t household)
{
	struct duty *have = NULL;
	size_t n = 0;
	bool there = false;
	enum err e = check_household(h, household);
	if (!e)
		e = duties_of(h, household, &have, &n);
	for (size_t i = 0; !e && i < n; i++) {
		bool same = same_text(have[i].helper, d->helper) && same_text(have[i].unit, d->unit);
		if (same && holds_on(&have[i], d->from) && ends_after(&have[i], d->to ? d->to : d->from))
			there = true;
		else if (d->replace && !same && ends_after(&have[i], d->from))
			e = end_one(h, &have[i], d->from);
	}
	if (e)
		return e;
	if (there) {
		h->counts.unchanged++;
		return OK;
	}
	return insert_duty(h, d, household);
}

static enum err check_assign(struct hand *h, struct duty_assign *d)
{
	if (str_trim(str_c(d->helper)).n == 0)
		return work_wrong(h->diag, "helper", ERR_CELL_REQUIRED, NULL);
	if (d->n == 0 || d->n > DUTY_HOUSEHOLDS_MAX)
		return work_wrong(h->diag, "households", ERR_INVALID, "1..5000");
	if (!d->from)
		d->from = d->today;
	if (date_prec(d->from) != DATE_DAY)
		return work_wrong(h->diag, "from", ERR_CELL_DATE, NULL);
	if (d->to && date_prec(d->to) != DATE_DAY)
		return work_wrong(h->diag, "to", ERR_CELL_DATE, NULL);
	if (d->to && d->to <= d->from)
		return work_wrong(h->diag, "to", ERR_DATE_ORDER, NULL);
	return OK;
}

static void hand_init(struct hand *h, struct journal *j)
{
	*h = (struct hand){.j = j, .db = journal_db(j)};
	h->diag = db_diag(h->db);
	arena_init(&h->a, 1 << 22);
}

enum err duty_assign(struct journal *j, const struct duty_assign *given, struct duty_counts *ret)
{
	struct duty_assign d = *given;
	struct hand h;
	hand_init(&h, j);
	enum err e = check_assign(&h, &d);
	for (size_t i = 0; !e && i < d.n; i++) {
		e = assign_one(&h, &d, d.households[i]);
		arena_clear(&h.a);
	}
	arena_release(&h.a);
	if (!e)
		*ret = h.counts;
	return e;
}

static enum err end_for(struct hand *h, const struct duty_end *d, int64_t household, date_t on)
{
	struct duty *have = NULL;
	size_t n = 0, ended = h->counts.ended;
	enum err e = check_household(h, household);
	if (!e)
		e = duties_of(h, household, &have, &n);
	for (size_t i = 0; !e && i < n; i++) {
		if ((d->helper && !same_text(have[i].helper, d->helper)) || !ends_after(&have[i], on))
			continue;
		if (HAS(&have[i], valid_from) && date_first(have[i].valid_from) > on)
			return work_wrong(h->diag, "to", ERR_DATE_ORDER, have[i].helper);
		e = end_one(h, &have[i], on);
	}
	h->counts.unchanged += !e && ended == h->counts.ended;
	return e;
}

enum err duty_end(struct journal *j, const struct duty_end *d, struct duty_counts *ret)
{
	struct hand h;
	date_t on = d->on ? d->on : d->today;
	enum err e = OK;
	hand_init(&h, j);
	if (d->n == 0 || d->n > DUTY_HOUSEHOLDS_MAX)
		e = work_wrong(h.diag, "households", ERR_INVALID, "1..5000");
	if (!e && date_prec(on) != DATE_DAY)
		e = work_wrong(h.diag, "to", ERR_CELL_DATE, NULL);
	for (size_t i = 0; !e && i < d->n; i++) {
		e = end_for(&h, d, d->households[i], on);
		arena_clear(&h.a);
	}
	arena_release(&h.a);
	if (!e)
		*ret = h.counts;
	return e;
}

/* --- villages --------------------------------------------------------------------- */

enum err village_duties(struct db *db, const char *village, date_t day, struct arena *a,
                        struct village_duty **ret, size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_village_duties);
	stmt_bind_text(s, 2, village);
	stmt_bind_int(s, 3, day);
	return stmt_records(s, &village_duty_desc, a, ret, ret_n);
}

enum err village_duty_add(struct journal *j, const struct pack *pack, date_t today,
                          struct village_duty *v)
{
	struct diag *diag = db_diag(journal_db(j));
	enum err e = work_valid(pack, &village_duty_desc, v, diag);
	if (e)
		return e;
	if (!FIELD_HAS(v, VILLAGE_DUTY_, name) && !FIELD_HAS(v, VILLAGE_DUTY_, unit))
		return work_wrong(diag, "name", ERR_CELL_REQUIRED, NULL);
	if (!FIELD_HAS(v, VILLAGE_DUTY_, valid_from))
		FIELD_SET(v, VILLAGE_DUTY_, valid_from, today);
	if (FIELD_HAS(v, VILLAGE_DUTY_, valid_to) &&
	    date_first(v->valid_to) <= date_first(v->valid_from))
		return work_wrong(diag, "valid_to", ERR_DATE_ORDER, NULL);
	FIELD_SET(v, VILLAGE_DUTY_, recorded_from, journal_now(j));
	FIELD_DROP(v, VILLAGE_DUTY_, recorded_to);
	return journal_insert(j, &village_duty_desc, v);
}

static enum err may_end(struct db *db, const struct village_duty *old, bool found, int64_t no,
                        date_t on)
{
	struct diag *diag = db_diag(db);
	if (!found)
		return diag_set(diag, ERR_UNKNOWN_DUTY, "%lld", (long long)no);
	if (FIELD_HAS(old, VILLAGE_DUTY_, recorded_to) ||
	    (FIELD_HAS(old, VILLAGE_DUTY_, valid_to) && date_first(old->valid_to) <= on))
		return diag_set(diag, ERR_TASK_STATE, "%lld", (long long)no);
	if (date_prec(on) != DATE_DAY)
		return work_wrong(diag, "to", ERR_CELL_DATE, NULL);
	if (on < date_first(old->valid_from))
		return work_wrong(diag, "to", ERR_DATE_ORDER, NULL);
	return OK;
}

enum err village_duty_end(struct journal *j, int64_t no, date_t on)
{
	struct db *db = journal_db(j);
	struct village_duty old, closed, now;
	struct arena a;
	bool found = false;
	arena_init(&a, 1 << 22);
	enum err e = db_get(db, &village_duty_desc, no, &a, &old, &found);
	if (!e)
		e = may_end(db, &old, found, no, on);
	if (!e) {
		closed = old;
		FIELD_SET(&closed, VILLAGE_DUTY_, recorded_to, journal_now(j));
		e = journal_update(j, &village_duty_desc, &old, &closed);
	}
	if (!e) {
		now = old;
		now.no = 0;
		FIELD_SET(&now, VILLAGE_DUTY_, recorded_from, journal_now(j));
		FIELD_SET(&now, VILLAGE_DUTY_, valid_to, on);
		e = journal_insert(j, &village_duty_desc, &now);
	}
	arena_release(&a);
	return e;
}
