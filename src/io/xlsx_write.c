/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/xlsx_write.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <xlsxwriter.h>

#include "base/utf8.h"
#include "base/vec.h"

#include "base/banned.h"

enum {
	CELL_CHARACTERS = 32767, /* Excel's own bound of a cell */
	LIST_BYTES = 255, /* of a drop-down written into the sheet */
	PROMPT_TITLE = 32,
	PROMPT_TEXT = 255,
	SHEET_NAME = 31,
	FOOTER = 250,
	TEXT_BYTES = 4 * CELL_CHARACTERS + 16,
};

struct made_style {
	struct xlsx_style style;
	lxw_format *format;
};

/* A drop-down too long for the cell: written to a hidden sheet at the end. */
struct long_list {
	char **items;
	size_t n;
};

struct xlsx_out {
	lxw_workbook *book;
	lxw_worksheet *sheet;
	struct diag *diag;
	enum err failed;
	struct arena arena; /* names and lists that libxlsxwriter or we point at */
	struct buf text;    /* the cell being written */
	const char *path;
	const char *part; /* where it is written until it is complete */
	bool streaming;
	VEC(struct made_style) styles;
	VEC(struct long_list) lists;
	VEC(const char *) names;
};

static const char *const font_names[XLSX_FONT_MAX] = {"宋体", "黑体", "仿宋"};
static const char list_sheet[] = "_lists";

static void fail(struct xlsx_out *x, lxw_error e)
{
	if (x->failed || e == LXW_NO_ERROR)
		return;
	bool large = e == LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE || e == LXW_ERROR_ZIP_FILE_ADD;
	x->failed = diag_set(x->diag, large ? ERR_FILE_TOO_LARGE : ERR_IO, "%s", lxw_strerror(e));
	diag_place(x->diag, "%s", x->path);
}

/* Copy that is valid UTF-8, holds no NUL and at most `max` characters. */
static const char *clean(struct xlsx_out *x, struct str s, size_t max)
{
	buf_clear(&x->text);
	size_t pos = 0, n = 0;
	for (int32_t cp; n < max && (cp = utf8_next(s, &pos)) >= 0; n++)
		utf8_put(&x->text, cp ? cp : ' ');
	return x->text.p ? x->text.p : "";
}

static char *kept(struct xlsx_out *x, const char *s, size_t max)
{
	return arena_strdup(&x->arena, clean(x, str_c(s), max));
}

/* --- the workbook --------------------------------------------------------- */

enum err xlsx_out_open(const char *path, const struct xlsx_out_opts *opts, struct diag *diag,
                       struct xlsx_out **ret)
{
	struct xlsx_out *x = base_calloc(1, sizeof(*x));
	arena_init(&x->arena, 0);
	buf_init(&x->text, TEXT_BYTES);
	x->diag = diag;
	x->path = arena_strdup(&x->arena, path);
	x->part = arena_printf(&x->arena, "%s.part", path);
	x->streaming = opts->streaming;
	/* libxlsxwriter opens the file at the end only: say early that it cannot be */
	FILE *f = fopen(x->part, "wb");
	if (!f) {
		enum err e = diag_set(diag, ERR_IO, "%s", strerror(errno));
		diag_place(diag, "%s", path);
		xlsx_out_abandon(x);
		return e;
	}
	fclose(f);
	lxw_workbook_options o = {.constant_memory = x->streaming, .use_zip64 = LXW_FALSE};
	x->book = workbook_new_opt(x->part, &o);
	if (!x->book) {
		enum err e = diag_set(diag, ERR_IO, "libxlsxwriter");
		xlsx_out_abandon(x);
		return e;
	}
	date_t day = opts->created ? opts->created : 20180114;
	lxw_doc_properties p = {
		.title = opts->title ? kept(x, opts->title, PROMPT_TEXT) : NULL,
		.author = opts->author ? kept(x, opts->author, PROMPT_TEXT) : NULL,
		.created = (time_t)date_to_days(day) * 86400,
	};
	fail(x, workbook_set_properties(x->book, &p));
	*ret = x;
	return OK;
}

static void release(struct xlsx_out *x)
{
	vec_free(&x->styles);
	vec_free(&x->lists);
	vec_free(&x->names);
	buf_release(&x->text);
	arena_release(&x->arena);
	base_free(x);
}

void xlsx_out_abandon(struct xlsx_out *x)
{
	if (!x)
		return;
	if (x->book)
		lxw_workbook_free(x->book);
	(void)unlink(x->part);
	release(x);
}

/* All long lists side by side, row by row as a streamed sheet wants it. */
static void write_lists(struct xlsx_out *x)
{
	if (!x->lists.n)
		return;
	lxw_worksheet *sheet = workbook_add_worksheet(x->book, list_sheet);
	if (!sheet) {
		fail(x, LXW_ERROR_SHEETNAME_ALREADY_USED);
		return;
	}
	size_t longest = 0;
	for (size_t i = 0; i < x->lists.n; i++) {
		if (x->lists.p[i].n > longest)
			longest = x->lists.p[i].n;
	}
	for (size_t r = 0; r < longest; r++) {
		for (size_t i = 0; i < x->lists.n; i++) {
			const struct long_list *l = &x->lists.p[i];
			if (r < l->n)
				fail(x, worksheet_write_string(sheet, (lxw_row_t)r, (lxw_col_t)i,
				                               l->items[r], NULL));
		}
	}
	worksheet_hide(sheet);
}

enum err xlsx_out_close(struct xlsx_out *x)
{
	if (!x->failed)
		write_lists(x);
	if (x->failed) {
		enum err e = x->failed;
		xlsx_out_abandon(x);
		return e;
	}
	lxw_error made = workbook_close(x->book); /* frees it in any case */
	x->book = NULL;
	fail(x, made);
	if (!x->failed && rename(x->part, x->path) != 0) {
		x->failed = diag_set(x->diag, ERR_IO, "%s", strerror(errno));
		diag_place(x->diag, "%s", x->path);
	}
	enum err e = x->failed;
	if (e)
		(void)unlink(x->part);
	release(x);
	return e;
}

/* --- how cells look ------------------------------------------------------- */

static bool same_style(const struct xlsx_style *a, const struct xlsx_style *b)
{
	return a->kind == b->kind && a->font == b->font && a->align == b->align &&
	       a->fill == b->fill && a->size == b->size && a->bold == b->bold &&
	       a->wrap == b->wrap && a->border == b->border && a->grey == b->grey &&
	       a->top == b->top && a->unlocked == b->unlocked;
}

static void dress(lxw_format *f, const struct xlsx_style *s)
{
	static const char *const numbers[XLSX_KIND_MAX] = {NULL, "@", "0", "0.00", "#,##0.00",
	                                                   "yyyy-mm-dd", "0.0%"};
	static const lxw_color_t fills[XLSX_FILL_MAX] = {0, 0xD9D9D9, 0xF2F2F2, 0xFFF9E5, 0xE7E6E6};
	static const uint8_t aligns[] = {LXW_ALIGN_LEFT, LXW_ALIGN_CENTER, LXW_ALIGN_RIGHT};
	format_set_font_name(f, font_names[s->font]);
	format_set_font_size(f, s->size ? s->size : 11);
	if (numbers[s->kind])
		format_set_num_format(f, numbers[s->kind]);
	if (s->fill != XLSX_NONE)
		format_set_bg_color(f, fills[s->fill]);
	format_set_align(f, aligns[s->align]);
	format_set_align(f, s->top ? LXW_ALIGN_VERTICAL_TOP : LXW_ALIGN_VERTICAL_CENTER);
	if (s->bold)
		format_set_bold(f);
	if (s->wrap)
		format_set_text_wrap(f);
	if (s->border) {
		format_set_border(f, LXW_BORDER_THIN);
		format_set_border_color(f, 0x7F7F7F);
	}
	if (s->grey)
		format_set_font_color(f, 0x7F7F7F);
	if (s->unlocked)
		format_set_unlocked(f);
}

int xlsx_style(struct xlsx_out *x, const struct xlsx_style *style)
{
	for (size_t i = 0; i < x->styles.n; i++) {
		if (same_style(&x->styles.p[i].style, style))
			return (int)i;
	}
	struct made_style *m = vec_push(&x->styles);
	m->style = *style;
	m->format = workbook_add_format(x->book);
	if (m->format)
		dress(m->format, style);
	return (int)x->styles.n - 1;
}

static lxw_format *format_of(const struct xlsx_out *x, int style)
{
	assert(style < (int)x->styles.n);
	return style < 0 ? NULL : x->styles.p[style].format;
}

/* --- sheets --------------------------------------------------------------- */

static bool name_taken(const struct xlsx_out *x, const char *name)
{
	for (size_t i = 0; i < x->names.n; i++) {
		if (strcasecmp(x->names.p[i], name) == 0)
			return true;
	}
	return strcasecmp(name, list_sheet) == 0;
}

/* What Excel takes as a sheet's name. */
static const char *sheet_name(struct xlsx_out *x, const char *name)
{
	char *s = kept(x, name, SHEET_NAME);
	for (char *p = s; *p; p++) {
		if (strchr("[]:*?/\\", *p))
			*p = '-';
	}
	if (*s == '\'')
		*s = '-';
	size_t n = strlen(s);
	if (n && s[n - 1] == '\'')
		s[n - 1] = '-';
	const char *best = *s ? s : "-";
	for (int i = 2; name_taken(x, best); i++) {
		const char *stem = kept(x, s, SHEET_NAME - 6);
		best = arena_printf(&x->arena, "%s-%d", stem, i);
	}
	*vec_push(&x->names) = best;
	return best;
}

void xlsx_sheet(struct xlsx_out *x, const char *name, int flags)
{
	if (x->failed)
		return;
	x->sheet = workbook_add_worksheet(x->book, sheet_name(x, name));
	if (!x->sheet) {
		fail(x, LXW_ERROR_MEMORY_MALLOC_FAILED);
		return;
	}
	/* IDs are text on purpose: no green corners */
	fail(x, worksheet_ignore_errors(x->sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT,
	                                "A1:XFD1048576"));
	if (flags & XLSX_HIDDEN)
		worksheet_hide(x->sheet);
	if (flags & XLSX_FIRST)
		worksheet_activate(x->sheet);
}

void xlsx_column(struct xlsx_out *x, int first, int last, double width, int style, bool hidden)
{
	if (x->failed)
		return;
	lxw_row_col_options o = {.hidden = hidden};
	fail(x, worksheet_set_column_opt(x->sheet, (lxw_col_t)first, (lxw_col_t)last, width,
	                                 format_of(x, style), &o));
}

void xlsx_row_height(struct xlsx_out *x, int row, double points)
{
	if (!x->failed)
		fail(x, worksheet_set_row(x->sheet, (lxw_row_t)row, points, NULL));
}

double xlsx_wrapped_height(struct str text, double width, int size)
{
	int points = size ? size : 11;
	/* a column's width counts digits of 11 points; a wide character takes two */
	double fit = width * 11 / points - 1;
	size_t columns = fit < 2 ? 2 : (size_t)fit;
	size_t lines = 0;
	struct str rest = text, line;
	while (str_split(&rest, '\n', &line))
		lines += line.n ? (utf8_str_width(line) + columns - 1) / columns : 1;
	if (lines == 0)
		lines = 1;
	double height = (double)lines * points * 1.4 + 4;
	return height > 400 ? 400 : height; /* Excel's rows end at 409 */
}

void xlsx_freeze(struct xlsx_out *x, int row, int col)
{
	if (!x->failed)
		worksheet_freeze_panes(x->sheet, (lxw_row_t)row, (lxw_col_t)col);
}

void xlsx_filter(struct xlsx_out *x, int row1, int col1, int row2, int col2)
{
	if (!x->failed)
		fail(x, worksheet_autofilter(x->sheet, (lxw_row_t)row1, (lxw_col_t)col1,
		                             (lxw_row_t)row2, (lxw_col_t)col2));
}

/* '&' starts a code in footers; a doubled one is the sign itself. */
static void add_footer(struct buf *b, const char *code, const char *text)
{
	if (!text || !*text)
		return;
	buf_adds(b, code);
	for (const char *p = text; *p; p++) {
		buf_addc(b, *p);
		if (*p == '&')
			buf_addc(b, '&');
	}
}

void xlsx_page(struct xlsx_out *x, const struct xlsx_page *page)
{
	if (x->failed)
		return;
	worksheet_set_paper(x->sheet, page->paper == XLSX_A3 ? 8 : 9);
	if (page->landscape)
		worksheet_set_landscape(x->sheet);
	if (page->centred)
		worksheet_center_horizontally(x->sheet);
	worksheet_set_margins(x->sheet, 0.5, 0.5, 0.6, 0.7);
	if (!page->spread)
		worksheet_fit_to_pages(x->sheet, 1, 0);
	if (page->repeat_first >= 0)
		fail(x, worksheet_repeat_rows(x->sheet, (lxw_row_t)page->repeat_first,
		                              (lxw_row_t)page->repeat_last));
	if (page->columns)
		fail(x, worksheet_print_area(x->sheet, 0, 0, LXW_ROW_MAX - 1,
		                             (lxw_col_t)(page->columns - 1)));
	struct buf b;
	buf_init(&b, 4096);
	add_footer(&b, "&L&9", page->left);
	buf_adds(&b, page->english ? "&C&9&P / &N" : "&C&9第 &P 页 共 &N 页");
	add_footer(&b, "&R&9", page->right);
	fail(x, worksheet_set_footer(x->sheet, kept(x, b.p, FOOTER)));
	buf_release(&b);
}

/* --- cells ---------------------------------------------------------------- */

void xlsx_text(struct xlsx_out *x, int row, int col, int style, struct str s)
{
	if (x->failed)
		return;
	if (s.n == 0) {
		xlsx_blank(x, row, col, style);
		return;
	}
	fail(x, worksheet_write_string(x->sheet, (lxw_row_t)row, (lxw_col_t)col,
	                               clean(x, s, CELL_CHARACTERS), format_of(x, style)));
}

void xlsx_real(struct xlsx_out *x, int row, int col, int style, double v)
{
	if (!x->failed)
		fail(x, worksheet_write_number(x->sheet, (lxw_row_t)row, (lxw_col_t)col, v,
		                               format_of(x, style)));
}

void xlsx_int(struct xlsx_out *x, int row, int col, int style, int64_t v)
{
	xlsx_real(x, row, col, style, (double)v);
}

void xlsx_money(struct xlsx_out *x, int row, int col, int style, fen_t v)
{
	xlsx_real(x, row, col, style, (double)v / 100);
}

/* Excel's day number: 1900-03-01 is 61. */
static double serial(date_t d)
{
	return (double)(date_to_days(d) - date_to_days(19000301) + 61);
}

void xlsx_date(struct xlsx_out *x, int row, int col, int style, date_t d)
{
	if (date_prec(d) == DATE_DAY && d >= 19000301) {
		xlsx_real(x, row, col, style, serial(d));
		return;
	}
	char t[16];
	xlsx_text(x, row, col, style, (struct str){t, d ? date_format(d, t) : 0});
}

void xlsx_blank(struct xlsx_out *x, int row, int col, int style)
{
	if (!x->failed && style >= 0)
		fail(x, worksheet_write_blank(x->sheet, (lxw_row_t)row, (lxw_col_t)col,
		                              format_of(x, style)));
}

void xlsx_formula(struct xlsx_out *x, int row, int col, int style, const char *formula,
                  double value)
{
	if (!x->failed)
		fail(x, worksheet_write_formula_num(x->sheet, (lxw_row_t)row, (lxw_col_t)col,
		                                    formula, format_of(x, style), value));
}

void xlsx_merge(struct xlsx_out *x, int row1, int col1, int row2, int col2, int style,
                struct str s)
{
	assert(!x->streaming || row1 == row2);
	if (x->failed)
		return;
	if (row1 == row2 && col1 == col2) {
		xlsx_text(x, row1, col1, style, s);
		return;
	}
	fail(x, worksheet_merge_range(x->sheet, (lxw_row_t)row1, (lxw_col_t)col1, (lxw_row_t)row2,
	                              (lxw_col_t)col2, clean(x, s, CELL_CHARACTERS),
	                              format_of(x, style)));
}

void xlsx_note(struct xlsx_out *x, int row, int col, struct str s)
{
	if (x->failed || s.n == 0)
		return;
	lxw_comment_options o = {.x_scale = 2.2, .y_scale = 1.4};
	fail(x, worksheet_write_comment_opt(x->sheet, (lxw_row_t)row, (lxw_col_t)col,
	                                    clean(x, s, 2000), &o));
}

/* --- what may be written -------------------------------------------------- */

static void add_prompt(struct xlsx_out *x, lxw_data_validation *v, const struct xlsx_prompt *p)
{
	if (!p)
		return;
	if (p->title)
		v->input_title = kept(x, p->title, PROMPT_TITLE);
	if (p->text)
		v->input_message = kept(x, p->text, PROMPT_TEXT);
	if (p->error)
		v->error_message = kept(x, p->error, PROMPT_TEXT);
}

static void validate(struct xlsx_out *x, struct xlsx_range r, lxw_data_validation *v)
{
	fail(x, worksheet_data_validation_range(x->sheet, (lxw_row_t)r.row1, (lxw_col_t)r.col1,
	                                        (lxw_row_t)r.row2, (lxw_col_t)r.col2, v));
}

/* Does the list fit into the cell's own rule?  A comma would split an item. */
static bool fits_in_cell(const char *const *items, size_t n)
{
	size_t length = 0;
	for (size_t i = 0; i < n; i++) {
		if (strchr(items[i], ',') || strchr(items[i], '"'))
			return false;
		/* bytes, not characters: libxlsxwriter 1.1.4 joins them in a buffer of 258 */
		length += strlen(items[i]) + (i > 0);
	}
	return length <= LIST_BYTES;
}

/* Name of a column: 0 is A, 26 is AA. */
static const char *column_name(struct arena *a, size_t col)
{
	char t[8];
	size_t at = sizeof(t);
	for (size_t n = col + 1; n > 0 && at > 0; n = (n - 1) / 26)
		t[--at] = (char)('A' + (n - 1) % 26);
	return arena_strndup(a, t + at, sizeof(t) - at);
}

void xlsx_choice(struct xlsx_out *x, struct xlsx_range r, const char *const *items, size_t n,
                 const struct xlsx_prompt *prompt)
{
	if (x->failed || n == 0)
		return;
	char **list = ARENA_ARRAY(&x->arena, n + 1, char *);
	for (size_t i = 0; i < n; i++)
		list[i] = kept(x, items[i], LIST_BYTES);
	lxw_data_validation v = {.validate = LXW_VALIDATION_TYPE_LIST,
	                         .show_input = LXW_VALIDATION_ON,
	                         .show_error = LXW_VALIDATION_ON,
	                         .ignore_blank = LXW_VALIDATION_ON,
	                         .dropdown = LXW_VALIDATION_ON};
	if (fits_in_cell(items, n)) {
		v.value_list = list;
	} else {
		*vec_push(&x->lists) = (struct long_list){list, n};
		const char *col = column_name(&x->arena, x->lists.n - 1);
		v.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
		v.value_formula = arena_printf(&x->arena, "='%s'!$%s$1:$%s$%zu", list_sheet, col,
		                               col, n);
	}
	add_prompt(x, &v, prompt);
	validate(x, r, &v);
}

void xlsx_choice_date(struct xlsx_out *x, struct xlsx_range r, date_t from, date_t to,
                      const struct xlsx_prompt *prompt)
{
	if (x->failed)
		return;
	lxw_data_validation v = {.validate = LXW_VALIDATION_TYPE_DATE_NUMBER,
	                         .criteria = LXW_VALIDATION_CRITERIA_BETWEEN,
	                         .show_input = LXW_VALIDATION_ON,
	                         .show_error = LXW_VALIDATION_ON,
	                         .ignore_blank = LXW_VALIDATION_ON,
	                         .minimum_number = serial(from),
	                         .maximum_number = serial(to)};
	add_prompt(x, &v, prompt);
	validate(x, r, &v);
}

void xlsx_protect(struct xlsx_out *x)
{
	if (x->failed)
		return;
	lxw_protection o = {.format_columns = LXW_TRUE,
	                    .format_rows = LXW_TRUE,
	                    .autofilter = LXW_TRUE,
	                    .sort = LXW_TRUE};
	worksheet_protect(x->sheet, NULL, &o);
}
