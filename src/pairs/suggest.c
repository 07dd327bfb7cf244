/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * suggest: a configuration from the tables alone: what each column holds, by its header and by
 * what its values look like; which columns of the two tables say the same; which keys to block on.
 */
#include <stdlib.h>

#include "base/map.h"
#include "base/utf8.h"
#include "link/hanname.h"
#include "link/idno.h"
#include "pairs/side.h"

#include "base/banned.h"

enum { SAMPLE = 4000, COLUMNS_MAX = 64 };

enum role { ROLE_NONE, ROLE_GIVEN, ROLE_SURNAME, ROLE_TOWN, ROLE_VILLAGE, ROLE_ADDRESS };

struct profile {
	enum attribute_kind kind;
	enum role role;
	double filled;   /* share of rows with a value */
	double distinct; /* of the values */
	size_t values;   /* different ones in the sample */
	bool used;
};

/* --- what a column holds ------------------------------------------------------------------ */

static bool says(const char *name, const char *const *words)
{
	char low[128];
	size_t n = 0;
	for (; name[n] && n < sizeof(low) - 1; n++)
		low[n] = name[n] >= 'A' && name[n] <= 'Z' ? (char)(name[n] + 32) : name[n];
	low[n] = '\0';
	for (; *words; words++)
		if (strstr(low, *words))
			return true;
	return false;
}

static enum role role_of(const char *name)
{
	static const char *const given[] = {"given", "first", "forename", NULL};
	static const char *const surname[] = {"surname", "last_name", "lastname", "last name", "family", NULL};
	static const char *const town[] = {"town", "township", "乡镇", "镇", NULL};
	static const char *const village[] = {"village", "行政村", "村", NULL};
	static const char *const address[] = {"address", "addr", "地址", "住址", NULL};
	return says(name, given) ? ROLE_GIVEN : says(name, surname) ? ROLE_SURNAME
	     : says(name, address) ? ROLE_ADDRESS : says(name, village) ? ROLE_VILLAGE
	     : says(name, town) ? ROLE_TOWN : ROLE_NONE;
}

struct tally {
	size_t n, filled, days, ids, sexes, names, plain, digits, words, bytes, points;
};

static bool all_han(struct str s, size_t *ret_points)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t n = 0;
	bool han = s.n > 0;
	while (p < end) {
		int32_t cp = 0;
		size_t len = ((unsigned char)*p & 0xF0) == 0xE0 ? 3 : ((unsigned char)*p & 0xF8) == 0xF0 ? 4
		           : ((unsigned char)*p & 0xE0) == 0xC0 ? 2 : 1;
		if (len == 3 && end - p >= 3)
			cp = ((unsigned char)p[0] & 15) << 12 | ((unsigned char)p[1] & 63) << 6 |
			     ((unsigned char)p[2] & 63);
		han = han && (len == 4 || (cp >= 0x3400 && cp <= 0x9FFF) || cp == 0x25A1 ||
		              *p == '?' || *p == '*');
		n++;
		p += len;
	}
	*ret_points = n;
	return han;
}

static void count_value(struct tally *t, struct str v)
{
	size_t points, digits = 0, words = 1;
	struct idno id = idno_parse(v, false);
	bool han = all_han(v, &points);
	for (size_t i = 0; i < v.n; i++) {
		digits += v.p[i] >= '0' && v.p[i] <= '9';
		words += v.p[i] == ' ';
	}
	t->filled++;
	t->days += attribute_day(v) != 0;
	t->ids += idno_full(&id) && digits >= 14;
	t->sexes += sex_parse(v) != SEX_UNKNOWN;
	t->names += han && points >= 2 && points <= 4;
	t->plain += words == 1;
	t->digits += digits == v.n;
	t->words += words;
	t->points += points;
	t->bytes += v.n;
}

static bool most(size_t part, size_t of, double share)
{
	return of > 0 && (double)part >= share * (double)of;
}

static enum attribute_kind kind_of(const char *name, const struct tally *t, const struct profile *p)
{
	static const char *const date[] = {"birth", "dob", "date", "出生", "日期", NULL};
	static const char *const person[] = {"name", "姓名", "户主", NULL};
	static const char *const place[] = {"address", "addr", "地址", "住址", NULL};
	if (most(t->ids, t->filled, 0.5))
		return ATTRIBUTE_IDNO;
	if (most(t->days, t->filled, 0.8) || (says(name, date) && most(t->days, t->filled, 0.4)))
		return ATTRIBUTE_DATE;
	if (most(t->sexes, t->filled, 0.9) && p->values <= 6)
		return ATTRIBUTE_SEX;
	if (most(t->names, t->filled, 0.7) && (says(name, person) || p->distinct > 0.2) &&
	    role_of(name) == ROLE_NONE)
		return ATTRIBUTE_HANNAME;
	if (says(name, person) || p->role == ROLE_GIVEN || p->role == ROLE_SURNAME)
		return ATTRIBUTE_NAME;
	if (p->values <= 60 && p->distinct < 0.05)
		return ATTRIBUTE_EXACT;
	if (most(t->digits, t->filled, 0.8))
		return ATTRIBUTE_CODE;
	return says(name, place) || !most(t->plain, t->filled, 0.95) || t->bytes > 10 * t->filled
	               ? ATTRIBUTE_TEXT : ATTRIBUTE_NAME;
}

static struct profile profile_of(const struct pairs_table *t, size_t column)
{
	struct tally x = {0};
	struct profile p = {.role = role_of(t->names[column])};
	size_t step = t->n / SAMPLE + 1;
	struct map seen;
	map_init(&seen);
	for (size_t i = 0; i < t->n; i += step) {
		struct str v = pairs_cell(t, i, column);
		x.n++;
		if (!v.n)
			continue;
		count_value(&x, v);
		(void)map_set(&seen, v, 1);
	}
	p.values = seen.n;
	map_release(&seen);
	p.filled = x.n ? (double)x.filled / (double)x.n : 0;
	p.distinct = x.filled ? (double)p.values / (double)x.filled : 0;
	p.kind = kind_of(t->names[column], &x, &p);
	return p;
}

/* --- which columns belong together -------------------------------------------------------------- */

struct matching {
	const struct pairs_table *a, *b;
	struct profile pa[COLUMNS_MAX], pb[COLUMNS_MAX];
	size_t na, nb;
	struct pairs_config *c;
	struct arena *arena;
};

static int by_role(const struct profile *p, size_t n, enum role role)
{
	for (size_t i = 0; i < n; i++)
		if (p[i].role == role && !p[i].used && p[i].filled > 0.05)
			return (int)i;
	return -1;
}

static struct pairs_field *add_field(struct matching *m, const char *name, enum attribute_kind kind)
{
	static struct pairs_field spare;
	if (m->c->n_fields == FELLEGI_FIELDS_MAX)
		return &spare;
	struct pairs_field *f = &m->c->field[m->c->n_fields++];
	*f = (struct pairs_field){.name = name, .kind = kind};
	return f;
}

static void take_a(struct matching *m, struct pairs_field *f, int column)
{
	f->a[f->n_a++] = m->a->names[column];
	m->pa[column].used = true;
}

static void take_b(struct matching *m, struct pairs_field *f, int column)
{
	f->b[f->n_b++] = m->b->names[column];
	m->pb[column].used = true;
}

/* Given name and surname as one field, so that exchanged ones are seen. */
static void match_names(struct matching *m)
{
	int ga = by_role(m->pa, m->na, ROLE_GIVEN), gb = by_role(m->pb, m->nb, ROLE_GIVEN);
	int sa = by_role(m->pa, m->na, ROLE_SURNAME), sb = by_role(m->pb, m->nb, ROLE_SURNAME);
	if (ga < 0 || gb < 0 || sa < 0 || sb < 0)
		return;
	struct pairs_field *f = add_field(m, "names", ATTRIBUTE_NAMES);
	take_a(m, f, ga);
	take_a(m, f, sa);
	take_b(m, f, gb);
	take_b(m, f, sb);
}

/* Town and village on one side, a free address (or the same) on the other. */
static void match_places(struct matching *m)
{
	int ta = by_role(m->pa, m->na, ROLE_TOWN), va = by_role(m->pa, m->na, ROLE_VILLAGE);
	int tb = by_role(m->pb, m->nb, ROLE_TOWN), vb = by_role(m->pb, m->nb, ROLE_VILLAGE);
	int aa = by_role(m->pa, m->na, ROLE_ADDRESS), ab = by_role(m->pb, m->nb, ROLE_ADDRESS);
	bool a = ta >= 0 && va >= 0, b = tb >= 0 && vb >= 0;
	if (!(a && (b || ab >= 0)) && !(b && aa >= 0))
		return;
	struct pairs_field *f = add_field(m, "place", ATTRIBUTE_PLACE);
	if (a) {
		take_a(m, f, ta);
		take_a(m, f, va);
	} else {
		take_a(m, f, aa);
	}
	if (b) {
		take_b(m, f, tb);
		take_b(m, f, vb);
	} else {
		take_b(m, f, ab);
	}
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
		char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
		if (x != y)
			return false;
	}
	return *a == *b;
}

static bool worth(const struct profile *p)
{
	return !p->used && p->filled > 0.02 && p->values > 1;
}

static void match_same_names(struct matching *m)
{
	for (size_t i = 0; i < m->na; i++)
		for (size_t j = 0; j < m->nb; j++) {
			if (!worth(&m->pa[i]) || !worth(&m->pb[j]) ||
			    !same_name(m->a->names[i], m->b->names[j]))
				continue;
			/* where the two look different the less particular kind holds */
			enum attribute_kind k = m->pa[i].kind == m->pb[j].kind ? m->pa[i].kind
			                      : m->pa[i].kind == ATTRIBUTE_TEXT || m->pb[j].kind == ATTRIBUTE_TEXT
			                              ? ATTRIBUTE_TEXT : m->pa[i].kind;
			struct pairs_field *f = add_field(m, m->a->names[i], k);
			take_a(m, f, (int)i);
			take_b(m, f, (int)j);
		}
}

/* What is left: a kind that each table has once. */
static void match_kinds(struct matching *m)
{
	static const enum attribute_kind kinds[] = {ATTRIBUTE_IDNO, ATTRIBUTE_HANNAME, ATTRIBUTE_DATE,
	                                            ATTRIBUTE_SEX};
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		int a = -1, b = -1, na = 0, nb = 0;
		for (size_t i = 0; i < m->na; i++)
			if (worth(&m->pa[i]) && m->pa[i].kind == kinds[k]) {
				a = (int)i;
				na++;
			}
		for (size_t j = 0; j < m->nb; j++)
			if (worth(&m->pb[j]) && m->pb[j].kind == kinds[k]) {
				b = (int)j;
				nb++;
			}
		if (na != 1 || nb != 1)
			continue;
		struct pairs_field *f = add_field(m, m->a->names[a], kinds[k]);
		take_a(m, f, a);
		take_b(m, f, b);
	}
}

/* --- blocking ------------------------------------------------------------------------------------- */

struct choice {
	struct pairs_rule rule;
	double pairs;
};

static double count_pairs(const struct side *a, const struct side *b, const struct pairs_rule *rule)
{
	enum { ROWS = 20000 };
	struct arena arena;
	struct imap seen;
	size_t step_a = a->t->n / ROWS + 1, step_b = b->t->n / ROWS + 1;
	double pairs = 0;
	arena_init(&arena, (size_t)16 << 20);
	imap_init(&seen);
	for (size_t i = 0; i < a->t->n; i += step_a) {
		uint64_t k = side_key(a, i, rule, &arena);
		if (k)
			++*imap_slot(&seen, (int64_t)k, 0);
	}
	for (size_t j = 0; j < b->t->n; j += step_b) {
		uint64_t k = side_key(b, j, rule, &arena);
		if (k)
			pairs += (double)imap_get(&seen, (int64_t)k, 0);
	}
	imap_release(&seen);
	arena_release(&arena);
	return pairs * (double)step_a * (double)step_b;
}

static int by_pairs(const void *l, const void *r)
{
	const struct choice *a = l, *b = r;
	return (a->pairs > b->pairs) - (a->pairs < b->pairs);
}

/* Of the ways to key on these two fields the one that compares most, within the limit. */
static bool best_pair(const struct side *a, const struct side *b, size_t f, size_t g, double limit,
                      struct choice *ret)
{
	bool found = false;
	for (int i = 0; i < ATTRIBUTE_KEY_MAX * ATTRIBUTE_KEY_MAX; i++) {
		struct choice c = {.rule = {.n = 2, .part = {{f, (enum attribute_key)(i / 2)},
		                                            {g, (enum attribute_key)(i % 2)}}}};
		c.pairs = count_pairs(a, b, &c.rule);
		if (c.pairs > 0 && c.pairs <= limit && (!found || c.pairs > ret->pairs)) {
			*ret = c;
			found = true;
		}
	}
	return found;
}

static void choose_rules(const struct side *a, const struct side *b, struct pairs_config *c)
{
	enum { CHOICES = FELLEGI_FIELDS_MAX * FELLEGI_FIELDS_MAX };
	struct choice *all = base_calloc(CHOICES, sizeof(*all));
	size_t n = 0;
	double rows = (double)(a->t->n + b->t->n), budget = rows < 100000 ? rows * 60 : rows * 8;
	for (size_t f = 0; f < c->n_fields; f++) {
		struct choice one = {.rule = {.n = 1, .part = {{f, ATTRIBUTE_KEY_EXACT}}}};
		one.pairs = count_pairs(a, b, &one.rule);
		bool alone = one.pairs > 0 && one.pairs <= rows * 3;
		if (alone)
			all[n++] = one;
		for (size_t g = f + 1; g < c->n_fields; g++)
			n += best_pair(a, b, f, g, budget / 8, &all[n]);
	}
	qsort(all, n, sizeof(*all), by_pairs);
	double spent = 0;
	for (size_t i = 0; i < n && c->n_rules < PAIRS_RULES_MAX; i++) {
		if (spent + all[i].pairs > budget)
			break;
		spent += all[i].pairs;
		c->rule[c->n_rules++] = all[i].rule;
	}
	base_free(all);
}

enum err pairs_suggest(const struct pairs_table *a, const struct pairs_table *b,
                       struct arena *arena, struct diag *diag, struct pairs_config *ret)
{
	struct matching *m = ARENA_NEW(arena, struct matching);
	struct side sa, sb;
	bool dedupe = b == NULL;
	memset(ret, 0, sizeof(*ret));
	m->a = a;
	m->b = dedupe ? a : b;
	m->c = ret;
	m->arena = arena;
	m->na = a->n_columns < COLUMNS_MAX ? a->n_columns : COLUMNS_MAX;
	m->nb = m->b->n_columns < COLUMNS_MAX ? m->b->n_columns : COLUMNS_MAX;
	for (size_t i = 0; i < m->na; i++) {
		m->pa[i] = profile_of(a, i);
		m->pa[i].used = i == a->id;
	}
	for (size_t j = 0; j < m->nb; j++) {
		m->pb[j] = profile_of(m->b, j);
		m->pb[j].used = j == m->b->id;
	}
	ret->id_a = a->names[a->id];
	ret->id_b = m->b->names[m->b->id];
	match_names(m);
	match_places(m);
	match_same_names(m);
	match_kinds(m);
	ret->assign = dedupe ? PAIRS_ANY : PAIRS_EACH_B;
	ret->match = 0.7;
	ret->review = 0.05;
	enum err e = side_make(a, ret, false, diag, &sa);
	if (!e)
		e = side_make(m->b, ret, true, diag, &sb);
	if (!e && ret->n_fields == 0)
		e = diag_set(diag, ERR_INVALID, "no columns in common");
	if (!e)
		choose_rules(&sa, &sb, ret);
	if (!e && ret->n_rules == 0)
		e = diag_set(diag, ERR_INVALID, "no blocking key: the columns in common are too coarse or empty");
	return e;
}
