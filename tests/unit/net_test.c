/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The parts of net that know no sockets. */
#include "net/input.h"
#include "net/json_out.h"
#include "net/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/banned.h"

/* --- json_out ----------------------------------------------------------------------- */

static void test_json_out__nesting(void **state)
{
	struct json_out o;
	(void)state;
	json_out_init(&o, 1 << 16);
	json_object(&o);
	json_key(&o, "rows");
	json_array(&o);
	json_object(&o);
	json_end(&o);
	json_int(&o, -7);
	json_null(&o);
	json_array(&o);
	json_end(&o);
	json_end(&o);
	json_c_member(&o, "a\"b", "到\n户");
	json_c_member(&o, "none", NULL);
	json_bool_member(&o, "yes", true);
	json_date_member(&o, "d", 20180100);
	json_date_member(&o, "no_date", 0);
	json_instant_member(&o, "at", 1515888000000);
	json_key(&o, "m");
	json_money(&o, 123450);
	json_key(&o, "raw");
	json_raw(&o, STR("[1]"));
	json_end(&o);
	assert_string_equal(o.b.p, "{\"rows\":[{},-7,null,[]],\"a\\\"b\":\"到\\n户\",\"none\":null,"
	                           "\"yes\":true,\"d\":\"2018-01\",\"no_date\":null,"
	                           "\"at\":\"2018-01-14T00:00:00.000Z\",\"m\":\"1234.50\",\"raw\":[1]}");
	json_out_clear(&o);
	json_text(&o, STR(""));
	assert_string_equal(o.b.p, "\"\"");
	json_out_release(&o);
}

static void test_json_out__full(void **state)
{
	struct json_out o;
	(void)state;
	json_out_init(&o, 64);
	json_array(&o);
	for (int i = 0; i < 100; i++)
		json_int(&o, i);
	json_end(&o);
	assert_true(o.b.full);
	json_out_release(&o);
}

/* --- json_in ------------------------------------------------------------------------- */

static void test_json_in__values(void **state)
{
	struct arena a;
	(void)state;
	arena_init(&a, 1 << 20);
	const struct json_value *v = json_read(
		STR(" {\"a\": [1, -0, 9223372036854775807, 9223372036854775808, 1.5, 1e3,"
	            " \"\\u5230\\ud83d\\ude00\\/\"],"
	            "\"b\":{\"c\":true,\"d\":false,\"e\":null}} "), &a);
	assert_non_null(v);
	assert_int_equal(v->n, 2);
	const struct json_value *x = json_get(v, "a")->first;
	assert_int_equal(x->v, 1);
	x = x->next->next;
	assert_true(x->kind == JSON_IN_INT && x->v == INT64_MAX);
	x = x->next;
	assert_true(x->kind == JSON_IN_NUMBER && str_is(x->text, "9223372036854775808"));
	x = x->next->next->next;
	assert_true(x->kind == JSON_IN_TEXT && str_is(x->text, "到😀/"));
	assert_int_equal(json_get(json_get(v, "b"), "c")->kind, JSON_IN_TRUE);
	assert_null(json_get(v, "z"));
	assert_null(json_get(NULL, "z"));
	arena_release(&a);
}

static void test_json_in__refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "{", "}", "[1", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1 2]", "tru", "nulll",
		"01", "-", "1.", ".5", "+1", "1e", "0x1", "NaN", "Infinity", "\"", "\"\\", "\"\\x\"", "\"\\u12\"",
		"\"\\u0000\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "\"\t\"", "1 1",
		"{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "\xff", "\"\xc0\x80\"", "\xef\xbb\xbf{}", "/**/1",
	};
	struct arena a;
	char deep[64];
	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (json_read(str_c(bad[i]), &a))
			fail_msg("%s was read", bad[i]);
	memset(deep, '[', JSON_IN_DEPTH);
	memset(deep + JSON_IN_DEPTH, ']', JSON_IN_DEPTH);
	assert_non_null(json_read((struct str){deep, (size_t)2 * JSON_IN_DEPTH}, &a));
	memset(deep, '[', JSON_IN_DEPTH + 1);
	memset(deep + JSON_IN_DEPTH + 1, ']', JSON_IN_DEPTH + 1);
	assert_null(json_read((struct str){deep, (size_t)2 * JSON_IN_DEPTH + 2}, &a));
	arena_release(&a);
}

/* --- router ---------------------------------------------------------------------------- */

static enum err nothing(struct request *rq)
{
	(void)rq;
	return OK;
}

#define ROUTE(id_, method_, path_, ...)                                                            \
	{.id = id_, .method = method_, .path = path_, .handler = nothing, .answer = "", .tag = "t",    \
	 .summary = TEXT("摘要", "summary"), __VA_ARGS__}

static const struct net_field no_in[] = {{.name = "no", .in = NET_PATH, .kind = FIELD_INT}};
static const struct net_field two_in[] = {{.name = "code", .in = NET_PATH, .kind = FIELD_TEXT},
                                          {.name = "no", .in = NET_PATH, .kind = FIELD_INT}};

static const struct route some[] = {
	ROUTE("root", NET_GET, "/x", .n_in = 0),
	ROUTE("get", NET_GET, "/x/{no}", .in = no_in, .n_in = 1),
	ROUTE("put", NET_PUT, "/x/{no}", .in = no_in, .n_in = 1),
	ROUTE("all", NET_GET, "/x/all", .n_in = 0),
	ROUTE("all_sub", NET_GET, "/x/{no}/sub", .in = no_in, .n_in = 1),
	ROUTE("pdf", NET_GET, "/x/{no}.pdf", .in = no_in, .n_in = 1),
	ROUTE("two", NET_GET, "/y/{no}/of/{code}", .in = two_in, .n_in = 2),
	{0},
};

static const char *route_of(const struct router *r, const char *path, int method, struct str *params,
                            unsigned *allow)
{
	static struct arena a;
	static struct target t;
	const struct routed *found = NULL;
	arena_release(&a);
	arena_init(&a, 1 << 16);
	if (target_parse(str_c(path), &a, &t))
		return "malformed";
	enum err e = router_find(r, &t, method, &found, params, allow);
	return e ? err_name(e) : found->route->id;
}

static void test_router__finds(void **state)
{
	const struct route *const tables[] = {some};
	struct router r;
	struct diag diag = {0};
	struct str p[NET_PATH_PARTS_MAX];
	unsigned allow = 0;
	(void)state;
	assert_int_equal(router_build(&r, tables, 1, &diag), OK);
	assert_string_equal(route_of(&r, "/x", NET_GET, p, &allow), "root");
	assert_string_equal(route_of(&r, "/x/", NET_GET, p, &allow), "root");
	assert_string_equal(route_of(&r, "/x/all", NET_GET, p, &allow), "all");
	assert_string_equal(route_of(&r, "/x/all/sub", NET_GET, p, &allow), "all_sub");
	assert_string_equal(route_of(&r, "/x/12", NET_GET, p, &allow), "get");
	assert_true(str_is(p[0], "12"));
	assert_string_equal(route_of(&r, "/x/12.pdf", NET_GET, p, &allow), "pdf");
	assert_true(str_is(p[0], "12"));
	assert_string_equal(route_of(&r, "/x/.pdf", NET_GET, p, &allow), "get");
	assert_string_equal(route_of(&r, "/y/5/of/%E6%9D%91", NET_GET, p, &allow), "two");
	assert_true(str_is(p[1], "村"));
	assert_int_equal(r.routes[6].input[0], 1);
	assert_string_equal(route_of(&r, "/x/12", NET_DELETE, p, &allow), "METHOD");
	assert_int_equal(allow, 1u << NET_GET | 1u << NET_PUT);
	assert_string_equal(route_of(&r, "/z", NET_GET, p, &allow), "NOT_FOUND");
	assert_string_equal(route_of(&r, "/y/5", NET_GET, p, &allow), "NOT_FOUND");
	assert_string_equal(route_of(&r, "/", NET_GET, p, &allow), "NOT_FOUND");
	router_release(&r);
}

static void test_router__contradictions(void **state)
{
	static const struct route twice[] = {ROUTE("a", NET_GET, "/x/{no}", .in = no_in, .n_in = 1),
	                                     ROUTE("b", NET_GET, "/x/{no}", .in = no_in, .n_in = 1), {0}};
	static const struct route same_id[] = {ROUTE("a", NET_GET, "/x", .n_in = 0),
	                                       ROUTE("a", NET_GET, "/y", .n_in = 0), {0}};
	static const struct route no_input[] = {ROUTE("a", NET_GET, "/x/{other}", .in = no_in, .n_in = 1), {0}};
	static const struct route no_brace[] = {ROUTE("a", NET_GET, "/x", .in = no_in, .n_in = 1), {0}};
	static const struct route *const all[] = {twice, same_id, no_input, no_brace};
	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct router r;
		struct diag diag = {0};
		assert_int_equal(router_build(&r, &all[i], 1, &diag), ERR_INVALID);
		assert_true(diag.place[0] != '\0');
	}
}

/* --- targets ----------------------------------------------------------------------------- */

static void test_target__parts(void **state)
{
	struct arena a;
	struct target t;
	(void)state;
	arena_init(&a, 1 << 16);
	assert_int_equal(target_parse(STR("/a/%41+b/?q=%E5%88%B0+x&q=&r&=s&&a=b%3Dc"), &a, &t), OK);
	assert_int_equal(t.n, 2);
	assert_true(str_is(t.parts[1], "A+b"));
	assert_int_equal(t.n_query, 5);
	assert_true(str_is(t.query[0].value, "到 x"));
	assert_true(str_is(t.query[4].value, "b=c"));
	static const struct {
		const char *target;
		enum err e;
	} bad[] = {{"/a/../b", ERR_NOT_FOUND},  {"/a/%2e%2e/b", ERR_NOT_FOUND}, {"/a/.", ERR_NOT_FOUND},
	           {"/a%2fb", ERR_NOT_FOUND},   {"/a%5cb", ERR_NOT_FOUND},      {"//a", ERR_NOT_FOUND},
	           {"/a//", ERR_NOT_FOUND},     {"/%", ERR_BAD_REQUEST},        {"/%4", ERR_BAD_REQUEST},
	           {"/%4g", ERR_BAD_REQUEST},   {"/%00", ERR_BAD_REQUEST},      {"/%0a", ERR_BAD_REQUEST},
	           {"/%c0%80", ERR_BAD_REQUEST}, {"/?a=%ff", ERR_BAD_REQUEST},
	           {"/1/2/3/4/5/6/7/8/9", ERR_NOT_FOUND}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (target_parse(str_c(bad[i].target), &a, &t) != bad[i].e)
			fail_msg("%s", bad[i].target);
	arena_release(&a);
}

/* --- heads --------------------------------------------------------------------------------- */

static enum err check(const char *name, const char *value)
{
	struct head_field f[] = {{STR("Host"), STR("x")}, {str_c(name), str_c(value)}};
	struct head h = {.method = STR("POST"), .target = STR("/x"), .version = STR("HTTP/1.1"),
	                 .fields = f, .n = 2};
	struct head_facts facts;
	return head_check(&h, &facts);
}

static void test_head__fields(void **state)
{
	(void)state;
	assert_int_equal(check("Content-Length", "12"), OK);
	assert_int_equal(check("X", ""), OK);
	assert_int_equal(check("Content-Length", "+1"), ERR_BAD_REQUEST);
	assert_int_equal(check("Content-Length", "9999999999999999999"), ERR_BAD_REQUEST);
	assert_int_equal(check("Content-Length", ""), ERR_BAD_REQUEST);
	assert_int_equal(check("content-LENGTH", "1 "), ERR_BAD_REQUEST);
	assert_int_equal(check("transfer-encoding", "chunked"), ERR_LENGTH_REQUIRED);
	assert_int_equal(check("Host", "y"), ERR_BAD_REQUEST);
	assert_int_equal(check("X Y", "y"), ERR_BAD_REQUEST);
	assert_int_equal(check("", "y"), ERR_BAD_REQUEST);
	assert_int_equal(check("X", "a\rb"), ERR_BAD_REQUEST);
}

/* --- inputs ------------------------------------------------------------------------------ */

static const struct net_field task_in[] = {
	{.name = "unit", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 5},
	{.name = "due", .in = NET_BODY, .kind = FIELD_DATE},
};
enum { I_NO, I_CODE, I_MANY, I_DAY, I_SUM, I_YES, I_LIST, I_TASKS, I_SECRET };
static const struct net_field all_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT},
	{.name = "code", .in = NET_QUERY, .kind = FIELD_CODE, .codes = "red|blue"},
	{.name = "many", .in = NET_QUERY, .kind = FIELD_INT, .flags = NET_LIST, .max = 10},
	{.name = "day", .in = NET_BODY, .kind = FIELD_DATE, .flags = NET_REQUIRED},
	{.name = "sum", .in = NET_BODY, .kind = FIELD_MONEY},
	{.name = "yes", .in = NET_BODY, .kind = FIELD_BOOL},
	{.name = "list", .in = NET_BODY, .kind = FIELD_INT, .flags = NET_LIST},
	{.name = "tasks", .in = NET_BODY, .flags = NET_LIST, .of = task_in, .n_of = 2},
	{.name = "secret", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_EXACT},
};
static const struct route all_route[] = {
	ROUTE("all", NET_POST, "/x/{no}", .in = all_in, .n_in = 9),
	{0},
};

static enum err read_all(struct arena *a, const char *target, const char *body, struct request *rq,
                         struct input_faults *faults)
{
	const struct route *const tables[] = {all_route};
	struct router r;
	struct diag diag = {0};
	struct target *t = ARENA_NEW(a, struct target);
	struct str params[NET_PATH_PARTS_MAX];
	unsigned allow;
	const struct json_value *json;
	struct input_src src = {.target = t, .params = params, .body = str_c(body)};
	*rq = (struct request){.route = all_route, .a = a};
	*faults = (struct input_faults){0};
	assert_int_equal(router_build(&r, tables, 1, &diag), OK);
	assert_int_equal(target_parse(str_c(target), a, t), OK);
	assert_int_equal(router_find(&r, t, NET_POST, &src.routed, params, &allow), OK);
	enum err e = input_read(rq, &src, faults, &json);
	router_release(&r);
	return e;
}

static void test_input__values(void **state)
{
	struct arena a;
	struct request rq;
	struct input_faults faults;
	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(
		read_all(&a, "/x/12?code=red&many=1&many=2&code=&lang=en",
	                 "{\"day\":\"2018-01-14\",\"sum\":\"12.50\",\"yes\":true,\"list\":[3,4],\"secret\":\" a \","
	                 "\"tasks\":[{\"unit\":\" 小学 \",\"due\":\"2018-02\"},{\"unit\":\"x\",\"due\":null}]}",
	                 &rq, &faults), OK);
	assert_int_equal(rq_int(&rq, I_NO, 0), 12);
	assert_string_equal(rq_text(&rq, I_CODE), "red");
	assert_int_equal(rq.values[I_MANY].n, 2);
	assert_int_equal(rq.values[I_MANY].items[1].v, 2);
	assert_int_equal(rq_int(&rq, I_DAY, 0), 20180114);
	assert_int_equal(rq_int(&rq, I_SUM, 0), 1250);
	assert_int_equal(rq_int(&rq, I_YES, 0), 1);
	assert_int_equal(rq.values[I_LIST].items[1].v, 4);
	assert_string_equal(rq_text(&rq, I_SECRET), " a ");
	const struct net_values *task = rq.values[I_TASKS].items[0].sub;
	assert_string_equal(task[0].items[0].text.p, "小学");
	assert_int_equal(task[1].items[0].v, 20180200);
	assert_int_equal(rq.values[I_TASKS].items[1].sub[1].n, 0);
	arena_release(&a);
}

static void test_input__faults(void **state)
{
	static const struct {
		const char *field;
		enum err code;
	} want[] = {{"no", ERR_CELL_NUMBER},          {"code", ERR_CELL_CODE},
	            {"many", ERR_TOO_LARGE},          {"more", ERR_UNKNOWN_INPUT},
	            {"sum", ERR_INVALID},             {"yes", ERR_INVALID},
	            {"list[1]", ERR_CELL_NUMBER},     {"tasks[0].unit", ERR_CELL_TOO_LONG},
	            {"tasks[0].odd", ERR_UNKNOWN_INPUT}, {"tasks[1].unit", ERR_CELL_REQUIRED},
	            {"tasks[2]", ERR_INVALID},        {"other", ERR_UNKNOWN_INPUT},
	            {"day", ERR_CELL_REQUIRED}};
	struct arena a;
	struct request rq;
	struct input_faults faults;
	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(
		read_all(&a, "/x/-1?code=green&many=11&more=1",
	                 "{\"sum\":12.5,\"yes\":1,\"list\":[3,-4],\"other\":{},"
	                 "\"tasks\":[{\"unit\":\"一二三四五六\",\"odd\":1},{},7]}", &rq, &faults), ERR_INVALID);
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		size_t k = 0;
		while (k < faults.n && (strcmp(faults.items[k].field, want[i].field) != 0 ||
		                        faults.items[k].code != want[i].code))
			k++;
		if (k == faults.n)
			fail_msg("%s %s was not named", want[i].field, err_name(want[i].code));
	}
	assert_int_equal(faults.n, sizeof(want) / sizeof(*want));
	assert_int_equal(read_all(&a, "/x/1", "[]", &rq, &faults), ERR_BAD_REQUEST);
	assert_int_equal(read_all(&a, "/x/1", "", &rq, &faults), ERR_INVALID);
	arena_release(&a);
}

/* --- multipart ------------------------------------------------------------------------------ */

struct parts {
	struct buf text; /* "name|file|data;" each */
};

static enum err on_begin(void *arg, struct str name, struct str file)
{
	struct parts *p = arg;
	buf_addf(&p->text, STR_FMT "|" STR_FMT "|", STR_ARG(name), STR_ARG(file));
	return OK;
}

static enum err on_data(void *arg, struct str bytes)
{
	struct parts *p = arg;
	buf_addstr(&p->text, bytes);
	return OK;
}

static enum err on_end(void *arg)
{
	struct parts *p = arg;
	buf_addc(&p->text, ';');
	return OK;
}

/* Fed in two pieces cut at `cut`. */
static enum err feed(const char *type, struct str body, size_t cut, struct parts *p)
{
	static struct multipart m;
	struct multipart_hooks hooks = {p, on_begin, on_data, on_end};
	buf_clear(&p->text);
	enum err e = multipart_init(&m, str_c(type), &hooks);
	if (!e)
		e = multipart_feed(&m, str_sub(body, 0, cut));
	if (!e)
		e = multipart_feed(&m, str_sub(body, cut, body.n));
	return e ? e : multipart_finish(&m);
}

#define TYPE "multipart/form-data; boundary=XyZ"

static void test_multipart__any_cut(void **state)
{
	static const char body[] =
		"--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--XyZ\r\n"
		"content-disposition: form-data; name=\"f\"; filename=\"C:\\x\\台账 \\\"1\\\".xlsx\"\r\n"
		"Content-Type: text/plain\r\n\r\n\r\n--Xy\r\r\n\r\n--XyQ\r\n-\r\n--XyZ\r\n"
		"Content-Disposition: form-data; name=b\r\n\r\n\r\n--XyZ--\r\n";
	static const char want[] = "a||one;f|C:\\x\\台账 \\\"1\\\".xlsx|\r\n--Xy\r\r\n\r\n--XyQ\r\n-;b||;";
	struct str s = {body, sizeof(body) - 1};
	struct parts p;
	(void)state;
	buf_init(&p.text, 1 << 16);
	for (size_t cut = 0; cut <= s.n; cut++) {
		assert_int_equal(feed(TYPE, s, cut, &p), OK);
		assert_string_equal(p.text.p, want);
	}
	for (size_t n = 0; n + 4 < s.n; n++) /* cut short: refused */
		assert_int_equal(feed(TYPE, str_sub(s, 0, n), n / 2, &p), ERR_BAD_REQUEST);
	buf_release(&p.text);
}

static void test_multipart__refused(void **state)
{
	static const struct {
		const char *type, *body;
		enum err e;
	} bad[] = {
		{"text/plain", "", ERR_MEDIA_TYPE},
		{"multipart/form-data", "", ERR_MEDIA_TYPE},
		{"multipart/form-data; boundary=", "", ERR_MEDIA_TYPE},
		{"multipart/form-data; boundary=\"a b\"", "", ERR_MEDIA_TYPE},
		{TYPE, "preamble\r\n--XyZ--", ERR_BAD_REQUEST},
		{TYPE, "--XyZ\r\n\r\n\r\nx\r\n--XyZ--", ERR_BAD_REQUEST},
		{TYPE, "--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--", ERR_BAD_REQUEST},
		{TYPE, "--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XyZ--", ERR_BAD_REQUEST},
		{TYPE, "--XyZ\nContent-Disposition: form-data; name=a\n\nx\n--XyZ--", ERR_BAD_REQUEST},
		{TYPE, "--XyZ--rest", ERR_BAD_REQUEST},
	};
	struct parts p;
	struct buf many;
	(void)state;
	buf_init(&p.text, 1 << 16);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (feed(bad[i].type, str_c(bad[i].body), 3, &p) != bad[i].e)
			fail_msg("%s", bad[i].body);
	buf_init(&many, 1 << 20);
	for (int i = 0; i <= MULTIPART_PARTS_MAX; i++)
		buf_adds(&many, "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n");
	buf_adds(&many, "--XyZ--");
	assert_int_equal(feed(TYPE, buf_str(&many), 0, &p), ERR_TOO_LARGE);
	buf_clear(&many);
	buf_adds(&many, "--XyZ\r\nX: ");
	for (int i = 0; i < MULTIPART_HEAD_MAX; i++)
		buf_addc(&many, 'x');
	assert_int_equal(feed(TYPE, buf_str(&many), 0, &p), ERR_TOO_LARGE);
	buf_release(&many);
	buf_release(&p.text);
}

static void test_multipart__names(void **state)
{
	static const struct {
		const char *sent, *clean;
	} names[] = {{"a.xlsx", "a.xlsx"},       {"../../etc/passwd", "passwd"},
	             {"C:\\Users\\x\\台账.xls", "台账.xls"}, {"..", "file"},
	             {"", "file"},               {"a/", "file"},
	             {"a\r\nb", "a__b"},         {"\xff", "_"},
	             {"a:b", "a_b"}};
	struct arena a;
	(void)state;
	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_string_equal(multipart_clean_name(str_c(names[i].sent), &a), names[i].clean);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_out__nesting),   cmocka_unit_test(test_json_out__full),
		cmocka_unit_test(test_json_in__values),     cmocka_unit_test(test_json_in__refused),
		cmocka_unit_test(test_router__finds),       cmocka_unit_test(test_router__contradictions),
		cmocka_unit_test(test_target__parts),       cmocka_unit_test(test_head__fields),
		cmocka_unit_test(test_input__values),       cmocka_unit_test(test_input__faults),
		cmocka_unit_test(test_multipart__any_cut),  cmocka_unit_test(test_multipart__refused),
		cmocka_unit_test(test_multipart__names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
