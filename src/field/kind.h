/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kind: a kind of field as a row of functions; internal to this folder. */
#ifndef DAOHU_FIELD_KIND_H
#define DAOHU_FIELD_KIND_H

#include "field/field.h"

struct kind_ops {
	const char *name;
	size_t size; /* of the C member */
	/* Text as people write it / as machines do; `at` is the member. */
	enum err (*parse)(void *at, struct str text, struct arena *a);
	enum err (*parse_plain)(void *at, struct str text, struct arena *a);
	void (*print)(const void *at, enum lang lang, struct buf *out);
	void (*print_plain)(const void *at, struct buf *out);
	bool (*equal)(const void *x, const void *y);
	uint64_t (*hash)(const void *at); /* of equal ones the same */
	void (*copy)(void *to, const void *from, struct arena *a); /* deep */
	bool (*empty)(const void *at); /* NULL: never, the bit alone decides */
};

extern const struct kind_ops field__kinds[FIELD_KIND_MAX];

static inline const void *field__at(const struct field *f, const void *rec)
{
	return (const char *)rec + f->offset;
}
static inline void *field__at_rw(const struct field *f, void *rec)
{
	return (char *)rec + f->offset;
}
static inline uint64_t field__bits(const void *rec)
{
	uint64_t has;
	memcpy(&has, rec, sizeof(has));
	return has;
}
static inline void field__set_bit(void *rec, size_t i, bool on)
{
	uint64_t has = field__bits(rec);
	has = on ? has | FIELD_BIT(i) : has & ~FIELD_BIT(i);
	memcpy(rec, &has, sizeof(has));
}

#endif
