/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* handle: the database handle from inside this folder. */
#ifndef DAOHU_DB_HANDLE_H
#define DAOHU_DB_HANDLE_H

#include <pthread.h>

#include "db/db.h"
#include "db/engine.h"

struct stmt {
	struct db *db;
	struct stmt *next;     /* other instances of the same text */
	struct engine_stmt *h; /* NULL when it could not be prepared */
	const char *name;      /* for messages */
	enum db_scope_kind scope; /* what {scope} was replaced for; NONE when it has none */
	enum err err;          /* sticks until the statement is given back */
	bool busy;
	bool row; /* columns can be read */
};

/* Statements made from one descriptor. */
enum {
	RECORD_ALL, RECORD_RANGE, RECORD_GET, RECORD_OWNED, RECORD_INSERT, RECORD_INSERT_MANY,
	RECORD_UPDATE, RECORD_REMOVE, RECORD_STMTS
};
struct record_sql {
	struct stmt *list[RECORD_STMTS];
};

struct db {
	struct engine *engine;
	char *dir;
	char *county;
	char *url; /* of the PostgreSQL database, may hold a password; NULL: daohu.db */
	bool had_config;
	int lock_fd; /* -1 for readers */
	int guest_fd; /* to the process that lends the lock; -1 for all others */
	bool turn;    /* a guest's: it is ours */
	struct diag *diag;
	struct diag own_diag; /* when the caller gave none */
	const struct record_desc *const *tables;
	size_t n_tables;
	struct record_sql *records; /* one a table */
	size_t last_table;          /* found last */
	struct stmt **stmts;        /* STMT_MAX lists */
	struct db_vault vault;
	bool skip_sealed;
	struct db_scope scope;
	int schema_version;
	int64_t changes; /* of the last stmt_run */
	uint64_t moment;
	enum err (*before_commit)(void *arg);
	void *before_arg;
	bool folding;    /* by this thread: */
	pthread_t folder;
};

/* folder.c */
MUST_USE enum err db__lock(const char *dir, struct diag *diag, int *ret_fd);
MUST_USE enum err db__make_dir(const char *dir, struct diag *diag);
/* guest.c: *ret_fd speaks to the host; LOCKED, with the diag left alone, when nobody answers */
MUST_USE enum err db__guest_open(const char *dir, int *ret_fd, int *ret_lock_fd);
MUST_USE enum err db__turn_begin(struct db *db);
void db__turn_end(struct db *db);
/* The address of DIR/daohu.sock, whose path may be longer than an address holds. */
struct sockaddr_un;
bool db__sock_address(int dir_fd, struct sockaddr_un *ret);
bool db__same_user(int fd, long *ret_pid);

/* How several rows are inserted with one statement.  OR FAIL: what went in before a row that
 * fails stays, which the end of the transaction takes back; without it SQLite would copy
 * every page the statement changes, to take back just that. */
#define DB__INSERT_MANY_SQLITE "INSERT OR FAIL INTO"

/* stmt.c: a statement from a text of our own; kept in *slot. */
struct stmt *db__stmt_text(struct db *db, struct stmt **slot, const char *name, const char *sql,
			   enum db_scope_kind scope);
void db__stmt_free(struct stmt *list);
/* `scope`: what {scope V N} becomes; NONE: none may stand in the text. */
MUST_USE enum err db__expand(const struct db *db, const char *text, enum db_scope_kind scope,
			     struct buf *out);
/* scope.c: the condition for {scope V N} and {scope V N F T}; `words` is what follows "scope". */
MUST_USE enum err db__print_scope(enum db_engine engine, enum db_scope_kind kind, struct str words,
				  struct buf *out);
/* "= one of the JSON list bound to $param", which is of texts or of numbers. */
void db__print_any(enum db_engine engine, bool text, int param, struct buf *out);
/* records.c */
void db__print_columns(const struct record_desc *d, struct str alias, struct buf *out);
/* migrate.c */
MUST_USE enum err db__migrate(struct db *db, const struct db_opts *opts);

#endif
