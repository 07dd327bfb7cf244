/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/sheet.h"

#include <stdlib.h>

#include "base/banned.h"

static void add(struct lines *out, uint32_t house, uint32_t person, uint32_t item)
{
	*vec_push(out) = (struct line){house, person, item, 0};
}

static bool on_list(const struct town *t, enum ledger ledger, const struct person *p)
{
	const struct house *h = p->house == NO_HOUSE ? NULL : &t->houses.p[p->house];
	bool head = h && house_head(t, h) == p;
	switch (ledger) {
	case LEDGER_POLICE:
		return p->in_police;
	case LEDGER_INSURANCE:
		return h && p->insured;
	case LEDGER_DIBAO:
		return head && h->dibao_list;
	case LEDGER_HOUSE:
		return head && h->house_grade;
	case LEDGER_DISABILITY:
		return p->card_grade;
	case LEDGER_VEHICLE:
		return p->vehicle;
	case LEDGER_FIRM:
		return p->firm;
	case LEDGER_ESTATE:
		return p->estate;
	case LEDGER_FISCAL:
		return p->fiscal;
	case LEDGER_STUDENT:
		return p->pupil;
	case LEDGER_WORK:
		return p->worker;
	default:
		return false;
	}
}

static void roster_lines(const struct town *t, struct lines *out)
{
	for (uint32_t i = 0; i < t->houses.n; i++) {
		const struct house *h = &t->houses.p[i];
		if (!h->registered)
			continue;
		for (uint32_t k = 0; k < h->n; k++)
			add(out, i, h->first + k, 0);
		if (h->guest >= 0)
			add(out, i, (uint32_t)h->guest, 1);
	}
}

static void house_lines(const struct town *t, enum ledger ledger, struct lines *out)
{
	for (uint32_t i = 0; i < t->houses.n; i++) {
		const struct house *h = &t->houses.p[i];
		if (h->registered && (ledger == LEDGER_INCOME ? !h->no_income : h->helper >= 0))
			add(out, i, h->first, 0);
	}
}

static void item_lines(const struct town *t, enum ledger ledger, struct lines *out)
{
	if (ledger == LEDGER_MEASURE)
		for (uint32_t i = 0; i < t->measures.n; i++)
			add(out, t->measures.p[i].house, t->houses.p[t->measures.p[i].house].first, i);
	else if (ledger == LEDGER_VISIT)
		for (uint32_t i = 0; i < t->visits.n; i++)
			add(out, t->visits.p[i].house, t->houses.p[t->visits.p[i].house].first, i);
	else
		for (uint32_t i = 0; i < t->contracts.n; i++)
			add(out, t->contracts.p[i].house,
			    t->houses.p[t->contracts.p[i].house].first, i);
}

static void shuffle(struct town *t, struct lines *lines)
{
	for (size_t i = lines->n; i > 1; i--) {
		size_t k = rng_below(&t->rng, (uint32_t)i);
		struct line swap = lines->p[i - 1];
		lines->p[i - 1] = lines->p[k];
		lines->p[k] = swap;
	}
}

struct keyed {
	int64_t key;
	struct line line;
};

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	return x->key < y->key ? -1 : x->key > y->key ? 1 : 0;
}

/* Stable: the old place breaks ties. */
static void sort_lines(const struct town *t, struct lines *lines, bool dates)
{
	struct keyed *keys = base_calloc(lines->n + 1, sizeof(*keys));
	for (size_t i = 0; i < lines->n; i++) {
		const struct line *l = &lines->p[i];
		const struct person *p = &t->people.p[l->person];
		int64_t major = p->away;
		if (dates)
			major = t->visits.p[l->item].date;
		else if (l->house != NO_HOUSE)
			major = t->houses.p[l->house].village;
		keys[i] = (struct keyed){major * 10000000 + (int64_t)i, *l};
	}
	qsort(keys, lines->n, sizeof(*keys), by_key);
	for (size_t i = 0; i < lines->n; i++)
		lines->p[i] = keys[i].line;
	base_free(keys);
}

static void person_lines(const struct town *t, enum ledger ledger, bool members,
                         struct lines *out)
{
	for (uint32_t i = 0; i < t->people.n; i++) {
		const struct person *p = &t->people.p[i];
		bool with_head = members && p->house != NO_HOUSE &&
		                 on_list(t, ledger, house_head(t, &t->houses.p[p->house]));
		if (with_head || on_list(t, ledger, p))
			add(out, p->house, i, 0);
	}
}

/* Keeps the last visit of each household; the lines are in order of their days. */
static void keep_last(const struct town *t, struct lines *lines)
{
	size_t n = 0;
	uint8_t *seen = base_calloc(t->houses.n + 1, 1);
	for (size_t i = lines->n; i-- > 0;) {
		uint32_t house = lines->p[i].house;
		lines->p[i].number = seen[house]++ == 0;
	}
	for (size_t i = 0; i < lines->n; i++)
		if (lines->p[i].number)
			lines->p[n++] = lines->p[i];
	lines->n = n;
	base_free(seen);
}

void ledger_lines(struct town *t, enum ledger ledger, unsigned flags, struct lines *ret)
{
	ret->n = 0;
	if (ledger == LEDGER_ROSTER)
		roster_lines(t, ret);
	else if (ledger == LEDGER_INCOME || ledger == LEDGER_HELPER)
		house_lines(t, ledger, ret);
	else if (ledger <= LEDGER_CONTRACT)
		item_lines(t, ledger, ret);
	else
		person_lines(t, ledger, flags & ALL_MEMBERS, ret);
	if (ledger >= LEDGER_CONTRACT)
		shuffle(t, ret);
	if (ledger == LEDGER_VISIT)
		sort_lines(t, ret, true);
	if (flags & LAST_ONLY)
		keep_last(t, ret);
	if (flags & (BY_SHEET | BY_FILE | BY_SECTION | SORT_VILLAGE))
		sort_lines(t, ret, false);
	for (size_t i = 0; i < ret->n; i++)
		ret->p[i].number = (uint32_t)i;
}
