/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/date.h"
#include "base/money.h"
#include "base/utf8.h"
#include "ledger/intake_i.h"

#include "base/banned.h"

enum { LOOKED_UP_MAX = 600 }; /* bytes */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool in_words(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (s.n && s.p[0] == (*words)[0] && str_is(s, *words))
			return true;
	return false;
}

bool cell_is_ditto(struct str t)
{
	static const char *const words[] = {"同上", "〃", "″", "\"", "“", "”", "''", "〞", "々",
	                                    "同前", "同　上", "同 上", "′′", "···", "同上行", "、、",
	                                    "“”", "\"\"", "↑", "〝", "上同", "（同上）", "(同上)",
	                                    NULL};
	if (t.n == 0 || t.n > 12)
		return false;
	unsigned char c = (unsigned char)t.p[0];
	if (c < 0x80 && c != '"' && c != '\'' && c != '(')
		return false;
	return in_words(t, words);
}

bool cell_is_blank(struct str t)
{
	static const char *const words[] = {"-", "--", "—", "——", "/", "\\", "N/A", "n/a", "NULL",
	                                    "null", "空", "暂无", "－", "／", "---", "*", "None",
	                                    "(空)", "（空）", "#N/A", "#REF!", "#VALUE!", "nan", NULL};
	if (t.n == 0)
		return true;
	if (t.n > 9)
		return false;
	unsigned char c = (unsigned char)t.p[0];
	if (c < 0x80 ? !strchr("-/\\*(#Nn", c) : c != 0xE2 && c != 0xE6 && c != 0xE7 && c != 0xEF)
		return false;
	return in_words(t, words);
}

/* Signs for nothing where a number, a date or a name should stand. */
static bool is_nothing(struct str t)
{
	static const char *const words[] = {"无", "没有", "不详", "未知", "未填", "未提供", "无号码",
	                                    "不清楚", "缺", "待补", "待查", "未登记", "无电话", "无证件",
	                                    "无身份证", "未办理", "无手机", NULL};
	return t.n <= 12 && t.n >= 3 && in_words(t, words);
}

/* ---- numbers that are text ---- */

/* Only the characters of a number: full width to ASCII, letters upper; marks,
 * blanks, ="…" dropped.  What does not belong into a number stays (中文). */
static struct str clean_number(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0, pos = 0;
	int32_t cp;
	while ((cp = utf8_next(s, &pos)) >= 0) {
		cp = utf8_narrow(cp);
		if (cp >= 'a' && cp <= 'z')
			cp -= 32;
		bool keep = (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') || cp == '*' ||
		            utf8_is_han(cp);
		if (cp == '.') /* 341…0.0: the tail of a number */
			break;
		if (keep) {
			char c[4];
			size_t k = utf8_encode(cp, c);
			memcpy(p + n, c, k);
			n += k;
		}
	}
	p[n] = '\0';
	return (struct str){p, n};
}

static bool is_scientific(struct str s)
{
	size_t e = SIZE_MAX;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == 'E' || s.p[i] == 'e')
			e = i;
	return e != SIZE_MAX && e > 0 && e + 2 < s.n && digit(s.p[0]) && s.p[e + 1] == '+';
}

static bool is_plain_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!digit(s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_plain_id(struct str s)
{
	if (s.n != 18)
		return false;
	for (size_t i = 0; i < 17; i++)
		if (!digit(s.p[i]))
			return false;
	return digit(s.p[17]) || s.p[17] == 'X';
}

/* A float holds 15 decimal digits: rounded there, zeros behind. */
static struct str round_lossy(struct arena *a, struct str s)
{
	enum { TRUE_DIGITS = 15 };
	if (s.n <= TRUE_DIGITS || !is_plain_number(s))
		return s;
	char *p = arena_strndup(a, s.p, s.n);
	bool up = p[TRUE_DIGITS] >= '5';
	memset(p + TRUE_DIGITS, '0', s.n - TRUE_DIGITS);
	for (size_t i = TRUE_DIGITS; up && i-- > 0;) {
		up = p[i] == '9';
		p[i] = up ? '0' : (char)(p[i] + 1);
	}
	return (struct str){p, s.n};
}

/* 16 digits below 2^53: a float can hold them all, though a spreadsheet that
 * is typed into keeps 15 and writes a 0. */
static bool is_whole_float(struct str s)
{
	int64_t v;
	return s.n == 16 && is_plain_number(s) && str_to_int(s, &v) && v < (int64_t)1 << 53;
}

static enum err read_number_text(const struct cell_ctx *ctx, const struct cell *cell, struct str t,
                                 struct intake_value *ret)
{
	if ((cell->flags & CELL_LOSSY) && is_whole_float(t)) {
		ret->text = t; /* whoever wrote the file kept all digits, unless it ends in 0 */
		ret->state = t.p[t.n - 1] == '0' ? INTAKE_DOUBT : INTAKE_OK;
		return ret->state == INTAKE_DOUBT ? ERR_CELL_NUMBER_LOSSY : OK;
	}
	if ((cell->flags & CELL_LOSSY) || is_scientific(t)) {
		ret->flags |= INTAKE_LOSSY;
		ret->state = INTAKE_BAD;
		ret->text = is_scientific(t) ? t : clean_number(ctx->arena, t);
		if (cell->flags & CELL_LOSSY)
			ret->text = round_lossy(ctx->arena, ret->text);
		return ERR_CELL_NUMBER_LOSSY;
	}
	ret->text = is_plain_id(t) || is_plain_number(t) ? t : clean_number(ctx->arena, t);
	if (ret->text.n == 0)
		ret->state = INTAKE_EMPTY;
	return OK;
}

static enum err read_id(const struct cell_ctx *ctx, const struct cell *cell, struct str t,
                        struct intake_value *ret)
{
	if (is_nothing(t)) {
		ret->state = INTAKE_EMPTY;
		return OK;
	}
	enum err e = read_number_text(ctx, cell, t, ret);
	if (e || ret->state == INTAKE_EMPTY)
		return e;
	size_t digits = 0;
	for (size_t i = 0; i < ret->text.n; i++)
		digits += digit(ret->text.p[i]);
	if (digits >= 6)
		return OK;
	ret->state = INTAKE_BAD;
	return ERR_INVALID;
}

static enum err read_phone(const struct cell_ctx *ctx, struct str t, struct intake_value *ret)
{
	int64_t v;
	bool exact;
	if (is_nothing(t)) {
		ret->state = INTAKE_EMPTY;
		return OK;
	}
	if (is_plain_number(t)) {
		ret->text = t;
		return OK;
	}
	if (is_scientific(t) && decimal_parse(t, 0, &v, &exact)) {
		ret->text = t;
		ret->state = INTAKE_BAD; /* 1.0048E+10: the digits are gone */
		return ERR_CELL_NUMBER_LOSSY;
	}
	ret->text = clean_number(ctx->arena, t);
	return OK;
}

/* ---- names ---- */

static bool is_space(int32_t cp)
{
	return cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' || cp == 0xA0 || cp == 0x200B ||
	       cp == 0xFEFF;
}

/* One dot for names like 买买提·艾力. */
static int32_t name_dot(int32_t cp)
{
	bool dot = cp == '.' || cp == 0x2022 || cp == 0x30FB || cp == 0x2027 || cp == 0xFF65;
	return dot ? 0xB7 : cp;
}

/* Han characters without the blanks between them; remarks in brackets dropped. */
static struct str clean_name(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0, pos = 0, depth = 0;
	int32_t cp;
	bool latin = false;
	while ((cp = utf8_next(s, &pos)) >= 0) {
		cp = name_dot(utf8_narrow(cp));
		bool opens = cp == '(' || cp == 0x3010 || cp == '[';
		bool closes = cp == ')' || cp == 0x3011 || cp == ']';
		depth += opens;
		depth -= closes && depth > 0;
		bool mark = opens || closes || cp == '*' || cp == '\'' || cp == '"';
		if (depth || mark || (is_space(cp) && !latin))
			continue;
		latin = cp < 0x80 && (latin || !is_space(cp));
		char c[4];
		size_t k = utf8_encode(cp, c);
		memcpy(p + n, c, k);
		n += k;
	}
	while (n && p[n - 1] == ' ')
		n--;
	return (struct str){p, n};
}

static bool is_plain_name(struct str s)
{
	if (s.n < 6 || s.n > 12 || s.n % 3)
		return false;
	for (size_t i = 0; i < s.n; i += 3) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0xE4 || c > 0xE9)
			return false;
	}
	return true;
}

static enum err read_name(const struct cell_ctx *ctx, struct str t, struct intake_value *ret)
{
	ret->text = is_plain_name(t) ? t : clean_name(ctx->arena, t);
	if (ret->text.n == 0 || is_nothing(ret->text))
		ret->state = INTAKE_EMPTY;
	return OK;
}

bool cell_split_name_id(struct str text, struct str *ret_name, struct str *ret_id)
{
	size_t digits = 0, from = 0;
	bool run = false;
	for (size_t i = 0; i <= text.n; i++) {
		bool d = i < text.n && (digit(text.p[i]) || text.p[i] == 'X' || text.p[i] == 'x');
		if (d && !run) {
			from = i;
			digits = 0;
		}
		if (d)
			digits++;
		if (!d && run && (digits == 18 || digits == 15)) {
			*ret_id = str_sub(text, from, digits);
			struct str before = str_trim(str_sub(text, 0, from));
			struct str behind = str_trim(str_sub(text, i, text.n));
			*ret_name = before.n ? before : behind;
			while (ret_name->n && strchr(":,;/|-(", ret_name->p[ret_name->n - 1]))
				ret_name->n--;
			return ret_name->n >= 6;
		}
		run = d;
	}
	return false;
}

size_t cell_list(struct str text, struct str *ret, size_t max)
{
	static const char *const wide[] = {"、", "，", "；", "／"};
	size_t n = 0, from = 0;
	for (size_t i = 0; i <= text.n && n < max;) {
		size_t k = i == text.n ? 1 : 0;
		if (!k && text.p[i] && strchr(",;/|\n", text.p[i]))
			k = 1;
		for (size_t w = 0; !k && w < 4; w++)
			if (str_starts(str_sub(text, i, 3), str_c(wide[w])))
				k = 3;
		if (!k) {
			i++;
			continue;
		}
		struct str piece = str_trim((struct str){text.p + from, i - from});
		if (piece.n)
			ret[n++] = piece;
		i += k;
		from = i;
	}
	return n;
}

/* ---- numbers ---- */

/* "3人", "约5个月", "十": the number in it. */
static bool number_inside(struct str t, int scale, int64_t *ret)
{
	static const char *const numerals[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八",
	                                       "九", "十", "十一", "十二"};
	for (size_t i = 0; i < 13; i++)
		if (str_is(t, numerals[i])) {
			int64_t f = 1;
			for (int k = 0; k < scale; k++)
				f *= 10;
			*ret = (int64_t)i * f;
			return true;
		}
	size_t from = 0, to;
	while (from < t.n && !digit(t.p[from]) && t.p[from] != '-')
		from++;
	for (to = from; to < t.n && (digit(t.p[to]) || strchr(".,-", t.p[to])); to++)
		;
	for (size_t i = to; i < t.n; i++)
		if (digit(t.p[i]))
			return false; /* two numbers: no guess */
	bool exact;
	return to > from && from <= 9 && decimal_parse(str_sub(t, from, to - from), scale, ret, &exact);
}

static enum err read_number(const struct pack_column *c, struct str t, struct intake_value *ret)
{
	bool exact = true;
	ret->text = t;
	if (decimal_parse(t, c->scale, &ret->v, &exact)) {
		if (exact || c->kind == PACK_NUM)
			return OK;
		ret->state = INTAKE_DOUBT;
		return ERR_CELL_NUMBER;
	}
	if (is_nothing(t)) {
		ret->state = INTAKE_EMPTY;
		return OK;
	}
	if (number_inside(t, c->scale, &ret->v))
		return OK;
	ret->state = INTAKE_BAD;
	return ERR_CELL_NUMBER;
}

static enum err read_money(const struct cell_ctx *ctx, struct str t, int64_t unit,
                           struct intake_value *ret, struct str *ret_proposal)
{
	static const char *const about[] = {"约", "大约", "近", "大概", "估计", "合计", "共", "计"};
	ret->text = t;
	if (money_parse(t, unit, &ret->v))
		return OK;
	if (is_nothing(t)) {
		ret->state = INTAKE_EMPTY;
		return OK;
	}
	struct str rest = t;
	for (size_t i = 0; i < sizeof(about) / sizeof(about[0]); i++)
		if (str_starts(rest, str_c(about[i])))
			rest = str_sub(rest, strlen(about[i]), rest.n);
	if (str_ends(rest, STR("左右")))
		rest.n -= 6;
	if (str_ends(rest, STR("余元")))
		rest.n -= 6;
	if (money_parse(str_trim(rest), unit, &ret->v)) {
		char out[32];
		size_t n = money_format(ret->v, false, out);
		*ret_proposal = str_copy(ctx->arena, (struct str){out, n});
		ret->state = INTAKE_DOUBT;
		return ERR_CELL_MONEY;
	}
	ret->state = INTAKE_BAD;
	return ERR_CELL_MONEY;
}

/* ---- dates ---- */

static date_t serial_date(struct str t)
{
	int64_t v;
	if (t.n != 5 || !str_to_int(t, &v) || v < 7000 || v > 60000)
		return 0;
	return date_from_serial(v, false);
}

static enum err read_date(const struct cell_ctx *ctx, struct str t, struct intake_value *ret,
                          struct str *ret_proposal)
{
	static const char *const open[] = {"至今", "长期", "长期有效", "永久", "现在", "今", NULL};
	ret->text = t;
	date_t d = date_parse(t);
	if (d == 0)
		d = serial_date(t);
	if (d == 0 && (is_nothing(t) || in_words(t, open))) {
		ret->state = INTAKE_EMPTY;
		return OK;
	}
	ret->v = d;
	if (d)
		return OK;
	ret->v = date_search(t);
	if (ret->v) {
		*ret_proposal = str_c(date_dup(ctx->arena, (date_t)ret->v));
		ret->state = INTAKE_DOUBT;
		return ERR_CELL_DATE;
	}
	ret->state = INTAKE_BAD;
	return ERR_CELL_DATE;
}

static enum err read_year(struct str t, struct intake_value *ret)
{
	ret->text = t;
	date_t d = date_parse(t);
	if (d == 0)
		d = date_search(t);
	if (d == 0 && t.n == 4 && str_to_int(t, &ret->v) && ret->v >= 1900 && ret->v <= 2199)
		d = (date_t)ret->v * 10000;
	for (size_t i = 0; d == 0 && i + 4 <= t.n; i++) { /* 2017-2018学年 */
		int64_t y;
		if (str_to_int(str_sub(t, i, 4), &y) && y >= 1950 && y <= 2100)
			d = (date_t)y * 10000;
	}
	if (d) {
		ret->v = date_year(d);
		return OK;
	}
	if (is_nothing(t) || str_is(t, "0")) {
		ret->state = INTAKE_EMPTY;
		ret->v = 0;
		return OK;
	}
	ret->v = 0;
	ret->state = INTAKE_BAD;
	return ERR_CELL_DATE;
}

/* ---- yes and no ---- */

/* 已改造, 未参加, 不安全, 有危房: by how the word begins, or the column's own word. */
static int yes_or_no(const struct cell_ctx *ctx, const struct pack_column *c, struct str t)
{
	static const char *const no[] = {"否", "未", "无", "没", "不", "非", "×", "✗", "╳", "✘",
	                                 "☐", "□", "尚未", "错"};
	static const char *const yes[] = {"是", "已", "有", "√", "✓", "✔", "☑", "达标", "完成", "竣工",
	                                  "合格", "●", "○", "对", "享受", "参加", "属"};
	const char *id = NULL;
	int item = pack_code_find(ctx->yes_no, t, NULL);
	if (item >= 0)
		id = ctx->yes_no->codes[item].id;
	if (id && (strcmp(id, "yes") == 0 || strcmp(id, "no") == 0))
		return id[0] == 'y';
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (str_starts(t, str_c(no[i])))
			return 0;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (str_starts(t, str_c(yes[i])))
			return 1;
	char buf[128];
	struct str s = {buf, pack_normal(t, buf, sizeof(buf))};
	if (s.n >= 6 && str_find(str_c(c->label.in[LANG_ZH]), s) != SIZE_MAX)
		return 1;
	return -1;
}

static enum err read_bool(const struct cell_ctx *ctx, const struct pack_column *c, struct str t,
                          struct intake_value *ret)
{
	int v = yes_or_no(ctx, c, t);
	ret->text = t;
	if (v >= 0) {
		ret->v = v;
		return OK;
	}
	ret->state = INTAKE_BAD;
	return ERR_CELL_BOOL;
}

/* ---- codes ---- */

static int tick(const struct pack_list *list, struct str t)
{
	static const char *const no[] = {"无", "否", "×", "0", "没有", "✗", NULL};
	return list->none >= 0 && in_words(t, no) ? list->none : -1;
}

static enum err read_code(const struct cell_ctx *ctx, const struct pack_column *c, struct str t,
                          struct intake_value *ret, struct str *ret_proposal)
{
	const struct pack_list *list = &ctx->pack->lists[c->list_index];
	ret->text = t;
	ret->v = pack_code_find(list, t, &ret->year);
	if (ret->v < 0)
		ret->v = tick(list, t);
	if (ret->v >= 0)
		return OK;
	if (is_nothing(t)) {
		ret->state = INTAKE_EMPTY;
		return OK;
	}
	struct str pieces[4];
	size_t n = cell_list(t, pieces, 4);
	if (n > 1 && (ret->v = pack_code_find(list, pieces[0], &ret->year)) >= 0) {
		*ret_proposal = str_c(list->codes[ret->v].label.in[LANG_ZH]);
		ret->state = INTAKE_DOUBT;
		return ERR_CELL_CODE;
	}
	if ((ret->v = pack_code_guess(list, t)) >= 0) {
		*ret_proposal = str_c(list->codes[ret->v].label.in[LANG_ZH]);
		ret->state = INTAKE_DOUBT;
		return ERR_CELL_CODE;
	}
	if (list->open)
		return OK; /* any text may stand here; v stays -1 */
	ret->state = INTAKE_BAD;
	return ERR_CELL_CODE;
}

static enum err read_codes(const struct cell_ctx *ctx, const struct pack_column *c, struct str t,
                           struct intake_value *ret)
{
	const struct pack_list *list = &ctx->pack->lists[c->list_index];
	struct str unknown;
	ret->text = t;
	ret->v = (int64_t)pack_codes_find(list, t, &unknown);
	if (unknown.n == 0)
		return OK;
	if (ret->v == 0 && tick(list, t) >= 0) {
		ret->v = (int64_t)((uint64_t)1 << list->none);
		return OK;
	}
	if (ret->v == 0 && is_nothing(t)) {
		ret->state = INTAKE_EMPTY;
		return OK;
	}
	ret->state = ret->v ? INTAKE_DOUBT : INTAKE_BAD;
	return ERR_CELL_CODE;
}

/* ---- all kinds ---- */

static enum err read_area(const struct cell_ctx *ctx, const struct pack_column *c, struct str t,
                          struct intake_value *ret)
{
	ret->text = t;
	ret->v = c->role == PACK_ROLE_ADDRESS ? -1 : villages_find(ctx->villages, t);
	return OK;
}

/* What records are found by; an index has room for no more. */
static bool is_looked_up(const struct pack_column *c)
{
	return c->kind == PACK_NAME || c->kind == PACK_NUMBER_TEXT || c->kind == PACK_CODE_NO;
}

static enum err read_kind(const struct cell_ctx *ctx, const struct pack_column *c, int64_t unit,
                          const struct cell *cell, struct str t, struct intake_value *ret,
                          struct str *ret_proposal)
{
	if (is_looked_up(c) && t.n > LOOKED_UP_MAX) {
		ret->state = INTAKE_BAD;
		ret->text = t;
		return ERR_CELL_TOO_LONG;
	}
	switch (c->kind) {
	case PACK_ID:
	case PACK_CARD: return read_id(ctx, cell, t, ret);
	case PACK_NUMBER_TEXT:
	case PACK_CODE_NO: return read_number_text(ctx, cell, t, ret);
	case PACK_PHONE: return read_phone(ctx, t, ret);
	case PACK_NAME: return read_name(ctx, t, ret);
	case PACK_AREA: return read_area(ctx, c, t, ret);
	case PACK_INT:
	case PACK_NUM: return read_number(c, t, ret);
	case PACK_MONEY: return read_money(ctx, t, unit, ret, ret_proposal);
	case PACK_DATE: return read_date(ctx, t, ret, ret_proposal);
	case PACK_YEAR: return read_year(t, ret);
	case PACK_BOOL: return read_bool(ctx, c, t, ret);
	case PACK_CODE: return read_code(ctx, c, t, ret, ret_proposal);
	case PACK_CODES: return read_codes(ctx, c, t, ret);
	default: ret->text = t; return OK;
	}
}

/* Kinds whose values repeat: what a text means is remembered. */
static bool is_memoized(const struct pack_column *c)
{
	return c->kind == PACK_CODE || c->kind == PACK_CODES || c->kind == PACK_BOOL ||
	       (c->kind == PACK_AREA && c->role != PACK_ROLE_ADDRESS) || c->kind == PACK_YEAR;
}

enum err cell_read(const struct cell_ctx *ctx, const struct pack_column *c, int64_t unit,
                   const struct cell *cell, struct memo *memo, struct intake_value *ret,
                   struct str *ret_proposal)
{
	struct str t = str_trim(cell->text);
	ret->state = INTAKE_OK;
	if (cell->kind == CELL_ERROR) {
		ret->state = INTAKE_BAD;
		ret->text = t;
		return ERR_CELL_ERROR;
	}
	if (!memo || !is_memoized(c) || t.n > MEMO_TEXT)
		return read_kind(ctx, c, unit, cell, t, ret, ret_proposal);
	struct memo_slot *slot = &memo->slots[str_hash(t) % MEMO_SLOTS];
	if (slot->n == t.n && memcmp(slot->text, t.p, t.n) == 0) {
		ret->state = slot->value.state;
		ret->v = slot->value.v;
		ret->year = slot->value.year;
		ret->text = t;
		if (slot->code && ret->state == INTAKE_DOUBT && c->kind == PACK_CODE)
			*ret_proposal = str_c(ctx->pack->lists[c->list_index].codes[ret->v].label.in[0]);
		return slot->code;
	}
	enum err e = read_kind(ctx, c, unit, cell, t, ret, ret_proposal);
	slot->n = (uint8_t)t.n;
	memcpy(slot->text, t.p, t.n);
	slot->value = *ret;
	slot->code = e;
	return e;
}
