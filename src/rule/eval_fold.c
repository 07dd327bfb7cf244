/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * eval_fold: quantifiers.  The children of a batch's rows are laid end to
 * end, the condition and value are evaluated on them as one batch (in pieces
 * of CHUNK, so that memory stays bounded however many there are), and each
 * element is folded into its parent's accumulator.
 */
#include "rule/node.h"

#include "base/banned.h"

enum { CHUNK = 4096 };

struct rule_children rule__children(const struct rule_data *d, const struct rule_path *p,
                                    int32_t row)
{
	const struct rule_table *t = &d->tables[p->entity];
	const struct rule_links *l = t->links ? &t->links[p->index] : NULL;
	bool ledger =
	    d->schema->entities[p->entity].collections[p->index].kind == RULE_LEDGER;
	struct rule_children c = {.covered = !ledger && row >= 0};
	if (row < 0 || !l)
		return c;
	if (l->covered)
		c.covered = l->covered[row] != 0;
	if (!l->from)
		return c;
	uint32_t from = l->from[row];
	c.n = l->from[row + 1] - from;
	c.row = l->row + from;
	c.link = l->link ? l->link + from : NULL;
	return c;
}

/* One a parent. */
struct acc {
	uint8_t truth;  /* any, all: or of the elements so far */
	bool unknown;   /* an element was unknown: no value */
	bool found;     /* min, max, first: one was true */
	bool dead;      /* a sum overflowed */
	uint8_t probable;
	int64_t i;      /* count, sum, min, max, first */
	struct str s;   /* first of texts */
};

/* A piece of the children, laid end to end. */
struct chunk {
	int32_t *row;
	uint32_t *pos;
	uint8_t *link;
	size_t n, cap;
};

/* The truth of one element: the condition seen through the link. */
static uint8_t element(uint8_t truth, uint8_t link)
{
	bool no = (truth & 5) == 1;
	if (link == RULE_LINK_UNCLEAR && !no)
		return B_UNKNOWN;
	if (link == RULE_LINK_PROBABLE && (truth & 5) == 5)
		return truth | 2;
	return truth;
}

static bool fold_sum(struct acc *a, int64_t v)
{
	if (a->dead)
		return true;
	a->dead = __builtin_add_overflow(a->i, v, &a->i);
	return !a->dead;
}

/* Takes the value of an element that is true.  False is an overflow. */
static bool fold_value(const struct rule_node *n, struct acc *a, uint8_t truth,
                       const struct rule_value *v)
{
	if (n->op == R_FIRST && a->found)
		return true;
	if (!(v->state & 1)) {
		/* A first element without a value is still the first. */
		a->unknown = true;
		a->found = true;
		return true;
	}
	a->probable |= (truth | v->state) & 2;
	if (n->op == R_SUM)
		return fold_sum(a, v->i);
	bool latest = n->op == R_MAX;
	if (!a->found)
		a->i = v->i;
	else if (n->kind.type == RULE_DATE)
		a->i = rule__date_pick(latest, (date_t)a->i, (date_t)v->i);
	else if ((v->i > a->i) == latest)
		a->i = v->i;
	a->s = v->s;
	a->found = true;
	return true;
}

/* False is an overflow. */
static bool fold(const struct rule_node *n, struct acc *a, uint8_t truth,
                 const struct rule_value *v)
{
	if (n->op == R_ANY || n->op == R_ALL) {
		a->truth = rule__or[a->truth][truth];
		return true;
	}
	if ((truth & 5) == 5) {
		if (n->op != R_COUNT)
			return fold_value(n, a, truth, v);
		a->i++;
		a->probable |= truth & 2;
	} else if (n->op != R_FIRST) {
		a->unknown |= !(truth & 1);
		a->probable |= truth & 2;
	}
	return true;
}

static void flush(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                  struct chunk *c, struct acc *acc)
{
	if (c->n == 0)
		return;
	static const struct rule_kind kind = {.type = RULE_BOOL};
	struct arena_mark mark = arena_save(e->a);
	int child =
	    e->data->schema->entities[n->path.entity].collections[n->path.index].entity;
	struct rule_frame sub = {child, c->n, c->row, f, c->pos};
	struct rule_vec cond = rule__vec(e, &kind, c->n);
	struct rule_vec value = {0};
	if (n->kid[0])
		rule__eval(e, n->kid[0], &sub, &cond);
	else
		memset(cond.f, B_YES, c->n);
	uint8_t *pick = arena_alloc(e->a, c->n);
	for (size_t k = 0; k < c->n; k++) {
		uint8_t truth = n->op == R_ALL ? rule__not(cond.f[k]) : cond.f[k];
		cond.f[k] = element(truth, c->link[k]);
		pick[k] = (cond.f[k] & 5) == 5;
	}
	if (n->kid[1]) {
		value = rule__vec(e, &n->kid[1]->kind, c->n);
		rule__eval_some(e, n->kid[1], &sub, pick, &value);
	}
	for (size_t k = 0; k < c->n; k++) {
		struct rule_value v = {.state = RULE_MISSING};
		if (n->kid[1] && pick[k])
			v = rule__get(&n->kid[1]->kind, &value, k);
		if (!fold(n, &acc[c->pos[k]], cond.f[k], &v))
			rule__overflow(e, f, c->pos[k]);
	}
	if (n->kind.type != RULE_TEXT)
		arena_back(e->a, mark);
	c->n = 0;
}

static void finish(const struct rule_node *n, const struct acc *a, bool covered,
                   struct rule_vec *out, size_t at)
{
	if (n->op == R_ANY || n->op == R_ALL) {
		uint8_t truth = covered ? a->truth : rule__or[a->truth][B_UNKNOWN];
		out->f[at] = n->op == R_ALL ? rule__not(truth) : truth;
		return;
	}
	bool needs_one = n->op == R_MIN || n->op == R_MAX || n->op == R_FIRST;
	bool complete = n->op == R_FIRST || covered;
	bool there = complete && !a->unknown && !a->dead && (!needs_one || a->found);
	struct rule_value v = {.state = RULE_MISSING};
	if (there) {
		v.state = (uint8_t)(RULE_KNOWN | a->probable);
		v.i = a->i;
		v.s = a->s;
	}
	rule__put(&n->kind, out, at, &v);
}

static void chunk_init(struct rule_eval *e, struct chunk *c, size_t want)
{
	*c = (struct chunk){.cap = want < CHUNK ? want : CHUNK};
	c->row = arena_alloc(e->a, c->cap * sizeof *c->row);
	c->pos = arena_alloc(e->a, c->cap * sizeof *c->pos);
	c->link = arena_alloc(e->a, c->cap);
}

static void add_child(struct chunk *c, const struct rule_children *of, size_t k, size_t parent)
{
	c->row[c->n] = of->row[k];
	c->pos[c->n] = (uint32_t)parent;
	c->link[c->n] = of->link ? of->link[k] : RULE_LINK_SURE;
	c->n++;
}

void rule__eval_fold(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                     struct rule_vec *out)
{
	const int32_t *row = rule__rows(e, &n->path, f);
	if (n->op == R_COVERED) {
		for (size_t k = 0; k < f->n; k++) {
			bool covered = rule__children(e->data, &n->path, row[k]).covered;
			out->f[k] = covered ? B_YES : B_NO;
		}
		return;
	}
	size_t total = 0;
	for (size_t k = 0; k < f->n; k++)
		total += rule__children(e->data, &n->path, row[k]).n;
	struct acc *acc = arena_calloc(e->a, f->n, sizeof *acc);
	struct chunk c;
	chunk_init(e, &c, total);
	for (size_t k = 0; k < f->n; k++) {
		struct rule_children of = rule__children(e->data, &n->path, row[k]);
		acc[k].truth = B_NO;
		for (size_t i = 0; i < of.n; i++) {
			if (c.n == c.cap)
				flush(e, n, f, &c, acc);
			add_child(&c, &of, i, k);
		}
	}
	flush(e, n, f, &c, acc);
	for (size_t k = 0; k < f->n; k++)
		finish(n, &acc[k], rule__children(e->data, &n->path, row[k]).covered, out, k);
}
