/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/project_places.h"

#include "ledger/project.h"
#include "ledger/row_match.h"

#include "base/banned.h"

/* By area: has it towns below it? */
static bool *find_above(const struct area_list *areas, struct arena *a)
{
	bool *ret = ARENA_ARRAY(a, areas->n + 1, bool);
	for (size_t i = 0; i < areas->n; i++) {
		const struct area *area = &areas->areas[i];
		const struct area *above = area->parent && !area_is_village(area) ? area_find(areas, area->parent)
		                                                                  : NULL;
		if (above)
			ret[above - areas->areas] = true;
	}
	return ret;
}

/* The town of a code that a ledger covers. */
static int32_t town_of_code(const struct area_list *areas, const bool *above, struct str code)
{
	char text[32];
	if (!code.n || code.n >= sizeof(text))
		return PLACE_ALL;
	memcpy(text, code.p, code.n);
	text[code.n] = '\0';
	const struct area *area = area_find(areas, text);
	if (area && area_is_village(area))
		area = area->parent ? area_find(areas, area->parent) : NULL;
	bool town = area && !above[area - areas->areas]; /* else there are several, or it is not known */
	return town ? (int32_t)(area - areas->areas) : PLACE_ALL;
}

/* Joins the towns that a ledger covers. */
static int32_t join_covered(struct places *p, const bool *above, const struct ledger *l)
{
	struct str rest = str_c(l->covers), code;
	int32_t first = PLACE_ALL;
	while (str_split(&rest, ',', &code)) {
		int32_t town = town_of_code(p->areas, above, code);
		if (town < 0)
			return PLACE_ALL;
		if (first >= 0)
			places_join(p, first, town);
		first = town;
	}
	return first;
}

/* PLACE_ALL as long as there are several. */
static void find_only(struct places *p)
{
	p->only = PLACE_ALL;
	for (size_t i = 0; i < p->n_ledgers; i++) {
		int32_t place = p->town[i] < 0 ? PLACE_ALL : place_of_town(p, p->town[i]);
		if (place < 0 || place == p->only)
			continue;
		if (p->only >= 0) {
			p->only = PLACE_ALL;
			return;
		}
		p->only = place;
	}
	if (p->only < 0 && p->areas->n)
		p->only = place_of_town(p, 0); /* every ledger is of all */
}

void places_join_all(struct places *p)
{
	for (size_t i = 1; i < p->areas->n; i++)
		places_join(p, 0, (int32_t)i);
	find_only(p);
}

void places_make(struct places *p, const struct area_list *areas, const struct ledger *ledgers,
                 size_t n, const bool *bridge, struct arena *a)
{
	const bool *above = find_above(areas, a);
	bool one = false;
	*p = (struct places){.areas = areas, .n_ledgers = n};
	p->up = ARENA_ARRAY(a, areas->n + 1, int32_t);
	p->town = ARENA_ARRAY(a, n + 1, int32_t);
	for (size_t i = 0; i < areas->n; i++)
		p->up[i] = (int32_t)i;
	for (size_t i = 0; i < n; i++) {
		bool concerns = project_concerns(ledgers[i].layout);
		p->town[i] = concerns ? join_covered(p, above, &ledgers[i]) : PLACE_ALL;
		one |= p->town[i] < 0 && (bridge[i] || strcmp(ledgers[i].layout, "roster") == 0);
	}
	if (one)
		places_join_all(p);
	else
		find_only(p);
}

void places_copy(struct places *to, const struct places *p, struct arena *a)
{
	*to = *p;
	to->up = ARENA_ARRAY(a, p->areas->n + 1, int32_t);
	memcpy(to->up, p->up, p->areas->n * sizeof(to->up[0]));
}

int32_t place_of_town(const struct places *p, int32_t town)
{
	while (p->up[town] != town)
		town = p->up[town];
	return town;
}

int32_t place_of_ledger(const struct places *p, size_t ledger)
{
	return p->town[ledger] < 0 ? p->only : place_of_town(p, p->town[ledger]);
}

void places_join(struct places *p, int32_t town, int32_t other)
{
	int32_t x = place_of_town(p, town), y = place_of_town(p, other);
	/* the first of the list stays on top */
	if (x < y)
		p->up[y] = x;
	else
		p->up[x] = y;
	if (p->only >= 0)
		p->only = place_of_town(p, p->only);
}
