/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * test_db: the database of a test: DIR/daohu.db or, when DAOHU_TEST_DB names a PostgreSQL
 * database (tests/with-postgres), a schema of its own there.
 */
#ifndef DAOHU_TESTS_TEST_DB_H
#define DAOHU_TESTS_TEST_DB_H

#include "db/db.h"

enum db_engine test_db_engine(void);
/* For db_opts.url: a schema nobody has used; NULL: DIR/daohu.db.  Borrowed until the next. */
const char *test_db_url(void);
/* SQL as somebody with a database tool would run it, on the data of a folder; 0: done. */
int test_db_by_hand(const char *dir, const char *sql);
/* All rows, to be put back after an edit; nobody may have the folder open. */
void test_db_save(const char *dir);
void test_db_restore(const char *dir);
/* Do these bytes lie somewhere in it?  In the file, or in a row of the server's. */
bool test_db_holds(const char *dir, const char *bytes);
/* The folder with all in it. */
void test_db_remove(const char *dir);

#endif
