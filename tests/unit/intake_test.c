/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Golden files: tests/data/intake/NAME is read, its dump must be NAME.out.
 * tests/data/layouts holds one file or more of every ledger that no sample town has.
 * With DAOHU_WRITE_GOLDEN set the dumps are written instead, to be reviewed.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "intake_dump.h"

#include "base/banned.h"

#define DIR_INTAKE TEST_DATA "/intake/"
#define DIR_LAYOUTS TEST_DATA "/layouts/"

static struct pack *pack;

static const char *const villages[] = {"东湖村委会", "西湖社区居委会", "南岗村委会", NULL};

static int open_pack(void **state)
{
	struct diag d = {0};
	return pack_open("cn-2018", &d, &pack) != OK;
}

static int close_pack(void **state)
{
	pack_close(pack);
	return 0;
}

static void read_all(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char part[4096];
	size_t n;
	while (f && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(out, part, n);
	if (f)
		fclose(f);
}

/* Whatever was found while rows went by is found again, and nothing twice. */
static void again(const char *in, const struct dump_opts *o, const struct buf *want)
{
	static const size_t after[] = {1, 4, SIZE_MAX};
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		struct dump_opts again = *o;
		struct buf got;
		buf_init(&got, 1 << 20);
		again.rewind_after = after[i];
		intake_dump(in, pack, &again, &got);
		if (!str_eq(buf_str(&got), buf_str(want)))
			fail_msg("%s after a rewind:\n%s\nexpected:\n%s", in, got.p, want->p);
		buf_release(&got);
	}
}

static void golden(const char *dir, const char *name, const struct dump_opts *o)
{
	char in[512], expected[512];
	struct buf got, want;
	snprintf(in, sizeof(in), "%s%s", dir, name);
	snprintf(expected, sizeof(expected), "%s%s.out", dir, name);
	buf_init(&got, 1 << 20);
	buf_init(&want, 1 << 20);
	intake_dump(in, pack, o, &got);
	if (getenv("DAOHU_WRITE_GOLDEN")) {
		FILE *f = fopen(expected, "wb");
		assert_non_null(f);
		fwrite(got.p, 1, got.n, f);
		fclose(f);
	} else {
		read_all(expected, &want);
		if (!str_eq(buf_str(&got), buf_str(&want)))
			fail_msg("%s:\n%s\nexpected:\n%s", name, got.p, want.p ? want.p : "");
	}
	again(in, o, &got);
	buf_release(&got);
	buf_release(&want);
}

static const struct dump_opts plain = {.villages = villages, .max_rows = 100, .extra = true};

static void test_intake__golden(void **state)
{
	static const char *const names[] = {
		"duty_list.csv",  "ids.csv",       "income_wan.csv", "measure_merged.xlsx",
		"meeting.csv",    "name_and_id.csv", "roster_heads_filled.csv",
		"roster_merged.xlsx", "stacked.csv", "two_up.csv",    "unknown_names.csv",
		"roster_head_each_row.csv", "visit_words.csv",
		"roster_forms.xlsx", "house_forms.xlsx", "business_roles.csv",
		"roster_twins.csv",  "roster_two_heads.csv",
		"side_by_side.csv",  "stacked_unknown.csv", "income_items.csv",
		"income_items_bare.csv", "stacked_marks.csv", "turned.csv", "cards.csv",
		"cards_kinds.csv", "cards_two.csv", "cards_table.csv", "cards_mixed.csv", "cards_named.csv",
		"page_breaks.csv", "values_like_names.csv", "turned_total_first.csv",
		"unit_row.csv", "remark_total.csv", "turned_above.csv", "table_turned.csv",
		"table_turned_close.csv", "table_cards.csv", "cards_turned.csv", "turned_cards.csv",
		"turned_helpers.csv", "turned_pages.csv", "turned_unclear.csv", "sections.csv",
		"sections_not.csv", "sections_form.csv", "sections_items.csv", "beside_cards.csv",
		"cards_order.csv",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		golden(DIR_INTAKE, names[i], &plain);
}

/* tests/data/layouts/LAYOUT-N.csv: a ledger as some office would word it; it must be
 * recognised as LAYOUT, and its dump be LAYOUT-N.csv.out. */
static void check_layout(const char *name)
{
	char path[512], first[128];
	const char *dash = strchr(name, '-');
	struct buf got;
	assert_non_null(dash);
	snprintf(path, sizeof(path), "%s%s", DIR_LAYOUTS, name);
	snprintf(first, sizeof(first), "table 0 %.*s ", (int)(dash - name), name);
	buf_init(&got, 1 << 20);
	intake_dump(path, pack, &plain, &got);
	if (!str_starts(buf_str(&got), str_c(first)))
		fail_msg("%s:\n%s", name, got.p);
	buf_release(&got);
	golden(DIR_LAYOUTS, name, &plain);
}

static void test_intake__layouts(void **state)
{
	DIR *dir = opendir(DIR_LAYOUTS);
	size_t n = 0;
	assert_non_null(dir);
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		if (!str_ends(str_c(e->d_name), STR(".csv")))
			continue;
		check_layout(e->d_name);
		n++;
	}
	closedir(dir);
	assert_true(n >= 72);
}

static void test_intake__layout_given(void **state)
{
	struct dump_opts o = plain;
	struct buf out;
	buf_init(&out, 1 << 20);
	o.layout = "nothing";
	intake_dump(DIR_INTAKE "ids.csv", pack, &o, &out);
	assert_int_equal(strncmp(out.p, "refused UNKNOWN_LEDGER", 22), 0);
	buf_clear(&out);
	o.layout = "dibao";
	intake_dump(DIR_INTAKE "duty_list.csv", pack, &o, &out);
	assert_int_equal(strncmp(out.p, "refused LEDGER_COLUMN_MISSING", 29), 0);
	buf_release(&out);
}

static void test_intake__letters(void **state)
{
	char s[8];
	intake_letters(1, s);
	assert_string_equal(s, "A");
	intake_letters(26, s);
	assert_string_equal(s, "Z");
	intake_letters(27, s);
	assert_string_equal(s, "AA");
	intake_letters(703, s);
	assert_string_equal(s, "AAA");
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_intake__mapping_files(void **state)
{
	static const char path[] = "intake_map_test.yaml";
	struct diag d = {0};
	struct intake_map *map = NULL;
	write_text(path, "layout: vehicle\ncolumns:\n  购于何时: registered\n  何种车: \"-\"\n");
	struct dump_opts o = plain;
	o.map = path;
	struct buf out;
	buf_init(&out, 1 << 20);
	intake_dump(DIR_INTAKE "unknown_names.csv", pack, &o, &out);
	assert_non_null(strstr(out.p, "购于何时=!registered"));
	if (!strstr(out.p, "何种车=-"))
		fail_msg("%s", out.p);
	assert_non_null(strstr(out.p, "registered=2015-03"));
	buf_release(&out);
	write_text(path, "layout: vehicle\ncolumns:\n  购于何时: nowhere\n");
	assert_int_equal(intake_map_read(path, pack, &d, &map), ERR_MAP_FILE);
	assert_string_equal(d.place, "intake_map_test.yaml:3:9");
	remove(path);
}

static void put_cell(FILE *f, bool xml, const char *attrs, const char *text)
{
	if (xml)
		fprintf(f, "<Cell%s><Data ss:Type=\"String\">%s</Data></Cell>", attrs, text);
	else
		fprintf(f, "<td%s>%s</td>", attrs, text);
}

/* Two rows a household, whose number stands in a cell over both. */
static void write_merged(const char *path, bool xml, int households)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	fputs(xml ? "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n"
	            "<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" "
	            "xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"S\"><Table>"
	          : "<meta charset=\"utf-8\"><table>", f);
	const char *row = xml ? "<Row>" : "<tr>", *row_end = xml ? "</Row>\n" : "</tr>\n";
	const char *second = xml ? " ss:Index=\"2\"" : "", *both = xml ? " ss:MergeDown=\"1\"" : " rowspan=2";
	static const char *const heads[] = {"户编号", "姓名", "与户主关系"};
	fputs(row, f);
	for (size_t i = 0; i < 3; i++)
		put_cell(f, xml, "", heads[i]);
	fputs(row_end, f);
	for (int i = 0; i < households * 2; i++) {
		char no[16];
		snprintf(no, sizeof(no), "N%04d", i / 2 + 1);
		fputs(row, f);
		if (i % 2 == 0)
			put_cell(f, xml, both, no);
		put_cell(f, xml, i % 2 ? second : "", i % 2 ? "李四" : "张三");
		put_cell(f, xml, "", i % 2 ? "配偶" : "户主");
		fputs(row_end, f);
	}
	fputs(xml ? "</Table></Worksheet></Workbook>" : "</table>", f);
	fclose(f);
}

/* Where merged cells are told by the cells themselves, those far below the first look count too. */
static void test_intake__merged_far_below(void **state)
{
	static const char path[] = "intake_merged_test.xls";
	(void)state;
	struct dump_opts o = plain;
	o.max_rows = 1000;
	for (int xml = 0; xml < 2; xml++) {
		struct buf out;
		buf_init(&out, 1 << 20);
		write_merged(path, xml, 300);
		intake_dump(path, pack, &o, &out);
		again(path, &o, &out);
		const char *row = strstr(out.p, "\n0:601 ");
		if (!row || !strstr(row, "N0300<"))
			fail_msg("%s:\n%.2000s", xml ? "xml" : "html", out.p);
		buf_release(&out);
	}
	remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_intake__golden),
		cmocka_unit_test(test_intake__layouts),
		cmocka_unit_test(test_intake__layout_given),
		cmocka_unit_test(test_intake__letters),
		cmocka_unit_test(test_intake__mapping_files),
		cmocka_unit_test(test_intake__merged_far_below),
	};
	return cmocka_run_group_tests(tests, open_pack, close_pack);
}
