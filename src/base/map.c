/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/map.h"

#include "base/banned.h"

void map_init(struct map *m)
{
	*m = (struct map){0};
}

void map_release(struct map *m)
{
	base_free(m->slots);
	*m = (struct map){0};
}

void map_clear(struct map *m)
{
	if (m->cap)
		memset(m->slots, 0, m->cap * sizeof(*m->slots));
	m->n = 0;
}

static size_t slot_of(const struct map *m, struct str key, uint64_t hash)
{
	size_t i = hash & (m->cap - 1);
	while (m->slots[i].hash && !(m->slots[i].hash == hash && str_eq(m->slots[i].key, key)))
		i = (i + 1) & (m->cap - 1);
	return i;
}

static uint64_t hash_of(struct str key)
{
	uint64_t h = str_hash(key);
	return h ? h : 1;
}

static void resize(struct map *m, size_t cap)
{
	struct map old = *m;
	m->slots = base_table(cap, sizeof(*m->slots));
	m->cap = cap;
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].hash)
			m->slots[slot_of(m, old.slots[i].key, old.slots[i].hash)] = old.slots[i];
	base_free(old.slots);
}

void map_reserve(struct map *m, size_t n)
{
	size_t cap = m->cap ? m->cap : 16;
	while (cap * 3 / 4 <= n)
		cap *= 2;
	if (cap != m->cap)
		resize(m, cap);
}

int64_t *map_slot(struct map *m, struct str key, int64_t initial)
{
	map_reserve(m, m->n + 1);
	uint64_t h = hash_of(key);
	size_t i = slot_of(m, key, h);
	if (!m->slots[i].hash) {
		m->slots[i] = (struct map_slot){key, h, initial};
		m->n++;
	}
	return &m->slots[i].value;
}

bool map_set(struct map *m, struct str key, int64_t value)
{
	size_t n = m->n;
	*map_slot(m, key, value) = value;
	return m->n > n;
}

int64_t map_get(const struct map *m, struct str key, int64_t none)
{
	if (!m->n)
		return none;
	size_t i = slot_of(m, key, hash_of(key));
	return m->slots[i].hash ? m->slots[i].value : none;
}

void imap_init(struct imap *m)
{
	*m = (struct imap){0};
}

void imap_release(struct imap *m)
{
	base_free(m->slots);
	*m = (struct imap){0};
}

static uint64_t ikey(int64_t key)
{
	return (uint64_t)key ^ UINT64_C(1) << 63;
}

static size_t islot_of(const struct imap *m, uint64_t key)
{
	uint64_t h = key * 0x9E3779B97F4A7C15u;
	size_t i = (size_t)(h ^ (h >> 29)) & (m->cap - 1);
	while (m->slots[i].key && m->slots[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return i;
}

static int64_t *least_slot(struct imap *m, int64_t initial)
{
	if (!m->has_least) {
		m->has_least = true;
		m->least = initial;
		m->n++;
	}
	return &m->least;
}

int64_t *imap_slot(struct imap *m, int64_t key, int64_t initial)
{
	if (key == INT64_MIN)
		return least_slot(m, initial);
	if (m->cap * 3 / 4 <= m->n + 1) {
		struct imap old = *m;
		m->cap = old.cap ? old.cap * 2 : 16;
		m->slots = base_table(m->cap, sizeof(*m->slots));
		for (size_t i = 0; i < old.cap; i++)
			if (old.slots[i].key)
				m->slots[islot_of(m, old.slots[i].key)] = old.slots[i];
		base_free(old.slots);
	}
	size_t i = islot_of(m, ikey(key));
	if (!m->slots[i].key) {
		m->slots[i] = (struct imap_slot){ikey(key), initial};
		m->n++;
	}
	return &m->slots[i].value;
}

bool imap_set(struct imap *m, int64_t key, int64_t value)
{
	size_t n = m->n;
	*imap_slot(m, key, value) = value;
	return m->n > n;
}

int64_t imap_get(const struct imap *m, int64_t key, int64_t none)
{
	if (key == INT64_MIN)
		return m->has_least ? m->least : none;
	if (!m->cap)
		return none;
	size_t i = islot_of(m, ikey(key));
	return m->slots[i].key ? m->slots[i].value : none;
}
