/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * visit: the visit sheet (入户核查表), what a cadre takes to the door: the household and its
 * people as they are on file, what every ledger says of each beside it, the income account
 * item by item and the measures to be confirmed, open findings as questions with boxes and
 * room to write, places for photographs and signatures.
 *
 * A sheet a household, A4, its pages numbered by themselves, so that one can be handed out.
 * Numbers are masked, phones cut and sensitive columns left out unless report.reason says
 * why not.
 */
#ifndef DAOHU_REPORT_VISIT_H
#define DAOHU_REPORT_VISIT_H

#include "report/print.h"

struct visit_made {
	size_t households, pages;
	const char *missing; /* characters no font has; "" */
};

/*
 * The sheets of the households wanted, in the order they are walked (village, group,
 * number).  `households` are indices of the town; NULL: all within report.village.
 */
MUST_USE enum err visit_pdf(const struct report *r, const int32_t *households, size_t n,
                            const char *path, struct arena *a, struct diag *diag,
                            struct visit_made *ret);

#endif
