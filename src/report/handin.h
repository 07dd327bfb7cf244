/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * handin: a file that somebody hands in, at the command line or in the browser: an office's
 * ledger (ledger/import.h) or a village's workbook that comes back (review.h).  The
 * content decides which.
 *
 * One file is one journal entry, which the caller has begun, or several where others want to write
 * in between (import.h); when the file fails, or after a dry run, the caller rolls it back, and what
 * is committed of it is withdrawn.  What the ledgers then say of the register is
 * worked out once after all files (ledger/project.h), the last entry of that with the
 * reason PROJECT_DONE.
 */
#ifndef DAOHU_REPORT_HANDIN_H
#define DAOHU_REPORT_HANDIN_H

#include "ledger/import.h"
#include "ledger/project.h"
#include "report/review.h"

struct handin_result {
	bool review;                  /* a village's workbook; else a ledger */
	struct review_result answers;
	struct import_result ledger;  /* as import_write() has it: lives until ahead_done */
	bool touches_register;        /* the projection is due */
	bool partly_refused;          /* something of it was not taken */
};

/* The file taken last from import_start()'s, whose im->other is review_recognise. */
struct handin {
	struct ahead *ahead;
	struct read_file *file; /* that ahead_take() gave */
	struct arena *a;
	struct import_work *work; /* NULL at first */
	bool done;
};
/* Goes on with it inside an entry, of any journal: im->j; ends soon after DB_PIECE_MS when others
 * write too (im->in_turn) and it is no trial, else when all is written.  *ret is filled when h->done. */
MUST_USE enum err handin_write(struct handin *h, const struct import *im, date_t today,
                               struct handin_result *ret);
/* It failed or is here already, and something of it is committed: handin_withdraw() takes that away,
 * inside another entry. */
bool handin_is_left(const struct handin *h, enum err e, const struct handin_result *r);
MUST_USE enum err handin_withdraw(const struct handin *h, struct journal *j);

/* Are there ledgers that came in after the register was last brought up to date? */
MUST_USE enum err handin_behind(struct db *db, struct arena *a, bool *ret);
/* What whoever reads the register is told then. */
extern const struct text handin_behind_text;

#endif
