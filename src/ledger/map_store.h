/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * map_store: mappings of columns that people corrected and kept: the text of a mapping file
 * (intake.h) under a name.  One of the same ledger and name is replaced.
 */
#ifndef DAOHU_LEDGER_MAP_STORE_H
#define DAOHU_LEDGER_MAP_STORE_H

#include "journal/journal.h"
#include "ledger/intake.h"

struct ledger_map {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "ledger/ledger_map.def"
#undef F
};
enum ledger_map_field {
#define F(...) FIELD_INDEX(LEDGER_MAP_, __VA_ARGS__)
#include "ledger/ledger_map.def"
#undef F
	LEDGER_MAP_FIELD_MAX
};
extern const struct record_desc ledger_map_desc;

/* All, newest first. */
MUST_USE enum err map_store_all(struct db *db, struct arena *a, struct ledger_map **ret,
                                size_t *ret_n);
/* Inside an open entry: name, mapping and saved_by are given, the mapping is right (it was
 * read with intake_map_parse) and `layout` is its own. */
MUST_USE enum err map_store_save(struct journal *j, struct ledger_map *m);
/* NOT_FOUND. */
MUST_USE enum err map_store_drop(struct journal *j, int64_t no);

#endif
