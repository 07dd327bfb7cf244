/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/handle.h"

#include "db/sql.h"

#include "base/banned.h"

static int newest(enum db_engine engine)
{
	int version = 0;
	for (const struct db_migration *m = db__migrations; m->version; m++) {
		if (m->engine == engine && m->version > version)
			version = m->version;
	}
	return version;
}

static enum err read_version(struct db *db)
{
	int64_t version = 0;
	if (engine_has_table(db->engine, "schema_version")) {
		enum err e = stmt_one_int(db_stmt(db, STMT_db_schema_version), 0, &version);
		if (e)
			return e;
	}
	db->schema_version = (int)version;
	return OK;
}

/* Runs the statements of one migration and writes its version down. */
static enum err run_one(struct db *db, const struct db_migration **at)
{
	const struct db_migration *m = *at;
	int version = m->version;
	const char *name = m->name;
	for (; m->version == version && m->engine == db->engine->kind; m++) {
		enum err e = engine_exec(db->engine, m->statement, db->diag);
		if (e) {
			diag_place(db->diag, "%04d_%s", version, name);
			return e;
		}
	}
	*at = m;
	struct stmt *s = db_stmt(db, STMT_db_schema_version_add);
	stmt_bind_int(s, 2, version);
	stmt_bind_text(s, 3, name);
	stmt_bind_int(s, 4, instant_now());
	db->schema_version = version;
	return stmt_run(s);
}

/* DIR/daohu.db.before-NNNN: what there was before the upgrade to NNNN. */
static enum err keep_copy(struct db *db, int want)
{
	struct buf path;
	buf_init(&path, 8192);
	buf_addf(&path, "%s/daohu.db.before-%04d", db->dir, want);
	enum err e = path.full ? diag_set(db->diag, ERR_INVALID, "%s", db->dir)
			       : engine_copy(db->engine, path.p, db->diag);
	buf_release(&path);
	return e;
}

/* Runs those that are missing, all or none.  On a server others may do the same. */
static enum err run_missing(struct db *db)
{
	enum err e = OK;
	if (db->engine->kind == DB_PG) {
		e = pg_lock_schema(db->engine, db->diag);
		if (!e)
			e = read_version(db);
	}
	int have = db->schema_version;
	const struct db_migration *m = db__migrations;
	while (!e && m->version) {
		if (m->engine == db->engine->kind && m->version > have)
			e = run_one(db, &m);
		else
			m++;
	}
	return e;
}

enum err db__migrate(struct db *db, enum db_mode mode)
{
	enum err e = read_version(db);
	int have = db->schema_version, want = newest(db->engine->kind);
	if (e)
		return e;
	if (have > want)
		return diag_set(db->diag, ERR_DB_NEWER, "%d > %d", have, want);
	if (have == want)
		return OK;
	if (mode != DB_CREATE && mode != DB_UPGRADE)
		return diag_set(db->diag, ERR_DB_OLDER, "%d < %d", have, want);
	if (mode == DB_CREATE && have && db->engine->kind == DB_PG) /* others' data is there */
		return diag_set(db->diag, ERR_DB_OLDER, "%d < %d", have, want);
	if (mode == DB_UPGRADE && db->engine->kind == DB_SQLITE)
		e = keep_copy(db, want);
	if (!e)
		e = db_begin(db);
	if (!e)
		e = run_missing(db);
	if (e) {
		db_rollback(db);
		return e;
	}
	return db_commit(db);
}
