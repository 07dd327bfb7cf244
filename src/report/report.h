/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * report: what every workbook that people hold shares: what it is about, the
 * words at its foot, and the findings counted.
 *
 * A report only prints what check_run() found; nothing is decided here.
 */
#ifndef DAOHU_REPORT_REPORT_H
#define DAOHU_REPORT_REPORT_H

#include "check/check.h"
#include "check/finding.h"
#include "io/xlsx_write.h"

struct report {
	enum lang lang;
	const struct check *check;
	const struct check_result *result; /* town and pack hang on it */
	int32_t village;    /* the only one that was looked at, or TOWN_NONE */
	const char *reason; /* why full numbers are shown; NULL: they are masked */
	const char *user;   /* report_made_by of whose account made it; NULL: not known */
};

/* Letters of those who put things right (fixer_text), in the order of the columns. */
#define REPORT_FIXERS "VTCDKA"
enum { FIXER_MAX = sizeof(REPORT_FIXERS) - 1 };

/* One line a village; findings of no village (a cadre's, say) have one of their own. */
struct report_count {
	int32_t village; /* TOWN_NONE: of the town as a whole */
	size_t households, persons;
	size_t findings, touched; /* touched: households with a finding */
	size_t severity[PACK_SEVERITY_MAX];
	size_t fixer[FIXER_MAX]; /* by place in REPORT_FIXERS */
	size_t *rule; /* one a rule of the pack */
};

struct report_counts {
	struct report_count total;
	struct report_count *villages; /* most findings first */
	size_t n;
	int *top; /* rules with findings, most first: places in the pack */
	size_t n_top;
};

/* Only open findings count (not answered ones).  Lives in the arena. */
void report_count(const struct report *r, struct arena *a, struct report_counts *ret);

/* A ledger layout that rules read: what came of it, or that nothing did. */
struct report_ledger {
	const struct pack_layout *layout;
	size_t files;       /* in force on the day */
	size_t villages;    /* that they cover completely */
	date_t from, to;    /* as-of dates */
	bool authorised;    /* all of them */
	const char *unread; /* titles of the rules that could not run; "" */
};
/* Those handed in first, then those that rules miss; in the pack's order. */
struct report_ledger *report_ledgers(const struct report *r, struct arena *a, size_t *ret_n);

struct str report_place(const struct report *r, int32_t village); /* 村名, or 全镇 */
/* Is the village within what was looked at? */
bool report_covers(const struct report *r, int32_t village);
/* Name of what was looked at: the town, or the one village. */
struct str report_title(const struct report *r);
/* 截至 2018-01-14 · 贫困线 … · 政策包 … */
const char *report_basis(const struct report *r, struct arena *a);
/* Label of an item of a list of the pack; "" when there is none. */
const char *report_code(const struct report *r, const char *list, int16_t code);
/* Who made it, as it stands on what is printed: of a practice folder that it is one.
 * who: NULL when it is not known. */
const char *report_made_by(const struct calendar *c, const char *who, enum lang lang,
                           struct arena *a);
/* Footer texts: left who fills and checks, right how numbers are shown and by whom. */
struct xlsx_page report_page(const struct report *r, struct arena *a, bool landscape);

#endif
