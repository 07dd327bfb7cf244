/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "link/person.h"

#include <math.h>

#include "link/attribute_levels.h"

#include "base/banned.h"

enum {
	LEAST_PEOPLE = 1000, /* fewer do not tell how rare a name is */
	LEAST_VILLAGES = 2,
	MOST_VILLAGES = 64, /* beyond a town people name their village less surely */
};
#define RARITY_MOST 4.0 /* bits, either way */

static const struct {
	enum person_field field;
	int level;
	double m, u;
} shares[] = {
#define P(field, level, m, u) {PERSON_##field, level, m, u},
#include "link/person.def"
#undef P
};

static const uint8_t levels[PERSON_FIELDS] = {
	[PERSON_NAME] = HANNAME_CLASS_MAX,     [PERSON_NUMBER] = PERSON_NUMBER_MAX,
	[PERSON_BIRTH] = PERSON_BIRTH_MAX,     [PERSON_BIRTH_TOO] = PERSON_AGREE_MAX,
	[PERSON_VILLAGE] = PERSON_AGREE_MAX,   [PERSON_SEX] = PERSON_AGREE_MAX,
	[PERSON_HOUSEHOLD] = PERSON_AGREE_MAX, [PERSON_PHONE] = PERSON_AGREE_MAX,
	[PERSON_GROUP] = PERSON_AGREE_MAX,     [PERSON_MEMBERS] = PERSON_AGREE_MAX,
	[PERSON_HEAD] = PERSON_AGREE_MAX,
};

/* A day of the old calendar in place of that of the new one lies 18 to 50 days before it. */
static bool is_lunar(date_t a, date_t b)
{
	int32_t days = date_to_days(a) - date_to_days(b);

	return (days >= 18 && days <= 50) || (days <= -18 && days >= -50);
}

/* Days that are not the same. */
static bool is_near(date_t a, date_t b)
{
	bool year = date_year(a) == date_year(b), month = date_month(a) == date_month(b);
	bool day = date_day(a) == date_day(b);

	return year + month + day == 2 || attribute_compare_days(a, b) >= DATE_LEVEL_YEAR_MONTH ||
	       is_lunar(a, b);
}

enum person_birth person_births(date_t a, date_t b)
{
	if (a == 0 || b == 0)
		return PERSON_BIRTH_MISSING;
	enum date_prec x = date_prec(a), y = date_prec(b), less = x < y ? x : y;
	if (a == b && less == DATE_DAY)
		return PERSON_BIRTH_DAY;
	if (less != DATE_DAY) {
		bool may = date_first(a) <= date_last(b) && date_first(b) <= date_last(a);
		return !may                ? PERSON_BIRTH_DIFFERS
		       : less == DATE_YEAR ? PERSON_BIRTH_YEAR
					   : PERSON_BIRTH_MONTH;
	}
	return is_near(a, b) ? PERSON_BIRTH_NEAR : PERSON_BIRTH_DIFFERS;
}

static void set_shares(struct fellegi *f)
{
	f->n = PERSON_FIELDS;
	for (size_t k = 0; k < PERSON_FIELDS; k++) {
		f->field[k].levels = levels[k];
		/* a level without shares tells nothing */
		for (size_t l = 1; l < levels[k]; l++)
			f->field[k].m[l] = f->field[k].u[l] = 1;
	}
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		f->field[shares[i].field].m[shares[i].level] = shares[i].m;
		f->field[shares[i].field].u[shares[i].level] = shares[i].u;
	}
}

int32_t person_rarity_of(const struct person_weights *w, uint32_t n)
{
	const struct fellegi_field *name = &w->f.field[PERSON_NAME];
	double middling = name->u[HANNAME_SAME] / name->m[HANNAME_SAME];
	return (int32_t)lrint(100 * fellegi_rarity(middling, (n ? n : 1) / w->people, RARITY_MOST));
}

void person_weigh(struct person_weights *w, uint64_t people, uint64_t villages)
{
	struct fellegi *f = &w->f;
	villages = villages < LEAST_VILLAGES  ? LEAST_VILLAGES
		   : villages > MOST_VILLAGES ? MOST_VILLAGES
					      : villages;
	memset(w, 0, sizeof(*w));
	w->people = (double)(people > LEAST_PEOPLE ? people : LEAST_PEOPLE);
	set_shares(f);
	f->field[PERSON_VILLAGE].u[PERSON_AGREES] /= (double)villages;
	fellegi_weigh(f);
	for (size_t k = 0; k < PERSON_FIELDS; k++)
		for (size_t l = 1; l < levels[k]; l++)
			w->bits[k][l] = (int16_t)lrint(f->field[k].weight[l] * 100);
	for (uint32_t n = 0; n < PERSON_RARITIES; n++)
		w->rarity[n] = (int16_t)person_rarity_of(w, n);
}
