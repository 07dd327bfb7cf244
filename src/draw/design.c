/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdio.h>

#include "draw/draw.h"
#include "pack/node.h"

#include "base/banned.h"

enum { DESIGN_BYTES_MAX = 1 << 20 };

static const char *const methods[DRAW_METHOD_MAX] = {"srs", "systematic", "pps_systematic",
                                                     "brewer"};
static const char *const allocations[ALLOCATION_MAX] = {"proportional", "equal", "neyman",
                                                        "power"};

struct reading {
	struct node_file file;
	struct arena *a;
	struct diag *diag;
};

static enum err text_of(struct reading *r, const struct pack_node *n, const char **ret)
{
	if (n->kind != PACK_SCALAR || !n->text.n)
		return node_fail(&r->file, n, r->diag, "a text is wanted");
	*ret = str_dup(r->a, n->text);
	return OK;
}

static enum err count_of(struct reading *r, const struct pack_node *n, size_t *ret)
{
	int64_t v;
	if (n->kind != PACK_SCALAR || !str_to_int(n->text, &v) || v < 0 || v > 100000000)
		return node_fail(&r->file, n, r->diag, "a whole number is wanted");
	*ret = (size_t)v;
	return OK;
}

static enum err share_of(struct reading *r, const struct pack_node *n, double *ret)
{
	struct str t = n->text, whole;
	int64_t w = 0, f = 0;
	double scale = 1;
	if (n->kind != PACK_SCALAR || !str_split(&t, '.', &whole) || !str_to_int(whole, &w) || w < 0 ||
	    (t.n && (!str_to_int(t, &f) || f < 0 || t.n > 9)))
		return node_fail(&r->file, n, r->diag, "a number is wanted");
	for (size_t i = 0; i < t.n; i++)
		scale *= 10;
	*ret = (double)w + (double)f / scale;
	return OK;
}

static enum err choice_of(struct reading *r, const struct pack_node *n, const char *const *names,
                          int n_names, int *ret)
{
	for (int i = 0; n->kind == PACK_SCALAR && i < n_names; i++)
		if (str_is(n->text, names[i])) {
			*ret = i;
			return OK;
		}
	return node_fail(&r->file, n, r->diag, "not one of the choices");
}

static enum err strata_of(struct reading *r, const struct pack_node *n, struct draw_stage *s)
{
	enum err e = OK;
	if (n->kind == PACK_SCALAR) {
		s->n_strata = 1;
		return text_of(r, n, &s->strata[0]);
	}
	for (size_t i = 0; !e && i < n->n; i++) {
		if (s->n_strata == DRAW_STRATA_MAX)
			return node_fail(&r->file, n, r->diag, "too many");
		e = text_of(r, &n->items[i], &s->strata[s->n_strata++]);
	}
	return e;
}

static enum err key_of(struct reading *r, struct str key, const struct pack_node *v,
                       struct draw_stage *s)
{
	int choice = 0;
	enum err e;
	if (str_is(key, "strata"))
		return strata_of(r, v, s);
	if (str_is(key, "cluster"))
		return text_of(r, v, &s->cluster);
	if (str_is(key, "size"))
		return text_of(r, v, &s->size);
	if (str_is(key, "spread"))
		return text_of(r, v, &s->spread);
	if (str_is(key, "certainty"))
		return text_of(r, v, &s->certainty);
	if (str_is(key, "n"))
		return count_of(r, v, &s->n);
	if (str_is(key, "least"))
		return count_of(r, v, &s->least);
	if (str_is(key, "power"))
		return share_of(r, v, &s->power);
	if (str_is(key, "reserve"))
		return share_of(r, v, &s->reserve);
	if (str_is(key, "n_each")) {
		s->each = true;
		return count_of(r, v, &s->n);
	}
	if (str_is(key, "method")) {
		e = choice_of(r, v, methods, DRAW_METHOD_MAX, &choice);
		s->method = (enum draw_method)choice;
		return e;
	}
	if (str_is(key, "allocation")) {
		e = choice_of(r, v, allocations, ALLOCATION_MAX, &choice);
		s->allocation = (enum allocation)choice;
		return e;
	}
	return node_fail(&r->file, v, r->diag, "unknown: " STR_FMT, STR_ARG(key));
}

static enum err stage_of(struct reading *r, const struct pack_node *n, struct draw_stage *s)
{
	enum err e = OK;
	*s = (struct draw_stage){.power = 0.5, .least = 2};
	if (n->kind != PACK_MAP)
		return node_fail(&r->file, n, r->diag, "a stage is wanted");
	for (size_t i = 0; !e && i < n->n; i++)
		e = key_of(r, n->keys[i], &n->items[i], s);
	bool pps = s->method == DRAW_PPS_SYSTEMATIC || s->method == DRAW_BREWER;
	if (!e && s->n == 0)
		e = node_fail(&r->file, n, r->diag, "n is missing");
	if (!e && pps != (s->size != NULL))
		e = node_fail(&r->file, n, r->diag, "size goes with pps_systematic and brewer");
	if (!e && (s->allocation == ALLOCATION_NEYMAN) != (s->spread != NULL))
		e = node_fail(&r->file, n, r->diag, "spread goes with neyman");
	return e;
}

static enum err design_of(struct reading *r, const struct pack_node *root, struct draw_design *d)
{
	enum err e = OK;
	if (root->kind != PACK_MAP)
		return node_fail(&r->file, root, r->diag, "id and stages are wanted");
	for (size_t i = 0; !e && i < root->n; i++) {
		const struct pack_node *v = &root->items[i];
		if (str_is(root->keys[i], "id")) {
			e = text_of(r, v, &d->id);
		} else if (str_is(root->keys[i], "stages") && v->kind == PACK_LIST &&
		           v->n <= DRAW_STAGES_MAX) {
			for (size_t k = 0; !e && k < v->n; k++)
				e = stage_of(r, &v->items[k], &d->stages[d->n_stages++]);
		} else {
			e = node_fail(&r->file, v, r->diag, "id and up to %d stages are wanted",
			              DRAW_STAGES_MAX);
		}
	}
	if (!e && (!d->id || !d->n_stages))
		e = node_fail(&r->file, root, r->diag, "id and stages are wanted");
	for (size_t k = 0; !e && k < d->n_stages; k++)
		if ((d->stages[k].cluster == NULL) != (k + 1 == d->n_stages))
			e = node_fail(&r->file, root, r->diag,
			              "every stage but the last draws clusters, the last one rows");
	return e;
}

enum err draw_design_read(const char *path, struct arena *a, struct diag *diag,
                          struct draw_design *ret)
{
	struct draw_design d = {0};
	const struct pack_node *root;
	char *text = arena_alloc(a, DESIGN_BYTES_MAX + 1);
	FILE *f = fopen(path, "rb");
	if (!f)
		return diag_set(diag, ERR_FILE_UNREADABLE, "%s", path);
	size_t n = fread(text, 1, DESIGN_BYTES_MAX + 1, f);
	(void)fclose(f);
	if (n > DESIGN_BYTES_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "%s", path);
	struct reading r = {.file = {path, {text, n}, ERR_MAP_FILE}, .a = a, .diag = diag};
	enum err e = node_parse(&r.file, a, diag, &root);
	if (!e)
		e = design_of(&r, root, &d);
	if (!e)
		*ret = d;
	return e;
}
