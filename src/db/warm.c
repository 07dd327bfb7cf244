/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* warm: has the system keep the database's file in memory; db.h says why. */
#include "db/handle.h"

#include <linux/ioprio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/banned.h"

struct db_warm {
	struct db *db; /* a reading handle of our own */
	pthread_t thread;
	atomic_bool stop;
};

/* What the system could give to whoever asks, with what it keeps of files: proc(5).  0: unknown. */
static int64_t memory_available(void)
{
	static const char key[] = "MemAvailable:";
	char line[128];
	long long kib = 0;
	FILE *f = fopen("/proc/meminfo", "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, sizeof(key) - 1) == 0)
			kib = strtoll(line + sizeof(key) - 1, NULL, 10);
	}
	if (f)
		(void)fclose(f);
	return (int64_t)kib * 1024;
}

static void *warm_main(void *arg)
{
	struct db_warm *w = arg;
	/* of this thread only: whoever waits for the disk goes first */
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		      IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
	sqlite_read_through(w->db->engine, &w->stop);
	return NULL;
}

enum err db_warm_begin(const struct db *db, struct diag *diag, struct db_warm **ret)
{
	int64_t data, log;
	*ret = NULL;
	if (db->engine->kind != DB_SQLITE)
		return OK;
	struct db_warm *w = base_calloc(1, sizeof(*w));
	enum err e = db_open_reader(db, diag, &w->db);
	if (!e)
		e = db_size(w->db, &data, &log);
	if (e || data > memory_available() / 2 || pthread_create(&w->thread, NULL, warm_main, w) != 0) {
		db_close(w->db);
		base_free(w);
		return e;
	}
	*ret = w;
	return OK;
}

void db_warm_end(struct db_warm *w)
{
	if (!w)
		return;
	atomic_store(&w->stop, true);
	(void)pthread_join(w->thread, NULL);
	db_close(w->db);
	base_free(w);
}
