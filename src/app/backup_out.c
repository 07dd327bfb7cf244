/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/backup_out.h"

#include <sodium.h>
#include <unistd.h>

#include "base/banned.h"

enum { EVERY_BYTES = 8 << 20 };

static void print_way(const struct app *app, const struct backup_report *r)
{
	static const struct text ways[SEAL_WAY_MAX] = {
		[SEAL_HOUSE] = TEXT("本单位密钥", "the house's keys"),
		[SEAL_KEY] = TEXT("公钥", "a public key"),
		[SEAL_PASSPHRASE] = TEXT("口令", "a passphrase"),
	};
	char finger[KEYS_FINGERPRINT], at[32];
	keys_fingerprint(r->public, finger);
	(void)instant_format(r->made_ms, at);
	printf(app->lang == LANG_ZH ? "备份时间 %s，单位 %s，公钥指纹 %s，数据库第 %d 版，用%s加密\n"
	                            : "made %s, county %s, key %s, schema %d, sealed for %s\n",
	       at, r->county, finger, r->schema, app_text(app, ways[r->way]));
}

void backup_print(const struct app *app, const struct backup_report *r)
{
	bool zh = app->lang == LANG_ZH;
	char root[JOURNAL_HASH * 2 + 1];
	print_way(app, r);
	printf(zh ? "数据表 %zu 个，%lld 行；文件 %lld 个，%lld 字节；备份大小 %lld 字节\n"
	          : "%zu tables, %lld rows; %lld files, %lld bytes; the backup has %lld bytes\n",
	       r->n_tables, (long long)r->rows, (long long)r->files, (long long)r->file_bytes,
	       (long long)r->size);
	if (r->missing)
		printf(zh ? "备份时缺附件 %lld 个\n" : "%lld attachments were missing\n",
		       (long long)r->missing);
	(void)sodium_bin2hex(root, sizeof(root), r->journal.root, sizeof(r->journal.root));
	printf(zh ? "日志 %lld 笔，变更 %lld 条，已清除的人 %lld\n根哈希 %s\n"
	          : "%lld entries, %lld changes, %lld people erased\nroot %s\n",
	       (long long)r->journal.entries, (long long)r->journal.changes,
	       (long long)r->journal.erased, root);
}

/* --- progress ------------------------------------------------------------- */

static void show(void *arg, const struct backup_report *r)
{
	static int64_t last;
	const struct app *app = arg;
	if (r->size >= last && r->size - last < EVERY_BYTES)
		return;
	last = r->size;
	fprintf(stderr, app->lang == LANG_ZH ? "\r%lld 行，%lld 个文件，%lld MB " : "\r%lld rows, %lld files, %lld MB ",
	        (long long)r->rows, (long long)r->files, (long long)(r->size >> 20));
}

struct backup_progress backup_progress(struct app *app)
{
	bool on = isatty(STDERR_FILENO) != 0;
	return (struct backup_progress){.fn = on ? show : NULL, .arg = app};
}

void backup_progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

struct backup_in backup_in(const struct args *a, const char *path, struct app *app)
{
	return (struct backup_in){.path = path,
	                          .with = {.passphrase_file = args_value(a, "passphrase-file"),
	                                   .key_file = args_value(a, "key"),
	                                   .sheet_file = args_value(a, "sheet")},
	                          .tables = house_tables,
	                          .n_tables = house_table_count(),
	                          .progress = backup_progress(app)};
}
