/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * One walk over the meeting writes either kind of file: what differs is a table of
 * functions.
 */
#include "report/minutes.h"

#include "io/docx.h"
#include "io/pdf.h"

#include "base/banned.h"

/* LEAD: text with a table below it. */
enum kind { MINUTES_TITLE, MINUTES_NOTE, MINUTES_HEADING, MINUTES_TEXT, MINUTES_LEAD };
enum { COLUMNS_MAX = 6 };

/* A table's columns: shares of the width and heads. */
struct columns {
	size_t n;
	double width[COLUMNS_MAX];
	struct text head[COLUMNS_MAX];
};

struct paper {
	void (*text)(void *to, enum kind kind, struct str s);
	void (*table)(void *to, const struct columns *c, enum lang lang);
	void (*row)(void *to, const struct str *cells, size_t n);
	void (*table_end)(void *to);
	void *to;
};

/* --- the walk ---------------------------------------------------------------- */

static const struct columns attendance = {4, {24, 14, 22, 22},
	{TEXT("单位", "unit"), TEXT("姓名", "name"), TEXT("职务", "post"), TEXT("出席情况", "present?")}};
static const struct columns follow_up = {6, {33, 21, 24, 13, 20, 24},
	{TEXT("任务", "task"), TEXT("责任单位、责任人", "whose"), TEXT("完成期限", "due"),
	 TEXT("进度", "done"), TEXT("状态", "state"), TEXT("佐证", "evidence")}};

static void fact(const struct paper *p, struct arena *a, const char *label, struct str value)
{
	if (value.n)
		p->text(p->to, MINUTES_TEXT,
		        str_c(arena_printf(a, "%s" STR_FMT, label, STR_ARG(value))));
}

static void write_facts(const struct minutes *m, const struct paper *p, struct arena *a)
{
	bool zh = m->lang == LANG_ZH;
	struct str when = m->date ? str_c(arena_printf(a, "%s " STR_FMT, date_dup(a, m->date),
	                                               STR_ARG(m->time)))
	                          : m->time;
	fact(p, a, zh ? "时间：" : "When: ", when);
	fact(p, a, zh ? "地点：" : "Where: ", m->place);
	fact(p, a, zh ? "主持：" : "In the chair: ", m->chair);
	fact(p, a, zh ? "记录：" : "Recorded by: ", m->recorder);
}

static void write_attendance(const struct minutes *m, const struct paper *p, struct arena *a)
{
	bool zh = m->lang == LANG_ZH;
	size_t absent = 0;
	if (!m->n_attendees)
		return;
	for (size_t i = 0; i < m->n_attendees; i++)
		absent += m->attendees[i].absent;
	p->text(p->to, MINUTES_HEADING, str_c(arena_printf(a,
	        zh ? "出席人员（应到 %zu 人，实到 %zu 人）" : "Present (%zu invited, %zu came)",
	        m->n_attendees, m->n_attendees - absent)));
	p->table(p->to, &attendance, m->lang);
	for (size_t i = 0; i < m->n_attendees; i++) {
		const struct minutes_attendee *w = &m->attendees[i];
		const char *there = w->absent ? (zh ? "缺席" : "absent") : zh ? "出席" : "present";
		const struct str cells[] = {w->unit, w->name, w->post,
			w->note.n ? str_c(arena_printf(a, zh ? "%s（" STR_FMT "）" : "%s (" STR_FMT ")", there,
			                               STR_ARG(w->note)))
			          : str_c(there)};
		p->row(p->to, cells, attendance.n);
	}
	p->table_end(p->to);
}

static void write_list(const struct paper *p, struct arena *a, const char *heading,
                       const struct str *items, size_t n, bool numbered)
{
	if (n)
		p->text(p->to, MINUTES_HEADING, str_c(heading));
	for (size_t i = 0; i < n; i++)
		p->text(p->to, MINUTES_TEXT,
		        numbered ? str_c(arena_printf(a, "%zu. " STR_FMT, i + 1, STR_ARG(items[i])))
		                 : items[i]);
}

static void write_tasks(const struct minutes *m, const struct minutes_decision *d,
                        const struct paper *p, struct arena *a)
{
	if (!d->n_tasks)
		return;
	p->table(p->to, &follow_up, m->lang);
	for (size_t i = 0; i < d->n_tasks; i++) {
		const struct minutes_task *t = &d->tasks[i];
		const struct str cells[] = {
			t->what, t->owner, str_c(t->due ? date_dup(a, t->due) : ""),
			str_c(t->percent < 0 ? "" : arena_printf(a, "%d%%", t->percent)),
			t->late ? str_c(arena_printf(a, m->lang == LANG_ZH ? STR_FMT "（超期）" : STR_FMT " (late)",
			                             STR_ARG(t->state)))
			        : t->state,
			t->evidence};
		p->row(p->to, cells, follow_up.n);
	}
	p->table_end(p->to);
}

static void write_minutes(const struct minutes *m, const struct paper *p)
{
	bool zh = m->lang == LANG_ZH;
	struct arena a;
	arena_init(&a, 0);
	p->text(p->to, MINUTES_TITLE, m->title);
	if (m->number.n)
		p->text(p->to, MINUTES_NOTE, m->number);
	p->text(p->to, MINUTES_NOTE, m->unit);
	write_facts(m, p, &a);
	write_attendance(m, p, &a);
	write_list(p, &a, zh ? "会议议程" : "Agenda", m->agenda, m->n_agenda, true);
	write_list(p, &a, zh ? "会议内容" : "What was said", m->paragraphs, m->n_paragraphs, false);
	if (m->n_decisions)
		p->text(p->to, MINUTES_HEADING, str_c(zh ? "会议决定及落实情况" : "Decisions and what became of them"));
	for (size_t i = 0; i < m->n_decisions; i++) {
		p->text(p->to, m->decisions[i].n_tasks ? MINUTES_LEAD : MINUTES_TEXT,
		        str_c(arena_printf(&a, "%zu. " STR_FMT, i + 1, STR_ARG(m->decisions[i].text))));
		write_tasks(m, &m->decisions[i], p, &a);
	}
	if (m->checkpoint.n)
		p->text(p->to, MINUTES_NOTE, str_c(arena_printf(&a, zh ? "存证点：" STR_FMT : "checkpoint: " STR_FMT,
		                                                STR_ARG(m->checkpoint))));
	arena_release(&a);
}

/* --- .docx -------------------------------------------------------------------- */

static void word_text(void *to, enum kind kind, struct str s)
{
	static const struct docx_style styles[] = {
		[MINUTES_TITLE] = {.font = DOCX_XIAOBIAOSONG, .size = 22, .align = DOCX_CENTRE},
		[MINUTES_NOTE] = {.font = DOCX_FANGSONG, .size = 14, .align = DOCX_CENTRE},
		[MINUTES_HEADING] = {.font = DOCX_HEI, .size = 16, .indent = 2, .leads = true},
		[MINUTES_TEXT] = {.font = DOCX_FANGSONG, .size = 16, .indent = 2},
		[MINUTES_LEAD] = {.font = DOCX_FANGSONG, .size = 16, .indent = 2, .leads = true},
	};
	docx_out_text(to, &styles[kind], s);
}

static void word_table(void *to, const struct columns *c, enum lang lang)
{
	struct str heads[COLUMNS_MAX];
	for (size_t i = 0; i < c->n; i++)
		heads[i] = str_c(c->head[i].in[lang]);
	docx_out_table(to, c->width, c->n, 1, 11);
	docx_out_row(to, heads, c->n);
}

static void word_row(void *to, const struct str *cells, size_t n)
{
	docx_out_row(to, cells, n);
}

static void word_end(void *to)
{
	docx_out_table_end(to);
}

static const struct text signs[] = {TEXT("主持人签字：", "chair:"), TEXT("记录人签字：", "recorder:")};

/* Who signs, and who made it: at the foot of a page they would be on paper. */
static void word_foot(struct docx_out *o, const struct minutes *m, struct arena *a)
{
	word_text(o, MINUTES_TEXT, str_c(arena_printf(a, "%s                %s", signs[0].in[m->lang],
	                                              signs[1].in[m->lang])));
	if (m->made_by)
		docx_out_text(o, &(struct docx_style){.font = DOCX_FANGSONG, .size = 11, .align = DOCX_RIGHT},
		              str_c(arena_printf(a, m->lang == LANG_ZH ? "%s 制" : "made by %s", m->made_by)));
}

enum err minutes_docx(const struct minutes *m, const char *path, struct diag *diag)
{
	struct docx_out *o;
	struct arena a;
	arena_init(&a, 0);
	struct docx_opts opts = {.title = str_dup(&a, m->title), .author = m->made_by, .created = m->date};
	enum err e = docx_out_open(path, &opts, diag, &o);
	if (!e) {
		write_minutes(m, &(struct paper){word_text, word_table, word_row, word_end, o});
		word_foot(o, m, &a);
		e = docx_out_close(o);
	}
	arena_release(&a);
	return e;
}

/* --- .pdf ---------------------------------------------------------------------- */

static void page_text(void *to, enum kind kind, struct str s)
{
	static const struct pdf_style styles[] = {
		[MINUTES_TITLE] = {.font = PDF_HEI, .size = 20, .align = PDF_CENTRE, .gap = 1},
		[MINUTES_NOTE] = {.font = PDF_FANGSONG, .size = 11, .align = PDF_CENTRE, .gap = 1},
		[MINUTES_HEADING] = {.font = PDF_HEI, .size = 13, .indent = 2, .gap = 0.5},
		[MINUTES_TEXT] = {.font = PDF_FANGSONG, .size = 13, .indent = 2, .gap = 0.5},
		[MINUTES_LEAD] = {.font = PDF_FANGSONG, .size = 13, .indent = 2, .gap = 0.5},
	};
	if (kind == MINUTES_HEADING || kind == MINUTES_LEAD)
		pdf_need(to, 20);
	pdf_text(to, &styles[kind], s);
}

static void page_table(void *to, const struct columns *c, enum lang lang)
{
	struct pdf_col cols[COLUMNS_MAX];
	struct pdf_cell heads[COLUMNS_MAX] = {0};
	for (size_t i = 0; i < c->n; i++) {
		cols[i] = (struct pdf_col){c->width[i], PDF_LEFT};
		heads[i].text = str_c(c->head[i].in[lang]);
	}
	pdf_space(to, 1);
	pdf_table(to, cols, c->n, 10);
	pdf_table_head(to, heads, c->n);
}

static void page_row(void *to, const struct str *cells, size_t n)
{
	struct pdf_cell c[COLUMNS_MAX] = {0};
	for (size_t i = 0; i < n; i++)
		c[i].text = cells[i];
	pdf_row(to, c, n, 6.5);
}

static void page_end(void *to)
{
	pdf_table_end(to);
}

enum err minutes_pdf(const struct minutes *m, const char *path, struct diag *diag)
{
	bool zh = m->lang == LANG_ZH;
	struct pdf *p;
	struct arena a;
	arena_init(&a, 0);
	struct pdf_opts o = {.lang = m->lang, .margin = 22, .title = str_dup(&a, m->title),
	                     .author = m->made_by, .created = m->date};
	enum err e = pdf_open(path, &o, diag, &p);
	if (e) {
		arena_release(&a);
		return e;
	}
	pdf_section(p, &(struct pdf_frame){
		.foot_left = zh ? "填报人：        审核人：        日期：" : "filled in:        checked:        date:",
		.foot_right = m->made_by});
	write_minutes(m, &(struct paper){page_text, page_table, page_row, page_end, p});
	const char *labels[] = {signs[0].in[m->lang], signs[1].in[m->lang]};
	pdf_signatures(p, labels, 2, 12);
	arena_release(&a);
	return pdf_close(p);
}
