/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "work/request.h"

#include "base/banned.h"

static const struct field ledger_request_fields[] = {
#define F(...) FIELD_ROW(struct ledger_request, __VA_ARGS__)
#include "work/ledger_request.def"
#undef F
};
const struct record_desc ledger_request_desc = {
	.name = "ledger_request",
	.id = 77,
	.fields = ledger_request_fields,
	.n = LEDGER_REQUEST_FIELD_MAX,
	.size = sizeof(struct ledger_request),
	.label = TEXT("台账报送要求", "ledger asked for"),
};

#define HAS(r, member) FIELD_HAS(r, LEDGER_REQUEST_, member)
#define SET(r, member, value) FIELD_SET(r, LEDGER_REQUEST_, member, value)

static bool is_open(const struct ledger_request *r)
{
	return strcmp(r->state, "open") == 0;
}

enum err request_list(struct db *db, const struct work_who *who, const struct request_filter *f,
                      struct arena *a, struct ledger_request **ret, size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_request_list);
	stmt_bind_int(s, 2, who->all);
	stmt_bind_int(s, 3, who->account);
	stmt_bind_text(s, 4, who->unit && who->unit[0] ? who->unit : NULL);
	stmt_bind_text(s, 5, f->state);
	stmt_bind_text(s, 6, f->unit);
	stmt_bind_text(s, 7, f->layout);
	stmt_bind_int(s, 8, f->overdue);
	stmt_bind_int(s, 9, f->day);
	stmt_bind_int(s, 10, f->after_due);
	stmt_bind_int(s, 11, f->after_no);
	stmt_bind_int(s, 12, f->limit);
	return stmt_records(s, &ledger_request_desc, a, ret, ret_n);
}

static bool seen_by(const struct ledger_request *r, const struct work_who *who)
{
	return who->all || (HAS(r, account) && who->account && r->account == who->account) ||
	       (who->unit && who->unit[0] && strcmp(who->unit, r->unit) == 0);
}

static enum err unknown(struct db *db, int64_t no)
{
	return diag_set(db_diag(db), ERR_UNKNOWN_REQUEST, "%lld", (long long)no);
}

enum err request_get(struct db *db, const struct work_who *who, int64_t no, struct arena *a,
                     struct ledger_request *ret)
{
	bool found = false;
	enum err e = db_get(db, &ledger_request_desc, no, a, ret, &found);
	return !e && (!found || !seen_by(ret, who)) ? unknown(db, no) : e;
}

static enum err check(struct journal *j, const struct pack *pack, const struct ledger_request *r,
                      date_t today)
{
	struct diag *diag = db_diag(journal_db(j));
	enum err e = work_valid(pack, &ledger_request_desc, r, diag);
	if (!e && !pack_layout(pack, r->layout))
		e = work_wrong(diag, "layout", ERR_UNKNOWN_LEDGER, r->layout);
	if (!e && date_prec(r->due) != DATE_DAY)
		e = work_wrong(diag, "due", ERR_CELL_DATE, NULL);
	if (!e)
		e = work_day(diag, "requested", r->requested, 0, today);
	if (!e && r->due < r->requested)
		e = work_wrong(diag, "due", ERR_DATE_ORDER, NULL);
	return e;
}

enum err request_add(struct journal *j, const struct pack *pack, const struct work_who *who,
                     date_t today, struct ledger_request *r)
{
	static const int reset[] = {LEDGER_REQUEST_returned, LEDGER_REQUEST_ledger,
	                            LEDGER_REQUEST_reminders, LEDGER_REQUEST_reminded};
	for (size_t i = 0; i < sizeof(reset) / sizeof(*reset); i++)
		r->has &= ~FIELD_BIT(reset[i]);
	SET(r, state, "open");
	if (!HAS(r, requested))
		SET(r, requested, today);
	if (who->account)
		SET(r, requested_by, who->account);
	enum err e = check(j, pack, r, today);
	return e ? e : journal_insert(j, &ledger_request_desc, r);
}

static enum err check_end(struct journal *j, struct ledger_request *now, date_t today)
{
	struct diag *diag = db_diag(journal_db(j));
	if (!work_item("request_state", now->state))
		return work_wrong(diag, "state", ERR_CELL_CODE, now->state);
	if (strcmp(now->state, "cancelled") == 0 && !HAS(now, remark))
		return work_wrong(diag, "remark", ERR_CELL_REQUIRED, NULL);
	if (strcmp(now->state, "returned") != 0)
		return OK;
	if (!HAS(now, returned))
		SET(now, returned, today);
	if (!HAS(now, ledger) && !HAS(now, remark))
		return work_wrong(diag, "remark", ERR_CELL_REQUIRED, NULL);
	return work_day(diag, "returned", now->returned, now->requested, today);
}

enum err request_change(struct journal *j, const struct pack *pack, date_t today,
                        struct ledger_request *now)
{
	struct db *db = journal_db(j);
	struct ledger_request old;
	struct arena a;
	bool found = false;
	arena_init(&a, 1 << 22);
	enum err e = check(j, pack, now, today);
	if (!e)
		e = db_get(db, &ledger_request_desc, now->no, &a, &old, &found);
	if (!e && !found)
		e = unknown(db, now->no);
	if (!e && old.version != now->version)
		e = diag_set(db_diag(db), ERR_CONFLICT, "%lld", (long long)now->no);
	if (!e && !is_open(&old))
		e = diag_set(db_diag(db), ERR_TASK_STATE, "%s", old.state);
	if (!e)
		e = check_end(j, now, today);
	if (!e)
		e = journal_update(j, &ledger_request_desc, &old, now);
	arena_release(&a);
	return e;
}

enum err request_remind(struct journal *j, int64_t no, date_t today)
{
	struct db *db = journal_db(j);
	struct ledger_request old, now;
	struct arena a;
	bool found = false;
	arena_init(&a, 1 << 22);
	enum err e = db_get(db, &ledger_request_desc, no, &a, &old, &found);
	if (!e && !found)
		e = unknown(db, no);
	if (!e && !is_open(&old))
		e = diag_set(db_diag(db), ERR_TASK_STATE, "%s", old.state);
	if (!e) {
		now = old;
		SET(&now, reminders, (HAS(&old, reminders) ? old.reminders : 0) + 1);
		SET(&now, reminded, today);
		e = journal_update(j, &ledger_request_desc, &old, &now);
	}
	arena_release(&a);
	return e;
}

/* --- settling --------------------------------------------------------------------- */

bool request_fits(const struct ledger_request *r, const struct ledger *l,
                  const struct calendar *calendar)
{
	if (strcmp(l->layout, r->layout) != 0 ||
	    (FIELD_HAS(l, LEDGER_, partial) && l->partial) ||
	    calendar_day(calendar, l->received) < r->requested)
		return false;
	if (HAS(r, as_of) && FIELD_HAS(l, LEDGER_, as_of) && date_last(l->as_of) < date_first(r->as_of))
		return false;
	return !HAS(r, area) || !FIELD_HAS(l, LEDGER_, covers) || ledger_covers(l, r->area);
}

enum err request_settle(struct journal *j, const struct calendar *calendar, size_t *ret_n)
{
	struct db *db = journal_db(j);
	struct ledger_request *open = NULL;
	struct ledger *ledgers = NULL;
	size_t n = 0, n_ledgers = 0;
	struct arena a;
	arena_init(&a, 1 << 26);
	*ret_n = 0;
	enum err e = stmt_records(db_stmt(db, STMT_request_open), &ledger_request_desc, &a, &open, &n);
	if (!e && n)
		e = ledger_all(db, &a, &ledgers, &n_ledgers);
	for (size_t i = 0; !e && i < n; i++) {
		size_t k = 0;
		while (k < n_ledgers && !request_fits(&open[i], &ledgers[k], calendar))
			k++;
		if (k == n_ledgers)
			continue;
		struct ledger_request now = open[i];
		SET(&now, state, "returned");
		SET(&now, ledger, ledgers[k].no);
		SET(&now, returned, calendar_day(calendar, ledgers[k].received));
		e = journal_update(j, &ledger_request_desc, &open[i], &now);
		*ret_n += !e;
	}
	arena_release(&a);
	return e;
}
