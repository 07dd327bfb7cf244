/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * exam: the household exam sheet (逐户体检表): a row a household, each guarantee
 * with a mark.  The first sheet counts the marks by village.
 *
 *     ✓         the ledgers that would show a fault were handed in, and show none
 *     ✗         a fact or a sure finding speaks against it
 *     待核实     only probable findings (leads) speak against it
 *     无法判断   what it takes to tell was not handed in, or is empty
 *     —         does not apply (no child of school age, no contract)
 *
 * Why stands in the last column.  Which rules and ledgers bear on which
 * guarantee is the table in exam_aspect.c; rules that the pack lacks are passed over.
 */
#ifndef DAOHU_REPORT_EXAM_H
#define DAOHU_REPORT_EXAM_H

#include "report/report.h"

enum exam_mark { EXAM_UNCLEAR, EXAM_YES, EXAM_NO, EXAM_DOUBT, EXAM_NONE, EXAM_MARK_MAX };

enum exam_aspect {
	EXAM_INCOME,
	EXAM_HOUSE,
	EXAM_SCHOOL,
	EXAM_MEDICAL,
	EXAM_WATER,
	EXAM_IDENTITY,
	EXAM_FAMILY,
	EXAM_HELPER,
	EXAM_VISIT,
	EXAM_MEASURE,
	EXAM_INDUSTRY,
	EXAM_ASPECT_MAX
};

struct exam {
	enum exam_mark mark[EXAM_ASPECT_MAX];
	const char *why; /* reasons, "" when there is nothing to say */
};

const char *exam_aspect_text(enum exam_aspect a, enum lang lang);
const char *exam_mark_text(enum exam_mark m, enum lang lang);
/* One for each household of the town, in the arena. */
struct exam *exam_run(const struct report *r, struct arena *a);

/* A3 landscape. */
MUST_USE enum err exam_xlsx(const struct report *r, const char *path, struct diag *diag);
/* The same on paper: a village a section; the marks are ✓ and ×. */
MUST_USE enum err exam_pdf(const struct report *r, const char *path, struct diag *diag);

#endif
