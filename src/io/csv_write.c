/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/csv_write.h"

#include <errno.h>

#include "base/banned.h"

enum { FLUSH_AT = 64 * 1024 };

void csv_out_init(struct csv_out *o, FILE *file)
{
	*o = (struct csv_out){.file = file};
	buf_init(&o->own, (size_t)1 << 30);
	o->to = &o->own;
}

void csv_out_init_buf(struct csv_out *o, struct buf *to)
{
	*o = (struct csv_out){.to = to};
}

static void flush(struct csv_out *o)
{
	if (!o->file || o->to->n == 0)
		return;
	errno = 0;
	if (o->to->full || fwrite(o->to->p, 1, o->to->n, o->file) != o->to->n)
		o->error = o->error ? o->error : errno ? errno : EIO;
	buf_clear(o->to);
}

void csv_out_mark(struct csv_out *o)
{
	buf_adds(o->to, "\xEF\xBB\xBF");
}

static bool needs_quotes(struct str s)
{
	if (s.n == 0)
		return false;
	if (str_first_of(s.p, s.p + s.n, ",\"\n\r") != s.p + s.n)
		return true;
	return s.p[0] == ' ' || s.p[s.n - 1] == ' ' || s.p[0] == '\t' || s.p[s.n - 1] == '\t';
}

void csv_out_cell(struct csv_out *o, struct str s)
{
	if (o->begun)
		buf_addc(o->to, ',');
	o->begun = true;
	if (!needs_quotes(s)) {
		buf_addstr(o->to, s);
		return;
	}
	buf_addc(o->to, '"');
	while (s.n) {
		const char *q = memchr(s.p, '"', s.n);
		size_t n = q ? (size_t)(q - s.p) + 1 : s.n;
		buf_add(o->to, s.p, n);
		if (q)
			buf_addc(o->to, '"');
		s = str_sub(s, n, s.n);
	}
	buf_addc(o->to, '"');
}

void csv_out_int(struct csv_out *o, int64_t v)
{
	if (o->begun)
		buf_addc(o->to, ',');
	o->begun = true;
	buf_addint(o->to, v);
}

void csv_out_end(struct csv_out *o)
{
	buf_addc(o->to, '\n');
	o->begun = false;
	if (o->to->n >= FLUSH_AT)
		flush(o);
}

enum err csv_out_close(struct csv_out *o, struct diag *diag)
{
	flush(o);
	if (o->file && fflush(o->file) != 0 && !o->error)
		o->error = errno;
	bool full = !o->file && o->to->full;
	buf_release(&o->own);
	if (full)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "csv > %zu", o->to->max);
	return o->error ? diag_set(diag, ERR_IO, "%s", strerror(o->error)) : OK;
}
