/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "io/text_in.h"

/* By utf8_valid, a character at a time. */
static size_t prefix_of(const char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t k = 1;
		while (k <= 4 && i + k <= n && !utf8_valid((struct str){p + i, k}))
			k++;
		if (k > 4 || i + k > n)
			return i;
		i += k;
	}
	return n;
}

/* Every two bytes and many that follow them, everywhere in text that is else in order. */
static void test_text__ends_where_it_is_no_utf8(void **state)
{
	static const unsigned char next[] = {'a', 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xE4, 0xFF};
	static const char usual[] = "a中1，文\n";
	enum { BYTES = 48, USUAL = sizeof(usual) - 1, PLACES = 36 };
	char text[BYTES + USUAL];
	(void)state;
	for (size_t x = 0; x < 0x10000; x++) {
		size_t place = x * 7 % PLACES, at = 0;
		for (; at < place; at += USUAL)
			memcpy(text + at, usual, USUAL);
		memset(text + at, 'b', sizeof(text) - at);
		unsigned char *odd = (unsigned char *)text + place;
		odd[0] = (unsigned char)(x >> 8);
		odd[1] = (unsigned char)x;
		for (size_t i = 0; i < sizeof(next); i++) {
			odd[2] = next[i];
			odd[3] = next[(i + x) % sizeof(next)];
			size_t n = i % 4 ? BYTES : place + i % 5;
			assert_int_equal(utf8_prefix(text, n), prefix_of(text, n));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text__ends_where_it_is_no_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
