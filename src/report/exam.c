/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/exam.h"

#include "report/print.h"

#include "base/banned.h"

enum column {
	COL_SEQ,
	COL_VILLAGE,
	COL_GROUP,
	COL_HH_NO,
	COL_HEAD,
	COL_MEMBERS,
	COL_ATTR,
	COL_STATUS,
	COL_ASPECTS, /* EXAM_ASPECT_MAX of them */
	COL_WHY = COL_ASPECTS + EXAM_ASPECT_MAX,
	COL_MAX
};

enum { ROW_TITLE, ROW_BASIS, ROW_LEGEND, ROW_HEAD, ROW_DATA };

static const double widths[COL_ASPECTS] = {6, 12, 8, 19, 10, 6, 14, 11};

struct book {
	const struct report *r;
	const struct exam *exams;
	struct arena arena;
	struct xlsx_out *x;
	bool zh;
	int title, basis, head, text, id, number, why, mark[EXAM_MARK_MAX], total, total_name;
};

static void make_styles(struct book *b)
{
	struct xlsx_out *x = b->x;
	b->title = xlsx_style(x, &(struct xlsx_style){
		.font = XLSX_HEI, .size = 18, .align = XLSX_CENTRE});
	b->basis = xlsx_style(x, &(struct xlsx_style){.size = 10, .align = XLSX_CENTRE});
	b->head = xlsx_style(x, &(struct xlsx_style){.font = XLSX_HEI, .size = 10, .wrap = true,
		.align = XLSX_CENTRE, .fill = XLSX_HEADER, .border = true});
	struct xlsx_style cell = {.kind = XLSX_TEXT, .size = 10, .border = true};
	b->text = b->id = xlsx_style(x, &cell);
	cell.wrap = true;
	b->why = xlsx_style(x, &cell);
	cell.wrap = false;
	cell.kind = XLSX_INTEGER;
	cell.align = XLSX_RIGHT;
	b->number = xlsx_style(x, &cell);
	cell.bold = true;
	cell.fill = XLSX_BAND;
	b->total = xlsx_style(x, &cell);
	cell.align = XLSX_LEFT;
	b->total_name = xlsx_style(x, &cell);
	for (int m = 0; m < EXAM_MARK_MAX; m++) {
		/* told apart by sign and weight: it is printed black on white */
		struct xlsx_style s = {.kind = XLSX_TEXT, .size = 10, .border = true,
		                       .align = XLSX_CENTRE, .bold = m == EXAM_NO,
		                       .grey = m == EXAM_NONE || m == EXAM_UNCLEAR,
		                       .fill = m == EXAM_NO ? XLSX_HEADER
		                               : m == EXAM_DOUBT ? XLSX_BAND : XLSX_NONE};
		b->mark[m] = xlsx_style(x, &s);
	}
}

static void sheet_head(struct book *b, const char *what, int last)
{
	struct str name = report_title(b->r);
	xlsx_row_height(b->x, ROW_TITLE, 30);
	xlsx_merge(b->x, ROW_TITLE, 0, ROW_TITLE, last, b->title,
	           str_c(arena_printf(&b->arena, STR_FMT "%s", STR_ARG(name), what)));
	xlsx_merge(b->x, ROW_BASIS, 0, ROW_BASIS, last, b->basis,
	           str_c(report_basis(b->r, &b->arena)));
}

static void aspect_heads(struct book *b, int first)
{
	for (int i = 0; i < EXAM_ASPECT_MAX; i++)
		xlsx_text(b->x, ROW_HEAD, first + i, b->head,
		          str_c(exam_aspect_text((enum exam_aspect)i, b->r->lang)));
}

/* --- counts by village ---------------------------------------------------- */

static void count_cells(struct book *b, int row, int32_t village, int style)
{
	const struct town *t = b->r->result->town;
	size_t households = 0, no[EXAM_ASPECT_MAX] = {0}, doubt[EXAM_ASPECT_MAX] = {0},
	       unclear[EXAM_ASPECT_MAX] = {0};
	for (size_t h = 0; h < t->n_households; h++) {
		int32_t at = t->households[h].village;
		if (!report_covers(b->r, at) || (village != TOWN_NONE && at != village))
			continue;
		households++;
		for (int i = 0; i < EXAM_ASPECT_MAX; i++) {
			no[i] += b->exams[h].mark[i] == EXAM_NO;
			doubt[i] += b->exams[h].mark[i] == EXAM_DOUBT;
			unclear[i] += b->exams[h].mark[i] == EXAM_UNCLEAR;
		}
	}
	xlsx_int(b->x, row, 1, style, (int64_t)households);
	for (int i = 0; i < EXAM_ASPECT_MAX; i++) {
		int col = 2 + 3 * i;
		xlsx_int(b->x, row, col, style, (int64_t)no[i]);
		xlsx_int(b->x, row, col + 1, style, (int64_t)doubt[i]);
		xlsx_int(b->x, row, col + 2, style, (int64_t)unclear[i]);
	}
}

static void count_sheet(struct book *b)
{
	const struct town *t = b->r->result->town;
	struct xlsx_out *x = b->x;
	int last = 1 + 3 * EXAM_ASPECT_MAX;
	xlsx_sheet(x, b->zh ? "分村统计" : "By village", 0);
	xlsx_column(x, 0, 0, 14, -1, false);
	xlsx_column(x, 1, 1, 7, -1, false);
	xlsx_column(x, 2, last, 6, -1, false);
	sheet_head(b, b->zh ? "逐户体检分村统计（户）" : ": household exam by village", last);
	xlsx_merge(x, ROW_HEAD, 0, ROW_HEAD + 1, 0, b->head, str_c(b->zh ? "村" : "village"));
	xlsx_merge(x, ROW_HEAD, 1, ROW_HEAD + 1, 1, b->head, str_c(b->zh ? "户数" : "house-holds"));
	xlsx_row_height(x, ROW_HEAD + 1, 30);
	for (int i = 0; i < EXAM_ASPECT_MAX; i++) {
		int col = 2 + 3 * i;
		xlsx_merge(x, ROW_HEAD, col, ROW_HEAD, col + 2, b->head,
		           str_c(exam_aspect_text((enum exam_aspect)i, b->r->lang)));
		static const enum exam_mark shown[] = {EXAM_NO, EXAM_DOUBT, EXAM_UNCLEAR};
		for (int k = 0; k < 3; k++)
			xlsx_text(x, ROW_HEAD + 1, col + k, b->head,
			          str_c(exam_mark_text(shown[k], b->r->lang)));
	}
	int row = ROW_HEAD + 2;
	xlsx_text(x, row, 0, b->total_name, str_c(b->zh ? "合计" : "total"));
	count_cells(b, row++, TOWN_NONE, b->total);
	for (size_t v = 0; v < t->n_villages; v++) {
		if (!report_covers(b->r, (int32_t)v))
			continue;
		xlsx_text(x, row, 0, b->text, t->villages[v].name);
		count_cells(b, row++, (int32_t)v, b->number);
	}
	xlsx_freeze(x, ROW_HEAD + 2, 1);
	struct xlsx_page page = report_page(b->r, &b->arena, true);
	page.paper = XLSX_A3;
	xlsx_page(x, &page);
}

/* --- a row a household ---------------------------------------------------- */

static void household_row(struct book *b, int row, int32_t household)
{
	const struct town *t = b->r->result->town;
	const struct town_household *h = &t->households[household];
	const struct exam *e = &b->exams[household];
	struct xlsx_out *x = b->x;
	xlsx_row_height(x, row, xlsx_wrapped_height(str_c(e->why), 60, 10));
	xlsx_int(x, row, COL_SEQ, b->number, row - ROW_DATA + 1);
	xlsx_text(x, row, COL_VILLAGE, b->text,
	          h->village >= 0 ? t->villages[h->village].name : (struct str){0});
	xlsx_text(x, row, COL_GROUP, b->text, h->group);
	xlsx_text(x, row, COL_HH_NO, b->id, h->hh_no);
	xlsx_text(x, row, COL_HEAD, b->text, h->head_name);
	xlsx_int(x, row, COL_MEMBERS, b->number, b->r->result->facts.household[household].members);
	xlsx_text(x, row, COL_ATTR, b->text, str_c(report_code(b->r, "attr", h->attr)));
	xlsx_text(x, row, COL_STATUS, b->text, str_c(report_code(b->r, "status", h->status)));
	for (int i = 0; i < EXAM_ASPECT_MAX; i++)
		xlsx_text(x, row, COL_ASPECTS + i, b->mark[e->mark[i]],
		          str_c(exam_mark_text(e->mark[i], b->r->lang)));
	xlsx_text(x, row, COL_WHY, b->why, str_c(e->why));
}

static void list_heads(struct book *b)
{
	static const struct text heads[COL_ASPECTS] = {
		TEXT("序号", "no"),     TEXT("村", "village"), TEXT("组", "group"),
		TEXT("户编号", "household"), TEXT("户主", "head"), TEXT("人口", "people"),
		TEXT("户属性", "kind"), TEXT("脱贫状态", "status"),
	};
	for (int col = 0; col < COL_ASPECTS; col++) {
		xlsx_column(b->x, col, col, widths[col], -1, false);
		xlsx_text(b->x, ROW_HEAD, col, b->head, str_c(heads[col].in[b->r->lang]));
	}
	xlsx_column(b->x, COL_ASPECTS, COL_WHY - 1, 9, -1, false);
	aspect_heads(b, COL_ASPECTS);
	xlsx_column(b->x, COL_WHY, COL_WHY, 60, -1, false);
	xlsx_text(b->x, ROW_HEAD, COL_WHY, b->head, str_c(b->zh ? "原因" : "why"));
}

static void list_sheet(struct book *b)
{
	const struct town *t = b->r->result->town;
	struct xlsx_out *x = b->x;
	xlsx_sheet(x, b->zh ? "逐户体检表" : "Household exam", XLSX_FIRST);
	sheet_head(b, b->zh ? "逐户体检表" : ": household exam", COL_WHY);
	xlsx_merge(x, ROW_LEGEND, 0, ROW_LEGEND, COL_WHY, b->basis,
	           str_c(b->zh ? "✓ 台账之间没有矛盾   ✗ 有矛盾或不达标   待核实 只有疑似线索   "
	                         "无法判断 没有收到台账或档案未填   — 不涉及"
	                       : "✓ nothing contradicts   ✗ contradicted or not reached   verify: "
	                         "leads only   unclear: no ledger or empty   — does not apply"));
	xlsx_row_height(x, ROW_HEAD, 30);
	list_heads(b);
	size_t n;
	int32_t *order = print_order(t, b->r->village, &b->arena, &n);
	for (size_t i = 0; i < n; i++)
		household_row(b, ROW_DATA + (int)i, order[i]);
	int last = ROW_DATA + (int)(n ? n - 1 : 0);
	xlsx_filter(x, ROW_HEAD, 0, last, COL_WHY);
	xlsx_freeze(x, ROW_DATA, COL_HEAD + 1);
	struct xlsx_page page = report_page(b->r, &b->arena, true);
	page.paper = XLSX_A3;
	page.repeat_first = page.repeat_last = ROW_HEAD;
	xlsx_page(x, &page);
}

enum err exam_xlsx(const struct report *r, const char *path, struct diag *diag)
{
	struct book b = {.r = r, .zh = r->lang == LANG_ZH};
	struct xlsx_out_opts o = {.title = b.zh ? "逐户体检表" : "Household exam",
	                          .author = r->user, .created = r->result->town->as_of};
	enum err e = xlsx_out_open(path, &o, diag, &b.x);
	if (e)
		return e;
	arena_init(&b.arena, 0);
	b.exams = exam_run(r, &b.arena);
	make_styles(&b);
	list_sheet(&b);
	count_sheet(&b);
	arena_release(&b.arena);
	return xlsx_out_close(b.x);
}
