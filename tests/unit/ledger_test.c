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
#include "check/record.h"
#include "ledger/index.h"
#include "registry/pin.h"

static const struct record_desc *const tables[] = {
	&area_desc, &account_desc, &reveal_desc, &household_desc, &household_state_desc,
	&household_year_desc, &person_desc, &membership_desc, &person_year_desc, &income_desc,
	&duty_desc, &measure_desc, &visit_desc, &contract_desc, &ledger_desc, &ledger_chunk_desc,
	&link_answer_desc, &ledger_index_desc, &attachment_desc, &finding_desc, &pin_desc,
};

enum { TABLES = sizeof(tables) / sizeof(*tables) };

static void test_records__describe_themselves_well(void **state)
{
	(void)state;
	struct diag diag = {0};
	for (size_t i = 0; i < TABLES; i++) {
		enum err e = record_check(tables[i], &diag);
		if (e)
			fail_msg("%s: %s", tables[i]->name, diag.detail);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(tables[i]->id, tables[k]->id);
	}
}

static void test_schema__is_that_of_the_records(void **state)
{
	(void)state;
	char dir[] = "/tmp/daohu-schema-XXXXXX";
	struct diag diag = {0};
	struct db *db = NULL;
	struct db_config c = {0};
	struct db_opts o = {.mode = DB_CREATE, .county = "341299", .tables = tables, .n_tables = TABLES};
	assert_non_null(mkdtemp(dir));
	assert_int_equal(db_config_set(&c, "format", "1"), OK);
	assert_int_equal(db_config_set(&c, "county", "341299"), OK);
	assert_int_equal(db_config_write(dir, &c, &diag), OK);
	assert_int_equal(db_open(dir, &o, &diag, &db), OK);
	if (db_check_schema(db))
		fail_msg("%s %s", diag.place, diag.detail);
	if (db_check_statements(db))
		fail_msg("%s %s", diag.place, diag.detail);
	db_close(db);
}

static struct ledger make(int64_t no, const char *layout, date_t as_of, const char *covers)
{
	struct ledger l = {.no = no, .layout = layout, .as_of = as_of, .covers = covers};
	return l;
}

static void test_in_force__newer_replaces_what_it_covers(void **state)
{
	(void)state;
	bool in[3];
	struct ledger l[3] = {
		make(1, "insurance", 20180101, "*"),
		make(2, "insurance", 20180110, "*"),
		make(3, "vehicle", 0, "*"),
	};
	ledger_in_force(l, 3, 0, in);
	assert_false(in[0]);
	assert_true(in[1] && in[2]);
	ledger_in_force(l, 3, 20180105, in);
	assert_true(in[0] && in[2]);
	assert_false(in[1]);
	l[1].as_of = 0; /* no date: the later hand-in counts */
	ledger_in_force(l, 3, 0, in);
	assert_false(in[0]);
}

static void test_in_force__parts_stand_side_by_side(void **state)
{
	(void)state;
	bool in[3];
	struct ledger l[3] = {
		make(1, "insurance", 20180110, "341226115001"),
		make(2, "insurance", 20180110, "341226115002"),
		make(3, "insurance", 20180111, "341226115001"),
	};
	ledger_in_force(l, 3, 0, in);
	assert_false(in[0]);
	assert_true(in[1] && in[2]);
	l[2].partial = true; /* a few rows more replace nothing */
	ledger_in_force(l, 3, 0, in);
	assert_true(in[0] && in[1] && in[2]);
}

static void test_in_force__events_add_up_unless_corrected(void **state)
{
	(void)state;
	bool in[2];
	struct ledger l[2] = {make(1, "visit", 20171231, "*"), make(2, "visit", 20180131, "*")};
	ledger_in_force(l, 2, 0, in);
	assert_true(in[0] && in[1]);
	l[1].replaces = 1;
	ledger_in_force(l, 2, 0, in);
	assert_false(in[0]);
	assert_true(in[1]);
}

static void test_covers__by_prefix(void **state)
{
	(void)state;
	struct ledger l = make(1, "visit", 0, "341226115,341226116001");
	assert_true(ledger_covers(&l, "341226115007"));
	assert_true(ledger_covers(&l, "341226116001"));
	assert_false(ledger_covers(&l, "341226116002"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records__describe_themselves_well),
		cmocka_unit_test(test_schema__is_that_of_the_records),
		cmocka_unit_test(test_in_force__newer_replaces_what_it_covers),
		cmocka_unit_test(test_in_force__parts_stand_side_by_side),
		cmocka_unit_test(test_in_force__events_add_up_unless_corrected),
		cmocka_unit_test(test_covers__by_prefix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
