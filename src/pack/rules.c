/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pack/keys.h"

#include "base/banned.h"

static const char *const severity_names[] = {"B", "E", "W", "I", NULL};
static const char *const certainty_names[] = {"sure", "probable", NULL};

struct raw_rule {
	struct pack_rule r;
	const struct pack_node *when, *detail, *subject, *exempt, *tests;
	const char *fixer;
};

static const struct key rule_keys[] = {
	{"id", KEY_TEXT, true, offsetof(struct raw_rule, r.id), 0, NULL},
	{"title", KEY_TITLE, true, offsetof(struct raw_rule, r.title), 0, NULL},
	{"scope", KEY_TEXT, true, offsetof(struct raw_rule, r.scope), 0, NULL},
	{"when", KEY_NODE, true, offsetof(struct raw_rule, when), 0, NULL},
	{"detail", KEY_NODE, true, offsetof(struct raw_rule, detail), 0, NULL},
	{"subject", KEY_NODE, false, offsetof(struct raw_rule, subject), 0, NULL},
	{"question", KEY_TITLE, true, offsetof(struct raw_rule, r.question), 0, NULL},
	{"severity", KEY_ENUM, true, offsetof(struct raw_rule, r.severity), 0, severity_names},
	{"fixer", KEY_TEXT, true, offsetof(struct raw_rule, fixer), 0, NULL},
	{"certainty", KEY_ENUM, false, offsetof(struct raw_rule, r.certainty), 0, certainty_names},
	{"basis", KEY_TEXT, false, offsetof(struct raw_rule, r.basis), 0, NULL},
	{"params", KEY_TEXTS, false, offsetof(struct raw_rule, r.params),
	 offsetof(struct raw_rule, r.n_params), NULL},
	{"needs", KEY_TEXTS, false, offsetof(struct raw_rule, r.needs),
	 offsetof(struct raw_rule, r.n_needs), NULL},
	{"exempt", KEY_NODE, false, offsetof(struct raw_rule, exempt), 0, NULL},
	{"valid_from", KEY_DATE, false, offsetof(struct raw_rule, r.valid_from), 0, NULL},
	{"valid_to", KEY_DATE, false, offsetof(struct raw_rule, r.valid_to), 0, NULL},
	{"enabled", KEY_BOOL, false, offsetof(struct raw_rule, r.enabled), 0, NULL},
	{"disabled_why", KEY_TITLE, false, offsetof(struct raw_rule, r.disabled_why), 0, NULL},
	{"refs", KEY_TEXTS, false, offsetof(struct raw_rule, r.refs),
	 offsetof(struct raw_rule, r.n_refs), NULL},
	{"tests", KEY_NODE, false, offsetof(struct raw_rule, tests), 0, NULL},
	{0},
};

static enum err source_read(struct load *l, const struct pack_node *node, struct pack_source *ret)
{
	enum err e = keys_kind(l, node, PACK_SCALAR, "text");
	if (e == OK)
		*ret = (struct pack_source){node->text.p, node->line, node->col};
	return e;
}

static enum err detail_read(struct load *l, const struct pack_node *node, struct pack_rule *r)
{
	const struct pack_node *zh = pack_node_get(node, "zh"), *en = pack_node_get(node, "en");
	if (node->kind == PACK_SCALAR)
		zh = en = node;
	if (!zh || !en || (node->kind == PACK_MAP && node->n != 2))
		return node_fail(&l->file, node, l->diag, "detail: zh and en expected");
	enum err e = source_read(l, zh, &r->detail[LANG_ZH]);
	return e ? e : source_read(l, en, &r->detail[LANG_EN]);
}

static enum err exempt_read(struct load *l, const struct pack_node *node, struct pack_rule *r)
{
	enum err e = keys_kind(l, node, PACK_LIST, "exempt");
	if (e)
		return e;
	struct text *texts = ARENA_ARRAY(l->a, node->n, struct text);
	for (size_t i = 0; i < node->n; i++)
		if ((e = keys_title(l, &node->items[i], &texts[i])) != OK)
			return e;
	r->exempt = texts;
	r->n_exempt = node->n;
	return OK;
}

static enum err tests_read(struct load *l, const struct pack_node *node, struct pack_rule *r)
{
	static const struct key keys[] = {
		{"positive", KEY_NODE, false, offsetof(struct pack_rule, positive), 0, NULL},
		{"negative", KEY_NODE, false, offsetof(struct pack_rule, negative), 0, NULL},
		{0},
	};
	enum err e = keys_read(l, node, keys, r);
	if (e == OK && r->positive)
		e = keys_kind(l, r->positive, PACK_LIST, "positive");
	if (e == OK && r->negative)
		e = keys_kind(l, r->negative, PACK_LIST, "negative");
	return e;
}

static enum err rule_check(struct load *l, const struct pack_node *node, const struct raw_rule *raw)
{
	enum err e = keys_id(l, node, raw->r.id);
	if (e)
		return e;
	if (strlen(raw->fixer) != 1 || !strchr("VTCDAK", raw->fixer[0]))
		return node_fail(&l->file, node, l->diag, "fixer: one of V T C D A K expected");
	for (size_t i = 0; i < raw->r.n_params; i++)
		if (!pack_param(l->pack, raw->r.params[i]) && !pack_table(l->pack, raw->r.params[i]))
			return node_fail(&l->file, node, l->diag, "no such parameter: %s",
			                 raw->r.params[i]);
	if (!raw->r.enabled && !raw->r.disabled_why.in[LANG_ZH])
		return node_fail(&l->file, node, l->diag, "disabled_why is needed");
	return OK;
}

static enum err rule_read(struct load *l, const struct pack_node *node, struct pack_rule *ret)
{
	struct raw_rule raw = {.r = {.enabled = true, .basis = ""}};
	enum err e = keys_read(l, node, rule_keys, &raw);
	if (e == OK)
		e = rule_check(l, node, &raw);
	if (e == OK)
		e = source_read(l, raw.when, &raw.r.when);
	if (e == OK)
		e = detail_read(l, raw.detail, &raw.r);
	if (e == OK && raw.subject)
		e = source_read(l, raw.subject, &raw.r.subject);
	if (e == OK && raw.exempt)
		e = exempt_read(l, raw.exempt, &raw.r);
	if (e == OK && raw.tests)
		e = tests_read(l, raw.tests, &raw.r);
	if (e)
		return e;
	raw.r.fixer = raw.fixer[0];
	raw.r.node = node;
	raw.r.line = node->line;
	*ret = raw.r;
	return OK;
}

static enum err pending_read(struct load *l, const struct pack_node *node)
{
	static const struct key keys[] = {
		{"id", KEY_TEXT, true, offsetof(struct pack_pending, id), 0, NULL},
		{"title", KEY_TITLE, true, offsetof(struct pack_pending, title), 0, NULL},
		{"waits_for", KEY_TITLE, true, offsetof(struct pack_pending, waits_for), 0, NULL},
		{"refs", KEY_TEXTS, false, offsetof(struct pack_pending, refs),
		 offsetof(struct pack_pending, n_refs), NULL},
		{0},
	};
	enum err e = keys_kind(l, node, PACK_LIST, "pending");
	if (e)
		return e;
	struct pack_pending *pending = ARENA_ARRAY(l->a, node->n, struct pack_pending);
	for (size_t i = 0; i < node->n; i++)
		if ((e = keys_read(l, &node->items[i], keys, &pending[i])) != OK)
			return e;
	l->pack->pending = pending;
	l->pack->n_pending = node->n;
	return OK;
}

struct rules_file {
	const struct pack_node *rules, *pending;
};

enum err rules_load(struct load *l, const struct pack_node *root)
{
	static const struct key keys[] = {
		{"rules", KEY_NODE, true, offsetof(struct rules_file, rules), 0, NULL},
		{"pending", KEY_NODE, false, offsetof(struct rules_file, pending), 0, NULL},
		{0},
	};
	struct rules_file f = {0};
	enum err e = keys_read(l, root, keys, &f);
	if (e || (e = keys_kind(l, f.rules, PACK_LIST, "rules")) != OK)
		return e;
	struct pack_rule *rules = ARENA_ARRAY(l->a, f.rules->n, struct pack_rule);
	for (size_t i = 0; i < f.rules->n; i++) {
		if ((e = rule_read(l, &f.rules->items[i], &rules[i])) != OK)
			return e;
		for (size_t k = 0; k < i; k++)
			if (strcmp(rules[k].id, rules[i].id) == 0)
				return node_fail(&l->file, &f.rules->items[i], l->diag,
				                 "given twice: %s", rules[i].id);
	}
	l->pack->rules = rules;
	l->pack->n_rules = f.rules->n;
	return f.pending ? pending_read(l, f.pending) : OK;
}
