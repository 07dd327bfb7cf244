/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Somebody's form filled: what is not a value stays; rows are put in; formulas follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <zip.h>

#include "io/formula.h"
#include "io/rows.h"
#include "io/sheet_fill.h"
#include "io/xlsx_write.h"

static char form[64], filled[64];

/* Title, two header rows with merges, three empty rows, a total, a line to sign. */
static void make_form(bool sample)
{
	struct diag d = {0};
	struct xlsx_out *x;
	assert_int_equal(xlsx_out_open(form, &(struct xlsx_out_opts){.title = "表"}, &d, &x), OK);
	int head = xlsx_style(x, &(struct xlsx_style){.font = XLSX_HEI, .bold = true, .border = true});
	int cell = xlsx_style(x, &(struct xlsx_style){.border = true});
	int day = xlsx_style(x, &(struct xlsx_style){.border = true, .kind = XLSX_DATE});
	xlsx_sheet(x, "汇总 表", 0);
	xlsx_column(x, 0, 0, 6, -1, false);
	xlsx_column(x, 1, 1, 24, -1, false);
	xlsx_merge(x, 0, 0, 0, 6, head, STR("统计表"));
	xlsx_merge(x, 1, 0, 2, 0, head, STR("序号"));
	xlsx_merge(x, 1, 1, 2, 1, head, STR("证件号码"));
	xlsx_merge(x, 1, 2, 1, 3, head, STR("收入（元）"));
	xlsx_text(x, 2, 2, head, STR("工资"));
	xlsx_text(x, 2, 3, head, STR("转移"));
	xlsx_merge(x, 1, 4, 2, 4, head, STR("合计"));
	xlsx_merge(x, 1, 5, 2, 5, head, STR("日期"));
	xlsx_merge(x, 1, 6, 2, 6, head, STR("备注"));
	for (int r = 3; r < 6; r++) {
		char f[40];
		(void)snprintf(f, sizeof(f), "=C%d+D%d", r + 1, r + 1);
		for (int c = 0; c < 4; c++)
			xlsx_blank(x, r, c, cell);
		if (sample && r == 3)
			xlsx_text(x, r, 1, cell, STR("例：341299196507140010"));
		xlsx_formula(x, r, 4, cell, f, 0);
		xlsx_blank(x, r, 5, day);
		xlsx_text(x, r, 6, cell, r == 3 ? STR("例") : STR(""));
	}
	xlsx_text(x, 6, 0, cell, STR("合计"));
	xlsx_formula(x, 6, 2, cell, "=SUM(C4:C6)", 0);
	xlsx_formula(x, 6, 3, cell, "=SUM(D$4:D$6)/COUNT(D4:D6)", 0);
	xlsx_text(x, 7, 0, cell, STR("填报人："));
	xlsx_choice(x, (struct xlsx_range){3, 6, 5, 6}, (const char *[]){"是", "否"}, 2, NULL);
	xlsx_filter(x, 2, 0, 5, 6);
	xlsx_page(x, &(struct xlsx_page){.repeat_first = 1, .repeat_last = 2});
	assert_int_equal(xlsx_out_close(x), OK);
}

struct source {
	int record;
};
static void next(void *arg)
{
	((struct source *)arg)->record++;
}
static void value(void *arg, size_t i, struct sheet_fill_value *ret)
{
	static char text[64];
	const struct source *s = arg;
	switch (i) {
	case 0:
		(void)snprintf(text, sizeof(text), "%d", s->record);
		*ret = (struct sheet_fill_value){SHEET_FILL_NUMBER, str_c(text), 0};
		break;
	case 1:
		*ret = (struct sheet_fill_value){SHEET_FILL_TEXT, STR("341299196507140010"), 0};
		break;
	case 4:
		*ret = (struct sheet_fill_value){SHEET_FILL_DATE, STR("2018-01-14"), 20180114};
		break;
	default:
		*ret = (struct sheet_fill_value){SHEET_FILL_NUMBER, STR("1200.50"), 0};
	}
}

static enum err fill(size_t n, struct diag *d)
{
	static const uint32_t cols[] = {1, 2, 3, 4, 6};
	struct source s = {0};
	struct sheet_fill_cell title = {1, 1, {SHEET_FILL_TEXT, STR("八里河镇<统计表>"), 0}};
	struct sheet_fill w = {.first = 4, .last = 6, .cols = cols, .n_cols = 5, .n_records = n,
	                      .next = next, .value = value, .arg = &s, .cells = &title, .n_cells = 1};
	enum err e = sheet_fill(form, &w, filled, d);
	if (!e)
		assert_int_equal(s.record, n);
	return e;
}

static const char *sheet_xml(struct arena *a, const char *part)
{
	int zerr;
	zip_t *z = zip_open(filled, ZIP_RDONLY, &zerr);
	assert_non_null(z);
	zip_file_t *f = zip_fopen(z, part, 0);
	assert_non_null(f);
	char *p = arena_alloc(a, 1 << 22);
	zip_int64_t n = zip_fread(f, p, (1 << 22) - 1);
	assert_true(n >= 0);
	p[n] = '\0';
	zip_fclose(f);
	zip_discard(z);
	return p;
}

static void cell_is(struct rows *r, uint32_t row, size_t col, const char *want)
{
	struct diag d = {0};
	struct row got;
	bool more = true;
	assert_int_equal(rows_sheet(r, 0, &d), OK);
	while (more) {
		assert_int_equal(rows_next(r, &d, &got, &more), OK);
		if (!more || got.number < row)
			continue;
		assert_int_equal(got.number, row);
		struct str s = col < got.n ? got.cells[col].text : (struct str){"", 0};
		if (!str_is(s, want))
			fail_msg("row %u col %zu: \"" STR_FMT "\", wanted \"%s\"", (unsigned)row, col,
			         STR_ARG(s), want);
		return;
	}
	assert_string_equal(want, "");
}

static void test_fill__more_records(void **state)
{
	(void)state;
	struct diag d = {0};
	struct arena a;
	struct rows *r;
	arena_init(&a, 0);
	make_form(false);
	assert_int_equal(fill(10, &d), OK);
	assert_int_equal(rows_open(filled, &(struct rows_opts){0}, &d, &r), OK);
	cell_is(r, 1, 0, "八里河镇<统计表>");
	cell_is(r, 4, 1, "341299196507140010");
	cell_is(r, 13, 0, "10");
	cell_is(r, 13, 5, "2018-01-14");
	cell_is(r, 14, 0, "合计");
	cell_is(r, 15, 0, "填报人：");
	cell_is(r, 4, 6, "例"); /* nobody's column, and no sample in ours: it stays */
	cell_is(r, 5, 6, "");
	rows_close(r);
	const char *xml = sheet_xml(&a, "xl/worksheets/sheet1.xml");
	assert_non_null(strstr(xml, "<f>SUM(C4:C13)</f>"));
	assert_non_null(strstr(xml, "<f>SUM(D$4:D$13)/COUNT(D4:D13)</f>"));
	assert_non_null(strstr(xml, "<f>C9+D9</f>"));
	assert_non_null(strstr(xml, "<f>C13+D13</f>"));
	assert_non_null(strstr(xml, "sqref=\"G4:G13\""));
	assert_non_null(strstr(xml, "<autoFilter ref=\"A3:G13\""));
	assert_null(strstr(xml, "<v>0</v></c>")); /* no stale results */
	const char *book = sheet_xml(&a, "xl/workbook.xml");
	assert_non_null(strstr(book, "fullCalcOnLoad=\"1\""));
	assert_non_null(strstr(book, "$A$3:$G$13"));
	arena_release(&a);
}

static void test_fill__fewer_records(void **state)
{
	(void)state;
	struct diag d = {0};
	struct arena a;
	struct rows *r;
	arena_init(&a, 0);
	make_form(true);
	assert_int_equal(fill(2, &d), OK);
	assert_int_equal(rows_open(filled, &(struct rows_opts){0}, &d, &r), OK);
	cell_is(r, 4, 1, "341299196507140010");
	cell_is(r, 4, 6, ""); /* the example's own words go with it */
	cell_is(r, 6, 1, "");
	cell_is(r, 7, 0, "合计");
	rows_close(r);
	assert_non_null(strstr(sheet_xml(&a, "xl/worksheets/sheet1.xml"), "<f>SUM(C4:C6)</f>"));
	arena_release(&a);
}

static void test_fill__refused(void **state)
{
	(void)state;
	struct diag d = {0};
	FILE *f = fopen(form, "wb");
	assert_non_null(f);
	fputs("not a workbook", f);
	fclose(f);
	assert_int_not_equal(fill(1, &d), OK);
	(void)unlink(filled);
	assert_int_not_equal(fill(1, &d), OK);
	assert_int_not_equal(access(filled, F_OK), 0);
}

static void shifted(const char *from, const char *want)
{
	struct buf b;
	struct row_shift s = {.after = 6, .n = 4, .grow = true, .sheet = STR("汇总 表"), .bare = true};
	buf_init(&b, 1000);
	formula_shift(str_c(from), &s, &b);
	assert_string_equal(b.p, want);
	buf_release(&b);
}

static void copied(const char *from, const char *want)
{
	struct buf b;
	buf_init(&b, 1000);
	formula_copy(str_c(from), 2, 1, &b);
	assert_string_equal(b.p, want);
	buf_release(&b);
}

static void test_formula__references(void **state)
{
	(void)state;
	shifted("SUM(C4:C6)+C7", "SUM(C4:C10)+C11");
	shifted("SUM(C4:C5)", "SUM(C4:C5)");
	shifted("IF(A1=\"C7\",LOG10(C7),$C$8)", "IF(A1=\"C7\",LOG10(C11),$C$12)");
	shifted("Sheet2!C7+'汇总 表'!C7+'it''s'!C9", "Sheet2!C7+'汇总 表'!C11+'it''s'!C9");
	shifted("C7_name+x.C8+C7(", "C7_name+x.C8+C7(");
	shifted("C:C+5:7+AAAA7+C0", "C:C+5:7+AAAA7+C0");
	copied("C5+$C5+C$5+$C$5+Sheet2!A1", "D7+$C7+D$5+$C$5+Sheet2!B3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formula__references),
		cmocka_unit_test(test_fill__more_records),
		cmocka_unit_test(test_fill__fewer_records),
		cmocka_unit_test(test_fill__refused),
	};
	(void)snprintf(form, sizeof(form), "/tmp/daohu-fill-%d.xlsx", (int)getpid());
	(void)snprintf(filled, sizeof(filled), "/tmp/daohu-fill-%d-filled.xlsx", (int)getpid());
	(void)unlink(filled);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (!getenv("KEEP_FILES")) {
		(void)unlink(form);
		(void)unlink(filled);
	}
	return failed;
}
