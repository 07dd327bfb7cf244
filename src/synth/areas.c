/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/town.h"

#include "io/rows.h"

#include "base/banned.h"

struct area {
	const char *code, *name, *parent;
};

struct area_list {
	VEC(struct area) areas;
};

static const char *const committees[] = {
	"社区居民委员会", "社区居委会", "社区村委会", "村民委员会", "居民委员会", "村委会",
	"居委会", "社区", "村",
};

enum err areas_load(const char *path, struct arena *a, struct diag *diag, struct area_list **ret)
{
	struct area_list *list = ARENA_NEW(a, struct area_list);
	struct rows *r = NULL;
	struct row row;
	bool more = false;
	enum err e = rows_open(path, &(struct rows_opts){0}, diag, &r);
	if (e == OK)
		e = rows_sheet(r, 0, diag);
	while (e == OK && (e = rows_next(r, diag, &row, &more)) == OK && more) {
		if (row.n < 3 || row.cells[0].text.n < 6 || row.cells[0].text.p[0] == 'c')
			continue;
		struct area *area = vec_push(&list->areas);
		area->code = str_dup(a, row.cells[0].text);
		area->name = str_dup(a, row.cells[1].text);
		area->parent = str_dup(a, row.cells[2].text);
	}
	rows_close(r);
	if (e == OK)
		*ret = list;
	else
		vec_free(&list->areas);
	return e;
}

void areas_free(struct area_list *list)
{
	vec_free(&list->areas);
}

static const struct area *find_area(const struct area_list *list, const char *code)
{
	for (size_t i = 0; i < list->areas.n; i++)
		if (strcmp(list->areas.p[i].code, code) == 0)
			return &list->areas.p[i];
	return NULL;
}

size_t areas_count(const struct area_list *list, const char *code)
{
	size_t n = 0;
	for (size_t i = 0; i < list->areas.n; i++)
		n += strcmp(list->areas.p[i].parent, code) == 0;
	return n;
}

size_t areas_children(const struct area_list *list, const char *code, const char ***ret,
                      struct arena *a)
{
	size_t n = 0;
	const char **codes = ARENA_ARRAY(a, areas_count(list, code) + 1, const char *);
	for (size_t i = 0; i < list->areas.n; i++)
		if (strcmp(list->areas.p[i].parent, code) == 0)
			codes[n++] = list->areas.p[i].code;
	*ret = codes;
	return n;
}

/* Name without its last part; 镇 and 乡 of towns, the committees of villages. */
static const char *village_stem(struct arena *a, const char *name, bool *ret_rural)
{
	struct str s = str_c(name);
	*ret_rural = str_find(s, STR("社区")) == SIZE_MAX && str_find(s, STR("居")) == SIZE_MAX;
	for (size_t i = 0; i < sizeof(committees) / sizeof(committees[0]); i++) {
		struct str tail = str_c(committees[i]);
		if (str_ends(s, tail) && s.n > tail.n + 3)
			return str_dup(a, str_sub(s, 0, s.n - tail.n));
	}
	return name;
}

static void add_village(struct town *t, const struct area *area)
{
	struct village *v = vec_push(&t->villages);
	v->code = area->code;
	v->name = area->name;
	v->stem = village_stem(t->arena, area->name, &v->rural);
	v->stem_unique = true;
	for (size_t i = 0; i + 1 < t->villages.n; i++) {
		struct village *other = &t->villages.p[i];
		/* one inside the other (十八里铺, 东十八里铺) is as bad as the same */
		if (str_find(str_c(other->stem), str_c(v->stem)) != SIZE_MAX ||
		    str_find(str_c(v->stem), str_c(other->stem)) != SIZE_MAX)
			other->stem_unique = v->stem_unique = false;
	}
}

enum err areas_town(const struct area_list *list, const char *code, struct town *t,
                    struct diag *diag)
{
	const struct area *town = find_area(list, code);
	const struct area *county = town ? find_area(list, town->parent) : NULL;
	if (!town)
		return diag_set(diag, ERR_UNKNOWN_AREA, "%s", code);
	t->code = town->code;
	t->name = town->name;
	t->county = county ? county->name : "";
	struct str s = str_c(town->name);
	t->stem = s.n > 6 ? str_dup(t->arena, str_sub(s, 0, s.n - 3)) : town->name;
	for (size_t i = 0; i < list->areas.n; i++) {
		if (strcmp(list->areas.p[i].parent, code) == 0)
			add_village(t, &list->areas.p[i]);
		if (strcmp(list->areas.p[i].parent, town->parent) == 0 &&
		    &list->areas.p[i] < town)
			t->number++;
	}
	if (t->villages.n == 0)
		return diag_set(diag, ERR_UNKNOWN_AREA, "%s: no villages", code);
	return OK;
}

const char *village_alias(const struct town *t, uint32_t village, int style)
{
	const struct village *v = &t->villages.p[village];
	switch (style) {
	case 1: /* 尤湖村, 马店社区 */
		return arena_printf(t->arena, "%s%s", v->stem, v->rural ? "村" : "社区");
	case 2: /* written out, or by the name alone */
		if (v->stem_unique)
			return v->stem;
		return arena_printf(t->arena, "%s%s", v->stem,
		                    v->rural ? "村民委员会" : "社区居民委员会");
	case 3: /* 八里河镇尤湖村 */
		return arena_printf(t->arena, "%s%s%s", t->name, v->stem, v->rural ? "村" : "社区");
	default:
		return v->name;
	}
}
