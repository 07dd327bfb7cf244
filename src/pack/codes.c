/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include "pack/keys.h"

#include "base/banned.h"

enum { LABEL_MAX = 200, SET_MAX = 64 };

/* ---- loading ---- */

struct raw_code {
	struct pack_code c;
	const struct pack_node *aliases, *attrs;
	const char *zh, *en;
};

struct raw_list {
	struct pack_list l;
	const struct pack_node *items;
	const char *none;
};


static enum err alias_read(struct load *l, const struct pack_node *node, struct pack_alias *ret)
{
	static const struct key keys[] = {
		{"text", KEY_TEXT, true, offsetof(struct pack_alias, text), 0, NULL},
		{"from", KEY_INT, false, offsetof(struct pack_alias, from), 0, NULL},
		{"to", KEY_INT, false, offsetof(struct pack_alias, to), 0, NULL},
		{0},
	};
	if (node->kind == PACK_SCALAR) {
		*ret = (struct pack_alias){.text = node->text.p};
		return OK;
	}
	return keys_read(l, node, keys, ret);
}

static enum err attrs_read(struct load *l, const struct pack_node *node, struct pack_code *c)
{
	enum err e = keys_kind(l, node, PACK_MAP, "attrs");
	if (e)
		return e;
	struct pack_attr *attrs = ARENA_ARRAY(l->a, node->n, struct pack_attr);
	for (size_t i = 0; i < node->n; i++) {
		if ((e = keys_kind(l, &node->items[i], PACK_SCALAR, "attrs")) != OK)
			return e;
		attrs[i] = (struct pack_attr){node->keys[i].p, node->items[i].text.p};
	}
	c->attrs = attrs;
	c->n_attrs = node->n;
	return OK;
}

static enum err code_read(struct load *l, const struct pack_node *node, struct pack_code *ret)
{
	static const struct key keys[] = {
		{"id", KEY_TEXT, true, offsetof(struct raw_code, c.id), 0, NULL},
		{"zh", KEY_TEXT, true, offsetof(struct raw_code, zh), 0, NULL},
		{"en", KEY_TEXT, true, offsetof(struct raw_code, en), 0, NULL},
		{"aliases", KEY_NODE, false, offsetof(struct raw_code, aliases), 0, NULL},
		{"attrs", KEY_NODE, false, offsetof(struct raw_code, attrs), 0, NULL},
		{0},
	};
	struct raw_code raw = {0};
	enum err e = keys_read(l, node, keys, &raw);
	if (e || (e = keys_id(l, node, raw.c.id)) != OK)
		return e;
	raw.c.label = (struct text){{raw.zh, raw.en}};
	if (raw.aliases) {
		if ((e = keys_kind(l, raw.aliases, PACK_LIST, "aliases")) != OK)
			return e;
		struct pack_alias *a = ARENA_ARRAY(l->a, raw.aliases->n, struct pack_alias);
		for (size_t i = 0; i < raw.aliases->n; i++)
			if ((e = alias_read(l, &raw.aliases->items[i], &a[i])) != OK)
				return e;
		raw.c.aliases = a;
		raw.c.n_aliases = raw.aliases->n;
	}
	if (raw.attrs && (e = attrs_read(l, raw.attrs, &raw.c)) != OK)
		return e;
	*ret = raw.c;
	return OK;
}

/* Adds a name of an item; the same name for two items is an error. */
static enum err index_add(struct load *l, const struct pack_node *at, struct pack_list *list,
                          const char *name, int item)
{
	char norm[LABEL_MAX];
	size_t n = pack_normal(str_c(name), norm, sizeof(norm));
	if (n == 0)
		return node_fail(&l->file, at, l->diag, "empty name: %.80s", name);
	struct str key = {arena_strndup(l->a, norm, n), n};
	int64_t *slot = map_slot(&list->index, key, item);
	if (*slot != item)
		return node_fail(&l->file, at, l->diag, "%s: \"%.80s\" also means %s", list->id,
		                 name, list->codes[*slot].id);
	return OK;
}

static enum err index_build(struct load *l, const struct pack_node *items, struct pack_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct pack_code *c = &list->codes[i];
		const struct pack_node *at = &items->items[i];
		const char *names[] = {c->id, c->label.in[LANG_ZH], c->label.in[LANG_EN]};
		for (size_t k = 0; k < 3; k++) {
			enum err e = index_add(l, at, list, names[k], (int)i);
			if (e)
				return e;
		}
		for (size_t k = 0; k < c->n_aliases; k++) {
			enum err e = index_add(l, at, list, c->aliases[k].text, (int)i);
			if (e)
				return e;
		}
	}
	return OK;
}

static enum err list_read(struct load *l, const struct pack_node *node, struct pack_list *list)
{
	static const struct key keys[] = {
		{"id", KEY_TEXT, true, offsetof(struct raw_list, l.id), 0, NULL},
		{"title", KEY_TITLE, true, offsetof(struct raw_list, l.title), 0, NULL},
		{"open", KEY_BOOL, false, offsetof(struct raw_list, l.open), 0, NULL},
		{"none", KEY_TEXT, false, offsetof(struct raw_list, none), 0, NULL},
		{"items", KEY_NODE, true, offsetof(struct raw_list, items), 0, NULL},
		{0},
	};
	struct raw_list raw = {.l.none = -1};
	enum err e = keys_read(l, node, keys, &raw);
	if (e || (e = keys_id(l, node, raw.l.id)) != OK ||
	    (e = keys_kind(l, raw.items, PACK_LIST, "items")) != OK)
		return e;
	struct pack_code *codes = ARENA_ARRAY(l->a, raw.items->n, struct pack_code);
	for (size_t i = 0; i < raw.items->n; i++)
		if ((e = code_read(l, &raw.items->items[i], &codes[i])) != OK)
			return e;
	*list = raw.l;
	list->codes = codes;
	list->n = raw.items->n;
	map_init(&list->index);
	if ((e = index_build(l, raw.items, list)) != OK)
		return e;
	if (raw.none && (list->none = pack_code_by_id(list, raw.none)) < 0)
		return node_fail(&l->file, node, l->diag, "none: no such item: %.80s", raw.none);
	return OK;
}

struct codes_file {
	const struct pack_node *lists;
};

enum err codes_load(struct load *l, const struct pack_node *root)
{
	static const struct key keys[] = {
		{"lists", KEY_NODE, true, offsetof(struct codes_file, lists), 0, NULL},
		{0},
	};
	struct codes_file f = {0};
	enum err e = keys_read(l, root, keys, &f);
	if (e || (e = keys_kind(l, f.lists, PACK_LIST, "lists")) != OK)
		return e;
	struct pack_list *lists = ARENA_ARRAY(l->a, f.lists->n, struct pack_list);
	l->pack->lists = lists;
	for (size_t i = 0; i < f.lists->n; i++) {
		l->pack->n_lists = i + 1; /* also on failure: its index is released */
		if ((e = list_read(l, &f.lists->items[i], &lists[i])) != OK)
			return e;
		if (!map_set(&l->pack->list_index, str_c(lists[i].id), (int64_t)i))
			return node_fail(&l->file, &f.lists->items[i], l->diag, "given twice: %s",
			                 lists[i].id);
	}
	return OK;
}

void codes_release(struct pack *pack)
{
	for (size_t i = 0; i < pack->n_lists; i++) {
		struct map index = pack->lists[i].index;
		map_release(&index);
	}
	map_release(&pack->list_index);
}

/* ---- looking up ---- */

const struct pack_list *pack_list(const struct pack *pack, const char *id)
{
	int64_t i = map_get(&pack->list_index, str_c(id), -1);
	return i < 0 ? NULL : &pack->lists[i];
}

int pack_code_by_id(const struct pack_list *list, const char *id)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->codes[i].id[0] == id[0] && strcmp(list->codes[i].id, id) == 0)
			return (int)i;
	return -1;
}

const char *pack_code_attr(const struct pack_list *list, int item, const char *key)
{
	if (item < 0 || (size_t)item >= list->n)
		return "";
	const struct pack_code *c = &list->codes[item];
	for (size_t i = 0; i < c->n_attrs; i++)
		if (strcmp(c->attrs[i].key, key) == 0)
			return c->attrs[i].value;
	return "";
}

static int lookup(const struct pack_list *list, struct str s)
{
	return s.n ? (int)map_get(&list->index, s, -1) : -1;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Copies s without the pieces in brackets; the last of these into *inside. */
static struct str without_brackets(struct str s, char *out, struct str *inside)
{
	size_t n = 0, depth = 0, from = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '(') {
			if (depth++ == 0)
				from = i + 1;
		} else if (s.p[i] == ')') {
			if (depth && --depth == 0)
				*inside = (struct str){s.p + from, i - from};
		} else if (depth == 0) {
			out[n++] = s.p[i];
		}
	}
	return (struct str){out, n};
}

/* Takes a year (2017, 2017年, 2017年度, 2017年底) out of s into out. */
static struct str without_year(struct str s, char *out, int32_t *ret_year)
{
	static const char *const tails[] = {"年度", "年底", "年末", "年初", "年"};
	for (size_t i = 0; i + 4 <= s.n; i++) {
		const char *p = s.p + i;
		bool year = (p[0] == '2' && p[1] == '0') || (p[0] == '1' && p[1] == '9');
		if (!year || !digit(p[2]) || !digit(p[3]) || (i > 0 && digit(p[-1])) ||
		    (i + 4 < s.n && digit(p[4])))
			continue;
		size_t end = i + 4;
		for (size_t k = 0; k < sizeof(tails) / sizeof(tails[0]); k++)
			if (str_starts(str_sub(s, end, s.n), str_c(tails[k]))) {
				end += strlen(tails[k]);
				break;
			}
		*ret_year = (p[0] - '0') * 1000 + (p[1] - '0') * 100 + (p[2] - '0') * 10 + p[3] - '0';
		memcpy(out, s.p, i);
		memcpy(out + i, s.p + end, s.n - end);
		return (struct str){out, s.n - (end - i)};
	}
	return s;
}

static struct str without_number(struct str s)
{
	size_t i = 0;
	while (i < s.n && digit(s.p[i]))
		i++;
	return i < s.n ? str_sub(s, i, s.n) : s;
}

/* The item, also when an ending like 户 or 类 is too much or too little. */
static int lookup_loosely(const struct pack_list *list, struct str s)
{
	static const char *const ends[] = {"户", "类", "型", "级", "人员", "者", "的"};
	int item = lookup(list, s);
	char longer[LABEL_MAX + 8];
	for (size_t i = 0; item < 0 && i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct str end = str_c(ends[i]);
		if (str_ends(s, end)) {
			item = lookup(list, str_sub(s, 0, s.n - end.n));
		} else if (s.n && s.n <= LABEL_MAX && i < 4) {
			memcpy(longer, s.p, s.n);
			memcpy(longer + s.n, end.p, end.n);
			item = lookup(list, (struct str){longer, s.n + end.n});
		}
	}
	return item;
}

static int lookup_stripped(const struct pack_list *list, struct str s)
{
	char bare[LABEL_MAX];
	struct str inside = {NULL, 0};
	int item = lookup_loosely(list, s);
	if (item < 0)
		item = lookup_loosely(list, without_number(s));
	if (item < 0 && memchr(s.p, '(', s.n)) {
		struct str rest = without_brackets(s, bare, &inside);
		item = lookup_loosely(list, rest);
		if (item < 0)
			item = lookup_loosely(list, without_number(rest));
		if (item < 0)
			item = lookup_loosely(list, inside);
	}
	return item;
}

int pack_code_find(const struct pack_list *list, struct str text, int32_t *ret_year)
{
	char norm[LABEL_MAX], rest[LABEL_MAX];
	struct str s = {norm, pack_normal(text, norm, sizeof(norm))};
	if (ret_year)
		*ret_year = 0;
	if (s.n == 0)
		return -1;
	int item = lookup(list, s);
	if (item >= 0)
		return item;
	int32_t year = 0;
	struct str plain = without_year(s, rest, &year);
	if (plain.n)
		item = lookup_stripped(list, plain);
	if (item < 0 && year)
		item = lookup_stripped(list, s);
	if (item >= 0 && ret_year)
		*ret_year = year;
	return item;
}

/* 非, 不, 无, 未, 没 right before position `at`. */
static bool negated(struct str s, size_t at)
{
	static const char *const words[] = {"非", "不", "无", "未", "没"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_find(str_sub(s, 0, at), str_c(words[i])) != SIZE_MAX)
			return true;
	return false;
}

int pack_code_guess(const struct pack_list *list, struct str text)
{
	char norm[LABEL_MAX];
	struct str s = {norm, pack_normal(text, norm, sizeof(norm))};
	size_t best = 5; /* at least two Han characters */
	int item = -1;
	for (size_t i = 0; i < list->index.cap; i++) {
		const struct map_slot *slot = &list->index.slots[i];
		if (slot->hash == 0 || slot->key.n < best || slot->key.n > s.n)
			continue;
		size_t at = str_find(s, slot->key);
		if (at == SIZE_MAX || negated(s, at))
			continue;
		if (slot->key.n == best && item != (int)slot->value) {
			item = -1;
			continue;
		}
		best = slot->key.n;
		item = (int)slot->value;
	}
	return item;
}

/* Length of a divider at p, 0 = none. */
static size_t divider(struct str s, size_t i)
{
	static const char *const wide[] = {"、", "，", "；", "／", "｜", "＋", "　", "及", "和", "与", "。"};
	if (strchr(",;/|+ \t\r\n", s.p[i]) && s.p[i])
		return 1;
	for (size_t k = 0; k < sizeof(wide) / sizeof(wide[0]); k++)
		if (str_starts(str_sub(s, i, s.n), str_c(wide[k])))
			return strlen(wide[k]);
	return 0;
}

uint64_t pack_codes_find(const struct pack_list *list, struct str text, struct str *ret_unknown)
{
	*ret_unknown = (struct str){NULL, 0};
	int whole = pack_code_find(list, text, NULL);
	if (whole >= 0 && whole < SET_MAX)
		return (uint64_t)1 << whole;
	uint64_t mask = 0;
	size_t from = 0;
	for (size_t i = 0; i <= text.n;) {
		size_t k = i < text.n ? divider(text, i) : 1;
		if (k == 0) {
			i++;
			continue;
		}
		struct str piece = str_trim((struct str){text.p + from, i - from});
		int item = piece.n ? pack_code_find(list, piece, NULL) : -1;
		if (item >= 0 && item < SET_MAX)
			mask |= (uint64_t)1 << item;
		else if (piece.n && ret_unknown->n == 0)
			*ret_unknown = piece;
		i += k;
		from = i;
	}
	return mask;
}
