/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * account: who may work with the system, in what role, for which areas; and
 * who saw full numbers, and why.
 *
 * Owns the tables `account` and `reveal`.  Passwords are kept as Argon2id strings
 * (libsodium crypto_pwhash_str; 64 MiB and 3 passes, as RFC 9106, section 4, has it where
 * memory is short: a whole office signs in at half past eight).  Accounts are never deleted:
 * the journal names them; they are disabled.
 */
#ifndef DAOHU_ACCOUNT_ACCOUNT_H
#define DAOHU_ACCOUNT_ACCOUNT_H

#include "journal/journal.h"

enum { PASSWORD_PASSES = 3, PASSWORD_BYTES = 64 << 20 };
/* Of a random password that nobody knows: what an unknown login is compared with, at the same cost. */
extern const char password_of_nobody[];

struct account {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "account/account.def"
#undef F
};
enum account_field {
#define F(...) FIELD_INDEX(ACCOUNT_, __VA_ARGS__)
#include "account/account.def"
#undef F
	ACCOUNT_FIELD_MAX
};
extern const struct record_desc account_desc;

struct reveal {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "account/reveal.def"
#undef F
};
enum reveal_field {
#define F(...) FIELD_INDEX(REVEAL_, __VA_ARGS__)
#include "account/reveal.def"
#undef F
	REVEAL_FIELD_MAX
};
extern const struct record_desc reveal_desc;

struct account_role {
	const char *id;
	struct text title;
};
/* Ended by a row without id. */
extern const struct account_role account_roles[];
bool account_is_role(const char *id);
/* 2 to 40 letters, digits, dots, dashes, underlines. */
bool account_is_login(const char *s);

/* *ret_found false when there is none. */
MUST_USE enum err account_find(struct db *db, const char *login, struct arena *a,
                               struct account *ret, bool *ret_found);
/* The name that goes with a login; NULL when there is no such account. */
MUST_USE enum err account_name(struct db *db, const char *login, struct arena *a, const char **ret);
MUST_USE enum err account_all(struct db *db, struct arena *a, struct account **ret, size_t *ret_n);
/* Sets the hash of a password of 8 to 256 bytes; INVALID otherwise. */
MUST_USE enum err account_set_password(struct account *acc, struct str password, struct arena *a,
                                       struct diag *diag);
/* A password that can be read out over the phone: 4 groups of 4, about 77 bits. */
void account_make_password(char ret[20]);
/* EXISTS when the login is taken, INVALID when login or role are none. */
MUST_USE enum err account_add(struct journal *j, struct account *acc);

#endif
