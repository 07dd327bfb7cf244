/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The county's tree of entries (RFC 6962) and its signed heads (C2SP
 * tlog-checkpoint over C2SP signed-note, Ed25519).
 */
#include <sodium.h>

#include "base/sha256.h"
#include "journal/state.h"

#include "base/banned.h"

enum { NOTE_MAX = 16 * 1024, KEY_ID = 4, SIGNATURE = KEY_ID + crypto_sign_BYTES };

/* --- entries -------------------------------------------------------------- */

static void add_name(const char *name, struct buf *out)
{
	buf_adds(out, out->n > 1 ? ",\"" : "\"");
	buf_adds(out, name);
	buf_adds(out, "\":");
}

static void add_text(const char *name, const char *value, struct buf *out)
{
	if (!value)
		return;
	add_name(name, out);
	json_string(str_c(value), out);
}

static void add_number(const char *name, int64_t value, struct buf *out)
{
	add_name(name, out);
	buf_addc(out, '"');
	buf_addint(out, value);
	buf_addc(out, '"');
}

static void add_bytes(const char *name, struct str value, struct buf *out)
{
	if (!value.p)
		return;
	add_name(name, out);
	buf_addc(out, '"');
	base64_encode(value, out);
	buf_addc(out, '"');
}

/* Canonical: the members stand in the order of their names. */
void tree_entry_json(const char *county, const struct entry_row *e, struct buf *out)
{
	buf_clear(out);
	buf_addc(out, '{');
	add_text("actor", e->actor, out);
	add_number("at_ms", e->at_ms, out);
	add_number("changes", e->changes, out);
	add_text("command", e->command, out);
	add_text("county", county, out);
	add_number("event_date", e->event_date, out);
	add_text("kind", e->kind, out);
	add_number("no", e->no, out);
	add_text("os_user", e->os_user, out);
	add_bytes("pack_hash", e->pack_hash, out);
	add_text("pack_version", e->pack_version, out);
	add_text("reason", e->reason, out);
	add_bytes("root", e->root, out);
	add_text("source_file", e->source_file, out);
	add_bytes("source_hash", e->source_hash, out);
	buf_addc(out, '}');
}

static struct str blob_copy(struct stmt *s, int col, struct arena *a)
{
	if (stmt_is_null(s, col))
		return (struct str){NULL, 0};
	return str_copy(a, stmt_blob(s, col));
}

void tree_read_entry(struct stmt *s, struct arena *a, struct entry_row *ret)
{
	*ret = (struct entry_row){
		.no = stmt_int(s, 0),
		.at_ms = stmt_int(s, 1),
		.kind = stmt_dup(s, 2, a),
		.actor = stmt_dup(s, 3, a),
		.os_user = stmt_dup(s, 4, a),
		.event_date = (date_t)stmt_int(s, 5),
		.reason = stmt_dup(s, 6, a),
		.command = stmt_dup(s, 7, a),
		.source_file = stmt_dup(s, 8, a),
		.source_hash = blob_copy(s, 9, a),
		.pack_version = stmt_dup(s, 10, a),
		.pack_hash = blob_copy(s, 11, a),
		.changes = stmt_int(s, 12),
		.root = blob_copy(s, 13, a),
	};
}

static enum err insert_entry(struct journal *j, const struct entry_row *e)
{
	struct stmt *s = db_stmt(j->db, STMT_journal_entry_add);
	stmt_bind_int(s, 2, e->no);
	stmt_bind_int(s, 3, e->at_ms);
	stmt_bind_text(s, 4, e->kind);
	stmt_bind_text(s, 5, e->actor);
	stmt_bind_text(s, 6, e->os_user);
	stmt_bind_int(s, 7, e->event_date);
	stmt_bind_text(s, 8, e->reason);
	stmt_bind_text(s, 9, e->command);
	stmt_bind_text(s, 10, e->source_file);
	stmt_bind_blob(s, 11, e->source_hash);
	stmt_bind_text(s, 12, e->pack_version);
	stmt_bind_blob(s, 13, e->pack_hash);
	stmt_bind_int(s, 14, e->changes);
	stmt_bind_blob(s, 15, e->root);
	return stmt_run(s);
}

/* --- nodes ---------------------------------------------------------------- */

static enum err add_node(struct journal *j, int64_t level, int64_t idx,
			 const unsigned char hash[MERKLE_HASH])
{
	struct stmt *s = db_stmt(j->db, STMT_journal_node_add);
	stmt_bind_int(s, 2, level);
	stmt_bind_int(s, 3, idx);
	stmt_bind_blob(s, 4, (struct str){(const char *)hash, MERKLE_HASH});
	return stmt_run(s);
}

static enum err read_node(struct journal *j, int64_t level, int64_t idx,
			  unsigned char ret[MERKLE_HASH])
{
	struct stmt *s = db_stmt(j->db, STMT_journal_node);
	stmt_bind_int(s, 2, level);
	stmt_bind_int(s, 3, idx);
	struct str hash = stmt_row(s) ? stmt_blob(s, 0) : (struct str){NULL, 0};
	bool found = hash.n == MERKLE_HASH;
	if (found)
		memcpy(ret, hash.p, MERKLE_HASH);
	enum err e = stmt_end(s);
	if (!e && !found)
		e = diag_set(db_diag(j->db), ERR_JOURNAL_BROKEN, "node %lld/%lld",
			     (long long)level, (long long)idx);
	return e;
}

bool tree_meet(struct journal *j, int64_t entry, const unsigned char leaf[MERKLE_HASH])
{
	bool known = j->tree.n && (int64_t)j->tree.n == entry && memcmp(j->leaf, leaf, MERKLE_HASH) == 0;
	if (!known)
		merkle_init(&j->tree);
	return known;
}

/* The full subtrees of `size` entries. */
static enum err know_tree(struct journal *j, int64_t size)
{
	enum err e = OK;
	if ((int64_t)j->tree.n == size)
		return OK;
	j->tree.n = 0;
	for (int64_t level = 0; !e && size >> level; level++)
		if (size >> level & 1)
			e = read_node(j, level, (size >> level) - 1, j->tree.level[level]);
	j->tree.n = e ? 0 : (uint64_t)size;
	return e;
}

enum err tree_append(struct journal *j, const struct entry_row *e)
{
	unsigned char hash[MERKLE_HASH];
	int64_t level = 0, idx = e->no - 1;
	enum err err = know_tree(j, idx);
	if (err)
		return err;
	j->tree.n = 0; /* until it is in */
	tree_entry_json(db_county(j->db), e, &j->json);
	merkle_leaf(buf_str(&j->json), hash);
	memcpy(j->leaf, hash, MERKLE_HASH);
	err = insert_entry(j, e);
	if (!err)
		err = add_node(j, 0, idx, hash);
	for (; !err && (idx & 1); idx >>= 1, level++) {
		merkle_node(j->tree.level[level], hash, hash);
		err = add_node(j, level + 1, idx >> 1, hash);
	}
	memcpy(j->tree.level[level], hash, MERKLE_HASH);
	j->tree.n = err ? 0 : (uint64_t)e->no;
	j->moment = db_moment(j->db);
	j->last_ms = e->at_ms;
	return err;
}

/* --- notes ---------------------------------------------------------------- */

static struct note_house house_of(const struct journal *j)
{
	return (struct note_house){db_county(j->db), j->keys->public};
}

/* Name of log and key: no white space and no '+' may stand in it. */
static void add_origin(const struct note_house *h, struct buf *out)
{
	unsigned char hash[32]; /* another length is another hash: not keys_fingerprint() */
	char hex[8 * 2 + 1];
	buf_adds(out, "daohu/");
	for (const char *c = h->county; *c; c++) {
		bool plain = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') ||
			     (*c >= 'A' && *c <= 'Z') || *c == '-' || *c == '.';
		buf_addc(out, plain ? *c : '_');
	}
	(void)crypto_generichash(hash, sizeof(hash), h->public, KEY_PUBLIC_BYTES, NULL, 0);
	buf_addf(out, "/%s", sodium_bin2hex(hex, sizeof(hex), hash, 8));
}

static void key_id(const struct note_house *h, struct str name, unsigned char ret[KEY_ID])
{
	unsigned char hash[SHA256_BYTES];
	struct sha256 s;
	sha256_begin(&s);
	sha256_add(&s, name.p, name.n);
	sha256_add(&s, "\n\x01", 2);
	sha256_add(&s, h->public, KEY_PUBLIC_BYTES);
	sha256_end(&s, hash);
	memcpy(ret, hash, KEY_ID);
}

void journal_verifier_key(const struct journal *j, struct buf *out)
{
	unsigned char id[KEY_ID], key[1 + KEY_PUBLIC_BYTES] = {1};
	char hex[KEY_ID * 2 + 1];
	struct buf name;
	struct note_house h = house_of(j);
	buf_init(&name, 1000);
	add_origin(&h, &name);
	key_id(&h, buf_str(&name), id);
	memcpy(key + 1, j->keys->public, KEY_PUBLIC_BYTES);
	buf_addf(out, "%s+%s+", name.p, sodium_bin2hex(hex, sizeof(hex), id, KEY_ID));
	base64_encode((struct str){(const char *)key, sizeof(key)}, out);
	buf_release(&name);
}

static void print_note(const struct journal *j, int64_t size,
		       const unsigned char root[MERKLE_HASH], struct buf *out)
{
	unsigned char signature[SIGNATURE];
	struct buf name;
	struct note_house h = house_of(j);
	buf_init(&name, 1000);
	add_origin(&h, &name);
	buf_addf(out, "%s\n%lld\n", name.p, (long long)size);
	base64_encode((struct str){(const char *)root, MERKLE_HASH}, out);
	buf_addc(out, '\n');
	key_id(&h, buf_str(&name), signature);
	(void)crypto_sign_detached(signature + KEY_ID, NULL, (const unsigned char *)out->p, out->n,
				   j->keys->sign);
	buf_addf(out, "\n\u2014 %s ", name.p);
	base64_encode((struct str){(const char *)signature, SIGNATURE}, out);
	buf_addc(out, '\n');
	buf_release(&name);
}

enum err tree_sign(struct journal *j, int64_t size, int64_t at_ms)
{
	unsigned char root[MERKLE_HASH];
	struct buf note;
	enum err e = know_tree(j, size);
	if (e)
		return e;
	merkle_root(&j->tree, root);
	buf_init(&note, NOTE_MAX);
	print_note(j, size, root, &note);
	struct stmt *s = db_stmt(j->db, STMT_journal_checkpoint_add);
	stmt_bind_int(s, 2, size);
	stmt_bind_int(s, 3, at_ms);
	stmt_bind_str(s, 4, buf_str(&note));
	e = stmt_run(s);
	buf_release(&note);
	return e;
}

/* "— name base64" of this house over the text? */
static bool is_our_signature(const struct note_house *h, struct str line, struct str name,
			     struct str text)
{
	static const struct str dash = {"\u2014 ", 4};
	unsigned char signature[SIGNATURE], id[KEY_ID];
	size_t n = 0;
	if (!str_starts(line, dash))
		return false;
	line = str_sub(line, dash.n, line.n);
	if (!str_starts(line, name) || line.n < name.n + 1 || line.p[name.n] != ' ')
		return false;
	line = str_sub(line, name.n + 1, line.n);
	key_id(h, name, id);
	return sodium_base642bin(signature, sizeof(signature), line.p, line.n, NULL, &n, NULL,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       n == SIGNATURE && memcmp(signature, id, KEY_ID) == 0 &&
	       crypto_sign_verify_detached(signature + KEY_ID, (const unsigned char *)text.p,
					   text.n, h->public) == 0;
}

bool tree_read_note(const struct journal *j, struct str text, struct note *ret)
{
	struct note_house h = house_of(j);
	return tree_read_note_of(&h, text, ret);
}

bool tree_read_note_of(const struct note_house *h, struct str text, struct note *ret)
{
	struct str rest = text, origin, size, root, line;
	struct note note = {0};
	size_t n = 0;
	if (text.n > NOTE_MAX || !str_split(&rest, '\n', &origin) ||
	    !str_split(&rest, '\n', &size) || !str_split(&rest, '\n', &root) ||
	    !str_to_int(size, &note.size) || note.size < 0 ||
	    sodium_base642bin(note.root, MERKLE_HASH, root.p, root.n, NULL, &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    n != MERKLE_HASH)
		return false;
	/* Further lines of text may stand before the blank one. */
	while (str_split(&rest, '\n', &line) && line.n)
		continue;
	size_t signed_n = (size_t)(line.p - text.p);
	struct buf name;
	buf_init(&name, 1000);
	add_origin(h, &name);
	bool same_log = str_eq(origin, buf_str(&name));
	while (same_log && !note.ours && str_split(&rest, '\n', &line))
		note.ours = is_our_signature(h, line, origin, str_sub(text, 0, signed_n));
	buf_release(&name);
	*ret = note;
	return true;
}

enum err journal_checkpoint(struct journal *j, struct buf *out)
{
	struct stmt *s = db_stmt(j->db, STMT_journal_checkpoint_last);
	if (stmt_row(s))
		buf_addstr(out, stmt_str(s, 0));
	return stmt_end(s);
}

enum err journal_fits_keys(struct journal *j, bool *ret)
{
	struct note note;
	struct stmt *s = db_stmt(j->db, STMT_journal_checkpoint_last);
	bool fits = !stmt_row(s) || (tree_read_note(j, stmt_str(s, 0), &note) && note.ours);
	enum err e = stmt_end(s);
	if (!e)
		*ret = fits;
	return e;
}
