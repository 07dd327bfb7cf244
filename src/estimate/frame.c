/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "estimate/frame.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "io/rows.h"

#include "base/banned.h"

enum { NUMBER_TEXT_MAX = 64, ROWS_MAX = 100 * 1000 * 1000 };

/* A column while it is read: both readings go on as long as both are possible. */
struct growing {
	struct column *c;
	size_t at;        /* column of the file */
	struct map seen;  /* text -> level, first come */
	struct str *levels;
	size_t n_levels, cap_levels;
	double *number;
	int32_t *level;
	bool numeric;
};

void frame_want(struct frame_wants *w, const char *name, struct arena *a)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->names[i], name) == 0)
			return;
	if (w->n == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 16;
		const char **names = ARENA_ARRAY(a, cap, const char *);
		if (w->n)
			memcpy(names, w->names, w->n * sizeof(*names));
		w->names = names;
		w->cap = cap;
	}
	w->names[w->n++] = arena_strdup(a, name);
}

bool number_read(struct str t, double *ret)
{
	static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
	                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	char copy[NUMBER_TEXT_MAX];
	char *end;
	uint64_t digits = 0;
	size_t i = 0, points = 0, n = 0;
	bool minus = t.n && t.p[0] == '-';
	/* few digits: exact without strtod, since both parts are exact doubles */
	for (i = minus; i < t.n && n <= 15; i++) {
		if (t.p[i] >= '0' && t.p[i] <= '9') {
			digits = digits * 10 + (uint64_t)(t.p[i] - '0');
			n++;
		} else if (t.p[i] == '.' && !points) {
			points = i + 1;
		} else {
			break;
		}
	}
	if (i == t.n && n && n <= 15) {
		double v = (double)digits / tens[points ? t.n - points : 0];
		*ret = minus ? -v : v;
		return true;
	}
	if (t.n == 0 || t.n >= sizeof(copy))
		return false;
	char c = t.p[minus];
	if (!((c >= '0' && c <= '9') || c == '.' || c == '+' || c == 'I') ||
	    memchr(t.p, 'x', t.n) || memchr(t.p, 'X', t.n))
		return false;
	memcpy(copy, t.p, t.n);
	copy[t.n] = '\0';
	*ret = strtod(copy, &end);
	return end == copy + t.n && !isnan(*ret);
}

/* --- reading ----------------------------------------------------------------------------- */

struct reading {
	struct growing *g;
	size_t n_g, cap_rows, n;
	struct arena *a;
	struct diag *diag;
};

static enum err take_header(struct reading *r, const struct row *row,
                            const struct frame_wants *w, struct frame *f)
{
	f->columns = ARENA_ARRAY(r->a, row->n + 1, struct column);
	r->g = ARENA_ARRAY(r->a, row->n + 1, struct growing);
	for (size_t i = 0; i < row->n; i++) {
		const char *name = str_dup(r->a, str_trim(row->cells[i].text));
		bool wanted = w->all;
		for (size_t k = 0; k < w->n; k++)
			wanted = wanted || strcmp(w->names[k], name) == 0;
		if (!wanted || !name[0] || frame_column(f, name))
			continue;
		struct column *c = &f->columns[f->n_columns++];
		c->name = name;
		r->g[r->n_g] = (struct growing){.c = c, .at = i, .numeric = true};
		map_init(&r->g[r->n_g++].seen);
	}
	for (size_t k = 0; k < w->n; k++)
		if (!frame_column(f, w->names[k]))
			return diag_set(r->diag, ERR_INVALID, "no column %s", w->names[k]);
	return OK;
}

static void grow(struct reading *r)
{
	if (r->n < r->cap_rows)
		return;
	r->cap_rows = r->cap_rows ? r->cap_rows * 2 : 1024;
	for (size_t k = 0; k < r->n_g; k++) {
		struct growing *g = &r->g[k];
		g->number = base_realloc(g->number, r->cap_rows, sizeof(double));
		g->level = base_realloc(g->level, r->cap_rows, sizeof(int32_t));
	}
}

static int32_t level_of(struct reading *r, struct growing *g, struct str text)
{
	int64_t at = map_get(&g->seen, text, -1);
	if (at >= 0)
		return (int32_t)at;
	if (g->n_levels == g->cap_levels) {
		g->cap_levels = g->cap_levels ? g->cap_levels * 2 : 64;
		g->levels = base_realloc(g->levels, g->cap_levels, sizeof(*g->levels));
	}
	g->levels[g->n_levels] = str_copy(r->a, text);
	map_set(&g->seen, g->levels[g->n_levels], (int64_t)g->n_levels);
	return (int32_t)g->n_levels++;
}

/* A column that turned out not to be numeric: its values so far become texts again. */
static void turn_to_text(struct reading *r, struct growing *g)
{
	g->numeric = false;
	for (size_t i = 0; i < r->n; i++)
		if (g->level[i] == -2) {
			char text[NUMBER_TEXT_MAX];
			int n = snprintf(text, sizeof(text), "%.15g", g->number[i]);
			g->level[i] = level_of(r, g, (struct str){text, (size_t)n});
		}
}

static void take_cell(struct reading *r, struct growing *g, const struct row *row)
{
	struct str text = g->at < row->n ? str_trim(row->cells[g->at].text) : (struct str){0};
	double v = NAN;
	bool empty = text.n == 0 || str_is(text, "NA") || str_is(text, "NaN");
	if (!empty && g->numeric && !number_read(text, &v))
		turn_to_text(r, g);
	g->number[r->n] = v;
	/* -2: has a number, its text is not kept */
	g->level[r->n] = empty ? -1 : g->numeric ? -2 : level_of(r, g, text);
}

static int by_text(const void *l, const void *r)
{
	const struct str *const *a = l, *const *b = r;
	return str_cmp(**a, **b);
}

static void sort_levels(struct growing *g, size_t n, struct arena *a)
{
	const struct str **order = ARENA_ARRAY(a, g->n_levels + 1, const struct str *);
	int32_t *place = ARENA_ARRAY(a, g->n_levels + 1, int32_t);
	for (size_t k = 0; k < g->n_levels; k++)
		order[k] = &g->levels[k];
	qsort(order, g->n_levels, sizeof(*order), by_text);
	g->c->levels = ARENA_ARRAY(a, g->n_levels + 1, struct str);
	g->c->n_levels = g->n_levels;
	for (size_t k = 0; k < g->n_levels; k++) {
		g->c->levels[k] = *order[k];
		place[order[k] - g->levels] = (int32_t)k;
	}
	g->c->level = ARENA_ARRAY(a, n + 1, int32_t);
	for (size_t i = 0; i < n; i++)
		g->c->level[i] = g->level[i] < 0 ? -1 : place[g->level[i]];
}

static void finish(struct reading *r, bool keep)
{
	for (size_t k = 0; k < r->n_g; k++) {
		struct growing *g = &r->g[k];
		g->c->numeric = g->numeric;
		if (keep && g->numeric) {
			g->c->number = arena_alloc(r->a, (r->n + 1) * sizeof(double));
			if (r->n)
				memcpy(g->c->number, g->number, r->n * sizeof(double));
		} else if (keep) {
			sort_levels(g, r->n, r->a);
		}
		map_release(&g->seen);
		base_free(g->levels);
		base_free(g->number);
		base_free(g->level);
	}
}

static enum err read_all(struct reading *r, struct rows *rows, const struct frame_wants *w,
                         struct frame *f)
{
	struct row row;
	bool more = true, header = false;
	enum err e = rows_sheet(rows, 0, r->diag);
	while (!e && more) {
		e = rows_next(rows, r->diag, &row, &more);
		if (e || !more || row.n == 0)
			continue;
		if (!header) {
			e = take_header(r, &row, w, f);
			header = true;
			continue;
		}
		if (r->n == ROWS_MAX)
			return diag_set(r->diag, ERR_FILE_TOO_LARGE, "> %d", ROWS_MAX);
		grow(r);
		for (size_t k = 0; k < r->n_g; k++)
			take_cell(r, &r->g[k], &row);
		r->n++;
	}
	if (!e && r->n == 0)
		e = diag_set(r->diag, ERR_FILE_EMPTY, "no rows");
	return e;
}

enum err frame_read(const char *path, const struct frame_wants *w, struct arena *a,
                    struct diag *diag, struct frame *ret)
{
	struct reading r = {.a = a, .diag = diag};
	struct frame f = {0};
	struct rows *rows;
	enum err e = rows_open(path, NULL, diag, &rows);
	if (e)
		return e;
	e = read_all(&r, rows, w, &f);
	finish(&r, !e);
	rows_close(rows);
	f.n = r.n;
	if (e)
		diag_place(diag, "%s", path);
	else
		*ret = f;
	return e;
}

/* --- columns ------------------------------------------------------------------------------- */

struct column *frame_column(const struct frame *f, const char *name)
{
	for (size_t i = 0; i < f->n_columns; i++)
		if (strcmp(f->columns[i].name, name) == 0)
			return &f->columns[i];
	return NULL;
}

int32_t column_level(const struct column *c, struct str text)
{
	for (size_t k = 0; k < c->n_levels; k++)
		if (str_eq(c->levels[k], text))
			return (int32_t)k;
	return -1;
}

static int by_number(const void *l, const void *r)
{
	const double *a = l, *b = r;
	return (*a > *b) - (*a < *b);
}

void frame_factor(const struct frame *f, struct column *c, struct arena *a)
{
	size_t n = 0, k = 0;
	if (c->level)
		return;
	double *v = base_realloc(NULL, f->n + 1, sizeof(*v));
	for (size_t i = 0; i < f->n; i++)
		if (!isnan(c->number[i]))
			v[n++] = c->number[i];
	qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || v[i] != v[k - 1])
			v[k++] = v[i];
	c->n_levels = k;
	c->levels = ARENA_ARRAY(a, k + 1, struct str);
	for (size_t i = 0; i < k; i++)
		c->levels[i] = str_c(arena_printf(a, "%.15g", v[i]));
	c->level = ARENA_ARRAY(a, f->n + 1, int32_t);
	for (size_t i = 0; i < f->n; i++) {
		const double *at = isnan(c->number[i]) ? NULL
		                                       : bsearch(&c->number[i], v, k, sizeof(*v), by_number);
		c->level[i] = at ? (int32_t)(at - v) : -1;
	}
	base_free(v);
}
