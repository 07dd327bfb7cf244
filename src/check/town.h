/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * town: everything the rules look at, as of one day, as plain arrays.
 *
 * The loader (or a test) fills it; the check engine only reads it.  Texts are
 * borrowed from the arena the loader used.  Records refer to each other by
 * index into the arrays here; TOWN_NONE (-1) is "no such record".
 *
 * A value that is not there:  text n = 0;  date 0;  tri TRI_UNKNOWN;
 * code TOWN_NONE;  code set 0;  money, number, count TOWN_MISSING.
 * "Empty" is never 0: a zero amount is a known amount.
 *
 * Codes are indices into the items of the pack's code list (the list is named
 * at the field, in the pack's order).  A value the list does not know is
 * TOWN_OTHER; its text stays in the ledger row.
 *
 * Only what holds on the as-of day belongs here: active members, duties with
 * from <= day <= to, ledgers dated <= day.  Of the ledgers that cover the same
 * village with the same layout (and period), only the newest counts; older
 * ones carry `replaced` and no rows.
 *
 * Ownership: nothing here is freed singly.  Order: any; what the engine
 * prints does not depend on the order of the arrays.
 */
#ifndef DAOHU_CHECK_TOWN_H
#define DAOHU_CHECK_TOWN_H

#include "base/date.h"
#include "base/lang.h"
#include "base/money.h"
#include "base/str.h"

enum { TOWN_NONE = -1, TOWN_OTHER = -2 };
#define TOWN_MISSING INT64_MIN

enum tri { TRI_UNKNOWN, TRI_NO, TRI_YES };

struct town_village {
	struct str code; /* area code */
	struct str name; /* as the area list has it */
	struct str town; /* the town's that it belongs to */
};

/* Ledgers of households whose rows may be this one's though they name no number. */
enum town_fact {
	TOWN_INCOME = 1,
	TOWN_DUTY = 2,
	TOWN_MEASURE = 4,
	TOWN_VISIT = 8,
	TOWN_CONTRACT = 16,
};

struct town_household {
	int64_t no;      /* internal number; never printed */
	struct str hh_no; /* number of the national system; may be empty */
	int32_t village;
	int32_t ledger; /* roster it came from: index into ledgers; TOWN_NONE = typed in */
	struct str group;
	struct str head_name; /* of the member who is head; else as the file names him */
	struct str address;
	struct str phone;
	struct str bank;
	struct str bank_account;
	int16_t status; /* list "status": on the list, exited, returned ... */
	int16_t attr;   /* list "attr" */
	int16_t cause_main; /* list "cause" */
	uint64_t cause_others; /* set over "cause" */
	int16_t house_grade; /* list "house_grade": as the household's file says */
	uint8_t unsafe_house; /* enum tri */
	uint8_t water_safe;
	uint8_t relocated;
	uint8_t unsettled; /* set over enum town_fact: absence there says nothing */
	int64_t entry_year, exit_year, plan_exit_year; /* 2017; TOWN_MISSING */
	int64_t declared_members; /* as written in the roster's household column */
	fen_t stated_per_capita;  /* as written in the roster */
	int64_t house_area;       /* 1/100 m2 */
	int64_t arable;           /* 1/100 mu */
};

struct town_person {
	int64_t no;
	int32_t household;
	int32_t ledger; /* as in the household */
	struct str place; /* "file!sheet!17": the row he was read from */
	struct str name;
	int16_t sex; /* list "sex" */
	date_t birth; /* as written; any precision */
	struct str id_raw;  /* as written; empty when none */
	struct str id18;    /* 18 characters when they can be told (15 upgraded, card cut) */
	uint32_t id_state;  /* flags of link/idno.h */
	int16_t relation;   /* list "relation" */
	int16_t ethnic;     /* list "ethnic" when the pack has one */
	int16_t edu;        /* list "edu" */
	int16_t student;    /* list "student" */
	uint64_t health;    /* set over "health" */
	int16_t labor;      /* list "labor" */
	int16_t work_place; /* list "work_place" */
	int16_t public_post; /* list "public_post" */
	int16_t disability_type; /* list "disability_type" */
	int64_t disability_grade; /* 1..4 */
	struct str disability_card;
	int64_t work_months; /* 0..12 */
	struct str phone;
	uint8_t insured_resident; /* enum tri: as the roster says */
	uint8_t insured_employee;
	uint8_t insured_major;
	uint8_t dibao;
	uint8_t soldier;
	struct str school;
	struct str dropout_reason;
	struct str remark;
	bool erased; /* by law: what is empty here is no finding */
};

/* One household's account of one year. */
struct town_income {
	int32_t household;
	int32_t ledger;
	struct str place;
	int64_t year;
	int64_t members; /* as stated on the sheet */
	fen_t wage, business, business_cost, property;
	fen_t t_family, t_dibao, t_tekun, t_pension, t_eco, t_other; /* kinds of transfer */
	fen_t transfer;          /* stated total of the transfers, when there is one */
	fen_t stated_net;        /* as written */
	fen_t stated_per_capita; /* as written */
};

/* Who answers for a household on the as-of day. */
struct town_duty {
	int32_t household;
	int32_t ledger;
	struct str place;
	struct str helper;
	struct str unit;
	struct str phone;
	date_t from, to;
};

struct town_measure {
	int32_t household;
	int32_t person;
	int32_t ledger;
	struct str place;
	int16_t category; /* list "measure" */
	struct str category_text;
	struct str content;
	date_t date; /* of delivery, any precision; 0 = none written */
	fen_t amount, plan_amount;
	struct str status;
};

struct town_visit {
	int32_t household;
	int32_t ledger;
	struct str place;
	date_t date;
	struct str content;
	struct str visitor;
};

struct town_contract {
	int32_t household;
	int32_t ledger;
	struct str place;
	struct str company, coop, industry;
	int16_t mode; /* list "contract_mode" */
	fen_t amount;
	date_t due;
	fen_t paid; /* TOWN_MISSING = nothing written */
	date_t paid_date;
};

/* A ledger that was handed in and is in force on the as-of day. */
struct town_ledger {
	struct str layout; /* layout id of the pack */
	int64_t no;
	struct str title;  /* for people: the layout's name or the file's title */
	struct str file;   /* its name as it was handed in */
	struct str office;
	date_t as_of;       /* 0 = not known: it counts for any day */
	int64_t received;   /* instant it was handed in */
	int64_t year;       /* of its period; TOWN_MISSING when it has none */
	bool complete;      /* absence in it is evidence (within its villages) */
	bool authorised;
	bool replaced;      /* a newer one covers the same */
	bool covers_all;    /* every village of the town */
	const uint8_t *covers; /* one byte a village, when not covers_all */
};

enum town_state { TOWN_CELL_EMPTY, TOWN_CELL_OK, TOWN_CELL_BAD };

/* What stands in one column of a row.  A county has millions, so it is kept small. */
struct town_cell {
	int64_t v;        /* number, money, date, code index, tri by the column's kind */
	const char *text; /* normalised text (or the raw one when BAD) */
	uint32_t text_n;
	uint16_t column;  /* of the layout */
	uint8_t state;    /* enum town_state; BAD = text that could not be read as its kind */
};

static inline struct str town_cell_text(const struct town_cell *c)
{
	return (struct str){c->text, c->text_n};
}

struct town_row {
	int32_t ledger;
	uint32_t number;
	struct str sheet; /* may be empty */
	uint64_t hash;    /* of its content: by this answers about links name it */
	const struct town_cell *cells; /* those that are filled, one a column */
	uint16_t n_cells;
};

struct town;
struct arena;
/* "file!sheet!17" */
struct str town_row_place(const struct town *t, const struct town_row *r, struct arena *a);

/* An empty one (v is TOWN_NONE) where the row has none of this column. */
const struct town_cell *town_cell(const struct town_row *r, int column);

/* How sure a link is; SURE is a number match or a link a person confirmed. */
enum town_band { TOWN_SURE, TOWN_PROBABLE, TOWN_UNCLEAR, TOWN_BAND_MAX };

/*
 * A row and whose it is.  Exactly one of person / outsider is set, or only
 * household (a row about a household, or whose person is not clear).  An
 * unclear row has one link for every candidate.
 */
struct town_link {
	int32_t row;
	int32_t person;
	int32_t household; /* also set when person is */
	int32_t outsider;
	uint8_t band; /* enum town_band */
	uint8_t method;
	struct text why; /* for people; may be {NULL, NULL} */
};

/* The rows of every ledger in force of one layout. */
struct town_layout {
	struct str id; /* layout id of the pack */
	size_t n_columns; /* of the pack's layout, in its order */
	size_t n_rows;
	const struct town_row *rows;
	size_t n_links;
	const struct town_link *links;
};

/*
 * A person some ledger names who is on nobody's household here.  One record a
 * human being as far as the ledgers' numbers can tell.
 */
struct town_outsider {
	struct str name;
	struct str id18; /* may be empty */
	uint32_t id_state;
	int16_t sex;
	date_t birth;
	int32_t village;
	bool cancelled; /* dead or moved away by the population file */
};

/* What somebody answered to a finding; it stays off the list meanwhile. */
struct town_answer {
	struct str rule;
	int64_t household; /* numbers, not indices */
	int64_t person;
	int32_t outsider;  /* index; TOWN_NONE = not about one who is known now */
	bool off_register; /* about somebody off the register */
	struct str subject;
	struct str state;    /* file_fixed ledger_wrong explained policy_action pending */
	date_t given, until; /* until 0: no term */
	int64_t recorded;    /* instant it was written down */
};

struct town {
	date_t as_of;
	struct str name, area; /* of the town and its code */
	size_t n_villages, n_households, n_persons, n_incomes, n_duties, n_measures, n_visits,
	        n_contracts, n_ledgers, n_layouts, n_outsiders, n_answers;
	const struct town_village *villages;
	const struct town_household *households;
	const struct town_person *persons;
	const struct town_income *incomes;
	const struct town_duty *duties;
	const struct town_measure *measures;
	const struct town_visit *visits;
	const struct town_contract *contracts;
	const struct town_ledger *ledgers;
	const struct town_layout *layouts;
	const struct town_outsider *outsiders;
	const struct town_answer *answers;
};

/* Does this ledger speak about the village?  village TOWN_NONE: only when about all. */
bool town_ledger_covers(const struct town_ledger *l, int32_t village);
/* Does a ledger in force of this layout cover the village completely?  With
 * year other than TOWN_MISSING only ledgers of that year count. */
bool town_covered(const struct town *t, struct str layout, int32_t village, int64_t year);
/* The same of every village, of any year: n_villages + 1 answers, the last for TOWN_NONE. */
void town_covered_villages(const struct town *t, struct str layout, bool *ret);

#endif
