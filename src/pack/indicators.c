/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pack/keys.h"

#include "base/banned.h"

struct raw_indicator {
	struct pack_indicator i;
	const struct pack_node *of, *count, *sum, *per, *by;
};

static const struct key indicator_keys[] = {
	{"id", KEY_TEXT, true, offsetof(struct raw_indicator, i.id), 0, NULL},
	{"title", KEY_TITLE, true, offsetof(struct raw_indicator, i.title), 0, NULL},
	{"group", KEY_TEXT, true, offsetof(struct raw_indicator, i.group), 0, NULL},
	{"definition", KEY_TITLE, true, offsetof(struct raw_indicator, i.definition), 0, NULL},
	{"scope", KEY_TEXT, true, offsetof(struct raw_indicator, i.scope), 0, NULL},
	{"unit", KEY_TITLE, true, offsetof(struct raw_indicator, i.unit), 0, NULL},
	{"of", KEY_NODE, false, offsetof(struct raw_indicator, of), 0, NULL},
	{"count", KEY_NODE, false, offsetof(struct raw_indicator, count), 0, NULL},
	{"sum", KEY_NODE, false, offsetof(struct raw_indicator, sum), 0, NULL},
	{"per", KEY_NODE, false, offsetof(struct raw_indicator, per), 0, NULL},
	{"by", KEY_NODE, false, offsetof(struct raw_indicator, by), 0, NULL},
	{"good", KEY_TEXT, false, offsetof(struct raw_indicator, i.good), 0, NULL},
	{0},
};

static enum err expression(struct load *l, const struct pack_node *node, struct pack_source *ret)
{
	if (!node)
		return OK;
	enum err e = keys_kind(l, node, PACK_SCALAR, "text");
	if (e == OK)
		*ret = (struct pack_source){node->text.p, node->line, node->col};
	return e;
}

/* Which of the expressions there are makes the kind. */
static enum err kind_of(struct load *l, const struct pack_node *node, const struct raw_indicator *r,
                        enum pack_indicator_kind *ret)
{
	if (r->by && !r->count && !r->sum && !r->per)
		*ret = PACK_BREAKDOWN;
	else if (r->sum && r->per && !r->count && !r->by)
		*ret = PACK_RATIO;
	else if (r->count && !r->sum && !r->per && !r->by)
		*ret = r->of ? PACK_SHARE : PACK_COUNT;
	else
		return node_fail(&l->file, node, l->diag,
		                 "count, of and count, sum and per, or by is expected");
	return OK;
}

static enum err indicator_read(struct load *l, const struct pack_node *node,
                               struct pack_indicator *ret)
{
	struct raw_indicator raw = {.i = {.good = ""}};
	enum err e = keys_read(l, node, indicator_keys, &raw);
	if (e == OK)
		e = keys_id(l, node, raw.i.id);
	if (e == OK)
		e = kind_of(l, node, &raw, &raw.i.kind);
	if (e == OK && raw.i.good[0] && strcmp(raw.i.good, "high") != 0 && strcmp(raw.i.good, "low") != 0)
		e = node_fail(&l->file, node, l->diag, "good: high or low");
	if (e == OK)
		e = expression(l, raw.of, &raw.i.of);
	if (e == OK)
		e = expression(l, raw.count ? raw.count : raw.sum ? raw.sum : raw.by, &raw.i.what);
	if (e == OK)
		e = expression(l, raw.per, &raw.i.per);
	if (e == OK)
		*ret = raw.i;
	return e;
}

struct indicators_file {
	const struct pack_node *indicators;
};

enum err indicators_load(struct load *l, const struct pack_node *root)
{
	static const struct key keys[] = {
		{"indicators", KEY_NODE, true, offsetof(struct indicators_file, indicators), 0, NULL},
		{0},
	};
	struct indicators_file f = {0};
	enum err e = keys_read(l, root, keys, &f);
	if (e || (e = keys_kind(l, f.indicators, PACK_LIST, "indicators")) != OK)
		return e;
	struct pack_indicator *all = ARENA_ARRAY(l->a, f.indicators->n + 1, struct pack_indicator);
	for (size_t i = 0; i < f.indicators->n; i++) {
		const struct pack_node *node = &f.indicators->items[i];
		if ((e = indicator_read(l, node, &all[i])) != OK)
			return e;
		for (size_t k = 0; k < i; k++)
			if (strcmp(all[k].id, all[i].id) == 0)
				return node_fail(&l->file, node, l->diag, "given twice: %s", all[i].id);
	}
	l->pack->indicators = all;
	l->pack->n_indicators = f.indicators->n;
	return OK;
}
