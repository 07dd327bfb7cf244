/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "link/compare.h"
#include "link/brief.h"
#include "link/fellegi.h"
#include "link/person.h"
#include "link/hanname.h"
#include "link/idno.h"
#include "link/place.h"

static struct idno id(const char *s)
{
	return idno_parse(str_c(s), false);
}

static void test_idno__forgives_what_offices_type(void **state)
{
	(void)state;
	const char *const forms[] = {
		"341299196507140010", " 3412 9919 6507 1400 10\u3000", "'341299196507140010",
		"=\"341299196507140010\"", "３４１２９９１９６５０７１４００１０", "341299-19650714-0010",
		"\u201C341299196507140010\u201D", "身份证：341299196507140010", "341299196507140010.0",
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct idno n = id(forms[i]);
		assert_string_equal(n.id18, "341299196507140010");
		assert_true(idno_ok(&n));
		assert_int_equal(n.birth, 19650714);
		assert_int_equal(n.sex, SEX_MALE);
	}
	struct idno x = id("11010519491231002x");
	assert_string_equal(x.id18, "11010519491231002X");
	assert_true(idno_ok(&x));
	assert_int_equal(x.sex, SEX_FEMALE);
}

static void test_idno__flags(void **state)
{
	(void)state;
	assert_int_equal(id("341299196507140011").flags, IDNO_CHECKSUM_BAD);
	assert_int_equal(id("341299200602290016").flags, IDNO_DATE_BAD);
	assert_int_equal(id("34129919650714001").flags, IDNO_LEN_BAD);
	assert_int_equal(id("").n, 0);
	assert_int_equal(id("无").n, 0);
	assert_int_equal(id("—").n, 0);
	assert_int_equal(id("不详").flags, 0);
	assert_true(id("341299********0010").flags & IDNO_MASKED);
	assert_int_equal(id("34129919650714O010").flags & IDNO_CHARS_BAD, IDNO_CHARS_BAD);
	struct idno old = id("341299650714001");
	assert_string_equal(old.id18, "341299196507140010");
	assert_int_equal(old.flags, IDNO_FROM_15);
	assert_true(idno_ok(&old));
	struct idno card = id("34129919650714001043");
	assert_string_equal(card.id18, "341299196507140010");
	assert_int_equal(card.flags, IDNO_FROM_CARD);
	assert_int_equal(card.card[0] * 10 + card.card[1], 43);
	assert_string_equal(id("3412991965071400104301").id18, "341299196507140010");
	char big[200];
	memset(big, '1', sizeof(big));
	assert_int_equal(idno_parse((struct str){big, sizeof(big)}, false).n, 0);
}

static void test_idno__lossy(void **state)
{
	(void)state;
	struct idno full = id("341299196507140010"), x = id("11010519491231002X");
	const char *const forms[] = {"3.4129919650714E+17", "3.41299196507140E+17", "3.4129919650714e17"};
	for (size_t i = 0; i < 3; i++) {
		struct idno l = id(forms[i]);
		assert_true(l.flags & IDNO_LOSSY);
		assert_false(l.flags & IDNO_CHECKSUM_BAD);
		assert_int_equal(l.birth, 19650714);
		assert_int_equal(idno_relate(&l, &full),
		                 l.known >= 14 ? IDNO_SAME_15 : IDNO_NO_RELATION);
	}
	struct idno shown = id("3.41299E+17");
	assert_int_equal(shown.known, 6);
	assert_int_equal(shown.birth, 0);
	assert_int_equal(idno_relate(&shown, &full), IDNO_NO_RELATION);
	struct idno cell = idno_parse(STR("341299196507140032"), true);
	assert_int_equal(idno_relate(&cell, &full), IDNO_SAME_15);
	struct idno tail = id("110105194912310000");
	assert_true(tail.flags & IDNO_LOSSY);
	assert_int_equal(idno_relate(&tail, &x), IDNO_SAME_15);
	struct idno other = id("341299196507150010");
	assert_int_equal(idno_relate(&cell, &other), IDNO_NO_RELATION);
}

static void test_idno__relations(void **state)
{
	(void)state;
	struct idno a = id("341299196507140010");
	const struct {
		const char *text;
		enum idno_relation relation;
	} cases[] = {
		{"341299196507140010", IDNO_SAME},        {"341299650714001", IDNO_SAME},
		{"341299196507149010", IDNO_ONE_DIGIT},   {"341299196570140010", IDNO_SWAP},
		{"34129919650714010", IDNO_ONE_LENGTH},   {"3412991196507140010", IDNO_ONE_LENGTH},
		{"341299****07140010", IDNO_SAME_MASKED}, {"341299196507140", IDNO_NO_RELATION},
		{"341299196811030027", IDNO_NO_RELATION}, {"", IDNO_NO_RELATION},
		{"341299650714002", IDNO_ONE_DIGIT},      {"341299196507140029", IDNO_TWO_DIGITS},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct idno b = id(cases[i].text);
		assert_int_equal(idno_relate(&a, &b), cases[i].relation);
		assert_int_equal(idno_relate(&b, &a), cases[i].relation);
	}
}

static void test_idno__repairs_hold_the_true_number(void **state)
{
	(void)state;
	char list[64][19];
	const char *const bad[] = {"341299196507140011", "341299196507140910", "341299196570140010",
	                           "341299195607140010"};
	for (size_t i = 0; i < 4; i++) {
		struct idno b = id(bad[i]);
		size_t n = idno_repairs(&b, list, 64);
		bool found = false;
		assert_true(n > 0 && n < 40);
		for (size_t k = 0; k < n; k++) {
			struct idno fixed = id(list[k]);
			assert_true(idno_ok(&fixed));
			found |= strcmp(list[k], "341299196507140010") == 0;
		}
		assert_true(found);
	}
	struct idno good = id("341299196507140010");
	assert_int_equal(idno_repairs(&good, list, 64), 0);
}

static void test_idno__uscc(void **state)
{
	(void)state;
	char code[19] = "untouched";
	assert_false(uscc_parse(STR("91341299MA00000074"), code));
	assert_false(uscc_parse(STR("341299196507140010"), code));
	assert_string_equal(code, "untouched");
	assert_true(uscc_parse(STR(" 91341299ma00000075"), code));
	assert_string_equal(code, "91341299MA00000075");
	assert_true(uscc_parse(STR("93341299MA0000015R"), code));
}

static void test_sex__words(void **state)
{
	(void)state;
	assert_int_equal(sex_parse(STR(" 男 ")), SEX_MALE);
	assert_int_equal(sex_parse(STR("２")), SEX_FEMALE);
	assert_int_equal(sex_parse(STR("2-女")), SEX_FEMALE);
	assert_int_equal(sex_parse(STR("未知")), SEX_UNKNOWN);
	assert_int_equal(sex_parse(STR("未说明的性别")), SEX_UNKNOWN);
}

/* Published examples (Winkler 1990; Navarro 2001) and values of R stringdist 0.9.10. */
static void test_compare__known_values(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1 << 20);
#define P(s) points_of(&a, STR(s))
	assert_float_equal(compare_jaro(&a, P("MARTHA"), P("MARHTA")), 0.944444444444, 1e-11);
	assert_float_equal(compare_jaro_winkler(&a, P("MARTHA"), P("MARHTA"), 0.1), 0.961111111111, 1e-11);
	assert_float_equal(compare_jaro_winkler(&a, P("DWAYNE"), P("DUANE"), 0.1), 0.84, 1e-12);
	assert_float_equal(compare_jaro(&a, P("DIXON"), P("DICKSONX")), 0.766666666667, 1e-11);
	assert_int_equal(compare_levenshtein(&a, P("kitten"), P("sitting")), 3);
	assert_int_equal(compare_levenshtein(&a, P("郑敏玉"), P("郑")), 2);
	assert_int_equal(compare_osa(&a, P("ca"), P("abc")), 3);
	assert_int_equal(compare_damerau(&a, P("ca"), P("abc")), 2);
	assert_int_equal(compare_lcs(&a, P("ca"), P("abc")), 3);
	assert_float_equal(compare_cosine(&a, P("DWAYNE"), P("DUANE"), 2), 0.77639320225002106, 1e-12);
	assert_float_equal(compare_jaccard(&a, P("DWAYNE"), P("DUANE"), 2), 0.875, 1e-12);
	assert_true(isnan(compare_cosine(&a, P("曾敏"), P("曾"), 2)));
	assert_true(isnan(compare_jaccard(&a, P("a"), P("a"), 2)));
	assert_float_equal(compare_cosine(&a, P("a"), P("a"), 2), 0, 0);
	assert_float_equal(compare_jaro(&a, P(""), P("")), 1, 0);
	assert_float_equal(compare_jaro(&a, P(""), P("a")), 0, 0);
#undef P
	assert_float_equal(compare_token_sets(&a, STR("a b c"), STR("c, b；d")), 0.5, 1e-12);
	assert_float_equal(compare_token_sets(&a, STR(" "), STR("")), 0, 0);
	arena_release(&a);
}

/* a,b and eight values of R stringdist, empty where it has none */
static void check_strings(struct arena *a, char *line)
{
	char *cell[10], *end = line;
	for (int i = 0; i < 10; i++) {
		cell[i] = end;
		end += strcspn(end, ",\r\n");
		if (*end)
			*end++ = '\0';
	}
	struct points x = points_of(a, str_c(cell[0])), y = points_of(a, str_c(cell[1]));
	const double got[] = {(double)compare_levenshtein(a, x, y), (double)compare_osa(a, x, y),
	                      (double)compare_damerau(a, x, y), (double)compare_lcs(a, x, y),
	                      compare_jaro(a, x, y), compare_jaro_winkler(a, x, y, 0.1),
	                      compare_cosine(a, x, y, 2), compare_jaccard(a, x, y, 2)};
	for (int k = 0; k < 8; k++) {
		double want = *cell[2 + k] ? strtod(cell[2 + k], NULL) : (double)NAN;
		if (isnan(want) ? !isnan(got[k]) : !(fabs(got[k] - want) <= 1e-12))
			fail_msg("%s %s column %d: %.17g, not %s", cell[0], cell[1], k, got[k], cell[2 + k]);
	}
}

static void test_compare__agrees_with_stringdist(void **state)
{
	(void)state;
	struct arena a;
	char line[1024];
	int n = 0;
	arena_init(&a, 0);
	FILE *f = fopen(TEST_DATA "/reference/strings/stringdist.csv", "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	for (; fgets(line, sizeof(line), f); n++) {
		check_strings(&a, line);
		arena_clear(&a);
	}
	fclose(f);
	arena_release(&a);
	assert_true(n > 800);
}

/* Pairs made with known m, u and share of matches: they are found again. */
static void test_fellegi__finds_what_was_planted(void **state)
{
	(void)state;
	enum { FIELDS = 4, PAIRS = 40000 };
	static const double m[FIELDS] = {0.95, 0.9, 0.8, 0.7}, u[FIELDS] = {0.02, 0.1, 0.05, 0.3};
	static const enum attribute_kind kinds[FIELDS] = {ATTRIBUTE_EXACT, ATTRIBUTE_EXACT,
	                                                  ATTRIBUTE_EXACT, ATTRIBUTE_EXACT};
	const double share = 0.15;
	struct pattern *p = calloc(PAIRS, sizeof(*p));
	double (*counts)[ATTRIBUTE_LEVELS_MAX] = calloc(FELLEGI_FIELDS_MAX, sizeof(*counts));
	struct fellegi_learnt *got = calloc(1, sizeof(*got));
	struct fellegi *f = calloc(1, sizeof(*f));
	size_t same = attribute_levels(ATTRIBUTE_EXACT) - 1, other = 1;
	if (!attribute_level_same(ATTRIBUTE_EXACT, same)) {
		same = 1;
		other = 2;
	}
	uint64_t z = 7;
	for (int i = 0; i < PAIRS; i++) {
		bool match = i < share * PAIRS;
		p[i].count = 1;
		for (int k = 0; k < FIELDS; k++) {
			z = z * 6364136223846793005u + 1442695040888963407u;
			double x = (double)(z >> 11) / 9007199254740992.0;
			bool agree = (x - 0.05) / 0.95 < (match ? m[k] : u[k]);
			p[i].level[k] = x < 0.05 ? 0 : (uint8_t)(agree ? same : other);
		}
	}
	fellegi_init(f, kinds, FIELDS);
	for (int k = 0; k < FIELDS; k++) {
		counts[k][same] = u[k] * 1e6;
		counts[k][other] = (1 - u[k]) * 1e6;
	}
	fellegi_set_u(f, (const double (*)[ATTRIBUTE_LEVELS_MAX])counts);
	fellegi_em(f, p, PAIRS, UINT32_MAX, got);
	assert_float_equal(got->matches / PAIRS, share, 0.01);
	for (int k = 0; k < FIELDS; k++)
		assert_float_equal(got->m[k][same], m[k], 0.02);
	free(p);
	free(counts);
	free(got);
	free(f);
}

/* ---- brief forms ---- */

static uint64_t next_number(uint64_t *z)
{
	*z = *z * 6364136223846793005u + 1442695040888963407u;
	return *z >> 33;
}

/* One of the values, as it is or with a slip. */
static struct str some_value(uint64_t *z, const char *const *values, size_t n, char *buf)
{
	struct str s = str_c(values[next_number(z) % n]);
	memcpy(buf, s.p, s.n);
	size_t at = s.n ? next_number(z) % s.n : 0;
	if (s.n > 1 && next_number(z) % 3 == 0 && buf[at] >= '0' && buf[at] <= '9')
		buf[at] = (char)('0' + next_number(z) % 10);
	if (s.n > 1 && next_number(z) % 6 == 0 && at + 1 < s.n && buf[at] >= '0' && buf[at + 1] >= '0' &&
	    (buf[at] | buf[at + 1]) < 0x7F) {
		char c = buf[at];
		buf[at] = buf[at + 1];
		buf[at + 1] = c;
	}
	return (struct str){buf, s.n};
}

static const char *const brief_values[ATTRIBUTE_KIND_MAX][14] = {
	[ATTRIBUTE_EXACT] = {"", "a", "b", "汉族", "回族", "something longer than it"},
	[ATTRIBUTE_CODE] = {"", "10012345678", "10012345687", "1001234567", "12", "AB-1234/77",
	                    "123456789012345678901234"},
	[ATTRIBUTE_DATE] = {"", "1980 02 03", "19800203", "1980 03 02", "03/02/1980", "1970", "谁知道"},
	[ATTRIBUTE_NAME] = {"", "smith", "smyth", "jones", "o neill", "wolfeschlegelstein"},
	[ATTRIBUTE_NAMES] = {"", "john\tsmith", "smith\tjohn", "jon\tsmyth", "john\t", "\tsmith"},
	[ATTRIBUTE_TEXT] = {"", "12 high street", "high street 12", "flat 3 low road", "x"},
	[ATTRIBUTE_HANNAME] = {"", "张伟明", "张明伟", "章伟明", "张伟", "王芳（曾用名：王芳兰）", "王芳兰",
	                       "欧阳修文", "買買提 艾力江", "张□明", "張偉明", "?", "李氏"},
	[ATTRIBUTE_IDNO] = {"", "341299198002030013", "341299198002030021", "341299800203001",
	                    "34129919800203001X", "341299198002030013 43", "3.41299E+17",
	                    "341299********0013", "34129919800203", "x", "341299199012120030"},
	[ATTRIBUTE_SEX] = {"", "男", "女", "m", "不详", "2"},
	[ATTRIBUTE_PLACE] = {"", "八里河镇\t万台村", "八里河镇\t万太村", "半岗镇\t单庄村委会",
	                     "颍上县八里河镇万台村7组", "半岗镇山庄", "\t万台", "八里河镇\t",
	                     "江店孜镇\t新安江口社区居委会", "颍上县半岗镇"},
};

static void test_brief__levels_are_those_of_the_texts(void **state)
{
	(void)state;
	struct arena a;
	uint64_t z = 11;
	size_t brief = 0, all = 0;
	arena_init(&a, 0);
	struct brief_reading *r = calloc(1, sizeof(*r));
	for (int k = 0; k < ATTRIBUTE_KIND_MAX; k++) {
		enum attribute_kind kind = (enum attribute_kind)k;
		size_t n = 1;
		while (n < 14 && brief_values[k][n])
			n++;
		for (int i = 0; i < 4000; i++) {
			char left[128], right[128];
			struct str x = some_value(&z, brief_values[k], n, left);
			struct str y = some_value(&z, brief_values[k], n, right);
			size_t want = attribute_compare(kind, x, y, &a);
			brief_read(r, kind, y);
			size_t got = brief_compare(brief_of(kind, x), r, &a);
			all++;
			brief += got != BRIEF_LONG;
			if (got != BRIEF_LONG && got != want)
				fail_msg("%s: %.*s / %.*s: %s, by text %s", attribute_kind_name(kind), STR_ARG(x),
				         STR_ARG(y), attribute_level_text(kind, got), attribute_level_text(kind, want));
			arena_clear(&a);
		}
	}
	assert_true(brief * 4 > all * 3);
	free(r);
	arena_release(&a);
}

/* ---- people ---- */

static void test_person__births(void **state)
{
	(void)state;
	const struct {
		date_t a, b;
		enum person_birth want;
	} cases[] = {
		{0, 19800203, PERSON_BIRTH_MISSING},        {19800203, 19800203, PERSON_BIRTH_DAY},
		{19800203, 19800302, PERSON_BIRTH_NEAR},    {19800203, 19800213, PERSON_BIRTH_NEAR},
		{19800203, 19810203, PERSON_BIRTH_NEAR},    {19800203, 19801203, PERSON_BIRTH_NEAR},
		{19800203, 19800315, PERSON_BIRTH_NEAR},    {19800315, 19800203, PERSON_BIRTH_NEAR},
		{19800203, 19800401, PERSON_BIRTH_DIFFERS}, {19800203, 19750814, PERSON_BIRTH_DIFFERS},
		{19891203, 19891230, PERSON_BIRTH_NEAR},    {19901105, 19091105, PERSON_BIRTH_NEAR},
		{19800000, 19800203, PERSON_BIRTH_YEAR},    {19800203, 19800200, PERSON_BIRTH_MONTH},
		{19800000, 19800000, PERSON_BIRTH_YEAR},    {19810000, 19800203, PERSON_BIRTH_DIFFERS},
		{19800300, 19800203, PERSON_BIRTH_DIFFERS},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(person_births(cases[i].a, cases[i].b), cases[i].want);
		assert_int_equal(person_births(cases[i].b, cases[i].a), cases[i].want);
	}
}

/* Shares are shares, better levels are worth more, rare names more than frequent ones. */
static void test_person__weights(void **state)
{
	(void)state;
	struct person_weights *w = calloc(1, sizeof(*w)), *large = calloc(1, sizeof(*large));
	person_weigh(w, 40000, 15);
	person_weigh(large, 1000000, 4000);
	for (size_t k = 0; k < PERSON_FIELDS; k++) {
		double m = 0, u = 0;
		const struct fellegi_field *f = &w->f.field[k];
		for (size_t l = 1; l < f->levels; l++) {
			/* each precision of a birth date is a field of its own */
			bool other = k == PERSON_BIRTH && l > PERSON_BIRTH_NEAR && l < PERSON_BIRTH_DAY;
			bool counts = f->m[l] < 1 && !other;
			m += counts ? f->m[l] : 0;
			u += counts ? f->u[l] : 0;
		}
		if (k != PERSON_HOUSEHOLD) /* its number or its head's name */
			assert_float_equal(m, 1, 0.005);
		assert_true(u < 1.05);
	}
	for (size_t l = 2; l < PERSON_BIRTH_MAX; l++)
		assert_true(w->bits[PERSON_BIRTH][l] > w->bits[PERSON_BIRTH][l - 1]);
	for (uint32_t n = 2; n < 3000; n++)
		assert_true(person_rarity(w, n) <= person_rarity(w, n - 1));
	assert_int_equal(person_rarity(w, 0), 400);
	assert_int_equal(person_rarity(w, 40000), -400);
	assert_in_range(w->bits[PERSON_NAME][HANNAME_SAME] + person_rarity(large, 500), 1090, 1110);
	assert_true(large->bits[PERSON_VILLAGE][PERSON_AGREES] > w->bits[PERSON_VILLAGE][PERSON_AGREES]);
	assert_in_range(w->bits[PERSON_NUMBER][IDNO_SAME], 2550, 2650);
	free(w);
	free(large);
}

static void test_attribute__codes_one_slip_apart(void **state)
{
	(void)state;
	const struct {
		const char *a, *b, *want;
	} cases[] = {
		{"1234567", "1234567", "same"},          {"1234567", "1234568", "one character"},
		{"1234567", "123467", "one character"},  {"1234567", "12345567", "one character"},
		{"1234567", "1234576", "two swapped"},   {"1234567", "2134567", "two swapped"},
		{"1234567", "1234999", "begins alike"},  {"1234567", "9994567", "different"},
		{"12", "13", "different"},               {"皖K12345", "皖K12354", "two swapped"},
		{"皖K12345", "豫K12345", "one character"}, {"豫晋皖1", "晋豫皖1", "two swapped"},
		{"中囤1234", "中国1234", "one character"},
	};
	struct arena a;
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t l = attribute_compare(ATTRIBUTE_CODE, str_c(cases[i].a), str_c(cases[i].b), &a);
		assert_string_equal(attribute_level_text(ATTRIBUTE_CODE, l), cases[i].want);
	}
	arena_release(&a);
}

static void test_attribute__normal_form(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"  O'Neill-Smith, JR. ", "o neill smith jr"}, {"1980-02-03", "1980 02 03"},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"},
		{"颍上县八里河镇A组", "颍上县八里河镇a组"}, {"...", ""}, {"12345678-Z", "12345678 z"},
		{"@[`{/:12345678", "@[`{/:12345678"}, {"12 \t  345678901 ", "12 345678901"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[128] = {0};
		size_t n = attribute_normal(str_c(cases[i][0]), out);
		assert_true(n <= strlen(cases[i][0]));
		assert_string_equal(out, cases[i][1]);
		/* in its own place, too */
		char own[128] = {0};
		memcpy(own, cases[i][0], strlen(cases[i][0]));
		assert_int_equal(attribute_normal((struct str){own, strlen(cases[i][0])}, own), n);
		assert_memory_equal(own, out, n);
	}
}

static void test_hanname__classes(void **state)
{
	(void)state;
	const struct {
		const char *a, *b;
		enum hanname_class want;
	} cases[] = {
		{"张三", "张 三", HANNAME_SAME},
		{"张三", "张　三", HANNAME_SAME},
		{"王芳（女）", "王芳", HANNAME_SAME},
		{"王芳2", "王芳", HANNAME_SAME},
		{"户主：王芳", "王芳", HANNAME_SAME},
		{"王小芳（曾用名：王芳兰）", "王芳兰", HANNAME_SAME},
		{"阿依古丽·买买提", "阿依古丽买买提", HANNAME_SAME},
		{"張國強", "张国强", HANNAME_VARIANT},
		{"刘峯", "刘峰", HANNAME_VARIANT},
		{"萧鑫军", "肖鑫军", HANNAME_VARIANT},
		{"付伟", "傅伟", HANNAME_VARIANT},
		{"任宇杰", "任宇洁", HANNAME_HOMOPHONE},
		{"王波强", "汪波强", HANNAME_HOMOPHONE},
		{"曾敏", "增敏", HANNAME_HOMOPHONE},
		{"单立", "山立", HANNAME_HOMOPHONE},
		{"单立", "丹立", HANNAME_HOMOPHONE},
		{"仇英", "邱英", HANNAME_HOMOPHONE},
		{"李己", "李已", HANNAME_LOOKALIKE},
		{"王秀未", "王秀末", HANNAME_LOOKALIKE},
		{"王?芳", "王丽芳", HANNAME_HOLES},
		{"王□芳", "王丽芳", HANNAME_HOLES},
		{"张*", "张强", HANNAME_HOLES},
		{"王芳", "王丽芳", HANNAME_MISSING_CHAR},
		{"王芳丽", "王丽芳", HANNAME_SWAPPED},
		{"陈兰", "陈南", HANNAME_NEAR_SOUND},
		{"张林英", "张宁英", HANNAME_NEAR_SOUND},
		{"程铭椿", "陈明春", HANNAME_NEAR_SOUND},
		{"王大伟", "王大海", HANNAME_ONE_CHAR},
		{"王李氏", "李秀英", HANNAME_MARRIED},
		{"王伟", "王海", HANNAME_SURNAME},
		{"王大伟", "王小海", HANNAME_SURNAME},
		{"王伟", "李强", HANNAME_DIFFERENT},
		{"王伟", "", HANNAME_MISSING},
		{"**", "李强", HANNAME_DIFFERENT},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum hanname_class c = hanname_compare_text(str_c(cases[i].a), str_c(cases[i].b));
		if (c != cases[i].want)
			print_message("case %zu\n", i);
		assert_int_equal(c, cases[i].want);
		assert_int_equal(hanname_compare_text(str_c(cases[i].b), str_c(cases[i].a)), c);
	}
}

static void test_hanname__keys(void **state)
{
	(void)state;
	struct hanname a = hanname_parse(STR("張國強")), b = hanname_parse(STR("张 国强"));
	struct hanname c = hanname_parse(STR("章国墙")), d = hanname_parse(STR("欧阳小明"));
	assert_true(hanname_key(&a) == hanname_key(&b));
	assert_true(hanname_key(&a) != hanname_key(&c));
	assert_true(hanname_sound_key(&a) == hanname_sound_key(&c));
	assert_int_equal(hanname_surname(&d), 2);
	struct buf out;
	buf_init(&out, 100);
	struct hanname e = hanname_parse(STR("曾单"));
	hanname_reading(&e, &out);
	assert_string_equal(out.p, "zeng dan");
	buf_release(&out);
	struct hanname none = hanname_parse(STR("（女）"));
	assert_int_equal(none.n, 0);
	assert_true(hanname_key(&none) == 0);
	assert_int_equal(hanname_former(STR("王芳（户主）")).n, 0);
}

static void test_place__habits_of_naming(void **state)
{
	(void)state;
	struct place_index *x = place_index_new();
	place_index_add(x, STR("万台村"), 0);
	place_index_add(x, STR("渔民社区"), 1);
	place_index_add(x, STR("镇北村"), 2);
	place_index_add(x, STR("王家村"), 3);
	place_index_add(x, STR("王家社区"), 4);
	place_index_add(x, STR("万台新村"), 5);
	place_index_add(x, STR("老张庄"), 0);
	place_index_add(x, STR("341226115003"), 3);
	const struct {
		const char *text;
		int32_t area;
	} cases[] = {
		{"万台", 0}, {"万台村委会", 0}, {"八里河镇万台村委会9组", 0}, {" 万台 村", 0},
		{"安徽省阜阳市颍上县八里河镇万台村第七村民组", 0}, {"万台行政村张沟自然村", 0},
		{"渔民社区居民委员会", 1}, {"颍上县八里河镇渔民社区居委会3组", 1}, {"渔民居委会", 1},
		{"八里河镇镇北村", 2}, {"镇北村", 2}, {"王家社区居委会", 4}, {"王家村村民委员会", 3},
		{"王家", PLACE_NONE}, {"万台新村", 5}, {"八里河镇老张庄12号", 0}, {"341226115003", 3},
		{"颍上县慎城镇城北新区26栋", PLACE_NONE}, {"", PLACE_NONE}, {"村", PLACE_NONE},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (place_find(x, str_c(cases[i].text)) != cases[i].area)
			print_message("case %zu\n", i);
		assert_int_equal(place_find(x, str_c(cases[i].text)), cases[i].area);
	}
	place_index_free(x);
}

/* Plain cells are read at once; a blank before them takes the long way. */
static void test_idno__plain_cells_as_any_other(void **state)
{
	(void)state;
	uint64_t seed = 5;
	for (int k = 0; k < 50000; k++) {
		char text[20] = " ";
		for (int i = 1; i <= 18; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			text[i] = (char)('0' + (seed >> 33) % (i == 7 ? 3 : i == 11 ? 2 : i == 13 ? 4 : 10));
		}
		if (k % 2)
			text[18] = idno_check_char(text + 1);
		if (k % 7 == 0)
			text[18] = 'X';
		if (k % 50 == 0)
			memcpy(text + 16, "000", 3);
		struct idno plain = id(text + 1), other = id(text);
		assert_string_equal(plain.id18, other.id18);
		assert_int_equal(plain.n, other.n);
		assert_int_equal(plain.known, other.known);
		assert_int_equal(plain.flags, other.flags);
		assert_int_equal(plain.sex, other.sex);
		assert_int_equal(plain.birth, other.birth);
	}
}

static void test_hanname__short_form_is_the_name(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool fits;
	} cases[] = {
		{"王芳", true}, {"欧阳明月", true}, {"王 芳2", true}, {"买买提·艾力", false}, {"王□", false},
		{"王芳(曾用名李芳)", false}, {"", false}, {"Anna", false}, {"𠮷田", false}, {"一丁", true},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hanname n = hanname_parse(str_c(cases[i].text));
		uint16_t s[HANNAME_SHORT];
		assert_int_equal(hanname_shorten(&n, s), cases[i].fits);
		assert_int_equal(s[0] != 0, cases[i].fits);
		if (!cases[i].fits)
			continue;
		struct hanname back = hanname_unshorten(s);
		assert_int_equal(back.n, n.n);
		assert_memory_equal(back.cp, n.cp, n.n * sizeof(n.cp[0]));
		assert_int_equal(hanname_key(&back), hanname_key(&n));
		char room[HANNAME_SHORT_BYTES];
		struct str text = hanname_short_text(s, room);
		bool plain = str_eq(text, str_c(cases[i].text));
		assert_int_equal(plain, strcmp(cases[i].text, "王 芳2") != 0);
		struct hanname again = hanname_parse(text);
		assert_int_equal(hanname_compare(&again, &n), HANNAME_SAME);
	}
}

/* The plain twin of place_group: reads forward, character by character. */
static int32_t group_read_forward(struct str text)
{
	static const char *const words[] = {"村民小组", "居民小组", "村民组", "居民组",
	                                    "生产队", "小组", "组", "队"};
	static const char numerals[] = "0123456789〇一二三四五六七八九十０１２３４５６７８９";
	struct str digit[8];
	int32_t found = 0;
	size_t n = 0, pos = 0;
	for (size_t from = 0; utf8_next(text, &pos) >= 0; from = pos) {
		struct str c = str_sub(text, from, pos - from), rest;
		if (str_is(c, " ") || str_is(c, "\u3000"))
			continue;
		if (!utf8_valid(c) || str_find(STR(numerals), c) == SIZE_MAX) {
			n = 0;
			continue;
		}
		if (n == 8)
			memmove(digit, digit + 1, --n * sizeof(digit[0]));
		digit[n++] = c;
		rest = str_trim(str_sub(text, pos, text.n));
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
			if (!str_starts(rest, str_c(words[w])))
				continue;
			struct buf b;
			buf_init(&b, 100);
			for (size_t i = 0; i < n; i++)
				buf_addstr(&b, digit[i]);
			found = place_group_column(buf_str(&b));
			buf_release(&b);
		}
	}
	return found;
}

static void test_place__group_as_its_plain_twin(void **state)
{
	(void)state;
	static const char *const pieces[] = {
		"组", "队", "小组", "村民", "村民小组", "居民组", "生产队", "社", "村", "八", "十", "二",
		"〇", "1", "7", "0", "９", " ", "\u3000", "\u00A0", "\t", "第", "x", "\xE7\xBB", "\xE4",
		"\x84", "\xFF",
	};
	uint64_t seed = 20180114;
	for (int k = 0; k < 200000; k++) {
		char text[64];
		size_t n = 0;
		for (int parts = k % 12; parts-- > 0;) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			const char *p = pieces[(seed >> 33) % (sizeof(pieces) / sizeof(pieces[0]))];
			if (n + strlen(p) > sizeof(text))
				break;
			memcpy(text + n, p, strlen(p));
			n += strlen(p);
		}
		struct str s = {text, n};
		if (place_group(s) != group_read_forward(s))
			print_message(STR_FMT "\n", STR_ARG(s));
		assert_int_equal(place_group(s), group_read_forward(s));
	}
}

static void test_place__groups(void **state)
{
	(void)state;
	assert_int_equal(place_group(STR("八里河镇万台村委会9组")), 9);
	assert_int_equal(place_group(STR("第七村民组")), 7);
	assert_int_equal(place_group(STR("万台村十二组")), 12);
	assert_int_equal(place_group(STR("二十三队 5号")), 23);
	assert_int_equal(place_group(STR("１２ 组")), 12);
	assert_int_equal(place_group(STR("王庄组")), 0);
	assert_int_equal(place_group_column(STR(" 7 ")), 7);
	assert_int_equal(place_group_column(STR("第十二")), 12);
	assert_int_equal(place_group_column(STR("七组")), 7);
	assert_int_equal(place_group_column(STR("王庄")), 0);
	assert_int_equal(place_group_column(STR("123456789012")), 0);
	assert_int_equal(place_group(STR("99999999999999组")), 0);
	assert_int_equal(place_group(STR("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idno__forgives_what_offices_type),
		cmocka_unit_test(test_idno__flags),
		cmocka_unit_test(test_idno__lossy),
		cmocka_unit_test(test_idno__relations),
		cmocka_unit_test(test_idno__repairs_hold_the_true_number),
		cmocka_unit_test(test_idno__uscc),
		cmocka_unit_test(test_sex__words),
		cmocka_unit_test(test_compare__known_values),
		cmocka_unit_test(test_hanname__classes),
		cmocka_unit_test(test_hanname__keys),
		cmocka_unit_test(test_place__habits_of_naming),
		cmocka_unit_test(test_place__groups),
		cmocka_unit_test(test_compare__agrees_with_stringdist),
		cmocka_unit_test(test_fellegi__finds_what_was_planted),
		cmocka_unit_test(test_brief__levels_are_those_of_the_texts),
		cmocka_unit_test(test_person__births),
		cmocka_unit_test(test_person__weights),
		cmocka_unit_test(test_attribute__codes_one_slip_apart),
		cmocka_unit_test(test_attribute__normal_form),
		cmocka_unit_test(test_idno__plain_cells_as_any_other),
		cmocka_unit_test(test_hanname__short_form_is_the_name),
		cmocka_unit_test(test_place__group_as_its_plain_twin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
