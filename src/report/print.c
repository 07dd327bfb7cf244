/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/print.h"

#include <stdlib.h>

#include "base/banned.h"

struct pdf_opts print_opts(const struct report *r, const char *title, enum pdf_paper paper,
                           bool landscape)
{
	return (struct pdf_opts){.paper = paper, .landscape = landscape, .lang = r->lang,
	                         .title = title, .author = r->user, .margin = 13,
	                         .created = r->result->town->as_of};
}

struct pdf_frame print_frame(const struct report *r, struct arena *a, struct str unit)
{
	bool zh = r->lang == LANG_ZH;
	struct xlsx_page page = report_page(r, a, false);
	return (struct pdf_frame){
		.head_left = arena_printf(a, zh ? "填报单位：" STR_FMT : "unit: " STR_FMT, STR_ARG(unit)),
		.head_right = arena_printf(a, zh ? "截至 %s" : "as of %s", date_dup(a, r->result->town->as_of)),
		.foot_left = page.left,
		.foot_right = page.right,
	};
}

void print_title(struct pdf *p, const char *title, const char *below)
{
	pdf_text(p, &(struct pdf_style){.font = PDF_HEI, .size = 18, .align = PDF_CENTRE, .gap = 1},
	         str_c(title));
	if (below && *below)
		pdf_text(p, &(struct pdf_style){.size = 9, .align = PDF_CENTRE}, str_c(below));
	pdf_space(p, 1.5);
}

const char *print_missing(const struct pdf *p, struct arena *a)
{
	struct buf b;
	size_t n;
	const int32_t *cp = pdf_missing(p, &n);
	buf_init(&b, 32768);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%sU+%04X", i ? "、" : "", (unsigned)cp[i]);
	const char *s = str_dup(a, buf_str(&b));
	buf_release(&b);
	return s;
}

const char *print_money(struct arena *a, fen_t v)
{
	char text[32];
	if (v == TOWN_MISSING)
		return "";
	(void)money_format(v, true, text);
	return arena_strdup(a, text);
}

const char *print_number(struct arena *a, int64_t v, int scale)
{
	int64_t unit = 1;
	if (v == TOWN_MISSING)
		return "";
	for (; scale > 0 && v % 10 == 0; scale--)
		v /= 10;
	for (int i = 0; i < scale; i++)
		unit *= 10;
	if (scale == 0)
		return arena_printf(a, "%lld", (long long)v);
	return arena_printf(a, "%s%lld.%0*lld", v < 0 ? "-" : "", (long long)(v < 0 ? -v : v) / unit,
	                    scale, (long long)(v < 0 ? -v : v) % unit);
}

const char *print_year(struct arena *a, int64_t year)
{
	return year == TOWN_MISSING || year <= 0 ? "" : arena_printf(a, "%lld", (long long)year);
}

const char *print_tri(uint8_t tri, enum lang lang)
{
	static const struct text words[] = {TEXT("", ""), TEXT("否", "no"), TEXT("是", "yes")};
	return words[tri <= TRI_YES ? tri : TRI_UNKNOWN].in[lang];
}

const char *print_phone(const struct report *r, struct arena *a, struct str phone)
{
	if (r->reason || phone.n < 8)
		return r->reason ? str_dup(a, phone) : phone.n ? "****" : "";
	return arena_printf(a, "%.3s****%.4s", phone.p, phone.p + phone.n - 4);
}

struct print_group print_group(size_t households, size_t n, print_household of, const void *arg,
                               struct arena *a)
{
	uint32_t *at = ARENA_ARRAY(a, households + 2, uint32_t);
	int32_t *item = ARENA_ARRAY(a, n + 1, int32_t);
	for (size_t i = 0; i < n; i++) {
		int32_t h = of(arg, i);
		if (h >= 0 && (size_t)h < households)
			at[h + 1]++;
	}
	for (size_t h = 0; h < households; h++)
		at[h + 1] += at[h];
	at[households + 1] = at[households];
	for (size_t i = n; i-- > 0;) {
		int32_t h = of(arg, i);
		if (h >= 0 && (size_t)h < households)
			item[--at[h + 1]] = (int32_t)i;
	}
	/* at[h + 1] has gone down to the first of h: one place further on it is right */
	return (struct print_group){at + 1, item};
}

/* --- the order in which they are walked ----------------------------------- */

struct place {
	int32_t village, household;
	struct str group, hh_no;
};

static int by_place(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;
	int c = (a->village > b->village) - (a->village < b->village);
	if (!c && a->group.n != b->group.n)
		return a->group.n < b->group.n ? -1 : 1; /* 2组 before 10组 */
	if (!c)
		c = str_cmp(a->group, b->group);
	if (!c)
		c = str_cmp(a->hh_no, b->hh_no);
	return c ? c : (a->household > b->household) - (a->household < b->household);
}


void print_sort(const struct town *t, int32_t *households, size_t n, struct arena *a)
{
	struct place *order = ARENA_ARRAY(a, n + 1, struct place);
	for (size_t i = 0; i < n; i++) {
		const struct town_household *h = &t->households[households[i]];
		order[i] = (struct place){h->village, households[i], h->group, h->hh_no};
	}
	qsort(order, n, sizeof(*order), by_place);
	for (size_t i = 0; i < n; i++)
		households[i] = order[i].household;
}

int32_t *print_order(const struct town *t, int32_t village, struct arena *a, size_t *ret_n)
{
	int32_t *list = ARENA_ARRAY(a, t->n_households + 1, int32_t);
	size_t n = 0;
	for (size_t i = 0; i < t->n_households; i++)
		if (village == TOWN_NONE || t->households[i].village == village)
			list[n++] = (int32_t)i;
	print_sort(t, list, n, a);
	*ret_n = n;
	return list;
}
