/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "field/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "thing.h"

#include "base/banned.h"

static int setup(void **state)
{
	static struct arena a;
	arena_init(&a, 0);
	*state = &a;
	return 0;
}

static int teardown(void **state)
{
	arena_release(*state);
	return 0;
}

static const char *plain(const struct thing *t, enum thing_field f)
{
	static struct buf b;
	buf_release(&b);
	buf_init(&b, 4096);
	field_print_plain(&thing_desc, t, f, &b);
	return b.p ? b.p : "";
}

static void test_field__descriptor_is_sound(void **state)
{
	struct diag diag = {0};
	assert_int_equal(record_check(&thing_desc, &diag), OK);
	assert_int_equal(record_find(&thing_desc, STR("born")), THING_born);
	assert_int_equal(record_find(&thing_desc, STR("bor")), -1);
	assert_int_equal(record_find_id(&thing_desc, 7), THING_person);
}

static void test_field__bad_descriptors_are_refused(void **state)
{
	struct field fields[THING_FIELD_MAX];
	struct record_desc d = thing_desc;
	d.fields = fields;
	d.naming = 0;
	struct {
		const char *reason;
		size_t field;
		struct field as;
	} cases[] = {
		{"id used twice", 1, {.id = 1}},
		{"id out of range", 0, {.id = 0}},
		{"used twice", 1, {.name = "title"}},
		{"bad column", 0, {.name = "Title; DROP"}},
		{"taken", 0, {.name = "county"}},
		{"CODE and REF", 5, {.list = NULL}},
	};
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct diag diag = {0};
		memcpy(fields, thing_fields, sizeof(fields));
		struct field *f = &fields[cases[c].field];
		if (c == 0 || c == 1)
			f->id = cases[c].as.id;
		else if (c == 5)
			f->list = NULL;
		else
			f->name = cases[c].as.name;
		assert_int_equal(record_check(&d, &diag), ERR_INTERNAL);
		assert_non_null(strstr(diag.detail, cases[c].reason));
	}
	d = thing_desc;
	d.owner = 1;
	assert_int_equal(record_check(&d, NULL), ERR_INTERNAL);
	d = thing_desc;
	d.span = true;
	assert_int_equal(record_check(&d, NULL), ERR_INTERNAL);
}

static void test_field__parses_what_people_write(void **state)
{
	struct thing t = {0};
	struct {
		enum thing_field f;
		const char *in, *out;
		enum err e;
	} cases[] = {
		{THING_title, "王秀兰", "王秀兰", OK},
		{THING_title, "\xff", "王秀兰", ERR_INVALID},
		{THING_count, "1,234", "1234", OK},
		{THING_count, "12.5", "1234", ERR_CELL_NUMBER},
		{THING_worth, "1,234.50", "123450", OK},
		{THING_worth, "many", "123450", ERR_CELL_MONEY},
		{THING_land, "3.5", "350", OK},
		{THING_land, "３", "300", OK},
		{THING_land, "3.555", "300", ERR_CELL_NUMBER},
		{THING_land, "3亩", "300", ERR_CELL_NUMBER},
		{THING_born, "1958年3月", "1958-03", OK},
		{THING_born, "1958-13-01", "1958-03", ERR_CELL_DATE},
		{THING_safe, "是", "1", OK},
		{THING_safe, "×", "0", OK},
		{THING_safe, "maybe", "0", ERR_CELL_BOOL},
		{THING_state, " listed ", "listed", OK},
		{THING_person, "17", "17", OK},
		{THING_seen, "2018-01-14T08:00:00.250Z", "1515916800250", OK},
		{THING_seen, "2018-01-14T08:60:00.250Y", "1515916800250", ERR_CELL_DATE},
		{THING_bytes, "AAEC", "AAEC", OK},
		{THING_bytes, "AAE", "AAEC", ERR_INVALID},
		{THING_title, "  ", "", OK},
	};
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		assert_int_equal(field_parse(&thing_desc, &t, cases[c].f, str_c(cases[c].in),
					     *state),
				 cases[c].e);
		assert_string_equal(plain(&t, cases[c].f), cases[c].out);
	}
	assert_false(FIELD_HAS(&t, THING_, title));
}

static struct thing full_thing(void)
{
	struct thing t = {.no = 5, .version = 2};
	FIELD_SET(&t, THING_, title, "a\"b\\\n\x01王");
	FIELD_SET(&t, THING_, count, INT64_MIN);
	FIELD_SET(&t, THING_, worth, 295200);
	FIELD_SET(&t, THING_, born, 19580300);
	FIELD_SET(&t, THING_, safe, false);
	FIELD_SET(&t, THING_, state, "listed");
	FIELD_SET(&t, THING_, person, 17);
	FIELD_SET(&t, THING_, seen, 1515916800250);
	FIELD_SET(&t, THING_, bytes, ((struct str){"\0\xff", 2}));
	FIELD_SET(&t, THING_, number, "341299195803010018");
	FIELD_SET(&t, THING_, land, 125);
	return t;
}

static void test_field__plain_text_comes_back(void **state)
{
	struct thing t = full_thing(), back = {0};
	for (size_t i = 0; i < THING_FIELD_MAX; i++) {
		struct str text = str_c(arena_strdup(*state, plain(&t, (enum thing_field)i)));
		assert_int_equal(field_parse_plain(&thing_desc, &back, i, text, *state), OK);
	}
	assert_int_equal(record_diff(&thing_desc, &t, &back), 0);
	assert_int_equal(back.count, INT64_MIN);
	assert_int_equal(
		field_parse_plain(&thing_desc, &back, THING_born, STR("1958年"), *state),
		ERR_INVALID);
}

static void test_field__copy_is_deep_and_diff_sees_changes(void **state)
{
	struct thing t = full_thing(), copy;
	char title[] = "before";
	t.title = title;
	record_copy(&thing_desc, &copy, &t, *state);
	title[0] = 'x';
	assert_string_equal(copy.title, "before");
	assert_int_equal(record_diff(&thing_desc, &t, &copy), FIELD_BIT(THING_title));
	FIELD_DROP(&copy, THING_, count);
	copy.title = title;
	assert_int_equal(record_diff(&thing_desc, &t, &copy), FIELD_BIT(THING_count));
	/* An empty text is no value, whatever the bit says. */
	t.title = "";
	copy = t;
	FIELD_DROP(&copy, THING_, title);
	assert_int_equal(record_diff(&thing_desc, &t, &copy), 0);
	assert_int_equal(record_missing(&thing_desc, &t), FIELD_BIT(THING_title));
	assert_int_equal(record_owner(&thing_desc, &t), 17);
}

/* What other fields hold, and where a text lies, plays no part. */
static void test_field__equal_values_have_one_hash(void **state)
{
	struct thing t = full_thing(), copy;
	record_copy(&thing_desc, &copy, &t, *state);
	for (size_t i = 0; i < THING_FIELD_MAX; i++) {
		struct thing other = {0};
		assert_true(field_hash(&thing_desc, &t, i) == field_hash(&thing_desc, &copy, i));
		assert_true(field_hash(&thing_desc, &t, i) != 0);
		assert_true(field_hash(&thing_desc, &other, i) == 0);
		field_copy(&thing_desc, &other, &t, i);
		assert_true(field_hash(&thing_desc, &t, i) == field_hash(&thing_desc, &other, i));
	}
	copy.title = "";
	copy.count = t.count + 1;
	copy.safe = !t.safe;
	assert_true(field_hash(&thing_desc, &copy, THING_title) == 0);
	assert_true(field_hash(&thing_desc, &copy, THING_count) != field_hash(&thing_desc, &t, THING_count));
	assert_true(field_hash(&thing_desc, &copy, THING_safe) != field_hash(&thing_desc, &t, THING_safe));
}

static void test_field__json_is_canonical_and_withholds(void **state)
{
	struct thing t = full_thing();
	struct buf b;
	buf_init(&b, 4096);
	record_json(&thing_desc, &t, F_COMPUTED, true, &b);
	assert_string_equal(b.p,
			    "{\"born\":\"1958-03\",\"bytes\":\"AP8=\","
			    "\"count\":\"-9223372036854775808\",\"land\":\"125\",\"number\":\"341299195803010018\","
			    "\"person\":\"17\",\"safe\":\"0\",\"seen\":\"1515916800250\","
			    "\"state\":\"listed\",\"title\":\"a\\\"b\\\\\\n\\u0001王\","
			    "\"worth\":\"295200\"}");
	buf_clear(&b);
	record_json(&thing_desc, &t, F_PUBLIC, false, &b);
	assert_null(strstr(b.p, "341299"));
	assert_null(strstr(b.p, "born"));
	buf_release(&b);
}

static void test_field__base64(void **state)
{
	/* RFC 4648 §10 */
	static const char *const pairs[][2] = {{"f", "Zg=="},	  {"fo", "Zm8="},
					       {"foo", "Zm9v"},	  {"foob", "Zm9vYg=="},
					       {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
	static const char *const bad[] = {"Zg=", "Zh==", "Zm9=", "Z===", "Zg==Zg==", "Zm 9"};
	struct str back;
	struct buf b;
	buf_init(&b, 100);
	for (size_t i = 0; i < 6; i++) {
		buf_clear(&b);
		base64_encode(str_c(pairs[i][0]), &b);
		assert_string_equal(b.p, pairs[i][1]);
		assert_true(base64_decode(buf_str(&b), *state, &back));
		assert_true(str_is(back, pairs[i][0]));
	}
	for (size_t i = 0; i < 6; i++)
		assert_false(base64_decode(str_c(bad[i]), *state, &back));
	buf_release(&b);
}

static void test_field__describes_itself(void **state)
{
	const struct record_desc *const all[] = {&thing_desc};
	struct buf b;
	buf_init(&b, 65536);
	record_describe_md(all, 1, LANG_ZH, &b);
	assert_non_null(strstr(b.p, "| 1 | `title` | 名称 | text |"));
	buf_clear(&b);
	record_describe_json(all, 1, &b);
	assert_non_null(strstr(b.p, "{\"id\":10,\"name\":\"number\",\"kind\":\"text\","
				    "\"privacy\":\"sensitive\",\"zh\":\"号码\",\"en\":\"number\","
				    "\"marks\":[\"sealed\"]}"));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field__descriptor_is_sound),
		cmocka_unit_test(test_field__bad_descriptors_are_refused),
		cmocka_unit_test(test_field__parses_what_people_write),
		cmocka_unit_test(test_field__plain_text_comes_back),
		cmocka_unit_test(test_field__copy_is_deep_and_diff_sees_changes),
		cmocka_unit_test(test_field__equal_values_have_one_hash),
		cmocka_unit_test(test_field__json_is_canonical_and_withholds),
		cmocka_unit_test(test_field__base64),
		cmocka_unit_test(test_field__describes_itself),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
