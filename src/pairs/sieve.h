/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sieve: the rows of a long list, while it is read, that blocking may bring together with somebody.
 *
 * Only their values are kept; of the others the keys that frequencies are counted by, and the place
 * in the file.
 */
#ifndef DAOHU_PAIRS_SIEVE_H
#define DAOHU_PAIRS_SIEVE_H

#include "pairs/block.h"

/* One thread's, for one part of the file. */
struct sift {
	const struct blocks *blocks;
	struct pairs_table view; /* the part's rows as a table */
	struct side side;
	struct side_group group;
	uint64_t *key[FELLEGI_FIELDS_MAX]; /* by row of the part; NULL: not counted */
	size_t cap;
};

/* Can a list be sifted for this configuration? */
bool sift_fits(const struct pairs_config *c);
/* Of a table that has its columns; false when some of the configuration are not there. */
bool sift_init(struct sift *x, const struct pairs_table *t, const struct pairs_config *c,
	       const struct blocks *blocks);
void sift_release(struct sift *x);
/* Which (bits) of n rows from `from` on, at most SIDE_GROUP, are kept; their values are in text. */
uint32_t sift_rows(struct sift *x, const char *text, const uint32_t *at, size_t from, size_t n);

/* The list b as pairs_table_read_for reads it, but sifted, when it is a text in order. */
MUST_USE enum err pairs_table_sift(const char *path, const struct pairs_config *c,
				   const struct blocks *blocks, struct team *team,
				   struct diag *diag, struct pairs_table *ret);

/* One row at a time of a table, wherever it is, as a table of one row.  A thread's own. */
struct fetch {
	const struct pairs_table *of;
	struct pairs_table row;
	struct rows *rows; /* NULL until a row has to come from the file */
	struct str *cells;
	char *text;
	size_t cap;
	uint32_t at;
};
void fetch_init(struct fetch *f, const struct pairs_table *t);
void fetch_release(struct fetch *f);
/* f->row is that row; its values are empty when the file cannot be read any more. */
void fetch_row(struct fetch *f, size_t row);

#endif
