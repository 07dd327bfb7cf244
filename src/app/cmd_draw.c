/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * draw: a sample by a published seed, or how large one has to be.
 */
#include "app/app.h"

#include "draw/draw.h"
#include "estimate/frame.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"design", OPT_VALUE, "FILE.yaml", TEXT("抽样设计（docs/sampling.md）", "how to draw (docs/sampling.md)")},
	{"seed", OPT_VALUE, "HEX", TEXT("公开的随机种子；不给则只印出抽样框和设计的指纹，供事先公布",
	                               "public random seed; without it the fingerprints to publish first are printed")},
	{"output", OPT_VALUE, "SAMPLE.csv", TEXT("写到文件（- 为标准输出）", "write to FILE (- for standard output)")},
	{"rate", OPT_VALUE, "0.02", TEXT("样本量：预计的（或限值的）比例", "sample size: the rate expected (or the limit)")},
	{"error", OPT_VALUE, "0.005", TEXT("样本量：允许误差", "sample size: half-width wanted")},
	{"detect", OPT_VALUE, "0.04", TEXT("样本量：要能查出的比例", "sample size: the rate to be found above the limit")},
	{"power", OPT_VALUE, "0.8", TEXT("查出的把握", "with this power")},
	{"level", OPT_VALUE, "0.95", TEXT("置信水平", "level of confidence")},
	{"population", OPT_VALUE, "N", TEXT("总体大小", "size of the population")},
	{"cluster-size", OPT_VALUE, "M", TEXT("每群平均抽取数", "units in a cluster, on average")},
	{"icc", OPT_VALUE, "0.05", TEXT("群内相关", "correlation within clusters")},
	{0},
};

static bool number_option(struct app *app, const struct args *a, const char *name, double none,
                          double *ret)
{
	const char *v = args_value(a, name);
	*ret = none;
	if (!v || number_read(str_c(v), ret))
		return true;
	(void)app_usage(app, "--%s %s", name, v);
	return false;
}

static int size_wanted(struct app *app, const struct args *a)
{
	double rate, error, detect, power, level, N, m, icc;
	bool zh = app->lang == LANG_ZH;
	if (!number_option(app, a, "rate", 0, &rate) || !number_option(app, a, "error", 0, &error) ||
	    !number_option(app, a, "detect", 0, &detect) || !number_option(app, a, "power", 0.8, &power) ||
	    !number_option(app, a, "level", 0.95, &level) ||
	    !number_option(app, a, "population", 0, &N) ||
	    !number_option(app, a, "cluster-size", 1, &m) || !number_option(app, a, "icc", 0, &icc))
		return 2;
	bool fine = rate > 0 && rate < 1 && level > 0.5 && level < 1 && power > 0.5 && power < 1 &&
	            N >= 0 && m >= 1 && icc >= 0 && icc <= 1 &&
	            (args_value(a, "error") ? error > 0 && error < 1 : detect > rate && detect < 1);
	if (!fine)
		return app_usage(app, "--rate 0.02 (--error 0.005 | --detect 0.04 --power 0.8) …");
	double deff = sampling_deff(m, icc);
	double n = args_value(a, "error") ? sampling_size_precision(rate, error, level, N, deff)
	                                  : sampling_size_power(rate, detect, level, power, N, deff);
	printf(zh ? "样本量 %.0f（设计效应 %.3f）\n" : "sample size %.0f (design effect %.3f)\n", n, deff);
	return 0;
}

int cmd_draw(struct app *app, int argc, char **argv)
{
	struct args a;
	struct draw_design d;
	struct draw_summary sum;
	int status;
	bool zh = app->lang == LANG_ZH;
	if (!args_parse(app, "draw", opts, argc, argv, &a, &status))
		return status;
	if (args_value(&a, "rate"))
		return size_wanted(app, &a);
	const char *design = args_need(app, &a, "design"), *seed = args_value(&a, "seed");
	if (!design)
		return 2;
	if (a.rest_n != 1)
		return app_usage(app, "draw FRAME.csv --seed HEX --design FILE.yaml --output SAMPLE.csv");
	enum err e = draw_design_read(design, &app->arena, &app->diag, &d);
	if (!e && !seed) {
		char frame_hash[65], design_hash[65];
		e = draw_hash(a.rest[0], &app->diag, frame_hash);
		if (!e)
			e = draw_hash(design, &app->diag, design_hash);
		if (!e)
			printf(zh ? "抽样框 SHA-256 %s\n抽样设计 SHA-256 %s\n请先公布这两行，再产生种子。\n"
			          : "frame SHA-256 %s\ndesign SHA-256 %s\n"
			            "Publish these two lines before the seed is made.\n",
			       frame_hash, design_hash);
		return e ? app_fail(app) : 0;
	}
	const char *output = args_need(app, &a, "output");
	if (!output)
		return 2;
	if (!e)
		e = draw_sample(a.rest[0], &d, seed, output, &app->arena, &app->diag, &sum);
	if (e)
		return app_fail(app);
	fprintf(stderr, zh ? "抽样框 %zu 行 %s\n抽中 %zu，备选 %zu，群 %zu\n"
	                   : "frame %zu rows %s\nsample %zu, reserve %zu, clusters %zu\n",
	        sum.frame, sum.frame_hash, sum.sample, sum.reserve, sum.clusters);
	return 0;
}
