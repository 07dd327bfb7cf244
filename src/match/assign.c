/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "match/assign.h"

#include <assert.h>
#include <stdlib.h>

#include "base/vec.h"

#include "base/banned.h"

enum {
	ROUNDS_MAX = 6,
	LEAD = 250, /* by which a claim must beat another */
	NEAR_MARGIN = 500, /* weights closer than this bear on a verdict */
	RANGE = 512, /* rows that a thread takes at a time */
	NEARLY = 3, SOON = 5, /* rows behind the one that is read */
};
static_assert((int)NEARLY < (int)SOON && (int)SOON < (int)ASSIGN_AHEAD - 1, "one step after the other");

/* A row that is not settled by a number. */
struct open_row {
	int32_t row;
	int32_t first_weight; /* of the best when nobody was claimed */
	int32_t human;        /* best now, -1 = none */
	int32_t weight;
	enum match_band band;
	bool settled;
	int32_t near[CANDS_MAX]; /* humans who may change the verdict when claimed */
	size_t n_near;
	size_t n_ties;        /* 0: not a tie that can be dealt out */
	int32_t tie[CANDS_MAX];
};

/* What the first pass says of a row to the others. */
struct first {
	int32_t human; /* whom it claims, -1 = nobody but the household */
	bool claims;
};

/* The rows of one range that are open, in their order. */
struct range {
	VEC(struct open_row) open;
};

struct run {
	struct assign *a;
	int32_t *taken; /* by human: claiming row + 1, 0 = free */
	VEC(int32_t) claimed; /* humans */
	struct weigh_space space[TEAM_MAX]; /* by worker; m = NULL: not needed yet */
	struct match_link *ret;
	struct first *first;  /* one to one: by row */
	struct range *ranges; /* one to one */
	struct open_row *open;
	size_t n_open;
};

static struct weigh_space *space_of(struct run *r, size_t worker)
{
	struct weigh_space *w = &r->space[worker];

	if (!w->m)
		weigh_space_init(w, r->a->m, r->taken);
	return w;
}

void query_name(struct query *q, struct str name)
{
	q->name = hanname_parse(name);
	if (q->name.former)
		q->former = hanname_former(name);
	q->name_key = hanname_key(&q->name);
}

static void claim_human(struct run *r, int32_t h, int32_t row)
{
	if (r->taken[h] != 0)
		return;
	r->taken[h] = row + 1;
	*vec_push(&r->claimed) = h;
}

static void claim(struct run *r, int32_t human, int32_t household, int32_t row)
{
	const struct match *m = r->a->m;

	if (human >= 0)
		claim_human(r, human, row);
	if (!r->a->households || household < 0)
		return;
	for (int32_t i = m->members_at[household]; i < m->members_at[household + 1]; i++)
		claim_human(r, m->records[m->members[i]].human, row);
}

static void link_row(struct run *r, size_t worker, size_t i, const struct query *q,
                     const struct verdict *v)
{
	judge_link(r->a->m, q, v, &r->ret[i]);
	if (r->a->finish)
		r->a->finish(r->a->arg, worker, i, q, v, &r->ret[i]);
}

static int compare_ints(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* Remembers what decides whether the row must be judged again. */
static void note_verdict(struct open_row *o, const struct verdict *v)
{
	o->human = v->n ? v->best[0].human : -1;
	o->weight = v->n ? v->best[0].weight : 0;
	o->band = v->band;
	o->n_near = o->n_ties = 0;
	for (size_t i = 0; i < v->n; i++)
		if (v->best[0].weight - v->best[i].weight < NEAR_MARGIN)
			o->near[o->n_near++] = v->best[i].human;
	if (v->band != MATCH_UNCLEAR || v->rivals == 0 || v->rivals + 1 >= CANDS_MAX)
		return;
	o->n_ties = v->rivals + 1;
	for (size_t i = 0; i < o->n_ties; i++)
		o->tie[i] = v->best[i].human;
	qsort(o->tie, o->n_ties, sizeof(o->tie[0]), compare_ints);
}

static bool lost_one(const struct run *r, const struct open_row *o)
{
	for (size_t i = 0; i < o->n_near; i++) {
		int32_t by = r->taken[o->near[i]];
		if (by != 0 && by != o->row + 1)
			return true;
	}
	return false;
}

/* Most rows of an office's ledger: by number and name somebody's whom nobody else can be. */
static bool link_known(const struct match *m, const struct query *q, struct match_link *ret,
                       int32_t *ret_human)
{
	int32_t record = q->quick ? weigh_known(m, q) : -1;

	if (record < 0)
		return false;
	int32_t h = *ret_human = m->records[record].human;
	judge_no_link(ret);
	ret->bridge_band = MATCH_SURE;
	ret->method = MATCH_BY_ID;
	ret->name = HANNAME_SAME;
	ret->id = IDNO_SAME;
	if ((size_t)h >= m->n_registered && m->records[record].next < 0) { /* he is no more than this */
		ret->bridge = record - (int32_t)m->in.n_persons;
		return true;
	}
	const struct human *human = &m->humans[h];
	ret->bridge = human->bridge;
	ret->person = human->person;
	ret->also = human->also;
	ret->household = people_household(m, h);
	ret->band = human->person >= 0 ? MATCH_SURE : MATCH_NOT_OURS;
	ret->household_band = ret->household >= 0 ? MATCH_SURE : MATCH_NOT_OURS;
	return true;
}

static void first_row(struct run *r, size_t worker, size_t i, struct query *q, struct range *range)
{
	struct assign *a = r->a;
	struct first *first = r->first ? &r->first[i] : NULL;
	struct verdict v;
	int32_t known;

	if (link_known(a->m, q, &r->ret[i], &known)) {
		if (first)
			*first = (struct first){known, true};
		return;
	}
	if (q->quick)
		a->query(a->arg, worker, i, q);

	if (a->direct && a->direct(a->arg, worker, i, q, &r->ret[i])) {
		int32_t p = r->ret[i].person;
		if (first)
			*first = (struct first){p >= 0 ? a->m->records[p].human : -1, true};
		return;
	}
	weigh_row(space_of(r, worker), q, (int32_t)i, false, &v);
	link_row(r, worker, i, q, &v);
	if (!first)
		return;
	*first = (struct first){v.n ? v.best[0].human : -1, v.n && v.strong};
	if (v.n == 0 || v.strong || v.band == MATCH_NOT_OURS || v.id_owner >= 0)
		return;
	struct open_row *o = vec_push(&range->open);
	o->row = (int32_t)i;
	o->first_weight = v.best[0].weight;
	note_verdict(o, &v);
}

/* Rows are read a few ahead of the one that is weighed: most of the time would
 * else be spent in waiting for the memory where people lie. */
static void first_range(void *arg, size_t job, size_t worker)
{
	struct run *r = arg;
	struct assign *a = r->a;
	size_t from = job * RANGE, end = from + RANGE < a->n ? from + RANGE : a->n;
	struct query q[ASSIGN_AHEAD];

	for (size_t k = from; k < end + ASSIGN_AHEAD - 1; k++) {
		size_t nearly = k - NEARLY, soon = k - SOON, i = k - (ASSIGN_AHEAD - 1);
		if (k < end) {
			(a->number ? a->number : a->query)(a->arg, worker, k, &q[k % ASSIGN_AHEAD]);
			weigh_ahead(a->m, &q[k % ASSIGN_AHEAD]);
		}
		if (k >= from + NEARLY && nearly < end)
			weigh_nearly(a->m, &q[nearly % ASSIGN_AHEAD]);
		if (k >= from + SOON && soon < end)
			weigh_soon(a->m, &q[soon % ASSIGN_AHEAD]);
		if (k >= from + ASSIGN_AHEAD - 1)
			first_row(r, worker, i, &q[i % ASSIGN_AHEAD], r->ranges ? &r->ranges[job] : NULL);
	}
}

/* Every row by itself, whoever is claimed; then the claims, in the order of the rows. */
static void first_pass(struct run *r)
{
	size_t n = r->a->n, n_ranges = (n + RANGE - 1) / RANGE, at = 0;

	if (r->a->one_to_one) {
		r->first = base_calloc(n, sizeof(r->first[0]));
		r->ranges = base_calloc(n_ranges, sizeof(r->ranges[0]));
	}
	team_run(r->a->team, n_ranges, first_range, r);
	if (!r->a->one_to_one)
		return;
	for (size_t i = 0; i < n; i++)
		if (r->first[i].claims)
			claim(r, r->first[i].human, r->ret[i].household, (int32_t)i);
	for (size_t k = 0; k < n_ranges; k++)
		r->n_open += r->ranges[k].open.n;
	r->open = base_calloc(r->n_open, sizeof(r->open[0]));
	for (size_t k = 0; k < n_ranges; k++) {
		if (r->ranges[k].open.n)
			memcpy(&r->open[at], r->ranges[k].open.p, r->ranges[k].open.n * sizeof(r->open[0]));
		at += r->ranges[k].open.n;
		vec_free(&r->ranges[k].open);
	}
	base_free(r->ranges);
	base_free(r->first);
}

/* Judges the open rows without the humans that others have claimed. */
static void judge_again(struct run *r)
{
	struct assign *a = r->a;
	struct query q;
	struct verdict v;

	for (size_t k = 0; k < r->n_open; k++) {
		struct open_row *o = &r->open[k];
		if (o->settled || !lost_one(r, o))
			continue;
		a->query(a->arg, 0, (size_t)o->row, &q);
		weigh_row(space_of(r, 0), &q, o->row, true, &v);
		note_verdict(o, &v);
		if (v.n == 0 || o->weight + LEAD <= o->first_weight) {
			/* Another row of somebody who is claimed: his first link stands. */
			o->settled = true;
			continue;
		}
		link_row(r, 0, (size_t)o->row, &q, &v);
	}
}

/* Claims by human, the heaviest first, then by content. */
static int compare_claims(const void *x, const void *y, void *arg)
{
	const struct open_row *a = x, *b = y;
	struct run *r = arg;

	if (a->human != b->human)
		return a->human < b->human ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return r->a->order(r->a->arg, (size_t)a->row, (size_t)b->row);
}

/* Lets the best-founded claim of each human win; true when one did. */
static bool settle(struct run *r)
{
	bool changed = false;

	qsort_r(r->open, r->n_open, sizeof(r->open[0]), compare_claims, r);
	for (size_t i = 0, end; i < r->n_open; i = end) {
		struct open_row *top = NULL;
		for (end = i; end < r->n_open && r->open[end].human == r->open[i].human; end++) {
			struct open_row *o = &r->open[end];
			if (o->settled || o->band < MATCH_PROBABLE || o->human < 0)
				continue;
			if (!top)
				top = o;
			else if (top->weight - o->weight < LEAD)
				o->settled = true; /* the same human twice in the list */
		}
		if (!top)
			continue;
		top->settled = true;
		changed = true;
		claim(r, top->human, r->ret[top->row].household, top->row);
	}
	return changed;
}

static int compare_ties(const void *x, const void *y, void *arg)
{
	const struct open_row *a = x, *b = y;
	struct run *r = arg;
	size_t na = a->settled ? 0 : a->n_ties, nb = b->settled ? 0 : b->n_ties;

	if (na != nb)
		return na > nb ? -1 : 1;
	if (na == 0)
		return 0;
	int order = memcmp(a->tie, b->tie, na * sizeof(a->tie[0]));
	return order ? order : r->a->order(r->a->arg, (size_t)a->row, (size_t)b->row);
}

static int compare_humans(const void *x, const void *y, void *arg)
{
	return people_compare(arg, *(const int32_t *)x, *(const int32_t *)y);
}

/* One of a tie to a row. */
static void deal_row(struct run *r, const struct open_row *o, int32_t human)
{
	const struct match *m = r->a->m;
	struct match_link *l = &r->ret[o->row];
	const struct human *h = &m->humans[human];

	l->person = h->person;
	l->also = h->also;
	l->bridge = h->bridge;
	l->household = h->person >= 0 ? m->in.persons[h->person].household : MATCH_NONE;
	l->bridge_band = MATCH_UNCLEAR;
	l->band = h->person >= 0 ? MATCH_UNCLEAR : MATCH_NOT_OURS;
	l->household_band = l->household >= 0 ? l->band : MATCH_NOT_OURS;
}

/* Rows that cannot tell as many humans apart: one each. */
static void deal(struct run *r)
{
	qsort_r(r->open, r->n_open, sizeof(r->open[0]), compare_ties, r);
	for (size_t i = 0, end; i < r->n_open; i = end) {
		struct open_row *o = &r->open[i];
		end = i + 1;
		if (o->settled || o->n_ties == 0)
			return;
		while (end < r->n_open && !r->open[end].settled && r->open[end].n_ties == o->n_ties &&
		       memcmp(r->open[end].tie, o->tie, o->n_ties * sizeof(o->tie[0])) == 0)
			end++;
		if (end - i < o->n_ties)
			continue;
		int32_t humans[CANDS_MAX];
		memcpy(humans, o->tie, sizeof(humans));
		size_t n = o->n_ties;
		qsort_r(humans, n, sizeof(humans[0]), compare_humans, (void *)(uintptr_t)r->a->m);
		for (size_t k = 0; k < n; k++)
			deal_row(r, &r->open[i + k], humans[k]);
	}
}

void assign_run(struct assign *a, struct match_link *ret)
{
	struct run r = {.a = a, .ret = ret};

	if (a->one_to_one)
		r.taken = weigh_taken_new(a->m);
	first_pass(&r);
	if (a->one_to_one) {
		bool changed = true;
		for (int round = 0; round < ROUNDS_MAX && changed; round++) {
			judge_again(&r);
			changed = settle(&r);
		}
		if (changed)
			judge_again(&r);
		deal(&r);
	}
	base_free(r.open);
	for (size_t i = 0; i < r.claimed.n; i++)
		r.taken[r.claimed.p[i]] = 0;
	if (r.taken)
		weigh_taken_release(a->m, r.taken);
	vec_free(&r.claimed);
	for (size_t i = 0; i < TEAM_MAX; i++)
		weigh_space_release(&r.space[i]);
}
