/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/text_in.h"

#include <errno.h>
#include <iconv.h>
#include <unistd.h>

#include "base/utf8.h"

#include "base/banned.h"

enum {
	RAW_CAP = 64 * 1024,
	SCAN_CAP = 256 * 1024,
	HEAD_CAP = 64 * 1024,
	CARRY = 4, /* bytes of a sequence that a block boundary may cut */
};

static const char *const enc_names[TEXT_ENC_MAX] = {"UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"};

const char *text_enc_name(enum text_enc enc)
{
	return enc_names[enc];
}

static enum err read_at(int fd, uint64_t off, char *dst, size_t cap, struct diag *diag,
                        size_t *ret_n)
{
	ssize_t k;
	do
		k = pread(fd, dst, cap, (off_t)off);
	while (k < 0 && errno == EINTR);
	if (k < 0)
		return diag_set(diag, ERR_IO, "%s", strerror(errno));
	*ret_n = (size_t)k;
	return OK;
}

static inline bool is_cont(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* Length of the well-formed UTF-8 sequence at p (n > 0), 0 when there is none. */
static size_t utf8_len(const unsigned char *p, size_t n)
{
	unsigned c = p[0];
	size_t k = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
	if (k < 2 || k > n)
		return k > n ? 0 : k;
	for (size_t i = 1; i < k; i++)
		if (!is_cont(p[i]))
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	static const struct {
		unsigned char lead, min, max;
	} narrow[] = {
		{0xE0, 0xA0, 0xBF}, {0xED, 0x80, 0x9F}, {0xF0, 0x90, 0xBF}, {0xF4, 0x80, 0x8F}};
	for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++)
		if (c == narrow[i].lead)
			return p[1] >= narrow[i].min && p[1] <= narrow[i].max ? k : 0;
	return k;
}

/* Are eight bytes all below 0x80? */
static inline bool is_ascii8(const unsigned char *p)
{
	uint64_t w;
	memcpy(&w, p, sizeof(w));
	return !(w & 0x8080808080808080u);
}

static inline size_t ascii_prefix(const unsigned char *p, size_t n)
{
	size_t i = 0;
	for (; n - i >= 8; i += 8) {
		uint64_t w;
		memcpy(&w, p + i, sizeof(w));
		w &= 0x8080808080808080u;
		if (w)
			return i + (size_t)__builtin_ctzll(w) / 8;
	}
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

/* Nearly all Chinese characters: of three bytes, and nothing that such may not be. */
static inline bool is_usual3(const unsigned char *p)
{
	return p[0] >= 0xE1 && p[0] <= 0xEC && is_cont(p[1]) && is_cont(p[2]);
}

typedef signed char bytes16 __attribute__((vector_size(16)));

/* 0xE1 to 0xEF but 0xED: of three bytes, the other two any continuations. */
static inline bytes16 usual_leads(const unsigned char *p)
{
	bytes16 v;
	memcpy(&v, p, sizeof(v));
	return (bytes16)((v >= (signed char)0xE1) & (v <= (signed char)0xEF) & (v != (signed char)0xED));
}

/* Is each of 16 bytes ASCII, such a first byte, or exactly where it has to be a continuation?  The two
 * before them are looked at. */
static inline bool is_usual16(const unsigned char *p)
{
	bytes16 v, led = usual_leads(p - 1) | usual_leads(p - 2);
	uint64_t bad[2];
	memcpy(&v, p, sizeof(v));
	bytes16 cont = (bytes16)(v < (signed char)0xC0);
	bytes16 known = (bytes16)(v >= 0) | cont | usual_leads(p);
	v = (cont ^ led) | ~known;
	memcpy(bad, &v, sizeof(bad));
	return !(bad[0] | bad[1]);
}

/* How far from the beginning of a character on there are only whole ones of those: most of them. */
static size_t usual_prefix(const unsigned char *p, size_t n)
{
	enum { STEP = sizeof(bytes16) };
	unsigned char first[2 + STEP] = {0};
	size_t i = STEP;
	if (n < STEP)
		return 0;
	memcpy(first + 2, p, STEP);
	if (!is_usual16(first + 2))
		return 0;
	while (n - i >= STEP && is_usual16(p + i))
		i += STEP;
	return p[i - 1] >= 0xE1 ? i - 1 : p[i - 2] >= 0xE1 ? i - 2 : i;
}

size_t utf8_prefix(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i = 0;
	while (i < n) {
		i += usual_prefix(p + i, n - i);
		i += ascii_prefix(p + i, n - i);
		while (n - i >= 3 && is_usual3(p + i))
			i += 3;
		while (i < n && p[i] >= 0x80) {
			size_t k = utf8_len(p + i, n - i);
			if (k == 0)
				return i;
			i += k;
		}
	}
	return n;
}

/* Length of the well-formed GB18030 sequence at p, 0 when there is none. */
static size_t gb_len(const unsigned char *p, size_t n)
{
	unsigned c = p[0];
	if (c < 0x80)
		return 1;
	if (c == 0x80 || c == 0xFF || n < 2)
		return 0;
	if (p[1] >= 0x40 && p[1] != 0x7F && p[1] != 0xFF)
		return 2;
	if (p[1] < 0x30 || p[1] > 0x39 || n < 4)
		return 0;
	return p[2] >= 0x81 && p[2] <= 0xFE && p[3] >= 0x30 && p[3] <= 0x39 ? 4 : 0;
}

struct tally {
	uint64_t broken;
	uint64_t wide; /* well-formed characters beyond ASCII */
};

static size_t tally_block(const char *text, size_t n, bool last, bool gb, struct tally *t)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i = 0;
	while (i < n && (last || n - i >= CARRY)) {
		while (n - i >= 8 + CARRY && is_ascii8(p + i))
			i += 8;
		size_t k = gb ? gb_len(p + i, n - i) : utf8_len(p + i, n - i);
		t->broken += k == 0;
		t->wide += k > 1;
		i += k ? k : 1;
	}
	return i;
}

/* Counts sequences of the whole file as UTF-8 or as GB18030. */
static enum err tally_file(const struct text_in *in, bool gb, struct diag *diag, struct tally *ret)
{
	struct tally t = {0, 0};
	char *block = base_calloc(SCAN_CAP, 1);
	uint64_t off = in->start;
	size_t n = 0;
	enum err e = OK;
	while (e == OK && off < in->size) {
		e = read_at(in->fd, off, block, SCAN_CAP, diag, &n);
		if (e != OK || n == 0)
			break;
		off += tally_block(block, n, off + n >= in->size, gb, &t);
	}
	base_free(block);
	if (e == OK)
		*ret = t;
	return e;
}

/* Is the whole file free of NULs (else an error) and well-formed UTF-8? */
static enum err scan_utf8(const struct text_in *in, struct diag *diag, bool *ret_good)
{
	char *block = base_calloc(SCAN_CAP, 1);
	uint64_t off = in->start;
	size_t n = 0;
	bool good = true;
	enum err e = OK;
	while (off < in->size) {
		e = read_at(in->fd, off, block, SCAN_CAP, diag, &n);
		if (e != OK || n == 0)
			break;
		const char *nul = memchr(block, 0, n);
		if (nul) {
			e = diag_set(diag, ERR_FILE_DAMAGED, "NUL @%llu",
			             (unsigned long long)(off + (uint64_t)(nul - block)));
			break;
		}
		bool last = off + n >= in->size;
		size_t ok = good ? utf8_prefix(block, n) : n;
		if (ok < n && (last || n - ok >= CARRY))
			good = false;
		off += good ? ok : n;
	}
	base_free(block);
	if (e == OK)
		*ret_good = good;
	return e;
}

/* Of the characters that offices write: Latin, CJK, their punctuation. */
static bool is_usual(unsigned unit)
{
	if (unit < 0x20 || unit == 0x7F)
		return unit == '\t' || unit == '\n' || unit == '\r';
	return unit < 0x250 || (unit >= 0x2000 && unit < 0x2700) ||
	       (unit >= 0x2E80 && unit < 0xA000) || unit >= 0xF900;
}

/* UTF-16 without a mark: nearly all of what comes out is usual, and there are NULs, since
 * every separator has one (and U+4E00 and others have theirs at the other end). */
static bool guess_utf16(const unsigned char *p, size_t n, enum text_enc *ret)
{
	size_t zeros = 0, odd[2] = {0, 0};
	n &= ~(size_t)1;
	for (size_t i = 0; i < n; i += 2) {
		zeros += p[i] == 0 || p[i + 1] == 0;
		odd[0] += !is_usual((unsigned)p[i] << 8 | p[i + 1]);
		odd[1] += !is_usual((unsigned)p[i + 1] << 8 | p[i]);
	}
	size_t units = n / 2, hi = odd[1] <= odd[0] ? 1 : 0;
	if (zeros == 0 || zeros * 50 < units || odd[hi] * 100 > units)
		return false;
	*ret = hi ? TEXT_UTF16LE : TEXT_UTF16BE;
	return true;
}

/* Text has next to no control characters: random bytes have one in ten. */
static bool looks_binary(const unsigned char *p, size_t n)
{
	size_t odd = 0;
	for (size_t i = 0; i < n; i++)
		odd += (p[i] < 0x20 && (p[i] < '\t' || p[i] > '\r') && p[i] != 0x1A &&
		        p[i] != 0x1B) ||
		       p[i] == 0x7F;
	return odd * 100 > n || (n < 100 && odd);
}

static enum err choose(struct text_in *t, struct diag *diag)
{
	bool good = false;
	enum err e = scan_utf8(t, diag, &good);
	if (e != OK)
		return e;
	if (good) {
		t->enc = TEXT_UTF8;
		return OK;
	}
	struct tally gb, u8 = {0, 0};
	e = tally_file(t, true, diag, &gb);
	if (e == OK && gb.broken) /* else it is no worse than the other, whatever that is */
		e = tally_file(t, false, diag, &u8);
	if (e != OK)
		return e;
	t->enc = gb.broken <= u8.broken ? TEXT_GB18030 : TEXT_UTF8;
	const struct tally *best = t->enc == TEXT_UTF8 ? &u8 : &gb;
	if (best->broken > 2 && best->broken * 100 > best->wide)
		return diag_set(diag, ERR_FILE_ENCODING, "%llu/%llu",
		                (unsigned long long)best->broken,
		                (unsigned long long)(best->broken + best->wide));
	t->repair = t->enc == TEXT_UTF8;
	return OK;
}

static enum err prepare(struct text_in *t, struct diag *diag)
{
	if (t->enc == TEXT_UTF8 && !t->repair)
		return OK;
	if (!t->raw)
		t->raw = base_calloc(RAW_CAP, 1);
	if (t->enc == TEXT_UTF8)
		return OK;
	iconv_t cd = iconv_open("UTF-8", enc_names[t->enc]);
	if (cd == (iconv_t)-1)
		return diag_set(diag, ERR_FILE_ENCODING, "iconv %s", enc_names[t->enc]);
	t->cd = cd;
	return OK;
}

/* What the beginning of the file says. */
static enum err look(struct text_in *t, const unsigned char *head, size_t n, struct diag *diag)
{
	n = n < HEAD_CAP ? n : HEAD_CAP;
	if (n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0)
		t->start = 3;
	else if (n >= 2 && memcmp(head, "\xFF\xFE", 2) == 0)
		t->start = 2, t->enc = TEXT_UTF16LE;
	else if (n >= 2 && memcmp(head, "\xFE\xFF", 2) == 0)
		t->start = 2, t->enc = TEXT_UTF16BE;
	else if (!guess_utf16(head, n, &t->enc) && looks_binary(head, n))
		return diag_set(diag, ERR_FILE_UNKNOWN, "binary");
	return OK;
}

bool text_in_may_be_utf8(const char *text, size_t n, size_t *ret_start)
{
	struct text_in t = {.enc = TEXT_UTF8};
	struct diag diag = {0};
	enum err e = look(&t, (const unsigned char *)text, n, &diag);
	*ret_start = t.start;
	return e == OK && t.enc == TEXT_UTF8;
}

enum err text_in_open(struct text_in *t, int fd, uint64_t size, struct diag *diag)
{
	*t = (struct text_in){.fd = fd, .size = size};
	unsigned char *head = base_calloc(HEAD_CAP, 1);
	size_t n = 0;
	enum err e = read_at(fd, 0, (char *)head, HEAD_CAP, diag, &n);
	if (e == OK)
		e = look(t, head, n, diag);
	base_free(head);
	if (e == OK && (t->enc == TEXT_UTF8 || t->start == 3))
		e = choose(t, diag);
	if (e == OK)
		e = prepare(t, diag);
	if (e != OK)
		text_in_close(t);
	t->off = t->start;
	return e;
}

void text_in_close(struct text_in *t)
{
	if (t->cd)
		iconv_close((iconv_t)t->cd);
	t->cd = NULL;
	base_free(t->raw);
	t->raw = NULL;
}

void text_in_rewind(struct text_in *t)
{
	t->off = t->start;
	t->raw_beg = t->raw_end = 0;
	if (t->cd)
		(void)iconv((iconv_t)t->cd, NULL, NULL, NULL, NULL);
}

static enum err fill_raw(struct text_in *t, struct diag *diag)
{
	size_t left = t->raw_end - t->raw_beg;
	if (left)
		memmove(t->raw, t->raw + t->raw_beg, left);
	t->raw_beg = 0;
	t->raw_end = left;
	size_t n = 0;
	enum err e = read_at(t->fd, t->off, t->raw + left, RAW_CAP - left, diag, &n);
	if (e != OK)
		return e;
	t->off += n;
	t->raw_end += n;
	return OK;
}

/* Copies well-formed UTF-8 and puts U+FFFD for the rest; returns bytes out. */
static size_t repair_utf8(struct text_in *t, char *dst, size_t cap, bool last)
{
	size_t out = 0;
	while (t->raw_beg < t->raw_end && cap - out >= CARRY) {
		const char *p = t->raw + t->raw_beg;
		size_t left = t->raw_end - t->raw_beg;
		if (!last && left < CARRY)
			break;
		size_t k = utf8_len((const unsigned char *)p, left);
		memcpy(dst + out, k ? p : "\xEF\xBF\xBD", k ? k : 3);
		out += k ? k : 3;
		t->raw_beg += k ? k : 1;
	}
	return out;
}

/* iconv until dst is full or the input is used up; returns bytes out. */
static size_t convert(struct text_in *t, char *dst, size_t cap, bool last)
{
	size_t out = 0;
	while (t->raw_beg < t->raw_end && cap - out >= 8) {
		char *in = t->raw + t->raw_beg, *to = dst + out;
		size_t in_left = t->raw_end - t->raw_beg, to_left = cap - out;
		size_t rc = iconv((iconv_t)t->cd, &in, &in_left, &to, &to_left);
		int why = rc == (size_t)-1 ? errno : 0;
		t->raw_beg = t->raw_end - in_left;
		out = cap - to_left;
		if (why == 0 || why == E2BIG)
			break;
		if (why == EINVAL && !last)
			break;
		if (cap - out < 8)
			break;
		/* CP936 writes the euro sign as one byte 0x80 */
		bool euro = t->enc == TEXT_GB18030 && (unsigned char)*in == 0x80;
		memcpy(dst + out, euro ? "\xE2\x82\xAC" : "\xEF\xBF\xBD", 3);
		out += 3;
		size_t step = t->enc >= TEXT_UTF16LE ? 2 : 1;
		t->raw_beg += in_left < step ? in_left : step;
	}
	return out;
}

enum err text_in_read(struct text_in *t, char *dst, size_t cap, struct diag *diag, size_t *ret_n)
{
	if (!t->raw) {
		size_t n = 0;
		enum err e = read_at(t->fd, t->off, dst, cap, diag, &n);
		if (e != OK)
			return e;
		t->off += n;
		*ret_n = n;
		return OK;
	}
	for (;;) {
		size_t before = t->raw_end - t->raw_beg;
		bool last = t->off >= t->size;
		if (before < CARRY && !last) {
			enum err e = fill_raw(t, diag);
			if (e != OK)
				return e;
			/* the file shrank while it was read */
			if (t->raw_end - t->raw_beg == before)
				t->off = t->size;
			continue;
		}
		size_t n = t->cd ? convert(t, dst, cap, last) : repair_utf8(t, dst, cap, last);
		if (t->enc >= TEXT_UTF16LE && memchr(dst, 0, n))
			return diag_set(diag, ERR_FILE_DAMAGED, "NUL");
		if (n || last) {
			*ret_n = n;
			return OK;
		}
		t->off = t->raw_end - t->raw_beg < CARRY ? t->off : t->size;
	}
}
