/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/session.h"

#include <pthread.h>
#include <sodium.h>

#include "account/totp.h"

#include "base/banned.h"

enum { HOUR_MS = 3600 * 1000, CHECKS_WAITING = 16 };

void session_make_token(char ret_text[SESSION_TOKEN_TEXT], unsigned char ret_hash[SESSION_HASH])
{
	unsigned char token[SESSION_TOKEN];
	randombytes_buf(token, sizeof(token));
	(void)sodium_bin2base64(ret_text, SESSION_TOKEN_TEXT, token, sizeof(token),
	                        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	(void)crypto_hash_sha256(ret_hash, token, sizeof(token));
	sodium_memzero(token, sizeof(token));
}

bool session_hash(struct str text, unsigned char ret_hash[SESSION_HASH])
{
	unsigned char token[SESSION_TOKEN];
	size_t n = 0;
	const char *end = NULL;
	if (text.n != SESSION_TOKEN_TEXT - 1 ||
	    sodium_base642bin(token, sizeof(token), text.p, text.n, NULL, &n, &end,
	                      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    n != sizeof(token) || end != text.p + text.n)
		return false;
	(void)crypto_hash_sha256(ret_hash, token, sizeof(token));
	return true;
}

static struct str bytes(const unsigned char *p)
{
	return (struct str){(const char *)p, SESSION_HASH};
}

enum err session_find(struct db *db, const unsigned char hash[SESSION_HASH], int64_t now,
                      struct session *ret, bool *ret_found)
{
	struct stmt *s = db_stmt(db, STMT_session_find);
	stmt_bind_blob(s, 2, bytes(hash));
	stmt_bind_int(s, 3, now - (int64_t)SESSION_HOURS * HOUR_MS);
	stmt_bind_int(s, 4, now - (int64_t)SESSION_IDLE_HOURS * HOUR_MS);
	bool found = stmt_row(s);
	struct session got = {.account = stmt_int(s, 0), .created = stmt_int(s, 1),
	                      .last_seen = stmt_int(s, 2)};
	enum err e = stmt_end(s);
	if (e)
		return e;
	*ret = got;
	*ret_found = found;
	return OK;
}

enum err session_add(struct db *db, const unsigned char hash[SESSION_HASH], int64_t account, int64_t now)
{
	struct stmt *s = db_stmt(db, STMT_session_add);
	stmt_bind_blob(s, 2, bytes(hash));
	stmt_bind_int(s, 3, account);
	stmt_bind_int(s, 4, now);
	return stmt_run(s);
}

enum err session_touch(struct db *db, const unsigned char hash[SESSION_HASH], int64_t now)
{
	struct stmt *s = db_stmt(db, STMT_session_touch);
	stmt_bind_blob(s, 2, bytes(hash));
	stmt_bind_int(s, 3, now);
	return stmt_run(s);
}

enum err session_drop(struct db *db, const unsigned char hash[SESSION_HASH])
{
	struct stmt *s = db_stmt(db, STMT_session_drop);
	stmt_bind_blob(s, 2, bytes(hash));
	return stmt_run(s);
}

enum err session_drop_account(struct db *db, int64_t account, const unsigned char *but)
{
	static const unsigned char none[SESSION_HASH];
	struct stmt *s = db_stmt(db, STMT_session_drop_account);
	stmt_bind_int(s, 2, account);
	stmt_bind_blob(s, 3, bytes(but ? but : none));
	return stmt_run(s);
}

enum err session_purge(struct db *db, int64_t now)
{
	struct stmt *s = db_stmt(db, STMT_session_purge);
	stmt_bind_int(s, 2, now - (int64_t)SESSION_HOURS * HOUR_MS);
	stmt_bind_int(s, 3, now - (int64_t)SESSION_IDLE_HOURS * HOUR_MS);
	enum err e = stmt_run(s);
	if (e)
		return e;
	s = db_stmt(db, STMT_login_guard_purge);
	stmt_bind_int(s, 2, now - (int64_t)LOGIN_FORGET_S * 1000);
	return stmt_run(s);
}

/* --- guard ---------------------------------------------------------------------------- */

struct guard {
	int64_t failed, until, last;
};

static enum err guard_get(struct db *db, const char *kind, const char *name, struct guard *ret)
{
	struct stmt *s = db_stmt(db, STMT_login_guard_get);
	stmt_bind_text(s, 2, kind);
	stmt_bind_text(s, 3, name);
	struct guard g = {0};
	if (stmt_row(s))
		g = (struct guard){stmt_int(s, 0), stmt_int(s, 1), stmt_int(s, 2)};
	*ret = g;
	return stmt_end(s);
}

static enum err guard_set(struct db *db, const char *kind, const char *name, const struct guard *g)
{
	struct stmt *s = db_stmt(db, STMT_login_guard_set);
	stmt_bind_text(s, 2, kind);
	stmt_bind_text(s, 3, name);
	stmt_bind_int(s, 4, g->failed);
	stmt_bind_int(s, 5, g->until);
	stmt_bind_int(s, 6, g->last);
	return stmt_run(s);
}

static void count(struct guard *g, int64_t free_attempts, int64_t now)
{
	if (now - g->last > (int64_t)LOGIN_FORGET_S * 1000)
		g->failed = 0;
	g->failed++;
	g->last = now;
	g->until = 0;
	if (g->failed <= free_attempts)
		return;
	int64_t wait = LOGIN_WAIT_S;
	for (int64_t k = free_attempts + 1; k < g->failed && wait < LOGIN_WAIT_MAX_S; k++)
		wait *= 2;
	g->until = now + (wait < LOGIN_WAIT_MAX_S ? wait : LOGIN_WAIT_MAX_S) * 1000;
}

/* Names are compared without case, so that guesses cannot be spread over spellings. */
static void guard_name(const char *login, char *out, size_t size)
{
	size_t n = 0;
	for (; login[n] && n + 1 < size; n++)
		out[n] = login[n] >= 'A' && login[n] <= 'Z' ? (char)(login[n] + 32) : login[n];
	out[n] = '\0';
}

enum err login_begin(struct db *db, const struct login_try *t, int64_t now, int64_t *ret_wait_s)
{
	struct guard login, address;
	char name[64];
	guard_name(t->login, name, sizeof(name));
	enum err e = guard_get(db, "login", name, &login);
	if (!e)
		e = guard_get(db, "address", t->address, &address);
	if (e)
		return e;
	int64_t until = login.until > address.until ? login.until : address.until;
	if (until > now) {
		*ret_wait_s = (until - now + 999) / 1000;
		return ERR_LOCKED_OUT;
	}
	count(&login, LOGIN_FREE, now);
	count(&address, LOGIN_FREE_ADDRESS, now);
	e = guard_set(db, "login", name, &login);
	return e ? e : guard_set(db, "address", t->address, &address);
}

enum err login_done(struct db *db, const struct login_try *t, int64_t step, int64_t now)
{
	struct guard g;
	char name[64];
	guard_name(t->login, name, sizeof(name));
	if (step) { /* a code opens once */
		enum err e = guard_get(db, "otp", name, &g);
		if (!e && g.until >= step)
			e = ERR_OTP;
		if (e)
			return e;
		g = (struct guard){.until = step, .last = now};
		e = guard_set(db, "otp", name, &g);
		if (e)
			return e;
	}
	struct stmt *s = db_stmt(db, STMT_login_guard_drop);
	stmt_bind_text(s, 2, "login");
	stmt_bind_text(s, 3, name);
	enum err e = stmt_run(s);
	if (!e)
		e = guard_get(db, "address", t->address, &g);
	if (e || !g.failed)
		return e;
	g.failed--; /* this one was right */
	g.until = 0;
	return guard_set(db, "address", t->address, &g);
}

/* --- passwords --------------------------------------------------------------------------- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t free;
	int running, waiting;
} checks = {.lock = PTHREAD_MUTEX_INITIALIZER, .free = PTHREAD_COND_INITIALIZER};

static bool checks_enter(void)
{
	pthread_mutex_lock(&checks.lock);
	bool room = checks.waiting < CHECKS_WAITING;
	checks.waiting += room;
	while (room && checks.running == PASSWORD_CHECKS)
		pthread_cond_wait(&checks.free, &checks.lock);
	checks.waiting -= room;
	checks.running += room;
	pthread_mutex_unlock(&checks.lock);
	return room;
}

static void checks_leave(void)
{
	pthread_mutex_lock(&checks.lock);
	checks.running--;
	pthread_cond_signal(&checks.free);
	pthread_mutex_unlock(&checks.lock);
}

static enum err compare(const char *hash, struct str password, bool *ret)
{
	if (!checks_enter())
		return ERR_BUSY;
	*ret = crypto_pwhash_str_verify(hash, password.p ? password.p : "", password.n) == 0;
	checks_leave();
	return OK;
}

bool password_is(const struct account *acc, struct str password)
{
	bool same = false;
	enum err e = compare(acc->password ? acc->password : password_of_nobody, password, &same);
	return !e && acc->password && same;
}

enum err login_check(struct db *db, const char *login, struct str password, struct str otp, int64_t now,
                     struct arena *a, struct account *ret, int64_t *ret_step)
{
	struct account acc = {0};
	struct str secret;
	bool found = false, same = false;
	int64_t step = 0;
	enum err e = account_find(db, login, a, &acc, &found);
	if (e)
		return e;
	bool real = found && acc.password && !acc.disabled;
	e = compare(real ? acc.password : password_of_nobody, password, &same);
	if (e)
		return e;
	if (!real || !same)
		return ERR_LOGIN;
	if (FIELD_HAS(&acc, ACCOUNT_, otp) &&
	    (!totp_unbase32(str_c(acc.otp), a, &secret) || !totp_check(secret, otp, now, 0, &step)))
		return ERR_OTP;
	*ret = acc;
	*ret_step = step;
	return OK;
}
