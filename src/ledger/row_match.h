/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * row_match: rows of ledgers in the form that linkage takes (match/match.h).
 */
#ifndef DAOHU_LEDGER_ROW_MATCH_H
#define DAOHU_LEDGER_ROW_MATCH_H

#include "ledger/ledger.h"
#include "match/match.h"

/* Index in the area list of the village that a row names (its column, its
 * address, the heading above it), or -1. */
int64_t row_area(const struct ledger_table *t, const struct ledger_row *r);
/* By column: do row_area, row_for_match and row_for_bridge look at it? */
const bool *row_match_columns(const struct pack_layout *layout, struct arena *a);
/* Texts are lent by the row. */
struct match_row row_for_match(const struct pack *pack, const struct area_list *areas,
                               const struct ledger_table *t, const struct ledger_row *r);
/* By column: does row_brief look at it? */
const bool *row_brief_columns(const struct pack_layout *layout, struct arena *a);
/* The number, the name and the household number alone (match_opts.brief). */
struct match_row row_brief(const struct ledger_table *t, const struct ledger_row *r);
/* A row of the population file; its column "state" (-1: it has none) says who died or moved away. */
struct match_bridge row_for_bridge(const struct pack *pack, const struct ledger_table *t,
                                   int state_column, const struct ledger_row *r);
bool ledger_is_population(const char *layout);

/* The areas as linkage takes them, with their other names. */
const struct match_area *areas_for_match(const struct area_list *areas, struct arena *a);

#endif
