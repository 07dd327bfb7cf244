/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/project_roster.h"

#include <stdlib.h>

#include "base/banned.h"

/* --- what is stored already ------------------------------------------------ */

/* Rosters may still have what was corrected: the row must find its person all the same. */
static const struct known_before *before_pins(struct project *p, const struct person *person)
{
	static const struct {
		const char *field;
		enum person_field i;
	} fields[] = {{"name", PERSON_name}, {"id_text", PERSON_id_text}, {"birth", PERSON_birth}};
	unsigned char ident[KEY_INDEX_BYTES];
	struct person was = *person;
	bool any = false;
	if (!p->pins.n)
		return NULL;
	pin_ident(journal_keys(p->j), &person_desc, person, ident);
	size_t at = (size_t)map_get(&p->pins.first,
	                            (struct str){(const char *)ident, sizeof(ident)}, 0);
	for (; at; at = p->pins.next[at - 1]) {
		const struct pin *pin = &p->pins.list[at - 1];
		for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
			if (strcmp(pin->field, fields[i].field) == 0 &&
			    !field_parse_plain(&person_desc, &was, fields[i].i, str_c(pin->was), &p->a))
				any = true;
	}
	if (!any)
		return NULL;
	struct known_before *b = ARENA_NEW(&p->a, struct known_before);
	*b = (struct known_before){was.name, idno_parse(str_c(was.id_text), was.id_lossy), was.birth};
	return b;
}

static void number_begin(struct buf *list)
{
	buf_clear(list);
	buf_addc(list, '[');
}

static void number_add(struct buf *list, int64_t no)
{
	if (list->n > 1)
		buf_addc(list, ',');
	buf_addint(list, no);
}

static void number_end(struct buf *list)
{
	buf_addc(list, ']');
}

/* Of those that no ledger names nobody knows the place: a roster of any may name them next. */
static enum err load_households(struct rosters *r)
{
	struct project *p = r->p;
	struct stmt *s = db_stmt(p->db, STMT_project_households);
	number_begin(&p->own.households);
	while (stmt_row(s)) {
		int64_t no = stmt_int(s, 0), ledger = stmt_int(s, 2);
		int32_t town = ledger && !p->due.all ? project_place(p, ledger) : PLACE_ALL;
		if (!stmt_is_null(s, 1))
			(void)map_set(&r->stored, str_copy(&p->a, stmt_str(s, 1)), no);
		if (town >= 0 && !due_town(p, town))
			(void)imap_set(&r->elsewhere, no, town);
		else if (!p->due.all)
			number_add(&p->own.households, no);
	}
	number_end(&p->own.households);
	return stmt_end(s);
}

static enum err load_erased(struct rosters *r)
{
	struct stmt *s = db_stmt(r->p->db, STMT_project_erased);
	while (stmt_row(s))
		(void)map_set(&r->erased, str_copy(&r->p->a, stmt_blob(s, 1)), stmt_int(s, 0));
	return stmt_end(s);
}

/* The members, so that everybody keeps the number that he has. */
static enum err load_members(struct rosters *r)
{
	struct project *p = r->p;
	const struct stored *people = NULL, *members = NULL;
	struct imap at;
	enum err e = stored_look(p, &membership_desc, &members);
	if (e)
		return e;
	const struct membership *ms = (const void *)members->records;
	size_t n_ms = members->n;
	number_begin(&p->own.people);
	for (size_t i = 0; !p->due.all && i < n_ms; i++)
		number_add(&p->own.people, ms[i].person);
	number_end(&p->own.people);
	e = stored_look(p, &person_desc, &people);
	if (e)
		return e;
	const struct person *persons = (const void *)people->records;
	size_t n_persons = people->n;
	int64_t *home = ARENA_ARRAY(&p->a, n_ms + 1, int64_t);
	imap_init(&at);
	for (size_t i = 0; i < n_persons; i++)
		(void)imap_set(&at, persons[i].no, (int64_t)i);
	for (size_t i = 0; i < n_ms; i++) {
		int64_t k = imap_get(&at, ms[i].person, -1);
		if (k < 0 || !imap_set(&at, -ms[i].person, 1))
			continue; /* erased, or known through another span */
		struct known *kn = vec_push(&r->known);
		home[r->known.n - 1] = ms[i].household;
		kn->no = persons[k].no;
		kn->name = persons[k].name;
		kn->id = idno_parse(str_c(persons[k].id_text), persons[k].id_lossy);
		kn->birth = persons[k].birth;
		kn->before = before_pins(p, &persons[k]);
		kn->person = kn->membership = kn->year_record = -1;
	}
	/* who came first stands first: of two without any difference each stays who he is */
	for (size_t i = r->known.n; i > 0; i--) {
		int64_t *first = imap_slot(&r->stored_known, home[i - 1], 0);
		r->known.p[i - 1].next = (size_t)*first;
		*first = (int64_t)i;
	}
	imap_release(&at);
	return OK;
}

/* Facts are of households.  When nothing of people is written only the pins want to know their
 * numbers, and whoever was erased. */
static enum err load_stored(struct rosters *r)
{
	const struct project *p = r->p;
	enum err e = load_households(r);
	if (!e)
		e = load_erased(r);
	bool numbers = p->due.people || p->pins.n || r->erased.n;
	return e || !numbers ? e : load_members(r);
}

/* --- rosters that say the same again ------------------------------------------------ */

/*
 * A roster that is in force still when others come with a later day says nothing new of its
 * households, as long as nobody else names them: it is not gone through once more.
 */

/* Whoever has the household of a row has to be gone through again. */
static void meet_household(struct rosters *r, const char *ident)
{
	int64_t k = map_get(&r->by_ident, str_c(ident), -1);
	if (k >= 0)
		r->of[r->hhs.p[k].roster].stays = false;
}

/* And whoever has households without numbers, which may be those of rows without. */
static void meet_unnumbered(struct rosters *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct roster *o = &r->of[r->order[i]];
		o->stays &= !o->unnumbered;
	}
}

/* A roster comes in that did not count in the step before. */
static enum err meet_roster(struct rosters *r, size_t at)
{
	struct ledger_lines lines = {0};
	struct ledger_reader reader;
	struct ledger_row row;
	struct arena a;
	bool unnumbered = false;
	arena_init(&a, 0);
	enum err e = roster_open(r, at, &a, &lines);
	if (!e) {
		int no = lines.table.layout->role[PACK_ROLE_HH_NO];
		bool *want = ARENA_ARRAY(&a, lines.table.layout->n_columns + 1, bool);
		if (no >= 0)
			want[no] = true;
		ledger_reader_init(&reader, &lines, want, &a);
	}
	for (size_t i = 0; !e && i < lines.n; i++) {
		if (!ledger_reader_row(&reader, lines.line[i], &row)) {
			e = diag_set(db_diag(r->p->db), ERR_FILE_DAMAGED, "ledger %lld",
			             (long long)r->p->ledgers[at].no);
			break;
		}
		const char *ident = roster_numbered_ident(&lines.table, &row, &a);
		if (ident)
			meet_household(r, ident);
		unnumbered |= !ident;
	}
	if (unnumbered)
		meet_unnumbered(r);
	ledger_lines_release(&lines);
	arena_release(&a);
	return e;
}

/* Their households and people are named in this step as they were in the one before. */
static void name_again(struct rosters *r)
{
	for (size_t i = 0; i < r->hhs.n; i++) {
		struct hh *h = &r->hhs.p[i];
		if (h->step + 1 != r->step || !r->of[h->roster].stays)
			continue;
		h->step = r->step;
		for (size_t k = h->first_known; k; k = r->known.p[k - 1].next)
			if (r->known.p[k - 1].step + 1 == r->step)
				r->known.p[k - 1].step = r->step;
	}
}

/* Whoever this step's rosters do not name any more has left on its day. */
static void end_step(struct rosters *r)
{
	struct project *p = r->p;
	for (size_t i = 0; i < r->known.n; i++) {
		struct known *k = &r->known.p[i];
		if (k->membership < 0 || k->step == r->step)
			continue;
		FIELD_SET(&WANTED(p, membership, k->membership), MEMBERSHIP_, valid_to, r->day);
		k->membership = -1;
	}
	for (size_t i = 0; i < r->hhs.n; i++) {
		struct hh *h = &r->hhs.p[i];
		for (int s = 0; h->step != r->step && s < 2; s++) {
			if (h->state[s] < 0)
				continue;
			FIELD_SET(&WANTED(p, household_state, h->state[s]), HOUSEHOLD_STATE_, valid_to,
			          r->day);
			h->state[s] = -1;
		}
	}
}

/* --- steps ----------------------------------------------------------------------- */

/* Which rosters count in this step, and which of them need not be gone through. */
static enum err begin_step(struct rosters *r, const bool *in)
{
	bool any = false;
	for (size_t i = 0; i < r->n; i++) {
		struct roster *o = &r->of[r->order[i]];
		bool was = o->in;
		o->in = in[r->order[i]];
		o->fresh = o->in && !was;
		o->stays = o->in && was && !o->shares;
		any |= o->stays;
	}
	r->step++;
	for (size_t i = 0; any && i < r->n; i++) {
		enum err e = r->of[r->order[i]].fresh ? meet_roster(r, r->order[i]) : OK;
		if (e)
			return e;
	}
	name_again(r);
	return OK;
}

static int newest_first(const void *x, const void *y, void *arg)
{
	const struct ledger *ledgers = arg;
	const struct ledger *a = &ledgers[*(const size_t *)x], *b = &ledgers[*(const size_t *)y];
	date_t a_day = a->as_of ? date_last(a->as_of) : 0, b_day = b->as_of ? date_last(b->as_of) : 0;
	if (a_day != b_day)
		return a_day > b_day ? -1 : 1;
	if (a->year != b->year)
		return a->year > b->year ? -1 : 1;
	return (a->no < b->no) - (a->no > b->no);
}

static void order_rosters(struct rosters *r)
{
	struct project *p = r->p;
	r->of = ARENA_ARRAY(&p->a, p->n_ledgers + 1, struct roster);
	r->order = ARENA_ARRAY(&p->a, p->n_ledgers + 1, size_t);
	for (size_t i = 0; i < p->n_ledgers; i++)
		if (strcmp(p->ledgers[i].layout, "roster") == 0 && due_ledger(p, i))
			r->order[r->n++] = i;
	qsort_r(r->order, r->n, sizeof(*r->order), newest_first, p->ledgers);
}

/* The next as-of day of any roster after `last`, undated ones (0) first; -1 = none. */
static date_t next_day(const struct rosters *r, date_t last)
{
	date_t day = -1;
	for (size_t i = 0; i < r->n; i++) {
		const struct ledger *l = &r->p->ledgers[r->order[i]];
		date_t d = l->as_of ? date_first(l->as_of) : 0;
		if (d > last && (day < 0 || d < day))
			day = d;
	}
	return day;
}

static enum err run_steps(struct rosters *r)
{
	struct project *p = r->p;
	bool *in = ARENA_ARRAY(&p->a, p->n_ledgers + 1, bool);
	order_rosters(r);
	for (r->day = next_day(r, -1); r->day >= 0; r->day = next_day(r, r->day)) {
		ledger_in_force(p->ledgers, p->n_ledgers, r->day ? r->day : 18000101, in);
		enum err e = begin_step(r, in);
		for (size_t i = 0; !e && i < r->n; i++) {
			const struct roster *o = &r->of[r->order[i]];
			if (o->in && !o->stays)
				e = roster_take(r, r->order[i]);
		}
		if (e)
			return e;
		end_step(r);
	}
	return OK;
}

/* Facts are read when these have been written. */
static void add_new_households(struct project *p, int64_t first_new)
{
	p->own.households.n--; /* number_end() */
	for (size_t i = 0; i < p->household.n; i++)
		if (WANTED(p, household, i).no >= first_new)
			number_add(&p->own.households, WANTED(p, household, i).no);
	number_end(&p->own.households);
}

enum err project_rosters(struct project *p)
{
	struct rosters r = {.p = p};
	map_init(&r.by_ident);
	map_init(&r.stored);
	map_init(&r.erased);
	imap_init(&r.stored_known);
	imap_init(&r.elsewhere);
	enum err e = journal_free_no(p->j, "household", &p->next_household);
	int64_t first_new = p->next_household;
	if (!e)
		e = journal_free_no(p->j, "person", &p->next_person);
	if (!e)
		e = load_stored(&r);
	if (!e)
		e = run_steps(&r);
	if (!e && !p->due.all)
		add_new_households(p, first_new);
	p->household_town = ARENA_ARRAY(&p->a, r.hhs.n + 1, int32_t);
	for (size_t i = 0; i < r.hhs.n; i++)
		p->household_town[r.hhs.p[i].record] = r.hhs.p[i].town;
	map_release(&r.by_ident);
	map_release(&r.erased);
	map_release(&r.stored);
	imap_release(&r.stored_known);
	imap_release(&r.elsewhere);
	vec_free(&r.hhs);
	vec_free(&r.known);
	return e;
}
