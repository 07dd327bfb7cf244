/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/calibrate.h"

#include <math.h>
#include <string.h>

#include "base/map.h"
#include "stat/sum.h"

#include "base/banned.h"

enum { RAKE_ROUNDS = 1000, RAKE_RESIDUALS = 10 };
#define RAKE_STILL 1e-11 /* of the population: a round that moves no cell by more is the last */
#define QR_TOLERANCE 1e-10

static double *group_sums(const struct stat_margin *m, const double *w, size_t n, struct arena *a)
{
	struct sum *s = ARENA_ARRAY(a, m->n_groups + 1, struct sum);
	double *out = ARENA_ARRAY(a, m->n_groups + 1, double);
	for (size_t i = 0; i < n; i++)
		sum_add(&s[m->group[i]], w[i]);
	for (size_t g = 0; g < m->n_groups; g++)
		out[g] = sum_value(&s[g]);
	return out;
}

/* One margin: w is scaled to its totals; *ret_moved: the largest change of a group's sum. */
static enum err fit(const struct stat_margin *m, double *w, size_t n, struct arena *a,
                    struct diag *diag, double *ret_moved)
{
	struct arena_mark mark = arena_save(a);
	double *sum = group_sums(m, w, n, a);
	*ret_moved = 0;
	for (size_t g = 0; g < m->n_groups; g++) {
		if (!isfinite(m->total[g]) || m->total[g] < 0)
			return diag_set(diag, ERR_INVALID, "population of group %zu: %g", g + 1, m->total[g]);
		if ((sum[g] > 0) != (m->total[g] > 0))
			return diag_set(diag, ERR_INVALID,
			                "group %zu: population %g, but %g in the sample", g + 1, m->total[g],
			                sum[g]);
		*ret_moved = fmax(*ret_moved, fabs(sum[g] - m->total[g]));
		sum[g] = sum[g] > 0 ? m->total[g] / sum[g] : 1;
	}
	for (size_t i = 0; i < n; i++)
		w[i] *= sum[m->group[i]];
	arena_back(a, mark);
	return OK;
}

static double *copy(const double *w, size_t n, struct arena *a)
{
	double *c = arena_alloc(a, (n + 1) * sizeof(*c));
	memcpy(c, w, n * sizeof(*c));
	return c;
}

static struct stat_calibration *chain(const struct stat_calibration *previous,
                                      enum stat_calibration_kind kind,
                                      const struct stat_margin *margins, size_t n_margins,
                                      struct arena *a)
{
	struct stat_calibration *c = ARENA_NEW(a, struct stat_calibration);
	c->kind = kind;
	c->previous = previous;
	c->n_margins = n_margins;
	c->margins = ARENA_ARRAY(a, n_margins + 1, struct stat_margin);
	if (n_margins)
		memcpy(c->margins, margins, n_margins * sizeof(*margins));
	return c;
}

enum err calibrate_poststratify(const struct stat_calibration *previous,
                                const struct stat_margin *by, double *w, size_t n, struct arena *a,
                                struct diag *diag, const struct stat_calibration **ret)
{
	struct stat_calibration *c = chain(previous, STAT_POSTSTRATIFY, by, 1, a);
	double moved;
	c->margins[0].before = copy(w, n, a);
	enum err e = fit(by, w, n, a, diag, &moved);
	c->margins[0].after = copy(w, n, a);
	if (!e)
		*ret = c;
	return e;
}

/* The cell of each row in the table of all margins. */
static const int32_t *joint_cells(const struct stat_margin *m, size_t n_margins, size_t n,
                                  struct arena *a, size_t *ret_cells)
{
	int32_t *cell = ARENA_ARRAY(a, n + 1, int32_t);
	size_t cells = 1;
	for (size_t k = 0; k < n_margins; k++) {
		struct imap seen;
		imap_init(&seen);
		for (size_t i = 0; i < n; i++) {
			int64_t key = cell[i] * (int64_t)m[k].n_groups + m[k].group[i];
			cell[i] = (int32_t)*imap_slot(&seen, key, (int64_t)seen.n);
		}
		cells = seen.n;
		imap_release(&seen);
	}
	*ret_cells = cells;
	return cell;
}

static double cells_change(const int32_t *cell, const double *w, size_t n, double *now, double *old,
                           size_t cells)
{
	double most = 0;
	memset(now, 0, cells * sizeof(*now));
	for (size_t i = 0; i < n; i++)
		now[cell[i]] += w[i];
	for (size_t k = 0; k < cells; k++) {
		most = fmax(most, fabs(now[k] - old[k]));
		old[k] = now[k];
	}
	return most;
}

enum err calibrate_rake(const struct stat_calibration *previous, const struct stat_margin *margins,
                        size_t n_margins, double *w, size_t n, struct arena *a, struct diag *diag,
                        const struct stat_calibration **ret)
{
	struct stat_calibration *c = chain(previous, STAT_RAKE, margins, n_margins, a);
	double most = HUGE_VAL, moved, all = 0, change = HUGE_VAL;
	size_t cells;
	const int32_t *cell = joint_cells(margins, n_margins, n, a, &cells);
	double *now = ARENA_ARRAY(a, cells + 1, double), *old = ARENA_ARRAY(a, cells + 1, double);
	for (size_t g = 0; g < margins[0].n_groups; g++)
		all += margins[0].total[g];
	for (size_t k = 0; k < n_margins; k++)
		c->margins[k].after = copy(w, n, a);
	for (int round = 0; round < RAKE_ROUNDS && change > RAKE_STILL * all; round++) {
		most = 0;
		for (size_t k = 0; k < n_margins; k++) {
			enum err e = fit(&margins[k], w, n, a, diag, &moved);
			if (e)
				return e;
			most = fmax(most, moved);
			memcpy(c->margins[k].after, w, n * sizeof(*w));
		}
		change = cells_change(cell, w, n, now, old, cells);
	}
	if (most > 1e-6 * all)
		return diag_set(diag, ERR_INVALID, "the margins cannot all be met (still off by %g)", most);
	*ret = c;
	return OK;
}

enum err calibrate_greg(const struct stat_calibration *previous, const double *x, size_t p,
                        const double *total, double *w, size_t n, struct arena *a,
                        struct diag *diag, const struct stat_calibration **ret)
{
	struct stat_calibration *c = chain(previous, STAT_GREG, NULL, 0, a);
	struct sum *cross = ARENA_ARRAY(a, p * p, struct sum), *have = ARENA_ARRAY(a, p, struct sum);
	double *T = ARENA_ARRAY(a, p * p, double), *b = ARENA_ARRAY(a, p, double);
	double *scaled = arena_alloc(a, (n * p + 1) * sizeof(*scaled));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < p; j++) {
			scaled[i * p + j] = x[i * p + j] * sqrt(w[i]);
			sum_add(&have[j], w[i] * x[i * p + j]);
			for (size_t k = 0; k < p; k++)
				sum_add(&cross[j * p + k], w[i] * x[i * p + j] * x[i * p + k]);
		}
	for (size_t j = 0; j < p; j++) {
		b[j] = total[j] - sum_value(&have[j]);
		for (size_t k = 0; k < p; k++)
			T[j * p + k] = sum_value(&cross[j * p + k]);
	}
	qr_make(scaled, n, p, QR_TOLERANCE, a, &c->qr);
	if (c->qr.rank < p || !solve(T, b, p, 1))
		return diag_set(diag, ERR_INVALID, "the columns calibrated for depend on each other");
	c->qr_weight = arena_alloc(a, (n + 1) * sizeof(double));
	for (size_t i = 0; i < n; i++) {
		double g = 1;
		for (size_t j = 0; j < p; j++)
			g += x[i * p + j] * b[j];
		c->qr_weight[i] = g * sqrt(w[i]);
		w[i] *= g;
	}
	*ret = c;
	return OK;
}

/* --- residuals -------------------------------------------------------------------------- */

static void residual_poststratify(const struct stat_margin *m, double *z, size_t n, size_t p,
                                  struct arena *a)
{
	struct sum *s = ARENA_ARRAY(a, m->n_groups * p + 1, struct sum);
	struct sum *of = ARENA_ARRAY(a, m->n_groups + 1, struct sum);
	for (size_t i = 0; i < n; i++) {
		size_t g = (size_t)m->group[i];
		sum_add(&of[g], m->before[i]);
		for (size_t j = 0; m->after[i] > 0 && j < p; j++)
			sum_add(&s[g * p + j], z[i * p + j] * m->before[i] / m->after[i]);
	}
	for (size_t i = 0; i < n; i++) {
		size_t g = (size_t)m->group[i];
		for (size_t j = 0; sum_value(&of[g]) > 0 && j < p; j++)
			z[i * p + j] -= sum_value(&s[g * p + j]) / sum_value(&of[g]) * m->after[i];
	}
}

static void residual_margin(const struct stat_margin *m, double *z, size_t n, size_t p,
                            struct arena *a)
{
	struct sum *s = ARENA_ARRAY(a, m->n_groups * p + 1, struct sum);
	double *count = ARENA_ARRAY(a, m->n_groups + 1, double);
	for (size_t i = 0; i < n; i++) {
		size_t g = (size_t)m->group[i];
		count[g]++;
		for (size_t j = 0; m->after[i] > 0 && j < p; j++)
			sum_add(&s[g * p + j], z[i * p + j] / m->after[i]);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < p; j++)
			z[i * p + j] -= m->after[i] * sum_value(&s[(size_t)m->group[i] * p + j]) /
			                count[m->group[i]];
}

static void residual_greg(const struct stat_calibration *c, double *z, size_t n, size_t p,
                          struct arena *a)
{
	double *scratch = arena_alloc(a, (n + 1) * sizeof(*scratch));
	for (size_t j = 0; j < p; j++) {
		for (size_t i = 0; i < n; i++)
			z[i * p + j] = c->qr_weight[i] != 0 ? z[i * p + j] / c->qr_weight[i] : 0;
		qr_residual(&c->qr, z + j, p, scratch);
		for (size_t i = 0; i < n; i++)
			z[i * p + j] *= c->qr_weight[i];
	}
}

void calibrate_residuals(const struct stat_calibration *c, double *z, size_t n, size_t p,
                         struct arena *a)
{
	if (!c)
		return;
	calibrate_residuals(c->previous, z, n, p, a);
	struct arena_mark m = arena_save(a);
	if (c->kind == STAT_POSTSTRATIFY)
		residual_poststratify(&c->margins[0], z, n, p, a);
	else if (c->kind == STAT_GREG)
		residual_greg(c, z, n, p, a);
	else
		for (int round = 0; round < RAKE_RESIDUALS; round++)
			for (size_t k = 0; k < c->n_margins; k++) {
				residual_margin(&c->margins[k], z, n, p, a);
				arena_back(a, m);
			}
	arena_back(a, m);
}
