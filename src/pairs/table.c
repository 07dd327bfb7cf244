/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/table.h"

#include <stdatomic.h>

#include "base/team.h"
#include "io/csv_parts.h"
#include "io/rows.h"
#include "pairs/sieve.h"

#include "base/banned.h"

#define TEXT_MAX ((size_t)0xFFFFFFFF)
enum {
	PART_BYTES = 1 << 20,
	PIECE = 1 << 18, /* of the text, for one thread at a time */
	PIECE_ROW = PIECE / 8, /* a row that is longer has a piece of its own */
};

/* Rows of a stretch of the file, in their order. */
struct part {
	uint32_t *at; /* where their values begin */
	size_t n, cap;
};

/* A thread's own. */
struct lane {
	size_t end, room; /* of its piece of the text */
	struct str *cells;
	struct sift sift;
};

struct reading {
	struct pairs_table *t;
	const struct pairs_config *c; /* NULL: all columns */
	bool is_b;
	const struct blocks *sieve; /* NULL: all rows are kept */
	struct part part[CSV_PARTS_MAX];
	size_t n_parts;
	struct lane lane[TEAM_MAX];
	char *text; /* the table's: pieces as they are asked for */
	size_t room;
	atomic_size_t taken;
	uint32_t *at;
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

size_t table_room(const struct pairs_table *t, const struct str *cells)
{
	size_t need = 0;
	for (size_t c = 0; c < t->n_columns; c++)
		need += head_of(cells[c].n) + cells[c].n;
	return need;
}

char *table_put(const struct pairs_table *t, const struct str *cells, char *to)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		struct str v = str_trim(cells[c]);
		size_t head = head_of(v.n), n = v.n;
		/* the id is written out again as it is */
		if (c != t->id)
			n = attribute_normal(v, to + head);
		else if (n)
			memcpy(to + head, v.p, n);
		put_length(to, head, n);
		to += head + n;
	}
	return to;
}

static void add_row(struct part *p, size_t at)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 4096;
		p->at = base_realloc(p->at, p->cap, sizeof(*p->at));
	}
	p->at[p->n++] = (uint32_t)at;
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
}

static void count_all(struct reading *r)
{
	struct pairs_table *t = r->t;
	struct sifted *s = t->sifted;
	for (size_t k = 0; k < r->n_parts; k++) {
		if (s) {
			s->part[k].before = t->all;
			s->part[k].kept_before = t->n;
		}
		t->all += s ? s->part[k].rows : r->part[k].n;
		t->n += r->part[k].n;
	}
}

static enum err gather(struct reading *r, struct team *team)
{
	struct pairs_table *t = r->t;
	count_all(r);
	if (t->all == 0)
		return diag_set(r->diag, ERR_FILE_EMPTY, "no rows");
	if (t->all > TABLE_ROWS_MAX)
		return diag_set(r->diag, ERR_FILE_TOO_LARGE, "> %d", TABLE_ROWS_MAX);
	r->at = arena_alloc(&t->own, t->n * sizeof(*r->at));
	t->at = r->at;
	team_run(team, r->n_parts, gather_part, r);
	return OK;
}

/* --- a text file, by several threads --------------------------------------------------------- */

/* Room for n bytes of a row; false: there is none. */
static bool take_room(struct reading *r, struct lane *l, size_t n, size_t *ret)
{
	if (n > l->room - l->end) {
		size_t piece = n > PIECE_ROW ? n : PIECE, at = atomic_fetch_add(&r->taken, piece);
		if (at > r->room || piece > r->room - at)
			return false;
		*ret = at;
		if (n > PIECE_ROW)
			return true;
		l->end = at;
		l->room = at + piece;
	}
	*ret = l->end;
	l->end += n;
	return true;
}

static bool take_row(struct reading *r, struct part *p, struct lane *l)
{
	size_t need = table_room(r->t, l->cells), at;
	if (!take_room(r, l, need, &at))
		return false;
	size_t end = (size_t)(table_put(r->t, l->cells, r->text + at) - r->text);
	if (l->end == at + need)
		l->end = end;
	add_row(p, at);
	return true;
}

static enum err read_rows_of_part(struct reading *r, struct part *p, struct lane *l,
				  struct rows *rows)
{
	bool more = true;
	enum err e = OK;
	while (!e && more) {
		e = csv_part_next(rows, r->t->from, r->t->n_columns, l->cells, &more);
		if (!e && more && !take_row(r, p, l))
			e = ERR_FILE_TOO_LARGE;
	}
	return e;
}

/* The rows that wait: those that are kept into the table. */
static enum err keep_rows(struct reading *r, struct part *p, struct lane *l, size_t place)
{
	const struct sift *x = &l->sift;
	if (x->part->rows + x->n > TABLE_ROWS_MAX)
		return ERR_FILE_TOO_LARGE;
	for (uint32_t keep = sift_rows(&l->sift, p->n, place); keep; keep &= keep - 1) {
		size_t i = (size_t)__builtin_ctz(keep), n = x->at[i + 1] - x->at[i], at;
		if (!take_room(r, l, n, &at))
			return ERR_FILE_TOO_LARGE;
		memcpy(r->text + at, x->text + x->at[i], n);
		add_row(p, at);
	}
	return OK;
}

static enum err sift_rows_of_part(struct reading *r, struct part *p, struct lane *l,
				  struct rows *rows)
{
	bool more = true;
	enum err e = OK;
	while (!e && more) {
		size_t place = csv_part_at(rows);
		e = csv_part_next(rows, r->t->from, r->t->n_columns, l->cells, &more);
		if (!e && more)
			sift_add(&l->sift, place, l->cells);
		if (!e && l->sift.n == (more ? SIDE_GROUP : l->sift.n) && l->sift.n)
			e = keep_rows(r, p, l, csv_part_at(rows));
	}
	return e;
}

static enum err read_part(void *arg, size_t k, size_t worker, struct rows *rows)
{
	struct reading *r = arg;
	struct part *p = &r->part[k];
	struct lane *l = &r->lane[worker];
	p->n = 0;
	if (!l->cells)
		l->cells = base_calloc(r->t->n_columns, sizeof(*l->cells));
	if (!r->t->sifted)
		return read_rows_of_part(r, p, l, rows);
	if (!l->sift.blocks && !sift_init(&l->sift, r->t, r->c, r->sieve))
		return ERR_INVALID;
	sift_begin(&l->sift, &r->t->sifted->part[k]);
	return sift_rows_of_part(r, p, l, rows);
}

/* Values seldom take more room than in the file, where a sign stands between two; only those that
 * a row lacks do.  What was read of a part before it turned out to begin elsewhere stays, too; of
 * a list that is sifted that is little.  What is not written to is not there. */
static void make_room(struct reading *r, const struct csv_parts *p)
{
	size_t room = p->bytes * (r->sieve ? 1 : 2) + p->bytes / 8 + (TEAM_MAX + 1) * PIECE;
	r->room = room < TEXT_MAX ? room : TEXT_MAX;
	r->text = arena_alloc(&r->t->own, r->room);
	r->t->text = r->text;
	r->n_parts = p->n;
	if (!r->sieve)
		return;
	r->t->sifted = ARENA_NEW(&r->t->own, struct sifted);
	r->t->sifted->file.fd = -1;
	r->t->sifted->n_parts = p->n;
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
	make_room(r, p);
	if (!csv_parts_read(p, team, read_part, r))
		return false;
	if (r->t->sifted) {
		r->t->sifted->file = *p;
		p->fd = -1;
	}
	for (size_t k = 0; k < TEAM_MAX; k++)
		arena_join(&r->t->own, &r->lane[k].sift.own);
	return true;
}

/* --- any other ------------------------------------------------------------------------------- */

static enum err grow(struct reading *r, size_t need)
{
	if (need > TEXT_MAX)
		return diag_set(r->diag, ERR_FILE_TOO_LARGE, "> 4 GiB");
	if (r->part[0].n == TABLE_ROWS_MAX)
		return diag_set(r->diag, ERR_FILE_TOO_LARGE, "> %d", TABLE_ROWS_MAX);
	if (need > r->room) {
		r->room = need + need / 2 + (1 << 16);
		r->text = base_realloc(r->text, r->room, 1);
	}
	return OK;
}

static enum err take_cells(struct reading *r, const struct row *row, struct lane *l)
{
	for (size_t c = 0; c < r->t->n_columns; c++) {
		size_t from = r->t->from[c];
		l->cells[c] = from < row->n ? row->cells[from].text : (struct str){0};
	}
	enum err e = grow(r, l->end + table_room(r->t, l->cells));
	if (e)
		return e;
	add_row(&r->part[0], l->end);
	l->end = (size_t)(table_put(r->t, l->cells, r->text + l->end) - r->text);
	return OK;
}

static enum err read_rows(struct reading *r, struct rows *rows)
{
	struct lane *l = &r->lane[0];
	struct row row;
	bool more = true;
	enum err e = rows_sheet(rows, 0, r->diag);
	r->n_parts = 1;
	while (!e && more) {
		e = next_row(rows, r->diag, &row, &more);
		if (e || !more)
			continue;
		if (r->t->names) {
			e = take_cells(r, &row, l);
			continue;
		}
		take_header(r, &row);
		l->cells = base_calloc(r->t->n_columns, sizeof(*l->cells));
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
	size_t n = r->lane[0].end;
	char *text = arena_alloc(&r->t->own, n + 1);
	if (n)
		memcpy(text, r->text, n);
	r->t->text = text;
	base_free(r->text);
	r->text = NULL;
	return e;
}

static void forget_parts(struct reading *r)
{
	for (size_t k = 0; k < r->n_parts; k++)
		base_free(r->part[k].at);
	for (size_t k = 0; k < TEAM_MAX; k++) {
		base_free(r->lane[k].cells);
		if (r->lane[k].sift.blocks)
			sift_release(&r->lane[k].sift);
	}
	memset(r->part, 0, sizeof(r->part));
	memset(r->lane, 0, sizeof(r->lane));
	r->n_parts = 0;
	r->text = NULL;
	r->room = 0;
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
	csv_parts_close(&parts);
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

void pairs_table_release(struct pairs_table *t)
{
	if (t->sifted)
		csv_parts_close(&t->sifted->file);
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
