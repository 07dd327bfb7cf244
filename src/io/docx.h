/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * docx: Word documents: a template filled, and simple new ones.
 *
 * A template is any .docx with fields {{名称}} in its text; Word may have divided a field
 * over several runs.  The field's value takes the look of its first character.  A table
 * row whose cells hold fields only ({{序号}} | {{姓名}} | …) is a block: it is repeated, once a
 * record.  Everything else of the document is a page: it is repeated, once a page, with a
 * page break between.  Headers, footers and all other parts stay as they are.
 *
 * Bounds: those of the workbook reader; the document's text at the most PACKAGE_PART_MAX
 * bytes, DOCX_FIELDS_MAX fields.  What is written streams: it may be of any length.
 */
#ifndef DAOHU_IO_DOCX_H
#define DAOHU_IO_DOCX_H

#include "base/date.h"
#include "base/err.h"

enum { DOCX_FIELDS_MAX = 2000, DOCX_NAME_BYTES = 300 };

/* --- a template ------------------------------------------------------------ */

struct docx;

struct docx_field {
	struct str name;  /* as it stands between the braces, trimmed */
	size_t block;     /* of the page: 0; else the block that it stands in, from 1 */
	struct str label; /* the text before it, on its line or in the cell before */
};

/* FILE_UNKNOWN when it is no Word document, FILE_DAMAGED, FILE_DOCTYPE, FILE_BOMB … */
MUST_USE enum err docx_open(const char *path, struct diag *diag, struct docx **ret);
void docx_close(struct docx *d); /* NULL is fine */
const struct docx_field *docx_fields(const struct docx *d, size_t *ret_n);
size_t docx_blocks(const struct docx *d);

struct docx_source {
	void *arg;
	bool (*page)(void *arg);             /* goes on to the next page; false: no more */
	bool (*row)(void *arg, size_t block); /* ... to the next record of a block of this page */
	/* The value of a field, appended as plain text; a newline breaks the line. */
	void (*value)(void *arg, size_t field, struct buf *out);
};
MUST_USE enum err docx_fill(struct docx *d, const struct docx_source *source, const char *to,
                            struct diag *diag);

/* --- a new document ---------------------------------------------------------- */

struct docx_out;

/* As official papers are set: 小标宋 for titles, 黑体 for headings, 仿宋 for text. */
enum docx_font { DOCX_FANGSONG, DOCX_XIAOBIAOSONG, DOCX_HEI, DOCX_SONG, DOCX_FONT_MAX };
enum docx_align { DOCX_LEFT, DOCX_CENTRE, DOCX_RIGHT };

struct docx_style {
	enum docx_font font;
	enum docx_align align;
	double size;   /* points; 0 = 16 (三号) */
	bool bold;
	int indent;    /* of the first line, in characters */
	bool leads;    /* stays on the page of what comes next */
};

struct docx_opts {
	const char *title, *author; /* may be NULL */
	date_t created;             /* full date; 0 = 2018-01-14 */
	bool landscape;
};

MUST_USE enum err docx_out_open(const char *path, const struct docx_opts *opts,
                                struct diag *diag, struct docx_out **ret);
/* Writes the file and frees, also on failure. */
MUST_USE enum err docx_out_close(struct docx_out *o);
void docx_out_text(struct docx_out *o, const struct docx_style *style, struct str s);
/* Columns by their shares of the width; then rows, the first `heads` of them repeated on
 * each page. */
void docx_out_table(struct docx_out *o, const double *widths, size_t n, size_t heads,
                    double size);
void docx_out_row(struct docx_out *o, const struct str *cells, size_t n);
void docx_out_table_end(struct docx_out *o);

#endif
