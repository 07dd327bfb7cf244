/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pdf: pages for paper, over cairo and pango: A4 or A3, black on white.
 *
 *     struct pdf *p;
 *     MUST(pdf_open(path, &(struct pdf_opts){.title = "…"}, diag, &p));
 *     pdf_section(p, &(struct pdf_frame){.foot_left = "填报人：…"});
 *     pdf_text(p, &(struct pdf_style){.font = PDF_HEI, .size = 18}, STR("入户核查表"));
 *     pdf_table(p, cols, 3, 10);
 *     pdf_table_head(p, heads, 3);
 *     pdf_row(p, cells, 3, 0);
 *     pdf_table_end(p);
 *     return pdf_close(p);
 *
 * A section is what is stapled together: it begins on a new page, and its pages are
 * numbered 第 x 页 共 y 页.  Lengths are millimetres, sizes of letters points.
 *
 * Text wraps at the width it has.  A number (a run of digits, letters of the ASCII,
 * stars, dots, hyphens) is never divided: where it does not fit the text of its cell is
 * set smaller, and at last narrower.  A character for which no font has a sign is printed
 * as 〓; the section's last page lists them, and pdf_missing() tells the caller.
 *
 * The same calls make the same bytes.  A failure sticks: the calls after it do nothing and
 * pdf_close() returns it.  The file appears under its name only when it is complete.
 *
 * Bounds: pages_max pages, of them PDF_SECTION_PAGES in one section (they are held
 * until their number is known); texts are cut at PDF_TEXT_BYTES.
 *
 * Threads: a struct pdf belongs to one thread; several may write at the same time (pango
 * keeps a font map a thread).
 */
#ifndef DAOHU_IO_PDF_H
#define DAOHU_IO_PDF_H

#include "base/date.h"
#include "base/err.h"
#include "base/lang.h"

struct pdf;

enum { PDF_SECTION_PAGES = 2000, PDF_TEXT_BYTES = 32768, PDF_COLUMNS_MAX = 48 };

enum pdf_paper { PDF_A4, PDF_A3 };
enum pdf_font { PDF_SONG, PDF_HEI, PDF_FANGSONG, PDF_FONT_MAX }; /* 宋体 黑体 仿宋 */
enum pdf_align { PDF_LEFT, PDF_CENTRE, PDF_RIGHT };

struct pdf_opts {
	enum pdf_paper paper;
	bool landscape;
	double margin; /* mm; 0 = 15 */
	enum lang lang;
	const char *title, *author; /* of the document; may be NULL */
	date_t created;             /* full date; 0 = 2018-01-14 */
	size_t pages_max;           /* 0 = 20000 */
};

MUST_USE enum err pdf_open(const char *path, const struct pdf_opts *opts, struct diag *diag,
                           struct pdf **ret);
/* Writes the file and frees p, also on failure (IO, FILE_TOO_LARGE). */
MUST_USE enum err pdf_close(struct pdf *p);
void pdf_abandon(struct pdf *p); /* frees, leaves no file; NULL is fine */
size_t pdf_pages(const struct pdf *p); /* finished up to now */

/* For a process that prints all day: what costs much memory at the end of a document is done by a
 * child, as long as no other is open.  The same bytes. */
void pdf_apart(bool on);

/* Characters that no font has, in the order met; they live until pdf_close. */
const int32_t *pdf_missing(const struct pdf *p, size_t *ret_n);

/* --- running text --------------------------------------------------------- */

/* What stands above and below each page; texts are copied. NULL = nothing. */
struct pdf_frame {
	const char *head_left, *head_right;
	const char *foot_left, *foot_right; /* the number of the page stands between */
};
void pdf_section(struct pdf *p, const struct pdf_frame *frame);
void pdf_section_end(struct pdf *p); /* pdf_pages and pdf_missing are complete after it */

struct pdf_style {
	enum pdf_font font;
	enum pdf_align align;
	double size;   /* points; 0 = 10.5 */
	bool bold;
	double indent; /* of the first line, in characters */
	double gap;    /* mm below */
};
/* A paragraph over the whole width. */
void pdf_text(struct pdf *p, const struct pdf_style *style, struct str s);
void pdf_space(struct pdf *p, double mm);
void pdf_page(struct pdf *p);              /* goes on on a new one */
void pdf_need(struct pdf *p, double mm);   /* ... unless that much is left of this one */
double pdf_left(const struct pdf *p);      /* mm left on this page */

/* --- tables --------------------------------------------------------------- */

struct pdf_col {
	double width; /* share of the whole */
	enum pdf_align align;
};

struct pdf_cell {
	struct str text;
	uint16_t cols, rows;  /* spans; 0 = 1 */
	uint8_t align;        /* 1 + enum pdf_align; 0 = as the column */
	bool bold;
	bool top;             /* not in the middle of its height */
};

/* Begins a table of n columns, letters of `size` points (0 = 9). */
void pdf_table(struct pdf *p, const struct pdf_col *cols, size_t n, double size);
/* A row that is repeated on each page; several may be given, before the first pdf_row. */
void pdf_table_head(struct pdf *p, const struct pdf_cell *cells, size_t n);
/*
 * The next row, at least min_mm high.  Columns held by a cell above that spans rows are
 * passed over.  Rows joined by such a cell are kept on one page when they are few; where
 * they are not, its text is repeated.  A row higher than a page is divided between lines.
 */
void pdf_row(struct pdf *p, const struct pdf_cell *cells, size_t n, double min_mm);
void pdf_table_end(struct pdf *p);

/* --- what is filled in by hand -------------------------------------------- */

/* "签字：________" side by side over the whole width. */
void pdf_signatures(struct pdf *p, const char *const *labels, size_t n, double size);
/* n empty lines to write on. */
void pdf_lines(struct pdf *p, size_t n, double mm);
/* Frames side by side with their names inside, for photographs and seals. */
void pdf_frames(struct pdf *p, const char *const *labels, size_t n, double mm);

#endif
