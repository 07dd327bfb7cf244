/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

#include "base/team.h"
#include "io/csv_parts.h"
#include "io/csv_write.h"
#include "io/rows.h"

#define DATA(name) TEST_DATA "/io/" name

/* ---- reading into one text: "number:cell|cell\n", flags behind a cell in <> ---- */

static void add_cell(struct buf *out, const struct cell *c)
{
	static const char kinds[CELL_KIND_MAX] = {'-', 't', 'n', 'd', 'b', 'e'};
	buf_addstr(out, c->text);
	if (c->kind != CELL_TEXT || c->flags)
		buf_addf(out, "<%c", kinds[c->kind]);
	if (c->flags & CELL_FORMULA)
		buf_addc(out, 'F');
	if (c->flags & CELL_NO_RESULT)
		buf_addc(out, 'N');
	if (c->flags & CELL_STRIKE)
		buf_addc(out, 'S');
	if (c->flags & CELL_LOSSY)
		buf_addc(out, 'L');
	if (c->flags & CELL_NOTE)
		buf_addc(out, 'C');
	if (c->kind != CELL_TEXT || c->flags)
		buf_addc(out, '>');
}

static void read_sheet(struct rows *r, size_t sheet, struct buf *out)
{
	struct diag diag = {0};
	struct row row;
	bool more = true;
	enum err e = rows_sheet(r, sheet, &diag);
	while (e == OK && (e = rows_next(r, &diag, &row, &more)) == OK && more) {
		buf_addf(out, "%u%s:", (unsigned)row.number, row.hidden ? "h" : "");
		for (size_t i = 0; i < row.n; i++) {
			if (i)
				buf_addc(out, '|');
			add_cell(out, &row.cells[i]);
		}
		buf_addc(out, '\n');
	}
	if (e != OK)
		buf_addf(out, "!%s %s", err_name(e), diag.place);
}

static const char *read_locked(const char *path, size_t sheet, const char *password)
{
	static char last[65536];
	struct diag diag = {0};
	struct rows *r = NULL;
	struct rows_opts opts = {.password = password};
	struct buf out;
	buf_init(&out, sizeof(last) - 1);
	if (rows_open(path, &opts, &diag, &r) != OK)
		buf_addf(&out, "!%s %s", err_name(diag.code), diag.detail);
	else
		read_sheet(r, sheet, &out);
	rows_close(r);
	assert_false(out.full);
	memcpy(last, out.n ? out.p : "", out.n + 1);
	buf_release(&out);
	return last;
}

static const char *read_path(const char *path, size_t sheet)
{
	return read_locked(path, sheet, NULL);
}

static char *temp_file(const void *data, size_t n)
{
	static char path[] = "/tmp/daohu-rows-XXXXXX";
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(write(fd, data, n) == (ssize_t)n);
	close(fd);
	return path;
}

static void check_bytes(const void *data, size_t n, const char *want)
{
	char *path = temp_file(data, n);
	assert_string_equal(read_path(path, 0), want);
	unlink(path);
}
#define CHECK(text, want) check_bytes((text), sizeof(text) - 1, (want))

/* ---- text ---- */

static void test_csv__delimiters(void **state)
{
	(void)state;
	CHECK("a,b\n1,2\n", "1:a|b\n2:1|2\n");
	CHECK("a;b\r\n1;2,5\r\n", "1:a|b\n2:1|2,5\n");
	CHECK("a\tb\r1\t2", "1:a|b\n2:1|2\n");
	CHECK("a|b\n1|2\n", "1:a|b\n2:1|2\n");
	CHECK("sep=;\na;b,c\n", "2:a|b,c\n");
	/* a title above the header, of other width; blank lines keep their number */
	CHECK("title\n\na,b,c\n1,2,3\n", "1:title\n3:a|b|c\n4:1|2|3\n");
	CHECK("\xEF\xBB\xBFonly\n\x1A", "1:only\n");
}

static void test_csv__quotes(void **state)
{
	(void)state;
	CHECK("\"a,\"\"b\"\"\",c\n", "1:a,\"b\"|c\n");
	CHECK("a,\"l1\nl2\"\nb,c\n", "1:a|l1\nl2\n3:b|c\n");
	CHECK("=\"0012\",\"=\"\"0034\"\"\",5\n", "1:0012<tF>|0034|5\n");
	CHECK("\"a\"b,in\"side,\"\"\n", "1:ab|in\"side|<->\n");
	/* a quote that never ends: told with the line where it begins */
	char *path = temp_file("a,b\n1,\"x\ny\nz", 12);
	const char *got = read_path(path, 0);
	assert_int_equal(strncmp(got, "1:a|b\n!CSV_QUOTE ", 17), 0);
	assert_non_null(strstr(got, ":2"));
	unlink(path);
}

static void check_encoding(const void *data, size_t n, const char *encoding, const char *want)
{
	struct diag diag = {0};
	struct rows *r = NULL;
	char *path = temp_file(data, n);
	assert_int_equal(rows_open(path, NULL, &diag, &r), OK);
	assert_string_equal(rows_encoding(r), encoding);
	rows_close(r);
	assert_string_equal(read_path(path, 0), want);
	unlink(path);
}
#define ENCODING(bytes, encoding, want) check_encoding(bytes, sizeof(bytes) - 1, encoding, want)

static void test_csv__encodings(void **state)
{
	(void)state;
	ENCODING("\xE5\xA7\x93,\xE6\x9D\x91\n", "UTF-8", "1:姓|村\n");
	ENCODING("\xD0\xD5,\xB4\xE5\n", "GB18030", "1:姓|村\n");
	ENCODING("\xD0\xD5,\x81\x39\xEF\x30,\x80\n", "GB18030", "1:姓|㐁|€\n");
	ENCODING("\xFF\xFE\xD3\x59\t\0\x51\x67\n\0", "UTF-16LE", "1:姓|村\n");
	ENCODING("\xFE\xFF\x59\xD3\0,\x67\x51\0\n", "UTF-16BE", "1:姓|村\n");
	ENCODING("n\0a\0,\0b\0\n\0\xD3\x59,\0\x31\0\n\0", "UTF-16LE", "1:na|b\n2:姓|1\n");
	/* U+4E00 has its NUL at the other end; tabs in front are no workbook of Excel 2 */
	ENCODING("\0\x4E\t\0\x31\0\n\0\xD3\x59\t\0\x32\0\n\0", "UTF-16LE", "1:一|1\n2:姓|2\n");
	ENCODING("\t\0\t\0\x51\x67\n\0\xD3\x59\t\0\t\0\n\0", "UTF-16LE", "1:<->|<->|村\n2:姓|<->|<->\n");
	/* a field cut in the middle of a character does not take the delimiter along */
	ENCODING("\xD0\xD5,\xB4\xE5\xD0,x\n", "GB18030", "1:姓|村\xEF\xBF\xBD|x\n");
}

static void test_csv__refused(void **state)
{
	(void)state;
	static const unsigned char noise[] = {1, 0x92, 7, 0xFE, 0x11, 3, 0x80, 0x41, 0, 9, 0xC1, 2};
	check_bytes(noise, sizeof(noise), "!FILE_UNKNOWN binary");
	CHECK("", "!FILE_EMPTY 0");
	char *blank = temp_file("\n \n\n", 1);
	assert_int_equal(strncmp(read_path(blank, 0), "!FILE_EMPTY", 11), 0);
	unlink(blank);
	char *page = temp_file("<html><p>log in</p></html>", 26);
	assert_int_equal(strncmp(read_path(page, 0), "!FILE_EMPTY", 11), 0);
	unlink(page);
	CHECK("%PDF-1.4\n", "!FILE_UNKNOWN PDF");
	char *path = temp_file("x", 1);
	struct rows_opts opts = {.limits = {.line_bytes = 1000}};
	struct diag diag = {0};
	struct rows *r = NULL;
	struct row row;
	bool more;
	FILE *f = fopen(path, "w");
	for (int i = 0; i < 5000000; i++)
		fputc('a', f);
	fclose(f);
	assert_int_equal(rows_open(path, &opts, &diag, &r), OK);
	assert_int_equal(rows_sheet(r, 0, &diag), OK);
	assert_int_equal(rows_next(r, &diag, &row, &more), ERR_LINE_TOO_LONG);
	rows_close(r);
	unlink(path);
	diag_clear(&diag);
	assert_int_equal(rows_open("/nonexistent", NULL, &diag, &r), ERR_IO);
	assert_string_equal(diag.place, "nonexistent");
}

/* Records that end exactly at, before and behind the window's end. */
static void test_csv__windows(void **state)
{
	(void)state;
	char *path = temp_file("x", 1);
	FILE *f = fopen(path, "w");
	for (int i = 0; i < 60000; i++)
		fprintf(f, "%d,\"q\"\"%d\r\n.\",%0*d\r\n", i, i, i % 97 + 1, i);
	fclose(f);
	struct diag diag = {0};
	struct rows *r = NULL;
	struct row row;
	bool more = true;
	char want[200];
	assert_int_equal(rows_open(path, NULL, &diag, &r), OK);
	assert_int_equal(rows_sheet(r, 0, &diag), OK);
	for (int i = 0; i < 60000; i++) {
		assert_int_equal(rows_next(r, &diag, &row, &more), OK);
		assert_true(more);
		assert_int_equal(row.number, (unsigned)i * 2 + 1);
		assert_int_equal(row.n, 3);
		snprintf(want, sizeof(want), "q\"%d\r\n.", i);
		assert_true(str_is(row.cells[1].text, want));
		snprintf(want, sizeof(want), "%0*d", i % 97 + 1, i);
		assert_true(str_is(row.cells[2].text, want));
	}
	assert_int_equal(rows_next(r, &diag, &row, &more), OK);
	assert_false(more);
	rows_close(r);
	unlink(path);
}

static void test_csv_write__quotes(void **state)
{
	(void)state;
	struct buf b;
	struct csv_out o;
	buf_init(&b, 1000);
	csv_out_init_buf(&o, &b);
	csv_out_cell(&o, STR("a,\"b\""));
	csv_out_cell(&o, STR(""));
	csv_out_cell(&o, STR(" x"));
	csv_out_int(&o, -5);
	csv_out_end(&o);
	csv_out_cell(&o, STR("两\n行"));
	csv_out_end(&o);
	assert_int_equal(csv_out_close(&o, NULL), OK);
	assert_string_equal(b.p, "\"a,\"\"b\"\"\",,\" x\",-5\n\"两\n行\"\n");
	buf_release(&b);
}

/* ---- html and XML spreadsheets ---- */

static void test_html__tables(void **state)
{
	(void)state;
	CHECK("<html><table><tr><th colspan=2>T</th></tr><tr><td rowspan=\"2\">a&nbsp;b"
	      "<td> c \n d<br>e</td></tr><tr><td>f</table>",
	      "1:T\n2:a b|c d\ne\n3:<->|f\n");
	CHECK("<table><tr><td x:num=\"341299199001010011\">3.4E+17</td><td>&#20013;&lt;&bogus;</td>"
	      "</tr></table><script>var a='<td>';</script><table><tr><td>2</td></tr></table>",
	      "1:341299199001010011<nL>|中<&bogus;\n2:2\n");
}

static void test_html__merges(void **state)
{
	(void)state;
	static const char page[] = "<table><tr><td colspan=2 rowspan=2>a</td><td>b</td></tr>"
	                           "<tr><td>c</td></tr></table>";
	struct diag diag = {0};
	struct rows *r = NULL;
	const struct merge *m;
	size_t n;
	char *path = temp_file(page, sizeof(page) - 1);
	assert_int_equal(rows_open(path, NULL, &diag, &r), OK);
	assert_int_equal(rows_kind(r), FILE_HTML);
	assert_int_equal(rows_sheet(r, 0, &diag), OK);
	struct row row;
	bool more;
	assert_int_equal(rows_next(r, &diag, &row, &more), OK);
	assert_int_equal(rows_merges(r, &diag, &m, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(m[0].row2, 2);
	assert_int_equal(m[0].col2, 2);
	rows_close(r);
	assert_string_equal(read_path(path, 0), "1:a|<->|b\n2:<->|<->|c\n");
	unlink(path);
}

static void test_xmlss__cells(void **state)
{
	(void)state;
	CHECK("<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n"
	      "<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" "
	      "xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"S\">"
	      "<Table><Row ss:Index=\"2\" ss:Hidden=\"1\"><Cell ss:Index=\"2\" ss:MergeAcross=\"1\">"
	      "<Data ss:Type=\"Number\">1.50</Data></Cell><Cell><Data ss:Type=\"DateTime\">"
	      "2017-09-03T00:00:00.000</Data></Cell><Cell><Data ss:Type=\"String\">a&#10;b</Data>"
	      "</Cell></Row></Table></Worksheet></Workbook>",
	      "2h:<->|1.5<n>|<->|2017-09-03<d>|a\nb\n");
}

/* ---- xls ---- */

static void test_xls__biff8(void **state)
{
	(void)state;
	assert_string_equal(
		read_path(DATA("biff8.xls"), 0),
		"1:姓名|出生日期\n"
		"2:很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长<tS>|2017-09-03<dC>|0.3<n>\n"
		"3h:123.45<n>|-7<n>|公式<tF>|TRUE<bF>|#N/A<eF>|2017-09-03 12:00:00<dF>|"
		"341299199001009984<nL>|18:00:00<d>\n"
		"5:<->|FALSE<b>|a𠅤b\n");
	struct diag diag = {0};
	struct rows *r = NULL;
	const struct merge *m;
	const struct note *notes;
	size_t n;
	assert_int_equal(rows_open(DATA("biff8.xls"), NULL, &diag, &r), OK);
	assert_int_equal(rows_sheet_count(r), 2);
	assert_int_equal(rows_sheet_info(r, 1)->state, SHEET_VERY_HIDDEN);
	assert_int_equal(rows_sheet(r, 0, &diag), OK);
	assert_non_null(strstr(rows_left_out(r).in[LANG_ZH], "图表"));
	assert_int_equal(rows_merges(r, &diag, &m, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(m[0].col2, 2);
	assert_int_equal(rows_notes(r, &diag, &notes, &n), OK);
	assert_int_equal(n, 1);
	assert_string_equal(notes[0].text, "备注");
	rows_close(r);
}

/* A string's characters may begin in the next record, behind a byte of flags. */
static void test_xls__split_strings(void **state)
{
	(void)state;
	static const unsigned char book[] = {
		0x09, 0x08, 16, 0, 0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* BOF */
		0x85, 0, 9, 0, 73, 0, 0, 0, 0, 0, 1, 0, 'S',                      /* BOUNDSHEET */
		0xFC, 0, 16, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 'A', 'B', 3, 0, 0, /* SST */
		0x3C, 0, 7, 0, 1, 0x2D, 0x4E, 0x87, 0x65, 'x', 0,                 /* CONTINUE */
		0x0A, 0, 0, 0, 0, 0, 0, 0, 0, /* EOF, a gap */
		0x09, 0x08, 16, 0, 0, 6, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* the sheet */
		0xFD, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,                     /* LABELSST */
		0xFD, 0, 10, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
		0x0A, 0, 0, 0,
	};
	check_bytes(book, sizeof(book), "1:AB|中文x\n");
}

static void test_xls__old(void **state)
{
	(void)state;
	static const char biff5[] = "1:张三<tC>\n2:李四|2017-09-03<d>\n3:张三<tF>\n";
	assert_string_equal(read_path(DATA("biff5.xls"), 0), biff5);
	assert_string_equal(read_path(DATA("biff5-nocp.xls"), 0), biff5);
	assert_string_equal(read_path(DATA("biff2.xls"), 0),
	                    "1:Name|77<n>\n2:1990-05-07<d>|TRUE<b>\n");
	assert_string_equal(read_path(DATA("password.xls"), 0), "!FILE_PASSWORD xls");
}

/* One workbook saved by an office program in both formats. */
static void test_rows__same_in_both(void **state)
{
	(void)state;
	char old[8192];
	(void)snprintf(old, sizeof(old), "%s", read_path(TEST_DATA "/io/office.xls", 0));
	struct str a = str_c(old), b = str_c(read_path(TEST_DATA "/io/office.xlsx", 0)), x, y;
	size_t lines = 0;
	while (str_split(&a, '\n', &x)) {
		assert_true(str_split(&b, '\n', &y));
		/* what is lost of a long number is lost differently */
		if (str_find(x, STR("L>")) == SIZE_MAX && !str_eq(x, y))
			fail_msg(STR_FMT "\n" STR_FMT, STR_ARG(x), STR_ARG(y));
		lines++;
	}
	assert_false(str_split(&b, '\n', &y));
	assert_true(lines > 13);
}

/* The password of all but one is "密码123"; agile-sha1 has the one that needs no asking. */
static void test_rows__passwords(void **state)
{
	(void)state;
	static const char *const files[] = {DATA("agile.xlsx"), DATA("standard.xlsx"),
	                                    DATA("rc4.xls"), DATA("rc4-capi.xls")};
	char plain[4096];
	(void)snprintf(plain, sizeof(plain), "%s", read_path(DATA("biff8.xls"), 0));
	for (size_t i = 0; i < 4; i++) {
		const char *want = i < 2 ? "1:密|7<n>\n" : plain;
		assert_string_equal(read_locked(files[i], 0, "密码123"), want);
		assert_int_equal(strncmp(read_locked(files[i], 0, "other"), "!FILE_PASSWORD", 14), 0);
		assert_int_equal(strncmp(read_path(files[i], 0), "!FILE_PASSWORD", 14), 0);
	}
	assert_string_equal(read_path(DATA("agile-sha1.xlsx"), 0), "1:密|7<n>\n");
}

/* Made by tests/lock-xls of files beside them. */
static void test_rows__obfuscated(void **state)
{
	(void)state;
	static const char *const files[][3] = {
		{DATA("xor.xls"), DATA("biff8.xls"), "Secret#1"},
		{DATA("xor-biff5.xls"), DATA("biff5.xls"), "odd"},
		{DATA("xor-default.xls"), DATA("office.xls"), NULL},
	};
	char plain[8192];
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(plain, sizeof(plain), "%s", read_path(files[i][1], 0));
		assert_string_equal(read_locked(files[i][0], 0, files[i][2]), plain);
		assert_int_equal(strncmp(read_locked(files[i][0], 0, ""), "!FILE_PASSWORD", 14), 0);
		assert_int_equal(strncmp(read_locked(files[i][0], 0, "odd2"), "!FILE_PASSWORD", 14), 0);
	}
}

/* ---- xlsx ---- */

#define NS "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
static const char *const book_parts[][2] = {
	{"[Content_Types].xml", "<Types/>"},
	{"_rels/.rels", "<Relationships><Relationship Id='r1' Type='" NS "officeDocument' "
	                "Target='/xl/workbook.xml'/></Relationships>"},
	{"xl/workbook.xml",
	 "<workbook xmlns:r='x'><sheets><sheet name='甲&amp;乙' sheetId='7' r:id='b'/><sheet "
	 "name='chart' sheetId='2' r:id='c'/><sheet name='旧' sheetId='3' state='veryHidden' "
	 "r:id='a'/></sheets></workbook>"},
	{"xl/_rels/workbook.xml.rels",
	 "<Relationships><Relationship Id='a' Type='" NS "worksheet' Target='worksheets/sheet1.xml'/>"
	 "<Relationship Id='b' Type='http://purl.oclc.org/ooxml/x/worksheet' "
	 "Target='/xl/worksheets/sheet2.xml'/><Relationship Id='c' Type='" NS "chartsheet' "
	 "Target='chartsheets/sheet1.xml'/><Relationship Id='s' Type='" NS "sharedStrings' "
	 "Target='sharedStrings.xml'/><Relationship Id='t' Type='" NS "styles' "
	 "Target='styles.xml'/></Relationships>"},
	{"xl/chartsheets/sheet1.xml", "<chartsheet/>"},
	{"xl/sharedStrings.xml",
	 "<sst><si><t>姓名</t></si><si><r><rPr><strike/></rPr><t xml:space='preserve'> a</t></r><r>"
	 "<rPr><strike val='1'/></rPr><t>b</t></r><rPh sb='0' eb='1'><t>ph</t></rPh></si>"
	 "<si><t>x_x000D_\ny_x005F_x0041_</t></si><si/></sst>"},
	{"xl/styles.xml",
	 "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy&quot;年&quot;m&quot;月&quot;'/>"
	 "</numFmts><fonts><font/><font><strike/></font><font><strike val='0'/></font></fonts>"
	 "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0' fontId='0'/>"
	 "<xf numFmtId='164' fontId='1'/><xf numFmtId='46' fontId='2'/><xf numFmtId='22'/></cellXfs>"
	 "</styleSheet>"},
	{"xl/worksheets/_rels/sheet2.xml.rels",
	 "<Relationships><Relationship Id='n' Type='" NS "comments' Target='../comments1.xml'/>"
	 "</Relationships>"},
	{"xl/comments1.xml", "<comments><commentList><comment ref='B1'><text><r><t>核</t></r><r>"
	                     "<t>实</t></r></text></comment></commentList></comments>"},
	{"xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>"},
	{NULL, NULL},
};

static const char sheet2[] =
	"<x:worksheet xmlns:x='urn:s'><x:sheetData>"
	"<x:row r='1'><x:c r='A1' t='s'><x:v>0</x:v></x:c><x:c t='s'><x:v>1</x:v></x:c>"
	"<x:c t='s'><x:v>2</x:v></x:c><x:c t='s'><x:v>3</x:v></x:c></x:row>"
	"<x:row r='3' hidden='1'><x:c r='B3' s='1'><x:v>42981</x:v></x:c><x:c s='2'><x:v>1.5625</x:v>"
	"</x:c><x:c r='E3' t='inlineStr'><x:is><x:t>in &#x4e2d;<![CDATA[<b>]]></x:t></x:is></x:c>"
	"<x:c t='b'><x:v>1</x:v></x:c><x:c t='e'><x:f>1/0</x:f><x:v>#DIV/0!</x:v></x:c>"
	"<x:c><x:f>A1</x:f></x:c><x:c t='d'><x:v>2017-09-03T10:00:00Z</x:v></x:c></x:row>"
	"<x:row><x:c><x:v>0.30000000000000004</x:v></x:c><x:c><x:v>3.4129919900101122E+17</x:v></x:c>"
	"<x:c><x:v>341299199001010011</x:v></x:c><x:c t='str'><x:f>B1</x:f><x:v>s</x:v></x:c>"
	"<x:c s='3'><x:v>42981.4323</x:v></x:c><x:c s='1'/></x:row>"
	"</x:sheetData><x:mergeCells count='1'><x:mergeCell ref='A1:B2'/></x:mergeCells></x:worksheet>";

/* A zip of book_parts with one sheet's XML, in a file that is removed by the caller. */
static char *make_book(const char *sheet)
{
	static char path[] = "/tmp/daohu-book-XXXXXX";
	int zerr = 0;
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &zerr);
	assert_non_null(z);
	for (size_t i = 0; book_parts[i][0]; i++) {
		const char *text = book_parts[i][1];
		zip_source_t *s = zip_source_buffer(z, text, strlen(text), 0);
		assert_true(zip_file_add(z, book_parts[i][0], s, ZIP_FL_ENC_UTF_8) >= 0);
	}
	zip_source_t *s = zip_source_buffer(z, sheet, strlen(sheet), 0);
	assert_true(zip_file_add(z, "xl/worksheets/sheet2.xml", s, ZIP_FL_ENC_UTF_8) >= 0);
	assert_int_equal(zip_close(z), 0);
	return path;
}

static void test_xlsx__cells(void **state)
{
	(void)state;
	char *path = make_book(sheet2);
	assert_string_equal(read_path(path, 0),
	                    "1:姓名| ab<tSC>|x\ny_x0041_\n"
	                    "3h:<->|2017-09-03<dS>|37:30:00<d>|<->|in 中<b>|TRUE<b>|#DIV/0!<eF>|"
	                    "<-FN>|2017-09-03 10:00:00<d>\n"
	                    "4:0.3<n>|341299199001011220<nL>|341299199001010011<nL>|s<tF>|"
	                    "2017-09-03 10:22:31<d>\n");
	assert_string_equal(read_path(path, 1), "");
	unlink(path);
}

static void test_xlsx__book(void **state)
{
	(void)state;
	char *path = make_book(sheet2);
	struct diag diag = {0};
	struct rows *r = NULL;
	struct row row;
	const struct merge *m;
	const struct note *notes;
	bool more;
	size_t n;
	assert_int_equal(rows_open(path, NULL, &diag, &r), OK);
	assert_int_equal(rows_kind(r), FILE_XLSX);
	assert_int_equal(rows_sheet_count(r), 2);
	assert_int_equal(rows_merges(r, &diag, &m, &n), ERR_INTERNAL); /* no sheet yet */
	diag_clear(&diag);
	assert_string_equal(rows_sheet_info(r, 0)->name, "甲&乙");
	assert_int_equal(rows_sheet_info(r, 1)->state, SHEET_VERY_HIDDEN);
	assert_int_equal(rows_sheet(r, 0, &diag), OK);
	assert_non_null(strstr(rows_left_out(r).in[LANG_EN], "chart"));
	assert_int_equal(rows_next(r, &diag, &row, &more), OK);
	/* merges in the middle of reading, by a pass of their own */
	assert_int_equal(rows_merges(r, &diag, &m, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(m[0].row2, 2);
	assert_int_equal(rows_notes(r, &diag, &notes, &n), OK);
	assert_int_equal(n, 1);
	assert_string_equal(notes[0].text, "核实");
	assert_int_equal(rows_next(r, &diag, &row, &more), OK);
	assert_int_equal(row.number, 3);
	assert_int_equal(rows_sheet(r, 5, &diag), ERR_SHEET_UNKNOWN);
	rows_close(r);
	unlink(path);
}

static void test_xlsx__refused(void **state)
{
	(void)state;
	static const struct {
		const char *sheet, *want;
	} cases[] = {
		{"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet/>", "!FILE_DOCTYPE"},
		{"<worksheet><sheetData><row><c><v>1</v>", "!FILE_DAMAGED"},
		{"<worksheet><sheetData><row><c t='s'><v>9</v></c></row></sheetData></worksheet>",
		 "!FILE_DAMAGED"},
		{"<worksheet><sheetData><row r='5'/><row r='4'/></sheetData></worksheet>",
		 "5:\n!FILE_DAMAGED"},
		{"<worksheet><sheetData><row><c><v>1&bad;</v></c></row></sheetData></worksheet>",
		 "!FILE_DAMAGED"},
		{"<worksheet><sheetData></worksheet></sheetData>", "!FILE_DAMAGED"},
		{"<worksheet><sheetData><row><c r='ZZZZ1'><v>1</v></c></row></sheetData></worksheet>",
		 "!FILE_TOO_LARGE"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *path = make_book(cases[i].sheet);
		const char *got = read_path(path, 0);
		if (strncmp(got, cases[i].want, strlen(cases[i].want)) != 0)
			fail_msg("%zu: %s", i, got);
		unlink(path);
	}
}

static void test_xlsx__bomb(void **state)
{
	(void)state;
	size_t n = (size_t)90 << 20;
	char *sheet = malloc(n + 1);
	memset(sheet, ' ', n);
	memcpy(sheet, "<worksheet><sheetData>", 22);
	sheet[n] = '\0';
	char *path = make_book(sheet);
	assert_int_equal(strncmp(read_path(path, 0), "!FILE_BOMB", 10), 0);
	unlink(path);
	free(sheet);
}

/* ---- one file by parts ---- */

static void add_row(struct buf *out, const struct row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		buf_addf(out, "[%zu]", row->cells[i].text.n);
		buf_addstr(out, row->cells[i].text);
		buf_adds(out, row->cells[i].flags & CELL_FORMULA ? "F|" : "|");
	}
	buf_addc(out, '\n');
}

/* Two columns of it, as csv_part_next gives them. */
static const size_t few[] = {0, 2};
enum { FEW = sizeof(few) / sizeof(*few) };

static void add_few(struct buf *out, const struct str *cells)
{
	for (size_t k = 0; k < FEW; k++) {
		buf_addf(out, "[%zu]", cells[k].n);
		buf_addstr(out, cells[k]);
	}
	buf_addc(out, '\n');
}

/* Rows by one reader or several: all of each, and two columns of each. */
struct reading {
	struct buf rows, few;
	struct buf part[CSV_PARTS_MAX], part_few[CSV_PARTS_MAX];
	bool by_few; /* the parts are read for the two columns */
};

static void add_few_of(struct buf *out, const struct row *row)
{
	struct str cells[FEW];
	for (size_t k = 0; k < FEW; k++)
		cells[k] = few[k] < row->n ? row->cells[few[k]].text : (struct str){0};
	add_few(out, cells);
}

static enum err read_one_part(void *arg, size_t part, size_t worker, struct rows *rows)
{
	(void)worker;
	struct reading *r = arg;
	struct row row;
	struct str cells[FEW];
	bool more = true;
	enum err e = OK;
	buf_clear(&r->part[part]);
	buf_clear(&r->part_few[part]);
	while (!e && more) {
		e = r->by_few ? csv_part_next(rows, few, FEW, cells, &more)
		              : rows_next(rows, NULL, &row, &more);
		if (!e && more && r->by_few)
			add_few(&r->part_few[part], cells);
		else if (!e && more)
			add_row(&r->part[part], &row);
	}
	return e;
}

/* By parts of so many bytes; false when the file is not to be read so. */
static bool rows_by_parts(struct reading *r, const char *path, size_t part_bytes, struct team *team)
{
	bool good = true;
	for (int i = 0; good && i < 2; i++) {
		struct csv_parts p;
		struct row row;
		buf_clear(i ? &r->few : &r->rows);
		if (!csv_parts_open(path, part_bytes, SIZE_MAX, &p))
			return false;
		struct rows *header = csv_parts_header(&p, &row);
		if (header && i)
			add_few_of(&r->few, &row);
		else if (header)
			add_row(&r->rows, &row);
		rows_close(header);
		r->by_few = i;
		good = header && csv_parts_read(&p, team, read_one_part, r);
		for (size_t k = 0; good && k < p.n; k++)
			buf_addstr(i ? &r->few : &r->rows, buf_str(i ? &r->part_few[k] : &r->part[k]));
		csv_parts_close(&p);
	}
	return good;
}

/* By one reader. */
static bool rows_by_one(struct reading *r, const char *path)
{
	struct diag diag = {0};
	struct rows *rows = NULL;
	struct row row;
	bool more = true;
	buf_clear(&r->rows);
	buf_clear(&r->few);
	enum err e = rows_open(path, NULL, &diag, &rows);
	if (!e)
		e = rows_sheet(rows, 0, &diag);
	while (!e && (e = rows_next(rows, NULL, &row, &more)) == OK && more) {
		add_row(&r->rows, &row);
		add_few_of(&r->few, &row);
	}
	rows_close(rows);
	return e == OK;
}

static struct reading *reading_new(void)
{
	struct reading *r = calloc(1, sizeof(*r));
	buf_init(&r->rows, 1 << 20);
	buf_init(&r->few, 1 << 20);
	for (size_t k = 0; k < CSV_PARTS_MAX; k++) {
		buf_init(&r->part[k], 1 << 20);
		buf_init(&r->part_few[k], 1 << 20);
	}
	return r;
}

static void reading_free(struct reading *r)
{
	buf_release(&r->rows);
	buf_release(&r->few);
	for (size_t k = 0; k < CSV_PARTS_MAX; k++) {
		buf_release(&r->part[k]);
		buf_release(&r->part_few[k]);
	}
	free(r);
}

static const char *shown(const struct buf *b)
{
	return b->p ? b->p : "";
}

/* A table of pieces that are awkward to cut. */
static size_t awkward(uint64_t *z, char *p)
{
	static const char *const pieces[] = {"a", "万台村", ",", ",", "\n", "\r\n", "\"b\nc\"", "\"\"\"\"",
	                                     "\"x,y\"", "=\"007\"", "d\"e", "\n\n", "12", "\r", "\"t\"u", "𠮷"};
	bool quotes = (*z >> 40) % 3;
	size_t n = 0, count = 3 + (*z >> 45) % 60;
	for (size_t i = 0; i < count; i++) {
		*z = *z * 6364136223846793005u + 1442695040888963407u;
		const char *s = pieces[(*z >> 33) % (sizeof(pieces) / sizeof(*pieces))];
		if (!quotes && strchr(s, '"'))
			continue;
		memcpy(p + n, s, strlen(s));
		n += strlen(s);
	}
	return n;
}

static void test_csv_parts__rows_are_the_same(void **state)
{
	(void)state;
	static const char *const heads[] = {"", "\xEF\xBB\xBF", "sep=;\r\n", "a,b,c\n"};
	char path[] = "/tmp/rows_test-XXXXXX", text[4096];
	uint64_t z = 5;
	size_t read = 0;
	struct reading *whole = reading_new(), *parts = reading_new();
	int fd = mkstemp(path);
	for (int i = 0; i < 3000; i++) {
		const char *head = heads[i % 4];
		memcpy(text, head, strlen(head));
		size_t n = strlen(head) + awkward(&z, text + strlen(head));
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, text, n, 0), n);
		bool good = rows_by_one(whole, path);
		for (size_t bytes = 1; bytes < 40; bytes = bytes * 2 + 1) {
			if (!rows_by_parts(parts, path, bytes, NULL)) {
				assert_true(!good || whole->rows.n == 0);
				continue;
			}
			read++;
			assert_true(good);
			assert_string_equal(shown(&parts->rows), shown(&whole->rows));
			assert_string_equal(shown(&parts->few), shown(&whole->few));
		}
	}
	assert_true(read > 3000);
	(void)close(fd);
	(void)unlink(path);
	reading_free(whole);
	reading_free(parts);
}

/* Records longer than a window, quotes over many cuts, and a team. */
static void test_csv_parts__long_records(void **state)
{
	(void)state;
	char path[] = "/tmp/rows_test-XXXXXX";
	struct reading *whole = reading_new(), *parts = reading_new();
	struct team *team = team_new(3);
	FILE *f = fdopen(mkstemp(path), "w+b");
	fputs("序号,甲,乙\r\n", f);
	for (int i = 0; i < 3000; i++)
		fprintf(f, "%d,\"万台村\n第\"\"%d\"\"行\r\n\",%s\r\n", i, i, i % 7 ? "x" : "\"a,b\"");
	for (int cell = 0; cell < 2; cell++) {
		fputs(cell ? ",y\n2," : "1,\"", f);
		for (int i = 0; i < 40000; i++)
			fputs(cell ? "长行" : "多\r\n", f);
		fputs(cell ? ",z" : "\"", f);
	}
	assert_int_equal(fflush(f), 0);
	assert_true(rows_by_one(whole, path));
	for (size_t bytes = 4000; bytes < 3000000; bytes *= 3) {
		assert_true(rows_by_parts(parts, path, bytes, team));
		assert_string_equal(shown(&parts->rows), shown(&whole->rows));
		assert_string_equal(shown(&parts->few), shown(&whole->few));
	}
	team_free(team);
	(void)fclose(f);
	(void)unlink(path);
	reading_free(whole);
	reading_free(parts);
}

static void test_csv_parts__only_plain_text(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t n;
		bool fit;
	} cases[] = {
		{"a,b\n1,2\n", 8, true},       {"a,b\n1,\0\n", 8, false},
		{"a,\xB0\xA1\n1,2\n", 9, false}, {"a\n\xE4\xB8", 4, false},
		{"\xFF\xFE" "a\0,\0", 6, false},   {"%PDF-1.4\n", 9, false},
		{"<html><table>", 13, false},    {"a,b\n1,\"2\n", 9, false},
		{"a,b\r\n1,2", 8, true},         {"a,b", 3, true},
		{"\xEF\xBB\xBF" "a,b\n", 7, true}, {"\xEF\xBB\xBF", 3, false},
		{"a\n\xE4\xB8\n\x80\n", 7, false}, {"\n\n", 2, false},
	};
	char path[] = "/tmp/rows_test-XXXXXX";
	struct reading *r = reading_new();
	int fd = mkstemp(path);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t bytes = 1; bytes < 12; bytes++) {
			struct csv_parts p;
			assert_int_equal(ftruncate(fd, 0), 0);
			assert_int_equal(pwrite(fd, cases[i].text, cases[i].n, 0), cases[i].n);
			assert_int_equal(rows_by_parts(r, path, bytes, NULL), cases[i].fit);
			assert_false(csv_parts_open(path, bytes, cases[i].n - 1, &p));
		}
	reading_free(r);
	(void)close(fd);
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv__delimiters), cmocka_unit_test(test_csv__quotes),
		cmocka_unit_test(test_csv__encodings),  cmocka_unit_test(test_csv__refused),
		cmocka_unit_test(test_csv__windows),    cmocka_unit_test(test_csv_write__quotes),
		cmocka_unit_test(test_csv_parts__rows_are_the_same),
		cmocka_unit_test(test_csv_parts__long_records),
		cmocka_unit_test(test_csv_parts__only_plain_text),
		cmocka_unit_test(test_html__tables),    cmocka_unit_test(test_html__merges),
		cmocka_unit_test(test_xmlss__cells),    cmocka_unit_test(test_xls__biff8),
		cmocka_unit_test(test_xls__split_strings),
		cmocka_unit_test(test_xls__old),        cmocka_unit_test(test_rows__passwords),
		cmocka_unit_test(test_rows__obfuscated),
		cmocka_unit_test(test_rows__same_in_both),
		cmocka_unit_test(test_xlsx__cells),
		cmocka_unit_test(test_xlsx__book),      cmocka_unit_test(test_xlsx__refused),
		cmocka_unit_test(test_xlsx__bomb),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
