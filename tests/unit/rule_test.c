/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/vec.h"
#include "rule_town.h"

#include "base/banned.h"

/* A household with everything in it, a person, and a bare household. */
static const char full[] =
    "{no: A1, status: exited, income: 3000.50, wage: 1000, size: 3, area: 25.5,"
    " exit_date: 2017-09, safe: no, phone: 13800000000,"
    " members: [{name: 张三, birth: 1950-03-01, health: healthy, pay: 600, months: 2.5,"
    "            student: no, state: listed,"
    "            car: [{plate: A1, kind: passenger, price: 80000, _link: probable}]},"
    "           {name: 李四, birth: 2010-06-15, health: \"ill,disabled\", student: yes,"
    "            months: 0, pay: 400, car: [{plate: A2, kind: truck, _link: unclear}]},"
    "           {name: 王五, birth: 1988, car: []}],"
    " visits: [{date: 2018-01-02, minutes: 20}, {date: 2017-11, minutes: 5}],"
    " cars: {covered: no, rows: [{plate: B1, kind: truck, price: 10000}]}}";
static const char bare[] = "{no: B1}";

struct golden {
	const char *text;
	const char *want;
};

static void parse_row(const char *text, struct arena *a, int entity, struct rule_data **ret)
{
	struct rule_tree t = {0};
	size_t pos = 0;
	struct diag d;
	diag_clear(&d);
	t_tree(str_c(text), &pos, 0, a, &t);
	enum err e = rule_fixture(&t_schema, entity, &t, a, ret, &d);
	if (e)
		fail_msg("fixture: %s %s", d.place, d.detail);
	(*ret)->today = 20180114;
}

/* The value of an expression, or "CODE line:column detail" of its error. */
static void run(const char *text, int entity, const struct rule_data *data, struct arena *a,
                struct buf *out)
{
	struct rule_source src = {.text = str_c(text), .entity = entity, .file = "t", .line = 1,
	                          .column = 1};
	struct rule *r;
	struct diag d;
	diag_clear(&d);
	if (rule_compile(&t_schema, &src, RULE_TYPE_MAX, a, &r, &d)) {
		buf_addf(out, "%s %s %s", err_name(d.code), d.place, d.detail);
		return;
	}
	int32_t row = 0;
	struct rule_value v;
	struct rule_tally t;
	rule_values(r, data, (struct rule_rows){&row, 1}, a, &v, &t);
	if (t.overflows)
		buf_adds(out, "overflow ");
	rule_format(rule_result(r), &v, LANG_EN, out);
	if (v.state == RULE_PROBABLE)
		buf_adds(out, " ~");
}

static void check_all(const struct golden *g, size_t n, int entity, const char *row)
{
	struct arena a;
	struct rule_data *data;
	struct buf out;
	int wrong = 0;
	arena_init(&a, 0);
	buf_init(&out, 4096);
	parse_row(row, &a, entity, &data);
	for (size_t i = 0; i < n; i++) {
		buf_clear(&out);
		run(g[i].text, entity, data, &a, &out);
		if (str_starts(str_c(out.p ? out.p : ""), str_c(g[i].want)) &&
		    (strchr(g[i].want, ':') || out.n == strlen(g[i].want)))
			continue;
		printf("%s\n  want %s\n  got  %s\n", g[i].text, g[i].want, out.p ? out.p : "");
		wrong++;
	}
	buf_release(&out);
	arena_release(&a);
	assert_int_equal(wrong, 0);
}

#define CHECK(list, entity, row) check_all(list, sizeof(list) / sizeof((list)[0]), entity, row)

static void test_rule__operators(void **state)
{
	static const struct golden list[] = {
	    {"income", "3,000.50"},
	    {"income < 3335", "yes"},
	    {"income < line(2017)", "yes"},
	    {"income < line(year(exit_date))", "yes"},
	    {"line(2015)", "missing"},
	    {"line(2015) is missing", "yes"},
	    {"income >= 3000.5 and income <= 3000.50", "yes"},
	    {"income between 3000.5 and 3001", "yes"},
	    {"income not between 3000.5 and 3001", "no"},
	    {"income - wage", "2,000.50"},
	    {"-income", "-3,000.50"},
	    {"income / size", "1,000.17"},
	    {"income * 0.05", "150.03"},
	    {"income / wage", "3.0005"},
	    {"income / 0", "missing"},
	    {"size / 2", "1.5"},
	    {"area * area", "650.25"},
	    {"area * area * area", "16581.375"},
	    {"1 + 2 * 3 - 4", "3"},
	    {"(1 + 2) * 3", "9"},
	    {"income > 5 * 12 + 1", "yes"},
	    {"size = 3 and not safe", "yes"},
	    {"safe", "no"},
	    {"safe = false", "yes"},
	    {"safe or size > 2 or income > 0", "yes"},
	    {"status = exited", "yes"},
	    {"status = 已脱贫", "yes"},
	    {"status = \"exited\"", "yes"},
	    {"exited = status", "yes"},
	    {"status != listed", "yes"},
	    {"status > listed", "yes"},
	    {"status in (listed, removed)", "no"},
	    {"status not in (listed, removed)", "yes"},
	    {"size in (1, 3, 5)", "yes"},
	    {"phone in (\"1\", \"13800000000\")", "yes"},
	    {"phone = \"13800000000\"", "yes"},
	    {"len(phone)", "11"},
	    {"starts(phone, \"138\") and ends(phone, '00') and contains(phone, \"8000\")", "yes"},
	    {"$most + 1", "11"},
	    {"income * $share", "150.03"},
	    {"wage >= $floor", "yes"},
	    {"exit_date > $start", "yes"},
	    {"digits(no)", "1"},
	    {"digits(\"x\") is missing", "yes"},
	    {"upper(\"ab\") = \"AB\"", "yes"},
	    {"first(visits: upper(\"ab\"))", "AB"},
	    {"if(safe, 1, 2)", "2"},
	    {"if(status = exited, income, 0)", "3,000.50"},
	    {"coalesce(line(2015), income)", "3,000.50"},
	    {"min(income, wage, 2000)", "1,000.00"},
	    {"max(size, 2.5)", "3"},
	    {"abs(wage - income)", "2,000.50"},
	    {"round(income, 0)", "3,001.00"},
	    {"round(area, 0)", "26"},
	    {"round(-2.5, 0)", "-3"},
	    {"（income ＞ 3000）and size ≥ 3 and area ≠ 1", "yes"},
	    {"'a''b' = \"a'b\"", "yes"},
	};
	CHECK(list, T_HOUSEHOLD, full);
}

static void test_rule__dates(void **state)
{
	static const struct golden list[] = {
	    {"today", "2018-01-14"},
	    {"today - 31", "2017-12-14"},
	    {"exit_date < '2017-10-01'", "yes"},
	    {"exit_date < '2017-09-15'", "unknown"},
	    {"exit_date >= '2017-09-01'", "yes"},
	    {"exit_date < '2018'", "yes"},
	    {"exit_date < '2017-09-01'", "no"},
	    {"exit_date > '2017-09-30'", "no"},
	    {"exit_date <= '2017-09-30'", "yes"},
	    {"exit_date > '2017-08'", "yes"},
	    {"exit_date >= '2017-09-30'", "unknown"},
	    {"exit_date = '2017-09'", "unknown"},
	    {"exit_date != '2017-08'", "yes"},
	    {"exit_date between '2017' and today", "unknown"},
	    {"exit_date between '2016' and today", "yes"},
	    {"year(exit_date)", "2017"},
	    {"month(exit_date)", "9"},
	    {"exit_date + 1", "missing"},
	    {"days('2018-01-01', today)", "13"},
	    {"months('2017-12-15', today)", "0"},
	    {"months('2017-12-14', today)", "1"},
	    {"months(today, '2017-12-14')", "-1"},
	    {"days(exit_date, today)", "missing"},
	    {"max(visits: date)", "2018-01-02"},
	    {"min(visits: date)", "2017-11"},
	    {"any(members: age(birth) = 67)", "yes"},
	    {"count(members: age(birth) >= 0)", "missing"},
	    {"age('1988')", "missing"},
	    {"age('1988-01-14')", "30"},
	    {"age('1988-01-15')", "29"},
	    {"age('2000-01-01', '2018')", "18"},
	    {"age('2019-01-01')", "missing"},
	};
	CHECK(list, T_HOUSEHOLD, full);
}

static void test_rule__quantifiers(void **state)
{
	static const struct golden list[] = {
	    {"count(members)", "3"},
	    {"count(members) = size", "yes"},
	    {"any(members: student)", "yes"},
	    {"all(members: student)", "no"},
	    {"any(members: health has disabled)", "yes"},
	    {"any(members: health has (healthy, disabled))", "yes"},
	    {"any(members: health = {ill, disabled})", "yes"},
	    {"any(members: health not has healthy)", "yes"},
	    {"all(members: health has healthy)", "no"},
	    {"all(members: health is known)", "no"},
	    {"count(members: health is missing)", "1"},
	    {"sum(members: pay)", "missing"},
	    {"sum(members: coalesce(pay, 0))", "1,000.00"},
	    {"sum(members: pay where pay is known)", "1,000.00"},
	    {"sum(members: pay where name != \"王五\") = wage", "yes"},
	    {"max(members: months where months is known)", "2.5"},
	    {"min(members: pay where false)", "missing"},
	    {"count(members: false)", "0"},
	    {"sum(members: pay where false)", "0.00"},
	    {"first(members: name where student)", "李四"},
	    {"any(members: pay = income)", "unknown"},
	    {"any(members: name = \"张三\" and size = 3)", "yes"},
	    {"any(members: household.size = 3)", "yes"},
	    {"any(members: any(household.members: name = \"李四\"))", "yes"},
	    {"count(members: any(household.members: pay > person.pay))", "missing"},
	    {"count(members: pay is known and any(members: pay > outer.pay))", "missing"},
	    {"count(members: pay is known and any(members: pay is known and pay > outer.pay))", "1"},
	    {"count(visits: minutes < 8)", "1"},
	    {"any(members: any(visits: minutes > 10 and student))", "yes"},
	};
	CHECK(list, T_HOUSEHOLD, full);
}

static void test_rule__ledgers(void **state)
{
	static const struct golden list[] = {
	    {"any(members: ledger(car: kind = passenger))", "yes ~"},
	    {"any(members: ledger(car: kind = tricycle))", "no"},
	    {"any(members: ledger(car: kind = truck))", "unknown"},
	    {"any(members: ledger(car: price > 1))", "yes ~"},
	    {"any(members: name = \"王五\" and ledger(car))", "no"},
	    {"any(members: name = \"王五\" and not ledger(car))", "yes"},
	    {"any(members: any(ledger car: kind = passenger))", "yes ~"},
	    {"count(members: ledger(car: kind = passenger))", "1 ~"},
	    {"sum(members: sum(ledger car: price where kind = passenger))", "80,000.00 ~"},
	    {"sum(members: sum(ledger car: coalesce(price, 0)))", "missing"},
	    {"count(members: count(ledger car) = 0)", "missing"},
	    {"count(members: count(ledger car) = 0) >= 1", "yes"},
	    {"count(members: count(ledger car) = 0) >= 3", "no ~"},
	    {"count(members: count(ledger car) = 0) = 2", "unknown"},
	    {"count(ledger cars) > 0", "yes"},
	    {"count(ledger cars) = 0", "no"},
	    {"count(ledger cars) > 1", "unknown"},
	    {"2 > count(ledger cars)", "unknown"},
	    {"any(members: count(ledger car: kind = passenger) >= 1)", "yes ~"},
	    {"count(members: health has ill) >= 1", "yes"},
	    {"count(members: health has ill) >= 3", "no"},
	    {"count(members: health has ill) < size", "yes"},
	    {"all(members: covered(ledger car))", "yes"},
	    {"first(members: first(ledger car: plate where kind = passenger)) = \"A1\"", "yes ~"},
	    {"covered(cars)", "no"},
	    {"ledger(cars: kind = truck)", "yes"},
	    {"ledger(cars: kind = passenger)", "unknown"},
	    {"ledger(cars)", "yes"},
	    {"all(ledger cars: kind = truck)", "unknown"},
	    {"all(ledger cars: kind = passenger)", "no"},
	    {"count(ledger cars)", "missing"},
	    {"max(ledger cars: price)", "missing"},
	    {"first(ledger cars: price)", "10,000.00"},
	    {"any(members: ledger(car: kind = passenger)) or size = 3", "yes"},
	    {"size = 3 and any(members: ledger(car: kind = passenger))", "yes ~"},
	    {"any(members: any(ledger car: owner.name = \"张三\"))", "yes ~"},
	};
	CHECK(list, T_HOUSEHOLD, full);
}

static void test_rule__missing(void **state)
{
	static const struct golden list[] = {
	    {"income < 1", "unknown"},
	    {"income is missing", "yes"},
	    {"income is not missing", "no"},
	    {"income is known", "no"},
	    {"safe is missing", "yes"},
	    {"safe", "unknown"},
	    {"not safe", "unknown"},
	    {"safe or no = \"B1\"", "yes"},
	    {"safe and no = \"B2\"", "no"},
	    {"safe and no = \"B1\"", "unknown"},
	    {"income + 1", "missing"},
	    {"if(safe, 1, 2)", "missing"},
	    {"count(members)", "0"},
	    {"any(members: student)", "no"},
	    {"all(members: student)", "yes"},
	    {"ledger(cars)", "unknown"},
	    {"coalesce(income, wage, 7)", "7.00"},
	    {"phone = \"\"", "unknown"},
	    {"len(phone)", "missing"},
	    {"status in (listed)", "unknown"},
	};
	CHECK(list, T_HOUSEHOLD, bare);
	static const struct golden orphan[] = {
	    {"household.status = exited", "unknown"},
	    {"household.status is missing", "yes"},
	    {"any(household.members: student)", "unknown"},
	    {"name", "X"},
	};
	CHECK(orphan, T_PERSON, "{name: X}");
}

static void test_rule__parent_fixture(void **state)
{
	static const struct golden list[] = {
	    {"household.status = exited", "yes"},
	    {"count(household.members)", "2"},
	    {"first(household.members: name)", "张三"},
	    {"any(household.members: name = \"李四\")", "yes"},
	    {"any(household.members: name != outer.name)", "yes"},
	};
	CHECK(list, T_PERSON, "{name: 张三, household: {status: exited, members: [{name: 李四}]}}");
}

static void test_rule__overflow(void **state)
{
	static const struct golden list[] = {
	    {"size * 100", "overflow missing"},
	    {"size - 1 > 0", "yes"},
	    {"size * size > 0", "overflow unknown"},
	    {"size + 0.05 > 0", "overflow unknown"},
	    {"safe and size * 100 > 0", "no"},
	    {"size * 100 > 0 and safe", "overflow no"},
	    {"if(safe, size * 100, 5)", "5"},
	    {"sum(members: pay)", "overflow missing"},
	    {"today + 9223372036854775807", "overflow missing"},
	};
	CHECK(list, T_HOUSEHOLD,
	      "{size: 900000000000000000, safe: no,"
	      " members: [{pay: 9000000000000000}, {pay: 90000000000000000}, {pay: 1}]}");
}

static void test_rule__refused(void **state)
{
	static const struct golden list[] = {
	    {"", "RULE_SYNTAX t:1:1"},
	    {"income <", "RULE_SYNTAX t:1:9"},
	    {"income < 1 < 2", "RULE_SYNTAX t:1:12"},
	    {"(income < 1", "RULE_SYNTAX t:1:12"},
	    {"income < 1)", "RULE_SYNTAX t:1:11"},
	    {"income ! 1", "RULE_SYNTAX t:1:8"},
	    {"income < 1x", "RULE_SYNTAX t:1:10"},
	    {"phone = \"abc", "RULE_SYNTAX t:1:9"},
	    {"a @ b", "RULE_SYNTAX t:1:3"},
	    {"$ + 1", "RULE_SYNTAX t:1:1"},
	    {"size in ()", "RULE_SYNTAX t:1:11"},
	    {"sum(members: )", "RULE_SYNTAX t:1:14"},
	    {"sum(members)", "RULE_SYNTAX t:1:12"},
	    {"count(members where student)", "RULE_SYNTAX t:1:15"},
	    {"size is 3", "RULE_SYNTAX t:1:9"},
	    {"and", "RULE_SYNTAX t:1:1"},
	    {"incme < 1", "RULE_NAME t:1:1 incme → income ?"},
	    {"size = 1 and\n  sttus = exited", "RULE_NAME t:2:3 sttus → status ?"},
	    {"张三 = 1", "RULE_NAME t:1:1"},
	    {"status = exted", "RULE_NAME t:1:10 exted → exited ?"},
	    {"status = \"exted\"", "RULE_NAME t:1:10"},
	    {"any(membrs: student)", "RULE_NAME t:1:1 membrs → members ?"},
	    {"any(members: health has disbled)", "RULE_NAME t:1:25 disbled → disabled ?"},
	    {"hous.size = 1", "RULE_NAME t:1:1"},
	    {"any(members: household.sise = 1)", "RULE_NAME t:1:14 sise → size ?"},
	    {"outer.size = 1", "RULE_NAME t:1:1"},
	    {"$mst > 1", "RULE_NAME t:1:1 mst → most ?"},
	    {"frob(1)", "RULE_NAME t:1:1"},
	    {"linee(2017)", "RULE_NAME t:1:1 linee → line ?"},
	    {"income = status", "RULE_TYPE t:1:10"},
	    {"income + 1", "1.00"},
	    {"income < size", "RULE_TYPE t:1:10"},
	    {"income < 0.001", "RULE_TYPE t:1:10"},
	    {"income * wage", "RULE_TYPE t:1:1"},
	    {"size / income", "RULE_TYPE t:1:1"},
	    {"today - exit_date", "RULE_TYPE t:1:1"},
	    {"exit_date < '2017-13-01'", "RULE_TYPE t:1:13"},
	    {"exit_date < \"soon\"", "RULE_TYPE t:1:13"},
	    {"safe and size", "RULE_TYPE t:1:10"},
	    {"not 1", "RULE_TYPE t:1:5"},
	    {"phone < \"1\"", "RULE_TYPE t:1:1"},
	    {"any(members: health = {})", "no"},
	    {"status = {exited}", "RULE_TYPE t:1:10"},
	    {"(size + 1) is missing", "RULE_TYPE t:1:1"},
	    {"sum(members: name)", "RULE_TYPE t:1:14"},
	    {"any(members: name)", "RULE_TYPE t:1:14"},
	    {"any(cars: kind = truck)", "RULE_TYPE t:1:1"},
	    {"ledger(members)", "RULE_TYPE t:1:1"},
	    {"age(1)", "RULE_TYPE t:1:5"},
	    {"age()", "RULE_TYPE t:1:1"},
	    {"round(size, 7)", "RULE_TYPE t:1:13"},
	    {"round(size, size)", "RULE_TYPE t:1:13"},
	    {"if(safe, 1, phone)", "RULE_TYPE t:1:10"},
	    {"coalesce(size)", "RULE_TYPE t:1:1"},
	    {"line(2016.5)", "RULE_TYPE t:1:6"},
	    {"size = 1.00001", "RULE_LIMIT t:1:8"},
	    {"size = 99999999999999999999", "RULE_LIMIT t:1:8"},
	};
	CHECK(list, T_HOUSEHOLD, "{size: 1, income: 0, members: []}");
}

static void test_rule__limits(void **state)
{
	struct arena a;
	struct buf text, out;
	struct rule_data *data;
	arena_init(&a, 0);
	buf_init(&text, 1 << 20);
	buf_init(&out, 4096);
	parse_row(bare, &a, T_HOUSEHOLD, &data);
	static const char *const parts[][2] = {{"(", ")"}, {"not ", ""}, {"-", ""},
	                                       {"1+", ""}, {"abs(", ")"}};
	for (size_t p = 0; p < 5; p++) {
		buf_clear(&text);
		buf_clear(&out);
		for (int i = 0; i < 3000; i++)
			buf_adds(&text, parts[p][0]);
		buf_adds(&text, "1");
		for (int i = 0; i < 3000; i++)
			buf_adds(&text, parts[p][1]);
		run(text.p, T_HOUSEHOLD, data, &a, &out);
		assert_true(str_starts(buf_str(&out), STR("RULE_LIMIT")));
	}
	/* A long list of alternatives is flat, not deep. */
	buf_clear(&text);
	buf_clear(&out);
	buf_adds(&text, "size = 0");
	for (int i = 0; i < 400; i++)
		buf_addf(&text, " or size = %d", i);
	run(text.p, T_HOUSEHOLD, data, &a, &out);
	assert_string_equal(out.p, "unknown");
	buf_release(&text);
	buf_release(&out);
	arena_release(&a);
}

static struct rule *compile(const char *text, int entity, struct arena *a)
{
	struct rule_source src = {.text = str_c(text), .entity = entity, .line = 1, .column = 1};
	struct rule *r = NULL;
	assert_int_equal(rule_compile(&t_schema, &src, RULE_TYPE_MAX, a, &r, NULL), OK);
	return r;
}

static void test_rule__reads(void **state)
{
	struct arena a;
	size_t n;
	arena_init(&a, 0);
	struct rule *r = compile("status = exited and any(members: ledger(car: kind = truck)"
	                         " and household.status != listed) and age(exit_date) > 1",
	                         T_HOUSEHOLD, &a);
	const struct rule_read *reads = rule_reads(r, &n);
	static const struct rule_read want[] = {
	    {T_HOUSEHOLD, 1, -1, 1}, {T_HOUSEHOLD, -1, 0, 1}, {T_PERSON, -1, 0, 2},
	    {T_CAR, 1, -1, 2},       {T_HOUSEHOLD, 6, -1, 1},
	};
	assert_int_equal(n, 5);
	assert_memory_equal(reads, want, sizeof want);
	assert_true(rule_uses_today(r));
	assert_false(rule_uses_today(compile("size = 1", T_HOUSEHOLD, &a)));
	arena_release(&a);
}

static void count_name(void *arg, const struct rule_name *name)
{
	int *n = arg;
	assert_non_null(name->label);
	n[0]++;
	n[1] += str_is(STR("item"), name->what);
	n[2] += str_is(STR("ledger"), name->what) && str_is(STR("cars"), name->name);
	n[3] += str_is(STR("table"), name->what) && str_is(STR("(year) → money"), name->type);
}

static void test_rule__names(void **state)
{
	struct arena a;
	int n[4] = {0};
	arena_init(&a, 0);
	rule_names(&t_schema, LANG_EN, &a, count_name, n);
	assert_int_equal(n[1], 9); /* three lists of three, each once */
	assert_int_equal(n[2], 1);
	assert_int_equal(n[3], 1);
	assert_true(n[0] > 60);
	arena_release(&a);
}

static void test_rule__find(void **state)
{
	enum { N = 5000 };
	static int64_t sizes[N];
	static uint8_t states[N];
	struct rule_column columns[9] = {0};
	struct rule_links links[3] = {{0}};
	struct rule_table tables[T_ENTITY_MAX] = {{0}};
	for (int i = 0; i < N; i++) {
		sizes[i] = i;
		states[i] = i % 7 == 0 ? RULE_MISSING : i % 5 == 0 ? RULE_PROBABLE : RULE_KNOWN;
	}
	columns[4] = (struct rule_column){sizes, NULL, states};
	tables[T_HOUSEHOLD] = (struct rule_table){N, columns, links, NULL};
	struct rule_data data = {&t_schema, tables, 20180114};
	struct arena a;
	struct rule_hits hits = {0};
	struct rule_tally t;
	arena_init(&a, 0);
	struct rule *r = compile("size >= 2500", T_HOUSEHOLD, &a);
	rule_find(r, &data, (struct rule_rows){NULL, N}, &a, &hits, &t);
	size_t want = 0, probable = 0;
	for (int i = 2500; i < N; i++) {
		if (i % 7 == 0)
			continue;
		assert_int_equal(hits.p[want].row, i);
		assert_int_equal(hits.p[want].probable, i % 5 == 0);
		probable += i % 5 == 0;
		want++;
	}
	assert_int_equal(hits.n, want);
	assert_int_equal(t.yes, want);
	assert_int_equal(t.probable, probable);
	assert_int_equal(t.rows, N);
	assert_int_equal(t.yes + t.no + t.unknown, N);
	static const int32_t some[] = {4001, 7, 3, 2999};
	hits.n = 0;
	rule_find(r, &data, (struct rule_rows){some, 4}, &a, &hits, &t);
	assert_int_equal(hits.n, 2);
	assert_int_equal(hits.p[0].row, 4001);
	assert_int_equal(hits.p[1].row, 2999);
	vec_free(&hits);
	arena_release(&a);
}

static void test_rule__template(void **state)
{
	struct arena a;
	struct buf out;
	struct rule_data *data;
	struct rule_template *t;
	struct diag d;
	arena_init(&a, 0);
	buf_init(&out, 4096);
	parse_row(full, &a, T_HOUSEHOLD, &data);
	struct rule_source src = {
	    .text = STR("{{收入}} {income}，低于 {line(2017)}；{status}，{exit_date}，{safe}，"
	                "{any(members: health = {ill})}，{phone} {line(2000)}"),
	    .entity = T_HOUSEHOLD, .file = "p", .line = 3, .column = 9};
	assert_int_equal(rule_template_compile(&t_schema, &src, &a, &t, NULL), OK);
	rule_template_render(t, data, 0, LANG_ZH, &a, &out);
	assert_string_equal(out.p, "{收入} 3,000.50，低于 3,335.00；已脱贫，2017-09，否，"
	                           "不明，13800000000 空");
	size_t n;
	rule_template_reads(t, &n);
	assert_int_equal(n, 7);
	diag_clear(&d);
	src.text = STR("户 {incme} x");
	assert_int_equal(rule_template_compile(&t_schema, &src, &a, &t, &d), ERR_RULE_NAME);
	assert_string_equal(d.place, "p:3:12");
	diag_clear(&d);
	src.text = STR("户 {income");
	assert_int_equal(rule_template_compile(&t_schema, &src, &a, &t, &d), ERR_RULE_SYNTAX);
	diag_clear(&d);
	src.text = STR("户 } x");
	assert_int_equal(rule_template_compile(&t_schema, &src, &a, &t, &d), ERR_RULE_SYNTAX);
	buf_release(&out);
	arena_release(&a);
}

static void test_rule__explain(void **state)
{
	struct arena a;
	struct buf out;
	struct rule_data *data;
	arena_init(&a, 0);
	buf_init(&out, 1 << 16);
	parse_row(full, &a, T_HOUSEHOLD, &data);
	struct rule *r = compile("income < line(2017) and\n  any(members: ledger(car: kind = truck))",
	                         T_HOUSEHOLD, &a);
	rule_explain(r, data, 0, LANG_ZH, &a, &out);
	static const char *const parts[] = {
	    "income < line(2017) and any(members: ledger(car: kind = truck))", "不明\n",
	    "income（收入）  ", "3,000.50\n", "line(2017)（贫困线）", "3,335.00\n", "· 人 李四\n", "· 车 A2（待核实）\n", "货车\n",
	};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		assert_non_null(strstr(out.p, parts[i]));
	buf_release(&out);
	arena_release(&a);
}

static void test_rule__fixture_refused(void **state)
{
	static const struct golden list[] = {
	    {"{size: x}", "1:2"},
	    {"{status: gone}", "1:2"},
	    {"{sze: 1}", "1:2"},
	    {"{members: 3}", "1:2"},
	    {"{members: [{name: a, birth: 1988-13}]}", "1:22"},
	    {"{cars: [{_link: maybe}]}", "1:10"},
	    {"{cars: {covered: perhaps}}", "1:9"},
	};
	struct arena a;
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		struct rule_tree t = {0};
		size_t pos = 0;
		struct diag d;
		struct rule_data *data;
		diag_clear(&d);
		t_tree(str_c(list[i].text), &pos, 0, &a, &t);
		assert_int_equal(rule_fixture(&t_schema, T_HOUSEHOLD, &t, &a, &data, &d),
		                 ERR_INVALID);
		assert_string_equal(d.place, list[i].want);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rule__operators),  cmocka_unit_test(test_rule__dates),
	    cmocka_unit_test(test_rule__quantifiers), cmocka_unit_test(test_rule__ledgers),
	    cmocka_unit_test(test_rule__missing),    cmocka_unit_test(test_rule__parent_fixture),
	    cmocka_unit_test(test_rule__overflow),   cmocka_unit_test(test_rule__refused),
	    cmocka_unit_test(test_rule__limits),     cmocka_unit_test(test_rule__reads),
	    cmocka_unit_test(test_rule__names),      cmocka_unit_test(test_rule__find),
	    cmocka_unit_test(test_rule__template),
	    cmocka_unit_test(test_rule__explain),    cmocka_unit_test(test_rule__fixture_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
