/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* covers: which areas a ledger speaks of, when nobody has said so. */
#ifndef DAOHU_LEDGER_COVERS_H
#define DAOHU_LEDGER_COVERS_H

#include "area/area.h"
#include "ledger/import_read.h"

/*
 * Appends codes with ',' between, or "*" for all that is worked for.
 *
 * The towns below `root` come first: those whose villages the rows name, else
 * the one that stands in its title, in the file's name or in its folder's.
 * Within a single town: what names its villages by sheet or heading covers
 * those; what names a single one covers that one; a list that mixes villages,
 * or names none, is the town's.
 *
 * False when there are several towns and nothing says which is meant: what is
 * missing in such a ledger is no evidence of anything.
 */
bool covers_find(const struct area_list *areas, const char *root, const struct read_group *g,
                 const char *path, struct buf *out);

/* The only town below `root`, of several, that stands in the name of the file or of its
 * folder; else NULL. */
const char *covers_home(const struct area_list *areas, const char *root, const char *path);

#endif
