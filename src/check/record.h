/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * record: findings on record and their life.
 *
 * Owns the table finding.  Identity: rule + household + person or subject; for
 * somebody off the register the keyed index of the number.  States:
 *
 *     new        seen for the first time
 *     assigned   somebody has to see to it (life.h)
 *     checked    looked at in the field, not answered yet (life.h)
 *     answered   off the list until new evidence: a ledger of a layout that the
 *                rule reads, handed in after the answer, that still shows it; what
 *                was explained stays off until its term ends
 *     returned   a reviewer did not accept the answer (life.h)
 *     fixed      no longer seen, though the rule could look
 *     closed     answered or fixed, and accepted by somebody else (life.h); an
 *                answer holds as long as before
 *     reopened   seen again after fixed, answered or closed
 *
 * A rule that could not run (ledgers missing) and villages that were not
 * looked at move nothing; nor does a check move what people entered (`source`).
 * All writing goes through the journal.
 */
#ifndef DAOHU_CHECK_RECORD_H
#define DAOHU_CHECK_RECORD_H

#include "check/check.h"
#include "journal/journal.h"

struct finding_record {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "check/finding.def"
#undef F
};
enum finding_record_field {
#define F(...) FIELD_INDEX(FINDING_RECORD_, __VA_ARGS__)
#include "check/finding.def"
#undef F
	FINDING_RECORD_FIELD_MAX
};
extern const struct record_desc finding_desc;

/* Puts the answers on record into t->answers (in `a`). */
MUST_USE enum err record_answers(struct journal *j, struct arena *a, struct town *t);

/* Moves the states by a result: one entry, nothing written when nothing moved. */
MUST_USE enum err record_findings(struct journal *j, const struct entry_info *info,
                                  const struct check *c, const struct check_result *r);

/*
 * The same in pieces, where others write: worked out with any journal that can read, then
 * written in entries of at most `most` moves.  *ret_anew: somebody else has recorded
 * findings meanwhile, nothing was written and it is to be worked out again.  The result has
 * to outlive it; free it also when record_moves_plan() failed.
 */
struct record_moves;
MUST_USE enum err record_moves_plan(struct journal *j, const struct check *c,
                                    const struct check_result *r, struct record_moves **ret);
size_t record_moves_left(const struct record_moves *p);
MUST_USE enum err record_moves_write(struct record_moves *p, struct journal *j, size_t most,
                                     bool *ret_anew);
void record_moves_free(struct record_moves *p); /* NULL is allowed */

/* Number of the record of each finding of the result, 0 when there is none. */
MUST_USE enum err record_numbers(struct journal *j, const struct check_result *r, struct arena *a,
                                 int64_t **ret_no);

/* One record; *ret_found false when there is none. */
MUST_USE enum err record_get(struct journal *j, int64_t no, struct arena *a,
                             struct finding_record *ret, bool *ret_found);

struct record_answer {
	const char *state; /* file_fixed ledger_wrong explained policy_action pending */
	date_t day;
	const char *by, *remark, *evidence; /* NULL = not given */
	const char *login;  /* account that answers, when it is signed in */
	const char *exempt; /* explained: the pack's reason */
};
/* Inside an open entry.  INVALID when the state is none of those, UNKNOWN_FINDING.
 * *ret_changed (may be NULL) false when it said the same already. */
MUST_USE enum err record_answer(struct journal *j, const struct pack *pack, int64_t no,
                                const struct record_answer *answer, bool *ret_changed);

#endif
