/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * net: HTTP/1.1 on libmicrohttpd: a table of routes in front, one handler behind each.
 *
 * What a route is, is data (struct route): method, path, who may call it, its
 * inputs by name and kind, what it answers, in words.  From the table follow the
 * router, the checking of inputs, the OpenAPI page, the documentation and the
 * generated access test; nothing answers that is not in the table.
 *
 * The order of a request:
 *   1. the head is checked (method, length, Host, one Content-Length, no
 *      Transfer-Encoding beside it, no control characters): 400 and close
 *   2. router: 404, 405 with Allow
 *   3. hooks.admit: who asks, may they?  401 and 403 before any parameter or body
 *      is looked at, before CSRF
 *   4. inputs are parsed by their fields: 422 naming each that is wrong
 *   5. handler, in a pool thread, or in a job thread (ROUTE_LONG and whatever writes:
 *      the connection sleeps meanwhile)
 *   6. answer: JSON from memory, or a stream (net_stream), or a file
 *
 * Memory: one arena a request (REQUEST_ARENA_MAX), reset after the answer; bodies
 * up to route.max_body (default NET_BODY_MAX) are held in it; uploads go straight
 * to a temporary file of the caller's folder.
 *
 * Threads: net_start() makes opts.threads pool threads and opts.jobs job threads;
 * a request belongs to one thread at a time.  net_stop() refuses new connections,
 * waits for the answers under way (at most opts.grace_ms) and joins all threads.
 */
#ifndef DAOHU_NET_NET_H
#define DAOHU_NET_NET_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "field/field.h"
#include "net/json_out.h"

enum { NET_BODY_MAX = 1 << 20, NET_PATH_PARTS_MAX = 8, NET_FIELDS_MAX = 24, NET_HEADERS_MAX = 8 };

enum net_method { NET_GET, NET_POST, NET_PUT, NET_DELETE, NET_METHOD_MAX };

/* Where an input stands: /findings/{no}, ?q=, a member of the JSON body. */
enum net_in { NET_PATH, NET_QUERY, NET_BODY };

enum net_flag {
	NET_REQUIRED = 1,
	NET_LIST = 2, /* query: may repeat; body: a JSON array of such values */
	NET_EXACT = 4 /* TEXT: blanks at the ends belong to it (a password) */
};

/* One input.  kind: TEXT INT MONEY DATE BOOL CODE INSTANT (field.h); a CODE is one of
 * `codes`, separated by '|', or any text when that is NULL. */
struct net_field {
	const char *name;
	enum net_in in;
	enum field_kind kind;
	unsigned flags;    /* enum net_flag */
	const char *codes;
	int64_t max;       /* TEXT: characters (0: 200); INT: largest; lists: 10000 items */
	struct text label; /* what a form and the documentation call it */
	const struct net_field *of; /* NET_BODY: an object (with NET_LIST several) of these */
	size_t n_of;
};

struct net_values {
	const struct net_value *items;
	size_t n; /* 0: not sent, null, or an empty text */
};
struct net_value {
	struct str text; /* as sent, trimmed; NUL-terminated in the arena */
	int64_t v;       /* INT (0 and up), MONEY (fen), DATE (date_t), BOOL, INSTANT (ms) */
	const struct net_values *sub; /* of an object: one a row of field.of */
};

enum route_kind {
	ROUTE_QUICK, /* short statements, in the pool thread unless it writes */
	ROUTE_LONG,  /* more than about 20 ms: in a job thread; never all of them at once */
	/* the same, and takes much memory (a password): two at a time, and not begun when whoever asked
	 * has closed the connection while it waited */
	ROUTE_HEAVY,
	ROUTE_KIND_MAX
};

struct request;
typedef enum err (*net_handler)(struct request *rq);

struct route {
	const char *id; /* "finding_list"; operationId, name in the access test */
	enum net_method method;
	const char *path; /* "/api/v1/findings/{no}" */
	unsigned permission; /* the hooks' word; 0 = anybody, also who is not signed in */
	enum route_kind kind;
	const struct net_field *in;
	size_t n_in;
	/* Inputs that are a record's fields: members of the body object "fields",
	 * {name: text or null}, checked against it; NULL = none. */
	const struct record_desc *record;
	size_t max_body;     /* 0: NET_BODY_MAX */
	bool upload;         /* the body is multipart/form-data, files go to disk */
	net_handler handler;
	const char *answer;  /* name of a schema of schemas.c: "finding", "[]finding"; "" = none */
	const char *tag;     /* part of the documentation it stands in */
	struct text summary;
};

/* A file of a multipart body; it is removed with the request. */
struct net_upload {
	const char *field, *name; /* name: the last part of what the client said, cleaned */
	const char *path;         /* where it lies */
	int64_t size;
};

struct request {
	const struct route *route;
	struct arena *a;
	struct diag diag;
	enum lang lang;    /* ?lang=, else Accept-Language, else zh */
	void *user;        /* set by hooks.admit */
	const void *app;   /* opts.app */
	const struct net_values *values; /* one an input of the route, in its order */
	struct net_upload *uploads;
	size_t n_uploads;
	int64_t if_match;  /* version in If-Match "v7"; 0 when none */
	struct json_out out; /* the answer's body */
	int status;        /* 200; set another before returning OK */
	struct net_request *in; /* net's own */
};

/* Input by place in the route's table (use an enum beside the table). */
static inline bool rq_has(const struct request *rq, size_t i)
{
	return rq->values[i].n > 0;
}
static inline int64_t rq_int(const struct request *rq, size_t i, int64_t none)
{
	return rq->values[i].n ? rq->values[i].items[0].v : none;
}
/* NUL-terminated; NULL when not sent */
static inline const char *rq_text(const struct request *rq, size_t i)
{
	return rq->values[i].n ? rq->values[i].items[0].text.p : NULL;
}

struct str rq_header(const struct request *rq, const char *name); /* n 0 when absent */
struct str rq_cookie(const struct request *rq, const char *name);
const char *rq_address(const struct request *rq); /* of the peer, for the log and lock-out */
bool rq_secure(const struct request *rq); /* TLS, here or (by --behind-proxy) in front */
/* Name and value are copied; at most NET_HEADERS_MAX, no control characters. */
void rq_set_header(struct request *rq, const char *name, const char *value);
/* The answer is this version of a record: ETag "v7", which If-Match brings back. */
void rq_version(struct request *rq, int64_t version);
/* For an answer of CONFLICT: where to write, as one value, what is there now ("current"). */
struct json_out *rq_current(struct request *rq);
/* Overlays body "fields" onto a record: *ret_set has a bit for each member sent.
 * INVALID with the field's name in the diag's place; several wrong ones are all named. */
MUST_USE enum err rq_fields(struct request *rq, const struct record_desc *d, void *rec,
                            uint64_t *ret_set);
/* An error that belongs to an input ("due"): 422 with field and text; more may follow,
 * they are answered together. Returns `e`. */
enum err rq_invalid(struct request *rq, const char *field, enum err e);

/* The answer is these bytes of this type, offered under `name` (attachment) or shown. */
void rq_bytes(struct request *rq, const char *type, const char *name, struct str bytes);
/* The answer is a file; removed afterwards when `remove`. */
void rq_file(struct request *rq, const char *type, const char *name, const char *path, bool remove);
/* The answer is written piece by piece by fn until it returns false; constant memory. */
typedef bool (*net_piece)(void *arg, struct buf *out, struct diag *diag);
void rq_stream(struct request *rq, const char *type, const char *name, net_piece fn, void *arg,
               void (*done)(void *arg));
/* Server-sent events: fn is asked every `every_ms` and appends whole events.  As rq_stream's
 * it runs in a pool thread (rq_thread is that one's), is short, and opens anew what it reads. */
void rq_events(struct request *rq, net_piece fn, void *arg, void (*done)(void *arg), int every_ms);

struct net_hooks {
	/* Who asks; sets rq->user.  UNAUTHENTICATED (401), FORBIDDEN (403), CSRF (403). Called
	 * for every route with the head alone, in a thread that has begun. */
	enum err (*admit)(struct request *rq);
	/* A thread begins, ends: its own database handle, say.  NULL: not now, and why. */
	void *(*thread_begin)(void *app, struct diag *diag);
	void (*thread_end)(void *app, void *of_thread);
	/* After the answer, for the log; gives rq->user back.  Route NULL: none was found. */
	void (*done)(const struct request *rq, int status, int64_t micros);
	/* What went wrong inside (5xx): to be written down, never shown. */
	void (*failed)(const struct request *rq, enum err e);
};
void *rq_thread(const struct request *rq); /* what thread_begin returned */
/* Requests by route and status, their durations, connections: Prometheus text. */
void rq_metrics(const struct request *rq, struct buf *out);

/* A file of the web folder, embedded: served with its hash as ETag; `hashed` names are
 * cached for a year.  Data is gzip, of `n` bytes; who does not take that gets the bytes. */
struct net_asset {
	const char *path, *type;
	const unsigned char *gzip;
	size_t gzip_n, n;
	const char *etag;
	bool hashed;
};

struct net_opts {
	const char *listen;          /* "127.0.0.1:8080", "[::]:443" */
	const char *cert, *key;      /* TLS, both or neither */
	unsigned threads, jobs;      /* 0: cores; 2 */
	int grace_ms;
	unsigned connections_max;    /* 0: 4096 */
	unsigned per_address_max;    /* 0: 256; behind a proxy that is the proxy's business */
	int idle_s;                  /* 0: 30; also how long a head may take */
	const char *temp_dir;
	bool behind_proxy;
	const struct route *const *routes; /* tables, each ended by a row without id */
	size_t n_tables;
	const struct net_asset *assets;
	size_t n_assets;
	const char *home; /* where "/" leads: "/office/" */
	struct net_hooks hooks;
	void *app;
};

struct net;
/* INVALID at start when the table contradicts itself (two routes for a path, an id twice, a
 * path input without its braces) or the address is none, ADDRESS_IN_USE, IO. */
MUST_USE enum err net_start(const struct net_opts *o, struct diag *diag, struct net **ret);
int net_port(const struct net *n); /* the one bound, when 0 was asked for */
void net_stop(struct net *n); /* NULL is fine */

#endif
