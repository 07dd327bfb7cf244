/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Rosters, one after the other by their as-of date: households, people, and
 * spans of what changed between them.
 */
#include "ledger/lines.h"
#include "ledger/project_in.h"

#include "base/banned.h"

/* A household as the rosters read so far have it. */
struct hh {
	size_t record;       /* in p->household */
	const char *ident;
	size_t step;         /* the last one that named it, from 1 */
	int64_t state[2];    /* open span of p->household_state by kind, -1 none */
	int64_t year_record; /* of p->household_year, of the newest year */
	size_t first_known;  /* chain through known.next: people of this household */
	bool head_seen;      /* in this step */
	bool head_erased;    /* the head may not be named */
	size_t lines;        /* members in this step */
};

/* What the ledgers called somebody whose name, number or birth was corrected. */
struct known_before {
	const char *name;
	struct idno id;
	date_t birth;
};

/* Somebody who is or was a member. */
struct known {
	size_t next; /* of the same household; 0 = end (index + 1) */
	int64_t no;  /* number of the stored person; 0 = new */
	const char *name;
	struct idno id;
	date_t birth;
	const struct known_before *before; /* NULL = nothing was corrected */
	int64_t person;      /* in p->person; -1 = not named by a roster yet */
	int64_t membership;  /* open span of p->membership; -1 none */
	int64_t year_record; /* of p->person_year */
	size_t step;
};

struct rosters {
	struct project *p;
	struct map by_ident;      /* -> hhs index */
	VEC(struct hh) hhs;
	VEC(struct known) known;
	struct map stored;        /* ident -> number of the stored household */
	struct map erased;        /* keyed index of a number -> number of the erased person */
	struct imap stored_known; /* household number -> first known (index + 1) */
	date_t day;               /* of the step */
	size_t step;
	const struct ledger_table *t;
	struct fill household, household_year, person, person_year, membership;
	int col_status, col_exit_year, col_attr, col_house_safe, col_water_unsafe; /* or -1 */
	int64_t year;
	int64_t open;             /* household of the row before (-1 none), for rosters without numbers */
	uint32_t open_block;
};

enum { STATE_STATUS, STATE_ATTR };

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

static enum err load_stored(struct rosters *r)
{
	struct project *p = r->p;
	struct household *hh = NULL;
	struct person *persons = NULL;
	struct membership *ms = NULL;
	size_t n_hh = 0, n_persons = 0, n_ms = 0;
	struct imap at;
	enum err e = stmt_records(db_all(p->db, &household_desc), &household_desc, &p->a, &hh, &n_hh);
	if (!e)
		e = stmt_records(db_all(p->db, &person_desc), &person_desc, &p->a, &persons, &n_persons);
	if (!e)
		e = stmt_records(db_all(p->db, &membership_desc), &membership_desc, &p->a, &ms, &n_ms);
	if (e)
		return e;
	for (size_t i = 0; i < n_hh; i++)
		if (hh[i].ident)
			(void)map_set(&r->stored, str_c(hh[i].ident), hh[i].no);
	imap_init(&at);
	for (size_t i = 0; i < n_persons; i++) {
		(void)imap_set(&at, persons[i].no, (int64_t)i);
		if (!persons[i].name && !persons[i].id_text && persons[i].id_key.n)
			(void)map_set(&r->erased, persons[i].id_key, persons[i].no);
	}
	for (size_t i = 0; i < n_ms; i++) {
		int64_t k = imap_get(&at, ms[i].person, -1);
		if (k < 0 || !imap_set(&at, -ms[i].person, 1))
			continue; /* erased, or known through another span */
		struct known *kn = vec_push(&r->known);
		int64_t *first = imap_slot(&r->stored_known, ms[i].household, 0);
		kn->no = persons[k].no;
		kn->name = persons[k].name;
		kn->id = idno_parse(str_c(persons[k].id_text), persons[k].id_lossy);
		kn->birth = persons[k].birth;
		kn->before = before_pins(p, &persons[k]);
		kn->person = kn->membership = kn->year_record = -1;
		kn->next = (size_t)*first;
		*first = (int64_t)r->known.n;
	}
	imap_release(&at);
	return OK;
}

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

/* Identity of the row's household: its number, else village, head and the
 * head's number; NULL = that of the row before. */
static const char *household_ident(struct rosters *r, const struct ledger_row *row)
{
	const struct ledger_cell *no = ledger_role(r->t, row, PACK_ROLE_HH_NO);
	if (no && no->state == LEDGER_OK && no->text.n)
		return arena_printf(&r->p->a, "N:" STR_FMT, STR_ARG(no->text));
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
	return opaque_ident(r, arena_printf(&r->p->a, "%s:" STR_FMT ":" STR_FMT,
	                                    village ? village : "", STR_ARG(who), STR_ARG(number)));
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
	if (no && no->state == LEDGER_OK && !rec->hh_no)
		FIELD_SET(rec, HOUSEHOLD_, hh_no, text_of(r, no));
	if (village && !rec->village)
		FIELD_SET(rec, HOUSEHOLD_, village, village);
	if (is_head(r, row) && name && !h->head_seen) {
		FIELD_SET(rec, HOUSEHOLD_, head_name, text_of(r, name));
		h->head_seen = true;
	} else if (head && !rec->head_name) {
		FIELD_SET(rec, HOUSEHOLD_, head_name, text_of(r, head));
	}
	fill_record(&r->household, row, &p->a, rec);
	fill_record(&r->household_year, row, &p->a, &WANTED(p, household_year, h->year_record));
	take_opposites(r, row, &WANTED(p, household_year, h->year_record));
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

/* The member of the household that the row means, or a new one. */
static struct known *member_of(struct rosters *r, struct hh *h, struct str name,
                               const struct idno *id, date_t birth)
{
	size_t best = 0;
	int best_score = 0;
	for (size_t i = h->first_known; i; i = r->known.p[i - 1].next) {
		struct known *k = &r->known.p[i - 1];
		int score = k->step == r->step ? 0 : likeness(k, name, id, birth);
		if (score > best_score) {
			best = i;
			best_score = score;
		}
	}
	if (best)
		return &r->known.p[best - 1];
	struct known *k = vec_push(&r->known);
	k->person = k->membership = k->year_record = -1;
	k->next = h->first_known;
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
	if (!idno_full(&k->id))
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
		h->head_seen = h->head_erased = false;
		h->lines = 0;
	}
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
	k->step = r->step;
	k->name = text_of(r, name);
	k->id = number;
	k->birth = born;
	take_person(r, k, row);
	take_membership(r, h, k, row);
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

static enum err take_roster(struct rosters *r, const struct ledger *l)
{
	const struct project *p = r->p;
	struct ledger_lines lines = {0};
	struct arena a; /* the lines */
	arena_init(&a, 0);
	enum err e = ledger_lines_fetch(p->db, journal_keys(p->j), p->pack, p->areas, l, false, &a,
	                                &lines);
	if (!e)
		e = ledger_lines_open_all(&lines, db_diag(p->db));
	if (!e)
		e = take_lines(r, &lines, &a);
	r->t = NULL;
	ledger_lines_release(&lines);
	arena_release(&a);
	return e;
}

static enum err run_steps(struct rosters *r)
{
	struct project *p = r->p;
	bool *in = ARENA_ARRAY(&p->a, p->n_ledgers + 1, bool);
	date_t day = 0, last = -1;
	for (;;) {
		/* the next as-of day of any roster, undated ones first */
		day = -1;
		for (size_t i = 0; i < p->n_ledgers; i++) {
			date_t d = p->ledgers[i].as_of ? date_first(p->ledgers[i].as_of) : 0;
			if (strcmp(p->ledgers[i].layout, "roster") == 0 && d > last &&
			    (day < 0 || d < day))
				day = d;
		}
		if (day < 0)
			return OK;
		last = day;
		ledger_in_force(p->ledgers, p->n_ledgers, day ? day : 18000101, in);
		r->step++;
		r->day = day;
		for (size_t i = 0; i < p->n_ledgers; i++) {
			if (!in[i] || strcmp(p->ledgers[i].layout, "roster") != 0)
				continue;
			enum err e = take_roster(r, &p->ledgers[i]);
			if (e)
				return e;
		}
		end_step(r);
	}
}

enum err project_rosters(struct project *p)
{
	struct rosters r = {.p = p};
	map_init(&r.by_ident);
	map_init(&r.stored);
	map_init(&r.erased);
	imap_init(&r.stored_known);
	enum err e = journal_free_no(p->j, "household", &p->next_household);
	if (!e)
		e = journal_free_no(p->j, "person", &p->next_person);
	if (!e)
		e = load_stored(&r);
	if (!e)
		e = run_steps(&r);
	p->counts.households = (int64_t)r.hhs.n;
	p->counts.persons = (int64_t)p->person.n;
	map_release(&r.by_ident);
	map_release(&r.erased);
	map_release(&r.stored);
	imap_release(&r.stored_known);
	vec_free(&r.hhs);
	vec_free(&r.known);
	return e;
}
