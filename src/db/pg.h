/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pg: a connection to PostgreSQL from inside the engine.
 *
 * A statement is prepared once a connection and read row by row, so that a large table
 * never lies in memory.  The protocol knows one reading at a time: when another statement
 * is run meanwhile, the rest of the first is taken into memory (pg_settle()).  In a bulk
 * load, INSERTs are sent without waiting for their answers; what fails then fails the
 * next statement that is waited for, at the latest the commit.
 */
#ifndef DAOHU_DB_PG_H
#define DAOHU_DB_PG_H

#include "db/engine.h"
#include "db/pg_calls.h"

enum pg_type { /* object ids of pg_type.dat, which never change */
	       PG_BOOL = 16,
	       PG_BYTEA = 17,
	       PG_NAME = 19,
	       PG_INT8 = 20,
	       PG_INT2 = 21,
	       PG_INT4 = 23,
	       PG_TEXT = 25,
	       PG_JSON = 114,
	       PG_TEXTS = 1009,
	       PG_INT8S = 1016,
	       PG_NUMERIC = 1700
};

struct pg_stmt;

struct pg_watch;

enum { PG_PATIENCE_MS = 15000 }; /* to reach a server again */

struct pg {
	struct engine base;
	PGconn *c;
	char *url;
	enum db_mode mode;
	bool prompt;     /* a page waits: what is out of reach is given up soon */
	int patience_ms; /* with a server that does not answer anybody */
	struct pg_watch *watch;
	unsigned outages; /* of the watch, when this connection was made */
	int64_t opening; /* since when it is being opened; 0: it was */
	int64_t gave_up; /* when it could not be reached */
	bool gone;       /* this connection was given up while something was waited for */
	unsigned generation;     /* of the connection: counts how often it was made */
	unsigned names;          /* of prepared statements, given so far */
	struct pg_stmt *reading; /* whose rows are still coming */
	bool in_transaction;
	bool undone; /* one was lost with its connection: nothing runs until whoever began it has ended it */
	bool bulk;
	bool distributed; /* our tables are, by citus */
	unsigned queued, syncs; /* of the pipeline: statements since the last sync, syncs due */
	int64_t changes;

	/* What went wrong last.  In a transaction it stands until that is undone: the server
	 * refuses everything after it. */
	bool failed;
	enum err fault;
	char fault_text[500];

	/* the county this connection writes; NULL: none */
	char *county;
	int64_t epoch; /* of its lease */
	char *host_of; /* a guest's: the county that its host has; NULL: it is none */
	atomic_bool lost; /* another process has written the county since */
	int leased_by; /* the server's process that has it */
};

struct pg_param {
	const char *p; /* NULL: NULL */
	int n;
	char bytes[24]; /* of a number */
	char *list;     /* of an array; owned */
};

struct pg_cell {
	const char *p; /* NULL: NULL */
	size_t n;
};

enum pg_state {
	PG_IDLE,
	PG_LIVE, /* its rows are coming */
	PG_KEPT, /* the rest of them is in memory */
	PG_DONE,
	PG_BROKEN
};

struct pg_stmt {
	struct engine_stmt base;
	struct pg *e;
	char *sql; /* its parameters numbered without gaps */
	char name[16];
	unsigned generation;                /* of the connection that has it prepared */
	short index[ENGINE_PARAMS_MAX + 1]; /* of parameter $i; 0 = there is none */
	int n_params, n_cols;
	unsigned *param_types, *col_types;
	struct pg_param *params;
	bool queues; /* an INSERT that returns nothing */

	enum pg_state state;
	PGresult *row;
	struct pg_cell *cells; /* of the current row */
	struct buf kept;       /* rows taken into memory */
	size_t kept_at;
	bool kept_broken; /* and then came a failure */
};

extern const struct engine_ops pg_ops;

/* --- pg.c --- */
/* libpq ends its texts with a line's end, and breaks some. */
void pg_one_line(char *text);
/* Notes down what `r` (or the connection, when NULL) says went wrong. */
void pg_note(struct pg *e, const PGresult *r);
/* In a transaction, and the connection holds? */
bool pg_in_transaction(struct pg *e);
/* What failed in a transaction, or took it along, stands: nothing but its end is run. */
bool pg_stuck(struct pg *e);
/* Makes the connection anew when it was lost outside a transaction; false: noted. */
bool pg_ready(struct pg *e);
/* Runs a text that returns nothing or one value of text; false: noted.  `ret` may be NULL. */
bool pg_run(struct pg *e, const char *sql, const char *param, char *ret, size_t size);

/* --- pg_link.c --- */
/* Tries for so long, less when it is known that nobody answers; false: noted. */
bool pg_connect(struct pg *e, int patience_ms);
/* PQgetResult(), and what PQexec() gives of what was sent (if it was); a server that is out of reach is
 * given up, which looks like a connection that broke. */
PGresult *pg_result(struct pg *e);
PGresult *pg_last(struct pg *e, int sent);
void pg_sleep_ms(int64_t ms);
struct pg_dial {
	const char *url, *role; /* how it names itself, behind "daohu" */
	int tcp_ms, all_ms;     /* until somebody takes the connection, until it is made */
	bool (*stop)(void *arg); /* asked now and then; may be NULL */
	void *arg;
	bool silent; /* ret: neither made nor refused; */
	char why[300]; /* says so */
};
PGconn *pg_dial(struct pg_dial *d); /* never waits on itself: PQsetnonblocking() */
PGPing pg_ping(const char *url);

/* --- pg_watch.c --- */
struct pg_watch *pg_watch_get(const char *url);
void pg_watch_put(struct pg_watch *w);
void pg_watch_ask(struct pg_watch *w);           /* by who waits */
int64_t pg_watch_silent_ms(struct pg_watch *w); /* for how long nobody answers; 0: somebody does */
unsigned pg_watch_outages(struct pg_watch *w);  /* how often that lasted */

/* --- pg_url.c --- */
MUST_USE enum err pg_url_check(const char *url, struct diag *diag);

/* --- pg_citus.c --- */
/* What is on the other side of a new connection: sets e->distributed; false, noted: a server that does not do. */
bool pg_citus_meet(struct pg *e);

/* --- pg_stmt.c --- */
/* Nothing is on its way any more: waits for what was queued, takes what is being read
 * into memory.  False when something queued had failed. */
bool pg_settle(struct pg *e);
enum err pg_prepare(struct engine *e, const char *sql, struct diag *diag, struct engine_stmt **ret);
void pg_finalize(struct engine_stmt *s);
bool pg_has_param(const struct engine_stmt *s, int i);
bool pg_bind_null(struct engine_stmt *s, int i);
bool pg_bind_int(struct engine_stmt *s, int i, int64_t v);
bool pg_bind_text(struct engine_stmt *s, int i, struct str v);
bool pg_bind_blob(struct engine_stmt *s, int i, struct str v);
enum engine_step pg_step(struct engine_stmt *s);
void pg_reset(struct engine_stmt *s);
bool pg_is_null(struct engine_stmt *s, int col);
int64_t pg_get_int(struct engine_stmt *s, int col);
struct str pg_get_text(struct engine_stmt *s, int col);
int pg_columns(const struct engine_stmt *s);

#endif
