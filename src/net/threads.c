/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * threads: what each thread keeps, job threads, and the clock that wakes sleeping
 * event streams and cuts off senders that are too slow.
 */
#include "net/own.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>

#include "base/cpus.h"

#include "base/banned.h"

enum {
	JOB_NICE = 5,
	HEAVY_AT_ONCE = 2,
	GIVEN_UP_MS = 200, /* who has waited for so long may have gone */
	TICK_MS = 50,
	SWEEP_MS = 1000,
	HEAD_SLACK_MS = 5000,
	BODY_SLOWEST = 1024 /* bytes a second, beyond the time a head may take */
};

struct thread_slot {
	struct net *net;
	void *of_app;
};

/* --- what a thread keeps ------------------------------------------------------------- */

static void end_of_app(struct thread_slot *s)
{
	if (s->of_app && s->net->opts.hooks.thread_end)
		s->net->opts.hooks.thread_end(s->net->opts.app, s->of_app);
	s->of_app = NULL;
}

static void slot_end(void *p)
{
	end_of_app(p);
	base_free(p);
}

/* The thread's own; NULL when there is no room for it. */
static struct thread_slot *slot_of(struct net *n)
{
	struct thread_slot *s = pthread_getspecific(n->thread_key);
	if (s)
		return s;
	s = base_calloc(1, sizeof(*s));
	*s = (struct thread_slot){.net = n};
	if (pthread_setspecific(n->thread_key, s) == 0)
		return s;
	base_free(s);
	return NULL;
}

void *net__thread(struct net *n, struct diag *diag)
{
	struct thread_slot *s = n->opts.hooks.thread_begin ? slot_of(n) : NULL;
	if (s && !s->of_app)
		s->of_app = n->opts.hooks.thread_begin(n->opts.app, diag);
	return s ? s->of_app : NULL;
}

void net__thread_reset(struct net *n)
{
	struct thread_slot *s = pthread_getspecific(n->thread_key);
	if (s)
		end_of_app(s);
}

/* --- job threads ------------------------------------------------------------------------ */

static bool is_quick(const struct net_request *q)
{
	return q->routed->route->kind == ROUTE_QUICK;
}

bool net__job_add(struct net_request *q)
{
	struct net *n = q->net;
	pthread_mutex_lock(&n->lock);
	bool room = n->n_jobs < JOB_QUEUE_MAX && !n->jobs_stop;
	if (room) {
		q->phase = PHASE_JOB;
		q->next = NULL;
		MHD_suspend_connection(q->conn);
		*n->last_job = q;
		n->last_job = &q->next;
		n->n_jobs++;
		bool quick = n->quick_waits && is_quick(q);
		pthread_cond_signal(quick ? &n->quick_work : &n->work);
		n->quick_waits = n->quick_waits && !quick; /* the next one is another's */
	}
	pthread_mutex_unlock(&n->lock);
	return room;
}

/* How many of a kind may be at work: what is short finds a thread also when everybody prints
 * or signs in. */
static unsigned at_once(const struct net *n, enum route_kind kind)
{
	unsigned jobs = n->opts.jobs;
	return kind == ROUTE_HEAVY ? HEAVY_AT_ONCE
	       : kind == ROUTE_LONG ? (jobs > HEAVY_AT_ONCE + 1 ? jobs - HEAVY_AT_ONCE - 1 : 1)
	                            : jobs;
}

/* Under the lock: takes the first that may begin; NULL when there is none. */
static struct net_request *next_job(struct net *n, bool quick)
{
	struct net_request **p = &n->first_job, *q;
	while ((q = *p) && !n->jobs_stop) {
		enum route_kind kind = q->routed->route->kind;
		if (n->jobs_at[kind] < at_once(n, kind) && (!quick || is_quick(q)))
			break;
		p = &q->next;
	}
	if (!q)
		return NULL;
	*p = q->next;
	if (!*p)
		n->last_job = p;
	n->n_jobs--;
	return q;
}

/* Passwords are not looked at for somebody who has closed the connection while he waited.  (Closing
 * one direction looks the same; whoever does so and need not wait is answered.) */
static bool is_given_up(const struct net_request *q)
{
	char c;
	if (q->routed->route->kind != ROUTE_HEAVY || !q->socket ||
	    monotonic_us() - q->began_us < GIVEN_UP_MS * 1000)
		return false;
	ssize_t got = recv(q->socket->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);
	return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

static void work(struct net *n, bool quick)
{
	pthread_mutex_lock(&n->lock);
	for (;;) {
		struct net_request *q;
		while (!(q = next_job(n, quick)) && !n->jobs_stop) {
			n->quick_waits = n->quick_waits || quick;
			pthread_cond_wait(quick ? &n->quick_work : &n->work, &n->lock);
		}
		n->quick_waits = n->quick_waits && !quick;
		if (!q)
			break;
		enum route_kind kind = q->routed->route->kind;
		bool stop = n->jobs_stop;
		n->jobs_at[kind]++;
		pthread_mutex_unlock(&n->lock);
		q->given_up = !stop && is_given_up(q);
		if (stop)
			q->result = ERR_BUSY;
		else if (!q->given_up)
			net__request_handle(q);
		q->phase = PHASE_READY;
		MHD_resume_connection(q->conn);
		pthread_mutex_lock(&n->lock);
		n->jobs_at[kind]--;
		if (n->first_job) /* one that had to wait for this may begin, besides our next */
			pthread_cond_signal(&n->work);
	}
	pthread_mutex_unlock(&n->lock);
}

/* Of several one does what is quick alone, as soon as a page: who writes holds up all others
 * who do, and must not wait for a book on the way. */
static void *quick_main(void *arg)
{
	work(arg, true);
	return NULL;
}

static void *job_main(void *arg)
{
	cpus_step_back(JOB_NICE); /* pages before books */
	work(arg, false);
	return NULL;
}

/* --- the clock -------------------------------------------------------------------------- */

void net__event_sleep(struct net_request *q)
{
	struct net *n = q->net;
	pthread_mutex_lock(&n->lock);
	q->sleeping = true;
	q->next_event = n->events;
	n->events = q;
	MHD_suspend_connection(q->conn);
	pthread_mutex_unlock(&n->lock);
}

/* Under the lock. */
static void wake_events(struct net *n, int64_t now)
{
	struct net_request **p = &n->events;
	bool all = atomic_load(&n->stopping);
	while (*p) {
		struct net_request *q = *p;
		if (!all && now < q->due_ms) {
			p = &q->next_event;
			continue;
		}
		*p = q->next_event;
		q->sleeping = false;
		MHD_resume_connection(q->conn);
	}
}

/* Under the lock: nobody closes a socket meanwhile. */
static void cut_slow(struct net *n, int64_t now)
{
	int64_t head_ms = (int64_t)n->opts.idle_s * 1000 + HEAD_SLACK_MS;
	for (struct net_socket *s = n->sockets; s; s = s->next) {
		int64_t body_ms = head_ms + s->body_bytes * 1000 / BODY_SLOWEST;
		bool slow = (s->head_since && now - s->head_since > head_ms) ||
		            (s->body_since && now - s->body_since > body_ms);
		if (slow)
			(void)shutdown(s->fd, SHUT_RDWR);
	}
}

static void *clock_main(void *arg)
{
	struct net *n = arg;
	int64_t swept = monotonic_ms();
	for (;;) {
		struct timespec tick = {0, TICK_MS * 1000000L};
		(void)nanosleep(&tick, NULL);
		int64_t now = monotonic_ms();
		pthread_mutex_lock(&n->lock);
		bool stop = n->jobs_stop;
		wake_events(n, now);
		if (now - swept >= SWEEP_MS) {
			cut_slow(n, now);
			swept = now;
		}
		pthread_mutex_unlock(&n->lock);
		if (stop)
			return NULL;
	}
}

void net__socket_add(struct net *n, struct net_socket *s)
{
	atomic_fetch_add(&n->connections, 1);
	pthread_mutex_lock(&n->lock);
	s->next = n->sockets;
	if (s->next)
		s->next->prev = s;
	n->sockets = s;
	pthread_mutex_unlock(&n->lock);
}

void net__socket_remove(struct net *n, struct net_socket *s)
{
	atomic_fetch_sub(&n->connections, 1);
	pthread_mutex_lock(&n->lock);
	if (s->prev)
		s->prev->next = s->next;
	else
		n->sockets = s->next;
	if (s->next)
		s->next->prev = s->prev;
	pthread_mutex_unlock(&n->lock);
}

/* --- begin and end ------------------------------------------------------------------------ */

enum err net__threads_begin(struct net *n, struct diag *diag)
{
	if (pthread_key_create(&n->thread_key, slot_end) != 0)
		return diag_set(diag, ERR_RESOURCE, "thread key");
	n->thread_key_made = true;
	n->last_job = &n->first_job;
	n->job_threads = ARENA_ARRAY(&n->a, n->opts.jobs, pthread_t);
	while (n->n_job_threads < n->opts.jobs) {
		bool quick = !n->n_job_threads && n->opts.jobs > 1;
		if (pthread_create(&n->job_threads[n->n_job_threads], NULL,
				   quick ? quick_main : job_main, n) != 0)
			return diag_set(diag, ERR_RESOURCE, "thread");
		n->n_job_threads++;
	}
	if (pthread_create(&n->clock_thread, NULL, clock_main, n) != 0)
		return diag_set(diag, ERR_RESOURCE, "thread");
	n->clock_runs = true;
	return OK;
}

void net__threads_end(struct net *n)
{
	pthread_mutex_lock(&n->lock);
	n->jobs_stop = true;
	pthread_cond_broadcast(&n->work);
	pthread_cond_broadcast(&n->quick_work);
	pthread_mutex_unlock(&n->lock);
	for (size_t i = 0; i < n->n_job_threads; i++)
		pthread_join(n->job_threads[i], NULL);
	n->n_job_threads = 0;
	if (n->clock_runs)
		pthread_join(n->clock_thread, NULL);
	n->clock_runs = false;
}
