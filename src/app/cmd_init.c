/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("新建的数据目录", "the data folder to make")},
	{"pack", OPT_VALUE, "NAME|DIR", TEXT("政策包（默认 cn-2018）", "policy pack (default cn-2018)")},
	{"areas", OPT_VALUE, "CSV", TEXT("区划表：code,name,parent", "areas: code,name,parent")},
	{"area", OPT_VALUE, "CODE", TEXT("本单位的区划代码（乡镇 9 位或县 6 位）",
	                                 "code of the town (9 digits) or county (6)")},
	{"practice-day", OPT_VALUE, "DATE",
	 TEXT("演练数据目录：今天永远是这一天", "a folder for practice: today is always this day")},
	{"passphrase-file", OPT_VALUE, "FILE", TEXT("用此文件首行的口令保护密钥",
	                                           "protect the keys with the first line of FILE")},
	{"db", OPT_VALUE, "URL", TEXT("数据库（默认内嵌）", "database (embedded by default)")},
	HOUSE_DISTRIBUTE_OPT,
	{0},
};

static enum err write_config(struct app *app, const char *dir, const char *county, const char *area,
                             const char *pack, const struct args *a)
{
	struct db_config c = {0};
	enum err e = OK;
	const char *kept = NULL, *url = args_value(a, "db"), *day = args_value(a, "practice-day");
	if (url)
		e = db_url_without_password(url, &app->arena, &app->diag, &kept);
	if (e)
		return e;
	const char *const lines[][2] = {{"format", "1"}, {"county", county}, {"area", area},
	                                {"pack", pack}, {"zone", "480"}};
	for (size_t i = 0; !e && i < sizeof(lines) / sizeof(*lines); i++)
		e = db_config_set(&c, lines[i][0], lines[i][1]);
	if (!e && kept)
		e = db_config_set(&c, "url", kept);
	if (!e && day)
		e = db_config_set(&c, "practice_day", date_dup(&app->arena, date_parse(str_c(day))));
	return e ? e : db_config_write(dir, &c, &app->diag);
}

/* A pack given as a folder is remembered by its full path. */
static const char *pack_place(struct app *app, const char *pack)
{
	char full[4096];
	if (!strchr(pack, '/') || !realpath(pack, full))
		return pack;
	return arena_strdup(&app->arena, full);
}

static enum err distribute(struct app *app, struct db *db)
{
	bool done = false;
	enum err e = db_distribute(db, &done);
	if (!e && !done)
		house_not_distributed(app);
	return e;
}

static enum err fill(struct app *app, const char *dir, const struct args *a, const char *pack)
{
	struct db_opts o = {.mode = DB_CREATE, .url = args_value(a, "db"), .tables = house_tables,
	                    .n_tables = house_table_count()};
	struct db *db = NULL;
	struct keys *keys = NULL;
	struct journal *j = NULL;
	const char *area = args_value(a, "area"), *day = args_value(a, "practice-day");
	enum err e = db_open(dir, &o, &app->diag, &db);
	if (!e && args_flag(a, "distribute"))
		e = distribute(app, db);
	if (!e)
		e = keys_create(dir, args_value(a, "passphrase-file"), &app->diag, &keys);
	if (!e)
		e = journal_open(db, keys, &j);
	if (!e)
		e = journal_begin(j, &(struct entry_info){
			.command = "init", .pack_version = pack,
			.reason = day ? arena_printf(&app->arena, "practice day %s", day) : NULL});
	if (!e)
		e = area_import(j, args_value(a, "areas"), area);
	if (!e)
		e = journal_commit(j, NULL);
	if (!e) {
		struct buf sheet;
		buf_init(&sheet, 1 << 20);
		keys_recovery_sheet(keys, app->lang, &sheet);
		fputs(sheet.n ? sheet.p : "", stdout);
		buf_release(&sheet);
		if (!keys_wrapped(keys))
			fprintf(stderr, "%s\n", app->lang == LANG_ZH
			        ? "daohu: 没有口令：谁能读 DIR/keys（权限 0600），谁就能读全部数据；请锁好电脑和磁盘"
			        : "daohu: no passphrase: whoever can read DIR/keys (mode 0600) can read all data");
	}
	if (j)
		journal_close(j);
	if (keys)
		keys_close(keys);
	db_close(db);
	return e;
}

/* What init makes in DIR. */
static const char *const made[] = {"config", "keys", "daohu.db", "daohu.db-wal", "daohu.db-shm", "lock",
                                   "config.new"};
enum { MADE = sizeof(made) / sizeof(made[0]) };

/* What a failed init made is taken away again, so that it can be repeated.  Nobody else's: it does not
 * begin where anything of these names lies (begin_folder). */
static void take_back(struct app *app, const char *dir)
{
	for (size_t i = 0; i < MADE; i++)
		(void)unlink(arena_printf(&app->arena, "%s/%s", dir, made[i]));
}

/* The path of something that lies where init would make it; NULL: nothing does. */
static const char *in_the_way(struct app *app, const char *dir)
{
	struct stat st;
	for (size_t i = 0; i < MADE; i++) {
		const char *path = arena_printf(&app->arena, "%s/%s", dir, made[i]);
		if (lstat(path, &st) == 0)
			return path;
	}
	return NULL;
}

/* Was it cut short behind the last write?  On a server what was committed cannot be taken
 * away with the folder.  What cannot be looked at is left as it is. */
static enum err is_whole(struct app *app, const char *dir, const char *url, bool *ret)
{
	struct db_opts o = {.mode = DB_READ, .url = url, .tables = house_tables,
	                    .n_tables = house_table_count()};
	struct db *db = NULL;
	*ret = false;
	if (access(arena_printf(&app->arena, "%s/keys", dir), F_OK) != 0)
		return OK;
	enum err e = db_open(dir, &o, &app->diag, &db);
	if (e == ERR_DATA_DIR_BROKEN || e == ERR_NO_DATA_DIR) { /* init had not come so far */
		diag_clear(&app->diag);
		return OK;
	}
	if (e)
		return e;
	struct stmt *s = db_stmt(db, STMT_journal_last);
	*ret = stmt_row(s);
	e = stmt_end(s);
	db_close(db);
	return e;
}

/* DIR/unfinished stands there, locked, while the folder is being made: what a run that was
 * cut short left is taken away by the next one. */
static enum err begin_folder(struct app *app, const char *dir, const char *url, int *ret_fd)
{
	const char *mark = arena_printf(&app->arena, "%s/unfinished", dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return diag_set(&app->diag, ERR_IO, "%s: %s", dir, strerror(errno));
	bool left = access(mark, F_OK) == 0;
	const char *there = left ? NULL : in_the_way(app, dir);
	if (there)
		return diag_set(&app->diag, ERR_DATA_DIR_EXISTS, "%s", there);
	int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return diag_set(&app->diag, ERR_IO, "%s: %s", mark, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)close(fd);
		return diag_set(&app->diag, ERR_LOCKED, "%s", dir);
	}
	bool whole = false;
	enum err e = left ? is_whole(app, dir, url, &whole) : OK;
	there = e || left ? NULL : in_the_way(app, dir); /* another init may just have ended */
	if (!e && (whole || there)) {
		(void)unlink(mark);
		e = diag_set(&app->diag, ERR_DATA_DIR_EXISTS, "%s", there ? there : dir);
	}
	if (e) {
		(void)close(fd);
		return e;
	}
	if (left)
		take_back(app, dir);
	*ret_fd = fd;
	return OK;
}

static void end_folder(struct app *app, const char *dir, int fd, bool good)
{
	if (!good)
		take_back(app, dir);
	(void)unlink(arena_printf(&app->arena, "%s/unfinished", dir));
	(void)close(fd);
	if (!good)
		(void)rmdir(dir);
}

/* The code of --area, when --areas is there, too; NULL after a message. */
static const char *read_area(struct app *app, const struct args *a)
{
	const char *area = args_need(app, a, "areas") ? args_need(app, a, "area") : NULL;
	if (!area)
		return NULL;
	size_t digits = strspn(area, "0123456789");
	if (!area[digits] && (digits == 6 || digits == 9 || digits == 12))
		return area;
	(void)app_usage(app, "--area %s", area);
	return NULL;
}

int cmd_init(struct app *app, int argc, char **argv)
{
	struct args a;
	int status;
	if (!args_parse(app, "init", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data");
	const char *area = dir ? read_area(app, &a) : NULL;
	const char *pack = args_value(&a, "pack") ? args_value(&a, "pack") : "cn-2018";
	struct pack *p = NULL;
	if (!area)
		return 2;
	const char *day = args_value(&a, "practice-day");
	if (day && date_prec(date_parse(str_c(day))) != DATE_DAY)
		return app_usage(app, "--practice-day %s", day);
	if (args_flag(&a, "distribute") && !args_value(&a, "db"))
		return app_usage(app, "--distribute, --db");
	if (pack_open(pack, &app->diag, &p))
		return app_fail(app);
	pack_close(p);
	int mark = -1;
	if (begin_folder(app, dir, args_value(&a, "db"), &mark))
		return app_fail(app);
	char *county = arena_strndup(&app->arena, area, 6);
	enum err e = write_config(app, dir, county, area, pack_place(app, pack), &a);
	if (!e)
		e = fill(app, dir, &a, pack);
	end_folder(app, dir, mark, !e);
	if (e)
		return app_fail(app);
	fprintf(stderr, app->lang == LANG_ZH ? "已建立数据目录 %s\n" : "data folder %s is ready\n", dir);
	return 0;
}
