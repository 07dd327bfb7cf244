/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Statistics against published figures (tests/data/reference) and against what must hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "stat/assess.h"
#include "stat/calibrate.h"
#include "stat/linalg.h"
#include "stat/mpi.h"
#include "stat/quantile.h"
#include "stat/sampling.h"
#include "stat/spline.h"
#include "stat/sum.h"

enum { TRIALS = 20000, COLUMNS = 12 };

static struct arena arena;
static struct diag diag;

static int start(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	diag_clear(&diag);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void near(double got, double want, double tolerance)
{
	if (!(fabs(got - want) <= tolerance * fmax(1, fabs(want))))
		fail_msg("%.17g, not %.17g", got, want);
}

/* The lines of a CSV of numbers, header left out; returns how many values a line has. */
static int read_numbers(FILE *f, double *v)
{
	char line[1024], *end;
	int n = 0;
	if (!fgets(line, sizeof(line), f))
		return 0;
	for (char *p = line; n < COLUMNS; p = end + 1) {
		v[n++] = strtod(p, &end);
		if (*end != ',')
			break;
	}
	return n;
}

static FILE *open_reference(const char *name)
{
	char path[512], header[1024];
	snprintf(path, sizeof(path), "%s/reference/%s", TEST_DATA, name);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(header, sizeof(header), f));
	return f;
}

/* a stream of numbers that is the same everywhere (SplitMix64) */
static uint64_t stream;
static double uniform(void)
{
	uint64_t z = stream += 0x9E3779B97F4A7C15u;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

static double next_uniform(void *arg, size_t draw)
{
	(void)arg;
	(void)draw;
	return uniform();
}

/* --- intervals ----------------------------------------------------------------------------- */

static void test_intervals_agree_with_r(void **state)
{
	(void)state;
	FILE *f = open_reference("binom/intervals.csv");
	double v[COLUMNS];
	int lines = 0;
	while (read_numbers(f, v) == 10) {
		struct interval exact = interval_exact(v[0], v[1], v[2]);
		struct interval wilson = interval_wilson(v[0], v[1], v[2]);
		struct interval hyper = interval_hypergeometric(v[0], v[1], v[7], v[2]);
		near(exact.lo, v[3], 1e-9);
		near(exact.hi, v[4], 1e-9);
		near(wilson.lo, v[5], 1e-12);
		near(wilson.hi, v[6], 1e-12);
		near(hyper.lo, v[8], 0);
		near(hyper.hi, v[9], 0);
		lines++;
	}
	fclose(f);
	assert_true(lines > 20);
}

static void test_nothing_found_is_not_certain(void **state)
{
	(void)state;
	for (int m = 0; m < INTERVAL_METHOD_MAX; m++)
		for (int all = 0; all < 2; all++) {
			struct proportion p = {.p = all, .v = 0, .df = 20, .n = 150, .weighted = 150};
			struct interval i = interval_proportion(&p, (enum interval_method)m, 0.95);
			assert_true(isnan(i.lo) ? isnan(i.hi) : i.hi - i.lo > 0.01);
		}
	struct proportion none = {.p = 0.3, .v = 0.01, .df = 0, .n = 10, .weighted = 10};
	for (int m = 0; m < INTERVAL_METHOD_MAX; m++)
		assert_true(isnan(interval_proportion(&none, (enum interval_method)m, 0.95).lo));
}

/* --- drawing ------------------------------------------------------------------------------- */

static void test_inclusion_agrees_with_r(void **state)
{
	(void)state;
	static const size_t sizes[] = {20, 60, 140};
	double v[COLUMNS], size[512], want[3][512], pik[512];
	FILE *f = open_reference("sampling/pik_mu284_P75.csv");
	size_t n = 0;
	for (; read_numbers(f, v) == 5; n++) {
		size[n] = v[1];
		for (int k = 0; k < 3; k++)
			want[k][n] = v[2 + k];
	}
	fclose(f);
	assert_int_equal(n, 284);
	for (int k = 0; k < 3; k++) {
		assert_int_equal(sampling_inclusion(size, NULL, n, sizes[k], pik, &diag), OK);
		double sum = 0;
		for (size_t i = 0; i < n; i++) {
			near(pik[i], want[k][i], 1e-12);
			sum += pik[i];
		}
		near(sum, (double)sizes[k], 1e-12);
	}
}

static void draw(bool brewer, const double *pik, size_t n, bool *in)
{
	if (brewer)
		sampling_brewer(pik, n, next_uniform, NULL, &arena, in);
	else
		sampling_systematic(pik, n, uniform(), in);
}

static void test_draws_as_often_as_promised(void **state)
{
	(void)state;
	static const double size[] = {5, 1, 9, 30, 2, 2, 7, 11, 3, 400};
	enum { N = 10, TAKE = 4 };
	double pik[N];
	assert_int_equal(sampling_inclusion(size, NULL, N, TAKE, pik, &diag), OK);
	assert_true(pik[9] == 1);
	for (int brewer = 0; brewer < 2; brewer++) {
		double often[N] = {0};
		stream = 20180114;
		for (int t = 0; t < TRIALS; t++) {
			bool in[N];
			int taken = 0;
			draw(brewer, pik, N, in);
			for (int i = 0; i < N; i++) {
				often[i] += in[i];
				taken += in[i];
			}
			assert_int_equal(taken, TAKE);
		}
		for (int i = 0; i < N; i++) /* five standard errors */
			near(often[i] / TRIALS, pik[i], 5 * sqrt(0.25 / TRIALS));
	}
}

static void test_sizes_that_cannot_be_drawn(void **state)
{
	(void)state;
	double pik[3];
	static const double bad[][3] = {{1, -1, 2}, {1, NAN, 2}, {1, INFINITY, 2}, {0, 0, 2}};
	for (size_t k = 0; k < 4; k++) {
		diag_clear(&diag);
		assert_int_equal(sampling_inclusion(bad[k], NULL, 3, 2, pik, &diag), ERR_INVALID);
	}
}

static void test_allocation(void **state)
{
	(void)state;
	for (int t = 0; t < 2000; t++) {
		size_t N[6], got[6], all = 0, lowest = 0;
		double spread[6];
		for (int h = 0; h < 6; h++) {
			N[h] = 1 + (size_t)(uniform() * 100);
			spread[h] = uniform() * 10;
			all += N[h];
			lowest += N[h] < 2 ? N[h] : 2;
		}
		size_t n = lowest + (size_t)(uniform() * (double)(all - lowest));
		enum allocation kind = (enum allocation)(t % ALLOCATION_MAX);
		assert_int_equal(sampling_allocate(kind, N, spread, 0.5, 6, n, 2, &arena, got, &diag), OK);
		size_t sum = 0;
		for (int h = 0; h < 6; h++) {
			assert_true(got[h] <= N[h] && got[h] >= (N[h] < 2 ? N[h] : 2));
			sum += got[h];
		}
		assert_int_equal(sum, n);
	}
}

/* --- numbers --------------------------------------------------------------------------------- */

static void test_spline_is_exact_for_cubics(void **state)
{
	(void)state;
	double x[7], y[7], u[50], got[50];
	for (int i = 0; i < 7; i++) {
		x[i] = i * i * 0.5;
		y[i] = 2 - x[i] + 0.3 * x[i] * x[i] - 0.05 * x[i] * x[i] * x[i];
	}
	for (int i = 0; i < 50; i++)
		u[i] = 18.0 * i / 49;
	spline_fmm(x, y, 7, u, 50, got);
	for (int i = 0; i < 50; i++)
		near(got[i], 2 - u[i] + 0.3 * u[i] * u[i] - 0.05 * u[i] * u[i] * u[i], 1e-10);
}

static void test_qr_residuals(void **state)
{
	(void)state;
	enum { N = 40, P = 4 };
	double x[N * P], y[N], scratch[N];
	struct qr q;
	for (int i = 0; i < N; i++) {
		x[i * P] = 1;
		x[i * P + 1] = uniform();
		x[i * P + 2] = 3 * x[i * P + 1] - 2; /* depends on the two before */
		x[i * P + 3] = uniform() * 1e6;
		y[i] = uniform();
	}
	qr_make(x, N, P, 1e-7, &arena, &q);
	assert_int_equal(q.rank, 3);
	qr_residual(&q, y, 1, scratch);
	for (int j = 0; j < P; j++) {
		double dot = 0, size = 0;
		for (int i = 0; i < N; i++) {
			dot += y[i] * x[i * P + j];
			size += fabs(x[i * P + j]);
		}
		near(dot / size, 0, 1e-12);
	}
}

static void test_sums_do_not_lose(void **state)
{
	(void)state;
	struct sum s = {0, 0};
	sum_add(&s, 1e16);
	for (int i = 0; i < 1000; i++)
		sum_add(&s, 1);
	sum_add(&s, -1e16);
	assert_true(sum_value(&s) == 1000);
}

static void test_quantiles(void **state)
{
	(void)state;
	static const double x[] = {3, 1, 2, 4, 9}, w[] = {1, 1, 1, 1, 0};
	struct quantiles q;
	quantiles_make(x, w, NULL, 5, &arena, &q);
	assert_int_equal(q.n, 4);
	assert_true(quantile(&q, QUANTILE_HF1, 0.5) == 2);
	assert_true(quantile(&q, QUANTILE_MID, 0.5) == 2.5);
	assert_true(quantile(&q, QUANTILE_HF7, 0.5) == 2.5);
	assert_true(quantile(&q, QUANTILE_HF1, 0) == 1 && quantile(&q, QUANTILE_HF1, 1) == 4);
	assert_true(quantile(&q, QUANTILE_HF1, 0.1) == 1);
	quantiles_make(x, w, NULL, 0, &arena, &q);
	assert_true(isnan(quantile(&q, QUANTILE_HF1, 0.5)));
}

/* --- calibration --------------------------------------------------------------------------------- */

enum { ROWS = 60 };

static void test_totals_are_met(void **state)
{
	(void)state;
	int32_t by[ROWS], other[ROWS];
	double w[ROWS], x[ROWS * 2], margin[] = {500, 700}, second[] = {300, 400, 500};
	double total[] = {1200, 650}, have[5] = {0}, greg[2] = {0};
	const struct stat_calibration *c = NULL;
	for (int i = 0; i < ROWS; i++) {
		by[i] = i % 2;
		other[i] = i % 3;
		w[i] = 10 + uniform() * 10;
		x[2 * i] = 1;
		x[2 * i + 1] = uniform();
	}
	struct stat_margin m[2] = {{.group = by, .n_groups = 2, .total = margin},
	                           {.group = other, .n_groups = 3, .total = second}};
	assert_int_equal(calibrate_rake(NULL, m, 2, w, ROWS, &arena, &diag, &c), OK);
	for (int i = 0; i < ROWS; i++) {
		have[by[i]] += w[i];
		have[2 + other[i]] += w[i];
	}
	for (int k = 0; k < 5; k++)
		near(have[k], k < 2 ? margin[k] : second[k - 2], 1e-9);
	assert_int_equal(calibrate_greg(c, x, 2, total, w, ROWS, &arena, &diag, &c), OK);
	for (int i = 0; i < ROWS; i++) {
		greg[0] += w[i];
		greg[1] += w[i] * x[2 * i + 1];
	}
	near(greg[0], total[0], 1e-9);
	near(greg[1], total[1], 1e-9);
	/* what was calibrated for has no variance left */
	assert_int_equal(calibrate_greg(NULL, x, 2, total, w, ROWS, &arena, &diag, &c), OK);
	double z[ROWS];
	for (int i = 0; i < ROWS; i++)
		z[i] = w[i] * (3 - 2 * x[2 * i + 1]);
	calibrate_residuals(c, z, ROWS, 1, &arena);
	for (int i = 0; i < ROWS; i++)
		near(z[i], 0, 1e-9);
	margin[1] = 900; /* margins that do not agree */
	assert_int_equal(calibrate_rake(NULL, m, 2, w, ROWS, &arena, &diag, &c), ERR_INVALID);
}

/* --- multidimensional poverty ------------------------------------------------------------------- */

static void test_scores_on_the_line_are_poor(void **state)
{
	(void)state;
	static const bool yes[] = {true}, no[] = {false};
	const bool *deprived[10];
	struct fraction w[10];
	struct mpi_result r;
	struct mpi m = {.n = 1, .d = 10, .deprived = deprived};
	/* ten of a tenth, k = i/10: exactly i deprivations are enough, one less is not */
	for (int i = 0; i < 10; i++)
		w[i] = (struct fraction){1, 10};
	assert_int_equal(mpi_set_weights(&m, w, &diag), OK);
	for (int k = 1; k <= 10; k++)
		for (int have = k - 1; have <= k; have++) {
			for (int i = 0; i < 10; i++)
				deprived[i] = i < have ? yes : no;
			m.k = (struct fraction){k, 10};
			assert_int_equal(mpi_estimate(&m, NULL, &arena, &diag, &r), OK);
			assert_true(r.poor[0] == (have == k));
		}
}

static void test_fractions(void **state)
{
	(void)state;
	struct fraction f;
	assert_true(fraction_read("4/12", &f) && f.n == 1 && f.d == 3);
	assert_true(fraction_read("0.25", &f) && f.n == 1 && f.d == 4);
	static const char *const bad[] = {"", "1/0", "-1/3", "1/", "/3", "0.", "1e3", "1234567890123456", " 1"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(fraction_read(bad[i], &f));
}

/* --- assessment ---------------------------------------------------------------------------------- */

static struct assess_rate rate_of(int found, int n)
{
	double *hit = ARENA_ARRAY(&arena, (size_t)n, double), *one = ARENA_ARRAY(&arena, (size_t)n, double);
	struct stat_design *d = ARENA_NEW(&arena, struct stat_design);
	struct assess_rate r;
	double v;
	for (int i = 0; i < n; i++) {
		hit[i] = i < found;
		one[i] = 1;
	}
	*d = (struct stat_design){.n = (size_t)n, .weight = one};
	assert_int_equal(stat_design_make(d, &arena, &diag), OK);
	struct stat_sample s = {.design = d};
	struct assess_columns c = {hit, one, 1, 0};
	assert_int_equal(assess_rates(&s, &c, 1, NULL, 0.95, &arena, &diag, &r, &v), OK);
	return r;
}

static void test_assessment_figures(void **state)
{
	(void)state;
	struct assess_rate a = rate_of(9, 1180), b = rate_of(6, 1500), none = rate_of(0, 149);
	near(a.wilson.lo, 0.00402, 1e-5);
	near(a.wilson.hi, 0.01443, 1e-5);
	near(b.wilson.lo, 0.00183, 1e-5);
	near(b.wilson.hi, 0.00870, 1e-5);
	near(none.upper, 0.0199, 1e-4);
	assert_true(isnan(none.v) && none.exact.hi > 0.02);
	near(assess_fail(&none, none.upper, false), 0.05, 1e-9);
	near(assess_fail(&a, a.upper, false), 0.05, 1e-9);
	struct assess_rate both[2] = {a, b}, zero[2] = {none, none};
	double cov[4] = {a.v, 0, 0, b.v}, nil[4] = {0};
	struct assess_composite c = {.known = 420, .people = {26000, 3200}, .whole = 30000};
	assess_composite(&c, both, cov, 0.95);
	near(c.p, 0.021037, 1e-6);
	assert_true(c.lo < 0.02 && c.hi > 0.0225 && c.v > 0);
	double fail = assess_composite_fail(&c, both, 0.02);
	assert_true(fail > 0.5 && fail < 0.9);
	assess_composite(&c, zero, nil, 0.95);
	assert_true(isnan(c.v) && c.hi > c.p + 0.01);
	assert_true(c.lo == c.p);
}

/* --- designs ------------------------------------------------------------------------------------- */

static void test_lonely_stratum_is_named(void **state)
{
	(void)state;
	static const int32_t stratum[] = {0, 0, 1}, cluster[] = {0, 1, 2};
	static const double w[] = {1, 1, 1}, x[] = {1, 2, 3};
	static const bool first[] = {true, true, false};
	const double *const columns[] = {x};
	struct stat_design d = {.n = 3, .weight = w, .n_stages = 1, .stages = {{stratum, cluster, NULL}}};
	struct stat_sample s = {.design = &d};
	struct stat_statistic t = stat_total(columns, 1);
	double theta, v;
	assert_int_equal(stat_design_make(&d, &arena, &diag), OK);
	assert_int_equal(stat_estimate(&s, &t, NULL, &arena, &diag, &theta, &v), ERR_INVALID);
	assert_non_null(strstr(diag.detail, "stratum 2"));
	diag_clear(&diag);
	assert_int_equal(stat_estimate(&s, &t, first, &arena, &diag, &theta, &v), OK);
	assert_true(theta == 3 && v == 1);
}

static void test_designs_that_cannot_be(void **state)
{
	(void)state;
	static const int32_t s0[] = {0, 1}, c0[] = {0, 0};
	static const double w[] = {1, 1}, zero[] = {0, 0}, few[] = {1, 1}, bad[] = {1, -1};
	struct stat_design two = {.n = 2, .weight = w, .n_stages = 1, .stages = {{s0, c0, NULL}}};
	struct stat_design none = {.n = 2, .weight = zero}, minus = {.n = 2, .weight = bad};
	static const int32_t apart[] = {0, 1};
	static const double too_few[] = {1.5, 1.5};
	struct stat_design more = {.n = 2, .weight = few, .n_stages = 1, .stages = {{NULL, apart, too_few}}};
	struct stat_design *const all[] = {&two, &none, &minus, &more};
	for (size_t i = 0; i < 4; i++) {
		diag_clear(&diag);
		assert_int_equal(stat_design_make(all[i], &arena, &diag), ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_intervals_agree_with_r, start, stop),
		cmocka_unit_test_setup_teardown(test_nothing_found_is_not_certain, start, stop),
		cmocka_unit_test_setup_teardown(test_inclusion_agrees_with_r, start, stop),
		cmocka_unit_test_setup_teardown(test_draws_as_often_as_promised, start, stop),
		cmocka_unit_test_setup_teardown(test_sizes_that_cannot_be_drawn, start, stop),
		cmocka_unit_test_setup_teardown(test_allocation, start, stop),
		cmocka_unit_test_setup_teardown(test_spline_is_exact_for_cubics, start, stop),
		cmocka_unit_test_setup_teardown(test_qr_residuals, start, stop),
		cmocka_unit_test_setup_teardown(test_sums_do_not_lose, start, stop),
		cmocka_unit_test_setup_teardown(test_quantiles, start, stop),
		cmocka_unit_test_setup_teardown(test_totals_are_met, start, stop),
		cmocka_unit_test_setup_teardown(test_scores_on_the_line_are_poor, start, stop),
		cmocka_unit_test_setup_teardown(test_fractions, start, stop),
		cmocka_unit_test_setup_teardown(test_assessment_figures, start, stop),
		cmocka_unit_test_setup_teardown(test_lonely_stratum_is_named, start, stop),
		cmocka_unit_test_setup_teardown(test_designs_that_cannot_be, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
