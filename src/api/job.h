/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * job: what takes longer than somebody waits: an import, a book of a thousand pages.
 *
 * A handler starts one and answers 202 with its number; the page follows it by
 * GET jobs/{no}/events.  Jobs run in threads of their own, JOBS_AT_ONCE at a time, and
 * are kept in memory: a server that stops ends them, and the data they had not yet
 * committed with them.  Whoever started a job, and whoever sees the system, sees it.
 */
#ifndef DAOHU_API_JOB_H
#define DAOHU_API_JOB_H

#include "api/api.h"

enum { JOBS_AT_ONCE = 2, JOBS_WAITING = 32, JOBS_KEPT = 200 };

struct job;
typedef enum err (*job_fn)(struct job *job, void *arg);

struct job_spec {
	const char *kind; /* "import" */
	struct text title;
	job_fn run;
	void *arg;
	void (*free)(void *arg); /* when the job has run, or never will; NULL: nothing */
};
/* Answers nothing itself: *ret_no is for the handler's 202.  BUSY when too many wait. */
MUST_USE enum err job_start(struct request *rq, const struct job_spec *spec, int64_t *ret_no);
/* Writes {"job":no} and sets 202. */
void job_answer(struct request *rq, int64_t no);

/* Inside run(), in the job's thread: */
const struct api *job_api(const struct job *job);
const struct api_user *job_user(const struct job *job);
struct db *job_db(struct job *job); /* narrowed as the user's */
struct journal *job_journal(struct job *job); /* for reading */
struct diag *job_diag(struct job *job);
MUST_USE enum err job_write(struct job *job, const struct api_entry *entry, api_write_fn fn, void *arg);
void job_progress(struct job *job, int64_t done, int64_t total);
bool job_cancelled(const struct job *job); /* then end soon with INTERRUPTED */
/* One JSON value, shown as "result". */
struct json_out *job_result(struct job *job);
/* A file that GET jobs/{no}/file offers; removed with the job. */
void job_file(struct job *job, const char *path, const char *type, const char *name);

MUST_USE enum err jobs_begin(struct api *api, struct diag *diag);
void jobs_end(struct api *api);
size_t jobs_active(const struct api *api);

extern const struct route api_job_routes[];

#endif
