/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/by_number.h"
#include "base/date.h"
#include "base/err.h"
#include "base/map.h"
#include "base/money.h"
#include "base/sha256.h"
#include "base/team.h"
#include "base/utf8.h"
#include "base/vec.h"

static void test_arena__join(void **state)
{
	(void)state;
	struct arena a, other, none;
	arena_init(&a, 0);
	arena_init(&other, 0);
	arena_init(&none, 0);
	char *mine = arena_strdup(&a, "mine"), *theirs = arena_strdup(&other, "theirs");
	struct arena_mark m = arena_save(&a);
	size_t both = a.used + other.used;
	arena_join(&a, &none);
	arena_join(&a, &other);
	assert_int_equal(a.used, both);
	assert_int_equal(other.used, 0);
	arena_release(&other);
	assert_string_equal(mine, "mine");
	assert_string_equal(theirs, "theirs");
	char *more = arena_strdup(&a, "more");
	assert_string_equal(theirs, "theirs");
	assert_string_equal(more, "more");
	arena_back(&a, m);
	assert_string_equal(mine, "mine");
	arena_release(&a);
	assert_int_equal(a.used, 0);
}

static void test_base__table_is_empty(void **state)
{
	enum { N = 5 << 20 };
	char *p = base_table(N, 3);
	(void)state;
	for (size_t i = 0; i < (size_t)N * 3; i++)
		if (p[i])
			fail_msg("byte %zu", i);
	base_free(p);
	base_free(base_table(0, 8));
}

static void test_arena__back_to_mark(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 0);
	char *kept = arena_strdup(&a, "kept");
	struct arena_mark m = arena_save(&a);
	for (int i = 0; i < 1000; i++)
		(void)arena_alloc(&a, 1000);
	arena_back(&a, m);
	assert_string_equal(kept, "kept");
	assert_true(a.used < 200000);
	arena_release(&a);
	assert_int_equal(a.used, 0);
}

static void test_buf__drops_whole_what_does_not_fit(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 5);
	buf_adds(&b, "abc");
	buf_adds(&b, "def");
	assert_true(b.full);
	assert_string_equal(b.p, "abc");
	buf_release(&b);
}

static void test_str__part_of_nothing_is_nothing(void **state)
{
	struct str none = {NULL, 0};

	assert_null(str_sub(none, 0, 3).p);
	assert_int_equal(str_sub(none, 2, 3).n, 0);
	assert_true(str_is(str_sub(STR("abc"), 2, 9), "c"));
}

static void test_str__trims_every_blank(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(STR(" \t\u3000\u00a0张三\ufeff\u3000 ")), "张三"));
	assert_int_equal(str_trim(STR("\u3000")).n, 0);
}

static void test_str__hex_digits(void **state)
{
	(void)state;
	assert_int_equal(str_hex_digit('0'), 0);
	assert_int_equal(str_hex_digit('a'), 10);
	assert_int_equal(str_hex_digit('F'), 15);
	assert_int_equal(str_hex_digit('g'), -1);
	assert_int_equal(str_hex_digit('\0'), -1);
}

static void test_utf8__from_utf16(void **state)
{
	(void)state;
	static const uint32_t units[] = {'a', 0x4E2D, 0xD840, 0xDD64, 0xDC00, 0xD800, 'b'};
	struct buf b;
	uint32_t high = 0;
	char out[8];
	buf_init(&b, 100);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		buf_add(&b, out, utf8_from_utf16(&high, units[i], out));
	assert_string_equal(b.p, "a中𠅤\xEF\xBF\xBD\xEF\xBF\xBD" "b");
	buf_release(&b);
}

static void test_map__many_keys(void **state)
{
	(void)state;
	struct map m;
	struct imap im;
	struct arena a;
	arena_init(&a, 0);
	map_init(&m);
	imap_init(&im);
	for (int i = 0; i < 10000; i++) {
		assert_true(map_set(&m, str_c(arena_printf(&a, "k%d", i)), i));
		assert_true(imap_set(&im, (int64_t)i * 4096, i));
	}
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(map_get(&m, str_c(arena_printf(&a, "k%d", i)), -1), i);
		assert_int_equal(imap_get(&im, (int64_t)i * 4096, -1), i);
	}
	assert_int_equal(map_get(&m, STR("none"), -1), -1);
	map_release(&m);
	imap_release(&im);
	arena_release(&a);
}

static void test_date__every_habit(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int want;
	} cases[] = {
		{"2017-09-03", 20170903}, {"2017/9/3", 20170903},   {"2017.9.3", 20170903},
		{"20170903", 20170903},   {"2017年9月3日", 20170903}, {"2017年9月", 20170900},
		{"2017.6", 20170600},     {"201709", 20170900},     {"2017年", 20170000},
		{"2017", 20170000},       {"二〇一七年九月三日", 20170903},
		{"二○一七年十二月二十三日", 20171223}, {"２０１７－０９－０３", 20170903},
		{"17.9.3", 20170903},     {"98年5月1日", 19980501}, {"2017-09-03 10:22:31", 20170903},
		{"2017-09-03T00:00:00Z", 20170903}, {"13/9/2017", 20170913},
		{"9/13/2017", 20170913},
		{"3/9/2017", 0},          {"2017-02-29", 0},        {"2016-02-29", 20160229},
		{"2017年13月", 0},         {"约2017年", 0},           {"", 0}, {"abc", 0},
		{"2017年9月3号", 20170903}, {"'2017-9-3", 20170903}, {"12", 0}, {"341299", 0},
		{"公元2017年9月3日", 20170903}, {"20170903.0", 20170903}, {"20170903.5", 0},
		{"20171303.0", 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(date_parse(str_c(cases[i].text)), cases[i].want);
}

/* The form that dates are kept in has a reader of its own. */
static void test_date__kept_form_as_any_other(void **state)
{
	(void)state;
	static const int years[] = {0, 1799, 1800, 1900, 2000, 2016, 2017, 2199, 2200, 9999};
	for (size_t y = 0; y < sizeof(years) / sizeof(years[0]); y++) {
		for (int md = 0; md < 1500; md++) {
			char kept[16], other[16];
			(void)snprintf(kept, sizeof(kept), "%04d-%02d-%02d", years[y], md / 100, md % 100);
			(void)snprintf(other, sizeof(other), "%04d/%02d/%02d", years[y], md / 100, md % 100);
			assert_int_equal(date_parse(str_c(kept)), date_parse(str_c(other)));
		}
	}
}

static void test_date__search_in_titles(void **state)
{
	(void)state;
	assert_int_equal(date_search(STR("填报日期：2018年1月10日")), 20180110);
	assert_int_equal(date_search(STR("导出机构：医保中心,导出时间：2018-01-08 10:22:31")), 20180108);
	assert_int_equal(date_search(STR("八里河镇2017年12月低保五保发放名册")), 20171200);
	assert_int_equal(date_search(STR("2017年收入台账.xlsx")), 20170000);
	assert_int_equal(date_search(STR("2017年八里河镇名册")), 20170000);
	assert_int_equal(date_search(STR("二〇一七年八月名册")), 20170800);
	assert_int_equal(date_search(STR("2017年5户")), 20170000);
	assert_int_equal(date_search(STR("2017年8月三组")), 20170800);
	assert_int_equal(date_search(STR("2017年四季度")), 20171200);
	assert_int_equal(date_search(STR("2017年度第2季度发放表")), 20170600);
	assert_int_equal(date_search(STR("2017年上半年")), 20170600);
	assert_int_equal(date_search(STR("截至2017年底")), 20171200);
	assert_int_equal(date_search(STR("花名册（2017年度）")), 20170000);
	assert_int_equal(date_search(STR("电话10048378259")), 0);
}

static void test_date__arithmetic(void **state)
{
	(void)state;
	for (int32_t d = -50000; d < 60000; d += 7)
		assert_int_equal(date_to_days(date_from_days(d)), d);
	assert_int_equal(date_from_serial(43114, false), 20180114);
	assert_int_equal(date_from_serial(41652, true), 20180114);
	assert_int_equal(date_age(20080229, 20170228), 8);
	assert_int_equal(date_age(20080229, 20170301), 9);
	assert_int_equal(date_last(20160200), 20160229);
	char t[32];
	instant_format(1515916800123, t);
	assert_string_equal(t, "2018-01-14T08:00:00.123Z");
	assert_int_equal(instant_day(1515916800000 - 1, 480), 20180114);
	assert_int_equal(instant_day(1515888000000, 480), 20180114);
	struct calendar clock = {.zone = 480}, practice = {.zone = 480, .practice = 20171231};
	assert_int_equal(calendar_day(&clock, 1515888000000), 20180114);
	assert_true(calendar_today(&clock) > 20180114);
	assert_int_equal(calendar_day(&practice, 1515888000000), 20171231);
	assert_int_equal(calendar_today(&practice), 20171231);
}

static void test_money__parse(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t unit, want;
	} cases[] = {
		{"7715", 1, 771500},      {"1,234.50", 1, 123450}, {"20000元", 1, 2000000},
		{"1.5", 10000, 1500000},  {"1.5万元", 1, 1500000}, {"500元/月×12", 1, 600000},
		{"500*12", 1, 600000},    {"２００", 1, 20000},      {"-3.5", 1, -350},
		{"￥100.005", 1, 10001},   {"1.2e4", 1, 1200000},   {"3千元", 1, 300000},
		{"300元/人×2人", 1, 60000}, {"0.705372", 10000, 705372}, {"150元/月×12个月", 1, 180000},
		{"3000圆", 1, 300000},    {"'150", 1, 15000},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fen_t v = -1;
		assert_true(money_parse(str_c(cases[i].text), cases[i].unit, &v));
		assert_int_equal(v, cases[i].want);
	}
	fen_t v;
	assert_true(money_parse(STR("3千元"), 1, &v));
	assert_int_equal(v, 300000);
	assert_false(money_parse(STR("无"), 1, &v));
	assert_false(money_parse(STR(""), 1, &v));
	assert_false(money_parse(STR("99999999999999999999元"), 1, &v));
	char t[32];
	money_format(-123456789, true, t);
	assert_string_equal(t, "-1,234,567.89");
	int64_t q;
	assert_true(money_div_round(5, 2, &q));
	assert_int_equal(q, 3);
	assert_true(money_div_round(-5, 2, &q));
	assert_int_equal(q, -3);
}

static void test_utf8__malformed_is_replaced(void **state)
{
	(void)state;
	struct str s = {"\xE4\xB8\xAD\xED\xA0\x80\xFF", 7};
	size_t pos = 0;
	assert_int_equal(utf8_next(s, &pos), 0x4E2D);
	for (int i = 0; i < 4; i++)
		assert_int_equal(utf8_next(s, &pos), 0xFFFD);
	assert_int_equal(utf8_next(s, &pos), -1);
	assert_int_equal(utf8_str_width(STR("户a")), 3);
	assert_true(str_is(utf8_fit(STR("户编号"), 5), "户编"));
}

static void test_diag__first_error_stays(void **state)
{
	(void)state;
	struct diag d = {0};
	assert_int_equal(diag_set(&d, ERR_RULE_TYPE, "%s", "income"), ERR_RULE_TYPE);
	diag_place(&d, "%s:%d:%d", "rules.yaml", 3, 5);
	assert_int_equal(diag_set(&d, ERR_IO, "later"), ERR_RULE_TYPE);
	struct buf b;
	buf_init(&b, 1000);
	diag_print(&d, LANG_EN, &b);
	assert_string_equal(b.p, "rules.yaml:3:5: the types in the rule do not agree: income");
	buf_release(&b);
}

/* Against another implementation, whole and in pieces, over every block boundary. */
static void test_sha256__as_libsodium(void **state)
{
	unsigned char data[1031], want[SHA256_BYTES], got[SHA256_BYTES];
	(void)state;
	assert_true(sodium_init() >= 0);
	for (int i = 0; i < 2000; i++) {
		size_t n = i < 300 ? (size_t)i : randombytes_uniform(sizeof(data) + 1);
		size_t cut = randombytes_uniform((uint32_t)n + 1);
		randombytes_buf(data, sizeof(data));
		(void)crypto_hash_sha256(want, data, n);
		sha256_of(data, n, got);
		assert_memory_equal(got, want, SHA256_BYTES);
		struct sha256 s;
		sha256_begin(&s);
		sha256_add(&s, data, cut);
		sha256_add(&s, data + cut, n - cut);
		sha256_end(&s, got);
		assert_memory_equal(got, want, SHA256_BYTES);
	}
}

enum { JOBS = 1000 };

struct jobs {
	size_t done[JOBS];
	size_t by[TEAM_MAX]; /* how many, by worker */
	size_t before;       /* written before the run, read in it */
};

static void do_job(void *arg, size_t job, size_t worker)
{
	struct jobs *j = arg;
	j->done[job] += j->before + job;
	j->by[worker]++;
}

/* Every job once, whatever the team. */
static void test_team__every_job_once(void **state)
{
	(void)state;
	for (size_t size = 0; size < 5; size++) {
		struct team *t = size == 4 ? NULL : team_new(size);
		size_t total = 0;
		struct jobs j = {0};
		assert_true(team_size(t) >= 1 && team_size(t) <= TEAM_MAX);
		for (size_t run = 1; run <= 50; run++) {
			j.before = run;
			team_run(t, run % 3 ? JOBS : run % 2, do_job, &j);
		}
		for (size_t i = 0; i < TEAM_MAX; i++)
			total += j.by[i];
		for (size_t i = team_size(t); i < TEAM_MAX; i++)
			assert_int_equal(j.by[i], 0);
		assert_int_equal(total, 34 * JOBS + 8);
		for (size_t i = 1; i < JOBS; i++)
			assert_int_equal(j.done[i], 34 * i + 50 * 51 / 2 - 3 * 16 * 17 / 2);
		team_free(t);
	}
}

/* Few of them are so far out that an array would not do; none is met where none is. */
static void test_by_number__near_and_far(void **state)
{
	(void)state;
	static const int64_t numbers[] = {0, 1, 1023, 1024, 70000, (1 << 24) - 1, 1 << 24, -1,
	                                  INT64_MAX, INT64_MIN};
	enum { N = sizeof(numbers) / sizeof(numbers[0]) };
	struct by_number b;
	by_number_init(&b);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(by_number_get(&b, numbers[i]), -1);
	for (int32_t i = 0; i < N; i++)
		by_number_set(&b, numbers[i], i);
	for (int32_t i = 0; i < N; i++)
		assert_int_equal(by_number_get(&b, numbers[i]), i);
	assert_int_equal(by_number_get(&b, 2), -1);
	assert_int_equal(by_number_get(&b, -2), -1);
	for (int32_t i = 0; i < N; i += 2)
		by_number_set(&b, numbers[i], -1);
	for (int32_t i = 0; i < N; i++)
		assert_int_equal(by_number_get(&b, numbers[i]), i % 2 ? i : -1);
	by_number_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena__back_to_mark),
		cmocka_unit_test(test_arena__join),
		cmocka_unit_test(test_base__table_is_empty),
		cmocka_unit_test(test_buf__drops_whole_what_does_not_fit),
		cmocka_unit_test(test_str__part_of_nothing_is_nothing),
		cmocka_unit_test(test_str__trims_every_blank),
		cmocka_unit_test(test_str__hex_digits),
		cmocka_unit_test(test_utf8__from_utf16),
		cmocka_unit_test(test_map__many_keys),
		cmocka_unit_test(test_by_number__near_and_far),
		cmocka_unit_test(test_date__every_habit),
		cmocka_unit_test(test_date__kept_form_as_any_other),
		cmocka_unit_test(test_date__search_in_titles),
		cmocka_unit_test(test_date__arithmetic),
		cmocka_unit_test(test_team__every_job_once),
		cmocka_unit_test(test_money__parse),
		cmocka_unit_test(test_sha256__as_libsodium),
		cmocka_unit_test(test_utf8__malformed_is_replaced),
		cmocka_unit_test(test_diag__first_error_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
