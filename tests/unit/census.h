/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* census: a population file out of an array, for tests of match. */
#ifndef DAOHU_TESTS_CENSUS_H
#define DAOHU_TESTS_CENSUS_H

#include "match/match.h"

/* match_new() takes it over. */
static inline struct match_census *census_of(const struct match_bridge *rows, size_t n)
{
	struct match_census *c = match_census_new(n);
	for (size_t i = 0; i < n; i++)
		match_census_put(c, 0, i, &rows[i]);
	return c;
}

#endif
