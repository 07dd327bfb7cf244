/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cpus.h"
#include "test_db.h"
#include "thing.h"

#include "base/banned.h"

static const struct record_desc *const tables[] = {&thing_desc};

struct fixture {
	char dir[64];
	struct diag diag;
	struct arena arena;
	struct db *db;
};

static struct db_opts opts_for(enum db_mode mode)
{
	return (struct db_opts){.mode = mode,
				.county = mode == DB_CREATE ? "341299" : NULL,
				.tables = tables,
				.n_tables = 1};
}

static enum err reopen(struct fixture *f, enum db_mode mode)
{
	struct db_opts o = opts_for(mode);
	db_close(f->db);
	f->db = NULL;
	diag_clear(&f->diag);
	return db_open(f->dir, &o, &f->diag, &f->db);
}

static int setup(void **state)
{
	struct fixture *f = base_calloc(1, sizeof(*f));
	memcpy(f->dir, "/tmp/daohu-db-XXXXXX", 21);
	assert_non_null(mkdtemp(f->dir));
	arena_init(&f->arena, 0);
	struct db_opts o = opts_for(DB_CREATE);
	o.url = test_db_url();
	assert_int_equal(db_open(f->dir, &o, &f->diag, &f->db), OK);
	struct buf sql;
	buf_init(&sql, 10000);
	db_print_table(&thing_desc, test_db_engine(), &sql);
	assert_int_equal(test_db_by_hand(f->dir, sql.p), 0);
	buf_release(&sql);
	*state = f;
	return 0;
}

static enum err insert(struct db *db, int64_t no, const char *title)
{
	struct thing t = {.no = no, .version = 1};
	struct db_sealed sealed;
	FIELD_SET(&t, THING_, title, title);
	FIELD_SET(&t, THING_, count, no * 10);
	FIELD_SET(&t, THING_, born, 19580300);
	FIELD_SET(&t, THING_, safe, true);
	FIELD_SET(&t, THING_, bytes, ((struct str){"\0\x01", 2}));
	db_sealed_init(&sealed);
	enum err e = db_seal_record(db_vault(db), &thing_desc, &t, &sealed, db_diag(db));
	if (!e)
		e = db_insert_record(db, &thing_desc, &t, &sealed);
	db_sealed_release(&sealed);
	return e;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	db_close(f->db);
	arena_release(&f->arena);
	test_db_remove(f->dir);
	base_free(f);
	return 0;
}

static size_t count(struct fixture *f)
{
	struct thing *all;
	size_t n = SIZE_MAX;
	assert_int_equal(stmt_records(db_all(f->db, &thing_desc), &thing_desc, &f->arena, &all, &n),
			 OK);
	return n;
}

static void test_db__folder_is_made_once(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(db_county(f->db), "341299");
	assert_true(db_schema_version(f->db) >= 1);
	int64_t first;
	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(db_take_numbers(f->db, "thing", 1, &first), OK);
	assert_int_equal(db_commit(f->db), OK);
	assert_int_equal(reopen(f, DB_CREATE),
			 test_db_engine() == DB_PG ? ERR_EXISTS : ERR_DATA_DIR_EXISTS);
	assert_int_equal(reopen(f, DB_READ), OK);
	assert_string_equal(db_county(f->db), "341299");
	struct db_opts o = opts_for(DB_WRITE);
	struct db *none = NULL;
	assert_int_equal(db_open("/nonexistent/x", &o, NULL, &none), ERR_NO_DATA_DIR);
	assert_int_equal(db_open("/tmp", &o, NULL, &none), ERR_NO_DATA_DIR);
	assert_null(none);
	assert_int_not_equal(access("/tmp/lock", F_OK), 0);
}

static void test_db__second_writer_is_told_who_holds_it(void **state)
{
	struct fixture *f = *state;
	struct db_opts o = opts_for(DB_WRITE);
	struct diag diag = {0};
	struct db *second = NULL;
	char pid[32];
	assert_int_equal(db_open(f->dir, &o, &diag, &second), ERR_LOCKED);
	snprintf(pid, sizeof(pid), "pid %ld", (long)getpid());
	assert_non_null(strstr(diag.detail, pid));
	o = opts_for(DB_READ);
	diag_clear(&diag);
	assert_int_equal(db_open(f->dir, &o, &diag, &second), OK);
	assert_int_not_equal(db_begin(second), OK);
	assert_int_not_equal(insert(second, 1, "x"), OK);
	db_close(second);
}

static void test_db__newer_folder_is_refused(void **state)
{
	struct fixture *f = *state;
	db_close(f->db);
	f->db = NULL;
	assert_int_equal(test_db_by_hand(f->dir, "INSERT INTO schema_version VALUES (9999, 'x', 0)"), 0);
	assert_int_equal(reopen(f, DB_WRITE), ERR_DB_NEWER);
	assert_int_equal(test_db_by_hand(f->dir, "DELETE FROM schema_version"), 0);
	assert_int_equal(reopen(f, DB_READ), ERR_DB_OLDER);
}

static void test_db__upgrade_keeps_a_copy(void **state)
{
	struct fixture *f = *state;
	char path[128];
	int newest = db_schema_version(f->db);
	assert_int_equal(insert(f->db, 1, "before"), OK);
	db_close(f->db);
	f->db = NULL;
	/* As if no migration but the first had run. */
	assert_int_equal(test_db_by_hand(f->dir, "DELETE FROM schema_version WHERE version > 1"), 0);
	snprintf(path, sizeof(path), "%s/daohu.db.before-%04d", f->dir, newest);
	enum err e = reopen(f, DB_UPGRADE); /* its tables are there: it must fail, and whole */
	assert_int_equal(e, ERR_DB);
	bool copied = access(path, F_OK) == 0;
	assert_int_equal(copied, test_db_engine() == DB_SQLITE);
	if (copied)
		assert_int_equal(unlink(path), 0);
	assert_int_equal(reopen(f, DB_WRITE), ERR_DB_OLDER);
}

static void test_db__every_statement_prepares(void **state)
{
	struct fixture *f = *state;
	/* Blocks of other modules name tables this test does not know. */
	assert_int_equal(stmt_end(db_stmt(f->db, STMT_db_schema_version)), OK);
	assert_int_equal(stmt_end(db_stmt(f->db, STMT_db_schema_version_add)), OK);
	assert_int_equal(stmt_end(db_stmt(f->db, STMT_db_counter_take)), OK);
}

static void test_db__schema_is_compared_column_by_column(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(db_check_schema(f->db), OK);
	assert_int_equal(test_db_by_hand(f->dir, "ALTER TABLE thing ADD COLUMN extra TEXT"), 0);
	assert_int_equal(db_check_schema(f->db), ERR_DB);
	assert_non_null(strstr(f->diag.detail, "thing.extra"));
	assert_int_equal(test_db_by_hand(f->dir, "ALTER TABLE thing DROP COLUMN extra;"
					 "ALTER TABLE thing DROP COLUMN born;"),
			 0);
	diag_clear(&f->diag);
	assert_int_equal(db_check_schema(f->db), ERR_DB);
	assert_non_null(strstr(f->diag.detail, "thing.born"));
}

static void test_db__records_come_back(void **state)
{
	struct fixture *f = *state;
	struct thing t, *all;
	size_t n;
	bool found = false;
	assert_int_equal(db_begin(f->db), OK);
	for (int64_t no = 200; no > 0; no--)
		assert_int_equal(insert(f->db, no, no % 2 ? "王秀兰" : ""), OK);
	assert_int_equal(db_commit(f->db), OK);
	assert_int_equal(stmt_records(db_all(f->db, &thing_desc), &thing_desc, &f->arena, &all, &n),
			 OK);
	assert_int_equal(n, 200);
	assert_int_equal(all[0].no, 1);
	assert_int_equal(all[199].count, 2000);
	assert_int_equal(db_get(f->db, &thing_desc, 7, &f->arena, &t, &found), OK);
	assert_true(found);
	assert_string_equal(t.title, "王秀兰");
	assert_int_equal(t.born, 19580300);
	assert_true(t.safe);
	assert_int_equal(t.bytes.n, 2);
	assert_int_equal(t.bytes.p[1], 1);
	assert_false(FIELD_HAS(&t, THING_, worth));
	assert_int_equal(db_get(f->db, &thing_desc, 8, &f->arena, &t, &found), OK);
	assert_false(FIELD_HAS(&t, THING_, title));
	assert_int_equal(db_get(f->db, &thing_desc, 999, &f->arena, &t, &found), OK);
	assert_false(found);
}

static void test_db__update_needs_the_version(void **state)
{
	struct fixture *f = *state;
	struct thing t = {.no = 1, .version = 2};
	struct db_sealed sealed;
	db_sealed_init(&sealed);
	assert_int_equal(insert(f->db, 1, "a"), OK);
	FIELD_SET(&t, THING_, title, "b");
	assert_int_equal(db_seal_record(db_vault(f->db), &thing_desc, &t, &sealed, db_diag(f->db)), OK);
	assert_int_equal(db_update_record(f->db, &thing_desc, &t, &sealed, 1), OK);
	assert_int_equal(db_update_record(f->db, &thing_desc, &t, &sealed, 1), ERR_CONFLICT);
	diag_clear(&f->diag);
	assert_int_equal(db_delete_record(f->db, &thing_desc, 1, 1), ERR_CONFLICT);
	assert_int_equal(db_delete_record(f->db, &thing_desc, 1, 2), OK);
	diag_clear(&f->diag);
	assert_int_equal(insert(f->db, 2, "a"), OK);
	assert_int_equal(insert(f->db, 2, "a"), ERR_CONFLICT);
	db_sealed_release(&sealed);
}

static void test_db__sealed_field_needs_a_vault(void **state)
{
	struct fixture *f = *state;
	struct thing t = {.no = 1, .version = 1};
	struct db_sealed sealed;
	db_sealed_init(&sealed);
	FIELD_SET(&t, THING_, number, "341299195803010018");
	assert_int_equal(db_seal_record(db_vault(f->db), &thing_desc, &t, &sealed, db_diag(f->db)), ERR_KEYS);
	db_sealed_release(&sealed);
}

static void test_db__rollback_gives_numbers_back(void **state)
{
	struct fixture *f = *state;
	int64_t first = 0;
	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(db_take_numbers(f->db, "thing", 5, &first), OK);
	assert_int_equal(first, 1);
	assert_int_equal(db_commit(f->db), OK);
	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(db_take_numbers(f->db, "thing", 3, &first), OK);
	assert_int_equal(first, 6);
	assert_int_equal(insert(f->db, first, "x"), OK);
	assert_int_equal(db_begin(f->db), ERR_INTERNAL);
	db_rollback(f->db);
	assert_int_equal(count(f), 0);
	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(db_take_numbers(f->db, "thing", 1, &first), OK);
	assert_int_equal(first, 6);
	db_rollback(f->db);
}

/* A limit on the size of files fails writes as a full disk does; in a child,
 * because it holds for the whole process.  Exit status 3 is what is wanted. */
static void fill_disk(const char *dir)
{
	struct diag diag = {0};
	struct db *db = NULL;
	struct db_opts o = opts_for(DB_WRITE);
	char title[4000];
	struct rlimit limit = {2 << 20, 2 << 20};
	memset(title, 'x', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	enum err e = db_open(dir, &o, &diag, &db);
	if (!e)
		e = db_begin(db);
	for (int64_t no = 1; !e && no < 2000; no++)
		e = insert(db, no, title);
	if (!e)
		e = db_commit(db);
	db_close(db);
	_exit(err_exit_status(e));
}

/* What a statement changes goes to a file when it is too much to be held; with SQLite's own
 * limits, as one connection of this program has set them for all. */
static void test_db__statement_that_changes_much(void **state)
{
	static const char sql[] = "CREATE TABLE wide (no INTEGER PRIMARY KEY, x TEXT);"
				  "INSERT INTO wide (x) SELECT printf('%6000d', value) FROM "
				  "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT "
				  "value + 1 FROM n WHERE value < 1000) SELECT value FROM n);"
				  "BEGIN; SAVEPOINT one; UPDATE wide SET x = x || '.';"
				  "RELEASE one; UPDATE wide SET x = x || '.'; COMMIT;";
	struct fixture *f = *state;
	if (test_db_engine() == DB_SQLITE)
		assert_int_equal(test_db_by_hand(f->dir, sql), 0);
}

static void test_db__full_disk_ends_cleanly(void **state)
{
	struct fixture *f = *state;
	int status = 0;
	if (test_db_engine() != DB_SQLITE)
		return; /* the disk is the server's */
	assert_int_equal(insert(f->db, 5000, "before"), OK);
	db_close(f->db);
	f->db = NULL;
	pid_t child = fork();
	if (child == 0)
		fill_disk(f->dir);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_int_equal(reopen(f, DB_WRITE), OK);
	assert_int_equal(count(f), 1);
}

static void test_db__config_keeps_lines(void **state)
{
	struct fixture *f = *state;
	struct db_config c;
	assert_int_equal(db_config_read(f->dir, &f->arena, &f->diag, &c), OK);
	assert_string_equal(db_config_get(&c, "format"), "1");
	assert_null(db_config_get(&c, "pack"));
	assert_int_equal(db_config_set(&c, "pack", "cn-2018"), OK);
	assert_int_equal(db_config_set(&c, "bad", "two\nlines"), ERR_INVALID);
	assert_int_equal(db_config_write(f->dir, &c, &f->diag), OK);
	assert_int_equal(db_config_read(f->dir, &f->arena, &f->diag, &c), OK);
	assert_string_equal(db_config_get(&c, "pack"), "cn-2018");
	assert_string_equal(db_config_get(&c, "county"), "341299");
}

/* --- the writer ----------------------------------------------------------- */

enum { CALLERS = 8, EACH = 50 };

struct caller {
	struct db_writer *w;
	int64_t next, until, failed;
};

static enum err write_one(struct db *db, void *arg, struct diag *diag)
{
	struct caller *c = arg;
	enum err e = insert(db, c->next, "x");
	/* Every tenth is refused after it has written, and must leave nothing. */
	return !e && c->next % 10 == 0 ? diag_set(diag, ERR_INVALID, "tenth") : e;
}

static void *caller_main(void *arg)
{
	struct caller *c = arg;
	for (; c->next < c->until; c->next++) {
		struct diag diag = {0};
		if (db_writer_submit(c->w, write_one, c, &diag))
			c->failed += diag.code == ERR_INVALID;
	}
	return NULL;
}

static enum err write_single(struct db *db, void *arg, struct diag *diag)
{
	struct caller *c = arg;
	/* Every tenth is refused before it writes. */
	return c->next % 10 == 0 ? diag_set(diag, ERR_INVALID, "tenth") : insert(db, c->next, "x");
}

static void *single_main(void *arg)
{
	struct caller *c = arg;
	for (; c->next < c->until; c->next++) {
		struct diag diag = {0};
		if (db_writer_single(c->w, write_single, c, &diag))
			c->failed += diag.code == ERR_INVALID;
	}
	return NULL;
}

static void test_db__writer_serves_many(void **state)
{
	struct fixture *f = *state;
	struct db_writer *w;
	struct caller callers[CALLERS];
	pthread_t threads[CALLERS];
	assert_int_equal(db_writer_start(f->db, &w), OK);
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){w, i * EACH + 1, (i + 1) * EACH + 1, 0};
		pthread_create(&threads[i], NULL, i % 2 ? caller_main : single_main, &callers[i]);
	}
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(callers[i].failed, EACH / 10);
	}
	db_writer_stop(w);
	assert_int_equal(count(f), CALLERS * EACH * 9 / 10);
}

/* --- the log is folded in beside ---------------------------------------------- */

enum { MUCH = 1200, LONG = 8000, TIMES = 20 };

static enum err insert_much(struct db *db, void *arg, struct diag *diag)
{
	int64_t *next = arg;
	char title[LONG + 1];
	memset(title, 'x', LONG);
	title[LONG] = '\0';
	enum err e = OK;
	(void)diag;
	for (int i = 0; !e && i < MUCH; i++)
		e = insert(db, ++*next, title);
	return e;
}

static int64_t database_bytes(const struct fixture *f)
{
	char path[80];
	struct stat st;
	(void)snprintf(path, sizeof(path), "%s/daohu.db", f->dir);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* In a bulk load by a thread that is asked to, otherwise by the writer's own. */
static void test_db__log_is_folded_beside(void **state)
{
	struct fixture *f = *state;
	struct db_writer *w;
	struct diag diag = {0};
	int64_t next = 0;
	if (test_db_engine() != DB_SQLITE)
		return;
	assert_int_equal(db_bulk(f->db, true), OK);
	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(insert_much(f->db, &next, &diag), OK);
	assert_int_equal(db_commit(f->db), OK);
	assert_true(database_bytes(f) < (int64_t)MUCH * LONG / 2);
	db_fold_beside(f->db);
	db_fold_beside(f->db); /* waits for the first */
	assert_true(database_bytes(f) > (int64_t)MUCH * LONG || cpus_usable() < 2);
	assert_int_equal(db_bulk(f->db, false), OK);

	assert_int_equal(db_writer_start(f->db, &w), OK);
	assert_int_equal(db_writer_submit(w, insert_much, &next, &diag), OK);
	for (int i = 0; i < 1000 && database_bytes(f) < (int64_t)MUCH * LONG * 2; i++)
		(void)usleep(10000);
	int64_t bytes = database_bytes(f);
	db_writer_stop(w);
	assert_true(bytes > (int64_t)MUCH * LONG * 2);
	assert_int_equal(count(f), MUCH * 2);
}

/* However busy the writer is: it is begun anew on the way. */
static void test_db__log_stays_short(void **state)
{
	struct fixture *f = *state;
	struct db_writer *w;
	struct diag diag = {0};
	int64_t next = 0, data, log;
	if (test_db_engine() != DB_SQLITE)
		return;
	assert_int_equal(db_writer_start(f->db, &w), OK);
	for (int i = 0; i < TIMES; i++)
		assert_int_equal(db_writer_submit(w, insert_much, &next, &diag), OK);
	assert_int_equal(db_size(f->db, &data, &log), OK);
	db_writer_stop(w); /* first: a failure ends the test, and its folder is closed */
	assert_true(log < (int64_t)TIMES * MUCH * LONG / 2);
	assert_int_equal(count(f), TIMES * MUCH);
}

/* Another process folds the log in: it is waited for. */
static void test_db__flush_waits_for_a_fold(void **state)
{
	enum { CHECKPOINT_LOCK = 121 }; /* byte of the log's index that SQLite locks meanwhile */
	struct fixture *f = *state;
	struct diag diag = {0};
	char path[128], ready = 0;
	int64_t next = 0, data, log;
	int fds[2], status = -1;
	if (test_db_engine() != DB_SQLITE)
		return;
	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(insert_much(f->db, &next, &diag), OK);
	assert_int_equal(db_commit(f->db), OK);
	(void)snprintf(path, sizeof(path), "%s/daohu.db-shm", f->dir);
	assert_int_equal(pipe(fds), 0);
	pid_t folds = fork();
	if (folds == 0) {
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = CHECKPOINT_LOCK, .l_len = 1};
		int fd = open(path, O_RDWR | O_CLOEXEC);
		bool held = fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0 && write(fds[1], "!", 1) == 1;
		(void)usleep(200000);
		_exit(held ? 0 : 1);
	}
	assert_true(folds > 0);
	assert_int_equal(read(fds[0], &ready, 1), 1);
	assert_int_equal(db_flush(f->db), OK);
	assert_int_equal(waitpid(folds, &status, 0), folds);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	assert_int_equal(db_size(f->db, &data, &log), OK);
	assert_int_equal(log, 0);
	assert_int_equal(count(f), MUCH);
}

/* Read through or not, to the end or not: what is there is the same, and ours alone. */
static void test_db__file_is_read_beforehand(void **state)
{
	struct fixture *f = *state;
	struct diag diag = {0};
	struct db_warm *warm;
	struct db_opts alone = opts_for(DB_SERVE);
	struct db *other = NULL;
	int64_t next = 0;
	assert_int_equal(db_begin(f->db), OK);
	assert_int_equal(insert_much(f->db, &next, &diag), OK);
	assert_int_equal(db_commit(f->db), OK);
	assert_int_equal(db_warm_begin(f->db, &diag, &warm), OK);
	assert_int_equal(warm != NULL, test_db_engine() == DB_SQLITE);
	if (warm)
		(void)usleep(100000);
	db_warm_end(warm);
	assert_int_equal(db_warm_begin(f->db, &diag, &warm), OK);
	db_warm_end(warm);
	assert_int_equal(db_open(f->dir, &alone, &diag, &other), ERR_LOCKED);
	assert_int_equal(count(f), MUCH);
}

/* --- guests ----------------------------------------------------------------- */

static void count_turn(void *arg, struct db *db)
{
	assert_false(db_in_transaction(db));
	++*(int *)arg;
}

static void *guest_main(void *arg)
{
	const struct fixture *f = arg;
	struct db_opts o = opts_for(DB_WRITE);
	struct diag diag = {0};
	struct db *guest = NULL;
	assert_int_equal(db_open(f->dir, &o, &diag, &guest), OK);
	assert_true(db_is_guest(guest));
	for (int64_t i = 0; i < EACH; i++) {
		assert_int_equal(db_begin(guest), OK);
		assert_int_equal(insert(guest, 1000 + i, "guest"), OK);
		if (i % 10 == 0)
			db_rollback(guest);
		else
			assert_int_equal(db_commit(guest), OK);
	}
	return guest;
}

static void test_db__guests_write_in_turn(void **state)
{
	struct fixture *f = *state;
	struct db_writer *w;
	struct db_host *host;
	struct diag diag = {0};
	struct db_opts alone = opts_for(DB_SERVE);
	struct db *other = NULL;
	pthread_t thread;
	void *guest;
	int turns = 0;
	db_close(f->db); /* a guest looks whether who has the county serves */
	assert_int_equal(db_open(f->dir, &alone, &f->diag, &f->db), OK);
	assert_int_equal(db_writer_start(f->db, &w), OK);
	assert_int_equal(db_host_start(f->db, w, &(struct db_host_hooks){&turns, count_turn, NULL}, &diag,
				       &host),
			 OK);
	assert_int_equal(db_open(f->dir, &alone, &diag, &other), ERR_LOCKED);
	pthread_create(&thread, NULL, guest_main, f);
	struct caller mine = {w, 1, EACH + 1, 0};
	(void)caller_main(&mine);
	pthread_join(thread, &guest);
	assert_int_equal(count(f), EACH * 9 / 10 * 2);
	db_host_stop(host);
	assert_int_equal(turns, EACH);
	assert_int_equal(db_begin(guest), ERR_INTERRUPTED);
	db_writer_stop(w);
	db_close(f->db);
	f->db = NULL;
	if (test_db_engine() == DB_SQLITE) /* the guest has the lock still; on a server in its transactions */
		assert_int_equal(db_open(f->dir, &alone, &diag, &other), ERR_LOCKED);
	db_close(guest);
	diag_clear(&diag);
	assert_int_equal(db_open(f->dir, &alone, &diag, &f->db), OK);
	db_set_diag(f->db, &f->diag);
}

/* Also where nobody but a guest writes: what he wrote is not told to the server. */
static void test_db__log_stays_short_beside_a_guest(void **state)
{
	struct fixture *f = *state;
	struct db_writer *w;
	struct db_host *host;
	struct db_opts o = opts_for(DB_WRITE);
	struct diag diag = {0};
	struct db *guest = NULL;
	int turns = 0;
	int64_t next = 0, data, log;
	if (test_db_engine() != DB_SQLITE)
		return;
	assert_int_equal(db_writer_start(f->db, &w), OK);
	assert_int_equal(db_host_start(f->db, w, &(struct db_host_hooks){&turns, count_turn, NULL}, &diag,
				       &host),
			 OK);
	assert_int_equal(db_open(f->dir, &o, &diag, &guest), OK);
	assert_int_equal(db_bulk(guest, true), OK); /* as an import: he does not fold himself */
	for (int i = 0; i < TIMES; i++) {
		assert_int_equal(db_begin(guest), OK);
		assert_int_equal(insert_much(guest, &next, &diag), OK);
		assert_int_equal(db_commit(guest), OK);
		(void)usleep(30000);
	}
	assert_int_equal(db_size(f->db, &data, &log), OK);
	db_close(guest);
	db_host_stop(host);
	db_writer_stop(w);
	assert_true(log < (int64_t)TIMES * MUCH * LONG / 2);
	assert_int_equal(turns, TIMES);
	assert_int_equal(count(f), TIMES * MUCH);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_db__folder_is_made_once),
		CASE(test_db__second_writer_is_told_who_holds_it),
		CASE(test_db__newer_folder_is_refused),
		CASE(test_db__upgrade_keeps_a_copy),
		CASE(test_db__every_statement_prepares),
		CASE(test_db__schema_is_compared_column_by_column),
		CASE(test_db__records_come_back),
		CASE(test_db__update_needs_the_version),
		CASE(test_db__sealed_field_needs_a_vault),
		CASE(test_db__rollback_gives_numbers_back),
		CASE(test_db__statement_that_changes_much),
		CASE(test_db__full_disk_ends_cleanly),
		CASE(test_db__config_keeps_lines),
		CASE(test_db__writer_serves_many),
		CASE(test_db__log_is_folded_beside),
		CASE(test_db__log_stays_short),
		CASE(test_db__flush_waits_for_a_fold),
		CASE(test_db__file_is_read_beforehand),
		CASE(test_db__guests_write_in_turn),
		CASE(test_db__log_stays_short_beside_a_guest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
