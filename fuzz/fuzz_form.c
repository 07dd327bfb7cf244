/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A sheet as it stands in a workbook, filled with more records than it has rows, and read. */
#include "io/sheet_fill.h"

#include "fuzz_pack_file.h"
#include "fuzz_rows.h"

static void next(void *arg)
{
	(void)arg;
}
static void value(void *arg, size_t i, struct sheet_fill_value *ret)
{
	(void)arg;
	*ret = (struct sheet_fill_value){(enum sheet_fill_kind)(i % 4), STR("12"), 20180114};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char types[] = "<Types/>", rels[] = FUZZ_RELS("xl/workbook.xml");
	static const char book[] = "<workbook><sheets><sheet name=\"a\" sheetId=\"1\"/></sheets>"
	                           "<definedNames><definedName name=\"n\">a!$A$1:$B$4</definedName>"
	                           "</definedNames></workbook>";
	static const uint32_t cols[] = {1, 2, 3, 5, 9};
	const struct fuzz_part parts[] = {{"[Content_Types].xml", types, sizeof(types) - 1},
	                                  {"_rels/.rels", rels, sizeof(rels) - 1},
	                                  {"xl/workbook.xml", book, sizeof(book) - 1},
	                                  {"xl/worksheets/sheet1.xml", data, size}};
	const struct sheet_fill_cell cell = {1, 1, {SHEET_FILL_TEXT, STR("<a>"), 0}};
	struct sheet_fill w = {.first = 3, .last = 4, .cols = cols, .n_cols = 5, .n_records = 4,
	                       .next = next, .value = value, .cells = &cell, .n_cells = 1};
	struct diag diag = {0};
	struct rows *r;
	char in[100], out[100];
	fuzz_package(fuzz_path("in.xlsx", in), parts, 4);
	if (sheet_fill(in, &w, fuzz_path("out.xlsx", out), &diag) == OK) {
		if (rows_open(out, &(struct rows_opts){0}, &diag, &r) != OK)
			abort();
		fuzz_sheet(r, 0);
		rows_close(r);
	} else if (diag.code == OK || !diag.place[0]) {
		abort();
	}
	(void)unlink(in);
	(void)unlink(out);
	return 0;
}
