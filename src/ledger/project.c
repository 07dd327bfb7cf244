/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/project.h"

#include <pthread.h>

#include "base/cpus.h"
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

struct table {
	const struct record_desc *d;
	struct wanted *w;
	const char *ident;
};

static enum err sync_tables(struct project *p, const struct table *t, size_t n)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < n; i++)
		e = project_sync(p, t[i].d, t[i].w, t[i].ident);
	return e;
}

/* What the rosters say. */
static enum err sync_register(struct project *p)
{
	const struct table tables[] = {
		{&household_desc, &p->household, "ident"},
		{&household_state_desc, &p->household_state, "household kind valid_from"},
		{&household_year_desc, &p->household_year, "household year"},
		{&person_desc, &p->person, ""},
		{&membership_desc, &p->membership, "person household"},
		{&person_year_desc, &p->person_year, "person year"},
	};
	return sync_tables(p, tables, sizeof(tables) / sizeof(*tables));
}

static enum err sync_facts(struct project *p)
{
	const struct table tables[] = {
		{&income_desc, &p->income, "household year"},
		{&duty_desc, &p->duty, "household helper"},
		{&measure_desc, &p->measure, "household category_text content"},
		{&visit_desc, &p->visit, "household date"},
		{&contract_desc, &p->contract, "household company coop mode"},
	};
	enum err e = project_hand(p);
	return e ? e : sync_tables(p, tables, sizeof(tables) / sizeof(*tables));
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
}

static enum err pins_on_register(struct project *p)
{
	const struct {
		const struct record_desc *d;
		struct wanted *w;
	} tables[] = {{&household_desc, &p->household}, {&person_desc, &p->person}};
	enum err e = OK;
	for (size_t i = 0; !e && i < sizeof(tables) / sizeof(*tables); i++)
		e = pins_apply(&p->pins, p->j, tables[i].d, tables[i].w->records, tables[i].w->n, &p->a);
	return e;
}

/* The rosters are gone through while another thread decodes the facts. */
static enum err read_all(struct project *p, struct facts *f)
{
	struct aside decode = {.work = facts_decode, .f = f};
	aside_start(&decode);
	enum err e = project_rosters(p);
	if (!e) /* before the other ledgers: whose they are is told by what was corrected */
		e = pins_on_register(p);
	aside_join(&decode);
	if (!e)
		e = facts_decoded(f, db_diag(p->db));
	return e ? e : facts_view(f);
}

/* Households and people are written while another thread looks whose the facts are. */
static enum err write_register(struct project *p, struct facts *f)
{
	struct aside link = {.work = facts_link, .f = f};
	aside_start(&link);
	enum err e = sync_register(p);
	aside_join(&link);
	p->counts.homeless = facts_homeless(f);
	return e ? e : facts_decoded(f, db_diag(p->db));
}

static void release(struct project *p)
{
	struct wanted *all[] = {&p->household, &p->household_state, &p->household_year, &p->person,
	                        &p->membership, &p->person_year, &p->income, &p->duty, &p->measure,
	                        &p->visit, &p->contract};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		base_free(all[i]->records);
	pins_release(&p->pins);
	arena_release(&p->a);
}

struct projection {
	struct project p;
	struct facts *f;
	int64_t entry; /* that the register was written in */
};

/* Anew, also when something was worked out and written before: the counters go on. */
static void start(struct projection *x, struct journal *j)
{
	const struct project was = x->p;
	x->p = (struct project){.j = j, .db = journal_db(j), .pack = was.pack, .areas = was.areas,
	                        .counts = was.counts};
	arena_init(&x->p.a, 0);
}

static void stop(struct projection *x)
{
	facts_release(x->f);
	release(&x->p);
	x->f = NULL;
}

void projection_open(struct journal *j, const struct pack *pack, const struct area_list *areas,
                     struct projection **ret)
{
	struct projection *x = base_calloc(1, sizeof(*x));
	x->p.pack = pack;
	x->p.areas = areas;
	start(x, j);
	*ret = x;
}

void projection_close(struct projection *x)
{
	if (!x)
		return;
	stop(x);
	base_free(x);
}

enum err projection_register(struct projection *x)
{
	struct project *p = &x->p;
	x->entry = journal_entry(p->j);
	enum err e = ledger_all(p->db, &p->a, &p->ledgers, &p->n_ledgers);
	if (!e)
		e = pins_load(p->db, &p->a, &p->pins);
	if (!e)
		e = facts_fetch(p, &x->f);
	if (!e)
		e = read_all(p, x->f);
	return e ? e : write_register(p, x->f);
}

/* Did anybody else write what was read, or what is to be written? */
static enum err is_disturbed(struct projection *x, bool *ret)
{
	const struct record_desc *const tables[] = {
		&ledger_desc, &link_answer_desc, &pin_desc, &household_desc, &household_state_desc,
		&household_year_desc, &person_desc, &membership_desc, &person_year_desc, &income_desc,
		&duty_desc, &measure_desc, &visit_desc, &contract_desc};
	struct stmt *s = db_stmt(x->p.db, STMT_project_disturbed);
	stmt_bind_int(s, 2, x->entry);
	stmt_bind_text(s, 3, PROJECT_REGISTER);
	while (stmt_row(s))
		for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
			*ret = *ret || tables[i]->id == stmt_int(s, 0);
	return stmt_end(s);
}

enum err projection_facts(struct projection *x, struct project_counts *ret)
{
	bool disturbed = false;
	enum err e = is_disturbed(x, &disturbed);
	if (!e && disturbed) {
		stop(x);
		start(x, x->p.j);
		e = projection_register(x);
	}
	if (!e)
		e = sync_facts(&x->p);
	*ret = x->p.counts;
	return e;
}

enum err project_run(struct journal *j, const struct pack *pack, const struct area_list *areas,
                     struct project_counts *ret)
{
	struct projection *x;
	projection_open(j, pack, areas, &x);
	enum err e = projection_register(x);
	if (!e)
		e = sync_facts(&x->p);
	*ret = x->p.counts;
	projection_close(x);
	return e;
}
