/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * gen_wide: a police population register of 30 columns, for measuring.
 *
 *   gen_wide csv|xlsx ROWS FILE
 *
 * Nobody in it is real: numbers have the prefix 341299, phones begin with 100.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "io/xlsx_write.h"
#include "synth/town.h"

#include "base/banned.h"

enum { COLUMNS = 30 };

static const char *const heads[COLUMNS] = {
	"序号",     "县区",     "乡镇",     "村居",     "组别",     "户号",
	"户主姓名", "姓名",     "曾用名",   "公民身份号码", "性别", "出生日期",
	"年龄",     "与户主关系", "民族",   "户籍地址", "文化程度", "户口性质",
	"户籍状态", "注销原因", "注销日期", "婚姻状况", "联系电话", "籍贯",
	"出生地",   "血型",     "兵役状况", "服务处所", "登记机关", "备注",
};
static const char *const villages[] = {"渔民社区居委会", "潘冲社区居委会", "马店社区居委会",
                                       "尤湖村委会",     "韩郢村委会",     "朱岗村委会",
                                       "万台村委会"};

static void write_number(struct rng *r, date_t birth, bool male, char out[19])
{
	int64_t n = (int64_t)34129900000000000 + (int64_t)birth * 1000 +
	            (rng_below(r, 500) * 2 + male);
	for (int i = 16; i >= 0; i--, n /= 10)
		out[i] = (char)('0' + n % 10);
	out[17] = id_check_digit(out);
	out[18] = '\0';
}

static void make_row(struct rng *r, struct arena *a, uint32_t row, const char *cells[COLUMNS])
{
	bool male = rng_below(r, 2);
	date_t birth = date_from_days(date_to_days(19300101) + rng_range(r, 0, 31000));
	const char *village = RNG_PICK(r, villages);
	uint32_t group = 1 + rng_below(r, 14);
	char *id = arena_alloc(a, 19);
	for (int i = 0; i < COLUMNS; i++)
		cells[i] = "";
	write_number(r, birth, male, id);
	cells[0] = arena_printf(a, "%u", row + 1);
	cells[1] = "颍上县";
	cells[2] = "八里河镇";
	cells[3] = village;
	cells[4] = arena_printf(a, "%u组", group);
	cells[5] = arena_printf(a, "%09u", row / 3);
	cells[6] = arena_printf(a, "%s%s", name_surname(r), name_given(r, true, a));
	cells[7] = arena_printf(a, "%s%s", name_surname(r), name_given(r, male, a));
	cells[9] = id;
	cells[10] = male ? "男" : "女";
	cells[11] = date_dup(a, birth);
	cells[12] = arena_printf(a, "%d", date_age(birth, SYNTH_TODAY));
	cells[13] = row % 3 ? "其他" : "户主";
	cells[14] = "汉族";
	cells[15] = arena_printf(a, "颍上县八里河镇%s%u组", village, group);
	cells[16] = row % 4 ? "初中" : "小学";
	cells[17] = "农业家庭户口";
	cells[18] = "正常";
	cells[21] = row % 3 ? "未婚" : "已婚";
	cells[22] = arena_printf(a, "100%08u", rng_below(r, 100000000));
	cells[23] = cells[24] = "安徽颍上";
	cells[25] = row % 2 ? "A型" : "O型";
	cells[28] = "八里河派出所";
}

static void csv_line(FILE *f, const char *const cells[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++)
		fprintf(f, "%s%s", i ? "," : "", cells[i]);
	fputs("\r\n", f);
}

static void xlsx_line(struct xlsx_out *x, int row, int style, const char *const cells[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++)
		if (cells[i][0])
			xlsx_text(x, row, i, style, str_c(cells[i]));
}

int main(int argc, char **argv)
{
	struct arena a;
	struct diag diag;
	struct rng r = {20180114};
	int64_t rows = 0;
	const char *cells[COLUMNS];
	if (argc != 4 || !str_to_int(str_c(argv[2]), &rows) || rows < 1 || rows > 10000000) {
		fputs("gen_wide csv|xlsx ROWS FILE\n", stderr);
		return 2;
	}
	bool csv = strcmp(argv[1], "csv") == 0;
	FILE *f = csv ? fopen(argv[3], "wb") : NULL;
	struct xlsx_out *x = NULL;
	int style = 0;
	diag_clear(&diag);
	if (!csv && xlsx_out_open(argv[3], &(struct xlsx_out_opts){.streaming = true}, &diag, &x) != OK)
		return 3;
	if (csv && !f)
		return 3;
	if (x) {
		xlsx_sheet(x, "户籍人口", 0);
		style = xlsx_style(x, &(struct xlsx_style){.kind = XLSX_TEXT});
		xlsx_line(x, 0, style, heads);
	} else {
		csv_line(f, heads);
	}
	arena_init(&a, 0);
	for (uint32_t i = 0; i < (uint32_t)rows; i++) {
		make_row(&r, &a, i, cells);
		if (x)
			xlsx_line(x, (int)i + 1, style, cells);
		else
			csv_line(f, cells);
		arena_clear(&a);
	}
	arena_release(&a);
	if (x)
		return xlsx_out_close(x) == OK ? 0 : 3;
	return fclose(f) == 0 ? 0 : 3;
}
