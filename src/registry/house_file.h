/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * house_file: everything the register holds about one household, on one page (一户一档).
 *
 * Read in the scope of the handle; what is out of it is NOT_FOUND.  Spans that were ended
 * as recorded are left to the history; spans that ended in the world stay.
 */
#ifndef DAOHU_REGISTRY_HOUSE_FILE_H
#define DAOHU_REGISTRY_HOUSE_FILE_H

#include "journal/journal.h"
#include "registry/pin.h"

struct house_member {
	struct person person;
	struct membership membership; /* the latest */
	struct person_year *years;    /* newest first */
	size_t n_years;
};

struct house_file {
	struct household household;
	struct household_state *states; /* newest first */
	struct household_year *years;   /* newest first */
	struct house_member *members;   /* as in the roster, those who left at the end */
	struct income *incomes;
	struct duty *duties;
	struct measure *measures;
	struct visit *visits;
	struct contract *contracts;
	struct pin *pins;
	size_t n_states, n_years, n_members, n_incomes, n_duties, n_measures, n_visits, n_contracts,
	        n_pins;
};

MUST_USE enum err house_file_load(struct db *db, int64_t household, struct arena *a,
                                  struct house_file *ret);
/* The household alone, in scope; *ret_found false when it is not there or not theirs. */
MUST_USE enum err house_file_head(struct db *db, int64_t household, struct arena *a,
                                  struct household *ret, bool *ret_found);
/* The code of the status or attribute that holds now; NULL when there is none. */
const char *house_file_state(const struct house_file *f, const char *kind);

#endif
