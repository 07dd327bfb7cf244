/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * place: which village a text names.
 *
 * Villages are known by many names: 万台, 万台村, 万台村委会, 八里河镇万台村民委员会,
 * 安徽省颍上县八里河镇万台村第七村民组; a community's suffix varies as much (社区,
 * 居委会, 社区居民委员会).  An index holds the names and aliases of the areas without
 * these suffixes; a text is looked for at its start and behind every 省 市 县 区
 * 镇 乡 街道 in it.  A place-name that belongs to two areas is told apart by the
 * kind of the suffix (村 or 社区) or not at all.
 *
 * Reading an index is thread-safe.  Texts given to place_index_add are copied.
 */
#ifndef DAOHU_LINK_PLACE_H
#define DAOHU_LINK_PLACE_H

#include "base/str.h"

enum { PLACE_NONE = -1 };

struct place_index;

struct place_index *place_index_new(void);
void place_index_free(struct place_index *x); /* NULL is allowed */
/* A name of an area; call it for the name and each alias (an alias may be a code). */
void place_index_add(struct place_index *x, struct str name, int32_t area);
/* The area that the text names, or PLACE_NONE when none or not clear. */
int32_t place_find(const struct place_index *x, struct str text);

/* The name without suffix, blanks and full-width forms: "渔民社区居委会" -> "渔民".
 * Writes at most max bytes; returns how many.  A name that would vanish stays. */
size_t place_stem(struct str name, char *ret, size_t max);

/* A text that names of places are looked for in, read once. */
enum { PLACE_POINTS = 170 };
struct place_text {
	uint16_t cp[PLACE_POINTS]; /* characters */
	uint16_t sound[PLACE_POINTS + 1]; /* what they sound like */
	size_t n;        /* 0 when there are more: such a text names no place */
	bool sounded;
};
void place_text_read(struct place_text *t, struct str s);
/* Does the text have these characters, one behind the other; or others of the same sound? */
bool place_text_has(const struct place_text *t, const uint16_t *cp, size_t n);
bool place_text_sounds(struct place_text *t, const uint16_t *cp, size_t n);
/* The characters of place_stem; 0 when there are more than max. */
size_t place_stem_points(struct str name, uint16_t *ret, size_t max);

/* Number of the villagers' group in a text: 7组, 第七村民小组, 十二队; 0 = none. */
int32_t place_group(struct str text);
/* The same for a column of groups, where the number may stand alone. */
int32_t place_group_column(struct str text);

#endif
