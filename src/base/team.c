/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#include "base/banned.h"

/* One run; lies on the caller's stack. */
struct run {
	void (*work)(void *arg, size_t job, size_t worker);
	void *arg;
	size_t n;
	atomic_size_t next; /* job that nobody has begun */
};

struct member {
	struct team *team;
	size_t no;
	pthread_t thread;
};

struct team {
	pthread_mutex_t lock;
	pthread_cond_t begin, end;
	struct run *run;  /* what is to be joined, NULL = nothing */
	uint64_t round;   /* counts the runs */
	size_t busy;      /* members inside the run */
	bool quit;
	size_t size;      /* with the caller */
	struct member member[TEAM_MAX]; /* 0 is the caller */
};

static void take_jobs(struct run *r, size_t worker)
{
	size_t job;
	while ((job = atomic_fetch_add(&r->next, 1)) < r->n)
		r->work(r->arg, job, worker);
}

/* Joins each run once.  Whoever wakes when it is over has missed it: the
 * caller waits for those inside only. */
static void *member_main(void *arg)
{
	struct member *m = arg;
	struct team *t = m->team;
	uint64_t seen = 0;
	(void)pthread_mutex_lock(&t->lock);
	while (!t->quit) {
		if (!t->run || t->round == seen) {
			(void)pthread_cond_wait(&t->begin, &t->lock);
			continue;
		}
		struct run *r = t->run;
		seen = t->round;
		t->busy++;
		(void)pthread_mutex_unlock(&t->lock);
		take_jobs(r, m->no);
		(void)pthread_mutex_lock(&t->lock);
		if (--t->busy == 0)
			(void)pthread_cond_signal(&t->end);
	}
	(void)pthread_mutex_unlock(&t->lock);
	return NULL;
}

static size_t processors(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	int n = CPU_COUNT(&set);
	return n > 0 ? (size_t)n : 1;
}

struct team *team_new(size_t size)
{
	struct team *t = base_calloc(1, sizeof(*t));
	if (size == 0)
		size = processors();
	if (size > TEAM_MAX)
		size = TEAM_MAX;
	(void)pthread_mutex_init(&t->lock, NULL);
	(void)pthread_cond_init(&t->begin, NULL);
	(void)pthread_cond_init(&t->end, NULL);
	for (t->size = 1; t->size < size; t->size++) {
		struct member *m = &t->member[t->size];
		*m = (struct member){.team = t, .no = t->size};
		if (pthread_create(&m->thread, NULL, member_main, m) != 0)
			break;
	}
	return t;
}

void team_free(struct team *t)
{
	if (!t)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->quit = true;
	(void)pthread_cond_broadcast(&t->begin);
	(void)pthread_mutex_unlock(&t->lock);
	for (size_t i = 1; i < t->size; i++)
		(void)pthread_join(t->member[i].thread, NULL);
	(void)pthread_cond_destroy(&t->begin);
	(void)pthread_cond_destroy(&t->end);
	(void)pthread_mutex_destroy(&t->lock);
	base_free(t);
}

size_t team_size(const struct team *t)
{
	return t ? t->size : 1;
}

void team_run(struct team *t, size_t n, void (*work)(void *arg, size_t job, size_t worker),
              void *arg)
{
	struct run r = {.work = work, .arg = arg, .n = n};
	bool shared = t && t->size > 1 && n > 1;
	atomic_init(&r.next, 0);
	if (shared) {
		(void)pthread_mutex_lock(&t->lock);
		t->run = &r;
		t->round++;
		(void)pthread_cond_broadcast(&t->begin);
		(void)pthread_mutex_unlock(&t->lock);
	}
	take_jobs(&r, 0);
	if (!shared)
		return;
	(void)pthread_mutex_lock(&t->lock);
	t->run = NULL;
	while (t->busy > 0)
		(void)pthread_cond_wait(&t->end, &t->lock);
	(void)pthread_mutex_unlock(&t->lock);
}
