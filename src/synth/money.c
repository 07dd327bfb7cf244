/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/town.h"

#include "base/banned.h"

enum { YUAN = 100 };

fen_t income_transfers(const struct income *in)
{
	return in->family + in->dibao + in->tekun + in->pension + in->eco + in->other;
}

fen_t income_net(const struct income *in)
{
	return in->wage + in->business - in->cost + in->property + income_transfers(in);
}

/* Per head, to the fen. */
fen_t house_pc(const struct house *h)
{
	int64_t pc = 0;
	uint32_t heads = h->n + (h->guest >= 0);
	(void)money_div_round(income_net(&h->income), heads ? heads : 1, &pc);
	return pc;
}

static bool has_worker(const struct town *t, const struct house *h)
{
	for (uint32_t i = 0; i < h->n; i++)
		if (t->people.p[h->first + i].worker)
			return true;
	return false;
}

/* What is paid by rule: pensions from 60, allowances, ecological money. */
static void set_transfers(struct town *t, struct house *h, fen_t most)
{
	static const int eco[] = {0, 0, 200, 300, 500};
	struct income *in = &h->income;
	for (uint32_t i = 0; i < h->n; i++)
		if (person_age(&t->people.p[h->first + i]) >= 60)
			in->pension += 840 * YUAN;
	fen_t listed = h->dibao_month * h->dibao_heads * 12;
	in->dibao = h->dibao_list == ATTR_DIBAO ? listed : 0;
	in->tekun = h->dibao_list == ATTR_TEKUN ? listed : 0;
	if (income_transfers(in) < most - 1700 * YUAN) {
		in->eco = RNG_PICK(&t->rng, eco) * YUAN;
		in->family = rng_permille(&t->rng, 250) ? 960 * YUAN : 0;
		in->other = rng_permille(&t->rng, 400) ? 200 * YUAN : 0;
	}
}

void house_income(struct town *t, struct house *h, fen_t pc)
{
	static const int property[] = {0, 0, 300, 600, 800, 1200};
	struct income *in = &h->income;
	*in = (struct income){0};
	fen_t net = pc * (h->n + (h->guest >= 0));
	if (pc % YUAN == 0) /* households rarely come out at full yuan a head */
		net += (fen_t)rng_below(&t->rng, h->n) * YUAN;
	set_transfers(t, h, net);
	fen_t left = net - income_transfers(in);
	if (left > 3000 * YUAN) {
		in->property = RNG_PICK(&t->rng, property) * YUAN;
		left -= in->property;
	}
	if (left < 0) { /* the pensions alone are more: one is not drawn yet */
		fen_t cut = -left < in->pension ? -left : in->pension;
		in->pension -= cut;
		left += cut;
	}
	if (left > 0 && has_worker(t, h)) {
		in->wage = left * rng_range(&t->rng, 30, 80) / 100 / YUAN * YUAN;
		left -= in->wage;
	}
	if (left > 0) { /* sales less what they cost */
		in->cost = left * rng_range(&t->rng, 15, 40) / 100 / YUAN * YUAN;
		in->business = left + in->cost;
	}
	h->stated_pc = house_pc(h);
}

/* Yuan a head; below the line whoever is still on the register. */
static fen_t likely_pc(struct town *t, const struct house *h)
{
	if (h->exit_year)
		return rng_range(&t->rng, SYNTH_LINE + 60, 8900) * YUAN;
	return rng_range(&t->rng, 1500, SYNTH_LINE - 60) * YUAN;
}

void house_allowance(struct town *t, struct house *h)
{
	static const int month[] = {150, 180, 210, 240};
	h->dibao_month = RNG_PICK(&t->rng, month) * YUAN;
	h->dibao_heads = (uint8_t)(h->dibao_list == ATTR_TEKUN ? h->n : 1 + rng_below(&t->rng, h->n));
	if (h->dibao_list == ATTR_TEKUN)
		h->dibao_month = 340 * YUAN;
	/* who is below the line gets no more than leaves it below */
	while (h->registered && !h->exit_year && h->dibao_heads > 1 &&
	       h->dibao_month * 12 * h->dibao_heads > (fen_t)h->n * 1400 * YUAN)
		h->dibao_heads--;
	if (h->registered && !h->exit_year)
		while (h->dibao_month * 12 * h->dibao_heads > (fen_t)h->n * 1400 * YUAN &&
		       h->dibao_month > 60 * YUAN)
			h->dibao_month -= 30 * YUAN;
}

static void set_house_grade(struct town *t, struct house *h)
{
	if (h->registered ? !h->unsafe && !rng_permille(&t->rng, 50) : !rng_permille(&t->rng, 10))
		return;
	h->house_grade = rng_permille(&t->rng, 550) ? 'D' : 'C';
	h->rebuilt = h->registered ? !h->unsafe : rng_permille(&t->rng, 600);
	if (!h->registered && h->dibao_list && h->house_grade == 'D')
		h->rebuilt = true; /* else one card short of a case nobody planted */
	h->graded = date_from_days(date_to_days(20150601) + rng_range(&t->rng, 0, 700));
}

/* A cause that the household's people do not contradict. */
static uint8_t house_cause(struct town *t, const struct house *h)
{
	static const uint16_t causes[] = {0, 50, 10, 2, 6, 5, 4, 5, 2, 5, 6, 5};
	enum { BY_ILLNESS = 1, BY_DISABILITY = 2, BY_SCHOOL = 3, OTHERS = 4 };
	bool ill = false, disabled = false, school = false;
	for (uint32_t i = 0; i < h->n; i++) {
		const struct person *p = &t->people.p[h->first + i];
		ill |= p->health == HEALTH_CHRONIC || p->health == HEALTH_GRAVE;
		disabled |= p->health == HEALTH_DISABLED;
		school |= p->study > STUDY_PRESCHOOL;
	}
	size_t cause = rng_weighted(&t->rng, causes, CAUSE_MAX);
	bool fits = cause == BY_ILLNESS ? ill : cause == BY_DISABILITY ? disabled
	            : cause == BY_SCHOOL ? school : true;
	if (!fits)
		return (uint8_t)(OTHERS + rng_range(&t->rng, 0, CAUSE_MAX - OTHERS - 1));
	return (uint8_t)cause;
}

void town_money(struct town *t)
{
	static const uint16_t exits[] = {14, 10, 17, 27, 32};
	for (size_t i = 0; i < t->houses.n; i++) {
		struct house *h = &t->houses.p[i];
		if (h->registered) {
			size_t year = rng_weighted(&t->rng, exits, 5);
			h->exit_year = year ? (int16_t)(2013 + year) : 0;
			h->cause = house_cause(t, h);
			h->attr = rng_permille(&t->rng, 420) ? ATTR_DIBAO : ATTR_ORDINARY;
			if (h->n == 1 && person_age(house_head(t, h)) >= 60 &&
			    rng_permille(&t->rng, 600))
				h->attr = ATTR_TEKUN;
			h->dibao_list = (int8_t)h->attr;
			h->unsafe = !h->exit_year && rng_permille(&t->rng, 90);
			h->water_bad = !h->exit_year && rng_permille(&t->rng, 90);
		} else if (rng_permille(&t->rng, 35)) {
			h->dibao_list = ATTR_DIBAO;
		}
		if (h->dibao_list)
			house_allowance(t, h);
		set_house_grade(t, h);
		if (h->registered)
			house_income(t, h, likely_pc(t, h));
	}
}
