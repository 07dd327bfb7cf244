/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * weigh (inside match): one row against the people.
 *
 * weigh_row gathers the humans of the row's blocks, weighs each field by field,
 * and keeps the best few.  Fields are compared and weighed by the link engine: the weight of a
 * human is the sum of what the levels of his fields are worth (link/person.h), in 1/100 bit.
 */
#ifndef DAOHU_MATCH_WEIGH_H
#define DAOHU_MATCH_WEIGH_H

#include "match/people.h"

enum { CANDS_MAX = 32 };

/* What a row says, read once. */
struct query {
	struct hanname name, former, head;
	uint64_t name_key;
	uint64_t id_key;      /* people_key_id of the number */
	struct idno id;       /* the number, else the card's */
	struct idno other_id; /* the card's when both are there and differ; n = 0 else */
	enum sex sex;         /* as written, else the number's */
	date_t birth;         /* as written */
	int32_t village;
	int32_t group;
	int32_t household;    /* of the row's household number, else MATCH_NONE */
	struct str phone;
	int32_t members;      /* of the household, 0 = not said */
	bool bridge_only;     /* looks for population rows only */
	bool knows_neighbours; /* who else lives there is in the population file */
	bool heads;           /* the name is that of a head of household */
	bool quick;           /* besides id, id_key only `usual` is read yet: weigh_known() may do */
	uint16_t usual[HANNAME_SHORT]; /* the name, where it is a usual one */
};

struct cand {
	int32_t human;
	int32_t weight;
	uint8_t name;      /* enum hanname_class */
	uint8_t id;        /* enum idno_relation */
	uint8_t birth;     /* enum person_birth */
	uint8_t village;   /* enum match_agree, as those that follow */
	uint8_t sex;
	uint8_t household;
	uint8_t phone;
	uint8_t group;     /* villagers' group */
	uint8_t members;   /* size of the household */
	bool id_conflict;  /* two whole numbers that are not related */
	bool written_birth;/* the row's own birth column was compared */
};

static inline bool cand_born_alike(const struct cand *c)
{
	return c->birth >= PERSON_BIRTH_YEAR;
}
static inline bool cand_born_then(const struct cand *c)
{
	return c->birth == PERSON_BIRTH_DAY;
}

struct verdict {
	struct cand best[CANDS_MAX]; /* by weight, then content */
	size_t n;
	int32_t id_owner;  /* human whose number is exactly the row's, or -1 */
	struct cand family; /* member of the owner's household who has the row's name */
	bool has_family;
	size_t rivals;     /* others within MARGIN of the best (n at least counts them) */
	enum match_band band; /* of the best human, wherever he is */
	enum match_method method;
	bool strong;       /* rests on a number or an agreed household; claims first */
};

/* Working memory of one thread: whom this row has met. */
struct weigh_space {
	const struct match *m;
	const int32_t *taken; /* lent; by human: claiming row + 1, 0 = free; NULL = all are free */
	uint32_t *seen; /* by human: number of the row that met him last */
	uint32_t stamp;
	int32_t *list;  /* humans met */
	size_t n;
};

/* Such memory is as large as the people are many, and most ledgers are short: it is kept
 * from one to the next.  Any thread. */
struct weigh_pool;
struct weigh_pool *weigh_pool_new(void);
void weigh_pool_free(struct weigh_pool *p); /* NULL is allowed */

void weigh_space_init(struct weigh_space *w, const struct match *m, const int32_t *taken);
void weigh_space_release(struct weigh_space *w);
/* Who is claimed, by human: all 0; given back as such. */
int32_t *weigh_taken_new(const struct match *m);
void weigh_taken_release(const struct match *m, int32_t *taken);
/* Asks memory for what weigh_known or weigh_row will look at first, in steps that want some time
 * between them: where the number is looked for, who has it, who else has it. */
void weigh_ahead(const struct match *m, const struct query *q);
void weigh_nearly(const struct match *m, const struct query *q);
void weigh_soon(const struct match *m, const struct query *q);
/* For a quick query: a record of the only human with its number, who has exactly its name, so
 * that nothing else need be looked at; -1 else. */
int32_t weigh_known(const struct match *m, const struct query *q);
/* Humans claimed by rows other than `row` are left out when use_taken. */
void weigh_row(struct weigh_space *w, const struct query *q, int32_t row, bool use_taken,
               struct verdict *v);

#endif
