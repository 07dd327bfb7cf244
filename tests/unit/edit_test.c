/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Edits by hand, and what a roster that comes later does to them. */
#include "registry/edit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "ledger/index.h"
#include "registry/pin.h"
#include "registry/search.h"
#include "temp_ledgers.h"

#include "base/banned.h"

static struct area areas[] = {
	{.code = "341299", .name = "试验县"},
	{.code = "341299101", .name = "八里河镇", .parent = "341299"},
	{.code = "341299101201", .name = "长寿村", .parent = "341299101"},
};
static const struct area_list area_list = {areas, 3};

static const struct edit by_hand = {.areas = &area_list, .root = "341299", .login = "office",
                                    .today = 20180114, .reason = "看了户口本"};
static struct edit how;

static int open_house(void **state)
{
	static struct temp_house h;
	temp_ledgers_open(&h, &area_list, "341299");
	how = by_hand;
	how.pack = temp_ledgers.pack;
	*state = &h;
	return 0;
}

static int close_house(void **state)
{
	temp_house_close(*state);
	return 0;
}

static void roster(struct temp_house *h, const char *name, const char *rows)
{
	take_roster(h, name, rows);
	project(h, NULL);
}

#define HEAD_ROW "长寿村,55001,张三丰,341299195803010013,户主,\n"
#define ID_OTHER "341299198503010031"

static size_t people(struct temp_house *h, struct person **ret)
{
	size_t n = 0;
	assert_int_equal(stmt_records(db_all(h->db, &person_desc), &person_desc, &h->a, ret, &n), OK);
	return n;
}

static size_t pins(struct temp_house *h, struct pin **ret)
{
	size_t n = 0;
	assert_int_equal(stmt_records(db_all(h->db, &pin_desc), &pin_desc, &h->a, ret, &n), OK);
	return n;
}

static enum err set_name(struct temp_house *h, int64_t no, const char *name, const char *reason)
{
	struct person v = {0}, now;
	struct edit x = how;
	x.reason = reason;
	FIELD_SET(&v, PERSON_, name, name);
	temp_house_begin(h);
	enum err e = edit_change(h->j, &x, &person_desc, 1, no, 0, &v, FIELD_BIT(PERSON_name), &h->a, &now);
	if (e)
		journal_rollback(h->j);
	else
		temp_house_commit(h);
	return e;
}

static enum err settle(struct temp_house *h, int64_t pin, bool take)
{
	static const struct db_scope all = {.kind = DB_SCOPE_ALL};
	temp_house_begin(h);
	db_set_scope(h->db, &all);
	enum err e = edit_settle(h->j, &how, pin, take);
	db_set_scope(h->db, NULL);
	temp_house_commit(h);
	return e;
}

static void test_edit__survives_the_roster_and_keeps_both_sides(void **state)
{
	struct temp_house *h = *state;
	struct person *p;
	struct pin *pin;
	struct household hh;
	bool found = false;
	roster(h, "2018年1月1日", HEAD_ROW);
	assert_int_equal(people(h, &p), 1);
	assert_int_equal(set_name(h, p[0].no, "章三丰", "看了户口本"), OK);
	assert_int_equal(db_get(h->db, &household_desc, 1, &h->a, &hh, &found), OK);
	assert_string_equal(hh.head_name, "章三丰"); /* called by its head */
	roster(h, "2018年1月2日", HEAD_ROW "长寿村,55001,李四,,之子,\n"); /* says as before */
	assert_int_equal(people(h, &p), 2);
	assert_string_equal(p[0].name, "章三丰");
	assert_int_equal(db_get(h->db, &household_desc, 1, &h->a, &hh, &found), OK);
	assert_string_equal(hh.head_name, "章三丰");
	assert_int_equal(pins(h, &pin), 2);
	assert_false(FIELD_HAS(&pin[0], PIN_, conflict));
	/* a third spelling: the correction stays, the conflict is told */
	roster(h, "2018年1月3日", "长寿村,55001,张三峰,341299195803010013,户主,\n");
	assert_int_equal(people(h, &p), 2);
	assert_string_equal(p[0].name, "章三丰");
	assert_int_equal(pins(h, &pin), 2);
	assert_true(pin[0].conflict);
	assert_string_equal(pin[0].says, "张三峰");
	assert_int_equal(settle(h, pin[0].no, false), OK);
	assert_int_equal(pins(h, &pin), 2);
	assert_false(FIELD_HAS(&pin[0], PIN_, conflict));
	assert_false(FIELD_HAS(&pin[1], PIN_, conflict)); /* the household's name: one matter */
	assert_int_equal(db_get(h->db, &household_desc, 1, &h->a, &hh, &found), OK);
	assert_string_equal(hh.head_name, "章三丰");
	/* said again it is nothing new; another spelling is, and taken it holds in both */
	roster(h, "2018年1月4日", "长寿村,55001,张三封,341299195803010013,户主,\n");
	assert_int_equal(pins(h, &pin), 2);
	assert_true(pin[0].conflict && pin[1].conflict);
	assert_int_equal(settle(h, pin[1].no, true), OK);
	assert_int_equal(pins(h, &pin), 0);
	assert_int_equal(people(h, &p), 2);
	assert_string_equal(p[0].name, "张三封");
	assert_int_equal(db_get(h->db, &household_desc, 1, &h->a, &hh, &found), OK);
	assert_string_equal(hh.head_name, "张三封");
	assert_int_equal(set_name(h, p[0].no, "章三丰", "看了户口本"), OK);
	/* the ledger has come round: the pin has served */
	roster(h, "2018年1月5日", "长寿村,55001,章三丰,341299195803010013,户主,\n");
	assert_int_equal(people(h, &p), 2);
	assert_string_equal(p[0].name, "章三丰");
	assert_int_equal(pins(h, &pin), 0);
}

/* A projection of which the register is written, and the facts are not. */
static struct projection *half_written(struct temp_house *h)
{
	const struct entry_info half = {.actor = "test", .command = "import", .reason = PROJECT_REGISTER};
	enum projection_state now = PROJECTION_PREPARE;
	struct projection *x;
	projection_open(temp_ledgers.pack, &area_list, &x);
	assert_int_equal(projection_prepare(x, h->j), OK);
	assert_int_equal(journal_begin(h->j, &half), OK);
	assert_int_equal(projection_write(x, h->j, 0, &now), OK);
	assert_int_equal(now, PROJECTION_PREPARE);
	temp_house_commit(h);
	return x;
}

/* Two of a household whom nothing tells apart each stay who they are. */
static void test_edit__namesakes_of_a_household(void **state)
{
	struct temp_house *h = *state;
	int64_t changed;
	roster(h, "2018年1月1日", HEAD_ROW "长寿村,55001,李四,,之子,\n长寿村,55001,李四,,之女,\n");
	project(h, &changed);
	assert_int_equal(changed, 0);
	roster(h, "2018年1月2日", HEAD_ROW "长寿村,55001,李四,,之子,\n长寿村,55001,李四,,之女,\n");
	project(h, &changed);
	assert_int_equal(changed, 0);
}

/* --- what has to be worked out --- */

static void type_visit(struct temp_house *h, date_t day)
{
	struct visit v = {0}, done;
	FIELD_SET(&v, VISIT_, content, "看望");
	FIELD_SET(&v, VISIT_, date, day);
	temp_house_begin(h);
	assert_int_equal(edit_add(h->j, &how, &visit_desc, 1, &v, v.has, &h->a, &done), OK);
	temp_house_commit(h);
}

#define VISITS "走访记录\n行政村,户编号,户主姓名,走访日期,走访内容,走访人\n"
#define DUTIES "帮扶责任人结对表\n行政村,户编号,户主姓名,帮扶责任人,帮扶单位\n"

static void test_edit__only_what_came_is_worked_out(void **state)
{
	struct temp_house *h = *state;
	struct person *p;
	assert_string_equal(due(h), "Pidmvc"); /* nothing ever was */
	take_roster(h, "2018年1月1日", HEAD_ROW "长寿村,55002,王五,,户主,\n");
	catch_up(h);
	take(h, "visit", "走访1", VISITS "长寿村,55001,张三丰,2018-01-02,核对收入,赵干部\n");
	assert_string_equal(due(h), "v");
	catch_up(h);
	take(h, "duty", "结对1", DUTIES "长寿村,55001,张三丰,赵干部,镇政府\n");
	assert_string_equal(due(h), "d");
	catch_up(h);
	type_visit(h, 20180103);
	assert_string_equal(due(h), "v");
	take(h, "duty", "结对2", DUTIES "长寿村,55001,张三丰,钱干部,镇政府\n长寿村,55002,王五,赵干部,镇政府\n");
	assert_string_equal(due(h), "dv");
	catch_up(h);
	assert_int_equal(people(h, &p), 2);
	assert_int_equal(set_name(h, p[0].no, "章三丰", "看了户口本"), OK);
	assert_string_equal(due(h), "Pidmvc");
	catch_up(h);
	take_roster(h, "2018年1月4日", HEAD_ROW);
	assert_string_equal(due(h), "Pidmvc");
	catch_up(h);
}

/* Linkage takes a population file on account of ledgers without household numbers: all kinds then. */
static void test_edit__a_population_file_bears_on_all_facts(void **state)
{
	struct temp_house *h = *state;
	take_roster(h, "2018年1月1日", HEAD_ROW);
	catch_up(h);
	take(h, "population", "户籍", "户籍人口\n姓名,公民身份号码,性别,住址,户籍状态\n"
	                             "张三丰,341299195803010013,男,八里河镇长寿村,正常\n");
	assert_string_equal(due(h), "idmvc");
	catch_up(h);
	take(h, "visit", "走访1", VISITS "长寿村,55001,张三丰,2018-01-02,核对收入,赵干部\n");
	assert_string_equal(due(h), "v");
	take(h, "visit", "走访2", "走访记录\n行政村,户主姓名,走访日期,走访内容,走访人\n"
	                          "长寿村,张三丰,2018-01-03,核对收入,赵干部\n");
	assert_string_equal(due(h), "idmvc");
	catch_up(h);
	take(h, "visit", "走访3", "走访记录\n行政村,户主姓名,走访日期,走访内容,走访人\n"
	                          "长寿村,张三丰,2018-01-04,核对收入,赵干部\n");
	assert_string_equal(due(h), "v");
	catch_up(h);
}

/* Nobody knows what a projection that was cut short has left; and an erasure bears on everything. */
static void test_edit__all_is_worked_out_after_a_cut_or_an_erasure(void **state)
{
	struct temp_house *h = *state;
	const struct entry_info law = {.actor = "test", .reason = "依法清除"};
	struct person *p;
	take_roster(h, "2018年1月1日", HEAD_ROW "长寿村,55001,李四,,之子,\n");
	catch_up(h);
	take_roster(h, "2018年1月2日", HEAD_ROW "长寿村,55001,李五,,之子,\n");
	projection_close(half_written(h));
	assert_string_equal(due(h), "Pidmvc");
	catch_up(h);
	assert_int_equal(people(h, &p), 3);
	assert_int_equal(journal_erase_person(h->j, p[0].no, NULL, 0, &law), OK);
	assert_string_equal(due(h), "Pidmvc");
	catch_up(h);
	take(h, "visit", "走访1", VISITS "长寿村,55001,张三丰,2018-01-02,核对收入,赵干部\n");
	assert_string_equal(due(h), "v");
	catch_up(h);
}

/* What is typed in while facts of another kind are worked out is not forgotten. */
static void test_edit__typed_in_while_others_are_worked_out(void **state)
{
	struct temp_house *h = *state;
	struct projection *x;
	int64_t left;
	take_roster(h, "2018年1月1日", HEAD_ROW);
	catch_up(h);
	take(h, "duty", "结对1", DUTIES "长寿村,55001,张三丰,赵干部,镇政府\n");
	projection_open(temp_ledgers.pack, &area_list, &x);
	assert_int_equal(projection_prepare(x, h->j), OK);
	type_visit(h, 20180103);
	finish(h, x);
	assert_string_equal(due(h), "v");
	project(h, &left);
	assert_int_equal(left, 0);
}

/* A correction and another roster come between the two entries of a projection. */
static void test_edit__between_register_and_facts(void **state)
{
	struct temp_house *h = *state;
	struct projection *x;
	struct person *p;
	struct pin *pin;
	int64_t changed;
	take_roster(h, "2018年1月1日", HEAD_ROW);
	x = half_written(h);
	assert_int_equal(projection_prepare(x, h->j), OK);
	assert_int_equal(people(h, &p), 1);
	assert_int_equal(set_name(h, p[0].no, "章三丰", "看了户口本"), OK);
	take_roster(h, "2018年1月2日", HEAD_ROW "长寿村,55001,李四,,之子,\n");
	finish(h, x);
	assert_int_equal(people(h, &p), 2);
	assert_string_equal(p[0].name, "章三丰");
	assert_int_equal(pins(h, &pin), 2);
	project(h, &changed);
	assert_int_equal(changed, 0);
}

/* Visits are typed in while the register and while the facts are written. */
static void test_edit__visits_typed_in_meanwhile(void **state)
{
	struct temp_house *h = *state;
	enum projection_state now = PROJECTION_PREPARE;
	struct visit v = {0}, done, *all;
	struct projection *x;
	size_t n = 0;
	take_roster(h, "2018年1月1日", HEAD_ROW);
	take(h, "visit", "走访记录", "走访记录\n行政村,户编号,户主姓名,走访日期,走访内容,走访人\n"
	                             "长寿村,55001,张三丰,2018-01-02,核对收入,赵干部\n");
	projection_open(temp_ledgers.pack, &area_list, &x);
	FIELD_SET(&v, VISIT_, content, "看望");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(projection_prepare(x, h->j), OK);
		if (i) {
			FIELD_SET(&v, VISIT_, date, 20180103);
			temp_house_begin(h);
			assert_int_equal(edit_add(h->j, &how, &visit_desc, 1, &v, v.has, &h->a, &done), OK);
			temp_house_commit(h);
		}
		temp_house_begin(h);
		assert_int_equal(projection_write(x, h->j, 0, &now), OK);
		assert_int_equal(now, PROJECTION_PREPARE); /* the second time: the facts anew */
		temp_house_commit(h);
	}
	assert_int_equal(stmt_records(db_all(h->db, &visit_desc), &visit_desc, &h->a, &all, &n), OK);
	assert_int_equal(n, 1);
	FIELD_SET(&v, VISIT_, date, 20180104);
	temp_house_begin(h);
	assert_int_equal(edit_add(h->j, &how, &visit_desc, 1, &v, v.has, &h->a, &done), OK);
	temp_house_commit(h);
	finish(h, x);
	assert_int_equal(stmt_records(db_all(h->db, &visit_desc), &visit_desc, &h->a, &all, &n), OK);
	assert_int_equal(n, 3);
}

/* Somebody is erased when the register has been worked out with their name. */
static void test_edit__erased_while_the_register_is_written(void **state)
{
	struct temp_house *h = *state;
	const struct entry_info law = {.actor = "test", .reason = "依法清除"};
	struct projection *x;
	struct person *p;
	roster(h, "2018年1月1日", HEAD_ROW);
	assert_int_equal(people(h, &p), 1);
	take_roster(h, "2018年1月2日", HEAD_ROW "长寿村,55001,李四,,之子,13900000001\n");
	projection_open(temp_ledgers.pack, &area_list, &x);
	assert_int_equal(projection_prepare(x, h->j), OK);
	assert_int_equal(journal_erase_person(h->j, p[0].no, NULL, 0, &law), OK);
	finish(h, x);
	assert_int_equal(people(h, &p), 2);
	assert_null(p[0].name);
	assert_null(p[0].id_text);
	assert_string_equal(p[1].name, "李四");
	int64_t changed;
	project(h, &changed);
	assert_int_equal(changed, 0);
}

/* Whoever is added meanwhile has the number that was meant for somebody else. */
static void test_edit__numbers_taken_meanwhile(void **state)
{
	struct temp_house *h = *state;
	struct projection *x;
	struct person *p, now, v = {0};
	size_t n;
	roster(h, "2018年1月1日", HEAD_ROW);
	assert_int_equal(people(h, &p), 1);
	take_roster(h, "2018年1月2日", HEAD_ROW "长寿村,55001,李四,,之子,\n长寿村,55002,王五,,户主,\n");
	projection_open(temp_ledgers.pack, &area_list, &x);
	assert_int_equal(projection_prepare(x, h->j), OK);
	FIELD_SET(&v, PERSON_, name, "赵六");
	temp_house_begin(h);
	assert_int_equal(edit_add_person(h->j, &how, 1, &v, FIELD_BIT(PERSON_name), "spouse", &h->a, &now), OK);
	temp_house_commit(h);
	finish(h, x);
	n = people(h, &p);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			assert_string_not_equal(p[i].name, p[k].name);
}

static void test_edit__number_and_name_corrected_find_their_row_again(void **state)
{
	struct temp_house *h = *state;
	struct person *p, v = {0}, now;
	struct pin *pin;
	roster(h, "2018年1月1日", HEAD_ROW);
	assert_int_equal(people(h, &p), 1);
	FIELD_SET(&v, PERSON_, name, "章无忌");
	FIELD_SET(&v, PERSON_, id_text, ID_OTHER);
	temp_house_begin(h);
	assert_int_equal(edit_change(h->j, &how, &person_desc, 1, p[0].no, p[0].version, &v,
	                             FIELD_BIT(PERSON_name) | FIELD_BIT(PERSON_id_text), &h->a, &now), OK);
	temp_house_commit(h);
	roster(h, "2018年1月2日", HEAD_ROW);
	assert_int_equal(people(h, &p), 1); /* nobody was born */
	assert_string_equal(p[0].name, "章无忌");
	assert_string_equal(p[0].id_text, ID_OTHER);
	unsigned char key[KEY_INDEX_BYTES];
	keys_index(h->keys, "id", STR(ID_OTHER), key);
	assert_memory_equal(p[0].id_key.p, key, sizeof(key));
	assert_int_equal(pins(h, &pin), 3); /* name, number, what the household is called */
	temp_house_begin(h); /* the old version */
	assert_int_equal(edit_change(h->j, &how, &person_desc, 1, p[0].no, 1, &v, FIELD_BIT(PERSON_name),
	                             &h->a, &now), ERR_CONFLICT);
	journal_rollback(h->j);
}

static void test_edit__typed_member_is_taken_over_by_the_roster(void **state)
{
	struct temp_house *h = *state;
	struct person *p, v = {0}, now;
	struct membership *m;
	size_t n = 0;
	roster(h, "2018年1月1日", HEAD_ROW);
	FIELD_SET(&v, PERSON_, name, "李四");
	FIELD_SET(&v, PERSON_, id_text, ID_OTHER);
	FIELD_SET(&v, PERSON_, phone, "13900000000");
	temp_house_begin(h);
	assert_int_equal(edit_add_person(h->j, &how, 1, &v, v.has, "son", &h->a, &now), OK);
	temp_house_commit(h);
	temp_house_begin(h);
	assert_int_equal(edit_add_person(h->j, &how, 1, &v, v.has, "son", &h->a, &now), ERR_EXISTS);
	journal_rollback(h->j);
	roster(h, "2018年1月2日", HEAD_ROW); /* does not know him: he stays */
	assert_int_equal(people(h, &p), 2);
	roster(h, "2018年1月3日", HEAD_ROW "长寿村,55001,李四," ID_OTHER ",之子,\n");
	assert_int_equal(people(h, &p), 2);
	assert_string_equal(p[1].phone, "13900000000"); /* the roster's empty cell took nothing */
	assert_int_equal(stmt_records(db_all(h->db, &membership_desc), &membership_desc, &h->a, &m, &n), OK);
	size_t open = 0;
	for (size_t i = 0; i < n; i++)
		open += m[i].person == p[1].no && !FIELD_HAS(&m[i], MEMBERSHIP_, recorded_to) &&
		        !FIELD_HAS(&m[i], MEMBERSHIP_, valid_to);
	assert_int_equal(open, 1);
}

static void test_edit__what_is_refused(void **state)
{
	struct temp_house *h = *state;
	struct person v = {0}, now, *p;
	struct visit visit = {0}, done;
	struct income in = {0}, got;
	struct edit x = how;
	roster(h, "2018年1月1日", HEAD_ROW);
	assert_int_equal(people(h, &p), 1);
	assert_int_equal(set_name(h, p[0].no, "章三丰", ""), ERR_CELL_REQUIRED);
	assert_int_equal(set_name(h, p[0].no, "", "看了"), ERR_CELL_REQUIRED);
	assert_int_equal(set_name(h, 77, "章三丰", "看了"), ERR_NOT_FOUND);
	temp_house_begin(h);
#define REFUSED(code, field, call)                                                                 \
	do {                                                                                       \
		diag_clear(&h->diag);                                                              \
		assert_int_equal(call, code);                                                      \
		assert_string_equal(h->diag.place, field);                                         \
	} while (0)
	FIELD_SET(&v, PERSON_, id_text, "341299195803010019");
	REFUSED(ERR_INVALID, "id_text", edit_change(h->j, &how, &person_desc, 1, p[0].no, 0, &v,
	                                            FIELD_BIT(PERSON_id_text), &h->a, &now));
	FIELD_SET(&v, PERSON_, sex, "robot");
	REFUSED(ERR_CELL_CODE, "sex", edit_change(h->j, &how, &person_desc, 1, p[0].no, 0, &v,
	                                          FIELD_BIT(PERSON_sex), &h->a, &now));
	FIELD_SET(&v, PERSON_, birth, 20180120);
	REFUSED(ERR_CELL_DATE, "birth", edit_change(h->j, &how, &person_desc, 1, p[0].no, 0, &v,
	                                            FIELD_BIT(PERSON_birth), &h->a, &now));
	REFUSED(ERR_FORBIDDEN, "uuid", edit_change(h->j, &how, &person_desc, 1, p[0].no, 0, &v,
	                                           FIELD_BIT(PERSON_uuid), &h->a, &now));
	REFUSED(ERR_CELL_REQUIRED, "date", edit_add(h->j, &how, &visit_desc, 1, &visit, 0, &h->a, &done));
	x.event_date = 20180115;
	REFUSED(ERR_CELL_DATE, "event_date", edit_add(h->j, &x, &visit_desc, 1, &visit, 0, &h->a, &done));
	FIELD_SET(&in, INCOME_, year, 2030);
	REFUSED(ERR_CELL_NUMBER, "year", edit_add(h->j, &how, &income_desc, 1, &in, in.has, &h->a, &got));
	FIELD_SET(&in, INCOME_, year, 2017);
	FIELD_SET(&in, INCOME_, wage, 1000000);
	assert_int_equal(edit_add(h->j, &how, &income_desc, 1, &in, in.has, &h->a, &got), OK);
	REFUSED(ERR_EXISTS, "year", edit_add(h->j, &how, &income_desc, 1, &in, in.has, &h->a, &got));
	FIELD_SET(&visit, VISIT_, date, 20180110);
	FIELD_SET(&visit, VISIT_, content, "核对收入");
	assert_int_equal(edit_add(h->j, &how, &visit_desc, 1, &visit, visit.has, &h->a, &done), OK);
	assert_int_equal(done.household, 1);
	temp_house_commit(h);
}

static void test_edit__duty_is_a_new_span(void **state)
{
	struct temp_house *h = *state;
	struct duty v = {0}, now, *all;
	size_t n = 0;
	roster(h, "2018年1月1日", HEAD_ROW);
	FIELD_SET(&v, DUTY_, helper, "赵干部");
	temp_house_begin(h);
	assert_int_equal(edit_add(h->j, &how, &duty_desc, 1, &v, v.has, &h->a, &now), OK);
	temp_house_commit(h);
	FIELD_SET(&v, DUTY_, helper, "钱干部");
	temp_house_begin(h);
	assert_int_equal(edit_change(h->j, &how, &duty_desc, 1, now.no, 0, &v, FIELD_BIT(DUTY_helper),
	                             &h->a, &now), OK);
	temp_house_commit(h);
	assert_int_equal(stmt_records(db_all(h->db, &duty_desc), &duty_desc, &h->a, &all, &n), OK);
	assert_int_equal(n, 2);
	assert_true(FIELD_HAS(&all[0], DUTY_, recorded_to));
	assert_string_equal(all[1].helper, "钱干部");
	temp_house_begin(h); /* what is ended is not edited */
	assert_int_equal(edit_change(h->j, &how, &duty_desc, 1, all[0].no, 0, &v, FIELD_BIT(DUTY_helper),
	                             &h->a, &now), ERR_NOT_FOUND);
	journal_rollback(h->j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
		T(test_edit__survives_the_roster_and_keeps_both_sides),
		T(test_edit__namesakes_of_a_household),
		T(test_edit__only_what_came_is_worked_out),
		T(test_edit__a_population_file_bears_on_all_facts),
		T(test_edit__all_is_worked_out_after_a_cut_or_an_erasure),
		T(test_edit__typed_in_while_others_are_worked_out),
		T(test_edit__between_register_and_facts),
		T(test_edit__visits_typed_in_meanwhile),
		T(test_edit__erased_while_the_register_is_written),
		T(test_edit__numbers_taken_meanwhile),
		T(test_edit__number_and_name_corrected_find_their_row_again),
		T(test_edit__typed_member_is_taken_over_by_the_roster),
		T(test_edit__what_is_refused),
		T(test_edit__duty_is_a_new_span),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	pack_close(temp_ledgers.pack);
	return failed;
}
