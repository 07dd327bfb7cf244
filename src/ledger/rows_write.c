/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/rows_code.h"

#include <stdlib.h>

#include "base/banned.h"

struct rows_order rows_order_make(const struct pack_layout *layout, struct arena *a)
{
	uint16_t *order = ARENA_ARRAY(a, layout->n_columns, uint16_t);
	for (size_t i = 0; i < layout->n_columns; i++) {
		size_t k = i;
		while (k && strcmp(layout->columns[order[k - 1]].id, layout->columns[i].id) > 0) {
			order[k] = order[k - 1];
			k--;
		}
		order[k] = (uint16_t)i;
	}
	struct str *keys = ARENA_ARRAY(a, layout->n_columns, struct str);
	for (size_t i = 0; i < layout->n_columns; i++)
		keys[i] = str_c(arena_printf(a, ",\"%s\":\"", layout->columns[i].id));
	return (struct rows_order){layout, order, keys};
}

/* Is one of eight bytes a quote, a backslash or below 0x20? */
static bool needs_escape(const char *p)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	uint64_t w;
	memcpy(&w, p, 8);
	uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';
	return (((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high;
}

/* Text inside quotes; most of it needs no escape. */
static void put_text(struct str s, struct buf *out)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		while (s.n - i > 8 && !needs_escape(s.p + i))
			i += 8;
		unsigned char c = (unsigned char)s.p[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, s.p + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\') {
			buf_addc(out, '\\');
			buf_addc(out, (char)c);
		} else {
			buf_addf(out, "\\u%04x", c);
		}
	}
	buf_add(out, s.p + from, s.n - from);
}

/* ,"id~":" */
static void put_marked(struct buf *out, struct str key, char mark)
{
	buf_add(out, key.p, key.n - 3);
	buf_addc(out, mark);
	buf_add(out, "\":\"", 3);
}

static void put_lossy(struct str key, struct buf *out)
{
	put_marked(out, key, '~');
	buf_add(out, "1\"", 2);
}

static void put_codes(const struct pack_list *list, uint64_t mask, struct buf *out)
{
	bool first = true;
	for (size_t i = 0; i < list->n && i < 64; i++) {
		if (!(mask >> i & 1))
			continue;
		if (!first)
			buf_addc(out, ',');
		buf_adds(out, list->codes[i].id);
		first = false;
	}
}

static void put_value(const struct pack_column *c, const struct pack *pack,
                      const struct intake_value *v, struct buf *out)
{
	char t[16];
	switch (c->kind) {
	case PACK_INT: case PACK_NUM: case PACK_MONEY: case PACK_YEAR: case PACK_BOOL:
		buf_addint(out, v->v);
		break;
	case PACK_DATE:
		buf_add(out, t, date_format((date_t)v->v, t));
		break;
	case PACK_CODE: buf_adds(out, pack->lists[c->list_index].codes[v->v].id); break;
	case PACK_CODES: put_codes(&pack->lists[c->list_index], (uint64_t)v->v, out); break;
	default: put_text(v->text, out); break;
	}
}

static void put_cell(const struct pack_column *c, struct str key, const struct pack *pack,
                     const struct area_list *areas, const struct intake_value *v, struct buf *out)
{
	bool bad = v->state == INTAKE_BAD || (c->kind == PACK_CODE && v->v < 0);
	if (bad) {
		struct str raw = v->raw.n ? v->raw : v->text;
		if (!raw.n)
			return;
		put_marked(out, key, '!');
		put_text(raw, out);
		buf_addc(out, '"');
		if (v->flags & INTAKE_LOSSY)
			put_lossy(key, out);
		return;
	}
	buf_addstr(out, key);
	put_value(c, pack, v, out);
	buf_addc(out, '"');
	if (c->kind == PACK_AREA && v->v >= 0) {
		put_marked(out, key, '^');
		buf_adds(out, areas->areas[v->v].code);
		buf_addc(out, '"');
	}
	if (c->kind == PACK_CODE && v->year) { /* 2017年脱贫 */
		put_marked(out, key, '$');
		buf_addint(out, v->year);
		buf_addc(out, '"');
	}
	if (v->flags & INTAKE_LOSSY)
		put_lossy(key, out);
}

void rows_encode(const struct rows_order *o, const struct pack *pack, const struct area_list *areas,
                 const char *sheet, const struct intake_row *row, struct buf *out)
{
	buf_add(out, "{\"#\":\"", 6);
	put_text(str_c(sheet), out);
	buf_addc(out, '!');
	buf_addint(out, row->number);
	buf_addc(out, '"');
	if (row->block) {
		buf_add(out, ",\"&\":\"", 6);
		buf_addint(out, row->block);
		buf_addc(out, '"');
	}
	for (size_t i = 0; i < row->n_extra; i++) {
		buf_add(out, ",\"+", 3);
		put_text(row->extra[i].header, out);
		buf_add(out, "\":\"", 3);
		put_text(row->extra[i].text, out);
		buf_addc(out, '"');
	}
	if (row->section.n) {
		buf_add(out, ",\"@\":\"", 6);
		put_text(row->section, out);
		buf_addc(out, '"');
	}
	if (row->section_area >= 0) {
		buf_add(out, ",\"@^\":\"", 7);
		buf_adds(out, areas->areas[row->section_area].code);
		buf_addc(out, '"');
	}
	for (size_t k = 0; k < o->layout->n_columns; k++) {
		const struct pack_column *c = &o->layout->columns[o->order[k]];
		const struct intake_value *v = &row->values[o->order[k]];
		if (v->state == INTAKE_OK || v->state == INTAKE_DOUBT || v->state == INTAKE_BAD)
			put_cell(c, o->keys[o->order[k]], pack, areas, v, out);
	}
	buf_add(out, "}\n", 2);
}
