/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * writes: single changes through the journal, as the server makes them.
 *
 *   writes make DIR            a folder with TASKS tasks
 *   writes run DIR CALLERS N   N changes by so many callers at once, each acknowledged when
 *                              it is on the disk; prints "seconds processor"
 *
 * A change is the title of one task: one entry of its own.  The peer is writes_plain.c.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "journal/journal.h"
#include "work/task.h"

#include "base/banned.h"

enum { TASKS = 1000, CALLERS_MAX = 256 };

static const struct record_desc *const tables[] = {&task_desc};

struct caller {
	pthread_t thread;
	struct db_writer *writer;
	struct journal *j;
	long run;
	atomic_int *left;
	const char *title;
	int64_t no;
};

static void must(enum err e, const struct diag *diag)
{
	if (!e)
		return;
	fprintf(stderr, "writes: %s %s %s\n", err_name(e), diag->place, diag->detail);
	exit(3);
}

static void open_folder(const char *dir, enum db_mode mode, struct diag *diag, struct db **db,
			struct keys **keys, struct journal **j)
{
	struct db_opts o = {.mode = mode, .tables = tables, .n_tables = 1};
	if (mode == DB_CREATE)
		o.county = "341299";
	must(db_open(dir, &o, diag, db), diag);
	must(mode == DB_CREATE ? keys_create(dir, NULL, diag, keys)
			       : keys_open(dir, NULL, diag, keys),
	     diag);
	must(journal_open(*db, *keys, j), diag);
}

static void make(struct journal *j, const struct diag *diag)
{
	must(journal_begin(j, &(struct entry_info){.actor = "bench", .command = "make"}), diag);
	for (int i = 0; i < TASKS; i++) {
		struct task t = {.has = 0};
		FIELD_SET(&t, TASK_, title, "to be changed");
		FIELD_SET(&t, TASK_, unit, "a unit of the town");
		must(journal_insert(j, &task_desc, &t), diag);
	}
	must(journal_commit(j, NULL), diag);
}

/* In the writer's thread. */
static enum err change(struct db *db, void *arg, struct diag *diag)
{
	struct caller *c = arg;
	struct task before, after;
	struct arena a;
	bool found = false;
	(void)diag;
	arena_init(&a, 0);
	enum err e = journal_begin(
		c->j,
		&(struct entry_info){.actor = "bench", .command = "edit", .reason = "a reason"});
	if (!e)
		e = db_get(db, &task_desc, c->no, &a, &before, &found);
	if (!e && found) {
		after = before;
		FIELD_SET(&after, TASK_, title, c->title);
		e = journal_update(c->j, &task_desc, &before, &after);
	}
	if (!e)
		e = journal_commit(c->j, NULL);
	else
		journal_rollback(c->j);
	arena_release(&a);
	return e;
}

static void *call(void *arg)
{
	struct caller *c = arg;
	struct diag diag = {0};
	char title[64];
	int n;
	c->title = title;
	while ((n = atomic_fetch_sub(c->left, 1)) > 0) {
		/* another one in every run: what is equal is not written */
		(void)snprintf(title, sizeof(title), "title %d of %ld", n, c->run);
		c->no = 1 + (int64_t)n * 7919 % TASKS;
		must(db_writer_single(c->writer, change, c, &diag), &diag);
	}
	return NULL;
}

static double seconds_of(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static void run(struct db *db, struct journal *j, int callers, int n, struct diag *diag)
{
	static struct caller list[CALLERS_MAX];
	struct db_writer *w;
	struct timespec from, to;
	struct rusage before, after;
	atomic_int left = n;
	must(db_writer_start(db, &w), diag);
	(void)getrusage(RUSAGE_SELF, &before);
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < callers; i++) {
		list[i] = (struct caller){.writer = w, .j = j, .run = from.tv_nsec, .left = &left};
		if (pthread_create(&list[i].thread, NULL, call, &list[i]) != 0)
			exit(3);
	}
	for (int i = 0; i < callers; i++)
		(void)pthread_join(list[i].thread, NULL);
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	(void)getrusage(RUSAGE_SELF, &after);
	db_writer_stop(w);
	printf("%.6f %.6f\n",
	       (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9,
	       seconds_of(&after.ru_utime) + seconds_of(&after.ru_stime) -
		       seconds_of(&before.ru_utime) - seconds_of(&before.ru_stime));
}

int main(int argc, char **argv)
{
	struct diag diag = {0};
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20); /* as the program has them */
	(void)mallopt(M_TRIM_THRESHOLD, 4 << 20);
	struct db *db;
	struct keys *keys;
	struct journal *j;
	bool is_make = argc == 3 && strcmp(argv[1], "make") == 0;
	int callers = argc == 5 ? (int)strtol(argv[3], NULL, 10) : 0;
	int n = argc == 5 ? (int)strtol(argv[4], NULL, 10) : 0;
	if (!is_make && (argc != 5 || strcmp(argv[1], "run") != 0 || callers < 1 ||
			 callers > CALLERS_MAX || n < 1)) {
		fputs("usage: writes make DIR | writes run DIR CALLERS N\n", stderr);
		return 2;
	}
	open_folder(argv[2], is_make ? DB_CREATE : DB_WRITE, &diag, &db, &keys, &j);
	if (is_make)
		make(j, &diag);
	else
		run(db, j, callers, n, &diag);
	journal_close(j);
	keys_close(keys);
	db_close(db);
	return 0;
}
