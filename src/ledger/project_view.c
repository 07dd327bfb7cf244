/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/project_view.h"

#include "base/banned.h"

/* Where the wanted ones stand: in which view, and at which place of it. */
struct maker {
	struct project *p;
	struct view *views;
	const int32_t *group;  /* by household */
	int32_t *person_group; /* by person */
	int32_t *at, *person_at;
	struct imap household, person; /* number -> index among the wanted */
};

static int32_t village_index(const struct project *p, const char *code)
{
	const struct area *a = code ? area_find(p->areas, code) : NULL;
	return a ? (int32_t)(a - p->areas->areas) : MATCH_NONE;
}

static void group_people(struct maker *k)
{
	const struct project *p = k->p;
	for (size_t i = 0; i < p->household.n; i++)
		(void)imap_set(&k->household, WANTED(p, household, i).no, (int64_t)i);
	for (size_t i = 0; i < p->person.n; i++) {
		(void)imap_set(&k->person, WANTED(p, person, i).no, (int64_t)i);
		k->person_group[i] = -1;
	}
	for (size_t i = 0; i < p->membership.n; i++) {
		const struct membership *m = &WANTED(p, membership, i);
		int64_t h = imap_get(&k->household, m->household, -1);
		int64_t q = imap_get(&k->person, m->person, -1);
		if (h >= 0 && q >= 0)
			k->person_group[q] = k->group[h];
	}
}

/* Numbers them within their views, and makes room. */
static void place_all(struct maker *k, size_t n_views)
{
	struct project *p = k->p;
	for (size_t i = 0; i < p->household.n; i++)
		if (k->group[i] >= 0)
			k->at[i] = (int32_t)k->views[k->group[i]].n_households++;
	for (size_t i = 0; i < p->person.n; i++)
		if (k->person_group[i] >= 0)
			k->person_at[i] = (int32_t)k->views[k->person_group[i]].n_persons++;
	for (size_t v = 0; v < n_views; v++) {
		struct view *w = &k->views[v];
		w->persons = ARENA_ARRAY(&p->a, w->n_persons + 1, struct match_person);
		w->households = ARENA_ARRAY(&p->a, w->n_households + 1, struct match_household);
		w->household_no = ARENA_ARRAY(&p->a, w->n_households + 1, int64_t);
	}
}

static void put_households(struct maker *k)
{
	const struct project *p = k->p;
	for (size_t i = 0; i < p->household.n; i++) {
		if (k->group[i] < 0)
			continue;
		const struct household *h = &WANTED(p, household, i);
		struct view *v = &k->views[k->group[i]];
		v->household_no[k->at[i]] = h->no;
		v->households[k->at[i]] = (struct match_household){
			.hh_no = str_c(h->hh_no), .village = village_index(p, h->village), .head = MATCH_NONE,
			.group = str_c(h->group_name), .address = str_c(h->address)};
	}
}

static void put_people(struct maker *k)
{
	struct project *p = k->p;
	for (size_t i = 0; i < p->person.n; i++) {
		if (k->person_group[i] < 0)
			continue;
		const struct person *q = &WANTED(p, person, i);
		k->views[k->person_group[i]].persons[k->person_at[i]] = (struct match_person){
			.key = str_c(arena_printf(&p->a, "%lld", (long long)q->no)),
			.name = str_c(q->name),
			.id = idno_parse(str_c(q->id_text), q->id_lossy),
			.birth = q->birth,
			.village = MATCH_NONE,
			.household = MATCH_NONE,
			.phone = str_c(q->phone),
		};
	}
}

static void put_members(struct maker *k)
{
	struct project *p = k->p;
	for (size_t i = 0; i < p->membership.n; i++) {
		const struct membership *m = &WANTED(p, membership, i);
		int64_t h = imap_get(&k->household, m->household, -1);
		int64_t q = imap_get(&k->person, m->person, -1);
		if (h < 0 || q < 0 || FIELD_HAS(m, MEMBERSHIP_, valid_to) || k->group[h] < 0 ||
		    k->person_group[q] != k->group[h])
			continue;
		struct view *v = &k->views[k->group[h]];
		struct match_person *person = &v->persons[k->person_at[q]];
		struct match_household *household = &v->households[k->at[h]];
		person->household = k->at[h];
		person->village = household->village;
		person->key = str_c(arena_printf(&p->a, "%s %lld",
		                                 WANTED(p, household, h).ident, (long long)m->line));
		if (m->relation && strcmp(m->relation, "head") == 0 && household->head < 0) {
			person->head = true;
			household->head = k->person_at[q];
		}
	}
}

void view_make(struct project *p, const int32_t *group, struct view *views, size_t n_views)
{
	struct maker k = {
		.p = p, .views = views, .group = group,
		.person_group = ARENA_ARRAY(&p->a, p->person.n + 1, int32_t),
		.at = ARENA_ARRAY(&p->a, p->household.n + 1, int32_t),
		.person_at = ARENA_ARRAY(&p->a, p->person.n + 1, int32_t),
	};
	imap_init(&k.household);
	imap_init(&k.person);
	group_people(&k);
	place_all(&k, n_views);
	put_households(&k);
	put_people(&k);
	put_members(&k);
	imap_release(&k.household);
	imap_release(&k.person);
}
