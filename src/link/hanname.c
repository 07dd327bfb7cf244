/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "link/hanname.h"

#include <wchar.h>

#include "base/utf8.h"

#include "base/banned.h"

struct hanzi_syllable {
	const char *text;
	uint16_t loose; /* index of what it sounds like to a careless ear */
};

struct hanzi_pair {
	int32_t cp;
	uint16_t value;
};

#include "hanzi_table.h"

enum { READINGS_MAX = 4 };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int32_t hanzi_folded(int32_t cp)
{
	if (cp < HANZI_FIRST || cp > HANZI_LAST)
		return cp;
	uint16_t v = hanzi_fold[cp - HANZI_FIRST];
	return v ? v : cp;
}

/* First place of cp in a sorted list, or n; set: who stands in it. */
static size_t pair_find(const struct hanzi_pair *list, size_t n, const uint8_t *set, int32_t cp)
{
	size_t low = 0, high = n, bit = (size_t)(cp - HANZI_FIRST);

	if (cp < HANZI_FIRST || cp > HANZI_LAST || !(set[bit / 8] >> bit % 8 & 1))
		return n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (list[mid].cp < cp)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && list[low].cp == cp ? low : n;
}

#define LISTED(list, cp) pair_find(list, COUNT(list), list##_set, cp)

static uint16_t usual_reading(int32_t folded, bool surname)
{
	if (surname) {
		size_t i = LISTED(hanzi_surnames, folded);
		if (i < COUNT(hanzi_surnames))
			return hanzi_surnames[i].value;
	}
	if (folded < HANZI_FIRST || folded > HANZI_LAST)
		return 0;
	return hanzi_sound[folded - HANZI_FIRST] / 8;
}

/* Every reading of a character; the usual one first. */
static size_t readings_of(int32_t folded, bool surname, uint16_t ret[READINGS_MAX])
{
	size_t n = 0;
	uint16_t usual = usual_reading(folded, surname);

	if (usual == 0)
		return 0;
	ret[n++] = usual;
	uint16_t plain = usual_reading(folded, false);
	if (plain != usual && plain != 0)
		ret[n++] = plain;
	for (size_t i = LISTED(hanzi_others, folded);
	     i < COUNT(hanzi_others) && hanzi_others[i].cp == folded && n < READINGS_MAX; i++)
		ret[n++] = hanzi_others[i].value;
	return n;
}

static bool is_open(int32_t cp)
{
	return cp == '(' || cp == '[' || cp == '{' || cp == '<' || cp == 0x3010 || cp == 0x3014 ||
	       cp == 0x300A || cp == 0x3008 || cp == 0xFE59;
}

static bool is_close(int32_t cp)
{
	return cp == ')' || cp == ']' || cp == '}' || cp == '>' || cp == 0x3011 || cp == 0x3015 ||
	       cp == 0x300B || cp == 0x3009 || cp == 0xFE5A;
}

static bool is_hole(int32_t cp)
{
	switch (cp) {
	case '?': case '*': case 0xFFFD: case 0x25A1: case 0x25A0: case 0x25CB: case 0x25CF:
	case 0x3013: case 0xD7: case 0x25EF: case 0x2605: case 0x2606: case 0x203B:
		return true;
	default:
		return cp >= 0xE000 && cp <= 0xF8FF; /* private use: another system's rare character */
	}
}

/* Blanks, dots, quotes, punctuation. */
static bool is_noise(int32_t cp)
{
	if (cp <= ' ' || (cp > ' ' && cp < '0') || (cp > ':' && cp < 'A') ||
	    (cp > 'Z' && cp < 'a') || (cp > 'z' && cp <= 0xBF))
		return true;
	return (cp >= 0x2000 && cp <= 0x206F) || (cp >= 0x3000 && cp <= 0x3004) || cp == 0x30FB ||
	       cp == 0xFF65 || cp == 0x22C5 || cp == 0xFEFF || cp == 0xB7 || cp == 0xFF61;
}

static bool is_latin(int32_t cp)
{
	return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z');
}

static bool is_compound(int32_t a, int32_t b)
{
	static const wchar_t list[] =
		L"欧阳上官司马诸葛尉迟皇甫司徒令狐慕容东方夏侯端木宇文长孙公孙轩辕独孤南宫西门东郭"
		L"百里呼延闻人太史申屠公冶宗政濮阳淳于单于太叔仲孙钟离澹台鲜于闾丘亓官司寇巫马公西"
		L"颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷段干南门东门第五左丘梁丘万俟";

	for (size_t i = 0; i + 2 < COUNT(list); i += 2) /* wchar_t is unsigned on arm64 */
		if ((int32_t)list[i] == a && (int32_t)list[i + 1] == b)
			return true;
	return false;
}

size_t hanname_surname(const struct hanname *name)
{
	if (name->n < 3)
		return name->n ? 1 : 0;
	return is_compound(hanzi_folded(name->cp[0]), hanzi_folded(name->cp[1])) ? 2 : 1;
}

static void name_add(struct hanname *name, int32_t cp)
{
	if (name->n == HANNAME_MAX)
		return;
	if (is_hole(cp)) {
		cp = HANNAME_PLACEHOLDER_CP;
		name->holes = true;
	} else if (cp >= 'a' && cp <= 'z') {
		cp -= 'a' - 'A';
	}
	name->cp[name->n++] = cp;
}

/* Digits and letters behind Chinese characters only number namesakes. */
static void drop_marks(struct hanname *name)
{
	if (name->n == 0 || is_latin(name->cp[0]))
		return;
	while (name->n > 1 && is_latin(name->cp[name->n - 1]))
		name->n--;
}

/* The common case, characters of the basic block only; false when something
 * else stands in s. */
static bool parse_plain(struct str s, struct hanname *name)
{
	if (s.n == 0 || s.n % 3 != 0 || s.n / 3 > 4)
		return false;
	for (size_t i = 0; i < s.n; i += 3) {
		const unsigned char *p = (const unsigned char *)s.p + i;
		if (p[0] < 0xE4 || p[0] > 0xE9 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80 ||
		    (p[0] == 0xE4 && p[1] < 0xB8))
			return false;
		name->cp[i / 3] = (p[0] & 0xF) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
	}
	name->n = (uint8_t)(s.n / 3);
	return true;
}

struct str hanname_short_text(const uint16_t s[HANNAME_SHORT], char ret[HANNAME_SHORT_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < HANNAME_SHORT && s[i]; i++) { /* of the basic block: three bytes */
		ret[n++] = (char)(0xE0 | s[i] >> 12);
		ret[n++] = (char)(0x80 | (s[i] >> 6 & 0x3F));
		ret[n++] = (char)(0x80 | (s[i] & 0x3F));
	}
	return (struct str){ret, n};
}

struct hanname hanname_parse(struct str s)
{
	struct hanname name;
	size_t pos = 0;
	int depth = 0;

	name.n = 0;
	name.holes = name.former = false;
	if (!parse_plain(s, &name)) {
		for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0;) {
			cp = utf8_narrow(cp);
			if (is_open(cp)) {
				depth++;
				name.former = true;
			} else if (is_close(cp)) {
				depth -= depth > 0;
			} else if (depth > 0) {
				continue;
			} else if (cp == ':') {
				name.n = 0;
				name.holes = false;
			} else if (is_hole(cp) || !is_noise(cp)) {
				name_add(&name, cp);
			}
		}
		drop_marks(&name);
	}
	return name;
}

/* Cuts s at its first closing bracket. */
static struct str until_close(struct str s)
{
	size_t pos = 0, before = 0;

	for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0; before = pos)
		if (is_close(utf8_narrow(cp)))
			return str_sub(s, 0, before);
	return s;
}

/* The text behind a word for "formerly", else inside the first brackets. */
static bool former_text(struct str s, struct str *ret)
{
	static const char *const words[] = {"曾用名", "又名", "原名", "别名", "小名", "原用名"};
	size_t pos = 0;

	for (size_t i = 0; i < COUNT(words); i++) {
		struct str word = str_c(words[i]);
		size_t at = str_find(s, word);
		if (at != SIZE_MAX) {
			*ret = until_close(str_sub(s, at + word.n, s.n));
			return true;
		}
	}
	for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0;) {
		if (is_open(utf8_narrow(cp))) {
			*ret = until_close(str_sub(s, pos, s.n));
			return true;
		}
	}
	return false;
}

struct hanname hanname_former(struct str s)
{
	static const char *const remarks[] = {"户主", "已故", "去世", "死亡", "本人", "独居",
	                                      "低保", "五保", "残疾", "配偶", "未婚", "在外"};
	struct hanname none = {0};
	struct str inside;

	if (!former_text(s, &inside))
		return none;
	for (size_t i = 0; i < COUNT(remarks); i++)
		if (str_find(inside, str_c(remarks[i])) != SIZE_MAX)
			return none;
	struct hanname name = hanname_parse(inside);
	return name.n >= 2 && !is_latin(name.cp[0]) ? name : none;
}

/* How two characters relate, from worse to better. */
enum char_relation { CHAR_OTHER, CHAR_LOOSE, CHAR_LOOK, CHAR_SOUND, CHAR_HOLE, CHAR_EQUAL };

static bool looks_alike(int32_t a, int32_t b)
{
	size_t n = COUNT(hanzi_looks);

	for (size_t i = LISTED(hanzi_looks, a); i < n && hanzi_looks[i].cp == a; i++)
		for (size_t j = LISTED(hanzi_looks, b); j < n && hanzi_looks[j].cp == b; j++)
			if (hanzi_looks[i].value == hanzi_looks[j].value)
				return true;
	return false;
}

static enum char_relation relate_chars(int32_t a, int32_t b, bool surname)
{
	uint16_t ra[READINGS_MAX], rb[READINGS_MAX];
	bool loose = false;

	if (a == HANNAME_PLACEHOLDER_CP || b == HANNAME_PLACEHOLDER_CP)
		return CHAR_HOLE;
	a = hanzi_folded(a);
	b = hanzi_folded(b);
	if (a == b)
		return CHAR_EQUAL;
	size_t na = readings_of(a, surname, ra), nb = readings_of(b, surname, rb);
	for (size_t i = 0; i < na; i++) {
		for (size_t j = 0; j < nb; j++) {
			if (ra[i] == rb[j])
				return CHAR_SOUND;
			loose |= hanzi_syllables[ra[i]].loose == hanzi_syllables[rb[j]].loose;
		}
	}
	if (looks_alike(a, b))
		return CHAR_LOOK;
	return loose ? CHAR_LOOSE : CHAR_OTHER;
}

/* Both have the same number of characters and are not equal when folded. */
static enum hanname_class compare_same_length(const struct hanname *a, const struct hanname *b)
{
	size_t count[CHAR_EQUAL + 1] = {0};
	size_t first_other = 0, n = a->n, surname = hanname_surname(a);

	for (size_t i = n; i-- > 0;) {
		enum char_relation r = relate_chars(a->cp[i], b->cp[i], i < surname);
		count[r]++;
		if (r != CHAR_EQUAL)
			first_other = i;
	}
	size_t equal = count[CHAR_EQUAL], odd = n - equal;
	if (odd == count[CHAR_HOLE])
		return equal >= 1 && equal + 2 >= n ? HANNAME_HOLES : HANNAME_DIFFERENT;
	if (odd == count[CHAR_SOUND] + count[CHAR_HOLE])
		return HANNAME_HOMOPHONE;
	if (odd == 1 && count[CHAR_LOOK] == 1)
		return HANNAME_LOOKALIKE;
	if (odd == 2 && first_other + 1 < n &&
	    relate_chars(a->cp[first_other], b->cp[first_other + 1], false) == CHAR_EQUAL &&
	    relate_chars(a->cp[first_other + 1], b->cp[first_other], false) == CHAR_EQUAL)
		return HANNAME_SWAPPED;
	/* Taken down by ear: 程铭椿 for 陈明春. */
	bool by_ear = count[CHAR_LOOK] == 0 && count[CHAR_LOOSE] <= 1;
	if (count[CHAR_OTHER] == 0 && (by_ear || (equal >= 1 && odd <= 2)))
		return HANNAME_NEAR_SOUND;
	if (odd == 1 && n >= 3)
		return HANNAME_ONE_CHAR;
	return first_other >= surname ? HANNAME_SURNAME : HANNAME_DIFFERENT;
}

/* Is the shorter the longer without one character (sounds count as equal)? */
static bool lacks_one(const struct hanname *s, const struct hanname *l)
{
	size_t skipped = 0, surname = hanname_surname(s);

	for (size_t i = 0; i < s->n; i++) {
		enum char_relation r = relate_chars(s->cp[i], l->cp[i + skipped], i < surname);
		if (r >= CHAR_SOUND)
			continue;
		if (skipped++ > 0)
			return false;
		i--;
	}
	return true;
}

static bool has_char(const struct hanname *name, int32_t cp)
{
	for (size_t i = 0; i < name->n; i++)
		if (hanzi_folded(name->cp[i]) == cp)
			return true;
	return false;
}

/* 王李氏: husband's surname, own surname, 氏. */
static bool is_married_form(const struct hanname *form, const struct hanname *other)
{
	return form->n >= 2 && form->n <= 4 && form->cp[form->n - 1] == 0x6C0F && other->n > 0 &&
	       has_char(form, hanzi_folded(other->cp[0]));
}

static enum hanname_class compare_lengths(const struct hanname *a, const struct hanname *b)
{
	const struct hanname *s = a->n < b->n ? a : b;
	const struct hanname *l = s == a ? b : a;

	if (is_married_form(a, b) || is_married_form(b, a))
		return HANNAME_MARRIED;
	if (l->n - s->n == 1 && s->n >= 2 && lacks_one(s, l))
		return HANNAME_MISSING_CHAR;
	return relate_chars(a->cp[0], b->cp[0], true) == CHAR_EQUAL ? HANNAME_SURNAME
	                                                            : HANNAME_DIFFERENT;
}

enum hanname_class hanname_compare(const struct hanname *a, const struct hanname *b)
{
	bool same = true, folded = true;

	if (a->n == 0 || b->n == 0)
		return HANNAME_MISSING;
	if (a->n != b->n)
		return compare_lengths(a, b);
	for (size_t i = 0; i < a->n; i++) {
		same = same && a->cp[i] == b->cp[i];
		folded = folded && hanzi_folded(a->cp[i]) == hanzi_folded(b->cp[i]);
	}
	if (folded && !a->holes && !b->holes)
		return same ? HANNAME_SAME : HANNAME_VARIANT;
	enum hanname_class c = compare_same_length(a, b);
	if (c < HANNAME_NEAR_SOUND && (is_married_form(a, b) || is_married_form(b, a)))
		return HANNAME_MARRIED;
	return c;
}

enum hanname_class hanname_compare_text(struct str a, struct str b)
{
	struct hanname na = hanname_parse(a), nb = hanname_parse(b);
	enum hanname_class best = hanname_compare(&na, &nb);

	if (best >= HANNAME_VARIANT || !(na.former || nb.former))
		return best;
	struct hanname fa = hanname_former(a), fb = hanname_former(b);
	const struct hanname *pairs[3][2] = {{&fa, &nb}, {&na, &fb}, {&fa, &fb}};
	for (size_t i = 0; i < COUNT(pairs); i++) {
		enum hanname_class c = hanname_compare(pairs[i][0], pairs[i][1]);
		if (c > best)
			best = c;
	}
	return best;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ h >> 29;
}

uint64_t hanname_key(const struct hanname *name)
{
	uint64_t h = name->n;

	if (name->n == 0)
		return 0;
	for (size_t i = 0; i < name->n; i++)
		h = mix(h, (uint64_t)hanzi_folded(name->cp[i]));
	return h ? h : 1;
}

uint16_t hanzi_heard(int32_t cp, bool surname)
{
	enum { PRIVATE = 0xE000 }; /* no character of its own */
	cp = hanzi_folded(cp);
	uint16_t sound = usual_reading(cp, surname);

	return sound ? (uint16_t)(PRIVATE + hanzi_syllables[sound].loose)
	             : cp > 0xFFFF ? 0xFFFF : (uint16_t)cp;
}

uint64_t hanname_sound_key(const struct hanname *name)
{
	uint64_t h = name->n;
	size_t surname = hanname_surname(name);

	if (name->n == 0 || name->holes)
		return 0;
	for (size_t i = 0; i < name->n; i++) {
		int32_t cp = hanzi_folded(name->cp[i]);
		uint16_t sound = usual_reading(cp, i < surname);
		h = mix(h, sound ? hanzi_syllables[sound].loose : (uint64_t)cp << 16);
	}
	return h ? h : 1;
}

void hanname_reading(const struct hanname *name, struct buf *out)
{
	size_t surname = hanname_surname(name);

	for (size_t i = 0; i < name->n; i++) {
		uint16_t r = usual_reading(hanzi_folded(name->cp[i]), i < surname);
		if (i > 0)
			buf_addc(out, ' ');
		buf_adds(out, r ? hanzi_syllables[r].text : "?");
	}
}

void hanname_typed(const struct hanname *name, struct buf *full, struct buf *initials)
{
	size_t surname = hanname_surname(name);

	for (size_t i = 0; i < name->n; i++) {
		int32_t cp = hanzi_folded(name->cp[i]);
		uint16_t r = usual_reading(cp, i < surname);
		char letter[2] = {0, 0};
		const char *text = hanzi_syllables[r].text;

		if (!r) {
			if (cp >= 'A' && cp <= 'Z')
				letter[0] = (char)(cp + 32);
			else if ((cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9'))
				letter[0] = (char)cp;
			text = letter;
		}
		if (!text[0])
			continue;
		buf_adds(full, text);
		buf_addc(initials, text[0]);
	}
}

const struct text *hanname_class_text(enum hanname_class c)
{
	static const struct text texts[HANNAME_CLASS_MAX] = {
		[HANNAME_MISSING] = TEXT("没有姓名", "no name"),
		[HANNAME_DIFFERENT] = TEXT("姓名不同", "another name"),
		[HANNAME_SURNAME] = TEXT("只有姓相同", "only the surname agrees"),
		[HANNAME_MARRIED] = TEXT("某某氏", "a married name"),
		[HANNAME_ONE_CHAR] = TEXT("姓名一字不同", "one character of the name differs"),
		[HANNAME_NEAR_SOUND] = TEXT("姓名读音相近", "names sound nearly alike"),
		[HANNAME_MISSING_CHAR] = TEXT("姓名差一个字", "one name has a character more"),
		[HANNAME_SWAPPED] = TEXT("姓名两字颠倒", "two characters of the name exchanged"),
		[HANNAME_HOLES] = TEXT("姓名有缺字，其余相同", "name agrees but for unwritable characters"),
		[HANNAME_LOOKALIKE] = TEXT("姓名形近字", "a look-alike character in the name"),
		[HANNAME_HOMOPHONE] = TEXT("姓名同音", "names sound alike"),
		[HANNAME_VARIANT] = TEXT("姓名为异体、繁体字", "name in variant characters"),
		[HANNAME_SAME] = TEXT("姓名相同", "same name"),
	};

	return &texts[c < HANNAME_CLASS_MAX ? c : HANNAME_MISSING];
}
