/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "journal/journal.h"

#include <assert.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "base/sha256.h"
#include "journal/state.h"

#include "base/banned.h"

static void put_int(unsigned char *out, uint64_t v, size_t bytes)
{
	for (size_t i = bytes; i-- > 0; v >>= 8)
		out[i] = (unsigned char)(v & 0xFF);
}

/* --- opening -------------------------------------------------------------- */

static void find_os_user(char *out, size_t size)
{
	struct passwd pw, *found = NULL;
	char names[4096];
	if (getpwuid_r(geteuid(), &pw, names, sizeof(names), &found) == 0 && found)
		(void)snprintf(out, size, "%s", pw.pw_name);
	else
		(void)snprintf(out, size, "uid %ld", (long)geteuid());
}

/* The last entry; zero when there is none. */
struct last {
	int64_t no, at_ms;
	unsigned char leaf[MERKLE_HASH];
};

static enum err read_last(struct db *db, struct last *ret)
{
	struct stmt *s = db_stmt(db, STMT_journal_last);
	*ret = (struct last){0};
	if (stmt_row(s)) {
		struct str leaf = stmt_blob(s, 2);
		ret->no = stmt_int(s, 0);
		ret->at_ms = stmt_int(s, 1);
		if (leaf.n == MERKLE_HASH)
			memcpy(ret->leaf, leaf.p, MERKLE_HASH);
	}
	return stmt_end(s);
}

/* The same, and whether it is the one that was added last, with the tree up to it. */
static enum err meet_last(struct journal *j, struct last *ret, bool *ret_ours)
{
	*ret = (struct last){.no = (int64_t)j->tree.n, .at_ms = j->last_ms};
	*ret_ours = j->tree.n && j->moment == db_moment(j->db);
	if (*ret_ours)
		return OK;
	enum err e = read_last(j->db, ret);
	*ret_ours = !e && tree_meet(j, ret->no, ret->leaf);
	return e;
}

enum err journal_last_entry(struct db *db, int64_t *ret)
{
	struct last last;
	enum err e = read_last(db, &last);
	*ret = last.no;
	return e;
}

/* Of a transaction that several entries share, one head is signed, over the last of those
 * that were not taken back. */
static enum err sign_before_commit(void *arg)
{
	struct journal *j = arg;
	struct last last;
	int64_t size = 0;
	bool ours; /* then it is of this transaction */
	if (!j->unsigned_entries)
		return OK;
	j->unsigned_entries = false;
	enum err e = meet_last(j, &last, &ours);
	if (!e && !ours)
		e = stmt_one_int(db_stmt(j->db, STMT_journal_signed), 0, &size);
	return e || last.no <= size ? e : tree_sign(j, last.no, last.at_ms);
}

enum err journal_open(struct db *db, const struct keys *keys, struct journal **ret)
{
	if (sodium_init() < 0)
		return diag_set(db_diag(db), ERR_CRYPTO, "libsodium");
	struct journal *j = base_calloc(1, sizeof(*j));
	size_t n;
	(void)db_tables(db, &n);
	j->db = db;
	j->keys = keys;
	j->tables = base_calloc(n, sizeof(*j->tables));
	vault_init(&j->vault, db, keys);
	db_sealed_init(&j->sealed);
	buf_init(&j->json, (size_t)64 << 20);
	buf_init(&j->delta, (size_t)64 << 20);
	arena_init(&j->arena, 0);
	find_os_user(j->os_user, sizeof(j->os_user));
	db_before_commit(db, sign_before_commit, j);
	*ret = j;
	return OK;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	journal_rollback(j);
	db_before_commit(j->db, NULL, NULL);
	vault_release(&j->vault);
	journal__inserts_free(j->inserts);
	db_sealed_release(&j->sealed);
	buf_release(&j->json);
	buf_release(&j->delta);
	arena_release(&j->arena);
	base_free(j->tables);
	base_free(j);
}

void journal_forget_keys(struct journal *j)
{
	vault_forget(&j->vault);
}

struct db *journal_db(const struct journal *j)
{
	return j->db;
}

const struct keys *journal_keys(const struct journal *j)
{
	return j->keys;
}

int64_t journal_now(const struct journal *j)
{
	return j->at_ms;
}

int64_t journal_entry(const struct journal *j)
{
	return j->open ? j->entry : 0;
}

struct journal_table *journal__table(struct journal *j, const struct record_desc *d)
{
	size_t n, i = 0;
	const struct record_desc *const *all = db_tables(j->db, &n);
	while (i < n && all[i] != d)
		i++;
	assert(i < n); /* left out of db_opts.tables */
	struct journal_table *t = &j->tables[i];
	if (!t->ordered) {
		stored_order(d, &t->order);
		t->ordered = true;
	}
	return t;
}

/* --- begin and commit ----------------------------------------------------- */

enum err journal_begin(struct journal *j, const struct entry_info *info)
{
	struct last last;
	bool ours;
	if (j->open)
		return diag_set(db_diag(j->db), ERR_INTERNAL, "an entry is open");
	bool own = !db_in_transaction(j->db);
	if (j->vault.unsure) /* was that other transaction committed?  The table knows. */
		vault_forget(&j->vault);
	enum err e = own ? db_begin(j->db) : OK;
	if (e)
		return e;
	e = meet_last(j, &last, &ours);
	if (e) {
		if (own)
			db_rollback(j->db);
		return e;
	}
	int64_t now = instant_now();
	bool behind = last.no && now + CLOCK_SLACK_MS < last.at_ms;
	if (!behind)
		j->clock_noted = false;
	j->clock_ms = behind && !j->clock_noted ? now : 0;
	j->entry = last.no + (j->clock_ms ? 2 : 1);
	j->at_ms = now > last.at_ms || !last.no ? now : last.at_ms + (j->clock_ms ? 2 : 1);
	j->seq = 0;
	j->marked = false;
	j->info = *info;
	j->own_transaction = own;
	j->open = true;
	j->vault.writing = true;
	merkle_init(&j->changes);
	return OK;
}

static void close_entry(struct journal *j)
{
	size_t n;
	(void)db_tables(j->db, &n);
	for (size_t i = 0; i < n; i++)
		j->tables[i].next_no = j->tables[i].had_no = 0;
	j->open = false;
	j->vault.writing = false;
	arena_clear(&j->arena);
}

void journal_rollback(struct journal *j)
{
	if (!j->open)
		return;
	if (j->own_transaction)
		db_rollback(j->db);
	vault_forget(&j->vault); /* keys made in this entry are gone */
	close_entry(j);
}

/* Writes down how far each table's numbers were used. */
static enum err keep_numbers(struct journal *j)
{
	size_t n;
	const struct record_desc *const *all = db_tables(j->db, &n);
	for (size_t i = 0; i < n; i++) {
		struct journal_table *t = &j->tables[i];
		int64_t first;
		if (t->next_no == t->had_no)
			continue;
		enum err e =
			db_take_numbers(j->db, all[i]->name, t->next_no - t->had_no, &first);
		if (!e && first != t->had_no)
			e = diag_set(db_diag(j->db), ERR_CONFLICT, "counter %s", all[i]->name);
		if (e)
			return e;
	}
	return OK;
}

void journal_mark(struct journal *j, const char *reason, const char *source)
{
	size_t n = strnlen(source, sizeof(j->mark));
	assert(j->open);
	memcpy(j->mark, source, n);
	j->info.reason = reason;
	j->info.source_hash = (struct str){j->mark, n};
	j->marked = true;
}

bool journal_is_empty(const struct journal *j)
{
	return j->seq == 0;
}

static enum err append_clock_entry(struct journal *j)
{
	char text[32];
	struct merkle none;
	unsigned char root[MERKLE_HASH];
	merkle_init(&none);
	merkle_root(&none, root);
	(void)instant_format(j->clock_ms, text);
	struct entry_row e = {.no = j->entry - 1,
			      .at_ms = j->at_ms - 1,
			      .kind = "clock",
			      .os_user = j->os_user,
			      .reason = text,
			      .root = {(const char *)root, sizeof(root)}};
	return tree_append(j, &e);
}

static enum err append_entry(struct journal *j)
{
	const struct entry_info *in = &j->info;
	unsigned char root[MERKLE_HASH];
	merkle_root(&j->changes, root);
	struct entry_row e = {.no = j->entry,
			      .at_ms = j->at_ms,
			      .kind = "change",
			      .changes = j->seq,
			      .event_date = in->event_date,
			      .actor = in->actor ? in->actor : j->os_user,
			      .os_user = j->os_user,
			      .reason = in->reason,
			      .command = in->command,
			      .source_file = in->source_file,
			      .source_hash = in->source_hash,
			      .pack_version = in->pack_version,
			      .pack_hash = in->pack_hash,
			      .root = {(const char *)root, sizeof(root)}};
	return tree_append(j, &e);
}

enum err journal_commit(struct journal *j, int64_t *ret_entry)
{
	assert(j->open);
	int64_t entry = j->seq || j->marked ? j->entry : 0;
	enum err e = OK;
	if (entry) {
		e = keep_numbers(j);
		if (!e && j->clock_ms)
			e = append_clock_entry(j);
		if (!e)
			e = append_entry(j);
		j->unsigned_entries = true;
	}
	if (e) {
		journal_rollback(j);
		return e;
	}
	if (!entry) {
		journal_rollback(j);
	} else {
		if (j->own_transaction)
			e = db_commit(j->db);
		if (e) {
			journal_rollback(j);
			return e;
		}
		if (j->own_transaction)
			j->vault.unsure = false;
		j->clock_noted = j->clock_noted || j->clock_ms;
		close_entry(j);
	}
	if (ret_entry)
		*ret_entry = entry;
	return OK;
}

/* --- one change ----------------------------------------------------------- */

void journal__commitment(const unsigned char salt[SALT_BYTES], uint16_t table,
			 const struct record *rec, struct str json,
			 unsigned char ret[JOURNAL_HASH])
{
	unsigned char head[12 + SALT_BYTES + 2 + 8 + 8] = "daohu/rec/1";
	struct sha256 s;
	memcpy(head + 12, salt, SALT_BYTES);
	put_int(head + 12 + SALT_BYTES, table, 2);
	put_int(head + 14 + SALT_BYTES, (uint64_t)rec->no, 8);
	put_int(head + 22 + SALT_BYTES, (uint64_t)rec->version, 8);
	sha256_begin(&s);
	sha256_add(&s, head, sizeof(head));
	sha256_add(&s, json.p, json.n);
	sha256_end(&s, ret);
}

void journal__change_leaf(uint16_t table, int64_t rec, int64_t version, char op, struct str digest,
			  unsigned char ret[MERKLE_HASH])
{
	unsigned char text[2 + 8 + 8 + 1 + JOURNAL_HASH] = {0};
	put_int(text, table, 2);
	put_int(text + 2, (uint64_t)rec, 8);
	put_int(text + 10, (uint64_t)version, 8);
	text[18] = (unsigned char)op;
	memcpy(text + 19, digest.p, digest.n < JOURNAL_HASH ? digest.n : JOURNAL_HASH);
	merkle_leaf((struct str){(const char *)text, sizeof(text)}, ret);
}

/* Adds a change row; the old values are those in j->delta, none when it is empty. */
enum err journal__change_row(struct journal *j, uint16_t table, const struct record *rec, char op,
			     const unsigned char digest[JOURNAL_HASH])
{
	char op_text[2] = {op, '\0'};
	struct stmt *s = db_stmt(j->db, STMT_journal_change_add);
	stmt_bind_int(s, 2, j->entry);
	stmt_bind_int(s, 3, ++j->seq);
	stmt_bind_int(s, 4, table);
	stmt_bind_int(s, 5, rec->no);
	stmt_bind_int(s, 6, rec->version);
	stmt_bind_str(s, 7, (struct str){op_text, 1});
	stmt_bind_blob(s, 8, (struct str){(const char *)digest, JOURNAL_HASH});
	if (j->delta.n)
		stmt_bind_str(s, 9, buf_str(&j->delta));
	else
		stmt_bind_null(s, 9);
	return stmt_run(s);
}

enum err journal__change(struct journal *j, uint16_t table, const struct record *rec, char op,
			 const unsigned char digest[JOURNAL_HASH])
{
	unsigned char leaf[MERKLE_HASH];
	journal__change_leaf(table, rec->no, rec->version, op,
			     (struct str){(const char *)digest, JOURNAL_HASH}, leaf);
	merkle_add(&j->changes, leaf);
	return journal__change_row(j, table, rec, op, digest);
}

/* Commits to j->after as the values of this record version and adds the row. */
static enum err note_change(struct journal *j, const struct record_desc *d,
			    const struct record *rec, char op)
{
	unsigned char salt[SALT_BYTES], digest[JOURNAL_HASH];
	const struct vault_key *key = NULL;
	int64_t owner = stored_owner(d, rec->no, op == 'D' ? &j->before : &j->after);
	enum err e = owner ? vault_key(&j->vault, owner, &key) : OK;
	if (e)
		return e;
	vault_salt(j->keys, key, d->id, rec->no, rec->version, salt);
	buf_clear(&j->json);
	if (op == 'D')
		buf_adds(&j->json, "{}");
	else
		stored_json(d, &journal__table(j, d)->order, &j->after, &j->json);
	if (j->json.full || j->delta.full)
		return diag_set(db_diag(j->db), ERR_FILE_TOO_LARGE, "%s %lld", d->name,
				(long long)rec->no);
	journal__commitment(salt, d->id, rec, buf_str(&j->json), digest);
	return journal__change(j, d->id, rec, op, digest);
}

/* What the counter of a table stands at. */
static enum err read_counter(struct journal *j, const struct record_desc *d, int64_t *ret)
{
	struct stmt *s = db_stmt(j->db, STMT_db_counter_next);
	stmt_bind_text(s, 2, d->name);
	return stmt_one_int(s, 1, ret);
}

/* Numbers are counted in memory and written down at the commit. */
static enum err begin_numbers(struct journal *j, const struct record_desc *d, struct journal_table *t)
{
	enum err e = t->next_no ? OK : read_counter(j, d, &t->had_no);
	if (!e && !t->next_no)
		t->next_no = t->had_no;
	return e;
}

enum err journal__next_no(struct journal *j, const struct record_desc *d, int64_t *ret)
{
	struct journal_table *t = journal__table(j, d);
	enum err e = begin_numbers(j, d, t);
	if (!e)
		*ret = t->next_no++;
	return e;
}

enum err journal__take_no(struct journal *j, const struct record_desc *d, int64_t no)
{
	struct journal_table *t = journal__table(j, d);
	enum err e = begin_numbers(j, d, t);
	if (!e && t->next_no <= no)
		t->next_no = no + 1;
	return e;
}

static const struct record_desc *table_named(struct journal *j, const char *table)
{
	const struct record_desc *d = db_table_named(j->db, table);
	if (!d)
		(void)diag_set(db_diag(j->db), ERR_INTERNAL, "no table %s", table);
	return d;
}

enum err journal_next_no(struct journal *j, const char *table, int64_t *ret)
{
	const struct record_desc *d = table_named(j, table);
	assert(j->open);
	return d ? journal__next_no(j, d, ret) : ERR_INTERNAL;
}

enum err journal_free_no(struct journal *j, const char *table, int64_t *ret)
{
	const struct record_desc *d = table_named(j, table);
	const struct journal_table *t = d ? journal__table(j, d) : NULL;
	if (!t)
		return ERR_INTERNAL;
	*ret = t->next_no;
	return t->next_no ? OK : read_counter(j, d, ret);
}

/* The values there now, into j->before; CONFLICT when they are of another version. */
static enum err read_before(struct journal *j, const struct record_desc *d, int64_t no,
			    int64_t version)
{
	struct stmt *s = db_one(j->db, d, no);
	bool found = stmt_row(s) && stmt_int(s, 1) == version;
	if (found)
		stored_from_row(d, s, &j->arena, &j->before);
	enum err e = stmt_end(s);
	if (!e && !found)
		e = diag_set(db_diag(j->db), ERR_CONFLICT, "%s %lld", d->name, (long long)no);
	return e;
}

enum err journal_update(struct journal *j, const struct record_desc *d, const void *old,
			void *new_rec)
{
	struct record was, head;
	assert(j->open);
	memcpy(&was, old, sizeof(was));
	memcpy(&head, new_rec, sizeof(head));
	if (db_skips_sealed(j->db)) /* what was read lacks fields, and would lose them */
		return diag_set(db_diag(j->db), ERR_INTERNAL, "%s: sealed fields skipped",
				d->name);
	struct arena_mark mark = arena_save(&j->arena);
	head.no = was.no;
	head.version = was.version + 1;
	memcpy(new_rec, &head, sizeof(head));
	enum err e = read_before(j, d, was.no, was.version);
	if (!e)
		e = db_seal_record(db_vault(j->db), d, new_rec, &j->sealed, db_diag(j->db));
	if (!e) {
		stored_from_record(d, new_rec, &j->sealed, &j->after);
		buf_clear(&j->delta);
		if (!stored_delta(d, &journal__table(j, d)->order, &j->before, &j->after,
				  &j->delta)) {
			memcpy((char *)new_rec + offsetof(struct record, version), &was.version,
			       sizeof(was.version));
		} else {
			e = db_update_record(j->db, d, new_rec, &j->sealed, was.version);
			if (!e)
				e = note_change(j, d, &head, 'U');
		}
	}
	arena_back(&j->arena, mark);
	return e;
}

enum err journal_delete(struct journal *j, const struct record_desc *d, const void *old)
{
	struct record head;
	assert(j->open);
	memcpy(&head, old, sizeof(head));
	struct arena_mark mark = arena_save(&j->arena);
	enum err e = read_before(j, d, head.no, head.version);
	if (!e) {
		memset(j->after.v, 0, sizeof(j->after.v));
		buf_clear(&j->delta);
		(void)stored_delta(d, &journal__table(j, d)->order, &j->before, &j->after,
				   &j->delta);
		e = db_delete_record(j->db, d, head.no, head.version);
	}
	if (!e) {
		head.version++;
		e = note_change(j, d, &head, 'D');
	}
	arena_back(&j->arena, mark);
	return e;
}
