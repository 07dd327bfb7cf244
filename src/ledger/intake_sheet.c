/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A sheet as a chain of sections one below the other: ordinary tables, tables with a record a
 * column, cards.  Each is looked at in a grid that begins where the one above ends.
 * Tables side by side are chains of their own.
 *
 * What an ordinary table ends with is seen when its rows go by (intake.c), which then has the
 * rest of the sheet looked at from there.
 */
#include "ledger/intake_turn.h"

#include "base/banned.h"

enum { SECTIONS_MAX = 64 };

void sheet_skip(struct intake *in, size_t sheet, uint32_t row, enum err code, struct str detail)
{
	*vec_push(&in->skipped) = (struct intake_skipped){sheet, row, code,
	                                                  str_copy(&in->arena, detail)};
}

/* Why a sheet is not read. */
struct why {
	enum err code;
	struct str detail;
	uint32_t row; /* or 0 */
};

/* One household on this sheet, by labels, without a table.  TABLE_MIXED in *ret when there
 * are several, and nothing says which value is whose. */
static bool make_form(struct intake *in, const struct grid *g, size_t sheet, struct why *ret)
{
	struct form *f = ARENA_NEW(&in->scratch, struct form);
	const struct head_words known = {in->pack, in->opts.map};
	struct head h;
	if (head_find(&known, g, 0, &in->scratch, &h) && h.known >= 3)
		return false;
	form_read(in->pack, g, 0, &in->scratch, f);
	if (!form_is_whole(f) || f->rows * 2 < g->n)
		return false;
	struct grid *flat = ARENA_NEW(&in->scratch, struct grid);
	form_flatten(f, &in->scratch, flat);
	enum err why;
	struct str detail;
	struct table *t = table_make(in, flat, sheet, 0, &why, &detail);
	if (!t)
		return false;
	uint32_t mixed = form_mixed(in->pack, t->pub.layout, f, g);
	if (mixed) {
		in->tables.n--;
		*ret = (struct why){ERR_TABLE_MIXED, (struct str){NULL, 0}, mixed};
		return false;
	}
	struct cell *cells = ARENA_ARRAY(&in->arena, f->n, struct cell);
	struct form_pair *pairs = ARENA_ARRAY(&in->arena, f->n, struct form_pair);
	for (size_t i = 0; i < f->n; i++) {
		cells[i] = (struct cell){.kind = CELL_TEXT,
		                         .text = str_copy(&in->arena, f->pairs[i].value)};
		pairs[i] = f->pairs[i];
	}
	t->form = true;
	t->form_places = pairs;
	t->n_form_cells = f->n;
	t->form_rows = ARENA_NEW(&in->arena, struct row);
	*t->form_rows = (struct row){.number = f->pairs[0].row, .cells = cells, .n = f->n};
	t->n_form_rows = 1;
	t->pub.header_first = t->pub.header_last = 0;
	t->pub.data_first = f->pairs[0].row;
	return true;
}

static bool make_table(struct intake *in, const struct grid *g, size_t sheet, enum err *ret_why,
                       struct str *ret_detail)
{
	struct table *t = table_make(in, g, sheet, 0, ret_why, ret_detail);
	if (!t)
		return false;
	struct form *f = ARENA_NEW(&in->scratch, struct form);
	form_read(in->pack, g, t->pub.header_first, &in->scratch, f);
	if (f->n)
		form_constants(in, t, f);
	return true;
}

/* Keeps the order of the sheet: parts found while rows go by come behind the one at hand. */
static void add_part(struct intake *in, struct sheet_place place, size_t table)
{
	(void)vec_push(&in->parts);
	for (size_t i = in->parts.n - 1; i > in->part_at; i--)
		in->parts.p[i] = in->parts.p[i - 1];
	in->parts.p[in->part_at++] = (struct part){place, table};
}

/* One form, one table, or several side by side; those of them that are none of rows are looked
 * at by themselves. */
static enum err make_parts(struct intake *in, const struct grid *g, struct sheet_place p,
                           struct diag *diag, struct why *ret, bool *ret_made)
{
	struct strip strips[STRIPS_MAX];
	bool turned[STRIPS_MAX] = {false};
	size_t before = in->tables.n, sheet = p.sheet, tables = 0;
	bool whole = p.strip.lo == 0 && p.strip.hi == SIZE_MAX;
	*ret = (struct why){OK, {NULL, 0}, 0};
	*ret_made = make_form(in, g, sheet, ret);
	if (*ret_made)
		add_part(in, p, before);
	if (*ret_made || ret->code)
		return OK;
	bool made = make_table(in, g, sheet, &ret->code, &ret->detail);
	size_t after = in->tables.n;
	int score = made ? in->tables.p[before]->pub.score : -1;
	size_t n = whole ? strips_make(in, g, sheet, score, strips, turned) : 0;
	*ret_made = made || n > 0;
	if (n == 0) {
		if (made)
			add_part(in, p, before);
		return OK;
	}
	for (size_t i = 0; i < n; i++)
		tables += !turned[i];
	for (size_t i = 0; made && i < tables; i++) /* the strips' tables instead of the one */
		in->tables.p[before + i] = in->tables.p[after + i];
	in->tables.n = before + tables;
	enum err e = OK;
	for (size_t i = 0, k = before; e == OK && i < n; i++) {
		struct sheet_place place = {sheet, p.from, strips[i]};
		if (turned[i])
			e = sheet_look(in, place, diag);
		else
			add_part(in, place, k++);
	}
	return e;
}

/* Empties what stands beside the strip. */
static void cut(struct grid *g, const struct strip *s)
{
	for (size_t r = 0; r < g->n; r++) {
		struct grid_row *row = &g->rows[r];
		row->n = row->n < s->hi ? row->n : s->hi;
		for (size_t c = 0; c < row->n && c < s->lo; c++)
			row->cells[c] = (struct grid_cell){.kind = CELL_EMPTY};
	}
	g->width = g->width < s->hi ? g->width : s->hi;
}

static enum err read_grid(struct intake *in, const struct sheet_place *p, struct diag *diag,
                          struct grid *g)
{
	enum err e = rows_sheet(in->rows, p->sheet, diag);
	if (e == OK)
		e = grid_read_from(in->rows, p->from, &in->scratch, diag, g);
	if (e == OK)
		cut(g, &p->strip);
	return e;
}

/* The first line that is more than a title, a note or signatures. */
static const struct grid_row *first_line(const struct intake *in, const struct grid *g,
                                         struct arena *a, struct str *ret_text)
{
	for (size_t r = 0; r < g->n; r++) {
		const struct grid_row *row = &g->rows[r];
		struct row line = line_of_grid(row, a);
		size_t first = line_first(row);
		struct str section;
		if (first < row->n)
			*ret_text = row->cells[first].text;
		if (line_texts(row) > 1 && class_of(&line, 0, line.n, &in->villages, &section) == INTAKE_DATA)
			return row;
	}
	return NULL;
}

/* An ordinary table, a form, or nothing that is known; of that the end is where another
 * section begins, *ret_next or 0. */
static enum err look_at_rest(struct intake *in, struct grid *g, const struct sheet_place *p,
                             struct diag *diag, uint32_t *ret_next)
{
	struct why why;
	struct str text = {NULL, 0};
	bool made;
	const struct grid_row *row = p->from ? first_line(in, g, &in->scratch, &text) : NULL;
	uint32_t number = row ? row->number : 0;
	text = str_copy(&in->arena, text);
	uint32_t next = turn_cut(in, g);
	enum err e = make_parts(in, g, *p, diag, &why, &made);
	if (e || made)
		return e;
	*ret_next = next;
	if (p->from == 0)
		sheet_skip(in, p->sheet, why.row, why.code, why.detail);
	else if (number)
		sheet_skip(in, p->sheet, why.row ? why.row : number, why.code,
		           why.detail.n ? why.detail : text);
	return OK;
}

/* Does an ordinary table begin above the row, although its lines look like cards? */
static bool has_header(struct intake *in, const struct grid *g, uint32_t row)
{
	const struct head_words known = {in->pack, in->opts.map};
	struct head h;
	return head_find(&known, g, 0, &in->scratch, &h) && h.known >= 3 &&
	       g->rows[h.row_first].number < row;
}

enum err sheet_look(struct intake *in, struct sheet_place p, struct diag *diag)
{
	for (uint32_t next = 0;; p.from = next, next = 0) {
		struct turn turn;
		size_t tables = in->tables.n;
		arena_clear(&in->scratch);
		struct grid *g = ARENA_NEW(&in->scratch, struct grid);
		enum err e = read_grid(in, &p, diag, g);
		if (e || g->n == 0)
			return e;
		if (p.from && in->sections++ == SECTIONS_MAX) {
			sheet_skip(in, p.sheet, p.from, ERR_TABLE_NOT_FOUND, (struct str){NULL, 0});
			return OK;
		}
		if ((e = turn_make(in, g, &p, diag, &turn)) != OK)
			return e;
		if (turn.made) {
			add_part(in, p, tables);
			next = turn.next;
		} else if (!turn.found || (p.from == 0 && turn.next == 0) ||
		           has_header(in, g, turn.next)) {
			e = look_at_rest(in, g, &p, diag, &next);
		} else {
			sheet_skip(in, p.sheet, turn.first, ERR_TABLE_NOT_FOUND, turn.label);
			next = turn.next;
		}
		if (e || next == 0)
			return e;
	}
}
