/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/project_roster.h"

#include "base/banned.h"

enum { STATE_STATUS, STATE_ATTR };

/* --- households ------------------------------------------------------------- */

static const char *text_of(struct rosters *r, const struct ledger_cell *c)
{
	return c && c->text.n ? str_dup(&r->p->a, c->text) : NULL;
}

static bool is_head(const struct rosters *r, const struct ledger_row *row)
{
	const struct ledger_cell *c = ledger_role(r->t, row, PACK_ROLE_RELATION);
	return c && c->state == LEDGER_OK && str_is(c->text, "head");
}

/* Name and number of the head tell the household again, but stand nowhere in clear. */
static const char *opaque_ident(struct rosters *r, const char *text)
{
	unsigned char index[KEY_INDEX_BYTES];
	char *hex = arena_alloc(&r->p->a, 2 + 2 * sizeof(index) + 1);
	keys_index(journal_keys(r->p->j), "household", str_c(text), index);
	memcpy(hex, "V:", 2);
	for (size_t i = 0; i < sizeof(index); i++) {
		hex[2 + 2 * i] = "0123456789abcdef"[index[i] >> 4];
		hex[3 + 2 * i] = "0123456789abcdef"[index[i] & 15];
	}
	hex[2 + 2 * sizeof(index)] = '\0';
	return hex;
}

const char *roster_numbered_ident(const struct ledger_table *t, const struct ledger_row *row,
                                  struct arena *a)
{
	const struct ledger_cell *no = ledger_role(t, row, PACK_ROLE_HH_NO);
	bool given = no && no->state == LEDGER_OK && no->text.n;
	return given ? arena_printf(a, "N:" STR_FMT, STR_ARG(no->text)) : NULL;
}

/* Identity of the row's household: its number, else village, head and the
 * head's number; NULL = that of the row before. */
static const char *household_ident(struct rosters *r, const struct ledger_row *row)
{
	const char *numbered = roster_numbered_ident(r->t, row, &r->p->a);
	if (numbered)
		return numbered;
	const struct ledger_cell *head = ledger_role(r->t, row, PACK_ROLE_HEAD_NAME);
	const struct ledger_cell *name = ledger_role(r->t, row, PACK_ROLE_NAME);
	const struct ledger_cell *id = ledger_role(r->t, row, PACK_ROLE_ID);
	const char *village = row_village(r->p, r->t, row);
	bool same_block = row->block && row->block == r->open_block && r->open >= 0;
	if (same_block)
		return NULL;
	if (head && !is_head(r, row) && r->open >= 0) {
		struct household *h = &WANTED(r->p, household, r->hhs.p[r->open].record);
		if (h->head_name && str_is(head->text, h->head_name))
			return NULL;
	} else if (!row->block && !is_head(r, row) && r->open >= 0 && !head) {
		return NULL;
	}
	struct str who = head ? head->text : name ? name->text : STR("");
	struct str number = is_head(r, row) && id ? id->text : STR("");
	r->of[r->at].unnumbered = true;
	return opaque_ident(r, arena_printf(&r->p->a, "%s:" STR_FMT ":" STR_FMT,
	                                    village ? village : "", STR_ARG(who), STR_ARG(number)));
}

/* What another place's rosters say of the household has to be gone through as well. */
static void meet_elsewhere(struct rosters *r, int64_t household)
{
	int64_t town = household ? imap_get(&r->elsewhere, household, -1) : -1;
	if (town >= 0)
		r->p->more[town] = r->p->grew = true;
}

static struct hh *household_of(struct rosters *r, const struct ledger_row *row)
{
	const char *ident = household_ident(r, row);
	if (!ident)
		return &r->hhs.p[r->open];
	int64_t *at = map_slot(&r->by_ident, str_c(ident), -1);
	if (*at < 0) {
		struct household *h = wanted_add(&r->p->household, &household_desc);
		struct hh *n = vec_push(&r->hhs);
		*at = (int64_t)r->hhs.n - 1;
		h->no = map_get(&r->stored, str_c(ident), 0);
		meet_elsewhere(r, h->no);
		n->town = r->town;
		n->record = r->p->household.n - 1;
		n->ident = ident;
		n->state[0] = n->state[1] = n->year_record = -1;
		n->first_known = h->no ? (size_t)imap_get(&r->stored_known, h->no, 0) : 0;
	}
	return &r->hhs.p[*at];
}

/* Numbers of new households: references need them before they are written. */
static void number_household(struct rosters *r, struct hh *h)
{
	struct household *rec = &WANTED(r->p, household, h->record);
	if (!rec->no)
		rec->no = r->p->next_household++;
}

static void set_state(struct rosters *r, struct hh *h, int kind, const char *code, int64_t year)
{
	struct project *p = r->p;
	static const char *const names[] = {"status", "attr"};
	int64_t at = h->state[kind];
	if (at >= 0) {
		struct household_state *old = &WANTED(p, household_state, at);
		if (strcmp(old->code, code) == 0 && (year == 0 || old->year == year))
			return;
		if (r->day && old->valid_from != r->day)
			FIELD_SET(old, HOUSEHOLD_STATE_, valid_to, r->day);
	}
	struct household_state *s = wanted_add(&p->household_state, &household_state_desc);
	FIELD_SET(s, HOUSEHOLD_STATE_, household, WANTED(p, household, h->record).no);
	FIELD_SET(s, HOUSEHOLD_STATE_, kind, names[kind]);
	FIELD_SET(s, HOUSEHOLD_STATE_, code, code);
	FIELD_SET(s, HOUSEHOLD_STATE_, ledger, r->t->ledger->no);
	if (year)
		FIELD_SET(s, HOUSEHOLD_STATE_, year, year);
	if (r->day)
		FIELD_SET(s, HOUSEHOLD_STATE_, valid_from, r->day);
	h->state[kind] = (int64_t)p->household_state.n - 1;
}

static void take_states(struct rosters *r, struct hh *h, const struct ledger_row *row)
{
	const struct ledger_cell *status = ledger_cell_at(row, r->col_status);
	const struct ledger_cell *exit = ledger_cell_at(row, r->col_exit_year);
	const struct ledger_cell *attr = ledger_cell_at(row, r->col_attr);
	if (status->state == LEDGER_OK) {
		int64_t year = exit->state == LEDGER_OK ? exit->v : status->year;
		set_state(r, h, STATE_STATUS, str_dup(&r->p->a, status->text), year);
	}
	if (attr->state == LEDGER_OK)
		set_state(r, h, STATE_ATTR, str_dup(&r->p->a, attr->text), 0);
}

/* Some rosters ask the other way round: 住房是否安全, 饮水是否困难. */
static void take_opposites(struct rosters *r, const struct ledger_row *row,
                           struct household_year *y)
{
	const struct ledger_cell *safe = ledger_cell_at(row, r->col_house_safe);
	const struct ledger_cell *dry = ledger_cell_at(row, r->col_water_unsafe);
	if (safe->state == LEDGER_OK && !FIELD_HAS(y, HOUSEHOLD_YEAR_, unsafe_house))
		FIELD_SET(y, HOUSEHOLD_YEAR_, unsafe_house, safe->v == 0);
	if (dry->state == LEDGER_OK && !FIELD_HAS(y, HOUSEHOLD_YEAR_, water_safe))
		FIELD_SET(y, HOUSEHOLD_YEAR_, water_safe, dry->v == 0);
}

/* The household's columns: the head's row has them; others fill what is empty. */
static void take_household(struct rosters *r, struct hh *h, const struct ledger_row *row, bool first)
{
	struct project *p = r->p;
	struct household *rec = &WANTED(p, household, h->record);
	if (first) {
		int64_t no = rec->no;
		*rec = (struct household){.no = no};
		FIELD_SET(rec, HOUSEHOLD_, ident, h->ident);
		FIELD_SET(rec, HOUSEHOLD_, ledger, r->t->ledger->no);
		struct household_year *y = NULL;
		if (h->year_record >= 0 && WANTED(p, household_year, h->year_record).year == r->year)
			y = &WANTED(p, household_year, h->year_record);
		if (!y) {
			y = wanted_add(&p->household_year, &household_year_desc);
			h->year_record = (int64_t)p->household_year.n - 1;
		}
		*y = (struct household_year){0};
		FIELD_SET(y, HOUSEHOLD_YEAR_, household, no);
		FIELD_SET(y, HOUSEHOLD_YEAR_, year, r->year);
		FIELD_SET(y, HOUSEHOLD_YEAR_, ledger, r->t->ledger->no);
	}
	const struct ledger_cell *no = ledger_role(r->t, row, PACK_ROLE_HH_NO);
	const struct ledger_cell *name = ledger_role(r->t, row, PACK_ROLE_NAME);
	const struct ledger_cell *head = ledger_role(r->t, row, PACK_ROLE_HEAD_NAME);
	const char *village = row_village(p, r->t, row);
	struct household_year *year = &WANTED(p, household_year, h->year_record);
	bool speaks = h->roster == r->at;
	if (no && no->state == LEDGER_OK && !rec->hh_no)
		FIELD_SET(rec, HOUSEHOLD_, hh_no, text_of(r, no));
	if (village && !rec->village)
		FIELD_SET(rec, HOUSEHOLD_, village, village);
	if (is_head(r, row) && name && !h->head_seen && (speaks || !rec->head_name)) {
		FIELD_SET(rec, HOUSEHOLD_, head_name, text_of(r, name));
		h->head_seen = true;
	} else if (head && !rec->head_name) {
		FIELD_SET(rec, HOUSEHOLD_, head_name, text_of(r, head));
	}
	fill_record(&r->household, row, &p->a, rec);
	if (year->year == r->year) {
		fill_record(&r->household_year, row, &p->a, year);
		take_opposites(r, row, year);
	}
	if (speaks)
		take_states(r, h, row);
}

/* --- people ------------------------------------------------------------------ */

enum { SAME_NUMBER = 4, SAME_NAME_BIRTH = 3, NEAR_NUMBER = 2, SAME_NAME = 1 };

static int likeness_to(const struct known_before *k, struct str name, const struct idno *id,
                       date_t birth)
{
	if (idno_full(&k->id) && idno_full(id) && idno_relate(&k->id, id) == IDNO_SAME)
		return SAME_NUMBER;
	bool same_name = k->name && name.n && str_is(name, k->name);
	if (same_name && birth && k->birth == birth)
		return SAME_NAME_BIRTH;
	enum idno_relation rel = idno_relate(&k->id, id);
	if (same_name && (rel == IDNO_ONE_DIGIT || rel == IDNO_SWAP || rel == IDNO_SAME_15))
		return NEAR_NUMBER;
	return same_name ? SAME_NAME : 0;
}

static int likeness(const struct known *k, struct str name, const struct idno *id, date_t birth)
{
	int now = likeness_to(&(struct known_before){k->name, k->id, k->birth}, name, id, birth);
	int before = k->before ? likeness_to(k->before, name, id, birth) : 0;
	return now > before ? now : before;
}

/* The member of the household that the row means, or a new one.  Two rows of one roster are two
 * people, and of two whom nothing tells apart the first row means the first. */
static struct known *member_of(struct rosters *r, struct hh *h, struct str name,
                               const struct idno *id, date_t birth)
{
	size_t best = 0, last = 0;
	int best_score = 0;
	for (size_t i = h->first_known; i; i = r->known.p[i - 1].next) {
		struct known *k = &r->known.p[i - 1];
		last = i;
		bool named = k->step == r->step && k->roster == r->at;
		int score = named ? 0 : likeness(k, name, id, birth);
		if (score > best_score) {
			best = i;
			best_score = score;
		}
	}
	if (best)
		return &r->known.p[best - 1];
	struct known *k = vec_push(&r->known);
	k->person = k->membership = k->year_record = -1;
	if (last)
		r->known.p[last - 1].next = r->known.n;
	else
		h->first_known = r->known.n;
	return k;
}

static void take_identity(struct rosters *r, struct known *k, const struct ledger_row *row,
                          struct person *rec)
{
	const struct ledger_cell *id = ledger_role(r->t, row, PACK_ROLE_ID);
	unsigned char index[KEY_INDEX_BYTES];
	FIELD_SET(rec, PERSON_, name, k->name);
	if (!id)
		return;
	FIELD_SET(rec, PERSON_, id_text, text_of(r, id));
	if (id->lossy)
		FIELD_SET(rec, PERSON_, id_lossy, true);
	if (!idno_full(&k->id) || !r->p->due.people) /* the key is only to be written */
		return;
	keys_index(journal_keys(r->p->j), "id", str_c(k->id.id18), index);
	FIELD_SET(rec, PERSON_, id_key,
	          str_copy(&r->p->a, (struct str){(const char *)index, sizeof(index)}));
}

static void take_person(struct rosters *r, struct known *k, const struct ledger_row *row)
{
	struct project *p = r->p;
	int64_t no = k->no ? k->no : p->next_person++;
	if (k->person < 0) {
		(void)wanted_add(&p->person, &person_desc);
		k->person = (int64_t)p->person.n - 1;
	}
	k->no = no;
	struct person *rec = &WANTED(p, person, k->person);
	*rec = (struct person){.no = no};
	take_identity(r, k, row, rec);
	fill_record(&r->person, row, &p->a, rec);
	if (k->year_record < 0 || WANTED(p, person_year, k->year_record).year != r->year) {
		(void)wanted_add(&p->person_year, &person_year_desc);
		k->year_record = (int64_t)p->person_year.n - 1;
	}
	struct person_year *y = &WANTED(p, person_year, k->year_record);
	*y = (struct person_year){0};
	FIELD_SET(y, PERSON_YEAR_, person, no);
	FIELD_SET(y, PERSON_YEAR_, year, r->year);
	FIELD_SET(y, PERSON_YEAR_, ledger, r->t->ledger->no);
	fill_record(&r->person_year, row, &p->a, y);
}

/* A newer roster has him already. */
static void add_to_person(struct rosters *r, const struct known *k, const struct ledger_row *row)
{
	struct project *p = r->p;
	struct person_year *y = &WANTED(p, person_year, k->year_record);
	fill_record(&r->person, row, &p->a, &WANTED(p, person, k->person));
	if (y->year == r->year)
		fill_record(&r->person_year, row, &p->a, y);
}

static void take_membership(struct rosters *r, struct hh *h, struct known *k,
                            const struct ledger_row *row)
{
	struct project *p = r->p;
	const struct ledger_cell *rel = ledger_role(r->t, row, PACK_ROLE_RELATION);
	const char *relation = rel && rel->state == LEDGER_OK ? text_of(r, rel) : NULL;
	int64_t line = (int64_t)++h->lines;
	if (k->membership >= 0) {
		struct membership *old = &WANTED(p, membership, k->membership);
		bool same = (relation == NULL) == (old->relation == NULL) &&
		            (!relation || strcmp(relation, old->relation) == 0);
		if (same && old->line == line)
			return;
		if (r->day && old->valid_from != r->day)
			FIELD_SET(old, MEMBERSHIP_, valid_to, r->day);
	}
	struct membership *m = wanted_add(&p->membership, &membership_desc);
	k->membership = (int64_t)p->membership.n - 1;
	FIELD_SET(m, MEMBERSHIP_, person, k->no);
	FIELD_SET(m, MEMBERSHIP_, household, WANTED(p, household, h->record).no);
	if (relation)
		FIELD_SET(m, MEMBERSHIP_, relation, relation);
	FIELD_SET(m, MEMBERSHIP_, line, line);
	if (r->day)
		FIELD_SET(m, MEMBERSHIP_, valid_from, r->day);
	FIELD_SET(m, MEMBERSHIP_, ledger, r->t->ledger->no);
	FIELD_SET(m, MEMBERSHIP_, place,
	          arena_printf(&p->a, STR_FMT "!%u", STR_ARG(row->sheet), row->number));
}

/* Number of the erased person whom a row would bring back; 0 = none. */
static int64_t erased_person(const struct rosters *r, const struct idno *id)
{
	unsigned char index[KEY_INDEX_BYTES];
	if (!r->erased.n || !idno_full(id))
		return 0;
	keys_index(journal_keys(r->p->j), "id", str_c(id->id18), index);
	return map_get(&r->erased, (struct str){(const char *)index, sizeof(index)}, 0);
}

/* Of an erased person only stays that somebody belongs to the household. */
static void take_erased(struct rosters *r, struct hh *h, const struct ledger_row *row, int64_t no)
{
	size_t i = h->first_known;
	h->head_erased |= is_head(r, row);
	while (i && r->known.p[i - 1].no != no)
		i = r->known.p[i - 1].next;
	if (!i)
		return;
	r->known.p[i - 1].step = r->step;
	take_membership(r, h, &r->known.p[i - 1], row);
}

static void take_row(struct rosters *r, const struct ledger_row *row)
{
	const struct ledger_cell *name = ledger_role(r->t, row, PACK_ROLE_NAME);
	const struct ledger_cell *id = ledger_role(r->t, row, PACK_ROLE_ID);
	const struct ledger_cell *birth = ledger_role(r->t, row, PACK_ROLE_BIRTH);
	if (!name && !id)
		return;
	struct hh *h = household_of(r, row);
	bool first = h->step != r->step;
	if (first) {
		h->step = r->step;
		h->roster = r->at;
		h->head_seen = h->head_erased = false;
		h->lines = 0;
	} else if (h->roster != r->at) {
		r->of[h->roster].shares = r->of[r->at].shares = true;
	}
	if (h->town != r->town)
		project_join(r->p, h->town, r->town);
	number_household(r, h);
	take_household(r, h, row, first);
	struct idno number = idno_parse(id ? id->text : STR(""), id && id->lossy);
	date_t born = birth && birth->state == LEDGER_OK ? (date_t)birth->v : 0;
	int64_t gone = erased_person(r, &number);
	r->open = h - r->hhs.p;
	r->open_block = row->block;
	if (gone)
		take_erased(r, h, row, gone);
	if (h->head_erased) {
		WANTED(r->p, household, h->record).head_name = NULL;
		FIELD_DROP(&WANTED(r->p, household, h->record), HOUSEHOLD_, head_name);
	}
	if (gone)
		return;
	struct known *k = member_of(r, h, name ? name->text : STR(""), &number, born);
	if (k->step == r->step && k->person >= 0) {
		add_to_person(r, k, row);
		return;
	}
	k->step = r->step;
	k->roster = r->at;
	k->name = text_of(r, name);
	k->id = number;
	k->birth = born;
	take_person(r, k, row);
	take_membership(r, h, k, row);
}

static int64_t roster_year(const struct ledger *l)
{
	if (l->year)
		return l->year;
	if (!l->as_of)
		return 0;
	/* a list made up in winter or spring speaks of the year that ended */
	return date_year(l->as_of) - (date_prec(l->as_of) >= DATE_MONTH && date_month(l->as_of) < 7);
}

/* Where the columns of a roster go. */
static void begin_roster(struct rosters *r, const struct ledger_table *t)
{
	r->t = t;
	r->town = place_of_ledger(&r->p->places, r->at);
	r->year = roster_year(t->ledger);
	r->open = -1;
	r->open_block = 0;
	r->household = fill_make(&household_desc, t->layout);
	r->household_year = fill_make(&household_year_desc, t->layout);
	r->person = fill_make(&person_desc, t->layout);
	r->person_year = fill_make(&person_year_desc, t->layout);
	r->col_status = pack_column(t->layout, "status");
	r->col_exit_year = pack_column(t->layout, "exit_year");
	r->col_attr = pack_column(t->layout, "attr");
	r->col_house_safe = pack_column(t->layout, "house_safe");
	r->col_water_unsafe = pack_column(t->layout, "water_unsafe");
	r->household.col[HOUSEHOLD_village] = r->household.col[HOUSEHOLD_hh_no] = -1;
	r->household.col[HOUSEHOLD_head_name] = -1;
	r->person.col[PERSON_name] = r->person.col[PERSON_id_text] = -1;
}

/* Row by row: of one that is taken only what is copied stays. */
static enum err take_lines(struct rosters *r, const struct ledger_lines *lines, struct arena *a)
{
	struct ledger_reader reader;
	struct ledger_row row;
	begin_roster(r, &lines->table);
	ledger_reader_init(&reader, lines, NULL, a);
	for (size_t i = 0; i < lines->n; i++) {
		if (!ledger_reader_row(&reader, lines->line[i], &row))
			return diag_set(db_diag(r->p->db), ERR_FILE_DAMAGED, "ledger %lld",
			                (long long)r->t->ledger->no);
		take_row(r, &row);
	}
	return OK;
}

enum err roster_open(struct rosters *r, size_t at, struct arena *a, struct ledger_lines *ret)
{
	const struct project *p = r->p;
	enum err e = ledger_lines_fetch(p->db, journal_keys(p->j), p->pack, p->areas, &p->ledgers[at],
	                                false, a, ret);
	return e ? e : ledger_lines_open_all(ret, db_diag(p->db));
}

enum err roster_take(struct rosters *r, size_t at)
{
	struct ledger_lines lines = {0};
	struct arena a; /* the lines */
	arena_init(&a, 0);
	enum err e = roster_open(r, at, &a, &lines);
	r->at = at;
	if (!e)
		e = take_lines(r, &lines, &a);
	r->t = NULL;
	ledger_lines_release(&lines);
	arena_release(&a);
	return e;
}
