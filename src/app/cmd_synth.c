/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * synth: the ledgers of a town or county that does not exist, with the list
 * of what was planted in them.
 */
#include "app/app.h"
#include "base/money.h"
#include "synth/synth.h"

#include "base/banned.h"

static const struct opt synth_opts[] = {
	{"town", OPT_VALUE, "CODE", TEXT("乡镇代码（9位）", "code of a town (9 digits)")},
	{"county", OPT_VALUE, "CODE", 
	 TEXT("县代码（6位）：每个乡镇一个文件夹", "code of a county (6 digits): a folder a town")},
	{"areas", OPT_VALUE, "CSV", TEXT("区划表：code,name,parent", "area list: code,name,parent")},
	{"seed", OPT_VALUE, "N", 
	 TEXT("随机种子；相同参数得到相同文件", "seed; the same arguments make the same files")},
	{"layout", OPT_VALUE, "NAME", 
	 TEXT("台账版式，默认由种子选定；list 列出全部",
	      "layout of the ledgers, by default chosen by the seed; list shows them")},
	{"scale", OPT_VALUE, "X", TEXT("规模：1 = 一个乡镇12000户", "size: 1 = 12,000 households a town")},
	{"out", OPT_VALUE, "DIR", TEXT("写到哪个文件夹", "folder to write to")},
	{NULL, OPT_FLAG, NULL, TEXT(NULL, NULL)},
};

static int list_layouts(const struct app *app)
{
	for (size_t i = 0; synth_layout_name(i); i++)
		printf("%-10s %s\n", synth_layout_name(i), app_text(app, synth_layout_title(i)));
	return 0;
}

static void print_totals(const struct app *app, const struct synth_opts *opts,
                         const struct synth_totals *n)
{
	static const struct text line =
		TEXT("%s：%zu 个乡镇，%zu 个村，%zu 户 %zu 人，建档立卡 %zu 户；台账 %zu 个文件"
		     "（版式 %s）；埋入问题 %zu 处，似错非错 %zu 处\n",
		     "%s: %zu towns, %zu villages, %zu households of %zu people, %zu on the register; "
		     "%zu files (layout %s); %zu errors planted, %zu oddities\n");
	const char *format = app_text(app, line);
	printf(format, opts->out, n->towns, n->villages, n->households, n->people, n->on_register,
	       n->files, n->layout ? n->layout : "", n->planted, n->oddities);
}

int cmd_synth(struct app *app, int argc, char **argv)
{
	struct args args;
	struct synth_totals totals;
	int status;
	if (!args_parse(app, "synth", synth_opts, argc, argv, &args, &status))
		return status;
	const char *layout = args_value(&args, "layout");
	if (layout && strcmp(layout, "list") == 0)
		return list_layouts(app);
	const char *town = args_value(&args, "town"), *county = args_value(&args, "county");
	const char *seed = args_value(&args, "seed"), *scale = args_value(&args, "scale");
	int64_t seed_n = 1, scale_n = SYNTH_SCALE_ONE;
	bool exact;
	struct synth_opts opts = {.code = town ? town : county, .layout = layout};
	if (args.rest_n || !town == !county ||
	    (seed && !str_to_int(str_c(seed), &seed_n)) ||
	    (scale && !decimal_parse(str_c(scale), 3, &scale_n, &exact)))
		return app_usage(app, "synth --town CODE|--county CODE --areas CSV --seed N --out DIR");
	opts.areas = args_need(app, &args, "areas");
	opts.out = args_need(app, &args, "out");
	if (!opts.areas || !opts.out)
		return 2;
	opts.seed = (uint64_t)seed_n;
	opts.scale = scale_n;
	if (synth_run(&opts, &app->diag, &totals) != OK)
		return app_fail(app);
	print_totals(app, &opts, &totals);
	return 0;
}
