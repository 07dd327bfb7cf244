/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rows_code: typed rows to the lines that are kept, and lines to chunks (inside
 * the ledger module).
 */
#ifndef DAOHU_LEDGER_ROWS_CODE_H
#define DAOHU_LEDGER_ROWS_CODE_H

#include "ledger/intake.h"
#include "ledger/ledger.h"

/* Bytes of a chunk's lines; of the same packed or sealed. */
enum { ROWS_CHUNK_MAX = 512 << 20, ROWS_PACKED_MAX = 520 << 20 };

/*
 * A chunk as it is kept: a block of LZ4, sealed for its ledger and place there;
 * ledger_chunk.unpacked is the length of the lines.  A chunk without that was kept
 * before there was packing: the lines, sealed.
 */
void rows_label(char out[64], int64_t ledger, int64_t seq); /* what it is sealed for */
void rows_pack(struct str lines, struct buf *out);
void rows_seal(const struct keys *k, int64_t ledger, int64_t seq, struct str packed,
               struct buf *out);
/* The lines of a chunk; FILE_DAMAGED. */
MUST_USE enum err rows_open_chunk(const struct keys *k, const struct ledger_chunk *c,
                                  struct diag *diag, struct buf *out);
/* The same in two steps, for whoever brings the memory: the length of the lines
 * (SIZE_MAX: they are not packed; 0 also where the chunk cannot be so long), and
 * the packed text, opened, to that many bytes; false when it is damaged. */
size_t rows_unpacked(const struct ledger_chunk *c);
bool rows_unpack(struct str packed, char *to, size_t n);

/* The members of a layout in canonical order, made once a table. */
struct rows_order {
	const struct pack_layout *layout;
	const uint16_t *order;  /* column indexes, by id */
	const struct str *keys; /* by column: ,"id":" */
};
struct rows_order rows_order_make(const struct pack_layout *layout, struct arena *a);

/* One line with its newline.  `sheet` is the sheet's name, areas those that the
 * rows' area numbers index. */
void rows_encode(const struct rows_order *o, const struct pack *pack, const struct area_list *areas,
                 const char *sheet, const struct intake_row *row, struct buf *out);

#endif
