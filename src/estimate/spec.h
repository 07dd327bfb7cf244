/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * spec: what is to be estimated from which data under which design, as words.
 *
 * Made from a JSON file (data, design, queries) or from the command line; says nothing yet
 * about whether the columns exist.  Texts live in the arena.
 *
 *   {"data": "x.csv",                        beside the file, or in the folder above its own
 *    "design": {
 *      "weights": COL, "strata": COL|[…], "psu": COL|[…], "ssu": COL, "fpc": COL|[…], "nest": bool,
 *      "lonely_psu": "fail|remove|adjust|average|certainty",
 *      "poststratify": {"by": COL, "totals": {LEVEL: N}}, "rake": [ the same … ],
 *      "calibrate": {"totals": {"(Intercept)": N, COL: N, COLLEVEL: N}},
 *      "rep_prefix": "rw", "n_rep": R, "scale": s, "rscales": number|[…], "mse": bool, "combined": bool,
 *      "income": COL, "breakdown": COL, "cutoffs": {COL: z}, "weights_18ths": {COL: n} (of any
 *      denominator) or "indicators": {COL: "1/6"}, "k": "1/3", "population_weight": COL },
 *    "queries": [ {"q": KIND, …} ]}
 *
 * Kinds: mean total ratio mean_by diff_of_domain_means prop_ci quantile rao_scott weights
 * fgt arpt arpr rmpg qsr gini lorenz lorenz_interpolated alkire_foster raw_headcount
 * censored_headcount contribution missed_rate wrong_exit_rate wrong_listed_rate approval_rate
 * incidence.  "domain": a condition on rows (filter.h).
 *
 * Rates of an assessment (stat/assess.h): "domain" is the group, "expr" what is found in it or "count" a
 * column with how many people; "persons": a column with the people of a row (default 1); for
 * missed_rate "population": a column with the unlisted people of the row's village (first "psu") and
 * "denominator": "surveyed" (default) or "villages"; "limit"; "deff": to assume when nothing is found.
 * incidence has these under "missed" and "wrong_exit", and "remaining", "unlisted", "exited", "rural".
 * "purposive" in the design: rows that were picked, a condition; no rate counts them.
 */
#ifndef DAOHU_ESTIMATE_SPEC_H
#define DAOHU_ESTIMATE_SPEC_H

#include "base/arena.h"
#include "base/err.h"
#include "stat/design.h"
#include "stat/interval.h"
#include "stat/mpi.h"
#include "stat/poverty.h"
#include "stat/quantile.h"

enum { SPEC_MARGINS_MAX = 16, SPEC_TERMS_MAX = 256, SPEC_LIST_MAX = 4096 };

struct spec_term { /* "E": 4421 */
	const char *name;
	double value;
};
struct spec_terms {
	struct spec_term *t;
	size_t n;
};
struct spec_share { /* "water": "1/18" */
	const char *name, *fraction;
};
struct spec_margin {
	const char *by;
	struct spec_terms totals;
};
struct spec_names {
	const char *name[STAT_STAGES_MAX];
	size_t n;
};

struct spec_design {
	const char *weights;
	struct spec_names strata, clusters, fpc;
	bool nest;
	bool planned;              /* a way of sampling is stated, so variances are wanted */
	enum stat_lonely lonely;
	struct spec_margin poststratify; /* by NULL: none */
	struct spec_margin rake[SPEC_MARGINS_MAX];
	size_t n_rake;
	struct spec_terms calibrate;
	const char *rep_prefix;    /* NULL: linearised */
	size_t n_rep;
	double scale;
	double *rscales;           /* NULL: all rscale */
	double rscale;
	bool mse, combined;
	const char *kind;          /* in words */
	const char *purposive;     /* condition */
	const char *income, *breakdown, *population_weight;
	struct spec_terms cutoffs; /* deprived when below */
	struct spec_share *shares; /* weights of indicators */
	size_t n_shares;
	const char *k;
};

enum query_kind {
	QUERY_MEAN,
	QUERY_TOTAL,
	QUERY_RATIO,
	QUERY_MEAN_BY,
	QUERY_DIFFERENCE,
	QUERY_PROPORTION,
	QUERY_QUANTILE,
	QUERY_RAO_SCOTT,
	QUERY_WEIGHTS,
	QUERY_FGT,
	QUERY_ARPT,
	QUERY_ARPR,
	QUERY_RMPG,
	QUERY_QSR,
	QUERY_GINI,
	QUERY_LORENZ,
	QUERY_LORENZ_INTERPOLATED,
	QUERY_ALKIRE_FOSTER,
	QUERY_RAW_HEADCOUNT,
	QUERY_CENSORED_HEADCOUNT,
	QUERY_CONTRIBUTION,
	QUERY_MISSED,
	QUERY_WRONG_EXIT,
	QUERY_WRONG_LISTED,
	QUERY_APPROVAL,
	QUERY_INCIDENCE,
	QUERY_KIND_MAX
};

struct spec_rate {
	const char *domain, *expr, *count, *persons, *population;
	bool villages; /* the denominator wanted */
	double deff;
};

struct query {
	enum query_kind kind;
	const char *var, *num, *den, *by, *expr, *domain, *a, *b, *row, *col;
	const char **levels;       /* order in which levels are wanted; NULL: the factor's */
	size_t n_levels;
	bool by_levels;            /* also by the design's breakdown, in the order of `levels` */
	enum interval_method method;
	enum interval_method interval; /* quantile */
	enum quantile_rule rule;
	double level;              /* of confidence */
	const double *p;
	size_t n_p;
	bool p_list;               /* p was a list: answers are lists */
	struct poverty_line line;
	bool line_given;
	const char *k;
	const char **weights;      /* of indicators, as fractions */
	size_t n_weights;
	struct spec_rate rate[2];  /* INCIDENCE: missed, wrong exit; else the first */
	double remaining, unlisted, exited, rural;
	double limit;              /* NaN: the pack's */
};

struct spec {
	const char *data;
	struct spec_design design;
	struct query *queries;
	size_t n_queries;
};

const char *query_kind_name(enum query_kind k);
bool query_kind_find(const char *name, enum query_kind *ret);
bool spec_lonely_find(const char *name, enum stat_lonely *ret);
/* Defaults: level 0.95, logit, hf1, mean, FGT 0. */
void query_init(struct query *q, enum query_kind k);
void spec_design_init(struct spec_design *d);

/* INVALID with the place in the JSON, FILE_UNREADABLE. */
MUST_USE enum err spec_read(const char *path, struct arena *a, struct diag *diag, struct spec *ret);

#endif
