/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>

#include "base/map.h"
#include "pairs/work.h"

#include "base/banned.h"

/* Numbers in the order of scores, the highest first. */
static uint32_t rank_of(float score)
{
	uint32_t bits;
	memcpy(&bits, &score, sizeof(bits));
	if (score == 0)
		bits = 0; /* of either sign */
	return bits >> 31 ? bits : ~bits & 0x7FFFFFFF;
}

/* By score, the best first.  They come by row of b and of a, and of one score they stay so. */
static void sort_finds(struct finds *f)
{
	enum { DIGIT = 11, DIGITS = 1 << DIGIT };
	struct found *from = f->p, *to = base_realloc(NULL, f->n + 1, sizeof(*to));
	size_t at[DIGITS + 1];
	for (unsigned shift = 0; shift < 32; shift += DIGIT) {
		memset(at, 0, sizeof(at));
		for (size_t i = 0; i < f->n; i++)
			at[(rank_of(from[i].score) >> shift) % DIGITS + 1]++;
		for (size_t k = 0; k < DIGITS; k++)
			at[k + 1] += at[k];
		for (size_t i = 0; i < f->n; i++)
			to[at[(rank_of(from[i].score) >> shift) % DIGITS]++] = from[i];
		struct found *other = from;
		from = to;
		to = other;
	}
	base_free(to);
	f->p = from;
	f->cap = f->n + 1;
}

/* The best first; each row of b (and of a, one to one) is given away once. */
static void assign(struct work *w)
{
	bool *b = base_calloc(w->b.t->n + 1, sizeof(*b)),
	     *a = base_calloc(w->a.t->n + 1, sizeof(*a));
	size_t k = 0;
	for (size_t i = 0; i < w->found.n; i++) {
		const struct found f = w->found.p[i];
		if (b[f.b] || (w->c->assign == PAIRS_ONE_TO_ONE && a[f.a]))
			continue;
		b[f.b] = a[f.a] = true;
		w->found.p[k++] = f;
	}
	w->found.n = k;
	base_free(a);
	base_free(b);
}

static uint32_t root_of(uint32_t *up, uint32_t i)
{
	while (up[i] != i)
		i = up[i] = up[up[i]];
	return i;
}

struct member {
	uint32_t root, row;
};

static int by_root(const void *l, const void *r)
{
	const struct member *a = l, *b = r;
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* Who matches the same row matches: the pairs of each cluster that were not found themselves. */
static void close_clusters(struct work *w, double match)
{
	enum { CLUSTER_MAX = 50 };
	size_t rows = w->a.t->n, n = w->found.n;
	uint32_t *up = base_calloc(rows + 1, sizeof(*up));
	struct member *m = base_calloc(rows + 1, sizeof(*m));
	struct comparer *c = base_calloc(1, sizeof(*c));
	struct imap have;
	uint8_t level[FELLEGI_FIELDS_MAX];
	comparer_init(c, &w->a, &w->b);
	imap_init(&have);
	for (size_t i = 0; i < rows; i++)
		up[i] = (uint32_t)i;
	for (size_t i = 0; i < n; i++)
		if (fellegi_probability(&w->l.f, w->found.p[i].score) >= match &&
		    !w->found.p[i].doubt) {
			up[root_of(up, w->found.p[i].a)] = root_of(up, w->found.p[i].b);
			(void)imap_set(&have, (int64_t)w->found.p[i].a << 32 | w->found.p[i].b, 1);
		}
	for (size_t i = 0; i < rows; i++)
		m[i] = (struct member){root_of(up, (uint32_t)i), (uint32_t)i};
	qsort(m, rows, sizeof(*m), by_root);
	for (size_t from = 0, end; from < rows; from = end) {
		for (end = from; end < rows && m[end].root == m[from].root;)
			end++;
		for (size_t i = from; end - from <= CLUSTER_MAX && i < end; i++)
			for (size_t j = i + 1; j < end; j++)
				if (!imap_get(&have, (int64_t)m[i].row << 32 | m[j].row, 0)) {
					comparer_row(c, m[j].row);
					float score = (float)work_score(w, c, m[i].row, level);
					finds_add(&w->found,
						  (struct found){m[i].row, m[j].row, score,
								 patterns_add(&w->patterns, level) &
									 FOUND_PATTERN,
								 true, false});
				}
	}
	comparer_release(c);
	base_free(c);
	imap_release(&have);
	base_free(m);
	base_free(up);
}

void work_decide(struct work *w)
{
	sort_finds(&w->found);
	if (w->c->assign == PAIRS_ANY)
		close_clusters(w, w->c->match);
	else
		assign(w);
}
