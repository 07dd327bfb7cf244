/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* table: rows of a file as the text of a table (pairs.h). */
#ifndef DAOHU_PAIRS_TABLE_H
#define DAOHU_PAIRS_TABLE_H

#include "pairs/pairs.h"

enum { TABLE_ROWS_MAX = 50 * 1000 * 1000 };

/* Bytes that a row of these cells may take, one a column of the table. */
size_t table_room(const struct pairs_table *t, const struct str *cells);
/* Writes their normal forms, which are never longer; returns the end. */
char *table_put(const struct pairs_table *t, const struct str *cells, char *to);

#endif
