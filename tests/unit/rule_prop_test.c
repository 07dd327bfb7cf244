/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The evaluator against a plain one: random schemas, rows and expressions,
 * from fixed seeds (or one given: rule_prop_test SEED TOWNS).
 */
#include "rule_reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/banned.h"

enum { TOWNS = 300, EACH = 80, EACH_LARGE = 10 };

struct totals {
	size_t values, unknown, probable, overflows;
};

static void differ(const char *text, const struct rule_value *want, const struct rule_value *got,
                   int32_t row)
{
	fail_msg("row %d: reference %d %lld '" STR_FMT "', got %d %lld '" STR_FMT "'\n%s", row,
	         want->state, (long long)want->i, STR_ARG(want->s), got->state,
	         (long long)got->i, STR_ARG(got->s), text);
}

static bool same(const struct rule_value *a, const struct rule_value *b)
{
	return a->state == b->state && (a->state == RULE_MISSING ||
	                                (a->i == b->i && str_eq(a->s, b->s)));
}

static void compare_rows(const struct rule *r, const struct rule_data *d,
                         const struct ref_node *n, const char *text, struct arena *a,
                         struct totals *t)
{
	int entity = rule_entity_of(r);
	size_t rows = d->tables[entity].n, overflows = 0;
	struct rule_value *got = ARENA_ARRAY(a, rows, struct rule_value);
	struct rule_tally tally;
	rule_values(r, d, (struct rule_rows){NULL, rows}, a, got, &tally);
	for (int32_t row = 0; row < (int32_t)rows; row++) {
		struct ref_scope scope = {entity, row, NULL};
		struct rule_value want = ref_eval(d, n, &scope, a, &overflows);
		if (!same(&want, &got[row]))
			differ(text, &want, &got[row], row);
		t->values += want.state == RULE_KNOWN;
		t->unknown += want.state == RULE_MISSING;
		t->probable += want.state == RULE_PROBABLE;
	}
	if (overflows != tally.overflows)
		fail_msg("overflows: reference %zu, got %zu\n%s", overflows, tally.overflows, text);
	t->overflows += overflows;
}

static void one_expression(const struct rule_data *d, uint64_t *seed, struct arena *a,
                           struct totals *t)
{
	struct buf text;
	struct diag diag;
	struct rule *r;
	buf_init(&text, RULE_MAX_TEXT);
	diag_clear(&diag);
	int entity = ref_below(seed, d->schema->n_entities);
	enum rule_type type = ref_below(seed, 2) ? RULE_BOOL : RULE_TYPE_MAX;
	struct ref_node *n = ref_make(d->schema, entity, type, seed, a);
	ref_write(d->schema, n, &text);
	struct rule_source src = {.text = buf_str(&text), .entity = entity, .line = 1, .column = 1};
	if (text.full)
		fail_msg("too long");
	enum err e = rule_compile(d->schema, &src, RULE_TYPE_MAX, a, &r, &diag);
	if (e == ERR_RULE_OVERFLOW) { /* literals alone overflow */
		buf_release(&text);
		return;
	}
	if (e)
		fail_msg("%s %s: %s\n%s", err_name(diag.code), diag.place, diag.detail, text.p);
	struct rule_kind k = rule_result(r);
	if (k.type != n->kind.type || k.scale != n->kind.scale || k.codes != n->kind.codes)
		fail_msg("kind %d.%d, wanted %d.%d\n%s", k.type, k.scale, n->kind.type,
		         n->kind.scale, text.p);
	compare_rows(r, d, n, text.p, a, t);
	buf_release(&text);
}

static struct totals run_towns(uint64_t seed, int towns)
{
	struct totals t = {0};
	struct arena a;
	arena_init(&a, 0);
	for (int i = 0; i < towns; i++) {
		struct rule_data *d = ref_town(&seed, &a);
		int each = d->tables[0].n > 1000 ? EACH_LARGE : EACH;
		for (int k = 0; k < each; k++) {
			struct arena_mark mark = arena_save(&a);
			one_expression(d, &seed, &a, &t);
			arena_back(&a, mark);
		}
		arena_clear(&a);
	}
	arena_release(&a);
	return t;
}

static void test_rule__agrees_with_reference(void **state)
{
	const uint64_t *seed = *state;
	struct totals t = run_towns(seed[0], (int)seed[1]);
	printf("%zu values, %zu probable, %zu unknown, %zu overflows\n", t.values, t.probable,
	       t.unknown, t.overflows);
	/* The generator must reach every kind of answer. */
	assert_true(t.values > t.unknown / 10);
	assert_true(t.probable > t.values / 100);
	assert_true(t.overflows > 0);
}

int main(int argc, char **argv)
{
	static uint64_t seed[2] = {20180114, TOWNS};
	for (int i = 1; i < argc && i < 3; i++) {
		int64_t v;
		if (str_to_int(str_c(argv[i]), &v) && v > 0)
			seed[i - 1] = (uint64_t)v;
	}
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_prestate(test_rule__agrees_with_reference, seed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
