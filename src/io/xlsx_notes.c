/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/xlsx_impl.h"

#include "base/banned.h"

enum { NOTE_BYTES = 256 * 1024 };

/* One <comment> or <threadedComment> whose start came last. */
static enum err read_note(struct rows *r, struct xlsx *x, struct diag *diag)
{
	struct str ref = {NULL, 0};
	uint32_t row = 0, col = 0;
	bool strike;
	(void)xml_attr(x->xml.attrs, "ref", &ref);
	bool good = xlsx_ref(ref, &row, &col) && row && col;
	bool threaded = xml_is(&x->xml, "threadedComment");
	uint32_t outside = x->xml.depth - 1;
	buf_clear(&x->value);
	while (x->xml.depth > outside) {
		enum xml_kind k = xml_next(&x->xml, diag);
		enum err e = OK;
		if (k == XML_FAILED)
			return diag->code;
		if (k == XML_START && xml_is(&x->xml, "text") && !threaded)
			e = xlsx_rich_text(&x->xml, diag, &x->value, &strike);
		else if (k == XML_TEXT && threaded)
			e = xlsx_text_event(&x->xml, diag, &x->value);
		if (e != OK)
			return e;
	}
	if (!good)
		return OK;
	if (x->notes.n >= ROWS_NOTES_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "notes > %d", ROWS_NOTES_MAX);
	struct note *n = vec_push(&x->notes);
	n->row = row;
	n->col = col;
	n->text = str_dup(&x->sheet_arena, str_trim(buf_str(&x->value)));
	(void)r;
	return OK;
}

static enum err read_notes(struct rows *r, struct xlsx *x, const char *part, struct diag *diag)
{
	enum err e = xlsx_part_open(r, x, part, diag, &x->part);
	if (e != OK)
		return e;
	buf_release(&x->value);
	buf_init(&x->value, NOTE_BYTES);
	xml_init(&x->xml, xlsx_part_read, &x->part, XML_TOKEN_MAX);
	enum xml_kind k = XML_START;
	while (e == OK && (k = xml_next(&x->xml, diag)) != XML_FAILED && k != XML_EOF)
		if (k == XML_START &&
		    (xml_is(&x->xml, "comment") || xml_is(&x->xml, "threadedComment")))
			e = read_note(r, x, diag);
	xml_release(&x->xml);
	xlsx_part_close(&x->part);
	return k == XML_FAILED ? diag->code : e;
}

struct left_out {
	size_t pictures, charts, pivots, tables, objects;
};

static void count_rel(const struct xrel *rel, struct left_out *n)
{
	n->pictures += strcmp(rel->type, "image") == 0;
	n->charts += strcmp(rel->type, "chart") == 0 || strcmp(rel->type, "chartEx") == 0;
	n->pivots += strcmp(rel->type, "pivotTable") == 0;
	n->objects += strcmp(rel->type, "oleObject") == 0 || strcmp(rel->type, "package") == 0 ||
	              strcmp(rel->type, "control") == 0;
}

static void say(struct buf b[LANG_MAX], size_t n, struct text what)
{
	if (n == 0)
		return;
	if (b[0].n) {
		buf_adds(&b[LANG_ZH], "、");
		buf_adds(&b[LANG_EN], ", ");
	}
	buf_addf(&b[LANG_ZH], "%s%zu个", what.in[LANG_ZH], n);
	buf_addf(&b[LANG_EN], "%zu %s", n, what.in[LANG_EN]);
}

static struct text describe(struct arena *a, const struct left_out *n, const char *others)
{
	struct buf b[LANG_MAX];
	struct text t;
	for (int i = 0; i < LANG_MAX; i++)
		buf_init(&b[i], 64 * 1024);
	say(b, n->pictures, (struct text)TEXT("图片", "picture(s)"));
	say(b, n->charts, (struct text)TEXT("图表", "chart(s)"));
	say(b, n->pivots, (struct text)TEXT("数据透视表", "pivot table(s)"));
	say(b, n->objects, (struct text)TEXT("嵌入对象", "embedded object(s)"));
	if (others && others[0]) {
		buf_addf(&b[LANG_ZH], "%s非表格工作表：%s", b[0].n ? "、" : "", others);
		buf_addf(&b[LANG_EN], "%ssheets that are no tables: %s", b[1].n ? ", " : "",
		         others);
	}
	for (int i = 0; i < LANG_MAX; i++) {
		t.in[i] = str_dup(a, buf_str(&b[i]));
		buf_release(&b[i]);
	}
	return t;
}

/* Threaded comments repeat in the old form with an advice in front: where both
 * stand at one cell, the threaded ones are kept. */
static void drop_doubles(struct xlsx *x, size_t n_old)
{
	struct imap threaded;
	imap_init(&threaded);
	for (size_t i = n_old; i < x->notes.n; i++)
		imap_set(&threaded, (int64_t)x->notes.p[i].row << 32 | x->notes.p[i].col, 1);
	size_t out = 0;
	for (size_t i = 0; i < x->notes.n; i++) {
		const struct note *n = &x->notes.p[i];
		if (i < n_old && imap_get(&threaded, (int64_t)n->row << 32 | n->col, 0))
			continue;
		x->notes.p[out++] = *n;
	}
	x->notes.n = out;
	imap_release(&threaded);
}

enum err xlsx_side_parts(struct rows *r, struct xlsx *x, const char *part, struct diag *diag)
{
	struct xrels rels = {0}, inner = {0};
	struct left_out n = {0};
	size_t n_old = 0;
	enum err e = xlsx_rels(r, x, part, &x->sheet_arena, diag, &rels);
	for (int pass = 0; pass < 2; pass++) {
		const char *type = pass ? "threadedComment" : "comments";
		for (size_t i = 0; i < rels.n && e == OK; i++)
			if (strcmp(rels.p[i].type, type) == 0 && !rels.p[i].external &&
			    xlsx_has_part(x, rels.p[i].target))
				e = read_notes(r, x, rels.p[i].target, diag);
		if (pass == 0)
			n_old = x->notes.n;
	}
	for (size_t i = 0; i < rels.n && e == OK; i++) {
		count_rel(&rels.p[i], &n);
		if (strcmp(rels.p[i].type, "drawing") == 0 && !rels.p[i].external)
			e = xlsx_rels(r, x, rels.p[i].target, &x->sheet_arena, diag, &inner);
	}
	for (size_t i = 0; i < inner.n; i++)
		count_rel(&inner.p[i], &n);
	if (n_old < x->notes.n)
		drop_doubles(x, n_old);
	rows_sort_notes(x->notes.p, x->notes.n);
	r->left_out = describe(&x->sheet_arena, &n, r->current == 0 ? x->other_sheets : NULL);
	vec_free(&rels);
	vec_free(&inner);
	return e;
}
