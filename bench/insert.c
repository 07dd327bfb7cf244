/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * insert: the peer of `daohu import`: a CSV into one SQLite table of texts,
 * by the C interface and nothing else.
 *
 *   insert FILE.csv DATABASE
 *
 * The same durability as ours (WAL, synchronous=FULL), transactions of 50,000
 * rows, the indexes built after the rows.  Checks nothing, journals nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

enum { COLUMNS_MAX = 64, CHUNK = 50000 };

static void must(sqlite3 *db, const char *sql)
{
	char *error = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", sql, error);
		exit(3);
	}
}

/* Cuts the line at its commas, in place; quotes are taken off. */
static int split(char *line, char *cells[COLUMNS_MAX])
{
	int n = 0;
	char *p = line;
	while (n < COLUMNS_MAX) {
		char *to = p;
		cells[n++] = p;
		if (*p == '"') {
			for (p++; *p && !(*p == '"' && p[1] != '"'); p++) {
				p += *p == '"';
				*to++ = *p;
			}
			p += *p == '"';
		} else {
			while (*p && *p != ',' && *p != '\r' && *p != '\n')
				*to++ = *p++;
		}
		char end = *p;
		*to = '\0';
		if (end != ',')
			return n;
		p++;
	}
	return n;
}

static sqlite3_stmt *prepare(sqlite3 *db, int columns)
{
	char sql[4096] = "CREATE TABLE person (";
	size_t n = strlen(sql);
	for (int i = 0; i < columns; i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, "%sc%d TEXT", i ? "," : "", i);
	snprintf(sql + n, sizeof(sql) - n, ")");
	must(db, sql);
	n = (size_t)snprintf(sql, sizeof(sql), "INSERT INTO person VALUES (");
	for (int i = 0; i < columns; i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, i ? ",?" : "?");
	snprintf(sql + n, sizeof(sql) - n, ")");
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		exit(3);
	return st;
}

static long load(FILE *f, sqlite3 *db)
{
	char *line = NULL, *cells[COLUMNS_MAX];
	size_t cap = 0;
	long rows = 0;
	if (getline(&line, &cap, f) < 0)
		return 0;
	int columns = split(line, cells);
	sqlite3_stmt *st = prepare(db, columns);
	must(db, "BEGIN");
	while (getline(&line, &cap, f) >= 0) {
		int n = split(line, cells);
		for (int i = 0; i < n && i < columns; i++)
			sqlite3_bind_text(st, i + 1, cells[i], -1, SQLITE_STATIC);
		if (sqlite3_step(st) != SQLITE_DONE)
			exit(3);
		sqlite3_reset(st);
		if (++rows % CHUNK == 0)
			must(db, "COMMIT; BEGIN");
	}
	must(db, "COMMIT");
	sqlite3_finalize(st);
	free(line);
	return rows;
}

int main(int argc, char **argv)
{
	sqlite3 *db;
	FILE *f = argc == 3 ? fopen(argv[1], "rb") : NULL;
	if (!f || sqlite3_open(argv[2], &db) != SQLITE_OK) {
		fputs("insert FILE.csv DATABASE\n", stderr);
		return 2;
	}
	must(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
	long rows = load(f, db);
	must(db, "CREATE INDEX person_id ON person(c9); CREATE INDEX person_name ON person(c7);"
	         "CREATE INDEX person_village ON person(c3)");
	sqlite3_close(db);
	fclose(f);
	printf("%ld rows\n", rows);
	return 0;
}
