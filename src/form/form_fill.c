/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_fill: rows and pages of a form, one after the other. */
#include "form/form_i.h"

#include "io/docx.h"
#include "io/sheet_fill.h"

#include "base/banned.h"

/* Where the filling stands. */
struct at {
	const struct form *f;
	struct form_town ft;
	const int32_t *households;
	size_t n;
	size_t next;       /* household to come */
	struct form_row row;
	uint32_t member;   /* of the household, for rows a person */
	bool begun;        /* a block's first record was given */
	size_t block;      /* document: the block that is being repeated */
	bool page_done;    /* document of one page only */
	size_t rows;
	struct arena arena; /* of the row */
	const size_t *column; /* workbook: by place in sheet_fill's cols */
	size_t marked;      /* document: column by its field */
};

static void take_household(struct at *at, int32_t h)
{
	at->row.household = h;
	at->row.head = form_head(&at->ft, h);
	at->row.person = TOWN_NONE;
	at->member = at->ft.persons.at[h];
}

/* The next person, of the next household that has one. */
static bool next_person(struct at *at)
{
	for (;;) {
		if (at->begun && at->member < at->ft.persons.at[at->row.household + 1]) {
			at->row.person = at->ft.persons.item[at->member++];
			return true;
		}
		if (at->next >= at->n)
			return false;
		take_household(at, at->households[at->next++]);
		at->begun = true;
	}
}

static bool next_record(struct at *at)
{
	arena_clear(&at->arena);
	at->row.seq++;
	at->rows++;
	if (at->f->grain == FORM_PERSON)
		return next_person(at);
	if (at->next >= at->n)
		return false;
	take_household(at, at->households[at->next++]);
	return true;
}

static size_t count_records(const struct at *at)
{
	size_t n = 0;
	if (at->f->grain != FORM_PERSON)
		return at->n;
	for (size_t i = 0; i < at->n; i++)
		n += at->ft.persons.at[at->households[i] + 1] - at->ft.persons.at[at->households[i]];
	return n;
}

/* --- values as text --------------------------------------------------------------------- */

/* Money in the column's unit, without needless zeros behind the point. */
static const char *decimal(const struct form_column *c, const struct form_value *v, struct arena *a)
{
	bool wan = v->kind == FORM_MONEY && c->unit == MONEY_WAN;
	if (v->kind == FORM_MONEY && !wan) {
		char out[32];
		(void)money_format(v->v, false, out);
		return arena_strdup(a, out);
	}
	return print_number(a, v->v, wan ? 6 : v->scale);
}

static const char *as_text(const struct form_column *c, const struct form_value *v, struct arena *a)
{
	switch (v->kind) {
	case FORM_TEXT: return v->text;
	case FORM_NUMBER:
	case FORM_MONEY: return decimal(c, v, a);
	case FORM_DATE: return date_dup(a, v->date);
	default: return "";
	}
}

static struct form_value value_of(struct at *at, const struct form_column *c)
{
	if (c->field < 0)
		return (struct form_value){.kind = FORM_NOTHING};
	return form_value(&at->ft, &at->row, (enum form_field)c->field, c->year, &at->arena);
}

static struct sheet_fill_value cell_of(struct at *at, const struct form_column *c)
{
	static const enum sheet_fill_kind kinds[] = {
		[FORM_NOTHING] = SHEET_FILL_EMPTY, [FORM_TEXT] = SHEET_FILL_TEXT,
		[FORM_NUMBER] = SHEET_FILL_NUMBER, [FORM_MONEY] = SHEET_FILL_NUMBER,
		[FORM_DATE] = SHEET_FILL_DATE};
	struct form_value v = value_of(at, c);
	struct sheet_fill_value out = {.kind = kinds[v.kind], .date = v.date,
	                               .text = str_c(as_text(c, &v, &at->arena))};
	if (!c->before.n && !c->behind.n)
		return out;
	out.kind = SHEET_FILL_TEXT; /* 第{{序号}}户 */
	out.text = str_c(arena_printf(&at->arena, STR_FMT STR_FMT STR_FMT, STR_ARG(c->before),
	                              STR_ARG(out.text), STR_ARG(c->behind)));
	return out;
}

/* --- workbooks ------------------------------------------------------------------------------ */

static void sheet_next(void *arg)
{
	(void)next_record(arg);
}

static void sheet_value(void *arg, size_t i, struct sheet_fill_value *ret)
{
	struct at *at = arg;
	*ret = cell_of(at, &at->f->columns[at->column[i]]);
}

static enum err fill_table(struct at *at, const char *to, struct arena *a, struct diag *diag)
{
	const struct form *f = at->f;
	uint32_t *cols = ARENA_ARRAY(a, f->n + 1, uint32_t);
	size_t *column = ARENA_ARRAY(a, f->n + 1, size_t), n = 0;
	for (size_t i = 0; i < f->n; i++) {
		const struct form_column *c = &f->columns[i];
		if (c->row || c->formula || (c->field < 0 && !c->sample.n))
			continue;
		size_t k = n++;
		for (; k > 0 && cols[k - 1] > c->col; k--) {
			cols[k] = cols[k - 1];
			column[k] = column[k - 1];
		}
		cols[k] = c->col;
		column[k] = i;
	}
	at->column = column;
	struct sheet_fill w = {.sheet = f->sheet, .first = f->first, .last = f->last, .cols = cols,
	                       .n_cols = n, .n_records = count_records(at), .next = sheet_next,
	                       .value = sheet_value, .arg = at};
	return sheet_fill(f->path, &w, to, diag);
}

static enum err fill_labels(struct at *at, const char *to, struct arena *a, struct diag *diag)
{
	const struct form *f = at->f;
	struct sheet_fill_cell *cells = ARENA_ARRAY(a, f->n + 1, struct sheet_fill_cell);
	size_t n = 0;
	if (at->n != 1)
		return diag_set(diag, ERR_INVALID, "%zu", at->n); /* a sheet holds one */
	(void)next_record(at);
	for (size_t i = 0; i < f->n; i++) {
		const struct form_column *c = &f->columns[i];
		if (c->field < 0 && !c->before.n && !c->behind.n && !str_starts(c->sample, STR("{{")))
			continue;
		cells[n++] = (struct sheet_fill_cell){c->row, c->col, cell_of(at, c)};
	}
	struct sheet_fill w = {.sheet = f->sheet, .cells = cells, .n_cells = n};
	return sheet_fill(f->path, &w, to, diag);
}

/* --- documents ---------------------------------------------------------------------------------- */

static bool doc_page(void *arg)
{
	struct at *at = arg;
	at->block = 0;
	arena_clear(&at->arena);
	if (at->f->grain != FORM_PAGE) {
		bool first = !at->page_done;
		at->page_done = true;
		return first;
	}
	if (at->next >= at->n)
		return false;
	take_household(at, at->households[at->next++]);
	at->rows++;
	return true;
}

/* On a page of its own a block repeats the members; else it is the list. */
static bool doc_row(void *arg, size_t block)
{
	struct at *at = arg;
	bool first = at->block != block;
	at->block = block;
	if (at->f->grain == FORM_PAGE) {
		arena_clear(&at->arena);
		if (first) {
			at->member = at->ft.persons.at[at->row.household];
			at->row.seq = 0;
		}
		at->row.seq++;
		if (at->member >= at->ft.persons.at[at->row.household + 1]) {
			at->row.person = TOWN_NONE;
			return false;
		}
		at->row.person = at->ft.persons.item[at->member++];
		return true;
	}
	if (first) {
		at->next = 0;
		at->begun = false;
		at->row = (struct form_row){.person = TOWN_NONE};
	}
	return next_record(at);
}

static void doc_value(void *arg, size_t field, struct buf *out)
{
	struct at *at = arg;
	const struct form_column *c = &at->f->columns[field];
	if (at->f->grain != FORM_PAGE && !c->block)
		return; /* outside the list there is nobody to speak of */
	struct form_value v = value_of(at, c);
	const char *s = as_text(c, &v, &at->arena);
	buf_adds(out, s ? s : "");
}

static enum err fill_document(struct at *at, const char *to, struct diag *diag)
{
	struct docx *d;
	enum err e = docx_open(at->f->path, diag, &d);
	if (e)
		return e;
	struct docx_source s = {at, doc_page, doc_row, doc_value};
	e = docx_fill(d, &s, to, diag);
	docx_close(d);
	return e;
}

static void name_unknown(const struct form *f, struct arena *a, struct form_filled *ret)
{
	struct str *list = ARENA_ARRAY(a, f->n + 1, struct str);
	for (size_t i = 0; i < f->n; i++)
		if (f->columns[i].field < 0 && !f->columns[i].formula)
			list[ret->n_unknown++] = f->columns[i].header;
	ret->unknown = list;
}

enum err form_fill(const struct form *f, const struct report *r, const int32_t *households,
                   size_t n, const char *to, struct arena *a, struct diag *diag,
                   struct form_filled *ret)
{
	struct at at = {.f = f, .households = households, .n = n, .row = {.person = TOWN_NONE}};
	struct form_filled done = {.households = n};
	enum err e;
	form_town_init(&at.ft, r, a);
	arena_init(&at.arena, (size_t)64 << 20);
	if (f->kind == FORM_TABLE)
		e = fill_table(&at, to, a, diag);
	else if (f->kind == FORM_LABELS)
		e = fill_labels(&at, to, a, diag);
	else
		e = fill_document(&at, to, diag);
	arena_release(&at.arena);
	done.rows = f->kind == FORM_TABLE ? count_records(&at) : at.rows;
	name_unknown(f, a, &done);
	if (e == OK)
		*ret = done;
	return e;
}
