/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * html: the tables of a web page, as web systems "export to Excel".
 *
 * All tables of the page make one sheet, one below the other, as spreadsheets
 * show them; rows of tables inside cells become rows of their own.  Cells that
 * span are placed as a browser places them and told as merges.  Markup need
 * not be well-formed: a tag ends at '>', cells and rows end where others
 * begin.
 */
#include "base/utf8.h"
#include "io/numfmt.h"
#include "io/rows_impl.h"
#include "io/text_in.h"

#include "base/banned.h"

enum {
	WINDOW = 256 * 1024,
	TAG_MAX = 64 * 1024,
	TEXT_PART = 64 * 1024,
	SPAN_ROWS_MAX = 65536,
	SPAN_COLUMNS_MAX = 1024,
	ENTITY_MAX = 12,
};

struct html {
	struct text_in in;
	char *win;
	size_t beg, end;
	bool eof;

	uint32_t number;    /* of the row being read */
	bool in_row, in_cell;
	size_t column;      /* of the cell being read, from 0 */
	uint32_t colspan, rowspan;
	struct buf num;
	struct buf text;    /* of the cell */
	bool space;         /* white space waits */
	VEC(uint32_t) spans; /* rows that a cell from above still takes, by column */
	VEC(struct merge) merges;
	struct row_build row;
	struct arena row_text;
	bool any;           /* a cell of the row was begun */
};

/* ---- input ---- */

static enum err fill(struct html *h, struct diag *diag)
{
	size_t have = h->end - h->beg, n = 0;
	memmove(h->win, h->win + h->beg, have);
	h->beg = 0;
	h->end = have;
	enum err e = text_in_read(&h->in, h->win + have, WINDOW - have, diag, &n);
	if (e != OK)
		return e;
	h->end += n;
	h->eof = n == 0;
	return OK;
}

enum token_kind { TOK_END, TOK_TAG, TOK_TEXT };

struct token {
	enum token_kind kind;
	struct str name;  /* of a tag, lower case is not promised; "/td" when closing */
	struct str attrs;
	struct str text;
};

static inline bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Just behind the '>' of the tag at p; NULL when the window ends first. */
static const char *tag_end(const char *p, const char *end)
{
	char quote = 0;
	for (p++; p < end; p++) {
		if (quote)
			quote = *p == quote ? 0 : quote;
		else if (*p == '>')
			return p + 1;
		else if ((*p == '"' || *p == '\'') && p[-1] == '=')
			quote = *p;
	}
	return NULL;
}

static void split_tag(const char *p, const char *stop, struct token *ret)
{
	const char *q = p + 1, *last = stop - 1;
	while (q < last && !is_space(*q) && (*q != '/' || q == p + 1))
		q++;
	ret->kind = TOK_TAG;
	ret->name = (struct str){p + 1, (size_t)(q - p - 1)};
	ret->attrs = (struct str){q, (size_t)(last - q)};
}

static bool step_text(struct html *h, struct str s, struct token *ret)
{
	const char *lt = memchr(s.p, '<', s.n);
	size_t n = lt ? (size_t)(lt - s.p) : s.n;
	if (!lt && !h->eof) {
		if (s.n < TEXT_PART)
			return false;
		/* a long text comes in parts, none of which ends inside an entity */
		for (size_t i = n; i > s.n - ENTITY_MAX; i--)
			if (s.p[i - 1] == '&')
				n = i - 1;
	}
	*ret = (struct token){.kind = TOK_TEXT, .text = {s.p, n}};
	h->beg += n;
	return true;
}

static bool step_comment(struct html *h, struct str s, struct token *ret)
{
	const char *stop = memmem(s.p + 4, s.n - 4, "-->", 3);
	if (!stop && !h->eof && s.n < WINDOW)
		return false;
	*ret = (struct token){.kind = TOK_TEXT};
	/* a comment without end, or larger than the window, is passed over */
	h->beg = stop ? (size_t)(stop + 3 - h->win) : h->end;
	return true;
}

/* One step over what begins at beg; false when more input is needed. */
static bool step(struct html *h, struct token *ret)
{
	struct str s = {h->win + h->beg, h->end - h->beg};
	if (*s.p != '<')
		return step_text(h, s, ret);
	if (s.n < 4 && !h->eof)
		return false;
	if (str_starts(s, STR("<!--")))
		return step_comment(h, s, ret);
	const char *stop = tag_end(s.p, s.p + s.n);
	if (!stop && !h->eof && s.n < TAG_MAX)
		return false;
	if (!stop || (s.n > 1 && is_space(s.p[1]))) { /* '<' that begins no tag */
		*ret = (struct token){.kind = TOK_TEXT, .text = {s.p, 1}};
		h->beg++;
		return true;
	}
	split_tag(s.p, stop, ret);
	h->beg = (size_t)(stop - h->win);
	return true;
}

static enum err next_token(struct html *h, struct diag *diag, struct token *ret)
{
	for (;;) {
		if (h->beg == h->end && h->eof) {
			*ret = (struct token){.kind = TOK_END};
			return OK;
		}
		if (h->beg < h->end && step(h, ret))
			return OK;
		enum err e = fill(h, diag);
		if (e != OK)
			return e;
	}
}

static bool name_is(struct str s, const char *want)
{
	return s.n == strlen(want) && strncasecmp(s.p, want, s.n) == 0;
}

/* The content of <script> and <style> is no text. */
static enum err skip_raw(struct html *h, const char *close, struct diag *diag)
{
	struct token t;
	do {
		enum err e = next_token(h, diag, &t);
		if (e != OK)
			return e;
	} while (t.kind != TOK_END && !(t.kind == TOK_TAG && name_is(t.name, close)));
	return OK;
}

static struct str skip_space(struct str s)
{
	while (s.n && is_space(*s.p))
		s = str_sub(s, 1, s.n);
	return s;
}

/* Takes a value off *rest: quoted, or bare up to white space. */
static struct str take_value(struct str *rest)
{
	struct str s = skip_space(*rest);
	char quote = s.n && (*s.p == '"' || *s.p == '\'') ? *s.p : 0;
	size_t n = 0;
	if (quote)
		s = str_sub(s, 1, s.n);
	while (n < s.n && (quote ? s.p[n] != quote : !is_space(s.p[n])))
		n++;
	*rest = str_sub(s, n + (quote != 0), s.n);
	return str_sub(s, 0, n);
}

/* Value of an attribute, quoted or bare; "" with true when it has none. */
static bool attr(struct str rest, const char *name, struct str *ret)
{
	while (rest.n) {
		if (is_space(*rest.p) || *rest.p == '/') {
			rest = str_sub(rest, 1, rest.n);
			continue;
		}
		size_t n = 0;
		while (n < rest.n && !is_space(rest.p[n]) && rest.p[n] != '=')
			n++;
		struct str key = str_sub(rest, 0, n), value = {"", 0};
		rest = skip_space(str_sub(rest, n, rest.n));
		if (rest.n && *rest.p == '=') {
			rest = str_sub(rest, 1, rest.n);
			value = take_value(&rest);
		}
		if (name_is(key, name)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

static uint32_t span(struct str attrs, const char *name, uint32_t max)
{
	struct str v;
	int64_t n;
	if (!attr(attrs, name, &v) || !str_to_int(str_trim(v), &n) || n < 1)
		return 1;
	return n > max ? max : (uint32_t)n;
}

/* ---- text ---- */

static const struct {
	const char *name;
	int32_t cp;
} entities[] = {
	{"nbsp", ' '},      {"lt", '<'},        {"gt", '>'},        {"amp", '&'},
	{"quot", '"'},      {"apos", '\''},     {"middot", 0xB7},   {"ldquo", 0x201C},
	{"rdquo", 0x201D},  {"lsquo", 0x2018},  {"rsquo", 0x2019},  {"mdash", 0x2014},
	{"ndash", 0x2013},  {"hellip", 0x2026}, {"times", 0xD7},    {"yen", 0xA5},
	{"copy", 0xA9},     {"deg", 0xB0},      {"bull", 0x2022},   {"emsp", 0x2003},
	{"ensp", 0x2002},   {"plusmn", 0xB1},   {"divide", 0xF7},   {"reg", 0xAE},
};

/* "#65" or "#x41"; what is no character is U+FFFD. */
static bool number_entity(struct str s, int32_t *ret)
{
	bool hex = s.n > 1 && (s.p[1] | 32) == 'x';
	int32_t v = 0, base = hex ? 16 : 10;
	for (size_t i = hex ? 2 : 1; i < s.n; i++) {
		int d = str_hex_digit(s.p[i]);
		if (d < 0 || d >= base || v > 0x10FFFF)
			return false;
		v = v * base + d;
	}
	if (v == 0xA0)
		v = ' ';
	*ret = v == 0 || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF) ? 0xFFFD : v;
	return true;
}

/* Character of "&...;" at p, and its length; 0 when it is none. */
static size_t entity(const char *p, size_t n, int32_t *ret)
{
	const char *semi = memchr(p, ';', n < ENTITY_MAX ? n : ENTITY_MAX);
	if (!semi || semi == p + 1)
		return 0;
	struct str s = {p + 1, (size_t)(semi - p - 1)};
	if (s.p[0] == '#')
		return number_entity(s, ret) ? s.n + 2 : 0;
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (str_is(s, entities[i].name)) {
			*ret = entities[i].cp;
			return s.n + 2;
		}
	}
	return 0;
}

static void put_char(struct html *h, const char *p, size_t n)
{
	if (h->space && h->text.n && h->text.p[h->text.n - 1] != '\n')
		buf_addc(&h->text, ' ');
	h->space = false;
	buf_add(&h->text, p, n);
}

static void put_text(struct html *h, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		int32_t cp = 0;
		char out[4];
		size_t k = s.p[i] == '&' ? entity(s.p + i, s.n - i, &cp) : 0;
		if (k) {
			if (cp == ' ')
				h->space = true;
			else
				put_char(h, out, utf8_encode(cp, out));
			i += k;
		} else if (is_space(s.p[i])) {
			h->space = true;
			i++;
		} else {
			size_t from = i++;
			while (i < s.n && !is_space(s.p[i]) && s.p[i] != '&')
				i++;
			put_char(h, s.p + from, i - from);
		}
	}
}

static void line_break(struct html *h)
{
	h->space = false;
	if (h->text.n)
		buf_addc(&h->text, '\n');
}

/* ---- cells and rows ---- */

static enum err end_cell(struct rows *r, struct html *h, struct diag *diag)
{
	if (!h->in_cell)
		return OK;
	h->in_cell = false;
	struct str s = str_trim(buf_str(&h->text));
	char out[NUMBER_TEXT];
	unsigned flags = 0;
	size_t n;
	if (h->text.full || s.n > r->limits.cell_bytes)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "cell > %u",
		                (unsigned)r->limits.cell_bytes);
	if (h->column + h->colspan > r->limits.columns)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "> %u columns",
		                (unsigned)r->limits.columns);
	struct cell *c = row_build_at(&h->row, h->column);
	if (h->num.n && number_text(buf_str(&h->num), out, &n, &flags) &&
	    (flags || str_find(s, STR("E+")) != SIZE_MAX)) {
		c->kind = CELL_NUMBER;
		c->flags = flags;
		s = (struct str){out, n};
	} else {
		c->kind = s.n ? CELL_TEXT : CELL_EMPTY;
	}
	c->text = str_copy(&h->row_text, s);
	for (size_t i = 0; i < h->colspan; i++) {
		while (h->spans.n <= h->column + i)
			*vec_push(&h->spans) = 0;
		h->spans.p[h->column + i] = h->rowspan;
	}
	if (h->colspan > 1 || h->rowspan > 1) {
		if (h->merges.n >= ROWS_MERGES_MAX)
			return diag_set(diag, ERR_FILE_TOO_LARGE, "merges > %d",
			                ROWS_MERGES_MAX);
		uint32_t col = (uint32_t)h->column + 1;
		*vec_push(&h->merges) = (struct merge){h->number, col, h->number + h->rowspan - 1,
		                                       col + h->colspan - 1};
	}
	h->column += h->colspan;
	return OK;
}

static void begin_row(struct html *h)
{
	h->in_row = true;
	h->any = false;
	h->column = 0;
	h->number++;
	row_build_clear(&h->row);
	arena_clear(&h->row_text);
}

static void begin_cell(struct html *h, struct str attrs)
{
	struct str v;
	h->in_cell = h->any = true;
	h->space = false;
	buf_clear(&h->text);
	buf_clear(&h->num);
	if (attr(attrs, "x:num", &v))
		buf_addstr(&h->num, str_trim(v));
	h->colspan = span(attrs, "colspan", SPAN_COLUMNS_MAX);
	h->rowspan = span(attrs, "rowspan", SPAN_ROWS_MAX);
	while (h->column < h->spans.n && h->spans.p[h->column])
		h->column++;
}

/* Ends the row; true when it is one to show. */
static bool end_row(struct html *h)
{
	if (!h->in_row)
		return false;
	h->in_row = false;
	if (!h->any) { /* markup for nothing: not a row */
		h->number--;
		return false;
	}
	for (size_t i = 0; i < h->spans.n; i++)
		h->spans.p[i] -= h->spans.p[i] > 0;
	return true;
}

static bool is_one_of(struct str name, const char *const *names)
{
	for (; *names; names++)
		if (name_is(name, *names))
			return true;
	return false;
}

static enum err on_tag(struct rows *r, struct html *h, const struct token *t, struct diag *diag,
                       bool *ret_row)
{
	static const char *const rows[] = {"tr", "/tr", NULL};
	static const char *const tables[] = {"table", "/table", NULL};
	static const char *const cells[] = {"td", "th", NULL};
	static const char *const ends[] = {"/td", "/th", NULL};
	static const char *const blocks[] = {"p", "div", NULL};
	enum err e = OK;
	*ret_row = false;
	if (name_is(t->name, "script"))
		return skip_raw(h, "/script", diag);
	if (name_is(t->name, "style"))
		return skip_raw(h, "/style", diag);
	bool table = is_one_of(t->name, tables);
	if (table || is_one_of(t->name, rows)) {
		e = end_cell(r, h, diag);
		*ret_row = e == OK && end_row(h);
		if (table)
			h->spans.n = 0;
	} else if (is_one_of(t->name, cells)) {
		e = end_cell(r, h, diag);
		if (!h->in_row)
			begin_row(h);
		begin_cell(h, t->attrs);
	} else if (is_one_of(t->name, ends)) {
		e = end_cell(r, h, diag);
	} else if (h->in_cell && name_is(t->name, "br")) {
		line_break(h);
	} else if (h->in_cell && is_one_of(t->name, blocks) && h->text.n &&
	           h->text.p[h->text.n - 1] != '\n') {
		line_break(h);
	}
	return e;
}

static enum err next_row(struct rows *r, struct html *h, struct diag *diag, struct row *ret,
                         bool *ret_more)
{
	for (;;) {
		struct token t;
		bool row = false;
		enum err e = next_token(h, diag, &t);
		if (e == OK && t.kind == TOK_TAG) {
			e = on_tag(r, h, &t, diag, &row);
		} else if (e == OK && t.kind == TOK_TEXT && h->in_cell) {
			put_text(h, t.text);
		} else if (e == OK && t.kind == TOK_END) {
			e = end_cell(r, h, diag);
			row = e == OK && end_row(h);
			if (!row) {
				*ret_more = false;
				return e;
			}
		}
		if (e != OK)
			return e;
		if (!row)
			continue;
		*ret = (struct row){.number = h->number, .cells = h->row.cells, .n = h->row.n};
		*ret_more = true;
		return OK;
	}
}

static enum err html_next(struct rows *r, struct diag *diag, struct row *ret, bool *ret_more)
{
	struct html *h = r->state;
	enum err e = next_row(r, h, diag, ret, ret_more);
	r->row = h->number;
	if (e == OK && h->number == 0) /* a log-in page, an error message */
		return diag_set(diag, ERR_FILE_EMPTY, "<table>");
	return e;
}

static void restart(struct html *h)
{
	text_in_rewind(&h->in);
	h->beg = h->end = 0;
	h->eof = h->in_row = h->in_cell = false;
	h->number = 0;
	h->spans.n = h->merges.n = 0;
}

static enum err html_sheet(struct rows *r, size_t i, struct diag *diag)
{
	(void)i;
	(void)diag;
	restart(r->state);
	return OK;
}

static enum err html_merges(struct rows *r, struct diag *diag, const struct merge **ret, size_t *n)
{
	const struct html *h = r->state;
	(void)diag;
	*ret = h->merges.p;
	*n = h->merges.n;
	return OK;
}

static void html_close(struct rows *r)
{
	struct html *h = r->state;
	text_in_close(&h->in);
	base_free(h->win);
	buf_release(&h->text);
	buf_release(&h->num);
	vec_free(&h->spans);
	vec_free(&h->merges);
	row_build_release(&h->row);
	arena_release(&h->row_text);
}

static const struct rows_ops html_ops = {html_sheet, html_next, html_merges, rows_no_notes,
                                         html_close};

enum err html_open(struct rows *r, struct diag *diag)
{
	struct html *h = ARENA_NEW(&r->arena, struct html);
	enum err e = text_in_open(&h->in, r->fd, r->size, diag);
	if (e != OK)
		return e;
	h->win = base_calloc(WINDOW, 1);
	buf_init(&h->text, (size_t)r->limits.cell_bytes * 2);
	buf_init(&h->num, NUMBER_TEXT);
	arena_init(&h->row_text, 0);
	r->ops = &html_ops;
	r->state = h;
	r->encoding = text_enc_name(h->in.enc);
	(void)rows_add_sheet(r, STR(""), SHEET_VISIBLE);
	return OK;
}
