/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/life.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "registry/registry.h"
#include "temp_house.h"

#include "base/banned.h"

static const struct record_desc *const tables[] = {&household_desc, &person_desc, &finding_desc};

static const struct life_actor office = {"office", "王主任", 20180114};
static const struct life_actor clerk = {"clerk", "李村专干", 20180114};

static struct pack *the_pack;

static const struct db_scope everything = {.kind = DB_SCOPE_ALL};

static int open_house(void **state)
{
	static struct temp_house h;
	static const char *const villages[] = {"341299101201", "341299101202"};
	temp_house_open(&h, tables, 3);
	if (!the_pack)
		assert_int_equal(pack_open(PACKS_DIR "/cn-2018", &h.diag, &the_pack), OK);
	db_set_scope(h.db, &everything);
	temp_house_begin(&h);
	for (int i = 0; i < 6; i++) {
		struct household hh = {0};
		struct finding_record f = {0};
		FIELD_SET(&hh, HOUSEHOLD_, hh_no, arena_printf(&h.a, "550%d", i));
		FIELD_SET(&hh, HOUSEHOLD_, village, villages[i % 2]);
		FIELD_SET(&hh, HOUSEHOLD_, head_name, i ? "张三丰" : "王秀兰");
		assert_int_equal(journal_insert(h.j, &household_desc, &hh), OK);
		FIELD_SET(&f, FINDING_RECORD_, rule, the_pack->rules[i % 3].id);
		FIELD_SET(&f, FINDING_RECORD_, household, hh.no);
		FIELD_SET(&f, FINDING_RECORD_, village, villages[i % 2]);
		FIELD_SET(&f, FINDING_RECORD_, state, "new");
		assert_int_equal(journal_insert(h.j, &finding_desc, &f), OK);
	}
	temp_house_commit(&h);
	*state = &h;
	return 0;
}

static int close_house(void **state)
{
	temp_house_close(*state);
	return 0;
}

static struct life_row get(struct temp_house *h, int64_t no)
{
	struct life_row r = {0};
	bool found = false;
	assert_int_equal(life_get(h->db, the_pack, no, &h->a, &r, &found), OK);
	assert_true(found);
	return r;
}

static size_t count(struct temp_house *h, struct life_filter x)
{
	struct life_row *rows;
	size_t n = 0;
	int64_t next;
	assert_int_equal(life_list(h->db, the_pack, &x, 0, 100, &h->a, &rows, &n, &next), OK);
	assert_int_equal(next, 0);
	return n;
}

#define STEP(h, expected, call)                                                                    \
	do {                                                                                       \
		temp_house_begin(h);                                                               \
		assert_int_equal(call, expected);                                                  \
		if ((expected) == OK)                                                              \
			temp_house_commit(h);                                                      \
		else                                                                               \
			journal_rollback((h)->j);                                                  \
	} while (0)

static struct record_answer answer_with(const char *state)
{
	return (struct record_answer){.state = state, .day = 20180112, .remark = "看过户口本"};
}

static void test_life__from_new_to_closed(void **state)
{
	struct temp_house *h = *state;
	struct life_assignment x = {.assignee = "clerk", .due = 20180120, .note = "上门核实"};
	struct record_answer fixed = answer_with("file_fixed");
	int64_t nos[] = {1, 2};
	size_t n = 0;
	STEP(h, OK, life_assign(h->j, nos, 2, &x, &office, &n));
	assert_int_equal(n, 2);
	STEP(h, OK, life_assign(h->j, nos, 2, &x, &office, &n));
	assert_int_equal(n, 0); /* said again */
	assert_string_equal(get(h, 1).f.state, "assigned");
	STEP(h, OK, life_check(h->j, 1, 20180112, NULL, &clerk));
	assert_string_equal(get(h, 1).f.state, "checked");
	STEP(h, OK, life_answer(h->j, the_pack, 1, &fixed, &clerk));
	struct life_row r = get(h, 1);
	assert_string_equal(r.f.state, "answered");
	assert_string_equal(r.f.answered_by, "李村专干");
	assert_false(life_is_open(&r.f));
	STEP(h, ERR_FORBIDDEN, life_review(h->j, 1, true, NULL, &clerk));
	STEP(h, ERR_INVALID, life_review(h->j, 1, false, "", &office));
	STEP(h, OK, life_review(h->j, 1, false, "照片看不清", &office));
	r = get(h, 1);
	assert_string_equal(r.f.state, "returned");
	assert_int_equal(r.f.returned, 1);
	assert_true(life_is_open(&r.f));
	STEP(h, OK, life_answer(h->j, the_pack, 1, &fixed, &clerk));
	STEP(h, OK, life_review(h->j, 1, true, NULL, &office));
	r = get(h, 1);
	assert_string_equal(r.f.state, "closed");
	assert_string_equal(r.f.reviewed_by, "office");
	STEP(h, ERR_INVALID, life_assign(h->j, nos, 1, &x, &office, &n));
}

static void test_life__workbook_that_comes_twice_undoes_no_review(void **state)
{
	struct temp_house *h = *state;
	struct record_answer x = answer_with("explained");
	bool changed = false;
	x.by = "李村专干";
	STEP(h, OK, record_answer(h->j, the_pack, 1, &x, &changed));
	STEP(h, OK, life_review(h->j, 1, true, NULL, &office));
	STEP(h, OK, record_answer(h->j, the_pack, 1, &x, &changed));
	assert_false(changed);
	assert_string_equal(get(h, 1).f.state, "closed");
	STEP(h, OK, record_answer(h->j, the_pack, 2, &x, &changed));
	STEP(h, OK, life_review(h->j, 2, false, "理由不足", &office));
	STEP(h, OK, record_answer(h->j, the_pack, 2, &x, &changed));
	assert_string_equal(get(h, 2).f.state, "returned");
	x.remark = "另附证明";
	STEP(h, OK, record_answer(h->j, the_pack, 2, &x, &changed));
	assert_true(changed);
	assert_string_equal(get(h, 2).f.state, "answered");
}

static void test_life__what_is_refused(void **state)
{
	struct temp_house *h = *state;
	struct record_answer x = answer_with("explained");
	struct life_assignment late = {.assignee = "clerk", .due = 20180101}, nobody = {.note = "x"};
	int64_t nos[] = {1, 99};
	size_t n = 0;
	x.remark = NULL;
	STEP(h, ERR_INVALID, life_answer(h->j, the_pack, 1, &x, &clerk));
	assert_string_equal(h->diag.place, "exempt");
	x.exempt = "户口已迁出";
	STEP(h, OK, life_answer(h->j, the_pack, 1, &x, &clerk));
	x = answer_with("file_fixed");
	x.day = 20180115;
	STEP(h, ERR_INVALID, life_answer(h->j, the_pack, 1, &x, &clerk));
	x = answer_with("deleted");
	STEP(h, ERR_INVALID, life_answer(h->j, the_pack, 1, &x, &clerk));
	STEP(h, ERR_INVALID, life_assign(h->j, nos + 1, 1, &late, &office, &n));
	STEP(h, ERR_INVALID, life_assign(h->j, nos + 1, 1, &nobody, &office, &n));
	late.due = 0;
	STEP(h, ERR_UNKNOWN_FINDING, life_assign(h->j, nos + 1, 1, &late, &office, &n));
	x = answer_with("pending");
	STEP(h, OK, life_answer(h->j, the_pack, 2, &x, &clerk));
	STEP(h, ERR_INVALID, life_review(h->j, 2, true, NULL, &office));
	STEP(h, ERR_INVALID, life_review(h->j, 3, true, NULL, &office));
}

static void test_life__returned_to_whoever_answered(void **state)
{
	struct temp_house *h = *state;
	struct record_answer fixed = answer_with("file_fixed");
	struct life_assignment x = {.assignee = "other"};
	int64_t nos[] = {2};
	size_t n = 0;
	STEP(h, OK, life_answer(h->j, the_pack, 1, &fixed, &clerk));
	STEP(h, OK, life_review(h->j, 1, false, "照片看不清", &office));
	assert_string_equal(get(h, 1).f.assignee, "clerk");
	assert_string_equal(get(h, 1).f.assigned_by, "office");
	STEP(h, OK, life_assign(h->j, nos, 1, &x, &office, &n));
	STEP(h, OK, life_answer(h->j, the_pack, 2, &fixed, &clerk));
	STEP(h, OK, life_review(h->j, 2, false, "照片看不清", &office));
	assert_string_equal(get(h, 2).f.assignee, "other"); /* it stays with who has it */
}

static void test_life__entered_by_hand(void **state)
{
	struct temp_house *h = *state;
	struct life_entered x = {.source = "inspection", .household = 2, .content = "墙上明白卡未填"};
	struct life_entered bad = x;
	int64_t no = 0;
	STEP(h, OK, life_enter(h->j, &x, &office, &no));
	struct life_row r = get(h, no);
	assert_string_equal(r.f.village, "341299101202");
	assert_string_equal(r.hh_no, "5501");
	assert_int_equal(r.severity, 'W');
	assert_null(r.rule);
	bad.source = "rule";
	STEP(h, ERR_INVALID, life_enter(h->j, &bad, &office, &no));
	bad = x;
	bad.content = "";
	STEP(h, ERR_INVALID, life_enter(h->j, &bad, &office, &no));
	bad = x;
	bad.household = 77;
	STEP(h, ERR_INVALID, life_enter(h->j, &bad, &office, &no));
	bad = x;
	bad.fixer = "Z";
	STEP(h, ERR_INVALID, life_enter(h->j, &bad, &office, &no));
	bad = x;
	bad.household = 0;
	STEP(h, ERR_INVALID, life_enter(h->j, &bad, &office, &no));
}

static void test_list__filters_and_pages(void **state)
{
	struct temp_house *h = *state;
	struct record_answer x = answer_with("file_fixed");
	struct life_assignment due = {.assignee = "clerk", .due = 20180115};
	struct life_row *rows;
	int64_t nos[] = {3, 4}, next = 0, after = 0;
	size_t n = 0, all = 0;
	STEP(h, OK, life_answer(h->j, the_pack, 1, &x, &clerk));
	STEP(h, OK, life_assign(h->j, nos, 2, &due, &office, &n));
	assert_int_equal(count(h, (struct life_filter){0}), 6);
	assert_int_equal(count(h, (struct life_filter){.state = "open"}), 5);
	assert_int_equal(count(h, (struct life_filter){.state = "done"}), 1);
	assert_int_equal(count(h, (struct life_filter){.state = "assigned"}), 2);
	assert_int_equal(count(h, (struct life_filter){.area = "341299101201"}), 3);
	assert_int_equal(count(h, (struct life_filter){.area = "341299101"}), 6);
	assert_int_equal(count(h, (struct life_filter){.assignee = "clerk"}), 2);
	assert_int_equal(count(h, (struct life_filter){.overdue_on = 20180115}), 0);
	assert_int_equal(count(h, (struct life_filter){.overdue_on = 20180116}), 2);
	assert_int_equal(count(h, (struct life_filter){.rule = the_pack->rules[0].id}), 2);
	assert_int_equal(count(h, (struct life_filter){.text = STR("秀兰")}), 1);
	assert_int_equal(count(h, (struct life_filter){.text = STR("5503")}), 1);
	assert_int_equal(count(h, (struct life_filter){.household = 2}), 1);
	assert_int_equal(count(h, (struct life_filter){.source = "rule"}), 6);
	assert_int_equal(count(h, (struct life_filter){.source = "complaint"}), 0);
	struct life_filter open = {.state = "open"};
	do {
		assert_int_equal(life_list(h->db, the_pack, &open, after, 2, &h->a, &rows, &n, &next), OK);
		all += n;
		after = next;
	} while (next);
	assert_int_equal(all, 5);
	struct life_count *counts;
	assert_int_equal(life_counts(h->db, 20180116, &h->a, &counts, &n), OK);
	int64_t sum = 0, overdue = 0;
	for (size_t i = 0; i < n; i++) {
		sum += counts[i].n;
		overdue += counts[i].overdue;
	}
	assert_int_equal(sum, 6);
	assert_int_equal(overdue, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_life__from_new_to_closed, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_life__returned_to_whoever_answered, open_house,
		                                close_house),
		cmocka_unit_test_setup_teardown(test_life__workbook_that_comes_twice_undoes_no_review,
		                                open_house, close_house),
		cmocka_unit_test_setup_teardown(test_life__what_is_refused, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_life__entered_by_hand, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_list__filters_and_pages, open_house, close_house),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	pack_close(the_pack);
	return failed;
}
