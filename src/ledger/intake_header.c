/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include "ledger/intake_i.h"

#include "base/banned.h"

enum { NORM_MAX = 480 };

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

int64_t head_unit(struct str text)
{
	if (str_find(text, STR("万元")) != SIZE_MAX)
		return MONEY_WAN;
	return str_find(text, STR("元")) != SIZE_MAX ? MONEY_YUAN : 0;
}

/* ---- spellings of a header ---- */

static struct str norm_of(struct arena *a, struct str s)
{
	char buf[NORM_MAX];
	size_t n = pack_normal(s, buf, sizeof(buf));
	return str_copy(a, (struct str){buf, n});
}

static struct str no_brackets(struct arena *a, struct str s)
{
	if (!s.n || !memchr(s.p, '(', s.n))
		return s;
	char buf[NORM_MAX];
	size_t n = 0, depth = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')')
			depth -= depth > 0;
		else if (depth == 0)
			buf[n++] = s.p[i];
	}
	return n ? str_copy(a, (struct str){buf, n}) : s;
}

/* Without a year (2017年度), a leading number (3姓名) and 本年, 当年. */
static struct str no_numbers(struct arena *a, struct str s)
{
	static const char *const words[] = {"年度", "年底", "年末", "年", "本年度", "当年", "上年度"};
	char buf[NORM_MAX];
	size_t n = 0, i = 0;
	while (i < s.n) {
		size_t k = i;
		while (k < s.n && digit(s.p[k]))
			k++;
		if (k - i == 4 && (s.p[i] == '2' || s.p[i] == '1')) {
			i = k;
			for (size_t w = 0; w < 4; w++)
				if (str_starts(str_sub(s, i, s.n), str_c(words[w]))) {
					i += strlen(words[w]);
					break;
				}
			continue;
		}
		if (k > i && i == 0 && k < s.n) {
			i = k;
			continue;
		}
		buf[n++] = s.p[i++];
	}
	struct str r = {buf, n};
	for (size_t w = 4; w < 7; w++)
		if (str_starts(r, str_c(words[w])) && r.n > strlen(words[w]))
			r = str_sub(r, strlen(words[w]), r.n);
	return r.n && r.n < s.n ? str_copy(a, r) : s;
}

static void add_form(struct head_col *c, struct str norm, int bonus)
{
	if (norm.n == 0 || c->n_forms == HEAD_FORMS)
		return;
	for (size_t i = 0; i < c->n_forms; i++)
		if (str_eq(c->forms[i].norm, norm))
			return;
	c->forms[c->n_forms++] = (struct head_form){norm, bonus};
}

static struct str concat(struct arena *a, struct str x, struct str y)
{
	char *p = arena_alloc(a, x.n + y.n + 1);
	if (x.n)
		memcpy(p, x.p, x.n);
	if (y.n)
		memcpy(p + x.n, y.p, y.n);
	p[x.n + y.n] = '\0';
	return (struct str){p, x.n + y.n};
}

/* A lowest level that means something only under its group. */
static bool is_generic(struct str norm)
{
	static const char *const words[] = {"金额", "小计", "合计", "收入", "数额", "元", "名称", "情况",
	                                    "内容", "收入元", "金额元", "小计元", "合计元", "数量", "户",
	                                    "是否", "类别", "类型", "状况", "有无", "结果"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is(norm, words[i]))
			return true;
	return norm.n == 0;
}

/* 姓名及身份证号: the column is that of the name; the number is taken out of it. */
static bool is_both(struct str norm)
{
	return str_find(norm, STR("姓名")) != SIZE_MAX &&
	       (str_find(norm, STR("身份证")) != SIZE_MAX || str_find(norm, STR("证件号")) != SIZE_MAX);
}

static void forms_of(struct head_col *c, const struct str *level, size_t n_levels, struct arena *a)
{
	struct str leaf = n_levels ? level[n_levels - 1] : (struct str){NULL, 0};
	struct str full = norm_of(a, leaf), bare = no_brackets(a, full);
	struct str plain = no_numbers(a, bare);
	struct str above = {NULL, 0};
	c->groups = (struct str){"", 0};
	for (size_t i = 0; i + 1 < n_levels; i++) {
		above = no_numbers(a, no_brackets(a, norm_of(a, level[i])));
		c->groups = concat(a, c->groups, above);
	}
	if (is_both(bare)) {
		c->both = true;
		size_t end = str_find(bare, STR("姓名")) + 6;
		add_form(c, str_sub(bare, 0, end), 2);
		add_form(c, STR("姓名"), 0);
		return;
	}
	if (above.n) {
		add_form(c, concat(a, above, plain), 4);
		if (!str_eq(c->groups, above))
			add_form(c, concat(a, c->groups, plain), 4);
	}
	add_form(c, full, 2);
	add_form(c, bare, 1);
	add_form(c, plain, -1);
	if (above.n && is_generic(plain))
		add_form(c, above, -6);
}

/* ---- reading the levels ---- */

static bool same_text(struct str a, struct str b)
{
	return str_eq(a, b);
}

/*
 * Text of one level for a column.  Merges are spread already; a file without
 * merges (csv) writes a group once and leaves the cells behind it empty, so an
 * empty cell above a sub-header takes the group to its left, as long as the
 * row below goes on with other sub-headers and no column of its own began.
 */
static struct str level_text(const struct grid *g, size_t row, size_t last, size_t col)
{
	struct str t = grid_text(g, row, col);
	if (t.n || row == last || grid_text(g, row + 1, col).n == 0)
		return t;
	for (size_t c = col; c-- > 0;) {
		struct str left = grid_text(g, row, c);
		if (grid_text(g, row + 1, c).n == 0)
			return (struct str){NULL, 0}; /* a column without sub-header */
		if (left.n)
			return left;
	}
	return (struct str){NULL, 0};
}

/* What a column is counted in: 元, （万元）, 单位：亩. */
static bool is_unit_word(struct str text)
{
	static const char *const words[] = {
		"元",   "万元", "千元", "元人", "元月", "元年",   "元户", "元人月", "人",   "户",
		"月",   "个月", "年",   "岁",   "亩",   "平方米", "㎡",   "m2",     "公里", "千米",
		"次",   "人次", "个",   "头",   "只",   "吨",     "公斤", "斤",     "千瓦", "kw",
		"%",    "项",   "张",   "份",   NULL};
	char buf[NORM_MAX];
	if (text.n == 0 || text.n > 40)
		return false;
	struct str s = {buf, pack_normal(text, buf, sizeof(buf))};
	if (str_starts(s, STR("单位")))
		s = str_sub(s, 6, s.n);
	if (str_starts(s, STR("(")))
		s = str_sub(s, 1, s.n);
	if (str_ends(s, STR(")")))
		s.n--;
	for (const char *const *w = words; *w; w++)
		if (str_is(s, *w))
			return true;
	return false;
}

/*
 * A row of the header that says only what the columns are counted in.  As the lowest one
 * it has names above it, and no two of them under one name: 户 and 人 under 人口 are
 * columns of their own.
 */
static bool is_units_row(const struct grid *g, size_t first, size_t row, size_t last)
{
	size_t units = 0;
	struct str above_last = {NULL, 0};
	for (size_t c = 0; c < g->rows[row].n; c++) {
		struct str t = grid_text(g, row, c);
		struct str above = {NULL, 0};
		for (size_t r = row; r-- > first && above.n == 0;)
			above = grid_text(g, r, c);
		if (t.n == 0 || (row > first && str_eq(t, above)))
			continue; /* a cell merged over both */
		if (!is_unit_word(t))
			return false;
		units++;
		if (row == last && (above.n == 0 || str_eq(above, above_last)))
			return false;
		above_last = above;
	}
	return units > 0 && row > first;
}

static void read_col(const struct grid *g, size_t first, size_t last, size_t col, unsigned units,
                     struct arena *a, struct head_col *c)
{
	struct str level[HEADER_DEPTH + 1];
	int64_t below = 0;
	size_t n = 0;
	*c = (struct head_col){.col = col};
	for (size_t r = first; r <= last; r++) {
		if (units >> (r - first) & 1) {
			int64_t unit = head_unit(grid_text(g, r, col));
			below = unit ? unit : below;
			continue;
		}
		struct str t = level_text(g, r, last, col);
		if (t.n == 0 || (n && same_text(level[n - 1], t)) || n > HEADER_DEPTH - 1)
			continue;
		level[n++] = t;
	}
	if (n == 0)
		return;
	c->leaf = level[n - 1];
	c->header = level[0];
	for (size_t i = 1; i < n; i++)
		c->header = concat(a, concat(a, c->header, STR("/")), level[i]);
	/* what the name itself says, then the row of units, which may be a template's */
	c->unit = head_unit(c->leaf);
	c->unit = c->unit ? c->unit : below;
	for (size_t i = n - 1; i-- > 0 && c->unit == 0;)
		c->unit = head_unit(level[i]);
	forms_of(c, level, n, a);
}

/* In how many layouts some spelling of the header is known. */
static int spread_of(const struct pack *pack, const struct head_col *h)
{
	int most = 0;
	for (size_t i = 0; i < h->n_forms; i++) {
		int n = 0, last = -1;
		const struct pack_header *e = pack_header_find(pack, h->forms[i].norm);
		for (; e; e = e->next)
			if (e->layout != last && e->strength != PACK_FALLBACK) {
				last = e->layout;
				n++;
			}
		if (n > 0 && (most == 0 || n < most))
			most = n;
	}
	return most;
}

static bool is_known(const struct head_words *w, const struct head_col *c)
{
	if (w->map && intake_map_column(w->map, c->header, c->leaf))
		return true;
	for (size_t i = 0; i < c->n_forms; i++)
		if (pack_header_find(w->pack, c->forms[i].norm))
			return true;
	return false;
}

void head_read(const struct head_words *w, const struct grid *g, size_t first, size_t last,
               struct arena *a, struct head *ret)
{
	*ret = (struct head){.row_first = first, .row_last = last};
	ret->cols = ARENA_ARRAY(a, g->width, struct head_col);
	unsigned units = 0; /* a bit a row */
	for (size_t r = first; r <= last; r++)
		units |= (unsigned)is_units_row(g, first, r, last) << (r - first);
	for (size_t col = 0; col < g->width; col++) {
		struct head_col *c = &ret->cols[ret->n];
		read_col(g, first, last, col, units, a, c);
		if (c->header.n == 0)
			continue;
		ret->n++;
		ret->known += is_known(w, c);
		c->spread = spread_of(w->pack, c);
	}
}

/* ---- where the header is ---- */

/* Text that is a value rather than the name of a column. */
static bool looks_like_value(const struct grid_cell *c)
{
	if (c->kind == CELL_NUMBER || c->kind == CELL_DATE)
		return true;
	size_t digits = 0;
	for (size_t i = 0; i < c->text.n; i++)
		digits += digit(c->text.p[i]);
	return digits >= 5 && digits * 2 > c->text.n;
}

bool head_is_known(const struct pack *pack, struct str text)
{
	char norm[NORM_MAX];
	struct str s = {norm, pack_normal(text, norm, sizeof(norm))};
	if (pack_header_find(pack, s))
		return true;
	const char *open = s.n ? memchr(s.p, '(', s.n) : NULL;
	if (!open)
		return false;
	s.n = (size_t)(open - s.p);
	return pack_header_find(pack, s) != NULL;
}

struct row_marks {
	size_t texts, values, distinct, known;
	bool pairs; /* label, value, label, value: a line of a form */
};

static void mark_row(const struct head_words *w, const struct grid *g, size_t row,
                     struct row_marks *ret)
{
	const struct grid_row *r = &g->rows[row];
	*ret = (struct row_marks){.pairs = form_is_line(w->pack, g, row)};
	char norm[NORM_MAX];
	for (size_t c = 0; c < r->n; c++) {
		const struct grid_cell *cell = &r->cells[c];
		if (cell->text.n == 0)
			continue;
		if (looks_like_value(cell)) {
			ret->values++;
			continue;
		}
		ret->texts++;
		bool repeat = c > 0 && str_eq(r->cells[c - 1].text, cell->text);
		if (repeat)
			continue;
		ret->distinct++;
		struct str s = {norm, pack_normal(cell->text, norm, sizeof(norm))};
		if (pack_header_find(w->pack, s) ||
		    (w->map && intake_map_column(w->map, cell->text, cell->text))) {
			ret->known++;
			continue;
		}
		struct head_col col = {.n_forms = 0};
		struct arena tmp;
		arena_init(&tmp, 0);
		forms_of(&col, &cell->text, 1, &tmp);
		ret->known += is_known(&(struct head_words){w->pack, NULL}, &col);
		arena_release(&tmp);
	}
}

/* May this row be part of a header at all? */
static bool may_be_header(const struct row_marks *m)
{
	return m->distinct >= 1 && m->values * 3 <= m->texts;
}

/* How good a header rows first..last make; 0 = none. */
static int span_score(const struct head_words *w, const struct grid *g, const struct row_marks *marks,
                      size_t first, size_t last, struct arena *a, struct head *ret)
{
	for (size_t r = first; r <= last; r++)
		if (!may_be_header(&marks[r]))
			return 0;
	if (marks[first].distinct < 2)
		return 0; /* a title */
	head_read(w, g, first, last, a, ret);
	if (ret->n < 2 || ret->known < 2)
		return 0;
	int score = (int)ret->known * 12 - (int)(ret->n - ret->known) * 2;
	/* each further row must bring something */
	score -= (int)(last - first) * 5;
	if (ret->known * 4 < ret->n)
		score -= 12;
	for (size_t r = first; r <= last; r++)
		if (marks[r].pairs)
			score -= 24;
	return score;
}

/* Below the header there must be something else: data rows repeat no names. */
static bool next_is_header(const struct row_marks *marks, const struct grid *g, size_t last)
{
	return last + 1 < g->n && marks[last + 1].known >= 3 && may_be_header(&marks[last + 1]) &&
	       marks[last + 1].known * 2 > marks[last + 1].distinct;
}

/* 填报单位：… is a line of its own, no group of columns. */
static bool has_colon(const struct grid *g, size_t row)
{
	for (size_t c = 0; c < g->rows[row].n; c++) {
		struct str t = g->rows[row].cells[c].text;
		if (str_find(t, STR("：")) != SIZE_MAX || str_find(t, STR(":")) != SIZE_MAX)
			return true;
	}
	return false;
}

/* Takes rows of groups above the header in: they may tell two 姓名 apart. */
static void extend_up(const struct head_words *w, const struct grid *g, const struct row_marks *marks,
                      size_t from, struct arena *a, struct head *h)
{
	while (h->row_first > from && h->row_last - h->row_first + 1 < HEADER_DEPTH) {
		size_t up = h->row_first - 1;
		if (marks[up].distinct < 2 || !may_be_header(&marks[up]) || marks[up].values ||
		    has_colon(g, up))
			return;
		struct head more;
		head_read(w, g, up, h->row_last, a, &more);
		if (more.known < h->known || more.n > h->n + 1)
			return;
		*h = more;
	}
}

/* Takes a row of units below the names in. */
static void extend_down(const struct head_words *w, const struct grid *g, struct arena *a,
                        struct head *h)
{
	size_t down = h->row_last + 1;
	if (down < g->n && down - h->row_first < HEADER_DEPTH &&
	    is_units_row(g, h->row_first, down, down))
		head_read(w, g, h->row_first, down, a, h);
}

bool head_find(const struct head_words *w, const struct grid *g, size_t from, struct arena *a,
               struct head *ret)
{
	struct row_marks *marks = ARENA_ARRAY(a, g->n + 1, struct row_marks);
	size_t to = from + HEADER_SCAN < g->n ? from + HEADER_SCAN : g->n;
	for (size_t r = from; r < to; r++)
		mark_row(w, g, r, &marks[r]);
	int best = 0;
	for (size_t r = from; r < to; r++) {
		for (size_t depth = 1; depth < HEADER_DEPTH && r + depth <= to; depth++) {
			struct head h;
			int score = span_score(w, g, marks, r, r + depth - 1, a, &h);
			if (score > 0 && next_is_header(marks, g, r + depth - 1))
				score -= 15;
			if (score > best) {
				best = score;
				*ret = h;
			}
		}
		if (best > 0 && ret->row_last < r && marks[r].known < 3)
			break; /* the first good table; others are found while streaming */
	}
	if (best == 0)
		return false;
	extend_up(w, g, marks, from, a, ret);
	extend_down(w, g, a, ret);
	return true;
}
