/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * csv_parts: a delimited text file that several threads read at once.
 *
 * The file is cut behind ends of lines; each part is read through a window of its own, so that
 * memory does not grow with the file.  Whether a cut stands between two records, and not inside of
 * quotes, is known when the part before it was read: a part that turns out to begin elsewhere is
 * read again.  Together the parts give the rows that rows_open gives.  Only plain UTF-8 in good
 * order is read so: everything else is left to rows_open, which also knows what to say about it.
 */
#ifndef DAOHU_IO_CSV_PARTS_H
#define DAOHU_IO_CSV_PARTS_H

#include "io/rows.h"

struct team;

enum { CSV_PARTS_MAX = 32 };

struct csv_parts {
	int fd;
	size_t bytes;
	size_t n;
	size_t begin[CSV_PARTS_MAX + 1]; /* of each part, and the end of the file */
	char delim;
};

/* Parts of about part_bytes.  false: nothing was opened, the file is for rows_open.  Its size is
 * at most max. */
bool csv_parts_open(const char *path, size_t part_bytes, size_t max,
		    struct csv_parts *ret) MUST_USE;
void csv_parts_close(struct csv_parts *p);
/* The first row; the parts begin behind it.  It lives as long as the reader that is returned
 * (rows_close); NULL when there is none. */
struct rows *csv_parts_header(struct csv_parts *p, struct row *ret);

/* Reads the rows of a part to their end (rows_next or csv_part_next); `worker` as in base/team.h.
 * When it is called for a part again, what it read of it before is void. */
typedef enum err (*csv_part_work)(void *arg, size_t part, size_t worker, struct rows *rows);
/* Calls work for every part, by the team.  false when something is wrong with the file: read it
 * with rows_open. */
bool csv_parts_read(struct csv_parts *p, struct team *team, csv_part_work work,
		    void *arg) MUST_USE;
/* The next row of a part, only its cells of n columns (ascending, from 0): empty where it has
 * none.  Costs less than rows_next the fewer they are.  The text lives until the next call. */
enum err csv_part_next(struct rows *rows, const size_t *columns, size_t n, struct str *ret,
		       bool *ret_more) MUST_USE;
/* Where in the file the next row begins, or a blank line before it. */
size_t csv_part_at(const struct rows *rows);
/* For single rows: a reader that stands nowhere until it is told a place that csv_part_at said. */
struct rows *csv_parts_single(const struct csv_parts *p);
void csv_part_seek(struct rows *rows, size_t at);

#endif
