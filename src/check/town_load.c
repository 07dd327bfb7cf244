/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/town_load.h"

#include "check/town_in.h"

#include "base/banned.h"

static void load_villages(struct loader *l)
{
	const struct area_list *areas = l->o->areas;
	struct town_village *v = ARENA_ARRAY(l->a, areas->n + 1, struct town_village);
	const struct area *root = area_find(areas, l->o->root);
	size_t n = 0;
	l->village_of_area = ARENA_ARRAY(&l->scratch, areas->n + 1, int32_t);
	for (size_t i = 0; i < areas->n; i++) {
		const struct area *at = &areas->areas[i];
		l->village_of_area[i] = TOWN_NONE;
		if (!area_is_village(at) || !area_within(areas, at->code, l->o->root))
			continue;
		l->village_of_area[i] = (int32_t)n;
		const struct area *town = at->parent ? area_find(areas, at->parent) : root;
		v[n++] = (struct town_village){str_c(at->code), str_c(at->name),
		                               str_c(town ? town->name : l->o->root)};
	}
	l->t->villages = v;
	l->t->n_villages = n;
	l->t->area = str_c(l->o->root);
	l->t->name = str_c(root ? root->name : l->o->root);
}

int32_t town_village_of(const struct loader *l, const char *code)
{
	const struct area *at = code ? area_find(l->o->areas, code) : NULL;
	return at ? l->village_of_area[at - l->o->areas->areas] : TOWN_NONE;
}

static enum err load_ledger_list(struct loader *l)
{
	enum err e = ledger_all(l->db, &l->scratch, &l->ledgers, &l->n_ledgers);
	if (e)
		return e;
	size_t n = 0;
	l->in = ARENA_ARRAY(&l->scratch, l->n_ledgers + 1, bool);
	l->town_ledger = ARENA_ARRAY(&l->scratch, l->n_ledgers + 1, int32_t);
	ledger_in_force(l->ledgers, l->n_ledgers, l->o->as_of, l->in);
	for (size_t i = 0; i < l->n_ledgers; i++)
		n += l->in[i];
	struct town_ledger *out = ARENA_ARRAY(l->a, n + 1, struct town_ledger);
	n = 0;
	for (size_t i = 0; i < l->n_ledgers; i++) {
		const struct ledger *g = &l->ledgers[i];
		const struct pack_layout *layout = pack_layout(l->o->pack, g->layout);
		l->town_ledger[i] = TOWN_NONE;
		by_number_set(&l->ledger, g->no, (int32_t)i);
		if (!l->in[i] || !layout)
			continue;
		uint8_t *covers = ARENA_ARRAY(l->a, l->t->n_villages + 1, uint8_t);
		for (size_t v = 0; v < l->t->n_villages; v++)
			covers[v] = ledger_covers(g, l->t->villages[v].code.p);
		l->town_ledger[i] = (int32_t)n;
		out[n++] = (struct town_ledger){
			.layout = str_c(layout->id),
			.no = g->no,
			.title = str_c(layout->title.in[LANG_ZH]),
			.file = str_copy(l->a, str_c(g->file)),
			.office = str_c(layout->office.in[LANG_ZH]),
			.as_of = g->as_of,
			.received = g->received,
			.year = FIELD_HAS(g, LEDGER_, year) ? g->year : TOWN_MISSING,
			.complete = !g->partial,
			.authorised = g->authorisation != NULL,
			.covers_all = strcmp(g->covers, "*") == 0,
			.covers = covers,
		};
	}
	l->t->ledgers = out;
	l->t->n_ledgers = n;
	return OK;
}

int32_t town_ledger_of(const struct loader *l, int64_t no)
{
	int32_t at = by_number_get(&l->ledger, no);
	const char *layout = at >= 0 ? l->ledgers[at].layout : NULL;
	if (at >= 0 && l->town_ledger[at] >= 0)
		return l->town_ledger[at];
	/* what a correction left unchanged still points at the file before it */
	for (size_t i = l->n_ledgers; layout && i-- > 0;)
		if (l->town_ledger[i] >= 0 && strcmp(l->ledgers[i].layout, layout) == 0)
			return l->town_ledger[i];
	return TOWN_NONE;
}

enum err town_load(const struct town_opts *o, struct arena *a, struct town *ret)
{
	struct town t = {.as_of = o->as_of};
	struct loader l = {.o = o, .db = journal_db(o->j), .a = a, .t = &t};
	arena_init(&l.scratch, 0);
	by_number_init(&l.household);
	by_number_init(&l.person);
	by_number_init(&l.ledger);
	load_villages(&l);
	enum err e = load_ledger_list(&l);
	l.team = team_new(0);
	if (!e)
		e = town_load_people_and_ledgers(&l);
	team_free(l.team);
	town_members_free(&l);
	arena_release(&l.scratch);
	by_number_release(&l.household);
	by_number_release(&l.person);
	by_number_release(&l.ledger);
	if (!e)
		*ret = t;
	return e;
}
