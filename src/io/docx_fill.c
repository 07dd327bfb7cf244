/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A template is taken apart once, into a list of steps: bytes to copy, fields to write,
 * blocks to repeat.  Filling runs the steps.
 */
#include "io/docx.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/utf8.h"
#include "io/xml_edit.h"
#include "io/package.h"

#include "base/banned.h"

enum { ROW_DEPTH = 32, VALUE_BYTES = 1 << 20, LABEL_BYTES = 400, WRITE_BLOCK = 1 << 16 };

enum step_kind { STEP_BYTES, STEP_FIELD, STEP_BLOCK, STEP_BLOCK_END };

struct step {
	enum step_kind kind;
	struct str bytes;
	size_t n; /* field, or block (from 1) */
};

/* A text node of the paragraph being read. */
struct node {
	size_t at, n; /* in the document */
};

/* A table row that is open. */
struct open_row {
	size_t step;      /* where its steps begin */
	size_t at;        /* its first byte */
	size_t fields;    /* in it */
	size_t first_field;
	bool label;       /* a cell holds words of the form's own */
	bool cell_field;  /* of the cell that is open */
	bool cell_merged; /* goes on from the row above */
	size_t cell_text; /* characters of it beside fields */
	bool cell_colon;
};

struct docx {
	struct arena arena;
	struct package package;
	const char *path;
	const char *part;    /* of the document */
	struct buf xml;
	VEC(struct step) steps;
	size_t body, tail;   /* steps of the page: body..tail-1 */
	VEC(struct docx_field) fields;
	size_t n_blocks;
	/* while it is taken apart */
	size_t copied;       /* bytes that stand in steps */
	VEC(struct node) nodes;
	struct buf line;     /* raw text of the nodes */
	struct buf label;    /* text before the field, on this line or in the cell before */
	struct open_row rows[ROW_DEPTH];
	size_t depth;
	struct diag *diag;
	enum err failed;
};

static void add_bytes(struct docx *d, size_t to)
{
	if (to > d->copied)
		*vec_push(&d->steps) = (struct step){STEP_BYTES, {d->xml.p + d->copied, to - d->copied}, 0};
	d->copied = to > d->copied ? to : d->copied;
}

/* --- fields in the text of a paragraph -------------------------------------- */

struct found {
	size_t at, end; /* in the line: of "{{" and behind "}}" */
	struct str name;
};

static bool next_field(const struct buf *line, size_t from, struct found *ret)
{
	struct str s = buf_str(line);
	for (;;) {
		size_t at = str_find(str_sub(s, from, s.n), STR("{{"));
		if (at == SIZE_MAX)
			return false;
		at += from;
		size_t end = str_find(str_sub(s, at + 2, s.n), STR("}}"));
		if (end == SIZE_MAX)
			return false;
		struct str name = str_sub(s, at + 2, end);
		size_t again = str_find(name, STR("{{"));
		if (again == SIZE_MAX && name.n && name.n <= DOCX_NAME_BYTES) {
			*ret = (struct found){at, at + 2 + end + 2, name};
			return true;
		}
		from = again == SIZE_MAX ? at + 2 : at + 2 + again;
	}
}

static struct str plain(struct docx *d, struct str raw)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	struct str s = {NULL, 0};
	if (xml_unescape(raw, XML_CONTENT, &b))
		s = str_copy(&d->arena, str_trim(buf_str(&b)));
	buf_release(&b);
	return s;
}

static void add_field(struct docx *d, struct str name)
{
	struct str label = str_copy(&d->arena, buf_str(&d->label));
	if (d->fields.n == DOCX_FIELDS_MAX) {
		d->failed = diag_set(d->diag, ERR_FILE_TOO_LARGE, "fields > %d", DOCX_FIELDS_MAX);
		return;
	}
	*vec_push(&d->steps) = (struct step){STEP_FIELD, {NULL, 0}, d->fields.n};
	*vec_push(&d->fields) = (struct docx_field){plain(d, name), 0, label};
}

/* The field's first byte is where its value goes; what is left of it in later nodes is
 * passed over, the tags between them are copied. */
static void cut_field(struct docx *d, const struct found *f)
{
	size_t before = 0;
	bool written = false;
	for (size_t i = 0; i < d->nodes.n; i++) {
		const struct node *node = &d->nodes.p[i];
		size_t from = f->at > before ? f->at - before : 0;
		size_t to = f->end > before ? f->end - before : 0;
		from = from < node->n ? from : node->n;
		to = to < node->n ? to : node->n;
		before += node->n;
		if (from == to)
			continue;
		add_bytes(d, node->at + from);
		if (!written)
			add_field(d, f->name);
		written = true;
		d->copied = node->at + to;
	}
}

static void note_text(struct docx *d, struct str raw, bool field)
{
	if (d->depth == 0 || d->depth > ROW_DEPTH)
		return;
	struct open_row *r = &d->rows[d->depth - 1];
	struct str s = str_trim(raw);
	r->cell_text += utf8_count(s);
	r->cell_colon |= str_find(s, STR("：")) != SIZE_MAX || str_find(s, STR(":")) != SIZE_MAX;
	if (field) {
		r->cell_field = true;
		if (r->fields++ == 0)
			r->first_field = d->fields.n;
	}
}

static void end_paragraph(struct docx *d)
{
	struct found f;
	size_t from = 0;
	while (!d->failed && next_field(&d->line, from, &f)) {
		struct str before = str_sub(buf_str(&d->line), from, f.at - from);
		struct str label = plain(d, before);
		if (label.n) {
			buf_clear(&d->label);
			buf_addstr(&d->label, label);
		}
		note_text(d, before, true);
		cut_field(d, &f);
		from = f.end;
	}
	struct str rest = str_sub(buf_str(&d->line), from, d->line.n);
	note_text(d, rest, false);
	struct str label = plain(d, rest);
	if (label.n && label.n < LABEL_BYTES) {
		buf_clear(&d->label);
		buf_addstr(&d->label, label);
	}
	d->nodes.n = 0;
	buf_clear(&d->line);
}

/* --- rows --------------------------------------------------------------------- */

static void end_cell(struct docx *d)
{
	enum { OWN_WORDS = 2 }; /* 第{{序号}}户 */
	struct open_row *r = &d->rows[d->depth - 1];
	if (r->cell_field)
		r->label |= r->cell_text > OWN_WORDS || r->cell_colon;
	else
		r->label |= r->cell_text > 0 || r->cell_merged;
	r->cell_field = r->cell_merged = r->cell_colon = false;
	r->cell_text = 0;
}

static void begin_row(struct docx *d, size_t at)
{
	if (d->depth < ROW_DEPTH) {
		add_bytes(d, at);
		d->rows[d->depth] = (struct open_row){.step = d->steps.n, .at = at};
	}
	d->depth++;
}

/* All its cells hold fields only: the row becomes a block. */
static void end_row(struct docx *d, size_t end)
{
	if (d->depth == 0 || d->depth-- > ROW_DEPTH)
		return;
	struct open_row *r = &d->rows[d->depth];
	if (!r->fields || r->label)
		return;
	add_bytes(d, end);
	size_t block = ++d->n_blocks;
	(void)vec_push(&d->steps);
	for (size_t i = d->steps.n - 1; i > r->step; i--)
		d->steps.p[i] = d->steps.p[i - 1];
	d->steps.p[r->step] = (struct step){STEP_BLOCK, {NULL, 0}, block};
	*vec_push(&d->steps) = (struct step){STEP_BLOCK_END, {NULL, 0}, block};
	for (size_t i = r->first_field; i < d->fields.n; i++)
		d->fields.p[i].block = block;
	/* a row around it is a form's: blocks do not lie in each other */
	for (size_t i = 0; i < d->depth; i++)
		d->rows[i].label = true;
}

/* --- taking apart --------------------------------------------------------------- */

static void one_tag(struct docx *d, const struct xml_tag *t)
{
	if (xml_tag_is(t, "p")) {
		end_paragraph(d);
	} else if (xml_tag_is(t, "tr")) {
		if (t->kind == XML_TAG_START)
			begin_row(d, t->at);
		else if (t->kind == XML_TAG_END)
			end_row(d, t->end);
	} else if (xml_tag_is(t, "tc") && t->kind == XML_TAG_END && d->depth && d->depth <= ROW_DEPTH) {
		end_cell(d);
	} else if (xml_tag_is(t, "vMerge") && d->depth && d->depth <= ROW_DEPTH) {
		struct str v;
		if (!xml_attr(t->attrs, ":val", &v) || !str_is(v, "restart"))
			d->rows[d->depth - 1].cell_merged = true;
	}
}

/* The body's inside; the section's own properties stand last in it and are no part of a
 * page.  False when it has none, or calls its names by another prefix. */
static bool find_page(struct str xml, size_t *ret_from, size_t *ret_to)
{
	struct xml_tag t;
	size_t at = 0, depth = 0, section = SIZE_MAX;
	bool body = false;
	while (xml_tag_next(xml, &at, &t)) {
		struct str raw = str_sub(xml, t.at, t.end - t.at);
		depth -= t.kind == XML_TAG_END && depth > 0;
		if (depth == 0 && t.kind == XML_TAG_START && !str_starts(raw, STR("<w:document")))
			return false;
		if (depth == 1 && str_starts(raw, STR("<w:body")) && t.kind == XML_TAG_START && !body) {
			body = true;
			*ret_from = t.end;
		} else if (body && depth == 1 && str_starts(raw, STR("</w:body"))) {
			*ret_to = section == SIZE_MAX ? t.at : section;
			return true;
		} else if (body && depth == 2 && t.kind != XML_TAG_END) {
			section = xml_tag_is(&t, "sectPr") ? t.at : SIZE_MAX;
		}
		depth += t.kind == XML_TAG_START;
	}
	return false;
}

static enum err take_apart(struct docx *d)
{
	struct str xml = buf_str(&d->xml);
	struct xml_tag t;
	size_t at = 0, from = 0, page_from = 0, page_to = 0;
	bool text = false;
	if (!find_page(xml, &page_from, &page_to))
		return diag_set(d->diag, ERR_FILE_DAMAGED, "w:body");
	while (!d->failed && xml_tag_next(xml, &at, &t)) {
		if (text && t.at > from) {
			*vec_push(&d->nodes) = (struct node){from, t.at - from};
			buf_add(&d->line, xml.p + from, t.at - from);
		}
		/* other texts (a:t of a drawing) are not broken into lines as these are */
		text = xml_tag_is(&t, "t") && t.kind == XML_TAG_START &&
		       str_starts(str_sub(xml, t.at, t.end - t.at), STR("<w:t"));
		from = t.end;
		if (t.at == page_to) {
			end_paragraph(d);
			add_bytes(d, t.at);
			d->tail = d->steps.n;
		}
		one_tag(d, &t);
		if (t.end == page_from) {
			add_bytes(d, t.end);
			d->body = d->steps.n;
		}
		if (d->line.full)
			d->failed = diag_set(d->diag, ERR_FILE_TOO_LARGE, "paragraph");
	}
	add_bytes(d, xml.n);
	return d->failed;
}

enum err docx_open(const char *path, struct diag *diag, struct docx **ret)
{
	struct docx *d = base_calloc(1, sizeof(*d));
	arena_init(&d->arena, (size_t)64 << 20);
	buf_init(&d->xml, PACKAGE_PART_MAX);
	buf_init(&d->line, 4 << 20);
	buf_init(&d->label, LABEL_BYTES);
	d->path = arena_strdup(&d->arena, path);
	d->diag = diag;
	enum err e = package_open(&d->package, d->path, diag);
	if (e == OK) {
		d->part = package_main(&d->package, diag);
		if (!d->part || !str_ends(str_c(d->part), STR("document.xml")))
			e = diag->code ? diag->code : diag_set(diag, ERR_FILE_UNKNOWN, "docx");
	}
	if (e == OK)
		e = package_read(&d->package, d->part, &d->xml, diag);
	if (e == OK)
		e = package_check_xml(buf_str(&d->xml), diag);
	if (e == OK)
		e = take_apart(d);
	if (e != OK) {
		diag_place(diag, "%s", path);
		docx_close(d);
		return e;
	}
	*ret = d;
	return OK;
}

void docx_close(struct docx *d)
{
	if (!d)
		return;
	package_close(&d->package);
	vec_free(&d->steps);
	vec_free(&d->fields);
	vec_free(&d->nodes);
	buf_release(&d->xml);
	buf_release(&d->line);
	buf_release(&d->label);
	arena_release(&d->arena);
	base_free(d);
}

const struct docx_field *docx_fields(const struct docx *d, size_t *ret_n)
{
	*ret_n = d->fields.n;
	return d->fields.p;
}

size_t docx_blocks(const struct docx *d)
{
	return d->n_blocks;
}

/* --- filling --------------------------------------------------------------------- */

struct filling {
	struct docx *d;
	const struct docx_source *source;
	FILE *file;
	struct buf value, out;
	enum err failed;
	struct diag *diag;
};

static void flush(struct filling *f, bool all)
{
	if (!all && f->out.n < WRITE_BLOCK)
		return;
	if (f->out.n && !f->failed && fwrite(f->out.p, 1, f->out.n, f->file) != f->out.n)
		f->failed = diag_set(f->diag, ERR_IO, "%s", strerror(errno));
	buf_clear(&f->out);
}

static void write_field(struct filling *f, size_t field)
{
	buf_clear(&f->value);
	f->source->value(f->source->arg, field, &f->value);
	xml_escape(buf_str(&f->value), "</w:t><w:br/><w:t xml:space=\"preserve\">", &f->out);
}

static void run_steps(struct filling *f, size_t from, size_t to)
{
	const struct step *steps = f->d->steps.p;
	for (size_t i = from; i < to && !f->failed; i++) {
		flush(f, false);
		if (steps[i].kind == STEP_BYTES) {
			flush(f, true);
			if (fwrite(steps[i].bytes.p, 1, steps[i].bytes.n, f->file) != steps[i].bytes.n)
				f->failed = diag_set(f->diag, ERR_IO, "%s", strerror(errno));
		} else if (steps[i].kind == STEP_FIELD) {
			write_field(f, steps[i].n);
		} else if (steps[i].kind == STEP_BLOCK) {
			size_t end = i + 1;
			while (end < to && steps[end].kind != STEP_BLOCK_END)
				end++;
			while (!f->failed && f->source->row(f->source->arg, steps[i].n))
				run_steps(f, i + 1, end);
			i = end;
		}
	}
}

static void write_pages(struct filling *f)
{
	const struct docx *d = f->d;
	bool first = true;
	run_steps(f, 0, d->body);
	while (!f->failed && f->source->page(f->source->arg)) {
		if (!first)
			buf_adds(&f->out, "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>");
		first = false;
		run_steps(f, d->body, d->tail);
	}
	run_steps(f, d->tail, d->steps.n);
	flush(f, true);
}

enum err docx_fill(struct docx *d, const struct docx_source *source, const char *to,
                   struct diag *diag)
{
	const char *part = arena_printf(&d->arena, "%s.xml", to);
	struct filling f = {.d = d, .source = source, .diag = diag, .file = fopen(part, "wb")};
	if (!f.file)
		return diag_set(diag, ERR_IO, "%s: %s", part, strerror(errno));
	buf_init(&f.value, VALUE_BYTES);
	buf_init(&f.out, 8 * VALUE_BYTES);
	write_pages(&f);
	if (fclose(f.file) != 0 && !f.failed)
		f.failed = diag_set(diag, ERR_IO, "%s: %s", part, strerror(errno));
	if (!f.failed)
		f.failed = package_save(d->path, to, &(struct package_change){.part = d->part, .file = part},
		                        1, diag);
	(void)unlink(part);
	buf_release(&f.value);
	buf_release(&f.out);
	return f.failed;
}
