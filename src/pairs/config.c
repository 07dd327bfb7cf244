/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdio.h>

#include "pack/node.h"
#include "pairs/pairs.h"

#include "base/banned.h"

enum { CONFIG_BYTES_MAX = 1 << 20 };

static const char *const assigns[PAIRS_ASSIGN_MAX] = {"each_b", "one_to_one", "any"};
static const char *const key_names[ATTRIBUTE_KEY_MAX] = {"exact", "soft"};

struct reading {
	struct node_file file;
	struct arena *a;
	struct diag *diag;
	struct pairs_config *c;
};

static enum err columns_of(struct reading *r, const struct pack_node *n, const char **ret,
                           size_t *ret_n)
{
	size_t count = n->kind == PACK_LIST ? n->n : 1;
	if (n->kind == PACK_MAP || count == 0 || count > PAIRS_COLUMNS_MAX)
		return node_fail(&r->file, n, r->diag, "columns are wanted, at most %d", PAIRS_COLUMNS_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct pack_node *item = n->kind == PACK_LIST ? &n->items[i] : n;
		if (item->kind != PACK_SCALAR)
			return node_fail(&r->file, item, r->diag, "a column is wanted");
		ret[i] = str_dup(r->a, item->text);
	}
	*ret_n = count;
	return OK;
}

static enum err field_of(struct reading *r, const struct pack_node *n)
{
	struct pairs_field *f = &r->c->field[r->c->n_fields];
	const struct pack_node *name, *kind, *a, *b;
	if (r->c->n_fields == FELLEGI_FIELDS_MAX)
		return node_fail(&r->file, n, r->diag, "more than %d fields", FELLEGI_FIELDS_MAX);
	if (n->kind != PACK_MAP || !(name = pack_node_get(n, "name")) ||
	    !(kind = pack_node_get(n, "kind")) || !(a = pack_node_get(n, "a")) ||
	    name->kind != PACK_SCALAR || kind->kind != PACK_SCALAR)
		return node_fail(&r->file, n, r->diag, "a field wants name, kind, a and b");
	b = pack_node_get(n, "b");
	f->name = str_dup(r->a, name->text);
	if (!attribute_kind_find(kind->text, &f->kind))
		return node_fail(&r->file, kind, r->diag, "unknown kind");
	enum err e = columns_of(r, a, f->a, &f->n_a);
	if (!e)
		e = columns_of(r, b ? b : a, f->b, &f->n_b);
	r->c->n_fields++;
	return e;
}

/* "name.soft": the field's place and its key. */
static enum err part_of(struct reading *r, const struct pack_node *n, struct pairs_part *ret)
{
	struct str rest = n->text, name;
	if (n->kind == PACK_SCALAR && str_split(&rest, '.', &name))
		for (size_t k = 0; k < r->c->n_fields; k++)
			for (int key = 0; key < ATTRIBUTE_KEY_MAX; key++)
				if (str_is(name, r->c->field[k].name) && str_is(rest, key_names[key])) {
					*ret = (struct pairs_part){k, (enum attribute_key)key};
					return OK;
				}
	return node_fail(&r->file, n, r->diag, "field.exact or field.soft is wanted");
}

static enum err rule_of(struct reading *r, const struct pack_node *n)
{
	struct pairs_rule *rule = &r->c->rule[r->c->n_rules];
	enum err e = OK;
	if (r->c->n_rules == PAIRS_RULES_MAX || n->kind != PACK_LIST || n->n == 0 ||
	    n->n > PAIRS_PARTS_MAX)
		return node_fail(&r->file, n, r->diag, "a rule is a list of up to %d keys",
		                 PAIRS_PARTS_MAX);
	for (size_t i = 0; !e && i < n->n; i++)
		e = part_of(r, &n->items[i], &rule->part[rule->n++]);
	r->c->n_rules++;
	return e;
}

static enum err probability_of(struct reading *r, const struct pack_node *n, double *ret)
{
	struct str rest = n->text, whole;
	int64_t w, f;
	double scale = 1;
	if (n->kind != PACK_SCALAR || !str_split(&rest, '.', &whole) || !str_to_int(whole, &w) || w < 0 ||
	    !str_to_int(rest, &f) || f < 0 || rest.n > 9)
		return node_fail(&r->file, n, r->diag, "a probability is wanted, 0.5 say");
	for (size_t i = 0; i < rest.n; i++)
		scale *= 10;
	*ret = (double)w + (double)f / scale;
	return *ret <= 1 ? OK : node_fail(&r->file, n, r->diag, "not above 1");
}

static enum err ids_of(struct reading *r, const struct pack_node *n)
{
	const struct pack_node *a = n->kind == PACK_MAP ? pack_node_get(n, "a") : n;
	const struct pack_node *b = n->kind == PACK_MAP ? pack_node_get(n, "b") : n;
	if (!a || !b || a->kind != PACK_SCALAR || b->kind != PACK_SCALAR)
		return node_fail(&r->file, n, r->diag, "a column, or {a: column, b: column}");
	r->c->id_a = str_dup(r->a, a->text);
	r->c->id_b = str_dup(r->a, b->text);
	return OK;
}

static enum err list_of(struct reading *r, const struct pack_node *n,
                        enum err (*each)(struct reading *r, const struct pack_node *n))
{
	enum err e = OK;
	if (n->kind != PACK_LIST)
		return node_fail(&r->file, n, r->diag, "a list is wanted");
	for (size_t i = 0; !e && i < n->n; i++)
		e = each(r, &n->items[i]);
	return e;
}

static enum err key_of(struct reading *r, struct str key, const struct pack_node *v)
{
	if (str_is(key, "id"))
		return ids_of(r, v);
	if (str_is(key, "fields"))
		return list_of(r, v, field_of);
	if (str_is(key, "blocking"))
		return list_of(r, v, rule_of);
	if (str_is(key, "match"))
		return probability_of(r, v, &r->c->match);
	if (str_is(key, "review"))
		return probability_of(r, v, &r->c->review);
	for (int i = 0; str_is(key, "assign") && i < PAIRS_ASSIGN_MAX; i++)
		if (v->kind == PACK_SCALAR && str_is(v->text, assigns[i])) {
			r->c->assign = (enum pairs_assign)i;
			return OK;
		}
	return node_fail(&r->file, v, r->diag, "unknown: " STR_FMT, STR_ARG(key));
}

enum err pairs_config_read(const char *path, struct arena *arena, struct diag *diag,
                           struct pairs_config *ret)
{
	struct pairs_config c = {.match = 0.5, .review = 0.05};
	const struct pack_node *root;
	char *text = arena_alloc(arena, CONFIG_BYTES_MAX + 1);
	FILE *f = fopen(path, "rb");
	if (!f)
		return diag_set(diag, ERR_FILE_UNREADABLE, "%s", path);
	size_t n = fread(text, 1, CONFIG_BYTES_MAX + 1, f);
	(void)fclose(f);
	if (n > CONFIG_BYTES_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "%s", path);
	struct reading r = {.file = {path, {text, n}, ERR_MAP_FILE}, .a = arena, .diag = diag, .c = &c};
	enum err e = node_parse(&r.file, arena, diag, &root);
	if (!e && root->kind != PACK_MAP)
		e = node_fail(&r.file, root, diag, "id, fields and blocking are wanted");
	for (size_t i = 0; !e && i < root->n; i++)
		e = key_of(&r, root->keys[i], &root->items[i]);
	if (!e && (!c.id_a || !c.n_fields || !c.n_rules))
		e = node_fail(&r.file, root, diag, "id, fields and blocking are wanted");
	if (!e)
		*ret = c;
	return e;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put_text(const char *s, struct buf *out)
{
	buf_addc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
	buf_addc(out, '"');
}

static void put_columns(const char *const *names, size_t n, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_adds(out, ", ");
		put_text(names[i], out);
	}
	buf_addc(out, ']');
}

void pairs_config_write(const struct pairs_config *c, bool dedupe, struct buf *out)
{
	buf_adds(out, "id: {a: ");
	put_text(c->id_a, out);
	buf_adds(out, ", b: ");
	put_text(c->id_b, out);
	buf_adds(out, "}\nfields:\n");
	for (size_t k = 0; k < c->n_fields; k++) {
		const struct pairs_field *f = &c->field[k];
		buf_adds(out, "  - {name: ");
		put_text(f->name, out);
		buf_addf(out, ", kind: %s, a: ", attribute_kind_name(f->kind));
		put_columns(f->a, f->n_a, out);
		if (!dedupe) {
			buf_adds(out, ", b: ");
			put_columns(f->b, f->n_b, out);
		}
		buf_adds(out, "}\n");
	}
	buf_adds(out, "blocking:\n");
	for (size_t i = 0; i < c->n_rules; i++) {
		buf_adds(out, "  - [");
		for (size_t p = 0; p < c->rule[i].n; p++) {
			const struct pairs_part *part = &c->rule[i].part[p];
			buf_addf(out, "%s\"%s.%s\"", p ? ", " : "", c->field[part->field].name,
			         key_names[part->key]);
		}
		buf_adds(out, "]\n");
	}
	buf_addf(out, "assign: %s\nmatch: %.3f\nreview: %.3f\n", assigns[c->assign], c->match, c->review);
}
