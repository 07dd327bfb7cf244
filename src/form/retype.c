/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "form/retype.h"

#include <stdio.h>

#include "base/vec.h"
#include "ledger/ledger.h"
#include "ledger/project.h"
#include "registry/registry.h"

#include "base/banned.h"

static const struct field retype_tick_fields[] = {
#define F(...) FIELD_ROW(struct retype_tick, __VA_ARGS__)
#include "form/retype_tick.def"
#undef F
};
const struct record_desc retype_tick_desc = {
	.name = "retype_tick",
	.id = 91,
	.fields = retype_tick_fields,
	.n = RETYPE_TICK_FIELD_MAX,
	.size = sizeof(struct retype_tick),
	.label = TEXT("已录入国家系统", "typed into the national system"),
};

/* What the national system holds, too: fields of the register, names between blanks. */
static const struct held {
	const struct record_desc *table;
	const char *fields;
} held[] = {
	{&household_desc, " address group_name head_name "},
	{&household_state_desc, " code "},
	{&household_year_desc, " entry_year plan_exit_year cause_main cause_others unsafe_house house_grade "
	                       "water_safe relocated house_area arable "},
	{&person_desc, " name sex birth id_text phone bank account ethnic "},
	{&membership_desc, " relation valid_to "},
	{&person_year_desc, " edu student school health labor work_place work_months public_post "
	                    "disability_type disability_grade disability_card insured_resident "
	                    "insured_employee insured_major dibao soldier dropout_reason "},
	{&income_desc, " wage business business_cost property transfer t_family t_dibao t_tekun t_pension "
	               "t_eco t_other "},
};
enum { HELD = sizeof(held) / sizeof(held[0]) };

static uint64_t fields_held(const struct record_desc *d)
{
	uint64_t bits = 0;
	for (size_t k = 0; k < HELD; k++) {
		for (size_t i = 0; held[k].table == d && i < d->n; i++) {
			char word[64];
			(void)snprintf(word, sizeof(word), " %s ", d->fields[i].name);
			if (strstr(held[k].fields, word))
				bits |= FIELD_BIT(i);
		}
	}
	return bits;
}

/* --- who a record is about ------------------------------------------------------------ */

struct register_names {
	struct household *households;
	struct person *persons;
	struct membership *members;
	size_t n_households, n_persons, n_members;
	struct imap household_at, person_at, household_of; /* by number */
};

static enum err read_names(struct db *db, struct arena *a, struct register_names *n)
{
	bool skipped = db_skips_sealed(db);
	imap_init(&n->household_at);
	imap_init(&n->person_at);
	imap_init(&n->household_of);
	db_skip_sealed(db, true);
	enum err e = stmt_records(db_all(db, &household_desc), &household_desc, a, &n->households,
	                          &n->n_households);
	if (!e)
		e = stmt_records(db_all(db, &person_desc), &person_desc, a, &n->persons, &n->n_persons);
	if (!e)
		e = stmt_records(db_all(db, &membership_desc), &membership_desc, a, &n->members,
		                 &n->n_members);
	db_skip_sealed(db, skipped);
	for (size_t i = 0; !e && i < n->n_households; i++)
		imap_set(&n->household_at, n->households[i].no, (int64_t)i);
	for (size_t i = 0; !e && i < n->n_persons; i++)
		imap_set(&n->person_at, n->persons[i].no, (int64_t)i);
	for (size_t i = 0; !e && i < n->n_members; i++)
		imap_set(&n->household_of, n->members[i].person, n->members[i].household);
	return e;
}

static void free_names(struct register_names *n)
{
	imap_release(&n->household_at);
	imap_release(&n->person_at);
	imap_release(&n->household_of);
}

/* The number in a REF field named so; 0 when there is none. */
static int64_t ref_of(const struct record_desc *d, const void *rec, const char *name)
{
	int i = record_find(d, str_c(name));
	int64_t v;
	if (i < 0 || !field_has(d, rec, (size_t)i))
		return 0;
	memcpy(&v, (const char *)rec + d->fields[i].offset, sizeof(v));
	return v;
}

static void name_row(const struct register_names *n, const void *rec, struct retype_row *r)
{
	int64_t person = r->table == &person_desc ? r->record_no : ref_of(r->table, rec, "person");
	r->household = r->table == &household_desc ? r->record_no : ref_of(r->table, rec, "household");
	if (!r->household)
		r->household = imap_get(&n->household_of, person, 0);
	int64_t h = imap_get(&n->household_at, r->household, -1);
	int64_t p = imap_get(&n->person_at, person, -1);
	const struct household *hh = h < 0 ? NULL : &n->households[h];
	r->village = hh && hh->village ? hh->village : "";
	r->hh_no = hh && hh->hh_no ? hh->hh_no : "";
	r->head_name = hh && hh->head_name ? hh->head_name : "";
	r->person = p >= 0 && n->persons[p].name ? n->persons[p].name : "";
}

/* --- the list ---------------------------------------------------------------------------- */

/* One field of one record, with what it was before the first change. */
struct touched {
	const struct record_desc *table;
	size_t field;
	int64_t no;
	const void *old; /* NULL: the record is new */
	struct journal_change last;
};

struct gathering {
	const struct retype_opts *o;
	struct arena *a;
	VEC(struct touched) list;
	struct map at; /* key -> index */
};

static bool gather(void *arg, const struct journal_change *c)
{
	struct gathering *g = arg;
	uint64_t fields = fields_held(c->table) & (c->insert ? ~UINT64_C(0) : c->fields);
	for (size_t i = 0; i < c->table->n; i++) {
		if (!(fields & FIELD_BIT(i)))
			continue;
		const char *key = arena_printf(g->a, "%s-%lld-%s", c->table->name, (long long)c->no,
		                               c->table->fields[i].name);
		int64_t *slot = map_slot(&g->at, str_c(key), (int64_t)g->list.n);
		if ((size_t)*slot == g->list.n)
			*vec_push(&g->list) = (struct touched){c->table, i, c->no, c->insert ? NULL : c->old, *c};
		else
			g->list.p[*slot].last = *c;
	}
	return true;
}

static const char *value_text(const struct retype_opts *o, const struct record_desc *d,
                              const void *rec, size_t i, struct arena *a)
{
	const struct field *f = &d->fields[i];
	bool withheld = (f->flags & F_SEALED) || (f->flags & F_CLASS_MASK) == F_SENSITIVE;
	struct buf b;
	if (withheld && !o->full)
		return "***";
	if (!rec || !field_has(d, rec, i))
		return "";
	buf_init(&b, 1 << 16);
	field_print(d, rec, i, o->lang, &b);
	const char *text = str_dup(a, buf_str(&b));
	buf_release(&b);
	const struct pack_list *list = f->kind == FIELD_CODE ? pack_list(o->pack, f->list) : NULL;
	int item = list ? pack_code_by_id(list, text) : -1;
	return item < 0 ? text : list->codes[item].label.in[o->lang];
}

static const char *text_of(const char *s)
{
	return s ? s : "";
}

/* False when the field is as it was, its record is gone, or nobody may see it. */
static bool make_row(const struct retype_opts *o, const struct register_names *names,
                     const struct touched *t, struct arena *a, struct retype_row *ret, enum err *e)
{
	bool found = false;
	void *rec = arena_calloc(a, 1, t->table->size);
	const struct journal_change *c = &t->last;
	*e = db_get(journal_db(o->j), t->table, t->no, a, rec, &found);
	if (*e || !found || (!t->old && !field_has(t->table, rec, t->field)))
		return false;
	bool sealed = t->table->fields[t->field].flags & F_SEALED;
	if (t->old && !sealed && field_equal(t->table, t->old, rec, t->field))
		return false;
	*ret = (struct retype_row){
		.key = arena_printf(a, "%s-%lld-%s", t->table->name, (long long)t->no,
		                    t->table->fields[t->field].name),
		.table = t->table, .field = t->field, .record_no = t->no,
		.version = ((const struct record *)rec)->version, .added = t->old == NULL,
		.at_ms = c->at_ms, .entry = c->entry, .event_date = c->event_date,
		.actor = text_of(c->actor), .reason = text_of(c->reason), .source = text_of(c->source_file),
		.old_value = t->old ? value_text(o, t->table, t->old, t->field, a) : "",
		.new_value = value_text(o, t->table, rec, t->field, a),
	};
	name_row(names, rec, ret);
	return !o->scope || db_scope_sees(o->scope, *ret->village ? ret->village : NULL, ret->household);
}

static enum err read_ticks(struct db *db, struct arena *a, struct retype_row *rows, size_t n)
{
	struct retype_tick *ticks;
	size_t n_ticks;
	struct map at;
	enum err e = stmt_records(db_all(db, &retype_tick_desc), &retype_tick_desc, a, &ticks, &n_ticks);
	if (e)
		return e;
	map_init(&at);
	for (size_t i = 0; i < n; i++)
		(void)map_set(&at, str_c(rows[i].key), (int64_t)i);
	for (size_t i = 0; i < n_ticks; i++) {
		const char *key = arena_printf(a, "%s-%lld-%s", text_of(ticks[i].record),
		                               (long long)ticks[i].record_no, text_of(ticks[i].field));
		int64_t k = map_get(&at, str_c(key), -1);
		/* changed since it was typed: it must be typed again */
		if (k >= 0 && ticks[i].record_version >= rows[k].version)
			rows[k].tick = ticks[i];
	}
	map_release(&at);
	return OK;
}

enum err retype_list(const struct retype_opts *o, struct arena *a, struct retype_row **ret,
                     size_t *ret_n)
{
	struct gathering g = {.o = o, .a = a};
	struct register_names names = {0};
	size_t n = 0;
	struct db *db = journal_db(o->j);
	map_init(&g.at);
	enum err e = journal_changes_since(o->j, o->since_ms, "import", a, gather, &g);
	if (!e)
		e = read_names(db, a, &names);
	*ret = ARENA_ARRAY(a, g.list.n + 1, struct retype_row);
	for (size_t i = 0; !e && i < g.list.n; i++)
		n += make_row(o, &names, &g.list.p[i], a, &(*ret)[n], &e);
	if (!e)
		e = read_ticks(db, a, *ret, n);
	*ret_n = n;
	free_names(&names);
	map_release(&g.at);
	vec_free(&g.list);
	return e;
}

/* --- ticks ---------------------------------------------------------------------------------- */

enum err retype_typed(struct journal *j, struct retype_row *row, date_t day, const char *by)
{
	struct retype_tick t = row->tick;
	FIELD_SET(&t, RETYPE_TICK_, record, row->table->name);
	FIELD_SET(&t, RETYPE_TICK_, record_no, row->record_no);
	FIELD_SET(&t, RETYPE_TICK_, field, row->table->fields[row->field].name);
	FIELD_SET(&t, RETYPE_TICK_, record_version, row->version);
	FIELD_SET(&t, RETYPE_TICK_, typed_on, day);
	if (row->household)
		FIELD_SET(&t, RETYPE_TICK_, household, row->household);
	if (by)
		FIELD_SET(&t, RETYPE_TICK_, typed_by, by);
	enum err e = row->tick.no ? journal_update(j, &retype_tick_desc, &row->tick, &t)
	                          : journal_insert(j, &retype_tick_desc, &t);
	if (!e)
		row->tick = t;
	return e;
}

/* --- the next export ---------------------------------------------------------------------------- */

/* A roster's rows by household number, and by it and the person's name. */
struct roster {
	struct ledger_table table;
	struct map at;
};

static enum err read_roster(struct journal *j, const struct pack *pack,
                            const struct area_list *areas, const struct ledger *l,
                            struct arena *a, struct roster *r)
{
	map_init(&r->at);
	enum err e = ledger_read(j, pack, areas, l, a, &r->table);
	for (size_t i = 0; !e && i < r->table.n; i++) {
		const struct ledger_row *row = &r->table.rows[i];
		const struct ledger_cell *no = ledger_role(&r->table, row, PACK_ROLE_HH_NO);
		const struct ledger_cell *name = ledger_role(&r->table, row, PACK_ROLE_NAME);
		if (!no)
			continue;
		(void)map_slot(&r->at, str_copy(a, no->text), (int64_t)i);
		if (name)
			(void)map_slot(&r->at, str_c(arena_printf(a, STR_FMT "|" STR_FMT, STR_ARG(no->text),
			                                          STR_ARG(name->text))), (int64_t)i);
	}
	return e;
}

static bool shows(const struct roster *r, const struct retype_row *row, const void *rec,
                  struct arena *a)
{
	const char *key = *row->person ? arena_printf(a, "%s|%s", row->hh_no, row->person) : row->hh_no;
	int64_t i = map_get(&r->at, str_c(key), -1);
	void *said = arena_calloc(a, 1, row->table->size);
	if (i < 0)
		return false;
	project_row(row->table, r->table.layout, &r->table.rows[i], a, said);
	return field_has(row->table, said, row->field) && field_equal(row->table, said, rec, row->field);
}

static enum err confirm_one(struct journal *j, const struct roster *r, const struct ledger *l,
                            struct retype_row *row, date_t today, struct arena *a, size_t *confirmed)
{
	bool found = false;
	void *rec = arena_calloc(a, 1, row->table->size);
	enum err e = db_get(journal_db(j), row->table, row->record_no, a, rec, &found);
	if (e || !found || !shows(r, row, rec, a))
		return e;
	struct retype_tick t = row->tick;
	FIELD_SET(&t, RETYPE_TICK_, confirmed_on, today);
	FIELD_SET(&t, RETYPE_TICK_, ledger, l->no);
	e = journal_update(j, &retype_tick_desc, &row->tick, &t);
	if (!e) {
		row->tick = t;
		++*confirmed;
	}
	return e;
}

static bool waits(const struct retype_row *row, const struct ledger *l)
{
	return row->tick.no && !FIELD_HAS(&row->tick, RETYPE_TICK_, confirmed_on) &&
	       date_last(l->as_of) >= row->tick.typed_on && *row->village &&
	       ledger_covers(l, row->village);
}

enum err retype_confirm(struct journal *j, const struct pack *pack, const struct area_list *areas,
                        struct retype_row *rows, size_t n, date_t today, size_t *ret_confirmed)
{
	struct ledger *all;
	struct arena a;
	size_t n_all;
	*ret_confirmed = 0;
	arena_init(&a, 0);
	enum err e = ledger_all(journal_db(j), &a, &all, &n_all);
	for (size_t i = n_all; !e && i-- > 0;) { /* newest first */
		struct roster r = {0};
		bool wanted = false;
		if (!all[i].layout || strcmp(all[i].layout, "roster") != 0)
			continue;
		for (size_t k = 0; k < n; k++)
			wanted |= waits(&rows[k], &all[i]);
		if (!wanted)
			continue;
		e = read_roster(j, pack, areas, &all[i], &a, &r);
		for (size_t k = 0; !e && k < n; k++)
			if (waits(&rows[k], &all[i]))
				e = confirm_one(j, &r, &all[i], &rows[k], today, &a, ret_confirmed);
		map_release(&r.at);
	}
	arena_release(&a);
	return e;
}
