/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* place: whose backup lies under a name, and whether another may take that name. */
#ifndef DAOHU_BACKUP_PLACE_H
#define DAOHU_BACKUP_PLACE_H

#include "backup/seal.h"

/* A file (no link, no device) that begins as a backup of the same house does: of the same
 * county and public key.  Those do not change when its passphrase does. */
bool place_is_of(const char *path, const struct seal_head *house);
/* The same, and as far as can be seen without a key it is all there. */
bool place_is_whole_of(const char *path, const struct seal_head *house);
/* A name that is free, or that a backup of the same house has.  BACKUP_IN_THE_WAY, IO. */
MUST_USE enum err place_may_take(const char *path, const struct seal_head *house,
				 struct diag *diag);

#endif
