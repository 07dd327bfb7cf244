/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Reading ahead gives what reading one file after the other gives: the same
 * lines in the same order, the same failures, whatever the number of threads.
 * Also run under the thread sanitizer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/import_ahead.h"

#include "base/banned.h"

#define IN(name) TEST_DATA "/" name

enum { FILES = 10, MAX = 64 << 20, LONG_ROWS = 30000 };

static char long_csv[64] = "/tmp/daohu-ahead-XXXXXX";

/* Some of them fail: one is not there, one is no ledger, one cannot be opened. */
static const char *const paths[FILES] = {
	IN("intake/stacked.csv"),
	long_csv,
	IN("intake/none.csv"),
	IN("intake/roster_merged.xlsx"),
	IN("areas/yingshang.csv"),
	IN("town-balihe/财政供养人员.xlsx"),
	IN("io/password.xls"),
	IN("town-balihe/残联持证人员.csv"),
	IN("town-balihe/车辆登记.xls"),
	IN("intake/roster_merged.xlsx"),
};

static struct pack *pack;
static struct keys *keys;
static char keys_dir[] = "/tmp/daohu-keys-XXXXXX";
static const struct area area_array[] = {
	{.code = "341226115001", .name = "东湖村委会"}, {.code = "341226115002", .name = "南岗村委会"}};
static const struct area_list areas = {area_array, 2};
static struct buf want[FILES]; /* what reading them one by one gives */

/* More rows than a queue holds. */
static void write_long_csv(void)
{
	int fd = mkstemp(long_csv);
	assert_true(fd >= 0);
	FILE *f = fdopen(fd, "wb");
	assert_non_null(f);
	fputs("姓名,身份证号,性别,出生日期,住址,与户主关系,户号\n", f);
	for (int i = 0; i < LONG_ROWS; i++)
		fprintf(f, "张三%d,34129919800101%04d,男,1980-01-01,东湖村%d号%0400d,户主,%d\n", i,
		        i % 10000, i, i, i);
	assert_int_equal(fclose(f), 0);
}

static struct read_opts opts(void)
{
	return (struct read_opts){.pack = pack, .areas = &areas, .root = "341226115", .keys = keys};
}

static void note_chunk(struct buf *out, size_t group, int64_t rows, size_t length,
                       struct str packed)
{
	buf_addf(out, "%zu %lld %zu\n", group, (long long)rows, length);
	buf_addstr(out, packed);
}

static void note_end(struct buf *out, const struct read_file *f, enum err e)
{
	buf_addf(out, "%s %s %s\n", err_name(e), f->diag.place, f->diag.detail);
	for (size_t i = 0; !e && i < f->n_groups; i++) {
		const struct read_group *g = &f->groups[i];
		buf_addf(out, "%s %lld %zu\n", g->layout->id, (long long)g->rows, g->index.n);
		buf_add(out, g->index.entries, g->index.n * INDEX_ENTRY);
		note_chunk(out, i, g->in_chunk, g->last_length, buf_str(&g->chunk));
	}
}

static enum err sink(void *arg, size_t group, int64_t rows, size_t length, struct buf *packed)
{
	note_chunk(arg, group, rows, length, buf_str(packed));
	return OK;
}

static void read_alone(const char *path, struct buf *out)
{
	struct read_opts o = opts();
	struct read_file f;
	read_init(&f, path, 0);
	enum err e = read_open(&f, &o);
	if (!e)
		e = read_rows(&f, &o, sink, out);
	note_end(out, &f, e);
	read_release(&f);
}

static int set_up(void **state)
{
	struct diag d = {0};
	(void)state;
	assert_non_null(mkdtemp(keys_dir));
	assert_int_equal(pack_open("cn-2018", &d, &pack), OK);
	assert_int_equal(keys_create(keys_dir, NULL, &d, &keys), OK);
	write_long_csv();
	for (size_t i = 0; i < FILES; i++) {
		buf_init(&want[i], MAX);
		read_alone(paths[i], &want[i]);
		assert_false(want[i].full);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES; i++)
		buf_release(&want[i]);
	keys_close(keys);
	pack_close(pack);
	(void)unlink(long_csv);
	char keys_file[sizeof(keys_dir) + 8];
	(void)snprintf(keys_file, sizeof(keys_file), "%s/keys", keys_dir);
	(void)unlink(keys_file);
	assert_int_equal(rmdir(keys_dir), 0);
	return 0;
}

/* A quote, a backslash, a control character at every place of a text. */
static void test_lines__are_escaped(void **state)
{
	static const struct {
		const char *csv, *json;
	} special[] = {{"\"\"", "\\\""}, {"\\", "\\\\"}, {"\x01", "\\u0001"}, {"\x1f", "\\u001f"},
		       {"#", "#"}, {"户", "户"}};
	char path[] = "/tmp/daohu-escape-XXXXXX";
	struct read_opts o = opts();
	struct read_file f;
	struct diag d = {0};
	struct buf sealed, lines, none;
	(void)state;
	FILE *to = fdopen(mkstemp(path), "wb");
	assert_non_null(to);
	fputs("姓名,身份证号,性别,出生日期,住址,与户主关系,户号\n", to);
	for (size_t i = 0; i < 20; i++)
		for (size_t k = 0; k < 6; k++)
			fprintf(to, "张三,341299198001010011,男,1980-01-01,\"%.*s%s%.*s。\",户主,7\n", (int)i,
				"abcdefghijklmnopqrstuvwx", special[k].csv, (int)(20 - i),
				"ABCDEFGHIJKLMNOPQRSTUVWX");
	assert_int_equal(fclose(to), 0);
	buf_init(&sealed, MAX);
	buf_init(&lines, MAX);
	buf_init(&none, MAX);
	read_init(&f, path, 0);
	assert_int_equal(read_open(&f, &o), OK);
	assert_int_equal(read_rows(&f, &o, sink, &none), OK);
	rows_seal(keys, 1, 1, buf_str(&f.groups[0].chunk), &sealed);
	struct ledger_chunk c = {.ledger = 1, .seq = 1, .body = buf_str(&sealed)};
	FIELD_SET(&c, LEDGER_CHUNK_, unpacked, (int64_t)f.groups[0].last_length);
	assert_int_equal(rows_open_chunk(keys, &c, &d, &lines), OK);
	for (size_t i = 0; i < 20; i++)
		for (size_t k = 0; k < 6; k++) {
			char text[80];
			snprintf(text, sizeof(text), "\":\"%.*s%s%.*s。\"", (int)i,
				 "abcdefghijklmnopqrstuvwx", special[k].json, (int)(20 - i),
				 "ABCDEFGHIJKLMNOPQRSTUVWX");
			assert_true(str_find(buf_str(&lines), str_c(text)) != SIZE_MAX);
		}
	read_release(&f);
	buf_release(&sealed);
	buf_release(&lines);
	buf_release(&none);
	(void)unlink(path);
}

static struct ahead *start(unsigned threads)
{
	struct diag d = {0};
	struct ahead *a = NULL;
	struct ahead_opts o = {.read = opts(), .paths = paths, .n = FILES, .threads = threads};
	assert_int_equal(ahead_start(&o, &d, &a), OK);
	return a;
}

/* Takes the next file and at most `chunks` of its chunks; compares when it was all. */
static void take(struct ahead *a, size_t i, size_t chunks)
{
	struct diag d = {0};
	struct ahead_chunk c;
	struct read_file *f;
	struct buf got;
	bool more = true;
	buf_init(&got, MAX);
	enum err e = ahead_take(a, &d, &f);
	assert_string_equal(f->path, paths[i]);
	while (!e && more && chunks--) {
		e = ahead_next(a, &d, &c, &more);
		if (!e && more)
			note_chunk(&got, c.group, c.rows, c.length, c.packed);
	}
	if (e || !more) {
		assert_int_equal(d.code, e);
		note_end(&got, f, e);
		assert_int_equal(got.n, want[i].n);
		assert_memory_equal(got.p, want[i].p, got.n);
	}
	ahead_done(a);
	buf_release(&got);
}

static void test_ahead__as_one_after_the_other(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= AHEAD_THREADS; threads++) {
		struct ahead *a = start(threads);
		for (size_t i = 0; i < FILES; i++)
			take(a, i, SIZE_MAX);
		ahead_stop(a);
	}
}

static void test_ahead__a_file_may_be_left(void **state)
{
	(void)state;
	struct ahead *a = start(2);
	for (size_t i = 0; i < FILES; i++)
		take(a, i, i % 3 == 1 ? 2 : i % 3 == 2 ? 0 : SIZE_MAX);
	ahead_stop(a);
}

static void test_ahead__stops_at_any_file(void **state)
{
	(void)state;
	for (size_t n = 0; n < FILES; n += 2) {
		struct ahead *a = start(3);
		for (size_t i = 0; i < n; i++)
			take(a, i, i % 2 ? SIZE_MAX : 1);
		ahead_stop(a);
	}
}

/* A file that is here is opened, and read only when it is asked for. */
static void test_ahead__what_is_here_waits(void **state)
{
	struct diag d = {0};
	unsigned char here[2][32];
	struct ahead *a = NULL;
	struct read_file *f;
	(void)state;
	assert_int_equal(read_hash(paths[0], &d, here[0]), OK);
	assert_int_equal(read_hash(paths[3], &d, here[1]), OK);
	struct ahead_opts o = {.read = opts(), .paths = paths, .n = FILES, .threads = 2,
	                       .here = (const unsigned char(*)[32])here, .n_here = 2};
	assert_int_equal(ahead_start(&o, &d, &a), OK);
	assert_int_equal(ahead_take(a, &d, &f), OK);
	assert_memory_equal(f->hash, here[0], 32);
	ahead_done(a);
	for (size_t i = 1; i < FILES; i++)
		take(a, i, SIZE_MAX);
	ahead_stop(a);
}

static bool is_rectified(struct rows *rows, size_t *ret_sheet)
{
	*ret_sheet = 0;
	return rows_kind(rows) == FILE_XLSX;
}

static void test_ahead__others_are_handed_over_open(void **state)
{
	struct diag d = {0};
	struct ahead *a = NULL;
	struct read_file *f;
	(void)state;
	struct ahead_opts o = {.read = opts(), .paths = paths, .n = FILES};
	o.read.other = is_rectified;
	assert_int_equal(ahead_start(&o, &d, &a), OK);
	for (size_t i = 0; i < 4; i++) {
		diag_clear(&d);
		enum err e = ahead_take(a, &d, &f);
		assert_int_equal(e, i == 2 ? ERR_FILE_UNREADABLE : OK);
		assert_int_equal(f->other, i == 3);
		if (f->other)
			assert_int_equal(rows_sheet(f->rows, 0, &d), OK);
		ahead_done(a);
	}
	ahead_stop(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines__are_escaped),
		cmocka_unit_test(test_ahead__as_one_after_the_other),
		cmocka_unit_test(test_ahead__a_file_may_be_left),
		cmocka_unit_test(test_ahead__stops_at_any_file),
		cmocka_unit_test(test_ahead__what_is_here_waits),
		cmocka_unit_test(test_ahead__others_are_handed_over_open),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
