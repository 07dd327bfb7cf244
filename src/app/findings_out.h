/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * findings_out: what check, report and explain share: a data folder opened,
 * its town loaded as of a day, the rules run; findings as a workbook.
 */
#ifndef DAOHU_APP_FINDINGS_OUT_H
#define DAOHU_APP_FINDINGS_OUT_H

#include "app/house.h"
#include "check/check.h"
#include "check/record.h"

struct run_check_opts {
	date_t as_of;         /* 0 = today */
	const char *area;     /* code or name of a village or town; NULL = all */
	const char *full_ids; /* reason, or NULL: numbers are masked */
	bool record;          /* write findings and their states */
	bool with_answered;
	bool only_read;       /* of the ledgers' rows only what rules read is kept */
	const char *command;  /* for the journal */
};

struct run_check {
	struct house house;
	struct town town;
	struct check *check;
	struct check_result result;
	date_t as_of;
	int32_t village; /* the only one looked at, or TOWN_NONE */
	const char *full_ids;
	bool behind; /* the register is behind its ledgers (report/handin.h) */
};

/* Opens, loads, runs; a full-ids reason is journalled first.  Says on stderr
 * when ledgers have no authorisation and when the register is behind them.  On failure app->diag is set;
 * call run_check_done either way. */
MUST_USE enum err run_check(struct app *app, const char *dir, const struct run_check_opts *o,
                            struct run_check *r);
void run_check_done(struct run_check *r);

/* Whose account runs this, as report_made_by prints it. */
const char *run_made_by(const struct run_check *r);

/* The open findings as one workbook for the office. */
MUST_USE enum err findings_xlsx(const struct run_check *r, const char *file);

#endif
