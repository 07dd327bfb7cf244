/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * head: is this the head of a request that means one thing only?
 *
 * The library that reads sockets forgives much; two programs in a row that
 * forgive differently disagree about where a request ends.  So a head is looked
 * at again as a whole: whatever is not plainly right is refused and the
 * connection closed.  Also takes a target apart: path segments and query, each
 * decoded exactly once.  Functions on plain data; internal to this folder.
 */
#ifndef DAOHU_NET_HEAD_H
#define DAOHU_NET_HEAD_H

#include "net/net.h"

enum {
	HEAD_TARGET_MAX = 4096,
	HEAD_FIELDS_MAX = 64,
	HEAD_BYTES_MAX = 16 * 1024,
	HEAD_QUERY_MAX = 64 /* pairs */
};

struct head_field {
	struct str key, value;
};

struct head {
	struct str method, target, version;
	const struct head_field *fields;
	size_t n;
};

struct head_facts {
	bool has_length;
	int64_t length; /* of the body */
};

/* BAD_REQUEST, LENGTH_REQUIRED (a body without Content-Length). */
MUST_USE enum err head_check(const struct head *h, struct head_facts *ret);
/* Of the bytes as they came: each field is "key:" blanks "value" CR LF, one directly behind
 * the other.  False for folded lines, bare LF, NUL.  `target_at` is where the target stood
 * (h->target is a copy, the library takes the query apart in place), `size` that of the head. */
bool head_is_plain(const struct head *h, const char *target_at, size_t size);
/* Index of the field of that name (any case), or -1. */
int head_named(const struct head *h, const char *name);

struct target {
	struct str parts[NET_PATH_PARTS_MAX]; /* decoded */
	size_t n;
	struct head_field query[HEAD_QUERY_MAX]; /* decoded */
	size_t n_query;
};
/* BAD_REQUEST when it is malformed, NOT_FOUND for paths that can be nobody's. */
MUST_USE enum err target_parse(struct str target, struct arena *a, struct target *ret);

#endif
