/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* side: a table as a configuration sees it: one value a field. */
#ifndef DAOHU_PAIRS_SIDE_H
#define DAOHU_PAIRS_SIDE_H

#include "link/brief.h"
#include "pairs/pairs.h"

struct side {
	const struct pairs_table *t;
	size_t id;
	size_t column[FELLEGI_FIELDS_MAX][PAIRS_COLUMNS_MAX];
	size_t n_columns[FELLEGI_FIELDS_MAX];
	const struct pairs_config *c;
	/* side_index, by row; NULL: they are not kept */
	uint64_t *rule[PAIRS_RULES_MAX];       /* keys of rules */
	uint64_t *key[FELLEGI_FIELDS_MAX];     /* exact keys of fields */
	uint64_t *half[FELLEGI_FIELDS_MAX][2]; /* exact keys of given names and surnames */
	struct brief *brief;                   /* [row * fields + field] */
	struct arena own;
};

MUST_USE enum err side_make(const struct pairs_table *t, const struct pairs_config *c, bool is_b,
			    struct diag *diag, struct side *ret);
void side_release(struct side *s);

/* What is kept by row.  Keys that are not are read from the values when they are asked for. */
enum side_use {
	SIDE_BRIEFS = 1,      /* its values will be compared with those of the other */
	SIDE_FREQUENCIES = 2, /* how often they stand in it counts */
	SIDE_RULES = 4,       /* rows are looked for by the keys of rules */
};
void side_index(struct side *s, unsigned use, struct team *team);
/* They are in blocks now. */
void side_forget_rules(struct side *s);
/* Does a rare value of this kind say more than a frequent one? */
bool side_counts(enum attribute_kind k);

/* The value of a field; joined ones live in the arena.  Empty when no column has one. */
struct str side_value(const struct side *s, size_t row, size_t field, struct arena *a);
/* Key of a rule: 0 when one of its parts has none. */
uint64_t side_key(const struct side *s, size_t row, const struct pairs_rule *rule, struct arena *a);

/* Keys of a few rows, one behind the other, of any side: each value is read once. */
enum { SIDE_GROUP = 32 };
struct side_group {
	const struct side *s;
	size_t from, n;
	uint8_t asked[FELLEGI_FIELDS_MAX]; /* keys (bits) that are asked for and the side has not */
	bool read[FELLEGI_FIELDS_MAX];     /* they are in `key` */
	uint64_t key[FELLEGI_FIELDS_MAX][ATTRIBUTE_KEY_MAX][SIDE_GROUP];
	struct arena own;
};
/* SIDE_FREQUENCIES: the keys that are counted, too. */
void side_group_init(struct side_group *g, const struct side *s, unsigned use);
void side_group_release(struct side_group *g);
/* n rows from `from` on, n at most SIDE_GROUP. */
void side_group_at(struct side_group *g, size_t from, size_t n);
/* As side_key, of the i-th of them; its values were read: */
void side_group_read(struct side_group *g, size_t rule);
const uint64_t *side_group_keys(struct side_group *g, size_t field, enum attribute_key which);
uint64_t side_group_key(const struct side_group *g, size_t i, size_t rule);

#endif
