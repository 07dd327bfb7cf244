/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "link/idno.h"

#include "base/utf8.h"

#include "base/banned.h"

enum {
	READ_MAX = 40, /* characters kept of a cell; no number is longer */
	FLOAT_DIGITS = 15,
};

/* What a cell leaves after blanks, quotes and separators are taken away. */
struct reading {
	char text[READ_MAX + 1];
	size_t n;
	bool strange;  /* a character that cannot stand there */
	bool overflow; /* more than READ_MAX */
	bool stars;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Blanks, quotes, dashes and labels before the number. */
static bool is_noise(int32_t cp)
{
	switch (cp) {
	case ' ': case '\t': case '\r': case '\n': case 0xA0: case 0xFEFF: case 0x200B:
	case 0x200C: case 0x200D: case 0x2060: case '\'': case '"': case '`': case 0xB4:
	case 0x2018: case 0x2019: case 0x201C: case 0x201D: case '=': case '-': case '_':
	case ':': case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015:
	case 0x2212: case ',': case 0x3001: case '(': case ')': case '[': case ']':
		return true;
	default:
		return cp >= 0x2000 && cp <= 0x200A;
	}
}

static void read_text(struct str s, struct reading *r)
{
	size_t pos = 0;

	r->n = 0;
	r->strange = r->overflow = r->stars = false;

	for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0;) {
		cp = utf8_narrow(cp);
		if (is_noise(cp) || (utf8_is_han(cp) && r->n == 0))
			continue;
		if (r->n == READ_MAX) {
			r->overflow = true;
			break;
		}
		if (cp == 0x25CF || cp == 0xD7 || cp == 0x2605 || cp == 0x25A0)
			cp = '*';
		if (cp >= 'a' && cp <= 'z')
			cp -= 'a' - 'A';
		if ((cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') || cp == '.' || cp == '+') {
			r->text[r->n++] = (char)cp;
		} else if (cp == '*') {
			r->text[r->n++] = '*';
			r->stars = true;
		} else {
			r->strange = true;
		}
	}
	r->text[r->n] = '\0';
}

/* Reads "E+17" to the end of the text; -1 when it is no such thing. */
static int read_exponent(const struct reading *r, size_t at)
{
	int v = 0;

	if (at >= r->n || r->text[at] != 'E')
		return -1;
	at++;
	if (at < r->n && r->text[at] == '+')
		at++;
	if (at >= r->n || r->n - at > 3)
		return -1;
	for (; at < r->n; at++) {
		if (!is_digit(r->text[at]))
			return -1;
		v = v * 10 + (r->text[at] - '0');
	}
	return v;
}

/* "3.41299196507140E+17" to its digits, padded with zeros to the length the
 * exponent tells; false when the text is no such thing. */
static bool read_scientific(struct reading *r, size_t *ret_known)
{
	char digits[READ_MAX + 1];
	size_t n = 0, i = 0;

	for (; i < r->n && (is_digit(r->text[i]) || (r->text[i] == '.' && i == 1)); i++)
		if (r->text[i] != '.')
			digits[n++] = r->text[i];
	int exponent = read_exponent(r, i);
	if (exponent < 10 || exponent > 30 || n == 0 || (n > 1 && r->text[1] != '.'))
		return false;
	size_t len = (size_t)exponent + 1;
	*ret_known = n < FLOAT_DIGITS ? n : FLOAT_DIGITS;
	while (n < len)
		digits[n++] = '0';
	memcpy(r->text, digits, len);
	r->text[len] = '\0';
	r->n = len;
	return true;
}

/* Drops ".0", ".00" at the end. */
static void drop_fraction(struct reading *r)
{
	size_t n = r->n;

	while (n > 0 && r->text[n - 1] == '0')
		n--;
	if (n > 0 && r->text[n - 1] == '.')
		r->n = n - 1;
	r->text[r->n] = '\0';
}

static const int check_weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
static const char check_chars[] = "10X98765432";

char idno_check_char(const char *id17)
{
	int sum = 0;

	for (int i = 0; i < 17; i++) {
		if (!is_digit(id17[i]))
			return 0;
		sum += check_weights[i] * (id17[i] - '0');
	}
	return check_chars[sum % 11];
}

static bool all_digits(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_digit(p[i]))
			return false;
	return true;
}

static int number_of(const char *p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++)
		v = v * 10 + (p[i] - '0');
	return v;
}

static date_t birth_of(const char *id18)
{
	if (!all_digits(id18 + 6, 8))
		return 0;
	int year = number_of(id18 + 6, 4), month = number_of(id18 + 10, 2);
	int day = number_of(id18 + 12, 2);
	if (year < 1880 || month == 0 || day == 0)
		return 0;
	return date_make(year, month, day);
}

/* A float of 15 digits and zeros is off by at most 32 when it is written out
 * in full: 341299195309033984 was ...034000. */
static void restore_zeros(struct idno *id)
{
	int64_t v;

	if (!str_to_int((struct str){id->id18, 18}, &v))
		return;
	int64_t rounded = (v + 500) / 1000 * 1000;
	if (v == rounded || v - rounded > 32 || rounded - v > 32)
		return;
	for (int i = 17; i >= 0; i--, rounded /= 10)
		id->id18[i] = (char)('0' + rounded % 10);
}

/* Sex, birth, check of 18 characters that are all there. */
static void judge_18(struct idno *id)
{
	unsigned flags = id->flags;

	for (int i = 0; i < 18; i++)
		if (!is_digit(id->id18[i]) && id->id18[i] != '*' && !(i == 17 && id->id18[i] == 'X'))
			flags |= IDNO_CHARS_BAD;
	if (!(flags & (IDNO_CHARS_BAD | IDNO_MASKED | IDNO_LOSSY)) &&
	    idno_check_char(id->id18) != id->id18[17]) {
		if (memcmp(id->id18 + 15, "000", 3) == 0) {
			flags |= IDNO_LOSSY;
			id->known = FLOAT_DIGITS;
		} else {
			flags |= IDNO_CHECKSUM_BAD;
		}
	}
	if (flags & IDNO_LOSSY)
		restore_zeros(id);
	if (id->known >= 14) {
		id->birth = birth_of(id->id18);
		if (id->birth == 0 && all_digits(id->id18 + 6, 8))
			flags |= IDNO_DATE_BAD;
	}
	if (id->known >= 17 && is_digit(id->id18[16]))
		id->sex = (id->id18[16] - '0') % 2 ? SEX_MALE : SEX_FEMALE;
	id->flags = (uint16_t)flags;
}

static void from_15(const char *p, struct idno *id)
{
	memcpy(id->id18, p, 6);
	memcpy(id->id18 + 6, "19", 2);
	memcpy(id->id18 + 8, p + 6, 9);
	id->id18[17] = idno_check_char(id->id18);
	id->n = id->known = 18;
	id->flags |= IDNO_FROM_15;
}

static void from_card(const struct reading *r, struct idno *id)
{
	memcpy(id->id18, r->text, 18);
	id->n = id->known = 18;
	id->flags |= IDNO_FROM_CARD;
	for (int i = 0; i < 2; i++)
		if (is_digit(r->text[18 + i]))
			id->card[i] = (uint8_t)(r->text[18 + i] - '0');
}

/* The usual cell: a number of 18 in plain characters; one that is in order is
 * judged at once. */
static bool parse_plain(struct str s, struct idno *id)
{
	int sum = 0;

	if (s.n != 18 || !(is_digit(s.p[17]) || s.p[17] == 'X' || s.p[17] == 'x'))
		return false;
	for (int i = 0; i < 17; i++) {
		if (!is_digit(s.p[i]))
			return false;
		sum += check_weights[i] * (s.p[i] - '0');
	}
	memcpy(id->id18, s.p, 18);
	if (s.p[17] == 'x')
		id->id18[17] = 'X';
	id->n = id->known = 18;
	if (check_chars[sum % 11] != id->id18[17]) {
		judge_18(id);
		return true;
	}
	id->sex = (s.p[16] - '0') % 2 ? SEX_MALE : SEX_FEMALE;
	id->birth = birth_of(id->id18);
	if (id->birth == 0)
		id->flags |= IDNO_DATE_BAD;
	return true;
}

static bool has_digit(const struct reading *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (is_digit(r->text[i]))
			return true;
	return false;
}

struct idno idno_parse(struct str s, bool lossy)
{
	struct idno id = {0};
	struct reading r;
	size_t known = FLOAT_DIGITS;

	if (s.n == 0 || (!lossy && parse_plain(s, &id)))
		return id;
	read_text(s, &r);
	if (r.overflow) {
		id.flags = IDNO_LEN_BAD | IDNO_CHARS_BAD;
		return id;
	}
	lossy = read_scientific(&r, &known) || lossy;
	drop_fraction(&r);
	if (!has_digit(&r))
		return id;
	id.flags = (uint16_t)((r.strange ? IDNO_CHARS_BAD : 0) | (r.stars ? IDNO_MASKED : 0) |
	                      (lossy ? IDNO_LOSSY : 0));
	if (r.n == 15 && all_digits(r.text, 15) && !lossy) {
		from_15(r.text, &id);
	} else if ((r.n == 20 || r.n == 22) && !lossy) {
		from_card(&r, &id);
	} else {
		id.n = id.known = (uint8_t)(r.n < 19 ? r.n : 19);
		memcpy(id.id18, r.text, id.n);
		if (lossy && known < id.n)
			id.known = (uint8_t)known;
	}
	if (id.n == 18)
		judge_18(&id);
	else
		id.flags |= IDNO_LEN_BAD;
	return id;
}

enum sex sex_parse(struct str s)
{
	static const struct {
		const char *text;
		enum sex sex;
	} words[] = {
		{"男", SEX_MALE}, {"男性", SEX_MALE}, {"M", SEX_MALE}, {"m", SEX_MALE},
		{"1", SEX_MALE}, {"male", SEX_MALE}, {"Male", SEX_MALE}, {"1男", SEX_MALE},
		{"男士", SEX_MALE}, {"女", SEX_FEMALE}, {"女性", SEX_FEMALE}, {"F", SEX_FEMALE},
		{"f", SEX_FEMALE}, {"2", SEX_FEMALE}, {"female", SEX_FEMALE},
		{"Female", SEX_FEMALE}, {"2女", SEX_FEMALE}, {"女士", SEX_FEMALE},
	};
	char text[16];
	size_t n = 0, pos = 0;

	if (s.n == 0)
		return SEX_UNKNOWN;
	if (str_eq(s, STR("男"))) /* the usual cells */
		return SEX_MALE;
	if (str_eq(s, STR("女")))
		return SEX_FEMALE;
	for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0;) {
		cp = utf8_narrow(cp);
		if (is_noise(cp) || cp == '.')
			continue;
		if (n + 4 > sizeof(text))
			return SEX_UNKNOWN;
		n += utf8_encode(cp, text + n);
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is((struct str){text, n}, words[i].text))
			return words[i].sex;
	return SEX_UNKNOWN;
}

/* The 18 characters as a number, X as 10, stars not allowed. */
static int64_t value_of(const struct idno *id)
{
	int64_t v = 0;

	for (int i = 0; i < 18; i++) {
		char c = id->id18[i];
		if (!is_digit(c) && !(i == 17 && c == 'X'))
			return -1;
		v = v * 10 + (c == 'X' ? 10 : c - '0');
	}
	return v;
}

/* One side is lossy.  A float keeps 15 digits and zeros, 15 rounded, or the
 * nearest multiple of 64; so the true number is at most 999 above what is
 * left, and at most 500 below (X counts as 10). */
static enum idno_relation relate_lossy(const struct idno *a, const struct idno *b)
{
	const struct idno *l = a->flags & IDNO_LOSSY ? a : b;
	const struct idno *f = l == a ? b : a;
	size_t known = a->known < b->known ? a->known : b->known;

	if (a->n != 18 || b->n != 18 || known < 14)
		return IDNO_NO_RELATION;
	if (known < FLOAT_DIGITS || (f->flags & IDNO_LOSSY))
		return memcmp(a->id18, b->id18, known) == 0 ? IDNO_SAME_15 : IDNO_NO_RELATION;
	int64_t lv = value_of(l), fv = value_of(f);
	if (lv < 0 || fv < 0)
		return IDNO_NO_RELATION;
	return fv - lv <= 1000 && lv - fv <= 500 ? IDNO_SAME_15 : IDNO_NO_RELATION;
}

static enum idno_relation relate_masked(const struct idno *a, const struct idno *b)
{
	size_t agree = 0;

	if (a->n != b->n)
		return IDNO_NO_RELATION;
	for (size_t i = 0; i < a->n; i++) {
		if (a->id18[i] == '*' || b->id18[i] == '*')
			continue;
		if (a->id18[i] != b->id18[i])
			return IDNO_NO_RELATION;
		agree++;
	}
	return agree >= 10 ? IDNO_SAME_MASKED : IDNO_NO_RELATION;
}

/* One character lost or added: the shorter is the longer without one place. */
static enum idno_relation relate_lengths(const struct idno *a, const struct idno *b)
{
	const struct idno *s = a->n < b->n ? a : b;
	const struct idno *l = s == a ? b : a;
	size_t i = 0;

	if (l->n - s->n != 1 || s->n < 14)
		return IDNO_NO_RELATION;
	while (i < s->n && s->id18[i] == l->id18[i])
		i++;
	return memcmp(s->id18 + i, l->id18 + i + 1, s->n - i) == 0 ? IDNO_ONE_LENGTH
	                                                           : IDNO_NO_RELATION;
}

enum idno_relation idno_relate(const struct idno *a, const struct idno *b)
{
	size_t at[3], n = 0;

	if (a->n == 0 || b->n == 0)
		return IDNO_NO_RELATION;
	if ((a->flags | b->flags) & IDNO_LOSSY)
		return relate_lossy(a, b);
	if ((a->flags | b->flags) & IDNO_MASKED)
		return relate_masked(a, b);
	if (a->n != b->n)
		return relate_lengths(a, b);
	if (a->n < 14)
		return IDNO_NO_RELATION;
	for (size_t i = 0; i < a->n && n < 3; i++)
		if (a->id18[i] != b->id18[i])
			at[n++] = i;
	/* The new check character of a 15-digit number follows from the others. */
	if (n > 1 && at[n - 1] == 17 && ((a->flags | b->flags) & IDNO_FROM_15))
		n--;
	if (n == 0)
		return a->n == 18 ? IDNO_SAME : IDNO_NO_RELATION;
	if (n == 1)
		return IDNO_ONE_DIGIT;
	if (n == 2 && at[1] == at[0] + 1 && a->id18[at[0]] == b->id18[at[1]] &&
	    a->id18[at[1]] == b->id18[at[0]])
		return IDNO_SWAP;
	return n == 2 ? IDNO_TWO_DIGITS : IDNO_NO_RELATION;
}

struct repairs {
	char (*list)[19];
	size_t n, max;
};

static void repairs_add(struct repairs *r, const char *id18)
{
	size_t at = 0;

	if (idno_check_char(id18) != id18[17] || birth_of(id18) == 0)
		return;
	while (at < r->n && memcmp(r->list[at], id18, 18) < 0)
		at++;
	if (r->n == r->max || (at < r->n && memcmp(r->list[at], id18, 18) == 0))
		return;
	memmove(r->list[at + 1], r->list[at], (r->n - at) * sizeof(r->list[0]));
	memcpy(r->list[at], id18, 18);
	r->list[at][18] = '\0';
	r->n++;
}

size_t idno_repairs(const struct idno *id, char (*ret)[19], size_t max)
{
	struct repairs r = {.list = ret, .max = max};
	char text[19];

	if (id->n != 18 || !idno_full(id) || !(id->flags & (IDNO_CHECKSUM_BAD | IDNO_DATE_BAD)))
		return 0;
	memcpy(text, id->id18, 18);
	text[18] = '\0';
	for (int i = 0; i < 17; i++) {
		for (char c = '0'; c <= '9'; c++) {
			if (c == id->id18[i])
				continue;
			text[i] = c;
			repairs_add(&r, text);
		}
		text[i] = id->id18[i];
	}
	char check = idno_check_char(text);
	if (check) {
		text[17] = check;
		repairs_add(&r, text);
		text[17] = id->id18[17];
	}
	for (int i = 0; i < 17; i++) {
		text[i] = id->id18[i + 1];
		text[i + 1] = id->id18[i];
		repairs_add(&r, text);
		text[i] = id->id18[i];
		text[i + 1] = id->id18[i + 1];
	}
	return r.n;
}

struct str idno_masked(struct arena *a, struct str id)
{
	if (id.n == 0)
		return (struct str){NULL, 0};
	if (id.n < 12)
		return STR("****");
	char *p = arena_strndup(a, id.p, id.n);
	memset(p + 6, '*', id.n - 10);
	return (struct str){p, id.n};
}

bool uscc_parse(struct str s, char ret[19])
{
	static const char letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	static const int weights[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
	struct reading r;
	int sum = 0;

	read_text(s, &r);
	if (r.n != 18 || r.strange || r.stars || r.overflow)
		return false;
	for (int i = 0; i < 17; i++) {
		const char *at = memchr(letters, r.text[i], sizeof(letters) - 1);
		if (!at)
			return false;
		sum += weights[i] * (int)(at - letters);
	}
	if (letters[(31 - sum % 31) % 31] != r.text[17])
		return false;
	memcpy(ret, r.text, 19);
	return true;
}
