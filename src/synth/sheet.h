/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sheet: what a ledger's columns may hold (fields), how an office writes it
 * (forms), and the layouts: for every ledger a file, a shape and columns.
 */
#ifndef DAOHU_SYNTH_SHEET_H
#define DAOHU_SYNTH_SHEET_H

#include "synth/town.h"

enum ledger {
	LEDGER_ROSTER, LEDGER_INCOME, LEDGER_HELPER, LEDGER_MEASURE, LEDGER_VISIT, LEDGER_CONTRACT,
	LEDGER_DIBAO, LEDGER_DISABILITY, LEDGER_HOUSE, LEDGER_POLICE, LEDGER_INSURANCE,
	LEDGER_VEHICLE, LEDGER_FIRM, LEDGER_ESTATE, LEDGER_FISCAL, LEDGER_STUDENT, LEDGER_WORK,
	LEDGER_MAX
};

enum field {
	/* every ledger */
	F_SEQ, F_CITY, F_COUNTY, F_TOWN, F_VILLAGE, F_GROUP, F_ADDRESS, F_HH_NO, F_HEAD, F_HEAD_ID,
	F_NAME, F_SEX, F_BIRTH, F_AGE, F_ID, F_PHONE, F_REMARK, F_YEAR, F_EMPTY,
	/* the roster */
	F_MEMBERS, F_RELATION, F_ETHNIC, F_EDU, F_STUDENT, F_HEALTH, F_LABOR, F_WORK, F_MONTHS,
	F_STATUS, F_EXITED, F_EXIT_YEAR, F_ATTR, F_CAUSE, F_UNSAFE, F_HOUSE_SAFE, F_WATER,
	F_PC, F_BANK,
	/* incomes */
	F_WAGE, F_BUSINESS, F_COST, F_PROPERTY, F_TRANSFER, F_FAMILY, F_DIBAO, F_TEKUN, F_PENSION,
	F_ECO, F_OTHER, F_NET,
	/* duties */
	F_HELPER, F_UNIT, F_HELPER_PHONE, F_CATEGORY, F_CONTENT, F_DATE, F_MONEY, F_VISITOR,
	F_COMPANY, F_COOP, F_INDUSTRY, F_MODE, F_DUE, F_PAID,
	/* offices */
	F_KIND, F_MONTHLY, F_COVERED, F_CARD, F_CARD_KIND, F_CARD_GRADE, F_GRADE, F_REBUILT, F_STATE,
	F_INSURED_NO, F_PLATE, F_BRAND, F_PRICE, F_FIRM_NAME, F_POST, F_CAPITAL, F_PLACE, F_AREA,
	F_USE, F_SCHOOL, F_CLASS,
	F_MAX
};

/* How a value is written.  0 is the habit of the sheet. */
enum form {
	AS_USUAL,
	AS_SHORT,   /* codes in their short words: 一般, 低保 */
	AS_NUMBERED,/* codes with numbers in front: 01 一般贫困户 */
	AS_TICK, AS_ONE_ZERO, AS_HAVE, AS_SAFE, /* booleans; 是/否 is usual */
	AS_WAN,     /* money in 10,000 yuan */
	AS_YUAN,    /* 500元 */
	AS_MONTHS,  /* 500元/月×12 */
	AS_MIXED,   /* money in three habits, dates of the month in four */
	AS_MONTH,   /* 2017年4月 */
	AS_NUMBER,  /* ids as they are */
	AS_FORMULA, /* ="341299…" */
	AS_DIRTY,   /* ids with blanks, quotes, wide digits */
	AS_SPLIT,   /* names of two characters with a wide blank between them */
	AS_ALIAS1, AS_ALIAS2, AS_ALIAS3, AS_ALIAS_ANY, /* villages */
	AS_MAX
};

enum date_habit { DATE_CELL, DATE_ISO, DATE_DOT, DATE_SLASH, DATE_PACKED, DATE_HAN, DATE_ANY };

enum sheet_format {
	SHEET_XLSX, SHEET_CSV_GB, SHEET_CSV_UTF8, SHEET_CSV_MARK, SHEET_TAB_UTF16, SHEET_HTML_XLS
};

enum sheet_flag {
	BY_SHEET = 1,       /* a sheet a village */
	BY_FILE = 2,        /* a file a village */
	BY_SECTION = 4,     /* village headings and 小计 inside the table */
	MERGE_HOUSE = 8,    /* a household's columns stand once, merged over its rows */
	DITTO = 16,         /* repeated units as 同上 */
	TOTAL = 32,         /* 合计 under each table */
	OLD_SHEET = 64,     /* last year's sheet, hidden */
	SORT_VILLAGE = 128, /* in order of the villages; otherwise as it came */
	ALL_MEMBERS = 256,  /* allowances: a line for every member of the household */
	LAST_ONLY = 512,    /* visits: the last one of each household */
};

struct column {
	enum field field;
	const char *head, *over; /* `over`: the header above it, shared by neighbours */
	enum form form;
};

struct sheet {
	const char *file;  /* {T} the town, {t} without 镇, {V} the village */
	const char *title; /* NULL: the header stands first */
	const char *note;  /* a line under the title, or above a text file's header */
	const char *sign;  /* signature line at the end */
	const char *top;   /* one more header line above all columns */
	enum sheet_format format;
	enum date_habit dates;
	unsigned flags;
	const struct column *columns; /* ended by head NULL; NULL = the layout's offices' */
};

struct layout {
	const char *name;
	struct text title;
	const struct column *const *offices; /* columns by ledger: one of offices_… */
	struct sheet sheets[LEDGER_MAX];
};

/* Columns of the departments' lists, in four habits (departments.c). */
extern const struct column *const offices_plain[LEDGER_MAX];
extern const struct column *const offices_system[LEDGER_MAX];
extern const struct column *const offices_paper[LEDGER_MAX];
extern const struct column *const offices_short[LEDGER_MAX];

extern const struct layout layout_balihe, layout_system, layout_paper, layout_villages,
	layout_names, layout_codes, layout_export, layout_county, layout_mixed;

/* Sheets for layout_mixed, drawn from the n layouts; lives in the town's arena. */
const struct layout *layout_mix(struct town *t, const struct layout *const *layouts, size_t n);

/* Rows of the tables. */
#define C(f, head) {F_##f, head, NULL, AS_USUAL}
#define CF(f, head, form) {F_##f, head, NULL, form}
#define CO(f, over, head) {F_##f, head, over, AS_USUAL}
#define COF(f, over, head, form) {F_##f, head, over, form}
#define COLUMNS_END {F_EMPTY, NULL, NULL, AS_USUAL}

extern const struct layout *const synth_layouts[]; /* ended by NULL */

/* One line of a ledger. */
struct line {
	uint32_t house;  /* NO_HOUSE: none */
	uint32_t person; /* of people; NO_PERSON: none */
	uint32_t item;   /* visit, measure, contract */
	uint32_t number; /* line in its ledger, from 0 */
};

enum { NO_PERSON = UINT32_MAX };

enum value_kind { VALUE_NONE, VALUE_TEXT, VALUE_INT, VALUE_MONEY, VALUE_DATE, VALUE_FLOAT };

/* What goes into a cell. */
struct value {
	enum value_kind kind;
	const char *text;
	int64_t n; /* integer, fen, date */
};

struct lines {
	struct line *p;
	size_t n, cap;
};

/* The lines of a ledger, in the office's order. */
void ledger_lines(struct town *t, enum ledger ledger, unsigned flags, struct lines *ret);
/* The cell of a line; texts live in the town's arena. */
struct value field_value(struct town *t, enum ledger ledger, const struct line *line,
                         const struct column *column, const struct sheet *sheet);
/* Writes all ledgers of the town into the folder; counts the files. */
MUST_USE enum err town_write(struct town *t, const struct layout *layout, const char *folder,
                             struct diag *diag, size_t *ret_files);

#endif
