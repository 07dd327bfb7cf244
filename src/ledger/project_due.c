/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What has to be worked out: the rest is as the last projection left it.
 *
 * The last entry of a projection says what it rests on: the sources of the program, the pack, and
 * the last entry that it had read.  When one of the first two is another, when a projection was cut
 * short since, or when something came that bears on everything, all is worked out; else of facts
 * only the kinds of which ledgers came or records were typed in.  What a kind has does not depend on
 * the ledgers of others, but for the population files that linkage takes on their account.
 */
#include <stdio.h>

#include "ledger/project_in.h"
#include "ledger/project_sources.h"
#include "ledger/row_match.h"

#include "base/banned.h"

static size_t basis_head(const struct project *p, char ret[PROJECT_BASIS_MAX])
{
	int n = snprintf(ret, PROJECT_BASIS_MAX, "daohu " PROJECT_SOURCES " pack %.64s entry ", p->pack->hash);
	return n < 0 || n >= PROJECT_BASIS_MAX ? 0 : (size_t)n;
}

void project_basis(const struct project *p, int64_t entry, char ret[PROJECT_BASIS_MAX])
{
	size_t n = basis_head(p, ret);
	(void)snprintf(ret + n, PROJECT_BASIS_MAX - n, "%lld", (long long)entry);
}

/* The entry up to which the last projection had read; 0 = it rests on something else, or was cut
 * short. */
static enum err last_basis(const struct project *p, int64_t *ret)
{
	char head[PROJECT_BASIS_MAX];
	struct str want = {head, basis_head(p, head)};
	struct stmt *s = db_stmt(p->db, STMT_project_last);
	stmt_bind_text(s, 2, PROJECT_REGISTER);
	stmt_bind_text(s, 3, PROJECT_DONE);
	*ret = 0;
	if (stmt_row(s)) {
		struct str basis = stmt_blob(s, 1);
		bool same = str_is(stmt_str(s, 0), PROJECT_DONE) && str_starts(basis, want);
		if (!same || !str_to_int(str_sub(basis, want.n, basis.n), ret))
			*ret = 0;
	}
	return stmt_end(s);
}

bool project_rests_on(int64_t table)
{
	const struct record_desc *const all[] = {
		&area_desc, &pin_desc, &household_desc, &household_state_desc, &household_year_desc,
		&person_desc, &membership_desc, &person_year_desc};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i]->id == table)
			return true;
	return false;
}

/* Does a change of this table bear on everything?  What ledgers that came bear on is told by them. */
static bool is_of_all(int64_t table, bool inserts_only)
{
	bool of_ledger = table == ledger_desc.id || table == ledger_chunk_desc.id;
	return project_rests_on(table) || (of_ledger && !inserts_only);
}

/* Tables that others changed: the projection's own pieces do not count. */
static enum err tables_since(struct project *p, int64_t entry, bool *ret_all)
{
	struct stmt *s = db_stmt(p->db, STMT_project_since);
	stmt_bind_int(s, 2, entry);
	stmt_bind_text(s, 3, PROJECT_REGISTER);
	stmt_bind_text(s, 4, PROJECT_DONE);
	while (stmt_row(s)) {
		int64_t table = stmt_int(s, 0);
		*ret_all |= is_of_all(table, stmt_int(s, 1) == 0);
		for (size_t k = 0; k < FACT_KINDS; k++)
			p->due.facts[k] |= project_fact_tables[k].d->id == table;
	}
	return stmt_end(s);
}

/* By index in p->ledgers: did it come since? */
static enum err ledgers_since(const struct project *p, int64_t entry, bool *fresh)
{
	struct stmt *s = db_stmt(p->db, STMT_project_ledgers_since);
	size_t at = 0;
	stmt_bind_int(s, 2, ledger_desc.id);
	stmt_bind_int(s, 3, entry);
	while (stmt_row(s)) { /* both by number */
		int64_t no = stmt_int(s, 0);
		while (at < p->n_ledgers && p->ledgers[at].no < no)
			at++;
		if (at < p->n_ledgers && p->ledgers[at].no == no)
			fresh[at] = true;
	}
	return stmt_end(s);
}

/* Does linkage take the same population files as before these ledgers came? */
static bool same_bridges(struct project *p, const bool *fresh)
{
	size_t n = p->n_ledgers, n_old = 0, k = 0;
	struct ledger *old = ARENA_ARRAY(&p->a, n + 1, struct ledger);
	bool *in = ARENA_ARRAY(&p->a, n + 1, bool), *now = ARENA_ARRAY(&p->a, n + 1, bool),
	     *before = ARENA_ARRAY(&p->a, n + 1, bool);
	bool same = true;
	ledger_in_force(p->ledgers, n, 0, in);
	facts_bridges(p->ledgers, n, in, now);
	for (size_t i = 0; i < n; i++)
		if (!fresh[i])
			old[n_old++] = p->ledgers[i];
	ledger_in_force(old, n_old, 0, in);
	facts_bridges(old, n_old, in, before);
	for (size_t i = 0; i < n; i++)
		same &= now[i] == (!fresh[i] && before[k++]);
	return same;
}

static void take_fresh(struct project *p, const bool *fresh, bool *ret_people)
{
	bool all_facts = !same_bridges(p, fresh);
	for (size_t i = 0; i < p->n_ledgers; i++) {
		if (!fresh[i])
			continue;
		const char *layout = p->ledgers[i].layout;
		*ret_people |= strcmp(layout, "roster") == 0;
		all_facts |= ledger_is_population(layout);
		for (size_t k = 0; k < FACT_KINDS; k++)
			p->due.facts[k] |= strcmp(layout, project_fact_tables[k].layout) == 0;
	}
	for (size_t k = 0; k < FACT_KINDS; k++)
		p->due.facts[k] |= all_facts;
}

enum err project_due(struct project *p, bool whole)
{
	bool *fresh = ARENA_ARRAY(&p->a, p->n_ledgers + 1, bool);
	int64_t entry = 0;
	bool all = whole;
	p->due = (struct due){0};
	enum err e = all ? OK : last_basis(p, &entry);
	all |= !entry;
	if (!e && !all)
		e = tables_since(p, entry, &all);
	if (!e && !all)
		e = ledgers_since(p, entry, fresh);
	if (!e && !all)
		take_fresh(p, fresh, &all);
	p->due.people = all;
	for (size_t k = 0; k < FACT_KINDS; k++)
		p->due.facts[k] |= all;
	return e;
}
