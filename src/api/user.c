/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * user: from the cookie to who asks and what they may see.
 *
 * Those who are signed in are kept in memory by the hash of their token, with their scope
 * worked out, until anything is written (a duty, an account) or the day ends.
 */
#include "api/subjects.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <strings.h>

#include "account/session.h"
#include "base/map.h"
#include "base/vec.h"
#include "registry/registry.h"

#include "base/banned.h"

enum { KEPT_MAX = 4096, CSRF_TEXT = 23 };

struct kept {
	struct api_user user; /* first */
	atomic_int refs;
	struct arena a;
	unsigned char hash[SESSION_HASH];
	int64_t created, last_seen, written; /* instants; written: in the database */
	uint64_t generation;
	date_t day;
};

/* Whoever comes with this token, as last looked up; others may still hold an earlier one. */
struct known {
	unsigned char hash[SESSION_HASH];
	struct kept *k;
};

struct users {
	pthread_mutex_t lock; /* all below, and the instants of what is kept */
	struct map by_hash;   /* to the address of a struct known, which has the key */
	VEC(struct known *) all;
	_Atomic uint64_t generation;
};

enum err users_begin(struct api *api, struct diag *diag)
{
	(void)diag;
	struct users *us = base_calloc(1, sizeof(*us));
	pthread_mutex_init(&us->lock, NULL);
	map_init(&us->by_hash);
	api->users = us;
	return OK;
}

static void unref(struct kept *k)
{
	if (atomic_fetch_sub(&k->refs, 1) != 1)
		return;
	arena_release(&k->a);
	base_free(k);
}

static struct str hash_key(const unsigned char hash[SESSION_HASH])
{
	return (struct str){(const char *)hash, SESSION_HASH};
}

static void forget(struct known *n)
{
	unref(n->k);
	base_free(n);
}

static void forget_all(struct users *us)
{
	map_clear(&us->by_hash);
	for (size_t i = 0; i < us->all.n; i++)
		forget(us->all.p[i]);
	us->all.n = 0;
}

void users_end(struct api *api)
{
	struct users *us = api->users;
	if (!us)
		return;
	forget_all(us);
	vec_free(&us->all);
	map_release(&us->by_hash);
	pthread_mutex_destroy(&us->lock);
	base_free(us);
	api->users = NULL;
}

void users_release(const struct api_user *user)
{
	if (user)
		unref((struct kept *)(uintptr_t)user);
}

void users_forget(const struct api *api)
{
	atomic_fetch_add(&api->users->generation, 1);
}

/* --- what they may see ------------------------------------------------------------------ */

static bool listed(const char *areas, const char *code)
{
	struct str rest = str_c(areas), one;
	while (areas && str_split(&rest, ',', &one))
		if (str_is(str_trim(one), code))
			return true;
	return false;
}

/* Does the account's list name the area or one above it? */
static bool covers(const struct api *api, const char *areas, const char *code)
{
	for (int depth = 0; code && depth < 16; depth++) {
		if (listed(areas, code))
			return true;
		const struct area *at = area_find(api->areas, code);
		code = at ? at->parent : NULL;
	}
	return false;
}

static void scope_of_areas(const struct api *api, const char *areas, struct arena *a,
                           struct db_scope *ret)
{
	VEC(const char *) codes = {0};
	for (size_t i = 0; i < api->areas->n; i++)
		if (covers(api, areas, api->areas->areas[i].code))
			*vec_push(&codes) = api->areas->areas[i].code;
	db_scope_areas(a, codes.p, codes.n, ret);
	vec_free(&codes);
}

/* The households that the duty list gives to this cadre today. */
static enum err scope_of_duties(const struct api *api, struct db *db, const struct account *acc,
                                struct arena *a, struct db_scope *ret)
{
	VEC(int64_t) numbers = {0};
	struct stmt *s = db_stmt(db, STMT_duty_households_of);
	stmt_bind_text(s, 2, acc->helper ? acc->helper : acc->name);
	stmt_bind_text(s, 3, acc->unit);
	stmt_bind_int(s, 4, calendar_today(&api->calendar));
	while (stmt_row(s))
		*vec_push(&numbers) = stmt_int(s, 0);
	enum err e = stmt_end(s);
	if (!e)
		db_scope_households(a, numbers.p, numbers.n, ret);
	vec_free(&numbers);
	return e;
}

static bool is_role(const struct account *acc, const char *role)
{
	return acc->role && strcmp(acc->role, role) == 0;
}

static enum err make_scope(const struct api *api, struct db *db, const struct account *acc,
                           struct arena *a, struct db_scope *ret)
{
	if (is_role(acc, "cadre"))
		return scope_of_duties(api, db, acc, a, ret);
	if (!is_role(acc, "village") && !is_role(acc, "team") && covers(api, acc->areas, api->root))
		*ret = (struct db_scope){.kind = DB_SCOPE_ALL};
	else
		scope_of_areas(api, acc->areas, a, ret);
	return OK;
}

/* --- finding who it is --------------------------------------------------------------------- */

static const char *make_csrf(const struct api *api, const unsigned char hash[SESSION_HASH],
                             struct arena *a)
{
	unsigned char mac[KEY_INDEX_BYTES];
	char *text = arena_alloc(a, CSRF_TEXT);
	keys_index(api->o.keys, "csrf", (struct str){(const char *)hash, SESSION_HASH}, mac);
	(void)sodium_bin2base64(text, CSRF_TEXT, mac, sizeof(mac),
	                        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return text;
}

static enum err fill(const struct api *api, struct db *db, struct kept *k, const struct account *acc)
{
	struct api_user *u = &k->user;
	bool office = is_role(acc, "unit") || is_role(acc, "auditor");
	*u = (struct api_user){.account = acc->no,
	                       .login = acc->login,
	                       .name = acc->name ? acc->name : acc->login,
	                       .role = acc->role,
	                       .unit = acc->unit,
	                       .helper = acc->helper,
	                       .permissions = permissions_of(acc->role),
	                       .max_class = office ? F_PUBLIC : F_OFFICE,
	                       .must_change = FIELD_HAS(acc, ACCOUNT_, must_change) && acc->must_change,
	                       .csrf = make_csrf(api, k->hash, &k->a),
	                       .session = k->hash};
	return make_scope(api, db, acc, &k->a, &u->scope);
}

/* From the database; *ret NULL when nobody is signed in with this token. */
static enum err load(struct api_thread *t, const unsigned char hash[SESSION_HASH], int64_t now,
                     struct kept **ret)
{
	const struct api *api = t->api;
	struct session s;
	struct account acc;
	bool found = false;
	uint64_t generation = atomic_load(&api->users->generation);
	*ret = NULL;
	enum err e = session_find(t->db, hash, now, &s, &found);
	if (e || !found)
		return e;
	struct kept *k = base_calloc(1, sizeof(*k));
	arena_init_small(&k->a, (size_t)64 << 20);
	atomic_store(&k->refs, 1);
	memcpy(k->hash, hash, SESSION_HASH);
	k->created = s.created;
	k->last_seen = k->written = s.last_seen;
	k->generation = generation;
	k->day = calendar_day(&api->calendar, now);
	e = db_get(t->db, &account_desc, s.account, &k->a, &acc, &found);
	if (!e && found && !(FIELD_HAS(&acc, ACCOUNT_, disabled) && acc.disabled))
		e = fill(api, t->db, k, &acc);
	else
		found = false;
	if (e || !found) {
		unref(k);
		return e;
	}
	*ret = k;
	return OK;
}

static bool in_force(const struct users *us, const struct api *api, const struct kept *k, int64_t now)
{
	const int64_t hour = 3600 * 1000;
	return k->generation == atomic_load(&us->generation) && k->day == calendar_day(&api->calendar, now) &&
	       now - k->created < SESSION_HOURS * hour && now - k->last_seen < SESSION_IDLE_HOURS * hour;
}

/* Takes the place of an older one of the same token. */
static void keep(struct users *us, struct kept *k)
{
	struct known *n = (struct known *)(intptr_t)map_get(&us->by_hash, hash_key(k->hash), 0);
	if (n) {
		if (n->k->last_seen > k->last_seen)
			k->last_seen = n->k->last_seen;
		unref(n->k);
	} else {
		if (us->all.n >= KEPT_MAX)
			forget_all(us);
		n = base_calloc(1, sizeof(*n));
		memcpy(n->hash, k->hash, SESSION_HASH);
		*vec_push(&us->all) = n;
		(void)map_set(&us->by_hash, hash_key(n->hash), (int64_t)(intptr_t)n);
	}
	atomic_fetch_add(&k->refs, 1);
	n->k = k;
}

/* Those who would be looked up anew: many have signed out, or do not come back. */
static void sweep(struct users *us, const struct api *api, int64_t now)
{
	size_t left = 0;
	for (size_t i = 0; i < us->all.n; i++) {
		struct known *n = us->all.p[i];
		if (in_force(us, api, n->k, now))
			us->all.p[left++] = n;
		else
			forget(n);
	}
	if (left == us->all.n)
		return;
	us->all.n = left;
	map_clear(&us->by_hash);
	for (size_t i = 0; i < left; i++)
		(void)map_set(&us->by_hash, hash_key(us->all.p[i]->hash), (int64_t)(intptr_t)us->all.p[i]);
}

static enum err find(struct request *rq, const unsigned char hash[SESSION_HASH], struct kept **ret)
{
	const struct api *api = rq_api(rq);
	struct users *us = api->users;
	struct api_thread *t = rq_thread(rq);
	int64_t now = instant_now();
	*ret = NULL;
	pthread_mutex_lock(&us->lock);
	struct known *n = (struct known *)(intptr_t)map_get(&us->by_hash, hash_key(hash), 0);
	struct kept *k = n ? n->k : NULL;
	if (k && in_force(us, api, k, now)) {
		k->last_seen = now;
		atomic_fetch_add(&k->refs, 1);
	} else {
		k = NULL;
	}
	pthread_mutex_unlock(&us->lock);
	if (k) {
		*ret = k;
		return OK;
	}
	db_set_diag(t->db, &rq->diag);
	db_set_scope(t->db, NULL);
	enum err e = load(t, hash, now, &k);
	if (e || !k)
		return e;
	pthread_mutex_lock(&us->lock);
	k->last_seen = now;
	keep(us, k);
	pthread_mutex_unlock(&us->lock);
	*ret = k;
	return OK;
}

enum err users_of_session(struct request *rq, const unsigned char *hash, const struct api_user **ret)
{
	struct kept *k = NULL;
	enum err e = find(rq, hash, &k);
	if (!e && !k)
		e = ERR_UNAUTHENTICATED;
	if (!e)
		*ret = &k->user;
	return e;
}

/* --- admitting ------------------------------------------------------------------------------- */

/* A page of another house must not act here: its Origin is not our Host. */
static bool foreign_origin(const struct request *rq)
{
	struct str origin = rq_header(rq, "Origin"), host = rq_header(rq, "Host");
	if (!origin.p)
		return false;
	size_t at = str_find(origin, STR("://"));
	return at == SIZE_MAX || !str_eq(str_sub(origin, at + 3, origin.n), host);
}

static bool right_csrf(const struct request *rq, const struct api_user *u)
{
	struct str sent = rq_header(rq, "X-CSRF-Token");
	return sent.n == CSRF_TEXT - 1 && sodium_memcmp(sent.p, u->csrf, CSRF_TEXT - 1) == 0;
}

enum err users_admit(struct request *rq)
{
	struct kept *k = NULL;
	unsigned char hash[SESSION_HASH];
	enum permission p = (enum permission)rq->route->permission;
	enum err e = OK;
	if (p != PERM_anybody && session_hash(rq_cookie(rq, "daohu_session"), hash))
		e = find(rq, hash, &k);
	if (e)
		return e;
	rq->user = k;
	if (p != PERM_anybody && !k)
		return ERR_UNAUTHENTICATED;
	if (k && !permission_has(k->user.permissions, p))
		return ERR_FORBIDDEN;
	if (k && k->user.must_change && p != PERM_signed_in)
		return ERR_MUST_CHANGE;
	if (rq->route->method == NET_GET)
		return OK;
	return foreign_origin(rq) || (k && !right_csrf(rq, &k->user)) ? ERR_CSRF : OK;
}

/* --- last seen --------------------------------------------------------------------------------- */

struct touches {
	VEC(struct touch {
		unsigned char hash[SESSION_HASH];
		int64_t at;
	}) list;
};

static enum err write_touches(struct db *db, void *arg, struct diag *diag)
{
	struct touches *t = arg;
	enum err e = OK;
	(void)diag;
	for (size_t i = 0; !e && i < t->list.n; i++)
		e = session_touch(db, t->list.p[i].hash, t->list.p[i].at);
	return e ? e : session_purge(db, instant_now());
}

enum err users_flush(const struct api *api, struct diag *diag)
{
	struct users *us = api->users;
	struct touches t = {0};
	pthread_mutex_lock(&us->lock);
	for (size_t i = 0; i < us->all.n; i++) {
		struct kept *k = us->all.p[i]->k;
		if (k->last_seen - k->written < SESSION_TOUCH_MS)
			continue;
		struct touch *one = vec_push(&t.list);
		memcpy(one->hash, k->hash, SESSION_HASH);
		one->at = k->written = k->last_seen;
	}
	sweep(us, api, instant_now()); /* what is not written of their last_seen is less than a touch */
	pthread_mutex_unlock(&us->lock);
	enum err e = t.list.n ? db_writer_submit(api->writer, write_touches, &t, diag) : OK;
	vec_free(&t.list);
	return e;
}
