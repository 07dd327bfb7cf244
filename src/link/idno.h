/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * idno: numbers that name a person or a firm, as offices write them.
 *
 * Pure functions on text.  A citizen's number is 18 characters (GB 11643: six
 * of the place of first registration, eight of the birth date, three of
 * sequence - odd for a man -, one check character by ISO 7064 MOD 11-2); an old
 * one has 15 digits (no century, no check character); a disability card number
 * is the citizen's number followed by type and grade (20) or by these and a
 * two-digit issue (22).  The place digits are not compared with any list:
 * places were renamed and people move.
 *
 * Reading forgives what spreadsheets and typists do: full-width characters,
 * blanks, a leading or enclosing quote, ="...", hyphens, a lower-case x, a
 * decimal ".0", and a number in scientific notation (whose tail is lost).
 * What was wrong is told by flags; nothing is guessed.
 */
#ifndef DAOHU_LINK_IDNO_H
#define DAOHU_LINK_IDNO_H

#include "base/arena.h"
#include "base/date.h"

enum sex { SEX_UNKNOWN, SEX_MALE, SEX_FEMALE, SEX_MAX };

enum idno_flag {
	IDNO_CHECKSUM_BAD = 1, /* 18 characters whose check character does not fit */
	IDNO_DATE_BAD = 2,     /* the birth part is no date between 1880 and the year 2199 */
	IDNO_LEN_BAD = 4,      /* neither 15, 18, 20 nor 22 characters */
	IDNO_CHARS_BAD = 8,    /* something that cannot stand in such a number */
	IDNO_LOSSY = 16,       /* went through a float: only the first `known` digits count */
	IDNO_FROM_15 = 32,     /* was an old number; id18 is its new form */
	IDNO_FROM_CARD = 64,   /* was a disability card number; id18 is its first 18 */
	IDNO_MASKED = 128,     /* has stars (or X's) in the middle where digits were hidden */
};

struct idno {
	char id18[20];   /* 18 characters when n is 18, else what was read, cut at 19; "" = none */
	uint8_t n;       /* characters in id18 */
	uint8_t known;   /* leading characters to rely on: n, or 15 and less when lossy */
	uint16_t flags;  /* enum idno_flag; 0 with n = 18: in order */
	uint8_t sex;     /* enum sex, of the 17th digit; unknown when that is lost */
	uint8_t card[2]; /* digits: disability type and grade of a card; 0 = not a card */
	date_t birth;    /* of digits 7 to 14; 0 when they are no date or hidden */
};

/* Reads s; `lossy` says that the cell was stored as a float (see io CELL_LOSSY).
 * Without the flag a number counts as lossy when it is in scientific notation,
 * or ends in 000 and its check character does not fit (a true one may end so). */
struct idno idno_parse(struct str s, bool lossy);
/* Known, whole and in order. */
static inline bool idno_ok(const struct idno *id)
{
	return id->n == 18 && (id->flags & ~(unsigned)(IDNO_FROM_15 | IDNO_FROM_CARD)) == 0;
}
/* 18 characters that name one person: whole, even if the check does not fit. */
static inline bool idno_full(const struct idno *id)
{
	return id->n == 18 &&
	       (id->flags & (IDNO_LOSSY | IDNO_CHARS_BAD | IDNO_LEN_BAD | IDNO_MASKED)) == 0;
}
/* The check character of the first 17 digits ('0'..'9', 'X'), 0 when one is no digit. */
char idno_check_char(const char *id17);
/* Reads 男/女/M/F/1/2/male/female (full width and blanks forgiven). */
enum sex sex_parse(struct str s);

enum idno_relation {
	IDNO_NO_RELATION,  /* different, or one of them is missing */
	IDNO_SAME,         /* all 18 */
	IDNO_SAME_15,      /* one is lossy: what is known of it (14 digits or more) agrees */
	IDNO_SAME_MASKED,  /* one has hidden digits: the others agree, at least ten of them */
	IDNO_ONE_DIGIT,    /* one character differs */
	IDNO_SWAP,         /* two neighbours are exchanged */
	IDNO_ONE_LENGTH,   /* one character lost or added */
	IDNO_TWO_DIGITS,   /* two characters differ */
	IDNO_RELATION_MAX
};
/* How two numbers relate; symmetric. */
enum idno_relation idno_relate(const struct idno *a, const struct idno *b);

/* Numbers in order that lie one wrong digit or one exchange of neighbours from
 * a number whose check character does not fit: writes at most max of them,
 * sorted, each 18 characters and NUL; returns how many there are. */
size_t idno_repairs(const struct idno *id, char (*ret)[19], size_t max);

/* For people who need not know it: the first six and the last four characters, stars between
 * (in `a`); "****" when it is shorter than twelve, empty when it is. */
struct str idno_masked(struct arena *a, struct str id);

/* Unified social credit code (GB 32100): 18 characters and check; false and
 * untouched when it is none.  Forgives what idno_parse does. */
bool uscc_parse(struct str s, char ret[19]);

#endif
