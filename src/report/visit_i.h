/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* visit_i: the parts of a visit sheet; for src/report/visit*.c only. */
#ifndef DAOHU_REPORT_VISIT_I_H
#define DAOHU_REPORT_VISIT_I_H

#include "report/visit.h"

struct sheet {
	const struct report *r;
	const struct town *t;
	struct pdf *p;
	struct arena *a; /* of the household being printed */
	bool zh;
	struct print_group persons, incomes, duties, measures, visits, contracts, findings;
	struct print_group *rows; /* one a layout of the town: its links */
};

/* visit_parts.c: each prints its table, or that there is nothing. */
void visit_facts(const struct sheet *s, int32_t household);
void visit_members(const struct sheet *s, int32_t household);
void visit_ledgers(const struct sheet *s, int32_t household);
void visit_income(const struct sheet *s, int32_t household);
void visit_help(const struct sheet *s, int32_t household);
void visit_questions(const struct sheet *s, int32_t household);
void visit_head(const struct sheet *s, const char *zh, const char *en);

#endif
