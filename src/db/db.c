/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db.h"

#include <assert.h>
#include <unistd.h>

#include "base/cpus.h"
#include "db/handle.h"

#include "base/banned.h"

static char *keep(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = base_calloc(n, 1);
	memcpy(p, s, n);
	return p;
}

/* What DIR/config says, or the caller, who may make a folder that has none yet. */
static enum err read_config(struct db *db, const struct db_opts *opts)
{
	struct arena a;
	struct diag diag = {0};
	struct db_config c = {0};
	arena_init(&a, 0);
	enum err e = db_config_read(db->dir, &a, &diag, &c);
	const char *county = opts->county ? opts->county : db_config_get(&c, "county");
	const char *url = opts->url ? opts->url : db_config_get(&c, "url");
	db->had_config = !e;
	if (e == ERR_NO_DATA_DIR && opts->county)
		e = OK;
	if (e)
		(void)diag_set(db->diag, e, "%s", diag.detail);
	else if (!county || !county[0])
		e = diag_set(db->diag, ERR_INVALID, "%s/config: county", db->dir);
	if (!e) {
		db->county = keep(county);
		db->url = url && url[0] ? keep(url) : NULL;
	}
	arena_release(&a);
	return e;
}

static enum err write_config(struct db *db)
{
	struct db_config c = {0};
	struct buf url;
	enum err e = OK;
	buf_init(&url, 8192);
	if (db->url)
		e = pg_url_without_password(db->url, db->diag, &url);
	if (!e && (db_config_set(&c, "format", "1") || db_config_set(&c, "county", db->county) ||
		   (db->url && db_config_set(&c, "url", url.p))))
		e = diag_set(db->diag, ERR_INVALID, "%s", db->county);
	if (!e)
		e = db_config_write(db->dir, &c, db->diag);
	buf_release(&url);
	return e;
}

/* --- DIR/daohu.db --------------------------------------------------------- */

static enum err open_file(struct db *db, enum db_mode mode)
{
	struct buf path;
	buf_init(&path, 8192);
	buf_addf(&path, "%s/daohu.db", db->dir);
	bool there = !path.full && access(path.p, F_OK) == 0;
	enum err e;
	if (path.full)
		e = diag_set(db->diag, ERR_INVALID, "%s", db->dir);
	else if (mode == DB_CREATE && there)
		e = diag_set(db->diag, ERR_DATA_DIR_EXISTS, "%s", db->dir);
	else if (mode != DB_CREATE && !there)
		e = diag_set(db->diag, ERR_DATA_DIR_BROKEN, "%s", path.p);
	else
		e = sqlite_open(path.p, mode, db->diag, &db->engine);
	buf_release(&path);
	return e;
}

static enum err open_sqlite(struct db *db, const struct db_opts *opts)
{
	enum err e = OK;
	if (opts->mode != DB_READ && opts->mode != DB_CREATE) {
		struct db probe = {.dir = db->dir, .diag = db->diag};
		e = open_file(&probe, DB_READ); /* no lock file in a folder that is not ours */
		engine_close(probe.engine);
		if (e == ERR_LOCKED) { /* it is ours; our own lock tells who has it */
			diag_clear(db->diag);
			e = OK;
		}
	}
	if (!e && opts->mode != DB_READ)
		e = db__lock(db->dir, db->diag, &db->lock_fd);
	if (e == ERR_LOCKED && opts->mode == DB_WRITE &&
	    !db__guest_open(db->dir, &db->guest_fd, &db->lock_fd)) {
		diag_clear(db->diag);
		e = OK;
	}
	if (!e)
		e = open_file(db, opts->mode);
	if (!e && !db->had_config && opts->mode == DB_CREATE)
		e = write_config(db);
	return e ? e : db__migrate(db, opts);
}

/* --- a server's database -------------------------------------------------- */

static enum err lock_county(struct db *db, const struct db_opts *opts)
{
	struct pg_waiting waiting = {opts->waiting, opts->waiting_arg};
	return pg_lock_county(db->engine, db->county, opts->wait_s, &waiting, db->diag);
}

static enum err check_county_is_new(struct db *db)
{
	int64_t known = 0;
	struct buf url;
	enum err e = stmt_one_int(db_stmt(db, STMT_db_county_known), 0, &known);
	buf_init(&url, 8192);
	if (!e && known)
		e = pg_url_without_password(db->url, db->diag, &url);
	if (!e && known)
		e = diag_set(db->diag, ERR_EXISTS, "%s: %s", url.p, db->county);
	buf_release(&url);
	return e;
}

static enum err open_pg(struct db *db, const struct db_opts *opts)
{
	enum db_mode mode = opts->mode;
	bool distributed;
	enum err e = pg_open(db->url, mode, opts->prompt, db->diag, &db->engine);
	if (!e && mode == DB_UPGRADE)
		e = lock_county(db, opts);
	if (!e)
		e = db__migrate(db, opts);
	if (!e && mode == DB_UPGRADE) /* new tables, too */
		e = pg_distribute(db->engine, false, db->diag, &distributed);
	else if (!e && mode != DB_CREATE)
		e = pg_distributed_wholly(db->engine, db->diag);
	/* first: for who serves nobody waits */
	bool guest = !e && mode == DB_WRITE && !db__guest_open(db->dir, &db->guest_fd, &db->lock_fd);
	if (guest)
		pg_be_guest(db->engine, db->county);
	if (!e && !guest && (mode == DB_WRITE || mode == DB_SERVE || mode == DB_CREATE))
		e = lock_county(db, opts);
	if (!e && mode == DB_CREATE)
		e = check_county_is_new(db);
	if (!e && !db->had_config && mode == DB_CREATE)
		e = write_config(db);
	return e;
}

enum err db_open(const char *dir, const struct db_opts *opts, struct diag *diag, struct db **ret)
{
	struct db *db = base_calloc(1, sizeof(*db));
	db->lock_fd = db->guest_fd = -1;
	db->dir = keep(dir);
	db_set_diag(db, diag);
	db->tables = opts->tables;
	db->n_tables = opts->n_tables;
	db->records = base_calloc(opts->n_tables, sizeof(*db->records));
	db->stmts = base_calloc(STMT_MAX, sizeof(*db->stmts));
	enum err e = OK;
	for (size_t i = 0; !e && i < opts->n_tables; i++)
		e = record_check(opts->tables[i], db->diag);
	if (!e && opts->mode == DB_CREATE)
		e = db__make_dir(dir, db->diag);
	else if (!e && access(dir, F_OK) != 0)
		e = diag_set(db->diag, ERR_NO_DATA_DIR, "%s", dir);
	if (!e)
		e = read_config(db, opts);
	if (!e)
		e = db->url ? open_pg(db, opts) : open_sqlite(db, opts);
	if (e) {
		db_close(db);
		return e;
	}
	*ret = db;
	return OK;
}

enum err db_open_reader(const struct db *db, struct diag *diag, struct db **ret)
{
	struct db_opts opts = {.mode = DB_READ, .county = db->county, .url = db->url,
			       .tables = db->tables, .n_tables = db->n_tables};
	return db_open(db->dir, &opts, diag, ret);
}

static void *fold_main(void *engine)
{
	sqlite_fold(engine);
	return NULL;
}

static void end_folding(struct db *db)
{
	if (db->folding)
		(void)pthread_join(db->folder, NULL);
	db->folding = false;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->engine)
		db_rollback(db);
	end_folding(db);
	for (size_t i = 0; i < db->n_tables; i++)
		for (size_t k = 0; k < RECORD_STMTS; k++)
			db__stmt_free(db->records[i].list[k]);
	for (size_t i = 0; i < STMT_MAX; i++)
		db__stmt_free(db->stmts[i]);
	engine_close(db->engine);
	if (db->lock_fd >= 0)
		close(db->lock_fd);
	if (db->guest_fd >= 0)
		close(db->guest_fd);
	base_free(db->stmts);
	base_free(db->records);
	base_free(db->county);
	base_free(db->url);
	base_free(db->dir);
	base_free(db);
}

void db_set_diag(struct db *db, struct diag *diag)
{
	diag_clear(&db->own_diag);
	db->diag = diag ? diag : &db->own_diag;
}

const char *db_dir(const struct db *db)
{
	return db->dir;
}

enum err db_url_without_password(const char *url, struct arena *a, struct diag *diag,
				 const char **ret)
{
	struct buf out;
	buf_init(&out, 8192);
	enum err e = pg_url_without_password(url, diag, &out);
	if (!e)
		*ret = arena_strdup(a, out.p);
	buf_release(&out);
	return e;
}

enum db_engine db_engine(const struct db *db)
{
	return db->engine->kind;
}

enum err db_size(struct db *db, int64_t *ret_data, int64_t *ret_log)
{
	return engine_size(db->engine, db->diag, ret_data, ret_log);
}

const char *db_county(const struct db *db)
{
	return db->county;
}

struct diag *db_diag(const struct db *db)
{
	return db->diag;
}

const struct record_desc *db_table(const struct db *db, uint16_t id)
{
	for (size_t i = 0; i < db->n_tables; i++) {
		if (db->tables[i]->id == id)
			return db->tables[i];
	}
	return NULL;
}

const struct record_desc *db_table_named(const struct db *db, const char *name)
{
	for (size_t i = 0; i < db->n_tables; i++) {
		if (strcmp(db->tables[i]->name, name) == 0)
			return db->tables[i];
	}
	return NULL;
}

const struct record_desc *const *db_tables(const struct db *db, size_t *ret_n)
{
	*ret_n = db->n_tables;
	return db->tables;
}

int64_t db_changes(const struct db *db)
{
	return db->changes;
}

int db_schema_version(const struct db *db)
{
	return db->schema_version;
}

void db_set_vault(struct db *db, const struct db_vault *vault)
{
	db->vault = vault ? *vault : (struct db_vault){0};
}

const struct db_vault *db_vault(const struct db *db)
{
	return &db->vault;
}

void db_skip_sealed(struct db *db, bool off)
{
	db->skip_sealed = off;
}

bool db_skips_sealed(const struct db *db)
{
	return db->skip_sealed;
}

/* --- transactions --------------------------------------------------------- */

bool db_in_transaction(const struct db *db)
{
	return engine_in_transaction(db->engine);
}

enum err db_begin(struct db *db)
{
	if (db_in_transaction(db))
		return diag_set(db->diag, ERR_INTERNAL, "a transaction is open");
	enum err e = db__turn_begin(db);
	if (e)
		return e;
	db->moment++;
	e = engine_begin(db->engine, true, db->diag);
	if (e)
		db__turn_end(db);
	return e;
}

enum err db_begin_read(struct db *db)
{
	if (db_in_transaction(db))
		return diag_set(db->diag, ERR_INTERNAL, "a transaction is open");
	db->moment++;
	return engine_begin(db->engine, false, db->diag);
}

enum err db_commit(struct db *db)
{
	enum err e = db->before_commit ? db->before_commit(db->before_arg) : OK;
	if (!e)
		e = engine_commit(db->engine, db->diag);
	db->moment++;
	if (e)
		db_rollback(db);
	else
		db__turn_end(db);
	return e;
}

void db_before_commit(struct db *db, enum err (*fn)(void *arg), void *arg)
{
	db->before_commit = fn;
	db->before_arg = arg;
}

/* Undoing what has failed already: a failure here adds nothing to know. */
static void undo(struct db *db, const char *sql)
{
	enum err e = engine_exec(db->engine, sql, NULL);
	(void)e;
}

uint64_t db_moment(const struct db *db)
{
	return db->moment;
}

void db_rollback(struct db *db)
{
	db->moment++;
	/* The engine has rolled back by itself after some failures; a server's wants to know that
	 * nothing more of it comes. */
	if (db_in_transaction(db) || db->engine->kind == DB_PG)
		undo(db, "ROLLBACK");
	db__turn_end(db);
}

bool db_lost(const struct db *db)
{
	return db->engine->kind == DB_PG && pg_lost(db->engine);
}

bool db_is_guest(const struct db *db)
{
	return db->guest_fd >= 0;
}

enum err db_savepoint(struct db *db)
{
	return engine_exec(db->engine, "SAVEPOINT one", db->diag);
}

enum err db_release_savepoint(struct db *db)
{
	return engine_exec(db->engine, "RELEASE one", db->diag);
}

void db_rollback_savepoint(struct db *db)
{
	if (!db_in_transaction(db))
		return;
	db->moment++;
	undo(db, "ROLLBACK TO one");
	undo(db, "RELEASE one");
}

void db_fold_beside(struct db *db)
{
	if (db->engine->kind != DB_SQLITE || cpus_usable() < 2)
		return;
	end_folding(db);
	db->folding = pthread_create(&db->folder, NULL, fold_main, db->engine) == 0;
}

enum err db_bulk(struct db *db, bool on)
{
	end_folding(db);
	return engine_bulk(db->engine, on, db->diag);
}

enum err db_sync(struct db *db)
{
	return engine_sync(db->engine, db->diag);
}

enum err db_flush(struct db *db)
{
	return engine_flush(db->engine, db->diag);
}

enum err db_distribute(struct db *db, bool *ret_done)
{
	*ret_done = false;
	if (db->engine->kind != DB_PG)
		return OK;
	return pg_distribute(db->engine, true, db->diag, ret_done);
}

enum err db_take_numbers(struct db *db, const char *name, int64_t n, int64_t *ret_first)
{
	int64_t next = 0;
	assert(n > 0 && db_in_transaction(db));
	struct stmt *s = db_stmt(db, STMT_db_counter_take);
	stmt_bind_text(s, 2, name);
	stmt_bind_int(s, 3, n);
	enum err e = stmt_one_int(s, 0, &next);
	if (!e)
		*ret_first = next - n;
	return e;
}
