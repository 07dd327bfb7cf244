/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* own: the server and its requests from inside this folder. */
#ifndef DAOHU_NET_OWN_H
#define DAOHU_NET_OWN_H

#include <microhttpd.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/vec.h"
#include "net/input.h"
#include "net/multipart.h"

enum {
	REQUEST_ARENA_MAX = 64 << 20,
	REQUEST_OUT_MAX = 64 << 20,
	UPLOADS_MAX = MULTIPART_PARTS_MAX,
	JOB_QUEUE_MAX = 256,
	METRIC_BUCKETS = 12,
	METRIC_STATUS = 5
};

/* A connection: when its present phase began, so that slow senders can be cut off. */
struct net_socket {
	struct net_socket *prev, *next;
	int fd;
	int64_t head_since; /* waiting for a head; 0 = not */
	int64_t body_since; /* reading a body; 0 = not */
	int64_t body_bytes;
};

enum answer_kind {
	ANSWER_JSON, /* rq.out */
	ANSWER_BYTES,
	ANSWER_FILE,
	ANSWER_STREAM,
	ANSWER_EVENTS
};

struct answer {
	enum answer_kind kind;
	const char *type, *name, *path;
	struct str bytes;
	bool remove;
	net_piece piece;
	void *arg;
	void (*done)(void *arg);
	int every_ms;
	struct answer_header {
		const char *name, *value;
	} headers[NET_HEADERS_MAX];
	size_t n_headers;
};

enum phase {
	PHASE_NEW,
	PHASE_BODY,   /* reading it */
	PHASE_DRAIN,  /* reading it to throw it away, then `refused` is answered */
	PHASE_JOB,    /* in a job thread; the connection sleeps */
	PHASE_READY,  /* the handler is through, `result` is known */
	PHASE_DONE    /* answered */
};

struct net_request {
	struct request rq;
	struct net *net;
	struct MHD_Connection *conn;
	struct net_socket *socket;
	struct net_request *next; /* in the free list or the job queue */
	struct arena arena;
	const char *uri_at; /* where the target stood in the library's buffer */
	struct str uri;     /* a copy: the library takes the query apart in place */
	struct head head;
	struct head_facts facts;
	const struct routed *routed;
	unsigned allow;
	bool page; /* a path of no route: perhaps of the web folder */
	char address[64];
	enum phase phase;
	enum err refused, result;
	struct buf body;
	struct multipart *form; /* of an upload */
	int form_fd;            /* the file being written, -1 = none */
	struct buf form_text;   /* the field being read */
	struct str form_name;
	size_t n_form_fields;
	const struct json_value *json;
	struct json_out current;
	struct answer answer;
	struct buf piece; /* of a stream or of events */
	size_t piece_at;
	bool piece_last;
	int64_t due_ms, beat_ms; /* events: next question, next sign of life */
	struct net_request *next_event;
	bool sleeping; /* suspended until due */
	bool given_up; /* by whoever asked, before it was begun */
	jmp_buf full;
	bool counted;
	int status; /* sent */
	int64_t began_us;
	/* from here on: large, and not cleared between requests; their counts are */
	struct input_faults faults;
	struct target target;
	struct str params[NET_PATH_PARTS_MAX];
	struct head_field head_fields[HEAD_FIELDS_MAX + 1];
	struct head_field form_fields[HEAD_QUERY_MAX];
};

struct net_asset_response {
	struct MHD_Response *packed, *plain, *same;
};

struct net_counter {
	_Atomic uint64_t status[METRIC_STATUS]; /* 1xx … 5xx */
	_Atomic uint64_t bucket[METRIC_BUCKETS + 1];
	_Atomic uint64_t micros;
};

struct net {
	struct net_opts opts;
	struct router router;
	struct MHD_Daemon *daemon;
	int port;
	bool tls;
	char *cert, *key;
	pthread_key_t thread_key;
	bool thread_key_made;
	struct net_counter *counters; /* one a route, one for all else */
	struct map assets;
	struct net_asset_response *asset_responses;
	struct arena a; /* as long as the server */

	pthread_mutex_t lock; /* all below */
	pthread_cond_t work, quick_work;
	bool quick_waits; /* the thread that does only what is quick */
	struct net_request *free_list;
	size_t n_free;             /* in it, or on the way to it */
	struct net_request *first_job, **last_job;
	unsigned jobs_at[ROUTE_KIND_MAX]; /* how many of each kind are at work */
	size_t n_jobs;
	struct net_socket *sockets;
	struct net_request *events;
	pthread_t *job_threads;
	size_t n_job_threads;
	pthread_t clock_thread;
	bool clock_runs;
	bool jobs_stop;

	atomic_bool stopping;
	atomic_long active; /* requests between head and answer */
	atomic_long connections;
};

static inline struct net_request *rq_own(const struct request *rq)
{
	return rq->in;
}

/* request.c: one request from head to answer, whoever's thread runs it */
struct net_request *net__request_new(struct net *n, struct MHD_Connection *c, const char *uri);
void net__request_free(struct net_request *q); /* kept for the next, or deleted */
void net__request_delete(struct net_request *q);
/* The head is there: what is refused stands in q->refused. */
void net__request_begin(struct net_request *q, const char *method, const char *version);
void net__request_body(struct net_request *q, struct str bytes);
/* The body is there: inputs, for a ROUTE_QUICK the handler.  False: to a job thread. */
bool net__request_finish(struct net_request *q);
void net__request_handle(struct net_request *q);

/* upload.c: a multipart body into files and fields */
MUST_USE enum err net__upload_begin(struct net_request *q, struct str content_type);
void net__upload_end(struct net_request *q); /* removes the files */

/* answer.c */
/* Queues the answer; `close` ends the connection behind it. */
enum MHD_Result net__answer(struct net_request *q, bool close);
enum MHD_Result net__answer_asset(struct net_request *q, size_t asset);
enum MHD_Result net__answer_redirect(struct net_request *q, const char *where);
MUST_USE enum err net__assets_begin(struct net *n, struct diag *diag);
void net__assets_end(struct net *n);
/* Index of the asset for the target, -1 none; -2: a folder asked for without its slash. */
int net__asset_find(const struct net *n, const struct net_request *q);

/* metrics.c */
void net__count(struct net_request *q, int64_t micros);

/* threads.c */
void *net__thread(struct net *n, struct diag *diag); /* NULL: diag says why, unless there is no room */
void net__thread_reset(struct net *n); /* after a handler was left in the middle */
MUST_USE enum err net__threads_begin(struct net *n, struct diag *diag);
void net__threads_end(struct net *n);
bool net__job_add(struct net_request *q); /* false when the queue is full */
void net__event_sleep(struct net_request *q);
void net__socket_add(struct net *n, struct net_socket *s);
void net__socket_remove(struct net *n, struct net_socket *s);

#endif
