/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_finding: what the routes of findings share. */
#ifndef DAOHU_API_API_FINDING_H
#define DAOHU_API_API_FINDING_H

#include "api/subjects.h"
#include "check/life.h"

/* The list's inputs; its files have them too. */
enum {
	IN_STATE, IN_RULE, IN_VILLAGE, IN_SEVERITY, IN_FIXER, IN_ASSIGNEE, IN_OVERDUE, IN_SOURCE,
	IN_Q, IN_AFTER, IN_LIMIT, FINDING_LIST_IN
};
extern const struct net_field finding_list_in[FINDING_LIST_IN];
struct life_filter finding_filter(const struct request *rq);

const char *finding_title(const struct life_row *r, enum lang lang);
/* `f`: the finding as last checked, NULL when it is not there. */
struct str finding_detail(const struct life_row *r, const struct finding *f);
/* A finding may name a second household: its number is not for who may not see it. */
struct str finding_redacted(struct request *rq, const struct snapshot *s, struct str text,
                            struct arena *a);

/* api_finding_out.c */
extern const struct net_field finding_village_in[1];
MUST_USE enum err finding_csv(struct request *rq);
MUST_USE enum err finding_xlsx(struct request *rq);
MUST_USE enum err finding_rectify(struct request *rq);

#endif
