/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * originals: the files that ledgers came from, sealed, in DIR/files under the SHA-256 of what they
 * were (64 hex digits); one that is being read has a dot and a number behind it.
 *
 * A file gets its place before the entry of its ledgers is committed, so that no ledger lacks it; what
 * belongs to no ledger afterwards (its file was refused, the process was killed) is removed here.
 */
#ifndef DAOHU_LEDGER_ORIGINALS_H
#define DAOHU_LEDGER_ORIGINALS_H

#include "ledger/ledger.h"

/* Somebody whom it names was erased: it goes, and is kept no longer, by the ledger's record; inside an
 * entry.  IO, and journal.h. */
MUST_USE enum err original_destroy(struct journal *j, const struct ledger *l);

/*
 * Removes those of no ledger, or of ones that do not keep theirs any longer; in a transaction, or where
 * nobody else writes.  `alone`: nobody else reads files either, and what is half sealed is nobody's; else
 * only what is older than a day of those.
 * Names that are not ours stay.  IO, and db.h.
 */
MUST_USE enum err originals_sweep(struct db *db, bool alone);

#endif
