/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * parse: tokens to an untyped tree, by recursive descent.
 *
 *   or      and {"or" and}
 *   and     not {"and" not}
 *   not     "not" not | compare
 *   compare sum [ ("="|"!="|"<"|"<="|">"|">=") sum | ["not"] "in" list
 *               | ["not"] "between" sum "and" sum | "is" ["not"] ("missing"|"known")
 *               | ["not"] "has" (sum | list) ]
 *   sum     product {("+"|"-") product}
 *   product unary {("*"|"/") unary}
 *   unary   "-" unary | primary
 *   primary number | text | "(" or ")" | "{" words "}" | $name | name {"." name}
 *           | name "(" [or {"," or}] ")"
 *           | quantifier "(" ["ledger"] path [":" or ["where" or]] ")"
 *
 * Depth is bounded twice: the recursion while parsing, and the tree made.
 */
#include "rule/node.h"

#include "base/utf8.h"

#include <stdio.h>

#include "base/banned.h"

struct parser {
	struct rule_lexer lex;
	struct arena *a;
	struct diag *diag;
	int nodes;
	int depth; /* of the recursion */
};

/* NULL is an error whose diag is set. */
static struct rule_node *parse_or(struct parser *p);
static struct rule_node *parse_sum(struct parser *p);
static struct rule_node *parse_not(struct parser *p);

static void *fail(struct parser *p, enum err code, const char *what)
{
	rule__error(p->lex.src, p->lex.start, p->diag, code, "%s", what);
	return NULL;
}

static void *expected(struct parser *p, const char *what)
{
	if (p->lex.tok == T_BAD)
		return NULL; /* said already */
	struct str got = str_sub(p->lex.src->text, p->lex.start, p->lex.end - p->lex.start);
	if (p->lex.tok == T_END)
		got = STR("结尾 / the end");
	rule__error(p->lex.src, p->lex.start, p->diag, ERR_RULE_SYNTAX,
	            "应为 / expected %s, 实为 / got " STR_FMT, what,
	            STR_ARG(utf8_fit(got, 60)));
	return NULL;
}

static struct rule_node *node_new(struct parser *p, enum rule_op op, uint32_t start)
{
	if (++p->nodes > RULE_MAX_NODES)
		return fail(p, ERR_RULE_LIMIT, "规则太长 / too many parts");
	struct rule_node *n = ARENA_NEW(p->a, struct rule_node);
	n->op = op;
	n->start = start;
	n->end = p->lex.last_end;
	n->depth = 1;
	return n;
}

/* Ends the node here and takes kids, some of which may be NULL. */
static struct rule_node *node_kids(struct parser *p, struct rule_node *n,
                                   struct rule_node *const *kid, int n_kids)
{
	n->kid = ARENA_ARRAY(p->a, n_kids > 0 ? n_kids : 1, struct rule_node *);
	n->n_kids = n_kids;
	n->end = p->lex.last_end;
	for (int i = 0; i < n_kids; i++) {
		n->kid[i] = kid[i];
		if (kid[i] && kid[i]->depth + 1 > n->depth)
			n->depth = kid[i]->depth + 1;
	}
	if (n->depth > RULE_MAX_DEPTH)
		return fail(p, ERR_RULE_LIMIT, "嵌套过深 / nested too deep");
	return n;
}

static bool is_word(const struct parser *p, const char *word)
{
	return p->lex.tok == T_NAME && str_is(p->lex.text, word);
}

static bool take(struct parser *p, enum rule_token tok)
{
	if (p->lex.tok != tok)
		return false;
	rule__next(&p->lex);
	return true;
}

static bool take_word(struct parser *p, const char *word)
{
	if (!is_word(p, word))
		return false;
	rule__next(&p->lex);
	return true;
}

static bool is_reserved(struct str s)
{
	static const char *const words[] = {"or",  "and",  "not",   "in",    "between", "is",
	                                    "has", "known", "where", "missing", "ledger"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_is(s, words[i]))
			return true;
	return false;
}

/* A list of nodes under way; kids beyond the first few live in the arena. */
struct list {
	struct rule_node **p;
	int n, cap;
};

static void list_add(struct parser *p, struct list *l, struct rule_node *n)
{
	if (l->n == l->cap) {
		int cap = l->cap ? l->cap * 2 : 4;
		struct rule_node **more = ARENA_ARRAY(p->a, cap, struct rule_node *);
		if (l->n)
			memcpy(more, l->p, (size_t)l->n * sizeof *more);
		l->p = more;
		l->cap = cap;
	}
	l->p[l->n++] = n;
}

/* name {"." name}, the first name being the token at hand. */
static bool parse_path(struct parser *p, struct rule_node *n)
{
	n->name = ARENA_ARRAY(p->a, RULE_PATH_NAMES, struct str);
	do {
		if (p->lex.tok != T_NAME) {
			expected(p, "名称 / a name");
			return false;
		}
		if (n->n_names == RULE_PATH_NAMES) {
			fail(p, ERR_RULE_LIMIT, "路径过长 / path too long");
			return false;
		}
		n->name[n->n_names++] = p->lex.text;
		rule__next(&p->lex);
	} while (take(p, T_DOT));
	n->end = p->lex.last_end;
	return true;
}

/* {word, word}: a set of code items; words may be quoted. */
static struct rule_node *parse_set(struct parser *p)
{
	struct rule_node *n = node_new(p, R_SET, p->lex.start);
	if (!n)
		return NULL;
	rule__next(&p->lex);
	n->name = ARENA_ARRAY(p->a, 64, struct str);
	while (p->lex.tok != T_RBRACE) {
		if (n->n_names && !take(p, T_COMMA))
			return expected(p, ", }");
		if (p->lex.tok != T_NAME && p->lex.tok != T_STRING)
			return expected(p, "代码项 / a code item");
		if (n->n_names == 64)
			return fail(p, ERR_RULE_LIMIT, "代码项过多 / too many items");
		n->name[n->n_names++] = p->lex.text;
		rule__next(&p->lex);
	}
	rule__next(&p->lex);
	n->end = p->lex.last_end;
	return n;
}

/* "(" or {"," or} ")" appended to the list. */
static bool parse_args(struct parser *p, struct list *l)
{
	if (!take(p, T_LPAREN)) {
		expected(p, "(");
		return false;
	}
	if (take(p, T_RPAREN))
		return true;
	do {
		struct rule_node *arg = parse_or(p);
		if (!arg)
			return false;
		list_add(p, l, arg);
	} while (take(p, T_COMMA));
	if (!take(p, T_RPAREN)) {
		expected(p, ", )");
		return false;
	}
	return true;
}

static const struct {
	const char *name;
	enum rule_op op;
	bool value;   /* c: value [where condition], else c: condition */
	bool or_list; /* also a function of its arguments when no ":" follows */
} quantifiers[] = {
    {"any", R_ANY, false, false},     {"all", R_ALL, false, false},
    {"count", R_COUNT, false, false}, {"sum", R_SUM, true, false},
    {"min", R_MIN, true, true},       {"max", R_MAX, true, true},
    {"first", R_FIRST, true, false},  {"ledger", R_ANY, false, false},
    {"covered", R_COVERED, false, false},
};

static int quantifier_find(struct str name)
{
	for (int i = 0; i < (int)(sizeof quantifiers / sizeof quantifiers[0]); i++)
		if (str_is(name, quantifiers[i].name))
			return i;
	return -1;
}

/* Behind ":": the condition, or the value with its condition. */
static bool parse_body(struct parser *p, int q, struct rule_node *kid[2])
{
	struct rule_node *e = parse_or(p);
	if (!e)
		return false;
	kid[quantifiers[q].value] = e;
	if (!quantifiers[q].value || !take_word(p, "where"))
		return true;
	kid[0] = parse_or(p);
	return kid[0] != NULL;
}

/* Stands behind "name(" ; `start` is the name's. */
static struct rule_node *parse_quantifier(struct parser *p, int q, uint32_t start)
{
	struct rule_node *n = node_new(p, quantifiers[q].op, start);
	if (!n)
		return NULL;
	struct rule_node *kid[2] = {NULL, NULL};
	n->ledger = str_is(STR("ledger"), quantifiers[q].name);
	if (is_word(p, "ledger")) {
		n->ledger = true;
		rule__next(&p->lex);
	}
	if (!parse_path(p, n))
		return NULL;
	if (n->op != R_COVERED && take(p, T_COLON) && !parse_body(p, q, kid))
		return NULL;
	if (quantifiers[q].value && !kid[1])
		return expected(p, ":");
	if (!take(p, T_RPAREN))
		return expected(p, kid[1] && !kid[0] ? "where, )" : ")");
	return node_kids(p, n, kid, 2);
}

/* True if the text behind "min(" is "[ledger] path :". */
static bool looks_like_quantifier(const struct parser *p)
{
	struct rule_lexer l = p->lex;
	struct diag drop;
	diag_clear(&drop);
	l.diag = &drop;
	if (l.tok == T_NAME && str_is(l.text, "ledger"))
		return true;
	while (l.tok == T_NAME) {
		rule__next(&l);
		if (l.tok == T_COLON)
			return true;
		if (l.tok != T_DOT)
			return false;
		rule__next(&l);
	}
	return false;
}

static const struct {
	const char *name;
	enum rule_op op;
} builtins[] = {
    {"age", R_AGE},           {"days", R_DAYS},     {"months", R_MONTHS}, {"year", R_YEAR},
    {"month", R_MONTH},       {"abs", R_ABS},       {"round", R_ROUND},   {"min", R_LEAST},
    {"max", R_GREATEST},      {"len", R_LEN},       {"if", R_IF},         {"starts", R_STARTS},
    {"coalesce", R_COALESCE}, {"ends", R_ENDS},     {"contains", R_CONTAINS},
};

static struct rule_node *parse_call(struct parser *p, struct str name, uint32_t start)
{
	int q = quantifier_find(name);
	struct rule_lexer at_paren = p->lex;
	if (q >= 0) {
		rule__next(&p->lex);
		if (!quantifiers[q].or_list || looks_like_quantifier(p))
			return parse_quantifier(p, q, start);
		p->lex = at_paren;
	}
	struct rule_node *n = node_new(p, R_CALL, start);
	if (!n)
		return NULL;
	for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++)
		if (str_is(name, builtins[i].name))
			n->op = builtins[i].op;
	n->name = ARENA_NEW(p->a, struct str);
	n->name[0] = name;
	n->n_names = 1;
	struct list args = {0};
	if (!parse_args(p, &args))
		return NULL;
	return node_kids(p, n, args.p, args.n);
}

static struct rule_node *parse_name(struct parser *p)
{
	struct rule_lexer at_name = p->lex;
	if (is_reserved(p->lex.text) && !is_word(p, "ledger"))
		return expected(p, "值 / a value");
	rule__next(&p->lex);
	if (p->lex.tok == T_LPAREN)
		return parse_call(p, at_name.text, at_name.start);
	p->lex = at_name;
	struct rule_node *n = node_new(p, R_PATH, p->lex.start);
	return n && parse_path(p, n) ? n : NULL;
}

static struct rule_node *parse_leaf(struct parser *p, enum rule_op op)
{
	struct rule_node *n = node_new(p, op, p->lex.start);
	if (!n)
		return NULL;
	n->value.state = RULE_KNOWN;
	n->value.i = p->lex.number;
	n->value.s = p->lex.text;
	n->kind.scale = p->lex.scale;
	if (op == R_PARAM) {
		n->name = ARENA_NEW(p->a, struct str);
		n->name[0] = p->lex.text;
		n->n_names = 1;
	}
	rule__next(&p->lex);
	n->end = p->lex.last_end;
	return n;
}

static struct rule_node *parse_paren(struct parser *p)
{
	uint32_t start = p->lex.start;
	rule__next(&p->lex);
	struct rule_node *n = parse_or(p);
	if (!n)
		return NULL;
	if (!take(p, T_RPAREN))
		return expected(p, ")");
	n->start = start; /* the span holds the brackets */
	n->end = p->lex.last_end;
	return n;
}

static struct rule_node *parse_primary(struct parser *p)
{
	switch (p->lex.tok) {
	case T_NUMBER:
		return parse_leaf(p, R_NUMBER);
	case T_STRING:
		return parse_leaf(p, R_STRING);
	case T_PARAM:
		return parse_leaf(p, R_PARAM);
	case T_LBRACE:
		return parse_set(p);
	case T_LPAREN:
		return parse_paren(p);
	case T_NAME:
		return parse_name(p);
	default:
		return expected(p, "值 / a value");
	}
}

static struct rule_node *parse_unary(struct parser *p)
{
	if (p->lex.tok != T_MINUS)
		return parse_primary(p);
	struct rule_node *n = node_new(p, R_NEG, p->lex.start);
	if (!n)
		return NULL;
	if (++p->depth > RULE_MAX_DEPTH)
		return fail(p, ERR_RULE_LIMIT, "嵌套过深 / nested too deep");
	rule__next(&p->lex);
	struct rule_node *kid = parse_unary(p);
	p->depth--;
	return kid ? node_kids(p, n, &kid, 1) : NULL;
}

static struct rule_node *parse_binary(struct parser *p, struct rule_node *left, enum rule_op op,
                                      struct rule_node *(*parse)(struct parser *))
{
	struct rule_node *n = node_new(p, op, left->start);
	if (!n)
		return NULL;
	rule__next(&p->lex);
	struct rule_node *kid[2] = {left, parse(p)};
	return kid[1] ? node_kids(p, n, kid, 2) : NULL;
}

static struct rule_node *parse_product(struct parser *p)
{
	struct rule_node *n = parse_unary(p);
	while (n && (p->lex.tok == T_STAR || p->lex.tok == T_SLASH))
		n = parse_binary(p, n, p->lex.tok == T_STAR ? R_MUL : R_DIV, parse_unary);
	return n;
}

static struct rule_node *parse_sum(struct parser *p)
{
	struct rule_node *n = parse_product(p);
	while (n && (p->lex.tok == T_PLUS || p->lex.tok == T_MINUS))
		n = parse_binary(p, n, p->lex.tok == T_PLUS ? R_ADD : R_SUB, parse_product);
	return n;
}

static struct rule_node *negated(struct parser *p, struct rule_node *n, bool negate)
{
	if (!n || !negate)
		return n;
	struct rule_node *not = node_new(p, R_NOT, n->start);
	return not ? node_kids(p, not, &n, 1) : NULL;
}

static struct rule_node *parse_in(struct parser *p, struct rule_node *left, enum rule_op op)
{
	struct rule_node *n = node_new(p, op, left->start);
	if (!n)
		return NULL;
	struct list kids = {0};
	list_add(p, &kids, left);
	rule__next(&p->lex);
	if (op == R_HAS && p->lex.tok != T_LPAREN) {
		struct rule_node *item = parse_primary(p);
		if (!item)
			return NULL;
		list_add(p, &kids, item);
	} else if (!parse_args(p, &kids)) {
		return NULL;
	}
	if (kids.n < 2)
		return fail(p, ERR_RULE_SYNTAX, "列表是空的 / the list is empty");
	return node_kids(p, n, kids.p, kids.n);
}

static struct rule_node *parse_between(struct parser *p, struct rule_node *left)
{
	struct rule_node *n = node_new(p, R_BETWEEN, left->start);
	if (!n)
		return NULL;
	rule__next(&p->lex);
	struct rule_node *kid[3] = {left, parse_sum(p), NULL};
	if (!kid[1])
		return NULL;
	if (!take_word(p, "and"))
		return expected(p, "and");
	kid[2] = parse_sum(p);
	return kid[2] ? node_kids(p, n, kid, 3) : NULL;
}

static struct rule_node *parse_is(struct parser *p, struct rule_node *left)
{
	rule__next(&p->lex);
	bool not = take_word(p, "not");
	bool missing = is_word(p, "missing");
	if (!missing && !is_word(p, "known"))
		return expected(p, "missing, known");
	struct rule_node *n = node_new(p, missing != not ? R_MISSING : R_KNOWN, left->start);
	rule__next(&p->lex);
	return n ? node_kids(p, n, &left, 1) : NULL;
}

static struct rule_node *parse_compare(struct parser *p)
{
	struct rule_node *n = parse_sum(p);
	if (!n)
		return NULL;
	if (p->lex.tok >= T_EQ && p->lex.tok <= T_GE) {
		n = parse_binary(p, n, (enum rule_op)(R_EQ + (int)(p->lex.tok - T_EQ)), parse_sum);
		if (n && p->lex.tok >= T_EQ && p->lex.tok <= T_GE)
			return expected(p, "and (a < b and b < c)");
		return n;
	}
	if (is_word(p, "is"))
		return parse_is(p, n);
	bool not = is_word(p, "not");
	if (not)
		rule__next(&p->lex);
	if (is_word(p, "in"))
		n = parse_in(p, n, R_IN);
	else if (is_word(p, "has"))
		n = parse_in(p, n, R_HAS);
	else if (is_word(p, "between"))
		n = parse_between(p, n);
	else if (not)
		return expected(p, "in, has, between");
	return negated(p, n, not);
}

static struct rule_node *parse_not(struct parser *p)
{
	if (!is_word(p, "not"))
		return parse_compare(p);
	struct rule_node *n = node_new(p, R_NOT, p->lex.start);
	if (!n)
		return NULL;
	if (++p->depth > RULE_MAX_DEPTH)
		return fail(p, ERR_RULE_LIMIT, "嵌套过深 / nested too deep");
	rule__next(&p->lex);
	struct rule_node *kid = parse_not(p);
	p->depth--;
	return kid ? node_kids(p, n, &kid, 1) : NULL;
}

/* One kid stays itself; more become one node, so that long lists are flat. */
static struct rule_node *parse_chain(struct parser *p, enum rule_op op,
                                     struct rule_node *(*parse)(struct parser *))
{
	struct rule_node *first = parse(p);
	const char *word = op == R_OR ? "or" : "and";
	if (!first || !is_word(p, word))
		return first;
	struct rule_node *n = node_new(p, op, first->start);
	if (!n)
		return NULL;
	struct list kids = {0};
	list_add(p, &kids, first);
	while (take_word(p, word)) {
		struct rule_node *kid = parse(p);
		if (!kid)
			return NULL;
		list_add(p, &kids, kid);
	}
	return node_kids(p, n, kids.p, kids.n);
}

static struct rule_node *parse_and(struct parser *p)
{
	return parse_chain(p, R_AND, parse_not);
}

static struct rule_node *parse_or(struct parser *p)
{
	if (++p->depth > RULE_MAX_DEPTH)
		return fail(p, ERR_RULE_LIMIT, "嵌套过深 / nested too deep");
	struct rule_node *n = parse_chain(p, R_OR, parse_and);
	p->depth--;
	return n;
}

enum err rule__parse(const struct rule_source *src, struct arena *a, struct diag *d,
                     struct rule_node **ret)
{
	struct diag own;
	diag_clear(&own);
	struct parser p = {.a = a, .diag = d ? d : &own};
	p.lex = (struct rule_lexer){.src = src, .diag = p.diag, .a = a};
	if (src->text.n > RULE_MAX_TEXT)
		return rule__error(src, 0, p.diag, ERR_RULE_LIMIT, "%zu > %d", src->text.n,
		                   (int)RULE_MAX_TEXT);
	rule__next(&p.lex);
	struct rule_node *n = p.lex.tok == T_BAD ? NULL : parse_or(&p);
	if (n && p.lex.tok != T_END) {
		expected(&p, "and, or, 结尾 / the end");
		n = NULL;
	}
	if (!n)
		return p.diag->code;
	*ret = n;
	return OK;
}
