/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * duty_sheet: who answers for whom, on paper: the chart (责任分工表: village, cadre,
 * households, and who has nobody) and the letters that cadres sign (责任书).
 *
 * Both speak of the duties in force on the town's day, for report.village or the town.
 */
#ifndef DAOHU_REPORT_DUTY_SHEET_H
#define DAOHU_REPORT_DUTY_SHEET_H

#include "report/print.h"

MUST_USE enum err duty_chart_pdf(const struct report *r, const char *path, struct diag *diag);

struct duty_letters {
	const char *helper; /* only his; NULL = all */
	date_t until;       /* end of the term where a duty has none; 0 = left open */
};
/* A letter a cadre, each a section of its own; *ret_n how many. */
MUST_USE enum err duty_letters_pdf(const struct report *r, const struct duty_letters *what,
                                   const char *path, struct diag *diag, size_t *ret_n);

#endif
