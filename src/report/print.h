/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * print: what every page on paper shares: what stands above and below it, and the
 * records of a town sorted by household.
 */
#ifndef DAOHU_REPORT_PRINT_H
#define DAOHU_REPORT_PRINT_H

#include "io/pdf.h"
#include "report/report.h"

struct pdf_opts print_opts(const struct report *r, const char *title, enum pdf_paper paper,
                           bool landscape);
/* 填报单位 and the day above; 填报人, 审核人, 日期, how numbers are shown and by whom below. */
struct pdf_frame print_frame(const struct report *r, struct arena *a, struct str unit);
void print_title(struct pdf *p, const char *title, const char *below);
/* Characters that were printed as 〓, "" when none was: U+4DAE、U+20164. */
const char *print_missing(const struct pdf *p, struct arena *a);

/* Whole yuan with two places, grouped; "" when it is not known. */
const char *print_money(struct arena *a, fen_t v);
/* Times 10^scale, as a decimal without needless zeros; "" when it is not known. */
const char *print_number(struct arena *a, int64_t v, int scale);
const char *print_year(struct arena *a, int64_t year);
const char *print_tri(uint8_t tri, enum lang lang); /* 是, 否, "" */
/* A phone with its middle hidden unless full numbers were asked for. */
const char *print_phone(const struct report *r, struct arena *a, struct str phone);

/* All households of a village (TOWN_NONE: of the town) as they are walked. */
int32_t *print_order(const struct town *t, int32_t village, struct arena *a, size_t *ret_n);
/* Sorts those at hand so. */
void print_sort(const struct town *t, int32_t *households, size_t n, struct arena *a);

/* Items 0..n-1 by the household they belong to. */
struct print_group {
	const uint32_t *at; /* household h has item[at[h]] .. item[at[h + 1] - 1] */
	const int32_t *item;
};
typedef int32_t (*print_household)(const void *arg, size_t i); /* TOWN_NONE: of none */
struct print_group print_group(size_t households, size_t n, print_household of, const void *arg,
                               struct arena *a);

#endif
