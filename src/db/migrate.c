/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/handle.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "db/sql.h"

#include "base/banned.h"

int db_newest_schema(enum db_engine engine)
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

/* DIR/daohu.db.before-NNNN: what there was before the upgrade to NNNN.  It appears only
 * when it is whole; one that is there is of an upgrade that did not come to its end. */
static enum err keep_copy(struct db *db, int want)
{
	struct buf path, tmp;
	buf_init(&path, 8192);
	buf_init(&tmp, 8192);
	buf_addf(&path, "%s/daohu.db.before-%04d", db->dir, want);
	buf_addf(&tmp, "%s/daohu.db.before-%04d.new", db->dir, want);
	enum err e = path.full || tmp.full ? diag_set(db->diag, ERR_INVALID, "%s", db->dir) : OK;
	if (!e) {
		(void)unlink(tmp.p);
		e = engine_copy(db->engine, tmp.p, db->diag);
	}
	if (!e && rename(tmp.p, path.p) != 0)
		e = diag_set(db->diag, ERR_IO, "%s: %s", path.p, strerror(errno));
	buf_release(&path);
	buf_release(&tmp);
	return e;
}

static bool is_copy(const char *name)
{
	static const char head[] = "daohu.db.before-";
	return strncmp(name, head, sizeof(head) - 1) == 0;
}

enum err db_drop_copies(struct db *db, size_t *ret_n)
{
	enum err e = OK;
	size_t n = 0;
	DIR *d = opendir(db->dir);
	if (!d)
		return diag_set(db->diag, ERR_IO, "%s: %s", db->dir, strerror(errno));
	for (const struct dirent *f; !e && (f = readdir(d)) != NULL;) {
		if (!is_copy(f->d_name))
			continue;
		if (unlinkat(dirfd(d), f->d_name, 0) != 0)
			e = diag_set(db->diag, ERR_IO, "%s: %s", f->d_name, strerror(errno));
		else
			n++;
	}
	(void)closedir(d);
	*ret_n = n;
	return e;
}

/* Everything between what is there and `want`, in the open transaction.  On a server others
 * may do the same. */
static enum err run_up_to(struct db *db, int want)
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
		if (m->engine == db->engine->kind && m->version > have && m->version <= want)
			e = run_one(db, &m);
		else
			m++;
	}
	return e;
}

static enum err run_alone(struct db *db, int want)
{
	int had = db->schema_version;
	enum err e = db_begin(db);
	if (!e)
		e = run_up_to(db, want);
	if (!e)
		return db_commit(db);
	db_rollback(db);
	db->schema_version = had;
	return e;
}

enum err db_migrate(struct db *db)
{
	return db_in_transaction(db) ? run_up_to(db, db_newest_schema(db->engine->kind))
				     : run_alone(db, db_newest_schema(db->engine->kind));
}

enum err db__migrate(struct db *db, const struct db_opts *opts)
{
	enum err e = read_version(db);
	int have = db->schema_version, newest = db_newest_schema(db->engine->kind), want = newest;
	if (opts->mode == DB_CREATE && opts->schema > 0 && opts->schema < want)
		want = opts->schema;
	if (e)
		return e;
	if (have > want && have <= newest) /* other counties' tables are there, and newer */
		return diag_set(db->diag, ERR_UNSUPPORTED, "schema %d < %d", want, have);
	if (have > want)
		return diag_set(db->diag, ERR_DB_NEWER, "%d > %d", have, want);
	if (have == want)
		return OK;
	if (opts->mode != DB_CREATE && opts->mode != DB_UPGRADE)
		return diag_set(db->diag, ERR_DB_OLDER, "%d < %d", have, want);
	if (opts->mode == DB_CREATE && have && db->engine->kind == DB_PG) /* others' data is there */
		return diag_set(db->diag, ERR_DB_OLDER, "%d < %d", have, want);
	if (opts->mode == DB_UPGRADE && db->engine->kind == DB_SQLITE)
		e = keep_copy(db, want);
	return e ? e : run_alone(db, want);
}
