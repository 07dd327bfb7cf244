/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sheet_fill: values into somebody else's workbook.  Everything that is not a value stays as
 * it is: formats, widths, merged cells, pictures, other sheets, formulas.
 *
 * The form has rows first..last that wait to be filled, under its header and above its
 * totals.  Records go into them in order, each cell keeping the look it has.  When there
 * are more records than rows, rows are put in before the last one, which look like the
 * last but one, with its formulas copied as an office program would; what stands below
 * moves down, and formulas, merged cells, conditions, choices, the print area and tables
 * follow; a total over the rows takes the new ones in.  When there are fewer, what is left
 * stays empty.  Stored results of formulas are dropped and the workbook asks to be
 * calculated when it is opened.
 *
 * Text is text: a number of a person is never a number.
 *
 * Bounds: the sheet as handed in PACKAGE_PART_MAX; what is written streams.
 */
#ifndef DAOHU_IO_SHEET_FILL_H
#define DAOHU_IO_SHEET_FILL_H

#include "base/date.h"
#include "base/err.h"

enum sheet_fill_kind {
	SHEET_FILL_EMPTY,
	SHEET_FILL_TEXT,
	SHEET_FILL_NUMBER, /* text is a decimal number: 1234.5 */
	SHEET_FILL_DATE    /* a full date: as a date where the cell is shown as one, else as text */
};

struct sheet_fill_value {
	enum sheet_fill_kind kind;
	struct str text; /* borrowed until the next value */
	date_t date;
};

/* A cell outside the rows: a title with the unit's name, say.  Only one that is there. */
struct sheet_fill_cell {
	uint32_t row, col; /* from 1 */
	struct sheet_fill_value value;
};

struct sheet_fill {
	size_t sheet;            /* from 0 */
	uint32_t first, last;    /* rows, from 1; 0 = cells only */
	const uint32_t *cols;    /* from 1, ascending */
	size_t n_cols;
	size_t n_records;
	/* Moves to the next record; called n_records times. */
	void (*next)(void *arg);
	/* Value of the i-th of cols. */
	void (*value)(void *arg, size_t i, struct sheet_fill_value *ret);
	void *arg;
	const struct sheet_fill_cell *cells; /* ordered by row, then column */
	size_t n_cells;
};

/* FILE_UNKNOWN when `from` is no .xlsx, INVALID when rows or columns are none, and what
 * the reader says. */
MUST_USE enum err sheet_fill(const char *from, const struct sheet_fill *what, const char *to,
                            struct diag *diag);

#endif
