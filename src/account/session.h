/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * session: who is signed in, and keeping guessers out.
 *
 * Owns the tables session and login_guard.  They are operational: written by the
 * writer, by plain statements, not in the journal.
 *
 * A session is a random token of 32 bytes in the browser; kept is its SHA-256.  It ends
 * after SESSION_HOURS, after SESSION_IDLE_HOURS without a request, at the password's
 * change and when the account is disabled.
 *
 * A wrong password counts against the login and against the address it came from; after
 * some free attempts each further one doubles the wait.  The attempt is counted before
 * the password is looked at, so a burst of guesses at once gains nothing; success clears
 * the login's count.  An unknown login costs the same time as a known one.
 */
#ifndef DAOHU_ACCOUNT_SESSION_H
#define DAOHU_ACCOUNT_SESSION_H

#include "account/account.h"

enum {
	SESSION_TOKEN = 32, /* bytes; as text 43 characters of base64url */
	SESSION_TOKEN_TEXT = 44,
	SESSION_HASH = 32,
	SESSION_HOURS = 12,
	SESSION_IDLE_HOURS = 2,
	SESSION_TOUCH_MS = 60000, /* last_seen is written at most so often */
	LOGIN_FREE = 5,           /* attempts a login */
	LOGIN_FREE_ADDRESS = 30,  /* attempts an address: an office shares one */
	LOGIN_WAIT_S = 15,        /* first wait; doubled each time */
	LOGIN_WAIT_MAX_S = 900,
	LOGIN_FORGET_S = 86400,   /* counts end a day after the last attempt */
	PASSWORD_CHECKS = 2       /* at once: 64 MiB each */
};

/* Base64url without padding of a fresh token, and the hash that is kept. */
void session_make_token(char ret_text[SESSION_TOKEN_TEXT], unsigned char ret_hash[SESSION_HASH]);
/* False when the text is no token. */
bool session_hash(struct str text, unsigned char ret_hash[SESSION_HASH]);

struct session {
	int64_t account, created, last_seen;
};
/* *ret_found false when there is none in force at `now`. */
MUST_USE enum err session_find(struct db *db, const unsigned char hash[SESSION_HASH], int64_t now,
                               struct session *ret, bool *ret_found);

/* The writer's. */
MUST_USE enum err session_add(struct db *db, const unsigned char hash[SESSION_HASH], int64_t account,
                              int64_t now);
MUST_USE enum err session_touch(struct db *db, const unsigned char hash[SESSION_HASH], int64_t now);
MUST_USE enum err session_drop(struct db *db, const unsigned char hash[SESSION_HASH]);
/* All of an account but one (NULL: all). */
MUST_USE enum err session_drop_account(struct db *db, int64_t account, const unsigned char *but);
MUST_USE enum err session_purge(struct db *db, int64_t now);

/* --- signing in ------------------------------------------------------------------- */

struct login_try {
	const char *login;   /* as typed */
	const char *address;
};
/* The writer's, before the password is looked at: counts the attempt.  LOCKED_OUT with the
 * seconds to wait in *ret_wait_s. */
MUST_USE enum err login_begin(struct db *db, const struct login_try *t, int64_t now, int64_t *ret_wait_s);
/* Reads; in any thread.  LOGIN, OTP, BUSY; else the account and the step of its code. */
MUST_USE enum err login_check(struct db *db, const char *login, struct str password, struct str otp,
                              int64_t now, struct arena *a, struct account *ret, int64_t *ret_step);
/* The writer's, after success. OTP when the same code was used by another at once. */
MUST_USE enum err login_done(struct db *db, const struct login_try *t, int64_t step, int64_t now);

/* Is this the account's password?  At most PASSWORD_CHECKS run at once, others wait. */
bool password_is(const struct account *acc, struct str password);

#endif
