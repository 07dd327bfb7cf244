/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * node: a rule as a tree, shared by the files of src/rule and nobody else.
 *
 * The parser makes nodes with an op, a span of the source and names; the
 * checker resolves the names, sets every kind, folds number literals to the
 * kind wanted and inserts R_SCALE; afterwards the tree never changes.
 */
#ifndef DAOHU_RULE_NODE_H
#define DAOHU_RULE_NODE_H

#include "rule/rule.h"

enum rule_op {
	/* leaves as parsed; the checker turns R_NUMBER, R_STRING, R_SET, R_PARAM
	 * into R_CONST and R_PATH into R_CONST or R_FIELD */
	R_NUMBER,
	R_STRING,
	R_SET,
	R_PARAM,
	R_PATH,
	/* leaves */
	R_CONST,
	R_FIELD,
	R_TODAY,
	/* logic */
	R_OR,
	R_AND,
	R_NOT,
	R_MISSING,
	R_KNOWN,
	/* comparing; the six in this order */
	R_EQ,
	R_NE,
	R_LT,
	R_LE,
	R_GT,
	R_GE,
	R_IN,      /* kid 0 in the others */
	R_BETWEEN, /* kid 0 between 1 and 2 */
	R_HAS,     /* kid 0 CODES, kid 1 a constant mask: any of it */
	/* arithmetic */
	R_NEG,
	R_ADD,
	R_SUB,
	R_MUL,
	R_DIV,
	R_SCALE, /* NUM to a larger scale, inserted by the checker */
	/* functions */
	R_AGE,
	R_DAYS,
	R_MONTHS,
	R_YEAR,
	R_MONTH,
	R_ABS,
	R_ROUND,
	R_LEAST,
	R_GREATEST,
	R_COALESCE,
	R_IF,
	R_LEN,
	R_STARTS,
	R_ENDS,
	R_CONTAINS,
	R_DATED,
	R_CALL,
	/* quantifiers: kid 0 the condition or NULL, kid 1 the value */
	R_ANY,
	R_ALL,
	R_COUNT,
	R_SUM,
	R_MIN,
	R_MAX,
	R_FIRST,
	R_COVERED,
	R_OP_MAX
};

enum { RULE_HOPS = 4, RULE_PATH_NAMES = 8 };

/* From the innermost row: `up` quantifiers outward, then through parents. */
struct rule_path {
	int up;
	int n_hops;
	int hop_entity[RULE_HOPS]; /* whose parent … */
	int hop[RULE_HOPS];        /* … this one is */
	int entity;                /* where it ends */
	int index;                 /* the field or collection there */
};

struct rule_node {
	enum rule_op op;
	struct rule_kind kind;
	uint32_t start, end; /* bytes of the source text */
	int depth;           /* of the tree below, itself included */
	struct rule_node **kid;
	int n_kids;
	struct rule_value value; /* R_NUMBER, R_STRING, R_CONST, R_ROUND's places */
	struct str *name;        /* R_PATH, R_SET, R_PARAM, quantifiers: as written */
	int n_names;
	bool ledger;             /* a quantifier written with `ledger` */
	bool checked;
	bool literal;            /* R_CONST from literals alone: takes the kind wanted */
	struct rule_path path;   /* R_FIELD and quantifiers */
	const struct rule_func *func;
	const struct rule_dated *dated;
};

struct rule_reads_list {
	struct rule_read *p;
	size_t n, cap;
};

struct rule {
	const struct rule_schema *schema;
	struct rule_source src;
	struct rule_node *root;
	struct rule_read *reads;
	size_t n_reads;
	bool uses_today;
};

/* ---- tokens */

enum rule_token {
	T_END,
	T_NUMBER,
	T_STRING,
	T_NAME,
	T_PARAM,
	T_LPAREN,
	T_RPAREN,
	T_LBRACE,
	T_RBRACE,
	T_COMMA,
	T_COLON,
	T_DOT,
	T_PLUS,
	T_MINUS,
	T_STAR,
	T_SLASH,
	T_EQ,
	T_NE,
	T_LT,
	T_LE,
	T_GT,
	T_GE,
	T_BAD
};

struct rule_lexer {
	const struct rule_source *src;
	struct diag *diag;
	struct arena *a;
	enum rule_token tok;
	uint32_t start, end; /* of the token */
	uint32_t last_end;   /* of the token before it */
	struct str text;     /* T_NAME, T_PARAM, T_STRING without quotes */
	int64_t number;      /* T_NUMBER, scaled */
	int scale;
};

/* Reads the next token; T_BAD has set the diag. */
void rule__next(struct rule_lexer *l);

/* Sets the diag with file:line:column of a byte of the source. */
enum err rule__error(const struct rule_source *src, uint32_t at, struct diag *d, enum err code,
                     const char *fmt, ...) __attribute__((format(printf, 5, 6)));

enum err rule__parse(const struct rule_source *src, struct arena *a, struct diag *d,
                     struct rule_node **ret) MUST_USE;

/* ---- names and types */

struct rule_scope {
	int entity;
	const struct rule_scope *outer;
	int depth;
};

struct rule_checker {
	const struct rule_schema *schema;
	const struct rule_source *src;
	struct arena *a;
	struct diag *diag;
	const struct rule_scope *scope;
	struct rule_reads_list reads;
	bool uses_today;
};

/* Types a node and all below it; hint: the kind its neighbour has, or NULL. */
enum err rule__check(struct rule_checker *c, struct rule_node *n,
                     const struct rule_kind *hint) MUST_USE;
/* Makes a checked node the kind wanted, or says why not. */
enum err rule__coerce(struct rule_checker *c, struct rule_node **n,
                      const struct rule_kind *want) MUST_USE;
/* R_PATH to R_FIELD, a code item, a BOOL literal or R_TODAY. */
enum err rule__resolve(struct rule_checker *c, struct rule_node *n,
                       const struct rule_kind *hint) MUST_USE;
/* A quantifier's collection. */
enum err rule__resolve_collection(struct rule_checker *c, struct rule_node *n) MUST_USE;
/* An R_NUMBER, R_STRING or R_SET to R_CONST. */
enum err rule__literal(struct rule_checker *c, struct rule_node *n,
                       const struct rule_kind *hint) MUST_USE;
/* True for a literal or bare word that takes its kind from its neighbour. */
bool rule__adapts(const struct rule_checker *c, const struct rule_node *n);
enum err rule__check_call(struct rule_checker *c, struct rule_node *n,
                          const struct rule_kind *hint) MUST_USE;
/* The largest kind both fit, or false. */
bool rule__join(const struct rule_kind *a, const struct rule_kind *b, struct rule_kind *ret);
/* Types kids from..n-1 to one kind. */
enum err rule__unify(struct rule_checker *c, struct rule_node *n, int from,
                     const struct rule_kind *hint, struct rule_kind *ret) MUST_USE;
enum err rule__fail(struct rule_checker *c, const struct rule_node *n, enum err code,
                    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* "incme → income ?": the nearest of the candidates tried, if any is near. */
struct rule_near {
	struct str name;
	const char *best;
	int distance;
};
struct rule_near rule__near(struct str name);
void rule__near_try(struct rule_near *near, const char *candidate);
enum err rule__unknown(struct rule_checker *c, const struct rule_node *n,
                       const struct rule_near *near);
/* "money", "code cause" … for messages, in a buffer of the arena. */
const char *rule__kind_name(struct rule_checker *c, const struct rule_kind *k);
struct rule_node *rule__wrap(struct rule_checker *c, struct rule_node *n, enum rule_op op);
static inline struct str rule__span(const struct rule_source *src, const struct rule_node *n)
{
	return str_sub(src->text, n->start, n->end - n->start);
}

/* ISO date with precision, strictly: YYYY, YYYY-MM, YYYY-MM-DD; 0 if none. */
date_t rule__iso_date(struct str s);
/* v times 10^(to - from), to >= from; false on overflow. */
bool rule__rescale(int64_t v, int from, int to, int64_t *ret);

/* ---- evaluating */

/*
 * A logical value in one byte: bit 0 known, bit 1 probable, bit 2 true.  So a
 * BOOL vector is its flags alone, and and/or are a table each.
 */
enum { B_UNKNOWN = 0, B_NO = 1, B_NO_PROBABLE = 3, B_YES = 5, B_YES_PROBABLE = 7 };

struct rule_vec {
	int64_t *i;    /* all but BOOL and TEXT */
	struct str *s; /* TEXT */
	uint8_t *f;    /* enum rule_state; BOOL: as above */
};

/* The rows a node is evaluated for. */
struct rule_frame {
	int entity;
	size_t n;
	const int32_t *row;              /* n rows of the entity's table */
	const struct rule_frame *outer;  /* around a quantifier; NULL at the root */
	const uint32_t *pos;             /* beside row: the place in outer */
};

struct rule_eval {
	const struct rule *rule;
	const struct rule_data *data;
	struct arena *a;
	size_t overflows;
	int32_t overflow_row;
};

extern const uint8_t rule__and[8][8];
extern const uint8_t rule__or[8][8];
static inline uint8_t rule__not(uint8_t b)
{
	return b & 1 ? b ^ 4 : b;
}

struct rule_vec rule__vec(struct rule_eval *e, const struct rule_kind *k, size_t n);
/* Evaluates into out, which has room for f->n. */
void rule__eval(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                struct rule_vec *out);
/* Quantifiers. */
void rule__eval_fold(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                     struct rule_vec *out);
/* What a count may be: as far as known, and if probable elements are doubted too. */
struct rule_bounds {
	int64_t low, high; /* high INT64_MAX: no ledger covers it */
	int64_t sure_low, sure_high;
};
void rule__count_bounds(struct rule_eval *e, const struct rule_node *n,
                        const struct rule_frame *f, struct rule_bounds *out);
/* Functions of dates, texts and the caller. */
void rule__eval_func(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                     struct rule_vec *out);
/* Evaluates only the elements whose pick is set, leaving the others alone. */
void rule__eval_some(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                     const uint8_t *pick, struct rule_vec *out);
void rule__overflow(struct rule_eval *e, const struct rule_frame *f, size_t at);
/* The row where a path ends for every element (-1 none); may lend f->row. */
const int32_t *rule__rows(struct rule_eval *e, const struct rule_path *p,
                          const struct rule_frame *f);
/* One element as a value and back. */
struct rule_value rule__get(const struct rule_kind *k, const struct rule_vec *v, size_t at);
void rule__put(const struct rule_kind *k, struct rule_vec *v, size_t at,
               const struct rule_value *val);
/* The later (by last day) or earlier (by first day) of two dates. */
date_t rule__date_pick(bool latest, date_t a, date_t b);
/* The children of one row of a collection. */
struct rule_children {
	const int32_t *row;
	const uint8_t *link; /* NULL: sure */
	size_t n;
	bool covered;
};
struct rule_children rule__children(const struct rule_data *d, const struct rule_path *p,
                                    int32_t row);

#endif
