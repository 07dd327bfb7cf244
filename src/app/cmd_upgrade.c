/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	HOUSE_DISTRIBUTE_OPT,
	{0},
};

/* OK, DB_OLDER, or why it cannot be opened. */
static enum err try_open(struct app *app, const char *dir, struct db_opts *o, int *ret_version)
{
	struct db *db = NULL;
	enum err e = db_open(dir, o, &app->diag, &db);
	if (!e)
		*ret_version = db_schema_version(db);
	db_close(db);
	return e;
}

struct upgraded {
	int version;
	bool kept; /* a copy of what there was */
	bool distributed;
};

static enum err upgrade(struct app *app, const char *dir, struct db_opts *o, bool distribute,
                        struct upgraded *ret)
{
	struct db *db = NULL;
	diag_clear(&app->diag);
	o->mode = DB_UPGRADE;
	enum err e = db_open(dir, o, &app->diag, &db);
	if (!e && distribute)
		e = db_distribute(db, &ret->distributed);
	if (!e)
		e = db_check_schema(db);
	if (!e) {
		ret->version = db_schema_version(db);
		ret->kept = db_engine(db) == DB_SQLITE;
	}
	db_close(db);
	return e;
}

static void say(const struct app *app, const struct upgraded *u, bool older)
{
	bool zh = app->lang == LANG_ZH;
	if (!older)
		printf(zh ? "数据目录已是第 %d 版，无需升级\n" : "the data folder is of version %d: nothing to do\n",
		       u->version);
	else if (!u->kept)
		printf(zh ? "数据库已升级到第 %d 版\n" : "the database is of version %d now\n", u->version);
	else
		printf(zh ? "数据目录已升级到第 %d 版。原来的数据库留在 daohu.db.before-%04d：\n"
		            "用 daohu journal verify 验证、备份之后请删除它，按规定清除个人信息时它不会被清除。\n"
		          : "the data folder is of version %d now.  The database as it was is kept as\n"
		            "daohu.db.before-%04d: delete it after daohu journal verify and a backup, as\n"
		            "erasing a person does not reach it.\n",
		       u->version, u->version);
}

/* Of the embedded database there is nothing to distribute.  What cannot be read is told by
 * opening it. */
static bool is_embedded(struct app *app, const char *dir)
{
	struct diag none = {0};
	struct db_config c;
	return !db_config_read(dir, &app->arena, &none, &c) && !db_config_get(&c, "url");
}

int cmd_upgrade(struct app *app, int argc, char **argv)
{
	struct args a;
	struct db_opts o = {.mode = DB_READ, .tables = house_tables, .n_tables = house_table_count()};
	struct upgraded u = {0};
	int status;
	if (!args_parse(app, "upgrade", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data");
	if (!dir)
		return 2;
	bool distribute = args_flag(&a, "distribute");
	if (distribute && is_embedded(app, dir))
		return app_usage(app, "--distribute: %s/daohu.db", dir);
	enum err e = try_open(app, dir, &o, &u.version);
	bool older = e == ERR_DB_OLDER;
	if (older || (!e && distribute))
		e = upgrade(app, dir, &o, distribute, &u);
	if (e)
		return app_fail(app);
	if (older || !u.distributed)
		say(app, &u, older);
	if (u.distributed)
		puts(app->lang == LANG_ZH ? "数据表已按县分布" : "the tables are distributed by county");
	else if (distribute)
		house_not_distributed(app);
	return 0;
}
