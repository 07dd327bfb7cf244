/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pack/keys.h"

#include "base/banned.h"

static const struct key *key_find(const struct key *keys, struct str name)
{
	for (; keys->name; keys++)
		if (str_is(name, keys->name))
			return keys;
	return NULL;
}

enum err keys_kind(struct load *l, const struct pack_node *node, enum pack_node_kind kind,
                   const char *what)
{
	static const char *const names[] = {"a text", "a list", "a map"};
	if (node->kind == kind)
		return OK;
	return node_fail(&l->file, node, l->diag, "%s: %s expected", what, names[kind]);
}

enum err keys_title(struct load *l, const struct pack_node *node, struct text *ret)
{
	if (node->kind == PACK_SCALAR) {
		*ret = (struct text){{node->text.p, node->text.p}};
		return OK;
	}
	const struct pack_node *zh = pack_node_get(node, "zh"), *en = pack_node_get(node, "en");
	if (!zh || !en || node->n != 2 || zh->kind != PACK_SCALAR || en->kind != PACK_SCALAR)
		return node_fail(&l->file, node, l->diag, "zh and en expected");
	*ret = (struct text){{zh->text.p, en->text.p}};
	return OK;
}

enum err keys_id(struct load *l, const struct pack_node *at, const char *id)
{
	size_t n = strlen(id);
	bool ok = n > 0 && n <= 40 && id[0] >= 'a' && id[0] <= 'z';
	for (size_t i = 0; ok && i < n; i++)
		ok = (id[i] >= 'a' && id[i] <= 'z') || (id[i] >= '0' && id[i] <= '9') ||
		     id[i] == '_';
	return ok ? OK : node_fail(&l->file, at, l->diag, "not an id: %s", id);
}

static enum err read_texts(struct load *l, const struct pack_node *node, const char *name,
                           const char *const **ret, size_t *ret_n)
{
	const struct pack_node *items = node->kind == PACK_SCALAR ? node : node->items;
	size_t n = node->kind == PACK_SCALAR ? 1 : node->n;
	if (node->kind == PACK_MAP)
		return node_fail(&l->file, node, l->diag, "%s: a list expected", name);
	const char **texts = ARENA_ARRAY(l->a, n, const char *);
	for (size_t i = 0; i < n; i++) {
		if (items[i].kind != PACK_SCALAR)
			return node_fail(&l->file, &items[i], l->diag, "%s: a text expected", name);
		texts[i] = items[i].text.p;
	}
	*ret = texts;
	*ret_n = n;
	return OK;
}

static bool read_bool(struct str s, bool *ret)
{
	bool yes = str_is(s, "true") || str_is(s, "yes");
	if (!yes && !str_is(s, "false") && !str_is(s, "no"))
		return false;
	*ret = yes;
	return true;
}

static bool read_enum(struct str s, const char *const *names, int *ret)
{
	for (int i = 0; names[i]; i++)
		if (str_is(s, names[i])) {
			*ret = i;
			return true;
		}
	return false;
}

/* The kinds that are one plain text. */
static enum err read_scalar(struct load *l, const struct key *k, const struct pack_node *node,
                            void *at)
{
	int64_t v = 0;
	bool ok = true;
	switch (k->kind) {
	case KEY_BOOL: ok = read_bool(node->text, at); break;
	case KEY_ENUM: ok = read_enum(node->text, k->names, at); break;
	case KEY_INT:
		ok = str_to_int(node->text, &v) && v >= INT32_MIN && v <= INT32_MAX;
		if (ok)
			*(int32_t *)at = (int32_t)v;
		break;
	case KEY_DATE:
		ok = (v = date_parse(node->text)) != 0;
		if (ok)
			*(date_t *)at = (date_t)v;
		break;
	default: *(const char **)at = node->text.p; break;
	}
	return ok ? OK
	          : node_fail(&l->file, node, l->diag, "%s: not valid: %.80s", k->name,
	                      node->text.p);
}

static enum err read_one(struct load *l, const struct key *k, const struct pack_node *node,
                         void *ret)
{
	char *at = (char *)ret + k->at;
	if (k->kind == KEY_NODE) {
		*(const struct pack_node **)(void *)at = node;
		return OK;
	}
	if (k->kind == KEY_TITLE)
		return keys_title(l, node, (struct text *)(void *)at);
	if (k->kind == KEY_TEXTS)
		return read_texts(l, node, k->name, (const char *const **)(void *)at,
		                  (size_t *)(void *)((char *)ret + k->at_n));
	enum err e = keys_kind(l, node, PACK_SCALAR, k->name);
	return e ? e : read_scalar(l, k, node, at);
}

enum err keys_read(struct load *l, const struct pack_node *map, const struct key *keys, void *ret)
{
	enum err e = keys_kind(l, map, PACK_MAP, "entry");
	if (e)
		return e;
	for (size_t i = 0; i < map->n; i++) {
		const struct key *k = key_find(keys, map->keys[i]);
		if (!k)
			return node_fail(&l->file, &map->items[i], l->diag, "unknown key: %.80s",
			                 map->keys[i].p);
		if ((e = read_one(l, k, &map->items[i], ret)) != OK)
			return e;
	}
	for (const struct key *k = keys; k->name; k++)
		if (k->required && !pack_node_get(map, k->name))
			return node_fail(&l->file, map, l->diag, "key missing: %s", k->name);
	return OK;
}
