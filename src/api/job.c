/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/job.h"

#include <pthread.h>
#include <setjmp.h>
#include <unistd.h>

#include "base/cpus.h"

#include "base/banned.h"

enum { JOB_NICE = 10, EVERY_MS = 300, JOB_ARENA_MAX = 1 << 30, RESULT_MAX = 8 << 20 };

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };

static const char *const state_names[] = {"queued", "running", "done", "failed", "cancelled"};

struct job {
	struct job *next; /* newer */
	struct jobs *jobs;
	int64_t no;
	struct job_spec spec;
	struct arena a;
	struct api_user user; /* a copy: whoever started it may have left */
	struct api_thread *thread;
	struct diag diag;
	jmp_buf full;
	struct json_out result;
	const char *file, *file_type, *file_name;
	/* under the lock of jobs */
	enum job_state state;
	enum err err;
	int64_t done, total, queued_ms, started_ms, ended_ms;
	bool cancel;
	int refs; /* event streams and answers that look at it */
	uint64_t changes;
};

struct jobs {
	struct api *api;
	pthread_t threads[JOBS_AT_ONCE];
	size_t n_threads;
	pthread_mutex_t lock; /* all below */
	pthread_cond_t work;
	struct job *oldest, **last;
	size_t n, waiting, running;
	int64_t last_no;
	bool stop;
};

/* --- keeping -------------------------------------------------------------------------- */

static void free_arg(struct job *job)
{
	if (job->spec.free)
		job->spec.free(job->spec.arg);
	job->spec.free = NULL;
}

static void job_free(struct job *job)
{
	free_arg(job);
	if (job->file)
		(void)unlink(job->file);
	json_out_release(&job->result);
	arena_release(&job->a);
	base_free(job);
}

/* Under the lock: the oldest that ended go when there are too many. */
static void forget_some(struct jobs *js)
{
	struct job **p = &js->oldest;
	while (js->n > JOBS_KEPT && *p) {
		struct job *job = *p;
		if (job->state < JOB_DONE || job->refs) {
			p = &job->next;
			continue;
		}
		*p = job->next;
		if (!job->next)
			js->last = p;
		js->n--;
		job_free(job);
	}
}

static void copy_scope(struct arena *a, const struct db_scope *from, struct db_scope *to)
{
	*to = *from;
	if (from->kind == DB_SCOPE_AREAS)
		db_scope_areas(a, from->areas, from->n_areas, to);
	else if (from->kind == DB_SCOPE_HOUSEHOLDS)
		db_scope_households(a, from->households, from->n_households, to);
}

static const char *copy(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

static void copy_user(struct job *job, const struct api_user *u)
{
	struct arena *a = &job->a;
	job->user = *u;
	job->user.login = copy(a, u->login);
	job->user.name = copy(a, u->name);
	job->user.role = copy(a, u->role);
	job->user.unit = copy(a, u->unit);
	job->user.helper = copy(a, u->helper);
	job->user.csrf = NULL;
	job->user.session = NULL;
	copy_scope(a, &u->scope, &job->user.scope);
}

enum err job_start(struct request *rq, const struct job_spec *spec, int64_t *ret_no)
{
	struct jobs *js = rq_api(rq)->jobs;
	struct job *job = base_calloc(1, sizeof(*job));
	arena_init(&job->a, JOB_ARENA_MAX);
	json_out_init(&job->result, RESULT_MAX);
	job->jobs = js;
	job->spec = *spec;
	job->queued_ms = instant_now();
	copy_user(job, rq_user(rq));
	pthread_mutex_lock(&js->lock);
	bool room = js->waiting < JOBS_WAITING && !js->stop;
	if (room) {
		job->no = *ret_no = ++js->last_no;
		*js->last = job;
		js->last = &job->next;
		js->n++;
		js->waiting++;
		forget_some(js);
		pthread_cond_signal(&js->work);
	}
	pthread_mutex_unlock(&js->lock);
	if (room)
		return OK;
	job->spec.free = NULL; /* still the caller's */
	job_free(job);
	return diag_set(&rq->diag, ERR_BUSY, "%d", JOBS_WAITING);
}

void job_answer(struct request *rq, int64_t no)
{
	rq->status = 202;
	json_object(&rq->out);
	json_int_member(&rq->out, "job", no);
	json_end(&rq->out);
}

/* --- inside a job ------------------------------------------------------------------------ */

const struct api *job_api(const struct job *job)
{
	return job->jobs->api;
}

const struct api_user *job_user(const struct job *job)
{
	return &job->user;
}

struct db *job_db(struct job *job)
{
	api_thread_look(job->thread);
	db_set_diag(job->thread->db, &job->diag);
	db_set_scope(job->thread->db, &job->user.scope);
	return job->thread->db;
}

struct journal *job_journal(struct job *job)
{
	(void)job_db(job);
	return job->thread->j;
}

struct diag *job_diag(struct job *job)
{
	return &job->diag;
}

enum err job_write(struct job *job, const struct api_entry *entry, api_write_fn fn, void *arg)
{
	struct api_writing w = {.api = job_api(job), .user = &job->user, .entry = entry, .a = &job->a,
	                        .fn = fn, .arg = arg};
	return api_write_as(&w, &job->diag);
}

void job_progress(struct job *job, int64_t done, int64_t total)
{
	pthread_mutex_lock(&job->jobs->lock);
	job->done = done;
	job->total = total;
	job->changes++;
	pthread_mutex_unlock(&job->jobs->lock);
}

bool job_cancelled(const struct job *job)
{
	pthread_mutex_lock(&job->jobs->lock);
	bool is = job->cancel || job->jobs->stop;
	pthread_mutex_unlock(&job->jobs->lock);
	return is;
}

struct json_out *job_result(struct job *job)
{
	return &job->result;
}

void job_file(struct job *job, const char *path, const char *type, const char *name)
{
	job->file = arena_strdup(&job->a, path);
	job->file_type = arena_strdup(&job->a, type);
	job->file_name = arena_strdup(&job->a, name);
}

/* --- the threads ---------------------------------------------------------------------------- */

static void job_full(void *arg)
{
	struct job *job = arg;
	longjmp(job->full, 1);
}

static enum err run_guarded(struct job *job)
{
	job->a.on_full = job_full;
	job->a.on_full_arg = job;
	if (setjmp(job->full)) {
		db_release_statements(job->thread->db);
		db_rollback(job->thread->db);
		return diag_set(&job->diag, ERR_TOO_LARGE, "%s", job->spec.kind);
	}
	return job->spec.run(job, job->spec.arg);
}

/* Under the lock.  It has run: what it worked with goes, what is told of it stays. */
static void settle(struct job *job)
{
	struct arena worked = job->a;
	struct api_user user = job->user;
	arena_init_small(&job->a, JOB_ARENA_MAX);
	user.scope = (struct db_scope){.kind = DB_SCOPE_NONE};
	copy_user(job, &user);
	if (job->file)
		job_file(job, job->file, job->file_type, job->file_name);
	arena_release(&worked);
}

static struct job *next_job(struct jobs *js)
{
	struct job *job = js->oldest;
	while (job && job->state != JOB_QUEUED)
		job = job->next;
	return job;
}

static void *jobs_main(void *arg)
{
	struct jobs *js = arg;
	struct api_thread *t = api_thread_begin(js->api);
	cpus_step_back(JOB_NICE);
	pthread_mutex_lock(&js->lock);
	while (t) {
		struct job *job;
		while (!(job = next_job(js)) && !js->stop)
			pthread_cond_wait(&js->work, &js->lock);
		if (js->stop)
			break;
		job->state = JOB_RUNNING;
		job->started_ms = instant_now();
		job->thread = t;
		job->changes++;
		js->waiting--;
		js->running++;
		pthread_mutex_unlock(&js->lock);
		enum err e = run_guarded(job);
		db_set_scope(t->db, NULL);
		db_set_diag(t->db, &t->diag);
		free_arg(job);
		pthread_mutex_lock(&js->lock);
		js->running--;
		settle(job);
		job->err = e;
		job->state = !e ? JOB_DONE : job->cancel && e == ERR_INTERRUPTED ? JOB_CANCELLED : JOB_FAILED;
		job->ended_ms = instant_now();
		job->changes++;
	}
	pthread_mutex_unlock(&js->lock);
	api_thread_end(t);
	return NULL;
}

enum err jobs_begin(struct api *api, struct diag *diag)
{
	struct jobs *js = base_calloc(1, sizeof(*js));
	js->api = api;
	js->last = &js->oldest;
	pthread_mutex_init(&js->lock, NULL);
	pthread_cond_init(&js->work, NULL);
	api->jobs = js;
	while (js->n_threads < JOBS_AT_ONCE) {
		if (pthread_create(&js->threads[js->n_threads], NULL, jobs_main, js) != 0)
			return diag_set(diag, ERR_RESOURCE, "thread");
		js->n_threads++;
	}
	return OK;
}

void jobs_end(struct api *api)
{
	struct jobs *js = api->jobs;
	if (!js)
		return;
	pthread_mutex_lock(&js->lock);
	js->stop = true;
	pthread_cond_broadcast(&js->work);
	pthread_mutex_unlock(&js->lock);
	for (size_t i = 0; i < js->n_threads; i++)
		pthread_join(js->threads[i], NULL);
	while (js->oldest) {
		struct job *job = js->oldest;
		js->oldest = job->next;
		job_free(job);
	}
	pthread_cond_destroy(&js->work);
	pthread_mutex_destroy(&js->lock);
	base_free(js);
	api->jobs = NULL;
}

size_t jobs_active(const struct api *api)
{
	struct jobs *js = api->jobs;
	pthread_mutex_lock(&js->lock);
	size_t n = js->waiting + js->running;
	pthread_mutex_unlock(&js->lock);
	return n;
}

/* --- routes ------------------------------------------------------------------------------------ */

static bool may_see(const struct api_user *u, const struct job *job)
{
	return job->user.account == u->account || permission_has(u->permissions, PERM_see_system);
}

/* Held until let_go(); NULL when there is none that the user may see. */
static struct job *hold(struct request *rq, int64_t no)
{
	struct jobs *js = rq_api(rq)->jobs;
	pthread_mutex_lock(&js->lock);
	struct job *job = js->oldest;
	while (job && (job->no != no || !may_see(rq_user(rq), job)))
		job = job->next;
	if (job)
		job->refs++;
	pthread_mutex_unlock(&js->lock);
	return job;
}

static void let_go(void *arg)
{
	struct job *job = arg;
	pthread_mutex_lock(&job->jobs->lock);
	job->refs--;
	pthread_mutex_unlock(&job->jobs->lock);
}

/* Under the lock. */
static void write_job(struct json_out *o, const struct job *job, enum lang lang, bool whole)
{
	json_object(o);
	json_int_member(o, "no", job->no);
	json_c_member(o, "kind", job->spec.kind);
	json_c_member(o, "title", job->spec.title.in[lang]);
	json_c_member(o, "state", state_names[job->state]);
	json_c_member(o, "by", job->user.login);
	json_c_member(o, "by_name", job->user.name);
	json_int_member(o, "done", job->done);
	json_int_member(o, "total", job->total);
	json_instant_member(o, "queued_at", job->queued_ms);
	if (job->started_ms)
		json_instant_member(o, "started_at", job->started_ms);
	if (job->ended_ms)
		json_instant_member(o, "ended_at", job->ended_ms);
	if (job->ended_ms && job->err) {
		json_key(o, "error");
		json_object(o);
		json_c_member(o, "code", err_name(job->err));
		json_c_member(o, "text", err_text(job->err, lang));
		if (err_http_status(job->err) < 500) {
			json_c_member(o, "place", job->diag.place);
			json_c_member(o, "detail", job->diag.detail);
		}
		json_end(o);
	}
	json_bool_member(o, "file", job->ended_ms && job->file);
	if (whole && job->ended_ms && job->result.b.n && !job->result.b.full) {
		json_key(o, "result");
		json_raw(o, buf_str(&job->result.b));
	}
	json_end(o);
}

static enum err list(struct request *rq)
{
	struct jobs *js = rq_api(rq)->jobs;
	api_rows_begin(rq);
	pthread_mutex_lock(&js->lock);
	for (const struct job *job = js->oldest; job; job = job->next)
		if (may_see(rq_user(rq), job))
			write_job(&rq->out, job, rq->lang, false);
	pthread_mutex_unlock(&js->lock);
	api_rows_end(rq, NULL);
	return OK;
}

static enum err get(struct request *rq)
{
	struct job *job = hold(rq, rq_int(rq, 0, 0));
	if (!job)
		return ERR_NOT_FOUND;
	pthread_mutex_lock(&job->jobs->lock);
	write_job(&rq->out, job, rq->lang, true);
	pthread_mutex_unlock(&job->jobs->lock);
	let_go(job);
	return OK;
}

static enum err cancel(struct request *rq)
{
	struct job *job = hold(rq, rq_int(rq, 0, 0));
	if (!job)
		return ERR_NOT_FOUND;
	struct jobs *js = job->jobs;
	pthread_mutex_lock(&js->lock);
	job->cancel = true;
	if (job->state == JOB_QUEUED) {
		job->state = JOB_CANCELLED;
		job->err = ERR_INTERRUPTED;
		job->ended_ms = instant_now();
		js->waiting--;
		free_arg(job);
	}
	job->changes++;
	write_job(&rq->out, job, rq->lang, false);
	pthread_mutex_unlock(&js->lock);
	let_go(job);
	return OK;
}

static enum err get_file(struct request *rq)
{
	struct job *job = hold(rq, rq_int(rq, 0, 0));
	if (!job)
		return ERR_NOT_FOUND;
	pthread_mutex_lock(&job->jobs->lock);
	bool there = job->state >= JOB_DONE && job->file;
	pthread_mutex_unlock(&job->jobs->lock);
	if (there)
		rq_file(rq, arena_strdup(rq->a, job->file_type), arena_strdup(rq->a, job->file_name),
		        job->file, false);
	let_go(job);
	return there ? OK : ERR_NOT_FOUND;
}

struct watch {
	struct job *job;
	uint64_t seen;
	enum lang lang;
};

/* One event each time something changed; the last one says how it ended. */
static bool next_event(void *arg, struct buf *out, struct diag *diag)
{
	struct watch *w = arg;
	struct json_out o;
	(void)diag;
	json_out_init(&o, RESULT_MAX + 4096);
	pthread_mutex_lock(&w->job->jobs->lock);
	bool ended = w->job->state >= JOB_DONE, changed = w->job->changes + 1 != w->seen;
	w->seen = w->job->changes + 1;
	if (changed || ended)
		write_job(&o, w->job, w->lang, ended);
	pthread_mutex_unlock(&w->job->jobs->lock);
	if (o.b.n) {
		buf_addf(out, "id: %llu\nevent: job\ndata: ", (unsigned long long)w->seen);
		buf_addstr(out, buf_str(&o.b));
		buf_adds(out, "\n\n");
	}
	json_out_release(&o);
	return !ended;
}

static void end_watch(void *arg)
{
	struct watch *w = arg;
	let_go(w->job);
}

static enum err events(struct request *rq)
{
	struct job *job = hold(rq, rq_int(rq, 0, 0));
	if (!job)
		return ERR_NOT_FOUND;
	struct watch *w = ARENA_NEW(rq->a, struct watch);
	*w = (struct watch){.job = job, .lang = rq->lang};
	rq_events(rq, next_event, w, end_watch, EVERY_MS);
	return OK;
}

static const struct net_field by_no[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("编号", "number")},
};

const struct route api_job_routes[] = {
	{.id = "job_list", .method = NET_GET, .path = API "/jobs", .permission = PERM_signed_in,
	 .handler = list, .answer = "list job", .tag = "job",
	 .summary = TEXT("后台任务", "jobs")},
	{.id = "job_get", .method = NET_GET, .path = API "/jobs/{no}", .permission = PERM_signed_in,
	 .in = by_no, .n_in = 1, .handler = get, .answer = "job", .tag = "job",
	 .summary = TEXT("一个后台任务及其结果", "a job and its result")},
	{.id = "job_events", .method = NET_GET, .path = API "/jobs/{no}/events",
	 .permission = PERM_signed_in, .in = by_no, .n_in = 1, .handler = events, .answer = "events job",
	 .tag = "job", .summary = TEXT("任务进度（服务器推送事件）", "progress of a job (server-sent events)")},
	{.id = "job_file", .method = NET_GET, .path = API "/jobs/{no}/file", .permission = PERM_signed_in,
	 .in = by_no, .n_in = 1, .handler = get_file, .answer = "file", .tag = "job",
	 .summary = TEXT("任务写出的文件", "the file a job wrote")},
	{.id = "job_cancel", .method = NET_DELETE, .path = API "/jobs/{no}", .permission = PERM_signed_in,
	 .in = by_no, .n_in = 1, .handler = cancel, .answer = "job", .tag = "job",
	 .summary = TEXT("中止任务", "cancel a job")},
	{0},
};
