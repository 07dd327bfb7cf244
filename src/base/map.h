/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * map: from text (or a 64-bit number) to a 64-bit number; open addressing.
 * Keys are borrowed: they must outlive the map.  The value is usually an
 * index into an array of the caller's.
 */
#ifndef DAOHU_BASE_MAP_H
#define DAOHU_BASE_MAP_H

#include "base/str.h"

struct map_slot {
	struct str key;
	uint64_t hash; /* 0 = empty */
	int64_t value;
};

struct map {
	struct map_slot *slots;
	size_t n;
	size_t cap; /* power of two */
};

void map_init(struct map *m);
void map_release(struct map *m);
void map_clear(struct map *m);
/* Makes room for n keys at once. */
void map_reserve(struct map *m, size_t n);
/* Sets; returns true when the key was new. */
bool map_set(struct map *m, struct str key, int64_t value);
/* Adds when new; returns the place of the value either way (valid until the next add). */
int64_t *map_slot(struct map *m, struct str key, int64_t initial);
/* The value, or `none`. */
int64_t map_get(const struct map *m, struct str key, int64_t none);

/* The same for numbers as keys. */
struct imap_slot {
	uint64_t key; /* with its sign turned; 0 = empty */
	int64_t value;
};

struct imap {
	struct imap_slot *slots;
	size_t n;
	size_t cap;
	bool has_least;
	int64_t least; /* value of INT64_MIN, which would be 0 with its sign turned */
};

void imap_init(struct imap *m);
void imap_release(struct imap *m);
bool imap_set(struct imap *m, int64_t key, int64_t value);
int64_t *imap_slot(struct imap *m, int64_t key, int64_t initial);
int64_t imap_get(const struct imap *m, int64_t key, int64_t none);

#endif
