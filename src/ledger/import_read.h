/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import_read: the reading side of an import: one file, from its bytes to the
 * lines that are kept, in packed chunks.
 *
 * Nothing here knows the database.  What it depends on is the file and
 * `struct read_opts`, all of it only read, so that several files may be read
 * at a time, each by a thread of its own (import_ahead.h).  A `struct
 * read_file` belongs to one thread at a time: the reading one until
 * read_rows() has returned, the writing one after that.
 *
 * A file may hold several tables; tables of one layout and year make a group,
 * which becomes a ledger.
 */
#ifndef DAOHU_LEDGER_IMPORT_READ_H
#define DAOHU_LEDGER_IMPORT_READ_H

#include "ledger/index.h"
#include "ledger/intake.h"
#include "ledger/rows_code.h"

enum { READ_GROUPS_MAX = 16 };

struct read_opts {
	const struct pack *pack;
	const struct area_list *areas;
	const char *root;               /* code of the town or county worked for */
	const char *layout;             /* --as, or NULL */
	const struct intake_map *map;   /* or NULL */
	const struct keys *keys;        /* for the index of numbers */
	const char *password;           /* opens files that need one; NULL: none */
	/* Is it no ledger, but something that the caller reads?  NULL: never. */
	bool (*other)(struct rows *rows, size_t *ret_sheet);
	const char *keep;               /* folder where originals are kept, or NULL: nowhere */
};

/* Rows of one layout, gathered. */
struct read_group {
	const struct pack_layout *layout;
	struct rows_order order;
	int64_t rows;
	int64_t in_chunk;       /* rows in `chunk` */
	struct buf chunk;       /* lines; at the end those of the last chunk, packed */
	size_t last_length;     /* of that chunk's lines */
	uint64_t *villages;     /* rows by area index */
	uint64_t homeless;      /* rows without a village */
	int64_t misfits;        /* rows whose required values cannot be read as such */
	bool by_sheet;          /* villages come from sheets or headings */
	int32_t year;
	const char *title;
	struct imap events;     /* hashes of rows, to know a correction */
	struct index_maker index; /* of numbers, sorted at the end, when all rows are kept */
};

struct read_file {
	const char *path;       /* borrowed */
	const char *name;       /* without folders */
	struct diag diag;       /* why it failed */
	size_t no;              /* tells the files of an import apart */
	unsigned char hash[32]; /* SHA-256 of its bytes */
	const char *original;   /* name in read_opts.keep, once it is sealed; or NULL */
	const char *sealed;     /* where it lies until then: read_release() removes it */
	struct arena arena;
	struct rows *rows;
	bool other;             /* read_opts.other said so; it is open, nothing was read */
	size_t other_sheet;
	struct intake *in;
	size_t n_groups;
	struct read_group groups[READ_GROUPS_MAX];
	int *group_of_table;    /* by table index */
	size_t n_tables;
};

/* Takes LEDGER_CHUNK rows of a group, packed (rows_code.h), `length` bytes of
 * lines: the buffer may be exchanged for another.  An error ends the reading. */
typedef enum err (*read_sink)(void *arg, size_t group, int64_t rows, size_t length,
                              struct buf *packed);

/* SHA-256 of a file's bytes; FILE_UNREADABLE. */
MUST_USE enum err read_hash(const char *path, struct diag *diag, unsigned char ret[32]);

void read_init(struct read_file *f, const char *path, size_t no);
void read_release(struct read_file *f);
/* Hash, format, sheets. */
MUST_USE enum err read_open(struct read_file *f, const struct read_opts *o);
/* All rows.  Of each group the last chunk, which is not full, stays in it.
 * FILE_EMPTY when there are none. */
MUST_USE enum err read_rows(struct read_file *f, const struct read_opts *o, read_sink sink,
                            void *arg);
/* Seals the file's bytes into the folder for originals, under a name that is not
 * theirs yet; nothing is done when they are there already.  read_sync() must follow. */
MUST_USE enum err read_seal(struct read_file *f, const struct read_opts *o);
/* Waits until they are on the disk; any thread. */
MUST_USE enum err read_sync(struct read_file *f);
/* Gives them their name; in the entry of the ledgers. */
MUST_USE enum err read_keep(struct read_file *f, const struct keys *keys, struct diag *diag);

#endif
