/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* side: a table as a configuration sees it: one value a field. */
#ifndef DAOHU_PAIRS_SIDE_H
#define DAOHU_PAIRS_SIDE_H

#include "pairs/pairs.h"

struct side {
	const struct pairs_table *t;
	size_t id;
	size_t column[FELLEGI_FIELDS_MAX][PAIRS_COLUMNS_MAX];
	size_t n_columns[FELLEGI_FIELDS_MAX];
	const struct pairs_config *c;
};

MUST_USE enum err side_make(const struct pairs_table *t, const struct pairs_config *c, bool is_b,
                            struct diag *diag, struct side *ret);
/* The value of a field; joined ones live in the arena.  Empty when no column has one. */
struct str side_value(const struct side *s, size_t row, size_t field, struct arena *a);

/* Keys of a row's fields, worked out once for all rules. */
struct side_keys {
	const struct side *s;
	size_t row;
	bool known[FELLEGI_FIELDS_MAX];
	uint64_t key[FELLEGI_FIELDS_MAX][ATTRIBUTE_KEY_MAX];
};
void side_keys_begin(struct side_keys *k, const struct side *s, size_t row);
/* Key of a rule: 0 when one of its parts has none. */
uint64_t side_keys_rule(struct side_keys *k, const struct pairs_rule *rule, struct arena *a);
/* The same for a single rule. */
uint64_t side_key(const struct side *s, size_t row, const struct pairs_rule *rule, struct arena *a);

#endif
