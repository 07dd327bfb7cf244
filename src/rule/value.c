/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* value: single values to text for people, and from text for fixtures. */
#include "rule/node.h"

#include "base/money.h"

#include "base/banned.h"

static void format_num(int64_t v, int scale, struct buf *out)
{
	char digits[24];
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	while (scale > 0 && u % 10 == 0) {
		u /= 10;
		scale--;
	}
	size_t at = sizeof digits;
	int n = 0;
	do {
		if (n > 0 && n == scale)
			digits[--at] = '.';
		digits[--at] = (char)('0' + u % 10);
		u /= 10;
		n++;
	} while (u > 0 || n <= scale);
	if (v < 0)
		buf_addc(out, '-');
	buf_add(out, digits + at, sizeof digits - at);
}

static void format_item(const struct rule_codes *c, int64_t item, enum lang lang, struct buf *out)
{
	if (!c || item < 0 || item >= c->n) {
		buf_addint(out, item);
		return;
	}
	const char *label = c->items[item].label.in[lang];
	buf_adds(out, label ? label : c->items[item].id);
}

static void format_set(const struct rule_codes *c, uint64_t mask, enum lang lang, struct buf *out)
{
	bool first = true;
	for (int i = 0; i < 64; i++) {
		if (!(mask >> i & 1))
			continue;
		if (!first)
			buf_adds(out, lang == LANG_ZH ? "、" : ", ");
		format_item(c, i, lang, out);
		first = false;
	}
	if (first)
		buf_adds(out, lang == LANG_ZH ? "无" : "none");
}

void rule_format(struct rule_kind kind, const struct rule_value *v, enum lang lang,
                 struct buf *out)
{
	static const struct text missing = TEXT("空", "missing");
	static const struct text unknown = TEXT("不明", "unknown");
	static const struct text yes_no[2] = {TEXT("否", "no"), TEXT("是", "yes")};
	char text[32];
	if (!(v->state & 1)) {
		buf_adds(out, kind.type == RULE_BOOL ? unknown.in[lang] : missing.in[lang]);
		return;
	}
	switch (kind.type) {
	case RULE_BOOL:
		buf_adds(out, yes_no[v->i != 0].in[lang]);
		break;
	case RULE_NUM:
		format_num(v->i, kind.scale, out);
		break;
	case RULE_MONEY:
		buf_add(out, text, money_format(v->i, true, text));
		break;
	case RULE_DATE:
		buf_add(out, text, date_format((date_t)v->i, text));
		break;
	case RULE_CODE:
		format_item(kind.codes, v->i, lang, out);
		break;
	case RULE_CODES:
		format_set(kind.codes, (uint64_t)v->i, lang, out);
		break;
	default:
		buf_addstr(out, v->s);
	}
}

static bool parse_bool(struct str s, int64_t *ret)
{
	static const char *const words[2][4] = {{"否", "no", "false", "0"},
	                                        {"是", "yes", "true", "1"}};
	for (int b = 0; b < 2; b++)
		for (int i = 0; i < 4; i++)
			if (str_is(s, words[b][i])) {
				*ret = b;
				return true;
			}
	return false;
}

/* Up to the next , or 、 of *rest. */
static struct str next_item(struct str *rest)
{
	static const struct str marks[] = {{",", 1}, {"、", 3}, {"，", 3}};
	size_t cut = rest->n, skip = 0;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		size_t at = str_find(*rest, marks[i]);
		if (at < cut) {
			cut = at;
			skip = marks[i].n;
		}
	}
	struct str piece = str_sub(*rest, 0, cut);
	*rest = str_sub(*rest, cut + skip, rest->n);
	return str_trim(piece);
}

static bool parse_set(const struct rule_codes *c, struct str s, int64_t *ret)
{
	uint64_t mask = 0;
	if (str_is(s, "{}")) {
		*ret = 0;
		return true;
	}
	while (s.n > 0) {
		int item = rule_item_find(c, next_item(&s));
		if (item < 0 || item > 63)
			return false;
		mask |= (uint64_t)1 << item;
	}
	*ret = (int64_t)mask;
	return true;
}

bool rule_parse_value(struct rule_kind kind, struct str text, struct arena *a,
                      struct rule_value *ret)
{
	struct rule_value v = {.state = RULE_KNOWN};
	bool ok = true, exact = true;
	text = str_trim(text);
	if (text.n == 0) {
		*ret = (struct rule_value){.state = RULE_MISSING};
		return true;
	}
	switch (kind.type) {
	case RULE_BOOL:
		ok = parse_bool(text, &v.i);
		break;
	case RULE_NUM:
		ok = decimal_parse(text, kind.scale, &v.i, &exact);
		break;
	case RULE_MONEY:
		ok = decimal_parse(text, 2, &v.i, &exact);
		break;
	case RULE_DATE:
		v.i = rule__iso_date(text);
		ok = v.i != 0;
		break;
	case RULE_CODE:
		v.i = kind.codes ? rule_item_find(kind.codes, text) : -1;
		ok = v.i >= 0;
		break;
	case RULE_CODES:
		ok = kind.codes && parse_set(kind.codes, text, &v.i);
		break;
	default:
		v.s = str_copy(a, text);
	}
	if (ok && exact)
		*ret = v;
	return ok && exact;
}
