/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/schema.h"

#include <stdlib.h>

#include "base/team.h"
#include "base/vec.h"

#include "base/banned.h"

struct builder {
	const struct schema *s;
	const struct facts *f;
	const struct town *t;
	const struct schema_need *need;
	struct arena *a;
	struct rule_table *tables;
	const struct town_layout **layouts; /* by place in the pack; NULL = not handed in */
};

/* One column or one collection; made by any thread, with a builder of its own arena. */
struct piece {
	int entity, place;
	bool links;
};

enum { PIECE_SMALL_LINKS = -1, PIECE_PARENTS = -2 }; /* instead of an entity */

struct pieces {
	const struct builder *b;
	VEC(struct piece) all;
	struct arena own[TEAM_MAX]; /* by worker */
};

/* ---- columns of the fixed entities ---- */

struct base {
	const void *rows, *facts;
	size_t n;
};

static struct base base_of(const struct builder *b, int entity)
{
	const struct town *t = b->t;
	const struct facts *f = b->f;

	switch (entity) {
	case ENT_VILLAGE:
		return (struct base){t->villages, NULL, t->n_villages};
	case ENT_HOUSEHOLD:
		return (struct base){t->households, f->household, t->n_households};
	case ENT_PERSON:
		return (struct base){t->persons, f->person, t->n_persons};
	case ENT_INCOME:
		return (struct base){t->incomes, f->income, t->n_incomes};
	case ENT_DUTY:
		return (struct base){t->duties, NULL, t->n_duties};
	case ENT_MEASURE:
		return (struct base){t->measures, NULL, t->n_measures};
	case ENT_VISIT:
		return (struct base){t->visits, NULL, t->n_visits};
	case ENT_CONTRACT:
		return (struct base){t->contracts, NULL, t->n_contracts};
	case ENT_HELPER:
		return (struct base){NULL, f->helper, f->n_helpers};
	default:
		return (struct base){t->outsiders, NULL, t->n_outsiders};
	}
}

static struct rule_value code_value(const struct rule_codes *codes, int16_t v)
{
	if (v == TOWN_OTHER && codes->n >= 2)
		return (struct rule_value){.state = RULE_KNOWN, .i = codes->n - 2};
	if (v < 0 || v >= codes->n)
		return (struct rule_value){.state = RULE_MISSING};
	return (struct rule_value){.state = RULE_KNOWN, .i = v};
}

static struct rule_value known_if(bool known, int64_t v)
{
	return (struct rule_value){.state = known ? RULE_KNOWN : RULE_MISSING,
	                           .i = known ? v : 0};
}

static struct rule_value read_member(const struct schema_field *x, const struct rule_codes *codes,
                                     const void *p)
{
	uint64_t mask;

	switch (x->c) {
	case C_TEXT: {
		const struct str *s = p;

		return (struct rule_value){.state = s->n ? RULE_KNOWN : RULE_MISSING, .s = *s};
	}
	case C_CODE:
		return code_value(codes, *(const int16_t *)p);
	case C_MASK:
		mask = *(const uint64_t *)p;
		return known_if(mask != 0, (int64_t)mask);
	case C_FLAGS:
		return known_if(true, (int64_t)(*(const uint64_t *)p));
	case C_TRI:
		return known_if(*(const uint8_t *)p != TRI_UNKNOWN, *(const uint8_t *)p == TRI_YES);
	case C_BOOL:
		return known_if(true, *(const bool *)p);
	case C_DATE:
		return known_if(*(const date_t *)p != 0, *(const date_t *)p);
	default:
		return known_if(*(const int64_t *)p != TOWN_MISSING, *(const int64_t *)p);
	}
}

static void fixed_column(const struct builder *b, int entity, int field, struct rule_column *ret)
{
	const struct schema_table *t = &schema_tables[entity];
	const struct schema_field *x = &t->fields[field];
	const struct rule_kind *kind = &b->s->rule.entities[entity].fields[field].kind;
	struct base base = base_of(b, entity);
	const char *at = (const char *)(x->fact ? base.facts : base.rows) + x->offset;
	size_t step = x->fact ? t->fact_size : t->size;
	uint8_t *state = arena_alloc(b->a, base.n + 1);
	struct str *s = NULL;
	int64_t *v = NULL;

	if (kind->type == RULE_TEXT)
		s = arena_alloc(b->a, (base.n + 1) * sizeof(*s));
	else
		v = arena_alloc(b->a, (base.n + 1) * sizeof(*v));
	for (size_t i = 0; i < base.n; i++) {
		struct rule_value val = read_member(x, kind->codes, at + i * step);

		state[i] = val.state;
		if (s)
			s[i] = val.s;
		else
			v[i] = val.i;
	}
	*ret = (struct rule_column){v, s, state};
}

/* ---- columns of ledgers ---- */

static void ledger_column(const struct builder *b, int layout, int field,
                          const struct rule_kind *kind, struct rule_column *ret)
{
	const struct town_layout *l = b->layouts[layout];
	size_t n = l->n_rows;
	uint8_t *state = ARENA_ARRAY(b->a, n + 1, uint8_t);
	struct str *s = NULL;
	int64_t *v = NULL;

	if (kind->type == RULE_TEXT)
		s = ARENA_ARRAY(b->a, n + 1, struct str);
	else
		v = ARENA_ARRAY(b->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++) {
		const struct town_cell *c = town_cell(&l->rows[i], field);

		if (c->state == TOWN_CELL_EMPTY)
			continue;
		state[i] = RULE_KNOWN;
		if (s)
			s[i] = town_cell_text(c);
		else if (c->state == TOWN_CELL_OK && (kind->type != RULE_CODE ||
		                                      (c->v >= 0 && c->v < kind->codes->n)))
			v[i] = c->v;
		else if (kind->type == RULE_CODE && kind->codes->n >= 2)
			v[i] = kind->codes->n - 2;
		else
			state[i] = RULE_MISSING;
	}
	*ret = (struct rule_column){v, s, state};
}

static void as_of_column(const struct builder *b, int layout, struct rule_column *ret)
{
	const struct town_layout *l = b->layouts[layout];
	int64_t *v = ARENA_ARRAY(b->a, l->n_rows + 1, int64_t);
	uint8_t *state = ARENA_ARRAY(b->a, l->n_rows + 1, uint8_t);

	for (size_t i = 0; i < l->n_rows; i++) {
		int32_t ledger = l->rows[i].ledger;

		v[i] = ledger >= 0 ? b->t->ledgers[ledger].as_of : 0;
		state[i] = v[i] ? RULE_KNOWN : RULE_MISSING;
	}
	*ret = (struct rule_column){v, NULL, state};
}

/* Room for the columns and collections, and the pieces to make of them. */
static void plan_entity(const struct builder *b, int entity, struct pieces *all)
{
	const struct rule_entity *e = &b->s->rule.entities[entity];
	int layout = b->s->entity_layout[entity];
	bool has_links = entity == ENT_HOUSEHOLD || entity == ENT_PERSON || entity == ENT_OUTSIDER;

	b->tables[entity].columns = ARENA_ARRAY(b->a, e->n_fields + 1, struct rule_column);
	if (layout < 0)
		b->tables[entity].n = base_of(b, entity).n;
	else
		b->tables[entity].n = b->layouts[layout] ? b->layouts[layout]->n_rows : 0;
	for (int i = 0; i < e->n_fields; i++)
		if (b->need->field[entity][i])
			*vec_push(&all->all) = (struct piece){entity, i, false};
	if (!has_links)
		return;
	b->tables[entity].links = ARENA_ARRAY(b->a, e->n_collections + 1, struct rule_links);
	for (int i = 0; i < e->n_collections; i++)
		if (b->need->collection[entity][i])
			*vec_push(&all->all) = (struct piece){entity, i, true};
}

static void build_column(const struct builder *b, int entity, int field)
{
	const struct rule_entity *e = &b->s->rule.entities[entity];
	int layout = b->s->entity_layout[entity];
	struct rule_column *c = (struct rule_column *)&b->tables[entity].columns[field];

	if (layout < 0)
		fixed_column(b, entity, field, c);
	else if (b->layouts[layout] && (size_t)field < b->layouts[layout]->n_columns)
		ledger_column(b, layout, field, &e->fields[field].kind, c);
	else if (b->layouts[layout])
		as_of_column(b, layout, c);
}

/* ---- links ---- */

struct edge {
	int32_t parent, child;
	uint8_t link;
};

/* Whose children are records of a fixed entity, or rows of a layout. */
struct edges {
	struct edge *p;
	size_t n, cap;
	int entity;
	const struct town_layout *layout; /* NULL: of the entity */
};

/* household of record i of a fixed entity, and where it was read */
static int32_t owner(const struct town *t, int entity, size_t i, struct str *place)
{
	switch (entity) {
	case ENT_PERSON:
		*place = t->persons[i].place;
		return t->persons[i].household;
	case ENT_INCOME:
		*place = t->incomes[i].place;
		return t->incomes[i].household;
	case ENT_DUTY:
		*place = t->duties[i].place;
		return t->duties[i].household;
	case ENT_MEASURE:
		*place = t->measures[i].place;
		return t->measures[i].household;
	case ENT_VISIT:
		*place = t->visits[i].place;
		return t->visits[i].household;
	default:
		*place = t->contracts[i].place;
		return t->contracts[i].household;
	}
}

/* What orders the children of one parent, where they are no rows. */
static struct str record_key(const struct town *t, int entity, int32_t i)
{
	struct str place;

	if (entity == ENT_HOUSEHOLD)
		return t->households[i].hh_no;
	(void)owner(t, entity, (size_t)i, &place);
	return place;
}

static size_t digits(uint32_t v)
{
	size_t n = 1;

	for (; v > 9; v /= 10)
		n++;
	return n;
}

/* As the numbers' texts compare. */
static int compare_numbers(uint32_t x, uint32_t y)
{
	size_t nx = digits(x), ny = digits(y);
	uint64_t a = x, b = y;

	for (size_t i = nx; i < ny; i++)
		a *= 10;
	for (size_t i = ny; i < nx; i++)
		b *= 10;
	return a != b ? (a > b) - (a < b) : (nx > ny) - (nx < ny);
}

/* As the rows' places compare; most are of one sheet. */
static int compare_rows(const struct builder *b, const struct town_row *x, const struct town_row *y)
{
	if (x->ledger == y->ledger && str_eq(x->sheet, y->sheet))
		return compare_numbers(x->number, y->number);
	struct arena_mark mark = arena_save(b->a);
	int c = str_cmp(town_row_place(b->t, x, b->a), town_row_place(b->t, y, b->a));

	arena_back(b->a, mark);
	return c;
}

struct edge_order {
	const struct builder *b;
	const struct edges *e;
};

static int compare_edges(const void *x, const void *y, void *arg)
{
	const struct edge *a = x, *b = y;
	const struct edge_order *o = arg;
	const struct town_row *rows = o->e->layout ? o->e->layout->rows : NULL;
	int c = rows ? compare_rows(o->b, &rows[a->child], &rows[b->child])
	             : str_cmp(record_key(o->b->t, o->e->entity, a->child),
	                       record_key(o->b->t, o->e->entity, b->child));

	if (c)
		return c;
	if (a->child != b->child)
		return a->child < b->child ? -1 : 1;
	return (a->link > b->link) - (a->link < b->link);
}

/* Most stand in order as they are. */
static void order_edges(struct edge_order *o, struct edge *p, size_t n)
{
	size_t i = 1;

	while (i < n && compare_edges(&p[i - 1], &p[i], o) <= 0)
		i++;
	if (i < n)
		qsort_r(p, n, sizeof(*p), compare_edges, o);
}

/* The edges parent by parent, those of one parent in order; the caller frees them. */
static struct edge *grouped(const struct builder *b, const struct edges *e, size_t n)
{
	struct edge *to = base_realloc(NULL, e->n + 1, sizeof(*to));
	uint32_t *at = base_calloc(n + 2, sizeof(*at));
	struct edge_order order = {b, e};

	for (size_t i = 0; i < e->n; i++)
		at[e->p[i].parent + 1]++;
	for (size_t i = 0; i < n; i++)
		at[i + 1] += at[i];
	for (size_t i = 0; i < e->n; i++)
		to[at[e->p[i].parent]++] = e->p[i];
	base_free(at);
	for (size_t i = 0; i < e->n;) {
		size_t end = i + 1;

		while (end < e->n && to[end].parent == to[i].parent)
			end++;
		order_edges(&order, to + i, end - i);
		i = end;
	}
	return to;
}

/* Offsets of n parents; a child stands once under a parent, by its best link. */
static struct rule_links make_links(const struct builder *b, struct edges *e, size_t n)
{
	uint32_t *from = ARENA_ARRAY(b->a, n + 1, uint32_t);
	int32_t *row = arena_alloc(b->a, (e->n + 1) * sizeof(*row));
	uint8_t *link = arena_alloc(b->a, e->n + 1);
	struct edge *to = grouped(b, e, n);
	size_t at = 0;

	for (size_t i = 0; i < e->n; i++) {
		const struct edge *x = &to[i];

		if (i > 0 && x->parent == x[-1].parent && x->child == x[-1].child)
			continue;
		row[at] = x->child;
		link[at++] = x->link;
		from[x->parent + 1]++;
	}
	for (size_t i = 0; i < n; i++)
		from[i + 1] += from[i];
	base_free(to);
	vec_free(e);
	return (struct rule_links){from, row, link, NULL};
}

static void add_edge(struct edges *e, int32_t parent, size_t n, int32_t child, uint8_t link)
{
	if (parent >= 0 && (size_t)parent < n)
		*vec_push(e) = (struct edge){parent, child, link};
}

static struct edges edges_for(size_t n, int entity, const struct town_layout *layout)
{
	return (struct edges){base_realloc(NULL, n, sizeof(struct edge)), 0, n, entity, layout};
}

static struct rule_links plain_links(const struct builder *b, int entity)
{
	size_t n = base_of(b, entity).n;
	struct edges e = edges_for(n, entity, NULL);

	for (size_t i = 0; i < n; i++) {
		struct str place;
		int32_t h = owner(b->t, entity, i, &place);

		add_edge(&e, h, b->t->n_households, (int32_t)i, RULE_LINK_SURE);
	}
	return make_links(b, &e, b->t->n_households);
}

static int32_t village_of(const struct town *t, int entity, size_t i)
{
	if (entity == ENT_HOUSEHOLD)
		return t->households[i].village;
	if (entity == ENT_OUTSIDER)
		return t->outsiders[i].village;
	int32_t h = t->persons[i].household;

	return h >= 0 ? t->households[h].village : TOWN_NONE;
}

static const uint8_t *coverage(const struct builder *b, int entity, int layout)
{
	const struct town *t = b->t;
	const struct pack_layout *pl = &b->s->pack->layouts[layout];
	size_t n = base_of(b, entity).n;
	uint8_t *covered = ARENA_ARRAY(b->a, n + 1, uint8_t);
	bool *village = ARENA_ARRAY(b->a, t->n_villages + 1, bool);

	if (pl->coverage == PACK_COVERAGE_NEVER)
		return covered;
	town_covered_villages(t, str_c(pl->id), village);
	for (size_t i = 0; i < n; i++) {
		int32_t v = village_of(t, entity, i);

		covered[i] = village[v >= 0 ? (size_t)v : t->n_villages];
	}
	return covered;
}

static struct rule_links ledger_links(const struct builder *b, int entity, int layout)
{
	static const uint8_t bands[TOWN_BAND_MAX] = {RULE_LINK_SURE, RULE_LINK_PROBABLE,
	                                             RULE_LINK_UNCLEAR};
	const struct town_layout *l = b->layouts[layout];
	struct rule_links ret;
	struct edges e = edges_for(l ? l->n_links : 0, entity, l);

	for (size_t i = 0; l && i < l->n_links; i++) {
		const struct town_link *k = &l->links[i];
		int32_t to = entity == ENT_PERSON ? k->person : k->outsider;
		uint8_t band = k->band < TOWN_BAND_MAX ? bands[k->band] : RULE_LINK_UNCLEAR;

		if (entity == ENT_HOUSEHOLD) {
			to = k->household;
			if (to < 0 && k->person >= 0)
				to = b->t->persons[k->person].household;
		}
		add_edge(&e, to, base_of(b, entity).n, k->row, band);
	}
	ret = make_links(b, &e, base_of(b, entity).n);
	ret.covered = coverage(b, entity, layout);
	return ret;
}

static void build_collection(const struct builder *b, int entity, int place)
{
	static const int plain[] = {ENT_PERSON,  ENT_INCOME, ENT_DUTY,
	                            ENT_MEASURE, ENT_VISIT,  ENT_CONTRACT};
	const struct rule_collection *c = &b->s->rule.entities[entity].collections[place];
	struct rule_links *links = (struct rule_links *)&b->tables[entity].links[place];

	if (c->kind == RULE_LEDGER)
		*links = ledger_links(b, entity, b->s->entity_layout[c->entity]);
	else if (entity == ENT_HOUSEHOLD)
		*links = plain_links(b, plain[place]);
}

/* village.households and helper.duties */
static void small_links(const struct builder *b)
{
	struct rule_links *links = ARENA_ARRAY(b->a, 2, struct rule_links);
	struct edges e = edges_for(b->t->n_households, ENT_HOUSEHOLD, NULL);
	struct edges d = edges_for(b->t->n_duties, ENT_DUTY, NULL);

	for (size_t i = 0; i < b->t->n_households; i++)
		add_edge(&e, b->t->households[i].village, b->t->n_villages, (int32_t)i,
		         RULE_LINK_SURE);
	links[0] = make_links(b, &e, b->t->n_villages);
	for (size_t i = 0; i < b->f->n_helpers; i++) {
		const struct fact_helper *h = &b->f->helper[i];

		for (size_t k = 0; k < h->n_duties; k++)
			add_edge(&d, (int32_t)i, b->f->n_helpers, h->duty[k], RULE_LINK_SURE);
	}
	links[1] = make_links(b, &d, b->f->n_helpers);
	b->tables[ENT_VILLAGE].links = &links[0];
	b->tables[ENT_HELPER].links = &links[1];
}

static void build_parents(const struct builder *b)
{
	const struct town *t = b->t;

	for (int e = ENT_HOUSEHOLD; e <= ENT_CONTRACT; e++) {
		size_t n = base_of(b, e).n;
		const int32_t **parents = ARENA_ARRAY(b->a, 2, const int32_t *);
		int32_t *up = ARENA_ARRAY(b->a, n + 1, int32_t);
		int32_t *income = ARENA_ARRAY(b->a, n + 1, int32_t);

		for (size_t i = 0; i < n; i++) {
			struct str place;

			if (e != ENT_HOUSEHOLD) {
				up[i] = owner(t, e, i, &place);
				continue;
			}
			up[i] = t->households[i].village;
			income[i] = b->f->household[i].income;
		}
		parents[0] = up;
		parents[1] = income;
		b->tables[e].parents = parents;
	}
}

/* ---- the same, with sensitive values withheld ---- */

static void withhold(const struct builder *b, const struct rule_kind *kind, size_t n,
                     struct rule_column *c)
{
	if (!c->state)
		return;
	if (kind->type == RULE_TEXT) {
		struct str *s = ARENA_ARRAY(b->a, n + 1, struct str);

		for (size_t i = 0; i < n; i++)
			s[i] = STR("***");
		c->s = s;
	} else if ((kind->type == RULE_CODE || kind->type == RULE_CODES) && kind->codes->n >= 2 &&
	           strcmp(kind->codes->items[kind->codes->n - 1].id, "withheld") == 0) {
		int64_t *v = ARENA_ARRAY(b->a, n + 1, int64_t);
		int64_t last = kind->codes->n - 1;

		for (size_t i = 0; i < n; i++)
			v[i] = kind->type == RULE_CODE ? last : INT64_C(1) << last;
		c->i = v;
	} else {
		*c = (struct rule_column){NULL, NULL, NULL};
	}
}

static void shown_data(const struct builder *b, const struct rule_data *d, struct rule_data *ret)
{
	int n = b->s->rule.n_entities;
	struct rule_table *tables = ARENA_ARRAY(b->a, n, struct rule_table);

	for (int e = 0; e < n; e++) {
		const struct rule_entity *ent = &b->s->rule.entities[e];
		struct rule_column *c = ARENA_ARRAY(b->a, ent->n_fields + 1, struct rule_column);

		tables[e] = d->tables[e];
		for (int i = 0; i < ent->n_fields; i++) {
			c[i] = d->tables[e].columns[i];
			if (b->need->field[e][i] && schema_hidden(b->s, e, i))
				withhold(b, &ent->fields[i].kind, tables[e].n, &c[i]);
		}
		tables[e].columns = c;
	}
	*ret = (struct rule_data){d->schema, tables, d->today};
}

/* ---- all of it ---- */

static void build_piece(void *arg, size_t job, size_t worker)
{
	struct pieces *all = arg;
	const struct piece *p = &all->all.p[job];
	struct builder b = *all->b;

	b.a = &all->own[worker];
	if (p->entity == PIECE_SMALL_LINKS)
		small_links(&b);
	else if (p->entity == PIECE_PARENTS)
		build_parents(&b);
	else if (p->links)
		build_collection(&b, p->entity, p->place);
	else
		build_column(&b, p->entity, p->place);
}

static void build_all(const struct builder *b, struct team *team)
{
	struct pieces all = {.b = b};

	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_init(&all.own[i], 0);
	*vec_push(&all.all) = (struct piece){.entity = PIECE_SMALL_LINKS};
	*vec_push(&all.all) = (struct piece){.entity = PIECE_PARENTS};
	for (int e = 0; e < b->s->rule.n_entities; e++)
		plan_entity(b, e, &all);
	team_run(team, all.all.n, build_piece, &all);
	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_join(b->a, &all.own[i]);
	vec_free(&all.all);
}

void schema_data(const struct schema *s, const struct facts *f, const struct schema_need *need,
                 struct team *team, struct arena *a, struct rule_data *ret,
                 struct rule_data *ret_shown)
{
	struct builder b = {s, f, f->town, need, a, NULL, NULL};

	b.tables = ARENA_ARRAY(a, s->rule.n_entities, struct rule_table);
	b.layouts = ARENA_ARRAY(a, s->pack->n_layouts + 1, const struct town_layout *);
	for (size_t i = 0; i < f->town->n_layouts; i++) {
		int layout = schema_layout(s, f->town->layouts[i].id);

		if (layout >= 0)
			b.layouts[layout] = &f->town->layouts[i];
	}
	build_all(&b, team);
	*ret = (struct rule_data){&s->rule, b.tables, f->town->as_of};
	if (ret_shown)
		shown_data(&b, ret, ret_shown);
}
