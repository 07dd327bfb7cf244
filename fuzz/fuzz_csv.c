/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "fuzz_file.h"
#include "fuzz_rows.h"

#include "io/csv_parts.h"

enum { COLUMNS = 3 };

/* The cells of a file one behind the other, for each part: those of the first columns. */
struct cells {
	struct buf of[CSV_PARTS_MAX];
};

static void add_cell(struct buf *to, struct str cell)
{
	buf_addstr(to, cell);
	buf_addc(to, '\0');
}

static enum err read_part(void *arg, size_t part, size_t worker, struct rows *rows)
{
	(void)worker;
	static const size_t columns[COLUMNS] = {0, 1, 3};
	struct cells *x = arg;
	struct str cell[COLUMNS];
	bool more = true;
	enum err e = OK;
	buf_clear(&x->of[part]);
	while ((e = csv_part_next(rows, columns, COLUMNS, cell, &more)) == OK && more)
		for (size_t k = 0; k < COLUMNS; k++)
			add_cell(&x->of[part], cell[k]);
	return e;
}

static void add_row(struct buf *to, const struct row *row)
{
	for (size_t k = 0; k <= COLUMNS; k++)
		if (k != 2)
			add_cell(to, k < row->n ? row->cells[k].text : (struct str){0});
}

/* false: there is none, or one that cannot be read. */
static bool whole_file(const char *path, struct buf *to)
{
	struct rows *r = NULL;
	struct row row;
	bool more = true;
	enum err e = rows_open(path, NULL, NULL, &r);
	if (!e)
		e = rows_sheet(r, 0, NULL);
	while (!e && (e = rows_next(r, NULL, &row, &more)) == OK && more)
		add_row(to, &row);
	rows_close(r);
	return e == OK;
}

/* By parts of a few bytes the rows are those of the whole. */
static void fuzz_parts(const char *path, size_t part_bytes)
{
	enum { MOST = 64 << 20 };
	struct cells x;
	struct csv_parts p;
	struct row row;
	struct buf whole, parts;
	if (!csv_parts_open(path, part_bytes, SIZE_MAX, &p))
		return;
	buf_init(&whole, MOST);
	buf_init(&parts, MOST);
	for (size_t k = 0; k < CSV_PARTS_MAX; k++)
		buf_init(&x.of[k], MOST);
	struct rows *header = csv_parts_header(&p, &row);
	if (header)
		add_row(&parts, &row);
	rows_close(header);
	bool good = header && csv_parts_read(&p, NULL, read_part, &x);
	for (size_t k = 0; k < p.n; k++)
		buf_addstr(&parts, buf_str(&x.of[k]));
	if (good && (!whole_file(path, &whole) || !str_eq(buf_str(&whole), buf_str(&parts))))
		abort();
	for (size_t k = 0; k < CSV_PARTS_MAX; k++)
		buf_release(&x.of[k]);
	buf_release(&whole);
	buf_release(&parts);
	csv_parts_close(&p);
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
