/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

enum {
	PAGE_BYTES = 8 * 1024, /* of a new database: half the steps of the usual 4 KiB */
	CACHE_MIB_READ = 1, /* of pages: the system has them too, once for all handles ... */
	CACHE_MIB = 4, /* ... what a batch of writers changes has room ... */
	CACHE_MIB_BULK = 64, /* ... but what is written is, so that it is written once */
	BUSY_MS = 10000,
	WAL_PAGES = 1000, /* of the log, are folded in at once ... */
	WAL_PAGES_LONG = 2000, /* ... and at this length it is begun anew as soon as may be */
	WAL_PAGES_BULK = 1000000,
	STATEMENT_BYTES = 120 * 1024 /* SQLite spills it in one write, which must stay below 128 KiB */
};

/* Said at every write: prepared once. */
static const char *const often[] = {"BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT one", "RELEASE one"};
enum { OFTEN = sizeof(often) / sizeof(often[0]) };

struct sqlite {
	struct engine base;
	sqlite3 *h;
	sqlite3_stmt *often[OFTEN];
	int lock_fd; /* held while the file is read as one that nobody changes; else -1 */
	int log_pages; /* after the last commit; kept while the log is left */
	int log_told;  /* of them, when log_grown() last said yes */
	atomic_int log_folded; /* pages that the last fold found: a guest's are among them */
	sqlite3 *fold; /* of the thread that folds; opened with its first time */
	char *path;
};

struct sqlite_stmt {
	struct engine_stmt base;
	sqlite3_stmt *h;
	short index[ENGINE_PARAMS_MAX + 1]; /* of parameter $i; 0 = there is none */
};

static struct sqlite *own(struct engine *e)
{
	return (struct sqlite *)e;
}

static struct sqlite_stmt *own_stmt(struct engine_stmt *s)
{
	return (struct sqlite_stmt *)s;
}

static enum err sqlite_fault(struct engine *base, const char *what, struct diag *diag)
{
	struct sqlite *e = own(base);
	int code = sqlite3_errcode(e->h);
	enum err err = ERR_DB;
	switch (code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL: /* whoever has the lock of the log's index does not go on */
		err = ERR_LOCKED;
		break;
	case SQLITE_NOMEM:
		err = ERR_NO_MEMORY;
		break;
	case SQLITE_FULL:
		err = ERR_DISK_FULL;
		break;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
		err = ERR_IO;
		break;
	case SQLITE_CONSTRAINT:
		err = ERR_CONFLICT;
		break;
	default:
		break;
	}
	return diag_set(diag, err, "%s: %s", what, sqlite3_errmsg(e->h));
}

static bool exec_often(struct sqlite *e, size_t i)
{
	if (!e->often[i] && sqlite3_prepare_v3(e->h, often[i], -1, SQLITE_PREPARE_PERSISTENT,
					       &e->often[i], NULL) != SQLITE_OK)
		return false;
	int code = sqlite3_step(e->often[i]);
	return sqlite3_reset(e->often[i]) == SQLITE_OK && code == SQLITE_DONE;
}

static enum err sqlite_exec(struct engine *e, const char *sql, struct diag *diag)
{
	for (size_t i = 0; i < OFTEN; i++) {
		if (strcmp(sql, often[i]) == 0)
			return exec_often(own(e), i) ? OK : sqlite_fault(e, "sqlite", diag);
	}
	if (sqlite3_exec(own(e)->h, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fault(e, "sqlite", diag);
	return OK;
}

static enum err sqlite_begin(struct engine *e, bool write, struct diag *diag)
{
	return sqlite_exec(e, write ? "BEGIN IMMEDIATE" : "BEGIN", diag);
}

static enum err sqlite_commit(struct engine *e, struct diag *diag)
{
	return sqlite_exec(e, "COMMIT", diag);
}

static enum err configure(struct sqlite *e, enum db_mode mode, struct diag *diag)
{
	sqlite3_busy_timeout(e->h, BUSY_MS);
	sqlite3_db_config(e->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(e->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(e->h, SQLITE_LIMIT_ATTACHED, 0);
	struct buf sql;
	buf_init(&sql, 1000);
	if (mode == DB_CREATE)
		buf_addf(&sql, "PRAGMA page_size=%d;", PAGE_BYTES);
	buf_addf(&sql, "PRAGMA cache_size=-%d; PRAGMA foreign_keys=ON;",
		 (mode == DB_READ ? CACHE_MIB_READ : CACHE_MIB) * 1024);
	if (mode == DB_READ)
		buf_adds(&sql, "PRAGMA query_only=ON;");
	else
		buf_addf(&sql,
			 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
			 "PRAGMA wal_autocheckpoint=%d; PRAGMA journal_size_limit=67108864;",
			 WAL_PAGES);
	enum err err = sqlite_exec(&e->base, sql.p, diag);
	buf_release(&sql);
	return err;
}

static void sqlite_close(struct engine *e)
{
	for (size_t i = 0; i < OFTEN; i++)
		sqlite3_finalize(own(e)->often[i]);
	sqlite3_close_v2(own(e)->fold);
	sqlite3_close_v2(own(e)->h);
	if (own(e)->lock_fd >= 0)
		(void)close(own(e)->lock_fd);
	base_free(own(e)->path);
	base_free(e);
}

static enum err make_file(const char *path, struct diag *diag)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	close(fd);
	return OK;
}

static void set_up_library(void)
{
	/* A statement of several rows keeps the pages it changes until it is through:
	 * in memory, or what is over this in a file for the rest of the transaction. */
	(void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, STATEMENT_BYTES);
	/* nobody asks how much it has; to count it takes a lock that all threads share */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Where nothing may be written, SQLite cannot share the file with a writer: then it is
 * read as one that nobody changes, if there is no log beside it that would be missed, and
 * under the folder's lock, so that nobody begins. */
static int open_unchanging(struct sqlite *e, const char *path)
{
	struct buf other;
	struct stat log;
	int code = SQLITE_CANTOPEN;
	buf_init(&other, 8192);
	buf_addf(&other, "%s-wal", path);
	if (stat(other.p, &log) != 0 || log.st_size == 0) {
		buf_clear(&other);
		buf_add(&other, path, (size_t)(strrchr(path, '/') - path));
		buf_adds(&other, "/lock");
		e->lock_fd = open(other.p, O_RDONLY | O_CLOEXEC);
		buf_clear(&other);
		buf_adds(&other, "file:");
		for (const char *c = path; *c; c++)
			buf_addf(&other, strchr("%?#", *c) ? "%%%02X" : "%c", (unsigned char)*c);
		buf_adds(&other, "?immutable=1");
		if (e->lock_fd < 0 || flock(e->lock_fd, LOCK_SH | LOCK_NB) == 0)
			code = sqlite3_open_v2(other.p, &e->h,
					       SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
						       SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
					       NULL);
	}
	buf_release(&other);
	return code;
}

/* Where there is no room for the log's index and the log may not be missed: with the index in memory,
 * and nobody else at the database meanwhile. */
static int open_alone(struct sqlite *e, const char *path)
{
	int code = sqlite3_open_v2(path, &e->h,
				   SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE, NULL);
	if (code == SQLITE_OK) {
		(void)sqlite3_busy_timeout(e->h, BUSY_MS);
		(void)sqlite3_db_config(e->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		code = sqlite3_exec(e->h, "PRAGMA locking_mode=EXCLUSIVE", NULL, NULL, NULL);
	}
	return code;
}

static void close_handle(struct sqlite *e)
{
	sqlite3_close_v2(e->h);
	e->h = NULL;
}

/* Can the tables be read at all?  Else in another way, if there is one. */
static int look(struct sqlite *e, const char *path)
{
	int code = sqlite3_exec(e->h, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
	bool no_room = code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_SHMOPEN || code == SQLITE_IOERR_SHMMAP;
	if ((code & 0xFF) != SQLITE_READONLY && (code & 0xFF) != SQLITE_CANTOPEN && !no_room)
		return SQLITE_OK; /* another fault tells itself */
	close_handle(e);
	code = open_unchanging(e, path);
	if (code == SQLITE_OK || !no_room)
		return code;
	close_handle(e);
	return open_alone(e, path);
}

static const struct engine_ops ops;

enum err sqlite_open(const char *path, enum db_mode mode, struct diag *diag, struct engine **ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT; /* before SQLite's first use */
	(void)pthread_once(&once, set_up_library);
	struct sqlite *e = base_calloc(1, sizeof(*e));
	e->base = (struct engine){&ops, DB_SQLITE};
	e->lock_fd = -1;
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE;
	if (mode == DB_CREATE)
		flags |= SQLITE_OPEN_CREATE;
	if (mode == DB_CREATE) { /* SQLite gives the log and index files the same mode */
		enum err made = make_file(path, diag);
		if (made) {
			base_free(e);
			return made;
		}
	}
	int code = sqlite3_open_v2(path, &e->h, flags, NULL);
	if (code != SQLITE_OK && mode == DB_READ) { /* a folder that may only be read */
		sqlite3_close_v2(e->h);
		code = sqlite3_open_v2(path, &e->h,
				       SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
					       SQLITE_OPEN_READONLY,
				       NULL);
	}
	if (code == SQLITE_OK && mode == DB_READ)
		code = look(e, path);
	enum err err = code == SQLITE_OK ? configure(e, mode, diag)
		       : e->h		 ? sqlite_fault(&e->base, path, diag)
					 : diag_set(diag, ERR_NO_MEMORY, "%s", path);
	if (err) {
		sqlite_close(&e->base);
		return err;
	}
	size_t n = strlen(path) + 1;
	e->path = base_calloc(n, 1);
	memcpy(e->path, path, n);
	*ret = &e->base;
	return OK;
}

static void sqlite_finalize(struct engine_stmt *s)
{
	sqlite3_finalize(own_stmt(s)->h);
	base_free(s);
}

static enum err sqlite_prepare(struct engine *base, const char *sql, struct diag *diag,
			       struct engine_stmt **ret)
{
	struct sqlite *e = own(base);
	sqlite3_stmt *h;
	const char *tail = NULL;
	if (sqlite3_prepare_v3(e->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &h, &tail) != SQLITE_OK)
		return sqlite_fault(base, "prepare", diag);
	if (!h || (tail && *tail)) {
		sqlite3_finalize(h);
		return diag_set(diag, ERR_DB, "not one statement");
	}
	struct sqlite_stmt *s = base_calloc(1, sizeof(*s));
	s->base.ops = &ops;
	s->h = h;
	int n = sqlite3_bind_parameter_count(h);
	for (int k = 1; k <= n; k++) {
		/* SQLite numbers named parameters by first appearance. */
		const char *name = sqlite3_bind_parameter_name(h, k);
		int64_t i = 0;
		if (!name || !str_to_int(str_c(name + 1), &i) || i < 1 || i > ENGINE_PARAMS_MAX) {
			sqlite_finalize(&s->base);
			return diag_set(diag, ERR_DB, "bad parameter %s", name ? name : "?");
		}
		s->index[i] = (short)k;
	}
	*ret = &s->base;
	return OK;
}

static int at(const struct engine_stmt *s, int i)
{
	return i >= 1 && i <= ENGINE_PARAMS_MAX ? ((const struct sqlite_stmt *)s)->index[i] : 0;
}

static bool has_param(const struct engine_stmt *s, int i)
{
	return at(s, i) > 0;
}

static bool bind_null(struct engine_stmt *s, int i)
{
	return sqlite3_bind_null(own_stmt(s)->h, at(s, i)) == SQLITE_OK;
}

static bool bind_int(struct engine_stmt *s, int i, int64_t v)
{
	return sqlite3_bind_int64(own_stmt(s)->h, at(s, i), v) == SQLITE_OK;
}

static bool bind_text(struct engine_stmt *s, int i, struct str v)
{
	return sqlite3_bind_text64(own_stmt(s)->h, at(s, i), v.p ? v.p : "", v.n, SQLITE_STATIC,
				   SQLITE_UTF8) == SQLITE_OK;
}

static bool bind_blob(struct engine_stmt *s, int i, struct str v)
{
	return sqlite3_bind_blob64(own_stmt(s)->h, at(s, i), v.p, v.n, SQLITE_STATIC) == SQLITE_OK;
}

static enum engine_step step(struct engine_stmt *s)
{
	int code = sqlite3_step(own_stmt(s)->h);
	return code == SQLITE_ROW ? ENGINE_ROW : code == SQLITE_DONE ? ENGINE_DONE : ENGINE_FAILED;
}

static void reset(struct engine_stmt *s)
{
	(void)sqlite3_reset(own_stmt(s)->h); /* repeats the step's failure, which was seen */
}

static bool is_null(struct engine_stmt *s, int col)
{
	return sqlite3_column_type(own_stmt(s)->h, col) == SQLITE_NULL;
}

static int64_t get_int(struct engine_stmt *s, int col)
{
	return sqlite3_column_int64(own_stmt(s)->h, col);
}

static struct str get_text(struct engine_stmt *s, int col)
{
	const char *p = (const char *)sqlite3_column_text(own_stmt(s)->h, col);
	return (struct str){p, p ? (size_t)sqlite3_column_bytes(own_stmt(s)->h, col) : 0};
}

static struct str get_blob(struct engine_stmt *s, int col)
{
	const char *p = sqlite3_column_blob(own_stmt(s)->h, col);
	return (struct str){p, p ? (size_t)sqlite3_column_bytes(own_stmt(s)->h, col) : 0};
}

static int columns(const struct engine_stmt *s)
{
	return sqlite3_column_count(((const struct sqlite_stmt *)s)->h);
}

static int64_t changes(struct engine *e)
{
	return sqlite3_changes64(own(e)->h);
}

static bool in_transaction(struct engine *e)
{
	return !sqlite3_get_autocommit(own(e)->h);
}

static bool has_table(struct engine *e, const char *table)
{
	return sqlite3_table_column_metadata(own(e)->h, "main", table, NULL, NULL, NULL, NULL, NULL,
					     NULL) == SQLITE_OK;
}

/* What was committed without waiting is on the disk when this returns. */
static enum err sync_log(struct engine *e, struct diag *diag)
{
	sqlite3_file *log = NULL;
	if (sqlite3_file_control(own(e)->h, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK ||
	    !log || !log->pMethods)
		return OK; /* nothing was written */
	int code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
	if (code != SQLITE_OK)
		return diag_set(diag, ERR_IO, "sync: %s", sqlite3_errstr(code));
	return OK;
}

static enum err bulk(struct engine *e, bool on, struct diag *diag)
{
	char sql[96];
	sqlite3_wal_autocheckpoint(own(e)->h, on ? WAL_PAGES_BULK : WAL_PAGES);
	(void)snprintf(sql, sizeof(sql), "PRAGMA cache_size=-%d; PRAGMA synchronous=%s",
		       1024 * (on ? CACHE_MIB_BULK : CACHE_MIB), on ? "NORMAL" : "FULL");
	enum err err = sqlite_exec(e, sql, diag);
	if (!on && !err)
		err = sync_log(e, diag);
	if (on || err)
		return err;
	/* Readers that still use the log only make this shorter. */
	int code = sqlite3_wal_checkpoint_v2(own(e)->h, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY)
		return sqlite_fault(e, "checkpoint", diag);
	return OK;
}

static int note_log(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct sqlite *e = arg;
	(void)h;
	(void)name;
	e->log_pages = pages;
	return SQLITE_OK;
}

/* Many savepoints follow: the pages that they change are kept in memory until each is through.
 * (In bulk they may be too many, and an index is sorted on the disk.) */
static void leave_log(struct engine *base, bool on)
{
	struct sqlite *e = own(base);
	e->log_pages = e->log_told = 0;
	if (on)
		(void)sqlite3_wal_hook(e->h, note_log, e);
	else
		(void)sqlite3_wal_autocheckpoint(e->h, WAL_PAGES);
	(void)sqlite3_exec(e->h, on ? "PRAGMA temp_store=MEMORY" : "PRAGMA temp_store=DEFAULT", NULL,
			   NULL, NULL);
}

static bool log_grown(struct engine *base)
{
	struct sqlite *e = own(base);
	if (e->log_pages < e->log_told) /* it was begun anew */
		e->log_told = 0;
	if (e->log_pages - e->log_told < WAL_PAGES)
		return false;
	e->log_told = e->log_pages;
	return true;
}

void sqlite_fold(struct engine *base)
{
	struct sqlite *e = own(base);
	int code = SQLITE_OK;
	if (!e->fold) {
		code = sqlite3_open_v2(e->path, &e->fold, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE, NULL);
		/* A connection that has read nothing yet does not know that there is a log. */
		if (code == SQLITE_OK)
			code = sqlite3_exec(e->fold, "PRAGMA schema_version", NULL, NULL, NULL);
	}
	if (code == SQLITE_OK) {
		/* After a long time once more: writers wait for what is left. */
		int log = 0, pages = 0, rounds = 0;
		do {
			(void)sqlite3_wal_checkpoint_v2(e->fold, "main", SQLITE_CHECKPOINT_PASSIVE, &log, &pages);
		} while (pages > 2 * WAL_PAGES_LONG && ++rounds < 2);
		atomic_store(&e->log_folded, log);
	} else {
		sqlite3_close_v2(e->fold);
		e->fold = NULL;
	}
}

int64_t sqlite_written(struct engine *base)
{
	return sqlite3_total_changes64(own(base)->h);
}

/* By the engine's own descriptor: to close another one of the same file would take away the locks
 * that the process holds on it. */
void sqlite_read_through(struct engine *base, const atomic_bool *stop)
{
	enum { STEP = 1 << 20 };
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	if (sqlite3_file_control(own(base)->h, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
	    !file || !file->pMethods || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
		return;
	char *to = base_calloc(STEP, 1);
	for (sqlite3_int64 at = 0; at + STEP <= size && !atomic_load(stop); at += STEP) {
		if (file->pMethods->xRead(file, to, STEP, at) != SQLITE_OK)
			break;
	}
	base_free(to);
}

/* What was written while the log was being folded in, by whoever writes: when nothing is left
 * the next commit begins the log anew.  A reader of an older state may be in the way; then later. */
static void fold_rest(struct engine *base)
{
	struct sqlite *e = own(base);
	if (e->log_pages >= WAL_PAGES_LONG || atomic_load(&e->log_folded) >= WAL_PAGES_LONG)
		(void)sqlite3_wal_checkpoint_v2(e->h, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* For those who read SQLite waits by itself; one who folds the log in meanwhile, as a server does after
 * every guest, makes it give up at once. */
static enum err flush(struct engine *e, struct diag *diag)
{
	const struct timespec moment = {0, 5000000};
	int64_t until = monotonic_ms() + BUSY_MS;
	int code = SQLITE_BUSY;
	while (code == SQLITE_BUSY && monotonic_ms() < until) {
		code = sqlite3_wal_checkpoint_v2(own(e)->h, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
		if (code == SQLITE_BUSY)
			(void)nanosleep(&moment, NULL);
	}
	return code ? sqlite_fault(e, "checkpoint", diag) : OK;
}

static enum err copy(struct engine *e, const char *path, struct diag *diag)
{
	sqlite3 *to = NULL;
	enum err err = make_file(path, diag);
	if (err)
		return err;
	int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
	if (code == SQLITE_OK) {
		sqlite3_backup *b = sqlite3_backup_init(to, "main", own(e)->h, "main");
		(void)sqlite3_backup_step(b, -1);
		code = b ? sqlite3_backup_finish(b) : sqlite3_errcode(to);
	}
	if (code != SQLITE_OK) {
		err = diag_set(diag, ERR_IO, "%s: %s", path, sqlite3_errstr(code));
		(void)unlink(path);
	}
	sqlite3_close(to);
	return err;
}

static enum err table_columns(struct engine *e, const char *table, struct diag *diag,
		      struct engine_column *ret, size_t max, size_t *ret_n)
{
	static const char sql[] =
		"SELECT name, type, \"notnull\", pk FROM pragma_table_info($1) ORDER BY cid";
	struct engine_stmt *s;
	enum err err = sqlite_prepare(e, sql, diag, &s);
	if (err)
		return err;
	size_t n = 0;
	enum engine_step code = ENGINE_DONE;
	(void)bind_text(s, 1, str_c(table));
	while (n < max && (code = step(s)) == ENGINE_ROW) {
		struct str name = get_text(s, 0), type = get_text(s, 1);
		struct engine_column *c = &ret[n++];
		memset(c, 0, sizeof(*c));
		memcpy(c->name, name.p,
		       name.n < sizeof(c->name) ? name.n : sizeof(c->name) - 1);
		c->stored = str_is(type, "INTEGER") ? FIELD_INT
			    : str_is(type, "BLOB")  ? FIELD_BLOB
						    : FIELD_TEXT;
		c->not_null = get_int(s, 2) != 0;
		c->key = (int)get_int(s, 3);
	}
	if (code == ENGINE_FAILED)
		err = sqlite_fault(e, table, diag);
	sqlite_finalize(s);
	if (!err)
		*ret_n = n;
	return err;
}

static int64_t size_of(const char *path, const char *suffix)
{
	struct stat st;
	struct buf name;
	buf_init(&name, 8192);
	buf_addf(&name, "%s%s", path, suffix);
	int64_t n = !name.full && stat(name.p, &st) == 0 ? (int64_t)st.st_size : 0;
	buf_release(&name);
	return n;
}

static enum err size(struct engine *e, struct diag *diag, int64_t *ret_data, int64_t *ret_log)
{
	(void)diag;
	*ret_data = size_of(own(e)->path, "");
	*ret_log = size_of(own(e)->path, "-wal");
	return OK;
}

static const struct engine_ops ops = {
	.close = sqlite_close,
	.exec = sqlite_exec,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.prepare = sqlite_prepare,
	.finalize = sqlite_finalize,
	.has_param = has_param,
	.bind_null = bind_null,
	.bind_int = bind_int,
	.bind_text = bind_text,
	.bind_blob = bind_blob,
	.step = step,
	.reset = reset,
	.fault = sqlite_fault,
	.is_null = is_null,
	.get_int = get_int,
	.get_text = get_text,
	.get_blob = get_blob,
	.columns = columns,
	.changes = changes,
	.in_transaction = in_transaction,
	.has_table = has_table,
	.bulk = bulk,
	.sync = sync_log,
	.leave_log = leave_log,
	.log_grown = log_grown,
	.fold_rest = fold_rest,
	.flush = flush,
	.copy = copy,
	.table = table_columns,
	.size = size,
};
