/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * project_in: shared inside the projection (project.c, project_due.c, project_steps.c,
 * project_roster.c, project_facts.c, project_view.c, project_sync.c).
 */
#ifndef DAOHU_LEDGER_PROJECT_IN_H
#define DAOHU_LEDGER_PROJECT_IN_H

#include "base/vec.h"
#include "ledger/project.h"
#include "ledger/project_places.h"
#include "match/match.h"
#include "registry/pin.h"
#include "registry/registry.h"

/* Records of one table that should be there. */
struct wanted {
	char *records; /* n of desc->size each */
	size_t n, cap;
};

/* What a table has. */
struct stored {
	const struct record_desc *d; /* NULL: taken */
	char *records;               /* n of d->size each */
	size_t n;
};

enum { STORED_MAX = 3 }; /* tables that are looked at before they are planned */

/* Facts: a layout brings one kind, which has a table of its own. */
enum fact_kind { FACT_INCOME, FACT_DUTY, FACT_MEASURE, FACT_VISIT, FACT_CONTRACT, FACT_KINDS };
struct fact_table {
	const char *layout;
	const struct record_desc *d;
};
extern const struct fact_table project_fact_tables[FACT_KINDS];

/* What is worked out; the rest is as the last projection left it. */
struct due {
	bool people; /* households, people and what the rosters say of them; then the facts too */
	bool facts[FACT_KINDS];
	bool all;              /* of all places; else of those ... */
	bool *in;              /* by place ... */
	struct places places;  /* ... of these: as they are, and as they were the last time, joined */
};

/* Of those places, where they are not all: what is stored of them, as JSON lists of numbers. */
struct own {
	struct buf households, people;
};

/* Places that have a household in common. */
struct joined {
	int32_t town, other;
};

struct project {
	struct journal *j; /* that is read with */
	struct db *db;     /* its */
	const struct pack *pack;
	const struct area_list *areas;
	struct arena a; /* as long as the run */
	struct ledger *ledgers;
	size_t n_ledgers;
	struct wanted household, household_state, household_year, person, membership, person_year,
		income, duty, measure, visit, contract;
	struct project_counts counts;
	struct places places;
	VEC(struct joined) joined;
	struct due due;
	struct own own;
	/* By town: it has to be gone through as well (it has a household that a roster of another place
	 * names); `grew`: one that is not. */
	bool *more;
	bool grew;
	int32_t *household_town; /* by index in household: the town of a roster that names it */
	struct pins pins; /* what people corrected */
	struct stored stored[STORED_MAX];
	size_t n_stored;
	int64_t next_household, next_person; /* numbers of new ones */
};

/* A zeroed new record at the end of w; its fields' texts must live as long as p. */
void *wanted_add(struct wanted *w, const struct record_desc *d);
#define WANTED(p, table, i) (((struct table *)(void *)(p)->table.records)[i])

/* Columns of a table that fill a record: column id = field name. */
struct fill {
	const struct record_desc *d;
	int col[RECORD_FIELDS_MAX]; /* column of the layout, or -1 */
};
struct fill fill_make(const struct record_desc *d, const struct pack_layout *layout);
/* Copies what the row has and the record has not yet. */
void fill_record(const struct fill *f, const struct ledger_row *row, struct arena *a, void *rec);
/* Village of a row: its column, its address, the heading above it; NULL when unknown. */
const char *row_village(const struct project *p, const struct ledger_table *t,
                        const struct ledger_row *r);

/* What a table has of the places that are due. */
MUST_USE enum err stored_read(struct project *p, const struct record_desc *d, struct arena *a,
                              struct stored *ret);
/* The same once a run: sync_plan() takes what is looked at here, and changes its order.  The
 * texts stay. */
MUST_USE enum err stored_look(struct project *p, const struct record_desc *d,
                              const struct stored **ret);

/*
 * What makes the stored records of a table that came from ledgers those wanted: worked out by
 * sync_plan(), which writes nothing, then written in as many pieces as the caller likes.
 * Pairs: same number; else same content; else same identity fields (`ident`,
 * names separated by blanks).  The fields ledger, place, recorded_from,
 * recorded_to, uuid do not count as content.  What people corrected is laid over
 * the wanted ones first (registry/pin.h); a record typed in of which there can be
 * only one is paired as well, the others typed in are left alone.  Of spans a changed record is
 * ended (recorded_to) and a new one inserted.
 */
struct sync; /* lives in p->a */
MUST_USE enum err sync_plan(struct project *p, const struct record_desc *d, struct wanted *w,
                            const char *ident, struct sync **ret);
/* Goes on where it stopped, until all is written or monotonic_ms() is `until` (INT64_MAX: never). */
MUST_USE enum err sync_write(struct sync *s, struct journal *to, int64_t until);
bool sync_is_written(const struct sync *s);

/* Sets p->places and p->due by what came since the last projection and by p->more, or `whole`; the
 * ledgers are there (project_due.c). */
MUST_USE enum err project_due(struct project *p, bool whole);
/* Is this town's place due?  And that of p->ledgers[i], which for one of all is when all are? */
bool due_town(const struct project *p, int32_t town);
bool due_ledger(const struct project *p, size_t i);
/* The place of the ledger with this number, PLACE_ALL when it is of all or there is none. */
int32_t project_place(const struct project *p, int64_t ledger);
/* Rosters of both name the same household. */
void project_join(struct project *p, int32_t town, int32_t other);
/* Is all worked out anew when somebody else changed this table?  (Ledgers are judged by what came.) */
bool project_rests_on(int64_t table);
/* What a projection that had read up to this entry rests on: its last entry keeps it. */
enum { PROJECT_BASIS_MAX = 2048 };
void project_basis(const struct project *p, int64_t entry, char ret[PROJECT_BASIS_MAX]);

MUST_USE enum err project_rosters(struct project *p);

/* Of n ledgers, of which some are in force: the population files that linkage takes. */
void facts_bridges(const struct ledger *ledgers, size_t n, const bool *in, bool *ret);
/*
 * The facts that are due, in this order: facts_fetch(), where the
 * database is; *ret is set and to be released also when it fails.
 * facts_decode(), by any thread: it touches nothing of the project;
 * facts_decoded() says how it went, and facts_link().  facts_view() after the rosters.
 * facts_link(), by any thread: it changes the tables of facts (income ...
 * contract) and nothing else of the project, and looks at no other of its
 * tables.  What it put there lasts until facts_release().
 */
struct facts;
MUST_USE enum err facts_fetch(struct project *p, struct facts **ret);
void facts_decode(struct facts *f);
MUST_USE enum err facts_decoded(const struct facts *f, struct diag *diag);
MUST_USE enum err facts_view(struct facts *f);
void facts_link(struct facts *f);
int64_t facts_homeless(const struct facts *f); /* rows that fit no household */
void facts_release(struct facts *f); /* NULL is allowed */
/* Drops wanted duties that a hand has overruled since (project_hand.c). */
MUST_USE enum err project_hand(struct project *p);

#endif
