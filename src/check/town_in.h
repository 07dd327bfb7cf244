/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * town_in: shared inside the loader (town_load.c, town_register.c, town_ledgers.c,
 * town_read.c, town_rows.c).
 *
 * The database and the arena of the town belong to the thread that loads.  Only
 * while the register is read as a job of the team, they are its thread's.  `scratch` always is
 * the thread's that loads.
 */
#ifndef DAOHU_CHECK_TOWN_IN_H
#define DAOHU_CHECK_TOWN_IN_H

#include "base/by_number.h"
#include "base/team.h"
#include "base/vec.h"
#include "check/town_load.h"
#include "ledger/ledger.h"
#include "match/match.h"
#include "registry/registry.h"

struct loader {
	const struct town_opts *o;
	struct db *db;
	struct arena *a;
	struct arena scratch; /* gone when the town is loaded */
	struct town *t;
	struct team *team;
	int32_t *village_of_area; /* by area index: index of town_village, or -1 */
	struct by_number household; /* to the town's */
	struct by_number person;
	struct members *members;  /* who is whose member; while the people are read */
	struct ledger *ledgers;   /* all; in scratch, as what is told by ledger */
	size_t n_ledgers;
	struct by_number ledger;  /* to all ledgers */
	bool *in;                 /* of ledgers: in force on the day */
	int32_t *town_ledger;     /* by ledger: index in t->ledgers, or -1 */
};

/* Is a span with these ends true on the day? */
static inline bool span_holds(date_t from, date_t to, int64_t recorded_to, date_t day)
{
	return recorded_to == 0 && (!from || from <= day) && (!to || to > day);
}

/*
 * The register, by any threads, each with an arena of its own and any database that is of the same
 * moment: households, then who is whose member, then the people (in parts, each once, by number),
 * then town_people_read(); and pieces, of which one may be read once the households are there (or
 * the people too).
 */
enum { TOWN_PARTS = 16, TOWN_PIECES = 8 };
MUST_USE enum err town_read_households(struct loader *l);
MUST_USE enum err town_read_members(struct loader *l);
MUST_USE enum err town_read_persons(struct loader *l, size_t part, struct db *db, struct arena *a);
void town_people_read(struct loader *l);
void town_members_free(struct loader *l); /* before the arena goes */
bool town_piece_of_people(size_t piece);
MUST_USE enum err town_read_piece(struct loader *l, size_t piece, struct db *db, struct arena *a);
/* At the end: households none of whose members or states hold on the day are not there
 * yet, or not any more, nor is what is known of them. */
void town_drop_absent(struct loader *l);
/* The register too: beside the population file, which is larger than all else. */
MUST_USE enum err town_load_people_and_ledgers(struct loader *l);
/* What a thread met becomes the loader's own error. */
enum err town_take_error(struct loader *l, enum err e, const struct diag *diag);
/* Village of a household's or row's area code; TOWN_NONE when outside. */
int32_t town_village_of(const struct loader *l, const char *code);
/* In-force ledger that stands for ledger `no` (itself, or what replaced it). */
int32_t town_ledger_of(const struct loader *l, int64_t no);

#endif
