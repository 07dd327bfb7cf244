/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include "ledger/intake_i.h"

#include "base/banned.h"

enum { VILLAGE_MAX = 120, AMBIGUOUS = -2 };

/* The name without its ending, if any. */
static struct str without_end(struct str s)
{
	static const char *const ends[] = {"社区居民委员会", "社区村民委员会", "社区居委会", "村民委员会",
	                                   "居民委员会", "村委会", "居委会", "村委", "居委", "社区",
	                                   "行政村", "村", "居", "委员会"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct str end = str_c(ends[i]);
		if (str_ends(s, end) && s.n > end.n)
			return str_sub(s, 0, s.n - end.n);
	}
	return s;
}

/* 尤湖村 of 尤湖村村民委员会: 尤湖 too, unless one character would be left. */
static struct str shortest(struct str s)
{
	struct str t = without_end(s);
	return t.n >= 6 ? t : s;
}

/* The name without what is above it (镇, 乡, 街道) and without its ending. */
static struct str core(struct str s)
{
	static const char *const above[] = {"街道办事处", "街道", "镇", "乡", "县"};
	for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++) {
		size_t at = str_find(s, str_c(above[i]));
		size_t n = strlen(above[i]);
		/* 镇 in 镇东村 belongs to the name: something must stand before and behind */
		if (at != SIZE_MAX && at >= 6 && s.n - at - n >= 6)
			s = str_sub(s, at + n, s.n);
	}
	return without_end(s);
}

static struct str normal(struct str s, char *out)
{
	size_t n = pack_normal(s, out, VILLAGE_MAX);
	for (size_t i = 0; i < n; i++)
		if (out[i] == '(' && i >= 3)
			n = i; /* 渔民社区（原渔民村） */
	return (struct str){out, n};
}

static bool is_home(const struct villages *v, int64_t area)
{
	for (size_t i = 0; i < v->n_home; i++)
		if (v->areas[i] == area)
			return true;
	return false;
}

static void add(struct villages *v, struct str key, const struct intake_area *a)
{
	if (key.n < 3)
		return;
	int64_t *slot = map_slot(&v->index, key, a->area);
	if (*slot != a->area && (a->home || !is_home(v, *slot)))
		*slot = AMBIGUOUS;
}

static void add_names(struct villages *v, const struct intake_area *a)
{
	char buf[VILLAGE_MAX];
	struct str full = normal(a->name, buf);
	if (full.n == 0)
		return;
	full = str_copy(v->arena, full);
	struct str shorter = core(full);
	add(v, full, a);
	if (!str_eq(full, shorter))
		add(v, shorter, a);
	if (!str_eq(shorter, shortest(shorter)))
		add(v, shortest(shorter), a);
	v->names[v->n] = shorter;
	v->areas[v->n++] = a->area;
}

void villages_init(struct villages *v, struct arena *a, const struct intake_area *areas, size_t n)
{
	*v = (struct villages){.arena = a};
	map_init(&v->index);
	v->names = ARENA_ARRAY(a, n, struct str);
	v->areas = ARENA_ARRAY(a, n, int32_t);
	for (size_t i = 0; i < n; i++)
		if (areas[i].home)
			add_names(v, &areas[i]);
	v->n_home = v->n;
	for (size_t i = 0; i < n; i++)
		if (!areas[i].home)
			add_names(v, &areas[i]);
}

void villages_release(struct villages *v)
{
	map_release(&v->index);
}

int32_t villages_find(const struct villages *v, struct str text)
{
	char buf[VILLAGE_MAX];
	struct str s = normal(text, buf);
	if (s.n == 0 || v->n == 0)
		return -1;
	int64_t area = map_get(&v->index, s, -1);
	if (area == -1)
		area = map_get(&v->index, core(s), -1);
	if (area == -1)
		area = map_get(&v->index, shortest(core(s)), -1);
	return area >= 0 ? (int32_t)area : -1;
}

static bool ends_with_one_of(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_ends(s, str_c(words[i])))
			return true;
	return false;
}

/* A name of two characters is a word like any other (医保中心 is not 中心村): then something
 * before or behind it must say that a village is meant. */
static bool is_set_off(struct str before, struct str behind)
{
	static const char *const above[] = {"镇", "乡", "街道", "办事处", "县", "年", "度", "月"};
	static const char *const ends[] = {"村", "社区", "居委", "居民", "行政村"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_starts(behind, str_c(ends[i])))
			return true;
	return !before.n || (unsigned char)before.p[before.n - 1] < 0x80 ||
	       ends_with_one_of(before, above, sizeof(above) / sizeof(above[0]));
}

/* Does the name stand in the text as a village's (王岗镇蔡郢村 is not 王岗)? */
static bool stands_in(struct str text, struct str name)
{
	static const char *const towns[] = {"镇", "乡", "街道"};
	for (struct str rest = text;;) {
		size_t at = str_find(rest, name);
		if (at == SIZE_MAX)
			return false;
		struct str before = str_sub(text, 0, (size_t)(rest.p - text.p) + at);
		rest = str_sub(rest, at + name.n, rest.n);
		bool town = false;
		for (size_t i = 0; i < sizeof(towns) / sizeof(towns[0]); i++)
			town |= str_starts(rest, str_c(towns[i]));
		if (!town && (name.n > 6 || is_set_off(before, rest)))
			return true;
	}
}

int32_t villages_search(const struct villages *v, struct str text, struct str *ret_name)
{
	char buf[GRID_CELL + 1];
	struct str s = {buf, pack_normal(text, buf, sizeof(buf))};
	size_t best = 0;
	int32_t area = -1;
	for (size_t i = 0; i < v->n; i++)
		if (v->names[i].n >= 6 && v->names[i].n > best &&
		    stands_in(s, v->names[i]) &&
		    map_get(&v->index, v->names[i], -1) != AMBIGUOUS) {
			best = v->names[i].n;
			area = v->areas[i];
			*ret_name = v->names[i];
		}
	return area;
}
