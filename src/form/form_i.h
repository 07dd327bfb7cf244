/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_i: values of a form's fields; for src/form/form*.c only. */
#ifndef DAOHU_FORM_FORM_I_H
#define DAOHU_FORM_FORM_I_H

#include "form/form.h"
#include "report/print.h"

/* The town sorted by household. */
struct form_town {
	const struct report *r;
	const struct town *t;
	struct print_group persons, incomes, duties, measures, visits, contracts, findings;
};
void form_town_init(struct form_town *ft, const struct report *r, struct arena *a);

enum form_value_kind { FORM_NOTHING, FORM_TEXT, FORM_NUMBER, FORM_MONEY, FORM_DATE };

struct form_value {
	enum form_value_kind kind;
	const char *text; /* TEXT */
	int64_t v;        /* NUMBER times 10^scale, MONEY fen */
	int scale;
	date_t date;
};

/* Whom a row is about. */
struct form_row {
	int32_t household, person; /* person TOWN_NONE: the head */
	size_t seq;                /* from 1 */
	int32_t head;              /* the household's head, TOWN_NONE when there is none */
};
int32_t form_head(const struct form_town *ft, int32_t household);
struct form_value form_value(const struct form_town *ft, const struct form_row *row,
                             enum form_field field, int year, struct arena *a);

#endif
