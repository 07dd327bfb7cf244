/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * eval_func: functions of dates, texts, dated tables and the caller's own:
 * row by row over vectors of their arguments.  All need every argument.
 */
#include "rule/node.h"

#include "base/utf8.h"

#include "base/banned.h"

static bool age_at(date_t birth, date_t at, int64_t *ret)
{
	int age = date_age(birth, at);
	*ret = age;
	return age >= 0;
}

/*
 * Full years.  A date known to its month or year only gives an age when every
 * day it may mean gives the same one.
 */
static bool age(date_t birth, date_t at, int64_t *ret)
{
	if (date_day(birth) && date_day(at))
		return age_at(birth, at, ret);
	int64_t least, most;
	if (!age_at(date_last(birth), date_first(at), &least) ||
	    !age_at(date_first(birth), date_last(at), &most) || least != most)
		return false;
	*ret = least;
	return true;
}

static int64_t months_forward(date_t a, date_t b)
{
	int64_t m = (int64_t)(date_year(b) - date_year(a)) * 12 + date_month(b) - date_month(a);
	return date_day(b) < date_day(a) ? m - 1 : m;
}

static bool date_func(enum rule_op op, date_t a, date_t b, int64_t *ret)
{
	switch (op) {
	case R_AGE:
		return age(a, b, ret);
	case R_YEAR:
		*ret = date_year(a);
		return true;
	case R_MONTH:
		*ret = date_month(a);
		return *ret > 0;
	default:
		break;
	}
	if (!date_day(a) || !date_day(b))
		return false;
	if (op == R_DAYS)
		*ret = (int64_t)date_to_days(b) - date_to_days(a);
	else
		*ret = a <= b ? months_forward(a, b) : -months_forward(b, a);
	return true;
}

static bool text_func(enum rule_op op, struct str a, struct str b)
{
	if (op == R_STARTS)
		return str_starts(a, b);
	if (op == R_ENDS)
		return str_ends(a, b);
	return b.n == 0 || str_find(a, b) != SIZE_MAX;
}

static bool dated(const struct rule_dated *d, int64_t year, int64_t *ret)
{
	for (int i = 0; i < d->n; i++) {
		if (d->rows[i].year != year)
			continue;
		*ret = d->rows[i].value;
		return true;
	}
	return false;
}

/* Characters; texts here are numbers and names, mostly short and often ASCII. */
static int64_t length(struct str s)
{
	size_t i = 0;
	while (i < s.n && (unsigned char)s.p[i] < 0x80)
		i++;
	return (int64_t)(i == s.n ? s.n : i + utf8_count(str_sub(s, i, s.n - i)));
}

static struct rule_value call_one(struct rule_eval *e, const struct rule_node *n,
                                  const struct rule_value arg[RULE_FUNC_ARGS])
{
	struct rule_value v = {.state = RULE_MISSING};
	bool ok = true;
	switch (n->op) {
	case R_CALL:
		n->func->call(arg, e->a, &v);
		return v;
	case R_DATED:
		ok = dated(n->dated, arg[0].i, &v.i);
		break;
	default:
		v.i = text_func(n->op, arg[0].s, arg[1].s);
	}
	v.state = ok ? RULE_KNOWN : RULE_MISSING;
	return v;
}

static void eval_dates(const struct rule_node *n, const struct rule_vec v[2], size_t count,
                       struct rule_vec *out)
{
	const struct rule_vec *b = n->n_kids > 1 ? &v[1] : &v[0];
	for (size_t k = 0; k < count; k++) {
		uint8_t f = v[0].f[k] & b->f[k] & 1;
		int64_t r = 0;
		if (f && !date_func(n->op, (date_t)v[0].i[k], (date_t)b->i[k], &r))
			f = RULE_MISSING;
		out->f[k] = f ? f | ((v[0].f[k] | b->f[k]) & 2) : RULE_MISSING;
		out->i[k] = f ? r : 0;
	}
}

static void eval_length(const struct rule_vec *v, size_t count, struct rule_vec *out)
{
	memcpy(out->f, v->f, count);
	for (size_t k = 0; k < count; k++)
		out->i[k] = v->f[k] & 1 ? length(v->s[k]) : 0;
}

void rule__eval_func(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                     struct rule_vec *out)
{
	struct rule_vec v[RULE_FUNC_ARGS];
	for (int i = 0; i < n->n_kids; i++) {
		v[i] = rule__vec(e, &n->kid[i]->kind, f->n);
		rule__eval(e, n->kid[i], f, &v[i]);
	}
	if (n->op >= R_AGE && n->op <= R_MONTH) {
		eval_dates(n, v, f->n, out);
		return;
	}
	if (n->op == R_LEN) {
		eval_length(&v[0], f->n, out);
		return;
	}
	for (size_t k = 0; k < f->n; k++) {
		struct rule_value arg[RULE_FUNC_ARGS] = {0};
		uint8_t probable = 0;
		bool there = true;
		for (int i = 0; i < n->n_kids && there; i++) {
			arg[i] = rule__get(&n->kid[i]->kind, &v[i], k);
			probable |= arg[i].state & 2;
			there = arg[i].state & 1;
		}
		struct rule_value r = {.state = RULE_MISSING};
		if (there)
			r = call_one(e, n, arg);
		if (r.state & 1)
			r.state |= probable;
		rule__put(&n->kind, out, k, &r);
	}
}
