/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* changes: what was changed since some instant, record by record; what a deleted one was. */
#include "journal/state.h"
#include "journal/stored.h"

#include "base/banned.h"

void journal_set_old(const struct record_desc *d, void *rec, size_t i, struct str v, struct arena *a)
{
	const struct field *f = &d->fields[i];
	char *member = (char *)rec + f->offset;
	int64_t n = 0;
	if (!v.p || (f->flags & (F_SEALED | F_BULK)))
		return;
	if (f->kind == FIELD_TEXT || f->kind == FIELD_CODE) {
		const char *s = str_dup(a, v);
		memcpy(member, &s, sizeof(s));
	} else if (f->kind == FIELD_BLOB || !str_to_int(v, &n)) {
		return;
	} else if (f->kind == FIELD_BOOL) {
		bool b = n != 0;
		memcpy(member, &b, sizeof(b));
	} else if (f->kind == FIELD_DATE) {
		date_t day = (date_t)n;
		memcpy(member, &day, sizeof(day));
	} else {
		memcpy(member, &n, sizeof(n));
	}
	((struct record *)rec)->has |= FIELD_BIT(i);
}

/* Old values by what the delta says, to the zeroed *old; false when it is none.  *ret_fields: which
 * it has. */
static bool read_old(const struct record_desc *d, struct str delta, struct arena *a, void *old,
                     uint64_t *ret_fields)
{
	static const char same[] = "";
	struct stored *v = ARENA_NEW(a, struct stored);
	*ret_fields = 0;
	for (size_t i = 0; i < d->n; i++)
		v->v[i] = (struct str){same, 0};
	if (!stored_undo(d, delta, a, v))
		return false;
	for (size_t i = 0; i < d->n; i++) {
		if (v->v[i].p == same)
			continue;
		*ret_fields |= FIELD_BIT(i);
		journal_set_old(d, old, i, v->v[i], a);
	}
	return true;
}

static bool read_change(struct str delta, struct arena *a, struct journal_change *c)
{
	void *old = arena_calloc(a, 1, c->table->size);
	((struct record *)old)->no = c->no;
	c->old = old;
	return read_old(c->table, delta, a, old, &c->fields);
}

enum err journal_deleted(struct journal *j, const struct record_desc *d, int64_t no, struct arena *a,
                         void *rec, bool *ret)
{
	struct stmt *s = db_stmt(j->db, STMT_journal_tombstone);
	uint64_t fields;
	*ret = false;
	stmt_bind_int(s, 2, d->id);
	stmt_bind_int(s, 3, no);
	if (stmt_row(s) && str_is(stmt_str(s, 0), "D"))
		*ret = read_old(d, stmt_str(s, 1), a, rec, &fields);
	((struct record *)rec)->no = no;
	return stmt_end(s);
}

enum err journal_changes_since(struct journal *j, int64_t since_ms, const char *but,
                               struct arena *a,
                               bool (*fn)(void *arg, const struct journal_change *c), void *arg)
{
	struct stmt *s = db_stmt(j->db, STMT_journal_changes_since);
	bool go = true;
	stmt_bind_int(s, 2, since_ms);
	stmt_bind_text(s, 3, but);
	while (go && stmt_row(s)) {
		struct journal_change c = {
			.table = db_table(j->db, (uint16_t)stmt_int(s, 0)),
			.no = stmt_int(s, 1),
			.version = stmt_int(s, 2),
			.insert = str_is(stmt_str(s, 3), "I"),
			.entry = stmt_int(s, 5),
			.at_ms = stmt_int(s, 6),
			.event_date = (date_t)stmt_int(s, 7),
			.actor = stmt_dup(s, 8, a),
			.reason = stmt_dup(s, 9, a),
			.command = stmt_dup(s, 10, a),
			.source_file = stmt_dup(s, 11, a),
		};
		if (c.table && (c.insert || read_change(stmt_str(s, 4), a, &c)))
			go = fn(arg, &c);
	}
	return stmt_end(s);
}
