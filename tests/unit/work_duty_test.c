/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "account/account.h"
#include "temp_house.h"
#include "work_tables.h"

static const struct record_desc *const tables[] = {
	&account_desc, &ledger_desc, &ledger_chunk_desc, &household_desc, &household_state_desc,
	&duty_desc, WORK_TABLES,
};

enum { TODAY = 20180114, HOUSES = 6 };

struct fixture {
	struct temp_house h;
	struct pack *pack;
};

/* Households 1..4 in village 201, 5 and 6 in 202; the last is an ordinary one.  A ledger
 * gave 1 and 2 to 张三 of 财政所. */
static int setup(void **state)
{
	static const struct db_scope all = {.kind = DB_SCOPE_ALL};
	struct fixture *f = calloc(1, sizeof(*f));
	temp_house_open(&f->h, tables, sizeof(tables) / sizeof(*tables));
	db_set_scope(f->h.db, &all);
	assert_int_equal(pack_open(PACKS_DIR "/cn-2018", &f->h.diag, &f->pack), OK);
	temp_house_begin(&f->h);
	for (int i = 1; i <= HOUSES; i++) {
		struct household h = {0};
		struct household_state s = {0};
		FIELD_SET(&h, HOUSEHOLD_, hh_no, arena_printf(&f->h.a, "34129900%02d", i));
		FIELD_SET(&h, HOUSEHOLD_, village, i <= 4 ? "341226115201" : "341226115202");
		assert_int_equal(journal_insert(f->h.j, &household_desc, &h), OK);
		assert_int_equal(h.no, i);
		FIELD_SET(&s, HOUSEHOLD_STATE_, household, i);
		FIELD_SET(&s, HOUSEHOLD_STATE_, kind, "status");
		FIELD_SET(&s, HOUSEHOLD_STATE_, code, i == HOUSES ? "ordinary" : "listed");
		assert_int_equal(journal_insert(f->h.j, &household_state_desc, &s), OK);
	}
	for (int i = 1; i <= 2; i++) {
		struct duty d = {0};
		FIELD_SET(&d, DUTY_, household, i);
		FIELD_SET(&d, DUTY_, helper, "张三");
		FIELD_SET(&d, DUTY_, unit, "镇财政所");
		FIELD_SET(&d, DUTY_, phone, "10012345678");
		FIELD_SET(&d, DUTY_, valid_from, 20170101);
		FIELD_SET(&d, DUTY_, ledger, 1);
		assert_int_equal(journal_insert(f->h.j, &duty_desc, &d), OK);
	}
	temp_house_commit(&f->h);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	pack_close(f->pack);
	temp_house_close(&f->h);
	free(f);
	return 0;
}

static enum err assign(struct fixture *f, struct duty_assign d, struct duty_counts *ret)
{
	d.today = TODAY;
	temp_house_begin(&f->h);
	enum err e = duty_assign(f->h.j, &d, ret);
	if (e)
		journal_rollback(f->h.j);
	else
		temp_house_commit(&f->h);
	return e;
}

static enum err end(struct fixture *f, struct duty_end d, struct duty_counts *ret)
{
	d.today = TODAY;
	temp_house_begin(&f->h);
	enum err e = duty_end(f->h.j, &d, ret);
	if (e)
		journal_rollback(f->h.j);
	else
		temp_house_commit(&f->h);
	return e;
}

static size_t list(struct fixture *f, struct duty_filter filter, struct duty_row **ret)
{
	size_t n;
	if (!filter.day)
		filter.day = TODAY;
	filter.limit = 100;
	assert_int_equal(duty_list(f->h.db, &filter, &f->h.a, ret, &n), OK);
	return n;
}

static void test_assign__many_at_once(void **state)
{
	struct fixture *f = *state;
	static const int64_t houses[] = {1, 3, 4, 5};
	struct duty_counts c;
	struct duty_row *rows;
	assert_int_equal(list(f, (struct duty_filter){.state = DUTY_UNASSIGNED}, &rows), 3); /* 3 4 5 */
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 4, .helper = "李四",
	                                                .unit = "水利站", .phone = "10087654321"}, &c), OK);
	assert_int_equal(c.assigned, 4);
	assert_int_equal(c.ended, 0);
	assert_int_equal(list(f, (struct duty_filter){.state = DUTY_UNASSIGNED}, &rows), 0);
	/* the same once more changes nothing */
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 4, .helper = "李四",
	                                                .unit = "水利站"}, &c), OK);
	assert_int_equal(c.assigned, 0);
	assert_int_equal(c.unchanged, 4);
	/* household 1 now has two */
	assert_int_equal(list(f, (struct duty_filter){.state = DUTY_OVERLAPPING}, &rows), 2);
	assert_int_equal(rows[0].household, 1);
	assert_int_equal(rows[1].household, 1);
	assert_int_equal(list(f, (struct duty_filter){.helper = "李四"}, &rows), 4);
	assert_int_equal(rows[0].beside, 1);
	assert_int_equal(rows[1].beside, 0);
	assert_int_equal(rows[0].households, 4);
	assert_true(rows[0].by_hand);
	assert_int_equal(list(f, (struct duty_filter){.village = "341226115202"}, &rows), 1);
}

static void test_assign__in_place_of_another(void **state)
{
	struct fixture *f = *state;
	static const int64_t houses[] = {1};
	struct duty_counts c;
	struct duty_row *rows;
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 1, .helper = "李四",
	                                                .from = 20180201, .replace = true}, &c), OK);
	assert_int_equal(c.assigned, 1);
	assert_int_equal(c.ended, 1);
	assert_int_equal(list(f, (struct duty_filter){.day = 20180131}, &rows), 2);
	assert_string_equal(rows[0].helper, "张三");
	assert_int_equal(rows[0].to, 20180201);
	assert_int_equal(list(f, (struct duty_filter){.day = 20180201}, &rows), 2);
	assert_string_equal(rows[0].helper, "李四");
	assert_int_equal(rows[0].beside, 0);
	/* what was known before is still there, superseded */
	struct duty old;
	bool found;
	assert_int_equal(db_get(f->h.db, &duty_desc, 1, &f->h.a, &old, &found), OK);
	assert_true(found && FIELD_HAS(&old, DUTY_, recorded_to));
	assert_false(FIELD_HAS(&old, DUTY_, valid_to));
}

static void test_end__and_nobody_after(void **state)
{
	struct fixture *f = *state;
	static const int64_t houses[] = {1, 2, 3};
	struct duty_counts c;
	struct duty_row *rows;
	assert_int_equal(end(f, (struct duty_end){.households = houses, .n = 3}, &c), OK);
	assert_int_equal(c.ended, 2);
	assert_int_equal(c.unchanged, 1);
	assert_int_equal(list(f, (struct duty_filter){.state = DUTY_ENDED}, &rows), 2);
	assert_int_equal(rows[0].to, TODAY);
	assert_int_equal(list(f, (struct duty_filter){0}, &rows), 0);
	assert_int_equal(list(f, (struct duty_filter){.day = 20180113}, &rows), 2);
	/* before it began */
	static const int64_t three[] = {3};
	assert_int_equal(assign(f, (struct duty_assign){.households = three, .n = 1, .helper = "李四",
	                                                .from = 20180110}, &c), OK);
	assert_int_equal(end(f, (struct duty_end){.households = three, .n = 1, .on = 20180109}, &c),
	                 ERR_DATE_ORDER);
	/* only the one named */
	assert_int_equal(end(f, (struct duty_end){.households = three, .n = 1, .helper = "王五"}, &c), OK);
	assert_int_equal(c.unchanged, 1);
}

static void test_assign__what_is_refused(void **state)
{
	struct fixture *f = *state;
	static const int64_t houses[] = {3, 99};
	struct duty_counts c;
	struct duty_row *rows;
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 2, .helper = "李四"}, &c),
	                 ERR_UNKNOWN_HOUSEHOLD);
	assert_int_equal(list(f, (struct duty_filter){.helper = "李四"}, &rows), 0); /* none of them */
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 1, .helper = " "}, &c),
	                 ERR_CELL_REQUIRED);
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 0, .helper = "李四"}, &c),
	                 ERR_INVALID);
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 1, .helper = "李四",
	                                                .from = 20180201, .to = 20180201}, &c),
	                 ERR_DATE_ORDER);
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 1, .helper = "李四",
	                                                .from = 20180200}, &c), ERR_CELL_DATE);
}

static void test_summary__by_helper_and_village(void **state)
{
	struct fixture *f = *state;
	static const int64_t houses[] = {2, 3, 4, 5};
	struct duty_counts c;
	struct duty_helper *helpers;
	struct duty_village *villages;
	size_t n;
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 4, .helper = "李四",
	                                                .unit = "水利站"}, &c), OK);
	assert_int_equal(duty_helpers(f->h.db, f->pack, TODAY, &f->h.a, &helpers, &n), OK);
	assert_int_equal(n, 2);
	assert_string_equal(helpers[0].helper, "李四");
	assert_int_equal(helpers[0].households, 4);
	assert_int_equal(helpers[0].villages, 2);
	assert_false(helpers[0].overloaded); /* the pack allows 10 */
	assert_int_equal(helpers[1].households, 2);
	assert_int_equal(duty_villages(f->h.db, TODAY, &f->h.a, &villages, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(villages[0].households, 4);
	assert_int_equal(villages[0].unassigned, 0);
	assert_int_equal(villages[0].overlapping, 1); /* household 2 */
	assert_int_equal(villages[1].households, 2);
	assert_int_equal(villages[1].unassigned, 0); /* the ordinary one needs nobody */
}

static void test_helpers__overloaded_by_the_packs_number(void **state)
{
	struct fixture *f = *state;
	int64_t houses[11];
	struct duty_counts c;
	struct duty_helper *helpers;
	size_t n;
	temp_house_begin(&f->h);
	for (int i = 0; i < 11; i++) {
		struct household h = {0};
		FIELD_SET(&h, HOUSEHOLD_, village, "341226115203");
		assert_int_equal(journal_insert(f->h.j, &household_desc, &h), OK);
		houses[i] = h.no;
	}
	temp_house_commit(&f->h);
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 10, .helper = "李四"}, &c),
	                 OK);
	assert_int_equal(duty_helpers(f->h.db, f->pack, TODAY, &f->h.a, &helpers, &n), OK);
	assert_false(helpers[0].overloaded);
	assert_int_equal(assign(f, (struct duty_assign){.households = houses, .n = 11, .helper = "李四"}, &c),
	                 OK);
	assert_int_equal(c.assigned, 1);
	assert_int_equal(duty_helpers(f->h.db, f->pack, TODAY, &f->h.a, &helpers, &n), OK);
	assert_int_equal(helpers[0].households, 11);
	assert_true(helpers[0].overloaded);
}

/* The clerk of one village: nothing of another's, in lists, sums or by hand. */
static void test_scope__of_one_village(void **state)
{
	struct fixture *f = *state;
	static const char *const codes[] = {"341226115202"};
	static const int64_t own[] = {5}, foreign[] = {3};
	struct db_scope scope;
	struct duty_counts c;
	struct duty_row *rows;
	struct duty_village *villages;
	struct duty_helper *helpers;
	size_t n;
	db_scope_areas(&f->h.a, codes, 1, &scope);
	db_set_scope(f->h.db, &scope);
	assert_int_equal(list(f, (struct duty_filter){0}, &rows), 0);
	assert_int_equal(list(f, (struct duty_filter){.state = DUTY_UNASSIGNED}, &rows), 1);
	assert_int_equal(rows[0].household, 5);
	assert_int_equal(duty_villages(f->h.db, TODAY, &f->h.a, &villages, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(duty_helpers(f->h.db, f->pack, TODAY, &f->h.a, &helpers, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(assign(f, (struct duty_assign){.households = foreign, .n = 1, .helper = "李四"}, &c),
	                 ERR_UNKNOWN_HOUSEHOLD);
	assert_int_equal(assign(f, (struct duty_assign){.households = own, .n = 1, .helper = "李四"}, &c), OK);
	/* whoever forgets to say for whom sees nothing */
	db_set_scope(f->h.db, NULL);
	struct duty_filter filter = {.day = TODAY, .limit = 10};
	assert_int_equal(duty_list(f->h.db, &filter, &f->h.a, &rows, &n), ERR_FORBIDDEN);
}

static void test_village__first_secretary_from_to(void **state)
{
	struct fixture *f = *state;
	struct village_duty v = {0}, *rows;
	size_t n;
	FIELD_SET(&v, VILLAGE_DUTY_, village, "341226115201");
	FIELD_SET(&v, VILLAGE_DUTY_, role, "first_secretary");
	FIELD_SET(&v, VILLAGE_DUTY_, name, "周明");
	FIELD_SET(&v, VILLAGE_DUTY_, phone, "10011112222");
	FIELD_SET(&v, VILLAGE_DUTY_, valid_from, 20170401);
	temp_house_begin(&f->h);
	assert_int_equal(village_duty_add(f->h.j, f->pack, TODAY, &v), OK);
	assert_int_equal(village_duty_end(f->h.j, v.no, 20170301), ERR_DATE_ORDER);
	journal_rollback(f->h.j);
	v.no = 0;
	temp_house_begin(&f->h);
	assert_int_equal(village_duty_add(f->h.j, f->pack, TODAY, &v), OK);
	temp_house_commit(&f->h);
	temp_house_begin(&f->h);
	assert_int_equal(village_duty_end(f->h.j, v.no, 20180201), OK);
	temp_house_commit(&f->h);
	assert_int_equal(village_duties(f->h.db, NULL, 20180131, &f->h.a, &rows, &n), OK);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].phone, "10011112222"); /* sealed on disk */
	assert_int_equal(village_duties(f->h.db, NULL, 20180201, &f->h.a, &rows, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(village_duties(f->h.db, "341226115201", 0, &f->h.a, &rows, &n), OK);
	assert_int_equal(n, 1);
	temp_house_begin(&f->h);
	assert_int_equal(village_duty_end(f->h.j, rows[0].no, 20180301), ERR_TASK_STATE);
	journal_rollback(f->h.j);
	FIELD_SET(&v, VILLAGE_DUTY_, role, "king");
	v.no = 0;
	temp_house_begin(&f->h);
	assert_int_equal(village_duty_add(f->h.j, f->pack, TODAY, &v), ERR_CELL_CODE);
	journal_rollback(f->h.j);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_assign__many_at_once),
		T(test_assign__in_place_of_another),
		T(test_end__and_nobody_after),
		T(test_assign__what_is_refused),
		T(test_summary__by_helper_and_village),
		T(test_helpers__overloaded_by_the_packs_number),
		T(test_scope__of_one_village),
		T(test_village__first_secretary_from_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
