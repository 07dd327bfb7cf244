/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Proofs that go out of the house, and the history of one record. */
#include "journal/journal.h"

#include "journal/state.h"

#include "base/banned.h"

static void add_hash(const char *name, const unsigned char hash[MERKLE_HASH], struct buf *out)
{
	buf_addf(out, "%s ", name);
	base64_encode((struct str){(const char *)hash, MERKLE_HASH}, out);
	buf_addc(out, '\n');
}

static void add_path(const char *name, int64_t index, int64_t size, const struct merkle_path *path,
		     struct buf *out)
{
	buf_addf(out, "%s %lld of %lld\n", name, (long long)index, (long long)size);
	for (size_t i = 0; i < path->n; i++)
		add_hash("hash", path->hash[i], out);
}

/* --- entries -------------------------------------------------------------- */

static bool next_leaf(void *arg, unsigned char ret[MERKLE_HASH])
{
	struct stmt *s = arg;
	if (!stmt_row(s) || stmt_blob(s, 1).n != MERKLE_HASH)
		return false;
	memcpy(ret, stmt_blob(s, 1).p, MERKLE_HASH);
	return true;
}

static enum err add_entry_path(struct journal *j, int64_t entry, int64_t size, struct buf *out)
{
	struct merkle_path path;
	struct stmt *s = db_stmt(j->db, STMT_journal_leaves);
	stmt_bind_int(s, 2, 0);
	bool ok = merkle_make_path((uint64_t)entry - 1, (uint64_t)size, next_leaf, s, &path);
	enum err e = stmt_end(s);
	if (!e && !ok)
		e = diag_set(db_diag(j->db), ERR_JOURNAL_BROKEN, "entry %lld", (long long)entry);
	if (!e)
		add_path("leaf", entry - 1, size, &path, out);
	return e;
}

static enum err add_entry_header(struct journal *j, int64_t entry, struct buf *out)
{
	struct arena a;
	arena_init(&a, 0);
	struct stmt *s = db_stmt(j->db, STMT_journal_entries);
	stmt_bind_int(s, 2, entry);
	bool found = stmt_row(s) && stmt_int(s, 0) == entry;
	if (found) {
		struct entry_row row;
		tree_read_entry(s, &a, &row);
		tree_entry_json(db_county(j->db), &row, &j->json);
		buf_addf(out, "entry %s\n", j->json.p);
	}
	arena_release(&a);
	enum err e = stmt_end(s);
	if (!e && !found)
		e = diag_set(db_diag(j->db), ERR_INVALID, "entry %lld", (long long)entry);
	return e;
}

static enum err add_entry_proof(struct journal *j, int64_t entry, struct buf *out)
{
	struct note note = {0};
	struct buf text;
	buf_init(&text, 64 * 1024);
	enum err e = journal_checkpoint(j, &text);
	if (!e && (!text.n || !tree_read_note(j, buf_str(&text), &note) || entry > note.size))
		e = diag_set(db_diag(j->db), ERR_JOURNAL_BROKEN, "checkpoint");
	if (!e)
		e = add_entry_header(j, entry, out);
	if (!e)
		e = add_entry_path(j, entry, note.size, out);
	if (!e)
		buf_addf(out, "\n%s", text.p);
	buf_release(&text);
	return e;
}

enum err journal_prove_entry(struct journal *j, int64_t entry, struct buf *out)
{
	if (entry < 1)
		return diag_set(db_diag(j->db), ERR_INVALID, "entry %lld", (long long)entry);
	buf_adds(out, "daohu-proof 1\n");
	return add_entry_proof(j, entry, out);
}

/* --- records -------------------------------------------------------------- */

struct last_change {
	int64_t version, entry, seq;
	char op;
	unsigned char digest[JOURNAL_HASH];
};

static enum err read_last_change(struct journal *j, const struct record_desc *d, int64_t no,
				 struct last_change *ret)
{
	struct stmt *s = db_stmt(j->db, STMT_journal_last_change);
	stmt_bind_int(s, 2, d->id);
	stmt_bind_int(s, 3, no);
	bool found = stmt_row(s) && stmt_blob(s, 4).n == JOURNAL_HASH && stmt_str(s, 3).n == 1;
	if (found) {
		*ret = (struct last_change){stmt_int(s, 0), stmt_int(s, 1), stmt_int(s, 2),
					    stmt_str(s, 3).p[0], {0}};
		memcpy(ret->digest, stmt_blob(s, 4).p, JOURNAL_HASH);
	}
	enum err e = stmt_end(s);
	if (!e && !found)
		e = diag_set(db_diag(j->db), ERR_INVALID, "%s %lld", d->name, (long long)no);
	return e;
}

static bool next_change_leaf(void *arg, unsigned char ret[MERKLE_HASH])
{
	struct stmt *s = arg;
	if (!stmt_row(s) || stmt_str(s, 3).n != 1)
		return false;
	journal__change_leaf((uint16_t)stmt_int(s, 0), stmt_int(s, 1), stmt_int(s, 2),
			     stmt_str(s, 3).p[0], stmt_blob(s, 4), ret);
	return true;
}

static enum err count_changes(struct journal *j, int64_t entry, int64_t *ret)
{
	struct stmt *s = db_stmt(j->db, STMT_journal_entry_count);
	stmt_bind_int(s, 2, entry);
	return stmt_one_int(s, 0, ret);
}

static enum err add_change_path(struct journal *j, const struct last_change *c, struct buf *out)
{
	struct merkle_path path;
	int64_t n = 0;
	enum err e = count_changes(j, c->entry, &n);
	if (e)
		return e;
	struct stmt *s = db_stmt(j->db, STMT_journal_entry_changes);
	stmt_bind_int(s, 2, c->entry);
	bool ok = merkle_make_path((uint64_t)c->seq - 1, (uint64_t)n, next_change_leaf, s, &path);
	e = stmt_end(s);
	if (!e && !ok)
		e = diag_set(db_diag(j->db), ERR_JOURNAL_BROKEN, "entry %lld",
			     (long long)c->entry);
	if (!e)
		add_path("row", c->seq - 1, n, &path, out);
	return e;
}

/* Salt and values, so that the holder can recompute the digest. */
static enum err add_opening(struct journal *j, const struct record_desc *d, int64_t no,
			    const struct last_change *c, struct buf *out)
{
	unsigned char salt[SALT_BYTES];
	const struct vault_key *key = NULL;
	struct stmt *s = db_one(j->db, d, no);
	bool found = stmt_row(s);
	if (found) {
		stored_from_row(d, s, &j->arena, &j->after);
		buf_clear(&j->json);
		stored_json(d, &journal__table(j, d)->order, &j->after, &j->json);
	}
	enum err e = stmt_end(s);
	if (e || !found)
		return e;
	int64_t owner = stored_owner(d, no, &j->after);
	e = owner ? vault_key(&j->vault, owner, &key) : OK;
	if (e)
		return e;
	vault_salt(j->keys, c->op == 'E' ? NULL : key, d->id, no, c->version, salt);
	buf_adds(out, "salt ");
	base64_encode((struct str){(const char *)salt, SALT_BYTES}, out);
	buf_addf(out, "\nvalues %s\n", j->json.p);
	return OK;
}

enum err journal_prove_record(struct journal *j, const struct record_desc *d, int64_t no,
			      bool open, struct buf *out)
{
	struct last_change c;
	enum err e = read_last_change(j, d, no, &c);
	if (e)
		return e;
	buf_addf(out, "daohu-proof 1\nrecord %u %lld version %lld op %c\n", d->id, (long long)no,
		 (long long)c.version, c.op);
	add_hash("digest", c.digest, out);
	if (open)
		e = add_opening(j, d, no, &c, out);
	if (!e)
		e = add_change_path(j, &c, out);
	return e ? e : add_entry_proof(j, c.entry, out);
}

enum err journal_history(struct journal *j, const struct record_desc *d, int64_t no,
			 struct arena *a, struct journal_version **ret, size_t *ret_n)
{
	VEC(struct journal_version) list = {0};
	struct stmt *s = db_stmt(j->db, STMT_journal_history);
	stmt_bind_int(s, 2, d->id);
	stmt_bind_int(s, 3, no);
	while (stmt_row(s)) {
		struct str op = stmt_str(s, 3);
		*vec_push(&list) = (struct journal_version){
			.version = stmt_int(s, 0),
			.entry = stmt_int(s, 1),
			.at_ms = stmt_int(s, 2),
			.op = op.n ? op.p[0] : '?',
			.actor = stmt_dup(s, 4, a),
			.reason = stmt_dup(s, 5, a),
			.command = stmt_dup(s, 6, a),
			.source_file = stmt_dup(s, 7, a),
			.old_values = stmt_dup(s, 8, a),
		};
	}
	enum err e = stmt_end(s);
	if (!e) {
		*ret = ARENA_ARRAY(a, list.n, struct journal_version);
		for (size_t i = 0; i < list.n; i++)
			(*ret)[i] = list.p[i];
		*ret_n = list.n;
	}
	vec_free(&list);
	return e;
}
