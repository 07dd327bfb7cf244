/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * call: types of name(…): functions built in, dated tables, and the caller's
 * functions.
 */
#include "rule/node.h"

#include "base/banned.h"

/* Built-in functions with fixed argument and result types. */
static const struct builtin {
	enum rule_op op;
	int n_args;
	enum rule_type arg[2];
	enum rule_type ret;
} builtins[] = {
    {R_AGE, 2, {RULE_DATE, RULE_DATE}, RULE_NUM},
    {R_DAYS, 2, {RULE_DATE, RULE_DATE}, RULE_NUM},
    {R_MONTHS, 2, {RULE_DATE, RULE_DATE}, RULE_NUM},
    {R_YEAR, 1, {RULE_DATE, RULE_DATE}, RULE_NUM},
    {R_MONTH, 1, {RULE_DATE, RULE_DATE}, RULE_NUM},
    {R_LEN, 1, {RULE_TEXT, RULE_TEXT}, RULE_NUM},
    {R_STARTS, 2, {RULE_TEXT, RULE_TEXT}, RULE_BOOL},
    {R_ENDS, 2, {RULE_TEXT, RULE_TEXT}, RULE_BOOL},
    {R_CONTAINS, 2, {RULE_TEXT, RULE_TEXT}, RULE_BOOL},
};

static enum err arity(struct rule_checker *c, const struct rule_node *n, int least, int most)
{
	if (n->n_kids >= least && n->n_kids <= most)
		return OK;
	return rule__fail(c, n, ERR_RULE_TYPE,
	                  "参数个数 / number of arguments: " STR_FMT " %d, %d–%d",
	                  STR_ARG(n->name[0]), n->n_kids, least, most);
}

static enum err check_arg(struct rule_checker *c, struct rule_node **arg,
                          const struct rule_kind *want)
{
	enum err e = rule__check(c, *arg, want);
	return e ? e : rule__coerce(c, arg, want);
}

static enum err check_builtin(struct rule_checker *c, struct rule_node *n,
                              const struct builtin *b)
{
	if (n->op == R_AGE && n->n_kids == 1) {
		struct rule_node *today = ARENA_NEW(c->a, struct rule_node);
		today->op = R_TODAY;
		today->kind.type = RULE_DATE;
		today->start = today->end = n->end;
		today->checked = true;
		today->depth = 1;
		struct rule_node **kid = ARENA_ARRAY(c->a, 2, struct rule_node *);
		kid[0] = n->kid[0];
		kid[1] = today;
		n->kid = kid;
		n->n_kids = 2;
		c->uses_today = true;
	}
	enum err e = arity(c, n, b->n_args, b->n_args);
	for (int i = 0; i < b->n_args && !e; i++) {
		struct rule_kind want = {.type = b->arg[i]};
		e = check_arg(c, &n->kid[i], &want);
	}
	n->kind.type = b->ret;
	return e;
}

/* abs, round: keep money money. */
static enum err check_rounding(struct rule_checker *c, struct rule_node *n,
                               const struct rule_kind *hint)
{
	int n_args = n->op == R_ABS ? 1 : 2;
	enum err e = arity(c, n, n_args, n_args);
	if (!e)
		e = rule__check(c, n->kid[0], hint);
	if (e)
		return e;
	n->kind = n->kid[0]->kind;
	bool money = n->kind.type == RULE_MONEY;
	if (!money && n->kind.type != RULE_NUM)
		return rule__fail(c, n->kid[0], ERR_RULE_TYPE,
		                  "应为 / expected number, money, 实为 / got %s",
		                  rule__kind_name(c, &n->kind));
	if (n->op == R_ABS)
		return OK;
	struct rule_node *places = n->kid[1];
	if (places->op != R_NUMBER || places->kind.scale != 0 || places->value.i < 0 ||
	    places->value.i > (money ? 2 : 4))
		return rule__fail(c, places, ERR_RULE_TYPE, "0–%d", money ? 2 : 4);
	n->value = places->value;
	n->n_kids = 1;
	if (!money)
		n->kind.scale = (int)places->value.i;
	return OK;
}

static enum err check_choice(struct rule_checker *c, struct rule_node *n,
                             const struct rule_kind *hint)
{
	bool is_if = n->op == R_IF;
	enum err e = is_if ? arity(c, n, 3, 3) : arity(c, n, 2, 64);
	if (!e && is_if) {
		const struct rule_kind want = {.type = RULE_BOOL};
		e = check_arg(c, &n->kid[0], &want);
	}
	if (!e)
		e = rule__unify(c, n, is_if, hint, &n->kind);
	if (e || is_if || n->op == R_COALESCE)
		return e;
	if (n->kind.type != RULE_NUM && n->kind.type != RULE_MONEY && n->kind.type != RULE_DATE)
		return rule__fail(c, n, ERR_RULE_TYPE, "不能比大小 / has no order: %s",
		                  rule__kind_name(c, &n->kind));
	return OK;
}

static enum err check_dated(struct rule_checker *c, struct rule_node *n,
                            const struct rule_dated *d)
{
	const struct rule_kind year = {.type = RULE_NUM};
	n->op = R_DATED;
	n->dated = d;
	n->kind = d->kind;
	enum err e = arity(c, n, 1, 1);
	return e ? e : check_arg(c, &n->kid[0], &year);
}

static enum err check_func(struct rule_checker *c, struct rule_node *n, const struct rule_func *f)
{
	n->func = f;
	n->kind = f->ret;
	enum err e = arity(c, n, f->n_args, f->n_args);
	for (int i = 0; i < f->n_args && !e; i++)
		e = check_arg(c, &n->kid[i], &f->args[i]);
	return e;
}

static enum err unknown_call(struct rule_checker *c, const struct rule_node *n)
{
	static const char *const names[] = {
	    "age", "days",  "months", "year",     "month",  "abs",   "round",   "min",   "max",
	    "len", "if",    "starts", "coalesce", "ends",   "contains", "any",  "all",   "count",
	    "sum", "first", "ledger", "covered",
	};
	struct rule_near near = rule__near(n->name[0]);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		rule__near_try(&near, names[i]);
	for (int i = 0; i < c->schema->n_dated; i++)
		rule__near_try(&near, c->schema->dated[i].name);
	for (int i = 0; i < c->schema->n_funcs; i++)
		rule__near_try(&near, c->schema->funcs[i].name);
	return rule__unknown(c, n, &near);
}

enum err rule__check_call(struct rule_checker *c, struct rule_node *n,
                          const struct rule_kind *hint)
{
	for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++)
		if (builtins[i].op == n->op)
			return check_builtin(c, n, &builtins[i]);
	if (n->op == R_ABS || n->op == R_ROUND)
		return check_rounding(c, n, hint);
	if (n->op != R_CALL)
		return check_choice(c, n, hint);
	for (int i = 0; i < c->schema->n_dated; i++)
		if (str_is(n->name[0], c->schema->dated[i].name))
			return check_dated(c, n, &c->schema->dated[i]);
	for (int i = 0; i < c->schema->n_funcs; i++)
		if (str_is(n->name[0], c->schema->funcs[i].name))
			return check_func(c, n, &c->schema->funcs[i]);
	return unknown_call(c, n);
}
