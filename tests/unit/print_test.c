/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Pages of one hard household: four-character names, a long address, twelve members, many
 * findings; the day sheet, the letters, the minutes.  print_test DIR keeps the files there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/day_sheet.h"
#include "report/duty_sheet.h"
#include "report/minutes.h"
#include "report/visit.h"

enum { MEMBERS = 12 };

static const char *dir;
static struct pack *pack;
static struct check *check;
static struct arena arena;
static struct check_result results[LANG_MAX];
static struct town_village villages[] = {{STR("341226115201"), STR("八里河风景区管理委员会社区"), STR("八里河镇")},
                                         {STR("341226115202"), STR("常庄村"), STR("八里河镇")}};
static struct town_household households[2];
static struct town_person persons[MEMBERS];
static struct town_income incomes[1];
static struct town_duty duties[1];
static struct town_measure measures[3];
static struct town_visit visits[2];
static struct town_ledger ledgers[] = {
	{.layout = STR("roster"), .title = STR("贫困户花名册"), .as_of = 20180110, .no = 1,
	 .complete = true, .covers_all = true, .year = TOWN_MISSING, .authorised = true},
	{.layout = STR("income"), .title = STR("收入台账"), .as_of = 20171231, .no = 2,
	 .complete = true, .covers_all = true, .year = 2017},
};
static struct town town = {.as_of = 20180114, .name = STR("八里河镇"), .area = STR("341226115"),
                           .villages = villages, .n_villages = 2, .households = households,
                           .n_households = 2, .persons = persons, .n_persons = MEMBERS,
                           .incomes = incomes, .n_incomes = 1, .ledgers = ledgers,
                           .n_ledgers = 2, .duties = duties, .n_duties = 1,
                           .measures = measures, .n_measures = 3, .visits = visits, .n_visits = 2};

static int16_t code(const char *list, const char *id)
{
	return (int16_t)pack_code_by_id(pack_list(pack, list), id);
}

static void fill_household(struct town_household *h, const char *no, const char *head)
{
	*h = (struct town_household){
		.no = 1, .hh_no = str_c(no), .group = STR("八里河第二十三村民小组"), .head_name = str_c(head),
		.address = STR("安徽省阜阳市颍上县八里河镇八里河社区八里河风景区东侧第二十三村民组一百零八号院"),
		.status = code("status", "exited"), .attr = code("attr", "ordinary"),
		.cause_main = code("cause", "ill"), .house_grade = TOWN_NONE, .unsafe_house = TRI_YES,
		.water_safe = TRI_NO, .entry_year = 2014, .exit_year = 2016, .phone = STR("10012345678"),
		.plan_exit_year = TOWN_MISSING, .declared_members = 9, .stated_per_capita = TOWN_MISSING,
		.house_area = 12050, .arable = 615};
}

/* Every second number has a wrong check digit, so that there are many findings. */
static void fill_people(void)
{
	static const char *const names[] = {"欧阳娜娜", "司马相如", "诸葛孔明", "上官婉儿"};
	for (int i = 0; i < MEMBERS; i++) {
		char *id = arena_printf(&arena, "3412991965070%02d%03d%d", 10 + i, i, i % 10);
		persons[i] = (struct town_person){
			.no = i + 1, .household = 0, .name = str_c(names[i % 4]), .id_raw = str_c(id),
			.id18 = str_c(id), .id_state = 1, .sex = code("sex", i % 2 ? "male" : "female"),
			.birth = 19650101, .relation = code("relation", i ? "son" : "head"),
			.ethnic = TOWN_NONE, .edu = code("edu", "primary"), .student = TOWN_NONE,
			.labor = TOWN_NONE, .work_place = TOWN_NONE, .public_post = TOWN_NONE,
			.disability_type = TOWN_NONE, .disability_grade = TOWN_MISSING, .work_months = 5};
	}
}

static int setup(void **state)
{
	(void)state;
	struct diag d = {0};
	arena_init(&arena, 0);
	if (pack_open("cn-2018", &d, &pack) != OK || check_new(pack, &d, &check) != OK)
		return -1;
	fill_household(&households[0], "341226115002003900017", "欧阳娜娜");
	fill_household(&households[1], "341226115002003900025", "\xF0\xA0\x85\xA4䶮\xee\x80\x80");
	households[1].village = 1;
	fill_people();
	incomes[0] = (struct town_income){
		.ledger = 1, .place = STR("x"), .year = 2017, .members = 12, .wage = 123456789, .business = 100,
		.business_cost = 0, .property = TOWN_MISSING, .t_family = TOWN_MISSING, .t_dibao = 12000,
		.t_tekun = TOWN_MISSING, .t_pension = TOWN_MISSING, .t_eco = TOWN_MISSING,
		.t_other = TOWN_MISSING, .transfer = TOWN_MISSING, .stated_net = TOWN_MISSING,
		.stated_per_capita = TOWN_MISSING};
	duties[0] = (struct town_duty){.helper = STR("尉迟敬德"), .unit = STR("八里河镇人民政府扶贫工作办公室"),
	                               .phone = STR("10087654321"), .from = 20170301};
	for (int i = 0; i < 3; i++)
		measures[i] = (struct town_measure){
			.person = TOWN_NONE, .category = TOWN_NONE, .category_text = STR("产业扶贫"), .date = 20170500,
			.content = STR("特色种养业到户补助：水产养殖（龙虾）五亩并签约技术服务"), .amount = 300000,
			.plan_amount = TOWN_MISSING};
	visits[0] = (struct town_visit){.date = 20170721, .visitor = STR("尉迟敬德"), .content = STR("宣传政策")};
	visits[1] = visits[0];
	for (int l = 0; l < LANG_MAX; l++) {
		struct check_opts o = {.lang = (enum lang)l, .village = TOWN_NONE};
		check_run(check, &town, &o, &arena, &results[l]);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	check_free(check);
	pack_close(pack);
	arena_release(&arena);
	return 0;
}

static struct report report(enum lang lang)
{
	return (struct report){.lang = lang, .check = check, .result = &results[lang],
	                       .village = TOWN_NONE, .user = "office"};
}

static const char *file(const char *name, enum lang lang, const char *ending)
{
	return arena_printf(&arena, "%s/%s-%s.%s", dir, name, lang == LANG_ZH ? "zh" : "en", ending);
}

static void is_there(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 1000);
}

static void test_print__visit(void **state)
{
	(void)state;
	for (int l = 0; l < LANG_MAX; l++) {
		struct diag d = {0};
		struct visit_made made;
		struct report r = report((enum lang)l);
		const char *path = file("visit", r.lang, "pdf");
		assert_int_equal(visit_pdf(&r, NULL, 0, path, &arena, &d, &made), OK);
		assert_int_equal(made.households, 2);
		assert_true(made.pages >= 4);
		assert_string_equal(made.missing, "U+E000");
		is_there(path);
	}
}

static void test_print__duties(void **state)
{
	(void)state;
	for (int l = 0; l < LANG_MAX; l++) {
		struct diag d = {0};
		struct report r = report((enum lang)l);
		size_t n;
		assert_int_equal(duty_chart_pdf(&r, file("chart", r.lang, "pdf"), &d), OK);
		assert_int_equal(duty_letters_pdf(&r, &(struct duty_letters){.until = 20181231},
		                                  file("letters", r.lang, "pdf"), &d, &n), OK);
		assert_int_equal(n, 1);
		assert_int_equal(duty_letters_pdf(&r, &(struct duty_letters){.helper = "无此人"},
		                                  file("none", r.lang, "pdf"), &d, &n), OK);
		assert_int_equal(n, 0);
		is_there(file("letters", r.lang, "pdf"));
	}
}

static void test_print__day_sheet(void **state)
{
	(void)state;
	struct day_sheet_village v[19];
	struct day_sheet_task late[30];
	for (int i = 0; i < 19; i++)
		v[i] = (struct day_sheet_village){.village = STR("八里河居委会"), .opened = 3, .closed = 5 + i,
		        .open = 40 + i, .overdue = i % 4, .waiting = 2, .closed_in_period = 30 * (i % 3),
		        .tasks_open = 4, .tasks_overdue = i % 2};
	for (int i = 0; i < 30; i++)
		late[i] = (struct day_sheet_task){STR("各村完成建档立卡贫困户家庭成员健康状况、在校情况、务工情况核实并上报汇总表"),
		                                  STR("卫生院 欧阳娜娜"), 20180105, 40};
	struct day_sheet s = {.unit = STR("八里河镇"), .day = 20180114, .made_by = "office", .pace_days = 7,
	                      .villages = v, .n_villages = 19, .late = late, .n_late = 30};
	assert_int_equal(day_sheet_expected(&s, &v[0]), 0);
	assert_int_equal(day_sheet_expected(&s, &v[1]), 20180124); /* 41 at 30 in 7 days: 10 days */
	for (int l = 0; l < LANG_MAX; l++) {
		struct diag d = {0};
		s.lang = (enum lang)l;
		assert_int_equal(day_sheet_pdf(&s, file("day", s.lang, "pdf"), &d), OK);
		is_there(file("day", s.lang, "pdf"));
	}
}

static void test_print__minutes(void **state)
{
	(void)state;
	static const struct minutes_attendee who[] = {
		{STR("镇党委"), STR("王一"), STR("书记"), false, STR("")},
		{STR("风景区管委会"), STR("欧阳娜娜"), STR("副主任"), true, STR("请假")}};
	static const struct minutes_task tasks[] = {
		{STR("核对医保参保名单"), STR("卫生院"), 20180120, STR("办理中"), STR("参保名册"), 60, true}};
	static const struct minutes_decision decisions[] = {
		{STR("各单位一周内交齐台账，镇扶贫办三日内完成比对。"), tasks, 1}, {STR("干部下沉到户。"), NULL, 0}};
	static const struct str agenda[] = {STR("传达县第七十九次推进会精神"), STR("分析当前形势")};
	static const struct str said[] = {STR("会议指出，要以第三方评估标准为导向，以问题为导向，夯实基础，完善数据。")};
	struct minutes m = {.title = STR("八里河镇脱贫攻坚推进会会议纪要"), .unit = STR("八里河镇"),
	                    .number = STR("〔2018〕3号"), .date = 20180114, .time = STR("15:00"),
	                    .place = STR("镇政府三楼会议室"), .chair = STR("王一"), .recorder = STR("李二"),
	                    .attendees = who, .n_attendees = 2, .agenda = agenda, .n_agenda = 2,
	                    .paragraphs = said, .n_paragraphs = 1, .decisions = decisions,
	                    .n_decisions = 2, .made_by = "office"};
	for (int l = 0; l < LANG_MAX; l++) {
		struct diag d = {0};
		m.lang = (enum lang)l;
		assert_int_equal(minutes_docx(&m, file("minutes", m.lang, "docx"), &d), OK);
		assert_int_equal(minutes_pdf(&m, file("minutes", m.lang, "pdf"), &d), OK);
		is_there(file("minutes", m.lang, "pdf"));
	}
}

int main(int argc, char **argv)
{
	char temporary[] = "/tmp/daohu-print-XXXXXX";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print__visit),
		cmocka_unit_test(test_print__duties),
		cmocka_unit_test(test_print__day_sheet),
		cmocka_unit_test(test_print__minutes),
	};
	static const char *const names[] = {"visit", "chart", "letters", "none", "day", "minutes"};
	dir = argc > 1 ? argv[1] : mkdtemp(temporary);
	int failed = cmocka_run_group_tests(tests, setup, teardown);
	for (size_t i = 0; argc == 1 && i < 4 * sizeof(names) / sizeof(names[0]); i++) {
		char path[200];
		(void)snprintf(path, sizeof(path), "%s/%s-%s.%s", dir, names[i / 4], i % 2 ? "en" : "zh",
		               i / 2 % 2 ? "docx" : "pdf");
		(void)unlink(path);
	}
	if (argc == 1)
		(void)rmdir(dir);
	return failed;
}
