/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "estimate/filter.h"

#include <math.h>
#include <stdio.h>

#include "base/banned.h"

enum { TEXT_MAX = 4096, NODES_MAX = 256, DEPTH_MAX = 64, ITEMS_MAX = 64 };

enum op {
	OP_NUMBER, OP_TEXT, OP_COLUMN, OP_MISSING, OP_IS_NA, OP_NOT, OP_MINUS,
	OP_OR, OP_AND, OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT, OP_IN, OP_ADD, OP_SUB, OP_MUL, OP_DIV
};

struct node {
	enum op op;
	double number;
	struct str text;        /* TEXT, name of a COLUMN */
	const struct column *column;
	int32_t kids[2];        /* places in nodes */
	int32_t items[ITEMS_MAX]; /* IN: what it may be */
	size_t n_items;
};

struct filter {
	struct node *nodes;
	size_t n;
	int32_t root;
};

/* --- parsing ----------------------------------------------------------------------------- */

struct parser {
	const char *text, *p;
	struct arena *a;
	struct diag *diag;
	struct filter *f;
	int depth;
	bool bad;
};

static int32_t fail(struct parser *x, const char *what)
{
	if (!x->bad)
		(void)diag_set(x->diag, ERR_RULE_SYNTAX, "%s: %s at %d", x->text, what,
		               (int)(x->p - x->text) + 1);
	x->bad = true;
	return 0;
}

static void skip(struct parser *x)
{
	while (*x->p == ' ' || *x->p == '\t' || *x->p == '\n' || *x->p == '\r')
		x->p++;
}

static bool accept(struct parser *x, const char *word)
{
	skip(x);
	size_t n = strlen(word);
	if (strncmp(x->p, word, n) != 0)
		return false;
	x->p += n;
	return true;
}

static int32_t node(struct parser *x, enum op op, int32_t l, int32_t r)
{
	if (x->f->n == NODES_MAX)
		return fail(x, "too long");
	x->f->nodes[x->f->n] = (struct node){.op = op, .kids = {l, r}};
	return (int32_t)x->f->n++;
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || (unsigned char)c >= 0x80;
}

static int32_t parse_or(struct parser *x);

static int32_t parse_text(struct parser *x, char quote)
{
	const char *end = strchr(x->p, quote);
	if (!end)
		return fail(x, "a text without end");
	int32_t k = node(x, OP_TEXT, 0, 0);
	x->f->nodes[k].text = str_copy(x->a, (struct str){x->p, (size_t)(end - x->p)});
	x->p = end + 1;
	return k;
}

static int32_t parse_column(struct parser *x, struct str name)
{
	int32_t k = node(x, OP_COLUMN, 0, 0);
	x->f->nodes[k].text = str_c(str_dup(x->a, name));
	return k;
}

static int32_t parse_number(struct parser *x)
{
	const char *end = x->p;
	double v;
	while (name_char(*end) || ((*end == '-' || *end == '+') && (end[-1] == 'e' || end[-1] == 'E')))
		end++;
	if (!number_read((struct str){x->p, (size_t)(end - x->p)}, &v))
		return fail(x, "not a number");
	int32_t k = node(x, OP_NUMBER, 0, 0);
	x->f->nodes[k].number = v;
	x->p = end;
	return k;
}

static int32_t parse_word(struct parser *x)
{
	const char *from = x->p;
	while (name_char(*x->p))
		x->p++;
	struct str name = {from, (size_t)(x->p - from)};
	if (name.n == 0)
		return fail(x, "a value is missing");
	if (str_is(name, "TRUE") || str_is(name, "FALSE")) {
		int32_t k = node(x, OP_NUMBER, 0, 0);
		x->f->nodes[k].number = str_is(name, "TRUE");
		return k;
	}
	if (str_is(name, "NA"))
		return node(x, OP_MISSING, 0, 0);
	if (str_is(name, "is.na") && accept(x, "(")) {
		int32_t k = parse_or(x);
		return accept(x, ")") ? node(x, OP_IS_NA, k, 0) : fail(x, "')' is missing");
	}
	return parse_column(x, name);
}

static int32_t parse_primary(struct parser *x)
{
	skip(x);
	char c = *x->p;
	if (++x->depth > DEPTH_MAX)
		return fail(x, "nested too deep");
	int32_t k;
	if (c == '(') {
		x->p++;
		k = parse_or(x);
		if (!accept(x, ")"))
			k = fail(x, "')' is missing");
	} else if (c == '\'' || c == '"') {
		x->p++;
		k = parse_text(x, c);
	} else if (c == '`') {
		const char *end = strchr(++x->p, '`');
		if (!end)
			return fail(x, "a name without end");
		k = parse_column(x, (struct str){x->p, (size_t)(end - x->p)});
		x->p = end + 1;
	} else if (c == '-' || c == '!') {
		x->p++;
		k = node(x, c == '-' ? OP_MINUS : OP_NOT, parse_primary(x), 0);
	} else if (c >= '0' && c <= '9') {
		k = parse_number(x);
	} else {
		k = parse_word(x);
	}
	x->depth--;
	return k;
}

static int32_t parse_product(struct parser *x)
{
	int32_t l = parse_primary(x);
	for (;;) {
		if (accept(x, "*"))
			l = node(x, OP_MUL, l, parse_primary(x));
		else if (accept(x, "/"))
			l = node(x, OP_DIV, l, parse_primary(x));
		else
			return l;
		if (x->bad)
			return 0;
	}
}

static int32_t parse_sum(struct parser *x)
{
	int32_t l = parse_product(x);
	for (;;) {
		if (accept(x, "+"))
			l = node(x, OP_ADD, l, parse_product(x));
		else if (accept(x, "-"))
			l = node(x, OP_SUB, l, parse_product(x));
		else
			return l;
		if (x->bad)
			return 0;
	}
}

static int32_t parse_in(struct parser *x, int32_t l)
{
	int32_t k = node(x, OP_IN, l, 0);
	bool many = accept(x, "c(");
	if (!many && accept(x, "c ("))
		many = true;
	do {
		if (x->f->nodes[k].n_items == ITEMS_MAX)
			return fail(x, "too many values");
		int32_t item = parse_sum(x);
		x->f->nodes[k].items[x->f->nodes[k].n_items++] = item;
	} while (many && !x->bad && accept(x, ","));
	return !many || accept(x, ")") ? k : fail(x, "')' is missing");
}

static int32_t parse_compare(struct parser *x)
{
	static const struct { const char *word; enum op op; } ops[] = {
		{"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE}, {">=", OP_GE}, {"<", OP_LT}, {">", OP_GT}};
	if (++x->depth > DEPTH_MAX)
		return fail(x, "nested too deep");
	int32_t l = parse_sum(x);
	if (accept(x, "%in%")) {
		l = parse_in(x, l);
	} else {
		for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
			if (accept(x, ops[i].word)) {
				l = node(x, ops[i].op, l, parse_sum(x));
				break;
			}
	}
	x->depth--;
	return l;
}

/* In R '!' binds less than a comparison. */
static int32_t parse_not(struct parser *x)
{
	skip(x);
	if (x->p[0] == '!' && x->p[1] != '=') {
		x->p++;
		if (++x->depth > DEPTH_MAX)
			return fail(x, "nested too deep");
		int32_t k = node(x, OP_NOT, parse_not(x), 0);
		x->depth--;
		return k;
	}
	return parse_compare(x);
}

static int32_t parse_and(struct parser *x)
{
	int32_t l = parse_not(x);
	while (!x->bad && (accept(x, "&&") || accept(x, "&")))
		l = node(x, OP_AND, l, parse_not(x));
	return l;
}

static int32_t parse_or(struct parser *x)
{
	int32_t l = parse_and(x);
	while (!x->bad && (accept(x, "||") || accept(x, "|")))
		l = node(x, OP_OR, l, parse_and(x));
	return l;
}

enum err filter_parse(const char *text, struct arena *a, struct diag *diag, struct filter **ret)
{
	struct filter *f = ARENA_NEW(a, struct filter);
	struct parser x = {.text = text, .p = text, .a = a, .diag = diag, .f = f};
	if (strlen(text) > TEXT_MAX)
		return diag_set(diag, ERR_RULE_LIMIT, "> %d", TEXT_MAX);
	f->nodes = ARENA_ARRAY(a, NODES_MAX, struct node);
	f->root = parse_or(&x);
	skip(&x);
	if (!x.bad && *x.p)
		(void)fail(&x, "cannot be read");
	if (x.bad)
		return ERR_RULE_SYNTAX;
	*ret = f;
	return OK;
}

void filter_wants(const struct filter *f, struct frame_wants *w, struct arena *a)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->nodes[i].op == OP_COLUMN)
			frame_want(w, f->nodes[i].text.p, a);
}

enum err filter_bind(struct filter *f, const struct frame *frame, struct diag *diag)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->nodes[i].op != OP_COLUMN)
			continue;
		f->nodes[i].column = frame_column(frame, f->nodes[i].text.p);
		if (!f->nodes[i].column)
			return diag_set(diag, ERR_INVALID, "no column " STR_FMT, STR_ARG(f->nodes[i].text));
	}
	return OK;
}

/* --- evaluation ------------------------------------------------------------------------------- */

struct value {
	enum { V_NA, V_NUMBER, V_TEXT } kind;
	double number;
	struct str text;
	char copy[32]; /* a number as text */
};

static void as_text(struct value *v)
{
	if (v->kind != V_NUMBER)
		return;
	int n = snprintf(v->copy, sizeof(v->copy), "%.15g", v->number);
	v->text = (struct str){v->copy, (size_t)n};
	v->kind = V_TEXT;
}

/* <0 0 >0; both are there */
static int order(struct value *l, struct value *r)
{
	if (l->kind == V_NUMBER && r->kind == V_NUMBER)
		return (l->number > r->number) - (l->number < r->number);
	as_text(l);
	as_text(r);
	return str_cmp(l->text, r->text);
}

static void eval(const struct filter *f, int32_t k, size_t row, struct value *ret);

static void set_number(struct value *v, double number)
{
	v->kind = isnan(number) ? V_NA : V_NUMBER;
	v->number = number;
}

static void eval_column(const struct column *c, size_t row, struct value *ret)
{
	ret->kind = V_NA;
	if (c->numeric) {
		set_number(ret, c->number[row]);
	} else if (c->level[row] >= 0) {
		ret->kind = V_TEXT;
		ret->text = c->levels[c->level[row]];
	}
}

/* Truth of a value: texts have none. */
static int truth(const struct value *v)
{
	return v->kind == V_NUMBER ? v->number != 0 : -1;
}

static void eval_logic(const struct filter *f, const struct node *n, size_t row, struct value *ret)
{
	struct value r;
	int decides = n->op == OP_OR;
	eval(f, n->kids[0], row, ret);
	int l = truth(ret);
	if (l == decides) {
		set_number(ret, decides);
		return;
	}
	eval(f, n->kids[1], row, &r);
	int t = truth(&r);
	set_number(ret, t == decides ? decides : l < 0 || t < 0 ? (double)NAN : !decides);
}

static void eval_in(const struct filter *f, const struct node *n, size_t row, struct value *ret)
{
	bool found = false;
	for (size_t i = 0; i < n->n_items && !found; i++) {
		struct value l, r;
		eval(f, n->kids[0], row, &l);
		eval(f, n->items[i], row, &r);
		found = l.kind != V_NA && r.kind != V_NA ? order(&l, &r) == 0 : l.kind == r.kind;
	}
	set_number(ret, found);
}

static double arithmetic(enum op op, double l, double r)
{
	switch (op) {
	case OP_ADD:
		return l + r;
	case OP_SUB:
		return l - r;
	case OP_MUL:
		return l * r;
	default:
		return l / r;
	}
}

static void eval_two(const struct filter *f, const struct node *n, size_t row, struct value *ret)
{
	struct value l, r;
	eval(f, n->kids[0], row, &l);
	eval(f, n->kids[1], row, &r);
	ret->kind = V_NA;
	if (l.kind == V_NA || r.kind == V_NA)
		return;
	if (n->op >= OP_ADD) {
		if (l.kind == V_NUMBER && r.kind == V_NUMBER)
			set_number(ret, arithmetic(n->op, l.number, r.number));
		return;
	}
	int o = order(&l, &r);
	bool yes = n->op == OP_EQ ? o == 0 : n->op == OP_NE ? o != 0 : n->op == OP_LE ? o <= 0
	         : n->op == OP_GE ? o >= 0 : n->op == OP_LT ? o < 0 : o > 0;
	set_number(ret, yes);
}

static void eval(const struct filter *f, int32_t k, size_t row, struct value *ret)
{
	const struct node *n = &f->nodes[k];
	switch (n->op) {
	case OP_NUMBER:
		set_number(ret, n->number);
		return;
	case OP_TEXT:
		ret->kind = V_TEXT;
		ret->text = n->text;
		return;
	case OP_COLUMN:
		eval_column(n->column, row, ret);
		return;
	case OP_MISSING:
		ret->kind = V_NA;
		return;
	case OP_IS_NA:
		eval(f, n->kids[0], row, ret);
		set_number(ret, ret->kind == V_NA);
		return;
	case OP_NOT:
	case OP_MINUS:
		eval(f, n->kids[0], row, ret);
		if (ret->kind == V_NUMBER)
			set_number(ret, n->op == OP_NOT ? ret->number == 0 : -ret->number);
		else
			ret->kind = V_NA;
		return;
	case OP_OR:
	case OP_AND:
		eval_logic(f, n, row, ret);
		return;
	case OP_IN:
		eval_in(f, n, row, ret);
		return;
	default:
		eval_two(f, n, row, ret);
	}
}

int filter_row(const struct filter *f, size_t row)
{
	struct value v;
	eval(f, f->root, row, &v);
	return truth(&v);
}
