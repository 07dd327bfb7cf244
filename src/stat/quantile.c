/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/quantile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stat/dist.h"

#include "base/banned.h"

static const char *const names[QUANTILE_RULE_MAX] = {"hf1", "hf7", "mid"};

bool quantile_rule_find(const char *name, enum quantile_rule *ret)
{
	for (int i = 0; i < QUANTILE_RULE_MAX; i++)
		if (strcmp(names[i], name) == 0) {
			*ret = (enum quantile_rule)i;
			return true;
		}
	return false;
}

struct pair {
	double x, w;
};

static int by_value(const void *l, const void *r)
{
	const struct pair *a = l, *b = r;
	return (a->x > b->x) - (a->x < b->x);
}

void quantiles_make(const double *x, const double *w, const bool *use, size_t n, struct arena *a,
                    struct quantiles *ret)
{
	struct pair *pairs = arena_alloc(a, (n + 1) * sizeof(*pairs));
	struct quantiles q = {0};
	/* as R's cumsum: whether a quantile lies exactly at a value is a matter of the last bit */
	long double cum = 0, all = 0;
	for (size_t i = 0; i < n; i++)
		if ((!use || use[i]) && w[i] != 0) {
			pairs[q.n++] = (struct pair){x[i], w[i]};
			all += w[i];
		}
	q.all = (double)all;
	qsort(pairs, q.n, sizeof(*pairs), by_value);
	q.x = arena_alloc(a, (q.n + 1) * sizeof(double));
	q.cum = arena_alloc(a, (q.n + 1) * sizeof(double));
	for (size_t i = 0; i < q.n; i++) {
		cum += pairs[i].w;
		q.x[i] = pairs[i].x;
		q.cum[i] = (double)cum;
	}
	*ret = q;
}

/* How many values have a cumulated weight of at most v. */
static size_t up_to(const struct quantiles *q, double v)
{
	size_t lo = 0, hi = q->n;
	while (lo < hi) {
		size_t m = (lo + hi) / 2;
		if (q->cum[m] <= v)
			lo = m + 1;
		else
			hi = m;
	}
	return lo;
}

static double between(const struct quantiles *q, double p)
{
	if (q->n == 1)
		return q->x[0];
	double all = q->cum[q->n - 2];
	size_t k = up_to(q, p * all); /* x[k] has k values before it, of weight cum[k-1] <= p all */
	if (k >= q->n - 1)
		return q->x[q->n - 1];
	double before = k ? q->cum[k - 1] : 0;
	double share = (p * all - before) / (q->cum[k] - before);
	return q->x[k] + share * (q->x[k + 1] - q->x[k]);
}

double quantile(const struct quantiles *q, enum quantile_rule rule, double p)
{
	if (!q->n || isnan(p))
		return NAN;
	if (rule == QUANTILE_HF7)
		return between(q, p);
	double all = q->all;
	size_t k = up_to(q, p * all);
	/* exactly there: as the rule says.  The comparison of shares is R's. */
	bool at = k > 0 && p - q->cum[k - 1] / all == 0;
	if (at && rule == QUANTILE_MID && k < q->n)
		return (q->x[k - 1] + q->x[k]) / 2;
	if (at)
		return q->x[k - 1];
	return q->x[k < q->n ? k : q->n - 1];
}

enum err quantile_estimate(const struct stat_sample *s, const double *x, const bool *use, double p,
                           enum quantile_rule rule, enum interval_method method, double level,
                           struct arena *a, struct diag *diag, struct quantile_result *ret)
{
	struct arena_mark m = arena_save(a);
	size_t n = s->design->n;
	struct quantiles q;
	double *below = arena_alloc(a, (n + 1) * sizeof(*below));
	struct proportion of;
	quantiles_make(x, s->design->weight, use, n, a, &q);
	struct quantile_result r = {.estimate = quantile(&q, rule, p), .lo = NAN, .hi = NAN, .se = NAN};
	for (size_t i = 0; i < n; i++)
		below[i] = x[i] <= r.estimate;
	enum err e = isnan(r.estimate) ? OK : stat_proportion(s, below, use, a, diag, &of);
	if (!e && !isnan(r.estimate)) {
		struct interval i = interval_proportion(&of, method, level);
		r.lo = i.lo >= 0 && i.lo <= 1 ? quantile(&q, rule, i.lo) : NAN;
		r.hi = i.hi >= 0 && i.hi <= 1 ? quantile(&q, rule, i.hi) : NAN;
		r.se = (r.hi - r.lo) / (2 * dist_q_t(1 - (1 - level) / 2, of.df));
	}
	arena_back(a, m);
	if (!e)
		*ret = r;
	return e;
}
