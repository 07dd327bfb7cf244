/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/mpi.h"

#include <math.h>
#include <string.h>

#include "stat/sum.h"

#include "base/banned.h"

enum { DIGITS_MAX = 15 };

/* --- fractions ----------------------------------------------------------------------------- */

static int64_t gcd(int64_t a, int64_t b)
{
	while (b) {
		int64_t t = a % b;
		a = b;
		b = t;
	}
	return a;
}

static bool digits(const char **p, int64_t *v, int *n)
{
	const char *from = *p;
	while (**p >= '0' && **p <= '9') {
		if (++*n > DIGITS_MAX)
			return false;
		*v = *v * 10 + (*(*p)++ - '0');
	}
	return *p > from;
}

bool fraction_read(const char *text, struct fraction *ret)
{
	struct fraction f = {0, 1};
	int n = 0;
	if (!digits(&text, &f.n, &n))
		return false;
	if (*text == '.') {
		int before = n;
		text++;
		if (!digits(&text, &f.n, &n))
			return false;
		for (int i = before; i < n; i++)
			f.d *= 10;
	} else if (*text == '/') {
		text++;
		f.d = n = 0;
		if (!digits(&text, &f.d, &n) || f.d == 0)
			return false;
	}
	if (*text)
		return false;
	int64_t g = gcd(f.n, f.d);
	*ret = (struct fraction){f.n / g, f.d / g};
	return true;
}

enum err mpi_set_weights(struct mpi *m, const struct fraction *w, struct diag *diag)
{
	int64_t common = 1;
	m->whole = 0;
	for (size_t d = 0; d < m->d; d++) {
		if (w[d].n < 0 || w[d].d <= 0)
			return diag_set(diag, ERR_INVALID, "weight of indicator %zu", d + 1);
		if (__builtin_mul_overflow(common, w[d].d / gcd(common, w[d].d), &common) ||
		    common > INT64_MAX / 1000000)
			return diag_set(diag, ERR_INVALID, "the weights have no common denominator");
	}
	for (size_t d = 0; d < m->d; d++) {
		if (__builtin_mul_overflow(w[d].n, common / w[d].d, &m->share[d]) ||
		    __builtin_add_overflow(m->whole, m->share[d], &m->whole))
			return diag_set(diag, ERR_INVALID, "weight of indicator %zu", d + 1);
	}
	return m->whole > 0 ? OK : diag_set(diag, ERR_INVALID, "no indicator has a weight");
}

/* --- measures --------------------------------------------------------------------------------- */

static double weight_of(const struct mpi *m, size_t i)
{
	return m->weight ? m->weight[i] : 1;
}

static void score_rows(const struct mpi *m, struct arena *a, struct mpi_result *r)
{
	r->score = ARENA_ARRAY(a, m->n + 1, double);
	r->poor = ARENA_ARRAY(a, m->n + 1, bool);
	for (size_t i = 0; i < m->n; i++) {
		int64_t s = 0;
		for (size_t d = 0; d < m->d; d++)
			s += m->deprived[d][i] ? m->share[d] : 0;
		r->score[i] = (double)s / (double)m->whole;
		/* s/whole >= k.n/k.d, in integers of 128 bits */
		r->poor[i] = (__int128)s * m->k.d >= (__int128)m->k.n * m->whole;
	}
}

static double share_of(const struct mpi *m, size_t d)
{
	return (double)m->share[d] / (double)m->whole;
}

static void measure(const struct mpi *m, struct mpi_result *r)
{
	struct sum all = {0, 0}, h = {0, 0}, m0 = {0, 0}, m1 = {0, 0}, m2 = {0, 0};
	for (size_t i = 0; i < m->n; i++) {
		double w = weight_of(m, i);
		sum_add(&all, w);
		if (!r->poor[i])
			continue;
		sum_add(&h, w);
		sum_add(&m0, w * r->score[i]);
		for (size_t d = 0; m->gaps && d < m->d; d++) {
			sum_add(&m1, w * share_of(m, d) * m->gaps[d][i]);
			sum_add(&m2, w * share_of(m, d) * m->gaps[d][i] * m->gaps[d][i]);
		}
	}
	double N = sum_value(&all);
	r->H = sum_value(&h) / N;
	r->M0 = sum_value(&m0) / N;
	r->A = r->H > 0 ? r->M0 / r->H : NAN;
	r->M1 = m->gaps ? sum_value(&m1) / N : NAN;
	r->M2 = m->gaps ? sum_value(&m2) / N : NAN;
	for (size_t d = 0; d < m->d; d++) {
		struct sum raw = {0, 0}, censored = {0, 0};
		for (size_t i = 0; i < m->n; i++) {
			if (m->deprived[d][i])
				sum_add(&raw, weight_of(m, i));
			if (m->deprived[d][i] && r->poor[i])
				sum_add(&censored, weight_of(m, i));
		}
		r->raw[d] = sum_value(&raw) / N;
		r->censored[d] = sum_value(&censored) / N;
		r->contribution[d] = r->M0 > 0 ? share_of(m, d) * r->censored[d] / r->M0 : NAN;
	}
}

/* As of N persons drawn at random with replacement. */
static void simple_errors(const struct mpi *m, struct mpi_result *r)
{
	struct sum all = {0, 0}, h = {0, 0}, m0 = {0, 0}, A = {0, 0};
	for (size_t i = 0; i < m->n; i++) {
		double w = weight_of(m, i), c = r->poor[i] ? r->score[i] : 0;
		double of_A = r->H > 0 ? (c - (r->poor[i] ? r->A : 0)) / r->H : NAN;
		sum_add(&all, w);
		sum_add(&h, w * pow(r->poor[i] - r->H, 2));
		sum_add(&m0, w * pow(c - r->M0, 2));
		sum_add(&A, w * of_A * of_A);
	}
	double N = sum_value(&all), f = 1 / N / (N - 1);
	r->se_H = sqrt(sum_value(&h) * f);
	r->se_M0 = sqrt(sum_value(&m0) * f);
	r->se_A = sqrt(sum_value(&A) * f);
}

static enum err design_errors(const struct mpi *m, const struct stat_sample *s, struct arena *a,
                              struct diag *diag, struct mpi_result *r)
{
	double *poor = ARENA_ARRAY(a, m->n + 1, double), *score = ARENA_ARRAY(a, m->n + 1, double);
	const double *x[2] = {score, poor};
	double theta[2], v[4], A, vA;
	struct stat_statistic means = stat_mean(x, 2), ratio = stat_ratios(x, 1);
	for (size_t i = 0; i < m->n; i++) {
		poor[i] = r->poor[i];
		score[i] = r->poor[i] ? r->score[i] : 0;
	}
	enum err e = stat_estimate(s, &means, NULL, a, diag, theta, v);
	if (!e)
		e = stat_estimate(s, &ratio, NULL, a, diag, &A, &vA);
	if (e)
		return e;
	r->se_M0 = sqrt(v[0]);
	r->se_H = sqrt(v[3]);
	r->se_A = sqrt(vA);
	return OK;
}

enum err mpi_estimate(const struct mpi *m, const struct stat_sample *s, struct arena *a,
                      struct diag *diag, struct mpi_result *ret)
{
	struct mpi_result *r = ARENA_NEW(a, struct mpi_result);
	enum err e = OK;
	if (m->d == 0 || m->d > MPI_INDICATORS_MAX || m->n == 0)
		return diag_set(diag, ERR_INVALID, "%zu rows, %zu indicators", m->n, m->d);
	score_rows(m, a, r);
	measure(m, r);
	if (s)
		e = design_errors(m, s, a, diag, r);
	else
		simple_errors(m, r);
	if (!e)
		*ret = *r;
	return e;
}
