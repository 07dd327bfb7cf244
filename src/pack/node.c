/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pack/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "base/vec.h"

#include "base/banned.h"

struct parse {
	const struct node_file *file;
	struct arena *a;
	struct diag *diag;
	yaml_parser_t yaml;
	yaml_event_t event; /* the current one; valid until `take` */
	bool have;
	size_t nodes;
	size_t line_no; /* of the cursor below; marks only ascend */
	size_t line_at; /* byte where that line begins */
};

/* Items of the list or map being built; moved into the arena at its end. */
struct items {
	VEC(struct pack_node) nodes;
	VEC(struct str) keys;
};

static enum err fail_at(struct parse *p, size_t line, size_t col, const char *what)
{
	enum err e = diag_set(p->diag, p->file->code, "%s", what);
	diag_place(p->diag, "%s:%zu:%zu", p->file->name, line + 1, col + 1);
	return e;
}

static enum err fail_event(struct parse *p, const char *what)
{
	return fail_at(p, p->event.start_mark.line, p->event.start_mark.column, what);
}

static enum err take(struct parse *p)
{
	if (p->have)
		yaml_event_delete(&p->event);
	p->have = false;
	if (!yaml_parser_parse(&p->yaml, &p->event)) {
		const char *what = p->yaml.problem ? p->yaml.problem : "YAML";
		return fail_at(p, p->yaml.problem_mark.line, p->yaml.problem_mark.column, what);
	}
	p->have = true;
	return OK;
}

/* First text of a block scalar: libyaml marks the "|", people mean the text. */
static void block_start(struct parse *p, size_t indicator_line, uint32_t *line, uint32_t *col)
{
	struct str t = p->file->text;
	size_t want = indicator_line + 1;
	if (p->line_no > want)
		p->line_no = p->line_at = 0;
	for (;;) {
		while (p->line_no < want && p->line_at < t.n) {
			const char *nl = memchr(t.p + p->line_at, '\n', t.n - p->line_at);
			p->line_at = nl ? (size_t)(nl - t.p) + 1 : t.n;
			p->line_no++;
		}
		size_t i = p->line_at;
		while (i < t.n && t.p[i] == ' ')
			i++;
		if (i >= t.n || t.p[i] != '\n') {
			*line = (uint32_t)p->line_no + 1;
			*col = (uint32_t)(i - p->line_at) + 1;
			return;
		}
		want++;
	}
}

static enum err scalar(struct parse *p, struct pack_node *ret)
{
	const yaml_event_t *e = &p->event;
	if (e->data.scalar.anchor || (e->data.scalar.tag && !e->data.scalar.plain_implicit &&
	                              !e->data.scalar.quoted_implicit))
		return fail_event(p, "anchors and tags are not allowed");
	ret->kind = PACK_SCALAR;
	ret->line = (uint32_t)e->start_mark.line + 1;
	ret->col = (uint32_t)e->start_mark.column + 1;
	ret->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (e->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
	    e->data.scalar.style == YAML_FOLDED_SCALAR_STYLE)
		block_start(p, e->start_mark.line, &ret->line, &ret->col);
	else if (ret->quoted)
		ret->col++;
	const char *v = (const char *)e->data.scalar.value;
	size_t n = e->data.scalar.length;
	if (memchr(v, '\0', n))
		return fail_event(p, "a NUL character");
	while (n && ret->quoted && *v == '\n') { /* the place is that of the first text */
		v++;
		n--;
	}
	ret->text = (struct str){arena_strndup(p->a, v, n), n};
	return OK;
}

static enum err build(struct parse *p, int depth, struct pack_node *ret);

static enum err add_key(struct parse *p, struct items *it)
{
	if (p->event.type != YAML_SCALAR_EVENT)
		return fail_event(p, "a key must be plain text");
	struct pack_node key;
	enum err e = scalar(p, &key);
	if (e)
		return e;
	for (size_t i = 0; i < it->keys.n; i++)
		if (str_eq(it->keys.p[i], key.text)) {
			char what[160];
			snprintf(what, sizeof(what), "key given twice: %.100s", key.text.p);
			return fail_event(p, what);
		}
	*vec_push(&it->keys) = key.text;
	return take(p);
}

static enum err collect(struct parse *p, int depth, bool map, struct items *it)
{
	for (;;) {
		enum err e = take(p);
		if (e)
			return e;
		if (p->event.type == (map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT))
			return OK;
		if (map && (e = add_key(p, it)) != OK)
			return e;
		struct pack_node node = {0};
		if ((e = build(p, depth + 1, &node)) != OK)
			return e;
		*vec_push(&it->nodes) = node;
	}
}

/* The current event begins a node; at the end it is that node's last. */
static enum err build(struct parse *p, int depth, struct pack_node *ret)
{
	if (depth > NODE_DEPTH)
		return fail_event(p, "nested too deep");
	if (++p->nodes > NODE_MAX)
		return fail_event(p, "too many values");
	if (p->event.type == YAML_SCALAR_EVENT)
		return scalar(p, ret);
	if (p->event.type == YAML_ALIAS_EVENT)
		return fail_event(p, "aliases are not allowed");
	bool map = p->event.type == YAML_MAPPING_START_EVENT;
	if (!map && p->event.type != YAML_SEQUENCE_START_EVENT)
		return fail_event(p, "a value is missing");
	if (map ? p->event.data.mapping_start.anchor != NULL
	        : p->event.data.sequence_start.anchor != NULL)
		return fail_event(p, "anchors and tags are not allowed");
	ret->kind = map ? PACK_MAP : PACK_LIST;
	ret->line = (uint32_t)p->event.start_mark.line + 1;
	ret->col = (uint32_t)p->event.start_mark.column + 1;
	struct items it = {0};
	enum err e = collect(p, depth, map, &it);
	if (e == OK) {
		ret->n = it.nodes.n;
		struct pack_node *nodes = ARENA_ARRAY(p->a, it.nodes.n, struct pack_node);
		struct str *keys = ARENA_ARRAY(p->a, it.keys.n, struct str);
		if (it.nodes.n)
			memcpy(nodes, it.nodes.p, it.nodes.n * sizeof(*nodes));
		if (it.keys.n)
			memcpy(keys, it.keys.p, it.keys.n * sizeof(*keys));
		ret->items = nodes;
		ret->keys = map ? keys : NULL;
	}
	vec_free(&it.nodes);
	vec_free(&it.keys);
	return e;
}

static enum err document(struct parse *p, struct pack_node *ret)
{
	enum err e = take(p); /* stream start */
	if (e == OK)
		e = take(p);
	if (e)
		return e;
	if (p->event.type == YAML_STREAM_END_EVENT) {
		*ret = (struct pack_node){.kind = PACK_MAP, .line = 1, .col = 1};
		return OK;
	}
	if ((e = take(p)) != OK || (e = build(p, 0, ret)) != OK)
		return e;
	if ((e = take(p)) != OK || (e = take(p)) != OK)
		return e;
	return p->event.type == YAML_STREAM_END_EVENT ? OK : fail_event(p, "a second document");
}

enum err node_parse(const struct node_file *file, struct arena *a, struct diag *diag,
                    const struct pack_node **ret)
{
	struct parse p = {.file = file, .a = a, .diag = diag};
	if (!yaml_parser_initialize(&p.yaml))
		return diag_set(diag, ERR_NO_MEMORY, "%s", file->name);
	yaml_parser_set_encoding(&p.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p.yaml, (const unsigned char *)file->text.p, file->text.n);
	struct pack_node *node = ARENA_NEW(a, struct pack_node);
	enum err e = document(&p, node);
	if (p.have)
		yaml_event_delete(&p.event);
	yaml_parser_delete(&p.yaml);
	if (e == OK)
		*ret = node;
	return e;
}

enum err node_fail(const struct node_file *file, const struct pack_node *node, struct diag *diag,
                   const char *fmt, ...)
{
	char what[400];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	enum err e = diag_set(diag, file->code, "%s", what);
	diag_place(diag, "%s:%u:%u", file->name, node->line, node->col);
	return e;
}

const struct pack_node *pack_node_get(const struct pack_node *map, const char *key)
{
	if (!map || map->kind != PACK_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (str_is(map->keys[i], key))
			return &map->items[i];
	return NULL;
}
