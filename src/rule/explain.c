/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * explain: a rule for one row, every part with its value.  The same evaluator
 * runs on batches of one; parts that and/or/if would skip are shown too.
 */
#include "rule/node.h"

#include "base/utf8.h"

#include "base/banned.h"

enum { LINES_MAX = 300, CHILDREN_MAX = 12, VALUE_COLUMN = 56 };

struct explain {
	struct rule_eval eval;
	enum lang lang;
	struct buf *out;
	int lines;
};

/* One line's text: source, with line breaks and runs of spaces as one. */
static size_t put_source(struct explain *x, struct str s)
{
	size_t width = 0, pos = 0;
	bool gap = false;
	while (pos < s.n) {
		size_t at = pos;
		int32_t cp = utf8_next(s, &pos);
		if (cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r') {
			gap = true;
			continue;
		}
		if (gap && width)
			buf_addc(x->out, ' ');
		width += gap && width;
		gap = false;
		buf_addstr(x->out, str_sub(s, at, pos - at));
		width += (size_t)utf8_width(cp);
	}
	return width;
}

/* What a field, parameter or table is called by people, or NULL. */
static const char *label_of(const struct explain *x, const struct rule_node *n)
{
	const struct rule_schema *s = x->eval.data->schema;
	const char *label = NULL;
	if (n->op == R_FIELD)
		label = s->entities[n->path.entity].fields[n->path.index].label.in[x->lang];
	else if (n->op == R_DATED)
		label = n->dated->label.in[x->lang];
	else if (n->op == R_CALL)
		label = n->func->label.in[x->lang];
	else if (n->op == R_CONST && !n->literal && n->n_names == 1)
		for (int i = 0; i < s->n_params; i++)
			if (str_is(n->name[0], s->params[i].name))
				label = s->params[i].label.in[x->lang];
	bool worth = label && label[0] && !str_is(n->name[n->n_names - 1], label);
	return worth ? label : NULL;
}

static size_t put_label(struct explain *x, const char *label)
{
	if (!label)
		return 0;
	buf_addf(x->out, x->lang == LANG_ZH ? "（%s）" : " (%s)", label);
	return utf8_str_width(str_c(label)) + (x->lang == LANG_ZH ? 4 : 3);
}

static void put_value(struct explain *x, const struct rule_kind *k, const struct rule_value *v)
{
	rule_format(*k, v, x->lang, x->out);
	if (v->state == RULE_PROBABLE)
		buf_adds(x->out, x->lang == LANG_ZH ? "（疑似）" : " (probable)");
	buf_addc(x->out, '\n');
}

static void put_indent(struct explain *x, int indent)
{
	for (int i = 0; i < indent; i++)
		buf_adds(x->out, "  ");
}

/* A count without a value still has bounds: 2–4, or ≥ 2. */
static void put_bounds(struct explain *x, const struct rule_node *n, const struct rule_frame *f)
{
	struct rule_bounds b;
	rule__count_bounds(&x->eval, n, f, &b);
	if (b.high == INT64_MAX)
		buf_addf(x->out, "≥ %lld\n", (long long)b.low);
	else
		buf_addf(x->out, "%lld–%lld\n", (long long)b.low, (long long)b.high);
}

static void put_line(struct explain *x, int indent, const struct rule_node *n,
                     const struct rule_frame *f, const struct rule_value *v)
{
	x->lines++;
	put_indent(x, indent);
	size_t width = (size_t)indent * 2;
	width += put_source(x, rule__span(&x->eval.rule->src, n));
	width += put_label(x, label_of(x, n));
	do
		buf_addc(x->out, ' ');
	while (++width < VALUE_COLUMN);
	if (n->op == R_COUNT && v->state == RULE_MISSING)
		put_bounds(x, n, f);
	else
		put_value(x, &n->kind, v);
}

static void explain_node(struct explain *x, const struct rule_node *n,
                         const struct rule_frame *f, int indent);

/* "· 张三（待核实）": the title of a child row. */
static void put_child(struct explain *x, int entity, int32_t row, uint8_t link, int indent)
{
	static const struct text marks[] = {TEXT("", ""), TEXT("（疑似同一人）", " (probable link)"),
	                                    TEXT("（待核实）", " (unclear link)")};
	const struct rule_entity *e = &x->eval.data->schema->entities[entity];
	const struct rule_table *t = &x->eval.data->tables[entity];
	x->lines++;
	put_indent(x, indent);
	buf_adds(x->out, "· ");
	buf_adds(x->out, e->label.in[x->lang] ? e->label.in[x->lang] : e->name);
	if (e->title >= 0) {
		const struct rule_column *c = &t->columns[e->title];
		struct rule_value v = {.state = c->state ? c->state[row] & 3 : RULE_KNOWN};
		if (c->s)
			v.s = c->s[row];
		else if (c->i)
			v.i = c->i[row];
		else
			v.state = RULE_MISSING;
		if (v.state & 1) {
			buf_addc(x->out, ' ');
			rule_format(e->fields[e->title].kind, &v, x->lang, x->out);
		}
	}
	if (link <= RULE_LINK_UNCLEAR)
		buf_adds(x->out, marks[link].in[x->lang]);
	buf_addc(x->out, '\n');
}

static void explain_children(struct explain *x, const struct rule_node *n,
                             const struct rule_frame *f, int indent)
{
	const struct rule_data *d = x->eval.data;
	int32_t row = rule__rows(&x->eval, &n->path, f)[0];
	struct rule_children c = rule__children(d, &n->path, row);
	const struct rule_collection *col =
	    &d->schema->entities[n->path.entity].collections[n->path.index];
	if (!c.covered) {
		put_indent(x, indent);
		buf_adds(x->out, x->lang == LANG_ZH ? "（台账未覆盖）\n"
		                                    : "(the ledger does not cover this)\n");
	}
	static const uint32_t pos[1] = {0};
	for (size_t i = 0; i < c.n && i < CHILDREN_MAX && x->lines < LINES_MAX; i++) {
		struct rule_frame sub = {col->entity, 1, &c.row[i], f, pos};
		put_child(x, col->entity, c.row[i], c.link ? c.link[i] : RULE_LINK_SURE, indent);
		for (int k = 0; k < n->n_kids; k++)
			if (n->kid[k])
				explain_node(x, n->kid[k], &sub, indent + 1);
	}
	if (c.n > CHILDREN_MAX) {
		put_indent(x, indent);
		buf_addf(x->out, "… %zu\n", c.n);
	}
}

static bool worth_a_line(const struct rule_node *n)
{
	return n->op != R_CONST || !n->literal;
}

static void explain_node(struct explain *x, const struct rule_node *n,
                         const struct rule_frame *f, int indent)
{
	if (x->lines >= LINES_MAX)
		return;
	while (n->op == R_SCALE)
		n = n->kid[0];
	struct rule_vec v = rule__vec(&x->eval, &n->kind, 1);
	rule__eval(&x->eval, n, f, &v);
	struct rule_value val = rule__get(&n->kind, &v, 0);
	put_line(x, indent, n, f, &val);
	if (n->op >= R_ANY) {
		explain_children(x, n, f, indent + 1);
		return;
	}
	for (int i = 0; i < n->n_kids; i++)
		if (worth_a_line(n->kid[i]) && n->kid[i]->start < n->kid[i]->end)
			explain_node(x, n->kid[i], f, indent + 1);
}

void rule_explain(const struct rule *r, const struct rule_data *d, int32_t row, enum lang lang,
                  struct arena *scratch, struct buf *out)
{
	struct arena_mark mark = arena_save(scratch);
	struct explain x = {
	    .eval = {.rule = r, .data = d, .a = scratch, .overflow_row = -1},
	    .lang = lang,
	    .out = out,
	};
	struct rule_frame f = {r->src.entity, 1, &row, NULL, NULL};
	explain_node(&x, r->root, &f, 0);
	if (x.lines >= LINES_MAX)
		buf_adds(out, "…\n");
	arena_back(scratch, mark);
}

/* --- the row's own values -------------------------------------------------------------- */

struct telling {
	struct rule_eval eval;
	enum lang lang;
	rule_field_fn fn;
	void *arg;
};

static void tell_field(struct telling *x, const struct rule_node *n, const struct rule_frame *f)
{
	const struct rule_field *field =
	    &x->eval.data->schema->entities[n->path.entity].fields[n->path.index];
	const char *label = field->label.in[x->lang];
	struct rule_vec v = rule__vec(&x->eval, &n->kind, 1);
	struct buf b;
	rule__eval(&x->eval, n, f, &v);
	struct rule_value val = rule__get(&n->kind, &v, 0);
	buf_init(&b, 1 << 16);
	if (val.state != RULE_MISSING)
		rule_format(n->kind, &val, x->lang, &b);
	x->fn(x->arg, str_c(label && label[0] ? label : field->name), buf_str(&b));
	buf_release(&b);
}

static void tell_node(struct telling *x, const struct rule_node *n, const struct rule_frame *f)
{
	if (n->op == R_FIELD) {
		tell_field(x, n, f);
		return;
	}
	for (int i = 0; n->op < R_ANY && i < n->n_kids; i++)
		if (n->kid[i])
			tell_node(x, n->kid[i], f);
}

void rule_fields(const struct rule *r, const struct rule_data *d, int32_t row, enum lang lang,
                 struct arena *scratch, rule_field_fn fn, void *arg)
{
	struct arena_mark mark = arena_save(scratch);
	struct telling x = {
	    .eval = {.rule = r, .data = d, .a = scratch, .overflow_row = -1},
	    .lang = lang,
	    .fn = fn,
	    .arg = arg,
	};
	struct rule_frame f = {r->src.entity, 1, &row, NULL, NULL};
	tell_node(&x, r->root, &f);
	arena_back(scratch, mark);
}
