/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "fuzz_file.h"
#include "fuzz_rows.h"

#include "io/csv_parts.h"

/* The rows of a reader as one number; false at an error. */
static bool add_rows(struct rows *r, uint64_t *sum, size_t *n)
{
	struct row row;
	bool more = true;
	enum err e = OK;
	while ((e = rows_next(r, NULL, &row, &more)) == OK && more) {
		++*n;
		for (size_t i = 0; i < row.n; i++)
			*sum = (*sum ^ str_hash(row.cells[i].text)) * 0x9E3779B97F4A7C15u + row.n;
	}
	rows_close(r);
	return e == OK;
}

/* By parts of a few bytes the rows are those of the whole. */
static void fuzz_parts(const char *path, size_t part_bytes)
{
	struct arena arena;
	struct csv_parts p;
	uint64_t whole = 0, parts = 0;
	size_t n = 0, m = 0;
	struct rows *r = NULL;
	bool good = true;
	arena_init(&arena, 0);
	if (csv_parts_open(path, part_bytes, SIZE_MAX, NULL, &arena, &p)) {
		for (size_t k = 0; k < p.n; k++)
			good = add_rows(csv_parts_rows(&p, k), &parts, &m) && good;
		bool opened = rows_open(path, NULL, NULL, &r) == OK && rows_sheet(r, 0, NULL) == OK;
		if (!opened || rows_kind(r) != FILE_CSV)
			abort();
		/* a file without rows is an error to the one, nothing to the other */
		bool all = add_rows(r, &whole, &n);
		if (n ? all != good || (all && (whole != parts || n != m)) : all || m)
			abort();
	}
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_rows(data, size);
	if (size > 0) {
		struct fuzz_file f = fuzz_file(data, size);
		fuzz_parts(f.path, 1 + size / 7 + data[size - 1] % 16);
		fuzz_file_close(&f);
	}
	return 0;
}
