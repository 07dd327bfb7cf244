/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "registry/search.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "temp_house.h"

#include "base/banned.h"

static const struct record_desc *const tables[] = {
	&household_desc, &household_state_desc, &person_desc, &membership_desc,
};

static const struct area areas[] = {
	{.code = "341299", .name = "试验县"},
	{.code = "341299101", .name = "八里河镇", .parent = "341299"},
	{.code = "341299101201", .name = "长寿村民委员会", .parent = "341299101", .aliases = "长寿村"},
	{.code = "341299101202", .name = "王岗村民委员会", .parent = "341299101"},
};
static const struct area_list area_list = {areas, 4};

static int64_t add_household(struct temp_house *h, const char *no, const char *village,
                             const char *head)
{
	struct household r = {0};
	struct household_state s = {0};
	FIELD_SET(&r, HOUSEHOLD_, hh_no, no);
	FIELD_SET(&r, HOUSEHOLD_, village, village);
	FIELD_SET(&r, HOUSEHOLD_, head_name, head);
	assert_int_equal(journal_insert(h->j, &household_desc, &r), OK);
	FIELD_SET(&s, HOUSEHOLD_STATE_, household, r.no);
	FIELD_SET(&s, HOUSEHOLD_STATE_, kind, "status");
	FIELD_SET(&s, HOUSEHOLD_STATE_, code, r.no % 2 ? "listed" : "exited");
	assert_int_equal(journal_insert(h->j, &household_state_desc, &s), OK);
	return r.no;
}

static struct person add_member(struct temp_house *h, int64_t household, const char *name,
                                const char *number)
{
	struct person p = {0};
	struct membership m = {0};
	unsigned char key[KEY_INDEX_BYTES];
	FIELD_SET(&p, PERSON_, name, name);
	if (number) {
		keys_index(h->keys, "id", str_c(number), key);
		FIELD_SET(&p, PERSON_, id_key,
		          str_copy(&h->a, (struct str){(const char *)key, sizeof(key)}));
	}
	assert_int_equal(journal_insert(h->j, &person_desc, &p), OK);
	FIELD_SET(&m, MEMBERSHIP_, person, p.no);
	FIELD_SET(&m, MEMBERSHIP_, household, household);
	assert_int_equal(journal_insert(h->j, &membership_desc, &m), OK);
	return p;
}

struct found {
	struct search_row *rows;
	size_t n;
	const char *next;
};

static struct found find_with(struct temp_house *h, const char *typed, struct search q, size_t limit,
                              const char *after)
{
	struct found f = {0};
	struct search_page page = {.limit = limit, .after = after, .today = 20180114};
	search_read(&area_list, "341299", h->keys, str_c(typed), &h->a, &q);
	enum err e = search_households(h->db, &q, &page, &h->a, &f.rows, &f.n, &f.next);
	if (e)
		fail_msg("%s: %s %s %s", typed, err_name(e), h->diag.place, h->diag.detail);
	return f;
}

static struct found find(struct temp_house *h, const char *typed)
{
	return find_with(h, typed, (struct search){0}, 0, NULL);
}

static const struct db_scope everything = {.kind = DB_SCOPE_ALL};

static int open_house(void **state)
{
	static struct temp_house h;
	temp_house_open(&h, tables, 4);
	db_set_scope(h.db, &everything);
	temp_house_begin(&h);
	int64_t a = add_household(&h, "34129900001", "341299101201", "张三丰");
	int64_t b = add_household(&h, "34129900002", "341299101202", "曾小明");
	int64_t c = add_household(&h, "5500", "341299101201", "王秀兰");
	(void)add_member(&h, a, "张三丰", "341299195803010018");
	(void)add_member(&h, a, "张无忌", NULL);
	(void)add_member(&h, b, "曾小明", NULL);
	(void)add_member(&h, b, "张三", NULL);
	(void)add_member(&h, c, "王秀兰", NULL);
	assert_int_equal(search_catch_up(h.db), OK);
	temp_house_commit(&h);
	*state = &h;
	return 0;
}

static int close_house(void **state)
{
	temp_house_close(*state);
	return 0;
}

static void test_find__by_every_habit(void **state)
{
	struct temp_house *h = *state;
	struct found f = find(h, "张三");
	assert_int_equal(f.n, 2); /* the shorter name first */
	assert_string_equal(f.rows[0].matched, "张三");
	assert_string_equal(f.rows[0].head_name, "曾小明");
	assert_string_equal(f.rows[1].matched, "张三丰");
	assert_int_equal(f.rows[1].members, 2);
	assert_string_equal(f.rows[1].status, "listed");
	assert_int_equal(find(h, "zsf").n, 1);
	assert_int_equal(find(h, "ZS").n, 2);
	assert_int_equal(find(h, "zeng xiao").n, 1); /* a surname is read as one */
	assert_int_equal(find(h, "zhang").n, 2);
	assert_int_equal(find(h, "341299000").n, 2);
	assert_int_equal(find(h, "5500").n, 1);
	assert_int_equal(find(h, "341299195803010018").n, 1);
	assert_int_equal(find(h, "34129919580301001x").n, 0);
	assert_int_equal(find(h, "长寿村").n, 2);
	assert_int_equal(find(h, "长寿村 zsf").n, 1);
	assert_int_equal(find(h, "王岗村民委员会　zs").n, 1);
	assert_int_equal(find(h, "").n, 3);
	assert_int_equal(find(h, "没有这人").n, 0);
	assert_int_equal(find(h, "%' OR 1=1 --").n, 0);
}

static void test_find__filters(void **state)
{
	struct temp_house *h = *state;
	assert_int_equal(find_with(h, "", (struct search){.status = "exited"}, 0, NULL).n, 1);
	assert_int_equal(find_with(h, "zs", (struct search){.status = "exited"}, 0, NULL).n, 1);
	assert_int_equal(find_with(h, "", (struct search){.area = "341299101202"}, 0, NULL).n, 1);
	assert_int_equal(find_with(h, "", (struct search){.area = "341299101"}, 0, NULL).n, 3);
	assert_int_equal(find_with(h, "zs", (struct search){.area = "341299102"}, 0, NULL).n, 0);
	assert_int_equal(find_with(h, "", (struct search){.attr = "tekun"}, 0, NULL).n, 0);
}

static size_t walk_with(struct temp_house *h, const char *typed, struct search q, size_t limit)
{
	const char *after = NULL;
	size_t n = 0, pages = 0;
	int64_t seen[64];
	do {
		struct found f = find_with(h, typed, q, limit, after);
		assert_true(f.n <= limit && ++pages < 64);
		for (size_t i = 0; i < f.n; i++) {
			for (size_t k = 0; k < n; k++)
				assert_int_not_equal(seen[k], f.rows[i].household);
			seen[n++] = f.rows[i].household;
		}
		after = f.next;
	} while (after);
	return n;
}

static size_t walk(struct temp_house *h, const char *typed, size_t limit)
{
	return walk_with(h, typed, (struct search){0}, limit);
}

static void add_twenty(struct temp_house *h)
{
	temp_house_begin(h);
	for (int i = 0; i < 20; i++) {
		int64_t no = add_household(h, "9", i % 2 ? "341299101201" : "341299101202", "钱多");
		(void)add_member(h, no, "钱多", NULL);
		(void)add_member(h, no, "钱多多", NULL);
	}
	assert_int_equal(search_catch_up(h->db), OK);
	temp_house_commit(h);
}

static void test_find__pages_hold_every_household_once(void **state)
{
	struct temp_house *h = *state;
	struct search q = {0};
	struct search_page page = {.after = "no cursor"};
	struct found f;
	add_twenty(h);
	for (size_t limit = 1; limit < 8; limit++) {
		assert_int_equal(walk(h, "钱", limit), 20);
		assert_int_equal(walk(h, "qdd", limit), 20);
		assert_int_equal(walk(h, "9", limit), 20);
		assert_int_equal(walk(h, "长寿村 钱", limit), 10);
		assert_int_equal(walk(h, "", limit), 23);
	}
	assert_int_equal(search_households(h->db, &q, &page, &h->a, &f.rows, &f.n, &f.next),
	                 ERR_INVALID);
}

static void test_catch_up__follows_changes(void **state)
{
	struct temp_house *h = *state;
	struct found f = find(h, "张无忌");
	struct person old = {0}, now;
	bool found = false;
	assert_int_equal(f.n, 1);
	assert_int_equal(db_get(h->db, &person_desc, f.rows[0].person, &h->a, &old, &found), OK);
	now = old;
	FIELD_SET(&now, PERSON_, name, "赵敏");
	temp_house_begin(h);
	assert_int_equal(journal_update(h->j, &person_desc, &old, &now), OK);
	assert_int_equal(search_catch_up(h->db), OK);
	journal_rollback(h->j);
	assert_int_equal(find(h, "zm").n, 0);
	now.no = old.no;
	temp_house_begin(h);
	assert_int_equal(journal_update(h->j, &person_desc, &old, &now), OK);
	temp_house_commit(h);
	assert_int_equal(search_catch_up(h->db), OK); /* alone, afterwards */
	assert_int_equal(find(h, "zm").n, 1);
	assert_int_equal(find(h, "张无忌").n, 0);
	struct entry_info info = {.actor = "test", .reason = "依法清除"};
	assert_int_equal(journal_erase_person(h->j, old.no, NULL, 0, &info), OK);
	assert_int_equal(search_catch_up(h->db), OK);
	assert_int_equal(find(h, "zm").n, 0);
	assert_int_equal(find(h, "").n, 3);
}

/* One piece of a pass in a transaction of its own. */
static bool step(struct temp_house *h, struct search_pass *p)
{
	bool done = false;
	assert_int_equal(db_begin(h->db), OK);
	assert_int_equal(search_pass_step(p, h->db, 1, &done), OK);
	assert_int_equal(db_commit(h->db), OK);
	return done;
}

static int64_t known(struct temp_house *h)
{
	int64_t n = 0;
	assert_int_equal(stmt_one_int(db_stmt(h->db, STMT_search_known), 0, &n), OK);
	return n;
}

/* Many households in pieces; one is changed when some of them are done. */
static void test_pass__others_write_between_its_pieces(void **state)
{
	struct temp_house *h = *state;
	struct search_pass *p = search_pass_begin();
	struct person last = {0}, now;
	size_t pieces = 1;
	temp_house_begin(h);
	for (int i = 0; i < 3000; i++)
		last = add_member(h, add_household(h, "9", "341299101201", "钱多"), "钱多", NULL);
	temp_house_commit(h);
	assert_false(step(h, p));
	assert_true(known(h) < 3003);
	now = last;
	FIELD_SET(&now, PERSON_, name, "赵敏");
	temp_house_begin(h);
	assert_int_equal(journal_update(h->j, &person_desc, &last, &now), OK);
	assert_int_equal(search_follow(h->j), OK);
	temp_house_commit(h);
	assert_int_equal(find(h, "zm").n, 1); /* at once, whatever else is behind */
	while (!step(h, p))
		pieces++;
	search_pass_end(p);
	assert_true(pieces > 2);
	assert_int_equal(known(h), 3003);
	assert_int_equal(find(h, "zm").n, 1);
	p = search_pass_begin(); /* nothing is left but what came in between */
	assert_true(step(h, p));
	search_pass_end(p);
	assert_int_equal(known(h), 3003);
}

static void test_follow__moves_the_mark_when_nothing_else_is_behind(void **state)
{
	struct temp_house *h = *state;
	int64_t at = 0, entry = 0;
	for (int behind = 0; behind < 2; behind++) {
		temp_house_begin(h);
		int64_t no = add_household(h, "71", "341299101201", "孙小红");
		(void)add_member(h, no, "孙小红", NULL);
		entry = journal_entry(h->j);
		if (!behind)
			assert_int_equal(search_follow(h->j), OK);
		temp_house_commit(h);
		assert_int_equal(stmt_one_int(db_stmt(h->db, STMT_search_at), 0, &at), OK);
		assert_int_equal(at, behind ? entry - 1 : entry);
	}
	temp_house_begin(h);
	(void)add_member(h, 1, "李小龙", NULL);
	assert_int_equal(search_follow(h->j), OK);
	temp_house_commit(h);
	assert_int_equal(stmt_one_int(db_stmt(h->db, STMT_search_at), 0, &at), OK);
	assert_int_equal(at, entry - 1); /* the one before is still to be done */
	assert_int_equal(find(h, "lxl").n, 1);
	assert_int_equal(search_catch_up(h->db), OK);
	assert_int_equal(find(h, "孙小红").n, 2);
}

static void test_scope__nobody_finds_what_is_not_theirs(void **state)
{
	struct temp_house *h = *state;
	const char *village[] = {"341299101202"};
	int64_t household[] = {3};
	struct db_scope of_village, of_households;
	struct search q = {0};
	struct search_page page = {0};
	struct found f;
	db_scope_areas(&h->a, village, 1, &of_village);
	db_scope_households(&h->a, household, 1, &of_households);
	db_set_scope(h->db, &of_village);
	assert_int_equal(find(h, "").n, 1);
	assert_int_equal(find(h, "zs").n, 1);
	assert_int_equal(find(h, "长寿村").n, 0);
	assert_int_equal(find(h, "长寿村 zs").n, 0);
	assert_int_equal(find(h, "341299195803010018").n, 0);
	assert_int_equal(find(h, "34129900001").n, 0);
	assert_int_equal(find_with(h, "", (struct search){.status = "listed"}, 0, NULL).n, 0);
	db_set_scope(h->db, &of_households);
	assert_int_equal(find(h, "").n, 1);
	assert_int_equal(find(h, "wxl").n, 1);
	assert_int_equal(find(h, "zs").n, 0);
	db_set_scope(h->db, NULL);
	assert_int_equal(search_households(h->db, &q, &page, &h->a, &f.rows, &f.n, &f.next),
	                 ERR_FORBIDDEN);
}

/* Bounds of a page and of the villages that may be seen, in every order. */
static void test_scope__pages_hold_what_may_be_seen(void **state)
{
	struct temp_house *h = *state;
	const char *villages[] = {"341299100001", "341299101201", "341299101202", "341299102001"};
	const int64_t households[] = {2, 5, 6, 7, 11, 20};
	struct db_scope scope;
	add_twenty(h); /* even numbers in 341299101202, odd ones "listed" */
	for (size_t limit = 1; limit < 8; limit++) {
		db_scope_areas(&h->a, villages, 4, &scope);
		db_set_scope(h->db, &scope);
		assert_int_equal(walk(h, "", limit), 23);
		assert_int_equal(walk(h, "钱", limit), 20);
		assert_int_equal(walk(h, "长寿村", limit), 12);
		assert_int_equal(walk(h, "王岗村", limit), 11);
		assert_int_equal(walk(h, "341299101202 qdd", limit), 10);
		assert_int_equal(walk_with(h, "", (struct search){.area = "341299101"}, limit), 23);
		assert_int_equal(walk_with(h, "", (struct search){.area = "341299102"}, limit), 0);
		assert_int_equal(walk_with(h, "", (struct search){.status = "listed"}, limit), 12);
		db_scope_areas(&h->a, villages + 2, 2, &scope);
		db_set_scope(h->db, &scope);
		assert_int_equal(walk(h, "", limit), 11);
		assert_int_equal(walk(h, "9", limit), 10);
		assert_int_equal(walk(h, "长寿村", limit), 0);
		assert_int_equal(walk_with(h, "", (struct search){.area = "341299101201"}, limit), 0);
		db_scope_households(&h->a, households, 6, &scope);
		db_set_scope(h->db, &scope);
		assert_int_equal(walk(h, "", limit), 6);
		assert_int_equal(walk(h, "钱", limit), 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find__by_every_habit, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_find__filters, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_find__pages_hold_every_household_once, open_house,
		                                close_house),
		cmocka_unit_test_setup_teardown(test_scope__nobody_finds_what_is_not_theirs, open_house,
		                                close_house),
		cmocka_unit_test_setup_teardown(test_scope__pages_hold_what_may_be_seen, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_catch_up__follows_changes, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_pass__others_write_between_its_pieces, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_follow__moves_the_mark_when_nothing_else_is_behind, open_house,
		                                close_house),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
