/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rows_code: typed rows to the lines that are kept (inside the ledger module).
 */
#ifndef DAOHU_LEDGER_ROWS_CODE_H
#define DAOHU_LEDGER_ROWS_CODE_H

#include "ledger/intake.h"
#include "ledger/ledger.h"

enum { ROWS_CHUNK_MAX = 512 << 20 };

/* What a chunk is sealed for. */
void rows_label(char out[64], int64_t ledger, int64_t seq);

/* The members of a layout in canonical order, made once a table. */
struct rows_order {
	const struct pack_layout *layout;
	const uint16_t *order; /* column indexes, by id */
};
struct rows_order rows_order_make(const struct pack_layout *layout, struct arena *a);

/* One line with its newline.  `sheet` is the sheet's name, areas those that the
 * rows' area numbers index. */
void rows_encode(const struct rows_order *o, const struct pack *pack, const struct area_list *areas,
                 const char *sheet, const struct intake_row *row, struct buf *out);

#endif
