/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "pack/pack.h"
#include "pack/pack_load.h"

#include "base/banned.h"

#define HEAD "id: t\nversion: \"1\"\ncountry: CN\ntitle: T\n"
#define PARAMS "params:\n  - {id: n, kind: int, value: 3, title: T}\n"
#define CODES                                                                                      \
	"lists:\n  - id: c\n    title: C\n    items:\n"                                            \
	"      - {id: a, zh: 甲, en: A, aliases: [一]}\n      - {id: b, zh: 乙, en: B}\n"
#define LEDGERS "columns:\n  - {id: n, kind: name, zh: 姓名, en: N}\nlayouts: []\n"

static struct pack *open_cn(void)
{
	struct diag d = {0};
	struct pack *p = NULL;
	enum err e = pack_open("cn-2018", &d, &p);
	if (e)
		print_error("%s: %s\n", d.place, d.detail);
	assert_int_equal(e, OK);
	return p;
}

static void test_pack__builtin_opens(void **state)
{
	struct pack *p = open_cn();
	assert_string_equal(p->id, "cn-2018");
	assert_int_equal(strlen(p->hash), 64);
	assert_true(p->n_layouts >= 17);
	int64_t v = 0;
	assert_true(pack_table_get(pack_table(p, "line"), 2017, &v));
	assert_int_equal(v, 295200);
	assert_false(pack_table_get(pack_table(p, "line"), 1999, &v));
	assert_int_equal(pack_param_int(p, "helper_max_households", -1), 10);
	const struct pack_layout *l = pack_layout(p, "roster");
	assert_non_null(l);
	assert_true(l->role[PACK_ROLE_ID] >= 0);
	assert_string_equal(l->columns[l->role[PACK_ROLE_HH_NO]].id, "hh_no");
	pack_close(p);
}

static void test_pack__folder_is_the_same_pack(void **state)
{
	struct pack *a = open_cn(), *b = NULL;
	struct diag d = {0};
	assert_int_equal(pack_open(PACKS_DIR "/cn-2018", &d, &b), OK);
	assert_string_equal(a->hash, b->hash);
	pack_close(a);
	pack_close(b);
	assert_int_equal(pack_open("nowhere", &d, &b), ERR_PACK_UNKNOWN);
}

static void code(const struct pack *p, const char *list, const char *text, const char *want,
                 int32_t want_year)
{
	const struct pack_list *l = pack_list(p, list);
	int32_t year = 0;
	int i = pack_code_find(l, str_c(text), &year);
	const char *got = i < 0 ? "-" : l->codes[i].id;
	if (strcmp(got, want) != 0 || year != want_year)
		fail_msg("%s: \"%s\" is %s (%d), not %s (%d)", list, text, got, year, want,
		         want_year);
}

static void test_pack__codes_as_offices_write_them(void **state)
{
	struct pack *p = open_cn();
	code(p, "status", "2017年脱贫", "exited", 2017);
	code(p, "status", "已脱贫（2016年）", "exited", 2016);
	code(p, "status", "脱贫2015", "exited", 2015);
	code(p, "status", " 未脱贫 ", "listed", 0);
	code(p, "status", "２０１４年度脱贫户", "exited", 2014);
	code(p, "attr", "01 一般贫困户", "ordinary", 0);
	code(p, "attr", "2.低保贫困户", "dibao", 0);
	code(p, "attr", "(3)五保贫困户", "tekun", 0);
	code(p, "attr", "低保户（A类）", "dibao", 0);
	code(p, "attr", "特困供养(五保)贫困户", "tekun", 0);
	code(p, "cause", "①因病", "ill", 0);
	code(p, "cause", "缺 劳 力", "labor", 0);
	code(p, "cause", "7-缺技术", "skill", 0);
	code(p, "cause", "1", "-", 0);
	code(p, "sex", "男性", "male", 0);
	code(p, "house_grade", "Ｄ级危房", "d", 0);
	code(p, "house_grade", "C", "c", 0);
	code(p, "disability_grade", "2级", "g2", 0);
	code(p, "disability_grade", "一级残疾", "g1", 0);
	code(p, "relation", "长子", "son", 0);
	code(p, "relation", "02-配偶", "spouse", 0);
	code(p, "student", "小学三年级", "primary", 0);
	code(p, "yes_no", "√", "yes", 0);
	code(p, "yes_no", "N", "no", 0);
	code(p, "vehicle_kind", "小型普通客车", "car", 0);
	code(p, "vehicle_kind", "不明飞行物", "-", 0);
	code(p, "population_state", "注销（死亡）", "dead", 0);
	pack_close(p);
}

static void test_pack__sets_of_codes(void **state)
{
	struct pack *p = open_cn();
	const struct pack_list *l = pack_list(p, "health");
	struct str unknown;
	uint64_t chronic = 1u << pack_code_by_id(l, "chronic");
	uint64_t disabled = 1u << pack_code_by_id(l, "disabled");
	assert_int_equal(pack_codes_find(l, str_c("长期慢性病，残疾"), &unknown),
	                 chronic | disabled);
	assert_int_equal(unknown.n, 0);
	assert_int_equal(pack_codes_find(l, str_c("残疾 慢性病"), &unknown), chronic | disabled);
	assert_int_equal(pack_codes_find(l, str_c("慢性病、怪病"), &unknown), chronic);
	assert_true(str_is(unknown, "怪病"));
	pack_close(p);
}

static void refused(const char *head, const char *params, const char *codes, const char *ledgers,
                    const char *place)
{
	struct str text[PACK_FILES] = {str_c(head), str_c(params), str_c(codes), str_c(ledgers),
	                               {NULL, 0}};
	struct pack *p = NULL;
	struct diag d = {0};
	assert_int_equal(pack_load(text, &d, &p), ERR_PACK);
	assert_string_equal(d.place, place);
	assert_true(d.detail[0] != '\0');
}

static void test_pack__errors_name_the_place(void **state)
{
	refused(HEAD "colour: red\n", PARAMS, CODES, LEDGERS, "pack.yaml:5:9");
	refused("id: t\n", PARAMS, CODES, LEDGERS, "pack.yaml:1:1");
	refused("a: [\n", PARAMS, CODES, LEDGERS, "pack.yaml:2:1");
	refused("a: &x 1\nb: *x\n", PARAMS, CODES, LEDGERS, "pack.yaml:1:4");
	refused("id: t\nid: u\n", PARAMS, CODES, LEDGERS, "pack.yaml:2:1");
	refused(HEAD, "params:\n  - {id: n, kind: int, value: x, title: T}\n", CODES, LEDGERS,
	        "params.yaml:2:31");
	refused(HEAD, PARAMS,
	        "lists:\n  - id: c\n    title: C\n    items:\n      - {id: a, zh: 甲, en: A}\n"
	        "      - {id: b, zh: 甲, en: B}\n",
	        LEDGERS, "codes.yaml:6:9");
	refused(HEAD, PARAMS, CODES, "columns:\n  - {id: n, kind: nme, zh: 姓名, en: N}\nlayouts: []\n",
	        "ledgers.yaml:2:19");
	refused(HEAD, PARAMS, CODES, "columns: []\nlayouts: [x]\n", "ledgers.yaml:2:11");
	refused(HEAD, PARAMS, CODES,
	        "columns:\n  - {id: n, kind: name, zh: 姓名, en: N}\nlayouts:\n  - id: items\n    title: T\n"
	        "    office: O\n    subject: household\n    family: f\n    keep: matched\n"
	        "    retention_days: 1\n    sensitivity: office\n    coverage: never\n"
	        "    one_to_one: no\n    titles: []\n    identify: [n]\n"
	        "    pivot: {into: nothing, by: [n], value: n}\n    columns: [n]\n",
	        "ledgers.yaml:16:12");
}

static void test_pack__rules_carry_positions(void **state)
{
	static const char rules[] = "rules:\n"
	                            "  - id: r\n"
	                            "    title: T\n"
	                            "    scope: household\n"
	                            "    when: |\n"
	                            "\n"
	                            "      a = 1\n"
	                            "      and b\n"
	                            "    detail: {zh: \"甲 {a}\", en: A}\n"
	                            "    question: Q\n"
	                            "    severity: E\n"
	                            "    fixer: V\n"
	                            "    params: [n]\n"
	                            "    tests: {positive: [{a: 1}], negative: []}\n"
	                            "pending:\n"
	                            "  - {id: p, title: P, waits_for: W}\n";
	struct str text[PACK_FILES] = {STR(HEAD), STR(PARAMS), STR(CODES), STR(LEDGERS),
	                               STR(rules)};
	struct pack *p = NULL;
	struct diag d = {0};
	enum err e = pack_load(text, &d, &p);
	if (e)
		print_error("%s: %s\n", d.place, d.detail);
	assert_int_equal(e, OK);
	const struct pack_rule *r = &p->rules[0];
	assert_string_equal(r->when.text, "a = 1\nand b\n");
	assert_int_equal(r->when.line, 7);
	assert_int_equal(r->when.col, 7);
	assert_int_equal(r->detail[LANG_ZH].line, 9);
	assert_int_equal(r->detail[LANG_ZH].col, 19);
	assert_int_equal(r->positive->n, 1);
	assert_true(r->enabled);
	assert_int_equal(p->n_pending, 1);
	pack_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pack__builtin_opens),
		cmocka_unit_test(test_pack__folder_is_the_same_pack),
		cmocka_unit_test(test_pack__codes_as_offices_write_them),
		cmocka_unit_test(test_pack__sets_of_codes),
		cmocka_unit_test(test_pack__errors_name_the_place),
		cmocka_unit_test(test_pack__rules_carry_positions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
