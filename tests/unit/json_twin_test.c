/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The JSON reader against jansson, on documents changed at random: both take it or both
 * refuse it, and what they took is the same.  Known differences are ours to be stricter:
 * depth, and jansson refuses what no double holds.
 */
#include "net/json_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

enum { ROUNDS = 40000, SIZE = 400 };

static const char *const seeds[] = {
	"{\"a\":[1,-2,30,\"x\",null,true,false],\"b\":{\"c\":\"\\u5230\\ud83d\\ude00\"},\"d\":1.5e3}",
	"[\"到户\",\"\\n\\t\\\\\\\"\\/\",{},[],[[[]]],9223372036854775807,-9223372036854775808,0]",
	"{\"fields\":{\"hh_no\":\"3412\",\"born\":\"2017-09\",\"n\":0},\"reason\":\"补录\"}",
};

static uint64_t next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static size_t change(char *text, size_t n, uint64_t *s)
{
	static const char bits[] = "{}[]\",:\\0123456789.eE+-tfnu \n\xe5\x80\xff";
	size_t at = next(s) % (n + 1);
	char c = bits[next(s) % (sizeof(bits) - 1)];
	switch (next(s) % 3) {
	case 0:
		if (n < SIZE - 1) {
			memmove(text + at + 1, text + at, n - at);
			text[at] = c;
			n++;
		}
		break;
	case 1:
		if (at < n) {
			memmove(text + at, text + at + 1, n - at - 1);
			n--;
		}
		break;
	default:
		if (at < n)
			text[at] = c;
	}
	return n;
}

static bool same(const struct json_value *x, json_t *y)
{
	switch (x->kind) {
	case JSON_IN_NULL:
		return json_is_null(y);
	case JSON_IN_TRUE:
		return json_is_true(y);
	case JSON_IN_FALSE:
		return json_is_false(y);
	case JSON_IN_INT:
		return json_is_integer(y) && json_integer_value(y) == x->v;
	case JSON_IN_NUMBER:
		return json_is_real(y);
	case JSON_IN_TEXT:
		return json_is_string(y) && json_string_length(y) == x->text.n &&
		       memcmp(json_string_value(y), x->text.p, x->text.n) == 0;
	case JSON_IN_ARRAY: {
		size_t i = 0;
		if (!json_is_array(y) || json_array_size(y) != x->n)
			return false;
		for (const struct json_value *v = x->first; v; v = v->next)
			if (!same(v, json_array_get(y, i++)))
				return false;
		return true;
	}
	case JSON_IN_OBJECT:
		if (!json_is_object(y) || json_object_size(y) != x->n)
			return false;
		for (const struct json_value *v = x->first; v; v = v->next) {
			json_t *other = json_object_get(y, v->key.p);
			if (!other || !same(v, other))
				return false;
		}
		return true;
	}
	return false;
}

static void test_json__as_the_twin(void **state)
{
	uint64_t s = 88172645463325252u;
	struct arena a;
	size_t taken = 0;
	(void)state;
	arena_init(&a, 1 << 24);
	for (int round = 0; round < ROUNDS; round++) {
		char text[SIZE + 1];
		const char *seed = seeds[next(&s) % 3];
		size_t n = strlen(seed);
		json_error_t error;
		memcpy(text, seed, n);
		for (uint64_t k = next(&s) % 4; k > 0; k--)
			n = change(text, n, &s);
		text[n] = '\0';
		arena_clear(&a);
		const struct json_value *ours = json_read((struct str){text, n}, &a);
		json_t *theirs = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
		/* numbers out of the range of its types */
		bool range = json_error_code(&error) == json_error_numeric_overflow;
		if (!theirs && ours && range)
			continue;
		if (!ours != !theirs || (ours && !same(ours, theirs)))
			fail_msg("%s: ours %s, theirs %s", text, ours ? "taken" : "refused",
			         theirs ? "taken" : error.text);
		taken += ours != NULL;
		json_decref(theirs);
	}
	assert_true(taken > ROUNDS / 10 && taken < ROUNDS);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_json__as_the_twin)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
