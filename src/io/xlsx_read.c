/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * xlsx: sheets and rows of Office Open XML workbooks (ECMA-376, transitional
 * and strict).  A sheet is streamed out of the zip; only shared strings,
 * merges and notes are kept.
 */
#include "io/xlsx_impl.h"

#include "base/banned.h"

enum { ROWS_MAX = 1 << 24 };

static void end_sheet(struct xlsx *x)
{
	xml_release(&x->xml);
	xlsx_part_close(&x->part);
	x->in_sheet = false;
}

/* The parts that the workbook's relations name, else those of the usual names. */
static void find_parts(struct xlsx *x, const struct xrels *rels)
{
	const struct xrel *rel = xlsx_rel(rels, "sharedStrings");
	const char *name = rel ? rel->target : "xl/sharedStrings.xml";
	x->strings_part = xlsx_has_part(x, name) ? name : NULL;
	rel = xlsx_rel(rels, "styles");
	name = rel ? rel->target : "xl/styles.xml";
	x->styles_part = xlsx_has_part(x, name) ? name : NULL;
}

static const struct xrel *rel_by_id(const struct xrels *rels, struct str id)
{
	for (size_t i = 0; i < rels->n; i++)
		if (str_is(id, rels->p[i].id))
			return &rels->p[i];
	return NULL;
}

static enum sheet_state state_of(struct str attrs)
{
	struct str v;
	if (!xml_attr(attrs, "state", &v))
		return SHEET_VISIBLE;
	if (str_is(v, "hidden"))
		return SHEET_HIDDEN;
	return str_is(v, "veryHidden") ? SHEET_VERY_HIDDEN : SHEET_VISIBLE;
}

struct book {
	struct xrels rels;
	VEC(const char *) parts; /* by sheet */
	struct buf others;
	size_t seen;
};

static enum err add_sheet(struct rows *r, struct xlsx *x, struct book *b, struct diag *diag)
{
	struct str name = {NULL, 0}, id = {NULL, 0};
	const struct xrel *rel = NULL;
	if (++b->seen > ROWS_SHEETS_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "sheets > %d", ROWS_SHEETS_MAX);
	(void)xml_attr(x->xml.attrs, "name", &name);
	if (xml_attr(x->xml.attrs, ":id", &id))
		rel = rel_by_id(&b->rels, id);
	const char *title = xlsx_attr_dup(&r->arena, name);
	const char *part = rel && !rel->external ? rel->target : NULL;
	if (!part) /* relations that are lost: the usual name */
		part = arena_printf(&r->arena, "xl/worksheets/sheet%zu.xml", b->seen);
	if (!xlsx_has_part(x, part) || (rel && strcmp(rel->type, "worksheet") != 0)) {
		buf_addf(&b->others, "%s%s", b->others.n ? ", " : "", title ? title : "");
		return OK;
	}
	*vec_push(&b->parts) = part;
	(void)rows_add_sheet(r, str_c(title ? title : ""), state_of(x->xml.attrs));
	return OK;
}

static enum err read_book(struct rows *r, struct xlsx *x, struct book *b, struct diag *diag)
{
	enum err e = xlsx_part_open(r, x, x->book, diag, &x->part);
	if (e != OK)
		return e;
	xml_init(&x->xml, xlsx_part_read, &x->part, XML_TOKEN_MAX);
	for (;;) {
		enum xml_kind k = xml_next(&x->xml, diag);
		if (k == XML_FAILED)
			e = diag->code;
		else if (k == XML_START && x->xml.depth == 3 && xml_is(&x->xml, "sheet"))
			e = add_sheet(r, x, b, diag);
		else if (k == XML_START && x->xml.depth == 2 && xml_is(&x->xml, "workbookPr"))
			x->date1904 = xml_attr_bool(x->xml.attrs, "date1904", false);
		if (e != OK || k == XML_EOF)
			break;
	}
	end_sheet(x);
	return e;
}

static enum err find_book(struct rows *r, struct xlsx *x, struct diag *diag)
{
	struct xrels rels = {0};
	enum err e = xlsx_rels(r, x, "", &r->arena, diag, &rels);
	const struct xrel *rel = xlsx_rel(&rels, "officeDocument");
	x->book = rel && xlsx_has_part(x, rel->target) ? rel->target : "xl/workbook.xml";
	vec_free(&rels);
	if (e == OK && !xlsx_has_part(x, x->book))
		return diag_set(diag, ERR_FILE_DAMAGED, "%s", x->book);
	if (e == OK && str_ends(str_c(x->book), STR(".bin")))
		return diag_set(diag, ERR_FILE_UNKNOWN, "xlsb");
	return e;
}

/* ---- cells ---- */

enum cell_type { T_NUMBER, T_SHARED, T_STRING, T_INLINE, T_BOOL, T_ERROR, T_DATE };

static enum cell_type type_of(struct str t)
{
	if (t.n == 1 && t.p[0] == 's')
		return T_SHARED;
	if (t.n == 1 && t.p[0] == 'b')
		return T_BOOL;
	if (t.n == 1 && t.p[0] == 'e')
		return T_ERROR;
	if (t.n == 1 && t.p[0] == 'd')
		return T_DATE;
	if (str_is(t, "str"))
		return T_STRING;
	return str_is(t, "inlineStr") ? T_INLINE : T_NUMBER;
}

struct cell_in {
	uint32_t col; /* from 1 */
	enum cell_type type;
	unsigned style; /* enum numfmt | XF_STRIKE */
	bool formula, has_value, strike;
};

static void keep_text(struct xlsx *x, struct cell *c, const char *p, size_t n)
{
	c->text = (struct str){arena_strndup(&x->row_text, p, n), n};
}

static enum err shared_cell(struct xlsx *x, struct cell *c, struct diag *diag)
{
	int64_t i;
	if (!str_to_int(str_trim(buf_str(&x->value)), &i) || i < 0 || (size_t)i >= x->n_strings)
		return diag_set(diag, ERR_FILE_DAMAGED, "shared string %s", x->value.p);
	uint32_t at = x->string_at[i];
	c->text = (struct str){x->text.p + at, x->string_at[i + 1] - at};
	c->kind = c->text.n ? CELL_TEXT : CELL_EMPTY;
	if (x->string_strike && x->string_strike[i])
		c->flags |= CELL_STRIKE;
	return OK;
}

static void number_cell(struct xlsx *x, unsigned style, struct cell *c)
{
	char out[NUMBER_TEXT], date[64];
	struct str v = str_trim(buf_str(&x->value));
	enum numfmt fmt = (enum numfmt)(style & ~(unsigned)XF_STRIKE);
	unsigned flags = 0;
	size_t n;
	double serial;
	if (v.n == 0)
		return;
	if (fmt != NUMFMT_NUMBER && number_parse(v, &serial)) {
		n = serial_text(serial, fmt, x->date1904, date);
		if (n) {
			c->kind = CELL_DATE;
			keep_text(x, c, date, n);
			return;
		}
	}
	if (number_text(v, out, &n, &flags)) {
		c->kind = CELL_NUMBER;
		c->flags |= flags;
		keep_text(x, c, out, n);
		return;
	}
	c->kind = CELL_TEXT;
	keep_text(x, c, v.p, v.n);
}

/* t="d": the date as XML writes it */
static void iso_cell(struct xlsx *x, struct cell *c)
{
	char out[64];
	struct str v = str_trim(buf_str(&x->value));
	size_t n = iso_text(v, out);
	c->kind = n ? CELL_DATE : v.n ? CELL_TEXT : CELL_EMPTY;
	keep_text(x, c, n ? out : v.p, n ? n : v.n);
}

static enum err finish_cell(struct rows *r, struct xlsx *x, const struct cell_in *in,
                            struct diag *diag)
{
	struct cell found = {.kind = CELL_EMPTY};
	const struct buf *v = &x->value;
	if (in->formula)
		found.flags |= CELL_FORMULA;
	if (in->formula && !in->has_value)
		found.flags |= CELL_NO_RESULT;
	if ((in->style & XF_STRIKE) || in->strike)
		found.flags |= CELL_STRIKE;
	if (in->has_value) {
		switch (in->type) {
		case T_SHARED:
			if (shared_cell(x, &found, diag) != OK)
				return diag->code;
			break;
		case T_NUMBER:
			number_cell(x, in->style, &found);
			break;
		case T_DATE:
			iso_cell(x, &found);
			break;
		case T_BOOL:
			found.kind = CELL_BOOL;
			found.text = str_is(buf_str(v), "1") || str_is(buf_str(v), "true")
			                     ? STR("TRUE") : STR("FALSE");
			break;
		case T_STRING:
		case T_INLINE:
		case T_ERROR:
			keep_text(x, &found, v->p, v->n);
			found.kind = v->n == 0             ? CELL_EMPTY
			             : in->type == T_ERROR ? CELL_ERROR
			                                   : CELL_TEXT;
			break;
		}
	}
	if (found.kind == CELL_EMPTY && !(found.flags & ~(unsigned)CELL_STRIKE))
		return OK; /* formatted but empty: not there */
	if (in->col > r->limits.columns)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "> %u columns",
		                (unsigned)r->limits.columns);
	*row_build_at(&x->row, in->col - 1) = found;
	return OK;
}

/* <v> or <f>: its characters into x->value (or nowhere). */
static enum err element_text(struct xlsx *x, bool keep, struct diag *diag)
{
	uint32_t outside = x->xml.depth - 1;
	if (keep)
		buf_clear(&x->value);
	while (x->xml.depth > outside) {
		enum xml_kind k = xml_next(&x->xml, diag);
		if (k == XML_FAILED)
			return diag->code;
		if (k == XML_TEXT && keep) {
			enum err e = xlsx_text_event(&x->xml, diag, &x->value);
			if (e != OK)
				return e;
		}
	}
	return OK;
}

static void cell_attrs(struct xlsx *x, struct cell_in *c)
{
	struct str attrs = x->xml.attrs, k, v;
	uint32_t row = 0, col = 0;
	while (xml_attr_next(&attrs, &k, &v)) {
		if (k.n != 1)
			continue;
		int64_t style;
		if (k.p[0] == 'r' && xlsx_ref(v, &row, &col) && col)
			c->col = col;
		else if (k.p[0] == 't')
			c->type = type_of(v);
		else if (k.p[0] == 's' && str_to_int(v, &style) && style >= 0 &&
		         (size_t)style < x->n_xf)
			c->style = x->xf[style];
	}
}

/* A <c> whose start came last. */
static enum err read_cell(struct rows *r, struct xlsx *x, struct diag *diag)
{
	struct cell_in c = {.col = x->last_col + 1};
	uint32_t outside = x->xml.depth - 1;
	cell_attrs(x, &c);
	x->last_col = c.col;
	buf_clear(&x->value);
	while (x->xml.depth > outside) {
		enum xml_kind k = xml_next(&x->xml, diag);
		enum err e = OK;
		if (k == XML_FAILED)
			return diag->code;
		if (k != XML_START)
			continue;
		if (xml_is(&x->xml, "v")) {
			e = element_text(x, true, diag);
			c.has_value = x->value.n > 0 || c.type == T_STRING;
			if (c.type == T_STRING && e == OK)
				xlsx_unescape_xstring(&x->value, 0);
		} else if (xml_is(&x->xml, "f")) {
			c.formula = true;
			e = element_text(x, false, diag);
		} else if (xml_is(&x->xml, "is")) {
			c.has_value = true;
			c.type = T_INLINE;
			e = xlsx_rich_text(&x->xml, diag, &x->value, &c.strike);
			if (e == OK && x->value.full)
				e = diag_set(diag, ERR_FILE_TOO_LARGE, "text");
		} else {
			e = xml_skip(&x->xml, diag);
		}
		if (e != OK)
			return e;
	}
	return finish_cell(r, x, &c, diag);
}

static void mark_notes(struct rows *r, struct xlsx *x)
{
	const struct note *n = x->notes.p;
	while (x->next_note < x->notes.n && n[x->next_note].row < x->last_row)
		x->next_note++;
	for (size_t i = x->next_note; i < x->notes.n && n[i].row == x->last_row; i++)
		if (n[i].col <= r->limits.columns)
			row_build_at(&x->row, n[i].col - 1)->flags |= CELL_NOTE;
}

/* A <row> whose start came last. */
static enum err read_row(struct rows *r, struct xlsx *x, struct diag *diag, struct row *ret)
{
	int64_t number = xml_attr_int(x->xml.attrs, "r", (int64_t)x->last_row + 1);
	bool hidden = xml_attr_bool(x->xml.attrs, "hidden", false);
	uint32_t outside = x->xml.depth - 1;
	if (number <= (int64_t)x->last_row || number > ROWS_MAX)
		return diag_set(diag, ERR_FILE_DAMAGED, "row %lld", (long long)number);
	x->last_row = r->row = (uint32_t)number;
	x->last_col = 0;
	arena_clear(&x->row_text);
	row_build_clear(&x->row);
	while (x->xml.depth > outside) {
		enum xml_kind k = xml_next(&x->xml, diag);
		if (k == XML_FAILED)
			return diag->code;
		if (k != XML_START)
			continue;
		enum err e = xml_is(&x->xml, "c") ? read_cell(r, x, diag)
		                                  : xml_skip(&x->xml, diag);
		if (e != OK)
			return e;
	}
	mark_notes(r, x);
	*ret = (struct row){x->last_row, hidden, x->row.cells, x->row.n};
	return OK;
}

static enum err add_merge(struct xlsx *x, const struct xml *xml, struct diag *diag)
{
	struct str ref, first;
	struct merge m = {0};
	if (!xml_attr(xml->attrs, "ref", &ref) || !str_split(&ref, ':', &first))
		return OK;
	if (!xlsx_ref(first, &m.row1, &m.col1) || !xlsx_ref(ref, &m.row2, &m.col2) || !m.row1 ||
	    !m.col1 || m.row2 < m.row1 || m.col2 < m.col1)
		return OK;
	if (x->merges.n >= ROWS_MERGES_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "merges > %d", ROWS_MERGES_MAX);
	*vec_push(&x->merges) = m;
	return OK;
}

/* What stands behind sheetData: merges. */
static enum err read_tail(struct xlsx *x, struct xml *xml, struct diag *diag)
{
	for (;;) {
		enum xml_kind k = xml_next(xml, diag);
		enum err e = OK;
		if (k == XML_FAILED)
			return diag->code;
		if (k == XML_EOF)
			break;
		if (k == XML_START && xml_is(xml, "mergeCell"))
			e = add_merge(x, xml, diag);
		if (e != OK)
			return e;
	}
	rows_sort_merges(x->merges.p, x->merges.n);
	x->tail_read = true;
	return OK;
}

/* Up to the next row in sheetData; false behind it. */
static enum err seek_row(struct xlsx *x, struct diag *diag, bool *ret_found)
{
	for (;;) {
		enum xml_kind k = xml_next(&x->xml, diag);
		if (k == XML_FAILED)
			return diag->code;
		if (k == XML_EOF) {
			*ret_found = false;
			return OK;
		}
		if (k == XML_START && xml_is(&x->xml, "sheetData")) {
			x->in_sheet = true;
		} else if (k == XML_END && xml_is(&x->xml, "sheetData")) {
			x->in_sheet = false;
			*ret_found = false;
			return OK;
		} else if (k == XML_START && x->in_sheet && xml_is(&x->xml, "row")) {
			*ret_found = true;
			return OK;
		}
	}
}

static enum err xlsx_next(struct rows *r, struct diag *diag, struct row *ret, bool *ret_more)
{
	struct xlsx *x = r->state;
	bool found = false;
	enum err e = OK;
	*ret_more = false;
	if (x->rows_done)
		return OK;
	e = seek_row(x, diag, &found);
	if (e == OK && found) {
		e = read_row(r, x, diag, ret);
		*ret_more = e == OK;
		return e;
	}
	x->rows_done = true;
	if (e == OK && !x->tail_read) {
		x->merges.n = 0;
		e = read_tail(x, &x->xml, diag);
	}
	end_sheet(x);
	return e;
}

static enum err xlsx_sheet(struct rows *r, size_t i, struct diag *diag)
{
	struct xlsx *x = r->state;
	end_sheet(x);
	x->rows_done = x->tail_read = false;
	x->last_row = 0;
	x->merges.n = x->notes.n = x->next_note = 0;
	arena_clear(&x->sheet_arena);
	x->sheet_part = x->sheet_parts[i];
	xlsx_part_hold(r, x, x->sheet_part);
	enum err e = xlsx_strings_read(r, x, diag);
	if (e == OK)
		e = xlsx_side_parts(r, x, x->sheet_part, diag);
	buf_release(&x->value);
	buf_init(&x->value, r->limits.cell_bytes);
	if (e == OK)
		e = xlsx_part_open(r, x, x->sheet_part, diag, &x->part);
	if (e != OK) {
		x->rows_done = true;
		return e;
	}
	xml_init(&x->xml, xlsx_part_read, &x->part, XML_TOKEN_MAX);
	return OK;
}

/* What a sheet that is held turned out to have, for the next time it is asked. */
static void keep_merges(struct rows *r, const struct xlsx *x, struct xheld *h)
{
	struct merge *m = ARENA_ARRAY(&r->arena, x->merges.n + 1, struct merge);
	if (x->merges.n)
		memcpy(m, x->merges.p, x->merges.n * sizeof(*m));
	h->merges = m;
	h->n_merges = x->merges.n;
	h->merges_known = true;
}

/* Where a sheet that is held has its last tag of a name ("sheetData"): looked for from the end,
 * where there are few.  0 when there is none. */
static size_t last_tag(const struct xheld *h, const char *name)
{
	const char *lt, *end = h->p + h->n, *until = end;
	while ((lt = memrchr(h->p, '<', (size_t)(until - h->p))) != NULL) {
		const char *p = lt + 1;
		while (p < end && *p != '>' && *p != ' ')
			p++;
		struct str tag = {lt + 1, (size_t)(p - lt - 1)};
		size_t k = strlen(name);
		if (tag.n > k && tag.p[tag.n - 1] == '/') /* <sheetData/> */
			tag.n--;
		bool local = tag.n == k || (tag.n > k && strchr("/:", tag.p[tag.n - k - 1]));
		if (local && memcmp(tag.p + tag.n - k, name, k) == 0)
			return (size_t)(lt - h->p);
		until = lt;
	}
	return 0;
}

static enum err read_merges(struct rows *r, struct xlsx *x, struct diag *diag)
{
	struct xpart part = {0};
	struct xml xml;
	enum err e = xlsx_part_open(r, x, x->sheet_part, diag, &part);
	if (e != OK)
		return e;
	struct xheld *held = part.held;
	x->merges.n = 0;
	if (held && held->merges_known) {
		for (size_t i = 0; i < held->n_merges; i++)
			*vec_push(&x->merges) = held->merges[i];
		x->tail_read = true;
		xlsx_part_close(&part);
		return OK;
	}
	if (held)
		part.out = last_tag(held, "sheetData");
	xml_init(&xml, xlsx_part_read, &part, XML_TOKEN_MAX);
	e = xml_seek_past(&xml, "sheetData", diag);
	if (e == OK)
		e = read_tail(x, &xml, diag);
	xml_release(&xml);
	xlsx_part_close(&part);
	if (e == OK && held)
		keep_merges(r, x, held);
	return e;
}

static enum err xlsx_merges(struct rows *r, struct diag *diag, const struct merge **ret, size_t *n)
{
	struct xlsx *x = r->state;
	enum err e = x->tail_read ? OK : read_merges(r, x, diag);
	*ret = x->merges.p;
	*n = x->merges.n;
	return e;
}

static enum err xlsx_notes(struct rows *r, struct diag *diag, const struct note **ret, size_t *n)
{
	struct xlsx *x = r->state;
	(void)diag;
	*ret = x->notes.p;
	*n = x->notes.n;
	return OK;
}

static void xlsx_close(struct rows *r)
{
	struct xlsx *x = r->state;
	end_sheet(x);
	if (x->zip)
		zip_discard(x->zip);
	map_release(&x->parts);
	vec_free(&x->held);
	base_free(x->xf);
	buf_release(&x->text);
	base_free(x->string_at);
	base_free(x->string_strike);
	row_build_release(&x->row);
	buf_release(&x->value);
	arena_release(&x->row_text);
	arena_release(&x->sheet_arena);
	vec_free(&x->merges);
	vec_free(&x->notes);
}

static const struct rows_ops xlsx_ops = {xlsx_sheet, xlsx_next, xlsx_merges, xlsx_notes,
                                         xlsx_close};

enum err xlsx_open(struct rows *r, struct diag *diag)
{
	struct xlsx *x = ARENA_NEW(&r->arena, struct xlsx);
	struct book b = {0};
	r->ops = &xlsx_ops;
	r->state = x;
	map_init(&x->parts);
	arena_init(&x->row_text, 0);
	arena_init(&x->sheet_arena, 0);
	buf_init(&b.others, 64 * 1024);
	enum err e = xlsx_pack_open(r, x, diag);
	if (e == OK)
		e = find_book(r, x, diag);
	if (e == OK)
		e = xlsx_rels(r, x, x->book, &r->arena, diag, &b.rels);
	if (e == OK) {
		find_parts(x, &b.rels);
		e = read_book(r, x, &b, diag);
	}
	if (e == OK)
		e = xlsx_styles_read(r, x, diag);
	if (e == OK && r->sheets.n == 0)
		e = diag_set(diag, ERR_FILE_EMPTY, STR_FMT, STR_ARG(buf_str(&b.others)));
	if (e == OK) {
		x->other_sheets = str_dup(&r->arena, buf_str(&b.others));
		x->sheet_parts = ARENA_ARRAY(&r->arena, b.parts.n, const char *);
		memcpy(x->sheet_parts, b.parts.p, b.parts.n * sizeof(*b.parts.p));
	}
	vec_free(&b.rels);
	vec_free(&b.parts);
	buf_release(&b.others);
	return e;
}
