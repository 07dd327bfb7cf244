/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "link/attribute.h"

#include "base/utf8.h"
#include "link/compare.h"
#include "link/attribute_levels.h"
#include "link/hanname.h"
#include "link/idno.h"
#include "link/place.h"

#include "base/banned.h"

enum { SCRATCH_MAX = 512 /* bytes or characters that are compared */ };

/* --- what there is ------------------------------------------------------------------------- */

static const char *const exact_texts[] = {"missing", "different", "same"};
static const char *const code_texts[] = {"missing", "different", "begins alike", "two swapped",
                                         "one character", "same"};
static const char *const date_texts[] = {
	"missing",    "different",  "same year",             "same month and day",
	"two digits", "same month", "day and month swapped", "one digit",          "same"};
static const char *const name_texts[] = {"missing", "different", "alike", "nearly", "same"};
static const char *const text_texts[] = {"missing", "different", "common words", "alike", "nearly",
                                         "same"};
static const char *const id_texts[] = {"missing", "different", "same day, another number",
                                       "different, one not in order", "two digits",
                                       "one slip", "same as far as known", "same"};
static const char *const place_texts[] = {"missing", "different", "same town", "village sounds alike",
                                          "same village"};
static const char *const names_texts[] = {
	"missing", "surname differs", "surname nearly", "surname same",
	"given differs", "both differ", "given differs, surname nearly", "given differs, surname same",
	"given nearly", "given nearly, surname differs", "both nearly", "given nearly, surname same",
	"given same", "given same, surname differs", "given same, surname nearly", "both same",
	"exchanged, nearly", "exchanged"};
static const char *const han_texts[HANNAME_CLASS_MAX] = {
	"missing", "different", "same surname", "married name", "one character", "sounds near",
	"a character missing", "swapped", "unreadable characters", "looks alike", "same sound",
	"variant characters", "same"};

struct kind {
	const char *name;
	size_t levels;
	const char *const *texts;
	size_t same_from; /* from this level on the value is the same */
};

static const struct kind kinds[ATTRIBUTE_KIND_MAX] = {
	[ATTRIBUTE_EXACT] = {"exact", EXACT_MAX, exact_texts, EXACT_SAME},
	[ATTRIBUTE_CODE] = {"code", CODE_MAX, code_texts, CODE_SAME},
	[ATTRIBUTE_DATE] = {"date", DATE_LEVEL_MAX, date_texts, DATE_LEVEL_SAME},
	[ATTRIBUTE_NAME] = {"name", NAME_MAX, name_texts, NAME_SAME},
	[ATTRIBUTE_NAMES] = {"names", NAMES_MAX, names_texts, NAMES_MAX},
	[ATTRIBUTE_TEXT] = {"text", TEXT_MAX, text_texts, TEXT_SAME},
	[ATTRIBUTE_HANNAME] = {"hanname", HANNAME_CLASS_MAX, han_texts, HANNAME_VARIANT},
	[ATTRIBUTE_IDNO] = {"idno", ID_MAX, id_texts, ID_MAX},
	[ATTRIBUTE_SEX] = {"sex", EXACT_MAX, exact_texts, EXACT_MAX},
	[ATTRIBUTE_PLACE] = {"place", PLACE_MAX, place_texts, PLACE_SAME},
};

const char *attribute_kind_name(enum attribute_kind k)
{
	return kinds[k].name;
}

bool attribute_kind_find(struct str name, enum attribute_kind *ret)
{
	for (int k = 0; k < ATTRIBUTE_KIND_MAX; k++)
		if (str_is(name, kinds[k].name)) {
			*ret = (enum attribute_kind)k;
			return true;
		}
	return false;
}

size_t attribute_levels(enum attribute_kind k)
{
	return kinds[k].levels;
}

const char *attribute_level_text(enum attribute_kind k, size_t level)
{
	return level < kinds[k].levels ? kinds[k].texts[level] : "";
}

bool attribute_level_same(enum attribute_kind k, size_t level)
{
	return level >= kinds[k].same_from;
}

bool attribute_level_apart(enum attribute_kind k, size_t level)
{
	return k == ATTRIBUTE_IDNO && level == ID_SIBLING;
}

enum attribute_says attribute_level_says(enum attribute_kind k, size_t level)
{
	if (level == MISSING)
		return ATTRIBUTE_SAYS_NOTHING;
	switch (k) {
	case ATTRIBUTE_HANNAME:
		return level >= HANNAME_NEAR_SOUND || level == HANNAME_MARRIED ? ATTRIBUTE_SAYS_SAME
		     : level == HANNAME_ONE_CHAR ? ATTRIBUTE_SAYS_KIN : ATTRIBUTE_SAYS_OTHER;
	case ATTRIBUTE_IDNO:
		return level >= ID_SLIP ? ATTRIBUTE_SAYS_SAME : ATTRIBUTE_SAYS_OTHER;
	case ATTRIBUTE_DATE:
		return level >= DATE_LEVEL_TWO_DIGITS ? ATTRIBUTE_SAYS_SAME : ATTRIBUTE_SAYS_OTHER;
	default:
		return level + 1 == kinds[k].levels ? ATTRIBUTE_SAYS_SAME : ATTRIBUTE_SAYS_OTHER;
	}
}

/* --- normal forms ---------------------------------------------------------------------------- */

/* Are eight bytes all digits, small letters or beyond ASCII (or ASCII signs above ':')? */
static bool is_normal8(uint64_t w)
{
	const uint64_t each = 0x0101010101010101u, high = each * 0x80;
	uint64_t low = w & ~high;
	uint64_t small = ~(low + each * (0x80 - '0'));
	uint64_t upper = (low + each * (0x80 - 'A')) & ~(low + each * (0x80 - 'Z' - 1));
	return !((small | upper) & ~w & high);
}

size_t attribute_normal(struct str s, char *out)
{
	size_t n = 0, i = 0;
	bool gap = false;
	while (i < s.n) {
		uint64_t w;
		if (!gap && s.n - i >= sizeof(w) && (memcpy(&w, s.p + i, sizeof(w)), is_normal8(w))) {
			memcpy(out + n, &w, sizeof(w));
			n += sizeof(w);
			i += sizeof(w);
			continue;
		}
		char c = s.p[i++];
		if (c == ' ' || c == '\t' || c == '-' || c == '.' || c == ',' || c == '\'') {
			gap = n > 0;
			continue;
		}
		if (gap)
			out[n++] = ' ';
		gap = false;
		out[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	return n;
}

int32_t attribute_day(struct str s)
{
	int32_t part[3] = {0, 0, 0}, digits[3] = {0, 0, 0};
	int n = 0;
	bool in = false;
	for (size_t i = 0; i < s.n && n <= 3; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';
		if (digit && !in && ++n > 3)
			return 0;
		in = digit;
		if (!digit)
			continue;
		if (++digits[n - 1] > 8)
			return 0;
		part[n - 1] = part[n - 1] * 10 + (s.p[i] - '0');
	}
	if (n == 1 && digits[0] == 8)
		return part[0];
	if (n < 3)
		return 0;
	bool year_first = digits[0] == 4;
	int32_t y = year_first ? part[0] : part[2], m = part[1], d = year_first ? part[2] : part[0];
	if ((year_first ? digits[0] : digits[2]) != 4 || m > 99 || d > 99)
		return 0;
	if (!year_first && m > 12 && d <= 12) {
		int32_t t = m; /* month first */
		m = d;
		d = t;
	}
	return y * 10000 + m * 100 + d;
}

/* --- comparing ------------------------------------------------------------------------------- */

static bool is_inside(struct str s, size_t at)
{
	return at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80;
}

/* What is left of both when their common beginning and end are taken off. */
static size_t strip_common(struct str a, struct str b, struct str ret[2])
{
	size_t from = 0, back = 0, less = a.n < b.n ? a.n : b.n;
	while (from < less && a.p[from] == b.p[from])
		from++;
	while (from > 0 && (is_inside(a, from) || is_inside(b, from)))
		from--;
	while (back < less - from && a.p[a.n - 1 - back] == b.p[b.n - 1 - back])
		back++;
	while (back > 0 && is_inside(a, a.n - back))
		back--;
	ret[0] = str_sub(a, from, a.n - back - from);
	ret[1] = str_sub(b, from, b.n - back - from);
	return utf8_count(str_sub(a, 0, from));
}

/* The first two characters, and how many there are, three at most. */
static size_t first_two(struct str s, int32_t ret[2])
{
	size_t n = 0, pos = 0;
	for (int32_t cp; n < 3 && (cp = utf8_next(s, &pos)) >= 0; n++)
		if (n < 2)
			ret[n] = cp;
	return n;
}

static size_t compare_code(struct str a, struct str b)
{
	struct str rest[2];
	int32_t x[2] = {0, 0}, y[2] = {0, 0};
	if (str_eq(a, b))
		return CODE_SAME;
	size_t whole = utf8_count(a);
	if (whole < 3 || utf8_count(b) < 3)
		return CODE_DIFFERENT;
	size_t same = strip_common(a, b, rest), nx = first_two(rest[0], x), ny = first_two(rest[1], y);
	if (nx <= 1 && ny <= 1)
		return CODE_ONE;
	if (nx == 2 && ny == 2 && x[0] == y[1] && x[1] == y[0])
		return CODE_SWAPPED;
	return same >= 3 && same * 2 >= whole ? CODE_PART : CODE_DIFFERENT;
}

size_t attribute_compare_days(int32_t x, int32_t y)
{
	if (!x || !y)
		return MISSING;
	if (x == y)
		return DATE_LEVEL_SAME;
	int32_t xm = x / 100 % 100, ym = y / 100 % 100, xd = x % 100, yd = y % 100;
	bool year = x / 10000 == y / 10000;
	int off = 0, swapped = 0;
	char p[12], q[12];
	for (int i = 7; i >= 0; i--, x /= 10, y /= 10) {
		p[i] = (char)(x % 10);
		q[i] = (char)(y % 10);
		off += p[i] != q[i];
	}
	for (int i = 0; i < 7; i++)
		swapped |= off == 2 && p[i] != q[i] && p[i] == q[i + 1] && p[i + 1] == q[i];
	if (year && xm == yd && xd == ym)
		return DATE_LEVEL_SWAPPED;
	if (off == 1 || swapped)
		return DATE_LEVEL_ONE_DIGIT;
	if (year && xm == ym)
		return DATE_LEVEL_YEAR_MONTH;
	if (off == 2)
		return DATE_LEVEL_TWO_DIGITS;
	if (xm == ym && xd == yd)
		return DATE_LEVEL_MONTH_DAY;
	return year ? DATE_LEVEL_YEAR : DATE_LEVEL_DIFFERENT;
}

static size_t compare_name(struct str a, struct str b, struct arena *arena)
{
	if (!a.n || !b.n)
		return MISSING;
	if (str_eq(a, b))
		return NAME_SAME;
	struct points x = points_of(arena, a), y = points_of(arena, b);
	if (x.n > SCRATCH_MAX || y.n > SCRATCH_MAX)
		return NAME_DIFFERENT;
	double jw = compare_jaro_winkler(arena, x, y, 0.1);
	size_t osa = compare_osa(arena, x, y), longer = x.n > y.n ? x.n : y.n;
	if (jw >= 0.93 || osa <= 1 || (osa == 2 && longer >= 6))
		return NAME_NEAR;
	return jw >= 0.83 ? NAME_FAR : NAME_DIFFERENT;
}

static size_t compare_text(struct str a, struct str b, struct arena *arena)
{
	if (str_eq(a, b))
		return TEXT_SAME;
	struct points x = points_of(arena, a), y = points_of(arena, b);
	if (x.n > SCRATCH_MAX || y.n > SCRATCH_MAX)
		return compare_token_sets(arena, a, b) >= 0.5 ? TEXT_WORDS : TEXT_DIFFERENT;
	double jw = compare_jaro_winkler(arena, x, y, 0.1);
	size_t osa = compare_osa(arena, x, y), longer = x.n > y.n ? x.n : y.n;
	if (osa <= 1 || (jw >= 0.94 && osa * 5 <= longer))
		return TEXT_NEAR;
	if (osa * 3 <= longer || jw >= 0.9)
		return TEXT_FAR;
	return compare_token_sets(arena, a, b) >= 0.34 ? TEXT_WORDS : TEXT_DIFFERENT;
}

void attribute_halves(struct str s, struct str ret[2])
{
	struct str rest = s;
	ret[0] = ret[1] = (struct str){0};
	(void)str_split(&rest, '\t', &ret[0]);
	ret[1] = rest;
}

/* 0 missing, 1 different, 2 near, 3 same */
static size_t part_level(struct str a, struct str b, struct arena *arena)
{
	size_t l = compare_name(a, b, arena);
	return l == MISSING ? 0 : l == NAME_SAME ? 3 : l == NAME_NEAR ? 2 : 1;
}

static size_t compare_names(struct str a, struct str b, struct arena *arena)
{
	struct str x[2], y[2];
	attribute_halves(a, x);
	attribute_halves(b, y);
	size_t given = part_level(x[0], y[0], arena), surname = part_level(x[1], y[1], arena);
	if (given < 3 && surname < 3) {
		size_t one = part_level(x[0], y[1], arena), other = part_level(x[1], y[0], arena);
		if (one == 3 && other == 3)
			return NAMES_EXCHANGED;
		if (one + other >= 5 || (one + other == 3 && (one == 3 || other == 3) && (!one || !other)))
			return NAMES_EXCHANGED_NEAR;
	}
	return given * 4 + surname;
}

size_t attribute_compare_ids(const struct idno *x, const struct idno *y)
{
	if (!x->n || !y->n)
		return MISSING;
	bool both = idno_ok(x) && idno_ok(y), full = idno_full(x) && idno_full(y);
	switch (idno_relate(x, y)) {
	case IDNO_SAME:
		return ID_SAME;
	case IDNO_SAME_15:
	case IDNO_SAME_MASKED:
		return ID_PART;
	case IDNO_ONE_DIGIT:
	case IDNO_SWAP:
	case IDNO_ONE_LENGTH:
		if (!both)
			return ID_SLIP;
		break;
	case IDNO_TWO_DIGITS:
		if (!both)
			return ID_TWO;
		break;
	default:
		break;
	}
	if (full && memcmp(x->id18 + 6, y->id18 + 6, 8) == 0)
		return ID_SIBLING;
	return both ? ID_DIFFERENT : ID_DIFFERENT_BAD;
}

static size_t compare_idno(struct str a, struct str b)
{
	struct idno x = idno_parse(a, false), y = idno_parse(b, false);
	return attribute_compare_ids(&x, &y);
}

static size_t compare_sex(struct str a, struct str b)
{
	enum sex x = sex_parse(a), y = sex_parse(b);
	if (x == SEX_UNKNOWN || y == SEX_UNKNOWN)
		return MISSING;
	return x == y ? EXACT_SAME : EXACT_DIFFERENT;
}

/* Does the text name the village? */
static size_t names_village(struct place_text *text, struct str village)
{
	uint16_t stem[PLACE_POINTS];
	size_t n = place_stem_points(village, stem, PLACE_POINTS);
	return !n ? PLACE_DIFFERENT : place_text_has(text, stem, n) ? PLACE_SAME
	     : place_text_sounds(text, stem, n) ? PLACE_SOUND : PLACE_DIFFERENT;
}

static size_t compare_free(struct str a, struct str b)
{
	struct place_text x, y;
	if (str_eq(a, b))
		return PLACE_SAME;
	place_text_read(&x, a);
	place_text_read(&y, b);
	return names_village(&x, b) == PLACE_SAME || names_village(&y, a) == PLACE_SAME
	               ? PLACE_SAME : PLACE_DIFFERENT;
}

static size_t compare_place(struct str a, struct str b)
{
	struct str x[2], y[2];
	struct place_text text;
	uint16_t stem[PLACE_POINTS];
	attribute_halves(a, x);
	attribute_halves(b, y);
	/* the side with a village of its own says what to look for in the other's text */
	bool left = x[1].n > 0;
	struct str village = left ? x[1] : y[1], town = left ? x[0] : y[0];
	if (!village.n)
		return compare_free(a, b);
	place_text_read(&text, left ? b : a);
	size_t level = names_village(&text, village);
	if (level != PLACE_DIFFERENT)
		return level;
	size_t n = place_stem_points(town, stem, PLACE_POINTS);
	return n && place_text_has(&text, stem, n) ? PLACE_TOWN : PLACE_DIFFERENT;
}

size_t attribute_compare(enum attribute_kind k, struct str a, struct str b, struct arena *arena)
{
	if (!a.n || !b.n)
		return MISSING;
	switch (k) {
	case ATTRIBUTE_EXACT:
		return str_eq(a, b) ? EXACT_SAME : EXACT_DIFFERENT;
	case ATTRIBUTE_CODE:
		return compare_code(a, b);
	case ATTRIBUTE_DATE:
		return attribute_compare_days(attribute_day(a), attribute_day(b));
	case ATTRIBUTE_NAME:
		return compare_name(a, b, arena);
	case ATTRIBUTE_NAMES:
		return compare_names(a, b, arena);
	case ATTRIBUTE_TEXT:
		return compare_text(a, b, arena);
	case ATTRIBUTE_HANNAME:
		return (size_t)hanname_compare_text(a, b);
	case ATTRIBUTE_IDNO:
		return compare_idno(a, b);
	case ATTRIBUTE_SEX:
		return compare_sex(a, b);
	case ATTRIBUTE_PLACE:
		return compare_place(a, b);
	case ATTRIBUTE_KIND_MAX:
		break;
	}
	return MISSING;
}

/* --- keys ---------------------------------------------------------------------------------- */

static uint64_t not_zero(uint64_t h)
{
	return h ? h : 1;
}

/* First letter and the consonants behind it that sound apart (Russell's Soundex, four signs). */
static uint64_t soundex(struct str s)
{
	static const char code[] = "01230120022455012623010202"; /* a..z */
	char out[4];
	size_t n = 0;
	char last = 0;
	for (size_t i = 0; i < s.n && n < 4; i++) {
		char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
		if (c < 'a' || c > 'z')
			continue;
		char k = code[c - 'a'];
		if (n == 0)
			out[n++] = c;
		else if (k != '0' && k != last)
			out[n++] = k;
		last = k;
	}
	return n ? not_zero(str_hash((struct str){out, n})) : 0;
}

static uint64_t first_points(struct str s, size_t want)
{
	size_t n = 0, end = 0;
	while (end < s.n && n < want) {
		for (end++; end < s.n && ((unsigned char)s.p[end] & 0xC0) == 0x80;)
			end++;
		n++;
	}
	return n ? not_zero(str_hash(str_sub(s, 0, end))) : 0;
}

uint64_t attribute_part_key(struct str s, int part, enum attribute_key which)
{
	struct str half[2];
	attribute_halves(s, half);
	if (!half[part].n)
		return 0;
	return which == ATTRIBUTE_KEY_EXACT ? not_zero(str_hash(half[part])) : soundex(half[part]);
}

/* Both names, whichever stands first. */
static uint64_t names_key(struct str s, enum attribute_key which)
{
	uint64_t given = attribute_part_key(s, 0, which), surname = attribute_part_key(s, 1, which);
	if (!given || !surname)
		return 0;
	return not_zero((given ^ surname) * 0x9E3779B97F4A7C15u + given + surname);
}

/* 18 plain characters that are a number whole, whether they are in order or not: the usual
 * ones.  What ends in 000 may have lost its tail. */
static bool is_plain_id(struct str s)
{
	const uint64_t each = 0x0101010101010101u;
	uint64_t w[2];
	if (s.n != 18)
		return false;
	memcpy(w, s.p, sizeof(w));
	for (size_t i = 0; i < 2; i++) {
		uint64_t digit = w[i] ^ each * '0'; /* 0 to 9 in each byte? */
		if (((digit + each * (0x80 - 10)) | digit) & each * 0x80)
			return false;
	}
	bool last = s.p[17] == 'x' || s.p[17] == 'X' || (s.p[17] >= '0' && s.p[17] <= '9');
	return last && s.p[16] >= '0' && s.p[16] <= '9' && memcmp(s.p + 15, "000", 3) != 0;
}

/* soft: without the place, which is what is mistyped least and shared most */
static uint64_t idno_key(const struct idno *id, enum attribute_key which)
{
	bool exact = which == ATTRIBUTE_KEY_EXACT;
	if (!idno_full(id))
		return 0;
	return not_zero(str_hash((struct str){id->id18 + (exact ? 0 : 6), exact ? 18 : 11}));
}

static uint64_t name_key(const struct hanname *name, enum attribute_key which)
{
	return which == ATTRIBUTE_KEY_EXACT ? hanname_key(name) : hanname_sound_key(name);
}

static struct idno id_for_keys(struct str s)
{
	struct idno id = {.n = 18};
	if (!is_plain_id(s))
		return idno_parse(s, false);
	memcpy(id.id18, s.p, 18);
	id.id18[17] = s.p[17] == 'x' ? 'X' : s.p[17];
	return id;
}

static void idno_keys(struct str s, uint64_t ret[ATTRIBUTE_KEY_MAX])
{
	struct idno id = id_for_keys(s);
	for (int which = 0; which < ATTRIBUTE_KEY_MAX; which++)
		ret[which] = idno_key(&id, (enum attribute_key)which);
}

static void hanname_keys(struct str s, uint64_t ret[ATTRIBUTE_KEY_MAX])
{
	struct hanname name = hanname_parse(s);
	for (int which = 0; which < ATTRIBUTE_KEY_MAX; which++)
		ret[which] = name_key(&name, (enum attribute_key)which);
}

static void day_keys(struct str s, uint64_t ret[ATTRIBUTE_KEY_MAX])
{
	int32_t day = attribute_day(s);
	if (!day)
		return;
	ret[ATTRIBUTE_KEY_EXACT] = not_zero((uint64_t)day * 0x9E3779B97F4A7C15u);
	ret[ATTRIBUTE_KEY_SOFT] = not_zero((uint64_t)(day / 100) * 0x9E3779B97F4A7C15u);
}

static uint64_t place_key(struct str s, enum attribute_key which)
{
	struct str half[2];
	char stem[SCRATCH_MAX];
	attribute_halves(s, half);
	if (!half[1].n)
		return 0; /* a free address has no key of its own */
	size_t n = place_stem(half[which == ATTRIBUTE_KEY_EXACT], stem, sizeof(stem));
	return n ? not_zero(str_hash((struct str){stem, n})) : 0;
}

static uint64_t word_key(enum attribute_kind k, enum attribute_key which, struct str s)
{
	bool exact = which == ATTRIBUTE_KEY_EXACT;
	switch (k) {
	case ATTRIBUTE_NAME:
		return exact ? not_zero(str_hash(s)) : soundex(s);
	case ATTRIBUTE_NAMES:
		return names_key(s, which);
	case ATTRIBUTE_SEX:
		return (uint64_t)sex_parse(s);
	case ATTRIBUTE_PLACE:
		return place_key(s, which);
	case ATTRIBUTE_CODE:
	case ATTRIBUTE_TEXT:
		return exact ? not_zero(str_hash(s)) : first_points(s, k == ATTRIBUTE_TEXT ? 5 : 3);
	default:
		return exact ? not_zero(str_hash(s)) : 0;
	}
}

void attribute_keys(enum attribute_kind k, struct str s, uint64_t ret[ATTRIBUTE_KEY_MAX])
{
	memset(ret, 0, ATTRIBUTE_KEY_MAX * sizeof(*ret));
	if (!s.n)
		return;
	if (k == ATTRIBUTE_IDNO)
		idno_keys(s, ret);
	else if (k == ATTRIBUTE_HANNAME)
		hanname_keys(s, ret);
	else if (k == ATTRIBUTE_DATE)
		day_keys(s, ret);
	else
		for (int which = 0; which < ATTRIBUTE_KEY_MAX; which++)
			ret[which] = word_key(k, (enum attribute_key)which, s);
}

uint64_t attribute_key(enum attribute_kind k, enum attribute_key which, struct str s)
{
	uint64_t keys[ATTRIBUTE_KEY_MAX];
	if (s.n && k == ATTRIBUTE_IDNO) {
		struct idno id = id_for_keys(s);
		return idno_key(&id, which);
	}
	if (s.n && k == ATTRIBUTE_HANNAME) {
		struct hanname name = hanname_parse(s);
		return name_key(&name, which);
	}
	attribute_keys(k, s, keys);
	return keys[which];
}
