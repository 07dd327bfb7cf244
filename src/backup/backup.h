/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * backup: a whole data folder as one sealed file, and back.
 *
 * A backup is logical: every table's rows as typed values under the names of their
 * columns, with the number of the schema they are of, so that it can be restored into
 * either engine and by any later version; and the folder's files (config, keys,
 * attachments, originals) as they lie.  It is read from one snapshot while others write.
 *
 * Inside the seal (seal.h) stands a sequence of items, each a letter and what follows it.
 * Numbers are LEB128 (signed ones zigzag), texts and bytes have their length in front.
 *
 *     H text              head, lines "word value": format 1, schema, county, program
 *     F name  D bytes ... E size hash       a file; config and keys come first
 *     T name n (column kind)*               a table; the kind is i, t or b
 *     R value*                              a row: 0 | 1 int | 2 text | 3 bytes, a column each
 *     Z rows hash                           end of the table
 *     X name              a file that should be there and was not
 *     M text              manifest: every count and hash again, the journal's size and root
 *
 * Hashes are SHA-256 (of a table: over its R items).  Left out: who is signed in, failed
 * sign-ins, and what follows from the rest (the index of searches).
 *
 * Whoever reads recomputes all of it: hashes, counts, and the journal's tree from the rows
 * (journal/replay.h).  What needs the house's keys is left to `journal verify`.
 * Memory is bounded by the largest row.
 */
#ifndef DAOHU_BACKUP_BACKUP_H
#define DAOHU_BACKUP_BACKUP_H

#include "backup/seal.h"
#include "db/rows.h"
#include "journal/replay.h"

enum { BACKUP_TABLES_MAX = 200, BACKUP_HASH = 32 };

struct backup_table {
	char name[ROWS_NAME_MAX];
	int64_t rows;
	unsigned char hash[BACKUP_HASH];
};

struct backup_report {
	enum seal_way way;
	char county[64];
	int64_t made_ms;
	unsigned char public[KEY_PUBLIC_BYTES];
	int schema;
	char program[32];
	size_t n_tables;
	struct backup_table table[BACKUP_TABLES_MAX];
	int64_t rows, files, file_bytes, missing;
	unsigned char files_hash[BACKUP_HASH]; /* over name, size and hash of each */
	struct journal_replay_sum journal;
	int64_t size; /* of the backup, bytes */
	bool distributed; /* what it was restored to */
	bool written;     /* it has its name, whatever else backup_write() says */
};

/* Called now and then with what is done so far (bytes of the backup); may be NULL. */
struct backup_progress {
	void (*fn)(void *arg, const struct backup_report *so_far);
	void *arg;
};

/* --- making one ----------------------------------------------------------- */

struct backup_opts {
	struct db *db; /* any mode; its snapshot is what is written */
	enum seal_way way;
	const char *with; /* file of the public key or of the passphrase, by `way` */
	const char *program;
	struct backup_progress progress;
};

/* A backup of the same house under that name is replaced, anything else is not:
 * BACKUP_IN_THE_WAY.  JOURNAL_BROKEN, FILE_UNREADABLE (attachments are missing): the backup
 * may have been written all the same (ret->written) and says so.  Any other error leaves
 * nothing behind. */
MUST_USE enum err backup_write(const struct backup_opts *o, const char *path,
			       struct backup_report *ret);

/* --- reading one ---------------------------------------------------------- */

/* What is made of it; an error ends the reading.  All NULL: it is only looked at. */
struct backup_sink {
	void *arg;
	enum err (*file)(void *arg, const char *name);
	enum err (*data)(void *arg, struct str bytes);
	enum err (*file_end)(void *arg);
	enum err (*table)(void *arg, const struct backup_report *r, const char *name,
			  const struct rows_column *columns, size_t n);
	enum err (*row)(void *arg, const struct rows_value *v);
	enum err (*table_end)(void *arg);
};

/* Where the bytes come from: the next piece, empty at the end. */
struct backup_source {
	void *arg;
	enum err (*next)(void *arg, struct str *ret);
};

/* BACKUP_CUT, BACKUP_LONGER, FILE_DAMAGED with the part of it; JOURNAL_BROKEN when everything
 * is as it was written and the log did not hold then. */
MUST_USE enum err backup_read_items(const struct backup_source *from, const struct seal_head *head,
				    const struct record_desc *const *tables, size_t n_tables,
				    const struct backup_sink *sink, struct diag *diag,
				    struct backup_report *ret);

struct backup_in {
	const char *path;
	struct seal_with with;
	const struct record_desc *const *tables;
	size_t n_tables;
	struct backup_progress progress;
	bool distribute; /* when restored to PostgreSQL: by county (db_distribute) */
};
MUST_USE enum err backup_verify(const struct backup_in *in, struct diag *diag,
				struct backup_report *ret);

/*
 * Into a new folder `dir`, made under another name and renamed when all is there: either
 * the whole of it, or nothing.  DATA_DIR_EXISTS.  The keys are restored as they were.
 * `url`: of the database, NULL for the embedded one.
 */
MUST_USE enum err backup_restore(const struct backup_in *in, const char *dir, const char *url,
				 struct diag *diag, struct backup_report *ret);

#endif
