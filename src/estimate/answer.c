/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "estimate/answer.h"

#include <math.h>

#include "field/field.h"

#include "base/banned.h"

static struct answer_item *add(struct answer *x, const char *name, enum answer_shape shape,
                               const double *v, size_t n)
{
	static struct answer_item none;
	if (x->n == ANSWER_ITEMS_MAX)
		return &none;
	x->items[x->n] = (struct answer_item){.name = name, .shape = shape, .v = v, .n = n};
	return &x->items[x->n++];
}

void answer_number(struct answer *x, const char *name, double v, struct arena *a)
{
	double *own = ARENA_NEW(a, double);
	*own = v;
	(void)add(x, name, ANSWER_NUMBER, own, 1);
}

void answer_list(struct answer *x, const char *name, const double *v, size_t n)
{
	(void)add(x, name, ANSWER_LIST, v, n);
}

void answer_named(struct answer *x, const char *name, const char *const *keys, const double *v,
                  size_t n)
{
	add(x, name, ANSWER_NAMED, v, n)->keys = keys;
}

void answer_one(struct answer *x, const char *name, const double *v, size_t n, bool list)
{
	(void)add(x, name, list ? ANSWER_LIST : ANSWER_NUMBER, v, n);
}

const struct answer_item *answer_find(const struct answer *x, const char *name)
{
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->items[i].name, name) == 0)
			return &x->items[i];
	return NULL;
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void put_number(double v, struct buf *out)
{
	if (!isfinite(v))
		buf_adds(out, "null");
	else
		buf_addf(out, "%.17g", v);
}

static void put_list(const double *v, size_t n, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(out, ',');
		put_number(v[i], out);
	}
	buf_addc(out, ']');
}

static void put_matrix(const double *v, size_t n, struct buf *out)
{
	size_t p = 0;
	while (p * p < n)
		p++;
	buf_addc(out, '[');
	for (size_t i = 0; i < p; i++) {
		if (i)
			buf_addc(out, ',');
		put_list(v + i * p, p, out);
	}
	buf_addc(out, ']');
}

static void put_item(const struct answer_item *i, struct buf *out)
{
	json_string(str_c(i->name), out);
	buf_addc(out, ':');
	switch (i->shape) {
	case ANSWER_NUMBER:
		put_number(i->v[0], out);
		break;
	case ANSWER_LIST:
		put_list(i->v, i->n, out);
		break;
	case ANSWER_MATRIX:
		put_matrix(i->v, i->n, out);
		break;
	case ANSWER_NAMED:
		buf_addc(out, '{');
		for (size_t k = 0; k < i->n; k++) {
			if (k)
				buf_addc(out, ',');
			json_string(str_c(i->keys[k]), out);
			buf_addc(out, ':');
			put_number(i->v[k], out);
		}
		buf_addc(out, '}');
		break;
	}
}

void answer_json(const struct answer *x, struct buf *out)
{
	const char *comma = "";
	buf_addc(out, '{');
	if (x->kind) {
		buf_adds(out, "\"q\":");
		json_string(str_c(x->kind), out);
		comma = ",";
	}
	if (x->levels) {
		buf_addf(out, "%s\"level\":[", comma);
		for (size_t i = 0; i < x->n_levels; i++) {
			if (i)
				buf_addc(out, ',');
			json_string(str_c(x->levels[i]), out);
		}
		buf_addc(out, ']');
		comma = ",";
	}
	for (size_t i = 0; i < x->n; i++) {
		buf_adds(out, comma);
		put_item(&x->items[i], out);
		comma = ",";
	}
	if (x->by) {
		buf_addf(out, "%s\"by\":", comma);
		answer_json(x->by, out);
	}
	buf_addc(out, '}');
}

/* --- for people ------------------------------------------------------------------------------- */

static void put_cell(const struct answer_item *i, size_t k, struct buf *out)
{
	if (!i || k >= i->n || isnan(i->v[k]))
		buf_addf(out, " %14s", i ? "–" : "");
	else
		buf_addf(out, " %14.6g", i->v[k]);
}

static bool in_line(const struct answer_item *i)
{
	static const char *const columns[] = {"estimate", "se", "ci95_t", "ci", "ci_lo", "ci_hi", "vcov"};
	for (size_t k = 0; k < sizeof(columns) / sizeof(*columns); k++)
		if (strcmp(columns[k], i->name) == 0)
			return true;
	return false;
}

static void put_estimates(const struct answer *x, enum lang lang, struct buf *out)
{
	const struct answer_item *est = answer_find(x, "estimate"), *se = answer_find(x, "se");
	const struct answer_item *ci = answer_find(x, "ci95_t");
	ci = ci ? ci : answer_find(x, "ci");
	const struct answer_item *lo = answer_find(x, "ci_lo"), *hi = answer_find(x, "ci_hi");
	if (!est)
		return;
	buf_addf(out, "%-24s %14s %14s %14s %14s\n", "", lang == LANG_ZH ? "estimate 估计" : "estimate",
	         lang == LANG_ZH ? "se 标准误" : "se", lang == LANG_ZH ? "lo 下限" : "lo",
	         lang == LANG_ZH ? "hi 上限" : "hi");
	for (size_t k = 0; k < est->n; k++) {
		const char *name = est->keys ? est->keys[k]
		                 : x->levels && k < x->n_levels ? x->levels[k] : x->title;
		buf_addf(out, "%-24s", name ? name : "");
		put_cell(est, k, out);
		put_cell(se, k, out);
		put_cell(ci ? ci : lo, ci ? 2 * k : k, out);
		put_cell(ci ? ci : hi, ci ? 2 * k + 1 : k, out);
		buf_addc(out, '\n');
	}
}

void answer_table(const struct answer *x, enum lang lang, bool explain, struct buf *out)
{
	buf_addf(out, "%s %s\n", x->kind ? x->kind : "", x->title ? x->title : "");
	put_estimates(x, lang, out);
	for (size_t i = 0; i < x->n; i++) {
		if (in_line(&x->items[i]) && answer_find(x, "estimate"))
			continue;
		buf_addf(out, "%-24s", x->items[i].name);
		for (size_t k = 0; k < x->items[i].n && k < 12; k++) {
			if (x->items[i].keys)
				buf_addf(out, " %s", x->items[i].keys[k]);
			put_cell(&x->items[i], k, out);
		}
		buf_adds(out, x->items[i].n > 12 ? " …\n" : "\n");
	}
	if (x->by)
		answer_table(x->by, lang, false, out);
	if (explain && x->note)
		buf_addf(out, "  %s\n", x->note);
}
