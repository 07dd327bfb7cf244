/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/pairs.h"

#include "io/rows.h"

#include "base/banned.h"

#define TEXT_MAX ((size_t)0xFFFFFFFF)
enum { ROWS_MAX = 50 * 1000 * 1000 };

struct reading {
	struct pairs_table *t;
	size_t cap_rows, cap_text;
	struct arena *a, scratch;
	struct diag *diag;
};

static enum err take_value(struct reading *r, struct str value, uint32_t *ret)
{
	struct pairs_table *t = r->t;
	if (t->text_n + value.n + 1 > TEXT_MAX)
		return diag_set(r->diag, ERR_FILE_TOO_LARGE, "> 4 GiB");
	if (t->text_n + value.n + 1 > r->cap_text) {
		r->cap_text = (r->cap_text + value.n + 4096) * 3 / 2;
		t->text = base_realloc(t->text, r->cap_text, 1);
	}
	*ret = (uint32_t)t->text_n;
	if (value.n)
		memcpy(t->text + t->text_n, value.p, value.n);
	t->text_n += value.n;
	t->text[t->text_n++] = '\0';
	return OK;
}

static enum err take_row(struct reading *r, const struct row *row)
{
	struct pairs_table *t = r->t;
	enum err e = OK;
	if (t->n == ROWS_MAX)
		return diag_set(r->diag, ERR_FILE_TOO_LARGE, "> %d", ROWS_MAX);
	if (t->n == r->cap_rows) {
		r->cap_rows = r->cap_rows ? r->cap_rows * 3 / 2 : 1024;
		t->at = base_realloc(t->at, r->cap_rows * t->n_columns, sizeof(*t->at));
	}
	for (size_t c = 0; !e && c < t->n_columns; c++) {
		struct str v = c < row->n ? str_trim(row->cells[c].text) : (struct str){0};
		/* the id is written out again as it is */
		v = c == t->id ? v : attribute_normal(v, &r->scratch);
		e = take_value(r, v, &t->at[t->n * t->n_columns + c]);
	}
	arena_clear(&r->scratch);
	t->n++;
	return e;
}

static void take_header(struct reading *r, const struct row *row)
{
	struct pairs_table *t = r->t;
	t->n_columns = row->n;
	t->names = ARENA_ARRAY(r->a, row->n + 1, const char *);
	for (size_t c = 0; c < row->n; c++) {
		t->names[c] = str_dup(r->a, str_trim(row->cells[c].text));
		if (c && strcmp(t->names[c], "id") == 0)
			t->id = c;
	}
}

static enum err read_all(struct reading *r, struct rows *rows)
{
	struct row row;
	bool more = true;
	enum err e = rows_sheet(rows, 0, r->diag);
	while (!e && more) {
		e = rows_next(rows, r->diag, &row, &more);
		if (e || !more || row.n == 0)
			continue;
		if (r->t->names)
			e = take_row(r, &row);
		else
			take_header(r, &row);
	}
	if (!e && r->t->n == 0)
		e = diag_set(r->diag, ERR_FILE_EMPTY, "no rows");
	return e;
}

enum err pairs_table_read(const char *path, struct arena *a, struct diag *diag,
                          struct pairs_table *ret)
{
	struct pairs_table t = {0};
	struct reading r = {.t = &t, .a = a, .diag = diag};
	struct rows *rows;
	enum err e = rows_open(path, NULL, diag, &rows);
	if (e)
		return e;
	arena_init(&r.scratch, (size_t)64 << 20);
	e = read_all(&r, rows);
	arena_release(&r.scratch);
	rows_close(rows);
	if (e) {
		pairs_table_release(&t);
		diag_place(diag, "%s", path);
		return e;
	}
	*ret = t;
	return OK;
}

void pairs_table_release(struct pairs_table *t)
{
	base_free(t->text);
	base_free(t->at);
	t->text = NULL;
	t->at = NULL;
}

struct str pairs_cell(const struct pairs_table *t, size_t row, size_t column)
{
	/* values lie one behind the other, each with its NUL */
	size_t k = row * t->n_columns + column, last = t->n * t->n_columns - 1;
	size_t end = k < last ? t->at[k + 1] : t->text_n;
	return (struct str){t->text + t->at[k], end - t->at[k] - 1};
}

int pairs_column(const struct pairs_table *t, const char *name)
{
	for (size_t c = 0; c < t->n_columns; c++)
		if (strcmp(t->names[c], name) == 0)
			return (int)c;
	return -1;
}
