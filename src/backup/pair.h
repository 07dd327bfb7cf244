/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pair: key pairs for backups, whose secret half lies elsewhere, and the other small files
 * that people hand in to open one.
 *
 *     daohu-backup-key 1
 *     secret BASE64 | public BASE64
 */
#ifndef DAOHU_BACKUP_PAIR_H
#define DAOHU_BACKUP_PAIR_H

#include "journal/keys.h"

enum { PAIR_SMALL_MAX = 16 * 1024 /* of a key file, a recovery sheet, a passphrase */ };

enum pair_half { PAIR_HALF_SECRET, PAIR_HALF_PUBLIC };

/* Makes a pair: `path` (mode 0600) with the secret half, path.pub with the public one.
 * EXISTS.  Both or neither. */
MUST_USE enum err pair_make(const char *path, struct diag *diag);
/* FILE_UNREADABLE; PAIR_FILE, PAIR_PUBLIC or PAIR_SECRET when it is not the half asked for. */
MUST_USE enum err pair_read(const char *path, enum pair_half half, struct diag *diag,
			    unsigned char ret[KEY_BYTES]);

/* All of a small file.  FILE_UNREADABLE, FILE_TOO_LARGE. */
MUST_USE enum err pair_read_small(const char *path, struct diag *diag, char ret[PAIR_SMALL_MAX],
				  size_t *ret_n);
/* Only whether that can be done, without opening it: a pipe can be opened once. */
MUST_USE enum err pair_readable(const char *path, struct diag *diag);

#endif
