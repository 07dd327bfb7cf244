/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* visit_parts: the tables of a visit sheet. */
#include "report/visit_i.h"

#include "check/cell.h"

#include "base/banned.h"

#define BOX "□"

enum { CELLS = 12 };

/* One row under construction. */
struct cells {
	const struct sheet *s;
	struct pdf_cell c[CELLS];
	size_t n;
};

static struct pdf_cell *put(struct cells *r, struct str text)
{
	if (r->n == CELLS)
		return &r->c[CELLS - 1];
	r->c[r->n] = (struct pdf_cell){.text = text};
	return &r->c[r->n++];
}

static struct pdf_cell *put_c(struct cells *r, const char *text)
{
	return put(r, str_c(text ? text : ""));
}

static void end_row(struct cells *r, double min_mm)
{
	pdf_row(r->s->p, r->c, r->n, min_mm);
	r->n = 0;
}

static void heads(const struct sheet *s, const struct text *texts, size_t n)
{
	struct cells r = {.s = s};
	for (size_t i = 0; i < n; i++)
		(void)put_c(&r, texts[i].in[s->r->lang]);
	pdf_table_head(s->p, r.c, r.n);
}

#define HEADS(s, list) heads((s), (list), sizeof(list) / sizeof((list)[0]))

static void nothing(const struct sheet *s, const char *zh, const char *en)
{
	pdf_text(s->p, &(struct pdf_style){.size = 9.5, .gap = 1}, str_c(s->zh ? zh : en));
}

static const char *join_codes(const struct sheet *s, const char *list, uint64_t mask)
{
	const struct pack_list *l = pack_list(s->r->result->pack, list);
	struct buf b;
	buf_init(&b, 4000);
	for (size_t i = 0; l && i < l->n && i < 64; i++) {
		if (!(mask >> i & 1))
			continue;
		buf_adds(&b, b.n ? (s->zh ? "、" : ", ") : "");
		buf_adds(&b, l->codes[i].label.in[s->r->lang]);
	}
	const char *text = str_dup(s->a, buf_str(&b));
	buf_release(&b);
	return text ? text : "";
}

/* --- the household ---------------------------------------------------------- */

static void pair(struct cells *r, const char *zh, const char *en, const char *value)
{
	struct pdf_cell *c = put_c(r, r->s->zh ? zh : en);
	c->bold = true;
	c->align = 1 + PDF_CENTRE;
	(void)put_c(r, value);
}

static const struct town_duty *first_duty(const struct sheet *s, int32_t h)
{
	const struct print_group *g = &s->duties;
	return g->at[h] < g->at[h + 1] ? &s->t->duties[g->item[g->at[h]]] : NULL;
}

static const char *helpers(const struct sheet *s, int32_t h, bool phones)
{
	struct buf b;
	buf_init(&b, 4000);
	for (uint32_t i = s->duties.at[h]; i < s->duties.at[h + 1]; i++) {
		const struct town_duty *d = &s->t->duties[s->duties.item[i]];
		buf_adds(&b, b.n ? (s->zh ? "、" : ", ") : "");
		if (phones)
			buf_adds(&b, print_phone(s->r, s->a, d->phone));
		else
			buf_addstr(&b, d->helper);
	}
	const char *text = str_dup(s->a, buf_str(&b));
	buf_release(&b);
	return text ? text : "";
}

static void housing_rows(const struct sheet *s, struct cells *r, int32_t household)
{
	const struct town_household *h = &s->t->households[household];
	const struct fact_household *f = &s->r->result->facts.household[household];
	const struct town_duty *duty = first_duty(s, household);
	const char *area = print_number(s->a, h->house_area, 2);
	pair(r, "是否危房", "unsafe house", print_tri(h->unsafe_house, s->r->lang));
	pair(r, "危房等级", "grade", report_code(s->r, "house_grade", h->house_grade));
	pair(r, "住房面积", "house area", *area ? arena_printf(s->a, "%s ㎡", area) : "");
	pair(r, "饮水是否安全", "safe water", print_tri(h->water_safe, s->r->lang));
	end_row(r, 6);
	pair(r, "易地搬迁户", "relocated", print_tri(h->relocated, s->r->lang));
	pair(r, "耕地（亩）", "land (mu)", print_number(s->a, h->arable, 2));
	pair(r, "联系电话", "phone", print_phone(s->r, s->a, h->phone));
	pair(r, "最近走访", "last visit", f->last_visit ? date_dup(s->a, f->last_visit) : "");
	end_row(r, 6);
	pair(r, "帮扶责任人", "cadre", helpers(s, household, false));
	pair(r, "工作单位", "unit", duty ? str_dup(s->a, duty->unit) : "");
	r->c[r->n - 1].cols = 3;
	pair(r, "责任人电话", "phone", helpers(s, household, true));
	end_row(r, 6);
	pair(r, "家庭住址", "address", str_dup(s->a, h->address));
	r->c[r->n - 1].cols = 7;
	end_row(r, 6);
}

void visit_facts(const struct sheet *s, int32_t household)
{
	static const struct pdf_col cols[] = {{12, PDF_LEFT}, {13, PDF_LEFT}, {10, PDF_LEFT},
	                                      {12, PDF_LEFT}, {10, PDF_LEFT}, {12, PDF_LEFT},
	                                      {12, PDF_LEFT}, {19, PDF_LEFT}};
	const struct town_household *h = &s->t->households[household];
	const struct fact_household *f = &s->r->result->facts.household[household];
	const char *members = h->declared_members == TOWN_MISSING
		? arena_printf(s->a, "%lld", (long long)f->members)
		: arena_printf(s->a, s->zh ? "%lld（写明 %lld）" : "%lld (stated %lld)",
	                       (long long)f->members, (long long)h->declared_members);
	struct cells r = {.s = s};
	visit_head(s, "一、家庭情况（档案）", "1. The household, as on file");
	pdf_table(s->p, cols, 8, 9);
	pair(&r, "行政村", "village", str_dup(s->a, report_place(s->r, h->village)));
	pair(&r, "组", "group", str_dup(s->a, h->group));
	pair(&r, "户主", "head", str_dup(s->a, h->head_name));
	pair(&r, "户编号", "number", str_dup(s->a, h->hh_no));
	end_row(&r, 6);
	pair(&r, "户属性", "kind", report_code(s->r, "attr", h->attr));
	pair(&r, "脱贫状态", "status", report_code(s->r, "status", h->status));
	pair(&r, "识别年度", "entered", print_year(s->a, h->entry_year));
	pair(&r, "脱贫年度", "exited", print_year(s->a, h->exit_year));
	end_row(&r, 6);
	pair(&r, "主要致贫原因", "main cause", report_code(s->r, "cause", h->cause_main));
	pair(&r, "其他原因", "other causes", join_codes(s, "cause", h->cause_others));
	pair(&r, "家庭人口", "members", members);
	pair(&r, "计划脱贫", "plan", print_year(s->a, h->plan_exit_year));
	end_row(&r, 6);
	housing_rows(s, &r, household);
	pdf_table_end(s->p);
}

/* --- its people ------------------------------------------------------------- */

static const char *work_text(const struct sheet *s, const struct town_person *m)
{
	const char *where = report_code(s->r, "work_place", m->work_place);
	if (m->work_months == TOWN_MISSING)
		return where;
	return arena_printf(s->a, s->zh ? "%s %lld个月" : "%s %lld months", where,
	                    (long long)m->work_months);
}

static const char *number_of(const struct sheet *s, int32_t person)
{
	const struct town_person *m = &s->t->persons[person];
	if (s->r->reason)
		return str_dup(s->a, m->id18.n ? m->id18 : m->id_raw);
	return str_dup(s->a, s->r->result->facts.person[person].id_shown);
}

void visit_members(const struct sheet *s, int32_t household)
{
	static const struct pdf_col cols[] = {{5, PDF_CENTRE},  {11, PDF_LEFT}, {13, PDF_LEFT},
	                                      {8, PDF_CENTRE},  {25, PDF_LEFT}, {16, PDF_LEFT},
	                                      {15, PDF_LEFT},   {18, PDF_LEFT}, {15, PDF_LEFT}};
	static const struct text titles[] = {
		TEXT("序", "no"), TEXT("姓名", "name"), TEXT("与户主关系", "relation"), TEXT("性别", "sex"),
		TEXT("证件号码", "ID number"), TEXT("文化程度/在校", "school"), TEXT("劳动技能", "labour"),
		TEXT("务工", "work"), TEXT("核对", "agrees?")};
	struct cells r = {.s = s};
	visit_head(s, "二、家庭成员（档案）", "2. Its people, as on file");
	pdf_table(s->p, cols, 9, 9);
	HEADS(s, titles);
	for (uint32_t i = s->persons.at[household]; i < s->persons.at[household + 1]; i++) {
		int32_t no = s->persons.item[i];
		const struct town_person *m = &s->t->persons[no];
		const char *student = report_code(s->r, "student", m->student);
		(void)put_c(&r, arena_printf(s->a, "%u", i - s->persons.at[household] + 1));
		(void)put(&r, m->name);
		(void)put_c(&r, report_code(s->r, "relation", m->relation));
		(void)put_c(&r, report_code(s->r, "sex", m->sex));
		(void)put_c(&r, number_of(s, no));
		(void)put_c(&r, *student ? student : report_code(s->r, "edu", m->edu));
		(void)put_c(&r, report_code(s->r, "labor", m->labor));
		(void)put_c(&r, work_text(s, m));
		(void)put_c(&r, s->zh ? BOX "是 " BOX "否" : BOX "yes " BOX "no");
		end_row(&r, 6);
	}
	pdf_table_end(s->p);
	pdf_text(s->p, &(struct pdf_style){.size = 9.5, .gap = 1},
	         str_c(s->zh ? "现在共同生活 ＿＿＿ 人；不在名单上的人：＿＿＿＿＿＿＿＿＿＿＿；名单上已不在的人及原因：＿＿＿＿＿＿＿＿＿＿＿"
	                     : "Living together now: ____; not on the list: ______________; on the "
	                       "list but gone, and why: ______________"));
}

/* --- what the ledgers say ---------------------------------------------------- */

/* Columns that say who the row is about, or nothing to compare. */
static bool is_identity(const struct pack_column *c)
{
	switch (c->role) {
	case PACK_ROLE_NONE:
	case PACK_ROLE_SEX:
	case PACK_ROLE_RELATION:
	case PACK_ROLE_YEAR:
	case PACK_ROLE_REMARK:
		return c->kind == PACK_AREA;
	default:
		return true;
	}
}

static bool is_withheld(const struct sheet *s, const struct pack_column *c)
{
	return !s->r->reason && (c->privacy == PACK_SENSITIVE || c->kind == PACK_ID ||
	                         c->kind == PACK_CARD || c->kind == PACK_PHONE);
}

static const char *row_text(const struct sheet *s, const struct town_layout *l,
                            const struct pack_layout *layout, const struct town_link *link)
{
	struct buf b;
	buf_init(&b, 8000);
	for (size_t i = 0; i < l->n_columns && i < layout->n_columns; i++) {
		const struct pack_column *c = &layout->columns[i];
		const struct town_cell *cell = town_cell(&l->rows[link->row], (int)i);
		if (cell->state == TOWN_CELL_EMPTY || is_identity(c) || is_withheld(s, c))
			continue;
		struct str text = cell_shown(s->r->result->pack, c, cell, s->r->lang, true, s->a);
		if (!text.n)
			continue;
		buf_adds(&b, b.n ? (s->zh ? "；" : "; ") : "");
		buf_addf(&b, s->zh ? "%s：" STR_FMT : "%s: " STR_FMT, c->label.in[s->r->lang], STR_ARG(text));
	}
	if (link->band != TOWN_SURE)
		buf_adds(&b, s->zh ? "（疑似本人，待核实）" : " (perhaps this person)");
	if (!b.n)
		buf_adds(&b, s->zh ? "列入名单" : "is listed");
	const char *text = str_dup(s->a, buf_str(&b));
	buf_release(&b);
	return text ? text : "";
}

static int32_t newest_of(const struct sheet *s, const struct town_layout *l,
                         const struct town_link *link)
{
	int32_t ledger = l->rows[link->row].ledger;
	return ledger >= 0 && (size_t)ledger < s->t->n_ledgers ? ledger : TOWN_NONE;
}

/* Rows of one person (or, TOWN_NONE, of the household itself) in all ledgers. */
static size_t person_rows(const struct sheet *s, int32_t household, int32_t person, bool print,
                          size_t first_span)
{
	struct cells r = {.s = s};
	size_t n = 0;
	for (size_t k = 0; k < s->t->n_layouts; k++) {
		const struct town_layout *l = &s->t->layouts[k];
		const struct pack_layout *layout = pack_layout(s->r->result->pack,
		                                               str_dup(s->a, l->id));
		for (uint32_t i = s->rows[k].at[household];
		     layout && i < s->rows[k].at[household + 1]; i++) {
			const struct town_link *link = &l->links[s->rows[k].item[i]];
			int32_t ledger = newest_of(s, l, link);
			if (link->person != person)
				continue;
			n++;
			if (!print)
				continue;
			if (n == 1) {
				struct pdf_cell *who = put(&r, person == TOWN_NONE
					? str_c(s->zh ? "全户" : "household") : s->t->persons[person].name);
				who->rows = (uint16_t)(first_span < 60000 ? first_span : 60000);
			}
			(void)put_c(&r, layout->title.in[s->r->lang]);
			(void)put_c(&r, ledger >= 0 && s->t->ledgers[ledger].as_of
				? date_dup(s->a, s->t->ledgers[ledger].as_of) : "");
			(void)put_c(&r, row_text(s, l, layout, link));
			(void)put_c(&r, s->zh ? BOX "对 " BOX "不对" : BOX "yes " BOX "no");
			end_row(&r, 6);
		}
	}
	return n;
}

void visit_ledgers(const struct sheet *s, int32_t household)
{
	static const struct pdf_col cols[] = {{12, PDF_LEFT}, {20, PDF_LEFT}, {13, PDF_CENTRE},
	                                      {62, PDF_LEFT}, {16, PDF_CENTRE}};
	static const struct text titles[] = {TEXT("姓名", "name"), TEXT("台账", "ledger"),
	                                     TEXT("截至", "as of"), TEXT("台账上怎么写", "what it says"),
	                                     TEXT("核对", "agrees?")};
	uint32_t from = s->persons.at[household], to = s->persons.at[household + 1];
	size_t all = person_rows(s, household, TOWN_NONE, false, 0);
	for (uint32_t i = from; i < to; i++)
		all += person_rows(s, household, s->persons.item[i], false, 0);
	visit_head(s, "三、各单位台账怎么写", "3. What the offices' ledgers say");
	if (!all) {
		nothing(s, "没有一份台账提到这户人。", "No ledger names anybody of the household.");
		return;
	}
	pdf_table(s->p, cols, 5, 8.5);
	HEADS(s, titles);
	for (uint32_t i = from; i <= to; i++) {
		int32_t person = i < to ? s->persons.item[i] : TOWN_NONE;
		size_t n = person_rows(s, household, person, false, 0);
		if (n)
			(void)person_rows(s, household, person, true, n);
	}
	pdf_table_end(s->p);
}

/* --- income ------------------------------------------------------------------ */

struct kind_of_income {
	struct text label;
	size_t offset;
	bool cost;
};

static void income_row(const struct sheet *s, const char *label, const char *file, bool bold)
{
	struct cells r = {.s = s};
	put_c(&r, label)->bold = bold;
	(void)put_c(&r, file);
	(void)put_c(&r, "");
	(void)put_c(&r, bold ? "" : s->zh ? BOX "存折 " BOX "单据 " BOX "本人说明"
	                                  : BOX "passbook " BOX "receipt " BOX "told");
	end_row(&r, 6);
}

void visit_income(const struct sheet *s, int32_t household)
{
#define KIND(zh, en, member) {TEXT(zh, en), offsetof(struct town_income, member), false}
	static const struct kind_of_income kinds[] = {
		KIND("工资性收入", "wages", wage),
		KIND("生产经营性收入", "business income", business),
		KIND("减：生产经营性支出", "less: business cost", business_cost),
		KIND("财产性收入", "property income", property),
		KIND("计划生育金", "family-planning money", t_family),
		KIND("低保金", "living allowance", t_dibao),
		KIND("特困供养金", "destitute support", t_tekun),
		KIND("养老金", "pension", t_pension),
		KIND("生态补偿金", "ecological compensation", t_eco),
		KIND("其他转移性收入", "other transfers", t_other),
		KIND("转移性收入（合计）", "transfers as totalled", transfer),
	};
#undef KIND
	static const struct pdf_col cols[] = {{32, PDF_LEFT}, {20, PDF_RIGHT}, {24, PDF_RIGHT},
	                                      {47, PDF_LEFT}};
	static const struct text titles[] = {
		TEXT("收入项目", "item"), TEXT("台账（元）", "on file (yuan)"),
		TEXT("核实（元）", "found (yuan)"), TEXT("依据", "evidence")};
	const struct facts *f = &s->r->result->facts;
	int32_t no = f->household[household].income;
	const struct town_income *in = no >= 0 ? &s->t->incomes[no] : NULL;
	const char *head = in ? arena_printf(s->a, s->zh ? "四、%lld 年收入逐项核实" : "4. Income of %lld",
	                                     (long long)f->income[no].year)
	                      : s->zh ? "四、收入逐项核实（没有收到收入台账）"
	                              : "4. Income (no account was handed in)";
	visit_head(s, head, head);
	pdf_table(s->p, cols, 4, 9);
	HEADS(s, titles);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		fen_t v = TOWN_MISSING;
		if (in)
			memcpy(&v, (const char *)in + kinds[i].offset, sizeof(v));
		bool always = i < 4 || i == 5 || i == 7 || i == 9;
		if (v != TOWN_MISSING || always)
			income_row(s, kinds[i].label.in[s->r->lang], print_money(s->a, v), false);
	}
	income_row(s, s->zh ? "纯收入" : "net income", in ? print_money(s->a, f->income[no].net) : "", true);
	income_row(s, in && f->income[no].members > 0
		? arena_printf(s->a, s->zh ? "人均纯收入（÷ %lld 人）" : "a head (of %lld)",
		               (long long)f->income[no].members) : s->zh ? "人均纯收入" : "a head",
	           in ? print_money(s->a, f->income[no].per_capita) : "", true);
	pdf_table_end(s->p);
}

/* --- measures and contracts --------------------------------------------------- */

static void measure_rows(const struct sheet *s, int32_t household)
{
	struct cells r = {.s = s};
	for (uint32_t i = s->measures.at[household]; i < s->measures.at[household + 1]; i++) {
		const struct town_measure *m = &s->t->measures[s->measures.item[i]];
		const char *kind = report_code(s->r, "measure", m->category);
		(void)put_c(&r, *kind ? kind : str_dup(s->a, m->category_text));
		(void)put(&r, m->content);
		(void)put_c(&r, m->date ? date_dup(s->a, m->date) : "");
		(void)put_c(&r, print_money(s->a, m->amount != TOWN_MISSING ? m->amount : m->plan_amount));
		(void)put_c(&r, s->zh ? BOX "收到 " BOX "没有" : BOX "yes " BOX "no");
		(void)put_c(&r, "");
		end_row(&r, 7);
	}
}

static void contract_rows(const struct sheet *s, int32_t household)
{
	struct cells r = {.s = s};
	for (uint32_t i = s->contracts.at[household]; i < s->contracts.at[household + 1]; i++) {
		const struct town_contract *c = &s->t->contracts[s->contracts.item[i]];
		const char *paid = c->paid == TOWN_MISSING ? s->zh ? "未登记" : "not written"
		                                           : print_money(s->a, c->paid);
		(void)put_c(&r, s->zh ? "产业合同" : "contract");
		(void)put_c(&r, arena_printf(s->a, s->zh ? STR_FMT "%s" STR_FMT " " STR_FMT "（应付 %s，已付 %s）"
		                                         : STR_FMT "%s" STR_FMT " " STR_FMT " (due %s, paid %s)",
		                             STR_ARG(c->company), c->company.n && c->coop.n ? "、" : "",
		                             STR_ARG(c->coop), STR_ARG(c->industry),
		                             c->due ? date_dup(s->a, c->due) : "", paid));
		(void)put_c(&r, c->paid_date ? date_dup(s->a, c->paid_date) : "");
		(void)put_c(&r, print_money(s->a, c->amount));
		(void)put_c(&r, s->zh ? BOX "收到 " BOX "没有" : BOX "yes " BOX "no");
		(void)put_c(&r, "");
		end_row(&r, 7);
	}
}

void visit_help(const struct sheet *s, int32_t household)
{
	static const struct pdf_col cols[] = {{16, PDF_LEFT}, {46, PDF_LEFT},   {16, PDF_CENTRE},
	                                      {16, PDF_RIGHT}, {16, PDF_CENTRE}, {16, PDF_LEFT}};
	static const struct text titles[] = {
		TEXT("类别", "kind"), TEXT("内容", "what"), TEXT("时间", "day"), TEXT("金额（元）", "yuan"),
		TEXT("是否收到", "received?"), TEXT("户主确认签字", "signature")};
	visit_head(s, "五、帮扶措施和产业合同（请户主逐项确认）",
	           "5. Measures and contracts, to be confirmed one by one");
	if (s->measures.at[household] == s->measures.at[household + 1] &&
	    s->contracts.at[household] == s->contracts.at[household + 1]) {
		nothing(s, "台账上没有帮扶措施和产业合同。户主说享受过的：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿",
		        "No measure or contract on file. What the household says it got: __________________");
		return;
	}
	pdf_table(s->p, cols, 6, 9);
	HEADS(s, titles);
	measure_rows(s, household);
	contract_rows(s, household);
	pdf_table_end(s->p);
}

/* --- questions ----------------------------------------------------------------- */

static void recent_visits(const struct sheet *s, int32_t household)
{
	struct buf b;
	enum { SHOWN = 6 };
	uint32_t from = s->visits.at[household], to = s->visits.at[household + 1];
	buf_init(&b, 8000);
	for (uint32_t i = from; i < to && i < from + SHOWN; i++) {
		const struct town_visit *v = &s->t->visits[s->visits.item[i]];
		buf_addf(&b, "%s%s " STR_FMT " " STR_FMT, i > from ? (s->zh ? "；" : "; ") : "",
		         v->date ? date_dup(s->a, v->date) : "", STR_ARG(v->visitor), STR_ARG(v->content));
	}
	if (to > from + SHOWN)
		buf_addf(&b, s->zh ? "；等 %u 次" : "; %u in all", to - from);
	visit_head(s, "六、走访记录（问：是否来过、做了什么）", "6. Visits on file (ask: did they come?)");
	if (b.n)
		pdf_text(s->p, &(struct pdf_style){.size = 9.5, .gap = 1}, buf_str(&b));
	else
		nothing(s, "台账上没有走访记录。", "No visit on file.");
	buf_release(&b);
}

static const char *question_of(const struct sheet *s, const struct finding *f)
{
	const char *q = f->rule->question.in[s->r->lang];
	struct str who = f->name.n ? f->name : f->subject;
	const char *mark = f->probable ? (s->zh ? "（疑似）" : "(perhaps) ") : "";
	if (!q || !*q)
		q = f->rule->title.in[s->r->lang];
	if (!who.n)
		return arena_printf(s->a, "%s%s", mark, q);
	return arena_printf(s->a, s->zh ? "%s【" STR_FMT "】%s" : "%s[" STR_FMT "] %s", mark, STR_ARG(who), q);
}

void visit_questions(const struct sheet *s, int32_t household)
{
	static const struct pdf_col cols[] = {{6, PDF_CENTRE}, {46, PDF_LEFT}, {38, PDF_LEFT},
	                                      {36, PDF_LEFT}};
	static const struct text titles[] = {
		TEXT("序", "no"), TEXT("要核实的问题", "question"), TEXT("台账上怎么写的", "what stands where"),
		TEXT("核实结果", "what was found")};
	struct cells r = {.s = s};
	uint32_t from = s->findings.at[household], to = s->findings.at[household + 1];
	recent_visits(s, household);
	visit_head(s, "七、要核实的问题", "7. Open questions");
	if (from == to) {
		nothing(s, "目前没有待核实的问题。", "None is open now.");
		return;
	}
	pdf_table(s->p, cols, 4, 9);
	HEADS(s, titles);
	for (uint32_t i = from; i < to; i++) {
		const struct finding *f = &s->r->result->findings[s->findings.item[i]];
		(void)put_c(&r, arena_printf(s->a, "%u", i - from + 1));
		put_c(&r, question_of(s, f))->top = true;
		put_c(&r, arena_printf(s->a, s->zh ? STR_FMT "\n依据：" STR_FMT : STR_FMT "\nsource: " STR_FMT,
		                       STR_ARG(f->detail), STR_ARG(f->source)))->top = true;
		put_c(&r, s->zh ? BOX "属实 " BOX "台账有误 " BOX "有正当原因"
		                : BOX "true " BOX "ledger wrong " BOX "explained")->top = true;
		end_row(&r, 15);
	}
	pdf_table_end(s->p);
}
