/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rule: a small typed language over tables of columns.
 *
 * The engine knows no household: the caller gives a schema (entities with
 * fields, collections and parents, parameters, dated tables, functions) and
 * the data as columns.  A rule is one expression about one row of one entity;
 * it is compiled once (names, types, limits; file:line:column on error) and
 * evaluated on batches of rows.  docs/rules.md is the language for its users.
 *
 * Values.  int64 for all but texts:
 *   BOOL 0/1; NUM scaled by 10^scale (scale 0..4); MONEY in fen; DATE a date_t
 *   with its precision; CODE the index into its code list; CODES a bit mask
 *   over its code list (64 items at most); TEXT a struct str, lent.
 *
 * A value is known, known but PROBABLE (it rests on a probable link), or not
 * there.  Logic is Kleene's: "not there" of type BOOL is "unknown".  PROBABLE
 * follows the operands that decide: a true `or` is sure if one true operand is
 * sure; a false `and` likewise; a true `and`, a false `or`, arithmetic and
 * comparisons are sure only if all operands are.  `is missing` and `is known`
 * are never unknown.  The right side of and/or, the branches of if() and the
 * later arguments of coalesce() are evaluated only for rows that need them.
 *
 * Collections and ledgers are one thing: child rows with, for a ledger, a link
 * state each and a `covered` flag a parent row.  An element's condition counts
 * as unknown if the link is UNCLEAR and the condition is not false; a parent
 * that is not covered has one more element of which nothing is known.  So
 *   any    true if one is true; else unknown if one is unknown; else false
 *   all    = not any(not …)
 *   count, sum, min, max    no value as soon as one element is unknown; but a
 *          count compared with a whole number by = != < <= > >= answers as soon
 *          as every count that the unknown elements allow gives the same answer
 *          (and is sure if that holds when probable elements are doubted too)
 *   first  the value of the first element that is true; unknown ones are passed
 * A PROBABLE link makes an element that is true probable; one that is false
 * stays false whoever it belongs to.
 *
 * Overflow never wraps: the row's value is not there, and the tally counts it
 * (the caller reports ERR_RULE_OVERFLOW with rule and row).
 *
 * Ownership: everything a compiled rule or template holds lives in the arena
 * given; schema and source text are lent and must outlive it.
 * Errors: RULE_SYNTAX, RULE_NAME, RULE_TYPE, RULE_LIMIT, INVALID (fixtures).
 */
#ifndef DAOHU_RULE_RULE_H
#define DAOHU_RULE_RULE_H

#include "base/date.h"
#include "base/err.h"
#include "base/lang.h"
#include "base/str.h"

/* ---- the schema ------------------------------------------------------- */

enum rule_type {
	RULE_BOOL,
	RULE_NUM,
	RULE_MONEY,
	RULE_DATE,
	RULE_CODE,
	RULE_CODES,
	RULE_TEXT,
	RULE_TYPE_MAX
};

struct rule_item {
	const char *id; /* written as a bare word in rules */
	struct text label;
};

struct rule_codes {
	const char *name;
	const struct rule_item *items;
	int n;
	bool ordered; /* < and > compare the places in the list */
};

struct rule_kind {
	enum rule_type type;
	int scale;                      /* NUM: 0..4 */
	const struct rule_codes *codes; /* CODE, CODES */
};

struct rule_field {
	const char *name;
	struct rule_kind kind;
	struct text label;
	int source; /* the caller's mark: which ledger it comes from */
};

enum rule_collection_kind {
	RULE_PLAIN, /* complete as it stands */
	RULE_LEDGER /* rows of an office ledger: link states and coverage */
};

struct rule_collection {
	const char *name;
	int entity; /* of the child rows */
	enum rule_collection_kind kind;
	int inverse; /* the child's parent that leads back here, or -1 */
	struct text label;
	int source;
};

struct rule_parent {
	const char *name;
	int entity;
};

struct rule_entity {
	const char *name;
	struct text label;
	const struct rule_field *fields;
	int n_fields;
	const struct rule_collection *collections;
	int n_collections;
	const struct rule_parent *parents;
	int n_parents;
	int title; /* the field that names a row to people (explain), or -1 */
};

enum rule_state {
	RULE_MISSING = 0,
	RULE_KNOWN = 1,
	RULE_PROBABLE = 3 /* known, from a probable link */
};

struct rule_value {
	uint8_t state; /* enum rule_state */
	int64_t i;     /* 0 when not there */
	struct str s;  /* TEXT */
};

/* $name */
struct rule_param {
	const char *name;
	struct rule_kind kind;
	struct rule_value value;
	struct text label;
};

/* name(year): the value of that very year, else none. */
struct rule_dated_row {
	int year;
	int64_t value;
};
struct rule_dated {
	const char *name;
	struct rule_kind kind; /* not TEXT */
	const struct rule_dated_row *rows;
	int n;
	struct text label;
};

enum { RULE_FUNC_ARGS = 4 };

/*
 * A function of the caller's on one row's values; called only when every
 * argument is there.  It sets *ret's state, i or s (a text must be lent by an
 * argument or live in `a`); a result left MISSING is none.  Deterministic and
 * without side effects, or rules cannot be cached.
 */
struct rule_func {
	const char *name;
	struct rule_kind ret;
	int n_args;
	struct rule_kind args[RULE_FUNC_ARGS]; /* CODE with codes NULL: any list */
	void (*call)(const struct rule_value *args, struct arena *a, struct rule_value *ret);
	struct text label;
};

struct rule_schema {
	const struct rule_entity *entities;
	int n_entities;
	const struct rule_param *params;
	int n_params;
	const struct rule_dated *dated;
	int n_dated;
	const struct rule_func *funcs;
	int n_funcs;
};

/* Index by name, or -1. */
int rule_entity_find(const struct rule_schema *s, struct str name);
int rule_field_find(const struct rule_entity *e, struct str name);
int rule_collection_find(const struct rule_entity *e, struct str name);
/* An item by id or by a label in either language, or -1. */
int rule_item_find(const struct rule_codes *c, struct str name);

/* Everything a rule may name, in order: each entity's fields, rows, ledgers and
 * parents, the items of code lists, parameters, tables, functions. */
struct rule_name {
	const char *of;    /* the entity or code list, or "" */
	const char *what;  /* field, rows, ledger, parent, item, parameter, table, function */
	const char *name;
	const char *type;  /* of a field; of the rows: their entity; of a function: its shape */
	const char *label;
};
void rule_names(const struct rule_schema *s, enum lang lang, struct arena *a,
                void (*each)(void *arg, const struct rule_name *name), void *arg);

/* ---- the data --------------------------------------------------------- */

/* One of i and s is set (s for TEXT); neither: missing in every row. */
struct rule_column {
	const int64_t *i;
	const struct str *s;
	const uint8_t *state; /* enum rule_state a row; NULL: all known */
};

enum rule_link { RULE_LINK_SURE, RULE_LINK_PROBABLE, RULE_LINK_UNCLEAR };

/* The child rows of parent row r are row[from[r]] .. row[from[r + 1] - 1]. */
struct rule_links {
	const uint32_t *from;   /* n + 1; NULL: no rows, and no ledger covers any */
	const int32_t *row;     /* indices into the child's table; may be shared */
	const uint8_t *link;    /* enum rule_link beside row; NULL: all sure */
	const uint8_t *covered; /* a parent row; NULL: a plain collection: all, a ledger: none */
};

struct rule_table {
	size_t n;
	const struct rule_column *columns;      /* one a field */
	const struct rule_links *links;         /* one a collection */
	const int32_t *const *parents;          /* one array a parent; -1 = none; NULL: none */
};

struct rule_data {
	const struct rule_schema *schema;
	const struct rule_table *tables; /* one an entity */
	date_t today;                    /* the as-of day, full */
};

/* ---- compiling -------------------------------------------------------- */

enum {
	RULE_MAX_TEXT = 16384, /* bytes */
	RULE_MAX_NODES = 2000,
	RULE_MAX_DEPTH = 60,
	RULE_MAX_NESTING = 5 /* quantifiers inside quantifiers */
};

struct rule_source {
	struct str text;
	int entity;       /* whose rows it is about */
	const char *file; /* for messages: file:line:column */
	int line;         /* where the text begins, from 1 */
	int column;       /* from 1, in characters */
	int indent;       /* columns that later lines are indented by in the file */
};

struct rule;

/* want: the type it must have, or RULE_TYPE_MAX for any. */
enum err rule_compile(const struct rule_schema *s, const struct rule_source *src,
                      enum rule_type want, struct arena *a, struct rule **ret_rule,
                      struct diag *diag) MUST_USE;
struct rule_kind rule_result(const struct rule *r);
int rule_entity_of(const struct rule *r);

/* What a rule reads, each once, in order of first use: a field, or (field -1)
 * a collection. */
struct rule_read {
	int entity;
	int field;
	int collection;
	int source; /* of the field or collection */
};
const struct rule_read *rule_reads(const struct rule *r, size_t *ret_n);
/* True if its answer may change as the days pass (today, age, …). */
bool rule_uses_today(const struct rule *r);

/* ---- evaluating ------------------------------------------------------- */

struct rule_hit {
	int32_t row;
	bool probable;
};
struct rule_hits { /* a VEC: give back with vec_free */
	struct rule_hit *p;
	size_t n, cap;
};

struct rule_tally {
	size_t rows;
	size_t yes;
	size_t probable; /* of yes */
	size_t no;
	size_t unknown;
	size_t overflows;     /* operations that overflowed */
	int32_t overflow_row; /* the first row it happened in, or -1 */
};

/* The rows a call is about: all of the table, or a list (re-check). */
struct rule_rows {
	const int32_t *row; /* NULL: rows 0 .. n - 1 */
	size_t n;
};

/* Appends the rows for which a BOOL rule is true, in the order of rows.
 * scratch is taken back to where it was.  The tally is set, not added to. */
void rule_find(const struct rule *r, const struct rule_data *d, struct rule_rows rows,
               struct arena *scratch, struct rule_hits *hits, struct rule_tally *ret_tally);
/* The value of a rule of any type for each row; derived texts live in `a`.
 * ret_tally (may be NULL): yes/no are of BOOL rules, else `yes` counts values. */
void rule_values(const struct rule *r, const struct rule_data *d, struct rule_rows rows,
                 struct arena *a, struct rule_value *ret_values, struct rule_tally *ret_tally);

/* ---- for people ------------------------------------------------------- */

/* 1,234.50; 2018-01-14; a code's label; 是/yes; 空/missing.  NUM without
 * trailing zeros. */
void rule_format(struct rule_kind kind, const struct rule_value *v, enum lang lang,
                 struct buf *out);
/* A value as written in rules and fixtures: numbers, yuan, dates in ISO form,
 * codes by id or label (CODES separated by , or 、), bools 是/否 yes/no
 * true/false; empty is MISSING.  False if it is none of that. */
bool rule_parse_value(struct rule_kind kind, struct str text, struct arena *a,
                      struct rule_value *ret);

/* The fields of the row itself (and of what it belongs to) that the rule reads, in its order,
 * with what people call them; one read twice is told twice.  Texts live during the call. */
typedef void (*rule_field_fn)(void *arg, struct str label, struct str value);
void rule_fields(const struct rule *r, const struct rule_data *d, int32_t row, enum lang lang,
                 struct arena *scratch, rule_field_fn fn, void *arg);

/*
 * Every sub-expression of the rule for one row, a line each, indented:
 *     income < line(2017)                是
 *       income                           2,300.00
 *       line(2017)                       3,335.00
 * The child rows of a quantifier follow it, named by their entity's title.
 */
void rule_explain(const struct rule *r, const struct rule_data *d, int32_t row, enum lang lang,
                  struct arena *scratch, struct buf *out);

/*
 * Detail texts: "人均纯收入 {income_per_capita}，低于 {line(2017)}"; {{ and }} for
 * braces.  Each {…} is an expression about the same row.
 */
struct rule_template;
enum err rule_template_compile(const struct rule_schema *s, const struct rule_source *src,
                               struct arena *a, struct rule_template **ret_template,
                               struct diag *diag) MUST_USE;
void rule_template_render(const struct rule_template *t, const struct rule_data *d, int32_t row,
                          enum lang lang, struct arena *scratch, struct buf *out);
const struct rule_read *rule_template_reads(const struct rule_template *t, size_t *ret_n);

/* ---- fixtures --------------------------------------------------------- */

/*
 * A neutral tree, as a YAML reader gives it.  A row is a MAP of
 *   field: text                       (absent or empty: missing; text by rule_parse_value)
 *   collection: LIST of rows          (a ledger given as a list covers the row;
 *                                      a ledger not given does not)
 *   collection: MAP {covered: no, rows: LIST}
 *   parent: a row (MAP)
 *   _link: sure | probable | unclear  (in a row of a ledger)
 * A child's parent that is the inverse of the collection it stands in is set;
 * a row given with such a parent stands in that parent's collection, first.
 */
enum rule_tree_kind { RULE_TREE_TEXT, RULE_TREE_LIST, RULE_TREE_MAP };
struct rule_tree {
	struct str name; /* in a MAP; empty in a LIST */
	enum rule_tree_kind kind;
	struct str text;
	const struct rule_tree *items;
	size_t n;
	int line, column; /* for messages; 0 unknown */
};

/* A data set whose row 0 of `entity` is the tree's top row; lives in `a`;
 * `today` is 0 and is the caller's to set.  The diag's place is line:column
 * when known. */
enum err rule_fixture(const struct rule_schema *s, int entity, const struct rule_tree *row,
                      struct arena *a, struct rule_data **ret_data, struct diag *diag) MUST_USE;

#endif
