/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * finding: findings as text for machines and people.
 *
 * csv   rule,severity,certainty,household_no,person_id,name,subject,village,
 *       detail,source   RFC 4180, LF, UTF-8 without a mark; severity is one
 *       of B E W I, certainty sure or probable.  In the order of the result.
 * json  an object: as_of, pack {id, version, hash}, rules[] with their tally,
 *       findings[] with the same members as the csv.
 * text  for a terminal: counts by rule and by village; with `list` every
 *       finding under its rule.
 * No internal number, time of run or random value stands in any of them.
 */
#ifndef DAOHU_CHECK_FINDING_H
#define DAOHU_CHECK_FINDING_H

#include "check/check.h"

enum finding_column {
	FINDING_RULE,
	FINDING_SEVERITY,
	FINDING_CERTAINTY,
	FINDING_HOUSEHOLD_NO,
	FINDING_PERSON_ID,
	FINDING_NAME,
	FINDING_SUBJECT,
	FINDING_VILLAGE,
	FINDING_DETAIL,
	FINDING_SOURCE,
	FINDING_COLUMN_MAX
};

const char *finding_column_name(enum finding_column c);
const struct text *finding_column_label(enum finding_column c);
/* The value as the csv has it; borrowed from the finding. */
struct str finding_value(const struct finding *f, enum finding_column c);

char severity_letter(enum pack_severity s);             /* B E W I */
const struct text *severity_text(enum pack_severity s); /* 必须改正 ... */
const struct text *certainty_text(bool probable);
const struct text *fixer_text(char fixer); /* V T C D A K */

void findings_csv(const struct check_result *r, struct buf *out);
void findings_json(const struct check_result *r, struct buf *out);
void findings_text(const struct check_result *r, bool list, struct buf *out);

/*
 * What a person types to name a finding: rule/household[/person or subject],
 * also the csv's columns.  finding_key writes it; findings_match tells whether
 * a finding is one that `key` means (name, masked or full number, or subject
 * in the third place; household number or head's name in the second).
 */
void finding_key(const struct finding *f, struct buf *out);
bool finding_matches(const struct finding *f, struct str key);

#endif
