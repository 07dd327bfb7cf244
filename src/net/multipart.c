/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "net/multipart.h"

#include <strings.h>

#include "base/utf8.h"

#include "base/banned.h"

enum { FILE_NAME_MAX = 200 };

/* Starts with the word, in any case. */
static bool starts(struct str s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && strncasecmp(s.p, word, n) == 0;
}

/* The next `; key=value` of *rest; a quoted value keeps its escapes. */
static bool next_param(struct str *rest, struct str *key, struct str *value, bool *quoted)
{
	struct str s = str_trim(*rest);
	if (!s.n || s.p[0] != ';')
		return false;
	s = str_trim(str_sub(s, 1, s.n));
	const char *eq = s.n ? memchr(s.p, '=', s.n) : NULL;
	if (!eq)
		return false;
	*key = str_trim(str_sub(s, 0, (size_t)(eq - s.p)));
	s = str_trim(str_sub(s, (size_t)(eq - s.p) + 1, s.n));
	*quoted = s.n && s.p[0] == '"';
	size_t n = *quoted ? 1 : 0;
	while (n < s.n && s.p[n] != (*quoted ? '"' : ';'))
		n += *quoted && s.p[n] == '\\' && n + 1 < s.n && s.p[n + 1] == '"' ? 2 : 1;
	if (*quoted && n >= s.n)
		return false;
	*value = *quoted ? str_sub(s, 1, n - 1) : str_trim(str_sub(s, 0, n));
	*rest = str_sub(s, *quoted ? n + 1 : n, s.n);
	return true;
}

static bool is_boundary(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= 0x20 || (unsigned char)s.p[i] >= 0x7F || s.p[i] == '"')
			return false;
	return s.n > 0 && s.n <= MULTIPART_BOUNDARY_MAX;
}

enum err multipart_init(struct multipart *m, struct str type, const struct multipart_hooks *hooks)
{
	static const char word[] = "multipart/form-data";
	struct str rest = str_trim(type), key, value;
	bool quoted;
	*m = (struct multipart){.hooks = *hooks};
	if (!starts(rest, word))
		return ERR_MEDIA_TYPE;
	rest = str_sub(rest, sizeof(word) - 1, rest.n);
	while (next_param(&rest, &key, &value, &quoted)) {
		if (key.n != 8 || !starts(key, "boundary") || !is_boundary(value))
			continue;
		memcpy(m->mark, "\r\n--", 4);
		memcpy(m->mark + 4, value.p, value.n);
		m->mark_n = value.n + 4;
		m->matched = 2; /* the first mark has no line end before it */
		return OK;
	}
	return ERR_MEDIA_TYPE;
}

/* --- a part's head -------------------------------------------------------------------- */

static enum err begin_part(struct multipart *m)
{
	struct str head = {m->head, m->head_n}, line, name = {NULL, 0}, file = {NULL, 0};
	while (str_split(&head, '\n', &line)) {
		struct str key, value;
		bool quoted;
		line = str_trim(line);
		if (!starts(line, "content-disposition:"))
			continue;
		line = str_trim(str_sub(line, 20, line.n));
		if (!starts(line, "form-data") || name.p)
			return ERR_BAD_REQUEST;
		line = str_sub(line, 9, line.n);
		while (next_param(&line, &key, &value, &quoted)) {
			if (key.n == 4 && starts(key, "name"))
				name = value;
			else if (key.n == 8 && starts(key, "filename"))
				file = value;
		}
	}
	if (!name.n || name.n > 100 || !utf8_valid(name))
		return ERR_BAD_REQUEST;
	m->in_part = true;
	m->state = MULTIPART_DATA;
	m->matched = 0;
	return m->hooks.begin(m->hooks.arg, name, file);
}

static enum err feed_head(struct multipart *m, struct str *bytes)
{
	while (bytes->n) {
		if (m->head_n == sizeof(m->head))
			return ERR_TOO_LARGE;
		char c = bytes->p[0];
		*bytes = str_sub(*bytes, 1, bytes->n);
		if (c == '\0')
			return ERR_BAD_REQUEST;
		m->head[m->head_n++] = c;
		if (m->head_n >= 4 && memcmp(m->head + m->head_n - 4, "\r\n\r\n", 4) == 0)
			return begin_part(m);
	}
	return OK;
}

/* --- data ----------------------------------------------------------------------------- */

static enum err give(struct multipart *m, struct str bytes)
{
	if (!bytes.n)
		return OK;
	/* before the first part there may be nothing */
	return m->in_part ? m->hooks.data(m->hooks.arg, bytes) : ERR_BAD_REQUEST;
}

static enum err end_part(struct multipart *m)
{
	bool was = m->in_part;
	m->in_part = false;
	m->state = MULTIPART_AFTER;
	m->after_n = 0;
	return was ? m->hooks.end(m->hooks.arg) : OK;
}

static enum err feed_data(struct multipart *m, struct str *bytes)
{
	size_t i = 0;
	/* CR stands only at the head of the mark, so a failed match begins anew at this byte */
	while (m->matched && i < bytes->n && bytes->p[i] == m->mark[m->matched]) {
		i++;
		if (++m->matched == m->mark_n) {
			*bytes = str_sub(*bytes, i, bytes->n);
			return end_part(m);
		}
	}
	if (m->matched && i == bytes->n) {
		*bytes = (struct str){NULL, 0};
		return OK;
	}
	if (m->matched) {
		size_t held = m->matched;
		m->matched = 0;
		enum err e = give(m, (struct str){m->mark, held});
		*bytes = str_sub(*bytes, i, bytes->n);
		if (e)
			return e;
	}
	const char *cr = bytes->n ? memchr(bytes->p, '\r', bytes->n) : NULL;
	size_t n = cr ? (size_t)(cr - bytes->p) : bytes->n;
	enum err e = give(m, str_sub(*bytes, 0, n));
	*bytes = str_sub(*bytes, n + (cr ? 1 : 0), bytes->n);
	m->matched = cr ? 1 : 0;
	return e;
}

static enum err feed_after(struct multipart *m, struct str *bytes)
{
	m->after[m->after_n++] = bytes->p[0];
	*bytes = str_sub(*bytes, 1, bytes->n);
	if (m->after_n < 2)
		return OK;
	if (memcmp(m->after, "--", 2) == 0) {
		m->state = MULTIPART_DONE;
		return OK;
	}
	if (memcmp(m->after, "\r\n", 2) != 0)
		return ERR_BAD_REQUEST;
	if (++m->parts > MULTIPART_PARTS_MAX)
		return ERR_TOO_LARGE;
	m->state = MULTIPART_HEAD;
	m->head_n = 0;
	return OK;
}

enum err multipart_feed(struct multipart *m, struct str bytes)
{
	enum err e = OK;
	while (!e && bytes.n) {
		if (m->state == MULTIPART_DATA)
			e = feed_data(m, &bytes);
		else if (m->state == MULTIPART_AFTER)
			e = feed_after(m, &bytes);
		else if (m->state == MULTIPART_HEAD)
			e = feed_head(m, &bytes);
		else if (bytes.p[0] == '\r' || bytes.p[0] == '\n')
			bytes = str_sub(bytes, 1, bytes.n);
		else
			e = ERR_BAD_REQUEST;
	}
	return e;
}

enum err multipart_finish(const struct multipart *m)
{
	return m->state == MULTIPART_DONE ? OK : ERR_BAD_REQUEST;
}

const char *multipart_clean_name(struct str file, struct arena *a)
{
	struct buf b;
	size_t pos = 0;
	for (size_t i = 0; i < file.n; i++)
		if (file.p[i] == '/' || file.p[i] == '\\')
			pos = i + 1;
	file = str_trim(str_sub(file, pos, file.n));
	buf_init(&b, FILE_NAME_MAX);
	pos = 0;
	for (int32_t cp; (cp = utf8_next(file, &pos)) >= 0 && !b.full;)
		utf8_put(&b, cp < 0x20 || cp == 0x7F || cp == 0xFFFD || cp == ':' || cp == '"' ? '_' : cp);
	const char *name = b.n && strcmp(b.p, ".") != 0 && strcmp(b.p, "..") != 0
		? arena_strndup(a, b.p, b.n) : "file";
	buf_release(&b);
	return name;
}
