/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pairs: which rows of two tables, or of one, are about the same person.
 *
 *     pairs_table_read()   a CSV, its values normalised
 *     pairs_suggest()      a configuration from the tables alone
 *     pairs_config_read()  … or one that somebody wrote (docs/linkage.md), YAML
 *     pairs_run()          blocking, learning, scoring, deciding
 *     pairs_run_list()     the same, with a second table that is too long to be kept
 *
 * Nothing is known of a data set beforehand: kinds of columns are told by their headers and
 * by what their values look like, blocking keys are chosen by the number of pairs they make, and
 * weights are learnt from the pairs.
 */
#ifndef DAOHU_PAIRS_PAIRS_H
#define DAOHU_PAIRS_PAIRS_H

#include "link/attribute.h"
#include "link/fellegi.h"
#include "base/err.h"

struct team;

enum { PAIRS_COLUMNS_MAX = 4, PAIRS_RULES_MAX = 32, PAIRS_PARTS_MAX = 3 };

/* --- tables ----------------------------------------------------------------------------- */

enum { PAIRS_LONG = 255 };

struct pairs_table {
	size_t n, n_columns;
	const char **names;
	size_t id;              /* column that names the rows */
	const size_t *from;     /* by column: which of the file's it is */
	const char *text;       /* all values, those of a row one behind the other, each behind its length: a
	                         * byte, or PAIRS_LONG and four */
	const uint32_t *at;     /* by row: where they begin */
	size_t all;             /* rows of the file: of a list that was sifted (sieve.h) n are but a few */
	struct sifted *sifted;  /* what is known of the others; NULL: there are none */
	struct arena own;       /* what these lie in */
};
/* The team (or NULL) reads along. */
MUST_USE enum err pairs_table_read(const char *path, struct team *team, struct diag *diag,
                                   struct pairs_table *ret);
/* Only those columns that a configuration looks at (of its side b, or a), and the one that names the rows. */
struct pairs_config;
MUST_USE enum err pairs_table_read_for(const char *path, const struct pairs_config *c, bool is_b,
                                       struct team *team, struct diag *diag, struct pairs_table *ret);
void pairs_table_release(struct pairs_table *t);
static inline struct str pairs_cell(const struct pairs_table *t, size_t row, size_t column)
{
	const char *p = t->text + t->at[row];
	for (;; column--) {
		uint32_t n = (unsigned char)*p++;
		if (n == PAIRS_LONG) {
			memcpy(&n, p, sizeof(n));
			p += sizeof(n);
		}
		if (column == 0)
			return (struct str){p, n};
		p += n;
	}
}
int pairs_column(const struct pairs_table *t, const char *name); /* -1: none */

/* --- configuration -------------------------------------------------------------------------- */

struct pairs_field {
	const char *name;
	enum attribute_kind kind;
	const char *a[PAIRS_COLUMNS_MAX], *b[PAIRS_COLUMNS_MAX]; /* columns, joined by a tab */
	size_t n_a, n_b;
};

struct pairs_part {
	size_t field;
	enum attribute_key key;
};
struct pairs_rule { /* rows that agree on all parts are compared */
	struct pairs_part part[PAIRS_PARTS_MAX];
	size_t n;
};

enum pairs_assign { PAIRS_EACH_B, PAIRS_ONE_TO_ONE, PAIRS_ANY, PAIRS_ASSIGN_MAX };

struct pairs_config {
	const char *id_a, *id_b;
	struct pairs_field field[FELLEGI_FIELDS_MAX];
	size_t n_fields;
	struct pairs_rule rule[PAIRS_RULES_MAX];
	size_t n_rules;
	enum pairs_assign assign; /* each row of b to one of a at most; one to one; any */
	double match, review;     /* probabilities from which a pair is in the band */
};

/* b NULL: a against itself. */
MUST_USE enum err pairs_suggest(const struct pairs_table *a, const struct pairs_table *b,
                                struct arena *arena, struct diag *diag, struct pairs_config *ret);
/* MAP_FILE at file:line:column. */
MUST_USE enum err pairs_config_read(const char *path, struct arena *arena, struct diag *diag,
                                    struct pairs_config *ret);
void pairs_config_write(const struct pairs_config *c, bool dedupe, struct buf *out);

/* --- linking ---------------------------------------------------------------------------------- */

struct pairs_result {
	size_t compared, matched, review;
	double expected_wrong; /* among the matches, by their probabilities */
};
typedef void (*pairs_progress)(void *arg, size_t done, size_t all);

/* Writes id_a,id_b,score,band,why; the same whatever the team (base/team.h; NULL: alone).
 * INVALID naming a column that is not there. */
MUST_USE enum err pairs_run(const struct pairs_table *a, const struct pairs_table *b,
                            const struct pairs_config *c, const char *output,
                            struct team *team, pairs_progress progress, void *progress_arg,
                            struct diag *diag, struct pairs_result *ret);

/* The same with the list b as it lies in its file: of the rows that nobody is like hardly anything is
 * kept in memory. */
MUST_USE enum err pairs_run_list(const struct pairs_table *a, const char *list,
                                 const struct pairs_config *c, const char *output,
                                 struct team *team, pairs_progress progress, void *progress_arg,
                                 struct diag *diag, struct pairs_result *ret);

#endif
