/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Reading the town's data on all threads of the team.  One job reads the households of the
 * register, and who is whose member, with the loader's database; one fetches the sealed chunks of
 * the ledgers, the population file first; the others, and these two when they are done, open the
 * chunks as they come, then read the people, a part each, and what else the register knows, a table
 * each.  All but the first have readers and keys of their own.
 */
#include <pthread.h>

#include "check/town_rows.h"

#include "ledger/row_match.h"

#include "base/banned.h"

enum { JOB_REGISTER, JOB_FETCH, JOB_OPEN };
enum { ROWS_AT_ONCE = 100000 }; /* besides the population file */

enum stage { STAGE_NONE, STAGE_HOUSEHOLDS, STAGE_MEMBERS, STAGE_PERSONS, STAGE_FAILED };

/* A table of the register, or a part of one. */
struct table {
	bool left; /* to the loader's own database */
	enum err err;
	struct diag diag;
};

/* The same data once more, of one worker. */
struct view {
	struct db *db;
	struct journal *j; /* opens what is sealed */
	struct arena a;    /* of what is read with it; the town's in the end */
	struct diag diag;
	bool same; /* of the moment that the loader's database shows */
};

/* A chunk that is to be opened. */
struct sealed {
	struct layout_rows *rows;
	size_t table, chunk;
};

struct reading {
	struct loader *l;
	struct town_read *t;
	int64_t moment; /* last entry of the journal */
	enum err register_err, fetch_err;
	struct diag fetch_diag;
	struct view view[TEAM_MAX];      /* by worker */
	struct table person[TOWN_PARTS]; /* of the register */
	struct table table[TOWN_PIECES];
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t more;
	enum stage stage; /* of the register */
	size_t parts;     /* of the people that are done with */
	VEC(struct sealed) queue;
	size_t taken;
	int64_t opened, expected; /* rows */
	bool all; /* nothing more will come */
};

/* --- fetching --------------------------------------------------------------- */

static void put_chunks(struct reading *g, struct layout_rows *r)
{
	(void)pthread_mutex_lock(&g->lock);
	for (size_t t = 0; t < r->n_tables; t++)
		for (size_t i = 0; i < r->tables[t].n_chunks; i++)
			*vec_push(&g->queue) = (struct sealed){r, t, i};
	(void)pthread_cond_broadcast(&g->more);
	(void)pthread_mutex_unlock(&g->lock);
}

static enum err fetch_layout(struct reading *g, struct db *db, size_t i)
{
	struct layout_rows *r = &g->t->rows[i];
	enum err e = town_rows_fetch(r, g->l, db, &g->l->o->pack->layouts[i]);
	if (e)
		return e;
	if (i == g->t->population)
		g->t->census = match_census_new(r->n);
	put_chunks(g, r);
	return OK;
}

/* The worker's view, from now on of one moment.  The loader's data may have been changed
 * since it began to read, or what it has written nobody else can see yet: then it is not the same. */
static enum err view_of(struct reading *g, size_t worker, struct view **ret)
{
	struct view *v = *ret = &g->view[worker];
	int64_t last = 0;
	if (v->db)
		return OK;
	enum err e = db_open_reader(g->l->db, &v->diag, &v->db);
	if (!e)
		e = journal_open(v->db, journal_keys(g->l->o->j), &v->j);
	if (!e)
		db_skip_sealed(v->db, db_skips_sealed(g->l->db));
	if (!e)
		e = db_begin_read(v->db);
	if (!e)
		e = journal_last_entry(v->db, &last);
	v->same = !e && last == g->moment && !journal_entry(g->l->o->j);
	return e;
}

static enum err fetch_all(struct reading *g, size_t worker)
{
	struct view *v;
	enum err e = view_of(g, worker, &v);
	if (!e && g->t->population < g->t->n)
		e = fetch_layout(g, v->db, g->t->population);
	for (size_t i = 0, sum = 0; !e && i < g->t->n; i++) {
		if (i == g->t->population)
			continue;
		g->t->rows[i].waits = sum + g->t->count[i] > ROWS_AT_ONCE;
		if (g->t->rows[i].waits)
			continue;
		sum += g->t->count[i];
		e = fetch_layout(g, v->db, i);
	}
	if (e)
		g->fetch_diag = v->diag;
	return e;
}

/* --- the register ------------------------------------------------------------ */

static void reach(struct reading *g, enum stage stage)
{
	(void)pthread_mutex_lock(&g->lock);
	g->stage = stage;
	(void)pthread_cond_broadcast(&g->more);
	(void)pthread_mutex_unlock(&g->lock);
}

static enum err read_homes(struct reading *g)
{
	enum err e = town_read_households(g->l);
	reach(g, e ? STAGE_FAILED : STAGE_HOUSEHOLDS);
	if (e)
		return e;
	e = town_read_members(g->l);
	reach(g, e ? STAGE_FAILED : STAGE_MEMBERS);
	return e;
}

/* Waits for what the table's records are about; false when it did not come. */
static bool wait_for(struct reading *g, enum stage stage)
{
	(void)pthread_mutex_lock(&g->lock);
	while (g->stage < stage)
		(void)pthread_cond_wait(&g->more, &g->lock);
	bool there = g->stage != STAGE_FAILED;
	(void)pthread_mutex_unlock(&g->lock);
	return there;
}

static void note_error(struct table *t, enum err e, const struct view *v)
{
	t->err = e;
	if (e)
		t->diag = v->diag;
}

/* The worker's view where it shows the same; else NULL, and the table is left or has failed. */
static struct view *view_for(struct reading *g, size_t worker, struct table *t)
{
	struct view *v;
	enum err e = view_of(g, worker, &v);
	note_error(t, e, v);
	t->left = !e && !v->same;
	return e || t->left ? NULL : v;
}

/* The people are there when the last part is, if all of them are. */
static void end_part(struct reading *g)
{
	bool all = true;
	(void)pthread_mutex_lock(&g->lock);
	bool last = ++g->parts == TOWN_PARTS;
	(void)pthread_mutex_unlock(&g->lock);
	if (!last)
		return;
	for (size_t i = 0; i < TOWN_PARTS; i++)
		all &= !g->person[i].err && !g->person[i].left;
	if (all)
		town_people_read(g->l);
	reach(g, all ? STAGE_PERSONS : STAGE_FAILED);
}

static void read_part(struct reading *g, size_t part, size_t worker)
{
	struct table *t = &g->person[part];
	t->left = !wait_for(g, STAGE_MEMBERS);
	struct view *v = t->left ? NULL : view_for(g, worker, t);
	if (v)
		note_error(t, town_read_persons(g->l, part, v->db, &v->a), v);
	end_part(g);
}

static void read_table(struct reading *g, size_t piece, size_t worker)
{
	struct table *t = &g->table[piece];
	t->left = !wait_for(g, town_piece_of_people(piece) ? STAGE_PERSONS : STAGE_HOUSEHOLDS);
	struct view *v = t->left ? NULL : view_for(g, worker, t);
	if (v)
		note_error(t, town_read_piece(g->l, piece, v->db, &v->a), v);
}

enum err town_take_error(struct loader *l, enum err e, const struct diag *diag)
{
	(void)diag_set(db_diag(l->db), e, "%s", diag->detail);
	diag_place(db_diag(l->db), "%s", diag->place);
	return e;
}

static enum err finish_table(struct reading *g, const struct table *t)
{
	return t->err ? town_take_error(g->l, t->err, &t->diag) : OK;
}

/* What is left to do when all threads are done. */
static enum err finish_register(struct reading *g)
{
	struct loader *l = g->l;
	enum err e = g->register_err;
	for (size_t i = 0; !e && i < TOWN_PARTS; i++) {
		e = finish_table(g, &g->person[i]);
		if (!e && g->person[i].left)
			e = town_read_persons(l, i, l->db, l->a);
	}
	if (!e && g->stage != STAGE_PERSONS)
		town_people_read(l);
	for (size_t i = 0; !e && i < TOWN_PIECES; i++) {
		e = finish_table(g, &g->table[i]);
		if (!e && g->table[i].left)
			e = town_read_piece(l, i, l->db, l->a);
	}
	if (!e)
		town_drop_absent(l);
	return e;
}

/* --- opening ---------------------------------------------------------------- */

/* Waits for a chunk; false when there will be none. */
static bool take_chunk(struct reading *g, struct sealed *ret)
{
	(void)pthread_mutex_lock(&g->lock);
	while (g->taken == g->queue.n && !g->all)
		(void)pthread_cond_wait(&g->more, &g->lock);
	bool any = g->taken < g->queue.n;
	if (any)
		*ret = g->queue.p[g->taken++];
	(void)pthread_mutex_unlock(&g->lock);
	return any;
}

static void tell(struct reading *g, int64_t rows)
{
	if (!g->l->o->progress)
		return;
	(void)pthread_mutex_lock(&g->lock);
	g->opened += rows;
	int64_t opened = g->opened;
	(void)pthread_mutex_unlock(&g->lock);
	g->l->o->progress(opened, g->expected);
}

static void open_chunks(struct reading *g, size_t worker)
{
	struct sealed s;
	while (take_chunk(g, &s)) {
		struct layout_rows *r = s.rows;
		int state = pack_column(r->layout, "state");
		size_t i, end;
		town_rows_open(r, s.table, s.chunk, &i, &end);
		tell(g, (int64_t)(end - i));
		if (r != &g->t->rows[g->t->population])
			continue;
		for (; i < end; i++) {
			struct ledger_row row = town_rows_pass(r, worker, i);
			const struct ledger_table *t = &r->tables[s.table].table;
			struct match_bridge b = row_for_bridge(g->l->o->pack, t, state, &row);
			match_census_put(g->t->census, worker, i, &b);
		}
	}
}

static void read_job(void *arg, size_t job, size_t worker)
{
	struct reading *g = arg;
	size_t part = job - JOB_OPEN - team_size(g->l->team), piece = part - TOWN_PARTS;
	if (job == JOB_REGISTER) {
		g->register_err = read_homes(g);
	} else if (job == JOB_FETCH) {
		g->fetch_err = fetch_all(g, worker);
		(void)pthread_mutex_lock(&g->lock);
		g->all = true;
		(void)pthread_cond_broadcast(&g->more);
		(void)pthread_mutex_unlock(&g->lock);
	} else if (job < JOB_OPEN + team_size(g->l->team)) {
		open_chunks(g, worker);
	} else if (part < TOWN_PARTS) {
		read_part(g, part, worker);
	} else {
		read_table(g, piece, worker);
	}
}

static void close_views(struct reading *g)
{
	for (size_t i = 0; i < TEAM_MAX; i++) {
		arena_join(g->l->a, &g->view[i].a);
		journal_close(g->view[i].j);
		db_close(g->view[i].db);
	}
}

enum err town_read(struct loader *l, struct town_read *ret)
{
	const struct pack *pack = l->o->pack;
	struct reading g = {.l = l, .t = ret};
	*ret = (struct town_read){.n = pack->n_layouts, .population = pack->n_layouts};
	ret->rows = ARENA_ARRAY(&l->scratch, ret->n + 1, struct layout_rows);
	size_t *count = ARENA_ARRAY(&l->scratch, ret->n + 1, size_t);
	for (size_t i = 0; i < ret->n; i++) {
		count[i] = town_rows_count(l, &pack->layouts[i]);
		g.expected += (int64_t)count[i];
		if (ledger_is_population(pack->layouts[i].id))
			ret->population = i;
	}
	ret->count = count;
	enum err e = journal_last_entry(l->db, &g.moment);
	if (e)
		return e;
	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_init(&g.view[i].a, 0);
	(void)pthread_mutex_init(&g.lock, NULL);
	(void)pthread_cond_init(&g.more, NULL);
	team_run(l->team, JOB_OPEN + team_size(l->team) + TOWN_PARTS + TOWN_PIECES, read_job, &g);
	(void)pthread_cond_destroy(&g.more);
	(void)pthread_mutex_destroy(&g.lock);
	vec_free(&g.queue);
	close_views(&g);
	e = finish_register(&g);
	if (!e && g.fetch_err)
		e = town_take_error(l, g.fetch_err, &g.fetch_diag);
	for (size_t i = 0; !e && i < ret->n; i++)
		e = town_rows_opened(&ret->rows[i]);
	return e;
}

static void late_job(void *arg, size_t job, size_t worker)
{
	(void)job;
	open_chunks(arg, worker);
}

enum err town_read_late(struct loader *l, struct town_read *t, struct layout_rows *r)
{
	struct reading g = {.l = l, .t = t, .all = true};
	enum err e = town_rows_fetch(r, l, l->db, &l->o->pack->layouts[r - t->rows]);
	r->waits = false;
	if (e)
		return e;
	(void)pthread_mutex_init(&g.lock, NULL);
	(void)pthread_cond_init(&g.more, NULL);
	put_chunks(&g, r);
	team_run(l->team, team_size(l->team), late_job, &g);
	(void)pthread_cond_destroy(&g.more);
	(void)pthread_mutex_destroy(&g.lock);
	vec_free(&g.queue);
	return town_rows_opened(r);
}
