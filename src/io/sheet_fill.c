/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/sheet_fill.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "io/sheet_fill_i.h"

#include "base/banned.h"

enum { WRITE_BLOCK = 1 << 16, CELL_MAX = 1 << 20, ROW_CELLS = 16384, SERIAL_1970 = 25569 };

/* A cell as the sheet has it. */
struct xcell {
	uint32_t col;
	struct str raw, style;       /* style: value of s, empty when none */
	struct str f_attrs, formula; /* raw; formula.p NULL when it has none */
	bool content;                /* a value that is no formula's */
};

void fill_flush(struct fill *f, bool all)
{
	if (!all && f->out.n < WRITE_BLOCK)
		return;
	if (f->out.full && !f->failed)
		f->failed = diag_set(f->diag, ERR_FILE_TOO_LARGE, "row");
	if (f->out.n && !f->failed && fwrite(f->out.p, 1, f->out.n, f->file) != f->out.n)
		f->failed = diag_set(f->diag, ERR_IO, "%s", strerror(errno));
	buf_clear(&f->out);
}

static void put_raw(struct fill *f, struct str s)
{
	if (s.n > WRITE_BLOCK) {
		fill_flush(f, true);
		if (!f->failed && fwrite(s.p, 1, s.n, f->file) != s.n)
			f->failed = diag_set(f->diag, ERR_IO, "%s", strerror(errno));
		return;
	}
	buf_addstr(&f->out, s);
	fill_flush(f, false);
}

static void put_ref(struct buf *out, uint32_t col, uint32_t row)
{
	char letters[8];
	size_t n = 0;
	for (uint32_t c = col; c && n < sizeof(letters); c = (c - 1) / 26)
		letters[n++] = (char)('A' + (c - 1) % 26);
	while (n)
		buf_addc(out, letters[--n]);
	buf_addint(out, row);
}

static void put_attr(struct buf *out, struct str name, struct str value)
{
	buf_addf(out, " " STR_FMT "=\"", STR_ARG(name));
	buf_addstr(out, value);
	buf_addc(out, '"');
}

/* --- reading cells ------------------------------------------------------------- */

/* Takes the next cell off a row's inside; columns without a name count on. */
static bool next_cell(struct str cells, size_t *at, uint32_t *last_col, struct xcell *ret)
{
	struct xml_tag t, in;
	do {
		if (!xml_tag_next(cells, at, &t))
			return false;
	} while (!xml_tag_is(&t, "c") || t.kind == XML_TAG_END);
	struct xcell c = {.col = *last_col + 1};
	struct str ref;
	uint32_t row, col;
	if (xml_attr(t.attrs, "r", &ref) && xlsx_ref(ref, &row, &col) && col)
		c.col = col;
	(void)xml_attr(t.attrs, "s", &c.style);
	size_t from = t.at, end = t.end;
	while (t.kind == XML_TAG_START && xml_tag_next(cells, at, &in)) {
		end = in.end;
		if (xml_tag_is(&in, "c") && in.kind == XML_TAG_END)
			break;
		if (xml_tag_is(&in, "f") && in.kind != XML_TAG_END) {
			c.f_attrs = in.attrs;
			c.formula = str_sub(cells, in.end, 0);
			if (in.kind == XML_TAG_START && xml_tag_next(cells, at, &t))
				c.formula = str_sub(cells, in.end, t.at - in.end);
			t.kind = XML_TAG_START;
		} else if ((xml_tag_is(&in, "v") || xml_tag_is(&in, "is")) && in.kind == XML_TAG_START) {
			c.content = true;
		}
	}
	c.content &= c.formula.p == NULL;
	c.raw = str_sub(cells, from, end - from);
	*last_col = c.col;
	*ret = c;
	return true;
}

static bool is_filled(const struct sheet_fill *w, uint32_t col)
{
	for (size_t i = 0; i < w->n_cols; i++)
		if (w->cols[i] == col)
			return true;
	return false;
}

/* --- formulas -------------------------------------------------------------------- */

void fill_formula(struct fill *f, struct str text, bool own, struct buf *out)
{
	struct row_shift s = f->shift;
	s.grow = !own;
	buf_clear(&f->formula);
	formula_shift(text, &s, &f->formula);
	xml_escape(buf_str(&f->formula), NULL, out);
}

/* The unescaped text of a cell's formula, a shared one taken from where it stands. */
static struct str formula_text(struct fill *f, const struct xcell *c, uint32_t row, struct arena *a)
{
	struct buf b;
	struct str si, s = {NULL, 0};
	int64_t no;
	buf_init(&b, CELL_MAX);
	if (c->formula.n) {
		if (xml_unescape(c->formula, XML_CONTENT, &b))
			s = str_copy(a, buf_str(&b));
	} else if (xml_attr(c->f_attrs, "si", &si) && str_to_int(si, &no) &&
	           (no = imap_get(&f->shared_at, no, -1)) >= 0) {
		const struct shared *m = &f->shared.p[no];
		formula_copy(m->text, (int64_t)row - m->row, (int64_t)c->col - m->col, &b);
		s = str_copy(a, buf_str(&b));
	}
	buf_release(&b);
	return s;
}

/* A cell's formula in `to`, copied from `row` when they differ. */
static void put_formula(struct fill *f, const struct xcell *c, uint32_t row, uint32_t to, bool own)
{
	struct arena a;
	struct str type = {NULL, 0}, ref = {NULL, 0};
	arena_init(&a, 0);
	(void)xml_attr(c->f_attrs, "t", &type);
	buf_adds(&f->out, "<c r=\"");
	put_ref(&f->out, c->col, to);
	if (c->style.n)
		buf_addf(&f->out, "\" s=\"" STR_FMT, STR_ARG(c->style));
	buf_adds(&f->out, "\"><f");
	if (str_is(type, "array") && xml_attr(c->f_attrs, "ref", &ref)) {
		struct buf b;
		buf_init(&b, 1000);
		formula_shift_ranges(ref, &f->shift, &b);
		buf_adds(&f->out, " t=\"array\" ref=\"");
		if (row == to || own)
			put_ref(&f->out, c->col, to);
		else
			buf_addstr(&f->out, buf_str(&b));
		buf_addc(&f->out, '"');
		buf_release(&b);
	}
	buf_addc(&f->out, '>');
	struct str text = formula_text(f, c, row, &a);
	if (own && row != to) {
		struct buf b;
		struct row_shift s = f->shift;
		s.grow = false;
		buf_init(&b, CELL_MAX);
		buf_clear(&f->formula);
		formula_shift(text, &s, &f->formula);
		formula_copy(buf_str(&f->formula), (int64_t)to - row, 0, &b);
		xml_escape(buf_str(&b), NULL, &f->out);
		buf_release(&b);
	} else {
		fill_formula(f, text, own, &f->out);
	}
	buf_adds(&f->out, "</f></c>");
	arena_release(&a);
}

/* --- values ------------------------------------------------------------------------ */

static bool shows_date(const struct fill *f, struct str style)
{
	int64_t s;
	if (!str_to_int(style, &s) || s < 0 || (size_t)s >= f->x->n_xf)
		return false;
	enum numfmt kind = (enum numfmt)(f->x->xf[s] & ~XF_STRIKE);
	return kind == NUMFMT_DATE || kind == NUMFMT_DATETIME;
}

static void put_value(struct fill *f, uint32_t col, uint32_t row, struct str style,
                      const struct sheet_fill_value *v)
{
	buf_adds(&f->out, "<c r=\"");
	put_ref(&f->out, col, row);
	buf_addc(&f->out, '"');
	if (style.n)
		buf_addf(&f->out, " s=\"" STR_FMT "\"", STR_ARG(style));
	if (v->kind == SHEET_FILL_NUMBER && v->text.n) {
		buf_addf(&f->out, "><v>" STR_FMT "</v></c>", STR_ARG(v->text));
	} else if (v->kind == SHEET_FILL_DATE && date_prec(v->date) == DATE_DAY && shows_date(f, style)) {
		int32_t serial = date_to_days(v->date) + SERIAL_1970 - (f->x->date1904 ? 1462 : 0);
		buf_addf(&f->out, "><v>%d</v></c>", (int)serial);
	} else if (v->text.n && v->kind != SHEET_FILL_EMPTY) {
		buf_adds(&f->out, " t=\"inlineStr\"><is><t xml:space=\"preserve\">");
		xml_escape(v->text, NULL, &f->out);
		buf_adds(&f->out, "</t></is></c>");
	} else {
		buf_adds(&f->out, "/>");
	}
}

/* --- rows ---------------------------------------------------------------------------- */

/* The row's tag with another number; spans are no longer true. */
static void put_row_tag(struct fill *f, struct str attrs, uint32_t row, bool filled)
{
	struct str name, value;
	buf_addf(&f->out, "<row r=\"%u\"", (unsigned)row);
	while (xml_attr_next(&attrs, &name, &value)) {
		if (str_is(name, "r") || (filled && (str_is(name, "spans") || str_is(name, "hidden"))))
			continue;
		put_attr(&f->out, name, value);
	}
	buf_addc(&f->out, '>');
}

static struct str style_of_column(const struct fill *f, struct str row_attrs, uint32_t col,
                                  struct arena *a)
{
	struct str s;
	if (xml_attr(row_attrs, "s", &s) && xml_attr_bool(row_attrs, "customFormat", false))
		return s;
	int64_t style = imap_get(&f->col_style, col, -1);
	return style < 0 ? (struct str){NULL, 0} : str_c(arena_printf(a, "%lld", (long long)style));
}

static void put_filled(struct fill *f, size_t i, uint32_t col, uint32_t row, struct str style)
{
	struct sheet_fill_value v = {.kind = SHEET_FILL_EMPTY};
	f->what->value(f->what->arg, i, &v);
	put_value(f, col, row, style, &v);
}

/* A cell that no value goes into. */
static void put_kept(struct fill *f, const struct prepared *p, const struct xcell *c, uint32_t from,
                     uint32_t to)
{
	struct sheet_fill_value none = {.kind = SHEET_FILL_EMPTY};
	if (c->formula.p)
		put_formula(f, c, from, to, true);
	else if (from == to && !p->sample)
		put_raw(f, c->raw);
	else
		put_value(f, c->col, to, c->style, &none);
}

/* One record into row `to`, looking like row `from`. */
static void put_record(struct fill *f, uint32_t from, uint32_t to)
{
	const struct sheet_fill *w = f->what;
	const struct prepared *p = &f->rows[from - w->first];
	struct arena a;
	struct xcell c;
	size_t at = 0, i = 0;
	uint32_t last = 0;
	arena_init(&a, 0);
	w->next(w->arg);
	put_row_tag(f, p->attrs, to, true);
	bool more = next_cell(p->cells, &at, &last, &c);
	while (more || i < w->n_cols) {
		if (more && (i == w->n_cols || c.col <= w->cols[i])) {
			if (i < w->n_cols && c.col == w->cols[i])
				put_filled(f, i++, c.col, to, c.style);
			else
				put_kept(f, p, &c, from, to);
			more = next_cell(p->cells, &at, &last, &c);
		} else {
			put_filled(f, i, w->cols[i], to, style_of_column(f, p->attrs, w->cols[i], &a));
			i++;
		}
		fill_flush(f, false);
	}
	buf_adds(&f->out, "</row>");
	arena_release(&a);
}

/* A row of the sheet with values for single cells, formulas moved, results dropped. */
static void put_row(struct fill *f, struct str attrs, struct str cells, uint32_t row, uint32_t to)
{
	const struct sheet_fill *w = f->what;
	struct xcell c;
	size_t at = 0;
	uint32_t last = 0;
	while (f->next_cell < w->n_cells && w->cells[f->next_cell].row < row)
		f->next_cell++;
	put_row_tag(f, attrs, to, false);
	while (next_cell(cells, &at, &last, &c)) {
		const struct sheet_fill_cell *set = f->next_cell < w->n_cells ? &w->cells[f->next_cell] : NULL;
		while (set && set->row == row && set->col < c.col)
			set = ++f->next_cell < w->n_cells ? &w->cells[f->next_cell] : NULL;
		if (set && set->row == row && set->col == c.col) {
			put_value(f, c.col, to, c.style, &set->value);
		} else if (c.formula.p) {
			put_formula(f, &c, row, to, false);
		} else if (row == to) {
			put_raw(f, c.raw);
		} else {
			/* the cell as it is, under its new name */
			struct xml_tag t;
			size_t in = 0;
			struct str name, value, rest;
			if (!xml_tag_next(c.raw, &in, &t))
				continue;
			rest = t.attrs;
			buf_adds(&f->out, "<c r=\"");
			put_ref(&f->out, c.col, to);
			buf_addc(&f->out, '"');
			while (xml_attr_next(&rest, &name, &value))
				if (!str_is(name, "r"))
					put_attr(&f->out, name, value);
			buf_adds(&f->out, t.kind == XML_TAG_EMPTY ? "/>" : ">");
			put_raw(f, str_sub(c.raw, t.end, c.raw.n));
		}
		fill_flush(f, false);
	}
	buf_adds(&f->out, "</row>");
}

static void put_records(struct fill *f)
{
	const struct sheet_fill *w = f->what;
	if (f->done || !f->n_rows)
		return;
	f->done = true;
	uint32_t last_but_one = f->n_rows > 1 ? w->last - 1 : w->last;
	for (size_t i = 0; i < w->n_records && !f->failed; i++) {
		uint32_t to = w->first + (uint32_t)i, from = to;
		if (w->n_records > f->n_rows)
			from = i + 1 == w->n_records ? w->last : to < w->last ? to : last_but_one;
		put_record(f, from, to);
	}
	for (size_t i = w->n_records; i < f->n_rows && !f->failed; i++) {
		const struct prepared *p = &f->rows[i];
		if (!p->cells.p && !p->attrs.p)
			continue;
		put_row(f, p->attrs, p->cells, w->first + (uint32_t)i, w->first + (uint32_t)i);
	}
}

/* --- the sheet ------------------------------------------------------------------------- */

/* The row whose start is t: its inside; *at moves behind it. */
static struct str inside(struct str xml, const struct xml_tag *t, size_t *at)
{
	struct xml_tag end;
	if (t->kind == XML_TAG_EMPTY)
		return str_sub(xml, t->end, 0);
	while (xml_tag_next(xml, at, &end))
		if (xml_tag_is(&end, "row") && end.kind == XML_TAG_END)
			return str_sub(xml, t->end, end.at - t->end);
	return str_sub(xml, t->end, xml.n);
}

static void note_formulas(struct fill *f, struct str cells, uint32_t row, struct prepared *p)
{
	struct xcell c;
	size_t at = 0;
	uint32_t last = 0;
	while (next_cell(cells, &at, &last, &c)) {
		struct str si;
		int64_t no;
		struct buf b;
		if (p && c.content && is_filled(f->what, c.col))
			p->sample = true;
		if (!c.formula.n || !xml_attr(c.f_attrs, "si", &si) || !str_to_int(si, &no))
			continue;
		buf_init(&b, CELL_MAX);
		if (xml_unescape(c.formula, XML_CONTENT, &b)) {
			imap_set(&f->shared_at, no, (int64_t)f->shared.n);
			*vec_push(&f->shared) = (struct shared){str_copy(&f->arena, buf_str(&b)), row, c.col};
		}
		buf_release(&b);
	}
}

static void note_columns(struct fill *f, struct str attrs)
{
	int64_t from = xml_attr_int(attrs, "min", 0), to = xml_attr_int(attrs, "max", 0);
	int64_t style = xml_attr_int(attrs, "style", -1);
	for (int64_t c = from; style >= 0 && c > 0 && c <= to && c <= ROW_CELLS; c++)
		imap_set(&f->col_style, c, style);
}

static void note_merge(struct fill *f, struct str attrs)
{
	const struct sheet_fill *w = f->what;
	struct str ref;
	struct merge m;
	if (!xml_attr(attrs, "ref", &ref))
		return;
	size_t colon = str_find(ref, STR(":"));
	if (colon == SIZE_MAX || !xlsx_ref(str_sub(ref, 0, colon), &m.row1, &m.col1) ||
	    !xlsx_ref(str_sub(ref, colon + 1, ref.n), &m.row2, &m.col2))
		return;
	uint32_t repeated = f->n_rows > 1 ? w->last - 1 : w->last;
	if (m.row1 == m.row2 && m.row1 == repeated)
		*vec_push(&f->row_merges) = m;
}

/* Formulas that are shared, rows that wait, styles of columns, merges. */
static void look(struct fill *f)
{
	struct str xml = buf_str(&f->sheet);
	struct xml_tag t;
	size_t at = 0;
	uint32_t row = 0;
	while (xml_tag_next(xml, &at, &t)) {
		if (t.kind == XML_TAG_END)
			continue;
		if (xml_tag_is(&t, "col"))
			note_columns(f, t.attrs);
		else if (xml_tag_is(&t, "mergeCell"))
			note_merge(f, t.attrs);
		if (!xml_tag_is(&t, "row"))
			continue;
		row = (uint32_t)xml_attr_int(t.attrs, "r", (int64_t)row + 1);
		struct str cells = inside(xml, &t, &at);
		struct prepared *p = NULL;
		if (f->n_rows && row >= f->what->first && row <= f->what->last) {
			p = &f->rows[row - f->what->first];
			*p = (struct prepared){t.attrs, cells, false};
		}
		note_formulas(f, cells, row, p);
	}
}

static void write_sheet(struct fill *f)
{
	struct str xml = buf_str(&f->sheet);
	struct xml_tag t;
	size_t at = 0, copied = 0;
	uint32_t row = 0;
	bool behind = false;
	while (!f->failed && xml_tag_next(xml, &at, &t)) {
		if (xml_tag_is(&t, "sheetData")) {
			put_raw(f, str_sub(xml, copied, t.at - copied));
			copied = t.end;
			if (t.kind != XML_TAG_END)
				buf_adds(&f->out, "<sheetData>");
			if (t.kind != XML_TAG_START) {
				put_records(f);
				buf_adds(&f->out, "</sheetData>");
				behind = true;
			}
		} else if (xml_tag_is(&t, "row") && t.kind != XML_TAG_END && !behind) {
			put_raw(f, str_sub(xml, copied, t.at - copied));
			row = (uint32_t)xml_attr_int(t.attrs, "r", (int64_t)row + 1);
			struct str cells = inside(xml, &t, &at);
			copied = at;
			if (f->n_rows && row >= f->what->first && row <= f->what->last)
				continue;
			if (f->n_rows && row > f->what->last)
				put_records(f);
			put_row(f, t.attrs, cells, row, row > f->what->last && f->n_rows ? row + f->added : row);
		} else if (behind || xml_tag_is(&t, "dimension")) {
			put_raw(f, str_sub(xml, copied, t.at - copied));
			copied = fill_tail_tag(f, &t, xml);
		}
		fill_flush(f, false);
	}
	put_raw(f, str_sub(xml, copied, xml.n));
	fill_flush(f, true);
}

/* --- all of it ---------------------------------------------------------------------------- */

static enum err begin(struct fill *f)
{
	const struct sheet_fill *w = f->what;
	enum { ROWS_WAITING = 200000 };
	for (size_t i = 0; i < w->n_cols; i++)
		if (w->cols[i] == 0 || w->cols[i] > ROW_CELLS || (i && w->cols[i] <= w->cols[i - 1]))
			return diag_set(f->diag, ERR_INVALID, "columns");
	if (w->first && (w->last < w->first || w->last - w->first >= ROWS_WAITING))
		return diag_set(f->diag, ERR_INVALID, "rows %u..%u", (unsigned)w->first, (unsigned)w->last);
	f->n_rows = w->first ? w->last - w->first + 1 : 0;
	if (w->first && w->n_records + w->first > 1048576)
		return diag_set(f->diag, ERR_FILE_TOO_LARGE, "rows %zu", w->n_records);
	f->rows = ARENA_ARRAY(&f->arena, f->n_rows + 1, struct prepared);
	if (f->n_rows && w->n_records > f->n_rows)
		f->added = (uint32_t)(w->n_records - f->n_rows);
	f->shift = (struct row_shift){.after = w->first ? w->last : UINT32_MAX, .n = f->added,
	                              .sheet = str_c(f->name), .bare = true};
	return OK;
}

/* The parts by the reader's knowledge of the workbook. */
static enum err find(struct fill *f, const char *from)
{
	enum err e = rows_open(from, &(struct rows_opts){0}, f->diag, &f->reader);
	if (e == OK && (rows_kind(f->reader) != FILE_XLSX || f->reader->whole))
		e = diag_set(f->diag, ERR_FILE_UNKNOWN, "xlsx");
	if (e == OK && f->what->sheet >= rows_sheet_count(f->reader))
		e = diag_set(f->diag, ERR_INVALID, "sheet %zu", f->what->sheet + 1);
	if (e != OK)
		return e;
	f->x = f->reader->state;
	f->part = f->x->sheet_parts[f->what->sheet];
	f->name = rows_sheet_info(f->reader, f->what->sheet)->name;
	return package_open(&f->package, from, f->diag);
}

static enum err run(struct fill *f, const char *from, const char *to)
{
	const char *part = arena_printf(&f->arena, "%s.xml", to);
	enum err e = find(f, from);
	if (e == OK)
		e = begin(f);
	if (e == OK)
		e = package_read(&f->package, f->part, &f->sheet, f->diag);
	if (e == OK)
		e = package_check_xml(buf_str(&f->sheet), f->diag);
	if (e == OK && str_find(buf_str(&f->sheet), STR("<worksheet")) == SIZE_MAX)
		e = diag_set(f->diag, ERR_UNSUPPORTED, "x:worksheet"); /* names with a prefix */
	if (e != OK)
		return e;
	look(f);
	f->file = fopen(part, "wb");
	if (!f->file)
		return diag_set(f->diag, ERR_IO, "%s: %s", part, strerror(errno));
	write_sheet(f);
	if (fclose(f->file) != 0 && !f->failed)
		f->failed = diag_set(f->diag, ERR_IO, "%s: %s", part, strerror(errno));
	e = f->failed ? f->failed : fill_save(f, from, part, to);
	(void)unlink(part);
	return e;
}

enum err sheet_fill(const char *from, const struct sheet_fill *what, const char *to, struct diag *diag)
{
	struct fill *f = base_calloc(1, sizeof(*f));
	f->what = what;
	f->diag = diag;
	arena_init(&f->arena, (size_t)256 << 20);
	buf_init(&f->sheet, PACKAGE_PART_MAX);
	buf_init(&f->out, 64 << 20);
	buf_init(&f->text, CELL_MAX);
	buf_init(&f->formula, CELL_MAX);
	imap_init(&f->shared_at);
	imap_init(&f->col_style);
	enum err e = run(f, from, to);
	if (e)
		diag_place(diag, "%s", from);
	package_close(&f->package);
	rows_close(f->reader);
	imap_release(&f->shared_at);
	imap_release(&f->col_style);
	vec_free(&f->shared);
	vec_free(&f->row_merges);
	buf_release(&f->sheet);
	buf_release(&f->out);
	buf_release(&f->text);
	buf_release(&f->formula);
	arena_release(&f->arena);
	base_free(f);
	return e;
}
