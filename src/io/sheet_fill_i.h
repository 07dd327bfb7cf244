/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sheet_fill_i: a sheet being filled.  Private to src/io/sheet_fill*.c.
 *
 *   sheet_fill.c       rows and cells
 *   sheet_fill_book.c  what else of the workbook follows
 */
#ifndef DAOHU_IO_SHEET_FILL_I_H
#define DAOHU_IO_SHEET_FILL_I_H

#include <stdio.h>

#include "base/map.h"
#include "io/formula.h"
#include "io/package.h"
#include "io/sheet_fill.h"
#include "io/xml_edit.h"

/* A formula that others share: its cell and its text, unescaped. */
struct shared {
	struct str text;
	uint32_t row, col;
};

/* A row that waits to be filled; xml.p NULL: the sheet has none there. */
struct prepared {
	struct str attrs, cells;
	bool sample; /* somebody's example stands in the columns to be filled */
};

struct fill {
	const struct sheet_fill *what;
	struct package package;
	struct rows *reader;     /* knows sheets and formats */
	const struct xlsx *x;    /* its state */
	struct arena arena;
	const char *part;        /* of the sheet */
	const char *name;        /* of the sheet */
	struct buf sheet;
	struct diag *diag;
	enum err failed;
	FILE *file;
	struct buf out, text, formula;
	uint32_t added;          /* rows put in */
	struct row_shift shift;
	struct imap shared_at;
	VEC(struct shared) shared;
	struct prepared *rows;   /* what->first .. what->last */
	size_t n_rows;
	VEC(struct merge) row_merges; /* within the row that is repeated */
	struct imap col_style;   /* column -> style, of <cols> */
	size_t next_cell;        /* of what->cells */
	bool done;               /* the records are written */
};

/* sheet_fill.c */
void fill_flush(struct fill *f, bool all);
/* Unescaped formula `raw` with rows put in, escaped; own: it stands in a row to be filled. */
void fill_formula(struct fill *f, struct str text, bool own, struct buf *out);

/* sheet_fill_book.c: one tag behind the rows, with its ranges moved; returns behind what of
 * the sheet the writing went. */
size_t fill_tail_tag(struct fill *f, const struct xml_tag *t, struct str xml);
MUST_USE enum err fill_save(struct fill *f, const char *from, const char *sheet_file,
                            const char *to);

#endif
