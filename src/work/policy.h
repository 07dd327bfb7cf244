/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * policy: the library of documents, and who has read them.
 *
 * Owns the tables policy and policy_read.  A document is withdrawn, never
 * deleted; one that replaces another names it, and the other is then shown as
 * replaced.  `readers` is a comma list of roles that must read it (empty: everybody
 * who may log in).  A receipt is a person's own, given once, with the version
 * of the document that was read.
 */
#ifndef DAOHU_WORK_POLICY_H
#define DAOHU_WORK_POLICY_H

#include "journal/journal.h"
#include "work/who.h"

struct policy {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "work/policy.def"
#undef F
};
enum policy_field {
#define F(...) FIELD_INDEX(POLICY_, __VA_ARGS__)
#include "work/policy.def"
#undef F
	POLICY_FIELD_MAX
};
struct policy_read {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "work/policy_read.def"
#undef F
};
enum policy_read_field {
#define F(...) FIELD_INDEX(POLICY_READ_, __VA_ARGS__)
#include "work/policy_read.def"
#undef F
	POLICY_READ_FIELD_MAX
};
extern const struct record_desc policy_desc, policy_read_desc;

struct policy_row {
	struct policy policy;
	int64_t replaced_by;  /* 0 = none */
	int64_t wanted, read; /* of those who must read it: how many, how many did */
	int64_t read_at;      /* by the one who asks; 0 = not yet */
};
struct policy_reader {
	const char *login, *name, *role, *unit;
	int64_t at; /* 0 = not yet */
};

/* Newest first; `before`, `before_no` as in meeting_list(). */
MUST_USE enum err policy_list(struct db *db, int64_t account, date_t before, int64_t before_no,
                              int64_t limit, struct arena *a, struct policy_row **ret,
                              size_t *ret_n);
/* UNKNOWN_POLICY */
MUST_USE enum err policy_get(struct db *db, int64_t account, int64_t no, struct arena *a,
                             struct policy_row *ret);
/* Those who must read it, the ones who have not first. */
MUST_USE enum err policy_readers(struct db *db, int64_t no, struct arena *a,
                                 struct policy_reader **ret, size_t *ret_n);
/* How many documents in force the account (of this role) must still read. */
MUST_USE enum err policy_unread(struct db *db, int64_t account, date_t today, int64_t *ret);

/* Inside an open entry.  roles are checked: CELL_CODE. */
MUST_USE enum err policy_add(struct journal *j, const struct pack *pack, struct policy *p);
MUST_USE enum err policy_change(struct journal *j, const struct pack *pack, struct policy *now);
/* Nothing happens the second time.  UNKNOWN_POLICY, also for one that is withdrawn. */
MUST_USE enum err policy_mark_read(struct journal *j, int64_t no, int64_t account);

#endif
