/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The first byte chooses: bit 0 a rule about a person instead of a household,
 * bit 1 a template, bit 2 a row of its own on the first line.  The rest is the
 * text, which is compiled, evaluated, explained.
 */
#include "rule/rule.h"

#include <stdlib.h>

#include "base/vec.h"
#include "../tests/unit/rule_town.h"

#include "base/banned.h"

static const char town[] =
    "{no: A1, status: exited, income: 3000.50, size: 3, area: 25.5, exit_date: 2017-09, safe: no,"
    " members: [{name: 张三, birth: 1950-03-01, health: healthy, pay: 600, months: 2.5,"
    "  car: [{plate: A1, kind: passenger, price: 80000, _link: probable}]},"
    "  {name: 李四, birth: 2010-06, health: \"ill,disabled\", student: yes,"
    "   car: [{kind: truck, _link: unclear}]}, {name: 王五, birth: 1988}],"
    " visits: [{date: 2018-01-02, minutes: 20}, {date: 2017-11, minutes: 5}],"
    " cars: {covered: no, rows: [{plate: B1, kind: truck}]}}";

static struct rule_data *fixture(struct str text, struct arena *a)
{
	struct rule_tree t = {0};
	struct rule_data *d = NULL;
	size_t pos = 0;
	t_tree(text, &pos, 0, a, &t);
	if (rule_fixture(&t_schema, T_HOUSEHOLD, &t, a, &d, NULL))
		return NULL;
	d->today = 20180114;
	return d;
}

static void run_rule(const struct rule_source *src, const struct rule_data *d, struct arena *a,
                     struct buf *out)
{
	struct rule *r;
	struct diag diag;
	diag_clear(&diag);
	size_t n = d->tables[src->entity].n;
	if (rule_compile(&t_schema, src, RULE_TYPE_MAX, a, &r, &diag)) {
		if (!diag.code || !diag.place[0])
			abort();
		return;
	}
	if (n == 0)
		return;
	struct rule_value *v = ARENA_ARRAY(a, n, struct rule_value);
	struct rule_tally t;
	struct rule_hits hits = {0};
	rule_values(r, d, (struct rule_rows){NULL, n}, a, v, &t);
	if (t.yes + t.no + t.unknown != n)
		abort();
	rule_format(rule_result(r), &v[0], LANG_ZH, out);
	if (rule_result(r).type == RULE_BOOL) {
		rule_find(r, d, (struct rule_rows){NULL, n}, a, &hits, &t);
		if (hits.n != t.yes)
			abort();
		vec_free(&hits);
	}
	rule_explain(r, d, 0, LANG_EN, a, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct arena a;
	struct buf out;
	struct str text = {(const char *)data + 1, size - 1};
	arena_init(&a, (size_t)256 << 20);
	buf_init(&out, 1 << 20);
	struct rule_data *d = NULL;
	if (data[0] & 4) {
		struct str row;
		if (str_split(&text, '\n', &row))
			d = fixture(row, &a);
	}
	if (!d)
		d = fixture(STR(town), &a);
	struct rule_source src = {.text = text, .entity = data[0] & 1 ? T_PERSON : T_HOUSEHOLD,
	                          .file = "f", .line = 1, .column = 1};
	struct rule_template *t;
	if (!(data[0] & 2))
		run_rule(&src, d, &a, &out);
	else if (!rule_template_compile(&t_schema, &src, &a, &t, NULL) &&
	         d->tables[src.entity].n > 0)
		rule_template_render(t, d, 0, LANG_ZH, &a, &out);
	buf_release(&out);
	arena_release(&a);
	return 0;
}
