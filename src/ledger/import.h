/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import: files that an office handed in, into ledgers: the writing side.
 *
 * A file may hold several tables; tables of one layout make one ledger.  What
 * is kept: the typed rows sealed in chunks, a record that says which office's
 * ledger it is, as of when, covering which villages, and the original, sealed
 * in DIR/files until its retention date.  The register is not touched here:
 * project_run does that once after all files.
 *
 * As-of date: given; else found in the file; else none is kept and the ledger
 * counts on every day (struct import_result says so).  Areas: given; else what
 * the file names (covers.h).  A file already in force (same bytes,
 * pack and options) is left alone.
 *
 * The files are read by threads of their own (import_read.h, import_ahead.h);
 * everything here runs in the one that has the database.
 *
 * Nothing of a file is kept when it fails; problems of cells never make it fail.
 */
#ifndef DAOHU_LEDGER_IMPORT_H
#define DAOHU_LEDGER_IMPORT_H

#include "ledger/import_ahead.h"

struct import {
	struct journal *j;
	const struct pack *pack;
	const struct area_list *areas;
	const char *root;          /* code of the town or county worked for */
	/* as given, NULL or 0 when not */
	const char *layout;        /* --as */
	const struct intake_map *map;
	const char *map_path;
	date_t as_of;
	const char *const *covers; /* area codes or names */
	size_t n_covers;
	bool partial;
	const char *authorisation;
	bool dry_run;              /* the original is not kept */
	bool in_turn;              /* others write too: ahead_settle() is called for each file */
	bool (*other)(struct rows *rows, size_t *ret_sheet); /* as in struct read_opts */
	const char *password;      /* the same */
	/* Called for every chunk of rows that was taken; false: the file ends with INTERRUPTED.  Or NULL. */
	bool (*progress)(struct ahead_at at);
};

struct import_ledger {
	struct ledger record;
	uint64_t villages;      /* how many villages its rows name */
	uint64_t without_place; /* rows that name none */
	bool unplaced;          /* nothing says which towns it covers: taken as partial */
	bool corrects;          /* an earlier file of the same events */
};

struct import_result {
	bool already;               /* in force already: nothing was done */
	size_t n_ledgers;
	struct import_ledger ledgers[READ_GROUPS_MAX];
	struct intake_counts counts;
	const struct reject *rejects; /* this and below: lent until ahead_done */
	size_t n_rejects;
	uint64_t total_rejects;
	const struct intake_skipped *skipped;
	size_t n_skipped;
	struct text left_out;
	const char *encoding;
	const struct intake *in;    /* for intake_table, intake_place */
	const struct rows *rows;
};

/*
 * Begins to read the files (import_ahead.h), to be taken in this order: for
 * each of them ahead_take, then import_open or what the caller does with a
 * file that `other` chose, then ahead_done; at last ahead_stop.
 */
MUST_USE enum err import_start(const struct import *im, const char *const *paths, size_t n,
                               struct arena *a, struct ahead **ret);

/*
 * The file taken last, in one entry or several, so that others can write in between: of rows and
 * indexes nobody sees anything before the last one, which has the ledgers.
 *
 *     import_open(ahead, f, a, &w);
 *     while (!done)
 *             import_write(w, im, ms, &done, &result);   in an entry, of any journal: im->j
 *     if (it failed, or is here already) and import_in_pieces(w):
 *             import_withdraw(w, j);                      in another one
 *
 * Should that not come to it (the process was killed), rows stay that no ledger has: ledger_stray(),
 * which whoever alone may write takes away (import_sweep).
 */
struct import_work; /* lives in `a` */
void import_open(struct ahead *ahead, struct read_file *f, struct arena *a, struct import_work **ret);
/* Ends soon after `ms`; 0: when all is written.  *ret is filled when it is done. */
MUST_USE enum err import_write(struct import_work *w, const struct import *im, int ms, bool *ret_done,
                               struct import_result *ret);
bool import_in_pieces(const struct import_work *w); /* there was an entry before the last one */
MUST_USE enum err import_withdraw(const struct import_work *w, struct journal *j);
/* Inside an entry; nobody else may be importing.  *ret_n: of so many ledgers. */
MUST_USE enum err import_sweep(struct journal *j, struct arena *a, size_t *ret_n);

/* Area codes that a name or code means, or NULL. */
const char *import_area(const struct import *im, const char *name);

#endif
