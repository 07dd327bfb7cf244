/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * summary: one page for the Party secretary: which village has how many
 * contradictions, whose job each is, what they mostly are, and what could not
 * be compared because no ledger came.
 */
#ifndef DAOHU_REPORT_SUMMARY_H
#define DAOHU_REPORT_SUMMARY_H

#include "report/report.h"

enum { SUMMARY_RULES = 10 }; /* the most frequent, by village */

/* For a terminal. */
void summary_text(const struct report *r, struct buf *out);
/* A4 landscape, one page wide. */
MUST_USE enum err summary_xlsx(const struct report *r, const char *path, struct diag *diag);

#endif
