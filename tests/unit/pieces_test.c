/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A file that comes in by several entries: what is seen before the last one, what is taken away. */
#include "ledger/import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ledger/index.h"
#include "temp_house.h"

#include "base/banned.h"

enum { ROWS = 30000 };

static const struct record_desc *const tables[] = {&area_desc, &ledger_desc, &ledger_chunk_desc,
                                                   &ledger_index_desc};

static struct area areas[] = {
	{.code = "341299", .name = "试验县"},
	{.code = "341299101", .name = "八里河镇", .parent = "341299"},
	{.code = "341299101201", .name = "长寿村", .parent = "341299101"},
};
static const struct area_list area_list = {areas, 3};

static struct pack *the_pack;

/* A file in the making. */
struct coming {
	struct import im;
	struct ahead *ahead;
	struct import_work *work;
	struct import_result result;
};

static int open_house(void **state)
{
	static struct temp_house h;
	temp_house_open(&h, tables, sizeof(tables) / sizeof(*tables));
	if (!the_pack)
		assert_int_equal(pack_open(PACKS_DIR "/cn-2018", &h.diag, &the_pack), OK);
	*state = &h;
	return 0;
}

static int close_house(void **state)
{
	temp_house_close(*state);
	return 0;
}

static void number(unsigned i, char ret[19])
{
	static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;
	(void)snprintf(ret, 19, "34129919%02u01%02u%03u", 40 + i / 27000 % 60, 1 + i / 1000 % 27, i % 1000);
	for (int k = 0; k < 17; k++)
		sum += weights[k] * (ret[k] - '0');
	ret[17] = "10X98765432"[sum % 11];
	ret[18] = '\0';
}

static const char *write_file(struct temp_house *h, const char *name)
{
	const char *path = arena_printf(&h->a, "%s/户籍人口_%s.csv", h->dir, name);
	char id[19];
	uint64_t seed = 1;
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	(void)fputs("村名,姓名,公民身份号码,备注\n", f);
	for (unsigned i = 0; i < ROWS; i++) {
		number(i, id);
		(void)fprintf(f, "长寿村,%s%u,%s,", name, i, id);
		for (int k = 0; k < 24; k++) { /* what cannot be packed: it takes longer than a piece */
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			(void)fprintf(f, "%016llx", (unsigned long long)seed);
		}
		(void)fputc('\n', f);
	}
	assert_int_equal(fclose(f), 0);
	return path;
}

static void begin(struct temp_house *h, const char *path, struct coming *c)
{
	struct read_file *file = NULL;
	*c = (struct coming){.im = {.j = h->j, .pack = the_pack, .areas = &area_list, .root = "341299",
	                            .in_turn = true}};
	assert_int_equal(import_start(&c->im, &path, 1, &h->a, &c->ahead), OK);
	assert_int_equal(ahead_take(c->ahead, &h->diag, &file), OK);
	ahead_settle(c->ahead);
	import_open(c->ahead, file, &h->a, &c->work);
}

/* A piece of it; is it through? */
static bool go_on(struct temp_house *h, struct coming *c, int ms)
{
	bool done = false;
	temp_house_begin(h);
	if (import_write(c->work, &c->im, ms, &done, &c->result))
		fail_msg("%s %s %s", err_name(h->diag.code), h->diag.place, h->diag.detail);
	temp_house_commit(h);
	return done;
}

static size_t strays(struct temp_house *h)
{
	int64_t *list;
	size_t n = 0;
	assert_int_equal(ledger_stray(h->db, &h->a, &list, &n), OK);
	return n;
}

/* Until something of it is there. */
static void first_rows(struct temp_house *h, struct coming *c)
{
	do {
		assert_false(go_on(h, c, 1));
	} while (!strays(h));
	assert_int_equal(strays(h), 1);
}

static void end(struct coming *c)
{
	ahead_done(c->ahead);
	ahead_stop(c->ahead);
}

static size_t ledgers(struct temp_house *h)
{
	struct ledger *all;
	size_t n = 0;
	assert_int_equal(ledger_all(h->db, &h->a, &all, &n), OK);
	return n;
}

static void test_pieces__nothing_is_seen_before_the_last(void **state)
{
	struct temp_house *h = *state;
	struct coming c;
	begin(h, write_file(h, "张"), &c);
	first_rows(h, &c);
	assert_true(import_in_pieces(c.work));
	assert_int_equal(ledgers(h), 0);
	while (!go_on(h, &c, 1))
		assert_int_equal(ledgers(h), 0);
	assert_int_equal(c.result.n_ledgers, 1);
	assert_int_equal(c.result.ledgers[0].record.row_count, ROWS);
	assert_int_equal(ledgers(h), 1);
	assert_int_equal(strays(h), 0);
	end(&c);
}

static void test_pieces__the_same_as_at_once(void **state)
{
	struct temp_house *h = *state;
	struct coming c;
	struct ledger *all;
	struct ledger_table one, other;
	size_t n = 0;
	begin(h, write_file(h, "张"), &c);
	while (!go_on(h, &c, 1))
		continue;
	end(&c);
	begin(h, write_file(h, "李"), &c);
	assert_true(go_on(h, &c, 0));
	assert_false(import_in_pieces(c.work));
	end(&c);
	assert_int_equal(ledger_all(h->db, &h->a, &all, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(ledger_read(h->j, the_pack, &area_list, &all[0], &h->a, &one), OK);
	assert_int_equal(ledger_read(h->j, the_pack, &area_list, &all[1], &h->a, &other), OK);
	assert_int_equal(one.n, ROWS);
	assert_int_equal(other.n, ROWS);
	int id = one.layout->role[PACK_ROLE_ID];
	for (size_t i = 0; i < ROWS; i += 777)
		assert_true(str_eq(ledger_cell_at(&one.rows[i], id)->text, ledger_cell_at(&other.rows[i], id)->text));
}

/* Somebody hands in the same meanwhile, and is through first. */
static void test_pieces__twice_at_the_same_time(void **state)
{
	struct temp_house *h = *state;
	struct coming slow, quick;
	const char *path = write_file(h, "张");
	begin(h, path, &slow);
	first_rows(h, &slow);
	begin(h, path, &quick);
	assert_true(go_on(h, &quick, 0));
	assert_false(quick.result.already);
	end(&quick);
	while (!go_on(h, &slow, 1))
		continue;
	assert_true(slow.result.already);
	assert_int_equal(ledgers(h), 1);
	assert_int_equal(strays(h), 1);
	temp_house_begin(h);
	assert_int_equal(import_withdraw(slow.work, h->j), OK);
	temp_house_commit(h);
	assert_int_equal(strays(h), 0);
	end(&slow);
}

static void test_pieces__what_was_cut_short_goes(void **state)
{
	struct temp_house *h = *state;
	struct coming c;
	size_t n = 0;
	const char *path = write_file(h, "张");
	begin(h, path, &c);
	first_rows(h, &c);
	end(&c);
	temp_house_begin(h);
	assert_int_equal(import_sweep(h->j, &h->a, &n), OK);
	temp_house_commit(h);
	assert_int_equal(n, 1);
	assert_int_equal(strays(h), 0);
	begin(h, path, &c); /* and can be handed in again */
	assert_true(go_on(h, &c, 0));
	assert_false(c.result.already);
	end(&c);
}

/* Whoever is erased meanwhile does not come in with the rest. */
static void test_pieces__erased_meanwhile(void **state)
{
	struct temp_house *h = *state;
	struct coming c;
	struct ledger *all;
	struct ledger_table t;
	char id[19];
	size_t n = 0, rows = 0;
	number(3, id);
	struct idno who = idno_parse(str_c(id), false);
	begin(h, write_file(h, "张"), &c);
	first_rows(h, &c);
	temp_house_begin(h);
	assert_int_equal(ledger_erase_number(h->j, &who, &h->a, &rows), OK);
	temp_house_commit(h);
	assert_int_equal(rows, 1);
	while (!go_on(h, &c, 1))
		continue;
	end(&c);
	assert_int_equal(ledger_all(h->db, &h->a, &all, &n), OK);
	assert_int_equal(ledger_read(h->j, the_pack, &area_list, &all[0], &h->a, &t), OK);
	assert_int_equal(t.n, ROWS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
		T(test_pieces__nothing_is_seen_before_the_last),
		T(test_pieces__the_same_as_at_once),
		T(test_pieces__twice_at_the_same_time),
		T(test_pieces__what_was_cut_short_goes),
		T(test_pieces__erased_meanwhile),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	pack_close(the_pack);
	return failed;
}
