/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sides: what each ledger says about a finding, beside each other: whose ledger, of which
 * day, at which place of the file, in its own words.
 *
 * Numbers are masked; columns that the pack calls sensitive are left out, and of the
 * register what is withheld from findings.  The register's side comes first: who it is, and
 * the values of theirs that the rule read.
 */
#ifndef DAOHU_CHECK_SIDES_H
#define DAOHU_CHECK_SIDES_H

#include "check/check.h"

/* One value in a side: as the column or field is called, and as it stands there. */
struct side_cell {
	struct str label, value; /* value empty: nothing stands there */
};

struct check_side {
	struct text label;  /* the ledger's title */
	struct text office;
	date_t as_of;
	struct str place;   /* "file!sheet!17"; may be empty */
	const struct side_cell *cells;
	size_t n;
	bool probable;      /* it is not sure that the row is about them */
};

/* Everything goes to the arena. */
void check_sides(const struct check *c, const struct check_result *r, const struct finding *f,
                 struct arena *a, struct check_side **ret, size_t *ret_n);

#endif
