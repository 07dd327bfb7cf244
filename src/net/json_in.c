/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "net/json_in.h"

#include "base/map.h"
#include "base/utf8.h"

#include "base/banned.h"

enum { FEW_MEMBERS = 16 };

struct reader {
	struct str s;
	size_t at;
	struct arena *a;
	unsigned depth;
};

static bool read_value(struct reader *r, struct json_value *ret);

static void skip_blanks(struct reader *r)
{
	while (r->at < r->s.n && (r->s.p[r->at] == ' ' || r->s.p[r->at] == '\t' ||
	                          r->s.p[r->at] == '\r' || r->s.p[r->at] == '\n'))
		r->at++;
}

static bool take(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->at == r->s.n || r->s.p[r->at] != c)
		return false;
	r->at++;
	return true;
}

static bool take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);
	if (r->s.n - r->at < n || memcmp(r->s.p + r->at, word, n) != 0)
		return false;
	r->at += n;
	return true;
}

/* --- texts ---------------------------------------------------------------------------- */

static bool read_hex4(struct reader *r, int32_t *ret)
{
	int32_t v = 0;
	if (r->s.n - r->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int digit = str_hex_digit(r->s.p[r->at++]);
		if (digit < 0)
			return false;
		v = v * 16 + digit;
	}
	*ret = v;
	return true;
}

static bool read_escape(struct reader *r, char *out, size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int32_t cp, low;
	if (r->at == r->s.n)
		return false;
	char c = r->s.p[r->at++];
	const char *plain = c ? strchr(from, c) : NULL;
	if (plain) {
		out[(*n)++] = to[plain - from];
		return true;
	}
	if (c != 'u' || !read_hex4(r, &cp) || cp == 0 || (cp >= 0xDC00 && cp <= 0xDFFF))
		return false;
	if (cp >= 0xD800 && cp <= 0xDBFF) {
		if (!take_word(r, "\\u") || !read_hex4(r, &low) || low < 0xDC00 || low > 0xDFFF)
			return false;
		cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
	}
	*n += utf8_encode(cp, out + *n);
	return true;
}

/* Behind the opening quote. */
static bool read_text(struct reader *r, struct str *ret)
{
	size_t end = r->at, n = 0;
	while (end < r->s.n && r->s.p[end] != '"')
		end += r->s.p[end] == '\\' ? 2 : 1;
	if (end >= r->s.n)
		return false;
	/* an escape is never shorter than what it stands for */
	char *out = arena_alloc(r->a, end - r->at + 1);
	while (r->s.p[r->at] != '"') {
		char c = r->s.p[r->at++];
		if ((unsigned char)c < 0x20)
			return false;
		if (c != '\\')
			out[n++] = c;
		else if (!read_escape(r, out, &n))
			return false;
	}
	r->at++;
	out[n] = '\0';
	*ret = (struct str){out, n};
	return true;
}

/* --- numbers --------------------------------------------------------------------------- */

static size_t digits(struct reader *r)
{
	size_t n = 0;
	while (r->at < r->s.n && r->s.p[r->at] >= '0' && r->s.p[r->at] <= '9') {
		r->at++;
		n++;
	}
	return n;
}

static bool read_number(struct reader *r, struct json_value *ret)
{
	size_t from = r->at;
	bool whole = true;
	(void)take_word(r, "-");
	bool zero = r->at < r->s.n && r->s.p[r->at] == '0';
	size_t n = digits(r);
	if (!n || (zero && n > 1))
		return false;
	if (take_word(r, ".")) {
		whole = false;
		if (!digits(r))
			return false;
	}
	if (take_word(r, "e") || take_word(r, "E")) {
		whole = false;
		if (!take_word(r, "+"))
			(void)take_word(r, "-");
		if (!digits(r))
			return false;
	}
	ret->text = str_copy(r->a, str_sub(r->s, from, r->at - from));
	ret->kind = whole && str_to_int(ret->text, &ret->v) ? JSON_IN_INT : JSON_IN_NUMBER;
	return true;
}

/* --- arrays and objects ------------------------------------------------------------------ */

static bool read_array(struct reader *r, struct json_value *ret)
{
	struct json_value **last = &ret->first;
	ret->kind = JSON_IN_ARRAY;
	if (take(r, ']'))
		return true;
	do {
		struct json_value *v = ARENA_NEW(r->a, struct json_value);
		if (!read_value(r, v))
			return false;
		*last = v;
		last = &v->next;
		ret->n++;
	} while (take(r, ','));
	return take(r, ']');
}

static bool is_double(const struct json_value *object)
{
	struct map seen;
	bool found = false;
	if (object->n <= FEW_MEMBERS) {
		for (const struct json_value *x = object->first; x; x = x->next)
			for (const struct json_value *y = x->next; y; y = y->next)
				found |= str_eq(x->key, y->key);
		return found;
	}
	map_init(&seen);
	for (const struct json_value *x = object->first; x && !found; x = x->next)
		found = !map_set(&seen, x->key, 1);
	map_release(&seen);
	return found;
}

static bool read_object(struct reader *r, struct json_value *ret)
{
	struct json_value **last = &ret->first;
	ret->kind = JSON_IN_OBJECT;
	if (take(r, '}'))
		return true;
	do {
		struct json_value *v = ARENA_NEW(r->a, struct json_value);
		if (!take(r, '"') || !read_text(r, &v->key) || !take(r, ':') || !read_value(r, v))
			return false;
		*last = v;
		last = &v->next;
		ret->n++;
	} while (take(r, ','));
	return take(r, '}') && !is_double(ret);
}

static bool read_value(struct reader *r, struct json_value *ret)
{
	bool ok;
	if (++r->depth > JSON_IN_DEPTH)
		return false;
	if (take(r, '{')) {
		ok = read_object(r, ret);
	} else if (take(r, '[')) {
		ok = read_array(r, ret);
	} else if (take(r, '"')) {
		ret->kind = JSON_IN_TEXT;
		ok = read_text(r, &ret->text);
	} else if (take_word(r, "null")) {
		ret->kind = JSON_IN_NULL;
		ok = true;
	} else if (take_word(r, "true")) {
		ret->kind = JSON_IN_TRUE;
		ok = true;
	} else if (take_word(r, "false")) {
		ret->kind = JSON_IN_FALSE;
		ok = true;
	} else {
		ok = read_number(r, ret);
	}
	r->depth--;
	return ok;
}

const struct json_value *json_read(struct str text, struct arena *a)
{
	struct reader r = {.s = text, .a = a};
	if (!utf8_valid(text))
		return NULL;
	struct json_value *v = ARENA_NEW(a, struct json_value);
	if (!read_value(&r, v))
		return NULL;
	skip_blanks(&r);
	return r.at == text.n ? v : NULL;
}

const struct json_value *json_get(const struct json_value *object, const char *key)
{
	const struct json_value *v = object && object->kind == JSON_IN_OBJECT ? object->first : NULL;
	while (v && !str_is(v->key, key))
		v = v->next;
	return v;
}
