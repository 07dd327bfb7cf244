/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cell: a value of a ledger's row as people read it: codes by their labels, money in yuan,
 * yes and no, days as dates.  What could not be read stands as it was written.
 */
#ifndef DAOHU_CHECK_CELL_H
#define DAOHU_CHECK_CELL_H

#include "base/lang.h"
#include "check/town.h"
#include "pack/pack.h"

/* units: 元 and the pack's words behind numbers.  Goes to the arena; "" when nothing is there. */
struct str cell_shown(const struct pack *pack, const struct pack_column *c,
                      const struct town_cell *cell, enum lang lang, bool units, struct arena *a);

#endif
