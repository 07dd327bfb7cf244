/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What has to be worked out: the rest is as the last projection left it.
 *
 * The last entry of a projection says what it rests on: the sources of the program, the pack, the
 * last entry that it had read, and which places have households in common.  When one of the first
 * two is another, when a projection was cut short since, or when something came that bears on
 * everything, all is worked out; else only the places (project_places.h) of which ledgers came or
 * records were typed in, and of facts only the kinds that did.
 */
#include <stdio.h>

#include "ledger/project_in.h"
#include "ledger/project_sources.h"
#include "ledger/row_match.h"
#include "registry/edit.h"

#include "base/banned.h"

/* --- what a projection rests on -------------------------------------------------------------- */

static size_t basis_head(const struct project *p, char ret[PROJECT_BASIS_MAX])
{
	int n = snprintf(ret, PROJECT_BASIS_MAX, "daohu " PROJECT_SOURCES " pack %.64s entry ", p->pack->hash);
	return n < 0 || n >= PROJECT_BASIS_MAX ? 0 : (size_t)n;
}

#define JOINED " joined "
#define JOINED_ALL "*" /* there is no room for so many */

void project_basis(const struct project *p, int64_t entry, char ret[PROJECT_BASIS_MAX])
{
	size_t n = basis_head(p, ret);
	struct buf b;
	buf_init(&b, PROJECT_BASIS_MAX);
	buf_addf(&b, "%lld%s", (long long)entry, p->joined.n ? JOINED : "");
	size_t head = b.n;
	for (size_t i = 0; i < p->joined.n; i++)
		buf_addf(&b, "%s%s+%s", i ? " " : "", p->areas->areas[p->joined.p[i].town].code,
		         p->areas->areas[p->joined.p[i].other].code);
	if (b.full || n + b.n >= PROJECT_BASIS_MAX) {
		b.n = head;
		buf_adds(&b, JOINED_ALL);
	}
	(void)snprintf(ret + n, PROJECT_BASIS_MAX - n, STR_FMT, STR_ARG(buf_str(&b)));
	buf_release(&b);
}

static int32_t town_of(const struct project *p, struct str code, struct arena *a)
{
	const struct area *area = area_find(p->areas, str_dup(a, code));
	return area ? (int32_t)(area - p->areas->areas) : PLACE_ALL;
}

/* Which places had households in common, to p->joined; false when that cannot be understood. */
static bool read_joined(struct project *p, struct str list)
{
	struct str pair, town;
	while (list.n && str_split(&list, ' ', &pair)) {
		int32_t x = str_split(&pair, '+', &town) ? town_of(p, town, &p->a) : PLACE_ALL;
		int32_t y = town_of(p, pair, &p->a);
		if (x < 0 || y < 0)
			return false; /* JOINED_ALL, too */
		*vec_push(&p->joined) = (struct joined){x, y};
	}
	return true;
}

/* The entry up to which the last projection had read; 0 = it rests on something else, or was cut
 * short. */
static enum err last_basis(struct project *p, int64_t *ret)
{
	char head[PROJECT_BASIS_MAX];
	struct str want = {head, basis_head(p, head)};
	struct stmt *s = db_stmt(p->db, STMT_project_last);
	stmt_bind_text(s, 2, PROJECT_REGISTER);
	stmt_bind_text(s, 3, PROJECT_DONE);
	*ret = 0;
	if (stmt_row(s)) {
		struct str basis = stmt_blob(s, 1), entry;
		bool same = str_is(stmt_str(s, 0), PROJECT_DONE) && str_starts(basis, want);
		struct str rest = same ? str_sub(basis, want.n, basis.n) : STR("");
		size_t at = str_find(rest, STR(JOINED));
		struct str list = at == SIZE_MAX ? STR("") : str_sub(rest, at + strlen(JOINED), rest.n);
		entry = str_sub(rest, 0, at == SIZE_MAX ? rest.n : at);
		if (!same || !str_to_int(entry, ret) || !read_joined(p, list))
			*ret = 0;
	}
	return stmt_end(s);
}

void project_join(struct project *p, int32_t town, int32_t other)
{
	if (place_of_town(&p->places, town) == place_of_town(&p->places, other))
		return;
	*vec_push(&p->joined) = (struct joined){town, other};
	places_join(&p->places, town, other);
}

/* Of what is gone through it is seen anew which have households in common: a roster may have gone out of
 * force. */
static void join_again(struct project *p)
{
	size_t n = p->joined.n;
	p->joined.n = 0;
	for (size_t i = 0; i < n; i++)
		if (!due_town(p, p->joined.p[i].town))
			project_join(p, p->joined.p[i].town, p->joined.p[i].other);
}

/* --- places ------------------------------------------------------------------------------- */

bool due_town(const struct project *p, int32_t town)
{
	return p->due.all || (town >= 0 && p->due.in[place_of_town(&p->due.places, town)]);
}

bool due_ledger(const struct project *p, size_t i)
{
	return due_town(p, place_of_ledger(&p->due.places, i));
}

int32_t project_place(const struct project *p, int64_t ledger)
{
	size_t from = 0, to = p->n_ledgers;
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		if (p->ledgers[mid].no < ledger)
			from = mid + 1;
		else
			to = mid;
	}
	return from < p->n_ledgers && p->ledgers[from].no == ledger ? place_of_ledger(&p->places, from)
	                                                            : PLACE_ALL;
}

static void take_town(struct project *p, int32_t town)
{
	if (town < 0)
		p->due.all = true;
	else
		p->due.in[place_of_town(&p->due.places, town)] = true;
}

/* --- what others wrote ------------------------------------------------------------------------ */

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
	return table == area_desc.id || (of_ledger && !inserts_only);
}

/* The place of a record becomes due.  A household that no ledger names has none: it bears on nothing. */
static enum err take_record(struct project *p, const struct record_desc *d, int64_t no)
{
	struct arena a;
	struct household h = {0};
	int64_t household = 0;
	bool found = false;
	arena_init(&a, 0);
	void *rec = arena_calloc(&a, 1, d->size);
	enum err e = db_get(p->db, d, no, &a, rec, &found);
	if (!e && !found) /* a pin that was settled */
		e = journal_deleted(p->j, d, no, &a, rec, &found);
	if (!e && found)
		e = edit_household_of(p->db, d, rec, &household);
	found = false;
	if (!e && household)
		e = db_get(p->db, &household_desc, household, &a, &h, &found);
	if (!e && !found)
		p->due.all = true;
	else if (!e && FIELD_HAS(&h, HOUSEHOLD_, ledger))
		take_town(p, project_place(p, h.ledger));
	arena_release(&a);
	return e;
}

static enum err take_records(struct project *p, int64_t entry, const struct record_desc *d)
{
	enum { MANY = 4000 }; /* then all places may as well be gone through */
	VEC(int64_t) list = {0};
	struct stmt *s = db_stmt(p->db, STMT_project_since_records);
	stmt_bind_int(s, 2, entry);
	stmt_bind_text(s, 3, PROJECT_REGISTER);
	stmt_bind_text(s, 4, PROJECT_DONE);
	stmt_bind_int(s, 5, d->id);
	while (list.n <= MANY && stmt_row(s))
		*vec_push(&list) = stmt_int(s, 0);
	enum err e = stmt_end(s);
	bool skipped = db_skips_sealed(p->db);
	db_skip_sealed(p->db, true);
	p->due.all |= list.n > MANY;
	for (size_t i = 0; !e && !p->due.all && i < list.n; i++)
		e = take_record(p, d, list.p[i]);
	db_skip_sealed(p->db, skipped);
	vec_free(&list);
	return e;
}

/* Tables that others changed: the projection's own pieces do not count. */
static enum err tables_since(struct project *p, int64_t entry, bool *ret_whole)
{
	struct stmt *s = db_stmt(p->db, STMT_project_since);
	VEC(const struct record_desc *) typed = {0};
	stmt_bind_int(s, 2, entry);
	stmt_bind_text(s, 3, PROJECT_REGISTER);
	stmt_bind_text(s, 4, PROJECT_DONE);
	while (stmt_row(s)) {
		int64_t table = stmt_int(s, 0);
		bool bears = project_rests_on(table);
		*ret_whole |= is_of_all(table, stmt_int(s, 1) == 0);
		p->due.people |= bears;
		for (size_t k = 0; k < FACT_KINDS; k++) {
			bool fact = project_fact_tables[k].d->id == table;
			p->due.facts[k] |= fact;
			bears |= fact;
		}
		if (bears)
			*vec_push(&typed) = db_table(p->db, (uint16_t)table);
	}
	enum err e = stmt_end(s);
	for (size_t i = 0; !e && !*ret_whole && i < typed.n; i++)
		e = take_records(p, entry, typed.p[i]);
	vec_free(&typed);
	return e;
}

/* --- ledgers that came ------------------------------------------------------------------------ */

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

/* Which ledgers count, which population files linkage takes, and the places that they make. */
struct force {
	bool *in, *bridge;
	struct places places; /* but for those that have households in common */
};

/* Of those that `not` leaves. */
static void find_force(struct project *p, const bool *not, struct force *ret)
{
	size_t n = p->n_ledgers, n_some = 0;
	struct ledger *some = ARENA_ARRAY(&p->a, n + 1, struct ledger);
	size_t *at = ARENA_ARRAY(&p->a, n + 1, size_t);
	bool *in = ARENA_ARRAY(&p->a, n + 1, bool), *bridge = ARENA_ARRAY(&p->a, n + 1, bool);
	*ret = (struct force){.in = ARENA_ARRAY(&p->a, n + 1, bool),
	                      .bridge = ARENA_ARRAY(&p->a, n + 1, bool)};
	for (size_t i = 0; i < n; i++) {
		if (not[i])
			continue;
		at[n_some] = i;
		some[n_some++] = p->ledgers[i];
	}
	ledger_in_force(some, n_some, 0, in);
	facts_bridges(some, n_some, in, bridge);
	places_make(&ret->places, p->areas, some, n_some, bridge, &p->a);
	for (size_t i = 0; i < n_some; i++) {
		ret->in[at[i]] = in[i];
		ret->bridge[at[i]] = bridge[i];
	}
}

static void take_kinds(struct project *p, const char *layout, bool all)
{
	p->due.people |= strcmp(layout, "roster") == 0;
	for (size_t k = 0; k < FACT_KINDS; k++)
		p->due.facts[k] |= all || strcmp(layout, project_fact_tables[k].layout) == 0;
}

/* A kind of facts of which there is a ledger of all places is always worked out for all. */
static void take_all_for(struct project *p)
{
	for (size_t k = 0; k < FACT_KINDS; k++)
		p->due.facts[k] |= p->due.people;
	for (size_t i = 0; i < p->n_ledgers; i++)
		for (size_t k = 0; k < FACT_KINDS; k++)
			p->due.all |= p->due.facts[k] && place_of_ledger(&p->due.places, i) < 0 &&
			              strcmp(p->ledgers[i].layout, project_fact_tables[k].layout) == 0;
}

static void take_fresh(struct project *p, const bool *fresh, const struct force *now,
                       const struct force *before)
{
	for (size_t i = 0; i < p->n_ledgers; i++) {
		const char *layout = p->ledgers[i].layout;
		bool bridged = now->bridge[i] != before->bridge[i];
		if (!project_concerns(layout) || (!fresh[i] && !bridged && now->in[i] == before->in[i]))
			continue;
		take_town(p, place_of_ledger(&p->due.places, i));
		take_kinds(p, layout, bridged || ledger_is_population(layout));
	}
}

/* The places as they are, joined with what they were: of one that is another all is worked out. */
static void join_before(struct project *p, const struct places *was)
{
	places_copy(&p->due.places, &p->places, &p->a);
	for (size_t i = 0; i < p->areas->n; i++)
		places_join(&p->due.places, (int32_t)i, place_of_town(was, (int32_t)i));
	for (size_t i = 0; i < p->joined.n; i++)
		places_join(&p->due.places, p->joined.p[i].town, p->joined.p[i].other);
	p->due.places.only = p->places.only < 0 ? PLACE_ALL : place_of_town(&p->due.places, p->places.only);
	for (size_t i = 0; i < p->areas->n; i++) { /* a place's first town stands for it */
		if (place_of_town(was, (int32_t)i) == place_of_town(&p->places, (int32_t)i))
			continue;
		take_town(p, (int32_t)i);
		p->due.people = true;
	}
}

static enum err take_since(struct project *p, int64_t entry, const struct force *now, bool *ret_whole)
{
	bool *fresh = ARENA_ARRAY(&p->a, p->n_ledgers + 1, bool);
	struct force before;
	enum err e = ledgers_since(p, entry, fresh);
	if (e)
		return e;
	find_force(p, fresh, &before);
	join_before(p, &before.places);
	take_fresh(p, fresh, now, &before);
	e = tables_since(p, entry, ret_whole);
	for (size_t i = 0; i < p->areas->n; i++)
		if (p->more[i])
			take_town(p, (int32_t)i);
	take_all_for(p);
	join_again(p);
	return e;
}

enum err project_due(struct project *p, bool whole)
{
	bool *none = ARENA_ARRAY(&p->a, p->n_ledgers + 1, bool);
	struct force now;
	int64_t entry = 0;
	find_force(p, none, &now);
	places_copy(&p->places, &now.places, &p->a);
	p->due = (struct due){.in = ARENA_ARRAY(&p->a, p->areas->n + 1, bool), .all = !p->areas->n};
	enum err e = whole ? OK : last_basis(p, &entry);
	whole |= !entry;
	if (!e && !whole)
		e = take_since(p, entry, &now, &whole);
	if (whole) {
		p->joined.n = 0;
		p->places = now.places;
		p->due.all = p->due.people = true;
		p->due.places = p->places;
	}
	for (size_t k = 0; k < FACT_KINDS; k++)
		p->due.facts[k] |= whole;
	return e;
}
