/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/text_out.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

#include "base/banned.h"

enum { TEXT_OUT_MAX = 1 << 30 };

static enum err convert(struct str text, const char *to, struct buf *out, struct diag *diag)
{
	char chunk[65536];
	iconv_t cd = iconv_open(to, "UTF-8");
	if (cd == (iconv_t)-1)
		return diag_set(diag, ERR_INTERNAL, "iconv %s", to);
	char *in = (char *)(uintptr_t)text.p;
	size_t left = text.n;
	enum err e = OK;
	while (left > 0 && e == OK) {
		char *p = chunk;
		size_t room = sizeof(chunk);
		if (iconv(cd, &in, &left, &p, &room) == (size_t)-1 && errno != E2BIG)
			e = diag_set(diag, ERR_FILE_ENCODING, "%s", to);
		buf_add(out, chunk, sizeof(chunk) - room);
	}
	iconv_close(cd);
	return e;
}

enum err text_out(const char *path, struct str text, enum text_encoding encoding,
                  struct diag *diag)
{
	struct buf b;
	enum err e = OK;
	buf_init(&b, TEXT_OUT_MAX);
	if (encoding == TEXT_UTF8_MARK)
		buf_add(&b, "\xEF\xBB\xBF", 3);
	if (encoding == TEXT_UTF16_MARK)
		buf_add(&b, "\xFF\xFE", 2);
	if (encoding == TEXT_GB18030)
		e = convert(text, "GB18030", &b, diag);
	else if (encoding == TEXT_UTF16_MARK)
		e = convert(text, "UTF-16LE", &b, diag);
	else
		buf_addstr(&b, text);
	if (e == OK && b.full)
		e = diag_set(diag, ERR_FILE_TOO_LARGE, "%s", path);
	FILE *f = e == OK ? fopen(path, "wb") : NULL;
	bool bad = !f || fwrite(b.p ? b.p : "", 1, b.n, f) != b.n;
	if (f && fclose(f) != 0)
		bad = true;
	if (e == OK && bad)
		e = diag_set(diag, ERR_IO, "%s", strerror(errno));
	if (e != OK)
		diag_place(diag, "%s", path);
	buf_release(&b);
	return e;
}
