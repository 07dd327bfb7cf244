/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import: one file that an office handed in, into ledgers.
 *
 * A file may hold several tables; tables of one layout make one ledger.  What
 * is kept: the typed rows sealed in chunks, a record that says which office's
 * ledger it is, as of when, covering which villages, and the original, sealed
 * in DIR/files until its retention date.  The register is not touched here:
 * project_run does that once after all files.
 *
 * As-of date: given; else found in the file; else none is kept and the ledger
 * counts on every day (struct import_result says so).  Areas: given; else the
 * villages that sheets and rows name.  A file already in force (same bytes,
 * pack and options) is left alone.
 *
 * Nothing of a file is kept when it fails; problems of cells never make it fail.
 */
#ifndef DAOHU_LEDGER_IMPORT_H
#define DAOHU_LEDGER_IMPORT_H

#include "ledger/intake.h"
#include "ledger/ledger.h"

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
};

struct import_ledger {
	struct ledger record;
	uint64_t villages;      /* how many villages its rows name */
	uint64_t without_place; /* rows that name none */
	bool corrects;          /* an earlier file of the same events */
};

struct import_result {
	bool already;               /* in force already: nothing was done */
	size_t n_ledgers;
	struct import_ledger ledgers[16];
	struct intake_counts counts;
	const struct reject *rejects; /* live until import_done */
	size_t n_rejects;
	uint64_t total_rejects;
	const struct intake_skipped *skipped;
	size_t n_skipped;
	struct text left_out;
	const char *encoding;
	struct intake *in;          /* for intake_table, intake_place */
	struct rows *rows;
};

/* Inside an entry that the caller began.  diag: db_diag.  `hash` is the file's
 * (import_hash), `rows` the file, opened; it is closed on failure, else by import_done, which the caller calls
 * when the result has been shown. */
MUST_USE enum err import_file(const struct import *im, const char *path,
                              const unsigned char hash[32], struct rows *rows, struct arena *a,
                              struct import_result *ret);
void import_done(struct import_result *r);
/* SHA-256 of a file's bytes. */
MUST_USE enum err import_hash(const char *path, struct diag *diag, unsigned char ret[32]);
/* Area codes that a name or code means, or NULL. */
const char *import_area(const struct import *im, const char *name);

#endif
