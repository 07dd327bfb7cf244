/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "net/head.h"

#include <strings.h>

#include "base/utf8.h"

#include "base/banned.h"

/* RFC 9110 §5.6.2 tchar */
static bool is_token(struct str s)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		             (c >= 'a' && c <= 'z');
		if (!alnum && (c == '\0' || !strchr(marks, c)))
			return false;
	}
	return s.n > 0;
}

/* Visible ASCII, blanks and tabs inside, bytes above 127; no control characters. */
static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

static bool is_target(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= 0x20 || c >= 0x7F || c == '#' || c == '\\' || c == '"' || c == '<' || c == '>')
			return false;
	}
	return s.n > 0 && s.n <= HEAD_TARGET_MAX && s.p[0] == '/';
}

static bool is_host(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		             (c >= 'a' && c <= 'z');
		if (!alnum && (c == '\0' || !strchr("-._:[]", c)))
			return false;
	}
	return s.n > 0 && s.n <= 255;
}

static bool named(struct str key, const char *name)
{
	return key.n == strlen(name) && strncasecmp(key.p, name, key.n) == 0;
}

int head_named(const struct head *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (named(h->fields[i].key, name))
			return (int)i;
	return -1;
}

static bool read_length(struct str s, int64_t *ret)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0 && s.n <= 18 && str_to_int(s, ret);
}

enum err head_check(const struct head *h, struct head_facts *ret)
{
	size_t hosts = 0, lengths = 0, bytes = h->target.n;
	bool coded = false, old = str_is(h->version, "HTTP/1.0");
	*ret = (struct head_facts){0};
	if (!is_token(h->method) || h->method.n > 16 || !is_target(h->target) ||
	    (!old && !str_is(h->version, "HTTP/1.1")) || h->n > HEAD_FIELDS_MAX)
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < h->n; i++) {
		struct str key = h->fields[i].key, value = h->fields[i].value;
		bytes += key.n + value.n + 4;
		if (!is_token(key) || !is_value(value) || bytes > HEAD_BYTES_MAX)
			return ERR_BAD_REQUEST;
		if (named(key, "Host")) {
			hosts++;
			if (!is_host(value))
				return ERR_BAD_REQUEST;
		} else if (named(key, "Content-Length")) {
			lengths++;
			if (!read_length(value, &ret->length))
				return ERR_BAD_REQUEST;
		} else if (named(key, "Transfer-Encoding")) {
			coded = true;
		}
	}
	if (hosts > 1 || (!hosts && !old) || lengths > 1 || (coded && (lengths || old)))
		return ERR_BAD_REQUEST;
	ret->has_length = lengths == 1;
	return coded ? ERR_LENGTH_REQUIRED : OK;
}

bool head_is_plain(const struct head *h, const char *target_at, size_t size)
{
	/* method SP target SP version CR LF */
	const char *at = h->method.p;
	if (target_at != at + h->method.n + 1 || h->version.p != target_at + h->target.n + 1)
		return false;
	at = h->version.p + h->version.n + 2;
	for (size_t i = 0; i < h->n; i++) {
		struct str key = h->fields[i].key, value = h->fields[i].value;
		uintptr_t behind = (uintptr_t)key.p + key.n + 1;
		/* Addresses are compared as numbers: a folded value lies in another buffer. */
		if (key.p != at || (uintptr_t)value.p < behind || (uintptr_t)value.p > behind + 256)
			return false;
		at = value.p + value.n + 2;
	}
	return (size_t)(at + 2 - h->method.p) == size;
}

/* --- target --------------------------------------------------------------------- */

/* Decodes %XX (and + in a query) once; false when malformed, not UTF-8, or holding a
 * control character that no name or search has. */
static bool decode(struct str s, bool query, struct arena *a, struct str *ret)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '%') {
			int high = i + 2 < s.n ? str_hex_digit(s.p[i + 1]) : -1;
			int low = i + 2 < s.n ? str_hex_digit(s.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && query) {
			c = ' ';
		}
		if ((unsigned char)c < 0x20 || c == 0x7F)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	*ret = (struct str){out, n};
	return utf8_valid(*ret);
}

static enum err take_part(struct str piece, struct arena *a, struct target *t)
{
	struct str part;
	if (t->n == NET_PATH_PARTS_MAX || !piece.n)
		return ERR_NOT_FOUND;
	if (!decode(piece, false, a, &part))
		return ERR_BAD_REQUEST;
	if (str_is(part, ".") || str_is(part, "..") || memchr(part.p, '/', part.n) ||
	    memchr(part.p, '\\', part.n))
		return ERR_NOT_FOUND;
	t->parts[t->n++] = part;
	return OK;
}

static enum err take_pair(struct str piece, struct arena *a, struct target *t)
{
	if (!piece.n)
		return OK;
	if (t->n_query == HEAD_QUERY_MAX)
		return ERR_BAD_REQUEST;
	struct head_field *f = &t->query[t->n_query++];
	const char *eq = memchr(piece.p, '=', piece.n);
	size_t at = eq ? (size_t)(eq - piece.p) : piece.n;
	if (!decode(str_sub(piece, 0, at), true, a, &f->key) ||
	    !decode(str_sub(piece, at + 1, piece.n), true, a, &f->value))
		return ERR_BAD_REQUEST;
	return OK;
}

enum err target_parse(struct str target, struct arena *a, struct target *ret)
{
	const char *mark = memchr(target.p, '?', target.n);
	size_t at = mark ? (size_t)(mark - target.p) : target.n;
	struct str path = str_sub(target, 1, at - 1), piece;
	struct str query = str_sub(target, at + 1, target.n);
	enum err e = OK;
	ret->n = ret->n_query = 0;
	if (path.n && path.p[path.n - 1] == '/') /* "/office/" is the folder itself */
		path.n--;
	while (!e && path.n) {
		const char *slash = memchr(path.p, '/', path.n);
		size_t n = slash ? (size_t)(slash - path.p) : path.n;
		e = take_part(str_sub(path, 0, n), a, ret);
		if (!e && slash && n + 1 == path.n)
			e = ERR_NOT_FOUND; /* an empty part behind it */
		path = str_sub(path, n + 1, path.n);
	}
	while (!e && str_split(&query, '&', &piece))
		e = take_pair(piece, a, ret);
	return e;
}
