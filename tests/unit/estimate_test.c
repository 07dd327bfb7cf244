/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Conditions on rows, and numbers in cells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "estimate/filter.h"

static struct arena arena;
static double x_values[] = {1, 2.5, NAN};
static int32_t g_levels[] = {0, 1, -1};
static struct str g_texts[] = {{"a b", 3}, {"东", 3}};
static struct column columns[] = {
	{.name = "x.1", .numeric = true, .number = x_values},
	{.name = "g", .level = g_levels, .levels = g_texts, .n_levels = 2},
};
static const struct frame frame = {.n = 3, .n_columns = 2, .columns = columns};

static int start(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void test_conditions(void **state)
{
	(void)state;
	static const struct { const char *text; int want[3]; } cases[] = {
		{"x.1==1", {1, 0, -1}}, {"x.1 != 1", {0, 1, -1}}, {"x.1>=2.5 ", {0, 1, -1}},
		{"g=='东'", {0, 1, -1}}, {"g!=\"a b\"", {0, 1, -1}}, {"is.na(g)", {0, 0, 1}},
		{"!is.na(x.1)", {1, 1, 0}}, {"x.1 %in% c(1, 2)", {1, 0, 0}}, {"g %in% 'a b'", {1, 0, 0}},
		{"x.1==1 | is.na(x.1)", {1, 0, 1}}, {"x.1==1 & FALSE", {0, 0, 0}},
		{"x.1==1 || TRUE", {1, 1, 1}}, {"(x.1 + 1) * 2 == 4", {1, 0, -1}},
		{"-x.1 < -2", {0, 1, -1}}, {"! x.1 == 1", {0, 1, -1}}, {"`x.1` == 1e0", {1, 0, -1}},
		{"x.1 == NA", {-1, -1, -1}}, {"x.1 == '1'", {1, 0, -1}}, {"1 + 2 * 3 == 7", {1, 1, 1}},
		{"TRUE | FALSE & FALSE", {1, 1, 1}}, {"10 - 2 - 3 == 5", {1, 1, 1}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct filter *f;
		struct diag d = {0};
		if (filter_parse(cases[i].text, &arena, &d, &f) || filter_bind(f, &frame, &d))
			fail_msg("%s: %s", cases[i].text, d.detail);
		for (size_t row = 0; row < 3; row++)
			if (filter_row(f, row) != cases[i].want[row])
				fail_msg("%s, row %zu: %d", cases[i].text, row, filter_row(f, row));
	}
}

static void test_bad_conditions(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "x.1 ==", "(x.1", "x.1)", "'abc", "`abc", "x.1 %in% c(1", "1 2",
	                                  "x.1 = 1", "& 1", "is.na(", "1e", "c(1)", "x.1 == == 1", "!"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct filter *f;
		struct diag d = {0};
		enum err e = filter_parse(bad[i], &arena, &d, &f);
		if (!e)
			e = filter_bind(f, &frame, &d);
		if (!e)
			fail_msg("%s", bad[i]);
	}
	char deep[2000];
	struct filter *f;
	struct diag d = {0};
	memset(deep, '(', sizeof(deep));
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(filter_parse(deep, &arena, &d, &f), ERR_RULE_SYNTAX);
	memset(deep, '!', sizeof(deep) - 1);
	diag_clear(&d);
	assert_int_equal(filter_parse(deep, &arena, &d, &f), ERR_RULE_SYNTAX);
}

static void test_numbers(void **state)
{
	(void)state;
	static const struct { const char *text; double v; } good[] = {
		{"0", 0}, {"-0.5", -0.5}, {"12345678901234567890", 12345678901234567890.0}, {"1e-3", 1e-3},
		{"0.1", 0.1}, {".5", .5}, {"5.", 5}, {"+3", 3}, {"123456.789", 123456.789},
		{"0.30000000000000004", 0.30000000000000004}, {"Inf", HUGE_VAL}, {"1E5", 1e5},
		{"999999999999999", 999999999999999}, {"0.000000000000001", 1e-15}};
	static const char *const bad[] = {"", "-", ".", "1,2", "0x10", "nan", "1 2", "1e", "abc", "--1", "1.2.3",
	                                  "infinity1"};
	double v;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!number_read(str_c(good[i].text), &v) || v != good[i].v)
			fail_msg("%s", good[i].text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (number_read(str_c(bad[i]), &v))
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_conditions, start, stop),
		cmocka_unit_test_setup_teardown(test_bad_conditions, start, stop),
		cmocka_unit_test_setup_teardown(test_numbers, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
