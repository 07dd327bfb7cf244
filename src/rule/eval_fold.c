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

/* A collection's links with what its kind says where they say nothing. */
struct links {
	struct rule_links links;
	bool ledger;
};

static struct links links_of(const struct rule_data *d, const struct rule_path *p)
{
	const struct rule_table *t = &d->tables[p->entity];
	const struct rule_collection *c =
	    &d->schema->entities[p->entity].collections[p->index];
	struct links l = {{NULL, NULL, NULL, NULL}, c->kind == RULE_LEDGER};
	if (t->links)
		l.links = t->links[p->index];
	return l;
}

static inline bool is_covered(const struct links *l, int32_t row)
{
	return row >= 0 && (l->links.covered ? l->links.covered[row] != 0 : !l->ledger);
}

static inline struct rule_children children_of(const struct links *l, int32_t row)
{
	struct rule_children c = {NULL, NULL, 0, is_covered(l, row)};
	if (row < 0 || !l->links.from)
		return c;
	uint32_t from = l->links.from[row];
	c.n = l->links.from[row + 1] - from;
	c.row = l->links.row + from;
	c.link = l->links.link ? l->links.link + from : NULL;
	return c;
}

struct rule_children rule__children(const struct rule_data *d, const struct rule_path *p,
                                    int32_t row)
{
	struct links l = links_of(d, p);
	return children_of(&l, row);
}

/* One a parent: what count, sum, min, max, first have so far. */
struct acc {
	int64_t i;
	struct str s;     /* first of texts */
	uint8_t probable; /* 2 or 0 */
	bool unknown;     /* an element was unknown: no value */
	bool found;       /* min, max, first: one was true */
	bool dead;        /* a sum overflowed */
};

/* One of the three is made: any and all need no more than a truth a parent, the
 * or of its elements so far; a count that is compared, its bounds. */
struct folded {
	uint8_t *truth;
	struct rule_bounds *bounds;
	struct acc *acc;
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
		a->unknown = true;
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

/* An element that may or may not be there widens what its count may be. */
static void fold_bounds(struct rule_bounds *b, uint8_t truth)
{
	bool yes = (truth & 5) == 5, no = (truth & 5) == 1, sure = !(truth & 2);
	b->low += yes;
	b->high += !no;
	b->sure_low += yes && sure;
	b->sure_high += !(no && sure);
}

static void flush(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                  struct chunk *c, struct folded *folded)
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
	for (size_t k = 0; k < c->n && folded->truth; k++) {
		uint8_t *truth = &folded->truth[c->pos[k]];
		*truth = rule__or[*truth][cond.f[k]];
	}
	for (size_t k = 0; k < c->n && folded->bounds; k++)
		fold_bounds(&folded->bounds[c->pos[k]], cond.f[k]);
	for (size_t k = 0; k < c->n && folded->acc; k++) {
		struct rule_value v = {.state = RULE_MISSING};
		if (n->kid[1] && pick[k])
			v = rule__get(&n->kid[1]->kind, &value, k);
		if (!fold(n, &folded->acc[c->pos[k]], cond.f[k], &v))
			rule__overflow(e, f, c->pos[k]);
	}
	if (n->kind.type != RULE_TEXT)
		arena_back(e->a, mark);
	c->n = 0;
}

static uint8_t finish_truth(const struct rule_node *n, uint8_t truth, bool covered)
{
	if (!covered)
		truth = rule__or[truth][B_UNKNOWN];
	return n->op == R_ALL ? rule__not(truth) : truth;
}

static struct rule_value finish_value(const struct rule_node *n, const struct acc *a,
                                      bool covered)
{
	bool needs_one = n->op == R_MIN || n->op == R_MAX || n->op == R_FIRST;
	bool complete = n->op == R_FIRST || covered;
	bool there = complete && !a->unknown && !a->dead && (!needs_one || a->found);
	if (!there)
		return (struct rule_value){.state = RULE_MISSING};
	return (struct rule_value){(uint8_t)(RULE_KNOWN | a->probable), a->i, a->s};
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

static void eval_covered(struct rule_eval *e, const struct rule_node *n,
                         const struct rule_frame *f, struct rule_vec *out)
{
	const int32_t *row = rule__rows(e, &n->path, f);
	struct links l = links_of(e->data, &n->path);
	for (size_t k = 0; k < f->n; k++)
		out->f[k] = is_covered(&l, row[k]) ? B_YES : B_NO;
}

static void fold_children(struct rule_eval *e, const struct rule_node *n,
                          const struct rule_frame *f, const int32_t *row,
                          struct folded *folded)
{
	struct links l = links_of(e->data, &n->path);
	struct chunk c;
	size_t total = 0;
	if (!l.links.from)
		return;
	for (size_t k = 0; k < f->n; k++)
		total += row[k] < 0 ? 0 : l.links.from[row[k] + 1] - l.links.from[row[k]];
	chunk_init(e, &c, total);
	for (size_t k = 0; k < f->n; k++) {
		struct rule_children of = children_of(&l, row[k]);
		for (size_t i = 0; i < of.n; i++) {
			if (c.n == c.cap)
				flush(e, n, f, &c, folded);
			add_child(&c, &of, i, k);
		}
	}
	flush(e, n, f, &c, folded);
}

void rule__count_bounds(struct rule_eval *e, const struct rule_node *n,
                        const struct rule_frame *f, struct rule_bounds *out)
{
	const int32_t *row = rule__rows(e, &n->path, f);
	struct links l = links_of(e->data, &n->path);
	struct folded folded = {.bounds = out};
	memset(out, 0, f->n * sizeof *out);
	fold_children(e, n, f, row, &folded);
	for (size_t k = 0; k < f->n; k++)
		if (!is_covered(&l, row[k]))
			out[k].high = out[k].sure_high = INT64_MAX;
}

void rule__eval_fold(struct rule_eval *e, const struct rule_node *n, const struct rule_frame *f,
                     struct rule_vec *out)
{
	if (n->op == R_COVERED) {
		eval_covered(e, n, f, out);
		return;
	}
	const int32_t *row = rule__rows(e, &n->path, f);
	struct links l = links_of(e->data, &n->path);
	bool truth = n->op == R_ANY || n->op == R_ALL;
	struct folded folded = {0};
	if (truth)
		folded.truth = memset(arena_alloc(e->a, f->n), B_NO, f->n);
	else
		folded.acc = arena_calloc(e->a, f->n, sizeof *folded.acc);
	fold_children(e, n, f, row, &folded);
	for (size_t k = 0; k < f->n; k++) {
		bool covered = is_covered(&l, row[k]);
		if (truth) {
			out->f[k] = finish_truth(n, folded.truth[k], covered);
			continue;
		}
		struct rule_value v = finish_value(n, &folded.acc[k], covered);
		rule__put(&n->kind, out, k, &v);
	}
}
