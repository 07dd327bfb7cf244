/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "base/cpus.h"
#include "base/date.h"
#include "db/handle.h"

#include "base/banned.h"

enum {
	BATCH_MAX = 256,
	GUEST_FOLD_MS = 100,
	GATHER_MIN = 8,  /* so many had written together: they come again */
	GATHER_US = 150  /* and are waited for so long: a fraction of what a commit takes */
};

/* A caller's request; lives on the caller's stack until it is woken, alone and without the
 * lock that the others need. */
struct request {
	struct request *next;
	db_write_fn fn;
	void *arg;
	struct diag *diag;
	enum err err;
	enum { SHARES, SINGLE, ASIDE } how;
	sem_t done;
};

struct db_writer {
	struct db *db;
	struct diag *db_diag; /* the handle's own, given back at the end */
	pthread_t thread;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t work;
	struct request *first, **last;
	size_t waiting;
	bool busy; /* somebody has the handle: the thread, or a caller who found nobody */
	bool stop;
	/* The log is folded in beside the writer: whoever writes does not wait for it. */
	pthread_t folder;
	bool folds; /* the thread is there; none where a server keeps the log */
	bool fold;  /* asked to */
	bool folded; /* did, and what was written meanwhile is left */
	int64_t guest_folded; /* when it was last asked to after a guest's turn */
	pthread_cond_t folding;
};

static void *folder_main(void *arg)
{
	struct db_writer *w = arg;
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->fold && !w->stop)
			pthread_cond_wait(&w->folding, &w->lock);
		if (w->stop)
			break;
		w->fold = false;
		pthread_mutex_unlock(&w->lock);
		sqlite_fold(w->db->engine);
		pthread_mutex_lock(&w->lock);
		w->fold = false;
		w->folded = true;
		pthread_cond_signal(&w->work);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* The engine itself rolled back; a server's, because the connection broke. */
static enum err given_up(const struct db *db, struct diag *diag)
{
	return diag_set(diag, db->engine->kind == DB_PG ? ERR_DB_LOST : ERR_DB,
			"the transaction was rolled back");
}

/* One of several: what it did can be undone alone. */
static void run_one(struct db *db, struct request *r)
{
	db_set_diag(db, r->diag);
	r->err = db_savepoint(db);
	if (r->err)
		return;
	r->err = r->fn(db, r->arg, db_diag(db));
	if (r->err)
		db_rollback_savepoint(db);
	else
		r->err = db_release_savepoint(db);
}

/* One of several that looks for faults before it writes: it needs no savepoint, which copies every
 * page that it changes.  Should it fail later (the disk is full), the transaction ends for all. */
static void run_single(struct db *db, struct request *r)
{
	int64_t before = sqlite_written(db->engine);
	db_set_diag(db, r->diag);
	r->err = r->fn(db, r->arg, db_diag(db));
	if (r->err && sqlite_written(db->engine) != before)
		db_rollback(db);
}

static void run_only(struct db *db, struct request *r)
{
	db_set_diag(db, r->diag);
	r->err = db_begin(db);
	if (r->err)
		return;
	r->err = r->fn(db, r->arg, db_diag(db));
	if (r->err)
		db_rollback(db);
	else if (!db_in_transaction(db))
		r->err = given_up(db, db_diag(db));
	else
		r->err = db_commit(db);
}

/* What went wrong with the common transaction went wrong for everybody. */
static void fail_all(struct request *batch, enum err err, const struct diag *why)
{
	for (struct request *r = batch; r; r = r->next) {
		if (r->err)
			continue;
		r->err = err;
		if (r->diag)
			*r->diag = *why;
	}
}

static void run_aside(struct db *db, struct request *r)
{
	db_set_diag(db, r->diag);
	r->err = r->fn(db, r->arg, db_diag(db));
	db_rollback(db);
}

static void run_batch(struct db *db, struct request *batch)
{
	struct diag diag = {0};
	if (batch->how == ASIDE) {
		run_aside(db, batch);
		return;
	}
	if (!batch->next) {
		run_only(db, batch);
		return;
	}
	db_set_diag(db, &diag);
	enum err e = db_begin(db);
	if (e) {
		fail_all(batch, e, &diag);
		return;
	}
	/* Some failures (a full disk) end the whole transaction at once; going on
	 * would then commit the later requests without the earlier ones. */
	for (struct request *r = batch; r && db_in_transaction(db); r = r->next) {
		bool single = r->how == SINGLE && db->engine->kind == DB_SQLITE;
		(single ? run_single : run_one)(db, r);
	}
	db_set_diag(db, &diag);
	e = db_in_transaction(db) ? db_commit(db) : given_up(db, &diag);
	if (e)
		fail_all(batch, e, &diag);
}

/* Those that wait, up to one who wants to be alone; or that one. */
static struct request *take_batch(struct db_writer *w)
{
	struct request *batch = w->first, *r = batch;
	size_t n = 1;
	for (; r->next && n < BATCH_MAX && batch->how != ASIDE && r->next->how != ASIDE; n++)
		r = r->next;
	w->waiting -= n;
	w->first = r->next;
	r->next = NULL;
	if (!w->first)
		w->last = &w->first;
	return batch;
}

/* Under the lock: the handle is given back.  While the rest of a fold is due none is asked for: the
 * two would meet, and the log not be begun anew. */
static void leave(struct db_writer *w)
{
	w->busy = false;
	if (w->folds && !w->folded && engine_log_grown(w->db->engine)) {
		w->fold = true;
		pthread_cond_signal(&w->folding);
	}
}

/* Under the lock.  How much a guest wrote is not known here: it is folded in now and then. */
static void fold_guests(struct db_writer *w)
{
	int64_t now = monotonic_ms();
	if (!w->folds || w->folded || now - w->guest_folded < GUEST_FOLD_MS)
		return;
	w->guest_folded = now;
	w->fold = true;
	pthread_cond_signal(&w->folding);
}

static void wake(struct request *batch)
{
	while (batch) {
		struct request *next = batch->next; /* gone once it is done */
		(void)sem_post(&batch->done);
		batch = next;
	}
}

/* Under the lock, the handle still taken: those who were woken together mostly write again at once, and
 * whoever misses the next commit waits for two. */
static void gather(struct db_writer *w, size_t had)
{
	int64_t until = had < GATHER_MIN ? 0 : monotonic_us() + GATHER_US;
	while (w->waiting < had && !w->stop && monotonic_us() < until) {
		pthread_mutex_unlock(&w->lock);
		(void)sched_yield();
		pthread_mutex_lock(&w->lock);
	}
}

static void *writer_main(void *arg)
{
	struct db_writer *w = arg;
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->busy || (!w->first && !w->folded && !w->stop))
			pthread_cond_wait(&w->work, &w->lock);
		bool folded = w->folded;
		if (!w->first && !folded)
			break;
		size_t n = w->waiting;
		struct request *batch = w->first ? take_batch(w) : NULL;
		n -= w->waiting;
		bool aside = batch && batch->how == ASIDE;
		w->folded = false;
		w->busy = true;
		pthread_mutex_unlock(&w->lock);
		if (batch)
			run_batch(w->db, batch);
		wake(batch);
		if (folded)
			engine_fold_rest(w->db->engine);
		pthread_mutex_lock(&w->lock);
		gather(w, n);
		leave(w);
		if (aside)
			fold_guests(w);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void free_writer(struct db_writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->folding);
	pthread_mutex_unlock(&w->lock);
	if (w->folds)
		pthread_join(w->folder, NULL);
	engine_leave_log(w->db->engine, false);
	pthread_cond_destroy(&w->work);
	pthread_cond_destroy(&w->folding);
	pthread_mutex_destroy(&w->lock);
	db_set_diag(w->db, w->db_diag);
	base_free(w);
}

enum err db_writer_start(struct db *db, struct db_writer **ret)
{
	struct db_writer *w = base_calloc(1, sizeof(*w));
	w->db = db;
	w->db_diag = db_diag(db);
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_cond_init(&w->folding, NULL);
	bool needs = db->engine->kind == DB_SQLITE;
	w->folds = needs && pthread_create(&w->folder, NULL, folder_main, w) == 0;
	engine_leave_log(db->engine, w->folds);
	if (w->folds != needs || pthread_create(&w->thread, NULL, writer_main, w) != 0) {
		free_writer(w);
		return diag_set(db_diag(db), ERR_RESOURCE, "thread");
	}
	*ret = w;
	return OK;
}

/* Nobody else writes, so the caller does it itself: two changes of threads take longer than a
 * small write.  Not one that lets others go first: those that write would wait with it.  Under
 * the lock, which it lets go. */
static void run_here(struct db_writer *w, struct request *r)
{
	w->busy = true;
	pthread_mutex_unlock(&w->lock);
	run_only(w->db, r);
	pthread_mutex_lock(&w->lock);
	leave(w);
	if (w->first || w->folded || w->stop)
		pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
}

static void queue(struct db_writer *w, struct request *r)
{
	(void)sem_init(&r->done, 0, 0);
	*w->last = r;
	w->last = &r->next;
	w->waiting++;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	while (sem_wait(&r->done) != 0 && errno == EINTR)
		continue;
	(void)sem_destroy(&r->done);
}

static enum err submit(struct db_writer *w, struct request r)
{
	pthread_mutex_lock(&w->lock);
	if (w->stop) {
		pthread_mutex_unlock(&w->lock);
		return diag_set(r.diag, ERR_INTERRUPTED, "the writer has stopped");
	}
	bool free = !w->busy && !w->first && !w->folded; /* the thread has its turn, too */
	if (free && r.how != ASIDE && !cpus_stepped_back())
		run_here(w, &r);
	else
		queue(w, &r);
	return r.err;
}

enum err db_writer_submit(struct db_writer *w, db_write_fn fn, void *arg, struct diag *diag)
{
	return submit(w, (struct request){.fn = fn, .arg = arg, .diag = diag, .how = SHARES});
}

enum err db_writer_single(struct db_writer *w, db_write_fn fn, void *arg, struct diag *diag)
{
	return submit(w, (struct request){.fn = fn, .arg = arg, .diag = diag, .how = SINGLE});
}

enum err db_writer_aside(struct db_writer *w, db_write_fn fn, void *arg, struct diag *diag)
{
	return submit(w, (struct request){.fn = fn, .arg = arg, .diag = diag, .how = ASIDE});
}

size_t db_writer_waiting(struct db_writer *w)
{
	pthread_mutex_lock(&w->lock);
	size_t n = w->waiting;
	pthread_mutex_unlock(&w->lock);
	return n;
}

void db_writer_stop(struct db_writer *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	free_writer(w);
}
