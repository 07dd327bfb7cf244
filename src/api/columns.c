/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/columns.h"

#include "base/utf8.h"
#include "link/idno.h"

#include "base/banned.h"

enum { SAMPLE_ROWS = 5, COLUMNS_MAX = 256, PREVIEW_SHEETS = 3, PREVIEW_ROWS = 8, PREVIEW_COLUMNS = 40,
       TEXT_COLUMNS = 40, LONG_NUMBER = 11 };

/* As shown, cut, with long numbers masked. */
static struct str shown(struct str text, struct arena *a)
{
	struct str s = utf8_fit(text, TEXT_COLUMNS);
	struct buf b;
	buf_init(&b, s.n * 2 + 64);
	for (size_t i = 0; i < s.n;) {
		size_t end = i;
		while (end < s.n && ((s.p[end] >= '0' && s.p[end] <= '9') || s.p[end] == 'X' || s.p[end] == 'x'))
			end++;
		size_t n = end > i ? end - i : 1;
		struct str run = str_sub(s, i, n);
		buf_addstr(&b, n >= LONG_NUMBER ? idno_masked(a, run) : run);
		i += n;
	}
	struct str ret = str_copy(a, buf_str(&b));
	buf_release(&b);
	return ret;
}

/* The first values below the header, by sheet column from 1. */
static void sample_table(const struct read_file *f, const struct intake_table *t, struct str *samples,
                         struct arena *a)
{
	struct diag diag = {0};
	struct row row;
	bool more = true;
	uint32_t seen = 0;
	if (!t->data_first || rows_sheet(f->rows, t->sheet, &diag))
		return;
	while (seen < SAMPLE_ROWS && !rows_next(f->rows, &diag, &row, &more) && more) {
		if (row.number < t->data_first)
			continue;
		seen++;
		for (size_t c = 0; c < row.n && c < COLUMNS_MAX; c++)
			if (!samples[c].n && str_trim(row.cells[c].text).n)
				samples[c] = shown(row.cells[c].text, a);
	}
	diag_clear(&diag);
}

static void write_column(struct json_out *o, const struct intake_table *t,
                         const struct intake_column *c, const struct str *samples)
{
	const struct pack_column *col = c->column >= 0 ? &t->layout->columns[c->column] : NULL;
	bool number = col && (col->kind == PACK_ID || col->kind == PACK_CARD);
	bool hidden = col && col->privacy == PACK_SENSITIVE && !number;
	char letters[8];
	struct str place = {letters, c->col ? intake_letters(c->col, letters) : 0};
	json_object(o);
	json_text_member(o, "place", place);
	json_text_member(o, "header", c->header);
	json_c_member(o, "field", col ? col->id : NULL);
	json_bool_member(o, "by_hand", c->how == INTAKE_BY_MAP);
	json_key(o, "sample");
	if (c->col && c->col <= COLUMNS_MAX && !hidden && samples[c->col - 1].n)
		json_text(o, samples[c->col - 1]);
	else
		json_null(o);
	json_end(o);
}

static bool told(const struct str *headers, size_t n, struct str header)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(headers[i], header))
			return true;
	return false;
}

void columns_write(struct json_out *o, const struct read_file *f, size_t group, struct arena *a)
{
	struct str *headers = ARENA_ARRAY(a, COLUMNS_MAX, struct str);
	const struct pack_layout *layout = NULL;
	size_t n = 0;
	json_key(o, "columns");
	json_array(o);
	for (size_t i = 0; i < f->n_tables && i < intake_table_count(f->in); i++) {
		const struct intake_table *t = intake_table(f->in, i);
		if (f->group_of_table[i] != (int)group || (layout && layout != t->layout))
			continue;
		struct str *samples = ARENA_ARRAY(a, COLUMNS_MAX, struct str);
		memset(samples, 0, COLUMNS_MAX * sizeof(*samples));
		layout = t->layout;
		sample_table(f, t, samples, a);
		for (size_t c = 0; c < t->n_columns && n < COLUMNS_MAX; c++) {
			if (told(headers, n, t->columns[c].header))
				continue;
			headers[n++] = t->columns[c].header;
			write_column(o, t, &t->columns[c], samples);
		}
	}
	json_end(o);
	json_c_member(o, "map_layout", layout ? layout->id : NULL);
}

static void preview_sheet(struct json_out *o, const struct read_file *f, size_t sheet, struct arena *a)
{
	struct diag diag = {0};
	struct row row;
	bool more = true;
	size_t n = 0;
	if (rows_sheet_info(f->rows, sheet)->state != SHEET_VISIBLE || rows_sheet(f->rows, sheet, &diag))
		return;
	json_object(o);
	json_c_member(o, "sheet", rows_sheet_info(f->rows, sheet)->name);
	json_key(o, "rows");
	json_array(o);
	while (n < PREVIEW_ROWS && !rows_next(f->rows, &diag, &row, &more) && more) {
		n++;
		json_object(o);
		json_int_member(o, "row", row.number);
		json_key(o, "cells");
		json_array(o);
		for (size_t c = 0; c < row.n && c < PREVIEW_COLUMNS; c++)
			json_text(o, shown(str_trim(row.cells[c].text), a));
		json_end(o);
		json_end(o);
	}
	json_end(o);
	json_end(o);
	diag_clear(&diag);
}

void columns_preview(struct json_out *o, const struct read_file *f, struct arena *a)
{
	json_key(o, "preview");
	json_array(o);
	for (size_t i = 0; f->rows && i < rows_sheet_count(f->rows) && i < PREVIEW_SHEETS; i++)
		preview_sheet(o, f, i, a);
	json_end(o);
}
