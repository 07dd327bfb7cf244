/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * life: what people do with findings on record: hand them out, look, answer,
 * review, enter by hand; and lists of them.
 *
 *     new ─ assign ─▶ assigned ─ check ─▶ checked ─ answer ─▶ answered ─ review ─▶ closed
 *                        ▲                                       │
 *                        └─────────────── returned ◀─────────────┘
 *
 * Every step may be left out but the order of answer and review.  A finding that
 * the check no longer sees is fixed and may be reviewed as well.  Whoever answered
 * a finding, or had it assigned, does not review it.  What is sent back waits with whom it was
 * assigned to, else with whoever answered.
 *
 * Entered findings (a supervision, an assessor, a complaint, a self-check) carry
 * their words with them and stay until people close them; no check removes them.
 *
 * All functions that write work inside an open journal entry and give
 * UNKNOWN_FINDING for a number that is none, INVALID with the field as place when the
 * finding's state or a value does not allow the step.
 */
#ifndef DAOHU_CHECK_LIFE_H
#define DAOHU_CHECK_LIFE_H

#include "check/record.h"

struct life_word {
	const char *id;
	struct text title;
};
/* Ended by a row without id. */
extern const struct life_word life_states[];
extern const struct life_word life_sources[]; /* "rule" stands for a finding without source */
extern const struct life_word life_answers[];

/* new assigned checked returned reopened: somebody has something to do */
bool life_is_open(const struct finding_record *f);

/* Who does it: an account. */
struct life_actor {
	const char *login, *name;
	date_t today;
};

struct life_assignment {
	const char *assignee; /* login, or a name when the person has no account */
	const char *unit;
	date_t due;           /* 0: none; not before `day` */
	const char *note;
	date_t day;           /* on which it was handed out, when written up later; 0: today */
};
/* Open ones only.  *ret_changed counts those that were not assigned so before. */
MUST_USE enum err life_assign(struct journal *j, const int64_t *nos, size_t n,
                              const struct life_assignment *x, const struct life_actor *by,
                              size_t *ret_changed);

/* Looked at in the field; the answer follows. */
MUST_USE enum err life_check(struct journal *j, int64_t no, date_t day, const char *remark,
                             const struct life_actor *by);

/* As record_answer, with what a person at the screen must say: `explained` needs the
 * reason (`exempt` or a remark), nobody answers for a day to come. */
MUST_USE enum err life_answer(struct journal *j, const struct pack *pack, int64_t no,
                              const struct record_answer *x, const struct life_actor *by);

/* Accepts (closed) or returns (needs a remark).  FORBIDDEN for who answered it. */
MUST_USE enum err life_review(struct journal *j, int64_t no, bool accept, const char *remark,
                              const struct life_actor *by);

struct life_entered {
	const char *source;   /* of life_sources, not "rule" */
	int64_t household;    /* 0: about a village */
	int64_t person;       /* 0 = none */
	const char *village;  /* code; taken from the household when there is one */
	const char *content;
	const char *fixer;    /* V T C D A K; NULL: V */
	const char *severity; /* B E W I; NULL: W */
	date_t due;
};
MUST_USE enum err life_enter(struct journal *j, const struct life_entered *x,
                             const struct life_actor *by, int64_t *ret_no);

/* --- lists ----------------------------------------------------------------------- */

struct life_filter {
	const char *state;    /* a state, "open" or "done"; NULL = all */
	const char *rule;
	const char *area;     /* village code or its beginning */
	const char *severity; /* letter */
	const char *fixer;    /* letter */
	const char *assignee;
	const char *source;   /* "rule" or one of life_sources */
	struct str text;      /* in household number, head's or person's name, content */
	int64_t household;
	date_t overdue_on;    /* only open ones due before that day; 0 = all */
};

struct life_row {
	struct finding_record f;
	const struct pack_rule *rule; /* NULL: entered, or the pack has it no longer */
	const char *hh_no, *head_name, *person_name;
	char severity, fixer;         /* of the rule or as entered */
};

/* By number; *ret_next is the number to go on after, 0 at the end.  limit <= 500. */
MUST_USE enum err life_list(struct db *db, const struct pack *pack, const struct life_filter *x,
                            int64_t after, size_t limit, struct arena *a, struct life_row **ret,
                            size_t *ret_n, int64_t *ret_next);
MUST_USE enum err life_get(struct db *db, const struct pack *pack, int64_t no, struct arena *a,
                           struct life_row *ret, bool *ret_found);

/* How many by village, rule, state and answer; texts NULL where there is none. */
struct life_count {
	const char *village, *rule, *source, *state, *answer;
	int64_t n, overdue;
};
MUST_USE enum err life_counts(struct db *db, date_t today, struct arena *a,
                              struct life_count **ret, size_t *ret_n);

#endif
