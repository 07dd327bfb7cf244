/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Replays the journal.  First the log: entries in order, each with its change
 * rows, hung into a fresh tree that must reach every signed head.  Then the
 * records: each table in the order of its numbers beside its change rows,
 * newest version first, walking back by the old values.  Both are streams.
 */
#include "journal/journal.h"

#include <stdio.h>

#include "journal/state.h"

#include "base/banned.h"

struct verify {
	struct journal *j;
	void (*report)(void *arg, const struct journal_report *r);
	void *arg;
	struct journal_summary sum;
	struct imap erased; /* person → entry of the erasure */
	struct arena arena; /* of one record or entry */
	struct note outside; /* size 0: none was given */
	bool tree_told;     /* the first broken head says it all */
};

static const struct text fault_texts[JOURNAL_FAULT_MAX] = {
	[JOURNAL_ALTERED] = TEXT("记录在账外被改动", "the record was changed behind the journal"),
	[JOURNAL_MISSING] = TEXT("记录在账外被删除", "the record was deleted behind the journal"),
	[JOURNAL_EXTRA] = TEXT("记录在账外被加入", "the record was added behind the journal"),
	[JOURNAL_CHANGE] = TEXT("变更记录被改动", "the change rows were altered"),
	[JOURNAL_ENTRY] = TEXT("日志条目被改动或缺失", "the journal entry was altered or is missing"),
	[JOURNAL_TREE] = TEXT("与签名的检查点不符", "it does not lead to the signed checkpoint"),
	[JOURNAL_KEY] = TEXT("个人密钥被改动或缺失", "the person's key was altered or is missing"),
};

const char *journal_fault_text(enum journal_fault f, enum lang lang)
{
	return fault_texts[f].in[lang];
}

static void fault(struct verify *v, enum journal_fault f, const struct record_desc *d, int64_t no,
		  const char *detail)
{
	struct journal_report r = {.fault = f, .table = d, .no = no, .detail = detail};
	v->sum.faults++;
	if (v->report)
		v->report(v->arg, &r);
}

/* --- the log -------------------------------------------------------------- */

/* A cursor that looks one row ahead. */
struct cursor {
	struct stmt *s;
	bool more;
};

static void advance(struct cursor *c)
{
	c->more = stmt_row(c->s);
}

/* The change rows of one entry: their root and number. */
static void replay_changes(struct verify *v, const struct entry_row *e, struct cursor *c)
{
	struct merkle m;
	unsigned char root[MERKLE_HASH], leaf[MERKLE_HASH];
	bool in_order = true;
	merkle_init(&m);
	for (; c->more && stmt_int(c->s, 0) <= e->no; advance(c)) {
		if (stmt_int(c->s, 0) < e->no) {
			fault(v, JOURNAL_CHANGE, NULL, stmt_int(c->s, 0), "no such entry");
			continue;
		}
		struct str op = stmt_str(c->s, 5);
		in_order = in_order && stmt_int(c->s, 1) == (int64_t)m.n + 1 && op.n == 1 &&
			   stmt_blob(c->s, 6).n == JOURNAL_HASH;
		journal__change_leaf((uint16_t)stmt_int(c->s, 2), stmt_int(c->s, 3),
				     stmt_int(c->s, 4), op.n ? op.p[0] : '?', stmt_blob(c->s, 6),
				     leaf);
		merkle_add(&m, leaf);
		v->sum.changes++;
	}
	merkle_root(&m, root);
	if (!in_order || (int64_t)m.n != e->changes || e->root.n != MERKLE_HASH ||
	    memcmp(e->root.p, root, MERKLE_HASH) != 0)
		fault(v, JOURNAL_CHANGE, NULL, e->no, "changes");
}

static void tree_fault(struct verify *v, int64_t size, const char *detail)
{
	if (!v->tree_told)
		fault(v, JOURNAL_TREE, NULL, size, detail);
	v->tree_told = true;
}

/* Do the heads signed at this size agree with the tree? */
static void check_heads(struct verify *v, const struct merkle *tree, struct cursor *heads)
{
	unsigned char root[MERKLE_HASH];
	struct note note;
	int64_t size = (int64_t)tree->n;
	merkle_root(tree, root);
	for (; heads->more && stmt_int(heads->s, 0) <= size; advance(heads)) {
		if (!tree_read_note(v->j, stmt_str(heads->s, 1), &note) || !note.ours ||
		    note.size != stmt_int(heads->s, 0))
			tree_fault(v, stmt_int(heads->s, 0), "signature");
		else if (note.size != size || memcmp(note.root, root, MERKLE_HASH) != 0)
			tree_fault(v, note.size, "root");
		v->sum.size = size;
		memcpy(v->sum.root, root, MERKLE_HASH);
	}
	if (v->outside.size && v->outside.size == size &&
	    memcmp(v->outside.root, root, MERKLE_HASH) != 0)
		tree_fault(v, size, "the checkpoint given");
}

static void check_order(struct verify *v, const struct entry_row *e, int64_t want, int64_t last_at)
{
	if (e->no != want)
		fault(v, JOURNAL_ENTRY, NULL, want, "missing");
	else if (e->at_ms <= last_at)
		fault(v, JOURNAL_ENTRY, NULL, e->no, "time");
	if (strcmp(e->kind ? e->kind : "", "clock") == 0)
		v->sum.clock_backs++;
}

/* The leaf as it was hung into the tree, to name the entry that was edited. */
static void check_leaf(struct verify *v, int64_t no, struct cursor *leaves,
		       const unsigned char leaf[MERKLE_HASH])
{
	while (leaves->more && stmt_int(leaves->s, 0) < no - 1)
		advance(leaves);
	if (!leaves->more || stmt_int(leaves->s, 0) != no - 1 ||
	    stmt_blob(leaves->s, 1).n != MERKLE_HASH ||
	    memcmp(stmt_blob(leaves->s, 1).p, leaf, MERKLE_HASH) != 0)
		fault(v, JOURNAL_ENTRY, NULL, no, "header");
}

static void replay_entries(struct verify *v, struct cursor *entries, struct cursor *changes,
			   struct cursor *leaves, struct cursor *heads)
{
	struct merkle tree;
	int64_t last_at = INT64_MIN, want = 1;
	merkle_init(&tree);
	for (advance(entries); entries->more; advance(entries)) {
		struct entry_row e;
		unsigned char leaf[MERKLE_HASH];
		arena_clear(&v->arena);
		tree_read_entry(entries->s, &v->arena, &e);
		check_order(v, &e, want, last_at);
		want = e.no + 1;
		last_at = e.at_ms;
		replay_changes(v, &e, changes);
		tree_entry_json(db_county(v->j->db), &e, &v->j->json);
		merkle_leaf(buf_str(&v->j->json), leaf);
		check_leaf(v, e.no, leaves, leaf);
		merkle_add(&tree, leaf);
		check_heads(v, &tree, heads);
		v->sum.entries++;
	}
	for (; changes->more; advance(changes))
		fault(v, JOURNAL_CHANGE, NULL, stmt_int(changes->s, 0), "no such entry");
	for (; heads->more; advance(heads))
		fault(v, JOURNAL_ENTRY, NULL, stmt_int(heads->s, 0), "signed, but not there");
	if (v->sum.size != (int64_t)tree.n)
		fault(v, JOURNAL_ENTRY, NULL, (int64_t)tree.n, "not signed");
	if (v->outside.size > (int64_t)tree.n)
		tree_fault(v, v->outside.size, "the checkpoint given is of a longer journal");
}

static enum err verify_log(struct verify *v)
{
	struct db *db = v->j->db;
	struct cursor entries = {db_stmt(db, STMT_journal_entries), false};
	struct cursor changes = {db_stmt(db, STMT_journal_changes), false};
	struct cursor leaves = {db_stmt(db, STMT_journal_leaves), false};
	struct cursor heads = {db_stmt(db, STMT_journal_checkpoints), false};
	struct cursor *const all[] = {&entries, &changes, &leaves, &heads};
	stmt_bind_int(entries.s, 2, INT64_MIN);
	stmt_bind_int(changes.s, 2, INT64_MIN);
	stmt_bind_int(leaves.s, 2, INT64_MIN);
	advance(&changes);
	advance(&leaves);
	advance(&heads);
	replay_entries(v, &entries, &changes, &leaves, &heads);
	enum err e = OK;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		enum err end = stmt_end(all[i]->s);
		e = e ? e : end;
	}
	return e;
}

/* --- the records ---------------------------------------------------------- */

/* One record under inspection. */
struct subject {
	const struct record_desc *d;
	const struct stored_order *order;
	struct record head;
	bool exists;    /* there is a row now */
	struct stored values; /* of the version looked at */
	bool done;      /* nothing below can or need be checked */
	bool broken;    /* told already */
};

static void record_fault(struct verify *v, struct subject *s, enum journal_fault f,
			 const char *detail)
{
	char name[200];
	struct journal_report r = {.fault = f, .table = s->d, .no = s->head.no, .detail = detail};
	if (s->broken)
		return;
	s->broken = true;
	v->sum.faults++;
	int i = s->d->naming ? record_find_id(s->d, s->d->naming) : -1;
	if (i >= 0 && s->values.v[i].p && !(s->d->fields[i].flags & F_SEALED)) {
		(void)snprintf(name, sizeof(name), STR_FMT, STR_ARG(s->values.v[i]));
		r.name = name;
	}
	if (v->report)
		v->report(v->arg, &r);
}

/* Was this version written before its person was erased? */
static bool before_erasure(const struct verify *v, int64_t owner, int64_t entry)
{
	int64_t erased = owner ? imap_get(&v->erased, owner, -1) : -1;
	return erased >= 0 && entry < erased;
}

static enum err check_commitment(struct verify *v, struct subject *s, struct cursor *c,
				 struct str json, int64_t owner)
{
	struct journal *j = v->j;
	unsigned char salt[SALT_BYTES], digest[JOURNAL_HASH];
	const struct vault_key *key = NULL;
	struct record at = {0, stmt_int(c->s, 0), stmt_int(c->s, 1)};
	struct str stored = stmt_blob(c->s, 3);
	if (owner && stmt_str(c->s, 2).p[0] != 'E') {
		enum err e = vault_key(&j->vault, owner, &key);
		if (e == ERR_KEYS) {
			diag_clear(db_diag(j->db));
			e = OK;
			key = NULL;
		}
		if (e)
			return e;
		bool erased = imap_get(&v->erased, owner, -1) >= 0;
		if (!key || key->erased != erased) {
			record_fault(v, s, JOURNAL_KEY, "person_key");
			s->done = true;
			return OK;
		}
	}
	vault_salt(j->keys, key, s->d->id, at.no, at.version, salt);
	journal__commitment(salt, s->d->id, &at, json, digest);
	if (stored.n != JOURNAL_HASH || memcmp(stored.p, digest, JOURNAL_HASH) != 0) {
		/* The newest version is the record itself; older ones are history. */
		bool newest = s->exists && at.version == s->head.version;
		record_fault(v, s, newest ? JOURNAL_ALTERED : JOURNAL_CHANGE, "digest");
		s->done = true;
	}
	return OK;
}

/* One version, newest first; leaves in s->values those of the version below. */
static enum err check_version(struct verify *v, struct subject *s, struct cursor *c)
{
	struct journal *j = v->j;
	struct str op = stmt_str(c->s, 2), delta = stmt_str(c->s, 4);
	enum err e = OK;
	if (op.n != 1 || !strchr("IUDE", op.p[0]) || !op.p[0]) {
		record_fault(v, s, JOURNAL_CHANGE, "op");
		s->done = true;
		return OK;
	}
	buf_clear(&j->json);
	stored_json(s->d, s->order, &s->values, &j->json);
	if (op.p[0] == 'D') { /* whose it was stands in its old values */
		if (!stored_undo(s->d, delta, &v->arena, &s->values)) {
			record_fault(v, s, JOURNAL_CHANGE, "old values");
			s->done = true;
			return OK;
		}
	}
	int64_t owner = stored_owner(s->d, s->head.no, &s->values);
	if (op.p[0] != 'E' && before_erasure(v, owner, stmt_int(c->s, 5))) {
		s->done = true;
		return OK;
	}
	e = check_commitment(v, s, c, buf_str(&j->json), owner);
	if (e || s->done)
		return e;
	if (op.p[0] == 'E') {
		s->done = true;
	} else if (op.p[0] == 'U' && !stored_undo(s->d, delta, &v->arena, &s->values)) {
		record_fault(v, s, JOURNAL_CHANGE, "old values");
		s->done = true;
	} else if (op.p[0] == 'I') {
		if (stmt_int(c->s, 1) != 1)
			record_fault(v, s, JOURNAL_CHANGE, "first version");
		s->done = true;
	}
	return OK;
}

/* All versions of one record; c stands on the newest and is left behind the last. */
static enum err check_record(struct verify *v, struct subject *s, struct cursor *c)
{
	enum err e = OK;
	int64_t version = stmt_int(c->s, 1);
	struct str op = stmt_str(c->s, 2);
	bool gone = op.n == 1 && (op.p[0] == 'D' || (op.p[0] == 'E' && !s->exists));
	if (s->exists && op.n == 1 && op.p[0] == 'D')
		record_fault(v, s, JOURNAL_EXTRA, "deleted before");
	else if (!s->exists && !gone)
		record_fault(v, s, JOURNAL_MISSING, "");
	else if (s->exists && s->head.version != version)
		record_fault(v, s, JOURNAL_ALTERED, "version");
	s->done = s->broken;
	for (; c->more && stmt_int(c->s, 0) == s->head.no; advance(c)) {
		if (!s->done && stmt_int(c->s, 1) != version) {
			record_fault(v, s, JOURNAL_CHANGE, "versions");
			s->done = true;
		}
		if (!e && !s->done)
			e = check_version(v, s, c);
		version--;
	}
	if (!e && !s->done) /* ran out of versions before the insert */
		record_fault(v, s, JOURNAL_CHANGE, "first version");
	return e;
}

static void look_at(struct verify *v, struct subject *s, struct cursor *rows, int64_t no)
{
	arena_clear(&v->arena);
	s->broken = s->done = false;
	s->head = (struct record){0, no, 0};
	memset(s->values.v, 0, sizeof(s->values.v));
	s->exists = rows->more && stmt_int(rows->s, 0) == no;
	if (!s->exists)
		return;
	s->head.version = stmt_int(rows->s, 1);
	stored_from_row(s->d, rows->s, &v->arena, &s->values);
	v->sum.records++;
	advance(rows);
}

static enum err verify_table(struct verify *v, const struct record_desc *d)
{
	struct cursor rows = {db_all(v->j->db, d), false};
	struct cursor changes = {db_stmt(v->j->db, STMT_journal_record_changes), false};
	struct subject *s = base_calloc(1, sizeof(*s));
	enum err e = OK;
	s->d = d;
	s->order = &journal__table(v->j, d)->order;
	stmt_bind_int(changes.s, 2, d->id);
	advance(&rows);
	advance(&changes);
	while (!e && (rows.more || changes.more)) {
		int64_t row = rows.more ? stmt_int(rows.s, 0) : INT64_MAX;
		int64_t change = changes.more ? stmt_int(changes.s, 0) : INT64_MAX;
		look_at(v, s, &rows, row < change ? row : change);
		if (row < change)
			record_fault(v, s, JOURNAL_EXTRA, "");
		else
			e = check_record(v, s, &changes);
	}
	base_free(s);
	enum err end_rows = stmt_end(rows.s), end_changes = stmt_end(changes.s);
	return e ? e : end_rows ? end_rows : end_changes;
}

/* --- persons' keys, and all of it ----------------------------------------- */

static enum err read_erased(struct verify *v)
{
	struct stmt *s = db_stmt(v->j->db, STMT_journal_erased);
	while (stmt_row(s)) {
		(void)imap_set(&v->erased, stmt_int(s, 0), stmt_int(s, 1));
		v->sum.erased++;
	}
	return stmt_end(s);
}

/* A key that was blanked by hand, or came back after its erasure. */
static enum err verify_keys(struct verify *v)
{
	struct stmt *s = db_stmt(v->j->db, STMT_journal_key_states);
	while (stmt_row(s)) {
		int64_t person = stmt_int(s, 0);
		bool gone = stmt_int(s, 1) != 0;
		if (gone != (imap_get(&v->erased, person, -1) >= 0))
			fault(v, JOURNAL_KEY, NULL, person, "person_key");
	}
	return stmt_end(s);
}

/* Change rows of tables that nobody knows. */
static enum err verify_tables(struct verify *v)
{
	struct stmt *s = db_stmt(v->j->db, STMT_journal_change_tables);
	while (stmt_row(s)) {
		int64_t id = stmt_int(s, 0);
		if (id != TABLE_PERSON_KEY &&
		    (id < 0 || id > UINT16_MAX || !db_table(v->j->db, (uint16_t)id)))
			fault(v, JOURNAL_CHANGE, NULL, id, "unknown table");
	}
	return stmt_end(s);
}

static enum err verify_all(struct verify *v)
{
	size_t n;
	const struct record_desc *const *all = db_tables(v->j->db, &n);
	enum err e = read_erased(v);
	if (!e)
		e = verify_log(v);
	if (!e)
		e = verify_keys(v);
	if (!e)
		e = verify_tables(v);
	for (size_t i = 0; !e && i < n; i++)
		e = verify_table(v, all[i]);
	return e;
}

enum err journal_verify(struct journal *j, struct str note,
			void (*report)(void *arg, const struct journal_report *r), void *arg,
			struct journal_summary *ret)
{
	struct verify v = {.j = j, .report = report, .arg = arg};
	struct diag *diag = db_diag(j->db);
	if (str_trim(note).n && (!tree_read_note(j, note, &v.outside) || !v.outside.ours))
		return diag_set(diag, ERR_INVALID, "not a checkpoint of this house");
	enum err e = db_begin_read(j->db);
	if (e)
		return e;
	imap_init(&v.erased);
	arena_init(&v.arena, 0);
	vault_forget(&j->vault); /* what the database says now */
	e = verify_all(&v);
	db_rollback(j->db);
	arena_release(&v.arena);
	imap_release(&v.erased);
	if (e)
		return e;
	*ret = v.sum;
	return v.sum.faults ? diag_set(diag, ERR_JOURNAL_BROKEN, "%lld", (long long)v.sum.faults)
			    : OK;
}
