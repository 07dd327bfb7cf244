/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Labels with their value beside them: a form of one household a sheet, or
 * lines above a table (所属村：东湖村) that hold for all of its rows.
 */
#include "base/utf8.h"
#include "ledger/intake_stream.h"

#include "base/banned.h"

enum { FORM_ROWS = 80, LABEL_CHARS = 16 };

bool form_is_label(const struct pack *pack, struct str s)
{
	char norm[160];
	struct str t = {norm, pack_normal(s, norm, sizeof(norm))};
	if (t.n == 0 || utf8_count(t) > LABEL_CHARS)
		return false;
	if (pack_header_find(pack, t))
		return true;
	size_t open = str_find(t, STR("(")); /* 人均纯收入(元) */
	return open != SIZE_MAX && open > 0 && pack_header_find(pack, str_sub(t, 0, open));
}

static void add_pair(struct form *f, struct arena *a, struct str label, struct str value,
                     uint32_t row, size_t col)
{
	if (f->n == FORM_PAIRS)
		return;
	f->pairs[f->n++] = (struct form_pair){str_copy(a, label), str_copy(a, str_trim(value)), row,
	                                      (uint16_t)(col + 1)};
}

/* "所属村：东湖村　户主：张三" in one cell. */
static bool inline_pairs(const struct pack *pack, struct form *f, struct arena *a, struct str text,
                         uint32_t row, size_t col)
{
	bool any = false;
	while (text.n) {
		size_t at = str_find(text, STR("：")), width = 3;
		size_t ascii = str_find(text, STR(":"));
		if (ascii < at) {
			at = ascii;
			width = 1;
		}
		if (at == SIZE_MAX)
			break;
		struct str label = str_trim(str_sub(text, 0, at));
		struct str rest = str_trim(str_sub(text, at + width, text.n));
		size_t end = 0;
		while (end < rest.n && rest.p[end] != ' ' && rest.p[end] != '\n' &&
		       !str_starts(str_sub(rest, end, 3), STR("　")))
			end++;
		if (form_is_label(pack, label) && end > 0) {
			add_pair(f, a, label, str_sub(rest, 0, end), row, col);
			any = true;
		}
		text = str_trim(str_sub(rest, end, rest.n));
	}
	return any;
}

/* Next cell to the right that is not part of the same merge. */
static size_t next_cell(const struct grid_row *r, size_t c)
{
	size_t k = c + 1;
	while (k < r->n && r->cells[k].spread && str_eq(r->cells[k].text, r->cells[c].text))
		k++;
	return k;
}

static size_t row_pairs(const struct pack *pack, struct form *f, struct arena *a,
                        const struct grid_row *r)
{
	size_t before = f->n, labels = 0;
	for (size_t c = 0; c < r->n;) {
		struct str t = r->cells[c].text;
		size_t next = next_cell(r, c);
		if (t.n && inline_pairs(pack, f, a, t, r->number, c)) {
			c = next;
			continue;
		}
		if (t.n == 0 || !form_is_label(pack, t)) {
			c = next;
			continue;
		}
		labels++;
		struct str v = next < r->n ? r->cells[next].text : (struct str){NULL, 0};
		if (v.n == 0 || form_is_label(pack, v)) {
			f->adjacent += v.n > 0;
			c = next;
			continue;
		}
		add_pair(f, a, t, v, r->number, next);
		c = next_cell(r, next);
	}
	/* labels beside labels are the header of a table */
	if (labels > 2 && (f->n - before) * 2 < labels)
		f->n = before;
	return f->n - before;
}

bool form_is_line(const struct pack *pack, const struct grid *g, size_t row)
{
	const struct grid_row *r = &g->rows[row];
	size_t labels = 0, values = 0;
	for (size_t c = 0; c < r->n; c = next_cell(r, c)) {
		struct str t = r->cells[c].text;
		if (t.n == 0)
			continue;
		bool label = form_is_label(pack, t);
		if (label != (values == labels))
			return false; /* not in turns */
		labels += label;
		values += !label;
	}
	return labels >= 2 && values + 1 >= labels;
}

void form_read(const struct pack *pack, const struct grid *g, uint32_t before, struct arena *a,
               struct form *ret)
{
	*ret = (struct form){.n = 0};
	for (size_t r = 0; r < g->n && r < FORM_ROWS; r++) {
		if (before && g->rows[r].number >= before)
			break;
		if (row_pairs(pack, ret, a, &g->rows[r]))
			ret->rows++;
	}
}

bool form_is_whole(const struct form *f)
{
	return f->n >= 4 && f->rows >= 2 && f->adjacent * 2 < f->n;
}

void form_flatten(const struct form *f, struct arena *a, struct grid *ret)
{
	ret->n = 2;
	ret->width = f->n;
	for (size_t i = 0; i < 2; i++) {
		struct grid_row *r = &ret->rows[i];
		r->number = f->pairs[0].row + (uint32_t)i;
		r->n = f->n;
		r->cells = ARENA_ARRAY(a, f->n, struct grid_cell);
		for (size_t c = 0; c < f->n; c++) {
			r->cells[c].text = i ? f->pairs[c].value : f->pairs[c].label;
			r->cells[c].kind = CELL_TEXT;
		}
	}
}

static int column_of(const struct pack *pack, const struct pack_layout *l, struct str label)
{
	char norm[160];
	struct str t = {norm, pack_normal(label, norm, sizeof(norm))};
	const struct pack_header *e = pack_header_find(pack, t);
	for (; e; e = e->next)
		if (&pack->layouts[e->layout] == l && e->strength != PACK_FALLBACK)
			return e->column;
	return -1;
}

/* Who the record is about: of one form there is one. */
static bool is_identity(const struct pack_column *c)
{
	return c->role == PACK_ROLE_ID || c->role == PACK_ROLE_CARD || c->role == PACK_ROLE_HH_NO ||
	       c->role == PACK_ROLE_HEAD_ID;
}

/* 某某卡片, 某某登记表: a line of one text that names a form. */
static bool is_form_name(const struct grid_row *r)
{
	struct str only = {NULL, 0};
	for (size_t c = 0; c < r->n; c++) {
		if (r->cells[c].text.n == 0 || r->cells[c].spread)
			continue;
		if (only.n)
			return false;
		only = r->cells[c].text;
	}
	return str_ends(only, STR("卡片")) || str_ends(only, STR("卡")) || str_ends(only, STR("表")) ||
	       str_ends(only, STR("台账"));
}

/* Another name of a form between the pairs: values below it may be another's. */
static uint32_t second_name(const struct form *f, const struct grid *g)
{
	for (size_t r = 0; r < g->n; r++)
		if (g->rows[r].number > f->pairs[0].row && g->rows[r].number < f->pairs[f->n - 1].row &&
		    is_form_name(&g->rows[r]))
			return g->rows[r].number;
	return 0;
}

uint32_t form_mixed(const struct pack *pack, const struct pack_layout *l, const struct form *f,
                    const struct grid *g)
{
	for (size_t i = 0; i < f->n; i++) {
		int k = column_of(pack, l, f->pairs[i].label);
		for (size_t j = 0; k >= 0 && is_identity(&l->columns[k]) && j < i; j++)
			if (column_of(pack, l, f->pairs[j].label) == k &&
			    !str_eq(f->pairs[i].value, f->pairs[j].value))
				return f->pairs[i].row;
	}
	return second_name(f, g);
}

void form_constants(struct intake *in, struct table *t, const struct form *f)
{
	t->consts = ARENA_ARRAY(&in->arena, f->n, struct table_const);
	for (size_t i = 0; i < f->n; i++) {
		const struct form_pair *p = &f->pairs[i];
		int k = column_of(in->pack, t->pub.layout, p->label);
		if (k < 0 || t->col_of[k] >= 0)
			continue;
		const struct pack_column *c = &t->pub.layout->columns[k];
		bool place = c->role == PACK_ROLE_VILLAGE || c->role == PACK_ROLE_TOWN ||
		             c->role == PACK_ROLE_GROUP || c->role == PACK_ROLE_YEAR;
		bool twice = false;
		for (size_t j = 0; j < t->n_consts; j++)
			twice = twice || t->consts[j].column == k;
		if (twice || (!place && (f->n < 3 || c->level != PACK_HOUSEHOLD)))
			continue;
		t->consts[t->n_consts++] = (struct table_const){
			k, p->col, p->row, str_copy(&in->arena, p->value)};
	}
	t->form = t->n_consts >= 3;
}
