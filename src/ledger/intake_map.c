/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "ledger/intake_i.h"
#include "pack/node.h"

#include "base/banned.h"

enum { MAP_FILE_MAX = 1 << 20 };

struct map_entry {
	struct str header; /* normal form */
	const char *column;
};

struct intake_map {
	struct arena arena;
	const char *layout;
	size_t n;
	struct map_entry *entries;
};

static struct str normal(struct arena *a, struct str s)
{
	char buf[GRID_CELL + 1];
	size_t n = pack_normal(s, buf, sizeof(buf));
	return str_copy(a, (struct str){buf, n});
}

static enum err read_entries(const struct node_file *file, const struct pack *pack,
                             const struct pack_node *root, struct diag *diag,
                             struct intake_map *map)
{
	const struct pack_node *layout = pack_node_get(root, "layout");
	const struct pack_node *columns = pack_node_get(root, "columns");
	if (!layout || layout->kind != PACK_SCALAR || !columns || columns->kind != PACK_MAP)
		return node_fail(file, root, diag, "layout: and columns: expected");
	const struct pack_layout *l = pack_layout(pack, layout->text.p);
	if (!l)
		return node_fail(file, layout, diag, "no such ledger: %.60s", layout->text.p);
	map->layout = l->id;
	map->entries = ARENA_ARRAY(&map->arena, columns->n, struct map_entry);
	for (size_t i = 0; i < columns->n; i++) {
		const struct pack_node *v = &columns->items[i];
		bool none = v->kind == PACK_SCALAR && str_is(v->text, "-");
		int k = v->kind == PACK_SCALAR && !none ? pack_column(l, v->text.p) : -1;
		if (k < 0 && !none)
			return node_fail(file, v, diag, "%s has no such column: %.60s", l->id,
			                 v->kind == PACK_SCALAR ? v->text.p : "?");
		map->entries[map->n++] =
			(struct map_entry){normal(&map->arena, columns->keys[i]),
			                   none ? "-" : l->columns[k].id};
	}
	for (size_t i = 0; i < root->n; i++)
		if (!str_is(root->keys[i], "layout") && !str_is(root->keys[i], "columns"))
			return node_fail(file, &root->items[i], diag, "unknown key: %.60s",
			                 root->keys[i].p);
	return OK;
}

static enum err read_text(const char *path, struct arena *a, struct diag *diag, struct str *ret)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	char *p = arena_alloc(a, MAP_FILE_MAX + 1);
	size_t n = fread(p, 1, MAP_FILE_MAX + 1, f);
	fclose(f);
	if (n > MAP_FILE_MAX)
		return diag_set(diag, ERR_MAP_FILE, "%s: > 1 MiB", path);
	*ret = (struct str){p, n};
	return OK;
}

static struct intake_map *new_map(void)
{
	struct intake_map *map = base_calloc(1, sizeof(*map));
	arena_init(&map->arena, 64 << 20);
	return map;
}

static enum err parse(const struct node_file *file, const struct pack *pack, struct diag *diag,
                      struct intake_map *map, struct intake_map **ret)
{
	const struct pack_node *root = NULL;
	enum err e = node_parse(file, &map->arena, diag, &root);
	if (e == OK)
		e = read_entries(file, pack, root, diag, map);
	if (e) {
		intake_map_free(map);
		return e;
	}
	*ret = map;
	return OK;
}

enum err intake_map_read(const char *path, const struct pack *pack, struct diag *diag,
                         struct intake_map **ret)
{
	struct intake_map *map = new_map();
	const char *slash = strrchr(path, '/');
	struct node_file file = {slash ? slash + 1 : path, {NULL, 0}, ERR_MAP_FILE};
	enum err e = read_text(path, &map->arena, diag, &file.text);
	if (e) {
		intake_map_free(map);
		return e;
	}
	return parse(&file, pack, diag, map, ret);
}

enum err intake_map_parse(const char *name, struct str text, const struct pack *pack,
                          struct diag *diag, struct intake_map **ret)
{
	struct node_file file = {name, text, ERR_MAP_FILE};
	if (text.n > MAP_FILE_MAX)
		return diag_set(diag, ERR_MAP_FILE, "%s: > 1 MiB", name);
	return parse(&file, pack, diag, new_map(), ret);
}

void intake_map_free(struct intake_map *map)
{
	if (!map)
		return;
	arena_release(&map->arena);
	base_free(map);
}

const char *intake_map_layout(const struct intake_map *map)
{
	return map->layout;
}

const char *intake_map_column(const struct intake_map *map, struct str header, struct str leaf)
{
	char buf[GRID_CELL * 4], low[GRID_CELL + 1];
	struct str full = {buf, pack_normal(header, buf, sizeof(buf))};
	struct str last = {low, pack_normal(leaf, low, sizeof(low))};
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->entries[i].header, full))
			return map->entries[i].column;
	for (size_t i = 0; i < map->n; i++)
		if (last.n && str_eq(map->entries[i].header, last))
			return map->entries[i].column;
	return NULL;
}

static void quote(struct buf *out, struct str s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\')
			buf_addc(out, '\\');
		if (c >= 0x20)
			buf_addc(out, (char)c);
		else
			buf_adds(out, c == '\n' ? "\\n" : " ");
	}
	buf_addc(out, '"');
}

void intake_map_write(const struct intake *in, size_t i, struct buf *out)
{
	const struct intake_table *t = intake_table(in, i);
	buf_addf(out, "layout: %s\ncolumns:\n", t->layout->id);
	for (size_t c = 0; c < t->n_columns; c++) {
		buf_adds(out, "  ");
		quote(out, t->columns[c].header);
		buf_addf(out, ": %s\n", t->columns[c].column < 0
		                                ? "\"-\""
		                                : t->layout->columns[t->columns[c].column].id);
	}
}
