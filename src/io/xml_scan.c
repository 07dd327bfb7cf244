/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/xml_scan.h"

#include "base/utf8.h"
#include "io/text_in.h"

#include "base/banned.h"

enum {
	WINDOW = 64 * 1024,
	TEXT_PART = 32 * 1024, /* longer text is handed out in parts */
	ENTITY_MAX = 32,
	SEEK_BACK = 64, /* a tag's prefix is no longer than this */
};

void xml_init(struct xml *x, xml_read *read, void *arg, size_t max)
{
	*x = (struct xml){.read = read, .arg = arg, .max = max < WINDOW ? WINDOW : max};
}

void xml_release(struct xml *x)
{
	base_free(x->buf);
	x->buf = NULL;
}

static enum xml_kind damaged(struct diag *diag, const char *what)
{
	(void)diag_set(diag, ERR_FILE_DAMAGED, "XML: %s", what);
	return XML_FAILED;
}

static enum err read_utf16(struct xml *x, char *dst, size_t cap, struct diag *diag, size_t *ret_n)
{
	unsigned char raw[8192];
	size_t want = cap / 6 < sizeof(raw) ? cap / 6 : sizeof(raw), got = 0, out = 0;
	memcpy(raw, x->half, x->half_n);
	enum err e = x->read(x->arg, (char *)raw + x->half_n, want - x->half_n, diag, &got);
	if (e != OK)
		return e;
	size_t n = got + x->half_n, i = 0;
	for (; i + 2 <= n; i += 2) {
		uint32_t unit = x->utf16 == 1 ? (uint32_t)raw[i] | (uint32_t)raw[i + 1] << 8
		                              : (uint32_t)raw[i] << 8 | raw[i + 1];
		out += utf8_from_utf16(&x->high, unit, dst + out);
	}
	x->half_n = n - i;
	if (x->half_n)
		x->half[0] = raw[i];
	if (out == 0 && got) /* a high surrogate alone: its half is still to come */
		return read_utf16(x, dst, cap, diag, ret_n);
	*ret_n = out;
	return OK;
}

/* The first bytes: marks are taken off, UTF-16 is switched on. */
static enum err start_input(struct xml *x, struct diag *diag)
{
	size_t n = 0;
	x->cap = WINDOW;
	x->buf = base_calloc(x->cap, 1);
	while (x->end < 4 && !x->eof) {
		enum err e = x->read(x->arg, x->buf + x->end, 4 - x->end, diag, &n);
		if (e != OK)
			return e;
		x->end += n;
		x->eof = n == 0;
	}
	const char *p = x->buf;
	if (x->end >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
		x->beg = 3;
		return OK;
	}
	if (x->end < 4)
		return OK;
	if (memcmp(p, "\xFF\xFE", 2) == 0 || memcmp(p, "<\0", 2) == 0)
		x->utf16 = 1;
	else if (memcmp(p, "\xFE\xFF", 2) == 0 || memcmp(p, "\0<", 2) == 0)
		x->utf16 = 2;
	if (!x->utf16)
		return OK;
	char units[16];
	size_t out = 0;
	for (size_t i = p[0] == '<' || p[1] == '<' ? 0 : 2; i < 4; i += 2) {
		unsigned char a = (unsigned char)p[i], b = (unsigned char)p[i + 1];
		uint32_t unit = x->utf16 == 1 ? (uint32_t)a | (uint32_t)b << 8
		                              : (uint32_t)a << 8 | b;
		out += utf8_from_utf16(&x->high, unit, units + out);
	}
	memcpy(x->buf, units, out);
	x->end = out;
	return OK;
}

/* More bytes behind [beg, end); moves the window. */
static enum err refill(struct xml *x, struct diag *diag)
{
	if (!x->buf)
		return start_input(x, diag);
	size_t have = x->end - x->beg;
	if (x->beg) {
		memmove(x->buf, x->buf + x->beg, have);
		x->beg = 0;
		x->end = have;
	}
	if (x->cap - have < x->cap / 4) {
		if (x->cap >= x->max)
			return diag_set(diag, ERR_FILE_TOO_LARGE, "XML > %zu", x->max);
		x->cap *= 2;
		x->buf = base_realloc(x->buf, x->cap, 1);
	}
	size_t n = 0;
	enum err e;
	if (x->utf16)
		e = read_utf16(x, x->buf + have, x->cap - have, diag, &n);
	else
		e = x->read(x->arg, x->buf + have, x->cap - have, diag, &n);
	if (e != OK)
		return e;
	x->end += n;
	x->eof = n == 0;
	return OK;
}

static inline bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline bool is_name_start(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
	       c >= 0x80;
}

static struct str local_part(struct str name)
{
	const char *colon = name.n ? memchr(name.p, ':', name.n) : NULL;
	if (!colon)
		return name;
	size_t cut = (size_t)(colon + 1 - name.p);
	return (struct str){colon + 1, name.n - cut};
}

static uint32_t name_hash(struct str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h;
}

/* End of the tag that begins at p (on '<'): just behind its '>'. */
static const char *tag_end(const char *p, const char *end)
{
	char quote = 0;
	for (p++; p < end; p++) {
		if (quote) {
			p = memchr(p, quote, (size_t)(end - p));
			if (!p)
				return NULL;
			quote = 0;
		} else if (*p == '>') {
			return p + 1;
		} else if (*p == '"' || *p == '\'') {
			quote = *p;
		}
	}
	return NULL;
}

static enum xml_kind close_tag(struct xml *x, struct diag *diag, uint32_t hash)
{
	if (x->loose) {
		if (x->depth)
			x->depth--;
		return XML_END;
	}
	if (x->depth == 0 || x->stack[x->depth - 1] != hash)
		return damaged(diag, "tags do not nest");
	x->depth--;
	return XML_END;
}

static enum xml_kind start_tag(struct xml *x, struct diag *diag, const char *p, const char *stop)
{
	const char *q = p + 1, *last = stop - 1; /* last is on '>' */
	bool empty = last[-1] == '/';
	if (empty)
		last--;
	while (q < last && !is_space(*q))
		q++;
	struct str full = {p + 1, (size_t)(q - p - 1)};
	if (x->depth == 0 && x->started && !x->loose)
		return damaged(diag, "more than one root");
	if (x->depth >= XML_DEPTH_MAX)
		return damaged(diag, "nested too deep");
	x->stack[x->depth++] = name_hash(full);
	x->started = true;
	x->name = local_part(full);
	x->attrs = (struct str){q, (size_t)(last - q)};
	x->pending_end = empty;
	return XML_START;
}

enum mark { MARK_TAG, MARK_CLOSE, MARK_COMMENT, MARK_CDATA, MARK_PI, MARK_DOCTYPE, MARK_BAD };

static enum mark mark_at(struct str s)
{
	char c = s.n < 2 ? 0 : s.p[1];
	if (c == '/')
		return MARK_CLOSE;
	if (c == '?')
		return MARK_PI;
	if (c != '!')
		return is_name_start((unsigned char)c) ? MARK_TAG : MARK_BAD;
	if (str_starts(s, STR("<!--")))
		return MARK_COMMENT;
	if (str_starts(s, STR("<![CDATA[")))
		return MARK_CDATA;
	bool doctype = str_starts(s, STR("<!DOCTYPE")) || str_starts(s, STR("<!doctype"));
	return doctype ? MARK_DOCTYPE : MARK_BAD;
}

/* Just behind the mark; NULL when the window ends inside. */
static const char *mark_end(struct str s, enum mark m)
{
	static const struct {
		size_t skip;
		const char *close;
	} of[] = {[MARK_COMMENT] = {4, "-->"}, [MARK_CDATA] = {9, "]]>"}, [MARK_PI] = {2, "?>"}};
	if (m == MARK_TAG || m == MARK_CLOSE)
		return tag_end(s.p, s.p + s.n);
	size_t k = strlen(of[m].close);
	const char *stop = memmem(s.p + of[m].skip, s.n - of[m].skip, of[m].close, k);
	return stop ? stop + k : NULL;
}

static enum xml_kind end_tag(struct xml *x, struct diag *diag, const char *p, const char *stop)
{
	const char *q = stop - 1;
	while (q > p + 2 && is_space(q[-1]))
		q--;
	struct str full = {p + 2, (size_t)(q - p - 2)};
	x->name = local_part(full);
	return close_tag(x, diag, name_hash(full));
}

/* A tag, comment, instruction or section at beg, which is on '<'.
 * XML_EOF: passed over, go on.  *ret_more: the window ends inside. */
static enum xml_kind markup(struct xml *x, struct diag *diag, bool *ret_more)
{
	struct str s = {x->buf + x->beg, x->end - x->beg};
	*ret_more = s.n < 9 && !x->eof;
	if (*ret_more)
		return XML_EOF;
	enum mark m = mark_at(s);
	if (m == MARK_DOCTYPE)
		return (void)diag_set(diag, ERR_FILE_DOCTYPE, "DOCTYPE"), XML_FAILED;
	if (m == MARK_BAD)
		return damaged(diag, "'<' that begins nothing");
	const char *stop = mark_end(s, m);
	if (!stop) {
		*ret_more = true;
		return x->eof ? damaged(diag, "cut short") : XML_EOF;
	}
	x->beg = (size_t)(stop - x->buf);
	switch (m) {
	case MARK_TAG:
		return start_tag(x, diag, s.p, stop);
	case MARK_CLOSE:
		return end_tag(x, diag, s.p, stop);
	case MARK_CDATA:
		x->text = (struct str){s.p + 9, (size_t)(stop - s.p) - 12};
		x->cdata = true;
		return x->depth ? XML_TEXT : damaged(diag, "text outside the root");
	default:
		return XML_EOF;
	}
}

/* Where a part of a long text may end: not inside an entity or a character. */
static size_t text_cut(const char *p, size_t n)
{
	size_t back = n > ENTITY_MAX ? n - ENTITY_MAX : 0;
	for (size_t i = n; i > back; i--)
		if (p[i - 1] == '&')
			return i - 1;
	while (n > back && ((unsigned char)p[n - 1] & 0xC0) == 0x80)
		n--;
	if (n > back && (unsigned char)p[n - 1] >= 0xC0)
		n--;
	if (n > back && p[n - 1] == '\r')
		n--;
	return n;
}

/* Text at beg.  XML_EOF: only white space outside the root was passed over. */
static enum xml_kind text(struct xml *x, struct diag *diag, bool *ret_more)
{
	const char *p = x->buf + x->beg;
	size_t left = x->end - x->beg;
	const char *lt = memchr(p, '<', left);
	size_t n = lt ? (size_t)(lt - p) : left;
	*ret_more = false;
	if (!lt && !x->eof) {
		n = left >= TEXT_PART ? text_cut(p, left) : 0;
		if (n == 0) {
			*ret_more = true;
			return XML_EOF;
		}
	}
	x->text = (struct str){p, n};
	x->cdata = false;
	x->beg += n;
	if (x->depth || x->loose)
		return XML_TEXT;
	for (size_t i = 0; i < n; i++)
		if (!is_space(p[i]))
			return damaged(diag, "text outside the root");
	return XML_EOF;
}

enum xml_kind xml_next(struct xml *x, struct diag *diag)
{
	if (x->pending_end) {
		x->pending_end = false;
		return close_tag(x, diag, x->stack[x->depth - 1]);
	}
	for (;;) {
		if (x->beg == x->end || !x->buf) {
			if (!x->eof && refill(x, diag) != OK)
				return XML_FAILED;
			if (x->beg == x->end && x->eof) {
				if ((x->depth || !x->started) && !x->loose)
					return damaged(diag, "cut short");
				return XML_EOF;
			}
			continue;
		}
		bool more;
		enum xml_kind k = x->buf[x->beg] == '<' ? markup(x, diag, &more)
		                                        : text(x, diag, &more);
		if (k != XML_EOF)
			return k;
		if (more && refill(x, diag) != OK)
			return XML_FAILED;
	}
}

enum err xml_skip(struct xml *x, struct diag *diag)
{
	uint32_t outside = x->depth - 1;
	while (x->depth > outside)
		if (xml_next(x, diag) == XML_FAILED)
			return diag->code;
	return OK;
}

/* Is the name at `hit` that of a closing (or empty) tag?  1 yes, 0 no, -1: the
 * window ends before that is known.  *ret_gt is the tag's '>'. */
static int closes(const struct xml *x, const char *hit, const char **ret_gt)
{
	const char *from = x->buf + x->beg, *end = x->buf + x->end;
	const char *lt = hit;
	while (lt > from && *lt != '<' && *lt != '>' && hit - lt < SEEK_BACK)
		lt--;
	if (*lt != '<')
		return 0;
	const char *gt = memchr(hit, '>', (size_t)(end - hit));
	if (!gt)
		return x->eof ? 0 : -1;
	*ret_gt = gt;
	return lt[1] == '/' || gt[-1] == '/';
}

enum err xml_seek_past(struct xml *x, const char *name, struct diag *diag)
{
	size_t k = strlen(name);
	x->loose = true;
	x->pending_end = false;
	x->depth = 0;
	for (;;) {
		const char *p = x->buf ? x->buf + x->beg : "", *gt = NULL;
		size_t left = x->end - x->beg;
		const char *hit = memmem(p, left, name, k);
		int found = hit ? closes(x, hit, &gt) : -1;
		if (found == 1) {
			x->beg = (size_t)(gt + 1 - x->buf);
			return OK;
		}
		if (found == 0) {
			x->beg = (size_t)(hit + k - x->buf);
			continue;
		}
		if (x->eof)
			return OK;
		if (!hit && left > k + SEEK_BACK) /* a tag may be cut by the window */
			x->beg = x->end - k - SEEK_BACK;
		enum err e = refill(x, diag);
		if (e != OK)
			return e;
	}
}

bool xml_attr_next(struct str *attrs, struct str *ret_name, struct str *ret_value)
{
	const char *p = attrs->p, *end = attrs->p + attrs->n;
	while (p < end && is_space(*p))
		p++;
	const char *name = p;
	while (p < end && *p != '=' && !is_space(*p))
		p++;
	struct str found = {name, (size_t)(p - name)};
	while (p < end && is_space(*p))
		p++;
	if (p == end || *p != '=' || found.n == 0)
		return false;
	p++;
	while (p < end && is_space(*p))
		p++;
	if (p == end || (*p != '"' && *p != '\''))
		return false;
	const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
	if (!close)
		return false;
	*ret_name = found;
	*ret_value = (struct str){p + 1, (size_t)(close - p - 1)};
	*attrs = (struct str){close + 1, (size_t)(end - close - 1)};
	return true;
}

bool xml_attr(struct str attrs, const char *name, struct str *ret)
{
	struct str k, v, want = str_c(name);
	bool any_prefix = want.n && want.p[0] == ':';
	while (xml_attr_next(&attrs, &k, &v)) {
		if (any_prefix ? str_ends(k, want) : str_eq(k, want)) {
			*ret = v;
			return true;
		}
	}
	return false;
}

bool xml_attr_bool(struct str attrs, const char *name, bool absent)
{
	struct str v;
	if (!xml_attr(attrs, name, &v))
		return absent;
	return str_is(v, "1") || str_is(v, "true") || str_is(v, "on");
}

int64_t xml_attr_int(struct str attrs, const char *name, int64_t absent)
{
	struct str v;
	int64_t n;
	return xml_attr(attrs, name, &v) && str_to_int(v, &n) ? n : absent;
}

static bool valid_char(int32_t cp)
{
	if (cp < 0x20)
		return cp == '\t' || cp == '\n' || cp == '\r';
	return !(cp >= 0xD800 && cp <= 0xDFFF) && cp != 0xFFFE && cp != 0xFFFF && cp <= 0x10FFFF;
}

/* "#65" or "#x41" */
static bool char_ref(struct str s, int32_t *ret)
{
	int32_t v = 0, base = 10;
	size_t i = 1;
	if (s.n > 1 && s.p[1] == 'x') {
		base = 16;
		i = 2;
	}
	if (i == s.n)
		return false;
	for (; i < s.n; i++) {
		int d = str_hex_digit(s.p[i]);
		if (d < 0 || d >= base || v > 0x10FFFF)
			return false;
		v = v * base + d;
	}
	*ret = v;
	return v <= 0x10FFFF && valid_char(v);
}

static bool entity(struct str s, struct buf *out)
{
	static const struct {
		const char *name;
		char c;
	} known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
	int32_t cp;
	if (s.n && s.p[0] == '#') {
		if (!char_ref(s, &cp))
			return false;
		utf8_put(out, cp);
		return true;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (str_is(s, known[i].name)) {
			buf_addc(out, known[i].c);
			return true;
		}
	}
	return false;
}

/* Is every byte plain: no '&', no '\r', no control, well-formed? */
static bool well_formed(struct str s)
{
	bool high = false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		high |= c >= 0x80;
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			return false;
	}
	return !high || utf8_prefix(s.p, s.n) == s.n;
}

/* Does the byte mean something else than itself? */
static inline bool is_special(char c, enum xml_mode mode)
{
	if (mode == XML_VALUE)
		return c == '&' || c == '\r' || c == '\n' || c == '\t';
	return c == '\r' || (c == '&' && mode == XML_CONTENT);
}

bool xml_unescape(struct str raw, enum xml_mode mode, struct buf *out)
{
	if (!well_formed(raw))
		return false;
	size_t i = 0;
	while (i < raw.n) {
		size_t from = i;
		while (i < raw.n && !is_special(raw.p[i], mode))
			i++;
		buf_add(out, raw.p + from, i - from);
		if (i == raw.n)
			break;
		if (raw.p[i] != '&') {
			bool pair = raw.p[i] == '\r' && i + 1 < raw.n && raw.p[i + 1] == '\n';
			buf_addc(out, mode == XML_VALUE ? ' ' : '\n');
			i += pair ? 2 : 1;
			continue;
		}
		size_t max = raw.n - i - 1 < ENTITY_MAX ? raw.n - i - 1 : ENTITY_MAX;
		const char *semi = memchr(raw.p + i + 1, ';', max);
		if (!semi)
			return false;
		struct str name = {raw.p + i + 1, (size_t)(semi - raw.p) - i - 1};
		if (!entity(name, out))
			return false;
		i = (size_t)(semi + 1 - raw.p);
	}
	return true;
}
