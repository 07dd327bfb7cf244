/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * town_rows (inside the loader): the rows of all ledgers in force of one layout,
 * behind each other.  They stay packed lines (ledger/lines.h); whoever looks at one
 * decodes what he needs of it, on whatever thread of the team.  Most are looked at in
 * passing; the line of one that linkage has to weigh is kept.
 *
 * Which thread writes what: `text` the loader's; desk[w] worker w's; hash[i] and
 * kept[i] whoever decodes row i; the rest is written between the runs of the team.
 */
#ifndef DAOHU_CHECK_TOWN_ROWS_H
#define DAOHU_CHECK_TOWN_ROWS_H

#include <stdatomic.h>

#include "check/town_in.h"
#include "ledger/lines.h"

/* Somebody whom an unclear row may be about. */
struct candidate {
	size_t row;
	int32_t person;
};

enum { ROWS_ROOMS = MATCH_AHEAD + 2 };

/* What one worker decodes with.  A room whose lines were lent to linkage (brief rows) keeps its
 * chunk until MATCH_AHEAD more were; so two rooms are used by turns, and more only where
 * ledgers of a few rows follow each other. */
struct rows_desk {
	struct arena a;
	struct arena kept;          /* lines */
	struct lines_room *room;    /* ROWS_ROOMS */
	uint64_t lent[ROWS_ROOMS];  /* number of the brief row that its lines were lent for last */
	uint64_t briefs;            /* handed out so far */
	size_t last;                /* room that was looked into last ... */
	const struct ledger_lines *lines; /* ... and whose chunk it has */
	size_t table;               /* table of the row that was looked at last */
	struct ledger_reader *reader; /* one a table, of the columns that are wanted */
	struct ledger_reader *brief;
	struct ledger_reader *put;    /* the same, of the columns that rows are put with */
};

struct layout_rows {
	struct loader *l;
	const struct pack_layout *layout;
	size_t n, n_tables;
	struct ledger_lines *tables;
	size_t *first;        /* row at which each table begins, and n */
	int32_t *town_ledger; /* by table */
	const bool *want;     /* columns that linkage looks at */
	const bool *want_brief; /* those that it looks at first */
	uint64_t *hash;       /* by row: what a row's key lends; while it is linked */
	struct arena text;    /* the lines */
	const char **kept;    /* by row: its line behind its length (uint32_t); NULL = not kept; while
	                       * it is linked */
	struct rows_desk desk[TEAM_MAX];
	atomic_bool damaged;  /* a line could not be read */
	bool waits;     /* not read yet: town_read_late() when its turn comes */
	bool outsiders; /* a rule asks for people off the register whom it names */
	struct match_link *links; /* by row, while it is linked and put */
	VEC(struct candidate) candidates; /* in the order of the rows */
	size_t next_candidate;            /* of the row that is put next */
};

/* How many rows the layout's ledgers in force have. */
size_t town_rows_count(const struct loader *l, const struct pack_layout *layout);
/* Reads their sealed rows from db. */
MUST_USE enum err town_rows_fetch(struct layout_rows *r, struct loader *l, struct db *db,
                                  const struct pack_layout *layout);
/* Opens a chunk of a table: any thread.  Its rows are from *ret_from to *ret_to. */
void town_rows_open(struct layout_rows *r, size_t table, size_t chunk, size_t *ret_from,
                    size_t *ret_to);
/* All chunks are open: whether they are whole, and what was looked at. */
MUST_USE enum err town_rows_opened(struct layout_rows *r);
/* Whether all rows that were looked at are whole. */
MUST_USE enum err town_rows_check(const struct layout_rows *r);
void town_rows_release(struct layout_rows *r);

/* What is read at once: the register into the town, the population file's rows, as bridge
 * rows too, and those of the other layouts as long as they are few.  Large ones wait, so
 * that never two of them are held. */
struct town_read {
	struct layout_rows *rows; /* by layout of the pack; released by the caller */
	const size_t *count;      /* how many rows each has, read or not */
	size_t n;
	size_t population; /* which of them it is, or n */
	struct match_census *census; /* freed by the caller; NULL when there is none */
};
/* ret->rows lies in scratch, zeroed before it is filled, also on failure. */
MUST_USE enum err town_read(struct loader *l, struct town_read *ret);
/* Reads the rows of a layout that waits. */
MUST_USE enum err town_read_late(struct loader *l, struct town_read *t, struct layout_rows *r);

/* The table of a row, and its line: one that town_rows_at has kept. */
size_t town_rows_table(const struct layout_rows *r, size_t i);
struct str town_rows_line(const struct layout_rows *r, size_t i);
/* Also of one that is not: it lasts until the worker's next row; its table is the desk's then. */
struct str town_rows_pass_line(struct layout_rows *r, size_t worker, size_t i);
/* What linkage looks at of row i (its place is not read).  The cells last until the worker's next row,
 * texts until town_rows_forget(), behind which it may not be called. */
struct ledger_row town_rows_at(struct layout_rows *r, size_t worker, size_t i);
/* Nothing is kept any more, and nothing will be: it is linked. */
void town_rows_forget(struct layout_rows *r);
/* The same as town_rows_at, in passing: its texts last until the worker's next row. */
struct ledger_row town_rows_pass(struct layout_rows *r, size_t worker, size_t i);
/* Of row i what match_opts.brief asks for. */
struct match_row town_rows_brief(struct layout_rows *r, size_t worker, size_t i);
struct match_row town_rows_match(const struct layout_rows *r, size_t i,
                                 const struct ledger_row *row); /* without a key */

#endif
