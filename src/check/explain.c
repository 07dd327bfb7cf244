/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/check_own.h"
#include "check/finding.h"

#include "base/vec.h"

#include "base/banned.h"



static void line(struct buf *out, const char *label, struct str value)
{
	if (value.n)
		buf_addf(out, "%s  " STR_FMT "\n", label, STR_ARG(value));
}

static struct str place_of(const struct town *t, const struct finding *f)
{
	switch (f->entity) {
	case ENT_PERSON:
		return t->persons[f->row].place;
	case ENT_INCOME:
		return t->incomes[f->row].place;
	case ENT_DUTY:
		return t->duties[f->row].place;
	case ENT_MEASURE:
		return t->measures[f->row].place;
	case ENT_VISIT:
		return t->visits[f->row].place;
	case ENT_CONTRACT:
		return t->contracts[f->row].place;
	default:
		return (struct str){0};
	}
}

static bool link_is_about(const struct town *t, const struct town_link *k, const struct finding *f)
{
	switch (f->entity) {
	case ENT_PERSON:
		return k->person == f->row;
	case ENT_OUTSIDER:
		return k->outsider == f->row;
	case ENT_HOUSEHOLD:
		return k->household == f->row ||
		       (k->person >= 0 && t->persons[k->person].household == f->row);
	default:
		return false;
	}
}

static void rows_read(const struct check *c, const struct check_result *r, const struct finding *f,
                      struct arena *scratch, struct buf *out)
{
	static const struct text bands[TOWN_BAND_MAX] = {TEXT("确定", "sure"),
	                                                 TEXT("疑似", "probable"),
	                                                 TEXT("不明", "unclear")};
	const struct town *t = r->town;
	bool zh = r->lang == LANG_ZH;

	for (size_t i = 0; i < t->n_layouts; i++) {
		const struct town_layout *l = &t->layouts[i];
		int layout = schema_layout(&c->schema, l->id);

		if (layout < 0 || !check_reads_layout(c, f->rule_no, layout))
			continue;
		for (size_t k = 0; k < l->n_links; k++) {
			const struct town_link *link = &l->links[k];

			if (!link_is_about(t, link, f))
				continue;
			struct str place = town_row_place(t, &l->rows[link->row], scratch);
			buf_addf(out, "  %s  " STR_FMT "  %s",
			         r->pack->layouts[layout].title.in[r->lang],
			         STR_ARG(place),
			         bands[link->band < TOWN_BAND_MAX ? link->band : TOWN_UNCLEAR].in[r->lang]);
			if (link->why.in[r->lang])
				buf_addf(out, zh ? "（%s）" : " (%s)", link->why.in[r->lang]);
			buf_addc(out, '\n');
		}
	}
}

static void exempt_reasons(const struct check_result *r, const struct finding *f, struct buf *out)
{
	if (f->rule->n_exempt == 0)
		return;
	buf_adds(out, r->lang == LANG_ZH ? "可以说明的情形\n" : "what may explain it\n");
	for (size_t i = 0; i < f->rule->n_exempt; i++)
		buf_addf(out, "  %s\n", f->rule->exempt[i].in[r->lang]);
}

void check_explain(const struct check *c, const struct check_result *r, const struct finding *f,
                   bool full_ids, struct buf *out)
{
	const struct pack_rule *p = f->rule;
	bool zh = r->lang == LANG_ZH;
	struct arena scratch;

	arena_init(&scratch, 0);
	buf_addf(out, "%s  %s\n", p->title.in[r->lang], p->id);
	line(out, zh ? "户" : "household", f->household_no);
	line(out, zh ? "姓名" : "name", f->name);
	line(out, zh ? "证件号码" : "number", f->person_id);
	line(out, zh ? "对象" : "subject", f->subject);
	line(out, zh ? "村" : "village", f->village_name);
	buf_addf(out, "%s  %c %s, %s\n", zh ? "级别" : "severity", severity_letter(p->severity),
	         severity_text(p->severity)->in[r->lang], certainty_text(f->probable)->in[r->lang]);
	line(out, zh ? "问题" : "finding", f->detail);
	line(out, zh ? "要问的" : "question", str_c(p->question.in[r->lang]));
	buf_addf(out, "%s  %s\n", zh ? "由谁改正" : "who corrects it",
	         fixer_text(p->fixer)->in[r->lang]);
	line(out, zh ? "依据" : "basis", str_c(p->basis));
	line(out, zh ? "比对台账" : "ledgers", f->source);
	line(out, zh ? "出处" : "place", place_of(r->town, f));
	rows_read(c, r, f, &scratch, out);
	exempt_reasons(r, f, out);
	buf_addf(out, "%s (rules.yaml:%u)\n", zh ? "规则与取值" : "rule and values", p->when.line);
	rule_explain(c->rules[f->rule_no].when, full_ids ? &r->data : &r->shown, f->row, r->lang,
	             &scratch, out);
	arena_release(&scratch);
}

/* ---- the rules' own rows ---- */

enum { TREE_DEPTH = 8 };

static enum err to_tree(const struct pack_node *n, struct str name, int depth, struct arena *a,
                        struct diag *diag, struct rule_tree *ret)
{
	struct rule_tree *items;

	*ret = (struct rule_tree){.name = name,
	                          .text = n->text,
	                          .n = n->n,
	                          .line = (int)n->line,
	                          .column = (int)n->col};
	if (n->kind == PACK_SCALAR)
		return OK;
	if (depth >= TREE_DEPTH) {
		diag_place(diag, "rules.yaml:%u:%u", n->line, n->col);
		return diag_set(diag, ERR_RULE_LIMIT, "tests");
	}
	ret->kind = n->kind == PACK_LIST ? RULE_TREE_LIST : RULE_TREE_MAP;
	items = ARENA_ARRAY(a, n->n + 1, struct rule_tree);
	for (size_t i = 0; i < n->n; i++) {
		struct str key = n->kind == PACK_MAP ? n->keys[i] : (struct str){0};
		enum err e = to_tree(&n->items[i], key, depth + 1, a, diag, &items[i]);

		if (e)
			return e;
	}
	ret->items = items;
	return OK;
}

static enum err one_test(const struct check *c, const struct compiled *rule,
                         const struct pack_node *row, bool expect, struct diag *diag)
{
	struct rule_hits hits = {0};
	struct rule_tally tally;
	struct rule_data *data;
	struct rule_tree tree;
	struct arena a;
	const int32_t first = 0;
	enum err e;

	arena_init(&a, (size_t)64 << 20);
	e = to_tree(row, (struct str){0}, 0, &a, diag, &tree);
	if (e == OK)
		e = rule_fixture(&c->schema.rule, rule->entity, &tree, &a, &data, diag);
	if (e == OK) {
		data->today = CHECK_TEST_DAY;
		rule_find(rule->when, data, (struct rule_rows){&first, 1}, &a, &hits, &tally);
		if ((hits.n == 1) != expect) {
			diag_place(diag, "rules.yaml:%u:%u", row->line, row->col);
			e = diag_set(diag, ERR_INVALID, "%s: %s", rule->pack->id,
			             expect ? "no finding" : "a finding");
		}
		vec_free(&hits);
	}
	arena_release(&a);
	return e;
}

enum err check_self_test(const struct check *c, int rule_no, size_t *ret_n, struct diag *diag)
{
	const struct compiled *rule = &c->rules[rule_no];
	const struct pack_node *lists[] = {rule->pack->positive, rule->pack->negative};
	size_t n = 0;

	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; lists[k] && i < lists[k]->n; i++, n++) {
			enum err e = one_test(c, rule, &lists[k]->items[i], k == 0, diag);

			if (e)
				return e;
		}
	}
	*ret_n = n;
	return OK;
}
