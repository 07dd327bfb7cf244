/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The offices' ledgers on the day: their rows, whose they are, and the people
 * off the register whom they name.
 */
#include "check/town_in.h"

#include "ledger/project.h"
#include "ledger/row_match.h"

#include "base/banned.h"

/* Rows of the ledgers in force of one layout. */
/* Somebody whom an unclear row may be about. */
struct candidate {
	size_t row;
	int32_t person;
};

struct layout_rows {
	const struct pack_layout *layout;
	size_t n, n_tables;
	struct ledger_table tables[64];
	int32_t town_ledger[64];
	const struct ledger_row **row; /* all rows behind each other */
	uint8_t *table;                /* by row */
	bool outsiders; /* a rule asks for people off the register whom it names */
	struct match_row *match_rows;
	struct match_link *links;
	VEC(struct candidate) candidates; /* in the order of the rows */
	size_t next_candidate;            /* of the row that is put next */
};

struct linking {
	struct loader *l;
	struct layout_rows *rows; /* by layout of the pack */
	size_t n_layouts;
	size_t bridge;     /* index of the population layout, or n_layouts */
	struct match *match;
	struct map answers; /* layout, row key -> index */
	struct link_answer *answer;
	size_t n_answers;
	VEC(struct town_outsider) outsiders;
	struct map outsider_of; /* number, or name and village -> index */
};

/* --- reading -------------------------------------------------------------------------- */

/* "ledger dibao:" or "ledger(dibao:" */
static bool reads_ledger(struct str when, const char *layout)
{
	static const struct str starts[] = {STR("ledger "), STR("ledger(")};
	size_t n = strlen(layout);
	for (size_t k = 0; k < sizeof(starts) / sizeof(*starts); k++)
		for (struct str s = when;;) {
			size_t at = str_find(s, starts[k]);
			if (at == SIZE_MAX)
				break;
			s = str_sub(s, at + starts[k].n, s.n);
			if (str_starts(s, str_c(layout)) && s.n > n && (s.p[n] == ':' || s.p[n] == ')'))
				return true;
		}
	return false;
}

/* Does a rule about people off the register look at this ledger? */
static bool wants_outsiders(const struct pack *pack, const char *layout)
{
	for (size_t i = 0; i < pack->n_rules; i++)
		if (pack->rules[i].enabled && strcmp(pack->rules[i].scope, "outsider") == 0 &&
		    reads_ledger(str_c(pack->rules[i].when.text), layout))
			return strcmp(layout, "population") != 0;
	return false;
}

static enum err read_layout(struct linking *k, size_t i)
{
	struct loader *l = k->l;
	struct layout_rows *r = &k->rows[i];
	r->layout = &l->o->pack->layouts[i];
	r->outsiders = wants_outsiders(l->o->pack, r->layout->id);
	for (size_t g = 0; g < l->n_ledgers; g++) {
		if (l->town_ledger[g] < 0 || strcmp(l->ledgers[g].layout, r->layout->id) != 0 ||
		    (project_concerns(r->layout->id) && !ledger_is_population(r->layout->id)))
			continue;
		if (r->n_tables == sizeof(r->tables) / sizeof(*r->tables))
			return diag_set(db_diag(l->db), ERR_RESOURCE, "%s", r->layout->id);
		r->town_ledger[r->n_tables] = l->town_ledger[g];
		enum err e = ledger_read(l->o->j, l->o->pack, l->o->areas, &l->ledgers[g], l->a,
		                         &r->tables[r->n_tables]);
		if (e)
			return e;
		r->n += r->tables[r->n_tables++].n;
	}
	r->row = ARENA_ARRAY(l->a, r->n + 1, const struct ledger_row *);
	r->table = ARENA_ARRAY(l->a, r->n + 1, uint8_t);
	size_t n = 0;
	for (size_t t = 0; t < r->n_tables; t++)
		for (size_t x = 0; x < r->tables[t].n; x++) {
			r->row[n] = &r->tables[t].rows[x];
			r->table[n++] = (uint8_t)t;
		}
	return OK;
}

static struct str role_text(const struct layout_rows *r, size_t i, enum pack_role role)
{
	const struct ledger_cell *c = ledger_role(&r->tables[r->table[i]], r->row[i], role);
	return c ? c->text : STR("");
}

static int64_t area_of(const struct layout_rows *r, size_t i)
{
	return row_area(&r->tables[r->table[i]], r->row[i]);
}

/* --- linking ---------------------------------------------------------------------------- */

static struct match_bridge *make_bridge(struct linking *k, const struct layout_rows *r)
{
	struct match_bridge *b = ARENA_ARRAY(k->l->a, r->n + 1, struct match_bridge);
	for (size_t i = 0; i < r->n; i++)
		b[i] = row_for_bridge(k->l->o->pack, &r->tables[r->table[i]], r->row[i]);
	return b;
}

static enum sex town_sex(const struct loader *l, int16_t code)
{
	const struct pack_list *list = pack_list(l->o->pack, "sex");
	return list && code >= 0 ? sex_parse(str_c(list->codes[code].label.in[LANG_ZH])) : SEX_UNKNOWN;
}

/* Place in the area list of a village of the town. */
static int32_t area_index(const struct loader *l, int32_t village)
{
	for (size_t i = 0; village >= 0 && i < l->o->areas->n; i++)
		if (l->village_of_area[i] == village)
			return (int32_t)i;
	return MATCH_NONE;
}

static void make_match(struct linking *k)
{
	struct loader *l = k->l;
	const struct town *t = l->t;
	struct match_person *p = ARENA_ARRAY(l->a, t->n_persons + 1, struct match_person);
	struct match_household *h = ARENA_ARRAY(l->a, t->n_households + 1, struct match_household);
	int32_t *area = ARENA_ARRAY(l->a, t->n_villages + 1, int32_t);
	const struct pack_list *relations = pack_list(l->o->pack, "relation");
	int head = relations ? pack_code_by_id(relations, "head") : -1;
	for (size_t i = 0; i < t->n_villages; i++)
		area[i] = area_index(l, (int32_t)i);
	for (size_t i = 0; i < t->n_households; i++)
		h[i] = (struct match_household){
			.hh_no = t->households[i].hh_no,
			.village = t->households[i].village >= 0 ? area[t->households[i].village] : MATCH_NONE,
			.head = MATCH_NONE, .phone = t->households[i].phone,
			.group = t->households[i].group, .address = t->households[i].address};
	for (size_t i = 0; i < t->n_persons; i++) {
		const struct town_person *q = &t->persons[i];
		bool is_head = q->relation == head && head >= 0;
		p[i] = (struct match_person){
			.key = q->place, .name = q->name,
			.id = idno_parse(q->id_raw, (q->id_state & IDNO_LOSSY) != 0),
			.sex = town_sex(l, q->sex), .birth = q->birth, .village = h[q->household].village,
			.household = q->household, .phone = q->phone, .head = is_head};
		if (is_head && h[q->household].head == MATCH_NONE)
			h[q->household].head = (int32_t)i;
	}
	struct match_people *people = ARENA_NEW(l->a, struct match_people);
	*people = (struct match_people){
		.areas = areas_for_match(l->o->areas, l->a), .n_areas = l->o->areas->n,
		.persons = p, .n_persons = t->n_persons,
		.households = h, .n_households = t->n_households};
	if (k->bridge < k->n_layouts) {
		people->bridge = make_bridge(k, &k->rows[k->bridge]);
		people->n_bridge = k->rows[k->bridge].n;
	}
	k->match = match_new(people);
}

static enum err load_answers(struct linking *k)
{
	struct loader *l = k->l;
	return stmt_records(db_stmt(l->db, STMT_link_answers), &link_answer_desc, l->a, &k->answer,
	                    &k->n_answers);
}

/* What people decided about rows of this layout. */
static struct match_fixed *fixed_of(struct linking *k, const struct layout_rows *r, size_t *ret_n)
{
	struct match_fixed *out = ARENA_ARRAY(k->l->a, k->n_answers + 1, struct match_fixed);
	*ret_n = 0;
	for (size_t i = 0; i < k->n_answers; i++)
		if (strcmp(k->answer[i].layout, r->layout->id) == 0)
			out[(*ret_n)++] = (struct match_fixed){
				k->answer[i].row_key,
				(int32_t)imap_get(&k->l->person, k->answer[i].person, -1),
				(int32_t)imap_get(&k->l->household, k->answer[i].household, -1)};
	return out;
}

static void note_candidate(void *arg, size_t row, int32_t person)
{
	struct layout_rows *r = arg;
	*vec_push(&r->candidates) = (struct candidate){row, person};
}

static void link_layout(struct linking *k, struct layout_rows *r)
{
	struct match_opts opts = {
		.target = r->layout->subject == PACK_SUBJECT_HOUSEHOLD ? MATCH_HOUSEHOLD : MATCH_PERSON,
		.one_to_one = r->layout->one_to_one,
		.candidate = note_candidate,
		.arg = r,
	};
	r->match_rows = ARENA_ARRAY(k->l->a, r->n + 1, struct match_row);
	r->links = ARENA_ARRAY(k->l->a, r->n + 1, struct match_link);
	for (size_t i = 0; i < r->n; i++)
		r->match_rows[i] = row_for_match(k->l->o->pack, k->l->o->areas,
		                                 &r->tables[r->table[i]], r->row[i]);
	opts.fixed = fixed_of(k, r, &opts.n_fixed);
	match_ledger(k->match, r->match_rows, r->n, &opts, r->links);
}

/* --- rows of households that nothing settles ------------------------------------------------ */

static const struct {
	const char *layout;
	enum town_fact fact;
} household_facts[] = {
	{"income", TOWN_INCOME}, {"duty", TOWN_DUTY},         {"measure", TOWN_MEASURE},
	{"visit", TOWN_VISIT},   {"contract", TOWN_CONTRACT},
};

/* Everybody whom the row's name and village may mean. */
static void mark_namesakes(struct loader *l, const struct match_row *m, int32_t village,
                           enum town_fact fact)
{
	struct str name = m->head_name.n ? m->head_name : m->name;
	for (size_t i = 0; i < l->t->n_households; i++) {
		struct town_household *h = (struct town_household *)&l->t->households[i];
		if (str_eq(h->head_name, name) && (village < 0 || h->village < 0 || h->village == village))
			h->unsettled |= (uint8_t)fact;
	}
}

/* By household: does the register have a record of this fact? */
static const bool *with_records(const struct loader *l, enum town_fact fact)
{
	const struct town *t = l->t;
	bool *has = ARENA_ARRAY(l->a, t->n_households + 1, bool);
	for (size_t i = 0; fact == TOWN_INCOME && i < t->n_incomes; i++)
		has[t->incomes[i].household] = true;
	for (size_t i = 0; fact == TOWN_DUTY && i < t->n_duties; i++)
		has[t->duties[i].household] = true;
	for (size_t i = 0; fact == TOWN_MEASURE && i < t->n_measures; i++)
		has[t->measures[i].household] = true;
	for (size_t i = 0; fact == TOWN_VISIT && i < t->n_visits; i++)
		has[t->visits[i].household] = true;
	for (size_t i = 0; fact == TOWN_CONTRACT && i < t->n_contracts; i++)
		has[t->contracts[i].household] = true;
	return has;
}

/* A row of duties with nobody in it left no record because there is no duty. */
static bool names_no_helper(const struct ledger_table *t, size_t row)
{
	int helper = strcmp(t->layout->id, "duty") == 0 ? pack_column(t->layout, "helper") : -1;
	return helper >= 0 && ledger_cell_at(&t->rows[row], helper)->state == LEDGER_EMPTY;
}

static void mark_unsettled(struct linking *k, const struct ledger_table *t, enum town_fact fact)
{
	struct loader *l = k->l;
	struct layout_rows r = {.layout = t->layout, .n = t->n, .n_tables = 1};
	struct match_opts opts = {.target = MATCH_HOUSEHOLD, .one_to_one = t->layout->one_to_one};
	r.tables[0] = *t;
	r.row = ARENA_ARRAY(l->a, t->n + 1, const struct ledger_row *);
	r.table = ARENA_ARRAY(l->a, t->n + 1, uint8_t);
	r.match_rows = ARENA_ARRAY(l->a, t->n + 1, struct match_row);
	r.links = ARENA_ARRAY(l->a, t->n + 1, struct match_link);
	for (size_t i = 0; i < t->n; i++) {
		r.row[i] = &t->rows[i];
		r.match_rows[i] = row_for_match(l->o->pack, l->o->areas, t, &t->rows[i]);
		r.match_rows[i].phone = STR("");
	}
	match_ledger(k->match, r.match_rows, t->n, &opts, r.links);
	const bool *has = with_records(l, fact);
	for (size_t i = 0; i < t->n; i++) {
		int32_t h = r.links[i].household;
		if (h >= 0 && r.links[i].household_band >= MATCH_PROBABLE) {
			/* linked now, but not when it was handed in: the row has no record */
			if (!has[h] && !names_no_helper(t, i))
				((struct town_household *)&l->t->households[h])->unsettled |= (uint8_t)fact;
			continue;
		}
		int64_t area = area_of(&r, i);
		mark_namesakes(l, &r.match_rows[i], area >= 0 ? l->village_of_area[area] : TOWN_NONE, fact);
	}
}

/* Only ledgers without household numbers leave rows open between namesakes. */
static enum err load_unsettled(struct linking *k)
{
	struct loader *l = k->l;
	enum err e = OK;
	for (size_t g = 0; !e && g < l->n_ledgers; g++) {
		if (l->town_ledger[g] < 0 ||
		    (l->ledgers[g].columns && strstr(l->ledgers[g].columns, "=hh_no")))
			continue;
		for (size_t f = 0; !e && f < sizeof(household_facts) / sizeof(*household_facts); f++) {
			struct ledger_table t;
			if (strcmp(l->ledgers[g].layout, household_facts[f].layout) != 0)
				continue;
			e = ledger_read(l->o->j, l->o->pack, l->o->areas, &l->ledgers[g], l->a, &t);
			if (!e)
				mark_unsettled(k, &t, household_facts[f].fact);
		}
	}
	return e;
}

/* --- people off the register ------------------------------------------------------------- */

static int32_t outsider_for(struct linking *k, const struct layout_rows *r, size_t i)
{
	struct loader *l = k->l;
	const struct match_row *m = &r->match_rows[i];
	bool household = r->layout->subject == PACK_SUBJECT_HOUSEHOLD;
	struct str id_text = household && m->head_id.n ? m->head_id : m->id_text;
	struct str name = household && m->head_name.n ? m->head_name : m->name;
	struct idno id = idno_parse(id_text.n ? id_text : m->card_text, m->id_lossy);
	int32_t bridge = r->links[i].bridge;
	int64_t area = area_of(r, i);
	const char *key;
	if (bridge >= 0)
		key = arena_printf(l->a, "b%d", bridge);
	else if (idno_full(&id))
		key = arena_printf(l->a, "n%s", id.id18);
	else
		key = arena_printf(l->a, "v%d:" STR_FMT, (int)area, STR_ARG(name));
	int64_t *at = map_slot(&k->outsider_of, str_c(key), -1);
	if (*at >= 0)
		return (int32_t)*at;
	*at = (int64_t)k->outsiders.n;
	struct town_outsider *o = vec_push(&k->outsiders);
	*o = (struct town_outsider){
		.name = name,
		.id18 = id.n == 18 ? str_copy(l->a, str_c(id.id18)) : STR(""),
		.id_state = id.flags,
		.sex = TOWN_NONE,
		.birth = id.birth,
		.village = area >= 0 ? l->village_of_area[area] : TOWN_NONE,
	};
	if (bridge >= 0) { /* the population file knows best who that is */
		const struct layout_rows *b = &k->rows[k->bridge];
		const struct ledger_cell *c =
			ledger_role(&b->tables[b->table[bridge]], b->row[bridge], PACK_ROLE_ID);
		struct idno known = idno_parse(c ? c->text : STR(""), c && c->lossy);
		if (idno_full(&known))
			o->id18 = str_copy(l->a, str_c(known.id18));
		o->name = role_text(b, (size_t)bridge, PACK_ROLE_NAME);
		o->cancelled = row_is_cancelled(&b->tables[b->table[bridge]], b->row[bridge]);
		int64_t home = area_of(b, (size_t)bridge);
		if (home >= 0)
			o->village = l->village_of_area[home];
	}
	return (int32_t)*at;
}

/* --- into the town -------------------------------------------------------------------------- */

static struct str place_of(const struct loader *l, const struct layout_rows *r, size_t i)
{
	const struct ledger *g = r->tables[r->table[i]].ledger;
	const struct ledger_row *row = r->row[i];
	if (!row->sheet.n)
		return str_c(arena_printf(l->a, "%s!%u", g->file, row->number));
	return str_c(arena_printf(l->a, "%s!" STR_FMT "!%u", g->file, STR_ARG(row->sheet),
	                          row->number));
}

static void put_cells(const struct loader *l, const struct layout_rows *r, size_t i, struct town_cell *to)
{
	for (size_t c = 0; c < r->layout->n_columns; c++) {
		const struct ledger_cell *from = ledger_cell_at(r->row[i], (int)c);
		to[c] = (struct town_cell){.state = from->state, .v = from->v, .text = from->text};
		if (r->layout->columns[c].kind == PACK_AREA)
			to[c].v = from->v >= 0 ? l->village_of_area[from->v] : TOWN_NONE;
		if (r->layout->columns[c].kind == PACK_CODE && from->state != LEDGER_OK)
			to[c].v = from->state == LEDGER_BAD ? TOWN_OTHER : TOWN_NONE;
	}
}

static struct text why_text(const struct loader *l, const struct match_link *link)
{
	struct text t = {{NULL, NULL}};
	struct buf b;
	if (link->band == MATCH_SURE && link->method == MATCH_BY_ID)
		return t;
	buf_init(&b, 4096);
	for (int lang = 0; lang < LANG_MAX; lang++) {
		buf_clear(&b);
		match_why(link, (enum lang)lang, &b);
		t.in[lang] = str_dup(l->a, buf_str(&b));
	}
	buf_release(&b);
	return t;
}

static uint8_t band_of(enum match_band b)
{
	return b == MATCH_SURE ? TOWN_SURE : b == MATCH_PROBABLE ? TOWN_PROBABLE : TOWN_UNCLEAR;
}

struct link_sink {
	struct town_link *links;
	size_t n;
};

static void add_link(struct link_sink *s, size_t row, int32_t person, int32_t household,
                     int32_t outsider, const struct match_link *m, struct text why)
{
	enum match_band band = person >= 0 ? m->band : m->household_band;
	s->links[s->n++] = (struct town_link){
		.row = (int32_t)row, .person = person, .household = household, .outsider = outsider,
		.band = outsider >= 0 ? TOWN_SURE : band_of(band), .method = (uint8_t)m->method, .why = why};
}

static int32_t home_of(const struct loader *l, int32_t person)
{
	return person >= 0 ? l->t->persons[person].household : TOWN_NONE;
}

/* An unclear row links to everybody whom it may be about; false when nobody is known. */
static bool link_candidates(struct linking *k, struct layout_rows *r, size_t i, struct link_sink *s)
{
	const struct match_link *m = &r->links[i];
	bool by_person = r->layout->subject != PACK_SUBJECT_HOUSEHOLD;
	size_t before = s->n, n = r->candidates.n;
	struct text why = why_text(k->l, m);
	while (r->next_candidate < n && r->candidates.p[r->next_candidate].row < i)
		r->next_candidate++;
	for (; r->next_candidate < n && r->candidates.p[r->next_candidate].row == i; r->next_candidate++) {
		int32_t person = r->candidates.p[r->next_candidate].person, home = home_of(k->l, person);
		if (by_person)
			add_link(s, i, person, home, TOWN_NONE, m, why);
		else if (home >= 0 && (s->n == before || s->links[s->n - 1].household != home))
			add_link(s, i, TOWN_NONE, home, TOWN_NONE, m, why);
	}
	return s->n > before;
}

static void link_row(struct linking *k, struct layout_rows *r, size_t i, struct link_sink *s)
{
	struct loader *l = k->l;
	const struct match_link *m = &r->links[i];
	bool by_person = r->layout->subject != PACK_SUBJECT_HOUSEHOLD;
	if (m->band == MATCH_UNCLEAR && link_candidates(k, r, i, s))
		return;
	if (by_person && m->band != MATCH_NOT_OURS && m->person >= 0) {
		struct text why = why_text(l, m);
		add_link(s, i, m->person, home_of(l, m->person), TOWN_NONE, m, why);
		if (m->also >= 0)
			add_link(s, i, m->also, home_of(l, m->also), TOWN_NONE, m, why);
	} else if (m->household >= 0 && m->household_band != MATCH_NOT_OURS) {
		add_link(s, i, TOWN_NONE, m->household, TOWN_NONE, m, why_text(l, m));
	} else if (r->outsiders) {
		add_link(s, i, TOWN_NONE, TOWN_NONE, outsider_for(k, r, i), m,
		         (struct text){{NULL, NULL}});
	}
}

/* Only rows that are somebody's are handed on: rules reach rows through links. */
static void put_layout(struct linking *k, struct layout_rows *r, struct town_layout *out)
{
	struct loader *l = k->l;
	size_t n_cols = r->layout->n_columns, n = 0;
	struct link_sink sink = {ARENA_ARRAY(l->a, r->n * 2 + r->candidates.n + 1, struct town_link),
	                         0};
	for (size_t i = 0; i < r->n; i++)
		link_row(k, r, i, &sink);
	for (size_t x = 0; x < sink.n; x++)
		n += x == 0 || sink.links[x].row != sink.links[x - 1].row;
	struct town_row *rows = ARENA_ARRAY(l->a, n + 1, struct town_row);
	struct town_cell *cells = ARENA_ARRAY(l->a, (n + 1) * n_cols, struct town_cell);
	size_t at = 0;
	int32_t last = -1;
	for (size_t x = 0; x < sink.n; x++) {
		int32_t row = sink.links[x].row;
		size_t i = (size_t)row;
		if (row != last) {
			const struct match_row *m = &r->match_rows[i];
			rows[at] = (struct town_row){.ledger = r->town_ledger[r->table[i]],
			                             .number = r->row[i]->number,
			                             .place = place_of(l, r, i),
			                             .key = m->id_text.n ? m->id_text : m->name,
			                             .hash = r->row[i]->hash};
			put_cells(l, r, i, &cells[at++ * n_cols]);
			last = row;
		}
		sink.links[x].row = (int32_t)at - 1;
	}
	*out = (struct town_layout){
		.id = str_c(r->layout->id), .n_columns = n_cols, .n_rows = n, .rows = rows,
		.cells = cells, .n_links = sink.n, .links = sink.links};
}

static void put_all(struct linking *k)
{
	struct loader *l = k->l;
	struct town_layout *out = ARENA_ARRAY(l->a, k->n_layouts + 1, struct town_layout);
	size_t n = 0;
	for (size_t i = 0; i < k->n_layouts; i++)
		if (k->rows[i].n_tables)
			put_layout(k, &k->rows[i], &out[n++]);
	struct town_outsider *o = ARENA_ARRAY(l->a, k->outsiders.n + 1, struct town_outsider);
	if (k->outsiders.n)
		memcpy(o, k->outsiders.p, k->outsiders.n * sizeof(*o));
	l->t->layouts = out;
	l->t->n_layouts = n;
	l->t->outsiders = o;
	l->t->n_outsiders = k->outsiders.n;
}

enum err town_load_ledgers(struct loader *l)
{
	struct linking k = {.l = l, .n_layouts = l->o->pack->n_layouts};
	enum err e = OK;
	k.rows = ARENA_ARRAY(l->a, k.n_layouts + 1, struct layout_rows);
	k.bridge = k.n_layouts;
	for (size_t i = 0; !e && i < k.n_layouts; i++) {
		e = read_layout(&k, i);
		if (k.rows[i].n_tables && ledger_is_population(k.rows[i].layout->id))
			k.bridge = i;
	}
	if (!e)
		e = load_answers(&k);
	if (e)
		return e;
	map_init(&k.outsider_of);
	make_match(&k);
	for (size_t i = 0; i < k.n_layouts; i++)
		if (k.rows[i].n_tables)
			link_layout(&k, &k.rows[i]);
	put_all(&k);
	for (size_t i = 0; i < k.n_layouts; i++)
		vec_free(&k.rows[i].candidates);
	e = load_unsettled(&k);
	match_free(k.match);
	map_release(&k.outsider_of);
	vec_free(&k.outsiders);
	return e;
}
