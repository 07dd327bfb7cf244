/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * project_places (inside the projection): which ledgers have to do with each other.
 *
 * The ledgers of a town speak of its people: what came for one town of a county leaves the others as
 * they are, and they need not be gone through.  A *place* is a town, or several that one ledger
 * speaks of, or whose rosters name the same household; what is worked out is a number of whole
 * places.  Facts are linked with the people of their ledger's place, so what a town's ledgers bring
 * is the same in a county as in the town's own house.
 *
 * A ledger of the whole county, or of which nobody knows what it covers, is of no place: a roster
 * or a population file that is taken to tell people apart makes one place of all, and facts are
 * linked with everybody.
 *
 * A town is known by its index in the list of areas, a place by one of its towns.
 */
#ifndef DAOHU_LEDGER_PROJECT_PLACES_H
#define DAOHU_LEDGER_PROJECT_PLACES_H

#include "area/area.h"
#include "ledger/ledger.h"

enum { PLACE_ALL = -1 };

struct places {
	const struct area_list *areas;
	int32_t *up;   /* by area: another one of its place, itself at the top */
	int32_t *town; /* by ledger: one of its towns, or PLACE_ALL */
	size_t n_ledgers;
	int32_t only;  /* the one place there is, or PLACE_ALL */
};

/* Of n ledgers, with those that linkage takes as population files (facts_bridges()).  All of it is
 * in `a`. */
void places_make(struct places *p, const struct area_list *areas, const struct ledger *ledgers,
                 size_t n, const bool *bridge, struct arena *a);
/* The same ones once more, to be joined otherwise. */
void places_copy(struct places *to, const struct places *p, struct arena *a);
void places_join(struct places *p, int32_t town, int32_t other);
void places_join_all(struct places *p);
/* The place of a town, and of a ledger: PLACE_ALL when it is of all, and there are several. */
int32_t place_of_town(const struct places *p, int32_t town);
int32_t place_of_ledger(const struct places *p, size_t ledger);

#endif
