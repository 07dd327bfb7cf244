/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ledger/covers.h"

#include "base/banned.h"

static const struct area areas[] = {
	{.code = "341299", .name = "测试县"},
	{.code = "341299100", .name = "东镇", .parent = "341299"},
	{.code = "341299100201", .name = "甲村", .parent = "341299100"},
	{.code = "341299100202", .name = "乙村", .parent = "341299100"},
	{.code = "341299101", .name = "西镇", .parent = "341299"},
	{.code = "341299101201", .name = "丙村", .parent = "341299101"},
	{.code = "341299102", .name = "南乡", .parent = "341299"},
	{.code = "341299102201", .name = "丁村", .parent = "341299102"},
};
enum { N = sizeof(areas) / sizeof(areas[0]), A = 2, B = 3, C = 5, D = 7 };
static const struct area_list list = {areas, N};

static const char *find(const char *root, const char *path, const char *title, bool by_sheet,
			const uint64_t rows[N], bool *ret_placed)
{
	static char said[100];
	uint64_t villages[N];
	struct read_group g = {.title = title, .by_sheet = by_sheet, .villages = villages};
	struct buf b;
	memcpy(villages, rows, sizeof(villages));
	for (size_t i = 0; i < N; i++)
		g.rows += (int64_t)rows[i];
	buf_init(&b, 1000);
	*ret_placed = covers_find(&list, root, &g, path, &b);
	(void)snprintf(said, sizeof(said), "%s", b.p);
	buf_release(&b);
	return said;
}

static void test_covers__within_a_town(void **state)
{
	static const uint64_t both[N] = {[A] = 50, [B] = 50}, one[N] = {[A] = 50}, none[N] = {0};
	bool placed;
	(void)state;
	assert_string_equal(find("341299100", "a.csv", NULL, false, both, &placed), "*");
	assert_string_equal(find("341299100", "a.csv", NULL, false, one, &placed), "341299100201");
	assert_string_equal(find("341299100", "a.csv", NULL, true, one, &placed), "341299100201");
	assert_string_equal(find("341299100", "西镇/a.csv", NULL, false, none, &placed), "*");
	assert_true(placed);
}

static void test_covers__among_towns(void **state)
{
	static const uint64_t east[N] = {[A] = 900, [B] = 90, [C] = 2}, one[N] = {[A] = 9};
	static const uint64_t two[N] = {[A] = 900, [D] = 100}, every[N] = {[A] = 9, [C] = 9, [D] = 9};
	bool placed;
	(void)state;
	assert_string_equal(find("341299", "a.csv", NULL, false, east, &placed), "341299100");
	assert_true(placed); /* the two rows are strays */
	assert_string_equal(find("341299", "a.csv", NULL, false, one, &placed), "341299100201");
	assert_string_equal(find("341299", "a.csv", NULL, false, two, &placed),
			    "341299100,341299102");
	assert_true(placed);
	assert_string_equal(find("341299", "a.csv", NULL, false, every, &placed), "*");
	assert_true(placed);
}

static void test_covers__by_name(void **state)
{
	static const uint64_t none[N] = {0};
	bool placed;
	(void)state;
	assert_string_equal(find("341299", "in/西镇//走访.csv", NULL, false, none, &placed),
			    "341299101");
	assert_true(placed);
	assert_string_equal(find("341299", "西镇/in/走访.csv", "南乡走访台账", false, none, &placed),
			    "341299102");
	assert_true(placed);
	assert_string_equal(find("341299", "西镇/in/走访.csv", NULL, false, none, &placed), "*");
	assert_false(placed); /* nothing that is missing there says anything */
	assert_string_equal(find("341299", "a.csv", "测试县财政供养人员", false, none, &placed), "*");
	assert_true(placed);
	assert_string_equal(find("341299", "西镇南乡.csv", NULL, false, none, &placed), "*");
	assert_false(placed);
	assert_string_equal(covers_home(&list, "341299", "西镇/a.csv"), "341299101");
	assert_null(covers_home(&list, "341299", "西镇南乡.csv"));
	assert_null(covers_home(&list, "341299100", "西镇.csv"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_covers__within_a_town),
		cmocka_unit_test(test_covers__among_towns),
		cmocka_unit_test(test_covers__by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
