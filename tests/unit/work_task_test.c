/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "account/account.h"
#include "attach/attach.h"
#include "temp_house.h"
#include "work_tables.h"

static const struct record_desc *const tables[] = {
	&account_desc, &attachment_desc, &ledger_desc, &ledger_chunk_desc, &household_desc, &duty_desc,
	WORK_TABLES,
};

enum { TODAY = 20180114, OFFICE = 1, CLERK, FINANCE, CADRE, LEADER, OTHER };

static const char *const own_village[] = {"341226115201"};
static const struct work_who office = {
	.account = OFFICE, .name = "王主任", .unit = "镇扶贫办", .all = true, .manages = true, .acts = true};
static const struct work_who clerk = {.account = CLERK, .name = "李专干", .villages = own_village,
                                      .n_villages = 1, .acts = true};
static const struct work_who finance = {
	.account = FINANCE, .name = "陈所长", .unit = "镇财政所", .acts = true};
static const struct work_who cadre = {
	.account = CADRE, .name = "赵会计", .unit = "镇财政所", .acts = true};
static const struct work_who leader = {
	.account = LEADER, .name = "孙书记", .all = true, .manages = true, .acts = true};
static const struct work_who other = {.account = OTHER, .name = "周站长", .unit = "镇水利站", .acts = true};

struct fixture {
	struct temp_house h;
	struct pack *pack;
};

static int setup(void **state)
{
	static const char *const logins[] = {"office", "clerk", "finance", "cadre", "leader", "other"};
	struct fixture *f = calloc(1, sizeof(*f));
	temp_house_open(&f->h, tables, sizeof(tables) / sizeof(*tables));
	assert_int_equal(pack_open(PACKS_DIR "/cn-2018", &f->h.diag, &f->pack), OK);
	temp_house_begin(&f->h);
	for (int i = 0; i < 6; i++) {
		struct account acc = {0};
		FIELD_SET(&acc, ACCOUNT_, login, logins[i]);
		FIELD_SET(&acc, ACCOUNT_, name, logins[i]);
		FIELD_SET(&acc, ACCOUNT_, role, "office");
		assert_int_equal(account_add(f->h.j, &acc), OK);
		assert_int_equal(acc.no, i + 1);
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

static struct task make_task(const char *title, date_t due)
{
	struct task t = {0};
	FIELD_SET(&t, TASK_, title, title);
	FIELD_SET(&t, TASK_, due, due);
	return t;
}

static enum err try_issue(struct fixture *f, const struct work_who *who, struct task *t)
{
	temp_house_begin(&f->h);
	enum err e = task_issue(f->h.j, &(struct task_context){f->pack, who, TODAY}, t);
	if (e)
		journal_rollback(f->h.j);
	else
		temp_house_commit(&f->h);
	return e;
}

static int64_t issue(struct fixture *f, const struct work_who *who, struct task t)
{
	assert_int_equal(try_issue(f, who, &t), OK);
	return t.no;
}

static enum err act_on(struct fixture *f, const struct work_who *who, int64_t no,
                       struct task_act act)
{
	temp_house_begin(&f->h);
	enum err e = task_do(f->h.j, &(struct task_context){f->pack, who, TODAY}, no, &act);
	if (e)
		journal_rollback(f->h.j);
	else
		temp_house_commit(&f->h);
	return e;
}

#define ACT(m, words)                                                                              \
	((struct task_act){.move = TASK_MOVE_##m, .text = (words), .percent = -1, .done = -1})

static struct task_row see(struct fixture *f, int64_t no)
{
	struct task_row r = {0};
	assert_int_equal(task_get(f->h.db, &office, no, &f->h.a, &r), OK);
	return r;
}

static void assert_state(struct fixture *f, int64_t no, const char *state)
{
	assert_string_equal(see(f, no).task.state, state);
}

static int64_t unit_task(struct fixture *f)
{
	struct task t = make_task("核对惠农补贴一卡通", 20180120);
	FIELD_SET(&t, TASK_, unit, "镇财政所");
	return issue(f, &office, t);
}

static void test_life__from_issue_to_close(void **state)
{
	struct fixture *f = *state;
	int64_t no = unit_task(f);
	struct task_act act;
	struct task_event *events;
	size_t n;
	static const char *const moves[] = {"issue", "acknowledge", "progress", "prove", "check", "close"};

	assert_state(f, no, "issued");
	assert_int_equal(act_on(f, &finance, no, ACT(ACKNOWLEDGE, NULL)), OK);
	assert_state(f, no, "acknowledged");
	act = ACT(PROGRESS, "已核对一半");
	act.percent = 50;
	assert_int_equal(act_on(f, &finance, no, act), OK);
	assert_state(f, no, "under_way");
	assert_int_equal(see(f, no).task.percent, 50);
	assert_int_equal(act_on(f, &finance, no, ACT(PROVE, "全部核对完毕，附清单")), OK);
	assert_state(f, no, "proven");
	assert_int_equal(act_on(f, &office, no, ACT(CHECK, NULL)), OK);
	assert_state(f, no, "checked");
	assert_int_equal(act_on(f, &office, no, ACT(CLOSE, "同意销号")), OK);
	struct task t = see(f, no).task;
	assert_string_equal(t.state, "closed");
	assert_int_equal(t.percent, 100);
	assert_int_equal(t.proven_by, FINANCE);
	assert_int_equal(t.checked_by, OFFICE);
	assert_int_equal(t.closed_by, OFFICE);
	assert_int_equal(t.closed, TODAY);

	assert_int_equal(task_events(f->h.db, no, &f->h.a, &events, &n), OK);
	assert_int_equal(n, 6);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(events[i].move, moves[i]);
	assert_string_equal(events[3].text, "全部核对完毕，附清单");
	assert_string_equal(events[3].name, "陈所长");
}

/* Every step from every state, by the office, which may do all: the table of task.h. */
static void test_life__every_step_from_every_state(void **state)
{
	struct fixture *f = *state;
	static const char *const allowed[TASK_STATE_MAX] = {
		/* acknowledge progress prove check return close cancel */
		[TASK_STATE_ISSUED] = "1110001",       [TASK_STATE_ACKNOWLEDGED] = "0110001",
		[TASK_STATE_UNDER_WAY] = "0110001",    [TASK_STATE_RETURNED] = "0110001",
		[TASK_STATE_PROVEN] = "0001111",       [TASK_STATE_CHECKED] = "0000111",
		[TASK_STATE_CLOSED] = "0000100",       [TASK_STATE_CANCELLED] = "0000000",
	};
	(void)f;
	for (int s = 0; s < TASK_STATE_MAX; s++)
		for (int m = 0; m < TASK_MOVE_MAX; m++) {
			struct task t = make_task("x", 20180120);
			FIELD_SET(&t, TASK_, state, task_state_id((enum task_state)s));
			FIELD_SET(&t, TASK_, proven_by, FINANCE);
			enum err e = task_may(&t, &office, (enum task_move)m);
			assert_int_equal(e, allowed[s][m] == '1' ? OK : ERR_TASK_STATE);
		}
}

static void test_who__holder_manager_stranger(void **state)
{
	struct fixture *f = *state;
	struct task t = make_task("x", 20180120);
	(void)f;
	FIELD_SET(&t, TASK_, state, "issued");
	FIELD_SET(&t, TASK_, unit, "镇财政所");
	assert_int_equal(task_may(&t, &finance, TASK_MOVE_ACKNOWLEDGE), OK);
	assert_int_equal(task_may(&t, &cadre, TASK_MOVE_PROVE), OK);
	assert_int_equal(task_may(&t, &other, TASK_MOVE_ACKNOWLEDGE), ERR_FORBIDDEN);
	assert_int_equal(task_may(&t, &clerk, TASK_MOVE_ACKNOWLEDGE), ERR_FORBIDDEN);
	assert_int_equal(task_may(&t, &finance, TASK_MOVE_CANCEL), ERR_FORBIDDEN);
	/* named in person: only they */
	FIELD_SET(&t, TASK_, account, CADRE);
	assert_int_equal(task_may(&t, &finance, TASK_MOVE_ACKNOWLEDGE), ERR_FORBIDDEN);
	assert_true(task_seen_by(&t, &finance));
	assert_int_equal(task_may(&t, &cadre, TASK_MOVE_ACKNOWLEDGE), OK);
	/* the holder may not judge his own proof */
	FIELD_SET(&t, TASK_, state, "proven");
	FIELD_SET(&t, TASK_, proven_by, CADRE);
	assert_int_equal(task_may(&t, &cadre, TASK_MOVE_CLOSE), ERR_FORBIDDEN);
	assert_int_equal(task_may(&t, &cadre, TASK_MOVE_CHECK), ERR_FORBIDDEN);
	/* a village's task is its clerk's */
	struct task v = make_task("x", 20180120);
	FIELD_SET(&v, TASK_, state, "issued");
	FIELD_SET(&v, TASK_, area, "341226115201");
	assert_int_equal(task_may(&v, &clerk, TASK_MOVE_ACKNOWLEDGE), OK);
	FIELD_SET(&v, TASK_, area, "341226115202");
	assert_int_equal(task_may(&v, &clerk, TASK_MOVE_ACKNOWLEDGE), ERR_FORBIDDEN);
	assert_false(task_seen_by(&v, &clerk));
	/* who only looks may not act */
	struct work_who reader = clerk;
	reader.acts = false;
	FIELD_SET(&v, TASK_, area, "341226115201");
	assert_true(task_seen_by(&v, &reader));
	assert_int_equal(task_may(&v, &reader, TASK_MOVE_ACKNOWLEDGE), ERR_FORBIDDEN);
}

static void test_close__not_by_whoever_proved(void **state)
{
	struct fixture *f = *state;
	int64_t no = unit_task(f);
	/* the office writes up what came on paper */
	assert_int_equal(act_on(f, &office, no, ACT(PROVE, "纸质清单已收")), OK);
	assert_int_equal(act_on(f, &office, no, ACT(CHECK, NULL)), ERR_TASK_SAME_PERSON);
	assert_int_equal(act_on(f, &office, no, ACT(CLOSE, NULL)), ERR_TASK_SAME_PERSON);
	assert_state(f, no, "proven");
	assert_int_equal(act_on(f, &leader, no, ACT(CLOSE, NULL)), OK);
	assert_state(f, no, "closed");
}

static void test_return__counts_and_takes_the_proof_back(void **state)
{
	struct fixture *f = *state;
	int64_t no = unit_task(f);
	assert_int_equal(act_on(f, &finance, no, ACT(PROVE, "完成")), OK);
	assert_int_equal(act_on(f, &office, no, ACT(RETURN, "  ")), ERR_CELL_REQUIRED);
	assert_string_equal(f->h.diag.place, "text");
	assert_int_equal(act_on(f, &office, no, ACT(RETURN, "清单缺签字")), OK);
	struct task t = see(f, no).task;
	assert_string_equal(t.state, "returned");
	assert_int_equal(t.returned, 1);
	assert_false(FIELD_HAS(&t, TASK_, proven));
	assert_false(FIELD_HAS(&t, TASK_, proven_by));
	assert_int_equal(act_on(f, &finance, no, ACT(PROVE, "已补签")), OK);
	assert_int_equal(act_on(f, &office, no, ACT(CLOSE, NULL)), OK);
	/* looked at again later: it did not hold */
	assert_int_equal(act_on(f, &leader, no, ACT(RETURN, "回头看发现未到户")), OK);
	t = see(f, no).task;
	assert_string_equal(t.state, "returned");
	assert_int_equal(t.returned, 2);
	assert_false(FIELD_HAS(&t, TASK_, closed));
}

/* A picture of its own on the task. */
static void hang(struct fixture *f, int64_t task, char byte)
{
	const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', (unsigned char)byte};
	struct attach_info info;
	struct attachment x = {0};
	char path[100];
	(void)snprintf(path, sizeof(path), "%s/picture.png", f->h.dir);
	FILE *to = fopen(path, "wb");
	assert_non_null(to);
	assert_int_equal(fwrite(png, 1, sizeof(png), to), sizeof(png));
	assert_int_equal(fclose(to), 0);
	assert_int_equal(attach_store(f->h.keys, f->h.dir, path, 0, &f->h.diag, &info), OK);
	FIELD_SET(&x, ATTACHMENT_, tbl, "task");
	FIELD_SET(&x, ATTACHMENT_, rec, task);
	FIELD_SET(&x, ATTACHMENT_, hash, ((struct str){(const char *)info.hash, sizeof(info.hash)}));
	FIELD_SET(&x, ATTACHMENT_, name, "照片.png");
	temp_house_begin(&f->h);
	assert_int_equal(attach_add(f->h.j, &x), OK);
	temp_house_commit(&f->h);
}

static void test_proof__needs_words_and_files(void **state)
{
	struct fixture *f = *state;
	struct task t = make_task("每户一张明白卡照片", 20180120);
	FIELD_SET(&t, TASK_, area, "341226115201");
	FIELD_SET(&t, TASK_, evidence, "上墙照片");
	FIELD_SET(&t, TASK_, files_wanted, 2);
	int64_t no = issue(f, &office, t);
	assert_int_equal(act_on(f, &clerk, no, ACT(PROVE, NULL)), ERR_CELL_REQUIRED);
	hang(f, no, 'a');
	hang(f, no + 1, 'b'); /* on another task */
	assert_int_equal(act_on(f, &clerk, no, ACT(PROVE, "已上墙")), ERR_TASK_EVIDENCE);
	assert_string_equal(f->h.diag.place, "files");
	hang(f, no, 'c');
	assert_int_equal(act_on(f, &clerk, no, ACT(PROVE, "已上墙")), OK);
	assert_state(f, no, "proven");
}

static void test_dates__of_steps(void **state)
{
	struct fixture *f = *state;
	struct task t = make_task("x", 20180120);
	FIELD_SET(&t, TASK_, unit, "镇财政所");
	FIELD_SET(&t, TASK_, issued, 20180105);
	int64_t no = issue(f, &office, t);
	struct task_act act = ACT(ACKNOWLEDGE, NULL);
	act.day = 20180115;
	assert_int_equal(act_on(f, &finance, no, act), ERR_DATE_FUTURE);
	act.day = 20180104;
	assert_int_equal(act_on(f, &finance, no, act), ERR_DATE_ORDER);
	act.day = 20180100;
	assert_int_equal(act_on(f, &finance, no, act), ERR_CELL_DATE);
	assert_string_equal(f->h.diag.place, "day");
	act.day = 20180106; /* written up later */
	assert_int_equal(act_on(f, &finance, no, act), OK);
	assert_int_equal(see(f, no).task.acknowledged, 20180106);
	act = ACT(PROVE, "完成");
	act.day = 20180110;
	assert_int_equal(act_on(f, &finance, no, act), OK);
	act = ACT(CLOSE, NULL);
	act.day = 20180109; /* before it was proven */
	assert_int_equal(act_on(f, &office, no, act), ERR_DATE_ORDER);
	act.day = 20180110;
	assert_int_equal(act_on(f, &office, no, act), OK);
}

static void test_issue__what_it_wants(void **state)
{
	struct fixture *f = *state;
	struct task t = make_task("", 20180120);
	FIELD_SET(&t, TASK_, unit, "镇财政所");
	assert_int_equal(try_issue(f, &office, &t), ERR_CELL_REQUIRED);
	assert_string_equal(f->h.diag.place, "title");
	t = make_task("无人负责", 20180120);
	assert_int_equal(try_issue(f, &office, &t), ERR_CELL_REQUIRED);
	assert_string_equal(f->h.diag.place, "unit");
	t = make_task("到期早于下达", 20180113);
	FIELD_SET(&t, TASK_, unit, "镇财政所");
	assert_int_equal(try_issue(f, &office, &t), ERR_DATE_ORDER);
	t = make_task("只有月份", 20180200);
	FIELD_SET(&t, TASK_, unit, "镇财政所");
	assert_int_equal(try_issue(f, &office, &t), ERR_CELL_DATE);
	t = make_task("没有这个人", 20180120);
	FIELD_SET(&t, TASK_, account, 99);
	assert_int_equal(try_issue(f, &office, &t), ERR_UNKNOWN_USER);
	t = make_task("不归他下达", 20180120);
	FIELD_SET(&t, TASK_, unit, "镇财政所");
	assert_int_equal(try_issue(f, &finance, &t), ERR_FORBIDDEN);
	/* nothing that only its life may set is taken from outside */
	FIELD_SET(&t, TASK_, state, "closed");
	FIELD_SET(&t, TASK_, closed, 20180110);
	FIELD_SET(&t, TASK_, issued_by, FINANCE);
	int64_t no = issue(f, &office, t);
	struct task got = see(f, no).task;
	assert_string_equal(got.state, "issued");
	assert_false(FIELD_HAS(&got, TASK_, closed));
	assert_int_equal(got.issued_by, OFFICE);
	assert_int_equal(got.issued, TODAY);
}

static int64_t part(struct fixture *f, const struct work_who *who, int64_t parent, int64_t account)
{
	struct task t = make_task("分到人", 20180118);
	FIELD_SET(&t, TASK_, parent, parent);
	FIELD_SET(&t, TASK_, account, account);
	return issue(f, who, t);
}

static void test_tree__town_to_unit_to_person(void **state)
{
	struct fixture *f = *state;
	int64_t no = unit_task(f);
	struct task t = make_task("晚于上级", 20180121);
	FIELD_SET(&t, TASK_, parent, no);
	FIELD_SET(&t, TASK_, account, CADRE);
	assert_int_equal(try_issue(f, &finance, &t), ERR_DATE_ORDER);
	assert_int_equal(try_issue(f, &other, &t), ERR_UNKNOWN_TASK); /* not even seen */
	int64_t child = part(f, &finance, no, CADRE);
	struct task_row row = see(f, no);
	assert_int_equal(row.children, 1);
	assert_int_equal(row.children_open, 1);

	assert_int_equal(act_on(f, &cadre, child, ACT(PROVE, "完成")), OK);
	assert_int_equal(act_on(f, &cadre, child, ACT(CLOSE, NULL)), ERR_FORBIDDEN);
	assert_int_equal(act_on(f, &finance, no, ACT(PROVE, "完成")), OK);
	assert_int_equal(act_on(f, &office, no, ACT(CLOSE, NULL)), ERR_TASK_CHILDREN);
	assert_int_equal(act_on(f, &finance, child, ACT(CLOSE, NULL)), OK); /* whoever issued it */
	assert_int_equal(act_on(f, &office, no, ACT(CLOSE, NULL)), OK);
	/* nothing more is hung on what is done */
	t = make_task("迟到的分解", 20180118);
	FIELD_SET(&t, TASK_, parent, no);
	FIELD_SET(&t, TASK_, account, CADRE);
	assert_int_equal(try_issue(f, &office, &t), ERR_TASK_STATE);
}

static void test_cancel__takes_its_parts_along(void **state)
{
	struct fixture *f = *state;
	int64_t no = unit_task(f);
	int64_t child = part(f, &finance, no, CADRE);
	int64_t done = part(f, &finance, no, CADRE);
	int64_t grandchild = part(f, &cadre, child, OTHER);
	assert_int_equal(act_on(f, &cadre, done, ACT(PROVE, "完成")), OK);
	assert_int_equal(act_on(f, &finance, done, ACT(CLOSE, NULL)), OK);
	assert_int_equal(act_on(f, &office, no, ACT(CANCEL, NULL)), ERR_CELL_REQUIRED);
	assert_int_equal(act_on(f, &office, no, ACT(CANCEL, "县里已统一核对")), OK);
	assert_state(f, no, "cancelled");
	assert_state(f, child, "cancelled");
	assert_state(f, grandchild, "cancelled");
	assert_state(f, done, "closed");
	assert_int_equal(act_on(f, &finance, no, ACT(PROGRESS, NULL)), ERR_TASK_STATE);
}

static void test_progress__of_a_target(void **state)
{
	struct fixture *f = *state;
	struct task t = make_task("新建蔬菜大棚", 20180131);
	FIELD_SET(&t, TASK_, unit, "镇财政所");
	FIELD_SET(&t, TASK_, target, 30);
	FIELD_SET(&t, TASK_, issued, 20180105);
	int64_t no = issue(f, &office, t);
	struct task_act act = ACT(PROGRESS, NULL);
	act.done = 10;
	assert_int_equal(act_on(f, &finance, no, act), OK);
	struct task got = see(f, no).task;
	assert_int_equal(got.done, 10);
	assert_int_equal(got.percent, 33);
	assert_int_equal(got.acknowledged, TODAY); /* who reports has taken note */
	/* ten days for 33 %: 31 days in all, 4 February */
	assert_int_equal(task_expected(&got, TODAY), 20180204);
	act.percent = 101;
	assert_int_equal(act_on(f, &finance, no, act), ERR_INVALID);
}

static void test_late__by_day(void **state)
{
	static const struct work_terms terms = {.soon = 3, .ack = 2, .escalate = 3};
	struct task t = make_task("x", 20180110);
	int32_t days;
	int level;
	(void)state;
	FIELD_SET(&t, TASK_, issued, 20180101);
	FIELD_SET(&t, TASK_, state, "issued");
	assert_int_equal(task_late(&t, &terms, 20180103, &days, &level), TASK_FINE);
	assert_int_equal(task_late(&t, &terms, 20180104, &days, &level), TASK_UNACKNOWLEDGED);
	assert_int_equal(days, 1);
	assert_int_equal(level, 1);
	FIELD_SET(&t, TASK_, state, "under_way");
	assert_int_equal(task_late(&t, &terms, 20180106, &days, &level), TASK_FINE);
	assert_int_equal(task_late(&t, &terms, 20180107, &days, &level), TASK_SOON);
	assert_int_equal(days, 3);
	assert_int_equal(level, 0);
	assert_int_equal(task_late(&t, &terms, 20180110, NULL, NULL), TASK_SOON);
	assert_int_equal(task_late(&t, &terms, 20180111, &days, &level), TASK_OVERDUE);
	assert_int_equal(days, 1);
	assert_int_equal(level, 1);
	assert_int_equal(task_late(&t, &terms, 20180113, NULL, &level), TASK_OVERDUE);
	assert_int_equal(level, 2);
	assert_int_equal(task_late(&t, &terms, 20180116, NULL, &level), TASK_OVERDUE);
	assert_int_equal(level, 3);
	FIELD_SET(&t, TASK_, state, "proven"); /* it is somebody else's turn */
	assert_int_equal(task_late(&t, &terms, 20180116, NULL, &level), TASK_FINE);
	assert_int_equal(level, 0);
}

static size_t count(struct fixture *f, const struct work_who *who, struct task_filter filter)
{
	struct task_row *rows;
	size_t n;
	filter.day = TODAY;
	filter.limit = 100;
	assert_int_equal(task_list(f->h.db, who, &filter, &f->h.a, &rows, &n), OK);
	return n;
}

static void test_list__everybody_sees_their_own(void **state)
{
	struct fixture *f = *state;
	int64_t unit = unit_task(f);
	struct task v = make_task("公示", 20180116);
	FIELD_SET(&v, TASK_, area, "341226115201");
	(void)issue(f, &office, v);
	FIELD_SET(&v, TASK_, area, "341226115202");
	(void)issue(f, &office, v);
	(void)part(f, &finance, unit, OTHER);

	assert_int_equal(count(f, &office, (struct task_filter){0}), 4);
	assert_int_equal(count(f, &leader, (struct task_filter){0}), 4);
	assert_int_equal(count(f, &finance, (struct task_filter){0}), 2); /* theirs, and the part given out */
	assert_int_equal(count(f, &finance, (struct task_filter){.mine = true}), 1);
	assert_int_equal(count(f, &cadre, (struct task_filter){0}), 1);
	assert_int_equal(count(f, &clerk, (struct task_filter){0}), 1);
	assert_int_equal(count(f, &other, (struct task_filter){0}), 1);
	assert_int_equal(count(f, &office, (struct task_filter){.mine = true}), 0);
	assert_int_equal(count(f, &office, (struct task_filter){.parent = -1}), 3);
	assert_int_equal(count(f, &office, (struct task_filter){.parent = unit}), 1);
	assert_int_equal(count(f, &office, (struct task_filter){.area = "341226115202"}), 1);
	assert_int_equal(count(f, &office, (struct task_filter){.state = "open"}), 4);
	assert_int_equal(count(f, &office, (struct task_filter){.state = "closed"}), 0);
	struct task_row row;
	assert_int_equal(task_get(f->h.db, &clerk, unit, &f->h.a, &row), ERR_UNKNOWN_TASK);
}

static void test_list__goes_on_where_it_stopped(void **state)
{
	struct fixture *f = *state;
	static const date_t due[] = {20180120, 20180118, 20180120, 20180116, 20180118};
	int64_t seen[5];
	size_t n_seen = 0, n;
	struct task_row *rows;
	struct task_filter filter = {.day = TODAY, .limit = 2};
	for (int i = 0; i < 5; i++) {
		struct task t = make_task("x", due[i]);
		FIELD_SET(&t, TASK_, unit, "镇财政所");
		(void)issue(f, &office, t);
	}
	do {
		assert_int_equal(task_list(f->h.db, &office, &filter, &f->h.a, &rows, &n), OK);
		for (size_t i = 0; i < n; i++)
			seen[n_seen++] = rows[i].task.no;
		if (n) {
			filter.after_due = rows[n - 1].task.due;
			filter.after_no = rows[n - 1].task.no;
		}
	} while (n == 2);
	static const int64_t order[] = {4, 2, 5, 1, 3};
	assert_int_equal(n_seen, 5);
	assert_memory_equal(seen, order, sizeof(order));
}

static void test_change__by_its_manager(void **state)
{
	struct fixture *f = *state;
	int64_t no = unit_task(f);
	struct task t = see(f, no).task;
	struct task_context c = {f->pack, &office, TODAY}, c2 = {f->pack, &finance, TODAY};
	FIELD_SET(&t, TASK_, due, 20180125);
	FIELD_SET(&t, TASK_, state, "closed"); /* not to be had this way */
	temp_house_begin(&f->h);
	assert_int_equal(task_change(f->h.j, &c2, &t), ERR_FORBIDDEN);
	journal_rollback(f->h.j);
	temp_house_begin(&f->h);
	assert_int_equal(task_change(f->h.j, &c, &t), OK);
	temp_house_commit(&f->h);
	assert_int_equal(see(f, no).task.due, 20180125);
	assert_state(f, no, "issued");
	t.version = 1; /* of before */
	temp_house_begin(&f->h);
	assert_int_equal(task_change(f->h.j, &c, &t), ERR_CONFLICT);
	journal_rollback(f->h.j);
	struct task_act act = ACT(ACKNOWLEDGE, NULL);
	act.version = 1;
	assert_int_equal(act_on(f, &finance, no, act), ERR_CONFLICT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_life__from_issue_to_close),
		T(test_life__every_step_from_every_state),
		T(test_who__holder_manager_stranger),
		T(test_close__not_by_whoever_proved),
		T(test_return__counts_and_takes_the_proof_back),
		T(test_proof__needs_words_and_files),
		T(test_dates__of_steps),
		T(test_issue__what_it_wants),
		T(test_tree__town_to_unit_to_person),
		T(test_cancel__takes_its_parts_along),
		T(test_progress__of_a_target),
		T(test_late__by_day),
		T(test_list__everybody_sees_their_own),
		T(test_list__goes_on_where_it_stopped),
		T(test_change__by_its_manager),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
