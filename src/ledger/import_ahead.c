/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/import_ahead.h"

#include <pthread.h>
#include <sys/stat.h>

#include "base/cpus.h"

#include "base/banned.h"

enum { STACK = 4 << 20, SPARE_MAX = 16 };

enum stage {
	STAGE_WAITING, /* nobody has begun it */
	STAGE_READING, /* a thread opens it */
	STAGE_OPEN,    /* it is open; rows may be coming; at last its copy is synced */
	STAGE_ENDED,   /* read to its end, or failed: the caller's */
};

/* A chunk on its way; also kept as a spare. */
struct parcel {
	struct parcel *next;
	size_t group;
	int64_t rows;
	size_t length;
	double share; /* how far in the file it ends */
	struct buf packed;
};

struct slot {
	struct read_file file;
	int64_t size; /* bytes of the file */
	/* under the lock */
	enum stage stage;
	enum err err;
	bool opened; /* what failed, failed after that */
	bool held;   /* here already: read only when wanted */
	bool wanted; /* the caller asked for its rows */
	bool cancelled;
	size_t bytes; /* in the queue */
	struct parcel *first, **last;
	struct slot *next_sealed;
};

struct ahead {
	struct ahead_opts o;
	struct slot *slots; /* by file */
	unsigned n_threads;
	pthread_t threads[AHEAD_THREADS];
	bool has_syncer;
	pthread_t syncer;
	/* the caller's */
	size_t current; /* file taken; from 1, 0 = none yet */
	struct parcel *lent;
	struct ahead_at at;
	int64_t size, size_done; /* bytes of all files; of those given back */

	pthread_mutex_t lock; /* guards all below, and what slots say */
	pthread_cond_t work;  /* for the reading threads */
	pthread_cond_t ready; /* for the caller */
	pthread_cond_t sealed; /* for the syncing thread */
	size_t next;          /* the first file that nobody has begun */
	unsigned n_astray;    /* threads with a file that was not the next one */
	size_t done;          /* files given back */
	size_t bytes;         /* in all queues */
	bool stop;
	bool all_sealed;      /* nobody reads any more */
	struct slot *first_sealed, **last_sealed; /* copies that wait to be synced */
	struct parcel *spare;
	size_t n_spare;
};

/* --- reading threads ------------------------------------------------------------------ */

struct delivery {
	struct ahead *a;
	struct slot *s;
};

static bool given_up(const struct ahead *a, const struct slot *s)
{
	return a->stop || s->cancelled;
}

static bool is_full(const struct ahead *a, const struct slot *s)
{
	return s->bytes > AHEAD_BYTES && (!a->o.settle || a->bytes > AHEAD_ROOM);
}

/* read_sink: waits for room, then queues the chunk; the buffer comes back empty. */
static enum err deliver(void *arg, size_t group, int64_t rows, size_t length, struct buf *packed)
{
	const struct delivery *d = arg;
	struct ahead *a = d->a;
	struct slot *s = d->s;
	(void)pthread_mutex_lock(&a->lock);
	while (is_full(a, s) && !given_up(a, s))
		(void)pthread_cond_wait(&a->work, &a->lock);
	bool over = given_up(a, s);
	struct parcel *p = a->spare;
	if (!over && p) {
		a->spare = p->next;
		a->n_spare--;
	} else if (!over) {
		p = base_calloc(1, sizeof(*p));
		buf_init(&p->packed, packed->max);
	}
	if (!over) {
		struct buf empty = p->packed;
		*p = (struct parcel){.group = group, .rows = rows, .length = length,
		                     .share = rows_share(s->file.rows), .packed = *packed};
		*packed = empty;
		*s->last = p;
		s->last = &p->next;
		s->bytes += p->packed.n;
		a->bytes += p->packed.n;
		(void)pthread_cond_signal(&a->ready);
	}
	(void)pthread_mutex_unlock(&a->lock);
	return over ? ERR_INTERNAL : OK; /* nobody asks why */
}

static bool is_here(const struct ahead_opts *o, const unsigned char hash[32])
{
	for (size_t i = 0; i < o->n_here; i++)
		if (memcmp(o->here[i], hash, 32) == 0)
			return true;
	return false;
}

/* Waits, when the file is probably not to be read, until that is known. */
static bool go_on(struct ahead *a, struct slot *s, bool hold)
{
	(void)pthread_mutex_lock(&a->lock);
	s->stage = STAGE_OPEN;
	s->opened = true;
	s->held = hold;
	(void)pthread_cond_signal(&a->ready);
	while (hold && !s->wanted && !given_up(a, s))
		(void)pthread_cond_wait(&a->work, &a->lock);
	bool over = given_up(a, s);
	(void)pthread_mutex_unlock(&a->lock);
	return !over;
}

static void ended(struct ahead *a, struct slot *s, enum err e)
{
	(void)pthread_mutex_lock(&a->lock);
	s->err = e;
	s->stage = STAGE_ENDED;
	(void)pthread_cond_signal(&a->ready);
	(void)pthread_mutex_unlock(&a->lock);
}

static void sync_later(struct ahead *a, struct slot *s)
{
	(void)pthread_mutex_lock(&a->lock);
	*a->last_sealed = s;
	a->last_sealed = &s->next_sealed;
	(void)pthread_cond_signal(&a->sealed);
	(void)pthread_mutex_unlock(&a->lock);
}

static void *sync_main(void *arg)
{
	struct ahead *a = arg;
	for (;;) {
		(void)pthread_mutex_lock(&a->lock);
		while (!a->first_sealed && !a->all_sealed)
			(void)pthread_cond_wait(&a->sealed, &a->lock);
		struct slot *s = a->first_sealed;
		if (s) {
			a->first_sealed = s->next_sealed;
			if (!a->first_sealed)
				a->last_sealed = &a->first_sealed;
		}
		(void)pthread_mutex_unlock(&a->lock);
		if (!s)
			return NULL;
		ended(a, s, read_sync(&s->file));
	}
}

static void read_one(struct ahead *a, struct slot *s)
{
	struct delivery d = {a, s};
	enum err e = read_open(&s->file, &a->o.read);
	if (!e && !s->file.other && go_on(a, s, is_here(&a->o, s->file.hash))) {
		e = read_rows(&s->file, &a->o.read, deliver, &d);
		if (!e)
			e = read_seal(&s->file, &a->o.read);
		if (!e && a->has_syncer) {
			sync_later(a, s);
			return;
		}
		if (!e)
			e = read_sync(&s->file);
	}
	ended(a, s, e);
}

/* The first file from `from` on that nobody has begun. */
static size_t unbegun(const struct ahead *a, size_t from)
{
	while (from < a->o.n && a->slots[from].stage != STAGE_WAITING)
		from++;
	return from;
}

static size_t largest(const struct ahead *a)
{
	size_t best = a->next;
	for (size_t i = a->next; i < a->o.n && i < a->done + AHEAD_FILES; i = unbegun(a, i + 1))
		if (a->slots[i].size > a->slots[best].size)
			best = i;
	return best;
}

/*
 * A file that may be begun; NULL when there will be none.  The caller waits for
 * one file at a time, and who reads another may wait for the caller: so one
 * thread at least keeps to the order.
 */
static struct slot *begin(struct ahead *a, bool *ret_astray)
{
	struct slot *s = NULL;
	(void)pthread_mutex_lock(&a->lock);
	while (!a->stop && a->next < a->o.n && a->next >= a->done + AHEAD_FILES)
		(void)pthread_cond_wait(&a->work, &a->lock);
	if (!a->stop && a->next < a->o.n) {
		size_t i = a->n_astray + 1 < a->n_threads ? largest(a) : a->next;
		*ret_astray = i != a->next;
		a->n_astray += *ret_astray;
		s = &a->slots[i];
		s->stage = STAGE_READING;
		a->next = unbegun(a, a->next);
	}
	(void)pthread_mutex_unlock(&a->lock);
	return s;
}

static void *thread_main(void *arg)
{
	struct ahead *a = arg;
	struct slot *s;
	bool astray = false;
	while ((s = begin(a, &astray)) != NULL) {
		read_one(a, s);
		(void)pthread_mutex_lock(&a->lock);
		a->n_astray -= astray;
		(void)pthread_mutex_unlock(&a->lock);
	}
	return NULL;
}

/* --- the caller ------------------------------------------------------------------------- */

static unsigned thread_count(const struct ahead_opts *o)
{
	unsigned n = o->threads ? o->threads : cpus_usable();
	n = n > AHEAD_THREADS ? AHEAD_THREADS : n;
	return n > o->n ? (unsigned)o->n : n;
}

static int64_t file_size(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

enum err ahead_start(const struct ahead_opts *o, struct diag *diag, struct ahead **ret)
{
	struct ahead *a = base_calloc(1, sizeof(*a));
	pthread_attr_t attr;
	unsigned wanted = thread_count(o);
	a->o = *o;
	a->n_threads = wanted;
	a->slots = base_calloc(o->n, sizeof(*a->slots));
	for (size_t i = 0; i < o->n; i++) {
		read_init(&a->slots[i].file, o->paths[i], i);
		a->slots[i].size = file_size(o->paths[i]);
		a->size += a->slots[i].size;
		a->slots[i].last = &a->slots[i].first;
	}
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->work, NULL);
	(void)pthread_cond_init(&a->ready, NULL);
	(void)pthread_cond_init(&a->sealed, NULL);
	a->last_sealed = &a->first_sealed;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK);
	unsigned n = 0;
	(void)pthread_mutex_lock(&a->lock); /* nobody begins before it is known how many they are */
	while (n < wanted && pthread_create(&a->threads[n], &attr, thread_main, a) == 0)
		n++;
	a->has_syncer = n && o->read.keep && pthread_create(&a->syncer, &attr, sync_main, a) == 0;
	(void)pthread_attr_destroy(&attr);
	a->n_threads = n;
	(void)pthread_mutex_unlock(&a->lock);
	if (wanted && !n) {
		ahead_stop(a);
		return diag_set(diag, ERR_NO_MEMORY, "thread");
	}
	*ret = a;
	return OK;
}

static struct slot *current(struct ahead *a)
{
	return &a->slots[a->current - 1];
}

static enum err failure(const struct slot *s, struct diag *diag)
{
	if (s->err && diag && !diag->code)
		*diag = s->file.diag;
	return s->err;
}

enum err ahead_take(struct ahead *a, struct diag *diag, struct read_file **ret)
{
	struct slot *s = &a->slots[a->current++];
	(void)pthread_mutex_lock(&a->lock);
	while (s->stage < STAGE_OPEN)
		(void)pthread_cond_wait(&a->ready, &a->lock);
	enum err e = s->opened ? OK : failure(s, diag);
	(void)pthread_mutex_unlock(&a->lock);
	*ret = &s->file;
	return e;
}

static void keep_spare(struct ahead *a, struct parcel *p)
{
	if (!p)
		return;
	buf_clear(&p->packed);
	if (a->n_spare < SPARE_MAX) {
		p->next = a->spare;
		a->spare = p;
		a->n_spare++;
		return;
	}
	buf_release(&p->packed);
	base_free(p);
}

enum err ahead_next(struct ahead *a, struct diag *diag, struct ahead_chunk *ret, bool *ret_more)
{
	struct slot *s = current(a);
	(void)pthread_mutex_lock(&a->lock);
	keep_spare(a, a->lent);
	a->lent = NULL;
	if (!s->wanted) {
		s->wanted = true;
		(void)pthread_cond_broadcast(&a->work);
	}
	while (!s->first && s->stage != STAGE_ENDED)
		(void)pthread_cond_wait(&a->ready, &a->lock);
	struct parcel *p = s->first;
	enum err e = p ? OK : failure(s, diag);
	if (p) {
		s->first = p->next;
		if (!s->first)
			s->last = &s->first;
		s->bytes -= p->packed.n;
		a->bytes -= p->packed.n;
		a->lent = p;
		*ret = (struct ahead_chunk){p->group, p->rows, p->length, buf_str(&p->packed)};
		a->at.rows += p->rows;
		a->at.share = ((double)a->size_done + p->share * (double)s->size) / (double)(a->size + 1);
		(void)pthread_cond_broadcast(&a->work);
	}
	(void)pthread_mutex_unlock(&a->lock);
	*ret_more = p != NULL;
	return e;
}

void ahead_settle(struct ahead *a)
{
	const struct slot *s = current(a);
	(void)pthread_mutex_lock(&a->lock);
	while (s->stage != STAGE_ENDED && !is_full(a, s) && !s->held)
		(void)pthread_cond_wait(&a->ready, &a->lock);
	(void)pthread_mutex_unlock(&a->lock);
}

void ahead_done(struct ahead *a)
{
	struct slot *s = current(a);
	(void)pthread_mutex_lock(&a->lock);
	s->cancelled = true;
	(void)pthread_cond_broadcast(&a->work);
	while (s->stage != STAGE_ENDED)
		(void)pthread_cond_wait(&a->ready, &a->lock);
	keep_spare(a, a->lent);
	a->lent = NULL;
	while (s->first) {
		struct parcel *p = s->first;
		s->first = p->next;
		a->bytes -= p->packed.n;
		keep_spare(a, p);
	}
	a->done++;
	(void)pthread_cond_broadcast(&a->work);
	(void)pthread_mutex_unlock(&a->lock);
	read_release(&s->file);
	a->size_done += s->size;
	a->at.share = (double)a->size_done / (double)(a->size + 1);
}

struct ahead_at ahead_at(const struct ahead *a)
{
	return a->at;
}

void ahead_stop(struct ahead *a)
{
	if (!a)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->stop = true;
	(void)pthread_cond_broadcast(&a->work);
	(void)pthread_mutex_unlock(&a->lock);
	for (unsigned i = 0; i < a->n_threads; i++)
		(void)pthread_join(a->threads[i], NULL);
	if (a->has_syncer) {
		(void)pthread_mutex_lock(&a->lock);
		a->all_sealed = true;
		(void)pthread_cond_signal(&a->sealed);
		(void)pthread_mutex_unlock(&a->lock);
		(void)pthread_join(a->syncer, NULL);
	}
	for (size_t i = 0; i < a->o.n; i++) {
		while (a->slots[i].first) {
			struct parcel *p = a->slots[i].first;
			a->slots[i].first = p->next;
			keep_spare(a, p);
		}
		read_release(&a->slots[i].file);
	}
	keep_spare(a, a->lent);
	while (a->spare) {
		struct parcel *p = a->spare;
		a->spare = p->next;
		buf_release(&p->packed);
		base_free(p);
	}
	(void)pthread_cond_destroy(&a->sealed);
	(void)pthread_cond_destroy(&a->ready);
	(void)pthread_cond_destroy(&a->work);
	(void)pthread_mutex_destroy(&a->lock);
	base_free(a->slots);
	base_free(a);
}
