/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a row is beside the table that it stands in: its header again, another's, a title. */
#include "base/utf8.h"
#include "ledger/intake_stream.h"

#include "base/banned.h"

/* 1 2 3 4 …, or 甲 乙 丙 1 2 …, below the header. */
bool line_is_numbering(const struct table *t, const struct row *row)
{
	static const char *const stems[] = {"甲", "乙", "丙", "丁", "戊", "A", "B", "C", "D", "栏次"};
	size_t n = 0, hits = 0;
	int64_t last = 0;
	for (size_t c = 0; c < row->n && c < t->width; c++) {
		struct str s = str_trim(row->cells[c].text);
		int64_t v;
		if (s.n == 0)
			continue;
		n++;
		bool hit = str_to_int(s, &v) && v == last + 1;
		if (hit)
			last = v;
		for (size_t i = 0; !hit && i < sizeof(stems) / sizeof(stems[0]); i++)
			hit = str_is(s, stems[i]);
		hits += hit;
	}
	return n >= 3 && hits * 10 >= n * 9;
}

/* The header once more, at the top of another page. */
bool line_is_repeat(const struct table *t, const struct row *row)
{
	size_t seen = 0, same = 0;
	for (size_t i = 0; i < t->n_cols; i++) {
		const struct col_state *s = &t->cols[i];
		if (s->col >= row->n || row->cells[s->col].text.n == 0)
			continue;
		struct str x = str_trim(row->cells[s->col].text);
		seen++;
		same += str_eq(x, s->leaf) || str_eq(x, s->group);
		if (seen == 2 && same == 0)
			return false;
	}
	return same >= 2 && same * 3 >= seen * 2;
}

static struct str first_text(const struct row *row, size_t *ret_col)
{
	*ret_col = 0;
	for (size_t c = 0; c < row->n; c++) {
		struct str s = str_trim(row->cells[c].text);
		*ret_col = c;
		if (s.n)
			return s;
	}
	return (struct str){NULL, 0};
}

static uint64_t line_hash(const struct row *row, size_t from)
{
	uint64_t h = 0;
	for (size_t c = from; c < row->n; c++) {
		struct str s = str_trim(row->cells[c].text);
		if (s.n)
			h = h * 0x100000001B3u + (str_hash(s) ^ c);
	}
	return h;
}

void line_keep_top(struct table *t, const struct row *row)
{
	size_t at;
	struct str first = first_text(row, &at);
	if (first.n && t->n_top < TOP_LINES)
		t->top[t->n_top++] = (struct line_mark){line_hash(row, at), str_hash(first)};
}

/* 第3页, 第 3 页 共 8 页, 3/8页, Page 3 of 8 */
static bool is_page_number(struct str s)
{
	static const char *const words[] = {"第", "共", "总", "本", "page", "Page", "PAGE", "of", "，",
	                                    "、", "（", "）", "—",  "－",   "页", "　"};
	size_t digits = 0;
	bool page = false;
	while (s.n) {
		size_t n = 0;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !n; i++) {
			n = str_starts(s, str_c(words[i])) ? strlen(words[i]) : 0;
			page |= n && (str_is(STR("页"), words[i]) || n == 4);
		}
		bool digit = s.p[0] >= '0' && s.p[0] <= '9';
		digits += digit;
		if (!n && !digit && !strchr(" ,/-()", s.p[0]))
			return false;
		s = str_sub(s, n ? n : 1, s.n);
	}
	return page && digits > 0 && digits <= 8;
}

/* Nothing behind it, but perhaps itself: a merge written out. */
static bool is_alone(const struct row *row, size_t at)
{
	for (size_t c = at + 1; c < row->n; c++) {
		struct str s = str_trim(row->cells[c].text);
		if (s.n && !str_eq(s, str_trim(row->cells[at].text)))
			return false;
	}
	return true;
}

bool line_is_page_break(const struct table *t, const struct row *row)
{
	size_t at;
	struct str first = first_text(row, &at);
	if (first.n <= 60 && is_alone(row, at) && is_page_number(first))
		return true;
	uint64_t hash = str_hash(first);
	for (size_t i = 0; i < t->n_top; i++)
		if (t->top[i].first == hash && t->top[i].whole == line_hash(row, at))
			return true;
	return false;
}

/* Without the mark of what is to be filled in by all means. */
static struct str bare_name(const struct cell *c)
{
	struct str s = str_trim(c->text);
	return s.n && (s.p[0] == '*' || s.p[0] == '#') ? str_trim(str_sub(s, 1, s.n)) : s;
}

/* Neither empty nor a name of a column. */
static bool is_no_name(const struct cell *c)
{
	if (c->text.n == 0)
		return false;
	struct str s = bare_name(c);
	return s.n && (c->kind != CELL_TEXT || (unsigned char)s.p[0] < 0x30 ||
	               (s.p[0] >= '0' && s.p[0] <= '9') || s.n > 60);
}

bool line_may_be_header(const struct pack *pack, const struct row *row, bool fresh)
{
	size_t texts = 0, known = 0;
	for (size_t c = 0; c < row->n; c++) /* most rows hold a number: told before any look-up */
		if (is_no_name(&row->cells[c]))
			return false;
	for (size_t c = 0; c < row->n; c++) {
		struct str s = bare_name(&row->cells[c]);
		if (s.n == 0)
			continue;
		texts++;
		known += head_is_known(pack, s);
		if (texts == 2 && known == 0 && !fresh)
			return false;
	}
	return known >= (fresh ? 2 : 3) && texts > 2 && known * 2 > texts;
}

void line_find_telling(struct table *t)
{
	static const struct telling ids[] = {
		{NULL, 14, 19}, {NULL, 14, 19}, {NULL, 14, 22}, {NULL, 6, 22}};
	static const enum pack_role roles[] = {PACK_ROLE_ID, PACK_ROLE_HEAD_ID, PACK_ROLE_CARD,
	                                       PACK_ROLE_HH_NO};
	t->telling = (struct telling){NULL, 5, 14};
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		int k = t->pub.layout->role[roles[i]];
		if (k < 0 || t->col_of[k] < 0)
			continue;
		t->telling = ids[i];
		t->telling.col = &t->cols[t->col_of[k]];
		return;
	}
	for (size_t i = 0; i < t->n_cols && !t->telling.col; i++)
		if (t->pub.layout->columns[t->cols[i].column].kind == PACK_DATE)
			t->telling.col = &t->cols[i];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int line_fits(const struct table *t, const struct row *row)
{
	const struct telling *d = &t->telling;
	size_t digits = 0;
	if (!d->col || d->col->col >= row->n)
		return 0;
	struct str text = row->cells[d->col->col].text;
	if (text.n >= d->least && text.n <= d->most && is_digit(text.p[0]) &&
	    is_digit(text.p[text.n / 2]))
		return 1; /* as in most rows */
	for (size_t i = 0; i < text.n; i++)
		digits += is_digit(text.p[i]);
	if (digits >= d->least && digits <= d->most)
		return 1;
	return str_trim(text).n ? -1 : 0;
}

/* Behind the first text: values, or a value and another label with its value.  A value may be a
 * name, too (已改造). */
static bool is_record_like(const struct pack *pack, const struct row *row, size_t first, bool cards,
                           bool gap)
{
	struct str t[3];
	size_t n = 0, labels = 0;
	for (size_t c = first + 1; c < row->n && n < 3; c++) {
		struct str s = str_trim(row->cells[c].text);
		if (s.n)
			t[n++] = s;
	}
	if (n == 0)
		return false;
	bool no_value = first + 1 < row->n && row->cells[first + 1].text.n == 0;
	if (cards && (n == 1 || head_is_known(pack, t[no_value ? 0 : 1])))
		return true;
	for (size_t i = 0; i < n; i++)
		labels += head_is_known(pack, t[i]) && !class_is_total(t[i], NULL);
	return n == 3 && labels <= gap;
}

bool line_may_be_turned(const struct pack *pack, const struct table *t, const struct row *row,
                        bool gap)
{
	size_t at = 0;
	while (at < row->n && row->cells[at].text.n == 0)
		at++;
	if (at == row->n || row->cells[at].kind != CELL_TEXT || row->cells[at].text.n > 80)
		return false;
	int fits = line_fits(t, row); /* most rows do: told before any look-up */
	if (fits > 0 && !gap)
		return false;
	struct str s = str_trim(row->cells[at].text);
	bool mark = s.n && (s.p[0] == '*' || s.p[0] == '#');
	if (s.n < 3 || s.n > 60 || ((unsigned char)s.p[0] < 0x80 && !mark))
		return false;
	bool known = head_is_known(pack, s) && !class_is_total(s, NULL);
	if (!known && (!gap || fits >= 0))
		return false;
	return is_record_like(pack, row, at, known, gap);
}

bool line_is_long_text(const struct row *row, struct str *ret)
{
	enum { TITLE_BYTES = 15 }; /* five Han characters: longer than a name */
	size_t at = SIZE_MAX;
	for (size_t c = 0; c < row->n; c++) { /* most rows hold two: told without a look at them */
		struct str s = row->cells[c].text;
		if (s.n == 0 || (s.n <= 3 && str_trim(s).n == 0))
			continue;
		if (at != SIZE_MAX)
			return false;
		at = c;
	}
	*ret = at == SIZE_MAX ? (struct str){NULL, 0} : str_trim(row->cells[at].text);
	return ret->n >= TITLE_BYTES;
}

/* A single text below a blank line or a total: the title of what follows. */
bool line_is_title(const struct table *t, const struct row *row, struct str *ret)
{
	*ret = (struct str){NULL, 0};
	return !t->in_block && t->pub.counts.rows[INTAKE_DATA] && line_is_long_text(row, ret);
}
