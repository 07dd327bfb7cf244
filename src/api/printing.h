/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * printing: what handlers share that answer with a file: a temporary one, and for pages made
 * from the town as last checked the report, who may see which household, full numbers with
 * their reason on record.
 */
#ifndef DAOHU_API_PRINTING_H
#define DAOHU_API_PRINTING_H

#include "api/api.h"
#include "api/snapshot.h"
#include "report/report.h"

#define PRINTING_PDF "application/pdf"
#define PRINTING_XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define PRINTING_DOCX "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

struct printing {
	const struct snapshot *s;
	struct report r;
	const char *path; /* of the file to be written; unlinked by printing_end unless sent */
	bool sent;
};

/* A file to be written and nothing else: for pages that are not made from the town. */
MUST_USE enum err printing_file(struct request *rq, struct printing *ret);
/* reason: why full numbers are shown, NULL = masked; FORBIDDEN without the permission, and
 * put on record else.  BUSY while the town is looked at for the first time. */
MUST_USE enum err printing_begin(struct request *rq, const char *reason, struct printing *ret);
void printing_end(struct printing *p);
/* The village by its code into p->r.village; NOT_FOUND when there is none, or it is foreign. */
MUST_USE enum err printing_village(struct request *rq, struct printing *p, const char *code);
/* Households that the user may see, of a village (TOWN_NONE: all), as they are walked. */
int32_t *printing_households(struct request *rq, const struct printing *p, int32_t village,
                             size_t *ret_n);
/* The household by its record's number, or TOWN_NONE. */
int32_t printing_household(const struct printing *p, int64_t no);
/* The answer is the file. */
void printing_send(struct request *rq, struct printing *p, const char *type, const char *name);

#endif
