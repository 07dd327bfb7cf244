/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * brief: a value in sixteen bytes, for tables of many.
 *
 * Nearly every value can be compared by its brief form alone; the level is the one that
 * attribute_compare gives.  What does not fit is long: then the text has to be asked.
 *
 * Pure functions; thread-safe.
 */
#ifndef DAOHU_LINK_BRIEF_H
#define DAOHU_LINK_BRIEF_H

#include "link/attribute.h"
#include "link/place.h"

struct brief {
	uint64_t w[2]; /* zeros: there is no value */
};

struct brief brief_of(enum attribute_kind k, struct str s);
static inline bool brief_same(struct brief a, struct brief b)
{
	return a.w[0] == b.w[0] && a.w[1] == b.w[1];
}

/* A value to be compared with many. */
struct brief_reading {
	enum attribute_kind kind;
	struct brief brief;
	struct str text; /* borrowed */
	struct place_text place; /* of PLACE, when it was needed */
	bool placed;
};
void brief_read(struct brief_reading *r, enum attribute_kind k, struct str s);

enum { BRIEF_LONG = ATTRIBUTE_LEVELS_MAX };
/* The level of the two; BRIEF_LONG when attribute_compare has to look at their texts.  The arena is
 * left as it was. */
size_t brief_compare(struct brief a, struct brief_reading *b, struct arena *arena);

#endif
