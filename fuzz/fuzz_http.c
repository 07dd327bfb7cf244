/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A request's head: split into lines as a library would, then judged; what is let
 * through must mean one thing only, and its target be taken apart within bounds.
 */
#include "net/head.h"

#include <assert.h>

static void check_accepted(const struct head *h, const struct head_facts *facts)
{
	size_t hosts = 0, lengths = 0;
	for (size_t i = 0; i < h->n; i++) {
		struct head one = {.fields = &h->fields[i], .n = 1};
		hosts += head_named(&one, "host") == 0;
		lengths += head_named(&one, "content-length") == 0;
		assert(head_named(&one, "transfer-encoding") != 0);
		assert(!h->fields[i].value.n || !memchr(h->fields[i].value.p, '\r', h->fields[i].value.n));
		assert(!h->fields[i].value.n || !memchr(h->fields[i].value.p, '\0', h->fields[i].value.n));
	}
	assert(hosts <= 1 && lengths <= 1 && facts->length >= 0);
	assert(facts->has_length == (lengths == 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct head_field fields[HEAD_FIELDS_MAX + 8];
	struct str rest = {(const char *)data, size}, line;
	struct head h = {.fields = fields};
	struct head_facts facts;
	struct target t;
	struct arena a;
	arena_init(&a, 1 << 20);
	if (!str_split(&rest, '\n', &line)) {
		arena_release(&a);
		return 0;
	}
	(void)str_split(&line, ' ', &h.method);
	(void)str_split(&line, ' ', &h.target);
	h.version = line;
	if (h.version.n && h.version.p[h.version.n - 1] == '\r')
		h.version.n--;
	while (h.n < sizeof(fields) / sizeof(*fields) && str_split(&rest, '\n', &line)) {
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (!line.n)
			break;
		struct str key;
		if (!str_split(&line, ':', &key) || !line.p)
			line = (struct str){key.p + key.n, 0};
		fields[h.n++] = (struct head_field){key, str_trim(line)};
	}
	if (head_check(&h, &facts) == OK)
		check_accepted(&h, &facts);
	if (h.target.n && target_parse(h.target, &a, &t) == OK) {
		assert(t.n <= NET_PATH_PARTS_MAX && t.n_query <= HEAD_QUERY_MAX);
		for (size_t i = 0; i < t.n; i++)
			assert(t.parts[i].n && !str_is(t.parts[i], "..") &&
			       !memchr(t.parts[i].p, '/', t.parts[i].n));
	}
	arena_release(&a);
	return 0;
}
