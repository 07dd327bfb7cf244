/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A condition on the rows of a small table. */
#include "estimate/filter.h"

#include <math.h>
#include <stdlib.h>

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static double x[] = {1, -2.5, NAN};
	static int32_t level[] = {0, 1, -1};
	static struct str texts[] = {{"E", 1}, {"H", 1}};
	static struct column columns[] = {
		{.name = "x", .numeric = true, .number = x},
		{.name = "g", .level = level, .levels = texts, .n_levels = 2}};
	static const struct frame frame = {.n = 3, .n_columns = 2, .columns = columns};
	struct arena a;
	struct diag d = {0};
	struct filter *f;
	arena_init(&a, 0);
	const char *text = str_dup(&a, (struct str){(const char *)data, size});
	enum err e = filter_parse(text, &a, &d, &f);
	if (!e)
		e = filter_bind(f, &frame, &d);
	for (size_t i = 0; !e && i < 3; i++) {
		int v = filter_row(f, i);
		if (v < -1 || v > 1)
			abort();
	}
	if (e && !d.code)
		abort();
	arena_release(&a);
	return 0;
}
