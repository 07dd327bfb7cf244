/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fill: the form that somebody above sent, filled with what is known.  Says first how each
 * column was understood; --map corrects that.
 */
#include "app/findings_out.h"

#include <stdlib.h>

#include "form/form.h"
#include "report/print.h"

#include "base/banned.h"

enum { MAP_BYTES = 1 << 20 };

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"output", OPT_VALUE, "FILE",
	 TEXT("填好的表写到这里；不给则只说明各列怎样理解", "the filled form; without it only says how columns are understood")},
	{"map", OPT_VALUE, "FILE",
	 TEXT("更正各列：每行“列<TAB>字段”", "corrects columns: lines \"place<TAB>field\"")},
	{"by", OPT_VALUE, "household|person|page",
	 TEXT("一户一行、一人一行或一户一页（默认自动判断）",
	      "a row a household, a row a person, a page a household (default: by the columns)")},
	{"as-of", OPT_VALUE, "DATE", TEXT("按哪一天的情况填（默认今天）", "as of which day (default today)")},
	{"area", OPT_VALUE, "CODE", TEXT("只填这个村或镇", "only this village or town")},
	{"household", OPT_VALUE, "NO", TEXT("只填这一户（户编号）", "only this household, by its number")},
	{"full-ids", OPT_VALUE, "REASON",
	 TEXT("填写完整号码，须写明事由（留痕）", "full numbers, with a reason (journalled)")},
	{0},
};

static void print_columns(const struct app *app, const struct form *f)
{
	bool zh = app->lang == LANG_ZH;
	printf(zh ? "表：%s，%s，第 %u–%u 行待填\n" : "form: %s, by %s, rows %u-%u wait\n",
	       f->sheet_name ? f->sheet_name : form_kind_name(f->kind), form_grain_name(f->grain),
	       (unsigned)f->first, (unsigned)f->last);
	for (size_t i = 0; i < f->n; i++) {
		const struct form_column *c = &f->columns[i];
		const char *sure = c->formula    ? (zh ? "（公式，保留）" : "a formula, kept")
		                   : c->field < 0 ? (zh ? "不认识，留空" : "not known, left empty")
		                   : c->confidence >= FORM_CERTAIN ? ""
		                   : c->confidence >= FORM_LIKELY ? (zh ? "（请核对）" : "(please check)")
		                                                  : (zh ? "（没有把握）" : "(unsure)");
		printf("  %-6s " STR_FMT " → %s%s\n", c->place, STR_ARG(c->header),
		       c->field < 0 ? "" : form_fields[c->field].label.in[app->lang], sure);
	}
}

static enum err read_map(struct app *app, struct form *f, const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return diag_set(&app->diag, ERR_IO, "%s", path);
	char *text = arena_alloc(&app->arena, MAP_BYTES);
	size_t n = fread(text, 1, MAP_BYTES, file);
	fclose(file);
	return form_apply(f, (struct str){text, n}, &app->diag);
}

static enum err fill(struct run_check *run, const struct form *f, const struct args *a,
                     const char *to)
{
	struct app *app = run->house.app;
	const struct town *t = &run->town;
	const char *household = args_value(a, "household");
	struct report r = {.lang = app->lang, .check = run->check, .result = &run->result,
	                   .village = run->village, .reason = run->full_ids};
	struct form_filled done;
	size_t n;
	int32_t *list = print_order(t, run->village, &app->arena, &n);
	for (size_t i = 0, all = n; household && i < all; i++) {
		if (i == 0)
			n = 0;
		if (str_is(t->households[list[i]].hh_no, household))
			list[n++] = list[i];
	}
	if (household && n != 1)
		return diag_set(&app->diag, ERR_INVALID, "--household %s", household);
	enum err e = form_fill(f, &r, list, n, to, &app->arena, &app->diag, &done);
	if (e)
		return e;
	printf(app->lang == LANG_ZH ? "%s  %zu 户 %zu 行\n" : "%s  %zu households, %zu rows\n", to,
	       done.households, done.rows);
	return OK;
}

int cmd_fill(struct app *app, int argc, char **argv)
{
	struct args a;
	struct run_check run = {0};
	struct form *f;
	int status;
	if (!args_parse(app, "fill", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data"), *to = args_value(&a, "output");
	const char *map = args_value(&a, "map"), *by = args_value(&a, "by");
	const char *reason = args_value(&a, "full-ids");
	if (!dir)
		return 2;
	if (a.rest_n != 1)
		return app_usage(app, "fill FORM");
	if (reason && !reason[0]) {
		(void)diag_set(&app->diag, ERR_FULL_IDS_REASON, "--full-ids");
		return app_fail(app);
	}
	struct run_check_opts o = {.area = args_value(&a, "area"), .full_ids = reason, .command = "fill"};
	if (!house_date(app, "as-of", args_value(&a, "as-of"), 0, &o.as_of))
		return 2;
	enum err e = run_check(app, dir, &o, &run);
	if (!e)
		e = form_open(a.rest[0], run.house.pack, &app->arena, &app->diag, &f);
	if (!e && by)
		e = form_set_grain(f, str_c(by), &app->diag);
	if (!e && map)
		e = read_map(app, f, map);
	if (!e)
		print_columns(app, f);
	if (!e && to)
		e = fill(&run, f, &a, to);
	run_check_done(&run);
	return e ? app_fail(app) : 0;
}
