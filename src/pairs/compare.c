/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pairs/compare.h"

#include "base/banned.h"

enum { SCRATCH = 64 << 20 };

void comparer_init(struct comparer *c, const struct side *a, const struct side *b)
{
	c->a = a;
	c->b = b;
	c->row = 0;
	c->read = 0;
	arena_init(&c->arena, SCRATCH);
}

void comparer_release(struct comparer *c)
{
	arena_release(&c->arena);
}

void comparer_row(struct comparer *c, size_t row)
{
	arena_clear(&c->arena);
	c->row = row;
	c->read = 0;
}

size_t comparer_level(struct comparer *c, size_t a_row, size_t field)
{
	struct brief_reading *r = &c->field[field];
	enum attribute_kind kind = c->b->c->field[field].kind;
	if (!(c->read >> field & 1)) {
		brief_read(r, kind, side_value(c->b, c->row, field, &c->arena));
		c->read |= UINT32_C(1) << field;
	}
	size_t level = brief_compare(c->a->brief[a_row * c->a->c->n_fields + field], r, &c->arena);
	if (level == BRIEF_LONG) {
		struct arena_mark m = arena_save(&c->arena);
		level = attribute_compare(kind, side_value(c->a, a_row, field, &c->arena), r->text,
					  &c->arena);
		arena_back(&c->arena, m);
	}
	return level;
}

void comparer_levels(struct comparer *c, size_t a_row, uint8_t *ret)
{
	for (size_t k = 0; k < c->a->c->n_fields; k++)
		ret[k] = (uint8_t)comparer_level(c, a_row, k);
}
