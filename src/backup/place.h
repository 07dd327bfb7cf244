/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * place: whose backup lies under a name, and whether another may take that name.
 *
 * A backup of the house is a file (no link, no device) that begins as one of the same county and
 * public key.  Those do not change when its passphrase does.  What cannot be read is nobody's:
 * FILE_UNREADABLE, IO.
 */
#ifndef DAOHU_BACKUP_PLACE_H
#define DAOHU_BACKUP_PLACE_H

#include "backup/seal.h"

/* Is it one of the house, and as far as can be seen without a key all there? */
MUST_USE enum err place_is_whole_of(const char *path, const struct seal_head *house,
				    struct diag *diag, bool *ret);
/* A name that is free, or that a backup of the house has.  BACKUP_IN_THE_WAY. */
MUST_USE enum err place_may_take(const char *path, const struct seal_head *house,
				 struct diag *diag);
/* Takes away what a backup that was cut short has left under this name (NAME.new); true when it
 * did.  Nobody writes it any more, and it begins as one of the house, or `named` says that its
 * name does and it has no head, since a day at least. */
bool place_clear(const char *path, const struct seal_head *house, bool named);

#endif
