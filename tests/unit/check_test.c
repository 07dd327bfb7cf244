/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "check/finding.h"
#include "check/record.h"
#include "check/situation.h"
#include "link/idno.h"

#include "test_db.h"

#include "base/banned.h"

static struct pack *pack;
static struct check *check;

static int setup(void **state)
{
	struct diag diag = {0};
	enum err e = pack_open("cn-2018", &diag, &pack);

	(void)state;
	if (e == OK)
		e = check_new(pack, &diag, &check);
	if (e)
		fprintf(stderr, "%s %s %s\n", diag.place, err_name(diag.code), diag.detail);
	return e ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	check_free(check);
	pack_close(pack);
	return 0;
}

/* Every rule's own rows come out as written, and every rule has both kinds. */
static void test_check__rules_own_rows(void **state)
{
	size_t rows = 0, failed = 0;

	(void)state;
	for (size_t i = 0; i < pack->n_rules; i++) {
		struct diag diag = {0};
		size_t n = 0;

		if (check_self_test(check, (int)i, &n, &diag) != OK) {
			fprintf(stderr, "%s %s %s\n", diag.place, err_name(diag.code), diag.detail);
			failed++;
		}
		rows += n;
		if (!pack->rules[i].positive || !pack->rules[i].negative) {
			fprintf(stderr, "%s: no rows\n", pack->rules[i].id);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
	assert_true(rows > 150);
}

/* ---- a small town by hand ---- */

enum { HOUSES = 3, PEOPLE = 5, ROWS = 4, LEDGERS = 6 };

struct small {
	struct arena arena;
	struct town town;
	struct town_village villages[2];
	struct town_household households[HOUSES];
	struct town_person persons[PEOPLE];
	struct town_income incomes[2];
	struct town_visit visits[2];
	struct town_ledger ledgers[LEDGERS];
	struct town_layout layout;
	struct town_row rows[ROWS];
	struct town_link links[ROWS];
	struct town_answer answers[1];
};

static int16_t code(const char *list, const char *id)
{
	int i = pack_code_by_id(pack_list(pack, list), id);

	assert_true(i >= 0);
	return (int16_t)i;
}

static void house(struct small *s, int i, const char *no, int village, const char *head)
{
	s->households[i] = (struct town_household){
		.no = 100 + i, .hh_no = str_c(no), .village = village, .head_name = str_c(head),
		.status = code("status", "listed"), .attr = code("attr", "ordinary"),
		.cause_main = code("cause", "skill"), .house_grade = TOWN_NONE,
		.unsafe_house = TRI_NO, .water_safe = TRI_YES,
		.entry_year = TOWN_MISSING, .exit_year = TOWN_MISSING, .plan_exit_year = TOWN_MISSING,
		.declared_members = TOWN_MISSING, .stated_per_capita = TOWN_MISSING,
		.house_area = TOWN_MISSING, .arable = TOWN_MISSING};
}

static void person(struct small *s, int i, int household, const char *name, const char *id,
                   const char *relation)
{
	struct idno idno = idno_parse(str_c(id), false);
	struct town_person *p = &s->persons[i];

	*p = (struct town_person){
		.no = 200 + i, .household = household, .name = str_c(name), .id_raw = str_c(id),
		.id18 = str_c(arena_strdup(&s->arena, idno.id18)), .id_state = idno.flags,
		.place = str_c(arena_printf(&s->arena, "roster.xlsx!1!%d", i + 4)),
		.birth = idno.birth, .relation = code("relation", relation),
		.sex = code("sex", idno.sex == SEX_MALE ? "male" : "female"), .ethnic = TOWN_NONE,
		.edu = code("edu", "junior"), .student = code("student", "none"),
		.health = UINT64_C(1) << code("health", "healthy"), .labor = code("labor", "ordinary"),
		.work_place = TOWN_NONE, .public_post = TOWN_NONE, .disability_type = TOWN_NONE,
		.disability_grade = TOWN_MISSING, .work_months = TOWN_MISSING};
}

static void income(struct small *s, int i, int household, fen_t wage, fen_t stated)
{
	s->incomes[i] = (struct town_income){
		.household = household, .ledger = 1, .year = 2017, .members = TOWN_MISSING,
		.wage = wage, .business = TOWN_MISSING, .business_cost = TOWN_MISSING,
		.property = TOWN_MISSING, .t_family = TOWN_MISSING, .t_dibao = TOWN_MISSING,
		.t_tekun = TOWN_MISSING, .t_pension = TOWN_MISSING, .t_eco = TOWN_MISSING,
		.t_other = TOWN_MISSING, .transfer = TOWN_MISSING, .stated_net = TOWN_MISSING,
		.stated_per_capita = stated};
}

static void ledger(struct small *s, int i, const char *layout, date_t as_of)
{
	s->ledgers[i] = (struct town_ledger){.layout = str_c(layout), .title = str_c(layout),
	                                     .as_of = as_of, .year = TOWN_MISSING,
	                                     .complete = true, .authorised = true,
	                                     .covers_all = true};
}

static void vehicle(struct small *s, int row, int person_no, int band)
{
	s->rows[row] = (struct town_row){.ledger = 3, .number = (uint32_t)row + 2,
	                                 .sheet = STR("1")};
	s->links[row] = (struct town_link){.row = row, .person = person_no,
	                                   .household = person_no >= 0 ? s->persons[person_no].household : -1,
	                                   .outsider = TOWN_NONE, .band = (uint8_t)band,
	                                   .why = TEXT("身份证号相同", "same number")};
}

static void vehicles(struct small *s)
{
	static const char *const kinds[ROWS] = {"car", "motorcycle", "car", "car"};
	const struct pack_layout *l = pack_layout(pack, "vehicle");
	int col = pack_column(l, "kind");
	vehicle(s, 0, 0, TOWN_SURE);
	vehicle(s, 1, 1, TOWN_SURE);
	vehicle(s, 2, 2, TOWN_PROBABLE);
	vehicle(s, 3, 3, TOWN_UNCLEAR);
	for (size_t i = 0; i < ROWS; i++) {
		struct town_cell *cell = ARENA_NEW(&s->arena, struct town_cell);
		*cell = (struct town_cell){.state = TOWN_CELL_OK, .v = code("vehicle_kind", kinds[i]),
		                           .column = (uint16_t)col, .text = kinds[i],
		                           .text_n = (uint32_t)strlen(kinds[i])};
		s->rows[i].cells = cell;
		s->rows[i].n_cells = 1;
	}
	s->layout = (struct town_layout){STR("vehicle"), l->n_columns, ROWS, s->rows, ROWS,
	                                 s->links};
}

/* Three households: one below the line after exit with a car, one clean, one
 * with two heads whose visit is old. */
static void small_town(struct small *s)
{
	*s = (struct small){0};
	arena_init(&s->arena, 0);
	s->villages[0] = (struct town_village){STR("341299100201"), STR("甲村"), STR("某镇")};
	s->villages[1] = (struct town_village){STR("341299100202"), STR("乙村"), STR("某镇")};
	house(s, 0, "0001", 0, "王强");
	house(s, 1, "0002", 0, "李军");
	house(s, 2, "0003", 1, "张华");
	person(s, 0, 0, "王强", "341299196507140010", "head");
	person(s, 1, 0, "刘芳", "341299196811030027", "spouse");
	person(s, 2, 1, "李军", "341299195401010010", "head");
	person(s, 3, 2, "张华", "341299197001010010", "head");
	person(s, 4, 2, "张明", "341299197201010015", "head");
	s->households[0].status = code("status", "exited");
	s->households[0].exit_year = 2017;
	income(s, 0, 0, 500000, 250000);
	income(s, 1, 1, 290000, 290000);
	ledger(s, 0, "roster", 20180110);
	ledger(s, 1, "income", 20180105);
	ledger(s, 2, "visit", 20180112);
	ledger(s, 3, "vehicle", 20180101);
	ledger(s, 4, "property", 20180101);
	ledger(s, 5, "insurance", 20180101);
	s->ledgers[3].file = STR("车辆.xls");
	s->ledgers[5].covers_all = false; /* nothing is said about any village */
	s->visits[0] = (struct town_visit){.household = 2, .ledger = 2, .date = 20171015,
	                                   .visitor = STR("丁飞")};
	s->visits[1] = (struct town_visit){.household = 0, .ledger = 2, .date = 20171000};
	vehicles(s);
	s->town = (struct town){
		.as_of = 20180114, .name = STR("某镇"), .n_villages = 2, .n_households = HOUSES,
		.n_persons = PEOPLE, .n_incomes = 2, .n_visits = 2, .n_ledgers = LEDGERS, .n_layouts = 1,
		.villages = s->villages, .households = s->households, .persons = s->persons,
		.incomes = s->incomes, .visits = s->visits, .ledgers = s->ledgers,
		.layouts = &s->layout, .answers = s->answers};
}

/* Nothing came from the others; what is known of incomes is of no ledger then. */
static void only_the_roster(struct small *s)
{
	s->town.n_ledgers = 1;
	for (size_t i = 0; i < s->town.n_incomes; i++)
		s->incomes[i].ledger = TOWN_NONE;
}

static void run(struct small *s, const struct check_opts *opts, struct check_result *r,
                struct buf *csv)
{
	check_run(check, &s->town, opts, &s->arena, r);
	buf_clear(csv);
	findings_csv(r, csv);
}

static const struct check_opts zh = {.lang = LANG_ZH, .village = TOWN_NONE};

static const struct finding *find(const struct check_result *r, const char *rule, const char *hh)
{
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->findings[i].rule->id, rule) == 0 &&
		    str_is(r->findings[i].household_no, hh))
			return &r->findings[i];
	}
	return NULL;
}

static void test_check__golden(void **state)
{
	static const char expected[] =
		"rule,severity,certainty,household_no,person_id,name,subject,village,detail,source\n"
		"exited_below_line,B,sure,0001,,王强,,甲村,\"已脱贫（2017年），2017年人均纯收入重算为2,500.00元，"
		"低于当年贫困线2,952.00元\",贫困户花名册（2018-01-10）；贫困户收入台账（2018-01-05）\n"
		"income_missing,E,sure,0003,,张华,,乙村,收入台账中没有本户,贫困户花名册（2018-01-10）；贫困户收入台账（2018-01-05）\n"
		"no_visit_90_days,W,sure,0002,,李军,,甲村,没有走访记录，最近走访日期：空,"
		"贫困户花名册（2018-01-10）；走访记录（2018-01-12）\n"
		"no_visit_90_days,W,sure,0003,,张华,,乙村,超过规定天数没有走访，最近走访日期：2017-10-15,"
		"贫困户花名册（2018-01-10）；走访记录（2018-01-12）\n"
		"owns_car,W,sure,0001,341299********0010,王强,,甲村,王强在车辆登记中有小型轿车,贫困户花名册（2018-01-10）；车辆登记（2018-01-01）\n"
		"owns_car,W,probable,0002,341299********0010,李军,,甲村,李军在车辆登记中有小型轿车,贫困户花名册（2018-01-10）；车辆登记（2018-01-01）\n"
		"two_heads,B,sure,0003,,张华,,乙村,本户有2人的与户主关系为“户主”,贫困户花名册（2018-01-10）\n";
	struct check_result r;
	struct small s;
	struct buf csv;

	(void)state;
	buf_init(&csv, 1 << 20);
	small_town(&s);
	run(&s, &zh, &r, &csv);
	assert_string_equal(csv.p, expected);
	buf_release(&csv);
	arena_release(&s.arena);
}

/* The same town with its arrays turned round gives the same bytes. */
static void test_check__order_of_arrays(void **state)
{
	struct check_result r;
	struct small s, back;
	struct buf a, b;

	(void)state;
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	small_town(&s);
	run(&s, &zh, &r, &a);
	small_town(&back);
	for (int i = 0; i < HOUSES; i++)
		back.households[i] = s.households[HOUSES - 1 - i];
	for (int i = 0; i < PEOPLE; i++) {
		back.persons[i] = s.persons[PEOPLE - 1 - i];
		back.persons[i].household = HOUSES - 1 - back.persons[i].household;
	}
	for (int i = 0; i < 2; i++) {
		back.incomes[i] = s.incomes[1 - i];
		back.incomes[i].household = HOUSES - 1 - back.incomes[i].household;
		back.visits[i] = s.visits[1 - i];
		back.visits[i].household = HOUSES - 1 - back.visits[i].household;
	}
	for (int i = 0; i < ROWS; i++) {
		back.links[i] = s.links[ROWS - 1 - i];
		back.links[i].person = PEOPLE - 1 - back.links[i].person;
		back.links[i].household = HOUSES - 1 - back.links[i].household;
	}
	run(&back, &zh, &r, &b);
	assert_string_equal(a.p, b.p);
	buf_release(&a);
	buf_release(&b);
	arena_release(&s.arena);
	arena_release(&back.arena);
}

/* Nothing rests on the absence of a ledger that was not handed in. */
static void test_check__missing_ledgers(void **state)
{
	static const char *const absence[] = {"income_missing", "no_visit_90_days", "not_insured",
	                                      "no_helper", "not_in_population_register",
	                                      "dibao_attr_not_on_list", "no_measure"};
	struct check_result r;
	struct small s;
	struct buf csv;

	(void)state;
	buf_init(&csv, 1 << 20);
	small_town(&s);
	only_the_roster(&s);
	s.town.n_incomes = s.town.n_duties = s.town.n_visits = s.town.n_measures = s.town.n_contracts = 0;
	s.households[1].attr = code("attr", "dibao");
	run(&s, &zh, &r, &csv);
	for (size_t i = 0; i < r.n; i++) {
		for (size_t k = 0; k < sizeof(absence) / sizeof(absence[0]); k++)
			assert_string_not_equal(r.findings[i].rule->id, absence[k]);
	}
	arena_release(&s.arena);
	small_town(&s);
	s.ledgers[1].complete = false; /* partial */
	s.ledgers[2].replaced = true;
	run(&s, &zh, &r, &csv);
	assert_null(find(&r, "income_missing", "0003"));
	assert_null(find(&r, "no_visit_90_days", "0003"));
	buf_release(&csv);
	arena_release(&s.arena);
}

/* A column that no household of the village has filled was not handed in. */
static void test_check__needs(void **state)
{
	struct check_result r;
	struct small s;
	struct buf csv;

	(void)state;
	buf_init(&csv, 1 << 20);
	small_town(&s);
	s.households[1].cause_main = TOWN_NONE;
	run(&s, &zh, &r, &csv);
	assert_non_null(find(&r, "cause_missing", "0002"));
	s.households[0].cause_main = TOWN_NONE;
	s.households[2].cause_main = TOWN_NONE;
	run(&s, &zh, &r, &csv);
	assert_null(find(&r, "cause_missing", "0002"));
	buf_release(&csv);
	arena_release(&s.arena);
}

/* The columns of ledgers that a check of the command line keeps. */
static void test_check__columns_that_are_read(void **state)
{
	struct arena a;
	size_t all = 0, some = 0;

	(void)state;
	arena_init(&a, 1 << 20);
	const bool *const *columns = check_reads_columns(check, &a);
	for (size_t i = 0; i < pack->n_layouts; i++) {
		const struct pack_layout *l = &pack->layouts[i];
		for (size_t k = 0; k < l->n_columns; k++) {
			all++;
			some += columns[i][k];
			if (strcmp(l->id, "dibao") == 0 && strcmp(l->columns[k].id, "kind") == 0)
				assert_true(columns[i][k]); /* a fact is made of it, whatever rules read */
			if (l->columns[k].role == PACK_ROLE_SEQ)
				assert_false(columns[i][k]);
		}
	}
	assert_in_range(some, 10, all / 2);
	arena_release(&a);
}

/* Without full rights no whole number, telephone or health leaves. */
static void test_check__privacy(void **state)
{
	struct check_opts full = zh;
	struct check_result r;
	struct small s;
	struct buf csv;

	(void)state;
	buf_init(&csv, 1 << 20);
	small_town(&s);
	s.persons[2].id_raw = s.persons[2].id18 = STR("341299195401010011");
	s.persons[2].id_state = IDNO_CHECKSUM_BAD;
	s.persons[3].health = UINT64_C(3) << code("health", "healthy");
	run(&s, &zh, &r, &csv);
	assert_null(strstr(csv.p, "19540101001"));
	assert_non_null(find(&r, "id_checksum", "0002"));
	assert_string_equal(find(&r, "id_checksum", "0002")->person_id.p, "341299********0011");
	for (size_t i = 0; i < r.n; i++) {
		struct buf out;

		buf_init(&out, 1 << 20);
		check_explain(check, &r, &r.findings[i], false, &out);
		assert_null(strstr(out.p, "19540101001"));
		assert_null(strstr(out.p, "慢性病"));
		buf_release(&out);
	}
	full.full_ids = true;
	run(&s, &full, &r, &csv);
	assert_non_null(strstr(csv.p, "341299195401010011"));
	buf_release(&csv);
	arena_release(&s.arena);
}

static void test_check__two_households(void **state)
{
	struct check_result r;
	struct small s;
	struct buf csv;

	(void)state;
	buf_init(&csv, 1 << 20);
	small_town(&s);
	s.persons[1].id18 = s.persons[1].id_raw = s.persons[2].id18;
	run(&s, &zh, &r, &csv);
	assert_non_null(find(&r, "person_in_two_households", "0001"));
	assert_non_null(find(&r, "person_in_two_households", "0002"));
	assert_non_null(strstr(find(&r, "person_in_two_households", "0001")->detail.p, "0002"));
	buf_release(&csv);
	arena_release(&s.arena);
}

/* The sheet names no number of people and no year. */
static void test_facts__income(void **state)
{
	struct facts f;
	struct small s;

	(void)state;
	small_town(&s);
	s.incomes[0].year = TOWN_MISSING;
	s.households[0].declared_members = 4; /* two are listed, and the figure follows from two */
	facts_build(check_schema(check), &s.town, NULL, &s.arena, &f);
	assert_int_equal(f.income[0].year, 2017);
	assert_int_equal(f.income[0].members, 2);
	assert_int_equal(f.income[0].per_capita, 250000);
	s.incomes[0].stated_per_capita = 125000;
	facts_build(check_schema(check), &s.town, NULL, &s.arena, &f);
	assert_int_equal(f.income[0].members, 4);
	s.incomes[0].wage = INT64_MAX;
	s.incomes[0].property = INT64_MAX;
	facts_build(check_schema(check), &s.town, NULL, &s.arena, &f);
	assert_true(f.income[0].net == TOWN_MISSING); /* does not wrap */
	arena_release(&s.arena);
}

static int64_t most_households(const struct facts *f, size_t *ret_n)
{
	int64_t most = 0;

	for (size_t i = 0; i < f->n_helpers; i++)
		most = f->helper[i].households > most ? f->helper[i].households : most;
	*ret_n = f->n_helpers;
	return most;
}

/* Two telephones under one name and unit are two cadres; a row without a
 * telephone joins the only one of that name and unit. */
static void test_facts__helpers(void **state)
{
	struct town_duty d[] = {
		{.household = 0, .helper = STR("王明"), .unit = STR("卫生院"), .phone = STR("100")},
		{.household = 1, .helper = STR("王明"), .unit = STR("卫生院")},
		{.household = 2, .helper = STR("王明"), .unit = STR("镇政府"), .phone = STR("100")},
	};
	struct facts f;
	struct small s;
	size_t n;

	(void)state;
	small_town(&s);
	s.town.duties = d;
	s.town.n_duties = 3;
	facts_build(check_schema(check), &s.town, NULL, &s.arena, &f);
	assert_int_equal(most_households(&f, &n), 3);
	assert_int_equal(n, 1);
	d[2].phone = STR("200");
	d[2].unit = STR("卫生院");
	facts_build(check_schema(check), &s.town, NULL, &s.arena, &f);
	assert_int_equal(most_households(&f, &n), 1);
	assert_int_equal(n, 3);
	arena_release(&s.arena);
}

static void test_check__answers(void **state)
{
	struct check_result r;
	struct small s;
	struct buf csv;

	(void)state;
	buf_init(&csv, 1 << 20);
	small_town(&s);
	s.town.n_answers = 1;
	s.answers[0] = (struct town_answer){.rule = STR("two_heads"), .household = 102,
	                                    .outsider = TOWN_NONE, .state = STR("file_fixed"),
	                                    .given = 20180112, .recorded = 1000};
	run(&s, &zh, &r, &csv);
	assert_null(find(&r, "two_heads", "0003")); /* no roster came in after the answer */
	assert_int_equal(r.n_answered, 1);
	s.ledgers[0].received = 1001;
	run(&s, &zh, &r, &csv);
	assert_non_null(find(&r, "two_heads", "0003"));
	s.answers[0].state = STR("explained");
	s.answers[0].until = 20190112;
	run(&s, &zh, &r, &csv);
	assert_null(find(&r, "two_heads", "0003")); /* a new ledger does not matter */
	s.answers[0].until = 20180113;
	run(&s, &zh, &r, &csv);
	assert_non_null(find(&r, "two_heads", "0003"));
	buf_release(&csv);
	arena_release(&s.arena);
}

static void test_check__area_json_text(void **state)
{
	struct check_opts one = {.lang = LANG_EN, .village = 1};
	struct check_result r;
	struct small s;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	small_town(&s);
	run(&s, &one, &r, &out);
	assert_int_equal(r.n, 3);
	buf_clear(&out);
	findings_json(&r, &out);
	assert_non_null(strstr(out.p, "\"rule\":\"two_heads\""));
	buf_clear(&out);
	findings_text(&r, true, &out);
	assert_non_null(strstr(out.p, "more than one head"));
	buf_clear(&out);
	finding_key(&r.findings[2], &out);
	assert_string_equal(out.p, "two_heads/0003");
	assert_true(finding_matches(&r.findings[2], STR("two_heads/0003")));
	assert_true(finding_matches(&r.findings[2], STR("two_heads")));
	assert_false(finding_matches(&r.findings[2], STR("two_heads/0001")));
	buf_release(&out);
	arena_release(&s.arena);
}

/* ---- on record ---- */

struct desk {
	char dir[64];
	struct diag diag;
	struct keys *keys;
	struct db *db;
	struct journal *j;
};

static const struct record_desc *const tables[] = {&finding_desc};

static void desk_open(struct desk *d)
{
	struct db_opts o = {.mode = DB_CREATE, .county = "341299", .url = test_db_url(),
	                    .tables = tables, .n_tables = 1};

	*d = (struct desk){.dir = "/tmp/check_test.XXXXXX"};
	assert_non_null(mkdtemp(d->dir));
	assert_int_equal(db_open(d->dir, &o, &d->diag, &d->db), OK);
	assert_int_equal(keys_create(d->dir, NULL, &d->diag, &d->keys), OK);
	assert_int_equal(journal_open(d->db, d->keys, &d->j), OK);
}

static void desk_close(struct desk *d)
{
	journal_close(d->j);
	keys_close(d->keys);
	db_close(d->db);
	test_db_remove(d->dir);
}

static void tell(void *arg, const struct journal_report *r)
{
	(void)arg;
	fprintf(stderr, "%s %s %lld %s\n", journal_fault_text(r->fault, LANG_EN),
	        r->table ? r->table->name : "", (long long)r->no, r->detail ? r->detail : "");
}

static void record(struct desk *d, struct small *s, struct check_result *r)
{
	struct entry_info info = {.actor = "test", .command = "check --record"};

	assert_int_equal(record_answers(d->j, &s->arena, &s->town), OK);
	check_run(check, &s->town, &zh, &s->arena, r);
	struct record_moves *moves = NULL;
	bool anew = true;

	/* one by one comes to the same as all at once */
	assert_int_equal(record_moves_plan(d->j, check, r, &moves), OK);
	while (record_moves_left(moves)) {
		assert_int_equal(journal_begin(d->j, &info), OK);
		assert_int_equal(record_moves_write(moves, d->j, 1, &anew), OK);
		assert_int_equal(journal_commit(d->j, NULL), OK);
		assert_false(anew);
	}
	record_moves_free(moves);
	assert_int_equal(record_findings(d->j, &info, check, r), OK);
}

static struct finding_record on_record(struct desk *d, struct small *s,
                                       const struct check_result *r, const char *rule)
{
	struct finding_record ret = {0};
	struct finding_record *rows;
	size_t n;

	(void)r;
	assert_int_equal(stmt_records(db_all(d->db, &finding_desc), &finding_desc, &s->arena, &rows, &n), OK);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].rule, rule) == 0)
			ret = rows[i];
	}
	assert_non_null(ret.rule);
	return ret;
}

/* new -> answered -> reopened -> fixed, and a run that moves nothing writes nothing. */
static void test_record__life(void **state)
{
	struct record_answer answer = {.state = "file_fixed", .day = 20180112, .by = "村文书"};
	struct entry_info info = {.actor = "test"};
	struct journal_summary sum;
	struct finding_record f;
	struct check_result r;
	int64_t entries, *no;
	struct small s;
	struct desk d;
	bool changed;

	(void)state;
	desk_open(&d);
	small_town(&s);
	record(&d, &s, &r);
	assert_string_equal(on_record(&d, &s, &r, "two_heads").state, "new");
	assert_int_equal(record_numbers(d.j, &r, &s.arena, &no), OK);
	for (size_t i = 0; i < r.n; i++)
		assert_true(no[i] > 0);
	assert_int_equal(journal_verify(d.j, (struct str){0}, tell, NULL, &sum), OK);
	entries = sum.entries;
	record(&d, &s, &r);
	assert_int_equal(journal_verify(d.j, (struct str){0}, tell, NULL, &sum), OK);
	assert_int_equal(sum.entries, entries);

	f = on_record(&d, &s, &r, "two_heads");
	assert_int_equal(journal_begin(d.j, &info), OK);
	assert_int_equal(record_answer(d.j, pack, f.no, &answer, &changed), OK);
	assert_true(changed);
	assert_int_equal(journal_commit(d.j, NULL), OK);
	record(&d, &s, &r);
	assert_null(find(&r, "two_heads", "0003"));
	assert_string_equal(on_record(&d, &s, &r, "two_heads").state, "answered");

	s.ledgers[0].received = INT64_MAX; /* a roster handed in later still shows it */
	record(&d, &s, &r);
	f = on_record(&d, &s, &r, "two_heads");
	assert_string_equal(f.state, "reopened");
	assert_int_equal(f.reopened, 1);
	s.persons[4].relation = code("relation", "other");
	record(&d, &s, &r);
	assert_string_equal(on_record(&d, &s, &r, "two_heads").state, "fixed");

	only_the_roster(&s); /* a rule that cannot look closes nothing */
	record(&d, &s, &r);
	assert_string_equal(on_record(&d, &s, &r, "no_visit_90_days").state, "new");
	desk_close(&d);
	arena_release(&s.arena);
}

static int indicator(const char *id)
{
	for (size_t i = 0; i < pack->n_indicators; i++)
		if (strcmp(pack->indicators[i].id, id) == 0)
			return (int)i;
	fail_msg("no indicator %s", id);
	return -1;
}

/* Counted by hand on the small town; the figure of all stands last. */
static void expect(struct small *s, const struct check *c, const struct check_result *r,
                   const char *id, const bool *villages, int64_t numerator, int64_t denominator,
                   int64_t unknown)
{
	struct situation_figure *f;
	size_t n;

	situation_count(c, r, (size_t)indicator(id), villages, &s->arena, &f, &n);
	if (f[n - 1].numerator != numerator || f[n - 1].denominator != denominator ||
	    f[n - 1].unknown != unknown)
		fail_msg("%s: %lld of %lld, unknown %lld", id, (long long)f[n - 1].numerator,
		         (long long)f[n - 1].denominator, (long long)f[n - 1].unknown);
}

static void test_situation__small_town(void **state)
{
	static const bool second[] = {false, true};
	struct diag diag = {0};
	struct check *c;
	struct small s;
	struct check_result r;
	struct situation_figure *f;
	int32_t *rows;
	size_t n;

	(void)state;
	small_town(&s);
	assert_int_equal(check_new(pack, &diag, &c), OK);
	if (situation_add(c, &diag) != OK)
		fail_msg("%s %s %s", diag.place, err_name(diag.code), diag.detail);
	check_run(c, &s.town, &zh, &s.arena, &r);
	expect(&s, c, &r, "households", NULL, 3, 0, 0);
	expect(&s, c, &r, "households", second, 1, 0, 0);
	expect(&s, c, &r, "people", NULL, 5, 0, 0);
	expect(&s, c, &r, "exited_share", NULL, 1, 3, 0);
	/* 5,000.00 for two and 2,900.00 for one; the third has no account */
	expect(&s, c, &r, "income_per_head", NULL, 790000, 3, 0);
	expect(&s, c, &r, "below_line", NULL, 2, 2, 0);
	expect(&s, c, &r, "exited_below_line", NULL, 1, 1, 0);
	/* the insurance list speaks of no village: nothing is known of anybody */
	expect(&s, c, &r, "insured", NULL, 0, 0, 5);
	situation_count(c, &r, (size_t)indicator("causes"), NULL, &s.arena, &f, &n);
	assert_int_equal(f[n - 1].parts[code("cause", "skill")].count, 3);
	situation_households(c, &r, (size_t)indicator("below_line"), SITUATION_COUNTED, 0, NULL,
	                     &s.arena, &rows, &n);
	assert_int_equal(n, 2);
	assert_int_equal(rows[1], 1);
	situation_households(c, &r, (size_t)indicator("insured"), SITUATION_UNKNOWN, 0, second,
	                     &s.arena, &rows, &n);
	assert_int_equal(n, 1);
	check_free(c);
	arena_release(&s.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check__rules_own_rows),
		cmocka_unit_test(test_check__golden),
		cmocka_unit_test(test_check__order_of_arrays),
		cmocka_unit_test(test_check__missing_ledgers),
		cmocka_unit_test(test_check__needs),
		cmocka_unit_test(test_check__columns_that_are_read),
		cmocka_unit_test(test_check__privacy),
		cmocka_unit_test(test_check__two_households),
		cmocka_unit_test(test_facts__income),
		cmocka_unit_test(test_facts__helpers),
		cmocka_unit_test(test_check__answers),
		cmocka_unit_test(test_check__area_json_text),
		cmocka_unit_test(test_situation__small_town),
		cmocka_unit_test(test_record__life),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
