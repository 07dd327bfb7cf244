/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/index.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "ledger/originals.h"
#include "ledger/rows_code.h"

#include "base/banned.h"

static const struct field index_fields[] = {
#define F(...) FIELD_ROW(struct ledger_index, __VA_ARGS__)
#include "ledger/ledger_index.def"
#undef F
};
const struct record_desc ledger_index_desc = {
	.name = "ledger_index",
	.id = 53,
	.fields = index_fields,
	.n = LEDGER_INDEX_FIELD_MAX,
	.size = sizeof(struct ledger_index),
	.label = TEXT("台账索引", "index of a ledger"),
};

/* --- making ---------------------------------------------------------------------------- */

void index_add(struct index_maker *m, struct str number, bool lossy, uint32_t ordinal)
{
	struct idno id = idno_parse(number, lossy);
	if (!idno_full(&id))
		return;
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : INDEX_BLOCK;
		m->entries = base_realloc(m->entries, m->cap, INDEX_ENTRY);
	}
	unsigned char *e = m->entries + m->n++ * INDEX_ENTRY;
	keys_index(m->keys, "id", str_c(id.id18), e);
	for (int i = 0; i < 4; i++)
		e[KEY_INDEX_BYTES + i] = (unsigned char)(ordinal >> 8 * i);
}

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, INDEX_ENTRY);
}

enum { BUCKETS = 1 << 16, BUCKET_FEW = 24, BUCKETS_FROM = 4096 /* entries */ };

static size_t bucket_of(const unsigned char *e)
{
	return (size_t)e[0] << 8 | e[1];
}

static void swap_entries(unsigned char *a, unsigned char *b)
{
	unsigned char t[INDEX_ENTRY];
	memcpy(t, a, INDEX_ENTRY);
	memcpy(a, b, INDEX_ENTRY);
	memcpy(b, t, INDEX_ENTRY);
}

/* Few of them; but the same number may come very often. */
static void sort_bucket(unsigned char *e, size_t n)
{
	if (n > BUCKET_FEW) {
		qsort(e, n, INDEX_ENTRY, by_key);
		return;
	}
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k && by_key(e + k * INDEX_ENTRY, e + (k - 1) * INDEX_ENTRY) < 0; k--)
			swap_entries(e + k * INDEX_ENTRY, e + (k - 1) * INDEX_ENTRY);
}

/* Keys are hashes, so their first bytes spread them evenly: each entry is put
 * where its bucket is, in place, then the few of a bucket are sorted. */
void index_sort(struct index_maker *m)
{
	if (m->n < BUCKETS_FROM) {
		sort_bucket(m->entries, m->n);
		return;
	}
	uint32_t *next = base_calloc(BUCKETS, sizeof(*next)), *end = base_calloc(BUCKETS, sizeof(*end));
	for (size_t i = 0; i < m->n; i++)
		end[bucket_of(m->entries + i * INDEX_ENTRY)]++;
	for (size_t b = 0, at = 0; b < BUCKETS; b++) {
		next[b] = (uint32_t)at;
		at += end[b];
		end[b] = (uint32_t)at;
	}
	for (size_t b = 0; b < BUCKETS; b++)
		while (next[b] < end[b]) {
			unsigned char *e = m->entries + (size_t)next[b] * INDEX_ENTRY;
			size_t home = bucket_of(e);
			if (home == b)
				next[b]++;
			else
				swap_entries(e, m->entries + (size_t)next[home]++ * INDEX_ENTRY);
		}
	for (size_t b = 0, from = 0; b < BUCKETS; from = end[b++])
		sort_bucket(m->entries + from * INDEX_ENTRY, end[b] - from);
	base_free(next);
	base_free(end);
}

enum err index_write(const struct index_maker *m, struct journal *j, int64_t ledger, size_t *at)
{
	size_t n = m->n - *at < INDEX_BLOCK ? m->n - *at : INDEX_BLOCK;
	const char *p = (const char *)m->entries + *at * INDEX_ENTRY;
	struct ledger_index x = {0};
	if (!n)
		return OK;
	FIELD_SET(&x, LEDGER_INDEX_, ledger, ledger);
	FIELD_SET(&x, LEDGER_INDEX_, first_key, ((struct str){p, KEY_INDEX_BYTES}));
	FIELD_SET(&x, LEDGER_INDEX_, entries, (int64_t)n);
	FIELD_SET(&x, LEDGER_INDEX_, body, ((struct str){p, n * INDEX_ENTRY}));
	*at += n;
	return journal_insert(j, &ledger_index_desc, &x);
}

void index_release(struct index_maker *m)
{
	base_free(m->entries);
	*m = (struct index_maker){.keys = m->keys};
}

/* --- looking up -------------------------------------------------------------------------- */

/* Chunks to look through: all of them, or those that the index names. */
struct chunks {
	bool indexed;
	struct imap wanted; /* seq -> 1 */
};

static void take_block(struct chunks *c, struct str body, const unsigned char key[KEY_INDEX_BYTES])
{
	for (size_t at = 0; at + INDEX_ENTRY <= body.n; at += INDEX_ENTRY) {
		const unsigned char *e = (const unsigned char *)body.p + at;
		if (memcmp(e, key, KEY_INDEX_BYTES) != 0)
			continue;
		uint32_t ordinal = 0;
		for (int i = 0; i < 4; i++)
			ordinal |= (uint32_t)e[KEY_INDEX_BYTES + i] << 8 * i;
		(void)imap_set(&c->wanted, ordinal / LEDGER_CHUNK, 1);
	}
}

static enum err find_chunks(struct journal *j, int64_t ledger, const struct idno *id,
                            struct chunks *c)
{
	unsigned char key[KEY_INDEX_BYTES];
	struct ledger_index x;
	struct arena a;
	keys_index(journal_keys(j), "id", str_c(id->id18), key);
	struct stmt *s = db_stmt(journal_db(j), STMT_ledger_index_blocks);
	stmt_bind_int(s, 2, ledger);
	arena_init(&a, 0);
	while (stmt_record(s, &ledger_index_desc, &a, &x)) {
		c->indexed = true;
		take_block(c, x.body, key);
		arena_clear(&a);
	}
	arena_release(&a);
	return stmt_end(s);
}

/* --- erasing ------------------------------------------------------------------------------- */

/* Does the line write the number, in any of its forms? */
static bool names(struct str line, const struct idno *id)
{
	char old[16];
	char lower[19];
	memcpy(lower, id->id18, 19);
	if (lower[17] == 'X')
		lower[17] = 'x';
	memcpy(old, id->id18, 6);
	memcpy(old + 6, id->id18 + 8, 9);
	old[15] = '\0';
	return str_find(line, str_c(id->id18)) != SIZE_MAX || str_find(line, str_c(lower)) != SIZE_MAX ||
	       str_find(line, str_c(old)) != SIZE_MAX;
}

static enum err rewrite_chunk(struct journal *j, const struct ledger_chunk *old,
                              const struct idno *id, size_t *ret_rows)
{
	struct buf plain, kept, packed, sealed;
	const struct keys *keys = journal_keys(j);
	struct str rest, line;
	size_t dropped = 0, left = 0;
	buf_init(&plain, ROWS_CHUNK_MAX);
	buf_init(&kept, ROWS_CHUNK_MAX);
	buf_init(&packed, ROWS_PACKED_MAX);
	buf_init(&sealed, ROWS_PACKED_MAX);
	enum err e = rows_open_chunk(keys, old, db_diag(journal_db(j)), &plain);
	rest = buf_str(&plain);
	while (!e && rest.n && str_split(&rest, '\n', &line)) {
		if (!line.n)
			continue;
		if (names(line, id)) {
			dropped++;
			continue;
		}
		left++;
		buf_addstr(&kept, line);
		buf_addc(&kept, '\n');
	}
	if (!e && dropped) {
		struct ledger_chunk now = *old;
		rows_pack(buf_str(&kept), &packed);
		rows_seal(keys, old->ledger, old->seq, buf_str(&packed), &sealed);
		FIELD_SET(&now, LEDGER_CHUNK_, row_count, (int64_t)left);
		FIELD_SET(&now, LEDGER_CHUNK_, body, buf_str(&sealed));
		FIELD_SET(&now, LEDGER_CHUNK_, unpacked, (int64_t)kept.n);
		e = journal_update(j, &ledger_chunk_desc, old, &now);
	}
	buf_release(&plain);
	buf_release(&kept);
	buf_release(&packed);
	buf_release(&sealed);
	if (!e)
		*ret_rows += dropped;
	return e;
}

static enum err erase_in(struct journal *j, const struct ledger *l, const struct idno *id,
                         struct arena *a, size_t *ret_rows)
{
	struct chunks c = {0};
	struct ledger_chunk *all = NULL;
	size_t n = 0, rows = 0;
	imap_init(&c.wanted);
	/* a ledger without a record may have only a part of its index */
	enum err e = l->layout ? find_chunks(j, l->no, id, &c) : OK;
	if (!e && !(c.indexed && c.wanted.n == 0)) {
		struct stmt *s = db_stmt(journal_db(j), STMT_ledger_chunks);
		stmt_bind_int(s, 2, l->no);
		e = stmt_records(s, &ledger_chunk_desc, a, &all, &n);
	}
	for (size_t i = 0; !e && i < n; i++)
		if (!c.indexed || imap_get(&c.wanted, all[i].seq, 0))
			e = rewrite_chunk(j, &all[i], id, &rows);
	if (!e && rows && l->layout)
		e = original_destroy(j, l);
	imap_release(&c.wanted);
	*ret_rows += rows;
	return e;
}

/* Every record that the statement, bound to the ledger, finds. */
static enum err delete_all(struct journal *j, struct stmt *s, const struct record_desc *d, int64_t ledger)
{
	struct arena a;
	char *all = NULL;
	size_t n = 0;
	arena_init(&a, 0);
	stmt_bind_int(s, 2, ledger);
	enum err e = stmt_records(s, d, &a, &all, &n);
	for (size_t i = 0; !e && i < n; i++)
		e = journal_delete(j, d, all + i * d->size);
	arena_release(&a);
	return e;
}

enum err ledger_withdraw(struct journal *j, int64_t ledger)
{
	struct db *db = journal_db(j);
	enum err e = delete_all(j, db_stmt(db, STMT_ledger_chunks), &ledger_chunk_desc, ledger);
	return e ? e : delete_all(j, db_stmt(db, STMT_ledger_index_blocks), &ledger_index_desc, ledger);
}

enum err ledger_erase_number(struct journal *j, const struct idno *id, struct arena *a,
                             size_t *ret_rows)
{
	struct ledger *all = NULL;
	int64_t *stray = NULL;
	size_t n = 0, n_stray = 0;
	*ret_rows = 0;
	enum err e = ledger_all(journal_db(j), a, &all, &n);
	if (!e) /* a file that is just coming in, or whose import was cut short */
		e = ledger_stray(journal_db(j), a, &stray, &n_stray);
	for (size_t i = 0; !e && i < n + n_stray; i++) {
		struct arena scratch;
		const struct ledger unknown = {.no = i < n ? 0 : stray[i - n]};
		arena_init(&scratch, 0);
		e = erase_in(j, i < n ? &all[i] : &unknown, id, &scratch, ret_rows);
		arena_release(&scratch);
	}
	return e;
}
