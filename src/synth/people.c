/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/town.h"

#include <stdio.h>

#include "base/banned.h"

enum {
	SEQ_PER_TOWN = 33, /* of the 1000 serials of a day: no number stands in two towns */
	ON_REGISTER = 150, /* of 1000 households */

};

char id_check_digit(const char digits[17])
{
	static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;
	for (int i = 0; i < 17; i++)
		sum += (digits[i] - '0') * weights[i];
	return "10X98765432"[sum % 11];
}

/* Writes the number of that serial; false when somebody has it. */
static bool take_number(struct town *t, struct person *p, int seq)
{
	int64_t key = (int64_t)34129900000000000 + (int64_t)p->birth * 1000 + seq;
	if (!imap_set(&t->used_ids, key, 1))
		return false;
	for (int i = 16; i >= 0; i--, key /= 10)
		p->id[i] = (char)('0' + key % 10);
	p->id[17] = id_check_digit(p->id);
	p->id[18] = '\0';
	return true;
}

void person_number(struct town *t, struct person *p, int seq_step, const struct person *twin)
{
	if (twin) {
		int64_t seq = 0;
		(void)str_to_int((struct str){twin->id + 14, 3}, &seq);
		if (seq + seq_step < 1000 && take_number(t, p, (int)seq + seq_step))
			return;
	}
	for (int tries = 0;; tries++) {
		int span = tries < 40 ? SEQ_PER_TOWN : 1000;
		int from = tries < 40 ? (int)(t->number % 30) * SEQ_PER_TOWN : 0;
		int seq = from + (int)rng_below(&t->rng, (uint32_t)span);
		if (seq < 1000 && (seq % 2 == 1) == p->male && take_number(t, p, seq))
			return;
		if (tries > 60) /* a day full of births: the next one */
			p->birth = date_from_days(date_to_days(p->birth) - 1);
	}
}

static date_t birth_at_age(struct town *t, int age)
{
	/* a week away from the birthday that would make it another age */
	int32_t days = date_to_days(SYNTH_TODAY) - age * 365 - age / 4 - rng_range(&t->rng, 7, 355);
	return date_from_days(days);
}

static const char *phone_new(struct town *t)
{
	return arena_printf(t->arena, "100%08u", rng_below(&t->rng, 100000000));
}

static void set_study(struct town *t, struct person *p, int age)
{
	if (age < 7)
		p->study = STUDY_PRESCHOOL;
	else if (age < 13)
		p->study = STUDY_PRIMARY;
	else if (age < 15)
		p->study = age == 13 ? STUDY_J1 : STUDY_J2;
	else if (age == 15)
		p->study = rng_permille(&t->rng, 900) ? STUDY_J3 : STUDY_NONE;
	else if (age < 19 && rng_permille(&t->rng, 480))
		p->study = (uint8_t)(STUDY_S1 + age - 16);
}

static void set_health(struct town *t, struct person *p, int age)
{
	uint32_t sick = age < 16 ? 15 : age < 50 ? 90 : age < 65 ? 260 : 420;
	if (rng_permille(&t->rng, sick))
		p->health = (uint8_t)rng_range(&t->rng, HEALTH_CHRONIC, HEALTH_DISABLED);
	if (age < 16 || (p->study >= STUDY_PRIMARY && p->study <= STUDY_S3))
		p->labor = LABOR_NO;
	else if (age > 72 || p->health == HEALTH_GRAVE)
		p->labor = age > 72 ? LABOR_NO : LABOR_WEAK;
	else if (p->health == HEALTH_DISABLED)
		p->labor = rng_permille(&t->rng, 350) ? LABOR_LOST : LABOR_WEAK;
	else if (age > 60 || p->health == HEALTH_CHRONIC)
		p->labor = LABOR_WEAK;
	else
		p->labor = rng_permille(&t->rng, 120) ? LABOR_SKILLED : LABOR_NORMAL;
}

static void set_work(struct town *t, struct person *p, int age)
{
	static const uint16_t where[] = {0, 18, 21, 22, 39};
	if (age < 17 || age > 62 || p->labor > LABOR_WEAK)
		return;
	if (!rng_permille(&t->rng, p->labor == LABOR_WEAK ? 150 : 520))
		return;
	p->work = (uint8_t)rng_weighted(&t->rng, where, WORK_MAX);
	p->months = (uint8_t)rng_range(&t->rng, 2, 11);
	p->worker = true;
}

static struct person *add_person(struct town *t, struct house *h, enum rel rel, bool male, int age)
{
	static const uint16_t edu_young[] = {0, 10, 55, 25, 7, 3}, edu_old[] = {45, 40, 12, 3, 0, 0};
	struct person *p = vec_push(&t->people);
	p->house = (uint32_t)(h - t->houses.p);
	p->rel = (uint8_t)rel;
	p->male = male;
	p->birth = birth_at_age(t, age);
	p->away = -1;
	p->in_police = p->insured = true;
	p->ethnic = (uint8_t)(strstr(t->name, "回族") && rng_permille(&t->rng, 400));
	person_number(t, p, 0, NULL);
	if (age >= 14 && rng_permille(&t->rng, 930))
		p->phone = phone_new(t);
	set_study(t, p, age);
	p->edu = (uint8_t)rng_weighted(&t->rng, age < 45 ? edu_young : edu_old, 6);
	set_health(t, p, age);
	set_work(t, p, age);
	h->n++;
	return p;
}

static void name_person(struct town *t, struct person *p, const char *surname)
{
	p->name = name_whole(&t->rng, surname, p->male, t->arena);
}

/* One more member who fits the ones there: a child, a parent or a grandchild. */
static bool add_relative(struct town *t, struct house *h, int head_age, int mother_age,
                         const char *surname)
{
	bool male = rng_permille(&t->rng, 520);
	uint32_t kind = rng_below(&t->rng, 100);
	bool has_parent[2] = {false, false};
	for (uint32_t i = h->first; i < t->people.n; i++) {
		has_parent[0] |= t->people.p[i].rel == REL_FATHER;
		has_parent[1] |= t->people.p[i].rel == REL_MOTHER;
	}
	struct person *p;
	if (kind < 24 && head_age < 62 && !has_parent[!male]) {
		int age = head_age + rng_range(&t->rng, 21, 32);
		p = add_person(t, h, male ? REL_FATHER : REL_MOTHER, male, age);
		name_person(t, p, male ? surname : NULL);
		return true;
	}
	if (kind > 88 && head_age > 56) {
		int age = rng_range(&t->rng, 0, head_age - 52 > 16 ? 16 : head_age - 52);
		p = add_person(t, h, male ? REL_GRANDSON : REL_GRANDDAUGHTER, male, age);
	} else {
		int oldest = (mother_age < head_age ? mother_age : head_age) - 22;
		if (oldest < 0)
			return false;
		int age = rng_range(&t->rng, oldest > 16 ? oldest - 16 : 0, oldest);
		p = add_person(t, h, male ? REL_SON : REL_DAUGHTER, male, age);
	}
	name_person(t, p, surname);
	return true;
}

/* Ledgers without household numbers go by village and head: no two alike. */
static bool head_name_free(struct town *t, const struct house *h, const char *name)
{
	const char *key = arena_printf(t->arena, "%u|%s", h->village, name);
	return map_set(&t->names_town, str_c(key), 1);
}

static void add_house(struct town *t, uint32_t village, uint32_t serial)
{
	static const uint16_t sizes[] = {0, 150, 240, 230, 200, 120, 50, 10};
	struct house *h = vec_push(&t->houses);
	h->village = village;
	h->group = 1 + rng_below(&t->rng, 14);
	h->first = (uint32_t)t->people.n;
	h->guest = h->helper = -1;
	h->registered = rng_permille(&t->rng, ON_REGISTER);
	size_t size = rng_weighted(&t->rng, sizes, sizeof(sizes) / sizeof(sizes[0]));
	int age = size == 1 ? rng_range(&t->rng, 30, 88)
	                    : rng_range(&t->rng, size == 2 ? 32 : 27, size > 3 ? 62 : 76);
	bool male = rng_permille(&t->rng, 880);
	const char *surname = name_surname(&t->rng);
	struct person *p = add_person(t, h, REL_HEAD, male, age);
	do
		name_person(t, p, surname);
	while (h->registered && !head_name_free(t, h, p->name));
	int mate_age = age;
	if (size > 1 && (size > 2 || rng_permille(&t->rng, 800))) {
		mate_age = age + rng_range(&t->rng, -4, 3);
		p = add_person(t, h, REL_SPOUSE, !male, mate_age < 22 ? 22 : mate_age);
		name_person(t, p, male ? NULL : surname);
	}
	for (int tries = 0; h->n < size && tries < 20; tries++)
		(void)add_relative(t, h, age, mate_age, surname);
	if (h->registered) {
		const char *code = t->villages.p[village].code;
		struct str no = str_c(arena_printf(t->arena, "%s%04u", code, serial));
		memcpy(h->no, no.p, no.n < sizeof(h->no) ? no.n : sizeof(h->no) - 1);
		t->register_n++;
	}
}

void town_people(struct town *t, uint32_t households)
{
	uint32_t weights[512], sum = 0, n = (uint32_t)t->villages.n;
	if (n > 512)
		n = 512;
	for (uint32_t i = 0; i < n; i++)
		sum += weights[i] = 80 + rng_below(&t->rng, 60);
	imap_init(&t->used_ids);
	map_init(&t->names_town);
	map_init(&t->names_village);
	for (uint32_t v = 0; v < n; v++) {
		uint32_t here = (uint32_t)((uint64_t)households * weights[v] / sum);
		for (uint32_t i = 0; i < here; i++)
			add_house(t, v, 1 + i);
	}
	map_clear(&t->names_town);
}

void town_release(struct town *t)
{
	vec_free(&t->villages);
	vec_free(&t->houses);
	vec_free(&t->people);
	vec_free(&t->helpers);
	vec_free(&t->visits);
	vec_free(&t->measures);
	vec_free(&t->contracts);
	vec_free(&t->answers);
	vec_free(&t->oddities);
	vec_free(&t->doubles);
	imap_release(&t->used_ids);
	map_release(&t->names_village);
	map_release(&t->names_town);
}

bool person_unique_in_village(const struct town *t, const struct person *p)
{
	if (p->house == NO_HOUSE)
		return false;
	char key[96];
	snprintf(key, sizeof(key), "%u|%s", t->houses.p[p->house].village, p->name);
	return map_get(&t->names_village, str_c(key), 0) == 1;
}

bool person_unique_in_town(const struct town *t, const struct person *p)
{
	return map_get(&t->names_town, str_c(p->name), 0) == 1;
}
