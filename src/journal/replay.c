/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "journal/replay.h"

#include "base/sha256.h"
#include "journal/state.h"

#include "base/banned.h"

enum { COLUMNS_MAX = 16 };

enum kind { K_OTHER, K_ENTRY, K_CHANGE, K_CHECKPOINT, K_PERSON_KEY };

/* Where the columns that are asked for stand in the rows; -1 = they do not. */
static const char *const entry_columns[] = {
	"no",           "at_ms",     "kind",    "actor",       "os_user",
	"event_date",   "reason",    "command", "source_file", "source_hash",
	"pack_version", "pack_hash", "changes", "root"};
static const char *const change_columns[] = {"entry",   "seq", "tbl",   "rec",
					     "version", "op",  "digest"};
static const char *const checkpoint_columns[] = {"size", "note"};
static const char *const key_columns[] = {"wrapped"};

struct journal_replay {
	struct note_house house;
	char county[64];
	unsigned char public[KEY_PUBLIC_BYTES];
	const char *fault;
	struct arena arena; /* of one entry */
	struct arena names; /* of tables */
	struct buf json;

	enum kind kind; /* of the rows that come */
	int at[COLUMNS_MAX];
	int64_t *count; /* of rows, in `rows` */

	struct merkle tree;
	int64_t last_at;
	/* What the entries say of their changes and what the changes are, as two sums that
	 * must be equal: neither table is kept. */
	struct sha256 said, found;
	int64_t entry; /* whose changes are coming; 0 = none yet */
	struct merkle changes;
	int64_t n_changes;

	struct buf note; /* of the newest checkpoint */
	int64_t note_size;
	int64_t keys_gone, erasures;
	struct map rows;   /* table -> rows that came */
	struct imap known; /* table id -> records that the log left there */
};

static void broken(struct journal_replay *r, const char *fault)
{
	if (!r->fault)
		r->fault = fault;
}

struct journal_replay *journal_replay_new(const char *county,
					  const unsigned char public[KEY_PUBLIC_BYTES])
{
	struct journal_replay *r = base_calloc(1, sizeof(*r));
	struct str c = str_sub(str_c(county), 0, sizeof(r->county) - 1);
	memcpy(r->county, c.p, c.n);
	memcpy(r->public, public, KEY_PUBLIC_BYTES);
	r->house = (struct note_house){r->county, r->public};
	arena_init(&r->arena, 0);
	arena_init(&r->names, 0);
	buf_init(&r->json, (size_t)1 << 20);
	buf_init(&r->note, (size_t)64 << 10);
	merkle_init(&r->tree);
	merkle_init(&r->changes);
	sha256_begin(&r->said);
	sha256_begin(&r->found);
	map_init(&r->rows);
	imap_init(&r->known);
	r->last_at = INT64_MIN;
	return r;
}

void journal_replay_free(struct journal_replay *r)
{
	if (!r)
		return;
	arena_release(&r->arena);
	arena_release(&r->names);
	buf_release(&r->json);
	buf_release(&r->note);
	map_release(&r->rows);
	imap_release(&r->known);
	base_free(r);
}

static void find_columns(struct journal_replay *r, const char *const *names, size_t n_names,
			 const struct rows_column *columns, size_t n)
{
	for (size_t k = 0; k < n_names; k++) {
		size_t i = 0;
		while (i < n && strcmp(columns[i].name, names[k]) != 0)
			i++;
		r->at[k] = i < n ? (int)i : -1;
	}
}

#define COLUMNS(list) (list), sizeof(list) / sizeof((list)[0])

void journal_replay_table(struct journal_replay *r, const char *name,
			  const struct rows_column *columns, size_t n)
{
	r->kind = K_OTHER;
	r->count = map_slot(&r->rows, str_copy(&r->names, str_c(name)), 0);
	if (strcmp(name, "entry") == 0) {
		r->kind = K_ENTRY;
		find_columns(r, COLUMNS(entry_columns), columns, n);
	} else if (strcmp(name, "change") == 0) {
		r->kind = K_CHANGE;
		find_columns(r, COLUMNS(change_columns), columns, n);
	} else if (strcmp(name, "checkpoint") == 0) {
		r->kind = K_CHECKPOINT;
		find_columns(r, COLUMNS(checkpoint_columns), columns, n);
	} else if (strcmp(name, "person_key") == 0) {
		r->kind = K_PERSON_KEY;
		find_columns(r, COLUMNS(key_columns), columns, n);
	}
}

/* --- rows ----------------------------------------------------------------- */

static const struct rows_value *cell(const struct journal_replay *r, const struct rows_value *v,
				     size_t k)
{
	static const struct rows_value none = {.kind = ROWS_NULL};
	return r->at[k] >= 0 ? &v[r->at[k]] : &none;
}

static int64_t number(const struct journal_replay *r, const struct rows_value *v, size_t k)
{
	return cell(r, v, k)->i;
}

static const char *text(struct journal_replay *r, const struct rows_value *v, size_t k)
{
	const struct rows_value *c = cell(r, v, k);
	return c->kind == ROWS_TEXT ? str_dup(&r->arena, c->s) : NULL;
}

static struct str bytes(const struct journal_replay *r, const struct rows_value *v, size_t k)
{
	const struct rows_value *c = cell(r, v, k);
	struct str none = {NULL, 0};
	return c->kind == ROWS_BLOB ? (struct str){c->s.p ? c->s.p : "", c->s.n} : none;
}

/* "entry no has n changes with this root", for either sum. */
static void say(struct sha256 *s, int64_t entry, int64_t n, const unsigned char root[MERKLE_HASH])
{
	sha256_add(s, &entry, sizeof(entry));
	sha256_add(s, &n, sizeof(n));
	sha256_add(s, root, MERKLE_HASH);
}

static void take_entry(struct journal_replay *r, const struct rows_value *v)
{
	unsigned char leaf[MERKLE_HASH], none[MERKLE_HASH];
	struct merkle empty;
	arena_clear(&r->arena);
	struct entry_row e = {.no = number(r, v, 0),
			      .at_ms = number(r, v, 1),
			      .kind = text(r, v, 2),
			      .actor = text(r, v, 3),
			      .os_user = text(r, v, 4),
			      .event_date = (date_t)number(r, v, 5),
			      .reason = text(r, v, 6),
			      .command = text(r, v, 7),
			      .source_file = text(r, v, 8),
			      .source_hash = bytes(r, v, 9),
			      .pack_version = text(r, v, 10),
			      .pack_hash = bytes(r, v, 11),
			      .changes = number(r, v, 12),
			      .root = bytes(r, v, 13)};
	if (e.no != (int64_t)r->tree.n + 1)
		broken(r, "entries: numbers");
	if (e.at_ms <= r->last_at)
		broken(r, "entries: instants");
	r->last_at = e.at_ms;
	if (e.root.n != MERKLE_HASH) {
		broken(r, "entries: root");
		return;
	}
	merkle_init(&empty);
	merkle_root(&empty, none);
	if (e.changes)
		say(&r->said, e.no, e.changes, (const unsigned char *)e.root.p);
	else if (memcmp(e.root.p, none, MERKLE_HASH) != 0)
		broken(r, "entries: root");
	tree_entry_json(r->county, &e, &r->json);
	merkle_leaf(buf_str(&r->json), leaf);
	merkle_add(&r->tree, leaf);
}

static void end_changes(struct journal_replay *r)
{
	unsigned char root[MERKLE_HASH];
	if (!r->entry)
		return;
	merkle_root(&r->changes, root);
	say(&r->found, r->entry, (int64_t)r->changes.n, root);
	merkle_init(&r->changes);
}

static void count_change(struct journal_replay *r, int64_t table, char op)
{
	if (op == 'I' || op == 'D')
		*imap_slot(&r->known, table, 0) += op == 'I' ? 1 : -1;
	else if (op == 'E' && table == TABLE_PERSON_KEY)
		r->erasures++;
}

static void take_change(struct journal_replay *r, const struct rows_value *v)
{
	unsigned char leaf[MERKLE_HASH];
	int64_t entry = number(r, v, 0), table = number(r, v, 2);
	struct str op = cell(r, v, 5)->s, digest = bytes(r, v, 6);
	if (entry != r->entry) {
		end_changes(r);
		if (entry < r->entry)
			broken(r, "changes: order");
		r->entry = entry;
	}
	if (number(r, v, 1) != (int64_t)r->changes.n + 1 || op.n != 1 || digest.n != JOURNAL_HASH ||
	    table < 0 || table > UINT16_MAX) {
		broken(r, "changes");
		return;
	}
	journal__change_leaf((uint16_t)table, number(r, v, 3), number(r, v, 4), op.p[0], digest,
			     leaf);
	merkle_add(&r->changes, leaf);
	r->n_changes++;
	count_change(r, table, op.p[0]);
}

void journal_replay_row(struct journal_replay *r, const struct rows_value *v)
{
	++*r->count;
	switch (r->kind) {
	case K_ENTRY:
		take_entry(r, v);
		break;
	case K_CHANGE:
		take_change(r, v);
		break;
	case K_CHECKPOINT:
		buf_clear(&r->note);
		r->note_size = number(r, v, 0);
		buf_addstr(&r->note, cell(r, v, 1)->s);
		break;
	case K_PERSON_KEY:
		r->keys_gone += cell(r, v, 0)->kind == ROWS_NULL;
		break;
	case K_OTHER:
		break;
	}
}

/* --- the end -------------------------------------------------------------- */

static void check_head(struct journal_replay *r, const unsigned char root[MERKLE_HASH])
{
	struct note note = {0};
	if (!r->tree.n && !r->note.n)
		return;
	if (!tree_read_note_of(&r->house, buf_str(&r->note), &note) || !note.ours)
		broken(r, "checkpoint: signature");
	else if (note.size != (int64_t)r->tree.n || note.size != r->note_size)
		broken(r, "checkpoint: size");
	else if (memcmp(note.root, root, MERKLE_HASH) != 0)
		broken(r, "checkpoint: root");
}

static void check_tables(struct journal_replay *r, const struct record_desc *const *tables,
			 size_t n_tables)
{
	for (size_t i = 0; i < n_tables; i++) {
		if (map_get(&r->rows, str_c(tables[i]->name), 0) !=
		    imap_get(&r->known, tables[i]->id, 0))
			broken(r, tables[i]->name);
	}
}

void journal_replay_end(struct journal_replay *r, const struct record_desc *const *tables,
			size_t n_tables, struct journal_replay_sum *ret)
{
	unsigned char said[SHA256_BYTES], found[SHA256_BYTES];
	*ret = (struct journal_replay_sum){
		.entries = (int64_t)r->tree.n, .changes = r->n_changes, .erased = r->keys_gone};
	end_changes(r);
	merkle_root(&r->tree, ret->root);
	sha256_end(&r->said, said);
	sha256_end(&r->found, found);
	if (memcmp(said, found, sizeof(said)) != 0)
		broken(r, "changes: root");
	check_head(r, ret->root);
	if (r->keys_gone != r->erasures)
		broken(r, "person_key");
	check_tables(r, tables, n_tables);
	ret->fault = r->fault;
}
