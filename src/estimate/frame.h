/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * frame: a table of data as columns, for statistics.
 *
 * A column is numeric when every value that is not empty (or "NA", "NaN") is a number; its
 * values are doubles then, NaN where empty.  Every other column is a factor: a level a row, -1
 * where empty.  A numeric column can be asked for as a factor, too (its levels then are its
 * values in order).  Only columns that somebody names are kept.
 */
#ifndef DAOHU_ESTIMATE_FRAME_H
#define DAOHU_ESTIMATE_FRAME_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct column {
	const char *name;
	bool numeric;
	double *number;      /* numeric: one a row */
	int32_t *level;      /* factor: one a row; of a numeric column NULL until asked for */
	struct str *levels;  /* texts, in order: bytewise, or by value when numeric */
	size_t n_levels;
};

struct frame {
	size_t n;            /* rows */
	size_t n_columns;
	struct column *columns;
};

/* Which columns to keep; names gathered before reading. */
struct frame_wants {
	const char **names;
	size_t n, cap;
	bool all;
};
void frame_want(struct frame_wants *w, const char *name, struct arena *a);

/* Reads a CSV (or the first sheet of a workbook).  File errors of rows.h; INVALID naming a
 * column that is wanted and not there, FILE_EMPTY. */
MUST_USE enum err frame_read(const char *path, const struct frame_wants *w, struct arena *a,
                             struct diag *diag, struct frame *ret);
/* NULL when there is none. */
struct column *frame_column(const struct frame *f, const char *name);
/* Gives a numeric column its levels. */
void frame_factor(const struct frame *f, struct column *c, struct arena *a);
/* The level's place, -1 when it has none such. */
int32_t column_level(const struct column *c, struct str text);
/* A whole text as a number, in the C locale: digits, point, exponent, Inf; false otherwise. */
bool number_read(struct str text, double *ret);

#endif
