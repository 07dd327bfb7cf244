/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "check/check.h"
#include "check/finding.h"

static struct pack *pack;
static struct check *check;

static int setup(void **state)
{
	struct diag diag = {0};
	enum err e = pack_open("cn-2018", &diag, &pack);

	(void)state;
	if (e == OK)
		e = check_new(pack, &diag, &check);
	if (e)
		fprintf(stderr, "%s %s %s\n", diag.place, err_name(diag.code), diag.detail);
	return e ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	check_free(check);
	pack_close(pack);
	return 0;
}

/* Every rule's own rows come out as written, and every rule has both kinds. */
static void test_check__rules_own_rows(void **state)
{
	size_t rows = 0, failed = 0;

	(void)state;
	for (size_t i = 0; i < pack->n_rules; i++) {
		struct diag diag = {0};
		size_t n = 0;

		if (check_self_test(check, (int)i, &n, &diag) != OK) {
			fprintf(stderr, "%s %s %s\n", diag.place, err_name(diag.code), diag.detail);
			failed++;
		}
		rows += n;
		if (!pack->rules[i].positive || !pack->rules[i].negative) {
			fprintf(stderr, "%s: no rows\n", pack->rules[i].id);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
	assert_true(rows > 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check__rules_own_rows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
