/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rows: tables as they lie, column by column, for backup and restore alone.
 *
 * Everything else reads records and named statements.  Here a table is known by
 * its name; its columns are those that the database says it has, without county,
 * which is the handle's.  Values are what the engines share: integer, text, bytes.
 *
 * Reading is a stream in the order of the key:
 *
 *     struct rows_table t;
 *     rows_table(db, "entry", &t);
 *     struct stmt *s = rows_read(db, &t);
 *     while (stmt_row(s))
 *         rows_value(s, &t, i, &v) ...
 *     stmt_end(s);
 *     rows_release(&t);
 *
 * Loading puts rows into a table of the open transaction, several with one statement:
 *
 *     rows_load_begin(db, &t, &load);
 *     rows_load_add(load, values);     (values of t.n columns; lent for the call)
 *     rows_load_end(load);
 *
 * rows_load_end() frees the load whatever happened before, and says what it was.
 */
#ifndef DAOHU_DB_ROWS_H
#define DAOHU_DB_ROWS_H

#include "db/db.h"

enum { ROWS_COLUMNS_MAX = RECORD_FIELDS_MAX + 8, ROWS_NAME_MAX = 64 };

struct rows_column {
	char name[ROWS_NAME_MAX];
	enum field_kind stored; /* FIELD_INT, FIELD_TEXT or FIELD_BLOB */
	bool not_null;
	int key; /* place in the primary key, 0 = none */
};

struct rows_table {
	char name[ROWS_NAME_MAX];
	size_t n;
	struct rows_column column[ROWS_COLUMNS_MAX];
	struct stmt *read, *one, *many; /* made on first use */
};

enum rows_kind { ROWS_NULL, ROWS_INT, ROWS_TEXT, ROWS_BLOB, ROWS_KIND_MAX };

struct rows_value {
	enum rows_kind kind;
	int64_t i;
	struct str s; /* of TEXT and BLOB */
};

/* DB when there is no such table, or none with a county. */
MUST_USE enum err rows_table(struct db *db, const char *name, struct rows_table *ret);
void rows_release(struct rows_table *t);
/* Every row of the county in the order of the key, but for counters in brackets, which
 * are the database's own. */
struct stmt *rows_read(struct db *db, struct rows_table *t);
/* Column i of the row there; text and bytes live until the next one. */
void rows_value(struct stmt *s, const struct rows_table *t, size_t i, struct rows_value *ret);

struct rows_load;
MUST_USE enum err rows_load_begin(struct db *db, struct rows_table *t, struct rows_load **ret);
/* CONFLICT when a row with that key is there. */
MUST_USE enum err rows_load_add(struct rows_load *l, const struct rows_value *v);
MUST_USE enum err rows_load_end(struct rows_load *l);

#endif
