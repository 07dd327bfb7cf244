/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/reminder.h"

#include "io/pdf.h"

#include "base/banned.h"

enum { COLUMNS = 7 };

static int32_t days_late(const struct reminder *m, const struct reminder_row *r)
{
	return date_to_days(m->day) - date_to_days(r->due);
}

static const char *state_of(const struct reminder *m, const struct reminder_row *r, struct arena *a)
{
	bool zh = m->lang == LANG_ZH;
	int32_t late = days_late(m, r);
	const char *when = late > 0 ? arena_printf(a, zh ? "逾期 %d 天" : "%d days late", late)
	                   : late == 0 ? (zh ? "今日到期" : "due today")
	                               : arena_printf(a, zh ? "还有 %d 天" : "%d days left", -late);
	if (!r->reminders)
		return when;
	return arena_printf(a, zh ? "%s，已催 %lld 次" : "%s, reminded %lld times", when,
	                    (long long)r->reminders);
}

static void write_table(const struct reminder *m, struct pdf *p, struct arena *a)
{
	static const struct pdf_col cols[COLUMNS] = {{6, PDF_CENTRE}, {30, PDF_LEFT}, {22, PDF_LEFT},
	                                             {17, PDF_LEFT},  {17, PDF_LEFT}, {20, PDF_LEFT},
	                                             {26, PDF_LEFT}};
	static const struct text heads[COLUMNS] = {
		TEXT("序", "no"), TEXT("台账", "ledger"), TEXT("覆盖区域", "area"),
		TEXT("数据不早于", "not older than"), TEXT("报送时限", "due"), TEXT("情况", "state"),
		TEXT("要求", "what is asked")};
	struct pdf_cell c[COLUMNS] = {0};
	for (size_t i = 0; i < COLUMNS; i++)
		c[i].text = str_c(heads[i].in[m->lang]);
	pdf_table(p, cols, COLUMNS, 10);
	pdf_table_head(p, c, COLUMNS);
	for (size_t i = 0; i < m->n; i++) {
		const struct reminder_row *r = &m->rows[i];
		const struct pdf_cell row[COLUMNS] = {
			{.text = str_c(arena_printf(a, "%zu", i + 1))},
			{.text = r->ledger},
			{.text = r->area.n ? r->area : str_c(m->lang == LANG_ZH ? "全镇" : "whole town")},
			{.text = str_c(r->as_of ? date_dup(a, r->as_of) : "")},
			{.text = str_c(date_dup(a, r->due)), .bold = days_late(m, r) > 0},
			{.text = str_c(state_of(m, r, a))},
			{.text = r->note},
		};
		pdf_row(p, row, COLUMNS, 8);
	}
	pdf_table_end(p);
}

static void write_letter(const struct reminder *m, struct pdf *p, struct arena *a)
{
	bool zh = m->lang == LANG_ZH;
	const struct pdf_style title = {.font = PDF_HEI, .size = 20, .align = PDF_CENTRE, .gap = 4};
	const struct pdf_style to = {.font = PDF_FANGSONG, .size = 13, .gap = 1};
	const struct pdf_style body = {.font = PDF_FANGSONG, .size = 13, .indent = zh ? 2 : 0, .gap = 1};
	const struct pdf_style end = {.font = PDF_FANGSONG, .size = 13, .align = PDF_RIGHT, .gap = 1};
	size_t late = 0;
	for (size_t i = 0; i < m->n; i++)
		late += days_late(m, &m->rows[i]) > 0;
	pdf_text(p, &title, str_c(zh ? "台账催报通知单" : "Reminder of ledgers due"));
	pdf_text(p, &to, str_c(arena_printf(a, zh ? STR_FMT "：" : "To " STR_FMT ":", STR_ARG(m->to))));
	pdf_text(p, &body, str_c(arena_printf(a,
	         zh ? "截至 %s，下列 %zu 份台账尚未收到，其中 %zu 份已过报送时限。请尽快按模板报送；"
	              "确有困难的，请说明原因和预计报送日期。"
	            : "On %s the %zu ledgers below had not been received, %zu of them past their day. "
	              "Please hand them in on the blank workbook, or say why not and by when.",
	         date_dup(a, m->day), m->n, late)));
	pdf_space(p, 2);
	write_table(m, p, a);
	pdf_space(p, 4);
	pdf_need(p, 45);
	pdf_text(p, &end, m->from);
	pdf_text(p, &end, str_c(date_dup(a, m->day)));
	pdf_space(p, 8);
	static const struct text signs[] = {TEXT("收件人签字：", "received by:"), TEXT("收件日期：", "day:")};
	const char *labels[] = {signs[0].in[m->lang], signs[1].in[m->lang]};
	pdf_signatures(p, labels, 2, 12);
	pdf_text(p, &to, str_c(zh ? "预计报送日期及原因（逾期的填写）：" : "Expected on, and why late:"));
	pdf_lines(p, 2, 9);
}

enum err reminder_pdf(const struct reminder *m, const char *path, struct diag *diag)
{
	bool zh = m->lang == LANG_ZH;
	struct pdf *p;
	struct arena a;
	struct pdf_opts o = {.lang = m->lang, .margin = 22, .author = m->made_by, .created = m->day,
	                     .title = zh ? "台账催报通知单" : "Reminder of ledgers due"};
	enum err e = pdf_open(path, &o, diag, &p);
	if (e)
		return e;
	arena_init(&a, 0);
	pdf_section(p, &(struct pdf_frame){
		.foot_left = zh ? "填报人：        审核人：        日期：" : "filled in:        checked:        date:",
		.foot_right = m->made_by});
	write_letter(m, p, &a);
	enum err closed = pdf_close(p);
	arena_release(&a);
	return closed;
}
