/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/api.h"

#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/job.h"
#include "api/snapshot.h"
#include "attach/attach.h"
#include "registry/search.h"
#include "report/report.h"

#include "base/banned.h"

/* --- threads ------------------------------------------------------------------------ */

static struct api_thread *thread_open(struct api *api, bool prompt, struct diag *diag)
{
	struct api_thread *t = base_calloc(1, sizeof(*t));
	struct db_opts opts = {.mode = DB_READ, .tables = api->o.tables, .n_tables = api->o.n_tables,
	                       .prompt = prompt};
	t->api = api;
	enum err e = db_open(api->dir, &opts, &t->diag, &t->db);
	if (!e)
		e = journal_open(t->db, api->o.keys, &t->j);
	if (!e)
		return t;
	(void)diag_set(diag, e, "%s", t->diag.detail);
	api_thread_end(t);
	return NULL;
}

struct api_thread *api_thread_begin(struct api *api)
{
	struct diag diag = {0};
	struct api_thread *t = thread_open(api, false, &diag);
	if (t)
		return t;
	struct buf line;
	buf_init(&line, 4096);
	diag_print(&diag, LANG_EN, &line);
	if (api->o.log)
		api->o.log(line.p ? line.p : "thread");
	buf_release(&line);
	return NULL;
}

void api_thread_end(struct api_thread *t)
{
	if (!t)
		return;
	journal_close(t->j);
	db_close(t->db);
	base_free(t);
}

void api_thread_look(struct api_thread *t)
{
	unsigned guests = atomic_load(&t->api->guests);
	if (t->guests != guests)
		journal_forget_keys(t->j);
	t->guests = guests;
}

/* What is refused is told to the one who asks, and logged with his request. */
static void *thread_begin(void *app, struct diag *diag)
{
	return thread_open(app, true, diag);
}

static void thread_end(void *app, void *of_thread)
{
	(void)app;
	api_thread_end(of_thread);
}

struct db *rq_db(struct request *rq)
{
	struct api_thread *t = rq_thread(rq);
	const struct api_user *u = rq_user(rq);
	api_thread_look(t);
	db_set_diag(t->db, &rq->diag);
	db_set_scope(t->db, u ? &u->scope : NULL);
	return t->db;
}

struct journal *rq_journal(struct request *rq)
{
	struct api_thread *t = rq_thread(rq);
	(void)rq_db(rq);
	return t->j;
}

date_t rq_today(const struct request *rq)
{
	return calendar_today(&rq_api(rq)->calendar);
}

/* --- what may be seen ----------------------------------------------------------------- */

bool rq_sees_village(const struct request *rq, const char *village)
{
	const struct db_scope *s = &rq_user(rq)->scope;
	return s->kind == DB_SCOPE_ALL ||
	       (s->kind == DB_SCOPE_AREAS && db_scope_sees(s, village, 0));
}

enum err rq_sees_household(struct request *rq, int64_t no)
{
	struct household h;
	bool found = false;
	enum err e = db_get(rq_db(rq), &household_desc, no, rq->a, &h, &found);
	if (e)
		return e;
	if (!found || !db_scope_sees(&rq_user(rq)->scope, h.village, no))
		return diag_set(&rq->diag, ERR_NOT_FOUND, "%lld", (long long)no);
	return OK;
}

enum err rq_check_version(struct request *rq, const struct record_desc *d, const void *rec)
{
	struct record head;
	memcpy(&head, rec, sizeof(head));
	if (!rq->if_match || rq->if_match == head.version)
		return OK;
	struct json_out *o = rq_current(rq);
	json_object(o);
	json_record_members(o, d, rec, rq_user(rq)->max_class, false);
	json_end(o);
	return diag_set(&rq->diag, ERR_CONFLICT, "v%lld", (long long)head.version);
}

/* --- people ------------------------------------------------------------------------------ */

const char *rq_name_of(struct request *rq, const char *login, struct arena *a)
{
	const char *name = NULL;
	struct diag had = rq->diag;
	if (login && login[0] && account_name(rq_db(rq), login, a, &name))
		rq->diag = had; /* then it stays a login */
	return name;
}

static void write_name(struct request *rq, const char *member, const char *login)
{
	json_c_member(&rq->out, arena_printf(rq->a, "%s_name", member), rq_name_of(rq, login, rq->a));
}

void rq_login_member(struct request *rq, const char *name, const char *login)
{
	json_c_member(&rq->out, name, login);
	write_name(rq, name, login);
}

const char *rq_made_by(struct request *rq)
{
	const struct api_user *u = rq_user(rq);
	bool zh = rq->lang == LANG_ZH;
	const char *who = strcmp(u->name, u->login) == 0
	                          ? u->login
	                          : arena_printf(rq->a, zh ? "%s（%s）" : "%s (%s)", u->name, u->login);
	return report_made_by(&rq_api(rq)->calendar, who, rq->lang, rq->a);
}

void rq_record_members(struct request *rq, const struct record_desc *d, const void *rec,
                       unsigned max_class)
{
	json_record_members(&rq->out, d, rec, max_class, false);
	for (size_t i = 0; i < d->n; i++) {
		const char *login;
		if (!(d->fields[i].flags & F_LOGIN) || (d->fields[i].flags & F_CLASS_MASK) > max_class ||
		    !field_has(d, rec, i))
			continue;
		memcpy(&login, (const char *)rec + d->fields[i].offset, sizeof(login));
		write_name(rq, d->fields[i].name, login);
	}
}

/* --- writing ---------------------------------------------------------------------------- */

struct write_call {
	const struct api_writing *w;
	struct arena *a;
	jmp_buf full;
};

static void write_full(void *arg)
{
	struct write_call *c = arg;
	longjmp(c->full, 1);
}

/* Runs the function; an arena that overflows in this thread ends here, not in the request's. */
static enum err run_guarded(struct write_call *c, struct diag *diag)
{
	if (setjmp(c->full)) {
		db_release_statements(c->w->api->o.db);
		return diag_set(diag, ERR_TOO_LARGE, "%s", c->w->entry->command);
	}
	return c->w->fn(c->w->api->o.journal, c->w->arg);
}

static enum err run_write(struct db *db, void *arg, struct diag *diag)
{
	static const struct db_scope all = {.kind = DB_SCOPE_ALL};
	struct write_call *c = arg;
	const struct api_writing *w = c->w;
	const struct api *api = w->api;
	struct journal *j = api->o.journal;
	date_t today = calendar_today(&api->calendar);
	struct entry_info info = {.actor = w->user ? w->user->login : NULL,
	                          .reason = w->entry->reason,
	                          .command = w->entry->command,
	                          .event_date = w->entry->event_date ? w->entry->event_date : today,
	                          .source_file = w->entry->source_file,
	                          .source_hash = w->entry->source_hash,
	                          .pack_version = api->pack_entry,
	                          .pack_hash = api->pack_hash};
	struct arena had = {0};
	db_set_scope(db, w->user ? &w->user->scope : &all);
	enum err e = journal_begin(j, &info);
	if (w->a) {
		had = *w->a;
		w->a->on_full = write_full;
		w->a->on_full_arg = c;
	}
	if (!e)
		e = run_guarded(c, diag);
	if (w->a) {
		w->a->on_full = had.on_full;
		w->a->on_full_arg = had.on_full_arg;
	}
	if (!e)
		e = journal_commit(j, NULL);
	else
		journal_rollback(j);
	db_set_scope(db, NULL);
	return e;
}

enum err api_write_as(const struct api_writing *w, struct diag *diag)
{
	struct write_call c = {.w = w};
	enum err e = (w->entry->single ? db_writer_single : db_writer_submit)(w->api->writer, run_write,
	                                                                      &c, diag);
	if (!e)
		api_changed(w->api);
	return e;
}

enum err api_write(struct request *rq, const struct api_entry *entry, api_write_fn fn, void *arg)
{
	struct api_writing w = {.api = rq_api(rq), .user = rq_user(rq), .entry = entry, .a = rq->a,
	                        .fn = fn, .arg = arg};
	return api_write_as(&w, &rq->diag);
}

static enum err write_reveal(struct journal *j, void *arg)
{
	struct reveal *r = arg;
	FIELD_SET(r, REVEAL_, at, journal_now(j));
	return journal_insert(j, &reveal_desc, r);
}

enum err api_note_reveal(struct request *rq, const char *what, const char *reason)
{
	struct api_entry entry = {.command = "reveal", .reason = reason, .single = true};
	struct reveal r = {0};
	FIELD_SET(&r, REVEAL_, command, what);
	FIELD_SET(&r, REVEAL_, reason, reason);
	return api_write(rq, &entry, write_reveal, &r);
}

struct search_call {
	struct search_pass *pass;
	bool done;
};

static enum err search_piece(struct db *db, void *arg, struct diag *diag)
{
	struct search_call *c = arg;
	(void)diag;
	return search_pass_step(c->pass, db, DB_PIECE_MS, &c->done);
}

enum err api_search_catch_up(const struct api *api, struct diag *diag)
{
	struct search_call c = {.pass = search_pass_begin()};
	enum err e = OK;
	while (!e && !c.done)
		e = db_writer_submit(api->writer, search_piece, &c, diag);
	search_pass_end(c.pass);
	return e;
}

void api_changed(const struct api *api)
{
	users_forget(api);
	snapshots_changed(api->snapshots);
}

/* --- lists --------------------------------------------------------------------------------- */

void api_rows_begin(struct request *rq)
{
	json_object(&rq->out);
	json_key(&rq->out, "rows");
	json_array(&rq->out);
}

void api_rows_end(struct request *rq, const char *next)
{
	json_end(&rq->out);
	json_c_member(&rq->out, "next", next);
	json_end(&rq->out);
}

/* --- log ------------------------------------------------------------------------------------- */

/* Which route, how it ended, how long it took: no path, no query, no name, no address. */
static void done(const struct request *rq, int status, int64_t micros)
{
	const struct api *api = rq_api(rq);
	const struct api_user *u = rq_user(rq);
	struct json_out o;
	if (api->o.log) {
		json_out_init(&o, 1024);
		json_object(&o);
		json_instant_member(&o, "at", instant_now());
		json_c_member(&o, "route", rq->route ? rq->route->id : NULL);
		json_int_member(&o, "status", status);
		json_int_member(&o, "us", micros);
		json_key(&o, "account");
		if (u)
			json_int(&o, u->account);
		else
			json_null(&o);
		json_end(&o);
		if (o.b.p)
			api->o.log(o.b.p);
		json_out_release(&o);
	}
	users_release(u);
}

static void failed(const struct request *rq, enum err e)
{
	const struct api *api = rq_api(rq);
	struct json_out o;
	if (!api->o.log)
		return;
	json_out_init(&o, 4096);
	json_object(&o);
	json_instant_member(&o, "at", instant_now());
	json_c_member(&o, "route", rq->route ? rq->route->id : NULL);
	json_c_member(&o, "error", err_name(e));
	json_c_member(&o, "place", rq->diag.place);
	json_c_member(&o, "detail", rq->diag.detail);
	json_end(&o);
	if (o.b.p)
		api->o.log(o.b.p);
	json_out_release(&o);
}

const struct net_hooks api_hooks = {
	.admit = users_admit,
	.thread_begin = thread_begin,
	.thread_end = thread_end,
	.done = done,
	.failed = failed,
};

/* --- commands beside us ----------------------------------------------------------------- */

static void report(const struct api *api, const char *what, const struct diag *diag, long pid)
{
	struct json_out o;
	if (!api->o.log)
		return;
	json_out_init(&o, 4096);
	json_object(&o);
	json_instant_member(&o, "at", instant_now());
	json_c_member(&o, "guest", what);
	if (pid)
		json_int_member(&o, "pid", pid);
	if (diag) {
		json_c_member(&o, "error", err_name(diag->code));
		json_c_member(&o, "detail", diag->detail);
	}
	json_end(&o);
	if (o.b.p)
		api->o.log(o.b.p);
	json_out_release(&o);
}

/* A command has written: what is kept in memory follows. */
static void after_guest(void *arg, struct db *db)
{
	struct api *api = arg;
	(void)db;
	journal_forget_keys(api->o.journal);
	(void)atomic_fetch_add(&api->guests, 1);
	api_changed(api);
}

static void guest_ended(void *arg, long pid)
{
	report(arg, "stopped in its turn", NULL, pid);
}

/* --- begin and end ------------------------------------------------------------------------------ */

enum err api_begin(const struct api_opts *o, struct diag *diag, struct api **ret)
{
	struct api *api = base_calloc(1, sizeof(*api));
	api->o = *o;
	api->dir = o->dir;
	api->root = o->root;
	api->calendar = o->calendar;
	api->pack = o->pack;
	api->areas = o->areas;
	api->started_ms = instant_now();
	arena_init(&api->a, 0);
	api->pack_entry = arena_printf(&api->a, "%s %s", o->pack->id, o->pack->version);
	unsigned char *hash = arena_alloc(&api->a, 32);
	size_t n = 0;
	(void)sodium_hex2bin(hash, 32, o->pack->hash, 64, NULL, &n, NULL);
	api->pack_hash = (struct str){(const char *)hash, n};
	enum err e = openapi_check(diag);
	if (!e) /* of a folder that an earlier version wrote */
		e = search_catch_up(o->db);
	if (!e)
		e = attach_sweep(o->db, false);
	if (!e)
		e = db_writer_start(o->db, &api->writer);
	if (!e)
		e = users_begin(api, diag);
	if (!e)
		e = snapshots_begin(api, diag);
	if (!e)
		e = jobs_begin(api, diag);
	if (!e)
		e = db_warm_begin(o->db, diag, &api->warm);
	if (!e)
		e = db_host_start(o->db, api->writer,
		                  &(struct db_host_hooks){api, after_guest, guest_ended}, diag,
		                  &api->host);
	if (e) {
		api_end(api);
		return e;
	}
	*ret = api;
	return OK;
}

void api_end(struct api *api)
{
	if (!api)
		return;
	db_host_stop(api->host);
	db_warm_end(api->warm);
	jobs_end(api);
	snapshots_end(api);
	users_end(api);
	db_writer_stop(api->writer);
	arena_release(&api->a);
	base_free(api);
}

/* --- files for one answer ------------------------------------------------------------ */

enum err api_temp_file(struct request *rq, const char *end, char **ret)
{
	char *to = arena_printf(rq->a, "%s/tmp/out-XXXXXX%s", rq_api(rq)->dir, end);
	int fd = mkstemps(to, (int)strlen(end));
	if (fd < 0)
		return diag_set(&rq->diag, ERR_IO, "tmp: %s", strerror(errno));
	(void)close(fd);
	*ret = to;
	return OK;
}
