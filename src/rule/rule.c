/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "rule/node.h"

#include "base/vec.h"

#include "base/banned.h"

enum { BATCH = 1024 }; /* rows: a vector of int64 and flags stays in the L1/L2 caches */

enum err rule_compile(const struct rule_schema *s, const struct rule_source *src,
                      enum rule_type want, struct arena *a, struct rule **ret_rule,
                      struct diag *diag)
{
	struct diag own;
	diag_clear(&own);
	if (!diag)
		diag = &own;
	struct rule *r = ARENA_NEW(a, struct rule);
	r->schema = s;
	r->src = *src;
	enum err e = rule__parse(&r->src, a, diag, &r->root);
	if (e)
		return e;
	struct rule_scope scope = {src->entity, NULL, 0};
	struct rule_checker c = {
	    .schema = s, .src = &r->src, .a = a, .diag = diag, .scope = &scope};
	struct rule_kind hint = {.type = want};
	bool any = want == RULE_TYPE_MAX;
	e = rule__check(&c, r->root, any ? NULL : &hint);
	if (e)
		return e;
	if (!any && r->root->kind.type != want)
		return rule__fail(&c, r->root, ERR_RULE_TYPE,
		                  "应为 / expected %s, 实为 / got %s", rule__kind_name(&c, &hint),
		                  rule__kind_name(&c, &r->root->kind));
	r->reads = c.reads.p;
	r->n_reads = c.reads.n;
	r->uses_today = c.uses_today;
	*ret_rule = r;
	return OK;
}

struct rule_kind rule_result(const struct rule *r)
{
	return r->root->kind;
}

int rule_entity_of(const struct rule *r)
{
	return r->src.entity;
}

const struct rule_read *rule_reads(const struct rule *r, size_t *ret_n)
{
	*ret_n = r->n_reads;
	return r->reads;
}

bool rule_uses_today(const struct rule *r)
{
	return r->uses_today;
}

/* ---- running over a table */

static const int32_t *batch_rows(struct arena *a, struct rule_rows rows, size_t from, size_t n)
{
	if (rows.row)
		return rows.row + from;
	int32_t *row = arena_alloc(a, n * sizeof *row);
	for (size_t k = 0; k < n; k++)
		row[k] = (int32_t)(from + k);
	return row;
}

static void tally_bool(struct rule_tally *t, uint8_t b)
{
	t->yes += (b & 5) == 5;
	t->probable += b == B_YES_PROBABLE;
	t->no += (b & 5) == 1;
	t->unknown += !(b & 1);
}

static void tally_value(struct rule_tally *t, uint8_t state)
{
	t->yes += state & 1;
	t->probable += state == RULE_PROBABLE;
	t->unknown += !(state & 1);
}

static struct rule_eval eval_begin(const struct rule *r, const struct rule_data *d,
                                   struct arena *a)
{
	return (struct rule_eval){.rule = r, .data = d, .a = a, .overflow_row = -1};
}

static void tally_end(struct rule_tally *t, const struct rule_eval *e, size_t rows)
{
	t->rows = rows;
	t->overflows = e->overflows;
	t->overflow_row = e->overflow_row;
}

void rule_find(const struct rule *r, const struct rule_data *d, struct rule_rows rows,
               struct arena *scratch, struct rule_hits *hits, struct rule_tally *ret_tally)
{
	struct rule_eval e = eval_begin(r, d, scratch);
	struct rule_tally t = {0};
	for (size_t from = 0; from < rows.n; from += BATCH) {
		struct arena_mark mark = arena_save(scratch);
		size_t n = rows.n - from < BATCH ? rows.n - from : BATCH;
		struct rule_frame f = {r->src.entity, n, batch_rows(scratch, rows, from, n),
		                       NULL, NULL};
		struct rule_vec v = rule__vec(&e, &r->root->kind, n);
		rule__eval(&e, r->root, &f, &v);
		for (size_t k = 0; k < n; k++) {
			tally_bool(&t, v.f[k]);
			if ((v.f[k] & 5) == 5)
				*vec_push(hits) =
				    (struct rule_hit){f.row[k], (v.f[k] & 2) != 0};
		}
		arena_back(scratch, mark);
	}
	tally_end(&t, &e, rows.n);
	if (ret_tally)
		*ret_tally = t;
}

void rule_values(const struct rule *r, const struct rule_data *d, struct rule_rows rows,
                 struct arena *a, struct rule_value *ret_values, struct rule_tally *ret_tally)
{
	struct rule_eval e = eval_begin(r, d, a);
	struct rule_tally t = {0};
	const struct rule_kind *kind = &r->root->kind;
	for (size_t from = 0; from < rows.n; from += BATCH) {
		struct arena_mark mark = arena_save(a);
		size_t n = rows.n - from < BATCH ? rows.n - from : BATCH;
		struct rule_frame f = {r->src.entity, n, batch_rows(a, rows, from, n), NULL,
		                       NULL};
		struct rule_vec v = rule__vec(&e, kind, n);
		rule__eval(&e, r->root, &f, &v);
		for (size_t k = 0; k < n; k++) {
			ret_values[from + k] = rule__get(kind, &v, k);
			if (kind->type == RULE_BOOL)
				tally_bool(&t, v.f[k]);
			else
				tally_value(&t, v.f[k]);
		}
		if (kind->type != RULE_TEXT)
			arena_back(a, mark);
	}
	tally_end(&t, &e, rows.n);
	if (ret_tally)
		*ret_tally = t;
}
