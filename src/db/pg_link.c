/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pg_link: making the connection, waiting on it, and giving it up.
 *
 * A server that is out of reach is given up after e->patience_ms; one that answers is waited for
 * however long a statement takes.  tcp_user_timeout is not used: Linux lets it end a connection,
 * too, whose other side is merely too busy to take more.
 */
#include "db/pg.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"

#include "base/banned.h"

enum {
	BACK_OFF_MS = 50, /* the first wait; each is twice the one before */
	BACK_OFF_MAX_MS = 2000,
	SLICE_MS = 250,
	ASK_MS = 500, /* of quiet, before the watch is asked */
	TCP_MS = 2000,   /* until somebody takes the connection */
	DIAL_MS = 10000, /* until it is made */
	DIAL_MIN_MS = 2000,
	AFTER_MS = 1000, /* after giving up nothing is tried for so long: who cleans up need not wait again */
	PARAMS_MAX = 10
};

#define WALK_S "2" /* the least that libpq takes, for each address */

/* Sent with each new connection, in one go. */
static const char settings[] =
	"SET client_min_messages = warning; SET standard_conforming_strings = on;"
	"SET jit = off;" /* our statements are short */
	"SET idle_in_transaction_session_timeout = 0; SET idle_session_timeout = 0;"
	/* A machine of ours that is gone must not hold its county for hours. */
	"SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

void pg_sleep_ms(int64_t ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
	(void)nanosleep(&t, NULL);
}

/* --- dialling ------------------------------------------------------------- */

struct params {
	const char *keys[PARAMS_MAX], *values[PARAMS_MAX];
	char name[64];
};

static void own_name(const char *role, char *out, size_t size)
{
	char host[32];
	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	(void)snprintf(out, size, "daohu%s pid %ld %s", role, (long)getpid(), host);
}

/* What stands before the URL gives way to what is in it. */
static void fill_params(struct params *p, const char *url, const char *role, bool walk)
{
	const char *const pairs[][2] = {
		{"keepalives_idle", "5"}, {"keepalives_interval", "5"}, {"keepalives_count", "2"},
		{"dbname", url}, {"client_encoding", "UTF8"}, {"application_name", p->name},
		{walk ? "connect_timeout" : NULL, WALK_S}};
	own_name(role, p->name, sizeof(p->name));
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		p->keys[i] = pairs[i][0];
		p->values[i] = pairs[i][1];
	}
	p->keys[sizeof(pairs) / sizeof(pairs[0])] = NULL;
}

/* libpq would print the server's notices; what matters comes as a failure. */
static void drop_notice(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static PGconn *settled(PGconn *c)
{
	(void)PQsetNoticeProcessor(c, drop_notice, NULL);
	(void)PQsetnonblocking(c, 1);
	return c;
}

/* Until it is made or has failed; true: neither, in the time there was. */
static bool poll_dial(const struct pg_dial *d, PGconn *c)
{
	int64_t began = monotonic_ms();
	PostgresPollingStatusType want = PGRES_POLLING_WRITING;
	while (want == PGRES_POLLING_READING || want == PGRES_POLLING_WRITING) {
		struct pollfd p = {PQsocket(c), want == PGRES_POLLING_READING ? POLLIN : POLLOUT, 0};
		int n = poll(&p, 1, SLICE_MS);
		if (n > 0) {
			want = PQconnectPoll(c);
			continue;
		}
		int64_t waited = monotonic_ms() - began;
		bool taken = PQstatus(c) != CONNECTION_STARTED;
		if (waited >= (taken ? d->all_ms : d->tcp_ms) || (d->stop && d->stop(d->arg)))
			return true;
	}
	return false;
}

PGconn *pg_dial(struct pg_dial *d)
{
	struct params p;
	fill_params(&p, d->url, d->role, false);
	PGconn *c = PQconnectStartParams(p.keys, p.values, 1);
	d->silent = false;
	if (PQstatus(c) == CONNECTION_BAD)
		return c;
	(void)PQsetNoticeProcessor(c, drop_notice, NULL);
	if (!poll_dial(d, c))
		return settled(c);
	bool taken = PQstatus(c) != CONNECTION_STARTED;
	(void)snprintf(d->why, sizeof(d->why), "connection to server at \"%.200s\", port %.10s: no answer",
		       PQhost(c), PQport(c));
	PQfinish(c);
	d->silent = true;
	if (taken || (d->stop && d->stop(d->arg)))
		return NULL;
	/* A name may have other addresses, a URL other hosts: this goes through them. */
	fill_params(&p, d->url, d->role, true);
	c = PQconnectdbParams(p.keys, p.values, 1);
	if (PQstatus(c) == CONNECTION_OK) {
		d->silent = false;
		return settled(c);
	}
	PQfinish(c);
	return NULL;
}

PGPing pg_ping(const char *url)
{
	struct params p;
	fill_params(&p, url, " ping", true);
	return PQpingParams(p.keys, p.values, 1);
}

/* --- connecting ----------------------------------------------------------- */

static bool known_silent(struct pg *e)
{
	return pg_watch_silent_ms(e->watch) >= e->patience_ms;
}

/* While it is dialled again.  The first time nobody waits for an answer to anything. */
static bool gives_up(void *arg)
{
	struct pg *e = arg;
	if (!e->generation && !e->prompt)
		return false;
	pg_watch_ask(e->watch);
	return known_silent(e);
}

/* A failed attempt: may the next one fare better?  *ret_until is moved for a server that only says "not yet". */
static bool worth_again(struct pg *e, const struct pg_dial *d, int64_t *ret_until)
{
	if (d->silent)
		return true;
	if (PQconnectionNeedsPassword(e->c) || PQconnectionUsedPassword(e->c))
		return false;
	PGPing ping = pg_ping(e->url);
	if (ping == PQPING_REJECT && e->opening)
		*ret_until = e->opening + PG_PATIENCE_MS;
	return ping == PQPING_REJECT || ping == PQPING_NO_RESPONSE;
}

static bool greet(struct pg *e)
{
	const char *encoding = PQparameterStatus(e->c, "server_encoding");
	e->failed = false;
	if (!encoding || strcmp(encoding, "UTF8") != 0) {
		pg_note(e, NULL);
		(void)snprintf(e->fault_text, sizeof(e->fault_text),
			       "the database is not in UTF8 but in %s", encoding ? encoding : "?");
		return false;
	}
	return pg_run(e, settings, NULL, NULL, 0) && pg_citus_meet(e) &&
	       (e->mode != DB_READ ||
		pg_run(e, "SET default_transaction_read_only = on", NULL, NULL, 0));
}

/* `away`: nobody answers, as opposed to an answer that is final. */
static bool give_up(struct pg *e, const struct pg_dial *d, bool away)
{
	e->failed = false;
	pg_note(e, NULL);
	e->fault = away ? ERR_DB_AWAY : ERR_DB;
	if (d->silent || !e->c)
		(void)snprintf(e->fault_text, sizeof(e->fault_text), "%s",
			       d->why[0] ? d->why : "no answer");
	e->gave_up = monotonic_ms();
	return false;
}

static int clamp(int64_t v, int min, int max)
{
	return v < min ? min : v > max ? max : (int)v;
}

bool pg_connect(struct pg *e, int patience_ms)
{
	struct pg_dial d = {.url = e->url, .role = e->mode == DB_SERVE ? " server" : "", .tcp_ms = TCP_MS,
			    .stop = gives_up, .arg = e};
	int64_t now = monotonic_ms(), until = now + patience_ms;
	int wait = BACK_OFF_MS;
	if (e->gave_up && now - e->gave_up < AFTER_MS) {
		e->failed = true; /* as it was said then */
		return false;
	}
	for (;; wait = wait < BACK_OFF_MAX_MS ? wait * 2 : wait) {
		PQfinish(e->c);
		e->c = NULL;
		if (known_silent(e))
			return give_up(e, &d, true);
		d.all_ms = e->opening ? DIAL_MS : clamp(until - monotonic_ms(), DIAL_MIN_MS, DIAL_MS);
		e->c = pg_dial(&d);
		if (PQstatus(e->c) == CONNECTION_OK)
			break;
		bool again = worth_again(e, &d, &until);
		int64_t left = until - monotonic_ms();
		if (!again || left <= 0 || gives_up(e))
			return give_up(e, &d, again);
		pg_sleep_ms(left < wait ? left : wait);
	}
	e->outages = pg_watch_outages(e->watch);
	e->generation++;
	e->reading = NULL;
	e->in_transaction = e->gone = false;
	e->queued = e->syncs = 0;
	return greet(e);
}

/* --- waiting -------------------------------------------------------------- */

/* What was sent is not acknowledged, although the server may answer others. */
static bool unheard(int fd, int64_t quiet_ms)
{
	struct tcp_info t;
	socklen_t n = sizeof(t);
	return quiet_ms >= PG_PATIENCE_MS && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &t, &n) == 0 &&
	       t.tcpi_unacked && t.tcpi_last_ack_recv >= PG_PATIENCE_MS;
}

PGresult *pg_result(struct pg *e)
{
	int64_t quiet_ms = 0;
	while (PQstatus(e->c) == CONNECTION_OK) {
		bool unsent = PQflush(e->c) == 1;
		if (!PQisBusy(e->c))
			break;
		struct pollfd p = {PQsocket(e->c), (short)(unsent ? POLLIN | POLLOUT : POLLIN), 0};
		int n = poll(&p, 1, SLICE_MS);
		if (n > 0) {
			quiet_ms = 0;
			if (p.revents & ~POLLOUT)
				(void)PQconsumeInput(e->c);
		} else if (n == 0) {
			quiet_ms += SLICE_MS;
			if (quiet_ms >= ASK_MS)
				pg_watch_ask(e->watch);
			if (known_silent(e) || unheard(p.fd, quiet_ms)) {
				e->gone = true;
				(void)shutdown(p.fd, SHUT_RDWR); /* libpq sees that it is closed */
			}
		}
	}
	return PQgetResult(e->c);
}

PGresult *pg_last(struct pg *e, int sent)
{
	PGresult *last = NULL, *r;
	while (sent && (r = pg_result(e))) {
		ExecStatusType status = PQresultStatus(last);
		bool failed = last && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
		PQclear(failed ? r : last); /* the first failure is the cause */
		last = failed ? last : r;
	}
	return last;
}
