/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "link/place.h"

#include "base/map.h"
#include "base/utf8.h"
#include "link/hanname.h"

#include "base/banned.h"

enum {
	TEXT_MAX = 600, /* bytes of a text that are looked at */
	STEM_CHARS_MAX = 16,
	INDEX_BYTES_MAX = 256 << 20,
};

/* What the suffix says the area is. */
enum place_kind { KIND_ANY, KIND_VILLAGE, KIND_COMMUNITY };

struct place_entry {
	int32_t area;
	enum place_kind kind; /* of the name as it was added */
	int32_t next;         /* another area of the same stem, or -1 */
};

struct place_index {
	struct arena arena; /* texts */
	struct map stems;   /* to the first entry */
	struct place_entry *entries;
	size_t n, cap;
	size_t chars_max; /* of the longest stem */
};

/* STR for initialisers */
#define S(lit) {(lit), sizeof(lit) - 1}

static const struct {
	struct str text;
	enum place_kind kind;
} suffixes[] = {
	/* longer ones first */
	{S("社区居民委员会"), KIND_COMMUNITY}, {S("社区村民委员会"), KIND_COMMUNITY},
	{S("社区居委会"), KIND_COMMUNITY}, {S("社区村委会"), KIND_COMMUNITY},
	{S("村村民委员会"), KIND_VILLAGE}, {S("村居民委员会"), KIND_VILLAGE},
	{S("居民委员会"), KIND_COMMUNITY}, {S("村民委员会"), KIND_VILLAGE},
	{S("社区管委会"), KIND_COMMUNITY}, {S("社区居委"), KIND_COMMUNITY},
	{S("街居委会"), KIND_COMMUNITY}, {S("居委会"), KIND_COMMUNITY},
	{S("村村委会"), KIND_VILLAGE}, {S("行政村"), KIND_VILLAGE},
	{S("村委会"), KIND_VILLAGE}, {S("村民委"), KIND_VILLAGE},
	{S("村居委会"), KIND_VILLAGE}, {S("自然村"), KIND_VILLAGE},
	{S("新社区"), KIND_COMMUNITY}, {S("社区"), KIND_COMMUNITY},
	{S("村委"), KIND_VILLAGE}, {S("居委"), KIND_COMMUNITY},
	{S("大队"), KIND_VILLAGE}, {S("村居"), KIND_ANY},
	{S("嘎查"), KIND_VILLAGE}, {S("村"), KIND_VILLAGE},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct place_index *place_index_new(void)
{
	struct place_index *x = base_calloc(1, sizeof(*x));

	arena_init(&x->arena, INDEX_BYTES_MAX);
	map_init(&x->stems);
	return x;
}

void place_index_free(struct place_index *x)
{
	if (!x)
		return;
	map_release(&x->stems);
	arena_release(&x->arena);
	base_free(x->entries);
	base_free(x);
}

/* Full width to ASCII, without blanks and brackets; returns the bytes written. */
static size_t normalise(struct str s, char *ret, size_t max)
{
	size_t n = 0, pos = 0;

	for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0;) {
		cp = utf8_narrow(cp);
		if (cp <= ' ' || cp == 0xA0 || cp == 0xFEFF || cp == '(' || cp == ')' || cp == '"' ||
		    cp == '\'' || (cp >= 0x2000 && cp <= 0x206F))
			continue;
		if (n + 4 > max)
			break;
		n += utf8_encode(cp, ret + n);
	}
	return n;
}

/* Length of the name without its suffix. */
static size_t stem_length(struct str s, enum place_kind *ret_kind)
{
	*ret_kind = KIND_ANY;
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		if (s.n > suffixes[i].text.n && str_ends(s, suffixes[i].text)) {
			*ret_kind = suffixes[i].kind;
			return s.n - suffixes[i].text.n;
		}
	}
	return s.n;
}

size_t place_stem(struct str name, char *ret, size_t max)
{
	enum place_kind kind;
	size_t n = normalise(name, ret, max);

	return stem_length((struct str){ret, n}, &kind);
}

/* A character in sixteen bits; those that do not fit are all alike. */
static uint16_t short_point(int32_t cp)
{
	return cp > 0xFFFF ? 0xFFFF : (uint16_t)cp;
}

void place_text_read(struct place_text *t, struct str s)
{
	size_t pos = 0;

	t->sounded = false;
	t->n = 0;
	for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0;) {
		if (t->n == PLACE_POINTS) {
			t->n = 0;
			return;
		}
		t->cp[t->n++] = short_point(cp);
	}
}

size_t place_stem_points(struct str name, uint16_t *ret, size_t max)
{
	char stem[TEXT_MAX];
	struct str s = {stem, place_stem(name, stem, sizeof(stem))};
	size_t n = 0, pos = 0;

	for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0;) {
		if (n == max)
			return 0;
		ret[n++] = short_point(cp);
	}
	return n;
}

bool place_text_has(const struct place_text *t, const uint16_t *cp, size_t n)
{
	for (size_t i = 0; i + n <= t->n; i++)
		if (t->cp[i] == cp[0] && memcmp(t->cp + i, cp, n * sizeof(*cp)) == 0)
			return true;
	return false;
}

bool place_text_sounds(struct place_text *t, const uint16_t *cp, size_t n)
{
	uint16_t sound[PLACE_POINTS];

	for (size_t i = 0; i < n; i++)
		sound[i] = hanzi_heard(cp[i], i == 0);
	for (size_t i = 0; !t->sounded && i < t->n; i++)
		t->sound[i] = hanzi_heard(t->cp[i], false);
	t->sounded = true;
	for (size_t i = 0; i + n <= t->n; i++)
		if (memcmp(t->sound + i + 1, sound + 1, (n - 1) * sizeof(*sound)) == 0 &&
		    hanzi_heard(t->cp[i], true) == sound[0])
			return true;
	return false;
}

void place_index_add(struct place_index *x, struct str name, int32_t area)
{
	char text[TEXT_MAX];
	struct place_entry e = {.area = area, .next = -1};
	struct str stem = {text, normalise(name, text, sizeof(text))};

	stem.n = stem_length(stem, &e.kind);
	if (stem.n == 0)
		return;
	size_t chars = utf8_count(stem);
	if (chars > x->chars_max)
		x->chars_max = chars < STEM_CHARS_MAX ? chars : STEM_CHARS_MAX;
	int64_t *first = map_slot(&x->stems, str_copy(&x->arena, stem), -1);
	for (int64_t i = *first; i >= 0; i = x->entries[i].next)
		if (x->entries[i].area == area && x->entries[i].kind == e.kind)
			return;
	e.next = (int32_t)*first;
	*first = (int64_t)x->n;
	if (x->n == x->cap) {
		x->cap = x->cap ? x->cap * 2 : 64;
		x->entries = base_realloc(x->entries, x->cap, sizeof(x->entries[0]));
	}
	x->entries[x->n++] = e;
}

/* What kind of suffix a text starts with; *ret_any tells whether there is one
 * or something else that may follow a village's name (a group's number, the end). */
static enum place_kind kind_behind(struct str rest, bool *ret_any)
{
	size_t pos = 0;

	*ret_any = true;
	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (str_starts(rest, suffixes[i].text))
			return suffixes[i].kind;
	int32_t cp = utf8_next(rest, &pos);
	*ret_any = cp < 0 || (cp >= '0' && cp <= '9') || cp == 0x7B2C || cp == '-' || cp == ',';
	return KIND_ANY;
}

/* The one area of a stem that fits the kind; PLACE_NONE when several do. */
static int32_t choose(const struct place_index *x, int64_t first, enum place_kind kind)
{
	int32_t all = PLACE_NONE, fit = PLACE_NONE;
	size_t n_all = 0, n_fit = 0;

	for (int64_t i = first; i >= 0; i = x->entries[i].next) {
		const struct place_entry *e = &x->entries[i];
		if (e->area != all) {
			all = e->area;
			n_all++;
		}
		if (e->kind == kind && e->area != fit) {
			fit = e->area;
			n_fit++;
		}
	}
	if (n_all == 1)
		return all;
	return n_fit == 1 ? fit : PLACE_NONE;
}

struct find {
	int32_t area;   /* PLACE_NONE: nothing yet */
	bool certain;   /* a suffix or the end followed */
	size_t length;  /* of the name that was found */
};

/* Longest stem at the start of s, one with a suffix behind it before others. */
static void find_at(const struct place_index *x, struct str s, struct find *best)
{
	size_t ends[STEM_CHARS_MAX], n = 0, pos = 0;

	while (n < x->chars_max && utf8_next(s, &pos) >= 0)
		ends[n++] = pos;
	while (n-- > 0) {
		bool any;
		int64_t first = map_get(&x->stems, str_sub(s, 0, ends[n]), -1);
		if (first < 0)
			continue;
		enum place_kind kind = kind_behind(str_sub(s, ends[n], s.n), &any);
		int32_t area = choose(x, first, kind);
		if (area == PLACE_NONE)
			continue;
		if (best->area == PLACE_NONE || (any && !best->certain) ||
		    (any == best->certain && ends[n] > best->length))
			*best = (struct find){area, any, ends[n]};
	}
}

static bool is_level(int32_t cp)
{
	switch (cp) {
	case 0x7701: /* 省 */
	case 0x5E02: /* 市 */
	case 0x53BF: /* 县 */
	case 0x533A: /* 区 */
	case 0x65D7: /* 旗 */
	case 0x9547: /* 镇 */
	case 0x4E61: /* 乡 */
	case 0x9053: /* 道, of 街道 */
	case 0x5904: /* 处, of 办事处 */
	case 0x5DDE: /* 州 */
		return true;
	default:
		return false;
	}
}

int32_t place_find(const struct place_index *x, struct str text)
{
	char buffer[TEXT_MAX];
	struct str s = {buffer, normalise(text, buffer, sizeof(buffer))};
	struct find best = {.area = PLACE_NONE};
	size_t pos = 0;

	if (s.n == 0)
		return PLACE_NONE;
	find_at(x, s, &best);
	for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0;)
		if (is_level(cp) || cp == '-' || cp == '/')
			find_at(x, str_sub(s, pos, s.n), &best);
	return best.area;
}

/* Value of a digit or Chinese numeral; -1 when it is none, 10 for 十. */
static int numeral(int32_t cp)
{
	cp = utf8_narrow(cp);
	if (cp >= '0' && cp <= '9')
		return cp - '0';
	switch (cp) {
	case 0x3007: return 0; /* 〇 */
	case 0x4E00: return 1;
	case 0x4E8C: return 2;
	case 0x4E09: return 3;
	case 0x56DB: return 4;
	case 0x4E94: return 5;
	case 0x516D: return 6;
	case 0x4E03: return 7;
	case 0x516B: return 8;
	case 0x4E5D: return 9;
	case 0x5341: return 10;
	default: return -1;
	}
}

/* 7, 12, 七, 十二, 二十, 二十三 to a number; 0 when it is none. */
static int32_t read_number(const int32_t *cp, size_t n)
{
	int32_t value = 0, digit = 0;
	bool tens = false;

	for (size_t i = 0; i < n; i++) {
		int v = numeral(cp[i]);
		if (v < 0 || value > 999)
			return 0;
		if (v == 10) {
			if (tens)
				return 0;
			value = (value ? value : 1) * 10;
			tens = true;
			digit = 0;
		} else if (tens) {
			value += v;
			if (digit++ > 0)
				return 0;
		} else {
			value = value * 10 + v;
		}
	}
	return value;
}

/* Start of the character that ends before `end`. */
static size_t char_before(struct str s, size_t end)
{
	size_t at = end - 1;

	while (at > 0 && end - at < 4 && ((unsigned char)s.p[at] & 0xC0) == 0x80)
		at--;
	return at;
}

/* The number that a text ends with; false when it ends with something else. */
static bool number_at_end(struct str s, int32_t *ret)
{
	int32_t digits[8];
	size_t n = 0, most = COUNT(digits);

	for (size_t end = s.n, at; end > 0 && n < most; end = at) {
		at = char_before(s, end);
		size_t pos = at;
		int32_t cp = utf8_next((struct str){s.p, end}, &pos);
		if (pos == end && (cp == ' ' || cp == 0x3000))
			continue;
		if (pos != end || numeral(cp) < 0)
			break;
		digits[most - ++n] = cp;
	}
	if (n == 0)
		return false;
	*ret = read_number(digits + most - n, n);
	return true;
}

/* The number before a word for a group whose last character stands at `at`. */
static bool number_before(struct str text, size_t at, bool team, int32_t *ret)
{
	/* 村民小组 居民小组 村民组 居民组 小组 组, 生产队 队 without their last character */
	static const struct str groups[] = {S(""), S("小"), S("村民"), S("居民"), S("村民小"),
	                                    S("居民小")};
	static const struct str teams[] = {S(""), S("生产")};
	const struct str *words = team ? teams : groups;
	struct str before = {text.p, at};

	for (size_t i = 0; i < (team ? COUNT(teams) : COUNT(groups)); i++)
		if (str_ends(before, words[i]) &&
		    number_at_end(str_trim(str_sub(before, 0, at - words[i].n)), ret))
			return true;
	return false;
}

/* From the end, where the group stands as a rule: the last one counts. */
int32_t place_group(struct str text)
{
	static const char zu[] = "组", dui[] = "队";
	int32_t found;

	for (size_t end = text.n; end >= 3; end--) {
		const char *p = text.p + end - 3;
		bool team = p[2] == dui[2] && memcmp(p, dui, 3) == 0;
		if (!team && !(p[2] == zu[2] && memcmp(p, zu, 3) == 0))
			continue;
		if (number_before(text, end - 3, team, &found))
			return found;
	}
	return 0;
}

int32_t place_group_column(struct str text)
{
	int32_t digits[8];
	size_t n = 0, pos = 0;
	int32_t group = place_group(text);

	if (group > 0)
		return group;
	for (int32_t cp; (cp = utf8_next(text, &pos)) >= 0;) {
		if (cp == ' ' || cp == 0x3000 || cp == 0x7B2C)
			continue;
		if (n == COUNT(digits) || numeral(cp) < 0)
			return 0;
		digits[n++] = cp;
	}
	return read_number(digits, n);
}
