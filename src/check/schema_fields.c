/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/schema.h"

#include <stddef.h>

#include "base/banned.h"

/* A row: word, rule type, scale, list, layout, C type, fact?, hidden?, member. */
#define IN(st, word, type_, scale_, list_, layout_, c_, hide_, member, zh, en)                     \
	{.name = word, .type = RULE_##type_, .scale = scale_, .list = list_, .layout = layout_,   \
	 .c = C_##c_, .fact = false, .hide = hide_, .offset = offsetof(struct st, member),         \
	 .label = TEXT(zh, en)}
#define OF(st, word, type_, scale_, list_, layout_, c_, hide_, member, zh, en)                     \
	{.name = word, .type = RULE_##type_, .scale = scale_, .list = list_, .layout = layout_,   \
	 .c = C_##c_, .fact = true, .hide = hide_, .offset = offsetof(struct st, member),          \
	 .label = TEXT(zh, en)}

#define T(word, member, zh, en)                                                                    \
	IN(TOWN, word, TEXT, 0, NULL, SRC, TEXT, false, member, zh, en)
#define T_HIDE(word, member, zh, en)                                                               \
	IN(TOWN, word, TEXT, 0, NULL, SRC, TEXT, true, member, zh, en)
#define CODE(word, member, list, zh, en)                                                           \
	IN(TOWN, word, CODE, 0, list, SRC, CODE, false, member, zh, en)
#define CODE_HIDE(word, member, list, zh, en)                                                      \
	IN(TOWN, word, CODE, 0, list, SRC, CODE, true, member, zh, en)
#define SET(word, member, list, zh, en)                                                            \
	IN(TOWN, word, CODES, 0, list, SRC, MASK, false, member, zh, en)
#define SET_HIDE(word, member, list, zh, en)                                                       \
	IN(TOWN, word, CODES, 0, list, SRC, MASK, true, member, zh, en)
#define TRI(word, member, zh, en) IN(TOWN, word, BOOL, 0, NULL, SRC, TRI, false, member, zh, en)
#define DATE(word, member, zh, en) IN(TOWN, word, DATE, 0, NULL, SRC, DATE, false, member, zh, en)
#define NUM(word, member, scale, zh, en)                                                           \
	IN(TOWN, word, NUM, scale, NULL, SRC, INT, false, member, zh, en)
#define FEN(word, member, zh, en) IN(TOWN, word, MONEY, 0, NULL, SRC, INT, false, member, zh, en)

#define FT(word, member, zh, en) OF(FACT, word, TEXT, 0, NULL, SRC, TEXT, false, member, zh, en)
#define FCODE(word, member, list, zh, en)                                                          \
	OF(FACT, word, CODE, 0, list, SRC, CODE, false, member, zh, en)
#define FBOOL(word, member, layout, zh, en)                                                        \
	OF(FACT, word, BOOL, 0, NULL, layout, BOOL, false, member, zh, en)
#define FTRI(word, member, layout, zh, en)                                                         \
	OF(FACT, word, BOOL, 0, NULL, layout, TRI, false, member, zh, en)
#define FDATE(word, member, layout, zh, en)                                                        \
	OF(FACT, word, DATE, 0, NULL, layout, DATE, false, member, zh, en)
#define FNUM(word, member, layout, zh, en)                                                         \
	OF(FACT, word, NUM, 0, NULL, layout, INT, false, member, zh, en)
#define FFEN(word, member, zh, en) OF(FACT, word, MONEY, 0, NULL, SRC, INT, false, member, zh, en)

#define SRC NULL
#define TOWN town_village
static const struct schema_field village_fields[] = {
	T("name", name, "村", "village"),
	T("code", code, "区划代码", "area code"),
};
#undef TOWN
#undef SRC

#define SRC "roster"
#define TOWN town_household
#define FACT fact_household
static const struct schema_field household_fields[] = {
	T("head_name", head_name, "户主", "head"),
	T("hh_no", hh_no, "户编号", "household number"),
	T("group_name", group, "组", "group"),
	T("address", address, "住址", "address"),
	T_HIDE("phone", phone, "联系电话", "phone"),
	T("bank", bank, "开户银行", "bank"),
	T_HIDE("bank_account", bank_account, "银行账号", "bank account"),
	CODE("status", status, "status", "脱贫属性", "list status"),
	CODE("attr", attr, "attr", "贫困户属性", "household attribute"),
	CODE("cause_main", cause_main, "cause", "主要致贫原因", "main cause of poverty"),
	SET("cause_others", cause_others, "cause", "其他致贫原因", "other causes"),
	CODE("house_grade_file", house_grade, "house_grade", "档案房屋等级", "house grade on file"),
	TRI("unsafe_house", unsafe_house, "危房户", "unsafe house"),
	TRI("water_safe", water_safe, "饮水安全", "safe water"),
	TRI("relocated", relocated, "易地搬迁户", "relocated"),
	NUM("entry_year", entry_year, 0, "识别年度", "year of entry"),
	NUM("exit_year", exit_year, 0, "脱贫年度", "year of exit"),
	NUM("plan_exit_year", plan_exit_year, 0, "计划脱贫年度", "planned year of exit"),
	NUM("declared_members", declared_members, 0, "家庭人口数", "stated members"),
	FEN("roster_per_capita", stated_per_capita, "花名册人均纯收入", "per-capita income on the roster"),
	NUM("house_area", house_area, 2, "住房面积", "house area"),
	NUM("arable", arable, 2, "耕地面积", "arable land"),
	FNUM("members_count", members, SRC, "成员数", "members counted"),
	FNUM("head_count", heads, SRC, "户主数", "heads"),
	FNUM("spouse_count", spouses, SRC, "配偶数", "spouses"),
	FNUM("relation_unknown", relation_unknown, SRC, "关系不明人数", "members of unknown relation"),
	FDATE("head_birth", head_birth, SRC, "户主出生日期", "head's birth"),
	FCODE("head_sex", head_sex, "sex", "户主性别", "head's sex"),
	FT("village_name", village, "村", "village"),
	FT("town_name", town, "乡镇", "town"),
	FDATE("last_visit", last_visit, "visit", "最近走访", "last visit"),
	FNUM("visits_count", visits, "visit", "走访次数", "visits"),
	FNUM("helpers_count", helpers, "duty", "帮扶责任人数", "helpers"),
	FNUM("phone_shared", phone_shared, SRC, "同号户数", "households with this phone"),
	FNUM("bank_shared", bank_shared, SRC, "同账号户数", "households with this account"),
	FTRI("income_covered", covered_income, "income", "已报收入台账", "income ledger handed in"),
	FTRI("duty_covered", covered_duty, "duty", "已报结对台账", "helper ledger handed in"),
	FTRI("measure_covered", covered_measure, "measure", "已报措施台账", "measure ledger handed in"),
	FTRI("visit_covered", covered_visit, "visit", "已报走访台账", "visit ledger handed in"),
	FTRI("contract_covered", covered_contract, "contract", "已报合同台账",
	     "contract ledger handed in"),
	FTRI("dibao_list_has_tekun", dibao_list_has_tekun, "dibao", "名册含特困", "list holds destitute"),
};
#undef TOWN
#undef FACT

#define TOWN town_person
#define FACT fact_person
static const struct schema_field person_fields[] = {
	T("name", name, "姓名", "name"),
	CODE("sex", sex, "sex", "性别", "sex"),
	DATE("birth", birth, "出生日期", "birth"),
	T_HIDE("id_raw", id_raw, "证件号码", "identity number"),
	CODE("relation", relation, "relation", "与户主关系", "relation to the head"),
	CODE("ethnic", ethnic, "ethnic", "民族", "ethnic group"),
	CODE("edu", edu, "edu", "文化程度", "education"),
	CODE("student", student, "student", "在校生状况", "school status"),
	SET_HIDE("health", health, "health", "健康状况", "health"),
	CODE("labor", labor, "labor", "劳动技能", "labour"),
	CODE("work_place", work_place, "work_place", "务工状况", "place of work"),
	CODE("public_post", public_post, "public_post", "公益性岗位", "public post"),
	CODE_HIDE("disability_type_file", disability_type, "disability_type", "残疾类别",
	          "kind of disability"),
	NUM("disability_grade_file", disability_grade, 0, "残疾等级", "disability grade"),
	T_HIDE("disability_card_file", disability_card, "残疾证号", "disability card"),
	NUM("work_months", work_months, 0, "务工月数", "months of work"),
	T_HIDE("phone", phone, "电话", "phone"),
	TRI("insured_resident", insured_resident, "参加居民医保", "resident insurance"),
	TRI("insured_employee", insured_employee, "参加职工医保", "employee insurance"),
	TRI("insured_major", insured_major, "参加大病保险", "major-illness insurance"),
	TRI("has_dibao", dibao, "享受低保", "gets allowance"),
	TRI("soldier", soldier, "现役军人", "soldier"),
	T("school", school, "就读学校", "school"),
	T("dropout_reason", dropout_reason, "失学原因", "reason of leaving school"),
	T("remark", remark, "备注", "remark"),
	OF(FACT, "id_flags", CODES, 0, "id_flag", SRC, FLAGS, false, id_flags, "号码问题",
	   "faults of the number"),
	FBOOL("id_missing", id_missing, SRC, "无证件号码", "no number"),
	FBOOL("id_ok", id_ok, SRC, "号码完好", "number in order"),
	FDATE("id_birth", id_birth, SRC, "号码中的出生日期", "birth by the number"),
	FCODE("id_sex", id_sex, "sex", "号码中的性别", "sex by the number"),
	FDATE("true_birth", true_birth, SRC, "出生日期（号码优先）", "birth (number first)"),
	FCODE("relation_sex", relation_sex, "sex", "关系所示性别", "sex by the relation"),
	FNUM("relation_generation", relation_generation, SRC, "辈分", "generation"),
	FNUM("id_households", id_households, SRC, "同号户数", "households with this number"),
	FNUM("id_times", id_times, SRC, "户内同号人数", "times in the household"),
	FT("id_elsewhere", id_elsewhere, "另见于户", "also in household"),
	FT("id_shown", id_shown, "证件号码", "identity number"),
	FBOOL("is_head", head, SRC, "是户主", "is head"),
	FT("village_name", village, "村", "village"),
};
#undef TOWN
#undef FACT
#undef SRC

#define SRC "income"
#define TOWN town_income
#define FACT fact_income
static const struct schema_field income_fields[] = {
	FNUM("year", year, SRC, "年度", "year"),
	NUM("sheet_members", members, 0, "收入台账人口", "members on the sheet"),
	FEN("wage", wage, "工资性收入", "wages"),
	FEN("business", business, "生产经营性收入", "business income"),
	FEN("business_cost", business_cost, "生产经营性支出", "business cost"),
	FEN("property", property, "财产性收入", "property income"),
	FEN("t_family", t_family, "计划生育金", "family-planning grant"),
	FEN("t_pension", t_pension, "养老金", "pension"),
	FEN("t_eco", t_eco, "生态补偿金", "ecological compensation"),
	FEN("t_other", t_other, "其他转移性收入", "other transfers"),
	FEN("stated_transfer", transfer, "转移性收入（填报）", "transfers as stated"),
	FEN("stated_net", stated_net, "家庭纯收入（填报）", "net income as stated"),
	FEN("stated_per_capita", stated_per_capita, "人均纯收入（填报）", "per-capita income as stated"),
	FFEN("t_dibao", dibao, "低保金", "minimum living allowance"),
	FFEN("t_tekun", tekun, "五保（特困）金", "destitute support"),
	FFEN("transfer", transfer, "转移性收入", "transfers"),
	FFEN("transfer_items", transfer_items, "转移性收入各项之和", "transfers added up"),
	FFEN("net", net, "家庭纯收入（重算）", "net income, recomputed"),
	FFEN("per_capita", per_capita, "人均纯收入（重算）", "per-capita income, recomputed"),
	FNUM("divisor", members, SRC, "计算人口", "members used"),
	FBOOL("latest", latest, SRC, "最近年度", "latest year"),
};
#undef TOWN
#undef FACT
#undef SRC

#define SRC "duty"
#define TOWN town_duty
static const struct schema_field duty_fields[] = {
	T("helper", helper, "帮扶责任人", "helper"),
	T("unit", unit, "单位", "unit"),
	T_HIDE("phone", phone, "联系电话", "phone"),
	DATE("from", from, "起", "from"),
	DATE("to", to, "止", "to"),
};
#undef TOWN
#undef SRC

#define SRC "measure"
#define TOWN town_measure
static const struct schema_field measure_fields[] = {
	T("content", content, "措施内容", "content"),
	CODE("category", category, "measure", "措施类别", "category"),
	T("category_text", category_text, "措施类别（原文）", "category as written"),
	DATE("date", date, "落实时间", "date of delivery"),
	FEN("amount", amount, "资金", "amount"),
	FEN("plan_amount", plan_amount, "计划资金", "planned amount"),
	T("state", status, "状态", "state"),
};
#undef TOWN
#undef SRC

#define SRC "visit"
#define TOWN town_visit
static const struct schema_field visit_fields[] = {
	DATE("date", date, "走访日期", "date"),
	T("content", content, "内容", "content"),
	T("visitor", visitor, "走访人", "visitor"),
};
#undef TOWN
#undef SRC

#define SRC "contract"
#define TOWN town_contract
static const struct schema_field contract_fields[] = {
	T("company", company, "公司", "company"),
	T("coop", coop, "合作社", "co-operative"),
	T("industry", industry, "产业", "industry"),
	CODE("mode", mode, "contract_mode", "带贫方式", "mode"),
	FEN("amount", amount, "合同金额", "amount"),
	DATE("due", due, "应付日期", "due"),
	FEN("paid", paid, "已付金额", "paid"),
	DATE("paid_date", paid_date, "付款日期", "date of payment"),
};
#undef TOWN
#undef SRC

#define SRC "duty"
#define FACT fact_helper
static const struct schema_field helper_fields[] = {
	FT("name", name, "帮扶责任人", "helper"),
	FT("unit", unit, "单位", "unit"),
	FNUM("households", households, SRC, "帮扶户数", "households"),
};
#undef FACT
#undef SRC

#define SRC NULL
#define TOWN town_outsider
static const struct schema_field outsider_fields[] = {
	T("name", name, "姓名", "name"),
	CODE("sex", sex, "sex", "性别", "sex"),
	DATE("birth", birth, "出生日期", "birth"),
	T_HIDE("id18", id18, "证件号码", "identity number"),
	IN(TOWN, "cancelled", BOOL, 0, NULL, "population", BOOL, false, cancelled, "已注销", "cancelled"),
};
#undef TOWN
#undef SRC

#define ROWS(f) .fields = f, .n_fields = (int)(sizeof(f) / sizeof((f)[0]))

const struct schema_table schema_tables[ENT_FIXED] = {
	[ENT_VILLAGE] = {"village", TEXT("村", "village"), ROWS(village_fields), 0,
	                 sizeof(struct town_village), 0},
	[ENT_HOUSEHOLD] = {"household", TEXT("户", "household"), ROWS(household_fields), 0,
	                   sizeof(struct town_household), sizeof(struct fact_household)},
	[ENT_PERSON] = {"person", TEXT("成员", "member"), ROWS(person_fields), 0,
	                sizeof(struct town_person), sizeof(struct fact_person)},
	[ENT_INCOME] = {"income", TEXT("收入", "income"), ROWS(income_fields), 0,
	                sizeof(struct town_income), sizeof(struct fact_income)},
	[ENT_DUTY] = {"duty", TEXT("结对", "duty"), ROWS(duty_fields), 0, sizeof(struct town_duty), 0},
	[ENT_MEASURE] = {"measure", TEXT("帮扶措施", "measure"), ROWS(measure_fields), 0,
	                 sizeof(struct town_measure), 0},
	[ENT_VISIT] = {"visit", TEXT("走访", "visit"), ROWS(visit_fields), 0,
	               sizeof(struct town_visit), 0},
	[ENT_CONTRACT] = {"contract", TEXT("合同", "contract"), ROWS(contract_fields), 0,
	                  sizeof(struct town_contract), 0},
	[ENT_HELPER] = {"helper", TEXT("帮扶责任人", "helper"), ROWS(helper_fields), 0, 0,
	                sizeof(struct fact_helper)},
	[ENT_OUTSIDER] = {"outsider", TEXT("册外人员", "person off the register"),
	                  ROWS(outsider_fields), 0, sizeof(struct town_outsider), 0},
};
