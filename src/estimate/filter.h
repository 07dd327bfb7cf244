/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * filter: a condition on rows, as analysts write them in R:
 *
 *     stype=='H' & api00 >= 700        race %in% c(1, 3) | !is.na(age)
 *
 * Names of columns (letters, digits, '.', '_', anything beyond ASCII, or `in backticks`),
 * numbers, texts in ' or ", == != < <= > >= %in% + - * / & && | || ! ( ) c() is.na() TRUE
 * FALSE NA.  Three-valued: NA where a value is missing and matters.  A number compared with a
 * text is compared as text.  Bounded: 4,096 bytes, 256 nodes.
 */
#ifndef DAOHU_ESTIMATE_FILTER_H
#define DAOHU_ESTIMATE_FILTER_H

#include "estimate/frame.h"

struct filter;

/* RULE_SYNTAX with the place in the text. */
MUST_USE enum err filter_parse(const char *text, struct arena *a, struct diag *diag,
                               struct filter **ret);
/* Columns that it names. */
void filter_wants(const struct filter *f, struct frame_wants *w, struct arena *a);
/* Finds its columns; INVALID naming one that is not there. */
MUST_USE enum err filter_bind(struct filter *f, const struct frame *frame, struct diag *diag);
/* 1 yes, 0 no, -1 NA. */
int filter_row(const struct filter *f, size_t row);

#endif
