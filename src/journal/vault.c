/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The persons' keys and what is sealed with them.  Sealing is deterministic:
 * the nonce is a keyed hash of place and value (as in SIV), so that the same
 * value gives the same bytes and an import that changes nothing writes nothing.
 * What this shows is only whether a person's value is as it was before.
 */
#include <assert.h>
#include <sodium.h>

#include "journal/state.h"

#include "base/banned.h"

enum {
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	WRAPPED = VAULT_WRAPPED,
	SEAL_VERSION = 1,
	KEYS_MAX = 200000, /* kept in memory at a time */
	AHEAD_FEW = 16,    /* read at a time by somebody who asks here and there */
	AHEAD_MANY = 1024  /* by a scan in the order of persons */
};

static_assert((int)NONCE == (int)VAULT_NONCE && WRAPPED == NONCE + KEY_BYTES + TAG,
	      "as state.h says");

static const char kdf_context[] = "daohu-p1";

static void derive(const unsigned char secret[KEY_BYTES], struct vault_key *ret)
{
	(void)crypto_kdf_derive_from_key(ret->seal, KEY_BYTES, 1, kdf_context, secret);
	(void)crypto_kdf_derive_from_key(ret->mac, KEY_BYTES, 2, kdf_context, secret);
	ret->erased = false;
}

static void put_int(unsigned char *out, uint64_t v, size_t bytes)
{
	for (size_t i = bytes; i-- > 0; v >>= 8)
		out[i] = (unsigned char)(v & 0xFF);
}

/* --- the fields ----------------------------------------------------------- */

/* What a sealed value is bound to, besides the key. */
static void place_of(const struct record_desc *d, size_t field, unsigned char ret[4])
{
	put_int(ret, d->id, 2);
	put_int(ret + 2, d->fields[field].id, 2);
}

void vault_seal(const struct vault_key *key, const struct record_desc *d, size_t field,
		struct str plain, struct buf *out)
{
	unsigned char place[4], head[1 + NONCE] = {SEAL_VERSION}, stack[256];
	size_t n = plain.n + TAG;
	unsigned char *sealed = n <= sizeof(stack) ? stack : base_calloc(n, 1);
	crypto_generichash_state s;
	place_of(d, field, place);
	(void)crypto_generichash_init(&s, key->mac, KEY_BYTES, NONCE);
	(void)crypto_generichash_update(&s, (const unsigned char *)"nonce", 5);
	(void)crypto_generichash_update(&s, place, sizeof(place));
	(void)crypto_generichash_update(&s, (const unsigned char *)plain.p, plain.n);
	(void)crypto_generichash_final(&s, head + 1, NONCE);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL,
							  (const unsigned char *)plain.p, plain.n,
							  place, sizeof(place), NULL, head + 1,
							  key->seal);
	buf_add(out, head, sizeof(head));
	buf_add(out, sealed, n);
	if (sealed != stack)
		base_free(sealed);
}

static enum err seal_field(void *arg, int64_t owner, const struct record_desc *d, size_t field,
			   struct str plain, struct buf *out)
{
	struct vault *v = arg;
	const struct vault_key *key;
	enum err e = vault_key(v, owner, &key);
	if (e)
		return e;
	if (!key || key->erased)
		return diag_set(db_diag(v->db), key ? ERR_ERASED : ERR_KEYS, "%s: %lld", d->name,
				(long long)owner);
	vault_seal(key, d, field, plain, out);
	return OK;
}

static enum err open_field(void *arg, int64_t owner, const struct record_desc *d, size_t field,
			   struct str sealed, struct arena *a, struct str *ret)
{
	struct vault *v = arg;
	const struct vault_key *key;
	enum err e = vault_key(v, owner, &key);
	if (e)
		return e;
	if (key && key->erased) {
		*ret = (struct str){NULL, 0};
		return OK;
	}
	const unsigned char *p = (const unsigned char *)sealed.p;
	unsigned char place[4];
	place_of(d, field, place);
	if (!key || sealed.n < 1 + NONCE + TAG || p[0] != SEAL_VERSION)
		return diag_set(db_diag(v->db), ERR_KEYS, "%s.%s", d->name,
				d->fields[field].name);
	size_t n = sealed.n - 1 - NONCE - TAG;
	unsigned char *plain = arena_alloc(a, n + 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, p + 1 + NONCE, n + TAG,
							place, sizeof(place), p + 1, key->seal))
		return diag_set(db_diag(v->db), ERR_JOURNAL_BROKEN, "%s.%s", d->name,
				d->fields[field].name);
	plain[n] = '\0';
	*ret = (struct str){(const char *)plain, n};
	return OK;
}

void vault_salt(const struct keys *keys, const struct vault_key *key, uint16_t table, int64_t rec,
		int64_t version, unsigned char ret[SALT_BYTES])
{
	unsigned char text[4 + 2 + 8 + 8] = {'s', 'a', 'l', 't'};
	put_int(text + 4, table, 2);
	put_int(text + 6, (uint64_t)rec, 8);
	put_int(text + 14, (uint64_t)version, 8);
	(void)crypto_generichash(ret, SALT_BYTES, text, sizeof(text),
				 key && !key->erased ? key->mac : keys->salt, KEY_BYTES);
}

/* --- the persons' keys ---------------------------------------------------- */

void vault_init(struct vault *v, struct db *db, const struct keys *keys)
{
	memset(v, 0, sizeof(*v));
	v->db = db;
	v->keys = keys;
	v->top = -1;
	derive(keys->data, &v->house);
	memcpy(v->house.mac, keys->salt, KEY_BYTES); /* as vault_salt without a person */
	by_number_init(&v->index);
	struct db_vault hooks = {v, seal_field, open_field};
	db_set_vault(db, &hooks);
}

void vault_forget(struct vault *v)
{
	if (v->list.p)
		sodium_memzero(v->list.p, v->list.n * sizeof(*v->list.p));
	v->list.n = 0;
	v->unsure = false;
	v->top = -1;
	by_number_release(&v->index);
}

void vault_release(struct vault *v)
{
	db_set_vault(v->db, NULL);
	vault_forget(v);
	vec_free(&v->list);
	sodium_memzero(&v->house, sizeof(v->house));
	sodium_memzero(v->fresh, sizeof(v->fresh));
}

/* The wrapping is bound to county and person, so keys cannot be swapped. */
static size_t wrap_label(const struct vault *v, int64_t person, unsigned char out[128])
{
	const char *county = db_county(v->db);
	size_t n = strlen(county) < 100 ? strlen(county) : 100;
	put_int(out, (uint64_t)person, 8);
	memcpy(out + 8, county, n);
	return n + 8;
}

static struct vault_key *remember(struct vault *v, int64_t person)
{
	struct vault_key *key = vec_push(&v->list);
	by_number_set(&v->index, person, (int32_t)v->list.n - 1);
	return key;
}

static enum err unwrap(struct vault *v, int64_t person, struct str wrapped, struct diag *diag)
{
	unsigned char secret[KEY_BYTES], label[128];
	const unsigned char *p = (const unsigned char *)wrapped.p;
	if (!p) {
		remember(v, person)->erased = true;
		return OK;
	}
	size_t n = wrap_label(v, person, label);
	if (wrapped.n != WRAPPED ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, p + NONCE,
							KEY_BYTES + TAG, label, n, p,
							v->keys->data))
		return diag_set(diag, ERR_KEYS, "person_key %lld", (long long)person);
	derive(secret, remember(v, person));
	sodium_memzero(secret, sizeof(secret));
	return OK;
}

/* Keeps the list within bounds; of what was made, some may still come to nothing. */
static void make_room(struct vault *v)
{
	bool unsure = v->unsure;
	int64_t top = v->top;
	if (v->list.n <= KEYS_MAX)
		return;
	vault_forget(v);
	v->unsure = unsure;
	v->top = top;
}

/* Reads a run of keys, a long one when persons are asked for in order. */
static enum err read_ahead(struct vault *v, int64_t person)
{
	enum err e = OK;
	make_room(v);
	struct stmt *s = db_stmt(v->db, STMT_journal_person_keys);
	bool in_order = person > v->ahead && person - v->ahead <= AHEAD_FEW;
	stmt_bind_int(s, 2, person);
	stmt_bind_int(s, 3, in_order ? AHEAD_MANY : AHEAD_FEW);
	v->ahead = person;
	while (!e && stmt_row(s)) {
		int64_t no = stmt_int(s, 0);
		v->ahead = no;
		struct str wrapped = stmt_blob(s, 1);
		if (!wrapped.p && !stmt_is_null(s, 1)) /* empty is not erased */
			wrapped = STR("");
		if (by_number_get(&v->index, no) >= 0)
			continue;
		if (no == person)
			e = unwrap(v, no, wrapped, db_diag(v->db));
		else if (unwrap(v, no, wrapped, NULL))
			continue; /* whoever asks for that one is told */
	}
	enum err end = stmt_end(s);
	return e ? e : end;
}

/* Random bytes for one key and the nonce it is wrapped with. */
static void draw(struct vault *v, unsigned char ret[KEY_BYTES + NONCE])
{
	enum { ONE = KEY_BYTES + NONCE };
	static_assert(sizeof(v->fresh) % ONE == 0, "whole draws");
	if (v->n_fresh == 0) { /* one call to the system for many */
		randombytes_buf(v->fresh, sizeof(v->fresh));
		v->n_fresh = sizeof(v->fresh);
	}
	unsigned char *p = v->fresh + sizeof(v->fresh) - v->n_fresh;
	v->n_fresh -= ONE;
	memcpy(ret, p, ONE);
	sodium_memzero(p, ONE);
}

void vault_make(const struct vault *v, int64_t person, struct vault_new *n, struct vault_key *ret)
{
	unsigned char label[128];
	const unsigned char *secret = n->random, *nonce = n->random + KEY_BYTES;
	size_t label_n = wrap_label(v, person, label);
	memcpy(n->wrapped, nonce, NONCE);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(n->wrapped + NONCE, NULL, secret, KEY_BYTES,
							  label, label_n, NULL, nonce,
							  v->keys->data);
	derive(secret, ret);
	sodium_memzero(n->random, sizeof(n->random));
}

enum err vault_add(struct vault *v, const struct vault_row *rows, size_t n)
{
	struct stmt *s = db_stmt(v->db, n == VAULT_ROWS ? STMT_journal_person_key_add_16
							: STMT_journal_person_key_add);
	assert(n == VAULT_ROWS || n == 1);
	make_room(v);
	for (size_t i = 0; i < n; i++) {
		stmt_bind_int(s, 2 + 2 * (int)i, rows[i].person);
		stmt_bind_blob(s, 3 + 2 * (int)i,
			       (struct str){(const char *)rows[i].fresh->wrapped, WRAPPED});
	}
	enum err e = stmt_run(s);
	v->unsure = true;
	for (size_t i = 0; !e && i < n; i++) {
		*remember(v, rows[i].person) = *rows[i].key;
		v->top = v->top < rows[i].person ? rows[i].person : v->top;
	}
	return e;
}

/* Whoever comes after the last key of the table has none: no need to look. */
static enum err may_have_key(struct vault *v, int64_t person, bool *ret)
{
	enum err e = OK;
	if (v->top < 0)
		e = stmt_one_int(db_stmt(v->db, STMT_journal_person_key_top), 0, &v->top);
	*ret = person <= v->top;
	return e;
}

/* The key in memory or in the table; NULL when there is none. */
static enum err find_key(struct vault *v, int64_t person, const struct vault_key **ret)
{
	bool maybe = true;
	int32_t at = by_number_get(&v->index, person);
	enum err e = OK;
	if (at < 0 && v->writing)
		e = may_have_key(v, person, &maybe);
	if (!e && at < 0 && maybe) {
		e = read_ahead(v, person);
		at = by_number_get(&v->index, person);
	}
	*ret = at < 0 ? NULL : &v->list.p[at];
	return e;
}

enum err vault_draw(struct vault *v, int64_t person, const struct vault_key **ret,
		    struct vault_new *ret_new)
{
	ret_new->drawn = false;
	*ret = &v->house;
	enum err e = person ? find_key(v, person, ret) : OK;
	if (e || *ret || !v->writing)
		return e;
	draw(v, ret_new->random);
	ret_new->drawn = true;
	return OK;
}

enum err vault_key(struct vault *v, int64_t person, const struct vault_key **ret)
{
	struct vault_new fresh;
	struct vault_key key;
	enum err e = vault_draw(v, person, ret, &fresh);
	if (e || !fresh.drawn)
		return e;
	vault_make(v, person, &fresh, &key);
	e = vault_add(v, &(struct vault_row){person, &fresh, &key}, 1);
	sodium_memzero(&key, sizeof(key));
	return e ? e : find_key(v, person, ret);
}

enum err vault_destroy(struct vault *v, int64_t person)
{
	struct stmt *s = db_stmt(v->db, STMT_journal_person_key_destroy);
	stmt_bind_int(s, 2, person);
	enum err e = stmt_run(s);
	vault_forget(v);
	return e;
}
