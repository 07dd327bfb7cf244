/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_finding_out: the list of findings as a file, a village's workbook. */
#include "api/api_finding.h"

#include <unistd.h>

#include "api/snapshot.h"
#include "check/finding.h"
#include "io/csv_write.h"
#include "io/xlsx_write.h"
#include "report/rectify.h"

#include "base/banned.h"

enum { PAGE = 200 };

/* --- out to files ------------------------------------------------------------------------------- */

enum {
	COL_NO, COL_VILLAGE, COL_HH, COL_HEAD, COL_PERSON, COL_TITLE, COL_DETAIL, COL_SEVERITY,
	COL_STATE, COL_ASSIGNEE, COL_DUE, COL_SEEN, COL_ANSWER, COL_MAX
};
static const struct text heads[COL_MAX] = {
	TEXT("编号", "no"), TEXT("村", "village"), TEXT("户编号", "household"), TEXT("户主", "head"),
	TEXT("姓名", "name"), TEXT("问题", "finding"), TEXT("内容", "detail"), TEXT("级别", "severity"),
	TEXT("状态", "state"), TEXT("承办人", "assigned to"), TEXT("期限", "due"),
	TEXT("发现日期", "first seen"), TEXT("核实情况", "answer"),
};

static const char *word_of(const struct life_word *w, const char *id, enum lang lang)
{
	for (; id && w->id; w++)
		if (strcmp(w->id, id) == 0)
			return w->title.in[lang];
	return id;
}

static const struct life_word severities[] = {
	{"B", TEXT("阻断", "block")}, {"E", TEXT("错误", "error")},
	{"W", TEXT("核实", "verify")}, {"I", TEXT("提示", "note")}, {0}};

static struct str cell_of(struct request *rq, const struct life_row *r, const struct snapshot *s,
                          int col, struct arena *a)
{
	const struct finding *f = snapshot_finding(s, rq->lang, r->f.no);
	const struct area *v = r->f.village ? area_find(rq_api(rq)->areas, r->f.village) : NULL;
	switch (col) {
	case COL_NO: return str_c(arena_printf(a, "%lld", (long long)r->f.no));
	case COL_VILLAGE: return str_c(v ? v->name : r->f.village);
	case COL_HH: return str_c(r->hh_no);
	case COL_HEAD: return str_c(r->head_name);
	case COL_PERSON: return r->person_name ? str_c(r->person_name) : f ? f->name : STR("");
	case COL_TITLE: return str_c(finding_title(r, rq->lang));
	case COL_DETAIL: return finding_redacted(rq, s, finding_detail(r, f), a);
	case COL_SEVERITY: return str_c(word_of(severities, arena_strndup(a, &r->severity, 1), rq->lang));
	case COL_STATE: return str_c(word_of(life_states, r->f.state, rq->lang));
	case COL_ASSIGNEE: {
		const char *name = rq_name_of(rq, r->f.assignee, a);
		return str_c(name ? name : r->f.assignee);
	}
	case COL_DUE: return str_c(r->f.due ? date_dup(a, r->f.due) : NULL);
	case COL_SEEN: return str_c(r->f.first_seen ? date_dup(a, r->f.first_seen) : NULL);
	default: return str_c(word_of(life_answers, r->f.answer, rq->lang));
	}
}

enum { SHEET_ROWS = 1000000 /* a spreadsheet takes 1,048,576 */ };

struct export {
	struct request *rq;
	struct life_filter x;
	const struct snapshot *s;
	struct arena a; /* of one page */
	int64_t after;
	bool begun;
};

static struct export *export_begin(struct request *rq)
{
	struct export *x = ARENA_NEW(rq->a, struct export);
	*x = (struct export){.rq = rq, .x = finding_filter(rq), .s = snapshot_get(rq_api(rq)),
	                     .after = rq_int(rq, IN_AFTER, 0)};
	arena_init(&x->a, (size_t)64 << 20);
	return x;
}

static void export_end(void *arg)
{
	struct export *x = arg;
	snapshot_put(x->s);
	arena_release(&x->a);
}

static enum err next_page(struct export *x, struct life_row **ret, size_t *ret_n)
{
	arena_clear(&x->a);
	return life_list(rq_db(x->rq), rq_api(x->rq)->pack, &x->x, x->after, PAGE, &x->a, ret, ret_n,
	                 &x->after);
}

/* A spreadsheet takes what begins so for a formula. */
static struct str harmless(struct str s, struct arena *a)
{
	if (s.n && strchr("=+-@\t\r", s.p[0]))
		return str_c(arena_printf(a, "'" STR_FMT, STR_ARG(s)));
	return s;
}

static bool csv_piece(void *arg, struct buf *out, struct diag *diag)
{
	struct export *x = arg;
	struct life_row *rows = NULL;
	struct csv_out csv;
	size_t n = 0;
	if (next_page(x, &rows, &n))
		return false;
	csv_out_init_buf(&csv, out);
	if (!x->begun) {
		csv_out_mark(&csv);
		for (int c = 0; c < COL_MAX; c++)
			csv_out_cell(&csv, str_c(heads[c].in[x->rq->lang]));
		csv_out_end(&csv);
		x->begun = true;
	}
	for (size_t i = 0; i < n; i++) {
		for (int c = 0; c < COL_MAX; c++)
			csv_out_cell(&csv, harmless(cell_of(x->rq, &rows[i], x->s, c, &x->a), &x->a));
		csv_out_end(&csv);
	}
	return csv_out_close(&csv, diag) == OK && x->after != 0;
}

enum err finding_csv(struct request *rq)
{
	rq_stream(rq, "text/csv; charset=utf-8", "findings.csv", csv_piece, export_begin(rq), export_end);
	return OK;
}

static const double widths[COL_MAX] = {7, 18, 18, 9, 9, 28, 56, 7, 12, 12, 11, 11, 20};

static void end_sheet(struct xlsx_out *out, int rows)
{
	if (rows > 1)
		xlsx_filter(out, 0, 0, rows - 1, COL_MAX - 1);
}

static void begin_sheet(struct export *x, struct xlsx_out *out, int number, int head, int cell)
{
	xlsx_sheet(out, arena_printf(x->rq->a, x->rq->lang == LANG_EN ? "findings %d" : "问题%d", number), 0);
	for (int c = 0; c < COL_MAX; c++)
		xlsx_column(out, c, c, widths[c], cell, false);
	xlsx_page(out, &(struct xlsx_page){.landscape = true, .repeat_first = 0, .repeat_last = 0,
	                                   .english = x->rq->lang == LANG_EN, .left = "",
	                                   .right = rq_made_by(x->rq)});
	xlsx_freeze(out, 1, 0);
	for (int c = 0; c < COL_MAX; c++)
		xlsx_text(out, 0, c, head, str_c(heads[c].in[x->rq->lang]));
}

static enum err write_sheets(struct export *x, struct xlsx_out *out)
{
	struct life_row *rows = NULL;
	size_t n = 0;
	int row = 0, sheets = 0;
	int head = xlsx_style(out, &(struct xlsx_style){.bold = true, .border = true, .fill = XLSX_HEADER});
	int cell = xlsx_style(out, &(struct xlsx_style){.border = true, .wrap = true, .top = true});
	enum err e;
	do {
		e = next_page(x, &rows, &n);
		if (!e && (!sheets || row + PAGE > SHEET_ROWS)) {
			end_sheet(out, row);
			begin_sheet(x, out, ++sheets, head, cell);
			row = 1;
		}
		for (size_t i = 0; !e && i < n; i++, row++)
			for (int c = 0; c < COL_MAX; c++)
				xlsx_text(out, row, c, cell, cell_of(x->rq, &rows[i], x->s, c, &x->a));
	} while (!e && x->after);
	end_sheet(out, row);
	return e;
}

enum err finding_xlsx(struct request *rq)
{
	struct xlsx_out *out = NULL;
	char *to;
	enum err e = api_temp_file(rq, ".xlsx", &to);
	if (e)
		return e;
	struct export *x = export_begin(rq);
	e = xlsx_out_open(to, &(struct xlsx_out_opts){.streaming = true, .title = "findings"}, &rq->diag, &out);
	if (!e)
		e = write_sheets(x, out);
	if (e && out)
		xlsx_out_abandon(out);
	else if (!e)
		e = xlsx_out_close(out);
	export_end(x);
	if (e)
		(void)unlink(to);
	else
		rq_file(rq, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		        "findings.xlsx", to, true);
	return e;
}

/* --- a village's workbook ---------------------------------------------------------------------- */

const struct net_field finding_village_in[1] = {
	{.name = "code", .in = NET_PATH, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 20,
	 .label = TEXT("村", "village")},
};

static int32_t village_of(const struct town *t, const char *code)
{
	for (size_t i = 0; i < t->n_villages; i++)
		if (str_is(t->villages[i].code, code))
			return (int32_t)i;
	return TOWN_NONE;
}

enum err finding_rectify(struct request *rq)
{
	const char *code = rq_text(rq, 0);
	const struct api *api = rq_api(rq);
	char *to;
	if (!rq_sees_village(rq, code))
		return diag_set(&rq->diag, ERR_NOT_FOUND, "%s", code);
	const struct snapshot *s = snapshot_get(api);
	int32_t village = s ? village_of(&s->town, code) : TOWN_NONE;
	enum err e = !s ? ERR_BUSY : village < 0 ? ERR_NOT_FOUND : api_temp_file(rq, ".xlsx", &to);
	if (e) {
		snapshot_put(s);
		return diag_set(&rq->diag, e, "%s", code);
	}
	const struct check_result *res = snapshot_result(s, LANG_ZH);
	struct rectify_row *rows = NULL;
	size_t n = 0;
	struct report r = {.lang = LANG_ZH, .check = s->check, .result = res, .village = village,
	                   .user = rq_made_by(rq)};
	e = rectify_collect(rq_db(rq), &r, s->numbers, village, rq->a, &rows, &n);
	struct rectify_book book = {api->o.keys, db_county(rq_db(rq)), village, rows, n};
	if (!e)
		e = rectify_write(&r, &book, to, &rq->diag);
	if (!e)
		rq_file(rq, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		        arena_printf(rq->a, "整改台账_" STR_FMT ".xlsx",
		                     STR_ARG(s->town.villages[village].name)), to, true);
	else
		(void)unlink(to);
	snapshot_put(s);
	return e;
}
