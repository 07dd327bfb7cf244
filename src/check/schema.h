/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * schema: the names that rules may use, and the columns behind them.
 *
 * Built from a pack alone (so rules are compiled once, before any town is
 * there): the fixed entities below, and one entity for every other ledger
 * layout of the pack, whose fields are the layout's columns.
 *
 *     village    its households
 *     household  members, incomes, duties, measures, visits, contracts, and a
 *                ledger collection a layout; parents village and income (the
 *                account of the latest year)
 *     person     parent household; a ledger collection a layout
 *     income duty measure visit contract    parent household
 *     helper     one cadre, whatever household he stands at; his duties
 *     outsider   somebody off the register; a ledger collection a layout
 *
 * Every code list has two items behind the pack's own: `unrecognised` (text
 * the list does not know) and `withheld` (shown instead of a sensitive value).
 *
 * A field's `source` is the place of its layout in the pack plus one, 0 = none.
 *
 * facts: what is computed from the town before any rule runs.  Formulas:
 *     net        = wage + business - cost + property + transfer
 *     transfer   = the kinds added up, else the stated total
 *     per_capita = net / members of the sheet (without such: of the roster, or
 *                  those listed when only they give the figure stated),
 *                  rounded half away from zero after dividing
 *     id_*       of the number by link/idno.h
 * A blank kind of income counts as 0 where the sheet has others.
 */
#ifndef DAOHU_CHECK_SCHEMA_H
#define DAOHU_CHECK_SCHEMA_H

#include "check/town.h"
#include "pack/pack.h"
#include "rule/rule.h"

enum check_entity {
	ENT_VILLAGE,
	ENT_HOUSEHOLD,
	ENT_PERSON,
	ENT_INCOME,
	ENT_DUTY,
	ENT_MEASURE,
	ENT_VISIT,
	ENT_CONTRACT,
	ENT_HELPER,
	ENT_OUTSIDER,
	ENT_FIXED /* ledger layouts follow */
};

struct fact_household {
	int64_t members;      /* counted */
	int64_t heads;        /* members whose relation is head */
	int64_t spouses;
	int64_t relation_unknown; /* members whose relation is not known */
	int32_t head;         /* person, or TOWN_NONE */
	int32_t income;       /* account of the latest year, or TOWN_NONE */
	date_t head_birth;
	int16_t head_sex;
	struct str village;
	struct str town;
	date_t last_visit;    /* latest day that a visit's date can mean, <= as_of */
	int64_t visits;
	int64_t helpers;
	int64_t phone_shared; /* households of the town with this phone */
	int64_t bank_shared;
	/* enum tri: yes, or unknown (never no: what was not handed in says nothing) */
	uint8_t covered_income, covered_duty, covered_measure, covered_visit, covered_contract;
	uint8_t dibao_list_has_tekun; /* the allowance list in force also holds 特困 */
};

struct fact_person {
	uint64_t id_flags;   /* bits of id_flag_items */
	bool id_missing;
	bool id_ok;          /* known, whole, in order */
	date_t id_birth;     /* 0 unless id_ok */
	int16_t id_sex;      /* code of list "sex"; TOWN_NONE unless id_ok */
	date_t true_birth;   /* of the number when it is in order, else as written */
	int16_t relation_sex; /* sex that the relation implies, or TOWN_NONE */
	int64_t relation_generation; /* 0 = the head's; TOWN_MISSING */
	int64_t id_households; /* households with somebody of this number; TOWN_MISSING = no number */
	int64_t id_times;      /* times the number stands in his own household */
	struct str id_elsewhere; /* the other households' numbers, sorted, joined by 、 */
	struct str id_shown;   /* first 6, 8 stars, last 4 */
	bool head;
	struct str village;
};

struct fact_income {
	fen_t transfer;   /* TOWN_MISSING when nothing is known */
	fen_t transfer_items; /* sum of the kinds; TOWN_MISSING when none is known */
	fen_t net;
	fen_t per_capita;
	fen_t dibao, tekun; /* blank = 0 where the sheet has the column */
	int64_t members;  /* divisor that was used */
	int64_t year;     /* as stated; else the last one that had ended when it was handed in */
	bool latest;      /* of the latest year of its household */
};

struct fact_helper {
	struct str name;
	struct str unit;
	int64_t households; /* different ones he answers for on the day */
	const int32_t *duty; /* indices, as many as n_duties */
	size_t n_duties;
};

struct facts {
	const struct town *town;
	struct fact_household *household;
	struct fact_person *person;
	struct fact_income *income;
	struct fact_helper *helper;
	size_t n_helpers;
};

/* One field of a fixed entity: where its values stand. */
enum schema_c {
	C_TEXT,  /* struct str */
	C_CODE,  /* int16_t */
	C_MASK,  /* uint64_t; 0 = missing */
	C_FLAGS, /* uint64_t; 0 = known, none */
	C_TRI,   /* uint8_t, enum tri */
	C_BOOL,  /* bool */
	C_DATE,  /* date_t */
	C_INT    /* int64_t; TOWN_MISSING */
};

struct schema_field {
	const char *name;
	enum rule_type type;
	int scale;
	const char *list;   /* code list of the pack, or "id_flag" */
	const char *layout; /* ledger it comes from, or NULL */
	enum schema_c c;
	bool fact;          /* stands in the fact struct, else in the town's */
	bool hide;          /* withheld in texts for people without full rights */
	size_t offset;
	struct text label;
};

struct schema_table {
	const char *name;
	struct text label;
	const struct schema_field *fields;
	int n_fields;
	int title; /* field, or -1 */
	size_t size, fact_size; /* of the structs; 0 = there is none */
};
/* Tables of the fixed entities, indexed by enum check_entity. */
extern const struct schema_table schema_tables[ENT_FIXED];

struct schema {
	const struct pack *pack;
	struct rule_schema rule;
	struct rule_codes *codes; /* one a list of the pack, then id_flag */
	int n_codes;
	const int *layout_entity; /* a layout of the pack: entity, or -1 */
	const int *entity_layout; /* an entity: layout, or -1 */
};

/* Everything in `a`.  Fails (PACK) when the pack lacks a list that is needed. */
enum err schema_build(const struct pack *pack, struct arena *a, struct diag *diag,
                      struct schema *ret) MUST_USE;
/* Does this field hold a sensitive value? */
bool schema_hidden(const struct schema *s, int entity, int field);
/* Layout (place in the pack) with this id, or -1. */
int schema_layout(const struct schema *s, struct str id);

/* Functions that rules may call: same_name(a, b). */
const struct rule_func *schema_funcs(int *ret_n);

struct team;
/* The team (base/team.h; NULL: alone) shares the work of this and of schema_data. */
void facts_build(const struct schema *s, const struct town *t, struct team *team, struct arena *a,
                 struct facts *ret);

/* Whether a fact is read from this column of a ledger's rows. */
bool facts_read_column(const struct pack_layout *l, size_t column);

/* What is wanted, [entity][place]; other columns stay missing, other collections empty. */
struct schema_need {
	bool **field;
	bool **collection;
};
struct schema_need schema_need_new(const struct schema *s, struct arena *a);

/* Columns and links of the town, living in `a` (town and facts are lent).
 * *ret_shown (may be NULL) is the same with sensitive values withheld. */
void schema_data(const struct schema *s, const struct facts *f, const struct schema_need *need,
                 struct team *team, struct arena *a, struct rule_data *ret,
                 struct rule_data *ret_shown);

#endif
