/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/town.h"

#include "base/banned.h"

enum { YUAN = 100, LAST_DAY = 20180113 };

static const char *const units[] = {
	"镇党政办", "镇农技站", "镇卫生院", "镇财政所", "县林业局", "县水利局", "县教育局",
	"县民政局", "县国土局", "县交通局", "中心学校", "县供电公司", "县农商行", "镇计生办",
};

static struct helper *helper_new(struct town *t)
{
	struct helper *p = vec_push(&t->helpers);
	bool male = rng_permille(&t->rng, 750);
	p->name = name_whole(&t->rng, NULL, male, t->arena);
	p->unit = RNG_PICK(&t->rng, units);
	p->phone = arena_printf(t->arena, "100%08u", rng_below(&t->rng, 100000000));
	for (size_t i = 0; i + 1 < t->helpers.n; i++)
		if (strcmp(t->helpers.p[i].name, p->name) == 0) {
			/* the same name twice is an oddity of its own (odd.c) */
			p->name = arena_printf(t->arena, "%s%s", p->name, "民");
			i = SIZE_MAX;
		}
	return p;
}

static void add_visits(struct town *t, uint32_t house)
{
	int32_t last = date_to_days(LAST_DAY) - rng_range(&t->rng, 0, 75);
	int n = rng_range(&t->rng, 1, 3);
	for (int i = 0; i < n; i++) {
		struct visit *v = vec_push(&t->visits);
		v->house = house;
		v->date = date_from_days(last);
		v->content = (uint8_t)rng_below(&t->rng, 5);
		last -= rng_range(&t->rng, 14, 70);
	}
}

static void add_measures(struct town *t, uint32_t house)
{
	static const int amounts[] = {500, 800, 1000, 1500, 2000, 3000, 5000, 10000, 20000};
	int n = rng_range(&t->rng, 1, 3);
	for (int i = 0; i < n; i++) {
		struct measure *m = vec_push(&t->measures);
		m->house = house;
		m->category = (uint8_t)rng_below(&t->rng, 8);
		m->content = (uint8_t)rng_below(&t->rng, 6);
		m->date = date_from_days(date_to_days(20160201) + rng_range(&t->rng, 0, 690));
		m->money = RNG_PICK(&t->rng, amounts) * YUAN;
	}
}

static void add_contract(struct town *t, uint32_t house)
{
	static const int amounts[] = {600, 800, 1000, 1500, 3000};
	static const uint16_t share[] = {59, 19, 11, 11};
	struct contract *c = vec_push(&t->contracts);
	c->house = house;
	c->company = (uint8_t)rng_weighted(&t->rng, share, 4);
	c->mode = (uint8_t)rng_below(&t->rng, 4);
	c->amount = c->paid = RNG_PICK(&t->rng, amounts) * YUAN;
	c->due = date_from_days(date_to_days(20171115) + rng_range(&t->rng, 0, 50));
}

static void name_companies(struct town *t)
{
	static const char *const firms[] = {"颍上县%s生态渔业有限公司", "安徽%s食品有限公司",
	                                    "颍上县%s蔬菜有限公司", "%s旅游发展有限公司"};
	static const char *const coops[] = {"%s渔业专业合作社", "%s瓜蒌种植专业合作社", "%s蔬菜合作社",
	                                    "%s农家乐合作社"};
	for (size_t i = 0; i < 4; i++) {
		struct str f = str_c(firms[i]), c = str_c(coops[i]);
		size_t at = str_find(f, STR("%s"));
		t->companies[i] = arena_printf(t->arena, "%.*s%s%s", (int)at, f.p, t->stem,
		                               f.p + at + 2);
		t->coops[i] = arena_printf(t->arena, "%s%s", t->stem, c.p + 2);
	}
}

void town_duties(struct town *t)
{
	uint32_t room = 0;
	name_companies(t);
	for (uint32_t i = 0; i < t->houses.n; i++) {
		struct house *h = &t->houses.p[i];
		if (!h->registered)
			continue;
		if (room == 0) {
			(void)helper_new(t);
			room = (uint32_t)rng_range(&t->rng, 3, 9);
		}
		room--;
		h->helper = (int32_t)t->helpers.n - 1;
		t->helpers.p[h->helper].households++;
		add_visits(t, i);
		add_measures(t, i);
		if (rng_permille(&t->rng, 550))
			add_contract(t, i);
	}
}
