/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/town.h"

#include "base/banned.h"

/* Surnames of northern Anhui by rough frequency, most frequent first. */
static const char *const surnames[] = {
	"张", "王", "李", "刘", "陈", "杨", "赵", "徐", "孙", "马", "朱", "胡", "郭", "何", "高",
	"林", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "萧",
	"田", "董", "袁", "潘", "于", "蒋", "蔡", "余", "杜", "叶", "程", "苏", "魏", "吕", "丁",
	"任", "沈", "姚", "卢", "姜", "崔", "钟", "谭", "陆", "汪", "范", "金", "石", "廖", "贾",
	"夏", "韦", "付", "方", "白", "邹", "孟", "熊", "秦", "邱", "江", "尹", "薛", "闫", "段",
	"雷", "侯", "龙", "史", "陶", "黎", "贺", "顾", "毛", "郝", "龚", "邵", "万", "钱", "严",
	"武", "戴", "莫", "孔", "向", "常", "乔", "尚", "康", "司", "欧阳", "上官", "纪", "储",
};

static const char *const male_chars[] = {
	"伟", "强", "磊", "军", "勇", "杰", "涛", "明", "超", "刚", "平", "辉", "鹏", "华", "飞",
	"鑫", "波", "斌", "宇", "浩", "凯", "健", "俊", "帆", "帅", "旭", "宁", "龙", "林", "国",
	"永", "志", "建", "文", "海", "春", "传", "广", "家", "学", "红", "成", "振", "玉", "祥",
	"保", "贵", "福", "生", "良", "义", "忠", "德", "新", "光", "长", "克", "怀", "士", "树",
	"金", "庆", "全", "喜", "友", "根", "兴", "山", "东", "中", "清", "洪", "昌", "子", "廷",
};

static const char *const female_chars[] = {
	"芳", "娜", "敏", "静", "秀", "英", "丽", "娟", "兰", "霞", "桂", "玲", "燕", "红", "梅",
	"莉", "萍", "云", "珍", "琴", "凤", "洁", "慧", "巧", "美", "雅", "素", "爱", "雪", "荣",
	"月", "香", "花", "彩", "菊", "淑", "翠", "侠", "平", "荷", "婷", "欣", "玉", "春", "晴",
	"媛", "艳", "粉", "莲", "如", "影", "小", "士", "传", "金", "翠", "群", "莹", "蕊", "文",
};

/* Characters that a clerk takes for each other when a name is read out. */
static const char *const homophones[][2] = {
	{"华", "花"}, {"杰", "洁"}, {"芳", "方"}, {"平", "萍"}, {"英", "瑛"}, {"兰", "蓝"},
	{"军", "君"}, {"宏", "红"}, {"刚", "钢"}, {"明", "名"}, {"清", "青"}, {"侠", "霞"},
	{"伟", "炜"}, {"玲", "铃"}, {"丽", "莉"}, {"志", "治"}, {"建", "健"}, {"学", "雪"},
	{"文", "雯"}, {"良", "梁"}, {"永", "勇"}, {"生", "胜"}, {"成", "诚"}, {"保", "宝"},
	{"春", "椿"}, {"林", "琳"}, {"金", "今"}, {"玉", "育"}, {"新", "鑫"}, {"光", "广"},
	{"海", "嗨"}, {"波", "博"}, {"斌", "彬"}, {"辉", "晖"}, {"凯", "楷"}, {"超", "抄"},
	{"德", "得"}, {"静", "敬"}, {"敏", "闵"}, {"娟", "鹃"}, {"美", "镁"}, {"秀", "绣"},
};

const char *name_surname(struct rng *r)
{
	/* the smaller of two draws favours the front of the list */
	uint32_t n = sizeof(surnames) / sizeof(surnames[0]);
	uint32_t a = rng_below(r, n), b = rng_below(r, n);
	return surnames[a < b ? a : b];
}

const char *name_given(struct rng *r, bool male, struct arena *a)
{
	const char *x = male ? RNG_PICK(r, male_chars) : RNG_PICK(r, female_chars);
	if (rng_permille(r, 220))
		return x;
	const char *y = male ? RNG_PICK(r, male_chars) : RNG_PICK(r, female_chars);
	return arena_printf(a, "%s%s", x, y);
}

const char *name_whole(struct rng *r, const char *surname, bool male, struct arena *a)
{
	/* drawn one after the other: as arguments, each compiler would take its own order */
	if (!surname)
		surname = name_surname(r);
	const char *given = name_given(r, male, a);
	return arena_printf(a, "%s%s", surname, given);
}

const char *name_homophone(struct rng *r, const char *name, struct arena *a)
{
	size_t n = sizeof(homophones) / sizeof(homophones[0]), from = rng_below(r, (uint32_t)n);
	struct str whole = str_c(name);
	for (size_t i = 0; i < n; i++)
		for (int side = 0; side < 2; side++) {
			const char *const *pair = homophones[(from + i) % n];
			size_t at = str_find(whole, str_c(pair[side]));
			if (at == SIZE_MAX || at == 0) /* a surname is not misheard */
				continue;
			return arena_printf(a, "%.*s%s%s", (int)at, name, pair[!side],
			                    name + at + strlen(pair[side]));
		}
	return NULL;
}
