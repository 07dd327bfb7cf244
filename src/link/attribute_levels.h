/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Inside link: the levels of each kind of attribute, from worse to better, and what attribute.c and
 * brief.c share. */
#ifndef DAOHU_LINK_ATTRIBUTE_LEVELS_H
#define DAOHU_LINK_ATTRIBUTE_LEVELS_H

#include "link/attribute.h"
#include "link/idno.h"

enum { MISSING };
enum exact_level { EXACT_DIFFERENT = 1, EXACT_SAME, EXACT_MAX };
enum code_level { CODE_DIFFERENT = 1, CODE_PART, CODE_SWAPPED, CODE_ONE, CODE_SAME, CODE_MAX };
enum date_level {
	DATE_LEVEL_DIFFERENT = 1,
	DATE_LEVEL_YEAR,
	DATE_LEVEL_MONTH_DAY,
	DATE_LEVEL_TWO_DIGITS,
	DATE_LEVEL_YEAR_MONTH,
	DATE_LEVEL_SWAPPED,
	DATE_LEVEL_ONE_DIGIT,
	DATE_LEVEL_SAME,
	DATE_LEVEL_MAX
};
enum name_level { NAME_DIFFERENT = 1, NAME_FAR, NAME_NEAR, NAME_SAME, NAME_MAX };
enum text_level { TEXT_DIFFERENT = 1, TEXT_WORDS, TEXT_FAR, TEXT_NEAR, TEXT_SAME, TEXT_MAX };
enum id_level {
	ID_DIFFERENT = 1, /* both in order, nothing in common */
	ID_SIBLING,       /* of the same day, but more than a slip apart */
	ID_DIFFERENT_BAD, /* one of them is not in order */
	ID_TWO,
	ID_SLIP, /* one digit, a swap, a length: one of them is not in order */
	ID_PART, /* what is known of a cut or masked one agrees */
	ID_SAME,
	ID_MAX
};
enum place_level { PLACE_DIFFERENT = 1, PLACE_TOWN, PLACE_SOUND, PLACE_SAME, PLACE_MAX };

/* Given name and surname each: missing, different, near, same; then exchanged ones. */
enum names_level {
	NAMES_PAIRS = 16,
	NAMES_EXCHANGED_NEAR = NAMES_PAIRS,
	NAMES_EXCHANGED,
	NAMES_MAX
};

size_t attribute_compare_days(int32_t x, int32_t y);
size_t attribute_compare_ids(const struct idno *x, const struct idno *y);
/* The two parts of a value that a tab divides. */
void attribute_halves(struct str s, struct str ret[2]);

#endif
