/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * xls: sheets and rows of binary workbooks (BIFF 2 to 8).
 *
 * The stream is held whole.  A sheet's records may come in any order of rows,
 * so starting a sheet lists where its cells are, by row; rows are decoded one
 * at a time from that list.
 */
#include <stdlib.h>

#include "base/map.h"
#include "io/biff.h"
#include "io/crypt.h"
#include "io/numfmt.h"
#include "io/rows_impl.h"

#include "base/banned.h"

enum { XF_STRIKE = 0x80, ROWS = 65536, COLUMNS = 16384, NOTE_BYTES = 256 * 1024 };

struct place { /* of a cell record */
	uint32_t row;
	uint32_t off;
};

struct xls {
	struct biff b; /* rows.whole */
	bool date1904;
	VEC(bool) fonts;
	VEC(unsigned char) formats; /* enum numfmt, of BIFF 2..4, by order */
	struct imap format_of;      /* id -> enum numfmt, of BIFF 5 and 8 */
	VEC(unsigned char) xf;      /* enum numfmt | XF_STRIKE */
	VEC(uint32_t) sheet_at;
	struct buf others;          /* names of sheets that are no tables */

	struct buf text;       /* shared strings */
	VEC(uint32_t) string_at; /* one more than there are strings */

	/* the sheet being read */
	VEC(struct place) places;
	size_t next;
	unsigned char *hidden; /* a bit a row */
	VEC(struct merge) merges;
	VEC(struct note) notes;
	size_t next_note;
	struct row_build row;
	struct arena row_text;
	struct arena sheet_arena;
	struct buf value;
	size_t pictures, charts;
};

static enum err cut_short(struct diag *diag)
{
	return diag_set(diag, ERR_FILE_DAMAGED, "BIFF");
}

/* ---- the workbook's globals ---- */

static void add_format(struct xls *x, const struct biff_rec *rec)
{
	const unsigned char *p = rec->p;
	buf_clear(&x->value);
	if (rec->type == BIFF_FORMAT && x->b.version == 8 && rec->n >= 5) {
		struct biff_cursor c = biff_cursor(&x->b, rec, 2);
		biff_string8(&c, 2, &x->value);
		imap_set(&x->format_of, biff_u16(p), numfmt_code(buf_str(&x->value)));
		return;
	}
	size_t at = rec->type == BIFF_FORMAT ? 2 : 0;
	if (rec->n < at + 1 || rec->n - at - 1 < p[at])
		return;
	biff_bytes(&x->b, p + at + 1, p[at], &x->value);
	enum numfmt f = numfmt_code(buf_str(&x->value));
	if (x->b.version == 5)
		imap_set(&x->format_of, biff_u16(p), f);
	else
		*vec_push(&x->formats) = (unsigned char)f;
}

static enum numfmt format_kind(const struct xls *x, unsigned id)
{
	if (x->b.version < 5)
		return id < x->formats.n ? (enum numfmt)x->formats.p[id] : NUMFMT_NUMBER;
	int64_t f = imap_get(&x->format_of, id, -1);
	if (f >= 0)
		return (enum numfmt)f;
	return id < 164 ? numfmt_builtin(id) : NUMFMT_NUMBER;
}

/* XF records hold ids; formats may stand behind them, so kinds are found at
 * the end: this keeps font and format side by side until then. */
static void add_xf(const struct biff_rec *rec, uint32_t **ids, size_t *n, size_t *cap)
{
	uint32_t font, format;
	if (rec->type == BIFF_XF && rec->n >= 4) {
		font = biff_u16(rec->p);
		format = biff_u16(rec->p + 2);
	} else if (rec->n >= 2 && rec->type != BIFF_XF_2) {
		font = rec->p[0];
		format = rec->p[1];
	} else if (rec->n >= 3) {
		font = rec->p[0];
		format = rec->p[2] & 0x3F;
	} else {
		font = format = 0;
	}
	if (*n == *cap) {
		*cap = *cap ? *cap * 2 : 64;
		*ids = base_realloc(*ids, *cap, sizeof(**ids));
	}
	(*ids)[(*n)++] = font << 16 | format;
}

static void add_sheet(struct rows *r, struct xls *x, const struct biff_rec *rec)
{
	if (rec->n < 7)
		return;
	unsigned state = rec->p[4] & 3, kind = rec->p[5];
	buf_clear(&x->value);
	if (x->b.version == 8) {
		struct biff_cursor c = biff_cursor(&x->b, rec, 6);
		biff_string8(&c, 1, &x->value);
	} else if (rec->n - 7 >= rec->p[6]) {
		biff_bytes(&x->b, rec->p + 7, rec->p[6], &x->value);
	}
	if (kind != 0) {
		buf_addf(&x->others, "%s" STR_FMT, x->others.n ? ", " : "",
		         STR_ARG(buf_str(&x->value)));
		return;
	}
	*vec_push(&x->sheet_at) = biff_u32(rec->p);
	(void)rows_add_sheet(r, buf_str(&x->value),
	                     state == 0   ? SHEET_VISIBLE
	                     : state == 1 ? SHEET_HIDDEN
	                                  : SHEET_VERY_HIDDEN);
}

static enum err read_strings(struct rows *r, struct xls *x, const struct biff_rec *rec,
                             struct diag *diag)
{
	struct biff_cursor c = biff_cursor(&x->b, rec, 0);
	(void)biff_get(&c, 4);
	uint32_t n = biff_get(&c, 4);
	if (x->string_at.n) /* there is one table */
		return OK;
	*vec_push(&x->string_at) = 0;
	for (uint32_t i = 0; i < n && !c.failed; i++) {
		biff_string8(&c, 2, &x->text);
		if (c.failed)
			break; /* what is missing is missed when a cell asks for it */
		*vec_push(&x->string_at) = (uint32_t)x->text.n;
	}
	(void)r;
	if (x->text.full)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "strings > %zu", x->text.max);
	return OK;
}

static enum err global_record(struct rows *r, struct xls *x, const struct biff_rec *rec,
                              struct diag *diag)
{
	switch (rec->type) {
	case BIFF_CODEPAGE:
		if (rec->n >= 2)
			x->b.codepage = biff_u16(rec->p);
		break;
	case BIFF_DATEMODE:
		x->date1904 = rec->n >= 2 && biff_u16(rec->p) == 1;
		break;
	case BIFF_FONT:
	case BIFF_FONT_3:
		*vec_push(&x->fonts) = rec->n >= 4 && (rec->p[2] & 8);
		if (x->fonts.n == 4) /* there is no font 4 */
			*vec_push(&x->fonts) = false;
		break;
	case BIFF_FORMAT:
	case BIFF_FORMAT_3:
		add_format(x, rec);
		break;
	case BIFF_BOUNDSHEET:
		if (r->sheets.n >= ROWS_SHEETS_MAX)
			return diag_set(diag, ERR_FILE_TOO_LARGE, "sheets > %d", ROWS_SHEETS_MAX);
		add_sheet(r, x, rec);
		break;
	case BIFF_SST:
		return read_strings(r, x, rec, diag);
	default:
		break;
	}
	return OK;
}

/* Excel 4 workbooks: each sheet's stream stands behind a header with its name. */
static void add_bundled_sheet(struct rows *r, struct xls *x, const struct biff_rec *rec)
{
	if (rec->n < 5 || r->sheets.n >= ROWS_SHEETS_MAX)
		return;
	size_t n = rec->p[4] < rec->n - 5 ? rec->p[4] : rec->n - 5;
	buf_clear(&x->value);
	biff_bytes(&x->b, rec->p + 5, n, &x->value);
	*vec_push(&x->sheet_at) = (uint32_t)rec->next;
	(void)rows_add_sheet(r, buf_str(&x->value), SHEET_VISIBLE);
}

static bool is_xf(unsigned type)
{
	return type == BIFF_XF || type == BIFF_XF_2 || type == BIFF_XF_3 || type == BIFF_XF_4;
}

static enum err read_globals(struct rows *r, struct xls *x, struct diag *diag)
{
	struct biff_rec rec;
	uint32_t *ids = NULL;
	size_t n = 0, cap = 0;
	enum err e = OK;
	bool whole = x->b.version < 5; /* the one sheet's own records */
	bool bundle = x->b.version == 4 && x->b.n >= 8 && biff_u16(x->b.p + 6) == 0x0100;
	for (size_t off = 0; e == OK && biff_at(&x->b, off, &rec); off = rec.next) {
		if (rec.type == BIFF_EOF && !bundle)
			break;
		if (bundle && rec.type == BIFF_BUNDLE)
			add_bundled_sheet(r, x, &rec);
		else if (is_xf(rec.type))
			add_xf(&rec, &ids, &n, &cap);
		else
			e = global_record(r, x, &rec, diag);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t font = ids[i] >> 16;
		bool strike = font < x->fonts.n && x->fonts.p[font];
		*vec_push(&x->xf) = (unsigned char)(format_kind(x, ids[i] & 0xFFFF) |
		                                    (strike ? XF_STRIKE : 0));
	}
	base_free(ids);
	if (e == OK && whole && !bundle) {
		*vec_push(&x->sheet_at) = 0;
		(void)rows_add_sheet(r, STR("Sheet1"), SHEET_VISIBLE);
	}
	return e;
}

/* ---- what a sheet holds ---- */

static void add_merges(struct xls *x, const struct biff_rec *rec)
{
	size_t n = rec->n >= 2 ? biff_u16(rec->p) : 0;
	for (size_t i = 0; i < n && 2 + i * 8 + 8 <= rec->n; i++) {
		const unsigned char *p = rec->p + 2 + i * 8;
		struct merge m = {biff_u16(p) + 1, biff_u16(p + 4) + 1, biff_u16(p + 2) + 1,
		                  biff_u16(p + 6) + 1};
		if (m.row2 >= m.row1 && m.col2 >= m.col1)
			*vec_push(&x->merges) = m;
	}
}

struct sheet_scan {
	uint32_t object;     /* id of the drawing object read last */
	bool bad_column;     /* a cell beyond what a sheet can have */
	struct imap text_of; /* object -> index into texts + 1 */
	VEC(const char *) texts;
	VEC(uint32_t) note_object; /* beside x->notes */
};

static void scan_object(struct xls *x, struct sheet_scan *s, const struct biff_rec *rec)
{
	if (x->b.version != 8 || rec->n < 8 || biff_u16(rec->p) != 0x15)
		return;
	unsigned kind = biff_u16(rec->p + 4);
	s->object = biff_u16(rec->p + 6);
	x->charts += kind == 5;
	x->pictures += kind == 8;
}

static void scan_text(struct xls *x, struct sheet_scan *s, const struct biff_rec *rec)
{
	if (rec->n < 12)
		return;
	uint32_t count = biff_u16(rec->p + 10);
	struct biff_cursor c = biff_cursor(&x->b, rec, rec->n);
	buf_clear(&x->value);
	if (count) {
		unsigned flags = biff_get(&c, 1);
		biff_chars8(&c, count, flags, &x->value);
	}
	*vec_push(&s->texts) = str_dup(&x->sheet_arena, str_trim(buf_str(&x->value)));
	imap_set(&s->text_of, s->object, (int64_t)s->texts.n);
}

static void scan_note(struct xls *x, struct sheet_scan *s, const struct biff_rec *rec)
{
	if (rec->n < 8 || biff_u16(rec->p + 2) >= COLUMNS)
		return;
	uint32_t row = biff_u16(rec->p);
	struct note *n;
	if (x->b.version == 8) {
		n = vec_push(&x->notes);
		*n = (struct note){row + 1, biff_u16(rec->p + 2) + 1, ""};
		*vec_push(&s->note_object) = biff_u16(rec->p + 6);
		return;
	}
	if (row == 0xFFFF || rec->n < 6)
		return; /* the rest of a long note */
	size_t count = biff_u16(rec->p + 4);
	if (count > rec->n - 6)
		count = rec->n - 6;
	buf_clear(&x->value);
	biff_bytes(&x->b, rec->p + 6, count, &x->value);
	n = vec_push(&x->notes);
	*n = (struct note){row + 1, biff_u16(rec->p + 2) + 1,
	                   str_dup(&x->sheet_arena, str_trim(buf_str(&x->value)))};
	*vec_push(&s->note_object) = UINT32_MAX;
}

static bool is_cell(unsigned version, unsigned type)
{
	switch (type) {
	case BIFF_INTEGER_2:
	case BIFF_NUMBER_2:
	case BIFF_LABEL_2:
	case BIFF_BOOLERR_2:
		return version == 2;
	case BIFF_FORMULA:
	case BIFF_FORMULA_3:
	case BIFF_FORMULA_4:
	case BIFF_NUMBER:
	case BIFF_LABEL:
	case BIFF_RSTRING:
	case BIFF_BOOLERR:
	case BIFF_RK:
	case BIFF_MULRK:
	case BIFF_LABELSST:
		return true;
	default:
		return false;
	}
}

static void scan_record(struct xls *x, struct sheet_scan *s, const struct biff_rec *rec, size_t off)
{
	if (is_cell(x->b.version, rec->type)) {
		if (rec->n >= 6 && biff_u16(rec->p + 2) >= COLUMNS)
			s->bad_column = true;
		else if (rec->n >= 6)
			*vec_push(&x->places) = (struct place){biff_u16(rec->p), (uint32_t)off};
		return;
	}
	switch (rec->type) {
	case BIFF_ROW:
		if (rec->n >= 14 && (rec->p[12] & 0x20)) {
			uint32_t row = biff_u16(rec->p);
			x->hidden[row / 8] |= (unsigned char)(1u << row % 8);
		}
		break;
	case BIFF_MERGEDCELLS:
		add_merges(x, rec);
		break;
	case BIFF_OBJ:
		scan_object(x, s, rec);
		break;
	case BIFF_TXO:
		scan_text(x, s, rec);
		break;
	case BIFF_NOTE:
		scan_note(x, s, rec);
		break;
	default:
		break;
	}
}

static int cmp_place(const void *a, const void *b)
{
	const struct place *p = a, *q = b;
	if (p->row != q->row)
		return p->row < q->row ? -1 : 1;
	return p->off < q->off ? -1 : p->off > q->off;
}

static void sort_places(struct xls *x)
{
	for (size_t i = 1; i < x->places.n; i++) {
		if (x->places.p[i].row < x->places.p[i - 1].row) {
			qsort(x->places.p, x->places.n, sizeof(*x->places.p), cmp_place);
			return;
		}
	}
}

static enum err scan_sheet(struct xls *x, size_t off, struct diag *diag)
{
	struct sheet_scan s = {0};
	struct biff_rec rec;
	unsigned depth = 0;
	bool begun = false;
	imap_init(&s.text_of);
	for (; biff_at(&x->b, off, &rec); off = rec.next) {
		if (biff_is_bof(rec.type)) {
			depth++;
			begun = true;
		} else if (!begun) {
			break;
		} else if (rec.type == BIFF_EOF) {
			if (--depth == 0)
				break;
		} else if (depth == 1 && x->merges.n <= ROWS_MERGES_MAX &&
		           x->notes.n <= ROWS_NOTES_MAX) {
			scan_record(x, &s, &rec, off);
		}
	}
	for (size_t i = 0; i < x->notes.n; i++) {
		int64_t t = imap_get(&s.text_of, s.note_object.p[i], 0);
		if (t > 0)
			x->notes.p[i].text = s.texts.p[t - 1];
	}
	imap_release(&s.text_of);
	vec_free(&s.texts);
	vec_free(&s.note_object);
	if (!begun || s.bad_column)
		return cut_short(diag);
	if (x->merges.n > ROWS_MERGES_MAX || x->notes.n > ROWS_NOTES_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "merges, notes > %d", ROWS_MERGES_MAX);
	sort_places(x);
	rows_sort_merges(x->merges.p, x->merges.n);
	rows_sort_notes(x->notes.p, x->notes.n);
	return OK;
}

/* ---- cells ---- */

static struct cell *cell_at(struct xls *x, uint32_t col, unsigned style)
{
	struct cell *c = row_build_at(&x->row, col);
	*c = (struct cell){.flags = style & XF_STRIKE ? CELL_STRIKE : 0};
	return c;
}

static unsigned style_of(const struct xls *x, uint32_t xf)
{
	return xf < x->xf.n ? x->xf.p[xf] : 0;
}

static void keep(struct xls *x, struct cell *c, enum cell_kind kind, const char *p, size_t n)
{
	c->kind = n ? kind : CELL_EMPTY;
	c->text = (struct str){arena_strndup(&x->row_text, p, n), n};
}

static void put_number(struct xls *x, struct cell *c, unsigned style, double v)
{
	char out[NUMBER_TEXT], date[64];
	enum numfmt fmt = (enum numfmt)(style & ~(unsigned)XF_STRIKE);
	unsigned flags = 0;
	size_t n = fmt == NUMFMT_NUMBER ? 0 : serial_text(v, fmt, x->date1904, date);
	if (n) {
		keep(x, c, CELL_DATE, date, n);
		return;
	}
	n = number_text_double(v, out, &flags);
	c->flags |= flags;
	keep(x, c, CELL_NUMBER, out, n);
}

static void put_boolerr(struct xls *x, struct cell *c, unsigned value, bool error)
{
	const char *s = error ? biff_error_text(value) : value ? "TRUE" : "FALSE";
	keep(x, c, error ? CELL_ERROR : CELL_BOOL, s, strlen(s));
}

/* The STRING record that belongs to a formula: behind it, with array and
 * shared formula records between. */
static void formula_string(struct xls *x, size_t next, struct cell *c)
{
	struct biff_rec rec;
	for (int i = 0; i < 4 && biff_at(&x->b, next, &rec); i++, next = rec.next) {
		if (rec.type == BIFF_SHRFMLA || rec.type == BIFF_ARRAY ||
		    rec.type == BIFF_TABLE || rec.type == BIFF_ARRAY_2 ||
		    rec.type == BIFF_CONTINUE)
			continue;
		if (rec.type != BIFF_STRING && rec.type != BIFF_STRING_2)
			return;
		buf_clear(&x->value);
		if (x->b.version == 8) {
			struct biff_cursor cur = biff_cursor(&x->b, &rec, 0);
			biff_string8(&cur, 2, &x->value);
		} else {
			size_t head = x->b.version == 2 ? 1 : 2;
			size_t n = rec.n < head ? 0 : head == 1 ? rec.p[0] : biff_u16(rec.p);
			if (rec.n >= head && n <= rec.n - head)
				biff_bytes(&x->b, rec.p + head, n, &x->value);
		}
		keep(x, c, CELL_TEXT, x->value.p, x->value.n);
		return;
	}
}

static void put_formula(struct xls *x, const struct biff_rec *rec, size_t at, struct cell *c,
                        unsigned style)
{
	const unsigned char *p = rec->p + at;
	c->flags |= CELL_FORMULA;
	if (rec->n < at + 8)
		return;
	if (p[6] != 0xFF || p[7] != 0xFF) {
		put_number(x, c, style, biff_f64(p));
		return;
	}
	if (p[0] == 0)
		formula_string(x, rec->next, c);
	else if (p[0] == 1 || p[0] == 2)
		put_boolerr(x, c, p[2], p[0] == 2);
}

static void put_label(struct xls *x, const struct biff_rec *rec, size_t at, struct cell *c)
{
	buf_clear(&x->value);
	if (x->b.version == 8 && rec->n >= at + 3) {
		struct biff_cursor cur = biff_cursor(&x->b, rec, at);
		biff_string8(&cur, 2, &x->value);
	} else if (x->b.version > 2 && rec->n >= at + 2) {
		size_t n = biff_u16(rec->p + at);
		if (n > rec->n - at - 2)
			n = rec->n - at - 2;
		biff_bytes(&x->b, rec->p + at + 2, n, &x->value);
	} else if (x->b.version == 2 && rec->n >= at + 1) {
		size_t n = rec->p[at];
		if (n > rec->n - at - 1)
			n = rec->n - at - 1;
		biff_bytes(&x->b, rec->p + at + 1, n, &x->value);
	}
	keep(x, c, CELL_TEXT, x->value.p ? x->value.p : "", x->value.n);
}

static enum err put_shared(struct xls *x, uint32_t i, struct cell *c, struct diag *diag)
{
	if (x->string_at.n == 0 || i >= x->string_at.n - 1)
		return diag_set(diag, ERR_FILE_DAMAGED, "shared string %u", (unsigned)i);
	uint32_t at = x->string_at.p[i];
	c->text = (struct str){x->text.p + at, x->string_at.p[i + 1] - at};
	c->kind = c->text.n ? CELL_TEXT : CELL_EMPTY;
	return OK;
}

static void put_mulrk(struct xls *x, const struct biff_rec *rec)
{
	uint32_t col = biff_u16(rec->p + 2);
	for (size_t at = 4; at + 8 <= rec->n; at += 6, col++) {
		unsigned style = style_of(x, biff_u16(rec->p + at));
		put_number(x, cell_at(x, col, style), style,
		           biff_rk(biff_u32(rec->p + at + 2)));
	}
}

/* BIFF 2 has three bytes of attributes where the others have an XF index. */
static void put_cell2(struct xls *x, const struct biff_rec *rec)
{
	if (rec->n < 8)
		return;
	enum numfmt f = format_kind(x, rec->p[5] & 0x3F);
	struct cell *c = cell_at(x, biff_u16(rec->p + 2), 0);
	if (rec->type == BIFF_INTEGER_2 && rec->n >= 9)
		put_number(x, c, f, biff_u16(rec->p + 7));
	else if (rec->type == BIFF_NUMBER_2 && rec->n >= 15)
		put_number(x, c, f, biff_f64(rec->p + 7));
	else if (rec->type == BIFF_LABEL_2)
		put_label(x, rec, 7, c);
	else if (rec->type == BIFF_BOOLERR_2 && rec->n >= 9)
		put_boolerr(x, c, rec->p[7], rec->p[8]);
	else if (rec->type == BIFF_FORMULA)
		put_formula(x, rec, 7, c, f);
}

static enum err put_record(struct xls *x, size_t off, struct diag *diag)
{
	struct biff_rec rec;
	if (!biff_at(&x->b, off, &rec))
		return cut_short(diag);
	if (x->b.version == 2) {
		put_cell2(x, &rec);
		return OK;
	}
	if (rec.type == BIFF_MULRK) {
		put_mulrk(x, &rec);
		return OK;
	}
	unsigned style = style_of(x, biff_u16(rec.p + 4));
	struct cell *c = cell_at(x, biff_u16(rec.p + 2), style);
	switch (rec.type) {
	case BIFF_NUMBER:
		if (rec.n >= 14)
			put_number(x, c, style, biff_f64(rec.p + 6));
		break;
	case BIFF_RK:
		if (rec.n >= 10)
			put_number(x, c, style, biff_rk(biff_u32(rec.p + 6)));
		break;
	case BIFF_LABELSST:
		return rec.n >= 10 ? put_shared(x, biff_u32(rec.p + 6), c, diag) : OK;
	case BIFF_LABEL:
	case BIFF_RSTRING:
		put_label(x, &rec, 6, c);
		break;
	case BIFF_BOOLERR:
		if (rec.n >= 8)
			put_boolerr(x, c, rec.p[6], rec.p[7]);
		break;
	default:
		put_formula(x, &rec, 6, c, style);
		break;
	}
	return OK;
}

static void mark_notes(struct xls *x, uint32_t number)
{
	while (x->next_note < x->notes.n && x->notes.p[x->next_note].row < number)
		x->next_note++;
	for (size_t i = x->next_note; i < x->notes.n && x->notes.p[i].row == number; i++)
		row_build_at(&x->row, x->notes.p[i].col - 1)->flags |= CELL_NOTE;
}

static enum err xls_next(struct rows *r, struct diag *diag, struct row *ret, bool *ret_more)
{
	struct xls *x = r->state;
	*ret_more = false;
	if (x->next >= x->places.n)
		return OK;
	uint32_t row = x->places.p[x->next].row;
	r->row = row + 1;
	arena_clear(&x->row_text);
	row_build_clear(&x->row);
	for (; x->next < x->places.n && x->places.p[x->next].row == row; x->next++) {
		enum err e = put_record(x, x->places.p[x->next].off, diag);
		if (e != OK)
			return e;
	}
	mark_notes(x, row + 1);
	while (x->row.n && x->row.cells[x->row.n - 1].kind == CELL_EMPTY &&
	       !(x->row.cells[x->row.n - 1].flags & ~(unsigned)CELL_STRIKE))
		x->row.n--;
	bool hidden = x->hidden[row / 8] >> row % 8 & 1;
	*ret = (struct row){row + 1, hidden, x->row.cells, x->row.n};
	*ret_more = true;
	return OK;
}

static void tell_left_out(struct rows *r, struct xls *x)
{
	struct buf zh, en;
	buf_init(&zh, 64 * 1024);
	buf_init(&en, 64 * 1024);
	if (x->pictures) {
		buf_addf(&zh, "图片%zu个", x->pictures);
		buf_addf(&en, "%zu picture(s)", x->pictures);
	}
	if (x->charts) {
		buf_addf(&zh, "%s图表%zu个", zh.n ? "、" : "", x->charts);
		buf_addf(&en, "%s%zu chart(s)", en.n ? ", " : "", x->charts);
	}
	if (x->others.n && r->current == 0) {
		buf_addf(&zh, "%s非表格工作表：%s", zh.n ? "、" : "", x->others.p);
		buf_addf(&en, "%ssheets that are no tables: %s", en.n ? ", " : "", x->others.p);
	}
	r->left_out.in[LANG_ZH] = str_dup(&x->sheet_arena, buf_str(&zh));
	r->left_out.in[LANG_EN] = str_dup(&x->sheet_arena, buf_str(&en));
	buf_release(&zh);
	buf_release(&en);
}

static enum err xls_sheet(struct rows *r, size_t i, struct diag *diag)
{
	struct xls *x = r->state;
	x->places.n = x->merges.n = x->notes.n = 0;
	x->next = x->next_note = 0;
	x->pictures = x->charts = 0;
	arena_clear(&x->sheet_arena);
	memset(x->hidden, 0, ROWS / 8);
	enum err e = scan_sheet(x, x->sheet_at.p[i], diag);
	if (e == OK)
		tell_left_out(r, x);
	return e;
}

static enum err xls_merges(struct rows *r, struct diag *diag, const struct merge **ret, size_t *n)
{
	struct xls *x = r->state;
	(void)diag;
	*ret = x->merges.p;
	*n = x->merges.n;
	return OK;
}

static enum err xls_notes(struct rows *r, struct diag *diag, const struct note **ret, size_t *n)
{
	struct xls *x = r->state;
	(void)diag;
	*ret = x->notes.p;
	*n = x->notes.n;
	return OK;
}

static void xls_close(struct rows *r)
{
	struct xls *x = r->state;
	vec_free(&x->fonts);
	vec_free(&x->formats);
	imap_release(&x->format_of);
	vec_free(&x->xf);
	vec_free(&x->sheet_at);
	buf_release(&x->others);
	buf_release(&x->text);
	vec_free(&x->string_at);
	vec_free(&x->places);
	base_free(x->hidden);
	vec_free(&x->merges);
	vec_free(&x->notes);
	row_build_release(&x->row);
	arena_release(&x->row_text);
	arena_release(&x->sheet_arena);
	buf_release(&x->value);
}

static const struct rows_ops xls_ops = {xls_sheet, xls_next, xls_merges, xls_notes, xls_close};

/* BIFF version from the first record. */
static enum err find_version(struct biff *b, struct diag *diag)
{
	struct biff_rec rec;
	if (!biff_at(b, 0, &rec) || rec.n < 4)
		return cut_short(diag);
	if (rec.type == 0x0809)
		b->version = biff_u16(rec.p) >= 0x0600 ? 8 : 5;
	else if (rec.type == 0x0409)
		b->version = 4;
	else if (rec.type == 0x0209)
		b->version = 3;
	else if (rec.type == 0x0009)
		b->version = 2;
	else
		return cut_short(diag);
	return OK;
}

/* A password before the sheets: decrypts the stream in place. */
static enum err unlock(struct rows *r, struct xls *x, struct diag *diag)
{
	struct biff_rec rec;
	for (size_t off = 0; biff_at(&x->b, off, &rec); off = rec.next) {
		if (rec.type == BIFF_EOF)
			break;
		if (rec.type != BIFF_FILEPASS)
			continue;
		return crypt_biff(&x->b, r->whole, &rec, r->password, diag);
	}
	return OK;
}

enum err xls_open(struct rows *r, struct diag *diag)
{
	struct xls *x = ARENA_NEW(&r->arena, struct xls);
	r->ops = &xls_ops;
	r->state = x;
	imap_init(&x->format_of);
	arena_init(&x->row_text, 0);
	arena_init(&x->sheet_arena, 0);
	buf_init(&x->others, 64 * 1024);
	buf_init(&x->text, r->limits.string_bytes < UINT32_MAX ? r->limits.string_bytes
	                                                       : UINT32_MAX);
	buf_init(&x->value, NOTE_BYTES);
	x->hidden = base_calloc(ROWS / 8, 1);
	x->b = (struct biff){.p = r->whole, .n = r->whole_n};
	enum err e = find_version(&x->b, diag);
	if (e == OK)
		e = unlock(r, x, diag);
	if (e == OK)
		e = read_globals(r, x, diag);
	if (e == OK && r->sheets.n == 0)
		e = diag_set(diag, ERR_FILE_EMPTY, STR_FMT, STR_ARG(buf_str(&x->others)));
	return e;
}
