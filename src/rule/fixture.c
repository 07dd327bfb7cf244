/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fixture: a neutral tree of a few rows to a data set, so that a pack can
 * carry rows for which its rules must and must not answer yes.
 *
 * Rows are collected first (values and links in lists), columns are made of
 * them at the end.
 */
#include "rule/node.h"

#include "base/vec.h"

#include "base/banned.h"

enum { DEPTH_MAX = 8, ROWS_MAX = 1000 };

struct kids {
	VEC(int32_t) row;
	VEC(uint8_t) link;
	bool covered;
};

struct row {
	struct rule_value *value; /* one a field */
	struct kids *kids;        /* one a collection */
	int32_t *parent;          /* one a parent */
};

struct rows {
	VEC(struct row) v;
};

struct builder {
	const struct rule_schema *schema;
	struct arena *a;
	struct diag *diag;
	struct rows *of; /* one an entity */
	size_t total;
	int depth;
};

static enum err refuse(struct builder *b, const struct rule_tree *at, const char *what,
                       struct str value)
{
	enum err e = diag_set(b->diag, ERR_INVALID, "%s: " STR_FMT, what, STR_ARG(value));
	if (at->line > 0)
		diag_place(b->diag, "%d:%d", at->line, at->column);
	return e;
}

static enum err add_row(struct builder *b, int entity, const struct rule_tree *t,
                        int32_t *ret_row);

static struct row *row_at(struct builder *b, int entity, int32_t row)
{
	return &b->of[entity].v.p[row];
}

static enum err link_of(struct builder *b, const struct rule_tree *row, uint8_t *ret)
{
	static const char *const names[] = {"sure", "probable", "unclear"};
	*ret = RULE_LINK_SURE;
	for (size_t i = 0; i < row->n; i++) {
		const struct rule_tree *t = &row->items[i];
		if (!str_is(t->name, "_link"))
			continue;
		for (uint8_t k = 0; k < 3; k++)
			if (t->kind == RULE_TREE_TEXT && str_is(t->text, names[k])) {
				*ret = k;
				return OK;
			}
		return refuse(b, t, "_link", t->text);
	}
	return OK;
}

static enum err add_children(struct builder *b, int entity, int32_t row, int collection,
                             const struct rule_tree *list)
{
	const struct rule_collection *c = &b->schema->entities[entity].collections[collection];
	for (size_t i = 0; i < list->n; i++) {
		int32_t child;
		uint8_t link;
		enum err e = add_row(b, c->entity, &list->items[i], &child);
		if (!e)
			e = link_of(b, &list->items[i], &link);
		if (e)
			return e;
		struct kids *kids = &row_at(b, entity, row)->kids[collection];
		*vec_push(&kids->row) = child;
		*vec_push(&kids->link) = link;
		if (c->inverse >= 0)
			row_at(b, c->entity, child)->parent[c->inverse] = row;
	}
	return OK;
}

/* {covered: no, rows: [...]} */
static enum err add_covered(struct builder *b, int entity, int32_t row, int collection,
                            const struct rule_tree *map)
{
	const struct rule_kind yes_no = {.type = RULE_BOOL};
	for (size_t i = 0; i < map->n; i++) {
		const struct rule_tree *t = &map->items[i];
		struct rule_value v;
		if (str_is(t->name, "covered") && t->kind == RULE_TREE_TEXT &&
		    rule_parse_value(yes_no, t->text, b->a, &v) && v.state) {
			row_at(b, entity, row)->kids[collection].covered = v.i != 0;
		} else if (str_is(t->name, "rows") && t->kind == RULE_TREE_LIST) {
			enum err e = add_children(b, entity, row, collection, t);
			if (e)
				return e;
		} else {
			return refuse(b, t, "covered, rows", t->name);
		}
	}
	return OK;
}

/* The parent given inside a row, which then stands in its collection. */
static enum err add_parent(struct builder *b, int entity, int32_t row, int parent,
                           const struct rule_tree *t)
{
	int up_entity = b->schema->entities[entity].parents[parent].entity;
	const struct rule_entity *up = &b->schema->entities[up_entity];
	int32_t up_row;
	enum err e = add_row(b, up_entity, t, &up_row);
	if (e)
		return e;
	row_at(b, entity, row)->parent[parent] = up_row;
	for (int i = 0; i < up->n_collections; i++) {
		if (up->collections[i].entity != entity || up->collections[i].inverse != parent)
			continue;
		struct kids *kids = &row_at(b, up_entity, up_row)->kids[i];
		*vec_push(&kids->row) = row;
		*vec_push(&kids->link) = RULE_LINK_SURE;
		memmove(kids->row.p + 1, kids->row.p, (kids->row.n - 1) * sizeof *kids->row.p);
		memmove(kids->link.p + 1, kids->link.p, kids->link.n - 1);
		kids->row.p[0] = row;
		kids->link.p[0] = RULE_LINK_SURE;
		kids->covered = true;
	}
	return OK;
}

static enum err add_collection(struct builder *b, int entity, int32_t row, int collection,
                               const struct rule_tree *t)
{
	row_at(b, entity, row)->kids[collection].covered = true;
	if (t->kind == RULE_TREE_LIST)
		return add_children(b, entity, row, collection, t);
	if (t->kind == RULE_TREE_MAP)
		return add_covered(b, entity, row, collection, t);
	return t->text.n ? refuse(b, t, "[ ]", t->name) : OK;
}

static enum err add_member(struct builder *b, int entity, int32_t row, const struct rule_tree *t)
{
	const struct rule_entity *e = &b->schema->entities[entity];
	int i = rule_field_find(e, t->name);
	if (i >= 0 && t->kind == RULE_TREE_TEXT) {
		struct rule_value v;
		if (!rule_parse_value(e->fields[i].kind, t->text, b->a, &v))
			return refuse(b, t, e->fields[i].name, t->text);
		row_at(b, entity, row)->value[i] = v;
		return OK;
	}
	int c = rule_collection_find(e, t->name);
	if (c >= 0)
		return add_collection(b, entity, row, c, t);
	for (int p = 0; p < e->n_parents; p++)
		if (str_is(t->name, e->parents[p].name) && t->kind == RULE_TREE_MAP)
			return add_parent(b, entity, row, p, t);
	return str_is(t->name, "_link") ? OK : refuse(b, t, e->name, t->name);
}

static struct row row_new(struct builder *b, const struct rule_entity *e)
{
	struct row r = {
	    ARENA_ARRAY(b->a, e->n_fields + 1, struct rule_value),
	    ARENA_ARRAY(b->a, e->n_collections + 1, struct kids),
	    ARENA_ARRAY(b->a, e->n_parents + 1, int32_t),
	};
	for (int i = 0; i < e->n_parents; i++)
		r.parent[i] = -1;
	for (int i = 0; i < e->n_collections; i++)
		r.kids[i].covered = e->collections[i].kind == RULE_PLAIN;
	return r;
}

static enum err add_row(struct builder *b, int entity, const struct rule_tree *t,
                        int32_t *ret_row)
{
	const struct rule_entity *e = &b->schema->entities[entity];
	if (t->kind != RULE_TREE_MAP)
		return refuse(b, t, e->name, t->text);
	if (b->depth >= DEPTH_MAX || ++b->total > ROWS_MAX)
		return refuse(b, t, "max", str_c(e->name));
	int32_t row = (int32_t)b->of[entity].v.n;
	*vec_push(&b->of[entity].v) = row_new(b, e);
	*ret_row = row;
	b->depth++;
	enum err err = OK;
	for (size_t i = 0; i < t->n && !err; i++)
		err = add_member(b, entity, row, &t->items[i]);
	b->depth--;
	return err;
}

/* ---- columns */

static struct rule_column make_column(struct builder *b, const struct rows *rows, int field,
                                      enum rule_type type)
{
	size_t n = rows->v.n;
	uint8_t *state = ARENA_ARRAY(b->a, n + 1, uint8_t);
	int64_t *ints = type == RULE_TEXT ? NULL : ARENA_ARRAY(b->a, n + 1, int64_t);
	struct str *texts = type == RULE_TEXT ? ARENA_ARRAY(b->a, n + 1, struct str) : NULL;
	for (size_t r = 0; r < n; r++) {
		const struct rule_value *v = &rows->v.p[r].value[field];
		state[r] = v->state;
		if (texts)
			texts[r] = v->s;
		else
			ints[r] = v->i;
	}
	return (struct rule_column){ints, texts, state};
}

static struct rule_links make_links(struct builder *b, const struct rows *rows, int collection)
{
	size_t n = rows->v.n, total = 0;
	for (size_t r = 0; r < n; r++)
		total += rows->v.p[r].kids[collection].row.n;
	uint32_t *from = ARENA_ARRAY(b->a, n + 1, uint32_t);
	int32_t *row = ARENA_ARRAY(b->a, total + 1, int32_t);
	uint8_t *link = ARENA_ARRAY(b->a, total + 1, uint8_t);
	uint8_t *covered = ARENA_ARRAY(b->a, n + 1, uint8_t);
	uint32_t at = 0;
	for (size_t r = 0; r < n; r++) {
		const struct kids *k = &rows->v.p[r].kids[collection];
		from[r] = at;
		covered[r] = k->covered;
		for (size_t i = 0; i < k->row.n; i++, at++) {
			row[at] = k->row.p[i];
			link[at] = k->link.p[i];
		}
	}
	from[n] = at;
	return (struct rule_links){from, row, link, covered};
}

static void make_table(struct builder *b, int entity, struct rule_table *t)
{
	const struct rule_entity *e = &b->schema->entities[entity];
	const struct rows *rows = &b->of[entity];
	struct rule_column *columns = ARENA_ARRAY(b->a, e->n_fields + 1, struct rule_column);
	struct rule_links *links = ARENA_ARRAY(b->a, e->n_collections + 1, struct rule_links);
	const int32_t **parents = ARENA_ARRAY(b->a, e->n_parents + 1, const int32_t *);
	for (int i = 0; i < e->n_fields; i++)
		columns[i] = make_column(b, rows, i, e->fields[i].kind.type);
	for (int i = 0; i < e->n_collections; i++)
		links[i] = make_links(b, rows, i);
	for (int i = 0; i < e->n_parents; i++) {
		int32_t *p = ARENA_ARRAY(b->a, rows->v.n + 1, int32_t);
		for (size_t r = 0; r < rows->v.n; r++)
			p[r] = rows->v.p[r].parent[i];
		parents[i] = p;
	}
	*t = (struct rule_table){rows->v.n, columns, links, parents};
}

static void builder_release(struct builder *b)
{
	for (int i = 0; i < b->schema->n_entities; i++) {
		struct rows *rows = &b->of[i];
		for (size_t r = 0; r < rows->v.n; r++)
			for (int c = 0; c < b->schema->entities[i].n_collections; c++) {
				vec_free(&rows->v.p[r].kids[c].row);
				vec_free(&rows->v.p[r].kids[c].link);
			}
		vec_free(&rows->v);
	}
}

enum err rule_fixture(const struct rule_schema *s, int entity, const struct rule_tree *row,
                      struct arena *a, struct rule_data **ret_data, struct diag *diag)
{
	struct diag own;
	diag_clear(&own);
	struct builder b = {.schema = s, .a = a, .diag = diag ? diag : &own};
	b.of = ARENA_ARRAY(a, s->n_entities + 1, struct rows);
	int32_t top;
	enum err e = add_row(&b, entity, row, &top);
	if (!e) {
		struct rule_table *tables = ARENA_ARRAY(a, s->n_entities + 1, struct rule_table);
		for (int i = 0; i < s->n_entities; i++)
			make_table(&b, i, &tables[i]);
		struct rule_data *d = ARENA_NEW(a, struct rule_data);
		*d = (struct rule_data){s, tables, 0};
		*ret_data = d;
	}
	builder_release(&b);
	return e;
}
