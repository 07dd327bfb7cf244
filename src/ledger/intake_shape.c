/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include "ledger/intake_i.h"

#include "base/banned.h"

enum { LOOK_AT = 80 };

/* The surnames of some 96 in 100 people; the others are no evidence either way. */
static const char surnames[] =
	"王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏"
	"薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常"
	"武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝"
	"左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮"
	"桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠"
	"连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆"
	"谌银扬明沙薄伏岑习胥保和蔺水云昌凤酆皮卞元平伯肖闫付代邰仝未种晁亓战";

struct look {
	struct str s;     /* trimmed */
	size_t chars, digits, hans, letters, others;
	int32_t first;    /* first character */
};

static void look_at(struct str s, struct look *k)
{
	*k = (struct look){.s = s};
	size_t pos = 0;
	int32_t cp;
	while ((cp = utf8_next(s, &pos)) >= 0) {
		cp = utf8_narrow(cp);
		if (k->chars++ == 0)
			k->first = cp;
		if (cp >= '0' && cp <= '9')
			k->digits++;
		else if (utf8_is_han(cp))
			k->hans++;
		else if ((cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z'))
			k->letters++;
		else
			k->others++;
	}
}

static bool is_name(const struct look *k)
{
	if (k->hans < 2 || k->hans > 4 || k->digits || k->letters || k->others > 2)
		return false;
	char c[4];
	size_t n = utf8_encode(k->first, c);
	return str_find(str_c(surnames), (struct str){c, n}) != SIZE_MAX;
}

static bool is_plate(const struct look *k)
{
	static const char provinces[] = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
	char c[4];
	size_t n = utf8_encode(k->first, c);
	return k->hans <= 2 && k->chars >= 6 && k->chars <= 9 && k->letters >= 1 &&
	       k->digits + k->letters >= 5 &&
	       str_find(str_c(provinces), (struct str){c, n}) != SIZE_MAX;
}

static void count_number(const struct look *k, int64_t previous, struct shape *s, int64_t *ret_v)
{
	int64_t v = 0;
	bool exact = true;
	if (!decimal_parse(k->s, 0, &v, &exact))
		return;
	s->number++;
	s->integer += exact;
	s->seq += exact && previous >= 0 && v == previous + 1;
	s->year += exact && v >= 1990 && v <= 2035 && k->digits == 4;
	*ret_v = v;
}

static void count_digits(const struct look *k, struct shape *s)
{
	bool mostly = k->hans == 0 && k->digits + k->letters + k->others == k->chars &&
	              k->letters <= 1;
	if (!mostly)
		return;
	size_t n = k->digits + k->letters;
	bool birth = n == 18 || n == 15 || n == 17 || n == 19;
	if (birth && k->digits >= 14)
		s->id++;
	else if (n >= 20 && n <= 22 && k->digits >= 19)
		s->card++;
	else if (n == 11 && k->first == '1' && k->letters == 0)
		s->phone++;
	if (n >= 9 && k->digits >= 9)
		s->long_number++;
}

/* Household numbers are area code and a counter: 12 to 17 digits, none of them
 * as long as a citizen's number, all of one length and one county. */
static void count_serial(const struct look *k, struct shape *s)
{
	if (k->digits != k->chars || k->s.n != k->chars || k->chars < 12 || k->chars > 17 ||
	    k->chars == 15)
		return;
	if (!s->serial_length) {
		s->serial_length = (uint32_t)k->chars;
		memcpy(s->serial_area, k->s.p, sizeof(s->serial_area));
	}
	s->serial += k->chars == s->serial_length &&
	             memcmp(s->serial_area, k->s.p, sizeof(s->serial_area)) == 0;
}

void shape_of(const struct grid *g, size_t from, size_t col, const struct villages *villages,
              struct shape *ret)
{
	*ret = (struct shape){0};
	int64_t previous = -1;
	for (size_t r = from; r < g->n && ret->n < LOOK_AT; r++) {
		if (col >= g->rows[r].n)
			continue;
		const struct grid_cell *cell = &g->rows[r].cells[col];
		if (cell_is_blank(cell->text) || cell_is_ditto(cell->text))
			continue;
		struct look k;
		look_at(cell->text, &k);
		ret->n++;
		count_digits(&k, ret);
		count_serial(&k, ret);
		int64_t v = -1;
		count_number(&k, previous, ret, &v);
		previous = v;
		ret->date += cell->kind == CELL_DATE || (date_parse(k.s) != 0 && k.digits != 4);
		ret->name += is_name(&k);
		ret->han += k.hans * 2 > k.chars;
		ret->plate += is_plate(&k);
		ret->boolean += k.chars == 1 && (str_is(k.s, "是") || str_is(k.s, "否") ||
		                                 str_is(k.s, "√") || str_is(k.s, "有") ||
		                                 str_is(k.s, "无"));
		ret->area += k.hans >= 2 && villages_find(villages, k.s) >= 0;
		fen_t fen;
		ret->money += k.digits > 0 && money_parse(k.s, MONEY_YUAN, &fen);
		ret->text += k.hans > 0;
	}
}

int shape_codes(const struct grid *g, size_t from, size_t col, const struct pack_list *list)
{
	size_t n = 0, hits = 0;
	/* with more misses than that, the others may be what they like */
	size_t misses_max = (size_t)LOOK_AT * (100 - CODES_MOST) / 100;
	for (size_t r = from; r < g->n && n < LOOK_AT && n - hits <= misses_max; r++) {
		struct str t = grid_text(g, r, col);
		if (cell_is_blank(t) || cell_is_ditto(t))
			continue;
		struct str unknown;
		n++;
		hits += pack_code_find(list, t, NULL) >= 0 ||
		        (pack_codes_find(list, t, &unknown) != 0 && unknown.n == 0);
	}
	int share = n < 3 ? 0 : (int)(hits * 100 / n);
	return share < CODES_MOST ? 0 : share;
}

static bool most(uint32_t part, uint32_t n)
{
	return part * 5 >= n * 4;
}

static bool hardly(uint32_t part, uint32_t n)
{
	return part * 10 < n;
}

/* What confirms a kind, and what contradicts it. */
static int verdict(bool confirms, bool contradicts)
{
	return confirms ? 1 : contradicts ? -1 : 0;
}

static int fits_text(const struct shape *s, const struct pack_column *c)
{
	uint32_t n = s->n;
	switch (c->kind) {
	case PACK_ID: return verdict(most(s->id, n), hardly(s->id, n));
	case PACK_CARD: return verdict(most(s->card, n), hardly(s->card, n));
	case PACK_NAME: return verdict(most(s->name, n), hardly(s->han, n) || most(s->area, n));
	case PACK_PHONE: return verdict(most(s->phone, n), most(s->han, n) || most(s->id, n));
	case PACK_AREA: return verdict(most(s->area, n), hardly(s->text, n));
	default: break;
	}
	if (c->kind != PACK_NUMBER_TEXT || c->role != PACK_ROLE_HH_NO)
		return 0;
	return verdict(most(s->long_number, n), most(s->seq, n) || most(s->name, n));
}

int shape_fits(const struct shape *s, const struct pack_column *c)
{
	uint32_t n = s->n;
	if (n < 4)
		return 0;
	bool person = most(s->id, n) || most(s->name, n);
	switch (c->kind) {
	case PACK_DATE: return verdict(most(s->date, n), person);
	case PACK_YEAR: return verdict(most(s->year, n), most(s->id, n));
	case PACK_INT:
	case PACK_NUM: return verdict(most(s->number, n), person);
	case PACK_MONEY: return verdict(most(s->money, n), hardly(s->money, n) || most(s->id, n));
	default: return fits_text(s, c);
	}
}
