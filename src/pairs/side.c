/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/side.h"

#include "base/banned.h"

enum err side_make(const struct pairs_table *t, const struct pairs_config *c, bool is_b,
                   struct diag *diag, struct side *ret)
{
	struct side s = {.t = t, .c = c};
	const char *id = is_b ? c->id_b : c->id_a;
	int at = pairs_column(t, id);
	if (at < 0)
		return diag_set(diag, ERR_INVALID, "no column %s", id);
	s.id = (size_t)at;
	for (size_t k = 0; k < c->n_fields; k++) {
		const struct pairs_field *f = &c->field[k];
		s.n_columns[k] = is_b ? f->n_b : f->n_a;
		for (size_t i = 0; i < s.n_columns[k]; i++) {
			const char *name = is_b ? f->b[i] : f->a[i];
			at = pairs_column(t, name);
			if (at < 0)
				return diag_set(diag, ERR_INVALID, "no column %s", name);
			s.column[k][i] = (size_t)at;
		}
	}
	*ret = s;
	return OK;
}

struct str side_value(const struct side *s, size_t row, size_t field, struct arena *a)
{
	const size_t *column = s->column[field];
	size_t n = s->n_columns[field], all = n;
	if (n == 1)
		return pairs_cell(s->t, row, column[0]);
	struct str part[PAIRS_COLUMNS_MAX];
	for (size_t i = 0; i < n; i++) {
		part[i] = pairs_cell(s->t, row, column[i]);
		all += part[i].n;
	}
	if (all == n)
		return (struct str){0};
	char *out = arena_alloc(a, all);
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		if (i)
			out[at++] = '\t';
		memcpy(out + at, part[i].p, part[i].n);
		at += part[i].n;
	}
	return (struct str){out, at};
}

void side_keys_begin(struct side_keys *k, const struct side *s, size_t row)
{
	k->s = s;
	k->row = row;
	memset(k->known, 0, sizeof(k->known));
}

static uint64_t part_of(struct side_keys *k, const struct pairs_part *part, struct arena *a)
{
	if (!k->known[part->field]) {
		struct arena_mark m = arena_save(a);
		attribute_keys(k->s->c->field[part->field].kind, side_value(k->s, k->row, part->field, a),
		               k->key[part->field]);
		arena_back(a, m);
		k->known[part->field] = true;
	}
	return k->key[part->field][part->key];
}

uint64_t side_keys_rule(struct side_keys *k, const struct pairs_rule *rule, struct arena *a)
{
	uint64_t key = 0x243F6A8885A308D3u;
	for (size_t p = 0; p < rule->n; p++) {
		uint64_t part = part_of(k, &rule->part[p], a);
		if (!part)
			return 0;
		key = (key ^ part) * 0x9E3779B97F4A7C15u;
		key ^= key >> 29;
	}
	return key ? key : 1;
}

uint64_t side_key(const struct side *s, size_t row, const struct pairs_rule *rule, struct arena *a)
{
	struct side_keys k;
	side_keys_begin(&k, s, row);
	return side_keys_rule(&k, rule, a);
}
