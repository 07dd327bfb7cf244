/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * out: a table into a workbook, text in an office's encoding, or html under
 * the name of a workbook; the caller sees rows and columns from 0.
 */
#ifndef DAOHU_SYNTH_OUT_H
#define DAOHU_SYNTH_OUT_H

#include "io/xlsx_write.h"
#include "synth/sheet.h"

enum out_style { OUT_BODY, OUT_HEAD, OUT_TITLE, OUT_ID, OUT_DATE, OUT_NUMBER, OUT_STYLE_MAX };

struct out {
	enum sheet_format format;
	struct xlsx_out *x;
	int styles[OUT_STYLE_MAX];
	struct buf text;  /* of the other formats, in UTF-8 */
	const char *path;
	struct diag *diag;
	struct arena *arena;
	int row, col; /* the next cell of a text format */
	bool any_sheet;
};

MUST_USE enum err out_open(struct out *o, const char *path, enum sheet_format format,
                           bool streaming, struct arena *a, struct diag *diag);
void out_sheet(struct out *o, const char *name, bool hidden);
/* Rows in order, columns of a row in order. */
void out_cell(struct out *o, int row, int col, const struct value *v, enum out_style style);
void out_text(struct out *o, int row, int col, const char *s, enum out_style style);
void out_merge(struct out *o, int row1, int col1, int row2, int col2, const struct value *v,
               enum out_style style);
/* Sum over a column as a formula where formulas are. */
void out_sum(struct out *o, int row, int col, int first, int last, int64_t sum, bool money);
MUST_USE enum err out_close(struct out *o, enum err so_far);
bool out_is_book(const struct out *o);

/* Writes a file of UTF-8 text in that format's encoding. */
MUST_USE enum err out_file(const char *path, struct str text, enum sheet_format format,
                           struct diag *diag);

#endif
