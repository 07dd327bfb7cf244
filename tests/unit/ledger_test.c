/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "account/account.h"
#include "attach/attach.h"
#include "check/record.h"
#include "ledger/index.h"
#include "ledger/rows_code.h"
#include "ledger/lines.h"
#include "registry/pin.h"
#include "test_db.h"
#include "work_tables.h"

static const struct record_desc *const tables[] = {
	&area_desc, &account_desc, &reveal_desc, &household_desc, &household_state_desc,
	&household_year_desc, &person_desc, &membership_desc, &person_year_desc, &income_desc,
	&duty_desc, &measure_desc, &visit_desc, &contract_desc, &ledger_desc, &ledger_chunk_desc,
	&link_answer_desc, &ledger_index_desc, &attachment_desc, &finding_desc, &pin_desc,
	WORK_TABLES,
};

enum { TABLES = sizeof(tables) / sizeof(*tables) };

static void test_records__describe_themselves_well(void **state)
{
	(void)state;
	struct diag diag = {0};
	for (size_t i = 0; i < TABLES; i++) {
		enum err e = record_check(tables[i], &diag);
		if (e)
			fail_msg("%s: %s", tables[i]->name, diag.detail);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(tables[i]->id, tables[k]->id);
	}
}

static void test_schema__is_that_of_the_records(void **state)
{
	(void)state;
	char dir[] = "/tmp/daohu-schema-XXXXXX";
	struct diag diag = {0};
	struct db *db = NULL;
	struct db_config c = {0};
	struct db_opts o = {.mode = DB_CREATE, .county = "341299", .url = test_db_url(),
	                    .tables = tables, .n_tables = TABLES};
	assert_non_null(mkdtemp(dir));
	assert_int_equal(db_config_set(&c, "format", "1"), OK);
	assert_int_equal(db_config_set(&c, "county", "341299"), OK);
	if (o.url)
		assert_int_equal(db_config_set(&c, "url", o.url), OK);
	assert_int_equal(db_config_write(dir, &c, &diag), OK);
	assert_int_equal(db_open(dir, &o, &diag, &db), OK);
	if (db_check_schema(db))
		fail_msg("%s %s", diag.place, diag.detail);
	if (db_check_statements(db))
		fail_msg("%s %s", diag.place, diag.detail);
	db_close(db);
	test_db_remove(dir);
}

static struct ledger make(int64_t no, const char *layout, date_t as_of, const char *covers)
{
	struct ledger l = {.no = no, .layout = layout, .as_of = as_of, .covers = covers};
	return l;
}

static void test_in_force__newer_replaces_what_it_covers(void **state)
{
	(void)state;
	bool in[3];
	struct ledger l[3] = {
		make(1, "insurance", 20180101, "*"),
		make(2, "insurance", 20180110, "*"),
		make(3, "vehicle", 0, "*"),
	};
	ledger_in_force(l, 3, 0, in);
	assert_false(in[0]);
	assert_true(in[1] && in[2]);
	ledger_in_force(l, 3, 20180105, in);
	assert_true(in[0] && in[2]);
	assert_false(in[1]);
	l[1].as_of = 0; /* no date: the later hand-in counts */
	ledger_in_force(l, 3, 0, in);
	assert_false(in[0]);
}

static void test_in_force__parts_stand_side_by_side(void **state)
{
	(void)state;
	bool in[3];
	struct ledger l[3] = {
		make(1, "insurance", 20180110, "341226115001"),
		make(2, "insurance", 20180110, "341226115002"),
		make(3, "insurance", 20180111, "341226115001"),
	};
	ledger_in_force(l, 3, 0, in);
	assert_false(in[0]);
	assert_true(in[1] && in[2]);
	l[2].partial = true; /* a few rows more replace nothing */
	ledger_in_force(l, 3, 0, in);
	assert_true(in[0] && in[1] && in[2]);
}

static void test_in_force__rosters_of_two_years_are_one_register(void **state)
{
	(void)state;
	bool in[2];
	struct ledger roster[2] = {make(2, "roster", 20161231, "*"), make(1, "roster", 20171231, "*")};
	struct ledger income[2] = {make(1, "income", 20161231, "*"), make(2, "income", 20171231, "*")};
	roster[0].year = income[0].year = 2016;
	roster[1].year = income[1].year = 2017;
	ledger_in_force(roster, 2, 0, in);
	assert_true(!in[0] && in[1]);
	ledger_in_force(roster, 2, 20170101, in);
	assert_true(in[0] && !in[1]);
	roster[0].as_of = 0; /* no date: the later year counts */
	ledger_in_force(roster, 2, 0, in);
	assert_true(!in[0] && in[1]);
	ledger_in_force(income, 2, 0, in);
	assert_true(in[0] && in[1]);
}

static void test_in_force__events_add_up_unless_corrected(void **state)
{
	(void)state;
	bool in[2];
	struct ledger l[2] = {make(1, "visit", 20171231, "*"), make(2, "visit", 20180131, "*")};
	ledger_in_force(l, 2, 0, in);
	assert_true(in[0] && in[1]);
	l[1].replaces = 1;
	ledger_in_force(l, 2, 0, in);
	assert_false(in[0]);
	assert_true(in[1]);
}

static void test_covers__by_prefix(void **state)
{
	(void)state;
	struct ledger l = make(1, "visit", 0, "341226115,341226116001");
	assert_true(ledger_covers(&l, "341226115007"));
	assert_true(ledger_covers(&l, "341226116001"));
	assert_false(ledger_covers(&l, "341226116002"));
}

static struct keys *new_keys(void)
{
	char dir[] = "/tmp/daohu-chunk-XXXXXX";
	struct diag diag = {0};
	struct keys *k = NULL;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(keys_create(dir, NULL, &diag, &k), OK);
	test_db_remove(dir); /* they are in memory */
	return k;
}

/* Opens what was sealed as chunk 7 of ledger 3; length -1: not packed. */
static enum err open_chunk(const struct keys *k, const struct buf *sealed, int64_t length,
                           struct buf *out)
{
	struct diag diag = {0};
	struct ledger_chunk c = {.ledger = 3, .seq = 7, .body = buf_str(sealed)};
	if (length >= 0)
		FIELD_SET(&c, LEDGER_CHUNK_, unpacked, length);
	buf_clear(out);
	return rows_open_chunk(k, &c, &diag, out);
}

static void test_chunk__comes_back_as_it_was(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 5, 4000, 1 << 20};
	struct keys *k = new_keys();
	struct buf lines, packed, sealed, back;
	buf_init(&lines, ROWS_CHUNK_MAX);
	buf_init(&packed, ROWS_PACKED_MAX);
	buf_init(&sealed, ROWS_PACKED_MAX);
	buf_init(&back, ROWS_CHUNK_MAX);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		buf_clear(&packed);
		buf_clear(&sealed);
		for (size_t n = lines.n; lines.n < sizes[i]; n++)
			buf_addf(&lines, "{\"#\":\"Sheet1!%zu\",\"name\":\"张三\"}\n", n * n);
		rows_pack(buf_str(&lines), &packed);
		rows_seal(k, 3, 7, buf_str(&packed), &sealed);
		assert_int_equal(open_chunk(k, &sealed, (int64_t)lines.n, &back), OK);
		assert_int_equal(back.n, lines.n);
		if (lines.n)
			assert_memory_equal(back.p, lines.p, lines.n);
	}
	assert_true(sealed.n * 3 < lines.n);
	buf_release(&lines);
	buf_release(&packed);
	buf_release(&sealed);
	buf_release(&back);
	keys_close(k);
}

static void seal_text(const struct keys *k, struct str text, struct buf *ret)
{
	buf_clear(ret);
	rows_seal(k, 3, 7, text, ret);
}

static void test_chunk__old_lines_and_damage(void **state)
{
	(void)state;
	struct keys *k = new_keys();
	struct buf sealed, back;
	buf_init(&sealed, 1 << 20);
	buf_init(&back, 1 << 20);
	seal_text(k, STR("{\"#\":\"!1\"}\n"), &sealed);
	assert_int_equal(open_chunk(k, &sealed, -1, &back), OK);
	assert_string_equal(back.p, "{\"#\":\"!1\"}\n");
	assert_int_equal(open_chunk(k, &sealed, 11, &back), ERR_FILE_DAMAGED); /* no LZ4 */
	seal_text(k, STR("\x10" "a"), &sealed); /* one byte */
	assert_int_equal(open_chunk(k, &sealed, 1, &back), OK);
	assert_string_equal(back.p, "a");
	assert_int_equal(open_chunk(k, &sealed, 2, &back), ERR_FILE_DAMAGED);
	assert_int_equal(open_chunk(k, &sealed, 0, &back), ERR_FILE_DAMAGED);
	assert_int_equal(open_chunk(k, &sealed, (int64_t)1 << 40, &back), ERR_FILE_DAMAGED);
	assert_int_equal(open_chunk(k, &sealed, ROWS_CHUNK_MAX, &back), ERR_FILE_DAMAGED);
	buf_release(&sealed);
	buf_release(&back);
	keys_close(k);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, INDEX_ENTRY);
}

/* As qsort sorts it: few, many, and the same number again and again. */
static void test_index__is_sorted(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 24, 25, 4095, 50000};
	struct keys *k = new_keys();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct index_maker m = {.keys = k};
		for (size_t n = 0; m.n < sizes[i]; n++) {
			char id[19] = "341299195803010018";
			for (size_t d = 16, v = n % 3 ? n : 1; d > 13; d--, v /= 10)
				id[d] = (char)('0' + v % 10);
			for (int c = '0'; c <= '9' + 1; c++) { /* the check digit that fits */
				id[17] = c > '9' ? 'X' : (char)c;
				index_add(&m, str_c(id), false, (uint32_t)n);
			}
			assert_true(n < 10 * sizes[i] + 100);
		}
		unsigned char *want = base_calloc(m.n + 1, INDEX_ENTRY);
		if (m.n) {
			memcpy(want, m.entries, m.n * INDEX_ENTRY);
			qsort(want, m.n, INDEX_ENTRY, by_bytes);
		}
		index_sort(&m);
		if (m.n)
			assert_memory_equal(m.entries, want, m.n * INDEX_ENTRY);
		base_free(want);
		index_release(&m);
	}
	keys_close(k);
}

/* --- lines ---------------------------------------------------------------------------- */

struct lines_fixture {
	struct pack *pack;
	struct arena a;
	struct ledger_lines t;
};

static void lines_start(struct lines_fixture *f)
{
	struct diag diag = {0};
	*f = (struct lines_fixture){0};
	if (pack_open(PACKS_DIR "/cn-2018", &diag, &f->pack))
		fail_msg("%s %s", diag.place, diag.detail);
	arena_init(&f->a, 1 << 24);
	map_init(&f->t.areas);
	(void)map_set(&f->t.areas, STR("341299101001"), 7);
	f->t.pack = f->pack;
	f->t.table.layout = pack_layout(f->pack, "population");
}

static void lines_end(struct lines_fixture *f)
{
	ledger_lines_release(&f->t);
	arena_release(&f->a);
	pack_close(f->pack);
}

static const struct ledger_cell *cell_of(const struct lines_fixture *f, const struct ledger_row *r,
                                         const char *id)
{
	return ledger_cell_at(r, pack_column(f->t.table.layout, id));
}

static void test_lines__what_a_line_says(void **state)
{
	(void)state;
	struct lines_fixture f;
	struct ledger_reader r;
	struct ledger_row row;
	lines_start(&f);
	ledger_reader_init(&r, &f.t, NULL, &f.a);
	assert_true(ledger_reader_row(&r, STR("{\"#\":\"a!b!17\",\"&\":\"3\",\"+x\":\"y\",\"@\":\"万台\","
	                                      "\"@^\":\"341299101001\",\"address\":\"万台\\u000a\\\"村\","
	                                      "\"address^\":\"341299101001\",\"birth\":\"1965-07-14\","
	                                      "\"birth!\":\"x\",\"id_no\":\"3412\",\"id_no~\":\"1\","
	                                      "\"state\":\"normal\",\"state$\":\"2017\"}"), &row));
	assert_int_equal(row.number, 17);
	assert_true(str_is(row.sheet, "a!b"));
	assert_int_equal(row.block, 3);
	assert_true(str_is(row.section, "万台"));
	assert_int_equal(row.section_area, 7);
	assert_true(str_is(cell_of(&f, &row, "address")->text, "万台\n\"村"));
	assert_int_equal(cell_of(&f, &row, "address")->v, 7);
	assert_int_equal(cell_of(&f, &row, "birth")->state, LEDGER_BAD);
	assert_true(cell_of(&f, &row, "id_no")->lossy);
	assert_int_equal(cell_of(&f, &row, "state")->state, LEDGER_OK);
	assert_int_equal(cell_of(&f, &row, "state")->year, 2017);
	assert_int_equal(cell_of(&f, &row, "name")->state, LEDGER_EMPTY);
	assert_int_equal(cell_of(&f, &row, "name")->v, -1);
	assert_true(ledger_reader_row(&r, STR("{}"), &row));
	assert_int_equal(cell_of(&f, &row, "state")->state, LEDGER_EMPTY);
	assert_int_equal(cell_of(&f, &row, "address")->v, -1);
	static const char *const broken[] = {"", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"",
	                                     "{\"a\":\"b", "{\"a\":\"b\\", "{\"a\":\"b\"", "[]"};
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_false(ledger_reader_row(&r, str_c(broken[i]), &row));
	lines_end(&f);
}

static void assert_same_cells(const struct ledger_row *a, const struct ledger_row *b, size_t n,
                              const bool *want)
{
	for (size_t i = 0; i < n; i++) {
		const struct ledger_cell *x = ledger_cell_at(a, (int)i), *y = ledger_cell_at(b, (int)i);
		if (want && !want[i])
			continue;
		assert_int_equal(x->state, y->state);
		assert_int_equal(x->v, y->v);
		assert_int_equal(x->year, y->year);
		assert_int_equal(x->lossy, y->lossy);
		assert_true(str_eq(x->text, y->text));
	}
}

/* A reader knows keys it has met by how they are written; its plain twin is a new
 * one for every line.  Lines in any order, with members twice and unknown ones. */
static void test_lines__a_reader_that_knows_the_keys(void **state)
{
	(void)state;
	static const char *const members[] = {
		"\"#\":\"s!2\"", "\"+x\":\"a\\\"b\"", "\"address\":\"万台村\"", "\"address^\":\"341299101001\"",
		"\"birth\":\"1965-07-14\"", "\"birth!\":\"六五年\"", "\"id_no\":\"341299196507140010\"",
		"\"id_no~\":\"1\"", "\"name\":\"程铭椿\"", "\"gone\":\"of an old pack\"", "\"state\":\"normal\"",
		"\"sex\":\"male\"", "\"remark\":\"\\\\\"", "\"remark\":\"\"",
	};
	enum { N = sizeof(members) / sizeof(members[0]) };
	struct lines_fixture f;
	struct ledger_reader known, some;
	uint64_t seed = 17;
	lines_start(&f);
	size_t n = f.t.table.layout->n_columns;
	bool *want = ARENA_ARRAY(&f.a, n, bool);
	want[pack_column(f.t.table.layout, "id_no")] = want[pack_column(f.t.table.layout, "state")] = true;
	ledger_reader_init(&known, &f.t, NULL, &f.a);
	ledger_reader_init(&some, &f.t, want, &f.a);
	for (int k = 0; k < 3000; k++) {
		struct buf b;
		buf_init(&b, 4096);
		buf_addc(&b, '{');
		for (size_t i = 0; i < N + 4; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			size_t at = k % 3 || i >= N ? (size_t)(seed >> 33) % N : i;
			if (seed >> 60 < 7)
				continue;
			if (b.n > 1)
				buf_addc(&b, ',');
			buf_adds(&b, members[at]);
			if (k % 5 == 0)
				buf_addf(&b, ",\"+%d\":\"\"", k + (int)i);
		}
		buf_addc(&b, '}');
		struct str line = str_copy(&f.a, buf_str(&b));
		struct ledger_reader fresh;
		struct ledger_row x, y, z;
		ledger_reader_init(&fresh, &f.t, NULL, &f.a);
		assert_true(ledger_reader_row(&fresh, line, &x));
		assert_true(ledger_reader_row(&known, line, &y));
		assert_true(ledger_reader_row(&some, line, &z));
		assert_int_equal(x.number, y.number);
		assert_same_cells(&x, &y, n, NULL);
		assert_same_cells(&x, &z, n, want);
		assert_int_equal(ledger_cell_at(&z, pack_column(f.t.table.layout, "name"))->state,
		                 LEDGER_EMPTY);
		buf_release(&b);
	}
	lines_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records__describe_themselves_well),
		cmocka_unit_test(test_schema__is_that_of_the_records),
		cmocka_unit_test(test_in_force__newer_replaces_what_it_covers),
		cmocka_unit_test(test_in_force__parts_stand_side_by_side),
		cmocka_unit_test(test_in_force__rosters_of_two_years_are_one_register),
		cmocka_unit_test(test_in_force__events_add_up_unless_corrected),
		cmocka_unit_test(test_covers__by_prefix),
		cmocka_unit_test(test_chunk__comes_back_as_it_was),
		cmocka_unit_test(test_chunk__old_lines_and_damage),
		cmocka_unit_test(test_index__is_sorted),
		cmocka_unit_test(test_lines__what_a_line_says),
		cmocka_unit_test(test_lines__a_reader_that_knows_the_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
