/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the offices' household ledgers add: income, duty, measures, visits,
 * contracts.
 *
 * facts_fetch() takes their rows from the database as they lie there, and
 * facts_decode() makes something of the first ones while the rosters are gone through.
 * facts_view() takes what linkage needs of the households and people that came
 * out, place by place, and facts_link() works out whose each row is while those are written.
 */
#include "ledger/lines.h"
#include "ledger/project_view.h"
#include "ledger/row_match.h"

#include "base/banned.h"

enum { DECODE_AHEAD = 100000 }; /* rows: the rest when their turn comes, so that they are not all held */

const struct fact_table project_fact_tables[FACT_KINDS] = {
	[FACT_INCOME] = {"income", &income_desc},
	[FACT_DUTY] = {"duty", &duty_desc},
	[FACT_MEASURE] = {"measure", &measure_desc},
	[FACT_VISIT] = {"visit", &visit_desc},
	[FACT_CONTRACT] = {"contract", &contract_desc},
};

/* One kind of fact, and where it goes. */
struct fact {
	const struct record_desc *desc;
	struct wanted *to;
	bool one_to_one;
};

/* A ledger of facts. */
struct fact_ledger {
	const struct fact *fact;
	size_t no;                 /* in p->ledgers */
	int32_t party;
	struct arena a;            /* its rows, until they are linked */
	struct ledger_lines lines; /* until they are decoded */
	bool decoded;
	struct ledger_table t;
	struct fill fill;
	struct match_row *rows;
	struct match_link *links;
};

/* The ledgers of a place, and whom they may be about. */
struct party {
	int32_t place; /* or PLACE_ALL */
	struct view view;
	struct match_people people;
	struct match *match; /* while its ledgers are linked */
};

struct facts {
	struct project *p;  /* of it, only pack, areas and the tables of facts */
	struct arena a;     /* texts of the records */
	bool *in;           /* which ledgers are in force */
	bool *bridge;       /* which of those are population files that are loaded */
	enum err err;       /* of facts_decode(), facts_link() */
	struct diag diag;
	struct fact kinds[FACT_KINDS];
	struct fact_ledger *ledgers;
	size_t n;
	VEC(struct party) parties;
	const struct match_area *match_areas;
	int64_t homeless;
};

/* --- population files ------------------------------------------------------------ */

/* Without household numbers it takes the population file to tell namesakes apart. */
static bool wants_bridge(const struct ledger *l)
{
	return project_concerns(l->layout) && strcmp(l->layout, "roster") != 0 &&
	       !ledger_is_population(l->layout) && !ledger_is_numbered(l);
}

/* Is there such a ledger about people of this population file?  Of a county's towns most have
 * none. */
static bool is_wanted(const struct ledger *ledgers, size_t n, const bool *in,
                      const struct ledger *population)
{
	for (size_t i = 0; i < n; i++)
		if (in[i] && wants_bridge(&ledgers[i]) && ledger_overlap(&ledgers[i], population))
			return true;
	return false;
}

void facts_bridges(const struct ledger *ledgers, size_t n, const bool *in, bool *ret)
{
	for (size_t i = 0; i < n; i++)
		ret[i] = in[i] && ledger_is_population(ledgers[i].layout) &&
		         is_wanted(ledgers, n, in, &ledgers[i]);
}

/* Do the population files that are loaded tell of everybody where the ledger's people live? */
static bool knows_neighbours(const struct facts *f, const struct ledger *l)
{
	const struct project *p = f->p;
	bool any = false;
	for (size_t i = 0; i < p->n_ledgers; i++) {
		if (!f->in[i] || !ledger_is_population(p->ledgers[i].layout) ||
		    !ledger_overlap(&p->ledgers[i], l))
			continue;
		if (!f->bridge[i])
			return false;
		any = true;
	}
	return any;
}

/* --- whose row it is ----------------------------------------------------------- */

static void link_rows(struct facts *f, struct fact_ledger *l, const struct match *match)
{
	size_t n = l->t.n;
	struct match_opts opts = {.target = MATCH_HOUSEHOLD, .one_to_one = l->fact->one_to_one,
	                          .bridge_elsewhere = !knows_neighbours(f, l->t.ledger)};
	l->rows = ARENA_ARRAY(&l->a, n + 1, struct match_row);
	l->links = ARENA_ARRAY(&l->a, n + 1, struct match_link);
	for (size_t i = 0; i < n; i++) {
		l->rows[i] = row_for_match(f->p->pack, f->p->areas, &l->t, &l->t.rows[i]);
		l->rows[i].phone = STR(""); /* it may be the helper's */
	}
	match_ledger(match, l->rows, n, &opts, l->links);
}

/* --- records --------------------------------------------------------------------- */

static void set_ref(const struct record_desc *d, void *rec, const char *field, int64_t no)
{
	int i = record_find(d, str_c(field));
	if (i < 0)
		return;
	memcpy((char *)rec + d->fields[i].offset, &no, sizeof(no));
	((struct record *)rec)->has |= FIELD_BIT(i);
}

static void set_text(const struct record_desc *d, void *rec, const char *field, const char *text)
{
	int i = record_find(d, str_c(field));
	if (i < 0 || !text || !text[0])
		return;
	memcpy((char *)rec + d->fields[i].offset, &text, sizeof(text));
	((struct record *)rec)->has |= FIELD_BIT(i);
}

static void finish_measure(struct facts *f, const struct fact_ledger *l,
                           const struct ledger_row *row, struct measure *m)
{
	int i = pack_column(l->t.layout, "category");
	const struct ledger_cell *cell = ledger_cell_at(row, i);
	if (cell->state != LEDGER_EMPTY) {
		const struct pack_column *c = &l->t.layout->columns[i];
		struct str text = cell->text;
		if (cell->state == LEDGER_OK && c->kind == PACK_CODE)
			text = str_c(f->p->pack->lists[c->list_index].codes[cell->v].label.in[LANG_ZH]);
		set_text(&measure_desc, m, "category_text", str_dup(&f->a, text));
	}
}

static void finish(struct facts *f, const struct fact_ledger *fl, const struct ledger_row *row,
                   void *rec)
{
	const struct record_desc *d = fl->fact->desc;
	const struct ledger *l = fl->t.ledger;
	set_ref(d, rec, "ledger", l->no);
	set_text(d, rec, "place",
	         arena_printf(&f->a, STR_FMT "!%u", STR_ARG(row->sheet), row->number));
	if (d == &income_desc && !FIELD_HAS((struct income *)rec, INCOME_, year))
		set_ref(d, rec, "year", l->year);
	if (d == &duty_desc && l->as_of && !FIELD_HAS((struct duty *)rec, DUTY_, valid_from))
		FIELD_SET((struct duty *)rec, DUTY_, valid_from, date_first(l->as_of));
	if (d == &measure_desc)
		finish_measure(f, fl, row, rec);
}

static bool belongs(const struct match_link *l)
{
	return l->household >= 0 && l->household_band >= MATCH_PROBABLE;
}

/* A duty row that names nobody is no duty. */
static bool says_something(const struct fact *fact, const void *rec)
{
	if (fact->desc != &duty_desc)
		return true;
	const struct duty *d = rec;
	return FIELD_HAS(d, DUTY_, helper);
}

static void decode(struct facts *f, struct fact_ledger *l)
{
	f->err = ledger_lines_decode(&l->lines, &l->a, &f->diag, &l->t);
	l->decoded = true;
}

static void take_ledger(struct facts *f, struct fact_ledger *l)
{
	const struct party *party = &f->parties.p[l->party];
	const struct record_desc *d = l->fact->desc;
	if (!l->decoded)
		decode(f, l);
	if (f->err)
		return;
	l->fill = fill_make(d, l->t.layout);
	link_rows(f, l, party->match);
	for (size_t i = 0; i < l->t.n; i++) {
		const struct match_link *link = &l->links[i];
		if (!belongs(link)) {
			f->homeless++;
			continue;
		}
		void *rec = wanted_add(l->fact->to, d);
		set_ref(d, rec, "household", party->view.household_no[link->household]);
		fill_record(&l->fill, &l->t.rows[i], &f->a, rec);
		if (says_something(l->fact, rec))
			finish(f, l, &l->t.rows[i], rec);
		else
			l->fact->to->n--;
	}
	arena_release(&l->a);
}

/* --- the people of each place ------------------------------------------------------------ */

/* One ledger's rows behind the *ret_n of n that are there; of its lines nothing stays. */
static enum err add_bridge(struct project *p, const struct ledger *l, struct match_census *to,
                           size_t n, size_t *ret_n)
{
	struct ledger_lines t = {0};
	struct ledger_reader r;
	struct arena a;
	arena_init(&a, 0);
	enum err e = ledger_lines_fetch(p->db, journal_keys(p->j), p->pack, p->areas, l, false, &a, &t);
	if (!e)
		e = ledger_lines_open_all(&t, db_diag(p->db));
	if (!e)
		ledger_reader_init(&r, &t, row_match_columns(t.table.layout, &a), &a);
	int state = e ? -1 : pack_column(t.table.layout, "state");
	for (size_t i = 0; !e && i < t.n && *ret_n < n; i++) {
		struct ledger_row row;
		if (!ledger_reader_row(&r, t.line[i], &row)) {
			e = diag_set(db_diag(p->db), ERR_FILE_DAMAGED, "ledger %lld", (long long)l->no);
			break;
		}
		struct match_bridge b = row_for_bridge(p->pack, &t.table, state, &row);
		match_census_put(to, 0, (*ret_n)++, &b);
	}
	ledger_lines_release(&t);
	arena_release(&a);
	return e;
}

/* Does the ledger p->ledgers[i] tell of the party's people, by its place? */
static bool is_here(const struct facts *f, const struct party *party, size_t i)
{
	return party->place < 0 || place_of_ledger(&f->p->places, i) == party->place;
}

/* The population files that are taken for a place. */
static enum err load_bridge(struct facts *f, struct party *party)
{
	struct project *p = f->p;
	struct match_people *people = &party->people;
	size_t n = 0, put = 0;
	for (size_t i = 0; i < p->n_ledgers; i++) {
		bool here = is_here(f, party, i);
		bool population = f->in[i] && ledger_is_population(p->ledgers[i].layout);
		n += here && f->bridge[i] ? (size_t)p->ledgers[i].row_count : 0;
		/* one of all that is not taken may tell of these people, too */
		people->partial |= population && !f->bridge[i] &&
		                   (here || place_of_ledger(&p->places, i) < 0);
	}
	people->census = n ? match_census_new(n) : NULL;
	people->by_village = n > 0; /* a ledger without household numbers most often has no others */
	for (size_t i = 0; n && i < p->n_ledgers; i++) {
		bool taken = f->bridge[i] && is_here(f, party, i);
		enum err e = taken ? add_bridge(p, &p->ledgers[i], people->census, n, &put) : OK;
		if (e)
			return e;
	}
	return OK;
}

static int32_t find_party(struct facts *f, int32_t place)
{
	for (size_t i = 0; i < f->parties.n; i++)
		if (f->parties.p[i].place == place)
			return (int32_t)i;
	vec_push(&f->parties)->place = place;
	return (int32_t)f->parties.n - 1;
}

/* The people of every place, and those of all for the ledgers of all. */
static void view_parties(struct facts *f)
{
	struct project *p = f->p;
	size_t n = f->parties.n;
	struct view *views = ARENA_ARRAY(&p->a, n + 1, struct view);
	int32_t *group = ARENA_ARRAY(&p->a, p->household.n + 1, int32_t);
	int32_t *of_place = ARENA_ARRAY(&p->a, p->areas->n + 1, int32_t);
	for (size_t i = 0; i < p->areas->n; i++)
		of_place[i] = -1;
	for (size_t v = 0; v < n; v++) {
		if (f->parties.p[v].place >= 0)
			of_place[f->parties.p[v].place] = (int32_t)v;
		else
			view_make(p, group, &views[v], 1); /* group: 0 everywhere as yet */
	}
	bool several = n > 1 || (n == 1 && f->parties.p[0].place >= 0);
	for (size_t i = 0; several && i < p->household.n; i++)
		group[i] = of_place[place_of_town(&p->places, p->household_town[i])];
	struct view *by_place = ARENA_ARRAY(&p->a, n + 1, struct view);
	if (several)
		view_make(p, group, by_place, n);
	for (size_t v = 0; v < n; v++) {
		struct party *party = &f->parties.p[v];
		party->view = party->place < 0 ? views[v] : by_place[v];
		party->people = (struct match_people){
			.areas = f->match_areas, .n_areas = p->areas->n,
			.persons = party->view.persons, .n_persons = party->view.n_persons,
			.households = party->view.households, .n_households = party->view.n_households,
		};
	}
}

enum err facts_view(struct facts *f)
{
	enum err e = OK;
	if (!f->n)
		return OK;
	f->match_areas = areas_for_match(f->p->areas, &f->p->a);
	/* in an order that does not depend on what is due: those of all, then place after place */
	for (size_t i = 0; i < f->n; i++)
		if (place_of_ledger(&f->p->places, f->ledgers[i].no) < 0)
			(void)find_party(f, PLACE_ALL);
	for (size_t i = 0; i < f->n; i++) /* the rosters may have joined places */
		f->ledgers[i].party = find_party(f, place_of_ledger(&f->p->places, f->ledgers[i].no));
	view_parties(f);
	for (size_t i = 0; !e && i < f->parties.n; i++)
		e = load_bridge(f, &f->parties.p[i]);
	return e;
}

enum err facts_fetch(struct project *p, struct facts **ret)
{
	struct facts *f = ARENA_NEW(&p->a, struct facts);
	const struct fact kinds[FACT_KINDS] = {
		[FACT_INCOME] = {&income_desc, &p->income, true},
		[FACT_DUTY] = {&duty_desc, &p->duty, false},
		[FACT_MEASURE] = {&measure_desc, &p->measure, false},
		[FACT_VISIT] = {&visit_desc, &p->visit, false},
		[FACT_CONTRACT] = {&contract_desc, &p->contract, false},
	};
	enum err e = OK;
	f->p = p;
	arena_init(&f->a, 0);
	memcpy(f->kinds, kinds, sizeof(kinds));
	f->in = ARENA_ARRAY(&p->a, p->n_ledgers + 1, bool);
	f->bridge = ARENA_ARRAY(&p->a, p->n_ledgers + 1, bool);
	f->ledgers = ARENA_ARRAY(&p->a, p->n_ledgers + 1, struct fact_ledger);
	ledger_in_force(p->ledgers, p->n_ledgers, 0, f->in);
	facts_bridges(p->ledgers, p->n_ledgers, f->in, f->bridge);
	for (size_t k = 0; !e && k < FACT_KINDS; k++)
		for (size_t i = 0; !e && p->due.facts[k] && i < p->n_ledgers; i++) {
			if (!f->in[i] || !due_ledger(p, i) ||
			    strcmp(p->ledgers[i].layout, project_fact_tables[k].layout) != 0)
				continue;
			struct fact_ledger *l = &f->ledgers[f->n++];
			l->fact = &f->kinds[k];
			l->no = i;
			arena_init(&l->a, 0);
			e = ledger_lines_fetch(p->db, journal_keys(p->j), p->pack, p->areas, &p->ledgers[i],
			                       false, &l->a, &l->lines);
		}
	*ret = f;
	return e;
}

void facts_decode(struct facts *f)
{
	for (size_t i = 0, rows = 0; !f->err && i < f->n; i++) {
		rows += f->ledgers[i].lines.n;
		if (rows <= DECODE_AHEAD)
			decode(f, &f->ledgers[i]);
	}
}

enum err facts_decoded(const struct facts *f, struct diag *diag)
{
	if (f->err)
		*diag = f->diag;
	return f->err;
}

static void link_party(struct facts *f, int32_t at)
{
	struct party *party = &f->parties.p[at];
	party->match = match_new(&party->people);
	party->people.census = NULL; /* the match has it */
	for (size_t i = 0; !f->err && i < f->n; i++)
		if (f->ledgers[i].party == at)
			take_ledger(f, &f->ledgers[i]);
	match_free(party->match);
	party->match = NULL;
}

void facts_link(struct facts *f)
{
	for (size_t i = 0; !f->err && i < f->parties.n; i++)
		link_party(f, (int32_t)i);
}

int64_t facts_homeless(const struct facts *f)
{
	return f->homeless;
}

void facts_release(struct facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->parties.n; i++)
		match_census_free(f->parties.p[i].people.census);
	vec_free(&f->parties);
	for (size_t i = 0; i < f->n; i++) {
		ledger_lines_release(&f->ledgers[i].lines);
		arena_release(&f->ledgers[i].a);
	}
	arena_release(&f->a);
}
