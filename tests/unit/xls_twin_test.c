/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The .xls reader against FreeXL: text and numbers of files that both read
 * must agree.  Dates, formulas, booleans and what FreeXL leaves out (hidden
 * rows, notes, merges) are tested in rows_test.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <freexl.h>
#include <math.h>
#include <stdio.h>

#include "io/numfmt.h"
#include "io/rows.h"

static void compare(const struct cell *c, const FreeXL_CellValue *v, unsigned row, unsigned col)
{
	double mine = 0;
	if (c->kind == CELL_DATE || c->kind == CELL_BOOL || c->kind == CELL_ERROR ||
	    (c->flags & CELL_FORMULA))
		return;
	switch (v->type) {
	case FREEXL_CELL_INT:
	case FREEXL_CELL_DOUBLE: {
		double other = v->type == FREEXL_CELL_INT ? v->value.int_value
		                                          : v->value.double_value;
		if (!number_parse(c->text, &mine) || fabs(mine - other) > 1e-14 * fabs(other))
			fail_msg("R%uC%u: " STR_FMT ", FreeXL %.17g", row, col, STR_ARG(c->text),
			         other);
		break;
	}
	case FREEXL_CELL_TEXT:
	case FREEXL_CELL_SST_TEXT:
		if (!str_is(c->text, v->value.text_value))
			fail_msg("R%uC%u: " STR_FMT ", FreeXL %s", row, col, STR_ARG(c->text),
			         v->value.text_value);
		break;
	default:
		assert_int_equal(c->kind, CELL_EMPTY);
		break;
	}
}

/* Returns how many cells both have. */
static size_t twin(const char *path)
{
	static const struct cell none = {.kind = CELL_EMPTY};
	const void *x = NULL;
	struct diag diag = {0};
	struct rows *r = NULL;
	struct row row = {0};
	bool more = false;
	unsigned rows;
	unsigned short columns;
	size_t seen = 0;
	assert_int_equal(freexl_open(path, &x), FREEXL_OK);
	assert_int_equal(freexl_select_active_worksheet(x, 0), FREEXL_OK);
	assert_int_equal(freexl_worksheet_dimensions(x, &rows, &columns), FREEXL_OK);
	assert_int_equal(rows_open(path, NULL, &diag, &r), OK);
	assert_int_equal(rows_sheet(r, 0, &diag), OK);
	assert_int_equal(rows_next(r, &diag, &row, &more), OK);
	for (unsigned i = 0; i < rows; i++) {
		while (more && row.number < i + 1)
			assert_int_equal(rows_next(r, &diag, &row, &more), OK);
		bool here = more && row.number == i + 1;
		for (unsigned short k = 0; k < columns; k++) {
			FreeXL_CellValue v;
			assert_int_equal(freexl_get_cell_value(x, i, k, &v), FREEXL_OK);
			compare(here && k < row.n ? &row.cells[k] : &none, &v, i + 1, k + 1u);
			seen += here && k < row.n;
		}
	}
	rows_close(r);
	freexl_close(x);
	return seen;
}

static void test_xls_twin__agree(void **state)
{
	(void)state;
	assert_true(twin(TEST_DATA "/town-balihe/车辆登记.xls") > 1000);
	assert_true(twin(TEST_DATA "/io/office.xls") > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_xls_twin__agree)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
