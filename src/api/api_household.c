/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_household: finding households, and a household's file. */
#include "api/subjects.h"

#include <stdlib.h>

#include "api/snapshot.h"
#include "attach/attach.h"
#include "check/life.h"
#include "ledger/ledger.h"
#include "link/idno.h"
#include "net/json_in.h"
#include "registry/edit.h"
#include "registry/house_file.h"
#include "registry/search.h"

#include "base/banned.h"

/* --- the list ----------------------------------------------------------------------- */

enum { IN_Q, IN_VILLAGE, IN_STATUS, IN_ATTR, IN_AFTER, IN_LIMIT, LIST_IN };
static const struct net_field list_in[LIST_IN] = {
	{.name = "q", .in = NET_QUERY, .kind = FIELD_TEXT, .max = SEARCH_TEXT_MAX,
	 .label = TEXT("姓名、拼音首字母、编号、村名", "name, pinyin initials, number, village")},
	{.name = "village", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 20, .label = TEXT("村", "village")},
	{.name = "status", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 40, .label = TEXT("脱贫属性", "status")},
	{.name = "attr", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 40,
	 .label = TEXT("贫困户属性", "kind of household")},
	{.name = "after", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 1200, .label = TEXT("自此之后", "cursor")},
	{.name = "limit", .in = NET_QUERY, .kind = FIELD_INT, .max = SEARCH_LIMIT_MAX,
	 .label = TEXT("行数", "rows at the most")},
};

static void write_row(struct json_out *o, const struct search_row *r)
{
	json_object(o);
	json_int_member(o, "no", r->household);
	json_c_member(o, "hh_no", r->hh_no);
	json_c_member(o, "village", r->village);
	json_c_member(o, "group_name", r->group_name);
	json_c_member(o, "head_name", r->head_name);
	json_int_member(o, "members", r->members);
	json_c_member(o, "status", r->status);
	json_c_member(o, "attr", r->attr);
	json_int_member(o, "findings_open", r->findings_open);
	json_c_member(o, "helper", r->helper);
	json_c_member(o, "matched", r->matched);
	json_end(o);
}

static enum err list(struct request *rq)
{
	const struct api *api = rq_api(rq);
	struct search q = {.status = rq_text(rq, IN_STATUS), .attr = rq_text(rq, IN_ATTR)};
	struct search_page page = {.limit = (size_t)rq_int(rq, IN_LIMIT, 0),
	                           .after = rq_text(rq, IN_AFTER), .today = rq_today(rq)};
	struct search_row *rows = NULL;
	const char *next = NULL;
	size_t n = 0;
	if (rq_has(rq, IN_VILLAGE)) {
		const struct area *at = area_find(api->areas, rq_text(rq, IN_VILLAGE));
		q.area = rq_text(rq, IN_VILLAGE);
		q.one_village = at && area_is_village(at);
	}
	search_read(api->areas, api->root, api->o.keys, str_c(rq_text(rq, IN_Q)), rq->a, &q);
	enum err e = search_households(rq_db(rq), &q, &page, rq->a, &rows, &n, &next);
	if (e == ERR_INVALID)
		return rq_invalid(rq, "after", e);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++)
		write_row(&rq->out, &rows[i]);
	api_rows_end(rq, next);
	return OK;
}

/* --- the file ----------------------------------------------------------------------- */

enum { SOURCES_MAX = 400 };

struct writer {
	struct request *rq;
	struct json_out *o;
	unsigned max_class;
	struct imap ledgers; /* named by a record, and in the order they were met: */
	int64_t sources[SOURCES_MAX];
	size_t n_sources;
};

static void note_source(struct writer *w, const struct record_desc *d, const void *rec)
{
	int i = record_find(d, STR("ledger"));
	int64_t no;
	if (i < 0 || !field_has(d, rec, (size_t)i))
		return;
	memcpy(&no, (const char *)rec + d->fields[i].offset, sizeof(no));
	if (imap_set(&w->ledgers, no, 1) && w->n_sources < SOURCES_MAX)
		w->sources[w->n_sources++] = no;
}

static void write_members(struct writer *w, const struct record_desc *d, const void *rec)
{
	note_source(w, d, rec);
	rq_record_members(w->rq, d, rec, w->max_class);
}

static void write_list(struct writer *w, const char *name, const struct record_desc *d,
                       const void *recs, size_t n)
{
	json_key(w->o, name);
	json_array(w->o);
	for (size_t i = 0; i < n; i++) {
		json_object(w->o);
		write_members(w, d, (const char *)recs + i * d->size);
		json_end(w->o);
	}
	json_end(w->o);
}

/* A child's day of birth and school are withheld; an adult's are the office's. */
static bool is_child(const struct person *p, date_t today)
{
	return FIELD_HAS(p, PERSON_, birth) && date_age(p->birth, today) < 14;
}

static void write_member(struct writer *w, const struct house_member *m, date_t today)
{
	struct json_out *o = w->o;
	const struct person *p = &m->person;
	bool office = w->max_class >= F_OFFICE;
	json_object(o);
	json_key(o, "person");
	json_object(o);
	json_record_members(o, &person_desc, p, w->max_class, false);
	if (office && FIELD_HAS(p, PERSON_, id_text))
		json_text_member(o, "id_masked", idno_masked(w->rq->a, str_c(p->id_text)));
	if (office && FIELD_HAS(p, PERSON_, birth)) {
		json_int_member(o, "age", date_age(p->birth, today));
		if (!is_child(p, today) && w->max_class < F_COMPUTED)
			json_date_member(o, "birth", p->birth);
	}
	json_end(o);
	write_list(w, "years", &person_year_desc, m->years, m->n_years);
	json_key(o, "membership");
	json_object(o);
	write_members(w, &membership_desc, &m->membership);
	json_end(o);
	json_end(o);
}

static enum err write_findings(struct writer *w, int64_t household)
{
	struct life_filter x = {.household = household};
	struct life_row *rows = NULL;
	size_t n = 0;
	int64_t next;
	enum err e = OK;
	if (permission_has(rq_user(w->rq)->permissions, PERM_see_findings))
		e = life_list(rq_db(w->rq), rq_api(w->rq)->pack, &x, 0, 500, w->rq->a, &rows, &n, &next);
	if (e)
		return e;
	json_key(w->o, "findings");
	json_array(w->o);
	const struct snapshot *s = snapshot_get(rq_api(w->rq));
	for (size_t i = 0; i < n; i++)
		api_write_finding(w->rq, &rows[i], s);
	snapshot_put(s);
	json_end(w->o);
	return OK;
}

static bool belongs(const struct pack_list *list, size_t item, const char *status)
{
	const char *held = pack_code_attr(list, (int)item, "held");
	if (strcmp(held, "all") == 0)
		return true;
	return strcmp(held, "exited") == 0 && status && str_starts(str_c(status), STR("exited"));
}

/* Which paper belongs on this household's file, and which is there. */
static enum err write_papers(struct writer *w, const struct house_file *f)
{
	const struct pack_list *list = pack_list(rq_api(w->rq)->pack, "paper");
	struct attachment *files = NULL;
	size_t n = 0;
	enum err e = attach_of_household(rq_db(w->rq), f->household.no, w->rq->a, &files, &n);
	if (e)
		return e;
	json_key(w->o, "papers");
	json_array(w->o);
	for (size_t i = 0; list && i < list->n; i++) {
		const struct pack_code *c = &list->codes[i];
		size_t present = 0;
		for (size_t k = 0; k < n; k++)
			present += files[k].paper && strcmp(files[k].paper, c->id) == 0;
		json_object(w->o);
		json_c_member(w->o, "id", c->id);
		json_c_member(w->o, "title", c->label.in[w->rq->lang]);
		json_bool_member(w->o, "required", belongs(list, i, house_file_state(f, "status")));
		json_int_member(w->o, "present", (int64_t)present);
		json_end(w->o);
	}
	json_end(w->o);
	json_key(w->o, "files");
	json_array(w->o);
	for (size_t k = 0; k < n && w->max_class >= F_OFFICE; k++)
		api_write_attachment(w->rq, &files[k]);
	json_end(w->o);
	return OK;
}

/* What a field's value may be shown to the user? */
static bool shows(const struct writer *w, const struct record_desc *d, const char *name)
{
	int i = record_find(d, str_c(name));
	return i >= 0 && (d->fields[i].flags & F_CLASS_MASK) <= w->max_class &&
	       !(d->fields[i].flags & F_SEALED);
}

static int by_number(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return a < b ? -1 : a > b;
}

static void write_source(struct writer *w, const struct ledger *from)
{
	const struct pack_layout *l = pack_layout(rq_api(w->rq)->pack, from->layout);
	json_object(w->o);
	json_int_member(w->o, "ledger", from->no);
	json_c_member(w->o, "layout", from->layout);
	json_c_member(w->o, "title", l ? l->title.in[w->rq->lang] : from->title);
	json_c_member(w->o, "office", l ? l->office.in[w->rq->lang] : NULL);
	json_c_member(w->o, "file", w->max_class >= F_OFFICE ? from->file : NULL);
	json_date_member(w->o, "as_of", from->as_of);
	json_instant_member(w->o, "received", from->received);
	json_end(w->o);
}

static enum err write_sources(struct writer *w)
{
	enum err e = OK;
	json_key(w->o, "sources");
	json_array(w->o);
	qsort(w->sources, w->n_sources, sizeof(*w->sources), by_number);
	for (size_t i = 0; !e && i < w->n_sources; i++) {
		struct ledger from;
		bool found = false;
		e = db_get(rq_db(w->rq), &ledger_desc, w->sources[i], w->rq->a, &from, &found);
		if (!e && found)
			write_source(w, &from);
	}
	json_end(w->o);
	return e;
}

static enum err write_file(struct writer *w, const struct house_file *f)
{
	struct json_out *o = w->o;
	date_t today = rq_today(w->rq);
	json_object(o);
	json_key(o, "household");
	json_object(o);
	write_members(w, &household_desc, &f->household);
	json_end(o);
	write_list(w, "state", &household_state_desc, f->states, f->n_states);
	write_list(w, "years", &household_year_desc, f->years, f->n_years);
	json_key(o, "members");
	json_array(o);
	for (size_t i = 0; i < f->n_members; i++)
		write_member(w, &f->members[i], today);
	json_end(o);
	write_list(w, "incomes", &income_desc, f->incomes, f->n_incomes);
	write_list(w, "duties", &duty_desc, f->duties, f->n_duties);
	write_list(w, "measures", &measure_desc, f->measures, f->n_measures);
	write_list(w, "visits", &visit_desc, f->visits, f->n_visits);
	write_list(w, "contracts", &contract_desc, f->contracts, f->n_contracts);
	json_key(o, "corrections");
	json_array(o);
	for (size_t i = 0; i < f->n_pins; i++)
		api_write_pin(w->rq, &f->pins[i], NULL);
	json_end(o);
	enum err e = write_findings(w, f->household.no);
	if (!e)
		e = write_papers(w, f);
	if (!e)
		e = write_sources(w);
	json_end(o);
	return e;
}

static const struct net_field one_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("户", "household")},
};

static enum err get(struct request *rq)
{
	struct house_file f;
	struct writer w = {.rq = rq, .o = &rq->out, .max_class = rq_user(rq)->max_class};
	(void)rq_journal(rq); /* numbers are opened, to be masked */
	/* all of it as of one moment, and one lock for twenty statements */
	enum err e = db_begin_read(rq_db(rq));
	if (e)
		return e;
	e = house_file_load(rq_db(rq), rq_int(rq, 0, 0), rq->a, &f);
	if (!e) {
		imap_init(&w.ledgers);
		e = write_file(&w, &f);
		imap_release(&w.ledgers);
		rq_version(rq, f.household.version);
	}
	db_rollback(rq_db(rq));
	return e;
}

/* --- history ------------------------------------------------------------------------ */

enum { HISTORY_NO, HISTORY_TABLE, HISTORY_RECORD, HISTORY_FIELD, HISTORY_IN };
static const struct net_field history_in[HISTORY_IN] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("户", "household")},
	{.name = "table", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 40,
	 .label = TEXT("记录类别", "table")},
	{.name = "record", .in = NET_QUERY, .kind = FIELD_INT,
	 .label = TEXT("记录（默认该户）", "record; default the household")},
	{.name = "field", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 40, .label = TEXT("栏目", "field")},
};

/* The values before a change: {"field": "old" or null}, those that the user may see. */
static void write_old(struct writer *w, const struct record_desc *d, const char *old,
                      const char *only)
{
	const struct json_value *v = old ? json_read(str_c(old), w->rq->a) : NULL;
	void *rec = arena_calloc(w->rq->a, 1, d->size);
	json_key(w->o, "old");
	json_object(w->o);
	for (const struct json_value *m = v ? v->first : NULL; m; m = m->next) {
		int64_t id;
		int i = str_to_int(m->key, &id) ? record_find_id(d, (uint16_t)id) : -1;
		if (i < 0 || !shows(w, d, d->fields[i].name) ||
		    (only && strcmp(only, d->fields[i].name) != 0))
			continue;
		if (m->kind == JSON_IN_TEXT)
			journal_set_old(d, rec, (size_t)i, m->text, w->rq->a);
		if (field_has(d, rec, (size_t)i)) {
			json_field_member(w->o, d, rec, (size_t)i);
		} else {
			json_key(w->o, d->fields[i].name);
			json_null(w->o);
		}
	}
	json_end(w->o);
}

static enum err history(struct request *rq)
{
	const struct record_desc *d = rq_has(rq, HISTORY_TABLE)
	                                      ? api_table(rq_api(rq), rq_text(rq, HISTORY_TABLE))
	                                      : &household_desc;
	int64_t household = rq_int(rq, HISTORY_NO, 0), no = rq_int(rq, HISTORY_RECORD, household);
	int64_t whose = 0;
	struct writer w = {.rq = rq, .o = &rq->out, .max_class = rq_user(rq)->max_class};
	struct journal_version *v = NULL;
	bool found = false;
	size_t n = 0;
	enum err e = rq_sees_household(rq, household);
	if (e)
		return e;
	if (!d || (!pin_fits(d) && d != &household_state_desc))
		return rq_invalid(rq, "table", ERR_INVALID);
	void *rec = arena_calloc(rq->a, 1, d->size);
	e = db_get(rq_db(rq), d, no, rq->a, rec, &found);
	if (!e && found)
		e = edit_household_of(rq_db(rq), d, rec, &whose);
	if (!e && whose != household)
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%s %lld", d->name, (long long)no);
	if (!e)
		e = journal_history(rq_journal(rq), d, no, rq->a, &v, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++) {
		char op[2] = {v[i].op, '\0'};
		json_object(w.o);
		json_int_member(w.o, "version", v[i].version);
		json_int_member(w.o, "entry", v[i].entry);
		json_instant_member(w.o, "at", v[i].at_ms);
		json_c_member(w.o, "op", op);
		rq_login_member(rq, "actor", v[i].actor);
		json_c_member(w.o, "reason", v[i].reason);
		json_c_member(w.o, "command", v[i].command);
		write_old(&w, d, v[i].old_values, rq_text(rq, HISTORY_FIELD));
		json_end(w.o);
	}
	api_rows_end(rq, NULL);
	return OK;
}

const struct route api_household_routes[] = {
	{.id = "household_list", .method = NET_GET, .path = API "/households",
	 .permission = PERM_see_households, .in = list_in, .n_in = LIST_IN, .handler = list,
	 .answer = "list household_row", .tag = "household",
	 .summary = TEXT("查找农户", "households, searched")},
	{.id = "household_get", .method = NET_GET, .path = API "/households/{no}",
	 .permission = PERM_see_households, .in = one_in, .n_in = 1, .handler = get,
	 .answer = "household_file", .tag = "household",
	 .summary = TEXT("一户一档", "a household's file")},
	{.id = "household_history", .method = NET_GET, .path = API "/households/{no}/history",
	 .permission = PERM_see_households, .in = history_in, .n_in = HISTORY_IN, .handler = history,
	 .answer = "list record_version", .tag = "household",
	 .summary = TEXT("一条记录的修改历史", "history of a record")},
	{0},
};
