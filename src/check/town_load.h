/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * town_load: from a data folder to the town model (town.h), as of one day.
 *
 * Reads the register, the ledgers in force on the day, links the rows of the
 * offices' ledgers to people (match.h), and gathers those off the register
 * whom ledgers name.  Pure reading: the same data give the same town,
 * whatever the order they were handed in.  Inside an open entry that has handed in
 * a ledger it fails: only the entry's own handle could read its rows.
 */
#ifndef DAOHU_CHECK_TOWN_LOAD_H
#define DAOHU_CHECK_TOWN_LOAD_H

#include "area/area.h"
#include "check/town.h"
#include "journal/journal.h"
#include "pack/pack.h"

struct town_opts {
	struct journal *j;
	const struct pack *pack;
	const struct area_list *areas;
	const char *root; /* code of the area worked for: only its villages are looked at */
	date_t as_of;
	/* By layout of the pack, then by column: what the rows of ledgers are put with; of a row
	 * nothing else is kept but its place, its hash and its links.  NULL: all of it. */
	const bool *const *columns;
	/* Told how many of the ledgers' rows are read, by any of the threads; or NULL. */
	void (*progress)(int64_t rows, int64_t all);
};

/* Everything goes to the arena, which must outlive the town.  Answers to
 * findings are not loaded here. */
MUST_USE enum err town_load(const struct town_opts *o, struct arena *a, struct town *ret);

#endif
