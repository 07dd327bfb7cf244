/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * resolve: names and literals to what they mean.  A bare name is looked for
 * in the innermost row's entity, then outward; beside a code, an item of its
 * list comes first.
 */
#include "rule/node.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

int rule_entity_find(const struct rule_schema *s, struct str name)
{
	for (int i = 0; i < s->n_entities; i++)
		if (str_is(name, s->entities[i].name))
			return i;
	return -1;
}

int rule_field_find(const struct rule_entity *e, struct str name)
{
	for (int i = 0; i < e->n_fields; i++)
		if (str_is(name, e->fields[i].name))
			return i;
	return -1;
}

int rule_collection_find(const struct rule_entity *e, struct str name)
{
	for (int i = 0; i < e->n_collections; i++)
		if (str_is(name, e->collections[i].name))
			return i;
	return -1;
}

static int parent_find(const struct rule_entity *e, struct str name)
{
	for (int i = 0; i < e->n_parents; i++)
		if (str_is(name, e->parents[i].name))
			return i;
	return -1;
}

int rule_item_find(const struct rule_codes *c, struct str name)
{
	for (int i = 0; i < c->n; i++)
		if (str_is(name, c->items[i].id))
			return i;
	for (int i = 0; i < c->n; i++)
		for (int l = 0; l < LANG_MAX; l++)
			if (c->items[i].label.in[l] && str_is(name, c->items[i].label.in[l]))
				return i;
	return -1;
}

/* ---- did you mean */

enum { NEAR_MAX = 48 };

/* Edits (insert, delete, replace, swap) from a to b, both short. */
static int edits(struct str a, struct str b)
{
	int d[3][NEAR_MAX + 1];
	if (a.n > NEAR_MAX || b.n > NEAR_MAX)
		return NEAR_MAX;
	for (size_t j = 0; j <= b.n; j++)
		d[0][j] = (int)j;
	for (size_t i = 1; i <= a.n; i++) {
		int *row = d[i % 3], *up = d[(i + 2) % 3], *up2 = d[(i + 1) % 3];
		row[0] = (int)i;
		for (size_t j = 1; j <= b.n; j++) {
			int best = up[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] && up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			row[j] = best;
		}
	}
	return d[a.n % 3][b.n];
}

void rule__near_try(struct rule_near *near, const char *candidate)
{
	int d = edits(near->name, str_c(candidate));
	if (d < near->distance) {
		near->distance = d;
		near->best = candidate;
	}
}

struct rule_near rule__near(struct str name)
{
	int most = (int)(name.n / 3) + 1;
	return (struct rule_near){name, NULL, most < 4 ? most + 1 : 4};
}

static void near_entity(struct rule_near *near, const struct rule_entity *e, bool collections)
{
	for (int i = 0; i < e->n_fields && !collections; i++)
		rule__near_try(near, e->fields[i].name);
	for (int i = 0; i < e->n_collections && collections; i++)
		rule__near_try(near, e->collections[i].name);
	for (int i = 0; i < e->n_parents; i++)
		rule__near_try(near, e->parents[i].name);
}

enum err rule__unknown(struct rule_checker *c, const struct rule_node *n,
                       const struct rule_near *near)
{
	if (near->best)
		return rule__fail(c, n, ERR_RULE_NAME, STR_FMT " → %s ?", STR_ARG(near->name),
		                  near->best);
	return rule__fail(c, n, ERR_RULE_NAME, STR_FMT, STR_ARG(near->name));
}

/* ---- paths */

static const struct rule_entity *entity_at(const struct rule_checker *c, int entity)
{
	return &c->schema->entities[entity];
}

static void read_add(struct rule_checker *c, int entity, int field, int collection)
{
	for (size_t i = 0; i < c->reads.n; i++) {
		const struct rule_read *r = &c->reads.p[i];
		if (r->entity == entity && r->field == field && r->collection == collection)
			return;
	}
	if (c->reads.n == c->reads.cap) {
		size_t cap = c->reads.cap ? c->reads.cap * 2 : 8;
		struct rule_read *more = ARENA_ARRAY(c->a, cap, struct rule_read);
		if (c->reads.n)
			memcpy(more, c->reads.p, c->reads.n * sizeof *more);
		c->reads.p = more;
		c->reads.cap = cap;
	}
	const struct rule_entity *e = entity_at(c, entity);
	int source = field >= 0 ? e->fields[field].source : e->collections[collection].source;
	c->reads.p[c->reads.n++] = (struct rule_read){entity, field, collection, source};
}

static bool hop(struct rule_path *p, const struct rule_entity *e, int parent)
{
	if (p->n_hops == RULE_HOPS)
		return false;
	p->hop_entity[p->n_hops] = p->entity;
	p->hop[p->n_hops++] = parent;
	p->entity = e->parents[parent].entity;
	return true;
}

/* The row that the first name of a dotted path means. */
static bool path_start(struct rule_checker *c, struct str name, struct rule_path *p)
{
	int up = 0;
	for (const struct rule_scope *s = c->scope; s; s = s->outer, up++) {
		const struct rule_entity *e = entity_at(c, s->entity);
		int parent = parent_find(e, name);
		p->up = up;
		p->entity = s->entity;
		if (str_is(name, e->name))
			return true;
		if (parent >= 0)
			return hop(p, e, parent);
	}
	return false;
}

/* All names but the last. */
static enum err path_walk(struct rule_checker *c, const struct rule_node *n, struct rule_path *p)
{
	const struct rule_scope *scope = c->scope;
	int i = 0;
	while (i < n->n_names - 1 && str_is(n->name[i], "outer")) {
		if (!scope->outer)
			return rule__fail(c, n, ERR_RULE_NAME, "outer");
		scope = scope->outer;
		p->up++;
		p->entity = scope->entity;
		i++;
	}
	if (i == 0 && n->n_names > 1) {
		if (!path_start(c, n->name[0], p)) {
			struct rule_near near = rule__near(n->name[0]);
			for (const struct rule_scope *s = c->scope; s; s = s->outer) {
				rule__near_try(&near, entity_at(c, s->entity)->name);
				for (int k = 0; k < entity_at(c, s->entity)->n_parents; k++)
					rule__near_try(&near, entity_at(c, s->entity)->parents[k].name);
			}
			return rule__unknown(c, n, &near);
		}
		i = 1;
	}
	for (; i < n->n_names - 1; i++) {
		const struct rule_entity *e = entity_at(c, p->entity);
		int parent = parent_find(e, n->name[i]);
		if (parent < 0)
			return rule__fail(c, n, ERR_RULE_NAME, "%s." STR_FMT, e->name,
			                  STR_ARG(n->name[i]));
		if (!hop(p, e, parent))
			return rule__fail(c, n, ERR_RULE_LIMIT, "> %d", (int)RULE_HOPS);
	}
	return OK;
}

/* The last name: a field, or a collection.  A lone name is looked for outward. */
static enum err path_end(struct rule_checker *c, const struct rule_node *n, bool collection,
                         const struct rule_kind *hint, struct rule_path *p)
{
	struct str last = n->name[n->n_names - 1];
	struct rule_near near = rule__near(last);
	bool alone = n->n_names == 1;
	int up = 0;
	for (const struct rule_scope *s = c->scope; s; s = s->outer, up++) {
		if (alone) {
			p->entity = s->entity;
			p->up = up;
		}
		const struct rule_entity *e = entity_at(c, p->entity);
		p->index = collection ? rule_collection_find(e, last) : rule_field_find(e, last);
		if (p->index >= 0)
			return OK;
		near_entity(&near, e, collection);
		if (!alone)
			break;
	}
	if (hint && hint->codes && alone)
		for (int i = 0; i < hint->codes->n; i++)
			rule__near_try(&near, hint->codes->items[i].id);
	return rule__unknown(c, n, &near);
}

/* A place to begin: the innermost row. */
static struct rule_path path_here(const struct rule_checker *c)
{
	return (struct rule_path){.entity = c->scope->entity, .index = -1};
}

static bool is_field(const struct rule_checker *c, struct str name)
{
	for (const struct rule_scope *s = c->scope; s; s = s->outer)
		if (rule_field_find(entity_at(c, s->entity), name) >= 0)
			return true;
	return false;
}

static void make_const(struct rule_node *n, enum rule_type type, int64_t v)
{
	n->op = R_CONST;
	n->kind = (struct rule_kind){.type = type};
	n->value = (struct rule_value){.state = RULE_KNOWN, .i = v};
	n->literal = true;
}

/* Words that are values: today, true, false, an item of the neighbour's list. */
static bool resolve_word(struct rule_checker *c, struct rule_node *n, const struct rule_kind *hint)
{
	struct str name = n->name[0];
	if (hint && hint->type == RULE_CODE && hint->codes) {
		int item = rule_item_find(hint->codes, name);
		if (item >= 0) {
			make_const(n, RULE_CODE, item);
			n->kind.codes = hint->codes;
			return true;
		}
	}
	if (str_is(name, "true") || str_is(name, "false")) {
		make_const(n, RULE_BOOL, name.p[0] == 't');
		return true;
	}
	if (str_is(name, "today")) {
		n->op = R_TODAY;
		n->kind.type = RULE_DATE;
		c->uses_today = true;
		return true;
	}
	return false;
}

enum err rule__resolve(struct rule_checker *c, struct rule_node *n, const struct rule_kind *hint)
{
	if (n->n_names == 1 && resolve_word(c, n, hint))
		return OK;
	struct rule_path p = path_here(c);
	enum err e = path_walk(c, n, &p);
	if (!e)
		e = path_end(c, n, false, hint, &p);
	if (e)
		return e;
	n->op = R_FIELD;
	n->path = p;
	n->kind = entity_at(c, p.entity)->fields[p.index].kind;
	read_add(c, p.entity, p.index, -1);
	return OK;
}

enum err rule__resolve_collection(struct rule_checker *c, struct rule_node *n)
{
	struct rule_path p = path_here(c);
	enum err e = path_walk(c, n, &p);
	if (!e)
		e = path_end(c, n, true, NULL, &p);
	if (e)
		return e;
	n->path = p;
	read_add(c, p.entity, -1, p.index);
	return OK;
}

/* ---- literals */

bool rule__adapts(const struct rule_checker *c, const struct rule_node *n)
{
	if (n->checked)
		return n->literal;
	switch (n->op) {
	case R_NUMBER:
	case R_STRING:
	case R_SET:
		return true;
	case R_PATH:
		return n->n_names == 1 && !is_field(c, n->name[0]) &&
		       !str_is(n->name[0], "true") && !str_is(n->name[0], "false") &&
		       !str_is(n->name[0], "today");
	case R_NEG:
		return rule__adapts(c, n->kid[0]);
	case R_ADD:
	case R_SUB:
	case R_MUL:
	case R_DIV:
		return rule__adapts(c, n->kid[0]) && rule__adapts(c, n->kid[1]);
	default:
		return false;
	}
}

date_t rule__iso_date(struct str s)
{
	int part[3] = {0, 0, 0};
	static const size_t digits[3] = {4, 2, 2};
	size_t pos = 0;
	for (int i = 0; i < 3 && (i == 0 || pos < s.n); i++) {
		if (i > 0 && s.p[pos++] != '-')
			return 0;
		if (s.n - pos < digits[i])
			return 0;
		for (size_t k = 0; k < digits[i]; k++) {
			char ch = s.p[pos++];
			if (ch < '0' || ch > '9')
				return 0;
			part[i] = part[i] * 10 + (ch - '0');
		}
		if (part[i] == 0)
			return 0;
	}
	return pos == s.n ? date_make(part[0], part[1], part[2]) : 0;
}

static enum err literal_text(struct rule_checker *c, struct rule_node *n,
                             const struct rule_kind *hint)
{
	struct str s = n->value.s;
	if (hint && hint->type == RULE_DATE) {
		date_t d = rule__iso_date(s);
		if (!d)
			return rule__fail(c, n, ERR_RULE_TYPE,
			                  "应为日期 / date wanted, 'YYYY-MM-DD': " STR_FMT,
			                  STR_ARG(s));
		make_const(n, RULE_DATE, d);
	} else if (hint && hint->type == RULE_CODE && hint->codes) {
		int item = rule_item_find(hint->codes, s);
		if (item < 0)
			return rule__fail(c, n, ERR_RULE_NAME, "%s: " STR_FMT, hint->codes->name,
			                  STR_ARG(s));
		make_const(n, RULE_CODE, item);
		n->kind.codes = hint->codes;
	} else {
		make_const(n, RULE_TEXT, 0);
		n->value.s = s;
	}
	return OK;
}

static enum err literal_set(struct rule_checker *c, struct rule_node *n,
                            const struct rule_kind *hint)
{
	if (!hint || hint->type != RULE_CODES)
		return rule__fail(c, n, ERR_RULE_TYPE, "%s",
		                  "{…} 只与多选代码比较 / only beside a set of codes");
	uint64_t mask = 0;
	for (int i = 0; i < n->n_names; i++) {
		int item = rule_item_find(hint->codes, n->name[i]);
		if (item < 0 || item > 63) {
			struct rule_near near = rule__near(n->name[i]);
			for (int k = 0; k < hint->codes->n; k++)
				rule__near_try(&near, hint->codes->items[k].id);
			return rule__unknown(c, n, &near);
		}
		mask |= (uint64_t)1 << item;
	}
	make_const(n, RULE_CODES, (int64_t)mask);
	n->kind.codes = hint->codes;
	return OK;
}

enum err rule__literal(struct rule_checker *c, struct rule_node *n, const struct rule_kind *hint)
{
	if (n->op == R_STRING)
		return literal_text(c, n, hint);
	if (n->op == R_SET)
		return literal_set(c, n, hint);
	int scale = n->kind.scale;
	make_const(n, RULE_NUM, n->value.i);
	n->kind.scale = scale;
	return OK;
}
