/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * check: gives every node its kind, or says where and why it has none.
 * Literals take the kind of their neighbour: a number beside money is yuan, a
 * text beside a date is a date, a word beside a code is an item.
 */
#include "rule/node.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

enum err rule__fail(struct rule_checker *c, const struct rule_node *n, enum err code,
                    const char *fmt, ...)
{
	char detail[400];
	va_list ap;
	va_start(ap, fmt);
	if (vsnprintf(detail, sizeof detail, fmt, ap) < 0)
		detail[0] = '\0';
	va_end(ap);
	return rule__error(c->src, n->start, c->diag, code, "%s", detail);
}

const char *rule__kind_name(struct rule_checker *c, const struct rule_kind *k)
{
	static const char *const names[RULE_TYPE_MAX] = {
	    "bool", "number", "money", "date", "code", "codes", "text",
	};
	if (k->codes)
		return arena_printf(c->a, "%s %s", names[k->type], k->codes->name);
	return names[k->type];
}

static enum err mismatch(struct rule_checker *c, const struct rule_node *n, const char *want)
{
	struct str span = rule__span(c->src, n);
	return rule__fail(c, n, ERR_RULE_TYPE,
	                  "应为 / expected %s, 实为 / got %s: " STR_FMT, want,
	                  rule__kind_name(c, &n->kind), STR_ARG(str_sub(span, 0, 120)));
}

struct rule_node *rule__wrap(struct rule_checker *c, struct rule_node *n, enum rule_op op)
{
	struct rule_node *w = ARENA_NEW(c->a, struct rule_node);
	w->op = op;
	w->start = n->start;
	w->end = n->end;
	w->depth = n->depth + 1;
	w->kid = ARENA_NEW(c->a, struct rule_node *);
	w->kid[0] = n;
	w->n_kids = 1;
	w->checked = true;
	return w;
}

bool rule__rescale(int64_t v, int from, int to, int64_t *ret)
{
	for (; from < to; from++)
		if (__builtin_mul_overflow(v, (int64_t)10, &v))
			return false;
	*ret = v;
	return true;
}

/* ---- kinds */

bool rule__join(const struct rule_kind *a, const struct rule_kind *b, struct rule_kind *ret)
{
	if (a->type == RULE_NUM && b->type == RULE_MONEY) {
		*ret = *b;
		return true;
	}
	if (a->type == RULE_MONEY && b->type == RULE_NUM) {
		*ret = *a;
		return true;
	}
	if (a->type != b->type || a->codes != b->codes)
		return false;
	*ret = a->scale >= b->scale ? *a : *b;
	return true;
}

static enum err rescale_const(struct rule_checker *c, struct rule_node *n, int to)
{
	int64_t v;
	if (!rule__rescale(n->value.i, n->kind.scale, to, &v))
		return rule__fail(c, n, ERR_RULE_OVERFLOW, "%s", "");
	n->value.i = v;
	return OK;
}

enum err rule__coerce(struct rule_checker *c, struct rule_node **ref, const struct rule_kind *want)
{
	struct rule_node *n = *ref;
	if (n->kind.type == RULE_NUM && want->type == RULE_MONEY && n->op == R_CONST &&
	    n->literal) {
		if (n->kind.scale > 2)
			return rule__fail(c, n, ERR_RULE_TYPE, "%s",
			                  "金额最多两位小数 / money has two decimals");
		enum err e = rescale_const(c, n, 2);
		n->kind = *want;
		return e;
	}
	bool any_list = want->type == RULE_CODE && !want->codes;
	if (n->kind.type != want->type || (n->kind.codes != want->codes && !any_list))
		return mismatch(c, n, rule__kind_name(c, want));
	if (n->kind.type != RULE_NUM || n->kind.scale == want->scale)
		return OK;
	if (n->kind.scale > want->scale)
		return rule__fail(c, n, ERR_RULE_TYPE,
		                  "小数位过多，请用 round / too many decimals, use round: %d > %d",
		                  n->kind.scale, want->scale);
	if (n->op == R_CONST) {
		enum err e = rescale_const(c, n, want->scale);
		n->kind.scale = want->scale;
		return e;
	}
	*ref = rule__wrap(c, n, R_SCALE);
	(*ref)->kind = *want;
	return OK;
}

enum err rule__unify(struct rule_checker *c, struct rule_node *n, int from,
                     const struct rule_kind *hint, struct rule_kind *ret)
{
	struct rule_kind kind;
	bool known = false;
	for (int pass = 0; pass < 2; pass++) {
		for (int i = from; i < n->n_kids; i++) {
			struct rule_node *kid = n->kid[i];
			if ((pass == 0) == rule__adapts(c, kid))
				continue;
			enum err e = rule__check(c, kid, known ? &kind : hint);
			if (e)
				return e;
			if (!known)
				kind = kid->kind;
			else if (!rule__join(&kind, &kid->kind, &kind))
				return mismatch(c, kid, rule__kind_name(c, &kind));
			known = true;
		}
	}
	for (int i = from; i < n->n_kids; i++) {
		enum err e = rule__coerce(c, &n->kid[i], &kind);
		if (e)
			return e;
	}
	*ret = kind;
	return OK;
}

static enum err want_type(struct rule_checker *c, struct rule_node *n, enum rule_type type)
{
	struct rule_kind hint = {.type = type};
	enum err e = rule__check(c, n, &hint);
	if (!e && n->kind.type != type)
		e = mismatch(c, n, rule__kind_name(c, &hint));
	return e;
}

static bool is_number(const struct rule_kind *k)
{
	return k->type == RULE_NUM || k->type == RULE_MONEY;
}

static bool is_ordered(const struct rule_kind *k)
{
	return is_number(k) || k->type == RULE_DATE ||
	       (k->type == RULE_CODE && k->codes && k->codes->ordered);
}

/* ---- logic and comparing */

static enum err check_logic(struct rule_checker *c, struct rule_node *n)
{
	for (int i = 0; i < n->n_kids; i++) {
		enum err e = want_type(c, n->kid[i], RULE_BOOL);
		if (e)
			return e;
	}
	n->kind.type = RULE_BOOL;
	return OK;
}

static enum err check_missing(struct rule_checker *c, struct rule_node *n)
{
	struct rule_node *kid = n->kid[0];
	enum err e = rule__check(c, kid, NULL);
	if (e)
		return e;
	if (kid->op != R_FIELD && kid->op != R_CALL && kid->op != R_DATED)
		return rule__fail(c, kid, ERR_RULE_TYPE,
		                  "只有字段可问是否为空 / only a field can be missing: " STR_FMT,
		                  STR_ARG(rule__span(c->src, kid)));
	n->kind.type = RULE_BOOL;
	return OK;
}

static enum err check_compare(struct rule_checker *c, struct rule_node *n)
{
	struct rule_kind kind;
	enum err e = rule__unify(c, n, 0, NULL, &kind);
	if (e)
		return e;
	bool equality = n->op == R_EQ || n->op == R_NE || n->op == R_IN;
	if (!equality && !is_ordered(&kind))
		return rule__fail(c, n, ERR_RULE_TYPE,
		                  "不能比大小 / has no order: %s", rule__kind_name(c, &kind));
	n->kind = (struct rule_kind){.type = RULE_BOOL};
	return OK;
}

/* One word, text or set behind `has`, added to the mask. */
static enum err has_item(struct rule_checker *c, struct rule_node *n,
                         const struct rule_kind *codes, uint64_t *mask)
{
	bool word = n->op == R_PATH && n->n_names == 1;
	if (!word && n->op != R_STRING && n->op != R_SET)
		return rule__fail(c, n, ERR_RULE_TYPE,
		                  "应为代码项 / a code item is wanted: " STR_FMT,
		                  STR_ARG(rule__span(c->src, n)));
	if (n->op == R_STRING) {
		n->name = ARENA_NEW(c->a, struct str);
		n->name[0] = n->value.s;
		n->n_names = 1;
	}
	n->op = R_SET;
	enum err e = rule__literal(c, n, codes);
	if (!e)
		*mask |= (uint64_t)n->value.i;
	return e;
}

static enum err check_has(struct rule_checker *c, struct rule_node *n)
{
	struct rule_node *set = n->kid[0];
	enum err e = want_type(c, set, RULE_CODES);
	if (e)
		return e;
	uint64_t mask = 0;
	for (int i = 1; i < n->n_kids; i++) {
		e = has_item(c, n->kid[i], &set->kind, &mask);
		if (e)
			return e;
	}
	struct rule_node *items = n->kid[1];
	items->end = n->kid[n->n_kids - 1]->end;
	items->value.i = (int64_t)mask;
	items->checked = true;
	n->n_kids = 2;
	n->kind.type = RULE_BOOL;
	return OK;
}

/* ---- arithmetic */

/* Literals alone are computed here: 5 * 12 beside money is 60 yuan. */
static void fold(struct rule_node *n)
{
	const struct rule_node *a = n->kid[0], *b = n->n_kids > 1 ? n->kid[1] : n->kid[0];
	int64_t v = 0;
	bool overflow;
	if (a->op != R_CONST || b->op != R_CONST || !is_number(&a->kind) || !is_number(&b->kind))
		return;
	switch (n->op) {
	case R_NEG:
		overflow = __builtin_sub_overflow((int64_t)0, a->value.i, &v);
		break;
	case R_ADD:
		overflow = __builtin_add_overflow(a->value.i, b->value.i, &v);
		break;
	case R_SUB:
		overflow = __builtin_sub_overflow(a->value.i, b->value.i, &v);
		break;
	case R_MUL:
		overflow = a->kind.type != RULE_NUM || b->kind.type != RULE_NUM ||
		           a->kind.scale + b->kind.scale > 4 ||
		           __builtin_mul_overflow(a->value.i, b->value.i, &v);
		break;
	default:
		overflow = true;
	}
	bool there = a->value.state == RULE_KNOWN && b->value.state == RULE_KNOWN;
	if (overflow || !there)
		return;
	n->literal = a->literal && b->literal;
	n->op = R_CONST;
	n->n_kids = 0;
	n->depth = 1;
	n->value = (struct rule_value){.state = RULE_KNOWN, .i = v};
}

static enum err check_neg(struct rule_checker *c, struct rule_node *n,
                          const struct rule_kind *hint)
{
	enum err e = rule__check(c, n->kid[0], hint);
	if (e)
		return e;
	if (!is_number(&n->kid[0]->kind))
		return mismatch(c, n->kid[0], "number, money");
	n->kind = n->kid[0]->kind;
	fold(n);
	return OK;
}

static enum err check_sum(struct rule_checker *c, struct rule_node *n,
                          const struct rule_kind *hint)
{
	struct rule_node *a = n->kid[0];
	if (!rule__adapts(c, a)) {
		enum err e = rule__check(c, a, hint);
		if (e)
			return e;
		if (a->kind.type == RULE_DATE) {
			const struct rule_kind whole = {.type = RULE_NUM};
			e = rule__check(c, n->kid[1], NULL);
			if (!e && n->kid[1]->kind.type == RULE_DATE)
				return rule__fail(c, n, ERR_RULE_TYPE, "%s",
				                  "日期相减请用 / to subtract dates use days(a, b)");
			if (!e)
				e = rule__coerce(c, &n->kid[1], &whole);
			n->kind = a->kind;
			return e;
		}
	}
	enum err e = rule__unify(c, n, 0, hint, &n->kind);
	if (e)
		return e;
	if (!is_number(&n->kind))
		return mismatch(c, n->kid[0], "number, money");
	fold(n);
	return OK;
}

static enum err check_product(struct rule_checker *c, struct rule_node *n)
{
	for (int i = 0; i < 2; i++) {
		enum err e = rule__check(c, n->kid[i], NULL);
		if (e)
			return e;
		if (!is_number(&n->kid[i]->kind))
			return mismatch(c, n->kid[i], "number, money");
	}
	const struct rule_kind *a = &n->kid[0]->kind, *b = &n->kid[1]->kind;
	bool money_a = a->type == RULE_MONEY, money_b = b->type == RULE_MONEY;
	if (money_b && (n->op == R_MUL ? money_a : !money_a))
		return rule__fail(c, n, ERR_RULE_TYPE, "%s %c %s", rule__kind_name(c, a),
		                  n->op == R_MUL ? '*' : '/', rule__kind_name(c, b));
	n->kind = (struct rule_kind){.type = RULE_NUM, .scale = 4};
	if (money_a != money_b)
		n->kind = (struct rule_kind){.type = RULE_MONEY};
	else if (n->op == R_MUL && a->scale + b->scale < 4)
		n->kind.scale = a->scale + b->scale;
	fold(n);
	return OK;
}

/* ---- quantifiers */

static enum err check_value(struct rule_checker *c, struct rule_node *n,
                            const struct rule_kind *hint)
{
	struct rule_node *value = n->kid[1];
	enum err e = rule__check(c, value, hint);
	if (e)
		return e;
	n->kind = value->kind;
	if (n->op == R_FIRST || is_number(&n->kind))
		return OK;
	if (n->op == R_SUM)
		return mismatch(c, value, "number, money");
	return n->kind.type == RULE_DATE ? OK : mismatch(c, value, "number, money, date");
}

static enum err check_quantifier(struct rule_checker *c, struct rule_node *n,
                                 const struct rule_kind *hint)
{
	enum err e = rule__resolve_collection(c, n);
	if (e)
		return e;
	const struct rule_entity *owner = &c->schema->entities[n->path.entity];
	const struct rule_collection *col = &owner->collections[n->path.index];
	bool ledger = col->kind == RULE_LEDGER;
	if (n->op == R_COVERED)
		n->ledger = true;
	if (n->ledger != ledger)
		return rule__fail(c, n, ERR_RULE_TYPE,
		                  ledger ? "台账须写明 / a ledger is written: ledger %s"
		                         : "不是台账 / not a ledger: %s",
		                  col->name);
	struct rule_scope scope = {col->entity, c->scope, c->scope->depth + 1};
	if (scope.depth > RULE_MAX_NESTING)
		return rule__fail(c, n, ERR_RULE_LIMIT, "> %d", (int)RULE_MAX_NESTING);
	c->scope = &scope;
	if (n->kid[0])
		e = want_type(c, n->kid[0], RULE_BOOL);
	n->kind = (struct rule_kind){.type = n->op == R_COUNT ? RULE_NUM : RULE_BOOL};
	if (!e && n->kid[1])
		e = check_value(c, n, hint);
	c->scope = scope.outer;
	return e;
}

/* ---- leaves and dispatch */

static enum err check_param(struct rule_checker *c, struct rule_node *n)
{
	for (int i = 0; i < c->schema->n_params; i++) {
		const struct rule_param *p = &c->schema->params[i];
		if (!str_is(n->name[0], p->name))
			continue;
		n->op = R_CONST;
		n->kind = p->kind;
		n->value = p->value;
		return OK;
	}
	struct rule_near near = rule__near(n->name[0]);
	for (int i = 0; i < c->schema->n_params; i++)
		rule__near_try(&near, c->schema->params[i].name);
	return rule__unknown(c, n, &near);
}

static enum err check_node(struct rule_checker *c, struct rule_node *n,
                           const struct rule_kind *hint)
{
	switch (n->op) {
	case R_NUMBER:
	case R_STRING:
	case R_SET:
		return rule__literal(c, n, hint);
	case R_PARAM:
		return check_param(c, n);
	case R_PATH:
		return rule__resolve(c, n, hint);
	case R_OR:
	case R_AND:
	case R_NOT:
		return check_logic(c, n);
	case R_MISSING:
	case R_KNOWN:
		return check_missing(c, n);
	case R_HAS:
		return check_has(c, n);
	case R_NEG:
		return check_neg(c, n, hint);
	case R_ADD:
	case R_SUB:
		return check_sum(c, n, hint);
	case R_MUL:
	case R_DIV:
		return check_product(c, n);
	default:
		break;
	}
	if (n->op >= R_EQ && n->op <= R_BETWEEN)
		return check_compare(c, n);
	if (n->op >= R_ANY)
		return check_quantifier(c, n, hint);
	return rule__check_call(c, n, hint);
}

enum err rule__check(struct rule_checker *c, struct rule_node *n, const struct rule_kind *hint)
{
	if (n->checked)
		return OK;
	n->checked = true;
	enum err e = check_node(c, n, hint);
	/* A money literal takes its kind at once, so that sums of them do too. */
	if (!e && hint && hint->type == RULE_MONEY && n->kind.type == RULE_NUM && n->literal)
		e = rule__coerce(c, &n, hint);
	return e;
}
