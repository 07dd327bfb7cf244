/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * replay: does a log hold, seen from its rows alone?
 *
 * Takes the rows of entry, change, node, checkpoint and person_key as they lie, in the
 * order of their keys, from wherever they come (a backup, without a database), and tells
 * whether
 *   every entry's root and number of changes follow from its change rows,
 *   the entries hang in a tree with the root that the newest checkpoint signs,
 *   the entries are 1, 2, 3 ... and their instants grow,
 *   every erased person has lost the key, and nobody else has,
 *   each table has as many records as the log left there.
 * What is in the records it does not look at: their commitments are salted with keys, and
 * `journal verify` recomputes them.
 *
 * Memory does not grow with the log, so of a log that does not hold the place is not told.
 */
#ifndef DAOHU_JOURNAL_REPLAY_H
#define DAOHU_JOURNAL_REPLAY_H

#include "db/rows.h"
#include "journal/journal.h"

struct journal_replay;

struct journal_replay *journal_replay_new(const char *county,
					  const unsigned char public[KEY_PUBLIC_BYTES]);
void journal_replay_free(struct journal_replay *r);
/* The rows that follow are of this table, with these columns; also of tables of records,
 * which are counted. */
void journal_replay_table(struct journal_replay *r, const char *name,
			  const struct rows_column *columns, size_t n);
void journal_replay_row(struct journal_replay *r, const struct rows_value *v);

struct journal_replay_sum {
	int64_t entries, changes, erased;
	unsigned char root[JOURNAL_HASH];
	const char *fault; /* NULL: it holds; else what does not, a word for the diag */
};
/* `tables` are the records the program knows. */
void journal_replay_end(struct journal_replay *r, const struct record_desc *const *tables,
			size_t n_tables, struct journal_replay_sum *ret);

#endif
