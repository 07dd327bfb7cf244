/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* exam_aspect: what speaks for and against each guarantee of a household. */
#include "report/exam.h"

#include "base/banned.h"

enum { RULES_MAX = 12, LAYOUTS_MAX = 3, WHY_MAX = 1200 };

struct judged {
	enum exam_mark mark; /* EXAM_UNCLEAR with why NULL: no opinion */
	const char *why;
};

struct examined {
	const struct report *r;
	const struct town *t;
	const struct facts *facts;
	struct arena *a;
	bool zh;
	int64_t line; /* fen; TOWN_MISSING when the pack has none for the year */
	int line_year;
	int school_min, school_max;
	uint64_t *children; /* school-age members a household */
	uint64_t *measures, *contracts;
	int *aspect_of_rule; /* one a rule of the pack, -1 = none */
};

struct aspect {
	struct text label;
	const char *rules[RULES_MAX];
	/* a fault would show in any of these; none: the register alone shows it */
	const char *layouts[LAYOUTS_MAX];
	struct judged (*judge)(const struct examined *e, size_t household);
};

/* --- what the facts say by themselves ------------------------------------- */

static struct judged judge_income(const struct examined *e, size_t h)
{
	int32_t i = e->facts->household[h].income;
	if (i < 0 || e->facts->income[i].per_capita == TOWN_MISSING || e->line == TOWN_MISSING)
		return (struct judged){EXAM_UNCLEAR, e->zh ? "没有收入台账" : "no income account"};
	int64_t fen = e->facts->income[i].per_capita;
	if (fen >= e->line)
		return (struct judged){EXAM_YES, NULL};
	char have[32], line[32];
	(void)money_format(fen, false, have);
	(void)money_format(e->line, false, line);
	return (struct judged){EXAM_NO,
	                       arena_printf(e->a, e->zh ? "人均 %s 元，低于 %s 元"
	                                                : "%s yuan a head, below %s", have, line)};
}

static struct judged judge_house(const struct examined *e, size_t h)
{
	if (e->t->households[h].unsafe_house == TRI_YES)
		return (struct judged){EXAM_NO, e->zh ? "档案记为危房" : "unsafe by the file"};
	return (struct judged){EXAM_UNCLEAR, NULL};
}

static struct judged judge_school(const struct examined *e, size_t h)
{
	if (e->children[h] == 0)
		return (struct judged){EXAM_NONE, NULL};
	return (struct judged){EXAM_UNCLEAR, NULL};
}

static struct judged judge_water(const struct examined *e, size_t h)
{
	switch (e->t->households[h].water_safe) {
	case TRI_YES:
		return (struct judged){EXAM_YES, NULL};
	case TRI_NO:
		return (struct judged){EXAM_NO, e->zh ? "档案记为饮水不安全" : "unsafe by the file"};
	default:
		return (struct judged){EXAM_UNCLEAR, e->zh ? "档案未填" : "not on file"};
	}
}

static struct judged judge_measure(const struct examined *e, size_t h)
{
	if (e->facts->household[h].covered_measure && e->measures[h] == 0)
		return (struct judged){EXAM_NO, e->zh ? "台账中没有帮扶措施" : "no measure"};
	return (struct judged){EXAM_UNCLEAR, NULL};
}

static struct judged judge_industry(const struct examined *e, size_t h)
{
	if (e->facts->household[h].covered_contract && e->contracts[h] == 0)
		return (struct judged){EXAM_NONE, NULL};
	return (struct judged){EXAM_UNCLEAR, NULL};
}

static const struct aspect aspects[EXAM_ASPECT_MAX] = {
	[EXAM_INCOME] = {TEXT("收入达标", "income"),
		{"exited_below_line", "income_missing", "dibao_income_missing", "income_arithmetic",
		 "income_net_arithmetic", "transfer_total_mismatch", "income_population_mismatch"},
		{"income"}, judge_income},
	[EXAM_HOUSE] = {TEXT("住房安全", "house"),
		{"exited_with_unsafe_house", "dangerous_house_unrecorded", "unsafe_house_grade"},
		{"house"}, judge_house},
	[EXAM_SCHOOL] = {TEXT("义务教育", "school"),
		{"school_age_not_in_school", "student_unrecorded"}, {"student"}, judge_school},
	[EXAM_MEDICAL] = {TEXT("基本医疗", "medical"), {"not_insured", "insured_twice_or_never"},
		{"insurance"}, NULL},
	[EXAM_WATER] = {TEXT("饮水安全", "water"), {"exited_water_unsafe"}, {NULL}, judge_water},
	[EXAM_IDENTITY] = {TEXT("身份信息", "identity"),
		{"id_missing", "id_malformed", "id_checksum", "id_date_invalid", "id_lost_precision",
		 "id_birth_mismatch", "id_sex_mismatch", "name_mismatch",
		 "not_in_population_register", "dead_still_listed", "moved_out_still_listed"},
		{"population"}, NULL},
	[EXAM_FAMILY] = {TEXT("家庭结构", "family"),
		{"no_head", "two_heads", "two_spouses", "member_count_mismatch", "household_empty",
		 "person_in_two_households", "person_twice_in_household", "relation_missing"},
		{NULL}, NULL},
	[EXAM_HELPER] = {TEXT("帮扶责任人", "helper"), {"no_helper"}, {"duty"}, NULL},
	[EXAM_VISIT] = {TEXT("走访", "visits"), {"no_visit_90_days"}, {"visit"}, NULL},
	[EXAM_MEASURE] = {TEXT("帮扶措施", "measures"),
		{"measure_without_delivery", "measure_over_plan", "measure_in_future", "no_measure"},
		{"measure"}, judge_measure},
	[EXAM_INDUSTRY] = {TEXT("产业带动", "industry"), {"contract_unpaid"}, {"contract"},
		judge_industry},
};

const char *exam_aspect_text(enum exam_aspect a, enum lang lang)
{
	return aspects[a].label.in[lang];
}

const char *exam_mark_text(enum exam_mark m, enum lang lang)
{
	static const struct text texts[EXAM_MARK_MAX] = {
		[EXAM_UNCLEAR] = TEXT("无法判断", "unclear"), [EXAM_YES] = TEXT("✓", "✓"),
		[EXAM_NO] = TEXT("✗", "✗"),                   [EXAM_DOUBT] = TEXT("待核实", "verify"),
		[EXAM_NONE] = TEXT("—", "—"),
	};
	return texts[m].in[lang];
}

/* --- findings ------------------------------------------------------------- */

static int aspect_of(const char *rule)
{
	for (int a = 0; a < EXAM_ASPECT_MAX; a++) {
		for (int i = 0; i < RULES_MAX && aspects[a].rules[i]; i++) {
			if (strcmp(aspects[a].rules[i], rule) == 0)
				return a;
		}
	}
	return -1;
}

/* Findings of one household, which stand in any order: gathered by a list of heads. */
struct gathered {
	int32_t *first, *next; /* finding indices, -1 ends */
};

static struct gathered gather(const struct examined *e)
{
	const struct check_result *res = e->r->result;
	struct gathered g = {ARENA_ARRAY(e->a, e->t->n_households + 1, int32_t),
	                     ARENA_ARRAY(e->a, res->n + 1, int32_t)};
	for (size_t i = 0; i < e->t->n_households; i++)
		g.first[i] = -1;
	for (size_t i = res->n; i-- > 0;) {
		const struct finding *f = &res->findings[i];
		if (f->answer || f->household < 0 || e->aspect_of_rule[f->rule_no] < 0)
			continue;
		g.next[i] = g.first[f->household];
		g.first[f->household] = (int32_t)i;
	}
	return g;
}

static bool covered(const struct examined *e, size_t h, const struct aspect *a)
{
	int32_t village = e->t->households[h].village;
	for (int i = 0; i < LAYOUTS_MAX && a->layouts[i]; i++) {
		if (town_covered(e->t, str_c(a->layouts[i]), village, TOWN_MISSING))
			return true;
	}
	return !a->layouts[0];
}

static void add_why(struct buf *why, const char *aspect, const char *text, bool zh)
{
	if (why->n)
		buf_adds(why, zh ? "；" : "; ");
	buf_addf(why, zh ? "%s：%s" : "%s: %s", aspect, text);
}

/* Titles of the findings of one aspect, each once. */
static const char *titles(const struct examined *e, const struct gathered *g, size_t h, int aspect,
                          bool *ret_sure)
{
	struct buf b;
	buf_init(&b, WHY_MAX);
	int last = -1;
	*ret_sure = false;
	for (int32_t i = g->first[h]; i >= 0; i = g->next[i]) {
		const struct finding *f = &e->r->result->findings[i];
		if (e->aspect_of_rule[f->rule_no] != aspect)
			continue;
		*ret_sure |= !f->probable;
		if (f->rule_no == last)
			continue;
		last = f->rule_no;
		buf_adds(&b, b.n ? (e->zh ? "、" : ", ") : "");
		buf_adds(&b, f->rule->title.in[e->r->lang]);
	}
	const char *s = b.n ? arena_strdup(e->a, b.p) : NULL;
	buf_release(&b);
	return s;
}

struct words {
	struct buf why;
	struct buf missing; /* guarantees without a ledger, named once at the end */
};

static enum exam_mark mark_of(const struct examined *e, const struct gathered *g, size_t h,
                              int aspect, struct words *w)
{
	const struct aspect *a = &aspects[aspect];
	const char *label = a->label.in[e->r->lang];
	struct judged own = a->judge ? a->judge(e, h) : (struct judged){EXAM_UNCLEAR, NULL};
	bool sure;
	const char *found = titles(e, g, h, aspect, &sure);
	if (own.why && own.mark == EXAM_NO)
		add_why(&w->why, label, own.why, e->zh);
	else if (found)
		add_why(&w->why, label, found, e->zh);
	else if (own.why)
		add_why(&w->why, label, own.why, e->zh);
	if (own.mark == EXAM_NO || (found && sure))
		return EXAM_NO;
	if (found)
		return EXAM_DOUBT;
	if (own.mark != EXAM_UNCLEAR || own.why)
		return own.mark;
	if (covered(e, h, a))
		return EXAM_YES;
	buf_adds(&w->missing, w->missing.n ? (e->zh ? "、" : ", ") : "");
	buf_adds(&w->missing, label);
	return EXAM_UNCLEAR;
}

/* --- all households ------------------------------------------------------- */

static void count_members(struct examined *e)
{
	const struct town *t = e->t;
	e->children = ARENA_ARRAY(e->a, t->n_households + 1, uint64_t);
	e->measures = ARENA_ARRAY(e->a, t->n_households + 1, uint64_t);
	e->contracts = ARENA_ARRAY(e->a, t->n_households + 1, uint64_t);
	for (size_t i = 0; i < t->n_persons; i++) {
		int age = date_age(e->facts->person[i].true_birth, t->as_of);
		if (t->persons[i].household >= 0 && age >= e->school_min && age <= e->school_max)
			e->children[t->persons[i].household]++;
	}
	for (size_t i = 0; i < t->n_measures; i++) {
		if (t->measures[i].household >= 0)
			e->measures[t->measures[i].household]++;
	}
	for (size_t i = 0; i < t->n_contracts; i++) {
		if (t->contracts[i].household >= 0)
			e->contracts[t->contracts[i].household]++;
	}
}

static void prepare(struct examined *e)
{
	const struct pack *p = e->r->result->pack;
	e->line_year = date_year(e->t->as_of) - 1;
	const struct pack_table *lines = pack_table(p, "line");
	if (!lines || !pack_table_get(lines, e->line_year, &e->line))
		e->line = TOWN_MISSING;
	e->school_min = (int)pack_param_int(p, "school_age_min", 7);
	e->school_max = (int)pack_param_int(p, "school_age_max", 14);
	e->aspect_of_rule = ARENA_ARRAY(e->a, p->n_rules + 1, int);
	for (size_t i = 0; i < p->n_rules; i++)
		e->aspect_of_rule[i] = aspect_of(p->rules[i].id);
	count_members(e);
}

struct exam *exam_run(const struct report *r, struct arena *a)
{
	struct examined e = {.r = r, .t = r->result->town, .facts = &r->result->facts, .a = a,
	                     .zh = r->lang == LANG_ZH};
	prepare(&e);
	struct gathered g = gather(&e);
	struct exam *all = ARENA_ARRAY(a, e.t->n_households + 1, struct exam);
	struct words w;
	buf_init(&w.why, 4 * WHY_MAX);
	buf_init(&w.missing, WHY_MAX);
	for (size_t h = 0; h < e.t->n_households; h++) {
		buf_clear(&w.why);
		buf_clear(&w.missing);
		for (int i = 0; i < EXAM_ASPECT_MAX; i++)
			all[h].mark[i] = mark_of(&e, &g, h, i, &w);
		if (w.missing.n)
			add_why(&w.why, e.zh ? "没有收到台账" : "no ledger for", w.missing.p, e.zh);
		all[h].why = arena_strdup(a, w.why.p ? w.why.p : "");
	}
	buf_release(&w.why);
	buf_release(&w.missing);
	return all;
}
