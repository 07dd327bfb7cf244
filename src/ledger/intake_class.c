/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include "ledger/intake_i.h"

#include "base/banned.h"

enum { TEXT_MAX = 160, FEW = 3 };

static const struct text class_texts[INTAKE_CLASS_MAX] = {
	[INTAKE_TITLE] = TEXT("标题", "titles"),
	[INTAKE_HEADER] = TEXT("表头", "headers"),
	[INTAKE_REPEAT] = TEXT("重复表头", "repeated headers"),
	[INTAKE_DATA] = TEXT("数据", "data rows"),
	[INTAKE_SECTION] = TEXT("分节标题", "section headings"),
	[INTAKE_SUBTOTAL] = TEXT("小计", "subtotals"),
	[INTAKE_TOTAL] = TEXT("合计", "totals"),
	[INTAKE_BLANK] = TEXT("空行", "blank rows"),
	[INTAKE_SIGNATURE] = TEXT("签字行", "signature lines"),
	[INTAKE_NOTE] = TEXT("说明", "notes"),
	[INTAKE_IGNORED] = TEXT("未识别", "not recognised"),
};

static const char *const class_names[INTAKE_CLASS_MAX] = {
	"title", "header", "repeat", "data",      "section", "subtotal",
	"total", "blank",  "signature", "note", "ignored",
};

const char *intake_class_name(enum intake_class c)
{
	return class_names[c];
}

const struct text *intake_class_text(enum intake_class c)
{
	return &class_texts[c];
}

static bool starts_any(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_starts(s, str_c(*words)))
			return true;
	return false;
}

static bool ends_any(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_ends(s, str_c(*words)))
			return true;
	return false;
}

bool class_is_total(struct str text, bool *ret_sub)
{
	static const char *const whole[] = {"合计", "总计", "共计", "累计", "总合计", "汇总", "总数",
	                                    "小计", "页计", "本页合计", "本页小计", NULL};
	static const char *const ends[] = {"合计", "小计", "总计", "共计", NULL};
	static const char *const starts[] = {"合计", "总计", "共计", "小计", "本页", "累计", NULL};
	if (text.n == 0 || text.n > 60)
		return false;
	char buf[TEXT_MAX];
	struct str s = {buf, pack_normal(text, buf, sizeof(buf))};
	bool total = s.n <= 12 && starts_any(s, whole);
	if (!total && s.n <= 48)
		total = ends_any(s, ends) && str_find(s, STR("户主")) == SIZE_MAX;
	if (!total) /* 合计162户 */
		total = starts_any(s, starts) &&
		        (str_ends(s, STR("户")) || str_ends(s, STR("人")) || str_ends(s, STR("元")) ||
		         str_ends(s, STR("条")) || str_ends(s, STR("人次")));
	if (total && ret_sub)
		*ret_sub = str_find(s, STR("小计")) != SIZE_MAX ||
		           str_find(s, STR("页")) != SIZE_MAX ||
		           (ends_any(s, ends) && !starts_any(s, starts));
	return total;
}

bool class_is_signature(struct str text)
{
	static const char *const words[] = {
		"填表人", "审核人", "制表人", "填报人", "负责人签", "盖章",     "经办人",
		"签字",   "填表日期", "制表日期", "填报日期", "审核日期", "复核人", "负责人：",
		"负责人:", "公章",   "制表：",   "审核：",   "填表：",   "制表单位", "分管领导",
		"主要领导", "联系人：", "联系电话：", "填报单位", "报送单位", NULL};
	if (text.n == 0 || text.n > 600)
		return false;
	for (const char *const *w = words; *w; w++)
		if (str_find(text, str_c(*w)) != SIZE_MAX)
			return true;
	return false;
}

bool class_is_note(struct str text)
{
	static const char *const words[] = {"注:",   "注：",   "说明:", "说明：", "备注:",   "备注：",
	                                    "填表说明", "填报说明", "附注", "注 ",    "※", "*注",
	                                    "说明 ", "填写说明", "数据来源", "统计口径", NULL};
	return starts_any(text, words);
}

/* A row with one long text is a sentence, not somebody's record. */
static bool is_sentence(struct str s)
{
	return utf8_count(s) > 25;
}

static enum intake_class class_of_text(struct str text, const struct villages *villages,
                                       size_t cells, struct str *ret_section)
{
	if (class_is_note(text))
		return INTAKE_NOTE;
	if (cells <= 2 && class_is_signature(text))
		return INTAKE_SIGNATURE;
	if (cells > 1)
		return INTAKE_DATA;
	if (is_sentence(text))
		return INTAKE_NOTE;
	struct str name;
	static const char *const title_ends[] = {"表", "台账", "名册", "名单", "花名册", "清单", "记录",
	                                         "明细", "统计", "情况", "汇总", "登记簿", NULL};
	char buf[TEXT_MAX];
	struct str norm = {buf, pack_normal(text, buf, sizeof(buf))};
	size_t open_bracket = str_find(norm, STR("("));
	if (open_bracket != SIZE_MAX && str_ends(norm, STR(")")))
		norm.n = open_bracket;
	if (utf8_count(norm) >= 5 && ends_any(norm, title_ends)) {
		*ret_section = text;
		return INTAKE_TITLE;
	}
	bool village = villages_find(villages, text) >= 0 ||
	               villages_search(villages, text, &name) >= 0;
	static const char *const ends[] = {"村", "社区", "居委会", "村委会", "居民委员会", "村民委员会",
	                                   "镇", "乡", "组", "片区", "工作站", NULL};
	if (village || ends_any(norm, ends)) {
		*ret_section = text;
		return INTAKE_SECTION;
	}
	return INTAKE_DATA;
}

/* 计, or 总 or 汇: without one of them it is no total. */
static bool holds_total(struct str s)
{
	if (s.n > 60)
		return false;
	for (size_t i = 0; i + 3 <= s.n; i++) {
		const char *p = s.p + i;
		if (memcmp(p, "计", 3) == 0 || memcmp(p, "总", 3) == 0 || memcmp(p, "汇", 3) == 0)
			return true;
	}
	return false;
}

static bool is_total_word(struct str text)
{
	static const char *const words[] = {"合计", "小计", "总计", "共计", "累计", "总合计", "本页合计",
	                                    "本页小计", "汇总", NULL};
	char buf[TEXT_MAX];
	struct str s = {buf, pack_normal(text, buf, sizeof(buf))};
	for (const char *const *w = words; *w; w++)
		if (str_is(s, *w))
			return true;
	return false;
}

/* A citizen's number stands in data rows only. */
static bool holds_id(const struct row *row, size_t hi)
{
	for (size_t c = 0; c < hi && c < row->n; c++) {
		size_t digits = 0;
		struct str s = row->cells[c].text;
		for (size_t i = 0; i < s.n && i < 40; i++)
			digits += s.p[i] >= '0' && s.p[i] <= '9';
		if (digits >= 15)
			return true;
	}
	return false;
}

/* 填表人：张三 审核人：李四, over however many cells. */
static bool begins_signature(struct str s)
{
	static const char *const words[] = {"填表人", "审核人", "制表人", "填报人", "负责人签", "单位负责人",
	                                    "填表：", "审核：", "制表：", "经办人：", "填报单位", NULL};
	s = str_trim(s);
	size_t at = str_find(s, STR("人：")), ascii = str_find(s, STR("人:"));
	static const char *const ends[] = {"签字：", "签字:", "签名：", "签名:", "盖章：", "盖章:", NULL};
	if (starts_any(s, words) || (at >= 3 && at <= 12) || (ascii >= 3 && ascii <= 12))
		return true;
	bool colon = s.n && (s.p[s.n - 1] == ':' || str_ends(s, STR("：")));
	return colon && ends_any(s, ends);
}

struct first_texts {
	struct str text[FEW];
	size_t n;  /* at most FEW + 1 are counted */
	bool same; /* all alike: a merge written out */
};

static void first_texts(const struct row *row, size_t lo, size_t hi, struct first_texts *ret)
{
	*ret = (struct first_texts){.same = true};
	for (size_t c = lo; c < hi && c < row->n && ret->n <= FEW; c++) {
		struct str t = row->cells[c].text;
		if (t.n == 0 || (t.n <= 3 && str_trim(t).n == 0))
			continue;
		if (ret->n < FEW)
			ret->text[ret->n] = t;
		ret->same = ret->same && str_eq(t, ret->text[0]);
		ret->n++;
	}
}

enum intake_class class_of(const struct row *row, size_t lo, size_t hi,
                           const struct villages *villages, struct str *ret_section)
{
	struct first_texts f;
	first_texts(row, lo, hi, &f);
	if (f.n == 0)
		return INTAKE_BLANK;
	bool sub = false;
	for (size_t i = 0; i < f.n && i < FEW; i++) {
		bool total = holds_total(f.text[i]) && class_is_total(f.text[i], &sub) &&
		             (i == 0 || is_total_word(f.text[i]));
		if (total && !holds_id(row, hi))
			return sub ? INTAKE_SUBTOTAL : INTAKE_TOTAL;
	}
	if ((unsigned char)f.text[0].p[0] >= 0x80 && begins_signature(f.text[0]) &&
	    !holds_id(row, hi))
		return INTAKE_SIGNATURE;
	if (f.n > FEW)
		return INTAKE_DATA;
	return class_of_text(str_trim(f.text[0]), villages, f.same ? 1 : f.n, ret_section);
}
