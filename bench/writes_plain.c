/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * writes_plain: the peer of writes.c: the statements of a journalled change by the C
 * interface of SQLite and nothing else, as durable (WAL, synchronous=FULL).
 *
 *   writes_plain DIR/daohu.db AT_ONCE N    N changes, AT_ONCE to a transaction;
 *                                          prints "seconds processor"
 *
 * Nothing is hashed, signed or checked: hashes are bytes, the note is a text of its length.
 * Of a folder that `writes make` made; journal verify does not hold afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <sqlite3.h>

enum { TASKS = 1000, HASH = 32, NOTE = 230, FIELDS = 25 };

static const char county[] = "341299";
static unsigned char hash[HASH];
static char note[NOTE + 1];

static sqlite3 *db;
static sqlite3_stmt *last, *get, *update, *change, *entry, *node, *read_node, *checkpoint;

static void must(int code, int want)
{
	if (code == want)
		return;
	fprintf(stderr, "writes_plain: %s\n", sqlite3_errmsg(db));
	exit(3);
}

static void exec(const char *sql)
{
	must(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

#define COLUMNS                                                                                    \
	"title, body, decision, parent, unit, area, account, issued, issued_by, due, evidence, "   \
	"files_wanted, state, percent, target, done, acknowledged, proven, proven_by, checked, "   \
	"checked_by, closed, closed_by, returned, cancelled"

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *s;
	must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL), SQLITE_OK);
	sqlite3_bind_text(s, 1, county, -1, SQLITE_STATIC);
	return s;
}

static void prepare_all(void)
{
	char sql[4096] = "UPDATE task SET version=?3";
	const char *p = COLUMNS;
	size_t n = strlen(sql);
	for (int i = 0; i < FIELDS; i++) {
		size_t word = strcspn(p, ",");
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, ", %.*s=?%d", (int)word, p, i + 4);
		p += word + 2;
	}
	(void)snprintf(sql + n, sizeof(sql) - n, " WHERE county=?1 AND no=?2 AND version=?%d",
		       FIELDS + 4);
	update = prepare(sql);
	last = prepare("SELECT no, at_ms FROM entry WHERE county=?1 ORDER BY no DESC LIMIT 1");
	get = prepare("SELECT no, version, " COLUMNS " FROM task WHERE county=?1 AND no=?2");
	change = prepare(
		"INSERT INTO change (county, entry, seq, tbl, rec, version, op, digest, delta) "
		"VALUES (?1,?2,1,?3,?4,?5,'U',?6,?7)");
	entry = prepare(
		"INSERT INTO entry (county, no, at_ms, kind, actor, os_user, event_date, reason, "
		"command, source_file, source_hash, pack_version, pack_hash, changes, root) "
		"VALUES (?1,?2,?3,'change','bench','root',0,'a "
		"reason','edit',NULL,NULL,NULL,NULL,1,?4)");
	node = prepare("INSERT INTO node (county, level, idx, hash) VALUES (?1,?2,?3,?4)");
	read_node = prepare("SELECT hash FROM node WHERE county=?1 AND level=?2 AND idx=?3");
	checkpoint =
		prepare("INSERT INTO checkpoint (county, size, at_ms, note) VALUES (?1,?2,?3,?4)");
}

static void run(sqlite3_stmt *s)
{
	must(sqlite3_step(s), SQLITE_DONE);
	sqlite3_reset(s);
}

/* Reads the row as one would who uses it. */
static long long read_task(long long no, size_t *bytes)
{
	sqlite3_bind_int64(get, 2, no);
	must(sqlite3_step(get), SQLITE_ROW);
	long long version = sqlite3_column_int64(get, 1);
	for (int i = 2; i < FIELDS + 2; i++)
		*bytes += sqlite3_column_text(get, i) ? (size_t)sqlite3_column_bytes(get, i) : 0;
	sqlite3_reset(get);
	return version;
}

static void add_node(long long level, long long idx)
{
	sqlite3_bind_int64(node, 2, level);
	sqlite3_bind_int64(node, 3, idx);
	sqlite3_bind_blob(node, 4, hash, HASH, SQLITE_STATIC);
	run(node);
}

static void see_node(long long level, long long idx)
{
	sqlite3_bind_int64(read_node, 2, level);
	sqlite3_bind_int64(read_node, 3, idx);
	must(sqlite3_step(read_node), SQLITE_ROW);
	(void)sqlite3_column_blob(read_node, 0);
	sqlite3_reset(read_node);
}

static void write_task(long long no, long long version, const char *title)
{
	sqlite3_bind_int64(update, 2, no);
	sqlite3_bind_int64(update, 3, version + 1);
	for (int i = 0; i < FIELDS; i++)
		sqlite3_bind_null(update, i + 4);
	sqlite3_bind_text(update, 4, title, -1, SQLITE_STATIC);
	sqlite3_bind_text(update, 8, "a unit of the town", -1, SQLITE_STATIC);
	sqlite3_bind_int64(update, FIELDS + 4, version);
	run(update);
}

static void write_log(long long e, long long at, long long no, long long version)
{
	sqlite3_bind_int64(change, 2, e);
	sqlite3_bind_int64(change, 3, 37);
	sqlite3_bind_int64(change, 4, no);
	sqlite3_bind_int64(change, 5, version + 1);
	sqlite3_bind_blob(change, 6, hash, HASH, SQLITE_STATIC);
	sqlite3_bind_text(change, 7, "{\"1\":\"title 1000 of caller 10\"}", -1, SQLITE_STATIC);
	run(change);
	sqlite3_bind_int64(entry, 2, e);
	sqlite3_bind_int64(entry, 3, at);
	sqlite3_bind_blob(entry, 4, hash, HASH, SQLITE_STATIC);
	run(entry);
	long long level = 0, idx = e - 1;
	add_node(0, idx);
	for (; idx & 1; idx >>= 1, level++) {
		see_node(level, idx - 1);
		add_node(level + 1, idx >> 1);
	}
}

/* The head of what a transaction added: one, however many changes share it. */
static void write_head(long long e)
{
	for (long long level = 0; e >> level; level++) {
		if (e >> level & 1)
			see_node(level, (e >> level) - 1);
	}
	sqlite3_bind_int64(checkpoint, 2, e);
	sqlite3_bind_int64(checkpoint, 3, e);
	sqlite3_bind_text(checkpoint, 4, note, -1, SQLITE_STATIC);
	run(checkpoint);
}

static size_t one(int n, long long *ret_entry)
{
	char title[64];
	size_t bytes = 0;
	long long no = 1 + (long long)n * 7919 % TASKS;
	(void)snprintf(title, sizeof(title), "title %d of caller %d", n, n % 64);
	for (int i = 0; i < HASH; i++)
		hash[i] = (unsigned char)(n >> i % 24);
	must(sqlite3_step(last), SQLITE_ROW);
	long long e = sqlite3_column_int64(last, 0) + 1, at = sqlite3_column_int64(last, 1) + 1;
	sqlite3_reset(last);
	long long version = read_task(no, &bytes);
	(void)read_task(no, &bytes);
	write_task(no, version, title);
	write_log(e, at, no, version);
	*ret_entry = e;
	return bytes;
}

static double seconds_of(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct timespec from, to;
	struct rusage before, after;
	size_t bytes = 0;
	long long entry_no = 0;
	int at_once = argc == 4 ? (int)strtol(argv[2], NULL, 10) : 0;
	int n = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 0;
	if (at_once < 1 || n < 1) {
		fputs("usage: writes_plain DATABASE AT_ONCE N\n", stderr);
		return 2;
	}
	memset(note, 'n', NOTE);
	must(sqlite3_open(argv[1], &db), SQLITE_OK);
	exec("PRAGMA cache_size=-4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
	     "PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=500");
	prepare_all();
	(void)getrusage(RUSAGE_SELF, &before);
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < n; i++) {
		if (i % at_once == 0)
			exec("BEGIN IMMEDIATE");
		bytes += one(n - i, &entry_no);
		if (i % at_once == at_once - 1 || i == n - 1) {
			write_head(entry_no);
			exec("COMMIT");
		}
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	(void)getrusage(RUSAGE_SELF, &after);
	printf("%.6f %.6f\n",
	       (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9,
	       seconds_of(&after.ru_utime) + seconds_of(&after.ru_stime) -
		       seconds_of(&before.ru_utime) - seconds_of(&before.ru_stime));
	return bytes ? 0 : 3;
}
