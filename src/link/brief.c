/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "link/brief.h"

#include "link/attribute_levels.h"
#include "link/hanname.h"

#include "base/banned.h"

enum {
	INLINE_MAX = 15, /* bytes of a text that is kept as it is; the last one is its length */
	ID_FLAGS_AT = 16,
	NIBBLES = 16, /* digits of a number in the first word */
};

static const struct brief none, is_long = {{UINT64_MAX, UINT64_MAX}};

/* --- into sixteen bytes ------------------------------------------------------------------- */

static uint64_t nibble(char c)
{
	return c == 'X' ? 10 : (uint64_t)(c - '0');
}

/* Four bits a digit, X as 10; behind them the flags. */
static struct brief id_brief(struct str s)
{
	struct brief b = none;
	struct idno id = idno_parse(s, false);
	if (!id.n)
		return none;
	if (!idno_full(&id))
		return is_long;
	for (int i = 0; i < NIBBLES; i++)
		b.w[0] |= nibble(id.id18[i]) << 4 * i;
	b.w[1] = nibble(id.id18[16]) | nibble(id.id18[17]) << 4 | (uint64_t)1 << 8 |
		 (uint64_t)id.flags << ID_FLAGS_AT;
	return b;
}

static struct idno id_of(struct brief b)
{
	static const char digits[] = "0123456789X";
	struct idno id = {.n = 18, .known = 18, .flags = (uint16_t)(b.w[1] >> ID_FLAGS_AT)};
	for (int i = 0; i < NIBBLES; i++)
		id.id18[i] = digits[b.w[0] >> 4 * i & 15];
	id.id18[16] = digits[b.w[1] & 15];
	id.id18[17] = digits[b.w[1] >> 4 & 15];
	return id;
}

static struct brief name_brief(struct str s)
{
	struct hanname name = hanname_parse(s);
	uint16_t cp[HANNAME_SHORT];
	struct brief b = none;
	if (!hanname_shorten(&name, cp))
		return is_long;
	memcpy(&b.w[0], cp, sizeof(cp));
	return b;
}

static struct hanname name_of(struct brief b)
{
	uint16_t cp[HANNAME_SHORT];
	memcpy(cp, &b.w[0], sizeof(cp));
	return hanname_unshorten(cp);
}

/* Up to four usual characters in a word. */
static bool points_word(struct str name, uint64_t *ret)
{
	uint16_t cp[HANNAME_SHORT] = {0};
	size_t n = place_stem_points(name, cp, HANNAME_SHORT);
	bool fits = n > 0 || name.n == 0;
	for (size_t i = 0; i < n; i++)
		fits = fits && cp[i] >= 0x4E00 && cp[i] <= 0x9FFF;
	memcpy(ret, cp, sizeof(cp));
	return fits;
}

static struct brief place_brief(struct str s)
{
	struct str half[2];
	struct brief b;
	attribute_halves(s, half);
	if (!half[1].n || !points_word(half[1], &b.w[0]) || !points_word(half[0], &b.w[1]))
		return is_long;
	return b;
}

static struct brief text_brief(struct str s)
{
	char bytes[INLINE_MAX + 1] = {0};
	struct brief b;
	if (s.n > INLINE_MAX)
		return is_long;
	memcpy(bytes, s.p, s.n);
	bytes[INLINE_MAX] = (char)s.n;
	memcpy(&b, bytes, sizeof(b));
	return b;
}

struct brief brief_of(enum attribute_kind k, struct str s)
{
	if (!s.n)
		return none;
	switch (k) {
	case ATTRIBUTE_DATE:
		return (struct brief){{(uint64_t)attribute_day(s), 0}};
	case ATTRIBUTE_SEX:
		return (struct brief){{(uint64_t)sex_parse(s), 0}};
	case ATTRIBUTE_IDNO:
		return id_brief(s);
	case ATTRIBUTE_HANNAME:
		return name_brief(s);
	case ATTRIBUTE_PLACE:
		return place_brief(s);
	default:
		return text_brief(s);
	}
}

/* --- comparing ------------------------------------------------------------------------------- */

/* Two different numbers in order are of one day or not; the rest is told digit by digit. */
static size_t compare_ids(struct brief a, struct brief b)
{
	const uint64_t birth = (uint64_t)0xFFFFFFFF << 24; /* digits 7 to 14 */
	uint64_t head = a.w[0] ^ b.w[0], tail = (a.w[1] ^ b.w[1]) & 0xFF;
	if (!head && !tail)
		return ID_SAME;
	if (!((a.w[1] | b.w[1]) >> ID_FLAGS_AT))
		return head & birth ? ID_DIFFERENT : ID_SIBLING;
	struct idno x = id_of(a), y = id_of(b);
	return attribute_compare_ids(&x, &y);
}

static size_t compare_names(struct brief a, struct brief b)
{
	if (a.w[0] == b.w[0])
		return HANNAME_SAME;
	struct hanname x = name_of(a), y = name_of(b);
	return (size_t)hanname_compare(&x, &y);
}

static size_t points_of_word(uint64_t w, uint16_t cp[HANNAME_SHORT])
{
	size_t n = 0;
	memcpy(cp, &w, sizeof(w));
	while (n < HANNAME_SHORT && cp[n])
		n++;
	return n;
}

static size_t compare_place(struct brief a, struct brief_reading *b)
{
	uint16_t cp[HANNAME_SHORT];
	size_t n = points_of_word(a.w[0], cp);
	if (!b->placed)
		place_text_read(&b->place, b->text);
	b->placed = true;
	if (place_text_has(&b->place, cp, n))
		return PLACE_SAME;
	if (place_text_sounds(&b->place, cp, n))
		return PLACE_SOUND;
	n = points_of_word(a.w[1], cp);
	return n && place_text_has(&b->place, cp, n) ? PLACE_TOWN : PLACE_DIFFERENT;
}

static size_t compare_inline(struct brief a, const struct brief_reading *b, struct arena *arena)
{
	char bytes[INLINE_MAX + 1];
	if (b->kind != ATTRIBUTE_NAMES && brief_same(a, b->brief))
		return attribute_levels(b->kind) - 1;
	memcpy(bytes, &a, sizeof(bytes));
	struct arena_mark m = arena_save(arena);
	size_t level = attribute_compare(b->kind, (struct str){bytes, (size_t)bytes[INLINE_MAX]},
					 b->text, arena);
	arena_back(arena, m);
	return level;
}

void brief_read(struct brief_reading *r, enum attribute_kind k, struct str s)
{
	r->kind = k;
	r->text = s;
	r->placed = false;
	/* of a place it is the text that the others are looked for in */
	r->brief = k == ATTRIBUTE_PLACE ? none : brief_of(k, s);
}

size_t brief_compare(struct brief a, struct brief_reading *b, struct arena *arena)
{
	enum attribute_kind k = b->kind;
	if (brief_same(a, none) || !b->text.n)
		return MISSING;
	if (brief_same(a, is_long))
		return BRIEF_LONG;
	if (k == ATTRIBUTE_PLACE)
		return compare_place(a, b);
	if (k != ATTRIBUTE_DATE && k != ATTRIBUTE_SEX && k != ATTRIBUTE_IDNO &&
	    k != ATTRIBUTE_HANNAME)
		return compare_inline(a, b, arena);
	if (brief_same(b->brief, none))
		return MISSING;
	if (brief_same(b->brief, is_long))
		return BRIEF_LONG;
	if (k == ATTRIBUTE_DATE)
		return attribute_compare_days((int32_t)a.w[0], (int32_t)b->brief.w[0]);
	if (k == ATTRIBUTE_SEX)
		return a.w[0] == b->brief.w[0] ? EXACT_SAME : EXACT_DIFFERENT;
	return k == ATTRIBUTE_IDNO ? compare_ids(a, b->brief) : compare_names(a, b->brief);
}
