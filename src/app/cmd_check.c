/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include <errno.h>

#include "check/finding.h"
#include "check/town_load.h"

#include "app/findings_out.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"as-of", OPT_VALUE, "DATE", TEXT("按哪一天核对（默认今天）", "as of which day (default today)")},
	{"area", OPT_VALUE, "CODE", TEXT("只看这个村或镇", "only this village or town")},
	{"record", OPT_FLAG, NULL, TEXT("登记问题，推进状态", "record the findings and move their states")},
	{"full-ids", OPT_VALUE, "REASON", TEXT("显示完整号码，须写明事由（留痕）", "show full numbers, with a reason (journalled)")},
	{"format", OPT_VALUE, "csv|json|text|xlsx", TEXT("输出格式（默认按文件名，否则 text）",
	                                               "format (default by the file's name, else text)")},
	{"output", OPT_VALUE, "FILE", TEXT("写到文件（默认标准输出）", "write to FILE (default standard output)")},
	{"list", OPT_FLAG, NULL, TEXT("text：逐条列出", "text: list every finding")},
	{0},
};

enum format { FORMAT_CSV, FORMAT_JSON, FORMAT_TEXT, FORMAT_XLSX, FORMAT_MAX };

static const char *const format_names[FORMAT_MAX] = {"csv", "json", "text", "xlsx"};

/* FORMAT_MAX when the name is none. */
static enum format format_of(const struct args *a)
{
	const char *name = args_value(a, "format"), *file = args_value(a, "output");
	if (!name && file) {
		const char *dot = strrchr(file, '.');
		name = dot && strcmp(dot, ".txt") != 0 ? dot + 1 : "text";
		for (int i = 0; i < FORMAT_MAX; i++)
			if (strcmp(name, format_names[i]) == 0)
				return (enum format)i;
		return FORMAT_CSV;
	}
	if (!name)
		return FORMAT_TEXT;
	for (int i = 0; i < FORMAT_MAX; i++)
		if (strcmp(name, format_names[i]) == 0)
			return (enum format)i;
	return FORMAT_MAX;
}

static enum err write_out(struct app *app, const struct buf *b, const char *file)
{
	if (b->full)
		return diag_set(&app->diag, ERR_FILE_TOO_LARGE, "%s", file ? file : "-");
	FILE *f = file && strcmp(file, "-") != 0 ? fopen(file, "wb") : stdout;
	if (!f)
		return diag_set(&app->diag, ERR_IO, "%s: %s", file, strerror(errno));
	bool bad = b->n && fwrite(b->p, 1, b->n, f) != b->n;
	bad |= f == stdout ? fflush(f) != 0 : fclose(f) != 0;
	return bad ? diag_set(&app->diag, ERR_IO, "%s", file ? file : "-") : OK;
}

static enum err put(struct run_check *r, enum format format, const char *file, bool list)
{
	struct buf b;
	enum err e;
	if (format == FORMAT_XLSX) {
		if (!file)
			return diag_set(&r->house.app->diag, ERR_USAGE, "--output FILE.xlsx");
		return findings_xlsx(r, file);
	}
	buf_init(&b, (size_t)2 << 30);
	if (format == FORMAT_CSV)
		findings_csv(&r->result, &b);
	else if (format == FORMAT_JSON)
		findings_json(&r->result, &b);
	else
		findings_text(&r->result, list, &b);
	e = write_out(r->house.app, &b, file);
	buf_release(&b);
	return e;
}

int cmd_check(struct app *app, int argc, char **argv)
{
	struct args a;
	struct run_check r = {0};
	int status;
	if (!args_parse(app, "check", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data");
	enum format format = format_of(&a);
	if (!dir)
		return 2;
	if (format == FORMAT_MAX)
		return app_usage(app, "--format %s", args_value(&a, "format"));
	if (args_value(&a, "full-ids") && !args_value(&a, "full-ids")[0]) {
		(void)diag_set(&app->diag, ERR_FULL_IDS_REASON, "--full-ids");
		return app_fail(app);
	}
	struct run_check_opts o = {.area = args_value(&a, "area"), .full_ids = args_value(&a, "full-ids"),
	                           .record = args_flag(&a, "record"), .only_read = true,
	                           .command = "check"};
	if (!house_date(app, "as-of", args_value(&a, "as-of"), 0, &o.as_of))
		return 2;
	enum err e = run_check(app, dir, &o, &r);
	if (!e)
		e = put(&r, format, args_value(&a, "output"), args_flag(&a, "list"));
	run_check_done(&r);
	return e ? app_fail(app) : 0;
}
