/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * json_in: a JSON text (RFC 8259) as a tree in an arena.
 *
 * Strict: UTF-8, no duplicate members, no NUL in texts, no lone surrogates, nothing
 * behind the value.  Bounded: depth, and by the size of the text all else.  A number is
 * an integer of 64 bits or kept as it is written: nothing is rounded.
 */
#ifndef DAOHU_NET_JSON_IN_H
#define DAOHU_NET_JSON_IN_H

#include "base/str.h"

enum { JSON_IN_DEPTH = 16 };

enum json_kind {
	JSON_IN_NULL,
	JSON_IN_FALSE,
	JSON_IN_TRUE,
	JSON_IN_INT,    /* v */
	JSON_IN_NUMBER, /* text: what is no 64-bit integer */
	JSON_IN_TEXT,   /* text, NUL-terminated */
	JSON_IN_ARRAY,  /* first, next */
	JSON_IN_OBJECT  /* first, next; each with its key */
};

struct json_value {
	enum json_kind kind;
	struct str key; /* in an object; NUL-terminated */
	struct str text;
	int64_t v;
	size_t n; /* elements or members */
	struct json_value *first, *next;
};

/* NULL when it is no such text. */
const struct json_value *json_read(struct str text, struct arena *a);
/* The member, or NULL; also NULL when `object` is NULL or none. */
const struct json_value *json_get(const struct json_value *object, const char *key);

#endif
