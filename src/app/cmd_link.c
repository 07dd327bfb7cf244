/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * link: which rows of two tables, or of one, are about the same person.
 */
#include "app/app.h"

#include <unistd.h>

#include "base/team.h"
#include "pairs/pairs.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"dedupe", OPT_FLAG, NULL, TEXT("在一份表内找同一人", "find the same person within one table")},
	{"suggest", OPT_FLAG, NULL, TEXT("只看数据，给出配置（YAML）", "print a configuration made from the data alone")},
	{"config", OPT_VALUE, "FILE.yaml", 
	 TEXT("按这个配置比对（默认用 suggest 的）", "link by this configuration (default: what --suggest says)")},
	{"output", OPT_VALUE, "PAIRS.csv", TEXT("写到文件（- 为标准输出）", "write to FILE (- for standard output)")},
	{0},
};

struct tables {
	struct pairs_table a, b;
	bool two;
	const char *list; /* b, when it is read while it is linked */
	struct team *team;
};

static void show_progress(void *arg, size_t done, size_t all)
{
	const struct app *app = arg;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, app->lang == LANG_ZH ? "\r已比 %zu/%zu 行 " : "\r%zu of %zu rows ", done, all);
}

/* c NULL: whole. */
static enum err read_tables(struct app *app, const struct args *a, const struct pairs_config *c,
                            struct tables *t)
{
	t->two = !args_flag(a, "dedupe");
	t->list = c && t->two && !args_flag(a, "suggest") ? a->rest[1] : NULL;
	enum err e = pairs_table_read_for(a->rest[0], c, false, t->team, &app->diag, &t->a);
	if (!e && t->two && !t->list)
		e = pairs_table_read_for(a->rest[1], c, true, t->team, &app->diag, &t->b);
	return e;
}

static enum err link_tables(struct app *app, const struct tables *t, const struct pairs_config *c,
                            const char *output)
{
	struct pairs_result r;
	bool zh = app->lang == LANG_ZH;
	enum err e = t->list ? pairs_run_list(&t->a, t->list, c, output, t->team, show_progress, app,
	                                      &app->diag, &r)
	                     : pairs_run(&t->a, t->two ? &t->b : NULL, c, output, t->team,
	                                 show_progress, app, &app->diag, &r);
	if (e)
		return e;
	if (isatty(STDERR_FILENO))
		fputc('\r', stderr);
	fprintf(stderr, zh ? "比较 %zu 对：认定 %zu 对（估计错 %.1f 对），待核 %zu 对\n"
	                   : "%zu pairs compared: %zu matches (%.1f of them wrong by estimate), %zu to review\n",
	        r.compared, r.matched, r.expected_wrong, r.review);
	return OK;
}

int cmd_link(struct app *app, int argc, char **argv)
{
	struct args a;
	struct tables t = {0};
	struct pairs_config *c = ARENA_NEW(&app->arena, struct pairs_config);
	int status;
	if (!args_parse(app, "link", opts, argc, argv, &a, &status))
		return status;
	const char *config = args_value(&a, "config"), *output = args_value(&a, "output");
	bool suggest = args_flag(&a, "suggest");
	if (a.rest_n != (args_flag(&a, "dedupe") ? 1u : 2u) || (!suggest && !output))
		return app_usage(app,
		                 "(A.csv B.csv | --dedupe A.csv) (--suggest | --config FILE.yaml --output PAIRS.csv)");
	t.team = team_new(0);
	enum err e = config ? pairs_config_read(config, &app->arena, &app->diag, c) : OK;
	if (!e)
		e = read_tables(app, &a, config ? c : NULL, &t);
	if (!e && !config)
		e = pairs_suggest(&t.a, t.two ? &t.b : NULL, &app->arena, &app->diag, c);
	if (!e && suggest) {
		struct buf b;
		buf_init(&b, 1 << 20);
		pairs_config_write(c, !t.two, &b);
		if (fwrite(b.p, 1, b.n, stdout) != b.n)
			e = diag_set(&app->diag, ERR_IO, "-");
		buf_release(&b);
	} else if (!e) {
		e = link_tables(app, &t, c, output);
	}
	pairs_table_release(&t.a);
	pairs_table_release(&t.b);
	team_free(t.team);
	return e ? app_fail(app) : 0;
}
