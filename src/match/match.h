/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * match: which person, and which household, a ledger's row is about.
 *
 * Works on arrays; knows no database and no file.  Two steps:
 *
 *     match_new()     the people we may meet: the register, and as a bridge the
 *                     police population file (optional, put into a match_census before).  Each bridge row is
 *                     joined to the register person it is, so that a damaged
 *                     number on either side does not make two people of one.
 *     match_ledger()  the rows of one ledger, all at once, to links.
 *
 * What decides (in this order):
 *  1. A person's answer (struct match_fixed) is final.
 *  2. The number: exact, 15 digits to 18, the first 18 of a disability card.
 *     With a name that agrees (also a variant, homophone, typing slip) it is
 *     SURE; with another name but the same birth it stays a PROBABLE; when the
 *     name is that of another member of the household, the household is SURE
 *     and the person UNCLEAR; else UNCLEAR.
 *  3. A number with one wrong character or two exchanged neighbours, or whose
 *     tail a spreadsheet lost, counts only with an agreeing name, and not when
 *     the row's number is exactly that of somebody else.
 *  4. Without a usable number: name + birth + village, then name + village,
 *     name + birth, and the weighing of all fields (the link engine's
 *     Fellegi-Sunter weights, link/person.h, in 1/100 bit), only when it is the
 *     best of all people known by a clear margin.  Namesakes that nothing tells apart are UNCLEAR.
 *  5. A row that fits somebody off the register better is not ours.
 *  6. One to one: somebody whom this ledger names by number is not taken again
 *     for a row without one, and namesakes are resolved when only one
 *     assignment is left.
 * Without a bridge we do not know who else lives there, so a link that rests
 * on names (4) is at most PROBABLE, and UNCLEAR unless the birth agrees.
 *
 * Deterministic; does not depend on the order of persons or rows (ties are
 * broken by content).  Everything given but the census is borrowed and must outlive the
 * struct; results are the caller's arrays.  Indexes are places in the caller's
 * arrays, MATCH_NONE when there is none.  match_ledger on one struct from
 * several threads is allowed, each with a team of its own or none; the links do
 * not depend on the team.
 */
#ifndef DAOHU_MATCH_MATCH_H
#define DAOHU_MATCH_MATCH_H

#include "base/err.h"
#include "link/hanname.h"
#include "link/idno.h"

enum {
	MATCH_NONE = -1,
	MATCH_AHEAD = 8, /* rows that are asked for before the first of them is linked */
};

/* A village (or community) with the names it goes by.  Suffixes (村, 村委会,
 * 社区居民委员会 ...) and the names above it need not be listed as aliases.  The list
 * may hold more than the town's villages: those that people live in are looked
 * for first, so that a namesake in another town does not blur them. */
struct match_area {
	struct str name;
	const struct str *aliases; /* old names, natural villages; may be NULL */
	size_t n_aliases;
};

/* A member of a household on the register. */
struct match_person {
	struct str key;     /* stable identity; only breaks ties (household number + line) */
	struct str name;    /* as written */
	struct idno id;     /* idno_parse of what is written; n = 0 when there is none */
	enum sex sex;       /* as written; unknown: the number's is used */
	date_t birth;       /* as written; 0: the number's is used */
	int32_t village;    /* index of an area, or MATCH_NONE */
	int32_t household;  /* index of a household, or MATCH_NONE */
	struct str phone;   /* may be empty */
	bool head;
};

struct match_household {
	struct str hh_no;   /* as written */
	int32_t village;    /* index of an area, or MATCH_NONE */
	int32_t head;       /* index of a person, or MATCH_NONE */
	struct str phone;   /* may be empty */
	struct str address; /* the villagers' group is looked for in it ... */
	struct str group;   /* ... unless it is here, as in the cell; tells namesakes apart */
	int32_t members;    /* how many there are; 0: not known */
};

/* A row of the population file, as it is put. */
struct match_bridge {
	struct str name;
	struct str address; /* may be empty, where the village is known: only breaks ties then */
	struct idno id;
	date_t birth;
	int32_t village;    /* index of an area; MATCH_NONE: looked for in the address */
	uint16_t group;     /* of villagers; 0 = none */
	enum sex sex : 8;
	bool cancelled;     /* dead, moved out: still somebody a row may be about */
};

/*
 * The population file.  Its rows are put one by one, of different rows by any threads, `worker`
 * (below TEAM_MAX, base/team.h) telling them apart; the row's texts may go then.  What is not put
 * is nobody.  match_new() takes it over.
 */
struct match_census;
struct match_census *match_census_new(size_t n);
void match_census_put(struct match_census *c, size_t worker, size_t i, const struct match_bridge *b);
void match_census_free(struct match_census *c); /* not taken over; NULL is allowed */

struct team;

struct match_people {
	const struct match_area *areas;
	size_t n_areas;
	const struct match_person *persons;
	size_t n_persons;
	const struct match_household *households;
	size_t n_households;
	struct match_census *census; /* NULL: no population file is loaded */
	/* The population file is of some places only: who lives where it knows nobody is in it by
	 * his number or not at all. */
	bool partial;
	bool by_village; /* many rows will have no more than a name and a village: faster then */
	struct team *team; /* helps to build the indexes (base/team.h); NULL: alone */
};

struct match_row {
	struct str key;       /* identity of the row for match_fixed and for ties; by content */
	struct str name;      /* the person; empty in ledgers about households */
	struct str id_text;   /* as in the cell; may be empty */
	bool id_lossy;        /* the cell was a float of more than 15 digits */
	struct str card_text; /* disability card number; may be empty */
	enum sex sex;
	date_t birth;
	struct str village;   /* as in the cell: any habit of naming */
	struct str address;   /* free text; village and group are looked for in it */
	struct str group;     /* of villagers, as in the cell; may be empty */
	struct str hh_no;     /* as in the cell */
	struct str head_name; /* the head of household, when the ledger has him */
	struct str head_id;   /* and his number, as in the cell */
	struct str phone;
	int32_t members;      /* how many the household has by this ledger; 0: not said */
};

/* What somebody decided about a row; person and household MATCH_NONE = not ours. */
struct match_fixed {
	struct str row_key;
	int32_t person;
	int32_t household;
};

enum match_target {
	MATCH_PERSON,    /* a row is about a person (his household follows from him) */
	MATCH_HOUSEHOLD, /* a row is about a household: number, else head's number, else head + village */
};

struct match_opts {
	enum match_target target;
	bool one_to_one; /* a person (or household) stands in this ledger at most once */
	const struct match_fixed *fixed;
	size_t n_fixed;
	struct team *team; /* shares the rows (base/team.h); NULL: alone */
	/* The population rows are of other places than these rows' people live in: they are judged
	 * as without a bridge. */
	bool bridge_elsewhere;
	/* Where the rows are not an array (`rows` NULL): puts row i into *ret.  Called
	 * from the threads of the team, `worker` tells them apart, and for one row as
	 * often as it is looked at; the texts must last until match_ledger returns. */
	void (*row)(void *arg, size_t worker, size_t i, struct match_row *ret);
	/* The same of name, id_text, id_lossy, card_text and hh_no alone, where that is less work:
	 * most rows are settled by these.  The texts must last until the same worker has asked
	 * for MATCH_AHEAD more.  NULL: `row` puts them. */
	void (*brief)(void *arg, size_t worker, size_t i, struct match_row *ret);
	/* The rows are those of match_people.census, one by one, and none has a household number. */
	bool are_bridge;
	/* The key of row i, where it is not for nothing: it is asked for of few.  NULL: `row` puts it. */
	struct str (*key)(void *arg, size_t i);
	/* Called at the end, from the calling thread, for every UNCLEAR row and everybody
	 * on the register whom it may be about (best first, at most 32 and their second
	 * records), without regard to the other rows: none of them is shown to be absent
	 * from the ledger.  May be NULL. */
	void (*candidate)(void *arg, size_t row, int32_t person);
	void *arg; /* of row, brief, key and candidate */
};

enum match_band {
	MATCH_NOT_OURS, /* nobody on the register, or somebody off it fits better */
	MATCH_UNCLEAR,  /* for a person to look at; the best guess is given */
	MATCH_PROBABLE,
	MATCH_SURE,
	MATCH_BAND_MAX
};

enum match_method {
	MATCH_BY_NOTHING,
	MATCH_BY_ANSWER,             /* decided by somebody */
	MATCH_BY_HH_NO,              /* household number */
	MATCH_BY_ID,                 /* the number, all of it */
	MATCH_BY_ID_15,              /* an old number of 15 digits */
	MATCH_BY_ID_CARD,            /* the first 18 of a disability card */
	MATCH_BY_ID_ONE_DIGIT,       /* one character differs */
	MATCH_BY_ID_SWAP,            /* two neighbours exchanged */
	MATCH_BY_ID_LENGTH,          /* a character lost or added */
	MATCH_BY_ID_LOSSY,           /* first 15 digits, the rest was lost */
	MATCH_BY_ID_FAMILY,          /* number of one member, name of another */
	MATCH_BY_NAME_BIRTH_VILLAGE,
	MATCH_BY_NAME_BIRTH,
	MATCH_BY_NAME_VILLAGE,
	MATCH_BY_NAME_HOUSEHOLD,     /* name within the household that number or head tells */
	MATCH_BY_HEAD_VILLAGE,       /* household: village and head's name */
	MATCH_BY_SCORE,              /* weight of all fields together */
	MATCH_METHOD_MAX
};

/* How a field of the row relates to the same of the person. */
enum match_agree { MATCH_MISSING, MATCH_DIFFERS, MATCH_NEAR, MATCH_AGREES };

/* A county has millions, so it is kept small; whom else a row may be about is told by
 * match_opts.candidate. */
struct match_link {
	int32_t person;           /* on the register; given for UNCLEAR too, as the best guess */
	int32_t household;        /* on the register; may be known when the person is not */
	int32_t bridge;           /* row of the population file that this is, on the register or not */
	int32_t also;             /* another register record of the same human (same number) */
	int32_t score;            /* weight in 1/100 bit; 0 for answers, household numbers, and where the
	                           * whole number and the name settle it: then nothing else is compared */
	uint16_t rivals;          /* others, on the register or off it, who fit no worse */
	enum match_band band : 8; /* of the person (target HOUSEHOLD: of the household) */
	enum match_band household_band : 8;
	enum match_band bridge_band : 8; /* of `bridge`: says of outsiders how sure it is who they are */
	enum match_method method : 8;
	uint8_t name;             /* enum hanname_class (link/hanname.h) */
	uint8_t id;               /* enum idno_relation */
	uint8_t birth;            /* enum match_agree */
	uint8_t village;          /* enum match_agree */
	uint8_t sex;              /* enum match_agree */
};

struct match;

/* Indexes the people and joins bridge rows to persons.  Data never make it
 * fail.  NULL people->areas etc. are fine when the count is 0. */
struct match *match_new(const struct match_people *people);
void match_free(struct match *m); /* NULL is allowed */

/* The population row of a register person: link.bridge (MATCH_NONE and
 * MATCH_NOT_OURS when there is none), with band and method. */
struct match_link match_person_bridge(const struct match *m, int32_t person);
/* A population row as it was put; its address may be left out where nothing depends on it.  The
 * name may stand in `name`. */
struct match_bridge match_bridge_row(const struct match *m, int32_t bridge,
                                     char name[HANNAME_SHORT_BYTES]);
/* The register person of a population row, or MATCH_NONE. */
int32_t match_bridge_person(const struct match *m, int32_t bridge);

/* Links n rows (an array, or NULL when opts->row hands them out): ret has room for
 * n, every one is filled. */
void match_ledger(const struct match *m, const struct match_row *rows, size_t n,
                  const struct match_opts *opts, struct match_link *ret);

/* Index of the area that a text names (village column or address), or MATCH_NONE. */
int32_t match_find_area(const struct match *m, struct str text);

/* Why: "身份证号一位不符；姓名、出生日期、村相同" */
void match_why(const struct match_link *link, enum lang lang, struct buf *out);
const struct text *match_method_text(enum match_method method);
const struct text *match_band_text(enum match_band band);

#endif
