/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pack: policy as data.  A pack is a folder of YAML files
 *
 *     pack.yaml      id, version, titles
 *     params.yaml    parameters and dated tables (poverty lines ...)
 *     codes.yaml     code lists with their aliases
 *     ledgers.yaml   what ledgers offices keep: columns and what they are called
 *     rules.yaml     rules and rules still waiting for data
 *
 * either built into the program (pack_open("cn-2018")) or read from a folder
 * (pack_open("./my-pack")).  Every key is checked: an unknown key, a missing
 * one, a wrong type, a reference to nothing is ERR_PACK at file:line:column.
 *
 * Owns: everything reachable from struct pack, in one arena; all of it is read
 * only and lives until pack_close.  Safe for many threads once open.
 *
 * Order: lists, items, layouts, columns and rules keep the order of the files,
 * and an item's index in its list is the value used everywhere in memory.  On
 * disk items are kept by id.
 */
#ifndef DAOHU_PACK_PACK_H
#define DAOHU_PACK_PACK_H

#include "base/date.h"
#include "base/err.h"
#include "base/map.h"
#include "base/money.h"

struct pack;

/* ---- a neutral tree: what YAML says, with places ---- */

enum pack_node_kind { PACK_SCALAR, PACK_LIST, PACK_MAP };

struct pack_node {
	enum pack_node_kind kind;
	bool quoted;        /* scalar in quotes or a block: never a number, bool or null */
	uint32_t line, col; /* from 1: of the first character of the value */
	struct str text;    /* PACK_SCALAR; NUL-terminated */
	size_t n;           /* PACK_LIST, PACK_MAP */
	const struct pack_node *items; /* values */
	const struct str *keys;        /* PACK_MAP: one a value */
};

/* The value under key, or NULL. */
const struct pack_node *pack_node_get(const struct pack_node *map, const char *key);

/* ---- parameters ---- */

enum pack_param_kind {
	PACK_PARAM_INT,   /* counts, days, ages */
	PACK_PARAM_NUM,   /* decimal, times 10^scale */
	PACK_PARAM_MONEY, /* fen */
	PACK_PARAM_BOOL,
	PACK_PARAM_DATE,
	PACK_PARAM_TEXT,
	PACK_PARAM_MAX
};

struct pack_param {
	const char *id;
	enum pack_param_kind kind;
	int64_t value;    /* all kinds but TEXT */
	int scale;        /* NUM: decimal places; else 0 */
	const char *text; /* TEXT; else the value as written */
	struct text title;
	const char *basis; /* where it comes from; "" when not said */
};

struct pack_year {
	int32_t year;
	int64_t value;
};

/* year -> value: line(2017).  Years ascend; a year outside has no value. */
struct pack_table {
	const char *id;
	enum pack_param_kind kind; /* INT, NUM or MONEY */
	int scale;
	struct text title;
	const char *basis;
	size_t n;
	const struct pack_year *years;
};

/* ---- code lists ---- */

struct pack_alias {
	const char *text;
	int32_t from, to; /* years in which it was in use; 0 = open */
};

struct pack_attr {
	const char *key, *value; /* sex: male, generation: "-1", class: passenger */
};

struct pack_code {
	const char *id;
	struct text label;
	size_t n_aliases;
	const struct pack_alias *aliases;
	size_t n_attrs;
	const struct pack_attr *attrs;
};

struct pack_list {
	const char *id;
	struct text title;
	bool open;     /* other values are normal: no doubt is raised */
	int none;      /* item meant by 无 / 否 / 0, -1 = none */
	size_t n;
	const struct pack_code *codes;
	struct map index; /* normalised label, id or alias -> item */
};

/* Index of the item with this id, or -1. */
int pack_code_by_id(const struct pack_list *list, const char *id);
/*
 * Index of the item a cell means, or -1.  Forgives full width, blanks, a
 * leading number ("01 一般贫困户", "1.因病", "(2)因残", "③"), bracketed remarks, a year in
 * front or behind ("2017年脱贫": *ret_year, may be NULL), and punctuation.
 */
int pack_code_find(const struct pack_list *list, struct str text, int32_t *ret_year);
/* The item whose longest name stands inside the text ("农村低保A类保障"), unless
 * negated or two items claim it; -1 = none.  A guess: to be doubted. */
int pack_code_guess(const struct pack_list *list, struct str text);
/* Items of a set: pieces divided by 、 , ; / | + blanks.  Returns the mask;
 * *ret_unknown is the first piece that is no item (n = 0: all known). */
uint64_t pack_codes_find(const struct pack_list *list, struct str text, struct str *ret_unknown);
/* "" when the item has no such attribute. */
const char *pack_code_attr(const struct pack_list *list, int item, const char *key);

/* ---- ledger layouts ---- */

enum pack_kind {         /* what a value is        v             text            */
	PACK_TEXT,       /*                        -             trimmed text    */
	PACK_NAME,       /* a person's name        -             blanks removed  */
	PACK_ID,         /* citizen's number       -             digits and X    */
	PACK_CARD,       /* disability card        -             digits and X    */
	PACK_CODE_NO,    /* social credit code     -             letters, digits */
	PACK_NUMBER_TEXT,/* household no, account, policy, plate...: a number that is text */
	PACK_PHONE,      /*                        -             digits          */
	PACK_AREA,       /* village, address       caller's area index, or -1 */
	PACK_INT,        /* count                  the number    as read         */
	PACK_NUM,        /* decimal                times 10^scale                */
	PACK_MONEY,      /*                        fen                           */
	PACK_DATE,       /*                        date_t        ISO             */
	PACK_YEAR,       /*                        2017                          */
	PACK_BOOL,       /*                        0, 1                          */
	PACK_CODE,       /* item of a list         index         raw text        */
	PACK_CODES,      /* set over a list        mask          raw text        */
	PACK_KIND_MAX
};

/* What a column means to linkage, wherever it stands and whatever its id. */
enum pack_role {
	PACK_ROLE_NONE,
	PACK_ROLE_ID,        /* the person's number */
	PACK_ROLE_CARD,      /* his disability card number */
	PACK_ROLE_NAME,      /* the person's name */
	PACK_ROLE_SEX,
	PACK_ROLE_BIRTH,
	PACK_ROLE_RELATION,
	PACK_ROLE_HH_NO,     /* household number */
	PACK_ROLE_HEAD_NAME, /* head of the household */
	PACK_ROLE_HEAD_ID,
	PACK_ROLE_TOWN,
	PACK_ROLE_VILLAGE,
	PACK_ROLE_GROUP,
	PACK_ROLE_ADDRESS,
	PACK_ROLE_PHONE,
	PACK_ROLE_YEAR,
	PACK_ROLE_SEQ,       /* running number of the row */
	PACK_ROLE_REMARK,
	PACK_ROLE_MAX
};

enum pack_level { PACK_PERSON, PACK_HOUSEHOLD };
enum pack_privacy { PACK_PUBLIC, PACK_OFFICE, PACK_SENSITIVE };

struct pack_column {
	const char *id;
	enum pack_kind kind;
	enum pack_role role;
	enum pack_level level; /* HOUSEHOLD: the same for all rows of one household */
	enum pack_privacy privacy;
	bool required;
	bool list;       /* a cell may hold several (张三、李四) */
	bool rows;       /* ... and then stands for as many rows */
	int scale;       /* NUM: decimal places */
	int list_index;  /* CODE, CODES: into pack->lists; else -1 */
	int64_t unit;    /* MONEY: MONEY_YUAN, MONEY_WAN when the header says nothing */
	const char *unit_text; /* "元", "月", "亩"; "" */
	struct text label;
	size_t n_synonyms;
	const char *const *synonyms; /* what offices call it, besides label and id */
	size_t n_fallbacks;
	const char *const *fallbacks; /* names that are taken when no better header is there */
	size_t n_patterns;
	const char *const *patterns; /* words a header must hold, in order: "残疾*号" */
	size_t n_groups;
	const char *const *groups; /* words of headers above it that speak for it */
};

enum pack_subject { PACK_SUBJECT_ROSTER, PACK_SUBJECT_HOUSEHOLD, PACK_SUBJECT_PERSON };
enum pack_keep { PACK_KEEP_MATCHED, PACK_KEEP_ALL };
enum pack_period { PACK_PERIOD_NONE, PACK_PERIOD_YEAR, PACK_PERIOD_MONTH };
/* Does absence of somebody from the ledger say something? */
enum pack_coverage {
	PACK_COVERAGE_NEVER,    /* a list of examples: absence says nothing */
	PACK_COVERAGE_PRESENCE, /* complete unless declared partial */
};

/*
 * A ledger of one row an item (工资性收入 … 18000).  The rows of one household
 * and year become one row of the layout `into`: the item's code names the column
 * of it (attribute `column`; a code without one is a total, not loaded),
 * amounts are added up, columns of the same id are carried over.
 */
struct pack_pivot {
	int into;   /* index of the layout */
	size_t n_by;
	const int *by; /* columns that say what item it is, the finest first; the last one is of
	                * codes, finer ones may be text.  A finer word that is a code counts when
	                * its attribute `under` is the coarser one's id, or that is not known. */
	int value;  /* column of money */
};

struct pack_layout {
	const char *id;
	struct text title;
	struct text office;     /* who keeps it */
	enum pack_subject subject;
	const char *family;     /* ledgers of one family hold the same kind of fact */
	enum pack_keep keep;    /* rows that match nobody on the register */
	int32_t retention_days; /* of the original file; 0 = for good */
	enum pack_privacy sensitivity;
	enum pack_coverage coverage;
	bool one_to_one;        /* a person (or household) stands in it at most once */
	enum pack_period period;
	size_t n_titles;
	const char *const *titles; /* words in titles, sheet and file names */
	size_t n_not_titles;
	const char *const *not_titles; /* words that speak against it */
	size_t n_columns;
	const struct pack_column *columns;
	size_t n_identify;
	const int *identify; /* columns of which a table must have at least one */
	int role[PACK_ROLE_MAX]; /* column of each role, or -1 */
	const struct pack_pivot *pivot; /* NULL: a row is a record */
	const char *basis;
};

const struct pack_layout *pack_layout(const struct pack *pack, const char *id);
/* The list whose codes are the items of a layout with a pivot. */
const struct pack_list *pack_pivot_list(const struct pack *pack, const struct pack_layout *layout);
/* Index of the column with this id, or -1. */
int pack_column(const struct pack_layout *layout, const char *id);

/* What a header may mean: every layout's columns by their names, in one index. */
enum pack_strength { PACK_FALLBACK, PACK_SYNONYM, PACK_LABEL };

struct pack_header {
	uint16_t layout, column;
	uint8_t strength; /* enum pack_strength */
	const struct pack_header *next; /* meaning of the same header; NULL: none */
};

struct pack;
/* First meaning of a header in pack_normal form, or NULL.  By any thread. */
const struct pack_header *pack_header_find(const struct pack *pack, struct str normal);

/* ---- rules (checked as text by whoever compiles them) ---- */

enum pack_severity { PACK_BLOCK, PACK_ERROR, PACK_WARN, PACK_INFO, PACK_SEVERITY_MAX }; /* B E W I */
enum pack_certainty { PACK_SURE, PACK_PROBABLE };

/* An expression or template and where its first character stands. */
struct pack_source {
	const char *text;
	uint32_t line, col; /* from 1, in rules.yaml */
};

struct pack_rule {
	const char *id;
	struct text title;
	const char *scope;       /* entity: household, person, helper, outsider ... */
	struct pack_source when; /* true = a finding */
	struct pack_source detail[LANG_MAX];
	struct pack_source subject; /* template; text NULL = none */
	struct text question;    /* what the village clerk is asked */
	enum pack_severity severity;
	char fixer;              /* V T C D A K */
	enum pack_certainty certainty; /* the most a finding of this rule can be */
	const char *basis;
	size_t n_params;
	const char *const *params; /* ids of parameters and tables it uses */
	size_t n_needs;
	const char *const *needs; /* entity.field: no finding where it was never handed in */
	size_t n_exempt;
	const struct text *exempt; /* reasons that close it */
	date_t valid_from, valid_to; /* 0 = open */
	bool enabled;
	struct text disabled_why;
	size_t n_refs;
	const char *const *refs; /* numbers in the domain's catalogue: R65 */
	const struct pack_node *positive, *negative; /* LIST of MAP; NULL = none */
	const struct pack_node *node; /* the rule as written: further keys live here */
	uint32_t line;
};

struct pack_pending {
	const char *id;
	struct text title;
	struct text waits_for;
	size_t n_refs;
	const char *const *refs;
};

/* ---- figures of the situation (expressions, compiled by check/situation) ---- */

enum pack_indicator_kind {
	PACK_COUNT,     /* rows for which `what` holds */
	PACK_SHARE,     /* of the rows for which `of` holds, those for which `what` does */
	PACK_RATIO,     /* sum of `what` over sum of `per`, where `of` holds */
	PACK_BREAKDOWN, /* rows by the code that `what` gives */
	PACK_INDICATOR_KIND_MAX
};

struct pack_indicator {
	const char *id, *group;
	struct text title, definition, unit;
	const char *scope; /* household or person */
	enum pack_indicator_kind kind;
	struct pack_source of, what, per; /* text NULL: none */
	const char *good;  /* "high", "low" or "": what the town works for */
};

/* ---- the pack ---- */

struct pack {
	const char *id;
	const char *version;
	struct text title;
	const char *country; /* "CN" */
	char hash[65]; /* SHA-256 over names and bytes of the files, hex */
	size_t n_params;
	const struct pack_param *params;
	size_t n_tables;
	const struct pack_table *tables;
	size_t n_lists;
	const struct pack_list *lists;
	struct map list_index; /* pack_list()'s */
	size_t n_layouts;
	const struct pack_layout *layouts;
	struct pack_headers *headers; /* pack_header_find()'s */
	size_t n_rules;
	const struct pack_rule *rules;
	size_t n_pending;
	const struct pack_pending *pending;
	size_t n_indicators;
	const struct pack_indicator *indicators;
};

/*
 * Opens a built-in pack by its id, or the folder `name` when it holds a
 * slash or is no built-in's id.  ERR_PACK_UNKNOWN, ERR_PACK, ERR_IO.
 */
enum err pack_open(const char *name, struct diag *diag, struct pack **ret) MUST_USE;
void pack_close(struct pack *pack); /* NULL is allowed */
/* Ids of the packs built in, NULL at the end. */
const char *const *pack_builtin(void);

const struct pack_param *pack_param(const struct pack *pack, const char *id);
/* Value of an INT or MONEY parameter, or `none` when there is none. */
int64_t pack_param_int(const struct pack *pack, const char *id, int64_t none);
const struct pack_table *pack_table(const struct pack *pack, const char *id);
/* True and the value when the table has the year. */
bool pack_table_get(const struct pack_table *table, int32_t year, int64_t *ret);
const struct pack_list *pack_list(const struct pack *pack, const char *id);

const char *pack_kind_name(enum pack_kind kind);
const char *pack_role_name(enum pack_role role);

/* ---- texts as tables compare them (also used by intake) ---- */

/*
 * Comparable form of a header or label: no white space, full width to ASCII,
 * letters lower, brackets alike, footnote marks and colons dropped.  Writes at
 * most `max` bytes; returns the length, 0 when it does not fit.
 */
size_t pack_normal(struct str s, char *out, size_t max);

#endif
