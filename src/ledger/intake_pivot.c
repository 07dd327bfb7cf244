/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * One row an item (张三, 工资性收入, 18000) made one row a household, as the pack
 * says (struct pack_pivot).  The items of a household may stand anywhere in the
 * table, so its rows are handed out when the whole file has been read.
 */
#include "ledger/intake_stream.h"

#include "base/banned.h"

enum { HOUSEHOLDS_MAX = 100000, PIVOT_ARENA = 512 << 20 };

struct pivot_row {
	uint32_t number; /* of its first item */
	bool hidden;
	struct str section;
	int32_t section_area;
	struct intake_value *values; /* one for each column of the target */
};

struct pivot {
	const struct pack_layout *from, *to;
	const struct pack_pivot *how;
	const struct pack_list *list;
	int *from_of; /* by column of the target: the column with its id, or -1 */
	int *to_of;   /* by code: column of the target, or -1 */
	struct arena arena;
	struct map index; /* household and year -> row */
	VEC(struct pivot_row) rows;
	int64_t last; /* row of the item above, -1 = none */
	size_t at;    /* next to be handed out */
};

void pivot_start(struct intake *in, struct table *t)
{
	const struct pack_layout *from = t->pub.layout;
	struct pivot *p = ARENA_NEW(&in->arena, struct pivot);
	*p = (struct pivot){.from = from, .how = from->pivot, .last = -1,
	                    .to = &in->pack->layouts[from->pivot->into]};
	const struct pack_list *list = pack_pivot_list(in->pack, from);
	p->from_of = ARENA_ARRAY(&in->arena, p->to->n_columns, int);
	for (size_t k = 0; k < p->to->n_columns; k++)
		p->from_of[k] = pack_column(from, p->to->columns[k].id);
	p->list = list;
	p->to_of = ARENA_ARRAY(&in->arena, list->n, int);
	for (size_t i = 0; i < list->n; i++)
		p->to_of[i] = pack_column(p->to, pack_code_attr(list, (int)i, "column"));
	arena_init(&p->arena, PIVOT_ARENA);
	map_init(&p->index);
	t->pivot = p;
	t->pub.into = p->to;
	*vec_push(&in->made) = t;
}

void pivot_release(struct table *t)
{
	arena_release(&t->pivot->arena);
	map_release(&t->pivot->index);
	vec_free(&t->pivot->rows);
}

void pivot_rewind(struct table *t)
{
	struct pivot *p = t->pivot;
	if (!p)
		return;
	map_clear(&p->index);
	arena_clear(&p->arena);
	p->rows.n = p->at = 0;
	p->last = -1;
}

static bool is_read(const struct intake_value *v)
{
	return v->state == INTAKE_OK || v->state == INTAKE_DOUBT;
}

static const struct intake_value *by_role(const struct intake *in, const struct pivot *p,
                                          enum pack_role role)
{
	int k = p->from->role[role];
	return k >= 0 && is_read(&in->values[k]) && in->values[k].text.n ? &in->values[k] : NULL;
}

/* Whose item it is, and of which year: by number, else by place and name. */
static struct str household_of(struct intake *in, const struct table *t, const struct pivot *p)
{
	const struct intake_value *year = by_role(in, p, PACK_ROLE_YEAR);
	const struct intake_value *no = by_role(in, p, PACK_ROLE_HH_NO);
	const struct intake_value *id = by_role(in, p, PACK_ROLE_HEAD_ID);
	const struct intake_value *village = by_role(in, p, PACK_ROLE_VILLAGE);
	const struct intake_value *group = by_role(in, p, PACK_ROLE_GROUP);
	const struct intake_value *name = by_role(in, p, PACK_ROLE_HEAD_NAME);
	long long y = year ? (long long)year->v : 0;
	char *key;
	if (no || id)
		key = arena_printf(&in->row_arena, "%lld %c" STR_FMT, y, no ? 'n' : 'i',
		                   STR_ARG((no ? no : id)->text));
	else
		key = arena_printf(&in->row_arena, "%lld v%.*s|%.*s|%.*s", y,
		                   village ? (int)village->text.n : (int)t->section.n,
		                   village ? village->text.p : t->section.text,
		                   group ? (int)group->text.n : 0, group ? group->text.p : "",
		                   name ? (int)name->text.n : 0, name ? name->text.p : "");
	return str_c(key);
}

/* The row repeats the household above: its year, too, where none is written. */
static bool goes_on(const struct intake *in, const struct pivot *p)
{
	static const enum pack_role roles[] = {PACK_ROLE_HH_NO, PACK_ROLE_HEAD_ID,
	                                       PACK_ROLE_HEAD_NAME};
	bool filled = false;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		const struct intake_value *v = by_role(in, p, roles[i]);
		if (v && !(v->flags & INTAKE_FILLED))
			return false;
		filled = filled || v;
	}
	return filled && p->last >= 0 && !by_role(in, p, PACK_ROLE_YEAR);
}

static void copy_value(struct pivot *p, const struct intake_value *from, struct intake_value *to)
{
	*to = *from;
	to->text = str_copy(&p->arena, from->text);
	to->raw = str_copy(&p->arena, from->raw);
}

static enum err household_row(struct intake *in, struct table *t, struct diag *diag,
                              struct pivot_row **ret)
{
	struct pivot *p = t->pivot;
	struct str key = household_of(in, t, p);
	int64_t at = goes_on(in, p) ? p->last : map_get(&p->index, key, -1);
	if (at >= 0) {
		p->last = at;
		*ret = &p->rows.p[at];
		return OK;
	}
	if (p->rows.n == HOUSEHOLDS_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "> %d", (int)HOUSEHOLDS_MAX);
	p->last = (int64_t)p->rows.n;
	*map_slot(&p->index, str_copy(&p->arena, key), 0) = p->last;
	struct pivot_row *r = vec_push(&p->rows);
	*r = (struct pivot_row){.number = in->row.number, .hidden = in->row.hidden,
	                        .section = str_copy(&p->arena, kept_str(&t->section)),
	                        .section_area = t->section_area};
	r->values = ARENA_ARRAY(&p->arena, p->to->n_columns, struct intake_value);
	for (size_t k = 0; k < p->to->n_columns; k++)
		r->values[k] = (struct intake_value){.state = INTAKE_ABSENT};
	*ret = r;
	return OK;
}

static int code_of(const struct intake *in, const struct pivot *p, int column)
{
	const struct intake_value *v = &in->values[column];
	if (!is_read(v))
		return -1;
	return p->from->columns[column].kind == PACK_CODE ? (int)v->v
	                                                  : pack_code_find(p->list, v->text, NULL);
}

/* The target's column for this item; -1: a total; -2: not known.  A finer word than
 * the kind's decides only where the pack puts it under that kind. */
static int column_of_item(const struct intake *in, const struct pivot *p)
{
	int code = -1;
	for (size_t i = p->how->n_by; i-- > 0;) {
		int finer = code_of(in, p, p->how->by[i]);
		if (finer < 0)
			continue;
		const char *under = pack_code_attr(p->list, finer, "under");
		if (code < 0 || strcmp(under, p->list->codes[code].id) == 0)
			code = finer;
	}
	return code < 0 ? -2 : p->to_of[code];
}

/* Named by its coarsest column; the reader has named a kind that it does not know. */
static void unknown_item(struct intake *in, struct table *t)
{
	const struct pivot *p = t->pivot;
	for (size_t i = p->how->n_by; i-- > 0;) {
		int k = p->how->by[i], c = t->col_of[k];
		if (c < 0)
			continue;
		struct intake_value v = in->values[k];
		if (v.state == INTAKE_BAD)
			return;
		enum err why = v.state == INTAKE_EMPTY ? ERR_CELL_REQUIRED : ERR_CELL_CODE;
		v.state = INTAKE_BAD;
		reject_cell(in, t, &t->cols[c], in->row.number, &v, why, (struct str){NULL, 0});
		return;
	}
}

static void add_amount(struct pivot *p, const struct intake_value *v, struct intake_value *sum)
{
	char text[32];
	if (sum->state == INTAKE_ABSENT) {
		copy_value(p, v, sum);
		return;
	}
	if (v->state == INTAKE_DOUBT)
		sum->state = INTAKE_DOUBT;
	if (__builtin_add_overflow(sum->v, v->v, &sum->v)) {
		sum->state = INTAKE_BAD;
		return;
	}
	size_t n = money_format(sum->v, false, text);
	sum->text = sum->raw = str_copy(&p->arena, (struct str){text, n});
}

enum err pivot_add(struct intake *in, struct table *t, struct diag *diag)
{
	struct pivot *p = t->pivot;
	struct pivot_row *r = NULL;
	int column = column_of_item(in, p);
	if (column == -2) {
		unknown_item(in, t);
		return OK;
	}
	if (column < 0)
		return OK;
	enum err e = household_row(in, t, diag, &r);
	if (e)
		return e;
	for (size_t k = 0; k < p->to->n_columns; k++) {
		const struct intake_value *v = p->from_of[k] >= 0 ? &in->values[p->from_of[k]] : NULL;
		if (v && v->state != INTAKE_ABSENT && r->values[k].state <= INTAKE_EMPTY &&
		    p->from_of[k] != p->how->value)
			copy_value(p, v, &r->values[k]);
	}
	const struct intake_value *amount = &in->values[p->how->value];
	if (is_read(amount) && r->values[column].state != INTAKE_BAD)
		add_amount(p, amount, &r->values[column]);
	return OK;
}

bool pivot_next(struct intake *in, struct intake_row *ret)
{
	for (size_t i = 0; i < in->tables.n; i++) {
		struct pivot *p = in->tables.p[i]->pivot;
		if (!p || p->at == p->rows.n)
			continue;
		const struct pivot_row *r = &p->rows.p[p->at++];
		*ret = (struct intake_row){.table = i, .number = r->number, .hidden = r->hidden,
		                           .section = r->section, .section_area = r->section_area,
		                           .values = r->values};
		return true;
	}
	return false;
}
