/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "net/route.h"

#include "base/banned.h"

struct router_node {
	struct str word;   /* the literal, or what stands behind {} */
	bool param;
	struct router_node *child, *next; /* literals before parameters, long endings first */
	const struct routed *route[NET_METHOD_MAX];
};

static bool before(const struct router_node *x, const struct router_node *y)
{
	if (x->param != y->param)
		return !x->param;
	return x->word.n > y->word.n;
}

static struct router_node *child_of(struct router *r, struct router_node *at, struct str word,
                                    bool param)
{
	struct router_node **p = &at->child;
	for (struct router_node *c = at->child; c; c = c->next)
		if (c->param == param && str_eq(c->word, word))
			return c;
	struct router_node *made = ARENA_NEW(&r->a, struct router_node);
	made->word = word;
	made->param = param;
	while (*p && !before(made, *p))
		p = &(*p)->next;
	made->next = *p;
	*p = made;
	return made;
}

static int input_named(const struct route *route, struct str name)
{
	for (size_t i = 0; i < route->n_in; i++)
		if (route->in[i].in == NET_PATH && str_is(name, route->in[i].name))
			return (int)i;
	return -1;
}

static enum err bad(struct diag *diag, const struct route *r, const char *why)
{
	diag_place(diag, "%s", r->id);
	return diag_set(diag, ERR_INVALID, "%s: %s", r->path, why);
}

static enum err check_row(const struct route *r, struct diag *diag)
{
	size_t bodies = 0;
	if (!r->handler || !r->path || r->path[0] != '/' || (unsigned)r->method >= NET_METHOD_MAX)
		return bad(diag, r, "no handler, path or method");
	if (!r->summary.in[LANG_ZH] || !r->summary.in[LANG_EN] || !r->tag || !r->answer)
		return bad(diag, r, "summary, tag or answer missing");
	if (r->n_in > NET_FIELDS_MAX)
		return bad(diag, r, "too many inputs");
	for (size_t i = 0; i < r->n_in; i++) {
		bodies += r->in[i].in == NET_BODY;
		for (size_t k = 0; k < i; k++)
			if (strcmp(r->in[i].name, r->in[k].name) == 0)
				return bad(diag, r, r->in[i].name);
	}
	if (r->method == NET_GET && (bodies || r->record || r->upload))
		return bad(diag, r, "GET with a body");
	return OK;
}

static enum err add_route(struct router *r, struct routed *d, struct diag *diag)
{
	const struct route *route = d->route;
	struct router_node *at = r->root;
	struct str path = str_c(route->path + 1), word;
	size_t parts = 0, inputs = 0;
	enum err e = check_row(route, diag);
	while (!e && str_split(&path, '/', &word)) {
		const char *close = word.n && word.p[0] == '{' ? memchr(word.p, '}', word.n) : NULL;
		if (++parts > NET_PATH_PARTS_MAX)
			return bad(diag, route, "too deep");
		if (close) {
			size_t end = (size_t)(close - word.p);
			int k = input_named(route, str_sub(word, 1, end - 1));
			if (k < 0)
				return bad(diag, route, "a {} that is no path input");
			d->input[d->n_inputs++] = (int8_t)k;
			word = str_sub(word, end + 1, word.n);
		}
		at = child_of(r, at, word, close != NULL);
	}
	for (size_t i = 0; i < route->n_in; i++)
		inputs += route->in[i].in == NET_PATH;
	if (!e && inputs != d->n_inputs)
		e = bad(diag, route, "a path input without its braces");
	if (!e && at->route[route->method])
		e = bad(diag, route, at->route[route->method]->route->id);
	if (!e)
		at->route[route->method] = d;
	return e;
}

enum err router_build(struct router *r, const struct route *const *tables, size_t n,
                      struct diag *diag)
{
	enum err e = OK;
	*r = (struct router){0};
	arena_init(&r->a, (size_t)16 << 20);
	for (size_t t = 0; t < n; t++)
		for (const struct route *row = tables[t]; row->id; row++)
			r->n++;
	r->routes = ARENA_ARRAY(&r->a, r->n, struct routed);
	r->root = ARENA_NEW(&r->a, struct router_node);
	size_t i = 0;
	for (size_t t = 0; t < n; t++)
		for (const struct route *row = tables[t]; !e && row->id; row++, i++) {
			r->routes[i].route = row;
			r->routes[i].index = i;
			for (size_t k = 0; !e && k < i; k++)
				if (strcmp(r->routes[k].route->id, row->id) == 0)
					e = bad(diag, row, "id used twice");
			if (!e)
				e = add_route(r, &r->routes[i], diag);
		}
	if (e)
		router_release(r);
	return e;
}

void router_release(struct router *r)
{
	arena_release(&r->a);
	*r = (struct router){0};
}

/* The node of parts[i…]; parameters are written to params[k…]. */
static const struct router_node *find(const struct router_node *at, const struct target *t, size_t i,
                                      struct str *params, size_t k)
{
	if (i == t->n) {
		for (int m = 0; m < NET_METHOD_MAX; m++)
			if (at->route[m])
				return at;
		return NULL;
	}
	for (const struct router_node *c = at->child; c; c = c->next) {
		struct str part = t->parts[i];
		const struct router_node *found = NULL;
		if (!c->param) {
			if (str_eq(part, c->word))
				found = find(c, t, i + 1, params, k);
		} else if (part.n > c->word.n && str_ends(part, c->word)) {
			params[k] = str_sub(part, 0, part.n - c->word.n);
			found = find(c, t, i + 1, params, k + 1);
		}
		if (found)
			return found;
	}
	return NULL;
}

enum err router_find(const struct router *r, const struct target *t, int method,
                     const struct routed **ret, struct str *params, unsigned *ret_allow)
{
	const struct router_node *at = find(r->root, t, 0, params, 0);
	if (!at)
		return ERR_NOT_FOUND;
	if (method >= 0 && at->route[method]) {
		*ret = at->route[method];
		return OK;
	}
	*ret_allow = 0;
	for (int m = 0; m < NET_METHOD_MAX; m++)
		if (at->route[m])
			*ret_allow |= 1u << m;
	return ERR_METHOD;
}
