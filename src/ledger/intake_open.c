/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdio.h>

#include "base/utf8.h"
#include "ledger/intake_stream.h"

#include "base/banned.h"

enum { WORDS_MAX = 24, SCORE_MIN = 330, SCORE_NEAR = 25 };

struct str file_text(const struct intake *in)
{
	const char *f = in->opts.file ? in->opts.file : "";
	const char *slash = strrchr(f, '/');
	return str_c(slash ? slash + 1 : f);
}

/* ---- dates ---- */

bool has_date_word(struct str s)
{
	static const char *const words[] = {"日期", "时间", "截止", "截至", "导出", "制表", "填报",
	                                    "统计到", "更新"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_find(s, str_c(words[i])) != SIZE_MAX)
			return true;
	return false;
}

/* 2017年1月至12月: the year stands with the first one only. */
static date_t date_of_year(struct str s, int32_t year)
{
	char text[64];
	if (s.n == 0 || s.p[0] < '1' || s.p[0] > '9')
		return 0;
	int n = snprintf(text, sizeof(text), "%d年%.*s", year, s.n < 24 ? (int)s.n : 24, s.p);
	date_t d = date_search((struct str){text, (size_t)n});
	return d && date_prec(d) > DATE_YEAR ? d : 0;
}

/* The date that a text names; of a period its end. */
static date_t date_of_text(struct str text)
{
	static const char *const to[] = {"至", "~", "～", "—", "到"};
	date_t d = date_search(text);
	for (size_t i = 0; d && i < sizeof(to) / sizeof(to[0]); i++) {
		size_t at = str_find(text, str_c(to[i]));
		if (at == SIZE_MAX)
			continue;
		struct str rest = str_trim(str_sub(text, at + strlen(to[i]), text.n));
		date_t end = date_of_year(rest, date_year(d));
		if (!end)
			end = date_search(rest);
		if (end && date_last(end) > date_last(d))
			d = end;
	}
	return d;
}

void note_date(struct intake *in, struct str text, struct str where, int source)
{
	date_t d = date_of_text(text);
	if (d == 0 || date_year(d) < 1990)
		return;
	int rank = (int)date_prec(d) * 10 + source + (has_date_word(text) ? 4 : 0);
	if (rank <= in->as_of_rank)
		return;
	in->as_of = d;
	in->as_of_rank = rank;
	in->as_of_where = str_copy(&in->arena, where);
}

/* ---- titles ---- */

struct words {
	struct str norm[WORDS_MAX];
	size_t n;
};

static void add_words(struct intake *in, struct words *w, struct str s)
{
	char buf[GRID_CELL + 1];
	size_t n = pack_normal(s, buf, sizeof(buf));
	if (n && w->n < WORDS_MAX)
		w->norm[w->n++] = str_copy(&in->scratch, (struct str){buf, n});
}

/* The texts above the header, each once. */
static void read_titles(struct intake *in, const struct grid *g, size_t from, size_t to,
                        struct table *t)
{
	struct str *titles = ARENA_ARRAY(&in->arena, 16 + LINES_MAX, struct str);
	size_t n = 0;
	for (size_t i = 0; i < in->n_lines; i++)
		titles[n++] = str_copy(&in->arena, in->lines[i]);
	for (size_t r = from; r < to; r++)
		for (size_t c = 0; c < g->rows[r].n && n < 16 + LINES_MAX; c++) {
			struct str s = g->rows[r].cells[c].text;
			bool again = n > 0 && str_eq(titles[n - 1], s);
			if (s.n && !again && !g->rows[r].cells[c].spread)
				titles[n++] = str_copy(&in->arena, s);
		}
	t->pub.titles = titles;
	t->pub.n_titles = n;
}

static int32_t year_of(struct str s)
{
	date_t d = has_date_word(s) ? 0 : date_search(s);
	return d ? date_year(d) : 0;
}

static void read_context(struct intake *in, struct table *t, size_t sheet)
{
	struct str sheet_name = str_c(rows_sheet_info(in->rows, sheet)->name);
	for (size_t i = 0; i < t->pub.n_titles && !t->pub.year; i++)
		t->pub.year = year_of(t->pub.titles[i]);
	if (!t->pub.year)
		t->pub.year = year_of(sheet_name);
	if (!t->pub.year)
		t->pub.year = year_of(file_text(in));
	struct str name = {NULL, 0};
	t->pub.section_area = villages_find(&in->villages, sheet_name);
	if (t->pub.section_area >= 0)
		name = sheet_name;
	if (!name.n)
		t->pub.section_area = villages_search(&in->villages, sheet_name, &name);
	for (size_t i = 0; i < t->pub.n_titles && !name.n; i++)
		t->pub.section_area = villages_search(&in->villages, t->pub.titles[i], &name);
	if (!name.n)
		t->pub.section_area = villages_search(&in->villages, file_text(in), &name);
	t->pub.section = str_copy(&in->arena, name);
	t->section_area = t->pub.section_area;
	kept_set(&t->section, t->pub.section);
}

static void read_dates(struct intake *in, const struct table *t, size_t sheet)
{
	for (size_t i = 0; i < t->pub.n_titles; i++)
		note_date(in, t->pub.titles[i], t->pub.titles[i], 3);
	struct str sheet_name = str_c(rows_sheet_info(in->rows, sheet)->name);
	note_date(in, sheet_name, sheet_name, 2);
	note_date(in, file_text(in), file_text(in), 1);
}

/* ---- columns ---- */

static int64_t table_unit(const struct table *t)
{
	for (size_t i = 0; i < t->pub.n_titles; i++) {
		struct str s = t->pub.titles[i];
		size_t at = str_find(s, STR("单位："));
		if (at == SIZE_MAX)
			at = str_find(s, STR("单位:"));
		if (at != SIZE_MAX && head_unit(str_sub(s, at, 24)))
			return head_unit(str_sub(s, at, 24));
	}
	return 0;
}

static bool repeats(const struct pack_column *c)
{
	return c->role != PACK_ROLE_ID && c->role != PACK_ROLE_CARD && c->role != PACK_ROLE_SEQ &&
	       c->role != PACK_ROLE_NAME;
}

static bool memoizes(const struct pack_column *c)
{
	return c->kind == PACK_CODE || c->kind == PACK_CODES || c->kind == PACK_BOOL ||
	       c->kind == PACK_YEAR || (c->kind == PACK_AREA && c->role != PACK_ROLE_ADDRESS);
}

static int64_t unit_of(const struct pack_column *c, const struct head_col *h, int64_t line)
{
	if (c->kind != PACK_MONEY)
		return 0;
	return h->unit ? h->unit : line ? line : c->unit;
}

static void add_column(struct intake *in, struct table *t, const struct head_col *h, int column,
                       enum intake_how how, int64_t line, struct intake_column *ret)
{
	*ret = (struct intake_column){.column = column, .col = (uint16_t)(h->col + 1), .how = how,
	                              .header = str_copy(&in->arena, h->header)};
	if (column < 0) {
		t->extra_col[t->n_extra] = h->col;
		t->extra_header[t->n_extra++] = ret->header;
		return;
	}
	const struct pack_column *c = &t->pub.layout->columns[column];
	struct col_state *s = &t->cols[t->n_cols];
	*s = (struct col_state){.column = column, .col = h->col, .repeats = repeats(c)};
	s->unit = ret->unit = unit_of(c, h, line);
	s->memo = memoizes(c) ? ARENA_NEW(&in->arena, struct memo) : NULL;
	s->fills = c->level == PACK_HOUSEHOLD || c->kind == PACK_AREA ||
	           t->pub.layout->subject == PACK_SUBJECT_HOUSEHOLD;
	s->leaf = str_copy(&in->arena, h->leaf);
	size_t slash = str_find(ret->header, STR("/"));
	s->group = slash == SIZE_MAX ? s->leaf : str_sub(ret->header, 0, slash);
	t->col_of[column] = (int)t->n_cols++;
}

size_t table_band_step(const struct head *h)
{
	for (size_t step = 2; step * 2 <= h->n; step++) {
		if (h->n % step)
			continue;
		bool same = true;
		for (size_t i = 0; same && i + step < h->n; i++)
			same = str_eq(h->cols[i].header, h->cols[i + step].header) &&
			       h->cols[i + step].col - h->cols[i].col ==
			               h->cols[step].col - h->cols[0].col;
		if (same)
			return step;
	}
	return 0;
}

static void set_columns(struct intake *in, struct table *t, const struct head *h,
                        const struct fit *f)
{
	t->cols = ARENA_ARRAY(&in->arena, h->n, struct col_state);
	t->extra_col = ARENA_ARRAY(&in->arena, h->n, size_t);
	t->extra_header = ARENA_ARRAY(&in->arena, h->n, struct str);
	t->col_of = ARENA_ARRAY(&in->arena, f->layout->n_columns, int);
	for (size_t k = 0; k < f->layout->n_columns; k++)
		t->col_of[k] = -1;
	struct intake_column *columns = ARENA_ARRAY(&in->arena, h->n, struct intake_column);
	int64_t line = table_unit(t);
	for (size_t c = 0; c < h->n; c++)
		add_column(in, t, &h->cols[c], f->column[c], (enum intake_how)f->how[c], line,
		           &columns[c]);
	t->pub.columns = columns;
	t->pub.n_columns = h->n;
}

/* ---- which ledger ---- */

static void name_candidates(struct intake *in, const struct fit *a, const struct fit *b,
                            const struct head *h, struct str *ret)
{
	struct buf out;
	buf_init(&out, 500);
	if (a->layout && a->score > 150)
		buf_addf(&out, "%s (%s)", a->layout->id, a->layout->title.in[LANG_ZH]);
	if (b->layout && b->score > 150)
		buf_addf(&out, " / %s (%s)", b->layout->id, b->layout->title.in[LANG_ZH]);
	buf_adds(&out, out.n ? "; " : "");
	for (size_t i = 0; i < h->n && i < 12; i++)
		buf_addf(&out, "%s" STR_FMT, i ? "|" : "", STR_ARG(h->cols[i].header));
	*ret = str_copy(&in->arena, buf_str(&out));
	buf_release(&out);
}

/* The layout that was named, or its items one a row. */
static void fit_given(const struct fit_input *fi, const struct pack_layout *layout, struct fit *f)
{
	fit_layout(fi, layout, f);
	for (size_t i = 0; i < fi->pack->n_layouts && f->missing; i++) {
		const struct pack_layout *l = &fi->pack->layouts[i];
		struct fit items;
		if (!l->pivot || &fi->pack->layouts[l->pivot->into] != layout)
			continue;
		fit_layout(fi, l, &items);
		if (items.missing == 0 && items.identified)
			*f = items;
	}
}

static enum err choose(struct intake *in, const struct fit_input *fi, struct fit *f,
                       struct fit *second, struct str *ret_detail)
{
	const char *id = in->opts.layout;
	if (!id && in->opts.map)
		id = intake_map_layout(in->opts.map);
	*second = (struct fit){.score = -1000};
	if (id) {
		fit_given(fi, pack_layout(in->pack, id), f);
	} else {
		fit_best(fi, f, second);
		bool close = f->score - second->score < SCORE_NEAR && second->missing == 0 &&
		             second->identified;
		if (f->score < SCORE_MIN || close) {
			name_candidates(in, f, second, fi->head, ret_detail);
			return ERR_LEDGER_NOT_RECOGNISED;
		}
	}
	if (f->missing == 0 && f->identified)
		return OK;
	struct buf out;
	buf_init(&out, 500);
	buf_addf(&out, "%s: ", f->layout->title.in[LANG_ZH]);
	fit_missing(f, fi->head->n, &out);
	*ret_detail = str_copy(&in->arena, buf_str(&out));
	buf_release(&out);
	/* what names nobody is useless; a missing detail column is told but borne */
	return f->identified ? OK : ERR_LEDGER_COLUMN_MISSING;
}

static uint64_t hash_header(const struct head *h)
{
	uint64_t x = h->n;
	for (size_t i = 0; i < h->n; i++)
		x = x * 31 + str_hash(h->cols[i].header) + h->cols[i].col;
	return x;
}

/* Another sheet (or page) with the header of an earlier table. */
static const struct table *same_header(const struct intake *in, uint64_t hash)
{
	for (size_t i = in->tables.n; i-- > 0;)
		if (in->tables.p[i]->header_hash == hash)
			return in->tables.p[i];
	return NULL;
}

static void fit_like(const struct intake *in, const struct table *like, struct fit *f,
                     struct arena *a)
{
	size_t n = like->pub.n_columns;
	*f = (struct fit){.layout = like->pub.layout, .score = like->pub.score, .identified = true,
	                  .missing = !like->complete};
	f->column = ARENA_ARRAY(a, n, int);
	f->how = ARENA_ARRAY(a, n, uint8_t);
	for (size_t c = 0; c < n; c++) {
		f->column[c] = like->pub.columns[c].column;
		f->how[c] = (uint8_t)like->pub.columns[c].how;
	}
	(void)in;
}

/* Columns whose header was left empty though values stand below: they may
 * still be told by their values. */
static void add_nameless(const struct grid *g, struct arena *a, struct head *h)
{
	size_t named = h->n;
	for (size_t col = 0; col < g->width && h->n < g->width; col++) {
		size_t filled = 0, rows = 0;
		bool known = false;
		for (size_t i = 0; i < named; i++)
			known = known || h->cols[i].col == col;
		for (size_t r = h->row_last + 1; r < g->n && !known; r++) {
			rows++;
			filled += grid_text(g, r, col).n > 0;
		}
		if (known || filled < 3 || filled * 2 < rows)
			continue;
		char letters[8];
		intake_letters((uint32_t)col + 1, letters);
		struct str name = str_c(arena_printf(a, "[%s]", letters));
		h->cols[h->n++] = (struct head_col){.col = col, .header = name, .leaf = name,
		                                    .groups = STR("")};
	}
}

struct table *table_make(struct intake *in, const struct grid *g, size_t sheet, size_t from,
                         enum err *ret_why, struct str *ret_detail)
{
	const struct head_words known = {in->pack, in->opts.map};
	struct head h;
	*ret_why = ERR_TABLE_NOT_FOUND;
	*ret_detail = (struct str){NULL, 0};
	if (!head_find(&known, g, from, &in->scratch, &h))
		return NULL;
	size_t step = table_band_step(&h), bands = step ? h.n / step : 1;
	size_t band_width = step ? h.cols[step].col - h.cols[0].col : 0;
	size_t width = h.cols[h.n - 1].col + 1;
	if (step)
		h.n = step;
	else
		add_nameless(g, &in->scratch, &h);
	if (h.cols[h.n - 1].col >= width)
		width = h.cols[h.n - 1].col + 1;
	struct table *t = ARENA_NEW(&in->arena, struct table);
	*t = (struct table){.n_bands = bands, .band_step = band_width, .width = width,
	                    .header_hash = hash_header(&h)};
	read_titles(in, g, from, h.row_first, t);
	struct words words = {.n = 0};
	for (size_t i = 0; i < t->pub.n_titles; i++)
		add_words(in, &words, t->pub.titles[i]);
	add_words(in, &words, str_c(rows_sheet_info(in->rows, sheet)->name));
	add_words(in, &words, file_text(in));
	struct fit_input fi = {in->pack, g, &h, &in->villages, words.norm, words.n, in->opts.map,
	                       &in->scratch};
	struct fit f, second = {.score = 0};
	const struct table *like = same_header(in, t->header_hash);
	*ret_why = OK;
	if (like)
		fit_like(in, like, &f, &in->scratch);
	else
		*ret_why = choose(in, &fi, &f, &second, ret_detail);
	if (*ret_why)
		return NULL;
	t->pub.sheet = sheet;
	t->pub.sheet_name = arena_strdup(&in->arena, rows_sheet_info(in->rows, sheet)->name);
	t->pub.layout = t->pub.into = f.layout;
	t->complete = f.missing == 0 && f.identified;
	t->pub.score = f.score;
	t->pub.second = second.layout;
	t->pub.second_score = second.score > 0 ? second.score : 0;
	t->pub.header_first = g->rows[h.row_first].number;
	t->pub.header_last = g->rows[h.row_last].number;
	t->pub.data_first = t->pub.header_last + 1;
	set_columns(in, t, &h, &f);
	line_find_telling(t);
	read_context(in, t, sheet);
	read_dates(in, t, sheet);
	if (t->pub.layout->pivot)
		pivot_start(in, t);
	*vec_push(&in->tables) = t;
	return t;
}
