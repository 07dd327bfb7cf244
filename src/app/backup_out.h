/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* backup_out: what backup, restore and verify say, and the options they share. */
#ifndef DAOHU_APP_BACKUP_OUT_H
#define DAOHU_APP_BACKUP_OUT_H

#include "app/house.h"
#include "backup/backup.h"

/* What is in the backup, for people on stdout. */
void backup_print(const struct app *app, const struct backup_report *r);
/* Counts on stderr while it runs, when that is a terminal. */
struct backup_progress backup_progress(struct app *app);
/* Ends the line of counts. */
void backup_progress_end(void);

/* Rows of an option table: what opens a backup. */
#define BACKUP_OPEN_OPTS                                                                           \
	{"passphrase-file", OPT_VALUE, "FILE",                                                     \
	 TEXT("备份的口令，或本单位密钥的口令（首行）",                                            \
	      "the backup's passphrase, or that of the house's keys (first line)")},               \
	{"key", OPT_VALUE, "FILE", TEXT("备份密钥对的私钥文件", "secret half of the key pair")},   \
	{"sheet", OPT_VALUE, "FILE",                                                               \
	 TEXT("密钥恢复单（口令丢失时）", "the recovery sheet (when the passphrase is lost)")}

struct backup_in backup_in(const struct args *a, const char *path, struct app *app);

#endif
