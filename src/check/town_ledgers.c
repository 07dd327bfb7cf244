/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The offices' ledgers on the day: whose their rows are, and the people off the
 * register whom they name.  One layout after the other, each gone when it is done;
 * only rows that are somebody's are handed on.
 */
#include "check/town_rows.h"

#include "ledger/row_match.h"

#include "base/banned.h"

struct linking {
	struct loader *l;
	struct town_read read;
	struct match *match;
	struct town_layout *out; /* by layout of the pack */
	struct link_answer *answer;
	size_t n_answers;
	VEC(struct town_outsider) outsiders;
	struct map outsider_of; /* number, or name and village -> index + 1 */
	int32_t *outsider_of_bridge; /* by population row: index + 1 */
	struct match_link *links; /* room for those of one layout, the largest one first */
	size_t links_cap;
	struct str sheet[TEAM_MAX];  /* of the row that worker w has put last */
	struct arena kept[TEAM_MAX]; /* rows that worker w has put; the town's in the end */
};

enum {
	PUT_AT_ONCE = 256,   /* rows that a thread puts at a time */
	VIEW_AT_ONCE = 4096, /* people whom linkage is shown */
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

/* --- linking ---------------------------------------------------------------------------- */

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

/* The register as linkage sees it, while all threads of the team put it there. */
struct viewing {
	const struct loader *l;
	struct match_person *persons;
	struct match_household *households;
	int head; /* code of the relation */
};

static bool is_head(const struct viewing *v, const struct town_person *q)
{
	return v->head >= 0 && q->relation == v->head;
}

static void view_persons(void *arg, size_t job, size_t worker)
{
	const struct viewing *v = arg;
	const struct town *t = v->l->t;
	size_t end = (job + 1) * VIEW_AT_ONCE < t->n_persons ? (job + 1) * VIEW_AT_ONCE : t->n_persons;
	for (size_t i = job * VIEW_AT_ONCE; i < end; i++) {
		const struct town_person *q = &t->persons[i];
		v->persons[i] = (struct match_person){
			.key = q->place, .name = q->name,
			.id = idno_parse(q->id_raw, (q->id_state & IDNO_LOSSY) != 0),
			.sex = town_sex(v->l, q->sex), .birth = q->birth,
			.village = v->households[q->household].village, .household = q->household,
			.phone = q->phone, .head = is_head(v, q)};
	}
}

static void view_register(struct loader *l, struct viewing *v)
{
	const struct town *t = l->t;
	const struct pack_list *relations = pack_list(l->o->pack, "relation");
	int32_t *area = ARENA_ARRAY(&l->scratch, t->n_villages + 1, int32_t);
	*v = (struct viewing){
		.l = l, .head = relations ? pack_code_by_id(relations, "head") : -1,
		.persons = arena_alloc(&l->scratch, (t->n_persons + 1) * sizeof(*v->persons)),
		.households = arena_alloc(&l->scratch, (t->n_households + 1) * sizeof(*v->households))};
	for (size_t i = 0; i < t->n_villages; i++)
		area[i] = area_index(l, (int32_t)i);
	for (size_t i = 0; i < t->n_households; i++)
		v->households[i] = (struct match_household){
			.hh_no = t->households[i].hh_no,
			.village = t->households[i].village >= 0 ? area[t->households[i].village] : MATCH_NONE,
			.head = MATCH_NONE, .phone = t->households[i].phone,
			.group = t->households[i].group, .address = t->households[i].address};
	team_run(l->team, (t->n_persons + VIEW_AT_ONCE - 1) / VIEW_AT_ONCE, view_persons, v);
	for (size_t i = 0; i < t->n_persons; i++) {
		struct match_household *h = &v->households[t->persons[i].household];
		if (h->head == MATCH_NONE && is_head(v, &t->persons[i]))
			h->head = (int32_t)i;
	}
}

static void make_match(struct linking *k)
{
	struct loader *l = k->l;
	struct viewing v;
	struct match_people *people = ARENA_NEW(&l->scratch, struct match_people);
	view_register(l, &v);
	*people = (struct match_people){
		.areas = areas_for_match(l->o->areas, &l->scratch), .n_areas = l->o->areas->n,
		.persons = v.persons, .n_persons = l->t->n_persons,
		.households = v.households, .n_households = l->t->n_households,
		.census = k->read.census, .team = l->team};
	k->match = match_new(people);
	k->read.census = NULL; /* the match has it */
}

static enum err load_answers(struct linking *k)
{
	struct loader *l = k->l;
	return stmt_records(db_stmt(l->db, STMT_link_answers), &link_answer_desc, &l->scratch, &k->answer,
	                    &k->n_answers);
}

/* What people decided about rows of this layout. */
static struct match_fixed *fixed_of(struct linking *k, const struct layout_rows *r, size_t *ret_n)
{
	struct match_fixed *out = ARENA_ARRAY(&k->l->scratch, k->n_answers + 1, struct match_fixed);
	*ret_n = 0;
	for (size_t i = 0; i < k->n_answers; i++)
		if (strcmp(k->answer[i].layout, r->layout->id) == 0)
			out[(*ret_n)++] = (struct match_fixed){
				k->answer[i].row_key,
				by_number_get(&k->l->person, k->answer[i].person),
				by_number_get(&k->l->household, k->answer[i].household)};
	return out;
}

static void note_candidate(void *arg, size_t row, int32_t person)
{
	struct layout_rows *r = arg;
	*vec_push(&r->candidates) = (struct candidate){row, person};
}

static void hand_out(void *arg, size_t worker, size_t i, struct match_row *ret)
{
	struct layout_rows *r = arg;
	struct ledger_row row = town_rows_at(r, worker, i);
	*ret = town_rows_match(r, i, &row);
	ret->key = STR("");
}

static void hand_out_brief(void *arg, size_t worker, size_t i, struct match_row *ret)
{
	*ret = town_rows_brief(arg, worker, i);
}

static struct str row_key(void *arg, size_t i)
{
	struct layout_rows *r = arg;
	r->hash[i] = ledger_line_hash(town_rows_line(r, i));
	return (struct str){(const char *)&r->hash[i], sizeof(r->hash[i])};
}

static enum err link_layout(struct linking *k, struct layout_rows *r)
{
	struct match_opts opts = {
		.target = r->layout->subject == PACK_SUBJECT_HOUSEHOLD ? MATCH_HOUSEHOLD : MATCH_PERSON,
		.one_to_one = r->layout->one_to_one,
		.team = k->l->team,
		.row = hand_out,
		.brief = hand_out_brief,
		.key = row_key,
		.are_bridge = ledger_is_population(r->layout->id) && r->layout->role[PACK_ROLE_HH_NO] < 0,
		.candidate = note_candidate,
		.arg = r,
	};
	opts.fixed = fixed_of(k, r, &opts.n_fixed);
	match_ledger(k->match, NULL, r->n, &opts, r->links);
	town_rows_forget(r);
	return town_rows_check(r);
}

/* --- rows of households that nothing settles ------------------------------------------------ */

static const struct {
	const char *layout;
	enum town_fact fact;
} household_facts[] = {
	{"income", TOWN_INCOME}, {"duty", TOWN_DUTY},         {"measure", TOWN_MEASURE},
	{"visit", TOWN_VISIT},   {"contract", TOWN_CONTRACT},
};

/* Households by the name of their head, and what the register has of them. */
struct heads {
	struct map first; /* name -> index */
	int32_t *next;    /* by household: another of the same name, or -1 */
	const bool *has[TOWN_CONTRACT + 1]; /* by enum town_fact, once asked for: with_records() */
};

static void index_heads(struct loader *l, struct heads *h)
{
	h->next = ARENA_ARRAY(&l->scratch, l->t->n_households + 1, int32_t);
	map_init(&h->first);
	for (size_t i = 0; i < l->t->n_households; i++) {
		int64_t *first = map_slot(&h->first, l->t->households[i].head_name, -1);
		h->next[i] = (int32_t)*first;
		*first = (int64_t)i;
	}
}

/* Everybody whom the row's name and village may mean. */
static void mark_namesakes(struct loader *l, const struct heads *heads, const struct match_row *m,
                           int32_t village, enum town_fact fact)
{
	struct str name = m->head_name.n ? m->head_name : m->name;
	for (int32_t i = (int32_t)map_get(&heads->first, name, -1); i >= 0; i = heads->next[i]) {
		struct town_household *h = (struct town_household *)&l->t->households[i];
		if (village < 0 || h->village < 0 || h->village == village)
			h->unsettled |= (uint8_t)fact;
	}
}

/* By household: does the register have a record of this fact? */
static const bool *with_records(struct loader *l, enum town_fact fact)
{
	const struct town *t = l->t;
	bool *has = ARENA_ARRAY(&l->scratch, t->n_households + 1, bool);
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

/* A ledger without household numbers, while it is linked. */
struct unnumbered {
	struct linking *k;
	enum town_fact fact;
	struct arena a;
	struct ledger_lines lines;
	struct ledger_table t;
	struct match_row *rows;
	struct match_link *links;
	enum err err;
	struct diag diag;
};

/* By any thread. */
static void link_unnumbered(void *arg, size_t job, size_t worker)
{
	struct unnumbered *u = (struct unnumbered *)arg + job;
	const struct loader *l = u->k->l;
	u->err = ledger_lines_decode(&u->lines, &u->a, &u->diag, &u->t);
	if (u->err)
		return;
	struct match_opts opts = {.target = MATCH_HOUSEHOLD, .one_to_one = u->t.layout->one_to_one};
	u->rows = ARENA_ARRAY(&u->a, u->t.n + 1, struct match_row);
	u->links = ARENA_ARRAY(&u->a, u->t.n + 1, struct match_link);
	for (size_t i = 0; i < u->t.n; i++) {
		u->rows[i] = row_for_match(l->o->pack, l->o->areas, &u->t, &u->t.rows[i]);
		u->rows[i].phone = STR("");
	}
	match_ledger(u->k->match, u->rows, u->t.n, &opts, u->links);
}

static void mark_unsettled(const struct unnumbered *u, struct heads *heads)
{
	struct loader *l = u->k->l;
	const struct ledger_table *t = &u->t;
	if (!heads->has[u->fact])
		heads->has[u->fact] = with_records(l, u->fact);
	const bool *has = heads->has[u->fact];
	for (size_t i = 0; i < t->n; i++) {
		int32_t h = u->links[i].household;
		if (h >= 0 && u->links[i].household_band >= MATCH_PROBABLE) {
			/* linked now, but not when it was handed in: the row has no record */
			if (!has[h] && !names_no_helper(t, i))
				((struct town_household *)&l->t->households[h])->unsettled |= (uint8_t)u->fact;
			continue;
		}
		int64_t area = row_area(t, &t->rows[i]);
		mark_namesakes(l, heads, &u->rows[i], area >= 0 ? l->village_of_area[area] : TOWN_NONE,
		               u->fact);
	}
}

/* The fact that a ledger without household numbers, in force, brings; 0 = it is none such. */
static enum town_fact unnumbered_fact(const struct loader *l, size_t g)
{
	const struct ledger *ledger = &l->ledgers[g];
	if (l->town_ledger[g] < 0 || ledger_is_numbered(ledger))
		return (enum town_fact)0;
	for (size_t f = 0; f < sizeof(household_facts) / sizeof(*household_facts); f++)
		if (strcmp(ledger->layout, household_facts[f].layout) == 0)
			return household_facts[f].fact;
	return (enum town_fact)0;
}

/* Only ledgers without household numbers leave rows open between namesakes. */
static enum err load_unsettled(struct linking *k)
{
	struct loader *l = k->l;
	struct heads heads = {.next = NULL};
	enum err e = OK;
	size_t n = 0;
	for (size_t g = 0; g < l->n_ledgers; g++)
		n += unnumbered_fact(l, g) != 0;
	struct unnumbered *all = ARENA_ARRAY(&l->scratch, n + 1, struct unnumbered);
	n = 0;
	for (size_t g = 0; !e && g < l->n_ledgers; g++) {
		enum town_fact fact = unnumbered_fact(l, g);
		if (!fact)
			continue;
		struct unnumbered *u = &all[n++];
		*u = (struct unnumbered){.k = k, .fact = fact};
		arena_init(&u->a, 0);
		e = ledger_lines_fetch(l->db, journal_keys(l->o->j), l->o->pack, l->o->areas,
		                       &l->ledgers[g], false, &u->a, &u->lines);
	}
	if (!e)
		team_run(l->team, n, link_unnumbered, all);
	index_heads(l, &heads);
	for (size_t i = 0; i < n; i++) {
		if (!e && all[i].err)
			e = town_take_error(l, all[i].err, &all[i].diag);
		if (!e)
			mark_unsettled(&all[i], &heads);
		ledger_lines_release(&all[i].lines);
		arena_release(&all[i].a);
	}
	map_release(&heads.first);
	return e;
}

/* --- people off the register ------------------------------------------------------------- */

/* The population file knows best who that is. */
static void known_outsider(struct linking *k, int32_t bridge, struct town_outsider *o)
{
	char name[HANNAME_SHORT_BYTES];
	struct match_bridge b = match_bridge_row(k->match, bridge, name);
	if (idno_full(&b.id))
		o->id18 = str_copy(k->l->a, str_c(b.id.id18));
	o->name = str_copy(k->l->a, b.name);
	o->cancelled = b.cancelled;
	if (b.village >= 0)
		o->village = k->l->village_of_area[b.village];
}

/* Of somebody who is not in the population file: his index + 1, 0 = not met yet. */
static int64_t *outsider_slot(struct linking *k, const struct idno *id, int64_t area, struct str name)
{
	char number[sizeof(id->id18) + 1];
	struct str key = {number, 1 + strlen(id->id18)};
	if (idno_full(id)) {
		number[0] = 'n';
		memcpy(number + 1, id->id18, key.n - 1);
	} else {
		key = str_c(arena_printf(&k->l->scratch, "v%d:" STR_FMT, (int)area, STR_ARG(name)));
	}
	if (map_get(&k->outsider_of, key, 0) == 0 && key.p == number)
		key = str_copy(&k->l->scratch, key);
	return map_slot(&k->outsider_of, key, 0);
}

static int32_t outsider_for(struct linking *k, struct layout_rows *r, size_t i)
{
	struct loader *l = k->l;
	int32_t bridge = r->links[i].bridge;
	if (bridge >= 0 && k->outsider_of_bridge[bridge] > 0)
		return (int32_t)k->outsider_of_bridge[bridge] - 1;
	struct ledger_row row = town_rows_pass(r, 0, i);
	struct match_row m = town_rows_match(r, i, &row);
	bool household = r->layout->subject == PACK_SUBJECT_HOUSEHOLD;
	struct str id_text = household && m.head_id.n ? m.head_id : m.id_text;
	struct str name = household && m.head_name.n ? m.head_name : m.name;
	struct idno id = idno_parse(id_text.n ? id_text : m.card_text, m.id_lossy);
	int64_t area = row_area(&r->tables[town_rows_table(r, i)].table, &row);
	int64_t *at = bridge >= 0 ? NULL : outsider_slot(k, &id, area, name);
	if (at && *at > 0)
		return (int32_t)*at - 1;
	if (at)
		*at = (int64_t)k->outsiders.n + 1;
	else
		k->outsider_of_bridge[bridge] = (int32_t)k->outsiders.n + 1;
	struct town_outsider *o = vec_push(&k->outsiders);
	*o = (struct town_outsider){
		.name = str_copy(l->a, name),
		.id18 = id.n == 18 ? str_copy(l->a, str_c(id.id18)) : STR(""),
		.id_state = id.flags,
		.sex = TOWN_NONE,
		.birth = id.birth,
		.village = area >= 0 ? l->village_of_area[area] : TOWN_NONE,
	};
	if (bridge >= 0)
		known_outsider(k, bridge, o);
	return (int32_t)k->outsiders.n - 1;
}

/* --- into the town -------------------------------------------------------------------------- */

/* The sheet of a row that is put; most stand in that of the row before. */
static struct str sheet_of(struct linking *k, size_t worker, struct str sheet)
{
	if (!str_eq(k->sheet[worker], sheet))
		k->sheet[worker] = str_copy(&k->kept[worker], sheet);
	return k->sheet[worker];
}

static struct town_cell cell_of(const struct loader *l, const struct pack_column *col,
                                const struct ledger_cell *from)
{
	struct town_cell c = {.state = from->state, .column = from->col, .v = from->v};
	if (col->kind == PACK_AREA)
		c.v = from->v >= 0 ? l->village_of_area[from->v] : TOWN_NONE;
	if (col->kind == PACK_CODE && from->state != LEDGER_OK)
		c.v = from->state == LEDGER_BAD ? TOWN_OTHER : TOWN_NONE;
	return c;
}

/* The cells that the reader filled, with their texts behind them: the line they stand in goes. */
static void keep_cells(const struct loader *l, const struct ledger_reader *reader, struct arena *a,
		       struct town_row *to)
{
	const struct pack_column *columns = reader->t->table.layout->columns;
	size_t n = reader->n_seen, bytes = 0;
	for (size_t i = 0; i < n; i++)
		bytes += reader->cells[reader->seen[i]].text.n;
	struct town_cell *cells = arena_alloc(a, n * sizeof(*cells) + bytes);
	char *text = (char *)(cells + n);
	for (size_t i = 0; i < n; i++) {
		const struct ledger_cell *from = &reader->cells[reader->seen[i]];
		cells[i] = cell_of(l, &columns[from->col], from);
		cells[i].text = text;
		cells[i].text_n = (uint32_t)from->text.n;
		if (from->text.n)
			memcpy(text, from->text.p, from->text.n);
		text += from->text.n;
	}
	to->cells = cells;
	to->n_cells = (uint16_t)n;
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
	VEC(struct town_link) links;
};

static void add_link(struct link_sink *s, size_t row, int32_t person, int32_t household,
                     int32_t outsider, const struct match_link *m, struct text why)
{
	enum match_band band = person >= 0 ? m->band : m->household_band;
	*vec_push(&s->links) = (struct town_link){
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
	size_t before = s->links.n, n = r->candidates.n;
	struct text why = why_text(k->l, m);
	while (r->next_candidate < n && r->candidates.p[r->next_candidate].row < i)
		r->next_candidate++;
	for (; r->next_candidate < n && r->candidates.p[r->next_candidate].row == i; r->next_candidate++) {
		int32_t person = r->candidates.p[r->next_candidate].person, home = home_of(k->l, person);
		if (by_person)
			add_link(s, i, person, home, TOWN_NONE, m, why);
		else if (home >= 0 && (s->links.n == before || s->links.p[s->links.n - 1].household != home))
			add_link(s, i, TOWN_NONE, home, TOWN_NONE, m, why);
	}
	return s->links.n > before;
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

/* Rows of one layout that are somebody's, put by all threads of the team. */
struct putting {
	struct linking *k;
	struct layout_rows *r;
	const bool *want;    /* columns; NULL: all */
	const int32_t *from; /* by row of the town: that of the layout */
	struct town_row *rows;
	size_t n;
};

static void put_row(struct putting *p, size_t worker, size_t i, struct town_row *to)
{
	struct layout_rows *r = p->r;
	struct rows_desk *d = &r->desk[worker];
	struct str line = town_rows_pass_line(r, worker, i);
	size_t t = d->table;
	struct ledger_reader *reader = &d->put[t];
	struct ledger_row row;
	if (!reader->t) {
		ledger_reader_init(reader, &r->tables[t], p->want, &d->a);
		reader->placed = true;
	}
	if (!ledger_reader_row(reader, line, &row)) /* linkage did not look at all of it */
		atomic_store_explicit(&r->damaged, true, memory_order_relaxed);
	*to = (struct town_row){.ledger = r->town_ledger[t],
	                        .number = row.number,
	                        .sheet = sheet_of(p->k, worker, row.sheet),
	                        .hash = ledger_line_hash(line)};
	keep_cells(r->l, reader, &p->k->kept[worker], to);
}

static void put_range(void *arg, size_t job, size_t worker)
{
	struct putting *p = arg;
	size_t end = (job + 1) * PUT_AT_ONCE < p->n ? (job + 1) * PUT_AT_ONCE : p->n;
	for (size_t i = job * PUT_AT_ONCE; i < end; i++)
		put_row(p, worker, (size_t)p->from[i], &p->rows[i]);
}

static void put_rows(struct linking *k, struct layout_rows *r, const int32_t *from, size_t n,
		     struct town_row *rows)
{
	const bool *const *columns = k->l->o->columns;
	struct putting p = {.k = k, .r = r, .want = columns ? columns[r - k->read.rows] : NULL,
	                    .from = from, .rows = rows, .n = n};
	for (size_t w = 0; w < team_size(k->l->team); w++)
		r->desk[w].put = ARENA_ARRAY(&r->text, r->n_tables + 1, struct ledger_reader);
	team_run(k->l->team, (n + PUT_AT_ONCE - 1) / PUT_AT_ONCE, put_range, &p);
}

static enum err put_layout(struct linking *k, struct layout_rows *r, struct town_layout *out)
{
	struct loader *l = k->l;
	struct link_sink sink = {0};
	VEC(int32_t) from = {0};
	for (size_t i = 0; i < r->n; i++)
		link_row(k, r, i, &sink);
	struct town_link *links = arena_alloc(l->a, (sink.links.n + 1) * sizeof(*links));
	for (size_t x = 0; x < sink.links.n; x++) {
		links[x] = sink.links.p[x];
		if (!from.n || from.p[from.n - 1] != links[x].row)
			*vec_push(&from) = links[x].row;
		links[x].row = (int32_t)from.n - 1;
	}
	struct town_row *rows = arena_alloc(l->a, (from.n + 1) * sizeof(*rows));
	put_rows(k, r, from.p, from.n, rows);
	*out = (struct town_layout){
		.id = str_c(r->layout->id), .n_columns = r->layout->n_columns, .n_rows = from.n,
		.rows = rows, .n_links = sink.links.n, .links = links};
	vec_free(&sink.links);
	vec_free(&from);
	return town_rows_check(r);
}

static enum err take_layout(struct linking *k, struct layout_rows *r)
{
	r->outsiders = wants_outsiders(k->l->o->pack, r->layout->id);
	r->hash = base_calloc(r->n, sizeof(*r->hash));
	if (k->links_cap < r->n || k->links_cap / 2 > r->n) {
		base_free(k->links);
		k->links_cap = r->n;
		k->links = base_calloc(r->n, sizeof(*k->links));
	}
	r->links = k->links;
	enum err e = link_layout(k, r);
	if (!e)
		e = put_layout(k, r, &k->out[r - k->read.rows]);
	base_free(r->hash);
	return e;
}

static void put_outsiders(struct linking *k)
{
	struct town *t = k->l->t;
	size_t n = 0;
	for (size_t i = 0; i < k->read.n; i++)
		if (k->out[i].id.n)
			k->out[n++] = k->out[i];
	struct town_outsider *o = ARENA_ARRAY(k->l->a, k->outsiders.n + 1, struct town_outsider);
	if (k->outsiders.n)
		memcpy(o, k->outsiders.p, k->outsiders.n * sizeof(*o));
	t->layouts = k->out;
	t->n_layouts = n;
	t->outsiders = o;
	t->n_outsiders = k->outsiders.n;
}

/* The large ones first, while nothing else is held. */
static enum err take_all_layouts(struct linking *k)
{
	enum err e = OK;
	size_t n = k->read.n;
	bool *taken = ARENA_ARRAY(&k->l->scratch, n + 1, bool);
	for (size_t turn = 0; !e && turn < n; turn++) {
		size_t next = n;
		for (size_t i = 0; i < n; i++)
			if (!taken[i] && (next == n || k->read.count[i] > k->read.count[next]))
				next = i;
		struct layout_rows *r = &k->read.rows[next];
		taken[next] = true;
		if (r->waits)
			e = town_read_late(k->l, &k->read, r);
		if (!e && r->n_tables)
			e = take_layout(k, r);
		town_rows_release(r);
	}
	return e;
}

static enum err take_all(struct linking *k)
{
	struct loader *l = k->l;
	enum err e = load_answers(k);
	if (e)
		return e;
	make_match(k);
	k->out = ARENA_ARRAY(l->a, k->read.n + 1, struct town_layout);
	if (k->read.population < k->read.n)
		k->outsider_of_bridge = base_calloc(k->read.rows[k->read.population].n + 1,
		                                    sizeof(*k->outsider_of_bridge));
	e = load_unsettled(k); /* while no rows are put: it holds as much as they do */
	if (!e)
		e = take_all_layouts(k);
	if (!e)
		put_outsiders(k);
	return e;
}

enum err town_load_people_and_ledgers(struct loader *l)
{
	struct linking k = {.l = l};
	enum err e = town_read(l, &k.read);
	map_init(&k.outsider_of);
	for (size_t i = 0; i < TEAM_MAX; i++) {
		arena_init(&k.kept[i], 0);
	}
	if (!e)
		e = take_all(&k);
	match_free(k.match);
	for (size_t i = 0; i < k.read.n; i++)
		town_rows_release(&k.read.rows[i]);
	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_join(l->a, &k.kept[i]);
	match_census_free(k.read.census);
	map_release(&k.outsider_of);
	base_free(k.outsider_of_bridge);
	base_free(k.links);
	vec_free(&k.outsiders);
	return e;
}
