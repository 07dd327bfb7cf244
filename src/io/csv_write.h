/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * csv_write: RFC 4180 text with LF line ends.
 *
 * A cell is quoted when it holds a comma, a quote, a line end, or a blank at
 * either end.  To a stream (buffered by 64 KiB) or into a struct buf.  Errors
 * of the stream are kept and told once, by csv_out_close.
 */
#ifndef DAOHU_IO_CSV_WRITE_H
#define DAOHU_IO_CSV_WRITE_H

#include <stdio.h>

#include "base/err.h"

struct csv_out {
	FILE *file;       /* NULL: into *to */
	struct buf *to;   /* own buffer, or the caller's */
	struct buf own;
	bool begun;       /* a cell stands on this line */
	int error;        /* errno of the first write that failed, 0 = none */
};

void csv_out_init(struct csv_out *o, FILE *file);
void csv_out_init_buf(struct csv_out *o, struct buf *to);
/* Before the first cell: the mark that makes spreadsheets read UTF-8. */
void csv_out_mark(struct csv_out *o);
void csv_out_cell(struct csv_out *o, struct str text);
void csv_out_int(struct csv_out *o, int64_t v);
void csv_out_end(struct csv_out *o); /* of the line */
/* Writes what is left; the file stays open.  ERR_IO when anything failed. */
enum err csv_out_close(struct csv_out *o, struct diag *diag) MUST_USE;

#endif
