/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * An invented town with clan villages, many namesakes, twins, and an office
 * that damages what it writes.  Who every row is about is known, so wrong links
 * can be counted.  Deterministic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/team.h"
#include "base/vec.h"
#include "match/match.h"
#include "census.h"

enum { VILLAGES = 12, HOUSEHOLDS = 2000, PEOPLE_MAX = 9000 };

struct soul {
	char name[16];
	char id[19];
	date_t birth;
	int32_t village, household;
	enum sex sex;
};

struct town {
	struct arena arena;
	uint64_t seed;
	struct soul *souls;
	size_t n;
	struct match_area areas[VILLAGES];
	struct match_person *persons;
	int32_t *soul_of; /* of a person */
	size_t n_persons;
	struct match_household *households;
	size_t n_households;
	struct match_bridge *bridge;
};

static uint32_t draw(struct town *t, uint32_t below)
{
	t->seed ^= t->seed << 13;
	t->seed ^= t->seed >> 7;
	t->seed ^= t->seed << 17;
	return (uint32_t)(t->seed >> 33) % below;
}

static bool chance(struct town *t, uint32_t percent)
{
	return draw(t, 100) < percent;
}

/* The i-th character of a list of three-byte characters. */
static void pick(struct town *t, char *to, const char *list)
{
	size_t n = strlen(list) / 3;
	/* The first ones far more often. */
	size_t i = (size_t)draw(t, (uint32_t)n) * draw(t, (uint32_t)n) / n;
	memcpy(to, list + i * 3, 3);
	to[3] = '\0';
}

static const char surnames[] = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧";
static const char male[] = "伟强磊军勇杰涛超明刚平辉鹏华飞波斌宇浩凯健俊帆成龙山国林海";
static const char female[] = "芳娜敏静丽艳娟霞秀玲桂英华慧巧美珍莉兰凤洁梅云莲真环雪荣爱";

static void make_number(struct town *t, struct soul *s)
{
	uint32_t order = draw(t, 498) * 2 + (s->sex == SEX_MALE ? 1 : 2);
	char text[18];
	(void)snprintf(text, sizeof(text), "341299%08d%03u", (int)s->birth, (unsigned)order);
	memcpy(s->id, text, 17);
	s->id[17] = idno_check_char(text);
	s->id[18] = '\0';
}

static void make_name(struct town *t, struct soul *s, const char *surname)
{
	const char *list = s->sex == SEX_MALE ? male : female;
	memcpy(s->name, surname, 3);
	pick(t, s->name + 3, list);
	if (chance(t, 60))
		pick(t, s->name + 6, list);
}

static void make_souls(struct town *t)
{
	for (int32_t h = 0; h < HOUSEHOLDS; h++) {
		int32_t village = h % VILLAGES;
		char clan[4];
		/* Three surnames make most of a village. */
		if (chance(t, 60))
			memcpy(clan, surnames + (size_t)((uint32_t)village * 2 + draw(t, 3)) * 3, 3);
		else
			pick(t, clan, surnames);
		clan[3] = '\0';
		uint32_t members = 2 + draw(t, 4);
		for (uint32_t k = 0; k < members && t->n < PEOPLE_MAX; k++) {
			struct soul *s = &t->souls[t->n++];
			char other[4];
			bool twin = k > 2 && chance(t, 5);
			s->sex = k == 0 || (k > 1 && chance(t, 50)) ? SEX_MALE : SEX_FEMALE;
			s->village = village;
			s->household = h;
			s->birth = date_make(k < 2 ? 1940 + (int)draw(t, 50) : 1985 + (int)draw(t, 30),
			                     1 + (int)draw(t, 12), 1 + (int)draw(t, 28));
			if (twin)
				s->birth = s[-1].birth;
			pick(t, other, surnames);
			make_name(t, s, k == 1 ? other : clan);
			make_number(t, s);
		}
	}
}

/* Every third household is on the register. */
static void make_register(struct town *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct soul *s = &t->souls[i];
		t->bridge[i] = (struct match_bridge){.name = str_c(s->name),
		                                     .id = idno_parse(str_c(s->id), false),
		                                     .birth = s->birth, .sex = s->sex,
		                                     .village = s->village};
		if (s->household % 3 != 0)
			continue;
		int32_t h = s->household / 3;
		if ((size_t)h == t->n_households)
			t->households[t->n_households++] = (struct match_household){
				.hh_no = str_c(arena_printf(&t->arena, "34129911%08d", s->household)),
				.village = s->village, .head = (int32_t)t->n_persons};
		struct match_person *p = &t->persons[t->n_persons];
		t->soul_of[t->n_persons++] = (int32_t)i;
		*p = (struct match_person){
			.key = str_c(arena_printf(&t->arena, "%06zu", i)), .name = str_c(s->name),
			.id = idno_parse(str_c(s->id), false), .birth = s->birth, .sex = s->sex,
			.village = s->village, .household = h,
			.head = t->households[h].head == (int32_t)t->n_persons - 1};
	}
}

static void town_make(struct town *t, uint64_t seed)
{
	static const char *const names[VILLAGES] = {"万台", "渔民", "尤湖", "朱岗", "韩郢", "马店",
	                                            "仁里", "邵圩", "潘冲", "王新庄", "十八里铺", "南湖"};
	*t = (struct town){.seed = seed};
	arena_init(&t->arena, 64 << 20);
	t->souls = ARENA_ARRAY(&t->arena, PEOPLE_MAX, struct soul);
	t->persons = ARENA_ARRAY(&t->arena, PEOPLE_MAX, struct match_person);
	t->soul_of = ARENA_ARRAY(&t->arena, PEOPLE_MAX, int32_t);
	t->bridge = ARENA_ARRAY(&t->arena, PEOPLE_MAX, struct match_bridge);
	t->households = ARENA_ARRAY(&t->arena, HOUSEHOLDS, struct match_household);
	for (int i = 0; i < VILLAGES; i++)
		t->areas[i].name = str_c(arena_printf(&t->arena, "%s村", names[i]));
	make_souls(t);
	make_register(t);
}

static struct match *town_match(const struct town *t, bool bridge, struct team *team)
{
	struct match_people people = {.areas = t->areas, .n_areas = VILLAGES, .persons = t->persons,
	                              .n_persons = t->n_persons, .households = t->households,
	                              .n_households = t->n_households, .team = team,
	                              .census = bridge ? census_of(t->bridge, t->n) : NULL};
	return match_new(&people);
}

enum damage { NONE, ID_MISSING, ID_SWAP, ID_DIGIT, ID_15, ID_FLOAT, ID_SHORT, NAME_SOUND, NAME_GONE,
	      DAMAGE_MAX };

static void damage_id(struct town *t, char *id, enum damage d)
{
	size_t i = 6 + draw(t, 10);
	char keep;
	switch (d) {
	case ID_MISSING:
		id[0] = '\0';
		break;
	case ID_SWAP:
		keep = id[i];
		id[i] = id[i + 1];
		id[i + 1] = keep;
		break;
	case ID_DIGIT:
		id[i] = (char)('0' + (id[i] - '0' + 1 + (int)draw(t, 9)) % 10);
		break;
	case ID_15:
		if (id[6] == '1') {
			memmove(id + 6, id + 8, 9);
			id[15] = '\0';
		}
		break;
	case ID_FLOAT:
		memcpy(id + 15, "000", 3);
		break;
	case ID_SHORT:
		memmove(id + i, id + i + 1, 18 - i);
		break;
	default:
		break;
	}
}

static struct match_row make_row(struct town *t, const struct soul *s, enum damage d, bool birth)
{
	char id[19], name[16];
	memcpy(id, s->id, sizeof(id));
	memcpy(name, s->name, sizeof(name));
	damage_id(t, id, d);
	if (d == NAME_SOUND && strncmp(name + 3, "伟", 3) == 0)
		memcpy(name + 3, "玮", 3);
	return (struct match_row){
		.name = d == NAME_GONE ? STR("") : str_c(arena_strdup(&t->arena, name)),
		.id_text = str_c(arena_strdup(&t->arena, id)), .id_lossy = d == ID_FLOAT,
		.birth = birth ? s->birth : 0, .village = t->areas[s->village].name};
}

struct count {
	size_t sure, sure_wrong, probable, probable_wrong, unclear, missed, total;
};

/* Is it another register record of the same human, as far as data can tell? */
static void judge(const struct town *t, const struct soul *s, const struct match_link *l,
                  struct count *c)
{
	bool ours = s->household % 3 == 0;
	bool right = l->person >= 0 && &t->souls[t->soul_of[l->person]] == s;
	c->total++;
	c->sure += l->band == MATCH_SURE;
	c->probable += l->band == MATCH_PROBABLE;
	c->unclear += l->band == MATCH_UNCLEAR;
	c->sure_wrong += l->band == MATCH_SURE && !right;
	c->probable_wrong += l->band == MATCH_PROBABLE && !right;
	c->missed += ours && l->band == MATCH_NOT_OURS;
}

static struct count run(struct town *t, enum damage d, bool birth, bool bridge)
{
	struct count c = {0};
	struct match *m = town_match(t, bridge, NULL);
	struct match_row *rows = calloc(t->n, sizeof(*rows));
	struct match_link *links = calloc(t->n, sizeof(*links));
	struct match_opts opts = {.one_to_one = true};
	/* Half the town stands in the list, so one to one proves little. */
	size_t n = t->n / 2;
	for (size_t i = 0; i < n; i++) {
		rows[i] = make_row(t, &t->souls[i * 2], i % 4 == 0 ? NONE : d, birth);
		rows[i].key = str_c(arena_printf(&t->arena, "%06zu", i));
	}
	match_ledger(m, rows, n, &opts, links);
	for (size_t i = 0; i < n; i++)
		judge(t, &t->souls[i * 2], &links[i], &c);
	free(rows);
	free(links);
	match_free(m);
	return c;
}

static void show(enum damage d, bool birth, bool bridge, const struct count *c)
{
	print_message("damage %d birth %d bridge %d: sure %zu (%zu wrong) probable %zu (%zu wrong) "
	              "unclear %zu missed %zu of %zu\n", d, birth, bridge, c->sure, c->sure_wrong,
	              c->probable, c->probable_wrong, c->unclear, c->missed, c->total);
}

/* One kind of damage at a time, with the population file at hand. */
static void test_match_town__damages_with_bridge(void **state)
{
	(void)state;
	struct town t;
	town_make(&t, 20180114);
	for (int d = NONE; d < DAMAGE_MAX; d++) {
		for (int birth = 0; birth < 2; birth++) {
			struct count c = run(&t, (enum damage)d, birth, true);
			show((enum damage)d, birth, true, &c);
			assert_int_equal(c.sure_wrong, 0);
			assert_true(c.probable_wrong * 100 <= c.probable + 100);
			assert_true(c.missed * 200 <= c.total);
			if (d != ID_MISSING)
				assert_true(c.unclear * 100 <= c.total);
		}
	}
	arena_release(&t.arena);
}

/* Without it, names alone prove nothing. */
static void test_match_town__damages_without_bridge(void **state)
{
	(void)state;
	struct town t;
	town_make(&t, 8);
	for (int d = NONE; d < DAMAGE_MAX; d++) {
		struct count c = run(&t, (enum damage)d, true, false);
		show((enum damage)d, true, false, &c);
		assert_int_equal(c.sure_wrong, 0);
		assert_true(c.probable_wrong * 100 <= c.probable + 100);
		assert_true(c.missed * 200 <= c.total);
	}
	arena_release(&t.arena);
}

/* --- a team, and rows that are handed out, give the links that a plain array gives alone --- */

struct handed {
	const struct match_row *rows;
	VEC(struct { size_t row; int32_t person; }) told; /* candidates */
};

static void hand_out(void *arg, size_t worker, size_t i, struct match_row *ret)
{
	const struct handed *h = arg;
	assert_true(worker < TEAM_MAX);
	*ret = h->rows[i];
}

static void tell(void *arg, size_t row, int32_t person)
{
	struct handed *h = arg;
	size_t n = h->told.n;
	(void)vec_push(&h->told);
	h->told.p[n].row = row;
	h->told.p[n].person = person;
}

/* Who it is, and how sure. */
static void assert_same_person(const struct match_link *a, const struct match_link *b)
{
	assert_int_equal(a->person, b->person);
	assert_int_equal(a->household, b->household);
	assert_int_equal(a->bridge, b->bridge);
	assert_int_equal(a->also, b->also);
	assert_int_equal(a->band, b->band);
	assert_int_equal(a->household_band, b->household_band);
	assert_int_equal(a->bridge_band, b->bridge_band);
	assert_int_equal(a->method, b->method);
}

static void assert_same_link(const struct match_link *a, const struct match_link *b)
{
	assert_same_person(a, b);
	assert_int_equal(a->score, b->score);
	assert_int_equal(a->rivals, b->rivals);
	assert_int_equal(a->name, b->name);
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->birth, b->birth);
	assert_int_equal(a->village, b->village);
	assert_int_equal(a->sex, b->sex);
}

static void test_match_town__team_links_as_one_alone(void **state)
{
	(void)state;
	struct town t;
	struct team *team = team_new(4);
	town_make(&t, 11);
	struct match *alone = town_match(&t, true, NULL), *shared = town_match(&t, true, team);
	struct match_row *rows = calloc(t.n, sizeof(*rows));
	struct match_link *a = calloc(t.n, sizeof(*a)), *b = calloc(t.n, sizeof(*b));
	for (size_t i = 0; i < t.n; i++) {
		rows[i] = make_row(&t, &t.souls[i], (enum damage)(i % DAMAGE_MAX), i % 3 > 0);
		rows[i].key = str_c(arena_printf(&t.arena, "%06zu", i));
		rows[i].head_name = rows[i].name;
	}
	for (size_t i = 0; i < t.n_persons; i++) {
		struct match_link x = match_person_bridge(alone, (int32_t)i);
		struct match_link y = match_person_bridge(shared, (int32_t)i);
		assert_same_link(&x, &y);
	}
	size_t told = 0;
	for (int kind = 0; kind < 4; kind++) {
		struct handed x = {.rows = rows}, y = {.rows = rows};
		struct match_opts opts = {.target = kind % 2 ? MATCH_HOUSEHOLD : MATCH_PERSON,
		                          .one_to_one = kind / 2, .candidate = tell, .arg = &x};
		match_ledger(alone, rows, t.n, &opts, a);
		opts.team = team;
		opts.row = hand_out;
		opts.arg = &y;
		match_ledger(shared, NULL, t.n, &opts, b);
		for (size_t i = 0; i < t.n; i++)
			assert_same_link(&a[i], &b[i]);
		assert_int_equal(x.told.n, y.told.n);
		told += x.told.n;
		for (size_t i = 0; i < x.told.n; i++) {
			assert_int_equal(x.told.p[i].row, y.told.p[i].row);
			assert_int_equal(x.told.p[i].person, y.told.p[i].person);
		}
		vec_free(&x.told);
		vec_free(&y.told);
	}
	assert_true(told > 0);
	free(rows);
	free(a);
	free(b);
	match_free(alone);
	match_free(shared);
	team_free(team);
	arena_release(&t.arena);
}

/* --- whoever is known by number and name alone is who all fields together say ------------- */

/* The register and the population file with slips of their own: numbers that are missing or
 * another's, people entered twice, under one number, or gone. */
static void blur(struct town *t)
{
	for (size_t i = 0; i < t->n_persons; i++) {
		struct match_person *p = &t->persons[i], *before = &t->persons[i ? i - 1 : 0];
		switch (draw(t, 12)) {
		case 0: p->id = (struct idno){.n = 0}; break;
		case 1: p->id = before->id; break;
		case 2: p->id = before->id; p->name = before->name; break;
		case 3: p->name = STR("李 秀英（户主）"); break;
		default: break;
		}
	}
	for (size_t i = 0; i < t->n; i++) {
		struct match_bridge *b = &t->bridge[i], *before = &t->bridge[i ? i - 1 : 0];
		switch (draw(t, 16)) {
		case 0: b->id = (struct idno){.n = 0}; break;
		case 1: b->id = before->id; break;
		case 2: *b = *before; break;
		case 3: b->cancelled = true; break;
		default: break;
		}
	}
}

static void test_match_town__known_by_number_and_name(void **state)
{
	(void)state;
	struct town t;
	town_make(&t, 21);
	blur(&t);
	struct match_row *rows = calloc(t.n, sizeof(*rows));
	struct match_link *a = calloc(t.n, sizeof(*a)), *b = calloc(t.n, sizeof(*b));
	/* an answer about some other row is reason enough to read all of each */
	const struct match_fixed other = {STR("of no row"), 0, 0};
	size_t known = 0, strangers = 0;
	for (size_t i = 0; i < t.n; i++) {
		rows[i] = make_row(&t, &t.souls[i], i % 3 ? NONE : (enum damage)(i % DAMAGE_MAX), i % 2);
		rows[i].key = str_c(arena_printf(&t.arena, "%06zu", i));
	}
	for (int kind = 0; kind < 4; kind++) {
		struct match *m = town_match(&t, kind % 2, NULL);
		struct match_opts opts = {.one_to_one = kind / 2};
		match_ledger(m, rows, t.n, &opts, a);
		opts.fixed = &other;
		opts.n_fixed = 1;
		match_ledger(m, rows, t.n, &opts, b);
		for (size_t i = 0; i < t.n; i++) {
			assert_same_person(&a[i], &b[i]);
			known += a[i].score == 0 && a[i].person >= 0 && b[i].score != 0;
			strangers += a[i].score == 0 && a[i].person < 0 && b[i].score != 0;
		}
		match_free(m);
	}
	assert_true(known > t.n / 8);
	assert_true(strangers > t.n / 8);
	free(rows);
	free(a);
	free(b);
	arena_release(&t.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match_town__damages_with_bridge),
		cmocka_unit_test(test_match_town__damages_without_bridge),
		cmocka_unit_test(test_match_town__team_links_as_one_alone),
		cmocka_unit_test(test_match_town__known_by_number_and_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
