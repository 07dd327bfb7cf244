/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Forms understood and filled; templates kept; what must be retyped, ticked, confirmed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

#include "account/account.h"
#include "check/record.h"
#include "test_db.h"
#include "form/form.h"
#include "form/form_store.h"
#include "form/retype.h"
#include "io/docx.h"
#include "io/rows.h"
#include "ledger/index.h"
#include "ledger/ledger.h"
#include "registry/registry.h"

static char dir[] = "/tmp/daohu-form-XXXXXX";
static struct pack *pack;
static struct check *check;
static struct arena arena;
static struct check_result result;
static struct town_village villages[] = {{STR("341226115201"), STR("八里河村"), STR("八里河镇")}};
static struct town_household households[2];
static struct town_person persons[3];
static struct town_income incomes[2];
static struct town town = {.as_of = 20180114, .name = STR("八里河镇"), .area = STR("341226115"),
                           .villages = villages, .n_villages = 1, .households = households,
                           .n_households = 2, .persons = persons, .n_persons = 3,
                           .incomes = incomes, .n_incomes = 2};

static int16_t code(const char *list, const char *id)
{
	return (int16_t)pack_code_by_id(pack_list(pack, list), id);
}

static struct town_person person(int32_t household, const char *name, const char *id, bool head)
{
	return (struct town_person){
		.household = household, .name = str_c(name), .id_raw = str_c(id), .id18 = str_c(id),
		.sex = code("sex", "male"), .birth = 19650714, .ledger = TOWN_NONE,
		.relation = code("relation", head ? "head" : "son"), .ethnic = TOWN_NONE, .edu = TOWN_NONE,
		.student = TOWN_NONE, .labor = TOWN_NONE, .work_place = TOWN_NONE, .public_post = TOWN_NONE,
		.disability_type = TOWN_NONE, .disability_grade = TOWN_MISSING, .work_months = 6};
}

static struct town_income income(int32_t h, int64_t year, fen_t wage)
{
	return (struct town_income){
		.household = h, .ledger = TOWN_NONE, .year = year, .members = 2, .wage = wage,
		.business = 0, .business_cost = TOWN_MISSING, .property = TOWN_MISSING, .t_family = TOWN_MISSING,
		.t_dibao = 123456, .t_tekun = TOWN_MISSING, .t_pension = TOWN_MISSING, .t_eco = TOWN_MISSING,
		.t_other = TOWN_MISSING,
		.transfer = TOWN_MISSING, .stated_net = TOWN_MISSING,
		.stated_per_capita = TOWN_MISSING};
}

static int setup(void **state)
{
	(void)state;
	struct diag d = {0};
	static const char *const heads[] = {"欧阳娜娜", "李二"};
	arena_init(&arena, 0);
	if (!mkdtemp(dir) || pack_open("cn-2018", &d, &pack) != OK || check_new(pack, &d, &check) != OK)
		return -1;
	for (int i = 0; i < 2; i++)
		households[i] = (struct town_household){
			.hh_no = i ? STR("34129900000002") : STR("34129900000001"), .village = 0,
			.ledger = TOWN_NONE, .group = STR("前进组"), .head_name = str_c(heads[i]),
			.address = STR("八里河村前进组<3>号"), .status = code("status", "listed"),
			.attr = code("attr", "ordinary"), .cause_main = code("cause", "ill"),
			.house_grade = TOWN_NONE, .unsafe_house = TRI_NO, .water_safe = TRI_YES,
			.entry_year = 2014, .exit_year = TOWN_MISSING, .plan_exit_year = 2018,
			.declared_members = TOWN_MISSING, .stated_per_capita = TOWN_MISSING,
			.phone = STR("10012345678"),
			.house_area = 8050, .arable = TOWN_MISSING};
	persons[0] = person(0, "欧阳娜娜", "341299196507140010", true);
	persons[1] = person(0, "欧阳小二", "341299200802290037", false);
	persons[2] = person(1, "李二", "341299195401010010", true);
	incomes[0] = income(0, 2017, 1200050);
	incomes[1] = income(0, 2016, 800000);
	struct check_opts o = {.lang = LANG_ZH, .village = TOWN_NONE};
	check_run(check, &town, &o, &arena, &result);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	char cmd[200];
	check_free(check);
	pack_close(pack);
	arena_release(&arena);
	static const char *const files[] = {"f.xlsx", "o.xlsx", "f.docx", "o.docx", "t.docx"};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(cmd, sizeof(cmd), "%s/%s", dir, files[i]);
		(void)unlink(cmd);
	}
	return rmdir(dir);
}

static const char *in_dir(const char *name)
{
	return arena_printf(&arena, "%s/%s", dir, name);
}

/* --- workbooks ----------------------------------------------------------------------- */

static void make_book(const char *const *heads, size_t n, const char *const *under)
{
	struct diag d = {0};
	struct xlsx_out *x;
	assert_int_equal(xlsx_out_open(in_dir("f.xlsx"), &(struct xlsx_out_opts){0}, &d, &x), OK);
	int s = xlsx_style(x, &(struct xlsx_style){.border = true});
	xlsx_sheet(x, "附件", 0);
	xlsx_merge(x, 0, 0, 0, (int)n - 1, s, STR("2017年贫困户情况统计表"));
	for (size_t c = 0; c < n; c++) {
		if (under[c])
			xlsx_text(x, 2, (int)c, s, str_c(under[c]));
		if (!heads[c])
			continue;
		size_t end = c;
		while (under[c] && end + 1 < n && !heads[end + 1])
			end++;
		if (!under[c])
			xlsx_merge(x, 1, (int)c, 2, (int)c, s, str_c(heads[c]));
		else if (end > c)
			xlsx_merge(x, 1, (int)c, 1, (int)end, s, str_c(heads[c]));
		else
			xlsx_text(x, 1, (int)c, s, str_c(heads[c]));
	}
	for (size_t c = 0; c < n; c++)
		xlsx_blank(x, 3, (int)c, s);
	xlsx_text(x, 4, 0, s, STR("合计"));
	xlsx_text(x, 5, 0, s, STR("填报人："));
	assert_int_equal(xlsx_out_close(x), OK);
}

static struct report report(const char *reason)
{
	return (struct report){.lang = LANG_ZH, .check = check, .result = &result, .village = TOWN_NONE,
	                       .reason = reason};
}

static void cell_is(const char *file, uint32_t row, size_t col, const char *want)
{
	struct diag d = {0};
	struct rows *r;
	struct row got = {0};
	bool more = true;
	assert_int_equal(rows_open(file, &(struct rows_opts){0}, &d, &r), OK);
	assert_int_equal(rows_sheet(r, 0, &d), OK);
	while (more && got.number < row)
		assert_int_equal(rows_next(r, &d, &got, &more), OK);
	struct str s = more && got.number == row && col < got.n ? got.cells[col].text : (struct str){"", 0};
	if (!str_is(s, want))
		fail_msg("row %u col %zu: \"" STR_FMT "\", wanted \"%s\"", (unsigned)row, col, STR_ARG(s), want);
	rows_close(r);
}

static void test_form__a_row_a_household(void **state)
{
	(void)state;
	static const char *const heads[] = {"序号", "村名", "户主", "户主身份证号", "家庭人口", "2017年家庭收入（元）",
	                                    NULL, "2016年工资性收入（万元）", "领导关心的别的事"};
	static const char *const under[] = {NULL, NULL, NULL, NULL, NULL, "工资性收入", "低保金", NULL, NULL};
	struct diag d = {0};
	struct form *f;
	struct form_filled done;
	make_book(heads, 9, under);
	assert_int_equal(form_open(in_dir("f.xlsx"), pack, &arena, &d, &f), OK);
	assert_int_equal(f->kind, FORM_TABLE);
	assert_int_equal(f->grain, FORM_HOUSEHOLD);
	assert_int_equal(f->n, 9);
	assert_int_equal(f->first, 4);
	assert_int_equal(f->last, 4);
	assert_int_equal(f->columns[5].field, FORM_wage);
	assert_int_equal(f->columns[7].year, 2016);
	assert_int_equal(f->columns[8].field, -1);
	struct report r = report(NULL);
	const int32_t list[] = {1, 0};
	assert_int_equal(form_fill(f, &r, list, 2, in_dir("o.xlsx"), &arena, &d, &done), OK);
	assert_int_equal(done.rows, 2);
	assert_int_equal(done.n_unknown, 1);
	assert_true(str_is(done.unknown[0], "领导关心的别的事"));
	const char *o = in_dir("o.xlsx");
	cell_is(o, 4, 2, "李二");
	cell_is(o, 5, 0, "2");
	cell_is(o, 5, 2, "欧阳娜娜");
	cell_is(o, 5, 3, "341299********0010");
	cell_is(o, 5, 4, "2");
	cell_is(o, 5, 5, "12000.5");
	cell_is(o, 5, 6, "1234.56");
	cell_is(o, 5, 7, "0.8");
	cell_is(o, 6, 0, "合计");
	r = report("年报");
	assert_int_equal(form_fill(f, &r, list, 2, in_dir("o.xlsx"), &arena, &d, &done), OK);
	cell_is(o, 5, 3, "341299196507140010");
}

static void test_form__a_row_a_person(void **state)
{
	(void)state;
	static const char *const heads[] = {"户编号", "户主姓名", "姓名", "与户主关系", "备注2"};
	static const char *const under[5] = {NULL};
	struct diag d = {0};
	struct form *f;
	struct form_filled done;
	make_book(heads, 5, under);
	assert_int_equal(form_open(in_dir("f.xlsx"), pack, &arena, &d, &f), OK);
	assert_int_equal(f->grain, FORM_PERSON);
	struct report r = report(NULL);
	const int32_t list[] = {0, 1};
	assert_int_equal(form_set(f, STR("E"), STR("address"), &d), OK);
	assert_int_equal(form_fill(f, &r, list, 2, in_dir("o.xlsx"), &arena, &d, &done), OK);
	assert_int_equal(done.rows, 3);
	cell_is(in_dir("o.xlsx"), 5, 2, "欧阳小二");
	cell_is(in_dir("o.xlsx"), 5, 0, "34129900000001");
	cell_is(in_dir("o.xlsx"), 6, 2, "李二");
	cell_is(in_dir("o.xlsx"), 6, 4, "八里河村前进组<3>号");
	assert_int_equal(form_set(f, STR("Z"), STR("address"), &d), ERR_INVALID);
	diag_clear(&d);
	assert_int_equal(form_set(f, STR("E"), STR("no_such"), &d), ERR_INVALID);
}

static void test_form__nothing(void **state)
{
	(void)state;
	static const char *const heads[] = {"甲事", "乙事"};
	static const char *const under[2] = {NULL};
	struct diag d = {0};
	struct form *f;
	make_book(heads, 2, under);
	assert_int_equal(form_open(in_dir("f.xlsx"), pack, &arena, &d, &f), ERR_TABLE_NOT_FOUND);
}

/* --- documents ------------------------------------------------------------------------- */

static const char *make_document(bool page)
{
	struct diag d = {0};
	struct docx_out *o;
	const double widths[] = {1, 2};
	const char *path = in_dir("f.docx");
	assert_int_equal(docx_out_open(path, &(struct docx_opts){0}, &d, &o), OK);
	docx_out_text(o, &(struct docx_style){0}, page ? STR("户主：{{户主姓名}}，{{不知何物}}") : STR("名单"));
	docx_out_table(o, widths, 2, 1, 0);
	docx_out_row(o, (const struct str[]){STR("姓名"), STR("人均")}, 2);
	docx_out_row(o, page ? (const struct str[]){STR("{{姓名}}"), STR("{{关系}}")}
	                     : (const struct str[]){STR("{{户主}}"), STR("{{人均纯收入}}")}, 2);
	assert_int_equal(docx_out_close(o), OK);
	return path;
}

static size_t count_text(const char *path, const char *text)
{
	struct diag d = {0};
	struct docx *doc;
	size_t n = 0;
	/* opens again, and no field is left */
	assert_int_equal(docx_open(path, &d, &doc), OK);
	(void)docx_fields(doc, &n);
	assert_int_equal(n, 0);
	docx_close(doc);
	zip_t *z = zip_open(path, ZIP_RDONLY, NULL);
	assert_non_null(z);
	zip_file_t *f = zip_fopen(z, "word/document.xml", 0);
	assert_non_null(f);
	static char xml[1 << 20];
	zip_int64_t got = zip_fread(f, xml, sizeof(xml) - 1);
	assert_in_range(got, 1, sizeof(xml) - 2);
	xml[got] = '\0';
	(void)zip_fclose(f);
	zip_discard(z);
	n = 0;
	for (const char *at = xml; (at = strstr(at, text)); at += strlen(text))
		n++;
	return n;
}

static void test_form__document(void **state)
{
	(void)state;
	struct diag d = {0};
	struct form *f;
	struct form_filled done;
	struct report r = report(NULL);
	const int32_t list[] = {0, 1};
	assert_int_equal(form_open(make_document(true), pack, &arena, &d, &f), OK);
	assert_int_equal(f->kind, FORM_DOCUMENT);
	assert_int_equal(f->grain, FORM_PAGE);
	assert_int_equal(form_fill(f, &r, list, 2, in_dir("o.docx"), &arena, &d, &done), OK);
	assert_int_equal(done.rows, 2);
	assert_int_equal(done.n_unknown, 1);
	assert_int_equal(count_text(in_dir("o.docx"), "欧阳小二"), 1);
	assert_int_equal(count_text(in_dir("o.docx"), "欧阳娜娜"), 2);
	assert_int_equal(form_open(make_document(false), pack, &arena, &d, &f), OK);
	assert_int_equal(f->grain, FORM_HOUSEHOLD);
	assert_int_equal(form_fill(f, &r, list, 2, in_dir("o.docx"), &arena, &d, &done), OK);
	assert_int_equal(count_text(in_dir("o.docx"), "欧阳娜娜"), 1);
	assert_int_equal(count_text(in_dir("o.docx"), "李二"), 1);
}

/* --- kept ----------------------------------------------------------------------------------- */

static const struct record_desc *const tables[] = {
	&area_desc, &account_desc, &reveal_desc, &household_desc, &household_state_desc,
	&household_year_desc, &person_desc, &membership_desc, &person_year_desc, &income_desc,
	&duty_desc, &measure_desc, &visit_desc, &contract_desc, &ledger_desc, &ledger_chunk_desc,
	&link_answer_desc, &ledger_index_desc, &finding_desc, &form_template_desc, &retype_tick_desc};

struct house {
	struct db *db;
	struct keys *keys;
	struct journal *j;
	struct diag diag;
	char dir[40];
};

static void open_house(struct house *h)
{
	struct db_opts o = {.mode = DB_CREATE, .county = "c", .url = test_db_url(), .tables = tables,
	                    .n_tables = sizeof(tables) / sizeof(tables[0])};
	*h = (struct house){.dir = "/tmp/daohu-formh-XXXXXX"};
	assert_non_null(mkdtemp(h->dir));
	(void)rmdir(h->dir);
	assert_int_equal(db_open(h->dir, &o, &h->diag, &h->db), OK);
	assert_int_equal(keys_create(h->dir, NULL, &h->diag, &h->keys), OK);
	assert_int_equal(journal_open(h->db, h->keys, &h->j), OK);
}

static void close_house(struct house *h)
{
	journal_close(h->j);
	keys_close(h->keys);
	db_close(h->db);
	test_db_remove(h->dir);
}

static void begin(struct house *h, const char *command)
{
	assert_int_equal(journal_begin(h->j, &(struct entry_info){.command = command, .actor = "office",
	                                                          .reason = "入户核实"}), OK);
}

static void test_form__kept(void **state)
{
	(void)state;
	struct house h;
	struct form_template t = {0}, *all, got;
	struct form *f;
	size_t n;
	bool found;
	open_house(&h);
	FIELD_SET(&t, FORM_TEMPLATE_, name, "年报");
	assert_int_equal(form_store_file(make_document(false), &arena, &h.diag, &t.file), OK);
	t.has |= FIELD_BIT(FORM_TEMPLATE_file);
	FIELD_SET(&t, FORM_TEMPLATE_, mapping, "{{户主}}#1\tphone\nnowhere\tseq\n");
	begin(&h, "form");
	assert_int_equal(form_store_add(h.j, &t), OK);
	t.no = 0;
	FIELD_DROP(&t, FORM_TEMPLATE_, mapping);
	assert_int_equal(form_store_add(h.j, &t), OK);
	assert_int_equal(journal_commit(h.j, NULL), OK);
	assert_int_equal(form_store_all(h.db, &arena, &all, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(all[0].revision, 2);
	assert_int_equal(form_store_get(h.db, all[0].no, &arena, &got, &found), OK);
	assert_true(found);
	assert_int_equal(form_store_open(&got, in_dir("t.docx"), pack, &arena, &h.diag, &f), OK);
	assert_int_equal(f->columns[0].field, FORM_phone); /* taken over from the edition before */
	close_house(&h);
}

static void test_retype__list(void **state)
{
	(void)state;
	struct house h;
	struct household hh = {0};
	struct person p = {0}, changed;
	struct membership m = {0};
	struct retype_row *rows;
	size_t n;
	open_house(&h);
	struct retype_opts o = {.j = h.j, .pack = pack, .lang = LANG_ZH};
	begin(&h, "import");
	FIELD_SET(&hh, HOUSEHOLD_, hh_no, "34129900000001");
	FIELD_SET(&hh, HOUSEHOLD_, head_name, "王一");
	assert_int_equal(journal_insert(h.j, &household_desc, &hh), OK);
	FIELD_SET(&p, PERSON_, name, "王一");
	FIELD_SET(&p, PERSON_, sex, "male");
	FIELD_SET(&p, PERSON_, phone, "10012345678");
	assert_int_equal(journal_insert(h.j, &person_desc, &p), OK);
	FIELD_SET(&m, MEMBERSHIP_, person, p.no);
	FIELD_SET(&m, MEMBERSHIP_, household, hh.no);
	assert_int_equal(journal_insert(h.j, &membership_desc, &m), OK);
	assert_int_equal(journal_commit(h.j, NULL), OK);
	assert_int_equal(retype_list(&o, &arena, &rows, &n), OK);
	assert_int_equal(n, 0); /* imported, not typed */
	changed = p;
	FIELD_SET(&changed, PERSON_, sex, "female");
	FIELD_SET(&changed, PERSON_, phone, "10087654321");
	begin(&h, "household edit");
	assert_int_equal(journal_update(h.j, &person_desc, &p, &changed), OK);
	assert_int_equal(journal_commit(h.j, NULL), OK);
	assert_int_equal(retype_list(&o, &arena, &rows, &n), OK);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].old_value, "男");
	assert_string_equal(rows[0].new_value, "女");
	assert_string_equal(rows[0].hh_no, "34129900000001");
	assert_string_equal(rows[0].reason, "入户核实");
	assert_string_equal(rows[1].new_value, "***");
	begin(&h, "retype");
	assert_int_equal(retype_typed(h.j, &rows[0], 20180120, "office"), OK);
	assert_int_equal(journal_commit(h.j, NULL), OK);
	assert_int_equal(retype_list(&o, &arena, &rows, &n), OK);
	assert_int_equal(rows[0].tick.typed_on, 20180120);
	/* changed back: nothing to type; the tick does not hold for another version */
	p = changed;
	FIELD_SET(&p, PERSON_, sex, "male");
	begin(&h, "household edit");
	assert_int_equal(journal_update(h.j, &person_desc, &changed, &p), OK);
	assert_int_equal(journal_commit(h.j, NULL), OK);
	assert_int_equal(retype_list(&o, &arena, &rows, &n), OK);
	assert_int_equal(n, 1);
	o.since_ms = INT64_MAX;
	assert_int_equal(retype_list(&o, &arena, &rows, &n), OK);
	assert_int_equal(n, 0);
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form__a_row_a_household),
		cmocka_unit_test(test_form__a_row_a_person),
		cmocka_unit_test(test_form__nothing),
		cmocka_unit_test(test_form__document),
		cmocka_unit_test(test_form__kept),
		cmocka_unit_test(test_retype__list),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
