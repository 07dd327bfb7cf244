/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/snapshot.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "check/record.h"
#include "check/situation.h"
#include "check/town_load.h"
#include "registry/search.h"
#include "report/handin.h"

#include "base/cpus.h"

#include "base/banned.h"

enum { CHECK_NICE = 10, SETTLE_MS = 1000, FLUSH_MS = 30000 };
enum { RECORDS_MAX = 1000 }; /* findings of one entry: nobody waits long behind it */

struct held {
	struct snapshot s; /* first */
	atomic_int refs;
	struct arena a;
	struct check_result result[LANG_MAX];
	atomic_bool there[LANG_MAX], asked[LANG_MAX];
	pthread_mutex_t lock; /* of what is not there yet, and its arena */
	struct arena others;
};

struct snapshots {
	struct api *api;
	struct check *check;
	pthread_t thread;
	bool runs;
	pthread_mutex_t lock; /* all below */
	pthread_cond_t wake, done;
	bool stop;
	struct held *latest;
	uint64_t changed; /* counts what was written */
	uint64_t seen;    /* `changed` as the latest run began with */
	int64_t last_change_ms;
};

const struct snapshot *snapshot_get(const struct api *api)
{
	struct snapshots *ss = api->snapshots;
	pthread_mutex_lock(&ss->lock);
	struct held *h = ss->latest;
	if (h)
		atomic_fetch_add(&h->refs, 1);
	pthread_mutex_unlock(&ss->lock);
	return h ? &h->s : NULL;
}

void snapshot_put(const struct snapshot *s)
{
	struct held *h = (struct held *)(uintptr_t)s;
	if (!h || atomic_fetch_sub(&h->refs, 1) != 1)
		return;
	imap_release(&h->s.places);
	map_release(&h->s.hh_nos);
	arena_release(&h->others);
	arena_release(&h->a);
	pthread_mutex_destroy(&h->lock);
	base_free(h);
}

static void run_rules(struct held *h, enum lang lang, struct arena *a)
{
	struct check_opts c = {.lang = lang, .village = TOWN_NONE};
	check_run(h->s.check, &h->s.town, &c, a, &h->result[lang]);
	atomic_store_explicit(&h->there[lang], true, memory_order_release);
}

const struct check_result *snapshot_result(const struct snapshot *s, enum lang lang)
{
	struct held *h = (struct held *)(uintptr_t)s;
	atomic_store_explicit(&h->asked[lang], true, memory_order_relaxed);
	if (atomic_load_explicit(&h->there[lang], memory_order_acquire))
		return &h->result[lang];
	pthread_mutex_lock(&h->lock);
	if (!atomic_load_explicit(&h->there[lang], memory_order_relaxed))
		run_rules(h, lang, &h->others);
	pthread_mutex_unlock(&h->lock);
	return &h->result[lang];
}

const struct finding *snapshot_finding(const struct snapshot *s, enum lang lang, int64_t no)
{
	int64_t none = INT64_MAX, at = s ? imap_get(&s->places, no, none) : none;
	if (at == none)
		return NULL;
	const struct check_result *r = snapshot_result(s, lang);
	return at >= 0 ? &r->findings[at] : &r->answered[-1 - at];
}

static void index_numbers(struct snapshot *s, const struct check_result *r)
{
	for (size_t i = 0; i < s->town.n_households; i++)
		if (s->town.households[i].hh_no.n)
			(void)map_set(&s->hh_nos, s->town.households[i].hh_no, (int64_t)i);
	for (size_t i = 0; i < r->n; i++)
		if (s->numbers[i])
			(void)imap_set(&s->places, s->numbers[i], (int64_t)i);
	for (size_t i = 0; i < r->n_answered; i++)
		if (s->answered_numbers[i])
			(void)imap_set(&s->places, s->answered_numbers[i], -1 - (int64_t)i);
}

void snapshots_changed(struct snapshots *ss)
{
	if (!ss)
		return;
	pthread_mutex_lock(&ss->lock);
	ss->changed++;
	ss->last_change_ms = monotonic_ms();
	pthread_cond_broadcast(&ss->wake);
	pthread_mutex_unlock(&ss->lock);
}

/* --- one run ---------------------------------------------------------------------------- */

/* The town as of today and what the rules say, all in h->a. */
static enum err look(struct snapshots *ss, struct api_thread *t, struct held *h)
{
	struct api *api = ss->api;
	struct town_opts o = {.j = t->j, .pack = api->pack, .areas = api->areas, .root = api->root,
	                      .as_of = calendar_today(&api->calendar)};
	api_thread_look(t);
	enum err e = db_begin_read(t->db);
	if (e)
		return e;
	h->s.as_of = o.as_of;
	h->s.at_ms = instant_now();
	h->s.check = ss->check;
	e = journal_last_entry(t->db, &h->s.entry);
	if (!e)
		e = town_load(&o, &h->a, &h->s.town);
	if (!e)
		e = record_answers(t->j, &h->a, &h->s.town);
	if (!e)
		e = handin_behind(t->db, &h->a, &h->s.behind);
	if (!e)
		run_rules(h, LANG_ZH, &h->a);
	db_rollback(t->db);
	return e;
}

struct recording {
	const struct api *api;
	struct record_moves *moves;
	bool anew;
};

static enum err write_findings(struct db *db, void *arg, struct diag *diag)
{
	struct recording *r = arg;
	struct journal *j = r->api->o.journal;
	struct entry_info info = {.command = "check --record", .actor = "daohu",
	                          .pack_version = r->api->pack_entry, .pack_hash = r->api->pack_hash};
	(void)db;
	(void)diag;
	enum err e = journal_begin(j, &info);
	if (!e)
		e = record_moves_write(r->moves, j, RECORDS_MAX, &r->anew);
	if (!e)
		e = journal_commit(j, NULL);
	else
		journal_rollback(j);
	return e;
}

/* Puts the findings on record.  What is to be moved is worked out here, not in the writer. */
static enum err record(struct snapshots *ss, struct api_thread *t, const struct check_result *result)
{
	struct recording r = {.api = ss->api, .anew = true};
	enum err e = OK;
	while (!e && r.anew) {
		r.anew = false;
		e = record_moves_plan(t->j, ss->check, result, &r.moves);
		while (!e && !r.anew && record_moves_left(r.moves))
			e = db_writer_submit(ss->api->writer, write_findings, &r, &t->diag);
		record_moves_free(r.moves);
	}
	return e;
}

static struct held *held_new(void)
{
	struct held *h = base_calloc(1, sizeof(*h));
	arena_init(&h->a, 0);
	arena_init(&h->others, 0);
	atomic_store(&h->refs, 1);
	pthread_mutex_init(&h->lock, NULL);
	imap_init(&h->s.places);
	map_init(&h->s.hh_nos);
	return h;
}

/* The number of each finding's record. */
static enum err find_numbers(struct held *h, struct journal *j, const struct check_result *result)
{
	struct check_result answered = *result;
	answered.findings = answered.answered;
	answered.n = answered.n_answered;
	enum err e = record_numbers(j, result, &h->a, &h->s.numbers);
	if (!e)
		e = record_numbers(j, &answered, &h->a, &h->s.answered_numbers);
	if (!e)
		index_numbers(&h->s, result);
	return e;
}

static enum err run(struct snapshots *ss, struct api_thread *t)
{
	struct held *h = held_new(), *old = ss->latest; /* only this thread changes which it is */
	const struct check_result *result = &h->result[LANG_ZH];
	bool behind = false;
	diag_clear(&t->diag);
	enum err e = search_is_behind(t->db, &behind); /* a command may have written beside us */
	if (!e && behind)
		e = api_search_catch_up(ss->api, &t->diag);
	if (!e)
		e = look(ss, t, h);
	if (!e)
		e = record(ss, t, result);
	if (!e)
		e = find_numbers(h, t->j, result);
	if (e) {
		snapshot_put(&h->s);
		return e;
	}
	for (int lang = 0; lang < LANG_MAX; lang++)
		if (!h->there[lang] && old && old->asked[lang])
			run_rules(h, (enum lang)lang, &h->others);
	pthread_mutex_lock(&ss->lock);
	ss->latest = h;
	pthread_mutex_unlock(&ss->lock);
	snapshot_put(old ? &old->s : NULL);
	return OK;
}

/* --- the thread ---------------------------------------------------------------------------- */

static bool is_due(const struct snapshots *ss)
{
	if (!ss->latest)
		return true;
	if (ss->latest->s.as_of != calendar_today(&ss->api->calendar))
		return true; /* midnight */
	return ss->changed != ss->seen && monotonic_ms() - ss->last_change_ms >= SETTLE_MS;
}

static void wait_a_little(struct snapshots *ss)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 200 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	(void)pthread_cond_timedwait(&ss->wake, &ss->lock, &until);
}

static void report(const struct snapshots *ss, const struct diag *diag)
{
	struct json_out o;
	if (!ss->api->o.log)
		return;
	json_out_init(&o, 4096);
	json_object(&o);
	json_instant_member(&o, "at", instant_now());
	json_c_member(&o, "job", "check");
	json_c_member(&o, "error", err_name(diag->code));
	json_c_member(&o, "detail", diag->detail);
	json_end(&o);
	ss->api->o.log(o.b.p);
	json_out_release(&o);
}

static void *snapshots_main(void *arg)
{
	struct snapshots *ss = arg;
	struct api_thread *t = api_thread_begin(ss->api);
	int64_t flushed = monotonic_ms();
	cpus_step_back(CHECK_NICE);
	pthread_mutex_lock(&ss->lock);
	while (!ss->stop && t) {
		bool due = is_due(ss);
		uint64_t at = ss->changed;
		if (!due && monotonic_ms() - flushed < FLUSH_MS) {
			wait_a_little(ss);
			continue;
		}
		pthread_mutex_unlock(&ss->lock);
		diag_clear(&t->diag);
		enum err e = due ? run(ss, t) : users_flush(ss->api, &t->diag);
		if (e && e != ERR_INTERRUPTED)
			report(ss, &t->diag);
		if (!due || e)
			flushed = monotonic_ms();
		pthread_mutex_lock(&ss->lock);
		if (due && !e)
			ss->seen = at;
		if (e)
			for (int i = 0; i < 25 && !ss->stop; i++) /* not at once again */
				wait_a_little(ss);
		pthread_cond_broadcast(&ss->done);
	}
	pthread_mutex_unlock(&ss->lock);
	api_thread_end(t);
	return NULL;
}

enum err snapshots_settle(const struct api *api, int wait_ms)
{
	struct snapshots *ss = api->snapshots;
	int64_t until = monotonic_ms() + wait_ms;
	pthread_mutex_lock(&ss->lock);
	uint64_t want = ss->changed;
	while ((!ss->latest || ss->seen < want) && !ss->stop && monotonic_ms() < until)
		wait_a_little(ss);
	bool there = ss->latest && ss->seen >= want;
	pthread_mutex_unlock(&ss->lock);
	return there ? OK : ERR_BUSY;
}

enum err snapshots_begin(struct api *api, struct diag *diag)
{
	struct snapshots *ss = base_calloc(1, sizeof(*ss));
	ss->api = api;
	pthread_mutex_init(&ss->lock, NULL);
	pthread_cond_init(&ss->wake, NULL);
	pthread_cond_init(&ss->done, NULL);
	api->snapshots = ss;
	enum err e = check_new(api->pack, diag, &ss->check);
	if (!e)
		e = situation_add(ss->check, diag);
	if (e)
		return e;
	if (pthread_create(&ss->thread, NULL, snapshots_main, ss) != 0)
		return diag_set(diag, ERR_RESOURCE, "thread");
	ss->runs = true;
	return OK;
}

void snapshots_end(struct api *api)
{
	struct snapshots *ss = api->snapshots;
	if (!ss)
		return;
	pthread_mutex_lock(&ss->lock);
	ss->stop = true;
	pthread_cond_broadcast(&ss->wake);
	pthread_mutex_unlock(&ss->lock);
	if (ss->runs)
		pthread_join(ss->thread, NULL);
	snapshot_put(ss->latest ? &ss->latest->s : NULL);
	check_free(ss->check);
	pthread_cond_destroy(&ss->wake);
	pthread_cond_destroy(&ss->done);
	pthread_mutex_destroy(&ss->lock);
	base_free(ss);
	api->snapshots = NULL;
}
