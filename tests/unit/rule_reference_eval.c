/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The reference evaluator: one row, one node at a time, as rule.h says it. */
#include "rule_reference.h"

#include "base/utf8.h"

#include "base/banned.h"

struct ctx {
	const struct rule_data *d;
	struct arena *a;
	size_t *overflows;
};

static struct rule_value eval(struct ctx *c, const struct ref_node *n, const struct ref_scope *s);

static const struct rule_value none = {0};

static struct rule_value value(int64_t i, bool probable)
{
	return (struct rule_value){probable ? RULE_PROBABLE : RULE_KNOWN, i, {NULL, 0}};
}

static bool is(const struct rule_value *v)
{
	return v->state != RULE_MISSING;
}

static bool probable(const struct rule_value *v)
{
	return v->state == RULE_PROBABLE;
}

static struct rule_value overflow(struct ctx *c)
{
	++*c->overflows;
	return none;
}

static struct rule_value checked(struct ctx *c, __int128 v, bool prob)
{
	if (v > INT64_MAX || v < INT64_MIN)
		return overflow(c);
	return value((int64_t)v, prob);
}

static __int128 ten(int n)
{
	__int128 p = 1;
	for (; n > 0; n--)
		p *= 10;
	return p;
}

/* Half away from zero, by what the division leaves. */
static __int128 nearest(__int128 a, __int128 b)
{
	__int128 q = a / b, left = a % b;
	__int128 rest = left < 0 ? -left : left, whole = b < 0 ? -b : b;
	if (rest < whole - rest)
		return q;
	return (left < 0) == (b < 0) ? q + 1 : q - 1;
}

static int32_t row_of(const struct ctx *c, const struct ref_node *n, const struct ref_scope *s)
{
	for (int i = 0; i < n->up; i++)
		s = s->outer;
	int32_t row = s->row;
	int entity = s->entity;
	for (int i = 0; i < n->hops; i++) {
		if (row >= 0)
			row = c->d->tables[entity].parents[n->hop[i]][row];
		entity = c->d->schema->entities[entity].parents[n->hop[i]].entity;
	}
	return row;
}

static struct rule_value field(const struct ctx *c, const struct ref_node *n,
                               const struct ref_scope *s)
{
	int32_t row = row_of(c, n, s);
	const struct rule_column *col = &c->d->tables[n->entity].columns[n->index];
	if (row < 0 || (!col->i && !col->s) || (col->state && !col->state[row]))
		return none;
	struct rule_value v = value(0, col->state && col->state[row] == RULE_PROBABLE);
	if (n->kind.type == RULE_DATE && col->i[row] == 0)
		return none;
	if (col->s)
		v.s = col->s[row];
	else
		v.i = n->kind.type == RULE_BOOL ? col->i[row] != 0 : col->i[row];
	return v;
}

/* A kid as its parent's kind wants it: numbers at the larger scale. */
static struct rule_value kid_as(struct ctx *c, const struct ref_node *kid, int scale,
                                const struct ref_scope *s)
{
	struct rule_value v = eval(c, kid, s);
	if (!is(&v) || kid->kind.type != RULE_NUM || kid->kind.scale >= scale)
		return v;
	return checked(c, v.i * ten(scale - kid->kind.scale), probable(&v));
}

static int widest(const struct ref_node *n, int from)
{
	int scale = 0;
	for (int i = from; i < n->n_kids; i++)
		if (n->kid[i]->kind.type == RULE_NUM && n->kid[i]->kind.scale > scale)
			scale = n->kid[i]->kind.scale;
	return scale;
}

/* 1 yes, 0 no, -1 unknown */
static int compare_values(int op, enum rule_type t, const struct rule_value *a,
                          const struct rule_value *b)
{
	int64_t a1 = a->i, a2 = a->i, b1 = b->i, b2 = b->i;
	if (t == RULE_TEXT) {
		a1 = a2 = str_eq(a->s, b->s);
		b1 = b2 = 1;
	} else if (t == RULE_DATE) {
		a1 = date_first((date_t)a->i), a2 = date_last((date_t)a->i);
		b1 = date_first((date_t)b->i), b2 = date_last((date_t)b->i);
	}
	bool can_be_less = a1 < b2, can_be_more = a2 > b1, can_be_same = a1 <= b2 && b1 <= a2;
	bool yes[6] = {can_be_same, can_be_less || can_be_more, can_be_less,
	               can_be_less || can_be_same, can_be_more, can_be_more || can_be_same};
	bool no[6] = {yes[1], yes[0], yes[5], can_be_more, yes[3], can_be_less};
	return yes[op] && no[op] ? -1 : yes[op];
}

static struct rule_value compare(int op, enum rule_type t, const struct rule_value *a,
                                 const struct rule_value *b)
{
	if (!is(a) || !is(b))
		return none;
	int r = compare_values(op, t, a, b);
	return r < 0 ? none : value(r, probable(a) || probable(b));
}

/* Or of truths met so far; `and` is the same of their opposites. */
struct truths {
	bool sure_yes, probable_yes, unknown, probable_no;
};

static void met(struct truths *t, const struct rule_value *v, bool opposite)
{
	if (!is(v))
		t->unknown = true;
	else if ((v->i != 0) != opposite)
		*(probable(v) ? &t->probable_yes : &t->sure_yes) = true;
	else
		t->probable_no |= probable(v);
}

static struct rule_value verdict(const struct truths *t, bool opposite)
{
	if (t->sure_yes || t->probable_yes)
		return value(!opposite, !t->sure_yes);
	return t->unknown ? none : value(opposite, t->probable_no);
}

static struct rule_value chain(struct ctx *c, const struct ref_node *n, const struct ref_scope *s)
{
	bool opposite = n->op == REF_AND;
	struct truths t = {0};
	for (int i = 0; i < n->n_kids && !t.sure_yes; i++) {
		struct rule_value v = eval(c, n->kid[i], s);
		met(&t, &v, opposite);
	}
	return verdict(&t, opposite);
}

static struct rule_value in_list(struct ctx *c, const struct ref_node *n,
                                 const struct ref_scope *s)
{
	struct truths t = {0};
	int scale = widest(n, 0);
	struct rule_value x = kid_as(c, n->kid[0], scale, s);
	bool between = n->op == REF_BETWEEN;
	for (int i = 1; i < n->n_kids; i++) {
		struct rule_value v = kid_as(c, n->kid[i], scale, s);
		struct rule_value one =
		    compare(!between ? 0 : i == 1 ? 5 : 3, n->kid[0]->kind.type, &x, &v);
		met(&t, &one, between);
	}
	return verdict(&t, between);
}

static int places(const struct rule_kind *k)
{
	return k->type == RULE_MONEY ? 2 : k->scale;
}

static struct rule_value shift_date(struct ctx *c, int64_t d, int64_t days, bool prob)
{
	if (!date_day((date_t)d))
		return none;
	__int128 sum = (__int128)date_to_days((date_t)d) + days;
	if (sum > INT32_MAX || sum < INT32_MIN || !date_from_days((int32_t)sum))
		return overflow(c);
	return value(date_from_days((int32_t)sum), prob);
}

static struct rule_value arith(struct ctx *c, const struct ref_node *n, const struct ref_scope *s)
{
	const struct rule_kind *ka = &n->kid[0]->kind, *kb = &n->kid[1]->kind;
	bool sum = n->of < 2;
	struct rule_value a = kid_as(c, n->kid[0], sum ? widest(n, 0) : 0, s);
	struct rule_value b =
	    kid_as(c, n->kid[1], sum && ka->type != RULE_DATE ? widest(n, 0) : 0, s);
	if (!is(&a) || !is(&b))
		return none;
	bool prob = probable(&a) || probable(&b);
	if (ka->type == RULE_DATE) {
		if (n->of == 1 && b.i == INT64_MIN)
			return overflow(c);
		return shift_date(c, a.i, n->of == 1 ? -b.i : b.i, prob);
	}
	switch (n->of) {
	case 0:
		return checked(c, (__int128)a.i + b.i, prob);
	case 1:
		return checked(c, (__int128)a.i - b.i, prob);
	case 2:
		return checked(c, nearest((__int128)a.i * b.i,
		                          ten(places(ka) + places(kb) - places(&n->kind))),
		               prob);
	default:
		if (b.i == 0)
			return none;
		return checked(c, nearest((__int128)a.i * ten(places(&n->kind) + places(kb) -
		                                              places(ka)),
		                          b.i),
		               prob);
	}
}

static struct rule_value rounded(struct ctx *c, const struct ref_node *n,
                                 const struct ref_scope *s)
{
	struct rule_value v = eval(c, n->kid[0], s);
	int have = places(&n->kid[0]->kind), want = n->of;
	if (!is(&v))
		return v;
	__int128 r = have > want ? nearest(v.i, ten(have - want)) : v.i * ten(want - have);
	if (n->kind.type == RULE_MONEY)
		r = have > want ? r * ten(have - want) : v.i;
	return checked(c, r, probable(&v));
}

static int64_t better(bool most, enum rule_type t, int64_t a, int64_t b)
{
	if (t == RULE_DATE) {
		date_t x = most ? date_last((date_t)a) : date_first((date_t)a);
		date_t y = most ? date_last((date_t)b) : date_first((date_t)b);
		if (x != y)
			return (x > y) == most ? a : b;
	}
	return (a > b) == most ? a : b;
}

static struct rule_value pick(struct ctx *c, const struct ref_node *n, const struct ref_scope *s)
{
	struct rule_value r = none;
	bool gap = false, prob = false;
	for (int i = 0; i < n->n_kids; i++) {
		struct rule_value v = kid_as(c, n->kid[i], widest(n, 0), s);
		if (!is(&v)) {
			gap = true;
			continue;
		}
		prob |= probable(&v);
		r = value(is(&r) ? better(n->of, n->kind.type, r.i, v.i) : v.i, false);
	}
	return gap ? none : value(r.i, prob);
}

static struct rule_value choose(struct ctx *c, const struct ref_node *n,
                                const struct ref_scope *s)
{
	int scale = widest(n, n->op == REF_IF);
	if (n->op == REF_COALESCE) {
		struct rule_value v = none;
		for (int i = 0; i < n->n_kids && !is(&v); i++)
			v = kid_as(c, n->kid[i], scale, s);
		return v;
	}
	struct rule_value cond = eval(c, n->kid[0], s);
	if (!is(&cond))
		return none;
	struct rule_value v = kid_as(c, n->kid[cond.i ? 1 : 2], scale, s);
	if (is(&v) && probable(&cond))
		v.state = RULE_PROBABLE;
	return v;
}

/* ---- functions */

static bool full_age(date_t birth, date_t at, int64_t *ret)
{
	int64_t y = date_year(at) - date_year(birth);
	int md = date_month(at) * 100 + date_day(at), mb = date_month(birth) * 100 + date_day(birth);
	if (date_month(birth) == 2 && date_day(birth) == 29)
		return *ret = date_age(birth, at), *ret >= 0; /* the leap day's rule is base's */
	*ret = y - (md < mb);
	return at >= birth;
}

static bool date_value(enum ref_op op, date_t a, date_t b, int64_t *ret)
{
	int64_t low, high;
	switch (op) {
	case REF_YEAR:
		*ret = date_year(a);
		return true;
	case REF_MONTH:
		*ret = date_month(a);
		return date_month(a) != 0;
	case REF_AGE:
		if (!full_age(date_last(a), date_first(b), &low) ||
		    !full_age(date_first(a), date_last(b), &high) || low != high)
			return false;
		*ret = low;
		return true;
	case REF_DAYS:
		if (!date_day(a) || !date_day(b))
			return false;
		*ret = date_to_days(b) - date_to_days(a);
		return true;
	default:
		if (!date_day(a) || !date_day(b))
			return false;
		low = a < b ? a : b;
		high = a < b ? b : a;
		*ret = (high / 10000 - low / 10000) * 12 + high / 100 % 100 - low / 100 % 100 -
		       (high % 100 < low % 100);
		*ret = a < b ? *ret : -*ret;
		return true;
	}
}

static bool find_text(int how, struct str a, struct str b)
{
	if (b.n > a.n)
		return false;
	for (size_t i = 0; i + b.n <= a.n; i++)
		if ((how != 0 || i == 0) && (how != 1 || i + b.n == a.n) &&
		    memcmp(a.p + i, b.p, b.n) == 0)
			return true;
	return false;
}

static struct rule_value func(struct ctx *c, const struct ref_node *n, const struct ref_scope *s)
{
	struct rule_value v[2] = {{0}};
	bool prob = false, there = true;
	for (int i = 0; i < n->n_kids; i++) {
		v[i] = eval(c, n->kid[i], s);
		there &= is(&v[i]);
		prob |= probable(&v[i]);
	}
	if (!there)
		return none;
	if (n->op == REF_AGE && n->n_kids == 1)
		v[1].i = c->d->today;
	struct rule_value r = value(0, prob);
	switch (n->op) {
	case REF_DATED:
		for (int i = 0; i < c->d->schema->dated[0].n; i++)
			if (c->d->schema->dated[0].rows[i].year == v[0].i)
				return value(c->d->schema->dated[0].rows[i].value, prob);
		return none;
	case REF_LEN:
		r.i = (int64_t)utf8_count(v[0].s);
		return r;
	case REF_TEXT:
		r.i = find_text(n->of, v[0].s, v[1].s);
		return r;
	case REF_UPPER:
	case REF_DIGITS: {
		struct rule_value got = {0};
		c->d->schema->funcs[n->op == REF_UPPER].call(v, c->a, &got);
		if (got.state && prob)
			got.state = RULE_PROBABLE;
		return got;
	}
	default:
		return date_value(n->op, (date_t)v[0].i, (date_t)v[1].i, &r.i) ? r : none;
	}
}

/* ---- quantifiers */

struct members {
	const int32_t *row;
	const uint8_t *link;
	size_t n;
	bool covered;
};

static struct members members_of(const struct ctx *c, const struct ref_node *n, int32_t row)
{
	const struct rule_collection *col =
	    &c->d->schema->entities[n->entity].collections[n->index];
	const struct rule_links *l = &c->d->tables[n->entity].links[n->index];
	struct members m = {NULL, NULL, 0, false};
	if (row < 0)
		return m;
	m.covered = l->covered ? l->covered[row] : col->kind == RULE_PLAIN;
	if (!l->from)
		return m;
	m.row = l->row + l->from[row];
	m.n = l->from[row + 1] - l->from[row];
	m.link = l->link ? l->link + l->from[row] : NULL;
	return m;
}

struct folded {
	struct rule_value best;
	__int128 sum;
	bool unknown, any, overflown, probable;
};

static void fold_value(struct ctx *c, const struct ref_node *n, struct folded *f,
                       const struct rule_value *v, bool link_probable)
{
	if (n->of == REF_FIRST && f->any)
		return;
	f->any = true;
	if (!is(v)) {
		f->unknown = true;
		return;
	}
	f->probable |= probable(v) || link_probable;
	if (n->of == REF_SUM && !f->overflown) {
		f->sum += v->i;
		f->overflown = f->sum > INT64_MAX || f->sum < INT64_MIN;
		if (f->overflown)
			++*c->overflows;
	} else if (n->of == REF_FIRST || !is(&f->best)) {
		f->best = *v;
	} else {
		f->best.i = better(n->of == REF_MAX, n->kind.type, f->best.i, v->i);
	}
}

static struct rule_value folded_value(const struct ref_node *n, const struct folded *f,
                                      bool covered)
{
	if (f->unknown || f->overflown || (!covered && n->of != REF_FIRST))
		return none;
	if (n->of == REF_COUNT || n->of == REF_SUM)
		return value((int64_t)f->sum, f->probable);
	if (!f->any)
		return none;
	struct rule_value v = f->best;
	v.state = f->probable ? RULE_PROBABLE : RULE_KNOWN;
	return v;
}

static struct rule_value fold(struct ctx *c, const struct ref_node *n, const struct ref_scope *s)
{
	struct members m = members_of(c, n, row_of(c, n, s));
	int child = c->d->schema->entities[n->entity].collections[n->index].entity;
	bool truth = n->of == REF_ANY || n->of == REF_ALL || n->of == REF_LEDGER;
	struct truths t = {.unknown = !m.covered};
	struct folded f = {0};
	for (size_t i = 0; i < m.n; i++) {
		struct ref_scope in = {child, m.row[i], s};
		int link = m.link ? m.link[i] : RULE_LINK_SURE;
		struct rule_value v = n->kid[0] ? eval(c, n->kid[0], &in) : value(1, false);
		if (n->of == REF_ALL && is(&v))
			v.i = !v.i;
		bool no = is(&v) && !v.i;
		if (link == RULE_LINK_UNCLEAR && !no)
			v = none;
		if (link == RULE_LINK_PROBABLE && is(&v) && v.i)
			v.state = RULE_PROBABLE;
		if (truth) {
			met(&t, &v, false);
		} else if (is(&v) && v.i) {
			struct rule_value x = value(0, probable(&v));
			if (n->kid[1])
				x = eval(c, n->kid[1], &in);
			if (n->of == REF_COUNT) {
				f.sum++;
				f.probable |= probable(&v);
			} else {
				fold_value(c, n, &f, &x, probable(&v));
			}
		} else if (n->of != REF_FIRST) {
			f.unknown |= !is(&v);
			f.probable |= probable(&v);
		}
	}
	if (!truth)
		return folded_value(n, &f, m.covered);
	struct rule_value v = verdict(&t, false);
	if (n->of == REF_ALL && is(&v))
		v.i = !v.i;
	return v;
}

/* ---- a count beside a number */

struct range {
	int64_t from, to;
	bool any; /* not known at all */
};

static bool is_count(const struct ref_node *n)
{
	return n->op == REF_FOLD && n->of == REF_COUNT;
}

/* What an operand may be; `doubt`: if what is only probable may be otherwise. */
static struct range range_of(struct ctx *c, const struct ref_node *n, const struct ref_scope *s,
                             bool doubt)
{
	struct range r = {0, 0, false};
	if (!is_count(n)) {
		struct rule_value v = eval(c, n, s);
		r.from = r.to = v.i;
		r.any = !is(&v) || (doubt && probable(&v));
		return r;
	}
	struct members m = members_of(c, n, row_of(c, n, s));
	int child = c->d->schema->entities[n->entity].collections[n->index].entity;
	for (size_t i = 0; i < m.n; i++) {
		struct ref_scope in = {child, m.row[i], s};
		int link = m.link ? m.link[i] : RULE_LINK_SURE;
		struct rule_value v = n->kid[0] ? eval(c, n->kid[0], &in) : value(1, false);
		bool yes = is(&v) && v.i, no = is(&v) && !v.i;
		bool doubtful = probable(&v) || (yes && link == RULE_LINK_PROBABLE);
		if (link == RULE_LINK_UNCLEAR)
			yes = false;
		if (doubt && doubtful)
			yes = no = false;
		r.from += yes;
		r.to += !no;
	}
	if (!m.covered)
		r.to = INT64_MAX;
	return r;
}

static int compare_ranges(int op, struct range a, struct range b)
{
	bool less = a.any || b.any || a.from < b.to;
	bool more = a.any || b.any || a.to > b.from;
	bool same = a.any || b.any || (a.to >= b.from && b.to >= a.from);
	bool can[6] = {same, less || more, less, less || same, more, more || same};
	static const int opposite[6] = {1, 0, 5, 4, 3, 2};
	bool yes = can[op], no = can[opposite[op]];
	return yes && no ? -1 : yes;
}

static struct rule_value compare_count(struct ctx *c, const struct ref_node *n,
                                       const struct ref_scope *s)
{
	size_t before = *c->overflows;
	int sure = compare_ranges(n->of, range_of(c, n->kid[0], s, true),
	                          range_of(c, n->kid[1], s, true));
	if (sure >= 0)
		return value(sure, false);
	*c->overflows = before; /* the second look is not a second evaluation */
	int r = compare_ranges(n->of, range_of(c, n->kid[0], s, false),
	                       range_of(c, n->kid[1], s, false));
	return r < 0 ? none : value(r, true);
}

static struct rule_value eval_value(struct ctx *c, const struct ref_node *n,
                                    const struct ref_scope *s)
{
	struct rule_value a, b;
	switch (n->op) {
	case REF_NEG:
	case REF_ABS:
		a = eval(c, n->kid[0], s);
		if (!is(&a) || (n->op == REF_ABS && a.i >= 0))
			return a;
		return checked(c, -(__int128)a.i, probable(&a));
	case REF_ROUND:
		return rounded(c, n, s);
	case REF_ARITH:
		return arith(c, n, s);
	case REF_PICK:
		return pick(c, n, s);
	case REF_COALESCE:
	case REF_IF:
		return choose(c, n, s);
	case REF_COVERED:
		return value(members_of(c, n, row_of(c, n, s)).covered, false);
	case REF_FOLD:
		return fold(c, n, s);
	case REF_COMPARE:
		if (widest(n, 0) == 0 && (is_count(n->kid[0]) || is_count(n->kid[1])))
			return compare_count(c, n, s);
		a = kid_as(c, n->kid[0], widest(n, 0), s);
		b = kid_as(c, n->kid[1], widest(n, 0), s);
		return compare(n->of, n->kid[0]->kind.type, &a, &b);
	default:
		return func(c, n, s);
	}
}

static struct rule_value eval(struct ctx *c, const struct ref_node *n, const struct ref_scope *s)
{
	struct rule_value a;
	switch (n->op) {
	case REF_LITERAL:
		return n->value;
	case REF_PARAM:
		return c->d->schema->params[n->param].value;
	case REF_TODAY:
		return value(c->d->today, false);
	case REF_FIELD:
		return field(c, n, s);
	case REF_AND:
	case REF_OR:
		return chain(c, n, s);
	case REF_NOT:
		a = eval(c, n->kid[0], s);
		a.i = is(&a) ? !a.i : 0;
		return a;
	case REF_MISSING:
	case REF_KNOWN:
		a = eval(c, n->kid[0], s);
		return value(is(&a) == (n->op == REF_KNOWN), probable(&a));
	case REF_IN:
	case REF_BETWEEN:
		return in_list(c, n, s);
	case REF_HAS:
		a = eval(c, n->kid[0], s);
		return is(&a) ? value((a.i & n->value.i) != 0, probable(&a)) : none;
	default:
		return eval_value(c, n, s);
	}
}

struct rule_value ref_eval(const struct rule_data *d, const struct ref_node *n,
                           const struct ref_scope *scope, struct arena *a, size_t *overflows)
{
	struct ctx c = {d, a, overflows};
	return eval(&c, n, scope);
}
