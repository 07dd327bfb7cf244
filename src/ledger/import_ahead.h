/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import_ahead: the files of an import, read by threads ahead of the writer.
 *
 *     ahead_start()
 *     while (!ahead_take(a, &file) ...)         the next file, in the order given
 *         while (... (chunk = ahead_next(a, file, &e)))   its chunks, in order
 *         ... file's groups, intake and rows may be looked at ...
 *         ahead_done(a, file)
 *     ahead_stop()
 *
 * Threads: a few reading ones (at most AHEAD_THREADS, and no more than there
 * are processors), each with one file at a time; and the caller's, which alone
 * calls the functions here and writes.  A `struct read_file` is the reading
 * thread's until ahead_next() has returned NULL, then the caller's until
 * ahead_done().  What is handed over lies under one lock.
 *
 * One more thread waits until the sealed copies of what was read are on the
 * disk, while the others go on.
 *
 * Order, results and errors are those of reading one file after the other:
 * a file that fails does so when its turn comes.  Read they are as fits the
 * threads: one always takes the next file in the order given, the others the
 * largest of the AHEAD_FILES next, so that no large one is left for the end
 * when there is nothing to read beside it.
 *
 * Memory: a reading thread waits while AHEAD_BYTES of its file's chunks have
 * not been taken (`settle`: and AHEAD_ROOM of all files'), and no file is begun that lies
 * AHEAD_FILES ahead of the one being written.
 */
#ifndef DAOHU_LEDGER_IMPORT_AHEAD_H
#define DAOHU_LEDGER_IMPORT_AHEAD_H

#include "ledger/import_read.h"

enum { AHEAD_THREADS = 4, AHEAD_FILES = 16, AHEAD_BYTES = 8 << 20, AHEAD_ROOM = 192 << 20 };

struct ahead;

struct ahead_opts {
	struct read_opts read;
	const char *const *paths; /* borrowed */
	size_t n;
	/* Hashes of files that are here already: they are opened, but not read
	 * unless the caller asks for their chunks. */
	const unsigned char (*here)[32];
	size_t n_here;
	unsigned threads; /* 0: as many as there are processors */
	bool settle;      /* others write too, and ahead_settle() is called: files of a county fit */
};

struct ahead_chunk {
	size_t group;
	int64_t rows;
	size_t length;     /* of the lines */
	struct str packed; /* rows_pack() */
};

MUST_USE enum err ahead_start(const struct ahead_opts *o, struct diag *diag, struct ahead **ret);
/* Waits until the next file is open.  What kept it from being read is in its
 * diag and copied into `diag`; ahead_done() is called all the same. */
MUST_USE enum err ahead_take(struct ahead *a, struct diag *diag, struct read_file **ret);
/* Waits until the file taken last is read to its end, or as far as fits: who then takes the
 * database to write holds it no longer than writing takes. */
void ahead_settle(struct ahead *a);
/* The next LEDGER_CHUNK rows; *ret_more false behind them.  Lent until the next call. */
MUST_USE enum err ahead_next(struct ahead *a, struct diag *diag, struct ahead_chunk *ret,
                             bool *ret_more);
/* Gives the file taken last back, read to its end or not. */
void ahead_done(struct ahead *a);
/* How far it is: the rows that were taken, and which part of all files, by their bytes, from 0 to 1
 * (within a file only of one that is text). */
struct ahead_at {
	int64_t rows;
	double share;
};
struct ahead_at ahead_at(const struct ahead *a);
void ahead_stop(struct ahead *a); /* NULL is allowed */

#endif
