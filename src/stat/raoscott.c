/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/raoscott.h"

#include <math.h>

#include "stat/dist.h"
#include "stat/linalg.h"

#include "base/banned.h"

enum { CELLS_MAX = 1024 };

/* The contrasts of the interaction, centred both ways: cells x (nr-1)(nc-1). */
static double *contrasts(size_t nr, size_t nc, struct arena *a)
{
	size_t q = (nr - 1) * (nc - 1);
	double *c = ARENA_ARRAY(a, nr * nc * q, double);
	for (size_t i = 0; i < nr; i++)
		for (size_t j = 0; j < nc; j++)
			for (size_t k = 0; k < q; k++) {
				double u = (i == k % (nr - 1) + 1) - 1 / (double)nr;
				double v = (j == k / (nr - 1) + 1) - 1 / (double)nc;
				c[(j * nr + i) * q + k] = u * v;
			}
	return c;
}

/* C' M C with M given by its product. */
static void sandwich(const double *c, const double *m, size_t cells, size_t q, double *ret)
{
	for (size_t i = 0; i < q; i++)
		for (size_t j = 0; j < q; j++) {
			double s = 0;
			for (size_t k = 0; k < cells; k++)
				for (size_t l = 0; l < cells; l++)
					s += c[k * q + i] * m[k * cells + l] * c[l * q + j];
			ret[i * q + j] = s;
		}
}

static double pearson(const double *p, size_t nr, size_t nc, double n)
{
	double x2 = 0;
	for (size_t i = 0; i < nr; i++)
		for (size_t j = 0; j < nc; j++) {
			double ri = 0, cj = 0;
			for (size_t k = 0; k < nc; k++)
				ri += p[k * nr + i];
			for (size_t k = 0; k < nr; k++)
				cj += p[j * nr + k];
			if (ri * cj > 0)
				x2 += n * pow(p[j * nr + i] - ri * cj, 2) / (ri * cj);
		}
	return x2;
}

/* false when the design leaves no variance to hold X^2 against */
static bool finish(const double *delta, size_t q, double x2, double nu, struct raoscott *ret)
{
	double tr = 0, tr2 = 0;
	for (size_t i = 0; i < q; i++) {
		tr += delta[i * q + i];
		for (size_t j = 0; j < q; j++)
			tr2 += delta[i * q + j] * delta[j * q + i];
	}
	if (!(tr > 1e-12) || !(nu > 0))
		return false;
	ret->ndf = tr * tr / tr2;
	ret->ddf = ret->ndf * nu;
	ret->F = x2 / tr;
	ret->p = dist_p_f_upper(ret->F, ret->ndf, ret->ddf);
	ret->chisq = x2;
	ret->p_chisq = dist_p_chisq_upper(x2 / (tr / (double)q), (double)q);
	return true;
}

/* Numbers the levels anew that rows of `have` with a weight are in; the others become -1. */
static const int32_t *levels_present(const struct stat_sample *s, const int32_t *group, size_t *n,
                                     const bool *have, struct arena *a)
{
	int32_t *place = ARENA_ARRAY(a, *n + 1, int32_t);
	int32_t *own = ARENA_ARRAY(a, s->design->n + 1, int32_t);
	size_t found = 0;
	for (size_t i = 0; i < s->design->n; i++)
		if (have[i] && s->design->weight[i] > 0)
			place[group[i]] = 1;
	for (size_t k = 0; k < *n; k++)
		place[k] = place[k] ? (int32_t)found++ : -1;
	for (size_t i = 0; i < s->design->n; i++)
		own[i] = group[i] < 0 ? -1 : place[group[i]];
	*n = found;
	return own;
}

static enum err proportions(const struct stat_sample *s, const int32_t *row, size_t nr,
                            const int32_t *col, size_t nc, const bool *have, struct arena *a,
                            struct diag *diag, double *p, double *v)
{
	size_t n = s->design->n, cells = nr * nc;
	const double **columns = ARENA_ARRAY(a, cells, const double *);
	for (size_t k = 0; k < cells; k++) {
		double *x = ARENA_ARRAY(a, n + 1, double);
		for (size_t i = 0; i < n; i++)
			x[i] = row[i] == (int32_t)(k % nr) && col[i] == (int32_t)(k / nr);
		columns[k] = x;
	}
	struct stat_statistic t = stat_mean(columns, cells);
	return stat_estimate(s, &t, have, a, diag, p, v);
}

static enum err test(const struct stat_sample *s, const int32_t *row, size_t nr,
                     const int32_t *col, size_t nc, const bool *use, const bool *have,
                     struct arena *a, struct diag *diag, struct raoscott *ret)
{
	size_t cells = nr * nc;
	if (nr < 2 || nc < 2)
		return diag_set(diag, ERR_INVALID, "a factor with %zu level", nr < 2 ? nr : nc);
	if (cells > CELLS_MAX)
		return diag_set(diag, ERR_INVALID, "%zu x %zu cells", nr, nc);
	size_t q = (nr - 1) * (nc - 1), n = 0;
	double *p = ARENA_ARRAY(a, cells, double), *v = ARENA_ARRAY(a, cells * cells, double);
	double *d = ARENA_ARRAY(a, cells * cells, double);
	double *below = ARENA_ARRAY(a, q * q, double), *above = ARENA_ARRAY(a, q * q, double);
	n = stat_sample_rows(s, use);
	enum err e = proportions(s, row, nr, col, nc, have, a, diag, p, v);
	if (!e) {
		const double *c = contrasts(nr, nc, a);
		for (size_t k = 0; k < cells; k++)
			for (size_t l = 0; l < cells; l++) {
				double ik = p[k] > 0 ? 1 / p[k] : 0, il = p[l] > 0 ? 1 / p[l] : 0;
				v[k * cells + l] *= ik * il;
				d[k * cells + l] = k == l ? ik / (double)n : 0;
			}
		sandwich(c, d, cells, q, below);
		sandwich(c, v, cells, q, above);
		if (!solve(below, above, q, q))
			e = diag_set(diag, ERR_INVALID, "empty rows or columns in the table");
	}
	/* rows where a factor is missing still say how the sample was drawn */
	if (!e && !finish(above, q, pearson(p, nr, nc, (double)n), stat_sample_df(s, use, a), ret))
		e = diag_set(diag, ERR_INVALID, "no variance between clusters");
	return e;
}

enum err raoscott_test(const struct stat_sample *s, const int32_t *row, size_t nr,
                       const int32_t *col, size_t nc, const bool *use, struct arena *a,
                       struct diag *diag, struct raoscott *ret)
{
	struct arena_mark m = arena_save(a);
	bool *have = arena_alloc(a, s->design->n + 1);
	for (size_t i = 0; i < s->design->n; i++)
		have[i] = (!use || use[i]) && row[i] >= 0 && col[i] >= 0;
	row = levels_present(s, row, &nr, have, a);
	col = levels_present(s, col, &nc, have, a);
	enum err e = test(s, row, nr, col, nc, use, have, a, diag, ret);
	arena_back(a, m);
	return e;
}
