/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A small town as lines: the first character says what (P person, B population
 * row, R ledger row), fields follow, separated by tabs.  Whatever comes, every
 * row gets a link whose parts lie in the arrays.
 */
#include <assert.h>

#include "match/match.h"

enum { LINES_MAX = 64, FIELDS = 8, HOUSES = 4 };

struct town {
	struct match_person persons[LINES_MAX];
	struct match_bridge bridge[LINES_MAX];
	struct match_row rows[LINES_MAX];
	struct match_household households[HOUSES];
	size_t n_persons, n_bridge, n_rows;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int32_t digit(struct str s, int32_t below)
{
	return s.n > 0 && s.p[0] >= '0' && s.p[0] < '0' + below ? s.p[0] - '0' : MATCH_NONE;
}

static void add_line(struct town *t, struct str line)
{
	struct str f[FIELDS] = {0};
	char what = line.p[0];

	line = str_sub(line, 1, line.n);
	for (size_t i = 0; i < FIELDS && str_split(&line, '\t', &f[i]);)
		i++;
	if (what == 'P') {
		struct match_person *p = &t->persons[t->n_persons++];
		*p = (struct match_person){.key = f[0], .name = f[0], .id = idno_parse(f[1], false),
		                           .birth = date_parse(f[2]), .village = digit(f[3], 2),
		                           .household = digit(f[4], HOUSES), .phone = f[5]};
		p->head = p->household >= 0 && t->households[p->household].head < 0;
		if (p->head)
			t->households[p->household].head = (int32_t)t->n_persons - 1;
	} else if (what == 'B') {
		t->bridge[t->n_bridge++] = (struct match_bridge){
			.name = f[0], .id = idno_parse(f[1], false), .birth = date_parse(f[2]),
			.village = digit(f[3], 2), .address = f[4], .cancelled = f[5].n > 0};
	} else if (what == 'R') {
		t->rows[t->n_rows++] = (struct match_row){
			.key = f[0], .name = f[0], .id_text = f[1], .birth = date_parse(f[2]),
			.village = f[3], .hh_no = f[4], .head_name = f[5], .card_text = f[6],
			.phone = f[7], .id_lossy = f[7].n % 2 == 1};
	}
}

static void check(const struct town *t, const struct match_link *l)
{
	struct buf why;

	assert(l->band < MATCH_BAND_MAX && l->method < MATCH_METHOD_MAX);
	assert(l->person >= -1 && l->person < (int32_t)t->n_persons);
	assert(l->household >= -1 && l->household < HOUSES);
	assert(l->bridge >= -1 && l->bridge < (int32_t)t->n_bridge);
	assert(l->band != MATCH_NOT_OURS || l->person == MATCH_NONE);
	buf_init(&why, 2000);
	match_why(l, LANG_ZH, &why);
	assert(why.n > 0);
	buf_release(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct town t;
	static struct match_link links[LINES_MAX];
	const struct match_area areas[2] = {{.name = STR("万台村")}, {.name = STR("渔民社区")}};
	struct str rest = {(const char *)data, size < 8192 ? size : 8192}, line;

	t = (struct town){.n_rows = 0};
	for (int i = 0; i < HOUSES; i++)
		t.households[i] = (struct match_household){
			.hh_no = str_sub(STR("34129911500100000341299115001000013412991150010010341299115001001"),
			                 (size_t)i * 16, 16),
			.village = i % 2, .head = MATCH_NONE};
	for (int n = 0; n < LINES_MAX && str_split(&rest, '\n', &line); n++)
		if (line.n > 0)
			add_line(&t, line);
	struct match_census *census = match_census_new(t.n_bridge);
	for (size_t i = 0; i < t.n_bridge; i++)
		match_census_put(census, 0, i, &t.bridge[i]);
	struct match_people people = {.areas = areas, .n_areas = 2, .persons = t.persons,
	                              .n_persons = t.n_persons, .households = t.households,
	                              .n_households = HOUSES, .census = census,
	                              .by_village = size % 2 == 1};
	struct match *m = match_new(&people);
	for (int kind = 0; kind < 4; kind++) {
		struct match_opts opts = {.target = kind % 2 ? MATCH_HOUSEHOLD : MATCH_PERSON,
		                          .one_to_one = kind / 2};
		match_ledger(m, t.rows, t.n_rows, &opts, links);
		for (size_t i = 0; i < t.n_rows; i++)
			check(&t, &links[i]);
	}
	match_free(m);
	return 0;
}
