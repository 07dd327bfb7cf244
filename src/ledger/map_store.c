/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/map_store.h"

#include <stdlib.h>

#include "base/banned.h"

static const struct field ledger_map_fields[] = {
#define F(...) FIELD_ROW(struct ledger_map, __VA_ARGS__)
#include "ledger/ledger_map.def"
#undef F
};
const struct record_desc ledger_map_desc = {
	.name = "ledger_map",
	.id = 54,
	.fields = ledger_map_fields,
	.n = LEDGER_MAP_FIELD_MAX,
	.size = sizeof(struct ledger_map),
	.label = TEXT("列对照", "mapping of columns"),
};

static int newest_first(const void *pa, const void *pb)
{
	const struct ledger_map *a = pa, *b = pb;
	return (a->saved < b->saved) - (a->saved > b->saved);
}

enum err map_store_all(struct db *db, struct arena *a, struct ledger_map **ret, size_t *ret_n)
{
	enum err e = stmt_records(db_all(db, &ledger_map_desc), &ledger_map_desc, a, ret, ret_n);
	if (!e && *ret_n)
		qsort(*ret, *ret_n, sizeof(**ret), newest_first);
	return e;
}

enum err map_store_save(struct journal *j, struct ledger_map *m)
{
	struct ledger_map *all = NULL;
	struct arena a;
	size_t n = 0, i = 0;
	arena_init(&a, 1 << 26);
	enum err e = map_store_all(journal_db(j), &a, &all, &n);
	FIELD_SET(m, LEDGER_MAP_, saved, journal_now(j));
	while (!e && i < n && (strcmp(all[i].layout, m->layout) != 0 || strcmp(all[i].name, m->name) != 0))
		i++;
	if (!e && i < n) {
		m->no = all[i].no;
		m->version = all[i].version;
		e = journal_update(j, &ledger_map_desc, &all[i], m);
	} else if (!e) {
		e = journal_insert(j, &ledger_map_desc, m);
	}
	arena_release(&a);
	return e;
}

enum err map_store_drop(struct journal *j, int64_t no)
{
	struct db *db = journal_db(j);
	struct ledger_map old;
	struct arena a;
	bool found = false;
	arena_init(&a, 1 << 24);
	enum err e = db_get(db, &ledger_map_desc, no, &a, &old, &found);
	if (!e && !found)
		e = diag_set(db_diag(db), ERR_NOT_FOUND, "%lld", (long long)no);
	if (!e)
		e = journal_delete(j, &ledger_map_desc, &old);
	arena_release(&a);
	return e;
}
