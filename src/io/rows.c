/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/rows_impl.h"
#include "io/sniff.h"

#include "base/banned.h"

static const struct rows_limits defaults = {
	.inflated_bytes = (uint64_t)4 << 30,
	.ratio = 200,
	.columns = 16384,
	.cell_bytes = 1 << 20,
	.line_bytes = 16 << 20,
	.string_bytes = (uint64_t)512 << 20,
	.file_bytes = (uint64_t)256 << 20,
};

static struct rows_limits fill_limits(const struct rows_opts *opts)
{
	struct rows_limits l = opts ? opts->limits : defaults;
	if (!l.inflated_bytes)
		l.inflated_bytes = defaults.inflated_bytes;
	if (!l.ratio)
		l.ratio = defaults.ratio;
	if (!l.columns)
		l.columns = defaults.columns;
	if (!l.cell_bytes)
		l.cell_bytes = defaults.cell_bytes;
	if (!l.line_bytes)
		l.line_bytes = defaults.line_bytes;
	if (!l.string_bytes)
		l.string_bytes = defaults.string_bytes;
	if (!l.file_bytes)
		l.file_bytes = defaults.file_bytes;
	return l;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static enum err open_file(struct rows *r, struct diag *diag)
{
	struct stat st;
	r->fd = open(r->path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0)
		return diag_set(diag, ERR_IO, "%s", strerror(errno));
	if (fstat(r->fd, &st) != 0)
		return diag_set(diag, ERR_IO, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(diag, ERR_FILE_UNKNOWN, "%s",
		                S_ISDIR(st.st_mode) ? "directory" : "not a file");
	r->size = (uint64_t)st.st_size;
	if (r->size == 0)
		return diag_set(diag, ERR_FILE_EMPTY, "0");
	return OK;
}

static enum err open_kind(struct rows *r, struct diag *diag)
{
	enum err e = open_file(r, diag);
	if (e == OK)
		e = sniff_file(r->fd, r->size, r->path, diag, &r->kind);
	if (e != OK)
		return e;
	switch (r->kind) {
	case FILE_CSV:
		return csv_open(r, diag);
	case FILE_XLSX:
		return xlsx_open(r, diag);
	case FILE_XLS:
		return ole_open(r, diag);
	case FILE_HTML:
		return html_open(r, diag);
	case FILE_XML:
		return xmlss_open(r, diag);
	case FILE_KIND_MAX:
		break;
	}
	return diag_set(diag, ERR_INTERNAL, "file kind");
}

struct rows *rows_bare(const char *path, const struct rows_opts *opts)
{
	struct rows *r = base_calloc(1, sizeof(*r));
	arena_init(&r->arena, 0);
	r->limits = fill_limits(opts);
	r->path = arena_strdup(&r->arena, path);
	r->password = opts ? opts->password : NULL;
	r->name = last_part(r->path);
	r->encoding = "";
	r->fd = -1;
	r->current = SIZE_MAX;
	r->left_out = (struct text)TEXT("", "");
	return r;
}

enum err rows_open(const char *path, const struct rows_opts *opts, struct diag *diag,
                   struct rows **ret)
{
	struct rows *r = rows_bare(path, opts);
	enum err e = open_kind(r, diag);
	if (e != OK) {
		diag_place(diag, "%s", r->name);
		rows_close(r);
		return e;
	}
	r->password = NULL;
	*ret = r;
	return OK;
}

void rows_close(struct rows *r)
{
	if (!r)
		return;
	if (r->ops)
		r->ops->close(r);
	if (r->fd >= 0)
		(void)close(r->fd);
	vec_free(&r->sheets);
	base_free(r->whole);
	arena_release(&r->arena);
	base_free(r);
}

enum file_kind rows_kind(const struct rows *r)
{
	return r->kind;
}

double rows_share(const struct rows *r)
{
	return r->size ? (double)r->at / (double)r->size : 0;
}

const char *rows_encoding(const struct rows *r)
{
	return r->encoding;
}

size_t rows_sheet_count(const struct rows *r)
{
	return r->sheets.n;
}

const struct sheet_info *rows_sheet_info(const struct rows *r, size_t i)
{
	return i < r->sheets.n ? &r->sheets.p[i] : NULL;
}

/* Puts the place on an error that a reader has raised. */
static enum err placed(const struct rows *r, struct diag *diag, enum err e)
{
	if (e == OK)
		return OK;
	const char *sheet = r->current < r->sheets.n ? r->sheets.p[r->current].name : "";
	if (sheet[0] && r->row)
		diag_place(diag, "%s!%s!%u", r->name, sheet, (unsigned)r->row);
	else if (sheet[0])
		diag_place(diag, "%s!%s", r->name, sheet);
	else if (r->row)
		diag_place(diag, "%s:%u", r->name, (unsigned)r->row);
	else
		diag_place(diag, "%s", r->name);
	return e;
}

enum err rows_sheet(struct rows *r, size_t i, struct diag *diag)
{
	if (i >= r->sheets.n) {
		diag_place(diag, "%s", r->name);
		return diag_set(diag, ERR_SHEET_UNKNOWN, "%zu/%zu", i + 1, r->sheets.n);
	}
	r->current = i;
	r->row = 0;
	r->left_out = (struct text)TEXT("", "");
	return placed(r, diag, r->ops->sheet(r, i, diag));
}

enum err rows_next(struct rows *r, struct diag *diag, struct row *ret, bool *ret_more)
{
	if (r->current == SIZE_MAX)
		return diag_set(diag, ERR_INTERNAL, "rows_next before rows_sheet");
	return placed(r, diag, r->ops->next(r, diag, ret, ret_more));
}

enum err rows_merges(struct rows *r, struct diag *diag, const struct merge **ret, size_t *ret_n)
{
	if (r->current == SIZE_MAX)
		return diag_set(diag, ERR_INTERNAL, "rows_merges before rows_sheet");
	return placed(r, diag, r->ops->merges(r, diag, ret, ret_n));
}

enum err rows_notes(struct rows *r, struct diag *diag, const struct note **ret, size_t *ret_n)
{
	if (r->current == SIZE_MAX)
		return diag_set(diag, ERR_INTERNAL, "rows_notes before rows_sheet");
	return placed(r, diag, r->ops->notes(r, diag, ret, ret_n));
}

struct text rows_left_out(const struct rows *r)
{
	return r->left_out;
}

struct sheet_info *rows_add_sheet(struct rows *r, struct str name, enum sheet_state state)
{
	struct sheet_info *s = vec_push(&r->sheets);
	s->name = str_dup(&r->arena, name);
	s->state = state;
	return s;
}

void row_build_clear(struct row_build *b)
{
	b->n = b->set = 0;
}

void row_build_release(struct row_build *b)
{
	base_free(b->cells);
	*b = (struct row_build){0};
}

struct cell *row_build_at(struct row_build *b, size_t column)
{
	if (column >= b->cap) {
		size_t cap = b->cap ? b->cap : 64;
		while (cap <= column)
			cap *= 2;
		b->cells = base_realloc(b->cells, cap, sizeof(*b->cells));
		b->cap = cap;
	}
	for (; b->set <= column; b->set++)
		b->cells[b->set] = (struct cell){.kind = CELL_EMPTY};
	if (column >= b->n)
		b->n = column + 1;
	return &b->cells[column];
}

enum err rows_no_merges(struct rows *r, struct diag *diag, const struct merge **ret, size_t *n)
{
	(void)r;
	(void)diag;
	*ret = NULL;
	*n = 0;
	return OK;
}

enum err rows_no_notes(struct rows *r, struct diag *diag, const struct note **ret, size_t *n)
{
	(void)r;
	(void)diag;
	*ret = NULL;
	*n = 0;
	return OK;
}

static int by_place(uint32_t r1, uint32_t c1, uint32_t r2, uint32_t c2)
{
	if (r1 != r2)
		return r1 < r2 ? -1 : 1;
	return c1 < c2 ? -1 : c1 > c2;
}

static int cmp_merge(const void *a, const void *b)
{
	const struct merge *x = a, *y = b;
	return by_place(x->row1, x->col1, y->row1, y->col1);
}

static int cmp_note(const void *a, const void *b)
{
	const struct note *x = a, *y = b;
	return by_place(x->row, x->col, y->row, y->col);
}

void rows_sort_merges(struct merge *m, size_t n)
{
	if (n)
		qsort(m, n, sizeof(*m), cmp_merge);
}

void rows_sort_notes(struct note *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), cmp_note);
}
