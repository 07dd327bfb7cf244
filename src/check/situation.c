/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/situation.h"

#include "check/check_own.h"

#include "base/banned.h"

struct compiled_indicator {
	int entity;
	struct rule *of, *what, *per; /* NULL: none */
	struct rule_kind kind;        /* of `what` */
};

/* --- compiling ------------------------------------------------------------------------------ */

static enum err compile(struct check *c, const struct pack_source *s, int entity,
                        enum rule_type want, struct rule **ret, struct diag *diag)
{
	struct rule_source src = {.text = str_c(s->text), .entity = entity, .file = "indicators.yaml",
	                          .line = (int)s->line, .column = (int)s->col};
	size_t n;
	if (!s->text)
		return OK;
	enum err e = rule_compile(&c->schema.rule, &src, want, &c->arena, ret, diag);
	if (e)
		return e;
	const struct rule_read *reads = rule_reads(*ret, &n);
	for (size_t i = 0; i < n; i++) {
		if (reads[i].field >= 0)
			c->need.field[reads[i].entity][reads[i].field] = true;
		else
			c->need.collection[reads[i].entity][reads[i].collection] = true;
	}
	return OK;
}

static enum err compile_one(struct check *c, const struct pack_indicator *p,
                            struct compiled_indicator *x, struct diag *diag)
{
	bool yes = p->kind == PACK_COUNT || p->kind == PACK_SHARE;
	enum rule_type want = yes ? RULE_BOOL : p->kind == PACK_BREAKDOWN ? RULE_CODE : RULE_TYPE_MAX;
	x->entity = rule_entity_find(&c->schema.rule, str_c(p->scope));
	if (x->entity != ENT_HOUSEHOLD && x->entity != ENT_PERSON) {
		diag_place(diag, "indicators.yaml: %s", p->id);
		return diag_set(diag, ERR_INVALID, "scope: %s", p->scope);
	}
	enum err e = compile(c, &p->of, x->entity, RULE_BOOL, &x->of, diag);
	if (!e)
		e = compile(c, &p->what, x->entity, want, &x->what, diag);
	if (!e)
		e = compile(c, &p->per, x->entity, RULE_NUM, &x->per, diag);
	if (!e)
		x->kind = rule_result(x->what);
	if (!e && p->kind == PACK_RATIO && x->kind.type != RULE_MONEY && x->kind.type != RULE_NUM)
		e = diag_set(diag, ERR_RULE_TYPE, "%s: sum", p->id);
	return e;
}

enum err situation_add(struct check *c, struct diag *diag)
{
	const struct pack *pack = c->schema.pack;
	enum err e = OK;
	c->indicators = ARENA_ARRAY(&c->arena, pack->n_indicators + 1, struct compiled_indicator);
	for (size_t i = 0; !e && i < pack->n_indicators; i++)
		e = compile_one(c, &pack->indicators[i], &c->indicators[i], diag);
	return e;
}

/* --- evaluating -------------------------------------------------------------------------------- */

/* What an indicator says of each row. */
struct rows {
	size_t n;
	const struct rule_value *of, *what, *per; /* NULL: no such expression */
};

static const struct rule_value *values(const struct rule *r, const struct check_result *res,
                                       size_t n, struct arena *a)
{
	struct rule_rows all = {NULL, n};
	if (!r)
		return NULL;
	struct rule_value *v = ARENA_ARRAY(a, n + 1, struct rule_value);
	rule_values(r, &res->data, all, a, v, NULL);
	return v;
}

static struct rows evaluate(const struct check *c, const struct check_result *r, size_t indicator,
                            struct arena *a)
{
	const struct compiled_indicator *x = &c->indicators[indicator];
	struct rows rows = {.n = r->data.tables[x->entity].n};
	rows.of = values(x->of, r, rows.n, a);
	rows.what = values(x->what, r, rows.n, a);
	rows.per = values(x->per, r, rows.n, a);
	return rows;
}

enum standing { STANDS_OUT, STANDS_COUNTED, STANDS_NOT, STANDS_UNKNOWN };

static enum standing standing(const struct pack_indicator *p, const struct rows *rows, size_t i)
{
	if (rows->of && rows->of[i].state == RULE_MISSING)
		return STANDS_UNKNOWN;
	if (rows->of && !rows->of[i].i)
		return STANDS_OUT;
	if (rows->what[i].state == RULE_MISSING || (rows->per && rows->per[i].state == RULE_MISSING))
		return STANDS_UNKNOWN;
	if (p->kind == PACK_COUNT || p->kind == PACK_SHARE)
		return rows->what[i].i ? STANDS_COUNTED : STANDS_NOT;
	return STANDS_COUNTED;
}

static int32_t household_of(const struct check *c, const struct town *t, size_t indicator, size_t i)
{
	return c->indicators[indicator].entity == ENT_PERSON ? t->persons[i].household : (int32_t)i;
}

/* Place of the row's village among the figures; -1 when it is not looked at. */
static int32_t place_of(const struct check *c, const struct town *t, size_t indicator, size_t i,
                        const bool *villages)
{
	int32_t h = household_of(c, t, indicator, i);
	int32_t v = h >= 0 ? t->households[h].village : TOWN_NONE;
	if (v < 0)
		return villages ? -1 : (int32_t)t->n_villages;
	return !villages || villages[v] ? v : -1;
}

static void add_row(const struct pack_indicator *p, const struct rows *rows, size_t i,
                    struct situation_figure *f, struct situation_part *parts)
{
	switch (standing(p, rows, i)) {
	case STANDS_OUT:
		return;
	case STANDS_UNKNOWN:
		f->unknown++;
		return;
	case STANDS_NOT:
		f->denominator++;
		return;
	case STANDS_COUNTED:
		break;
	}
	if (p->kind == PACK_RATIO) {
		f->numerator += rows->what[i].i;
		f->denominator += rows->per[i].i;
		return;
	}
	f->numerator++;
	f->denominator++;
	if (parts && rows->what[i].i >= 0 && (size_t)rows->what[i].i < f->n_parts)
		parts[rows->what[i].i].count++;
}

static const struct pack_list *list_of(const struct check *c, size_t indicator)
{
	const struct compiled_indicator *x = &c->indicators[indicator];
	return x->kind.type == RULE_CODE ? pack_list(c->schema.pack, x->kind.codes->name) : NULL;
}

void situation_count(const struct check *c, const struct check_result *r, size_t indicator,
                     const bool *villages, struct arena *a, struct situation_figure **ret,
                     size_t *ret_n)
{
	const struct town *t = r->town;
	const struct pack_indicator *p = &c->schema.pack->indicators[indicator];
	const struct pack_list *list = p->kind == PACK_BREAKDOWN ? list_of(c, indicator) : NULL;
	size_t n = t->n_villages + 1, codes = list ? list->n : 0;
	struct situation_figure *f = ARENA_ARRAY(a, n, struct situation_figure);
	struct situation_part *parts = ARENA_ARRAY(a, n * codes + 1, struct situation_part);
	struct rows rows = evaluate(c, r, indicator, a);
	for (size_t k = 0; k < n; k++) {
		f[k] = (struct situation_figure){.indicator = p, .village = (int32_t)k, .list = list,
		                                 .money = c->indicators[indicator].kind.type == RULE_MONEY,
		                                 .parts = parts + k * codes, .n_parts = codes};
		for (size_t i = 0; i < codes; i++)
			parts[k * codes + i].code = (int)i;
	}
	f[n - 1].village = TOWN_NONE;
	for (size_t i = 0; i < rows.n; i++) {
		int32_t v = place_of(c, t, indicator, i, villages);
		if (v < 0)
			continue;
		if ((size_t)v < n - 1)
			add_row(p, &rows, i, &f[v], parts + (size_t)v * codes);
		add_row(p, &rows, i, &f[n - 1], parts + (n - 1) * codes);
	}
	for (size_t k = 0; p->kind == PACK_COUNT && k < n; k++)
		f[k].denominator = 0;
	*ret = f;
	*ret_n = n;
}

void situation_households(const struct check *c, const struct check_result *r, size_t indicator,
                          enum situation_side side, int code, const bool *villages,
                          struct arena *a, int32_t **ret, size_t *ret_n)
{
	static const enum standing wanted[SITUATION_SIDE_MAX] = {STANDS_COUNTED, STANDS_NOT,
	                                                         STANDS_UNKNOWN};
	const struct town *t = r->town;
	const struct pack_indicator *p = &c->schema.pack->indicators[indicator];
	struct rows rows = evaluate(c, r, indicator, a);
	bool *in = ARENA_ARRAY(a, t->n_households + 1, bool);
	int32_t *out = ARENA_ARRAY(a, t->n_households + 1, int32_t);
	size_t n = 0;
	for (size_t i = 0; i < rows.n; i++) {
		int32_t h = household_of(c, t, indicator, i);
		bool same = p->kind != PACK_BREAKDOWN || side != SITUATION_COUNTED || rows.what[i].i == code;
		if (h >= 0 && same && standing(p, &rows, i) == wanted[side] &&
		    place_of(c, t, indicator, i, villages) >= 0)
			in[h] = true;
	}
	for (size_t h = 0; h < t->n_households; h++)
		if (in[h])
			out[n++] = (int32_t)h;
	*ret = out;
	*ret_n = n;
}
