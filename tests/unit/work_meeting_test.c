/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Meetings, policy documents, ledgers asked for. */
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
	&account_desc, &ledger_desc, &ledger_chunk_desc, &household_desc, &duty_desc, WORK_TABLES,
};

enum { TODAY = 20180114 };
static const struct calendar calendar = {.zone = 480};

static const struct work_who office = {
	.account = 1, .name = "王主任", .unit = "镇扶贫办", .all = true, .manages = true, .acts = true};
static const struct work_who school = {.account = 2, .name = "孙校长", .unit = "中心学校", .acts = true};

struct fixture {
	struct temp_house h;
	struct pack *pack;
};

static int setup(void **state)
{
	static const char *const accounts[][2] = {{"office", "office"}, {"school", "unit"},
	                                          {"clerk", "village"}, {"gone", "village"}};
	struct fixture *f = calloc(1, sizeof(*f));
	temp_house_open(&f->h, tables, sizeof(tables) / sizeof(*tables));
	assert_int_equal(pack_open(PACKS_DIR "/cn-2018", &f->h.diag, &f->pack), OK);
	temp_house_begin(&f->h);
	for (int i = 0; i < 4; i++) {
		struct account acc = {0};
		FIELD_SET(&acc, ACCOUNT_, login, accounts[i][0]);
		FIELD_SET(&acc, ACCOUNT_, role, accounts[i][1]);
		if (i == 3)
			FIELD_SET(&acc, ACCOUNT_, disabled, true);
		assert_int_equal(account_add(f->h.j, &acc), OK);
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

static void finish(struct fixture *f, enum err e)
{
	if (e)
		journal_rollback(f->h.j);
	else
		temp_house_commit(&f->h);
}

/* --- meetings --------------------------------------------------------------------- */

static struct meeting make_meeting(const char *level, const char *title, date_t date)
{
	struct meeting m = {0};
	FIELD_SET(&m, MEETING_, level, level);
	FIELD_SET(&m, MEETING_, kind, "promotion");
	FIELD_SET(&m, MEETING_, title, title);
	FIELD_SET(&m, MEETING_, date, date);
	return m;
}

static enum err add_meeting(struct fixture *f, struct meeting *m)
{
	temp_house_begin(&f->h);
	enum err e = meeting_add(f->h.j, f->pack, TODAY, m);
	finish(f, e);
	return e;
}

static void test_meeting__the_town_conveys_the_countys(void **state)
{
	struct fixture *f = *state;
	struct meeting county = make_meeting("county", "全县脱贫攻坚第79次推进会", 20180113);
	struct meeting town = make_meeting("town", "八里河镇脱贫攻坚推进会", TODAY);
	struct meeting next = make_meeting("town", "周调度会", 20180121);
	struct meeting_row *rows;
	size_t n;
	FIELD_SET(&county, MEETING_, number, 79);
	assert_int_equal(add_meeting(f, &county), OK);
	FIELD_SET(&town, MEETING_, conveys, county.no);
	assert_int_equal(add_meeting(f, &town), OK);
	assert_int_equal(add_meeting(f, &next), OK);
	assert_string_equal(town.state, "held");
	assert_string_equal(next.state, "planned");

	assert_int_equal(meeting_list(f->h.db, TODAY, 0, 0, 2, &f->h.a, &rows, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].meeting.no, next.no);
	assert_int_equal(rows[1].meeting.no, town.no);
	assert_int_equal(meeting_list(f->h.db, TODAY, rows[1].meeting.date, rows[1].meeting.no, 2,
	                              &f->h.a, &rows, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].meeting.number, 79);
}

static void test_meeting__what_is_refused(void **state)
{
	struct fixture *f = *state;
	struct meeting m = make_meeting("planet", "会", TODAY);
	assert_int_equal(add_meeting(f, &m), ERR_CELL_CODE);
	assert_string_equal(f->h.diag.place, "level");
	m = make_meeting("town", "会", 20180100);
	assert_int_equal(add_meeting(f, &m), ERR_CELL_DATE);
	m = make_meeting("town", "", TODAY);
	assert_int_equal(add_meeting(f, &m), ERR_CELL_REQUIRED);
	m = make_meeting("town", "会", TODAY);
	FIELD_SET(&m, MEETING_, conveys, 77);
	assert_int_equal(add_meeting(f, &m), ERR_UNKNOWN_MEETING);
	m = make_meeting("town", "会", TODAY);
	FIELD_SET(&m, MEETING_, state, "over");
	assert_int_equal(add_meeting(f, &m), ERR_CELL_CODE);
}

static void test_meeting__changed_by_two(void **state)
{
	struct fixture *f = *state;
	struct meeting m = make_meeting("town", "推进会", TODAY), first, second;
	assert_int_equal(add_meeting(f, &m), OK);
	assert_int_equal(meeting_get(f->h.db, m.no, &f->h.a, &first), OK);
	second = first;
	FIELD_SET(&first, MEETING_, minutes, "一、传达县会精神。");
	FIELD_SET(&second, MEETING_, chair, "孙书记");
	temp_house_begin(&f->h);
	assert_int_equal(meeting_change(f->h.j, f->pack, &first), OK);
	temp_house_commit(&f->h);
	temp_house_begin(&f->h);
	assert_int_equal(meeting_change(f->h.j, f->pack, &second), ERR_CONFLICT);
	journal_rollback(f->h.j);
	assert_int_equal(meeting_get(f->h.db, m.no, &f->h.a, &second), OK);
	assert_string_equal(second.minutes, "一、传达县会精神。");
	assert_int_equal(second.version, 2);
}

static struct attendance called(const char *category, const char *unit, const char *presence)
{
	struct attendance x = {0};
	FIELD_SET(&x, ATTENDANCE_, category, category);
	FIELD_SET(&x, ATTENDANCE_, unit, unit);
	FIELD_SET(&x, ATTENDANCE_, presence, presence);
	return x;
}

static void test_attendance__the_whole_list(void **state)
{
	struct fixture *f = *state;
	struct meeting m = make_meeting("town", "推进会", TODAY);
	struct attendance rows[4] = {
		called("leader", "镇党委", NULL), called("scenic_area", "八里河景区管委会", "leave"),
		called("fishing_ground", "八里河渔场", "substitute"), called("school", "中心学校", "absent")};
	struct attendance *got;
	struct meeting_row *list;
	size_t n;
	assert_int_equal(add_meeting(f, &m), OK);
	temp_house_begin(&f->h);
	assert_int_equal(meeting_attend(f->h.j, f->pack, m.no, rows, 4), OK);
	temp_house_commit(&f->h);
	assert_int_equal(meeting_list(f->h.db, TODAY, 0, 0, 10, &f->h.a, &list, &n), OK);
	assert_int_equal(list[0].called, 4);
	assert_int_equal(list[0].present, 2); /* and those who sent somebody */
	/* one less, another order */
	struct attendance fewer[2] = {called("school", "中心学校", "present"),
	                              called("village_committee", "长寿村", NULL)};
	temp_house_begin(&f->h);
	assert_int_equal(meeting_attend(f->h.j, f->pack, m.no, fewer, 2), OK);
	temp_house_commit(&f->h);
	assert_int_equal(meeting_attendance(f->h.db, m.no, &f->h.a, &got, &n), OK);
	assert_int_equal(n, 2);
	assert_string_equal(got[0].unit, "中心学校");
	assert_string_equal(got[1].presence, "present");
	struct attendance nobody = called("leader", NULL, NULL);
	temp_house_begin(&f->h);
	assert_int_equal(meeting_attend(f->h.j, f->pack, m.no, &nobody, 1), ERR_CELL_REQUIRED);
	journal_rollback(f->h.j);
}

static int64_t decide(struct fixture *f, int64_t meeting, const char *text, date_t due)
{
	struct decision d = {0};
	FIELD_SET(&d, DECISION_, meeting, meeting);
	FIELD_SET(&d, DECISION_, text, text);
	if (due)
		FIELD_SET(&d, DECISION_, due, due);
	temp_house_begin(&f->h);
	assert_int_equal(decision_add(f->h.j, f->pack, &d), OK);
	temp_house_commit(&f->h);
	return d.no;
}

static int64_t give_out(struct fixture *f, int64_t decision, date_t due)
{
	struct task t = {0};
	struct task_context c = {f->pack, &office, TODAY};
	FIELD_SET(&t, TASK_, title, "核对");
	FIELD_SET(&t, TASK_, unit, "中心学校");
	FIELD_SET(&t, TASK_, decision, decision);
	FIELD_SET(&t, TASK_, issued, 20180105);
	FIELD_SET(&t, TASK_, due, due);
	temp_house_begin(&f->h);
	assert_int_equal(task_issue(f->h.j, &c, &t), OK);
	temp_house_commit(&f->h);
	return t.no;
}

static void step(struct fixture *f, const struct work_who *who, int64_t no, enum task_move move)
{
	struct task_context c = {f->pack, who, TODAY};
	struct task_act act = {.move = move, .text = "完成", .percent = -1, .done = -1};
	temp_house_begin(&f->h);
	assert_int_equal(task_do(f->h.j, &c, no, &act), OK);
	temp_house_commit(&f->h);
}

static void test_decisions__what_became_of_them(void **state)
{
	struct fixture *f = *state;
	struct meeting m = make_meeting("town", "推进会", 20180104);
	struct decision_row *rows;
	struct meeting_row *list;
	size_t n;
	assert_int_equal(add_meeting(f, &m), OK);
	int64_t done = decide(f, m.no, "核对在校学生名册", 20180120);
	int64_t late = decide(f, m.no, "落实教育资助", 20180110);
	(void)decide(f, m.no, "印发责任书", 0);
	int64_t t1 = give_out(f, done, 20180110), t2 = give_out(f, done, 20180120);
	int64_t t3 = give_out(f, late, 20180110), t4 = give_out(f, late, 20180120);
	step(f, &school, t1, TASK_MOVE_PROVE);
	step(f, &office, t1, TASK_MOVE_CLOSE);
	step(f, &office, t2, TASK_MOVE_CANCEL);
	step(f, &school, t4, TASK_MOVE_PROVE);
	(void)t3;

	assert_int_equal(meeting_decisions(f->h.db, m.no, TODAY, &f->h.a, &rows, &n), OK);
	assert_int_equal(n, 3);
	assert_string_equal(rows[0].state, "done"); /* one closed, one cancelled */
	assert_int_equal(rows[0].tally.tasks, 1);
	assert_int_equal(rows[0].tally.closed, 1);
	assert_string_equal(rows[1].state, "overdue");
	assert_int_equal(rows[1].tally.tasks, 2);
	assert_int_equal(rows[1].tally.proven, 1);
	assert_int_equal(rows[1].tally.overdue, 1);
	assert_string_equal(rows[2].state, "open");
	assert_int_equal(rows[2].decision.line, 3);
	assert_int_equal(meeting_list(f->h.db, TODAY, 0, 0, 10, &f->h.a, &list, &n), OK);
	assert_int_equal(list[0].decisions, 3);
	assert_int_equal(list[0].tally.tasks, 3);
	assert_int_equal(list[0].tally.closed, 1);
	assert_int_equal(list[0].tally.overdue, 1);

	struct decision d = rows[2].decision;
	FIELD_SET(&d, DECISION_, done, 20180112);
	FIELD_SET(&d, DECISION_, result, "已印发");
	temp_house_begin(&f->h);
	assert_int_equal(decision_change(f->h.j, f->pack, &d), OK);
	temp_house_commit(&f->h);
	assert_int_equal(meeting_decisions(f->h.db, m.no, TODAY, &f->h.a, &rows, &n), OK);
	assert_string_equal(rows[2].state, "done");
}

static void test_decision__not_due_before_its_meeting(void **state)
{
	struct fixture *f = *state;
	struct meeting m = make_meeting("town", "推进会", TODAY);
	struct decision d = {0};
	assert_int_equal(add_meeting(f, &m), OK);
	FIELD_SET(&d, DECISION_, meeting, m.no);
	FIELD_SET(&d, DECISION_, text, "马上办");
	FIELD_SET(&d, DECISION_, due, 20180113);
	temp_house_begin(&f->h);
	assert_int_equal(decision_add(f->h.j, f->pack, &d), ERR_DATE_ORDER);
	journal_rollback(f->h.j);
	FIELD_SET(&d, DECISION_, meeting, 99);
	temp_house_begin(&f->h);
	assert_int_equal(decision_add(f->h.j, f->pack, &d), ERR_UNKNOWN_MEETING);
	journal_rollback(f->h.j);
}

/* --- policies --------------------------------------------------------------------- */

static int64_t publish(struct fixture *f, const char *title, const char *readers, int64_t replaces)
{
	struct policy p = {0};
	FIELD_SET(&p, POLICY_, title, title);
	FIELD_SET(&p, POLICY_, office, "县扶贫开发领导小组");
	FIELD_SET(&p, POLICY_, issued, 20180105);
	if (readers)
		FIELD_SET(&p, POLICY_, readers, readers);
	if (replaces)
		FIELD_SET(&p, POLICY_, replaces, replaces);
	temp_house_begin(&f->h);
	enum err e = policy_add(f->h.j, f->pack, &p);
	finish(f, e);
	assert_int_equal(e, OK);
	return p.no;
}

static void read_it(struct fixture *f, int64_t no, int64_t account)
{
	temp_house_begin(&f->h);
	assert_int_equal(policy_mark_read(f->h.j, no, account), OK);
	temp_house_commit(&f->h);
}

static void test_policy__receipts(void **state)
{
	struct fixture *f = *state;
	int64_t all = publish(f, "关于做好2018年动态管理的通知", NULL, 0);
	int64_t some = publish(f, "村级档案规范", "village,team", 0);
	struct policy_row row;
	struct policy_reader *readers;
	int64_t unread;
	size_t n;
	read_it(f, all, 2);
	read_it(f, all, 2); /* once is enough */
	read_it(f, some, 1); /* not asked to, counted for nobody */
	assert_int_equal(policy_get(f->h.db, 2, all, &f->h.a, &row), OK);
	assert_int_equal(row.wanted, 3); /* the disabled one not */
	assert_int_equal(row.read, 1);
	assert_true(row.read_at > 0);
	assert_int_equal(policy_get(f->h.db, 3, some, &f->h.a, &row), OK);
	assert_int_equal(row.wanted, 1);
	assert_int_equal(row.read, 0);
	assert_int_equal(row.read_at, 0);
	assert_int_equal(policy_readers(f->h.db, all, &f->h.a, &readers, &n), OK);
	assert_int_equal(n, 3);
	assert_int_equal(readers[0].at, 0);
	assert_string_equal(readers[2].login, "school");
	assert_int_equal(policy_unread(f->h.db, 3, TODAY, &unread), OK);
	assert_int_equal(unread, 2);
	assert_int_equal(policy_unread(f->h.db, 2, TODAY, &unread), OK);
	assert_int_equal(unread, 0);
	(void)publish(f, "村级档案规范（修订）", "village", some);
	assert_int_equal(policy_unread(f->h.db, 3, TODAY, &unread), OK);
	assert_int_equal(unread, 2); /* the one that was replaced need not be read */
	assert_int_equal(policy_get(f->h.db, 3, some, &f->h.a, &row), OK);
	assert_true(row.replaced_by > 0);
}

static void test_policy__what_is_refused(void **state)
{
	struct fixture *f = *state;
	struct policy p = {0};
	FIELD_SET(&p, POLICY_, title, "通知");
	FIELD_SET(&p, POLICY_, office, "县政府");
	FIELD_SET(&p, POLICY_, issued, 20180105);
	FIELD_SET(&p, POLICY_, readers, "village,mayor");
	temp_house_begin(&f->h);
	assert_int_equal(policy_add(f->h.j, f->pack, &p), ERR_CELL_CODE);
	journal_rollback(f->h.j);
	FIELD_DROP(&p, POLICY_, readers);
	FIELD_SET(&p, POLICY_, valid_from, 20180201);
	FIELD_SET(&p, POLICY_, valid_to, 20180131);
	temp_house_begin(&f->h);
	assert_int_equal(policy_add(f->h.j, f->pack, &p), ERR_DATE_ORDER);
	journal_rollback(f->h.j);
	temp_house_begin(&f->h);
	assert_int_equal(policy_mark_read(f->h.j, 99, 1), ERR_UNKNOWN_POLICY);
	journal_rollback(f->h.j);
}

/* --- ledgers asked for ------------------------------------------------------------ */

static enum err ask(struct fixture *f, struct ledger_request *r)
{
	temp_house_begin(&f->h);
	enum err e = request_add(f->h.j, f->pack, &office, TODAY, r);
	finish(f, e);
	return e;
}

static struct ledger_request make_request(const char *layout, date_t requested, date_t due)
{
	struct ledger_request r = {0};
	FIELD_SET(&r, LEDGER_REQUEST_, layout, layout);
	FIELD_SET(&r, LEDGER_REQUEST_, unit, "中心学校");
	FIELD_SET(&r, LEDGER_REQUEST_, requested, requested);
	FIELD_SET(&r, LEDGER_REQUEST_, due, due);
	return r;
}

static struct ledger arrived(const char *layout, int64_t at)
{
	struct ledger l = {0};
	FIELD_SET(&l, LEDGER_, layout, layout);
	FIELD_SET(&l, LEDGER_, received, at);
	return l;
}

enum { DAY_MS = 86400000 };

static void test_request__which_ledger_answers_it(void **state)
{
	struct ledger_request r = make_request("student", 20180110, 20180120);
	/* 2018-01-09T16:00Z is the 10th in Shanghai */
	int64_t tenth = (int64_t)date_to_days(20180110) * DAY_MS - (int64_t)8 * 3600000;
	struct ledger l = arrived("student", tenth);
	(void)state;
	assert_true(request_fits(&r, &l, &calendar));
	assert_false(request_fits(&r, &l, &(struct calendar){0})); /* elsewhere it is still the 9th */
	l = arrived("vehicle", tenth);
	assert_false(request_fits(&r, &l, &calendar));
	l = arrived("student", tenth);
	FIELD_SET(&l, LEDGER_, partial, true);
	assert_false(request_fits(&r, &l, &calendar));
	l = arrived("student", tenth);
	FIELD_SET(&r, LEDGER_REQUEST_, as_of, 20171231);
	FIELD_SET(&l, LEDGER_, as_of, 20171200); /* some day of December may be the last */
	assert_true(request_fits(&r, &l, &calendar));
	FIELD_SET(&l, LEDGER_, as_of, 20171130);
	assert_false(request_fits(&r, &l, &calendar));
	FIELD_SET(&l, LEDGER_, as_of, 20180101);
	FIELD_SET(&r, LEDGER_REQUEST_, area, "341226115");
	FIELD_SET(&l, LEDGER_, covers, "341226115201");
	assert_false(request_fits(&r, &l, &calendar)); /* one village is not the town */
	FIELD_SET(&l, LEDGER_, covers, "341226");
	assert_true(request_fits(&r, &l, &calendar));
}

static void test_request__settled_when_it_arrives(void **state)
{
	struct fixture *f = *state;
	struct ledger_request r = make_request("student", TODAY, 20180120), got;
	struct ledger l;
	size_t n;
	assert_int_equal(ask(f, &r), OK);
	temp_house_begin(&f->h);
	assert_int_equal(request_settle(f->h.j, &calendar, &n), OK);
	assert_int_equal(n, 0);
	l = arrived("student", (int64_t)date_to_days(20180116) * DAY_MS);
	assert_int_equal(journal_insert(f->h.j, &ledger_desc, &l), OK);
	assert_int_equal(request_settle(f->h.j, &calendar, &n), OK);
	temp_house_commit(&f->h);
	assert_int_equal(n, 1);
	assert_int_equal(request_get(f->h.db, &school, r.no, &f->h.a, &got), OK);
	assert_string_equal(got.state, "returned");
	assert_int_equal(got.ledger, l.no);
	assert_int_equal(got.returned, 20180116);
}

static void test_request__by_hand(void **state)
{
	struct fixture *f = *state;
	struct ledger_request r = make_request("student", 20180110, 20180112), got;
	assert_int_equal(ask(f, &r), OK);
	temp_house_begin(&f->h);
	assert_int_equal(request_remind(f->h.j, r.no, TODAY), OK);
	temp_house_commit(&f->h);
	assert_int_equal(request_get(f->h.db, &office, r.no, &f->h.a, &got), OK);
	assert_int_equal(got.reminders, 1);
	FIELD_SET(&got, LEDGER_REQUEST_, state, "returned");
	temp_house_begin(&f->h);
	assert_int_equal(request_change(f->h.j, f->pack, TODAY, &got), ERR_CELL_REQUIRED);
	journal_rollback(f->h.j);
	FIELD_SET(&got, LEDGER_REQUEST_, remark, "纸质名册已收");
	temp_house_begin(&f->h);
	assert_int_equal(request_change(f->h.j, f->pack, TODAY, &got), OK);
	temp_house_commit(&f->h);
	assert_int_equal(got.returned, TODAY);
	temp_house_begin(&f->h);
	assert_int_equal(request_remind(f->h.j, r.no, TODAY), ERR_TASK_STATE);
	journal_rollback(f->h.j);
}

static void test_request__lists(void **state)
{
	struct fixture *f = *state;
	static const struct work_who other = {.account = 3, .unit = "水利站"};
	struct ledger_request late = make_request("student", 20180110, 20180112);
	struct ledger_request soon = make_request("insurance", 20180110, 20180120);
	struct ledger_request none = make_request("nonsense", 20180110, 20180120), *rows;
	struct request_filter filter = {.day = TODAY, .limit = 10};
	size_t n;
	assert_int_equal(ask(f, &none), ERR_UNKNOWN_LEDGER);
	assert_int_equal(ask(f, &late), OK);
	assert_int_equal(ask(f, &soon), OK);
	assert_int_equal(request_list(f->h.db, &school, &filter, &f->h.a, &rows, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].no, late.no);
	assert_int_equal(request_list(f->h.db, &other, &filter, &f->h.a, &rows, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(request_get(f->h.db, &other, late.no, &f->h.a, &none), ERR_UNKNOWN_REQUEST);
	filter.overdue = true;
	assert_int_equal(request_list(f->h.db, &office, &filter, &f->h.a, &rows, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].no, late.no);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_meeting__the_town_conveys_the_countys),
		T(test_meeting__what_is_refused),
		T(test_meeting__changed_by_two),
		T(test_attendance__the_whole_list),
		T(test_decisions__what_became_of_them),
		T(test_decision__not_due_before_its_meeting),
		T(test_policy__receipts),
		T(test_policy__what_is_refused),
		T(test_request__which_ledger_answers_it),
		T(test_request__settled_when_it_arrives),
		T(test_request__by_hand),
		T(test_request__lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
