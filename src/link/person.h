/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person: what it is worth that two records of people agree, known beforehand.
 *
 * A list of forty rows is too small to learn from, and the same row must mean the same in every
 * list.  So m, what slips offices make, is written down (person.def); u, what strangers have in
 * common, comes from the register where it depends on it: how rare a name is, how many villages
 * there are.  The weights are those of fellegi.h.
 *
 * Pure functions.
 */
#ifndef DAOHU_LINK_PERSON_H
#define DAOHU_LINK_PERSON_H

#include "base/date.h"
#include "link/fellegi.h"
#include "link/hanname.h"
#include "link/idno.h"

enum person_field {
	PERSON_NAME,      /* enum hanname_class */
	PERSON_NUMBER,    /* enum person_number */
	PERSON_BIRTH,     /* enum person_birth */
	PERSON_BIRTH_TOO, /* enum person_agree, as all that follow */
	PERSON_VILLAGE,
	PERSON_SEX,
	PERSON_HOUSEHOLD,
	PERSON_PHONE,
	PERSON_GROUP,
	PERSON_MEMBERS,
	PERSON_HEAD,
	PERSON_FIELDS
};

/* enum idno_relation (0: one of them is missing or tells nothing), and the numbers that are not
 * related though both are whole. */
enum person_number {
	PERSON_NUMBER_OTHER = IDNO_RELATION_MAX, /* the first is in order */
	PERSON_NUMBER_OTHER_BAD,
	PERSON_NUMBER_MAX
};

/* From worse to better. */
enum person_birth {
	PERSON_BIRTH_MISSING,
	PERSON_BIRTH_DIFFERS,
	PERSON_BIRTH_NEAR, /* a slip, day and month exchanged, a lunar day */
	PERSON_BIRTH_YEAR, /* agree as far as both are known */
	PERSON_BIRTH_MONTH,
	PERSON_BIRTH_DAY,
	PERSON_BIRTH_MAX
};
enum person_birth person_births(date_t a, date_t b);

enum person_agree { PERSON_MISSING, PERSON_DIFFERS, PERSON_NEAR, PERSON_AGREES, PERSON_AGREE_MAX };

enum { PERSON_RARITIES = 256 };

struct person_weights {
	struct fellegi f;
	/* the same, in 1/100 bit */
	int16_t bits[PERSON_FIELDS][ATTRIBUTE_LEVELS_MAX];
	double people;
	int16_t rarity[PERSON_RARITIES]; /* of names, by how many have them */
};
/* People and villages of the register (or of the population file, the larger one). */
void person_weigh(struct person_weights *w, uint64_t people, uint64_t villages);

int32_t person_rarity_of(const struct person_weights *w, uint32_t n);
/* 1/100 bit by which agreement on a name that so many have is worth more than on a middling one. */
static inline int32_t person_rarity(const struct person_weights *w, uint32_t n)
{
	return n < PERSON_RARITIES ? w->rarity[n] : person_rarity_of(w, n);
}

#endif
