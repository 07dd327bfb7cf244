/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/project.h"

#include "ledger/project_in.h"
#include "registry/search.h"

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

static enum err sync_all(struct project *p)
{
	struct {
		const struct record_desc *d;
		struct wanted *w;
		const char *ident;
	} tables[] = {
		{&household_desc, &p->household, "ident"},
		{&household_state_desc, &p->household_state, "household kind valid_from"},
		{&household_year_desc, &p->household_year, "household year"},
		{&person_desc, &p->person, ""},
		{&membership_desc, &p->membership, "person household"},
		{&person_year_desc, &p->person_year, "person year"},
		{&income_desc, &p->income, "household year"},
		{&duty_desc, &p->duty, "household helper"},
		{&measure_desc, &p->measure, "household category_text content"},
		{&visit_desc, &p->visit, "household date"},
		{&contract_desc, &p->contract, "household company coop mode"},
	};
	enum err e = OK;
	for (size_t i = 0; !e && i < sizeof(tables) / sizeof(*tables); i++)
		e = project_sync(p, tables[i].d, tables[i].w, tables[i].ident);
	return e;
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

enum err project_run(struct journal *j, const struct pack *pack, const struct area_list *areas,
                     struct project_counts *ret)
{
	struct project p = {.j = j, .db = journal_db(j), .pack = pack, .areas = areas};
	arena_init(&p.a, 0);
	enum err e = ledger_all(p.db, &p.a, &p.ledgers, &p.n_ledgers);
	if (!e)
		e = pins_load(p.db, &p.a, &p.pins);
	if (!e)
		e = project_rosters(&p);
	if (!e) /* before the other ledgers: whose they are is told by what was corrected */
		e = pins_on_register(&p);
	if (!e)
		e = project_facts(&p);
	if (!e)
		e = sync_all(&p);
	if (!e)
		e = search_catch_up(p.db);
	if (!e)
		*ret = p.counts;
	release(&p);
	return e;
}
