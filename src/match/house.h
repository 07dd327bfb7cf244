/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * house (inside match): households by their number.
 *
 * A number is compared without blanks, quotes, separators and leading zeros.
 * One that a spreadsheet turned to a float is known by its first 15 digits.
 */
#ifndef DAOHU_MATCH_HOUSE_H
#define DAOHU_MATCH_HOUSE_H

#include "match/people.h"

enum { HOUSE_KEY_MAX = 32, HOUSE_FOUND_MAX = 16 };

struct house_key {
	char text[HOUSE_KEY_MAX];
	size_t n;    /* 0: no number */
	bool lossy;  /* was a float: only the first 15 characters count */
};

struct house_found {
	int32_t list[HOUSE_FOUND_MAX]; /* households */
	size_t n;                      /* all there are, may be more than the list holds */
	bool lossy;
};

void house_build(struct match *m);
void house_release(struct match *m);
struct house_key house_key_of(struct str hh_no);
/* Households of that number. */
struct house_found house_find(const struct match *m, const struct house_key *key);
/* One character differs, two neighbours are exchanged, or one is missing. */
bool house_keys_near(const struct house_key *a, const struct house_key *b);

#endif
