/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "link/fellegi.h"

#include <math.h>
#include <string.h>

#include "base/banned.h"

enum { ROUNDS = 200 };
#define STILL 1e-7
#define LEAST 1e-9

void fellegi_init(struct fellegi *f, const enum attribute_kind *kinds, size_t n)
{
	memset(f, 0, sizeof(*f));
	f->n = n;
	for (size_t k = 0; k < n; k++) {
		struct fellegi_field *x = &f->field[k];
		x->levels = attribute_levels(kinds[k]);
		double whole = 0;
		for (size_t l = 1; l < x->levels; l++) {
			x->u[l] = 1 / (double)(x->levels - 1);
			x->m[l] = attribute_level_same(kinds[k], l) || l + 1 == x->levels ? 8 : 0.2 + (l > 1);
			whole += x->m[l];
		}
		for (size_t l = 1; l < x->levels; l++)
			x->m[l] /= whole;
	}
}

void fellegi_set_u(struct fellegi *f, const double (*counts)[ATTRIBUTE_LEVELS_MAX])
{
	for (size_t k = 0; k < f->n; k++) {
		struct fellegi_field *x = &f->field[k];
		double whole = 0;
		for (size_t l = 1; l < x->levels; l++)
			whole += counts[k][l] + 0.5 / (double)x->levels;
		for (size_t l = 1; l < x->levels; l++)
			x->u[l] = (counts[k][l] + 0.5 / (double)x->levels) / whole;
	}
}

/* log of the likelihood ratio of a pattern under m */
static double ratio(const struct fellegi *f, const double (*m)[ATTRIBUTE_LEVELS_MAX],
                    const uint8_t *level, uint32_t free)
{
	double s = 0;
	for (size_t k = 0; k < f->n; k++)
		if ((free >> k & 1) && level[k])
			s += log(m[k][level[k]] / f->field[k].u[level[k]]);
	return s;
}

static void maximise(const struct fellegi *f, const struct pattern *p, const double *post, size_t n,
                     uint32_t free, double (*m)[ATTRIBUTE_LEVELS_MAX])
{
	for (size_t k = 0; k < f->n; k++) {
		size_t levels = f->field[k].levels;
		double sum[ATTRIBUTE_LEVELS_MAX], whole = 0;
		if (!(free >> k & 1))
			continue;
		for (size_t l = 1; l < levels; l++)
			whole += sum[l] = 0.5 / (double)levels;
		for (size_t i = 0; i < n; i++)
			if (p[i].level[k]) {
				sum[p[i].level[k]] += post[i] * p[i].count;
				whole += post[i] * p[i].count;
			}
		for (size_t l = 1; l < levels; l++)
			m[k][l] = sum[l] / whole;
	}
}

void fellegi_em(const struct fellegi *f, const struct pattern *p, size_t n, uint32_t free,
                struct fellegi_learnt *ret)
{
	struct arena a;
	double share = 0.3, moved = 1;
	arena_init(&a, 0);
	double *post = arena_alloc(&a, (n + 1) * sizeof(*post));
	ret->pairs = ret->matches = 0;
	for (size_t i = 0; i < n; i++)
		ret->pairs += p[i].count;
	for (size_t k = 0; k < f->n; k++)
		memcpy(ret->m[k], f->field[k].m, sizeof(ret->m[k]));
	memset(post, 0, (n + 1) * sizeof(*post));
	for (int round = 0; ret->pairs > 0 && round < ROUNDS && moved > STILL; round++) {
		double matches = 0;
		for (size_t i = 0; i < n; i++) {
			double odds = share / (1 - share) * exp(ratio(f, ret->m, p[i].level, free));
			post[i] = isinf(odds) ? 1 : odds / (1 + odds);
			matches += post[i] * p[i].count;
		}
		double next = (matches + 0.5) / (ret->pairs + 1);
		moved = fabs(next - share);
		share = next;
		maximise(f, p, post, n, free, ret->m);
	}
	ret->matches = share * ret->pairs;
	for (size_t i = 0; i < n; i++)
		post[i] = 1 - post[i];
	maximise(f, p, post, n, UINT32_MAX, ret->other);
	arena_release(&a);
}

void fellegi_weigh(struct fellegi *f)
{
	for (size_t k = 0; k < f->n; k++)
		for (size_t l = 1; l < f->field[k].levels; l++)
			f->field[k].weight[l] =
				log2(fmax(f->field[k].m[l], LEAST) / fmax(f->field[k].u[l], LEAST));
}

double fellegi_rarity(double agree, double share, double most)
{
	return agree > 0 && share > 0 ? fmax(-most, fmin(most, log2(agree / share))) : 0;
}

double fellegi_score(const struct fellegi *f, const uint8_t *level)
{
	double s = 0;
	for (size_t k = 0; k < f->n; k++)
		s += f->field[k].weight[level[k]];
	return s;
}

double fellegi_probability(const struct fellegi *f, double score)
{
	double odds = f->prior / (1 - f->prior) * exp2(score);
	return isinf(odds) ? 1 : odds / (1 + odds);
}
