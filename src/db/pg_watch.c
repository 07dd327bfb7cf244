/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pg_watch: does the server answer at all?
 *
 * Of a statement without an answer nobody can tell whether it takes long or whether the server is
 * out of reach: a proxy that has stopped forwarding acknowledges every packet.  So a thread with a
 * connection of its own asks a question that takes no time, while somebody waits, and goes on
 * asking until it is answered.  One watch for all connections of a process to one database.
 */
#include "db/pg.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/date.h"

#include "base/banned.h"

enum {
	PAUSE_MS = 500,   /* between two questions */
	OUTAGE_MS = 1500,
	SLICE_MS = 100,
	ANSWER_MS = 3000, /* then its own connection may be what is broken */
	TCP_MS = 2000
};

/* To make its own connection, in turn: a slow server gets its time, and one that is back is not met
 * by somebody who still waits on a connection that leads nowhere. */
static const int dial_ms[] = {2000, 4000, 8000};

struct pg_watch {
	struct pg_watch *next;
	char *url;
	unsigned users;
	pthread_t thread;
	bool runs;
	pthread_mutex_t lock; /* asked */
	pthread_cond_t wake;
	bool asked;
	atomic_bool stop;
	_Atomic int64_t since; /* of the first question without an answer; 0: it answers */
	atomic_uint outages;
	PGconn *c;             /* the thread's; */
	unsigned dials;        /* how often it was tried to make it */
};

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pg_watch *list;

static bool stopped(void *arg)
{
	struct pg_watch *w = arg;
	return atomic_load(&w->stop);
}

/* On the connection that is there. */
static bool asks(struct pg_watch *w)
{
	if (PQstatus(w->c) != CONNECTION_OK || !PQsendQuery(w->c, ""))
		return false;
	int64_t until = monotonic_ms() + ANSWER_MS;
	bool ok = false;
	while (PQflush(w->c) >= 0 && PQisBusy(w->c) && !stopped(w) && monotonic_ms() < until) {
		struct pollfd p = {PQsocket(w->c), POLLIN, 0};
		if (poll(&p, 1, SLICE_MS) > 0 && !PQconsumeInput(w->c))
			return false;
	}
	while (!PQisBusy(w->c)) {
		PGresult *r = PQgetResult(w->c);
		if (!r)
			return ok;
		ok = PQresultStatus(r) == PGRES_EMPTY_QUERY;
		PQclear(r);
	}
	return false;
}

/* A refusal is an answer, too. */
static bool answers(struct pg_watch *w)
{
	struct pg_dial d = {.url = w->url, .role = " watch", .tcp_ms = TCP_MS, .stop = stopped, .arg = w};
	if (w->c && asks(w))
		return true;
	PQfinish(w->c);
	w->c = NULL;
	if (stopped(w))
		return false;
	d.all_ms = dial_ms[w->dials++ % (sizeof(dial_ms) / sizeof(dial_ms[0]))];
	w->c = pg_dial(&d);
	if (PQstatus(w->c) == CONNECTION_OK) {
		w->dials = 0;
		return true;
	}
	return !d.silent && !stopped(w) && pg_ping(w->url) != PQPING_NO_RESPONSE;
}

/* Under the lock. */
static void pause_a_little(struct pg_watch *w)
{
	int64_t due = monotonic_ms() + PAUSE_MS;
	struct timespec t = {due / 1000, (long)(due % 1000) * 1000000};
	while (!stopped(w) && pthread_cond_timedwait(&w->wake, &w->lock, &t) != ETIMEDOUT)
		continue;
}

static void *watch_main(void *arg)
{
	struct pg_watch *w = arg;
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!stopped(w) && !w->asked && !atomic_load(&w->since))
			pthread_cond_wait(&w->wake, &w->lock);
		if (stopped(w))
			break;
		w->asked = false;
		pthread_mutex_unlock(&w->lock);
		if (!atomic_load(&w->since))
			atomic_store(&w->since, monotonic_ms());
		if (answers(w)) {
			if (pg_watch_silent_ms(w) >= OUTAGE_MS)
				(void)atomic_fetch_add(&w->outages, 1);
			atomic_store(&w->since, 0);
		}
		pthread_mutex_lock(&w->lock);
		pause_a_little(w);
	}
	pthread_mutex_unlock(&w->lock);
	PQfinish(w->c);
	return NULL;
}

struct pg_watch *pg_watch_get(const char *url)
{
	pthread_mutex_lock(&list_lock);
	struct pg_watch *w = list;
	while (w && strcmp(w->url, url) != 0)
		w = w->next;
	if (!w) {
		size_t n = strlen(url) + 1;
		pthread_condattr_t monotonic;
		w = base_calloc(1, sizeof(*w));
		w->url = base_calloc(n, 1);
		memcpy(w->url, url, n);
		pthread_mutex_init(&w->lock, NULL);
		pthread_condattr_init(&monotonic);
		(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
		pthread_cond_init(&w->wake, &monotonic);
		pthread_condattr_destroy(&monotonic);
		w->next = list;
		list = w;
	}
	w->users++;
	pthread_mutex_unlock(&list_lock);
	return w;
}

void pg_watch_put(struct pg_watch *w)
{
	pthread_mutex_lock(&list_lock);
	bool last = --w->users == 0;
	struct pg_watch **p = &list;
	while (last && *p != w)
		p = &(*p)->next;
	if (last)
		*p = w->next;
	pthread_mutex_unlock(&list_lock);
	if (!last)
		return;
	pthread_mutex_lock(&w->lock);
	atomic_store(&w->stop, true);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (w->runs)
		pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	base_free(w->url);
	base_free(w);
}

void pg_watch_ask(struct pg_watch *w)
{
	pthread_mutex_lock(&w->lock);
	w->asked = true;
	if (!w->runs) /* most commands never wait so long */
		w->runs = pthread_create(&w->thread, NULL, watch_main, w) == 0;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

int64_t pg_watch_silent_ms(struct pg_watch *w)
{
	int64_t since = atomic_load(&w->since);
	return since ? monotonic_ms() - since : 0;
}

unsigned pg_watch_outages(struct pg_watch *w)
{
	return atomic_load(&w->outages);
}
