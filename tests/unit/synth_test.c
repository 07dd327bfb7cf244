/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* synth: towns agree with themselves, and the same arguments make the same bytes. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sha256.h"
#include "io/rows.h"
#include "synth/sheet.h"
#include "synth/synth.h"

#include "base/banned.h"

#define AREAS TEST_DATA "/areas/yingshang.csv"

static char folder[] = "/tmp/synth_test_XXXXXX";

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static void make(const char *name, const char *code, uint64_t seed, const char *layout,
                 struct synth_totals *ret)
{
	char out[256];
	struct diag diag;
	diag_clear(&diag);
	snprintf(out, sizeof(out), "%s/%s", folder, name);
	struct synth_opts opts = {.areas = AREAS, .code = code, .seed = seed, .layout = layout,
	                          .scale = 30, .out = out};
	assert_int_equal(synth_run(&opts, &diag, ret), OK);
}

static void read_file(const char *name, struct buf *b)
{
	char path[512], chunk[4096];
	size_t n;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	buf_init(b, 64 << 20);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(b, chunk, n);
	fclose(f);
}

static void same(const char *a, const char *b)
{
	struct buf x, y;
	read_file(a, &x);
	read_file(b, &y);
	assert_true(x.n > 0);
	assert_true(str_eq(buf_str(&x), buf_str(&y)));
	buf_release(&x);
	buf_release(&y);
}

static void test_synth__same_arguments_same_bytes(void **state)
{
	struct synth_totals a, b;
	make("a", "341226115", 5, "balihe", &a);
	make("b", "341226115", 5, "balihe", &b);
	assert_int_equal(a.people, b.people);
	same("a/贫困户花名册.xlsx", "b/贫困户花名册.xlsx");
	same("a/公安户籍人口.csv", "b/公安户籍人口.csv");
	same("a/answers.csv", "b/answers.csv");
}

static void test_synth__every_layout_writes(void **state)
{
	struct synth_totals n;
	for (size_t i = 0; synth_layout_name(i); i++) {
		make(synth_layout_name(i), "341226115", 2, synth_layout_name(i), &n);
		assert_int_equal(n.towns, 1);
		assert_true(n.files >= LEDGER_MAX);
		assert_true(n.planted >= 30);
	}
}

static void add_file(struct sha256 *h, const char *path)
{
	struct diag diag;
	struct rows *r;
	struct row row;
	bool more;
	diag_clear(&diag);
	assert_int_equal(rows_open(path, NULL, &diag, &r), OK);
	for (size_t s = 0; s < rows_sheet_count(r); s++) {
		assert_int_equal(rows_sheet(r, s, &diag), OK);
		while (rows_next(r, &diag, &row, &more) == OK && more)
			for (size_t i = 0; i <= row.n; i++) {
				struct str t = i < row.n ? row.cells[i].text : STR("\n");
				sha256_add(h, t.p, t.n);
				sha256_add(h, "\t", 1);
			}
	}
	rows_close(r);
}

static int is_ledger(const struct dirent *d)
{
	return d->d_name[0] != '.' && strcmp(d->d_name, "README.txt") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Of every cell of every table of a town, but not of how a workbook is packed. */
static void digest_of(const char *name, char hex[65])
{
	unsigned char sum[SHA256_BYTES];
	struct sha256 h;
	char path[768];
	struct dirent **files;
	sha256_begin(&h);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	int n = scandir(path, &files, is_ledger, by_bytes);
	assert_true(n > LEDGER_MAX);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", folder, name, files[i]->d_name);
		add_file(&h, path);
		free(files[i]);
	}
	free(files);
	sha256_end(&h, sum);
	for (size_t i = 0; i < SHA256_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

/*
 * Every compiler, optimised or not, makes the same town of a seed.  The sums change with
 * what the towns hold: put the new ones down when that was wanted, of two compilers.
 */
static void test_synth__a_seed_is_the_same_town_everywhere(void **state)
{
	static const char *const towns[][2] = {
		{"balihe", "78384bc8ed70739511d626392d79db79ec66eae517ba4122b6b0d0339d599b83"},
		{"mixed", "18514eb5d77b52aa029d2ba55275a0119a06c4f5d3d7cebbc42f22f96417c103"},
	};
	struct synth_totals n;
	char hex[65];
	for (size_t i = 0; i < sizeof(towns) / sizeof(towns[0]); i++) {
		char name[64];
		snprintf(name, sizeof(name), "pinned-%s", towns[i][0]);
		make(name, "341226115", 11, towns[i][0], &n);
		digest_of(name, hex);
		assert_string_equal(hex, towns[i][1]);
	}
}

static void test_synth__refuses(void **state)
{
	struct synth_totals n;
	struct diag diag;
	struct synth_opts opts = {.areas = AREAS, .code = "999999999", .scale = 30, .out = folder};
	diag_clear(&diag);
	assert_int_equal(synth_run(&opts, &diag, &n), ERR_UNKNOWN_AREA);
	opts.layout = "nothing";
	diag_clear(&diag);
	assert_int_equal(synth_run(&opts, &diag, &n), ERR_USAGE);
	opts.layout = NULL;
	opts.scale = 0;
	diag_clear(&diag);
	assert_int_equal(synth_run(&opts, &diag, &n), ERR_USAGE);
}

static void init_town(struct town *t, struct arena *a)
{
	struct diag diag;
	struct area_list *areas;
	arena_init(a, 0);
	diag_clear(&diag);
	*t = (struct town){.arena = a, .rng = rng_fork(9, 1)};
	assert_int_equal(areas_load(AREAS, a, &diag, &areas), OK);
	assert_int_equal(areas_town(areas, "341226115", t, &diag), OK);
	areas_free(areas);
}

static void test_synth__clean_town_agrees(void **state)
{
	struct arena a;
	struct town t;
	init_town(&t, &a);
	town_people(&t, 2000);
	town_odd_people(&t);
	town_money(&t);
	town_offices(&t);
	town_duties(&t);
	for (size_t i = 0; i < t.people.n; i++) {
		const struct person *p = &t.people.p[i];
		assert_int_equal(p->id[17], id_check_digit(p->id));
		assert_memory_equal(p->id, "341299", 6);
		assert_int_equal((p->id[16] - '0') % 2, p->male);
	}
	for (size_t i = 0; i < t.houses.n; i++) {
		const struct house *h = &t.houses.p[i];
		if (!h->registered)
			continue;
		fen_t pc = house_pc(h);
		assert_int_equal(pc, h->stated_pc);
		assert_true((pc >= SYNTH_LINE * 100) == (h->exit_year != 0));
		assert_true(h->income.business >= 0 && h->income.wage >= 0 &&
		            h->income.pension >= 0);
		assert_int_equal(h->attr != ATTR_ORDINARY, h->dibao_list != 0);
		assert_true(!h->unsafe || !h->exit_year);
	}
	town_release(&t);
	arena_release(&a);
}

static void test_synth__damaged_numbers(void **state)
{
	struct arena a;
	struct town t;
	init_town(&t, &a);
	struct person p = {.id = "341299196507140010"};
	assert_string_equal(id_damaged(&t, &p, FUZZ_15), "341299650714001");
	assert_string_equal(id_damaged(&t, &p, FUZZ_NO_ID), "");
	assert_null(id_damaged(&t, &p, FUZZ_LOWER));
	const char *swapped = id_damaged(&t, &p, FUZZ_SWAP);
	assert_non_null(swapped);
	assert_int_not_equal(swapped[17], id_check_digit(swapped));
	town_release(&t);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_synth__clean_town_agrees),
		cmocka_unit_test(test_synth__damaged_numbers),
		cmocka_unit_test(test_synth__same_arguments_same_bytes),
		cmocka_unit_test(test_synth__every_layout_writes),
		cmocka_unit_test(test_synth__a_seed_is_the_same_town_everywhere),
		cmocka_unit_test(test_synth__refuses),
	};
	return cmocka_run_group_tests(tests, make_folder, NULL);
}
