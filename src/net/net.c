/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "net/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/own.h"

#include "base/banned.h"

enum {
	CONNECTIONS = 4096,
	PER_ADDRESS = 256,
	IDLE_S = 30,
	GRACE_MS = 10000,
	JOBS = 2,
	HEAD_POOL = 24 * 1024, /* cleared after each request */
	PEM_MAX = 1 << 20
};

/* --- what the library calls ------------------------------------------------------------- */

static void *on_target(void *cls, const char *uri, struct MHD_Connection *c)
{
	return net__request_new(cls, c, uri);
}

/* Nothing is decoded by the library: head.c does it once. */
static size_t unescape_nothing(void *cls, struct MHD_Connection *c, char *s)
{
	(void)cls;
	(void)c;
	return strlen(s);
}

static void set_phase(struct net_request *q, int64_t head_since, int64_t body_since)
{
	if (!q->socket)
		return;
	pthread_mutex_lock(&q->net->lock);
	q->socket->head_since = head_since;
	q->socket->body_since = body_since;
	q->socket->body_bytes = 0;
	pthread_mutex_unlock(&q->net->lock);
}

static void begin(struct net_request *q, const char *method, const char *version)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(q->conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	q->socket = i ? i->socket_context : NULL;
	q->counted = true;
	atomic_fetch_add(&q->net->active, 1);
	net__request_begin(q, method, version);
	bool body = q->facts.length > 0 && (q->phase == PHASE_BODY || q->phase == PHASE_DRAIN);
	set_phase(q, 0, body ? monotonic_ms() : 0);
}

/* Paths outside the table: the web folder. */
static bool answer_page(struct net_request *q, enum MHD_Result *ret)
{
	if (!q->page || (!str_is(q->head.method, "GET") && !str_is(q->head.method, "HEAD")))
		return false;
	if (!q->target.n && q->net->opts.home) {
		*ret = net__answer_redirect(q, q->net->opts.home);
		return true;
	}
	int asset = net__asset_find(q->net, q);
	if (asset == -2) {
		struct buf where;
		buf_init(&where, 4096);
		buf_addf(&where, STR_FMT "/", STR_ARG(str_sub(q->uri, 0, strcspn(q->uri.p, "?"))));
		*ret = net__answer_redirect(q, where.p ? where.p : "/");
		buf_release(&where);
		return true;
	}
	if (asset < 0)
		return false;
	*ret = net__answer_asset(q, (size_t)asset);
	return true;
}

static enum MHD_Result answer(struct net_request *q, bool close)
{
	enum MHD_Result r;
	set_phase(q, 0, 0);
	if (setjmp(q->full)) /* not even room for the headers: the connection is closed */
		return MHD_NO;
	return answer_page(q, &r) ? r : net__answer(q, close);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_n, void **context)
{
	struct net_request *q = *context;
	(void)cls;
	(void)c;
	(void)url;
	if (q->phase == PHASE_NEW) {
		begin(q, method, version);
		if (q->phase != PHASE_READY)
			return MHD_YES;
		/* refused without reading the body: the rest of the connection means nothing */
		q->result = q->refused;
		return answer(q, true);
	}
	if (*data_n) {
		net__request_body(q, (struct str){data, *data_n});
		if (q->socket) {
			pthread_mutex_lock(&q->net->lock);
			q->socket->body_bytes += (int64_t)*data_n;
			pthread_mutex_unlock(&q->net->lock);
		}
		*data_n = 0;
		return MHD_YES;
	}
	if (q->phase == PHASE_BODY || q->phase == PHASE_DRAIN) {
		set_phase(q, 0, 0);
		if (!net__request_finish(q)) {
			if (net__job_add(q))
				return MHD_YES;
			q->result = ERR_BUSY;
			q->phase = PHASE_READY;
		}
	}
	if (q->phase != PHASE_READY)
		return MHD_YES;
	if (q->given_up)
		return MHD_NO; /* the connection is closed */
	return answer(q, q->refused == ERR_BAD_REQUEST);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **context,
                         enum MHD_RequestTerminationCode why)
{
	struct net *n = cls;
	struct net_request *q = *context;
	(void)c;
	if (!q)
		return;
	*context = NULL;
	if (q->counted) {
		int64_t micros = monotonic_us() - q->began_us;
		/* 499: whoever asked went away */
		int status = q->status && why == MHD_REQUEST_TERMINATED_COMPLETED_OK ? q->status : 499;
		q->status = status;
		net__count(q, micros);
		if (n->opts.hooks.done)
			n->opts.hooks.done(&q->rq, status, micros);
		if (q->answer.done)
			q->answer.done(q->answer.arg);
		set_phase(q, monotonic_ms(), 0);
		atomic_fetch_sub(&n->active, 1);
	}
	net__request_free(q);
}

static void on_connection(void *cls, struct MHD_Connection *c, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
	struct net *n = cls;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *i =
			MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
		struct net_socket *s = base_calloc(1, sizeof(*s));
		s->fd = i ? i->connect_fd : -1;
		s->head_since = monotonic_ms();
		*socket_context = s;
		net__socket_add(n, s);
	} else if (*socket_context) {
		net__socket_remove(n, *socket_context);
		base_free(*socket_context);
		*socket_context = NULL;
	}
}

static void on_library_log(void *cls, const char *format, va_list args)
{
	(void)cls;
	(void)format; /* about clients that went away, mostly; may quote what they sent */
	(void)args;
}

/* --- starting ---------------------------------------------------------------------------- */

/* "127.0.0.1:8080", "[::1]:0" into host and port. */
static bool split_listen(const char *listen, char *host, size_t host_size, const char **port)
{
	const char *colon = strrchr(listen, ':');
	int64_t number;
	if (!colon || !str_to_int(str_c(colon + 1), &number) || number < 0 || number > 65535)
		return false;
	struct str h = {listen, (size_t)(colon - listen)};
	if (h.n >= 2 && h.p[0] == '[' && h.p[h.n - 1] == ']')
		h = str_sub(h, 1, h.n - 2);
	if (!h.n || h.n >= host_size)
		return false;
	memcpy(host, h.p, h.n);
	host[h.n] = '\0';
	*port = colon + 1;
	return true;
}

static int listen_on(const struct addrinfo *a)
{
	int one = 1;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 511) == 0)
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

static enum err open_socket(struct net *n, struct diag *diag, int *ret_fd, bool *ret_six)
{
	char host[256];
	const char *port;
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	                         .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	const char *at = n->opts.listen;
	if (!split_listen(at, host, sizeof(host), &port) ||
	    getaddrinfo(host, port, &hints, &found) != 0)
		return diag_set(diag, ERR_INVALID, "%s", at);
	int fd = listen_on(found), why = errno;
	*ret_six = found->ai_family == AF_INET6;
	freeaddrinfo(found);
	if (fd < 0)
		return diag_set(diag, why == EADDRINUSE ? ERR_ADDRESS_IN_USE : ERR_IO, "%s: %s", at,
		                strerror(why));
	struct sockaddr_storage bound;
	socklen_t size = sizeof(bound);
	if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0)
		n->port = ntohs(*ret_six ? ((struct sockaddr_in6 *)&bound)->sin6_port
		                         : ((struct sockaddr_in *)&bound)->sin_port);
	*ret_fd = fd;
	return OK;
}

static enum err read_pem(struct net *n, const char *path, struct diag *diag, char **ret)
{
	FILE *f = fopen(path, "re");
	char *text = arena_alloc(&n->a, PEM_MAX);
	if (!f)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	size_t got = fread(text, 1, PEM_MAX - 1, f);
	bool bad = ferror(f) || !feof(f);
	(void)fclose(f);
	if (bad)
		return diag_set(diag, ERR_IO, "%s", path);
	text[got] = '\0';
	*ret = text;
	return OK;
}

static void set_defaults(struct net_opts *o)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (!o->threads)
		o->threads = cores > 1 ? (unsigned)cores : 1;
	if (!o->jobs)
		o->jobs = JOBS;
	if (!o->grace_ms)
		o->grace_ms = GRACE_MS;
	if (!o->connections_max)
		o->connections_max = CONNECTIONS;
	if (!o->per_address_max)
		o->per_address_max = PER_ADDRESS;
	if (o->behind_proxy)
		o->per_address_max = o->connections_max;
	if (!o->idle_s)
		o->idle_s = IDLE_S;
}

static enum err start_daemon(struct net *n, struct diag *diag)
{
	struct net_opts *o = &n->opts;
	int fd = -1;
	bool six = false;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem more[8];
	size_t k = 0;
	enum err e = open_socket(n, diag, &fd, &six);
	if (e)
		return e;
	if (six)
		flags |= MHD_USE_IPv6;
	if (o->threads > 1)
		more[k++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)o->threads, NULL};
	if (n->tls) {
		flags |= MHD_USE_TLS;
		more[k++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, n->cert};
		more[k++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, n->key};
		more[k++] = (struct MHD_OptionItem){
			MHD_OPTION_HTTPS_PRIORITIES, 0,
			(void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"};
	}
	more[k] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
	n->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, n, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_ARRAY, more, MHD_OPTION_CONNECTION_LIMIT,
		o->connections_max, MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->per_address_max,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)o->idle_s, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_POOL, MHD_OPTION_URI_LOG_CALLBACK,
		on_target, n, MHD_OPTION_UNESCAPE_CALLBACK, unescape_nothing, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, n, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
		n, MHD_OPTION_END);
	if (!n->daemon) {
		close(fd);
		return diag_set(diag, n->tls ? ERR_INVALID : ERR_RESOURCE, "%s",
		                n->tls ? o->cert : "libmicrohttpd");
	}
	return OK;
}

enum err net_start(const struct net_opts *o, struct diag *diag, struct net **ret)
{
	struct net *n = base_calloc(1, sizeof(*n));
	n->opts = *o;
	set_defaults(&n->opts);
	arena_init(&n->a, 0);
	pthread_mutex_init(&n->lock, NULL);
	pthread_cond_init(&n->work, NULL);
	pthread_cond_init(&n->quick_work, NULL);
	n->tls = o->cert != NULL;
	enum err e = router_build(&n->router, o->routes, o->n_tables, diag);
	if (!e)
		n->counters = ARENA_ARRAY(&n->a, n->router.n + 1, struct net_counter);
	if (!e)
		e = net__assets_begin(n, diag);
	if (!e && n->tls)
		e = read_pem(n, o->cert, diag, &n->cert);
	if (!e && n->tls)
		e = read_pem(n, o->key ? o->key : o->cert, diag, &n->key);
	if (!e)
		e = net__threads_begin(n, diag);
	if (!e)
		e = start_daemon(n, diag);
	if (e) {
		net_stop(n);
		return e;
	}
	*ret = n;
	return OK;
}

int net_port(const struct net *n)
{
	return n->port;
}

static void wait_answers(struct net *n, int64_t until)
{
	while (atomic_load(&n->active) > 0 && monotonic_ms() < until) {
		struct timespec t = {0, 10 * 1000000L};
		(void)nanosleep(&t, NULL);
	}
}

void net_stop(struct net *n)
{
	if (!n)
		return;
	atomic_store(&n->stopping, true);
	int fd = n->daemon ? MHD_quiesce_daemon(n->daemon) : -1;
	if (n->daemon)
		wait_answers(n, monotonic_ms() + n->opts.grace_ms);
	net__threads_end(n); /* what a job thread is at is finished, what waits is refused */
	if (n->daemon) {
		wait_answers(n, monotonic_ms() + 1000);
		MHD_stop_daemon(n->daemon);
	}
	if (fd >= 0)
		close(fd);
	net__assets_end(n);
	router_release(&n->router);
	while (n->free_list) {
		struct net_request *q = n->free_list;
		n->free_list = q->next;
		net__request_delete(q);
	}
	if (n->thread_key_made)
		pthread_key_delete(n->thread_key);
	pthread_cond_destroy(&n->work);
	pthread_cond_destroy(&n->quick_work);
	pthread_mutex_destroy(&n->lock);
	arena_release(&n->a);
	base_free(n);
}
