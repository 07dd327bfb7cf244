/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* state: the journal's handle from inside this folder. */
#ifndef DAOHU_JOURNAL_STATE_H
#define DAOHU_JOURNAL_STATE_H

#include "base/by_number.h"
#include "base/vec.h"
#include "journal/journal.h"
#include "journal/merkle.h"
#include "journal/secret.h"
#include "journal/stored.h"

enum {
	SALT_BYTES = 16,
	TABLE_PERSON_KEY = 1, /* in change.tbl: the erasure of a person's key */
	CLOCK_SLACK_MS = 1000 /* behind by less: entries that came close together */
};

/* What one person's (or the house's) key is used for, derived from it. */
struct vault_key {
	unsigned char seal[KEY_BYTES]; /* XChaCha20-Poly1305 */
	unsigned char mac[KEY_BYTES];  /* nonces and salts */
	bool erased;
};

struct vault {
	struct db *db;
	const struct keys *keys;
	struct by_number index;       /* person → index in list */
	VEC(struct vault_key) list;
	struct vault_key house;       /* for records that are nobody's */
	bool writing;                 /* keys that are not there yet may be made */
	bool unsure;                  /* keys were made in a transaction of somebody else's,
	                                 which may still have come to nothing */
	int64_t ahead;                /* last person read ahead */
	int64_t top;                  /* nobody above has a key in the table; -1 = not known */
	unsigned char fresh[64 * 56]; /* random bytes for keys to be made, drawn together */
	size_t n_fresh;               /* that are left, at the end */
};

/* One record table as the open entry uses it. */
struct journal_table {
	struct stored_order order;
	bool ordered;
	int64_t next_no; /* 0 = not asked for in this entry */
	int64_t had_no;  /* what the counter stood at */
};

struct journal {
	struct db *db;
	const struct keys *keys;
	struct vault vault;
	struct journal_table *tables; /* by place in db_tables() */
	struct db_sealed sealed;
	struct stored before, after;
	struct buf json, delta;
	struct arena arena; /* of one entry */
	struct inserts *inserts; /* insert.c; NULL until the first */
	char os_user[64];

	/* the open entry */
	bool open;
	bool own_transaction;
	struct entry_info info;
	int64_t entry, at_ms, seq;
	bool marked; /* written also without a change */
	char mark[JOURNAL_MARK];
	int64_t clock_ms; /* reading of a clock that stands behind; 0 = it does not */
	struct merkle changes;

	struct merkle tree; /* of all entries up to the last one that was added here ... */
	unsigned char leaf[MERKLE_HASH]; /* ... which has this leaf; tree.n 0: not known */
	uint64_t moment;    /* db_moment() then: no other one has come since while it is the same */
	int64_t last_ms;    /* and its at_ms */
	bool unsigned_entries; /* in a transaction of somebody else's: signed when it ends */
	bool clock_noted; /* the clock being behind has an entry already */
};

/* vault.c */
void vault_init(struct vault *v, struct db *db, const struct keys *keys);
void vault_release(struct vault *v);
void vault_forget(struct vault *v);
/* The key of a person; OK with *ret NULL when there is none and none may be made. */
MUST_USE enum err vault_key(struct vault *v, int64_t person, const struct vault_key **ret);
/* A sealed field, added to `out`; the key is not an erased person's. */
void vault_seal(const struct vault_key *key, const struct record_desc *d, size_t field,
		struct str plain, struct buf *out);
/* The salt of one record version; with no key (nobody's record) or an erased
 * person's: the journal's own. */
void vault_salt(const struct keys *keys, const struct vault_key *key, uint16_t table, int64_t rec,
		int64_t version, unsigned char ret[SALT_BYTES]);

/* A key in the making. */
enum { VAULT_NONCE = 24, VAULT_WRAPPED = VAULT_NONCE + KEY_BYTES + 16 };
struct vault_new {
	bool drawn; /* or the person has one already, and nothing of this counts */
	unsigned char random[KEY_BYTES + VAULT_NONCE];
	unsigned char wrapped[VAULT_WRAPPED];
};
/* As vault_key(), but of a person without a key *ret is NULL and ret_new->drawn:
 * any thread may then make the key with vault_make(), and the one that has the
 * database puts it into the table with vault_add(). */
MUST_USE enum err vault_draw(struct vault *v, int64_t person, const struct vault_key **ret,
			     struct vault_new *ret_new);
void vault_make(const struct vault *v, int64_t person, struct vault_new *n,
		struct vault_key *ret);
/* VAULT_ROWS at once, or one. */
enum { VAULT_ROWS = 16 };
struct vault_row {
	int64_t person;
	const struct vault_new *fresh;
	const struct vault_key *key;
};
MUST_USE enum err vault_add(struct vault *v, const struct vault_row *rows, size_t n);
MUST_USE enum err vault_destroy(struct vault *v, int64_t person);

/* journal.c */
MUST_USE enum err journal__next_no(struct journal *j, const struct record_desc *d, int64_t *ret);
/* A number that somebody chose is not given again. */
MUST_USE enum err journal__take_no(struct journal *j, const struct record_desc *d, int64_t no);
struct journal_table *journal__table(struct journal *j, const struct record_desc *d);
/* A change row, without its leaf in the entry's tree; and with it. */
MUST_USE enum err journal__change_row(struct journal *j, uint16_t table, const struct record *rec,
				      char op, const unsigned char digest[JOURNAL_HASH]);
MUST_USE enum err journal__change(struct journal *j, uint16_t table, const struct record *rec,
				  char op, const unsigned char digest[JOURNAL_HASH]);
/* SHA-256 of salt, place and canonical text. */
void journal__commitment(const unsigned char salt[SALT_BYTES], uint16_t table,
			 const struct record *rec, struct str json,
			 unsigned char ret[JOURNAL_HASH]);
/* A change row as a leaf of its entry's tree. */
void journal__change_leaf(uint16_t table, int64_t rec, int64_t version, char op, struct str digest,
			  unsigned char ret[MERKLE_HASH]);

/* insert.c */
struct inserts;
void journal__inserts_free(struct inserts *in); /* NULL is fine */

/* tree.c */
struct entry_row {
	int64_t no, at_ms, changes;
	const char *kind;
	date_t event_date;
	const char *actor, *os_user, *reason, *command, *source_file, *pack_version;
	struct str source_hash, pack_hash, root;
};
void tree_entry_json(const char *county, const struct entry_row *e, struct buf *out);
void tree_read_entry(struct stmt *s, struct arena *a, struct entry_row *ret);
/* Writes the entry, hangs its leaf into the tree. */
MUST_USE enum err tree_append(struct journal *j, const struct entry_row *e);
/* The last entry there is: false, and what is known of the tree is forgotten, when it is not the one
 * that was added last (that one was taken back, or somebody else wrote). */
bool tree_meet(struct journal *j, int64_t entry, const unsigned char leaf[MERKLE_HASH]);
/* Signs the head of a tree of `size` leaves and writes it down. */
MUST_USE enum err tree_sign(struct journal *j, int64_t size, int64_t at_ms);
/* Takes a note apart; *ret_ours: signed by this house for this county. */
struct note {
	int64_t size;
	unsigned char root[MERKLE_HASH];
	bool ours;
};
bool tree_read_note(const struct journal *j, struct str text, struct note *ret);
/* The same without a journal at hand. */
struct note_house {
	const char *county;
	const unsigned char *public;
};
bool tree_read_note_of(const struct note_house *h, struct str text, struct note *ret);

#endif
