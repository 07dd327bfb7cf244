/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Reads a whole file through rows.h, as every fuzz target of a table reader
 * does: all sheets, rows, merges, notes, with every byte of text touched.
 */
#ifndef DAOHU_FUZZ_ROWS_H
#define DAOHU_FUZZ_ROWS_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "io/rows.h"

/* What comes out must be well-formed text: those who store it rely on that. */
static inline void fuzz_cells(const struct row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *c = &row->cells[i];
		if (!utf8_valid(c->text) || (c->text.n && memchr(c->text.p, 0, c->text.n)))
			abort();
		if ((c->kind == CELL_EMPTY) != (c->text.n == 0))
			abort();
	}
}

static inline void fuzz_sheet(struct rows *r, size_t i)
{
	struct diag diag = {0};
	struct row row;
	const struct merge *merges;
	const struct note *notes;
	bool more = true;
	size_t n, count = 0;
	uint32_t last = 0;
	if (rows_sheet(r, i, &diag) != OK)
		return;
	if (i % 2 == 0 && rows_merges(r, &diag, &merges, &n) != OK)
		return;
	while (rows_next(r, &diag, &row, &more) == OK && more && count++ < 100000) {
		if (row.number <= last)
			abort();
		last = row.number;
		fuzz_cells(&row);
	}
	if (rows_merges(r, &diag, &merges, &n) == OK)
		for (size_t k = 0; k < n; k++)
			if (merges[k].row1 < 1 || merges[k].row2 < merges[k].row1)
				abort();
	if (rows_notes(r, &diag, &notes, &n) == OK)
		for (size_t k = 0; k < n; k++)
			if (!utf8_valid(str_c(notes[k].text)))
				abort();
}

static inline void fuzz_rows(const void *data, size_t size)
{
	/* small limits: a fuzzer's inputs are small, and so should its memory be */
	struct rows_opts opts = {.limits = {.inflated_bytes = 8 << 20, .line_bytes = 1 << 20,
	                                    .cell_bytes = 1 << 18, .string_bytes = 4 << 20}};
	struct diag diag = {0};
	struct rows *r = NULL;
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (rows_open(path, &opts, &diag, &r) == OK) {
		for (size_t i = 0; i < rows_sheet_count(r) && i < 8; i++)
			fuzz_sheet(r, i);
		rows_close(r);
	} else if (diag.code == OK || !diag.place[0]) {
		abort(); /* refused without a reason */
	}
	close(fd);
}

#endif
