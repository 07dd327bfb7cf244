/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* verify: is a backup whole, without restoring it? */
#include "app/backup_out.h"

#include "base/banned.h"

static const struct opt opts[] = {
	BACKUP_OPEN_OPTS,
	{0},
};

int cmd_verify(struct app *app, int argc, char **argv)
{
	struct args a;
	int status;
	if (!args_parse(app, "verify", opts, argc, argv, &a, &status))
		return status;
	if (a.rest_n != 1)
		return app_usage(app, "verify IN");
	struct backup_report *r = ARENA_NEW(&app->arena, struct backup_report);
	struct backup_in in = backup_in(&a, a.rest[0], app);
	enum err e = backup_verify(&in, &app->diag, r);
	backup_progress_end();
	if (e && e != ERR_JOURNAL_BROKEN)
		return app_fail(app);
	backup_print(app, r);
	if (e)
		return app_fail(app);
	puts(app->lang == LANG_ZH ? "备份完整，日志成立" : "the backup is whole and its journal holds");
	return 0;
}
