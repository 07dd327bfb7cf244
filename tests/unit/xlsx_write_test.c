/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/xlsx_write.h"

static char dir[] = "/tmp/daohu-xlsx-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void sample(const char *path, bool streaming)
{
	struct diag d = {0};
	struct xlsx_out *x;
	struct xlsx_out_opts o = {.streaming = streaming, .title = "名单"};
	assert_int_equal(xlsx_out_open(path, &o, &d, &x), OK);
	struct xlsx_style head = {.bold = true, .border = true, .fill = XLSX_HEADER};
	struct xlsx_style id = {.kind = XLSX_TEXT, .border = true};
	int h = xlsx_style(x, &head), t = xlsx_style(x, &id);
	assert_int_equal(xlsx_style(x, &head), h);
	xlsx_sheet(x, "名单/一", XLSX_FIRST);
	xlsx_sheet(x, "名单-一", 0);
	xlsx_column(x, 0, 1, 20, -1, false);
	xlsx_merge(x, 0, 0, 0, 3, h, STR("八里河镇"));
	xlsx_text(x, 1, 0, t, STR("341299195001010016"));
	xlsx_text(x, 1, 1, t, STR("坏字节\xFF"));
	xlsx_money(x, 1, 2, h, 123456);
	xlsx_date(x, 1, 3, h, 20180114);
	xlsx_date(x, 1, 4, h, 201801 * 100);
	xlsx_freeze(x, 1, 0);
	xlsx_note(x, 1, 0, STR("说明"));
	xlsx_page(x, &(struct xlsx_page){.landscape = true, .repeat_first = 0, .left = "甲&乙"});
	const char *few[] = {"是", "否"};
	/* 200 characters, 600 bytes: too long for libxlsxwriter's own buffer */
	static const char *const many[] = {
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十",
		"甲二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十",
		"乙二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"};
	xlsx_choice(x, (struct xlsx_range){2, 3, 9, 3}, many, 3, NULL);
	const char *comma[] = {"一,二", "三"};
	xlsx_choice(x, (struct xlsx_range){2, 0, 9, 0}, few, 2, NULL);
	xlsx_choice(x, (struct xlsx_range){2, 1, 9, 1}, comma, 2,
	            &(struct xlsx_prompt){.title = "请选", .text = "从中选一"});
	xlsx_choice_date(x, (struct xlsx_range){2, 2, 9, 2}, 20170101, 20181231, NULL);
	xlsx_protect(x);
	assert_int_equal(xlsx_out_close(x), OK);
}

static size_t slurp(const char *path, char *out, size_t max)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	size_t n = fread(out, 1, max, f);
	fclose(f);
	return n;
}

static void test_xlsx_write__same_calls_same_bytes(void **state)
{
	(void)state;
	static char a[100000], b[100000];
	char path[100];
	for (int streaming = 0; streaming < 2; streaming++) {
		snprintf(path, sizeof(path), "%s/a.xlsx", dir);
		sample(path, streaming);
		size_t n = slurp(path, a, sizeof(a));
		sample(path, streaming);
		assert_int_equal(slurp(path, b, sizeof(b)), n);
		assert_true(n > 1000 && n < sizeof(a));
		assert_memory_equal(a, b, n);
		assert_int_equal(unlink(path), 0);
	}
}

static void test_xlsx_write__abandoned_leaves_nothing(void **state)
{
	(void)state;
	char path[100];
	snprintf(path, sizeof(path), "%s/b.xlsx", dir);
	struct xlsx_out *x;
	assert_int_equal(xlsx_out_open(path, &(struct xlsx_out_opts){0}, NULL, &x), OK);
	xlsx_sheet(x, "一", 0);
	xlsx_text(x, 0, 0, -1, STR("甲"));
	xlsx_out_abandon(x);
	assert_int_equal(access(path, F_OK), -1);
	xlsx_out_abandon(NULL);
}

static void test_xlsx_write__failure_is_named(void **state)
{
	(void)state;
	struct diag d = {0};
	struct xlsx_out *x = NULL;
	assert_int_equal(xlsx_out_open("/nowhere/a.xlsx", &(struct xlsx_out_opts){0}, &d, &x),
	                 ERR_IO);
	assert_null(x);
	assert_string_equal(d.place, "/nowhere/a.xlsx");
}

static void test_xlsx_write__wrapped_height(void **state)
{
	(void)state;
	double one = xlsx_wrapped_height(STR("短"), 20, 0);
	assert_true(xlsx_wrapped_height(STR("一\n二"), 20, 0) > one);
	assert_true(xlsx_wrapped_height(STR("一二三四五六七八九十一二三四五六七八九十"), 20, 0) > one);
	assert_true(xlsx_wrapped_height(STR(""), 20, 0) <= one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xlsx_write__same_calls_same_bytes),
		cmocka_unit_test(test_xlsx_write__abandoned_leaves_nothing),
		cmocka_unit_test(test_xlsx_write__failure_is_named),
		cmocka_unit_test(test_xlsx_write__wrapped_height),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
