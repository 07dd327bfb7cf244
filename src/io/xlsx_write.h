/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * xlsx_write: workbooks for people, over libxlsxwriter.
 *
 *     struct xlsx_out *x;
 *     MUST(xlsx_out_open(path, &(struct xlsx_out_opts){.title = "…"}, diag, &x));
 *     xlsx_sheet(x, "名单", 0);
 *     int head = xlsx_style(x, &(struct xlsx_style){.bold = true, .border = true});
 *     xlsx_text(x, 0, 0, head, STR("户编号"));
 *     return xlsx_out_close(x);
 *
 * Rows and columns count from 0.  All calls go to the sheet made last.  A
 * failure sticks: the calls after it do nothing and xlsx_out_close() returns
 * it.  The file appears under its name only when it is complete.
 *
 * Text stays text: an ID goes through xlsx_text() with kind XLSX_TEXT, so that
 * no program shows it as a number.  Bytes that are not UTF-8 become U+FFFD;
 * what passes a cell's 32,767 characters is cut at a character.
 *
 * Memory: with .streaming one row at a time (rows must come in order, and a
 * merge must lie in one row); without it the whole workbook.  The same calls
 * make the same bytes: the creation date is .created, not the clock.
 */
#ifndef DAOHU_IO_XLSX_WRITE_H
#define DAOHU_IO_XLSX_WRITE_H

#include "base/date.h"
#include "base/err.h"
#include "base/money.h"

struct xlsx_out;

struct xlsx_out_opts {
	bool streaming;
	const char *title;  /* document properties; may be NULL */
	const char *author;
	date_t created;     /* full date; 0 = 2018-01-14 */
};

MUST_USE enum err xlsx_out_open(const char *path, const struct xlsx_out_opts *opts,
                                struct diag *diag, struct xlsx_out **ret);
/* Writes the file and frees x, also on failure (IO, FILE_TOO_LARGE). */
MUST_USE enum err xlsx_out_close(struct xlsx_out *x);
void xlsx_out_abandon(struct xlsx_out *x); /* frees, leaves no file; NULL is fine */

/* --- how cells look ------------------------------------------------------- */

enum xlsx_kind {
	XLSX_GENERAL,
	XLSX_TEXT,    /* number format "@" */
	XLSX_INTEGER, /* 0 */
	XLSX_NUMBER,  /* 0.00 */
	XLSX_MONEY,   /* #,##0.00 */
	XLSX_DATE,    /* yyyy-mm-dd */
	XLSX_PERCENT, /* 0.0% */
	XLSX_KIND_MAX
};

enum xlsx_font { XLSX_SONG, XLSX_HEI, XLSX_FANGSONG, XLSX_FONT_MAX }; /* 宋体 黑体 仿宋 */
enum xlsx_align { XLSX_LEFT, XLSX_CENTRE, XLSX_RIGHT };
/* Greys that a black-and-white printer keeps apart; INPUT is where people write. */
enum xlsx_fill { XLSX_NONE, XLSX_HEADER, XLSX_BAND, XLSX_INPUT, XLSX_LOCKED, XLSX_FILL_MAX };

struct xlsx_style {
	enum xlsx_kind kind;
	enum xlsx_font font;
	enum xlsx_align align;
	enum xlsx_fill fill;
	int size; /* points; 0 = 11 */
	bool bold, wrap, border, grey;
	bool top;      /* at the top of the row instead of in its middle */
	bool unlocked; /* may be written in a protected sheet */
};

/* A number for the style; equal styles are one. */
int xlsx_style(struct xlsx_out *x, const struct xlsx_style *style);

/* --- sheets --------------------------------------------------------------- */

enum { XLSX_HIDDEN = 1, XLSX_FIRST = 2 }; /* FIRST: the sheet that is shown on opening */

/* The name is made to fit what Excel allows (31 characters, no []:*?/\), and unique. */
void xlsx_sheet(struct xlsx_out *x, const char *name, int flags);
/* Width in characters of the body font; style -1 = none. */
void xlsx_column(struct xlsx_out *x, int first, int last, double width, int style, bool hidden);
void xlsx_row_height(struct xlsx_out *x, int row, double points);
/* Height that shows a wrapped text in a column of that width. */
double xlsx_wrapped_height(struct str text, double width, int size);
void xlsx_freeze(struct xlsx_out *x, int row, int col);
void xlsx_filter(struct xlsx_out *x, int row1, int col1, int row2, int col2);

enum xlsx_paper { XLSX_A4, XLSX_A3 };

struct xlsx_page {
	enum xlsx_paper paper;
	bool landscape;
	bool centred;          /* on the page, between left and right */
	bool spread;           /* over several pages side by side, at full size */
	int repeat_first, repeat_last; /* rows on every page; -1 = none */
	int columns;           /* print only so many columns; 0 = all */
	bool english;          /* x / y in the footer's middle, else 第 x 页 共 y 页 */
	const char *left;      /* footer, left */
	const char *right;
};

/* Fits the width of the page unless spread; as many pages as it takes. */
void xlsx_page(struct xlsx_out *x, const struct xlsx_page *page);

/* --- cells ---------------------------------------------------------------- */

void xlsx_text(struct xlsx_out *x, int row, int col, int style, struct str s);
void xlsx_int(struct xlsx_out *x, int row, int col, int style, int64_t v);
void xlsx_money(struct xlsx_out *x, int row, int col, int style, fen_t v); /* in yuan */
void xlsx_real(struct xlsx_out *x, int row, int col, int style, double v);
/* A full date as a date, a less precise one as text, none as blank. */
void xlsx_date(struct xlsx_out *x, int row, int col, int style, date_t d);
void xlsx_blank(struct xlsx_out *x, int row, int col, int style);
/* `value` is what programs show that do not calculate. */
void xlsx_formula(struct xlsx_out *x, int row, int col, int style, const char *formula,
                  double value);
void xlsx_merge(struct xlsx_out *x, int row1, int col1, int row2, int col2, int style,
                struct str s);
void xlsx_note(struct xlsx_out *x, int row, int col, struct str s);

/* --- what may be written -------------------------------------------------- */

struct xlsx_range {
	int row1, col1, row2, col2;
};

struct xlsx_prompt {
	const char *title, *text; /* shown on entering the cell; may be NULL */
	const char *error;        /* shown on a wrong value; may be NULL */
};

/* Drop-down.  A list over 255 characters goes to a hidden sheet. */
void xlsx_choice(struct xlsx_out *x, struct xlsx_range r, const char *const *items, size_t n,
                 const struct xlsx_prompt *prompt);
/* Dates between the two, inclusive. */
void xlsx_choice_date(struct xlsx_out *x, struct xlsx_range r, date_t from, date_t to,
                      const struct xlsx_prompt *prompt);
/* Only unlocked cells may be written; columns may be widened, rows filtered. */
void xlsx_protect(struct xlsx_out *x);

#endif
