/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "test_db.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/banned.h"

static const char *server(void)
{
	const char *url = getenv("DAOHU_TEST_DB");
	return url && url[0] ? url : NULL;
}

enum db_engine test_db_engine(void)
{
	return server() ? DB_PG : DB_SQLITE;
}

static int run(PGconn *c, const char *sql, char *ret, size_t size)
{
	PGresult *r = PQexec(c, sql);
	ExecStatusType status = PQresultStatus(r);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
	if (!ok)
		print_error("%s: %s", sql, PQerrorMessage(c));
	if (ret)
		(void)snprintf(ret, size, "%s", ok && PQntuples(r) ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	return ok ? 0 : 1;
}

const char *test_db_url(void)
{
	static char url[400];
	static int made;
	char sql[100];
	if (!server())
		return NULL;
	PGconn *c = PQconnectdb(server());
	(void)snprintf(sql, sizeof(sql), "CREATE SCHEMA t_%ld_%d", (long)getpid(), ++made);
	assert_int_equal(run(c, sql, NULL, 0), 0);
	PQfinish(c);
	(void)snprintf(url, sizeof(url), "%s?options=-csearch_path%%3Dt_%ld_%d", server(),
	               (long)getpid(), made);
	return url;
}

/* By what DIR/config says. */
static PGconn *connect_to(const char *dir)
{
	struct arena a;
	struct db_config c;
	arena_init(&a, 0);
	assert_int_equal(db_config_read(dir, &a, NULL, &c), OK);
	PGconn *pg = PQconnectdb(db_config_get(&c, "url"));
	assert_int_equal(PQstatus(pg), CONNECTION_OK);
	assert_int_equal(run(pg, "SET client_min_messages = warning", NULL, 0), 0);
	arena_release(&a);
	return pg;
}

int test_db_by_hand(const char *dir, const char *sql)
{
	sqlite3 *h;
	char path[256];
	int code;
	if (server()) {
		PGconn *c = connect_to(dir);
		code = run(c, sql, NULL, 0);
		PQfinish(c);
		return code;
	}
	(void)snprintf(path, sizeof(path), "%s/daohu.db", dir);
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	code = sqlite3_exec(h, sql, NULL, NULL, NULL);
	if (code)
		print_error("%s: %s\n", sql, sqlite3_errmsg(h));
	sqlite3_close(h);
	return code;
}

static void copy_file(const char *dir, const char *from, const char *to)
{
	char command[600];
	(void)snprintf(command, sizeof(command), "cp '%s/%s' '%s/%s'", dir, from, dir, to);
	assert_int_equal((system)(command), 0);
}

/* `sql` makes one text of a statement for each table, which is then run. */
static void run_each(const char *dir, const char *sql)
{
	static char all[64 * 1024];
	PGconn *c = connect_to(dir);
	assert_int_equal(run(c, sql, all, sizeof(all)), 0);
	assert_int_equal(run(c, all, NULL, 0), 0);
	PQfinish(c);
}

#define OF_TABLES \
	" FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"

void test_db_save(const char *dir)
{
	if (server())
		run_each(dir, "SELECT 'DROP SCHEMA IF EXISTS ' || current_schema() || '_saved CASCADE;"
		              "CREATE SCHEMA ' || current_schema() || '_saved;' || string_agg(format("
		              "'CREATE TABLE %1$I.%2$I AS TABLE %2$I', current_schema() || '_saved',"
		              " relname), ';')" OF_TABLES);
	else
		copy_file(dir, "daohu.db", "saved.db");
}

void test_db_restore(const char *dir)
{
	if (server())
		run_each(dir, "SELECT string_agg(format('DELETE FROM %2$I; INSERT INTO %2$I TABLE %1$I.%2$I',"
		              " current_schema() || '_saved', relname), ';')" OF_TABLES);
	else
		copy_file(dir, "saved.db", "daohu.db");
}

static bool rows_hold(const char *dir, const char *bytes)
{
	static char sql[64 * 1024];
	char count[32], *literal;
	PGconn *c = connect_to(dir);
	literal = PQescapeLiteral(c, bytes, strlen(bytes));
	/* bytes show as hexadecimal digits */
	assert_int_equal(run(c,
	                     "SELECT 'WITH w AS (SELECT %s AS t) SELECT count(*) FROM w, (' || "
	                     "string_agg(format('SELECT x::text AS r FROM %I x', relname), "
	                     "' UNION ALL ') || ') y WHERE strpos(r, t) > 0 OR "
	                     "strpos(r, encode(convert_to(t, ''UTF8''), ''hex'')) > 0'" OF_TABLES,
	                     sql, sizeof(sql)),
	                 0);
	char *at = strstr(sql, "%s");
	assert_non_null(at);
	static char whole[66 * 1024];
	(void)snprintf(whole, sizeof(whole), "%.*s%s%s", (int)(at - sql), sql, literal, at + 2);
	assert_int_equal(run(c, whole, count, sizeof(count)), 0);
	PQfreemem(literal);
	PQfinish(c);
	return strcmp(count, "0") != 0;
}

bool test_db_holds(const char *dir, const char *bytes)
{
	static char all[8 << 20];
	char path[256];
	if (server())
		return rows_hold(dir, bytes);
	(void)snprintf(path, sizeof(path), "%s/daohu.db", dir);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t n = fread(all, 1, sizeof(all), file);
	(void)fclose(file);
	assert_true(n < sizeof(all));
	return str_find((struct str){all, n}, str_c(bytes)) != SIZE_MAX;
}

void test_db_remove(const char *dir)
{
	char command[300];
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	assert_int_equal((system)(command), 0);
}
