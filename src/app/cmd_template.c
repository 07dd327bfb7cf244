/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * template: writes the blank workbook with which an office is asked for its
 * ledger.
 */
#include "app/app.h"

#include "pack/pack.h"
#include "report/template.h"

#include "base/banned.h"

static const struct opt template_opts[] = {
	{"output", OPT_VALUE, "FILE.xlsx", TEXT("写到这个文件", "write this file")},
	{"pack", OPT_VALUE, "NAME", TEXT("政策包，默认为内置的第一个", "policy pack, default the built-in")},
	{0},
};

/* The ledgers there are, for whoever names none or a wrong one. */
static void print_ledgers(const struct app *app, const struct pack *pack, FILE *f)
{
	for (size_t i = 0; i < pack->n_layouts; i++)
		fprintf(f, "  %-18s %s\n", pack->layouts[i].id,
		        app_text(app, pack->layouts[i].title));
}

/* By id, or by title in either language. */
static const struct pack_layout *find_layout(const struct pack *pack, const char *name)
{
	const struct pack_layout *l = pack_layout(pack, name);
	for (size_t i = 0; !l && i < pack->n_layouts; i++) {
		const struct text *t = &pack->layouts[i].title;
		if (strcmp(t->in[LANG_ZH], name) == 0 || strcmp(t->in[LANG_EN], name) == 0)
			l = &pack->layouts[i];
	}
	return l;
}

int cmd_template(struct app *app, int argc, char **argv)
{
	struct args args;
	int status;
	if (!args_parse(app, "template", template_opts, argc, argv, &args, &status))
		return status;
	const char *name = args_value(&args, "pack"), *path = args_value(&args, "output");
	struct pack *pack;
	if (pack_open(name ? name : pack_builtin()[0], &app->diag, &pack) != OK)
		return app_fail(app);
	const struct pack_layout *layout = args.rest_n ? find_layout(pack, args.rest[0]) : NULL;
	if (args.rest_n != 1 || !layout) {
		if (args.rest_n)
			(void)diag_set(&app->diag, ERR_UNKNOWN_LEDGER, "%s", args.rest[0]);
		else
			(void)diag_set(&app->diag, ERR_USAGE, "template LEDGER --output FILE.xlsx");
		status = app_fail(app);
		print_ledgers(app, pack, stderr);
	} else if (!path) {
		status = app_usage(app, "template %s --output FILE.xlsx", args.rest[0]);
	} else if (template_write(pack, layout, app->lang, path, &app->diag) != OK) {
		status = app_fail(app);
	} else {
		printf("%s\n", path);
		status = 0;
	}
	pack_close(pack);
	return status;
}
