/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The register as the checks see it, read by several threads: everybody once, with what is sealed. */
#include "check/town_load.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "ledger/ledger.h"
#include "registry/registry.h"
#include "temp_house.h"

#include "base/banned.h"

enum { HOUSEHOLDS = 40, MEMBERS = 3, GAP = 7 };

static const struct record_desc *const tables[] = {
	&household_desc, &household_state_desc, &household_year_desc, &person_desc, &membership_desc,
	&person_year_desc, &income_desc, &duty_desc, &measure_desc, &visit_desc, &contract_desc, &ledger_desc,
	&ledger_chunk_desc, &link_answer_desc};

static const struct area area_array[] = {{.code = "341299101", .name = "镇"},
                                         {.code = "341299101201", .name = "东湖村", .parent = "341299101"}};
static const struct area_list areas = {area_array, 2};
static struct pack *the_pack;

static void add_member(struct temp_house *h, int64_t household, int64_t no, bool head)
{
	struct person p = {.no = no};
	struct membership m = {0};
	FIELD_SET(&p, PERSON_, name, arena_printf(&h->a, "张%lld", (long long)no));
	FIELD_SET(&p, PERSON_, phone, arena_printf(&h->a, "1390558%04lld", (long long)no));
	FIELD_SET(&p, PERSON_, account, arena_printf(&h->a, "6217%lld", (long long)no));
	assert_int_equal(journal_insert(h->j, &person_desc, &p), OK);
	FIELD_SET(&m, MEMBERSHIP_, person, no);
	FIELD_SET(&m, MEMBERSHIP_, household, household);
	if (head)
		FIELD_SET(&m, MEMBERSHIP_, relation, "head");
	assert_int_equal(journal_insert(h->j, &membership_desc, &m), OK);
}

static void add_visit(struct temp_house *h, int64_t household)
{
	struct visit v = {0};
	FIELD_SET(&v, VISIT_, household, household);
	FIELD_SET(&v, VISIT_, date, 20180110);
	assert_int_equal(journal_insert(h->j, &visit_desc, &v), OK);
}

/* Numbers of people with gaps, the last of a household first. */
static int open_house(void **state)
{
	static struct temp_house h;
	temp_house_open(&h, tables, sizeof(tables) / sizeof(*tables));
	if (!the_pack)
		assert_int_equal(pack_open(PACKS_DIR "/cn-2018", &h.diag, &the_pack), OK);
	temp_house_begin(&h);
	for (int64_t i = 0; i < HOUSEHOLDS; i++) {
		struct household hh = {0};
		FIELD_SET(&hh, HOUSEHOLD_, hh_no, arena_printf(&h.a, "550%lld", (long long)i));
		FIELD_SET(&hh, HOUSEHOLD_, village, "341299101201");
		assert_int_equal(journal_insert(h.j, &household_desc, &hh), OK);
		for (int64_t k = MEMBERS; k-- > 0;)
			add_member(&h, hh.no, (hh.no * MEMBERS + k) * GAP, k == 0);
		add_visit(&h, hh.no);
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

static struct town load(struct temp_house *h)
{
	struct town t;
	struct town_opts o = {.j = h->j, .pack = the_pack, .areas = &areas, .root = "341299101",
	                      .as_of = 20180114};
	enum err e = town_load(&o, &h->a, &t);
	if (e)
		fail_msg("%s %s", err_name(e), db_diag(h->db)->detail);
	return t;
}

/* Everybody has what add_member() gave him, and the head's is the household's. */
static void look_at(const struct town *t)
{
	char phone[32];
	for (size_t i = 0; i < t->n_persons; i++) {
		const struct town_person *p = &t->persons[i];
		const struct town_household *hh = &t->households[p->household];
		(void)snprintf(phone, sizeof(phone), "1390558%04lld", (long long)p->no);
		assert_true(str_is(p->phone, phone));
		assert_int_equal(p->no / GAP / MEMBERS, hh->no);
		if (p->no / GAP % MEMBERS == 0)
			assert_true(str_eq(hh->phone, p->phone) && hh->bank_account.n > 0);
	}
}

static void test_town_load__everybody_once(void **state)
{
	struct temp_house *h = *state;
	struct town t = load(h);
	assert_int_equal(t.n_households, HOUSEHOLDS);
	assert_int_equal(t.n_persons, HOUSEHOLDS * MEMBERS);
	assert_int_equal(t.n_visits, HOUSEHOLDS);
	look_at(&t);
}

static void test_town_load__members_of_whom_there_is_no_record(void **state)
{
	struct temp_house *h = *state;
	struct membership m = {0};
	FIELD_SET(&m, MEMBERSHIP_, person, 5);
	FIELD_SET(&m, MEMBERSHIP_, household, 1);
	temp_house_begin(h);
	assert_int_equal(journal_insert(h->j, &membership_desc, &m), OK);
	temp_house_commit(h);
	struct town t = load(h);
	assert_int_equal(t.n_persons, HOUSEHOLDS * MEMBERS);
	look_at(&t);
}

/* What the loader's own handle has written and nobody else can see yet is read too. */
static void test_town_load__inside_an_entry(void **state)
{
	struct temp_house *h = *state;
	temp_house_begin(h);
	add_member(h, 1, (1 * MEMBERS + 1) * GAP + 1, false);
	add_visit(h, 1);
	struct town t = load(h);
	assert_int_equal(t.n_persons, HOUSEHOLDS * MEMBERS + 1);
	assert_int_equal(t.n_visits, HOUSEHOLDS + 1);
	look_at(&t);
	journal_rollback(h->j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_town_load__everybody_once, open_house, close_house),
		cmocka_unit_test_setup_teardown(test_town_load__members_of_whom_there_is_no_record, open_house,
		                                close_house),
		cmocka_unit_test_setup_teardown(test_town_load__inside_an_entry, open_house, close_house),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	pack_close(the_pack);
	return failed;
}
