/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * town: the made-up truth behind the ledgers, and how single ledgers deviate.
 *
 * Texts live in the town's arena, arrays until town_release.  Money is in fen, dates are full.  What a
 * ledger shows follows from these structs alone: a contradiction is a member
 * that says otherwise than its neighbours (roster_*, stated_pc).
 */
#ifndef DAOHU_SYNTH_TOWN_H
#define DAOHU_SYNTH_TOWN_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/map.h"
#include "base/money.h"
#include "base/vec.h"
#include "synth/rng.h"

enum {
	SYNTH_TODAY = 20180114, /* the reference day */
	SYNTH_YEAR = 2017,
	SYNTH_LINE = 2952,      /* yuan a head, 2017 */
};

enum rel {
	REL_HEAD, REL_SPOUSE, REL_SON, REL_DAUGHTER, REL_FATHER, REL_MOTHER,
	REL_GRANDSON, REL_GRANDDAUGHTER, REL_OTHER, REL_MAX
};
enum study {
	STUDY_NONE, STUDY_PRESCHOOL, STUDY_PRIMARY, STUDY_J1, STUDY_J2, STUDY_J3,
	STUDY_S1, STUDY_S2, STUDY_S3, STUDY_MAX
};
enum health { HEALTH_GOOD, HEALTH_CHRONIC, HEALTH_GRAVE, HEALTH_DISABLED, HEALTH_MAX };
enum labor { LABOR_NORMAL, LABOR_SKILLED, LABOR_WEAK, LABOR_LOST, LABOR_NO, LABOR_MAX };
enum work { WORK_NONE, WORK_TOWN, WORK_COUNTY, WORK_PROVINCE, WORK_OUTSIDE, WORK_MAX };
enum attr { ATTR_ORDINARY, ATTR_DIBAO, ATTR_TEKUN, ATTR_MAX };
enum vehicle { VEH_NONE, VEH_CAR, VEH_SUV, VEH_MOTORCYCLE, VEH_FARM, VEH_TRIKE, VEH_MAX };
enum firm { FIRM_NONE, FIRM_COMPANY, FIRM_STALL, FIRM_COOP, FIRM_MAX };
enum estate { ESTATE_NONE, ESTATE_FLAT, ESTATE_HOMESTEAD, ESTATE_MAX };
enum causes { CAUSE_MISSING, CAUSE_MAX = 12 };

/* How one office wrote a person down. */
enum fuzz { FUZZ_NONE, FUZZ_15, FUZZ_SWAP, FUZZ_NO_ID, FUZZ_LOWER, FUZZ_HOMOPHONE, FUZZ_MAX };

/* The offices' lists of people in which an identity may be damaged. */
enum office {
	OFFICE_DIBAO, OFFICE_DISABILITY, OFFICE_HOUSE, OFFICE_VEHICLE, OFFICE_FIRM, OFFICE_ESTATE,
	OFFICE_FISCAL, OFFICE_STUDENT, OFFICE_WORK, OFFICE_MAX
};

struct person {
	const char *name;
	char id[19];
	bool male;
	date_t birth;
	uint32_t house;
	const char *phone;         /* NULL: none */
	uint8_t rel, edu, study, health, labor, work, months;
	uint8_t ethnic;            /* 0 汉族 1 回族 */
	uint8_t vehicle, firm, estate;
	uint8_t card_kind, card_grade; /* disability card; grade 0 = none */
	bool in_police, dead, insured, pupil, worker, fiscal, farm_use;
	bool new_card;             /* number of the card ends in a re-issue digit */
	uint8_t fuzz[OFFICE_MAX];
	const char *wrong_id[OFFICE_MAX]; /* what that office wrote; NULL = id */
	int32_t away;              /* village of the police address, -1 = at home */
	const char *remark;        /* in the roster */
	/* the roster's mistakes */
	const char *roster_id;     /* NULL = id */
	bool roster_lossy;         /* the number became a float */
	date_t roster_birth;       /* 0 = birth */
	bool roster_other_sex;
	const char *roster_name;   /* misheard; NULL = name */
};

struct income {
	fen_t wage, business, cost, property, family, dibao, tekun, pension, eco, other;
};

struct visit {
	uint32_t house;
	date_t date;
	uint8_t content;
	bool by_village; /* by the village cadre, not by the helper */
};

struct measure {
	uint32_t house;
	uint8_t category, content;
	date_t date; /* 0: not delivered */
	fen_t money; /* 0: not delivered */
};

struct contract {
	uint32_t house;
	uint8_t company, mode;
	fen_t amount, paid;
	date_t due;
};

struct helper {
	const char *name, *unit, *phone;
	uint32_t households;
};

struct house {
	char no[21];          /* on the register; "" otherwise */
	uint32_t village, group;
	uint32_t first;       /* members are people[first … first+n-1], the head first */
	uint32_t n;
	bool registered;
	int16_t exit_year;    /* 0: still on the register */
	uint8_t attr, cause;
	bool unsafe, water_bad; /* as the roster says */
	struct income income;
	bool no_income;       /* missing in the income ledger */
	fen_t stated_pc;
	int8_t declared_more; /* the roster's member count is off by this */
	int32_t guest;        /* person of another household listed here too; -1 none */
	int8_t dibao_list;    /* 0 not on it, else enum attr */
	fen_t dibao_month;    /* yuan a head and month, in fen */
	uint8_t dibao_heads;  /* members covered */
	char house_grade;     /* 'B' 'C' 'D' on the list of dangerous houses, 0 not on it */
	bool rebuilt;
	date_t graded;
	int32_t helper;       /* -1 nobody */
	bool planted;         /* carries one error already */
};

struct village {
	const char *code, *name;
	const char *stem; /* without 村委会 and the like */
	bool rural;       /* a village committee, not a neighbourhood */
	bool stem_unique; /* in its town */
};

struct answer {
	const char *kind, *household_no, *name, *person_id, *note;
	bool fuzzy;
};

struct oddity {
	const char *kind, *household_no, *person_id, *note;
};

struct town {
	struct arena *arena;
	struct diag *diag; /* where files that cannot be written are told */
	struct rng rng;
	const char *code, *name, *county; /* 341226115 八里河镇 颍上县 */
	const char *stem;                 /* 八里河 */
	uint32_t number;                  /* of the town in its county, for id numbers */
	VEC(struct village) villages;
	VEC(struct house) houses;
	VEC(struct person) people;        /* the last ones, in no house: cancelled by the police */
	VEC(struct helper) helpers;
	VEC(struct visit) visits;
	VEC(struct measure) measures;
	VEC(struct contract) contracts;
	VEC(struct answer) answers;
	VEC(struct oddity) oddities;
	uint32_t register_n;
	struct imap used_ids;             /* first 17 digits */
	struct map names_village;         /* "3|王芳" → how many */
	struct map names_town;
	VEC(uint32_t) doubles; /* people who got somebody's name in his village */
	const char *schools[4];
	const char *companies[4], *coops[4];
};

enum { NO_HOUSE = UINT32_MAX };

/* areas.c: villages of the town from the area list. */
struct area_list;
MUST_USE enum err areas_load(const char *path, struct arena *a, struct diag *diag,
                             struct area_list **ret);
MUST_USE enum err areas_town(const struct area_list *areas, const char *code, struct town *t,
                             struct diag *diag);
void areas_free(struct area_list *areas); /* what the arena does not own */
/* Codes of the towns below the county. */
size_t areas_children(const struct area_list *areas, const char *code, const char ***ret,
                      struct arena *a);
size_t areas_count(const struct area_list *areas, const char *code);
/* Another way to write the village: style 0 as in the list, 1 short, 2 old. */
const char *village_alias(const struct town *t, uint32_t village, int style);

/* people.c */
void town_release(struct town *t);
void town_people(struct town *t, uint32_t households);
void person_number(struct town *t, struct person *p, int seq_step, const struct person *twin);
char id_check_digit(const char digits[17]);
static inline int person_age(const struct person *p)
{
	return date_age(p->birth, SYNTH_TODAY);
}
bool person_unique_in_village(const struct town *t, const struct person *p);
bool person_unique_in_town(const struct town *t, const struct person *p);

/* money.c: incomes that add up, allowances, houses */
void town_money(struct town *t);
/* Items for a per-capita net income of about pc yuan; sets stated_pc. */
void house_income(struct town *t, struct house *h, fen_t pc);
/* What the list pays a household that stands on it (dibao_list is set). */
void house_allowance(struct town *t, struct house *h);
fen_t income_transfers(const struct income *in);
fen_t income_net(const struct income *in);
fen_t house_pc(const struct house *h);

/* duties.c: helpers, visits, measures, contracts */
void town_duties(struct town *t);

/* offices.c: what the offices know about people (cars, cards, pupils …) */
void town_offices(struct town *t);
/* The number as a careless hand writes it; NULL when that cannot be done to it. */
const char *id_damaged(struct town *t, const struct person *p, enum fuzz how);
/* Damages p's identity in that office's list, if it stays recognisable. */
bool person_fuzz(struct town *t, struct person *p, enum office office, enum fuzz how);

/* plant.c */
void town_plant(struct town *t);
/* odd.c: those that are about who people are (before town_offices), and the rest. */
void town_odd_people(struct town *t);
void town_odd(struct town *t);
void oddity_add(struct town *t, const char *kind, const struct house *h, const struct person *p,
                const char *note);

/* names.c */
const char *name_surname(struct rng *r);
const char *name_given(struct rng *r, bool male, struct arena *a);
/* Surname (NULL: one is drawn) and given name. */
const char *name_whole(struct rng *r, const char *surname, bool male, struct arena *a);
/* The name with one character changed for another of the same sound; NULL: none fits. */
const char *name_homophone(struct rng *r, const char *name, struct arena *a);

static inline struct person *house_head(const struct town *t, const struct house *h)
{
	return &t->people.p[h->first];
}

#endif
