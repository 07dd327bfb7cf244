/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * formula: references in a spreadsheet's formulas when rows are put in, or when a formula
 * is copied.  Private to src/io.  The text is that of the cell, unescaped ("SUM(C5:C9)*2").
 * Names, functions, texts in quotes and references to other sheets stay as they are.
 */
#ifndef DAOHU_IO_FORMULA_H
#define DAOHU_IO_FORMULA_H

#include "base/str.h"

/* Rows put in behind row `after`: what lies below it moves down. */
struct row_shift {
	uint32_t after, n;
	bool grow;         /* a range that ends at `after` takes the new rows in */
	struct str sheet;  /* name of the sheet */
	bool bare;         /* a reference without a sheet is one to this sheet */
};
void formula_shift(struct str f, const struct row_shift *s, struct buf *out);
/* Copied: what is not fixed by $ goes along. */
void formula_copy(struct str f, int64_t rows, int64_t cols, struct buf *out);
/* "A5:C9 E5" (sqref) after rows were put in: ranges grow, also a single cell of row `after`. */
void formula_shift_ranges(struct str ranges, const struct row_shift *s, struct buf *out);

#endif
