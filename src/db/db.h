/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * db: the data folder and its database.
 *
 * Owns DIR/config, and DIR/daohu.db (SQLite in WAL mode) with DIR/lock and DIR/daohu.sock
 * or, where DIR/config has a `url`, the county's rows of a PostgreSQL database, which holds
 * those of other counties as well.  One handle is one connection and belongs to
 * one thread.  It serves one county, whose
 * tenant id is bound to `$1` of every statement by db_stmt() itself; a
 * caller's own parameters are $2, $3, … as written in the .sql file.
 *
 * Statements live in `src/<module>/<module>.sql` as blocks
 *
 *     -- name: household_by_village
 *     SELECT {household h} FROM household h WHERE h.county = $1 AND h.village = $2
 *     ORDER BY h.no
 *
 * and become enum stmt_id at build time (STMT_household_by_village); a second
 * block `-- name: x @pg` (or `@sqlite`) stands where the engines differ, `-- name: x @pg as y`
 * where x is there what y is.
 * Nothing else can be prepared.  {table} or {table alias} is replaced by the
 * columns no, version and all fields of that record; `x {any $5}` is "x is one of the
 * JSON list of texts bound to $5" (of numbers: {any $5 numbers}), {word W LIST} "W is one of
 * the words of LIST, which commas part".  What both engines must agree on: the order of rows (say NULLS FIRST
 * or LAST where a column may be absent: their habits differ), and the type of a
 * parameter, which PostgreSQL takes from where it first stands: `(x = $2 OR $2 IS
 * NULL)`, in this order.
 *
 * Reading:
 *     struct stmt *s = db_stmt(db, STMT_household_by_village);
 *     stmt_bind_text(s, 2, village);
 *     while (stmt_record(s, &household_desc, arena, &h))
 *         …
 *     return stmt_end(s);
 *
 * Who may see what: {scope V N} stands for a condition on the village code V and the
 * household number N (expressions of the statement); which one follows from the scope
 * of the handle (db_set_scope).  A handle has none at first, and a statement with
 * {scope} then ends with FORBIDDEN: whoever forgets the scope sees nothing.  {scope V N F T}
 * is for pages of a list by village that also asks for F <= V < T: villages outside, such as
 * those of the pages before, are not looked for.
 *
 * Errors stick: after a failure every further call on the statement does
 * nothing, and stmt_end() returns the code; the text is in the struct diag
 * given at db_open().  Business tables are written through journal.h only.
 *
 * A failure in a transaction ends it on PostgreSQL: whoever goes on after one needs a
 * savepoint.  In a bulk load an INSERT may fail as late as the next statement of another
 * kind.  SQLite's own memory: 64 MB of page cache at the most.
 */
#ifndef DAOHU_DB_DB_H
#define DAOHU_DB_DB_H

#include "base/err.h"
#include "field/field.h"

#include "db/stmt_ids.h" /* enum stmt_id, made by tools/gen_sql.py */

struct db;
struct stmt;

enum db_engine { DB_SQLITE, DB_PG, DB_ENGINE_MAX };

enum db_mode {
	DB_READ,   /* no lock; others may write at the same time */
	DB_WRITE,  /* takes DIR/lock or, on a server, the county's lease, or is the guest of
	              who serves the folder (below); else LOCKED naming the holder's pid */
	DB_SERVE,  /* DB_WRITE that is nobody's guest, and that nobody waits for */
	DB_CREATE, /* DB_WRITE on a new folder: makes the database and migrates it; on a
	              server the schema may be there, the county may not */
	DB_UPGRADE /* DB_WRITE that also runs the migrations that are missing, after
	              keeping a copy as DIR/daohu.db.before-NNNN (not of a server's); one of
	              an upgrade that failed is replaced */
};

struct db_opts {
	enum db_mode mode;
	int schema;                              /* DB_CREATE: of this version; 0: the newest */
	const char *county;                      /* tenant id; NULL: from DIR/config */
	const char *url;                         /* postgresql://…; NULL: from DIR/config */
	/* Whoever writes a county on a server waits so long for another who does; not for
	 * one that serves.  `waiting` is told once whom it waits for. */
	int wait_s;
	void (*waiting)(void *arg, const char *holder);
	void *waiting_arg;
	/* A page waits: a server that is out of reach is given up within two seconds. */
	bool prompt;
	const struct record_desc *const *tables; /* every record the program knows */
	size_t n_tables;
};

/* --- folder --------------------------------------------------------------- */

/* NO_DATA_DIR, LOCKED, DB_NEWER, DB_OLDER, DB_AWAY, DB_URL, IO, DB.  `diag` must outlive the handle. */
MUST_USE enum err db_open(const char *dir, const struct db_opts *opts, struct diag *diag,
			  struct db **ret);
/* The same data once more, to read what is committed from another thread; no vault. */
MUST_USE enum err db_open_reader(const struct db *db, struct diag *diag, struct db **ret);
void db_close(struct db *db); /* NULL is fine; rolls back what is open */
const char *db_dir(const struct db *db);
enum db_engine db_engine(const struct db *db);
/* Bytes of the database and of its log (0 where a server keeps one for all). */
MUST_USE enum err db_size(struct db *db, int64_t *ret_data, int64_t *ret_log);
/* A PostgreSQL URL as DIR/config may keep it: without a password.  DB_URL: it is none. */
MUST_USE enum err db_url_without_password(const char *url, struct arena *a, struct diag *diag,
					  const char **ret);
const char *db_county(const struct db *db);
struct diag *db_diag(const struct db *db);
/* Where errors go from now on; NULL: nowhere to be read. */
void db_set_diag(struct db *db, struct diag *diag);
const struct record_desc *db_table(const struct db *db, uint16_t id); /* NULL if unknown */
const struct record_desc *db_table_named(const struct db *db, const char *name); /* the same */
const struct record_desc *const *db_tables(const struct db *db, size_t *ret_n);

/*
 * DIR/config: lines "key = value", '#' starts a comment.  Keys known to this
 * layer: format (1), county, url (without password).  Others are the caller's.
 */
enum { DB_CONFIG_MAX = 32 };
struct db_config {
	struct db_config_line {
		const char *key;
		const char *value;
	} lines[DB_CONFIG_MAX];
	size_t n;
};
MUST_USE enum err db_config_read(const char *dir, struct arena *a, struct diag *diag,
				 struct db_config *ret);
/* Replaces the file as one step (temporary file, fsync, rename, fsync of the folder). */
MUST_USE enum err db_config_write(const char *dir, const struct db_config *c, struct diag *diag);
const char *db_config_get(const struct db_config *c, const char *key); /* NULL if unset */
/* Adds or replaces; key and value are borrowed. INVALID when full or not one line. */
MUST_USE enum err db_config_set(struct db_config *c, const char *key, const char *value);

/* --- scope ---------------------------------------------------------------- */

enum db_scope_kind {
	DB_SCOPE_NONE,       /* nothing */
	DB_SCOPE_ALL,        /* the whole house */
	DB_SCOPE_AREAS,      /* these villages */
	DB_SCOPE_HOUSEHOLDS, /* these households */
	DB_SCOPE_MAX
};
struct db_scope {
	enum db_scope_kind kind;
	const char *const *areas; /* sorted */
	size_t n_areas;
	const int64_t *households; /* sorted */
	size_t n_households;
	struct str list; /* the same as JSON, which is what is bound */
};
/* Copies into the arena and sorts. */
void db_scope_areas(struct arena *a, const char *const *codes, size_t n, struct db_scope *ret);
void db_scope_households(struct arena *a, const int64_t *numbers, size_t n, struct db_scope *ret);
/* For what is not read by a statement.  A household of HOUSEHOLDS by its number, else by its
 * village; village NULL is nobody's. */
bool db_scope_sees(const struct db_scope *s, const char *village, int64_t household);
/* From now on; *scope is borrowed, NULL: none. */
void db_set_scope(struct db *db, const struct db_scope *scope);
const struct db_scope *db_scope(const struct db *db); /* kind NONE when there is none */

/* --- statements ----------------------------------------------------------- */

/* Ready to bind, its county bound; never NULL.  Prepared once and kept. */
struct stmt *db_stmt(struct db *db, enum stmt_id id);
/* Text and bytes are borrowed until stmt_end() or stmt_run(). */
void stmt_bind_int(struct stmt *s, int i, int64_t v);
void stmt_bind_text(struct stmt *s, int i, const char *v); /* NULL binds NULL */
void stmt_bind_str(struct stmt *s, int i, struct str v);
void stmt_bind_blob(struct stmt *s, int i, struct str v);  /* v.p NULL binds NULL */
void stmt_bind_null(struct stmt *s, int i);
/* Next row? */
bool stmt_row(struct stmt *s);
/* Columns of the row, from 0; text and bytes live until the next stmt_row(). */
bool stmt_is_null(struct stmt *s, int col);
int64_t stmt_int(struct stmt *s, int col);
struct str stmt_str(struct stmt *s, int col);
struct str stmt_blob(struct stmt *s, int col);
const char *stmt_dup(struct stmt *s, int col, struct arena *a); /* NULL when NULL */
/* Ends the reading and gives the statement back; OK or what went wrong. */
MUST_USE enum err stmt_end(struct stmt *s);
/* Runs a statement that returns no rows, and gives it back. */
MUST_USE enum err stmt_run(struct stmt *s);
/* One integer, `none` when there is no row or NULL; gives the statement back. */
MUST_USE enum err stmt_one_int(struct stmt *s, int64_t none, int64_t *ret);
/* Gives every statement back whose reading was left in the middle. */
void db_release_statements(struct db *db);
/* Rows changed by the last statement that was run. */
int64_t db_changes(const struct db *db);

/* --- records -------------------------------------------------------------- */

/* Next row into rec (the statement's first columns are {table}); text goes to
 * the arena.  Sealed fields are opened by the vault; without one, or when the
 * person was erased, they are absent. */
bool stmt_record(struct stmt *s, const struct record_desc *d, struct arena *a, void *rec);
/* All rows: *ret_array is an array of d->size each in the arena. Gives the statement back. */
MUST_USE enum err stmt_records(struct stmt *s, const struct record_desc *d, struct arena *a,
			       void *ret_array, size_t *ret_n);
/* SELECT {table} … WHERE county = $1 ORDER BY no */
struct stmt *db_all(struct db *db, const struct record_desc *d);
/* The same of those with from <= no < to, bound. */
struct stmt *db_range(struct db *db, const struct record_desc *d, int64_t from, int64_t to);
/* SELECT {table} … WHERE county = $1 AND no = $2, bound. */
struct stmt *db_one(struct db *db, const struct record_desc *d, int64_t no);
/* SELECT {table} … WHERE county = $1 AND <owner field> = person ORDER BY no; for a
 * table of OWNER_SELF db_one(). */
struct stmt *db_owned(struct db *db, const struct record_desc *d, int64_t person);
/* One by its no; *ret_found false when there is none. */
MUST_USE enum err db_get(struct db *db, const struct record_desc *d, int64_t no, struct arena *a,
			 void *rec, bool *ret_found);

/* How sealed fields are closed and opened; set by the journal, which has the keys. */
struct db_vault {
	void *arg;
	/* Appends the bytes to store. */
	enum err (*seal)(void *arg, int64_t owner, const struct record_desc *d, size_t field,
			 struct str plain, struct buf *out);
	/* *ret.p NULL when the person was erased. */
	enum err (*open)(void *arg, int64_t owner, const struct record_desc *d, size_t field,
			 struct str sealed, struct arena *a, struct str *ret);
};
void db_set_vault(struct db *db, const struct db_vault *vault);
const struct db_vault *db_vault(const struct db *db);
/* Sealed fields are left absent by stmt_record() while `off` (a scan that needs none). */
void db_skip_sealed(struct db *db, bool off);
bool db_skips_sealed(const struct db *db);

/* The sealed fields of a record as they are stored. */
struct db_sealed {
	struct buf bytes;
	struct str field[RECORD_FIELDS_MAX]; /* p NULL: absent or not sealed */
};
void db_sealed_init(struct db_sealed *s);
void db_sealed_release(struct db_sealed *s);

/* The rest of this part is used by the journal only. */
/* KEYS when there is no vault; any thread may, with a vault and a diag of its own. */
MUST_USE enum err db_seal_record(const struct db_vault *vault, const struct record_desc *d,
				 const void *rec, struct db_sealed *ret, struct diag *diag);
/* `sealed` is what db_seal_record() made of the same record. */
MUST_USE enum err db_insert_record(struct db *db, const struct record_desc *d, const void *rec,
				   const struct db_sealed *sealed);
/* The same of n records, several with one statement, which costs less.  After a failure
 * some of them may be in: the transaction or savepoint has to be rolled back. */
struct db_insert {
	const void *rec;
	const struct db_sealed *sealed;
};
MUST_USE enum err db_insert_records(struct db *db, const struct record_desc *d,
				    const struct db_insert *rows, size_t n);
/* CONFLICT when the row there is not of old_version. */
MUST_USE enum err db_update_record(struct db *db, const struct record_desc *d, const void *rec,
				   const struct db_sealed *sealed, int64_t old_version);
MUST_USE enum err db_delete_record(struct db *db, const struct record_desc *d, int64_t no,
				   int64_t old_version);

/* --- transactions --------------------------------------------------------- */

MUST_USE enum err db_begin(struct db *db);  /* a writer's; INTERNAL when one is open */
MUST_USE enum err db_commit(struct db *db); /* rolls back when it fails */
/* Called by every db_commit() of the handle before it commits, while the transaction is
 * open; its error is the commit's.  The journal signs there; NULL: nothing is called. */
void db_before_commit(struct db *db, enum err (*fn)(void *arg), void *arg);
void db_rollback(struct db *db);            /* nothing when none is open */
bool db_in_transaction(const struct db *db);
/* Another number whenever a transaction began or ended, or a part of one was taken back: as long
 * as it is the same in a writer's transaction, what was written in it is there, and nothing else. */
uint64_t db_moment(const struct db *db);
MUST_USE enum err db_savepoint(struct db *db);         /* one level inside a transaction */
MUST_USE enum err db_release_savepoint(struct db *db);
void db_rollback_savepoint(struct db *db);
/* A consistent view for several reads; ends with db_rollback(). */
MUST_USE enum err db_begin_read(struct db *db);
/* Before and after a bulk load: the write-ahead log may grow, then is folded in.  What is
 * committed between the two is on the disk only when the second has returned OK. */
MUST_USE enum err db_bulk(struct db *db, bool on);
/* Inside a bulk load: waits until what is committed is on the disk. */
MUST_USE enum err db_sync(struct db *db);
/* Inside a bulk load: what the log has now is folded in by a thread, while the
 * caller goes on.  Ends with the load; waits for the fold before it. */
void db_fold_beside(struct db *db);
/* After an erasure: folds the write-ahead log in and empties it, so that no old
 * page stays on the disk.  LOCKED while others read.  A server's files are its own. */
MUST_USE enum err db_flush(struct db *db);

/*
 * Numbers: n consecutive ones of counter `name` (1 is the first ever), taken
 * inside the transaction, so a rollback gives them back.
 */
MUST_USE enum err db_take_numbers(struct db *db, const char *name, int64_t n, int64_t *ret_first);

/* --- schema --------------------------------------------------------------- */

/* The tables of a PostgreSQL database that are not yet, distributed by county; *ret_done false:
 * it has no citus extension (or the database is none of PostgreSQL's), and nothing was done.
 * An upgrade does the same by itself where it was done before. */
MUST_USE enum err db_distribute(struct db *db, bool *ret_done);
/* CREATE TABLE of a record. */
void db_print_table(const struct record_desc *d, enum db_engine engine, struct buf *out);
/* Compares every known record with the tables there, column by column; DB
 * with table and column in the diag at the first difference. */
MUST_USE enum err db_check_schema(struct db *db);
int db_schema_version(const struct db *db);
/* Of a handle that was made with an older `schema`: the migrations that are missing, in
 * the open transaction or in one of their own.  No copy is kept. */
MUST_USE enum err db_migrate(struct db *db);
int db_newest_schema(enum db_engine engine);
/* Removes the copies that upgrades kept (DIR/daohu.db.before-NNNN); *ret_n: how many. */
MUST_USE enum err db_drop_copies(struct db *db, size_t *ret_n);
/* Prepares every block of every .sql file; DB naming the first that fails. */
MUST_USE enum err db_check_statements(struct db *db);

/* --- writing beside a server ----------------------------------------------- */

/*
 * Whoever holds DIR/lock for long (serve) lets others in through DIR/daohu.sock, mode
 * 0600, which answers processes of the same user only.  Another process's
 * db_open(DB_WRITE) then makes a guest: it gets the lock's descriptor as well, so the
 * folder is locked until both are gone, and its db_begin() waits for a turn in the
 * host's queue of writers, which lasts until the transaction has ended.  Short writes
 * of the host come between its transactions, and a guest that dies leaves nothing
 * half-done: its transaction was its own.
 *
 * The messages, one packet each: "daohu 1" → "lock" with the descriptor, or "full";
 * "turn" → "go" or "stop"; "end" → "ok".  Anything else ends the connection.
 */
struct db_host;
struct db_writer;
enum { DB_GUESTS_MAX = 8 };
struct db_host_hooks {
	void *arg;
	/* After each turn, in the writer's thread, outside a transaction. */
	void (*after)(void *arg, struct db *db);
	/* One that was stopped (SIGSTOP) in its turn was ended. */
	void (*ended)(void *arg, long pid);
};
/* `db` is the writer's handle.  Where a server keeps the database, the same from the same folder: the
 * lease stays the host's, and each transaction of a guest holds a lock for which whoever took the
 * lease after the host would wait. */
MUST_USE enum err db_host_start(struct db *db, struct db_writer *w,
				const struct db_host_hooks *hooks, struct diag *diag,
				struct db_host **ret);
/* No more turns; one that is under way may take half a minute.  Before db_writer_stop. */
void db_host_stop(struct db_host *h);
/* Does the handle write beside a server? */
bool db_is_guest(const struct db *db);
/* On a server: is the county lost to another process for good?  Nothing can be written any more.  Any
 * thread. */
bool db_lost(const struct db *db);

/* --- a file that is read beforehand ------------------------------------------ */

/*
 * A list of a county's households touches pages all over the file, each of which the disk brings
 * for itself the first time.  Whoever serves for long has it read once from beginning to end by
 * a thread beside, if it is at most half of the memory that is free, and asks the disk no more.
 * *ret NULL: it is not, or a server keeps it.
 */
struct db_warm;
MUST_USE enum err db_warm_begin(const struct db *db, struct diag *diag, struct db_warm **ret);
void db_warm_end(struct db_warm *w); /* NULL is fine; in the middle, too */

/* --- many callers, one commit --------------------------------------------- */

/*
 * Owns a writing handle and runs callers' functions one after the other, each who finds
 * nobody else at work (and has not stepped back) in its own thread, the others in a thread of
 * the writer: those that wait
 * at the same time share one transaction (a savepoint each: one that returns an error is
 * undone alone) and are woken after the one commit.
 */
typedef enum err (*db_write_fn)(struct db *db, void *arg, struct diag *diag);
MUST_USE enum err db_writer_start(struct db *db, struct db_writer **ret);
/* Runs fn(arg) and returns after it is durable. */
MUST_USE enum err db_writer_submit(struct db_writer *w, db_write_fn fn, void *arg,
				   struct diag *diag);
/* The same for a function that looks for faults before it writes anything, most of all one that changes
 * a single record: it costs less beside others.  Should it fail after a write (a full disk), all
 * that share its transaction fail with DB. */
MUST_USE enum err db_writer_single(struct db_writer *w, db_write_fn fn, void *arg,
				   struct diag *diag);
/* The same in the writer's thread and outside a transaction; nobody else writes meanwhile. */
MUST_USE enum err db_writer_aside(struct db_writer *w, db_write_fn fn, void *arg,
				  struct diag *diag);
/* Work that takes long is written in pieces of about this, so that nobody waits long behind it:
 * by a server, and by its guests. */
enum { DB_PIECE_MS = 25 };
size_t db_writer_waiting(struct db_writer *w); /* callers in the queue */
/* Waits for what is queued, ends the thread, gives the handle back. */
void db_writer_stop(struct db_writer *w);

#endif
