/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * team: a few threads that share one piece of work.
 *
 *     team_run(team, n, work, arg)
 *
 * calls work(arg, job, worker) once for every job below n, from the calling
 * thread and the team's, and returns when all are done.  Jobs are begun in
 * order, so the long ones go first.  `worker` tells the threads apart (below
 * team_size): whoever needs memory of its own, an arena say, has one a worker.
 * A result goes where its job number says, never where its turn came, so that
 * what is put together afterwards does not depend on who was faster.
 *
 * Everything written before team_run is seen by the jobs, everything the jobs
 * wrote is seen after it.  Jobs share only what none of them writes; they do
 * not start another run.  NULL is a team of the caller alone.
 *
 * Owns: its threads, which sleep between two runs.  One caller at a time.
 */
#ifndef DAOHU_BASE_TEAM_H
#define DAOHU_BASE_TEAM_H

#include <stddef.h>

enum { TEAM_MAX = 8 };

struct team;

/* size with the caller; 0: as many as there are processors for this process,
 * at most TEAM_MAX.  Where no thread can be had the team is smaller. */
struct team *team_new(size_t size);
void team_free(struct team *t); /* NULL is allowed */
size_t team_size(const struct team *t); /* NULL: 1 */
void team_run(struct team *t, size_t n, void (*work)(void *arg, size_t job, size_t worker),
              void *arg);

#endif
