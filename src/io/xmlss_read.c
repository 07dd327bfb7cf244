/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * xmlss: "XML Spreadsheet 2003" (urn:schemas-microsoft-com:office:spreadsheet),
 * which many web systems save under the name .xls.
 */
#include "io/numfmt.h"
#include "io/rows_impl.h"
#include "io/text_in.h"
#include "io/xlsx_impl.h"
#include "io/xml_scan.h"

#include "base/banned.h"

enum { ROWS_MAX = 1 << 24 };

struct xmlss {
	struct text_in in;
	char stage[4096];
	size_t stage_beg, stage_end;
	struct xml xml;
	bool done;
	uint32_t last_row, last_col;
	struct row_build row;
	struct buf value;
	struct arena row_text;
	struct arena sheet_arena;
	VEC(struct merge) merges;
	VEC(struct note) notes;
	bool whole; /* the notes of the sheet are complete */
};

/* The text as UTF-8, whatever the declaration says: text_in looks at the bytes. */
static enum err read_text(void *arg, char *dst, size_t cap, struct diag *diag, size_t *ret_n)
{
	struct xmlss *x = arg;
	if (x->stage_beg == x->stage_end) {
		x->stage_beg = x->stage_end = 0;
		enum err e = text_in_read(&x->in, x->stage, sizeof(x->stage), diag, &x->stage_end);
		if (e != OK)
			return e;
	}
	size_t n = x->stage_end - x->stage_beg;
	if (n > cap)
		n = cap;
	memcpy(dst, x->stage + x->stage_beg, n);
	x->stage_beg += n;
	*ret_n = n;
	return OK;
}

/* With or without a prefix. */
static bool attr(struct str attrs, const char *name, struct str *ret)
{
	char prefixed[32] = ":";
	size_t n = strlen(name);
	memcpy(prefixed + 1, name, n + 1);
	return xml_attr(attrs, name, ret) || xml_attr(attrs, prefixed, ret);
}

static uint32_t attr_count(struct str attrs, const char *name, uint32_t absent)
{
	struct str v;
	int64_t n;
	return attr(attrs, name, &v) && str_to_int(v, &n) && n >= 0 && n < ROWS_MAX ? (uint32_t)n
	                                                                          : absent;
}

static enum err text_of(struct xmlss *x, struct diag *diag)
{
	uint32_t outside = x->xml.depth - 1;
	buf_clear(&x->value);
	while (x->xml.depth > outside) {
		enum xml_kind k = xml_next(&x->xml, diag);
		enum err e = k == XML_FAILED ? diag->code : OK;
		if (k == XML_TEXT)
			e = xlsx_text_event(&x->xml, diag, &x->value);
		if (e != OK)
			return e;
	}
	return OK;
}

static void put_value(struct xmlss *x, struct str type, struct cell *c)
{
	struct str v = buf_str(&x->value);
	char out[NUMBER_TEXT];
	unsigned flags = 0;
	size_t n;
	c->kind = v.n ? CELL_TEXT : CELL_EMPTY;
	if (str_is(type, "Number") && number_text(str_trim(v), out, &n, &flags)) {
		c->kind = CELL_NUMBER;
		c->flags |= flags;
		v = (struct str){out, n};
	} else if (str_is(type, "DateTime") && (n = iso_text(str_trim(v), out)) > 0) {
		c->kind = CELL_DATE;
		/* the day that stands for none: a time of day */
		bool time_only = n == 19 && memcmp(out, "1899-12-31", 10) == 0;
		v = time_only ? (struct str){out + 11, 8} : (struct str){out, n};
	} else if (str_is(type, "Boolean")) {
		c->kind = CELL_BOOL;
		v = str_is(v, "1") ? STR("TRUE") : STR("FALSE");
	} else if (str_is(type, "Error") && v.n) {
		c->kind = CELL_ERROR;
	}
	c->text = str_copy(&x->row_text, v);
}

static enum err add_merge(struct xmlss *x, struct str attrs, struct diag *diag,
                          uint32_t *ret_across)
{
	uint32_t across = attr_count(attrs, "MergeAcross", 0);
	uint32_t down = attr_count(attrs, "MergeDown", 0);
	*ret_across = across;
	if (!across && !down)
		return OK;
	if (x->merges.n >= ROWS_MERGES_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "merges > %d", ROWS_MERGES_MAX);
	*vec_push(&x->merges) = (struct merge){x->last_row, x->last_col, x->last_row + down,
	                                       x->last_col + across};
	return OK;
}

static enum err read_cell(struct rows *r, struct xmlss *x, struct diag *diag)
{
	struct str v, type = {NULL, 0};
	uint32_t outside = x->xml.depth - 1, across = 0;
	char kind[16];
	x->last_col = attr_count(x->xml.attrs, "Index", x->last_col + 1);
	bool formula = attr(x->xml.attrs, "Formula", &v);
	if (x->last_col == 0 || x->last_col > r->limits.columns)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "> %u columns",
		                (unsigned)r->limits.columns);
	enum err e = add_merge(x, x->xml.attrs, diag, &across);
	struct cell found = {.flags = formula ? CELL_FORMULA : 0};
	while (e == OK && x->xml.depth > outside) {
		enum xml_kind k = xml_next(&x->xml, diag);
		if (k == XML_FAILED)
			return diag->code;
		if (k != XML_START)
			continue;
		if (xml_is(&x->xml, "Data")) {
			if (!attr(x->xml.attrs, "Type", &type) || type.n >= sizeof(kind))
				type = STR("String");
			memcpy(kind, type.p, type.n);
			type.p = kind;
			e = text_of(x, diag);
			if (e == OK)
				put_value(x, type, &found);
		} else if (xml_is(&x->xml, "Comment")) {
			e = text_of(x, diag);
			found.flags |= CELL_NOTE;
			if (e == OK && x->notes.n >= ROWS_NOTES_MAX)
				e = diag_set(diag, ERR_FILE_TOO_LARGE, "notes > %d", ROWS_NOTES_MAX);
			if (e == OK && !x->whole)
				*vec_push(&x->notes) = (struct note){
					x->last_row, x->last_col,
					str_dup(&x->sheet_arena, str_trim(buf_str(&x->value)))};
		} else {
			e = xml_skip(&x->xml, diag);
		}
	}
	if (found.kind != CELL_EMPTY || found.flags)
		*row_build_at(&x->row, x->last_col - 1) = found;
	x->last_col += across;
	return e;
}

static enum err read_row(struct rows *r, struct xmlss *x, struct diag *diag, struct row *ret)
{
	struct str v;
	uint32_t outside = x->xml.depth - 1;
	uint32_t number = attr_count(x->xml.attrs, "Index", x->last_row + 1);
	uint32_t more = attr_count(x->xml.attrs, "Span", 0);
	bool hidden = attr(x->xml.attrs, "Hidden", &v) && str_is(v, "1");
	if (number <= x->last_row || number >= ROWS_MAX)
		return diag_set(diag, ERR_FILE_DAMAGED, "row %u", (unsigned)number);
	x->last_row = r->row = number;
	x->last_col = 0;
	row_build_clear(&x->row);
	arena_clear(&x->row_text);
	while (x->xml.depth > outside) {
		enum xml_kind k = xml_next(&x->xml, diag);
		enum err e = k == XML_FAILED ? diag->code : OK;
		if (k == XML_START)
			e = xml_is(&x->xml, "Cell") ? read_cell(r, x, diag)
			                            : xml_skip(&x->xml, diag);
		if (e != OK)
			return e;
	}
	x->last_row += more;
	*ret = (struct row){number, hidden, x->row.cells, x->row.n};
	return OK;
}

static enum err next_row(struct rows *r, struct xmlss *x, struct diag *diag, struct row *ret,
                         bool *ret_more)
{
	*ret_more = false;
	while (!x->done) {
		enum xml_kind k = xml_next(&x->xml, diag);
		if (k == XML_FAILED)
			return diag->code;
		if (k == XML_START && xml_is(&x->xml, "Row")) {
			enum err e = read_row(r, x, diag, ret);
			*ret_more = e == OK;
			return e;
		}
		x->done = k == XML_EOF || (k == XML_END && xml_is(&x->xml, "Worksheet"));
	}
	x->whole = true;
	return OK;
}

static enum err xmlss_next(struct rows *r, struct diag *diag, struct row *ret, bool *ret_more)
{
	return next_row(r, r->state, diag, ret, ret_more);
}

/* Scans to the start of worksheet i (from 0). */
static enum err seek_sheet(struct xmlss *x, size_t i, struct diag *diag)
{
	text_in_rewind(&x->in);
	x->stage_beg = x->stage_end = 0;
	xml_release(&x->xml);
	xml_init(&x->xml, read_text, x, XML_TOKEN_MAX);
	for (size_t seen = 0;;) {
		enum xml_kind k = xml_next(&x->xml, diag);
		if (k == XML_FAILED)
			return diag->code;
		if (k == XML_EOF)
			return diag_set(diag, ERR_FILE_DAMAGED, "Worksheet");
		if (k == XML_START && xml_is(&x->xml, "Worksheet") && seen++ == i)
			return OK;
	}
}

static enum err xmlss_sheet(struct rows *r, size_t i, struct diag *diag)
{
	struct xmlss *x = r->state;
	x->done = x->whole = false;
	x->last_row = 0;
	x->merges.n = x->notes.n = 0;
	arena_clear(&x->sheet_arena);
	enum err e = seek_sheet(x, i, diag);
	x->done = e != OK;
	return e;
}

static void xmlss_stop(struct xmlss *x)
{
	text_in_close(&x->in);
	xml_release(&x->xml);
	row_build_release(&x->row);
	buf_release(&x->value);
	arena_release(&x->row_text);
	arena_release(&x->sheet_arena);
	vec_free(&x->merges);
	vec_free(&x->notes);
}

static enum err xmlss_init(struct rows *r, struct xmlss *x, struct diag *diag)
{
	*x = (struct xmlss){0};
	buf_init(&x->value, r->limits.cell_bytes);
	arena_init(&x->row_text, 0);
	arena_init(&x->sheet_arena, 0);
	return text_in_open(&x->in, r->fd, r->size, diag);
}

/* Notes stand in the cells: one more pass when rows are left. */
static enum err complete(struct rows *r, struct diag *diag)
{
	struct xmlss *x = r->state, again;
	struct row row;
	bool more = true;
	uint32_t at = r->row;
	if (x->whole)
		return OK;
	enum err e = xmlss_init(r, &again, diag);
	if (e == OK)
		e = seek_sheet(&again, r->current, diag);
	while (e == OK && more)
		e = next_row(r, &again, diag, &row, &more);
	r->row = at;
	if (e == OK) {
		x->notes.n = 0;
		for (size_t i = 0; i < again.notes.n; i++) {
			struct note n = again.notes.p[i];
			n.text = arena_strdup(&x->sheet_arena, n.text);
			*vec_push(&x->notes) = n;
		}
		x->whole = true;
	}
	xmlss_stop(&again);
	return e;
}

static enum err xmlss_merges(struct rows *r, struct diag *diag, const struct merge **ret,
                             size_t *n)
{
	const struct xmlss *x = r->state;
	(void)diag;
	*ret = x->merges.p;
	*n = x->merges.n;
	return OK;
}

static enum err xmlss_notes(struct rows *r, struct diag *diag, const struct note **ret, size_t *n)
{
	struct xmlss *x = r->state;
	enum err e = complete(r, diag);
	if (e != OK)
		return e;
	*ret = x->notes.p;
	*n = x->notes.n;
	return OK;
}

static void xmlss_close(struct rows *r)
{
	xmlss_stop(r->state);
}

static const struct rows_ops xmlss_ops = {xmlss_sheet, xmlss_next, xmlss_merges, xmlss_notes,
                                          xmlss_close};

/* Names and states of all worksheets. */
static enum err list_sheets(struct rows *r, struct xmlss *x, struct diag *diag)
{
	struct str v;
	xml_init(&x->xml, read_text, x, XML_TOKEN_MAX);
	for (;;) {
		enum xml_kind k = xml_next(&x->xml, diag);
		if (k == XML_FAILED)
			return diag->code;
		if (k == XML_EOF)
			return OK;
		if (r->sheets.n >= ROWS_SHEETS_MAX)
			return diag_set(diag, ERR_FILE_TOO_LARGE, "sheets > %d", ROWS_SHEETS_MAX);
		if (k == XML_START && xml_is(&x->xml, "Worksheet")) {
			const char *name = attr(x->xml.attrs, "Name", &v)
			                           ? xlsx_attr_dup(&r->arena, v) : NULL;
			(void)rows_add_sheet(r, str_c(name ? name : ""), SHEET_VISIBLE);
		} else if (k == XML_START && xml_is(&x->xml, "Visible") && r->sheets.n) {
			enum err e = text_of(x, diag);
			if (e != OK)
				return e;
			struct str state = str_trim(buf_str(&x->value));
			struct sheet_info *s = &r->sheets.p[r->sheets.n - 1];
			if (str_is(state, "SheetHidden"))
				s->state = SHEET_HIDDEN;
			else if (str_is(state, "SheetVeryHidden"))
				s->state = SHEET_VERY_HIDDEN;
		}
	}
}

enum err xmlss_open(struct rows *r, struct diag *diag)
{
	struct xmlss *x = ARENA_NEW(&r->arena, struct xmlss);
	r->ops = &xmlss_ops;
	r->state = x;
	enum err e = xmlss_init(r, x, diag);
	if (e == OK)
		e = list_sheets(r, x, diag);
	r->encoding = text_enc_name(x->in.enc);
	if (e == OK && r->sheets.n == 0)
		e = diag_set(diag, ERR_FILE_EMPTY, "0");
	return e;
}
