/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* backup: the whole data folder as one sealed file, also while the server runs. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/backup_out.h"
#include "backup/pair.h"
#include "backup/thin.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"to", OPT_VALUE, "KEYFILE",
	 TEXT("用此公钥加密（--new-key 所建的 FILE.pub）", "seal for this public key (FILE.pub of --new-key)")},
	{"passphrase-file", OPT_VALUE, "FILE",
	 TEXT("用此文件首行的口令加密", "seal by the passphrase in the first line of FILE")},
	{"keep", OPT_VALUE, "RULE",
	 TEXT("备份后按规则清理该目录中的旧备份，如 14d,8w,12m,3y", "then thin the folder: 14d,8w,12m,3y")},
	{"new-key", OPT_VALUE, "FILE",
	 TEXT("新建备份用的密钥对：FILE（私钥，请另处保管）和 FILE.pub",
	      "make a key pair for backups: FILE (secret; keep it elsewhere) and FILE.pub")},
	{0},
};

static int make_key(struct app *app, const char *path)
{
	if (pair_make(path, &app->diag))
		return app_fail(app);
	printf(app->lang == LANG_ZH ? "已建立 %s（私钥：请移到别处妥善保管）和 %s.pub（备份时用）\n"
	                            : "made %s (secret: keep it elsewhere) and %s.pub (to back up with)\n",
	       path, path);
	return 0;
}

/* Why it is no folder (an errno); 0: it is one. */
static int no_folder(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return errno;
	return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}

/* The house's keys lie in the head as they lie in the folder. */
static void warn_clear(const struct app *app, const char *dir)
{
	struct diag none = {0};
	struct arena a;
	struct str text = {NULL, 0};
	arena_init(&a, 0);
	if (!keys_read_text(dir, &a, &none, &text) && str_find(text, STR("wrap none")) != SIZE_MAX)
		fprintf(stderr, "%s\n", app->lang == LANG_ZH
		        ? "daohu: 密钥没有口令：谁拿到这份备份就能读全部数据；请用 --passphrase-file 或 --to"
		        : "daohu: the keys have no passphrase: whoever has this backup can read everything; "
		          "use --passphrase-file or --to");
	arena_release(&a);
}

static int zone_of(const struct db_config *c)
{
	int64_t minutes;
	const char *zone = db_config_get(c, "zone");
	return zone && str_to_int(str_c(zone), &minutes) && minutes > -1440 && minutes < 1440
	               ? (int)minutes : ZONE_SHANGHAI;
}

/* A house's own code for names of files: a town's, so that several of a county can share a folder. */
static const char *area_of(const struct db_config *c, const char *county)
{
	const char *area = db_config_get(c, "area");
	bool good = area && strlen(area) <= 12 && strncmp(area, county, strlen(county)) == 0 &&
	            !area[strspn(area, "0123456789")];
	return good ? area : county;
}

/* The new backup in the folder takes the place of older ones, unless it holds a log that somebody
 * has changed: an older one may be the last that is sound. */
static enum err thin_it(struct app *app, const struct thin_rule *rule, const char *dir, const char *name,
                        const struct backup_report *r)
{
	struct seal_head house = {.county = r->county};
	struct thin_result n = {0};
	struct diag why = {0};
	bool zh = app->lang == LANG_ZH;
	if (r->journal.fault) {
		puts(zh ? "日志不成立，没有清理旧备份" : "the journal does not hold: no old backup was removed");
		return OK;
	}
	memcpy(house.public, r->public, sizeof(house.public));
	enum err e = thin_folder(rule, dir, &house, name, &why, &n);
	printf(zh ? "清理旧备份 %zu 个，保留 %zu 个\n" : "%zu old backups removed, %zu kept\n", n.removed, n.left);
	if (n.cleared)
		printf(zh ? "删去中断的备份留下的文件 %zu 个\n"
		          : "%zu files removed that backups cut short had left\n",
		       n.cleared);
	if (!e)
		return OK;
	diag_clear(&app->diag); /* attachments that are missing were told with the backup */
	return diag_set(&app->diag, e, "%s", why.detail);
}

static enum err write_it(struct app *app, const struct args *a, struct db *db, const char *path,
                         struct backup_report *r)
{
	const char *to = args_value(a, "to"), *pass = args_value(a, "passphrase-file");
	struct backup_opts o = {.db = db,
	                        .way = to ? SEAL_KEY : pass ? SEAL_PASSPHRASE : SEAL_HOUSE,
	                        .with = to ? to : pass,
	                        .program = DAOHU_VERSION,
	                        .progress = backup_progress(app)};
	enum err e = backup_write(&o, path, r);
	backup_progress_end();
	return e;
}

/* `folder`: is `out` one? */
static int run(struct app *app, const struct args *a, const char *dir, const char *out, bool folder,
               const struct thin_rule *rule)
{
	struct db_opts o = {.mode = DB_READ, .tables = house_tables, .n_tables = house_table_count()};
	struct backup_report *r = ARENA_NEW(&app->arena, struct backup_report);
	struct db *db = NULL;
	struct db_config c;
	char name[THIN_NAME];
	const char *path = out;
	enum err e = db_config_read(dir, &app->arena, &app->diag, &c);
	if (!e)
		e = db_open(dir, &o, &app->diag, &db);
	if (e)
		return app_fail(app);
	if (folder) {
		thin_name(area_of(&c, db_county(db)), instant_now(), zone_of(&c), name);
		path = arena_printf(&app->arena, "%s/%s", out, name);
	}
	e = write_it(app, a, db, path, r);
	if (r->written) {
		printf(app->lang == LANG_ZH ? "已备份到 %s\n" : "backed up to %s\n", path);
		backup_print(app, r);
		if (r->way == SEAL_HOUSE)
			warn_clear(app, dir);
	}
	if (r->written && rule) {
		enum err thin = thin_it(app, rule, out, name, r);
		e = thin ? thin : e;
	}
	db_close(db);
	return e ? app_fail(app) : 0;
}

int cmd_backup(struct app *app, int argc, char **argv)
{
	struct args a;
	struct thin_rule rule;
	int status;
	if (!args_parse(app, "backup", opts, argc, argv, &a, &status))
		return status;
	const char *keep = args_value(&a, "keep");
	if (args_value(&a, "new-key"))
		return a.rest_n || args_value(&a, "data") ? app_usage(app, "--new-key FILE")
		                                          : make_key(app, args_value(&a, "new-key"));
	const char *dir = args_need(app, &a, "data");
	if (!dir)
		return 2;
	if (a.rest_n != 1)
		return app_usage(app, "backup --data DIR OUT");
	if (args_value(&a, "to") && args_value(&a, "passphrase-file"))
		return app_usage(app, "--to | --passphrase-file");
	if (keep && !thin_parse(str_c(keep), &rule))
		return app_usage(app, "--keep %s", keep);
	int why = no_folder(a.rest[0]);
	if (keep && why) { /* not there: a disk that is not in its place, as it may be tomorrow */
		(void)diag_set(&app->diag, why == ENOTDIR ? ERR_BACKUP_FOLDER : ERR_BACKUP_FOLDER_AWAY, "%s: %s",
		               a.rest[0], strerror(why));
		return app_fail(app);
	}
	return run(app, &a, dir, a.rest[0], !why, keep ? &rule : NULL);
}
