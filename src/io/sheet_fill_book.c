/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What follows when rows are put in: ranges behind the sheet's rows, names of the
 * workbook, tables; and the order of calculation, which is dropped.
 */
#include "io/sheet_fill_i.h"

#include "base/banned.h"

enum { PARTS_MAX = 64, PART_TEXT = 16 << 20, RANGE_MAX = 1 << 20 };

static void put_attr(struct buf *out, struct str name, struct str value)
{
	buf_addf(out, " " STR_FMT "=\"", STR_ARG(name));
	buf_addstr(out, value);
	buf_addc(out, '"');
}

/* The raw name with its prefix. */
static struct str full_name(struct str xml, const struct xml_tag *t)
{
	size_t from = t->at + 1 + (t->kind == XML_TAG_END), to = from;
	while (to < xml.n && !strchr(" \t\r\n/>", xml.p[to]))
		to++;
	return str_sub(xml, from, to - from);
}

/* --- behind the rows ------------------------------------------------------------- */

static bool is_row_break(struct str attrs)
{
	return xml_attr_int(attrs, "max", 0) > 10000;
}

/* A merge in the row that went down, or that is repeated, is moved, not made higher. */
static bool move_merge(struct fill *f, struct str ref, struct buf *out)
{
	uint32_t row1, col1, row2, col2;
	size_t colon = str_find(ref, STR(":"));
	if (colon == SIZE_MAX || !xlsx_ref(str_sub(ref, 0, colon), &row1, &col1) ||
	    !xlsx_ref(str_sub(ref, colon + 1, ref.n), &row2, &col2))
		return false;
	if (row1 != row2 || row1 != f->what->last)
		return false;
	if (f->n_rows > 1)
		formula_copy(ref, f->added, 0, out);
	else
		buf_addstr(out, ref);
	return true;
}

static void put_merges(struct fill *f)
{
	const struct sheet_fill *w = f->what;
	uint32_t first = f->n_rows > 1 ? w->last : w->last + 1;
	for (uint32_t k = 0; k < f->added; k++) {
		for (size_t i = 0; i < f->row_merges.n; i++) {
			const struct merge *m = &f->row_merges.p[i];
			char a[8], b[8];
			size_t na = 0, nb = 0;
			for (uint32_t c = m->col1; c && na < 8; c = (c - 1) / 26)
				a[na++] = (char)('A' + (c - 1) % 26);
			for (uint32_t c = m->col2; c && nb < 8; c = (c - 1) / 26)
				b[nb++] = (char)('A' + (c - 1) % 26);
			buf_adds(&f->out, "<mergeCell ref=\"");
			while (na)
				buf_addc(&f->out, a[--na]);
			buf_addf(&f->out, "%u:", (unsigned)(first + k));
			while (nb)
				buf_addc(&f->out, b[--nb]);
			buf_addf(&f->out, "%u\"/>", (unsigned)(first + k));
		}
		fill_flush(f, false);
	}
}

static void put_moved_tag(struct fill *f, const struct xml_tag *t, struct str xml)
{
	struct str rest = t->attrs, name, value;
	struct buf b;
	buf_init(&b, RANGE_MAX);
	buf_addf(&f->out, "<" STR_FMT, STR_ARG(full_name(xml, t)));
	while (xml_attr_next(&rest, &name, &value)) {
		buf_clear(&b);
		bool count = str_is(name, "count") && xml_tag_is(t, "mergeCells");
		if (count)
			continue;
		if (str_is(name, "ref") || str_is(name, "sqref")) {
			if (!xml_tag_is(t, "mergeCell") || !move_merge(f, value, &b))
				formula_shift_ranges(value, &f->shift, &b);
			value = buf_str(&b);
		} else if (str_is(name, "id") && xml_tag_is(t, "brk") && is_row_break(t->attrs)) {
			int64_t row = xml_attr_int(t->attrs, "id", 0);
			buf_addint(&b, row > f->what->last ? row + f->added : row);
			value = buf_str(&b);
		}
		put_attr(&f->out, name, value);
	}
	buf_adds(&f->out, t->kind == XML_TAG_EMPTY ? "/>" : ">");
	buf_release(&b);
}

/* Text of a condition's or a choice's formula. */
static size_t put_moved_text(struct fill *f, const struct xml_tag *t, struct str xml)
{
	const char *end = memchr(xml.p + t->end, '<', xml.n - t->end);
	size_t to = end ? (size_t)(end - xml.p) : xml.n;
	struct str raw = str_sub(xml, t->end, to - t->end);
	buf_clear(&f->text);
	if (!xml_unescape(raw, XML_CONTENT, &f->text)) {
		buf_addstr(&f->out, raw);
	} else if (xml_tag_is(t, "sqref")) {
		formula_shift_ranges(buf_str(&f->text), &f->shift, &f->out);
	} else {
		struct buf b;
		buf_init(&b, RANGE_MAX);
		buf_addstr(&b, buf_str(&f->text));
		fill_formula(f, buf_str(&b), false, &f->out);
		buf_release(&b);
	}
	return to;
}

size_t fill_tail_tag(struct fill *f, const struct xml_tag *t, struct str xml)
{
	static const char *const formulas[] = {"formula", "formula1", "formula2", "f", "sqref"};
	struct str v;
	bool ranges = xml_attr(t->attrs, "ref", &v) || xml_attr(t->attrs, "sqref", &v);
	if (!f->added || t->kind == XML_TAG_END) {
		if (f->added && xml_tag_is(t, "mergeCells"))
			put_merges(f);
		buf_addstr(&f->out, str_sub(xml, t->at, t->end - t->at));
		return t->end;
	}
	if (ranges || xml_tag_is(t, "brk") || xml_tag_is(t, "mergeCells"))
		put_moved_tag(f, t, xml);
	else
		buf_addstr(&f->out, str_sub(xml, t->at, t->end - t->at));
	for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++)
		if (t->kind == XML_TAG_START && xml_tag_is(t, formulas[i]))
			return put_moved_text(f, t, xml);
	return t->end;
}

/* --- the workbook ------------------------------------------------------------------- */

struct changes {
	struct package_change c[PARTS_MAX];
	size_t n;
};

static enum err read_part(struct fill *f, const char *part, struct str *ret)
{
	struct buf b;
	buf_init(&b, PART_TEXT);
	enum err e = package_read(&f->package, part, &b, f->diag);
	if (e == OK)
		e = package_check_xml(buf_str(&b), f->diag);
	if (e == OK)
		*ret = str_copy(&f->arena, buf_str(&b));
	buf_release(&b);
	return e;
}

static void add_change(struct fill *f, struct changes *c, const char *part, const struct buf *bytes)
{
	if (c->n < PARTS_MAX)
		c->c[c->n++] = (struct package_change){.part = part, .bytes = str_copy(&f->arena, buf_str(bytes))};
}

/* Names keep meaning what they meant; the workbook is calculated on opening. */
static enum err change_book(struct fill *f, struct changes *c)
{
	static const char calc[] = "<calcPr fullCalcOnLoad=\"1\"/>";
	struct str xml;
	struct xml_tag t;
	struct buf out;
	enum err e = read_part(f, f->x->book, &xml);
	if (e)
		return e;
	bool has = str_find(xml, STR("<calcPr")) != SIZE_MAX;
	bool names = str_find(xml, STR("</definedNames>")) != SIZE_MAX;
	bool outside = str_find(xml, STR("</externalReferences>")) != SIZE_MAX;
	const char *behind = names ? "definedNames" : outside ? "externalReferences" : "sheets";
	size_t at = 0, copied = 0;
	buf_init(&out, PART_TEXT);
	while (xml_tag_next(xml, &at, &t)) {
		buf_addstr(&out, str_sub(xml, copied, t.at - copied));
		copied = t.end;
		if (xml_tag_is(&t, "calcPr") && t.kind != XML_TAG_END) {
			struct str rest = t.attrs, name, value;
			buf_adds(&out, "<calcPr");
			while (xml_attr_next(&rest, &name, &value))
				if (!str_is(name, "fullCalcOnLoad"))
					put_attr(&out, name, value);
			buf_adds(&out, t.kind == XML_TAG_EMPTY ? " fullCalcOnLoad=\"1\"/>" : " fullCalcOnLoad=\"1\">");
			continue;
		}
		buf_addstr(&out, str_sub(xml, t.at, t.end - t.at));
		if (xml_tag_is(&t, behind) && t.kind == XML_TAG_END && !has)
			buf_adds(&out, calc);
		if (xml_tag_is(&t, "definedName") && t.kind == XML_TAG_START && f->added) {
			bool bare = f->shift.bare;
			f->shift.bare = false; /* names always say which sheet they mean */
			buf_clear(&f->out);
			copied = put_moved_text(f, &t, xml);
			at = copied;
			buf_addstr(&out, buf_str(&f->out));
			buf_clear(&f->out);
			f->shift.bare = bare;
		}
	}
	buf_addstr(&out, str_sub(xml, copied, xml.n));
	add_change(f, c, f->x->book, &out);
	buf_release(&out);
	return OK;
}

/* The part without the tags that speak of calcChain. */
static enum err drop_chain(struct fill *f, struct changes *c, const char *part)
{
	struct str xml;
	struct xml_tag t;
	struct buf out;
	size_t at = 0, copied = 0;
	if (!xlsx_has_part(&f->package.x, part))
		return OK;
	enum err e = read_part(f, part, &xml);
	if (e)
		return e;
	buf_init(&out, PART_TEXT);
	while (xml_tag_next(xml, &at, &t)) {
		if (t.kind != XML_TAG_EMPTY || str_find(t.attrs, STR("calcChain")) == SIZE_MAX)
			continue;
		buf_addstr(&out, str_sub(xml, copied, t.at - copied));
		copied = t.end;
	}
	buf_addstr(&out, str_sub(xml, copied, xml.n));
	add_change(f, c, part, &out);
	buf_release(&out);
	return OK;
}

/* A table object over the rows: its range and its filter's. */
static enum err change_table(struct fill *f, struct changes *c, const char *part)
{
	struct str xml;
	struct xml_tag t;
	size_t at = 0, copied = 0;
	struct buf out;
	enum err e = read_part(f, part, &xml);
	if (e)
		return e;
	buf_init(&out, PART_TEXT);
	while (xml_tag_next(xml, &at, &t)) {
		struct str v;
		if (t.kind == XML_TAG_END || !xml_attr(t.attrs, "ref", &v))
			continue;
		buf_addstr(&out, str_sub(xml, copied, t.at - copied));
		copied = t.end;
		buf_clear(&f->out);
		put_moved_tag(f, &t, xml);
		buf_addstr(&out, buf_str(&f->out));
		buf_clear(&f->out);
	}
	buf_addstr(&out, str_sub(xml, copied, xml.n));
	add_change(f, c, part, &out);
	buf_release(&out);
	return OK;
}

static enum err change_tables(struct fill *f, struct changes *c)
{
	struct xrels rels = {0};
	enum err e = xlsx_rels(&f->package.rows, &f->package.x, f->part, &f->arena, f->diag, &rels);
	for (size_t i = 0; e == OK && i < rels.n; i++)
		if (strcmp(rels.p[i].type, "table") == 0 && xlsx_has_part(&f->package.x, rels.p[i].target))
			e = change_table(f, c, rels.p[i].target);
	vec_free(&rels);
	return e;
}

enum err fill_save(struct fill *f, const char *from, const char *sheet_file, const char *to)
{
	struct changes c = {0};
	const char *book = f->x->book, *slash = strrchr(book, '/');
	int dir = slash ? (int)(slash + 1 - book) : 0;
	const char *chain = arena_printf(&f->arena, "%.*scalcChain.xml", dir, book);
	c.c[c.n++] = (struct package_change){.part = f->part, .file = sheet_file};
	enum err e = change_book(f, &c);
	if (e == OK && xlsx_has_part(&f->package.x, chain)) {
		c.c[c.n++] = (struct package_change){.part = chain};
		e = drop_chain(f, &c, "[Content_Types].xml");
		if (e == OK)
			e = drop_chain(f, &c, arena_printf(&f->arena, "%.*s_rels/%s.rels", dir, book, book + dir));
	}
	if (e == OK && f->added)
		e = change_tables(f, &c);
	return e ? e : package_save(from, to, c.c, c.n, f->diag);
}
