/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Erasing a person: what stays is that there was a record, and that it was erased. */
#include "journal/journal.h"

#include <assert.h>

#include "journal/state.h"

#include "base/banned.h"

/* Which fields of a person's record go: all but what holds records together, and
 * the days of a span, without which one that has ended would hold again. */
static uint64_t personal_fields(const struct record_desc *d)
{
	uint64_t fields = 0;
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		bool personal = (f->flags & F_CLASS_MASK) != F_PUBLIC || (f->flags & F_SEALED);
		bool holds = f->kind == FIELD_REF || f->kind == FIELD_INSTANT ||
			     (f->flags & F_KEY) || (d->span && f->kind == FIELD_DATE);
		if (personal && !holds)
			fields |= FIELD_BIT(i);
	}
	return fields;
}

static enum err purge_old_values(struct journal *j, const struct record_desc *d, int64_t no)
{
	struct stmt *s = db_stmt(j->db, STMT_journal_purge);
	stmt_bind_int(s, 2, d->id);
	stmt_bind_int(s, 3, no);
	return stmt_run(s);
}

/* The key is gone already, so the new version is salted with the journal's. */
static enum err erase_record(struct journal *j, const struct record_desc *d, void *rec,
			     uint64_t fields)
{
	struct record head;
	unsigned char salt[SALT_BYTES], digest[JOURNAL_HASH];
	memcpy(&head, rec, sizeof(head));
	head.has &= ~fields;
	head.version++;
	memcpy(rec, &head, sizeof(head));
	enum err e = purge_old_values(j, d, head.no);
	if (!e)
		e = db_seal_record(db_vault(j->db), d, rec, &j->sealed, db_diag(j->db));
	if (!e)
		e = db_update_record(j->db, d, rec, &j->sealed, head.version - 1);
	if (e)
		return e;
	stored_from_record(d, rec, &j->sealed, &j->after);
	buf_clear(&j->json);
	buf_clear(&j->delta);
	stored_json(d, &journal__table(j, d)->order, &j->after, &j->json);
	vault_salt(j->keys, NULL, d->id, head.no, head.version, salt);
	journal__commitment(salt, d->id, &head, buf_str(&j->json), digest);
	return journal__change(j, d->id, &head, 'E', digest);
}

/* A deleted record: its old values go, and a last version says why. */
static enum err erase_tombstone(struct journal *j, const struct record_desc *d,
				const struct record *head)
{
	unsigned char salt[SALT_BYTES], digest[JOURNAL_HASH];
	enum err e = purge_old_values(j, d, head->no);
	if (e)
		return e;
	buf_clear(&j->delta);
	vault_salt(j->keys, NULL, d->id, head->no, head->version, salt);
	journal__commitment(salt, d->id, head, STR("{}"), digest);
	return journal__change(j, d->id, head, 'E', digest);
}

static enum err erase_tombstones(struct journal *j, const struct record_desc *d, int64_t person)
{
	VEC(struct record) found = {0};
	struct stmt *s = db_stmt(j->db, STMT_journal_tombstones);
	stmt_bind_int(s, 2, d->id);
	while (stmt_row(s)) {
		struct record head = {0, stmt_int(s, 0), stmt_int(s, 1) + 1};
		struct arena_mark mark = arena_save(&j->arena);
		memset(j->before.v, 0, sizeof(j->before.v));
		if (stored_undo(d, stmt_str(s, 2), &j->arena, &j->before) &&
		    stored_owner(d, head.no, &j->before) == person)
			*vec_push(&found) = head;
		arena_back(&j->arena, mark);
	}
	enum err e = stmt_end(s);
	for (size_t i = 0; !e && i < found.n; i++)
		e = erase_tombstone(j, d, &found.p[i]);
	vec_free(&found);
	return e;
}

static enum err erase_in_table(struct journal *j, const struct record_desc *d, int64_t person)
{
	char *rows;
	size_t n;
	if (d->owner == OWNER_NONE)
		return OK;
	db_skip_sealed(j->db, true); /* they go, and their key is gone */
	enum err e = stmt_records(db_owned(j->db, d, person), d, &j->arena, &rows, &n);
	db_skip_sealed(j->db, false);
	for (size_t i = 0; !e && i < n; i++)
		e = erase_record(j, d, rows + i * d->size, personal_fields(d));
	return e ? e : erase_tombstones(j, d, person);
}

static enum err erase_in_other(struct journal *j, const struct erase_also *also)
{
	void *rec = arena_alloc(&j->arena, also->table->size);
	bool found = false;
	enum err e = db_get(j->db, also->table, also->no, &j->arena, rec, &found);
	return e || !found ? e : erase_record(j, also->table, rec, also->fields);
}

/* The key itself: its change row says when, and lets verify() tell erased from lost. */
static enum err erase_key(struct journal *j, int64_t person)
{
	unsigned char salt[SALT_BYTES], digest[JOURNAL_HASH];
	struct record head = {.no = person, .version = 1};
	buf_clear(&j->delta);
	vault_salt(j->keys, NULL, TABLE_PERSON_KEY, person, 1, salt);
	journal__commitment(salt, TABLE_PERSON_KEY, &head, STR("{}"), digest);
	return journal__change(j, TABLE_PERSON_KEY, &head, 'E', digest);
}

enum err journal_is_erased(struct journal *j, int64_t person, bool *ret)
{
	const struct vault_key *key = NULL;
	bool writing = j->vault.writing;
	j->vault.writing = false; /* none is made for somebody unknown */
	enum err e = vault_key(&j->vault, person, &key);
	j->vault.writing = writing;
	if (!e)
		*ret = key && key->erased;
	return e;
}

static enum err find_key(struct journal *j, int64_t person)
{
	const struct vault_key *key = NULL;
	j->vault.writing = false; /* none is made for somebody unknown */
	enum err e = vault_key(&j->vault, person, &key);
	j->vault.writing = true;
	if (!e && !key)
		e = diag_set(db_diag(j->db), ERR_INVALID, "%lld", (long long)person);
	else if (!e && key->erased)
		e = diag_set(db_diag(j->db), ERR_ERASED, "%lld", (long long)person);
	return e;
}

enum err journal_erase_person(struct journal *j, int64_t person, const struct erase_also *also,
			      size_t n_also, const struct entry_info *info)
{
	size_t n;
	const struct record_desc *const *all = db_tables(j->db, &n);
	if (person <= 0)
		return diag_set(db_diag(j->db), ERR_INVALID, "%lld", (long long)person);
	enum err e = journal_begin(j, info);
	if (e)
		return e;
	e = find_key(j, person);
	if (!e)
		e = vault_destroy(&j->vault, person);
	if (!e)
		e = erase_key(j, person);
	for (size_t i = 0; !e && i < n; i++)
		e = erase_in_table(j, all[i], person);
	for (size_t i = 0; !e && i < n_also; i++)
		e = erase_in_other(j, &also[i]);
	if (e) {
		journal_rollback(j);
		return e;
	}
	bool own = j->own_transaction;
	e = journal_commit(j, NULL);
	return !e && own ? db_flush(j->db) : e;
}
