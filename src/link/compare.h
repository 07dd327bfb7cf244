/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * compare: how much two texts differ, by code point.
 *
 * Distances count operations; similarities lie in 0..1.  The definitions are
 * those of the R package stringdist 0.9.10, to which the results agree:
 * Levenshtein; optimal string alignment (neighbours exchanged, no place edited
 * twice); Damerau-Levenshtein in full; longest common subsequence (insertions
 * and deletions only); Jaro and Jaro-Winkler (prefix of at most four); cosine
 * and Jaccard distance of the q-gram profiles.  NAN where a profile distance is
 * not defined (no q-grams at all, or only on one side for cosine).
 *
 * Pure; memory comes from the caller's arena and is left there, so a loop takes
 * a mark.  Cost is O(na * nb): callers bound the lengths.
 */
#ifndef DAOHU_LINK_COMPARE_H
#define DAOHU_LINK_COMPARE_H

#include "base/str.h"

/* Code points. */
struct points {
	const int32_t *p;
	size_t n;
};

struct points points_of(struct arena *a, struct str s);

size_t compare_levenshtein(struct arena *a, struct points x, struct points y);
size_t compare_osa(struct arena *a, struct points x, struct points y);
size_t compare_damerau(struct arena *a, struct points x, struct points y);
size_t compare_lcs(struct arena *a, struct points x, struct points y);
double compare_jaro(struct arena *a, struct points x, struct points y);
/* prefix_weight 0.1 is Winkler's. */
double compare_jaro_winkler(struct arena *a, struct points x, struct points y,
                            double prefix_weight);
double compare_cosine(struct arena *a, struct points x, struct points y, size_t q);
double compare_jaccard(struct arena *a, struct points x, struct points y, size_t q);
/* Share of the words (split at blanks and punctuation) that both texts have:
 * Jaccard similarity of the two sets; 0 when both are empty. */
double compare_token_sets(struct arena *a, struct str x, struct str y);

#endif
