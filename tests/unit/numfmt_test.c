/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "io/numfmt.h"

static void test_numfmt__codes(void **state)
{
	(void)state;
	static const struct {
		const char *code;
		enum numfmt want;
	} rows[] = {
		{"General", NUMFMT_NUMBER},
		{"G/通用格式", NUMFMT_NUMBER},
		{"0.00_);[Red]\\(0.00\\)", NUMFMT_NUMBER},
		{"#,##0.00\"元\"", NUMFMT_NUMBER},
		{"0.00E+00", NUMFMT_NUMBER},
		{"0!.0,\"万\"", NUMFMT_NUMBER},
		{"@", NUMFMT_NUMBER},
		{"[DBNum2][$-804]General", NUMFMT_NUMBER},
		{"_ * #,##0_ ;_ * -#,##0_ ;_ * \"-\"_ ;_ @_ ", NUMFMT_NUMBER},
		{"yyyy-mm-dd", NUMFMT_DATE},
		{"yyyy\"年\"m\"月\"d\"日\";@", NUMFMT_DATE},
		{"[$-804]yyyy\\年m\\月", NUMFMT_DATE},
		{"[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\";@", NUMFMT_DATE},
		{"m\"月\"", NUMFMT_DATE},
		{"aaaa;@", NUMFMT_DATE},
		{"e/m/d", NUMFMT_DATE},
		{"[$-409]d\\-mmm\\-yy;@", NUMFMT_DATE},
		{"yyyy/m/d h:mm;@", NUMFMT_DATETIME},
		{"h:mm AM/PM", NUMFMT_TIME},
		{"上午/下午h\"时\"mm\"分\"", NUMFMT_TIME},
		{"mm:ss.0", NUMFMT_TIME},
		{"[h]:mm:ss", NUMFMT_ELAPSED},
		{"[Red]0", NUMFMT_NUMBER},
		{"", NUMFMT_NUMBER},
		{"\"unfinished", NUMFMT_NUMBER},
		{"[h", NUMFMT_ELAPSED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (numfmt_code(str_c(rows[i].code)) != rows[i].want)
			fail_msg("%s: %d", rows[i].code, (int)numfmt_code(str_c(rows[i].code)));
	assert_int_equal(numfmt_builtin(14), NUMFMT_DATE);
	assert_int_equal(numfmt_builtin(31), NUMFMT_DATE);
	assert_int_equal(numfmt_builtin(57), NUMFMT_DATE);
	assert_int_equal(numfmt_builtin(22), NUMFMT_DATETIME);
	assert_int_equal(numfmt_builtin(4), NUMFMT_NUMBER);
}

static void check_number(const char *written, const char *want, unsigned want_flags)
{
	char out[NUMBER_TEXT];
	size_t n = 0;
	unsigned flags = 99;
	if (!number_text(str_c(written), out, &n, &flags))
		fail_msg("%s is no number", written);
	if (!str_eq((struct str){out, n}, str_c(want)) || flags != want_flags)
		fail_msg("%s: %.*s %u", written, (int)n, out, flags);
}

static void test_numfmt__numbers(void **state)
{
	(void)state;
	check_number("0", "0", 0);
	check_number("-0", "0", 0);
	check_number("12.0", "12", 0);
	check_number("12.50", "12.5", 0);
	check_number("007", "7", 0);
	check_number("-0.5", "-0.5", 0);
	check_number("0.30000000000000004", "0.3", 0);
	check_number("1234.5600000000002", "1234.56", 0);
	check_number("1E-3", "0.001", 0);
	check_number("1.5e3", "1500", 0);
	check_number("-2.5E-7", "-0.00000025", 0);
	check_number("1E+21", "1E+21", 0);
	check_number("1.5E-30", "1.5E-30", 0);
	check_number("999999999999999", "999999999999999", 0);
	check_number("1234567890123456", "1234567890123456", CELL_LOSSY);
	check_number("341299199001010011", "341299199001010011", CELL_LOSSY);
	check_number("3.41299199001010E+17", "341299199001010000", CELL_LOSSY);
	check_number("-3.4129919900101122E+17", "-341299199001011220", CELL_LOSSY);
	check_number("34E+17", "3400000000000000000", CELL_LOSSY);
	check_number("99999999.99999999", "100000000", 0);
	char out[NUMBER_TEXT];
	size_t n;
	unsigned flags;
	assert_false(number_text(STR("12a"), out, &n, &flags));
	assert_false(number_text(STR(""), out, &n, &flags));
	assert_false(number_text(STR("1E999"), out, &n, &flags));
	assert_false(number_text(STR("nan"), out, &n, &flags));
}

static void check_serial(double v, enum numfmt f, bool date1904, const char *want)
{
	char out[64];
	size_t n = serial_text(v, f, date1904, out);
	if (!str_eq((struct str){out, n}, str_c(want)))
		fail_msg("%f: %.*s, not %s", v, (int)n, out, want);
}

static void test_numfmt__serials(void **state)
{
	(void)state;
	check_serial(42981, NUMFMT_DATE, false, "2017-09-03");
	check_serial(42981.99, NUMFMT_DATE, false, "2017-09-03");
	check_serial(42981.4323, NUMFMT_DATETIME, false, "2017-09-03 10:22:31");
	check_serial(42981, NUMFMT_DATETIME, false, "2017-09-03 00:00:00");
	check_serial(42981.9999999, NUMFMT_DATETIME, false, "2017-09-04 00:00:00");
	check_serial(0.75, NUMFMT_TIME, false, "18:00:00");
	check_serial(42981.75, NUMFMT_TIME, false, "2017-09-03 18:00:00");
	check_serial(1.5625, NUMFMT_ELAPSED, false, "37:30:00");
	check_serial(1, NUMFMT_DATE, false, "1900-01-01");
	check_serial(59, NUMFMT_DATE, false, "1900-02-28");
	check_serial(60, NUMFMT_DATE, false, "1900-02-29");
	check_serial(61, NUMFMT_DATE, false, "1900-03-01");
	check_serial(0, NUMFMT_DATE, false, "");
	check_serial(0, NUMFMT_DATE, true, "1904-01-01");
	check_serial(41519, NUMFMT_DATE, true, "2017-09-03");
	check_serial(2958465, NUMFMT_DATE, false, "9999-12-31");
	check_serial(2958466, NUMFMT_DATE, false, "");
	check_serial(-1, NUMFMT_DATE, false, "");
	check_serial(1e300, NUMFMT_DATETIME, false, "");
}

static void check_iso(const char *written, const char *want)
{
	char out[64];
	size_t n = iso_text(str_c(written), out);
	if (!str_eq((struct str){out, n}, str_c(want)))
		fail_msg("%s: %.*s", written, (int)n, out);
}

static void test_numfmt__iso(void **state)
{
	(void)state;
	check_iso("2017-09-03", "2017-09-03");
	check_iso("2017-09-03T10:22:31.000", "2017-09-03 10:22:31");
	check_iso("2017-09-03T10:22:31Z", "2017-09-03 10:22:31");
	check_iso("2017-09-03T00:00:00Z", "2017-09-03");
	check_iso("2017-09-03T10:22", "2017-09-03 10:22");
	check_iso("2017-09-03T10:22:3\xE4\xB8\xAD", "");
	check_iso("2017-09", "");
	check_iso("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numfmt__codes),
		cmocka_unit_test(test_numfmt__numbers),
		cmocka_unit_test(test_numfmt__serials),
		cmocka_unit_test(test_numfmt__iso),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
