/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

#include "base/banned.h"

struct err_row {
	const char *name;
	int exit_status;
	int http_status;
	struct text text;
};

static const struct err_row rows[ERR_MAX] = {
	[OK] = {"OK", 0, 200, TEXT("完成", "done")},
#define E(code, exit_status, http_status, zh, en)                                                  \
	[ERR_##code] = {#code, exit_status, http_status, TEXT(zh, en)},
#include "base/errors.def"
#undef E
};

const char *err_name(enum err e)
{
	assert(e < ERR_MAX);
	return rows[e].name;
}

const char *err_text(enum err e, enum lang lang)
{
	assert(e < ERR_MAX && lang < LANG_MAX);
	return rows[e].text.in[lang];
}

int err_exit_status(enum err e)
{
	assert(e < ERR_MAX);
	return rows[e].exit_status;
}

int err_http_status(enum err e)
{
	assert(e < ERR_MAX);
	return rows[e].http_status;
}

/* vsnprintf that never leaves half a character at the end. */
static void format_into(char *out, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(out, size, fmt, ap);
	if (n < 0 || (size_t)n < size)
		return;
	size_t end = size - 1;
	while (end && ((unsigned char)out[end - 1] & 0xC0) == 0x80)
		end--;
	if (end && (unsigned char)out[end - 1] >= 0xC0)
		end--;
	out[end] = '\0';
}

enum err diag_set(struct diag *d, enum err code, const char *fmt, ...)
{
	if (!d)
		return code;
	if (d->code == OK) {
		va_list ap;
		d->code = code;
		va_start(ap, fmt);
		format_into(d->detail, sizeof(d->detail), fmt, ap);
		va_end(ap);
	}
	return d->code;
}

void diag_place(struct diag *d, const char *fmt, ...)
{
	/* a connection breaks anywhere: the place has nothing to do with it */
	if (!d || d->place[0] || d->code == ERR_DB_AWAY || d->code == ERR_DB_LOST)
		return;
	va_list ap;
	va_start(ap, fmt);
	format_into(d->place, sizeof(d->place), fmt, ap);
	va_end(ap);
}

void diag_print(const struct diag *d, enum lang lang, struct buf *out)
{
	if (d->place[0])
		buf_addf(out, "%s: ", d->place);
	buf_adds(out, err_text(d->code, lang));
	if (d->detail[0])
		buf_addf(out, lang == LANG_ZH ? "：%s" : ": %s", d->detail);
}
