/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "attach/attach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zip.h>

#include "temp_house.h"

#include "base/banned.h"

static const struct record_desc *const tables[] = {&attachment_desc};

static const char *write_file(struct temp_house *h, const char *name, const void *bytes, size_t n)
{
	const char *path = arena_printf(&h->a, "%s/%s", h->dir, name);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	return path;
}

static const char *write_zip(struct temp_house *h, const char *name, const char *const *parts)
{
	const char *path = arena_printf(&h->a, "%s/%s", h->dir, name);
	int code = 0;
	zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
	assert_non_null(z);
	for (; *parts; parts++) {
		zip_source_t *s = zip_source_buffer(z, "<x/>", 4, 0);
		assert_true(zip_file_add(z, *parts, s, 0) >= 0);
	}
	assert_int_equal(zip_close(z), 0);
	return path;
}

static int open_house(void **state)
{
	static struct temp_house h;
	temp_house_open(&h, tables, 1);
	*state = &h;
	return 0;
}

static int close_house(void **state)
{
	temp_house_close(*state);
	return 0;
}

static enum err store(struct temp_house *h, const char *path, int64_t max, struct attach_info *ret)
{
	diag_clear(&h->diag);
	return attach_store(h->keys, h->dir, path, max, &h->diag, ret);
}

static void test_store__content_decides(void **state)
{
	struct temp_house *h = *state;
	static const char *const docx[] = {"[Content_Types].xml", "word/document.xml", NULL};
	static const char *const xlsx[] = {"[Content_Types].xml", "xl/workbook.xml", NULL};
	static const char *const macros[] = {"[Content_Types].xml", "xl/workbook.xml",
	                                     "xl/vbaProject.bin", NULL};
	static const char *const archive[] = {"a.txt", "b.txt", NULL};
	static const char *const both[] = {"[Content_Types].xml", "xl/workbook.xml",
	                                   "word/document.xml", NULL};
	struct attach_info i;
	assert_int_equal(store(h, write_file(h, "x.exe", "%PDF-1.4\n", 9), 0, &i), OK);
	assert_string_equal(i.type, "pdf");
	assert_int_equal(i.size, 9);
	assert_int_equal(store(h, write_file(h, "p", "\xFF\xD8\xFF\xE0" "xx", 6), 0, &i), OK);
	assert_string_equal(i.type, "jpeg");
	assert_int_equal(store(h, write_file(h, "p", "\x89PNG\r\n\x1a\n", 8), 0, &i), OK);
	assert_string_equal(i.type, "png");
	assert_int_equal(store(h, write_zip(h, "d.zip", docx), 0, &i), OK);
	assert_string_equal(i.type, "docx");
	assert_int_equal(store(h, write_zip(h, "d.zip", xlsx), 0, &i), OK);
	assert_string_equal(i.type, "xlsx");
	assert_int_equal(store(h, write_zip(h, "m.pdf", macros), 0, &i), ERR_FILE_UNKNOWN);
	assert_int_equal(store(h, write_zip(h, "m.docx", archive), 0, &i), ERR_FILE_UNKNOWN);
	assert_int_equal(store(h, write_zip(h, "m.docx", both), 0, &i), ERR_FILE_UNKNOWN);
	assert_int_equal(store(h, write_file(h, "x.pdf", "MZ\x90\0", 4), 0, &i), ERR_FILE_UNKNOWN);
	assert_int_equal(store(h, write_file(h, "x.pdf", "<html>", 6), 0, &i), ERR_FILE_UNKNOWN);
	assert_int_equal(store(h, write_file(h, "x.pdf", "", 0), 0, &i), ERR_FILE_EMPTY);
	assert_int_equal(store(h, write_file(h, "x.pdf", "%PDF-1.4\n", 9), 8, &i),
	                 ERR_FILE_TOO_LARGE);
	assert_int_equal(store(h, "/nonexistent", 0, &i), ERR_FILE_UNREADABLE);
}

static void test_describe__name_is_only_a_name(void **state)
{
	struct temp_house *h = *state;
	struct attach_info i = {.type = "pdf", .size = 1};
	struct attachment r = {0};
	attach_describe(&r, &i, STR("C:\\x\\..\\授权书\r\n\"x\".pdf"), &h->a);
	assert_string_equal(r.name, "授权书x.pdf");
	attach_describe(&r, &i, STR("../../etc/\x01"), &h->a);
	assert_string_equal(r.name, "file.pdf");
	attach_describe(&r, &i, STR("a\xE2\x80\xAE" "fdp.exe"), &h->a); /* right-to-left mark */
	assert_string_equal(r.name, "afdp.exe");
	char *longest = arena_alloc(&h->a, 5000);
	memset(longest, 'x', 5000);
	attach_describe(&r, &i, (struct str){longest, 5000}, &h->a);
	assert_int_equal(strlen(r.name), ATTACH_NAME_MAX);
}

static struct attachment add(struct temp_house *h, const struct attach_info *i, int64_t rec)
{
	struct attachment r = {0};
	attach_describe(&r, i, STR("公示照片.pdf"), &h->a);
	FIELD_SET(&r, ATTACHMENT_, tbl, "finding");
	FIELD_SET(&r, ATTACHMENT_, rec, rec);
	FIELD_SET(&r, ATTACHMENT_, household, 5);
	temp_house_begin(h);
	assert_int_equal(attach_add(h->j, &r), OK);
	temp_house_commit(h);
	return r;
}

static void test_add__sealed_and_once(void **state)
{
	struct temp_house *h = *state;
	static const char secret[] = "%PDF-1.4 王秀兰 341299195803010018";
	struct attach_info i;
	struct attachment *list = NULL;
	size_t n = 0;
	char hex[ATTACH_HEX], back[64] = "";
	assert_int_equal(store(h, write_file(h, "s", secret, sizeof(secret) - 1), 0, &i), OK);
	struct attachment first = add(h, &i, 7), again = add(h, &i, 7), other = add(h, &i, 8);
	assert_int_equal(first.no, again.no);
	assert_int_not_equal(first.no, other.no);
	assert_int_equal(attach_of(h->db, "finding", 7, &h->a, &list, &n), OK);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].name, "公示照片.pdf");
	assert_int_equal(attach_of_household(h->db, 5, &h->a, &list, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(attach_by_hash(h->db, first.hash, &h->a, &list, &n), OK);
	assert_int_equal(n, 2);

	attach_hex(first.hash, hex);
	FILE *f = fopen(arena_printf(&h->a, "%s/attach/%s", h->dir, hex), "rb");
	assert_non_null(f);
	char sealed[4096];
	size_t got = fread(sealed, 1, sizeof(sealed), f);
	assert_int_equal(fclose(f), 0);
	assert_true(str_find((struct str){sealed, got}, STR("341299")) == SIZE_MAX);

	const char *to = arena_printf(&h->a, "%s/back", h->dir);
	assert_int_equal(attach_open(h->keys, h->dir, first.hash, to, &h->diag), OK);
	f = fopen(to, "rb");
	assert_non_null(f);
	assert_int_equal(fread(back, 1, sizeof(back) - 1, f), sizeof(secret) - 1);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(back, secret);
}

static int files(struct temp_house *h, const struct attachment *r)
{
	char hex[ATTACH_HEX];
	attach_hex(r->hash, hex);
	return access(arena_printf(&h->a, "%s/attach/%s", h->dir, hex), F_OK) == 0;
}

static void test_sweep__only_what_nobody_has(void **state)
{
	struct temp_house *h = *state;
	struct attach_info i, loose;
	assert_int_equal(store(h, write_file(h, "s", "%PDF-a", 6), 0, &i), OK);
	assert_int_equal(store(h, write_file(h, "t", "%PDF-b", 6), 0, &loose), OK);
	struct attachment r = add(h, &i, 7), l = {0};
	attach_describe(&l, &loose, STR("x"), &h->a);
	assert_int_equal(attach_sweep(h->db, false), OK); /* the loose one is young */
	assert_true(files(h, &r) && files(h, &l));
	assert_int_equal(attach_sweep(h->db, true), OK);
	assert_true(files(h, &r) && !files(h, &l));
	temp_house_begin(h);
	assert_int_equal(attach_remove(h->j, &r), OK);
	temp_house_commit(h);
	assert_int_equal(attach_sweep(h->db, true), OK);
	assert_false(files(h, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_store__content_decides, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_describe__name_is_only_a_name, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_add__sealed_and_once, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_sweep__only_what_nobody_has, open_house, close_house),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
