/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * attribute: one thing that two records say of their subject (a name, a date, a number), and how
 * well what they say agrees.
 *
 * A kind says how values are read and compared.  Comparing gives a level, a small number: 0 is
 * "one of them is missing", the others are the ways in which values of this kind agree or differ
 * (attribute_level_text).  What a level is worth is not known here; that is learnt (fellegi.h).
 *
 * Keys: equal for values that say the same (ATTRIBUTE_KEY_EXACT), or nearly (ATTRIBUTE_KEY_SOFT:
 * sound, year and month, first letters), for blocking and for frequencies; 0 = no key.
 *
 * Pure functions on text; scratch memory comes from the arena and is left there.
 */
#ifndef DAOHU_LINK_ATTRIBUTE_H
#define DAOHU_LINK_ATTRIBUTE_H

#include "base/lang.h"
#include "base/str.h"

enum attribute_kind {
	ATTRIBUTE_EXACT,    /* codes and words of few values: equal or not */
	ATTRIBUTE_CODE,     /* numbers and codes: one wrong, lost, added or swapped character */
	ATTRIBUTE_DATE,     /* days: swapped day and month, one digit, parts that agree */
	ATTRIBUTE_NAME,     /* a word in letters: Jaro-Winkler, edits, sound */
	ATTRIBUTE_NAMES,    /* given name and surname ('\t' between): also one for the other */
	ATTRIBUTE_TEXT,     /* several words: edits and common words */
	ATTRIBUTE_HANNAME,  /* a name in Chinese characters */
	ATTRIBUTE_IDNO,     /* a citizen's number */
	ATTRIBUTE_SEX,
	ATTRIBUTE_PLACE,    /* town '\t' village on one side or both, or a free address */
	ATTRIBUTE_KIND_MAX
};

enum { ATTRIBUTE_LEVELS_MAX = 24 };

const char *attribute_kind_name(enum attribute_kind k); /* "date" */
bool attribute_kind_find(struct str name, enum attribute_kind *ret);
/* Levels of a kind, MISSING included. */
size_t attribute_levels(enum attribute_kind k);
/* "same day", "day and month swapped" */
const char *attribute_level_text(enum attribute_kind k, size_t level);
/* Does the level say that both mean the same value?  Then its frequency counts. */
bool attribute_level_same(enum attribute_kind k, size_t level);

/* Does the level say that these are two things, whatever else agrees?  (two valid numbers) */
bool attribute_level_apart(enum attribute_kind k, size_t level);

/* What a level comes to for a person who looks at it.  KIN: a name as brothers and sisters have
 * it, the surname and one character more alike. */
enum attribute_says { ATTRIBUTE_SAYS_NOTHING, ATTRIBUTE_SAYS_OTHER, ATTRIBUTE_SAYS_KIN, ATTRIBUTE_SAYS_SAME };
enum attribute_says attribute_level_says(enum attribute_kind k, size_t level);

size_t attribute_compare(enum attribute_kind k, struct str a, struct str b, struct arena *arena);

enum attribute_key { ATTRIBUTE_KEY_EXACT, ATTRIBUTE_KEY_SOFT, ATTRIBUTE_KEY_MAX };
uint64_t attribute_key(enum attribute_kind k, enum attribute_key which, struct str s);
/* Both at once: the value is read once. */
void attribute_keys(enum attribute_kind k, struct str s, uint64_t ret[ATTRIBUTE_KEY_MAX]);
/* Of one half of ATTRIBUTE_NAMES (0 given, 1 surname). */
uint64_t attribute_part_key(struct str s, int part, enum attribute_key which);

/* A day as YYYYMMDD in any habit of writing (1983-06-25, 19830625, 25/06/1983); 0 = none. */
int32_t attribute_day(struct str s);
/* Lower case, one blank between words, no punctuation at the ends; returns the bytes written. */
size_t attribute_normal(struct str s, char *out); /* at most s.n bytes; out may be s.p */

#endif
