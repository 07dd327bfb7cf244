/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "registry/edit.h"

#include "base/utf8.h"
#include "link/idno.h"
#include "registry/pin.h"
#include "registry/search.h"

#include "base/banned.h"

enum { YEAR_MIN = 1990, TEXT_MAX = 500, CONTENT_MAX = 4000 };

static enum err wrong(struct journal *j, enum err e, const char *field, const char *value)
{
	struct diag *d = db_diag(journal_db(j));
	diag_place(d, "%s", field);
	return diag_set(d, e, "%s", value ? value : "");
}

bool edit_allows(const struct record_desc *d, size_t field)
{
	static const char *const never[] = {"household", "person", "ident", "ledger", "place",
	                                    "recorded_from", "recorded_to", "uuid", "id_key",
	                                    "id_lossy", "line"};
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (strcmp(d->fields[field].name, never[i]) == 0)
			return false;
	return true;
}

static const char *const *required(const struct record_desc *d)
{
	static const char *const person[] = {"name", NULL}, *const visit[] = {"date", "content", NULL},
	                  *const duty[] = {"helper", NULL}, *const year[] = {"year", NULL},
	                  *const measure[] = {"category", "content", NULL}, *const none[] = {NULL};
	return d == &person_desc                                    ? person
	       : d == &visit_desc                                   ? visit
	       : d == &duty_desc                                    ? duty
	       : d == &measure_desc                                 ? measure
	       : d == &income_desc || d == &household_year_desc || d == &person_year_desc ? year
	                                                            : none;
}

/* --- values ------------------------------------------------------------------------- */

static int64_t int_at(const struct record_desc *d, const void *rec, size_t i)
{
	int64_t v;
	memcpy(&v, (const char *)rec + d->fields[i].offset, sizeof(v));
	return v;
}
static const char *text_at(const struct record_desc *d, const void *rec, size_t i)
{
	const char *v;
	memcpy(&v, (const char *)rec + d->fields[i].offset, sizeof(v));
	return v;
}
static date_t date_at(const struct record_desc *d, const void *rec, size_t i)
{
	date_t v;
	memcpy(&v, (const char *)rec + d->fields[i].offset, sizeof(v));
	return v;
}

static enum err check_text(struct journal *j, const struct edit *x, const struct record_desc *d,
                           const void *rec, size_t i)
{
	const struct field *f = &d->fields[i];
	const char *text = text_at(d, rec, i);
	if (f->kind == FIELD_CODE) {
		const struct pack_list *list = pack_list(x->pack, f->list);
		if (!list || (!list->open && pack_code_by_id(list, text) < 0))
			return wrong(j, ERR_CELL_CODE, f->name, text);
	}
	size_t max = strcmp(f->name, "content") == 0 || strcmp(f->name, "remark") == 0 ? CONTENT_MAX
	                                                                             : TEXT_MAX;
	if (!utf8_valid(str_c(text)) || utf8_count(str_c(text)) > max)
		return wrong(j, ERR_CELL_TOO_LONG, f->name, "");
	if (d == &household_desc && strcmp(f->name, "village") == 0) {
		const struct area *v = area_find(x->areas, text);
		if (!v || !area_is_village(v) || !area_within(x->areas, text, x->root))
			return wrong(j, ERR_UNKNOWN_AREA, f->name, text);
	}
	return OK;
}

static bool may_lie_ahead(const struct field *f)
{
	return strcmp(f->name, "valid_to") == 0 || strcmp(f->name, "due") == 0;
}

static enum err check_value(struct journal *j, const struct edit *x, const struct record_desc *d,
                            const void *rec, size_t i)
{
	const struct field *f = &d->fields[i];
	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_CODE:
		return check_text(j, x, d, rec, i);
	case FIELD_DATE:
		if (!may_lie_ahead(f) && date_first(date_at(d, rec, i)) > x->today)
			return wrong(j, ERR_CELL_DATE, f->name, "");
		return OK;
	case FIELD_DECIMAL:
		return int_at(d, rec, i) < 0 ? wrong(j, ERR_CELL_NUMBER, f->name, "") : OK;
	case FIELD_INT: {
		int64_t v = int_at(d, rec, i);
		bool year = strstr(f->name, "year") != NULL;
		int64_t last = date_year(x->today) + (strstr(f->name, "plan") ? 30 : 0);
		if (v < 0 || (year && (v < YEAR_MIN || v > last)) ||
		    (strcmp(f->name, "work_months") == 0 && v > 12))
			return wrong(j, ERR_CELL_NUMBER, f->name, "");
		return OK;
	}
	default:
		return OK;
	}
}

static enum err check_record(struct journal *j, const struct edit *x, const struct record_desc *d,
                             const void *rec, uint64_t set)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < d->n; i++) {
		if (!(set & FIELD_BIT(i)))
			continue;
		if (!edit_allows(d, i))
			return wrong(j, ERR_FORBIDDEN, d->fields[i].name, "");
		if (field_has(d, rec, i))
			e = check_value(j, x, d, rec, i);
	}
	for (const char *const *name = required(d); !e && *name; name++) {
		int i = record_find(d, str_c(*name));
		if (i >= 0 && !field_has(d, rec, (size_t)i))
			e = wrong(j, ERR_CELL_REQUIRED, *name, "");
	}
	return e;
}

static enum err check_act(struct journal *j, const struct edit *x)
{
	if (!x->reason || !x->reason[0] || utf8_count(str_c(x->reason)) > TEXT_MAX)
		return wrong(j, ERR_CELL_REQUIRED, "reason", "");
	if (x->event_date && date_first(x->event_date) > x->today)
		return wrong(j, ERR_CELL_DATE, "event_date", "");
	return OK;
}

/* The number's keyed index goes with the number. */
static enum err follow_number(struct journal *j, struct person *p, struct arena *a, uint64_t set)
{
	if (!(set & FIELD_BIT(PERSON_id_text)))
		return OK;
	struct idno id = idno_parse(str_c(FIELD_HAS(p, PERSON_, id_text) ? p->id_text : ""), false);
	if (id.n == 18 && (id.flags & (IDNO_CHECKSUM_BAD | IDNO_DATE_BAD | IDNO_MASKED | IDNO_LOSSY)))
		return wrong(j, ERR_INVALID, "id_text", "");
	pin_person_number(journal_keys(j), p, a); /* none for a paper of another kind */
	return OK;
}

/* --- whose ---------------------------------------------------------------------------- */

static bool ref_at(const struct record_desc *d, const void *rec, const char *name, int64_t *ret)
{
	int i = record_find(d, str_c(name));
	if (i < 0 || !field_has(d, rec, (size_t)i))
		return false;
	*ret = int_at(d, rec, (size_t)i);
	return true;
}

enum err edit_household_of(struct db *db, const struct record_desc *d, const void *rec, int64_t *ret)
{
	struct record head;
	int64_t person = 0;
	memcpy(&head, rec, sizeof(head));
	*ret = 0;
	if (d == &household_desc) {
		*ret = head.no;
		return OK;
	}
	if (ref_at(d, rec, "household", ret))
		return OK;
	if (d == &person_desc)
		person = head.no;
	else if (!ref_at(d, rec, "person", &person))
		return OK;
	struct stmt *s = db_stmt(db, STMT_edit_home_of);
	stmt_bind_int(s, 2, person);
	return stmt_one_int(s, 0, ret);
}

static enum err exists(struct stmt *s, bool *ret)
{
	int64_t n = 0;
	enum err e = stmt_one_int(s, 0, &n);
	*ret = n != 0;
	return e;
}

/* Of a household's record, or of somebody who is or was its member. */
static enum err is_theirs(struct db *db, const struct record_desc *d, const void *rec,
                          int64_t household, bool *ret)
{
	struct record head;
	int64_t own = 0;
	memcpy(&head, rec, sizeof(head));
	*ret = false;
	if (d == &person_desc || (record_find(d, STR("household")) < 0 && ref_at(d, rec, "person", &own))) {
		struct stmt *s = db_stmt(db, STMT_edit_is_member);
		stmt_bind_int(s, 2, d == &person_desc ? head.no : own);
		stmt_bind_int(s, 3, household);
		return exists(s, ret);
	}
	enum err e = edit_household_of(db, d, rec, &own);
	*ret = own == household;
	return e;
}

static void set_ref(const struct record_desc *d, void *rec, const char *name, int64_t no)
{
	int i = record_find(d, str_c(name));
	if (i < 0)
		return;
	memcpy((char *)rec + d->fields[i].offset, &no, sizeof(no));
	((struct record *)rec)->has |= FIELD_BIT(i);
}

/* --- writing --------------------------------------------------------------------------- */

static void copy_fields(const struct record_desc *d, void *to, const void *from, uint64_t set)
{
	for (size_t i = 0; i < d->n; i++)
		if (set & FIELD_BIT(i))
			field_copy(d, to, from, i);
}

/* A duty that people correct is theirs from then on, as one that they assign (work/duty.h).
 * If another name stands there now, the one before never was it: a span of no day by hand,
 * so that the ledger that said so does not bring it back. */
static enum err correct_duty(struct journal *j, const struct edit *x, const struct duty *old,
                             struct duty *now)
{
	struct duty never = *old;
	FIELD_DROP(now, DUTY_, ledger);
	FIELD_DROP(now, DUTY_, place);
	if (!FIELD_HAS(old, DUTY_, ledger) || strcmp(old->helper, now->helper) == 0)
		return OK;
	if (!FIELD_HAS(old, DUTY_, valid_from))
		FIELD_SET(&never, DUTY_, valid_from, x->event_date ? x->event_date : x->today);
	FIELD_SET(&never, DUTY_, valid_to, date_first(never.valid_from));
	FIELD_SET(&never, DUTY_, recorded_from, journal_now(j));
	FIELD_DROP(&never, DUTY_, ledger);
	FIELD_DROP(&never, DUTY_, place);
	never.no = 0;
	return journal_insert(j, &duty_desc, &never);
}

/* Nothing of a span is overwritten: it is ended as recorded, and another one begins. */
static enum err write_span(struct journal *j, const struct edit *x, const struct record_desc *d,
                           const void *old, void *now, struct arena *a)
{
	char *ended = arena_alloc(a, d->size);
	int to = record_find(d, STR("recorded_to")), from = record_find(d, STR("recorded_from"));
	int64_t at = journal_now(j);
	memcpy(ended, old, d->size);
	memcpy(ended + d->fields[to].offset, &at, sizeof(at));
	((struct record *)(void *)ended)->has |= FIELD_BIT(to);
	enum err e = journal_update(j, d, old, ended);
	if (!e && d == &duty_desc)
		e = correct_duty(j, x, old, now);
	memcpy((char *)now + d->fields[from].offset, &at, sizeof(at));
	struct record *r = now;
	r->has |= FIELD_BIT(from);
	r->no = 0;
	return e ? e : journal_insert(j, d, now);
}

static enum err pin_changes(struct journal *j, const struct edit *x, const struct record_desc *d,
                            const void *old, const void *now, uint64_t changed, int64_t household)
{
	struct record head;
	int64_t ledger = 0, person = 0;
	memcpy(&head, now, sizeof(head));
	if (!pin_fits(d))
		return OK;
	/* what was typed in altogether needs none, unless a ledger may bring the same */
	if (!pin_is_single(d) && !ref_at(d, now, "ledger", &ledger))
		return OK;
	if (d == &person_desc) {
		person = head.no;
		changed &= ~(FIELD_BIT(PERSON_id_key) | FIELD_BIT(PERSON_id_lossy)); /* follow */
	} else {
		(void)ref_at(d, now, "person", &person);
	}
	struct pin_act act = {.reason = x->reason, .login = x->login, .event_date = x->event_date,
	                      .household = household, .person = d->owner ? person : 0};
	return pin_fields(j, d, old, now, changed, &act);
}

/* The household is called by its head's name. */
static enum err follow_head(struct journal *j, const struct edit *x, int64_t household,
                            const struct person *old, const struct person *now, struct arena *a)
{
	struct household h = {0}, renamed;
	bool head = false, found = false;
	if (!now->name || (old->name && strcmp(old->name, now->name) == 0))
		return OK;
	struct stmt *s = db_stmt(journal_db(j), STMT_edit_is_head);
	stmt_bind_int(s, 2, now->no);
	stmt_bind_int(s, 3, household);
	enum err e = exists(s, &head);
	if (!e && head)
		e = db_get(journal_db(j), &household_desc, household, a, &h, &found);
	if (e || !found)
		return e;
	renamed = h;
	FIELD_SET(&renamed, HOUSEHOLD_, head_name, now->name);
	e = journal_update(j, &household_desc, &h, &renamed);
	if (e)
		return e;
	return pin_changes(j, x, &household_desc, &h, &renamed, FIELD_BIT(HOUSEHOLD_head_name),
	                   household);
}

static enum err write_change(struct journal *j, const struct edit *x, const struct record_desc *d,
                             int64_t household, const void *old, void *now, struct arena *a)
{
	uint64_t changed = record_diff(d, old, now);
	struct record head;
	memcpy(&head, old, sizeof(head));
	((struct record *)now)->no = head.no;
	((struct record *)now)->version = head.version;
	if (!changed)
		return OK;
	enum err e = d->span ? write_span(j, x, d, old, now, a) : journal_update(j, d, old, now);
	if (!e)
		e = pin_changes(j, x, d, old, now, changed, household);
	if (!e && d == &person_desc)
		e = follow_head(j, x, household, old, now, a);
	return e ? e : search_follow(j);
}

static enum err load_theirs(struct journal *j, const struct record_desc *d, int64_t household,
                            int64_t no, int64_t version, struct arena *a, void *ret)
{
	struct db *db = journal_db(j);
	bool found = false, theirs = false, ended = false;
	int to = d->span ? record_find(d, STR("recorded_to")) : -1;
	memset(ret, 0, d->size);
	enum err e = db_get(db, d, no, a, ret, &found);
	if (!e && found)
		e = is_theirs(db, d, ret, household, &theirs);
	ended = found && to >= 0 && field_has(d, ret, (size_t)to);
	if (!e && (!found || !theirs || ended))
		e = diag_set(db_diag(db), ERR_NOT_FOUND, "%s %lld", d->name, (long long)no);
	if (!e && version && ((struct record *)ret)->version != version)
		e = diag_set(db_diag(db), ERR_CONFLICT, "%s %lld", d->name, (long long)no);
	return e;
}

enum err edit_change(struct journal *j, const struct edit *x, const struct record_desc *d,
                     int64_t household, int64_t no, int64_t version, const void *values, uint64_t set,
                     struct arena *a, void *ret_now)
{
	char *old = arena_calloc(a, 1, d->size);
	enum err e = check_act(j, x);
	if (!e)
		e = load_theirs(j, d, household, no, version, a, old);
	if (e)
		return e;
	memcpy(ret_now, old, d->size);
	copy_fields(d, ret_now, values, set);
	e = check_record(j, x, d, ret_now, set);
	if (!e && d == &person_desc)
		e = follow_number(j, ret_now, a, set);
	return e ? e : write_change(j, x, d, household, old, ret_now, a);
}

/* --- new records ------------------------------------------------------------------------ */

static enum err refuse_second(struct journal *j, const struct record_desc *d, const void *rec,
                              int64_t household)
{
	int64_t year = 0;
	bool there = false;
	if (d != &income_desc && d != &household_year_desc)
		return OK;
	int i = record_find(d, STR("year"));
	year = int_at(d, rec, (size_t)i);
	struct stmt *s = db_stmt(journal_db(j), d == &income_desc ? STMT_edit_income_of_year
	                                                          : STMT_edit_house_of_year);
	stmt_bind_int(s, 2, household);
	stmt_bind_int(s, 3, year);
	enum err e = exists(s, &there);
	return !e && there ? wrong(j, ERR_EXISTS, "year", "") : e;
}

static enum err insert_new(struct journal *j, const struct edit *x, const struct record_desc *d,
                           int64_t household, void *rec, uint64_t set)
{
	int from = d->span ? record_find(d, STR("recorded_from")) : -1;
	int64_t at = journal_now(j);
	if (from >= 0) {
		memcpy((char *)rec + d->fields[from].offset, &at, sizeof(at));
		((struct record *)rec)->has |= FIELD_BIT(from);
	}
	enum err e = journal_insert(j, d, rec);
	if (!e && pin_is_single(d))
		e = pin_changes(j, x, d, NULL, rec, set & ((const struct record *)rec)->has, household);
	return e;
}

enum err edit_add(struct journal *j, const struct edit *x, const struct record_desc *d,
                  int64_t household, const void *values, uint64_t set, struct arena *a, void *ret_now)
{
	struct household h;
	bool found = false;
	enum err e = check_act(j, x);
	if (!e)
		e = db_get(journal_db(j), &household_desc, household, a, &h, &found);
	if (!e && !found)
		e = diag_set(db_diag(journal_db(j)), ERR_NOT_FOUND, "%lld", (long long)household);
	if (e)
		return e;
	memset(ret_now, 0, d->size);
	copy_fields(d, ret_now, values, set);
	set_ref(d, ret_now, "household", household);
	if (d == &duty_desc && !FIELD_HAS((struct duty *)ret_now, DUTY_, valid_from))
		FIELD_SET((struct duty *)ret_now, DUTY_, valid_from,
		          x->event_date ? x->event_date : x->today);
	e = check_record(j, x, d, ret_now, set);
	if (!e)
		e = refuse_second(j, d, ret_now, household);
	if (!e)
		e = insert_new(j, x, d, household, ret_now, set);
	return e;
}

static enum err add_membership(struct journal *j, const struct edit *x, int64_t household,
                               int64_t person, const char *relation)
{
	struct membership m = {0};
	int64_t members = 0;
	struct stmt *s = db_stmt(journal_db(j), STMT_edit_members);
	stmt_bind_int(s, 2, household);
	enum err e = stmt_one_int(s, 0, &members);
	FIELD_SET(&m, MEMBERSHIP_, person, person);
	FIELD_SET(&m, MEMBERSHIP_, household, household);
	FIELD_SET(&m, MEMBERSHIP_, line, members + 1);
	FIELD_SET(&m, MEMBERSHIP_, valid_from, x->event_date ? x->event_date : x->today);
	FIELD_SET(&m, MEMBERSHIP_, recorded_from, journal_now(j));
	if (relation && relation[0])
		FIELD_SET(&m, MEMBERSHIP_, relation, relation);
	return e ? e : journal_insert(j, &membership_desc, &m);
}

static enum err refuse_twin(struct journal *j, const struct person *p, int64_t household)
{
	bool there = false;
	if (!FIELD_HAS(p, PERSON_, id_key))
		return OK;
	struct stmt *s = db_stmt(journal_db(j), STMT_edit_same_number);
	stmt_bind_blob(s, 2, p->id_key);
	stmt_bind_int(s, 3, household);
	enum err e = exists(s, &there);
	return !e && there ? wrong(j, ERR_EXISTS, "id_text", "") : e;
}

enum err edit_add_person(struct journal *j, const struct edit *x, int64_t household,
                         const struct person *values, uint64_t set, const char *relation,
                         struct arena *a, struct person *ret_now)
{
	const struct pack_list *list = pack_list(x->pack, "relation");
	struct person p = {0};
	struct household h;
	bool found = false;
	enum err e = check_act(j, x);
	if (!e)
		e = db_get(journal_db(j), &household_desc, household, a, &h, &found);
	if (!e && !found)
		e = diag_set(db_diag(journal_db(j)), ERR_NOT_FOUND, "%lld", (long long)household);
	if (!e && (!relation || !list || pack_code_by_id(list, relation) < 0))
		e = wrong(j, ERR_CELL_CODE, "relation", relation);
	if (e)
		return e;
	copy_fields(&person_desc, &p, values, set);
	e = check_record(j, x, &person_desc, &p, set);
	if (!e)
		e = follow_number(j, &p, a, set);
	if (!e)
		e = refuse_twin(j, &p, household);
	if (!e)
		e = journal_insert(j, &person_desc, &p);
	if (!e)
		e = add_membership(j, x, household, p.no, relation);
	if (!e)
		e = pin_changes(j, x, &person_desc, NULL, &p, set & p.has, household);
	if (!e)
		e = search_follow(j);
	if (!e)
		*ret_now = p;
	return e;
}

enum err edit_person_year(struct journal *j, const struct edit *x, int64_t household, int64_t person,
                          int64_t year, const struct person_year *values, uint64_t set,
                          struct arena *a, struct person_year *ret_now)
{
	struct person_year old = {0}, now;
	bool member = false;
	struct db *db = journal_db(j);
	enum err e = check_act(j, x);
	struct stmt *s = db_stmt(db, STMT_edit_is_member);
	stmt_bind_int(s, 2, person);
	stmt_bind_int(s, 3, household);
	enum err e2 = exists(s, &member);
	e = e ? e : e2;
	if (!e && !member)
		e = diag_set(db_diag(db), ERR_NOT_FOUND, "person %lld", (long long)person);
	if (e)
		return e;
	s = db_stmt(db, STMT_edit_person_of_year);
	stmt_bind_int(s, 2, person);
	stmt_bind_int(s, 3, year);
	bool found = stmt_record(s, &person_year_desc, a, &old);
	e = stmt_end(s);
	if (e)
		return e;
	set &= ~FIELD_BIT(PERSON_YEAR_year);
	now = old;
	copy_fields(&person_year_desc, &now, values, set);
	FIELD_SET(&now, PERSON_YEAR_, person, person);
	FIELD_SET(&now, PERSON_YEAR_, year, year);
	e = check_record(j, x, &person_year_desc, &now, set);
	if (!e && !found) /* a roster that names no year left one without */
		e = check_value(j, x, &person_year_desc, &now, PERSON_YEAR_year);
	if (!e)
		e = found ? write_change(j, x, &person_year_desc, household, &old, &now, a)
		          : insert_new(j, x, &person_year_desc, household, &now, set);
	if (!e)
		*ret_now = now;
	return e;
}

/* --- corrections that a ledger speaks against ---------------------------------------------- */

/* Puts what the ledger says into the record; a span is left to the next projection. */
static enum err take_value(struct journal *j, const struct pin *pin, struct arena *a)
{
	struct db *db = journal_db(j);
	const struct record_desc *d = db_table_named(db, pin->tbl);
	int i = d ? record_find(d, str_c(pin->field)) : -1;
	bool found = false;
	if (i < 0 || d->span)
		return OK;
	char *old = arena_calloc(a, 1, d->size), *now = arena_alloc(a, d->size);
	enum err e = db_get(db, d, pin->rec, a, old, &found);
	if (e || !found)
		return e;
	memcpy(now, old, d->size);
	e = field_parse_plain(d, now, (size_t)i, str_c(pin->says ? pin->says : ""), a);
	if (!e && d == &person_desc && i == PERSON_id_text)
		pin_person_number(journal_keys(j), (struct person *)(void *)now, a);
	if (!e)
		e = journal_update(j, d, old, now);
	return e ? e : search_follow(j);
}

/* In the words of edit.h: `name` is a person's name, `head` what the household is called. */
static bool says_the_same(const struct pin *name, const struct pin *head)
{
	return strcmp(name->tbl, person_desc.name) == 0 && strcmp(name->field, "name") == 0 &&
	       strcmp(head->tbl, household_desc.name) == 0 && strcmp(head->field, "head_name") == 0 &&
	       name->household == head->household && FIELD_HAS(name, PIN_, conflict) &&
	       FIELD_HAS(head, PIN_, conflict) && name->value && head->value && name->says &&
	       head->says && strcmp(name->value, head->value) == 0 &&
	       strcmp(name->says, head->says) == 0;
}

enum err edit_same_matter(struct db *db, const struct pin *x, const struct pin *y, bool *ret)
{
	const struct pin *name = says_the_same(x, y) ? x : says_the_same(y, x) ? y : NULL;
	*ret = false;
	if (!name)
		return OK;
	struct stmt *s = db_stmt(db, STMT_edit_is_head);
	stmt_bind_int(s, 2, name->person);
	stmt_bind_int(s, 3, name->household);
	return exists(s, ret);
}

static enum err settle_one(struct journal *j, const struct edit *x, const struct pin *pin, bool take,
                           struct arena *a)
{
	struct pin now = *pin;
	if (take) {
		enum err e = take_value(j, pin, a);
		return e ? e : journal_delete(j, &pin_desc, pin);
	}
	now.was = pin->says;
	now.has = (pin->has & ~FIELD_BIT(PIN_was)) |
	          (FIELD_HAS(pin, PIN_, says) ? FIELD_BIT(PIN_was) : 0);
	FIELD_DROP(&now, PIN_, says);
	FIELD_DROP(&now, PIN_, conflict);
	FIELD_SET(&now, PIN_, reason, x->reason);
	FIELD_SET(&now, PIN_, by, x->login);
	FIELD_SET(&now, PIN_, at, journal_now(j));
	return journal_update(j, &pin_desc, pin, &now);
}

enum err edit_settle(struct journal *j, const struct edit *x, int64_t no, bool take)
{
	struct db *db = journal_db(j);
	struct pin pin = {0}, *all = NULL;
	struct arena a;
	size_t n = 0;
	bool found = false, same = false;
	enum err e = check_act(j, x);
	if (e)
		return e;
	arena_init(&a, (size_t)16 << 20);
	e = db_get(db, &pin_desc, no, &a, &pin, &found);
	if (!e && (!found || !FIELD_HAS(&pin, PIN_, conflict)))
		e = diag_set(db_diag(db), ERR_NOT_FOUND, "pin %lld", (long long)no);
	if (!e)
		e = pins_of(db, pin.household, &a, &all, &n);
	if (!e)
		e = settle_one(j, x, &pin, take, &a);
	for (size_t i = 0; !e && i < n; i++) {
		e = edit_same_matter(db, &pin, &all[i], &same);
		if (!e && same)
			e = settle_one(j, x, &all[i], take, &a);
	}
	arena_release(&a);
	return e;
}
