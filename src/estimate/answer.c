/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "estimate/answer.h"

#include <math.h>
#include <stdio.h>

#include "base/utf8.h"
#include "field/field.h"

#include "base/banned.h"

static struct answer_item *add(struct answer *x, const char *name, enum answer_shape shape,
                               const double *v, size_t n)
{
	static struct answer_item none;
	if (x->n == ANSWER_ITEMS_MAX)
		return &none;
	x->items[x->n] = (struct answer_item){.name = name, .shape = shape, .v = v, .n = n};
	return &x->items[x->n++];
}

void answer_number(struct answer *x, const char *name, double v, struct arena *a)
{
	double *own = ARENA_NEW(a, double);
	*own = v;
	(void)add(x, name, ANSWER_NUMBER, own, 1);
}

void answer_list(struct answer *x, const char *name, const double *v, size_t n)
{
	(void)add(x, name, ANSWER_LIST, v, n);
}

void answer_named(struct answer *x, const char *name, const char *const *keys, const double *v,
                  size_t n)
{
	add(x, name, ANSWER_NAMED, v, n)->keys = keys;
}

void answer_one(struct answer *x, const char *name, const double *v, size_t n, bool list)
{
	(void)add(x, name, list ? ANSWER_LIST : ANSWER_NUMBER, v, n);
}

void answer_text(struct answer *x, const char *name, const char *text)
{
	add(x, name, ANSWER_TEXT, NULL, 0)->text = text;
}

void answer_sum(struct answer *x, const char *name, double v, struct arena *a)
{
	double *own = ARENA_NEW(a, double);
	*own = v;
	if (x->n_sums < ANSWER_SUMS_MAX)
		x->sums[x->n_sums++] = (struct answer_item){.name = name, .v = own, .n = 1};
}

const struct answer_item *answer_find(const struct answer *x, const char *name)
{
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->items[i].name, name) == 0)
			return &x->items[i];
	return NULL;
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void put_number(double v, struct buf *out)
{
	if (!isfinite(v))
		buf_adds(out, "null");
	else
		buf_addf(out, "%.17g", v);
}

static void put_list(const double *v, size_t n, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(out, ',');
		put_number(v[i], out);
	}
	buf_addc(out, ']');
}

static void put_matrix(const double *v, size_t n, struct buf *out)
{
	size_t p = 0;
	while (p * p < n)
		p++;
	buf_addc(out, '[');
	for (size_t i = 0; i < p; i++) {
		if (i)
			buf_addc(out, ',');
		put_list(v + i * p, p, out);
	}
	buf_addc(out, ']');
}

static void put_item(const struct answer_item *i, struct buf *out)
{
	json_string(str_c(i->name), out);
	buf_addc(out, ':');
	switch (i->shape) {
	case ANSWER_NUMBER:
		put_number(i->v[0], out);
		break;
	case ANSWER_LIST:
		put_list(i->v, i->n, out);
		break;
	case ANSWER_MATRIX:
		put_matrix(i->v, i->n, out);
		break;
	case ANSWER_TEXT:
		json_string(str_c(i->text), out);
		break;
	case ANSWER_NAMED:
		buf_addc(out, '{');
		for (size_t k = 0; k < i->n; k++) {
			if (k)
				buf_addc(out, ',');
			json_string(str_c(i->keys[k]), out);
			buf_addc(out, ':');
			put_number(i->v[k], out);
		}
		buf_addc(out, '}');
		break;
	}
}

static void put_explanation(const struct answer *x, const char *comma, struct buf *out)
{
	if (x->note) {
		buf_addf(out, "%s\"formula\":", comma);
		json_string(str_c(x->note), out);
		comma = ",";
	}
	buf_addf(out, "%s\"sums\":{", comma);
	for (size_t i = 0; i < x->n_sums; i++) {
		if (i)
			buf_addc(out, ',');
		put_item(&x->sums[i], out);
	}
	buf_addc(out, '}');
}

void answer_json(const struct answer *x, bool explain, struct buf *out)
{
	const char *comma = "";
	buf_addc(out, '{');
	if (x->kind) {
		buf_adds(out, "\"q\":");
		json_string(str_c(x->kind), out);
		comma = ",";
	}
	if (x->levels) {
		buf_addf(out, "%s\"level\":[", comma);
		for (size_t i = 0; i < x->n_levels; i++) {
			if (i)
				buf_addc(out, ',');
			json_string(str_c(x->levels[i]), out);
		}
		buf_addc(out, ']');
		comma = ",";
	}
	for (size_t i = 0; i < x->n; i++) {
		buf_adds(out, comma);
		put_item(&x->items[i], out);
		comma = ",";
	}
	if (x->by) {
		buf_addf(out, "%s\"by\":", comma);
		answer_json(x->by, false, out);
		comma = ",";
	}
	if (explain)
		put_explanation(x, comma, out);
	buf_addc(out, '}');
}

/* --- for people ------------------------------------------------------------------------------- */

enum { NAME_WIDTH = 24, CELL_WIDTH = 14, SHOWN_MAX = 12 };

static void put_padded(const char *text, size_t width, bool right, struct buf *out)
{
	size_t w = utf8_str_width(str_c(text)), gap = w < width ? width - w : 0;
	if (!right)
		buf_adds(out, text);
	for (size_t i = 0; i < gap; i++)
		buf_addc(out, ' ');
	if (right)
		buf_adds(out, text);
}

static void put_cell(const struct answer_item *i, size_t k, struct buf *out)
{
	char text[32] = "";
	if (i && (k >= i->n || !isfinite(i->v[k])))
		(void)snprintf(text, sizeof(text), "–");
	else if (i && i->v[k] == trunc(i->v[k]) && fabs(i->v[k]) < 1e12)
		(void)snprintf(text, sizeof(text), "%.0f", i->v[k]);
	else if (i)
		(void)snprintf(text, sizeof(text), "%.6g", i->v[k]);
	buf_addc(out, ' ');
	put_padded(text, CELL_WIDTH, true, out);
}

static bool in_line(const struct answer_item *i)
{
	static const char *const columns[] = {"estimate", "se", "ci95_t", "ci", "ci_lo", "ci_hi",
	                                      "deff_srswor", "deff_srswr", "vcov"};
	for (size_t k = 0; k < sizeof(columns) / sizeof(*columns); k++)
		if (strcmp(columns[k], i->name) == 0)
			return true;
	return false;
}

static const struct { const char *name; struct text label; } labels[] = {
	{"mean", TEXT("均值", "mean")}, {"total", TEXT("总量", "total")},
	{"ratio", TEXT("比率", "ratio")}, {"mean_by", TEXT("分组均值", "means of groups")},
	{"diff_of_domain_means", TEXT("组间均值之差", "difference of two groups' means")},
	{"prop_ci", TEXT("比例", "proportion")}, {"quantile", TEXT("分位数", "quantile")},
	{"rao_scott", TEXT("独立性检验（Rao-Scott）", "test of independence (Rao-Scott)")},
	{"fgt", TEXT("FGT 贫困指数", "Foster-Greer-Thorbecke")}, {"gini", TEXT("基尼系数", "Gini coefficient")},
	{"arpt", TEXT("相对贫困线", "at-risk-of-poverty threshold")},
	{"arpr", TEXT("相对贫困率", "at-risk-of-poverty rate")},
	{"rmpg", TEXT("相对贫困深度中位数", "relative median poverty gap")},
	{"qsr", TEXT("五等分收入比", "quintile share ratio")}, {"lorenz", TEXT("洛伦兹曲线", "Lorenz curve")},
	{"alkire_foster", TEXT("多维贫困（AF）", "multidimensional poverty (Alkire-Foster)")},
	{"wrong_listed_rate", TEXT("错评率", "wrongly listed")},
	{"approval_rate", TEXT("群众认可度", "approval")},
	{"incidence", TEXT("综合贫困发生率", "composite incidence")},
	{"pass", TEXT("达标", "pass")}, {"fail", TEXT("不达标", "fail")},
	{"surveyed", TEXT("调查的未建档人口", "unlisted people surveyed")},
	{"villages", TEXT("抽中村全部未建档人口", "unlisted people of the sampled villages")},
	{"estimate", TEXT("估计值", "estimate")}, {"se", TEXT("标准误", "std. error")},
	{"lo", TEXT("区间下限", "low")}, {"hi", TEXT("区间上限", "high")},
	{"deff_srswr", TEXT("设计效应", "deff")}, {"df", TEXT("自由度", "df")},
	{"threshold", TEXT("线", "line")}, {"ndf", TEXT("分子自由度", "ndf")},
	{"ddf", TEXT("分母自由度", "ddf")}, {"chisq", TEXT("卡方", "chi-square")},
	{"p_chisq", TEXT("卡方 p 值", "p of chi-square")}, {"p", TEXT("p 值", "p")},
	{"rows", TEXT("样本户（行）数", "rows")}, {"rows_found", TEXT("其中有问题的", "rows with a case")},
	{"ci_wilson", TEXT("威尔逊区间", "Wilson interval")},
	{"upper", TEXT("单侧上限", "one-sided upper bound")},
	{"lower", TEXT("单侧下限", "one-sided lower bound")},
	{"n_eff", TEXT("有效样本量", "effective n")}, {"deff", TEXT("设计效应", "design effect")},
	{"limit", TEXT("标准", "limit")}, {"prob_fail", TEXT("不达标的把握", "probability of failing")},
	{"verdict", TEXT("结论", "verdict")}, {"denominator", TEXT("分母", "denominator")},
	{"estimate_surveyed", TEXT("按调查人数", "of those surveyed")},
	{"estimate_villages", TEXT("按抽中村未建档人口", "of the sampled villages")},
	{"missed_rate", TEXT("漏评率", "missed")}, {"wrong_exit_rate", TEXT("错退率", "wrong exit")},
	{"missed_people", TEXT("推算漏评人数", "missed people")},
	{"wrong_exit_people", TEXT("推算错退人数", "wrongly exited people")},
	{"correlation", TEXT("两率相关", "correlation of the rates")},
	{"purposive_rows", TEXT("典型样本（不计入）", "purposive rows (left out)")},
};

static const char *label_of(const char *name, enum lang lang)
{
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (strcmp(labels[i].name, name) == 0)
			return labels[i].label.in[lang];
	return name;
}

static void put_estimates(const struct answer *x, enum lang lang, struct buf *out)
{
	const struct answer_item *est = answer_find(x, "estimate"), *se = answer_find(x, "se");
	const struct answer_item *ci = answer_find(x, "ci95_t"), *deff = answer_find(x, "deff_srswr");
	ci = ci ? ci : answer_find(x, "ci");
	const struct answer_item *lo = answer_find(x, "ci_lo"), *hi = answer_find(x, "ci_hi");
	static const char *const heads[] = {"estimate", "se", "lo", "hi", "deff_srswr"};
	if (!est)
		return;
	put_padded("", NAME_WIDTH, false, out);
	for (size_t k = 0; k < (se ? deff ? 5 : 4 : 1); k++) {
		buf_addc(out, ' ');
		put_padded(label_of(heads[k], lang), CELL_WIDTH, true, out);
	}
	buf_addc(out, '\n');
	for (size_t k = 0; k < est->n; k++) {
		const char *name = est->keys ? est->keys[k]
		                 : x->levels && k < x->n_levels ? x->levels[k] : x->title;
		put_padded(name ? name : "", NAME_WIDTH, false, out);
		put_cell(est, k, out);
		if (se) {
			put_cell(se, k, out);
			put_cell(ci ? ci : lo, ci ? 2 * k : k, out);
			put_cell(ci ? ci : hi, ci ? 2 * k + 1 : k, out);
		}
		if (deff)
			put_cell(deff, k, out);
		buf_addc(out, '\n');
	}
}

static void put_line(const struct answer_item *i, enum lang lang, struct buf *out)
{
	put_padded(label_of(i->name, lang), NAME_WIDTH, false, out);
	if (i->shape == ANSWER_TEXT) {
		buf_addc(out, ' ');
		put_padded(label_of(i->text, lang), CELL_WIDTH, true, out);
	}
	for (size_t k = 0; k < i->n && k < SHOWN_MAX; k++) {
		if (i->keys)
			{
			buf_adds(out, "\n  ");
			put_padded(i->keys[k], NAME_WIDTH - 2, false, out);
		}
		put_cell(i, k, out);
	}
	buf_adds(out, i->n > SHOWN_MAX ? " …\n" : "\n");
}

void answer_table(const struct answer *x, enum lang lang, bool explain, struct buf *out)
{
	if (x->kind)
		buf_addf(out, "%s%s%s\n", label_of(x->kind, lang), x->title ? " " : "",
		         x->title ? x->title : "");
	put_estimates(x, lang, out);
	for (size_t i = 0; i < x->n; i++)
		if (!in_line(&x->items[i]) || !answer_find(x, "estimate"))
			put_line(&x->items[i], lang, out);
	if (x->by)
		answer_table(x->by, lang, false, out);
	if (explain && x->note)
		buf_addf(out, "  %s\n", x->note);
	for (size_t i = 0; explain && i < x->n_sums; i++) {
		buf_adds(out, "  ");
		put_padded(x->sums[i].name, NAME_WIDTH - 2, false, out);
		put_cell(&x->sums[i], 0, out);
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
}
