/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/intake.h"

#include <stdio.h>

#include "ledger/intake_stream.h"

#include "base/banned.h"

enum { FILE_ARENA = 512 << 20, ROW_ARENA = 64 << 20, TRIES_MAX = 200 };

/* ---- opening ---- */

static enum err look_at_sheet(struct intake *in, size_t sheet, struct diag *diag)
{
	const struct sheet_info *info = rows_sheet_info(in->rows, sheet);
	if (in->opts.sheet && (size_t)in->opts.sheet != sheet + 1)
		return OK;
	if (info->state != SHEET_VISIBLE && !in->opts.hidden_sheets && !in->opts.sheet) {
		sheet_skip(in, sheet, 0, OK, str_c(info->name));
		return OK;
	}
	return sheet_look(in, (struct sheet_place){sheet, 0, {0, SIZE_MAX}}, diag);
}

/* Nothing was recognised: the first reason that is no hidden sheet. */
static enum err nothing_found(struct intake *in, struct diag *diag)
{
	for (size_t i = 0; i < in->skipped.n; i++) {
		const struct intake_skipped *s = &in->skipped.p[i];
		if (s->code == OK)
			continue;
		enum err e = diag_set(diag, s->code, STR_FMT, STR_ARG(s->detail));
		const char *name = rows_sheet_info(in->rows, s->sheet)->name;
		const char *row = s->row ? arena_printf(&in->scratch, "!%u", (unsigned)s->row) : "";
		diag_place(diag, STR_FMT "%s%s%s", STR_ARG(file_text(in)), name[0] ? "!" : "", name, row);
		return e;
	}
	enum err e = diag_set(diag, in->skipped.n ? ERR_TABLE_NOT_FOUND : ERR_FILE_EMPTY, "%s", "");
	diag_place(diag, STR_FMT, STR_ARG(file_text(in)));
	return e;
}

static enum err check_opts(const struct intake_opts *o, struct diag *diag)
{
	const char *id = o->layout ? o->layout : o->map ? intake_map_layout(o->map) : NULL;
	if (id && !pack_layout(o->pack, id))
		return diag_set(diag, ERR_UNKNOWN_LEDGER, "%s", id);
	if (!pack_list(o->pack, "yes_no"))
		return diag_set(diag, ERR_PACK, "codes.yaml: yes_no");
	return OK;
}

static struct intake *new_intake(struct rows *rows, const struct intake_opts *opts)
{
	struct intake *in = base_calloc(1, sizeof(*in));
	arena_init(&in->arena, FILE_ARENA);
	arena_init(&in->scratch, FILE_ARENA);
	arena_init(&in->row_arena, ROW_ARENA);
	arena_init(&in->texts, FILE_ARENA);
	arena_init(&in->ahead.arena, ROW_ARENA);
	arena_init(&in->lines_arena, ROW_ARENA);
	in->rows = rows;
	in->opts = *opts;
	in->pack = opts->pack;
	in->yes_no = pack_list(opts->pack, "yes_no");
	villages_init(&in->villages, &in->arena, opts->areas, opts->n_areas);
	for (size_t i = 0; i < in->pack->n_layouts; i++)
		if (in->pack->layouts[i].n_columns > in->n_values)
			in->n_values = in->pack->layouts[i].n_columns;
	in->values = ARENA_ARRAY(&in->arena, in->n_values, struct intake_value);
	in->n_sheets = rows_sheet_count(rows);
	return in;
}

enum err intake_open(struct rows *rows, const struct intake_opts *opts, struct diag *diag,
                     struct intake **ret)
{
	enum err e = check_opts(opts, diag);
	if (e)
		return e;
	struct intake *in = new_intake(rows, opts);
	if (opts->sheet < 0 || (size_t)opts->sheet > in->n_sheets)
		e = diag_set(diag, ERR_SHEET_UNKNOWN, "%d", opts->sheet);
	for (size_t i = 0; e == OK && i < in->n_sheets; i++) {
		in->part_at = in->parts.n;
		in->sections = 0;
		e = look_at_sheet(in, i, diag);
	}
	if (e == OK && in->tables.n == 0)
		e = nothing_found(in, diag);
	if (e) {
		intake_close(in);
		return e;
	}
	in->sections = 0;
	in->opened_tables = in->tables.n;
	in->opened_skipped = in->skipped.n;
	in->n_opened_parts = in->parts.n;
	in->opened_parts = ARENA_ARRAY(&in->arena, in->parts.n, struct part);
	memcpy(in->opened_parts, in->parts.p, in->parts.n * sizeof(struct part));
	in->as_of_open = in->as_of;
	in->as_of_where_open = in->as_of_where;
	in->as_of_rank_open = in->as_of_rank;
	*ret = in;
	return OK;
}

void intake_close(struct intake *in)
{
	if (!in)
		return;
	villages_release(&in->villages);
	for (size_t i = 0; i < in->made.n; i++)
		pivot_release(in->made.p[i]);
	vec_free(&in->made);
	vec_free(&in->tables);
	vec_free(&in->parts);
	vec_free(&in->masked);
	vec_free(&in->rejects);
	vec_free(&in->skipped);
	arena_release(&in->arena);
	arena_release(&in->scratch);
	arena_release(&in->row_arena);
	arena_release(&in->texts);
	arena_release(&in->ahead.arena);
	arena_release(&in->lines_arena);
	base_free(in);
}

/* ---- rows in order, with a look ahead ---- */

static void copy_row(struct arena *a, const struct row *from, struct row *to)
{
	struct cell *cells = ARENA_ARRAY(a, from->n, struct cell);
	for (size_t i = 0; i < from->n; i++) {
		cells[i] = from->cells[i];
		cells[i].text = str_copy(a, from->cells[i].text);
	}
	*to = *from;
	to->cells = cells;
}

static enum err read_row(struct intake *in, struct diag *diag, struct row *ret, bool *ret_more)
{
	const struct sheet_place *p = &in->parts.p[in->part].place;
	enum err e;
	do
		e = rows_next(in->rows, diag, ret, ret_more);
	while (e == OK && *ret_more && ret->number < p->from);
	if (e == OK && *ret_more) {
		strip_mask(in, &p->strip, ret);
		e = rows_merges(in->rows, diag, &in->merges, &in->n_merges);
	}
	return e;
}

static enum err next_row(struct intake *in, struct diag *diag, bool *ret_more)
{
	struct ahead *h = &in->ahead;
	if (h->at < h->n) {
		in->row = h->rows[h->at++];
		*ret_more = true;
		return OK;
	}
	return read_row(in, diag, &in->row, ret_more);
}

/* Keeps the row at hand and those behind it, to look at them as a table. */
static enum err look_ahead(struct intake *in, struct diag *diag, struct grid *g)
{
	struct ahead *h = &in->ahead;
	struct ahead *old = h->at < h->n ? h : NULL;
	struct row rest[AHEAD_ROWS];
	size_t n = 0;
	struct arena fresh;
	arena_init(&fresh, ROW_ARENA);
	copy_row(&fresh, &in->row, &rest[n++]);
	for (size_t i = old ? h->at : 0; old && i < h->n && n < AHEAD_ROWS; i++)
		copy_row(&fresh, &h->rows[i], &rest[n++]);
	bool more = true;
	while (n < AHEAD_ROWS) {
		struct row row;
		enum err e = read_row(in, diag, &row, &more);
		if (e) {
			arena_release(&fresh);
			return e;
		}
		if (!more)
			break;
		copy_row(&fresh, &row, &rest[n++]);
	}
	arena_release(&h->arena);
	h->arena = fresh;
	memcpy(h->rows, rest, n * sizeof(rest[0]));
	h->n = n;
	h->at = 0;
	grid_copy(g, h->rows, n, in->merges, in->n_merges, &in->scratch);
	return OK;
}

/* ---- sheets ---- */

static void forget_lines(struct intake *in)
{
	if (in->n_lines == 0)
		return;
	in->n_lines = 0;
	arena_clear(&in->lines_arena);
}

static void keep_line(struct intake *in, struct str text)
{
	if (in->n_lines == LINES_MAX || !text.n || text.n > GRID_CELL)
		return;
	if (in->n_lines == 0)
		in->lines_from = in->row.number;
	in->lines[in->n_lines++] = str_copy(&in->lines_arena, text);
}

static void enter_table(struct intake *in, size_t index)
{
	in->table = in->tables.p[index];
	in->aside = false;
	in->table_index = index;
}

static enum err open_part(struct intake *in, struct diag *diag)
{
	const struct part *part = &in->parts.p[in->part];
	in->sections = in->sheet == part->place.sheet ? in->sections : 0;
	in->sheet = part->place.sheet;
	in->merge_at = in->n_merges = 0;
	in->ahead.n = in->ahead.at = 0;
	in->form_at = 0;
	in->gap = in->part_over = in->stray = false;
	in->last_number = 0;
	forget_lines(in);
	enum err e = OK;
	if (!in->tables.p[part->table]->form_rows)
		e = rows_sheet(in->rows, in->sheet, diag);
	in->sheet_open = e == OK;
	if (e == OK)
		enter_table(in, part->table);
	return e;
}

/* Merges over rows that begin at this row, or go on through it. */
static void take_merges(struct intake *in, struct table *t)
{
	while (in->merge_at < in->n_merges && in->merges[in->merge_at].row1 < in->row.number)
		in->merge_at++;
	for (size_t i = in->merge_at; i < in->n_merges && in->merges[i].row1 == in->row.number;
	     i++) {
		const struct merge *m = &in->merges[i];
		if (m->row2 == m->row1)
			continue;
		for (size_t k = 0; k < t->n_cols; k++) {
			struct col_state *s = &t->cols[k];
			if (s->col + 1 < m->col1 || s->col + 1 > m->col2 ||
			    m->col1 - 1 >= in->row.n)
				continue;
			kept_set(&s->merge, str_trim(in->row.cells[m->col1 - 1].text));
			s->merge_to = m->row2;
			if (is_of_household(&t->pub.layout->columns[s->column]) &&
			    (t->merge_from != in->row.number || m->row2 < t->merge_to)) {
				t->merge_from = in->row.number;
				t->merge_to = m->row2;
			}
		}
	}
}

static void enter_section(struct table *t, const struct intake *in, struct str name)
{
	struct str found;
	kept_set(&t->section, name);
	t->section_area = villages_find(&in->villages, name);
	if (t->section_area < 0)
		t->section_area = villages_search(&in->villages, name, &found);
	t->in_block = t->blank_above = false;
	for (size_t i = 0; i < t->n_cols; i++)
		t->cols[i].last.n = 0;
}

/* The same table goes on below an empty line. */
static void end_block(struct table *t)
{
	t->blank_above = t->in_block || t->blank_above;
	t->in_block = false;
	for (size_t i = 0; i < t->n_cols; i++)
		t->cols[i].last.n = 0;
}

static void note_lines(struct intake *in, const struct row *row, bool signature)
{
	for (size_t c = 0; c < row->n; c++)
		if (row->cells[c].text.n && (signature || has_date_word(row->cells[c].text)))
			note_date(in, row->cells[c].text, row->cells[c].text, 3);
}

/* Another table below: true when the row at hand now belongs to it.  One that is no ledger
 * we know is left aside with all of its rows, when it begins where one would (`fresh`). */
static enum err try_table(struct intake *in, struct diag *diag, bool fresh, bool *ret_new)
{
	arena_clear(&in->scratch);
	struct grid *g = ARENA_NEW(&in->scratch, struct grid);
	enum err e = look_ahead(in, diag, g);
	if (e)
		return e;
	enum err why;
	struct str detail;
	size_t before = in->tables.n;
	(void)turn_cut(in, g);
	struct table *t = table_make(in, g, in->sheet, 0, &why, &detail);
	bool here = t && t->pub.header_first == in->row.number;
	if (here) {
		enter_table(in, before);
	} else if (t) {
		in->tables.n--;
	} else if (fresh && !in->aside && why != ERR_TABLE_NOT_FOUND) {
		sheet_skip(in, in->sheet, in->ahead.rows[0].number, why, detail);
		in->aside = true;
	}
	*ret_new = here;
	if (!here) { /* the caller goes on with the row at hand: its copy */
		in->failed_tries++;
		in->row = in->ahead.rows[0];
		in->ahead.at = 1;
	}
	return OK;
}

/* A section whose records are columns or cards: the table ends above its title, and the rest of
 * the sheet is looked at like a sheet of its own.  Labels with values that are neither that nor
 * a row of the table are left out (`stray`). */
static enum err try_turned(struct intake *in, struct diag *diag, bool gap, bool *ret_stray)
{
	arena_clear(&in->scratch);
	struct grid *g = ARENA_NEW(&in->scratch, struct grid);
	enum err e = look_ahead(in, diag, g);
	if (e)
		return e;
	in->row = in->ahead.rows[0]; /* the reader has gone on */
	in->ahead.at = 1;
	if (!turn_begins(in, g, in->table)) {
		*ret_stray = gap && !in->aside && turn_is_line(in, g) &&
		             line_fits(in->table, &in->row) < 0;
		in->failed_turns++;
		return OK;
	}
	struct sheet_place p = in->parts.p[in->part].place;
	p.from = in->n_lines ? in->lines_from : in->row.number;
	forget_lines(in);
	in->part_over = true;
	in->part_at = in->part + 1;
	return sheet_look(in, p, diag);
}

static bool is_title_again(const struct table *t, struct str text)
{
	for (size_t i = 0; i < t->pub.n_titles; i++)
		if (str_eq(t->pub.titles[i], text))
			return true;
	return false;
}

/* 合计3人 in a column of remarks, beside somebody's name: no total. */
static bool is_a_remark(const struct table *t, const struct row *row)
{
	static const enum pack_role names[] = {PACK_ROLE_NAME, PACK_ROLE_HEAD_NAME};
	int remark = t->pub.layout->role[PACK_ROLE_REMARK];
	bool sub, named = false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int k = t->pub.layout->role[names[i]];
		size_t col = k >= 0 && t->col_of[k] >= 0 ? t->cols[t->col_of[k]].col : SIZE_MAX;
		if (col >= row->n)
			continue;
		struct str s = str_trim(row->cells[col].text);
		named |= s.n >= 6 && (unsigned char)s.p[0] >= 0xE4 && !class_is_total(s, &sub);
	}
	for (size_t i = 0; i < t->n_cols && named; i++)
		if (t->cols[i].column != remark && t->cols[i].col < row->n &&
		    class_is_total(row->cells[t->cols[i].col].text, &sub))
			return false;
	return named;
}

static enum intake_class classify(struct intake *in, struct table *t, struct str *ret_section)
{
	const struct row *row = &in->row;
	if (row->number <= t->pub.header_last)
		line_keep_top(t, row);
	if (row->number < t->pub.header_first)
		return INTAKE_TITLE;
	if (row->number <= t->pub.header_last)
		return INTAKE_HEADER;
	enum intake_class c = class_of(row, 0, t->width, &in->villages, ret_section);
	if ((c == INTAKE_TOTAL || c == INTAKE_SUBTOTAL) && t->n_bands == 1 && is_a_remark(t, row))
		return INTAKE_DATA;
	if (c != INTAKE_DATA && c != INTAKE_SECTION)
		return c;
	if (c == INTAKE_SECTION && is_title_again(t, *ret_section))
		return INTAKE_TITLE;
	if (!t->in_block && t->rows_all == 0 && line_is_numbering(t, row))
		return INTAKE_REPEAT;
	if (line_is_repeat(t, row) || (c == INTAKE_DATA && line_is_page_break(t, row)))
		return INTAKE_REPEAT;
	return c == INTAKE_DATA && line_is_title(t, row, ret_section) ? INTAKE_TITLE : c;
}

/* In a table that is left aside, until the header of the one above comes again. */
static enum intake_class aside_class(struct intake *in, const struct table *t,
                                     enum intake_class c, struct str section)
{
	in->aside = c != INTAKE_REPEAT || !line_is_repeat(t, &in->row);
	if (!in->aside || c == INTAKE_TITLE || c == INTAKE_BLANK)
		return c;
	if (c == INTAKE_SECTION)
		keep_line(in, section);
	return INTAKE_IGNORED;
}

/* A title right below the data, told by what follows; it may be nobody's record. */
static enum err try_title(struct intake *in, struct diag *diag, bool *ret_title)
{
	arena_clear(&in->scratch);
	struct grid *g = ARENA_NEW(&in->scratch, struct grid);
	enum err e = look_ahead(in, diag, g);
	if (e)
		return e;
	in->row = in->ahead.rows[0];
	in->ahead.at = 1;
	*ret_title = turn_is_title(in, g);
	in->failed_turns += !*ret_title;
	return OK;
}

/* Lines that are left out are told once. */
static void tell_stray(struct intake *in)
{
	struct str first = {NULL, 0};
	for (size_t c = 0; c < in->row.n && first.n == 0; c++)
		first = str_trim(in->row.cells[c].text);
	if (!in->stray)
		sheet_skip(in, in->sheet, in->row.number, ERR_TABLE_NOT_FOUND, first);
	in->stray = true;
}

/* What else may begin in a row that is none of the table's: *ret_other when the row at hand is
 * another's; else its class may be another. */
static enum err try_others(struct intake *in, struct diag *diag, bool gap, enum intake_class *c,
                           struct str *section, bool *ret_other)
{
	const struct table *t = in->table;
	bool fresh = in->aside || (!t->in_block && t->pub.counts.rows[INTAKE_DATA] > 0);
	bool stray = false, title = false;
	enum err e = OK;
	if (in->failed_turns < TRIES_MAX && line_may_be_turned(in->pack, t, &in->row, gap)) {
		e = try_turned(in, diag, gap, &stray);
		*ret_other = in->part_over;
	}
	if (e == OK && !*ret_other && *c == INTAKE_DATA && in->failed_tries < TRIES_MAX &&
	    line_may_be_header(in->pack, &in->row, fresh))
		e = try_table(in, diag, fresh, ret_other);
	if (e || *ret_other)
		return e;
	if (stray) {
		*c = INTAKE_IGNORED;
		tell_stray(in);
	}
	if (*c == INTAKE_DATA && t->n_cols > 2 && in->failed_turns < TRIES_MAX &&
	    line_is_long_text(&in->row, section)) {
		e = try_title(in, diag, &title);
		(void)line_is_long_text(&in->row, section); /* the reader has gone on */
		*c = title ? INTAKE_TITLE : *c;
	}
	return e;
}

/* Handles a row; *ret_data when it is one to hand out. */
static enum err take_row(struct intake *in, struct diag *diag, bool *ret_data)
{
	struct table *t = in->table;
	struct str section = {NULL, 0};
	*ret_data = false;
	bool gap = in->gap || in->row.number > in->last_number + 1;
	in->last_number = in->row.number;
	enum intake_class c = classify(in, t, &section);
	bool other = false;
	enum err e = c == INTAKE_DATA || c == INTAKE_TOTAL || c == INTAKE_SUBTOTAL
	                     ? try_others(in, diag, gap, &c, &section, &other)
	                     : OK;
	if (e || other)
		return e;
	if (in->aside)
		c = aside_class(in, t, c, section);
	in->stray &= c != INTAKE_DATA;
	in->gap = c != INTAKE_DATA && c != INTAKE_HEADER && c != INTAKE_REPEAT;
	t->pub.counts.rows[c]++;
	switch (c) {
	case INTAKE_TITLE:
		keep_line(in, section);
		break;
	case INTAKE_DATA:
		forget_lines(in);
		if (in->n_merges)
			take_merges(in, t);
		*ret_data = true;
		break;
	case INTAKE_SECTION:
		keep_line(in, section);
		enter_section(t, in, section);
		break;
	case INTAKE_TOTAL:
	case INTAKE_SUBTOTAL: row_totals(in, t, &in->row, c == INTAKE_SUBTOTAL); break;
	case INTAKE_BLANK: end_block(t); break;
	case INTAKE_SIGNATURE:
	case INTAKE_NOTE: note_lines(in, &in->row, c == INTAKE_SIGNATURE); break;
	default: break;
	}
	return OK;
}

/* The form of the sheet, or its next record. */
static bool take_form(struct intake *in)
{
	struct table *t = in->table;
	struct str section;
	while (in->form_at < t->n_form_rows) {
		in->row = t->form_rows[in->form_at];
		t->form_cells = t->form_places + in->form_at++ * t->n_form_cells;
		enum intake_class c = INTAKE_DATA;
		if (t->n_form_rows > 1)
			c = class_of(&in->row, 0, in->row.n, &in->villages, &section);
		if (c == INTAKE_SECTION || c == INTAKE_TITLE || is_a_remark(t, &in->row))
			c = INTAKE_DATA;
		if (t->n_form_rows > 1 && c == INTAKE_DATA &&
		    (line_is_numbering(t, &in->row) || line_is_repeat(t, &in->row)))
			c = INTAKE_REPEAT;
		t->pub.counts.rows[c]++;
		if (c == INTAKE_DATA)
			return true;
	}
	return false;
}

/* Goes to the next row that holds data; false at the end of the file. */
static enum err find_data(struct intake *in, struct diag *diag, bool *ret_found)
{
	*ret_found = false;
	while (in->part < in->parts.n) {
		enum err e = OK;
		bool more = true, data = false;
		if (!in->sheet_open)
			e = open_part(in, diag);
		while (e == OK && more && !in->part_over) {
			if (in->table->form_rows) {
				*ret_found = take_form(in);
				if (*ret_found)
					return OK;
				break;
			}
			if ((e = next_row(in, diag, &more)) != OK || !more)
				break;
			e = take_row(in, diag, &data);
			if (e == OK && data) {
				*ret_found = true;
				return OK;
			}
		}
		if (e)
			return e;
		in->part++;
		in->sheet_open = false;
	}
	return OK;
}

/* ---- handing out ---- */

/* The i-th row of a cell that holds several (head × helper). */
static void set_exploded(struct intake *in, const struct table *t)
{
	size_t first = in->explode_len[0] > 1 ? in->explode_len[0] : 1;
	for (int s = 0; s < 2; s++) {
		size_t n = in->explode_len[s];
		if (n < 2)
			continue;
		size_t at = s == 0 ? in->explode_at : in->explode_at / first;
		struct str item = in->explode[s][at % n];
		struct intake_value *v = &in->values[in->explode_col[s]];
		struct cell_ctx ctx = {in->pack, in->yes_no, &in->villages, &in->row_arena};
		struct cell cell = {.kind = CELL_TEXT, .text = item};
		struct str proposal;
		uint16_t col = v->col;
		struct str raw = v->raw;
		*v = (struct intake_value){.col = col, .raw = raw, .flags = INTAKE_SPLIT};
		(void)cell_read(&ctx, &t->pub.layout->columns[in->explode_col[s]], 0, &cell, NULL, v,
		                &proposal);
		v->v = 1;
	}
}

static void hand_out(struct intake *in, struct intake_row *ret)
{
	struct table *t = in->table;
	if (in->explode_n > 1)
		set_exploded(in, t);
	in->explode_at++;
	in->out.table = in->table_index;
	in->out.number = in->row.number;
	in->out.hidden = in->row.hidden;
	in->out.struck = false;
	in->out.form = t->form;
	in->out.block = t->pub.layout->subject == PACK_SUBJECT_ROSTER ? t->block : 0;
	in->out.section = kept_str(&t->section);
	in->out.section_area = t->section_area;
	in->out.values = in->values;
	size_t struck = 0, cells = 0;
	for (size_t i = 0; i < t->n_cols; i++) {
		const struct intake_value *v = &in->values[t->cols[i].column];
		cells += v->raw.n > 0;
		struck += (v->flags & INTAKE_STRUCK) != 0;
	}
	in->out.struck = cells > 0 && struck * 2 > cells;
	*ret = in->out;
}

enum err intake_next(struct intake *in, struct diag *diag, struct intake_row *ret, bool *ret_more)
{
	*ret_more = true;
	if (in->row_open && in->explode_at < in->explode_n) {
		hand_out(in, ret);
		return OK;
	}
	for (;;) {
		while (in->row_open && in->band < in->table->n_bands) {
			arena_clear(&in->row_arena);
			if (!row_read(in, in->table, &in->row, in->band++))
				continue;
			if (!in->table->pivot) {
				hand_out(in, ret);
				return OK;
			}
			in->explode_n = 1; /* an item, however many names stand in a cell */
			enum err e = pivot_add(in, in->table, diag);
			if (e)
				return e;
		}
		bool found = false;
		in->row_open = false;
		enum err e = find_data(in, diag, &found);
		if (e)
			return e;
		if (!found) {
			*ret_more = pivot_next(in, ret);
			return OK;
		}
		in->row_open = true;
		in->band = 0;
	}
}

enum err intake_rewind(struct intake *in, struct diag *diag)
{
	(void)diag;
	in->tables.n = in->opened_tables;
	in->parts.n = in->n_opened_parts;
	memcpy(in->parts.p, in->opened_parts, in->parts.n * sizeof(struct part));
	in->skipped.n = in->opened_skipped;
	in->part = in->sheet = 0;
	in->sheet_open = in->row_open = false;
	in->rejects.n = 0;
	in->n_rejects = 0;
	in->failed_tries = in->failed_turns = in->sections = 0;
	arena_clear(&in->texts);
	in->as_of = in->as_of_open;
	in->as_of_where = in->as_of_where_open;
	in->as_of_rank = in->as_of_rank_open;
	for (size_t i = 0; i < in->tables.n; i++) {
		struct table *t = in->tables.p[i];
		pivot_rewind(t);
		t->pub.counts = (struct intake_counts){.cells = 0};
		t->rows_part = t->rows_all = t->blocks_part = t->blocks_all = 0;
		t->block = 0;
		t->in_block = t->blank_above = false;
		t->block_no.n = t->block_head.n = 0;
		t->merge_from = t->merge_to = 0;
		t->heads_only = false;
		t->n_top = 0;
		kept_set(&t->section, t->pub.section);
		t->section_area = t->pub.section_area;
		for (size_t k = 0; k < t->n_cols; k++) {
			struct col_state *s = &t->cols[k];
			s->last.n = s->block.n = s->merge.n = 0;
			s->merge_to = 0;
			s->sum_all = s->sum_part = 0;
		}
	}
	return OK;
}

/* ---- asking ---- */

size_t intake_table_count(const struct intake *in)
{
	return in->tables.n;
}

const struct intake_table *intake_table(const struct intake *in, size_t i)
{
	return &in->tables.p[i]->pub;
}

date_t intake_as_of(const struct intake *in, struct str *ret_where)
{
	if (ret_where)
		*ret_where = in->as_of_where;
	return in->as_of;
}

void intake_counts(const struct intake *in, struct intake_counts *ret)
{
	*ret = (struct intake_counts){.cells = 0};
	for (size_t i = 0; i < in->tables.n; i++) {
		const struct intake_counts *c = &in->tables.p[i]->pub.counts;
		for (int k = 0; k < INTAKE_CLASS_MAX; k++)
			ret->rows[k] += c->rows[k];
		ret->cells += c->cells;
		ret->filled += c->filled;
		ret->doubts += c->doubts;
		ret->bad += c->bad;
	}
}

const struct reject *intake_rejects(const struct intake *in, size_t *ret_n, uint64_t *ret_total)
{
	*ret_n = in->rejects.n;
	if (ret_total)
		*ret_total = in->n_rejects;
	return in->rejects.p;
}

const struct intake_skipped *intake_skipped(const struct intake *in, size_t *ret_n)
{
	*ret_n = in->skipped.n;
	return in->skipped.p;
}

size_t intake_letters(uint32_t col, char out[8])
{
	char tmp[8];
	size_t n = 0, k = 0;
	for (; col > 0 && n < 7; col = (col - 1) / 26)
		tmp[n++] = (char)('A' + (col - 1) % 26);
	while (n > 0)
		out[k++] = tmp[--n];
	out[k] = '\0';
	return k;
}

void intake_place(const struct intake *in, size_t sheet, uint32_t row, uint16_t col,
                  struct buf *out)
{
	char letters[8];
	const char *name = rows_sheet_info(in->rows, sheet)->name;
	intake_letters(col, letters);
	buf_addstr(out, file_text(in));
	if (name[0])
		buf_addf(out, "!%s", name);
	buf_addf(out, "!%s%u", letters, row);
}
