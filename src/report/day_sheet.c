/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/day_sheet.h"

#include "io/pdf.h"

#include "base/banned.h"

enum { COLUMNS = 9, FORECAST_YEARS = 5 };

date_t day_sheet_expected(const struct day_sheet *s, const struct day_sheet_village *v)
{
	if (s->pace_days <= 0 || v->open <= 0 || v->closed_in_period <= 0)
		return 0;
	int64_t days = (v->open * s->pace_days + v->closed_in_period - 1) / v->closed_in_period;
	if (days > (int64_t)FORECAST_YEARS * 366)
		return 0;
	return date_from_days(date_to_days(s->day) + (int32_t)days);
}

static struct day_sheet_village sum_of(const struct day_sheet *s)
{
	struct day_sheet_village all = {.village = str_c(s->lang == LANG_ZH ? "合计" : "total")};
	for (size_t i = 0; i < s->n_villages; i++) {
		const struct day_sheet_village *v = &s->villages[i];
		all.opened += v->opened;
		all.closed += v->closed;
		all.open += v->open;
		all.overdue += v->overdue;
		all.waiting += v->waiting;
		all.closed_in_period += v->closed_in_period;
		all.tasks_open += v->tasks_open;
		all.tasks_overdue += v->tasks_overdue;
	}
	return all;
}

static const char *expected_text(const struct day_sheet *s, const struct day_sheet_village *v,
                                 struct arena *a)
{
	bool zh = s->lang == LANG_ZH;
	date_t day = day_sheet_expected(s, v);
	if (day)
		return date_dup(a, day);
	if (v->open <= 0)
		return zh ? "已清零" : "done";
	return s->pace_days <= 0 ? "" : zh ? "无进展" : "no progress";
}

static void village_row(const struct day_sheet *s, struct pdf *p,
                        const struct day_sheet_village *v, bool bold, double min, struct arena *a)
{
	const int64_t numbers[] = {v->opened, v->closed, v->open, v->waiting, v->overdue,
	                           v->tasks_open, v->tasks_overdue};
	enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };
	struct pdf_cell c[COLUMNS] = {{.text = v->village, .bold = bold}};
	for (size_t i = 0; i < NUMBERS; i++) {
		bool late = (i == 4 || i == 6) && numbers[i] > 0;
		c[i + 1] = (struct pdf_cell){
			.text = str_c(arena_printf(a, late ? "▲%lld" : "%lld", (long long)numbers[i])),
			.bold = bold || late};
	}
	c[COLUMNS - 1] = (struct pdf_cell){.text = str_c(expected_text(s, v, a)), .bold = bold};
	pdf_row(p, c, COLUMNS, min);
}

static void village_table(const struct day_sheet *s, struct pdf *p, struct arena *a)
{
	static const struct pdf_col cols[COLUMNS] = {
		{34, PDF_LEFT},  {14, PDF_RIGHT}, {14, PDF_RIGHT}, {12, PDF_RIGHT}, {16, PDF_RIGHT},
		{12, PDF_RIGHT}, {14, PDF_RIGHT}, {14, PDF_RIGHT}, {22, PDF_CENTRE}};
	static const struct text heads[COLUMNS] = {
		TEXT("村", "village"),         TEXT("今日新增", "opened"), TEXT("今日销号", "closed"),
		TEXT("未销号", "open"),        TEXT("其中待复核", "to review"), TEXT("超期", "overdue"),
		TEXT("在办任务", "tasks"),     TEXT("超期任务", "tasks late"),
		TEXT("按此进度完成", "done at this pace")};
	struct pdf_cell c[COLUMNS] = {0};
	/* one page: the rows share what is left beside the late tasks */
	double room = (pdf_left(p) - 75) / (double)(s->n_villages + 2);
	double size = room >= 6 ? 10 : room >= 4.6 ? 9 : room >= 3.8 ? 7.5 : 6;
	for (int i = 0; i < COLUMNS; i++)
		c[i].text = str_c(heads[i].in[s->lang]);
	struct day_sheet_village all = sum_of(s);
	pdf_table(p, cols, COLUMNS, size);
	pdf_table_head(p, c, COLUMNS);
	village_row(s, p, &all, true, 0, a);
	for (size_t i = 0; i < s->n_villages; i++)
		village_row(s, p, &s->villages[i], false, room > 6.5 ? 6.5 : 0, a);
	pdf_table_end(p);
}

static void late_table(const struct day_sheet *s, struct pdf *p, struct arena *a)
{
	static const struct pdf_col cols[] = {{6, PDF_CENTRE}, {62, PDF_LEFT}, {28, PDF_LEFT},
	                                      {18, PDF_CENTRE}, {14, PDF_RIGHT}, {14, PDF_RIGHT}};
	static const struct text heads[] = {TEXT("序", "no"), TEXT("超期任务", "late task"),
	                                    TEXT("责任单位、责任人", "whose"), TEXT("期限", "due"),
	                                    TEXT("超期天数", "days late"), TEXT("进度", "done")};
	enum { N = sizeof(heads) / sizeof(heads[0]), SIGN_ROOM = 26, ROW_ROOM = 12 };
	bool zh = s->lang == LANG_ZH;
	struct pdf_cell c[N] = {0};
	size_t i = 0;
	pdf_text(p, &(struct pdf_style){.font = PDF_HEI, .size = 11, .gap = 1},
	         str_c(zh ? "超期未办结的任务" : "Tasks that are late"));
	if (!s->n_late) {
		pdf_text(p, &(struct pdf_style){.size = 10}, str_c(zh ? "没有。" : "None."));
		return;
	}
	for (size_t k = 0; k < N; k++)
		c[k].text = str_c(heads[k].in[s->lang]);
	pdf_table(p, cols, N, 9);
	pdf_table_head(p, c, N);
	for (; i < s->n_late && pdf_left(p) > SIGN_ROOM + ROW_ROOM; i++) {
		const struct day_sheet_task *t = &s->late[i];
		int32_t late = t->due ? date_to_days(s->day) - date_to_days(date_last(t->due)) : 0;
		const struct pdf_cell row[N] = {
			{.text = str_c(arena_printf(a, "%zu", i + 1))},
			{.text = t->title},
			{.text = t->owner},
			{.text = str_c(t->due ? date_dup(a, t->due) : "")},
			{.text = str_c(arena_printf(a, "%d", (int)late))},
			{.text = str_c(t->percent < 0 ? "" : arena_printf(a, "%d%%", t->percent))},
		};
		pdf_row(p, row, N, 6);
	}
	pdf_table_end(p);
	if (i < s->n_late)
		pdf_text(p, &(struct pdf_style){.size = 9},
		         str_c(arena_printf(a, zh ? "另有 %zu 项，见系统“今日”页。" : "and %zu more, see Today.",
		                            s->n_late - i)));
}

enum err day_sheet_pdf(const struct day_sheet *s, const char *path, struct diag *diag)
{
	bool zh = s->lang == LANG_ZH;
	struct pdf *p;
	struct arena a;
	struct pdf_opts o = {.lang = s->lang, .title = zh ? "调度单" : "Day sheet", .margin = 13,
	                     .author = s->made_by, .created = s->day};
	enum err e = pdf_open(path, &o, diag, &p);
	if (e)
		return e;
	arena_init(&a, 0);
	pdf_section(p, &(struct pdf_frame){
		.head_left = arena_printf(&a, zh ? "填报单位：" STR_FMT : "unit: " STR_FMT, STR_ARG(s->unit)),
		.head_right = date_dup(&a, s->day),
		.foot_left = zh ? "填报人：        审核人：        日期：" : "filled in:        checked:        date:",
		.foot_right = s->made_by ? arena_printf(&a, zh ? "%s 制表" : "made by %s", s->made_by) : NULL});
	pdf_text(p, &(struct pdf_style){.font = PDF_HEI, .size = 18, .align = PDF_CENTRE, .gap = 1},
	         str_c(zh ? "脱贫攻坚工作日调度单" : "Day sheet"));
	pdf_text(p, &(struct pdf_style){.size = 9, .align = PDF_CENTRE, .gap = 1.5},
	         str_c(s->pace_days > 0
		? arena_printf(&a, zh ? "“按此进度完成”按近 %d 天的销号数推算；▲ 为超期"
		                      : "the pace is that of the last %d days; ▲ late", s->pace_days)
		: zh ? "▲ 为超期" : "▲ late"));
	village_table(s, p, &a);
	late_table(s, p, &a);
	static const struct text signs[] = {TEXT("主要领导批示：", "leader:"), TEXT("签字：", "signed:")};
	const char *labels[] = {signs[0].in[s->lang], signs[1].in[s->lang]};
	pdf_signatures(p, labels, 2, 10);
	arena_release(&a);
	return pdf_close(p);
}
