/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * edit: changing the register by hand, at the screen or from a paper written up later.
 *
 * Every edit says why (reason) and of which day it speaks (event_date); both stand in the
 * journal beside the day of writing.  Values are checked here: codes against the pack,
 * villages against the area list, days against the calendar, numbers against their check
 * character.  Corrected values are pinned (pin.h), so that a later ledger does not undo
 * them silently.  Of spans (duties) the old one is ended as recorded and a new one begins.
 *
 * All of it runs inside a journal entry.  A value that is refused: INVALID, CELL_CODE,
 * CELL_DATE, CELL_REQUIRED, UNKNOWN_AREA or FORBIDDEN with the field's name as place.
 */
#ifndef DAOHU_REGISTRY_EDIT_H
#define DAOHU_REGISTRY_EDIT_H

#include "area/area.h"
#include "journal/journal.h"
#include "pack/pack.h"
#include "registry/pin.h"

struct edit {
	const struct pack *pack;
	const struct area_list *areas;
	const char *root;
	const char *login;
	date_t today;
	date_t event_date; /* 0: today; not in the future */
	const char *reason;
};

/* May the field be changed by hand?  (Not what ledgers, keys and spans keep for themselves.) */
bool edit_allows(const struct record_desc *d, size_t field);

/* Changes record `no` of table d: the fields `set` of `values` replace those there (absent
 * ones are cleared).  `version` 0: whatever is there; else CONFLICT.  `household`: whose it
 * must be, else NOT_FOUND.  *ret_now (of d->size) is the record as it is then. */
MUST_USE enum err edit_change(struct journal *j, const struct edit *x, const struct record_desc *d,
                              int64_t household, int64_t no, int64_t version, const void *values,
                              uint64_t set, struct arena *a, void *ret_now);

/* A new record of a household: of income, duty, measure, visit or household_year.  EXISTS when
 * there is one of that year. */
MUST_USE enum err edit_add(struct journal *j, const struct edit *x, const struct record_desc *d,
                           int64_t household, const void *values, uint64_t set, struct arena *a,
                           void *ret_now);

/* A new member.  EXISTS when the number is a member's of this household. */
MUST_USE enum err edit_add_person(struct journal *j, const struct edit *x, int64_t household,
                                  const struct person *values, uint64_t set, const char *relation,
                                  struct arena *a, struct person *ret_now);

/* A member's year; made when there is none. */
MUST_USE enum err edit_person_year(struct journal *j, const struct edit *x, int64_t household,
                                   int64_t person, int64_t year, const struct person_year *values,
                                   uint64_t set, struct arena *a, struct person_year *ret_now);

/* A correction against which a later ledger speaks: keep it, or take what the ledger says.  What
 * is the same matter is settled with it. */
MUST_USE enum err edit_settle(struct journal *j, const struct edit *x, int64_t pin, bool take);

/* A household is called by its head's name, so a name that was corrected stands in two records:
 * are these two corrections, and what the ledger says against them, that one name? */
MUST_USE enum err edit_same_matter(struct db *db, const struct pin *x, const struct pin *y, bool *ret);

/* Whose record is it?  0 when it is no household's. */
MUST_USE enum err edit_household_of(struct db *db, const struct record_desc *d, const void *rec,
                                    int64_t *ret);

#endif
