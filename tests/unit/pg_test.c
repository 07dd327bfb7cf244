/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What only a server does: rows on their way, broken connections, leases.  With no
 * DAOHU_TEST_DB (tests/with-postgres) there is nothing to test. */
#include "db/engine.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/date.h"
#include "test_db.h"
#include "test_proxy.h"
#include "thing.h"

#include "base/banned.h"

static const struct record_desc *const tables[] = {&thing_desc};

struct fixture {
	char dir[64];
	char url[400];
	struct diag diag;
	struct db *db;
	struct engine *e; /* a connection beside the handle's */
};

static enum err open_town(const char *dir, const char *url, const char *county, enum db_mode mode,
                          struct diag *diag, struct db **ret)
{
	struct db_opts o = {.mode = mode, .county = county, .url = url, .tables = tables,
	                    .n_tables = 1};
	*ret = NULL;
	return db_open(dir, &o, diag, ret);
}

static int setup(void **state)
{
	struct fixture *f = base_calloc(1, sizeof(*f));
	struct buf sql;
	memcpy(f->dir, "/tmp/daohu-pg-XXXXXX", 21);
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->url, sizeof(f->url), "%s", test_db_url());
	assert_int_equal(open_town(f->dir, f->url, "341299", DB_CREATE, &f->diag, &f->db), OK);
	buf_init(&sql, 10000);
	db_print_table(&thing_desc, DB_PG, &sql);
	assert_int_equal(test_db_by_hand(f->dir, sql.p), 0);
	buf_release(&sql);
	assert_int_equal(pg_open(f->url, DB_WRITE, false, &f->diag, &f->e), OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	engine_close(f->e);
	db_close(f->db);
	test_db_remove(f->dir);
	base_free(f);
	return 0;
}

static struct engine_stmt *prepare(struct fixture *f, const char *sql)
{
	struct engine_stmt *s = NULL;
	if (engine_prepare(f->e, sql, &f->diag, &s))
		fail_msg("%s", f->diag.detail);
	return s;
}

static enum err run(struct fixture *f, const char *sql)
{
	diag_clear(&f->diag);
	return engine_exec(f->e, sql, &f->diag);
}

static int64_t one(struct fixture *f, const char *sql)
{
	struct engine_stmt *s = prepare(f, sql);
	assert_int_equal(engine_step(s), ENGINE_ROW);
	int64_t v = engine_int(s, 0);
	assert_int_equal(engine_step(s), ENGINE_DONE);
	engine_finalize(s);
	return v;
}

/* --- values --------------------------------------------------------------- */

static void test_pg__numbers_of_every_width(void **state)
{
	static const struct {
		const char *sql;
		int64_t v;
	} cases[] = {
		{"SELECT 1 = 1", 1},
		{"SELECT 1 = 2", 0},
		{"SELECT (-7)::smallint", -7},
		{"SELECT -70000", -70000},
		{"SELECT 9223372036854775807", INT64_MAX},
		{"SELECT sum(v) FROM (VALUES (9223372036854775800::bigint), (7)) t (v)", INT64_MAX},
		{"SELECT sum(v) FROM (VALUES (-10000::bigint), (-1)) t (v)", -10001},
		{"SELECT 100000000::numeric", 100000000},
		{"SELECT 12345678.9::numeric", 12345678},
		{"SELECT 0::numeric", 0},
		{"SELECT 99999999999999999999::numeric", INT64_MAX},
		{"SELECT count(*) FROM pg_class WHERE false", 0},
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t v = one(f, cases[i].sql);
		if (v != cases[i].v)
			print_error("%s: %lld\n", cases[i].sql, (long long)v);
		assert_int_equal(v, cases[i].v);
	}
}

/* Which of 1, 2, 30 and of a, b", c\ are in the list; -1: it is none. */
static int64_t in_list(struct engine_stmt *s, const char *list)
{
	int64_t v = -1;
	if (engine_bind_text(s, 7, str_c(list)) && engine_step(s) == ENGINE_ROW)
		v = engine_int(s, 0);
	engine_reset(s);
	return v;
}

static void test_pg__lists(void **state)
{
	struct fixture *f = *state;
	struct engine_stmt *s = prepare(f, "SELECT count(*) FROM (VALUES (1), (2), (30)) t (v)"
	                                   " WHERE v = ANY ($7::bigint[])");
	assert_int_equal(in_list(s, "[]"), 0);
	assert_int_equal(in_list(s, "[30]"), 1);
	assert_int_equal(in_list(s, "[1,2,30,-4]"), 3);
	assert_int_equal(in_list(s, "[1,\"2\"]"), -1);
	assert_int_equal(in_list(s, "[1"), -1);
	assert_int_equal(in_list(s, "1"), -1);
	engine_finalize(s);
	s = prepare(f, "SELECT count(*) FROM (VALUES ('a'), ('b\"'), ('c\\')) t (v)"
	               " WHERE v = ANY ($7::text[])");
	assert_int_equal(in_list(s, "[]"), 0);
	assert_int_equal(in_list(s, "[\"a\",\"b\\\"\"]"), 2);
	assert_int_equal(in_list(s, "[\"c\\\\\",\"\"]"), 1);
	assert_int_equal(in_list(s, "[\"a"), -1);
	assert_int_equal(in_list(s, "[\"a\\"), -1);
	assert_int_equal(in_list(s, "[\"a\\n\"]"), -1);
	engine_finalize(s);
}

static void test_pg__parameters_keep_their_numbers(void **state)
{
	struct fixture *f = *state;
	struct engine_stmt *s = prepare(f, "SELECT $9::bigint - $4::bigint, '$1', $9");
	assert_false(engine_has_param(s, 1));
	assert_false(engine_bind_int(s, 1, 1));
	assert_true(engine_bind_int(s, 9, 10));
	assert_true(engine_bind_int(s, 4, 3));
	assert_int_equal(engine_step(s), ENGINE_ROW);
	assert_int_equal(engine_int(s, 0), 7);
	assert_true(str_is(engine_text(s, 1), "$1"));
	assert_int_equal(engine_int(s, 2), 10);
	engine_finalize(s);
	s = prepare(f, "SELECT $2::int");
	assert_false(engine_bind_int(s, 2, (int64_t)1 << 40));
	engine_finalize(s);
}

/* --- reading while others read ---------------------------------------------- */

static void test_pg__readings_nest(void **state)
{
	struct fixture *f = *state;
	struct engine_stmt *outer =
		prepare(f, "SELECT v, 'x' || v, NULL FROM generate_series(1, 3000) v");
	struct engine_stmt *inner = prepare(f, "SELECT v FROM generate_series(1, $1::int) v");
	struct engine_stmt *third = prepare(f, "SELECT 7");
	for (int64_t i = 1; i <= 3000; i++) {
		char text[20];
		assert_int_equal(engine_step(outer), ENGINE_ROW);
		assert_int_equal(engine_int(outer, 0), i);
		(void)snprintf(text, sizeof(text), "x%d", (int)i);
		assert_true(str_is(engine_text(outer, 1), text));
		assert_true(engine_is_null(outer, 2));
		if (i % 300)
			continue;
		assert_true(engine_bind_int(inner, 1, 4)); /* the row before stays readable */
		for (int64_t k = 1; k <= 4; k++) {
			assert_int_equal(engine_step(inner), ENGINE_ROW);
			assert_int_equal(engine_int(inner, 0), k);
			if (k == 2) {
				assert_int_equal(engine_step(third), ENGINE_ROW);
				engine_reset(third);
			}
			assert_true(str_is(engine_text(outer, 1), text));
		}
		assert_int_equal(engine_step(inner), ENGINE_DONE);
		engine_reset(inner);
	}
	assert_int_equal(engine_step(outer), ENGINE_DONE);
	engine_reset(outer);
	/* left in the middle, then read again from the beginning */
	assert_int_equal(engine_step(outer), ENGINE_ROW);
	engine_reset(outer);
	assert_int_equal(engine_step(outer), ENGINE_ROW);
	assert_int_equal(engine_int(outer, 0), 1);
	engine_finalize(outer);
	engine_finalize(inner);
	engine_finalize(third);
}

static void test_pg__failure_in_the_middle(void **state)
{
	struct fixture *f = *state;
	struct engine_stmt *s = prepare(f, "SELECT 100 / (1500 - v) FROM generate_series(1, 2000) v");
	for (int pass = 0; pass < 2; pass++) {
		int rows = 0;
		enum engine_step step;
		while ((step = engine_step(s)) == ENGINE_ROW) {
			if (++rows == 10 && pass) /* the rest, with the failure, is taken into memory */
				assert_int_equal(run(f, "SELECT 1"), OK);
		}
		assert_int_equal(step, ENGINE_FAILED);
		assert_int_equal(engine_fault(f->e, "x", &f->diag), ERR_DB);
		engine_reset(s);
	}
	engine_finalize(s);
	assert_int_equal(run(f, "SELECT 1"), OK);
}

/* --- transactions ------------------------------------------------------------ */

static const char insert_sql[] = "INSERT INTO thing (county, no, version) VALUES ('341299', $1, 1)";

static enum engine_step insert(struct engine_stmt *s, int64_t no)
{
	assert_true(engine_bind_int(s, 1, no));
	enum engine_step step = engine_step(s);
	engine_reset(s);
	return step;
}

static void test_pg__failure_ends_a_transaction(void **state)
{
	struct fixture *f = *state;
	struct engine_stmt *s = prepare(f, insert_sql);
	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	assert_int_equal(insert(s, 1), ENGINE_DONE);
	assert_int_equal(run(f, "SAVEPOINT one"), OK);
	assert_int_equal(insert(s, 1), ENGINE_FAILED);
	assert_int_equal(engine_fault(f->e, "x", &f->diag), ERR_CONFLICT);
	assert_int_equal(insert(s, 2), ENGINE_FAILED); /* the cause stays: */
	diag_clear(&f->diag);
	assert_int_equal(engine_fault(f->e, "x", &f->diag), ERR_CONFLICT);
	assert_int_equal(run(f, "ROLLBACK TO one"), OK);
	assert_int_equal(run(f, "RELEASE one"), OK);
	assert_int_equal(insert(s, 3), ENGINE_DONE);
	assert_int_equal(engine_commit(f->e, &f->diag), OK);
	assert_int_equal(one(f, "SELECT count(*) FROM thing"), 2);

	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	assert_int_equal(insert(s, 4), ENGINE_DONE);
	assert_int_equal(insert(s, 1), ENGINE_FAILED);
	diag_clear(&f->diag);
	assert_int_equal(engine_commit(f->e, &f->diag), ERR_CONFLICT); /* and not a word of OK */
	assert_int_equal(run(f, "ROLLBACK"), OK);
	assert_false(engine_in_transaction(f->e));
	assert_int_equal(one(f, "SELECT count(*) FROM thing"), 2);
	engine_finalize(s);
}

static void test_pg__bulk_tells_late_but_never_not(void **state)
{
	struct fixture *f = *state;
	struct engine_stmt *s = prepare(f, insert_sql);
	assert_int_equal(engine_bulk(f->e, true, &f->diag), OK);
	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	for (int64_t no = 1; no <= 1000; no++)
		assert_int_equal(insert(s, no), ENGINE_DONE);
	assert_int_equal(one(f, "SELECT count(*) FROM thing"), 1000); /* what reads sees them */
	for (int64_t no = 1001; no <= 1010; no++)
		assert_int_equal(insert(s, no), ENGINE_DONE);
	assert_int_equal(engine_commit(f->e, &f->diag), OK);
	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	(void)insert(s, 1); /* is there */
	(void)insert(s, 2000);
	diag_clear(&f->diag);
	assert_int_equal(engine_commit(f->e, &f->diag), ERR_CONFLICT);
	assert_int_equal(run(f, "ROLLBACK"), OK);
	/* many behind a failure: noticed on the way */
	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	int64_t no = 1;
	while (no < 5000 && insert(s, no) == ENGINE_DONE)
		no++;
	assert_true(no < 1000);
	assert_int_equal(run(f, "ROLLBACK"), OK);
	assert_int_equal(engine_bulk(f->e, false, &f->diag), OK);
	assert_int_equal(one(f, "SELECT count(*) FROM thing"), 1010);
	engine_finalize(s);
}

/* --- broken connections -------------------------------------------------------- */

static const char kill_others[] =
	"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
	" WHERE application_name LIKE 'daohu%' AND pid <> pg_backend_pid()"
	" AND query LIKE '%mine%'";

/* Leaves a mark by which the connection is found. */
static void mark(struct fixture *f)
{
	assert_int_equal(run(f, "SELECT 'mine'"), OK);
}

static void test_pg__idle_connection_is_made_anew(void **state)
{
	struct fixture *f = *state;
	struct engine_stmt *s = prepare(f, "SELECT 5 WHERE $1::text = 'mine'");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(run(f, "SELECT 'mine'"), OK);
		assert_int_equal(test_db_by_hand(f->dir, kill_others), 0);
		assert_true(engine_bind_text(s, 1, STR("mine")));
		assert_int_equal(engine_step(s), ENGINE_ROW);
		assert_int_equal(engine_int(s, 0), 5);
		engine_reset(s);
	}
	mark(f);
	assert_int_equal(test_db_by_hand(f->dir, kill_others), 0);
	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	assert_int_equal(run(f, "ROLLBACK"), OK);
	engine_finalize(s);
}

static void test_pg__broken_transaction_is_undone(void **state)
{
	struct fixture *f = *state;
	struct engine_stmt *s = prepare(f, insert_sql);
	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	assert_int_equal(insert(s, 1), ENGINE_DONE);
	mark(f);
	assert_int_equal(test_db_by_hand(f->dir, kill_others), 0);
	assert_int_equal(insert(s, 2), ENGINE_FAILED);
	assert_int_equal(engine_fault(f->e, "x", &f->diag), ERR_DB_LOST);
	assert_null(strchr(f->diag.detail, ':')); /* not which statement it was */
	assert_false(engine_in_transaction(f->e));
	/* of what came after the loss nothing is written alone */
	assert_int_equal(insert(s, 4), ENGINE_FAILED);
	diag_clear(&f->diag);
	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	assert_int_equal(insert(s, 3), ENGINE_DONE);
	assert_int_equal(engine_commit(f->e, &f->diag), OK);
	assert_int_equal(one(f, "SELECT no FROM thing"), 3);
	engine_finalize(s);
}

/* The server dies in the middle of a commit: what it says afterwards counts. */
static void test_pg__commit_is_asked_for(void **state)
{
	struct fixture *f = *state;
	struct engine_stmt *s = prepare(f, insert_sql);
	assert_int_equal(run(f, "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
	                        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid());"
	                        " PERFORM pg_sleep(5); RETURN NULL; END'"),
	                 OK);
	assert_int_equal(run(f, "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON thing DEFERRABLE"
	                        " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()"),
	                 OK);
	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	assert_int_equal(insert(s, 1), ENGINE_DONE);
	assert_int_equal(engine_commit(f->e, &f->diag), ERR_DB_LOST);
	assert_int_equal(one(f, "SELECT count(*) FROM thing"), 0);
	engine_finalize(s);
}

/* --- the county's lease --------------------------------------------------------- */

static void test_pg__one_writer_a_county(void **state)
{
	struct fixture *f = *state;
	struct db *second = NULL, *other = NULL;
	struct diag diag = {0};
	char dir[] = "/tmp/daohu-pg2-XXXXXX";
	assert_non_null(mkdtemp(dir));
	/* another folder of the same county */
	assert_int_equal(open_town(dir, f->url, "341299", DB_CREATE, &diag, &second), ERR_LOCKED);
	assert_non_null(strstr(diag.detail, "pid"));
	diag_clear(&diag);
	/* another county in the same schema */
	assert_int_equal(open_town(dir, f->url, "341298", DB_CREATE, &diag, &other), OK);
	assert_int_equal(db_begin(other), OK);
	assert_int_equal(db_begin(f->db), OK);
	int64_t first = 0;
	assert_int_equal(db_take_numbers(other, "thing", 5, &first), OK);
	assert_int_equal(db_take_numbers(f->db, "thing", 2, &first), OK);
	assert_int_equal(first, 1);
	assert_int_equal(db_commit(f->db), OK);
	assert_int_equal(db_commit(other), OK);
	db_close(other);
	test_db_remove(dir);
}

struct waiter {
	const struct fixture *f;
	enum err err;
};

static char waited_for[100];
static atomic_bool was_told;

static void note_holder(void *arg, const char *holder)
{
	(void)arg;
	(void)snprintf(waited_for, sizeof(waited_for), "%s", holder);
	atomic_store(&was_told, true);
}

static void *wait_main(void *arg)
{
	struct waiter *w = arg;
	struct db *db = NULL;
	struct db_opts o = {.mode = DB_WRITE, .tables = tables, .n_tables = 1, .wait_s = 60,
	                    .waiting = note_holder};
	w->err = db_open(w->f->dir, &o, NULL, &db);
	db_close(db);
	return NULL;
}

static void test_pg__importers_wait_for_each_other(void **state)
{
	struct fixture *f = *state;
	struct waiter w = {f, ERR_INTERNAL};
	pthread_t thread;
	struct db_opts serve = {.mode = DB_SERVE, .tables = tables, .n_tables = 1};
	struct timespec some = {0, 10000000};
	assert_int_equal(pthread_create(&thread, NULL, wait_main, &w), 0);
	for (int i = 0; i < 3000 && !atomic_load(&was_told); i++)
		(void)nanosleep(&some, NULL);
	db_close(f->db);
	f->db = NULL;
	(void)pthread_join(thread, NULL);
	assert_int_equal(w.err, OK);
	assert_non_null(strstr(waited_for, "pid"));
	/* nobody waits for a server */
	assert_int_equal(db_open(f->dir, &serve, &f->diag, &f->db), OK);
	wait_main(&w);
	assert_int_equal(w.err, ERR_LOCKED);
}

static void test_pg__lease_is_lost_to_who_wrote_in_between(void **state)
{
	struct fixture *f = *state;
	struct engine *other = NULL;
	struct diag diag = {0};
	db_close(f->db);
	f->db = NULL;
	assert_int_equal(pg_lock_county(f->e, "341299", 0, NULL, &f->diag), OK);
	mark(f);
	assert_int_equal(test_db_by_hand(f->dir, kill_others), 0);
	assert_int_equal(run(f, "SELECT 1"), ERR_DB_LOST); /* it broke; then it is taken again: */
	if (run(f, "SELECT 'mine'"))
		fail_msg("%s", f->diag.detail);
	assert_int_equal(pg_open(f->url, DB_WRITE, false, &diag, &other), OK);
	assert_int_equal(pg_lock_county(other, "341299", 0, NULL, &diag), ERR_LOCKED);
	diag_clear(&diag);
	assert_int_equal(test_db_by_hand(f->dir, kill_others), 0);
	assert_int_equal(pg_lock_county(other, "341299", 0, NULL, &diag), OK);
	engine_close(other);
	(void)run(f, "SELECT 1");
	assert_int_equal(run(f, "SELECT 1"), ERR_LOCKED);
	assert_int_equal(engine_begin(f->e, true, &f->diag), ERR_LOCKED);
}

/* --- a server out of reach -------------------------------------------------------- */

/* The connection of the fixture leads through a proxy from now on. */
static struct test_proxy *go_through_proxy(struct fixture *f, enum db_mode mode)
{
	struct test_proxy *p = test_proxy_start(f->url, sizeof(f->url));
	engine_close(f->e);
	f->e = NULL;
	if (pg_open(f->url, mode, true, &f->diag, &f->e))
		fail_msg("%s", f->diag.detail);
	return p;
}

static void assert_took(int64_t began_ms, int64_t least_ms, int64_t most_ms)
{
	int64_t took = monotonic_ms() - began_ms;
	if (took < least_ms || took > most_ms)
		fail_msg("%lld ms", (long long)took);
}

enum { SOON_MS = 2500, AT_ONCE_MS = 200, SILENCE_MS = 1000 };

/* A proxy that stops forwarding acknowledges every packet: only asking tells. */
static void test_pg__silence_is_given_up(void **state)
{
	struct fixture *f = *state;
	struct engine *other = NULL;
	struct test_proxy *p = go_through_proxy(f, DB_READ);
	struct engine_stmt *s = prepare(f, "SELECT 7");
	int64_t began = monotonic_ms();
	test_proxy_freeze(p);
	assert_int_equal(engine_step(s), ENGINE_FAILED);
	assert_took(began, SILENCE_MS, SOON_MS);
	assert_int_equal(engine_fault(f->e, "x", &f->diag), ERR_DB_AWAY);
	engine_reset(s);
	/* it is known now */
	began = monotonic_ms();
	assert_int_equal(engine_step(s), ENGINE_FAILED);
	engine_reset(s);
	diag_clear(&f->diag);
	assert_int_equal(pg_open(f->url, DB_READ, true, &f->diag, &other), ERR_DB_AWAY);
	assert_took(began, 0, AT_ONCE_MS);
	/* and that it is over, without being asked */
	test_proxy_thaw(p);
	for (int i = 0; i < 150 && engine_step(s) == ENGINE_FAILED; i++) {
		struct timespec some = {0, 100000000};
		engine_reset(s);
		(void)nanosleep(&some, NULL);
	}
	assert_int_equal(engine_int(s, 0), 7);
	engine_finalize(s);
	engine_close(f->e);
	f->e = NULL;
	test_proxy_stop(p);
}

/* Longer than silence is borne: others are answered meanwhile. */
static void test_pg__long_statements_are_waited_for(void **state)
{
	struct fixture *f = *state;
	struct test_proxy *p = go_through_proxy(f, DB_READ);
	int64_t began = monotonic_ms();
	assert_int_equal(one(f, "SELECT 1 FROM (SELECT pg_sleep(4)) s"), 1);
	assert_took(began, 4000, 60000);
	engine_close(f->e);
	f->e = NULL;
	test_proxy_stop(p);
}

/* The server believes our old connection, which has the lease, to be alive. */
static void test_pg__lease_comes_back_after_silence(void **state)
{
	struct fixture *f = *state;
	struct engine *other = NULL;
	struct diag diag = {0};
	char direct[sizeof(f->url)];
	memcpy(direct, f->url, sizeof(direct));
	db_close(f->db);
	f->db = NULL;
	struct test_proxy *p = go_through_proxy(f, DB_WRITE);
	assert_int_equal(pg_lock_county(f->e, "341299", 0, NULL, &f->diag), OK);
	struct engine_stmt *s = prepare(f, insert_sql);
	assert_int_equal(engine_begin(f->e, true, &f->diag), OK);
	assert_int_equal(insert(s, 1), ENGINE_DONE);
	test_proxy_freeze(p);
	assert_int_equal(insert(s, 2), ENGINE_FAILED);
	assert_int_equal(engine_fault(f->e, "x", &f->diag), ERR_DB_LOST);
	test_proxy_thaw(p);
	enum err e;
	for (int i = 0; i < 150; i++) {
		struct timespec some = {0, 100000000};
		diag_clear(&f->diag);
		e = engine_begin(f->e, true, &f->diag);
		if (e != ERR_DB_AWAY)
			break;
		(void)nanosleep(&some, NULL);
	}
	if (e)
		fail_msg("%s", f->diag.detail);
	assert_int_equal(insert(s, 3), ENGINE_DONE);
	assert_int_equal(engine_commit(f->e, &f->diag), OK);
	assert_int_equal(one(f, "SELECT sum(no) FROM thing"), 3);
	assert_int_equal(pg_open(direct, DB_WRITE, false, &diag, &other), OK);
	assert_int_equal(pg_lock_county(other, "341299", 0, NULL, &diag), ERR_LOCKED);
	engine_close(other);
	engine_finalize(s);
	engine_close(f->e);
	f->e = NULL;
	test_proxy_stop(p);
}

/* Schemas made by several at once, each for a county of its own. */
enum { AT_ONCE = 6 };

struct maker {
	char url[400], dir[64], county[8];
	enum err err;
	struct diag diag;
};

static void *make_main(void *arg)
{
	struct maker *m = arg;
	struct db *db = NULL;
	m->err = open_town(m->dir, m->url, m->county, DB_CREATE, &m->diag, &db);
	db_close(db);
	return NULL;
}

static void test_pg__schema_is_made_once(void **state)
{
	(void)state;
	static struct maker makers[AT_ONCE];
	pthread_t threads[AT_ONCE];
	const char *url = test_db_url();
	for (int i = 0; i < AT_ONCE; i++) {
		struct maker *m = &makers[i];
		(void)snprintf(m->url, sizeof(m->url), "%s", url);
		(void)snprintf(m->county, sizeof(m->county), "34120%d", i);
		memcpy(m->dir, "/tmp/daohu-pgm-XXXXXX", 22);
		assert_non_null(mkdtemp(m->dir));
		assert_int_equal(pthread_create(&threads[i], NULL, make_main, m), 0);
	}
	for (int i = 0; i < AT_ONCE; i++) {
		(void)pthread_join(threads[i], NULL);
		if (makers[i].err)
			print_error("%s\n", makers[i].diag.detail);
		assert_int_equal(makers[i].err, OK);
		test_db_remove(makers[i].dir);
	}
}

/* --- the URL -------------------------------------------------------------------- */

static void test_pg__url_is_kept_without_its_password(void **state)
{
	static const struct {
		const char *url, *kept;
	} cases[] = {
		{"postgresql://a:secret@h:5433/d", "postgresql://a@h:5433/d"},
		{"postgres://a:s%40x@h/d?password=x&sslmode=require", "postgres://a@h/d?sslmode=require"},
		{"postgresql://h/d?sslmode=require&password=x", "postgresql://h/d?sslmode=require"},
		{"postgresql:///d?host=/run/x", "postgresql:///d?host=/run/x"},
		{"postgresql://a:b@h1:1,h2:2/d", "postgresql://a@h1:1,h2:2/d"},
		{"postgresql://a:p@[::1]/d", "postgresql://a@[::1]/d"},
		{"postgresql://a:p?q#r@h/d", "postgresql://a@h/d"},
		{"postgresql://h/d?sslcert=/x@y", "postgresql://h/d?sslcert=/x@y"},
		{"postgresql://", "postgresql://"},
		{"host=h password=x", NULL},
		{"postgresql://h/d?nonsense=1", NULL},
		{"postgresql://h/d?pass%77ord=x", NULL}, /* libpq decodes names, too */
	};
	struct arena a;
	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *kept = NULL;
		enum err e = db_url_without_password(cases[i].url, &a, NULL, &kept);
		if ((e == OK) != (cases[i].kept != NULL) || (!e && strcmp(kept, cases[i].kept) != 0))
			print_error("%s: %s\n", cases[i].url, kept ? kept : err_name(e));
		assert_int_equal(e, cases[i].kept ? OK : ERR_DB_URL);
		if (!e)
			assert_string_equal(kept, cases[i].kept);
	}
	arena_release(&a);
}

/* Where a URL is torn apart at the wrong '@', a piece of the password would stand for the host. */
static void test_pg__url_is_not_told(void **state)
{
	static const char *const cases[] = {
		"postgresql://u:p@sec-ret@127.0.0.1:1/d", "postgresql://u:p/sec-ret@h/d",
		"postgresql://u:1/sec-ret@h/d",
		"postgresql://u:p@x?sec-ret@h/d", "postgresql://u:p@h:sec-ret@x/d", "postgresql://u:p%zzsec-ret@h/d",
		"postgresql://u:1/d?sec-ret=1&x@h/d", "postgresql://h/d?password=sec-ret%zz",
		"postgresql://u:sec-ret/d", "postgresql://u:p@h/sec-ret@d", "mysql://u:sec-ret@h/d"};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct diag diag = {0};
		struct engine *e = NULL;
		enum err err = pg_open(cases[i], DB_CREATE, false, &diag, &e);
		if (err != ERR_DB_URL || strstr(diag.detail, "sec"))
			fail_msg("%s: %s: %s", cases[i], err_name(err), diag.detail);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest alone[] = {cmocka_unit_test(test_pg__url_is_kept_without_its_password),
	                                 cmocka_unit_test(test_pg__url_is_not_told)};
	const struct CMUnitTest tests[] = {
		CASE(test_pg__numbers_of_every_width),
		CASE(test_pg__lists),
		CASE(test_pg__parameters_keep_their_numbers),
		CASE(test_pg__readings_nest),
		CASE(test_pg__failure_in_the_middle),
		CASE(test_pg__failure_ends_a_transaction),
		CASE(test_pg__bulk_tells_late_but_never_not),
		CASE(test_pg__idle_connection_is_made_anew),
		CASE(test_pg__broken_transaction_is_undone),
		CASE(test_pg__commit_is_asked_for),
		CASE(test_pg__one_writer_a_county),
		CASE(test_pg__importers_wait_for_each_other),
		CASE(test_pg__lease_is_lost_to_who_wrote_in_between),
		CASE(test_pg__silence_is_given_up),
		CASE(test_pg__long_statements_are_waited_for),
		CASE(test_pg__lease_comes_back_after_silence),
		cmocka_unit_test(test_pg__schema_is_made_once),
	};
	int failed = cmocka_run_group_tests(alone, NULL, NULL);
	if (test_db_engine() == DB_PG)
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return failed;
}
