/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * gen_hanzi: writes hanzi_table.h, what src/link/hanname.c knows of characters:
 * readings (ICU Han-Latin), simplified and compatibility forms (ICU
 * Traditional-Simplified, NFKC), and the lists of src/link/hanzi.def.
 * Run by the build; a wrong list ends the build with a reason.
 *
 *     gen_hanzi OUTPUT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/unorm2.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>
#include <unicode/ustring.h>

enum {
	FIRST = 0x2E80, /* radicals, then the ideographs of the BMP */
	LAST = 0xFAFF,
	N = LAST - FIRST + 1,
	TEXT_MAX = N * 12,
	SYLLABLES_MAX = 1500,
	PAIRS_MAX = 1000,
};

struct syllable {
	char text[12];
	int loose; /* index of the syllable that stands for it when n/l, zh/z, ng/n are one */
};

struct tables {
	unsigned short sound[N]; /* (syllable + 1) * 8 + tone; 0 = none */
	unsigned short fold[N];  /* the character kept in its place */
	struct syllable syllables[SYLLABLES_MAX];
	int n_syllables;
};

static struct tables t;
static UChar work[TEXT_MAX];

static void die(const char *what, const char *detail)
{
	fprintf(stderr, "gen_hanzi: %s: %s\n", what, detail);
	exit(1);
}

static int in_range(int cp)
{
	return (cp >= 0x3400 && cp <= 0x9FFF) || (cp >= 0x2E80 && cp <= 0x2FD5) ||
	       (cp >= 0xF900 && cp <= 0xFAFF);
}

/* Every character of the range on a line of its own, through a transliterator. */
static int32_t transliterate(const char *id)
{
	UErrorCode e = U_ZERO_ERROR;
	UChar uid[80];
	int32_t n = 0;

	u_uastrcpy(uid, id);
	for (int cp = FIRST; cp <= LAST; cp++) {
		if (!in_range(cp))
			continue;
		work[n++] = t.fold[cp - FIRST];
		work[n++] = '\n';
	}
	UTransliterator *tr = utrans_openU(uid, -1, UTRANS_FORWARD, NULL, 0, NULL, &e);
	if (U_FAILURE(e))
		die(id, u_errorName(e));
	int32_t limit = n;
	utrans_transUChars(tr, work, &n, TEXT_MAX, 0, &limit, &e);
	utrans_close(tr);
	if (U_FAILURE(e))
		die(id, u_errorName(e));
	return n;
}

static int syllable_add(const char *text)
{
	for (int i = 0; i < t.n_syllables; i++)
		if (strcmp(t.syllables[i].text, text) == 0)
			return i;
	if (t.n_syllables == SYLLABLES_MAX || strlen(text) >= sizeof(t.syllables[0].text))
		die("too many or too long syllables", text);
	snprintf(t.syllables[t.n_syllables].text, sizeof(t.syllables[0].text), "%s", text);
	return t.n_syllables++;
}

/* One line of "Han-Latin; Latin-NumericPinyin": letters and a tone digit. */
static unsigned short sound_of(const UChar *line, int32_t n)
{
	char text[12];
	size_t len = 0;
	int tone = 0;

	for (int32_t i = 0; i < n; i++) {
		UChar c = line[i];
		if (c == 0x00FC) /* u with diaeresis */
			c = 'v';
		else if (c == 0x00EA) /* e with circumflex */
			c = 'e';
		if (c >= '1' && c <= '5' && i == n - 1)
			tone = c - '0';
		else if (c >= 'a' && c <= 'z' && len + 1 < sizeof(text))
			text[len++] = (char)c;
		else
			return 0;
	}
	if (len == 0)
		return 0;
	text[len] = '\0';
	return (unsigned short)((syllable_add(text) + 1) * 8 + tone);
}

static void make_sounds(void)
{
	int32_t n = transliterate("Han-Latin; Latin-NumericPinyin");
	int32_t at = 0;

	for (int cp = FIRST; cp <= LAST; cp++) {
		int32_t start = at;

		if (!in_range(cp))
			continue;
		while (at < n && work[at] != '\n')
			at++;
		t.sound[cp - FIRST] = sound_of(work + start, at - start);
		at++;
	}
}

/* Radicals and compatibility forms to ideographs, then traditional to simplified. */
static void make_folds(void)
{
	UErrorCode e = U_ZERO_ERROR;
	const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&e);

	if (U_FAILURE(e))
		die("NFKC", u_errorName(e));
	for (int cp = FIRST; cp <= LAST; cp++) {
		UChar in = (UChar)cp, out[8];
		int32_t n = unorm2_normalize(nfkc, &in, 1, out, 8, &e);
		t.fold[cp - FIRST] = (unsigned short)(U_SUCCESS(e) && n == 1 ? out[0] : cp);
		e = U_ZERO_ERROR;
	}
	int32_t n = transliterate("Traditional-Simplified");
	int32_t at = 0;
	for (int cp = FIRST; cp <= LAST; cp++) {
		int32_t start = at;

		if (!in_range(cp))
			continue;
		while (at < n && work[at] != '\n')
			at++;
		if (at - start == 1 && in_range(work[start]))
			t.fold[cp - FIRST] = work[start];
		at++;
	}
}

enum list { LIST_VARIANT, LIST_LOOK, LIST_SURNAME, LIST_ALSO };

static const struct entry {
	enum list list;
	const char *chars;
	const char *sound;
} entries[] = {
#define HANZI_VARIANT(s) {LIST_VARIANT, s, NULL},
#define HANZI_LOOK(s) {LIST_LOOK, s, NULL},
#define HANZI_SURNAME(c, r) {LIST_SURNAME, c, r},
#define HANZI_ALSO(c, r) {LIST_ALSO, c, r},
#include "../src/link/hanzi.def"
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Next character of a list; 0 at its end; the range is checked. */
static int next_char(const char *s, int32_t *at)
{
	UChar32 cp;

	if (s[*at] == '\0')
		return 0;
	U8_NEXT((const uint8_t *)s, *at, -1, cp);
	if (cp < FIRST || cp > LAST)
		die("hanzi.def: character out of range", s);
	return cp;
}

static int fold(int cp)
{
	return t.fold[cp - FIRST];
}

static void make_variant(const char *chars)
{
	int32_t at = 0;
	int keep = fold(next_char(chars, &at));

	for (int cp; (cp = next_char(chars, &at)) != 0;) {
		int from = fold(cp);
		for (int k = 0; k < N; k++)
			if (t.fold[k] == from)
				t.fold[k] = (unsigned short)keep;
	}
}

/* The syllable without what speakers of the region and typists mix up. */
static void loosen(const char *s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; s[i] && n < 10; i++) {
		if (s[i] == 'h' && i == 1 && strchr("zcs", s[0]))
			continue;
		if (s[i] == 'g' && s[i + 1] == '\0' && i > 1 && s[i - 1] == 'n' &&
		    s[i - 2] != 'o' && s[i - 2] != 'a')
			continue;
		out[n++] = i == 0 && s[i] == 'n' && s[1] && s[1] != 'g' ? 'l' : s[i];
	}
	out[n] = '\0';
}

static void make_loose(void)
{
	int n = t.n_syllables;
	char text[12];

	for (int i = 0; i < n; i++) {
		loosen(t.syllables[i].text, text);
		t.syllables[i].loose = syllable_add(text);
	}
	for (int i = n; i < t.n_syllables; i++)
		t.syllables[i].loose = i;
}

static void write_u16(FILE *f, const char *name, const unsigned short *v)
{
	fprintf(f, "static const uint16_t %s[%d] = {", name, N);
	for (int i = 0; i < N; i++)
		fprintf(f, "%s%d,", i % 16 ? "" : "\n\t", v[i]);
	fprintf(f, "\n};\n\n");
}

struct pair {
	int cp, value;
};

static int pair_cmp(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	return x->cp != y->cp ? x->cp - y->cp : x->value - y->value;
}

/* One bit a character: most are in no list, which this tells at once. */
static void write_set(FILE *f, const char *name, const struct pair *list, size_t n)
{
	static unsigned char bits[N / 8 + 1];

	memset(bits, 0, sizeof(bits));
	for (size_t i = 0; i < n; i++) {
		int at = list[i].cp - FIRST;
		if (at < 0 || at >= N)
			die("hanzi.def: beyond the table", name);
		bits[at / 8] |= (unsigned char)(1 << at % 8);
	}
	fprintf(f, "static const uint8_t %s_set[%zu] = {", name, sizeof(bits));
	for (size_t i = 0; i < sizeof(bits); i++)
		fprintf(f, "%s%d,", i % 16 ? "" : "\n\t", bits[i]);
	fprintf(f, "\n};\n\n");
}

static void write_pairs(FILE *f, const char *name, struct pair *list, size_t n)
{
	qsort(list, n, sizeof(list[0]), pair_cmp);
	fprintf(f, "static const struct hanzi_pair %s[%zu] = {\n", name, n);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "\t{0x%X, %d},\n", list[i].cp, list[i].value);
	fprintf(f, "};\n");
	write_set(f, name, list, n);
}

static void write_looks(FILE *f)
{
	static struct pair list[PAIRS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(entries); i++) {
		int32_t at = 0;
		for (int cp; entries[i].list == LIST_LOOK &&
		             (cp = next_char(entries[i].chars, &at)) != 0;) {
			if (n == PAIRS_MAX)
				die("hanzi.def: too many", entries[i].chars);
			list[n++] = (struct pair){fold(cp), (int)i};
		}
	}
	write_pairs(f, "hanzi_looks", list, n);
}

static void write_readings(FILE *f, const char *name, enum list which)
{
	static struct pair list[COUNT(entries)];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(entries); i++) {
		int32_t at = 0;
		if (entries[i].list != which)
			continue;
		list[n].cp = fold(next_char(entries[i].chars, &at));
		list[n++].value = syllable_add(entries[i].sound) + 1;
	}
	write_pairs(f, name, list, n);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage", "gen_hanzi OUTPUT");
	make_folds();
	make_sounds();
	for (size_t i = 0; i < COUNT(entries); i++) {
		if (entries[i].list == LIST_VARIANT)
			make_variant(entries[i].chars);
		else if (entries[i].list != LIST_LOOK)
			syllable_add(entries[i].sound);
	}
	make_loose();

	FILE *f = fopen(argv[1], "w");
	if (!f)
		die("cannot write", argv[1]);
	fprintf(f, "/* Written by tools/gen_hanzi.c. */\n");
	fprintf(f, "enum { HANZI_FIRST = %d, HANZI_LAST = %d };\n\n", FIRST, LAST);
	write_u16(f, "hanzi_sound", t.sound);
	write_u16(f, "hanzi_fold", t.fold);
	fprintf(f, "static const struct hanzi_syllable hanzi_syllables[%d] = {\n\t{\"\", 0},\n",
	        t.n_syllables + 1);
	for (int i = 0; i < t.n_syllables; i++)
		fprintf(f, "\t{\"%s\", %d},\n", t.syllables[i].text, t.syllables[i].loose + 1);
	fprintf(f, "};\n\n");
	write_looks(f);
	write_readings(f, "hanzi_surnames", LIST_SURNAME);
	write_readings(f, "hanzi_others", LIST_ALSO);
	if (fclose(f) != 0)
		die("cannot write", argv[1]);
	return 0;
}
