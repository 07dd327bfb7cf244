/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/sieve.h"

#include "pairs/table.h"

#include "base/banned.h"

bool sift_fits(const struct pairs_config *c)
{
	for (size_t k = 0; k < c->n_fields; k++)
		if (c->field[k].kind == ATTRIBUTE_NAMES)
			return false; /* its halves are counted, which are no keys of rules */
	return true;
}

/* --- while it is read ------------------------------------------------------------------------- */

bool sift_init(struct sift *x, const struct pairs_table *t, const struct pairs_config *c,
	       const struct blocks *blocks)
{
	struct diag diag = {0};
	*x = (struct sift){.blocks = blocks, .view = *t};
	if (side_make(&x->view, c, true, &diag, &x->side) != OK)
		return false;
	side_group_init(&x->group, &x->side, SIDE_FREQUENCIES);
	arena_init(&x->own, 0);
	return true;
}

void sift_release(struct sift *x)
{
	side_group_release(&x->group);
	side_release(&x->side);
	arena_release(&x->own);
	base_free(x->text);
	*x = (struct sift){0};
}

void sift_begin(struct sift *x, struct sifted_part *part)
{
	const struct pairs_config *c = x->side.c;
	enum { PIECES = TABLE_ROWS_MAX / SIDE_GROUP / SIFTED_GROUPS + 1 };
	x->part = part;
	x->n = 0;
	*part = (struct sifted_part){.groups = ARENA_ARRAY(&x->own, PIECES, struct sifted_group *)};
	for (size_t k = 0; k < c->n_fields; k++)
		if (side_counts(c->field[k].kind))
			part->keys[k] = ARENA_NEW(&x->own, struct often_keys);
}

void sift_add(struct sift *x, size_t place, const struct str *cells)
{
	size_t end = x->n ? x->at[x->n] : 0, need = end + table_room(&x->view, cells);
	if (need > x->cap) {
		x->cap = need + need / 2 + 4096;
		x->text = base_realloc(x->text, x->cap, 1);
	}
	x->place[x->n] = place;
	x->at[x->n++] = (uint32_t)end;
	x->at[x->n] = (uint32_t)(table_put(&x->view, cells, x->text + end) - x->text);
}

static struct sifted_group *next_group(struct sift *x)
{
	size_t at = x->part->rows / SIDE_GROUP;
	struct sifted_group **piece = &x->part->groups[at / SIFTED_GROUPS];
	if (!*piece)
		*piece = arena_alloc(&x->own, SIFTED_GROUPS * sizeof(**piece));
	return *piece + at % SIFTED_GROUPS;
}

/* The keys that are counted, of the rows that are not in `keep`. */
static void count_others(struct sift *x, uint32_t keep)
{
	for (size_t k = 0; k < x->side.c->n_fields; k++) {
		struct often_keys *to = x->part->keys[k];
		if (!to)
			continue;
		const uint64_t *key = side_group_keys(&x->group, k, ATTRIBUTE_KEY_EXACT);
		for (size_t i = 0; i < x->n; i++)
			if (!(keep >> i & 1))
				often_keys_add(to, key[i], &x->own);
	}
}

uint32_t sift_rows(struct sift *x, size_t kept, size_t place)
{
	struct sifted_group *g = next_group(x);
	x->view.text = x->text;
	x->view.at = x->at;
	side_group_at(&x->group, 0, x->n);
	g->keep = blocks_sift(x->blocks, &x->group);
	g->place = (uint32_t)x->place[0];
	g->before = (uint32_t)kept;
	x->place[x->n] = place;
	for (size_t i = 0; i < x->n; i++) {
		size_t length = x->place[i + 1] - x->place[i];
		g->length[i] = (uint8_t)(length < SIFTED_LONG ? length : SIFTED_LONG);
	}
	count_others(x, g->keep);
	x->part->rows += x->n;
	x->n = 0;
	return g->keep;
}

/* --- afterwards ------------------------------------------------------------------------------- */

/* The group of a row of the file, and which of it the row is. */
static const struct sifted_group *group_of(const struct sifted *s, size_t row,
					   const struct sifted_part **ret_part, size_t *ret_at)
{
	const struct sifted_part *p = s->part;
	while (row >= p->before + p->rows)
		p++;
	row -= p->before;
	*ret_part = p;
	*ret_at = row % SIDE_GROUP;
	row /= SIDE_GROUP;
	return &p->groups[row / SIFTED_GROUPS][row % SIFTED_GROUPS];
}

static size_t kept_row(const struct sifted_part *p, const struct sifted_group *g, size_t at)
{
	uint32_t bit = UINT32_C(1) << at;
	if (!(g->keep & bit))
		return SIZE_MAX;
	return p->kept_before + g->before + (size_t)__builtin_popcount(g->keep & (bit - 1));
}

size_t sifted_row(const struct pairs_table *t, size_t of_all)
{
	const struct sifted_part *p;
	size_t at;
	if (!t->sifted)
		return of_all;
	const struct sifted_group *g = group_of(t->sifted, of_all, &p, &at);
	return kept_row(p, g, at);
}

void fetch_init(struct fetch *f, const struct pairs_table *t)
{
	*f = (struct fetch){.of = t, .row = *t, .cap = 1024};
	f->row.n = f->row.all = 1;
	f->row.sifted = NULL;
	f->row.at = &f->at;
}

void fetch_release(struct fetch *f)
{
	rows_close(f->rows);
	base_free(f->cells);
	base_free(f->text);
}

void fetch_ask(const struct fetch *f, size_t of_all)
{
	const struct sifted_part *p;
	size_t at;
	if (f->of->sifted)
		__builtin_prefetch(group_of(f->of->sifted, of_all, &p, &at));
	else
		__builtin_prefetch(f->of->text + f->of->at[of_all]);
}

/* Finds where the row stands; where a length is not known, rows are read to get there. */
static bool read_cells(struct fetch *f, const struct sifted_group *g, size_t at)
{
	size_t place = g->place, k = 0;
	bool more = true;
	enum err e = OK;
	for (; k < at && g->length[k] != SIFTED_LONG; k++)
		place += g->length[k];
	csv_part_seek(f->rows, place);
	for (; !e && more && k <= at; k++)
		e = csv_part_next(f->rows, f->of->from, f->of->n_columns, f->cells, &more);
	return !e && more;
}

static void fetch_from_file(struct fetch *f, const struct sifted_group *g, size_t at)
{
	if (!f->rows) {
		f->rows = csv_parts_single(&f->of->sifted->file);
		f->cells = base_calloc(f->of->n_columns, sizeof(*f->cells));
	}
	if (!read_cells(f, g, at))
		memset(f->cells, 0, f->of->n_columns * sizeof(*f->cells));
	size_t need = table_room(f->of, f->cells);
	if (!f->text || need > f->cap) {
		f->cap = need > f->cap ? need * 2 : f->cap;
		f->text = base_realloc(f->text, f->cap, 1);
	}
	(void)table_put(f->of, f->cells, f->text);
	f->row.text = f->text;
	f->at = 0;
}

void fetch_row(struct fetch *f, size_t of_all)
{
	size_t at = 0, row = of_all;
	if (f->of->sifted) {
		const struct sifted_part *p;
		const struct sifted_group *g = group_of(f->of->sifted, of_all, &p, &at);
		row = kept_row(p, g, at);
		if (row == SIZE_MAX) {
			fetch_from_file(f, g, at);
			return;
		}
	}
	f->row.text = f->of->text;
	f->at = f->of->at[row];
}
