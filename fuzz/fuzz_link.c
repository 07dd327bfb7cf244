/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Two texts, split at the first newline, through every comparator. */
#include <assert.h>

#include "link/brief.h"
#include "link/compare.h"
#include "link/hanname.h"
#include "link/idno.h"
#include "link/place.h"

enum { TEXT_MAX = 300 }; /* the distances are quadratic */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_numbers(struct str a, struct str b)
{
	char list[64][19], code[19];
	struct idno x = idno_parse(a, false), y = idno_parse(b, b.n % 2 == 1);

	assert(idno_relate(&x, &y) == idno_relate(&y, &x));
	assert(idno_repairs(&x, list, 64) <= 64);
	assert(x.n <= 19 && x.known <= x.n);
	if (uscc_parse(a, code))
		assert(code[18] == '\0');
	(void)sex_parse(a);
}

static void fuzz_names(struct str a, struct str b)
{
	struct hanname x = hanname_parse(a), y = hanname_parse(b), old = hanname_former(a);
	struct buf out;
	enum hanname_class c = hanname_compare(&x, &y);

	assert(c == hanname_compare(&y, &x));
	assert(c < HANNAME_CLASS_MAX && hanname_compare(&old, &x) < HANNAME_CLASS_MAX);
	if (c >= HANNAME_VARIANT)
		assert(hanname_key(&x) == hanname_key(&y));
	assert(hanname_compare_text(a, b) >= c);
	buf_init(&out, 1000);
	hanname_reading(&x, &out);
	buf_release(&out);
	(void)hanname_sound_key(&x);
}

static void fuzz_places(struct str a, struct str b)
{
	struct place_index *x = place_index_new();

	place_index_add(x, STR("万台村"), 0);
	place_index_add(x, a, 1);
	assert(place_find(x, b) <= 1);
	assert(place_find(x, a) <= 1);
	assert(place_group(b) >= 0);
	place_index_free(x);
}

static void fuzz_distances(struct str a, struct str b)
{
	struct arena arena;

	arena_init(&arena, 64 << 20);
	struct points x = points_of(&arena, a), y = points_of(&arena, b);
	size_t lv = compare_levenshtein(&arena, x, y);
	assert(compare_osa(&arena, x, y) <= lv);
	assert(compare_damerau(&arena, x, y) <= lv);
	assert(compare_lcs(&arena, x, y) >= lv);
	double jaro = compare_jaro(&arena, x, y);
	assert(jaro >= 0 && jaro <= 1);
	assert(compare_jaro_winkler(&arena, x, y, 0.1) >= jaro);
	(void)compare_cosine(&arena, x, y, 2);
	(void)compare_jaccard(&arena, x, y, 2);
	double share = compare_token_sets(&arena, a, b);
	assert(share >= 0 && share <= 1);
	arena_release(&arena);
}

/* The short form never says another thing than the text. */
static void fuzz_levels(struct str a, struct str b)
{
	static struct brief_reading r;
	struct arena arena;

	arena_init(&arena, 64 << 20);
	for (int k = 0; k < ATTRIBUTE_KIND_MAX; k++) {
		enum attribute_kind kind = (enum attribute_kind)k;
		size_t want = attribute_compare(kind, a, b, &arena);
		brief_read(&r, kind, b);
		size_t got = brief_compare(brief_of(kind, a), &r, &arena);
		assert(want < attribute_levels(kind));
		assert(got == BRIEF_LONG || got == want);
	}
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size < TEXT_MAX ? size : TEXT_MAX}, a = {0};

	if (!str_split(&rest, '\n', &a))
		return 0;
	fuzz_numbers(a, rest);
	fuzz_names(a, rest);
	fuzz_places(a, rest);
	fuzz_distances(a, rest);
	fuzz_levels(a, rest);
	return 0;
}
