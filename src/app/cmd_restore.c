/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* restore: a data folder from a backup; all of it, or nothing. */
#include "app/backup_out.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("要建立的数据目录", "the data folder to make")},
	{"db", OPT_VALUE, "URL", TEXT("数据库（默认内嵌）", "database (embedded by default)")},
	HOUSE_DISTRIBUTE_OPT,
	BACKUP_OPEN_OPTS,
	{0},
};

int cmd_restore(struct app *app, int argc, char **argv)
{
	struct args a;
	int status;
	bool zh = app->lang == LANG_ZH;
	if (!args_parse(app, "restore", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data");
	if (!dir)
		return 2;
	if (a.rest_n != 1)
		return app_usage(app, "restore IN --data DIR");
	if (args_flag(&a, "distribute") && !args_value(&a, "db"))
		return app_usage(app, "--distribute, --db");
	struct backup_report *r = ARENA_NEW(&app->arena, struct backup_report);
	struct backup_in in = backup_in(&a, a.rest[0], app);
	in.distribute = args_flag(&a, "distribute");
	enum err e = backup_restore(&in, dir, args_value(&a, "db"), &app->diag, r);
	backup_progress_end();
	if (e)
		return app_fail(app);
	printf(zh ? "已恢复到 %s\n" : "restored to %s\n", dir);
	backup_print(app, r);
	if (in.distribute && !r->distributed)
		house_not_distributed(app);
	if (r->journal.fault) {
		(void)diag_set(&app->diag, ERR_JOURNAL_BROKEN, "%s", r->journal.fault);
		return app_fail(app);
	}
	fprintf(stderr, zh ? "请运行 daohu journal verify --data %s；备份之后清除过个人信息的，须重新清除\n"
	                   : "run daohu journal verify --data %s now; who was erased after this backup has to be "
	                     "erased again\n",
	        dir);
	return 0;
}
