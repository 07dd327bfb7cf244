/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A data row: cells to values, what is filled from above, totals. */
#include "base/utf8.h"
#include "ledger/intake_stream.h"

#include "base/banned.h"

enum { VALUE_MAX = 200 };

void kept_set(struct kept *k, struct str s)
{
	k->n = 0;
	if (s.n == 0 || s.n > KEEP_TEXT)
		return;
	memcpy(k->text, s.p, s.n);
	k->n = (uint16_t)s.n;
}

void reject_add(struct intake *in, const struct reject *r)
{
	in->n_rejects++;
	size_t max = in->opts.max_rejects ? in->opts.max_rejects : 10000;
	if (in->rejects.n >= max)
		return;
	struct reject *x = vec_push(&in->rejects);
	*x = *r;
	struct str value = r->value;
	if (value.n > VALUE_MAX) {
		value.n = VALUE_MAX;
		while (value.n && ((unsigned char)value.p[value.n] & 0xC0) == 0x80)
			value.n--;
	}
	x->value = str_copy(&in->texts, value);
	x->proposal = str_copy(&in->texts, r->proposal);
}

void reject_cell(struct intake *in, struct table *t, const struct col_state *s, uint32_t row,
                 const struct intake_value *v, enum err code, struct str proposal)
{
	bool doubt = v->state != INTAKE_BAD;
	if (doubt)
		t->pub.counts.doubts++;
	else
		t->pub.counts.bad++;
	const struct pack_column *c = &t->pub.layout->columns[s->column];
	struct reject r = {.sheet = t->pub.sheet, .row = row, .col = v->col, .doubt = doubt,
	                   .code = code, .column = s->leaf.n ? s->leaf : str_c(c->label.in[0]),
	                   .value = v->raw, .proposal = proposal};
	if (t->form_cells && t->form_cells[s->col].col) {
		r.row = t->form_cells[s->col].row;
		r.col = t->form_cells[s->col].col;
	}
	reject_add(in, &r);
}

/* ---- one cell ---- */

static struct cell_ctx context(struct intake *in)
{
	return (struct cell_ctx){in->pack, in->yes_no, &in->villages, &in->row_arena};
}

/* A household of the roster is in some village of ours; other ledgers list whom they like. */
static bool is_strange_village(const struct intake *in, const struct table *t,
                               const struct pack_column *c, const struct intake_value *v)
{
	return c->role == PACK_ROLE_VILLAGE && t->pub.layout->subject == PACK_SUBJECT_ROSTER &&
	       v->state == INTAKE_OK && v->v < 0 && in->villages.n > 0;
}

static void read_text(struct intake *in, struct table *t, struct col_state *s, uint32_t number,
                      const struct cell *cell, struct intake_value *v)
{
	struct cell_ctx ctx = context(in);
	const struct pack_column *c = &t->pub.layout->columns[s->column];
	struct str proposal = {NULL, 0};
	v->raw = cell->text;
	enum err e = cell_read(&ctx, c, s->unit, cell, s->memo, v, &proposal);
	if (is_strange_village(in, t, c, v)) {
		v->state = INTAKE_DOUBT;
		e = ERR_UNKNOWN_AREA;
	}
	if (v->state != INTAKE_EMPTY)
		t->pub.counts.cells++;
	if (e)
		reject_cell(in, t, s, number, v, e, proposal);
}

/* A kept text read as if it stood in this cell. */
static void read_kept(struct intake *in, struct table *t, struct col_state *s, uint32_t number,
                      const struct kept *k, struct intake_value *v)
{
	struct cell cell = {.kind = CELL_TEXT, .text = str_copy(&in->row_arena, kept_str(k))};
	read_text(in, t, s, number, &cell, v);
	v->flags |= INTAKE_FILLED;
	t->pub.counts.filled++;
}

static void read_blank(struct intake *in, struct table *t, struct col_state *s, uint32_t number,
                       const struct cell *cell, struct intake_value *v)
{
	v->state = INTAKE_EMPTY;
	if (s->merge_to >= number && s->merge.n && s->fills) {
		read_kept(in, t, s, number, &s->merge, v);
		return;
	}
	if (cell && (cell->flags & CELL_NO_RESULT)) {
		v->state = INTAKE_BAD;
		reject_cell(in, t, s, number, v, ERR_CELL_FORMULA, (struct str){NULL, 0});
	} else if (cell && cell->kind == CELL_ERROR) {
		v->state = INTAKE_BAD;
		v->raw = cell->text;
		reject_cell(in, t, s, number, v, ERR_CELL_ERROR, (struct str){NULL, 0});
	}
}

static void read_cell(struct intake *in, struct table *t, struct col_state *s,
                      const struct row *row, size_t band, struct intake_value *v)
{
	size_t col = s->col + band * t->band_step;
	const struct cell *cell = col < row->n ? &row->cells[col] : NULL;
	*v = (struct intake_value){.col = (uint16_t)(col + 1)};
	if (!cell || cell->text.n == 0) {
		read_blank(in, t, s, row->number, cell, v);
		return;
	}
	if (cell->flags & CELL_STRIKE)
		v->flags |= INTAKE_STRUCK;
	if (cell->flags & CELL_NOTE)
		v->flags |= INTAKE_NOTED;
	struct str text = str_trim(cell->text);
	if (s->repeats && cell_is_ditto(text)) {
		if (s->last.n) {
			read_kept(in, t, s, row->number, &s->last, v);
			return;
		}
		v->raw = text;
		v->state = INTAKE_EMPTY;
		reject_cell(in, t, s, row->number, v, ERR_INVALID, (struct str){NULL, 0});
		return;
	}
	if (cell_is_blank(text)) {
		v->raw = text;
		read_blank(in, t, s, row->number, cell, v);
		return;
	}
	read_text(in, t, s, row->number, cell, v);
	if (s->repeats && s->fills)
		kept_set(&s->last, text);
	else if (s->repeats && text.n <= 60)
		kept_set(&s->last, text);
}

/* ---- the household a row belongs to ---- */

static const struct intake_value *by_role(const struct intake *in, const struct table *t,
                                          enum pack_role role)
{
	int k = t->pub.layout->role[role];
	return k >= 0 && t->col_of[k] >= 0 ? &in->values[k] : NULL;
}

static bool has_text(const struct intake_value *v)
{
	return v && v->text.n > 0 && v->state != INTAKE_EMPTY;
}

static bool is_head(const struct intake *in, const struct table *t)
{
	const struct intake_value *v = by_role(in, t, PACK_ROLE_RELATION);
	if (!v || v->state != INTAKE_OK)
		return false;
	const struct pack_column *c =
		&t->pub.layout->columns[t->pub.layout->role[PACK_ROLE_RELATION]];
	return strcmp(in->pack->lists[c->list_index].codes[v->v].id, "head") == 0;
}

bool is_of_household(const struct pack_column *c)
{
	return c->level == PACK_HOUSEHOLD && c->role != PACK_ROLE_VILLAGE &&
	       c->role != PACK_ROLE_TOWN && c->role != PACK_ROLE_GROUP && c->kind != PACK_AREA &&
	       strcmp(c->id, "county") != 0 && strcmp(c->id, "city") != 0 &&
	       strcmp(c->id, "province") != 0 && c->role != PACK_ROLE_YEAR;
}

/* Nothing in the columns of the household: a further member's row. */
static bool is_bare(const struct intake *in, const struct table *t)
{
	size_t columns = 0;
	for (size_t i = 0; i < t->n_cols; i++) {
		if (!is_of_household(&t->pub.layout->columns[t->cols[i].column]))
			continue;
		columns++;
		if (in->values[t->cols[i].column].state != INTAKE_EMPTY)
			return false;
	}
	return columns >= 2;
}

static bool differs(const struct intake_value *v, const struct kept *k)
{
	return has_text(v) && k->n && !str_eq(v->text, kept_str(k));
}

/*
 * Does this row begin another household?  By its number; else by merged cells;
 * else by the head's name beside each member; else by the head's own row.
 */
static bool begins_household(const struct intake *in, const struct table *t, uint32_t number)
{
	const struct intake_value *no = by_role(in, t, PACK_ROLE_HH_NO);
	const struct intake_value *head = by_role(in, t, PACK_ROLE_HEAD_NAME);
	const struct intake_value *name = by_role(in, t, PACK_ROLE_NAME);
	bool bare = is_bare(in, t);
	if (!t->in_block) /* an empty line divides no household */
		return !(bare && t->blank_above && t->heads_only && t->block);
	if (has_text(no) && t->block_no.n)
		return !str_eq(no->text, kept_str(&t->block_no));
	if (t->heads_only || bare)
		return !bare;
	if (t->merge_to)
		return number > t->merge_to || number == t->merge_from;
	if (differs(head, &t->block_head))
		return true;
	bool own = is_head(in, t);
	if (has_text(head) && t->block_head.n) /* same head: only his own second row is another */
		return own && has_text(name) && str_eq(name->text, head->text);
	if (by_role(in, t, PACK_ROLE_RELATION))
		return own;
	return has_text(no) || has_text(head);
}

static void fill_household(struct intake *in, struct table *t, uint32_t number)
{
	bool begins = begins_household(in, t, number);
	const struct intake_value *head = by_role(in, t, PACK_ROLE_HEAD_NAME);
	const struct intake_value *no = by_role(in, t, PACK_ROLE_HH_NO);
	t->heads_only = t->heads_only || (!begins && is_bare(in, t));
	if (begins) {
		t->block++;
		t->blocks_all++;
		t->blocks_part++;
		kept_set(&t->block_no, has_text(no) ? no->text : (struct str){NULL, 0});
		kept_set(&t->block_head, has_text(head) ? head->text : (struct str){NULL, 0});
	}
	for (size_t i = 0; i < t->n_cols; i++) {
		struct col_state *s = &t->cols[i];
		struct intake_value *v = &in->values[s->column];
		if (t->pub.layout->columns[s->column].level != PACK_HOUSEHOLD)
			continue;
		if (begins)
			kept_set(&s->block, v->state == INTAKE_EMPTY ? (struct str){NULL, 0}
			                                             : str_trim(v->raw));
		else if (v->state == INTAKE_EMPTY && s->block.n && v->raw.n == 0)
			read_kept(in, t, s, number, &s->block, v);
		else if (v->state != INTAKE_EMPTY && s->block.n == 0)
			kept_set(&s->block, str_trim(v->raw));
	}
	if (!begins && t->block_no.n == 0 && has_text(no))
		kept_set(&t->block_no, no->text);
}

/* ---- two things in one cell ---- */

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	return false;
}

static void put_split(struct intake *in, struct table *t, int column, struct str text,
                      const struct intake_value *from)
{
	struct cell_ctx ctx = context(in);
	struct str proposal = {NULL, 0};
	struct cell cell = {.kind = CELL_TEXT, .text = text};
	struct intake_value v = {.col = from->col, .flags = INTAKE_SPLIT, .raw = from->raw};
	if (cell_read(&ctx, &t->pub.layout->columns[column], 0, &cell, NULL, &v, &proposal) == OK)
		in->values[column] = v;
}

/* "张三 3412…" in the column of the name, or of the number. */
static void split_name(struct intake *in, struct table *t, enum pack_role name_role,
                       enum pack_role id_role)
{
	int kn = t->pub.layout->role[name_role], ki = t->pub.layout->role[id_role];
	bool have_name = kn >= 0 && t->col_of[kn] >= 0, have_id = ki >= 0 && t->col_of[ki] >= 0;
	if (kn < 0 || (!have_name && !have_id))
		return;
	struct intake_value from = in->values[have_name ? kn : ki];
	struct str n, id;
	if (from.raw.n < 21 || !has_digit(from.raw) || !cell_split_name_id(from.raw, &n, &id))
		return;
	put_split(in, t, kn, n, &from);
	if (ki >= 0 && (!have_id || !have_name || in->values[ki].state == INTAKE_EMPTY))
		put_split(in, t, ki, id, &from);
}

/* ---- lists ---- */

static void join_list(struct intake *in, struct intake_value *v, const struct str *items, size_t n)
{
	struct buf out;
	buf_init(&out, 4000);
	for (size_t i = 0; i < n; i++)
		buf_addf(&out, "%s" STR_FMT, i ? "、" : "", STR_ARG(items[i]));
	v->text = str_copy(&in->row_arena, buf_str(&out));
	v->v = (int64_t)n;
	buf_release(&out);
}

static void read_lists(struct intake *in, struct table *t)
{
	in->explode_n = 1;
	in->explode_len[0] = in->explode_len[1] = 0;
	size_t slot = 0;
	for (size_t i = 0; i < t->n_cols; i++) {
		const struct pack_column *c = &t->pub.layout->columns[t->cols[i].column];
		if (!c->list)
			continue;
		struct intake_value *v = &in->values[t->cols[i].column];
		v->v = v->state == INTAKE_OK && v->text.n ? 1 : 0;
		if (v->state != INTAKE_OK || v->raw.n < 7)
			continue;
		struct str items[LIST_MAX];
		size_t n = cell_list(v->raw, items, LIST_MAX);
		if (n < 2)
			continue;
		if (c->rows && slot < 2) {
			in->explode_col[slot] = t->cols[i].column;
			in->explode_len[slot] = n;
			memcpy(in->explode[slot], items, n * sizeof(items[0]));
			in->explode_n *= n;
			slot++;
		} else {
			join_list(in, v, items, n);
		}
	}
}

/* ---- the row ---- */

static bool has_identity(const struct intake *in, const struct table *t)
{
	static const enum pack_role roles[] = {PACK_ROLE_ID, PACK_ROLE_NAME, PACK_ROLE_HH_NO,
	                                       PACK_ROLE_HEAD_NAME, PACK_ROLE_HEAD_ID,
	                                       PACK_ROLE_CARD};
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (has_text(by_role(in, t, roles[i])))
			return true;
	return false;
}

/* A value that is more than text, or two texts: a line below a household's rows is no
 * record of it. */
static bool says_something(const struct intake *in, const struct table *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n_cols; i++) {
		enum pack_kind k = t->pub.layout->columns[t->cols[i].column].kind;
		if (in->values[t->cols[i].column].state == INTAKE_OK)
			n += k == PACK_TEXT || k == PACK_NAME ? 1 : 2;
	}
	return n >= 2;
}

/* A detail row of the household above whose own name was left out (merges get
 * lost when a sheet is saved as text): taken, but somebody should look. */
static bool carry_identity(struct intake *in, struct table *t, uint32_t number)
{
	if (t->pub.layout->subject != PACK_SUBJECT_HOUSEHOLD || !t->in_block ||
	    !says_something(in, t))
		return false;
	static const enum pack_role roles[] = {PACK_ROLE_HH_NO, PACK_ROLE_HEAD_NAME,
	                                       PACK_ROLE_HEAD_ID, PACK_ROLE_VILLAGE,
	                                       PACK_ROLE_GROUP};
	bool any = false;
	struct str who = {NULL, 0};
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		int k = t->pub.layout->role[roles[i]];
		if (k < 0 || t->col_of[k] < 0)
			continue;
		struct col_state *s = &t->cols[t->col_of[k]];
		if (in->values[k].state != INTAKE_EMPTY || s->last.n == 0)
			continue;
		read_kept(in, t, s, number, &s->last, &in->values[k]);
		any = any || i < 3;
		if (roles[i] == PACK_ROLE_HEAD_NAME)
			who = in->values[k].text;
	}
	if (!any)
		return false;
	t->pub.counts.doubts++;
	struct reject r = {.sheet = t->pub.sheet, .row = number, .doubt = true,
	                   .code = ERR_ROW_NO_SUBJECT, .proposal = who};
	reject_add(in, &r);
	return true;
}

static void no_subject(struct intake *in, struct table *t, const struct row *row)
{
	struct str first = {NULL, 0};
	for (size_t c = 0; c < row->n && first.n == 0; c++)
		first = str_trim(row->cells[c].text);
	t->pub.counts.bad++;
	struct reject r = {.sheet = t->pub.sheet, .row = row->number,
	                   .code = ERR_ROW_NO_SUBJECT, .value = first};
	reject_add(in, &r);
}

static void read_extra(struct intake *in, const struct table *t, const struct row *row,
                       size_t band)
{
	in->out.n_extra = 0;
	in->out.extra = NULL;
	if (t->n_extra == 0)
		return;
	struct intake_extra *x = ARENA_ARRAY(&in->row_arena, t->n_extra, struct intake_extra);
	for (size_t i = 0; i < t->n_extra; i++) {
		size_t col = t->extra_col[i] + band * t->band_step;
		struct str s = col < row->n ? str_trim(row->cells[col].text) : (struct str){NULL, 0};
		if (s.n)
			x[in->out.n_extra++] = (struct intake_extra){t->extra_header[i], s,
			                                             (uint16_t)(col + 1)};
	}
	in->out.extra = x;
}

static bool band_is_blank(const struct table *t, const struct row *row, size_t band)
{
	for (size_t i = 0; i < t->n_cols; i++) {
		size_t col = t->cols[i].col + band * t->band_step;
		if (col < row->n && str_trim(row->cells[col].text).n)
			return false;
	}
	return true;
}

static void add_sums(struct intake *in, struct table *t)
{
	if (t->pub.layout->subject == PACK_SUBJECT_ROSTER)
		return;
	for (size_t i = 0; i < t->n_cols; i++) {
		struct col_state *s = &t->cols[i];
		enum pack_kind k = t->pub.layout->columns[s->column].kind;
		const struct intake_value *v = &in->values[s->column];
		if ((k != PACK_MONEY && k != PACK_INT && k != PACK_NUM) ||
		    (v->state != INTAKE_OK && v->state != INTAKE_DOUBT) || (v->flags & INTAKE_FILLED))
			continue;
		if (__builtin_add_overflow(s->sum_part, v->v, &s->sum_part) ||
		    __builtin_add_overflow(s->sum_all, v->v, &s->sum_all))
			s->sum_part = s->sum_all = INT64_MIN;
	}
}

/* Cells of a form do not stand in one row: their own addresses. */
static void form_places(struct intake *in, const struct table *t)
{
	for (size_t i = 0; i < t->n_cols; i++)
		in->values[t->cols[i].column].col = t->form_cells[t->cols[i].col].col;
}

static void read_constants(struct intake *in, struct table *t)
{
	struct cell_ctx ctx = context(in);
	for (size_t i = 0; i < t->n_consts; i++) {
		const struct table_const *k = &t->consts[i];
		struct intake_value *v = &in->values[k->column];
		struct cell cell = {.kind = CELL_TEXT, .text = k->text};
		struct str proposal = {NULL, 0};
		*v = (struct intake_value){.col = k->col, .raw = k->text, .flags = INTAKE_FILLED};
		(void)cell_read(&ctx, &t->pub.layout->columns[k->column],
		                t->pub.layout->columns[k->column].unit, &cell, NULL, v, &proposal);
	}
}

bool row_read(struct intake *in, struct table *t, const struct row *row, size_t band)
{
	if (t->n_bands > 1 && band_is_blank(t, row, band))
		return false;
	for (size_t k = 0; k < t->pub.layout->n_columns; k++)
		if (t->col_of[k] < 0)
			in->values[k] = (struct intake_value){.state = INTAKE_ABSENT};
	for (size_t i = 0; i < t->n_cols; i++)
		read_cell(in, t, &t->cols[i], row, band, &in->values[t->cols[i].column]);
	if (t->n_consts)
		read_constants(in, t);
	if (t->form_cells)
		form_places(in, t);
	split_name(in, t, PACK_ROLE_NAME, PACK_ROLE_ID);
	split_name(in, t, PACK_ROLE_HEAD_NAME, PACK_ROLE_HEAD_ID);
	bool known = has_identity(in, t);
	if (!known && !carry_identity(in, t, row->number)) {
		no_subject(in, t, row);
		return false;
	}
	if (t->pub.layout->subject == PACK_SUBJECT_ROSTER)
		fill_household(in, t, row->number);
	t->in_block = true;
	t->blank_above = false;
	t->rows_part++;
	t->rows_all++;
	add_sums(in, t);
	read_lists(in, t);
	read_extra(in, t, row, band);
	in->explode_at = 0;
	return true;
}

/* ---- totals ---- */

static void wrong_total(struct intake *in, struct table *t, const struct row *row, size_t col,
                        struct str header, struct str proposal)
{
	t->pub.counts.doubts++;
	struct reject r = {.sheet = t->pub.sheet, .row = row->number, .col = (uint16_t)(col + 1),
	                   .doubt = true, .code = ERR_TOTAL_WRONG, .column = header,
	                   .value = str_trim(row->cells[col].text), .proposal = proposal};
	reject_add(in, &r);
}

/* 162户, 5489人 in a total row: the number of rows above. */
static void check_count(struct intake *in, struct table *t, const struct row *row, size_t col)
{
	struct str s = str_trim(row->cells[col].text);
	size_t n = 0;
	int64_t v = 0;
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	bool roster = t->pub.layout->subject == PACK_SUBJECT_ROSTER;
	struct str unit = str_sub(s, n, s.n);
	bool households = str_is(unit, "户"), people = str_is(unit, "人");
	if (n == 0 || (!households && !people) || !str_to_int(str_sub(s, 0, n), &v))
		return;
	if (people && t->pub.layout->subject == PACK_SUBJECT_HOUSEHOLD)
		return;
	if (households && t->pub.layout->subject != PACK_SUBJECT_HOUSEHOLD && !roster)
		return;
	int64_t part = (int64_t)(roster && households ? t->blocks_part : t->rows_part);
	int64_t all = (int64_t)(roster && households ? t->blocks_all : t->rows_all);
	if (v == part || v == all || !t->pub.layout->one_to_one)
		return;
	wrong_total(in, t, row, col, (struct str){NULL, 0},
	            str_c(arena_printf(&in->row_arena, "%lld", (long long)part)));
}

static void check_sum(struct intake *in, struct table *t, const struct row *row,
                      const struct col_state *s)
{
	const struct pack_column *c = &t->pub.layout->columns[s->column];
	bool sums = c->kind == PACK_MONEY || c->kind == PACK_INT || c->kind == PACK_NUM;
	if (!sums || s->col >= row->n || row->cells[s->col].text.n == 0 ||
	    s->sum_all == INT64_MIN || strstr(c->id, "per_capita"))
		return;
	struct cell_ctx ctx = context(in);
	struct intake_value v = {.raw = row->cells[s->col].text};
	struct str proposal = {NULL, 0};
	if (cell_read(&ctx, c, s->unit, &row->cells[s->col], NULL, &v, &proposal) != OK ||
	    v.state != INTAKE_OK)
		return;
	int64_t slack = c->kind == PACK_MONEY ? 100 : 0; /* figures rounded to yuan */
	int64_t d1 = v.v - s->sum_part, d2 = v.v - s->sum_all;
	if ((d1 <= slack && d1 >= -slack) || (d2 <= slack && d2 >= -slack))
		return;
	char out[32];
	size_t n = 0;
	if (c->kind == PACK_MONEY)
		n = money_format(s->sum_part, false, out);
	wrong_total(in, t, row, s->col, s->leaf, str_copy(&in->row_arena, (struct str){out, n}));
}

void row_totals(struct intake *in, struct table *t, const struct row *row, bool sub)
{
	bool any = t->rows_all > 0;
	for (size_t c = 0; any && c < row->n && c < t->width; c++)
		check_count(in, t, row, c);
	/* items of a pivot hold costs and totals of their own: no sum to check */
	if (any && t->pub.layout->subject != PACK_SUBJECT_ROSTER && t->n_bands == 1 && !t->pivot)
		for (size_t i = 0; i < t->n_cols; i++)
			check_sum(in, t, row, &t->cols[i]);
	t->rows_part = t->blocks_part = 0;
	if (!sub)
		t->rows_all = t->blocks_all = 0;
	for (size_t i = 0; i < t->n_cols; i++) {
		t->cols[i].sum_part = 0;
		if (!sub)
			t->cols[i].sum_all = 0;
		t->cols[i].last.n = 0;
	}
	t->in_block = t->blank_above = false;
}
