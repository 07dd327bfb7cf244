/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * index: in which chunks of the ledgers a person's number stands.
 *
 * A ledger whose rows are all kept (pack: keep all) has an index: its rows'
 * numbers as keyed hashes, sorted, in blocks of INDEX_BLOCK entries of
 * KEY_INDEX_BYTES and a row's ordinal (4 bytes, little endian).  Whoever has
 * the database but not the keys learns nothing from it.  Ledgers without an
 * index are looked through.
 */
#ifndef DAOHU_LEDGER_INDEX_H
#define DAOHU_LEDGER_INDEX_H

#include "ledger/ledger.h"
#include "link/idno.h"

enum { INDEX_BLOCK = 4096, INDEX_ENTRY = KEY_INDEX_BYTES + 4 };

struct ledger_index {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "ledger/ledger_index.def"
#undef F
};
enum ledger_index_field {
#define F(...) FIELD_INDEX(LEDGER_INDEX_, __VA_ARGS__)
#include "ledger/ledger_index.def"
#undef F
	LEDGER_INDEX_FIELD_MAX
};
extern const struct record_desc ledger_index_desc;

/* Gathers the numbers of a ledger that is coming in. */
struct index_maker {
	const struct keys *keys;
	unsigned char *entries; /* INDEX_ENTRY bytes each */
	size_t n, cap;
};
void index_add(struct index_maker *m, struct str number, bool lossy, uint32_t ordinal);
void index_sort(struct index_maker *m);
/* Writes the next block of what was sorted; inside an entry.  *at: where it begins (0 at first), then
 * where the next one does; m->n: it was the last. */
MUST_USE enum err index_write(const struct index_maker *m, struct journal *j, int64_t ledger,
                              size_t *at);
void index_release(struct index_maker *m);

/* Takes away rows and index of a ledger that has no record (ledger_stray()); inside an entry. */
MUST_USE enum err ledger_withdraw(struct journal *j, int64_t ledger);

/*
 * Takes every row with this number out of the kept ledgers and destroys the
 * originals that held it (DIR/files); inside an entry.  *ret_rows: how many.
 */
MUST_USE enum err ledger_erase_number(struct journal *j, const struct idno *id, struct arena *a,
                                      size_t *ret_rows);

#endif
