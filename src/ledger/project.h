/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * project: from ledgers in force to the register.
 *
 * The register is what the rosters say, one after the other by their as-of
 * date, and what the offices' household ledgers (income, duty, measures,
 * visits, contracts) add.  project_run works out the records that should be
 * there and writes the difference through the journal: what did not change is
 * not touched, so the order of files does not matter, the same file again
 * changes nothing, and a corrected file changes what it corrects.
 *
 * Records that no ledger brought (typed in) are left alone.  Rows that fit no
 * household stay in their ledger and are tried again.
 *
 * Only what can differ is worked out (project_due.c): of a county the towns of which ledgers came or
 * records were typed in (project_places.h), there of facts only the kinds that did, unless a roster or
 * a correction came; all of it with another pack or other sources of the program.
 */
#ifndef DAOHU_LEDGER_PROJECT_H
#define DAOHU_LEDGER_PROJECT_H

#include "ledger/ledger.h"

struct project_counts {
	int64_t inserted, updated, ended;
	int64_t households, persons; /* of the register */
	int64_t homeless; /* rows of household ledgers that fit no household, of the places and kinds gone through */
};

/* All of it, whatever came; inside an entry that the caller began. */
MUST_USE enum err project_run(struct journal *j, const struct pack *pack,
                              const struct area_list *areas, struct project_counts *ret);

/*
 * The same in several entries, so that others can write in between.  Working out is done with
 * any journal that can read, outside the entries; what is written goes in pieces as short as
 * the caller likes:
 *
 *     projection_open(pack, areas, &x);
 *     for (state = PROJECTION_PREPARE; state != PROJECTION_DONE;) {
 *             if (state == PROJECTION_PREPARE)
 *                     projection_prepare(x, journal to read with);
 *             begin an entry with the reason PROJECT_REGISTER
 *             projection_write(x, journal of the entry, ms, &state);
 *             commit
 *     }
 *     projection_close(x);
 *
 * Households and people come first, table by table, then the facts.  When somebody wrote
 * meanwhile what was read or is to be written, it is worked out anew (facts alone where facts were
 * written), which finds what it has written already; when that happens again and again, in the
 * entry itself.  The last entry gets the reason PROJECT_DONE, and says what it rests on.  When it
 * never comes, the register is behind its ledgers until the next import (report/handin.h).
 */
#define PROJECT_REGISTER "register"
#define PROJECT_DONE "project"

enum projection_state { PROJECTION_PREPARE, PROJECTION_WRITE, PROJECTION_DONE };
struct projection;
void projection_open(const struct pack *pack, const struct area_list *areas,
                     struct projection **ret);
/* Reads one moment, in a transaction of its own where none is open. */
MUST_USE enum err projection_prepare(struct projection *x, struct journal *j);
/* Ends soon after `ms` have passed; 0: when there is something to prepare, or all is done. */
MUST_USE enum err projection_write(struct projection *x, struct journal *j, int ms,
                                   enum projection_state *ret);
const struct project_counts *projection_counts(const struct projection *x);
void projection_close(struct projection *x); /* NULL is allowed */
/* Does a ledger of this layout bear on the register?  (The population file does:
 * it tells namesakes apart.) */
bool project_concerns(const char *layout);

/* What a row says of a record's fields: bits and values of those that it has a column for
 * and fills.  Texts in `a`. */
struct ledger_row;
void project_row(const struct record_desc *d, const struct pack_layout *layout,
                 const struct ledger_row *row, struct arena *a, void *rec);

#endif
