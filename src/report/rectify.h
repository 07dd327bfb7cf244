/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rectify: a village's workbook (整改台账): every open finding as a question to be
 * answered at the door, and read back by `import`: those of the rules, and those that an
 * inspection, an assessor, a complaint or a self-check entered by hand.
 *
 * Sheet RECTIFY_SHEET has its headers in row RECTIFY_HEAD (from 0) and one
 * finding a row, sorted so that each house is visited once.  Only the answer
 * columns may be written; the last column is the row's key, which binds the
 * answer to its finding: F<no>-<8 hex>, the hex being the first 4 bytes of the
 * keyed index (journal/keys.h, purpose "finding") of "finding|COUNTY|NO|RULE".
 * A row moved under another household keeps its own key.
 *
 * Answers are the texts of rectify_answers; the states behind them are those
 * that a finding's life knows.
 */
#ifndef DAOHU_REPORT_RECTIFY_H
#define DAOHU_REPORT_RECTIFY_H

#include "check/life.h"
#include "journal/keys.h"
#include "report/report.h"

#define RECTIFY_SHEET "整改清单"
enum { RECTIFY_HEAD = 3, RECTIFY_KEY_SIZE = 40 };

enum rectify_column {
	RECTIFY_SEQ,
	RECTIFY_GROUP,
	RECTIFY_HH_NO,
	RECTIFY_HEAD_NAME,
	RECTIFY_WHO,
	RECTIFY_ID,
	RECTIFY_QUESTION,
	RECTIFY_DETAIL,
	RECTIFY_SOURCE,
	RECTIFY_FIXER,
	RECTIFY_SEVERITY,
	RECTIFY_ANSWER, /* from here to DATE: written by the village */
	RECTIFY_REMARK,
	RECTIFY_EVIDENCE,
	RECTIFY_BY,
	RECTIFY_DATE,
	RECTIFY_KEY,
	RECTIFY_COLUMN_MAX
};
/* Header texts as they stand in the workbook (Chinese: villages fill them in). */
extern const char *const rectify_heads[RECTIFY_COLUMN_MAX];

struct rectify_answer {
	const char *text;  /* in the drop-down */
	const char *state; /* file_fixed, pending, ledger_wrong, explained, policy_action, "" */
};
extern const struct rectify_answer rectify_answers[]; /* ended by NULL */

/* A finding that is on record: of a rule, or entered by hand. */
struct rectify_row {
	int64_t no; /* number of its record */
	const struct finding *finding;  /* NULL: entered */
	const struct life_row *entered; /* NULL: of a rule */
	int32_t household;              /* of the town; TOWN_NONE */
};

/* The key of a row; out is NUL-terminated. */
void rectify_key(const struct keys *keys, const char *county, int64_t no, const char *rule,
                 char out[RECTIFY_KEY_SIZE]);
/* The number that a key claims; 0 when it is no key.  Whether the key is right shows only
 * by making it again. */
int64_t rectify_key_no(struct str key);

/* The open ones of a village (TOWN_NONE: of none) that nobody has answered: of the rules by the
 * report's result and the numbers of its records (0 = not on record), entered ones from the
 * database, in the handle's scope. */
MUST_USE enum err rectify_collect(struct db *db, const struct report *r, const int64_t *numbers,
                                  int32_t village, struct arena *a, struct rectify_row **ret,
                                  size_t *ret_n);

struct rectify_book {
	const struct keys *keys;
	const char *county;
	int32_t village; /* TOWN_NONE: what belongs to no village */
	struct rectify_row *rows; /* sorted in place, house by house */
	size_t n;
};

/* One workbook. */
MUST_USE enum err rectify_write(const struct report *r, const struct rectify_book *book,
                                const char *path, struct diag *diag);

#endif
