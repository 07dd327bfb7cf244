/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/sheet.h"

#include <stdio.h>

#include "base/utf8.h"

#include "base/banned.h"

/* --- words ------------------------------------------------------------------- */

enum { WORDS = 3 }; /* usual, short, numbered */

static const char *const relations[REL_MAX][WORDS] = {
	{"户主", "本人", "01 户主"},       {"配偶", "妻", "02 配偶"},
	{"之子", "儿子", "03 之子"},       {"之女", "女儿", "04 之女"},
	{"之父", "父亲", "11 之父"},       {"之母", "母亲", "12 之母"},
	{"之孙子", "孙子", "07 之孙子"},   {"之孙女", "孙女", "08 之孙女"},
	{"其他", "其他亲属", "99 其他"},
};
static const char *const studies[STUDY_MAX][WORDS] = {
	{"非在校", "否", "00 非在校生"},
	{"学龄前儿童", "学龄前", "01 学龄前儿童"},
	{"小学", "小学生", "03 小学"},
	{"七年级", "初一", "04 七年级"},
	{"八年级", "初二", "05 八年级"},
	{"九年级", "初三", "06 九年级"},
	{"普通高中一年级", "高一", "07 普通高中一年级"},
	{"普通高中二年级", "高二", "08 普通高中二年级"},
	{"普通高中三年级", "高三", "09 普通高中三年级"},
};
static const char *const healths[HEALTH_MAX][WORDS] = {
	{"健康", "健康", "01 健康"},
	{"长期慢性病", "慢性病", "02 长期慢性病"},
	{"患有大病", "大病", "03 患有大病"},
	{"残疾", "残疾", "04 残疾"},
};
static const char *const labors[LABOR_MAX][WORDS] = {
	{"普通劳动力", "普通", "01 普通劳动力"},
	{"技能劳动力", "技能", "02 技能劳动力"},
	{"弱劳动力或半劳动力", "半劳动力", "05 弱劳动力或半劳动力"},
	{"丧失劳动力", "丧失", "03 丧失劳动力"},
	{"无劳动力", "无", "04 无劳动力"},
};
static const char *const works[WORK_MAX][WORDS] = {
	{NULL, NULL, NULL},
	{"乡镇内务工", "乡（镇）内务工", "01 乡（镇）内务工"},
	{"县内务工", "乡（镇）外县内务工", "02 乡（镇）外县内务工"},
	{"省内县外务工", "县外省内务工", "03 县外省内务工"},
	{"省外务工", "省外务工", "04 省外务工"},
};
static const char *const educations[6][WORDS] = {
	{"文盲或半文盲", "文盲", "01 文盲或半文盲"},
	{"小学", "小学", "02 小学"},
	{"初中", "初中", "03 初中"},
	{"高中", "高中", "04 高中"},
	{"大专", "大专", "05 大专"},
	{"本科及以上", "本科", "06 本科及以上"},
};
static const char *const attrs[ATTR_MAX][WORDS] = {
	{"一般贫困户", "一般", "01 一般贫困户"},
	{"低保贫困户", "低保", "02 低保贫困户"},
	{"五保贫困户", "五保", "03 特困供养贫困户"},
};
static const char *const causes[CAUSE_MAX][WORDS] = {
	{NULL, NULL, NULL},
	{"因病", "因病致贫", "01 因病"},
	{"因残", "因残致贫", "02 因残"},
	{"因学", "因学致贫", "03 因学"},
	{"因灾", "因灾致贫", "04 因灾"},
	{"缺土地", "缺地", "05 缺土地"},
	{"缺水", "缺水", "06 缺水"},
	{"缺技术", "缺技术", "07 缺技术"},
	{"缺劳力", "缺劳动力", "08 缺劳动力"},
	{"缺资金", "缺资金", "09 缺资金"},
	{"交通条件落后", "交通落后", "10 交通条件落后"},
	{"自身发展动力不足", "自身发展动力不足", "11 自身发展动力不足"},
};
static const char *const categories[] = {"就业扶贫", "产业扶贫", "危房改造", "生态护林员",
                                         "教育扶贫", "健康扶贫", "小额信贷", "光伏扶贫"};
static const char *const contents[] = {"雨露计划", "养殖补贴", "公益岗位", "种植补贴", "签约服务",
                                       "入股分红"};
static const char *const talks[] = {"送化肥", "核实住房", "了解就医情况", "宣传政策", "核对收入"};
static const char *const industries[] = {"水产养殖", "瓜蒌", "大棚蔬菜", "旅游"};
static const char *const modes[] = {"土地流转", "入股分红", "订单收购", "务工"};
static const char *const card_kinds[] = {"", "视力", "听力", "言语", "肢体", "智力", "精神", "多重"};
static const char *const card_grades[][WORDS] = {{"", "", ""},
                                                 {"一级", "1级", "1"},
                                                 {"二级", "2级", "2"},
                                                 {"三级", "3级", "3"},
                                                 {"四级", "4级", "4"}};
static const char *const vehicles[VEH_MAX][3] = {
	{"", "", ""},
	{"小型轿车", "大众", "90000"},
	{"小型普通客车", "五菱", "68000"},
	{"普通二轮摩托车", "本田", "6000"},
	{"轻型自卸货车（农用）", "时风", "32000"},
	{"三轮汽车", "宗申", "4000"},
};
static const char *const fiscal_units[] = {"县教育局", "镇政府", "县人民医院", "县公安局", "颍上一中",
                                           "县水利局"};
static const char *const estates[] = {"城北新区", "阳光小区", "颍河花园", "滨河家园"};

/* --- small makers ------------------------------------------------------------- */

static struct value text(const char *s)
{
	return (struct value){s && *s ? VALUE_TEXT : VALUE_NONE, s, 0};
}

static struct value word(const char *const words[WORDS], enum form form)
{
	return text(words[form == AS_SHORT ? 1 : form == AS_NUMBERED ? 2 : 0]);
}

static struct value integer(int64_t n)
{
	return (struct value){VALUE_INT, NULL, n};
}

static struct value boolean(bool yes, enum form form)
{
	switch (form) {
	case AS_TICK:
		return text(yes ? "√" : "×");
	case AS_ONE_ZERO:
		return integer(yes);
	case AS_HAVE:
		return text(yes ? "有" : "无");
	case AS_SAFE:
		return text(yes ? "安全" : "不安全");
	default:
		return text(yes ? "是" : "否");
	}
}

static const char *yuan_text(struct town *t, fen_t v)
{
	return v % 100 ? arena_printf(t->arena, "%lld.%02lld", (long long)(v / 100),
	                              (long long)(v % 100))
	               : arena_printf(t->arena, "%lld", (long long)(v / 100));
}

static struct value money(struct town *t, fen_t v, enum form form)
{
	uint32_t mood = form == AS_MIXED ? rng_below(&t->rng, 10) : 0;
	if (form == AS_YUAN || (mood >= 7 && mood < 9))
		return text(arena_printf(t->arena, "%s元", yuan_text(t, v)));
	if (form == AS_MONTHS && v > 0 && v % 1200 == 0)
		return text(arena_printf(t->arena, "%s元/月×12", yuan_text(t, v / 12)));
	if (mood == 9 && v >= 100000 && v % 100000 == 0)
		return text(arena_printf(t->arena, "%lld.%lld万元", (long long)(v / 1000000),
		                         (long long)(v / 100000 % 10)));
	if (form == AS_WAN) {
		/* to the fen: six places and no trailing zeros */
		char digits[40];
		int n = snprintf(digits, sizeof(digits), "%lld.%06lld", (long long)(v / 1000000),
		                 (long long)(v % 1000000));
		while (n > 1 && digits[n - 1] == '0')
			digits[--n] = '\0';
		if (digits[n - 1] == '.')
			digits[--n] = '\0';
		return text(arena_strdup(t->arena, digits));
	}
	return (struct value){VALUE_MONEY, NULL, v};
}

static struct value date(struct town *t, date_t d, const struct sheet *sheet, enum form form)
{
	int y = date_year(d), m = date_month(d), day = date_day(d);
	enum date_habit habit = sheet->dates;
	if (d == 0)
		return (struct value){VALUE_NONE, NULL, 0};
	if (form == AS_MONTH)
		return text(arena_printf(t->arena, "%d年%d月", y, m));
	if (form == AS_MIXED)
		switch (rng_below(&t->rng, 8)) {
		case 0:
			return text(arena_printf(t->arena, "%d.%d", y, m));
		case 1:
			return text(arena_printf(t->arena, "%d年%d月", y, m));
		case 2:
			return text(arena_printf(t->arena, "%d-%02d", y, m));
		default:
			break;
		}
	if (habit == DATE_ANY) {
		uint32_t mood = rng_below(&t->rng, 20);
		habit = mood < 14 ? DATE_CELL : (enum date_habit)(DATE_ISO + mood % 6);
	}
	switch (habit) {
	case DATE_DOT:
		return text(arena_printf(t->arena, "%d.%02d.%02d", y, m, day));
	case DATE_SLASH:
		return text(arena_printf(t->arena, "%d/%d/%d", y, m, day));
	case DATE_PACKED:
		return text(arena_printf(t->arena, "%d", d));
	case DATE_HAN:
		return text(arena_printf(t->arena, "%d年%d月%d日", y, m, day));
	case DATE_ISO:
		return text(date_dup(t->arena, d));
	default:
		return (struct value){VALUE_DATE, NULL, d};
	}
}

static const char *wide_digits(struct town *t, const char *id)
{
	char out[19 * 3 + 1];
	size_t n = 0;
	for (; *id && n + 4 < sizeof(out); id++)
		n += utf8_encode(*id + 0xFEE0, out + n);
	out[n] = '\0';
	return arena_strdup(t->arena, out);
}

static struct value number(struct town *t, const char *id, enum form form)
{
	if (!*id)
		return text(NULL);
	if (form == AS_FORMULA)
		return text(arena_printf(t->arena, "=\"%s\"", id));
	if (form == AS_DIRTY)
		switch (rng_below(&t->rng, 60)) {
		case 0:
			return text(arena_printf(t->arena, " %s ", id));
		case 1:
			return text(arena_printf(t->arena, "'%s", id));
		case 2:
			return text(wide_digits(t, id));
		case 3:
			return text(arena_printf(t->arena, "%.6s %.8s %s", id, id + 6, id + 14));
		default:
			break;
		}
	return text(id);
}

static struct value name(struct town *t, const char *who, enum form form)
{
	struct str s = str_c(who);
	if (form == AS_SPLIT && s.n == 6)
		return text(arena_printf(t->arena, "%.3s　%s", who, who + 3));
	return text(who);
}

/* --- who and where -------------------------------------------------------------- */

static const struct person *who(const struct town *t, const struct line *l)
{
	return &t->people.p[l->person];
}

static uint32_t village_of(const struct town *t, enum ledger ledger, const struct line *l)
{
	const struct person *p = who(t, l);
	if (p->away >= 0 && (l->house == NO_HOUSE || ledger == LEDGER_POLICE))
		return (uint32_t)p->away;
	return t->houses.p[l->house].village;
}

static const char *village_text(struct town *t, uint32_t village, enum form form)
{
	int style = form == AS_ALIAS_ANY ? (int)rng_below(&t->rng, 4)
	            : form >= AS_ALIAS1 && form <= AS_ALIAS3 ? (int)form - AS_ALIAS1 + 1
	                                                     : 0;
	return village_alias(t, village, style);
}

static enum office office_of(enum ledger ledger)
{
	static const uint8_t offices[LEDGER_MAX] = {
		[LEDGER_DIBAO] = OFFICE_DIBAO + 1,       [LEDGER_DISABILITY] = OFFICE_DISABILITY + 1,
		[LEDGER_HOUSE] = OFFICE_HOUSE + 1,       [LEDGER_VEHICLE] = OFFICE_VEHICLE + 1,
		[LEDGER_FIRM] = OFFICE_FIRM + 1,         [LEDGER_ESTATE] = OFFICE_ESTATE + 1,
		[LEDGER_FISCAL] = OFFICE_FISCAL + 1,     [LEDGER_STUDENT] = OFFICE_STUDENT + 1,
		[LEDGER_WORK] = OFFICE_WORK + 1,
	};
	return offices[ledger] ? (enum office)(offices[ledger] - 1) : OFFICE_MAX;
}

static const char *name_in(const struct town *t, enum ledger ledger, const struct line *l)
{
	const struct person *p = who(t, l);
	enum office o = office_of(ledger);
	if (ledger == LEDGER_ROSTER && p->roster_name)
		return p->roster_name;
	return o < OFFICE_MAX && p->fuzz[o] == FUZZ_HOMOPHONE ? p->wrong_id[o] : p->name;
}

static struct value id_in(struct town *t, enum ledger ledger, const struct line *l, enum form form)
{
	const struct person *p = who(t, l);
	enum office o = office_of(ledger);
	if (ledger == LEDGER_ROSTER && p->roster_lossy)
		return (struct value){VALUE_FLOAT, p->id, 0};
	if (ledger == LEDGER_ROSTER && p->roster_id)
		return number(t, p->roster_id, form);
	if (o < OFFICE_MAX && p->wrong_id[o] && p->fuzz[o] != FUZZ_HOMOPHONE)
		return number(t, p->wrong_id[o], form);
	return number(t, p->id, form);
}

static const char *address(struct town *t, enum ledger ledger, const struct line *l, enum form form)
{
	uint32_t group = l->house == NO_HOUSE ? 1 + l->person % 14 : t->houses.p[l->house].group;
	return arena_printf(t->arena, "%s%s%u组", form == AS_ALIAS3 ? "" : t->name,
	                    village_text(t, village_of(t, ledger, l), form), group);
}

static bool common_field(struct town *t, enum ledger ledger, const struct line *l,
                         const struct column *c, struct value *ret)
{
	const struct house *h = l->house == NO_HOUSE ? NULL : &t->houses.p[l->house];
	switch (c->field) {
	case F_SEQ:
		*ret = integer(l->number + 1);
		return true;
	case F_CITY:
		*ret = text("阜阳市");
		return true;
	case F_COUNTY:
		*ret = text(t->county);
		return true;
	case F_TOWN:
		*ret = text(t->name);
		return true;
	case F_VILLAGE:
		*ret = text(village_text(t, village_of(t, ledger, l), c->form));
		return true;
	case F_GROUP:
		*ret = h ? text(arena_printf(t->arena, "%u组", h->group)) : text(NULL);
		return true;
	case F_ADDRESS:
		*ret = text(address(t, ledger, l, c->form));
		return true;
	case F_HH_NO:
		*ret = number(t, h ? h->no : "", c->form);
		return true;
	case F_HEAD:
		*ret = h ? name(t, house_head(t, h)->name, c->form) : text(NULL);
		return true;
	case F_HEAD_ID:
		*ret = h ? number(t, house_head(t, h)->id, c->form) : text(NULL);
		return true;
	case F_NAME:
		*ret = name(t, name_in(t, ledger, l), c->form);
		return true;
	case F_ID:
		*ret = id_in(t, ledger, l, c->form);
		return true;
	case F_YEAR:
		*ret = integer(ledger == LEDGER_INSURANCE ? 2018 : SYNTH_YEAR);
		return true;
	case F_EMPTY:
		*ret = text(NULL);
		return true;
	default:
		return false;
	}
}

/* --- the roster and people ------------------------------------------------------- */

static bool person_field(struct town *t, enum ledger ledger, const struct line *l,
                         const struct column *c, const struct sheet *sheet, struct value *ret)
{
	const struct person *p = who(t, l);
	bool roster = ledger == LEDGER_ROSTER;
	switch (c->field) {
	case F_SEX:
		*ret = text(p->male != (roster && p->roster_other_sex) ? "男" : "女");
		return true;
	case F_BIRTH:
		*ret = date(t, roster && p->roster_birth ? p->roster_birth : p->birth, sheet, c->form);
		return true;
	case F_AGE:
		*ret = integer(person_age(p));
		return true;
	case F_PHONE:
		*ret = text(p->phone);
		return true;
	case F_REMARK:
		*ret = text(p->remark);
		return true;
	case F_RELATION:
		if (roster && l->item) /* listed here, at home elsewhere */
			*ret = word(relations[REL_OTHER], c->form);
		else if (p->rel == REL_SPOUSE && c->form == AS_SHORT && p->male)
			*ret = text("丈夫");
		else
			*ret = word(relations[p->rel], c->form);
		return true;
	case F_ETHNIC:
		*ret = text(p->ethnic ? "回族" : "汉族");
		return true;
	case F_EDU:
		*ret = p->study ? text(NULL) : word(educations[p->edu], c->form);
		return true;
	case F_STUDENT:
		*ret = word(studies[p->study], c->form);
		return true;
	case F_HEALTH:
		*ret = word(healths[p->health], c->form);
		return true;
	case F_LABOR:
		*ret = word(labors[p->labor], c->form);
		return true;
	case F_WORK:
		*ret = word(works[p->work], c->form);
		return true;
	case F_MONTHS:
		*ret = p->months ? integer(p->months) : text(NULL);
		return true;
	default:
		return false;
	}
}

static bool house_field(struct town *t, const struct line *l, const struct column *c,
                        struct value *ret)
{
	const struct house *h = l->house == NO_HOUSE ? NULL : &t->houses.p[l->house];
	if (!h)
		return false;
	switch (c->field) {
	case F_MEMBERS:
		*ret = integer((int64_t)h->n + (h->guest >= 0) + h->declared_more);
		return true;
	case F_STATUS:
		*ret = h->exit_year ? text(arena_printf(t->arena, "%d年脱贫", h->exit_year))
		                    : text("未脱贫");
		return true;
	case F_EXITED:
		*ret = c->form == AS_SHORT ? text(h->exit_year ? "脱贫户" : "贫困户")
		       : c->form == AS_NUMBERED ? text(h->exit_year ? "01 已脱贫" : "00 未脱贫")
		                                : text(h->exit_year ? "已脱贫" : "未脱贫");
		return true;
	case F_EXIT_YEAR:
		*ret = h->exit_year ? integer(h->exit_year) : text(NULL);
		return true;
	case F_ATTR:
		*ret = word(attrs[h->attr], c->form);
		return true;
	case F_CAUSE:
		*ret = word(causes[h->cause], c->form);
		return true;
	case F_UNSAFE:
		*ret = boolean(h->unsafe, c->form);
		return true;
	case F_HOUSE_SAFE:
		*ret = boolean(!h->unsafe, c->form);
		return true;
	case F_WATER:
		*ret = boolean(!h->water_bad, c->form);
		return true;
	case F_PC:
		*ret = money(t, h->stated_pc, c->form);
		return true;
	case F_BANK:
		*ret = text("农商行");
		return true;
	default:
		return false;
	}
}

static bool income_field(struct town *t, const struct line *l, const struct column *c,
                         struct value *ret)
{
	const struct house *h = &t->houses.p[l->house];
	const struct income *in = &h->income;
	fen_t v;
	switch (c->field) {
	case F_MEMBERS: /* who is there, whatever the roster declares */
		*ret = integer((int64_t)h->n + (h->guest >= 0));
		return true;
	case F_WAGE:
		v = in->wage;
		break;
	case F_BUSINESS:
		v = in->business;
		break;
	case F_COST:
		v = in->cost;
		break;
	case F_PROPERTY:
		v = in->property;
		break;
	case F_TRANSFER:
		v = income_transfers(in);
		break;
	case F_FAMILY:
		v = in->family;
		break;
	case F_DIBAO:
		v = in->dibao;
		break;
	case F_TEKUN:
		v = in->tekun;
		break;
	case F_PENSION:
		v = in->pension;
		break;
	case F_ECO:
		v = in->eco;
		break;
	case F_OTHER:
		v = in->other;
		break;
	case F_NET:
		v = income_net(in);
		break;
	default:
		return false;
	}
	*ret = money(t, v, c->form);
	return true;
}

/* --- duties ----------------------------------------------------------------------- */

static struct value helper_field(const struct town *t, const struct house *h, enum field f)
{
	if (h->helper < 0)
		return text(NULL);
	const struct helper *p = &t->helpers.p[h->helper];
	return text(f == F_HELPER ? p->name : f == F_UNIT ? p->unit : p->phone);
}

static bool duty_field(struct town *t, enum ledger ledger, const struct line *l,
                       const struct column *c, const struct sheet *sheet, struct value *ret)
{
	const struct house *h = &t->houses.p[l->house];
	const struct measure *m = ledger == LEDGER_MEASURE ? &t->measures.p[l->item] : NULL;
	const struct visit *v = ledger == LEDGER_VISIT ? &t->visits.p[l->item] : NULL;
	switch (c->field) {
	case F_HELPER:
	case F_UNIT:
	case F_HELPER_PHONE:
		*ret = helper_field(t, h, c->field);
		return true;
	case F_CATEGORY:
		*ret = m ? text(categories[m->category]) : text(NULL);
		return true;
	case F_CONTENT:
		*ret = m ? text(contents[m->content])
		       : v ? text(v->by_village ? "村干部走访" : talks[v->content])
		           : text(NULL);
		return true;
	case F_DATE:
		*ret = date(t, m ? m->date : v ? v->date : 0, sheet, c->form);
		return true;
	case F_MONEY:
		*ret = m && m->money ? money(t, m->money, c->form) : text(NULL);
		return true;
	case F_VISITOR:
		*ret = !v || v->by_village ? text("村干部") : helper_field(t, h, F_HELPER);
		return true;
	default:
		return false;
	}
}

static bool contract_field(struct town *t, const struct line *l, const struct column *c,
                           const struct sheet *sheet, struct value *ret)
{
	const struct contract *k = &t->contracts.p[l->item];
	switch (c->field) {
	case F_COMPANY:
		*ret = text(t->companies[k->company]);
		return true;
	case F_COOP:
		*ret = text(t->coops[k->company]);
		return true;
	case F_INDUSTRY:
		*ret = text(industries[k->company]);
		return true;
	case F_MODE:
		*ret = text(modes[k->mode]);
		return true;
	case F_MONEY:
		*ret = money(t, k->amount, c->form);
		return true;
	case F_DUE:
		*ret = date(t, k->due, sheet, c->form);
		return true;
	case F_PAID:
		*ret = money(t, k->paid, c->form);
		return true;
	default:
		return false;
	}
}

/* --- offices ------------------------------------------------------------------------ */

static struct value kind_field(const struct town *t, enum ledger ledger, const struct line *l,
                               enum form form)
{
	const struct person *p = who(t, l);
	switch (ledger) {
	case LEDGER_DIBAO:
		if (t->houses.p[l->house].dibao_list == ATTR_TEKUN)
			return text(form == AS_SHORT ? "特困" : form == AS_NUMBERED ? "农村特困人员" : "五保");
		return text(form == AS_NUMBERED ? "农村低保" : "低保");
	case LEDGER_VEHICLE:
		return text(vehicles[p->vehicle][0]);
	case LEDGER_FIRM:
		return text(p->firm == FIRM_COMPANY ? "有限责任公司"
		            : p->firm == FIRM_STALL ? "个体工商户"
		                                    : "农民专业合作社");
	default:
		return text(l->person % 9 ? "事业编制" : "公务员");
	}
}

static struct value card_number(struct town *t, const struct person *p)
{
	return text(arena_printf(t->arena, "%s%d%d%s", p->id, p->card_kind, p->card_grade,
	                         p->new_card ? "B1" : ""));
}

static bool list_field(struct town *t, enum ledger ledger, const struct line *l,
                       const struct column *c, const struct sheet *sheet, struct value *ret)
{
	const struct person *p = who(t, l);
	const struct house *h = l->house == NO_HOUSE ? NULL : &t->houses.p[l->house];
	switch (c->field) {
	case F_KIND:
		*ret = kind_field(t, ledger, l, c->form);
		return true;
	case F_MONTHLY:
		*ret = h ? money(t, h->dibao_month, c->form) : text(NULL);
		return true;
	case F_COVERED:
		*ret = h ? integer(h->dibao_heads) : text(NULL);
		return true;
	case F_CARD:
		*ret = card_number(t, p);
		return true;
	case F_CARD_KIND:
		*ret = text(card_kinds[p->card_kind]);
		return true;
	case F_CARD_GRADE:
		*ret = word(card_grades[p->card_grade], c->form);
		return true;
	case F_GRADE:
		*ret = text(arena_printf(t->arena, c->form == AS_SHORT ? "%c" : "%c级",
		                         h ? h->house_grade : 'C'));
		return true;
	case F_REBUILT:
		*ret = boolean(h && h->rebuilt, c->form);
		return true;
	case F_DATE:
		*ret = date(t, ledger == LEDGER_HOUSE && h ? h->graded
		               : date_from_days(date_to_days(20120101) + (int32_t)(l->person % 1800)),
		            sheet, c->form);
		return true;
	case F_STATE:
		*ret = text(!p->dead ? "正常" : c->form == AS_SHORT ? "死亡注销" : "注销");
		if (p->dead && c->form == AS_USUAL && l->person % 3 == 0)
			*ret = text("死亡");
		return true;
	default:
		return false;
	}
}

static bool thing_field(struct town *t, const struct line *l, const struct column *c,
                        struct value *ret)
{
	const struct person *p = who(t, l);
	switch (c->field) {
	case F_INSURED_NO:
		*ret = text(arena_printf(t->arena, "%010u", l->number));
		return true;
	case F_PLATE:
		*ret = text(arena_printf(t->arena, "皖K%05u", (l->person * 7919u) % 100000u));
		return true;
	case F_BRAND:
		*ret = text(vehicles[p->vehicle][1]);
		return true;
	case F_PRICE:
		*ret = text(vehicles[p->vehicle][2]);
		return true;
	case F_FIRM_NAME:
		*ret = text(arena_printf(t->arena,
		                         p->firm == FIRM_COMPANY ? "颍上县%s商贸有限公司"
		                         : p->firm == FIRM_STALL ? "%s便民店"
		                                                 : "%s种植专业合作社",
		                         p->name + 3));
		return true;
	default:
		return false;
	}
}

static bool place_field(struct town *t, enum ledger ledger, const struct line *l,
                         const struct column *c, struct value *ret)
{
	const struct person *p = who(t, l);
	switch (c->field) {
	case F_POST:
		*ret = text(p->firm == FIRM_STALL ? "经营者"
		            : p->firm == FIRM_COOP ? "成员" : "法定代表人");
		return true;
	case F_CAPITAL:
		*ret = integer(p->firm == FIRM_STALL ? 1 : 50);
		return true;
	case F_PLACE:
		if (p->estate == ESTATE_FLAT)
			*ret = text(arena_printf(t->arena, "颍上县慎城镇%s%u栋", estates[l->person % 4],
			                         1 + l->person % 40));
		else
			*ret = text(address(t, ledger, l, AS_USUAL));
		return true;
	case F_AREA:
		*ret = text(p->estate == ESTATE_FLAT ? "102.5" : "136");
		return true;
	case F_USE:
		*ret = text(p->estate == ESTATE_FLAT ? "成套住宅" : "农村宅基地");
		return true;
	case F_UNIT:
		*ret = text(fiscal_units[l->person % 6]);
		return true;
	case F_SCHOOL:
		*ret = text(t->schools[p->study >= STUDY_S1   ? 3
		                       : p->study >= STUDY_J1 ? 2
		                                              : l->person % 2]);
		return true;
	case F_CLASS:
		*ret = text(p->study ? studies[p->study][c->form == AS_SHORT]
		                     : person_age(p) < 13 ? "小学" : "七年级");
		return true;
	case F_MONEY:
		*ret = integer(500 + 125 * (l->person % 5));
		return true;
	default:
		return false;
	}
}

struct value field_value(struct town *t, enum ledger ledger, const struct line *l,
                         const struct column *c, const struct sheet *sheet)
{
	struct value v = {VALUE_NONE, NULL, 0};
	if (common_field(t, ledger, l, c, &v))
		return v;
	if (ledger == LEDGER_INCOME && income_field(t, l, c, &v))
		return v;
	if (ledger == LEDGER_CONTRACT && contract_field(t, l, c, sheet, &v))
		return v;
	if (ledger <= LEDGER_CONTRACT && duty_field(t, ledger, l, c, sheet, &v))
		return v;
	if (ledger > LEDGER_CONTRACT && list_field(t, ledger, l, c, sheet, &v))
		return v;
	if (ledger > LEDGER_CONTRACT &&
	    (thing_field(t, l, c, &v) || place_field(t, ledger, l, c, &v)))
		return v;
	if (!person_field(t, ledger, l, c, sheet, &v))
		(void)house_field(t, l, c, &v);
	return v;
}
