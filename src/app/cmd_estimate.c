/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * estimate: figures from a sample with their standard errors, by the way it was drawn.
 */
#include "app/app.h"

#include <math.h>
#include <stdlib.h>

#include "estimate/run.h"
#include "field/field.h"
#include "pack/pack.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"spec", OPT_VALUE, "FILE.json", TEXT("数据、设计、问题都写在文件里", "data, design and queries from a file")},
	{"pack", OPT_VALUE, "NAME|DIR", 
	 TEXT("达标线出自的政策包（默认 cn-2018）", "policy pack of the limits (default cn-2018)")},
	{"weights", OPT_VALUE, "COL", TEXT("权重列", "column of weights")},
	{"strata", OPT_VALUE, "COL[,COL2]", TEXT("各阶段的层", "strata by stage")},
	{"clusters", OPT_VALUE, "COL[,COL2]", TEXT("各阶段的群", "clusters by stage")},
	{"fpc", OPT_VALUE, "COL[,COL2]", TEXT("各阶段总体中的单位数", "units in the population by stage")},
	{"nest", OPT_FLAG, NULL, TEXT("群号只在层内唯一", "cluster ids are unique within strata only")},
	{"lonely", OPT_VALUE, "remove|adjust|average|certainty|fail",
	 TEXT("一层只有一个群时（默认 fail）", "for strata with one cluster (default fail)")},
	{"mean", OPT_LIST, "Y", TEXT("均值", "mean")},
	{"total", OPT_LIST, "Y", TEXT("总量", "total")},
	{"ratio", OPT_LIST, "Y/X", TEXT("比率", "ratio")},
	{"prop", OPT_LIST, "Y", TEXT("比例：0/1 列，或条件（stype=='H'）", "proportion: a column of 0 and 1, or a condition")},
	{"quantile", OPT_LIST, "Y:P", TEXT("分位数", "quantile")},
	{"fgt", OPT_LIST, "Y:LINE:ALPHA", TEXT("FGT 贫困指数", "Foster-Greer-Thorbecke")},
	{"gini", OPT_LIST, "Y", TEXT("基尼系数", "Gini coefficient")},
	{"arpr", OPT_LIST, "Y", TEXT("相对贫困率（中位数的 60%）", "at-risk-of-poverty rate (60 % of the median)")},
	{"arpt", OPT_LIST, "Y", TEXT("相对贫困线", "at-risk-of-poverty threshold")},
	{"rmpg", OPT_LIST, "Y", TEXT("相对贫困深度中位数", "relative median poverty gap")},
	{"qsr", OPT_LIST, "Y", TEXT("五等分收入比", "quintile share ratio S80/S20")},
	{"by", OPT_VALUE, "COL", TEXT("分组", "in each group")},
	{"domain", OPT_VALUE, "COND", TEXT("只看这些行（设计不变）", "only these rows (the design stays)")},
	{"ci", OPT_VALUE, "METHOD", TEXT("比例的区间：logit likelihood asin beta mean xlogit",
	                                 "interval of proportions: logit likelihood asin beta mean xlogit")},
	{"level", OPT_VALUE, "0.95", TEXT("置信水平", "level of confidence")},
	{"json", OPT_FLAG, NULL, TEXT("输出 JSON（用 --spec 时默认）", "JSON (the default with --spec)")},
	{"table", OPT_FLAG, NULL, TEXT("输出表格", "a table")},
	{"explain", OPT_FLAG, NULL, TEXT("写出公式和出处", "with formulas and sources")},
	{0},
};

enum { QUERIES_MAX = 256 };

struct command_line {
	struct app *app;
	const struct args *args;
	struct spec spec;
	const char *by;
};

static enum err wrong(struct command_line *c, const char *option, const char *value)
{
	return diag_set(&c->app->diag, ERR_USAGE, "--%s %s", option, value);
}

static void split_names(struct command_line *c, const char *option, struct spec_names *ret)
{
	const char *v = args_value(c->args, option);
	struct str rest = str_c(v), piece;
	while (v && ret->n < STAT_STAGES_MAX && str_split(&rest, ',', &piece))
		ret->name[ret->n++] = str_dup(&c->app->arena, str_trim(piece));
}

static enum err read_design(struct command_line *c)
{
	struct spec_design *d = &c->spec.design;
	const char *lonely = args_value(c->args, "lonely");
	spec_design_init(d);
	d->weights = args_value(c->args, "weights");
	split_names(c, "strata", &d->strata);
	split_names(c, "clusters", &d->clusters);
	split_names(c, "fpc", &d->fpc);
	d->nest = args_flag(c->args, "nest");
	d->planned = true;
	if (lonely && !spec_lonely_find(lonely, &d->lonely))
		return wrong(c, "lonely", lonely);
	return OK;
}

/* Y:P, Y:LINE:ALPHA: the numbers behind the name. */
static enum err split_numbers(struct command_line *c, const char *option, const char *value,
                              size_t want, const char **ret_name, double *ret)
{
	struct str rest = str_c(value), piece;
	size_t n = 0;
	if (!str_split(&rest, ':', &piece) || !piece.n)
		return wrong(c, option, value);
	*ret_name = str_dup(&c->app->arena, piece);
	while (n < want && str_split(&rest, ':', &piece))
		if (!number_read(str_trim(piece), &ret[n++]))
			return wrong(c, option, value);
	return n == want && !rest.n ? OK : wrong(c, option, value);
}

static enum err read_operand(struct command_line *c, const char *option, const char *value,
                             struct query *q)
{
	double v[2];
	enum err e = OK;
	const char *slash = strchr(value, '/');
	switch (q->kind) {
	case QUERY_RATIO:
		if (!slash)
			return wrong(c, option, value);
		q->num = str_dup(&c->app->arena, (struct str){value, (size_t)(slash - value)});
		q->den = slash + 1;
		break;
	case QUERY_PROPORTION:
		q->expr = value;
		break;
	case QUERY_QUANTILE:
		e = split_numbers(c, option, value, 1, &q->var, v);
		if (!e) {
			double *p = ARENA_NEW(&c->app->arena, double);
			*p = v[0];
			q->p = p;
			q->n_p = 1;
		}
		break;
	case QUERY_FGT:
		e = split_numbers(c, option, value, 2, &q->var, v);
		q->line = (struct poverty_line){LINE_FIXED, v[0], true, v[1]};
		q->line_given = true;
		break;
	default:
		q->var = value;
	}
	return e;
}

static enum err read_queries(struct command_line *c)
{
	static const struct { const char *option; enum query_kind kind; } kinds[] = {
		{"mean", QUERY_MEAN}, {"total", QUERY_TOTAL}, {"ratio", QUERY_RATIO},
		{"prop", QUERY_PROPORTION}, {"quantile", QUERY_QUANTILE}, {"fgt", QUERY_FGT},
		{"gini", QUERY_GINI}, {"arpr", QUERY_ARPR}, {"arpt", QUERY_ARPT},
		{"rmpg", QUERY_RMPG}, {"qsr", QUERY_QSR}};
	const char *ci = args_value(c->args, "ci"), *level = args_value(c->args, "level");
	enum err e = OK;
	c->spec.queries = ARENA_ARRAY(&c->app->arena, QUERIES_MAX, struct query);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		size_t n;
		const char *const *values = args_list(c->args, kinds[k].option, &n);
		for (size_t i = 0; !e && i < n && c->spec.n_queries < QUERIES_MAX; i++) {
			struct query *q = &c->spec.queries[c->spec.n_queries++];
			query_init(q, kinds[k].kind);
			q->domain = args_value(c->args, "domain");
			if (ci && !interval_method_find(ci, &q->method))
				return wrong(c, "ci", ci);
			if (level && (!number_read(str_c(level), &q->level) || q->level <= 0 || q->level >= 1))
				return wrong(c, "level", level);
			e = read_operand(c, kinds[k].option, values[i], q);
		}
	}
	if (!e && !c->spec.n_queries)
		e = diag_set(&c->app->diag, ERR_USAGE,
		             "--mean, --total, --ratio, --prop, --quantile, --fgt, --gini, …?");
	return e;
}

/* A query once for each level of --by, as domains. */
static enum err spread(struct command_line *c, const struct setup *s, struct spec *ret)
{
	struct column *by;
	struct arena *a = &c->app->arena;
	enum err e = setup_factor(s, c->by, &c->app->diag, &by);
	if (e)
		return e;
	size_t n = 0;
	struct query *all = ARENA_ARRAY(a, c->spec.n_queries * (by->n_levels + 1), struct query);
	for (size_t i = 0; i < c->spec.n_queries; i++) {
		const struct query *q = &c->spec.queries[i];
		if (q->kind == QUERY_MEAN && frame_column(&s->frame, q->var) &&
		    frame_column(&s->frame, q->var)->numeric) {
			all[n] = *q;
			all[n].kind = QUERY_MEAN_BY;
			all[n++].by = c->by;
			continue;
		}
		for (size_t k = 0; k < by->n_levels; k++) {
			all[n] = *q;
			all[n++].domain = arena_printf(a, "`%s`=='" STR_FMT "'%s%s%s", c->by,
			                               STR_ARG(by->levels[k]), q->domain ? " & (" : "",
			                               q->domain ? q->domain : "", q->domain ? ")" : "");
		}
	}
	*ret = c->spec;
	ret->queries = all;
	ret->n_queries = n;
	return OK;
}

/* A query that has no answer says so in its place; the others are answered. */
static void refuse(const struct query *q, const struct diag *d, enum lang lang, bool json,
                   struct buf *out)
{
	struct buf why;
	buf_init(&why, 1 << 16);
	diag_print(d, lang, &why);
	if (json) {
		buf_addf(out, "{\"q\":\"%s\",\"error\":", query_kind_name(q->kind));
		json_string((struct str){why.p, why.n}, out);
		buf_addc(out, '}');
	} else {
		buf_addf(out, "%s: " STR_FMT "\n", query_kind_name(q->kind), STR_ARG(((struct str){why.p, why.n})));
	}
	buf_release(&why);
}

static enum err answer_all(struct command_line *c, const struct setup *s, const struct spec *spec)
{
	bool json = !args_flag(c->args, "table") &&
	            (args_flag(c->args, "json") || args_value(c->args, "spec"));
	struct arena a; /* of one query */
	struct buf out;
	enum err e = OK;
	arena_init(&a, 0);
	buf_init(&out, (size_t)1 << 30);
	if (json)
		buf_adds(&out, "{\"queries\":[");
	for (size_t i = 0; i < spec->n_queries; i++) {
		struct answer x;
		struct diag why = {0};
		enum err bad = run_query(s, &spec->queries[i], &a, &why, &x);
		if (json)
			buf_adds(&out, i ? ",\n" : "\n");
		if (bad) {
			diag_place(&why, "queries[%zu]", i);
			refuse(&spec->queries[i], &why, c->app->lang, json, &out);
			if (!e)
				c->app->diag = why;
			e = e ? e : bad;
		} else if (json) {
			answer_json(&x, args_flag(c->args, "explain"), &out);
		} else {
			if (spec->queries[i].domain)
				buf_addf(&out, "[%s] ", spec->queries[i].domain);
			answer_table(&x, c->app->lang, args_flag(c->args, "explain"), &out);
		}
		arena_clear(&a);
	}
	if (json)
		buf_adds(&out, "\n]}\n");
	if (!e && out.full)
		e = diag_set(&c->app->diag, ERR_FILE_TOO_LARGE, "-");
	if (fwrite(out.p, 1, out.n, stdout) != out.n && !e)
		e = diag_set(&c->app->diag, ERR_IO, "-");
	buf_release(&out);
	arena_release(&a);
	return e;
}

/* Limits that the queries leave open are the pack's. */
static enum err take_limits(struct command_line *c)
{
	static const struct { enum query_kind kind; const char *param; } limits[] = {
		{QUERY_MISSED, "missed_max"}, {QUERY_WRONG_EXIT, "wrong_exit_max"},
		{QUERY_WRONG_LISTED, "wrong_listed_max"}, {QUERY_APPROVAL, "approval_min"},
		{QUERY_INCIDENCE, "incidence_max"}};
	const char *name = args_value(c->args, "pack");
	struct pack *pack = NULL;
	enum err e = OK;
	for (size_t i = 0; !e && i < c->spec.n_queries; i++) {
		struct query *q = &c->spec.queries[i];
		for (size_t k = 0; !e && k < sizeof(limits) / sizeof(*limits); k++) {
			if (q->kind != limits[k].kind || !isnan(q->limit))
				continue;
			if (!pack)
				e = pack_open(name ? name : "cn-2018", &c->app->diag, &pack);
			const struct pack_param *p = e ? NULL : pack_param(pack, limits[k].param);
			if (p && p->kind == PACK_PARAM_NUM)
				q->limit = (double)p->value / pow(10, p->scale);
		}
	}
	pack_close(pack);
	return e;
}

static enum err read_command(struct command_line *c)
{
	enum err e = read_design(c);
	if (!e)
		e = read_queries(c);
	c->spec.data = c->args->rest_n ? c->args->rest[0] : NULL;
	c->by = args_value(c->args, "by");
	/* so that the column is read */
	if (c->by)
		for (size_t i = 0; !e && i < c->spec.n_queries; i++)
			c->spec.queries[i].by = c->by;
	return e;
}

int cmd_estimate(struct app *app, int argc, char **argv)
{
	struct args args;
	struct command_line c = {.app = app, .args = &args};
	struct setup *s = ARENA_NEW(&app->arena, struct setup);
	struct spec all;
	int status;
	if (!args_parse(app, "estimate", opts, argc, argv, &args, &status))
		return status;
	const char *path = args_value(&args, "spec");
	if (!path && args.rest_n != 1)
		return app_usage(app, "estimate DATA.csv …");
	enum err e = path ? spec_read(path, &app->arena, &app->diag, &c.spec) : read_command(&c);
	if (!e)
		e = take_limits(&c);
	if (!e)
		e = setup_make(&c.spec, &app->arena, &app->diag, s);
	all = c.spec;
	if (!e && c.by)
		e = spread(&c, s, &all);
	if (!e)
		e = answer_all(&c, s, &all);
	return e ? app_fail(app) : 0;
}
