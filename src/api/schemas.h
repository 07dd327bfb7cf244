/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * schemas: what answers look like, as data.
 *
 * A row names a shape; its members are words `name:type`, separated by blanks, where a
 * type is text, int, bool, money, date, instant, any, or another row's name; `[]` before
 * it makes a list, `?` behind it says that it may be null or left out.  With a record,
 * its fields come first.  A route's answer is "" (nothing), such a type, "list T"
 * ({"rows":[T…],"next":text?}), "events T", "file" or "text".
 */
#ifndef DAOHU_API_SCHEMAS_H
#define DAOHU_API_SCHEMAS_H

#include "field/field.h"

struct api_schema {
	const char *name;
	const struct record_desc *record; /* NULL = none */
	const char *members;
};
/* Ended by a row without name. */
extern const struct api_schema api_schemas[];
const struct api_schema *api_schema_find(struct str name); /* NULL: none */

#endif
