/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge (inside match): what the weights of a row's candidates amount to, by
 * the rules of match.h: band, method, who else comes into question; and the
 * link that the caller sees.
 */
#ifndef DAOHU_MATCH_JUDGE_H
#define DAOHU_MATCH_JUDGE_H

#include "match/weigh.h"

/* Sets band, method, rivals and strong of a verdict whose candidates, owner of
 * the number and family are known; puts the family's member first. */
void judge_verdict(const struct query *q, struct verdict *v);
void judge_link(const struct match *m, const struct query *q, const struct verdict *v,
                struct match_link *ret);
/* Nobody and nothing. */
void judge_no_link(struct match_link *ret);

#endif
