/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * hanname: names of people in Chinese characters, as different offices write
 * the same one.
 *
 * Reading drops blanks, the dots of minority names, labels ("户主："), what stands
 * in brackets ((女), （户主）, （曾用名…）), and marks or digits behind the name
 * (王芳2).  ?, *, □, ○ and the like stand for a character that a system could not
 * write.  Readings come from a table made at build time (hanzi_table.h), with
 * surnames read as surnames (曾 zeng, 单 shan).  Pure functions; thread-safe.
 */
#ifndef DAOHU_LINK_HANNAME_H
#define DAOHU_LINK_HANNAME_H

#include "base/lang.h"
#include "base/str.h"

enum {
	HANNAME_MAX = 24,              /* characters kept; the rest is dropped */
	HANNAME_PLACEHOLDER_CP = 0xFFFD,
};

struct hanname {
	int32_t cp[HANNAME_MAX]; /* as written, placeholders as U+FFFD */
	uint8_t n;               /* 0 = no name */
	bool holes;              /* has placeholders */
	bool former;             /* brackets held another name: see hanname_former */
};

/* Nearly every name in eight bytes: up to four characters of the basic block
 * (U+4E00..9FFF), 0 behind them, nothing in brackets.  false for others. */
enum { HANNAME_SHORT = 4, HANNAME_SHORT_BYTES = 3 * HANNAME_SHORT };
static inline bool hanname_shorten(const struct hanname *name, uint16_t ret[HANNAME_SHORT])
{
	bool fits = name->n > 0 && name->n <= HANNAME_SHORT && !name->holes && !name->former;
	for (size_t i = 0; fits && i < name->n; i++)
		fits = name->cp[i] >= 0x4E00 && name->cp[i] <= 0x9FFF;
	for (size_t i = 0; i < HANNAME_SHORT; i++)
		ret[i] = fits && i < name->n ? (uint16_t)name->cp[i] : 0;
	return fits;
}
static inline struct hanname hanname_unshorten(const uint16_t s[HANNAME_SHORT])
{
	struct hanname name;
	name.holes = name.former = false;
	for (name.n = 0; name.n < HANNAME_SHORT && s[name.n]; name.n++)
		name.cp[name.n] = s[name.n];
	return name;
}

/* The same as text, which stands in ret. */
struct str hanname_short_text(const uint16_t s[HANNAME_SHORT], char ret[HANNAME_SHORT_BYTES]);

/* From worse to better.  From HANNAME_NEAR_SOUND on it may well be the same name. */
enum hanname_class {
	HANNAME_MISSING,      /* one of them is empty */
	HANNAME_DIFFERENT,
	HANNAME_SURNAME,      /* only the surname agrees */
	HANNAME_MARRIED,      /* 王李氏 and 李秀英 */
	HANNAME_ONE_CHAR,     /* one character of three or more is another one */
	HANNAME_NEAR_SOUND,   /* sounds alike where n/l, zh/z, ng/n are not told apart */
	HANNAME_MISSING_CHAR, /* one has a character more (the generation's) */
	HANNAME_SWAPPED,      /* two neighbours exchanged */
	HANNAME_HOLES,        /* agree but for characters that could not be written */
	HANNAME_LOOKALIKE,    /* one character taken for one that looks alike */
	HANNAME_HOMOPHONE,    /* the same reading */
	HANNAME_VARIANT,      /* traditional, simplified or variant characters */
	HANNAME_SAME,
	HANNAME_CLASS_MAX
};

static inline bool hanname_agrees(enum hanname_class c)
{
	return c >= HANNAME_NEAR_SOUND;
}

struct hanname hanname_parse(struct str s);
/* Characters of the surname: 1, or 2 for compound ones; 0 when there is no name. */
size_t hanname_surname(const struct hanname *name);
/* The other name in brackets or behind 曾用名, 又名 ...; n is 0 when there is none. */
struct hanname hanname_former(struct str s);
enum hanname_class hanname_compare(const struct hanname *a, const struct hanname *b);
/* Reads both, former names too; the best class. */
enum hanname_class hanname_compare_text(struct str a, struct str b);
/* Equal for names that are SAME or VARIANT; 0 when there is no name. */
uint64_t hanname_key(const struct hanname *name);
/* Equal for names that are HOMOPHONE or NEAR_SOUND in their usual readings; 0
 * when there is no name or it has placeholders. */
uint64_t hanname_sound_key(const struct hanname *name);
/* "zeng xiao ming": for people and tests; unknown readings as "?". */
void hanname_reading(const struct hanname *name, struct buf *out);
/* What people type to find the name, lower case without tones: "zengxiaoming" and
 * "zxm"; letters stay, unknown characters are left out of both. */
void hanname_typed(const struct hanname *name, struct buf *full, struct buf *initials);
/* "同音字" / "same sound" */
const struct text *hanname_class_text(enum hanname_class c);

/* Character for comparison: simplified, variants as one. */
int32_t hanzi_folded(int32_t cp);
/* Equal for characters whose usual readings sound nearly alike; the character itself when it has
 * none.  Above 0xFFFF all alike. */
uint16_t hanzi_heard(int32_t cp, bool surname);

#endif
