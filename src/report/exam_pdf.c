/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* exam_pdf: the household exam sheet on paper. */
#include "report/exam.h"
#include "report/print.h"

#include "base/banned.h"

enum { BEFORE = 7, ALL = BEFORE + EXAM_ASPECT_MAX + 1 };

/* Fonts for print have no ✗; × says the same. */
static const char *mark_on_paper(enum exam_mark m, enum lang lang)
{
	return m == EXAM_NO ? "×" : exam_mark_text(m, lang);
}

static void put_heads(struct pdf *p, enum lang lang)
{
	static const struct text heads[BEFORE] = {
		TEXT("序号", "no"),   TEXT("组", "group"), TEXT("户编号", "household"), TEXT("户主", "head"),
		TEXT("人口", "people"), TEXT("户属性", "kind"), TEXT("脱贫状态", "status")};
	struct pdf_cell c[ALL] = {0};
	for (int i = 0; i < BEFORE; i++)
		c[i].text = str_c(heads[i].in[lang]);
	for (int i = 0; i < EXAM_ASPECT_MAX; i++)
		c[BEFORE + i].text = str_c(exam_aspect_text((enum exam_aspect)i, lang));
	c[ALL - 1].text = str_c(lang == LANG_ZH ? "原因" : "why");
	pdf_table_head(p, c, ALL);
}

static void put_row(const struct report *r, struct pdf *p, const struct exam *e, size_t seq,
                    int32_t household, struct arena *a)
{
	const struct town_household *h = &r->result->town->households[household];
	struct pdf_cell c[ALL] = {
		{.text = str_c(arena_printf(a, "%zu", seq))},
		{.text = h->group},
		{.text = h->hh_no},
		{.text = h->head_name},
		{.text = str_c(print_number(a, r->result->facts.household[household].members, 0))},
		{.text = str_c(report_code(r, "attr", h->attr))},
		{.text = str_c(report_code(r, "status", h->status))},
	};
	for (int i = 0; i < EXAM_ASPECT_MAX; i++) {
		c[BEFORE + i].text = str_c(mark_on_paper(e->mark[i], r->lang));
		c[BEFORE + i].bold = e->mark[i] == EXAM_NO;
	}
	c[ALL - 1].text = str_c(e->why);
	pdf_row(p, c, ALL, 5.5);
}

static void put_village(const struct report *r, struct pdf *p, const struct exam *exams,
                        int32_t village)
{
	struct pdf_col cols[ALL] = {{6, PDF_CENTRE}, {11, PDF_LEFT}, {24, PDF_LEFT}, {11, PDF_LEFT},
	                            {6, PDF_CENTRE}, {16, PDF_LEFT}, {12, PDF_LEFT}};
	bool zh = r->lang == LANG_ZH;
	struct arena a;
	size_t n;
	arena_init(&a, 0);
	int32_t *list = print_order(r->result->town, village, &a, &n);
	if (n) {
		struct str place = report_place(r, village);
		struct pdf_frame frame = print_frame(r, &a, place);
		for (int i = 0; i < EXAM_ASPECT_MAX; i++)
			cols[BEFORE + i] = (struct pdf_col){9.5, PDF_CENTRE};
		if (!zh) /* "poor household on the living allowance" */
			cols[5] = (struct pdf_col){30, PDF_LEFT};
		cols[ALL - 1] = (struct pdf_col){zh ? 70 : 56, PDF_LEFT};
		pdf_section(p, &frame);
		print_title(p, arena_printf(&a, zh ? STR_FMT "逐户体检表" : STR_FMT ": household exam", STR_ARG(place)),
		            arena_printf(&a, "%s\n%s", report_basis(r, &a),
		            zh ? "✓ 台账之间没有矛盾   × 有矛盾或不达标   待核实 只有疑似线索   无法判断 没有收到台账或档案未填   — 不涉及"
		               : "✓ nothing contradicts   × contradicted or not reached   verify: leads only   "
		                 "unclear: no ledger or empty   — does not apply"));
		pdf_table(p, cols, ALL, 8.5);
		put_heads(p, r->lang);
		for (size_t i = 0; i < n; i++)
			put_row(r, p, &exams[list[i]], i + 1, list[i], &a);
		pdf_table_end(p);
	}
	arena_release(&a);
}

enum err exam_pdf(const struct report *r, const char *path, struct diag *diag)
{
	struct pdf *p;
	struct pdf_opts o = print_opts(r, r->lang == LANG_ZH ? "逐户体检表" : "Household exam", PDF_A3,
	                               true);
	struct arena a;
	enum err e = pdf_open(path, &o, diag, &p);
	if (e)
		return e;
	arena_init(&a, 0);
	const struct exam *exams = exam_run(r, &a);
	for (size_t v = 0; v < r->result->town->n_villages; v++)
		if (report_covers(r, (int32_t)v))
			put_village(r, p, exams, (int32_t)v);
	arena_release(&a);
	return pdf_close(p);
}
