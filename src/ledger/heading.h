/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * heading: the header of somebody's empty form, column by column.
 *
 * Intake asks which ledger a filled table is; here no ledger is chosen, for a form takes its
 * columns from many: each column has all the meanings that the pack's names give it, best
 * first.  Also found: the rows that wait to be filled, below the header and above totals,
 * notes and signature lines.
 */
#ifndef DAOHU_LEDGER_HEADING_H
#define DAOHU_LEDGER_HEADING_H

#include "io/rows.h"
#include "pack/pack.h"

enum { HEADING_MEANINGS = 16 };

struct heading_meaning {
	uint16_t layout, column; /* of the pack */
	int confidence;          /* 0..100 */
};

struct heading_column {
	uint32_t col;      /* from 1 */
	uint32_t row;      /* of its lowest header cell */
	struct str header; /* levels joined by "/" */
	struct str leaf;
	struct str sample; /* of the first row that waits; may be empty */
	bool formula;      /* the first row that waits calculates it */
	int year;          /* said in the header (2017年), or 0 */
	int64_t unit;      /* MONEY_WAN, MONEY_YUAN; 0 = not said */
	size_t n;
	struct heading_meaning meanings[HEADING_MEANINGS];
};

struct heading {
	uint32_t first, last;           /* rows of the header */
	uint32_t data_first, data_last; /* rows that wait, at least one */
	int64_t unit;                   /* said above the header (单位：万元), or 0 */
	size_t n;
	struct heading_column *columns; /* in order of col */
};

/* A cell that waits beside its label (户主姓名 | ____), in a form without header. */
struct heading_label {
	uint32_t row, col; /* of the empty cell */
	struct str text;   /* the label */
	size_t n;
	struct heading_meaning meanings[HEADING_MEANINGS];
};

/* A cell with {{名称}} in it. */
struct heading_mark {
	uint32_t row, col;
	struct str text; /* of the whole cell */
};

/* *ret_found false: no header on the sheet.  Everything in `a`. */
MUST_USE enum err heading_read(struct rows *rows, size_t sheet, const struct pack *pack,
                               struct arena *a, struct diag *diag, struct heading *ret,
                               bool *ret_found);
MUST_USE enum err heading_labels(struct rows *rows, size_t sheet, const struct pack *pack,
                                 struct arena *a, struct diag *diag, struct heading_label **ret,
                                 size_t *ret_n);
MUST_USE enum err heading_marks(struct rows *rows, size_t sheet, struct arena *a,
                                struct diag *diag, struct heading_mark **ret, size_t *ret_n);
/* What a name alone may mean: {{户主姓名}}. */
size_t heading_name(const struct pack *pack, struct str name, struct arena *a,
                    struct heading_meaning ret[HEADING_MEANINGS]);

#endif
