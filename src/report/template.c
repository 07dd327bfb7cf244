/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/template.h"

#include "base/utf8.h"
#include "io/xlsx_write.h"

#include "base/banned.h"

enum { ROW_TITLE, ROW_WHO, ROW_NOTE, ROW_HEAD, ROW_DATA };
enum { NOTE_MAX = 1500, ITEMS_IN_NOTE = 30 };

struct template {
	const struct pack *pack;
	const struct pack_layout *layout;
	enum lang lang;
	struct xlsx_out *x;
	struct buf text;
	int title, who, plain, head, must; /* styles */
};

static const char *say(const struct template *t, struct text s)
{
	return s.in[t->lang];
}

/* How a cell of the column looks: numbers that identify are text. */
static enum xlsx_kind cell_kind(enum pack_kind kind)
{
	switch (kind) {
	case PACK_INT:
	case PACK_YEAR:
		return XLSX_INTEGER;
	case PACK_NUM:
		return XLSX_GENERAL;
	case PACK_MONEY:
		return XLSX_MONEY;
	case PACK_DATE:
		return XLSX_DATE;
	default:
		return XLSX_TEXT;
	}
}

/* What kind of value is wanted, in a few words. */
static struct text kind_words(const struct pack_column *c)
{
	static const struct text words[PACK_KIND_MAX] = {
		[PACK_TEXT] = TEXT("文字", "text"),
		[PACK_NAME] = TEXT("姓名，不加空格", "name, no blanks"),
		[PACK_ID] = TEXT("18 位身份证号，按文本填写", "citizen's number of 18 digits, as text"),
		[PACK_CARD] = TEXT("20 位残疾证号，按文本填写", "disability card of 20 digits, as text"),
		[PACK_CODE_NO] = TEXT("统一社会信用代码或注册号，按文本填写",
		                      "social credit code, as text"),
		[PACK_NUMBER_TEXT] = TEXT("号码，按文本填写", "a number, as text"),
		[PACK_PHONE] = TEXT("电话号码，按文本填写", "phone number, as text"),
		[PACK_AREA] = TEXT("村名", "name of the village"),
		[PACK_INT] = TEXT("整数", "whole number"),
		[PACK_NUM] = TEXT("数字", "number"),
		[PACK_MONEY] = TEXT("金额", "amount"),
		[PACK_DATE] = TEXT("日期，如 2018-01-14", "date, as 2018-01-14"),
		[PACK_YEAR] = TEXT("年份，如 2017", "year, as 2017"),
		[PACK_BOOL] = TEXT("是 或 否", "是 (yes) or 否 (no)"),
		[PACK_CODE] = TEXT("从下拉列表中选一项", "one of the list"),
		[PACK_CODES] = TEXT("可填多项，用顿号（、）分开", "several are possible, divided by 、"),
	};
	return words[c->kind];
}

static struct text example(const struct pack_column *c)
{
	switch (c->role) {
	case PACK_ROLE_NAME:
		return (struct text)TEXT("张示例", "张示例");
	case PACK_ROLE_HEAD_NAME:
		return (struct text)TEXT("李示例", "李示例");
	case PACK_ROLE_GROUP:
		return (struct text)TEXT("前进组", "前进组");
	case PACK_ROLE_SEQ:
		return (struct text)TEXT("1", "1");
	case PACK_ROLE_HH_NO:
		return (struct text)TEXT("34129900000001", "34129900000001");
	default:
		break;
	}
	static const struct text examples[PACK_KIND_MAX] = {
		[PACK_NAME] = TEXT("王示例", "王示例"),
		[PACK_ID] = TEXT("341299196501010012", "341299196501010012"),
		[PACK_CARD] = TEXT("34129919650101001243", "34129919650101001243"),
		[PACK_PHONE] = TEXT("10012345678", "10012345678"),
		[PACK_INT] = TEXT("3", "3"),
		[PACK_NUM] = TEXT("12.5", "12.5"),
		[PACK_MONEY] = TEXT("1200.00", "1200.00"),
		[PACK_DATE] = TEXT("2017-09-03", "2017-09-03"),
		[PACK_YEAR] = TEXT("2017", "2017"),
		[PACK_BOOL] = TEXT("是", "是"),
	};
	if (c->kind == PACK_TEXT || !examples[c->kind].in[0])
		return (struct text)TEXT("", "");
	return examples[c->kind];
}

/* Items of the column's list, joined; "" when it has none. */
static const char *items_of(struct template *t, const struct pack_column *c)
{
	buf_clear(&t->text);
	if (c->list_index < 0)
		return "";
	const struct pack_list *l = &t->pack->lists[c->list_index];
	for (size_t i = 0; i < l->n && i < ITEMS_IN_NOTE; i++) {
		buf_adds(&t->text, i ? "、" : "");
		buf_adds(&t->text, say(t, l->codes[i].label));
	}
	if (l->n > ITEMS_IN_NOTE)
		buf_adds(&t->text, " …");
	return t->text.p ? t->text.p : "";
}

/* Label, unit, and the star of what must be filled. */
static struct str heading(struct template *t, const struct pack_column *c)
{
	buf_clear(&t->text);
	if (c->required)
		buf_adds(&t->text, "*");
	buf_adds(&t->text, say(t, c->label));
	const char *unit = c->unit_text;
	if (c->kind == PACK_MONEY && !*unit)
		unit = c->unit == MONEY_WAN ? "万元" : "元";
	if (*unit)
		buf_addf(&t->text, t->lang == LANG_ZH ? "（%s）" : " (%s)", unit);
	return buf_str(&t->text);
}

static double column_width(struct template *t, const struct pack_column *c)
{
	double w = (double)utf8_str_width(heading(t, c)) + 3;
	double least = 8;
	if (c->kind == PACK_ID || c->kind == PACK_CARD || c->kind == PACK_CODE_NO)
		least = 23;
	else if (c->kind == PACK_NUMBER_TEXT || c->role == PACK_ROLE_ADDRESS)
		least = 18;
	else if (c->kind == PACK_DATE || c->kind == PACK_PHONE || c->kind == PACK_CODES)
		least = 14;
	return w < least ? least : w > 26 ? 26 : w;
}

static void make_styles(struct template *t)
{
	t->title = xlsx_style(t->x, &(struct xlsx_style){
		.font = XLSX_HEI, .size = 18, .align = XLSX_CENTRE});
	t->who = xlsx_style(t->x, &(struct xlsx_style){.size = 11, .unlocked = true});
	t->plain = xlsx_style(t->x, &(struct xlsx_style){.wrap = true, .border = true, .top = true});
	struct xlsx_style head = {.font = XLSX_HEI, .align = XLSX_CENTRE, .fill = XLSX_HEADER,
	                          .wrap = true, .border = true};
	t->head = xlsx_style(t->x, &head);
	head.bold = true;
	t->must = xlsx_style(t->x, &head);
}

/* Drop-down or prompt of a column's prepared rows. */
static void add_choice(struct template *t, const struct pack_column *c, int col)
{
	static const char *const yes_no[] = {"是", "否"};
	struct xlsx_range r = {ROW_DATA, col, ROW_DATA + TEMPLATE_ROWS - 1, col};
	struct xlsx_prompt p = {
		.error = t->lang == LANG_ZH ? "请从下拉列表中选择" : "please choose from the list"};
	if (c->kind == PACK_BOOL) {
		xlsx_choice(t->x, r, yes_no, 2, &p);
		return;
	}
	if (c->kind != PACK_CODE || c->list_index < 0 || c->list)
		return;
	const struct pack_list *l = &t->pack->lists[c->list_index];
	if (l->open || l->n == 0)
		return;
	struct arena a;
	arena_init(&a, 0);
	const char **items = ARENA_ARRAY(&a, l->n, const char *);
	for (size_t i = 0; i < l->n; i++)
		items[i] = say(t, l->codes[i].label);
	xlsx_choice(t->x, r, items, l->n, &p);
	arena_release(&a);
}

static void write_heads(struct template *t)
{
	const struct pack_layout *l = t->layout;
	double height = 0;
	for (size_t i = 0; i < l->n_columns; i++) {
		const struct pack_column *c = &l->columns[i];
		struct str head = heading(t, c);
		double h = xlsx_wrapped_height(head, column_width(t, c), 0);
		height = h > height ? h : height;
	}
	xlsx_row_height(t->x, ROW_HEAD, height + 8);
	for (size_t i = 0; i < l->n_columns; i++) {
		const struct pack_column *c = &l->columns[i];
		xlsx_text(t->x, ROW_HEAD, (int)i, c->required ? t->must : t->head, heading(t, c));
	}
}

static void table_sheet(struct template *t)
{
	const struct pack_layout *l = t->layout;
	const char *title = say(t, l->title);
	bool zh = t->lang == LANG_ZH;
	int last = (int)l->n_columns - 1;
	xlsx_sheet(t->x, title, XLSX_FIRST);
	for (int i = 0; i <= last; i++) {
		const struct pack_column *c = &l->columns[i];
		struct xlsx_style s = {.kind = cell_kind(c->kind), .border = true, .unlocked = true};
		xlsx_column(t->x, i, i, column_width(t, c), xlsx_style(t->x, &s), false);
		add_choice(t, c, i);
	}
	xlsx_row_height(t->x, ROW_TITLE, 30);
	xlsx_merge(t->x, ROW_TITLE, 0, ROW_TITLE, last, t->title, str_c(title));
	buf_clear(&t->text);
	buf_addf(&t->text, zh ? "填报单位（%s）：              数据截止日期：      年   月   日"
	                      : "Office (%s):               data as of (date): ",
	         say(t, l->office));
	xlsx_merge(t->x, ROW_WHO, 0, ROW_WHO, last, t->who, buf_str(&t->text));
	xlsx_merge(t->x, ROW_NOTE, 0, ROW_NOTE, last, t->who,
	           str_c(zh ? "说明：带 * 的列必须填写；身份证号等号码按文本填写；一行一条，不要合并单元格；"
	                      "各列要求见“填写说明”表。"
	                    : "Columns with a star must be filled; numbers as text; one row each, no "
	                      "merged cells; the second sheet says what each column wants."));
	write_heads(t);
	for (int r = 0; r < TEMPLATE_ROWS; r++) {
		for (int i = 0; i <= last; i++) {
			struct xlsx_style s = {.kind = cell_kind(l->columns[i].kind), .border = true,
			                       .unlocked = true};
			xlsx_blank(t->x, ROW_DATA + r, i, xlsx_style(t->x, &s));
		}
	}
	xlsx_freeze(t->x, ROW_DATA, 0);
	xlsx_page(t->x, &(struct xlsx_page){
		.paper = l->n_columns > 14 ? XLSX_A3 : XLSX_A4, .landscape = l->n_columns > 6,
		.centred = true, .spread = l->n_columns > 24, .repeat_first = ROW_HEAD, .repeat_last = ROW_HEAD,
		.left = zh ? "填报人：          审核人：" : "filled in by:          checked by:"});
}

static void explain_sheet(struct template *t)
{
	static const struct text heads[] = {
		TEXT("序号", "no"), TEXT("填什么", "column"), TEXT("必须填", "must"),
		TEXT("要求", "what is wanted"), TEXT("写法举例", "for example"),
		TEXT("可选内容", "values"),
	};
	static const double widths[] = {6, 26, 9, 34, 24, 60};
	enum { N = sizeof(heads) / sizeof(heads[0]) };
	bool zh = t->lang == LANG_ZH;
	xlsx_sheet(t->x, zh ? "填写说明" : "How to fill in", 0);
	for (int i = 0; i < N; i++) {
		xlsx_column(t->x, i, i, widths[i], -1, false);
		xlsx_text(t->x, 0, i, t->head, str_c(say(t, heads[i])));
	}
	for (size_t i = 0; i < t->layout->n_columns; i++) {
		const struct pack_column *c = &t->layout->columns[i];
		int r = (int)i + 1;
		xlsx_int(t->x, r, 0, t->plain, r);
		xlsx_text(t->x, r, 1, t->plain, heading(t, c));
		xlsx_text(t->x, r, 2, t->plain, str_c(c->required ? (zh ? "必填" : "yes") : ""));
		xlsx_text(t->x, r, 3, t->plain, str_c(say(t, kind_words(c))));
		xlsx_text(t->x, r, 4, t->plain, str_c(say(t, example(c))));
		const char *items = items_of(t, c);
		xlsx_text(t->x, r, 5, t->plain, str_c(items));
		xlsx_row_height(t->x, r, xlsx_wrapped_height(str_c(items), widths[5], 0) + 4);
	}
	xlsx_freeze(t->x, 1, 0);
	xlsx_page(t->x, &(struct xlsx_page){.landscape = true, .repeat_first = 0});
}

enum err template_write(const struct pack *pack, const struct pack_layout *layout,
                        enum lang lang, const char *path, struct diag *diag)
{
	struct template t = {.pack = pack, .layout = layout, .lang = lang};
	struct xlsx_out_opts o = {.title = layout->title.in[lang]};
	enum err e = xlsx_out_open(path, &o, diag, &t.x);
	if (e)
		return e;
	buf_init(&t.text, NOTE_MAX);
	make_styles(&t);
	table_sheet(&t);
	explain_sheet(&t);
	buf_release(&t.text);
	return xlsx_out_close(t.x);
}
