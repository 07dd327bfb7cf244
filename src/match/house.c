/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "match/house.h"

#include "base/utf8.h"

#include "base/banned.h"

enum { FLOAT_DIGITS = 15 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Is what follows E an exponent to the end? */
static bool is_exponent(const struct house_key *k, size_t at)
{
	if (at < k->n && k->text[at] == '+')
		at++;
	if (at == k->n)
		return false;
	while (at < k->n && is_digit(k->text[at]))
		at++;
	return at == k->n;
}

/* d.ddddE+nn to its digits. */
static void read_scientific(struct house_key *k)
{
	size_t e = 0, n = 0;

	while (e < k->n && (is_digit(k->text[e]) || (e == 1 && k->text[e] == '.')))
		e++;
	if (e < 3 || e == k->n || k->text[e] != 'E' || k->text[1] != '.' || !is_exponent(k, e + 1))
		return;
	for (size_t i = 0; i < e; i++)
		if (i != 1)
			k->text[n++] = k->text[i];
	while (n >= 12 && n < FLOAT_DIGITS) /* zeros that the notation leaves out */
		k->text[n++] = '0';
	k->n = n;
	k->lossy = true;
}

/* Without ".0" behind and zeros before. */
static void drop_zeros(struct house_key *k)
{
	size_t zeros = 0;

	if (memchr(k->text, '.', k->n))
		while (k->n > 1 && k->text[k->n - 1] == '0')
			k->n--;
	if (k->n > 0 && k->text[k->n - 1] == '.')
		k->n--;
	while (zeros < k->n && k->text[zeros] == '0')
		zeros++;
	k->n -= zeros;
	memmove(k->text, k->text + zeros, k->n);
}

struct house_key house_key_of(struct str hh_no)
{
	struct house_key k = {.n = 0};
	size_t pos = 0;

	if (hh_no.n == 0)
		return k;
	for (int32_t cp; (cp = utf8_next(hh_no, &pos)) >= 0;) {
		cp = utf8_narrow(cp);
		if (cp >= 'a' && cp <= 'z')
			cp -= 'a' - 'A';
		if (!(cp >= '0' && cp <= '9') && !(cp >= 'A' && cp <= 'Z') && cp != '.' && cp != '+')
			continue;
		if (k.n == HOUSE_KEY_MAX) {
			k.n = 0;
			return k;
		}
		k.text[k.n++] = (char)cp;
	}
	read_scientific(&k);
	drop_zeros(&k);
	return k;
}

/* Puts household i at the head of the chain of its key. */
static void chain(struct match *m, struct map *map, int32_t *next, struct str key, int32_t i)
{
	struct str kept = map_get(map, key, -1) < 0 ? str_copy(&m->arena, key) : key;
	int64_t *first = map_slot(map, kept, -1);

	next[i] = (int32_t)*first;
	*first = i;
}

static uint16_t group_of(const struct match_household *h)
{
	int32_t group = place_group_column(h->group);

	return (uint16_t)(group ? group : place_group(h->address));
}

void house_build(struct match *m)
{
	size_t n = m->in.n_households;

	map_init(&m->hh_numbers);
	map_init(&m->hh_prefixes);
	map_reserve(&m->hh_numbers, n);
	map_reserve(&m->hh_prefixes, n);
	m->hh_group = base_calloc(n + 1, sizeof(m->hh_group[0]));
	m->hh_next = base_calloc(n + 1, sizeof(m->hh_next[0]));
	m->hh_prefix_next = base_calloc(n + 1, sizeof(m->hh_prefix_next[0]));
	for (size_t i = n; i-- > 0;) {
		struct house_key k = house_key_of(m->in.households[i].hh_no);
		m->hh_group[i] = group_of(&m->in.households[i]);
		m->hh_next[i] = m->hh_prefix_next[i] = -1;
		if (k.n == 0)
			continue;
		struct str key = {k.text, k.n};
		if (!k.lossy)
			chain(m, &m->hh_numbers, m->hh_next, key, (int32_t)i);
		if (k.n >= FLOAT_DIGITS)
			chain(m, &m->hh_prefixes, m->hh_prefix_next, str_sub(key, 0, FLOAT_DIGITS), (int32_t)i);
	}
}

void house_release(struct match *m)
{
	map_release(&m->hh_numbers);
	map_release(&m->hh_prefixes);
	base_free(m->hh_group);
	base_free(m->hh_next);
	base_free(m->hh_prefix_next);
}

static void collect(int64_t first, const int32_t *next, struct house_found *f)
{
	for (int64_t i = first; i >= 0; i = next[i]) {
		if (f->n < HOUSE_FOUND_MAX)
			f->list[f->n] = (int32_t)i;
		f->n++;
	}
}

struct house_found house_find(const struct match *m, const struct house_key *key)
{
	struct house_found f = {.n = 0};
	struct str text = {key->text, key->n};
	size_t tail = 0;

	if (key->n == 0)
		return f;
	if (!key->lossy)
		collect(map_get(&m->hh_numbers, text, -1), m->hh_next, &f);
	while (tail < key->n && key->text[key->n - 1 - tail] == '0')
		tail++;
	/* More than 15 digits that end in zeros may have been a float. */
	bool rounded = key->lossy || (key->n > FLOAT_DIGITS && tail >= key->n - FLOAT_DIGITS);
	if (f.n > 0 || !rounded || key->n < FLOAT_DIGITS)
		return f;
	f.lossy = true;
	collect(map_get(&m->hh_prefixes, str_sub(text, 0, FLOAT_DIGITS), -1), m->hh_prefix_next, &f);
	return f;
}

bool house_keys_near(const struct house_key *a, const struct house_key *b)
{
	const struct house_key *s = a->n <= b->n ? a : b, *l = s == a ? b : a;
	size_t i = 0;

	if (s->n < 8 || l->n - s->n > 1)
		return false;
	while (i < s->n && s->text[i] == l->text[i])
		i++;
	if (l->n != s->n)
		return memcmp(s->text + i, l->text + i + 1, s->n - i) == 0;
	if (i == s->n || memcmp(s->text + i + 1, l->text + i + 1, s->n - i - 1) == 0)
		return true;
	return i + 1 < s->n && s->text[i] == l->text[i + 1] && s->text[i + 1] == l->text[i] &&
	       memcmp(s->text + i + 2, l->text + i + 2, s->n - i - 2) == 0;
}
