/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * table: a file as the readers see it, for people and for tests: the sheets of a
 * workbook, the rows of one of them, or the rows of a file that has no sheets.
 */
#include "app/app.h"

#include <errno.h>

#include "base/utf8.h"
#include "io/csv_write.h"
#include "io/rows.h"

#include "base/banned.h"

static const struct opt table_opts[] = {
	{"sheet", OPT_VALUE, "N",
	 TEXT("第几个工作表（从 1 起）或工作表名；不给则列出各工作表",
	      "which sheet: number from 1, or name; without it the sheets are listed")},
	{"password-stdin", OPT_FLAG, NULL,
	 TEXT("从标准输入读取打开密码", "read the file's password from standard input")},
	{NULL, OPT_FLAG, NULL, TEXT(NULL, NULL)},
};

static void tell_left_out(const struct app *app, const struct rows *r, const char *sheet)
{
	const char *left = app_text(app, rows_left_out(r));
	if (left[0])
		fprintf(stderr, "%s: %s: %s\n", sheet,
		        app_text(app, (struct text)TEXT("未读入", "left out")), left);
}

static enum err print_rows(struct app *app, struct rows *r, size_t sheet)
{
	struct csv_out out;
	struct row row;
	bool more = false;
	uint32_t line = 1;
	enum err e = rows_sheet(r, sheet, &app->diag);
	csv_out_init(&out, stdout);
	while (e == OK && (e = rows_next(r, &app->diag, &row, &more)) == OK && more) {
		if (row.n == 0)
			continue; /* a blank line if more follows, nothing at the end */
		for (; line < row.number; line++)
			csv_out_end(&out);
		for (size_t i = 0; i < row.n; i++)
			csv_out_cell(&out, row.cells[i].text);
		csv_out_end(&out);
		line++;
	}
	if (e == OK)
		tell_left_out(app, r, rows_sheet_info(r, sheet)->name);
	struct diag why = {0};
	enum err closed = csv_out_close(&out, &why);
	if (e != OK || out.error == EPIPE) /* table FILE | head: seen enough */
		return e;
	if (closed != OK)
		app->diag = why;
	return closed;
}

static enum err size_of_sheet(struct app *app, struct rows *r, size_t sheet, uint32_t *ret_rows,
                              size_t *ret_columns)
{
	struct row row;
	bool more = false;
	uint32_t rows = 0;
	size_t columns = 0;
	enum err e = rows_sheet(r, sheet, &app->diag);
	while (e == OK && (e = rows_next(r, &app->diag, &row, &more)) == OK && more) {
		if (row.n)
			rows = row.number;
		if (row.n > columns)
			columns = row.n;
	}
	if (e != OK)
		return e;
	*ret_rows = rows;
	*ret_columns = columns;
	return OK;
}

/* A sheet that cannot be read is named; the others go on. */
static void print_sheets(struct app *app, struct rows *r, int *ret_status)
{
	static const struct text states[] = {
		[SHEET_VISIBLE] = TEXT("可见", "visible"),
		[SHEET_HIDDEN] = TEXT("隐藏", "hidden"),
		[SHEET_VERY_HIDDEN] = TEXT("深度隐藏", "very hidden"),
	};
	for (size_t i = 0; i < rows_sheet_count(r); i++) {
		const struct sheet_info *info = rows_sheet_info(r, i);
		uint32_t rows = 0;
		size_t columns = 0;
		enum err e = size_of_sheet(app, r, i, &rows, &columns);
		printf("%zu\t%s\t%s\t", i + 1, info->name, app_text(app, states[info->state]));
		if (e != OK) {
			puts("?");
			*ret_status = app_fail(app);
			continue;
		}
		printf("%u x %zu\n", (unsigned)rows, columns);
		tell_left_out(app, r, info->name);
	}
}

/* By number from 1, else by name; SIZE_MAX when there is none. */
static size_t find_sheet(const struct rows *r, const char *which)
{
	int64_t n;
	if (str_to_int(str_c(which), &n) && n >= 1 && (uint64_t)n <= rows_sheet_count(r))
		return (size_t)n - 1;
	for (size_t i = 0; i < rows_sheet_count(r); i++)
		if (strcmp(rows_sheet_info(r, i)->name, which) == 0)
			return i;
	return SIZE_MAX;
}

/* Text is one table, and so is a page with one. */
static bool has_sheets(const struct rows *r)
{
	enum file_kind kind = rows_kind(r);
	return rows_sheet_count(r) > 1 || (kind != FILE_CSV && kind != FILE_HTML);
}

static int run(struct app *app, const char *path, const char *which, const char *password)
{
	struct rows *r = NULL;
	struct rows_opts opts = {.password = password};
	int status = 0;
	enum err e = rows_open(path, &opts, &app->diag, &r);
	if (e == OK && which) {
		size_t i = find_sheet(r, which);
		if (i == SIZE_MAX) {
			const char *slash = strrchr(path, '/');
			diag_place(&app->diag, "%s", slash ? slash + 1 : path);
			e = diag_set(&app->diag, ERR_SHEET_UNKNOWN, "%s", which);
		} else {
			e = print_rows(app, r, i);
		}
	} else if (e == OK && has_sheets(r)) {
		print_sheets(app, r, &status);
	} else if (e == OK) {
		e = print_rows(app, r, 0);
	}
	rows_close(r);
	return e == OK ? status : app_fail(app);
}

int cmd_table(struct app *app, int argc, char **argv)
{
	struct args args;
	int status;
	char password[PASSWORD_LINE];
	if (!args_parse(app, "table", table_opts, argc, argv, &args, &status))
		return status;
	if (args.rest_n != 1)
		return app_usage(app, "table FILE");
	return run(app, args.rest[0], args_value(&args, "sheet"), args_password(&args, password));
}
