/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/visit.h"

#include "report/visit_i.h"

#include "base/banned.h"

/* --- what belongs to which household -------------------------------------- */

static int32_t of_person(const void *town, size_t i)
{
	return ((const struct town *)town)->persons[i].household;
}
static int32_t of_income(const void *town, size_t i)
{
	return ((const struct town *)town)->incomes[i].household;
}
static int32_t of_duty(const void *town, size_t i)
{
	return ((const struct town *)town)->duties[i].household;
}
static int32_t of_measure(const void *town, size_t i)
{
	return ((const struct town *)town)->measures[i].household;
}
static int32_t of_visit(const void *town, size_t i)
{
	return ((const struct town *)town)->visits[i].household;
}
static int32_t of_contract(const void *town, size_t i)
{
	return ((const struct town *)town)->contracts[i].household;
}
static int32_t of_finding(const void *result, size_t i)
{
	const struct finding *f = &((const struct check_result *)result)->findings[i];
	return f->answer ? TOWN_NONE : f->household;
}
static int32_t of_link(const void *layout, size_t i)
{
	return ((const struct town_layout *)layout)->links[i].household;
}

static void sort_out(struct sheet *s, struct arena *a)
{
	const struct town *t = s->t;
	size_t n = t->n_households;
	s->persons = print_group(n, t->n_persons, of_person, t, a);
	s->incomes = print_group(n, t->n_incomes, of_income, t, a);
	s->duties = print_group(n, t->n_duties, of_duty, t, a);
	s->measures = print_group(n, t->n_measures, of_measure, t, a);
	s->visits = print_group(n, t->n_visits, of_visit, t, a);
	s->contracts = print_group(n, t->n_contracts, of_contract, t, a);
	s->findings = print_group(n, s->r->result->n, of_finding, s->r->result, a);
	s->rows = ARENA_ARRAY(a, t->n_layouts + 1, struct print_group);
	for (size_t i = 0; i < t->n_layouts; i++)
		s->rows[i] = print_group(n, t->layouts[i].n_links, of_link, &t->layouts[i], a);
}

/* --- a sheet --------------------------------------------------------------- */

void visit_head(const struct sheet *s, const char *zh, const char *en)
{
	pdf_need(s->p, 22);
	pdf_space(s->p, 1);
	pdf_text(s->p, &(struct pdf_style){.font = PDF_HEI, .size = 11, .gap = 1},
	         str_c(s->zh ? zh : en));
}

static void visit_signs(const struct sheet *s)
{
	static const struct text wish[] = {
		TEXT("八、户主的想法和其他情况（愿意做什么、有什么困难、对帮扶和退出是否认可）",
		     "8. What the household says (plans, difficulties, does it agree with the help and the exit)"),
	};
	static const struct text photos[] = {TEXT("住房正面照片", "photo: the house"),
	                                     TEXT("入户合影照片", "photo: the visit"),
	                                     TEXT("佐证材料照片", "photo: documents")};
	static const struct text signs[] = {
		TEXT("户主（家庭成员）签字：", "household:"), TEXT("核查人签字：", "visited by:"),
		TEXT("核查人签字：", "visited by:"), TEXT("村干部签字：", "village:"),
		TEXT("联系电话：", "phone:"), TEXT("入户日期：", "day:")};
	enum { PHOTOS = 3, SIGNS = 6 };
	const char *photo[PHOTOS], *sign[SIGNS];
	for (int i = 0; i < PHOTOS; i++)
		photo[i] = photos[i].in[s->r->lang];
	for (int i = 0; i < SIGNS; i++)
		sign[i] = signs[i].in[s->r->lang];
	visit_head(s, wish[0].in[LANG_ZH], wish[0].in[LANG_EN]);
	pdf_lines(s->p, 3, 7.5);
	pdf_space(s->p, 2);
	/* who signs sees what he signs: photographs and signatures stand together */
	pdf_need(s->p, 68);
	pdf_frames(s->p, photo, PHOTOS, 38);
	pdf_signatures(s->p, sign, 3, 10);
	pdf_signatures(s->p, sign + 3, 3, 10);
}

static void print_sheet(const struct sheet *s, int32_t household)
{
	const struct town_household *h = &s->t->households[household];
	struct str village = report_place(s->r, h->village);
	struct pdf_frame frame = print_frame(s->r, s->a, (struct str){0});
	frame.head_left = arena_printf(s->a, s->zh ? "%s · " STR_FMT " · 户主 " STR_FMT " · 户编号 " STR_FMT
	                                           : "%s · " STR_FMT " · head " STR_FMT " · no. " STR_FMT,
	                               str_dup(s->a, s->t->name), STR_ARG(village),
	                               STR_ARG(h->head_name), STR_ARG(h->hh_no));
	pdf_section(s->p, &frame);
	print_title(s->p, s->zh ? "入户核查表" : "Visit sheet", arena_printf(s->a, "%s\n%s", report_basis(s->r, s->a),
	            s->zh ? "对照档案和各台账逐项核对：一致的打 √，不一致的写明实际情况；不明白的当面问清，不代填、不补签。"
	                  : "Compare with what you see and hear: tick what agrees, write what does not; "
	                    "ask on the spot, fill in for nobody."));
	visit_facts(s, household);
	visit_members(s, household);
	visit_ledgers(s, household);
	visit_income(s, household);
	visit_help(s, household);
	visit_questions(s, household);
	visit_signs(s);
}

enum err visit_pdf(const struct report *r, const int32_t *households, size_t n, const char *path,
                   struct arena *a, struct diag *diag, struct visit_made *ret)
{
	struct arena page;
	struct pdf_opts o = print_opts(r, r->lang == LANG_ZH ? "入户核查表" : "Visit sheet", PDF_A4,
	                               false);
	struct sheet s = {.r = r, .t = r->result->town, .a = &page, .zh = r->lang == LANG_ZH};
	int32_t *list;
	enum err e = pdf_open(path, &o, diag, &s.p);
	if (e)
		return e;
	if (households) {
		list = ARENA_ARRAY(a, n + 1, int32_t);
		memcpy(list, households, n * sizeof(*list));
		print_sort(s.t, list, n, a);
	} else {
		list = print_order(s.t, r->village, a, &n);
	}
	sort_out(&s, a);
	arena_init(&page, 0);
	for (size_t i = 0; i < n; i++) {
		print_sheet(&s, list[i]);
		arena_clear(&page);
	}
	arena_release(&page);
	pdf_section_end(s.p);
	*ret = (struct visit_made){n, pdf_pages(s.p), print_missing(s.p, a)};
	return pdf_close(s.p);
}
