/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lines: the rows of a ledger as they are kept, a line each (ledger.h has its
 * form), decoded when somebody looks at one.  Whoever wants few columns, or few
 * of the rows, neither fills nor holds the others.
 *
 *     ledger_lines_fetch()   reads the sealed chunks; where the database is
 *     ledger_lines_open()    opens chunk i of n_chunks in place and fills its part
 *                            of line[]; different chunks from different threads
 *     ledger_lines_opened()  whether all that was opened is whole
 *     ledger_reader_*()      decodes lines; a reader belongs to one thread
 *
 * The lines lie in the arena that fetched them.  A fifth of that memory does for
 * whoever looks at most lines once: he has the chunks stay packed, and the lines of
 * one in a room of his own (lines_room_take).
 */
#ifndef DAOHU_LEDGER_LINES_H
#define DAOHU_LEDGER_LINES_H

#include "base/map.h"
#include "ledger/ledger.h"

struct lines_chunk {
	char *sealed; /* becomes the text, or what is packed */
	size_t n;
	struct str packed; /* once it is open, of one that stays packed */
	char *text;   /* room for the unpacked text; NULL: it is not packed, or stays so */
	size_t length;
	int64_t seq;
	size_t first, n_lines; /* its part of `line` */
	bool damaged;
};

struct ledger_lines {
	struct ledger_table table; /* the ledger and its layout; no rows */
	const struct pack *pack;
	const struct keys *keys;
	struct map areas;          /* code -> index */
	struct lines_chunk *chunks;
	size_t n_chunks;
	struct str *line; /* by row, once its chunk is open; NULL where they stay packed */
	size_t n;
	struct arena sealed; /* the chunks as they were read, until they are open */
	bool packed;         /* stay so, in the arena of the lines */
};

/* UNKNOWN_LEDGER when the pack has no such layout. */
MUST_USE enum err ledger_lines_fetch(struct db *db, const struct keys *keys, const struct pack *pack,
                                     const struct area_list *areas, const struct ledger *l,
                                     bool stay_packed, struct arena *a, struct ledger_lines *ret);
void ledger_lines_open(struct ledger_lines *t, size_t chunk);
/* All chunks are open: gives back what they came in.  FILE_DAMAGED when one did not open, or
 * holds other than its number of rows. */
MUST_USE enum err ledger_lines_opened(struct ledger_lines *t, struct diag *diag);
/* Opens all of them. */
MUST_USE enum err ledger_lines_open_all(struct ledger_lines *t, struct diag *diag);
/* All chunks opened and checked, all rows decoded; by any thread, with an arena
 * and a diag of its own. */
MUST_USE enum err ledger_lines_decode(struct ledger_lines *t, struct arena *a, struct diag *diag,
                                      struct ledger_table *ret);
/* Gives back what lies outside the arenas; a zeroed struct is fine. */
void ledger_lines_release(struct ledger_lines *t);

/* One chunk's lines, unpacked; a thread's own.  A zeroed struct is empty. */
struct lines_room {
	const struct lines_chunk *of; /* NULL: of none */
	char *text;
	size_t cap, n;
	struct str line[LEDGER_CHUNK];
};
/* The chunk of a row. */
const struct lines_chunk *ledger_lines_chunk(const struct ledger_lines *t, size_t row);
/* Unpacks it into the room; false when it is damaged: then the room is empty. */
bool lines_room_take(struct lines_room *r, const struct lines_chunk *c);
void lines_room_release(struct lines_room *r);

/* Of a line without its place. */
uint64_t ledger_line_hash(struct str line);

enum { LINES_MEMBERS_MAX = 96 };

/* A key as lines write it, `"id":"`, and what is done with its value. */
struct lines_member {
	struct str key;
	enum { LINES_SKIP, LINES_CELL, LINES_MARK, LINES_END } what; /* END: nothing wanted follows */
	char mark; /* of a cell: ! ~ ^ $ or none; of the line: # & @ */
	bool area; /* of "@^" */
	uint16_t col;
};

/* One thread's view of the lines. */
struct ledger_reader {
	const struct ledger_lines *t;
	const bool *want;          /* by column: what is decoded; NULL = all */
	bool placed;               /* with `want`: the place too; set before the first line */
	const char *last;          /* column that is wanted and stands last; NULL = none, or all are */
	struct arena *a;           /* for texts that do not stand in the line as they are */
	struct ledger_cell *cells; /* one a column; those not in `seen` are empty */
	uint16_t *seen;            /* columns that the line read last filled, in its order */
	size_t n_seen;
	bool *filled;              /* by column: is it in `seen`? */
	struct lines_member members[LINES_MEMBERS_MAX]; /* keys met so far, in the order of the lines */
	size_t n_members;
};

void ledger_reader_init(struct ledger_reader *r, const struct ledger_lines *t, const bool *want,
                        struct arena *a);
/* Decodes a line; the cells are the reader's and last until the next one, texts
 * are lent by the line and the arena.
 * With `want` the row has no block and hash, a place only if `placed`, and the line is
 * read as far as that takes.  false when it is no line. */
bool ledger_reader_row(struct ledger_reader *r, struct str line, struct ledger_row *ret);

#endif
