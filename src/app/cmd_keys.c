/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include <unistd.h>

#include "base/banned.h"

enum { TYPED_MAX = 16 * 1024 };

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"passphrase-file", OPT_VALUE, "FILE",
	 TEXT("recover、passphrase：今后用此文件首行的口令；不给则明文存放",
	      "recover, passphrase: the passphrase from now on (first line); without it the keys lie in clear")},
	{0},
};

/* Keys that do not belong to the folder are taken away again. */
static enum err check_fit(struct app *app, const char *dir, const struct keys *k)
{
	struct db_opts o = {.mode = DB_READ, .tables = house_tables, .n_tables = house_table_count()};
	struct db *db = NULL;
	struct journal *j = NULL;
	bool fits = false;
	enum err e = db_open(dir, &o, &app->diag, &db);
	if (!e)
		e = journal_open(db, k, &j);
	if (!e)
		e = journal_fits_keys(j, &fits);
	if (!e && !fits) {
		(void)unlink(arena_printf(&app->arena, "%s/keys", dir));
		e = diag_set(&app->diag, ERR_KEYS, app->lang == LANG_ZH ? "恢复单属于另一个数据目录"
		                                                       : "the sheet is another folder's");
	}
	journal_close(j);
	db_close(db);
	return e;
}

static enum err recover(struct app *app, const char *dir, const char *passphrase_file)
{
	char *typed = arena_alloc(&app->arena, TYPED_MAX);
	struct keys *k = NULL;
	if (isatty(STDIN_FILENO))
		fputs(app->lang == LANG_ZH ? "请输入恢复单上的 15 组字符，完后按 Ctrl-D：\n"
		                           : "Type the 15 groups of the sheet, then Ctrl-D:\n",
		      stderr);
	size_t n = fread(typed, 1, TYPED_MAX, stdin);
	enum err e = keys_from_recovery(dir, (struct str){typed, n}, passphrase_file, &app->diag, &k);
	if (!e)
		e = check_fit(app, dir, k);
	keys_close(k);
	return e;
}

static enum err with_keys(struct app *app, const char *dir, bool sheet, const char *passphrase_file)
{
	struct keys *k = NULL;
	struct buf out;
	enum err e = keys_open(dir, NULL, &app->diag, &k);
	if (e)
		return e;
	if (sheet) {
		buf_init(&out, 4096);
		keys_recovery_sheet(k, app->lang, &out);
		fputs(out.p, stdout);
		buf_release(&out);
	} else {
		e = keys_rewrap(dir, k, passphrase_file, &app->diag);
	}
	keys_close(k);
	return e;
}

int cmd_keys(struct app *app, int argc, char **argv)
{
	struct args a;
	int status;
	if (!args_parse(app, "keys", opts, argc, argv, &a, &status))
		return status;
	const char *verb = a.rest_n == 1 ? a.rest[0] : "";
	bool is_recover = strcmp(verb, "recover") == 0, is_sheet = strcmp(verb, "sheet") == 0;
	if (!is_recover && !is_sheet && strcmp(verb, "passphrase") != 0)
		return app_usage(app, "sheet|recover|passphrase");
	const char *dir = args_need(app, &a, "data");
	if (!dir)
		return 2;
	const char *file = args_value(&a, "passphrase-file");
	enum err e = is_recover ? recover(app, dir, file) : with_keys(app, dir, is_sheet, file);
	return e ? app_fail(app) : 0;
}
