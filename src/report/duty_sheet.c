/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/duty_sheet.h"

#include <stdlib.h>

#include "base/banned.h"

/* A duty with what it is sorted by. */
struct line {
	int32_t village, household;
	const struct town_duty *duty; /* NULL: nobody answers for it */
	const struct town_household *h;
};

static int by_village(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;
	int c = (a->village > b->village) - (a->village < b->village);
	if (!c)
		c = (a->duty == NULL) - (b->duty == NULL); /* who has nobody comes last */
	if (!c && a->duty)
		c = str_cmp(a->duty->helper, b->duty->helper);
	if (!c && a->duty)
		c = str_cmp(a->duty->unit, b->duty->unit);
	if (!c)
		c = str_cmp(a->h->group, b->h->group);
	if (!c)
		c = str_cmp(a->h->hh_no, b->h->hh_no);
	return c ? c : (a->household > b->household) - (a->household < b->household);
}

static int by_helper(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;
	int c = str_cmp(a->duty->unit, b->duty->unit);
	if (!c)
		c = str_cmp(a->duty->helper, b->duty->helper);
	return c ? c : by_village(pa, pb);
}

static struct line *lines_of(const struct report *r, bool with_nobody, struct arena *a,
                             size_t *ret_n)
{
	const struct town *t = r->result->town;
	struct line *lines = ARENA_ARRAY(a, t->n_duties + t->n_households + 1, struct line);
	bool *has = ARENA_ARRAY(a, t->n_households + 1, bool);
	size_t n = 0;
	for (size_t i = 0; i < t->n_duties; i++) {
		int32_t h = t->duties[i].household;
		if (h < 0 || !report_covers(r, t->households[h].village))
			continue;
		has[h] = true;
		lines[n++] = (struct line){t->households[h].village, h, &t->duties[i], &t->households[h]};
	}
	for (size_t h = 0; with_nobody && h < t->n_households; h++)
		if (!has[h] && report_covers(r, t->households[h].village))
			lines[n++] = (struct line){t->households[h].village, (int32_t)h, NULL,
			                           &t->households[h]};
	*ret_n = n;
	return lines;
}

static bool same_helper(const struct line *a, const struct line *b)
{
	if (!a->duty || !b->duty)
		return a->duty == b->duty;
	return str_eq(a->duty->helper, b->duty->helper) && str_eq(a->duty->unit, b->duty->unit);
}

/* --- the chart ------------------------------------------------------------- */

static void chart_row(const struct report *r, struct pdf *p, const struct line *l, size_t n,
                      uint16_t span, struct arena *a)
{
	const struct check_result *res = r->result;
	bool zh = r->lang == LANG_ZH;
	int64_t people = 0;
	struct buf names;
	buf_init(&names, 1 << 15);
	for (size_t i = 0; i < n; i++) {
		people += res->facts.household[l[i].household].members;
		buf_adds(&names, i ? (zh ? "、" : ", ") : "");
		buf_addstr(&names, l[i].h->head_name);
	}
	const struct town_duty *d = l->duty;
	struct pdf_cell c[] = {
		{.text = report_place(r, l->village), .rows = span},
		{.text = d ? d->helper : str_c(zh ? "（无人负责）" : "(nobody)"), .bold = !d},
		{.text = d ? d->unit : (struct str){0}},
		{.text = d ? str_c(print_phone(r, a, d->phone)) : (struct str){0}},
		{.text = str_c(arena_printf(a, "%zu", n))},
		{.text = str_c(arena_printf(a, "%lld", (long long)people))},
		{.text = str_copy(a, buf_str(&names))},
	};
	buf_release(&names);
	pdf_row(p, span ? c : c + 1, span ? 7 : 6, 6);
}

/* Lines of one village: a row a cadre. */
static void chart_village(const struct report *r, struct pdf *p, const struct line *l, size_t n,
                          struct arena *a)
{
	uint16_t helpers = 0;
	for (size_t i = 0; i < n; i++)
		helpers = (uint16_t)(helpers + (i == 0 || !same_helper(&l[i - 1], &l[i])));
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && same_helper(&l[i], &l[k]);)
			k++;
		chart_row(r, p, &l[i], k - i, i ? 0 : helpers, a);
	}
}

enum err duty_chart_pdf(const struct report *r, const char *path, struct diag *diag)
{
	static const struct pdf_col cols[] = {{16, PDF_LEFT},  {14, PDF_LEFT},  {26, PDF_LEFT},
	                                      {17, PDF_LEFT},  {8, PDF_RIGHT},  {8, PDF_RIGHT},
	                                      {78, PDF_LEFT}};
	static const struct text heads[] = {
		TEXT("村", "village"), TEXT("帮扶责任人", "cadre"), TEXT("工作单位", "unit"),
		TEXT("电话", "phone"), TEXT("户数", "house-holds"), TEXT("人数", "people"),
		TEXT("负责的户（户主）", "households (heads)")};
	enum { N = sizeof(heads) / sizeof(heads[0]) };
	bool zh = r->lang == LANG_ZH;
	struct pdf_opts o = print_opts(r, zh ? "责任分工表" : "Responsibilities", PDF_A4, true);
	struct pdf_cell c[N] = {0};
	struct pdf *p;
	struct arena a;
	size_t n;
	enum err e = pdf_open(path, &o, diag, &p);
	if (e)
		return e;
	arena_init(&a, 0);
	struct line *lines = lines_of(r, true, &a, &n);
	qsort(lines, n, sizeof(*lines), by_village);
	struct pdf_frame frame = print_frame(r, &a, report_title(r));
	pdf_section(p, &frame);
	print_title(p, arena_printf(&a, zh ? STR_FMT "帮扶责任分工表" : STR_FMT ": who answers for whom",
	                            STR_ARG(report_title(r))), NULL);
	for (size_t i = 0; i < N; i++)
		c[i].text = str_c(heads[i].in[r->lang]);
	pdf_table(p, cols, N, 9);
	pdf_table_head(p, c, N);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && lines[k].village == lines[i].village;)
			k++;
		chart_village(r, p, &lines[i], k - i, &a);
	}
	pdf_table_end(p);
	arena_release(&a);
	return pdf_close(p);
}

/* --- letters ---------------------------------------------------------------- */

static const struct text promises[] = {
	TEXT("一、熟悉所负责各户的家庭成员、收入、住房、就学、就医、饮水和劳动力情况，做到情况清、底数准。",
	     "1. To know of each household its people, income, house, schooling, health, water and who can work."),
	TEXT("二、按规定入户走访，当面核对档案和各台账，如实记录，不代填、不代签。",
	     "2. To visit as required, compare the files on the spot, write what is true, sign for nobody."),
	TEXT("三、与户主共同商定帮扶措施，逐项落实，确认补助和分红到户到人。",
	     "3. To agree on measures with the household, see each through, and confirm that money arrived."),
	TEXT("四、家庭情况有变化（出生、死亡、迁移、婚嫁、患病、受灾等），及时报告。",
	     "4. To report changes at once: birth, death, moving, marriage, illness, disaster."),
	TEXT("五、对核查发现的问题按期整改，提供佐证，接受复核。",
	     "5. To put right in time what checks find, with evidence, and have it checked again."),
	TEXT("六、工作变动时，办清交接，责任不断档。", "6. To hand over properly when posts change."),
};

static void letter_table(const struct report *r, struct pdf *p, const struct line *l, size_t n,
                         struct arena *a)
{
	static const struct pdf_col cols[] = {{6, PDF_CENTRE}, {24, PDF_LEFT},  {9, PDF_LEFT},
	                                      {13, PDF_LEFT},  {27, PDF_LEFT},  {8, PDF_RIGHT},
	                                      {22, PDF_LEFT},  {13, PDF_LEFT}};
	static const struct text heads[] = {
		TEXT("序", "no"), TEXT("村", "village"), TEXT("组", "group"), TEXT("户主", "head"),
		TEXT("户编号", "household"), TEXT("人口", "people"), TEXT("户属性", "kind"),
		TEXT("脱贫状态", "status")};
	enum { N = sizeof(heads) / sizeof(heads[0]) };
	struct pdf_cell c[N] = {0};
	for (size_t i = 0; i < N; i++)
		c[i].text = str_c(heads[i].in[r->lang]);
	pdf_table(p, cols, N, 9.5);
	pdf_table_head(p, c, N);
	for (size_t i = 0; i < n; i++) {
		const struct town_household *h = l[i].h;
		const struct pdf_cell row[N] = {
			{.text = str_c(arena_printf(a, "%zu", i + 1))},
			{.text = report_place(r, l[i].village)},
			{.text = h->group},
			{.text = h->head_name},
			{.text = h->hh_no},
			{.text = str_c(print_number(a, r->result->facts.household[l[i].household].members, 0))},
			{.text = str_c(report_code(r, "attr", h->attr))},
			{.text = str_c(report_code(r, "status", h->status))},
		};
		pdf_row(p, row, N, 6.5);
	}
	pdf_table_end(p);
}

static const char *term_of(const struct report *r, const struct duty_letters *what,
                           const struct line *l, size_t n, struct arena *a)
{
	date_t from = 0, to = 0;
	bool zh = r->lang == LANG_ZH;
	for (size_t i = 0; i < n; i++) {
		if (l[i].duty->from && (!from || l[i].duty->from < from))
			from = l[i].duty->from;
		if (l[i].duty->to > to)
			to = l[i].duty->to;
	}
	to = to ? to : what->until;
	static const char blank_zh[] = "＿＿＿＿年＿＿月＿＿日", blank_en[] = "____________";
	const char *blank = zh ? blank_zh : blank_en;
	return arena_printf(a, zh ? "责任期限：自 %s 起，至 %s 止。" : "Term: from %s to %s.",
	                    from ? date_dup(a, from) : blank, to ? date_dup(a, to) : blank);
}

static void letter(const struct report *r, const struct duty_letters *what, struct pdf *p,
                   const struct line *l, size_t n)
{
	bool zh = r->lang == LANG_ZH;
	const struct town_duty *d = l->duty;
	const struct pdf_style body = {.font = PDF_FANGSONG, .size = 12, .indent = zh ? 2 : 0, .gap = 0.5};
	struct arena a;
	arena_init(&a, 0);
	struct pdf_frame frame = print_frame(r, &a, r->result->town->name);
	frame.foot_left = NULL;
	pdf_section(p, &frame);
	print_title(p, zh ? "帮扶责任书" : "Letter of responsibility", NULL);
	pdf_text(p, &body, str_c(arena_printf(&a,
	         zh ? "甲方：" STR_FMT "　　乙方（帮扶责任人）：" STR_FMT "　　工作单位：" STR_FMT
	            : "Between " STR_FMT " and the responsible cadre " STR_FMT ", " STR_FMT ".",
	         STR_ARG(r->result->town->name), STR_ARG(d->helper), STR_ARG(d->unit))));
	pdf_text(p, &body, str_c(arena_printf(&a,
	         zh ? "为落实到户到人的帮扶责任，乙方负责下列 %zu 户，承诺："
	            : "The cadre answers for the %zu households below, and promises:", n)));
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++)
		pdf_text(p, &body, str_c(promises[i].in[r->lang]));
	pdf_text(p, &body, str_c(term_of(r, what, l, n, &a)));
	pdf_space(p, 1);
	letter_table(r, p, l, n, &a);
	pdf_text(p, &body, str_c(zh ? "本责任书一式两份，甲乙双方各执一份。" : "In two copies, one for each."));
	static const struct text signs[] = {TEXT("甲方（盖章）签字：", "for the town:"),
	                                    TEXT("乙方签字：", "the cadre:"), TEXT("日期：", "day:")};
	const char *labels[] = {signs[0].in[r->lang], signs[1].in[r->lang]};
	const char *days[] = {signs[2].in[r->lang], signs[2].in[r->lang]};
	pdf_need(p, 24);
	pdf_signatures(p, labels, 2, 11);
	pdf_signatures(p, days, 2, 11);
	arena_release(&a);
}

enum err duty_letters_pdf(const struct report *r, const struct duty_letters *what,
                          const char *path, struct diag *diag, size_t *ret_n)
{
	struct pdf_opts o = print_opts(r, r->lang == LANG_ZH ? "帮扶责任书" : "Letters of responsibility",
	                               PDF_A4, false);
	struct pdf *p;
	struct arena a;
	size_t n, letters = 0;
	o.margin = 18;
	enum err e = pdf_open(path, &o, diag, &p);
	if (e)
		return e;
	arena_init(&a, 0);
	struct line *lines = lines_of(r, false, &a, &n);
	qsort(lines, n, sizeof(*lines), by_helper);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && same_helper(&lines[i], &lines[k]);)
			k++;
		if (what->helper && !str_is(lines[i].duty->helper, what->helper))
			continue;
		letter(r, what, p, &lines[i], k - i);
		letters++;
	}
	arena_release(&a);
	*ret_n = letters;
	return pdf_close(p);
}
