/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The day sheet and Today against small towns that were counted by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "account/account.h"
#include "check/record.h"
#include "temp_house.h"
#include "work/sheet.h"
#include "work_tables.h"

static const struct record_desc *const tables[] = {
	&account_desc, &ledger_desc, &ledger_chunk_desc, &household_desc, &duty_desc, &finding_desc,
	WORK_TABLES,
};

enum { DAY = 20180114 };

static const struct area towns[] = {
	{.code = "341226115", .name = "八里河镇", .parent = "341226"},
	{.code = "341226115201", .name = "长寿村", .parent = "341226115"},
	{.code = "341226115202", .name = "张洼村", .parent = "341226115"},
	{.code = "341226116201", .name = "别镇的村", .parent = "341226116"},
};
static const struct area_list areas = {towns, 4};

static int setup(void **state)
{
	static const struct db_scope all = {.kind = DB_SCOPE_ALL};
	struct temp_house *h = calloc(1, sizeof(*h));
	temp_house_open(h, tables, sizeof(tables) / sizeof(*tables));
	db_set_scope(h->db, &all);
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	temp_house_close(*state);
	free(*state);
	return 0;
}

static void add_finding(struct temp_house *h, const char *village, date_t seen, date_t closed)
{
	struct finding_record r = {0};
	FIELD_SET(&r, FINDING_RECORD_, rule, "x");
	if (village)
		FIELD_SET(&r, FINDING_RECORD_, village, village);
	FIELD_SET(&r, FINDING_RECORD_, state, closed ? "fixed" : "new");
	FIELD_SET(&r, FINDING_RECORD_, first_seen, seen);
	if (closed)
		FIELD_SET(&r, FINDING_RECORD_, closed, closed);
	assert_int_equal(journal_insert(h->j, &finding_desc, &r), OK);
}

static void assign_finding(struct temp_house *h, const char *state, const char *login, date_t due)
{
	struct finding_record r = {0};
	FIELD_SET(&r, FINDING_RECORD_, rule, "x");
	FIELD_SET(&r, FINDING_RECORD_, village, "341226115201");
	FIELD_SET(&r, FINDING_RECORD_, state, state);
	FIELD_SET(&r, FINDING_RECORD_, first_seen, 20180102);
	FIELD_SET(&r, FINDING_RECORD_, assignee, login);
	FIELD_SET(&r, FINDING_RECORD_, assignee_unit, "镇水利站");
	FIELD_SET(&r, FINDING_RECORD_, due, due);
	if (strcmp(state, "answered") == 0) {
		FIELD_SET(&r, FINDING_RECORD_, answered, 20180112);
		FIELD_SET(&r, FINDING_RECORD_, answered_login, login);
	}
	temp_house_begin(h);
	assert_int_equal(journal_insert(h->j, &finding_desc, &r), OK);
	temp_house_commit(h);
}

static struct task *a_task(const char *unit, const char *area, date_t issued, date_t due)
{
	static struct task t;
	t = (struct task){0};
	FIELD_SET(&t, TASK_, title, "x");
	if (unit)
		FIELD_SET(&t, TASK_, unit, unit);
	if (area)
		FIELD_SET(&t, TASK_, area, area);
	FIELD_SET(&t, TASK_, issued, issued);
	FIELD_SET(&t, TASK_, due, due);
	FIELD_SET(&t, TASK_, state, "issued");
	return &t;
}

static void put(struct temp_house *h, struct task *t)
{
	assert_int_equal(journal_insert(h->j, &task_desc, t), OK);
}

static void put_closed(struct temp_house *h, struct task *t, date_t proven, date_t closed)
{
	FIELD_SET(t, TASK_, state, closed ? "closed" : "proven");
	FIELD_SET(t, TASK_, proven, proven);
	FIELD_SET(t, TASK_, proven_by, 2);
	if (closed)
		FIELD_SET(t, TASK_, closed, closed);
	put(h, t);
}

static void test_finish__by_hand(void **state)
{
	(void)state;
	assert_int_equal(sheet_finish(DAY, 0, 0), DAY);
	assert_int_equal(sheet_finish(DAY, 5, 0), 0);
	assert_int_equal(sheet_finish(DAY, 7, 14), 20180121);  /* one a day */
	assert_int_equal(sheet_finish(DAY, 1, 14), 20180115);
	assert_int_equal(sheet_finish(DAY, 1, 28), 20180115);  /* half a day is a day */
	assert_int_equal(sheet_finish(DAY, 3, 4), 20180125);   /* 10.5 days */
	assert_int_equal(sheet_finish(DAY, 1000000, 1), 0);    /* beyond a hundred years */
}

/*
 * 长寿村: seen 5 Dec and open; seen 14 Jan; seen 20 Dec, closed 14 Jan; seen 1 Dec, closed
 * 1 Jan (first day of the fortnight); seen 1 Dec, closed 31 Dec (before it).
 * 张洼村: seen 15 Jan (not yet); seen 1 Dec, closed 15 Jan (still open on the 14th).
 */
static void test_sheet__findings_by_village(void **state)
{
	struct temp_house *h = *state;
	struct sheet s;
	temp_house_begin(h);
	add_finding(h, "341226115201", 20171205, 0);
	add_finding(h, "341226115201", 20180114, 0);
	add_finding(h, "341226115201", 20171220, 20180114);
	add_finding(h, "341226115201", 20171201, 20180101);
	add_finding(h, "341226115201", 20171201, 20171231);
	add_finding(h, "341226115202", 20180115, 0);
	add_finding(h, "341226115202", 20171201, 20180115);
	add_finding(h, NULL, 20180110, 0);
	temp_house_commit(h);
	assert_int_equal(sheet_make(h->db, &areas, "341226115", DAY, &h->a, &s), OK);
	assert_int_equal(s.n_villages, 3); /* two, and what is of no village */
	assert_string_equal(s.villages[0].name, "长寿村");
	struct sheet_count c = s.villages[0].findings;
	assert_int_equal(c.open, 2);
	assert_int_equal(c.opened, 1);
	assert_int_equal(c.closed, 1);
	assert_int_equal(c.pace, 2);
	assert_int_equal(c.finish, 20180128); /* 2 open, 2 closed in 14 days */
	c = s.villages[1].findings;
	assert_int_equal(c.open, 1);
	assert_int_equal(c.opened, 0);
	assert_int_equal(c.closed, 0);
	assert_int_equal(c.finish, 0);
	assert_string_equal(s.villages[2].key, "");
	assert_int_equal(s.villages[2].findings.open, 1);
	assert_int_equal(s.total.findings.open, 4);
	assert_int_equal(s.total.findings.pace, 2);
	assert_int_equal(s.total.findings.finish, 20180211); /* 28 days */
	/* the day after */
	assert_int_equal(sheet_make(h->db, &areas, "341226115", 20180115, &h->a, &s), OK);
	assert_int_equal(s.villages[0].findings.pace, 1); /* 1 January has left the fortnight */
	assert_int_equal(s.villages[1].findings.open, 1);
	assert_int_equal(s.villages[1].findings.opened, 1);
	assert_int_equal(s.villages[1].findings.closed, 1);
}

/* 财政所: one overdue, one proven late but waiting, one closed on the day, one cancelled.
 * 长寿村: one of these is also its own. */
static void test_sheet__tasks_by_unit_and_village(void **state)
{
	struct temp_house *h = *state;
	struct sheet s;
	struct task *t;
	temp_house_begin(h);
	put(h, a_task("镇财政所", "341226115201", 20180102, 20180113));
	put_closed(h, a_task("镇财政所", NULL, 20180102, 20180110), 20180112, 0);
	put_closed(h, a_task("镇财政所", NULL, 20180102, 20180120), 20180112, DAY);
	t = a_task("镇财政所", NULL, 20180102, 20180110);
	FIELD_SET(t, TASK_, state, "cancelled");
	FIELD_SET(t, TASK_, cancelled, 20180105);
	put(h, t);
	put(h, a_task(NULL, "341226115202", DAY, DAY));
	temp_house_commit(h);
	assert_int_equal(sheet_make(h->db, &areas, "341226115", DAY, &h->a, &s), OK);
	assert_int_equal(s.n_units, 2);
	assert_string_equal(s.units[0].name, "镇财政所");
	struct sheet_count c = s.units[0].tasks;
	assert_int_equal(c.open, 2);
	assert_int_equal(c.opened, 0);
	assert_int_equal(c.closed, 1);
	assert_int_equal(c.overdue, 1);
	assert_int_equal(c.waiting, 1);
	assert_int_equal(c.finish, 20180211); /* 2 x 14 / 1 days */
	assert_int_equal(s.villages[0].tasks.open, 1);
	assert_int_equal(s.villages[0].tasks.overdue, 1);
	assert_int_equal(s.villages[1].tasks.opened, 1);
	assert_int_equal(s.villages[1].tasks.overdue, 0); /* due today is not late */
	assert_int_equal(s.total.tasks.open, 3); /* each once */
	assert_int_equal(s.total.tasks.overdue, 1);
	/* a week earlier nothing was late and all four were open */
	assert_int_equal(sheet_make(h->db, &areas, "341226115", 20180104, &h->a, &s), OK);
	assert_int_equal(s.total.tasks.open, 4);
	assert_int_equal(s.total.tasks.overdue, 0);
}

/* Due on the 10th and proven on the 12th: late on the 11th alone.  Due on the 13th: late
 * from the 14th on.  Due on the 20th: never. */
static void test_sheet__late_on_a_day_gone_by(void **state)
{
	struct temp_house *h = *state;
	static const struct { date_t day; size_t n; } days[] = {
		{20180109, 0}, {20180110, 0}, {20180111, 1}, {20180112, 0}, {20180113, 0}, {DAY, 1}};
	const struct work_who all = {.all = true};
	struct task_row *rows;
	size_t n;
	temp_house_begin(h);
	put(h, a_task("镇财政所", NULL, 20180102, 20180113));
	put_closed(h, a_task("镇财政所", NULL, 20180102, 20180110), 20180112, 0);
	put_closed(h, a_task("镇财政所", NULL, 20180102, 20180120), 20180112, DAY);
	temp_house_commit(h);
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
		struct task_filter f = {.was_overdue = true, .day = days[i].day, .limit = 10};
		assert_int_equal(task_list(h->db, &all, &f, &h->a, &rows, &n), OK);
		assert_int_equal(n, days[i].n);
	}
}

static void test_sheet__ledgers_owed(void **state)
{
	struct temp_house *h = *state;
	static const date_t returned[] = {0, DAY, 0};
	static const date_t due[] = {20180113, 20180112, 20180120};
	struct sheet s;
	temp_house_begin(h);
	for (int i = 0; i < 3; i++) {
		struct ledger_request r = {0};
		FIELD_SET(&r, LEDGER_REQUEST_, layout, "student");
		FIELD_SET(&r, LEDGER_REQUEST_, unit, "中心学校");
		FIELD_SET(&r, LEDGER_REQUEST_, requested, 20180105);
		FIELD_SET(&r, LEDGER_REQUEST_, due, due[i]);
		FIELD_SET(&r, LEDGER_REQUEST_, state, returned[i] ? "returned" : "open");
		if (returned[i])
			FIELD_SET(&r, LEDGER_REQUEST_, returned, returned[i]);
		assert_int_equal(journal_insert(h->j, &ledger_request_desc, &r), OK);
	}
	temp_house_commit(h);
	assert_int_equal(sheet_make(h->db, &areas, "341226115", DAY, &h->a, &s), OK);
	assert_int_equal(s.n_units, 1);
	assert_int_equal(s.units[0].requests.open, 2);
	assert_int_equal(s.units[0].requests.closed, 1);
	assert_int_equal(s.units[0].requests.overdue, 1);
}

/* Assigned to 水利站: late; in time; late but answered; late and sent back. */
static void test_sheet__findings_by_unit(void **state)
{
	struct temp_house *h = *state;
	struct sheet s;
	assign_finding(h, "assigned", "x", 20180113);
	assign_finding(h, "assigned", "x", DAY);
	assign_finding(h, "answered", "x", 20180113);
	assign_finding(h, "returned", "x", 20180113);
	assert_int_equal(sheet_make(h->db, &areas, "341226115", DAY, &h->a, &s), OK);
	assert_int_equal(s.n_units, 1);
	assert_int_equal(s.units[0].findings.open, 4);
	assert_int_equal(s.units[0].findings.overdue, 2);
	assert_int_equal(s.villages[0].findings.overdue, 2);
	assert_int_equal(s.total.findings.open, 4); /* each once */
}

static void test_today__of_each(void **state)
{
	struct temp_house *h = *state;
	static const char *const villages[] = {"341226115201"};
	static const struct work_who clerk = {.account = 2, .login = "clerk", .villages = villages,
	                                      .n_villages = 1, .acts = true};
	static const struct work_who office = {.account = 1, .login = "office", .unit = "镇扶贫办",
	                                       .all = true, .manages = true};
	struct today t;
	struct task *mine;
	temp_house_begin(h);
	for (int i = 0; i < 2; i++) {
		struct account acc = {0};
		FIELD_SET(&acc, ACCOUNT_, login, i ? "clerk" : "office");
		FIELD_SET(&acc, ACCOUNT_, role, i ? "village" : "office");
		assert_int_equal(account_add(h->j, &acc), OK);
	}
	struct policy p = {0};
	FIELD_SET(&p, POLICY_, title, "通知");
	FIELD_SET(&p, POLICY_, office, "县政府");
	FIELD_SET(&p, POLICY_, issued, 20180101);
	assert_int_equal(journal_insert(h->j, &policy_desc, &p), OK);
	put(h, a_task(NULL, "341226115201", 20180102, 20180113)); /* late, not acknowledged */
	put(h, a_task(NULL, "341226115202", 20180102, 20180113)); /* another village's */
	mine = a_task("镇水利站", NULL, 20180102, 20180120);
	FIELD_SET(mine, TASK_, account, 2);
	FIELD_SET(mine, TASK_, state, "returned");
	put(h, mine);
	put_closed(h, a_task(NULL, "341226115201", 20180102, 20180113), 20180112, 0);
	temp_house_commit(h);
	assign_finding(h, "assigned", "clerk", 20180113);
	assign_finding(h, "returned", "clerk", 20180120);
	assign_finding(h, "answered", "clerk", 20180113);
	assign_finding(h, "assigned", "other", 20180113);
	assert_int_equal(today_counts(h->db, &clerk, false, DAY, &h->a, &t), OK);
	assert_int_equal(t.findings, 2);
	assert_int_equal(t.findings_returned, 1);
	assert_int_equal(t.findings_overdue, 1);
	assert_int_equal(t.to_review, 0);
	assert_int_equal(t.tasks, 3);
	assert_int_equal(t.to_acknowledge, 1);
	assert_int_equal(t.returned, 1);
	assert_int_equal(t.overdue, 1);
	assert_int_equal(t.to_check, 0); /* proved it himself, and issued none */
	assert_int_equal(t.unread, 1);
	assert_int_equal(today_counts(h->db, &office, true, DAY, &h->a, &t), OK);
	assert_int_equal(t.tasks, 0);
	assert_int_equal(t.to_check, 1);
	assert_int_equal(t.to_check_overdue, 1);
	assert_int_equal(t.findings, 0);
	assert_int_equal(t.to_review, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finish__by_hand),
		T(test_sheet__findings_by_village),
		T(test_sheet__tasks_by_unit_and_village),
		T(test_sheet__late_on_a_day_gone_by),
		T(test_sheet__ledgers_owed),
		T(test_sheet__findings_by_unit),
		T(test_today__of_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
