/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What is wrong on purpose.  A household carries one error at the most, so
 * that what follows from one is not taken for another.
 */
#include "synth/town.h"

#include "base/banned.h"

enum { YUAN = 100, FULL_REGISTER = 1800 };

static void answer(struct town *t, const char *kind, const struct house *h,
                   const struct person *p, const char *note)
{
	struct answer *a = vec_push(&t->answers);
	a->kind = kind;
	a->household_no = h && h->registered ? h->no : "";
	a->name = p ? p->name : "";
	a->person_id = p ? p->id : "";
	a->note = note ? note : "";
}

/* A random member of that age; NULL when there is none. */
static struct person *member(struct town *t, const struct house *h, int from, int to, bool head_too)
{
	uint32_t start = rng_below(&t->rng, h->n);
	for (uint32_t i = 0; i < h->n; i++) {
		struct person *p = &t->people.p[h->first + (start + i) % h->n];
		int age = person_age(p);
		if (age >= from && age <= to && (head_too || p->rel != REL_HEAD))
			return p;
	}
	return NULL;
}

static const char *money_text(struct town *t, fen_t v)
{
	char text[32];
	(void)money_format(v, false, text);
	return arena_strdup(t->arena, text);
}

/* --- the roster against itself --------------------------------------------- */

static bool plant_id_checksum(struct town *t, struct house *h, const char *kind)
{
	static const int places[] = {14, 15, 16, 14, 13, 17};
	struct person *p = member(t, h, 16, 95, true);
	if (!p || !person_unique_in_village(t, p))
		return false;
	char id[19];
	memcpy(id, p->id, sizeof(id));
	int at = RNG_PICK(&t->rng, places);
	if (id[at] == 'X')
		at = 14;
	/* by an even number, so that the sex the number tells stays */
	id[at] = (char)('0' + (id[at] - '0' + 2 + 2 * rng_range(&t->rng, 0, 3)) % 10);
	if (id_check_digit(id) == id[17] || strcmp(id + 15, "000") == 0)
		return false; /* three noughts would be a number that a spreadsheet cut */
	p->roster_id = arena_strdup(t->arena, id);
	answer(t, kind, h, p, p->roster_id);
	return true;
}

static bool plant_id_lossy(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 16, 95, true);
	if (!p || p->id[17] == 'X' || !person_unique_in_village(t, p))
		return false;
	p->roster_lossy = true;
	answer(t, kind, h, p, NULL);
	return true;
}

static bool plant_birth(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 20, 90, true);
	if (!p)
		return false;
	int y = date_year(p->birth), m = date_month(p->birth), d = date_day(p->birth);
	switch (rng_below(&t->rng, 3)) {
	case 0:
		y--;
		break;
	case 1:
		m = m % 12 + 1;
		break;
	default:
		d = d > 10 ? d - 10 : d + 10;
	}
	if (d > date_days_in_month(y, m))
		d = 1;
	p->roster_birth = date_make(y, m, d);
	answer(t, kind, h, p, date_dup(t->arena, p->roster_birth));
	return true;
}

static bool plant_sex(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 0, 95, false);
	if (!p || p->rel == REL_SPOUSE)
		return false;
	p->roster_other_sex = true;
	answer(t, kind, h, p, NULL);
	return true;
}

static struct house *free_house(struct town *t)
{
	for (int tries = 0; tries < 2000; tries++) {
		struct house *h = &t->houses.p[rng_below(&t->rng, (uint32_t)t->houses.n)];
		if (h->registered && !h->planted)
			return h;
	}
	return NULL;
}

static bool plant_two_households(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 19, 60, false);
	/* a guest from a listed household would bring the list along */
	if (!p || p->rel == REL_SPOUSE || h->dibao_list)
		return false;
	h->planted = true;
	struct house *other = free_house(t);
	h->planted = false;
	if (!other)
		return false;
	fen_t pc = house_pc(other);
	other->guest = (int32_t)(p - t->people.p);
	other->planted = true;
	house_income(t, other, pc / YUAN * YUAN);
	answer(t, kind, h, p, other->no);
	return true;
}

static bool plant_no_head(struct town *t, struct house *h, const char *kind)
{
	house_head(t, h)->rel = REL_OTHER;
	answer(t, kind, h, NULL, NULL);
	return true;
}

static bool plant_two_heads(struct town *t, struct house *h, const char *kind)
{
	for (uint32_t i = 0; i < h->n; i++) {
		struct person *p = &t->people.p[h->first + i];
		if (p->rel != REL_SPOUSE)
			continue;
		p->rel = REL_HEAD;
		answer(t, kind, h, NULL, NULL);
		return true;
	}
	return false;
}

static bool plant_count(struct town *t, struct house *h, const char *kind)
{
	h->declared_more = h->n > 1 && rng_permille(&t->rng, 400) ? -1
	                                                         : (int8_t)rng_range(&t->rng, 1, 2);
	answer(t, kind, h, NULL, arena_printf(t->arena, "%d", (int)h->n + h->declared_more));
	return true;
}

static bool plant_cause(struct town *t, struct house *h, const char *kind)
{
	h->cause = CAUSE_MISSING;
	answer(t, kind, h, NULL, NULL);
	return true;
}

/* --- income and status ----------------------------------------------------- */

static bool plant_no_income(struct town *t, struct house *h, const char *kind)
{
	h->no_income = true;
	answer(t, kind, h, NULL, NULL);
	return true;
}

static bool plant_arithmetic(struct town *t, struct house *h, const char *kind)
{
	fen_t right = house_pc(h);
	int share = rng_range(&t->rng, 4, 20);
	h->stated_pc = right * (rng_permille(&t->rng, 500) ? 100 + share : 100 - share) / 100;
	answer(t, kind, h, NULL,
	       arena_printf(t->arena, "%s stated, %s recomputed", money_text(t, h->stated_pc),
	                    money_text(t, right)));
	return true;
}

static bool plant_no_dibao_income(struct town *t, struct house *h, const char *kind)
{
	if (h->dibao_list != ATTR_DIBAO || h->income.dibao == 0)
		return false;
	h->income.business += h->income.dibao;
	h->income.dibao = 0;
	h->stated_pc = house_pc(h);
	answer(t, kind, h, NULL, NULL);
	return true;
}

/* Another income; taken back when transfers put it on the other side of the line. */
static bool set_pc(struct town *t, struct house *h, fen_t pc, bool below)
{
	struct income before = h->income;
	house_income(t, h, pc);
	if ((house_pc(h) < SYNTH_LINE * YUAN) == below)
		return true;
	h->income = before;
	h->stated_pc = house_pc(h);
	return false;
}

static bool plant_exited_below(struct town *t, struct house *h, const char *kind)
{
	fen_t pc = rng_permille(&t->rng, 300) ? SYNTH_LINE * YUAN - rng_range(&t->rng, 1, 400)
	                                      : rng_range(&t->rng, 1600, SYNTH_LINE - 20) * YUAN;
	if (!h->exit_year || !set_pc(t, h, pc, true))
		return false;
	answer(t, kind, h, NULL, money_text(t, h->stated_pc));
	return true;
}

static bool plant_above(struct town *t, struct house *h, const char *kind)
{
	if (h->exit_year || !set_pc(t, h, rng_range(&t->rng, 5000, 9000) * YUAN, false))
		return false;
	answer(t, kind, h, NULL, money_text(t, h->stated_pc));
	return true;
}

static bool plant_exited_unsafe(struct town *t, struct house *h, const char *kind)
{
	if (!h->exit_year || h->house_grade)
		return false;
	h->unsafe = true;
	if (rng_permille(&t->rng, 300)) {
		h->house_grade = 'C';
		h->graded = 20160312;
	}
	answer(t, kind, h, NULL, NULL);
	return true;
}

/* --- against the offices ---------------------------------------------------- */

static bool plant_not_at_school(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 7, 14, false);
	if (!p)
		return false;
	p->study = STUDY_NONE;
	p->pupil = false;
	answer(t, kind, h, p, NULL);
	return true;
}

static bool plant_student(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 7, 17, false);
	if (!p || p->worker || p->study < STUDY_PRIMARY)
		return false;
	p->study = STUDY_NONE;
	p->pupil = true;
	answer(t, kind, h, p, NULL);
	return true;
}

static bool plant_dead(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 45, 96, true);
	if (!p || p->worker)
		return false;
	p->dead = true;
	p->insured = rng_permille(&t->rng, 500);
	answer(t, kind, h, p, NULL);
	return true;
}

static bool plant_name(struct town *t, struct house *h, const char *kind)
{
	static const char *const pairs[][2] = {{"王", "汪"}, {"张", "章"}, {"陈", "程"}, {"李", "黎"},
	                                       {"徐", "许"}, {"余", "于"}};
	struct person *p = member(t, h, 16, 90, false);
	const char *wrong = p ? name_homophone(&t->rng, p->name, t->arena) : NULL;
	if (p && rng_permille(&t->rng, 250))
		for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
			if (str_starts(str_c(p->name), str_c(pairs[i][0])))
				wrong = arena_printf(t->arena, "%s%s", pairs[i][1], p->name + 3);
	if (!wrong)
		return false;
	p->roster_name = wrong;
	answer(t, kind, h, p, wrong);
	return true;
}

static bool plant_not_in_police(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 5, 90, true);
	if (!p)
		return false;
	p->in_police = false;
	answer(t, kind, h, p, NULL);
	return true;
}

static bool plant_not_insured(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 2, 90, true);
	if (!p)
		return false;
	p->insured = false;
	answer(t, kind, h, p, NULL);
	return true;
}

/* Perhaps with a damaged identity; tells how the office wrote it. */
static void answer_office(struct town *t, const char *kind, const struct house *h,
                          struct person *p, enum office office)
{
	static const uint16_t ways[] = {50, 25, 15, 12, 8, 10};
	size_t how = rng_weighted(&t->rng, ways, FUZZ_MAX);
	if (office == OFFICE_FISCAL && how == FUZZ_NO_ID)
		how = FUZZ_15; /* the payroll has neither village nor address: a bare name proves nothing */
	if (how != FUZZ_NONE)
		(void)person_fuzz(t, p, office, (enum fuzz)how);
	answer(t, kind, h, p, p->wrong_id[office] ? p->wrong_id[office] : p->id);
	t->answers.p[t->answers.n - 1].fuzzy =
		p->fuzz[office] != FUZZ_NONE && p->fuzz[office] != FUZZ_LOWER;
}

static bool plant_car(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 20, 65, true);
	if (!p)
		return false;
	p->vehicle = rng_permille(&t->rng, 700) ? VEH_CAR : VEH_SUV;
	answer_office(t, kind, h, p, OFFICE_VEHICLE);
	return true;
}

static bool plant_company(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 22, 66, true);
	if (!p)
		return false;
	p->firm = FIRM_COMPANY;
	answer_office(t, kind, h, p, OFFICE_FIRM);
	return true;
}

static bool plant_flat(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 24, 66, true);
	if (!p || strcmp(t->name, "慎城镇") == 0) /* in the county's seat everybody's flat is there */
		return false;
	p->estate = ESTATE_FLAT;
	answer_office(t, kind, h, p, OFFICE_ESTATE);
	return true;
}

static bool plant_fiscal(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 23, 58, true);
	if (!p)
		return false;
	p->fiscal = true;
	answer_office(t, kind, h, p, OFFICE_FISCAL);
	return true;
}

static bool plant_off_list(struct town *t, struct house *h, const char *kind)
{
	if (h->attr == ATTR_ORDINARY || !h->dibao_list)
		return false;
	h->dibao_list = 0;
	answer(t, kind, h, NULL, NULL);
	return true;
}

static bool plant_on_list(struct town *t, struct house *h, const char *kind)
{
	if (h->attr != ATTR_ORDINARY || h->dibao_list)
		return false;
	fen_t pc = house_pc(h);
	h->dibao_list = ATTR_DIBAO;
	house_allowance(t, h);
	if (!set_pc(t, h, pc, !h->exit_year)) {
		h->dibao_list = 0;
		return false;
	}
	answer(t, kind, h, NULL, NULL);
	return true;
}

static bool plant_card(struct town *t, struct house *h, const char *kind)
{
	struct person *p = member(t, h, 14, 85, true);
	if (!p || p->health != HEALTH_GOOD)
		return false;
	p->card_kind = (uint8_t)rng_range(&t->rng, 1, 7);
	p->card_grade = (uint8_t)rng_range(&t->rng, 1, 4);
	answer(t, kind, h, p, NULL);
	return true;
}

static bool plant_house(struct town *t, struct house *h, const char *kind)
{
	if (h->unsafe || h->house_grade)
		return false;
	h->house_grade = rng_permille(&t->rng, 500) ? 'C' : 'D';
	h->rebuilt = false;
	h->graded = date_from_days(date_to_days(20150801) + rng_range(&t->rng, 0, 640));
	answer(t, kind, h, NULL, h->house_grade == 'C' ? "C" : "D");
	return true;
}

static bool plant_omission(struct town *t, struct house *h, const char *kind)
{
	struct person *p = house_head(t, h);
	if (h->dibao_list || h->house_grade)
		return false;
	h->dibao_list = ATTR_DIBAO;
	house_allowance(t, h);
	h->house_grade = 'D';
	h->rebuilt = false;
	h->graded = date_from_days(date_to_days(20160101) + rng_range(&t->rng, 0, 500));
	p->card_kind = (uint8_t)rng_range(&t->rng, 1, 7);
	p->card_grade = (uint8_t)rng_range(&t->rng, 1, 2);
	answer(t, kind, h, p, t->villages.p[h->village].name);
	return true;
}

/* --- duties ------------------------------------------------------------------ */

static bool plant_no_helper(struct town *t, struct house *h, const char *kind)
{
	if (h->helper < 0 || t->helpers.p[h->helper].households > 10)
		return false;
	uint32_t index = (uint32_t)(h - t->houses.p);
	t->helpers.p[h->helper].households--;
	h->helper = -1;
	for (size_t i = 0; i < t->visits.n; i++)
		if (t->visits.p[i].house == index)
			t->visits.p[i].by_village = true;
	answer(t, kind, h, NULL, NULL);
	return true;
}

static bool plant_no_visit(struct town *t, struct house *h, const char *kind)
{
	uint32_t index = (uint32_t)(h - t->houses.p);
	for (size_t i = 0; i < t->visits.n; i++)
		if (t->visits.p[i].house == index)
			t->visits.p[i].date = date_from_days(date_to_days(SYNTH_TODAY) -
			                                     rng_range(&t->rng, 91, 300));
	answer(t, kind, h, NULL, NULL);
	return true;
}

static bool plant_undelivered(struct town *t, struct house *h, const char *kind)
{
	uint32_t index = (uint32_t)(h - t->houses.p);
	for (size_t i = 0; i < t->measures.n; i++) {
		struct measure *m = &t->measures.p[i];
		if (m->house != index)
			continue;
		uint32_t what = rng_below(&t->rng, 4);
		if (what != 1)
			m->date = 0;
		if (what != 2)
			m->money = 0;
		answer(t, kind, h, NULL, NULL);
		return true;
	}
	return false;
}

static bool plant_unpaid(struct town *t, struct house *h, const char *kind)
{
	uint32_t index = (uint32_t)(h - t->houses.p);
	for (size_t i = 0; i < t->contracts.n; i++) {
		struct contract *c = &t->contracts.p[i];
		if (c->house != index)
			continue;
		c->paid = 0;
		answer(t, kind, h, NULL, t->companies[c->company]);
		return true;
	}
	return false;
}

/* One cadre takes over the households of the next ones. */
static void plant_overload(struct town *t, uint32_t helper)
{
	struct helper *p = &t->helpers.p[helper];
	uint32_t next = helper + 1;
	while (p->households < 12 && next < t->helpers.n) {
		for (size_t i = 0; i < t->houses.n; i++)
			if (t->houses.p[i].helper == (int32_t)next)
				t->houses.p[i].helper = (int32_t)helper;
		p->households += t->helpers.p[next].households;
		t->helpers.p[next++].households = 0;
	}
	if (p->households < 11)
		return;
	struct person named = {.name = p->name};
	answer(t, "helper_overloaded", NULL, &named, p->unit);
	t->answers.p[t->answers.n - 1].person_id = "";
}

struct plant {
	const char *kind;
	uint8_t from, to; /* how many in a full town */
	bool (*put)(struct town *t, struct house *h, const char *kind);
};

/* The rarest fits first. */
static const struct plant plants[] = {
	{"school_age_not_in_school", 7, 12, plant_not_at_school},
	{"student_unrecorded", 7, 12, plant_student},
	{"person_in_two_households", 8, 14, plant_two_households},
	{"above_line_not_exited", 7, 12, plant_above},
	{"exited_below_line", 8, 15, plant_exited_below},
	{"dibao_income_missing", 6, 12, plant_no_dibao_income},
	{"contract_unpaid", 7, 13, plant_unpaid},
	{"id_checksum", 8, 16, plant_id_checksum},
	{"id_lost_precision", 6, 12, plant_id_lossy},
	{"id_birth_mismatch", 6, 13, plant_birth},
	{"id_sex_mismatch", 6, 13, plant_sex},
	{"name_mismatch", 6, 12, plant_name},
	{"owns_car", 8, 16, plant_car},
	{"owns_company", 6, 12, plant_company},
	{"owns_city_house", 6, 12, plant_flat},
	{"fiscal_payroll", 6, 10, plant_fiscal},
	{"dead_still_listed", 6, 12, plant_dead},
	{"not_in_population_register", 6, 10, plant_not_in_police},
	{"disability_unrecorded", 8, 14, plant_card},
	{"not_insured", 8, 15, plant_not_insured},
	{"two_heads", 6, 9, plant_two_heads},
	{"no_head", 6, 9, plant_no_head},
	{"dibao_attr_not_on_list", 7, 12, plant_off_list},
	{"on_dibao_list_attr_ordinary", 7, 12, plant_on_list},
	{"exited_with_unsafe_house", 7, 12, plant_exited_unsafe},
	{"dangerous_house_unrecorded", 8, 14, plant_house},
	{"member_count_mismatch", 7, 12, plant_count},
	{"cause_missing", 8, 14, plant_cause},
	{"income_missing", 6, 12, plant_no_income},
	{"income_arithmetic", 9, 16, plant_arithmetic},
	{"no_helper", 7, 12, plant_no_helper},
	{"no_visit_90_days", 9, 16, plant_no_visit},
	{"measure_without_delivery", 8, 14, plant_undelivered},
};

static uint32_t how_many(struct town *t, int from, int to)
{
	uint32_t n = (uint32_t)rng_range(&t->rng, from, to);
	uint32_t of = t->register_n < FULL_REGISTER ? t->register_n : FULL_REGISTER;
	n = (n * of + FULL_REGISTER - 1) / FULL_REGISTER;
	return n < 2 ? 2 : n;
}

/* Tries households at random until n carry the error (or none fits). */
static void put(struct town *t, const struct plant *plant, uint32_t n, bool registered)
{
	for (size_t tries = 0; n > 0 && tries < 20 * t->houses.n; tries++) {
		struct house *h = &t->houses.p[rng_below(&t->rng, (uint32_t)t->houses.n)];
		if (h->registered != registered || h->planted || !plant->put(t, h, plant->kind))
			continue;
		h->planted = true;
		n--;
	}
}

void town_plant(struct town *t)
{
	static const struct plant omission = {"omission_candidate", 8, 13, plant_omission};
	uint32_t overloads = t->helpers.n > 60 ? 1 + rng_below(&t->rng, 3) : 1;
	for (uint32_t i = 0; i < overloads; i++)
		plant_overload(t, 1 + i * ((uint32_t)t->helpers.n / overloads));
	for (size_t i = 0; i < sizeof(plants) / sizeof(plants[0]); i++)
		put(t, &plants[i], how_many(t, plants[i].from, plants[i].to), true);
	put(t, &omission, how_many(t, omission.from, omission.to), false);
}
