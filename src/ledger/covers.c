/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/covers.h"

#include "base/banned.h"

enum { STRAY = 50 }; /* a town with fewer rows, in so many of the largest one's, is not meant */

struct finder {
	const struct area_list *areas;
	const char *root;
	const struct read_group *g; /* NULL: only the path is known */
	const char *path;
	uint64_t enough; /* rows of a town that is meant */
};

static void add(struct buf *out, const char *code)
{
	buf_addf(out, "%s%s", out->n ? "," : "", code);
}

static bool is_village_of(const struct area *a, const char *town)
{
	return area_is_village(a) && a->parent && strcmp(a->parent, town) == 0;
}

static bool is_town(const struct finder *f, const struct area *a)
{
	return !area_is_village(a) && a->parent && strcmp(a->parent, f->root) == 0;
}

/* Rows that name a village of the town. */
static uint64_t rows_of(const struct finder *f, const char *town)
{
	uint64_t n = 0;
	for (size_t i = 0; i < f->areas->n; i++)
		if (is_village_of(&f->areas->areas[i], town))
			n += f->g->villages[i];
	return n;
}

/* The file's name and that of the folder it lies in. */
static struct str last_two(const char *path)
{
	struct str s = str_c(path);
	size_t at = s.n, slashes = 0;
	for (; at; at--) {
		bool ends = s.p[at - 1] == '/' && s.p[at] != '/';
		slashes += ends;
		if (slashes == 2)
			break;
	}
	return str_sub(s, at, s.n);
}

static bool names(const struct finder *f, const char *name)
{
	struct str s = str_c(name);
	return (f->g && f->g->title && str_find(str_c(f->g->title), s) != SIZE_MAX) ||
	       str_find(last_two(f->path), s) != SIZE_MAX;
}

static void within_town(const struct finder *f, const char *town, bool only, struct buf *out)
{
	size_t named = 0, villages = 0;
	uint64_t enough = (uint64_t)f->g->rows / 100;
	for (size_t i = 0; i < f->areas->n; i++) {
		bool of = is_village_of(&f->areas->areas[i], town);
		villages += of;
		named += of && f->g->villages[i] > enough;
	}
	bool some = named == 1 || (named > 1 && f->g->by_sheet && named < villages);
	if (!some || villages < 2) {
		add(out, only ? "*" : town);
		return;
	}
	for (size_t i = 0; i < f->areas->n; i++)
		if (is_village_of(&f->areas->areas[i], town) && f->g->villages[i] > enough)
			add(out, f->areas->areas[i].code);
}

/* The only town of which this is so, else NULL; how many there are in *ret_n. */
static const char *only_town(const struct finder *f, bool by_rows, size_t *ret_n)
{
	const char *found = NULL;
	*ret_n = 0;
	for (size_t i = 0; i < f->areas->n; i++) {
		const struct area *a = &f->areas->areas[i];
		if (!is_town(f, a))
			continue;
		bool is = by_rows ? rows_of(f, a->code) > f->enough : names(f, a->name);
		*ret_n += is;
		found = is ? a->code : found;
	}
	return *ret_n == 1 ? found : NULL;
}

static bool among_towns(const struct finder *f, size_t n_towns, struct buf *out)
{
	size_t n;
	const char *town = only_town(f, true, &n);
	if (!n)
		town = only_town(f, false, &n);
	else if (!town && n < n_towns) { /* several, but not all */
		for (size_t i = 0; i < f->areas->n; i++) {
			const struct area *a = &f->areas->areas[i];
			if (is_town(f, a) && rows_of(f, a->code) > f->enough)
				add(out, a->code);
		}
		return true;
	}
	if (town) {
		within_town(f, town, false, out);
		return true;
	}
	const struct area *root = area_find(f->areas, f->root);
	add(out, "*");
	return n == n_towns || (root && names(f, root->name));
}

bool covers_find(const struct area_list *areas, const char *root, const struct read_group *g,
                 const char *path, struct buf *out)
{
	struct finder f = {.areas = areas, .root = root, .g = g, .path = path};
	uint64_t most = 0;
	size_t n_towns = 0;
	const char *town = root;
	for (size_t i = 0; i < areas->n; i++) {
		if (!is_town(&f, &areas->areas[i]))
			continue;
		n_towns++;
		town = areas->areas[i].code;
		uint64_t rows = rows_of(&f, town);
		most = rows > most ? rows : most;
	}
	f.enough = most / STRAY;
	if (n_towns > 1)
		return among_towns(&f, n_towns, out);
	within_town(&f, town, true, out);
	return true;
}

const char *covers_home(const struct area_list *areas, const char *root, const char *path)
{
	const struct finder f = {.areas = areas, .root = root, .path = path};
	size_t n;
	return only_town(&f, false, &n);
}
