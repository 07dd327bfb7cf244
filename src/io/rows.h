/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rows: one way to read a table, whatever it is stored in.
 *
 * csv/tsv text, xlsx, xls, and html or tab text that was saved as .xls come
 * out alike: sheets, rows in order, cells as a person sees them.  The content
 * decides what a file is, never its name.  Reading streams: memory does not
 * grow with the number of rows (shared strings, merges, notes, and the sheets of
 * an .xlsx up to 16 MB of them excepted; an .xls file is held whole, it cannot be
 * large).
 *
 * A cell's text is what is shown: dates as ISO (2017-09-03, with a time
 * 2017-09-03 10:22:31), numbers as written in the file (no trailing ".0", no
 * exponent where the digits are known), TRUE/FALSE, error values as #N/A.
 * Merged cells are not filled: only the top left one has a value.
 *
 * Text belongs to the reader and lives until the next rows_next or rows_sheet.
 * Everything outside limits is refused with a reason (ERR_FILE_...), never cut.
 * A reader holds no global state: one struct rows a thread.
 */
#ifndef DAOHU_IO_ROWS_H
#define DAOHU_IO_ROWS_H

#include "base/err.h"

enum file_kind { FILE_CSV, FILE_XLSX, FILE_XLS, FILE_HTML, FILE_XML, FILE_KIND_MAX };

enum cell_kind {
	CELL_EMPTY,
	CELL_TEXT,
	CELL_NUMBER,
	CELL_DATE, /* a number shown as a date (and perhaps a time of day) */
	CELL_BOOL,
	CELL_ERROR,
	CELL_KIND_MAX
};

enum cell_flag {
	CELL_FORMULA = 1,   /* the value is a formula's stored result */
	CELL_NO_RESULT = 2, /* a formula without a stored result (kind is EMPTY) */
	CELL_STRIKE = 4,    /* struck through: a lead for review, still a value */
	CELL_LOSSY = 8,     /* stored as a number of 16 or more digits: the tail is lost */
	CELL_NOTE = 16,     /* has a comment (rows_notes) */
};

struct cell {
	enum cell_kind kind;
	unsigned flags; /* enum cell_flag */
	struct str text;
};

struct row {
	uint32_t number; /* as the file counts it: sheet row, or line it starts on; from 1 */
	bool hidden;     /* hidden or filtered away: still data */
	const struct cell *cells;
	size_t n; /* cells, up to the last one that is present */
};

enum sheet_state { SHEET_VISIBLE, SHEET_HIDDEN, SHEET_VERY_HIDDEN };

struct sheet_info {
	const char *name; /* "" for text files */
	enum sheet_state state;
};

/* Rows and columns from 1, inclusive. */
struct merge {
	uint32_t row1, col1, row2, col2;
};

struct note {
	uint32_t row, col; /* from 1 */
	const char *text;
};

struct rows_limits {
	uint64_t inflated_bytes; /* of one sheet; 0 = default 4 GiB */
	uint32_t ratio;          /* inflated/packed beyond 64 MiB; default 200 */
	uint32_t columns;        /* default 16384, as many as a sheet can have */
	uint32_t cell_bytes;     /* default 1 MiB */
	uint32_t line_bytes;     /* csv record; default 16 MiB */
	uint64_t string_bytes;   /* shared strings; default 512 MiB */
	uint64_t file_bytes;     /* of kinds that are held whole (.xls); default 256 MiB */
};

struct rows_opts {
	struct rows_limits limits;
	const char *password; /* NULL: none */
};

struct rows; /* one open file */

/* Opens and finds the sheets.  The error has the file's name as its place. */
enum err rows_open(const char *path, const struct rows_opts *opts, struct diag *diag,
                   struct rows **ret) MUST_USE;
void rows_close(struct rows *r); /* NULL is allowed */

enum file_kind rows_kind(const struct rows *r);
/* "GB18030", "UTF-8", ... of a text file; "" otherwise. */
const char *rows_encoding(const struct rows *r);
size_t rows_sheet_count(const struct rows *r);
const struct sheet_info *rows_sheet_info(const struct rows *r, size_t i);

/* Starts reading sheet i (from 0) at its first row; may be called again. */
enum err rows_sheet(struct rows *r, size_t i, struct diag *diag) MUST_USE;
/* Next row into *ret; rows that are not in the file are not invented.
 * *ret_more is false at the end.  Errors carry a place: file!sheet!17, file:17. */
enum err rows_next(struct rows *r, struct diag *diag, struct row *ret, bool *ret_more) MUST_USE;

/* Of the sheet started last: those that begin in the rows handed out so far, and, where the file
 * tells them apart from its cells, those further down as well.  By row, then column; what is
 * returned lives until the next rows_next or rows_sheet.  Where they stand behind the cells the
 * first call costs one more pass over the sheet's bytes. */
enum err rows_merges(struct rows *r, struct diag *diag, const struct merge **ret,
                     size_t *ret_n) MUST_USE;
/* All of the sheet started last, which costs at most one more pass; until the next rows_sheet. */
enum err rows_notes(struct rows *r, struct diag *diag, const struct note **ret,
                    size_t *ret_n) MUST_USE;
/* How far in the file reading is, from 0 to 1: of text files; of the others 0 until they are read. */
double rows_share(const struct rows *r);
/* What was left out of the sheet started last, for people: pictures, charts,
 * pivot tables, a second table object ... ("" when nothing).  zh and en. */
struct text rows_left_out(const struct rows *r);

#endif
