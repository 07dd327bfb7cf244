/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Small invented towns; numbers carry the unassigned prefix 341299. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "link/hanname.h"
#include "match/match.h"
#include "census.h"

enum { MAX = 64 };

/* A register and a population file filled by hand. */
struct town {
	struct arena arena;
	struct match_area areas[4];
	struct match_person persons[MAX];
	struct match_household households[MAX];
	struct match_bridge bridge[MAX];
	size_t n_bridge;
	struct match_people people;
	struct match *m;
};

/* A number in order from its first 17 digits. */
static struct str number(struct town *t, const char *id17)
{
	return str_c(arena_printf(&t->arena, "%s%c", id17, idno_check_char(id17)));
}

static void town_start(struct town *t)
{
	static const char *const names[] = {"万台村", "渔民社区", "尤湖村", "朱岗村"};
	*t = (struct town){.people = {.n_areas = 4}};
	arena_init(&t->arena, 1 << 20);
	for (int i = 0; i < 4; i++)
		t->areas[i].name = str_c(names[i]);
	t->people.areas = t->areas;
	t->people.persons = t->persons;
	t->people.households = t->households;
}

static int32_t add_household(struct town *t, const char *hh_no, int32_t village)
{
	size_t i = t->people.n_households++;
	t->households[i] = (struct match_household){.hh_no = str_c(hh_no), .village = village,
	                                              .head = MATCH_NONE};
	return (int32_t)i;
}

/* The first person of a household is its head. */
static int32_t add_person(struct town *t, int32_t household, const char *name, struct str id)
{
	size_t i = t->people.n_persons++;
	struct match_person *p = &t->persons[i];
	p->key = str_c(arena_printf(&t->arena, "%d %zu", household, i));
	p->name = str_c(name);
	p->id = idno_parse(id, false);
	p->household = household;
	p->village = t->households[household].village;
	if (t->households[household].head < 0) {
		t->households[household].head = (int32_t)i;
		p->head = true;
	}
	return (int32_t)i;
}

static int32_t add_bridge(struct town *t, const char *name, struct str id, int32_t village)
{
	size_t i = t->n_bridge++;
	t->bridge[i] = (struct match_bridge){.name = str_c(name), .id = idno_parse(id, false),
	                                     .village = village};
	return (int32_t)i;
}

static void town_ready(struct town *t)
{
	t->people.census = census_of(t->bridge, t->n_bridge);
	t->m = match_new(&t->people);
}

static void town_end(struct town *t)
{
	match_free(t->m);
	arena_release(&t->arena);
}

/* Everybody whom an unclear row may be about. */
struct told {
	int32_t person[8];
	size_t n;
};

static void tell(void *arg, size_t row, int32_t person)
{
	struct told *told = arg;
	assert_int_equal(row, 0);
	assert_true(told->n < 8);
	told->person[told->n++] = person;
}

static struct match_link one(struct town *t, struct match_row row, enum match_target target)
{
	struct match_opts opts = {.target = target};
	struct match_link link;
	match_ledger(t->m, &row, 1, &opts, &link);
	return link;
}

/* 王芳 and 李强 with son in one household, namesakes on and off the register. */
static void small_town(struct town *t)
{
	town_start(t);
	int32_t a = add_household(t, "3412991150010004", 0);
	int32_t b = add_household(t, "3412991150010009", 0);
	int32_t c = add_household(t, "3412991150020013", 1);
	add_person(t, a, "李强", number(t, "34129919700101001"));       /* 0 */
	add_person(t, a, "王芳", number(t, "34129919720202002"));       /* 1 */
	add_person(t, a, "李小明", number(t, "34129919990303003"));     /* 2 */
	add_person(t, b, "曾庆国", number(t, "34129919600404005"));     /* 3 */
	add_person(t, b, "刘兰英", number(t, "34129919620505004"));     /* 4 */
	add_person(t, c, "王芳", number(t, "34129919800606006"));       /* 5 */
	add_person(t, c, "张双", number(t, "34129920100707007"));       /* 6: twins */
	add_person(t, c, "张对", number(t, "34129920100707009"));       /* 7 */
}

static void small_bridge(struct town *t)
{
	for (size_t i = 0; i < t->people.n_persons; i++)
		add_bridge(t, t->persons[i].name.p, str_c(t->persons[i].id.id18), t->persons[i].village);
	add_bridge(t, "刘兰英", number(t, "34129919710808008"), 0);
	add_bridge(t, "赵铁柱", number(t, "34129919550909009"), 2);
}

static void test_match__exact_number(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	town_ready(&t);
	struct match_link l = one(&t, (struct match_row){.name = STR("曾庆国"),
	                                                 .id_text = number(&t, "34129919600404005")}, 0);
	assert_int_equal(l.person, 3);
	assert_int_equal(l.household, 1);
	assert_int_equal(l.band, MATCH_SURE);
	assert_int_equal(l.method, MATCH_BY_ID);
	/* a homophone in the name changes nothing */
	l = one(&t, (struct match_row){.name = STR("增庆国"), .id_text = number(&t, "34129919600404005")}, 0);
	assert_int_equal(l.person, 3);
	assert_int_equal(l.band, MATCH_SURE);
	assert_int_equal(l.name, HANNAME_HOMOPHONE);
	/* 15 digits */
	l = one(&t, (struct match_row){.name = STR("曾庆国"), .id_text = STR("341299600404005")}, 0);
	assert_int_equal(l.person, 3);
	assert_int_equal(l.method, MATCH_BY_ID_15);
	assert_int_equal(l.band, MATCH_SURE);
	/* a disability card */
	struct str card = str_c(arena_printf(&t.arena, "%s42", t.persons[4].id.id18));
	l = one(&t, (struct match_row){.name = STR("刘兰英"), .card_text = card}, 0);
	assert_int_equal(l.person, 4);
	assert_int_equal(l.method, MATCH_BY_ID_CARD);
	/* somebody else's name on the number, nothing else known */
	l = one(&t, (struct match_row){.name = STR("孙悟空"), .id_text = number(&t, "34129919600404005")}, 0);
	assert_int_equal(l.band, MATCH_UNCLEAR);
	assert_int_equal(l.person, 3);
	town_end(&t);
}

static void test_match__damaged_number_needs_the_name(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	town_ready(&t);
	struct str good = number(&t, "34129919600404005");
	char bad[19];
	memcpy(bad, good.p, 19);
	bad[8] = '9';
	struct match_link l = one(&t, (struct match_row){.name = STR("曾庆国"), .id_text = str_c(bad)}, 0);
	assert_int_equal(l.person, 3);
	assert_int_equal(l.method, MATCH_BY_ID_ONE_DIGIT);
	assert_int_equal(l.band, MATCH_SURE);
	l = one(&t, (struct match_row){.name = STR("周大福"), .id_text = str_c(bad)}, 0);
	assert_true(l.band <= MATCH_UNCLEAR);
	memcpy(bad, good.p, 19);
	bad[9] = good.p[8];
	bad[8] = good.p[9];
	l = one(&t, (struct match_row){.name = STR("曾庆国"), .id_text = str_c(bad)}, 0);
	assert_int_equal(l.method, bad[8] == bad[9] ? MATCH_BY_ID : MATCH_BY_ID_SWAP);
	assert_int_equal(l.person, 3);
	/* the tail lost in a float */
	l = one(&t, (struct match_row){.name = STR("曾庆国"), .id_text = STR("3.41299196004040E+17"),
	                               .id_lossy = true}, 0);
	assert_int_equal(l.person, 3);
	assert_int_equal(l.method, MATCH_BY_ID_LOSSY);
	assert_int_equal(l.band, MATCH_SURE);
	town_end(&t);
}

static void test_match__twins_are_not_one_slip_apart(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	town_ready(&t);
	struct match_link l = one(&t, (struct match_row){.name = STR("张对"), .village = STR("渔民社区居委会"),
	                                                 .id_text = number(&t, "34129920100707009")}, 0);
	assert_int_equal(l.person, 7);
	/* one twin's number with the other's name: the household is clear, the person not */
	l = one(&t, (struct match_row){.name = STR("张对"), .id_text = number(&t, "34129920100707007")}, 0);
	assert_int_equal(l.method, MATCH_BY_ID_FAMILY);
	assert_int_equal(l.band, MATCH_UNCLEAR);
	assert_int_equal(l.household, 2);
	assert_int_equal(l.household_band, MATCH_SURE);
	assert_int_equal(l.person, 7);
	struct told told = {.n = 0};
	struct match_row family = {.name = STR("张对"), .id_text = number(&t, "34129920100707007")};
	struct match_opts opts = {.target = MATCH_PERSON, .candidate = tell, .arg = &told};
	match_ledger(t.m, &family, 1, &opts, &l);
	assert_int_equal(told.n, 2);
	assert_int_equal(told.person[0], 7);
	assert_int_equal(told.person[1], 6);
	/* a third child of that day who is not on the register */
	l = one(&t, (struct match_row){.name = STR("赵双"), .village = STR("渔民社区"),
	                               .id_text = number(&t, "34129920100707005")}, 0);
	assert_int_equal(l.band, MATCH_NOT_OURS);
	town_end(&t);
}

static void test_match__names_alone(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	small_bridge(&t);
	town_ready(&t);
	/* the only one in the village */
	struct match_link l = one(&t, (struct match_row){.name = STR("王芳"), .village = STR("万台村委会")}, 0);
	assert_int_equal(l.person, 1);
	assert_int_equal(l.band, MATCH_PROBABLE);
	assert_int_equal(l.method, MATCH_BY_NAME_VILLAGE);
	l = one(&t, (struct match_row){.name = STR("王芳"), .address = STR("八里河镇渔民社区居民委员会3组")}, 0);
	assert_int_equal(l.person, 5);
	/* a namesake off the register in the same village */
	l = one(&t, (struct match_row){.name = STR("刘兰英"), .village = STR("万台")}, 0);
	assert_int_equal(l.band, MATCH_UNCLEAR);
	assert_int_equal(l.person, 4);
	assert_int_equal(l.rivals, 1);
	/* who is told apart by the birth date */
	l = one(&t, (struct match_row){.name = STR("刘兰英"), .village = STR("万台"), .birth = 19620505}, 0);
	assert_int_equal(l.band, MATCH_SURE);
	assert_int_equal(l.method, MATCH_BY_NAME_BIRTH_VILLAGE);
	assert_int_equal(l.person, 4);
	l = one(&t, (struct match_row){.name = STR("刘兰英"), .village = STR("万台"), .birth = 19710808}, 0);
	assert_int_equal(l.band, MATCH_NOT_OURS);
	assert_int_equal(l.person, MATCH_NONE);
	assert_int_equal(l.bridge, 8);
	/* off the register by number, though the name is ours too */
	l = one(&t, (struct match_row){.name = STR("刘兰英"), .id_text = number(&t, "34129919710808008")}, 0);
	assert_int_equal(l.band, MATCH_NOT_OURS);
	assert_int_equal(l.bridge, 8);
	/* a number in order that nobody here has */
	l = one(&t, (struct match_row){.name = STR("王芳"), .village = STR("万台"),
	                               .id_text = number(&t, "34129919910101002")}, 0);
	assert_int_equal(l.band, MATCH_NOT_OURS);
	/* nobody */
	l = one(&t, (struct match_row){.name = STR("钱多多"), .village = STR("万台")}, 0);
	assert_int_equal(l.band, MATCH_NOT_OURS);
	l = one(&t, (struct match_row){.name = STR("")}, 0);
	assert_int_equal(l.band, MATCH_NOT_OURS);
	town_end(&t);
}

static void test_match__without_bridge_names_are_no_proof(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	town_ready(&t);
	struct match_link l = one(&t, (struct match_row){.name = STR("曾庆国"), .village = STR("万台")}, 0);
	assert_int_equal(l.person, 3);
	assert_int_equal(l.band, MATCH_UNCLEAR);
	l = one(&t, (struct match_row){.name = STR("曾庆国"), .village = STR("万台"), .birth = 19600404}, 0);
	assert_int_equal(l.band, MATCH_PROBABLE);
	town_end(&t);
}

static void test_match__a_bridge_of_other_places_proves_nothing(void **state)
{
	(void)state;
	struct town t;
	struct match_link link;
	struct match_row row = {.name = STR("曾庆国"), .village = STR("万台村")};
	small_town(&t);
	small_bridge(&t);
	town_ready(&t);
	for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
		struct match_opts opts = {.bridge_elsewhere = elsewhere};
		match_ledger(t.m, &row, 1, &opts, &link);
		assert_int_equal(link.person, 3);
		assert_int_equal(link.band, elsewhere ? MATCH_UNCLEAR : MATCH_PROBABLE);
	}
	town_end(&t);
}

static void test_match__bridge_mends_the_register(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	small_bridge(&t);
	/* on the register 曾庆国's number has a wrong digit, 王芳 of household 0 none */
	struct str wrong = str_c(arena_strdup(&t.arena, t.persons[3].id.id18));
	((char *)(uintptr_t)wrong.p)[15] = '8';
	t.persons[3].id = idno_parse(wrong, false);
	t.persons[1].id = (struct idno){.n = 0};
	town_ready(&t);
	assert_int_equal(match_person_bridge(t.m, 3).bridge, 3);
	assert_int_equal(match_person_bridge(t.m, 3).band, MATCH_SURE);
	assert_int_equal(match_person_bridge(t.m, 1).bridge, 1);
	assert_int_equal(match_bridge_person(t.m, 1), 1);
	assert_int_equal(match_bridge_person(t.m, 8), MATCH_NONE);
	/* an office has the right number: it is found through the population file */
	struct match_link l = one(&t, (struct match_row){.name = STR("王芳"),
	                                                 .id_text = number(&t, "34129919720202002")}, 0);
	assert_int_equal(l.person, 1);
	assert_int_equal(l.band, MATCH_SURE);
	town_end(&t);
}

static void test_match__one_to_one(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	small_bridge(&t);
	town_ready(&t);
	struct match_row rows[] = {
		{.key = STR("r1"), .name = STR("刘兰英"), .village = STR("万台")},
		{.key = STR("r2"), .name = STR("刘兰英"), .id_text = number(&t, "34129919710808008")},
		{.key = STR("r3"), .name = STR("曾庆国"), .id_text = number(&t, "34129919600404005")},
	};
	struct match_opts opts = {.one_to_one = true};
	struct match_link links[3];
	match_ledger(t.m, rows, 3, &opts, links);
	assert_int_equal(links[0].person, 4);
	assert_int_equal(links[0].band, MATCH_PROBABLE);
	assert_int_equal(links[1].band, MATCH_NOT_OURS);
	/* without the row that names the other, it stays open */
	match_ledger(t.m, rows, 1, &opts, links);
	assert_int_equal(links[0].band, MATCH_UNCLEAR);
	/* two rows for two namesakes: both are in the list, who is who is open */
	rows[1].id_text = (struct str){0};
	rows[1].village = STR("万台");
	match_ledger(t.m, rows, 2, &opts, links);
	assert_int_equal((links[0].person == 4) + (links[1].person == 4), 1);
	town_end(&t);
}

static void test_match__answers_win(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	small_bridge(&t);
	town_ready(&t);
	struct match_row rows[] = {
		{.key = STR("r1"), .name = STR("刘兰英"), .village = STR("万台")},
		{.key = STR("r2"), .name = STR("曾庆国"), .id_text = number(&t, "34129919600404005")},
	};
	const struct match_fixed fixed[] = {{STR("r1"), 4, MATCH_NONE},
	                                    {STR("r2"), MATCH_NONE, MATCH_NONE}};
	struct match_opts opts = {.fixed = fixed, .n_fixed = 2};
	struct match_link links[2];
	match_ledger(t.m, rows, 2, &opts, links);
	assert_int_equal(links[0].person, 4);
	assert_int_equal(links[0].household, 1);
	assert_int_equal(links[0].band, MATCH_SURE);
	assert_int_equal(links[0].method, MATCH_BY_ANSWER);
	assert_int_equal(links[1].band, MATCH_NOT_OURS);
	town_end(&t);
}

static void test_match__households(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	small_bridge(&t);
	town_ready(&t);
	const char *const numbers[] = {"3412991150010009", " 3412 9911 5001 0009 ", "'3412991150010009",
	                               "３４１２９９１１５００１０００９", "03412991150010009",
	                               "3412991150010009.0"};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct match_link l = one(&t, (struct match_row){.hh_no = str_c(numbers[i])}, MATCH_HOUSEHOLD);
		assert_int_equal(l.household, 1);
		assert_int_equal(l.band, MATCH_SURE);
		assert_int_equal(l.method, MATCH_BY_HH_NO);
	}
	/* 15 digits of a float fit two households: the head decides */
	struct match_row lossy = {.hh_no = STR("3.41299115001000E+15"), .head_name = STR("曾庆国")};
	struct match_link l = one(&t, lossy, MATCH_HOUSEHOLD);
	assert_int_equal(l.household, 1);
	assert_int_equal(l.band, MATCH_SURE);
	lossy.head_name = STR("");
	assert_int_equal(one(&t, lossy, MATCH_HOUSEHOLD).band, MATCH_NOT_OURS);
	/* village and head */
	l = one(&t, (struct match_row){.head_name = STR("曾庆国"), .village = STR("八里河镇万台村")},
	        MATCH_HOUSEHOLD);
	assert_int_equal(l.household, 1);
	assert_int_equal(l.band, MATCH_SURE);
	assert_int_equal(l.method, MATCH_BY_HEAD_VILLAGE);
	/* a member of a numbered household */
	l = one(&t, (struct match_row){.hh_no = STR("3412991150010004"), .name = STR("李晓明")}, MATCH_PERSON);
	assert_int_equal(l.person, 2);
	assert_int_equal(l.method, MATCH_BY_NAME_HOUSEHOLD);
	assert_int_equal(l.band, MATCH_SURE);
	/* somebody new in it */
	l = one(&t, (struct match_row){.hh_no = STR("3412991150010004"), .name = STR("孙尚香")}, MATCH_PERSON);
	assert_int_equal(l.person, MATCH_NONE);
	assert_int_equal(l.household, 0);
	assert_int_equal(l.household_band, MATCH_SURE);
	assert_int_equal(l.band, MATCH_UNCLEAR);
	town_end(&t);
}

/* Somebody of the small town stands there once more, under his number and this name. */
static void assert_same_human(const char *name_again)
{
	struct town t;
	small_town(&t);
	int32_t again = add_person(&t, 2, name_again, number(&t, "34129919600404005"));
	town_ready(&t);
	struct match_link l = one(&t, (struct match_row){.name = STR("曾庆国"),
	                                                 .id_text = number(&t, "34129919600404005")}, 0);
	assert_int_equal(l.person, 3);
	assert_int_equal(l.also, again);
	assert_int_equal(l.band, MATCH_SURE);
	town_end(&t);
}

static void test_match__same_human_twice_on_the_register(void **state)
{
	(void)state;
	assert_same_human("曾庆国");
	assert_same_human("赵铁柱（曾用名曾庆国）"); /* the row has a former name of his */
}

/* Every order of rows and people gives the same links. */
static void test_match__order_does_not_matter(void **state)
{
	(void)state;
	struct town t, u;
	small_town(&t);
	small_bridge(&t);
	town_ready(&t);
	u = t;
	for (size_t i = 0; i < t.n_bridge; i++)
		u.bridge[i] = t.bridge[t.n_bridge - 1 - i];
	for (size_t i = 0; i < t.people.n_persons; i++)
		u.persons[i] = t.persons[t.people.n_persons - 1 - i];
	for (size_t i = 0; i < t.people.n_households; i++)
		u.households[i].head = (int32_t)t.people.n_persons - 1 - t.households[i].head;
	u.people.persons = u.persons;
	u.people.census = census_of(u.bridge, u.n_bridge);
	u.people.households = u.households;
	u.m = match_new(&u.people);
	struct match_row rows[12], back[12];
	const char *const names[] = {"王芳", "刘兰英", "刘兰英", "王方", "李晓明", "曾庆国"};
	for (size_t i = 0; i < 12; i++) {
		rows[i] = (struct match_row){.key = str_c(arena_printf(&t.arena, "r%zu", i)),
		                             .name = str_c(names[i % 6]),
		                             .village = i < 6 ? STR("万台") : STR("")};
		back[11 - i] = rows[i];
	}
	struct match_opts opts = {.one_to_one = true};
	struct match_link a[12], b[12];
	match_ledger(t.m, rows, 12, &opts, a);
	match_ledger(u.m, back, 12, &opts, b);
	for (size_t i = 0; i < 12; i++) {
		const struct match_link *x = &a[i], *y = &b[11 - i];
		assert_int_equal(x->band, y->band);
		assert_int_equal(x->method, y->method);
		assert_int_equal(x->score, y->score);
		if (x->person >= 0)
			assert_int_equal(x->person, (int32_t)t.people.n_persons - 1 - y->person);
	}
	match_free(u.m);
	town_end(&t);
}

static void test_match__why(void **state)
{
	(void)state;
	struct town t;
	struct buf b;
	small_town(&t);
	small_bridge(&t);
	town_ready(&t);
	buf_init(&b, 1000);
	struct match_link l = one(&t, (struct match_row){.name = STR("王芳"), .village = STR("万台村委会")}, 0);
	match_why(&l, LANG_ZH, &b);
	assert_string_equal(b.p, "按姓名和村认定；姓名相同；村相同");
	buf_clear(&b);
	match_why(&l, LANG_EN, &b);
	assert_string_equal(b.p, "by name and village; same name; same village");
	buf_release(&b);
	town_end(&t);
}

/* Two heads of one name in a village: their group or the size of the household tells. */
static void test_match__heads_of_one_name(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	int32_t h = add_household(&t, "3412991150010099", 0);
	add_person(&t, h, "李强", number(&t, "34129919650101005"));
	t.households[0].address = STR("万台村3组");
	t.households[h].group = STR("8组");
	t.households[0].members = 3;
	t.households[h].members = 1;
	town_ready(&t);
	/* where the register names no head, a member's name will do */
	t.households[1].head = MATCH_NONE;
	t.persons[3].head = false;
	match_free(t.m);
	town_ready(&t);
	struct match_row nameless = {.head_name = STR("曾庆国"), .village = STR("万台村")};
	assert_int_equal(one(&t, nameless, MATCH_HOUSEHOLD).band, MATCH_PROBABLE);
	nameless.head_name = STR("李小明");
	assert_int_equal(one(&t, nameless, MATCH_HOUSEHOLD).band, MATCH_UNCLEAR);
	struct match_row row = {.head_name = STR("李强"), .village = STR("万台村")};
	struct match_link l = one(&t, row, MATCH_HOUSEHOLD);
	assert_int_equal(l.band, MATCH_UNCLEAR);
	row.village = STR("万台村第八村民组");
	l = one(&t, row, MATCH_HOUSEHOLD);
	assert_int_equal(l.household, h);
	assert_int_equal(l.band, MATCH_PROBABLE);
	row.village = STR("万台村");
	row.group = STR("3");
	assert_int_equal(one(&t, row, MATCH_HOUSEHOLD).household, 0);
	row.group = STR("");
	row.members = 3;
	l = one(&t, row, MATCH_HOUSEHOLD);
	assert_int_equal(l.household, 0);
	assert_int_equal(l.band, MATCH_PROBABLE);
	town_end(&t);
}

/* The county's list has villages of the same name, and the towns themselves. */
static void test_match__areas_of_other_towns(void **state)
{
	(void)state;
	struct town t;
	small_town(&t);
	small_bridge(&t);
	struct match_area areas[8];
	memcpy(areas, t.areas, sizeof(t.areas));
	areas[4] = (struct match_area){.name = STR("万台村")};
	areas[5] = (struct match_area){.name = STR("八里河镇")};
	areas[6] = (struct match_area){.name = STR("远处村")};
	areas[7] = (struct match_area){.name = STR("渔民村")};
	t.people.areas = areas;
	t.people.n_areas = 8;
	town_ready(&t);
	assert_int_equal(match_find_area(t.m, STR("颍上县八里河镇万台村3组")), 0);
	assert_int_equal(match_find_area(t.m, STR("颍上县八里河镇")), MATCH_NONE);
	assert_int_equal(match_find_area(t.m, STR("远处村委会")), 6);
	struct match_link l = one(&t, (struct match_row){.name = STR("王芳"), .village = STR("远处村")}, 0);
	assert_int_equal(l.band, MATCH_NOT_OURS);
	town_end(&t);
}

/* Nobody and nothing anywhere. */
static void test_match__empty(void **state)
{
	(void)state;
	struct match_people none = {0};
	struct match *m = match_new(&none);
	struct match_row row = {.name = STR("王芳"), .hh_no = STR("1"), .id_text = STR("x")};
	struct match_opts opts = {.one_to_one = true};
	struct match_link l;
	match_ledger(m, &row, 1, &opts, &l);
	assert_int_equal(l.band, MATCH_NOT_OURS);
	match_ledger(m, &row, 0, &opts, &l);
	match_free(m);
	match_free(NULL);
}

/* Ten thousand people of one name and birth date: bounded work, nothing claimed. */
static void test_match__everybody_is_called_the_same(void **state)
{
	(void)state;
	enum { N = 10000 };
	struct match_bridge *bridge = calloc(N, sizeof(*bridge));
	struct match_row *rows = calloc(N, sizeof(*rows));
	struct match_link *links = calloc(N, sizeof(*links));
	for (int i = 0; i < N; i++) {
		bridge[i] = (struct match_bridge){.name = STR("王芳"), .birth = 19800101, .village = 0};
		rows[i] = (struct match_row){.name = STR("王芳"), .birth = 19800101, .village = STR("万台")};
	}
	struct match_area area = {.name = STR("万台村")};
	struct match_people people = {.areas = &area, .n_areas = 1, .census = census_of(bridge, N)};
	struct match *m = match_new(&people);
	struct match_opts opts = {.one_to_one = true};
	match_ledger(m, rows, N, &opts, links);
	assert_int_equal(links[N / 2].person, MATCH_NONE);
	match_free(m);
	free(bridge);
	free(rows);
	free(links);
}

/* A village of n people who are all called the same, and one of as many names: to `ret`. */
static size_t crowd(struct town *t, size_t n, struct match_bridge *ret)
{
	for (size_t i = 0; i < n; i++) {
		const char *id17 = arena_printf(&t->arena, "3412991950%02zu%02zu%03zu", 1 + i % 12, 1 + i % 28, i);
		ret[i] = (struct match_bridge){.name = STR("王芳"), .id = idno_parse(number(t, id17), false),
		                               .village = 3};
	}
	for (size_t i = n; i < 20 * n; i++) {
		uint32_t cp = 0x4e00 + (uint32_t)i;
		const char *name = arena_printf(&t->arena, "赵%c%c%c", (int)(0xe0 | cp >> 12),
		                                (int)(0x80 | (cp >> 6 & 0x3f)), (int)(0x80 | (cp & 0x3f)));
		ret[i] = (struct match_bridge){.name = str_c(name), .village = 2};
	}
	return 20 * n;
}

/* Hundreds elsewhere bear the name: who lives in the village is found there all the same. */
static void test_match__a_name_too_common_to_be_walked(void **state)
{
	(void)state;
	enum { N = 500 };
	for (int by_village = 0; by_village < 2; by_village++) {
		struct town t;
		small_town(&t);
		small_bridge(&t);
		struct match_bridge *all = calloc(MAX + 20 * N, sizeof(*all));
		memcpy(all, t.bridge, t.n_bridge * sizeof(*all));
		t.people.census = census_of(all, t.n_bridge + crowd(&t, N, all + t.n_bridge));
		t.people.by_village = by_village;
		t.persons[1].phone = t.persons[5].phone = STR("13905580001"); /* without it the name says too little */
		t.m = match_new(&t.people);
		struct match_row row = {.name = STR("王芳"), .village = STR("万台村"), .phone = t.persons[1].phone};
		struct match_link l = one(&t, row, 0);
		assert_int_equal(l.person, 1);
		assert_int_equal(l.method, MATCH_BY_NAME_VILLAGE);
		assert_int_equal(l.rivals, 0);
		row.village = STR("渔民社区");
		assert_int_equal(one(&t, row, 0).person, 5);
		town_end(&t);
		free(all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match__exact_number),
		cmocka_unit_test(test_match__damaged_number_needs_the_name),
		cmocka_unit_test(test_match__twins_are_not_one_slip_apart),
		cmocka_unit_test(test_match__names_alone),
		cmocka_unit_test(test_match__without_bridge_names_are_no_proof),
		cmocka_unit_test(test_match__a_bridge_of_other_places_proves_nothing),
		cmocka_unit_test(test_match__bridge_mends_the_register),
		cmocka_unit_test(test_match__one_to_one),
		cmocka_unit_test(test_match__answers_win),
		cmocka_unit_test(test_match__households),
		cmocka_unit_test(test_match__same_human_twice_on_the_register),
		cmocka_unit_test(test_match__order_does_not_matter),
		cmocka_unit_test(test_match__why),
		cmocka_unit_test(test_match__heads_of_one_name),
		cmocka_unit_test(test_match__areas_of_other_towns),
		cmocka_unit_test(test_match__empty),
		cmocka_unit_test(test_match__everybody_is_called_the_same),
		cmocka_unit_test(test_match__a_name_too_common_to_be_walked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
