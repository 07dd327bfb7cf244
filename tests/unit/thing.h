/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* thing: the record of the tests, and a data folder that holds its table. */
#ifndef DAOHU_TESTS_THING_H
#define DAOHU_TESTS_THING_H

#include "field/field.h"

struct thing {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "thing.def"
#undef F
};

enum thing_field {
#define F(...) FIELD_INDEX(THING_, __VA_ARGS__)
#include "thing.def"
#undef F
	THING_FIELD_MAX
};

static const struct field thing_fields[] = {
#define F(...) FIELD_ROW(struct thing, __VA_ARGS__)
#include "thing.def"
#undef F
};

static const struct record_desc thing_desc = {
	.name = "thing",
	.id = 900,
	.fields = thing_fields,
	.n = THING_FIELD_MAX,
	.size = sizeof(struct thing),
	.label = TEXT("物件", "thing"),
	.owner = 7,
	.naming = 1,
};

#endif
