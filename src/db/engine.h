/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * engine: what the layer above needs of a database engine; internal to this
 * folder.  Errors go to the given diag and come back as codes.
 */
#ifndef DAOHU_DB_ENGINE_H
#define DAOHU_DB_ENGINE_H

#include "db/db.h"

struct engine;
struct engine_stmt;

enum engine_step { ENGINE_ROW, ENGINE_DONE, ENGINE_FAILED };

enum { ENGINE_PARAMS_MAX = 512, DB_SCOPE_PARAM = 510 };

MUST_USE enum err engine_open(const char *path, enum db_mode mode, int cache_mib,
			      struct diag *diag, struct engine **ret);
void engine_close(struct engine *e);
/* A statement without parameters and rows: BEGIN, CREATE TABLE … */
MUST_USE enum err engine_exec(struct engine *e, const char *sql, struct diag *diag);
MUST_USE enum err engine_prepare(struct engine *e, const char *sql, struct diag *diag,
				 struct engine_stmt **ret);
void engine_finalize(struct engine_stmt *s);
/* Is there a parameter $i? */
bool engine_has_param(const struct engine_stmt *s, int i);
bool engine_bind_null(struct engine_stmt *s, int i);
bool engine_bind_int(struct engine_stmt *s, int i, int64_t v);
bool engine_bind_text(struct engine_stmt *s, int i, struct str v); /* borrowed */
bool engine_bind_blob(struct engine_stmt *s, int i, struct str v); /* borrowed */
enum engine_step engine_step(struct engine_stmt *s);
void engine_reset(struct engine_stmt *s);
/* What the last failure was. */
enum err engine_fault(struct engine *e, const char *what, struct diag *diag);
bool engine_is_null(struct engine_stmt *s, int col);
int64_t engine_int(struct engine_stmt *s, int col);
struct str engine_text(struct engine_stmt *s, int col);
struct str engine_blob(struct engine_stmt *s, int col);
int engine_columns(const struct engine_stmt *s);
int64_t engine_changes(struct engine *e);
bool engine_in_transaction(struct engine *e);
bool engine_has_table(struct engine *e, const char *table);
MUST_USE enum err engine_bulk(struct engine *e, bool on, struct diag *diag);
MUST_USE enum err engine_sync(struct engine *e, struct diag *diag);
MUST_USE enum err engine_flush(struct engine *e, struct diag *diag);

/* From now on (until off) commits leave the log as it is, and whoever has the handle folds it
 * in when it is long: engine_log_long(). */
void engine_leave_log(struct engine *e, bool on);
bool engine_log_long(const struct engine *e);
/* Folds the log of the database at `path`, which others have open, as far as it
 * goes; by any thread.  What fails is left for the next one who folds. */
void engine_fold(const char *path);
/* A copy of the whole database in a new file. */
MUST_USE enum err engine_copy(struct engine *e, const char *path, struct diag *diag);

struct engine_column {
	char name[64];
	enum field_kind stored; /* FIELD_TEXT, FIELD_INT or FIELD_BLOB */
	bool not_null;
	int key; /* place in the primary key, 0 = none */
};
/* Columns of a table, at most `max`; their number in *ret_n. */
MUST_USE enum err engine_table(struct engine *e, const char *table, struct diag *diag,
			       struct engine_column *ret, size_t max, size_t *ret_n);

#endif
