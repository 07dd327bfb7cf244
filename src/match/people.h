/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * people (inside match): everybody a row may be about, and the indexes to find
 * them by.
 *
 * A record is a register person or a population row; a human is what stands
 * behind one or several records.  Register persons with one number and
 * agreeing names are one human; people_join makes one of a register human and
 * his population row.  Blocks are hash chains from a key to records; a chain
 * longer than BLOCK_MAX says nothing and is not walked (its length is known).
 */
#ifndef DAOHU_MATCH_PEOPLE_H
#define DAOHU_MATCH_PEOPLE_H

#include "base/map.h"
#include "base/team.h"
#include "link/person.h"
#include "link/place.h"
#include "match/match.h"

enum { BLOCK_MAX = 400, PEOPLE_CACHE_LINE = 64 };

/* What is looked at of everybody who comes into question: one cache line. */
struct record {
	_Alignas(PEOPLE_CACHE_LINE) struct idno id;
	uint16_t name[HANNAME_SHORT]; /* the usual name; 0: people_text() has it */
	date_t birth;        /* as written, else the number's */
	int32_t village;
	int32_t human;
	int32_t next;        /* next record of the same human, or -1 */
	uint16_t group;      /* of villagers, by the address; 0 = none */
	uint8_t sex;
	bool shared;         /* a record before it has the same number */
	bool cancelled;      /* of a population row, as what follows: dead, moved out */
	bool placed;         /* its village was given with it, not found in its address */
	bool addressed;      /* its address is kept */
};

/* What the indexes of names are made from; gone when they are. */
struct record_keys {
	uint64_t name;  /* hanname_key */
	uint64_t sound; /* hanname_sound_key */
};

/* The population file: records with room for the register's before them, so that they lie in
 * one array, and texts. */
struct match_census {
	size_t n, lead;            /* rows; records before them */
	struct record *records;    /* of row 0 */
	struct record_keys *keys;  /* of row 0; until the indexes are made */
	void *records_room;        /* what they lie in */
	struct record_keys *keys_room;
	const char **text;         /* by row: name, NUL, address, NUL; NULL where the record's name
	                            * is all of it */
	struct arena arena[TEAM_MAX];
};

struct human {
	int32_t person, also, bridge; /* MATCH_NONE when there is none */
	int32_t first;                /* record */
	bool head;
};

enum block_kind {
	BLOCK_ID,           /* all 18 */
	BLOCK_ID_15,        /* first 15 of the number */
	BLOCK_NAME,
	BLOCK_SOUND,
	BLOCK_BIRTH,
	BLOCK_NAME_VILLAGE, /* these two of names that are too common to be walked, or of all: by_village */
	BLOCK_SOUND_VILLAGE,
	BLOCK_MAX_KIND
};

struct block {
	struct block_slot {
		uint64_t key; /* 0 = empty */
		int32_t head; /* record, or -1 */
		uint32_t n;
	} *slots;
	int32_t *next;
	size_t mask, used; /* slots - 1; slots that have a key */
};

struct match {
	struct match_people in;
	struct arena arena;
	struct person_weights weights;
	struct place_index *places; /* areas that somebody lives in */
	struct place_index *beyond; /* all other villages: only asked when `places` knows nothing */
	size_t n_villages;          /* areas in `places` */
	struct match_census *census; /* of no row where there is no population file */
	struct record *records;     /* persons first, then the bridge: in the census */
	struct record_keys *keys;   /* by record, while the people are built */
	struct human *humans;
	size_t n_records, n_humans;
	size_t n_registered; /* of the humans, that have a person: the first ones */
	struct block blocks[BLOCK_MAX_KIND];
	struct match_link *bridged; /* a person */
	struct weigh_pool *pool;    /* weigh.h */
	int32_t *members;           /* persons, by household */
	int32_t *members_at;        /* n_households + 1 places in members */
	uint16_t *hh_group;         /* villagers' group of a household, 0 = none */
	struct map hh_numbers;      /* key to the first household */
	int32_t *hh_next;           /* next household of the same number, or -1 */
	struct map hh_prefixes;     /* first 15 characters to the first household */
	int32_t *hh_prefix_next;
};

/* Name, number, birth and sex. */
void record_fill(struct record *r, struct record_keys *k, struct str name, const struct idno *id,
                 date_t birth, enum sex sex);
/* Room for n records before the rows'. */
void census_admit(struct match_census *c, size_t n);
void census_drop_keys(struct match_census *c);
struct str census_name(const struct match_census *c, size_t i, char room[HANNAME_SHORT_BYTES]);
struct str census_address(const struct match_census *c, size_t i); /* "" where it is not kept */

/* Records, humans, blocks, members; not the joins. */
void people_build(struct match *m);
void people_release(struct match *m);
/* Makes the population row's human part of the person's. */
void people_join(struct match *m, int32_t human, int32_t bridge_human);

/* Keys; 0 = no key. */
uint64_t people_key_id(const struct idno *id);
uint64_t people_key_15(const struct idno *id, int64_t offset);
uint64_t people_key_with(uint64_t key, int32_t number);
enum { PEOPLE_NOWHERE = INT32_MAX }; /* with it: of those whose village is not known, when by_village */
/* Start of a chain (-1 when it is empty) and its length. */
const struct block_slot *people_block(const struct match *m, enum block_kind kind, uint64_t key);

/* Where the search for a key begins is asked from memory. */
static inline void people_block_ahead(const struct match *m, enum block_kind kind, uint64_t key)
{
	const struct block *b = &m->blocks[kind];

	__builtin_prefetch(&b->slots[(size_t)(key ^ key >> 31) & b->mask]);
}

static inline bool people_is_bridge(const struct match *m, int32_t record)
{
	return (size_t)record >= m->in.n_persons;
}
/* Household of a register human, or MATCH_NONE. */
static inline int32_t people_household(const struct match *m, int32_t human)
{
	int32_t person = m->humans[human].person;

	return person < 0 ? MATCH_NONE : m->in.persons[person].household;
}
/* The name of a record, as written; it may stand in the room. */
static inline struct str people_text(const struct match *m, int32_t record,
                                     char room[HANNAME_SHORT_BYTES])
{
	return people_is_bridge(m, record)
	               ? census_name(m->census, (size_t)record - m->in.n_persons, room)
	               : m->in.persons[record].name;
}
/* The same, read. */
static inline struct hanname people_name(const struct match *m, int32_t record)
{
	const struct record *r = &m->records[record];
	char room[HANNAME_SHORT_BYTES];

	return r->name[0] ? hanname_unshorten(r->name) : hanname_parse(people_text(m, record, room));
}
/* Area that a text names, or MATCH_NONE. */
int32_t people_find_area(const struct match *m, struct str text);
/* Order by content, never by place. */
int people_compare(const struct match *m, int32_t human_a, int32_t human_b);

#endif
