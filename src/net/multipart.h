/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * multipart: multipart/form-data (RFC 7578), read as it arrives.
 *
 * Bounded: parts, bytes of a part's head, and whatever the caller's hooks
 * refuse.  Strict: no preamble, CR LF only, a Content-Disposition with a name in
 * every part.  Knows nothing of sockets or files.
 */
#ifndef DAOHU_NET_MULTIPART_H
#define DAOHU_NET_MULTIPART_H

#include "base/err.h"

enum { MULTIPART_HEAD_MAX = 4096, MULTIPART_PARTS_MAX = 100, MULTIPART_BOUNDARY_MAX = 70 };

struct multipart_hooks {
	void *arg;
	/* A part begins; file.p NULL when it is no file.  Borrowed for the call. */
	enum err (*begin)(void *arg, struct str name, struct str file);
	enum err (*data)(void *arg, struct str bytes);
	enum err (*end)(void *arg);
};

struct multipart {
	struct multipart_hooks hooks;
	char mark[MULTIPART_BOUNDARY_MAX + 5]; /* CR LF -- boundary */
	size_t mark_n;
	size_t matched; /* of mark */
	enum multipart_state {
		MULTIPART_DATA,
		MULTIPART_AFTER, /* the mark was read: CR LF, or -- at the end */
		MULTIPART_HEAD,
		MULTIPART_DONE
	} state;
	bool in_part;
	size_t parts;
	size_t after_n;
	char after[2];
	char head[MULTIPART_HEAD_MAX];
	size_t head_n;
};

/* From the value of Content-Type; MEDIA_TYPE when it is not multipart/form-data. */
MUST_USE enum err multipart_init(struct multipart *m, struct str content_type,
                                 const struct multipart_hooks *hooks);
/* BAD_REQUEST, TOO_LARGE, or what a hook returned. */
MUST_USE enum err multipart_feed(struct multipart *m, struct str bytes);
/* BAD_REQUEST when the last mark has not come. */
MUST_USE enum err multipart_finish(const struct multipart *m);

/* The last part of a path as a client gave it, fit to be shown and stored: no separators,
 * control characters or malformed UTF-8, never empty. */
const char *multipart_clean_name(struct str file, struct arena *a);

#endif
