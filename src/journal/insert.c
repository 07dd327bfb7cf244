/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * New records.  What a record needs before it is written — sealed fields, its
 * values as stored, their commitment, the change row's leaf, hung into the
 * entry's tree — is computed by make_block() from the record and its person's
 * key alone, without the database.  When there are many, a thread of its own makes the next block
 * while the caller's writes the one before, or, when nobody has begun it, the
 * caller does.  Of a block the caller's thread has all until it is handed over,
 * its maker until it is made, then the caller again.
 */
#include <assert.h>
#include <pthread.h>
#include <sodium.h>

#include "base/cpus.h"
#include "journal/state.h"

#include "base/banned.h"

enum {
	BLOCK = 256,  /* records */
	BLOCKS = 3,   /* one is written, one made, one waits */
	MANY = 512,   /* from so many on it pays to start a thread */
	ROWS = 16,    /* change rows of one statement (journal_change_add_16) */
};

/* One record on its way. */
struct made {
	struct record head;
	const void *rec;
	struct vault_key key; /* its person's, or the house's */
	struct vault_new fresh; /* the key, when this record brings the person */
	struct db_sealed sealed;
	unsigned char digest[JOURNAL_HASH];
};

struct block {
	struct made made[BLOCK];
	size_t n;
	size_t n_good; /* those before the first that could not be made */
	enum err err;  /* why */
	struct diag diag;
};

/* What making needs besides the block; the maker's alone. */
struct maker {
	const struct record_desc *d;
	const struct keys *keys;
	const struct vault *vault; /* its names and keys of the house only */
	const struct stored_order *order;
	struct merkle *tree; /* of the entry's changes; the caller's again when all are made */
	struct stored values;
	struct buf json;
};

struct inserts {
	struct block blocks[BLOCKS];
	struct maker maker;

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t handed_over;
	pthread_cond_t was_made;
	size_t handed, made; /* blocks, counted from the beginning */
	bool making;         /* somebody has the maker and the next block */
	bool stop;
};

/* --- making: no database ------------------------------------------------------------ */

static enum err seal_with(void *arg, int64_t owner, const struct record_desc *d, size_t field,
			  struct str plain, struct buf *out)
{
	const struct vault_key *key = arg;
	if (key->erased)
		return ERR_ERASED;
	vault_seal(key, d, field, plain, out);
	return OK;
}

static enum err make_one(struct maker *k, struct made *m, struct diag *diag)
{
	unsigned char salt[SALT_BYTES], leaf[MERKLE_HASH];
	const struct record_desc *d = k->d;
	const struct db_vault vault = {.arg = &m->key, .seal = seal_with};
	if (m->fresh.drawn)
		vault_make(k->vault, m->head.no, &m->fresh, &m->key);
	enum err e = db_seal_record(&vault, d, m->rec, &m->sealed, diag);
	if (e)
		return diag_set(diag, e, "%s: %lld", d->name, (long long)record_owner(d, m->rec));
	stored_from_record(d, m->rec, &m->sealed, &k->values);
	vault_salt(k->keys, &m->key, d->id, m->head.no, m->head.version, salt);
	buf_clear(&k->json);
	stored_json(d, k->order, &k->values, &k->json);
	if (k->json.full)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "%s %lld", d->name,
				(long long)m->head.no);
	journal__commitment(salt, d->id, &m->head, buf_str(&k->json), m->digest);
	journal__change_leaf(d->id, m->head.no, m->head.version, 'I',
			     (struct str){(const char *)m->digest, JOURNAL_HASH}, leaf);
	merkle_add(k->tree, leaf);
	return OK;
}

static void make_block(struct maker *k, struct block *b)
{
	b->err = OK;
	for (b->n_good = 0; b->n_good < b->n; b->n_good++) {
		b->err = make_one(k, &b->made[b->n_good], &b->diag);
		if (b->err)
			break;
	}
}

/* Makes the next block; with the lock, which it gives back for the time. */
static void make_next(struct inserts *in)
{
	struct block *b = &in->blocks[in->made % BLOCKS];
	in->making = true;
	(void)pthread_mutex_unlock(&in->lock);
	make_block(&in->maker, b);
	(void)pthread_mutex_lock(&in->lock);
	in->making = false;
	in->made++;
}

static void *helper_main(void *arg)
{
	struct inserts *in = arg;
	(void)pthread_mutex_lock(&in->lock);
	for (;;) {
		while (!in->stop && (in->made == in->handed || in->making))
			(void)pthread_cond_wait(&in->handed_over, &in->lock);
		if (in->stop)
			break;
		make_next(in);
		(void)pthread_cond_signal(&in->was_made);
	}
	(void)pthread_mutex_unlock(&in->lock);
	return NULL;
}

/* --- the caller's: numbers, keys, rows ------------------------------------------------ */

/* Gives the records their numbers and finds their keys. */
static enum err fill_block(struct journal *j, const struct record_desc *d, char *recs, size_t n,
			   struct block *b)
{
	enum err e = OK;
	diag_clear(&b->diag);
	b->n = 0;
	for (size_t i = 0; !e && i < n; i++) {
		struct made *m = &b->made[i];
		const struct vault_key *key = NULL;
		m->rec = recs + i * d->size;
		memcpy(&m->head, m->rec, sizeof(m->head));
		if (m->head.no)
			e = journal__take_no(j, d, m->head.no);
		else
			e = journal__next_no(j, d, &m->head.no);
		m->head.version = 1;
		memcpy(recs + i * d->size, &m->head, sizeof(m->head));
		m->fresh.drawn = false;
		if (!e && d->owner == OWNER_SELF)
			e = vault_draw(&j->vault, m->head.no, &key, &m->fresh);
		else if (!e)
			e = vault_key(&j->vault, record_owner(d, m->rec), &key);
		if (!e && !m->fresh.drawn)
			m->key = *key;
		b->n += !e;
	}
	return e;
}

/* The keys of the persons whom the block brings. */
static enum err add_keys(struct journal *j, const struct block *b)
{
	struct vault_row rows[BLOCK];
	size_t n = 0, i = 0;
	enum err e = OK;
	for (size_t k = 0; k < b->n_good; k++)
		if (b->made[k].fresh.drawn)
			rows[n++] = (struct vault_row){b->made[k].head.no, &b->made[k].fresh,
						       &b->made[k].key};
	for (; !e && i + VAULT_ROWS <= n; i += VAULT_ROWS)
		e = vault_add(&j->vault, &rows[i], VAULT_ROWS);
	for (; !e && i < n; i++)
		e = vault_add(&j->vault, &rows[i], 1);
	return e;
}

/* ROWS change rows at once, which costs half of what they cost one by one. */
static enum err change_rows(struct journal *j, const struct record_desc *d, const struct made *m)
{
	struct stmt *s = db_stmt(j->db, STMT_journal_change_add_16);
	stmt_bind_int(s, 2, j->entry);
	stmt_bind_int(s, 3, d->id);
	for (int i = 0; i < ROWS; i++) {
		stmt_bind_int(s, 4 + 3 * i, ++j->seq);
		stmt_bind_int(s, 5 + 3 * i, m[i].head.no);
		stmt_bind_blob(s, 6 + 3 * i, (struct str){(const char *)m[i].digest, JOURNAL_HASH});
	}
	return stmt_run(s);
}

static enum err write_block(struct journal *j, const struct record_desc *d, const struct block *b)
{
	struct db_insert rows[BLOCK];
	size_t i;
	for (i = 0; i < b->n_good; i++)
		rows[i] = (struct db_insert){b->made[i].rec, &b->made[i].sealed};
	enum err e = add_keys(j, b);
	if (!e)
		e = db_insert_records(j->db, d, rows, b->n_good);
	for (i = 0; !e && i + ROWS <= b->n_good; i += ROWS)
		e = change_rows(j, d, &b->made[i]);
	buf_clear(&j->delta);
	for (; !e && i < b->n_good; i++)
		e = journal__change_row(j, d->id, &b->made[i].head, 'I', b->made[i].digest);
	if (!e && b->err) {
		e = b->err;
		*db_diag(j->db) = b->diag;
	}
	return e;
}

static struct inserts *inserts_of(struct journal *j, const struct record_desc *d)
{
	struct inserts *in = j->inserts;
	if (!in) {
		in = j->inserts = base_calloc(1, sizeof(*in));
		for (size_t i = 0; i < BLOCKS; i++)
			for (size_t k = 0; k < BLOCK; k++)
				db_sealed_init(&in->blocks[i].made[k].sealed);
		buf_init(&in->maker.json, (size_t)64 << 20);
		(void)pthread_mutex_init(&in->lock, NULL);
		(void)pthread_cond_init(&in->handed_over, NULL);
		(void)pthread_cond_init(&in->was_made, NULL);
	}
	in->maker.d = d;
	in->maker.keys = j->keys;
	in->maker.vault = &j->vault;
	in->maker.tree = &j->changes;
	in->maker.order = &journal__table(j, d)->order;
	in->handed = in->made = 0;
	in->making = in->stop = false;
	return in;
}

void journal__inserts_free(struct inserts *in)
{
	if (!in)
		return;
	for (size_t i = 0; i < BLOCKS; i++)
		for (size_t k = 0; k < BLOCK; k++)
			db_sealed_release(&in->blocks[i].made[k].sealed);
	buf_release(&in->maker.json);
	(void)pthread_cond_destroy(&in->was_made);
	(void)pthread_cond_destroy(&in->handed_over);
	(void)pthread_mutex_destroy(&in->lock);
	sodium_memzero(in, sizeof(*in)); /* persons' keys */
	base_free(in);
}

static void hand_over(struct inserts *in)
{
	(void)pthread_mutex_lock(&in->lock);
	in->handed++;
	(void)pthread_cond_signal(&in->handed_over);
	(void)pthread_mutex_unlock(&in->lock);
}

/* Where the helper has not come to it, the caller makes the block. */
static void wait_made(struct inserts *in, size_t block)
{
	(void)pthread_mutex_lock(&in->lock);
	while (in->made <= block) {
		if (in->making)
			(void)pthread_cond_wait(&in->was_made, &in->lock);
		else
			make_next(in);
	}
	(void)pthread_mutex_unlock(&in->lock);
}

static enum err with_helper(struct journal *j, struct inserts *in, char *recs, size_t n)
{
	const struct record_desc *d = in->maker.d;
	size_t n_blocks = (n + BLOCK - 1) / BLOCK, filled = 0;
	enum err e = OK;
	for (size_t i = 0; !e && i < n_blocks; i++) {
		/* one more than is being written, so that the helper has work */
		for (; !e && filled < n_blocks && filled < i + BLOCKS - 1; filled++) {
			size_t at = filled * BLOCK, some = n - at < BLOCK ? n - at : BLOCK;
			e = fill_block(j, d, recs + at * d->size, some, &in->blocks[filled % BLOCKS]);
			if (!e)
				hand_over(in);
		}
		if (!e)
			wait_made(in, i);
		if (!e)
			e = write_block(j, d, &in->blocks[i % BLOCKS]);
	}
	return e;
}

static enum err alone(struct journal *j, struct inserts *in, char *recs, size_t n)
{
	const struct record_desc *d = in->maker.d;
	enum err e = OK;
	for (size_t at = 0; !e && at < n; at += BLOCK) {
		size_t some = n - at < BLOCK ? n - at : BLOCK;
		e = fill_block(j, d, recs + at * d->size, some, &in->blocks[0]);
		if (e)
			break;
		make_block(&in->maker, &in->blocks[0]);
		e = write_block(j, d, &in->blocks[0]);
	}
	return e;
}

enum err journal_insert_all(struct journal *j, const struct record_desc *d, void *recs, size_t n)
{
	pthread_t helper;
	assert(j->open);
	struct inserts *in = inserts_of(j, d);
	if (n < MANY || cpus_usable() < 2 || pthread_create(&helper, NULL, helper_main, in) != 0)
		return alone(j, in, recs, n);
	enum err e = with_helper(j, in, recs, n);
	(void)pthread_mutex_lock(&in->lock);
	in->stop = true;
	(void)pthread_cond_signal(&in->handed_over);
	(void)pthread_mutex_unlock(&in->lock);
	(void)pthread_join(helper, NULL);
	return e;
}

enum err journal_insert(struct journal *j, const struct record_desc *d, void *rec)
{
	return journal_insert_all(j, d, rec, 1);
}
