/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Pages for paper: same bytes, bounds, missing characters, long rows, several threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "io/pdf.h"

static const struct pdf_col cols[] = {{3, PDF_LEFT}, {2, PDF_LEFT}, {2, PDF_RIGHT}, {6, PDF_LEFT}};
static const struct pdf_cell heads[] = {
	{.text = STR("姓名")}, {.text = STR("证件号码")}, {.text = STR("金额")}, {.text = STR("说明")}};

static enum err write_list(const char *path, int rows, size_t pages_max, struct diag *diag,
                           size_t *ret_missing)
{
	struct pdf *p;
	struct pdf_opts o = {.title = "名单", .author = "测试", .pages_max = pages_max};
	enum err e = pdf_open(path, &o, diag, &p);
	if (e)
		return e;
	pdf_section(p, &(struct pdf_frame){.head_left = "填报单位：八里河镇", .foot_left = "填报人："});
	pdf_text(p, &(struct pdf_style){.font = PDF_HEI, .size = 18, .align = PDF_CENTRE}, STR("名单"));
	pdf_table(p, cols, 4, 9);
	pdf_table_head(p, heads, 4);
	for (int i = 0; i < rows; i++) {
		struct pdf_cell c[] = {{.text = STR("欧阳娜娜")}, {.text = STR("341299196507140010")},
		                       {.text = STR("1,234.50")},
		                       {.text = STR("颍上县八里河镇常庄村前进组三十八号院内东侧第二户")}};
		pdf_row(p, c, 4, 0);
	}
	pdf_table_end(p);
	pdf_text(p, &(struct pdf_style){0}, STR("生僻字：䶮 𠅤 \xee\x80\x80"));
	(void)pdf_missing(p, ret_missing);
	return pdf_close(p);
}

static struct str read_all(const char *path, struct arena *a)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	char *p = arena_alloc(a, 1 << 22);
	struct str s = {p, fread(p, 1, 1 << 22, f)};
	fclose(f);
	return s;
}

static void test_pdf__same_bytes(void **state)
{
	(void)state;
	struct arena a;
	struct diag d = {0};
	char one[] = "/tmp/daohu-pdf-XXXXXX", two[] = "/tmp/daohu-pdf-XXXXXX";
	size_t missing;
	close(mkstemp(one));
	close(mkstemp(two));
	arena_init(&a, 0);
	assert_int_equal(write_list(one, 200, 0, &d, &missing), OK);
	assert_int_equal(missing, 1); /* U+E000 */
	assert_int_equal(write_list(two, 200, 0, &d, &missing), OK);
	struct str x = read_all(one, &a), y = read_all(two, &a);
	assert_true(x.n > 1000 && str_eq(x, y));
	assert_true(str_starts(x, STR("%PDF-")));
	arena_release(&a);
	(void)unlink(one);
	(void)unlink(two);
}

static void test_pdf__bounds(void **state)
{
	(void)state;
	struct diag d = {0};
	size_t missing;
	char path[] = "/tmp/daohu-pdf-XXXXXX";
	close(mkstemp(path));
	(void)unlink(path);
	assert_int_equal(write_list(path, 400, 3, &d, &missing), ERR_FILE_TOO_LARGE);
	assert_int_not_equal(access(path, F_OK), 0);
	diag_clear(&d);
	assert_int_equal(write_list("/nowhere/at/all.pdf", 1, 0, &d, &missing), ERR_IO);
}

/* A cell of several pages and a group of rows that is higher than one. */
static void test_pdf__long_rows(void **state)
{
	(void)state;
	struct diag d = {0};
	struct pdf *p;
	struct buf b;
	char path[] = "/tmp/daohu-pdf-XXXXXX";
	close(mkstemp(path));
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 3000; i++)
		buf_adds(&b, "很长的说明");
	assert_int_equal(pdf_open(path, &(struct pdf_opts){.landscape = true}, &d, &p), OK);
	pdf_table(p, cols, 4, 9);
	pdf_table_head(p, heads, 4);
	struct pdf_cell c[] = {{.text = STR("王")}, {.text = STR("一")}, {.text = STR("3")},
	                       {.text = buf_str(&b)}};
	pdf_row(p, c, 4, 0);
	for (int i = 0; i < 120; i++) {
		struct pdf_cell first[] = {{.text = STR("李二"), .rows = 120}, {.text = STR("二")},
		                           {.text = STR("1")}, {.text = STR("短")}};
		pdf_row(p, i ? first + 1 : first, i ? 3 : 4, 6);
	}
	pdf_table_end(p);
	static const char *const labels[] = {"户主签字：", "核查人：", "日期："};
	pdf_signatures(p, labels, 3, 10);
	pdf_frames(p, labels, 3, 40);
	pdf_lines(p, 3, 8);
	assert_int_equal(pdf_pages(p), 0);
	assert_int_equal(pdf_close(p), OK);
	buf_release(&b);
	(void)unlink(path);
}

static void *write_one(void *arg)
{
	struct diag d = {0};
	size_t missing;
	*(enum err *)arg = ERR_INTERNAL;
	char path[] = "/tmp/daohu-pdf-XXXXXX";
	close(mkstemp(path));
	*(enum err *)arg = write_list(path, 60, 0, &d, &missing);
	(void)unlink(path);
	return NULL;
}

static void test_pdf__threads(void **state)
{
	(void)state;
	pthread_t t[3];
	enum err e[3];
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&t[i], NULL, write_one, &e[i]), 0);
	for (int i = 0; i < 3; i++) {
		pthread_join(t[i], NULL);
		assert_int_equal(e[i], OK);
	}
}

/* What a document leaves behind: bytes in use more than before, of some. */
static size_t left_by(int documents)
{
	size_t before = mallinfo2().uordblks;
	for (int i = 0; i < documents; i++) {
		enum err e = ERR_INTERNAL;
		(void)write_one(&e);
		assert_int_equal(e, OK);
	}
	size_t after = mallinfo2().uordblks;
	return after > before ? after - before : 0;
}

static void test_pdf__apart(void **state)
{
	(void)state;
	struct arena a;
	struct diag d = {0};
	size_t missing;
	char one[] = "/tmp/daohu-pdf-XXXXXX", two[] = "/tmp/daohu-pdf-XXXXXX";
	close(mkstemp(one));
	close(mkstemp(two));
	arena_init(&a, 0);
	assert_int_equal(write_list(one, 200, 0, &d, &missing), OK);
	pdf_apart(true);
	assert_int_equal(write_list(two, 200, 0, &d, &missing), OK);
	assert_true(str_eq(read_all(one, &a), read_all(two, &a)));
	test_pdf__bounds(state);
	test_pdf__threads(state);
	(void)left_by(5); /* what is kept for the next */
	size_t left = left_by(40);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	assert_in_range(left, 0, 40 * 200);
#endif
	(void)left;
	pdf_apart(false);
	arena_release(&a);
	(void)unlink(one);
	(void)unlink(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pdf__same_bytes),
		cmocka_unit_test(test_pdf__bounds),
		cmocka_unit_test(test_pdf__long_rows),
		cmocka_unit_test(test_pdf__threads),
		cmocka_unit_test(test_pdf__apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
