/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/town.h"

#include "base/banned.h"

enum { CARELESS = 60 }; /* of 1000 entries of an office list */

const char *id_damaged(struct town *t, const struct person *p, enum fuzz how)
{
	char id[19];
	memcpy(id, p->id, sizeof(id));
	switch (how) {
	case FUZZ_15: /* the number of before 1999: year of two digits, no check digit */
		if (memcmp(id + 6, "19", 2) != 0)
			return NULL;
		return arena_printf(t->arena, "%.6s%.9s", id, id + 8);
	case FUZZ_SWAP:
		for (int tries = 0; tries < 30; tries++) {
			int i = rng_range(&t->rng, 8, 15);
			if (id[i] == id[i + 1])
				continue;
			char c = id[i];
			id[i] = id[i + 1];
			id[i + 1] = c;
			return arena_strdup(t->arena, id);
		}
		return NULL;
	case FUZZ_NO_ID:
		return "";
	case FUZZ_LOWER:
		if (id[17] != 'X')
			return NULL;
		id[17] = 'x';
		return arena_strdup(t->arena, id);
	default:
		return NULL;
	}
}

bool person_fuzz(struct town *t, struct person *p, enum office office, enum fuzz how)
{
	bool alone = office == OFFICE_FISCAL || office == OFFICE_ESTATE
	                     ? person_unique_in_town(t, p)
	                     : person_unique_in_village(t, p);
	if (p->fuzz[office] || (how != FUZZ_LOWER && how != FUZZ_15 && !alone))
		return false;
	if (how == FUZZ_NO_ID && (office == OFFICE_ESTATE || office == OFFICE_FISCAL))
		return false; /* a name alone, without a village, is nobody */
	const char *wrong = how == FUZZ_HOMOPHONE
	                            ? name_homophone(&t->rng, p->name, t->arena)
	                            : id_damaged(t, p, how);
	if (!wrong)
		return false;
	p->fuzz[office] = (uint8_t)how;
	p->wrong_id[office] = wrong;
	return true;
}

/* Whoever is on the register has only what is allowed. */
static void set_things(struct town *t, struct person *p, bool registered, int age)
{
	if (age < 18 || age > 72)
		return;
	uint32_t x = rng_below(&t->rng, 1000);
	if (x < 60 && !registered)
		p->vehicle = x < 44 ? VEH_CAR : VEH_SUV;
	else if (x < 100)
		p->vehicle = (uint8_t)rng_range(&t->rng, VEH_MOTORCYCLE, VEH_TRIKE);
	x = rng_below(&t->rng, 1000);
	if (x < 12)
		p->firm = x < 9 && !registered ? FIRM_COMPANY : x < 11 ? FIRM_STALL : FIRM_COOP;
	x = rng_below(&t->rng, 1000);
	if (x < 16)
		p->estate = x < 12 && !registered ? ESTATE_FLAT : ESTATE_HOMESTEAD;
}

static void set_insurance(struct town *t, struct person *p, int age)
{
	if (age >= 23 && age < 60 && rng_permille(&t->rng, 9)) {
		p->fiscal = true;
		p->insured = false; /* employees have their own scheme */
	}
	if (rng_permille(&t->rng, 30))
		p->insured = false;
}

static void set_card(struct town *t, struct person *p, const struct house *h)
{
	bool head = house_head(t, h) == p;
	if (p->health != HEALTH_DISABLED || (h->registered && rng_permille(&t->rng, 150)))
		return;
	p->card_kind = (uint8_t)rng_range(&t->rng, 1, 7);
	p->card_grade = (uint8_t)rng_range(&t->rng, 1, 4);
	p->new_card = rng_permille(&t->rng, 60);
	/* all three at once is what omission_candidate plants */
	if (!h->registered && head && h->dibao_list && h->house_grade == 'D')
		p->card_grade = 4;
}

static void set_careless(struct town *t, struct person *p)
{
	static const uint16_t ways[] = {0, 40, 15, 20, 15, 10};
	for (int office = 0; office < OFFICE_MAX; office++)
		if (rng_permille(&t->rng, CARELESS))
			(void)person_fuzz(t, p, (enum office)office,
			                  (enum fuzz)rng_weighted(&t->rng, ways, FUZZ_MAX));
}

static void count_names(struct town *t)
{
	for (size_t i = 0; i < t->people.n; i++) {
		const struct person *p = &t->people.p[i];
		uint32_t v = p->house == NO_HOUSE ? (uint32_t)p->away
		                                   : t->houses.p[p->house].village;
		const char *key = arena_printf(t->arena, "%u|%s", v, p->name);
		++*map_slot(&t->names_village, str_c(key), 0);
		++*map_slot(&t->names_town, str_c(p->name), 0);
	}
}

void town_offices(struct town *t)
{
	static const char *const schools[] = {"中心小学", "希望小学", "初级中学"};
	for (size_t i = 0; i < 3; i++)
		t->schools[i] = arena_printf(t->arena, "%s%s", t->stem, schools[i]);
	t->schools[3] = "颍上二中";
	count_names(t);
	for (size_t i = 0; i < t->people.n; i++) {
		struct person *p = &t->people.p[i];
		if (p->house == NO_HOUSE)
			continue;
		const struct house *h = &t->houses.p[p->house];
		set_things(t, p, h->registered, person_age(p));
		if (!h->registered)
			set_insurance(t, p, person_age(p));
		set_card(t, p, h);
		p->pupil = p->study >= STUDY_PRIMARY && rng_permille(&t->rng, 620);
		set_careless(t, p);
	}
}
