/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * synth: ledgers of a town that does not exist, as its offices would hand
 * them in, with the list of what was planted.
 *
 * A town is made in five steps, each its own file: villages (areas), people
 * and households that agree with every ledger (people, money), what is wrong
 * on purpose (plant), what looks wrong and is not (odd), files (layout,
 * write).  Every person's number has the prefix 341299, which no county has,
 * and a right check digit; every phone begins with 100.
 *
 * In DIR: the ledgers, answers.csv (kind,household_no,name,person_id,fuzzy,
 * note), oddities.csv (kind,household_no,person_id,note) and README.txt.  A
 * county is a folder a town with the same inside, made one after another, so
 * memory is that of a town.
 *
 * The same arguments make the same bytes.  Knows no rule and no linkage: it
 * plants facts, and what is found in them is others' business.
 */
#ifndef DAOHU_SYNTH_SYNTH_H
#define DAOHU_SYNTH_SYNTH_H

#include "base/err.h"

struct synth_opts {
	const char *areas;  /* CSV: code,name,parent */
	const char *code;   /* town (9 digits) or county (6 digits) */
	uint64_t seed;
	const char *layout; /* name; NULL = chosen by the seed */
	int64_t scale;      /* thousandths: 1000 = 12,000 households a town, a county of 400,000 */
	const char *out;    /* folder, made when missing; must hold no ledgers yet */
};

struct synth_totals {
	size_t towns, villages, households, people, on_register, files, planted, oddities;
	const char *layout; /* of the last town */
};

enum { SYNTH_SCALE_ONE = 1000, SYNTH_SCALE_MAX = 8000 };

/* USAGE on an unknown layout or a scale out of bounds, UNKNOWN_AREA, IO. */
MUST_USE enum err synth_run(const struct synth_opts *opts, struct diag *diag,
                            struct synth_totals *ret);

/* Name and description of layout i; NULL behind the last. */
const char *synth_layout_name(size_t i);
struct text synth_layout_title(size_t i);

#endif
