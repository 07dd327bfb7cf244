/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/project.h"

#include <assert.h>
#include <pthread.h>

#include "base/cpus.h"
#include "base/date.h"
#include "ledger/project_in.h"

#include "base/banned.h"

static const char *const concerned[] = {"roster",  "income", "duty",
                                        "measure", "visit",  "contract", "population"};

bool project_concerns(const char *layout)
{
	for (size_t i = 0; i < sizeof(concerned) / sizeof(*concerned); i++)
		if (strcmp(layout, concerned[i]) == 0)
			return true;
	return false;
}

/* --- the tables, in the order in which they are written --------------------------------------- */

enum { TABLES_MAX = 6 };

struct table {
	const struct record_desc *d;
	struct wanted *w;
	const char *ident;
};
static_assert((int)FACT_KINDS <= TABLES_MAX, "tables");

/* The differences of some tables, and how far they are written. */
struct tables {
	struct sync *sync[TABLES_MAX];
	size_t n, at;
};

static enum err plan_tables(struct project *p, const struct table *t, size_t n, struct tables *ret)
{
	enum err e = OK;
	*ret = (struct tables){.n = n};
	for (size_t i = 0; !e && i < n; i++)
		e = sync_plan(p, t[i].d, t[i].w, t[i].ident, &ret->sync[i]);
	return e;
}

/* What the rosters say. */
static enum err plan_register(struct project *p, struct tables *ret)
{
	const struct table tables[] = {
		{&household_desc, &p->household, "ident"},
		{&household_state_desc, &p->household_state, "household kind valid_from"},
		{&household_year_desc, &p->household_year, "household year"},
		{&person_desc, &p->person, ""},
		{&membership_desc, &p->membership, "person household"},
		{&person_year_desc, &p->person_year, "person year"},
	};
	static_assert(sizeof(tables) / sizeof(*tables) <= TABLES_MAX, "tables");
	return plan_tables(p, tables, sizeof(tables) / sizeof(*tables), ret);
}

static enum err plan_facts(struct project *p, struct tables *ret)
{
	const struct table tables[FACT_KINDS] = {
		[FACT_INCOME] = {&income_desc, &p->income, "household year"},
		[FACT_DUTY] = {&duty_desc, &p->duty, "household helper"},
		[FACT_MEASURE] = {&measure_desc, &p->measure, "household category_text content"},
		[FACT_VISIT] = {&visit_desc, &p->visit, "household date"},
		[FACT_CONTRACT] = {&contract_desc, &p->contract, "household company coop mode"},
	};
	struct table due[FACT_KINDS];
	size_t n = 0;
	for (size_t k = 0; k < FACT_KINDS; k++)
		if (p->due.facts[k])
			due[n++] = tables[k];
	enum err e = p->due.facts[FACT_DUTY] ? project_hand(p) : OK;
	return e ? e : plan_tables(p, due, n, ret);
}

static enum err write_tables(struct tables *t, struct journal *j, int64_t until)
{
	enum err e = OK;
	while (!e && t->at < t->n && monotonic_ms() < until) {
		e = sync_write(t->sync[t->at], j, until);
		t->at += !e && sync_is_written(t->sync[t->at]);
	}
	return e;
}

/* Work on the facts that another thread does, where there is one. */
struct aside {
	void (*work)(struct facts *f);
	struct facts *f;
	pthread_t thread;
	bool apart;
};

static void *aside_main(void *arg)
{
	const struct aside *a = arg;
	a->work(a->f);
	return NULL;
}

static void aside_start(struct aside *a)
{
	a->apart = cpus_usable() > 1 && pthread_create(&a->thread, NULL, aside_main, a) == 0;
	if (!a->apart)
		a->work(a->f);
}

static void aside_join(struct aside *a)
{
	if (a->apart)
		(void)pthread_join(a->thread, NULL);
	a->apart = false;
}

static enum err pins_on_register(struct project *p)
{
	const struct {
		const struct record_desc *d;
		struct wanted *w;
	} tables[] = {{&household_desc, &p->household}, {&person_desc, &p->person}};
	enum err e = OK;
	for (size_t i = 0; !e && i < sizeof(tables) / sizeof(*tables); i++)
		e = pins_lay(&p->pins, p->j, tables[i].d, tables[i].w->records, tables[i].w->n, &p->a);
	return e;
}

/* The rosters are gone through while another thread decodes the facts. */
static enum err read_all(struct project *p, struct facts *f)
{
	struct aside decode = {.work = facts_decode, .f = f};
	aside_start(&decode);
	enum err e = project_rosters(p);
	if (!e && !p->grew) /* before the other ledgers: whose they are is told by what was corrected */
		e = pins_on_register(p);
	aside_join(&decode);
	if (e || p->grew)
		return e;
	e = facts_decoded(f, db_diag(p->db));
	return e ? e : facts_view(f);
}

static void release(struct project *p)
{
	struct wanted *all[] = {&p->household, &p->household_state, &p->household_year, &p->person,
	                        &p->membership, &p->person_year, &p->income, &p->duty, &p->measure,
	                        &p->visit, &p->contract};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		base_free(all[i]->records);
	pins_release(&p->pins);
	vec_free(&p->joined);
	buf_release(&p->own.households);
	buf_release(&p->own.people);
	arena_release(&p->a);
}

/* --- one projection ----------------------------------------------------------------------------- */

enum {
	ANEW_MAX = 4,       /* so often outside an entry */
	LIST_MAX = 64 << 20 /* bytes of numbers of households, of people */
};

struct projection {
	struct project p;
	struct facts *f;
	struct aside link; /* looks whose the facts are while households and people are written */
	struct tables tables; /* of the stage */
	enum { NOTHING, REGISTER, REGISTER_WRITTEN, FACTS } stage;
	/* What others wrote up to this entry is in what was read: of ledgers and the register; of facts. */
	int64_t seen, facts_seen;
	int64_t read;      /* the same as it began, without what it wrote itself since */
	unsigned anew;     /* how often it was disturbed */
	bool stale;        /* it has to be worked out again */
	bool whole;        /* all of it is, whatever came since the last one */
	bool *more;        /* towns that are gone through as well, by area */
};

static void start(struct projection *x)
{
	const struct project was = x->p;
	x->p = (struct project){.pack = was.pack, .areas = was.areas, .counts = was.counts, .more = x->more};
	arena_init(&x->p.a, 0);
	buf_init(&x->p.own.households, LIST_MAX);
	buf_init(&x->p.own.people, LIST_MAX);
	x->stage = NOTHING;
	x->stale = false;
}

static void stop(struct projection *x)
{
	aside_join(&x->link);
	facts_release(x->f);
	release(&x->p);
	x->f = NULL;
}

void projection_open(const struct pack *pack, const struct area_list *areas,
                     struct projection **ret)
{
	struct projection *x = base_calloc(1, sizeof(*x));
	x->p.pack = pack;
	x->p.areas = areas;
	x->more = base_calloc(areas->n + 1, sizeof(*x->more));
	start(x);
	*ret = x;
}

void projection_close(struct projection *x)
{
	if (!x)
		return;
	stop(x);
	base_free(x->more);
	base_free(x);
}

const struct project_counts *projection_counts(const struct projection *x)
{
	return &x->p.counts;
}

/* The open entry, or the last one that the moment read has. */
static enum err read_up_to(struct journal *j, int64_t *ret)
{
	*ret = journal_entry(j);
	return *ret ? OK : journal_last_entry(journal_db(j), ret);
}

/* The ledgers of the places that are due. */
static enum err read_places(struct projection *x)
{
	struct project *p = &x->p;
	enum err e = ledger_all(p->db, &p->a, &p->ledgers, &p->n_ledgers);
	if (!e)
		e = project_due(p, x->whole);
	if (!e)
		e = pins_load(p->db, &p->a, &p->pins);
	if (!e)
		e = facts_fetch(p, &x->f);
	return e ? e : read_all(p, x->f);
}

/* From the beginning, since something else came, or with more places. */
static void begin_anew(struct projection *x)
{
	struct journal *j = x->p.j;
	stop(x);
	start(x);
	x->p.j = j;
	x->p.db = journal_db(j);
}

/* Households and people; whose the facts are is looked for meanwhile. */
static enum err prepare_register(struct projection *x)
{
	struct project *p = &x->p;
	int64_t seen = 0;
	enum err e = read_up_to(p->j, &seen);
	if (!e)
		e = read_places(x);
	while (!e && p->grew) {
		begin_anew(x);
		e = read_places(x);
	}
	x->seen = x->read = seen;
	x->tables = (struct tables){0};
	if (!e && p->due.people)
		e = plan_register(p, &x->tables);
	if (e)
		return e;
	x->link = (struct aside){.work = facts_link, .f = x->f};
	aside_start(&x->link);
	x->stage = REGISTER;
	return OK;
}

static enum err prepare_facts(struct projection *x)
{
	struct project *p = &x->p;
	aside_join(&x->link);
	p->counts.homeless = facts_homeless(x->f);
	enum err e = facts_decoded(x->f, db_diag(p->db));
	if (!e)
		e = read_up_to(p->j, &x->facts_seen);
	if (!e)
		e = plan_facts(p, &x->tables);
	x->stage = e ? x->stage : FACTS;
	return e;
}

enum err projection_prepare(struct projection *x, struct journal *j)
{
	struct db *db = journal_db(j);
	bool own = !db_in_transaction(db);
	if (db_skips_sealed(db)) /* what is read is written again */
		return diag_set(db_diag(db), ERR_INTERNAL, "projection: sealed fields skipped");
	enum err e = own ? db_begin_read(db) : OK;
	if (e)
		return e;
	bool anew = x->stale;
	x->p.j = j;
	x->p.db = db;
	if (anew)
		begin_anew(x);
	if (anew && own)
		journal_forget_keys(j); /* somebody may have been erased */
	if (x->stage == NOTHING)
		e = prepare_register(x);
	else if (x->stage == REGISTER_WRITTEN)
		e = prepare_facts(x);
	if (own)
		db_rollback(db);
	return e;
}

static bool is_due_fact(const struct project *p, int64_t table)
{
	for (size_t k = 0; k < FACT_KINDS; k++)
		if (p->due.facts[k] && project_fact_tables[k].d->id == table)
			return true;
	return false;
}

/* Did anybody else write what was read, or what is to be written?  Facts that people type in
 * come every minute: they only count while facts are written, and only facts are then paired anew. */
static enum err is_disturbed(struct projection *x, struct journal *j, bool *ret)
{
	struct stmt *s = db_stmt(journal_db(j), STMT_project_disturbed);
	bool again = false;
	stmt_bind_int(s, 2, x->seen);
	while (stmt_row(s)) {
		int64_t table = stmt_int(s, 0), entry = stmt_int(s, 1);
		x->stale |= table == ledger_desc.id || project_rests_on(table);
		again |= x->stage == FACTS && entry > x->facts_seen && is_due_fact(&x->p, table);
	}
	if (again)
		x->stage = REGISTER_WRITTEN;
	*ret = x->stale || again;
	return stmt_end(s);
}

/* The stage's tables; the next one when they are all written. */
static enum err write_stage(struct projection *x, struct journal *j, int64_t until)
{
	struct tables *t = &x->tables;
	enum err e = pins_write(&x->p.pins, j);
	if (!e)
		e = write_tables(t, j, until);
	if (!e && x->stage == REGISTER && t->at == t->n)
		x->stage = REGISTER_WRITTEN;
	return e;
}

static enum err count_register(struct project *p, struct db *db)
{
	struct stmt *s = db_stmt(db, STMT_register_counts);
	if (stmt_row(s)) {
		p->counts.households = stmt_int(s, 0);
		p->counts.persons = stmt_int(s, 1);
	}
	return stmt_end(s);
}

static bool is_done(const struct projection *x)
{
	return x->stage == FACTS && x->tables.at == x->tables.n;
}

/* All of it in the open entry. */
static enum err write_whole(struct projection *x, struct journal *j)
{
	enum err e = OK;
	while (!e && !is_done(x)) {
		e = projection_prepare(x, j);
		if (!e)
			e = write_stage(x, j, INT64_MAX);
	}
	return e;
}

enum err projection_write(struct projection *x, struct journal *j, int ms,
                          enum projection_state *ret)
{
	bool disturbed = false;
	enum err e = is_disturbed(x, j, &disturbed);
	if (e)
		return e;
	*ret = PROJECTION_PREPARE;
	if (disturbed && ++x->anew < ANEW_MAX)
		return OK;
	e = disturbed ? write_whole(x, j) : write_stage(x, j, ms ? monotonic_ms() + ms : INT64_MAX);
	if (e)
		return e;
	if (is_done(x)) {
		char basis[PROJECT_BASIS_MAX];
		project_basis(&x->p, x->read, basis);
		journal_mark(j, PROJECT_DONE, basis);
		*ret = PROJECTION_DONE;
		e = count_register(&x->p, journal_db(j));
	} else if (x->stage != REGISTER_WRITTEN) {
		*ret = PROJECTION_WRITE;
	}
	if (!journal_is_empty(j))
		x->seen = x->facts_seen = journal_entry(j);
	return e;
}

enum err project_run(struct journal *j, const struct pack *pack, const struct area_list *areas,
                     struct project_counts *ret)
{
	struct projection *x;
	projection_open(pack, areas, &x);
	x->whole = true;
	enum err e = write_whole(x, j);
	if (!e)
		e = count_register(&x->p, journal_db(j));
	*ret = x->p.counts;
	projection_close(x);
	return e;
}
