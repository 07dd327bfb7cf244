/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sieve: the rows of a long list, while it is read, that blocking may bring together with somebody.
 *
 * Only those are rows of the table.  Of the others the keys that frequencies are counted by are
 * kept, and where they stand in the file: learning fetches a few of them again.
 */
#ifndef DAOHU_PAIRS_SIEVE_H
#define DAOHU_PAIRS_SIEVE_H

#include "io/csv_parts.h"
#include "pairs/block.h"
#include "pairs/often.h"

/* A few rows of the file, one behind the other. */
struct sifted_group {
	uint32_t place;             /* in the file, of the first */
	uint32_t keep;              /* which of them (bits) are rows of the table */
	uint32_t before;            /* such rows of the part before them */
	uint8_t length[SIDE_GROUP]; /* from row to row in the file; SIFTED_LONG: more than fits */
};
enum { SIFTED_LONG = 255, SIFTED_GROUPS = 512 /* in one piece */ };

/* The rows of a part of the file. */
struct sifted_part {
	size_t rows;
	struct sifted_group **groups;
	struct often_keys
		*keys[FELLEGI_FIELDS_MAX]; /* of rows that are not kept; NULL: not counted */
	size_t before, kept_before;        /* rows of the parts before it; of them in the table */
};

struct sifted {
	struct csv_parts file; /* open */
	size_t n_parts;
	struct sifted_part part[CSV_PARTS_MAX];
};

/* The row of the table that is a row of the file (both from 0); SIZE_MAX: it is not in it. */
size_t sifted_row(const struct pairs_table *t, size_t of_all);

/* --- while it is read ------------------------------------------------------------------------- */

/* One thread's. */
struct sift {
	const struct blocks *blocks;
	struct pairs_table view; /* of the rows that wait to be sifted */
	struct side side;
	struct side_group group;
	struct sifted_part *part;
	size_t n; /* they are */
	uint32_t at[SIDE_GROUP + 1];
	size_t place[SIDE_GROUP + 1];
	char *text;
	size_t cap;
	struct arena own; /* what is known of the rows that are not kept */
};

/* Can a list be sifted for this configuration? */
bool sift_fits(const struct pairs_config *c);
/* Of a table that has its columns; false when some of the configuration are not there. */
bool sift_init(struct sift *x, const struct pairs_table *t, const struct pairs_config *c,
	       const struct blocks *blocks);
void sift_release(struct sift *x);
/* The rows that follow are of this part, which is void so far. */
void sift_begin(struct sift *x, struct sifted_part *part);
/* Rows wait until there are SIDE_GROUP or the part ends; `place` is where they begin in the file. */
void sift_add(struct sift *x, size_t place, const struct str *cells);
/* Which (bits) of those that wait are kept; `kept` rows of the part were before.  Their values are
 * x->text from x->at[i] to x->at[i + 1]; they do not wait any more.  `place`: behind the last. */
uint32_t sift_rows(struct sift *x, size_t kept, size_t place);

/* The list b as pairs_table_read_for reads it, but sifted, when it is a text in order. */
MUST_USE enum err pairs_table_sift(const char *path, const struct pairs_config *c,
				   const struct blocks *blocks, struct team *team,
				   struct diag *diag, struct pairs_table *ret);

/* --- afterwards ------------------------------------------------------------------------------- */

/* One row at a time of all that a table's file has, as a table of one row.  A thread's own. */
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
/* A row that will be fetched soon. */
void fetch_ask(const struct fetch *f, size_t of_all);
/* f->row is that row; its values are empty when the file cannot be read any more. */
void fetch_row(struct fetch *f, size_t of_all);

#endif
