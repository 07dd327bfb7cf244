/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lex: rule text to tokens.  Full-width punctuation and ≤ ≥ ≠ × ÷ are taken
 * as their ASCII twins: policy writers type with a Chinese input method.
 */
#include "rule/node.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

enum err rule__error(const struct rule_source *src, uint32_t at, struct diag *d, enum err code,
                     const char *fmt, ...)
{
	char detail[400];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	if (n < 0)
		detail[0] = '\0';
	int line = src->line > 0 ? src->line : 1;
	int column = src->column > 0 ? src->column : 1;
	size_t pos = 0;
	while (pos < at && pos < src->text.n) {
		if (utf8_next(src->text, &pos) == '\n') {
			line++;
			column = 1 + src->indent;
		} else {
			column++;
		}
	}
	enum err e = diag_set(d, code, "%s", detail);
	diag_place(d, "%s:%d:%d", src->file ? src->file : "rule", line, column);
	return e;
}

static bool is_name(int32_t cp, bool first)
{
	if ((cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || cp == '_')
		return true;
	if (cp >= '0' && cp <= '9')
		return !first;
	return utf8_is_han(cp);
}

static bool is_space(int32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0xA0 || cp == 0x3000 ||
	       cp == 0xFEFF;
}

/* Twins of the punctuation; anything else unchanged. */
static int32_t plain(int32_t cp)
{
	static const struct {
		int32_t from, to;
	} twins[] = {
	    {0x201C, '"'}, {0x201D, '"'}, {0x2018, '\''}, {0x2019, '\''}, {0x3001, ','},
	    {0xD7, '*'},   {0xF7, '/'},   {0x2264, 'l'},  {0x2265, 'g'},  {0x2260, 'n'},
	};
	for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++)
		if (twins[i].from == cp)
			return twins[i].to;
	if (cp >= 0xFF01 && cp <= 0xFF5E && !is_name(cp - 0xFEE0, false))
		return cp - 0xFEE0;
	return cp;
}

static void bad(struct rule_lexer *l, enum err code, const char *why)
{
	struct str rest = str_sub(l->src->text, l->start, 40);
	rule__error(l->src, l->start, l->diag, code, "%s: " STR_FMT, why,
	            STR_ARG(utf8_fit(rest, 20)));
	l->tok = T_BAD;
}

static void lex_number(struct rule_lexer *l, size_t pos)
{
	struct str s = l->src->text;
	int64_t v = 0;
	int scale = 0;
	bool point = false;
	while (pos < s.n) {
		char c = s.p[pos];
		if (c == '.' && !point && pos + 1 < s.n && s.p[pos + 1] >= '0' &&
		    s.p[pos + 1] <= '9') {
			point = true;
			pos++;
			continue;
		}
		if (c < '0' || c > '9')
			break;
		if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
		    __builtin_add_overflow(v, (int64_t)(c - '0'), &v) ||
		    (scale += point) > 4) {
			bad(l, ERR_RULE_LIMIT, "数字过长 / number too long");
			return;
		}
		pos++;
	}
	size_t after = pos;
	if (after < s.n && is_name(utf8_next(s, &after), true)) {
		bad(l, ERR_RULE_SYNTAX, "数字后紧跟文字 / a name right behind a number");
		return;
	}
	l->tok = T_NUMBER;
	l->number = v;
	l->scale = scale;
	l->end = (uint32_t)pos;
}

/* A doubled quotation mark stands for one. */
static void lex_string(struct rule_lexer *l, size_t pos, int32_t quote)
{
	struct str s = l->src->text;
	size_t from = pos;
	bool doubled = false;
	for (;;) {
		size_t at = pos;
		int32_t cp = utf8_next(s, &pos);
		if (cp < 0 || cp == '\n') {
			bad(l, ERR_RULE_SYNTAX, "引号没有结束 / a quotation mark is never closed");
			return;
		}
		if (plain(cp) != quote)
			continue;
		size_t next = pos;
		if (cp < 0x80 && utf8_next(s, &next) == cp) {
			doubled = true;
			pos = next;
			continue;
		}
		l->text = str_sub(s, from, at - from);
		break;
	}
	if (doubled) {
		char *out = arena_alloc(l->a, l->text.n + 1);
		size_t n = 0;
		for (size_t i = 0; i < l->text.n; i++) {
			out[n++] = l->text.p[i];
			if (l->text.p[i] == quote && i + 1 < l->text.n && l->text.p[i + 1] == quote)
				i++;
		}
		l->text = (struct str){out, n};
	}
	l->tok = T_STRING;
	l->end = (uint32_t)pos;
}

static void lex_name(struct rule_lexer *l, size_t pos, enum rule_token tok)
{
	struct str s = l->src->text;
	size_t from = pos;
	bool first = true;
	for (;;) {
		size_t next = pos;
		int32_t cp = utf8_next(s, &next);
		if (cp < 0 || !is_name(cp, first))
			break;
		pos = next;
		first = false;
	}
	l->tok = tok;
	l->text = str_sub(s, from, pos - from);
	l->end = (uint32_t)pos;
	if (l->text.n == 0)
		bad(l, ERR_RULE_SYNTAX, "$ 后应为参数名 / a name is wanted behind $");
}

static enum rule_token punctuation(int32_t cp, bool equals_next, bool *ret_two)
{
	static const struct {
		char c;
		enum rule_token one, two; /* two: with = behind it */
	} marks[] = {
	    {'(', T_LPAREN, T_BAD}, {')', T_RPAREN, T_BAD}, {'{', T_LBRACE, T_BAD},
	    {'}', T_RBRACE, T_BAD}, {',', T_COMMA, T_BAD},  {':', T_COLON, T_BAD},
	    {'.', T_DOT, T_BAD},    {'+', T_PLUS, T_BAD},   {'-', T_MINUS, T_BAD},
	    {'*', T_STAR, T_BAD},   {'/', T_SLASH, T_BAD},  {'=', T_EQ, T_BAD},
	    {'<', T_LT, T_LE},      {'>', T_GT, T_GE},      {'!', T_BAD, T_NE},
	    {'l', T_LE, T_BAD},     {'g', T_GE, T_BAD},     {'n', T_NE, T_BAD},
	};
	*ret_two = false;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (marks[i].c != cp)
			continue;
		*ret_two = equals_next && marks[i].two != T_BAD;
		return *ret_two ? marks[i].two : marks[i].one;
	}
	return T_BAD;
}

void rule__next(struct rule_lexer *l)
{
	struct str s = l->src->text;
	size_t pos = l->end, at = pos;
	int32_t cp;
	l->last_end = l->end;
	do {
		at = pos;
		cp = utf8_next(s, &pos);
	} while (cp >= 0 && is_space(cp));
	l->start = (uint32_t)at;
	l->end = (uint32_t)pos;
	if (cp < 0) {
		l->tok = T_END;
		l->start = l->end = (uint32_t)s.n;
		return;
	}
	if (cp >= '0' && cp <= '9') {
		lex_number(l, at);
	} else if (is_name(cp, true)) {
		lex_name(l, at, T_NAME);
	} else if (cp == '$' || cp == 0xFF04) {
		lex_name(l, pos, T_PARAM);
	} else if (plain(cp) == '"' || plain(cp) == '\'') {
		lex_string(l, pos, plain(cp));
	} else {
		size_t next = pos;
		bool two;
		bool eq = plain(utf8_next(s, &next)) == '=';
		l->tok = punctuation(plain(cp), eq, &two);
		if (two)
			l->end = (uint32_t)next;
		if (l->tok == T_BAD)
			bad(l, ERR_RULE_SYNTAX, "不认识的符号 / unknown character");
	}
}
