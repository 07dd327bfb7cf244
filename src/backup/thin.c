/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "backup/thin.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backup/place.h"
#include "base/date.h"
#include "base/vec.h"

#include "base/banned.h"

enum { MS_A_MINUTE = 60000, STAMP = 15 /* YYYYMMDD-HHMMSS */ };

static const char letters[] = "dwmy", digits[] = "0123456789";

bool thin_parse(struct str text, struct thin_rule *ret)
{
	struct thin_rule rule = {{0}};
	struct str part;
	bool any = false;
	while (str_split(&text, ',', &part)) {
		int64_t n;
		part = str_trim(part);
		const char *at = part.n > 1 ? strchr(letters, part.p[part.n - 1]) : NULL;
		if (!at || !str_to_int(str_sub(part, 0, part.n - 1), &n) || n < 1 ||
		    n > THIN_KEEP_MAX || rule.keep[at - letters])
			return false;
		rule.keep[at - letters] = (int)n;
		any = true;
	}
	if (any)
		*ret = rule;
	return any;
}

/* --- names ---------------------------------------------------------------- */

void thin_name(const char *area, int64_t at_ms, int zone_minutes, char ret[THIN_NAME])
{
	int64_t seconds = (at_ms / MS_A_MINUTE + zone_minutes) * 60 + at_ms % MS_A_MINUTE / 1000;
	int s = (int)(seconds % 86400);
	(void)snprintf(ret, THIN_NAME, "daohu-%.32s-%08d-%02d%02d%02d.dhb", area,
		       (int)instant_day(at_ms, zone_minutes), s / 3600, s / 60 % 60, s % 60);
}

/* "YYYYMMDD-HHMMSS" */
static bool read_stamp(struct str stamp, int *ret_day, int *ret_time)
{
	int64_t day, time;
	if (stamp.n != STAMP || stamp.p[8] != '-' || strspn(stamp.p, digits) != 8 ||
	    strspn(stamp.p + 9, digits) != 6 || !str_to_int(str_sub(stamp, 0, 8), &day) ||
	    !str_to_int(str_sub(stamp, 9, 6), &time))
		return false;
	int year = (int)(day / 10000), month = (int)(day / 100 % 100), of_month = (int)(day % 100);
	if (!month || !of_month || !date_make(year, month, of_month))
		return false;
	*ret_day = (int)day;
	*ret_time = (int)time;
	return true;
}

bool thin_read_name(struct str name, const char *county, int *ret_day, int *ret_time)
{
	struct str head = STR("daohu-"), tail = STR(".dhb"), c = str_c(county);
	if (name.n < head.n + c.n + 1 + STAMP + tail.n || !str_starts(name, head) ||
	    !str_ends(name, tail))
		return false;
	struct str rest = str_sub(name, head.n, name.n - head.n - tail.n);
	size_t area = rest.n - STAMP - 1;
	if (!str_starts(rest, c) || rest.p[area] != '-')
		return false;
	for (size_t i = c.n; i < area; i++) {
		if (!strchr(digits, rest.p[i]))
			return false;
	}
	return read_stamp(str_sub(rest, area + 1, STAMP), ret_day, ret_time);
}

/* --- choosing ------------------------------------------------------------- */

static int newest_first(const void *x, const void *y)
{
	const struct thin_item *a = x, *b = y;
	if (a->day != b->day)
		return a->day < b->day ? 1 : -1;
	return a->time < b->time ? 1 : a->time > b->time ? -1 : 0;
}

/* The number of the day, week, month or year that it falls into. */
static int64_t period_of(enum thin_period p, int day)
{
	switch (p) {
	case THIN_WEEK:
		return ((int64_t)date_to_days(day) + 3 + 7000000) /
		       7; /* 1970-01-01 was a Thursday */
	case THIN_MONTH:
		return day / 100;
	case THIN_YEAR:
		return day / 10000;
	default:
		return day;
	}
}

void thin_choose(const struct thin_rule *rule, struct thin_item *items, size_t n)
{
	qsort(items, n, sizeof(*items), newest_first);
	for (size_t i = 0; i < n; i++)
		items[i].keep = i == 0 || items[i].just_made;
	for (int p = 0; p < THIN_PERIOD_MAX; p++) {
		int64_t last = -1;
		int left = rule->keep[p];
		for (size_t i = 0; i < n && left; i++) {
			int64_t here = period_of((enum thin_period)p, items[i].day);
			if (here == last)
				continue;
			items[i].keep = true;
			last = here;
			left--;
		}
	}
}

/* --- a folder ------------------------------------------------------------- */

static enum err remove_rest(int fd, const struct thin_item *items, size_t n, struct diag *diag,
			    size_t *ret_n)
{
	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		if (items[i].keep)
			continue;
		if (unlinkat(fd, items[i].name, 0) != 0)
			return diag_set(diag, ERR_IO, "%s: %s", items[i].name, strerror(errno));
		++*ret_n;
	}
	return OK;
}

struct thinning {
	const char *dir, *just_made;
	const struct seal_head *house;
	struct arena arena;
	VEC(struct thin_item) found;
	struct diag unread; /* the first that could not be read */
	struct thin_result *r;
};

/* Named after the house itself, as the new one is, or after its county alone; a name of another
 * town of the county is that town's. */
static bool is_named_ours(struct thinning *t, const char *name)
{
	size_t n = strlen(t->just_made), tail = STAMP + strlen(".dhb");
	if (n > tail && strncmp(name, t->just_made, n - tail) == 0)
		return true;
	return str_starts(str_c(name),
			  str_c(arena_printf(&t->arena, "daohu-%s-", t->house->county)));
}

/* NAME.new */
static bool look_for_rest(struct thinning *t, const char *name, const char *path)
{
	struct str s = str_c(name), tail = STR(".new");
	int day, time;
	if (!str_ends(s, tail) ||
	    !thin_read_name(str_sub(s, 0, s.n - tail.n), t->house->county, &day, &time))
		return false;
	t->r->cleared += place_clear(path, t->house, is_named_ours(t, name));
	return true;
}

static void look_at(struct thinning *t, const char *name)
{
	struct thin_item it = {.just_made = strcmp(name, t->just_made) == 0};
	struct diag why = {0};
	bool whole = false;
	const char *path = arena_printf(&t->arena, "%s/%s", t->dir, name);
	if (look_for_rest(t, name, path) ||
	    !thin_read_name(str_c(name), t->house->county, &it.day, &it.time))
		return;
	if (place_is_whole_of(path, t->house, &why, &whole) && is_named_ours(t, name))
		(void)diag_set(&t->unread, ERR_IO, "%s", why.detail);
	if (!whole)
		return;
	it.name = arena_strdup(&t->arena, name);
	*vec_push(&t->found) = it;
}

enum err thin_folder(const struct thin_rule *rule, const char *dir, const struct seal_head *house,
		     const char *just_made, struct diag *diag, struct thin_result *ret)
{
	struct thinning t = {.dir = dir, .just_made = just_made, .house = house, .r = ret};
	*ret = (struct thin_result){0};
	DIR *d = opendir(dir);
	if (!d)
		return diag_set(diag, ERR_IO, "%s: %s", dir, strerror(errno));
	arena_init(&t.arena, 0);
	for (const struct dirent *f; (f = readdir(d)) != NULL;)
		look_at(&t, f->d_name);
	thin_choose(rule, t.found.p, t.found.n);
	enum err e = remove_rest(dirfd(d), t.found.p, t.found.n, diag, &ret->removed);
	ret->left = t.found.n - ret->removed;
	(void)closedir(d);
	vec_free(&t.found);
	arena_release(&t.arena);
	return e || !t.unread.code ? e : diag_set(diag, t.unread.code, "%s", t.unread.detail);
}
