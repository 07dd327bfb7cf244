/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * csv_parts: a delimited text file that several threads read at once.
 *
 * The file is held in memory whole and cut into parts where records begin; each part has a reader
 * of its own (rows_next), which takes quotes off in place.  Together they give the rows that
 * rows_open gives.  Only plain UTF-8 in good order is read so: everything else is left to
 * rows_open, which also knows what to say about it.
 */
#ifndef DAOHU_IO_CSV_PARTS_H
#define DAOHU_IO_CSV_PARTS_H

#include "io/rows.h"

struct team;

enum { CSV_PARTS_MAX = 64 };

struct csv_parts {
	char *text; /* the file, in the arena */
	size_t bytes;
	size_t n;
	size_t begin[CSV_PARTS_MAX + 1]; /* of each part, and the end of the text */
	char delim;
};

/* Parts of about part_bytes.  false: nothing was opened, the file is for rows_open.  Its size is
 * at most max. */
bool csv_parts_open(const char *path, size_t part_bytes, size_t max, struct team *team,
		    struct arena *a, struct csv_parts *ret) MUST_USE;
/* The reader of a part; the header is the first row of part 0.  Cells point into the text of the
 * part.  An error it raises has no place: read the file with rows_open. */
struct rows *csv_parts_rows(const struct csv_parts *p, size_t part);

#endif
