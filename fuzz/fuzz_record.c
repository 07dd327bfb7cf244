/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The first byte chooses a field of the test record (modulo their number) and,
 * in its high bit, the reading of old values instead.  The rest is the text: as
 * people write the field, as machines do, or a delta of the journal.  What was
 * read must come back the same when it is printed and read again.
 */
#include "journal/stored.h"

#include <stdlib.h>

#include "../tests/unit/thing.h"

#include "base/banned.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void read_field(size_t i, struct str text, struct arena *a, struct buf *out)
{
	struct thing t = {0}, again = {0};
	for (int plain = 0; plain < 2; plain++) {
		enum err e = plain ? field_parse_plain(&thing_desc, &t, i, text, a)
				   : field_parse(&thing_desc, &t, i, text, a);
		if (e)
			continue;
		buf_clear(out);
		field_print_plain(&thing_desc, &t, i, out);
		must(!field_parse_plain(&thing_desc, &again, i, buf_str(out), a));
		must(field_equal(&thing_desc, &t, &again, i));
		buf_clear(out);
		record_json(&thing_desc, &t, F_COMPUTED, true, out);
		must(out->n >= 2);
	}
}

/* A delta that is accepted must say the same when it is written again. */
static void read_delta(struct str text, struct arena *a, struct buf *out)
{
	struct stored old = {0}, none = {0};
	struct stored_order order;
	if (!stored_undo(&thing_desc, text, a, &old))
		return;
	struct stored back = {0};
	stored_order(&thing_desc, &order);
	buf_clear(out);
	(void)stored_delta(&thing_desc, &order, &old, &none, out);
	must(stored_undo(&thing_desc, buf_str(out), a, &back));
	for (size_t i = 0; i < THING_FIELD_MAX; i++)
		must(stored_equal(&thing_desc, &old, &back, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct buf out;
	if (size < 1 || size > 65536)
		return 0;
	struct str text = {(const char *)data + 1, size - 1};
	arena_init(&a, (size_t)64 << 20);
	buf_init(&out, (size_t)1 << 20);
	if (data[0] & 0x80)
		read_delta(text, &a, &out);
	else
		read_field(data[0] % THING_FIELD_MAX, text, &a, &out);
	buf_release(&out);
	arena_release(&a);
	return 0;
}
