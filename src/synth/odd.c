/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What looks wrong and is not.  Each is put down in oddities.csv, so that a
 * false finding can be traced to what it fell for.
 */
#include "synth/town.h"

#include "base/banned.h"

enum { YUAN = 100 };

void oddity_add(struct town *t, const char *kind, const struct house *h, const struct person *p,
                const char *note)
{
	struct oddity *o = vec_push(&t->oddities);
	o->kind = kind;
	o->household_no = h && h->registered ? h->no : "";
	o->person_id = p ? p->id : "";
	o->note = note;
}

static uint32_t some(const struct town *t, uint32_t full)
{
	uint32_t n = full * t->register_n / 1800;
	return n < 1 ? 1 : n > full ? full : n;
}

/* A household that carries nothing yet; it does from now on. */
static struct house *take_house(struct town *t, bool registered)
{
	for (int tries = 0; tries < 64 && t->houses.n; tries++) {
		struct house *h = &t->houses.p[rng_below(&t->rng, (uint32_t)t->houses.n)];
		if (h->registered == registered && !h->planted)
			return h;
	}
	return NULL;
}

static struct person *someone(struct town *t, const struct house *h, int from, int to)
{
	for (uint32_t i = 0; i < h->n; i++) {
		struct person *p = &t->people.p[h->first + i];
		if (person_age(p) >= from && person_age(p) <= to)
			return p;
	}
	return NULL;
}

/* --- before the offices look ------------------------------------------------ */

static void odd_namesakes(struct town *t)
{
	for (uint32_t n = some(t, 30), tries = 0; n > 0 && tries < 5000; tries++) {
		struct house *h = take_house(t, true), *other = take_house(t, false);
		struct person *p = h ? someone(t, h, 20, 70) : NULL;
		struct person *q = other ? someone(t, other, 20, 70) : NULL;
		if (!p || !q || h->village != other->village || p->male != q->male)
			continue;
		q->name = p->name;
		*vec_push(&t->doubles) = (uint32_t)(q - t->people.p);
		oddity_add(t, "namesake", h, p, arena_printf(t->arena, "%s", q->id));
		n--;
	}
}

/* Cancelled by the police, in no household; some carry a listed person's name. */
static void odd_cancelled(struct town *t)
{
	uint32_t n = (uint32_t)t->houses.n / 60 + 3;
	for (uint32_t i = 0; i < n; i++) {
		struct person *p = vec_push(&t->people);
		p->house = NO_HOUSE;
		p->male = rng_permille(&t->rng, 500);
		p->birth = date_from_days(date_to_days(19280301) + rng_range(&t->rng, 0, 12000));
		p->away = (int32_t)rng_below(&t->rng, (uint32_t)t->villages.n);
		p->dead = p->in_police = true;
		person_number(t, p, 0, NULL);
		p->name = name_whole(&t->rng, NULL, p->male, t->arena);
		struct house *h = i % 6 == 0 ? take_house(t, true) : NULL;
		struct person *q = h ? someone(t, h, 40, 95) : NULL;
		if (!q)
			continue;
		p->name = q->name;
		p->away = (int32_t)h->village;
		oddity_add(t, "cancelled_namesake", h, q, arena_strdup(t->arena, p->id));
	}
}

static void odd_twins(struct town *t)
{
	for (uint32_t n = some(t, 20), tries = 0; n > 0 && tries < 5000; tries++) {
		struct house *h = take_house(t, true);
		struct person *first = NULL, *second = NULL;
		for (uint32_t i = 0; h && i < h->n; i++) {
			struct person *p = &t->people.p[h->first + i];
			if (p->rel != REL_SON && p->rel != REL_DAUGHTER)
				continue;
			second = first ? p : NULL;
			first = first ? first : p;
		}
		if (!second || second->birth == first->birth || first->id[16] == '9')
			continue;
		second->birth = first->birth;
		second->male = first->male;
		second->rel = first->rel;
		second->study = first->study;
		second->labor = first->labor;
		second->work = second->months = 0;
		second->worker = false;
		person_number(t, second, 2, first);
		oddity_add(t, "twins", h, second, first->id);
		n--;
	}
}

struct birthday {
	date_t birth;
	enum study study;
	const char *note;
};

static void odd_birthdays(struct town *t)
{
	static const struct birthday days[] = {
		{20030114, STUDY_NONE, "15 on the reference day, has left school"},
		{20030115, STUDY_J2, "14 for one day more, at school"},
		{20110114, STUDY_PRIMARY, "7 on the reference day, at school"},
		{20110115, STUDY_PRESCHOOL, "7 tomorrow, before school"},
	};
	uint32_t n = 4 * some(t, 4);
	for (uint32_t tries = 0; n > 0 && tries < 5000; tries++) {
		struct house *h = take_house(t, true);
		struct person *p = h ? someone(t, h, 6, 15) : NULL;
		const struct birthday *d = &days[n % 4];
		if (!p || p->rel == REL_HEAD)
			continue;
		p->birth = d->birth;
		p->study = (uint8_t)d->study;
		person_number(t, p, 0, NULL);
		if (p->birth != d->birth)
			continue;
		oddity_add(t, "birthday", h, p, d->note);
		n--;
	}
}

void town_odd_people(struct town *t)
{
	odd_twins(t);
	odd_birthdays(t);
	odd_namesakes(t);
	odd_cancelled(t);
}

/* --- after the errors --------------------------------------------------------- */

static void odd_doubles(struct town *t)
{
	for (size_t i = 0; i < t->doubles.n; i++) {
		struct person *p = &t->people.p[t->doubles.p[i]];
		memset(p->fuzz, 0, sizeof(p->fuzz));
		memset((void *)p->wrong_id, 0, sizeof(p->wrong_id));
		switch (i % 4) {
		case 0:
			p->vehicle = VEH_CAR;
			break;
		case 1:
			p->firm = FIRM_COMPANY;
			break;
		case 2:
			p->estate = ESTATE_FLAT;
			break;
		default:
			p->card_kind = 4;
			p->card_grade = 3;
		}
	}
}

static void odd_apart(struct town *t)
{
	static const char *const remarks[] = {"随子女居住", "在外务工，电话联系", "户口在外村",
	                                      "长期外出", "投靠亲属"};
	for (uint32_t n = some(t, 60), tries = 0; n > 0 && tries < 5000; tries++) {
		struct house *h = take_house(t, true);
		struct person *p = h ? someone(t, h, 18, 90) : NULL;
		if (!p || t->villages.n < 2 || p->away >= 0)
			continue;
		uint32_t village = rng_below(&t->rng, (uint32_t)t->villages.n);
		if (village == h->village)
			continue;
		p->away = (int32_t)village;
		p->remark = RNG_PICK(&t->rng, remarks);
		oddity_add(t, "lives_apart", h, p, p->remark);
		n--;
	}
}

static void odd_line(struct town *t)
{
	static const int over[] = {0, 0, 1, 25, 50, 99, 120, 300};
	for (uint32_t n = some(t, 24), tries = 0; n > 0 && tries < 5000; tries++) {
		struct house *h = take_house(t, true);
		if (!h)
			return;
		bool out = h->exit_year != 0;
		struct income before = h->income;
		fen_t pc = SYNTH_LINE * YUAN + (out ? RNG_PICK(&t->rng, over) : -1 - (int)n);
		house_income(t, h, pc);
		if (house_pc(h) != pc) {
			h->income = before;
			h->stated_pc = house_pc(h);
			continue;
		}
		h->planted = true;
		oddity_add(t, out ? "just_over_line" : "just_under_line", h, NULL,
		           out ? "exited, income on or just over the line"
		               : "still listed, income just under the line");
		n--;
	}
}

/* Two marks of three, or all three but not on one person. */
static void odd_near_omission(struct town *t)
{
	for (uint32_t n = some(t, 20), tries = 0; n > 0 && tries < 5000; tries++) {
		struct house *h = take_house(t, false);
		if (!h || h->dibao_list || h->house_grade || h->n < 2)
			continue;
		struct person *head = house_head(t, h), *p = head + 1;
		bool spouse = n % 2;
		h->planted = true;
		h->dibao_list = ATTR_DIBAO;
		house_allowance(t, h);
		h->house_grade = 'D';
		h->rebuilt = !spouse;
		h->graded = 20160505;
		head->card_grade = spouse ? 0 : 1;
		head->card_kind = 4;
		p->card_kind = 4;
		p->card_grade = spouse ? 1 : 0;
		oddity_add(t, "two_of_three", h, head,
		           spouse ? "the disabled one is the spouse" : "the house is rebuilt");
		n--;
	}
}

static void odd_duties(struct town *t)
{
	for (uint32_t n = some(t, 12), tries = 0; n > 0 && tries < 5000; tries++) {
		struct house *h = take_house(t, true);
		if (!h)
			break;
		uint32_t index = (uint32_t)(h - t->houses.p);
		for (size_t i = 0; i < t->visits.n; i++)
			if (t->visits.p[i].house == index)
				t->visits.p[i].date = 20171016;
		h->planted = true;
		oddity_add(t, "visit_90_days", h, NULL, "last visit exactly 90 days ago");
		n--;
	}
	uint32_t n = some(t, 15);
	for (size_t i = 0; i < t->contracts.n && n > 0; i++) {
		struct contract *c = &t->contracts.p[i];
		struct house *h = &t->houses.p[c->house];
		if (h->planted || !rng_permille(&t->rng, 100))
			continue;
		c->due = date_from_days(date_to_days(SYNTH_TODAY) + rng_range(&t->rng, 3, 60));
		c->paid = 0;
		h->planted = true;
		oddity_add(t, "due_later", h, NULL, "payment due after the reference day");
		n--;
	}
}

/* Gives households of later helpers to `helper` until it has exactly ten. */
static void exactly_ten(struct town *t, int32_t helper)
{
	struct helper *p = &t->helpers.p[helper];
	if (p->households == 0 || p->households > 10)
		return;
	for (size_t i = 0; i < t->houses.n && p->households < 10; i++) {
		struct house *h = &t->houses.p[i];
		if (h->helper <= helper || t->helpers.p[h->helper].households > 10)
			continue;
		t->helpers.p[h->helper].households--;
		h->helper = helper;
		p->households++;
	}
	if (p->households == 10)
		oddity_add(t, "helper_of_ten", NULL, NULL, p->name);
}

/* Two cadres of one name: together more than ten, each for himself not. */
static void odd_helpers(struct town *t)
{
	if (t->helpers.n < 12)
		return;
	exactly_ten(t, (int32_t)t->helpers.n / 2);
	for (size_t i = t->helpers.n / 2 + 1, n = 0; i + 3 < t->helpers.n && n < 2; i += 4) {
		struct helper *a = &t->helpers.p[i], *b = &t->helpers.p[i + 2];
		if (a->households + b->households <= 10 || a->households > 10 ||
		    b->households > 10 || strcmp(a->unit, b->unit) == 0)
			continue;
		b->name = a->name;
		oddity_add(t, "namesake_helpers", NULL, NULL, a->name);
		n++;
	}
}

enum exempt { EX_VEHICLE, EX_BUSINESS, EX_HOMESTEAD, EX_STUDENT, EX_HOUSE, EX_MAX };

struct exempt_label {
	const char *kind, *note;
	uint8_t full; /* labels in a full town */
};

static bool is_exempt(const struct house *h, const struct person *p, enum exempt what)
{
	switch (what) {
	case EX_VEHICLE:
		return p->vehicle >= VEH_MOTORCYCLE;
	case EX_BUSINESS:
		return p->firm >= FIRM_STALL;
	case EX_HOMESTEAD:
		return p->estate == ESTATE_HOMESTEAD;
	case EX_STUDENT:
		return p->pupil && person_age(p) > 15;
	default:
		return p->rel == REL_HEAD && h->house_grade == 'D' && h->rebuilt;
	}
}

/* What the town has by nature; some of each get a label. */
static void label_exempt(struct town *t, enum exempt what)
{
	static const struct exempt_label labels[EX_MAX] = {
		[EX_VEHICLE] = {"exempt_vehicle", "motorcycle, three-wheeler or farm vehicle", 40},
		[EX_BUSINESS] = {"exempt_business", "stall or co-operative", 20},
		[EX_HOMESTEAD] = {"homestead", "house on the own plot in the village", 15},
		[EX_STUDENT] = {"older_student", "student over 15", 20},
		[EX_HOUSE] = {"rebuilt_house", "grade D, rebuilt", 20},
	};
	uint32_t n = some(t, labels[what].full);
	for (size_t i = 0; i < t->people.n && n > 0; i++) {
		const struct person *p = &t->people.p[i];
		const struct house *h = p->house == NO_HOUSE ? NULL : &t->houses.p[p->house];
		if (!h || !h->registered || !is_exempt(h, p, what))
			continue;
		oddity_add(t, labels[what].kind, h, p, labels[what].note);
		n--;
	}
}

void town_odd(struct town *t)
{
	odd_doubles(t);
	odd_line(t);
	odd_apart(t);
	odd_near_omission(t);
	odd_duties(t);
	odd_helpers(t);
	for (int what = 0; what < EX_MAX; what++)
		label_exempt(t, (enum exempt)what);
}
