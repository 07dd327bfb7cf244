/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * engine: what the layer above needs of a database engine; internal to this
 * folder.  Errors go to the given diag and come back as codes.  An engine is a
 * table of functions (sqlite.c, pg.c); the functions here call through it.
 */
#ifndef DAOHU_DB_ENGINE_H
#define DAOHU_DB_ENGINE_H

#include <stdatomic.h>

#include "db/db.h"

struct engine_ops;
/* The head of each engine's own struct. */
struct engine {
	const struct engine_ops *ops;
	enum db_engine kind;
};
struct engine_stmt {
	const struct engine_ops *ops;
};

enum engine_step { ENGINE_ROW, ENGINE_DONE, ENGINE_FAILED };

enum { ENGINE_PARAMS_MAX = 512, DB_SCOPE_PARAM = 510 };

struct engine_column {
	char name[64];
	enum field_kind stored; /* FIELD_TEXT, FIELD_INT or FIELD_BLOB */
	bool not_null;
	int key; /* place in the primary key, 0 = none */
};

struct engine_ops {
	void (*close)(struct engine *e);
	enum err (*exec)(struct engine *e, const char *sql, struct diag *diag);
	enum err (*begin)(struct engine *e, bool write, struct diag *diag);
	enum err (*commit)(struct engine *e, struct diag *diag);
	enum err (*prepare)(struct engine *e, const char *sql, struct diag *diag,
			    struct engine_stmt **ret);
	void (*finalize)(struct engine_stmt *s);
	bool (*has_param)(const struct engine_stmt *s, int i);
	bool (*bind_null)(struct engine_stmt *s, int i);
	bool (*bind_int)(struct engine_stmt *s, int i, int64_t v);
	bool (*bind_text)(struct engine_stmt *s, int i, struct str v);
	bool (*bind_blob)(struct engine_stmt *s, int i, struct str v);
	enum engine_step (*step)(struct engine_stmt *s);
	void (*reset)(struct engine_stmt *s);
	enum err (*fault)(struct engine *e, const char *what, struct diag *diag);
	bool (*is_null)(struct engine_stmt *s, int col);
	int64_t (*get_int)(struct engine_stmt *s, int col);
	struct str (*get_text)(struct engine_stmt *s, int col);
	struct str (*get_blob)(struct engine_stmt *s, int col);
	int (*columns)(const struct engine_stmt *s);
	int64_t (*changes)(struct engine *e);
	bool (*in_transaction)(struct engine *e);
	bool (*has_table)(struct engine *e, const char *table);
	enum err (*bulk)(struct engine *e, bool on, struct diag *diag);
	enum err (*sync)(struct engine *e, struct diag *diag);
	void (*leave_log)(struct engine *e, bool on);
	bool (*log_grown)(struct engine *e);
	void (*fold_rest)(struct engine *e);
	enum err (*flush)(struct engine *e, struct diag *diag);
	enum err (*copy)(struct engine *e, const char *path, struct diag *diag);
	enum err (*table)(struct engine *e, const char *table, struct diag *diag,
			  struct engine_column *ret, size_t max, size_t *ret_n);
	enum err (*size)(struct engine *e, struct diag *diag, int64_t *ret_data, int64_t *ret_log);
};

MUST_USE enum err sqlite_open(const char *path, enum db_mode mode, struct diag *diag,
			      struct engine **ret);
/* Folds the log of this engine's SQLite database as far as it goes, on a connection of its
 * own; by any thread while the engine is open, one at a time.  What fails is left for the next
 * one who folds. */
void sqlite_fold(struct engine *e);
/* How many rows were written on this connection so far; what was undone counts, too. */
int64_t sqlite_written(struct engine *e);
/* Reads its file once, whole megabytes, until told to stop, and keeps nothing of it. */
void sqlite_read_through(struct engine *e, const atomic_bool *stop);

/* `url` may hold a password.  Tries again for some seconds while nobody answers; `prompt`: see
 * struct db_opts.  DB_URL, DB_AWAY. */
MUST_USE enum err pg_open(const char *url, enum db_mode mode, bool prompt, struct diag *diag,
			  struct engine **ret);
struct pg_waiting {
	void (*fn)(void *arg, const char *holder);
	void *arg;
};
/*
 * From now on this connection alone writes the county, or LOCKED naming who does after
 * `wait_s` seconds; who serves is not waited for.  After a lost connection it is taken
 * again, unless somebody else had it in between.
 */
MUST_USE enum err pg_lock_county(struct engine *e, const char *county, int wait_s,
				 const struct pg_waiting *waiting, struct diag *diag);
/* From now on it writes the county in turn with who has the lease (db_host_start); who takes the
 * lease after that one waits for its transaction. */
void pg_be_guest(struct engine *e, const char *county);
/* Has another process written the county, so that this connection never will again?  Any thread. */
bool pg_lost(const struct engine *e);
/* One schema changer at a time, until the transaction ends. */
MUST_USE enum err pg_lock_schema(struct engine *e, struct diag *diag);
/* Distributes by county the tables that are not yet; !begin: only when some are.  *ret_done
 * false: the extension is not there, or nothing was begun. */
MUST_USE enum err pg_distribute(struct engine *e, bool begin, struct diag *diag, bool *ret_done);
/* DB_OLDER when some tables are distributed and others are not: an upgrade was cut short. */
MUST_USE enum err pg_distributed_wholly(struct engine *e, struct diag *diag);
/* The URL as it may be kept: without a password.  DB_URL when it is none. */
MUST_USE enum err pg_url_without_password(const char *url, struct diag *diag, struct buf *out);

static inline void engine_close(struct engine *e)
{
	if (e)
		e->ops->close(e);
}

/* A statement without parameters and rows: CREATE TABLE … */
MUST_USE static inline enum err engine_exec(struct engine *e, const char *sql, struct diag *diag)
{
	return e->ops->exec(e, sql, diag);
}

MUST_USE static inline enum err engine_begin(struct engine *e, bool write, struct diag *diag)
{
	return e->ops->begin(e, write, diag);
}

MUST_USE static inline enum err engine_commit(struct engine *e, struct diag *diag)
{
	return e->ops->commit(e, diag);
}

MUST_USE static inline enum err engine_prepare(struct engine *e, const char *sql,
					       struct diag *diag, struct engine_stmt **ret)
{
	return e->ops->prepare(e, sql, diag, ret);
}

static inline void engine_finalize(struct engine_stmt *s)
{
	if (s)
		s->ops->finalize(s);
}

/* Is there a parameter $i? */
static inline bool engine_has_param(const struct engine_stmt *s, int i)
{
	return s->ops->has_param(s, i);
}

static inline bool engine_bind_null(struct engine_stmt *s, int i)
{
	return s->ops->bind_null(s, i);
}

static inline bool engine_bind_int(struct engine_stmt *s, int i, int64_t v)
{
	return s->ops->bind_int(s, i, v);
}

/* Text and bytes are borrowed. */
static inline bool engine_bind_text(struct engine_stmt *s, int i, struct str v)
{
	return s->ops->bind_text(s, i, v);
}

static inline bool engine_bind_blob(struct engine_stmt *s, int i, struct str v)
{
	return s->ops->bind_blob(s, i, v);
}

static inline enum engine_step engine_step(struct engine_stmt *s)
{
	return s->ops->step(s);
}

static inline void engine_reset(struct engine_stmt *s)
{
	s->ops->reset(s);
}

/* What the last failure was. */
static inline enum err engine_fault(struct engine *e, const char *what, struct diag *diag)
{
	return e->ops->fault(e, what, diag);
}

static inline bool engine_is_null(struct engine_stmt *s, int col)
{
	return s->ops->is_null(s, col);
}

static inline int64_t engine_int(struct engine_stmt *s, int col)
{
	return s->ops->get_int(s, col);
}

static inline struct str engine_text(struct engine_stmt *s, int col)
{
	return s->ops->get_text(s, col);
}

static inline struct str engine_blob(struct engine_stmt *s, int col)
{
	return s->ops->get_blob(s, col);
}

static inline int engine_columns(const struct engine_stmt *s)
{
	return s->ops->columns(s);
}

static inline int64_t engine_changes(struct engine *e)
{
	return e->ops->changes(e);
}

static inline bool engine_in_transaction(struct engine *e)
{
	return e->ops->in_transaction(e);
}

static inline bool engine_has_table(struct engine *e, const char *table)
{
	return e->ops->has_table(e, table);
}

/* A bulk load begins or ends. */
MUST_USE static inline enum err engine_bulk(struct engine *e, bool on, struct diag *diag)
{
	return e->ops->bulk(e, on, diag);
}

/* What is committed is on the disk when this returns. */
MUST_USE static inline enum err engine_sync(struct engine *e, struct diag *diag)
{
	return e->ops->sync(e, diag);
}

/* From now on (until off) commits, many small ones, leave the log as it is, and whoever has the
 * handle folds it in, another thread best, each time it has grown: engine_log_grown() asks, and
 * says so once.  A server keeps its own: it never has. */
static inline void engine_leave_log(struct engine *e, bool on)
{
	e->ops->leave_log(e, on);
}

static inline bool engine_log_grown(struct engine *e)
{
	return e->ops->log_grown(e);
}

/* After another thread has folded it, by the one that writes, so that a long log ends. */
static inline void engine_fold_rest(struct engine *e)
{
	e->ops->fold_rest(e);
}

MUST_USE static inline enum err engine_flush(struct engine *e, struct diag *diag)
{
	return e->ops->flush(e, diag);
}

/* A copy of the whole database in a new file; UNSUPPORTED where a server keeps it. */
MUST_USE static inline enum err engine_copy(struct engine *e, const char *path, struct diag *diag)
{
	return e->ops->copy(e, path, diag);
}

/* Columns of a table, at most `max`; their number in *ret_n. */
MUST_USE static inline enum err engine_table(struct engine *e, const char *table,
					     struct diag *diag, struct engine_column *ret,
					     size_t max, size_t *ret_n)
{
	return e->ops->table(e, table, diag, ret, max, ret_n);
}

/* Bytes of the database and of its log. */
MUST_USE static inline enum err engine_size(struct engine *e, struct diag *diag,
					    int64_t *ret_data, int64_t *ret_log)
{
	return e->ops->size(e, diag, ret_data, ret_log);
}

#endif
