/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "link/compare.h"

#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"

#include "base/banned.h"

struct points points_of(struct arena *a, struct str s)
{
	int32_t *p = ARENA_ARRAY(a, s.n + 1, int32_t);
	size_t n = 0, pos = 0;

	for (int32_t cp; (cp = utf8_next(s, &pos)) >= 0;)
		p[n++] = cp;
	return (struct points){p, n};
}

static size_t min2(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max2(size_t a, size_t b)
{
	return a > b ? a : b;
}

size_t compare_levenshtein(struct arena *a, struct points x, struct points y)
{
	size_t *row = ARENA_ARRAY(a, y.n + 1, size_t);

	for (size_t j = 0; j <= y.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= x.n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= y.n; j++) {
			size_t above = row[j];
			size_t change = diagonal + (x.p[i - 1] != y.p[j - 1]);
			row[j] = min2(change, min2(above, row[j - 1]) + 1);
			diagonal = above;
		}
	}
	return row[y.n];
}

size_t compare_osa(struct arena *a, struct points x, struct points y)
{
	size_t w = y.n + 1;
	size_t *cells = ARENA_ARRAY(a, 3 * w, size_t);
	size_t *before = cells, *last = cells + w, *now = cells + 2 * w;

	for (size_t j = 0; j <= y.n; j++)
		last[j] = j;
	for (size_t i = 1; i <= x.n; i++) {
		now[0] = i;
		for (size_t j = 1; j <= y.n; j++) {
			size_t d = last[j - 1] + (x.p[i - 1] != y.p[j - 1]);
			d = min2(d, min2(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && x.p[i - 1] == y.p[j - 2] && x.p[i - 2] == y.p[j - 1])
				d = min2(d, before[j - 2] + 1);
			now[j] = d;
		}
		size_t *free_row = before;
		before = last;
		last = now;
		now = free_row;
	}
	return last[y.n];
}

/* Lowrance and Wagner 1975. */
size_t compare_damerau(struct arena *a, struct points x, struct points y)
{
	size_t w = y.n + 1;
	size_t *d = ARENA_ARRAY(a, (x.n + 1) * w, size_t);
	size_t *last_row = ARENA_ARRAY(a, y.n + 1, size_t);

	for (size_t i = 0; i <= x.n; i++)
		d[i * w] = i;
	for (size_t j = 0; j <= y.n; j++)
		d[j] = j;
	for (size_t j = 1; j <= y.n; j++)
		last_row[j] = 0;
	for (size_t i = 1; i <= x.n; i++) {
		size_t last_col = 0;
		for (size_t j = 1; j <= y.n; j++) {
			size_t i1 = last_row[j], j1 = last_col;
			bool same = x.p[i - 1] == y.p[j - 1];
			size_t v = d[(i - 1) * w + j - 1] + !same;
			v = min2(v, min2(d[(i - 1) * w + j], d[i * w + j - 1]) + 1);
			if (i1 > 0 && j1 > 0)
				v = min2(v, d[(i1 - 1) * w + j1 - 1] + (i - i1 - 1) + 1 + (j - j1 - 1));
			d[i * w + j] = v;
			if (same)
				last_col = j;
		}
		for (size_t j = 1; j <= y.n; j++)
			if (y.p[j - 1] == x.p[i - 1])
				last_row[j] = i;
	}
	return d[x.n * w + y.n];
}

size_t compare_lcs(struct arena *a, struct points x, struct points y)
{
	size_t *row = ARENA_ARRAY(a, y.n + 1, size_t);

	for (size_t j = 0; j <= y.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= x.n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= y.n; j++) {
			size_t above = row[j];
			row[j] = x.p[i - 1] == y.p[j - 1] ? diagonal : min2(above, row[j - 1]) + 1;
			diagonal = above;
		}
	}
	return row[y.n];
}

double compare_jaro(struct arena *a, struct points x, struct points y)
{
	if (x.n == 0 && y.n == 0)
		return 1;
	if (x.n == 0 || y.n == 0)
		return 0;
	size_t longer = max2(x.n, y.n);
	size_t window = longer / 2 > 0 ? longer / 2 - 1 : 0;
	bool *in_x = ARENA_ARRAY(a, x.n, bool), *in_y = ARENA_ARRAY(a, y.n, bool);
	size_t matched = 0;

	for (size_t i = 0; i < x.n; i++) {
		size_t from = i > window ? i - window : 0, to = min2(i + window + 1, y.n);
		for (size_t j = from; j < to; j++) {
			if (!in_y[j] && x.p[i] == y.p[j]) {
				in_x[i] = in_y[j] = true;
				matched++;
				break;
			}
		}
	}
	if (matched == 0)
		return 0;
	size_t crossed = 0;
	for (size_t i = 0, j = 0; i < x.n; i++) {
		if (!in_x[i])
			continue;
		while (!in_y[j])
			j++;
		crossed += x.p[i] != y.p[j++];
	}
	double m = (double)matched;
	return (m / (double)x.n + m / (double)y.n + (m - (double)crossed / 2) / m) / 3;
}

double compare_jaro_winkler(struct arena *a, struct points x, struct points y,
                            double prefix_weight)
{
	double jaro = compare_jaro(a, x, y);
	size_t prefix = 0, most = min2(4, min2(x.n, y.n));

	while (prefix < most && x.p[prefix] == y.p[prefix])
		prefix++;
	return jaro + (double)prefix * prefix_weight * (1 - jaro);
}

struct gram {
	const int32_t *p;
	size_t q;
	size_t count[2]; /* in x, in y */
};

static int gram_cmp(const void *a, const void *b)
{
	const struct gram *x = a, *y = b;

	for (size_t i = 0; i < x->q; i++)
		if (x->p[i] != y->p[i])
			return x->p[i] < y->p[i] ? -1 : 1;
	return 0;
}

/* The q-grams of both texts, each once, with their counts. */
static struct gram *grams_of(struct arena *a, struct points x, struct points y, size_t q,
                             size_t *ret_n)
{
	struct gram *g = ARENA_ARRAY(a, x.n + y.n + 1, struct gram);
	size_t n = 0, kept = 0;

	for (size_t i = 0; q > 0 && i + q <= x.n; i++)
		g[n++] = (struct gram){x.p + i, q, {1, 0}};
	for (size_t i = 0; q > 0 && i + q <= y.n; i++)
		g[n++] = (struct gram){y.p + i, q, {0, 1}};
	qsort(g, n, sizeof(g[0]), gram_cmp);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && gram_cmp(&g[kept - 1], &g[i]) == 0) {
			g[kept - 1].count[0] += g[i].count[0];
			g[kept - 1].count[1] += g[i].count[1];
		} else {
			g[kept++] = g[i];
		}
	}
	*ret_n = kept;
	return g;
}

double compare_cosine(struct arena *a, struct points x, struct points y, size_t q)
{
	size_t n;
	struct gram *g = grams_of(a, x, y, q, &n);
	double dot = 0, xx = 0, yy = 0;

	if (n == 0)
		return x.n == y.n && (x.n == 0 || memcmp(x.p, y.p, x.n * sizeof(x.p[0])) == 0) ? 0 : NAN;
	for (size_t i = 0; i < n; i++) {
		double cx = (double)g[i].count[0], cy = (double)g[i].count[1];
		dot += cx * cy;
		xx += cx * cx;
		yy += cy * cy;
	}
	if (xx == 0 || yy == 0)
		return NAN;
	double distance = 1 - dot / sqrt(xx * yy);
	return distance < 0 ? 0 : distance;
}

double compare_jaccard(struct arena *a, struct points x, struct points y, size_t q)
{
	size_t n, both = 0;
	struct gram *g = grams_of(a, x, y, q, &n);

	if (n == 0)
		return NAN;
	for (size_t i = 0; i < n; i++)
		both += g[i].count[0] > 0 && g[i].count[1] > 0;
	return 1 - (double)both / (double)n;
}

static bool is_break(int32_t cp)
{
	cp = utf8_narrow(cp);
	return cp <= ' ' || (cp > ' ' && cp < '0') || (cp > '9' && cp < 'A') ||
	       (cp > 'Z' && cp < 'a') || (cp > 'z' && cp <= 0xBF) || (cp >= 0x2000 && cp <= 0x206F) ||
	       (cp >= 0x3000 && cp <= 0x303F && cp != 0x3007) || cp == 0xFEFF;
}

static int str_order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The words of s, sorted, each once. */
static struct str *tokens_of(struct arena *a, struct str s, size_t *ret_n)
{
	struct str *list = ARENA_ARRAY(a, s.n + 1, struct str);
	size_t n = 0, pos = 0, kept = 0;
	bool inside = false;

	for (;;) {
		size_t at = pos;
		int32_t cp = utf8_next(s, &pos);
		if (cp < 0 || is_break(cp)) {
			if (inside)
				list[n - 1].n = at - (size_t)(list[n - 1].p - s.p);
			inside = false;
			if (cp < 0)
				break;
		} else if (!inside) {
			list[n++].p = s.p + at;
			inside = true;
		}
	}
	qsort(list, n, sizeof(list[0]), str_order);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !str_eq(list[kept - 1], list[i]))
			list[kept++] = list[i];
	*ret_n = kept;
	return list;
}

double compare_token_sets(struct arena *a, struct str x, struct str y)
{
	size_t nx, ny, i = 0, j = 0, both = 0;
	struct str *tx = tokens_of(a, x, &nx), *ty = tokens_of(a, y, &ny);

	while (i < nx && j < ny) {
		int order = str_cmp(tx[i], ty[j]);
		both += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	return nx + ny == 0 ? 0 : (double)both / (double)(nx + ny - both);
}
