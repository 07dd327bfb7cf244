/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * area: the tree of county, towns and villages.
 *
 * Owns the table `area`.  Codes are the statistical division codes (6 digits
 * county, 9 town, 12 village); the list a house works with is read once from
 * a CSV (code,name,parent and, when there are any, aliases) and kept.
 */
#ifndef DAOHU_AREA_AREA_H
#define DAOHU_AREA_AREA_H

#include "journal/journal.h"

struct area {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "area/area.def"
#undef F
};

enum area_field {
#define F(...) FIELD_INDEX(AREA_, __VA_ARGS__)
#include "area/area.def"
#undef F
	AREA_FIELD_MAX
};

extern const struct record_desc area_desc;

struct area_list {
	const struct area *areas; /* sorted by code */
	size_t n;
};

/* Reads the CSV and keeps the areas of the county that `code` lies in.
 * AREA_FILE with file and line, UNKNOWN_AREA when `code` is not in it.
 * The caller has begun an entry. */
MUST_USE enum err area_import(struct journal *j, const char *path, const char *code);
MUST_USE enum err area_load(struct db *db, struct arena *a, struct area_list *ret);
/* NULL when there is none. */
const struct area *area_find(const struct area_list *l, const char *code);
/* Is `code` the area `root` or below it? */
bool area_within(const struct area_list *l, const char *code, const char *root);
/* A village or community committee: the lowest level of the list. */
bool area_is_village(const struct area *a);

#endif
