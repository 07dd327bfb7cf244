/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stat/sampling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stat/dist.h"
#include "stat/sum.h"

#include "base/banned.h"

enum err sampling_inclusion(const double *size, const bool *sure, size_t N, size_t n, double *ret,
                            struct diag *diag)
{
	size_t taken = 0, positive = 0;
	for (size_t i = 0; i < N; i++) {
		if (!(size[i] >= 0) || !isfinite(size[i]))
			return diag_set(diag, ERR_INVALID, "size of unit %zu: %g", i + 1, size[i]);
		ret[i] = sure && sure[i];
		taken += ret[i] == 1;
		positive += size[i] > 0 || ret[i] == 1;
	}
	if (taken > n || positive < n)
		return diag_set(diag, ERR_INVALID, "%zu wanted, %zu are sure, %zu have a size", n, taken,
		                positive);
	for (bool again = true; again;) {
		struct sum all = {0, 0};
		again = false;
		for (size_t i = 0; i < N; i++)
			if (ret[i] != 1)
				sum_add(&all, size[i]);
		double left = (double)(n - taken), total = sum_value(&all);
		for (size_t i = 0; i < N; i++) {
			if (ret[i] == 1)
				continue;
			ret[i] = left > 0 ? left * size[i] / total : 0;
			again = again || ret[i] >= 1;
		}
		for (size_t i = 0; again && i < N; i++) {
			if (ret[i] < 1)
				continue;
			ret[i] = 1;
		}
		taken = 0;
		for (size_t i = 0; i < N; i++)
			taken += ret[i] == 1;
	}
	return OK;
}

void sampling_systematic(const double *pik, size_t N, double u, bool *ret)
{
	struct sum upto = {0, 0};
	double before = 0;
	for (size_t i = 0; i < N; i++) {
		sum_add(&upto, pik[i]);
		double after = sum_value(&upto);
		/* the last one ends at a whole number, whatever the rounding */
		if (i == N - 1)
			after = round(after);
		ret[i] = ceil(after - u) > ceil(before - u);
		before = after;
	}
}

void sampling_brewer(const double *pik, size_t N, double (*uniform)(void *arg, size_t draw),
                     void *arg, struct arena *a, bool *ret)
{
	struct arena_mark m = arena_save(a);
	double *p = ARENA_ARRAY(a, N + 1, double);
	struct sum all = {0, 0}, taken = {0, 0};
	for (size_t i = 0; i < N; i++) {
		ret[i] = pik[i] >= 1;
		if (!ret[i])
			sum_add(&all, pik[i]);
	}
	double n = round(sum_value(&all));
	for (size_t draw = 0; draw < (size_t)n; draw++) {
		struct sum whole = {0, 0}, upto = {0, 0};
		double rest = n - sum_value(&taken);
		for (size_t i = 0; i < N; i++) {
			double q = pik[i];
			p[i] = ret[i] || q >= 1 ? 0 : q * (rest - q) / (rest - q * (n - (double)draw));
			sum_add(&whole, p[i]);
		}
		double at = uniform(arg, draw) * sum_value(&whole);
		size_t pick = N;
		for (size_t i = 0; i < N; i++) {
			if (p[i] <= 0)
				continue;
			pick = i;
			sum_add(&upto, p[i]);
			if (at < sum_value(&upto))
				break;
		}
		if (pick == N)
			break;
		ret[pick] = true;
		sum_add(&taken, pik[pick]);
	}
	arena_back(a, m);
}

/* --- allocation ------------------------------------------------------------------------- */

static double share_of(enum allocation kind, size_t N, double spread, double power)
{
	switch (kind) {
	case ALLOCATION_EQUAL:
		return N > 0;
	case ALLOCATION_NEYMAN:
		return (double)N * spread;
	case ALLOCATION_POWER:
		return N ? pow((double)N, power) : 0;
	default:
		return (double)N;
	}
}

static size_t floor_of(size_t N, size_t least)
{
	return N < least ? N : least;
}

enum err sampling_allocate(enum allocation kind, const size_t *N, const double *spread,
                           double power, size_t strata, size_t n, size_t least, struct arena *a,
                           size_t *ret, struct diag *diag)
{
	struct arena_mark m = arena_save(a);
	double *want = ARENA_ARRAY(a, strata + 1, double), all = 0;
	bool *fixed = ARENA_ARRAY(a, strata + 1, bool);
	size_t have = 0, lowest = 0, left = n;
	for (size_t h = 0; h < strata; h++) {
		have += N[h];
		lowest += floor_of(N[h], least);
	}
	if (n > have || n < lowest)
		return diag_set(diag, ERR_INVALID, "%zu wanted, at least %zu, at most %zu", n, lowest, have);
	/* strata that would pass a bound are fixed at it, and the rest shared again */
	for (bool again = true; again;) {
		again = false;
		all = 0;
		for (size_t h = 0; h < strata; h++)
			all += fixed[h] ? 0 : share_of(kind, N[h], spread ? spread[h] : 1, power);
		for (size_t h = 0; h < strata; h++) {
			if (fixed[h])
				continue;
			double share = share_of(kind, N[h], spread ? spread[h] : 1, power);
			want[h] = all > 0 ? (double)left * share / all : 0;
			size_t low = floor_of(N[h], least);
			if (want[h] > (double)N[h] || want[h] < (double)low) {
				ret[h] = want[h] > (double)N[h] ? N[h] : low;
				fixed[h] = again = true;
				left -= ret[h] < left ? ret[h] : left;
				break;
			}
		}
	}
	size_t given = 0;
	for (size_t h = 0; h < strata; h++) {
		if (!fixed[h])
			ret[h] = (size_t)floor(want[h]);
		given += ret[h];
	}
	while (given < n) {
		size_t best = strata;
		for (size_t h = 0; h < strata; h++)
			if (ret[h] < N[h] && (best == strata || want[h] - (double)ret[h] >
			                                                want[best] - (double)ret[best] + 1e-12))
				best = h;
		if (best == strata)
			break;
		ret[best]++;
		given++;
	}
	arena_back(a, m);
	return OK;
}

/* --- sizes -------------------------------------------------------------------------------- */

double sampling_deff(double m, double icc)
{
	return 1 + (m - 1) * icc;
}

static double corrected(double n, double N, double deff)
{
	n *= deff;
	return ceil(N > 0 ? n / (1 + (n - 1) / N) : n);
}

double sampling_size_precision(double p, double error, double level, double N, double deff)
{
	double z = dist_q_norm(1 - (1 - level) / 2);
	return corrected(z * z * p * (1 - p) / (error * error), N, deff);
}

double sampling_size_power(double p0, double p1, double level, double power, double N, double deff)
{
	double za = dist_q_norm(level), zb = dist_q_norm(power);
	double s = za * sqrt(p0 * (1 - p0)) + zb * sqrt(p1 * (1 - p1));
	return corrected(s * s / ((p1 - p0) * (p1 - p0)), N, deff);
}
