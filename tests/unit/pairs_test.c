/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/team.h"
#include "pairs/block.h"
#include "pairs/often.h"
#include "pairs/pairs.h"

/* ---- tables of made-up people ---- */

static uint64_t next_number(uint64_t *z)
{
	*z = *z * 6364136223846793005u + 1442695040888963407u;
	return *z >> 33;
}

static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"};
static const char *const given[] = {"伟", "芳", "娜", "秀", "敏", "静", "丽", "强", "磊", "军",
                                    "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "兰", "霞"};

/* Person k, the same each time; with slips when it is asked. */
static void add_person(FILE *f, size_t k, bool slips)
{
	uint64_t z = k * 7919 + 3, slip = k * 104729 + 1;
	const char *s = surnames[next_number(&z) % 10], *g = given[next_number(&z) % 20];
	const char *h = given[next_number(&z) % 20];
	unsigned year = 1930 + (unsigned)(next_number(&z) % 80), month = 1 + (unsigned)(next_number(&z) % 12);
	unsigned day = 1 + (unsigned)(next_number(&z) % 28), phone = (unsigned)(next_number(&z) % 10000);
	bool other = slips && next_number(&slip) % 5 == 0;
	fprintf(f, "%s%zu,%s%s%s,%u-%02u-%02u,\"1000%07u\",%s%s\n", slips ? "B" : "A", k, s, g,
	        other ? given[next_number(&slip) % 20] : h, year, month,
	        slips && next_number(&slip) % 9 == 0 ? day % 28 + 1 : day, phone,
	        given[phone % 20], phone % 3 ? "村" : "社区");
}

static void write_table(const char *path, size_t from, size_t n, bool slips)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	fputs("id,name,birth,phone,area\n", f);
	for (size_t k = from; k < from + n; k++)
		add_person(f, k, slips);
	assert_int_equal(fclose(f), 0);
}

static char *text_of(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = calloc(1, 4 << 20);
	assert_non_null(f);
	assert_true(fread(text, 1, (4 << 20) - 1, f) > 0);
	(void)fclose(f);
	return text;
}

struct place {
	char folder[40], a[64], b[64], out[64];
};

static void open_place(struct place *p)
{
	(void)snprintf(p->folder, sizeof(p->folder), "/tmp/pairs_test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	(void)snprintf(p->a, sizeof(p->a), "%s/a", p->folder);
	(void)snprintf(p->b, sizeof(p->b), "%s/b", p->folder);
	(void)snprintf(p->out, sizeof(p->out), "%s/out", p->folder);
}

static void close_place(struct place *p)
{
	(void)unlink(p->a);
	(void)unlink(p->b);
	(void)unlink(p->out);
	(void)rmdir(p->folder);
}

static char *link_with(const struct place *p, bool dedupe, struct team *team)
{
	struct pairs_table a, b = {0};
	struct pairs_config *c = calloc(1, sizeof(*c));
	struct pairs_result r;
	struct diag d = {0};
	struct arena arena;
	arena_init(&arena, 0);
	assert_int_equal(pairs_table_read(p->a, team, &d, &a), OK);
	if (!dedupe)
		assert_int_equal(pairs_table_read(p->b, team, &d, &b), OK);
	assert_int_equal(pairs_suggest(&a, dedupe ? NULL : &b, &arena, &d, c), OK);
	assert_int_equal(pairs_run(&a, dedupe ? NULL : &b, c, p->out, team, NULL, NULL, &d, &r), OK);
	assert_true(r.compared > 0);
	char *text = text_of(p->out);
	if (!dedupe) {
		/* sifted while it is read: the same */
		struct pairs_result sifted;
		assert_int_equal(pairs_run_list(&a, p->b, c, p->out, team, NULL, NULL, &d, &sifted), OK);
		assert_memory_equal(&sifted, &r, sizeof(r));
		char *again = text_of(p->out);
		assert_string_equal(again, text);
		free(again);
	}
	pairs_table_release(&a);
	pairs_table_release(&b);
	arena_release(&arena);
	free(c);
	return text;
}

/* ---- tests ---- */

static void test_run__does_not_depend_on_the_team(void **state)
{
	(void)state;
	struct place p;
	open_place(&p);
	write_table(p.a, 0, 1500, false);
	write_table(p.b, 500, 20000, true);
	for (int dedupe = 0; dedupe < 2; dedupe++) {
		char *alone = link_with(&p, dedupe, NULL);
		for (size_t n = 2; n < 5; n++) {
			struct team *team = team_new(n);
			char *shared = link_with(&p, dedupe, team);
			assert_string_equal(shared, alone);
			free(shared);
			team_free(team);
		}
		free(alone);
	}
	close_place(&p);
}

static void test_table__values_are_normal(void **state)
{
	(void)state;
	struct place p;
	struct pairs_table t;
	struct diag d = {0};
	open_place(&p);
	FILE *f = fopen(p.a, "wb");
	fputs("Name,id,x\n\n  O'NEILL ,A-1,\"a\n\"\"b\"\"\"\n王芳,7\n", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(pairs_table_read(p.a, NULL, &d, &t), OK);
	static const char *const want[2][3] = {{"o neill", "A-1", "a\n\"b\""}, {"王芳", "7", ""}};
	assert_int_equal(t.n, 2);
	assert_int_equal(t.id, 1);
	for (size_t i = 0; i < 2; i++)
		for (size_t c = 0; c < 3; c++)
			assert_true(str_is(pairs_cell(&t, i, c), want[i][c]));
	assert_int_equal(pairs_column(&t, "x"), 2);
	assert_int_equal(pairs_column(&t, "y"), -1);
	pairs_table_release(&t);
	f = fopen(p.a, "wb");
	fputs("id,x\n1,\"open\n", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(pairs_table_read(p.a, NULL, &d, &t), ERR_CSV_QUOTE);
	assert_true(strstr(d.place, ":2"));
	close_place(&p);
}

/* 60,000 rows of what is awkward to cut; `odd` line ends, the last row without one. */
static size_t awkward_table(char *p, const char *mark, const char *line)
{
	size_t n = (size_t)sprintf(p, "%sid,姓名,x,备注%s", mark, line);
	for (int i = 0; i < 60000; i++)
		n += (size_t)sprintf(p + n, "%d,\"张%s\"\"三\"\"%d\",%s,万台村 %d%s", i, i % 3 ? "" : "\n,\n", i,
		                     i % 5 ? "A-B" : "\"\"", i % 100, i < 59999 ? line : "");
	return n;
}

/* However it is written and by however many it is read, the table is the same. */
static void test_table__by_parts(void **state)
{
	(void)state;
	static const struct {
		const char *mark, *line, *code;
	} ways[] = {{"", "\n", NULL}, {"\xEF\xBB\xBF", "\r\n", NULL}, {"", "\n", "GB18030"}, {"", "\r", NULL}};
	enum { BYTES = 8 << 20 };
	struct place p;
	struct diag d = {0};
	char *text = calloc(1, BYTES), *coded = calloc(1, BYTES);
	struct pairs_table t[4];
	open_place(&p);
	for (size_t w = 0; w < 4; w++) {
		char *in = text, *out = coded;
		size_t n = awkward_table(text, ways[w].mark, ways[w].line), room = BYTES;
		struct team *team = team_new(w + 1);
		if (ways[w].code) {
			iconv_t cd = iconv_open(ways[w].code, "UTF-8");
			assert_int_equal(iconv(cd, &in, &n, &out, &room), 0);
			(void)iconv_close(cd);
		}
		FILE *f = fopen(p.a, "wb");
		n = ways[w].code ? BYTES - room : n;
		assert_int_equal(fwrite(ways[w].code ? coded : text, 1, n, f), n);
		assert_int_equal(fclose(f), 0);
		assert_int_equal(pairs_table_read(p.a, team, &d, &t[w]), OK);
		team_free(team);
		assert_int_equal(t[w].n, 60000);
		for (size_t i = 0; i < t[w].n; i++)
			for (size_t c = 0; c < t[w].n_columns; c++)
				assert_true(str_eq(pairs_cell(&t[w], i, c), pairs_cell(&t[0], i, c)));
	}
	assert_true(str_is(pairs_cell(&t[1], 59997, 1), "张\n \n\"三\"59997"));
	for (size_t w = 0; w < 4; w++)
		pairs_table_release(&t[w]);
	free(text);
	free(coded);
	close_place(&p);
}

static char *link_lists(const char *code, const char *head, const char *tail, size_t n)
{
	struct place p;
	struct pairs_table a;
	struct pairs_config c = {.id_a = "id", .id_b = "id", .n_fields = 2, .n_rules = 1, .match = 0.7};
	struct pairs_result r;
	struct diag d = {0};
	struct team *team = team_new(2);
	char line[200];
	open_place(&p);
	write_table(p.a, 0, 3000, false);
	c.field[0] = (struct pairs_field){.name = "name", .kind = ATTRIBUTE_HANNAME, .a = {"name"},
	                                  .b = {"姓名"}, .n_a = 1, .n_b = 1};
	c.field[1] = (struct pairs_field){.name = "phone", .kind = ATTRIBUTE_CODE, .a = {"phone"},
	                                  .b = {"电话"}, .n_a = 1, .n_b = 1};
	c.rule[0] = (struct pairs_rule){.n = 1, .part = {{1, ATTRIBUTE_KEY_EXACT}}};
	FILE *f = fopen(p.b, "wb");
	iconv_t cd = iconv_open(code, "UTF-8");
	for (size_t i = 0; i <= n; i++) {
		char coded[400], *in = line, *out = coded;
		size_t left = (size_t)(i ? snprintf(line, sizeof(line), "%zu,%s张%s%zu%s,1%010zu%s", i, head,
		                                    given[i % 20], i, tail, i % 9000 * 7, i < n ? "\n" : "")
		                         : snprintf(line, sizeof(line), "id,姓名,电话\n"));
		size_t room = sizeof(coded);
		assert_int_equal(iconv(cd, &in, &left, &out, &room), 0);
		assert_int_equal(fwrite(coded, 1, (size_t)(out - coded), f), out - coded);
	}
	(void)iconv_close(cd);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(pairs_table_read(p.a, team, &d, &a), OK);
	assert_int_equal(pairs_run_list(&a, p.b, &c, p.out, team, NULL, NULL, &d, &r), OK);
	char *text = text_of(p.out);
	pairs_table_release(&a);
	team_free(team);
	close_place(&p);
	return text;
}

/* A list that can be sifted, and one that has to be read by another way. */
static void test_run_list__of_any_text(void **state)
{
	(void)state;
	char *plain = link_lists("UTF-8", "", "", 40000), *coded = link_lists("GB18030", "", "", 40000);
	char *quoted = link_lists("UTF-8", "\"", "\n\"", 40000);
	assert_true(strlen(plain) > 1000);
	assert_string_equal(plain, coded);
	assert_string_equal(plain, quoted);
	free(plain);
	free(coded);
	free(quoted);
}

/* A side of one table, with an index. */
struct indexed {
	struct pairs_table t;
	struct pairs_config c;
	struct side s;
};

static void index_table(struct indexed *x, const char *path)
{
	struct diag d = {0};
	x->c = (struct pairs_config){.id_a = "id", .id_b = "id", .n_fields = 3, .n_rules = 4};
	static const char *const names[] = {"name", "birth", "area"};
	static const enum attribute_kind kinds[] = {ATTRIBUTE_HANNAME, ATTRIBUTE_DATE, ATTRIBUTE_EXACT};
	for (size_t k = 0; k < 3; k++)
		x->c.field[k] = (struct pairs_field){.name = names[k], .kind = kinds[k], .a = {names[k]},
		                                     .b = {names[k]}, .n_a = 1, .n_b = 1};
	x->c.rule[0] = (struct pairs_rule){.n = 2, .part = {{0, ATTRIBUTE_KEY_EXACT}, {2, ATTRIBUTE_KEY_EXACT}}};
	x->c.rule[1] = (struct pairs_rule){.n = 1, .part = {{2, ATTRIBUTE_KEY_EXACT}}};
	x->c.rule[2] = (struct pairs_rule){.n = 1, .part = {{0, ATTRIBUTE_KEY_SOFT}}};
	x->c.rule[3] = (struct pairs_rule){.n = 2, .part = {{0, ATTRIBUTE_KEY_SOFT}, {1, ATTRIBUTE_KEY_SOFT}}};
	assert_int_equal(pairs_table_read(path, NULL, &d, &x->t), OK);
	assert_int_equal(side_make(&x->t, &x->c, false, &d, &x->s), OK);
	side_index(&x->s, SIDE_BRIEFS | SIDE_FREQUENCIES | SIDE_RULES, NULL);
}

static void release_indexed(struct indexed *x)
{
	side_release(&x->s);
	pairs_table_release(&x->t);
}

/* Rows of a that a rule joins with row j: by looking at each of them. */
static size_t joined(const struct indexed *a, const struct indexed *b, size_t rule, size_t j, bool *ret)
{
	uint64_t key = b->s.rule[rule][j];
	size_t n = 0;
	for (size_t i = 0; i < a->t.n; i++)
		n += key && a->s.rule[rule][i] == key;
	for (size_t i = 0; n <= BLOCK_MOST && i < a->t.n; i++)
		ret[i] |= key && a->s.rule[rule][i] == key;
	return n > BLOCK_MOST ? 0 : n;
}

static void test_blocks__are_all_who_share_a_key(void **state)
{
	(void)state;
	struct place p;
	struct indexed *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	struct blocks *blocks = calloc(1, sizeof(*blocks));
	struct block_hits *hits = calloc(SIDE_GROUP, sizeof(*hits));
	struct side_group *group = calloc(1, sizeof(*group));
	struct arena scratch;
	struct side bare;
	struct diag d = {0};
	uint32_t *rows = calloc(BLOCK_ALL_MOST, sizeof(*rows));
	open_place(&p);
	write_table(p.a, 0, 9000, false); /* more than 400 in each area */
	write_table(p.b, 100, 320, true);
	index_table(a, p.a);
	index_table(b, p.b);
	blocks_make(&a->s, NULL, blocks);
	arena_init(&scratch, 0);
	assert_int_equal(side_make(&b->t, &b->c, true, &d, &bare), OK);
	for (size_t from = 0; from < b->t.n; from += SIDE_GROUP) {
		/* by keys that are kept, and by those that are not */
		const struct side *s = from / SIDE_GROUP % 2 ? &bare : &b->s;
		side_group_init(group, s, 0);
		side_group_at(group, from, SIDE_GROUP);
		blocks_look(blocks, group, hits);
		side_group_release(group);
		for (size_t j = from; j < from + SIDE_GROUP; j++) {
			bool *want = calloc(a->t.n, sizeof(*want));
			for (size_t r = 0; r < b->c.n_rules; r++) {
				size_t m, n = joined(a, b, r, j, want);
				(void)blocks_find(blocks, r, s, j, &scratch, &m);
				assert_int_equal(m, n);
			}
			size_t n = blocks_gather(&hits[j - from], SIZE_MAX, rows), k = 0;
			for (size_t i = 0; i < a->t.n; i++)
				if (want[i]) {
					assert_true(k < n);
					assert_int_equal(rows[k++], i);
				}
			assert_int_equal(k, n);
			free(want);
		}
	}
	blocks_release(blocks);
	arena_release(&scratch);
	side_release(&bare);
	free(group);
	release_indexed(a);
	release_indexed(b);
	free(a);
	free(b);
	free(blocks);
	free(hits);
	free(rows);
	close_place(&p);
}

static void test_often__counts_each_value(void **state)
{
	(void)state;
	struct place p;
	struct indexed *x = calloc(1, sizeof(*x));
	struct often (*often)[2] = calloc(FELLEGI_FIELDS_MAX, sizeof(*often));
	struct arena arena;
	struct team *team = team_new(2);
	open_place(&p);
	write_table(p.a, 0, 3000, false);
	index_table(x, p.a);
	arena_init(&arena, 0);
	often_count(&x->s, team, &arena, often);
	assert_null(often[1][0].n); /* days are not counted */
	double same = 0;
	for (size_t i = 0; i < x->t.n; i++) {
		size_t n = 0;
		for (size_t k = 0; k < x->t.n; k++)
			n += str_eq(pairs_cell(&x->t, i, 4), pairs_cell(&x->t, k, 4));
		assert_int_equal(often[2][0].n[i], n);
		same += (double)n;
	}
	assert_float_equal(often[2][0].agree, same / 3000 / 3000, 1e-12);
	team_free(team);
	arena_release(&arena);
	release_indexed(x);
	free(x);
	free(often);
	close_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run__does_not_depend_on_the_team),
		cmocka_unit_test(test_table__values_are_normal),
		cmocka_unit_test(test_table__by_parts),
		cmocka_unit_test(test_run_list__of_any_text),
		cmocka_unit_test(test_blocks__are_all_who_share_a_key),
		cmocka_unit_test(test_often__counts_each_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
