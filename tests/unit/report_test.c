/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A town of three households, run through the pack's rules and printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/exam.h"
#include "report/rectify.h"
#include "report/summary.h"

static char dir[] = "/tmp/daohu-report-XXXXXX";
static struct pack *pack;
static struct check *check;
static struct keys *keys;
static struct arena arena;
static struct check_result result;

static struct town_village villages[] = {{STR("341226115201"), STR("八里河村"), STR("八里河镇")},
                                         {STR("341226115202"), STR("常庄村"), STR("八里河镇")}};
static struct town_household households[3];
static struct town_person persons[4];
static struct town_income incomes[2];
static struct town_ledger ledgers[] = {
	{.layout = STR("roster"), .title = STR("贫困户花名册"), .as_of = 20180110, .no = 1,
	 .complete = true, .covers_all = true, .year = TOWN_MISSING, .authorised = true},
	{.layout = STR("income"), .title = STR("收入台账"), .as_of = 20171231, .no = 2,
	 .complete = true, .covers_all = true, .year = 2017},
};
static struct town town = {.as_of = 20180114, .name = STR("八里河镇"), .area = STR("341226115"),
                           .villages = villages, .n_villages = 2, .households = households,
                           .n_households = 3, .persons = persons, .n_persons = 4,
                           .incomes = incomes, .n_incomes = 2, .ledgers = ledgers,
                           .n_ledgers = 2};

static int16_t code(const char *list, const char *id)
{
	return (int16_t)pack_code_by_id(pack_list(pack, list), id);
}

static void fill_households(void)
{
	static const char *const heads[] = {"王一", "李二", "张三"};
	static const char *const numbers[] = {"34129900000001", "34129900000002", "34129900000003"};
	for (int i = 0; i < 3; i++) {
		households[i] = (struct town_household){
			.no = i + 1, .hh_no = str_c(numbers[i]), .village = i / 2, .group = STR("前进组"),
			.head_name = str_c(heads[i]), .status = code("status", i ? "listed" : "exited"),
			.attr = code("attr", "ordinary"), .cause_main = code("cause", "ill"),
			.house_grade = TOWN_NONE, .unsafe_house = TRI_NO, .water_safe = TRI_YES,
			.entry_year = 2014, .exit_year = TOWN_MISSING, .plan_exit_year = TOWN_MISSING,
			.declared_members = TOWN_MISSING, .stated_per_capita = TOWN_MISSING,
			.house_area = TOWN_MISSING, .arable = TOWN_MISSING};
	}
}

static struct town_person person(int64_t no, int32_t household, const char *name, const char *id)
{
	return (struct town_person){
		.no = no, .household = household, .name = str_c(name), .id_raw = str_c(id),
		.id18 = str_c(id), .sex = code("sex", "male"), .birth = 19650101,
		.relation = code("relation", "head"), .ethnic = TOWN_NONE, .edu = TOWN_NONE,
		.student = TOWN_NONE, .labor = TOWN_NONE, .work_place = TOWN_NONE,
		.public_post = TOWN_NONE, .disability_type = TOWN_NONE,
		.disability_grade = TOWN_MISSING, .work_months = TOWN_MISSING};
}

static struct town_income income(int32_t household, fen_t wage)
{
	return (struct town_income){
		.household = household, .ledger = 1, .place = STR("收入.xlsx!1!5"), .year = 2017,
		.members = 1, .wage = wage, .business = TOWN_MISSING, .business_cost = TOWN_MISSING,
		.property = TOWN_MISSING, .t_family = TOWN_MISSING, .t_dibao = TOWN_MISSING,
		.t_tekun = TOWN_MISSING, .t_pension = TOWN_MISSING, .t_eco = TOWN_MISSING,
		.t_other = TOWN_MISSING, .transfer = TOWN_MISSING, .stated_net = TOWN_MISSING,
		.stated_per_capita = TOWN_MISSING};
}

static int setup(void **state)
{
	(void)state;
	struct diag d = {0};
	if (!mkdtemp(dir) || pack_open("cn-2018", &d, &pack) != OK ||
	    check_new(pack, &d, &check) != OK || keys_create(dir, NULL, &d, &keys) != OK) {
		fprintf(stderr, "%s %s %s\n", d.place, err_name(d.code), d.detail);
		return -1;
	}
	fill_households();
	persons[0] = person(1, 0, "王一", "341299196501010012");
	persons[1] = person(2, 1, "李二", "341299196501010039");
	persons[2] = person(3, 2, "张三", "341299196501010055");
	persons[3] = person(4, 2, "张四", "341299196501010071"); /* a second head */
	incomes[0] = income(0, 200000);  /* exited, below the line */
	incomes[1] = income(1, 1200000); /* well above, and none for the third */
	arena_init(&arena, 0);
	struct check_opts o = {.lang = LANG_ZH, .village = TOWN_NONE};
	check_run(check, &town, &o, &arena, &result);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	keys_close(keys);
	check_free(check);
	pack_close(pack);
	char cmd[100];
	(void)snprintf(cmd, sizeof(cmd), "%s/keys", dir);
	(void)unlink(cmd);
	return rmdir(dir);
}

static struct report report(void)
{
	return (struct report){.lang = LANG_ZH, .check = check, .result = &result,
	                       .village = TOWN_NONE, .user = "test"};
}

static size_t findings_of(const char *rule, int32_t household)
{
	size_t n = 0;
	for (size_t i = 0; i < result.n; i++)
		n += result.findings[i].household == household &&
		     strcmp(result.findings[i].rule->id, rule) == 0;
	return n;
}

static void test_report__counts_add_up(void **state)
{
	(void)state;
	struct report r = report();
	struct report_counts c;
	report_count(&r, &arena, &c);
	assert_int_equal(c.total.findings, result.n);
	size_t findings = 0, touched = 0, fixers = 0;
	for (size_t v = 0; v < c.n; v++) {
		findings += c.villages[v].findings;
		touched += c.villages[v].touched;
	}
	for (int i = 0; i < FIXER_MAX; i++)
		fixers += c.total.fixer[i];
	assert_int_equal(findings, result.n);
	assert_int_equal(fixers, result.n);
	assert_int_equal(touched, c.total.touched);
	assert_int_equal(c.total.households, 3);
	for (size_t i = 1; i < c.n_top; i++)
		assert_true(c.total.rule[c.top[i - 1]] >= c.total.rule[c.top[i]]);
}

static void test_report__one_village_only(void **state)
{
	(void)state;
	struct report r = report();
	struct check_opts o = {.lang = LANG_ZH, .village = 1};
	struct check_result of_one;
	check_run(check, &town, &o, &arena, &of_one);
	r.result = &of_one;
	r.village = 1;
	struct report_counts c;
	report_count(&r, &arena, &c);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.villages[0].village, 1);
	assert_int_equal(c.total.households, 1);
	assert_int_equal(c.total.persons, 2);
	assert_int_equal(c.total.findings, of_one.n);
	assert_true(str_is(report_title(&r), "常庄村"));
}

static void test_report__ledgers_that_miss_are_named(void **state)
{
	(void)state;
	struct report r = report();
	size_t n, received = 0, missing = 0;
	const struct report_ledger *l = report_ledgers(&r, &arena, &n);
	for (size_t i = 0; i < n; i++) {
		received += l[i].files > 0;
		missing += l[i].files == 0 && l[i].unread[0];
	}
	assert_int_equal(received, 2);
	assert_true(missing > 5);
	assert_false(l[1].authorised);
}

static void test_exam__marks_say_what_is_known(void **state)
{
	(void)state;
	struct report r = report();
	const struct exam *e = exam_run(&r, &arena);
	assert_true(findings_of("exited_below_line", 0) == 1);
	assert_int_equal(e[0].mark[EXAM_INCOME], EXAM_NO);
	assert_int_equal(e[1].mark[EXAM_INCOME], EXAM_YES);
	assert_int_equal(e[0].mark[EXAM_WATER], EXAM_YES);
	assert_int_equal(e[0].mark[EXAM_SCHOOL], EXAM_NONE);
	assert_int_equal(e[0].mark[EXAM_MEDICAL], EXAM_UNCLEAR);
	assert_int_equal(e[1].mark[EXAM_FAMILY], EXAM_YES);
	assert_true(findings_of("two_heads", 2) == 1);
	assert_int_equal(e[2].mark[EXAM_FAMILY], EXAM_NO);
	assert_non_null(strstr(e[0].why, "2000.00"));
}

static void test_rectify__keys_are_told_apart(void **state)
{
	(void)state;
	char a[RECTIFY_KEY_SIZE], b[RECTIFY_KEY_SIZE];
	rectify_key(keys, "341226", 17, "no_head", a);
	rectify_key(keys, "341226", 17, "two_heads", b);
	assert_string_not_equal(a, b);
	assert_int_equal(rectify_key_no(str_c(a)), 17);
	assert_int_equal(rectify_key_no(STR("")), 0);
	assert_int_equal(rectify_key_no(STR("F-00000000")), 0);
	assert_int_equal(rectify_key_no(STR("F17")), 0);
	assert_int_equal(rectify_key_no(STR("F99999999999999999999-00000000")), 0);
}

static void made(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 3000);
	if (!getenv("KEEP_REPORTS"))
		assert_int_equal(unlink(path), 0);
}

static void test_report__workbooks_are_written(void **state)
{
	(void)state;
	struct report r = report();
	struct diag d = {0};
	struct rectify_row *rows = ARENA_ARRAY(&arena, result.n + 1, struct rectify_row);
	for (size_t i = 0; i < result.n; i++)
		rows[i] = (struct rectify_row){.no = (int64_t)i + 1, .finding = &result.findings[i],
		                               .household = result.findings[i].household};
	struct rectify_book book = {keys, "341226", 0, rows, result.n};
	const char *path = arena_printf(&arena, "%s/a.xlsx", dir);
	assert_int_equal(rectify_write(&r, &book, path, &d), OK);
	made(path);
	path = arena_printf(&arena, "%s/b.xlsx", dir);
	assert_int_equal(exam_xlsx(&r, path, &d), OK);
	made(path);
	path = arena_printf(&arena, "%s/c.xlsx", dir);
	assert_int_equal(summary_xlsx(&r, path, &d), OK);
	made(path);
	struct buf b;
	buf_init(&b, 100000);
	summary_text(&r, &b);
	assert_non_null(strstr(b.p, "常庄村"));
	assert_false(b.full);
	if (getenv("KEEP_REPORTS"))
		puts(b.p);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report__counts_add_up),
		cmocka_unit_test(test_report__one_village_only),
		cmocka_unit_test(test_report__ledgers_that_miss_are_named),
		cmocka_unit_test(test_exam__marks_say_what_is_known),
		cmocka_unit_test(test_rectify__keys_are_told_apart),
		cmocka_unit_test(test_report__workbooks_are_written),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
