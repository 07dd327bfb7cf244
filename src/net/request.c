/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * request: one request from its head to its answer, in the order net.h gives.
 */
#include "net/own.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "base/banned.h"

/* What is refused is still read up to here, so that the answer arrives. */
enum { DRAIN_MAX = 64 << 20 };

/* --- birth and death ------------------------------------------------------------------ */

static void arena_full(void *arg)
{
	struct net_request *q = arg;
	longjmp(q->full, 1);
}

struct net_request *net__request_new(struct net *n, struct MHD_Connection *c, const char *uri)
{
	pthread_mutex_lock(&n->lock);
	struct net_request *q = n->free_list;
	if (q) {
		n->free_list = q->next;
		n->n_free--;
	}
	pthread_mutex_unlock(&n->lock);
	if (!q) {
		q = base_calloc(1, sizeof(*q));
		arena_init(&q->arena, REQUEST_ARENA_MAX);
		json_out_init(&q->rq.out, REQUEST_OUT_MAX);
		json_out_init(&q->current, 1 << 20);
		buf_init(&q->body, 0);
		buf_init(&q->form_text, 1 << 20);
		buf_init(&q->piece, 8 << 20);
	}
	q->net = n;
	q->conn = c;
	q->next = NULL;
	q->uri_at = uri;
	q->form_fd = -1;
	q->phase = PHASE_NEW;
	q->rq.app = n->opts.app;
	q->rq.in = q;
	q->rq.a = &q->arena;
	q->rq.status = 200;
	q->arena.on_full = arena_full;
	q->arena.on_full_arg = q;
	if (uri && strlen(uri) <= HEAD_TARGET_MAX)
		q->uri = str_copy(&q->arena, str_c(uri));
	return q;
}

void net__request_delete(struct net_request *q)
{
	arena_release(&q->arena);
	json_out_release(&q->rq.out);
	json_out_release(&q->current);
	buf_release(&q->body);
	buf_release(&q->form_text);
	buf_release(&q->piece);
	base_free(q);
}

/*
 * A request's memory is kept for the next; what was large is given back.  So is all of those that
 * are more than are answered at a time as a rule: in a jam there is one for each connection, and
 * each would keep the largest answer that it ever gave.
 */
void net__request_free(struct net_request *q)
{
	struct net *n = q->net;
	enum { KEEP = 64 * 1024, SPARE = 32 };
	net__upload_end(q);
	pthread_mutex_lock(&n->lock);
	bool kept = n->n_free < SPARE;
	n->n_free += kept;
	pthread_mutex_unlock(&n->lock);
	if (!kept) {
		net__request_delete(q);
		return;
	}
	if (q->arena.used > KEEP)
		arena_release(&q->arena);
	else
		arena_clear(&q->arena);
	struct buf *const bufs[] = {&q->rq.out.b, &q->current.b, &q->body, &q->form_text, &q->piece};
	for (size_t i = 0; i < sizeof(bufs) / sizeof(*bufs); i++)
		if (bufs[i]->cap > KEEP)
			buf_release(bufs[i]);
	struct arena arena = q->arena;
	struct json_out out = q->rq.out, current = q->current;
	struct buf body = q->body, form_text = q->form_text, piece = q->piece;
	memset(q, 0, offsetof(struct net_request, faults));
	q->faults.n = q->target.n = q->target.n_query = 0;
	q->net = n;
	q->arena = arena;
	q->rq.out = out;
	q->current = current;
	q->body = body;
	q->form_text = form_text;
	q->piece = piece;
	json_out_clear(&q->rq.out);
	json_out_clear(&q->current);
	buf_clear(&q->body);
	buf_clear(&q->form_text);
	buf_clear(&q->piece);
	pthread_mutex_lock(&n->lock);
	q->next = n->free_list;
	n->free_list = q;
	pthread_mutex_unlock(&n->lock);
}

/* --- the head ------------------------------------------------------------------------- */

static enum MHD_Result take_field(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_n,
                                  const char *value, size_t value_n)
{
	struct net_request *q = cls;
	(void)kind;
	if (q->head.n == HEAD_FIELDS_MAX + 1) /* one too many is enough to be refused */
		return MHD_NO;
	q->head_fields[q->head.n++] = (struct head_field){{key, key_n}, {value ? value : key + key_n, value_n}};
	return MHD_YES;
}

static size_t head_size(struct net_request *q)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(q->conn, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	return i ? i->header_size : 0;
}

struct str rq_header(const struct request *rq, const char *name)
{
	const struct net_request *q = rq_own(rq);
	int i = head_named(&q->head, name);
	return i < 0 ? (struct str){NULL, 0} : str_trim(q->head.fields[i].value);
}

struct str rq_cookie(const struct request *rq, const char *name)
{
	struct str rest = rq_header(rq, "Cookie"), piece;
	size_t n = strlen(name);
	while (str_split(&rest, ';', &piece)) {
		piece = str_trim(piece);
		if (piece.n > n && piece.p[n] == '=' && memcmp(piece.p, name, n) == 0)
			return str_sub(piece, n + 1, piece.n);
	}
	return (struct str){NULL, 0};
}

static void find_address(struct net_request *q)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(q->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct str by_proxy = rq_header(&q->rq, "X-Forwarded-For");
	if (q->net->opts.behind_proxy && by_proxy.n) {
		/* the last one is what our own proxy saw; those before it are hearsay */
		const char *comma = memrchr(by_proxy.p, ',', by_proxy.n);
		if (comma)
			by_proxy = str_sub(by_proxy, (size_t)(comma - by_proxy.p) + 1, by_proxy.n);
		by_proxy = str_sub(str_trim(by_proxy), 0, sizeof(q->address) - 1);
		memcpy(q->address, by_proxy.p, by_proxy.n);
		q->address[by_proxy.n] = '\0';
	} else if (i && i->client_addr && i->client_addr->sa_family == AF_INET) {
		const struct sockaddr_in *a = (const void *)i->client_addr;
		(void)inet_ntop(AF_INET, &a->sin_addr, q->address, sizeof(q->address));
	} else if (i && i->client_addr && i->client_addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *a = (const void *)i->client_addr;
		(void)inet_ntop(AF_INET6, &a->sin6_addr, q->address, sizeof(q->address));
	}
}

const char *rq_address(const struct request *rq)
{
	return rq_own(rq)->address;
}

bool rq_secure(const struct request *rq)
{
	const struct net *n = rq_own(rq)->net;
	return n->tls || (n->opts.behind_proxy && str_is(rq_header(rq, "X-Forwarded-Proto"), "https"));
}

static enum lang find_lang(const struct net_request *q)
{
	struct str accept = rq_header(&q->rq, "Accept-Language");
	for (size_t i = 0; i < q->target.n_query; i++)
		if (str_is(q->target.query[i].key, "lang"))
			accept = q->target.query[i].value;
	return accept.n >= 2 && strncasecmp(accept.p, "en", 2) == 0 ? LANG_EN : LANG_ZH;
}

static int64_t find_if_match(const struct request *rq)
{
	struct str s = rq_header(rq, "If-Match");
	int64_t v = 0;
	if (!s.n)
		return 0;
	if (s.n < 4 || memcmp(s.p, "\"v", 2) != 0 || s.p[s.n - 1] != '"' ||
	    !str_to_int(str_sub(s, 2, s.n - 3), &v) || v < 1)
		return -1;
	return v;
}

static int method_of(struct str s)
{
	static const char *const names[NET_METHOD_MAX] = {"GET", "POST", "PUT", "DELETE"};
	for (int m = 0; m < NET_METHOD_MAX; m++)
		if (str_is(s, names[m]))
			return m;
	return str_is(s, "HEAD") ? NET_GET : -1;
}

/* Steps 1 to 3 of net.h, and what can be said of the body before it comes. */
static enum err judge_head(struct net_request *q)
{
	enum err e = head_check(&q->head, &q->facts);
	if (!e && !head_is_plain(&q->head, q->uri_at, head_size(q)))
		e = ERR_BAD_REQUEST;
	if (!e)
		e = target_parse(q->uri, &q->arena, &q->target);
	if (e)
		return e;
	find_address(q);
	q->rq.lang = find_lang(q);
	q->rq.if_match = find_if_match(&q->rq);
	e = router_find(&q->net->router, &q->target, method_of(q->head.method), &q->routed, q->params,
	                &q->allow);
	q->page = e == ERR_NOT_FOUND;
	if (e)
		return e;
	const struct route *r = q->rq.route = q->routed->route;
	if (q->net->opts.hooks.thread_begin && !net__thread(q->net, &q->rq.diag))
		return diag_set(&q->rq.diag, ERR_RESOURCE, "thread");
	e = q->net->opts.hooks.admit ? q->net->opts.hooks.admit(&q->rq) : OK;
	if (e)
		return e;
	if (q->rq.if_match < 0)
		return ERR_BAD_REQUEST;
	size_t max = r->max_body ? r->max_body : NET_BODY_MAX;
	if (q->facts.length > 0 && r->method == NET_GET)
		return ERR_BAD_REQUEST;
	if ((uint64_t)q->facts.length > max)
		return ERR_TOO_LARGE;
	struct str type = rq_header(&q->rq, "Content-Type");
	if (r->upload)
		return net__upload_begin(q, type);
	if (q->facts.length > 0 &&
	    (type.n < 16 || strncasecmp(type.p, "application/json", 16) != 0))
		return ERR_MEDIA_TYPE;
	q->body.max = max;
	return OK;
}

void net__request_begin(struct net_request *q, const char *method, const char *version)
{
	q->began_us = monotonic_us();
	q->head = (struct head){.method = str_c(method), .target = q->uri, .version = str_c(version),
	                        .fields = q->head_fields};
	(void)MHD_get_connection_values_n(q->conn, MHD_HEADER_KIND, take_field, q);
	if (setjmp(q->full))
		q->refused = ERR_TOO_LARGE;
	else
		q->refused = judge_head(q);
	bool whole = q->refused != ERR_BAD_REQUEST && q->refused != ERR_LENGTH_REQUIRED;
	q->phase = !q->refused ? PHASE_BODY
	           : whole && q->facts.length <= DRAIN_MAX && head_named(&q->head, "Expect") < 0
	                   ? PHASE_DRAIN
	                   : PHASE_READY;
}

/* --- the body ------------------------------------------------------------------------- */

void net__request_body(struct net_request *q, struct str bytes)
{
	if (q->phase != PHASE_BODY || q->refused)
		return;
	if (setjmp(q->full)) {
		q->refused = ERR_TOO_LARGE;
		return;
	}
	if (q->form) {
		q->refused = multipart_feed(q->form, bytes);
		return;
	}
	buf_addstr(&q->body, bytes);
	if (q->body.full)
		q->refused = ERR_TOO_LARGE;
}

static enum err read_inputs(struct net_request *q)
{
	struct input_src src = {.target = &q->target, .routed = q->routed, .params = q->params,
	                        .body = buf_str(&q->body), .form = q->form_fields,
	                        .n_form = q->n_form_fields};
	enum err e = q->form ? multipart_finish(q->form) : OK;
	return e ? e : input_read(&q->rq, &src, &q->faults, &q->json);
}

/* What writes waits for its turn, which may be long in coming while an import is at work:
 * no thread that others need to be answered does. */
static bool waits(const struct route *r)
{
	return r->kind != ROUTE_QUICK || r->method != NET_GET;
}

bool net__request_finish(struct net_request *q)
{
	if (q->phase == PHASE_BODY && !q->refused) {
		if (setjmp(q->full))
			q->refused = ERR_TOO_LARGE;
		else
			q->refused = read_inputs(q);
	}
	if (!q->refused && waits(q->routed->route))
		return false;
	if (!q->refused)
		net__request_handle(q);
	else
		q->result = q->refused;
	q->phase = PHASE_READY;
	return true;
}

void net__request_handle(struct net_request *q)
{
	struct net *n = q->net;
	if (n->opts.hooks.thread_begin && !net__thread(n, &q->rq.diag)) {
		q->result = diag_set(&q->rq.diag, ERR_RESOURCE, "thread");
	} else if (setjmp(q->full)) {
		q->result = diag_set(&q->rq.diag, ERR_TOO_LARGE, "%d MB", REQUEST_ARENA_MAX >> 20);
		net__thread_reset(n); /* statements it had begun are still open */
	} else {
		q->result = q->routed->route->handler(&q->rq);
	}
	if (q->faults.n && err_http_status(q->result) < 500)
		q->result = ERR_INVALID;
	if (!q->result && q->answer.kind == ANSWER_JSON && q->rq.out.b.full)
		q->result = diag_set(&q->rq.diag, ERR_TOO_LARGE, "%d MB", REQUEST_OUT_MAX >> 20);
}

/* --- what handlers call ------------------------------------------------------------------ */

enum err rq_fields(struct request *rq, const struct record_desc *d, void *rec, uint64_t *ret_set)
{
	struct net_request *q = rq_own(rq);
	return input_record(json_get(q->json, "fields"), d, rec, rq->a, &q->faults, ret_set);
}

enum err rq_invalid(struct request *rq, const char *field, enum err e)
{
	input_fault(&rq_own(rq)->faults, arena_strdup(rq->a, field), e);
	return e;
}

void rq_set_header(struct request *rq, const char *name, const char *value)
{
	struct answer *w = &rq_own(rq)->answer;
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return;
	if (w->n_headers < NET_HEADERS_MAX)
		w->headers[w->n_headers++] =
			(struct answer_header){arena_strdup(rq->a, name), arena_strdup(rq->a, value)};
}

void rq_version(struct request *rq, int64_t version)
{
	rq_set_header(rq, "ETag", arena_printf(rq->a, "\"v%lld\"", (long long)version));
}

struct json_out *rq_current(struct request *rq)
{
	return &rq_own(rq)->current;
}

void rq_bytes(struct request *rq, const char *type, const char *name, struct str bytes)
{
	struct answer *w = &rq_own(rq)->answer;
	w->kind = ANSWER_BYTES;
	w->type = type;
	w->name = name;
	w->bytes = bytes;
}

void rq_file(struct request *rq, const char *type, const char *name, const char *path, bool remove)
{
	struct answer *w = &rq_own(rq)->answer;
	w->kind = ANSWER_FILE;
	w->type = type;
	w->name = name;
	w->path = arena_strdup(rq->a, path);
	w->remove = remove;
}

void rq_stream(struct request *rq, const char *type, const char *name, net_piece fn, void *arg,
               void (*done)(void *arg))
{
	struct answer *w = &rq_own(rq)->answer;
	w->kind = ANSWER_STREAM;
	w->type = type;
	w->name = name;
	w->piece = fn;
	w->arg = arg;
	w->done = done;
}

void rq_events(struct request *rq, net_piece fn, void *arg, void (*done)(void *arg), int every_ms)
{
	rq_stream(rq, "text/event-stream", NULL, fn, arg, done);
	rq_own(rq)->answer.kind = ANSWER_EVENTS;
	rq_own(rq)->answer.every_ms = every_ms;
}

void *rq_thread(const struct request *rq)
{
	return net__thread(rq_own(rq)->net, NULL);
}
