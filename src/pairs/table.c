/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/pairs.h"

#include "base/team.h"
#include "io/csv_parts.h"
#include "io/rows.h"
#include "pairs/sieve.h"

#include "base/banned.h"

#define TEXT_MAX ((size_t)0xFFFFFFFF)
enum { ROWS_MAX = 50 * 1000 * 1000, PART_BYTES = 1 << 20, SPARE = 1 << 20 };

/* A stretch of a table: its values one behind the other, and where those of each row begin. */
struct part {
	char *text; /* of the table */
	size_t begin, end, room; /* in text; room: the end of what is the part's */
	uint32_t *at;
	size_t n, cap; /* rows */
	struct sift sift;
};

struct reading {
	struct pairs_table *t;
	const struct pairs_config *c; /* NULL: all columns */
	bool is_b;
	const struct blocks *sieve; /* NULL: all rows are kept */
	struct part part[CSV_PARTS_MAX];
	size_t n_parts;
	uint32_t *at;
	/* one part whose text grows, when the file is not read in parts */
	char *grown;
	size_t cap;
	struct diag *diag;
};

static size_t head_of(size_t n)
{
	return n < PAIRS_LONG ? 1 : 1 + sizeof(uint32_t);
}

static void put_length(char *p, size_t head, size_t n)
{
	uint32_t length = (uint32_t)n;
	*p = (char)(head > 1 ? PAIRS_LONG : n);
	if (head > 1)
		memcpy(p + 1, &length, sizeof(length));
}

/* The values of a row in their normal form, which is never longer than the cells, behind those of
 * the row before.  false: there is no room for them. */
static bool take_row(const struct pairs_table *t, struct part *p, const struct str *cells)
{
	size_t need = 0;
	for (size_t c = 0; c < t->n_columns; c++)
		need += head_of(cells[c].n) + cells[c].n;
	if (need > p->room - p->end)
		return false;
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 4096;
		p->at = base_realloc(p->at, p->cap, sizeof(*p->at));
	}
	p->at[p->n++] = (uint32_t)p->end;
	for (size_t c = 0; c < t->n_columns; c++) {
		struct str v = str_trim(cells[c]);
		size_t head = head_of(v.n), n = v.n;
		char *to = p->text + p->end + head;
		/* the id is written out again as it is */
		if (c != t->id)
			n = attribute_normal(v, to);
		else if (n)
			memcpy(to, v.p, n);
		put_length(to - head, head, n);
		p->end += head + n;
	}
	return true;
}

static bool is_looked_at(const struct reading *r, struct str name)
{
	const struct pairs_config *c = r->c;
	if (!c || str_is(name, r->is_b ? c->id_b : c->id_a))
		return true;
	for (size_t k = 0; k < c->n_fields; k++) {
		const struct pairs_field *f = &c->field[k];
		for (size_t i = 0; i < (r->is_b ? f->n_b : f->n_a); i++)
			if (str_is(name, r->is_b ? f->b[i] : f->a[i]))
				return true;
	}
	return false;
}

static void take_header(struct reading *r, const struct row *row)
{
	struct pairs_table *t = r->t;
	size_t *from = ARENA_ARRAY(&t->own, row->n + 1, size_t), id = 0;
	t->names = ARENA_ARRAY(&t->own, row->n + 1, const char *);
	t->from = from;
	for (size_t c = 1; c < row->n; c++)
		if (str_is(str_trim(row->cells[c].text), "id"))
			id = c;
	for (size_t c = 0; c < row->n; c++) {
		struct str name = str_trim(row->cells[c].text);
		if (c != id && !is_looked_at(r, name))
			continue;
		if (c == id)
			t->id = t->n_columns;
		from[t->n_columns] = c;
		t->names[t->n_columns++] = str_dup(&t->own, name);
	}
}

/* The first row that has cells. */
static enum err next_row(struct rows *rows, struct diag *diag, struct row *ret, bool *ret_more)
{
	enum err e = OK;
	do
		e = rows_next(rows, diag, ret, ret_more);
	while (!e && *ret_more && ret->n == 0);
	return e;
}

/* --- the parts into one ---------------------------------------------------------------------- */

static void gather_part(void *arg, size_t job, size_t worker)
{
	struct reading *r = arg;
	struct part *p = &r->part[job];
	size_t before = 0;
	(void)worker;
	for (size_t k = 0; k < job; k++)
		before += r->part[k].n;
	if (p->n)
		memcpy(r->at + before, p->at, p->n * sizeof(*p->at));
	base_free(p->at); /* the next ones may lie there */
	p->at = NULL;
	for (size_t f = 0; f < FELLEGI_FIELDS_MAX; f++) {
		if (r->t->counted[f] && p->n)
			memcpy(r->t->counted[f] + before, p->sift.key[f], p->n * sizeof(uint64_t));
		base_free(p->sift.key[f]);
		p->sift.key[f] = NULL;
	}
}

static enum err gather(struct reading *r, struct team *team)
{
	struct pairs_table *t = r->t;
	for (size_t k = 0; k < r->n_parts; k++)
		t->n += r->part[k].n;
	if (t->n == 0)
		return diag_set(r->diag, ERR_FILE_EMPTY, "no rows");
	if (t->n > ROWS_MAX)
		return diag_set(r->diag, ERR_FILE_TOO_LARGE, "> %d", ROWS_MAX);
	r->at = arena_alloc(&t->own, t->n * sizeof(*r->at));
	t->at = r->at;
	for (size_t f = 0; t->outside && f < r->c->n_fields; f++)
		if (side_counts(r->c->field[f].kind))
			t->counted[f] = arena_alloc(&t->own, t->n * sizeof(uint64_t));
	team_run(team, r->n_parts, gather_part, r);
	return OK;
}

/* --- a text file, by several threads --------------------------------------------------------- */

/* Of the rows since `from` those that the sieve keeps move together; of the others stays where they
 * stand in the file. */
static void sift_part(struct reading *r, struct part *p, size_t from, const size_t *place)
{
	size_t n = p->n - from, end = p->end;
	if (n == 0)
		return;
	uint32_t keep = sift_rows(&p->sift, p->text, p->at, from, n);
	p->end = p->at[from];
	for (size_t i = 0; i < n; i++) {
		size_t at = p->at[from + i], next = i + 1 < n ? p->at[from + i + 1] : end;
		if (keep >> i & 1) {
			memmove(p->text + p->end, p->text + at, next - at);
			p->at[from + i] = (uint32_t)p->end;
			p->end += next - at;
		} else {
			p->at[from + i] = (uint32_t)(r->t->outside + place[i]);
		}
	}
}

static enum err read_rows_of_part(struct reading *r, struct part *p, struct rows *rows,
				  struct str *cells)
{
	size_t place[SIDE_GROUP], from = 0;
	bool more = true;
	enum err e = OK;
	while (!e && more) {
		place[p->n - from] = csv_part_at(rows);
		e = csv_part_next(rows, r->t->from, r->t->n_columns, cells, &more);
		if (!e && more && !take_row(r->t, p, cells))
			e = ERR_FILE_TOO_LARGE;
		if (!e && (!more || p->n - from == SIDE_GROUP)) {
			if (r->t->outside)
				sift_part(r, p, from, place);
			from = p->n;
		}
	}
	return e;
}

static enum err read_part(void *arg, size_t k, struct rows *rows)
{
	struct reading *r = arg;
	struct part *p = &r->part[k];
	p->n = 0;
	p->end = p->begin;
	if (r->t->outside && !p->sift.blocks && !sift_init(&p->sift, r->t, r->c, r->sieve))
		return ERR_INVALID;
	struct str *cells = base_calloc(r->t->n_columns, sizeof(*cells));
	enum err e = read_rows_of_part(r, p, rows, cells);
	base_free(cells);
	return e;
}

/* Values seldom take more room than in the file, where a sign stands between two; only those that
 * a row lacks do.  What is not written to is not there. */
static void share_text(struct reading *r, const struct csv_parts *p)
{
	size_t spare = (p->bytes / 8 + SPARE) / p->n, most = (TEXT_MAX - p->bytes) / p->n;
	spare = spare < most ? spare : most;
	char *text = arena_alloc(&r->t->own, p->bytes + spare * p->n);
	r->t->text = text;
	r->n_parts = p->n;
	size_t all = p->bytes + spare * p->n;
	if (r->sieve && all < TEXT_MAX - p->bytes)
		r->t->outside = all;
	for (size_t k = 0; k < p->n; k++)
		r->part[k] = (struct part){.text = text,
					   .begin = p->begin[k] + spare * k,
					   .room = p->begin[k + 1] + spare * (k + 1)};
}

/* false when something is wrong with the file; the other way of reading says what. */
static bool read_parts(struct reading *r, struct csv_parts *p, struct team *team)
{
	struct row row;
	struct rows *header = csv_parts_header(p, &row);
	if (!header)
		return false;
	take_header(r, &row);
	rows_close(header);
	share_text(r, p);
	return csv_parts_read(p, team, read_part, r);
}

/* --- any other ------------------------------------------------------------------------------- */

static enum err grow(struct reading *r, const struct row *row)
{
	struct part *p = &r->part[0];
	size_t need = p->end + r->t->n_columns * head_of(SIZE_MAX);
	for (size_t c = 0; c < row->n; c++)
		need += row->cells[c].text.n;
	if (need > TEXT_MAX)
		return diag_set(r->diag, ERR_FILE_TOO_LARGE, "> 4 GiB");
	if (p->n == ROWS_MAX)
		return diag_set(r->diag, ERR_FILE_TOO_LARGE, "> %d", ROWS_MAX);
	if (need > r->cap) {
		r->cap = need + need / 2 + (1 << 16);
		p->text = r->grown = base_realloc(r->grown, r->cap, 1);
		p->room = r->cap;
	}
	return OK;
}

static bool take_cells(struct reading *r, const struct row *row, struct str *cells)
{
	for (size_t c = 0; c < r->t->n_columns; c++) {
		size_t from = r->t->from[c];
		cells[c] = from < row->n ? row->cells[from].text : (struct str){0};
	}
	return take_row(r->t, &r->part[0], cells);
}

static enum err read_rows(struct reading *r, struct rows *rows)
{
	struct row row;
	struct str *cells = NULL;
	bool more = true;
	enum err e = rows_sheet(rows, 0, r->diag);
	r->n_parts = 1;
	while (!e && more) {
		e = next_row(rows, r->diag, &row, &more);
		if (e || !more)
			continue;
		if (!r->t->names) {
			take_header(r, &row);
			cells = ARENA_ARRAY(&r->t->own, r->t->n_columns, struct str);
		} else if ((e = grow(r, &row)) == OK) {
			(void)take_cells(r, &row, cells);
		}
	}
	return e;
}

static enum err read_any(struct reading *r, const char *path)
{
	struct rows *rows;
	enum err e = rows_open(path, NULL, r->diag, &rows);
	if (e)
		return e;
	e = read_rows(r, rows);
	rows_close(rows);
	if (!e) {
		char *text = arena_alloc(&r->t->own, r->part[0].end + 1);
		if (r->part[0].end)
			memcpy(text, r->grown, r->part[0].end);
		r->t->text = text;
	}
	return e;
}

static void forget_parts(struct reading *r)
{
	for (size_t k = 0; k < r->n_parts; k++) {
		base_free(r->part[k].at);
		if (r->part[k].sift.blocks)
			sift_release(&r->part[k].sift);
	}
	memset(r->part, 0, sizeof(r->part));
	r->n_parts = 0;
}

static enum err read_table(struct reading *r, const char *path, struct team *team,
			   struct pairs_table *ret)
{
	struct pairs_table t = {0};
	struct csv_parts parts = {.fd = -1};
	enum err e = OK;
	arena_init(&t.own, 0);
	r->t = &t;
	if (!csv_parts_open(path, PART_BYTES, TEXT_MAX, &parts) || !read_parts(r, &parts, team)) {
		forget_parts(r);
		pairs_table_release(&t);
		e = read_any(r, path);
	}
	if (!e)
		e = gather(r, team);
	forget_parts(r);
	base_free(r->grown);
	if (!e && t.outside) {
		t.file = arena_alloc(&t.own, sizeof(parts));
		*t.file = parts;
	} else {
		csv_parts_close(&parts);
	}
	if (e) {
		pairs_table_release(&t);
		diag_place(r->diag, "%s", path);
		return e;
	}
	*ret = t;
	return OK;
}

enum err pairs_table_read(const char *path, struct team *team, struct diag *diag,
			  struct pairs_table *ret)
{
	return pairs_table_read_for(path, NULL, false, team, diag, ret);
}

enum err pairs_table_read_for(const char *path, const struct pairs_config *c, bool is_b,
			      struct team *team, struct diag *diag, struct pairs_table *ret)
{
	struct reading *r = base_calloc(1, sizeof(*r));
	r->c = c;
	r->is_b = is_b;
	r->diag = diag;
	enum err e = read_table(r, path, team, ret);
	base_free(r);
	return e;
}

enum err pairs_table_sift(const char *path, const struct pairs_config *c,
			  const struct blocks *blocks, struct team *team, struct diag *diag,
			  struct pairs_table *ret)
{
	struct reading *r = base_calloc(1, sizeof(*r));
	r->c = c;
	r->is_b = true;
	r->diag = diag;
	r->sieve = sift_fits(c) ? blocks : NULL;
	enum err e = read_table(r, path, team, ret);
	base_free(r);
	return e;
}

/* --- single rows ------------------------------------------------------------------------------ */

void fetch_init(struct fetch *f, const struct pairs_table *t)
{
	*f = (struct fetch){.of = t, .row = *t, .cap = 1024};
	f->row.n = 1;
	f->row.outside = 0;
	f->row.at = &f->at;
	memset(f->row.counted, 0, sizeof(f->row.counted));
}

void fetch_release(struct fetch *f)
{
	rows_close(f->rows);
	base_free(f->cells);
	base_free(f->text);
}

static bool fetch_from_file(struct fetch *f, size_t place)
{
	struct part p = {0};
	bool more = false;
	if (!f->rows) {
		f->rows = csv_parts_single(f->of->file);
		f->cells = base_calloc(f->of->n_columns, sizeof(*f->cells));
		f->text = base_realloc(NULL, f->cap, 1);
	}
	csv_part_seek(f->rows, place);
	if (csv_part_next(f->rows, f->of->from, f->of->n_columns, f->cells, &more) != OK || !more)
		return false;
	for (;;) {
		p = (struct part){.text = f->text, .room = f->cap, .at = &f->at, .cap = 1};
		if (take_row(f->of, &p, f->cells))
			return true;
		f->cap *= 2;
		f->text = base_realloc(f->text, f->cap, 1);
	}
}

void fetch_row(struct fetch *f, size_t row)
{
	size_t at = f->of->at[row];
	if (pairs_is_here(f->of, row)) {
		f->at = (uint32_t)at;
		f->row.text = f->of->text;
		return;
	}
	bool good = fetch_from_file(f, at - f->of->outside);
	f->at = 0;
	f->row.text = f->text;
	if (!good) /* all values empty: their lengths */
		memset(f->text, 0, f->of->n_columns < f->cap ? f->of->n_columns : f->cap);
}

void pairs_table_release(struct pairs_table *t)
{
	if (t->file)
		csv_parts_close(t->file);
	arena_release(&t->own);
	*t = (struct pairs_table){0};
}

int pairs_column(const struct pairs_table *t, const char *name)
{
	for (size_t c = 0; c < t->n_columns; c++)
		if (strcmp(t->names[c], name) == 0)
			return (int)c;
	return -1;
}
