/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * answer: what came of a query: named numbers, and how they are shown.
 *
 * As JSON: an object, numbers with all their digits, what is not defined as null.  As a table
 * for people: a line a number, with its standard error and interval beside it.
 */
#ifndef DAOHU_ESTIMATE_ANSWER_H
#define DAOHU_ESTIMATE_ANSWER_H

#include "base/arena.h"
#include "base/lang.h"
#include "base/str.h"

enum answer_shape {
	ANSWER_NUMBER,
	ANSWER_LIST,   /* [a, b] */
	ANSWER_MATRIX, /* n = p*p, [[…],[…]] */
	ANSWER_NAMED,  /* {"key": a} */
	ANSWER_TEXT
};

struct answer_item {
	const char *name;
	enum answer_shape shape;
	const double *v;
	size_t n;
	const char *const *keys; /* NAMED; of a LIST: what its lines are called (may be NULL) */
	const char *text;        /* TEXT */
};

enum { ANSWER_ITEMS_MAX = 32, ANSWER_SUMS_MAX = 16 };
struct answer {
	const char *kind, *title; /* query, and what of */
	struct answer_item items[ANSWER_ITEMS_MAX];
	size_t n;
	const char *const *levels; /* strings: "level" */
	size_t n_levels;
	struct answer *by;         /* an answer of its own under "by", or NULL */
	const char *note;          /* formula and source, for --explain */
	struct answer_item sums[ANSWER_SUMS_MAX]; /* what it was computed from, for --explain */
	size_t n_sums;
};

void answer_number(struct answer *x, const char *name, double v, struct arena *a);
void answer_list(struct answer *x, const char *name, const double *v, size_t n);
void answer_named(struct answer *x, const char *name, const char *const *keys, const double *v,
                  size_t n);
/* One number, or a list when `list`. */
void answer_one(struct answer *x, const char *name, const double *v, size_t n, bool list);
void answer_text(struct answer *x, const char *name, const char *text);
/* An intermediate sum. */
void answer_sum(struct answer *x, const char *name, double v, struct arena *a);
const struct answer_item *answer_find(const struct answer *x, const char *name);

/* explain: with "formula" and "sums". */
void answer_json(const struct answer *x, bool explain, struct buf *out);
void answer_table(const struct answer *x, enum lang lang, bool explain, struct buf *out);

#endif
