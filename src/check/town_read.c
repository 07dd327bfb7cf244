/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Reading the town's data on all threads of the team.  One job reads the register
 * with the loader's database; one fetches the sealed chunks of the ledgers with a
 * reader of its own, the population file first; the others, and these two when
 * they are done, open the chunks as they come.
 */
#include <pthread.h>

#include "check/town_rows.h"

#include "ledger/row_match.h"

#include "base/banned.h"

enum { JOB_REGISTER, JOB_FETCH, JOB_OPEN };
enum { ROWS_AT_ONCE = 100000 }; /* besides the population file */

/* A chunk that is to be opened. */
struct sealed {
	struct layout_rows *rows;
	size_t table, chunk;
};

struct reading {
	struct loader *l;
	struct town_read *t;
	enum err register_err, fetch_err;
	struct diag fetch_diag;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t more;
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
		g->t->bridge = base_calloc(r->n + 1, sizeof(*g->t->bridge));
	put_chunks(g, r);
	return OK;
}

static enum err fetch_all(struct reading *g)
{
	struct db *db = NULL;
	enum err e = db_open_reader(g->l->db, &g->fetch_diag, &db);
	if (!e && g->t->population < g->t->n)
		e = fetch_layout(g, db, g->t->population);
	for (size_t i = 0, sum = 0; !e && i < g->t->n; i++) {
		if (i == g->t->population)
			continue;
		g->t->rows[i].waits = sum + g->t->count[i] > ROWS_AT_ONCE;
		if (g->t->rows[i].waits)
			continue;
		sum += g->t->count[i];
		e = fetch_layout(g, db, i);
	}
	db_close(db);
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
		size_t i, end;
		town_rows_open(r, s.table, s.chunk, &i, &end);
		if (r != &g->t->rows[g->t->population])
			continue;
		for (; i < end; i++) {
			struct ledger_row row = town_rows_pass(r, worker, i);
			struct match_bridge b =
				row_for_bridge(g->l->o->pack, &r->tables[s.table].table, &row);
			g->t->bridge[i] = bridge_keep(b, &g->t->text[worker]); /* its line goes before it ends */
		}
	}
}

static void read_job(void *arg, size_t job, size_t worker)
{
	struct reading *g = arg;
	if (job == JOB_REGISTER) {
		g->register_err = town_load_register(g->l);
	} else if (job == JOB_FETCH) {
		g->fetch_err = fetch_all(g);
		(void)pthread_mutex_lock(&g->lock);
		g->all = true;
		(void)pthread_cond_broadcast(&g->more);
		(void)pthread_mutex_unlock(&g->lock);
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
	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_init(&ret->text[i], 0);
	size_t *count = ARENA_ARRAY(l->a, ret->n + 1, size_t);
	for (size_t i = 0; i < ret->n; i++) {
		count[i] = town_rows_count(l, &pack->layouts[i]);
		if (ledger_is_population(pack->layouts[i].id))
			ret->population = i;
	}
	ret->count = count;
	(void)pthread_mutex_init(&g.lock, NULL);
	(void)pthread_cond_init(&g.more, NULL);
	team_run(l->team, JOB_OPEN + team_size(l->team), read_job, &g);
	(void)pthread_cond_destroy(&g.more);
	(void)pthread_mutex_destroy(&g.lock);
	vec_free(&g.queue);
	enum err e = g.register_err;
	if (!e && g.fetch_err) {
		e = diag_set(db_diag(l->db), g.fetch_err, "%s", g.fetch_diag.detail);
		diag_place(db_diag(l->db), "%s", g.fetch_diag.place);
	}
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
