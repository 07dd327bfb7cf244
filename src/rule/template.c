/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* template: texts with {expressions} about one row. */
#include "rule/node.h"

#include "base/utf8.h"

#include "base/banned.h"

enum { PARTS_MAX = 64 };

/* A piece of plain text, or a rule. */
struct part {
	struct str text;
	struct rule *rule;
};

struct rule_template {
	struct part *part;
	int n;
	struct rule_read *reads;
	size_t n_reads;
};

/* Where the } of an expression stands that begins at `from`, or SIZE_MAX.
 * Quoted texts and sets may hold braces. */
static size_t expression_end(struct str s, size_t from)
{
	char quote = 0;
	int open = 0;
	for (size_t i = from; i < s.n; i++) {
		char c = s.p[i];
		if (quote) {
			if (c == quote)
				quote = 0;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '{') {
			open++;
		} else if (c == '}' && open-- == 0) {
			return i;
		}
	}
	return SIZE_MAX;
}

/* The source of a piece, its place counted from the whole's. */
static struct rule_source piece_source(const struct rule_source *src, size_t from, size_t n)
{
	struct rule_source piece = *src;
	size_t pos = 0;
	if (piece.line < 1)
		piece.line = 1;
	if (piece.column < 1)
		piece.column = 1;
	while (pos < from) {
		if (utf8_next(src->text, &pos) == '\n') {
			piece.line++;
			piece.column = 1 + src->indent;
		} else {
			piece.column++;
		}
	}
	piece.text = str_sub(src->text, from, n);
	return piece;
}

static void reads_add(struct rule_template *t, struct arena *a, const struct rule *r)
{
	struct rule_read *all = ARENA_ARRAY(a, t->n_reads + r->n_reads + 1, struct rule_read);
	size_t n = t->n_reads;
	if (n)
		memcpy(all, t->reads, n * sizeof *all);
	for (size_t i = 0; i < r->n_reads; i++) {
		bool known = false;
		for (size_t k = 0; k < n && !known; k++)
			known = all[k].entity == r->reads[i].entity &&
			        all[k].field == r->reads[i].field &&
			        all[k].collection == r->reads[i].collection;
		if (!known)
			all[n++] = r->reads[i];
	}
	t->reads = all;
	t->n_reads = n;
}

/* Plain text up to the next brace that begins an expression; {{ and }} end a
 * piece with one brace. */
static size_t literal_end(struct str s, size_t from, size_t *ret_next)
{
	for (size_t i = from; i < s.n; i++) {
		if (s.p[i] != '{' && s.p[i] != '}')
			continue;
		bool doubled = i + 1 < s.n && s.p[i + 1] == s.p[i];
		*ret_next = doubled ? i + 2 : i;
		return doubled ? i + 1 : i;
	}
	*ret_next = s.n;
	return s.n;
}

static enum err template_piece(const struct rule_schema *s, const struct rule_source *src,
                               struct arena *a, size_t *pos, struct rule_template *t,
                               struct diag *diag)
{
	size_t next, end = literal_end(src->text, *pos, &next);
	if (t->n + 2 > PARTS_MAX)
		return rule__error(src, (uint32_t)*pos, diag, ERR_RULE_LIMIT, "> %d",
		                   (int)PARTS_MAX);
	if (end > *pos)
		t->part[t->n++].text = str_sub(src->text, *pos, end - *pos);
	*pos = next;
	if (next >= src->text.n || next != end)
		return OK;
	size_t close = src->text.p[next] == '{' ? expression_end(src->text, next + 1) : SIZE_MAX;
	if (close == SIZE_MAX)
		return rule__error(src, (uint32_t)next, diag, ERR_RULE_SYNTAX, "%c",
		                   src->text.p[next]);
	struct rule_source piece = piece_source(src, next + 1, close - next - 1);
	struct rule *r;
	enum err e = rule_compile(s, &piece, RULE_TYPE_MAX, a, &r, diag);
	if (e)
		return e;
	t->part[t->n++].rule = r;
	reads_add(t, a, r);
	*pos = close + 1;
	return OK;
}

enum err rule_template_compile(const struct rule_schema *s, const struct rule_source *src,
                               struct arena *a, struct rule_template **ret_template,
                               struct diag *diag)
{
	struct diag own;
	diag_clear(&own);
	if (!diag)
		diag = &own;
	if (src->text.n > RULE_MAX_TEXT)
		return rule__error(src, 0, diag, ERR_RULE_LIMIT, "%zu > %d", src->text.n,
		                   (int)RULE_MAX_TEXT);
	struct rule_template *t = ARENA_NEW(a, struct rule_template);
	t->part = ARENA_ARRAY(a, PARTS_MAX, struct part);
	size_t pos = 0;
	while (pos < src->text.n) {
		enum err e = template_piece(s, src, a, &pos, t, diag);
		if (e)
			return e;
	}
	*ret_template = t;
	return OK;
}

void rule_template_render(const struct rule_template *t, const struct rule_data *d, int32_t row,
                          enum lang lang, struct arena *scratch, struct buf *out)
{
	struct arena_mark mark = arena_save(scratch);
	for (int i = 0; i < t->n; i++) {
		const struct part *p = &t->part[i];
		if (!p->rule) {
			buf_addstr(out, p->text);
			continue;
		}
		struct rule_value v;
		rule_values(p->rule, d, (struct rule_rows){&row, 1}, scratch, &v, NULL);
		rule_format(rule_result(p->rule), &v, lang, out);
	}
	arena_back(scratch, mark);
}

const struct rule_read *rule_template_reads(const struct rule_template *t, size_t *ret_n)
{
	*ret_n = t->n_reads;
	return t->reads;
}
