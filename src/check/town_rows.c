/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/town_rows.h"

#include "ledger/project.h"
#include "ledger/row_match.h"

#include "base/banned.h"

/* Is its layout this one, and its rows not told by the register already? */
static bool takes_part(const struct loader *l, size_t g, const struct pack_layout *layout)
{
	return l->town_ledger[g] >= 0 && strcmp(l->ledgers[g].layout, layout->id) == 0 &&
	       (!project_concerns(layout->id) || ledger_is_population(layout->id));
}

size_t town_rows_count(const struct loader *l, const struct pack_layout *layout)
{
	size_t n = 0;
	for (size_t g = 0; g < l->n_ledgers; g++)
		if (takes_part(l, g, layout) && l->ledgers[g].row_count > 0)
			n += (size_t)l->ledgers[g].row_count;
	return n;
}

enum err town_rows_fetch(struct layout_rows *r, struct loader *l, struct db *db,
                         const struct pack_layout *layout)
{
	size_t n = 0;
	r->l = l;
	r->layout = layout;
	for (size_t g = 0; g < l->n_ledgers; g++)
		n += takes_part(l, g, layout);
	if (n == 0)
		return OK;
	r->tables = ARENA_ARRAY(&r->text, n + 1, struct ledger_lines);
	r->first = ARENA_ARRAY(&r->text, n + 1, size_t);
	r->town_ledger = ARENA_ARRAY(&r->text, n + 1, int32_t);
	r->want = row_match_columns(layout, &r->text);
	r->want_brief = row_brief_columns(layout, &r->text);
	for (size_t g = 0; g < l->n_ledgers; g++) {
		if (!takes_part(l, g, layout))
			continue;
		enum err e = ledger_lines_fetch(db, journal_keys(l->o->j), l->o->pack, l->o->areas,
		                                &l->ledgers[g], true, &r->text, &r->tables[r->n_tables]);
		if (e)
			return e;
		r->first[r->n_tables] = r->n;
		r->n += r->tables[r->n_tables].n;
		r->town_ledger[r->n_tables++] = l->town_ledger[g];
	}
	r->first[r->n_tables] = r->n;
	r->kept = base_table(r->n, sizeof(*r->kept));
	for (size_t w = 0; w < team_size(l->team); w++) {
		struct rows_desk *d = &r->desk[w];
		arena_init(&d->a, 0);
		arena_init(&d->kept, 0);
		d->reader = ARENA_ARRAY(&r->text, n + 1, struct ledger_reader);
		d->brief = ARENA_ARRAY(&r->text, n + 1, struct ledger_reader);
		d->room = ARENA_ARRAY(&r->text, ROWS_ROOMS, struct lines_room);
	}
	return OK;
}

void town_rows_open(struct layout_rows *r, size_t table, size_t chunk, size_t *ret_from,
                    size_t *ret_to)
{
	const struct lines_chunk *c = &r->tables[table].chunks[chunk];
	ledger_lines_open(&r->tables[table], chunk);
	*ret_from = r->first[table] + c->first;
	*ret_to = *ret_from + (c->damaged ? 0 : c->n_lines);
}

enum err town_rows_opened(struct layout_rows *r)
{
	enum err e = OK;
	for (size_t t = 0; !e && t < r->n_tables; t++)
		e = ledger_lines_opened(&r->tables[t], db_diag(r->l->db));
	return e ? e : town_rows_check(r);
}

enum err town_rows_check(const struct layout_rows *r)
{
	return r->damaged ? diag_set(db_diag(r->l->db), ERR_FILE_DAMAGED, "ledger %s", r->layout->id) : OK;
}

void town_rows_release(struct layout_rows *r)
{
	for (size_t t = 0; t < r->n_tables; t++)
		ledger_lines_release(&r->tables[t]);
	for (size_t w = 0; w < TEAM_MAX; w++) {
		for (size_t i = 0; r->desk[w].room && i < ROWS_ROOMS; i++)
			lines_room_release(&r->desk[w].room[i]);
		r->desk[w].room = NULL;
		arena_release(&r->desk[w].a);
	}
	vec_free(&r->candidates);
	town_rows_forget(r);
	arena_release(&r->text);
	r->n = r->n_tables = 0;
}

void town_rows_forget(struct layout_rows *r)
{
	for (size_t w = 0; w < TEAM_MAX; w++)
		arena_release(&r->desk[w].kept);
	base_free(r->kept);
	r->kept = NULL;
}

size_t town_rows_table(const struct layout_rows *r, size_t i)
{
	size_t t = 0, end = r->n_tables;
	while (end - t > 1) {
		size_t middle = t + (end - t) / 2;
		if (i < r->first[middle])
			end = middle;
		else
			t = middle;
	}
	return t;
}

struct str town_rows_line(const struct layout_rows *r, size_t i)
{
	uint32_t n;
	if (!r->kept[i])
		return (struct str){0};
	memcpy(&n, r->kept[i], sizeof(n));
	return (struct str){r->kept[i] + sizeof(n), n};
}

/* The same, where the worker's last row most likely has it too. */
static size_t table_of(const struct layout_rows *r, struct rows_desk *d, size_t i)
{
	if (i < r->first[d->table] || i >= r->first[d->table + 1])
		d->table = town_rows_table(r, i);
	return d->table;
}

/* A room with the chunk of row k of the table, or NULL when that is damaged. */
static const struct lines_room *room_of(struct rows_desk *d, const struct ledger_lines *t, size_t k)
{
	const struct lines_chunk *c = d->room[d->last].of;
	if (c && d->lines == t && k >= c->first && k < c->first + c->n_lines)
		return &d->room[d->last];
	c = ledger_lines_chunk(t, k);
	size_t at = 0;
	while (at < ROWS_ROOMS && d->room[at].of != c)
		at++;
	if (at == ROWS_ROOMS) {
		for (at = 0; d->lent[at] && d->lent[at] + MATCH_AHEAD > d->briefs;)
			at++; /* at most MATCH_AHEAD are lent */
		d->lent[at] = 0;
		if (!lines_room_take(&d->room[at], c))
			return NULL;
	}
	d->last = at;
	d->lines = t;
	return &d->room[at];
}

/* The line of row i as it stands, kept or in a room; empty when it is damaged. */
static struct str line_of(struct layout_rows *r, struct rows_desk *d, size_t t, size_t i)
{
	size_t k = i - r->first[t];
	if (r->kept && r->kept[i])
		return town_rows_line(r, i);
	const struct lines_room *room = room_of(d, &r->tables[t], k);
	return room ? room->line[k - room->of->first] : (struct str){0};
}

static struct str keep_line(struct layout_rows *r, struct rows_desk *d, size_t t, size_t i)
{
	if (!r->kept[i]) {
		struct str line = line_of(r, d, t, i);
		uint32_t n = (uint32_t)line.n;
		char *to = arena_alloc(&d->kept, sizeof(n) + n);
		memcpy(to, &n, sizeof(n));
		if (n)
			memcpy(to + sizeof(n), line.p, n);
		r->kept[i] = to;
	}
	return town_rows_line(r, i);
}

struct str town_rows_pass_line(struct layout_rows *r, size_t worker, size_t i)
{
	return line_of(r, &r->desk[worker], table_of(r, &r->desk[worker], i), i);
}

/* A line of table t by one of a worker's readers. */
static struct ledger_row read_line(struct layout_rows *r, size_t t, struct str line,
                                   struct ledger_reader *reader, const bool *want, struct arena *a)
{
	struct ledger_row row;
	if (!reader->t)
		ledger_reader_init(reader, &r->tables[t], want, a);
	if (!ledger_reader_row(reader, line, &row))
		atomic_store_explicit(&r->damaged, true, memory_order_relaxed);
	return row;
}

struct ledger_row town_rows_at(struct layout_rows *r, size_t worker, size_t i)
{
	struct rows_desk *d = &r->desk[worker];
	size_t t = table_of(r, d, i);
	return read_line(r, t, keep_line(r, d, t, i), &d->reader[t], r->want, &d->a);
}

struct ledger_row town_rows_pass(struct layout_rows *r, size_t worker, size_t i)
{
	struct rows_desk *d = &r->desk[worker];
	size_t t = table_of(r, d, i);
	return read_line(r, t, line_of(r, d, t, i), &d->reader[t], r->want, &d->a);
}

struct match_row town_rows_brief(struct layout_rows *r, size_t worker, size_t i)
{
	struct rows_desk *d = &r->desk[worker];
	size_t t = table_of(r, d, i);
	d->briefs++;
	struct str line = line_of(r, d, t, i);
	d->lent[d->last] = d->briefs;
	struct ledger_row row = read_line(r, t, line, &d->brief[t], r->want_brief, &d->a);
	return row_brief(&r->tables[t].table, &row);
}

struct match_row town_rows_match(const struct layout_rows *r, size_t i,
                                 const struct ledger_row *row)
{
	return row_for_match(r->l->o->pack, r->l->o->areas, &r->tables[town_rows_table(r, i)].table, row);
}
