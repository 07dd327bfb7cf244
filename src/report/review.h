/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * review: a village's workbook (rectify.h) filled in and read back.
 *
 * Columns are found by their headers, rows by their key; a row whose key does
 * not verify, or whose answer is none of the choices, is named and left out,
 * the others go on.  Rows without an answer are skipped.  The same answer
 * again changes nothing.
 */
#ifndef DAOHU_REPORT_REVIEW_H
#define DAOHU_REPORT_REVIEW_H

#include "io/rows.h"
#include "journal/journal.h"
#include "pack/pack.h"

struct review_reject {
	uint32_t row;
	enum err code;     /* REVIEW_KEY, REVIEW_ANSWER, CELL_DATE, UNKNOWN_FINDING */
	const char *value; /* as written */
};

struct review_result {
	size_t answered;  /* rows whose answer was taken */
	size_t unchanged; /* said the same before */
	size_t empty;     /* not answered */
	struct review_reject *rejects;
	size_t n_rejects;
};

/* Is this such a workbook?  *ret_sheet: the sheet with the rows. */
bool review_recognise(struct rows *rows, size_t *ret_sheet);
/* Inside an open entry; everything in *ret lives in `a`. */
MUST_USE enum err review_read(struct journal *j, const struct pack *pack, struct rows *rows,
                              size_t sheet, date_t today, struct arena *a,
                              struct review_result *ret);

#endif
