/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pack/keys.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/banned.h"

static const char *const kind_names[] = {"text", "name", "id",    "card", "code_no", "number_text",
                                         "phone", "area", "int",  "num",  "money",   "date",
                                         "year", "bool", "code", "codes", NULL};
static const char *const role_names[] = {"none",     "id",      "card",      "name",    "sex",
                                         "birth",    "relation", "hh_no",    "head_name",
                                         "head_id",  "town",    "village",   "group",   "address",
                                         "phone",    "year",    "seq",       "remark",  NULL};
static const char *const level_names[] = {"person", "household", NULL};
static const char *const privacy_names[] = {"public", "office", "sensitive", NULL};
static const char *const subject_names[] = {"roster", "household", "person", NULL};
static const char *const keep_names[] = {"matched", "all", NULL};
static const char *const period_names[] = {"none", "year", "month", NULL};
static const char *const coverage_names[] = {"never", "presence", NULL};

const char *pack_kind_name(enum pack_kind kind)
{
	return kind_names[kind];
}

const char *pack_role_name(enum pack_role role)
{
	return role_names[role];
}

/* A column as written: what it takes from a common one, then its own keys. */
struct raw_column {
	struct pack_column c;
	const char *use, *list, *zh, *en, *unit;
	bool only; /* the names given replace the common ones */
	int32_t scale;
};

static const struct key column_keys[] = {
	{"id", KEY_TEXT, false, offsetof(struct raw_column, c.id), 0, NULL},
	{"use", KEY_TEXT, false, offsetof(struct raw_column, use), 0, NULL},
	{"only", KEY_BOOL, false, offsetof(struct raw_column, only), 0, NULL},
	{"kind", KEY_ENUM, false, offsetof(struct raw_column, c.kind), 0, kind_names},
	{"role", KEY_ENUM, false, offsetof(struct raw_column, c.role), 0, role_names},
	{"level", KEY_ENUM, false, offsetof(struct raw_column, c.level), 0, level_names},
	{"privacy", KEY_ENUM, false, offsetof(struct raw_column, c.privacy), 0, privacy_names},
	{"required", KEY_BOOL, false, offsetof(struct raw_column, c.required), 0, NULL},
	{"items", KEY_BOOL, false, offsetof(struct raw_column, c.list), 0, NULL},
	{"rows", KEY_BOOL, false, offsetof(struct raw_column, c.rows), 0, NULL},
	{"scale", KEY_INT, false, offsetof(struct raw_column, scale), 0, NULL},
	{"list", KEY_TEXT, false, offsetof(struct raw_column, list), 0, NULL},
	{"unit", KEY_TEXT, false, offsetof(struct raw_column, unit), 0, NULL},
	{"zh", KEY_TEXT, false, offsetof(struct raw_column, zh), 0, NULL},
	{"en", KEY_TEXT, false, offsetof(struct raw_column, en), 0, NULL},
	{"synonyms", KEY_TEXTS, false, offsetof(struct raw_column, c.synonyms),
	 offsetof(struct raw_column, c.n_synonyms), NULL},
	{"fallbacks", KEY_TEXTS, false, offsetof(struct raw_column, c.fallbacks),
	 offsetof(struct raw_column, c.n_fallbacks), NULL},
	{"patterns", KEY_TEXTS, false, offsetof(struct raw_column, c.patterns),
	 offsetof(struct raw_column, c.n_patterns), NULL},
	{"groups", KEY_TEXTS, false, offsetof(struct raw_column, c.groups),
	 offsetof(struct raw_column, c.n_groups), NULL},
	{0},
};

struct library {
	const struct pack_column *columns;
	size_t n;
};

static const struct pack_column *library_find(const struct library *lib, struct str id)
{
	for (size_t i = 0; i < lib->n; i++)
		if (str_is(id, lib->columns[i].id))
			return &lib->columns[i];
	return NULL;
}

/* The column's own names, then the common ones. */
static void join(struct load *l, const char *const **own, size_t *n, const char *const *more,
                 size_t n_more)
{
	const char **all = ARENA_ARRAY(l->a, *n + n_more, const char *);
	for (size_t i = 0; i < *n; i++)
		all[i] = (*own)[i];
	for (size_t i = 0; i < n_more; i++)
		all[*n + i] = more[i];
	*own = all;
	*n += n_more;
}

static enum err column_finish(struct load *l, const struct pack_node *node, struct raw_column *raw)
{
	struct pack_column *c = &raw->c;
	if (raw->zh)
		c->label.in[LANG_ZH] = raw->zh;
	if (raw->en)
		c->label.in[LANG_EN] = raw->en;
	if (!c->id || !c->label.in[LANG_ZH] || !c->label.in[LANG_EN])
		return node_fail(&l->file, node, l->diag, "id, zh and en are needed");
	if (raw->scale < 0 || raw->scale > 4)
		return node_fail(&l->file, node, l->diag, "scale: 0 to 4");
	c->scale = raw->scale;
	if (raw->unit)
		c->unit_text = raw->unit;
	c->unit = strcmp(c->unit_text, "万元") == 0 ? MONEY_WAN : MONEY_YUAN;
	c->list = c->list || c->rows;
	if (raw->list) {
		const struct pack_list *list = pack_list(l->pack, raw->list);
		if (!list)
			return node_fail(&l->file, node, l->diag, "no such list: %s", raw->list);
		c->list_index = (int)(list - l->pack->lists);
	}
	bool coded = c->kind == PACK_CODE || c->kind == PACK_CODES;
	if (coded != (c->list_index >= 0))
		return node_fail(&l->file, node, l->diag, "%s: a list belongs to code and codes",
		                 c->id);
	if (c->kind == PACK_CODES && l->pack->lists[c->list_index].n > 64)
		return node_fail(&l->file, node, l->diag, "%s: a set has at most 64 items", c->id);
	return keys_id(l, node, c->id);
}

static enum err column_read(struct load *l, const struct library *lib,
                            const struct pack_node *node, struct pack_column *ret)
{
	const struct pack_node *use = node->kind == PACK_SCALAR ? node : pack_node_get(node, "use");
	struct raw_column raw = {.c = {.list_index = -1, .unit_text = "", .privacy = PACK_OFFICE}};
	const struct pack_column *common = NULL;
	if (use) {
		common = use->kind == PACK_SCALAR ? library_find(lib, use->text) : NULL;
		if (!common)
			return node_fail(&l->file, use, l->diag, "no such common column: %.60s",
			                 use->kind == PACK_SCALAR ? use->text.p : "");
		raw.c = *common;
		raw.scale = common->scale;
		raw.c.n_synonyms = raw.c.n_fallbacks = raw.c.n_patterns = raw.c.n_groups = 0;
	}
	if (node->kind != PACK_SCALAR) {
		enum err e = keys_read(l, node, column_keys, &raw);
		if (e)
			return e;
	}
	if (common && !raw.only) {
		struct pack_column *c = &raw.c;
		join(l, &c->synonyms, &c->n_synonyms, common->synonyms, common->n_synonyms);
		join(l, &c->fallbacks, &c->n_fallbacks, common->fallbacks, common->n_fallbacks);
		join(l, &c->patterns, &c->n_patterns, common->patterns, common->n_patterns);
		join(l, &c->groups, &c->n_groups, common->groups, common->n_groups);
	}
	enum err e = column_finish(l, node, &raw);
	if (e == OK)
		*ret = raw.c;
	return e;
}

static enum err columns_read(struct load *l, const struct library *lib,
                             const struct pack_node *node, struct pack_column **ret)
{
	enum err e = keys_kind(l, node, PACK_LIST, "columns");
	if (e)
		return e;
	struct pack_column *columns = ARENA_ARRAY(l->a, node->n, struct pack_column);
	for (size_t i = 0; i < node->n; i++) {
		if ((e = column_read(l, lib, &node->items[i], &columns[i])) != OK)
			return e;
		for (size_t k = 0; k < i; k++)
			if (strcmp(columns[k].id, columns[i].id) == 0)
				return node_fail(&l->file, &node->items[i], l->diag,
				                 "given twice: %s", columns[i].id);
	}
	*ret = columns;
	return OK;
}

struct raw_layout {
	struct pack_layout p;
	const struct pack_node *columns, *pivot;
	const char *const *identify;
};

static const struct key layout_keys[] = {
	{"id", KEY_TEXT, true, offsetof(struct raw_layout, p.id), 0, NULL},
	{"title", KEY_TITLE, true, offsetof(struct raw_layout, p.title), 0, NULL},
	{"office", KEY_TITLE, true, offsetof(struct raw_layout, p.office), 0, NULL},
	{"subject", KEY_ENUM, true, offsetof(struct raw_layout, p.subject), 0, subject_names},
	{"family", KEY_TEXT, true, offsetof(struct raw_layout, p.family), 0, NULL},
	{"keep", KEY_ENUM, true, offsetof(struct raw_layout, p.keep), 0, keep_names},
	{"retention_days", KEY_INT, true, offsetof(struct raw_layout, p.retention_days), 0, NULL},
	{"sensitivity", KEY_ENUM, true, offsetof(struct raw_layout, p.sensitivity), 0,
	 privacy_names},
	{"coverage", KEY_ENUM, true, offsetof(struct raw_layout, p.coverage), 0, coverage_names},
	{"one_to_one", KEY_BOOL, true, offsetof(struct raw_layout, p.one_to_one), 0, NULL},
	{"period", KEY_ENUM, false, offsetof(struct raw_layout, p.period), 0, period_names},
	{"titles", KEY_TEXTS, true, offsetof(struct raw_layout, p.titles),
	 offsetof(struct raw_layout, p.n_titles), NULL},
	{"not_titles", KEY_TEXTS, false, offsetof(struct raw_layout, p.not_titles),
	 offsetof(struct raw_layout, p.n_not_titles), NULL},
	{"identify", KEY_TEXTS, true, offsetof(struct raw_layout, identify),
	 offsetof(struct raw_layout, p.n_identify), NULL},
	{"basis", KEY_TEXT, false, offsetof(struct raw_layout, p.basis), 0, NULL},
	{"pivot", KEY_NODE, false, offsetof(struct raw_layout, pivot), 0, NULL},
	{"columns", KEY_NODE, true, offsetof(struct raw_layout, columns), 0, NULL},
	{0},
};

static enum err roles_set(struct load *l, const struct pack_node *node, struct pack_layout *p)
{
	for (int r = 0; r < PACK_ROLE_MAX; r++)
		p->role[r] = -1;
	for (size_t i = 0; i < p->n_columns; i++) {
		enum pack_role r = p->columns[i].role;
		if (r == PACK_ROLE_NONE)
			continue;
		if (p->role[r] >= 0)
			return node_fail(&l->file, node, l->diag, "%s: two columns are %s", p->id,
			                 role_names[r]);
		p->role[r] = (int)i;
	}
	return OK;
}

struct raw_pivot {
	const char *into, *value;
	const char *const *by;
	size_t n_by;
};

/* Every code names a column of money of the other layout, or none. */
static enum err pivot_codes(struct load *l, const struct pack_node *node,
                            const struct pack_list *list, const struct pack_layout *into)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *id = pack_code_attr(list, (int)i, "column");
		int c = id[0] ? pack_column(into, id) : -1;
		if (id[0] && (c < 0 || into->columns[c].kind != PACK_MONEY))
			return node_fail(&l->file, node, l->diag, "%s.%s: no column of money: %s",
			                 list->id, list->codes[i].id, id);
	}
	return OK;
}

static enum err pivot_by(struct load *l, const struct pack_node *node, const struct raw_pivot *raw,
                         const struct pack_layout *p, int *by)
{
	for (size_t i = 0; i < raw->n_by; i++) {
		by[i] = pack_column(p, raw->by[i]);
		bool last = i + 1 == raw->n_by;
		if (by[i] < 0 || p->columns[by[i]].kind != (last ? PACK_CODE : PACK_TEXT))
			return node_fail(&l->file, node, l->diag, "by: %s: a column of %s is needed",
			                 raw->by[i], last ? "code" : "text");
	}
	return OK;
}

/* The layout `into` stands above. */
static enum err pivot_read(struct load *l, const struct pack_node *node, struct pack_layout *p)
{
	static const struct key keys[] = {
		{"into", KEY_TEXT, true, offsetof(struct raw_pivot, into), 0, NULL},
		{"by", KEY_TEXTS, true, offsetof(struct raw_pivot, by),
		 offsetof(struct raw_pivot, n_by), NULL},
		{"value", KEY_TEXT, true, offsetof(struct raw_pivot, value), 0, NULL},
		{0},
	};
	struct raw_pivot raw = {0};
	enum err e = keys_read(l, node, keys, &raw);
	if (e)
		return e;
	const struct pack_layout *into = pack_layout(l->pack, raw.into);
	struct pack_pivot *v = ARENA_NEW(l->a, struct pack_pivot);
	int *by = ARENA_ARRAY(l->a, raw.n_by, int);
	if (!into || into->pivot)
		return node_fail(&l->file, node, l->diag, "into: no such layout above: %s", raw.into);
	*v = (struct pack_pivot){(int)(into - l->pack->layouts), raw.n_by, by,
	                         pack_column(p, raw.value)};
	if (v->value < 0 || p->columns[v->value].kind != PACK_MONEY)
		return node_fail(&l->file, node, l->diag, "value: a column of money is needed");
	if (raw.n_by == 0)
		return node_fail(&l->file, node, l->diag, "by: a column is needed");
	if ((e = pivot_by(l, node, &raw, p, by)) != OK)
		return e;
	p->pivot = v;
	return pivot_codes(l, node, pack_pivot_list(l->pack, p), into);
}

static enum err layout_read(struct load *l, const struct library *lib,
                            const struct pack_node *node, struct pack_layout *ret)
{
	struct raw_layout raw = {.p.basis = ""};
	enum err e = keys_read(l, node, layout_keys, &raw);
	if (e || (e = keys_id(l, node, raw.p.id)) != OK)
		return e;
	struct pack_column *columns = NULL;
	if ((e = columns_read(l, lib, raw.columns, &columns)) != OK)
		return e;
	if (raw.columns->n > 500)
		return node_fail(&l->file, raw.columns, l->diag, "more than 500 columns");
	raw.p.columns = columns;
	raw.p.n_columns = raw.columns->n;
	if ((e = roles_set(l, node, &raw.p)) != OK)
		return e;
	int *identify = ARENA_ARRAY(l->a, raw.p.n_identify, int);
	for (size_t i = 0; i < raw.p.n_identify; i++)
		if ((identify[i] = pack_column(&raw.p, raw.identify[i])) < 0)
			return node_fail(&l->file, node, l->diag, "identify: no such column: %s",
			                 raw.identify[i]);
	raw.p.identify = identify;
	if (raw.pivot && (e = pivot_read(l, raw.pivot, &raw.p)) != OK)
		return e;
	*ret = raw.p;
	return OK;
}

/* ---- what headers may mean ---- */

/* Made when a header is first looked up, by whoever reads a ledger; the other commands
 * start without it. */
struct pack_headers {
	pthread_mutex_t lock;
	atomic_bool made;
	struct map index; /* normal form -> index into list */
	struct pack_header *list;
	size_t n;
	struct arena a; /* list and keys */
};

static void index_name(struct pack_headers *h, struct pack_header at, const char *name)
{
	char norm[160];
	size_t n = pack_normal(str_c(name), norm, sizeof(norm));
	if (n == 0)
		return;
	struct str key = {arena_strndup(&h->a, norm, n), n};
	int64_t *slot = map_slot(&h->index, key, -1);
	at.next = *slot < 0 ? NULL : &h->list[*slot];
	for (const struct pack_header *e = at.next; e; e = e->next)
		if (e->layout == at.layout && e->column == at.column)
			return; /* the stronger one came first */
	*slot = (int64_t)h->n;
	h->list[h->n++] = at;
}

static void index_column(struct pack_headers *h, struct pack_header at, const struct pack_column *c)
{
	at.strength = PACK_LABEL;
	index_name(h, at, c->label.in[LANG_ZH]);
	index_name(h, at, c->label.in[LANG_EN]);
	index_name(h, at, c->id);
	at.strength = PACK_SYNONYM;
	for (size_t s = 0; s < c->n_synonyms; s++)
		index_name(h, at, c->synonyms[s]);
	at.strength = PACK_FALLBACK;
	for (size_t s = 0; s < c->n_fallbacks; s++)
		index_name(h, at, c->fallbacks[s]);
}

static void index_layouts(const struct pack *p, struct pack_headers *h)
{
	size_t most = 0;
	for (size_t i = 0; i < p->n_layouts; i++)
		for (size_t k = 0; k < p->layouts[i].n_columns; k++)
			most += 3 + p->layouts[i].columns[k].n_synonyms +
			        p->layouts[i].columns[k].n_fallbacks;
	h->list = ARENA_ARRAY(&h->a, most, struct pack_header);
	for (size_t i = 0; i < p->n_layouts; i++)
		for (size_t k = 0; k < p->layouts[i].n_columns; k++)
			index_column(h, (struct pack_header){.layout = (uint16_t)i, .column = (uint16_t)k},
			             &p->layouts[i].columns[k]);
}

void pack_headers_init(struct pack *pack)
{
	struct pack_headers *h = base_calloc(1, sizeof(*h));
	(void)pthread_mutex_init(&h->lock, NULL);
	arena_init(&h->a, PACK_ARENA_MAX);
	map_init(&h->index);
	pack->headers = h;
}

void pack_headers_release(struct pack *pack)
{
	struct pack_headers *h = pack->headers;
	map_release(&h->index);
	arena_release(&h->a);
	(void)pthread_mutex_destroy(&h->lock);
	base_free(h);
}

const struct pack_header *pack_header_find(const struct pack *pack, struct str normal)
{
	struct pack_headers *h = pack->headers;
	if (!atomic_load_explicit(&h->made, memory_order_acquire)) {
		(void)pthread_mutex_lock(&h->lock);
		if (!h->list)
			index_layouts(pack, h);
		atomic_store_explicit(&h->made, true, memory_order_release);
		(void)pthread_mutex_unlock(&h->lock);
	}
	int64_t i = map_get(&h->index, normal, -1);
	return i < 0 ? NULL : &h->list[i];
}

struct layouts_file {
	const struct pack_node *columns, *layouts;
};

enum err layouts_load(struct load *l, const struct pack_node *root)
{
	static const struct key keys[] = {
		{"columns", KEY_NODE, true, offsetof(struct layouts_file, columns), 0, NULL},
		{"layouts", KEY_NODE, true, offsetof(struct layouts_file, layouts), 0, NULL},
		{0},
	};
	struct layouts_file f = {0};
	enum err e = keys_read(l, root, keys, &f);
	if (e)
		return e;
	struct library lib = {NULL, 0};
	struct pack_column *common = NULL;
	if ((e = columns_read(l, &lib, f.columns, &common)) != OK ||
	    (e = keys_kind(l, f.layouts, PACK_LIST, "layouts")) != OK)
		return e;
	lib = (struct library){common, f.columns->n};
	if (f.layouts->n > 1000)
		return node_fail(&l->file, f.layouts, l->diag, "more than 1000 layouts");
	struct pack_layout *layouts = ARENA_ARRAY(l->a, f.layouts->n, struct pack_layout);
	for (size_t i = 0; i < f.layouts->n; i++) {
		if ((e = layout_read(l, &lib, &f.layouts->items[i], &layouts[i])) != OK)
			return e;
		if (pack_layout(l->pack, layouts[i].id))
			return node_fail(&l->file, &f.layouts->items[i], l->diag,
			                 "given twice: %s", layouts[i].id);
		l->pack->layouts = layouts;
		l->pack->n_layouts = i + 1;
	}
	return OK;
}

const struct pack_layout *pack_layout(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->n_layouts; i++)
		if (strcmp(pack->layouts[i].id, id) == 0)
			return &pack->layouts[i];
	return NULL;
}

const struct pack_list *pack_pivot_list(const struct pack *pack, const struct pack_layout *layout)
{
	const struct pack_pivot *p = layout->pivot;
	return &pack->lists[layout->columns[p->by[p->n_by - 1]].list_index];
}

int pack_column(const struct pack_layout *layout, const char *id)
{
	for (size_t i = 0; i < layout->n_columns; i++)
		if (strcmp(layout->columns[i].id, id) == 0)
			return (int)i;
	return -1;
}
