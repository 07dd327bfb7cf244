/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Word documents: what is written opens again; fields divided over runs; rows repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <zip.h>

#include "io/docx.h"

static char path[64], filled[64];

static void names(void)
{
	(void)snprintf(path, sizeof(path), "/tmp/daohu-docx-%d.docx", (int)getpid());
	(void)snprintf(filled, sizeof(filled), "/tmp/daohu-docx-%d-filled.docx", (int)getpid());
}

static void put(zip_t *z, const char *name, const char *text)
{
	zip_source_t *s = zip_source_buffer(z, text, strlen(text), 0);
	assert_non_null(s);
	assert_true(zip_file_add(z, name, s, ZIP_FL_OVERWRITE) >= 0);
}

/* A package around the text of a body. */
static void make(const char *body)
{
	static char xml[1 << 16];
	int zerr;
	zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &zerr);
	assert_non_null(z);
	(void)snprintf(xml, sizeof(xml), "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"x\">"
	               "<w:body>%s<w:sectPr><w:pgSz/></w:sectPr></w:body></w:document>", body);
	put(z, "[Content_Types].xml", "<Types/>");
	put(z, "_rels/.rels", "<Relationships><Relationship Id=\"r\" Type=\"http://x/officeDocument\" "
	                      "Target=\"word/document.xml\"/></Relationships>");
	put(z, "word/document.xml", xml);
	put(z, "word/media/image1.png", "not really");
	assert_int_equal(zip_close(z), 0);
}

static const char *text_of(const char *file, struct arena *a)
{
	int zerr;
	zip_t *z = zip_open(file, ZIP_RDONLY, &zerr);
	assert_non_null(z);
	zip_file_t *f = zip_fopen(z, "word/document.xml", 0);
	assert_non_null(f);
	char *p = arena_alloc(a, 1 << 20);
	zip_int64_t n = zip_fread(f, p, (1 << 20) - 1);
	assert_true(n >= 0);
	p[n] = '\0';
	zip_fclose(f);
	zip_discard(z);
	return p;
}

struct source {
	const struct docx_field *fields;
	int page, pages, row, rows;
};
static bool page(void *arg)
{
	struct source *s = arg;
	s->row = 0;
	return s->page++ < s->pages;
}
static bool row(void *arg, size_t block)
{
	struct source *s = arg;
	(void)block;
	return s->row++ < s->rows;
}
static void value(void *arg, size_t field, struct buf *out)
{
	const struct source *s = arg;
	buf_addf(out, "<%d.%d " STR_FMT ">", s->page, s->row, STR_ARG(s->fields[field].name));
}

static enum err fill(const char *body, int pages, int rows, struct arena *a, const char **ret)
{
	struct diag d = {0};
	struct docx *doc;
	size_t n;
	make(body);
	enum err e = docx_open(path, &d, &doc);
	if (e)
		return e;
	struct source s = {docx_fields(doc, &n), 0, pages, 0, rows};
	struct docx_source source = {&s, page, row, value};
	e = docx_fill(doc, &source, filled, &d);
	docx_close(doc);
	*ret = e ? NULL : text_of(filled, a);
	return e;
}

static void test_docx__divided_field(void **state)
{
	(void)state;
	struct arena a;
	const char *got;
	arena_init(&a, 0);
	assert_int_equal(fill("<w:p><w:r><w:t>户主：{</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{ 户</w:t></w:r>"
	                      "<w:r><w:t>主 }</w:t></w:r><w:r><w:t>} 家 {{a &amp; b}}{{open</w:t></w:r></w:p>",
	                      1, 0, &a, &got), OK);
	assert_non_null(strstr(got, "<w:t>户主：&lt;1.0 户主&gt;</w:t>"));
	assert_non_null(strstr(got, "<w:rPr><w:b/></w:rPr><w:t></w:t>"));
	assert_non_null(strstr(got, "<w:t> 家 &lt;1.0 a &amp; b&gt;{{open</w:t>"));
	arena_release(&a);
}

#define CELL(s) "<w:tc><w:p><w:r><w:t>" s "</w:t></w:r></w:p></w:tc>"

static void test_docx__rows(void **state)
{
	(void)state;
	struct arena a;
	const char *got;
	arena_init(&a, 0);
	assert_int_equal(fill("<w:tbl><w:tr>" CELL("姓名") CELL("号码") "</w:tr><w:tr>" CELL("{{姓名}}")
	                      CELL("{{号码}}") "</w:tr><w:tr>" CELL("户主") CELL("{{户主}}") "</w:tr></w:tbl>",
	                      2, 3, &a, &got), OK);
	assert_non_null(strstr(got, "&lt;1.3 号码&gt;"));
	assert_non_null(strstr(got, "&lt;2.1 姓名&gt;"));
	assert_null(strstr(got, "&lt;1.4 姓名&gt;"));
	assert_non_null(strstr(got, "w:type=\"page\""));
	assert_non_null(strstr(got, "</w:tbl><w:sectPr>")); /* once, at the end */
	arena_release(&a);
}

static void test_docx__refused(void **state)
{
	(void)state;
	struct arena a;
	const char *got;
	arena_init(&a, 0);
	assert_int_equal(fill("<w:p><w:t>not closed", 1, 0, &a, &got), ERR_FILE_DAMAGED);
	arena_release(&a);
}

static void test_docx__new(void **state)
{
	(void)state;
	struct diag d = {0};
	struct docx_out *o;
	struct docx *doc;
	struct arena a;
	size_t n;
	const struct str cells[] = {STR("{{单位}}"), STR("{{姓名}}")};
	const double widths[] = {2, 1};
	arena_init(&a, 0);
	assert_int_equal(docx_out_open(path, &(struct docx_opts){.title = "a<b"}, &d, &o), OK);
	docx_out_text(o, &(struct docx_style){.font = DOCX_XIAOBIAOSONG, .size = 22}, STR("会议纪要 & <x>"));
	docx_out_text(o, &(struct docx_style){.size = 16, .indent = 2, .leads = true}, STR("heads the table"));
	docx_out_table(o, widths, 2, 1, 0);
	docx_out_row(o, (const struct str[]){STR("单位"), STR("姓名")}, 2);
	docx_out_row(o, cells, 2);
	assert_int_equal(docx_out_close(o), OK);
	assert_int_equal(docx_open(path, &d, &doc), OK);
	const struct docx_field *f = docx_fields(doc, &n);
	assert_int_equal(n, 2);
	assert_true(str_is(f[1].name, "姓名") && f[1].block == 1);
	assert_non_null(strstr(text_of(path, &a), "会议纪要 &amp; &lt;x&gt;"));
	assert_non_null(strstr(text_of(path, &a),
	                       "<w:keepNext/><w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/>"));
	docx_close(doc);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docx__divided_field),
		cmocka_unit_test(test_docx__rows),
		cmocka_unit_test(test_docx__refused),
		cmocka_unit_test(test_docx__new),
	};
	names();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)unlink(filled);
	return failed;
}
