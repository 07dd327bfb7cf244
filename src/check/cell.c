/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/cell.h"

#include "base/money.h"

#include "base/banned.h"

static struct str money(const struct town_cell *v, enum lang lang, bool units, struct arena *a)
{
	char text[32];
	(void)money_format((fen_t)v->v, true, text);
	return str_c(arena_printf(a, "%s%s", text, !units ? "" : lang == LANG_ZH ? "元" : " yuan"));
}

static struct str number(int64_t v, int scale, const char *unit, struct arena *a)
{
	int64_t one = 1;
	for (; scale > 0 && v % 10 == 0; scale--)
		v /= 10;
	for (int i = 0; i < scale; i++)
		one *= 10;
	const char *sign = v < 0 ? "-" : "";
	uint64_t n = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	if (!scale)
		return str_c(arena_printf(a, "%s%llu%s", sign, (unsigned long long)n, unit));
	return str_c(arena_printf(a, "%s%llu.%0*llu%s", sign, (unsigned long long)(n / (uint64_t)one),
	                          scale, (unsigned long long)(n % (uint64_t)one), unit));
}

static struct str codes(const struct pack_list *list, uint64_t set, enum lang lang, struct arena *a)
{
	struct buf b;
	buf_init(&b, 8000);
	for (size_t i = 0; i < list->n && i < 64; i++)
		if (set >> i & 1)
			buf_addf(&b, "%s%s", !b.n ? "" : lang == LANG_ZH ? "、" : ", ",
			         list->codes[i].label.in[lang]);
	struct str ret = str_copy(a, buf_str(&b));
	buf_release(&b);
	return ret;
}

struct str cell_shown(const struct pack *pack, const struct pack_column *c,
                      const struct town_cell *cell, enum lang lang, bool units, struct arena *a)
{
	const struct pack_list *list = c->list_index >= 0 ? &pack->lists[c->list_index] : NULL;
	bool zh = lang == LANG_ZH;
	if (cell->state != TOWN_CELL_OK)
		return cell->state == TOWN_CELL_EMPTY ? (struct str){0} : str_copy(a, town_cell_text(cell));
	switch (c->kind) {
	case PACK_MONEY:
		return money(cell, lang, units, a);
	case PACK_INT:
	case PACK_YEAR:
	case PACK_NUM:
		return number(cell->v, c->kind == PACK_NUM ? c->scale : 0,
		              units && zh && c->unit_text ? c->unit_text : "", a);
	case PACK_DATE:
		return str_c(date_dup(a, (date_t)cell->v));
	case PACK_BOOL:
		return cell->v ? (zh ? STR("是") : STR("yes")) : zh ? STR("否") : STR("no");
	case PACK_CODE:
		if (list && cell->v >= 0 && (size_t)cell->v < list->n)
			return str_c(list->codes[cell->v].label.in[lang]);
		return str_copy(a, town_cell_text(cell));
	case PACK_CODES:
		return list ? codes(list, (uint64_t)cell->v, lang, a) : str_copy(a, town_cell_text(cell));
	default:
		return str_copy(a, town_cell_text(cell));
	}
}
