/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/out.h"

#include "io/text_out.h"

#include "base/banned.h"

enum { TEXT_MAX = 512 << 20 };

bool out_is_book(const struct out *o)
{
	return o->format == SHEET_XLSX;
}

enum err out_open(struct out *o, const char *path, enum sheet_format format, bool streaming,
                  struct arena *a, struct diag *diag)
{
	static const struct xlsx_style looks[OUT_STYLE_MAX] = {
		[OUT_BODY] = {.kind = XLSX_GENERAL, .border = true},
		[OUT_HEAD] = {.bold = true, .align = XLSX_CENTRE, .border = true, .wrap = true,
		              .fill = XLSX_HEADER},
		[OUT_TITLE] = {.bold = true, .align = XLSX_CENTRE, .font = XLSX_HEI, .size = 16},
		[OUT_ID] = {.kind = XLSX_TEXT, .border = true},
		[OUT_DATE] = {.kind = XLSX_DATE, .border = true},
		[OUT_NUMBER] = {.kind = XLSX_GENERAL, .border = true},
	};
	*o = (struct out){.format = format, .path = path, .diag = diag, .arena = a};
	buf_init(&o->text, TEXT_MAX);
	if (format == SHEET_HTML_XLS)
		buf_adds(&o->text, "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head>"
		                   "<meta http-equiv=\"Content-Type\" content=\"text/html; "
		                   "charset=utf-8\"></head><body>\n");
	if (format != SHEET_XLSX)
		return OK;
	struct xlsx_out_opts opts = {.streaming = streaming, .created = SYNTH_TODAY};
	enum err e = xlsx_out_open(path, &opts, diag, &o->x);
	for (int i = 0; e == OK && i < OUT_STYLE_MAX; i++)
		o->styles[i] = xlsx_style(o->x, &looks[i]);
	return e;
}

void out_sheet(struct out *o, const char *name, bool hidden)
{
	if (o->format == SHEET_XLSX)
		xlsx_sheet(o->x, name, hidden ? XLSX_HIDDEN : 0);
	else if (o->format == SHEET_HTML_XLS)
		buf_adds(&o->text, o->any_sheet ? "</tr></table>\n<table border=1><tr>"
		                                : "<table border=1><tr>");
	o->any_sheet = true;
	o->row = o->col = 0;
}

static void yuan(fen_t v, char out[32])
{
	size_t n = money_format(v, false, out);
	while (n > 0 && out[n - 1] == '0')
		out[--n] = '\0';
	if (n > 0 && out[n - 1] == '.')
		out[--n] = '\0';
}

static void add_csv(struct buf *b, struct str s)
{
	bool quote = false;
	for (size_t i = 0; i < s.n; i++)
		quote |= s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n';
	if (!quote) {
		buf_addstr(b, s);
		return;
	}
	buf_addc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_addc(b, '"');
		buf_addc(b, s.p[i]);
	}
	buf_addc(b, '"');
}

static void add_html(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '&':
			buf_adds(b, "&amp;");
			break;
		default:
			buf_addc(b, s.p[i]);
		}
}

/* Empty cells and line ends up to the place. */
static void move_to(struct out *o, int row, int col)
{
	bool html = o->format == SHEET_HTML_XLS;
	for (; o->row < row; o->row++, o->col = 0)
		buf_adds(&o->text, html ? "</tr>\n<tr>" : "\r\n");
	for (; o->col < col; o->col++)
		buf_adds(&o->text, html ? "<td></td>" : o->format == SHEET_TAB_UTF16 ? "\t" : ",");
}

static struct str shown(struct out *o, const struct value *v)
{
	char digits[32];
	switch (v->kind) {
	case VALUE_TEXT:
		return str_c(v->text);
	case VALUE_INT:
		return str_c(arena_printf(o->arena, "%lld", (long long)v->n));
	case VALUE_MONEY:
		yuan(v->n, digits);
		return str_c(arena_strdup(o->arena, digits));
	case VALUE_DATE:
		return str_c(date_dup(o->arena, (date_t)v->n));
	case VALUE_FLOAT: /* as shown in a narrow column, and so saved */
		return str_c(arena_printf(o->arena, "%c.%.5sE+17", v->text[0], v->text + 1));
	case VALUE_NONE:
		break;
	}
	return (struct str){"", 0};
}

static bool is_formula(struct str s)
{
	return s.n > 3 && s.p[0] == '=' && s.p[1] == '"';
}

static void text_cell(struct out *o, int row, int col, const struct value *v)
{
	struct str s = shown(o, v);
	if (o->format == SHEET_HTML_XLS) {
		move_to(o, row, col);
		if (is_formula(s))
			s = str_sub(s, 2, s.n - 3);
		buf_adds(&o->text, v->kind == VALUE_TEXT ? "<td x:str>" : "<td>");
		add_html(&o->text, s);
		buf_adds(&o->text, "</td>");
		o->col++;
		return;
	}
	/* a separator stands in front of every cell but the first */
	move_to(o, row, col);
	if (o->format == SHEET_TAB_UTF16)
		buf_addstr(&o->text, s);
	else
		add_csv(&o->text, s);
}

static void book_cell(struct out *o, int row, int col, const struct value *v, enum out_style style)
{
	int look = o->styles[style];
	switch (v->kind) {
	case VALUE_TEXT: {
		struct str s = str_c(v->text);
		if (is_formula(s))
			s = str_sub(s, 2, s.n - 3);
		xlsx_text(o->x, row, col, look, s);
		break;
	}
	case VALUE_INT:
		xlsx_int(o->x, row, col, o->styles[OUT_NUMBER], v->n);
		break;
	case VALUE_MONEY:
		xlsx_real(o->x, row, col, o->styles[OUT_NUMBER], (double)v->n / 100.0);
		break;
	case VALUE_DATE:
		xlsx_date(o->x, row, col, o->styles[OUT_DATE], (date_t)v->n);
		break;
	case VALUE_FLOAT: {
		int64_t n = 0;
		(void)str_to_int(str_c(v->text), &n);
		xlsx_real(o->x, row, col, o->styles[OUT_NUMBER], (double)(n / 1000 * 1000));
		break;
	}
	case VALUE_NONE:
		xlsx_blank(o->x, row, col, look);
		break;
	}
}

void out_cell(struct out *o, int row, int col, const struct value *v, enum out_style style)
{
	if (o->format == SHEET_XLSX)
		book_cell(o, row, col, v, style);
	else if (v->kind != VALUE_NONE || o->format == SHEET_HTML_XLS)
		text_cell(o, row, col, v);
}

void out_text(struct out *o, int row, int col, const char *s, enum out_style style)
{
	struct value v = {VALUE_TEXT, s, 0};
	out_cell(o, row, col, &v, style);
}

void out_merge(struct out *o, int row1, int col1, int row2, int col2, const struct value *v,
               enum out_style style)
{
	bool one = row1 == row2 && col1 == col2;
	if (o->format != SHEET_XLSX || one || (v->kind != VALUE_TEXT && v->kind != VALUE_NONE)) {
		out_cell(o, row1, col1, v, style);
		return;
	}
	struct str s = v->kind == VALUE_TEXT ? str_c(v->text) : (struct str){"", 0};
	if (is_formula(s))
		s = str_sub(s, 2, s.n - 3);
	xlsx_merge(o->x, row1, col1, row2, col2, o->styles[style], s);
}

void out_sum(struct out *o, int row, int col, int first, int last, int64_t sum, bool is_money)
{
	struct value v = {is_money ? VALUE_MONEY : VALUE_INT, NULL, sum};
	if (o->format != SHEET_XLSX) {
		out_cell(o, row, col, &v, OUT_NUMBER);
		return;
	}
	char letter[3] = {(char)('A' + col % 26), '\0', '\0'};
	if (col >= 26) {
		letter[1] = letter[0];
		letter[0] = (char)('A' + col / 26 - 1);
	}
	xlsx_formula(o->x, row, col, o->styles[OUT_NUMBER],
	             arena_printf(o->arena, "=SUM(%s%d:%s%d)", letter, first + 1, letter, last + 1),
	             is_money ? (double)sum / 100.0 : (double)sum);
}

enum err out_file(const char *path, struct str text, enum sheet_format format, struct diag *diag)
{
	static const enum text_encoding encodings[] = {
		[SHEET_CSV_GB] = TEXT_GB18030,        [SHEET_CSV_UTF8] = TEXT_UTF8,
		[SHEET_CSV_MARK] = TEXT_UTF8_MARK,    [SHEET_TAB_UTF16] = TEXT_UTF16_MARK,
		[SHEET_HTML_XLS] = TEXT_UTF8,
	};
	return text_out(path, text, encodings[format], diag);
}

enum err out_close(struct out *o, enum err so_far)
{
	enum err e = so_far;
	if (o->x && e == OK)
		e = xlsx_out_close(o->x);
	else if (o->x)
		xlsx_out_abandon(o->x);
	if (o->format == SHEET_HTML_XLS)
		buf_adds(&o->text, "</tr></table></body></html>\n");
	else
		buf_adds(&o->text, "\r\n");
	if (o->format != SHEET_XLSX && e == OK)
		e = out_file(o->path, buf_str(&o->text), o->format, o->diag);
	buf_release(&o->text);
	return e;
}
