/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * setup: from a spec and its data to a sample that estimates can be made of.
 *
 * Finds the columns, gives strata and clusters dense numbers (clusters within strata where
 * the spec says `nest`, later stages within the cluster before), works out weights that are
 * implied by population counts (product of N/n over the stages), applies post-stratification,
 * raking and calibration in this order, to replicate weights as well.
 */
#ifndef DAOHU_ESTIMATE_SETUP_H
#define DAOHU_ESTIMATE_SETUP_H

#include "estimate/frame.h"
#include "estimate/spec.h"
#include "stat/calibrate.h"
#include "stat/sample.h"

struct setup {
	const struct spec *spec;
	struct frame frame;
	struct stat_design design;
	struct stat_replicates replicates;
	struct stat_sample sample;
	double *weight; /* after calibration */
	struct arena *arena; /* where all of it lives, levels made later, too */
};

/* INVALID naming column, row or level; file errors. */
MUST_USE enum err setup_make(const struct spec *s, struct arena *a, struct diag *diag,
                             struct setup *ret);
/* INVALID when the column is not there or not numeric. */
MUST_USE enum err setup_number(const struct setup *s, const char *name, struct diag *diag,
                               const double **ret);
/* As a factor. */
MUST_USE enum err setup_factor(const struct setup *s, const char *name, struct diag *diag,
                               struct column **ret);

#endif
