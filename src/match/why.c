/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "match/match.h"

#include "link/hanname.h"

#include "base/banned.h"

const struct text *match_method_text(enum match_method method)
{
	static const struct text texts[MATCH_METHOD_MAX] = {
		[MATCH_BY_NOTHING] = TEXT("没有找到", "nobody found"),
		[MATCH_BY_ANSWER] = TEXT("人工认定", "decided by somebody"),
		[MATCH_BY_HH_NO] = TEXT("户编号一致", "same household number"),
		[MATCH_BY_ID] = TEXT("身份证号一致", "same identity number"),
		[MATCH_BY_ID_15] = TEXT("15位旧证号升位后一致", "same number after renewal from 15 digits"),
		[MATCH_BY_ID_CARD] = TEXT("残疾证号前18位一致", "first 18 of the disability card agree"),
		[MATCH_BY_ID_ONE_DIGIT] = TEXT("身份证号一位不符", "one character of the number differs"),
		[MATCH_BY_ID_SWAP] = TEXT("身份证号相邻两位颠倒", "two neighbours of the number exchanged"),
		[MATCH_BY_ID_LENGTH] = TEXT("身份证号多或少一位", "one character too many or too few"),
		[MATCH_BY_ID_LOSSY] = TEXT("身份证号末位丢失，其余一致", "number lost its tail, the rest agrees"),
		[MATCH_BY_ID_FAMILY] = TEXT("证号是同户另一人的", "the number is another member's"),
		[MATCH_BY_NAME_BIRTH_VILLAGE] = TEXT("按姓名、出生日期和村认定", "by name, birth and village"),
		[MATCH_BY_NAME_BIRTH] = TEXT("按姓名和出生日期认定", "by name and birth"),
		[MATCH_BY_NAME_VILLAGE] = TEXT("按姓名和村认定", "by name and village"),
		[MATCH_BY_NAME_HOUSEHOLD] = TEXT("按姓名在本户内认定", "by name within the household"),
		[MATCH_BY_HEAD_VILLAGE] = TEXT("按村和户主姓名认定", "by village and head's name"),
		[MATCH_BY_SCORE] = TEXT("按各项综合比对", "by all fields together"),
	};

	return &texts[method < MATCH_METHOD_MAX ? method : MATCH_BY_NOTHING];
}

const struct text *match_band_text(enum match_band band)
{
	static const struct text texts[MATCH_BAND_MAX] = {
		[MATCH_NOT_OURS] = TEXT("不在册", "not on the register"),
		[MATCH_UNCLEAR] = TEXT("待人工核实", "for somebody to decide"),
		[MATCH_PROBABLE] = TEXT("很可能", "probable"),
		[MATCH_SURE] = TEXT("确定", "sure"),
	};

	return &texts[band < MATCH_BAND_MAX ? band : MATCH_NOT_OURS];
}

/* What a field's agreement is called; {NULL, NULL}: not worth a word. */
static const struct text field_texts[3][MATCH_AGREES + 1] = {
	{[MATCH_DIFFERS] = TEXT("出生日期不同", "other birth date"),
	 [MATCH_NEAR] = TEXT("出生日期相近", "birth date nearly agrees"),
	 [MATCH_AGREES] = TEXT("出生日期相同", "same birth date")},
	{[MATCH_DIFFERS] = TEXT("村不同", "other village"), [MATCH_AGREES] = TEXT("村相同", "same village")},
	{[MATCH_DIFFERS] = TEXT("性别不同", "other sex")},
};

static void add(const struct text *t, enum lang lang, struct buf *out)
{
	if (!t->in[lang])
		return;
	if (out->n > 0)
		buf_adds(out, lang == LANG_ZH ? "；" : "; ");
	buf_adds(out, t->in[lang]);
}

void match_why(const struct match_link *link, enum lang lang, struct buf *out)
{
	const uint8_t fields[3] = {link->birth, link->village, link->sex};
	static const struct text rivals = TEXT("另有人同样符合", "somebody else fits as well");
	static const struct text off = TEXT("此人不在册", "this person is not on the register");
	struct buf text;

	buf_init(&text, 1000);
	add(match_method_text(link->method), lang, &text);
	if (link->name != HANNAME_MISSING)
		add(hanname_class_text(link->name), lang, &text);
	for (int i = 0; i < 3; i++)
		if (fields[i] <= MATCH_AGREES)
			add(&field_texts[i][fields[i]], lang, &text);
	if (link->rivals > 0 && link->band == MATCH_UNCLEAR)
		add(&rivals, lang, &text);
	if (link->band == MATCH_NOT_OURS && link->bridge >= 0)
		add(&off, lang, &text);
	buf_addstr(out, buf_str(&text));
	buf_release(&text);
}
