/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * check: the rules of a pack against the facts of a town.
 *
 *     check_new()    the pack's rules, compiled once; a rule that does not
 *                    compile is ERR_RULE_... at rules.yaml:line:column
 *     check_run()    a town -> findings; pure, no state, no clock
 *     finding_*      findings as csv, json, text (finding.h)
 *
 * A finding has the identity rule + household + person or subject, never
 * values.  Its certainty is SURE only if every link that it rests on is a
 * number match or confirmed by a person, and the rule itself allows it.
 *
 * A rule is not applied in a village whose ledgers never fill one of the
 * fields it `needs` (the column was not handed in), and absence counts only
 * where a complete ledger covers the village (rule.h, ledgers).
 *
 * What comes out does not depend on the order of the town's arrays.
 */
#ifndef DAOHU_CHECK_CHECK_H
#define DAOHU_CHECK_CHECK_H

#include "check/schema.h"

struct check;

struct check_opts {
	enum lang lang;     /* of details and sources */
	bool full_ids;      /* else numbers are masked and sensitive values withheld */
	int32_t village;    /* only this one, or TOWN_NONE: all */
	bool with_answered; /* answered ones stand among the findings, too */
};

struct finding {
	const struct pack_rule *rule;
	int rule_no;         /* place in the pack */
	bool probable;
	int entity;          /* whose row it is about (enum check_entity or a layout's) */
	int32_t row;
	int32_t household, person, village; /* indices of the town; TOWN_NONE */
	struct str household_no;
	struct str person_id; /* 18 characters or masked; empty when nobody is meant */
	struct str full_id;   /* never shown unless asked for */
	struct str name;
	struct str subject;
	struct str village_name;
	struct str detail;
	struct str source;
	const struct town_answer *answer; /* what keeps it off the open list, or NULL */
};

enum check_outcome {
	CHECK_RAN,
	CHECK_DISABLED,   /* by the pack */
	CHECK_NOT_VALID,  /* outside valid_from..valid_to on the day */
	CHECK_NO_DATA     /* no ledger it rests on was handed in */
};

struct check_tally {
	enum check_outcome outcome;
	size_t findings, probable, unknown, answered;
	size_t overflows;      /* ERR_RULE_OVERFLOW: rows whose numbers are too large */
	int32_t overflow_row;
};

struct check_result {
	const struct town *town;
	const struct pack *pack;
	enum lang lang;
	size_t n;
	struct finding *findings; /* by rule, household, person, subject, source */
	size_t n_answered;
	struct finding *answered; /* those that an answer keeps off the list (else among them) */
	int32_t village;          /* the only one looked at, or TOWN_NONE */
	struct check_tally *tally; /* one a rule of the pack */
	/* what was evaluated, for explain */
	struct facts facts;
	struct rule_data data, shown;
};

/* The pack is lent and must outlive it. */
enum err check_new(const struct pack *pack, struct diag *diag, struct check **ret) MUST_USE;
void check_free(struct check *c); /* NULL is allowed */
const struct schema *check_schema(const struct check *c);

/* Everything in *ret lives in `a`; town is lent. */
void check_run(const struct check *c, const struct town *town, const struct check_opts *opts,
               struct arena *a, struct check_result *ret);

/* By layout of the pack, then by column: what any rule reads, or tells, of a ledger's row, and
 * what facts are made of (town_opts.columns). */
const bool *const *check_reads_columns(const struct check *c, struct arena *a);
/* Does the rule read this layout (by place in the pack)? */
bool check_reads_layout(const struct check *c, int rule_no, int layout);
/* Is there a ledger in force, of a layout that the rule reads and about the village, that
 * is newer than the answer (by its date; without one, by when it was handed in)? */
bool check_newer(const struct check *c, const struct town *t, int rule_no, int32_t village,
                 const struct town_answer *answer);

/*
 * Why: the rule in words, its expression with the values used, where they
 * stand, and how the rows were linked.
 */
void check_explain(const struct check *c, const struct check_result *r, const struct finding *f,
                   bool full_ids, struct buf *out);

/* Runs a rule's own positive and negative rows.  INVALID at rules.yaml:line:col
 * when one does not come out as written.  *ret_n: rows run. */
enum err check_self_test(const struct check *c, int rule_no, size_t *ret_n,
                         struct diag *diag) MUST_USE;

#endif
