/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A county of three towns: what came for one leaves the others as they are. */
#include "ledger/project_places.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "registry/edit.h"
#include "temp_ledgers.h"

#include "base/banned.h"

enum { TOWNS = 3, FIRST_TOWN = 1, VILLAGES = 6 };

static struct area areas[] = {
	{.code = "341299", .name = "试验县"},
	{.code = "341299101", .name = "甲镇", .parent = "341299"},
	{.code = "341299101201", .name = "东山村", .parent = "341299101"},
	{.code = "341299101202", .name = "西山村", .parent = "341299101"},
	{.code = "341299102", .name = "乙镇", .parent = "341299"},
	{.code = "341299102201", .name = "南湖村", .parent = "341299102"},
	{.code = "341299102202", .name = "北湖村", .parent = "341299102"},
	{.code = "341299103", .name = "丙镇", .parent = "341299"},
	{.code = "341299103201", .name = "上河村", .parent = "341299103"},
	{.code = "341299103202", .name = "下河村", .parent = "341299103"},
};
static const struct area_list area_list = {areas, sizeof(areas) / sizeof(areas[0])};

static int32_t town_at(int town)
{
	return FIRST_TOWN + 3 * town;
}

static const char *village(int town, int i)
{
	return areas[town_at(town) + 1 + i].name;
}

static int open_house(void **state)
{
	static struct temp_house h;
	temp_ledgers_open(&h, &area_list, "341299");
	*state = &h;
	return 0;
}

static int close_house(void **state)
{
	temp_house_close(*state);
	return 0;
}

/* --- what comes in ------------------------------------------------------------------------- */

/* A ledger of these towns, or of all. */
static void hand_in(struct temp_house *h, const char *layout, const char *covers, const char *as_of,
                    const char *text)
{
	static unsigned n;
	n++;
	take_covering(h, layout, arena_printf(&h->a, "台账%u", n), covers,
	              as_of ? arena_printf(&h->a, "第%u份台账（截至2018年1月%s日）\n%s", n, as_of, text) : text);
}

#define ROSTER "行政村,户编号,姓名,身份证号码,与户主关系\n"
#define VISITS "行政村,户编号,户主姓名,走访日期,走访内容,走访人\n"
#define DUTIES "行政村,户编号,户主姓名,帮扶责任人,帮扶单位\n"
#define PEOPLE "姓名,公民身份号码,性别,住址,户籍状态\n"

static void rosters_of_all(struct temp_house *h)
{
	hand_in(h, "roster", "341299101", "1", ROSTER "东山村,1001,张一,341299195803010013,户主\n西山村,1002,张二,,户主\n");
	hand_in(h, "roster", "341299102", "1", ROSTER "南湖村,2001,李一,,户主\n北湖村,2002,李二,,户主\n");
	hand_in(h, "roster", "341299103", "1", ROSTER "上河村,3001,王一,,户主\n下河村,3002,张一,,户主\n");
	catch_up(h);
}

/* The towns that would be gone through: their numbers; and what of. */
static const char *due_where(struct temp_house *h)
{
	struct project p = due_open(h);
	char *text = arena_alloc(&h->a, TOWNS + FACT_KINDS + 3), *at = text;
	for (int i = 0; i < TOWNS; i++)
		if (due_town(&p, town_at(i)))
			*at++ = (char)('1' + i);
	*at++ = ' ';
	(void)memcpy(at, due(h), strlen(due(h)) + 1);
	due_close(&p);
	return text;
}

static int64_t household_no(struct temp_house *h, const char *hh_no)
{
	struct household *all;
	size_t n = 0;
	assert_int_equal(stmt_records(db_all(h->db, &household_desc), &household_desc, &h->a, &all, &n), OK);
	for (size_t i = 0; i < n; i++)
		if (all[i].hh_no && strcmp(all[i].hh_no, hh_no) == 0)
			return all[i].no;
	return 0;
}

/* Visits of a household. */
static int visits(struct temp_house *h, const char *hh_no)
{
	struct visit *all;
	size_t n = 0;
	int ret = 0;
	int64_t household = household_no(h, hh_no);
	assert_int_equal(stmt_records(db_all(h->db, &visit_desc), &visit_desc, &h->a, &all, &n), OK);
	for (size_t i = 0; i < n; i++)
		ret += all[i].household == household;
	return ret;
}

static void type_visit(struct temp_house *h, const char *hh_no, date_t day)
{
	const struct edit how = {.areas = &area_list, .root = "341299", .login = "office", .today = 20180114,
	                         .reason = "走访", .pack = temp_ledgers.pack};
	struct visit v = {0}, done;
	FIELD_SET(&v, VISIT_, content, "看望");
	FIELD_SET(&v, VISIT_, date, day);
	temp_house_begin(h);
	assert_int_equal(edit_add(h->j, &how, &visit_desc, household_no(h, hh_no), &v, v.has, &h->a, &done), OK);
	temp_house_commit(h);
}

static int64_t member_of(struct temp_house *h, int64_t household)
{
	struct membership *all;
	size_t n = 0, i = 0;
	assert_int_equal(stmt_records(db_all(h->db, &membership_desc), &membership_desc, &h->a, &all, &n), OK);
	while (i < n && all[i].household != household)
		i++;
	return i < n ? all[i].person : 0;
}

static enum err correct_name(struct temp_house *h, const char *hh_no, const char *name)
{
	int64_t household = household_no(h, hh_no);
	const struct edit how = {.areas = &area_list, .root = "341299", .login = "office", .today = 20180114,
	                         .reason = "看了户口本", .pack = temp_ledgers.pack};
	struct person v = {0}, now;
	FIELD_SET(&v, PERSON_, name, name);
	temp_house_begin(h);
	enum err e = edit_change(h->j, &how, &person_desc, household, member_of(h, household), 0, &v,
	                         FIELD_BIT(PERSON_name), &h->a, &now);
	if (e)
		journal_rollback(h->j);
	else
		temp_house_commit(h);
	return e;
}

/* The conflict of this index is settled for the ledger; false when there are not so many. */
static bool settle(struct temp_house *h, size_t i)
{
	static const struct db_scope everything = {.kind = DB_SCOPE_ALL};
	const struct edit how = {.areas = &area_list, .root = "341299", .login = "office", .today = 20180114,
	                         .reason = "问了本人", .pack = temp_ledgers.pack};
	struct pin *pins;
	size_t n = 0;
	temp_house_begin(h);
	db_set_scope(h->db, &everything);
	assert_int_equal(pins_of(h->db, 0, &h->a, &pins, &n), OK);
	if (i < n)
		assert_int_equal(edit_settle(h->j, &how, pins[i].no, true), OK);
	db_set_scope(h->db, NULL);
	temp_house_commit(h);
	return i < n;
}

/* --- one after the other ---------------------------------------------------------------------- */

static void test_places__what_came_for_a_town_leaves_the_others(void **state)
{
	struct temp_house *h = *state;
	rosters_of_all(h);
	hand_in(h, "visit", "341299101", NULL, VISITS "东山村,1001,张一,2018-01-02,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "1 v");
	hand_in(h, "duty", "341299102", NULL, DUTIES "南湖村,2001,李一,钱干部,县政府\n");
	assert_string_equal(due_where(h), "12 dv");
	catch_up(h);
	hand_in(h, "roster", "341299103", "2", ROSTER "上河村,3001,王一,,户主\n");
	assert_string_equal(due_where(h), "3 Pidmvc");
	catch_up(h);
	type_visit(h, "2002", 20180103);
	assert_string_equal(due_where(h), "2 v");
	catch_up(h);
	assert_int_equal(correct_name(h, "1001", "章一"), OK);
	assert_string_equal(due_where(h), "1 Pidmvc");
	catch_up(h);
	/* the table of areas is everybody's */
	struct area more = {.code = "341299104", .name = "丁镇", .parent = "341299"};
	more.has = FIELD_BIT(AREA_code) | FIELD_BIT(AREA_name) | FIELD_BIT(AREA_parent);
	temp_house_begin(h);
	assert_int_equal(journal_insert(h->j, &area_desc, &more), OK);
	temp_house_commit(h);
	assert_string_equal(due_where(h), "123 Pidmvc");
}

/* A ledger contradicts what was corrected, and is taken at its word: the correction is gone. */
static void test_places__a_correction_that_goes(void **state)
{
	struct temp_house *h = *state;
	rosters_of_all(h);
	assert_int_equal(correct_name(h, "1001", "章一"), OK);
	catch_up(h);
	hand_in(h, "roster", "341299101", "2", ROSTER "东山村,1001,张乙,341299195803010013,户主\n西山村,1002,张二,,户主\n");
	catch_up(h);
	assert_true(settle(h, 0));
	assert_string_equal(due_where(h), "1 Pidmvc");
	catch_up(h);
}

/* A town's ledger speaks of its own people: a namesake in another town is none. */
static void test_places__a_namesake_of_another_town(void **state)
{
	struct temp_house *h = *state;
	rosters_of_all(h);
	hand_in(h, "visit", "341299101", NULL, "户主姓名,走访日期,走访内容,走访人\n张一,2018-01-02,核对收入,赵干部\n");
	catch_up(h);
	assert_int_equal(visits(h, "3002"), 0);
	hand_in(h, "visit", "341299103", NULL, VISITS ",1001,张一,2018-01-03,核对收入,赵干部\n");
	catch_up(h);
	assert_int_equal(visits(h, "3002"), 0);
	assert_true(visits(h, "1001") <= 1);
}

/* Rosters of two towns name one household: from then on they are gone through together. */
static void test_places__a_household_of_two(void **state)
{
	struct temp_house *h = *state;
	rosters_of_all(h);
	hand_in(h, "roster", "341299102", "2", ROSTER "南湖村,2001,李一,,户主\n南湖村,1001,张一,,户主\n南湖村,1001,张三,,之子\n");
	assert_string_equal(due_where(h), "2 Pidmvc");
	catch_up(h);
	hand_in(h, "visit", "341299101", NULL, VISITS "东山村,1001,张一,2018-01-02,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "12 v");
	catch_up(h);
	assert_int_equal(visits(h, "1001"), 1);
	hand_in(h, "visit", "341299102", NULL, VISITS "南湖村,1001,张一,2018-01-03,核对收入,赵干部\n");
	catch_up(h);
	assert_int_equal(visits(h, "1001"), 2);
	hand_in(h, "roster", "341299101", "3", ROSTER "西山村,1002,张二,,户主\n");
	assert_string_equal(due_where(h), "12 Pidmvc");
	catch_up(h);
	hand_in(h, "visit", "341299103", NULL, VISITS "上河村,3001,王一,2018-01-03,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "3 v");
	catch_up(h);
}

/* A roster that is handed in once more says so no longer: the towns part, and each has its own again. */
static void test_places__a_household_of_one_again(void **state)
{
	struct temp_house *h = *state;
	rosters_of_all(h);
	hand_in(h, "roster", "341299101", "2", ROSTER "东山村,1001,张一,,户主\n南湖村,2005,李五,,户主\n");
	catch_up(h);
	hand_in(h, "roster", "341299102", "2", ROSTER "南湖村,2001,李一,,户主\n南湖村,2005,李五,,户主\n");
	hand_in(h, "duty", "341299102", NULL, DUTIES "南湖村,2001,李一,钱干部,县政府\n南湖村,2005,李五,钱干部,县政府\n");
	catch_up(h);
	hand_in(h, "roster", "341299101", "2", ROSTER "东山村,1001,张一,,户主\n");
	assert_string_equal(due_where(h), "12 Pidmvc");
	catch_up(h);
	hand_in(h, "duty", "341299101", NULL, "行政村,户主姓名,帮扶责任人,帮扶单位\n东山村,张一,赵干部,县政府\n南湖村,李一,赵干部,县政府\n");
	assert_string_equal(due_where(h), "1 d");
	catch_up(h);
}

/* A household that was typed in belongs to no town until a roster names it. */
static void test_places__a_household_typed_in(void **state)
{
	struct temp_house *h = *state;
	struct household typed = {0};
	rosters_of_all(h);
	FIELD_SET(&typed, HOUSEHOLD_, ident, "N:2009");
	FIELD_SET(&typed, HOUSEHOLD_, hh_no, "2009");
	FIELD_SET(&typed, HOUSEHOLD_, village, "341299102201");
	temp_house_begin(h);
	assert_int_equal(journal_insert(h->j, &household_desc, &typed), OK);
	temp_house_commit(h);
	assert_string_equal(due_where(h), " Pidmvc");
	catch_up(h);
	hand_in(h, "roster", "341299102", "2", ROSTER "南湖村,2001,李一,,户主\n南湖村,2009,李九,,户主\n");
	catch_up(h);
	hand_in(h, "visit", "341299102", NULL, VISITS "南湖村,2009,李九,2018-01-03,核对收入,赵干部\n");
	catch_up(h);
	assert_int_equal(visits(h, "2009"), 1);
	hand_in(h, "roster", "341299101", "2", ROSTER "西山村,1002,张二,,户主\n");
	assert_string_equal(due_where(h), "1 Pidmvc");
	catch_up(h);
	assert_int_equal(visits(h, "2009"), 1);
}

/* Ledgers of the county: facts are linked with everybody, a roster makes one place of all. */
static void test_places__ledgers_of_all(void **state)
{
	struct temp_house *h = *state;
	rosters_of_all(h);
	hand_in(h, "duty", "341299", NULL, DUTIES "东山村,1001,张一,赵干部,县政府\n南湖村,2001,李一,赵干部,县政府\n");
	assert_string_equal(due_where(h), "123 d");
	catch_up(h);
	hand_in(h, "visit", "341299101", NULL, VISITS "东山村,1001,张一,2018-01-02,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "1 v");
	catch_up(h);
	hand_in(h, "duty", "341299102", NULL, DUTIES "南湖村,2002,李二,钱干部,县政府\n");
	assert_string_equal(due_where(h), "123 d");
	catch_up(h);
	hand_in(h, "roster", "341299103", "2", ROSTER "上河村,3001,王一,,户主\n");
	assert_string_equal(due_where(h), "123 Pidmvc");
	catch_up(h);
	hand_in(h, "roster", "341299", "3", ROSTER "上河村,3001,王一,,户主\n东山村,1001,张一,,户主\n");
	catch_up(h);
	hand_in(h, "visit", "341299102", NULL, VISITS "南湖村,2001,李一,2018-01-02,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "123 v");
	catch_up(h);
}

/* The county's population file is taken as long as a ledger without numbers asks for it. */
static void test_places__a_population_file_of_all(void **state)
{
	struct temp_house *h = *state;
	rosters_of_all(h);
	hand_in(h, "population", "341299", NULL, PEOPLE "张一,341299195803010013,男,甲镇东山村,正常\n李一,,女,乙镇南湖村,正常\n");
	assert_string_equal(due_where(h), "123 idmvc");
	catch_up(h);
	hand_in(h, "visit", "341299101", NULL, VISITS "东山村,1001,张一,2018-01-02,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "1 v");
	catch_up(h);
	hand_in(h, "duty", "341299102", NULL, "行政村,户主姓名,帮扶责任人,帮扶单位\n南湖村,李一,钱干部,县政府\n");
	assert_string_equal(due_where(h), "123 Pidmvc"); /* one place now */
	catch_up(h);
	hand_in(h, "visit", "341299103", NULL, VISITS "上河村,3001,王一,2018-01-02,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "123 v");
	catch_up(h);
	/* with a newer list that has numbers it is wanted no more: the towns part again */
	hand_in(h, "duty", "341299102", NULL, "台账（截至2018年2月1日）\n" DUTIES "南湖村,2001,李一,钱干部,县政府\n");
	catch_up(h);
	hand_in(h, "visit", "341299103", NULL, VISITS "上河村,3001,王一,2018-01-03,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "3 v");
	catch_up(h);
}

/* --- what a review found ------------------------------------------------------------------------ */

static int duties(struct temp_house *h, const char *hh_no)
{
	struct duty *all;
	size_t n = 0;
	int ret = 0;
	int64_t household = household_no(h, hh_no);
	assert_int_equal(stmt_records(db_all(h->db, &duty_desc), &duty_desc, &h->a, &all, &n), OK);
	for (size_t i = 0; i < n; i++)
		ret += all[i].household == household && !FIELD_HAS(&all[i], DUTY_, recorded_to);
	return ret;
}

/* What places have in common is found again when all is worked out for another reason. */
static void test_places__in_common_after_all(void **state)
{
	struct temp_house *h = *state;
	struct area more = {.code = "341299104", .name = "丁镇", .parent = "341299"};
	more.has = FIELD_BIT(AREA_code) | FIELD_BIT(AREA_name) | FIELD_BIT(AREA_parent);
	rosters_of_all(h);
	hand_in(h, "roster", "341299102", "1", ROSTER "南湖村,2001,李一,,户主\n东山村,1001,张一,,户主\n");
	hand_in(h, "visit", "341299102", NULL, VISITS "南湖村,1001,张一,2018-01-03,核对收入,赵干部\n");
	catch_up(h);
	temp_house_begin(h);
	assert_int_equal(journal_insert(h->j, &area_desc, &more), OK);
	temp_house_commit(h);
	catch_up(h);
	hand_in(h, "visit", "341299101", NULL, VISITS "西山村,1002,张二,2018-01-03,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "12 v");
	catch_up(h);
	assert_int_equal(visits(h, "1001"), 1);
}

/* One ledger of two towns makes them one place: what each has is linked anew. */
static void test_places__two_towns_of_a_ledger(void **state)
{
	struct temp_house *h = *state;
	rosters_of_all(h);
	hand_in(h, "duty", "341299101", NULL, DUTIES "东山村,1001,张一,赵干部,县政府\n,3001,王一,赵干部,县政府\n");
	catch_up(h);
	assert_int_equal(duties(h, "3001"), 0);
	hand_in(h, "visit", "341299101,341299103", NULL,
	        VISITS "东山村,1001,张一,2018-01-02,核对收入,赵干部\n上河村,3001,王一,2018-01-03,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "13 Pidmvc");
	catch_up(h);
	assert_int_equal(duties(h, "3001"), 1);
}

/* Towns that one population file made one place part again: each has its households. */
static void test_places__towns_that_part(void **state)
{
	struct temp_house *h = *state;
	rosters_of_all(h);
	hand_in(h, "population", "341299", NULL, PEOPLE "张一,341299195803010013,男,甲镇东山村,正常\n李一,,女,乙镇南湖村,正常\n");
	hand_in(h, "duty", "341299102", NULL, "行政村,户主姓名,帮扶责任人,帮扶单位\n南湖村,李一,钱干部,县政府\n");
	catch_up(h);
	hand_in(h, "roster", "341299102", "1", ROSTER "南湖村,2001,李一,,户主\n西山村,1005,赵五,,户主\n");
	hand_in(h, "roster", "341299101", "1", ROSTER "东山村,1001,张一,,户主\n西山村,1005,赵五,,户主\n");
	catch_up(h);
	hand_in(h, "roster", "341299101", "1", ROSTER "东山村,1001,张一,,户主\n西山村,1002,张二,,户主\n");
	hand_in(h, "visit", "341299102", NULL, VISITS "南湖村,1005,赵五,2018-01-03,核对收入,赵干部\n");
	catch_up(h);
	hand_in(h, "duty", "341299102", NULL, "台账（截至2018年2月1日）\n" DUTIES "南湖村,2001,李一,钱干部,县政府\n");
	catch_up(h);
	hand_in(h, "visit", "341299101", NULL, VISITS "西山村,1002,张二,2018-01-03,核对收入,赵干部\n");
	assert_string_equal(due_where(h), "1 v");
	catch_up(h);
	assert_int_equal(visits(h, "1005"), 1);
	hand_in(h, "roster", "341299101", "3", ROSTER "东山村,1001,张一,,户主\n");
	catch_up(h);
	assert_int_equal(visits(h, "1005"), 1);
}

/* A visit is typed in while those of a new town are written. */
static void test_places__typed_in_beside_a_new_town(void **state)
{
	struct temp_house *h = *state;
	const struct entry_info info = {.actor = "test", .command = "import", .reason = PROJECT_REGISTER};
	enum projection_state now = PROJECTION_PREPARE;
	enum { DAYS = 28, YEARS = 60 };
	struct projection *x;
	struct buf rows;
	int64_t left;
	bool typed = false;
	hand_in(h, "roster", "341299101", "1", ROSTER "东山村,1001,张一,341299195803010013,户主\n");
	hand_in(h, "roster", "341299103", "1", ROSTER "上河村,3001,王一,,户主\n");
	catch_up(h);
	hand_in(h, "roster", "341299102", "1", ROSTER "南湖村,2001,李一,,户主\n");
	buf_init(&rows, 1 << 20);
	for (int y = 0; y < YEARS; y++)
		for (int d = 1; d <= DAYS; d++)
			buf_addf(&rows, "南湖村,2001,李一,2017-%02d-%02d,核对收入%d,赵干部\n", 1 + y % 12, d, y);
	hand_in(h, "visit", "341299102", NULL, arena_printf(&h->a, VISITS STR_FMT, STR_ARG(buf_str(&rows))));
	buf_release(&rows);
	projection_open(temp_ledgers.pack, temp_ledgers.areas, &x);
	while (now != PROJECTION_DONE) {
		if (now == PROJECTION_PREPARE)
			assert_int_equal(projection_prepare(x, h->j), OK);
		assert_int_equal(journal_begin(h->j, &info), OK);
		assert_int_equal(projection_write(x, h->j, 1, &now), OK);
		temp_house_commit(h);
		bool between = !typed && now == PROJECTION_WRITE && household_no(h, "2001") && visits(h, "2001");
		if (between)
			type_visit(h, "1001", 20180103);
		typed |= between;
	}
	projection_close(x);
	assert_int_equal(visits(h, "2001"), DAYS * YEARS);
	project(h, &left);
	assert_int_equal(left, 0);
}

/* Two ledgers have a visit of one day, and one of the records is corrected: whichever kinds are due, the
 * correction stays with it. */
static void test_places__a_correction_stays(void **state)
{
	struct temp_house *h = *state;
	const struct edit how = {.areas = &area_list, .root = "341299", .login = "office", .today = 20180114,
	                         .reason = "看了", .pack = temp_ledgers.pack};
	struct visit v = {0}, now, *all;
	size_t n = 0, i = 0;
	rosters_of_all(h);
	hand_in(h, "income", "341299101", "1", "行政村,户编号,户主姓名,工资性收入,家庭纯收入,人均纯收入\n东山村,1001,张一,1,2,3\n");
	hand_in(h, "visit", "341299", NULL, VISITS "东山村,1001,张一,2018-01-02,县里来过,赵干部\n");
	hand_in(h, "visit", "341299101", NULL, VISITS "东山村,1001,张一,2018-01-02,镇里来过,赵干部\n西山村,1002,张二,2018-01-02,镇里,\n");
	catch_up(h);
	assert_int_equal(stmt_records(db_all(h->db, &visit_desc), &visit_desc, &h->a, &all, &n), OK);
	while (i < n && strcmp(all[i].content, "县里来过") != 0)
		i++;
	assert_true(i < n);
	FIELD_SET(&v, VISIT_, content, "改过");
	temp_house_begin(h);
	assert_int_equal(edit_change(h->j, &how, &visit_desc, all[i].household, all[i].no, 0, &v,
	                             FIELD_BIT(VISIT_content), &h->a, &now), OK);
	temp_house_commit(h);
	catch_up(h);
	hand_in(h, "visit", "341299101", NULL, VISITS "西山村,1002,张二,2018-01-05,镇里来过,赵干部\n");
	catch_up(h);
}

/* --- at random ------------------------------------------------------------------------------- */

static unsigned dice(uint64_t *seed, unsigned sides)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33) % sides;
}

/* What comes: of a town, of two, or of all. */
struct deal {
	uint64_t seed;
	int town;        /* -1: all */
	int other;       /* its ledger is of this town as well; -1: it is not */
	bool numbered;   /* has household numbers at all */
};

static bool is_of(const struct deal *d, int town)
{
	return d->town < 0 || town == d->town || town == d->other;
}

enum { ROSTERS, VISIT_LISTS, DUTY_LISTS, POPULATION, LAYOUTS };

/* Households 1 to 18 live in town (n - 1) / 6; now and then another town's list has one. */
static const char *random_rows(struct temp_house *h, struct deal *d, unsigned layout)
{
	static const char *const heads[] = {"赵大山", "赵小河", "赵春", "赵国强", "赵玉兰", "赵冬梅", "赵志"};
	static const char *const sons[] = {"钱东", "钱南", "钱西", "钱北", "钱中华", "钱建军"};
	struct buf b;
	buf_init(&b, 1 << 20);
	for (int n = 1; n <= TOWNS * VILLAGES; n++) {
		int town = (n - 1) / VILLAGES;
		bool here = is_of(d, town);
		if (here ? dice(&d->seed, 4) == 0 : dice(&d->seed, 40) > 0)
			continue;
		const char *v = village(here ? town : d->town, n % 2);
		const char *head = dice(&d->seed, 12) ? heads[n % 7] : "赵又改", *son = sons[n % 6];
		const char *no = d->numbered && (dice(&d->seed, 3) || !b.n) ? arena_printf(&h->a, "80%02d", n) : "";
		switch (layout) {
		case ROSTERS: buf_addf(&b, "%s,%s,%s,,户主\n%s,%s,%s,,之子\n", v, no, head, v, no, son); break;
		case VISIT_LISTS:
			buf_addf(&b, "%s,%s,%s,2018-01-%02u,看望,孙干部\n", v, no, head, 1 + dice(&d->seed, 20));
			break;
		case DUTY_LISTS:
			buf_addf(&b, "%s,%s,%s,%s干部,县政府\n", v, no, head, dice(&d->seed, 2) ? "周" : "吴");
			break;
		default: buf_addf(&b, "%s,,男,%s,正常\n%s,,男,%s,正常\n", head, v, son, v); break;
		}
	}
	const char *ret = str_dup(&h->a, buf_str(&b));
	buf_release(&b);
	return ret;
}

static const char *covers_of(struct temp_house *h, const struct deal *d)
{
	if (d->town < 0)
		return "341299";
	const char *code = areas[town_at(d->town)].code;
	return d->other < 0 ? code : arena_printf(&h->a, "%s,%s", code, areas[town_at(d->other)].code);
}

static void random_ledger(struct temp_house *h, struct deal *d)
{
	static const char *const layouts[LAYOUTS] = {"roster", "visit", "duty", "population"};
	static const char *const heads[LAYOUTS] = {ROSTER, VISITS, DUTIES, PEOPLE};
	unsigned layout = dice(&d->seed, 10) ? dice(&d->seed, POPULATION) : POPULATION;
	d->town = dice(&d->seed, layout == ROSTERS ? 40 : 12) ? (int)dice(&d->seed, TOWNS) : -1;
	d->other = dice(&d->seed, 20) || d->town < 0 ? -1 : (d->town + 1) % TOWNS;
	d->numbered = layout == ROSTERS || dice(&d->seed, 4);
	const char *rows = random_rows(h, d, layout), *second = strchr(rows, '\n');
	const char *covers = covers_of(h, d);
	if (second && second[1])
		hand_in(h, layouts[layout], covers, arena_printf(&h->a, "%u", 1 + dice(&d->seed, 28)),
		        arena_printf(&h->a, "%s%s", heads[layout], rows));
}

/* Something is typed in. */
static void random_hand(struct temp_house *h, struct deal *d, int day)
{
	const char *hh_no = arena_printf(&h->a, "80%02u", 1 + dice(&d->seed, TOWNS * VILLAGES));
	if (!household_no(h, hh_no) || (dice(&d->seed, 3) == 0 && settle(h, dice(&d->seed, 2))))
		return;
	if (dice(&d->seed, 3))
		type_visit(h, hh_no, 20170101 + (date_t)(day / 28 * 100 + day % 28));
	else /* nobody may be left there */
		(void)correct_name(h, hh_no, dice(&d->seed, 2) ? "赵改名" : "赵小河");
}

/* As catch_up(), with others at work between the pieces. */
static void catch_up_beside(struct temp_house *h, struct deal *d, int *day)
{
	const struct entry_info info = {.actor = "test", .command = "import", .reason = PROJECT_REGISTER};
	enum projection_state now = PROJECTION_PREPARE;
	struct projection *x;
	int64_t left;
	projection_open(temp_ledgers.pack, temp_ledgers.areas, &x);
	while (now != PROJECTION_DONE) {
		if (now == PROJECTION_PREPARE)
			assert_int_equal(projection_prepare(x, h->j), OK);
		if (dice(&d->seed, 4) == 0)
			random_hand(h, d, ++*day);
		assert_int_equal(journal_begin(h->j, &info), OK);
		assert_int_equal(projection_write(x, h->j, 0, &now), OK); /* pieces that no clock ends */
		temp_house_commit(h);
		if (dice(&d->seed, 8) == 0)
			random_ledger(h, d);
	}
	projection_close(x);
	catch_up(h); /* what came last */
	project(h, &left);
	assert_int_equal(left, 0);
}

static void test_places__at_random(void **state)
{
	enum { SEEDS = 16, STEPS = 12 };
	for (uint64_t run = 1; run <= SEEDS; run++) {
		struct deal d = {.seed = run};
		struct temp_house *h = *state;
		int day = 0;
		rosters_of_all(h);
		for (int i = 0; i < STEPS; i++) {
			random_ledger(h, &d);
			if (dice(&d.seed, 3) == 0)
				random_hand(h, &d, ++day);
			if (dice(&d.seed, 3) == 0)
				catch_up_beside(h, &d, &day);
			else if (dice(&d.seed, 2))
				catch_up(h);
		}
		catch_up(h);
		(void)close_house(state);
		(void)open_house(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
		T(test_places__what_came_for_a_town_leaves_the_others),
		T(test_places__a_correction_that_goes),
		T(test_places__a_namesake_of_another_town),
		T(test_places__a_household_of_two),
		T(test_places__a_household_of_one_again),
		T(test_places__a_household_typed_in),
		T(test_places__ledgers_of_all),
		T(test_places__a_population_file_of_all),
		T(test_places__in_common_after_all),
		T(test_places__two_towns_of_a_ledger),
		T(test_places__towns_that_part),
		T(test_places__typed_in_beside_a_new_town),
		T(test_places__a_correction_stays),
		T(test_places__at_random),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	pack_close(temp_ledgers.pack);
	return failed;
}
