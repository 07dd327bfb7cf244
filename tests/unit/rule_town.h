/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rule_town: a small schema for tests and fuzzing of the rule language, and a
 * reader of rows written as {status: exited, members: [{name: 张三}]}.
 */
#ifndef DAOHU_TESTS_RULE_TOWN_H
#define DAOHU_TESTS_RULE_TOWN_H

#include "rule/rule.h"

enum { T_HOUSEHOLD, T_PERSON, T_CAR, T_VISIT, T_ENTITY_MAX };

#define T_LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define T_ITEM(id, zh, en) {id, TEXT(zh, en)}

static const struct rule_item t_status_items[] = {
    T_ITEM("listed", "在册", "listed"), T_ITEM("exited", "已脱贫", "exited"),
    T_ITEM("removed", "已剔除", "removed")};
static const struct rule_item t_health_items[] = {
    T_ITEM("healthy", "健康", "healthy"), T_ITEM("ill", "患病", "ill"),
    T_ITEM("disabled", "残疾", "disabled")};
static const struct rule_item t_kind_items[] = {
    T_ITEM("passenger", "小客车", "passenger car"), T_ITEM("truck", "货车", "truck"),
    T_ITEM("tricycle", "三轮车", "tricycle")};
static const struct rule_codes t_status = {"status", t_status_items, 3, true};
static const struct rule_codes t_health = {"health", t_health_items, 3, false};
static const struct rule_codes t_kind = {"car_kind", t_kind_items, 3, false};

#define T_BOOL {RULE_BOOL, 0, NULL}
#define T_NUM(scale) {RULE_NUM, scale, NULL}
#define T_MONEY {RULE_MONEY, 0, NULL}
#define T_DATE {RULE_DATE, 0, NULL}
#define T_TEXT {RULE_TEXT, 0, NULL}
#define T_CODE(list) {RULE_CODE, 0, &(list)}
#define T_CODES(list) {RULE_CODES, 0, &(list)}
#define T_FIELD(name, kind) {name, kind, TEXT(name, name), 1}

static const struct rule_field t_household_fields[] = {
    {"no", T_TEXT, TEXT("户编号", "number"), 1},
    {"status", T_CODE(t_status), TEXT("状态", "status"), 1},
    {"income", T_MONEY, TEXT("收入", "income"), 1},
    {"wage", T_MONEY, TEXT("工资", "wage"), 1},
    {"size", T_NUM(0), TEXT("人口", "size"), 1},
    {"area", T_NUM(2), TEXT("面积", "area"), 1},
    {"exit_date", T_DATE, TEXT("脱贫日期", "exit date"), 1},
    {"safe", T_BOOL, TEXT("住房安全", "safe"), 1},
    {"phone", T_TEXT, TEXT("电话", "phone"), 1},
};
static const struct rule_field t_person_fields[] = {
    {"name", T_TEXT, TEXT("姓名", "name"), 1},
    {"birth", T_DATE, TEXT("出生", "birth"), 1},
    {"health", T_CODES(t_health), TEXT("健康", "health"), 1},
    {"state", T_CODE(t_status), TEXT("状态", "state"), 1},
    {"student", T_BOOL, TEXT("在校", "student"), 1},
    {"months", T_NUM(1), TEXT("月数", "months"), 1},
    {"pay", T_MONEY, TEXT("金额", "pay"), 1},
};
static const struct rule_field t_car_fields[] = {
    {"plate", T_TEXT, TEXT("车牌", "plate"), 2},
    {"kind", T_CODE(t_kind), TEXT("车型", "kind"), 2},
    {"price", T_MONEY, TEXT("价格", "price"), 2},
    {"bought", T_DATE, TEXT("登记日期", "bought"), 2},
};
static const struct rule_field t_visit_fields[] = {
    {"date", T_DATE, TEXT("日期", "date"), 3},
    {"minutes", T_NUM(0), TEXT("时长", "minutes"), 3},
    {"by", T_TEXT, TEXT("走访人", "by"), 3},
};
static const struct rule_collection t_household_collections[] = {
    {"members", T_PERSON, RULE_PLAIN, 0, TEXT("成员", "members"), 1},
    {"visits", T_VISIT, RULE_PLAIN, 0, TEXT("走访", "visits"), 3},
    {"cars", T_CAR, RULE_LEDGER, -1, TEXT("车辆", "cars"), 2},
};
static const struct rule_collection t_person_collections[] = {
    {"car", T_CAR, RULE_LEDGER, 0, TEXT("车辆", "cars"), 2},
};
static const struct rule_parent t_person_parents[] = {{"household", T_HOUSEHOLD}};
static const struct rule_parent t_car_parents[] = {{"owner", T_PERSON}};
static const struct rule_entity t_entities[] = {
    [T_HOUSEHOLD] = {"household", TEXT("户", "household"), t_household_fields,
                     T_LEN(t_household_fields), t_household_collections, 3, NULL, 0, 0},
    [T_PERSON] = {"person", TEXT("人", "person"), t_person_fields, T_LEN(t_person_fields),
                  t_person_collections, 1, t_person_parents, 1, 0},
    [T_CAR] = {"car", TEXT("车", "car"), t_car_fields, T_LEN(t_car_fields), NULL, 0,
               t_car_parents, 1, 0},
    [T_VISIT] = {"visit", TEXT("走访", "visit"), t_visit_fields, T_LEN(t_visit_fields), NULL, 0,
                 t_person_parents, 1, 2},
};

static const struct rule_param t_params[] = {
    {"most", T_NUM(0), {RULE_KNOWN, 10, {NULL, 0}}, TEXT("上限", "most")},
    {"share", T_NUM(2), {RULE_KNOWN, 5, {NULL, 0}}, TEXT("比例", "share")},
    {"floor", T_MONEY, {RULE_KNOWN, 100000, {NULL, 0}}, TEXT("下限", "floor")},
    {"start", T_DATE, {RULE_KNOWN, 20140101, {NULL, 0}}, TEXT("起始", "start")},
};
static const struct rule_dated_row t_line_rows[] = {{2016, 306300}, {2017, 333500}};
static const struct rule_dated t_dated[] = {
    {"line", T_MONEY, t_line_rows, 2, TEXT("贫困线", "poverty line")}};

/* The digits of a text, as a number; none if there are none. */
static void t_digits(const struct rule_value *args, struct arena *a, struct rule_value *ret)
{
	int64_t v = 0;
	bool any = false;
	for (size_t i = 0; i < args[0].s.n; i++) {
		char c = args[0].s.p[i];
		if (c < '0' || c > '9' || v > 100000000)
			continue;
		v = v * 10 + (c - '0');
		any = true;
	}
	ret->state = any ? RULE_KNOWN : RULE_MISSING;
	ret->i = any ? v : 0;
}

static void t_upper(const struct rule_value *args, struct arena *a, struct rule_value *ret)
{
	char *p = arena_strndup(a, args[0].s.p ? args[0].s.p : "", args[0].s.n);
	for (size_t i = 0; i < args[0].s.n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - 32);
	ret->state = RULE_KNOWN;
	ret->s = (struct str){p, args[0].s.n};
}

static const struct rule_func t_funcs[] = {
    {"digits", T_NUM(0), 1, {T_TEXT}, t_digits, TEXT("数字", "digits")},
    {"upper", T_TEXT, 1, {T_TEXT}, t_upper, TEXT("大写", "upper case")},
};

static const struct rule_schema t_schema = {
    t_entities, T_ENTITY_MAX, t_params, T_LEN(t_params), t_dated, 1, t_funcs, T_LEN(t_funcs)};

/* ---- rows from text */

static inline struct str t_word(struct str s, size_t *pos, const char *stops)
{
	size_t from = *pos;
	if (from < s.n && s.p[from] == '"') {
		size_t end = ++from;
		while (end < s.n && s.p[end] != '"')
			end++;
		*pos = end < s.n ? end + 1 : end;
		return str_sub(s, from, end - from);
	}
	while (*pos < s.n && !strchr(stops, s.p[*pos]))
		(*pos)++;
	return str_trim(str_sub(s, from, *pos - from));
}

static inline void t_space(struct str s, size_t *pos)
{
	while (*pos < s.n && (s.p[*pos] == ' ' || s.p[*pos] == '\n' || s.p[*pos] == ','))
		(*pos)++;
}

/* A value: {map}, [list] or text.  Whatever is wrong ends in fewer items. */
static inline void t_tree(struct str s, size_t *pos, int depth, struct arena *a,
                          struct rule_tree *t)
{
	t_space(s, pos);
	t->kind = RULE_TREE_TEXT;
	if (*pos >= s.n || depth > 12)
		return;
	char open = s.p[*pos], close = open == '{' ? '}' : ']';
	if (open != '{' && open != '[') {
		t->text = t_word(s, pos, ",}]");
		return;
	}
	(*pos)++;
	t->kind = open == '{' ? RULE_TREE_MAP : RULE_TREE_LIST;
	struct rule_tree *items = ARENA_ARRAY(a, 64, struct rule_tree);
	t->items = items;
	for (;;) {
		t_space(s, pos);
		if (*pos >= s.n || s.p[*pos] == close || t->n == 64)
			break;
		size_t before = *pos;
		struct rule_tree *item = &items[t->n++];
		item->line = 1;
		item->column = (int)before + 1;
		if (open == '{') {
			item->name = t_word(s, pos, ":,}]");
			if (*pos < s.n && s.p[*pos] == ':')
				(*pos)++;
		}
		t_tree(s, pos, depth + 1, a, item);
		if (*pos == before)
			break;
	}
	if (*pos < s.n)
		(*pos)++;
}

#endif
