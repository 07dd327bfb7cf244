/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * eval: a tree over a batch of rows, one vector a node.  Memory comes from a
 * scratch arena that is taken back after each node, except below texts, whose
 * bytes may live there until the batch ends.
 */
#include "rule/node.h"

#include "base/money.h"

#include "base/banned.h"

/* Index: B_* of the left, B_* of the right; 2, 4, 6 do not occur. */
const uint8_t rule__and[8][8] = {
    [B_UNKNOWN] = {0, 1, 0, 3, 0, 0, 0, 0},     [B_NO] = {1, 1, 0, 1, 0, 1, 0, 1},
    [B_NO_PROBABLE] = {3, 1, 0, 3, 0, 3, 0, 3}, [B_YES] = {0, 1, 0, 3, 0, 5, 0, 7},
    [B_YES_PROBABLE] = {0, 1, 0, 3, 0, 7, 0, 7},
};
const uint8_t rule__or[8][8] = {
    [B_UNKNOWN] = {0, 0, 0, 0, 0, 5, 0, 7},     [B_NO] = {0, 1, 0, 3, 0, 5, 0, 7},
    [B_NO_PROBABLE] = {0, 3, 0, 3, 0, 5, 0, 7}, [B_YES] = {5, 5, 0, 5, 0, 5, 0, 5},
    [B_YES_PROBABLE] = {7, 7, 0, 7, 0, 5, 0, 7},
};

/* ---- vectors */

struct rule_vec rule__vec(struct rule_eval *e, const struct rule_kind *k, size_t n)
{
	struct rule_vec v = {NULL, NULL, arena_alloc(e->a, n)};
	if (k->type == RULE_TEXT)
		v.s = arena_alloc(e->a, n * sizeof *v.s);
	else if (k->type != RULE_BOOL)
		v.i = arena_alloc(e->a, n * sizeof *v.i);
	return v;
}

struct rule_value rule__get(const struct rule_kind *k, const struct rule_vec *v, size_t at)
{
	struct rule_value val = {.state = v->f[at] & 3};
	if (!(val.state & 1))
		return (struct rule_value){.state = RULE_MISSING};
	if (k->type == RULE_BOOL)
		val.i = v->f[at] >> 2;
	else if (k->type == RULE_TEXT)
		val.s = v->s[at];
	else
		val.i = v->i[at];
	return val;
}

void rule__put(const struct rule_kind *k, struct rule_vec *v, size_t at,
               const struct rule_value *val)
{
	bool known = val->state & 1;
	v->f[at] = known ? val->state & 3 : 0;
	if (k->type == RULE_BOOL) {
		if (known && val->i)
			v->f[at] |= 4;
	} else if (k->type == RULE_TEXT) {
		v->s[at] = known ? val->s : (struct str){NULL, 0};
	} else {
		v->i[at] = known ? val->i : 0;
	}
}

/* to[at[k]] = from[k] */
static void scatter(const struct rule_kind *k, struct rule_vec *to, const uint32_t *at,
                    const struct rule_vec *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to->f[at[i]] = from->f[i];
	if (k->type == RULE_TEXT)
		for (size_t i = 0; i < n; i++)
			to->s[at[i]] = from->s[i];
	else if (k->type != RULE_BOOL)
		for (size_t i = 0; i < n; i++)
			to->i[at[i]] = from->i[i];
}

static void drop(const struct rule_kind *k, struct rule_vec *v, size_t at)
{
	static const struct rule_value none = {.state = RULE_MISSING};
	rule__put(k, v, at, &none);
}

void rule__overflow(struct rule_eval *e, const struct rule_frame *f, size_t at)
{
	for (; f->outer; f = f->outer)
		at = f->pos[at];
	e->overflows++;
	if (e->overflow_row < 0)
		e->overflow_row = f->row[at];
}

/* ---- frames */

const int32_t *rule__rows(struct rule_eval *e, const struct rule_path *p,
                          const struct rule_frame *f)
{
	if (p->up == 0 && p->n_hops == 0)
		return f->row;
	int32_t *rows = arena_alloc(e->a, f->n * sizeof *rows);
	if (p->up == 0) {
		memcpy(rows, f->row, f->n * sizeof *rows);
	} else {
		for (size_t k = 0; k < f->n; k++) {
			const struct rule_frame *at = f;
			size_t pos = k;
			for (int u = 0; u < p->up; u++, at = at->outer)
				pos = at->pos[pos];
			rows[k] = at->row[pos];
		}
	}
	for (int h = 0; h < p->n_hops; h++) {
		const struct rule_table *t = &e->data->tables[p->hop_entity[h]];
		const int32_t *up = t->parents ? t->parents[p->hop[h]] : NULL;
		for (size_t k = 0; k < f->n; k++)
			rows[k] = up && rows[k] >= 0 ? up[rows[k]] : -1;
	}
	return rows;
}

void rule__eval_some(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                     const uint8_t *pick, struct rule_vec *out)
{
	size_t m = 0;
	for (size_t k = 0; k < f->n; k++)
		m += pick[k] != 0;
	if (m == f->n)
		rule__eval(e, n, f, out);
	if (m == 0 || m == f->n)
		return;
	struct arena_mark mark = arena_save(e->a);
	uint32_t *at = arena_alloc(e->a, m * sizeof *at);
	int32_t *row = arena_alloc(e->a, m * sizeof *row);
	uint32_t *pos = f->outer ? arena_alloc(e->a, m * sizeof *pos) : NULL;
	m = 0;
	for (size_t k = 0; k < f->n; k++) {
		if (!pick[k])
			continue;
		at[m] = (uint32_t)k;
		row[m] = f->row[k];
		if (pos)
			pos[m] = f->pos[k];
		m++;
	}
	struct rule_frame sub = {f->entity, m, row, f->outer, pos};
	struct rule_vec v = rule__vec(e, &n->kind, m);
	rule__eval(e, n, &sub, &v);
	scatter(&n->kind, out, at, &v, m);
	if (n->kind.type != RULE_TEXT)
		arena_back(e->a, mark);
}

/* ---- leaves */

static void fill_ints(struct rule_vec *out, int64_t v, uint8_t state, size_t n)
{
	memset(out->f, state, n);
	for (size_t k = 0; k < n; k++)
		out->i[k] = v;
}

static void eval_const(const struct rule_node *n, const struct rule_frame *f,
                       struct rule_vec *out)
{
	const struct rule_value *v = &n->value;
	uint8_t state = v->state & 1 ? v->state & 3 : RULE_MISSING;
	if (n->kind.type == RULE_BOOL)
		memset(out->f, state | (state && v->i ? 4 : 0), f->n);
	else if (n->kind.type == RULE_TEXT)
		for (size_t k = 0; k < f->n; k++)
			rule__put(&n->kind, out, k, v);
	else
		fill_ints(out, state ? v->i : 0, state, f->n);
}

/* The states of a column in the rows wanted; rows and what is odd are MISSING. */
static void gather_states(const struct rule_column *c, const int32_t *row, size_t n,
                          uint8_t *out)
{
	for (size_t k = 0; k < n; k++) {
		uint8_t s = RULE_MISSING;
		if (row[k] >= 0)
			s = c->state ? c->state[row[k]] & 3 : RULE_KNOWN;
		out[k] = s & 1 ? s : RULE_MISSING;
	}
}

static void gather_texts(const struct rule_column *c, const int32_t *row, size_t n,
                         struct rule_vec *out)
{
	for (size_t k = 0; k < n; k++)
		out->s[k] = out->f[k] ? c->s[row[k]] : (struct str){NULL, 0};
}

static void gather_ints(const struct rule_column *c, const int32_t *row, size_t n,
                        struct rule_vec *out)
{
	for (size_t k = 0; k < n; k++)
		out->i[k] = out->f[k] ? c->i[row[k]] : 0;
}

static void eval_field(struct rule_eval *e, const struct rule_node *n,
                       const struct rule_frame *f, struct rule_vec *out)
{
	const struct rule_column *c = &e->data->tables[n->path.entity].columns[n->path.index];
	const int32_t *row = rule__rows(e, &n->path, f);
	enum rule_type type = n->kind.type;
	if (type == RULE_TEXT ? !c->s : !c->i) {
		for (size_t k = 0; k < f->n; k++)
			drop(&n->kind, out, k);
		return;
	}
	gather_states(c, row, f->n, out->f);
	if (type == RULE_TEXT)
		gather_texts(c, row, f->n, out);
	else if (type != RULE_BOOL)
		gather_ints(c, row, f->n, out);
	for (size_t k = 0; k < f->n && type == RULE_BOOL; k++)
		if (out->f[k] && c->i[row[k]])
			out->f[k] |= 4;
	for (size_t k = 0; k < f->n && type == RULE_DATE; k++)
		if (out->i[k] == 0) /* a date of 0 is no date */
			out->f[k] = RULE_MISSING;
}

/* ---- logic */

static void eval_chain(struct rule_eval *e, const struct rule_node *n,
                       const struct rule_frame *f, struct rule_vec *out)
{
	const uint8_t(*table)[8] = n->op == R_AND ? rule__and : rule__or;
	uint8_t settled = n->op == R_AND ? B_NO : B_YES;
	uint8_t *pick = arena_alloc(e->a, f->n);
	struct rule_vec v = rule__vec(e, &n->kind, f->n);
	rule__eval(e, n->kid[0], f, out);
	for (int i = 1; i < n->n_kids; i++) {
		size_t open = 0;
		for (size_t k = 0; k < f->n; k++) {
			pick[k] = out->f[k] != settled;
			open += pick[k];
		}
		if (open == 0)
			break;
		rule__eval_some(e, n->kid[i], f, pick, &v);
		if (open == f->n) {
			for (size_t k = 0; k < f->n; k++)
				out->f[k] = table[out->f[k]][v.f[k]];
			continue;
		}
		for (size_t k = 0; k < f->n; k++)
			if (pick[k])
				out->f[k] = table[out->f[k]][v.f[k]];
	}
}

static void eval_not(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                     struct rule_vec *out)
{
	rule__eval(e, n->kid[0], f, out);
	for (size_t k = 0; k < f->n; k++)
		out->f[k] = rule__not(out->f[k]);
}

static void eval_missing(struct rule_eval *e, const struct rule_node *n,
                         const struct rule_frame *f, struct rule_vec *out)
{
	struct rule_vec v = rule__vec(e, &n->kid[0]->kind, f->n);
	rule__eval(e, n->kid[0], f, &v);
	uint8_t there = n->op == R_KNOWN ? B_YES : B_NO;
	uint8_t absent = n->op == R_KNOWN ? B_NO : B_YES;
	for (size_t k = 0; k < f->n; k++)
		out->f[k] = v.f[k] & 1 ? (uint8_t)(there | (v.f[k] & 2)) : absent;
}

/* ---- comparing */

/* Something from low to high. */
struct span {
	int64_t low, high;
};

static uint8_t compare_spans(enum rule_op op, struct span a, struct span b)
{
	bool yes, no;
	switch (op) {
	case R_LT:
		yes = a.high < b.low, no = a.low >= b.high;
		break;
	case R_LE:
		yes = a.high <= b.low, no = a.low > b.high;
		break;
	case R_GT:
		yes = a.low > b.high, no = a.high <= b.low;
		break;
	case R_GE:
		yes = a.low >= b.high, no = a.high < b.low;
		break;
	default:
		yes = a.low == a.high && b.low == b.high && a.low == b.low;
		no = a.high < b.low || a.low > b.high;
		if (op == R_NE) {
			bool swap = yes;
			yes = no;
			no = swap;
		}
	}
	return yes ? B_YES : no ? B_NO : B_UNKNOWN;
}

static uint8_t compare_dates(enum rule_op op, date_t a, date_t b)
{
	return compare_spans(op, (struct span){date_first(a), date_last(a)},
	                     (struct span){date_first(b), date_last(b)});
}

static bool int_compare(enum rule_op op, int64_t a, int64_t b)
{
	switch (op) {
	case R_EQ:
		return a == b;
	case R_NE:
		return a != b;
	case R_LT:
		return a < b;
	case R_LE:
		return a <= b;
	case R_GT:
		return a > b;
	default:
		return a >= b;
	}
}

/* One loop an operator, so that the compiler can make each a straight one. */
#define COMPARE_LOOP(op)                                                                           \
	for (size_t k = 0; k < n; k++) {                                                           \
		uint8_t both = (uint8_t)(a->f[k] & b->f[k] & 1);                                   \
		uint8_t f = (uint8_t)(1 | ((a->f[k] | b->f[k]) & 2) |                              \
		                      ((a->i[k] op b->i[k]) << 2));                                \
		out[k] = (uint8_t)(both ? f : 0);                                                  \
	}

static void compare_ints(enum rule_op op, const struct rule_vec *a, const struct rule_vec *b,
                         size_t n, uint8_t *out)
{
	switch (op) {
	case R_EQ:
		COMPARE_LOOP(==)
		break;
	case R_NE:
		COMPARE_LOOP(!=)
		break;
	case R_LT:
		COMPARE_LOOP(<)
		break;
	case R_LE:
		COMPARE_LOOP(<=)
		break;
	case R_GT:
		COMPARE_LOOP(>)
		break;
	default:
		COMPARE_LOOP(>=)
		break;
	}
}
#undef COMPARE_LOOP

static uint8_t compare_one(enum rule_op op, enum rule_type type, const struct rule_vec *a,
                           const struct rule_vec *b, size_t k)
{
	uint8_t r;
	if (!(a->f[k] & b->f[k] & 1))
		return B_UNKNOWN;
	if (type == RULE_TEXT) {
		r = str_eq(a->s[k], b->s[k]) == (op == R_EQ) ? B_YES : B_NO;
	} else if (type == RULE_BOOL) {
		r = ((a->f[k] ^ b->f[k]) & 4) == (op == R_EQ ? 0 : 4) ? B_YES : B_NO;
	} else {
		date_t x = (date_t)a->i[k], y = (date_t)b->i[k];
		if (date_day(x) && date_day(y))
			r = int_compare(op, x, y) ? B_YES : B_NO;
		else
			r = compare_dates(op, x, y);
	}
	return r ? (uint8_t)(r | ((a->f[k] | b->f[k]) & 2)) : B_UNKNOWN;
}

static void compare(enum rule_op op, enum rule_type type, const struct rule_vec *a,
                    const struct rule_vec *b, size_t n, uint8_t *out)
{
	if (type == RULE_TEXT || type == RULE_BOOL || type == RULE_DATE) {
		for (size_t k = 0; k < n; k++)
			out[k] = compare_one(op, type, a, b, k);
		return;
	}
	compare_ints(op, a, b, n, out);
}

/* The bounds of an operand: a count's own, else what its value is. */
static struct rule_bounds *bounds_of(struct rule_eval *e, const struct rule_node *n,
                                     const struct rule_frame *f)
{
	struct rule_bounds *b = arena_alloc(e->a, f->n * sizeof *b);
	if (n->op == R_COUNT) {
		rule__count_bounds(e, n, f, b);
		return b;
	}
	struct rule_vec v = rule__vec(e, &n->kind, f->n);
	rule__eval(e, n, f, &v);
	for (size_t k = 0; k < f->n; k++) {
		bool known = v.f[k] & 1, sure = v.f[k] == RULE_KNOWN;
		b[k].low = known ? v.i[k] : INT64_MIN;
		b[k].high = known ? v.i[k] : INT64_MAX;
		b[k].sure_low = sure ? v.i[k] : INT64_MIN;
		b[k].sure_high = sure ? v.i[k] : INT64_MAX;
	}
	return b;
}

/*
 * A count beside a number: two members who can work are enough for ">= 2",
 * whatever is not known of the third.
 */
static void compare_count(struct rule_eval *e, const struct rule_node *n,
                          const struct rule_frame *f, struct rule_vec *out)
{
	const struct rule_bounds *a = bounds_of(e, n->kid[0], f);
	const struct rule_bounds *b = bounds_of(e, n->kid[1], f);
	for (size_t k = 0; k < f->n; k++) {
		struct span x = {a[k].sure_low, a[k].sure_high};
		struct span y = {b[k].sure_low, b[k].sure_high};
		uint8_t r = compare_spans(n->op, x, y);
		if (r == B_UNKNOWN) {
			x = (struct span){a[k].low, a[k].high};
			y = (struct span){b[k].low, b[k].high};
			r = compare_spans(n->op, x, y);
			r |= r ? 2 : 0;
		}
		out->f[k] = r;
	}
}

static void eval_compare(struct rule_eval *e, const struct rule_node *n,
                         const struct rule_frame *f, struct rule_vec *out)
{
	const struct rule_kind *kind = &n->kid[0]->kind;
	if (n->kid[0]->op == R_COUNT || n->kid[1]->op == R_COUNT) {
		compare_count(e, n, f, out);
		return;
	}
	struct rule_vec a = rule__vec(e, kind, f->n);
	struct rule_vec b = rule__vec(e, kind, f->n);
	rule__eval(e, n->kid[0], f, &a);
	rule__eval(e, n->kid[1], f, &b);
	compare(n->op, kind->type, &a, &b, f->n, out->f);
}

/* x in (…): or of =; x between: and of >= and <=.  x is evaluated once. */
static void eval_in(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                    struct rule_vec *out)
{
	const struct rule_kind *kind = &n->kid[0]->kind;
	const uint8_t(*table)[8] = n->op == R_IN ? rule__or : rule__and;
	struct rule_vec a = rule__vec(e, kind, f->n);
	struct rule_vec b = rule__vec(e, kind, f->n);
	uint8_t *one = arena_alloc(e->a, f->n);
	rule__eval(e, n->kid[0], f, &a);
	memset(out->f, n->op == R_IN ? B_NO : B_YES, f->n);
	for (int i = 1; i < n->n_kids; i++) {
		enum rule_op op = n->op == R_IN ? R_EQ : i == 1 ? R_GE : R_LE;
		rule__eval(e, n->kid[i], f, &b);
		compare(op, kind->type, &a, &b, f->n, one);
		for (size_t k = 0; k < f->n; k++)
			out->f[k] = table[out->f[k]][one[k]];
	}
}

static void eval_has(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                     struct rule_vec *out)
{
	struct rule_vec v = rule__vec(e, &n->kid[0]->kind, f->n);
	uint64_t mask = (uint64_t)n->kid[1]->value.i;
	rule__eval(e, n->kid[0], f, &v);
	for (size_t k = 0; k < f->n; k++) {
		uint8_t yes = ((uint64_t)v.i[k] & mask) != 0 ? 4 : 0;
		out->f[k] = v.f[k] & 1 ? v.f[k] | yes : B_UNKNOWN;
	}
}

/* ---- arithmetic */

static bool fits(__int128 v, int64_t *ret)
{
	if (v > INT64_MAX || v < INT64_MIN)
		return false;
	*ret = (int64_t)v;
	return true;
}

/* a / b rounded half away from zero; b is not 0. */
static __int128 div_round(__int128 a, __int128 b)
{
	/* The common case fits a machine word, which divides ten times faster. */
	if (a >= 0 && a < INT64_MAX / 2 && b > 0 && b < INT64_MAX / 2)
		return ((int64_t)a + (int64_t)b / 2) / (int64_t)b;
	bool negative = (a < 0) != (b < 0);
	__int128 x = a < 0 ? -a : a, y = b < 0 ? -b : b;
	__int128 q = x / y;
	if (x % y >= y - x % y)
		q++;
	return negative ? -q : q;
}

static int64_t power10(int n)
{
	int64_t p = 1;
	while (n-- > 0)
		p *= 10;
	return p;
}

/* The decimals a kind carries: money has two. */
static int places(const struct rule_kind *k)
{
	return k->type == RULE_MONEY ? 2 : k->scale;
}

/* False is an overflow; a division by zero sets *ret_none. */
static bool arithmetic(const struct rule_node *n, int64_t a, int64_t b, int64_t *ret,
                       bool *ret_none)
{
	const struct rule_kind *ka = &n->kid[0]->kind, *kb = &n->kid[1]->kind;
	int digits;
	*ret_none = false;
	switch (n->op) {
	case R_ADD:
		return !__builtin_add_overflow(a, b, ret);
	case R_SUB:
		return !__builtin_sub_overflow(a, b, ret);
	case R_MUL:
		digits = places(ka) + places(kb) - places(&n->kind);
		return fits(div_round((__int128)a * b, power10(digits)), ret);
	default:
		if (b == 0) {
			*ret_none = true;
			return true;
		}
		/* (a / 10^pa) / (b / 10^pb) times 10^p; the exponent is never negative
		 * but for money / number, where it is pb. */
		digits = places(&n->kind) + places(kb) - places(ka);
		return fits(div_round((__int128)a * power10(digits), b), ret);
	}
}

static bool add_days(date_t d, int64_t days, int64_t *ret, bool *ret_none)
{
	int64_t sum;
	*ret_none = !date_day(d);
	if (*ret_none)
		return true;
	if (__builtin_add_overflow((int64_t)date_to_days(d), days, &sum) || sum < INT32_MIN ||
	    sum > INT32_MAX)
		return false;
	date_t r = date_from_days((int32_t)sum);
	*ret = r;
	return r != 0;
}

static bool arithmetic_date(enum rule_op op, int64_t a, int64_t b, int64_t *ret, bool *ret_none)
{
	int64_t days = b;
	if (op == R_SUB && __builtin_sub_overflow((int64_t)0, b, &days))
		return false;
	return add_days((date_t)a, days, ret, ret_none);
}

static void eval_arithmetic(struct rule_eval *e, const struct rule_node *n,
                            const struct rule_frame *f, struct rule_vec *out)
{
	struct rule_vec b = rule__vec(e, &n->kid[1]->kind, f->n);
	rule__eval(e, n->kid[0], f, out);
	rule__eval(e, n->kid[1], f, &b);
	bool date = n->kind.type == RULE_DATE;
	for (size_t k = 0; k < f->n; k++) {
		int64_t v = 0;
		bool none = !(out->f[k] & b.f[k] & 1);
		bool ok = none ? true
		          : date ? arithmetic_date(n->op, out->i[k], b.i[k], &v, &none)
		                 : arithmetic(n, out->i[k], b.i[k], &v, &none);
		if (!ok)
			rule__overflow(e, f, k);
		none = none || !ok;
		out->f[k] = none ? 0 : out->f[k] | b.f[k];
		out->i[k] = none ? 0 : v;
	}
}

/* round(): to fewer places; the result of a NUM carries just those. */
static bool round_to(const struct rule_node *n, int64_t v, int64_t *ret)
{
	int have = places(&n->kid[0]->kind), want = (int)n->value.i;
	if (want >= have)
		return n->kind.type == RULE_MONEY ? (*ret = v, true)
		                                  : rule__rescale(v, have, want, ret);
	__int128 r = div_round(v, power10(have - want));
	return fits(n->kind.type == RULE_MONEY ? r * power10(have - want) : r, ret);
}

static bool unary(const struct rule_node *n, int64_t v, int64_t *ret)
{
	switch (n->op) {
	case R_NEG:
		return !__builtin_sub_overflow((int64_t)0, v, ret);
	case R_ABS:
		*ret = v;
		return v >= 0 || !__builtin_sub_overflow((int64_t)0, v, ret);
	case R_ROUND:
		return round_to(n, v, ret);
	default:
		return rule__rescale(v, n->kid[0]->kind.scale, n->kind.scale, ret);
	}
}

static void eval_unary(struct rule_eval *e, const struct rule_node *n,
                       const struct rule_frame *f, struct rule_vec *out)
{
	rule__eval(e, n->kid[0], f, out);
	for (size_t k = 0; k < f->n; k++) {
		int64_t v = 0;
		if (out->f[k] & 1 && !unary(n, out->i[k], &v)) {
			rule__overflow(e, f, k);
			out->f[k] = 0;
		}
		out->i[k] = out->f[k] & 1 ? v : 0;
	}
}

/* ---- choosing */

date_t rule__date_pick(bool latest, date_t a, date_t b)
{
	date_t x = latest ? date_last(a) : date_first(a);
	date_t y = latest ? date_last(b) : date_first(b);
	if (x != y)
		return (x < y) == latest ? b : a;
	return (a < b) == latest ? b : a;
}

static void eval_extreme(struct rule_eval *e, const struct rule_node *n,
                         const struct rule_frame *f, struct rule_vec *out)
{
	bool most = n->op == R_GREATEST;
	struct rule_vec v = rule__vec(e, &n->kind, f->n);
	rule__eval(e, n->kid[0], f, out);
	for (int i = 1; i < n->n_kids; i++) {
		rule__eval(e, n->kid[i], f, &v);
		for (size_t k = 0; k < f->n; k++) {
			bool both = out->f[k] & v.f[k] & 1;
			out->f[k] = both ? out->f[k] | v.f[k] : 0;
			if (!both)
				out->i[k] = 0;
			else if (n->kind.type == RULE_DATE)
				out->i[k] = rule__date_pick(most, (date_t)out->i[k],
				                            (date_t)v.i[k]);
			else if ((v.i[k] > out->i[k]) == most)
				out->i[k] = v.i[k];
		}
	}
}

static void eval_coalesce(struct rule_eval *e, const struct rule_node *n,
                          const struct rule_frame *f, struct rule_vec *out)
{
	uint8_t *pick = arena_alloc(e->a, f->n);
	rule__eval(e, n->kid[0], f, out);
	for (int i = 1; i < n->n_kids; i++) {
		size_t open = 0;
		for (size_t k = 0; k < f->n; k++) {
			pick[k] = !(out->f[k] & 1);
			open += pick[k];
		}
		if (open == 0)
			return;
		rule__eval_some(e, n->kid[i], f, pick, out);
	}
}

static void eval_if(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                    struct rule_vec *out)
{
	struct rule_vec c = rule__vec(e, &n->kid[0]->kind, f->n);
	uint8_t *pick = arena_alloc(e->a, f->n);
	rule__eval(e, n->kid[0], f, &c);
	for (int branch = 1; branch <= 2; branch++) {
		for (size_t k = 0; k < f->n; k++)
			pick[k] = (c.f[k] & 5) == (branch == 1 ? 5 : 1);
		rule__eval_some(e, n->kid[branch], f, pick, out);
	}
	for (size_t k = 0; k < f->n; k++) {
		if (!(c.f[k] & 1))
			drop(&n->kind, out, k);
		else if (out->f[k] & 1)
			out->f[k] |= c.f[k] & 2;
	}
}

typedef void eval_fn(struct rule_eval *, const struct rule_node *, const struct rule_frame *,
                     struct rule_vec *);

static eval_fn *const dispatch[R_OP_MAX] = {
    [R_FIELD] = eval_field,         [R_OR] = eval_chain,           [R_AND] = eval_chain,
    [R_NOT] = eval_not,             [R_MISSING] = eval_missing,    [R_KNOWN] = eval_missing,
    [R_EQ] = eval_compare,          [R_NE] = eval_compare,         [R_LT] = eval_compare,
    [R_LE] = eval_compare,          [R_GT] = eval_compare,         [R_GE] = eval_compare,
    [R_IN] = eval_in,               [R_BETWEEN] = eval_in,         [R_HAS] = eval_has,
    [R_NEG] = eval_unary,           [R_ADD] = eval_arithmetic,     [R_SUB] = eval_arithmetic,
    [R_MUL] = eval_arithmetic,      [R_DIV] = eval_arithmetic,     [R_SCALE] = eval_unary,
    [R_AGE] = rule__eval_func,      [R_DAYS] = rule__eval_func,    [R_MONTHS] = rule__eval_func,
    [R_YEAR] = rule__eval_func,     [R_MONTH] = rule__eval_func,   [R_ABS] = eval_unary,
    [R_ROUND] = eval_unary,         [R_LEAST] = eval_extreme,      [R_GREATEST] = eval_extreme,
    [R_COALESCE] = eval_coalesce,   [R_IF] = eval_if,              [R_LEN] = rule__eval_func,
    [R_STARTS] = rule__eval_func,   [R_ENDS] = rule__eval_func,
    [R_CONTAINS] = rule__eval_func, [R_DATED] = rule__eval_func,   [R_CALL] = rule__eval_func,
    [R_ANY] = rule__eval_fold,      [R_ALL] = rule__eval_fold,     [R_COUNT] = rule__eval_fold,
    [R_SUM] = rule__eval_fold,      [R_MIN] = rule__eval_fold,     [R_MAX] = rule__eval_fold,
    [R_FIRST] = rule__eval_fold,    [R_COVERED] = rule__eval_fold,
};

void rule__eval(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                struct rule_vec *out)
{
	if (n->op == R_CONST) {
		eval_const(n, f, out);
		return;
	}
	if (n->op == R_TODAY) {
		fill_ints(out, e->data->today, RULE_KNOWN, f->n);
		return;
	}
	struct arena_mark mark = arena_save(e->a);
	dispatch[n->op](e, n, f, out);
	if (n->kind.type != RULE_TEXT)
		arena_back(e->a, mark);
}
