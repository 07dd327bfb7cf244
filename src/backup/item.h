/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* item: letters, numbers and bytes of a backup's items; internal to this folder. */
#ifndef DAOHU_BACKUP_ITEM_H
#define DAOHU_BACKUP_ITEM_H

#include "backup/backup.h"
#include "base/sha256.h"

enum {
	ITEM_TEXT_MAX = 1 << 20,  /* of head and manifest */
	ITEM_NAME_MAX = 128,      /* of a file */
	ITEM_ROW_MAX = 540 << 20, /* of a row; a packed block of ledger rows is the largest */
	ITEM_PIECE = 64 * 1024
};

/* The tables of a backup that are no records, in the order they stand in it. */
extern const char *const backup__tables[];
bool backup__knows_table(const char *name, const struct record_desc *const *tables, size_t n);
/* config, keys, attach/HEX, files/HEX. */
bool backup__is_file(struct str name);
/* What the manifest of this report is. */
void backup__manifest(const struct backup_report *r, struct buf *out);
void backup__take_head(struct backup_report *r, const struct seal_head *head);
/* A file's part in files_hash. */
void backup__hash_file(struct sha256 *all, const char *name, int64_t size,
		       const unsigned char hash[BACKUP_HASH]);

void item_put_number(struct buf *out, uint64_t v);
void item_put_int(struct buf *out, int64_t v);
void item_put_bytes(struct buf *out, struct str s);
void item_put_row(struct buf *out, const struct rows_value *v, size_t n);

/* Reading; errors stick in `err`. */
struct item_in {
	const struct backup_source *from;
	struct diag *diag;
	enum err err;
	struct str block; /* what is left of the present piece */
	bool ended;
	struct sha256 *hash; /* takes what is read, when not NULL */
};
/* FILE_DAMAGED in this part of the backup: a word of backup.h, or the name of a table, a column,
 * a file. */
enum err item_bad(struct item_in *in, const char *part);
/* Another reason, which says itself what is wrong. */
enum err item_fail(struct item_in *in, enum err code);
/* The letter of the next item; 0 at the end. */
char item_letter(struct item_in *in);
uint64_t item_number(struct item_in *in);
int64_t item_int(struct item_in *in);
/* n bytes added to out; more than `max` are refused. */
void item_bytes(struct item_in *in, size_t max, struct buf *out);
void item_exact(struct item_in *in, void *out, size_t n);
/* A text of at most size - 1 bytes. */
void item_name(struct item_in *in, char *out, size_t size);

#endif
