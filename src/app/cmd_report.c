/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * report: what people hold in their hands: the one-page summary, the villages'
 * workbooks, the household exam sheet, the visit sheets.
 */
#include "app/findings_out.h"

#include <errno.h>
#include <sys/stat.h>

#include "check/record.h"
#include "report/exam.h"
#include "report/rectify.h"
#include "report/summary.h"
#include "report/visit.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"output", OPT_VALUE, "FILE|DIR",
	 TEXT("写到文件；rectify、visit：写到目录（每村一个文件）",
	      "this file; rectify, visit: this folder, a file a village")},
	{"as-of", OPT_VALUE, "DATE", TEXT("按哪一天核对（默认今天）", "as of which day (default today)")},
	{"area", OPT_VALUE, "CODE", TEXT("只看这个村或镇", "only this village or town")},
	{"by", OPT_VALUE, "village", TEXT("rectify：一村一个工作簿", "rectify: a workbook a village")},
	{"household", OPT_VALUE, "NO", TEXT("visit：只要这一户（户编号）", "visit: this household only, by its number")},
	{"format", OPT_VALUE, "xlsx|pdf", TEXT("exam：工作簿或打印稿（默认看文件名）",
	                                       "exam: workbook or print (default: by the file's name)")},
	{"full-ids", OPT_VALUE, "REASON",
	 TEXT("显示完整号码，须写明事由（留痕）", "show full numbers, with a reason (journalled)")},
	{0},
};

enum kind { REPORT_EXAM, REPORT_RECTIFY, REPORT_SUMMARY, REPORT_VISIT, REPORT_KIND_MAX };

static const char *const kinds[REPORT_KIND_MAX] = {"exam", "rectify", "summary", "visit"};

static enum err write_summary(struct app *app, const struct report *r, const char *path)
{
	struct str p = str_c(path ? path : "-");
	if (str_ends(p, STR(".xlsx")))
		return summary_xlsx(r, path, &app->diag);
	FILE *f = str_is(p, "-") ? stdout : fopen(path, "wb");
	if (!f)
		return diag_set(&app->diag, ERR_IO, "%s: %s", path, strerror(errno));
	struct buf b;
	buf_init(&b, (size_t)16 << 20);
	summary_text(r, &b);
	bool bad = b.n && fwrite(b.p, 1, b.n, f) != b.n;
	bad |= f == stdout ? fflush(f) != 0 : fclose(f) != 0;
	buf_release(&b);
	return bad ? diag_set(&app->diag, ERR_IO, "%s", p.p) : OK;
}

/* A village's name may hold what a file's must not. */
static const char *book_path(struct app *app, const char *dir, const char *what, struct str place,
                             const char *ending)
{
	char *path = arena_printf(&app->arena, "%s/%s_" STR_FMT "%s", dir, what, STR_ARG(place), ending);
	for (char *p = path + strlen(dir) + 1; *p; p++) {
		if (*p == '/')
			*p = '-';
	}
	return path;
}

static enum err write_book(struct run_check *run, const struct report *r, int32_t village,
                           const int64_t *no, const char *dir)
{
	struct app *app = run->house.app;
	struct rectify_row *rows = NULL;
	size_t n = 0;
	enum err e = rectify_collect(run->house.db, r, no, village, &app->arena, &rows, &n);
	if (e || !n)
		return e;
	struct rectify_book book = {run->house.keys, db_county(run->house.db), village, rows, n};
	const char *path = book_path(app, dir, "整改台账", report_place(r, village), ".xlsx");
	e = rectify_write(r, &book, path, &app->diag);
	if (!e)
		printf("%s  %zu\n", path, n);
	return e;
}

static enum err write_rectify(struct run_check *run, const struct report *r, const char *dir)
{
	struct app *app = run->house.app;
	int64_t *no;
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return diag_set(&app->diag, ERR_IO, "%s: %s", dir, strerror(errno));
	static const struct db_scope all = {.kind = DB_SCOPE_ALL};
	db_set_scope(run->house.db, &all);
	enum err e = record_numbers(run->house.j, &run->result, &app->arena, &no);
	for (size_t v = 0; !e && v < run->town.n_villages; v++)
		e = write_book(run, r, (int32_t)v, no, dir);
	return e ? e : write_book(run, r, TOWN_NONE, no, dir);
}

/* --- visit sheets --------------------------------------------------------- */

static enum err write_sheets(struct run_check *run, const struct report *r, const int32_t *only,
                             const char *path)
{
	struct app *app = run->house.app;
	struct visit_made made;
	enum err e = visit_pdf(r, only, only ? 1 : 0, path, &app->arena, &app->diag, &made);
	if (e)
		return e;
	printf(app->lang == LANG_ZH ? "%s  %zu 户 %zu 页\n" : "%s  %zu households, %zu pages\n", path,
	       made.households, made.pages);
	if (*made.missing)
		fprintf(stderr, app->lang == LANG_ZH ? "daohu: %s：字库中没有 %s，已用 〓 代替\n"
		                                     : "daohu: %s: no font has %s, printed as 〓\n",
		        path, made.missing);
	return OK;
}

static enum err write_visit(struct run_check *run, struct report *r, const char *household,
                            const char *path)
{
	struct app *app = run->house.app;
	const struct town *t = &run->town;
	enum err e = OK;
	for (size_t i = 0; household && i < t->n_households; i++)
		if (str_is(t->households[i].hh_no, household))
			return write_sheets(run, r, &(int32_t){(int32_t)i}, path);
	if (household)
		return diag_set(&app->diag, ERR_INVALID, "--household %s", household);
	if (str_ends(str_c(path), STR(".pdf")))
		return write_sheets(run, r, NULL, path);
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return diag_set(&app->diag, ERR_IO, "%s: %s", path, strerror(errno));
	for (size_t v = 0; !e && v < t->n_villages; v++) {
		size_t n;
		if (!report_covers(r, (int32_t)v))
			continue;
		struct report one = *r;
		one.village = (int32_t)v;
		(void)print_order(t, one.village, &app->arena, &n);
		if (n)
			e = write_sheets(run, &one, NULL, book_path(app, path, "入户核查表",
			                                            t->villages[v].name, ".pdf"));
	}
	return e;
}

/* Workbook or print; by the file's name when it was not said. */
static bool is_pdf(const char *format, const char *path)
{
	return format ? strcmp(format, "pdf") == 0 : str_ends(str_c(path), STR(".pdf"));
}

static enum err write_report(struct run_check *run, enum kind kind, const struct args *a,
                             const char *path)
{
	struct app *app = run->house.app;
	struct report r = {.lang = app->lang, .check = run->check, .result = &run->result,
	                   .village = run->village, .reason = run->full_ids,
	                   .user = run_made_by(run)};
	if (kind == REPORT_SUMMARY)
		return write_summary(app, &r, path);
	if (kind == REPORT_RECTIFY)
		return write_rectify(run, &r, path);
	if (kind == REPORT_VISIT)
		return write_visit(run, &r, args_value(a, "household"), path);
	return is_pdf(args_value(a, "format"), path) ? exam_pdf(&r, path, &app->diag)
	                                             : exam_xlsx(&r, path, &app->diag);
}

static bool formats_fit(enum kind kind, const char *format)
{
	if (!format)
		return true;
	if (strcmp(format, "pdf") == 0)
		return kind == REPORT_EXAM || kind == REPORT_VISIT;
	return strcmp(format, "xlsx") == 0 && kind == REPORT_EXAM;
}

static enum kind kind_of(const struct args *a)
{
	int kind = a->rest_n == 1 ? 0 : REPORT_KIND_MAX;
	while (kind < REPORT_KIND_MAX && strcmp(a->rest[0], kinds[kind]) != 0)
		kind++;
	return (enum kind)kind;
}

int cmd_report(struct app *app, int argc, char **argv)
{
	struct args a;
	struct run_check run = {0};
	int status;
	if (!args_parse(app, "report", opts, argc, argv, &a, &status))
		return status;
	enum kind kind = kind_of(&a);
	if (kind == REPORT_KIND_MAX)
		return app_usage(app, "report exam|rectify|summary|visit");
	const char *dir = args_need(app, &a, "data"), *path = args_value(&a, "output");
	const char *by = args_value(&a, "by"), *reason = args_value(&a, "full-ids");
	if (!dir)
		return 2;
	if (by && (strcmp(by, "village") != 0 || kind != REPORT_RECTIFY))
		return app_usage(app, "--by %s", by);
	if (!formats_fit(kind, args_value(&a, "format")))
		return app_usage(app, "--format %s", args_value(&a, "format"));
	if (args_value(&a, "household") && kind != REPORT_VISIT)
		return app_usage(app, "--household");
	if (!path && kind != REPORT_SUMMARY)
		return app_usage(app, "report %s --output", kinds[kind]);
	if (reason && !reason[0]) {
		(void)diag_set(&app->diag, ERR_FULL_IDS_REASON, "--full-ids");
		return app_fail(app);
	}
	struct run_check_opts o = {.area = args_value(&a, "area"), .full_ids = reason,
	                           .record = kind == REPORT_RECTIFY, .command = "report"};
	if (!house_date(app, "as-of", args_value(&a, "as-of"), 0, &o.as_of))
		return 2;
	enum err e = run_check(app, dir, &o, &run);
	if (!e)
		e = write_report(&run, kind, &a, path);
	run_check_done(&run);
	return e ? app_fail(app) : 0;
}
