/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * assign (inside match): the rows of one list to people, one to one if the
 * list is such.
 *
 * First every row by itself, ranges of rows at a time on several threads; what
 * follows is in the order of the rows and does not depend on them.  Rows whose link rests on a number claim their
 * human.  The others are judged again without the humans that are claimed,
 * the best-founded claims first, until nothing changes; a row that fitted a
 * claimed human far better than anybody left is a second row of his and keeps
 * him.  At last, k rows that cannot tell k humans apart are given one each, in
 * the order of their contents: all of them stand in the list, so none of them
 * is absent from it; who is who stays UNCLEAR.
 */
#ifndef DAOHU_MATCH_ASSIGN_H
#define DAOHU_MATCH_ASSIGN_H

#include "base/team.h"
#include "match/judge.h"

/* Queries are asked for that many rows, one behind the other, before the first of
 * them is linked. */
enum { ASSIGN_AHEAD = MATCH_AHEAD };

/* query, direct and finish are called for different rows from the threads of
 * the team, each with its own `worker`; `order` from the caller's alone. */
struct assign {
	const struct match *m;
	size_t n; /* rows */
	void (*query)(void *arg, size_t worker, size_t i, struct query *q);
	/* As query, but reads no more than the number where that may do (`quick`).  May be NULL. */
	void (*number)(void *arg, size_t worker, size_t i, struct query *q);
	int (*order)(void *arg, size_t a, size_t b); /* by content */
	/* Links without weighing; true when it did.  May be NULL. */
	bool (*direct)(void *arg, size_t worker, size_t i, const struct query *q,
	               struct match_link *ret);
	/* Last word on a weighed link.  May be NULL. */
	void (*finish)(void *arg, size_t worker, size_t i, const struct query *q,
	               const struct verdict *v, struct match_link *ret);
	void *arg;
	struct team *team; /* NULL: alone */
	bool one_to_one;
	bool households; /* a claim takes everybody in the household */
};

void assign_run(struct assign *a, struct match_link *ret);
void query_name(struct query *q, struct str name);

#endif
