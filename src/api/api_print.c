/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_print: pages for paper, made from the town as last checked. */
#include "api/subjects.h"

#include "api/printing.h"
#include "report/duty_sheet.h"
#include "report/exam.h"
#include "report/visit.h"

#include "base/banned.h"

static const char *named(struct request *rq, const char *zh, const char *en, struct str place,
                         const char *ending)
{
	return arena_printf(rq->a, "%s_" STR_FMT "%s", rq->lang == LANG_ZH ? zh : en, STR_ARG(place),
	                    ending);
}

/* Characters that were printed as 〓 go into a header, for the page to say so. */
static void say_missing(struct request *rq, const char *missing)
{
	struct buf b;
	if (!missing || !*missing)
		return;
	buf_init(&b, 1000);
	for (const char *p = missing; *p && !b.full; p++)
		if ((unsigned char)*p < 0x80)
			buf_addc(&b, *p == 'U' && b.n ? ' ' : *p);
	rq_set_header(rq, "X-Missing-Characters", b.p ? b.p : "");
	buf_release(&b);
}

/* --- visit sheets ------------------------------------------------------------------------ */

enum { IN_ONE, IN_REASON };
#define REASON                                                                                     \
	{.name = "full_ids", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 200,                      \
	 .label = TEXT("显示完整号码的事由（留痕）", "why full numbers are shown (journalled)")}

static const struct net_field household_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("户", "household")},
	REASON,
};
static const struct net_field village_in[] = {
	{.name = "code", .in = NET_PATH, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 20,
	 .label = TEXT("行政村代码", "village code")},
	REASON,
};

static enum err visit_one(struct request *rq)
{
	struct printing p = {0};
	struct visit_made made;
	int64_t no = rq_int(rq, IN_ONE, 0);
	enum err e = rq_sees_household(rq, no);
	if (!e)
		e = printing_begin(rq, rq_text(rq, IN_REASON), &p);
	if (e)
		return e;
	int32_t h = printing_household(&p, no);
	if (h < 0)
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%lld", (long long)no);
	if (!e)
		e = visit_pdf(&p.r, &h, 1, p.path, rq->a, &rq->diag, &made);
	if (!e) {
		say_missing(rq, made.missing);
		printing_send(rq, &p, PRINTING_PDF,
		              named(rq, "入户核查表", "visit", p.s->town.households[h].hh_no, ".pdf"));
	}
	printing_end(&p);
	return e;
}

static enum err visit_village(struct request *rq)
{
	struct printing p = {0};
	struct visit_made made;
	size_t n = 0;
	int32_t *list = NULL;
	enum err e = printing_begin(rq, rq_text(rq, IN_REASON), &p);
	if (e)
		return e;
	e = printing_village(rq, &p, rq_text(rq, IN_ONE));
	if (!e)
		list = printing_households(rq, &p, p.r.village, &n);
	if (!e && !n)
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%s", rq_text(rq, IN_ONE));
	if (!e)
		e = visit_pdf(&p.r, list, n, p.path, rq->a, &rq->diag, &made);
	if (!e) {
		say_missing(rq, made.missing);
		printing_send(rq, &p, PRINTING_PDF,
		              named(rq, "入户核查表", "visit", report_title(&p.r), ".pdf"));
	}
	printing_end(&p);
	return e;
}

/* --- the exam sheet ------------------------------------------------------------------------ */

static enum err exam(struct request *rq, bool pdf)
{
	struct printing p = {0};
	if (!rq_sees_village(rq, rq_text(rq, IN_ONE)))
		return diag_set(&rq->diag, ERR_NOT_FOUND, "%s", rq_text(rq, IN_ONE));
	enum err e = printing_begin(rq, rq_text(rq, IN_REASON), &p);
	if (e)
		return e;
	e = printing_village(rq, &p, rq_text(rq, IN_ONE));
	if (!e)
		e = pdf ? exam_pdf(&p.r, p.path, &rq->diag) : exam_xlsx(&p.r, p.path, &rq->diag);
	if (!e)
		printing_send(rq, &p, pdf ? PRINTING_PDF : PRINTING_XLSX,
		              named(rq, "逐户体检表", "exam", report_title(&p.r), pdf ? ".pdf" : ".xlsx"));
	printing_end(&p);
	return e;
}

static enum err exam_as_pdf(struct request *rq)
{
	return exam(rq, true);
}

static enum err exam_as_xlsx(struct request *rq)
{
	return exam(rq, false);
}

/* --- duties ------------------------------------------------------------------------------------ */

enum { FRESH_MS = 5000 };
enum { IN_VILLAGE, IN_DUTY_REASON, IN_HELPER, IN_UNTIL };
static const struct net_field duty_in[] = {
	{.name = "village", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 20,
	 .label = TEXT("行政村代码（默认全镇）", "village code (default: the town)")},
	REASON,
	{.name = "helper", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 60,
	 .label = TEXT("只要这位帮扶责任人", "only this cadre")},
	{.name = "until", .in = NET_QUERY, .kind = FIELD_DATE,
	 .label = TEXT("责任期限止（责任未写明时）", "end of the term where a duty has none")},
};

/* The town, or the village asked for; whoever sees some villages only must say which,
 * unless it is one. */
static enum err choose_village(struct request *rq, struct printing *p)
{
	const struct db_scope *scope = &rq_user(rq)->scope;
	const char *code = rq_text(rq, IN_VILLAGE);
	if (!code && scope->kind == DB_SCOPE_AREAS && scope->n_areas == 1)
		code = scope->areas[0];
	if (!code && scope->kind == DB_SCOPE_ALL)
		return OK;
	if (!code)
		return rq_invalid(rq, "village", ERR_INVALID);
	if (!rq_sees_village(rq, code))
		return diag_set(&rq->diag, ERR_NOT_FOUND, "%s", code);
	return printing_village(rq, p, code);
}

/* Whoever has just given or taken households prints what holds now; while much is being
 * written, the town as it was last looked at. */
static enum err duties_begin(struct request *rq, struct printing *p)
{
	enum err e = snapshots_settle(rq_api(rq), FRESH_MS);
	if (e && e != ERR_BUSY)
		return e;
	return printing_begin(rq, rq_text(rq, IN_DUTY_REASON), p);
}

static enum err chart(struct request *rq)
{
	struct printing p = {0};
	enum err e = duties_begin(rq, &p);
	if (e)
		return e;
	e = choose_village(rq, &p);
	if (!e)
		e = duty_chart_pdf(&p.r, p.path, &rq->diag);
	if (!e)
		printing_send(rq, &p, PRINTING_PDF,
		              named(rq, "责任分工表", "duties", report_title(&p.r), ".pdf"));
	printing_end(&p);
	return e;
}

static enum err letters(struct request *rq)
{
	struct printing p = {0};
	struct duty_letters what = {rq_text(rq, IN_HELPER), (date_t)rq_int(rq, IN_UNTIL, 0)};
	size_t n = 0;
	enum err e = duties_begin(rq, &p);
	if (e)
		return e;
	e = choose_village(rq, &p);
	if (!e)
		e = duty_letters_pdf(&p.r, &what, p.path, &rq->diag, &n);
	if (!e && !n)
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%s", what.helper ? what.helper : "");
	if (!e)
		printing_send(rq, &p, PRINTING_PDF,
		              named(rq, "帮扶责任书", "letters", report_title(&p.r), ".pdf"));
	printing_end(&p);
	return e;
}

const struct route api_print_routes[] = {
	{.id = "visit_sheet", .method = NET_GET, .path = API "/households/{no}/visit-sheet.pdf",
	 .permission = PERM_print, .kind = ROUTE_LONG, .in = household_in, .n_in = 2,
	 .handler = visit_one, .answer = "file", .tag = "print",
	 .summary = TEXT("一户的入户核查表", "visit sheet of a household")},
	{.id = "visit_sheets", .method = NET_GET, .path = API "/villages/{code}/visit-sheets.pdf",
	 .permission = PERM_print, .kind = ROUTE_LONG, .in = village_in, .n_in = 2,
	 .handler = visit_village, .answer = "file", .tag = "print",
	 .summary = TEXT("一村的入户核查表（只含看得到的户）", "visit sheets of a village, of the households one may see")},
	{.id = "exam_pdf", .method = NET_GET, .path = API "/villages/{code}/exam.pdf",
	 .permission = PERM_print, .kind = ROUTE_LONG, .in = village_in, .n_in = 2,
	 .handler = exam_as_pdf, .answer = "file", .tag = "print",
	 .summary = TEXT("逐户体检表，打印稿", "household exam, for print")},
	{.id = "exam_xlsx", .method = NET_GET, .path = API "/villages/{code}/exam.xlsx",
	 .permission = PERM_print, .kind = ROUTE_LONG, .in = village_in, .n_in = 2,
	 .handler = exam_as_xlsx, .answer = "file", .tag = "print",
	 .summary = TEXT("逐户体检表，工作簿", "household exam, as a workbook")},
	{.id = "duty_chart", .method = NET_GET, .path = API "/duties/chart.pdf",
	 .permission = PERM_see_duties, .kind = ROUTE_LONG, .in = duty_in, .n_in = 2,
	 .handler = chart, .answer = "file", .tag = "print",
	 .summary = TEXT("帮扶责任分工表", "who answers for whom")},
	{.id = "duty_letters", .method = NET_GET, .path = API "/duties/letters.pdf",
	 .permission = PERM_see_duties, .kind = ROUTE_LONG, .in = duty_in, .n_in = 4,
	 .handler = letters, .answer = "file", .tag = "print",
	 .summary = TEXT("帮扶责任书", "letters of responsibility")},
	{0},
};
