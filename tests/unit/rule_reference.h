/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rule_reference: expressions made at random, written as rule text, and
 * evaluated one row at a time by plain recursion over the generator's own
 * tree.  It shares nothing with src/rule but the data and the dates' first and
 * last day, so it tests parser, checker and evaluator together.
 */
#ifndef DAOHU_TESTS_RULE_REFERENCE_H
#define DAOHU_TESTS_RULE_REFERENCE_H

#include "rule/rule.h"

enum ref_op {
	REF_LITERAL,
	REF_FIELD,
	REF_PARAM,
	REF_TODAY,
	REF_AND,
	REF_OR,
	REF_NOT,
	REF_MISSING,
	REF_KNOWN,
	REF_COMPARE, /* of: 0 = 1 != 2 < 3 <= 4 > 5 >= */
	REF_IN,
	REF_BETWEEN,
	REF_HAS,
	REF_NEG,
	REF_ABS,
	REF_ROUND, /* of: places */
	REF_ARITH, /* of: + - * / */
	REF_PICK,  /* of: 0 min, 1 max */
	REF_COALESCE,
	REF_IF,
	REF_AGE,
	REF_DAYS,
	REF_MONTHS,
	REF_YEAR,
	REF_MONTH,
	REF_DATED,
	REF_LEN,
	REF_TEXT, /* of: 0 starts 1 ends 2 contains */
	REF_UPPER,
	REF_DIGITS,
	REF_FOLD, /* of: enum ref_fold; kid 0 condition or NULL, kid 1 value or NULL */
	REF_COVERED
};
enum ref_fold { REF_ANY, REF_ALL, REF_COUNT, REF_SUM, REF_MIN, REF_MAX, REF_FIRST, REF_LEDGER };

struct ref_node {
	enum ref_op op;
	int of;
	struct rule_kind kind;
	struct ref_node *kid[4];
	int n_kids;
	struct rule_value value;
	int up, hops, hop[2]; /* the row it is about */
	int entity, index;    /* field or collection */
	int param;
	bool bare;            /* written without a path */
};

/* The rows around an expression, innermost first. */
struct ref_scope {
	int entity;
	int32_t row;
	const struct ref_scope *outer;
};

/* Random numbers: splitmix64. */
static inline uint64_t ref_random(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9E3779B97F4A7C15u);
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}
static inline int ref_below(uint64_t *seed, int n)
{
	return n > 0 ? (int)(ref_random(seed) % (uint64_t)n) : 0;
}

/* A schema and its rows, all at random. */
struct rule_data *ref_town(uint64_t *seed, struct arena *a);
/* An expression about a row of entity, of a type or RULE_TYPE_MAX for any. */
struct ref_node *ref_make(const struct rule_schema *s, int entity, enum rule_type type,
                          uint64_t *seed, struct arena *a);
void ref_write(const struct rule_schema *s, const struct ref_node *n, struct buf *out);
/* *overflows is added to. */
struct rule_value ref_eval(const struct rule_data *d, const struct ref_node *n,
                           const struct ref_scope *scope, struct arena *a, size_t *overflows);

#endif
