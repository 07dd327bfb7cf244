/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A multipart body, whole and in pieces: both must say the same. */
#include "net/multipart.h"

#include <assert.h>

struct seen {
	struct buf text;
	struct arena *a;
};

static enum err on_begin(void *arg, struct str name, struct str file)
{
	struct seen *s = arg;
	buf_addf(&s->text, "<%zu %zu>", name.n, file.n);
	buf_addstr(&s->text, name);
	if (file.p)
		buf_adds(&s->text, multipart_clean_name(file, s->a));
	return OK;
}

static enum err on_data(void *arg, struct str bytes)
{
	struct seen *s = arg;
	buf_addstr(&s->text, bytes);
	return OK;
}

static enum err on_end(void *arg)
{
	struct seen *s = arg;
	buf_addc(&s->text, ';');
	return OK;
}

static enum err feed(struct str body, size_t step, struct seen *s)
{
	struct multipart m;
	struct multipart_hooks hooks = {s, on_begin, on_data, on_end};
	enum err e = multipart_init(&m, STR("multipart/form-data; boundary=\"B\""), &hooks);
	for (size_t at = 0; !e && at < body.n; at += step)
		e = multipart_feed(&m, str_sub(body, at, step));
	return e ? e : multipart_finish(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct seen whole = {.a = &a}, pieces = {.a = &a};
	struct multipart m;
	if (size < 2)
		return 0;
	arena_init(&a, 0);
	buf_init(&whole.text, 64 << 20);
	buf_init(&pieces.text, 64 << 20);
	struct str body = {(const char *)data + 1, size - 1};
	size_t step = data[0] % 16 + 1;
	enum err x = feed(body, body.n, &whole), y = feed(body, step, &pieces);
	assert(x == y);
	if (!x)
		assert(str_eq(buf_str(&whole.text), buf_str(&pieces.text)));
	(void)!multipart_init(&m, body, &(struct multipart_hooks){0}); /* as a Content-Type */
	buf_release(&whole.text);
	buf_release(&pieces.text);
	arena_release(&a);
	return 0;
}
