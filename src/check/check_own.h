/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check_own: what the files of this module share; nobody else includes it. */
#ifndef DAOHU_CHECK_CHECK_OWN_H
#define DAOHU_CHECK_CHECK_OWN_H

#include "check/check.h"
#include "link/idno.h"

/* The day that the rules' own rows are tried on. */
enum { CHECK_TEST_DAY = 20180114 };
enum { CHECK_ID_NOT_WHOLE = IDNO_LOSSY | IDNO_CHARS_BAD | IDNO_LEN_BAD | IDNO_MASKED };

/* A field that must be filled somewhere in the village. */
struct need {
	int entity, field;
};

struct compiled {
	const struct pack_rule *pack;
	int entity;
	struct rule *when;
	struct rule_template *detail[LANG_MAX];
	struct rule_template *subject; /* NULL: by the entity */
	bool *layout;                  /* one a layout: read by `when` */
	struct need *needs;
	size_t n_needs;
};

struct check {
	struct arena arena;
	struct schema schema;
	struct schema_need need;
	struct compiled *rules; /* one a rule of the pack */
	struct compiled_indicator *indicators; /* situation.c; NULL until situation_add() */
};

struct source_ledger {
	int layout;
	date_t as_of;
	int64_t year;
};
struct sources { /* a VEC */
	struct source_ledger *p;
	size_t n, cap;
};
struct found { /* a VEC */
	struct finding *p;
	size_t n, cap;
};

/* One run of all rules. */
struct run {
	const struct check *c;
	struct check_result *r;
	const struct check_opts *opts;
	struct arena *a;
	struct arena *scratch;
	struct found found;
	struct str *source;          /* cache: rule x (village + 1) */
	bool ***supplied;            /* rule, need -> one a village, last: none */
	int *ledger_layout;
};

#endif
