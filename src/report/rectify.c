/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/rectify.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"

#include "base/banned.h"

const char *const rectify_heads[RECTIFY_COLUMN_MAX] = {
	"序号",     "组",       "户编号",   "户主",     "涉及人",   "证件号码",
	"要核实的问题", "台账上怎么写的", "依据的台账", "由谁更正", "程度",     "核实情况",
	"情况说明", "佐证材料", "核实人",   "核实日期", "行键",
};

const struct rectify_answer rectify_answers[] = {
	{"属实已更正", "file_fixed"},
	{"属实待更正", "pending"},
	{"原台账有误", "ledger_wrong"},
	{"情况属实但有正当理由(豁免)", "explained"},
	{"已报上级处理", "policy_action"},
	{"暂未核实", ""},
	{NULL, NULL},
};

enum { ANSWERS = sizeof(rectify_answers) / sizeof(rectify_answers[0]) - 1 };

/* Together what A4 across still prints legibly; the key is not printed. */
static const double widths[RECTIFY_COLUMN_MAX] = {5,  6, 16, 8,  8,  19, 24, 28, 18,
                                                  8,  8, 13, 16, 12, 8,  11, 18};

void rectify_key(const struct keys *keys, const char *county, int64_t no, const char *rule,
                 char out[RECTIFY_KEY_SIZE])
{
	struct buf b;
	buf_init(&b, 500);
	buf_addf(&b, "finding|%s|%lld|%s", county, (long long)no, rule);
	unsigned char mac[KEY_INDEX_BYTES];
	keys_index(keys, "finding", buf_str(&b), mac);
	buf_release(&b);
	(void)snprintf(out, RECTIFY_KEY_SIZE, "F%lld-%02x%02x%02x%02x", (long long)no, mac[0],
	               mac[1], mac[2], mac[3]);
}

int64_t rectify_key_no(struct str key)
{
	struct str s = str_trim(key);
	size_t dash = str_find(s, STR("-"));
	int64_t no;
	if (s.n < 3 || s.p[0] != 'F' || dash == SIZE_MAX || s.n - dash != 9)
		return 0;
	return str_to_int(str_sub(s, 1, dash - 1), &no) && no > 0 ? no : 0;
}

/* --- what is open ----------------------------------------------------------- */

struct collected { /* a VEC */
	struct rectify_row *p;
	size_t n, cap;
};

static int32_t household_at(const struct town *t, int64_t no)
{
	for (size_t i = 0; no && i < t->n_households; i++)
		if (t->households[i].no == no)
			return (int32_t)i;
	return TOWN_NONE;
}

static const char *village_code(const struct town *t, int32_t village)
{
	return village >= 0 ? t->villages[village].code.p : "";
}

/* Those of one source, entered by hand. */
static enum err collect_entered(struct db *db, const struct report *r, const char *source,
                                const char *code, struct arena *a, struct collected *ret)
{
	enum { PAGE = 500 };
	struct life_filter f = {.state = "open", .source = source};
	int64_t after = 0;
	enum err e = OK;
	do {
		struct life_row *rows = NULL;
		size_t n = 0;
		e = life_list(db, r->result->pack, &f, after, PAGE, a, &rows, &n, &after);
		for (size_t i = 0; !e && i < n; i++) {
			const char *village = rows[i].f.village ? rows[i].f.village : "";
			if (rows[i].f.source && strcmp(village, code) == 0)
				*vec_push(ret) = (struct rectify_row){
					.no = rows[i].f.no, .entered = &rows[i],
					.household = household_at(r->result->town, rows[i].f.household)};
		}
	} while (!e && after);
	return e;
}

enum err rectify_collect(struct db *db, const struct report *r, const int64_t *numbers,
                         int32_t village, struct arena *a, struct rectify_row **ret, size_t *ret_n)
{
	const struct check_result *res = r->result;
	struct collected c = {0};
	enum err e = OK;
	for (size_t i = 0; i < res->n; i++) {
		const struct finding *f = &res->findings[i];
		if (f->village == village && !f->answer && numbers[i])
			*vec_push(&c) = (struct rectify_row){.no = numbers[i], .finding = f,
			                                     .household = f->household};
	}
	for (const struct life_word *w = life_sources; !e && w->id; w++)
		if (strcmp(w->id, "rule") != 0)
			e = collect_entered(db, r, w->id, village_code(res->town, village), a, &c);
	*ret_n = c.n;
	*ret = ARENA_ARRAY(a, c.n + 1, struct rectify_row);
	if (c.n)
		memcpy(*ret, c.p, c.n * sizeof(*c.p));
	vec_free(&c);
	return e;
}

static const char *rule_of(const struct rectify_row *x)
{
	return x->finding ? x->finding->rule->id : x->entered->f.rule;
}

static enum pack_severity severity_of(const struct rectify_row *x)
{
	static const char letters[] = "BEWI";
	const char *at = x->finding ? NULL : strchr(letters, x->entered->severity);
	return x->finding ? x->finding->rule->severity
	       : at && *at ? (enum pack_severity)(at - letters) : (enum pack_severity)2;
}

/* --- order: house by house ------------------------------------------------ */

static int compare_texts(struct str a, struct str b)
{
	/* "2组" before "10组": shorter runs of digits first */
	return a.n != b.n && a.n && b.n && a.p[0] <= '9' && b.p[0] <= '9'
	               ? (a.n < b.n ? -1 : 1)
	               : str_cmp(a, b);
}

struct sorted {
	struct rectify_row row;
	struct str group, hh_no;
	int32_t household;
	int rule_no; /* entered ones behind those of the rules */
};

static int by_house(const void *pa, const void *pb)
{
	const struct sorted *a = pa, *b = pb;
	int c = compare_texts(a->group, b->group);
	if (!c)
		c = str_cmp(a->hh_no, b->hh_no);
	if (!c)
		c = (a->household > b->household) - (a->household < b->household);
	if (!c)
		c = (int)severity_of(&a->row) - (int)severity_of(&b->row);
	if (!c)
		c = a->rule_no - b->rule_no;
	return c ? c : (a->row.no > b->row.no) - (a->row.no < b->row.no);
}

static void sort_rows(const struct town *t, struct rectify_row *rows, size_t n, struct arena *a)
{
	struct sorted *s = ARENA_ARRAY(a, n + 1, struct sorted);
	for (size_t i = 0; i < n; i++) {
		int32_t h = rows[i].household;
		const struct finding *f = rows[i].finding;
		s[i] = (struct sorted){.row = rows[i], .household = h, .rule_no = f ? f->rule_no : 1 << 20,
		                       .hh_no = f ? f->household_no : str_c(rows[i].entered->hh_no)};
		if (h >= 0)
			s[i].group = t->households[h].group;
	}
	qsort(s, n, sizeof(*s), by_house);
	for (size_t i = 0; i < n; i++)
		rows[i] = s[i].row;
}

/* --- the workbook --------------------------------------------------------- */

struct book {
	const struct report *r;
	struct arena arena;
	struct xlsx_out *x;
	struct str place;
	int title, sub, head, answer_head, text, id, number, input, input_date, key, step, plain;
};

static void make_styles(struct book *b)
{
	struct xlsx_out *x = b->x;
	b->title = xlsx_style(x, &(struct xlsx_style){
		.font = XLSX_HEI, .size = 18, .align = XLSX_CENTRE});
	b->sub = xlsx_style(x, &(struct xlsx_style){.size = 10, .align = XLSX_CENTRE});
	struct xlsx_style head = {.font = XLSX_HEI, .size = 10, .wrap = true, .border = true,
	                          .align = XLSX_CENTRE, .fill = XLSX_HEADER};
	b->head = xlsx_style(x, &head);
	head.fill = XLSX_INPUT;
	head.bold = true;
	b->answer_head = xlsx_style(x, &head);
	struct xlsx_style cell = {.kind = XLSX_TEXT, .size = 10, .border = true, .wrap = true};
	b->text = xlsx_style(x, &cell);
	b->id = xlsx_style(x, &cell);
	cell.wrap = false;
	cell.kind = XLSX_INTEGER;
	b->number = xlsx_style(x, &cell);
	cell = (struct xlsx_style){.kind = XLSX_TEXT, .size = 10, .border = true, .wrap = true,
	                           .fill = XLSX_INPUT, .unlocked = true};
	b->input = xlsx_style(x, &cell);
	cell.kind = XLSX_DATE;
	b->input_date = xlsx_style(x, &cell);
	b->key = xlsx_style(x, &(struct xlsx_style){
		.kind = XLSX_TEXT, .size = 8, .border = true, .grey = true, .fill = XLSX_LOCKED});
	b->step = xlsx_style(x, &(struct xlsx_style){.size = 12, .wrap = true, .top = true});
	b->plain = xlsx_style(x, &(struct xlsx_style){.size = 12, .font = XLSX_HEI, .top = true});
}

static void help_row(struct book *b, int *row, const char *what, const char *text)
{
	xlsx_text(b->x, *row, 0, b->plain, str_c(what));
	xlsx_text(b->x, *row, 1, b->step, str_c(text));
	xlsx_row_height(b->x, *row, xlsx_wrapped_height(str_c(text), 92, 12) + 6);
	++*row;
}

static void help_sheet(struct book *b, size_t n, size_t houses)
{
	struct xlsx_out *x = b->x;
	xlsx_sheet(x, "填写说明", XLSX_FIRST);
	xlsx_column(x, 0, 0, 16, -1, false);
	xlsx_column(x, 1, 1, 92, -1, false);
	xlsx_row_height(x, 0, 34);
	xlsx_merge(x, 0, 0, 0, 1, b->title,
	           str_c(arena_printf(&b->arena, STR_FMT "数据核实整改台账", STR_ARG(b->place))));
	xlsx_merge(x, 1, 0, 1, 1, b->sub, str_c(report_basis(b->r, &b->arena)));
	int row = 3;
	help_row(b, &row, "这是什么", arena_printf(&b->arena,
	         "各单位台账互相对不上的地方，以及检查、评估、信访、自查登记的问题，共 %zu 条，涉及 %zu 户，"
	         "列在“" RECTIFY_SHEET "”表。对不上不等于谁错了：请到户、到档案核实后填写。", n, houses));
	help_row(b, &row, "怎么填", "只填浅色的五列，其余各列已锁定：\n"
	         "1. 核实情况：点开下拉列表选一项（必填）；\n"
	         "2. 情况说明：一两句话，写清核实到的实际情况；\n"
	         "3. 佐证材料：看到了什么材料（户口簿、鉴定表、存折、照片等）；\n"
	         "4. 核实人：到户核实的人；\n"
	         "5. 核实日期：如 2018-01-20。");
	help_row(b, &row, "各项的意思", "属实已更正：问题存在，本村档案已经改好；\n"
	         "属实待更正：问题存在，还没有改完；\n"
	         "原台账有误：本村档案没有错，是提供台账的单位写错了，请在说明里写明；\n"
	         "情况属实但有正当理由(豁免)：两边都没有错，有正当原因（如车已卖、同名不是本人），请写明原因；\n"
	         "已报上级处理：村里改不了，已报镇里或主管部门；\n"
	         "暂未核实：还没有核实，留待下次。");
	help_row(b, &row, "带“疑似”的", "只是线索，可能是同名或号码抄错，请先认人，再核实。");
	help_row(b, &row, "请不要", "不要增删、移动行和列，不要改最后一列“行键”，不要另存为其他格式；"
	         "可以筛选、调整列宽、打印。");
	help_row(b, &row, "填完以后", "把本文件交回镇扶贫办。镇里导入后，答复过的问题会移出清单；"
	         "如果新的台账仍然对不上，会再次列出。");
	help_row(b, &row, "不会填", "问镇扶贫办：                    电话：                    ");
	struct xlsx_page page = report_page(b->r, &b->arena, true);
	xlsx_page(x, &page);
	xlsx_protect(x);
}

/* The cells of a row that the village does not write. */
struct told {
	struct str who, id, question, detail, source;
	char fixer;
};

static struct told of_rule(struct book *b, const struct finding *f)
{
	struct str question = str_c(f->rule->question.in[LANG_ZH]);
	if (f->probable)
		question = str_c(arena_printf(&b->arena, "（疑似）" STR_FMT, STR_ARG(question)));
	return (struct told){.who = f->name.n ? f->name : f->subject, .id = f->person_id,
	                     .question = question, .detail = f->detail, .source = f->source,
	                     .fixer = f->rule->fixer};
}

static struct told of_hand(const struct life_row *e)
{
	struct told t = {.who = str_c(e->person_name), .detail = str_c(e->f.content), .fixer = e->fixer,
	                 .question = STR("请到户核实，写明整改情况。")};
	for (const struct life_word *w = life_sources; w->id; w++)
		if (strcmp(w->id, e->f.source) == 0)
			t.source = str_c(w->title.in[LANG_ZH]);
	return t;
}

static void list_row(struct book *b, const struct rectify_row *it, const char *key, int row, int seq)
{
	const struct town *t = b->r->result->town;
	struct xlsx_out *x = b->x;
	const struct town_household *h = it->household >= 0 ? &t->households[it->household] : NULL;
	const struct told told = it->finding ? of_rule(b, it->finding) : of_hand(it->entered);
	const struct {
		int col, style;
		struct str s;
	} cells[] = {
		{RECTIFY_GROUP, b->text, h ? h->group : (struct str){0}},
		{RECTIFY_HH_NO, b->id, it->finding ? it->finding->household_no : str_c(it->entered->hh_no)},
		{RECTIFY_HEAD_NAME, b->text, h ? h->head_name : (struct str){0}},
		{RECTIFY_WHO, b->text, told.who},
		{RECTIFY_ID, b->id, told.id},
		{RECTIFY_QUESTION, b->text, told.question},
		{RECTIFY_DETAIL, b->text, told.detail},
		{RECTIFY_SOURCE, b->text, told.source},
		{RECTIFY_FIXER, b->text, str_c(fixer_text(told.fixer)->in[LANG_ZH])},
		{RECTIFY_SEVERITY, b->text, str_c(severity_text(severity_of(it))->in[LANG_ZH])},
		{RECTIFY_KEY, b->key, str_c(key)},
	};
	xlsx_int(x, row, RECTIFY_SEQ, b->number, seq);
	double height = 0;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		double need = xlsx_wrapped_height(cells[i].s, widths[cells[i].col], 10);
		if (cells[i].style == b->text && need > height)
			height = need;
	}
	xlsx_row_height(x, row, height < 30 ? 30 : height);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		xlsx_text(x, row, cells[i].col, cells[i].style, cells[i].s);
	for (int col = RECTIFY_ANSWER; col < RECTIFY_DATE; col++)
		xlsx_blank(x, row, col, b->input);
	xlsx_blank(x, row, RECTIFY_DATE, b->input_date);
}

static void list_choices(struct book *b, int last)
{
	const char *items[ANSWERS];
	for (size_t i = 0; i < ANSWERS; i++)
		items[i] = rectify_answers[i].text;
	struct xlsx_range r = {RECTIFY_HEAD + 1, RECTIFY_ANSWER, last, RECTIFY_ANSWER};
	xlsx_choice(b->x, r, items, ANSWERS,
	            &(struct xlsx_prompt){.title = "核实情况", .text = "从下拉列表中选一项",
	                                  .error = "请从下拉列表中选择，说明写在后一列"});
	r.col1 = r.col2 = RECTIFY_DATE;
	xlsx_choice_date(b->x, r, 20100101, 20991231,
	                 &(struct xlsx_prompt){.title = "核实日期", .text = "如 2018-01-20",
	                                       .error = "请填日期，如 2018-01-20"});
}

static void list_sheet(struct book *b, const struct rectify_book *book)
{
	struct xlsx_out *x = b->x;
	size_t n = book->n;
	xlsx_sheet(x, RECTIFY_SHEET, 0);
	for (int col = 0; col < RECTIFY_COLUMN_MAX; col++)
		xlsx_column(x, col, col, widths[col], -1, false);
	xlsx_row_height(x, 0, 30);
	xlsx_merge(x, 0, 0, 0, RECTIFY_COLUMN_MAX - 1, b->title,
	           str_c(arena_printf(&b->arena, STR_FMT "整改清单", STR_ARG(b->place))));
	xlsx_merge(x, 1, 0, 1, RECTIFY_COLUMN_MAX - 1, b->sub,
	           str_c(report_basis(b->r, &b->arena)));
	xlsx_merge(x, 2, 0, 2, RECTIFY_COLUMN_MAX - 1, b->sub,
	           STR("填报单位：                    填报人：                    审核人：                    日期："));
	xlsx_row_height(x, RECTIFY_HEAD, 30);
	for (int col = 0; col < RECTIFY_COLUMN_MAX; col++) {
		bool answer = col >= RECTIFY_ANSWER && col <= RECTIFY_DATE;
		xlsx_text(x, RECTIFY_HEAD, col, answer ? b->answer_head : b->head,
		          str_c(rectify_heads[col]));
	}
	for (size_t i = 0; i < n; i++) {
		const struct rectify_row *row = &book->rows[i];
		char key[RECTIFY_KEY_SIZE];
		rectify_key(book->keys, book->county, row->no, rule_of(row), key);
		list_row(b, row, key, RECTIFY_HEAD + 1 + (int)i, (int)i + 1);
	}
	int last = RECTIFY_HEAD + (int)(n ? n : 1);
	list_choices(b, last);
	xlsx_freeze(x, RECTIFY_HEAD + 1, RECTIFY_WHO);
	xlsx_filter(x, RECTIFY_HEAD, 0, last, RECTIFY_COLUMN_MAX - 1);
	struct xlsx_page page = report_page(b->r, &b->arena, true);
	page.repeat_first = page.repeat_last = RECTIFY_HEAD;
	page.columns = RECTIFY_KEY;
	xlsx_page(x, &page);
	xlsx_protect(x);
}

static size_t count_houses(const struct rectify_row *rows, size_t n)
{
	size_t houses = 0;
	for (size_t i = 0; i < n; i++) {
		int32_t h = rows[i].household;
		houses += h >= 0 && (i == 0 || rows[i - 1].household != h);
	}
	return houses;
}

enum err rectify_write(const struct report *r, const struct rectify_book *book, const char *path,
                       struct diag *diag)
{
	struct book b = {.r = r, .place = report_place(r, book->village)};
	struct xlsx_out_opts o = {.title = "整改台账", .author = r->user,
	                          .created = r->result->town->as_of};
	enum err e = xlsx_out_open(path, &o, diag, &b.x);
	if (e)
		return e;
	arena_init(&b.arena, 0);
	sort_rows(r->result->town, book->rows, book->n, &b.arena);
	make_styles(&b);
	help_sheet(&b, book->n, count_houses(book->rows, book->n));
	list_sheet(&b, book);
	arena_release(&b.arena);
	return xlsx_out_close(b.x);
}
