/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* names: everything a rule may name, for the documents printed from it. */
#include "rule/node.h"

#include "base/banned.h"

struct lister {
	const struct rule_schema *schema;
	enum lang lang;
	struct arena *a;
	void (*each)(void *arg, const struct rule_name *name);
	void *arg;
};

static const struct {
	const char *name, *args;
	struct text label;
} builtins[] = {
    {"today", "date", TEXT("核查日期", "the as-of day of the check")},
    {"age", "(date) (date, at) → number", TEXT("周岁", "full years")},
    {"days", "(from, to) → number", TEXT("相隔天数", "days between two full dates")},
    {"months", "(from, to) → number", TEXT("相隔整月数", "full months between two full dates")},
    {"year", "(date) → number", TEXT("年", "the year")},
    {"month", "(date) → number", TEXT("月", "the month")},
    {"abs", "(x) → number, money", TEXT("绝对值", "without its sign")},
    {"round", "(x, places) → number, money",
     TEXT("四舍五入到几位小数", "rounded half away from zero")},
    {"min", "(a, b, …)", TEXT("最小的", "the least")},
    {"max", "(a, b, …)", TEXT("最大的", "the greatest")},
    {"coalesce", "(a, b, …)", TEXT("第一个不空的", "the first that is there")},
    {"if", "(condition, a, b)", TEXT("是则取甲，否则取乙", "a if true, b if false")},
    {"len", "(text) → number", TEXT("字数", "length in characters")},
    {"starts", "(text, part) → bool", TEXT("以…开头", "begins with")},
    {"ends", "(text, part) → bool", TEXT("以…结尾", "ends with")},
    {"contains", "(text, part) → bool", TEXT("含有", "contains")},
    {"any", "(rows: condition) → bool", TEXT("有一个符合", "true for at least one row")},
    {"all", "(rows: condition) → bool", TEXT("全部符合", "true for every row")},
    {"count", "(rows: condition) → number", TEXT("符合的个数", "how many rows")},
    {"sum", "(rows: value where condition)", TEXT("合计", "the sum over rows")},
    {"first", "(rows: value where condition)",
     TEXT("第一个符合的", "the value of the first row that qualifies")},
    {"ledger", "(rows: condition) → bool",
     TEXT("台账中是否有：是、否、不明", "is there one in the ledger: yes, no, unknown")},
    {"covered", "(rows) → bool",
     TEXT("台账是否完整覆盖", "does the ledger cover this completely")},
};

static const char *type_text(struct lister *l, const struct rule_kind *k)
{
	static const char *const names[RULE_TYPE_MAX] = {
	    "bool", "number", "money", "date", "code", "codes", "text",
	};
	if (k->codes)
		return arena_printf(l->a, "%s %s", names[k->type], k->codes->name);
	if (k->type == RULE_NUM && k->scale > 0)
		return arena_printf(l->a, "number .%d", k->scale);
	return names[k->type];
}

static void list(struct lister *l, const char *of, const char *what, const char *name,
                 const char *type, const struct text *label)
{
	const char *text = label->in[l->lang];
	const struct rule_name n = {of, what, name, type, text ? text : ""};
	l->each(l->arg, &n);
}

static void list_entity(struct lister *l, const struct rule_entity *e)
{
	for (int i = 0; i < e->n_fields; i++)
		list(l, e->name, "field", e->fields[i].name, type_text(l, &e->fields[i].kind),
		     &e->fields[i].label);
	for (int i = 0; i < e->n_collections; i++) {
		const struct rule_collection *c = &e->collections[i];
		list(l, e->name, c->kind == RULE_LEDGER ? "ledger" : "rows", c->name,
		     l->schema->entities[c->entity].name, &c->label);
	}
	for (int i = 0; i < e->n_parents; i++) {
		const struct rule_entity *p = &l->schema->entities[e->parents[i].entity];
		list(l, e->name, "parent", e->parents[i].name, p->name, &p->label);
	}
}

/* Lists are shared by many fields: each is shown where it is met first. */
static bool met_before(const struct rule_schema *s, int entity, int field)
{
	const struct rule_codes *c = s->entities[entity].fields[field].kind.codes;
	for (int e = 0; e <= entity; e++)
		for (int f = 0; f < s->entities[e].n_fields; f++) {
			if (e == entity && f == field)
				return false;
			const struct rule_codes *other = s->entities[e].fields[f].kind.codes;
			if (other && strcmp(other->name, c->name) == 0)
				return true;
		}
	return false;
}

static void list_codes(struct lister *l)
{
	const struct rule_schema *s = l->schema;
	for (int e = 0; e < s->n_entities; e++)
		for (int f = 0; f < s->entities[e].n_fields; f++) {
			const struct rule_codes *c = s->entities[e].fields[f].kind.codes;
			if (!c || met_before(s, e, f))
				continue;
			for (int i = 0; i < c->n; i++)
				list(l, c->name, "item", c->items[i].id, "", &c->items[i].label);
		}
}

void rule_names(const struct rule_schema *s, enum lang lang, struct arena *a,
                void (*each)(void *arg, const struct rule_name *name), void *arg)
{
	struct lister l = {s, lang, a, each, arg};
	for (int i = 0; i < s->n_entities; i++)
		list_entity(&l, &s->entities[i]);
	list_codes(&l);
	for (int i = 0; i < s->n_params; i++)
		list(&l, "", "parameter", s->params[i].name, type_text(&l, &s->params[i].kind),
		     &s->params[i].label);
	for (int i = 0; i < s->n_dated; i++)
		list(&l, "", "table", s->dated[i].name,
		     arena_printf(a, "(year) → %s", type_text(&l, &s->dated[i].kind)),
		     &s->dated[i].label);
	for (int i = 0; i < s->n_funcs; i++)
		list(&l, "", "function", s->funcs[i].name,
		     arena_printf(a, "→ %s", type_text(&l, &s->funcs[i].ret)),
		     &s->funcs[i].label);
	for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++)
		list(&l, "", "function", builtins[i].name, builtins[i].args, &builtins[i].label);
}
