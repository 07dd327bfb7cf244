/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "work/policy.h"

#include "account/account.h"
#include "base/vec.h"

#include "base/banned.h"

static const struct field policy_fields[] = {
#define F(...) FIELD_ROW(struct policy, __VA_ARGS__)
#include "work/policy.def"
#undef F
};
const struct record_desc policy_desc = {
	.name = "policy",
	.id = 75,
	.fields = policy_fields,
	.n = POLICY_FIELD_MAX,
	.size = sizeof(struct policy),
	.label = TEXT("政策文件", "policy document"),
	.naming = 1,
};

static const struct field policy_read_fields[] = {
#define F(...) FIELD_ROW(struct policy_read, __VA_ARGS__)
#include "work/policy_read.def"
#undef F
};
const struct record_desc policy_read_desc = {
	.name = "policy_read",
	.id = 76,
	.fields = policy_read_fields,
	.n = POLICY_READ_FIELD_MAX,
	.size = sizeof(struct policy_read),
	.label = TEXT("阅读回执", "read receipt"),
};

enum { AFTER_POLICY = POLICY_FIELD_MAX + 2 };

static bool read_row(struct stmt *s, struct arena *a, struct policy_row *ret)
{
	if (!stmt_record(s, &policy_desc, a, &ret->policy))
		return false;
	ret->replaced_by = stmt_int(s, AFTER_POLICY);
	ret->wanted = stmt_int(s, AFTER_POLICY + 1);
	ret->read = stmt_int(s, AFTER_POLICY + 2);
	ret->read_at = stmt_int(s, AFTER_POLICY + 3);
	return true;
}

enum err policy_list(struct db *db, int64_t account, date_t before, int64_t before_no,
                     int64_t limit, struct arena *a, struct policy_row **ret, size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_policy_list);
	struct policy_row *rows = ARENA_ARRAY(a, limit + 1, struct policy_row);
	size_t n = 0;
	stmt_bind_int(s, 2, account);
	stmt_bind_int(s, 3, before ? before : INT32_MAX);
	stmt_bind_int(s, 4, before_no);
	stmt_bind_int(s, 5, limit);
	while (n < (size_t)limit && read_row(s, a, &rows[n]))
		n++;
	*ret = rows;
	*ret_n = n;
	return stmt_end(s);
}

static enum err unknown(struct db *db, int64_t no)
{
	return diag_set(db_diag(db), ERR_UNKNOWN_POLICY, "%lld", (long long)no);
}

enum err policy_get(struct db *db, int64_t account, int64_t no, struct arena *a,
                    struct policy_row *ret)
{
	struct policy_row row = {0};
	struct stmt *s = db_stmt(db, STMT_policy_one);
	stmt_bind_int(s, 2, account);
	stmt_bind_int(s, 3, no);
	bool found = read_row(s, a, &row);
	enum err e = stmt_end(s);
	if (!e && !found)
		e = unknown(db, no);
	if (!e)
		*ret = row;
	return e;
}

enum err policy_readers(struct db *db, int64_t no, struct arena *a, struct policy_reader **ret,
                        size_t *ret_n)
{
	VEC(struct policy_reader) rows = {0};
	struct stmt *s = db_stmt(db, STMT_policy_readers);
	stmt_bind_int(s, 2, no);
	while (stmt_row(s)) {
		*vec_push(&rows) = (struct policy_reader){
			.login = stmt_dup(s, 0, a),
			.name = stmt_dup(s, 1, a),
			.role = stmt_dup(s, 2, a),
			.unit = stmt_dup(s, 3, a),
			.at = stmt_int(s, 4),
		};
	}
	*ret = ARENA_ARRAY(a, rows.n + 1, struct policy_reader);
	if (rows.n)
		memcpy(*ret, rows.p, rows.n * sizeof(*rows.p));
	*ret_n = rows.n;
	vec_free(&rows);
	return stmt_end(s);
}

enum err policy_unread(struct db *db, int64_t account, date_t today, int64_t *ret)
{
	struct stmt *s = db_stmt(db, STMT_policy_unread);
	stmt_bind_int(s, 2, account);
	stmt_bind_int(s, 3, today);
	return stmt_one_int(s, 0, ret);
}

/* --- writing ---------------------------------------------------------------------- */

static bool good_roles(const char *readers)
{
	struct str rest = str_c(readers), role;
	while (str_split(&rest, ',', &role)) {
		const struct account_role *r = account_roles;
		while (r->id && !str_is(role, r->id))
			r++;
		if (!r->id)
			return false;
	}
	return true;
}

static enum err check_policy(struct journal *j, const struct pack *pack, const struct policy *p)
{
	struct db *db = journal_db(j);
	struct diag *diag = db_diag(db);
	bool found = true;
	struct policy other;
	enum err e = work_valid(pack, &policy_desc, p, diag);
	if (e)
		return e;
	if (FIELD_HAS(p, POLICY_, readers) && !good_roles(p->readers))
		return work_wrong(diag, "readers", ERR_CELL_CODE, p->readers);
	if (FIELD_HAS(p, POLICY_, valid_from) && FIELD_HAS(p, POLICY_, valid_to) &&
	    p->valid_to < p->valid_from)
		return work_wrong(diag, "valid_to", ERR_DATE_ORDER, NULL);
	if (FIELD_HAS(p, POLICY_, read_by) && date_last(p->read_by) < date_first(p->issued))
		return work_wrong(diag, "read_by", ERR_DATE_ORDER, NULL);
	if (FIELD_HAS(p, POLICY_, replaces)) {
		struct arena a;
		arena_init(&a, 1 << 22);
		e = db_get(db, &policy_desc, p->replaces, &a, &other, &found);
		arena_release(&a);
		if (!e && (!found || p->replaces == p->no))
			e = work_wrong(diag, "replaces", ERR_UNKNOWN_POLICY, NULL);
	}
	return e;
}

enum err policy_add(struct journal *j, const struct pack *pack, struct policy *p)
{
	enum err e = check_policy(j, pack, p);
	return e ? e : journal_insert(j, &policy_desc, p);
}

enum err policy_change(struct journal *j, const struct pack *pack, struct policy *now)
{
	struct db *db = journal_db(j);
	struct policy old;
	struct arena a;
	bool found = false;
	enum err e = check_policy(j, pack, now);
	if (e)
		return e;
	arena_init(&a, 1 << 22);
	e = db_get(db, &policy_desc, now->no, &a, &old, &found);
	if (!e && !found)
		e = unknown(db, now->no);
	if (!e && old.version != now->version)
		e = diag_set(db_diag(db), ERR_CONFLICT, "%lld", (long long)now->no);
	if (!e)
		e = journal_update(j, &policy_desc, &old, now);
	arena_release(&a);
	return e;
}

enum err policy_mark_read(struct journal *j, int64_t no, int64_t account)
{
	struct db *db = journal_db(j);
	struct policy_read r = {0};
	struct policy_row row;
	struct arena a;
	arena_init(&a, 1 << 22);
	enum err e = policy_get(db, account, no, &a, &row);
	if (!e && FIELD_HAS(&row.policy, POLICY_, withdrawn) && row.policy.withdrawn)
		e = unknown(db, no);
	if (!e && !row.read_at) {
		FIELD_SET(&r, POLICY_READ_, policy, no);
		FIELD_SET(&r, POLICY_READ_, account, account);
		FIELD_SET(&r, POLICY_READ_, at, journal_now(j));
		FIELD_SET(&r, POLICY_READ_, edition, row.policy.version);
		e = journal_insert(j, &policy_read_desc, &r);
	}
	arena_release(&a);
	return e;
}
