/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * journal: the one door through which business data changes.
 *
 * A change is an insert, update or delete of one record; the changes of one
 * command or request make an entry that says who, when, why and from which
 * source.  Entry, changes and records are written in one transaction.
 *
 *     journal_begin(j, &(struct entry_info){.actor = "…", .command = "import"});
 *     journal_insert(j, &household_desc, &h);            (sets h.no, h.version)
 *     journal_update(j, &person_desc, &before, &after);
 *     journal_commit(j, &entry_no);
 *
 * What is kept: an insert only its commitment (the values stand in the record),
 * an update or delete the old values too, so every version can be rebuilt
 * backwards from the record that is there.
 *
 * What is proven (docs/journal.md): a record version is committed to by
 * SHA-256 over a secret salt and its canonical JSON as stored; the change rows
 * of an entry are the leaves of one Merkle tree; the entry with that root is a
 * leaf of the county's RFC 6962 tree, whose head is signed at every commit.
 *
 * Time: entries' at_ms strictly grow; when the clock stands behind the last
 * entry, last + 1 ms is used and an entry of kind CLOCK is written before.
 *
 * Errors: codes of db.h and keys.h; after any failure call journal_rollback().
 */
#ifndef DAOHU_JOURNAL_JOURNAL_H
#define DAOHU_JOURNAL_JOURNAL_H

#include "db/db.h"
#include "journal/keys.h"

enum { JOURNAL_HASH = 32 };

struct journal;

/* Who and why; texts are borrowed until the commit, NULL = not given. */
struct entry_info {
	const char *actor;   /* person or role that answers for it; NULL: the OS user */
	const char *reason;
	const char *command; /* "import", "check --record" */
	date_t event_date;   /* civil date of what is recorded; 0 = that of recording */
	const char *source_file;
	struct str source_hash; /* bytes */
	const char *pack_version;
	struct str pack_hash;
};

/* db and keys are borrowed and must outlive it.  Sets the db's vault, so reads
 * open sealed fields as well.  On a DB_READ handle only reading works; on one that writes
 * there is one journal. */
MUST_USE enum err journal_open(struct db *db, const struct keys *keys, struct journal **ret);
void journal_close(struct journal *j);
/* Another process may have erased somebody: persons' keys are read anew. */
void journal_forget_keys(struct journal *j);
struct db *journal_db(const struct journal *j);
const struct keys *journal_keys(const struct journal *j);

/* --- writing -------------------------------------------------------------- */

MUST_USE enum err journal_begin(struct journal *j, const struct entry_info *info);
/* The next number for a record of this table (taken in blocks). */
MUST_USE enum err journal_next_no(struct journal *j, const char *table, int64_t *ret);
/* The number that the next new record of this table gets, unless somebody takes it before: for
 * whoever works out records, and their references to each other, ahead of the entry. */
MUST_USE enum err journal_free_no(struct journal *j, const char *table, int64_t *ret);
/* rec->no is assigned when it is 0, else taken as free; rec->version becomes 1. */
MUST_USE enum err journal_insert(struct journal *j, const struct record_desc *d, void *rec);
/* The same for n records of one table, an array of d->size each, in this order;
 * when there are many a second thread works on them. */
MUST_USE enum err journal_insert_all(struct journal *j, const struct record_desc *d, void *recs,
				     size_t n);
/* Nothing happens when they are equal (new->version = old->version).  CONFLICT
 * when the record there is not of old->version. */
MUST_USE enum err journal_update(struct journal *j, const struct record_desc *d, const void *old,
				 void *new_rec);
MUST_USE enum err journal_delete(struct journal *j, const struct record_desc *d, const void *old);
/* The open entry gets this reason, and is written also when nothing changes in it.  `source`
 * (copied, so much of it as JOURNAL_MARK takes) is kept where the hash of a file would be. */
enum { JOURNAL_MARK = 2048 };
void journal_mark(struct journal *j, const char *reason, const char *source);
/* Has nothing changed in the open entry? */
bool journal_is_empty(const struct journal *j);
/* Without a single change nothing is written and *ret_entry is 0; ret_entry may be NULL. */
MUST_USE enum err journal_commit(struct journal *j, int64_t *ret_entry);
void journal_rollback(struct journal *j);
/* Instant that the open entry will carry (for recorded_from). */
int64_t journal_now(const struct journal *j);
/* Number of the open entry, 0 when none is open. */
int64_t journal_entry(const struct journal *j);
/* Number of the last entry that the database shows, 0 when there is none. */
MUST_USE enum err journal_last_entry(struct db *db, int64_t *ret);

/* What other records say of a person: these fields of one record. */
struct erase_also {
	const struct record_desc *table;
	int64_t no;
	uint64_t fields; /* bits by index */
};
/* Erases a person: destroys the key, blanks office, sensitive and sealed fields
 * of every record that is theirs and those named in `also`, purges old values;
 * one entry of its own.  References, keys and the days of spans stay. */
MUST_USE enum err journal_erase_person(struct journal *j, int64_t person,
				       const struct erase_also *also, size_t n_also,
				       const struct entry_info *info);

/* Has the person been erased?  No when there is none. */
MUST_USE enum err journal_is_erased(struct journal *j, int64_t person, bool *ret);

/* Are these the keys that signed this journal?  Yes while nothing is signed. */
MUST_USE enum err journal_fits_keys(struct journal *j, bool *ret);

/* --- proofs --------------------------------------------------------------- */

/* The latest signed checkpoint as a C2SP tlog-checkpoint note. */
MUST_USE enum err journal_checkpoint(struct journal *j, struct buf *out);
/* Text a stranger can check with the note alone: entry header, Merkle path
 * (RFC 6962 §2.1.1).  For a record: also its change row and the path in the
 * entry; with `open` the salt and the values as stored, so that its holder can
 * recompute the commitment (this prints personal data). */
MUST_USE enum err journal_prove_entry(struct journal *j, int64_t entry, struct buf *out);
MUST_USE enum err journal_prove_record(struct journal *j, const struct record_desc *d, int64_t no,
				       bool open, struct buf *out);
/* The key to check notes with, as Go's note package and witnesses take it. */
void journal_verifier_key(const struct journal *j, struct buf *out);

enum journal_fault {
	JOURNAL_ALTERED,   /* a record differs from its last change */
	JOURNAL_MISSING,   /* a record of the journal is not there */
	JOURNAL_EXTRA,     /* a record that the journal does not know */
	JOURNAL_CHANGE,    /* change rows differ from their entry, or history does not add up */
	JOURNAL_ENTRY,     /* an entry's header was edited, or entries are missing */
	JOURNAL_TREE,      /* the tree does not lead to the signed checkpoint */
	JOURNAL_KEY,       /* a person's key is gone without an erasure */
	JOURNAL_FAULT_MAX
};

struct journal_report {
	enum journal_fault fault;
	const struct record_desc *table; /* NULL when none is meant */
	int64_t no;                      /* record or entry */
	const char *name;                /* what people call the record; NULL = its no */
	const char *detail;              /* data only */
};

struct journal_summary {
	int64_t entries, changes, records, erased, clock_backs, faults;
	int64_t size;                       /* of the tree that was checked */
	unsigned char root[JOURNAL_HASH];
};

const char *journal_fault_text(enum journal_fault f, enum lang lang);
/*
 * Replays everything; `report` (may be NULL) is called for every fault.
 * `note` (may be empty): a checkpoint kept outside the house, which must lie on
 * the way to the present one.  JOURNAL_BROKEN when there are faults.
 * Memory is bounded: streams in key order.
 */
MUST_USE enum err journal_verify(struct journal *j, struct str note,
				 void (*report)(void *arg, const struct journal_report *r),
				 void *arg, struct journal_summary *ret);

/* History of one record, newest first. */
struct journal_version {
	int64_t version, entry, at_ms;
	char op; /* 'I' 'U' 'D' 'E' */
	const char *actor, *reason, *command, *source_file;
	const char *old_values; /* JSON {"field id": "old" or null}; NULL for an insert */
};
MUST_USE enum err journal_history(struct journal *j, const struct record_desc *d, int64_t no,
				  struct arena *a, struct journal_version **ret, size_t *ret_n);
/* Puts an old value, as `old_values` has it, into a record; what is sealed stays absent. */
void journal_set_old(const struct record_desc *d, void *rec, size_t field, struct str old,
		     struct arena *a);

/* What a record that is gone was when it was deleted, into the zeroed *rec: sealed and bulky fields stay
 * absent, texts go to `a`.  No when it is there, never was, or was purged. */
MUST_USE enum err journal_deleted(struct journal *j, const struct record_desc *d, int64_t no,
				  struct arena *a, void *rec, bool *ret);

/* A change since some instant, with the values that it replaced. */
struct journal_change {
	const struct record_desc *table;
	int64_t no, version, entry, at_ms;
	bool insert;
	date_t event_date;
	const char *actor, *reason, *command, *source_file; /* NULL = not given */
	uint64_t fields;  /* bits by index: which differ; of an insert 0 */
	const void *old;  /* record with the old values of those; sealed ones are absent */
};
/* Inserts and updates by entries of other commands than `but` (NULL: of all), oldest first,
 * until fn returns false.  What fn is given lives in `a`. */
MUST_USE enum err journal_changes_since(struct journal *j, int64_t since_ms, const char *but,
					struct arena *a,
					bool (*fn)(void *arg, const struct journal_change *c), void *arg);

#endif
