/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rows_impl: what the readers behind rows.h share.  Private to src/io.
 *
 * A reader is one table of functions over its own state.  It fills `sheets`
 * while it opens; rows.c checks indexes and puts places on errors, so readers
 * only say what is wrong.
 */
#ifndef DAOHU_IO_ROWS_IMPL_H
#define DAOHU_IO_ROWS_IMPL_H

#include "base/vec.h"
#include "io/rows.h"

/* What a file may have at most of each, beside the limits that callers set. */
enum {
	ROWS_SHEETS_MAX = 4096,
	ROWS_MERGES_MAX = 1000000,
	ROWS_NOTES_MAX = 1000000,
	ROWS_STRINGS_MAX = 1 << 25,
};

struct rows_ops {
	enum err (*sheet)(struct rows *r, size_t i, struct diag *diag);
	enum err (*next)(struct rows *r, struct diag *diag, struct row *ret, bool *ret_more);
	enum err (*merges)(struct rows *r, struct diag *diag, const struct merge **ret, size_t *n);
	enum err (*notes)(struct rows *r, struct diag *diag, const struct note **ret, size_t *n);
	void (*close)(struct rows *r);
};

/* One row while it is put together: cells may come in any order of columns. */
struct row_build {
	struct cell *cells;
	size_t n;   /* up to the last cell that holds something */
	size_t cap;
	size_t set; /* cells[0..set) are initialised */
};

struct rows {
	const struct rows_ops *ops;
	void *state;
	struct arena arena; /* lives as long as the file is open */
	struct rows_limits limits; /* defaults filled in */
	const char *path;
	const char *name; /* last part of the path, for places */
	const char *password; /* borrowed, NULL: none; used while opening */
	int fd;
	uint64_t size;
	uint64_t at; /* bytes of the file that were read, where that can be told; else 0 */
	unsigned char *whole; /* BIFF stream or decrypted package; NULL for the others */
	size_t whole_n;
	enum file_kind kind;
	const char *encoding;
	VEC(struct sheet_info) sheets;
	size_t current; /* sheet being read; SIZE_MAX before the first */
	uint32_t row;   /* last row begun, for places; 0 = none */
	struct text left_out;
};

/* Each opens `r` (path, fd, size, limits are set) as its kind. */
enum err csv_open(struct rows *r, struct diag *diag) MUST_USE;
enum err html_open(struct rows *r, struct diag *diag) MUST_USE;
enum err xlsx_open(struct rows *r, struct diag *diag) MUST_USE;
enum err ole_open(struct rows *r, struct diag *diag) MUST_USE; /* finds r->whole, then: */
enum err xls_open(struct rows *r, struct diag *diag) MUST_USE;
enum err xmlss_open(struct rows *r, struct diag *diag) MUST_USE;

/* The beginning of a text file, all of it or at least 64 KiB (csv_parts.h). */
struct csv_text {
	char *p;
	size_t n, first; /* where the first record begins */
	char delim;
};
/* Finds the delimiter, and the first record from where `first` says the text begins. */
void csv_look(struct csv_text *t);

/* Records between two places of a file; the first begins at `from`. */
struct csv_part {
	int fd; /* borrowed */
	size_t from, to;
	size_t window; /* bytes to read at a time; 0: the usual */
	bool cut; /* more lies behind it: a record that does not end before `to` is left there */
	char delim;
};
/* Makes r a reader of them.  Its text must be UTF-8 in order. */
void csv_part_open(struct rows *r, const struct csv_part *p);
/* A reader without a file, its limits the usual ones. */
struct rows *rows_bare(const char *path, const struct rows_opts *opts);

struct sheet_info *rows_add_sheet(struct rows *r, struct str name, enum sheet_state state);

void row_build_clear(struct row_build *b);
void row_build_release(struct row_build *b);
/* The cell of a column (from 0), made when it is new.  The caller has checked
 * the column against the limit. */
struct cell *row_build_at(struct row_build *b, size_t column);

/* merges/notes of kinds that have none. */
enum err rows_no_merges(struct rows *r, struct diag *diag, const struct merge **ret, size_t *n);
enum err rows_no_notes(struct rows *r, struct diag *diag, const struct note **ret, size_t *n);
void rows_sort_merges(struct merge *m, size_t n);
void rows_sort_notes(struct note *v, size_t n);

#endif
