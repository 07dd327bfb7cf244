/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * project_view (inside the projection): the register as linkage sees it, place by place.
 */
#ifndef DAOHU_LEDGER_PROJECT_VIEW_H
#define DAOHU_LEDGER_PROJECT_VIEW_H

#include "ledger/project_in.h"

/* People and households of a place. */
struct view {
	struct match_person *persons;
	struct match_household *households;
	int64_t *household_no; /* by index in households */
	size_t n_persons, n_households;
};

/* The wanted households and people, those of group[i] (by index in p->household; -1: of none) in
 * views[group[i]].  In p->a. */
void view_make(struct project *p, const int32_t *group, struct view *views, size_t n_views);

#endif
