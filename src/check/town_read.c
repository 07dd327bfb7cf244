/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Reading the town's data on all threads of the team.  One job reads the people of the
 * register with the loader's database; one fetches the sealed chunks of the ledgers with a
 * reader of its own, the population file first; the others, and these two when they are
 * done, open the chunks as they come, and then read what else the register knows, a table
 * each, with readers of their own.
 */
#include <pthread.h>

#include "check/town_rows.h"

#include "ledger/row_match.h"

#include "base/banned.h"

enum { JOB_REGISTER, JOB_FETCH, JOB_OPEN };
enum { ROWS_AT_ONCE = 100000 }; /* besides the population file */

enum stage { STAGE_NONE, STAGE_HOUSEHOLDS, STAGE_PERSONS, STAGE_FAILED };

/* A table of the register. */
struct table {
	struct arena a;
	bool left; /* to the loader's own database */
	enum err err;
	struct diag diag;
};

/* The same data once more, of one worker. */
struct view {
	struct db *db;
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
	struct table table[TOWN_PIECES]; /* of the register */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t more;
	enum stage stage; /* of the register */
	VEC(struct sealed) queue;
	size_t taken;
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
 * since it began to read: then it is not the same. */
static enum err view_of(struct reading *g, size_t worker, struct view **ret)
{
	struct view *v = *ret = &g->view[worker];
	int64_t last = 0;
	if (v->db)
		return OK;
	enum err e = db_open_reader(g->l->db, &v->diag, &v->db);
	if (!e)
		e = db_begin_read(v->db);
	if (!e)
		e = journal_last_entry(v->db, &last);
	v->same = !e && last == g->moment;
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

static enum err read_people(struct reading *g)
{
	enum err e = town_read_households(g->l);
	reach(g, e ? STAGE_FAILED : STAGE_HOUSEHOLDS);
	if (e)
		return e;
	e = town_read_persons(g->l);
	reach(g, e ? STAGE_FAILED : STAGE_PERSONS);
	for (size_t i = 0; !e && i < TOWN_PIECES; i++)
		if (town_piece_sealed(i))
			e = town_read_piece(g->l, i, g->l->db, g->l->a);
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

static void read_table(struct reading *g, size_t piece, size_t worker)
{
	struct table *t = &g->table[piece];
	struct view *v;
	if (town_piece_sealed(piece) ||
	    !wait_for(g, town_piece_of_people(piece) ? STAGE_PERSONS : STAGE_HOUSEHOLDS))
		return;
	t->err = view_of(g, worker, &v);
	t->left = !t->err && !v->same;
	if (!t->err && v->same)
		t->err = town_read_piece(g->l, piece, v->db, &t->a);
	if (t->err)
		t->diag = v->diag;
}

enum err town_take_error(struct loader *l, enum err e, const struct diag *diag)
{
	(void)diag_set(db_diag(l->db), e, "%s", diag->detail);
	diag_place(db_diag(l->db), "%s", diag->place);
	return e;
}

/* What is left to do when all threads are done. */
static enum err finish_register(struct reading *g)
{
	struct loader *l = g->l;
	enum err e = g->register_err;
	for (size_t i = 0; !e && i < TOWN_PIECES; i++) {
		struct table *t = &g->table[i];
		if (t->err)
			e = town_take_error(l, t->err, &t->diag);
		else if (t->left)
			e = town_read_piece(l, i, l->db, l->a);
	}
	for (size_t i = 0; i < TOWN_PIECES; i++)
		arena_join(l->a, &g->table[i].a);
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

static void open_chunks(struct reading *g, size_t worker)
{
	struct sealed s;
	while (take_chunk(g, &s)) {
		struct layout_rows *r = s.rows;
		int state = pack_column(r->layout, "state");
		size_t i, end;
		town_rows_open(r, s.table, s.chunk, &i, &end);
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
	if (job == JOB_REGISTER) {
		g->register_err = read_people(g);
	} else if (job == JOB_FETCH) {
		g->fetch_err = fetch_all(g, worker);
		(void)pthread_mutex_lock(&g->lock);
		g->all = true;
		(void)pthread_cond_broadcast(&g->more);
		(void)pthread_mutex_unlock(&g->lock);
	} else if (job >= JOB_OPEN + team_size(g->l->team)) {
		read_table(g, job - JOB_OPEN - team_size(g->l->team), worker);
	} else {
		open_chunks(g, worker);
	}
}

enum err town_read(struct loader *l, struct town_read *ret)
{
	const struct pack *pack = l->o->pack;
	struct reading g = {.l = l, .t = ret};
	*ret = (struct town_read){.n = pack->n_layouts, .population = pack->n_layouts};
	ret->rows = ARENA_ARRAY(l->a, ret->n + 1, struct layout_rows);
	size_t *count = ARENA_ARRAY(l->a, ret->n + 1, size_t);
	for (size_t i = 0; i < ret->n; i++) {
		count[i] = town_rows_count(l, &pack->layouts[i]);
		if (ledger_is_population(pack->layouts[i].id))
			ret->population = i;
	}
	ret->count = count;
	enum err e = journal_last_entry(l->db, &g.moment);
	if (e)
		return e;
	for (size_t i = 0; i < TOWN_PIECES; i++)
		arena_init(&g.table[i].a, 0);
	(void)pthread_mutex_init(&g.lock, NULL);
	(void)pthread_cond_init(&g.more, NULL);
	team_run(l->team, JOB_OPEN + team_size(l->team) + TOWN_PIECES, read_job, &g);
	(void)pthread_cond_destroy(&g.more);
	(void)pthread_mutex_destroy(&g.lock);
	vec_free(&g.queue);
	for (size_t i = 0; i < TEAM_MAX; i++)
		db_close(g.view[i].db);
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
