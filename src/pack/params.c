/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pack/keys.h"

#include "base/banned.h"

static const char *const kind_names[] = {"int", "num", "money", "bool", "date", "text", NULL};

static enum err read_value(struct load *l, const struct pack_node *node, enum pack_param_kind kind,
                           int scale, int64_t *ret)
{
	bool ok = true;
	struct str s = node->text;
	if (node->kind != PACK_SCALAR)
		return node_fail(&l->file, node, l->diag, "value: a text expected");
	switch (kind) {
	case PACK_PARAM_INT: ok = str_to_int(s, ret); break;
	case PACK_PARAM_NUM: ok = decimal_exact(s, scale, ret); break;
	case PACK_PARAM_MONEY: ok = decimal_exact(s, 2, ret); break;
	case PACK_PARAM_BOOL:
		*ret = str_is(s, "yes") || str_is(s, "true");
		ok = *ret || str_is(s, "no") || str_is(s, "false");
		break;
	case PACK_PARAM_DATE: ok = (*ret = date_parse(s)) != 0; break;
	default: *ret = 0; break;
	}
	return ok ? OK : node_fail(&l->file, node, l->diag, "value: not valid: %.80s", s.p);
}

static int places(struct str s)
{
	const char *dot = s.n ? memchr(s.p, '.', s.n) : NULL;
	return dot ? (int)(s.n - (size_t)(dot - s.p) - 1) : 0;
}

struct raw_param {
	struct pack_param p;
	const struct pack_node *value;
};

static enum err param_read(struct load *l, const struct pack_node *node, struct pack_param *ret)
{
	static const struct key keys[] = {
		{"id", KEY_TEXT, true, offsetof(struct raw_param, p.id), 0, NULL},
		{"kind", KEY_ENUM, true, offsetof(struct raw_param, p.kind), 0, kind_names},
		{"value", KEY_NODE, true, offsetof(struct raw_param, value), 0, NULL},
		{"title", KEY_TITLE, true, offsetof(struct raw_param, p.title), 0, NULL},
		{"basis", KEY_TEXT, false, offsetof(struct raw_param, p.basis), 0, NULL},
		{0},
	};
	struct raw_param raw = {.p.basis = ""};
	enum err e = keys_read(l, node, keys, &raw);
	if (e || (e = keys_id(l, node, raw.p.id)) != OK)
		return e;
	if (raw.p.kind == PACK_PARAM_NUM && (raw.p.scale = places(raw.value->text)) > 4)
		return node_fail(&l->file, raw.value, l->diag, "value: more than 4 decimals");
	if ((e = read_value(l, raw.value, raw.p.kind, raw.p.scale, &raw.p.value)) != OK)
		return e;
	raw.p.text = raw.value->text.p;
	*ret = raw.p;
	return OK;
}

struct raw_table {
	struct pack_table t;
	const struct pack_node *years;
};

static enum err years_read(struct load *l, struct raw_table *raw)
{
	const struct pack_node *node = raw->years;
	enum err e = keys_kind(l, node, PACK_MAP, "years");
	if (e)
		return e;
	if (raw->t.kind == PACK_PARAM_NUM)
		for (size_t i = 0; i < node->n; i++)
			if (places(node->items[i].text) > raw->t.scale)
				raw->t.scale = places(node->items[i].text);
	if (raw->t.scale > 4)
		return node_fail(&l->file, node, l->diag, "years: more than 4 decimals");
	struct pack_year *years = ARENA_ARRAY(l->a, node->n, struct pack_year);
	for (size_t i = 0; i < node->n; i++) {
		int64_t year;
		if (!str_to_int(node->keys[i], &year) || year < 1900 || year > 2199 ||
		    (i > 0 && year <= years[i - 1].year))
			return node_fail(&l->file, &node->items[i], l->diag,
			                 "years must ascend: %.20s", node->keys[i].p);
		years[i].year = (int32_t)year;
		e = read_value(l, &node->items[i], raw->t.kind, raw->t.scale, &years[i].value);
		if (e)
			return e;
	}
	raw->t.n = node->n;
	raw->t.years = years;
	return OK;
}

static enum err table_read(struct load *l, const struct pack_node *node, struct pack_table *ret)
{
	static const struct key keys[] = {
		{"id", KEY_TEXT, true, offsetof(struct raw_table, t.id), 0, NULL},
		{"kind", KEY_ENUM, true, offsetof(struct raw_table, t.kind), 0, kind_names},
		{"title", KEY_TITLE, true, offsetof(struct raw_table, t.title), 0, NULL},
		{"basis", KEY_TEXT, false, offsetof(struct raw_table, t.basis), 0, NULL},
		{"years", KEY_NODE, true, offsetof(struct raw_table, years), 0, NULL},
		{0},
	};
	struct raw_table raw = {.t.basis = ""};
	enum err e = keys_read(l, node, keys, &raw);
	if (e || (e = keys_id(l, node, raw.t.id)) != OK)
		return e;
	if (raw.t.kind > PACK_PARAM_MONEY)
		return node_fail(&l->file, node, l->diag, "kind: int, num or money expected");
	if ((e = years_read(l, &raw)) != OK)
		return e;
	*ret = raw.t;
	return OK;
}

struct params_file {
	const struct pack_node *params, *tables;
};

enum err params_load(struct load *l, const struct pack_node *root)
{
	static const struct key keys[] = {
		{"params", KEY_NODE, true, offsetof(struct params_file, params), 0, NULL},
		{"tables", KEY_NODE, false, offsetof(struct params_file, tables), 0, NULL},
		{0},
	};
	struct params_file f = {0};
	enum err e = keys_read(l, root, keys, &f);
	if (e || (e = keys_kind(l, f.params, PACK_LIST, "params")) != OK)
		return e;
	struct pack_param *params = ARENA_ARRAY(l->a, f.params->n, struct pack_param);
	for (size_t i = 0; i < f.params->n; i++) {
		if ((e = param_read(l, &f.params->items[i], &params[i])) != OK)
			return e;
		if (pack_param(l->pack, params[i].id))
			return node_fail(&l->file, &f.params->items[i], l->diag, "given twice: %s",
			                 params[i].id);
		l->pack->params = params;
		l->pack->n_params = i + 1;
	}
	if (!f.tables)
		return OK;
	if ((e = keys_kind(l, f.tables, PACK_LIST, "tables")) != OK)
		return e;
	struct pack_table *tables = ARENA_ARRAY(l->a, f.tables->n, struct pack_table);
	for (size_t i = 0; i < f.tables->n; i++) {
		if ((e = table_read(l, &f.tables->items[i], &tables[i])) != OK)
			return e;
		if (pack_table(l->pack, tables[i].id))
			return node_fail(&l->file, &f.tables->items[i], l->diag, "given twice: %s",
			                 tables[i].id);
		l->pack->tables = tables;
		l->pack->n_tables = i + 1;
	}
	return OK;
}

const struct pack_param *pack_param(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->n_params; i++)
		if (strcmp(pack->params[i].id, id) == 0)
			return &pack->params[i];
	return NULL;
}

int64_t pack_param_int(const struct pack *pack, const char *id, int64_t none)
{
	const struct pack_param *p = pack_param(pack, id);
	bool number = p && p->kind != PACK_PARAM_TEXT;
	return number ? p->value : none;
}

const struct pack_table *pack_table(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->n_tables; i++)
		if (strcmp(pack->tables[i].id, id) == 0)
			return &pack->tables[i];
	return NULL;
}

bool pack_table_get(const struct pack_table *table, int32_t year, int64_t *ret)
{
	for (size_t i = 0; i < table->n; i++)
		if (table->years[i].year == year) {
			*ret = table->years[i].value;
			return true;
		}
	return false;
}
