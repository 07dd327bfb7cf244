/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ledger: the ledgers that offices handed in, as they are kept.
 *
 * Owns the tables ledger, ledger_chunk and link_answer, and the originals in
 * DIR/files.  The typed rows of a ledger lie in chunks of LEDGER_CHUNK rows,
 * packed and sealed under the house's data key: people who are not on the register never
 * stand in the open.  A row is one line of canonical JSON (strings only):
 *
 *     {"#":"sheet!17","+remark":"…","id":"3412…","id~":"1","when!":"sometime"}
 *
 * members are column ids of the layout, in the order of their bytes and behind all
 * others; "x!" holds what could not be read as the column's kind, "x~" marks a number
 * whose tail was lost, "+h" keeps a column the layout does not know by its header, "@"
 * is the village heading.
 * Plain forms: numbers and money as integers (scaled, fen), dates ISO, yes/no
 * 1/0, codes by id, areas by code.
 *
 * Which of several ledgers of one layout counts on a day is ledger_in_force.
 */
#ifndef DAOHU_LEDGER_LEDGER_H
#define DAOHU_LEDGER_LEDGER_H

#include "area/area.h"
#include "journal/journal.h"
#include "pack/pack.h"

enum { LEDGER_CHUNK = 512 };

struct ledger {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "ledger/ledger.def"
#undef F
};
enum ledger_field {
#define F(...) FIELD_INDEX(LEDGER_, __VA_ARGS__)
#include "ledger/ledger.def"
#undef F
	LEDGER_FIELD_MAX
};
struct ledger_chunk {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "ledger/ledger_chunk.def"
#undef F
};
enum ledger_chunk_field {
#define F(...) FIELD_INDEX(LEDGER_CHUNK_, __VA_ARGS__)
#include "ledger/ledger_chunk.def"
#undef F
	LEDGER_CHUNK_FIELD_MAX
};
struct link_answer {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "ledger/link_answer.def"
#undef F
};
enum link_answer_field {
#define F(...) FIELD_INDEX(LINK_ANSWER_, __VA_ARGS__)
#include "ledger/link_answer.def"
#undef F
	LINK_ANSWER_FIELD_MAX
};
extern const struct record_desc ledger_desc, ledger_chunk_desc, link_answer_desc;

enum cell_state { LEDGER_EMPTY, LEDGER_OK, LEDGER_BAD };

struct ledger_cell {
	uint16_t col;  /* column of the layout */
	uint8_t state; /* enum cell_state */
	bool lossy;    /* a number whose tail was lost */
	int32_t year;  /* that stood with a code (2017年脱贫); 0 = none */
	int64_t v;     /* by the column's kind, as in pack.h; AREA: index in the area list, -1 */
	struct str text;
};

struct ledger_row {
	struct str sheet;
	uint32_t number;
	struct str section; /* village heading or sheet name above the row; may be empty */
	int32_t section_area; /* index in the area list, or -1 */
	uint32_t block;       /* rows of one household of a roster share it; 0 = unknown */
	uint64_t hash;        /* of the row's content without its place */
	const struct ledger_cell *cells; /* only those that hold something */
	uint16_t n_cells;
};

/* The rows of one ledger, decoded. */
struct ledger_table {
	const struct ledger *ledger;
	const struct pack_layout *layout;
	const struct ledger_row *rows;
	size_t n;
};

/* Every ledger ever handed in, by number. */
MUST_USE enum err ledger_all(struct db *db, struct arena *a, struct ledger **ret, size_t *ret_n);
/* Numbers of ledgers of which rows are here but no record: of files that are just coming in, and of
 * those whose import was cut short. */
MUST_USE enum err ledger_stray(struct db *db, struct arena *a, int64_t **ret, size_t *ret_n);
/* Those of one layout. */
MUST_USE enum err ledger_of_layout(struct db *db, const char *layout, struct arena *a,
                                   struct ledger **ret, size_t *ret_n);
/* Is there one, in force or not, from a file of these bytes, read with these options? */
MUST_USE enum err ledger_of_file(struct db *db, struct str file_hash, struct str opts_hash, bool *ret);
/* Opens the chunks of one ledger; everything goes to the arena.  Columns the
 * pack no longer has are dropped; FILE_DAMAGED when a chunk does not open. */
MUST_USE enum err ledger_read(struct journal *j, const struct pack *pack,
                              const struct area_list *areas, const struct ledger *l,
                              struct arena *a, struct ledger_table *ret);

const struct ledger_cell *ledger_cell_search(const struct ledger_row *r, int col);
/* The cell of a column of the layout; an empty one when there is none. */
static inline const struct ledger_cell *ledger_cell_at(const struct ledger_row *r, int col)
{
	if (col >= 0 && col < r->n_cells && r->cells[col].col == col) /* a reader has one a column */
		return &r->cells[col];
	return ledger_cell_search(r, col);
}
/* One decoded value of a row by its role or column; NULL when it is empty or absent. */
const struct ledger_cell *ledger_role(const struct ledger_table *t, const struct ledger_row *r,
                                      enum pack_role role);
const struct ledger_cell *ledger_column(const struct ledger_table *t, const struct ledger_row *r,
                                        const char *id);

/*
 * Of all ledgers, which count on day (0 = the latest): in[i] is set.  Of two of
 * one layout and period where the newer covers all that the older does, only
 * the newer counts; rosters of two years are of one period too: both say who is on the register.
 * Newer is the later as-of date, or, where one has none or they agree, the later year, or else
 * the later hand-in.  A partial ledger replaces nothing.  One that
 * another corrects (`replaces`) never counts.
 */
void ledger_in_force(const struct ledger *ledgers, size_t n, date_t day, bool *in);
/* Has it a column of household numbers? */
bool ledger_is_numbered(const struct ledger *l);
/* Events (visits, measures, contracts) add up over the files; only a correction replaces. */
bool ledger_adds_up(const char *layout);
/* Is there an area that both are about? */
bool ledger_overlap(const struct ledger *a, const struct ledger *b);
/* Does the ledger cover the area?  ("*" covers all.) */
bool ledger_covers(const struct ledger *l, const char *area_code);

#endif
